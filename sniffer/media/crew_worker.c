/* A worker: goes through the messages of its groups. */
#include "sniffer/media/crew_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sniffer/base/thread.h"

enum {
	AHEAD = 32, /* messages whose memory is asked for first */
	IDLE_MS = 10000,
};

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void close_group(const struct crew_msg *m)
{
	struct crew_close *c = m->close;

	media_group_secrets(m->group, slice_of(c->keys, c->keys_len));
	media_group_close(m->group, c->uid, c->mem, &c->result);
	if (c->keys)
		explicit_bzero(c->keys, c->keys_len);
	free(c->keys);
	c->keys = NULL;
}

static void key(const struct crew_msg *m)
{
	media_flow_key(m->flow, m->dir, m->key);
	explicit_bzero(m->key, sizeof(*m->key));
}

static void packet(const struct crew_msg *m)
{
	switch (m->op) {
	case CREW_RTP:
		media_flow_rtp(m->flow, m->dir, &m->pkt.p);
		break;
	case CREW_RTCP:
		media_flow_rtcp(m->flow, m->dir, &m->pkt.p);
		break;
	case CREW_OTHER:
		media_flow_other(m->flow, m->dir, &m->pkt.p);
		break;
	default:
		media_group_frames(m->group, m->pkt.p.frames,
				   m->pkt.p.frame_count);
	}
}

/* False: it was the last. */
static bool handle(const struct crew_msg *m)
{
	switch (m->op) {
	case CREW_RTP:
	case CREW_RTCP:
	case CREW_OTHER:
	case CREW_FRAMES:
		packet(m);
		break;
	case CREW_KEEP:
		media_group_keep(m->group, m->uid);
		break;
	case CREW_ENTER:
		media_flow_enter(m->flow);
		break;
	case CREW_INSIDE:
		media_flow_inside(m->flow, &m->inside[0], &m->inside[1],
				  &m->inside[2]);
		break;
	case CREW_DESCRIBE:
		media_flow_described(m->flow, m->dir, m->desc);
		break;
	case CREW_KEY:
		key(m);
		break;
	case CREW_EXT:
		media_flow_encrypted_ext(m->flow, m->dir, m->ext.id, m->ext.n);
		break;
	case CREW_DROP:
		media_group_drop(m->group);
		break;
	case CREW_CLOSE:
		close_group(m);
		break;
	case CREW_END:
		return false;
	}
	return true;
}

/* Nothing is changed before a message's own turn (engine/batch.c). */
static size_t look_ahead(struct crew_worker *w)
{
	const struct crew_msg *m[AHEAD];
	size_t n = 0;

	while (n < AHEAD && (m[n] = ring_ahead(w->ring, n)))
		n++;
	for (unsigned step = 0; step < MEDIA_STEPS; step++)
		for (size_t i = 0; i < n; i++)
			if (m[i]->op == CREW_RTP)
				media_flow_prefetch(m[i]->flow, m[i]->dir,
						    step);
	return n;
}

/* What it lies in is free before the message counts as done. */
static bool take(struct crew_worker *w)
{
	const struct crew_msg *m = ring_peek(w->ring);
	bool more = handle(m);

	if (m->block)
		block_drop(m->block, 1);
	free(m->heap);
	atomic_store_explicit(&w->bytes_done, m->copied, memory_order_release);
	ring_next(w->ring);
	return more;
}

void *crew_work(void *worker)
{
	struct crew_worker *w = worker;
	uint64_t since, until;
	bool more = true;
	char name[16];

	snprintf(name, sizeof(name), "media%u", w->number);
	thread_begin(name, THREAD_MEDIA);
	while (more) {
		if (!ring_wait(w->ring, IDLE_MS))
			continue;
		since = now_ns();
		while (more && ring_peek(w->ring)) {
			for (size_t n = look_ahead(w); more && n; n--)
				more = take(w);
			until = now_ns();
			atomic_fetch_add_explicit(&w->busy_ns, until - since,
						  memory_order_relaxed);
			since = until;
		}
	}
	return NULL;
}
