#include "storage/spool_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/io.h"

#define BATCH 262144 /* bytes rewritten at a time */

/* --- folders -------------------------------------------------------------- */

/* The two folders above name, below spool/. */
int spool_make_folders(struct spool *s, const char *name)
{
	char path[SPOOL_FOLDER];

	for (const char *p = strchr(name, '/'); p; p = strchr(p + 1, '/')) {
		snprintf(path, sizeof(path), "%.*s", (int)(p - name), name);
		if (mkdirat(s->dir_fd, path, 0750) && errno != EEXIST)
			return -errno;
	}
	return 0;
}

/* Takes away the folders of name that are empty now. */
void spool_drop_folders(struct spool *s, const char *name)
{
	char path[SPOOL_NAME];
	char *end;

	snprintf(path, sizeof(path), "%s", name);
	while ((end = strrchr(path, '/'))) {
		*end = '\0';
		if (unlinkat(s->dir_fd, path, AT_REMOVEDIR))
			return;
	}
}

static int open_new(struct spool *s, const char *name)
{
	int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
	int fd = openat(s->dir_fd, name, flags, 0640);

	if (fd < 0 && errno == ENOENT && spool_make_folders(s, name) == 0)
		fd = openat(s->dir_fd, name, flags, 0640);
	if (fd < 0 && errno == EEXIST) {
		/* left behind by a run that was killed */
		unlinkat(s->dir_fd, name, 0);
		fd = openat(s->dir_fd, name, flags, 0640);
	}
	return fd < 0 ? -errno : fd;
}

/* --- files ---------------------------------------------------------------- */

static uint64_t uid_hash(const struct spool *s, const char *uid)
{
	return seed_hash(&s->seed, uid, strlen(uid));
}

struct spool_file *spool_file_find(struct spool *s, const char *uid,
				   struct spool_file *after)
{
	struct map_node *n = after ? map_next(&after->by_uid)
				   : map_first(&s->uids, uid_hash(s, uid));

	for (; n; n = map_next(n)) {
		struct spool_file *f =
			container_of(n, struct spool_file, by_uid);

		if (!strcmp(f->uid, uid))
			return f;
	}
	return NULL;
}

/* Two recordings of one run may have the same uid until the first is done,
 * and so may those of two processes: they get numbers. */
static void name_part(struct spool *s, struct spool_file *f)
{
	if (spool_file_find(s, f->uid, NULL) || !s->alone)
		snprintf(f->name, sizeof(f->name),
			 SPOOL_OPEN "/%s.%u-%u.pcap.part", f->uid,
			 (unsigned)getpid(), ++s->serial);
	else
		snprintf(f->name, sizeof(f->name), SPOOL_OPEN "/%s.pcap.part",
			 f->uid);
}

struct spool_file *spool_file_new(const char *uid)
{
	struct spool_file *f = calloc(1, sizeof(*f));

	if (f)
		f->end = calloc(1, sizeof(*f->end));
	if (!f || !f->end) {
		free(f);
		return NULL;
	}
	f->fd = -1;
	list_init(&f->node);
	snprintf(f->uid, sizeof(f->uid), "%s", uid);
	return f;
}

void spool_file_enter(struct spool *s, struct spool_file *f)
{
	if (!f->name[0])
		name_part(s, f);
	list_append(&s->files, &f->node);
	map_insert(&s->uids, &f->by_uid, uid_hash(s, f->uid));
}

void spool_file_close(struct spool *s, struct spool_file *f)
{
	if (f->fd < 0)
		return;
	close(f->fd);
	f->fd = -1;
	s->fds--;
}

void spool_file_free(struct spool *s, struct spool_file *f)
{
	spool_file_close(s, f);
	list_remove(&f->node);
	map_remove(&s->uids, &f->by_uid);
	free(f->end);
	free(f);
}

/* A descriptor to write with, *keep when it stays with the file. */
static int file_fd(struct spool *s, struct spool_file *f, bool *keep)
{
	int fd = f->fd;

	*keep = true;
	if (fd >= 0)
		return fd;
	if (f->size)
		fd = openat(s->dir_fd, f->name,
			    O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	else
		fd = open_new(s, f->name);
	if (fd < 0)
		return f->size ? -errno : fd;
	*keep = s->fds < s->fds_max;
	if (*keep) {
		f->fd = fd;
		s->fds++;
	}
	return fd;
}

/* All of head and body count, or nothing: after an error the next write goes
 * to the same place. */
static int file_write(struct spool *s, struct spool_file *f, struct slice head,
		      struct slice body)
{
	off_t at = f->size;
	bool keep;
	int fd = file_fd(s, f, &keep);
	int err;

	if (fd < 0)
		return fd;
	err = write_all_at(fd, head, at);
	if (!err)
		err = write_all_at(fd, body, at + (off_t)head.len);
	if (!err)
		f->size = at + (off_t)(head.len + body.len);
	if (!keep)
		close(fd);
	return err;
}

static int flush_buf(struct spool *s, struct spool_file *f)
{
	struct slice bytes = slice_of(s->buf.p, s->buf.len);
	int err = s->buf.failed ? -ENOMEM
				: file_write(s, f, bytes, (struct slice){0});

	outbuf_reset(&s->buf);
	return err;
}

void spool_file_cut(struct spool *s, struct spool_file *f)
{
	int fd;

	if (!f->name[0])
		return;
	fd = openat(s->dir_fd, f->name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return;
	if (ftruncate(fd, f->size))
		f->size = 0; /* not worth keeping: nobody could read it */
	close(fd);
}

/* --- formats -------------------------------------------------------------- */

/* The interface's number in a pcapng; a new one is described in s->buf. */
static int ng_iface(struct spool *s, struct spool_file *f,
		    struct pcapfile_kind kind)
{
	for (size_t i = 0; i < f->kinds; i++)
		if (pcapfile_same_kind(f->kind[i], kind))
			return (int)i;
	if (f->kinds == PCAPFILE_IFACES)
		return -E2BIG;
	f->kind[f->kinds] = kind;
	pcapfile_ng_put_iface(&s->buf, kind);
	return (int)f->kinds++;
}

static int ng_put(struct spool *s, struct spool_file *f,
		  const struct pcapfile_packet *p)
{
	int iface = ng_iface(s, f, p->kind);

	if (iface < 0)
		return iface;
	pcapfile_ng_put_packet(&s->buf, (uint32_t)iface, p);
	return s->buf.len < BATCH ? 0 : flush_buf(s, f);
}

int spool_reader(struct spool *s, const char *name,
		 struct pcapfile_reader **out, int *fd)
{
	int err;

	*fd = openat(s->dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (*fd < 0)
		return -errno;
	err = pcapfile_reader_open(out, *fd);
	if (err)
		close(*fd);
	return err;
}

/* All packets of the file `name` to the end of f, which is a pcapng. */
static int ng_copy(struct spool *s, struct spool_file *f, const char *name)
{
	struct pcapfile_reader *r = NULL;
	struct pcapfile_packet p;
	int fd, got;
	int err = spool_reader(s, name, &r, &fd);

	if (err)
		return err;
	while ((got = pcapfile_reader_next(r, &p)) > 0) {
		err = ng_put(s, f, &p);
		if (err)
			break;
	}
	pcapfile_reader_close(r);
	close(fd);
	if (!err)
		err = flush_buf(s, f);
	return err ? err : got;
}

/* Writes f again as a pcapng; on an error it stays what it was. */
static int to_ng(struct spool *s, struct spool_file *f, struct slice keylog,
		 struct slice comment)
{
	/* Not all of *f: the first group is the core's. */
	struct pcapfile_kind kind[PCAPFILE_IFACES];
	size_t kinds = f->kinds;
	off_t size = f->size;
	char name[SPOOL_NAME];
	bool ng = f->ng;
	int err;

	memcpy(kind, f->kind, sizeof(kind));
	memcpy(name, f->name, sizeof(name));
	spool_file_close(s, f);
	f->size = 0;
	f->ng = true;
	f->section = false;
	f->kinds = 0;
	snprintf(f->name, sizeof(f->name), "%.*sng.part",
		 (int)(strlen(name) - strlen(".part")), name);
	if (comment.len)
		pcapfile_ng_put_comment(&s->buf, comment);
	else
		pcapfile_ng_put_section(&s->buf);
	if (keylog.len)
		pcapfile_ng_put_secrets(&s->buf, keylog);
	err = ng_copy(s, f, name);
	spool_file_close(s, f);
	if (!err && renameat(s->dir_fd, f->name, s->dir_fd, name))
		err = -errno;
	if (err) {
		outbuf_reset(&s->buf);
		unlinkat(s->dir_fd, f->name, 0);
		f->size = size;
		f->ng = ng;
		memcpy(f->kind, kind, sizeof(f->kind));
		f->kinds = kinds;
	}
	memcpy(f->name, name, sizeof(f->name));
	return err;
}

int spool_file_secrets(struct spool *s, struct spool_file *f,
		       struct slice keylog)
{
	int err = f->size ? to_ng(s, f, keylog, (struct slice){0}) : 0;

	/* They were in front of the first packets. */
	if (s->buf.p)
		explicit_bzero(s->buf.p, s->buf.size);
	return err;
}

/* The secrets that it carries already. Without memory none. */
static struct slice secrets_of(struct spool *s, const char *name)
{
	struct pcapfile_reader *r = NULL;
	struct pcapfile_packet p;
	struct slice keys, copy = {0};
	int fd = -1;

	if (spool_reader(s, name, &r, &fd) || !r)
		return copy;
	/* They are in front of the first packet. */
	if (pcapfile_reader_next(r, &p) > 0) {
		keys = pcapfile_reader_secrets(r);
		if (keys.len && (copy.p = malloc(keys.len))) {
			memcpy((void *)copy.p, keys.p, keys.len);
			copy.len = keys.len;
		}
	}
	pcapfile_reader_close(r);
	close(fd);
	return copy;
}

int spool_file_section(struct spool *s, struct spool_file *f, const char *uid)
{
	struct slice keys;
	int err;

	if (f->section && !strcmp(f->uid, uid))
		return 0;
	keys = secrets_of(s, f->name);
	err = to_ng(s, f, keys, slice_str(uid));
	if (keys.len) {
		explicit_bzero((void *)keys.p, keys.len);
		explicit_bzero(s->buf.p, s->buf.size);
	}
	free((void *)keys.p);
	return err;
}

static int append_ng(struct spool *s, struct spool_file *f, struct slice bytes,
		     struct pcapfile_kind kind)
{
	struct pcapfile_packet p;
	size_t kinds = f->kinds;
	off_t size = f->size;
	int err = 0;

	while (!err && pcapfile_take(&bytes, kind, &p))
		err = ng_put(s, f, &p);
	if (!err)
		err = flush_buf(s, f);
	outbuf_reset(&s->buf);
	if (err) {
		f->size = size;
		f->kinds = kinds;
	}
	return err;
}

static int append_classic(struct spool *s, struct spool_file *f,
			  struct slice bytes, struct pcapfile_kind kind)
{
	int err;

	if (f->size)
		return file_write(s, f, bytes, (struct slice){0});
	pcapfile_put_header(&s->buf, kind);
	err = s->buf.failed
		      ? -ENOMEM
		      : file_write(s, f, slice_of(s->buf.p, s->buf.len), bytes);
	outbuf_reset(&s->buf);
	f->kind[0] = kind;
	f->kinds = 1;
	return err;
}

/* The file of a minute takes it as it is. */
static void begin_section(struct spool *s, struct spool_file *f)
{
	pcapfile_ng_put_comment(&s->buf, slice_str(f->uid));
	f->ng = f->section = true;
	f->kinds = 0;
}

int spool_file_append(struct spool *s, struct spool_file *f, struct slice bytes,
		      struct pcapfile_kind kind)
{
	int err = 0;

	if (!f->size && s->cfg.minute)
		begin_section(s, f);
	if (f->size && !f->ng && !pcapfile_same_kind(f->kind[0], kind))
		err = to_ng(s, f, (struct slice){0}, (struct slice){0});
	if (err)
		return err;
	return f->ng ? append_ng(s, f, bytes, kind)
		     : append_classic(s, f, bytes, kind);
}
