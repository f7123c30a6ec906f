/*
 * Borrowed bytes, and the checked reader over them. Nothing here owns or
 * allocates; any thread may use it.
 */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Borrowed bytes. Never owns, never NUL-terminated, valid as long as
 * whatever it points into. Passed by value. */
struct slice {
	const uint8_t *p;
	size_t len;
};

/* Printf arguments for "%.*s". */
#define SLICE_ARG(s) (int)(s).len, (const char *)(s).p

/* A slice of a string literal, also as a static initialiser. */
#define SLICE(lit) ((struct slice){(const uint8_t *)(lit), sizeof(lit) - 1})
#define SLICE_INIT(lit)                                                        \
	{                                                                      \
		(const uint8_t *)(lit), sizeof(lit) - 1                        \
	}

static inline struct slice slice_of(const void *p, size_t len)
{
	return (struct slice){p, len};
}

static inline struct slice slice_str(const char *s)
{
	return (struct slice){(const uint8_t *)s, s ? strlen(s) : 0};
}

static inline bool slice_eq(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || !memcmp(a.p, b.p, a.len));
}

/* Bytes from off on; empty when off lies past the end. */
static inline struct slice slice_from(struct slice s, size_t off)
{
	if (off >= s.len)
		return (struct slice){s.p, 0};
	return (struct slice){s.p + off, s.len - off};
}

/* The first n bytes, or all of s when it is shorter. */
static inline struct slice slice_head(struct slice s, size_t n)
{
	return (struct slice){s.p, n < s.len ? n : s.len};
}

/* ASCII case is ignored; no locale. */
bool slice_ieq(struct slice a, struct slice b);
bool slice_starts(struct slice s, struct slice prefix);
bool slice_istarts(struct slice s, struct slice prefix);

/* Index of the first c or of the first needle; -1 when there is none. */
ptrdiff_t slice_find(struct slice s, uint8_t c);
ptrdiff_t slice_find_slice(struct slice s, struct slice needle);

/* Splits s at the first c: false (head = s, tail empty) without one. The
 * outputs may be s itself. */
bool slice_cut(struct slice s, uint8_t c, struct slice *head,
	       struct slice *tail);

/* Without blanks (space, tab, CR, LF) at both ends. */
struct slice slice_trim(struct slice s);

/* The whole slice as a decimal number; false on anything else, also on
 * overflow. *v is written only on success. */
bool slice_u32(struct slice s, uint32_t *v);
bool slice_u64(struct slice s, uint64_t *v);

/* Takes one line off the front of *s, without its CRLF or LF; false when *s
 * is empty. A last line without an end counts. */
bool slice_line(struct slice *s, struct slice *line);

/* Reads forward through a slice. An over-read yields zeros and sets bad,
 * which stays set: read a whole header, then test bad once. */
struct cursor {
	const uint8_t *p;
	const uint8_t *end;
	bool bad;
};

static inline struct cursor cursor_of(struct slice s)
{
	static const uint8_t none[1];
	const uint8_t *p = s.p ? s.p : none;

	return (struct cursor){p, p + (s.p ? s.len : 0), false};
}

static inline size_t cursor_left(const struct cursor *c)
{
	return (size_t)(c->end - c->p);
}

static inline struct slice cursor_take(struct cursor *c, size_t n)
{
	struct slice s = {c->p, n};

	if (c->bad || n > cursor_left(c)) {
		c->bad = true;
		return (struct slice){0};
	}
	c->p += n;
	return s;
}

static inline uint8_t cursor_u8(struct cursor *c)
{
	struct slice s = cursor_take(c, 1);

	return s.p ? s.p[0] : 0;
}

static inline uint16_t cursor_u16(struct cursor *c)
{
	struct slice s = cursor_take(c, 2);

	return s.p ? (uint16_t)(s.p[0] << 8 | s.p[1]) : 0;
}

static inline uint32_t cursor_u24(struct cursor *c)
{
	struct slice s = cursor_take(c, 3);

	return s.p ? (uint32_t)s.p[0] << 16 | (uint32_t)s.p[1] << 8 | s.p[2]
		   : 0;
}

static inline uint32_t cursor_u32(struct cursor *c)
{
	struct slice s = cursor_take(c, 4);

	return s.p ? (uint32_t)s.p[0] << 24 | (uint32_t)s.p[1] << 16 |
			       (uint32_t)s.p[2] << 8 | s.p[3]
		   : 0;
}

static inline uint64_t cursor_u64(struct cursor *c)
{
	uint64_t hi = cursor_u32(c);

	return hi << 32 | cursor_u32(c);
}

/* Little-endian, for capture file headers. */
static inline uint16_t cursor_le16(struct cursor *c)
{
	uint16_t v = cursor_u16(c);

	return (uint16_t)(v << 8 | v >> 8);
}

static inline uint32_t cursor_le32(struct cursor *c)
{
	return __builtin_bswap32(cursor_u32(c));
}

static inline struct slice cursor_rest(struct cursor *c)
{
	return cursor_take(c, c->bad ? 0 : cursor_left(c));
}

#endif
