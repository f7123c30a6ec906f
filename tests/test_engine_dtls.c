/* DTLS and SRTP through the engine: alone, with descriptions before or after
 * it, with promises kept and broken, and on more than one path. */
#include <check.h>
#include <stdio.h>

#include "tests/dtls_pair.h"
#include "tests/made_signal.h"
#include "tests/run_suite.h"
#include "sniffer/net/dtls_flow.h"

static struct made_engine m;
static struct dtls_pair pair;
static uint64_t ms; /* now */

static void setup(void)
{
	static const struct dtls_pair_config dtls = {
		.profiles = "SRTP_AEAD_AES_128_GCM",
		.client_certificate = true,
	};
	struct engine_config cfg = made_engine_config();

	made_engine_begin(&m, &cfg);
	dtls_pair_run(&pair, &dtls);
	ck_assert(pair.done);
	ms = 0;
}

static void teardown(void)
{
	dtls_pair_free(&pair);
	made_engine_free(&m);
}

#define A made_at(1, 5000) /* the DTLS client */
#define B made_at(2, 6000)

static void datagram(const struct dtls_pair *p, size_t n, struct addr a,
		     struct addr b)
{
	bool client = p->sent[n].dir == DTLS_PAIR_CLIENT;

	made_udp(&m, ms++, client ? a : b, client ? b : a,
		 dtls_pair_sent(p, n));
}

static void handshake(void)
{
	for (size_t n = 0; n < pair.count; n++)
		datagram(&pair, n, A, B);
}

/* Protected by keys that nobody here knows. */
static void media(void)
{
	struct made_rtp a = {A, B, 0xa1, 100, 10, 111};
	struct made_rtp b = {B, A, 0xb1, 100, 10, 111};

	made_rtp(&m, ms, &a);
	made_rtp(&m, ms + 5, &b);
	ms += 250;
}

/* --- nobody signalled ----------------------------------------------------- */

START_TEST(dtls_alone)
{
	const struct cdr_call *s;

	handshake();
	made_engine_end(&m);
	s = &made_only(&m)->call;
	ck_assert_int_eq(m.got[0]->kind, CDR_SESSION);
	ck_assert_str_eq(s->kind, "webrtc");
	ck_assert_uint_eq(s->dtls_n, 1);
	ck_assert_str_eq(s->dtls[0].state, "finished");
	ck_assert_uint_eq(s->dtls[0].client.port, 5000);
	ck_assert(slice_eq(s->dtls[0].srtp_profile,
			   SLICE("SRTP_AEAD_AES_128_GCM")));
	ck_assert_ptr_null(s->dtls[0].fingerprint_match);
	ck_assert_ptr_null(s->dtls[0].setup_match);
	ck_assert_uint_gt(s->dtls[0].fingerprint_server.len, 0);
	ck_assert_uint_eq(s->streams_n, 0);
	ck_assert_uint_eq(s->ice_n, 0);
	ck_assert_uint_eq(engine_stats(m.engine)->dtls, pair.count);
}
END_TEST

/* The media names its suite, whichever comes first. */
START_TEST(dtls_and_srtp)
{
	const struct cdr_call *s;

	if (_i)
		media();
	handshake();
	if (!_i)
		media();
	made_engine_end(&m);
	s = &made_only(&m)->call;
	ck_assert_uint_eq(s->streams_n, 2);
	ck_assert_str_eq(s->streams[0].srtp, "AEAD_AES_128_GCM");
	ck_assert(!s->streams[0].decrypted);
	ck_assert_str_eq(s->streams[0].key_state, "missing");
	ck_assert_uint_eq(s->streams[0].packets, 10);
	ck_assert_uint_eq(s->dtls_n, 1);
}
END_TEST

/* Without handshake, checks and signalling it cannot be told from RTP. */
START_TEST(srtp_alone)
{
	media();
	made_engine_end(&m);
	ck_assert_str_eq(made_only(&m)->call.kind, "rtp");
	ck_assert_uint_eq(m.got[0]->call.streams_n, 2);
	ck_assert_ptr_null(m.got[0]->call.streams[0].srtp);
}
END_TEST

/* The server does not like the client's certificate. */
START_TEST(handshake_fails)
{
	static const struct dtls_pair_config refusing = {
		.profiles = "SRTP_AEAD_AES_128_GCM",
		.client_certificate = true,
		.server_refuses = true,
	};
	struct dtls_pair p;

	dtls_pair_run(&p, &refusing);
	for (size_t n = 0; n < p.count; n++)
		datagram(&p, n, A, B);
	dtls_pair_free(&p);
	made_engine_end(&m);
	ck_assert_str_eq(made_only(&m)->call.state, "failed");
	ck_assert_str_eq(m.got[0]->call.dtls[0].state, "failed");
	ck_assert_uint_gt(m.got[0]->call.dtls[0].alert.len, 0);
}
END_TEST

/* DTLS for something else: a VPN, CoAP. */
START_TEST(dtls_without_media)
{
	static const struct dtls_pair_config plain = {0};
	struct dtls_pair vpn;

	dtls_pair_run(&vpn, &plain);
	datagram(&vpn, 0, A, B);
	dtls_pair_free(&vpn);
	made_engine_end(&m);
	ck_assert_uint_eq(m.got_n, 0);
	ck_assert_uint_eq(engine_stats(m.engine)->dtls, 1);
}
END_TEST

/* --- promises ------------------------------------------------------------- */

static char print_a[DTLS_DIGEST_TEXT + 8], print_b[DTLS_DIGEST_TEXT + 8];

static void prints(bool forged)
{
	memcpy(print_a, "sha-256 ", 8);
	memcpy(print_b, "sha-256 ", 8);
	dtls_pair_digest(&pair, DTLS_PAIR_CLIENT, EVP_sha256(), print_a + 8);
	dtls_pair_digest(&pair, DTLS_PAIR_SERVER, EVP_sha256(), print_b + 8);
	if (forged)
		print_b[8] = print_b[8] == 'A' ? 'B' : 'A';
}

/* The caller is the DTLS client: that is what the answer says. */
static void sip(bool ice)
{
	struct made_party a = {.id = "1111111111",
			       .version = 1,
			       .ip = "10.0.0.1",
			       .port = 5000,
			       .setup = "actpass",
			       .fingerprint = print_a};
	struct made_party b = {.id = "2222222222",
			       .version = 1,
			       .ip = "10.0.0.2",
			       .port = 6000,
			       .setup = "passive",
			       .fingerprint = print_b};
	struct made_sip s = {made_at(1, 5060),
			     made_at(2, 5060),
			     "INVITE sip:b@x SIP/2.0",
			     "c1",
			     "1 INVITE",
			     "",
			     &a};

	if (ice) {
		a.ufrag = "aaaa";
		b.ufrag = "bbbb";
		a.pwd = b.pwd = "0123456789abcdefghijkl";
	}
	made_sip(&m, ms, &s);
	s = (struct made_sip){made_at(2, 5060),
			      made_at(1, 5060),
			      "SIP/2.0 200 OK",
			      "c1",
			      "1 INVITE",
			      ";tag=b",
			      &b};
	made_sip(&m, ms + 10, &s);
	ms += 20;
}

static void checks(void)
{
	struct made_check c = {
		A,     B,    "aaaa", "bbbb", "0123456789abcdefghijkl",
		false, true, 77};

	made_check(&m, ms, &c);
	ms += 20;
}

static const struct cdr_diagnosis *finding(const struct cdr_call *c,
					   const char *code)
{
	for (size_t i = 0; i < c->diagnoses_n; i++)
		if (!strcmp(c->diagnoses[i].code, code))
			return &c->diagnoses[i];
	return NULL;
}

/* s signalling, c checks, h handshake, m media */
static const char *const orders[] = {"shm",  "hsm",  "hms", "schm",
				     "chms", "hcms", "chsm"};

#define ORDERS ((int)(sizeof(orders) / sizeof(orders[0])))

/* The first half of the cases is honest, the second forged. */
START_TEST(promised)
{
	const char *order = orders[_i % ORDERS];
	bool forged = _i >= ORDERS, ice = strchr(order, 'c') != NULL;
	const struct cdr_call *c;

	prints(forged);
	for (const char *k = order; *k; k++) {
		if (*k == 's')
			sip(ice);
		else if (*k == 'c')
			checks();
		else if (*k == 'h')
			handshake();
		else
			media();
	}
	made_engine_end(&m);
	ck_assert_msg(m.got_n == 1, "%s: %zu records", order, m.got_n);
	ck_assert_int_eq(m.got[0]->kind, CDR_CALL);
	c = &m.got[0]->call;
	ck_assert_msg(c->dtls_n == 1, "%s: %zu associations", order, c->dtls_n);
	ck_assert_msg(!strcmp(c->dtls[0].fingerprint_match,
			      forged ? "false" : "true"),
		      "%s: %s", order, c->dtls[0].fingerprint_match);
	ck_assert_msg(c->dtls[0].setup_match &&
			      !strcmp(c->dtls[0].setup_match, "true"),
		      "%s: roles", order);
	ck_assert_msg((finding(c, "fingerprint-mismatch") != NULL) == forged,
		      "%s: findings", order);
	ck_assert_msg(c->streams_n == 2, "%s: %zu streams", order,
		      c->streams_n);
	ck_assert_msg(!strcmp(c->streams[0].sender, "caller"), "%s: %s", order,
		      c->streams[0].sender);
	ck_assert_msg(!strcmp(c->streams[0].srtp, "AEAD_AES_128_GCM"), "%s: %s",
		      order, c->streams[0].srtp);
}
END_TEST

/* --- paths ---------------------------------------------------------------- */

static void check(struct addr from, struct addr to, uint32_t tid)
{
	struct made_check c = {from, to,    "aaaa", "bbbb",
			       NULL, false, true,   tid};

	made_check(&m, ms, &c);
	ms += 20;
}

/* ICE moves it in mid handshake: one association. */
START_TEST(moved)
{
	struct addr other = made_at(1, 5002);
	const struct cdr_call *s;

	check(A, B, 1);
	check(other, B, 2);
	for (size_t n = 0; n < pair.count; n++)
		datagram(&pair, n, n < 2 ? A : other, B);
	made_engine_end(&m);
	s = &made_only(&m)->call;
	ck_assert_uint_eq(s->dtls_n, 1);
	ck_assert_str_eq(s->dtls[0].state, "finished");
	ck_assert_uint_eq(s->dtls[0].client.port, 5000);
	ck_assert(s->ice[0].pairs[1].selected);
}
END_TEST

/* Without ICE another 5-tuple is another association: RTP and RTCP. */
START_TEST(one_for_each_component)
{
	struct dtls_pair second;

	prints(false);
	sip(false);
	dtls_pair_run(&second, &pair.cfg);
	for (size_t n = 0; n < pair.count; n++)
		datagram(&pair, n, A, B);
	for (size_t n = 0; n < second.count; n++)
		datagram(&second, n, made_at(1, 5001), made_at(2, 6001));
	dtls_pair_free(&second);
	made_engine_end(&m);
	ck_assert_uint_ge(m.got_n, 1);
	ck_assert_int_eq(m.got[0]->kind, CDR_CALL);
	ck_assert_uint_ge(m.got[0]->call.dtls_n, 1);
	ck_assert_str_eq(m.got[0]->call.dtls[0].state, "finished");
}
END_TEST

/* --- limits --------------------------------------------------------------- */

/* Handshake after handshake on one flow. */
START_TEST(limit)
{
	for (int i = 0; i < 20; i++) {
		struct dtls_pair again;

		dtls_pair_run(&again, &pair.cfg);
		for (size_t n = 0; n < again.count; n++)
			datagram(&again, n, A, B);
		dtls_pair_free(&again);
	}
	made_engine_end(&m);
	ck_assert_uint_eq(made_only(&m)->call.dtls_n, 16);
	ck_assert_uint_gt(made_counted(&m, "dtls.limit"), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("engine_dtls");
	TCase *t = tcase_create("engine_dtls");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, dtls_alone);
	tcase_add_loop_test(t, dtls_and_srtp, 0, 2);
	tcase_add_test(t, srtp_alone);
	tcase_add_test(t, handshake_fails);
	tcase_add_test(t, dtls_without_media);
	tcase_add_loop_test(t, promised, 0, 2 * ORDERS);
	tcase_add_test(t, moved);
	tcase_add_test(t, one_for_each_component);
	tcase_add_test(t, limit);
	suite_add_tcase(s, t);
	return run_suite(s);
}
