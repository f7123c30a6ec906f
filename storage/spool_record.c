#include "storage/spool_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define BATCH 262144 /* bytes copied at a time */

/* --- on the way ----------------------------------------------------------- */

int spool_append(struct spool *s, struct spool_file *f,
		 const struct record_chunk *chunk)
{
	struct pcapfile_kind kind = {chunk->linktype, chunk->ts_digits};
	int err;

	if (!f->name[0])
		spool_file_enter(s, f);
	err = spool_file_append(s, f, chunk->bytes, kind);
	if (!err) {
		f->media += chunk->media_bytes;
		return 0;
	}
	f->damaged = true;
	if (err == -ENOSPC || err == -EDQUOT)
		spool_disk_full(s);
	return spool_fail(s, "write", f->name, err);
}

int spool_secrets(struct spool *s, struct spool_file *f, struct slice keylog)
{
	int err;

	if (f->damaged)
		spool_file_cut(s, f);
	err = spool_file_secrets(s, f, keylog);
	return err ? spool_fail(s, "write the secrets of", f->name, err) : 0;
}

void spool_discard(struct spool *s, struct spool_file *f)
{
	if (f->name[0])
		unlinkat(s->dir_fd, f->name, 0);
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

int spool_concat(struct spool *s, struct spool_file *dst,
		 struct spool_file *src)
{
	struct pcapfile_reader *r;
	int fd, err = 0;

	if (!dst->name[0])
		spool_file_enter(s, dst);
	if (src->size) {
		err = spool_reader(s, src->name, &r, &fd);
		if (!err) {
			err = copy_packets(s, dst, r);
			pcapfile_reader_close(r);
			close(fd);
		}
	}
	if (err)
		spool_fail(s, "write", dst->name, err);
	if (err || src->damaged)
		dst->damaged = true;
	dst->media += src->media;
	spool_discard(s, src);
	return err;
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

static void complete_name(const char *uid, enum spool_kind kind,
			  char name[SPOOL_NAME])
{
	char folder[SPOOL_FOLDER];

	spool_folder(uid, folder);
	snprintf(name, SPOOL_NAME, "%s/%.26s.%s", folder, uid,
		 spool_kind_name(kind));
}

void spool_path(const char *uid, enum spool_kind kind, char *path, size_t size)
{
	char name[SPOOL_NAME];

	complete_name(uid, kind, name);
	snprintf(path, size, "spool/%s", name);
}

bool spool_stored(struct spool *s, const char *uid, enum spool_kind *kind,
		  char name[SPOOL_NAME])
{
	for (*kind = SPOOL_PCAP; *kind < SPOOL_GONE; ++*kind) {
		complete_name(uid, *kind, name);
		if (!faccessat(s->dir_fd, name, F_OK, AT_SYMLINK_NOFOLLOW))
			return true;
	}
	return false;
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

static int rename_to(struct spool *s, const char *from, const char *to)
{
	if (renameat(s->dir_fd, from, s->dir_fd, to) == 0)
		return 0;
	if (errno == ENOENT && spool_make_folders(s, to) == 0 &&
	    renameat(s->dir_fd, from, s->dir_fd, to) == 0)
		return 0;
	return -errno;
}

/* Without a line the next cleaning would not know of it. */
void spool_note(struct spool *s, const struct spool_entry *e, bool replaced)
{
	char folder[SPOOL_FOLDER];
	struct outbuf line = {0};
	int err = -ENOMEM;

	spool_folder(e->uid, folder);
	spool_index_put(&line, e);
	if (!line.failed)
		err = spool_index_append(&s->index, s->dir_fd, folder,
					 slice_of(line.p, line.len));
	outbuf_free(&line);
	if (err)
		spool_fail(s, "write", folder, err);
	spool_hours_put(s, e, replaced);
}

int spool_complete(struct spool *s, struct spool_file *f, const char *uid,
		   enum spool_kind kind)
{
	struct spool_entry e = {.kind = kind};
	char name[SPOOL_NAME], old[SPOOL_NAME];
	enum spool_kind was;
	bool replaced = spool_stored(s, uid, &was, old);
	struct stat st;
	int err;

	complete_name(uid, kind, name);
	err = fstatat(s->dir_fd, f->name, &st, AT_SYMLINK_NOFOLLOW) ? -errno
								    : 0;
	if (!err)
		err = rename_to(s, f->name, name);
	if (err)
		return err;
	if (replaced && was != kind)
		unlinkat(s->dir_fd, old, 0);
	snprintf(e.uid, sizeof(e.uid), "%s", uid);
	e.bytes = (uint64_t)st.st_size;
	/* f->media was counted before it was gzipped. */
	e.media = f->size ? (uint64_t)((double)f->media / (double)f->size *
				       (double)e.bytes)
			  : 0;
	spool_note(s, &e, replaced);
	return 0;
}

/* *kind: what the file of uid is then. */
static int complete(struct spool *s, struct spool_file *f, const char *uid,
		    struct extent now, enum spool_kind *kind)
{
	char name[SPOOL_NAME];
	int err;

	if (spool_stored(s, uid, kind, name) &&
	    stored_knows_more(s, f, name, now)) {
		unlinkat(s->dir_fd, f->name, 0);
		return 0;
	}
	*kind = SPOOL_PCAP;
	if (s->cfg.gzip) {
		err = spool_file_gzip(s, f);
		if (err)
			spool_fail(s, "compress", f->name, err);
		else
			*kind = SPOOL_PCAP_GZ;
	}
	return spool_complete(s, f, uid, *kind);
}

int spool_finish(struct spool *s, struct spool_file *f, const char *uid,
		 uint64_t last_ns, uint64_t packets, char *path, size_t size)
{
	struct extent now = {last_ns / 1000, packets};
	enum spool_kind kind = SPOOL_PCAP;
	int err = 0;

	path[0] = '\0';
	if (f->damaged)
		spool_file_cut(s, f);
	spool_file_close(s, f);
	if (f->size && s->cfg.minute)
		err = spool_minute_put(s, f, uid, now.last_us, now.packets);
	else if (f->size)
		err = complete(s, f, uid, now, &kind);
	if (err)
		spool_fail(s, "complete", f->name, err);
	if (f->name[0] && (err || !f->size))
		unlinkat(s->dir_fd, f->name, 0);
	if (!err && f->size && !s->cfg.minute)
		spool_path(uid, kind, path, size);
	if (!err && f->size && !f->left)
		atomic_fetch_add(&s->finished, 1);
	spool_file_free(s, f);
	return err;
}
