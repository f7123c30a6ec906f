/*
 * A call's state as its messages tell it: RFC 3261, 12 to 15 and 17, seen
 * from outside.
 */
#include "sniffer/call/calls.h"

#define ARENA_FIRST 1024
/* Nobody waits longer for a refresh. An open call is looked at every few
 * minutes: where a capture's clock jumps by years, so many times. */
#define SESSION_MAX_S 86400

static struct slice keep(struct call *c, struct slice s)
{
	return arena_keep(c->mem, s);
}

static void name_call(struct call *c, const struct sip_msg *m,
		      struct slice sensor)
{
	const struct slice part[] = {SLICE("call"), sensor, m->call_id,
				     m->from.tag};

	ulid_make(c->uid, c->first_ns, part, 4);
}

struct call *call_new(struct calls *owner, const struct sip_msg *m,
		      const struct sip_seen *seen, struct slice sensor)
{
	struct arena *mem = arena_new(ARENA_FIRST, owner->cfg.call_bytes);
	struct call *c = mem ? arena_alloc(mem, sizeof(*c)) : NULL;

	if (!c) {
		arena_free(mem);
		return NULL;
	}
	c->mem = mem;
	c->owner = owner;
	c->call_id = keep(c, m->call_id);
	c->first_ns = c->last_sip_ns = seen->ts_ns;
	c->transport = seen->transport;
	c->ended_by = CALL_NOBODY;
	c->dialogs_end = &c->dialogs;
	c->dtmf_end = &c->dtmf;
	list_init(&c->all);
	name_call(c, m, sensor);
	if (c->call_id.len != m->call_id.len) {
		arena_free(mem);
		return NULL;
	}
	return c;
}

void call_free(struct call *c)
{
	arena_free(c->mem);
}

/* --- who is who -------------------------------------------------------- */

static bool caller_tag(const struct call *c, struct slice tag)
{
	for (const struct call_tag *t = c->caller_tags; t; t = t->next)
		if (slice_eq(t->tag, tag))
			return true;
	return false;
}

static void add_caller_tag(struct call *c, struct slice tag)
{
	struct call_tag *t;

	if (caller_tag(c, tag) || !(t = arena_alloc(c->mem, sizeof(*t))))
		return;
	t->tag = keep(c, tag);
	t->next = c->caller_tags;
	c->caller_tags = t;
}

enum call_side call_sender(const struct call *c, const struct sip_msg *m)
{
	bool by_caller = caller_tag(c, m->from.tag);

	return by_caller == m->request ? CALL_CALLER : CALL_CALLEE;
}

/* The number or name as people know it: "%2B49" is "+49" (RFC 3261,
 * 19.1.2). */
static struct slice unescaped(struct call *c, struct slice user)
{
	char buf[256];

	if (slice_find(user, '%') < 0 || user.len > sizeof(buf))
		return keep(c, user);
	return keep(c, slice_of(buf, sip_unescape(user, buf, sizeof(buf))));
}

/* A display name without its quoted pairs (RFC 3261, 25.1). */
static struct slice plain_name(struct call *c, struct slice name)
{
	char buf[256];
	size_t n = 0;

	if (slice_find(name, '\\') < 0 || name.len > sizeof(buf))
		return keep(c, name);
	for (size_t i = 0; i < name.len; i++) {
		if (name.p[i] == '\\' && i + 1 < name.len)
			i++;
		buf[n++] = (char)name.p[i];
	}
	return keep(c, slice_of(buf, n));
}

static void party_of(struct call *c, struct call_party *p,
		     const struct sip_addr *a)
{
	p->user = unescaped(c, a->uri.user);
	p->host = keep(c, a->uri.host);
	p->name = plain_name(c, a->display);
	p->uri = keep(c, a->uri_text);
	if (!p->tag.len)
		p->tag = keep(c, a->tag);
}

static void asserted(struct call *c, struct call_party *p,
		     const struct sip_msg *m)
{
	struct slice list = m->p_asserted_identity, item;
	struct sip_addr a;

	if (p->asserted.len || !sip_list_next(&list, &item))
		return;
	sip_addr_parse(item, &a);
	p->asserted = keep(c, a.uri_text);
}

static void agent(struct call *c, struct call_party *p, const struct sip_msg *m)
{
	struct slice s = m->user_agent.len ? m->user_agent : m->server;

	if (!p->agent.len && s.len)
		p->agent = keep(c, s);
}

/* The first message names the parties; of a call that was up before, the
 * one who speaks first counts as the caller. */
static void meet(struct call *c, const struct sip_msg *m,
		 const struct sip_seen *seen)
{
	add_caller_tag(c, m->from.tag);
	party_of(c, &c->caller, &m->from);
	party_of(c, &c->callee, &m->to);
	c->caller.addr = m->request ? seen->src : seen->dst;
	c->callee.addr = m->request ? seen->dst : seen->src;
}

/* --- dialogs and transactions ------------------------------------------ */

static struct call_dialog *dialog_of(struct call *c, struct slice callee_tag)
{
	for (struct call_dialog *d = c->dialogs; d; d = d->next)
		if (slice_eq(d->callee_tag, callee_tag))
			return d;
	return NULL;
}

static struct call_dialog *dialog_get(struct call *c, struct slice callee_tag,
				      const struct addr *callee)
{
	struct call_dialog *d = dialog_of(c, callee_tag);

	if (d || !(d = arena_alloc(c->mem, sizeof(*d))))
		return d;
	d->callee_tag = keep(c, callee_tag);
	d->callee_addr = *callee;
	d->ended_by = CALL_NOBODY;
	*c->dialogs_end = d;
	c->dialogs_end = &d->next;
	return d;
}

static struct call_invite *invite_find(struct call *c, uint32_t cseq,
				       enum call_side by)
{
	for (struct call_invite *i = c->invites; i; i = i->next)
		if (i->cseq == cseq && i->by == by)
			return i;
	return NULL;
}

static struct call_invite *invite_get(struct call *c, uint32_t cseq,
				      enum call_side by, bool initial)
{
	struct call_invite *i = invite_find(c, cseq, by);

	if (i || !(i = arena_alloc(c->mem, sizeof(*i))))
		return i;
	i->cseq = cseq;
	i->by = by;
	i->initial = initial;
	i->next = c->invites;
	c->invites = i;
	return i;
}

static void take_q850(struct call *c, const struct sip_msg *m)
{
	const struct sip_hdr *h;
	struct slice text;
	unsigned cause;

	for (unsigned i = 0; (h = sip_header_id(m, SIP_HDR_REASON, i)); i++)
		if (sip_reason_q850(h->value, &cause, &text) && cause < 128)
			c->q850 = (uint16_t)cause;
}

static void session_timer(struct call *c, const struct sip_msg *m,
			  uint64_t ts_ns)
{
	c->refresh_ns = ts_ns;
	c->session_expires = m->session_expires < SESSION_MAX_S
				     ? m->session_expires
				     : SESSION_MAX_S;
}

/* --- requests ---------------------------------------------------------- */

static void on_initial_invite(struct call *c, const struct sip_msg *m,
			      const struct sip_seen *seen)
{
	if (!c->start_ns) {
		c->start_ns = seen->ts_ns;
		c->transport = seen->transport;
		c->caller.addr = seen->src;
		if (!c->caller.tag.len)
			c->caller.tag = keep(c, m->from.tag);
	}
	agent(c, &c->caller, m);
	asserted(c, &c->caller, m);
	if (!c->answered)
		c->callee.addr = seen->dst;
	if (c->last_final && !c->answered)
		c->retried = true;
}

static void on_invite(struct call *c, const struct sip_msg *m,
		      const struct sip_seen *seen, enum call_side side)
{
	bool initial = !m->to.tag.len;
	struct call_invite *i = invite_get(c, m->cseq, side, initial);

	if (i)
		i->unseen = false;
	if (initial)
		on_initial_invite(c, m, seen);
	else
		agent(c, side == CALL_CALLER ? &c->caller : &c->callee, m);
}

/* The dialog that side's BYE, or its answer, is about. */
static struct call_dialog *bye_dialog(struct call *c, const struct sip_msg *m,
				      enum call_side side)
{
	return dialog_of(c, side == CALL_CALLER ? m->to.tag : m->from.tag);
}

/* The end of the dialog that was answered ends the call; the BYE to another
 * branch of a fork ends only that. */
static void hang_up(struct call *c, const struct sip_msg *m,
		    struct call_dialog *d, enum call_side side, uint64_t ts_ns)
{
	if (d && !d->end_ns) {
		d->end_ns = ts_ns;
		d->ended_by = side;
	}
	if (c->bye_ns || (d && c->answered && d != c->answered))
		return;
	c->bye_ns = ts_ns;
	c->ended_by = side;
	take_q850(c, m);
}

/* A tap that sees each direction for itself may show the answer first. */
static void on_bye(struct call *c, const struct sip_msg *m,
		   const struct sip_seen *seen, enum call_side side)
{
	struct call_dialog *d = bye_dialog(c, m, side);

	if (c->bye_unseen && side == c->ended_by) {
		c->bye_unseen = false;
		c->bye_ns = 0;
		if (d)
			d->end_ns = 0;
	}
	hang_up(c, m, d, side, seen->ts_ns);
}

/* The ACK of an answer has its CSeq number and To tag. A tap that sees each
 * direction for itself may show it first. */
static void on_ack(struct call *c, const struct sip_msg *m)
{
	c->acked = true;
	if (c->answer_ns) {
		if (m->cseq == c->answer_cseq &&
		    slice_eq(m->to.tag, c->callee.tag))
			c->answer_acked = true;
		return;
	}
	c->ack_cseq = m->cseq;
	if (!slice_eq(c->ack_tag, m->to.tag))
		c->ack_tag = keep(c, m->to.tag);
}

/* ACK, PRACK and UPDATE come in early dialogs too; the ACK of a failure
 * carries a To tag. */
static bool of_established(enum sip_method m)
{
	return m == SIP_INVITE || m == SIP_BYE || m == SIP_INFO ||
	       m == SIP_REFER || m == SIP_MESSAGE;
}

static void on_request(struct call *c, const struct sip_msg *m,
		       const struct sip_seen *seen, enum call_side side,
		       bool fresh)
{
	if (m->to.tag.len && of_established(m->method))
		c->established = true;
	switch (m->method) {
	case SIP_INVITE:
		on_invite(c, m, seen, side);
		break;
	case SIP_CANCEL:
		if (!c->cancelled)
			take_q850(c, m);
		c->cancelled = true;
		break;
	case SIP_BYE:
		on_bye(c, m, seen, side);
		break;
	case SIP_ACK:
		on_ack(c, m);
		break;
	case SIP_INFO:
		if (fresh)
			call_info_dtmf(c, m, seen->ts_ns);
		break;
	default:
		break;
	}
}

/* --- responses --------------------------------------------------------- */

static void on_answer(struct call *c, const struct sip_msg *m,
		      const struct sip_seen *seen, struct call_dialog *d)
{
	if (d && !d->answer_ns)
		d->answer_ns = seen->ts_ns;
	if (c->answer_ns)
		return;
	c->answer_ns = seen->ts_ns;
	c->answered = d;
	c->final = m->status;
	c->reason = keep(c, m->reason);
	c->callee.addr = seen->src;
	c->callee.tag = keep(c, m->to.tag);
	c->answer_cseq = m->cseq;
	c->answer_acked = c->ack_tag.len && m->cseq == c->ack_cseq &&
			  slice_eq(m->to.tag, c->ack_tag);
	c->callee.agent = (struct slice){0};
	agent(c, &c->callee, m);
	asserted(c, &c->callee, m);
	session_timer(c, m, seen->ts_ns);
}

static void on_failure(struct call *c, const struct sip_msg *m,
		       const struct sip_seen *seen, struct call_dialog *d)
{
	bool challenge = m->status == 401 || m->status == 407;

	if (d && challenge && !d->status)
		d->challenge = true;
	if (d && !challenge && !d->end_ns) {
		d->challenge = false;
		d->end_ns = seen->ts_ns;
	}
	c->retried = false;
	if (challenge) {
		c->challenge = m->status;
		c->challenge_reason = keep(c, m->reason);
	} else if (c->last_final != m->status) {
		c->last_final = m->status;
		if (!c->answer_ns)
			c->reason = keep(c, m->reason);
	}
	if (!c->answer_ns) {
		c->final_ns = seen->ts_ns;
		agent(c, &c->callee, m);
		take_q850(c, m);
	}
}

static void on_setup_response(struct call *c, const struct sip_msg *m,
			      const struct sip_seen *seen)
{
	struct call_dialog *d = NULL;

	if (m->status > 100 && m->to.tag.len)
		d = dialog_get(c, m->to.tag, &seen->src);
	if (m->status / 10 == 18) {
		if (!c->ring_ns)
			c->ring_ns = seen->ts_ns;
		if (d && !d->ring_ns)
			d->ring_ns = seen->ts_ns;
	}
	if (m->status >= 300)
		on_failure(c, m, seen, d);
	else if (m->status >= 200)
		on_answer(c, m, seen, d);
	if (d && (d->status < 200 || d->status / 100 != 2))
		d->status = m->status;
}

static void on_invite_response(struct call *c, const struct sip_msg *m,
			       const struct sip_seen *seen, enum call_side side)
{
	bool initial = !c->answer_ns && !c->bye_ns && side == CALL_CALLEE;
	struct call_invite *i = invite_find(c, m->cseq, call_other(side));

	if (!i) {
		i = invite_get(c, m->cseq, call_other(side), initial);
		if (!i)
			return;
		i->unseen = true;
	}
	if (i->initial)
		on_setup_response(c, m, seen);
	else if (m->status / 100 == 2)
		session_timer(c, m, seen->ts_ns);
}

/* It proves the end also where the tap missed the BYE itself. */
static void on_bye_response(struct call *c, const struct sip_msg *m,
			    const struct sip_seen *seen, enum call_side by)
{
	struct call_dialog *d = bye_dialog(c, m, by);

	if (m->status / 100 != 2 || c->bye_ns || (d && d->end_ns))
		return;
	hang_up(c, m, d, by, seen->ts_ns);
	c->bye_unseen = c->bye_ns != 0;
}

static void on_response(struct call *c, const struct sip_msg *m,
			const struct sip_seen *seen, enum call_side side)
{
	switch (m->cseq_method) {
	case SIP_INVITE:
		on_invite_response(c, m, seen, side);
		break;
	case SIP_BYE:
		on_bye_response(c, m, seen, call_other(side));
		break;
	case SIP_UPDATE:
		if (m->status / 100 == 2)
			session_timer(c, m, seen->ts_ns);
		break;
	default:
		break;
	}
}

bool call_on_sip(struct call *c, const struct sip_msg *m,
		 const struct sip_seen *seen)
{
	const struct call_msg *msg;
	enum call_side side;
	bool fresh;

	if (!c->caller_tags)
		meet(c, m, seen);
	if (m->request && m->method == SIP_INVITE && !m->to.tag.len)
		add_caller_tag(c, m->from.tag);
	c->told |= seen->told;
	side = call_sender(c, m);
	msg = call_msg_add(c, m, seen, side == CALL_CALLER);
	if (!msg)
		counters_add(c->owner->counters, "call.memory_limit", 1);
	fresh = msg && !msg->retransmission && msg->copy_of == CDR_NO_U32;
	c->last_sip_ns = seen->ts_ns;
	if (m->request)
		on_request(c, m, seen, side, fresh);
	else
		on_response(c, m, seen, side);
	return fresh;
}
