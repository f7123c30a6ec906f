/* The crew, and what the core asks of a group. */
#include "sniffer/media/crew_priv.h"

#include <stdlib.h>

#include "sniffer/base/thread.h"
#include "sniffer/media/srtp.h"

/* --- beginning and end ---------------------------------------------------- */

_Static_assert(CREW_SLOTS_LIVE * sizeof(struct crew_msg) + CREW_BYTES <=
		       CREW_WORKER_BYTES,
	       "what a worker takes");

static int start(struct crew *c, unsigned i)
{
	struct crew_worker *w = &c->worker[i];
	int err;

	w->crew = c;
	w->number = i;
	w->bytes_size = CREW_BYTES;
	w->bytes = malloc(w->bytes_size);
	w->ring = ring_new(sizeof(struct crew_msg),
			   c->wait ? CREW_SLOTS : CREW_SLOTS_LIVE);
	if (!w->bytes || !w->ring)
		return -1;
	err = thread_start(&w->thread, crew_work, w);
	w->started = !err;
	return err;
}

static void stop(struct crew_worker *w)
{
	struct crew_group all = {.worker = w};

	if (w->started) {
		crew_msg(&all, CREW_END);
		crew_put(&all);
		ring_wake(w->ring);
		pthread_join(w->thread, NULL);
	}
	ring_free(w->ring);
	free(w->bytes);
}

static struct crew *crew_alloc(const struct crew_config *cc, unsigned n)
{
	struct crew *c = calloc(1, sizeof(*c) + n * sizeof(c->worker[0]));

	if (!c)
		return NULL;
	c->n = n;
	c->wait = cc->wait;
	pthread_mutex_init(&c->lock, NULL);
	c->counters.lock = &c->lock;
	return c;
}

struct crew *crew_new(const struct crew_config *cc,
		      const struct media_config *cfg,
		      const struct spool_ops *spool, void *spool_arg,
		      struct counters *counters)
{
	bool watched = cfg->heard || cfg->watch;
	unsigned n = cc->workers < CREW_MAX ? cc->workers : CREW_MAX;
	struct crew *c = crew_alloc(cc, watched ? 0 : n);
	struct media_config mc = *cfg;

	if (!c)
		return NULL;
	mc.shared = c->n > 0;
	if (c->n) /* their threads may load no library */
		srtp_begin();
	c->media = media_new(&mc, spool, spool_arg,
			     c->n ? &c->counters : counters);
	if (!c->media)
		goto fail;
	for (unsigned i = 0; i < c->n; i++)
		if (start(c, i))
			goto fail;
	return c;
fail:
	crew_free(c);
	return NULL;
}

void crew_free(struct crew *c)
{
	if (!c)
		return;
	for (unsigned i = 0; i < c->n; i++)
		stop(&c->worker[i]);
	media_free(c->media);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

unsigned crew_workers(const struct crew *c)
{
	return c->n;
}

/* --- owning --------------------------------------------------------------- */

/* From here on the group is the core's, until it sends something again. */
static void own(const struct crew_group *g)
{
	if (g->worker)
		crew_wait(g->worker, g->sent);
}

/* What it counts has changed without a message. */
static void count_again(struct crew_group *g)
{
	g->first_ns = media_group_first_ns(g->g);
	g->last_ns = media_group_last_ns(g->g);
	g->packets = media_group_packets(g->g);
}

void crew_wake(struct crew *c)
{
	for (unsigned i = 0; i < c->n; i++)
		ring_wake(c->worker[i].ring);
}

void crew_quiet(struct crew *c)
{
	crew_wake(c);
	for (unsigned i = 0; i < c->n; i++)
		crew_wait(&c->worker[i], c->worker[i].sent);
}

/* --- groups --------------------------------------------------------------- */

/* Nobody else knows it before its first message. */
bool crew_group_new(struct crew *c, struct crew_group *out)
{
	struct media_group *g = media_group_new(c->media);

	if (!g)
		return false;
	*out = (struct crew_group){.g = g};
	if (c->n)
		out->worker = &c->worker[c->next++ % c->n];
	return true;
}

void crew_group_keep(struct crew_group *g, const char uid[CDR_UID])
{
	if (!g->worker) {
		media_group_keep(g->g, uid);
		return;
	}
	memcpy(crew_msg(g, CREW_KEEP)->uid, uid, CDR_UID);
	crew_put(g);
}

void crew_group_adopt(struct crew_group *g, const char uid[CDR_UID])
{
	own(g);
	media_group_adopt(g->g, uid);
}

void crew_group_drop(struct crew_group *g)
{
	if (!g->worker) {
		media_group_drop(g->g);
	} else {
		crew_msg(g, CREW_DROP);
		crew_put(g);
	}
	g->g = NULL;
}

void crew_group_close(struct crew_group *g, struct crew_close *to)
{
	to->worker = g->worker;
	if (!g->worker) {
		media_group_secrets(g->g, slice_of(to->keys, to->keys_len));
		media_group_close(g->g, to->uid, to->mem, &to->result);
		if (to->keys)
			explicit_bzero(to->keys, to->keys_len);
		free(to->keys);
		to->keys = NULL;
	} else {
		crew_msg(g, CREW_CLOSE)->close = to;
		crew_put(g);
		to->sent = g->sent;
	}
	g->g = NULL;
}

bool crew_closed(const struct crew_close *c)
{
	return !c->worker || crew_done(c->worker, c->sent);
}

void crew_wait_closed(const struct crew_close *c)
{
	if (c->worker)
		crew_wait(c->worker, c->sent);
}

int crew_group_peek(const struct crew_group *g, struct arena *mem,
		    struct media_result *out)
{
	own(g);
	return media_group_peek(g->g, mem, out);
}

void crew_group_glance(const struct crew_group *g, struct media_side out[2])
{
	own(g);
	media_group_glance(g->g, out);
}

void crew_group_take(struct crew_group *to, struct crew_group *from)
{
	own(to);
	own(from);
	media_group_take(to->g, from->g);
	from->g = NULL;
	if (to->worker)
		count_again(to);
}

/* --- flows ---------------------------------------------------------------- */

bool crew_flow_open(struct crew_group *g, struct crew_flow *out,
		    const struct addr *a, const struct addr *b)
{
	struct media_flow *f = media_flow_make(g->g, a, b);

	if (!f)
		return false;
	*out = (struct crew_flow){.mf = f};
	if (!g->worker) {
		media_flow_enter(f);
	} else {
		crew_msg(g, CREW_ENTER)->flow = f;
		crew_put(g);
	}
	return true;
}

void crew_flow_inside(struct crew_group *g, struct crew_flow *f,
		      const struct addr *client, const struct addr *relayed,
		      const struct addr *peer)
{
	struct crew_msg *m;

	if (!g->worker) {
		media_flow_inside(f->mf, client, relayed, peer);
		return;
	}
	m = crew_msg(g, CREW_INSIDE);
	m->flow = f->mf;
	m->inside[0] = *client;
	m->inside[1] = *relayed;
	m->inside[2] = *peer;
	crew_put(g);
}

void crew_flow_describe(struct crew_group *g, struct crew_flow *f, unsigned dir,
			const struct media_desc *desc)
{
	struct crew_msg *m;

	if (!g->worker) {
		media_flow_describe(f->mf, dir, desc);
		return;
	}
	m = crew_msg(g, CREW_DESCRIBE);
	m->flow = f->mf;
	m->dir = dir;
	m->desc = desc_new(desc);
	crew_put(g);
}

void crew_flow_key(struct crew_group *g, struct crew_flow *f, unsigned dir,
		   const struct media_key *k)
{
	struct media_key *copy;
	struct crew_msg *m;

	if (!g->worker) {
		media_flow_key(f->mf, dir, k);
		return;
	}
	copy = malloc(sizeof(*copy));
	if (!copy) {
		counters_add(&g->worker->crew->counters, "media.no_memory", 1);
		return;
	}
	*copy = *k;
	m = crew_msg(g, CREW_KEY);
	m->flow = f->mf;
	m->dir = dir;
	m->key = copy;
	m->heap = copy;
	crew_put(g);
}

void crew_flow_encrypted_ext(struct crew_group *g, struct crew_flow *f,
			     unsigned dir, const uint8_t *ids, size_t n)
{
	struct crew_msg *m;

	if (!g->worker) {
		media_flow_encrypted_ext(f->mf, dir, ids, n);
		return;
	}
	m = crew_msg(g, CREW_EXT);
	m->flow = f->mf;
	m->dir = dir;
	m->ext.n = n < CREW_EXT_IDS ? n : CREW_EXT_IDS;
	memcpy(m->ext.id, ids, m->ext.n);
	crew_put(g);
}

void crew_flow_twins(struct crew_group *g, struct crew_flow *a,
		     struct crew_flow *b, bool turned)
{
	own(g);
	media_flow_twins(a->mf, b->mf, turned);
}

bool crew_flow_relay(const struct crew_group *g, const struct crew_flow *f,
		     struct media_relay *out)
{
	own(g);
	return media_flow_relay(f->mf, out);
}

void crew_flow_move(struct crew_group *from, struct crew_flow *f,
		    struct crew_group *to, bool *old_gone)
{
	own(from);
	own(to);
	media_flow_move(f->mf, to->g, old_gone);
	if (!to->worker)
		return;
	count_again(to);
	if (*old_gone)
		from->g = NULL;
	else
		count_again(from);
}

bool crew_flow_heard(const struct crew_group *g, const struct crew_flow *f,
		     unsigned dir)
{
	own(g);
	return media_flow_heard(f->mf, dir);
}

bool crew_flow_has(const struct crew_group *g, const struct crew_flow *f,
		   unsigned dir, uint32_t ssrc)
{
	own(g);
	return media_flow_has(f->mf, dir, ssrc);
}

bool crew_flow_goes_on(const struct crew_group *g, const struct crew_flow *f,
		       unsigned dir, uint32_t ssrc, uint16_t number,
		       uint64_t now_ns)
{
	own(g);
	return media_flow_goes_on(f->mf, dir, ssrc, number, now_ns);
}

/* --- all of them ---------------------------------------------------------- */

void crew_replay(struct crew *c, bool on)
{
	crew_quiet(c);
	media_replay(c->media, on);
}

size_t crew_keys_text(struct crew *c, struct slice lines, const char **why)
{
	crew_quiet(c);
	return media_keys_text(c->media, lines, why);
}

struct media_memory crew_memory(const struct crew *c)
{
	return media_memory(c->media);
}

uint64_t crew_dropped(const struct crew *c)
{
	return c->dropped;
}

void crew_counters(const struct crew *c, struct counters *to)
{
	if (c->n)
		counters_merge(to, &c->counters);
}

void crew_counters_set(struct crew *c, const struct counters *from)
{
	c->counters.len = 0;
	counters_merge(&c->counters, from);
}

bool crew_load(const struct crew *c, unsigned worker, struct crew_load *out)
{
	const struct crew_worker *w = &c->worker[worker];

	if (worker >= c->n)
		return false;
	*out = (struct crew_load){atomic_load(&w->busy_ns), ring_used(w->ring),
				  ring_slots(w->ring)};
	return true;
}
