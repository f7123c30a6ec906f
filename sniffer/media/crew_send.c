/* Messages to the workers, and the packets in them. */
#include "sniffer/media/crew_priv.h"

#include <stdlib.h>

#include "dissectors/rtp.h"

enum {
	WAIT_MS = 1000, /* then it looks again */
	ALIGN = 16,
};

/* --- waiting ---------------------------------------------------------------
 */

bool crew_done(const struct crew_worker *w, uint64_t number)
{
	return w->sent - ring_used(w->ring) >= number;
}

void crew_wait(const struct crew_worker *w, uint64_t number)
{
	size_t left = (size_t)(w->sent - number);

	while (!crew_done(w, number))
		ring_wait_room(w->ring, ring_slots(w->ring) - left, WAIT_MS);
}

/* Until half of what waits is done. */
static void wait_a_while(const struct crew_worker *w)
{
	crew_wait(w, w->sent - ring_used(w->ring) / 2);
}

/* --- messages --------------------------------------------------------------
 */

static struct crew_msg *begin(struct crew_group *g, struct crew_msg *m,
			      enum crew_op op)
{
	*m = (struct crew_msg){
		.op = op,
		.group = g->g,
		.copied = g->worker->bytes_sent,
	};
	return m;
}

struct crew_msg *crew_msg(struct crew_group *g, enum crew_op op)
{
	struct crew_msg *m;

	while (!(m = ring_slot(g->worker->ring, 0)))
		ring_wait_room(g->worker->ring, 1, WAIT_MS);
	return begin(g, m, op);
}

void crew_put(struct crew_group *g)
{
	ring_put_quiet(g->worker->ring);
	g->sent = ++g->worker->sent;
}

/* --- packets ---------------------------------------------------------------
 */

/* All that a message needs beyond its slot. */
struct need {
	size_t bytes; /* of frames, and of a payload that lies in none */
	bool apart;   /* there is one */
	bool in_block;
};

static bool lies_in(struct slice s, struct slice outer)
{
	uintptr_t at = (uintptr_t)s.p, base = (uintptr_t)outer.p;

	return at >= base && at - base <= outer.len &&
	       s.len <= outer.len - (at - base);
}

static bool in_frames(const struct media_pkt *p)
{
	for (size_t i = 0; i < p->frame_count; i++)
		if (lies_in(p->payload, p->frames[i].data))
			return true;
	return !p->payload.len;
}

static bool in_block(const struct media_pkt *p)
{
	const struct block *b = p->frame_count == 1 ? p->frames->block : NULL;

	return b && lies_in(p->frames->data, slice_of(b->data, b->size)) &&
	       in_frames(p);
}

static struct need need_of(const struct media_pkt *p)
{
	struct need n = {.in_block = in_block(p)};

	if (n.in_block)
		return n;
	n.apart = !in_frames(p);
	if (p->frame_count > 1)
		n.bytes = p->frame_count * sizeof(*p->frames);
	for (size_t i = 0; i < p->frame_count; i++)
		n.bytes += p->frames[i].data.len;
	if (n.apart)
		n.bytes += p->payload.len;
	n.bytes = (n.bytes + ALIGN - 1) / ALIGN * ALIGN;
	return n;
}

/* In one piece: what is left at the end of the ring is passed over. */
static uint64_t begins_at(const struct crew_worker *w, size_t n)
{
	size_t at = (size_t)(w->bytes_sent % w->bytes_size);

	return at + n > w->bytes_size ? w->bytes_sent + w->bytes_size - at
				      : w->bytes_sent;
}

static bool bytes_free(const struct crew_worker *w, size_t n, size_t reserve)
{
	uint64_t done =
		atomic_load_explicit(&w->bytes_done, memory_order_acquire);

	return begins_at(w, n) + n + reserve - done <= w->bytes_size;
}

/* False: there is no room, and this one cannot wait. */
static bool room(struct crew_worker *w, size_t bytes, bool media)
{
	bool waits = w->crew->wait || !media;
	size_t part = waits ? 0 : 1;
	size_t slots = part * ring_slots(w->ring) / CREW_RESERVE;
	size_t reserve = part * w->bytes_size / CREW_RESERVE;

	while (!ring_slot(w->ring, slots)) {
		if (!waits)
			return false;
		ring_wait_room(w->ring, 1, WAIT_MS);
	}
	if (bytes > CREW_COPY_MAX)
		return true;
	while (!bytes_free(w, bytes, reserve)) {
		if (!waits)
			return false;
		wait_a_while(w);
	}
	return true;
}

static uint8_t *take_bytes(struct crew_worker *w, struct crew_msg *m, size_t n)
{
	uint64_t at;

	if (n > CREW_COPY_MAX)
		return m->heap = malloc(n);
	at = begins_at(w, n);
	m->copied = w->bytes_sent = at + n;
	return w->bytes + at % w->bytes_size;
}

static uint8_t *put(uint8_t *at, struct slice *s)
{
	if (s->len)
		memcpy(at, s->p, s->len);
	s->p = at;
	return at + s->len;
}

/* The payload lies in the copies as it lay in the frames. */
static void copy_bytes(struct crew_msg *m, const struct media_pkt *p,
		       const struct need *need, uint8_t *at)
{
	struct frame *frames = &m->pkt.frame;

	if (p->frame_count > 1) {
		frames = (struct frame *)(void *)at;
		at += p->frame_count * sizeof(*frames);
	}
	for (size_t i = 0; i < p->frame_count; i++) {
		frames[i] = p->frames[i];
		frames[i].block = NULL;
		at = put(at, &frames[i].data);
		if (!need->apart && p->payload.len &&
		    lies_in(p->payload, p->frames[i].data))
			m->pkt.p.payload.p =
				frames[i].data.p +
				(p->payload.p - p->frames[i].data.p);
	}
	if (need->apart)
		put(at, &m->pkt.p.payload);
	m->pkt.p.frames = frames;
}

static bool fill(struct crew_worker *w, struct crew_msg *m,
		 const struct media_pkt *p, const struct need *need)
{
	uint8_t *at;

	m->pkt.p = *p;
	if (need->in_block) {
		m->pkt.frame = *p->frames;
		m->pkt.p.frames = &m->pkt.frame;
		m->block = p->frames->block;
		block_hold(m->block, 1);
		return true;
	}
	at = take_bytes(w, m, need->bytes);
	if (at)
		copy_bytes(m, p, need, at);
	return at;
}

static void no_memory(struct crew *c)
{
	counters_add(&c->counters, "media.no_memory", 1);
}

/* Media may find no room, counted; all else waits for it. */
static bool send(struct crew_group *g, struct media_flow *f, enum crew_op op,
		 unsigned dir, const struct media_pkt *p)
{
	struct crew_worker *w = g->worker;
	struct need need = need_of(p);
	struct crew_msg *m;

	if (!room(w, need.bytes, op != CREW_FRAMES)) {
		w->crew->dropped++;
		return false;
	}
	m = begin(g, ring_slot(w->ring, 0), op);
	m->flow = f;
	m->dir = dir;
	if (!fill(w, m, p, &need)) {
		no_memory(w->crew);
		return false;
	}
	crew_put(g);
	g->packets += op == CREW_FRAMES ? p->frame_count : 1;
	return true;
}

void crew_send_rtp(struct crew_group *g, struct crew_flow *f, unsigned dir,
		   const struct media_pkt *p)
{
	struct rtp rtp;

	if (!media_rtp_parse(p, &rtp)) {
		counters_add(&g->worker->crew->counters, "rtp.bad_header", 1);
		return;
	}
	if (!send(g, f->mf, CREW_RTP, dir, p))
		return;
	if (!g->first_ns || p->ts_ns < g->first_ns)
		g->first_ns = p->ts_ns;
	if (p->ts_ns > g->last_ns)
		g->last_ns = p->ts_ns;
	if (p->ts_ns > f->last_ns)
		f->last_ns = p->ts_ns;
}

void crew_send_rtcp(struct crew_group *g, struct crew_flow *f, unsigned dir,
		    const struct media_pkt *p)
{
	if (media_rtcp_looks(p))
		send(g, f->mf, CREW_RTCP, dir, p);
	else
		counters_add(&g->worker->crew->counters, "rtcp.bad_header", 1);
}

void crew_send_other(struct crew_group *g, struct crew_flow *f, unsigned dir,
		     const struct media_pkt *p)
{
	send(g, f->mf, CREW_OTHER, dir, p);
}

void crew_group_frames(struct crew_group *g, const struct frame *frames,
		       size_t n)
{
	const struct media_pkt p = {.frames = frames, .frame_count = n};

	if (!g->worker)
		media_group_frames(g->g, frames, n);
	else
		send(g, NULL, CREW_FRAMES, 0, &p);
}
