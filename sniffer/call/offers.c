#include "sniffer/call/offers.h"

#include <stdio.h>

#include "sniffer/call/session_desc.h"

#define OFFERS_MAX 200 /* kept of one call: later ones are not listed */

#define CODEC_TEXT 64

static struct slice codec_text(const struct sdp_format *f, char buf[CODEC_TEXT])
{
	int n;

	if (!f->name.len)
		return f->text;
	n = snprintf(buf, CODEC_TEXT, "%.*s/%u",
		     (int)(f->name.len < 32 ? f->name.len : 32),
		     (const char *)f->name.p, f->clock_hz);
	return slice_of(buf, (size_t)n);
}

static struct slice *codec_texts(struct arena *mem, const struct sdp_media *m,
				 size_t *n)
{
	struct slice *v =
		arena_alloc(mem, (m->format_count + 1u) * sizeof(struct slice));
	char buf[CODEC_TEXT];

	*n = 0;
	for (size_t i = 0; v && i < m->format_count; i++)
		v[(*n)++] = arena_keep(mem, codec_text(&m->formats[i], buf));
	return v;
}

static void offered(struct arena *mem, const struct sdp *sdp,
		    const struct sdp_media *m, struct offer_media *out)
{
	out->mid = arena_keep(mem, m->mid);
	out->kind = desc_kind_name(m->kind);
	out->direction = sdp_direction_name(m->direction);
	out->port = m->port;
	out->bundle = desc_bundled(sdp, m);
	out->mux = m->rtcp_mux;
	out->rejected = m->rejected;
	out->codecs = codec_texts(mem, m, &out->codecs_n);
}

static uint64_t version_of(const struct sdp *sdp)
{
	uint64_t v;

	return slice_u64(sdp->sess_version, &v) ? v : UINT64_MAX;
}

struct offer *offers_add(struct offers *os, struct arena *mem,
			 const struct sdp *sdp, unsigned by, uint32_t key,
			 uint64_t ts_ns)
{
	struct offer *o =
		os->n < OFFERS_MAX ? arena_alloc(mem, sizeof(*o)) : NULL;

	if (!o)
		return NULL;
	o->media =
		arena_alloc(mem, (sdp->media_count + 1u) * sizeof(*o->media));
	if (!o->media)
		return NULL;
	o->time = ts_ns;
	o->by = (uint8_t)by;
	o->key = key;
	o->version = version_of(sdp);
	o->answer_version = UINT64_MAX;
	o->lite = sdp->ice_lite;
	for (; o->media_n < sdp->media_count; o->media_n++)
		offered(mem, sdp, &sdp->media[o->media_n],
			&o->media[o->media_n]);
	if (os->last)
		os->last->next = o;
	else
		os->first = o;
	os->last = o;
	os->n++;
	return o;
}

struct offer *offers_of(const struct offers *os, unsigned by, uint32_t key,
			bool any_key)
{
	struct offer *found = NULL;

	for (struct offer *o = os->first; o; o = o->next)
		if (o->by == by && (any_key || o->key == key))
			found = o;
	return found;
}

/* Answers come again and again: the same one costs no memory. */
static bool same_codecs(const struct offer_media *o, const struct sdp_media *m)
{
	char buf[CODEC_TEXT];

	if (o->negotiated_n != m->format_count)
		return false;
	for (size_t i = 0; i < o->negotiated_n; i++)
		if (!slice_eq(o->negotiated[i],
			      codec_text(&m->formats[i], buf)))
			return false;
	return true;
}

/* Of a refused line the formats mean nothing (RFC 3264, 6). */
static void negotiate(struct offer_media *o, struct arena *mem,
		      const struct sdp_media *m)
{
	if (m->rejected)
		o->negotiated_n = 0;
	else if (!same_codecs(o, m))
		o->negotiated = codec_texts(mem, m, &o->negotiated_n);
}

static void answered_line(struct offer_media *o, struct arena *mem,
			  const struct sdp *sdp, const struct sdp_media *m)
{
	o->answered = true;
	o->refused = m->rejected;
	o->answer_direction = sdp_direction_name(m->direction);
	o->answer_port = m->port;
	o->bundle_agreed = o->bundle && desc_bundled(sdp, m);
	o->mux_agreed = o->mux && m->rtcp_mux;
	negotiate(o, mem, m);
}

void offer_answered(struct offer *o, struct arena *mem, const struct sdp *sdp,
		    uint64_t ts_ns)
{
	if (o->state != OFFER_ANSWERED)
		o->answer_time = ts_ns;
	o->state = OFFER_ANSWERED;
	o->answer_version = version_of(sdp);
	o->answer_lite = sdp->ice_lite;
	for (size_t i = 0; i < o->media_n && i < sdp->media_count; i++)
		answered_line(&o->media[i], mem, sdp, &sdp->media[i]);
}

void offer_refused(struct offer *o, unsigned status)
{
	if (o->state == OFFER_PENDING)
		o->state = status == 491 ? OFFER_GLARE : OFFER_REFUSED;
}

/* --- the record -------------------------------------------------------- */

static void strings(struct arena *mem, const struct slice *v, size_t n,
		    struct cdr_strings *out)
{
	out->v = arena_alloc(mem, (n + 1) * sizeof(struct slice));
	for (size_t i = 0; out->v && i < n; i++)
		out->v[out->n++] = arena_keep(mem, v[i]);
}

static const char *agreed(const struct offer *o, bool yes)
{
	if (o->state != OFFER_ANSWERED)
		return NULL;
	return yes ? "true" : "false";
}

static void media_row(struct arena *mem, const struct offer *o,
		      const struct offer_media *m, struct cdr_offer_media *out)
{
	*out = (struct cdr_offer_media){
		.mid = arena_keep(mem, m->mid),
		.kind = m->kind,
		.port = m->port,
		.direction = m->direction,
		.bundle = m->bundle,
		.rejected = m->rejected || m->refused,
		.answer_port = m->answered ? m->answer_port : CDR_NO_U32,
		.answer_direction = m->answer_direction,
		.bundled = agreed(o, m->bundle_agreed),
		.rtcp_mux = agreed(o, m->mux_agreed),
	};
	strings(mem, m->codecs, m->codecs_n, &out->codecs);
	strings(mem, m->negotiated, m->negotiated_n, &out->negotiated);
}

static void offer_row(struct arena *mem, const struct offer *o,
		      const char *const names[2], struct cdr_offer *out)
{
	static const char *const states[] = {
		[OFFER_PENDING] = "pending",
		[OFFER_ANSWERED] = "answered",
		[OFFER_REFUSED] = "refused",
		[OFFER_GLARE] = "glare",
	};

	*out = (struct cdr_offer){
		.time = o->time,
		.by = names[o->by],
		.version = o->version,
		.answered = o->state == OFFER_ANSWERED,
		.state = states[o->state],
		.answer_time = o->answer_time,
		.answer_version = o->answer_version,
		.ice_lite = o->lite ? "true" : "false",
		.answer_ice_lite = agreed(o, o->answer_lite),
	};
	out->media = arena_alloc(mem, (o->media_n + 1) * sizeof(*out->media));
	for (; out->media && out->media_n < o->media_n; out->media_n++)
		media_row(mem, o, &o->media[out->media_n],
			  &out->media[out->media_n]);
}

void offers_result(const struct offers *os, const char *const names[2],
		   struct cdr *cdr)
{
	struct cdr_call *out = &cdr->call;

	out->offers = arena_alloc(cdr->mem, (os->n + 1) * sizeof(*out->offers));
	if (!out->offers)
		return;
	for (const struct offer *o = os->first; o; o = o->next)
		offer_row(cdr->mem, o, names, &out->offers[out->offers_n++]);
}
