/*
 * TLS that a key log opens, and what it carries: the same as TCP may.
 */
#include <stdlib.h>

#include "sniffer/engine/conn.h"

/* What is kept of one direction until it makes a message. */
#define PLAIN_MAX (256 * 1024)

/* --- what TLS carries ---------------------------------------------------- */

static bool append(struct plain *b, struct slice s)
{
	size_t size = b->size ? b->size : 2048;
	uint8_t *p;

	if (b->len + s.len > PLAIN_MAX)
		return false;
	while (size < b->len + s.len)
		size *= 2;
	if (size != b->size) {
		p = realloc(b->p, size);
		if (!p)
			return false;
		b->p = p;
		b->size = size;
	}
	if (s.len)
		memcpy(b->p + b->len, s.p, s.len);
	b->len += s.len;
	return true;
}

static void drop(struct plain *b, size_t n)
{
	b->len -= n;
	if (b->len)
		memmove(b->p, b->p + n, b->len);
}

static size_t take_packets(struct conn *c, int dir, struct slice bytes)
{
	size_t used = 0, n;
	struct slice packet;

	while ((n = stream_next(c, slice_from(bytes, used), &packet))) {
		if (n == SIZE_MAX) {
			counters_add(&c->engine->counters, "stream.lost_sync",
				     1);
			return bytes.len;
		}
		stream_packet(c, dir, packet);
		used += n;
	}
	return used;
}

static void know(struct conn *c, struct slice bytes)
{
	if (c->above != STREAM_UNKNOWN)
		return;
	if (sip_probe(bytes))
		c->above = STREAM_SIP;
	else
		c->above = stream_kind_of(c->engine, bytes, false);
	if (c->above == STREAM_TLS) /* in TLS: nobody does that */
		c->above = STREAM_OTHER;
}

static void take(struct conn *c, int dir)
{
	struct plain *b = &c->plain[dir];
	struct slice bytes = slice_of(b->p, b->len);
	size_t used = bytes.len;

	know(c, bytes);
	switch (c->above) {
	case STREAM_SIP:
		used = sip_plain_take(c, dir, bytes);
		break;
	case STREAM_TURN:
	case STREAM_FRAMED:
	case STREAM_BOUND:
	case STREAM_RAW:
		used = take_packets(c, dir, bytes);
		break;
	case STREAM_WEB:
		stream_web(c, dir, bytes);
		break;
	case STREAM_UNKNOWN:
		used = bytes.len > 4096 ? bytes.len : 0;
		break;
	case STREAM_TLS:
	case STREAM_OTHER:
		break;
	}
	drop(b, used);
}

static void on_plain(void *arg, int dir, struct slice data, uint64_t ts_ns)
{
	struct conn *c = arg;
	const struct pkt *was = c->now;
	struct pkt p;

	if (!was) /* keys came later than the packets */
		p = (struct pkt){.vlan = PKT_NO_VLAN, .proto = PKT_TCP};
	else
		p = *was;
	p.src = *flow_src(c->flow, dir);
	p.dst = *flow_dst(c->flow, dir);
	p.ts_ns = ts_ns;
	c->now = &p;
	if (append(&c->plain[dir], data)) {
		take(c, dir);
	} else {
		counters_add(&c->engine->counters, "tls.plain_limit", 1);
		c->plain[dir].len = 0;
	}
	c->now = was;
}

static void on_hole(void *arg, int dir)
{
	struct conn *c = arg;

	c->plain[dir].len = 0;
	if (c->web)
		web_flow_gap(c->web, dir);
}

/* --- the connection ------------------------------------------------------ */

bool plain_begin(struct conn *c)
{
	struct tls_conn_config cfg = {
		.keys = c->engine->keylog,
		.mem = &c->engine->tls,
		.plain = on_plain,
		.hole = on_hole,
		.arg = c,
	};

	c->secure = tls_conn_new(&cfg);
	return c->secure != NULL;
}

static void wait_for_keys(struct conn *c)
{
	bool waits = tls_conn_waits(c->secure);

	if (waits && list_empty(&c->waiting))
		list_append(&c->engine->tls_waiting, &c->waiting);
	else if (!waits)
		list_remove(&c->waiting);
}

void plain_feed(struct conn *c, int dir, struct slice bytes)
{
	tls_conn_feed(c->secure, dir, bytes, c->now->ts_ns);
	wait_for_keys(c);
}

void plain_gap(struct conn *c, int dir, uint64_t lost)
{
	tls_conn_gap(c->secure, dir, lost);
}

void plain_close(struct conn *c)
{
	list_remove(&c->waiting);
	tls_conn_free(c->secure);
	free(c->plain[0].p);
	free(c->plain[1].p);
}

void engine_plain_keys(struct engine *e)
{
	list_each_safe(it, &e->tls_waiting)
	{
		struct conn *c = container_of(it, struct conn, waiting);

		c->frames_n = 0;
		tls_conn_keys_changed(c->secure);
		wait_for_keys(c);
	}
}

/* --- recording ----------------------------------------------------------- */

void plain_frame(struct conn *c, int dir, struct slice message,
		 const char *dissector, enum exported_by by, uint64_t ts_ns)
{
	struct exported x = {
		.dissector = slice_str(dissector),
		.src = *flow_src(c->flow, dir),
		.dst = *flow_dst(c->flow, dir),
		.port_type = EXPORTED_TCP,
		.by = by,
	};

	if (!engine_export(c->engine, &x, message, &c->frames[0]).p)
		return;
	c->frames[0].ts_ns = ts_ns;
	c->frames[0].ts_digits = 6;
	c->frames_n = 1;
}
