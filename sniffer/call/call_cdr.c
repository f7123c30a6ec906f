#include "sniffer/call/call_cdr.h"

#include "sniffer/call/calls.h"
#include "sniffer/call/legs.h"

/* Nobody answers any more: timer B, RFC 3261 17.1.1.2. */
#define TIMER_B_NS (32 * 1000000000ull)

static const char *side_name(enum call_side s)
{
	return s == CALL_CALLER ? "caller" : s == CALL_CALLEE ? "callee" : NULL;
}

static struct slice keep(struct cdr *cdr, struct slice s)
{
	return arena_keep(cdr->mem, s);
}

/* --- how it went ------------------------------------------------------- */

static uint16_t status_of(const struct call *c)
{
	return c->final	       ? c->final
	       : c->last_final ? c->last_final
			       : c->challenge;
}

static const char *failed_state(const struct call *c, uint16_t status)
{
	if (c->cancelled && (status == 487 || !c->last_final))
		return "cancelled";
	if (status >= 400)
		return "failed";
	if (status >= 300)
		return c->retried ? "unanswered" : "redirected";
	return NULL;
}

static const char *state_of(const struct call *c, uint64_t now_ns)
{
	const char *failed = failed_state(c, status_of(c));

	if (c->evicted)
		return "interrupted";
	/* A BYE may end an early dialog too (RFC 3261, 15). */
	if (c->bye_ns && !c->answer_ns && c->last_final == 487)
		return "cancelled";
	if (c->bye_ns)
		return "completed";
	if (call_was_up(c))
		return c->input_ended ? "active" : "expired";
	if (failed)
		return failed;
	if (c->input_ended && now_ns < c->last_sip_ns + TIMER_B_NS)
		return "active";
	return "unanswered";
}

/* A final response of the callee's side ended it, unless it tells that the
 * network gave up (408, 5xx). */
static const char *ended_by(const struct call *c, const char *state)
{
	uint16_t status = status_of(c);

	if (!strcmp(state, "completed"))
		return side_name(c->ended_by);
	if (!strcmp(state, "cancelled"))
		return "caller";
	if (!strcmp(state, "failed") && (status == 401 || status == 407))
		return NULL;
	if (!strcmp(state, "failed"))
		return status == 408 || status / 100 == 5 ? "network"
							  : "callee";
	return NULL;
}

/* An ACK is that of a failure or of an answer. */
static bool has_gap(const struct call *c)
{
	if (c->bye_unseen ||
	    (c->acked && !c->answer_ns && !c->last_final && !c->challenge))
		return true;
	for (const struct call_invite *i = c->invites; i; i = i->next)
		if (i->unseen)
			return true;
	return false;
}

static const char *partial_of(const struct call *c, const char *state)
{
	bool no_end = !strcmp(state, "active") || c->evicted;

	if (!c->start_ns)
		return no_end ? "both" : "start";
	return no_end ? "end" : has_gap(c) ? "gap" : NULL;
}

/* --- the parts --------------------------------------------------------- */

static void party(struct cdr *cdr, const struct call_party *p,
		  struct cdr_party *out)
{
	out->user = keep(cdr, p->user);
	out->host = keep(cdr, p->host);
	out->name = keep(cdr, p->name);
	out->uri = keep(cdr, p->uri);
	out->tag = keep(cdr, p->tag);
	out->addr = p->addr;
	out->agent = keep(cdr, p->agent);
	out->asserted = keep(cdr, p->asserted);
}

static void dialogs(const struct call *c, struct cdr *cdr)
{
	struct cdr_call *out = &cdr->call;
	size_t n = 0;

	for (const struct call_dialog *d = c->dialogs; d; d = d->next)
		n += !d->challenge;
	out->dialogs = arena_alloc(cdr->mem, (n + 1) * sizeof(*out->dialogs));
	if (!out->dialogs)
		return;
	for (const struct call_dialog *d = c->dialogs; d; d = d->next) {
		if (d->challenge)
			continue;
		out->dialogs[out->dialogs_n++] = (struct cdr_dialog){
			.caller_tag = keep(cdr, c->caller.tag),
			.callee_tag = keep(cdr, d->callee_tag),
			.callee_addr = d->callee_addr,
			.status = d->status ? d->status : CDR_NO_U32,
			.ring = d->ring_ns,
			.answer = d->answer_ns,
			.end = d->end_ns,
			.ended_by = side_name(d->ended_by),
		};
	}
}

static void messages(const struct call *c, struct cdr *cdr)
{
	struct cdr_call *out = &cdr->call;

	out->messages =
		arena_alloc(cdr->mem, (c->msgs_n + 1) * sizeof(*out->messages));
	if (!out->messages)
		return;
	for (const struct call_msg *m = c->msgs; m; m = m->next)
		out->messages[out->messages_n++] = (struct cdr_message){
			.time = m->time,
			.src = m->src,
			.dst = m->dst,
			.transport = m->transport,
			.method = keep(cdr, m->method),
			.status = m->status ? m->status : CDR_NO_U32,
			.cseq = m->cseq,
			.len = m->len,
			.retransmission = m->retransmission,
			.copy_of = m->copy_of,
		};
}

static void info_dtmf(const struct call *c, struct cdr *cdr)
{
	struct cdr_call *out = &cdr->call;
	size_t n = 0;

	for (const struct call_dtmf *d = c->dtmf; d; d = d->next)
		n++;
	out->dtmf = arena_alloc(cdr->mem, (n + 1) * sizeof(*out->dtmf));
	if (!out->dtmf)
		return;
	for (const struct call_dtmf *d = c->dtmf; d; d = d->next)
		out->dtmf[out->dtmf_n++] = (struct cdr_dtmf){
			.time = d->time,
			.digit = keep(cdr, d->digit),
			.duration_us = d->duration_us,
			.via = "info",
		};
}

static void times(const struct call *c, struct cdr_call *out)
{
	uint64_t first = c->ring_ns	? c->ring_ns
			 : c->answer_ns ? c->answer_ns
					: c->final_ns;

	out->start = c->start_ns;
	out->ring = c->ring_ns;
	out->answer = c->answer_ns;
	out->end = c->bye_ns ? c->bye_ns : call_was_up(c) ? 0 : c->final_ns;
	out->pdd_us = cdr_between(c->start_ns, first);
	out->setup_us = cdr_between(c->start_ns, c->answer_ns);
}

void call_cdr(const struct call *c, uint64_t now_ns, struct cdr *cdr)
{
	static const char *const sides[] = {"caller", "callee"};
	struct cdr_call *out = &cdr->call;
	uint16_t status = status_of(c);

	memcpy(cdr->uid, c->uid, sizeof(cdr->uid));
	out->call_id = keep(cdr, c->call_id);
	out->group_id = keep(cdr, legs_group(c));
	out->state = state_of(c, now_ns);
	cdr->partial = partial_of(c, out->state);
	out->status = status ? status : CDR_NO_U32;
	out->reason =
		keep(cdr, c->answer_ns || c->last_final ? c->reason
							: c->challenge_reason);
	out->ended_by = ended_by(c, out->state);
	out->q850 = c->q850 ? c->q850 : CDR_NO_U32;
	party(cdr, &c->caller, &out->caller);
	party(cdr, &c->callee, &out->callee);
	out->transport = c->transport;
	out->shared_media = c->shared_media;
	out->told = c->told;
	out->billing.flags =
		c->answer_ns && !c->answer_acked ? SLICE("no-ack") : SLICE("");
	times(c, out);
	dialogs(c, cdr);
	messages(c, cdr);
	offers_result(&c->offers, sides, cdr);
	info_dtmf(c, cdr);
	cdr->last_packet = c->last_sip_ns;
	cdr->packets = c->msgs_n;
}
