#include "sniffer/run_view.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "sniffer/export/messages.h"
#include "sniffer/export/timeline.h"
#include "sniffer/export/walk.h"
#include "sniffer/run_files.h"
#include "sniffer/run_keys.h"
#include "sniffer/run_peaks.h"
#include "sniffer/setup.h"
#include "storage/report.h"
#include "storage/spool_index.h"
#include "storage/spool_read.h"

struct run_view {
	const struct config *cfg;
	struct engine_config engine;
	struct run_keys keys;
	struct run_files *files;
	atomic_bool stop;
	atomic_ullong files_made; /* of several calls */
};

_Static_assert(EXPORT_WHY == DB_WHY, "one room for a sentence");

struct run_view *run_view_new(const struct config *cfg,
			      void (*say)(void *arg, const char *why),
			      void *arg)
{
	struct run_view *v = calloc(1, sizeof(*v));

	if (!v)
		return NULL;
	v->cfg = cfg;
	v->keys = (struct run_keys){cfg, say, arg};
	v->files = run_files_new(cfg->out_dir, cfg->viewer_files_bytes);
	if (!v->files || setup_engine(cfg, &v->engine)) {
		run_view_free(v);
		return NULL;
	}
	return v;
}

void run_view_stop(struct run_view *v)
{
	if (v)
		v->stop = true;
}

void run_view_free(struct run_view *v)
{
	if (!v)
		return;
	run_files_free(v->files);
	free(v);
}

/* --- a job ---------------------------------------------------------------- */

static uint64_t deadline(const struct run_view *v)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec +
	       v->cfg->viewer_read_ns;
}

static struct export_job job_of(struct run_view *v, struct db *db)
{
	return (struct export_job){
		.db = db,
		.dir = v->cfg->out_dir,
		.to = "the file",
		.engine = &v->engine,
		.keys = run_keys,
		.keys_arg = &v->keys,
		.stop = &v->stop,
		.deadline_ns = deadline(v),
		.file_max = v->cfg->viewer_file_bytes,
		.memory_max = v->cfg->viewer_file_bytes / 4,
	};
}

/* --- the call ------------------------------------------------------------- */

static int no_call(const char *uid, char why[DB_WHY])
{
	snprintf(why, DB_WHY,
		 "there is no call %.40s: it was deleted by age, or its record "
		 "is not written yet",
		 uid);
	return -ENOENT;
}

/* One that is still going on has no record, but a recording. */
static void take_open(struct export_calls *c, const struct run_view *v,
		      const char *uid)
{
	if (spool_read_has(v->cfg->out_dir, uid))
		c->v = calloc(1, sizeof(*c->v));
	if (!c->v)
		return;
	c->n = 1;
	c->v[0].open = true;
	c->v[0].sensor = slice_str(v->cfg->sensor);
	memcpy(c->v[0].uid, uid, ULID_SIZE - 1);
}

/* 0, also for a call that is still going on; -ENOENT; -errno. */
static int find(struct export_calls *out, const struct run_view *v,
		struct db *db, const char *uid, char why[DB_WHY])
{
	struct query q = {0};
	int err;

	if (!spool_is_uid(slice_str(uid)))
		return no_call(uid, why);
	err = query_add(&q, QUERY_UID, slice_str(uid), why);
	if (err)
		return no_call(uid, why);
	err = export_calls_find(out, db, &q, why);
	if (!err && !out->n)
		take_open(out, v, uid);
	if (!err && !out->n) {
		export_calls_free(out);
		return no_call(uid, why);
	}
	return err;
}

/* Whether anything is known of a call that has no record. */
static int known(const struct export_call *c, int err, char why[DB_WHY])
{
	return c->open && err == -ENODATA ? no_call(c->uid, why) : err;
}

/* --- a call that is still going on ---------------------------------------- */

static int on_open_call(void *arg, const char *uid, struct outbuf *out,
			char why[DB_WHY])
{
	const struct walk_watch nobody = {0};
	struct run_view *v = arg;
	struct export_job job = job_of(v, NULL);
	struct export_calls c = {0};
	struct walk w = {0};
	int err = 0;

	if (spool_is_uid(slice_str(uid)))
		take_open(&c, v, uid);
	if (c.n)
		err = walk_call(&w, &job, c.v, &nobody, why);
	if (!w.cdr) {
		err = err && err != -ENODATA ? err : no_call(uid, why);
	} else {
		memcpy(w.cdr->uid, uid, ULID_SIZE);
		report_put_line(out, w.cdr);
	}
	walk_close(&w);
	export_calls_free(&c);
	return err;
}

/* --- text ----------------------------------------------------------------- */

static int on_messages(void *arg, struct db *db, const char *uid, bool text,
		       struct outbuf *out, char why[DB_WHY])
{
	struct run_view *v = arg;
	struct export_job job = job_of(v, db);
	struct export_calls c;
	int err = find(&c, v, db, uid, why);

	if (err)
		return err;
	err = export_messages(&job, c.v, text, out, why);
	export_calls_free(&c);
	return err;
}

static int on_timeline(void *arg, struct db *db, const char *uid,
		       struct outbuf *out, char why[DB_WHY])
{
	struct run_view *v = arg;
	struct export_job job = job_of(v, db);
	struct export_calls c;
	int err = find(&c, v, db, uid, why);

	if (err)
		return err;
	err = export_timeline(&job, c.v, out, why);
	export_calls_free(&c);
	return err;
}

/* --- what a file is made of ----------------------------------------------- */

/* Another record, or another recording, is another file. */
static int version_of(struct db *db, const char *uid, char *out, size_t size,
		      char why[DB_WHY])
{
	struct db_value v = db_text(slice_str(uid));
	struct db_rows *rows;
	int got, err = db_query(db,
				"SELECT last_packet, packets FROM cdr WHERE "
				"uid = ?",
				&v, 1, &rows, why);

	if (err)
		return err;
	got = db_next(rows, why);
	*out = '\0';
	if (got > 0) {
		struct db_value last = db_cell(rows, 0), n = db_cell(rows, 1);

		snprintf(out, size, "%.*s-%lld",
			 last.type == DB_TEXT ? (int)last.s.len : 0,
			 last.type == DB_TEXT ? (const char *)last.s.p : "",
			 n.type == DB_INT ? (long long)n.i : 0);
	}
	db_rows_close(rows);
	return got < 0 ? got : 0;
}

/* FNV-1a: names bytes, guards nothing. */
static void make_etag(char etag[64], const char *key, uint64_t len)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (; *key; key++)
		h = (h ^ (uint8_t)*key) * 0x100000001b3u;
	snprintf(etag, 64, "\"%016llx-%llx\"", (unsigned long long)h,
		 (unsigned long long)len);
}

static void file_out(struct web_packets_file *out, const struct run_file *f,
		     const char *key)
{
	*out = (struct web_packets_file){
		.fd = f->fd, .len = f->len, .ending = f->ending};
	make_etag(out->etag, key, f->len);
}

/* --- sound ---------------------------------------------------------------- */

struct making {
	struct export_job job;
	struct export_calls calls;
	bool raw;
};

static int make_sound(void *arg, struct run_file *f, char why[DB_WHY])
{
	struct making *m = arg;
	int err;

	m->job.to_fd = true;
	m->job.fd = f->fd;
	err = export_sound(&m->job, m->calls.v, NULL, why);
	f->ending = "wav";
	f->sound_ns = m->job.sound_ns;
	memcpy(f->silent, m->job.silent, sizeof(f->silent));
	return err;
}

_Static_assert(sizeof(((struct run_file *)0)->silent) ==
		       sizeof(((struct export_job *)0)->silent),
	       "the same sentences");

static int sound(struct run_view *v, struct db *db, const char *uid,
		 struct run_file *f, char key[RUN_FILES_KEY], char why[DB_WHY])
{
	struct making m = {.job = job_of(v, db)};
	char version[80];
	int err = find(&m.calls, v, db, uid, why);

	if (err)
		return err;
	err = version_of(db, uid, version, sizeof(version), why);
	if (!err) {
		snprintf(key, RUN_FILES_KEY, "wav %s %s", uid, version);
		err = run_files_get(v->files, key, make_sound, &m, f, why);
		err = known(m.calls.v, err, why);
	}
	export_calls_free(&m.calls);
	return err;
}

static int on_wav(void *arg, struct db *db, const char *uid,
		  struct web_packets_file *out, char why[DB_WHY])
{
	char key[RUN_FILES_KEY];
	struct run_file f;
	int err = sound(arg, db, uid, &f, key, why);

	if (!err)
		file_out(out, &f, key);
	return err;
}

static int on_peaks(void *arg, struct db *db, const char *uid, size_t points,
		    struct outbuf *out, char why[DB_WHY])
{
	char key[RUN_FILES_KEY];
	struct run_file f;
	int err = sound(arg, db, uid, &f, key, why);

	if (err == -ENODATA) {
		run_peaks_none(out, why);
		return 0;
	}
	if (err)
		return err;
	err = run_peaks_put(out, &f, points, why);
	close(f.fd);
	return err;
}

/* --- packets -------------------------------------------------------------- */

/* pcapng begins with a section header block. */
static const char *ending_of(int fd)
{
	uint8_t magic[4] = {0};

	if (pread(fd, magic, sizeof(magic), 0) != sizeof(magic))
		return "pcap";
	return magic[0] == 0x0a && magic[1] == 0x0d ? "pcapng" : "pcap";
}

static int make_packets(void *arg, struct run_file *f, char why[DB_WHY])
{
	struct making *m = arg;
	int err;

	m->job.to_fd = true;
	m->job.fd = f->fd;
	if (m->raw) {
		err = spool_read_call(m->job.dir, m->calls.v[0].uid, f->fd,
				      why);
		err = err == -ENOENT ? -ENODATA : err;
	} else {
		err = export_merged(&m->job, &m->calls, why);
		if (!err && !m->job.files) {
			snprintf(why, DB_WHY,
				 "none of these calls has "
				 "packets: not recorded, or "
				 "deleted since");
			err = -ENODATA;
		}
	}
	f->ending = ending_of(f->fd);
	return err;
}

/* All of several calls; those that are gone are left out. */
static int find_all(struct export_calls *out, const struct run_view *v,
		    struct db *db, const struct web_packets_ask *ask,
		    char why[DB_WHY])
{
	int err;

	if (ask->n == 1)
		return find(out, v, db, ask->uids[0], why);
	*out = (struct export_calls){0};
	for (size_t at = 0; at < ask->n; at += QUERY_TERMS) {
		struct query q = {0};
		struct export_calls some;

		for (size_t i = at; i < ask->n && i < at + QUERY_TERMS; i++)
			query_add(&q, QUERY_UID, slice_str(ask->uids[i]), why);
		err = export_calls_find(&some, db, &q, why);
		if (!err)
			err = export_calls_add(out, &some, why);
		if (err) {
			export_calls_free(out);
			return err;
		}
	}
	return 0;
}

static bool as_is(const struct web_packets_ask *ask)
{
	return ask->n == 1 && ask->format == WEB_PACKETS_AS_IS && !ask->legs &&
	       ask->keys;
}

/* The recording itself, when it lies there as a file of its own. */
static int plain_file(const struct run_view *v, const struct export_call *c,
		      struct web_packets_file *out)
{
	char path[4200], key[96];
	struct stat st;
	int fd;

	if (slice_find_slice(c->pcap, SLICE("..")) >= 0 || c->pcap.len < 7 ||
	    memcmp(c->pcap.p, "spool/", 6) ||
	    slice_find_slice(c->pcap, SLICE(".gz")) >= 0)
		return -ENOENT;
	snprintf(path, sizeof(path), "%s/%.*s", v->cfg->out_dir,
		 SLICE_ARG(slice_head(c->pcap, 200)));
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -ENOENT;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return -ENOENT;
	}
	*out = (struct web_packets_file){
		.fd = fd, .len = (uint64_t)st.st_size, .ending = ending_of(fd)};
	snprintf(key, sizeof(key), "%s %lld.%09ld", c->uid,
		 (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
	make_etag(out->etag, key, out->len);
	return 0;
}

/* Files of several calls are not asked for twice: each is another one. */
static void name_packets(char key[RUN_FILES_KEY], struct run_view *v,
			 const struct web_packets_ask *ask, const char *version)
{
	bool one = ask->n == 1 && !ask->legs;

	snprintf(key, RUN_FILES_KEY, "pcap %s %s %d%d%d %llu",
		 ask->n ? ask->uids[0] : "", version, (int)ask->format,
		 ask->legs, ask->keys, one ? 0 : ++v->files_made);
}

static int on_pcap(void *arg, struct db *db, const struct web_packets_ask *ask,
		   struct web_packets_file *out, char why[DB_WHY])
{
	struct run_view *v = arg;
	struct making m = {.job = job_of(v, db), .raw = as_is(ask)};
	char key[RUN_FILES_KEY], version[80] = "";
	struct run_file f;
	int err = find_all(&m.calls, v, db, ask, why);

	if (err)
		return err;
	m.job.legs = ask->legs;
	m.job.no_secrets = !ask->keys;
	m.job.format =
		ask->format == WEB_PACKETS_PCAPNG ? EXPORT_PCAPNG : EXPORT_PCAP;
	if (m.raw && !plain_file(v, m.calls.v, out))
		goto out;
	if (ask->n == 1)
		err = version_of(db, ask->uids[0], version, sizeof(version),
				 why);
	if (!err) {
		name_packets(key, v, ask, version);
		err = run_files_get(v->files, key, make_packets, &m, &f, why);
		err = m.calls.n ? known(m.calls.v, err, why) : err;
	}
	if (!err)
		file_out(out, &f, key);
out:
	export_calls_free(&m.calls);
	return err;
}

struct web_packets run_view_packets(struct run_view *v)
{
	return (struct web_packets){
		.open_call = on_open_call,
		.messages = on_messages,
		.timeline = on_timeline,
		.pcap = on_pcap,
		.wav = on_wav,
		.peaks = on_peaks,
		.arg = v,
	};
}
