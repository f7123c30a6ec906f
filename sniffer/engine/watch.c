/* What passes, told to whoever watches. */
#include "dissectors/dtls.h"
#include "dissectors/tls_names.h"
#include "sniffer/engine/conn.h"

/* --- signalling ----------------------------------------------------------- */

/* The call's memory may be used up: then there is no row of it. */
static bool has_row(const struct engine *e, const struct call *c)
{
	const struct sip_seen *seen = e->message.seen;
	const struct call_msg *m = c->last_msg;

	return e->message.m && m && m->time == seen->ts_ns &&
	       addr_eq(&m->src, &seen->src) && addr_eq(&m->dst, &seen->dst);
}

void engine_watch_message(struct engine *e, const struct call *c)
{
	const struct engine_watch *w = e->out.watch;

	if (w && w->message && has_row(e, c))
		w->message(e->out.watch_arg, c, e->message.text);
}

static const char *transport_of(const struct conn *c, const struct web_msg *m)
{
	switch (web_carrier(c, m)) {
	case EXPORTED_BY_WS_CLIENT:
	case EXPORTED_BY_WS_SERVER:
		return "ws";
	case EXPORTED_BY_WSS_CLIENT:
	case EXPORTED_BY_WSS_SERVER:
		return "wss";
	default:
		return c->secure ? "https" : "http";
	}
}

void engine_watch_signalling(const struct conn *c, const struct owner *o,
			     const struct web_msg *m)
{
	const struct engine_watch *w = c->engine->out.watch;
	struct engine_signalling s = {
		.ts_ns = m->ts_ns,
		.uid = o->uid,
		.src = flow_src(c->flow, m->dir),
		.dst = flow_dst(c->flow, m->dir),
		.request = m->kind == WEB_HTTP_REQUEST,
		.text = m->body,
	};

	if (!w || !w->signalling)
		return;
	s.transport = transport_of(c, m);
	w->signalling(c->engine->out.watch_arg, &s);
}

/* --- the wire ------------------------------------------------------------- */

static struct engine_wire wire_of(const struct pkt *p, struct slice bytes,
				  struct slice call_id)
{
	return (struct engine_wire){
		.ts_ns = p->ts_ns,
		.src = &p->src,
		.dst = &p->dst,
		.bytes = bytes,
		.call_id = call_id,
		.vlan = p->vlan,
		.proto = p->proto,
		.dscp = p->dscp,
	};
}

void engine_watch_sip(struct engine *e, const struct pkt *p,
		      const struct sip_msg *m, struct slice text)
{
	const struct engine_watch *w = e->out.watch;
	struct engine_wire wire = wire_of(p, text, m->call_id);

	if (w && w->sip && text.len)
		w->sip(e->out.watch_arg, &wire);
}

void engine_watch_rtcp(struct engine *e, const struct link *l,
		       const struct pkt *p)
{
	const struct engine_watch *w = e->out.watch;
	struct engine_wire wire;

	if (!w || !w->rtcp || !l || !l->owner->call)
		return;
	wire = wire_of(p, p->payload, l->owner->call->call_id);
	w->rtcp(e->out.watch_arg, &wire);
}

/* --- ICE ------------------------------------------------------------------ */

static const char *kind_of(const struct stun_msg *m)
{
	switch (m->class) {
	case STUN_SUCCESS:
		return "response";
	case STUN_ERROR:
		return "error";
	default:
		return "request";
	}
}

void engine_watch_check(struct engine *e, const struct link *l,
			enum ice_end sender, const struct stun_msg *m,
			uint64_t ts_ns)
{
	const struct engine_watch *w = e->out.watch;
	const struct ice_pair *p = l->rtc->pair;
	struct engine_check c = {
		.ts_ns = ts_ns,
		.sender = m->class == STUN_REQUEST ? sender : !sender,
		.kind = kind_of(m),
		.code = m->class == STUN_ERROR ? m->error_code : 0,
		.use_candidate = m->class == STUN_REQUEST && m->use_candidate,
	};

	if (!w || !w->check)
		return;
	for (unsigned i = 0; i < 2; i++) {
		c.ufrag[i] = p->ice->agent[i]->ufrag;
		c.end[i] = &p->end[i];
	}
	w->check(e->out.watch_arg, &c);
}

/* --- DTLS ----------------------------------------------------------------- */

static void tell_handshake(const struct engine *e, struct engine_dtls_seen *s,
			   struct slice payload)
{
	struct dtls_fragment f;

	while (dtls_fragment_next(&payload, &f) == PARSE_OK) {
		s->what = tls_handshake_name(f.type);
		if (s->what && !f.offset)
			e->out.watch->dtls(e->out.watch_arg, s);
	}
}

/* Epochs above 0 are encrypted, and say no more than their type. */
static const char *what_of(const struct dtls_record *r)
{
	switch (r->type) {
	case DTLS_CHANGE_CIPHER_SPEC:
		return "ChangeCipherSpec";
	case DTLS_ALERT:
		return r->epoch ? "alert (encrypted)" : "alert";
	case DTLS_HANDSHAKE:
		return "handshake (encrypted)";
	default:
		return NULL;
	}
}

void engine_watch_dtls(struct engine *e, const struct rtc_dtls *d,
		       const struct pkt *p)
{
	const struct engine_watch *w = e->out.watch;
	struct engine_dtls_seen s = {.ts_ns = p->ts_ns,
				     .end = {&d->end[0], &d->end[1]}};
	struct slice in = p->payload;
	struct dtls_record r;

	if (!w || !w->dtls)
		return;
	while (dtls_record_next(&in, 0, &r) == PARSE_OK) {
		if (r.type == DTLS_HANDSHAKE && !r.epoch) {
			tell_handshake(e, &s, r.payload);
			continue;
		}
		s.what = r.unified ? NULL : what_of(&r);
		if (s.what)
			w->dtls(e->out.watch_arg, &s);
	}
}
