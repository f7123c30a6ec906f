#include "storage/spool_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/io.h"

#define PIECE	65536
#define HEAD	128 /* bytes of a block that are looked at */
#define SECTION "pcapng"

void spool_minute_name(const char *uid, uint32_t part, char name[SPOOL_NAME])
{
	unsigned minute = (unsigned)(ulid_ms(uid) / 60000 % 60);
	char folder[SPOOL_FOLDER];

	spool_folder(uid, folder);
	if (part)
		snprintf(name, SPOOL_NAME, "%s/%02u-%u." SECTION, folder,
			 minute, (unsigned)part);
	else
		snprintf(name, SPOOL_NAME, "%s/%02u." SECTION, folder, minute);
}

/* --- bytes ---------------------------------------------------------------- */

/* len bytes of one file to where the other is. */
static int copy_bytes(int from, uint64_t offset, uint64_t len, int to)
{
	uint8_t *buf = malloc(PIECE);
	int err = buf ? 0 : -ENOMEM;

	while (!err && len) {
		ssize_t got = pread(from, buf, len < PIECE ? len : PIECE,
				    (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			err = got ? -errno : -EIO;
		else
			err = write_all(to, slice_of(buf, (size_t)got));
		offset += got > 0 ? (uint64_t)got : 0;
		len -= got > 0 ? (uint64_t)got : 0;
	}
	free(buf);
	return err;
}

int spool_minute_copy(int dir_fd, const struct spool_entry *e, int fd)
{
	char name[SPOOL_NAME];
	int from, err;

	spool_minute_name(e->uid, e->part, name);
	from = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (from < 0)
		return -errno;
	err = copy_bytes(from, e->offset, e->bytes, fd);
	close(from);
	return err;
}

/* --- what is known of an hour --------------------------------------------- */

struct call {
	struct map_node by_uid;
	struct list node;
	struct spool_entry entry;
};

static uint64_t hash(const struct spool *s, const char *uid)
{
	return seed_hash(&s->seed, uid, strlen(uid));
}

static struct call *find(const struct spool *s, const struct spool_known *k,
			 const char *uid)
{
	struct map_node *n = map_first(&k->by_uid, hash(s, uid));

	for (; n; n = map_next(n)) {
		struct call *c = container_of(n, struct call, by_uid);

		if (!strcmp(c->entry.uid, uid))
			return c;
	}
	return NULL;
}

/* Without memory it is not known: the later of two then counts. */
static void learn(const struct spool *s, struct spool_known *k,
		  const struct spool_entry *e)
{
	struct call *c = find(s, k, e->uid);

	if (!c) {
		c = calloc(1, sizeof(*c));
		if (!c)
			return;
		map_insert(&k->by_uid, &c->by_uid, hash(s, e->uid));
		list_append(&k->all, &c->node);
	}
	c->entry = *e;
}

static void forget(struct spool_known *k)
{
	if (!k->folder[0])
		return;
	list_each_safe(it, &k->all) free(container_of(it, struct call, node));
	map_close(&k->by_uid);
	k->folder[0] = '\0';
}

void spool_minute_close(struct spool *s)
{
	for (size_t i = 0; i < SPOOL_KNOWN; i++)
		forget(&s->known[i]);
}

static void load(struct spool *s, struct spool_known *k)
{
	struct spool_entry *e = NULL;
	struct slice text = {0};
	size_t n = 0;

	if (!spool_index_text(s->dir_fd, k->folder, &text))
		spool_index_read(text, &e, &n);
	for (size_t i = 0; i < n; i++)
		if (e[i].kind == SPOOL_MINUTE)
			learn(s, k, &e[i]);
	free(e);
	free((void *)text.p);
}

/* NULL without memory. */
static struct spool_known *known(struct spool *s, const char *uid)
{
	char folder[SPOOL_FOLDER];
	struct spool_known *k;

	spool_folder(uid, folder);
	for (size_t i = 0; i < SPOOL_KNOWN; i++)
		if (!strcmp(s->known[i].folder, folder))
			return &s->known[i];
	k = &s->known[s->known_next++ % SPOOL_KNOWN];
	forget(k);
	if (map_init(&k->by_uid, 64))
		return NULL;
	list_init(&k->all);
	memcpy(k->folder, folder, sizeof(k->folder));
	load(s, k);
	return k;
}

/* --- a call that is complete ---------------------------------------------- */

static bool knows_more(const struct spool_entry *stored,
		       const struct spool_entry *now)
{
	if (stored->last_us != now->last_us)
		return stored->last_us > now->last_us;
	return stored->packets > now->packets;
}

static int open_segment(struct spool *s, const char *name, int flags)
{
	int fd;

	flags |= O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW;
	fd = openat(s->dir_fd, name, flags, 0640);
	if (fd < 0 && errno == ENOENT && spool_make_folders(s, name) == 0)
		fd = openat(s->dir_fd, name, flags, 0640);
	return fd < 0 ? -errno : fd;
}

/* Whole or not at all; e learns where. */
static int append(struct spool *s, const struct spool_file *f, int to,
		  struct spool_entry *e)
{
	int from = openat(s->dir_fd, f->name, O_RDONLY | O_CLOEXEC);
	off_t end = lseek(to, 0, SEEK_END);
	struct stat st = {0};
	int err = 0;

	if (from < 0 || end < 0 || fstat(from, &st)) {
		err = -errno;
	} else {
		err = copy_bytes(from, 0, (uint64_t)st.st_size, to);
		if (err && ftruncate(to, end))
			err = -EIO;
	}
	if (from >= 0)
		close(from);
	if (err)
		return err;
	e->kind = SPOOL_MINUTE;
	e->offset = (uint64_t)end;
	e->bytes = (uint64_t)st.st_size;
	e->media = f->media < e->bytes ? f->media : e->bytes;
	return 0;
}

static int put_now(struct spool *s, struct spool_file *f, struct spool_entry *e)
{
	char name[SPOOL_NAME];
	int fd, err;

	err = spool_file_section(s, f, e->uid);
	if (err)
		return err;
	spool_minute_name(e->uid, 0, name);
	fd = open_segment(s, name, 0);
	if (fd < 0)
		return fd;
	err = append(s, f, fd, e);
	close(fd);
	return err;
}

int spool_minute_put(struct spool *s, struct spool_file *f, const char *uid,
		     uint64_t last_us, uint64_t packets)
{
	struct spool_entry e = {.packets = packets, .last_us = last_us};
	struct spool_known *k = s->cfg.live ? NULL : known(s, uid);
	struct call *stored = k ? find(s, k, uid) : NULL;
	int err = 0;

	snprintf(e.uid, sizeof(e.uid), "%s", uid);
	if (!stored || !knows_more(&stored->entry, &e)) {
		err = put_now(s, f, &e);
		if (err)
			return err;
		if (k)
			learn(s, k, &e);
		spool_note(s, &e, stored);
	}
	unlinkat(s->dir_fd, f->name, 0);
	return 0;
}

/* --- cleaning ------------------------------------------------------------- */

/* The call into a file of its own, without its media. */
static int strip_one(struct spool *s, const struct spool_entry *e,
		     struct spool_file *f)
{
	char name[] = SPOOL_OPEN "/strip";
	int fd = open_segment(s, name, O_TRUNC);
	int err = fd < 0 ? fd : spool_minute_copy(s->dir_fd, e, fd);

	if (fd >= 0)
		close(fd);
	if (!err)
		err = spool_strip_copy(s, name, f);
	unlinkat(s->dir_fd, name, 0);
	spool_file_close(s, f);
	if (!err && f->size)
		err = spool_file_section(s, f, e->uid);
	return err;
}

static void gone(struct spool_entry *e)
{
	e->kind = SPOOL_GONE;
	e->bytes = e->media = 0;
}

static int move_stripped(struct spool *s, struct spool_entry *e, int to)
{
	struct spool_file *f = spool_file_new(e->uid);
	int err;

	if (!f)
		return -ENOMEM;
	spool_file_enter(s, f);
	err = strip_one(s, e, f);
	if (!err && !f->size)
		gone(e);
	else if (!err)
		err = append(s, f, to, e);
	spool_discard(s, f);
	return err;
}

static int move_whole(struct spool *s, struct spool_entry *e, int to)
{
	off_t end = lseek(to, 0, SEEK_END);
	int err = end < 0 ? -errno : spool_minute_copy(s->dir_fd, e, to);

	if (!err)
		e->offset = (uint64_t)end;
	return err;
}

int spool_minute_move(struct spool *s, struct spool_entry *e,
		      enum spool_fate fate, uint32_t part, int to)
{
	struct spool_entry moved = *e;
	int err = fate == SPOOL_STRIP ? move_stripped(s, &moved, to)
				      : move_whole(s, &moved, to);

	if (err)
		return err;
	*e = moved;
	e->part = part;
	return 0;
}

int spool_minute_part(struct spool *s, const char *uid, uint32_t part)
{
	char name[SPOOL_NAME];

	spool_minute_name(uid, part, name);
	return open_segment(s, name, O_TRUNC);
}

/* --- a lost index --------------------------------------------------------- */

static void put_found(struct outbuf *lines, struct spool_entry *e, uint64_t end)
{
	if (!e->uid[0])
		return;
	e->bytes = e->media = end - e->offset;
	spool_index_put(lines, e);
	e->uid[0] = '\0';
}

/* Each section begins a call and says whose; what is cut off belongs to
 * nobody. */
int spool_minute_scan(int fd, uint32_t part, struct outbuf *lines)
{
	struct spool_entry e = {.kind = SPOOL_MINUTE, .part = part};
	uint8_t head[HEAD];
	struct slice comment;
	uint64_t at = 0;
	struct stat st;
	uint32_t len;

	if (fstat(fd, &st))
		return -errno;
	for (;; at += len) {
		ssize_t got = pread(fd, head, sizeof(head), (off_t)at);

		if (got < 0)
			return -errno;
		if (!pcapfile_ng_block(slice_of(head, (size_t)got), &len,
				       &comment) ||
		    len > (uint64_t)st.st_size - at)
			break;
		if (!comment.len)
			continue;
		put_found(lines, &e, at);
		if (!spool_is_uid(comment))
			continue;
		memcpy(e.uid, comment.p, comment.len);
		e.offset = at;
	}
	put_found(lines, &e, at);
	return lines->failed ? -ENOMEM : 0;
}
