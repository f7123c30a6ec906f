#include "tests/media_feed.h"

#include <stdio.h>
#include <stdlib.h>

static const char uid[CDR_UID] = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

static void begin_with(struct feed *f, const struct media_config *cfg)
{
	const uint8_t ip[2][4] = {{192, 0, 2, 1}, {192, 0, 2, 2}};
	struct addr a = addr_v4(ip[0], 4000), b = addr_v4(ip[1], 5000);

	*f = (struct feed){.mem = arena_new(4096, 0)};
	f->media = media_new(cfg, NULL, NULL, &f->counters);
	f->group = f->media ? media_group_new(f->media) : NULL;
	f->flow = f->group ? media_flow_open(f->group, &a, &b) : NULL;
	if (!f->flow || !f->mem)
		abort();
}

static void begin(struct feed *f, bool g711_plc, unsigned streams)
{
	const struct media_config cfg = {.flow_streams = streams,
					 .g711_plc = g711_plc,
					 .sensor = SLICE_INIT("test"),
					 .record = {.what = RECORD_NONE}};

	begin_with(f, &cfg);
}

void feed_begin_held(struct feed *f, uint32_t hold, size_t hold_max)
{
	const struct media_config cfg = {.flow_streams = 64,
					 .sensor = SLICE_INIT("test"),
					 .srtp_hold = hold,
					 .srtp_hold_max = hold_max,
					 .record = {.what = RECORD_NONE}};

	begin_with(f, &cfg);
}

void feed_begin(struct feed *f, bool g711_plc)
{
	begin(f, g711_plc, 4);
}

void feed_begin_web(struct feed *f)
{
	begin(f, true, 64);
}

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

/* CSRC and extension, behind the fixed header. */
static size_t put_more(uint8_t *buf, const struct feed_rtp *r)
{
	size_t at = 12, words = (r->ext.len + 3) / 4;

	if (r->csrc) {
		buf[0] |= 1;
		put32(buf + at, r->csrc);
		at += 4;
	}
	if (words) {
		buf[0] |= 0x10;
		put32(buf + at, 0xbede0000u | (uint32_t)words);
		memcpy(buf + at + 4, r->ext.p, r->ext.len);
		at += 4 + words * 4;
	}
	return at;
}

void feed_rtp(struct feed *f, const struct feed_rtp *r)
{
	uint8_t buf[1600] = {0x80, (uint8_t)(r->marker << 7 | r->pt)};
	size_t len = r->payload.p ? r->payload.len : 160;
	size_t head = put_more(buf, r);
	struct media_pkt p = {.ts_ns = FEED_START_NS + r->at_ns,
			      .payload = {buf, head + len},
			      .payload_wire = (uint32_t)(head + len),
			      .vlan = CDR_NO_U32,
			      .ip_id = r->ip_id,
			      .dscp = 46,
			      .ttl = r->ttl};

	put16(buf + 2, r->seq);
	put32(buf + 4, r->ts);
	put32(buf + 8, r->ssrc ? r->ssrc : FEED_SSRC);
	if (r->payload.p)
		memcpy(buf + head, r->payload.p, len);
	media_flow_rtp(f->flow, r->dir, &p);
}

void feed_datagram(struct feed *f, unsigned dir, uint64_t at_ns,
		   struct slice packet)
{
	struct media_pkt p = {.ts_ns = FEED_START_NS + at_ns,
			      .payload = packet,
			      .payload_wire = (uint32_t)packet.len,
			      .vlan = CDR_NO_U32};

	media_flow_rtp(f->flow, dir, &p);
}

void feed_rtcp(struct feed *f, unsigned dir, uint64_t at_ns,
	       struct slice packet)
{
	struct media_pkt p = {.ts_ns = FEED_START_NS + at_ns,
			      .payload = packet,
			      .payload_wire = (uint32_t)packet.len,
			      .vlan = CDR_NO_U32};

	media_flow_rtcp(f->flow, dir, &p);
}

void feed_pcma(struct feed *f, uint32_t n, uint64_t late_ns)
{
	struct feed_rtp r = {.at_ns = n * 20 * FEED_MS + late_ns,
			     .ts = n * 160,
			     .seq = (uint16_t)n,
			     .pt = 8};

	feed_rtp(f, &r);
}

void feed_describe(struct feed *f, unsigned dir, uint8_t pt, const char *codec,
		   uint32_t clock_hz)
{
	struct media_desc d = {
		.lines_n = 1, .line = {{.media = "audio"}}, .n = 1};

	snprintf(d.pt[0].codec, sizeof(d.pt[0].codec), "%s", codec);
	d.pt[0].clock_hz = clock_hz;
	d.pt[0].pt = pt;
	media_flow_describe(f->flow, dir, &d);
}

const struct cdr_stream *feed_stream(const struct feed *f, uint32_t ssrc)
{
	for (size_t i = 0; i < f->result.streams_n; i++)
		if (f->result.streams[i].ssrc == ssrc)
			return &f->result.streams[i];
	fprintf(stderr, "no stream %x\n", ssrc);
	abort();
}

const struct cdr_stream *feed_close(struct feed *f)
{
	media_group_close(f->group, uid, f->mem, &f->result);
	f->group = NULL;
	return f->result.streams;
}

void feed_end(struct feed *f)
{
	if (f->group)
		media_group_drop(f->group);
	media_free(f->media);
	arena_free(f->mem);
}
