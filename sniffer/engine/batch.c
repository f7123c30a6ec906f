/*
 * With thousands of calls, most of the time goes into waiting for memory:
 * each packet finds its flow and its stream where no cache has them. So a
 * batch is decoded first, and each thing that its packets will need is asked
 * for while the others are looked at. Nothing is changed before a packet's
 * own turn; a guess that proves wrong costs time only.
 */
#include "sniffer/engine/engine_priv.h"

static void find_key(struct engine *e, struct ahead *a)
{
	if (a->pkt.proto == PKT_SCTP)
		return;
	a->dir = flow_key_set(&a->key, &a->pkt, engine_realm(e, &a->pkt));
	a->hash = flow_hash(e->flows, &a->key);
	flow_prefetch_bucket(e->flows, a->hash);
}

static bool is_udp(const struct ahead *a)
{
	return a->result == DECODE_PACKET && a->pkt.proto == PKT_UDP;
}

static void find_link(const struct engine *e, struct ahead *a)
{
	struct flow *f = flow_peek(e->flows, a->hash);

	a->link = f ? eflow_of(f)->link : NULL;
	__builtin_prefetch(a->link);
}

/* What belongs to a worker is not touched: it looks ahead by itself. */
static void find_media(const struct engine *e, struct ahead *a)
{
	if (!a->link)
		return;
	__builtin_prefetch(a->link->owner);
	if (crew_workers(e->crew)) {
		a->link = NULL;
		return;
	}
	media_flow_prefetch(a->link->mf.mf, (unsigned)a->dir, 0);
}

/* Each pass uses what the one before has asked for. */
static void look_ahead(struct engine *e)
{
	struct ahead *a, *end = e->batch.v + e->batch.n;

	for (a = e->batch.v; a < end; a++)
		if (is_udp(a))
			flow_prefetch(e->flows, a->hash);
	for (a = e->batch.v; a < end; a++)
		if (is_udp(a))
			find_link(e, a);
	for (a = e->batch.v; a < end; a++)
		find_media(e, a);
	for (unsigned step = 1; step < MEDIA_STEPS; step++)
		for (a = e->batch.v; a < end; a++)
			if (a->link)
				media_flow_prefetch(a->link->mf.mf,
						    (unsigned)a->dir, step);
}

void engine_batch_run(struct engine *e)
{
	struct engine_batch *b = &e->batch;

	if (b->n > 1)
		look_ahead(e);
	for (size_t i = 0; i < b->n; i++)
		engine_take(e, &b->v[i]);
	b->n = 0;
}

/* Fragments were put together in the decoder's own memory, which the next
 * frame may overwrite; what was unpacked lies there, too. */
void engine_batch_add(struct engine *e, const struct frame *f)
{
	struct engine_batch *b = &e->batch;
	struct ahead *a = &b->v[b->n++];

	a->frame = f;
	a->link = NULL;
	a->result = decode_frame(e->decoder, f, &a->pkt);
	if (b->n == 1 || f->ts_ns > b->last_ns)
		b->last_ns = f->ts_ns;
	if (a->result == DECODE_PACKET)
		find_key(e, a);
	if (b->n == ENGINE_BATCH || (a->result == DECODE_PACKET &&
				     (a->pkt.fragmented || a->pkt.unpacked)))
		engine_batch_run(e);
}
