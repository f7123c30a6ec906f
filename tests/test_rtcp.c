/* RTCP: compounds, reports, SDES, BYE, APP, XR and feedback. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "dissectors/rtcp.h"
#include "tests/prefix.h"
#include "tests/rtp_inside.h"
#include "tests/run_suite.h"

#define ROWS(a) ((int)(sizeof(a) / sizeof((a)[0])))

#define S "\x11\x22\x33\x44"
#define P "\x55\x66\x77\x88"

/* One report block about P: 10 of 256 lost, 3 in all, highest 1000, jitter
 * 80, LSR 12345678, DLSR 1 s. */
#define BLOCK                                                                  \
	P "\x0a\x00\x00\x03\x00\x00\x03\xe8\x00\x00\x00\x50"                   \
	  "\x12\x34\x56\x78\x00\x01\x00\x00"

#define SR                                                                     \
	"\x81\xc8\x00\x0c" S "\x83\xaa\x7e\x80\x12\x34\x56\x78"                \
	"\x00\x00\x00\xa0\x00\x00\x00\x64\x00\x00\x3e\x80" BLOCK
#define RR "\x81\xc9\x00\x07" S BLOCK
#define SDES                                                                   \
	"\x81\xca\x00\x04" S "\x01\x04"                                        \
	"a@bc\x06\x01x\0\0\0"
#define BYE                                                                    \
	"\x81\xcb\x00\x02" S "\x03"                                            \
	"bye"
#define APP  "\x85\xcc\x00\x03" S "NAMEdata"
#define NACK "\x81\xcd\x00\x03" S P "\x00\x07\x00\x05"
#define TWCC                                                                   \
	"\x8f\xcd\x00\x05" S P "\x00\x0a\x00\x02\x00\x00\x01\x07\x20\x02"      \
	"\x04\x04"
#define TMMBR "\x83\xcd\x00\x04" S "\0\0\0\0" P "\x0c\x03\xe8\x28"
#define PLI   "\x81\xce\x00\x02" S P
#define FIR   "\x84\xce\x00\x04" S "\0\0\0\0" P "\x09\0\0\0"
#define REMB                                                                   \
	"\x8f\xce\x00\x05" S "\0\0\0\0"                                        \
	"REMB"                                                                 \
	"\x01\x14\x03\xe8" P
#define VOIP                                                                   \
	"\x07\x00\x00\x08" P "\x01\x02\x03\x04\x00\x64\x00\xc8\x00\x28"        \
	"\x00\x14\xec\xc4\x1e\x10\x50\x7f\x29\x28\x30\x00\x00\x3c\x00\x50"     \
	"\x00\xc8"
#define RRT  "\x04\x00\x00\x02\x11\x22\x33\x44\x55\x66\x77\x88"
#define DLRR "\x05\x00\x00\x03" P "\x00\x00\x00\x01\x00\x00\x00\x02"
#define STATS                                                                  \
	"\x06\xe0\x00\x09" P "\x00\x01\x00\x09\x00\x00\x00\x03\x00\x00"        \
	"\x00\x01\x00\x00\x00\x04\x00\x00\x00\x05\x00\x00\x00\x06\x00\x00"     \
	"\x00\x07\0\0\0\0"
#define XR "\x80\xcf\x00\x1b" S VOIP RRT DLRR STATS

/* want: the types of the compound; '!' = ends in damage. */
static const struct {
	const char *name;
	struct slice in;
	bool looks;
	const char *want;
} rows[] = {
	{"sender report", SLICE_INIT(SR), true, "200 "},
	{"compound", SLICE_INIT(SR SDES BYE), true, "200 202 203 "},
	{"all of them", SLICE_INIT(RR SDES APP NACK TWCC TMMBR PLI FIR REMB XR),
	 true, "201 202 204 205 205 205 206 206 206 207 "},
	{"reduced size", SLICE_INIT(NACK), true, "205 "},
	{"padded", SLICE_INIT("\xa0\xc9\x00\x02" S "\0\0\0\4"), true, "201 "},
	{"padding too long", SLICE_INIT("\xa0\xc9\x00\x02" S "\0\0\0\x20"),
	 true, "!"},
	{"encrypted tail", SLICE_INIT(RR "\x80\0\0\1tag.tag.tg"), true,
	 "201 !"},
	{"cut", SLICE_INIT("\x81\xc9\x00\x07" S "\x55\x66"), false, "!"},
	{"length runs over", SLICE_INIT(SR "\x81\xc9\x00\x07" S), true,
	 "200 !"},
	{"empty BYE", SLICE_INIT("\x80\xcb\x00\x00"), true, "203 "},
	{"RTP", SLICE_INIT("\x80\x08\x00\x01" S P), false, "!"},
	{"version 1", SLICE_INIT("\x41\xc9\x00\x01" S), false, "!"},
	{"type 194", SLICE_INIT("\x80\xc2\x00\x01" S), false, "194 "},
	{"nothing", SLICE_INIT(""), false, ""},
};

START_TEST(compounds)
{
	struct rtcp_walk w;
	struct rtcp p;
	char got[80] = "";
	enum parse res;

	ck_assert_int_eq(rtcp_looks(rows[_i].in), rows[_i].looks);
	rtcp_begin(&w, rows[_i].in);
	while ((res = rtcp_next(&w, &p)) == PARSE_OK)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%u ",
			 p.type);
	if (res == PARSE_BAD)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "!");
	ck_assert_str_eq(got, rows[_i].want);
}
END_TEST

static void hold(struct slice in, void *arg)
{
	(void)arg;
	ck_assert(rtcp_inside(in));
}

START_TEST(every_prefix)
{
	prefix_each(rows[_i].in, hold, NULL);
}
END_TEST

static struct rtcp one(struct slice in)
{
	struct rtcp_walk w;
	struct rtcp p;

	rtcp_begin(&w, in);
	ck_assert_int_eq(rtcp_next(&w, &p), PARSE_OK);
	return p;
}

START_TEST(sender_report)
{
	struct rtcp p = one(SLICE(SR));
	struct rtcp_report r;
	struct rtcp_block b;

	ck_assert_int_eq(rtcp_report_parse(&p, &r), PARSE_OK);
	ck_assert(r.sender);
	ck_assert_uint_eq(r.ssrc, 0x11223344);
	ck_assert_uint_eq(r.ntp, 0x83aa7e8012345678u);
	ck_assert_uint_eq(rtcp_ntp_mid(r.ntp), 0x7e801234);
	ck_assert_uint_eq(r.rtp_ts, 160);
	ck_assert_uint_eq(r.packets, 100);
	ck_assert_uint_eq(r.octets, 16000);
	ck_assert(rtcp_block_next(&r.blocks, &b));
	ck_assert_uint_eq(b.ssrc, 0x55667788);
	ck_assert_uint_eq(b.fraction_lost, 10);
	ck_assert_int_eq(b.lost, 3);
	ck_assert_uint_eq(b.ext_seq, 1000);
	ck_assert_uint_eq(b.jitter, 80);
	ck_assert_uint_eq(b.lsr, 0x12345678);
	ck_assert_uint_eq(b.dlsr, 65536);
	ck_assert(!rtcp_block_next(&r.blocks, &b));
}
END_TEST

/* 24 bits with a sign: duplicates make it negative. */
START_TEST(negative_loss)
{
	struct slice in = SLICE(P "\x00\xff\xff\xfe\0\0\0\0\0\0\0\0"
				  "\0\0\0\0\0\0\0\0");
	struct rtcp_block b;

	ck_assert(rtcp_block_next(&in, &b));
	ck_assert_int_eq(b.lost, -2);
}
END_TEST

/* The count says two, there is room for one. */
START_TEST(blocks_missing)
{
	struct rtcp p = {RTCP_RR, 2, SLICE(S BLOCK "\1\2\3\4")};
	struct rtcp_report r;

	ck_assert_int_eq(rtcp_report_parse(&p, &r), PARSE_OK);
	ck_assert_uint_eq(r.blocks.len, 24);
}
END_TEST

START_TEST(description)
{
	struct rtcp p = one(SLICE("\x82\xca\x00\x05" S "\x01\x01"
				  "a\0" P "\x01\x03"
				  "b@c\x06\x01x"));
	struct rtcp_sdes_walk w;
	struct rtcp_sdes s;

	rtcp_sdes_begin(&w, &p);
	ck_assert(rtcp_sdes_next(&w, &s));
	ck_assert_uint_eq(s.ssrc, 0x11223344);
	ck_assert_uint_eq(s.item, RTCP_CNAME);
	ck_assert(slice_eq(s.text, SLICE("a")));
	ck_assert(rtcp_sdes_next(&w, &s));
	ck_assert_uint_eq(s.ssrc, 0x55667788);
	ck_assert(slice_eq(s.text, SLICE("b@c")));
	ck_assert(rtcp_sdes_next(&w, &s));
	ck_assert_uint_eq(s.item, RTCP_TOOL);
	ck_assert(slice_eq(s.text, SLICE("x")));
	ck_assert(!rtcp_sdes_next(&w, &s));
}
END_TEST

START_TEST(bye_and_app)
{
	struct rtcp p = one(SLICE(BYE));
	struct rtcp_bye bye;
	struct rtcp_app app;
	uint32_t ssrc;

	ck_assert_int_eq(rtcp_bye_parse(&p, &bye), PARSE_OK);
	ck_assert(rtcp_ssrc_next(&bye.ssrcs, &ssrc));
	ck_assert_uint_eq(ssrc, 0x11223344);
	ck_assert(!rtcp_ssrc_next(&bye.ssrcs, &ssrc));
	ck_assert(slice_eq(bye.reason, SLICE("bye")));
	p = one(SLICE(APP));
	ck_assert_int_eq(rtcp_app_parse(&p, &app), PARSE_OK);
	ck_assert(slice_eq(app.name, SLICE("NAME")));
	ck_assert(slice_eq(app.data, SLICE("data")));
	p.count = 31;
	ck_assert_int_eq(rtcp_bye_parse(&p, &bye), PARSE_BAD);
}
END_TEST

static void check_voip(const struct rtcp_xr *x)
{
	struct rtcp_xr_voip v;
	uint32_t ssrc;

	ck_assert_int_eq(rtcp_xr_voip_parse(x, &v), PARSE_OK);
	ck_assert(rtcp_xr_about(x, &ssrc));
	ck_assert_uint_eq(ssrc, 0x55667788);
	ck_assert_uint_eq(v.loss_rate, 1);
	ck_assert_uint_eq(v.burst_density, 3);
	ck_assert_uint_eq(v.burst_ms, 100);
	ck_assert_uint_eq(v.gap_ms, 200);
	ck_assert_uint_eq(v.round_trip_ms, 40);
	ck_assert_int_eq(v.signal_dbm0, -20);
	ck_assert_int_eq(v.noise_dbm0, -60);
	ck_assert_uint_eq(v.gmin, 16);
	ck_assert_uint_eq(v.r, 80);
	ck_assert_uint_eq(v.mos_lq_10, 41);
	ck_assert_uint_eq(v.jb_nominal_ms, 60);
	ck_assert_uint_eq(v.jb_abs_max_ms, 200);
}

START_TEST(extended_reports)
{
	struct rtcp p = one(SLICE(XR));
	struct rtcp_xr_stats stats;
	struct rtcp_xr_dlrr dlrr;
	struct rtcp_xr_walk w;
	struct rtcp_xr x;
	uint32_t ssrc;
	uint64_t ntp;

	ck_assert_int_eq(rtcp_xr_begin(&w, &p), PARSE_OK);
	ck_assert_uint_eq(w.ssrc, 0x11223344);
	ck_assert(rtcp_xr_next(&w, &x));
	check_voip(&x);
	ck_assert_int_eq(rtcp_xr_stats_parse(&x, &stats), PARSE_BAD);
	ck_assert(rtcp_xr_next(&w, &x));
	ck_assert_int_eq(rtcp_xr_rrt_parse(&x, &ntp), PARSE_OK);
	ck_assert_uint_eq(ntp, 0x1122334455667788u);
	ck_assert(!rtcp_xr_about(&x, &ssrc));
	ck_assert(rtcp_xr_next(&w, &x));
	ck_assert(rtcp_xr_dlrr_next(&x.body, &dlrr));
	ck_assert_uint_eq(dlrr.dlrr, 2);
	ck_assert(!rtcp_xr_dlrr_next(&x.body, &dlrr));
	ck_assert(rtcp_xr_next(&w, &x));
	ck_assert_int_eq(rtcp_xr_stats_parse(&x, &stats), PARSE_OK);
	ck_assert_uint_eq(stats.lost, 3);
	ck_assert_uint_eq(stats.jitter_dev, 7);
	ck_assert(!rtcp_xr_next(&w, &x));
}
END_TEST

static struct rtcp_fb feedback(struct slice in)
{
	struct rtcp p = one(in);
	struct rtcp_fb fb;

	ck_assert_int_eq(rtcp_fb_parse(&p, &fb), PARSE_OK);
	ck_assert_uint_eq(fb.sender, 0x11223344);
	return fb;
}

START_TEST(transport_feedback)
{
	struct rtcp_fb fb = feedback(SLICE(NACK));
	struct rtcp_tmmbr t;
	struct rtcp_nack n;
	struct rtcp_twcc w;

	ck_assert_uint_eq(fb.media, 0x55667788);
	ck_assert_uint_eq(fb.fmt, RTCP_NACK);
	ck_assert(rtcp_nack_next(&fb.fci, &n));
	ck_assert_uint_eq(n.pid, 7);
	ck_assert_uint_eq(n.blp, 5);
	ck_assert_int_eq(rtcp_twcc_parse(&fb, &w), PARSE_BAD);
	fb = feedback(SLICE(TWCC));
	ck_assert_int_eq(rtcp_twcc_parse(&fb, &w), PARSE_OK);
	ck_assert_uint_eq(w.base_seq, 10);
	ck_assert_uint_eq(w.count, 2);
	ck_assert_uint_eq(w.reference, 1);
	ck_assert_uint_eq(w.number, 7);
	ck_assert_uint_eq(w.chunks.len, 4);
	fb = feedback(SLICE(TMMBR));
	ck_assert(rtcp_tmmbr_next(&fb.fci, &t));
	ck_assert_uint_eq(t.ssrc, 0x55667788);
	ck_assert_uint_eq(t.bitrate, 500u << 3);
	ck_assert_uint_eq(t.overhead, 40);
}
END_TEST

START_TEST(payload_feedback)
{
	struct rtcp_fb fb = feedback(SLICE(PLI));
	struct rtcp_remb remb;
	struct rtcp_fir fir;
	uint32_t ssrc;

	ck_assert_uint_eq(fb.fmt, RTCP_PLI);
	ck_assert_uint_eq(fb.media, 0x55667788);
	fb = feedback(SLICE(FIR));
	ck_assert(rtcp_fir_next(&fb.fci, &fir));
	ck_assert_uint_eq(fir.ssrc, 0x55667788);
	ck_assert_uint_eq(fir.number, 9);
	fb = feedback(SLICE(REMB));
	ck_assert_int_eq(rtcp_remb_parse(&fb, &remb), PARSE_OK);
	ck_assert_uint_eq(remb.bitrate, 1000u << 5);
	ck_assert(rtcp_ssrc_next(&remb.ssrcs, &ssrc));
	ck_assert_uint_eq(ssrc, 0x55667788);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("rtcp");
	TCase *t = tcase_create("rtcp");

	tcase_add_loop_test(t, compounds, 0, ROWS(rows));
	tcase_add_loop_test(t, every_prefix, 0, ROWS(rows));
	tcase_add_test(t, sender_report);
	tcase_add_test(t, negative_loss);
	tcase_add_test(t, blocks_missing);
	tcase_add_test(t, description);
	tcase_add_test(t, bye_and_app);
	tcase_add_test(t, extended_reports);
	tcase_add_test(t, transport_feedback);
	tcase_add_test(t, payload_feedback);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
