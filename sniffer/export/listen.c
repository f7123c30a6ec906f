#include "sniffer/export/listen.h"

#include <errno.h>
#include <stdlib.h>

#include "sniffer/export/packets.h"

#define BATCH	    64
#define STREAMS_MAX 65536

static struct heard *heard_of(struct listen *l, uint32_t serial)
{
	size_t size = l->n ? l->n : 16;
	struct heard *v;

	if (serial == 0 || serial > STREAMS_MAX)
		return NULL;
	while (size < serial)
		size *= 2;
	if (size > l->n) {
		v = realloc(l->v, size * sizeof(*v));
		if (!v)
			return NULL;
		memset(v + l->n, 0, (size - l->n) * sizeof(*v));
		l->v = v;
		l->n = size;
	}
	return &l->v[serial - 1];
}

static void on_payload(void *arg, const struct media_payload *p)
{
	struct listen *l = arg;
	struct heard *h = heard_of(l, p->serial);
	size_t size = sizeof(struct heard_payload) + p->data.len;
	struct heard_payload *kept = NULL;

	if (!p->data.len) /* cut when it was recorded */
		return;
	if (h && p->data.len <= UINT16_MAX &&
	    l->bytes + size <= LISTEN_BYTES_MAX)
		kept = arena_alloc(l->mem, size);
	if (!kept) {
		l->left_out++;
		return;
	}
	kept->ts_ns = p->ts_ns;
	kept->ext = p->ext;
	kept->ts = p->ts;
	kept->pt = p->pt;
	kept->opened = p->opened;
	kept->len = (uint16_t)p->data.len;
	memcpy(kept->data, p->data.p, p->data.len);
	l->bytes += size;
	if (h->n++)
		h->last->next = kept;
	else
		h->first = kept;
	h->last = kept;
}

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
static bool is_better(const struct listen *l, const struct cdr *cdr)
{
	bool now = is_it(l->call, cdr);

	if (cdr->kind != CDR_CALL && cdr->kind != CDR_SESSION)
		return false;
	if (!l->cdr)
		return true;
	if (is_it(l->call, l->cdr) != now)
		return now;
	return cdr->call.streams_n > l->cdr->call.streams_n;
}

static void on_record(void *arg, struct cdr *cdr)
{
	struct listen *l = arg;

	if (!is_better(l, cdr)) {
		cdr_free(cdr);
		return;
	}
	cdr_free(l->cdr);
	l->cdr = cdr;
}

/* --- the run -------------------------------------------------------------- */

static void on_secrets(void *arg, struct slice keylog)
{
	engine_keylog(arg, keylog);
}

static struct engine *make_engine(struct listen *l, struct export_job *job)
{
	struct engine_config ec = *job->engine;
	struct engine_out out = {.record = on_record, .arg = l};

	ec.sensor = l->call->sensor;
	ec.media.heard = on_payload;
	ec.media.heard_arg = l;
	ec.media.record.what = RECORD_NONE;
	ec.keys_may_come = true;
	return engine_new(&ec, &out);
}

static void feed(struct engine *e, struct source *s)
{
	struct frame frames[BATCH];
	int n;

	while ((n = source_read(s, frames, BATCH)) > 0)
		engine_feed(e, frames, (size_t)n);
	engine_end(e);
}

static int run(struct listen *l, struct export_job *job, struct engine *e,
	       char why[EXPORT_WHY])
{
	struct export_calls calls = {.v = (struct export_call *)l->call,
				     .n = 1};
	struct packets p;
	int err = job->keys(job->keys_arg, e);

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
	feed(e, p.source);
	if (packets_damage(&p, why))
		export_say(job, "%s", why);
	packets_close(&p);
	return 0;
}

int listen_to(struct listen *l, struct export_job *job,
	      const struct export_call *call, char why[EXPORT_WHY])
{
	struct engine *e = NULL;
	int err = -ENOMEM;

	*l = (struct listen){.mem = arena_new(65536, 0), .call = call};
	if (l->mem)
		e = make_engine(l, job);
	if (e)
		err = run(l, job, e, why);
	else
		snprintf(why, EXPORT_WHY, "out of memory");
	engine_free(e);
	return err;
}

void listen_close(struct listen *l)
{
	cdr_free(l->cdr);
	arena_free(l->mem);
	free(l->v);
	*l = (struct listen){0};
}

const struct heard *listen_stream(const struct listen *l,
				  const struct cdr_stream *s)
{
	if (!s->serial || s->serial > l->n || !l->v[s->serial - 1].n)
		return NULL;
	return &l->v[s->serial - 1];
}
