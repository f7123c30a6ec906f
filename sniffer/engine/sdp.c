/*
 * What the descriptions of both sides mean for the packets in one direction,
 * in the media layer's terms: it never sees a call.
 */
#include <stdio.h>
#include <string.h>

#include "sniffer/engine/sdp.h"
#include "sniffer/media/sdes.h"

enum {
	EXT_IDS = 16, /* encrypted elements that are named to the media */
};

static void copy_text(char *to, size_t size, struct slice from)
{
	snprintf(to, size, "%.*s", (int)(from.len < size ? from.len : size - 1),
		 (const char *)from.p);
}

/* --- lines ---------------------------------------------------------------- */

static const struct desc_line *line_of(const struct session_desc *d,
				       unsigned index)
{
	return d && index < d->lines_n ? &d->lines[index] : NULL;
}

/* Both have it in a BUNDLE, as far as both are known (RFC 9143, 7.3). */
static bool bundled(const struct sdp_sides *s, unsigned index)
{
	const struct desc_line *to = line_of(s->to, index);
	const struct desc_line *from = line_of(s->from, index);

	if ((to && (!to->bundle || to->rejected)) ||
	    (from && (!from->bundle || from->rejected)))
		return false;
	return to || from;
}

static bool same_bundle(const struct session_desc *d, unsigned x, unsigned y)
{
	const struct desc_line *a = line_of(d, x), *b = line_of(d, y);

	return !a || !b || a->bundle == b->bundle;
}

static void add_line(struct sdp_sides *s, unsigned index)
{
	if (s->lines_n < MEDIA_DESC_LINES && index <= UINT16_MAX)
		s->line[s->lines_n++] = (uint16_t)index;
}

static size_t lines_max(const struct sdp_sides *s)
{
	size_t to = s->to ? s->to->lines_n : 0;
	size_t from = s->from ? s->from->lines_n : 0;

	return to > from ? to : from;
}

void engine_sdp_line(struct sdp_sides *s, unsigned index)
{
	s->lines_n = 0;
	if (!bundled(s, index)) {
		add_line(s, index);
		return;
	}
	for (unsigned i = 0; i < lines_max(s); i++)
		if (bundled(s, i) && same_bundle(s->to, i, index) &&
		    same_bundle(s->from, i, index))
			add_line(s, i);
}

bool engine_sdp_ufrag(struct sdp_sides *s, struct slice ufrag)
{
	s->lines_n = 0;
	for (unsigned i = 0; s->from && i < s->from->lines_n; i++) {
		const struct desc_line *l = &s->from->lines[i];

		if (!slice_eq(l->ufrag, ufrag) || l->rejected)
			continue;
		if (bundled(s, i)) {
			engine_sdp_line(s, i);
			return true;
		}
		add_line(s, i);
	}
	return s->lines_n;
}

/* --- formats ------------------------------------------------------------- */

static bool same_format(const struct media_pt *pt, const struct desc_format *f)
{
	return pt->pt == f->pt && pt->clock_hz == f->clock_hz &&
	       slice_eq(slice_head(f->name, sizeof(pt->codec) - 1),
			slice_str(pt->codec));
}

static bool line_has(const struct media_desc *d, uint8_t pt, uint16_t line)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->pt[i].pt == pt && d->pt[i].lines & line)
			return true;
	return false;
}

static void add_format(struct media_desc *d, const struct desc_format *f,
		       uint16_t line)
{
	struct media_pt *pt = d->pt;

	if (f->pt > 127 || !f->name.len || line_has(d, f->pt, line))
		return;
	while (pt < d->pt + d->n && !same_format(pt, f))
		pt++;
	if (pt == d->pt + MEDIA_DESC_PTS)
		return;
	if (pt == d->pt + d->n) {
		*pt = (struct media_pt){.clock_hz = f->clock_hz, .pt = f->pt};
		copy_text(pt->codec, sizeof(pt->codec), f->name);
		copy_text(pt->fmtp, sizeof(pt->fmtp), f->fmtp);
		d->n++;
	}
	pt->lines |= line;
}

/* The receiver says what a number means; the sender's own list helps where
 * it does not. */
static void add_formats(struct media_desc *d, const struct desc_line *l,
			uint16_t line)
{
	for (size_t i = 0; l && i < l->formats_n; i++)
		add_format(d, &l->formats[i], line);
}

/* --- the sender's own ---------------------------------------------------- */

static void add_ssrcs(struct media_desc *d, const struct desc_line *l,
		      uint8_t line)
{
	for (size_t i = 0; i < l->ssrcs_n && d->ssrcs_n < MEDIA_DESC_SSRCS; i++)
		d->ssrc[d->ssrcs_n++] =
			(struct media_ssrc){.ssrc = l->ssrcs[i].ssrc,
					    .repairs = l->ssrcs[i].repairs,
					    .line = line};
}

static void add_rids(struct media_desc *d, const struct desc_line *l,
		     uint8_t line)
{
	for (size_t i = 0; i < l->rids_n && d->rids_n < MEDIA_DESC_RIDS; i++) {
		struct media_rid *r = &d->rid[d->rids_n++];

		r->line = line;
		copy_text(r->rid, sizeof(r->rid), l->rids[i]);
	}
}

/* The other side has it under another number, or in the other form: of what
 * an offer lists twice, clear and encrypted, the answer takes one (RFC 6904,
 * 4). */
static bool not_taken(const struct desc_ext *x, enum rtp_hdrext_kind kind,
		      const struct desc_line *other)
{
	bool any = false, unused;

	for (size_t i = 0; other && i < other->exts_n; i++) {
		if (rtp_hdrext_kind(other->exts[i].uri, &unused) != kind)
			continue;
		if (other->exts[i].id == x->id)
			return false;
		any = true;
	}
	return any;
}

/* RFC 8285, 7: both sides use the same numbers. */
static void add_exts(struct media_desc *d, const struct desc_line *l,
		     const struct desc_line *other)
{
	for (size_t i = 0; l && i < l->exts_n; i++) {
		const struct desc_ext *x = &l->exts[i];
		bool encrypted;
		enum rtp_hdrext_kind kind = rtp_hdrext_kind(x->uri, &encrypted);

		if (kind == RTP_HDREXT_NONE || d->ext.id[kind] || !x->id ||
		    x->id > UINT8_MAX || not_taken(x, kind, other))
			continue;
		d->ext.id[kind] = (uint8_t)x->id;
		if (encrypted)
			d->ext.encrypted |= 1u << kind;
	}
}

/* --- SRTP ---------------------------------------------------------------- */

/* The answer has one line, that of the suite for both (RFC 4568, 5.1.2). */
static const struct desc_crypto *crypto_of(const struct desc_line *from,
					   const struct desc_line *to)
{
	if (from && from->cryptos_n == 1)
		return from->cryptos;
	if (to && to->cryptos_n == 1)
		return to->cryptos;
	if (from && from->cryptos_n)
		return from->cryptos;
	return to && to->cryptos_n ? to->cryptos : NULL;
}

static void name_suite(const struct sdp_sides *s, struct sdp_meaning *out)
{
	for (size_t i = 0; i < s->lines_n && !out->d.srtp; i++) {
		const struct desc_line *to = line_of(s->to, s->line[i]);
		const struct desc_line *from = line_of(s->from, s->line[i]);
		const struct desc_crypto *c = crypto_of(from, to);

		if (!(to && to->srtp) && !(from && from->srtp))
			continue;
		out->d.srtp = c && c->suite.len ? out->suite : "unknown";
		if (c)
			copy_text(out->suite, sizeof(out->suite), c->suite);
	}
}

/* --- both together ------------------------------------------------------- */

static const char *media_kind(const struct desc_line *l)
{
	static const char *const known[] = {"audio", "video", "application"};

	for (size_t i = 0; l->kind && i < 3; i++)
		if (!strcmp(known[i], l->kind))
			return known[i];
	return NULL;
}

static void add(struct media_desc *d, const struct desc_line *to,
		const struct desc_line *from)
{
	const struct desc_line *first = to ? to : from;
	uint8_t n = (uint8_t)d->lines_n++;

	d->line[n] = (struct media_line){.media = media_kind(first),
					 .ptime_ms = first->ptime_ms};
	copy_text(d->line[n].mid, sizeof(d->line[n].mid), first->mid);
	add_formats(d, to, (uint16_t)(1u << n));
	add_formats(d, from, (uint16_t)(1u << n));
	add_exts(d, to, from);
	add_exts(d, from, to);
	if (from) {
		add_ssrcs(d, from, n);
		add_rids(d, from, n);
	}
}

void engine_sdp_meaning(const struct sdp_sides *s, struct sdp_meaning *out)
{
	media_desc_begin(&out->d);
	for (size_t i = 0; i < s->lines_n; i++) {
		const struct desc_line *to = line_of(s->to, s->line[i]);
		const struct desc_line *from = line_of(s->from, s->line[i]);

		if (to || from)
			add(&out->d, to, from);
	}
	name_suite(s, out);
}

/* --- keys ---------------------------------------------------------------- */

static void give_keys(struct counters *counters, struct crew_group *g,
		      struct crew_flow *f, unsigned dir,
		      const struct desc_crypto *c)
{
	struct media_key keys[SDES_KEYS];
	const char *fault = NULL;
	size_t n = sdes_keys(c->suite, c->key_params, c->session_params, keys,
			     SDES_KEYS, &fault);

	if (!n && fault)
		counters_add(counters, fault, 1);
	for (size_t i = 0; i < n; i++)
		crew_flow_key(g, f, dir, &keys[i]);
	explicit_bzero(keys, sizeof(keys));
}

static void name_encrypted(struct crew_group *g, struct crew_flow *f,
			   unsigned dir, const struct desc_line *l)
{
	uint8_t ids[EXT_IDS];
	size_t n = 0;

	for (size_t i = 0; i < l->exts_n && n < EXT_IDS; i++) {
		bool encrypted;

		rtp_hdrext_kind(l->exts[i].uri, &encrypted);
		if (encrypted && l->exts[i].id <= UINT8_MAX)
			ids[n++] = (uint8_t)l->exts[i].id;
	}
	if (n)
		crew_flow_encrypted_ext(g, f, dir, ids, n);
}

/* The line that the other side has taken, or that took one of its: they have
 * the same tag. NULL: it may still be any. */
static const struct desc_crypto *taken(const struct desc_line *from,
				       const struct desc_line *to)
{
	if (from->cryptos_n == 1)
		return from->cryptos;
	for (size_t i = 0; to && to->cryptos_n == 1 && i < from->cryptos_n; i++)
		if (from->cryptos[i].tag == to->cryptos[0].tag &&
		    slice_ieq(from->cryptos[i].suite, to->cryptos[0].suite))
			return &from->cryptos[i];
	return NULL;
}

void engine_sdp_keys(const struct sdp_sides *s, struct counters *counters,
		     struct crew_group *g, struct crew_flow *f, unsigned dir)
{
	for (size_t i = 0; i < s->lines_n; i++) {
		const struct desc_line *from = line_of(s->from, s->line[i]);
		const struct desc_crypto *one;

		if (!from)
			continue;
		name_encrypted(g, f, dir, from);
		one = taken(from, line_of(s->to, s->line[i]));
		if (one)
			give_keys(counters, g, f, dir, one);
		for (size_t k = 0; !one && from->cryptos && k < from->cryptos_n;
		     k++)
			give_keys(counters, g, f, dir, &from->cryptos[k]);
	}
}
