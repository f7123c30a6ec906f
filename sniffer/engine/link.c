/*
 * Owners of media and their links to flows: made, shown to signalling, let
 * go.
 */
#include <stdlib.h>

#include "sniffer/engine/engine_priv.h"

/* Flows of one owner: a flood towards an announced address knows no end. */
#define LINKS_MAX 256

static void *zeroed(struct pool *p)
{
	void *object = pool_take(p);

	if (object)
		memset(object, 0, p->size);
	return object;
}

struct owner *engine_owner_new(struct engine *e, struct call *c)
{
	struct owner *o = zeroed(&e->owner_pool);

	if (!o)
		return NULL;
	list_init(&o->links);
	o->call = c;
	if (!crew_group_new(e->crew, &o->group)) {
		pool_give(&e->owner_pool, o);
		return NULL;
	}
	list_init(&o->all);
	list_init(&o->age);
	e->owners_n++;
	if (!c) {
		list_append(&e->owners, &o->all);
		list_append(&e->waiting, &o->age);
		e->pending++;
	}
	return o;
}

void engine_owner_forget(struct engine *e, struct owner *o)
{
	list_remove(&o->age);
	e->owners_n--;
	if (!o->call) {
		list_remove(&o->all);
		e->pending -= !o->session;
		e->sessions -= o->session;
	}
	timer_stop(&e->timers, &o->timer);
	engine_journal_forget(e, o);
	signal_free(o->signal, &e->signals);
	if (o->rtc) {
		turn_forget(&e->turn, o->rtc);
		engine_keys_forget(o->rtc);
		rtc_free(o->rtc, &e->ice);
	}
	pool_give(&e->owner_pool, o);
}

void engine_owner_unused(struct engine *e, struct owner *o)
{
	if (!o || o->call || o->session || o->signal || !list_empty(&o->links))
		return;
	crew_group_drop(&o->group);
	engine_owner_forget(e, o);
}

struct owner *engine_owner_of_call(struct engine *e, struct call *c)
{
	struct owner *o = c->media;

	if (o)
		return o;
	o = engine_owner_new(e, c);
	if (!o)
		return NULL;
	memcpy(o->uid, c->uid, sizeof(o->uid));
	crew_group_keep(&o->group, o->uid);
	c->media = o;
	return o;
}

/* Signalling finds the first link of a flow only. */
static void show(struct engine *e, struct link *l)
{
	struct flow *f = l->flow;

	for (int i = 0; i < 2; i++)
		if (i == 0 || !addr_eq(flow_src(f, 0), flow_src(f, 1)))
			addr_index_insert(&e->links_at, &l->end[i].node,
					  flow_src(f, i));
}

static void hide(struct engine *e, struct link *l)
{
	addr_index_remove(&e->links_at, &l->end[0].node);
	addr_index_remove(&e->links_at, &l->end[1].node);
}

void engine_link_free(struct engine *e, struct link *l)
{
	struct eflow *ef = eflow_of(l->flow);
	struct link **at = &ef->link;

	engine_pair_media(l);
	while (*at != l)
		at = &(*at)->next;
	*at = l->next;
	if (at == &ef->link) {
		hide(e, l);
		if (ef->link)
			show(e, ef->link);
	}
	list_remove(&l->in_owner);
	l->owner->links_n--;
	e->links_n--;
	engine_share_forget(l->flow, l);
	if (!ef->link) {
		l->flow->pinned = false;
		ef->lookups = 0;
	}
	if (l->rtc) {
		map_remove(&e->ssrcs, &l->rtc->ssrc[0].node);
		map_remove(&e->ssrcs, &l->rtc->ssrc[1].node);
	}
	free(l->rtc);
	pool_give(&e->link_pool, l);
}

bool engine_link_alike(const struct link *a, const struct link *b)
{
	return addr_eq(&a->flow->key.lo, &b->flow->key.lo) &&
	       addr_eq(&a->flow->key.hi, &b->flow->key.hi);
}

void engine_unlink_all(struct engine *e, struct owner *o)
{
	list_each_safe(it, &o->links)
		engine_link_free(e, container_of(it, struct link, in_owner));
}

bool engine_owner_full(struct engine *e, const struct owner *o)
{
	if (o->links_n < LINKS_MAX)
		return false;
	counters_add(&e->counters, "media.flow_limit", 1);
	return true;
}

/* Inside of TURN the ends are those that the tap sees. */
static bool open_media(struct owner *o, const struct flow *f,
		       struct crew_flow *out)
{
	const struct turn_alloc *t = eflow_of((struct flow *)f)->inside;
	const struct addr *relayed = flow_src(f, 0), *peer = flow_dst(f, 0);
	bool up = true; /* direction 0 comes from the client */

	if (!t)
		return crew_flow_open(&o->group, out, relayed, peer);
	for (unsigned i = 0; i < t->relayed_n; i++)
		if (addr_eq(&t->relayed[i], peer))
			up = false;
	if (!t->relayed_n)
		up = addr_is_any(relayed) && !relayed->port;
	if (!crew_flow_open(&o->group, out, up ? &t->client : &t->server,
			    up ? &t->server : &t->client))
		return false;
	crew_flow_inside(&o->group, out, &t->client, up ? relayed : peer,
			 up ? peer : relayed);
	return true;
}

struct link *engine_link_new(struct engine *e, struct owner *o, struct flow *f)
{
	struct link **end = &eflow_of(f)->link;
	struct link *l = engine_owner_full(e, o) ? NULL : zeroed(&e->link_pool);

	if (!l)
		return NULL;
	if (!open_media(o, f, &l->mf)) {
		pool_give(&e->link_pool, l);
		return NULL;
	}
	l->owner = o;
	l->flow = f;
	l->end[0].link = l->end[1].link = l;
	f->pinned = o->call != NULL;
	list_append(&o->links, &l->in_owner);
	o->links_n++;
	e->links_n++;
	while (*end)
		end = &(*end)->next;
	*end = l;
	if (end == &eflow_of(f)->link)
		show(e, l);
	return l;
}

struct link *engine_link_in(const struct owner *o, const struct flow *f)
{
	if (!o)
		return NULL;
	list_each(it, &o->links)
	{
		struct link *l = container_of(it, struct link, in_owner);

		if (l->flow == f)
			return l;
	}
	return NULL;
}
