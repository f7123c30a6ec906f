/* Who repairs whom. */
#include "sniffer/media/stream_extra.h"

enum {
	HITS_SURE = 3,	 /* lost numbers that one stream has brought back */
	NEAR_SURE = 8,	 /* packets with a timestamp of another stream's time */
	BEHIND = 180000, /* that it may be old, ticks: 2 s of video */
	AHEAD = 27000,	 /* likewise new: probes between two frames */
};

bool stream_repairs(const struct stream *s)
{
	const struct stream_pt *pt = stream_main_pt(s);

	return (pt && codec_repairs(&pt->codec)) ||
	       (s->extra && s->extra->repair.of);
}

struct stream *stream_sibling(const struct stream *s, uint32_t ssrc)
{
	struct stream *o = s->siblings ? *s->siblings : NULL;

	while (o && o->ssrc != ssrc)
		o = o->next;
	return o;
}

bool stream_same_line(const struct stream *a, const struct stream *b)
{
	int x = stream_line_number(a), y = stream_line_number(b);

	return x < 0 || y < 0 || x == y;
}

static bool has_pt(const struct stream *s, uint8_t pt)
{
	for (uint8_t i = 0; i < s->pts_n; i++)
		if (s->pts[i].pt == pt)
			return true;
	return false;
}

/* Another stream that repairs it in the same way. */
static bool has_repair(const struct stream *of, const struct stream *by,
		       enum codec_kind kind)
{
	for (struct stream *o = *by->siblings; o; o = o->next) {
		const struct stream_pt *pt = stream_main_pt(o);

		if (o != by && o->extra && o->extra->repair.of == of && pt &&
		    pt->codec.kind == kind)
			return true;
	}
	return false;
}

/* The only one that it can be; NULL when there are several. */
static struct stream *only_one(const struct stream *s, const struct codec *c)
{
	struct stream *best = NULL;

	for (struct stream *o = *s->siblings; o; o = o->next) {
		if (o == s || !o->extra || stream_repairs(o) ||
		    !stream_same_line(s, o) ||
		    (c->inner != CODEC_NO_PT && !has_pt(o, c->inner)) ||
		    has_repair(o, s, c->kind))
			continue;
		if (best)
			return NULL;
		best = o;
	}
	return best;
}

static struct stream *by_rid(const struct stream *s, const char *rid)
{
	for (struct stream *o = *s->siblings; o; o = o->next)
		if (o != s && o->extra && stream_same_line(s, o) &&
		    !strcmp(o->extra->rid, rid))
			return o;
	return NULL;
}

/* Signalling counts most, then what packets say of themselves. */
void stream_tie(struct stream *s, const struct codec *c)
{
	struct stream_extra *x = s->extra;
	const struct desc *d = s->descs->dir[s->dir];
	const struct media_ssrc *ssrc = d ? desc_ssrc(d, s->ssrc) : NULL;

	if (x->repair.of || !s->siblings)
		return;
	if (ssrc && ssrc->repairs) {
		x->repair.of_ssrc = ssrc->repairs;
		x->repair.of = stream_sibling(s, ssrc->repairs);
	} else if (x->repaired_rid[0]) {
		x->repair.of = by_rid(s, x->repaired_rid);
	} else {
		x->repair.of = only_one(s, c);
	}
	if (x->repair.of == s)
		x->repair.of = NULL;
}

/* --- by what comes back --------------------------------------------------- */

/* Nobody says whose packets come again: the one stream that misses just the
 * numbers that are named. Numbers that are seen prove nothing, RTX probes
 * with them; those far from any stream's prove that it is no RTX. */
static void fit(struct stream *s, uint16_t number)
{
	struct stream_repair *r = &s->extra->repair;
	struct stream *hit = NULL;
	bool near = false;

	for (struct stream *o = *s->siblings; o; o = o->next) {
		uint64_t ext = seq_extend(&o->seq, number);

		if (o == s || !o->extra || o->extra->repair.of ||
		    !seq_open(&o->seq, ext) || ext > o->seq.high)
			continue;
		near = true;
		if (!seq_seen(&o->seq, ext) && (!hit || o == r->guess.maybe))
			hit = o;
	}
	if (near && !hit)
		return;
	r->guess.osn[r->guess.tries++ % STREAM_OSNS] = number;
	if (hit && r->guess.maybe != hit) {
		r->guess.maybe = hit;
		r->guess.hits = 0;
	}
	r->guess.hits += hit != NULL;
}

bool stream_tie_number(struct stream *s, uint16_t number)
{
	struct stream_repair *r = &s->extra->repair;

	if (!s->siblings)
		return false;
	fit(s, number);
	if (r->guess.hits < HITS_SURE ||
	    (uint64_t)r->guess.hits * 4 < (uint64_t)r->guess.tries * 3)
		return false;
	r->of = r->guess.maybe;
	return true;
}

/* --- by timestamps -------------------------------------------------------- */

static bool shares_pt(const struct stream *a, const struct stream *b)
{
	for (uint8_t i = 0; i < a->pts_n; i++)
		if (has_pt(b, a->pts[i].pt))
			return true;
	return false;
}

/* Timestamps begin anywhere: by chance none of two streams is within two
 * seconds of the other's. Layers of one picture may be, but have the payload
 * types of each other. */
static struct stream *of_its_time(const struct stream *s, uint32_t ts)
{
	for (struct stream *o = *s->siblings; o; o = o->next) {
		int32_t ahead;

		if (o == s || !o->extra || o->extra->repair.of ||
		    shares_pt(s, o))
			continue;
		ahead = (int32_t)(ts - o->extra->last_ts);
		if (ahead > -BEHIND && ahead < AHEAD)
			return o;
	}
	return NULL;
}

bool stream_tie_time(struct stream *s, const struct stream_arrival *a)
{
	struct stream_repair *r = &s->extra->repair;
	struct stream *o = s->siblings ? of_its_time(s, a->ts) : NULL;

	if (o && o != r->near.maybe) {
		r->near.maybe = o;
		r->near.hits = r->near.tries = 0;
	}
	r->near.tries++;
	r->near.hits += o != NULL;
	r->near.back |= a->in_order && (int32_t)(a->ts - s->extra->last_ts) < 0;
	if (!r->near.back || r->near.hits < NEAR_SURE ||
	    (uint64_t)r->near.hits * 10 < (uint64_t)r->near.tries * 9)
		return false;
	r->of = r->near.maybe;
	return true;
}
