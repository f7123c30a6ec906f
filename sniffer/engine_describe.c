/*
 * What signalling says of a media flow, copied for the media layer: it never
 * sees a call.
 */
#include <stdio.h>

#include "sniffer/engine_priv.h"

static const struct call_claim *claim_at(const struct call *c,
					 const struct addr *a)
{
	const struct call_claim *best = NULL;

	for (const struct call_claim *k = c->claims; k; k = k->next)
		if (addr_eq(&k->addr, a) && (!best || (best->rtcp && !k->rtcp)))
			best = k;
	return best;
}

/* The newest claim of the other side for the same m-line. */
static const struct call_claim *counterpart(const struct call *c,
					    const struct call_claim *k)
{
	const struct call_claim *best = NULL;

	for (const struct call_claim *o = c->claims; o; o = o->next)
		if (o->side != k->side && o->line->index == k->line->index &&
		    o->rtcp == k->rtcp && !o->candidate &&
		    (!best || o->since_ns > best->since_ns))
			best = o;
	return best;
}

static bool has_pt(const struct media_desc *d, uint8_t pt)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->pt[i].pt == pt)
			return true;
	return false;
}

static void copy_text(char *to, size_t size, struct slice from)
{
	snprintf(to, size, "%.*s", (int)(from.len < size ? from.len : size - 1),
		 (const char *)from.p);
}

/* Payload types of one claim that are not there yet: the receiver says what
 * a number means; the sender's own list helps where it does not. */
static void add_formats(struct media_desc *d, const struct call_claim *k)
{
	for (size_t i = 0; k && i < k->line->formats_n; i++) {
		const struct desc_format *f = &k->line->formats[i];
		struct media_pt *pt = &d->pt[d->n];

		if (f->pt > 127 || !f->name.len || has_pt(d, f->pt) ||
		    d->n == MEDIA_DESC_PTS)
			continue;
		*pt = (struct media_pt){.clock_hz = f->clock_hz, .pt = f->pt};
		copy_text(pt->codec, sizeof(pt->codec), f->name);
		copy_text(pt->fmtp, sizeof(pt->fmtp), f->fmtp);
		d->n++;
	}
}

static const char *media_kind(const struct call_claim *k)
{
	static const char *const known[] = {"audio", "video", "application"};

	for (size_t i = 0; k->line->kind && i < 3; i++)
		if (!strcmp(known[i], k->line->kind))
			return known[i];
	return NULL;
}

static const char *side_name(enum call_side s)
{
	return s == CALL_CALLER ? "caller" : "callee";
}

/* What signalling says of packets from src to dst. */
static bool describe(const struct call *c, const struct addr *src,
		     const struct addr *dst, struct media_desc *d)
{
	const struct call_claim *to = claim_at(c, dst);
	const struct call_claim *from = claim_at(c, src);
	const struct call_claim *first = to ? to : from;

	if (!first)
		return false;
	if (!to)
		to = counterpart(c, from);
	if (!from)
		from = counterpart(c, to);
	*d = (struct media_desc){.media = media_kind(first)};
	d->sender = side_name(first == to ? call_other(to->side) : from->side);
	if (to && from == to)
		from = NULL;
	d->srtp = first->line->srtp ? "unknown" : NULL;
	d->ptime_ms = first->line->ptime_ms;
	copy_text(d->mid, sizeof(d->mid), first->line->mid);
	add_formats(d, to);
	add_formats(d, from);
	return true;
}

void engine_describe_link(struct link *l)
{
	const struct call *c = l->owner->call;
	struct media_desc d;

	for (unsigned dir = 0; dir < 2; dir++)
		if (describe(c, flow_src(l->flow, (int)dir),
			     flow_dst(l->flow, (int)dir), &d))
			media_flow_describe(l->mf, dir, &d);
}

void engine_describe_owner(struct owner *o)
{
	list_each(it, &o->links)
	{
		struct link *l = container_of(it, struct link, in_owner);

		if (o->call)
			engine_describe_link(l);
		else
			engine_describe_session(l, 0);
	}
}

/* Of the addresses that the call has announced. */
static int claimed_party(const struct link *l, int dir)
{
	const struct call *c = l->owner->call;
	const struct call_claim *k = claim_at(c, flow_src(l->flow, dir));

	if (k)
		return (int)k->side;
	k = claim_at(c, flow_dst(l->flow, dir));
	return k ? (int)call_other(k->side) : -1;
}

int engine_party_known(const struct link *l, int dir)
{
	const struct ice_pair *p = l->rtc ? l->rtc->pair : NULL;

	if (p)
		return p->ice->agent[dir == l->rtc->a_dir ? ICE_A : ICE_B]
			->party;
	return l->owner->call ? claimed_party(l, dir) : -1;
}

void engine_describe_session(struct link *l, int dir)
{
	bool turned = engine_party_known(l, dir) == 1;
	struct media_desc d = {.sender = turned ? "b" : "a"};

	media_flow_describe(l->mf, (unsigned)dir, &d);
	d.sender = turned ? "a" : "b";
	media_flow_describe(l->mf, (unsigned)!dir, &d);
}
