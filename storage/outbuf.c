#include "storage/outbuf.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "sniffer/base/utf8.h"

static const char hex[] = "0123456789abcdef";

void outbuf_free(struct outbuf *b)
{
	free(b->p);
	*b = (struct outbuf){0};
}

void outbuf_reset(struct outbuf *b)
{
	b->len = 0;
	b->failed = false;
}

static bool make_room(struct outbuf *b, size_t n)
{
	size_t size = b->size ? b->size : 4096;
	char *p;

	while (size < b->len + n)
		size *= 2;
	p = b->failed ? NULL : realloc(b->p, size);
	if (!p) {
		b->failed = true;
		return false;
	}
	b->p = p;
	b->size = size;
	return true;
}

char *outbuf_grow(struct outbuf *b, size_t n)
{
	char *p;

	if (b->len + n > b->size && !make_room(b, n))
		return NULL;
	p = b->p + b->len;
	b->len += n;
	return p;
}

void outbuf_put(struct outbuf *b, const void *p, size_t n)
{
	char *at = n ? outbuf_grow(b, n) : NULL;

	if (at)
		memcpy(at, p, n);
}

void outbuf_str(struct outbuf *b, const char *s)
{
	outbuf_put(b, s, strlen(s));
}

void outbuf_char(struct outbuf *b, char c)
{
	outbuf_put(b, &c, 1);
}

void outbuf_u64(struct outbuf *b, uint64_t v)
{
	char text[20];
	size_t at = sizeof(text);

	do {
		text[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	outbuf_put(b, text + at, sizeof(text) - at);
}

static uint64_t magnitude(int64_t v)
{
	return v < 0 ? -(uint64_t)v : (uint64_t)v;
}

void outbuf_i64(struct outbuf *b, int64_t v)
{
	if (v < 0)
		outbuf_char(b, '-');
	outbuf_u64(b, magnitude(v));
}

/* v with exactly n digits. */
static void digits(char *at, size_t n, unsigned v)
{
	while (n--) {
		at[n] = (char)('0' + v % 10);
		v /= 10;
	}
}

void outbuf_milli(struct outbuf *b, int64_t v)
{
	uint64_t u = magnitude(v);
	char text[4] = {'.'};

	if (v < 0)
		outbuf_char(b, '-');
	outbuf_u64(b, u / 1000);
	digits(text + 1, 3, (unsigned)(u % 1000));
	outbuf_put(b, text, sizeof(text));
}

void outbuf_double(struct outbuf *b, double v)
{
	char text[330]; /* DBL_MAX has 309 digits */

	if (fabs(v) < 9e15) {
		outbuf_milli(b, llround(v * 1000));
		return;
	}
	snprintf(text, sizeof(text), "%.0f", v);
	outbuf_str(b, text);
	outbuf_str(b, ".000");
}

/* Days since 1970 to a date of the Gregorian calendar; years of 400 start
 * in March, so that the leap day is the last. */
static void civil(uint64_t days, unsigned *y, unsigned *m, unsigned *d)
{
	uint64_t z = days + 719468;
	unsigned doe = (unsigned)(z % 146097);
	unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	unsigned mp = (5 * doy + 2) / 153;

	*d = doy - (153 * mp + 2) / 5 + 1;
	*m = mp < 10 ? mp + 3 : mp - 9;
	*y = yoe + (unsigned)(z / 146097) * 400 + (*m <= 2);
}

void outbuf_time(struct outbuf *b, uint64_t ns)
{
	uint64_t us = ns / 1000, s = us / 1000000;
	unsigned y, m, d, in_day = (unsigned)(s % 86400);
	char *at = outbuf_grow(b, 27);

	if (!at)
		return;
	civil(s / 86400, &y, &m, &d);
	memcpy(at, "YYYY-MM-DDTHH:MM:SS.uuuuuuZ", 27);
	digits(at, 4, y);
	digits(at + 5, 2, m);
	digits(at + 8, 2, d);
	digits(at + 11, 2, in_day / 3600);
	digits(at + 14, 2, in_day / 60 % 60);
	digits(at + 17, 2, in_day % 60);
	digits(at + 20, 6, (unsigned)(us % 1000000));
}

void outbuf_time_or_null(struct outbuf *b, uint64_t ns)
{
	if (!ns) {
		outbuf_str(b, "null");
		return;
	}
	outbuf_char(b, '"');
	outbuf_time(b, ns);
	outbuf_char(b, '"');
}

void outbuf_addr(struct outbuf *b, const struct addr *a)
{
	char text[ADDR_TEXT];

	if (!addr_is_v4(a)) {
		outbuf_str(b, addr_text(a, text));
		return;
	}
	for (size_t i = 12; i < 16; i++) {
		outbuf_u64(b, a->ip[i]);
		outbuf_char(b, i < 15 ? '.' : ':');
	}
	outbuf_u64(b, a->port);
}

void outbuf_ssrc(struct outbuf *b, uint32_t ssrc)
{
	char text[10] = "0x";

	for (int i = 0; i < 8; i++)
		text[2 + i] = hex[ssrc >> (28 - 4 * i) & 15];
	outbuf_put(b, text, sizeof(text));
}

/* Bytes at the front of s that need no care, in JSON or out of it. */
static size_t plain(struct slice s)
{
	size_t n = 0;

	while (n < s.len && s.p[n] >= 0x20 && s.p[n] < 0x80 && s.p[n] != '"' &&
	       s.p[n] != '\\')
		n++;
	return n;
}

static void put_bad(struct outbuf *b, uint8_t byte, bool json)
{
	outbuf_str(b, json ? "\\\\x" : "\\x");
	outbuf_char(b, hex[byte >> 4]);
	outbuf_char(b, hex[byte & 15]);
}

/* RFC 8259, 7 */
static void put_escaped(struct outbuf *b, uint8_t byte)
{
	static const char names[0x20] = {
		['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n',
		['\r'] = 'r', ['\t'] = 't',
	};

	outbuf_char(b, '\\');
	if (byte >= 0x20) {
		outbuf_char(b, (char)byte);
	} else if (names[byte]) {
		outbuf_char(b, names[byte]);
	} else {
		outbuf_str(b, "u00");
		outbuf_char(b, hex[byte >> 4]);
		outbuf_char(b, hex[byte & 15]);
	}
}

static void put_text(struct outbuf *b, struct slice s, bool json)
{
	while (s.len) {
		size_t n = plain(s);

		outbuf_put(b, s.p, n);
		s = slice_from(s, n);
		if (!s.len)
			return;
		n = s.p[0] ? utf8_char(s, NULL) : 0;
		if (n == 0)
			put_bad(b, s.p[0], json);
		else if (n == 1 && json)
			put_escaped(b, s.p[0]);
		else
			outbuf_put(b, s.p, n);
		s = slice_from(s, n ? n : 1);
	}
}

void outbuf_utf8(struct outbuf *b, struct slice s)
{
	put_text(b, s, false);
}

void outbuf_json(struct outbuf *b, struct slice s)
{
	outbuf_char(b, '"');
	put_text(b, s, true);
	outbuf_char(b, '"');
}
