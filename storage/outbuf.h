/*
 * Bytes on their way out: a buffer that grows, and the report's way of
 * writing numbers, times and text into it, free of any locale. Owned by
 * whoever declares it; {0} is empty.
 */
#ifndef STORAGE_OUTBUF_H
#define STORAGE_OUTBUF_H

#include "sniffer/base/addr.h"

struct outbuf {
	char *p; /* not terminated */
	size_t len, size;
	bool failed; /* no memory: what followed is missing */
};

void outbuf_free(struct outbuf *b);
/* Empty again; the memory stays. */
void outbuf_reset(struct outbuf *b);
/* n bytes to be written to, counted as written; NULL without memory. */
char *outbuf_grow(struct outbuf *b, size_t n);

void outbuf_put(struct outbuf *b, const void *p, size_t n);
void outbuf_str(struct outbuf *b, const char *s);
void outbuf_char(struct outbuf *b, char c);
void outbuf_u64(struct outbuf *b, uint64_t v);
void outbuf_i64(struct outbuf *b, int64_t v);
/* v / 1000 with three digits: microseconds as milliseconds. */
void outbuf_milli(struct outbuf *b, int64_t v);
/* Three digits, rounded; v must be finite. Never "-0.000". */
void outbuf_double(struct outbuf *b, double v);
/* RFC 3339, UTC, six digits, truncated: 2026-11-23T01:02:03.456789Z */
void outbuf_time(struct outbuf *b, uint64_t ns);
/* The same in quotes, or null for 0. */
void outbuf_time_or_null(struct outbuf *b, uint64_t ns);
void outbuf_addr(struct outbuf *b, const struct addr *a);
/* 0x1234abcd */
void outbuf_ssrc(struct outbuf *b, uint32_t ssrc);
/* As UTF-8: NUL and each byte that is none become the four characters \xHH.
 */
void outbuf_utf8(struct outbuf *b, struct slice s);
/* The same, as a JSON string with its quotes. */
void outbuf_json(struct outbuf *b, struct slice s);

#endif
