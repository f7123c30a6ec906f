/* Counting: what each packet adds to its stream. Timing is in
 * stream_timing.c, the end in stream_result.c. */
#include <stdlib.h>

#include "sniffer/media/stream_extra.h"
#include "sniffer/media/stream_secure.h"

#define COPY_ID_NS 100000000ull /* the same IP ID, seen at another hop */
#define COPY_NS	   5000000ull	/* no ID: only the mirror is that quick */

struct stream *stream_new(struct stream_env *env, const struct descs *descs,
			  unsigned dir, uint32_t ssrc, uint64_t now_ns)
{
	struct stream *s = pool_take(&env->streams);

	if (!s)
		return NULL;
	memset(s, 0, sizeof(*s));
	s->env = env;
	s->descs = descs;
	s->dir = (uint8_t)dir;
	s->ssrc = ssrc;
	s->serial = ++env->serials;
	s->told = env->told;
	s->first_ns = s->last_ns = now_ns;
	s->vlan = CDR_NO_U32;
	seq_init(&s->seq, s->ring);
	stream_account(s);
	stream_extra_make(s, false);
	return s;
}

void stream_account(struct stream *s)
{
	size_t now = sizeof(*s) + s->pts_n * sizeof(*s->pts) +
		     s->slices.size * sizeof(*s->slices.v) +
		     s->history_size * sizeof(*s->history) +
		     s->dtmf.size * sizeof(*s->dtmf.v) +
		     (s->rtcp ? sizeof(*s->rtcp) : 0) +
		     (s->secure ? sizeof(*s->secure) : 0) +
		     stream_extra_size(s);

	if (now == s->accounted)
		return;
	s->env->bytes += now - s->accounted;
	s->accounted = (uint32_t)now;
}

void stream_free(struct stream *s)
{
	if (!s)
		return;
	s->env->bytes -= s->accounted;
	free(s->pts);
	free(s->history);
	free(s->rtcp);
	stream_secure_free(s->secure);
	stream_extra_free(s);
	slices_free(&s->slices);
	dtmf_free(&s->dtmf);
	pool_give(&s->env->streams, s);
}

/* The row of the slices is next to certain, the number is a guess. */
void stream_prefetch(const struct stream *s, unsigned step)
{
	uint64_t ext = s->seq.high + 1;

	if (step == 0) {
		const char *hot = (const char *)s + STREAM_HOT;

		for (size_t i = 0; i < STREAM_LINES; i++)
			__builtin_prefetch(hot + i * 64, 1);
		return;
	}
	if (step > 1)
		return;
	__builtin_prefetch(&s->copies[ext % STREAM_COPIES], 1);
	__builtin_prefetch(&s->ring[ext % SEQ_WINDOW / 2], 1);
	if (s->slices.n)
		__builtin_prefetch(&s->slices.v[s->slices.n - 1].packets, 1);
}

static uint64_t load64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint64_t fold(uint64_t a, uint64_t b)
{
	unsigned __int128 m = (unsigned __int128)a * b;

	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

/* Tells copies of one datagram from packets that only share a number. Not
 * against an adversary: he could as well send the same bytes. Two chains, as
 * each waits for its multiplication. */
static uint32_t digest(struct slice s)
{
	const uint64_t k = 0x9e3779b97f4a7c15u, l = 0xd6e8feb86659fd93u;
	uint64_t a = s.len ^ k, b = l;
	const uint8_t *p = s.p;
	size_t left = s.len;

	for (; left >= 32; left -= 32, p += 32) {
		a = fold(load64(p) ^ k, load64(p + 8) ^ a);
		b = fold(load64(p + 16) ^ l, load64(p + 24) ^ b);
	}
	if (left >= 16) {
		a = fold(load64(p) ^ k, load64(p + 8) ^ a);
		left -= 16;
		p += 16;
	}
	if (left && s.len >= 16) {
		b = fold(load64(p + left - 16) ^ l, load64(p + left - 8) ^ b);
		left = 0;
	}
	for (; left; left--)
		a = (a ^ *p++) * k;
	a = fold(a ^ l, b ^ k);
	return (uint32_t)(a ^ a >> 32);
}

static void remember(struct stream *s, const struct media_pkt *p, uint16_t seq)
{
	s->copies[seq % STREAM_COPIES] = (struct stream_copy){
		p->ts_ns, digest(p->payload), seq, p->ip_id};
}

/* A further copy of a number: the mirror's, when it is the same datagram.
 * Its TTL may differ, it may have been mirrored at several hops. */
static void copy(struct stream *s, const struct media_pkt *p, uint16_t seq)
{
	const struct stream_copy *c = &s->copies[seq % STREAM_COPIES];
	struct slices_row *row;
	uint64_t age = p->ts_ns - c->ns;

	s->duplicates++;
	if (c->seq == seq && c->ip_id == p->ip_id &&
	    age < (p->ip_id ? COPY_ID_NS : COPY_NS) &&
	    c->hash == digest(p->payload))
		s->duplicates_tap++;
	row = slices_find(&s->slices, p->ts_ns);
	if (row && row->duplicates < UINT16_MAX)
		row->duplicates++;
}

/* A number became final (seq.h). */
static void number_final(void *arg, uint64_t ext, uint8_t flags)
{
	struct stream *s = arg;
	unsigned lost, runs;

	if (s->rich)
		stream_repair_final(s, ext, flags & SEQ_SEEN);
	if (flags == SEQ_ALL) {
		s->outcome.n++;
		return;
	}
	lost = outcome_put(&s->outcome, flags, &runs);
	slices_lost(&s->slices, ext, lost, runs);
	if (s->env->watch)
		stream_watch_missed(s, ext, lost, runs);
}

struct slice stream_unpad(struct stream *s, const struct rtp *rtp)
{
	struct slice plain = rtp->payload;

	if (rtp->padded && !rtp_unpad(rtp, &plain) &&
	    (s->secured || s->descs->dir[s->dir]))
		counters_add(s->env->counters, "rtp.bad_padding", 1);
	return plain;
}

/* Payload bytes on the wire: without padding where that can be read. */
static inline uint32_t payload_bytes(struct stream *s,
				     const struct media_pkt *p,
				     const struct rtp *rtp)
{
	size_t head = p->payload.len - rtp->payload.len;
	uint32_t wire =
		p->payload_wire > head ? p->payload_wire - (uint32_t)head : 0;

	if (!rtp->padded || p->payload.len < p->payload_wire ||
	    desc_secure(s->descs->dir[s->dir]))
		return wire;
	return (uint32_t)stream_unpad(s, rtp).len;
}

static void key_pressed(struct stream *s, uint64_t ts_ns, const struct rtp *rtp,
			uint32_t clock_hz)
{
	struct rtp_event e;
	struct slice plain;
	int err;

	if (!rtp_unpad(rtp, &plain) || rtp_event_parse(plain, &e) != PARSE_OK) {
		counters_add(s->env->counters, "rtp.bad_event", 1);
		return;
	}
	err = dtmf_put(&s->dtmf, ts_ns, rtp->ts, clock_hz, &e);
	if (err)
		counters_add(s->env->counters, "media.dtmf_limit", 1);
	stream_account(s);
}

void stream_read(struct stream *s, uint64_t ts_ns, const struct rtp *rtp,
		 unsigned pt)
{
	const struct codec *c = &s->pts[pt].codec;

	if (c->kind == CODEC_EVENT)
		key_pressed(s, ts_ns, rtp, c->clock_hz);
}

void stream_tell(const struct stream *s, const struct stream_arrival *a,
		 const struct rtp *rtp, struct slice plain, bool opened)
{
	struct media_payload p = {
		.serial = s->serial,
		.ts = rtp->ts,
		.ts_ns = a->ns,
		.ext = a->ext,
		.pt = rtp->pt,
		.opened = opened,
		.data = plain,
	};

	if (plain.p)
		s->env->heard(s->env->heard_arg, &p);
}

/* Boyer and Moore's vote: right whenever there is a majority. */
static void vote_dscp(struct stream *s, uint8_t dscp)
{
	if (s->dscp == dscp) {
		s->dscp_n++;
	} else if (!s->dscp_n) {
		s->dscp = dscp;
		s->dscp_n = 1;
	} else {
		s->dscp_n--;
	}
}

/* What every new packet adds, whatever its clock. */
static void count(struct stream *s, const struct media_pkt *p, uint32_t bytes)
{
	uint64_t delta = p->ts_ns > s->last_ns ? p->ts_ns - s->last_ns : 0;
	struct slices_row *row = slices_now(&s->slices, p->ts_ns);

	if (!row) {
		row = slices_at(&s->slices, p->ts_ns, s->seq.high,
				s->env->slices_max);
		stream_account(s);
	}
	if (row) {
		row->packets++;
		row->bytes += bytes;
		if ((float)delta / 1e6f > row->delta_ms_max)
			row->delta_ms_max = (float)delta / 1e6f;
	} else {
		counters_add(s->env->counters, "media.slice_limit", 1);
	}
	s->bytes += bytes;
	if (delta > s->delta_max_ns)
		s->delta_max_ns = delta;
	if (p->ts_ns > s->last_ns)
		s->last_ns = p->ts_ns;
	s->vlan = p->vlan;
	vote_dscp(s, p->dscp);
}

/* Its payload without padding, p == NULL when that is wrong. One that was cut
 * by the snap length is taken as it is. */
static struct slice payload_of(const struct media_pkt *p, const struct rtp *rtp)
{
	struct slice plain = rtp->payload;

	if (p->payload.len >= p->payload_wire && !rtp_unpad(rtp, &plain))
		return (struct slice){0};
	return plain;
}

/* What stream_put() found out, for whoever listens or watches. */
struct told {
	enum seq_what what;
	enum payload_state state;
	uint32_t bytes;
};

static __attribute__((noinline)) void tell(struct stream *s,
					   const struct media_pkt *p,
					   const struct stream_arrival *a,
					   const struct rtp *rtp,
					   const struct told *t)
{
	if (s->env->heard && t->state != PAYLOAD_CLOSED && t->what != SEQ_STRAY)
		stream_tell(s, a, rtp, payload_of(p, rtp),
			    t->state == PAYLOAD_OPENED);
	if (s->env->watch)
		stream_watch_packet(s, p, a, t->what, t->bytes);
}

/* A packet of SRTP is looked at as it is inside, if that can be had. */
static __attribute__((noinline)) enum payload_state
open_packet(struct stream *s, const struct media_pkt *p, struct rtp *rtp,
	    uint64_t ext, enum seq_what what, uint32_t *bytes)
{
	enum payload_state state = stream_open(s, p, rtp, ext, what, bytes);

	if (state == PAYLOAD_AS_IS)
		*bytes = payload_bytes(s, p, rtp);
	return state;
}

void stream_put(struct stream *s, const struct media_pkt *p,
		const struct rtp *rtp)
{
	struct stream_arrival a = {
		.ns = p->ts_ns, .ts = rtp->ts, .marker = rtp->marker};
	enum payload_state state = PAYLOAD_AS_IS;
	bool readable;
	enum seq_what what;
	struct slice plain = {0};
	struct rtp open;
	uint32_t bytes;
	int pt;

	what = seq_put(&s->seq, rtp->seq, &a.ext, number_final, s);
	if (what == SEQ_COPY) {
		copy(s, p, rtp->seq);
		return;
	}
	remember(s, p, rtp->seq);
	a.restart = what == SEQ_RESTART;
	a.in_order = what == SEQ_NEW;
	if (__builtin_expect(!s->secured, 1)) {
		bytes = payload_bytes(s, p, rtp);
	} else {
		open = *rtp;
		state = open_packet(s, p, &open, a.ext, what, &bytes);
		rtp = &open;
	}
	readable = state != PAYLOAD_CLOSED;
	count(s, p, bytes);
	if (what == SEQ_LATE)
		s->out_of_order++;
	if (s->rich) {
		if (readable)
			plain = payload_of(p, rtp);
		stream_extra_header(s, rtp, p->ts_ns, bytes, plain.p);
		if (a.restart)
			stream_repair_restart(s);
	}

	if (s->steady && rtp->pt == s->pt_type && what == SEQ_NEW) {
		a.pt = s->pt_now;
		s->pt_packets++;
		stream_time_next(s, &a);
		goto told;
	}
	pt = stream_pt_index(s, rtp->pt, rtp->payload);
	if (pt < 0)
		return;
	a.pt = (uint8_t)pt;
	s->pts[pt].packets++;
	if (readable && codec_tells(&s->pts[pt].codec))
		stream_read(s, p->ts_ns, rtp, a.pt);
	if (s->pts[pt].codec.kind != CODEC_EVENT && what != SEQ_STRAY)
		stream_time(s, &a);
	if (s->rich && what != SEQ_STRAY)
		stream_extra_payload(s, &a, rtp, plain);
told:
	if (__builtin_expect(s->told, 0))
		tell(s, p, &a, rtp, &(struct told){what, state, bytes});
}

void stream_end(struct stream *s)
{
	stream_flush(s);
	if (s->rich)
		stream_repair_end(s);
	seq_end(&s->seq, number_final, s);
	outcome_end(&s->outcome);
}
