/*
 * What is open, told so that a later engine can go on with it: the messages
 * of each call as they come, and now and then what its media have come to.
 * Going on is in restore.c.
 */
#include <stdlib.h>
#include <strings.h>

#include "dissectors/sip_mask.h"
#include "sniffer/call/call_cdr.h"
#include "sniffer/call/cdr_merge.h"
#include "sniffer/engine/engine_priv.h"

/* What a restart may cost of a call's figures at most. */
#define CHECKPOINT_NS (30 * 1000000000ull)
/* Where nothing happens it is looked at less and less often. */
#define CHECKPOINT_MAX_NS (20 * CHECKPOINT_NS)

/* --- life ----------------------------------------------------------------- */

static void look_again(struct engine *e, struct owner_log *l, uint64_t now_ns,
		       uint64_t after_ns)
{
	l->pause_ns = after_ns;
	timer_set(&e->timers, &l->timer, now_ns + after_ns);
}

static void on_timer(struct timer *t, uint64_t now_ns, void *arg)
{
	struct owner_log *l = container_of(t, struct owner_log, timer);
	uint64_t pause_ns = l->pause_ns * 2;
	struct engine *e = arg;

	if (crew_group_packets(&l->owner->group) != l->told) {
		engine_journal_record(e, l->owner);
		pause_ns = CHECKPOINT_NS;
	}
	/* Nothing can happen before: a jump of years costs one look. */
	if (now_ns < e->coming_ns)
		now_ns = e->coming_ns;
	look_again(e, l, now_ns,
		   pause_ns < CHECKPOINT_MAX_NS ? pause_ns : CHECKPOINT_MAX_NS);
}

struct owner_log *engine_journal_log(struct engine *e, struct owner *o)
{
	if (o->log || !e->out.journal)
		return o->log;
	o->log = calloc(1, sizeof(*o->log));
	if (!o->log) {
		counters_add(&e->counters, "journal.no_memory", 1);
		return NULL;
	}
	o->log->owner = o;
	o->log->id = ++e->journal_ids;
	o->log->timer.fire = on_timer;
	look_again(e, o->log, e->now_ns, CHECKPOINT_NS);
	return o->log;
}

void engine_journal_forget(struct engine *e, struct owner *o)
{
	if (!o->log)
		return;
	timer_stop(&e->timers, &o->log->timer);
	cdr_free(o->log->before);
	free(o->log);
	o->log = NULL;
}

/* Where the input ends nothing is over: a later run goes on with it. */
void engine_journal_over(struct engine *e, struct owner *o,
			 const struct calls_buried *buried)
{
	if (o->log && !e->ended)
		e->out.journal->over(e->out.journal_arg, o->log->id, buried);
}

void engine_journal_merge(struct engine *e, struct owner *to,
			  struct owner *from)
{
	struct owner_log *was = from->log, *l;

	if (!was) /* it was nobody's yet */
		return;
	l = engine_journal_log(e, to);
	if (l && was->before) {
		if (l->before)
			cdr_merge_take(l->before, was->before);
		else
			l->before = was->before;
		was->before = NULL;
		if (was->before_ns > l->before_ns)
			l->before_ns = was->before_ns;
	}
	if (l) /* its name may be another now */
		look_again(e, l, e->now_ns, 0);
	engine_journal_over(e, from, NULL);
}

/* --- messages ------------------------------------------------------------- */

/* What the state of a call follows from. */
static bool essential(const struct sip_msg *m)
{
	switch (m->request ? m->method : m->cseq_method) {
	case SIP_INVITE:
	case SIP_ACK:
	case SIP_BYE:
	case SIP_CANCEL:
	case SIP_PRACK:
	case SIP_UPDATE:
		return true;
	default:
		return m->body.len != 0;
	}
}

static bool credentials(struct slice line)
{
	static const char *const names[] = {"Authorization",
					    "Proxy-Authorization"};
	struct slice name, rest;

	if (!slice_cut(line, ':', &name, &rest))
		return false;
	name = slice_trim(name);
	return slice_ieq(name, slice_str(names[0])) ||
	       slice_ieq(name, slice_str(names[1]));
}

/* Their values become x, as many as they were: lengths are reported. */
static void blank_credentials(char *text, size_t len)
{
	bool secret = false;
	size_t end;

	for (size_t at = 0; at < len; at = end) {
		const char *nl = memchr(text + at, '\n', len - at);
		size_t from = at;

		end = nl ? (size_t)(nl - text) + 1 : len;
		if (end - at <= 2 && nl) /* the body follows */
			return;
		if (text[at] != ' ' && text[at] != '\t') {
			secret = credentials(slice_of(text + at, end - at));
			while (secret && text[from++] != ':')
				;
		}
		for (; secret && from < end; from++)
			if (text[from] != '\r' && text[from] != '\n' &&
			    text[from] != ' ' && text[from] != '\t')
				text[from] = 'x';
	}
}

/* A final response or a BYE must not wait for more. */
static bool urgent(const struct sip_msg *m)
{
	return m->request ? m->method == SIP_BYE : m->status >= 200;
}

static void tell_message(struct engine *e, uint64_t id, struct slice text)
{
	const struct sip_msg *m = e->message.m;
	char *copy = NULL;

	if (m->authorization || m->truncated || mask_is_on(&e->cfg.mask)) {
		copy = malloc(text.len ? text.len : 1);
		if (!copy) {
			counters_add(&e->counters, "journal.no_memory", 1);
			return;
		}
		memcpy(copy, text.p, text.len);
		blank_credentials(copy, text.len);
		if (mask_is_on(&e->cfg.mask))
			sip_mask((uint8_t *)copy, text.len, &e->cfg.mask);
		text = slice_of(copy, text.len);
	}
	e->out.journal->message(e->out.journal_arg, id, e->message.seen, text,
				urgent(m));
	free(copy);
}

void engine_journal_message(struct engine *e, struct owner *o)
{
	size_t limit = e->cfg.calls.call_bytes, len = e->message.text.len;
	struct owner_log *l = engine_journal_log(e, o);

	if (!l || !e->message.m)
		return;
	l->heard = true;
	if (!essential(e->message.m))
		limit /= 2;
	if (limit && l->bytes + len > limit) {
		counters_add(&e->counters, "journal.message_limit", 1);
		return;
	}
	l->bytes += len;
	tell_message(e, l->id, e->message.text);
}

/* --- what media have come to ---------------------------------------------- */

static bool peek(struct owner *o, struct cdr *cdr)
{
	struct media_result r = {0};

	if (crew_group_peek(&o->group, cdr->mem, &r))
		return false;
	engine_media_result(cdr, &r);
	return true;
}

void engine_journal_record(struct engine *e, struct owner *o)
{
	struct owner_log *l = o->log;
	struct cdr *cdr = cdr_new(o->call ? CDR_CALL : CDR_SESSION);

	if (!cdr)
		goto out;
	if (o->call)
		call_cdr(o->call, e->now_ns, cdr);
	else
		engine_session_names(o, cdr);
	engine_rtc_result(e, o, cdr);
	if (!peek(o, cdr))
		goto out;
	if (!o->call)
		engine_session_start(o->first_ns, cdr);
	if (l->before)
		cdr_merge(cdr, l->before);
	l->told = crew_group_packets(&o->group);
	cdr->sensor = e->cfg.sensor;
	e->out.journal->record(e->out.journal_arg, l->id, cdr, e->now_ns);
	cdr_free(cdr);
	return;
out:
	counters_add(&e->counters, "journal.no_memory", 1);
	cdr_free(cdr);
}

static void record_call(void *arg, struct call *c)
{
	struct owner *o = c->media;

	if (o && o->log)
		engine_journal_record(arg, o);
}

void engine_journal_all(struct engine *e)
{
	calls_each(e->calls, record_call, e);
	list_each(it, &e->owners)
	{
		struct owner *o = container_of(it, struct owner, all);

		if (o->session && o->log)
			engine_journal_record(e, o);
	}
}
