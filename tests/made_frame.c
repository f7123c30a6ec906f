#include "tests/made_frame.h"

#include <stdio.h>
#include <stdlib.h>

struct frame made_frame(uint8_t *buf, uint64_t number, uint64_t ts_ns,
			uint16_t linktype, uint8_t ts_digits)
{
	for (size_t i = 0; i < MADE_LEN; i++)
		buf[i] = (uint8_t)(number + i);
	return (struct frame){
		.data = slice_of(buf, MADE_LEN),
		.ts_ns = ts_ns,
		.number = number,
		.wire_len = MADE_LEN,
		.linktype = linktype,
		.ts_digits = ts_digits,
	};
}

static uint32_t u32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint64_t to_ns(uint64_t sec, uint64_t frac, uint8_t digits)
{
	return sec * 1000000000 + frac * (digits == 9 ? 1 : 1000);
}

static int read_classic(struct slice s, struct made_packet *out, size_t max)
{
	uint8_t digits = u32(s.p) == 0xa1b23c4d ? 9 : 6;
	uint16_t linktype = (uint16_t)u32(s.p + 20);
	int n = 0;

	for (s = slice_from(s, 24); s.len; n++) {
		uint32_t caplen;

		if (s.len < 16 || (size_t)n == max)
			return -1;
		caplen = u32(s.p + 8);
		if (caplen > s.len - 16)
			return -1;
		out[n] = (struct made_packet){
			.ts_ns = to_ns(u32(s.p), u32(s.p + 4), digits),
			.caplen = caplen,
			.wire_len = u32(s.p + 12),
			.linktype = linktype,
			.ts_digits = digits,
			.first = caplen ? s.p[16] : 0,
		};
		s = slice_from(s, 16 + caplen);
	}
	return n;
}

static void read_epb(const uint8_t *p, const struct made_packet *iface,
		     struct made_packet *out)
{
	uint64_t ts = (uint64_t)u32(p + 12) << 32 | u32(p + 16);
	uint64_t unit;

	*out = iface[u32(p + 8)];
	unit = out->ts_digits == 9 ? 1000000000 : 1000000;
	out->ts_ns = to_ns(ts / unit, ts % unit, out->ts_digits);
	out->caplen = u32(p + 20);
	out->wire_len = u32(p + 24);
	out->first = p[28];
}

static int read_ng(struct slice s, struct made_packet *out, size_t max)
{
	struct made_packet iface[16];
	size_t ifaces = 0;
	int n = 0;

	while (s.len) {
		uint32_t len = s.len < 12 ? 0 : u32(s.p + 4);

		if (len < 12 || len > s.len || len % 4 ||
		    u32(s.p + len - 4) != len)
			return -1;
		if (u32(s.p) == 1)
			iface[ifaces++] = (struct made_packet){
				.linktype = (uint16_t)u32(s.p + 8),
				.ts_digits = s.p[20],
			};
		if (u32(s.p) == 6 && (size_t)n < max)
			read_epb(s.p, iface, &out[n++]);
		s = slice_from(s, len);
	}
	return n;
}

int made_read(const char *path, struct made_packet *out, size_t max, bool *ng)
{
	static uint8_t buf[1 << 20];
	FILE *f = fopen(path, "rb");
	struct slice s;

	if (!f)
		return -1;
	s = slice_of(buf, fread(buf, 1, sizeof(buf), f));
	fclose(f);
	if (s.len < 24)
		return -1;
	*ng = u32(s.p) == 0x0a0d0d0a;
	return *ng ? read_ng(s, out, max) : read_classic(s, out, max);
}
