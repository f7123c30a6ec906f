#include "storage/spool_index.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "storage/io.h"

#define UID_LEN (ULID_SIZE - 1)
#define END	" ."

static const char *const kinds[] = {
	[SPOOL_PCAP] = "pcap",
	[SPOOL_PCAP_GZ] = "pcap.gz",
	[SPOOL_GONE] = "gone",
	[SPOOL_MINUTE] = "minute",
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

const char *spool_kind_name(enum spool_kind kind)
{
	return kinds[kind];
}

bool spool_is_uid(struct slice s)
{
	static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

	if (s.len != UID_LEN)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!memchr(digits, s.p[i], sizeof(digits) - 1))
			return false;
	return s.p[0] <= '7'; /* 48 bits of time */
}

void spool_folder(const char *uid, char out[SPOOL_FOLDER])
{
	time_t t = (time_t)(ulid_ms(uid) / 1000);
	struct tm tm;

	gmtime_r(&t, &tm);
	if (!strftime(out, SPOOL_FOLDER, "%Y-%m-%d/%H", &tm))
		out[0] = '\0'; /* after the year 9999: no folder */
}

/* --- lines ---------------------------------------------------------------- */

static bool parse_kind(struct slice s, enum spool_kind *out)
{
	for (size_t i = 0; i < KINDS; i++)
		if (slice_eq(s, slice_str(kinds[i]))) {
			*out = (enum spool_kind)i;
			return true;
		}
	return false;
}

static bool take_u64(struct slice *line, uint64_t *out)
{
	struct slice word;

	return slice_cut(*line, ' ', &word, line) && slice_u64(word, out);
}

static bool parse_minute(struct slice *line, struct spool_entry *e)
{
	uint64_t part;

	if (!take_u64(line, &e->offset) || !take_u64(line, &part) ||
	    part > UINT32_MAX || !take_u64(line, &e->packets) ||
	    !take_u64(line, &e->last_us))
		return false;
	e->part = (uint32_t)part;
	return true;
}

bool spool_index_parse(struct slice line, struct spool_entry *out)
{
	struct spool_entry e = {0};
	struct slice uid, kind;

	if (!slice_cut(line, ' ', &uid, &line) || !spool_is_uid(uid) ||
	    !slice_cut(line, ' ', &kind, &line) || !parse_kind(kind, &e.kind) ||
	    !take_u64(&line, &e.bytes) || !take_u64(&line, &e.media) ||
	    e.media > e.bytes)
		return false;
	if (e.kind == SPOOL_MINUTE && !parse_minute(&line, &e))
		return false;
	if (!slice_eq(line, SLICE(".")))
		return false;
	memcpy(e.uid, uid.p, uid.len);
	*out = e;
	return true;
}

static void put_number(struct outbuf *b, uint64_t v)
{
	outbuf_char(b, ' ');
	outbuf_u64(b, v);
}

void spool_index_put(struct outbuf *b, const struct spool_entry *e)
{
	outbuf_str(b, e->uid);
	outbuf_char(b, ' ');
	outbuf_str(b, kinds[e->kind]);
	put_number(b, e->bytes);
	put_number(b, e->media);
	if (e->kind == SPOOL_MINUTE) {
		put_number(b, e->offset);
		put_number(b, e->part);
		put_number(b, e->packets);
		put_number(b, e->last_us);
	}
	outbuf_str(b, END "\n");
}

/* --- the whole ------------------------------------------------------------ */

struct found {
	struct spool_entry entry;
	size_t line;
};

/* By uid, the latest line first. */
static int order(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	int way = strcmp(x->entry.uid, y->entry.uid);

	if (way)
		return way;
	return x->line < y->line ? 1 : -1;
}

static size_t find_all(struct slice text, struct found *out)
{
	struct slice line;
	size_t n = 0;

	while (slice_line(&text, &line))
		if (spool_index_parse(line, &out[n].entry)) {
			out[n].line = n;
			n++;
		}
	return n;
}

static size_t count_lines(struct slice text)
{
	struct slice line;
	size_t n = 0;

	while (slice_line(&text, &line))
		n++;
	return n;
}

int spool_index_read(struct slice text, struct spool_entry **out, size_t *n)
{
	size_t lines = count_lines(text), found_n, kept = 0;
	struct found *found = malloc((lines + 1) * sizeof(*found));
	struct spool_entry *entry = malloc((lines + 1) * sizeof(*entry));

	if (!found || !entry) {
		free(found);
		free(entry);
		return -ENOMEM;
	}
	found_n = find_all(text, found);
	qsort(found, found_n, sizeof(*found), order);
	for (size_t i = 0; i < found_n; i++) {
		const struct spool_entry *e = &found[i].entry;

		if (i && !strcmp(e->uid, found[i - 1].entry.uid))
			continue;
		if (e->kind != SPOOL_GONE)
			entry[kept++] = *e;
	}
	free(found);
	*out = entry;
	*n = kept;
	return 0;
}

int spool_index_text(int dir_fd, const char *folder, struct slice *out)
{
	char name[SPOOL_FOLDER + sizeof("/" SPOOL_INDEX)];
	struct stat st;
	int fd, err;

	snprintf(name, sizeof(name), "%s/" SPOOL_INDEX, folder);
	fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	err = fstat(fd, &st) ? -errno : read_new(fd, (size_t)st.st_size, out);
	close(fd);
	return err;
}

int spool_index_find(int dir_fd, const char *uid, struct spool_entry *out)
{
	struct spool_entry e, found = {.kind = SPOOL_GONE};
	struct slice text = {0}, rest, line;
	char folder[SPOOL_FOLDER];
	int err;

	spool_folder(uid, folder);
	err = spool_index_text(dir_fd, folder, &text);
	if (err)
		return err;
	for (rest = text; slice_line(&rest, &line);)
		if (slice_starts(line, slice_str(uid)) &&
		    spool_index_parse(line, &e) && !strcmp(e.uid, uid))
			found = e;
	free((void *)text.p);
	if (found.kind == SPOOL_GONE)
		return -ENOENT;
	*out = found;
	return 0;
}

/* --- appending ------------------------------------------------------------ */

/* What a crash cut off must not become the beginning of a line. */
static int open_index(int dir_fd, const char *folder)
{
	char name[SPOOL_FOLDER + sizeof("/" SPOOL_INDEX)];
	struct stat st;
	char last;
	int fd;

	snprintf(name, sizeof(name), "%s/" SPOOL_INDEX, folder);
	fd = openat(dir_fd, name,
		    O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) == 0 && st.st_size &&
	    pread(fd, &last, 1, st.st_size - 1) == 1 && last != '\n' &&
	    write(fd, "\n", 1) != 1) {
		close(fd);
		return -EIO;
	}
	return fd;
}

static int cached(struct spool_index_cache *c, int dir_fd, const char *folder)
{
	unsigned at;
	int fd;

	for (at = 0; at < SPOOL_INDEXES; at++)
		if (!strcmp(c->file[at].folder, folder))
			return c->file[at].fd;
	fd = open_index(dir_fd, folder);
	if (fd < 0)
		return fd;
	at = c->next++ % SPOOL_INDEXES;
	if (c->file[at].folder[0])
		close(c->file[at].fd);
	snprintf(c->file[at].folder, sizeof(c->file[at].folder), "%s", folder);
	c->file[at].fd = fd;
	return fd;
}

int spool_index_append(struct spool_index_cache *c, int dir_fd,
		       const char *folder, struct slice lines)
{
	int fd = folder[0] ? cached(c, dir_fd, folder) : -ENOENT;
	int err;

	if (fd < 0)
		return fd;
	err = write_all(fd, lines);
	if (err) /* the next one begins a line of its own */
		spool_index_forget(c, folder);
	return err;
}

void spool_index_forget(struct spool_index_cache *c, const char *folder)
{
	for (unsigned i = 0; i < SPOOL_INDEXES; i++) {
		if (!c->file[i].folder[0] ||
		    (folder && strcmp(c->file[i].folder, folder)))
			continue;
		close(c->file[i].fd);
		c->file[i].folder[0] = '\0';
	}
}
