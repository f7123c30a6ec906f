/* RTP headers, header extensions, telephone events, redundant data. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "dissectors/rtp.h"
#include "tests/prefix.h"
#include "tests/rtp_inside.h"
#include "tests/run_suite.h"

#define ROWS(a) ((int)(sizeof(a) / sizeof((a)[0])))

#define HEAD(b0, b1) b0 b1 "\x00\x07\x00\x00\x01\x40\x12\x34\x56\x78"

static const struct {
	const char *name;
	struct slice in;
	enum parse want;
	bool looks, marker;
	uint8_t pt;
	size_t csrc, ext, payload, plain; /* plain: 99 = bad padding */
} rows[] = {
	{"plain", SLICE_INIT(HEAD("\x80", "\x08") "ab"), PARSE_OK, true, false,
	 8, 0, 0, 2, 2},
	{"marker", SLICE_INIT(HEAD("\x80", "\xe5") "abcd"), PARSE_OK, true,
	 true, 101, 0, 0, 4, 4},
	{"no payload", SLICE_INIT(HEAD("\x80", "\x00")), PARSE_OK, true, false,
	 0, 0, 0, 0, 0},
	{"two csrc", SLICE_INIT(HEAD("\x82", "\x00") "aaaabbbbx"), PARSE_OK,
	 true, false, 0, 8, 0, 1, 1},
	{"csrc cut", SLICE_INIT(HEAD("\x82", "\x00") "aaaabbb"), PARSE_MORE,
	 false, false, 0, 0, 0, 0, 0},
	{"extension", SLICE_INIT(HEAD("\x90", "\x00") "\xbe\xde\0\1abcdxy"),
	 PARSE_OK, true, false, 0, 0, 4, 2, 2},
	{"extension too long",
	 SLICE_INIT(HEAD("\x90", "\x00") "\xbe\xde\0\2abcdxy"), PARSE_MORE,
	 false, false, 0, 0, 0, 0, 0},
	{"padding", SLICE_INIT(HEAD("\xa0", "\x00") "abcd\0\0\3"), PARSE_OK,
	 true, false, 0, 0, 0, 7, 4},
	{"padding only", SLICE_INIT(HEAD("\xa0", "\x00") "\0\0\0\4"), PARSE_OK,
	 true, false, 0, 0, 0, 4, 0},
	{"padding too long", SLICE_INIT(HEAD("\xa0", "\x00") "ab\5"), PARSE_OK,
	 true, false, 0, 0, 0, 3, 99},
	{"padding of zero", SLICE_INIT(HEAD("\xa0", "\x00") "ab\0"), PARSE_OK,
	 true, false, 0, 0, 0, 3, 99},
	{"version 1", SLICE_INIT(HEAD("\x40", "\x00") "ab"), PARSE_BAD, false,
	 false, 0, 0, 0, 0, 0},
	{"11 bytes", SLICE_INIT("\x80\x08\0\7\0\0\1\x40\x12\x34\x56"),
	 PARSE_BAD, false, false, 8, 0, 0, 0, 0},
	{"RTCP's range", SLICE_INIT(HEAD("\x80", "\xc8") "ab"), PARSE_OK, false,
	 true, 72, 0, 0, 2, 2},
};

START_TEST(packets)
{
	struct slice plain;
	struct rtp r;

	ck_assert_int_eq(rtp_parse(rows[_i].in, &r), rows[_i].want);
	ck_assert_int_eq(rtp_looks(rows[_i].in), rows[_i].looks);
	if (rows[_i].want == PARSE_BAD)
		return;
	ck_assert_uint_eq(r.pt, rows[_i].pt);
	ck_assert_int_eq(r.marker, rows[_i].marker);
	ck_assert_uint_eq(r.seq, 7);
	ck_assert_uint_eq(r.ts, 320);
	ck_assert_uint_eq(r.ssrc, 0x12345678);
	if (rows[_i].want != PARSE_OK)
		return;
	ck_assert_uint_eq(r.csrc.len, rows[_i].csrc);
	ck_assert_uint_eq(r.ext.len, rows[_i].ext);
	ck_assert_uint_eq(r.payload.len, rows[_i].payload);
	ck_assert_int_eq(rtp_unpad(&r, &plain), rows[_i].plain != 99);
	if (rows[_i].plain != 99)
		ck_assert_uint_eq(plain.len, rows[_i].plain);
}
END_TEST

static void hold(struct slice in, void *arg)
{
	(void)arg;
	ck_assert(rtp_inside(in));
}

START_TEST(every_prefix)
{
	prefix_each(rows[_i].in, hold, NULL);
}
END_TEST

/* want: "id:data " for each element. */
static const struct {
	const char *name;
	uint16_t profile;
	struct slice in;
	const char *want;
} exts[] = {
	{"one byte", 0xbede,
	 SLICE_INIT("\x10"
		    "a\x22"
		    "bcd\0\0"),
	 "1:a 2:bcd "},
	{"padding between", 0xbede,
	 SLICE_INIT("\x10"
		    "a\0\0\x30"
		    "b\0\0"),
	 "1:a 3:b "},
	{"ID 15 ends it", 0xbede,
	 SLICE_INIT("\x10"
		    "a\xf0"
		    "b\x30"
		    "c\0\0"),
	 "1:a "},
	{"one byte cut", 0xbede,
	 SLICE_INIT("\x10"
		    "a\x23"
		    "b"),
	 "1:a "},
	{"two bytes", 0x1000, SLICE_INIT("\1\1a\2\0\3\2bc"), "1:a 2: 3:bc "},
	{"two bytes, app bits", 0x1005, SLICE_INIT("\0\0\x10\3abc"), "16:abc "},
	{"two bytes cut", 0x1000, SLICE_INIT("\1\1a\2\5x"), "1:a "},
	{"another profile", 0x1234,
	 SLICE_INIT("\x10"
		    "abc"),
	 ""},
};

START_TEST(extensions)
{
	struct rtp r = {.ext = exts[_i].in, .ext_profile = exts[_i].profile};
	struct rtp_ext_walk w;
	struct rtp_ext e;
	char got[64] = "";

	rtp_ext_begin(&w, &r);
	while (rtp_ext_next(&w, &e))
		snprintf(got + strlen(got), sizeof(got) - strlen(got),
			 "%u:%.*s ", e.id, SLICE_ARG(e.data));
	ck_assert_str_eq(got, exts[_i].want);
}
END_TEST

START_TEST(events)
{
	struct rtp_event e;

	ck_assert_int_eq(rtp_event_parse(SLICE("\x0b\x8a\x03\x20"), &e),
			 PARSE_OK);
	ck_assert_uint_eq(e.event, 11);
	ck_assert(e.end);
	ck_assert_uint_eq(e.volume, 10);
	ck_assert_uint_eq(e.duration, 800);
	ck_assert_int_eq(rtp_event_parse(SLICE("\x0b\x0a\x03"), &e), PARSE_BAD);
	ck_assert_int_eq(rtp_event_digit(0), '0');
	ck_assert_int_eq(rtp_event_digit(10), '*');
	ck_assert_int_eq(rtp_event_digit(11), '#');
	ck_assert_int_eq(rtp_event_digit(15), 'D');
	ck_assert_int_eq(rtp_event_digit(16), 'F');
	ck_assert_int_eq(rtp_event_digit(17), 0);
	ck_assert_int_eq(rtp_event_digit(255), 0);
}
END_TEST

/* want: "pt@offset:data " for each block, NULL = refused. */
static const struct {
	const char *name;
	struct slice in;
	const char *want;
} reds[] = {
	{"primary only",
	 SLICE_INIT("\x08"
		    "abc"),
	 "8@0:abc "},
	{"one redundant",
	 SLICE_INIT("\xe5\x06\x40\x02\x65"
		    "xyab"),
	 "101@400:xy 101@0:ab "},
	{"two",
	 SLICE_INIT("\x88\x0a\x00\x01\x88\x05\x00\x02\x08"
		    "abbc"),
	 "8@640:a 8@320:bb 8@0:c "},
	{"empty primary",
	 SLICE_INIT("\x88\x0a\x00\x01\x08"
		    "a"),
	 "8@640:a 8@0: "},
	{"block too long",
	 SLICE_INIT("\x88\x0a\x00\x03\x08"
		    "ab"),
	 NULL},
	{"headers without end", SLICE_INIT("\x88\x0a\x00\x01"), NULL},
	{"empty", SLICE_INIT(""), NULL},
};

START_TEST(redundancy)
{
	struct rtp_red_walk w;
	struct rtp_red r;
	char got[64] = "";

	ck_assert_int_eq(rtp_red_begin(&w, reds[_i].in),
			 reds[_i].want ? PARSE_OK : PARSE_BAD);
	while (reds[_i].want && rtp_red_next(&w, &r))
		snprintf(got + strlen(got), sizeof(got) - strlen(got),
			 "%u@%u:%.*s ", r.pt, r.ts_offset, SLICE_ARG(r.data));
	if (reds[_i].want)
		ck_assert_str_eq(got, reds[_i].want);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("rtp");
	TCase *t = tcase_create("rtp");

	tcase_add_loop_test(t, packets, 0, ROWS(rows));
	tcase_add_loop_test(t, every_prefix, 0, ROWS(rows));
	tcase_add_loop_test(t, extensions, 0, ROWS(exts));
	tcase_add_test(t, events);
	tcase_add_loop_test(t, redundancy, 0, ROWS(reds));
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
