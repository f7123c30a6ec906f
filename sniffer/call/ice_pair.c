/* What became of a candidate pair, as far as an outsider can know it. */
#include <stdio.h>

#include "sniffer/call/ice_eyes.h"
#include "sniffer/call/rtc.h"
#include "sniffer/call/turn.h"

/* A check that was sent so shortly before the input ended may be answered
 * yet: RFC 8445, 14.3 waits longer than any RTO. */
#define PENDING_NS     (3 * 1000000000ull)
#define GAVE_UP_NS     (8 * 1000000000ull)
#define GAVE_UP_CHECKS 8
#define TRYING_NS      (5 * 1000000000ull) /* since the first of them */

bool ice_pair_succeeded(const struct ice_pair *p)
{
	return p->sent[0].responses || p->sent[1].responses;
}

bool ice_pair_nominated(const struct ice_pair *p)
{
	return p->sent[0].use_candidate || p->sent[1].use_candidate;
}

/* The tap sees what comes back to the sender: on this path, or on another
 * of the session towards the same host. */
static bool sees_way_back(const struct ice_eyes *w, const struct ice_pair *p,
			  int sender)
{
	if (p->towards[sender] ||
	    (w->v->hears && w->v->hears(w->v->arg, &p->end[sender])))
		return true;
	for (const struct ice *i = w->ice->agent[0]->rtc->exchanges; i;
	     i = i->next)
		for (const struct ice_pair *o = i->pairs; o; o = o->next)
			for (int e = 0; e < 2; e++)
				if (o->towards[e] && o->outside &&
				    addr_ip_eq(&o->end[e], &p->end[sender]))
					return true;
	return false;
}

uint64_t ice_pair_last(const struct ice_pair *p)
{
	uint64_t a = p->sent[0].last_ns, b = p->sent[1].last_ns;

	return a > b ? a : b;
}

uint64_t ice_pair_first(const struct ice_pair *p)
{
	uint64_t a = p->sent[0].first_ns, b = p->sent[1].first_ns;

	return a && (!b || a < b) ? a : b;
}

/* Too early to tell; not where another pair has won. */
static bool pending(const struct ice_eyes *w, const struct ice_pair *p)
{
	return w->v->input_ended && !w->ice->connected_ns &&
	       ice_pair_last(p) + PENDING_NS > w->v->now_ns &&
	       ice_pair_first(p) + TRYING_NS > w->v->now_ns;
}

/* The relay of one end does not let the other through: its error. */
static uint16_t refused(const struct ice_eyes *w, const struct ice_pair *p)
{
	const struct turn_alloc *t = w->ice->agent[0]->rtc->turns;
	uint16_t error = 0;

	for (; t && !error; t = t->next)
		for (int e = 0; e < 2; e++)
			for (unsigned i = 0; i < t->relayed_n; i++)
				if (addr_eq(&t->relayed[i], &p->end[e]))
					error = turn_refused(t, &p->end[!e]);
	return error;
}

static const char *failed(const struct ice_eyes *w, const char *what,
			  uint16_t error, struct slice *reason)
{
	char text[16];

	snprintf(text, sizeof(text), "%s%u", what, error);
	*reason = arena_keep(w->mem, slice_str(text));
	return "failed";
}

static const char *failed_or_not(const struct ice_eyes *w,
				 const struct ice_pair *p, struct slice *reason)
{
	uint16_t error =
		p->sent[w->a].error ? p->sent[w->a].error : p->sent[w->b].error;
	bool sees = false;

	if (error)
		return failed(w, "", error, reason);
	error = refused(w, p);
	if (error)
		return failed(w, "turn-", error, reason);
	for (int e = 0; e < 2; e++)
		if (p->sent[e].requests && sees_way_back(w, p, e))
			sees = true;
	if (!sees)
		return "unknown";
	if (pending(w, p))
		return "in-progress";
	*reason = SLICE("no-answer");
	return "failed";
}

/* One side's checks were answered, none of the other's: what the tap sees of
 * an answer may be lost behind it. */
bool ice_pair_one_sided(const struct ice_eyes *w, const struct ice_pair *p,
			int end)
{
	return p->sent[end].requests && !p->sent[end].responses &&
	       !p->sent[end].errors && sees_way_back(w, p, end) &&
	       !pending(w, p);
}

/* Browsers do not wait for consent to run out: a pair that worked was tried
 * in vain for long when the session ended. */
static bool gave_up(const struct ice_pair *p, int end)
{
	const struct ice_checks *c = &p->sent[end];

	return c->answered_ns && c->unanswered >= GAVE_UP_CHECKS &&
	       c->last_ns >= c->unanswered_ns + GAVE_UP_NS && p->media_ns;
}

bool ice_pair_consent_lost(const struct ice_pair *p)
{
	return p->consent_lost || gave_up(p, ICE_A) || gave_up(p, ICE_B);
}

const char *ice_pair_state(const struct ice_eyes *w, const struct ice_pair *p,
			   struct slice *reason)
{
	if (!ice_pair_succeeded(p))
		return failed_or_not(w, p, reason);
	if (ice_pair_one_sided(w, p, ICE_A) || ice_pair_one_sided(w, p, ICE_B))
		*reason = SLICE("no-answer");
	return "succeeded";
}
