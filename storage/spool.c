#include "storage/spool_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define FDS_FALLBACK 64
#define BATCH	     262144 /* bytes copied at a time */
/* Counts, tells the first one, and hands err back. */
static int fail(struct spool *s, const char *doing, const char *name, int err)
{
	char why[SPOOL_WHY];

	if (s->errors++ == 0 && s->complain) {
		snprintf(why, sizeof(why), "cannot %s %.300s/%s: %s", doing,
			 s->dir, name, strerror(-err));
		s->complain(s->arg, why);
	}
	return err;
}

static int append(void *arg, struct spool_file **file, const char *uid,
		  const struct record_chunk *chunk)
{
	struct pcapfile_kind kind = {chunk->linktype, chunk->ts_digits};
	struct spool *s = arg;
	struct spool_file *f = *file;
	int err;

	if (!f) {
		f = spool_file_new(s, uid);
		if (!f)
			return fail(s, "write", uid, -ENOMEM);
		*file = f;
	}
	err = spool_file_append(s, f, chunk->bytes, kind);
	if (!err)
		return 0;
	f->damaged = true;
	return fail(s, "write", f->name, err);
}

/* --- completing ----------------------------------------------------------- */

struct extent {
	uint64_t last_us, packets;
};

/* False when the file is not there or is none of ours. */
static bool measure(struct spool *s, const char *name, struct extent *out)
{
	struct extent e = {0};
	struct pcapfile_reader *r;
	struct pcapfile_packet p;
	int fd;

	if (spool_reader(s, name, &r, &fd))
		return false;
	while (pcapfile_reader_next(r, &p) > 0) {
		uint64_t us = p.sec * (uint64_t)1000000 +
			      p.frac / (p.kind.ts_digits == 9 ? 1000 : 1);

		if (us > e.last_us)
			e.last_us = us;
		e.packets++;
	}
	pcapfile_reader_close(r);
	close(fd);
	*out = e;
	return true;
}

/* Does the stored file know more than the new one? */
static bool stored_knows_more(struct spool *s, const struct spool_file *f,
			      const char *name, struct extent now)
{
	struct extent stored;

	if (!measure(s, name, &stored))
		return false;
	if (f->damaged && !measure(s, f->name, &now))
		return true;
	if (stored.last_us != now.last_us)
		return stored.last_us > now.last_us;
	return stored.packets > now.packets;
}

/* After a failed write there may be bytes behind the last whole packet. */
static void cut_to_size(struct spool *s, struct spool_file *f)
{
	int fd = openat(s->dir_fd, f->name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return;
	if (ftruncate(fd, f->size))
		f->size = 0; /* not worth keeping: nobody could read it */
	close(fd);
}

static int complete(struct spool *s, struct spool_file *f, const char *name,
		    struct extent now)
{
	if (stored_knows_more(s, f, name, now)) {
		unlinkat(s->dir_fd, f->name, 0);
		return 0;
	}
	if (renameat(s->dir_fd, f->name, s->dir_fd, name) == 0)
		return 0;
	if (errno == ENOENT && spool_make_folders(s, name) == 0 &&
	    renameat(s->dir_fd, f->name, s->dir_fd, name) == 0)
		return 0;
	return -errno;
}

static int finish(void *arg, struct spool_file *f, const char *uid,
		  uint64_t last_ns, uint64_t packets, char *path,
		  size_t path_size)
{
	struct extent now = {last_ns / 1000, packets};
	char name[SPOOL_NAME], folder[SPOOL_FOLDER];
	struct spool *s = arg;
	int err = 0;

	path[0] = '\0';
	if (f->damaged)
		cut_to_size(s, f);
	spool_file_close(s, f);
	spool_folder(uid, folder);
	snprintf(name, sizeof(name), "%s/%.26s.pcap", folder, uid);
	if (f->size)
		err = complete(s, f, name, now);
	if (err)
		fail(s, "complete", name, err);
	if (err || !f->size)
		unlinkat(s->dir_fd, f->name, 0);
	else
		snprintf(path, path_size, "spool/%s", name);
	if (path[0])
		s->finished++;
	if (!path[0] || strncmp(name, f->name, strlen(folder)))
		spool_drop_folders(s, f->name);
	spool_file_free(s, f);
	return err;
}

static int secrets(void *arg, struct spool_file *f, struct slice keylog)
{
	struct spool *s = arg;
	int err;

	if (f->damaged)
		cut_to_size(s, f);
	err = spool_file_secrets(s, f, keylog);
	return err ? fail(s, "write the secrets of", f->name, err) : 0;
}

static void discard(void *arg, struct spool_file *f)
{
	struct spool *s = arg;

	unlinkat(s->dir_fd, f->name, 0);
	spool_drop_folders(s, f->name);
	spool_file_free(s, f);
}

/* All packets of src to the end of dst, in runs of one kind. */
static int copy_packets(struct spool *s, struct spool_file *dst,
			struct pcapfile_reader *r)
{
	struct pcapfile_kind kind = {0};
	struct outbuf buf = {0};
	struct pcapfile_packet p;
	int got, err = 0;

	do {
		got = pcapfile_reader_next(r, &p);
		if (buf.len && (got <= 0 || buf.len >= BATCH ||
				!pcapfile_same_kind(kind, p.kind))) {
			err = spool_file_append(s, dst,
						slice_of(buf.p, buf.len), kind);
			buf.len = 0;
		}
		if (got > 0) {
			pcapfile_put_packet(&buf, &p);
			kind = p.kind;
		}
	} while (got > 0 && !err && !buf.failed);
	if (buf.failed && !err)
		err = -ENOMEM;
	outbuf_free(&buf);
	return err ? err : got;
}

static int concat(void *arg, struct spool_file *dst, struct spool_file *src)
{
	struct spool *s = arg;
	struct pcapfile_reader *r;
	int fd, err = 0;

	if (src->size) {
		err = spool_reader(s, src->name, &r, &fd);
		if (!err) {
			err = copy_packets(s, dst, r);
			pcapfile_reader_close(r);
			close(fd);
		}
	}
	if (err)
		fail(s, "write", dst->name, err);
	if (err || src->damaged)
		dst->damaged = true;
	discard(s, src);
	return err;
}

const struct spool_ops spool_ops = {
	.append = append,
	.finish = finish,
	.secrets = secrets,
	.discard = discard,
	.concat = concat,
};

/* --- the spool itself ----------------------------------------------------- */

/* Half of what the process may have open. */
static size_t fd_budget(void)
{
	struct rlimit lim;

	if (getrlimit(RLIMIT_NOFILE, &lim) || lim.rlim_cur == RLIM_INFINITY)
		return FDS_FALLBACK;
	return lim.rlim_cur / 2;
}

static int make_dir(const char *path)
{
	if (mkdir(path, 0750) && errno != EEXIST)
		return -errno;
	return 0;
}

static int open_dir(struct spool *s, const char *dir)
{
	int err = make_dir(dir);

	if (err)
		return err;
	err = make_dir(s->dir);
	if (err)
		return err;
	s->dir_fd = open(s->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir_fd < 0)
		return -errno;
	return faccessat(s->dir_fd, ".", W_OK, AT_EACCESS) ? -errno : 0;
}

int spool_open(struct spool **out, const struct spool_config *cfg,
	       char why[SPOOL_WHY])
{
	struct spool *s = calloc(1, sizeof(*s));
	int err = -ENOMEM;

	if (!s)
		goto fail;
	s->dir_fd = -1;
	list_init(&s->files);
	s->seed = seed_random();
	s->complain = cfg->complain;
	s->arg = cfg->arg;
	s->fds_max = fd_budget();
	err = -ENAMETOOLONG;
	if ((size_t)snprintf(s->dir, sizeof(s->dir), "%s/spool", cfg->dir) >=
	    sizeof(s->dir))
		goto fail;
	err = map_init(&s->uids, 64);
	if (!err)
		err = open_dir(s, cfg->dir);
	if (err)
		goto fail;
	*out = s;
	return 0;
fail:
	snprintf(why, SPOOL_WHY, "cannot record below %s/spool: %s", cfg->dir,
		 strerror(-err));
	spool_close(s);
	return err;
}

void spool_close(struct spool *s)
{
	if (!s)
		return;
	list_each_safe(it, &s->files)
		discard(s, container_of(it, struct spool_file, node));
	map_close(&s->uids);
	if (s->dir_fd >= 0)
		close(s->dir_fd);
	outbuf_free(&s->buf);
	free(s);
}

uint64_t spool_files(const struct spool *s)
{
	return s->finished;
}

uint64_t spool_errors(const struct spool *s)
{
	return s->errors;
}
