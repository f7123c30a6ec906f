/*
 * Media that nobody has claimed yet, and sessions that nothing has come of:
 * what makes room when there are too many (docs/LIMITS.md). The oldest goes
 * first, but what went on since it was looked at last gets another turn: media
 * before its signalling goes on, packets that were made up do not.
 */
#include "sniffer/engine/engine_priv.h"

/* Media that goes on has its next packet within so long. */
#define PAUSE_NS (60 * 1000000ull)

enum {
	TURNS_MAX = 8, /* that are given at a time */
	FLOWS_LOOKED = 4,
	SILENT_PACKETS = 8, /* and one way: nothing has come of it */
};

static void drop(struct engine *e, struct owner *o)
{
	engine_unlink_all(e, o);
	crew_group_drop(&o->group);
	e->stats.other += o->rtp;
	engine_journal_over(e, o, NULL);
	engine_owner_forget(e, o);
}

struct seen {
	uint64_t packets, last_ns;
	bool both_ways;
	bool now; /* one of its flows has the packet at hand */
};

static struct seen look(const struct engine *e, const struct owner *o)
{
	struct seen s = {0};
	unsigned left = FLOWS_LOOKED;

	list_each(it, &o->links)
	{
		const struct flow *f =
			container_of(it, struct link, in_owner)->flow;

		s.packets += f->packets[0] + f->packets[1];
		s.both_ways |= f->packets[0] && f->packets[1];
		s.now |= f->last_ns == e->now_ns;
		if (f->last_ns > s.last_ns)
			s.last_ns = f->last_ns;
		if (!--left)
			break;
	}
	return s;
}

static struct owner *first(const struct list *l)
{
	struct list *at = list_first(l);

	return at ? container_of(at, struct owner, age) : NULL;
}

static void another_turn(struct list *l, struct owner *o)
{
	list_remove(&o->age);
	list_append(l, &o->age);
}

/* What has checks or signalling is worth more than packets alone. */
static bool goes_on(const struct engine *e, struct owner *o,
		    const struct seen *s)
{
	uint64_t more = s->packets - o->looked;
	bool known = (o->rtc || o->signal) && !o->looked;

	o->looked = s->packets;
	return known || more > 1 || s->last_ns + PAUSE_NS > e->now_ns;
}

static bool too_large(const struct engine *e)
{
	return e->cfg.rtc_bytes && e->rtc_bytes >= e->cfg.rtc_bytes;
}

static struct owner *least(struct engine *e)
{
	for (unsigned n = 0; n < TURNS_MAX; n++) {
		struct owner *o = first(&e->waiting);
		struct seen s;

		if (!o)
			return NULL;
		s = look(e, o);
		if (!goes_on(e, o, &s))
			return o;
		another_turn(&e->waiting, o);
	}
	return NULL;
}

bool engine_pending_room(struct engine *e)
{
	struct owner *o;

	if (e->pending < e->cfg.max_pending && !too_large(e))
		return true;
	o = e->ended ? NULL : least(e);
	if (!o) {
		counters_add(&e->counters, "media.pending_limit", 1);
		return false;
	}
	counters_add(&e->counters, "media.pending_evicted", 1);
	drop(e, o);
	return true;
}

/* --- sessions ----------------------------------------------------------- */

/* The oldest of which a few packets were seen, all in one direction. What is
 * more than that is not asked about again. */
static struct owner *oldest_silent(struct engine *e, const struct owner *but)
{
	unsigned turns = TURNS_MAX;
	struct owner *o;

	while ((o = first(&e->silent)) && turns) {
		struct seen s = look(e, o);

		if (s.both_ways || s.packets > SILENT_PACKETS || o->signal) {
			list_remove(&o->age);
			continue;
		}
		if (o != but && !s.now)
			return o;
		another_turn(&e->silent, o);
		turns--;
	}
	return NULL;
}

bool engine_session_room(struct engine *e, const struct owner *o)
{
	struct owner *old;

	if (e->ended ||
	    ((!e->cfg.max_sessions || e->sessions < e->cfg.max_sessions) &&
	     !too_large(e)))
		return true;
	old = oldest_silent(e, o);
	if (!old) {
		counters_add(&e->counters, "session.limit", 1);
		return false;
	}
	counters_add(&e->counters, "session.evicted", 1);
	drop(e, old);
	return true;
}
