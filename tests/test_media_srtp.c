/*
 * SRTP in the media layer: streams are opened by the keys of their flow or of
 * a file, early or late; what cannot be opened is counted all the same.
 */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/made_srtp.h"
#include "tests/media_feed.h"
#include "tests/run_suite.h"

#define ROWS(a) ((int)(sizeof(a) / sizeof((a)[0])))

#define CM80  "AES_CM_128_HMAC_SHA1_80"
#define CM32  "AES_CM_128_HMAC_SHA1_32"
#define GCM   "AEAD_AES_128_GCM"
#define HOLD  (32 * 1024)
#define PCMA  8
#define EVENT 101
#define BASE  1000u /* the first number */

/* --- streams ------------------------------------------------------------ */

/* Packet n of a stream of 20 ms: 160 bytes, or what it says. */
struct packet {
	uint32_t n;
	uint32_t number; /* with the rollover counter above 16 bits; 0: BASE + n
			  */
	uint32_t ssrc;
	uint8_t dir, pt, padding;
	struct slice payload;
};

static size_t make_rtp(const struct packet *p, uint8_t *out)
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

static void feed_srtp(struct feed *f, const struct made_srtp *m,
		      const struct packet *p)
{
	uint8_t rtp[512], out[512 + MADE_SRTP_MORE];
	size_t len = make_rtp(p, rtp);
	uint32_t number = p->number ? p->number : BASE + p->n;

	len = made_srtp_rtp(m, slice_of(rtp, len), number >> 16, out);
	feed_datagram(f, p->dir, p->n * 20 * FEED_MS, slice_of(out, len));
}

static void feed_run(struct feed *f, const struct made_srtp *m, uint32_t from,
		     uint32_t to)
{
	for (uint32_t n = from; n < to; n++) {
		struct packet p = {.n = n};

		feed_srtp(f, m, &p);
	}
}

/* What a described call says: PCMA and events, encrypted. */
static void describe(struct feed *f, unsigned dir, const char *srtp)
{
	struct media_desc d = {
		.srtp = srtp,
		.lines_n = 1,
		.line = {{.media = "audio"}},
		.n = 2,
		.pt = {{"PCMA", "", 8000, PCMA, 0},
		       {"telephone-event", "", 8000, EVENT, 0}}};

	media_flow_describe(f->flow, dir, &d);
}

/* A key of the suite and what protects with it. */
static struct media_key key(struct made_srtp *m, const char *suite, uint8_t n)
{
	struct media_key k = made_key(suite, n);

	made_srtp_init(m, &k);
	return k;
}

/* The digits 1, 2 ... 5, an event of 60 ms each, in numbers from .. from+14;
 * some padded. */
static void press_keys(struct feed *f, const struct made_srtp *m, uint32_t from)
{
	for (uint32_t i = 0; i < 15; i++) {
		uint8_t event[4] = {(uint8_t)(1 + i / 3),
				    i % 3 == 2 ? 0x8a : 0x0a, 0,
				    (uint8_t)(160 + i % 3)};
		uint8_t rtp[64], out[64 + MADE_SRTP_MORE];
		struct packet p = {.n = from + i,
				   .pt = EVENT,
				   .padding = i % 2 ? 4 : 0,
				   .payload = {event, 4}};
		size_t len = make_rtp(&p, rtp);
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

static void assert_keys_pressed(const struct feed *f)
{
	ck_assert_uint_eq(f->result.dtmf_n, 5);
	for (size_t i = 0; i < 5; i++) {
		ck_assert_int_eq(f->result.dtmf[i].digit.p[0], '1' + (int)i);
		ck_assert_int_eq(f->result.dtmf[i].duration_us, 162 * 125);
	}
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

static void assert_state(const struct cdr_stream *s, const char *srtp,
			 const char *state, uint64_t opened)
{
	ck_assert_pstr_eq(s->srtp, srtp);
	ck_assert_pstr_eq(s->key_state, state);
	ck_assert_uint_eq(s->opened, opened);
	ck_assert_int_eq(s->decrypted, opened > 0);
}

static uint64_t count(const struct feed *f, const char *name)
{
	return counters_get(&f->counters, name);
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
	struct media_key k = key(&m, suites[_i], 1);
	const struct cdr_stream *s;
	struct feed f;

	feed_begin_held(&f, HOLD, HOLD);
	describe(&f, 0, suites[_i]);
	ck_assert_int_eq(media_flow_key(f.flow, 0, &k), 0);
	feed_run(&f, &m, 0, 100);
	press_keys(&f, &m, 100);
	feed_run(&f, &m, 115, 600);
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

	key(&m, CM80, 1);
	feed_begin_held(&f, HOLD, HOLD);
	describe(&f, 0, "unknown");
	feed_run(&f, &m, 0, 100);
	press_keys(&f, &m, 100);
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
	struct media_key k = key(&m, CM80, 2);
	const struct cdr_stream *s;
	struct feed f;

	key(&m, CM80, 1);
	feed_begin_held(&f, HOLD, HOLD);
	describe(&f, 0, CM80);
	media_flow_key(f.flow, 0, &k);
	feed_run(&f, &m, 0, 500);
	press_keys(&f, &m, 500);
	s = feed_close(&f);
	assert_state(s, CM80, "wrong", 0);
	assert_bytes(s, 500 * 170 + 8 * 14 + 7 * 18);
	ck_assert_uint_eq(f.result.dtmf_n, 0);
	ck_assert_uint_eq(count(&f, "srtp.wrong_key"), 1);
	ck_assert_uint_eq(s->lost, 0);
	feed_end(&f);
}
END_TEST

/* Joined when the counter was there already. */
START_TEST(joined_late)
{
	struct made_srtp m;
	struct media_key k = key(&m, _i % 2 ? CM80 : GCM, 1);
	struct media_key other = made_key(CM80, 3);
	const struct cdr_stream *s;
	struct feed f;

	feed_begin_held(&f, 128 * 1024, 128 * 1024);
	describe(&f, 0, CM80);
	media_flow_key(f.flow, 0, &k);
	media_flow_key(f.flow, 0, &other);
	for (uint32_t n = 0; n < 400; n++) {
		/* Rolls over at number 200. */
		struct packet p = {.n = n,
				   .number = ((uint32_t)_i << 16) + 65336 + n};

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
	struct media_key k = key(&m, CM80, 1);
	const struct cdr_stream *s;
	struct feed f;

	feed_begin_held(&f, HOLD, HOLD);
	describe(&f, 0, CM80);
	media_flow_key(f.flow, 0, &k);
	for (uint32_t n = 0; n < 3000; n++) {
		struct packet p = {.n = n, .number = 65000 + n};

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
	struct media_key k = key(&m, CM80, 1);
	const struct cdr_stream *s;
	struct feed f;

	feed_begin_held(&f, HOLD, HOLD);
	describe(&f, 0, CM80);
	media_flow_key(f.flow, 0, &k);
	for (uint32_t n = 0; n < 300; n++) {
		struct packet p = {.n = n, .number = 3 * 65536 + 60000 + n};

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
	struct media_key k = key(&m, suites[_i], 1);
	const struct cdr_stream *s;
	struct feed f;

	feed_begin_held(&f, HOLD, HOLD);
	describe(&f, 0, "unknown");
	press_keys(&f, &m, 0);
	feed_run(&f, &m, 15, 100);
	media_flow_key(f.flow, 0, &k);
	feed_run(&f, &m, 100, 200);
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
	struct media_key k = key(&m, CM80, 1);
	const struct cdr_stream *s;
	struct feed f;

	feed_begin_held(&f, HOLD, HOLD);
	describe(&f, 0, "unknown");
	press_keys(&f, &m, 0);
	feed_run(&f, &m, 15, 100);
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
	struct media_key k = key(&m, GCM, 1);
	const struct cdr_stream *s;
	struct feed f;

	feed_begin_held(&f, HOLD, HOLD);
	describe(&f, 0, "unknown");
	press_keys(&f, &m, 0);
	feed_run(&f, &m, 15, 1000);
	ck_assert_uint_eq(count(&f, "srtp.hold_limit"), 1);
	ck_assert_uint_lt(media_memory(f.media).streams, HOLD + 16 * 1024);
	media_flow_key(f.flow, 0, &k);
	feed_run(&f, &m, 1000, 1100);
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
	struct media_key k = key(&m, CM80, 1);
	struct feed f;

	feed_begin_held(&f, HOLD, HOLD + 1024);
	describe(&f, 0, "unknown");
	for (uint32_t i = 0; i < 20; i++)
		for (uint32_t n = 0; n < 40; n++) {
			struct packet p = {.n = n, .ssrc = 100 + i};

			feed_srtp(&f, &m, &p);
		}
	ck_assert_uint_gt(count(&f, "srtp.hold_limit"), 10);
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
	struct media_key k[2] = {key(&m[0], CM80, 1), key(&m[1], GCM, 2)};
	const struct cdr_stream *s;
	struct feed f;

	feed_begin_held(&f, HOLD, HOLD);
	describe(&f, 0, CM80);
	media_flow_key(f.flow, 0, &k[0]);
	for (uint32_t n = 0; n < 400; n++) {
		struct packet p = {.n = n, .number = 65536 + BASE + n};
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

	key(&m, CM80, (uint8_t)_i);
	feed_begin_held(&f, HOLD, HOLD);
	describe(&f, 0, CM80);
	for (uint8_t i = 0; i < 17; i++) {
		k = made_key(CM80, i);
		ck_assert_int_eq(media_flow_key(f.flow, 0, &k), 0);
		ck_assert_int_eq(media_flow_key(f.flow, 0, &k), 0);
	}
	ck_assert_uint_eq(count(&f, "media.key_limit"), 1);
	feed_run(&f, &m, 0, 100);
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
	struct media_key k = key(&m, CM80, 1);
	const uint8_t rr[] = {0x80, 201, 0, 1, 0x11, 0x22, 0x33, 0x44};
	const struct cdr_stream *s;
	struct feed f;

	key(&junk, CM80, 2);
	feed_begin_held(&f, HOLD, HOLD);
	describe(&f, 0, CM80);
	media_flow_key(f.flow, 0, &k);
	for (uint32_t n = 0; n < 100; n++) {
		const struct made_srtp *by = n < (uint32_t)_i ? &junk : &m;
		struct packet p = {.n = n};
		uint8_t out[64 + MADE_SRTP_MORE];
		size_t len;

		feed_srtp(&f, by, &p);
		len = made_srtp_rtcp(by, slice_of(rr, sizeof(rr)), n + 1, out);
		feed_rtcp(&f, 0, n * 20 * FEED_MS + 1, slice_of(out, len));
	}
	s = feed_close(&f);
	assert_state(s, CM80, "ok", 100 - (uint64_t)_i);
	ck_assert_uint_eq(count(&f, "rtcp.unreadable"), _i);
	feed_end(&f);
}
END_TEST

/* It is over before the search began again. */
START_TEST(junk_and_little_more)
{
	struct made_srtp m, junk;
	struct media_key k = key(&m, CM80, 1);
	struct feed f;

	key(&junk, CM80, 2);
	feed_begin_held(&f, HOLD, HOLD);
	describe(&f, 0, CM80);
	media_flow_key(f.flow, 0, &k);
	feed_run(&f, &junk, 0, 11 + (uint32_t)_i);
	feed_run(&f, &m, 11 + (uint32_t)_i, 30);
	assert_state(feed_close(&f), CM80, "ok", 19 - (uint64_t)_i);
	feed_end(&f);
}
END_TEST

/* Some keys, in both directions, streams of a bundle, one joined late. */
START_TEST(bundle)
{
	struct made_srtp m[2];
	struct media_key k[2] = {key(&m[0], GCM, 1), key(&m[1], GCM, 2)};
	struct feed f;

	feed_begin_held(&f, 128 * 1024, 1024 * 1024);
	for (unsigned dir = 0; dir < 2; dir++) {
		describe(&f, dir, GCM);
		media_flow_key(f.flow, dir, &k[dir]);
	}
	for (uint32_t n = 0; n < 300; n++) {
		for (uint32_t i = 0; i < 6; i++) {
			struct packet p = {.n = n,
					   .ssrc = 10 + i,
					   .dir = i & 1,
					   .number = i / 2 * 5 * 65536 + BASE +
						     n};

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
	struct media_key k = key(&m[0], CM80, 1);
	const struct cdr_stream *s;
	struct feed f;
	unsigned junk = _i ? 4 : 20;

	key(&m[1], CM80, 2);
	feed_begin_held(&f, HOLD, HOLD);
	describe(&f, 0, CM80);
	media_flow_key(f.flow, 0, &k);
	for (uint32_t n = 0; n < 1000; n++) {
		struct packet p = {.n = n};

		feed_srtp(&f, &m[n % junk == 1], &p);
	}
	s = feed_close(&f);
	assert_state(s, CM80, _i ? "partly" : "ok", 1000 - 1000 / junk);
	assert_bytes(s, 1000 * 160);
	ck_assert_uint_eq(count(&f, "srtp.auth_failed"), 1000 / junk);
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
	describe(&f, 0, CM80);
	media_flow_key(f.flow, 0, &k);
	press_keys(&f, &m, 0);
	feed_run(&f, &m, 15, 100);
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

	key(&m, CM80, 1);
	feed_begin_held(&f, HOLD, HOLD);
	describe(&f, 0, _i ? "unknown" : "F8_128_HMAC_SHA1_80");
	if (_i)
		ck_assert_int_eq(media_flow_key(f.flow, 0, &k), -ENOTSUP);
	feed_run(&f, &m, 0, 100);
	s = feed_close(&f);
	assert_state(s, _i ? "unknown" : "F8_128_HMAC_SHA1_80", "unsupported",
		     0);
	feed_end(&f);
}
END_TEST

START_TEST(cryptex)
{
	struct made_srtp m;
	struct media_key k = key(&m, CM80, 1);
	uint8_t in[64] = {0x90, PCMA, 0,    1,	  0, 0, 0,    0, 1, 2,
			  3,	4,    0xc0, 0xde, 0, 1, 0x10, 1, 0, 0};
	uint8_t out[64 + MADE_SRTP_MORE];
	const struct cdr_stream *s;
	struct feed f;

	in[12] = _i ? 0xc2 : 0xc0;
	feed_begin_held(&f, HOLD, HOLD);
	describe(&f, 0, CM80);
	media_flow_key(f.flow, 0, &k);
	for (uint8_t n = 0; n < 10; n++) {
		size_t len;

		in[3] = n;
		len = made_srtp_rtp(&m, slice_of(in, sizeof(in)), 0, out);
		feed_datagram(&f, 0, n * 20 * FEED_MS, slice_of(out, len));
	}
	s = feed_close(&f);
	assert_state(s, CM80, "unsupported", 0);
	ck_assert_uint_eq(count(&f, "srtp.cryptex"), 10);
	feed_end(&f);
}
END_TEST

/* Packets cut by the snap length cannot be opened; the others are. */
START_TEST(cut)
{
	struct made_srtp m;
	struct media_key k = key(&m, CM80, 1);
	const struct cdr_stream *s;
	struct feed f;

	feed_begin_held(&f, HOLD, HOLD);
	describe(&f, 0, CM80);
	media_flow_key(f.flow, 0, &k);
	for (uint32_t n = 0; n < 100; n++) {
		struct packet p = {.n = n};
		uint8_t rtp[512], out[512 + MADE_SRTP_MORE];
		size_t len = make_rtp(&p, rtp);
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
	struct media_key k = key(&m, CM80, 1);
	struct feed f;
	size_t len;

	m.encrypted_ext = 1 << 2;
	len = made_srtp_rtp(&m, slice_of(in, sizeof(in)), 0, out);
	feed_begin_held(&f, HOLD, HOLD);
	describe(&f, 0, CM80);
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
		struct packet p = {.n = n};
		uint8_t rtp[512];

		feed_datagram(f, 0, n * 20 * FEED_MS,
			      slice_of(rtp, make_rtp(&p, rtp)));
	}
}

/* Nobody described anything: a key for any stream, or for this one. */
START_TEST(file_alone)
{
	struct made_srtp m;
	struct media_key k = key(&m, CM80, 1);
	const struct cdr_stream *s;
	struct feed f;

	k.any_ssrc = _i == 0;
	k.ssrc = FEED_SSRC;
	feed_begin_held(&f, HOLD, HOLD);
	ck_assert_int_eq(media_key_add(f.media, &k), 0);
	ck_assert_int_eq(media_key_add(f.media, &k), 0);
	press_keys(&f, &m, 0);
	feed_run(&f, &m, 15, 100);
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
	struct media_key k = key(&m, CM80, 1);
	const struct cdr_stream *s;
	struct feed f;

	feed_begin_held(&f, HOLD, HOLD);
	if (_i < 2)
		media_key_add(f.media, &k);
	if (_i == 0)
		describe(&f, 0, NULL);
	press_keys(&f, NULL, 0);
	feed_plain(&f, 15, 500);
	if (_i == 2)
		media_key_add(f.media, &k);
	feed_plain(&f, 500, 600);
	s = feed_close(&f);
	assert_state(s, NULL, NULL, 0);
	assert_bytes(s, 585 * 160 + 60);
	assert_keys_pressed(&f);
	ck_assert_uint_eq(count(&f, "srtp.wrong_key"), 0);
	feed_end(&f);
}
END_TEST

/* A key that names the stream is tried whatever signalling says. */
START_TEST(file_names_it)
{
	struct made_srtp m;
	struct media_key k = key(&m, CM80, 1);
	const struct cdr_stream *s;
	struct feed f;

	k.any_ssrc = false;
	k.ssrc = FEED_SSRC;
	feed_begin_held(&f, HOLD, HOLD);
	describe(&f, 0, NULL);
	feed_run(&f, &m, 0, 50);
	media_key_add(f.media, &k);
	if (_i == 0)
		feed_run(&f, &m, 50, 100);
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
	struct media_key k = key(&m, CM80, 1);
	struct packet p = {.ssrc = 77};
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
	ck_assert_uint_eq(count(&f, "keys.bad_srtp_line"), 2);
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
	ck_assert_uint_eq(count(&f, "media.key_limit"), 36 + 84);
	feed_end(&f);
}
END_TEST

/* --- SRTCP --------------------------------------------------------------- */

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
		struct packet a = {.n = n};
		struct packet b = {.n = n, .ssrc = B_SSRC, .dir = 1};

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
	ck_assert_uint_eq(count(f, "rtcp.unreadable"), 0);
}

START_TEST(rtcp_opened)
{
	struct made_srtp m[2];
	struct media_key k[2] = {key(&m[0], suites[_i], 1),
				 key(&m[1], suites[_i], 2)};
	struct feed f;

	feed_begin_held(&f, HOLD, HOLD);
	for (unsigned dir = 0; dir < 2; dir++) {
		describe(&f, dir, suites[_i]);
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
	struct media_key k[2] = {key(&m[0], CM80, 1), key(&m[1], GCM, 2)};
	struct feed f;

	feed_begin_held(&f, HOLD, 2 * HOLD);
	describe(&f, 0, "unknown");
	describe(&f, 1, "unknown");
	talk(&f, m);
	media_flow_key(f.flow, 0, &k[0]);
	media_flow_key(f.flow, 1, &k[1]);
	if (_i) {
		struct packet p = {.n = 30};

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
	struct media_key k = key(&m[0], CM80, 3);
	struct feed f;
	uint8_t p[64];

	key(&m[0], CM80, 1);
	key(&m[1], CM80, 2);
	feed_begin_held(&f, HOLD, HOLD);
	describe(&f, 0, "unknown");
	describe(&f, 1, "unknown");
	if (_i)
		media_flow_key(f.flow, 0, &k);
	talk(&f, m);
	for (unsigned i = 0; i < 100; i++)
		feed_report(&f, &m[0], 0, 300 + i, report(0, 4000, 0, 0, p), p);
	ck_assert_uint_eq(count(&f, "rtcp.unreadable"), 40);
	ck_assert_uint_eq(count(&f, "srtp.hold_limit"), 1);
	feed_close(&f);
	ck_assert_uint_eq(count(&f, "rtcp.unreadable"), 104);
	ck_assert_uint_eq(of(&f, A_SSRC)->rtcp.sr, 0);
	ck_assert_uint_eq(count(&f, "srtp.rtcp_auth_failed"), 0);
	feed_end(&f);
}
END_TEST

/* E = 0: read without a key. */
START_TEST(rtcp_clear)
{
	struct made_srtp m[2];
	struct feed f;

	key(&m[0], _i ? GCM : CM80, 1);
	key(&m[1], _i ? GCM : CM80, 2);
	m[0].clear_rtcp = m[1].clear_rtcp = true;
	feed_begin_held(&f, HOLD, HOLD);
	describe(&f, 0, "unknown");
	describe(&f, 1, "unknown");
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
	struct media_key k[2] = {key(&m[0], CM80, 1), key(&m[1], CM80, 2)};
	struct feed f;

	feed_begin_held(&f, HOLD, HOLD);
	for (unsigned dir = 0; dir < 2; dir++) {
		describe(&f, dir, CM80);
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
	struct media_key k = key(&m[0], CM80, 1);
	struct media_flow *rtp;
	struct feed f;
	uint8_t p[64];

	key(&m[1], CM80, 2);
	feed_begin_held(&f, HOLD, HOLD);
	media_key_add(f.media, &k);
	feed_run(&f, &m[0], 0, 10);
	rtp = f.flow;
	f.flow = media_flow_open(f.group, &a, &b);
	if (_i)
		describe(&f, 1, "unknown");
	for (unsigned i = 0; i < 10; i++)
		feed_report(&f, &m[i % 5 == 4], 1, 20 * i,
			    report(1, 4000, 0, 0, p), p);
	f.flow = rtp;
	feed_close(&f);
	ck_assert_uint_eq(f.result.streams_n, 1);
	assert_state(f.result.streams, CM80, "ok", 10);
	ck_assert_uint_eq(f.result.streams->rtcp.rr, 8);
	ck_assert_uint_eq(count(&f, "srtp.rtcp_auth_failed"), 2);
	ck_assert_uint_eq(count(&f, "rtcp.unreadable"), 2);
	feed_end(&f);
}
END_TEST

/* A packet sent plain before the keys were agreed on is read, and nothing is
 * looked for with it: the next one is opened at once (baresip's PING). */
START_TEST(rtcp_plain_first)
{
	struct made_srtp m;
	struct media_key k = key(&m, CM80, 1);
	struct feed f;
	uint8_t p[64];

	feed_begin_held(&f, HOLD, HOLD);
	describe(&f, 0, CM80);
	media_flow_key(f.flow, 0, &k);
	feed_run(&f, &m, 0, 10);
	feed_rtcp(&f, 0, 0, slice_of(p, report(0, 1000, 0, 0, p)));
	feed_report(&f, &m, 0, 100, report(0, 2000, 0, 0, p), p);
	feed_close(&f);
	ck_assert_uint_eq(of(&f, A_SSRC)->rtcp.sr, 2);
	ck_assert_uint_eq(count(&f, "rtcp.unreadable"), 0);
	ck_assert_uint_eq(count(&f, "srtp.rtcp_auth_failed"), 0);
	feed_end(&f);
}
END_TEST

/* Damaged ones do not keep the good ones waiting for long. */
START_TEST(rtcp_after_damaged)
{
	struct made_srtp m[2];
	struct media_key k = key(&m[0], CM80, 1);
	struct feed f;
	uint8_t p[64];

	key(&m[1], CM80, 2);
	feed_begin_held(&f, 0, 0);
	describe(&f, 0, CM80);
	media_flow_key(f.flow, 0, &k);
	feed_run(&f, &m[0], 0, 10);
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
	struct media_key k[2] = {key(&m[0], CM80, 1), key(&m[1], CM80, 2)};
	uint8_t p[64], out[128 + MADE_SRTP_MORE];
	struct feed f;

	feed_begin_held(&f, HOLD, HOLD);
	describe(&f, 0, CM80);
	feed_run(&f, &m[0], 0, 10);
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

/* --- groups -------------------------------------------------------------- */

START_TEST(moved)
{
	struct made_srtp m;
	struct media_key k = key(&m, CM80, 1);
	struct media_group *to;
	struct feed f;
	bool gone;

	feed_begin_held(&f, HOLD, HOLD);
	describe(&f, 0, CM80);
	feed_run(&f, &m, 0, 50);
	to = media_group_new(f.media);
	media_flow_move(f.flow, to, &gone);
	ck_assert(gone);
	f.group = to;
	media_flow_key(f.flow, 0, &k);
	feed_run(&f, &m, 50, 100);
	assert_state(feed_close(&f), CM80, "ok", 100);
	ck_assert_uint_eq(media_memory(f.media).streams, 0);
	feed_end(&f);
}
END_TEST

START_TEST(dropped)
{
	struct made_srtp m;
	struct media_key k = key(&m, CM80, 1);
	struct feed f;

	feed_begin_held(&f, HOLD, HOLD);
	describe(&f, 0, CM80);
	feed_run(&f, &m, 0, 50);
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
	add(s, "rtcp_opened", rtcp_opened, ROWS(suites));
	add(s, "rtcp_late", rtcp_late, 2);
	add(s, "rtcp_never", rtcp_never, 2);
	add(s, "rtcp_clear", rtcp_clear, 2);
	add(s, "rtcp_plain", rtcp_plain, 1);
	add(s, "rtcp_beside", rtcp_beside, 2);
	add(s, "rtcp_plain_first", rtcp_plain_first, 1);
	add(s, "rtcp_after_damaged", rtcp_after_damaged, 1);
	add(s, "rtcp_index_again", rtcp_index_again, 1);
	add(s, "moved", moved, 1);
	add(s, "dropped", dropped, 2);
	return run_suite(s);
}
