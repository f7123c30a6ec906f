/* RTP that nobody announced: when it becomes a session, and its record. */
#include "sniffer/call/call_cdr.h"
#include "sniffer/engine_priv.h"

/* A stream that fits: sequence numbers go on, with room for some loss and
 * reordering. */
#define WATCH_STEP_MAX 16

/* A session that was heard so shortly before the input ended goes on. */
#define STILL_UP_NS (5 * 1000000000ull)

static void name_session(struct engine *e, struct owner *o, struct link *l)
{
	const struct slice part[] = {
		SLICE("session"), e->cfg.sensor,
		slice_of(&l->flow->key, sizeof(l->flow->key))};

	ulid_make(o->uid, media_group_first_ns(o->group), part, 3);
}

static void confirm(struct engine *e, struct link *l)
{
	struct owner *o = l->owner;

	if (o->call || o->session)
		return;
	o->session = true;
	e->pending--;
	name_session(e, o, l);
	media_group_keep(o->group, o->uid);
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
		confirm(e, l);
}

/* --- the record -------------------------------------------------------- */

static void session_times(struct engine *e, struct cdr *cdr)
{
	struct cdr_call *s = &cdr->call;
	uint64_t last = 0;

	for (size_t i = 0; i < s->streams_n; i++) {
		if (!s->start || s->streams[i].first < s->start)
			s->start = s->streams[i].first;
		if (s->streams[i].last > last)
			last = s->streams[i].last;
	}
	if (e->ended && last + STILL_UP_NS > e->now_ns) {
		s->state = "active";
		cdr->partial = "end";
	} else {
		s->state = "expired";
	}
}

void engine_session_over(struct engine *e, struct owner *o)
{
	struct cdr *cdr = cdr_new(CDR_SESSION);
	struct cdr_call *s;

	if (!cdr) {
		counters_add(&e->counters, "call.no_memory", 1);
		media_group_drop(o->group);
		return;
	}
	s = &cdr->call;
	memcpy(cdr->uid, o->uid, sizeof(cdr->uid));
	s->kind = "rtp";
	s->status = s->q850 = CDR_NO_U32;
	s->pdd_us = s->setup_us = CDR_NO_US;
	s->transport = "udp";
	engine_close_media(o, cdr);
	session_times(e, cdr);
	cdr_conclude(cdr);
	engine_record(e, cdr);
}
