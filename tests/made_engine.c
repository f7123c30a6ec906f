#include "tests/made_engine.h"

#include <stdio.h>
#include <stdlib.h>

#define RAW_IP 101

enum {
	TCP = 6,
	UDP = 17,
};

/* --- the engine ----------------------------------------------------------- */

struct engine_config made_engine_config(void)
{
	return (struct engine_config){
		.sensor = SLICE("test"),
		.decode = {.max_depth = 16,
			   .frag_bytes = 1 << 20,
			   .frag_max = 64,
			   .frag_timeout_ns = 30 * MADE_S},
		.tcp = {.buffer_bytes = 1 << 18,
			.total_bytes = 1 << 22,
			.gap_segments = 64,
			.gap_ns = 2 * MADE_S},
		.calls = {.max_calls = 100,
			  .max_registrations = 100,
			  .max_transactions = 100,
			  .call_bytes = 1 << 18,
			  .linger_ns = 5 * MADE_S,
			  .retry_ns = 32 * MADE_S,
			  .unanswered_ns = 300 * MADE_S,
			  .media_silence_ns = 300 * MADE_S,
			  .silence_ns = 14400 * MADE_S},
		.media = {.max_streams = 100,
			  .flow_streams = 16,
			  .srtp_hold = 16384,
			  .srtp_hold_max = 1 << 20,
			  .record = {.what = RECORD_NONE}},
		.max_keys = 100,
		.tls_hold_bytes = 1 << 18,
		.tls_total_bytes = 1 << 22,
		.max_flows = 1000,
		.udp_idle_ns = 180 * MADE_S,
		.tcp_idle_ns = 600 * MADE_S,
		.max_pending = 100,
		.max_sessions = 100,
		.max_nat = 100,
		.web_message_bytes = 1 << 17,
		.web_total_bytes = 1 << 22,
		.adopt_ns = 30 * MADE_S,
		.session_packets = 5,
		.seed = {1, 2},
	};
}

static void on_record(void *arg, struct cdr *cdr)
{
	struct made_engine *m = arg;

	if (m->got_n == MADE_RECORDS || cdr->number != m->got_n + 1)
		abort();
	m->got[m->got_n++] = cdr;
}

void made_engine_begin(struct made_engine *m, const struct engine_config *cfg)
{
	struct engine_out out = {.record = on_record, .arg = m};
	const char *workers = getenv("TEST_WORKERS");
	struct engine_config own = *cfg;

	if (workers) {
		own.workers = (unsigned)atoi(workers);
		own.wait = true;
	}
	*m = (struct made_engine){.engine = engine_new(&own, &out)};
	if (!m->engine)
		abort();
}

/* A snapshot is of a moment when no worker has anything to do. */
static void settle(struct engine *e)
{
	struct snapshot *s = calloc(1, sizeof(*s));

	if (!s)
		abort();
	engine_snapshot(e, s);
	free(s);
}

void made_engine_settle(struct made_engine *m)
{
	settle(m->engine);
}

void made_engine_end(struct made_engine *m)
{
	engine_end(m->engine);
}

void made_engine_free(struct made_engine *m)
{
	engine_free(m->engine);
	while (m->got_n)
		cdr_free(m->got[--m->got_n]);
}

uint64_t made_counted(const struct made_engine *m, const char *name)
{
	settle(m->engine);
	return counters_get(engine_counters(m->engine), name);
}

const struct cdr *made_only(const struct made_engine *m)
{
	if (m->got_n == 1)
		return m->got[0];
	fprintf(stderr, "%zu records\n", m->got_n);
	for (size_t i = 0; i < m->got_n; i++)
		fprintf(stderr, "%s: %zu streams, %zu ice\n",
			cdr_kind_name(m->got[i]->kind),
			m->got[i]->call.streams_n, m->got[i]->call.ice_n);
	abort();
}

/* --- packets -------------------------------------------------------------- */

static void put16(uint8_t *p, size_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

static size_t put_ip(uint8_t *p, struct addr from, struct addr to,
		     uint8_t protocol, size_t len)
{
	memset(p, 0, 20);
	p[0] = 0x45;
	put16(p + 2, 20 + len);
	p[8] = 64;
	p[9] = protocol;
	memcpy(p + 12, from.ip + 12, 4);
	memcpy(p + 16, to.ip + 12, 4);
	return 20 + len;
}

static void feed(struct made_engine *m, uint64_t ms, uint8_t *p, size_t len)
{
	struct frame f = {
		.data = slice_of(p, len),
		.ts_ns = MADE_T0 + ms * MADE_MS,
		.number = ++m->frames,
		.wire_len = (uint32_t)len,
		.linktype = RAW_IP,
		.ts_digits = 6,
	};

	put16(p + 4, (uint16_t)m->frames);
	engine_feed(m->engine, &f, 1);
}

void made_ip(struct made_engine *m, uint64_t ms, struct addr from,
	     struct addr to, uint8_t protocol, struct slice data)
{
	uint8_t p[20 + MADE_BYTES];

	if (data.len > MADE_BYTES)
		abort();
	memcpy(p + 20, data.p, data.len);
	feed(m, ms, p, put_ip(p, from, to, protocol, data.len));
}

size_t made_udp_bytes(uint8_t *p, struct addr from, struct addr to,
		      struct slice data)
{
	if (data.len > MADE_BYTES)
		abort();
	put16(p + 20, from.port);
	put16(p + 22, to.port);
	put16(p + 24, 8 + data.len);
	put16(p + 26, 0);
	if (data.len)
		memcpy(p + 28, data.p, data.len);
	return put_ip(p, from, to, UDP, 8 + data.len);
}

void made_udp(struct made_engine *m, uint64_t ms, struct addr from,
	      struct addr to, struct slice data)
{
	uint8_t p[MADE_UDP_HEAD + MADE_BYTES];

	feed(m, ms, p, made_udp_bytes(p, from, to, data));
}

/* --- TCP ------------------------------------------------------------------ */

enum {
	SYN = 2,
	PUSH = 8,
	ACK = 16,
};

static void segment(struct made_engine *m, uint64_t ms, struct made_tcp *t,
		    unsigned from, uint8_t flags, struct slice data)
{
	uint8_t p[40 + MADE_BYTES], *tcp = p + 20;

	memset(tcp, 0, 20);
	put16(tcp, t->end[from].port);
	put16(tcp + 2, t->end[!from].port);
	put32(tcp + 4, t->seq[from]);
	put32(tcp + 8, flags & ACK ? t->seq[!from] : 0);
	tcp[12] = 5 << 4;
	tcp[13] = flags;
	put16(tcp + 14, 65535);
	if (data.len)
		memcpy(tcp + 20, data.p, data.len);
	feed(m, ms, p,
	     put_ip(p, t->end[from], t->end[!from], TCP, 20 + data.len));
	t->seq[from] += (uint32_t)data.len + (flags & SYN ? 1 : 0);
}

void made_tcp_open(struct made_engine *m, uint64_t ms, struct made_tcp *t,
		   struct addr client, struct addr server)
{
	*t = (struct made_tcp){{client, server}, {1000, 5000}};
	segment(m, ms, t, 0, SYN, (struct slice){0});
	segment(m, ms, t, 1, SYN | ACK, (struct slice){0});
	segment(m, ms, t, 0, ACK, (struct slice){0});
}

void made_tcp_send(struct made_engine *m, uint64_t ms, struct made_tcp *t,
		   unsigned from, struct slice data)
{
	while (data.len) {
		struct slice part = slice_head(data, 1400);

		segment(m, ms, t, from, ACK | PUSH, part);
		data = slice_from(data, part.len);
	}
}

/* --- WebSocket ------------------------------------------------------------ */

void made_ws_open(struct made_engine *m, uint64_t ms, struct made_tcp *t)
{
	made_tcp_send(m, ms, t, 0,
		      SLICE("GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket"
			    "\r\nConnection: Upgrade\r\n"
			    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
			    "Sec-WebSocket-Version: 13\r\n\r\n"));
	made_tcp_send(m, ms, t, 1,
		      SLICE("HTTP/1.1 101 Switching Protocols\r\n"
			    "Upgrade: websocket\r\nConnection: Upgrade\r\n"
			    "Sec-WebSocket-Accept: "
			    "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"));
}

void made_ws_text(struct made_engine *m, uint64_t ms, struct made_tcp *t,
		  unsigned from, const char *text)
{
	static const uint8_t mask[4] = {0x37, 0xfa, 0x21, 0x3d};
	uint8_t b[MADE_BYTES * 4] = {0x81};
	size_t n = strlen(text), at = 2;

	if (n > sizeof(b) - 8)
		abort();
	if (n < 126) {
		b[1] = (uint8_t)n;
	} else {
		b[1] = 126;
		put16(b + 2, n);
		at = 4;
	}
	if (from == 0) {
		b[1] |= 0x80;
		memcpy(b + at, mask, 4);
		at += 4;
	}
	for (size_t i = 0; i < n; i++)
		b[at + i] = (uint8_t)(text[i] ^ (from ? 0 : mask[i % 4]));
	made_tcp_send(m, ms, t, from, slice_of(b, at + n));
}

/* --- RTP ------------------------------------------------------------------ */

size_t made_rtp_packet(const struct made_rtp *r, unsigned i, uint8_t out[172])
{
	memset(out, 0x55, 172);
	out[0] = 0x80;
	out[1] = r->pt;
	put16(out + 2, r->seq + i);
	put32(out + 4, (r->seq + i) * 160u);
	put32(out + 8, r->ssrc);
	return 172;
}

void made_rtp(struct made_engine *m, uint64_t ms, const struct made_rtp *r)
{
	uint8_t p[172];

	for (unsigned i = 0; i < r->n; i++)
		made_udp(m, ms + i * 20, r->from, r->to,
			 slice_of(p, made_rtp_packet(r, i, p)));
}

/* --- ICE ------------------------------------------------------------------ */

void made_check_request(struct stun_bytes *s, const struct made_check *c)
{
	char name[600];
	int n = snprintf(name, sizeof(name), "%s:%s", c->receiver, c->sender);

	stun_bytes_begin(s, STUN_REQUEST, STUN_BINDING, c->tid);
	stun_bytes_attr(s, STUN_ATTR_USERNAME, slice_of(name, (size_t)n));
	stun_bytes_u32(s, STUN_ATTR_PRIORITY, 1862270975);
	stun_bytes_attr(s,
			c->controlled ? STUN_ATTR_ICE_CONTROLLED
				      : STUN_ATTR_ICE_CONTROLLING,
			SLICE("12345678"));
	if (c->use)
		stun_bytes_attr(s, STUN_ATTR_USE_CANDIDATE, (struct slice){0});
	if (c->pwd)
		stun_bytes_integrity(s, c->pwd);
	stun_bytes_fingerprint(s);
}

void made_check_answer(struct stun_bytes *s, const struct made_check *c)
{
	stun_bytes_begin(s, STUN_SUCCESS, STUN_BINDING, c->tid);
	stun_bytes_addr(s, STUN_ATTR_XOR_MAPPED_ADDRESS, &c->from);
	if (c->pwd)
		stun_bytes_integrity(s, c->pwd);
	stun_bytes_fingerprint(s);
}

void made_check(struct made_engine *m, uint64_t ms, const struct made_check *c)
{
	struct stun_bytes s;

	made_check_request(&s, c);
	made_udp(m, ms, c->from, c->to, stun_bytes_slice(&s));
	made_check_answer(&s, c);
	made_udp(m, ms + 10, c->to, c->from, stun_bytes_slice(&s));
}
