#include "sniffer/call/evict.h"

#include "sniffer/call/flood.h"

/* About what a call with media takes besides its own memory: its owner, links
 * and flows. */
#define BESIDES 2048

static const struct addr *host_of(const struct sip_msg *m,
				  const struct sip_seen *seen)
{
	return m->request ? &seen->src : &seen->dst;
}

/* --- classes ------------------------------------------------------------ */

static void leave(struct calls *cs, struct call *c)
{
	struct call_spare *s = &c->spare;

	if (s->class == CALL_ALIVE)
		return;
	list_remove(&s->in_class);
	cs->spare[s->class].n--;
	if (s->class == CALL_SILENT)
		host_leave(&cs->hosts, s->host, &s->in_host);
	s->host = NULL;
	s->class = CALL_ALIVE;
}

static void enter(struct calls *cs, struct call *c, enum call_class class)
{
	leave(cs, c);
	c->spare.class = class;
	if (class == CALL_ALIVE)
		return;
	list_append(&cs->spare[class].oldest, &c->spare.in_class);
	cs->spare[class].n++;
}

void evict_enter(struct calls *cs, struct call *c, const struct sip_msg *m,
		 const struct sip_seen *seen)
{
	list_init(&c->spare.in_class);
	list_init(&c->spare.in_host);
	enter(cs, c, CALL_SILENT);
	c->spare.host =
		host_add(&cs->hosts, host_of(m, seen), &c->spare.in_host);
}

void evict_leave(struct calls *cs, struct call *c)
{
	leave(cs, c);
}

static bool is_final(const struct sip_msg *m)
{
	return !m->request && m->cseq_method == SIP_INVITE && m->status >= 300;
}

static bool is_setup(const struct sip_msg *m)
{
	return m->request && m->method == SIP_INVITE && !m->to.tag.len;
}

/* Has its attempt come to an end, with no other one on its way? */
static bool attempt_over(struct call *c, const struct sip_msg *m)
{
	if (is_setup(m))
		c->spare.refused = false;
	else if (is_final(m))
		c->spare.refused = true;
	return c->bye_ns ||
	       (!call_was_up(c) && (c->spare.refused || c->cancelled));
}

/* A silent call that has no more to show than that. */
static bool still_silent(const struct call *c, const struct sip_msg *m)
{
	return c->spare.class == CALL_SILENT && !c->answer_ns &&
	       (c->msgs_n <= 1 || is_setup(m));
}

/* The time of an ended call counts from when it ended. */
void evict_look(struct calls *cs, struct call *c, const struct sip_msg *m)
{
	bool over = attempt_over(c, m);

	if (still_silent(c, m))
		return;
	if (over && c->spare.class != CALL_ENDED)
		enter(cs, c, CALL_ENDED);
	else if (!over)
		enter(cs, c, CALL_ALIVE);
}

/* --- who goes ----------------------------------------------------------- */

static struct call *oldest(const struct calls *cs, enum call_class class)
{
	struct list *at = list_first(&cs->spare[class].oldest);

	return at ? container_of(at, struct call, spare.in_class) : NULL;
}

/* A tap may see the requests of a call alone: media tells that it lives. */
static bool has_media(struct calls *cs, struct call *c)
{
	return cs->ops->last_media(cs->arg, c) != 0;
}

static struct call *oldest_silent(struct calls *cs)
{
	struct call *c;

	while ((c = oldest(cs, CALL_SILENT)) && has_media(cs, c))
		enter(cs, c, CALL_ALIVE);
	return c;
}

static struct call *oldest_of(struct calls *cs, const struct host *s)
{
	struct call *c = container_of(list_first(&s->things), struct call,
				      spare.in_host);

	if (!has_media(cs, c))
		return c;
	enter(cs, c, CALL_ALIVE);
	return NULL;
}

static bool one_goes(struct calls *cs, uint64_t now_ns)
{
	struct call *silent = oldest_silent(cs);
	struct call *ended = oldest(cs, CALL_ENDED);
	bool many = cs->spare[CALL_SILENT].n > cs->spare[CALL_ENDED].n;

	if (silent && (many || !ended))
		flood_give_up(cs, silent, NULL, now_ns);
	else if (ended)
		calls_close_early(cs, ended, now_ns);
	return silent || ended;
}

static bool full(const struct calls *cs)
{
	return cs->open >= cs->cfg.max_calls ||
	       (cs->cfg.max_bytes &&
		cs->bytes + cs->open * BESIDES >= cs->cfg.max_bytes);
}

bool evict_for(struct calls *cs, const struct sip_msg *m,
	       const struct sip_seen *seen)
{
	const struct host *s = host_find(&cs->hosts, host_of(m, seen));
	size_t most = cs->cfg.source_waiting;
	struct call *c;

	if (most && s && s->n >= most && (c = oldest_of(cs, s)))
		flood_give_up(cs, c, s, seen->ts_ns);
	/* A large call may take the room of several. */
	for (unsigned n = 0; n < EVICT_AT_ONCE && full(cs); n++)
		if (!one_goes(cs, seen->ts_ns))
			break;
	if (!full(cs))
		return true;
	counters_add(cs->counters, "call.limit", 1);
	return false;
}
