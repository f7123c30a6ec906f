#include "sniffer/export/walk.h"

#include <errno.h>
#include <time.h>

#include "sniffer/export/packets.h"

#define BATCH 64

/* --- which record is it --------------------------------------------------- */

static bool is_it(const struct export_call *call, const struct cdr *cdr)
{
	if (!strcmp(cdr->uid, call->uid))
		return true;
	return cdr->kind == CDR_CALL && call->call_id.p &&
	       slice_eq(cdr->call.call_id, call->call_id);
}

/* Without a better one the record with most streams is it: the recording of
 * a session that began before. */
static bool is_better(const struct walk *w, const struct cdr *cdr)
{
	bool now = is_it(w->call, cdr);

	if (cdr->kind != CDR_CALL && cdr->kind != CDR_SESSION)
		return false;
	if (!w->cdr)
		return true;
	if (is_it(w->call, w->cdr) != now)
		return now;
	return cdr->call.streams_n > w->cdr->call.streams_n;
}

static void on_record(void *arg, struct cdr *cdr)
{
	struct walk *w = arg;

	if (!is_better(w, cdr)) {
		cdr_free(cdr);
		return;
	}
	cdr_free(w->cdr);
	w->cdr = cdr;
}

/* --- the run -------------------------------------------------------------- */

static void on_secrets(void *arg, struct slice keylog)
{
	engine_keylog(arg, keylog);
}

static struct engine *make_engine(struct walk *w, const struct walk_watch *t,
				  const struct export_job *job)
{
	struct engine_config ec = *job->engine;
	struct engine_out out = {.record = on_record,
				 .arg = w,
				 .watch = t->engine,
				 .watch_arg = t->arg};

	ec.sensor = w->call->sensor;
	ec.media.heard = t->heard;
	ec.media.heard_arg = t->arg;
	ec.media.watch = t->media;
	ec.media.watch_arg = t->arg;
	ec.media.record.what = RECORD_NONE;
	ec.keys_may_come = true;
	return engine_new(&ec, &out);
}

static bool too_late(const struct export_job *job)
{
	struct timespec t;

	if (!job->deadline_ns)
		return false;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec >
	       job->deadline_ns;
}

static void feed(struct walk *w, const struct export_job *job, struct engine *e,
		 struct source *s)
{
	struct frame frames[BATCH];
	int n;

	while (!w->cut && (n = source_read(s, frames, BATCH)) > 0) {
		if (!w->first_ns)
			w->first_ns = frames[0].ts_ns;
		w->last_ns = frames[n - 1].ts_ns;
		engine_feed(e, frames, (size_t)n);
		w->cut = too_late(job);
	}
	engine_end(e);
}

static int run(struct walk *w, struct export_job *job, struct engine *e,
	       char why[EXPORT_WHY])
{
	struct export_calls calls = {.v = (struct export_call *)w->call,
				     .n = 1};
	struct packets p;
	int err = job->keys ? job->keys(job->keys_arg, e) : 0;

	if (err) {
		snprintf(why, EXPORT_WHY, "export: the keys cannot be read");
		return err;
	}
	err = packets_open(&p, job->dir, &calls, why);
	if (err)
		return err;
	p.source->secrets = on_secrets;
	p.source->secrets_arg = e;
	p.source->stop = job->stop;
	feed(w, job, e, p.source);
	if (packets_damage(&p, why))
		export_say(job, "%s", why);
	packets_close(&p);
	return 0;
}

int walk_call(struct walk *w, struct export_job *job,
	      const struct export_call *call, const struct walk_watch *watch,
	      char why[EXPORT_WHY])
{
	struct engine *e;
	int err = -ENOMEM;

	*w = (struct walk){.call = call};
	e = make_engine(w, watch, job);
	if (e)
		err = run(w, job, e, why);
	else
		snprintf(why, EXPORT_WHY, "out of memory");
	engine_free(e);
	return err;
}

void walk_close(struct walk *w)
{
	cdr_free(w->cdr);
	*w = (struct walk){0};
}
