#include "tests/srtp_feed.h"

size_t feed_make_rtp(const struct srtp_packet *p, uint8_t *out)
{
	size_t len = p->payload.p ? p->payload.len : 160;
	uint32_t number = p->number ? p->number : BASE + p->n;
	uint32_t ts = p->n * 160, ssrc = p->ssrc ? p->ssrc : FEED_SSRC;

	memset(out, 0x55, 12 + len + p->padding);
	out[0] = p->padding ? 0xa0 : 0x80;
	out[1] = p->pt ? p->pt : PCMA;
	out[2] = (uint8_t)(number >> 8);
	out[3] = (uint8_t)number;
	for (int i = 0; i < 4; i++) {
		out[4 + i] = (uint8_t)(ts >> (24 - 8 * i));
		out[8 + i] = (uint8_t)(ssrc >> (24 - 8 * i));
	}
	if (p->payload.p)
		memcpy(out + 12, p->payload.p, len);
	len += 12 + p->padding;
	if (p->padding)
		out[len - 1] = p->padding;
	return len;
}

void feed_srtp(struct feed *f, const struct made_srtp *m,
	       const struct srtp_packet *p)
{
	uint8_t rtp[512], out[512 + MADE_SRTP_MORE];
	size_t len = feed_make_rtp(p, rtp);
	uint32_t number = p->number ? p->number : BASE + p->n;

	len = made_srtp_rtp(m, slice_of(rtp, len), number >> 16, out);
	feed_datagram(f, p->dir, p->n * 20 * FEED_MS, slice_of(out, len));
}

void feed_srtp_run(struct feed *f, const struct made_srtp *m, uint32_t from,
		   uint32_t to)
{
	for (uint32_t n = from; n < to; n++) {
		struct srtp_packet p = {.n = n};

		feed_srtp(f, m, &p);
	}
}

void feed_describe_srtp(struct feed *f, unsigned dir, const char *srtp)
{
	struct media_desc d = {.srtp = srtp,
			       .lines_n = 1,
			       .line = {{.media = "audio"}},
			       .n = 2,
			       .pt = {{"PCMA", "", 8000, PCMA, 0},
				      {"telephone-event", "", 8000, EVENT, 0}}};

	media_flow_describe(f->flow, dir, &d);
}

struct media_key feed_key(struct made_srtp *m, const char *suite, uint8_t n)
{
	struct media_key k = made_key(suite, n);

	made_srtp_init(m, &k);
	return k;
}

void feed_press_keys(struct feed *f, const struct made_srtp *m, uint32_t from)
{
	for (uint32_t i = 0; i < 15; i++) {
		uint8_t event[4] = {(uint8_t)(1 + i / 3),
				    i % 3 == 2 ? 0x8a : 0x0a, 0,
				    (uint8_t)(160 + i % 3)};
		uint8_t rtp[64], out[64 + MADE_SRTP_MORE];
		struct srtp_packet p = {.n = from + i,
					.pt = EVENT,
					.padding = i % 2 ? 4 : 0,
					.payload = {event, 4}};
		size_t len = feed_make_rtp(&p, rtp);
		uint32_t ts = (from + i - i % 3) * 160;

		for (int b = 0; b < 4; b++)
			rtp[4 + b] = (uint8_t)(ts >> (24 - 8 * b));
		if (m)
			len = made_srtp_rtp(m, slice_of(rtp, len), 0, out);
		else
			memcpy(out, rtp, len);
		feed_datagram(f, 0, p.n * 20 * FEED_MS, slice_of(out, len));
	}
}

uint64_t feed_count(const struct feed *f, const char *name)
{
	return counters_get(&f->counters, name);
}
