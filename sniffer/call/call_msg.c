/*
 * The messages of a call, and which of them are retransmissions or copies
 * of one message at a later hop (RFC 3261, 16.6 and 17).
 */
#include "sniffer/call/calls.h"

/* How far back a repetition is looked for. */
#define LOOK_BACK 64

static uint64_t hash_slice(const struct call *c, struct slice s)
{
	return seed_hash(&c->owner->seed, s.p, s.len);
}

static void take_vias(const struct call *c, const struct sip_msg *m,
		      struct call_msg *msg)
{
	const struct sip_hdr *h;

	for (unsigned i = 0; (h = sip_header_id(m, SIP_HDR_VIA, i)); i++) {
		struct slice list = h->value, item;
		struct sip_via via;

		while (msg->via_count < MSG_VIAS && sip_list_next(&list, &item))
			if (sip_via_parse(item, &via))
				msg->via[msg->via_count++] =
					hash_slice(c, via.branch);
	}
}

static bool same_message(const struct call_msg *a, const struct call_msg *b)
{
	return a->status == b->status && a->cseq == b->cseq &&
	       a->rseq == b->rseq && a->tags == b->tags &&
	       slice_eq(a->method, b->method);
}

static bool same_hop(const struct call_msg *a, const struct call_msg *b)
{
	return addr_eq(&a->src, &b->src) && addr_eq(&a->dst, &b->dst);
}

static bool has_via(const struct call_msg *m, uint64_t branch)
{
	for (unsigned i = 0; i < m->via_count; i++)
		if (m->via[i] == branch)
			return true;
	return false;
}

static uint64_t top_via(const struct call_msg *m)
{
	return m->via_count ? m->via[0] : 0;
}

/* A request gains a Via at each hop, a response loses one. A box that
 * rewrites Via still sends on from where the earlier copy arrived. */
static bool later_hop(const struct call_msg *old, const struct call_msg *new)
{
	if (same_hop(old, new))
		return false;
	if (!new->status &&new->via_count > old->via_count)
		return has_via(new, top_via(old));
	if (new->status &&new->via_count < old->via_count)
		return has_via(old, top_via(new));
	return addr_ip_eq(&old->dst, &new->src) &&
	       !addr_eq(&old->src, &new->dst);
}

static void compare(struct call_msg *old, struct call_msg *new)
{
	unsigned left = LOOK_BACK;

	for (; old && left; old = old->prev, left--) {
		if (!same_message(old, new))
			continue;
		if (same_hop(old, new) && top_via(old) == top_via(new)) {
			new->retransmission = true;
			new->copy_of = old->copy_of;
			return;
		}
		if (later_hop(old, new))
			new->copy_of = old->copy_of != CDR_NO_U32 ? old->copy_of
								  : old->index;
	}
}

static struct slice method_of(const struct sip_msg *m)
{
	return m->request ? m->method_text : m->cseq_method_text;
}

const struct call_msg *call_msg_add(struct call *c, const struct sip_msg *m,
				    const struct sip_seen *seen,
				    bool from_caller)
{
	struct call_msg *msg = arena_alloc(c->mem, sizeof(*msg));

	if (!msg)
		return NULL;
	*msg = (struct call_msg){
		.time = seen->ts_ns,
		.src = seen->src,
		.dst = seen->dst,
		.transport = seen->transport,
		.method = arena_keep(c->mem, method_of(m)),
		.status = m->request ? 0 : m->status,
		.from_caller = from_caller,
		.cseq = m->cseq,
		.rseq = m->has_rseq ? m->rseq : 0,
		.len = (uint32_t)(m->head_len + m->body.len),
		.index = c->msgs_n,
		.copy_of = CDR_NO_U32,
		.tags = hash_slice(c, m->from.tag) ^
			3 * hash_slice(c, m->to.tag),
	};
	take_vias(c, m, msg);
	compare(c->last_msg, msg);
	msg->prev = c->last_msg;
	if (c->last_msg)
		c->last_msg->next = msg;
	else
		c->msgs = msg;
	c->last_msg = msg;
	c->msgs_n++;
	return msg;
}
