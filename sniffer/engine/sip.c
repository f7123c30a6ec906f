/* SIP: out of datagrams, out of what TCP or TLS has in order. */
#include "sniffer/engine/conn.h"

/* Bytes of a connection that are looked at before it counts as not SIP. */
#define PROBE_BYTES 4096
/* The same of one whose beginning was not seen and that is no text: a
 * WebSocket message, say, is found where a segment begins. */
#define STRANGE_BYTES (256 * 1024)
#define WS_BYTES      (68 * 1024) /* of a message that may be one */

/* What engine_mask() made lies at the end of its frame. */
static struct slice masked_text(const struct engine *e, size_t len)
{
	struct slice whole = {0};

	if (e->frame_count)
		whole = e->frames[0].data;
	return slice_from(whole, whole.len - (whole.len ? len : 0));
}

/* The message as it was, and who carried it. */
static void deliver(struct engine *e, const struct sip_msg *m,
		    const struct pkt *p, const char *transport,
		    struct slice message, enum exported_by by)
{
	const struct frame *frames = e->frames;
	size_t frame_count = e->frame_count;
	struct frame masked;
	struct sip_seen seen = {
		.ts_ns = p->ts_ns,
		.src = p->src,
		.dst = p->dst,
		.transport = transport,
		.realm = engine_realm(e, p),
		.told = p->told,
	};

	if (e->replaying) /* it went through restore.c */
		return;
	e->stats.sip++;
	engine_mirror_sip(e, p, m);
	if (m->request)
		e->stats.requests[m->method]++;
	else if (m->status < 700)
		e->stats.responses[m->status / 100]++;
	if (m->fault)
		counters_add(&e->counters, m->fault, 1);
	e->message.m = m;
	e->message.seen = &seen;
	e->message.text = message;
	if (mask_is_on(&e->cfg.mask)) {
		e->frame_count = engine_mask(e, p, message, by, &masked);
		e->frames = &masked;
		message = masked_text(e, message.len);
	}
	engine_watch_sip(e, p, m, message);
	calls_on_sip(e->calls, m, &seen);
	e->message.m = NULL;
	if (calls_open(e->calls) > e->stats.open_calls_max)
		e->stats.open_calls_max = calls_open(e->calls);
	e->frames = frames;
	e->frame_count = frame_count;
}

static void unreadable(struct engine *e, const struct sip_msg *m)
{
	counters_add(&e->counters, m->fault ? m->fault : "sip.unreadable", 1);
}

bool engine_sip_datagram(struct engine *e, const struct pkt *p,
			 struct slice payload, const char *transport)
{
	struct sip_msg m;

	if (sip_parse(payload, SIP_DATAGRAM, &m) != PARSE_OK) {
		unreadable(e, &m);
		return false;
	}
	deliver(e, &m, p, transport, payload, (enum exported_by)p->by);
	return true;
}

/* --- TCP --------------------------------------------------------------- */

static bool is_text(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((s.p[i] < ' ' && s.p[i] != '\r' && s.p[i] != '\n' &&
		     s.p[i] != '\t') ||
		    s.p[i] > 0x7e)
			return false;
	return true;
}

/* In the middle of an unknown connection, which is no SIP by its looks: what
 * may be the beginning of a WebSocket message is waited for, the rest passed
 * over, up to the next segment. False: it may be anything. */
static bool pass_over(struct conn *c, int dir)
{
	struct engine *e = c->engine;
	struct tcp_dir *t = &c->dir[dir];
	struct slice bytes = tcp_bytes(t);
	bool client;

	if (c->kind != STREAM_UNKNOWN || !tcp_resync(t) ||
	    is_text(slice_head(bytes, 64)))
		return false;
	if (bytes.len < WS_BYTES &&
	    web_probe_ws(bytes, &e->web, &client) == PARSE_MORE)
		return true;
	c->strange[dir] += bytes.len;
	tcp_garbage(t, bytes.len);
	if (c->strange[dir] > STRANGE_BYTES)
		tcp_ignore(t, &e->tcp);
	return true;
}

/* Not at a message boundary: goes to the next one. False when there is
 * none yet, or when the connection is of another kind. */
static bool find_start(struct conn *c, int dir)
{
	struct engine *e = c->engine;
	struct tcp_dir *t = &c->dir[dir];
	struct slice bytes = tcp_bytes(t);
	ptrdiff_t at;

	if (sip_probe(bytes)) {
		c->kind = STREAM_SIP;
		return true;
	}
	if (c->kind == STREAM_UNKNOWN)
		c->kind = stream_kind_of(e, bytes, tcp_resync(t));
	if (c->kind != STREAM_UNKNOWN && c->kind != STREAM_SIP)
		return false;
	at = sip_resync(bytes);
	if (at > 0) {
		if (c->sip[dir])
			counters_add(&e->counters, "sip.resync", 1);
		c->kind = STREAM_SIP;
		tcp_garbage(t, (size_t)at);
		return true;
	}
	if (pass_over(c, dir))
		return false;
	if (!c->sip[dir] && bytes.len >= PROBE_BYTES)
		tcp_ignore(t, &e->tcp);
	else if (bytes.len > SIP_HEAD_MAX)
		tcp_garbage(t, bytes.len);
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

static void message(struct conn *c, int dir, const struct sip_msg *m)
{
	struct slice bytes = slice_head(tcp_bytes(&c->dir[dir]), m->total_len);
	struct engine *e = c->engine;
	struct pkt own = *c->now;

	c->frames_n = tcp_frames(&c->dir[dir], m->total_len, c->frames,
				 MESSAGE_FRAMES);
	if (c->frames_n > MESSAGE_FRAMES) {
		counters_add(&e->counters, "sip.frames_limit", 1);
		c->frames_n = MESSAGE_FRAMES;
	}
	c->sip[dir] = true;
	e->frames = c->frames;
	e->frame_count = c->frames_n;
	if (c->given_up)
		own.ts_ns = captured_ns(c->frames, c->frames_n, own.ts_ns);
	deliver(e, m, &own, "tcp", bytes, EXPORTED_BY_UNKNOWN);
	e->frames = NULL;
	e->frame_count = 0;
}

/* A first line may still be on its way: CRLFs, or the head of a method. */
static bool at_start(const struct conn *c, int dir)
{
	const struct tcp_dir *t = &c->dir[dir];

	return c->sip[dir] && !tcp_resync(t);
}

void sip_stream_take(struct conn *c, int dir)
{
	struct tcp_dir *t = &c->dir[dir];
	struct sip_msg m;

	while (tcp_bytes(t).len) {
		enum parse r;

		if (!at_start(c, dir) && !find_start(c, dir))
			return;
		r = sip_parse(tcp_bytes(t), SIP_STREAM, &m);
		if (r == PARSE_OK)
			message(c, dir, &m);
		else if (r == PARSE_BAD)
			unreadable(c->engine, &m);
		if (r == PARSE_MORE && !m.total_len)
			return;
		if (m.total_len) {
			tcp_consume(t, m.total_len);
		} else if (r == PARSE_BAD) {
			tcp_consume(t, 1);
			if (!find_start(c, dir))
				return;
		}
	}
}

void sip_stream_salvage(struct conn *c, int dir)
{
	struct tcp_dir *t = &c->dir[dir];
	struct slice bytes = tcp_bytes(t);
	struct sip_msg m;

	if (!tcp_gap(t) || !sip_probe(bytes) ||
	    slice_find_slice(bytes, SLICE("\r\n\r\n")) < 0 ||
	    sip_parse(bytes, SIP_DATAGRAM, &m) != PARSE_OK)
		return;
	m.total_len = bytes.len;
	message(c, dir, &m);
}

/* --- TLS and WebSocket --------------------------------------------------- */

static void plain_message(struct conn *c, int dir, const struct sip_msg *m,
			  struct slice bytes, const char *transport,
			  enum exported_by by)
{
	struct engine *e = c->engine;
	struct pkt own = conn_packet(c, dir, c->now->ts_ns);

	plain_frame(c, dir, bytes, "sip", by, own.ts_ns);
	e->frames = c->frames;
	e->frame_count = c->frames_n;
	deliver(e, m, &own, transport, bytes, by);
	e->frames = NULL;
	e->frame_count = 0;
}

/* Where the next message begins; all of it when it is not in sight. */
static size_t garbage(struct conn *c, struct slice bytes)
{
	ptrdiff_t at = sip_resync(bytes);

	if (at > 0) {
		counters_add(&c->engine->counters, "sip.resync", 1);
		return (size_t)at;
	}
	return bytes.len > SIP_HEAD_MAX ? bytes.len : 0;
}

size_t sip_plain_take(struct conn *c, int dir, struct slice bytes)
{
	size_t used = 0;
	struct sip_msg m;

	while (used < bytes.len) {
		struct slice rest = slice_from(bytes, used);
		enum parse r = sip_parse(rest, SIP_STREAM, &m);
		size_t skip;

		if (r == PARSE_OK)
			plain_message(c, dir, &m, slice_head(rest, m.total_len),
				      "tls", EXPORTED_BY_TLS);
		else if (r == PARSE_BAD)
			unreadable(c->engine, &m);
		if (r == PARSE_MORE && !m.total_len)
			break;
		skip = m.total_len ? m.total_len
				   : 1 + garbage(c, slice_from(rest, 1));
		used += skip < rest.len ? skip : rest.len;
	}
	return used;
}

bool sip_message_take(struct conn *c, int dir, struct slice bytes,
		      const char *transport, enum exported_by by)
{
	struct sip_msg m;

	if (sip_parse(bytes, SIP_DATAGRAM, &m) != PARSE_OK) {
		unreadable(c->engine, &m);
		return false;
	}
	plain_message(c, dir, &m, bytes, transport, by);
	return true;
}
