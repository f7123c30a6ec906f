#include "storage/spool_priv.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define HOUR_MS 3600000
#define LINE	52   /* bytes of a line of the index, about */
#define COMPACT 4096 /* smaller ones are not worth it */

void spool_hour_folder(uint32_t hour, char out[SPOOL_FOLDER])
{
	time_t t = (time_t)hour * 3600;
	struct tm tm;

	gmtime_r(&t, &tm);
	if (!strftime(out, SPOOL_FOLDER, "%Y-%m-%d/%H", &tm))
		out[0] = '\0';
}

/* --- the table ------------------------------------------------------------ */

/* Where it is, or would be. */
static size_t place(const struct spool *s, uint32_t hour)
{
	size_t lo = 0, hi = s->hours;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (s->hour[mid].hour < hour)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

struct spool_hour *spool_hours_find(struct spool *s, uint32_t hour)
{
	size_t at = place(s, hour);

	return at < s->hours && s->hour[at].hour == hour ? &s->hour[at] : NULL;
}

/* NULL without memory: its files stay until the next start. */
static struct spool_hour *add(struct spool *s, uint32_t hour, bool loaded)
{
	size_t at = place(s, hour);
	struct spool_hour *v = s->hour;

	if (at < s->hours && v[at].hour == hour)
		return &v[at];
	if (s->hours == s->hours_size) {
		size_t size = s->hours_size ? s->hours_size * 2 : 64;

		v = realloc(v, size * sizeof(*v));
		if (!v)
			return NULL;
		s->hour = v;
		s->hours_size = size;
	}
	memmove(&v[at + 1], &v[at], (s->hours - at) * sizeof(*v));
	v[at] = (struct spool_hour){.hour = hour, .loaded = loaded};
	s->hours++;
	return &v[at];
}

void spool_hours_put(struct spool *s, const struct spool_entry *e,
		     bool replaced)
{
	struct spool_hour *h;

	/* Only who cleans needs to know. */
	if (!s->cfg.live)
		return;
	h = add(s, (uint32_t)(ulid_ms(e->uid) / HOUR_MS), s->hours_listed);
	if (!h)
		return;
	if (replaced)
		h->loaded = false;
	h->files++;
	h->bytes += e->bytes;
	h->media += e->media;
	h->changes++;
	h->stripped = h->deleted = 0;
}

void spool_hours_changed(struct spool *s, const char *uid)
{
	struct spool_hour *h =
		spool_hours_find(s, (uint32_t)(ulid_ms(uid) / HOUR_MS));

	if (h)
		h->loaded = false;
}

void spool_hours_drop(struct spool *s, struct spool_hour *h)
{
	char folder[SPOOL_FOLDER], name[SPOOL_NAME];
	size_t at = (size_t)(h - s->hour);

	spool_hour_folder(h->hour, folder);
	spool_index_forget(&s->index, folder);
	snprintf(name, sizeof(name), "%s/" SPOOL_INDEX, folder);
	unlinkat(s->dir_fd, name, 0);
	spool_drop_folders(s, name);
	memmove(h, h + 1, (s->hours - at - 1) * sizeof(*h));
	s->hours--;
}

void spool_hours_again(struct spool *s, uint32_t hour)
{
	char folder[SPOOL_FOLDER];

	spool_hour_folder(hour, folder);
	if (!faccessat(s->dir_fd, folder, F_OK, 0))
		add(s, hour, false);
}

void spool_hours_close(struct spool *s)
{
	free(s->hour);
	s->hour = NULL;
	s->hours = s->hours_size = 0;
}

/* --- the folders ---------------------------------------------------------- */

static DIR *open_folder(struct spool *s, const char *name)
{
	int fd = openat(s->dir_fd, name,
			O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d && fd >= 0)
		close(fd);
	return d;
}

/* Digits where the pattern has 0, else what it has. */
static bool fits(const char *name, const char *pattern)
{
	for (; *pattern; name++, pattern++)
		if (*pattern == '0' ? !isdigit((unsigned char)*name)
				    : *name != *pattern)
			return false;
	return !*name;
}

static bool hour_of(const char *day, const char *hour, uint32_t *out)
{
	struct tm tm = {0};
	time_t t;

	if (sscanf(day, "%d-%d-%d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday) != 3)
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	tm.tm_hour = atoi(hour);
	t = timegm(&tm);
	if (t < 0)
		return false;
	*out = (uint32_t)(t / 3600);
	return true;
}

static void list_day(struct spool *s, const char *day)
{
	DIR *d = open_folder(s, day);
	struct dirent *e;
	uint32_t hour;

	while (d && (e = readdir(d)))
		if (fits(e->d_name, "00") && hour_of(day, e->d_name, &hour))
			add(s, hour, false);
	if (d)
		closedir(d);
}

static void list_all(struct spool *s)
{
	DIR *d = open_folder(s, ".");
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (fits(e->d_name, "0000-00-00"))
			list_day(s, e->d_name);
	if (d)
		closedir(d);
	s->hours_listed = true;
}

/* --- what they hold ------------------------------------------------------- */

/* An entry for a file that has no line: all of it may be media. */
static bool entry_of(DIR *d, const char *name, struct spool_entry *out)
{
	struct spool_entry e = {0};
	struct stat st;

	if (strlen(name) < ULID_SIZE || name[ULID_SIZE - 1] != '.' ||
	    !spool_is_uid(slice_of(name, ULID_SIZE - 1)))
		return false;
	for (e.kind = SPOOL_PCAP; e.kind < SPOOL_GONE; e.kind++)
		if (!strcmp(name + ULID_SIZE, spool_kind_name(e.kind)))
			break;
	if (e.kind == SPOOL_GONE ||
	    fstatat(dirfd(d), name, &st, AT_SYMLINK_NOFOLLOW) ||
	    !S_ISREG(st.st_mode))
		return false;
	memcpy(e.uid, name, ULID_SIZE - 1);
	e.bytes = e.media = (uint64_t)st.st_size;
	*out = e;
	return true;
}

/* "MM.pcapng" or "MM-PART.pcapng" */
static bool minute_of(const char *name, uint32_t *part)
{
	unsigned minute, n = 0;
	int end = 0;

	if (sscanf(name, "%2u.pcapng%n", &minute, &end) != 1 || !end)
		if (sscanf(name, "%2u-%u.pcapng%n", &minute, &n, &end) != 2)
			return false;
	*part = n;
	return end && !name[end];
}

static int scan_minute(DIR *d, const char *name, uint32_t part,
		       struct outbuf *lines)
{
	int fd = openat(dirfd(d), name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	int err = fd < 0 ? -errno : spool_minute_scan(fd, part, lines);

	if (fd >= 0)
		close(fd);
	return err;
}

/* The one time that a folder is looked through: an old spool, or a lost
 * index. */
static int rebuild(struct spool *s, const char *folder)
{
	DIR *d = open_folder(s, folder);
	struct outbuf lines = {0};
	struct spool_entry entry;
	struct dirent *e;
	uint32_t part;
	int err = 0;

	if (!d)
		return -errno;
	while (!err && (e = readdir(d)))
		if (entry_of(d, e->d_name, &entry))
			spool_index_put(&lines, &entry);
		else if (minute_of(e->d_name, &part))
			err = scan_minute(d, e->d_name, part, &lines);
	closedir(d);
	if (lines.failed)
		err = -ENOMEM;
	if (!err)
		err = spool_index_append(&s->index, s->dir_fd, folder,
					 slice_of(lines.p, lines.len));
	outbuf_free(&lines);
	return err;
}

/* Most of its lines are of what is gone: written anew, without them. */
static void compact(struct spool *s, const char *folder,
		    const struct spool_entry *entry, size_t n)
{
	struct outbuf lines = {0};
	char name[SPOOL_NAME], fresh[SPOOL_NAME + 4];
	int fd;

	for (size_t i = 0; i < n; i++)
		spool_index_put(&lines, &entry[i]);
	snprintf(name, sizeof(name), "%s/" SPOOL_INDEX, folder);
	snprintf(fresh, sizeof(fresh), "%s.new", name);
	spool_index_forget(&s->index, folder);
	fd = openat(s->dir_fd, fresh,
		    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
		    0640);
	if (fd < 0 || lines.failed ||
	    write(fd, lines.p, lines.len) != (ssize_t)lines.len ||
	    renameat(s->dir_fd, fresh, s->dir_fd, name))
		unlinkat(s->dir_fd, fresh, 0);
	if (fd >= 0)
		close(fd);
	outbuf_free(&lines);
}

int spool_hours_read(struct spool *s, uint32_t hour, struct spool_entry **out,
		     size_t *n)
{
	char folder[SPOOL_FOLDER];
	struct slice text = {0};
	int err;

	spool_hour_folder(hour, folder);
	err = spool_index_text(s->dir_fd, folder, &text);
	if (err == -ENOENT) {
		err = rebuild(s, folder);
		if (!err)
			err = spool_index_text(s->dir_fd, folder, &text);
	}
	if (!err)
		err = spool_index_read(text, out, n);
	if (!err && *n && text.len > 2 * *n * LINE + COMPACT)
		compact(s, folder, *out, *n);
	free((void *)text.p);
	return err;
}

static void load(struct spool *s, struct spool_hour *h)
{
	struct spool_entry *entry = NULL;
	char folder[SPOOL_FOLDER];
	size_t n = 0;
	int err = spool_hours_read(s, h->hour, &entry, &n);

	h->loaded = true;
	h->files = n;
	h->bytes = h->media = 0;
	for (size_t i = 0; i < n; i++) {
		h->bytes += entry[i].bytes;
		h->media += entry[i].media;
	}
	free(entry);
	spool_hour_folder(h->hour, folder);
	if (err)
		spool_fail(s, "read the index of", folder, err);
	else if (!n)
		spool_hours_drop(s, h);
}

bool spool_hours_step(struct spool *s)
{
	if (!s->hours_listed) {
		list_all(s);
		return true;
	}
	for (size_t i = 0; i < s->hours; i++)
		if (!s->hour[i].loaded) {
			load(s, &s->hour[i]);
			return true;
		}
	return false;
}
