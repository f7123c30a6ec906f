/*
 * The NATs of a record's clients. Inside of a NAT the tap sees a client's own
 * address and what others answer that they see. Outside it sees the mapped
 * one; then the description tells the base behind it (RFC 8839, 5.1: raddr),
 * and each peer that is sent to is a remote that the mapping can be held
 * against.
 */
#include "sniffer/engine/engine_priv.h"

#define ROWS 16

static void add(struct cdr_call *out, const struct nat_client *c)
{
	struct cdr_nat row;

	if (out->nat_n == ROWS || !nat_result(c, &row))
		return;
	for (size_t i = 0; i < out->nat_n; i++)
		if (addr_eq(&out->nat[i].addr, &row.addr))
			return;
	out->nat[out->nat_n++] = row;
}

/* --- outside ------------------------------------------------------------ */

static const struct ice_candidate *reflexive(const struct ice_agent *a,
					     const struct addr *addr)
{
	const struct ice_candidate *c = a->candidates;

	while (c &&
	       !(c->type == SDP_CAND_SRFLX && !c->learned && c->related.port &&
		 addr_eq(&c->addr, addr) && !addr_eq(&c->addr, &c->related)))
		c = c->next;
	return c;
}

/* The one that checks went to, or came from: with several sockets only that
 * tells which base a mapping belongs to. */
static const struct ice_candidate *used(const struct ice *i, int end)
{
	const struct ice_candidate *found = NULL;

	for (const struct ice_pair *p = i->pairs; p; p = p->next) {
		const struct ice_candidate *c =
			p->outside ? reflexive(i->agent[end], &p->end[end])
				   : NULL;

		if (c && found && c != found)
			return NULL;
		if (c)
			found = c;
	}
	return found;
}

static void outside(const struct ice *i, int end, struct cdr_call *out)
{
	static const struct addr server; /* of the STUN server: any */
	const struct ice_candidate *c = used(i, end);
	struct nat_client n = {{0}};

	if (!c)
		return;
	n.inner = c->related;
	nat_client_seen(&n, &server, &c->addr, i->first_ns);
	for (const struct ice_pair *p = i->pairs; p; p = p->next)
		if (p->outside && p->towards[!end] &&
		    addr_ip_eq(&p->end[end], &c->addr))
			nat_client_seen(&n, &p->end[!end], &p->end[end],
					i->first_ns);
	add(out, &n);
}

/* It is no client's own: a NAT's, or a relay's. */
static bool is_mapped(const struct rtc *r, const struct addr *a)
{
	const struct ice_candidate *c;

	for (const struct ice_agent *x = r ? r->agents : NULL; x; x = x->next)
		for (c = x->candidates; c; c = c->next) {
			if (c->learned)
				continue;
			if (c->type == SDP_CAND_RELAY && addr_eq(&c->addr, a))
				return true;
			if (c->type == SDP_CAND_SRFLX && c->related.port &&
			    addr_ip_eq(&c->addr, a) &&
			    !addr_ip_eq(&c->addr, &c->related))
				return true;
		}
	return false;
}

/* --- inside -------------------------------------------------------------- */

static void inside(struct engine *e, struct owner *o, const struct addr *a,
		   struct cdr_call *out)
{
	if (!is_mapped(o->rtc, a) && !turn_by_relayed(&e->turn, a))
		add(out, nat_find(&e->nat, a));
}

void engine_nat_result(struct engine *e, struct owner *o, struct cdr *cdr)
{
	struct cdr_call *out = &cdr->call;

	if (!e->nat.count && !o->rtc)
		return;
	out->nat = arena_alloc(cdr->mem, ROWS * sizeof(*out->nat));
	if (!out->nat)
		return;
	for (struct ice *i = o->rtc ? o->rtc->exchanges : NULL; i; i = i->next)
		for (int end = 0; end < 2; end++)
			outside(i, end, out);
	list_each(it, &o->links)
	{
		struct link *l = container_of(it, struct link, in_owner);

		for (int dir = 0; dir < 2; dir++)
			inside(e, o, flow_src(l->flow, dir), out);
	}
}
