#include "sniffer/run.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "sniffer/capture/source.h"
#include "sniffer/cdr_mask.h"
#include "sniffer/media/srtp.h"
#include "sniffer/run_hep.h"
#include "sniffer/run_keyfiles.h"
#include "sniffer/run_life.h"
#include "sniffer/run_live.h"
#include "sniffer/run_priv.h"
#include "sniffer/say.h"
#include "sniffer/setup.h"

#define BATCH 64

void run_complain(void *arg, const char *why)
{
	struct run *r = arg;

	log_line(&r->log, LEVEL_WARNING, "%s", why);
}

void say_log(struct run *r, enum log_level level, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_vline(&r->log, level, format, args);
	va_end(args);
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

/* --- the engine -------------------------------------------------------- */

static void on_record(void *arg, struct cdr *cdr)
{
	struct run *r = arg;

	billing_apply(r->rules, cdr); /* by whole numbers */
	if (mask_is_on(&r->mask))
		cdr_mask(cdr, &r->mask);
	resume_recorded(r->resume, cdr);
	if (r->live_view)
		snapshots_ended(r->live_view, cdr);
	writer_put(r->writer, cdr);
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
	if (r->live) { /* later threads may open no files and libraries */
		tzset();
		srtp_begin();
	}
	ec.workers = setup_workers(r->cfg);
	ec.wait = !r->live;
	resume_hooks(r->resume, &out);
	run_hep_watch(r, &out);
	r->engine = engine_new(&ec, &out);
	return r->engine ? 0 : -ENOMEM;
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
		life_poll(r);
		run_keyfiles_poll(r, progress_clock_us());
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
		run_live_poll(r);
	}
	r->fatal = n < 0;
	life_stopping(r);
	/* What was written meanwhile may open what is held. */
	run_keyfiles_poll(r, UINT64_MAX);
	run_keyfiles_close(r);
	engine_end(r->engine);
}

static void summary(struct run *r, uint64_t begin_us)
{
	struct cdr *cdr = engine_summary(r->engine);

	if (!cdr)
		return;
	cdr->summary.dropped.kernel = r->source->stats.dropped_kernel;
	cdr->summary.dropped.ring += r->source->stats.dropped_ring;
	cdr->summary.elapsed_us = (int64_t)(progress_clock_us() - begin_us);
	writer_put(r->writer, cdr);
}

/* --- all of it --------------------------------------------------------- */

static bool start(struct run *r)
{
	if (run_open_source(r) || run_hep_open(r) || run_open_rules(r) ||
	    run_open_outputs(r) || life_drop(r) || run_open_stores(r) ||
	    resume_open(&r->resume, r->cfg, run_complain, r))
		return false;
	writer_announce(r->writer, announce, r);
	if (open_engine(r)) {
		run_complain(r, "not enough memory to start");
		return false;
	}
	if (run_keyfiles_open(r))
		return false;
	if (!r->cfg->quiet) {
		r->table = table_new(r->out, r->cfg->utc);
		if (!r->table)
			return false;
	}
	if (!resume_restore(r->resume, r->engine, r->spool))
		return false;
	run_live_start(r);
	return true;
}

static void close_all(struct run *r)
{
	run_live_close(r);
	table_free(r->table);
	run_keyfiles_close(r);
	engine_free(r->engine);
	resume_close(r->resume, false, 0);
	writer_free(r->writer);
	store_free(r->store);
	store_free(r->feed);
	billing_rules_free(r->rules);
	spool_close(r->spool);
	source_close(r->source);
	run_hep_close(r);
	filter_free(r->filter);
	dir_lock_drop(r->lock);
	life_close(r);
}

static enum run_status status_of(const struct run *r)
{
	if (r->fatal || r->source->faults.len || r->source->faults.lost)
		return RUN_INPUT_DAMAGED;
	if (writer_failed(r->writer) || run_hep_lost(r) ||
	    (r->store && store_behind(r->store)) ||
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
	life_ready(r);
	loop(r);
	progress_clear(&r->progress);
	spool_drain(r->spool);
	summary(r, begin_us);
	writer_close(r->writer);
	if (r->store)
		store_close(r->store);
	if (r->feed)
		store_close(r->feed);
	run_hep_end(r);
	r->hasty = (r->store && store_hangs(r->store)) ||
		   (r->feed && store_hangs(r->feed));
	run_live_end(r);
	resume_close(r->resume, true, engine_stats(r->engine)->last_ns);
	r->resume = NULL;
	say_end(&s);
	say_faults(&s);
	/* Files are read, and can be looked at. */
	if (!r->live)
		run_web_wait(r->web, r->stop);
}

enum run_status run(const struct config *cfg, const struct run_env *env)
{
	struct run r = {
		.cfg = cfg,
		.stop = env->stop,
		.out = stdout,
		.mask = setup_mask(cfg),
	};
	enum run_status status = RUN_NOT_STARTED;
	uint64_t begin_us = progress_clock_us();

	if (cfg->list_interfaces)
		return run_list_interfaces(&r);
	if (cfg->json && !strcmp(cfg->json, "-"))
		r.out = stderr;
	progress_begin(&r.progress, stderr);
	log_open(&r.log, stderr, &r.progress);
	if (!life_begin(&r, env) && start(&r)) {
		work(&r, begin_us);
		status = status_of(&r);
	}
	close_all(&r);
	*env->hasty = r.hasty;
	return status;
}
