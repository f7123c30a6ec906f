#include "sniffer/call/signal.h"

#include <stdlib.h>

#include "sniffer/base/list.h"

#define ARENA_FIRST 2048
#define ARENA_MAX   (512 * 1024)
#define GLARE	    491 /* as SIP says it */

int signal_table_init(struct signal_table *t, struct seed seed)
{
	t->seed = seed;
	if (map_init(&t->hosts, 64))
		return -1;
	return map_init(&t->origins, 64);
}

void signal_table_close(struct signal_table *t)
{
	map_close(&t->origins);
	map_close(&t->hosts);
}

struct signal *signal_new(const char *kind, uint64_t ts_ns)
{
	struct arena *mem = arena_new(ARENA_FIRST, ARENA_MAX);
	struct signal *s = mem ? arena_alloc(mem, sizeof(*s)) : NULL;

	if (!s) {
		arena_free(mem);
		return NULL;
	}
	s->mem = mem;
	s->kind = kind;
	s->first_ns = s->last_ns = ts_ns;
	s->origin[0].signal = s->origin[1].signal = s;
	return s;
}

static void leave(struct signal *s, struct signal_table *t)
{
	for (unsigned p = 0; p < 2; p++) {
		map_remove(&t->origins, &s->origin[p].node);
		map_remove(&t->hosts, &s->origin[p].by_host);
	}
}

void signal_free(struct signal *s, struct signal_table *t)
{
	if (!s)
		return;
	leave(s, t);
	arena_free(s->mem);
}

/* --- origins ----------------------------------------------------------- */

static uint64_t hash_of(const struct signal_table *t, struct slice username,
			struct slice sess_id)
{
	return seed_hash(&t->seed, sess_id.p, sess_id.len) ^
	       seed_hash(&t->seed, username.p, username.len);
}

/* Some say "0" or "1" always: that names nobody. */
static bool names_somebody(const struct sdp *sdp)
{
	return sdp->sess_id.len >= 6;
}

struct signal *signal_find(const struct signal_table *t, const struct sdp *sdp,
			   unsigned *party)
{
	struct map_node *n;

	if (!names_somebody(sdp))
		return NULL;
	n = map_first(&t->origins, hash_of(t, sdp->username, sdp->sess_id));
	for (; n; n = map_next(n)) {
		struct signal_origin *o =
			container_of(n, struct signal_origin, node);

		if (!slice_eq(o->sess_id, sdp->sess_id) ||
		    !slice_eq(o->username, sdp->username))
			continue;
		*party = o == &o->signal->origin[1];
		return o->signal;
	}
	return NULL;
}

static void show_origin(struct signal_table *t, struct signal_origin *o)
{
	if (o->sess_id.len)
		map_insert(&t->origins, &o->node,
			   hash_of(t, o->username, o->sess_id));
}

static void take_origin(struct signal *s, struct signal_table *t,
			unsigned party, const struct sdp *sdp)
{
	struct signal_origin *o = &s->origin[party];

	if (!names_somebody(sdp) || (slice_eq(o->sess_id, sdp->sess_id) &&
				     slice_eq(o->username, sdp->username)))
		return;
	map_remove(&t->origins, &o->node);
	o->username = arena_keep(s->mem, sdp->username);
	o->sess_id = arena_keep(s->mem, sdp->sess_id);
	show_origin(t, o);
}

/* --- hosts -------------------------------------------------------------- */

static uint64_t hash_host(const struct signal_table *t, const struct addr *a)
{
	return seed_hash(&t->seed, a->ip, sizeof(a->ip));
}

static void show_host(struct signal_table *t, struct signal_origin *o)
{
	if (o->host.port)
		map_insert(&t->hosts, &o->by_host, hash_host(t, &o->host));
}

void signal_host(struct signal *s, struct signal_table *t, unsigned party,
		 const struct addr *host, uint64_t ts_ns)
{
	struct signal_origin *o = &s->origin[party];

	o->host_ns = ts_ns;
	if (o->host.port)
		return;
	o->host = *host;
	show_host(t, o);
}

struct signal *signal_of_host(const struct signal_table *t,
			      const struct addr *host, uint64_t since_ns)
{
	struct map_node *n = map_first(&t->hosts, hash_host(t, host));
	struct signal *found = NULL;

	for (unsigned left = 64; n && left; n = map_next(n), left--) {
		struct signal_origin *o =
			container_of(n, struct signal_origin, by_host);

		if (!addr_ip_eq(&o->host, host) || o->host_ns < since_ns ||
		    o->signal == found)
			continue;
		if (found)
			return NULL;
		found = o->signal;
	}
	return found;
}

/* --- descriptions ------------------------------------------------------ */

/* A copy on its way to the other party is no offer of its own. */
static bool listed(const struct signal *s, unsigned party,
		   const struct session_desc *before,
		   const struct session_desc *now)
{
	return before == now && offers_of(&s->offers, party, 0, true);
}

static void list_answer(struct signal *s, unsigned party, const struct sdp *sdp,
			bool again, uint64_t ts_ns)
{
	struct offer *o = offers_of(&s->offers, !party, 0, true);
	struct offer *own = offers_of(&s->offers, party, 0, true);

	if (!o || (o->state == OFFER_ANSWERED && again))
		return;
	offer_answered(o, s->mem, sdp, ts_ns);
	/* Who answers has rolled its own offer back (RFC 9429, 4.1.10.2). */
	if (own)
		offer_refused(own, GLARE);
}

static void list_offer(struct signal *s, unsigned party, const struct sdp *sdp,
		       const struct session_desc *before, uint64_t ts_ns)
{
	if (!listed(s, party, before, s->desc[party]))
		offers_add(&s->offers, s->mem, sdp, party, 0, ts_ns);
}

/* Until the session of the offer turns out to be the same. */
static void keep_answer(struct signal *s, unsigned party, struct slice text,
			uint64_t ts_ns)
{
	if (offers_of(&s->offers, !party, 0, true))
		return;
	s->answer.text = arena_keep(s->mem, text);
	s->answer.ns = ts_ns;
	s->answer.by = party;
}

void signal_describe(struct signal *s, struct signal_table *t, unsigned party,
		     const struct sdp *sdp, struct slice text, bool offer,
		     uint64_t ts_ns)
{
	const struct session_desc *before = s->desc[party];
	const struct session_desc *now = desc_keep(s->mem, sdp, text, before);

	s->last_ns = ts_ns;
	if (!now)
		return;
	s->desc[party] = now;
	take_origin(s, t, party, sdp);
	if (offer) {
		list_offer(s, party, sdp, before, ts_ns);
	} else {
		if (before != now)
			keep_answer(s, party, text, ts_ns);
		list_answer(s, party, sdp, before == now, ts_ns);
	}
}

/* --- merging ----------------------------------------------------------- */

/* Who it is, without its places in the tables. */
static void name_as(struct signal_origin *to, const struct signal_origin *from)
{
	to->username = from->username;
	to->sess_id = from->sess_id;
	to->host = from->host;
	to->host_ns = from->host_ns;
}

void signal_turn(struct signal *s, struct signal_table *t)
{
	const struct session_desc *d = s->desc[0];
	const struct signal_origin o[2] = {s->origin[0], s->origin[1]};

	s->desc[0] = s->desc[1];
	s->desc[1] = d;
	leave(s, t);
	for (unsigned p = 0; p < 2; p++) {
		name_as(&s->origin[p], &o[!p]);
		show_origin(t, &s->origin[p]);
		show_host(t, &s->origin[p]);
	}
	s->answer.by ^= 1;
	for (struct offer *k = s->offers.first; k; k = k->next)
		k->by ^= 1;
}

static void take_offers(struct signal *to, struct signal *from, bool swap)
{
	struct offers all = {0}, *a = &to->offers, *b = &from->offers;

	while (a->first || b->first) {
		struct offers *next =
			!b->first || (a->first &&
				      a->first->time <= b->first->time)
				? a
				: b;
		struct offer *o = next->first;

		next->first = o->next;
		o->next = NULL;
		if (next == b)
			o->by ^= swap;
		if (all.last)
			all.last->next = o;
		else
			all.first = o;
		all.last = o;
		all.n++;
	}
	to->offers = all;
}

static void take_names(struct signal_origin *to,
		       const struct signal_origin *from, struct signal_table *t)
{
	if (!to->sess_id.len) {
		to->username = from->username;
		to->sess_id = from->sess_id;
		show_origin(t, to);
	}
	if (!to->host.port) {
		to->host = from->host;
		to->host_ns = from->host_ns;
		show_host(t, to);
	}
}

/* The offer and its answer have found each other. */
static void match_answer(struct signal *s)
{
	struct offer *o = offers_of(&s->offers, !s->answer.by, 0, true);
	struct sdp *sdp;

	if (!s->answer.text.len || !o || o->state != OFFER_PENDING ||
	    o->time > s->answer.ns)
		return;
	sdp = malloc(sizeof(*sdp));
	if (sdp && sdp_parse(s->answer.text, sdp) == PARSE_OK)
		list_answer(s, s->answer.by, sdp, false, s->answer.ns);
	free(sdp);
	s->answer.text = (struct slice){0};
}

void signal_merge(struct signal *to, struct signal *from,
		  struct signal_table *t, bool swap)
{
	leave(from, t);
	for (unsigned p = 0; p < 2; p++) {
		if (!to->desc[p])
			to->desc[p] = from->desc[swap ? !p : p];
		take_names(&to->origin[p], &from->origin[swap ? !p : p], t);
	}
	take_offers(to, from, swap);
	if (from->first_ns < to->first_ns)
		to->first_ns = from->first_ns;
	if (from->last_ns > to->last_ns)
		to->last_ns = from->last_ns;
	if (!to->answer.text.len) {
		to->answer.text = from->answer.text;
		to->answer.ns = from->answer.ns;
		to->answer.by = from->answer.by ^ swap;
	}
	match_answer(to);
	/* Its texts live on in to. */
	arena_adopt(to->mem, from->mem);
}
