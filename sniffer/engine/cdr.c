#include <stdlib.h>
#include <string.h>

#include "sniffer/call/call_cdr.h"
#include "sniffer/engine/engine_priv.h"

/* The order of release is that of these numbers. */
static void number(struct engine *e, struct cdr *cdr)
{
	cdr->sensor = arena_keep(cdr->mem, e->cfg.sensor);
	cdr->number = ++e->numbers;
}

void engine_stamp(struct engine *e, struct cdr *cdr)
{
	number(e, cdr);
	switch (cdr->kind) {
	case CDR_CALL:
		e->stats.calls++;
		e->stats.answered += cdr->call.answer != 0;
		break;
	case CDR_SESSION:
		e->stats.sessions++;
		e->stats.webrtc += !strcmp(cdr->call.kind, "webrtc");
		break;
	case CDR_REGISTRATION:
		e->stats.registrations++;
		break;
	case CDR_TRANSACTION:
		e->stats.transactions++;
		break;
	case CDR_SUMMARY:
		break;
	}
}

void engine_hand_out(struct engine *e, struct cdr *cdr)
{
	e->out.record(e->out.arg, cdr);
}

/* --- media results ----------------------------------------------------- */

static void merge_dtmf(struct cdr *cdr, const struct media_result *r)
{
	struct cdr_call *call = &cdr->call;
	size_t n = call->dtmf_n + r->dtmf_n;
	struct cdr_dtmf *all;

	if (!r->dtmf_n)
		return;
	all = arena_alloc(cdr->mem, n * sizeof(*all));
	if (!all)
		return;
	if (call->dtmf_n)
		memcpy(all, call->dtmf, call->dtmf_n * sizeof(*all));
	memcpy(all + call->dtmf_n, r->dtmf, r->dtmf_n * sizeof(*all));
	call->dtmf = all;
	call->dtmf_n = n;
}

void engine_media_result(struct cdr *cdr, const struct media_result *r)
{
	cdr->call.streams = r->streams;
	cdr->call.streams_n = r->streams_n;
	cdr->call.pcap = r->pcap;
	engine_keys_proved(&cdr->call);
	merge_dtmf(cdr, r);
	cdr->packets += r->packets;
	if (r->last_packet > cdr->last_packet)
		cdr->last_packet = r->last_packet;
}

/* --- calls ------------------------------------------------------------- */

static void on_message(void *arg, struct call *c)
{
	struct engine *e = arg;
	struct owner *o = engine_owner_of_call(e, c);

	if (!o)
		return;
	crew_group_frames(&o->group, e->frames, e->frame_count);
	if (e->replaying) {
		engine_restore_heard(e, o);
		return;
	}
	engine_journal_message(e, o);
	engine_watch_message(e, c);
}

static void on_described(void *arg, struct call *c, enum call_side by,
			 const struct sdp *sdp, bool offer, bool fragment)
{
	struct engine *e = arg;
	struct owner *o = c->media;

	if (fragment) {
		if (o && o->rtc)
			engine_rtc_fragment(e, o, by, sdp);
		return;
	}
	o = engine_owner_of_call(e, c);
	if (o)
		engine_rtc_describe(e, o, by, sdp, offer);
}

static void on_claimed(void *arg, struct call *c)
{
	engine_media_claimed(arg, c);
}

static uint64_t last_media(void *arg, struct call *c)
{
	const struct owner *o = c->media;
	uint64_t now_ns, before_ns;

	(void)arg;
	if (!o)
		return 0;
	now_ns = crew_group_last_ns(&o->group);
	before_ns = engine_restored_media_ns(o);
	return now_ns > before_ns ? now_ns : before_ns;
}

/* cdr is NULL when there is none: what the group found is lost. kept: nobody
 * hands it out yet, and it is complete on return. */
static void let_go(struct engine *e, struct owner *o, struct cdr *cdr,
		   bool kept)
{
	struct calls_buried buried = calls_epitaph(o->call, e->now_ns);

	if (cdr)
		engine_rtc_result(e, o, cdr);
	engine_restored_look(e, o);
	engine_unlink_all(e, o);
	if (cdr && kept) {
		engine_ending_kept(e, o, cdr, &buried);
	} else if (cdr) {
		engine_ending(e, o, cdr, &buried);
	} else {
		crew_group_drop(&o->group);
		engine_journal_over(e, o, &buried);
	}
	engine_owner_forget(e, o);
}

/* But for what its media came to. NULL without memory. */
static struct cdr *call_result(struct engine *e, struct call *c)
{
	struct cdr *cdr = cdr_new(CDR_CALL);

	if (cdr)
		call_cdr(c, e->now_ns, cdr);
	else
		counters_add(&e->counters, "call.no_memory", 1);
	return cdr;
}

static void on_over(void *arg, struct call *c)
{
	struct engine *e = arg;
	struct cdr *cdr = call_result(e, c);
	bool media = c->media != NULL;

	if (media)
		let_go(e, c->media, cdr, false);
	c->media = NULL;
	if (media || !cdr)
		return;
	cdr_conclude(cdr);
	engine_record(e, cdr);
}

static struct cdr *on_given_up(void *arg, struct call *c, bool wanted)
{
	struct engine *e = arg;
	struct cdr *cdr = wanted ? call_result(e, c) : NULL;

	if (c->media)
		let_go(e, c->media, cdr, true);
	else if (cdr)
		cdr_conclude(cdr);
	c->media = NULL;
	return cdr;
}

static void on_record(void *arg, struct cdr *cdr)
{
	engine_record(arg, cdr);
}

const struct calls_ops engine_calls_ops = {
	.message = on_message,
	.described = on_described,
	.claimed = on_claimed,
	.last_media = last_media,
	.over = on_over,
	.record = on_record,
	.given_up = on_given_up,
};

/* --- the summary ------------------------------------------------------- */

const char *const engine_limits[] = {
	"call.limit",	      "flow.limit",
	"media.flow_limit",   "media.pending_limit",
	"media.stream_limit", "registration.limit",
	"transaction.limit",  NULL,
};

uint64_t engine_turned_away(struct engine *e)
{
	const struct counters *c = engine_counters(e);
	uint64_t n = 0;

	for (const char *const *name = engine_limits; *name; name++)
		n += counters_get(c, *name);
	return n;
}

struct cdr *engine_summary(struct engine *e)
{
	const struct engine_stats *st = engine_stats(e);
	const struct decode_stats *ds = engine_decode_stats(e);
	struct cdr *cdr = cdr_new(CDR_SUMMARY);
	const struct slice part[] = {SLICE("summary"), e->cfg.sensor};

	if (!cdr)
		return NULL;
	ulid_make(cdr->uid, st->first_ns, part, 2);
	cdr->last_packet = st->last_ns;
	cdr->packets = st->packets;
	cdr->summary = (struct cdr_summary){
		.packets = st->packets,
		.bytes = st->bytes,
		.first = st->first_ns,
		.last = st->last_ns,
		.decoded = ds->decoded,
		.ip_fragments = ds->ip_fragments,
		.sip = st->sip,
		.rtp = st->rtp,
		.rtcp = st->rtcp,
		.stun = st->stun,
		.turn = st->turn,
		.dtls = st->dtls,
		.other = st->other,
		.calls = st->calls,
		.sessions = st->sessions,
		.registrations = st->registrations,
		.sip_transactions = st->transactions,
		.dropped = {.ring = st->dropped_ring,
			    .limit = engine_turned_away(e)},
		.malformed = *engine_counters(e),
	};
	counters_sort(&cdr->summary.malformed);
	number(e, cdr);
	return cdr;
}
