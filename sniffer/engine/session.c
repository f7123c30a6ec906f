/* RTP that nobody announced: when it becomes a session, and its record. */
#include "sniffer/call/call_cdr.h"
#include "sniffer/engine/engine_priv.h"

/* A stream that fits: sequence numbers go on, with room for some loss and
 * reordering. */
#define WATCH_STEP_MAX 16

/* A session that was heard so shortly before the input ended goes on. */
#define STILL_UP_NS (5 * 1000000000ull)

/* By the flow that proved it. */
static void name_by_flow(struct engine *e, struct owner *o,
			 const struct flow *f)
{
	const struct slice part[] = {SLICE("session"), e->cfg.sensor,
				     f ? slice_of(&f->key, sizeof(f->key))
				       : SLICE("")};
	uint64_t rtp_ns = crew_group_first_ns(&o->group);

	ulid_make(o->uid, o->first_ns ? o->first_ns : rtp_ns, part, 3);
}

/* By the ufrags of its first exchange, sorted. */
static void name_by_ice(struct engine *e, struct owner *o, const struct ice *i)
{
	struct slice a = i->agent[0]->ufrag, b = i->agent[1]->ufrag;
	size_t n = a.len < b.len ? a.len : b.len;
	int cmp = memcmp(a.p, b.p, n);
	bool turned = cmp > 0 || (cmp == 0 && a.len > b.len);
	const struct slice part[] = {SLICE("ice"), e->cfg.sensor,
				     turned ? b : a, turned ? a : b};

	ulid_make(o->uid, o->first_ns, part, 4);
}

/* By its first description: o= and, where that says nothing, the ufrag. */
static void name_by_signal(struct engine *e, struct owner *o)
{
	const struct signal *s = o->signal;
	unsigned p = s->desc[0] ? 0 : 1;
	const struct session_desc *d = s->desc[p];
	const struct slice part[] = {
		SLICE("signal"), e->cfg.sensor, s->origin[p].username,
		s->origin[p].sess_id,
		d && d->lines_n ? d->lines[0].ufrag : SLICE("")};

	ulid_make(o->uid, o->first_ns, part, 5);
}

void engine_session_confirm(struct engine *e, struct owner *o,
			    const struct flow *f)
{
	if (o->call || o->session || !engine_session_room(e, o))
		return;
	o->session = true;
	list_remove(&o->age);
	list_append(&e->silent, &o->age);
	e->pending--;
	e->sessions++;
	if (o->rtc && o->rtc->exchanges)
		name_by_ice(e, o, o->rtc->exchanges);
	else if (o->signal)
		name_by_signal(e, o);
	else
		name_by_flow(e, o, f);
	crew_group_keep(&o->group, o->uid);
	engine_journal_log(e, o);
	e->stats.rtp += o->rtp;
	o->rtp = 0;
}

/* That of the SSRC, else the one that has proved least. */
static struct rtp_watch *watch_of(struct link *l, int dir, uint32_t ssrc)
{
	struct rtp_watch *v = l->watch[dir], *least = v;

	for (size_t i = 0; i < WATCHES; i++) {
		if (v[i].run && v[i].ssrc == ssrc)
			return &v[i];
		if (v[i].run < least->run)
			least = &v[i];
	}
	*least = (struct rtp_watch){.ssrc = ssrc};
	return least;
}

/* Random bytes do not keep their SSRC and count up. */
void engine_session_watch(struct engine *e, struct link *l, int dir,
			  struct slice s)
{
	struct rtp_watch *w;
	struct rtp r;
	int16_t step;

	if (rtp_parse(s, &r) != PARSE_OK)
		return;
	w = watch_of(l, dir, r.ssrc);
	step = (int16_t)(r.seq - w->seq);
	if (w->run && step == 0)
		return; /* a duplicate proves nothing */
	if (w->run && step > -WATCH_STEP_MAX && step <= WATCH_STEP_MAX)
		w->run++;
	else
		w->run = 1;
	w->seq = r.seq;
	if (w->run >= e->cfg.session_packets)
		engine_session_confirm(e, l->owner, l->flow);
}

/* --- the record -------------------------------------------------------- */

static bool is_webrtc(const struct owner *o)
{
	return o->rtc && (o->rtc->exchanges || o->rtc->dtls || o->rtc->turns);
}

bool engine_session_is_webrtc(const struct owner *o)
{
	return is_webrtc(o) || o->signal;
}

/* Media went through relays, and all have been given back. */
static bool relays_gone(const struct cdr_call *s)
{
	bool relayed = false;

	for (size_t i = 0; i < s->turn_n; i++)
		if (s->turn[i].created && !s->turn[i].closed)
			return false;
	for (size_t i = 0; i < s->streams_n; i++)
		relayed |= s->streams[i].has_turn;
	return relayed;
}

/* How it ended, as far as something says so. */
static const char *outcome(const struct cdr_call *s)
{
	for (size_t i = 0; i < s->dtls_n; i++)
		if (s->dtls[i].finished &&
		    slice_eq(s->dtls[i].alert, SLICE("close_notify")))
			return "completed";
	for (size_t i = 0; i < s->dtls_n; i++)
		if (!strcmp(s->dtls[i].state, "failed"))
			return "failed";
	if (s->ice_n && !s->streams_n &&
	    !strcmp(s->ice[s->ice_n - 1].result, "failed"))
		return "failed";
	for (size_t i = 0; i < s->turn_n && !s->ice_n; i++)
		if (!s->turn[i].created && s->turn[i].error != CDR_NO_U32)
			return "failed";
	if (relays_gone(s))
		return "completed";
	if (s->offers_n && !s->offers[0].answered && !s->ice_n && !s->dtls_n)
		return "unanswered";
	return NULL;
}

void engine_session_start(uint64_t first_ns, struct cdr *cdr)
{
	struct cdr_call *s = &cdr->call;

	s->start = first_ns;
	for (size_t i = 0; i < s->streams_n; i++)
		if (!s->start || s->streams[i].first < s->start)
			s->start = s->streams[i].first;
}

/* Of the pair that media used; between the ends, not of a relay's client. */
static const char *transport_of(const struct cdr_call *s)
{
	for (size_t i = s->ice_n; i-- > 0;)
		for (size_t n = 0; n < s->ice[i].pairs_n; n++)
			if (s->ice[i].pairs[n].selected)
				return s->ice[i].pairs[n].transport;
	return "udp";
}

void engine_session_names(const struct owner *o, struct cdr *cdr)
{
	static const char *const sides[] = {"a", "b"};
	struct cdr_call *s = &cdr->call;

	memcpy(cdr->uid, o->uid, sizeof(cdr->uid));
	s->kind = engine_session_is_webrtc(o) ? "webrtc" : "rtp";
	if (o->signal) {
		s->signalling = o->signal->kind;
		offers_result(&o->signal->offers, sides, cdr);
	}
	s->status = s->q850 = CDR_NO_U32;
	s->pdd_us = s->setup_us = CDR_NO_US;
}

struct session_end engine_session_end(const struct engine *e,
				      const struct owner *o)
{
	return (struct session_end){.first_ns = o->first_ns,
				    .now_ns = e->now_ns,
				    .webrtc = is_webrtc(o),
				    .input_ended = e->ended};
}

void engine_session_times(const struct session_end *n, struct cdr *cdr)
{
	struct cdr_call *s = &cdr->call;
	uint64_t last = 0;

	s->transport = transport_of(s);
	engine_session_start(n->first_ns, cdr);
	for (size_t i = 0; i < s->streams_n; i++)
		if (s->streams[i].last > last)
			last = s->streams[i].last;
	if (!last && n->webrtc)
		last = cdr->last_packet;
	s->state = outcome(s);
	if (s->state) {
		s->end = cdr->last_packet;
	} else if (n->input_ended && last + STILL_UP_NS > n->now_ns) {
		s->state = "active";
		cdr->partial = "end";
	} else {
		s->state = "expired";
	}
}

void engine_session_over(struct engine *e, struct owner *o)
{
	struct cdr *cdr = cdr_new(CDR_SESSION);

	if (!cdr) {
		counters_add(&e->counters, "call.no_memory", 1);
		engine_unlink_all(e, o);
		crew_group_drop(&o->group);
		engine_journal_over(e, o, NULL);
		return;
	}
	engine_session_names(o, cdr);
	engine_rtc_result(e, o, cdr);
	engine_restored_look(e, o);
	engine_unlink_all(e, o);
	engine_ending(e, o, cdr, NULL);
}
