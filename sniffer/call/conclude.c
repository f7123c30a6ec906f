/*
 * What a record says once its streams are known: hops, sides, the end and
 * the durations.
 */
#include <stdlib.h>

#include "sniffer/call/call_cdr.h"

/* --- hops -------------------------------------------------------------- */

static bool same_name(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* One sender's media of one kind, seen again behind a relay. A relay sends
 * on from the host where the earlier hop arrived, at the same time. */
static bool follows(const struct cdr_stream *later,
		    const struct cdr_stream *earlier)
{
	return later != earlier && later->sender &&
	       same_name(later->sender, earlier->sender) &&
	       same_name(later->media, earlier->media) &&
	       later->is_repair == earlier->is_repair &&
	       later->first >= earlier->first &&
	       later->first <= earlier->last &&
	       addr_ip_eq(&later->src, &earlier->dst) &&
	       !addr_ip_eq(&later->dst, &earlier->src);
}

static uint64_t lasted(const struct cdr_stream *s)
{
	return s->last - s->first;
}

/* Both were there at once for most of the time of the longer one: else the
 * sender has moved. */
static bool side_by_side(const struct cdr_stream *a, const struct cdr_stream *b)
{
	uint64_t from = a->first > b->first ? a->first : b->first;
	uint64_t to = a->last < b->last ? a->last : b->last;
	uint64_t longer = lasted(a) > lasted(b) ? lasted(a) : lasted(b);

	return to > from && (to - from) > longer / 2;
}

/* A relay that has an address on each side breaks the chain of addresses;
 * the SSRC may go through unchanged. Behind a NAT one end stays the same. */
static bool same_source(const struct cdr_stream *later,
			const struct cdr_stream *earlier)
{
	bool src = !addr_eq(&later->src, &earlier->src);
	bool dst = !addr_eq(&later->dst, &earlier->dst);

	if (later == earlier || !later->sender ||
	    !same_name(later->sender, earlier->sender) ||
	    later->ssrc != earlier->ssrc || later->first < earlier->first ||
	    later->first > earlier->last)
		return false;
	return (src && dst) || ((src || dst) && side_by_side(later, earlier));
}

/* What goes into TURN comes out of it: the addresses tell. */
static bool through_turn(const struct cdr_stream *in,
			 const struct cdr_stream *out)
{
	const struct cdr_stream_turn *t = &in->turn, *o = &out->turn;

	if (!in->has_turn)
		return false;
	if (out->has_turn)
		return addr_eq(&t->relayed, &o->peer) &&
		       addr_eq(&t->peer, &o->relayed);
	return addr_eq(&t->relayed, &out->src) && addr_eq(&t->peer, &out->dst);
}

static bool out_of_turn(const struct cdr_stream *later,
			const struct cdr_stream *earlier)
{
	const struct cdr_stream_turn *t = &later->turn;

	if (later->ssrc != earlier->ssrc || later->first < earlier->first)
		return false;
	return through_turn(earlier, later) ||
	       (later->has_turn && addr_eq(&t->relayed, &earlier->dst) &&
		addr_eq(&t->peer, &earlier->src));
}

/* Streams come by first packet, so an earlier hop is numbered before. */
static void number_hops(struct cdr_call *call)
{
	for (size_t i = 0; i < call->streams_n; i++) {
		struct cdr_stream *s = &call->streams[i];

		s->hop = 1;
		for (size_t j = 0; j < i; j++) {
			const struct cdr_stream *e = &call->streams[j];

			if ((same_source(s, e) || follows(s, e) ||
			     out_of_turn(s, e)) &&
			    e->hop >= s->hop)
				s->hop = e->hop + 1;
		}
	}
}

/* --- sides ------------------------------------------------------------- */

static const struct cdr_stream *main_audio(const struct cdr_call *call,
					   const char *one, const char *other)
{
	const struct cdr_stream *best = NULL;

	for (size_t i = 0; i < call->streams_n; i++) {
		const struct cdr_stream *s = &call->streams[i];

		if (s->hop != 1 || !s->sender ||
		    (strcmp(s->sender, one) && strcmp(s->sender, other)) ||
		    (s->media && !strcmp(s->media, "video")) || s->is_repair)
			continue;
		if (!best || s->packets > best->packets)
			best = s;
	}
	return best;
}

static void side(struct cdr_side *out, const struct cdr_stream *s)
{
	static const double none = NAN;

	*out = (struct cdr_side){
		.packets = UINT64_MAX,
		.lost = UINT64_MAX,
		.loss_pct = none,
		.jitter_ms = {none, none},
		.mos = {none, none, none, none, NULL, NULL, false},
		.rtt_ms_mean = none,
	};
	if (!s)
		return;
	memcpy(out->stream_uid, s->stream_uid, sizeof(out->stream_uid));
	out->codec = s->codec;
	out->packets = s->packets;
	out->lost = s->lost;
	out->loss_pct = s->loss_pct;
	out->jitter_ms = s->jitter_ms;
	out->mos = s->mos;
	out->rtt_ms_mean = s->rtcp.rtt_ms_mean;
}

/* --- the end ----------------------------------------------------------- */

static uint64_t last_media(const struct cdr_call *call)
{
	uint64_t last = 0;

	for (size_t i = 0; i < call->streams_n; i++)
		if (call->streams[i].last > last)
			last = call->streams[i].last;
	return last;
}

/* Of a call that no message ended; 0 when nothing tells. */
static uint64_t silent_end(const char *state, uint64_t media_ns,
			   uint64_t any_ns)
{
	if (same_name(state, "expired") || same_name(state, "interrupted"))
		return media_ns ? media_ns : any_ns;
	return same_name(state, "unanswered") ? media_ns : 0;
}

static int by_time(const void *a, const void *b)
{
	const struct cdr_dtmf *x = a, *y = b;

	return x->time < y->time ? -1 : x->time > y->time;
}

void cdr_conclude(struct cdr *cdr)
{
	struct cdr_call *call = &cdr->call;
	uint64_t last = last_media(call);

	number_hops(call);
	side(&call->a, main_audio(call, "caller", "a"));
	side(&call->b, main_audio(call, "callee", "b"));
	if (call->dtmf_n)
		qsort(call->dtmf, call->dtmf_n, sizeof(*call->dtmf), by_time);
	if (!call->end)
		call->end = silent_end(call->state, last, cdr->last_packet);
	if (last > cdr->last_packet)
		cdr->last_packet = last;
	call->duration_us = cdr_between(call->start, call->end);
	call->connect_us = cdr_between(call->answer, call->end);
	cdr_bill(cdr);
	cdr_diagnose(cdr);
}
