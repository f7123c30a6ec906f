/* The rows dtls[] of a record: which promise a certificate is held against,
 * whether the roles are the agreed ones, and what became of the handshake. */
#include <check.h>
#include <stdio.h>

#include "tests/dtls_made.h"
#include "tests/dtls_pair.h"
#include "tests/made_ice.h"
#include "tests/run_suite.h"

enum {
	CLIENT = DTLS_PAIR_CLIENT, /* party 0, unless it is turned */
	SERVER = DTLS_PAIR_SERVER,
};

static struct counters counters;
static struct ice_table table;
static struct rtc *rtc;
static struct rtc_dtls *dtls;
static struct dtls_pair pair;
static struct cdr *cdr;

static void setup(void)
{
	counters = (struct counters){0};
	pair = (struct dtls_pair){0};
	cdr = NULL;
	ck_assert_int_eq(ice_table_init(&table, made_seed, &counters), 0);
	rtc = rtc_new(1 << 20);
	dtls = rtc_dtls_new(rtc, &counters, NULL);
	ck_assert_ptr_nonnull(dtls);
	dtls->end[CLIENT] = made_ip(1, 5000);
	dtls->end[SERVER] = made_ip(2, 6000);
	dtls->ufrag[CLIENT] = SLICE("aaaa");
	dtls->ufrag[SERVER] = SLICE("bbbb");
	dtls->party[CLIENT] = 0;
	dtls->party[SERVER] = 1;
}

static void teardown(void)
{
	cdr_free(cdr);
	dtls_pair_free(&pair);
	rtc_free(rtc, &table);
	ice_table_close(&table);
}

static void handshake(void)
{
	static const struct dtls_pair_config cfg = {
		.profiles = "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80",
		.client_certificate = true,
	};

	dtls_pair_run(&pair, &cfg);
	ck_assert(pair.done);
	for (size_t n = 0; n < pair.count; n++)
		dtls_assoc_feed(dtls->assoc, pair.sent[n].dir,
				dtls_pair_sent(&pair, n), 10 * S + n * MS);
}

static const struct cdr_dtls *row_at(uint64_t now_ns, bool ended)
{
	struct ice_view v = {.now_ns = now_ns, .input_ended = ended};

	cdr_free(cdr);
	cdr = cdr_new(CDR_SESSION);
	rtc_result(rtc, &v, cdr);
	ck_assert_uint_ge(cdr->call.dtls_n, 1);
	return &cdr->call.dtls[0];
}

static const struct cdr_dtls *row(void)
{
	return row_at(100 * S, false);
}

static void ck_name(const char *name, const char *got, const char *want)
{
	ck_assert_msg(!want ? !got : got && !strcmp(got, want), "%s: %s", name,
		      got ? got : "null");
}

/* --- fingerprints --------------------------------------------------------- */

/* One promise of a party: of which agent, at which address, and fingerprints:
 * 'g' its certificate, 's' the same by SHA-1, 'f' a forged one, 'm' one of a
 * hash that nobody knows. */
struct promise {
	uint8_t party;
	const char *prints, *ufrag;
	uint16_t port;
};

/* SHA-256 of something else. */
static void forged(char text[DTLS_DIGEST_TEXT])
{
	for (int i = 0; i < 32; i++)
		sprintf(text + 3 * i, "%02X%s", i, i < 31 ? ":" : "");
}

static void promise(unsigned number, const struct promise *p)
{
	for (const char *k = p->prints; *k; k++) {
		struct rtc_fingerprint *f = arena_alloc(rtc->mem, sizeof(*f));
		char text[DTLS_DIGEST_TEXT] = "AA:BB";

		if (*k == 'g' || *k == 's')
			dtls_pair_digest(&pair, p->party,
					 *k == 's' ? EVP_sha1() : EVP_sha256(),
					 text);
		if (*k == 'f')
			forged(text);
		f->hash = *k == 's'   ? SLICE("sha-1")
			  : *k == 'm' ? SLICE("md5")
				      : SLICE("SHA-256");
		f->value = arena_keep(rtc->mem, slice_str(text));
		f->ufrag = p->ufrag ? slice_str(p->ufrag) : (struct slice){0};
		f->addr = made_ip((uint8_t)(1 + p->party), p->port);
		f->promise = number;
		f->party = p->party;
		f->next = rtc->fingerprints;
		rtc->fingerprints = f;
	}
}

static const struct {
	const char *name, *match;
	struct promise v[4];
	bool unknown; /* nobody knows who the ends are */
} promises[] = {
	{"none", NULL, {{0}}, false},
	{"both fit", "true", {{0, "g", "aaaa", 9}, {1, "g", "bbbb", 9}}, false},
	{"one is known, it fits", "true", {{1, "g", "bbbb", 9}}, false},
	{"one is forged",
	 "false",
	 {{0, "g", "aaaa", 9}, {1, "f", "bbbb", 9}},
	 false},
	{"one is known, it is forged", "false", {{0, "f", "aaaa", 9}}, false},
	/* RFC 8122, 5: several in one description */
	{"of several one fits", "true", {{0, "ffg", "aaaa", 9}}, false},
	{"by another hash", "true", {{0, "s", "aaaa", 9}}, false},
	{"a hash that nobody knows", NULL, {{0, "m", "aaaa", 9}}, false},
	{"and one that is known", "true", {{0, "mg", "aaaa", 9}}, false},
	{"of the two promises of one agent one is broken",
	 "false",
	 {{0, "g", "aaaa", 9}, {0, "f", "aaaa", 9}},
	 false},
	/* A relay with a certificate of its own describes itself on each
	 * hop: what is said elsewhere is not about this association. */
	{"the other hop, by agent",
	 "true",
	 {{0, "f", "cccc", 9}, {0, "g", "aaaa", 9}},
	 false},
	{"the other hop has what fits",
	 "false",
	 {{0, "g", "cccc", 9}, {0, "f", "aaaa", 9}},
	 false},
	{"the other hop, by address",
	 "true",
	 {{0, "g", NULL, 5000}, {0, "f", NULL, 7000}},
	 false},
	{"the other hop by address, forged here",
	 "false",
	 {{0, "f", NULL, 5000}, {0, "g", NULL, 7000}},
	 false},
	{"an agent says more than an address",
	 "true",
	 {{0, "g", "aaaa", 9}, {0, "f", NULL, 5000}},
	 false},
	{"nothing tells them apart",
	 "false",
	 {{0, "g", NULL, 7000}, {0, "f", NULL, 7002}},
	 false},
	/* Either end may be either party, but not both the same. */
	{"unknown ends, both fit",
	 "true",
	 {{0, "g", NULL, 9}, {1, "g", NULL, 9}},
	 true},
	{"unknown ends, one is known and fits",
	 "true",
	 {{1, "g", NULL, 9}},
	 true},
	{"unknown ends, none fits",
	 "false",
	 {{0, "f", NULL, 9}, {1, "f", NULL, 9}},
	 true},
	{"unknown ends, one is forged",
	 "false",
	 {{0, "g", NULL, 9}, {1, "f", NULL, 9}},
	 true},
	{"unknown ends, no promise", NULL, {{0}}, true},
};

START_TEST(fingerprint_match)
{
	handshake();
	if (promises[_i].unknown)
		dtls->party[0] = dtls->party[1] = -1;
	for (unsigned n = 0; n < 4 && promises[_i].v[n].prints; n++)
		promise(n + 1, &promises[_i].v[n]);
	ck_name(promises[_i].name, row()->fingerprint_match,
		promises[_i].match);
}
END_TEST

/* In the hash that the description uses, to be held beside it. */
START_TEST(fingerprint_text)
{
	static const struct promise by_sha1 = {0, "s", "aaaa", 9};
	char want[2][DTLS_DIGEST_TEXT], text[DTLS_DIGEST_TEXT + 16];

	handshake();
	promise(1, &by_sha1);
	dtls_pair_digest(&pair, CLIENT, EVP_sha1(), want[CLIENT]);
	dtls_pair_digest(&pair, SERVER, EVP_sha256(), want[SERVER]);
	snprintf(text, sizeof(text), "sha-1 %s", want[CLIENT]);
	ck_assert(slice_eq(row()->fingerprint_client, slice_str(text)));
	snprintf(text, sizeof(text), "sha-256 %s", want[SERVER]);
	ck_assert(slice_eq(row()->fingerprint_server, slice_str(text)));
}
END_TEST

/* --- roles ---------------------------------------------------------------- */

/* What the client's party said, and the server's (RFC 5763, 5). */
static const struct {
	enum sdp_setup client, server;
	const char *match;
} roles[] = {
	{SDP_SETUP_ACTIVE, SDP_SETUP_ACTPASS, "true"},
	{SDP_SETUP_ACTPASS, SDP_SETUP_PASSIVE, "true"},
	{SDP_SETUP_ACTIVE, SDP_SETUP_PASSIVE, "true"},
	{SDP_SETUP_ACTIVE, SDP_SETUP_NONE, "true"},
	{SDP_SETUP_NONE, SDP_SETUP_PASSIVE, "true"},
	{SDP_SETUP_PASSIVE, SDP_SETUP_ACTPASS, "false"},
	{SDP_SETUP_ACTPASS, SDP_SETUP_ACTIVE, "false"},
	{SDP_SETUP_PASSIVE, SDP_SETUP_ACTIVE, "false"},
	{SDP_SETUP_ACTIVE, SDP_SETUP_ACTIVE, "false"},
	{SDP_SETUP_ACTPASS, SDP_SETUP_ACTPASS, NULL},
	{SDP_SETUP_ACTPASS, SDP_SETUP_NONE, NULL},
	{SDP_SETUP_NONE, SDP_SETUP_NONE, NULL},
	{SDP_SETUP_HOLDCONN, SDP_SETUP_HOLDCONN, NULL},
};

START_TEST(setup_match)
{
	handshake();
	rtc->setup[0] = roles[_i].client;
	rtc->setup[1] = roles[_i].server;
	ck_name("roles", row()->setup_match, roles[_i].match);
	/* the client is party 1 */
	dtls->party[CLIENT] = 1;
	dtls->party[SERVER] = 0;
	rtc->setup[1] = roles[_i].client;
	rtc->setup[0] = roles[_i].server;
	ck_name("turned", row()->setup_match, roles[_i].match);
	dtls->party[0] = dtls->party[1] = -1;
	ck_name("unknown", row()->setup_match, NULL);
}
END_TEST

/* --- the handshake -------------------------------------------------------- */

START_TEST(finished)
{
	const struct cdr_dtls *d;

	handshake();
	d = row();
	ck_assert_str_eq(d->state, "finished");
	ck_assert_str_eq(d->version, "1.2");
	ck_assert_uint_eq(d->client.port, 5000);
	ck_assert_uint_eq(d->server.port, 6000);
	ck_assert(slice_eq(d->srtp_profile, SLICE("SRTP_AEAD_AES_128_GCM")));
	ck_assert_uint_eq(d->offered_profiles.n, 2);
	ck_assert(slice_eq(d->offered_profiles.v[1],
			   SLICE("SRTP_AES128_CM_HMAC_SHA1_80")));
	ck_assert_uint_gt(d->cipher.len, 0);
	ck_assert_uint_eq(d->started, 10 * S);
	ck_assert_int_eq(d->handshake_us,
			 (int64_t)(d->finished - d->started) / 1000);
	ck_assert_uint_eq(d->retransmissions, 0);
	ck_assert_uint_eq(d->alert.len, 0);
	ck_assert_ptr_null(d->key_state);
}
END_TEST

/* Where the association's first direction is the server's. */
START_TEST(the_server_spoke_first)
{
	handshake();
	dtls_assoc_free(dtls->assoc);
	dtls->assoc = dtls_assoc_new(&counters);
	for (size_t n = 0; n < pair.count; n++)
		dtls_assoc_feed(dtls->assoc, !pair.sent[n].dir,
				dtls_pair_sent(&pair, n), 10 * S + n * MS);
	ck_assert_uint_eq(row()->client.port, 6000);
	ck_assert_uint_eq(row()->server.port, 5000);
}
END_TEST

static void hello_only(void)
{
	static const struct dtls_pair_config cfg = {0};

	dtls_pair_run(&pair, &cfg);
	dtls_assoc_feed(dtls->assoc, CLIENT, dtls_pair_sent(&pair, 0), 10 * S);
}

/* How long ago the hello was when the input, or the session, ended. */
static const struct {
	uint64_t after_ms;
	bool ended;
	const char *state;
} begun[] = {
	{500, true, "in-progress"},
	{2500, true, "unfinished"},
	{500, false, "unfinished"},
};

START_TEST(only_begun)
{
	hello_only();
	ck_name("begun",
		row_at(10 * S + begun[_i].after_ms * MS, begun[_i].ended)
			->state,
		begun[_i].state);
	ck_assert_int_eq(cdr->call.dtls[0].handshake_us, CDR_NO_US);
	ck_assert_ptr_null(cdr->call.dtls[0].fingerprint_match);
}
END_TEST

static void alert(unsigned dir, uint8_t level, uint8_t description)
{
	static uint64_t seq = 10;
	const uint8_t bytes[2] = {level, description};
	struct made m = {.len = 0};

	made_record(&m, 21, 0xfefd, 0, seq++, slice_of(bytes, 2));
	dtls_assoc_feed(dtls->assoc, dir, made_slice(&m), 11 * S + seq);
}

/* Of several the worst. */
static const struct {
	uint8_t v[2][2]; /* level, description */
	const char *text, *state;
} alerts[] = {
	{{{2, 40}}, "handshake_failure", "failed"},
	{{{2, 42}, {1, 0}}, "bad_certificate", "failed"},
	{{{1, 0}, {2, 47}}, "illegal_parameter", "failed"},
	{{{2, 222}}, "unknown", "failed"},
	{{{1, 100}}, "no_renegotiation", "unfinished"},
};

START_TEST(alerted)
{
	hello_only();
	for (size_t n = 0; n < 2 && alerts[_i].v[n][0]; n++)
		alert(SERVER, alerts[_i].v[n][0], alerts[_i].v[n][1]);
	ck_assert(slice_eq(row()->alert, slice_str(alerts[_i].text)));
	ck_assert_str_eq(cdr->call.dtls[0].state, alerts[_i].state);
}
END_TEST

START_TEST(keys)
{
	handshake();
	dtls->keys_known = true;
	ck_name("known", row()->key_state, "ok");
}
END_TEST

/* --- several -------------------------------------------------------------- */

START_TEST(the_open_one)
{
	struct rtc_dtls *second, *third;

	ck_assert_ptr_eq(rtc_dtls_open(rtc), NULL); /* nothing was sent */
	handshake();
	ck_assert_ptr_null(rtc_dtls_open(rtc));
	second = rtc_dtls_new(rtc, &counters, NULL);
	third = rtc_dtls_new(rtc, &counters, NULL);
	dtls_assoc_feed(second->assoc, CLIENT, dtls_pair_sent(&pair, 0),
			20 * S);
	ck_assert_ptr_eq(rtc_dtls_open(rtc), second);
	dtls_assoc_feed(third->assoc, CLIENT, dtls_pair_sent(&pair, 0), 21 * S);
	ck_assert_ptr_eq(rtc_dtls_open(rtc), third);
	row();
	ck_assert_uint_eq(cdr->call.dtls_n, 3);
}
END_TEST

START_TEST(limit)
{
	while (rtc_dtls_new(rtc, &counters, NULL))
		;
	ck_assert_uint_eq(rtc->dtls_n, 16);
	ck_assert_uint_eq(counters_get(&counters, "dtls.limit"), 1);
	row();
	ck_assert_uint_eq(cdr->call.dtls_n, 16);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int main(void)
{
	Suite *s = suite_create("rtc_dtls");
	TCase *t = tcase_create("rtc_dtls");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, fingerprint_match, 0, COUNT(promises));
	tcase_add_test(t, fingerprint_text);
	tcase_add_loop_test(t, setup_match, 0, COUNT(roles));
	tcase_add_test(t, finished);
	tcase_add_test(t, the_server_spoke_first);
	tcase_add_loop_test(t, only_begun, 0, COUNT(begun));
	tcase_add_loop_test(t, alerted, 0, COUNT(alerts));
	tcase_add_test(t, keys);
	tcase_add_test(t, the_open_one);
	tcase_add_test(t, limit);
	suite_add_tcase(s, t);
	return run_suite(s);
}
