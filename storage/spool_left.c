#include "storage/spool_priv.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define UID_LEN (ULID_SIZE - 1)
#define PART	".pcap.part"

/* "UID.pcap.part" or "UID.N.pcap.part": a recording. All else that lies
 * there is a copy that somebody was about to make. */
static bool is_recording(const char *name)
{
	size_t len = strlen(name), end = sizeof(PART) - 1;

	return len >= UID_LEN + end && spool_is_uid(slice_of(name, UID_LEN)) &&
	       name[UID_LEN] == '.' && !strcmp(name + len - end, PART);
}

static int enter(struct spool *s, const char *name)
{
	char uid[ULID_SIZE];
	struct spool_file *f;

	snprintf(uid, sizeof(uid), "%.26s", name);
	f = spool_file_new(uid);
	if (!f)
		return -ENOMEM;
	f->left = true;
	if ((size_t)snprintf(f->name, sizeof(f->name), SPOOL_OPEN "/%s",
			     name) >= sizeof(f->name))
		f->name[0] = '\0'; /* none of ours */
	spool_file_enter(s, f);
	list_remove(&f->node);
	list_append(&s->left, &f->node);
	return 0;
}

static int list_left(struct spool *s)
{
	int fd = openat(s->dir_fd, SPOOL_OPEN,
			O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	int err = 0;

	if (!d) {
		err = -errno;
		if (fd >= 0)
			close(fd);
		return err;
	}
	while (!err && (e = readdir(d))) {
		if (is_recording(e->d_name))
			err = enter(s, e->d_name);
		else if (e->d_name[0] != '.')
			unlinkat(dirfd(d), e->d_name, 0);
	}
	closedir(d);
	return err;
}

int spool_left_open(struct spool *s)
{
	if (mkdirat(s->dir_fd, SPOOL_OPEN, 0750) && errno != EEXIST)
		return -errno;
	s->lock_fd = openat(s->dir_fd, SPOOL_OPEN,
			    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->lock_fd < 0)
		return -errno;
	/* Another process is at work: what lies there is not left behind. */
	s->alone = !flock(s->lock_fd, LOCK_EX | LOCK_NB);
	return s->alone ? list_left(s) : 0;
}

/* NULL when there is none. */
static struct spool_file *find(struct spool *s, const char *uid)
{
	struct spool_file *f = spool_file_find(s, uid, NULL);

	while (f && !f->left)
		f = spool_file_find(s, uid, f);
	return f;
}

int spool_left_name(struct spool *s, const char *uid, char *name, size_t size)
{
	const struct spool_file *f = find(s, uid);

	if (!f)
		return -ENOENT;
	snprintf(name, size, "%s", f->name);
	return 0;
}

/* --- what they hold ------------------------------------------------------- */

static void count(struct spool_file *f, const struct pcapfile_packet *p,
		  const struct record_sorter *sorter, void *state)
{
	struct frame frame = pcapfile_frame(p, ++f->packets);
	uint64_t media[SPOOL_FRAGMENTS];
	size_t n;

	if (frame.ts_ns > f->last_ns)
		f->last_ns = frame.ts_ns;
	if (!state)
		return;
	n = sorter->frame(state, &frame, media, SPOOL_FRAGMENTS);
	/* Fragments are about as long as the last one. */
	f->media += n * (16 + p->data.len);
}

static void count_all(struct spool *s, struct spool_file *f,
		      struct pcapfile_reader *r)
{
	const struct record_sorter *sorter = s->cfg.sorter;
	void *state = sorter ? sorter->begin() : NULL;
	struct pcapfile_packet p;

	while (pcapfile_reader_next(r, &p) > 0)
		count(f, &p, sorter, state);
	if (state)
		sorter->end(state);
	f->size = pcapfile_reader_at(r);
	f->ng = pcapfile_reader_ng(r);
	f->kinds = pcapfile_reader_kinds(r, f->kind);
	if (f->media > (uint64_t)f->size)
		f->media = (uint64_t)f->size;
}

/* Reads it, and cuts it behind the last whole packet. */
static int load(struct spool *s, struct spool_file *f)
{
	struct pcapfile_reader *r;
	int fd, err;

	err = f->name[0] ? spool_reader(s, f->name, &r, &fd) : -ENOENT;
	if (err)
		return err;
	count_all(s, f, r);
	pcapfile_reader_close(r);
	close(fd);
	if (!f->packets)
		return -ENODATA;
	spool_file_cut(s, f);
	return f->size ? 0 : -EIO;
}

/* --- going on with them --------------------------------------------------- */

/* The same of a call in the file of its minute, where its bytes stay until
 * that is cleaned. */
static int take_out(struct spool *s, struct spool_file *f)
{
	int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW;
	struct spool_entry e;
	int to, err = spool_index_find(s->dir_fd, f->uid, &e);

	if (err || e.kind != SPOOL_MINUTE)
		return -ENOENT;
	spool_file_enter(s, f);
	to = openat(s->dir_fd, f->name, flags, 0640);
	if (to < 0)
		return -errno;
	err = spool_minute_copy(s->dir_fd, &e, to);
	close(to);
	return err;
}

/* What was completed when a run was stopped goes on its way again. */
static int take_back(struct spool *s, struct spool_file *f)
{
	int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW;
	char name[SPOOL_NAME];
	enum spool_kind kind;
	int from, to, err = 0;

	if (!spool_stored(s, f->uid, &kind, name))
		return take_out(s, f);
	spool_file_enter(s, f);
	if (kind == SPOOL_PCAP)
		return renameat(s->dir_fd, name, s->dir_fd, f->name) ? -errno
								     : 0;
	from = openat(s->dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	to = openat(s->dir_fd, f->name, flags, 0640);
	err = from < 0 || to < 0 ? -errno : spool_unzip(from, to);
	if (from >= 0)
		close(from);
	if (to >= 0)
		close(to);
	if (!err)
		unlinkat(s->dir_fd, name, 0);
	return err;
}

static struct spool_file *finished(struct spool *s, const char *uid)
{
	struct spool_file *f = spool_file_new(uid);

	if (!f)
		return NULL;
	if (take_back(s, f)) {
		spool_discard(s, f);
		return NULL;
	}
	spool_hours_changed(s, uid);
	return f;
}

static struct spool_file *leftover(struct spool *s, const char *uid)
{
	struct spool_file *f = find(s, uid);

	if (!f)
		return NULL;
	f->left = false;
	list_remove(&f->node);
	list_append(&s->files, &f->node);
	return f;
}

int spool_adopt(struct spool *s, const char *uid, struct spool_reply *out)
{
	struct spool_file *f = leftover(s, uid);
	int err;

	if (!f)
		f = finished(s, uid);
	if (!f)
		return -ENOENT;
	err = load(s, f);
	if (err == -ENOMEM) {
		/* It stays, and the next run completes it. */
		spool_file_free(s, f);
		return err;
	}
	if (err) {
		spool_discard(s, f);
		return -ENOENT;
	}
	f->taken = true;
	out->file = f;
	out->packets = f->packets;
	out->last_ns = f->last_ns;
	return 0;
}

static void complete(struct spool *s, struct spool_file *f)
{
	char path[64];

	/* None of it is whole: the call had hardly begun. */
	if (load(s, f))
		spool_discard(s, f);
	else if (!spool_finish(s, f, f->uid, f->last_ns, f->packets, path,
			       sizeof(path)))
		s->completed++;
}

bool spool_left_step(struct spool *s)
{
	struct list *it = list_first(&s->left);

	if (!it || atomic_load(&s->adopting))
		return false;
	complete(s, container_of(it, struct spool_file, node));
	if (list_empty(&s->left) && s->completed)
		spool_tell(s,
			   "spool: completed %llu recordings that a run "
			   "before this one left behind",
			   (unsigned long long)s->completed);
	return true;
}

void spool_left_close(struct spool *s)
{
	atomic_store(&s->adopting, false);
	while (spool_left_step(s))
		;
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	s->lock_fd = -1;
	/* It is there while somebody records. */
	if (s->alone)
		unlinkat(s->dir_fd, SPOOL_OPEN, AT_REMOVEDIR);
}
