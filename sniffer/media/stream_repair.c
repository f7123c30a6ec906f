/* What comes back. Who repairs whom is in stream_tie.c. */
#include "sniffer/media/stream_repair.h"

#include <stdlib.h>

#include "sniffer/media/stream_extra.h"

enum {
	RED_BLOCKS = 32,
};

/* --- numbers that come back ----------------------------------------------- */

/* False when it was there already, or is no number of this time. by: who
 * brings it. Of what is read late nobody knows whether a number that is final
 * would have been lost. */
static bool bring_back(const struct stream *by, struct stream *of, uint64_t ext)
{
	struct stream_repair *r = of->extra ? &of->extra->repair : NULL;

	if (!r)
		return false;
	if (!seq_open(&of->seq, ext)) {
		r->unsure |= by->extra->repair.late;
		return false;
	}
	if (seq_seen(&of->seq, ext) || marks_has(&r->marks, ext))
		return false;
	marks_add(&r->marks, ext);
	return true;
}

void stream_repair_final(struct stream *s, uint64_t ext, bool seen)
{
	struct stream_repair *r = &s->extra->repair;

	if (!seen && marks_has(&r->marks, ext))
		r->recovered++;
	marks_remove(&r->marks, ext);
}

void stream_repair_restart(struct stream *s)
{
	s->extra->repair.marks = (struct marks){{0}};
}

void stream_repair_end(struct stream *s)
{
	struct stream_repair *r = &s->extra->repair;

	if (r->parity)
		parity_due(r->parity, &s->seq, &r->marks, true);
}

void stream_repair_free(struct stream *s)
{
	free(s->extra->repair.parity);
}

/* --- RED blocks ----------------------------------------------------------- */

struct blocks {
	unsigned n; /* redundant ones, oldest first */
	struct rtp_red v[RED_BLOCKS];
	struct rtp_red primary;
};

static bool read_blocks(struct slice plain, struct blocks *b)
{
	struct rtp_red_walk w;
	struct rtp_red one;

	if (rtp_red_begin(&w, plain) != PARSE_OK)
		return false;
	while (rtp_red_next(&w, &one)) {
		if (one.primary)
			b->primary = one;
		else if (b->n < RED_BLOCKS)
			b->v[b->n++] = one;
	}
	return true;
}

/* The codec of the primary block, which *payload becomes. */
static const struct codec *red_codec(const struct stream *s,
				     struct slice *payload, struct codec *room)
{
	struct blocks b = {.n = 0};

	if (!read_blocks(*payload, &b) ||
	    !codec_find(s->descs, s->dir, stream_line_number(s), b.primary.pt,
			s->env->g711_plc, room))
		return NULL;
	*payload = b.primary.data;
	return room;
}

/* --- RTX ------------------------------------------------------------------ */

/* The codec of the packet that came again. */
static const struct codec *original_codec(const struct stream *of,
					  const struct codec *rtx)
{
	for (uint8_t i = 0; i < of->pts_n; i++)
		if (of->pts[i].pt == rtx->inner)
			return &of->pts[i].codec;
	return of->pts_n == 1 ? &of->pts[0].codec : NULL;
}

static void again(const struct stream *s, struct stream *of,
		  const struct codec *rtx, uint32_t ts, uint16_t number,
		  struct slice payload)
{
	const struct codec *c = original_codec(of, rtx);
	struct codec room;

	if (!bring_back(s, of, seq_extend(&of->seq, number)) || !c)
		return;
	if (c->kind == CODEC_RED)
		c = red_codec(of, &payload, &room);
	if (c && c->kind == CODEC_VIDEO)
		stream_video_payload(&of->extra->video, ts, c->video, payload);
}

/* Nobody says whose packets come again. Once that is known, those that came
 * before count too. */
static void by_number(struct stream *s, uint16_t number)
{
	const struct stream_repair *r = &s->extra->repair;

	if (!stream_tie_number(s, number) || !r->of)
		return;
	for (uint32_t i = 0; i < r->guess.tries && i < STREAM_OSNS; i++)
		bring_back(s, r->of, seq_extend(&r->of->seq, r->guess.osn[i]));
}

static void on_rtx(struct stream *s, const struct codec *c,
		   const struct rtp *rtp, struct slice plain)
{
	struct stream_repair *r = &s->extra->repair;
	struct slice payload;
	uint16_t number;

	stream_tie(s, c);
	if (!plain.p)
		return;
	r->read++;
	if (rtp_rtx_parse(plain, &number, &payload) != PARSE_OK)
		return; /* padding only: a probe */
	if (!r->of && !r->of_ssrc)
		by_number(s, number);
	if (r->of)
		again(s, r->of, c, rtp->ts, number, payload);
}

/* --- parity --------------------------------------------------------------- */

static enum parse parse_parity(enum codec_kind kind, const struct rtp *rtp,
			       struct slice plain, struct rtp_fec *out)
{
	if (kind == CODEC_ULPFEC)
		return rtp_ulpfec_parse(plain, out);
	if (kind == CODEC_FLEXFEC)
		return rtp_flexfec_parse(plain, rtp->csrc, out);
	return rtp_flexfec03_parse(plain, out);
}

static void protect(const struct stream *by, struct stream *of,
		    const struct rtp_fec_set *set)
{
	struct stream_repair *r = of->extra ? &of->extra->repair : NULL;

	if (!r)
		return;
	if (!seq_open(&of->seq, seq_extend(&of->seq, set->base)))
		r->unsure |= by->extra->repair.late;
	if (!r->parity) {
		r->parity = calloc(1, sizeof(*r->parity));
		stream_account(of);
	}
	if (r->parity && !parity_put(r->parity, &of->seq, &r->marks, set))
		counters_add(of->env->counters, "media.parity_limit", 1);
}

/* of: whose numbers they are where the packet does not say. False when it
 * cannot be read. */
static bool parity(struct stream *s, struct stream *of, enum codec_kind kind,
		   const struct rtp *rtp, struct slice plain)
{
	struct rtp_fec f;

	if (parse_parity(kind, rtp, plain, &f) != PARSE_OK)
		return false;
	for (unsigned i = 0; i < f.n; i++) {
		struct stream *o =
			f.set[i].ssrc ? stream_sibling(s, f.set[i].ssrc) : of;

		if (o)
			protect(s, o, &f.set[i]);
		if (o != s && stream_repairs(s) && !s->extra->repair.of)
			s->extra->repair.of = o;
	}
	return true;
}

/* In the stream that it protects, or in one of its own. */
static void on_parity(struct stream *s, const struct codec *c,
		      const struct rtp *rtp, struct slice plain)
{
	bool apart = stream_repairs(s);

	if (apart && (c->kind == CODEC_ULPFEC || !plain.p))
		stream_tie(s, c);
	if (plain.p &&
	    parity(s, apart ? s->extra->repair.of : s, c->kind, rtp, plain))
		s->extra->repair.read++;
}

/* --- RED ------------------------------------------------------------------ */

/* How many packets ago it was sent first: by the step of the timestamps,
 * else by its place. 0 when it fits none. */
static uint32_t packets_ago(const struct stream *s, const struct blocks *b,
			    unsigned i)
{
	uint32_t step = s->ptime.n ? s->ptime.step : 0;

	if (!step)
		return b->n - i;
	return b->v[i].ts_offset % step ? 0 : b->v[i].ts_offset / step;
}

/* False when there is parity in it that cannot be read. */
static bool inner_payload(struct stream *s, const struct rtp *rtp,
			  const struct rtp_red *red)
{
	struct stream_extra *x = s->extra;
	struct codec c;

	if (!codec_find(s->descs, s->dir, stream_line_number(s), red->pt,
			s->env->g711_plc, &c))
		return true;
	if (codec_repairs(&c)) {
		x->repair.parity_inside++;
		return parity(s, s, c.kind, rtp, red->data);
	}
	if (c.kind == CODEC_AUDIO || c.kind == CODEC_VIDEO)
		x->inner = c;
	if (c.kind == CODEC_VIDEO)
		stream_video_payload(&x->video, rtp->ts, c.video, red->data);
	return true;
}

static void on_red(struct stream *s, const struct stream_arrival *a,
		   const struct rtp *rtp, struct slice plain)
{
	struct blocks b = {.n = 0};

	if (!plain.p || !read_blocks(plain, &b))
		return;
	s->extra->repair.read += inner_payload(s, rtp, &b.primary);
	for (unsigned i = 0; i < b.n; i++) {
		uint32_t ago = b.v[i].data.len ? packets_ago(s, &b, i) : 0;

		if (ago)
			bring_back(s, s, a->ext - ago);
	}
}

/* --- packets -------------------------------------------------------------- */

/* Nobody described the stream and nobody will: RTX, or not? */
static void on_unknown(struct stream *s, const struct stream_arrival *a,
		       struct slice plain)
{
	const struct desc *d = s->descs->dir[s->dir];
	struct stream_repair *r = &s->extra->repair;
	struct slice payload;
	uint16_t number;

	if (!d || !d->guess)
		return;
	if (!r->of && !r->late)
		stream_tie_time(s, a);
	if (!plain.p)
		return;
	r->read++;
	if (rtp_rtx_parse(plain, &number, &payload) != PARSE_OK)
		return;
	if (r->of)
		bring_back(s, r->of, seq_extend(&r->of->seq, number));
	else
		by_number(s, number);
}

void stream_repair_packet(struct stream *s, const struct stream_arrival *a,
			  const struct rtp *rtp, struct slice plain)
{
	const struct codec *c = &s->pts[a->pt].codec;
	struct stream_repair *r = &s->extra->repair;

	r->late = a->ns < s->last_ns;
	if (r->parity)
		parity_due(r->parity, &s->seq, &r->marks, false);
	if (c->kind == CODEC_RTX)
		on_rtx(s, c, rtp, plain);
	else if (codec_repairs(c))
		on_parity(s, c, rtp, plain);
	else if (c->kind == CODEC_RED)
		on_red(s, a, rtp, plain);
	else if (!c->name[0])
		on_unknown(s, a, plain);
}

/* --- the end -------------------------------------------------------------- */

/* Packets of its own that carry redundancy: RED, or parity beside media. */
static void count_inside(const struct stream *s, struct cdr_repair *out)
{
	for (uint8_t i = 0; i < s->pts_n; i++) {
		enum codec_kind kind = s->pts[i].codec.kind;
		uint64_t n = stream_pt_packets(s, &s->pts[i]);

		if (kind == CODEC_RED)
			out->red += n;
		else if (kind > CODEC_RTX)
			out->fec += n;
	}
}

/* True when all that this one repairs was read. */
static bool count_beside(const struct stream *by, struct cdr_repair *out)
{
	const struct stream_pt *pt = stream_main_pt(by);
	uint64_t n = seq_packets(&by->seq);

	if (pt && pt->codec.kind > CODEC_RTX)
		out->fec += n;
	else
		out->rtx += n;
	return by->extra->repair.read >= n;
}

/* It could be this one that it repairs, for all that is known. */
static bool may_repair(const struct stream *by, const struct stream *of)
{
	return stream_repairs(by) && !by->extra->repair.of &&
	       !by->extra->repair.of_ssrc && stream_same_line(by, of);
}

static void result_repaired(const struct stream *s, struct cdr_stream *out)
{
	const struct stream_repair *r = &s->extra->repair;
	struct cdr_repair *to = &out->repair;
	bool known;

	count_inside(s, to);
	known = r->read >= to->red + to->fec && !r->unsure;
	to->fec += r->parity_inside;
	for (struct stream *o = s->siblings ? *s->siblings : NULL; o;
	     o = o->next) {
		if (o == s || !o->extra)
			continue;
		if (o->extra->repair.of == s)
			known &= count_beside(o, to);
		else if (may_repair(o, s))
			known = false;
	}
	if (known || !out->lost)
		to->lost_after = out->lost - r->recovered;
	else
		to->lost_after = UINT64_MAX;
}

void stream_repair_result(const struct stream *s, struct cdr_stream *out)
{
	const struct stream_repair *r = &s->extra->repair;

	out->is_repair = stream_repairs(s);
	if (!out->is_repair) {
		result_repaired(s, out);
		return;
	}
	out->has_repairs = r->of || r->of_ssrc;
	out->repairs = r->of ? r->of->ssrc : r->of_ssrc;
}
