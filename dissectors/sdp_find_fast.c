/*
 * Whether a text is worth looking at: one pass over its bytes, as nearly all
 * of what the web carries is not.
 */
#include "dissectors/sdp_find_priv.h"

/* A needle for each bit; its first three bytes set the bit in a table each. */
enum {
	V0 = 1,		/* v=0 */
	CANDIDATE = 2,	/* candidate: didate */
	V0_ENCODED = 4, /* 3D0: v%3D0, v%253D0, v\u003d0 of Gson and others */
	/* In base64, which writes a text in three ways, by its place: */
	V0_BASE64_0 = 8,  /* dj0w */
	V0_BASE64_1 = 16, /* Y9M */
	V0_BASE64_2 = 32, /* 2PT */
	CAND_BASE64_0 = 64,
	CAND_BASE64_12 = 128,
};

static const uint8_t first[256] = {
	['v'] = V0,
	['d'] = CANDIDATE | V0_BASE64_0,
	['3'] = V0_ENCODED,
	['Y'] = V0_BASE64_1 | CAND_BASE64_0,
	['2'] = V0_BASE64_2,
	['N'] = CAND_BASE64_12,
	['j'] = CAND_BASE64_12,
};

static const uint8_t second[256] = {
	['='] = V0,
	['i'] = CANDIDATE,
	['d'] = V0_ENCODED,
	['D'] = V0_ENCODED,
	['j'] = V0_BASE64_0,
	['9'] = V0_BASE64_1,
	['P'] = V0_BASE64_2,
	['2'] = CAND_BASE64_0,
	['h'] = CAND_BASE64_12,
	['Y'] = CAND_BASE64_12,
};

static const uint8_t third[256] = {
	['0'] = V0 | V0_ENCODED | V0_BASE64_0,
	['d'] = CANDIDATE,
	['M'] = V0_BASE64_1,
	['T'] = V0_BASE64_2,
	['F'] = CAND_BASE64_0,
	['b'] = CAND_BASE64_12,
	['W'] = CAND_BASE64_12,
};

static bool is_at(struct slice s, size_t at, struct slice want)
{
	return slice_starts(slice_from(s, at), want);
}

static bool is_before(struct slice s, size_t at, struct slice want)
{
	return at >= want.len && is_at(s, at - want.len, want);
}

/* A line end follows, which may be escaped. */
static bool plain_v0(struct slice s, size_t at)
{
	return at + 3 < s.len && s.p[at + 3] && strchr("\r\n\\%", s.p[at + 3]);
}

/* The byte behind tells a little more: what a CR, a LF or a backslash makes
 * of it. */
static bool base64_v0(struct slice s, size_t at)
{
	return is_at(s, at, SLICE("dj0wD")) || is_at(s, at, SLICE("dj0wC")) ||
	       is_at(s, at, SLICE("dj0wX")) || is_at(s, at, SLICE("Y9MA")) ||
	       is_at(s, at, SLICE("Y9MF")) || is_at(s, at, SLICE("2PTA")) ||
	       is_at(s, at, SLICE("2PTB"));
}

static bool base64_candidate(struct slice s, size_t at)
{
	return is_at(s, at, SLICE("Y2FuZGlkYXRl")) ||
	       is_at(s, at, SLICE("NhbmRpZGF0Z")) ||
	       is_at(s, at, SLICE("jYW5kaWRhdG"));
}

static bool encoded_v0(struct slice s, size_t at)
{
	return is_before(s, at, SLICE("v%")) ||
	       is_before(s, at, SLICE("v%25")) ||
	       is_before(s, at, SLICE("u00"));
}

static bool is_needle(struct slice s, size_t at, unsigned bits)
{
	return (bits & V0 && plain_v0(s, at)) ||
	       (bits & CANDIDATE && is_at(s, at, SLICE("didate"))) ||
	       (bits & V0_ENCODED && encoded_v0(s, at)) ||
	       (bits & (V0_BASE64_0 | V0_BASE64_1 | V0_BASE64_2) &&
		base64_v0(s, at)) ||
	       (bits & (CAND_BASE64_0 | CAND_BASE64_12) &&
		base64_candidate(s, at));
}

static bool scan(struct slice s, unsigned wanted)
{
	const uint8_t *p = s.p;

	for (size_t i = 0; i + 2 < s.len; i++) {
		unsigned bits =
			first[p[i]] & second[p[i + 1]] & third[p[i + 2]];

		if (bits & wanted && is_needle(s, i, bits & wanted))
			return true;
	}
	return false;
}

bool sdp_find_possible(struct slice body)
{
	return scan(body, ~0u);
}

bool sdp_find_in_base64(struct slice s)
{
	return scan(s, V0_BASE64_0 | V0_BASE64_1 | V0_BASE64_2 | CAND_BASE64_0 |
			       CAND_BASE64_12);
}
