#include <stdlib.h>

#include "sniffer/engine_priv.h"

/* Frames of one message that are recorded; longer ones lose their middle. */
#define MESSAGE_FRAMES 64
/* Bytes of a connection that are looked at before it counts as not SIP. */
#define PROBE_BYTES 4096

static void deliver(struct engine *e, const struct sip_msg *m,
		    const struct pkt *p, const char *transport)
{
	struct sip_seen seen = {
		.ts_ns = p->ts_ns,
		.src = p->src,
		.dst = p->dst,
		.transport = transport,
		.realm = engine_realm(e, p),
	};

	e->stats.sip++;
	if (m->fault)
		counters_add(&e->counters, m->fault, 1);
	calls_on_sip(e->calls, m, &seen);
	if (calls_open(e->calls) > e->stats.open_calls_max)
		e->stats.open_calls_max = calls_open(e->calls);
}

bool engine_sip_datagram(struct engine *e, const struct pkt *p,
			 struct slice payload, const char *transport)
{
	struct sip_msg m;

	if (sip_parse(payload, SIP_DATAGRAM, &m) != PARSE_OK) {
		counters_add(&e->counters, m.fault ? m.fault : "sip.unreadable",
			     1);
		return false;
	}
	deliver(e, &m, p, transport);
	return true;
}

/* --- TCP --------------------------------------------------------------- */

static struct conn *conn_of(struct eflow *ef)
{
	if (!ef->conn)
		ef->conn = calloc(1, sizeof(*ef->conn));
	return ef->conn;
}

static void conn_free(struct engine *e, struct conn *c)
{
	if (!c)
		return;
	tcp_close(&c->dir[0], &e->tcp);
	tcp_close(&c->dir[1], &e->tcp);
	free(c);
}

/* TLS record header of a handshake: RFC 8446, 5.1. */
static bool is_tls(struct slice s)
{
	return s.len >= 3 && s.p[0] == 22 && s.p[1] == 3 && s.p[2] <= 4;
}

/* Not at a message boundary: goes to the next one. False when there is
 * none yet. */
static bool find_start(struct engine *e, struct conn *c, int dir)
{
	struct tcp_dir *t = &c->dir[dir];
	struct slice bytes = tcp_bytes(t);
	ptrdiff_t at;

	if (sip_probe(bytes))
		return true;
	at = sip_resync(bytes);
	if (at > 0) {
		if (c->sip[dir])
			counters_add(&e->counters, "sip.resync", 1);
		tcp_garbage(t, (size_t)at);
		return true;
	}
	if (is_tls(bytes) && !c->sip[dir]) {
		c->tls = true;
		tcp_ignore(t, &e->tcp);
	} else if (!c->sip[dir] && bytes.len >= PROBE_BYTES) {
		tcp_ignore(t, &e->tcp);
	} else if (bytes.len > SIP_HEAD_MAX) {
		tcp_garbage(t, bytes.len);
	}
	return false;
}

/* A message behind a hole comes when the hole is filled: so it does for its
 * receiver. Where it never is, the capture alone has lost something, and the
 * message is from when the last of its segments was captured. */
static uint64_t captured_ns(const struct frame *frames, size_t n,
			    uint64_t otherwise)
{
	uint64_t last_ns = 0;

	for (size_t i = 0; i < n; i++)
		if (frames[i].ts_ns > last_ns)
			last_ns = frames[i].ts_ns;
	return last_ns ? last_ns : otherwise;
}

static void message(struct engine *e, struct conn *c, int dir,
		    const struct sip_msg *m, const struct pkt *p)
{
	struct tcp_dir *t = &c->dir[dir];
	struct frame frames[MESSAGE_FRAMES];
	size_t n = tcp_frames(t, m->total_len, frames, MESSAGE_FRAMES);
	struct pkt own = *p;

	if (n > MESSAGE_FRAMES) {
		counters_add(&e->counters, "sip.frames_limit", 1);
		n = MESSAGE_FRAMES;
	}
	c->sip[dir] = true;
	e->frames = frames;
	e->frame_count = n;
	if (c->given_up)
		own.ts_ns = captured_ns(frames, n, p->ts_ns);
	deliver(e, m, &own, "tcp");
	e->frames = NULL;
	e->frame_count = 0;
}

/* A first line may still be on its way: CRLFs, or the head of a method. */
static bool at_start(const struct conn *c, int dir)
{
	const struct tcp_dir *t = &c->dir[dir];

	return c->sip[dir] && !tcp_resync(t);
}

/* Takes messages off the front while there are whole ones. */
static void frame_messages(struct engine *e, struct conn *c, int dir,
			   const struct pkt *p)
{
	struct tcp_dir *t = &c->dir[dir];
	struct sip_msg m;

	while (tcp_bytes(t).len) {
		enum parse r;

		if (!at_start(c, dir) && !find_start(e, c, dir))
			return;
		r = sip_parse(tcp_bytes(t), SIP_STREAM, &m);
		if (r == PARSE_OK)
			message(e, c, dir, &m, p);
		else if (r == PARSE_BAD)
			counters_add(&e->counters,
				     m.fault ? m.fault : "sip.unreadable", 1);
		if (r == PARSE_MORE && !m.total_len)
			return;
		if (m.total_len) {
			tcp_consume(t, m.total_len);
		} else if (r == PARSE_BAD) {
			tcp_consume(t, 1);
			if (!find_start(e, c, dir))
				return;
		}
	}
}

/* A message whose body is lost in a gap, or was cut by the snap length: its
 * head is worth having. */
static void salvage(struct engine *e, struct conn *c, int dir,
		    const struct pkt *p)
{
	struct tcp_dir *t = &c->dir[dir];
	struct slice bytes = tcp_bytes(t);
	struct sip_msg m;

	if (!tcp_gap(t) || !sip_probe(bytes) ||
	    slice_find_slice(bytes, SLICE("\r\n\r\n")) < 0 ||
	    sip_parse(bytes, SIP_DATAGRAM, &m) != PARSE_OK)
		return;
	m.total_len = bytes.len;
	message(e, c, dir, &m, p);
}

/* given_up: a hole was, before the bytes that are there now. */
static void look(struct engine *e, struct conn *c, int dir, const struct pkt *p,
		 bool given_up)
{
	c->given_up = given_up;
	do {
		frame_messages(e, c, dir, p);
		salvage(e, c, dir, p);
		c->given_up = true;
	} while (tcp_skip(&c->dir[dir], &e->tcp));
}

/* What a direction shows without a packet of its own is reported with this:
 * its time is the last one known. */
static struct pkt own_packet(const struct flow *f, int dir)
{
	return (struct pkt){
		.ts_ns = f->last_ns,
		.src = *flow_src(f, dir),
		.dst = *flow_dst(f, dir),
		.vlan = PKT_NO_VLAN,
		.proto = PKT_TCP,
	};
}

/* The other side goes on: it may have what is missing here. */
static void expire(struct engine *e, struct flow *f, struct conn *c, int dir)
{
	struct pkt p;

	if (!tcp_expire(&c->dir[dir], &e->tcp, f->last_ns))
		return;
	p = own_packet(f, dir);
	look(e, c, dir, &p, true);
	tcp_settle(&c->dir[dir], &e->tcp);
}

void engine_sip_tcp(struct engine *e, struct flow *f, int dir,
		    const struct pkt *p)
{
	struct conn *c = conn_of(eflow_of(f));
	uint64_t before = e->stats.sip;

	if (!c) {
		counters_add(&e->counters, "tcp.no_memory", 1);
		return;
	}
	expire(e, f, c, !dir);
	if (tcp_push(&c->dir[dir], &e->tcp, p))
		look(e, c, dir, p, false);
	tcp_settle(&c->dir[dir], &e->tcp);
	if (e->stats.sip != before)
		return;
	if (c->tls)
		e->stats.tls++;
	e->stats.other++;
}

static void finish(struct engine *e, struct flow *f, struct conn *c, int dir)
{
	struct pkt p = own_packet(f, dir);

	if (tcp_finish(&c->dir[dir], &e->tcp))
		look(e, c, dir, &p, true);
	tcp_settle(&c->dir[dir], &e->tcp);
}

void engine_sip_flow_closed(struct engine *e, struct flow *f)
{
	struct conn *c = eflow_of(f)->conn;

	for (int dir = 0; c && dir < 2; dir++)
		finish(e, f, c, dir);
	conn_free(e, c);
	eflow_of(f)->conn = NULL;
}

void engine_sip_finish(struct engine *e)
{
	struct flow *f = flow_table_first(e->flows);

	for (; f; f = flow_table_next(e->flows, f))
		engine_sip_flow_closed(e, f);
}
