/*
 * SRTCP in the media layer: opened, held for late keys, read where it is not
 * encrypted.
 */
#include <check.h>

#include "tests/run_suite.h"
#include "tests/srtp_feed.h"

#define ROWS(a) ((int)(sizeof(a) / sizeof((a)[0])))

static const char *const suites[] = {
	CM80,
	CM32,
	"AES_192_CM_HMAC_SHA1_80",
	"AES_256_CM_HMAC_SHA1_80",
	"AES_256_CM_HMAC_SHA1_32",
	"NULL_HMAC_SHA1_80",
	GCM,
	"AEAD_AES_256_GCM",
};

#define A_SSRC FEED_SSRC
#define B_SSRC 0x55667788u

static void put32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* A sender report with one block about the other side. */
static size_t report(unsigned dir, uint32_t ntp, uint32_t lsr, double dlsr_ms,
		     uint8_t *p)
{
	memset(p, 0, 52);
	memcpy(p, (const uint8_t[]){0x81, 200, 0, 12}, 4);
	put32(p + 4, dir ? B_SSRC : A_SSRC);
	put32(p + 8, ntp >> 16);
	put32(p + 12, ntp << 16);
	put32(p + 28, dir ? A_SSRC : B_SSRC);
	put32(p + 32, 0x40000005);
	put32(p + 44, lsr);
	put32(p + 48, (uint32_t)(dlsr_ms * 65.536 + 0.5));
	return 52;
}

static void feed_report(struct feed *f, const struct made_srtp *m, unsigned dir,
			unsigned ms, size_t len, const uint8_t *p)
{
	uint8_t out[128 + MADE_SRTP_MORE];

	len = made_srtp_rtcp(m, slice_of(p, len), ms + 1, out);
	feed_rtcp(f, dir, ms * FEED_MS, slice_of(out, len));
}

static const struct cdr_stream *of(const struct feed *f, uint32_t ssrc)
{
	for (size_t i = 0; i < f->result.streams_n; i++)
		if (f->result.streams[i].ssrc == ssrc)
			return &f->result.streams[i];
	ck_abort_msg("no stream %x", ssrc);
	return NULL;
}

/* Both ways as in test_media.c: round trips 60 and 20 ms. */
static void talk(struct feed *f, const struct made_srtp m[2])
{
	uint8_t p[64];

	for (uint32_t n = 0; n < 30; n++) {
		struct srtp_packet a = {.n = n};
		struct srtp_packet b = {.n = n, .ssrc = B_SSRC, .dir = 1};

		feed_srtp(f, &m[0], &a);
		feed_srtp(f, &m[1], &b);
	}
	feed_report(f, &m[0], 0, 100, report(0, 1000, 0, 0, p), p);
	feed_report(f, &m[0], 0, 100, report(0, 1000, 0, 0, p), p); /* again */
	feed_report(f, &m[1], 1, 210, report(1, 2000, 1000, 50, p), p);
	feed_report(f, &m[0], 0, 250, report(0, 3000, 2000, 20, p), p);
}

static void assert_talked(const struct feed *f)
{
	const struct cdr_stream *a = of(f, A_SSRC), *b = of(f, B_SSRC);

	ck_assert_uint_eq(a->rtcp.sr, 2);
	ck_assert_uint_eq(a->rtcp.rr, 1);
	ck_assert_uint_eq(b->rtcp.sr, 1);
	ck_assert_uint_eq(b->rtcp.rr, 2);
	ck_assert_double_eq_tol(a->rtcp.rtt_b_ms, 60, 0.02);
	ck_assert_double_eq_tol(a->rtcp.rtt_a_ms, 20, 0.02);
	ck_assert_double_eq_tol(b->rtcp.rtt_a_ms, 60, 0.02);
	ck_assert_double_eq_tol(a->rtcp.fraction_lost_max, 25, 1e-9);
	ck_assert_uint_eq(feed_count(f, "rtcp.unreadable"), 0);
}

START_TEST(rtcp_opened)
{
	struct made_srtp m[2];
	struct media_key k[2] = {feed_key(&m[0], suites[_i], 1),
				 feed_key(&m[1], suites[_i], 2)};
	struct feed f;

	feed_begin_held(&f, HOLD, HOLD);
	for (unsigned dir = 0; dir < 2; dir++) {
		feed_describe_srtp(&f, dir, suites[_i]);
		media_flow_key(f.flow, dir, &k[dir]);
	}
	talk(&f, m);
	feed_close(&f);
	/* In clear nobody tells copies apart. */
	if (k->suite->cipher != SUITE_NULL)
		assert_talked(&f);
	feed_end(&f);
}
END_TEST

/* Keys come when all has been said: in order of arrival, once. */
START_TEST(rtcp_late)
{
	struct made_srtp m[2];
	struct media_key k[2] = {feed_key(&m[0], CM80, 1),
				 feed_key(&m[1], GCM, 2)};
	struct feed f;

	feed_begin_held(&f, HOLD, 2 * HOLD);
	feed_describe_srtp(&f, 0, "unknown");
	feed_describe_srtp(&f, 1, "unknown");
	talk(&f, m);
	media_flow_key(f.flow, 0, &k[0]);
	media_flow_key(f.flow, 1, &k[1]);
	if (_i) {
		struct srtp_packet p = {.n = 30};

		feed_srtp(&f, &m[0], &p);
	}
	feed_close(&f);
	assert_talked(&f);
	feed_end(&f);
}
END_TEST

START_TEST(rtcp_never)
{
	struct made_srtp m[2];
	struct media_key k = feed_key(&m[0], CM80, 3);
	struct feed f;
	uint8_t p[64];

	feed_key(&m[0], CM80, 1);
	feed_key(&m[1], CM80, 2);
	feed_begin_held(&f, HOLD, HOLD);
	feed_describe_srtp(&f, 0, "unknown");
	feed_describe_srtp(&f, 1, "unknown");
	if (_i)
		media_flow_key(f.flow, 0, &k);
	talk(&f, m);
	for (unsigned i = 0; i < 100; i++)
		feed_report(&f, &m[0], 0, 300 + i, report(0, 4000, 0, 0, p), p);
	ck_assert_uint_eq(feed_count(&f, "rtcp.unreadable"), 40);
	ck_assert_uint_eq(feed_count(&f, "srtp.hold_limit"), 1);
	feed_close(&f);
	ck_assert_uint_eq(feed_count(&f, "rtcp.unreadable"), 104);
	ck_assert_uint_eq(of(&f, A_SSRC)->rtcp.sr, 0);
	ck_assert_uint_eq(feed_count(&f, "srtp.rtcp_auth_failed"), 0);
	feed_end(&f);
}
END_TEST

/* E = 0: read without a key. */
START_TEST(rtcp_clear)
{
	struct made_srtp m[2];
	struct feed f;

	feed_key(&m[0], _i ? GCM : CM80, 1);
	feed_key(&m[1], _i ? GCM : CM80, 2);
	m[0].clear_rtcp = m[1].clear_rtcp = true;
	feed_begin_held(&f, HOLD, HOLD);
	feed_describe_srtp(&f, 0, "unknown");
	feed_describe_srtp(&f, 1, "unknown");
	talk(&f, m);
	feed_close(&f);
	ck_assert_uint_eq(of(&f, A_SSRC)->rtcp.sr, 3);
	ck_assert_uint_eq(of(&f, B_SSRC)->rtcp.sr, 1);
	feed_end(&f);
}
END_TEST

/* Plain RTCP where SRTCP is due: a BYE when all is over. */
START_TEST(rtcp_plain)
{
	const uint8_t bye[] = {0x81, 203, 0, 1, 0x11, 0x22, 0x33, 0x44};
	struct made_srtp m[2];
	struct media_key k[2] = {feed_key(&m[0], CM80, 1),
				 feed_key(&m[1], CM80, 2)};
	struct feed f;

	feed_begin_held(&f, HOLD, HOLD);
	for (unsigned dir = 0; dir < 2; dir++) {
		feed_describe_srtp(&f, dir, CM80);
		media_flow_key(f.flow, dir, &k[dir]);
	}
	talk(&f, m);
	feed_rtcp(&f, 0, 900 * FEED_MS, slice_of(bye, sizeof(bye)));
	feed_close(&f);
	assert_talked(&f);
	ck_assert_uint_eq(of(&f, A_SSRC)->rtcp.bye, 1);
	feed_end(&f);
}
END_TEST

/* On a flow of its own, from a receiver that sends nothing, among damaged
 * ones; by a key file. */
START_TEST(rtcp_beside)
{
	const uint8_t ip[2][4] = {{192, 0, 2, 1}, {192, 0, 2, 2}};
	struct addr a = addr_v4(ip[0], 4001), b = addr_v4(ip[1], 5001);
	struct made_srtp m[2];
	struct media_key k = feed_key(&m[0], CM80, 1);
	struct media_flow *rtp;
	struct feed f;
	uint8_t p[64];

	feed_key(&m[1], CM80, 2);
	feed_begin_held(&f, HOLD, HOLD);
	media_key_add(f.media, &k);
	feed_srtp_run(&f, &m[0], 0, 10);
	rtp = f.flow;
	f.flow = media_flow_open(f.group, &a, &b);
	if (_i)
		feed_describe_srtp(&f, 1, "unknown");
	for (unsigned i = 0; i < 10; i++)
		feed_report(&f, &m[i % 5 == 4], 1, 20 * i,
			    report(1, 4000, 0, 0, p), p);
	f.flow = rtp;
	feed_close(&f);
	ck_assert_uint_eq(f.result.streams_n, 1);
	ck_assert_str_eq(f.result.streams->key_state, "ok");
	ck_assert_uint_eq(f.result.streams->rtcp.rr, 8);
	ck_assert_uint_eq(feed_count(&f, "srtp.rtcp_auth_failed"), 2);
	ck_assert_uint_eq(feed_count(&f, "rtcp.unreadable"), 2);
	feed_end(&f);
}
END_TEST

/* A packet sent plain before the keys were agreed on is read, and nothing is
 * looked for with it: the next one is opened at once (baresip's PING). */
START_TEST(rtcp_plain_first)
{
	struct made_srtp m;
	struct media_key k = feed_key(&m, CM80, 1);
	struct feed f;
	uint8_t p[64];

	feed_begin_held(&f, HOLD, HOLD);
	feed_describe_srtp(&f, 0, CM80);
	media_flow_key(f.flow, 0, &k);
	feed_srtp_run(&f, &m, 0, 10);
	feed_rtcp(&f, 0, 0, slice_of(p, report(0, 1000, 0, 0, p)));
	feed_report(&f, &m, 0, 100, report(0, 2000, 0, 0, p), p);
	feed_close(&f);
	ck_assert_uint_eq(of(&f, A_SSRC)->rtcp.sr, 2);
	ck_assert_uint_eq(feed_count(&f, "rtcp.unreadable"), 0);
	ck_assert_uint_eq(feed_count(&f, "srtp.rtcp_auth_failed"), 0);
	feed_end(&f);
}
END_TEST

/* Damaged ones do not keep the good ones waiting for long. */
START_TEST(rtcp_after_damaged)
{
	struct made_srtp m[2];
	struct media_key k = feed_key(&m[0], CM80, 1);
	struct feed f;
	uint8_t p[64];

	feed_key(&m[1], CM80, 2);
	feed_begin_held(&f, 0, 0);
	feed_describe_srtp(&f, 0, CM80);
	media_flow_key(f.flow, 0, &k);
	feed_srtp_run(&f, &m[0], 0, 10);
	for (unsigned i = 0; i < 3; i++)
		feed_report(&f, &m[i != 2], 0, 100 * i,
			    report(0, 1000 * i, 0, 0, p), p);
	feed_close(&f);
	ck_assert_uint_eq(of(&f, A_SSRC)->rtcp.sr, 1);
	feed_end(&f);
}
END_TEST

/* A sender that has a new key begins with index 1 again: no copy. */
START_TEST(rtcp_index_again)
{
	struct made_srtp m[2];
	struct media_key k[2] = {feed_key(&m[0], CM80, 1),
				 feed_key(&m[1], CM80, 2)};
	uint8_t p[64], out[128 + MADE_SRTP_MORE];
	struct feed f;

	feed_begin_held(&f, HOLD, HOLD);
	feed_describe_srtp(&f, 0, CM80);
	feed_srtp_run(&f, &m[0], 0, 10);
	for (unsigned i = 0; i < 4; i++) {
		size_t len = report(0, 1000 * (i + 1), 0, 0, p);

		if (i % 2 == 0)
			media_flow_key(f.flow, 0, &k[i / 2]);
		len = made_srtp_rtcp(&m[i / 2], slice_of(p, len), i % 2 + 1,
				     out);
		feed_rtcp(&f, 0, 100 * i * FEED_MS, slice_of(out, len));
		feed_rtcp(&f, 0, 100 * i * FEED_MS + 1, slice_of(out, len));
	}
	feed_close(&f);
	ck_assert_uint_eq(of(&f, A_SSRC)->rtcp.sr, 4);
	feed_end(&f);
}
END_TEST

static void add(Suite *s, const char *name, const TTest *test, int n)
{
	TCase *t = tcase_create(name);

	tcase_add_loop_test(t, test, 0, n);
	suite_add_tcase(s, t);
}

int main(void)
{
	Suite *s = suite_create("media_srtcp");

	add(s, "opened", rtcp_opened, ROWS(suites));
	add(s, "late", rtcp_late, 2);
	add(s, "never", rtcp_never, 2);
	add(s, "clear", rtcp_clear, 2);
	add(s, "plain", rtcp_plain, 1);
	add(s, "beside", rtcp_beside, 2);
	add(s, "plain_first", rtcp_plain_first, 1);
	add(s, "after_damaged", rtcp_after_damaged, 1);
	add(s, "index_again", rtcp_index_again, 1);
	return run_suite(s);
}
