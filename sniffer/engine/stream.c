/*
 * TCP connections: what they carry is told from their first bytes. SIP is
 * framed in sip.c, TLS opened in plain.c; TURN and packets in
 * frames go where datagrams go.
 */
#include <stdlib.h>

#include "dissectors/rfc4571.h"
#include "dissectors/stun.h"
#include "dissectors/tls.h"
#include "sniffer/engine/conn.h"

/* Connections that are looked at when one has to go. */
#define CONN_TRIES 16
/* And that go for one segment, at most. */
#define CONNS_AT_ONCE 8

struct conn *stream_conn(struct engine *e, struct flow *f)
{
	struct eflow *ef = eflow_of(f);

	if (ef->conn)
		return ef->conn;
	ef->conn = calloc(1, sizeof(*ef->conn));
	if (!ef->conn)
		return NULL;
	ef->conn->engine = e;
	ef->conn->flow = f;
	ef->conn->frames = e->stream_frames;
	list_append(&e->conns, &ef->conn->age);
	e->conns_n++;
	list_init(&ef->conn->waiting);
	return ef->conn;
}

static void conn_free(struct conn *c)
{
	struct engine *e = c->engine;

	plain_close(c);
	web_flow_close(c->web);
	free(c->signal);
	list_remove(&c->age);
	e->conns_n--;
	tcp_close(&c->dir[0], &e->tcp);
	tcp_close(&c->dir[1], &e->tcp);
	free(c);
}

struct pkt conn_packet(const struct conn *c, int dir, uint64_t ts_ns)
{
	struct pkt p = *c->now;

	p.src = *flow_src(c->flow, dir);
	p.dst = *flow_dst(c->flow, dir);
	p.ts_ns = ts_ns;
	p.frames = c->frames;
	p.frame_count = c->frames_n;
	return p;
}

bool engine_stream_is_tls(const struct flow *f)
{
	const struct conn *c = eflow_of((struct flow *)f)->conn;

	return c && c->secure;
}

/* --- what it is --------------------------------------------------------- */

enum stream_kind stream_kind_of(struct engine *e, struct slice bytes, bool mid)
{
	enum stun_stream stun = stun_stream_probe(bytes);
	bool client;

	if (tls_probe(bytes) == PARSE_OK)
		return STREAM_TLS;
	if (stun == STUN_STREAM_TURN)
		return STREAM_TURN;
	if (stun == STUN_STREAM_FRAMED)
		return STREAM_FRAMED;
	if (web_probe(bytes, &client) == PARSE_OK)
		return STREAM_WEB;
	if (mid && web_probe_ws(bytes, &e->web, &client) == PARSE_OK)
		return STREAM_WEB;
	return STREAM_UNKNOWN;
}

/* --- packets on a stream ------------------------------------------------ */

static size_t next_turn(struct slice bytes, struct slice *packet)
{
	struct turn_channel ch;
	struct stun_msg m;
	enum parse r;
	size_t len;

	if (bytes.p[0] >= 0x40 && bytes.p[0] < 0x80) {
		r = turn_channel_parse(bytes, true, &ch);
		len = ch.total_len;
	} else {
		r = stun_parse(bytes, &m);
		len = m.total_len;
	}
	*packet = slice_head(bytes, len);
	return r == PARSE_OK ? len : r == PARSE_MORE ? 0 : SIZE_MAX;
}

/* What a bound connection carries is told from its first bytes. */
static enum stream_kind kind_of_bound(struct slice bytes)
{
	if (bytes.len < 3)
		return STREAM_BOUND;
	return engine_media_looks(slice_from(bytes, 2)) ? STREAM_FRAMED
							: STREAM_RAW;
}

size_t stream_next(struct conn *c, struct slice bytes, struct slice *packet)
{
	enum stream_kind *kind = stream_carries(c);
	size_t used;

	if (!bytes.len)
		return 0;
	if (*kind == STREAM_BOUND)
		*kind = kind_of_bound(bytes);
	if (*kind == STREAM_TURN)
		return next_turn(bytes, packet);
	if (*kind == STREAM_RAW) {
		*packet = bytes;
		return bytes.len;
	}
	if (*kind != STREAM_FRAMED)
		return 0;
	return rfc4571_parse(bytes, packet, &used) == PARSE_OK ? used : 0;
}

void engine_stream_bind(struct flow *f, const struct addr *peer)
{
	struct conn *c = eflow_of(f)->conn;

	if (!c || c->bound)
		return;
	c->peer = *peer;
	c->binds = true;
}

void engine_stream_bound(struct flow *f)
{
	struct conn *c = eflow_of(f)->conn;

	if (!c || !c->binds || c->bound)
		return;
	c->bound = true;
	*stream_carries(c) = STREAM_BOUND;
}

void stream_packet(struct conn *c, int dir, struct slice packet)
{
	struct pkt p = conn_packet(c, dir, c->now->ts_ns);

	if (!packet.len)
		return;
	p.payload = packet;
	p.payload_wire = (uint32_t)packet.len;
	if (c->bound)
		engine_turn_bound(c->engine, c->flow, dir, &p, &c->peer,
				  *stream_carries(c) == STREAM_RAW);
	else
		engine_media_udp(c->engine, c->flow, dir, &p);
}

static void take_packets(struct conn *c, int dir)
{
	struct tcp_dir *t = &c->dir[dir];
	struct slice packet;
	size_t used;

	while ((used = stream_next(c, tcp_bytes(t), &packet))) {
		if (used == SIZE_MAX) {
			counters_add(&c->engine->counters, "stream.lost_sync",
				     1);
			tcp_garbage(t, tcp_bytes(t).len);
			return;
		}
		c->frames_n = tcp_frames(t, used, c->frames, MESSAGE_FRAMES);
		if (c->frames_n > MESSAGE_FRAMES)
			c->frames_n = MESSAGE_FRAMES;
		stream_packet(c, dir, packet);
		tcp_consume(t, used);
	}
}

/* --- the web ------------------------------------------------------------ */

static void on_web(void *arg, const struct web_msg *m)
{
	struct conn *c = arg;
	bool ws = m->kind == WEB_WS_TEXT || m->kind == WEB_WS_BINARY;

	if (ws &&
	    (slice_ieq(m->subprotocol, SLICE("sip")) || sip_probe(m->body)))
		sip_message_take(c, m->dir, m->body, c->secure ? "wss" : "ws",
				 web_carrier(c, m));
	else
		engine_signal(c, m);
}

void stream_web(struct conn *c, int dir, struct slice bytes)
{
	if (!c->web)
		c->web = web_flow_new(&c->engine->web, on_web, c);
	if (c->web && web_flow_feed(c->web, dir, bytes, c->now->ts_ns))
		return;
	web_flow_close(c->web);
	c->web = NULL;
	if (c->secure)
		c->above = STREAM_OTHER;
	else
		c->kind = STREAM_OTHER;
}

/* All of it, whatever the boundaries of messages. */
static void take_all(struct conn *c, int dir)
{
	struct tcp_dir *t = &c->dir[dir];
	struct slice bytes = tcp_bytes(t);

	if (!bytes.len)
		return;
	c->frames_n = tcp_frames(t, bytes.len, c->frames, MESSAGE_FRAMES);
	if (c->frames_n > MESSAGE_FRAMES)
		c->frames_n = MESSAGE_FRAMES;
	if (c->kind == STREAM_TLS)
		plain_feed(c, dir, bytes);
	else
		stream_web(c, dir, bytes);
	tcp_consume(t, bytes.len);
}

/* --- the connection ----------------------------------------------------- */

static void take(struct conn *c, int dir)
{
	if (c->kind == STREAM_UNKNOWN || c->kind == STREAM_SIP) {
		sip_stream_take(c, dir);
		if (c->kind == STREAM_UNKNOWN || c->kind == STREAM_SIP) {
			sip_stream_salvage(c, dir);
			return;
		}
	}
	if (c->kind == STREAM_TLS && !c->secure && !plain_begin(c))
		c->kind = STREAM_OTHER;
	if (c->kind == STREAM_TLS || c->kind == STREAM_WEB)
		take_all(c, dir);
	else if (stream_has_packets(c->kind))
		take_packets(c, dir);
	if (c->kind == STREAM_OTHER)
		tcp_ignore(&c->dir[dir], &c->engine->tcp);
}

/* What was before the gap is over; how many bytes are lost is known where
 * the next ones are. */
static bool skip(struct conn *c, int dir)
{
	struct tcp_dir *t = &c->dir[dir];
	uint64_t end = t->next;

	if (!tcp_skip(t, &c->engine->tcp))
		return false;
	if (c->kind == STREAM_TLS && c->secure)
		plain_gap(c, dir, tcp_pos(t) - end);
	else if (c->kind == STREAM_WEB && c->web)
		web_flow_gap(c->web, dir);
	return true;
}

/* given_up: a hole was, before the bytes that are there now. */
static void look(struct conn *c, int dir, const struct pkt *p, bool given_up)
{
	c->given_up = given_up;
	c->now = p;
	do {
		take(c, dir);
		c->given_up = true;
	} while (skip(c, dir));
	c->now = NULL;
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
static void expire(struct conn *c, int dir)
{
	struct engine *e = c->engine;
	struct pkt p;

	if (!tcp_expire(&c->dir[dir], &e->tcp, c->flow->last_ns))
		return;
	p = own_packet(c->flow, dir);
	look(c, dir, &p, true);
	tcp_settle(&c->dir[dir], &e->tcp);
}

static uint64_t understood(const struct engine_stats *s)
{
	return s->sip + s->stun + s->rtp + s->rtcp + s->dtls + s->turn;
}

/* Half-open connections cost no more than their flow: a SYN is remembered,
 * and told when the first byte comes. */
static bool only_opens(struct engine *e, struct flow *f, int dir,
		       const struct pkt *p)
{
	struct eflow *ef = eflow_of(f);

	if (ef->conn || p->payload_wire)
		return false;
	if (p->tcp_flags & PKT_TCP_SYN) {
		ef->opened |= (uint8_t)(1u << dir);
		ef->isn[dir] = p->tcp_seq;
	}
	e->stats.other++;
	return true;
}

static void tell_opened(struct conn *c)
{
	struct engine *e = c->engine;
	struct eflow *ef = eflow_of(c->flow);

	for (int dir = 0; dir < 2; dir++) {
		struct pkt p = {.ts_ns = c->flow->first_ns,
				.tcp_seq = ef->isn[dir],
				.tcp_flags = PKT_TCP_SYN};

		if (!(ef->opened & 1u << dir))
			continue;
		tcp_push(&c->dir[dir], &e->tcp, &p);
		tcp_settle(&c->dir[dir], &e->tcp);
	}
	ef->opened = 0;
}

/* --- when there is no room ---------------------------------------------- */

/* Nothing is known of what it carries, nothing whole was read, or nothing can
 * be. */
static bool is_dark(const struct conn *c)
{
	if (c->binds || c->bound)
		return false;
	return c->kind == STREAM_UNKNOWN || c->kind == STREAM_OTHER ||
	       (c->kind == STREAM_SIP && !c->sip[0] && !c->sip[1]) ||
	       (c->kind == STREAM_TLS && c->above == STREAM_UNKNOWN);
}

bool engine_stream_is_spare(const struct flow *f)
{
	const struct conn *c = eflow_of((struct flow *)f)->conn;

	return !c || (is_dark(c) && !c->dir[0].held && !c->dir[1].held);
}

/* The oldest dark connection goes: of those that hold bytes, or of all. What
 * still comes on its flow begins another one, in its middle. */
static bool one_goes(struct engine *e, bool holding)
{
	const struct frame *frames = e->frames;
	size_t frame_count = e->frame_count;

	for (unsigned n = 0; n < CONN_TRIES; n++) {
		struct list *at = list_first(&e->conns);
		struct conn *c;

		if (!at)
			return false;
		c = container_of(at, struct conn, age);
		list_remove(at);
		list_append(&e->conns, at);
		if (!is_dark(c) || c->flow->last_ns == e->now_ns ||
		    (holding && !c->dir[0].held && !c->dir[1].held))
			continue;
		engine_stream_closed(e, c->flow);
		e->frames = frames;
		e->frame_count = frame_count;
		return true;
	}
	return false;
}

/* Room for what a segment may need. */
static void make_room(struct engine *e, const struct pkt *p)
{
	size_t need = 4 * (size_t)p->payload.len + 2048;

	for (unsigned n = 0; n < CONNS_AT_ONCE; n++) {
		if (e->tcp.held + need <= e->tcp.cfg.total_bytes ||
		    !one_goes(e, true))
			return;
		counters_add(&e->counters, "tcp.hold_evicted", 1);
	}
}

static bool conn_room(struct engine *e)
{
	if (!e->cfg.max_conns || e->conns_n < e->cfg.max_conns)
		return true;
	if (one_goes(e, false)) {
		counters_add(&e->counters, "tcp.connection_evicted", 1);
		return true;
	}
	counters_add(&e->counters, "tcp.connection_limit", 1);
	return false;
}

/* NULL at the limit or without memory, counted. */
static struct conn *conn_of(struct engine *e, struct flow *f)
{
	struct conn *c = eflow_of(f)->conn;

	if (c)
		return c;
	if (!conn_room(e))
		return NULL;
	c = stream_conn(e, f);
	if (c)
		tell_opened(c);
	else
		counters_add(&e->counters, "tcp.no_memory", 1);
	return c;
}

void engine_stream_tcp(struct engine *e, struct flow *f, int dir,
		       const struct pkt *p)
{
	uint64_t before = understood(&e->stats);
	struct conn *c;

	if (only_opens(e, f, dir, p) || !(c = conn_of(e, f)))
		return;
	make_room(e, p);
	expire(c, !dir);
	if (tcp_push(&c->dir[dir], &e->tcp, p))
		look(c, dir, p, false);
	tcp_settle(&c->dir[dir], &e->tcp);
	if (understood(&e->stats) != before)
		return;
	if (c->kind == STREAM_TLS)
		e->stats.tls++;
	e->stats.other++;
}

static void finish(struct conn *c, int dir)
{
	struct engine *e = c->engine;
	struct pkt p = own_packet(c->flow, dir);

	if (tcp_finish(&c->dir[dir], &e->tcp))
		look(c, dir, &p, true);
	tcp_settle(&c->dir[dir], &e->tcp);
	c->now = &p;
	if (c->web)
		web_flow_end(c->web, dir);
	c->now = NULL;
}

void engine_stream_closed(struct engine *e, struct flow *f)
{
	struct conn *c = eflow_of(f)->conn;
	struct pkt p;

	(void)e;
	if (!c)
		return;
	for (int dir = 0; dir < 2; dir++)
		finish(c, dir);
	p = own_packet(f, 0);
	c->now = &p;
	conn_free(c);
	eflow_of(f)->conn = NULL;
}

void engine_stream_finish(struct engine *e)
{
	struct flow *f = flow_table_first(e->flows);

	for (; f; f = flow_table_next(e->flows, f))
		engine_stream_closed(e, f);
}
