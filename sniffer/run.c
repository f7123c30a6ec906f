#include "sniffer/run.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "sniffer/billing_rules.h"
#include "sniffer/capture/file_source.h"
#include "sniffer/capture/filter.h"
#include "sniffer/capture/live_source.h"
#include "sniffer/cdr_mask.h"
#include "sniffer/engine/engine.h"
#include "sniffer/keyfile.h"
#include "sniffer/progress.h"
#include "sniffer/run_resume.h"
#include "sniffer/run_store.h"
#include "sniffer/say.h"
#include "sniffer/setup.h"
#include "sniffer/table.h"
#include "storage/dir_lock.h"
#include "storage/spool.h"
#include "storage/writer.h"

#define BATCH 64

struct run {
	const struct config *cfg;
	const atomic_bool *stop;
	FILE *out; /* the table and the closing lines */
	struct filter *filter;
	struct source *source;
	struct dir_lock *lock;
	struct spool *spool;
	struct store *store; /* NULL: no database */
	struct store *feed;  /* for billers; or NULL */
	struct writer *writer;
	struct billing_rules *rules;
	struct resume *resume;
	struct engine *engine;
	struct table *table; /* NULL: quiet */
	struct keyfile *keyfiles;
	struct progress progress;
	struct mask mask;
	bool live, fatal;
};

static void complain(void *arg, const char *why)
{
	struct run *r = arg;

	progress_clear(&r->progress);
	fprintf(stderr, "callscope: %s\n", why);
}

static void sink_complains(void *arg, const char *sink, const char *why)
{
	(void)sink;
	complain(arg, why);
}

/* Once it is safe. */
static void announce(void *arg, const struct cdr *cdr)
{
	struct run *r = arg;

	resume_safe(r->resume, cdr->number);
	if (!r->table || (cdr->kind != CDR_CALL && cdr->kind != CDR_SESSION))
		return;
	progress_clear(&r->progress);
	table_row(r->table, cdr);
}

/* --- opening ----------------------------------------------------------- */

static int make_dirs(const char *path, const char *option, char why[SPOOL_WHY])
{
	char part[4096];
	size_t len = strlen(path);

	if (len >= sizeof(part)) {
		snprintf(why, SPOOL_WHY,
			 "the data directory's name is too "
			 "long");
		return -ENAMETOOLONG;
	}
	for (size_t i = 1; i <= len; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdir(part, 0750) && errno != EEXIST) {
			snprintf(why, SPOOL_WHY,
				 "cannot make the directory %.300s: %s "
				 "(choose another with %s)",
				 part, strerror(errno), option);
			return -errno;
		}
	}
	return 0;
}

static bool records(const struct config *cfg)
{
	return cfg->record != CONFIG_RECORD_NONE;
}

/* Made when missing, and nobody else's. */
static int open_dir(struct run *r)
{
	char why[SPOOL_WHY] = "";
	int err;

	if (!records(r->cfg) && !run_store_wanted(r->cfg) &&
	    !r->cfg->billing_feed && !r->cfg->go_on)
		return 0;
	err = make_dirs(r->cfg->out_dir, "-o DIR", why);
	if (!err)
		err = dir_lock_take(&r->lock, r->cfg->out_dir, why);
	if (err)
		complain(r, why);
	return err;
}

static int open_spool(struct run *r)
{
	struct spool_config sc = setup_spool(r->cfg);
	char why[SPOOL_WHY] = "";
	int err = 0;

	sc.adopt = resume_wanted(r->cfg);
	sc.complain = complain;
	sc.arg = r;
	if (records(r->cfg))
		err = spool_open(&r->spool, &sc, why);
	if (err)
		complain(r, why);
	return err;
}

static int open_sink(struct run *r, const struct sink_ops *ops,
		     const char *path)
{
	struct sink_config sc = {
		.path = path,
		.sensor = slice_str(r->cfg->sensor),
	};
	char why[SINK_WHY] = "";
	int err = path ? writer_open(r->writer, ops, &sc, why) : 0;

	if (err)
		complain(r, why);
	return err;
}

static int add_store(struct run *r, int err, struct store *store,
		     const char *why)
{
	if (err)
		complain(r, why);
	else if (store)
		err = writer_add_store(r->writer, store);
	return err;
}

static int open_database(struct run *r)
{
	char why[SINK_WHY] = "";
	int err = run_store_open(&r->store, r->cfg, complain, r, why);

	return add_store(r, err, r->store, why);
}

static int open_feed(struct run *r)
{
	char why[SINK_WHY] = "";
	int err = 0;

	if (!r->cfg->billing_feed)
		return 0;
	err = make_dirs(r->cfg->billing_feed, "--billing-feed DIR", why);
	if (!err)
		err = run_feed_open(&r->feed, r->cfg, complain, r, why);
	return add_store(r, err, r->feed, why);
}

static int open_stores(struct run *r)
{
	int err = open_dir(r);

	if (!err)
		err = open_spool(r);

	if (err)
		return err;
	r->writer = writer_new(sink_complains, r);
	if (!r->writer)
		return -ENOMEM;
	err = open_sink(r, &jsonl_sink, r->cfg->json);
	if (!err)
		err = open_database(r);
	if (!err)
		err = open_feed(r);
	writer_announce(r->writer, announce, r);
	return err;
}

static int open_live(struct run *r, char *err, size_t size)
{
	struct live_options lo = {
		.snaplen = (uint32_t)r->cfg->snaplen,
		.buffer_bytes = (uint32_t)r->cfg->buffer_bytes,
		.promiscuous = !r->cfg->no_promiscuous,
	};

	r->live = true;
	return live_source_open(&r->source, r->cfg->interfaces.v,
				r->cfg->interfaces.n, &lo, err, size);
}

static int open_source(struct run *r)
{
	char err[SOURCE_ERROR_MAX] = "";
	int n;

	if (r->cfg->filter) {
		r->filter = filter_new(r->cfg->filter, err, sizeof(err));
		if (!r->filter) {
			complain(r, err);
			return -EINVAL;
		}
	}
	if (r->cfg->interfaces.n)
		n = open_live(r, err, sizeof(err));
	else
		n = file_source_open(&r->source, r->cfg->inputs.v,
				     r->cfg->inputs.n, err, sizeof(err));
	if (n) {
		complain(r, err);
		return n;
	}
	r->source->filter = r->filter;
	r->source->stop = r->stop;
	return 0;
}

/* --- the engine -------------------------------------------------------- */

static void on_record(void *arg, struct cdr *cdr)
{
	struct run *r = arg;

	billing_apply(r->rules, cdr); /* by whole numbers */
	if (mask_is_on(&r->mask))
		cdr_mask(cdr, &r->mask);
	resume_recorded(r->resume, cdr);
	writer_put(r->writer, cdr);
}

static int open_rules(struct run *r)
{
	char why[BILLING_WHY];
	int err = billing_rules_new(&r->rules, r->cfg, why);

	if (err)
		complain(r, why);
	return err;
}

static int open_engine(struct run *r)
{
	struct engine_config ec;
	struct engine_out out = {
		.record = on_record,
		.arg = r,
		.spool = r->spool ? &spool_ops : NULL,
		.spool_arg = r->spool,
	};

	if (setup_engine(r->cfg, &ec))
		return -ENOMEM;
	resume_hooks(r->resume, &out);
	r->engine = engine_new(&ec, &out);
	return r->engine ? 0 : -ENOMEM;
}

/* --- keys -------------------------------------------------------------- */

static size_t take_keys(void *arg, struct slice lines, const char **why)
{
	struct run *r = arg;

	(void)why;
	return engine_keylog(r->engine, lines);
}

static size_t take_srtp_keys(void *arg, struct slice lines, const char **why)
{
	struct run *r = arg;

	return engine_srtp_keys(r->engine, lines, why);
}

/* Out of a capture. */
static void on_secrets(void *arg, struct slice keylog)
{
	struct run *r = arg;

	engine_keylog(r->engine, keylog);
}

static int
open_key_files(struct run *r, const struct config_list *l, const char *what,
	       size_t (*take)(void *arg, struct slice lines, const char **why))
{
	char why[KEYFILE_WHY] = "";
	int err = 0;

	for (size_t i = 0; i < l->n && !err; i++) {
		struct keyfile_config kc = {
			.path = l->v[i],
			.what = what,
			.follow = r->live,
			.take = take,
			.say = complain,
			.arg = r,
		};

		err = keyfile_open(&r->keyfiles, &kc, why);
	}
	if (err)
		complain(r, why);
	return err;
}

static int open_keys(struct run *r)
{
	int err = open_key_files(r, &r->cfg->keys, "key log", take_keys);

	r->source->secrets = on_secrets;
	r->source->secrets_arg = r;
	return err ? err
		   : open_key_files(r, &r->cfg->srtp_keys, "SRTP key",
				    take_srtp_keys);
}

/* --- the loop ---------------------------------------------------------- */

static void show_progress(struct run *r)
{
	const struct engine_stats *st;
	struct progress_now now;

	if (!r->progress.to || r->live)
		return;
	st = engine_stats(r->engine);
	now = (struct progress_now){
		.bytes_read = r->source->progress.bytes_read,
		.bytes_total = r->source->progress.bytes_total,
		.packets = st->packets,
		.calls = st->calls + st->open_calls,
	};
	progress_show(&r->progress, &now);
}

static void feed(struct run *r, struct frame *frames, size_t n)
{
	n = resume_skip(r->resume, frames, n);
	if (n)
		engine_feed(r->engine, frames, n);
}

static void loop(struct run *r)
{
	struct frame frames[BATCH];
	int n;

	while ((n = source_read(r->source, frames, BATCH)) != 0) {
		keyfile_poll(r->keyfiles, progress_clock_us());
		if (n > 0)
			feed(r, frames, (size_t)n);
		else if (n == -EAGAIN)
			engine_tick(r->engine, source_now_ns(r->source));
		else
			break;
		if (r->live && n == -EAGAIN) {
			writer_flush(r->writer);
			resume_tick(r->resume);
		} else if (r->live) {
			writer_write(r->writer);
		}
		spool_poll(r->spool);
		show_progress(r);
	}
	r->fatal = n < 0;
	/* What was written meanwhile may open what is held. */
	keyfile_poll(r->keyfiles, UINT64_MAX);
	keyfile_close(r->keyfiles);
	r->keyfiles = NULL;
	engine_end(r->engine);
}

static void summary(struct run *r, uint64_t begin_us)
{
	struct cdr *cdr = engine_summary(r->engine);

	if (!cdr)
		return;
	cdr->summary.dropped.kernel = r->source->stats.dropped_kernel;
	cdr->summary.elapsed_us = (int64_t)(progress_clock_us() - begin_us);
	writer_put(r->writer, cdr);
}

/* --- all of it --------------------------------------------------------- */

static bool start(struct run *r)
{
	if (open_source(r) || open_rules(r) || open_stores(r) ||
	    resume_open(&r->resume, r->cfg, complain, r))
		return false;
	if (open_engine(r)) {
		complain(r, "not enough memory to start");
		return false;
	}
	if (open_keys(r))
		return false;
	if (!r->cfg->quiet) {
		r->table = table_new(r->out, r->cfg->utc);
		if (!r->table)
			return false;
	}
	return resume_restore(r->resume, r->engine, r->spool);
}

static void close_all(struct run *r)
{
	table_free(r->table);
	keyfile_close(r->keyfiles);
	engine_free(r->engine);
	resume_close(r->resume, false, 0);
	writer_free(r->writer);
	store_free(r->store);
	store_free(r->feed);
	billing_rules_free(r->rules);
	spool_close(r->spool);
	source_close(r->source);
	filter_free(r->filter);
	dir_lock_drop(r->lock);
}

static enum run_status status_of(const struct run *r)
{
	if (r->fatal || r->source->faults.len || r->source->faults.lost)
		return RUN_INPUT_DAMAGED;
	if (writer_failed(r->writer) || (r->store && store_behind(r->store)) ||
	    (r->feed && store_behind(r->feed)) ||
	    (r->spool && spool_errors(r->spool)))
		return RUN_STORE_BEHIND;
	return RUN_OK;
}

static void work(struct run *r, uint64_t begin_us)
{
	struct say s = {r->out,	   r->cfg,   r->source,
			r->engine, r->spool, begin_us};

	say_live(&s);
	loop(r);
	progress_clear(&r->progress);
	spool_drain(r->spool);
	summary(r, begin_us);
	writer_close(r->writer);
	if (r->store)
		store_close(r->store);
	if (r->feed)
		store_close(r->feed);
	resume_close(r->resume, true, engine_stats(r->engine)->last_ns);
	r->resume = NULL;
	say_end(&s);
	say_faults(&s);
}

enum run_status run(const struct config *cfg, const atomic_bool *stop)
{
	struct run r = {
		.cfg = cfg,
		.stop = stop,
		.out = stdout,
		.mask = setup_mask(cfg),
	};
	enum run_status status = RUN_NOT_STARTED;
	uint64_t begin_us = progress_clock_us();

	if (cfg->json && !strcmp(cfg->json, "-"))
		r.out = stderr;
	progress_begin(&r.progress, stderr);
	if (start(&r)) {
		work(&r, begin_us);
		status = status_of(&r);
	}
	close_all(&r);
	return status;
}
