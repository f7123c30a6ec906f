/*
 * SRTP in the media layer: streams are opened by the keys of their flow or of
 * a file, early or late; what cannot be opened is counted all the same.
 */
#include <check.h>
#include <errno.h>

#include "tests/run_suite.h"
#include "tests/srtp_feed.h"

#define ROWS(a) ((int)(sizeof(a) / sizeof((a)[0])))

static void assert_keys_pressed(const struct feed *f)
{
	ck_assert_uint_eq(f->result.dtmf_n, 5);
	for (size_t i = 0; i < 5; i++) {
		ck_assert_int_eq(f->result.dtmf[i].digit.p[0], '1' + (int)i);
		ck_assert_int_eq(f->result.dtmf[i].duration_us, 162 * 125);
	}
}

static void assert_state(const struct cdr_stream *s, const char *srtp,
			 const char *state, uint64_t opened)
{
	ck_assert_pstr_eq(s->srtp, srtp);
	ck_assert_pstr_eq(s->key_state, state);
	ck_assert_uint_eq(s->opened, opened);
	ck_assert_int_eq(s->decrypted, opened > 0);
}

/* Slices and stream must agree. */
static void assert_bytes(const struct cdr_stream *s, uint64_t want)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < s->slices_n; i++)
		sum += s->slices[i].bytes;
	ck_assert_uint_eq(s->bytes, want);
	ck_assert_uint_eq(sum, want);
}

/* --- keys before packets ------------------------------------------------- */

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

START_TEST(every_suite)
{
	struct made_srtp m;
	struct media_key k = feed_key(&m, suites[_i], 1);
	const struct cdr_stream *s;
	struct feed f;

	feed_begin_held(&f, HOLD, HOLD);
	feed_describe_srtp(&f, 0, suites[_i]);
	ck_assert_int_eq(media_flow_key(f.flow, 0, &k), 0);
	feed_srtp_run(&f, &m, 0, 100);
	feed_press_keys(&f, &m, 100);
	feed_srtp_run(&f, &m, 115, 600);
	ck_assert_uint_gt(media_memory(f.media).streams, sizeof(m));
	s = feed_close(&f);
	assert_state(s, suites[_i], "ok", 600);
	ck_assert_uint_eq(s->packets, 600);
	assert_bytes(s, 585 * 160 + 15 * 4);
	assert_keys_pressed(&f);
	ck_assert_uint_eq(f.counters.len, 0);
	feed_end(&f);
}
END_TEST

/* Without a key all is as it was: tag and padding count, no key is read. */
START_TEST(no_key)
{
	struct made_srtp m;
	const struct cdr_stream *s;
	struct feed f;

	feed_key(&m, CM80, 1);
	feed_begin_held(&f, HOLD, HOLD);
	feed_describe_srtp(&f, 0, "unknown");
	feed_srtp_run(&f, &m, 0, 100);
	feed_press_keys(&f, &m, 100);
	s = feed_close(&f);
	assert_state(s, "unknown", "missing", 0);
	assert_bytes(s, 100 * 170 + 8 * 14 + 7 * 18);
	ck_assert_uint_eq(f.result.dtmf_n, 0);
	feed_end(&f);
}
END_TEST

START_TEST(wrong_key)
{
	struct made_srtp m;
	struct media_key k = feed_key(&m, CM80, 2);
	const struct cdr_stream *s;
	struct feed f;

	feed_key(&m, CM80, 1);
	feed_begin_held(&f, HOLD, HOLD);
	feed_describe_srtp(&f, 0, CM80);
	media_flow_key(f.flow, 0, &k);
	feed_srtp_run(&f, &m, 0, 500);
	feed_press_keys(&f, &m, 500);
	s = feed_close(&f);
	assert_state(s, CM80, "wrong", 0);
	assert_bytes(s, 500 * 170 + 8 * 14 + 7 * 18);
	ck_assert_uint_eq(f.result.dtmf_n, 0);
	ck_assert_uint_eq(feed_count(&f, "srtp.wrong_key"), 1);
	ck_assert_uint_eq(s->lost, 0);
	feed_end(&f);
}
END_TEST

/* Joined when the counter was there already. */
START_TEST(joined_late)
{
	struct made_srtp m;
	struct media_key k = feed_key(&m, _i % 2 ? CM80 : GCM, 1);
	struct media_key other = made_key(CM80, 3);
	const struct cdr_stream *s;
	struct feed f;

	feed_begin_held(&f, 128 * 1024, 128 * 1024);
	feed_describe_srtp(&f, 0, CM80);
	media_flow_key(f.flow, 0, &k);
	media_flow_key(f.flow, 0, &other);
	for (uint32_t n = 0; n < 400; n++) {
		/* Rolls over at number 200. */
		struct srtp_packet p = {
			.n = n, .number = ((uint32_t)_i << 16) + 65336 + n};

		feed_srtp(&f, &m, &p);
	}
	s = feed_close(&f);
	assert_state(s, _i % 2 ? CM80 : GCM, "ok", 400);
	assert_bytes(s, 400 * 160);
	feed_end(&f);
}
END_TEST

/* Copies, losses, reordering and padding. */
START_TEST(rough)
{
	struct made_srtp m;
	struct media_key k = feed_key(&m, CM80, 1);
	const struct cdr_stream *s;
	struct feed f;

	feed_begin_held(&f, HOLD, HOLD);
	feed_describe_srtp(&f, 0, CM80);
	media_flow_key(f.flow, 0, &k);
	for (uint32_t n = 0; n < 3000; n++) {
		struct srtp_packet p = {.n = n, .number = 65000 + n};

		if (n % 50 == 7)
			continue;
		if (n % 10 == 3)
			p.number++;
		if (n % 10 == 4)
			p.number--;
		p.padding = n % 3 == 0 ? 12 : 0;
		feed_srtp(&f, &m, &p);
		if (n % 20 == 0)
			feed_srtp(&f, &m, &p);
	}
	s = feed_close(&f);
	assert_state(s, CM80, "ok", 2940);
	ck_assert_uint_eq(s->packets, 2940);
	ck_assert_uint_eq(s->lost, 60);
	ck_assert_uint_eq(s->duplicates, 150);
	ck_assert_uint_eq(s->out_of_order, 300);
	assert_bytes(s, 2940 * 160);
	ck_assert_uint_eq(f.counters.len, 0);
	feed_end(&f);
}
END_TEST

/* The sender begins again, elsewhere: counters as they were, or from 0. */
START_TEST(restarted)
{
	struct made_srtp m;
	struct media_key k = feed_key(&m, CM80, 1);
	const struct cdr_stream *s;
	struct feed f;

	feed_begin_held(&f, HOLD, HOLD);
	feed_describe_srtp(&f, 0, CM80);
	media_flow_key(f.flow, 0, &k);
	for (uint32_t n = 0; n < 300; n++) {
		struct srtp_packet p = {.n = n,
					.number = 3 * 65536 + 60000 + n};

		if (n >= 200)
			p.number = (_i == 0   ? 3u
				    : _i == 1 ? 4u
				    : _i == 2 ? 2u
					      : 0u) *
					   65536 +
				   15000 + n;
		feed_srtp(&f, &m, &p);
	}
	s = feed_close(&f);
	assert_state(s, CM80, "ok", 300);
	ck_assert_uint_eq(s->packets, 300);
	assert_bytes(s, 300 * 160);
	feed_end(&f);
}
END_TEST

/* --- late keys ----------------------------------------------------------- */

START_TEST(late_key)
{
	struct made_srtp m;
	struct media_key k = feed_key(&m, suites[_i], 1);
	const struct cdr_stream *s;
	struct feed f;

	feed_begin_held(&f, HOLD, HOLD);
	feed_describe_srtp(&f, 0, "unknown");
	feed_press_keys(&f, &m, 0);
	feed_srtp_run(&f, &m, 15, 100);
	media_flow_key(f.flow, 0, &k);
	feed_srtp_run(&f, &m, 100, 200);
	s = feed_close(&f);
	assert_state(s, suites[_i], "ok", 200);
	assert_bytes(s, 185 * 160 + 15 * 4);
	assert_keys_pressed(&f);
	ck_assert_uint_eq(f.counters.len, 0);
	feed_end(&f);
}
END_TEST

/* When no packet comes any more. */
START_TEST(later_key)
{
	struct made_srtp m;
	struct media_key k = feed_key(&m, CM80, 1);
	const struct cdr_stream *s;
	struct feed f;

	feed_begin_held(&f, HOLD, HOLD);
	feed_describe_srtp(&f, 0, "unknown");
	feed_press_keys(&f, &m, 0);
	feed_srtp_run(&f, &m, 15, 100);
	if (_i)
		media_flow_key(f.flow, 0, &k);
	else
		media_key_add(f.media, &k);
	s = feed_close(&f);
	assert_state(s, CM80, "ok", 100);
	assert_bytes(s, 85 * 160 + 15 * 4);
	assert_keys_pressed(&f);
	feed_end(&f);
}
END_TEST

/* More than is held: the rest is as if opened as to its length. */
START_TEST(held_no_more)
{
	struct made_srtp m;
	struct media_key k = feed_key(&m, GCM, 1);
	const struct cdr_stream *s;
	struct feed f;

	feed_begin_held(&f, HOLD, HOLD);
	feed_describe_srtp(&f, 0, "unknown");
	feed_press_keys(&f, &m, 0);
	feed_srtp_run(&f, &m, 15, 1000);
	ck_assert_uint_eq(feed_count(&f, "srtp.hold_limit"), 1);
	ck_assert_uint_lt(media_memory(f.media).streams, HOLD + 16 * 1024);
	media_flow_key(f.flow, 0, &k);
	feed_srtp_run(&f, &m, 1000, 1100);
	s = feed_close(&f);
	ck_assert_uint_gt(s->opened, 100 + 100);
	ck_assert_uint_lt(s->opened, 300);
	assert_state(s, GCM, "ok", s->opened);
	assert_bytes(s, 1085 * 160 + 15 * 4);
	assert_keys_pressed(&f);
	feed_end(&f);
}
END_TEST

/* All together: those who have waited longest give way. */
START_TEST(hold_budget)
{
	struct made_srtp m;
	struct media_key k = feed_key(&m, CM80, 1);
	struct feed f;

	feed_begin_held(&f, HOLD, HOLD + 1024);
	feed_describe_srtp(&f, 0, "unknown");
	for (uint32_t i = 0; i < 20; i++)
		for (uint32_t n = 0; n < 40; n++) {
			struct srtp_packet p = {.n = n, .ssrc = 100 + i};

			feed_srtp(&f, &m, &p);
		}
	ck_assert_uint_gt(feed_count(&f, "srtp.hold_limit"), 10);
	media_flow_key(f.flow, 0, &k);
	feed_close(&f);
	ck_assert_uint_eq(f.result.streams_n, 20);
	for (size_t i = 0; i < 20; i++) {
		const struct cdr_stream *s = &f.result.streams[i];

		if (s->ssrc >= 117)
			assert_state(s, CM80, "ok", 40);
		if (s->ssrc < 115) /* nothing left that could be tried */
			assert_state(s, "unknown", "missing", 0);
	}
	ck_assert_uint_eq(media_memory(f.media).streams, 0);
	feed_end(&f);
}
END_TEST

/* --- which key ----------------------------------------------------------- */

/* Rekeying: the counter goes on or not; a few old ones come late. */
START_TEST(rekeyed)
{
	struct made_srtp m[2];
	struct media_key k[2] = {feed_key(&m[0], CM80, 1),
				 feed_key(&m[1], GCM, 2)};
	const struct cdr_stream *s;
	struct feed f;

	feed_begin_held(&f, HOLD, HOLD);
	feed_describe_srtp(&f, 0, CM80);
	media_flow_key(f.flow, 0, &k[0]);
	for (uint32_t n = 0; n < 400; n++) {
		struct srtp_packet p = {.n = n, .number = 65536 + BASE + n};
		bool fresh = n >= 200 && n != 202 && n != 207;

		if (n == 150 + 100 * (uint32_t)_i)
			media_flow_key(f.flow, 0, &k[1]);
		if (fresh && _i == 0)
			p.number -= 65536;
		feed_srtp(&f, &m[fresh], &p);
	}
	s = feed_close(&f);
	assert_state(s, GCM, "ok", 400);
	assert_bytes(s, 400 * 160);
	feed_end(&f);
}
END_TEST

/* Sixteen keys, the right one any of them; more push the first ones out. */
START_TEST(many_keys)
{
	struct made_srtp m;
	const struct cdr_stream *s;
	struct media_key k;
	struct feed f;

	feed_key(&m, CM80, (uint8_t)_i);
	feed_begin_held(&f, HOLD, HOLD);
	feed_describe_srtp(&f, 0, CM80);
	for (uint8_t i = 0; i < 17; i++) {
		k = made_key(CM80, i);
		ck_assert_int_eq(media_flow_key(f.flow, 0, &k), 0);
		ck_assert_int_eq(media_flow_key(f.flow, 0, &k), 0);
	}
	ck_assert_uint_eq(feed_count(&f, "media.key_limit"), 1);
	feed_srtp_run(&f, &m, 0, 100);
	s = feed_close(&f);
	if (_i == 0)
		assert_state(s, CM80, "wrong", 0);
	else
		assert_state(s, CM80, "ok", 100);
	feed_end(&f);
}
END_TEST

/* Something else first, on RTP and on RTCP: the key is found all the same. */
START_TEST(junk_first)
{
	struct made_srtp m, junk;
	struct media_key k = feed_key(&m, CM80, 1);
	const uint8_t rr[] = {0x80, 201, 0, 1, 0x11, 0x22, 0x33, 0x44};
	const struct cdr_stream *s;
	struct feed f;

	feed_key(&junk, CM80, 2);
	feed_begin_held(&f, HOLD, HOLD);
	feed_describe_srtp(&f, 0, CM80);
	media_flow_key(f.flow, 0, &k);
	for (uint32_t n = 0; n < 100; n++) {
		const struct made_srtp *by = n < (uint32_t)_i ? &junk : &m;
		struct srtp_packet p = {.n = n};
		uint8_t out[64 + MADE_SRTP_MORE];
		size_t len;

		feed_srtp(&f, by, &p);
		len = made_srtp_rtcp(by, slice_of(rr, sizeof(rr)), n + 1, out);
		feed_rtcp(&f, 0, n * 20 * FEED_MS + 1, slice_of(out, len));
	}
	s = feed_close(&f);
	assert_state(s, CM80, "ok", 100 - (uint64_t)_i);
	ck_assert_uint_eq(feed_count(&f, "rtcp.unreadable"), _i);
	feed_end(&f);
}
END_TEST

/* It is over before the search began again. */
START_TEST(junk_and_little_more)
{
	struct made_srtp m, junk;
	struct media_key k = feed_key(&m, CM80, 1);
	struct feed f;

	feed_key(&junk, CM80, 2);
	feed_begin_held(&f, HOLD, HOLD);
	feed_describe_srtp(&f, 0, CM80);
	media_flow_key(f.flow, 0, &k);
	feed_srtp_run(&f, &junk, 0, 11 + (uint32_t)_i);
	feed_srtp_run(&f, &m, 11 + (uint32_t)_i, 30);
	assert_state(feed_close(&f), CM80, "ok", 19 - (uint64_t)_i);
	feed_end(&f);
}
END_TEST

/* Some keys, in both directions, streams of a bundle, one joined late. */
START_TEST(bundle)
{
	struct made_srtp m[2];
	struct media_key k[2] = {feed_key(&m[0], GCM, 1),
				 feed_key(&m[1], GCM, 2)};
	struct feed f;

	feed_begin_held(&f, 128 * 1024, 1024 * 1024);
	for (unsigned dir = 0; dir < 2; dir++) {
		feed_describe_srtp(&f, dir, GCM);
		media_flow_key(f.flow, dir, &k[dir]);
	}
	for (uint32_t n = 0; n < 300; n++) {
		for (uint32_t i = 0; i < 6; i++) {
			struct srtp_packet p = {.n = n,
						.ssrc = 10 + i,
						.dir = i & 1,
						.number = i / 2 * 5 * 65536 +
							  BASE + n};

			feed_srtp(&f, &m[p.dir], &p);
		}
	}
	feed_close(&f);
	ck_assert_uint_eq(f.result.streams_n, 6);
	for (size_t i = 0; i < 6; i++) {
		assert_state(&f.result.streams[i], GCM, "ok", 300);
		assert_bytes(&f.result.streams[i], 300 * 160);
	}
	feed_end(&f);
}
END_TEST

/* Not all packets are genuine. */
START_TEST(partly)
{
	struct made_srtp m[2];
	struct media_key k = feed_key(&m[0], CM80, 1);
	const struct cdr_stream *s;
	struct feed f;
	unsigned junk = _i ? 4 : 20;

	feed_key(&m[1], CM80, 2);
	feed_begin_held(&f, HOLD, HOLD);
	feed_describe_srtp(&f, 0, CM80);
	media_flow_key(f.flow, 0, &k);
	for (uint32_t n = 0; n < 1000; n++) {
		struct srtp_packet p = {.n = n};

		feed_srtp(&f, &m[n % junk == 1], &p);
	}
	s = feed_close(&f);
	assert_state(s, CM80, _i ? "partly" : "ok", 1000 - 1000 / junk);
	assert_bytes(s, 1000 * 160);
	ck_assert_uint_eq(feed_count(&f, "srtp.auth_failed"), 1000 / junk);
	feed_end(&f);
}
END_TEST

START_TEST(unauthenticated)
{
	struct made_srtp m;
	struct media_key k = made_key(CM80, 1);
	const struct cdr_stream *s;
	struct feed f;

	k.unauthenticated = true;
	made_srtp_init(&m, &k);
	feed_begin_held(&f, HOLD, HOLD);
	feed_describe_srtp(&f, 0, CM80);
	media_flow_key(f.flow, 0, &k);
	feed_press_keys(&f, &m, 0);
	feed_srtp_run(&f, &m, 15, 100);
	s = feed_close(&f);
	assert_state(s, CM80, "unverified", 100);
	assert_bytes(s, 85 * 160 + 60);
	assert_keys_pressed(&f);
	feed_end(&f);
}
END_TEST

START_TEST(nobody_opens_it)
{
	struct media_key k = made_key("F8_128_HMAC_SHA1_80", 1);
	struct made_srtp m;
	const struct cdr_stream *s;
	struct feed f;

	feed_key(&m, CM80, 1);
	feed_begin_held(&f, HOLD, HOLD);
	feed_describe_srtp(&f, 0, _i ? "unknown" : "F8_128_HMAC_SHA1_80");
	if (_i)
		ck_assert_int_eq(media_flow_key(f.flow, 0, &k), -ENOTSUP);
	feed_srtp_run(&f, &m, 0, 100);
	s = feed_close(&f);
	assert_state(s, _i ? "unknown" : "F8_128_HMAC_SHA1_80", "unsupported",
		     0);
	feed_end(&f);
}
END_TEST

START_TEST(cryptex)
{
	struct made_srtp m;
	struct media_key k = feed_key(&m, CM80, 1);
	uint8_t in[64] = {0x90, PCMA, 0,    1,	  0, 0, 0,    0, 1, 2,
			  3,	4,    0xc0, 0xde, 0, 1, 0x10, 1, 0, 0};
	uint8_t out[64 + MADE_SRTP_MORE];
	const struct cdr_stream *s;
	struct feed f;

	in[12] = _i ? 0xc2 : 0xc0;
	feed_begin_held(&f, HOLD, HOLD);
	feed_describe_srtp(&f, 0, CM80);
	media_flow_key(f.flow, 0, &k);
	for (uint8_t n = 0; n < 10; n++) {
		size_t len;

		in[3] = n;
		len = made_srtp_rtp(&m, slice_of(in, sizeof(in)), 0, out);
		feed_datagram(&f, 0, n * 20 * FEED_MS, slice_of(out, len));
	}
	s = feed_close(&f);
	assert_state(s, CM80, "unsupported", 0);
	ck_assert_uint_eq(feed_count(&f, "srtp.cryptex"), 10);
	feed_end(&f);
}
END_TEST

/* Packets cut by the snap length cannot be opened; the others are. */
START_TEST(cut)
{
	struct made_srtp m;
	struct media_key k = feed_key(&m, CM80, 1);
	const struct cdr_stream *s;
	struct feed f;

	feed_begin_held(&f, HOLD, HOLD);
	feed_describe_srtp(&f, 0, CM80);
	media_flow_key(f.flow, 0, &k);
	for (uint32_t n = 0; n < 100; n++) {
		struct srtp_packet p = {.n = n};
		uint8_t rtp[512], out[512 + MADE_SRTP_MORE];
		size_t len = feed_make_rtp(&p, rtp);
		struct media_pkt pkt = {.ts_ns = FEED_START_NS + n * FEED_MS,
					.vlan = CDR_NO_U32};

		len = made_srtp_rtp(&m, slice_of(rtp, len), 0, out);
		pkt.payload = slice_of(out, n % 2 ? 60 : len);
		pkt.payload_wire = (uint32_t)len;
		media_flow_rtp(f.flow, 0, &pkt);
	}
	s = feed_close(&f);
	assert_state(s, CM80, "ok", 50);
	assert_bytes(s, 100 * 160);
	feed_end(&f);
}
END_TEST

/* RFC 6904, without the IDs: still opened, the extension stays as it is. */
START_TEST(encrypted_extensions)
{
	static const uint8_t ids[] = {2};
	const uint8_t in[] = {0x90, PCMA, 0,	9, 0, 0,    0, 1, 1, 2, 3,
			      4,    0xbe, 0xde, 0, 1, 0x22, 1, 2, 3, 42};
	uint8_t out[64 + MADE_SRTP_MORE];
	struct made_srtp m;
	struct media_key k = feed_key(&m, CM80, 1);
	struct feed f;
	size_t len;

	m.encrypted_ext = 1 << 2;
	len = made_srtp_rtp(&m, slice_of(in, sizeof(in)), 0, out);
	feed_begin_held(&f, HOLD, HOLD);
	feed_describe_srtp(&f, 0, CM80);
	media_flow_key(f.flow, 0, &k);
	if (_i)
		media_flow_encrypted_ext(f.flow, 0, ids, sizeof(ids));
	feed_datagram(&f, 0, 0, slice_of(out, len));
	/* Said later, or again: keys are found again. */
	media_flow_encrypted_ext(f.flow, 0, ids, sizeof(ids));
	out[3] = 10;
	len = made_srtp_rtp(&m, slice_of(in, sizeof(in)), 0, out);
	feed_datagram(&f, 0, FEED_MS, slice_of(out, len));
	assert_state(feed_close(&f), CM80, "ok", 1);
	feed_end(&f);
}
END_TEST

/* --- key files ----------------------------------------------------------- */

static void feed_plain(struct feed *f, uint32_t from, uint32_t to)
{
	for (uint32_t n = from; n < to; n++) {
		struct srtp_packet p = {.n = n};
		uint8_t rtp[512];

		feed_datagram(f, 0, n * 20 * FEED_MS,
			      slice_of(rtp, feed_make_rtp(&p, rtp)));
	}
}

/* Nobody described anything: a key for any stream, or for this one. */
START_TEST(file_alone)
{
	struct made_srtp m;
	struct media_key k = feed_key(&m, CM80, 1);
	const struct cdr_stream *s;
	struct feed f;

	k.any_ssrc = _i == 0;
	k.ssrc = FEED_SSRC;
	feed_begin_held(&f, HOLD, HOLD);
	ck_assert_int_eq(media_key_add(f.media, &k), 0);
	ck_assert_int_eq(media_key_add(f.media, &k), 0);
	feed_press_keys(&f, &m, 0);
	feed_srtp_run(&f, &m, 15, 100);
	s = feed_close(&f);
	assert_state(s, CM80, "ok", 100);
	assert_bytes(s, 85 * 160 + 60);
	assert_keys_pressed(&f);
	feed_end(&f);
}
END_TEST

/* Plain RTP with a key file around: nothing changes for it. */
START_TEST(file_and_plain)
{
	struct made_srtp m;
	struct media_key k = feed_key(&m, CM80, 1);
	const struct cdr_stream *s;
	struct feed f;

	feed_begin_held(&f, HOLD, HOLD);
	if (_i < 2)
		media_key_add(f.media, &k);
	if (_i == 0)
		feed_describe_srtp(&f, 0, NULL);
	feed_press_keys(&f, NULL, 0);
	feed_plain(&f, 15, 500);
	if (_i == 2)
		media_key_add(f.media, &k);
	feed_plain(&f, 500, 600);
	s = feed_close(&f);
	assert_state(s, NULL, NULL, 0);
	assert_bytes(s, 585 * 160 + 60);
	assert_keys_pressed(&f);
	ck_assert_uint_eq(feed_count(&f, "srtp.wrong_key"), 0);
	feed_end(&f);
}
END_TEST

/* A key that names the stream is tried whatever signalling says. */
START_TEST(file_names_it)
{
	struct made_srtp m;
	struct media_key k = feed_key(&m, CM80, 1);
	const struct cdr_stream *s;
	struct feed f;

	k.any_ssrc = false;
	k.ssrc = FEED_SSRC;
	feed_begin_held(&f, HOLD, HOLD);
	feed_describe_srtp(&f, 0, NULL);
	feed_srtp_run(&f, &m, 0, 50);
	media_key_add(f.media, &k);
	if (_i == 0)
		feed_srtp_run(&f, &m, 50, 100);
	else
		feed_plain(&f, 50, 100);
	s = feed_close(&f);
	if (_i == 0)
		assert_state(s, CM80, "ok", 50);
	else
		assert_state(s, NULL, "wrong", 0);
	feed_end(&f);
}
END_TEST

/* A new stream of a flow that is known already. */
START_TEST(file_second_stream)
{
	struct made_srtp m;
	struct media_key k = feed_key(&m, CM80, 1);
	struct srtp_packet p = {.ssrc = 77};
	struct feed f;

	k.any_ssrc = false;
	k.ssrc = 77;
	feed_begin_held(&f, HOLD, HOLD);
	media_key_add(f.media, &k);
	feed_plain(&f, 0, 10);
	for (p.n = 10; p.n < 20; p.n++)
		feed_srtp(&f, &m, &p);
	feed_close(&f);
	ck_assert_uint_eq(f.result.streams_n, 2);
	assert_state(&f.result.streams[0], NULL, NULL, 0);
	assert_state(&f.result.streams[1], CM80, "ok", 10);
	feed_end(&f);
}
END_TEST

START_TEST(file_text)
{
	const char *why = NULL;
	struct feed f;

	feed_begin_held(&f, HOLD, HOLD);
	ck_assert_uint_eq(
		media_keys_text(f.media,
				SLICE("# a\n* AES_CM_128_HMAC_SHA1_80 "
				      "Bw4JCgsMDQ4PEBESExQVFgsOERQXGh0gIyYpL"
				      "DI1\nx\ny"),
				&why),
		3);
	ck_assert_str_eq(why, "not an SSRC, a suite and a key");
	ck_assert_uint_eq(media_keys_text(f.media, SLICE("# b\n"), &why), 0);
	ck_assert_ptr_null(why);
	ck_assert_uint_eq(feed_count(&f, "keys.bad_srtp_line"), 2);
	feed_end(&f);
}
END_TEST

START_TEST(file_limits)
{
	struct feed f;

	feed_begin_held(&f, HOLD, HOLD);
	for (unsigned i = 0; i < 100; i++) {
		struct media_key k = made_key(CM80, (uint8_t)i);

		ck_assert_int_eq(media_key_add(f.media, &k),
				 i < 64 ? 0 : -ENOSPC);
		k.any_ssrc = false;
		k.ssrc = 5;
		ck_assert_int_eq(media_key_add(f.media, &k),
				 i < 16 ? 0 : -ENOSPC);
		k.ssrc = 1000 + i;
		ck_assert_int_eq(media_key_add(f.media, &k), 0);
	}
	ck_assert_uint_eq(feed_count(&f, "media.key_limit"), 36 + 84);
	feed_end(&f);
}
END_TEST

/* --- groups -------------------------------------------------------------- */

START_TEST(moved)
{
	struct made_srtp m;
	struct media_key k = feed_key(&m, CM80, 1);
	struct media_group *to;
	struct feed f;
	bool gone;

	feed_begin_held(&f, HOLD, HOLD);
	feed_describe_srtp(&f, 0, CM80);
	feed_srtp_run(&f, &m, 0, 50);
	to = media_group_new(f.media);
	media_flow_move(f.flow, to, &gone);
	ck_assert(gone);
	f.group = to;
	media_flow_key(f.flow, 0, &k);
	feed_srtp_run(&f, &m, 50, 100);
	assert_state(feed_close(&f), CM80, "ok", 100);
	ck_assert_uint_eq(media_memory(f.media).streams, 0);
	feed_end(&f);
}
END_TEST

START_TEST(dropped)
{
	struct made_srtp m;
	struct media_key k = feed_key(&m, CM80, 1);
	struct feed f;

	feed_begin_held(&f, HOLD, HOLD);
	feed_describe_srtp(&f, 0, CM80);
	feed_srtp_run(&f, &m, 0, 50);
	if (_i)
		media_flow_key(f.flow, 0, &k);
	media_group_drop(f.group);
	f.group = NULL;
	ck_assert_uint_eq(media_memory(f.media).streams, 0);
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
	Suite *s = suite_create("media_srtp");

	add(s, "every_suite", every_suite, ROWS(suites));
	add(s, "no_key", no_key, 1);
	add(s, "wrong_key", wrong_key, 1);
	add(s, "joined_late", joined_late, 61);
	add(s, "rough", rough, 1);
	add(s, "restarted", restarted, 4);
	add(s, "late_key", late_key, ROWS(suites));
	add(s, "later_key", later_key, 2);
	add(s, "held_no_more", held_no_more, 1);
	add(s, "hold_budget", hold_budget, 1);
	add(s, "rekeyed", rekeyed, 2);
	add(s, "many_keys", many_keys, 17);
	add(s, "junk_first", junk_first, 31);
	add(s, "junk_and_little_more", junk_and_little_more, 12);
	add(s, "bundle", bundle, 1);
	add(s, "partly", partly, 2);
	add(s, "unauthenticated", unauthenticated, 1);
	add(s, "nobody_opens_it", nobody_opens_it, 2);
	add(s, "cryptex", cryptex, 2);
	add(s, "cut", cut, 1);
	add(s, "encrypted_extensions", encrypted_extensions, 2);
	add(s, "file_alone", file_alone, 2);
	add(s, "file_and_plain", file_and_plain, 3);
	add(s, "file_names_it", file_names_it, 2);
	add(s, "file_second_stream", file_second_stream, 1);
	add(s, "file_text", file_text, 1);
	add(s, "file_limits", file_limits, 1);
	add(s, "moved", moved, 1);
	add(s, "dropped", dropped, 2);
	return run_suite(s);
}
