/*
 * Associations up to 1.2: handshakes of libssl as a tap sees them, whole and
 * in every kind of disorder. 1.3 is in test_dtls13.c.
 */
#include <check.h>
#include <stdlib.h>

#include "sniffer/net/dtls_flow.h"
#include "tests/dtls_made.h"
#include "tests/dtls_pair.h"
#include "tests/hex.h"
#include "tests/prefix.h"
#include "tests/run_suite.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

#define MS	 1000000ull
#define BEGIN_NS (1000 * MS)

enum {
	CLIENT = DTLS_PAIR_CLIENT,
	SERVER = DTLS_PAIR_SERVER,
};

static struct counters counters;
static struct dtls_assoc *assoc;
static const struct dtls_info *info;
static struct dtls_pair pair;

static void fresh(void)
{
	dtls_assoc_free(assoc);
	counters = (struct counters){0};
	assoc = dtls_assoc_new(&counters);
	info = dtls_assoc_info(assoc);
}

static void setup(void)
{
	pair = (struct dtls_pair){0};
	assoc = NULL;
	fresh();
}

static void teardown(void)
{
	dtls_assoc_free(assoc);
	dtls_pair_free(&pair);
}

static uint64_t time_of(size_t n)
{
	return BEGIN_NS + n * MS;
}

static enum dtls_fed feed(const struct dtls_pair *p, size_t n, uint64_t ts_ns)
{
	return dtls_assoc_feed(assoc, p->sent[n].dir, dtls_pair_sent(p, n),
			       ts_ns);
}

/* Datagrams from..to - 1, one each millisecond. */
static void feed_range(const struct dtls_pair *p, size_t from, size_t to)
{
	for (size_t n = from; n < to; n++)
		ck_assert_int_eq(feed(p, n, time_of(n)), DTLS_FED_TAKEN);
}

/* --- whole handshakes -------------------------------------------------- */

static const struct {
	const char *name;
	struct dtls_pair_config cfg;
} runs[] = {
	{"1.2", {0}},
	{"1.0", {.version = DTLS1_VERSION}},
	{"WebRTC",
	 {.profiles = "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80",
	  .client_certificate = true}},
	{"1.0 and SRTP",
	 {.version = DTLS1_VERSION,
	  .profiles = "SRTP_AES128_CM_SHA1_80",
	  .client_certificate = true}},
	{"the server chooses the second",
	 {.profiles = "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_32",
	  .server_profiles = "SRTP_AES128_CM_SHA1_32"}},
	{"no profile in common",
	 {.profiles = "SRTP_AEAD_AES_128_GCM",
	  .server_profiles = "SRTP_AES128_CM_SHA1_32"}},
	{"HelloVerifyRequest", {.cookie = true, .client_certificate = true}},
	{"small datagrams",
	 {.mtu = 300, .client_certificate = true, .cookie = true}},
	{"ChaCha20", {.ciphers = "ECDHE-ECDSA-CHACHA20-POLY1305"}},
	{"AES-256-GCM", {.ciphers = "ECDHE-ECDSA-AES256-GCM-SHA384"}},
	{"CBC", {.ciphers = "ECDHE-ECDSA-AES128-SHA"}},
	{"no client certificate", {.no_client_certificate = true}},
};

static void same_random(bool has, const uint8_t *ours, const SSL *ssl,
			size_t (*get)(const SSL *, uint8_t *, size_t))
{
	uint8_t theirs[TLS_RANDOM];

	ck_assert(has);
	ck_assert_uint_eq(get(ssl, theirs, sizeof(theirs)), TLS_RANDOM);
	ck_assert_mem_eq(ours, theirs, TLS_RANDOM);
}

static void same_certificate(unsigned dir)
{
	char ours[DTLS_DIGEST_TEXT], theirs[DTLS_DIGEST_TEXT];
	const struct {
		struct slice name;
		const EVP_MD *md;
	} hash[] = {
		{SLICE("sha-1"), EVP_sha1()},
		{SLICE("sha-224"), EVP_sha224()},
		{SLICE("SHA-256"), EVP_sha256()},
		{SLICE("sha-384"), EVP_sha384()},
		{SLICE("sha-512"), EVP_sha512()},
	};

	ck_assert(info->cert[dir].seen && !info->cert[dir].none);
	ck_assert_uint_eq(info->cert[dir].chain, 1);
	ck_assert_uint_eq(info->cert[dir].der.len, info->cert[dir].len);
	for (int i = 0; i < COUNT(hash); i++) {
		dtls_pair_digest(&pair, dir, hash[i].md, theirs);
		ck_assert(dtls_cert_digest(assoc, dir, hash[i].name, ours));
		ck_assert_str_eq(ours, theirs);
		ck_assert_int_eq(dtls_cert_matches(assoc, dir, hash[i].name,
						   slice_str(theirs)),
				 1);
	}
	ck_assert(!dtls_cert_digest(assoc, dir, SLICE("md5"), ours));
	ck_assert_str_eq(ours, "");
}

/* What both hellos and certificates say, against libssl itself. */
static void same_as_libssl(void)
{
	const struct dtls_pair_config *cfg = &pair.cfg;
	SSL *ssl = pair.ssl[CLIENT];
	SRTP_PROTECTION_PROFILE *srtp = SSL_get_selected_srtp_profile(ssl);
	uint16_t version = cfg->version == DTLS1_VERSION ? DTLS_1_0 : DTLS_1_2;

	ck_assert_int_eq(info->client, CLIENT);
	ck_assert_uint_eq(info->version_offered, version);
	ck_assert_uint_eq(info->version, version);
	ck_assert_uint_eq(info->cipher, SSL_CIPHER_get_protocol_id(
						SSL_get_current_cipher(ssl)));
	ck_assert_int_eq(info->srtp, srtp ? DTLS_SRTP_CHOSEN : DTLS_SRTP_NONE);
	ck_assert_uint_eq(info->srtp_profile, srtp ? srtp->id : 0);
	same_random(info->has_client_random, info->client_random, ssl,
		    SSL_get_client_random);
	same_random(info->has_server_random, info->server_random, ssl,
		    SSL_get_server_random);
	ck_assert(info->extended_master_secret);
	ck_assert(info->hello_verify == cfg->cookie);
	ck_assert(!info->hello_retry && !info->resumed);
	ck_assert(!info->role_conflict);
	ck_assert(info->certificate_requested ==
		  (cfg->client_certificate || cfg->no_client_certificate));
	same_certificate(SERVER);
	if (cfg->client_certificate)
		same_certificate(CLIENT);
	ck_assert(info->cert[CLIENT].none == cfg->no_client_certificate);
}

static void finished_as_sent(void)
{
	ck_assert_int_eq(info->state, DTLS_FINISHED);
	ck_assert(!info->finished_inferred);
	ck_assert_uint_eq(info->started_ns, time_of(0));
	ck_assert_uint_eq(info->finished_ns, time_of(pair.count - 1));
	ck_assert_uint_eq(info->alert_count, 0);
}

START_TEST(whole)
{
	dtls_pair_run(&pair, &runs[_i].cfg);
	ck_assert_msg(pair.done, "%s", runs[_i].name);
	ck_assert_int_eq(info->state, DTLS_JOINED);
	feed_range(&pair, 0, pair.count);
	same_as_libssl();
	finished_as_sent();
	ck_assert_uint_eq(info->retransmissions[CLIENT], 0);
	ck_assert_uint_eq(info->retransmissions[SERVER], 0);
	ck_assert_uint_eq(info->datagrams[0] + info->datagrams[1], pair.count);
	ck_assert_uint_eq(counters.len, 0);
	dtls_assoc_end(assoc);
	ck_assert_int_eq(info->state, DTLS_FINISHED);
}
END_TEST

START_TEST(offered_profiles)
{
	dtls_pair_run(&pair, &(struct dtls_pair_config){
				     .profiles = "SRTP_AEAD_AES_256_GCM:"
						 "SRTP_AES128_CM_SHA1_32:"
						 "SRTP_AES128_CM_SHA1_80"});
	feed_range(&pair, 0, pair.count);
	ck_assert_uint_eq(info->offered_count, 3);
	ck_assert_uint_eq(info->offered[0], 0x0008);
	ck_assert_uint_eq(info->offered[1], 0x0002);
	ck_assert_uint_eq(info->offered[2], 0x0001);
	ck_assert_uint_eq(info->srtp_profile, 0x0008);
}
END_TEST

/* A mirror that gives each packet twice. */
START_TEST(mirrored)
{
	dtls_pair_run(&pair, &runs[_i].cfg);
	for (size_t n = 0; n < pair.count; n++) {
		feed(&pair, n, time_of(n));
		ck_assert_int_eq(feed(&pair, n, time_of(n) + MS / 10),
				 DTLS_FED_TAKEN);
	}
	same_as_libssl();
	finished_as_sent();
	ck_assert_uint_eq(info->copies[0] + info->copies[1], pair.count);
	ck_assert_uint_eq(info->retransmissions[CLIENT], 0);
	ck_assert_uint_eq(info->retransmissions[SERVER], 0);
	ck_assert_uint_eq(counters.len, 0);
}
END_TEST

/* Each two neighbours the wrong way round. */
START_TEST(reordered)
{
	dtls_pair_run(&pair, &runs[_i].cfg);
	for (size_t n = 1; n < pair.count; n++) {
		fresh();
		feed_range(&pair, 0, n - 1);
		feed(&pair, n, time_of(n - 1));
		feed(&pair, n - 1, time_of(n));
		feed_range(&pair, n + 1, pair.count);
		same_as_libssl();
		ck_assert_int_eq(info->state, DTLS_FINISHED);
		ck_assert_uint_eq(info->retransmissions[CLIENT], 0);
		ck_assert_uint_eq(info->retransmissions[SERVER], 0);
	}
}
END_TEST

/* Cut by the snap length at each byte: nothing is read beyond it, and what is
 * whole is kept. */
static void feed_cut(struct slice in, void *arg)
{
	size_t n = *(size_t *)arg;

	fresh();
	feed_range(&pair, 0, n);
	dtls_assoc_feed(assoc, pair.sent[n].dir, in, time_of(n));
	if (n > 0)
		ck_assert_int_eq(info->client, CLIENT);
	ck_assert_uint_eq(info->retransmissions[pair.sent[n].dir], 0);
}

START_TEST(cut)
{
	dtls_pair_run(&pair, &runs[2].cfg);
	for (size_t n = 0; n < pair.count; n++)
		prefix_each(dtls_pair_sent(&pair, n), feed_cut, &n);
}
END_TEST

/* --- lost and sent again ----------------------------------------------- */

static const struct {
	const char *name;
	struct dtls_pair_config cfg;
	unsigned client, server; /* flights sent again */
} losses[] = {
	{"the ClientHello", {.drop = 1 << 0}, 1, 0},
	{"two ClientHellos", {.drop = 1 << 0 | 1 << 1}, 2, 0},
	{"the server's flight", {.drop = 1 << 1}, 1, 1},
	{"the client's second", {.drop = 1 << 2}, 1, 1},
	{"the server's last", {.drop = 1 << 3}, 1, 1},
	{"HelloVerifyRequest", {.cookie = true, .drop = 1 << 1}, 1, 1},
	{"a part of the server's",
	 {.mtu = 300, .drop = 1 << 2, .client_certificate = true},
	 1,
	 1},
};

START_TEST(retransmitted)
{
	uint64_t ts = BEGIN_NS;

	dtls_pair_run(&pair, &losses[_i].cfg);
	ck_assert_msg(pair.done, "%s", losses[_i].name);
	/* Flights lie a second apart, their datagrams a millisecond. */
	for (size_t n = 0; n < pair.count; n++) {
		ts += n && pair.sent[n].dir != pair.sent[n - 1].dir ? 1000 * MS
								    : MS;
		if (n < 32 && n && losses[_i].cfg.drop >> (n - 1) & 1)
			ts += 1000 * MS;
		feed(&pair, n, ts);
	}
	same_as_libssl();
	ck_assert_int_eq(info->state, DTLS_FINISHED);
	ck_assert_msg(
		info->retransmissions[CLIENT] == losses[_i].client &&
			info->retransmissions[SERVER] == losses[_i].server,
		"%s: %u, %u", losses[_i].name, info->retransmissions[CLIENT],
		info->retransmissions[SERVER]);
}
END_TEST

/* The same bytes at once are the mirror's, a second later they are not. */
START_TEST(copy_or_retransmission)
{
	dtls_pair_run(&pair, &runs[0].cfg);
	feed(&pair, 0, BEGIN_NS);
	feed(&pair, 0, BEGIN_NS + 39 * MS);
	ck_assert_uint_eq(info->copies[CLIENT], 1);
	ck_assert_uint_eq(info->retransmissions[CLIENT], 0);
	feed(&pair, 0, BEGIN_NS + 1000 * MS);
	feed(&pair, 0, BEGIN_NS + 3000 * MS);
	ck_assert_uint_eq(info->copies[CLIENT], 1);
	ck_assert_uint_eq(info->retransmissions[CLIENT], 2);
	ck_assert_uint_eq(info->datagrams[CLIENT], 3);
}
END_TEST

/* --- what the tap did not see ------------------------------------------ */

START_TEST(without_client_hello)
{
	dtls_pair_run(&pair, &runs[2].cfg);
	feed_range(&pair, 1, pair.count);
	ck_assert_int_eq(info->client, CLIENT);
	ck_assert(!info->has_client_random && info->has_server_random);
	ck_assert_uint_eq(info->version_offered, 0);
	ck_assert_uint_eq(info->version, DTLS_1_2);
	ck_assert_uint_eq(info->srtp_profile, 0x0007);
	ck_assert_int_eq(info->state, DTLS_FINISHED);
	ck_assert_uint_eq(info->started_ns, 0);
	same_certificate(SERVER);
	same_certificate(CLIENT);
}
END_TEST

START_TEST(without_server_hello)
{
	dtls_pair_run(&pair, &runs[2].cfg);
	feed_range(&pair, 0, 1);
	feed_range(&pair, 2, pair.count);
	ck_assert_int_eq(info->client, CLIENT);
	ck_assert_uint_eq(info->version, DTLS_1_2); /* of the records */
	ck_assert_uint_eq(info->cipher, 0);
	ck_assert_int_eq(info->srtp, DTLS_SRTP_UNSEEN);
	ck_assert_int_eq(info->state, DTLS_FINISHED);
	ck_assert(!info->cert[SERVER].seen && !info->resumed);
	ck_assert_int_eq(dtls_cert_matches(assoc, SERVER, SLICE("sha-256"),
					   SLICE("AA:BB")),
			 -1);
	same_certificate(CLIENT);
}
END_TEST

/* The client's last flight is missing: only the server's data tells. */
START_TEST(without_client_finished)
{
	dtls_pair_run(&pair, &runs[0].cfg);
	dtls_pair_data(&pair, CLIENT, "one");
	dtls_pair_data(&pair, SERVER, "two");
	ck_assert_uint_eq(pair.count, 6);
	feed_range(&pair, 0, 2);
	feed_range(&pair, 3, 5);
	ck_assert_int_eq(info->state, DTLS_IN_PROGRESS);
	feed_range(&pair, 5, 6);
	ck_assert_int_eq(info->state, DTLS_FINISHED);
	ck_assert(info->finished_inferred);
	ck_assert_uint_eq(info->finished_ns, time_of(5));
	ck_assert_uint_eq(info->data_records[CLIENT], 1);
	ck_assert_uint_eq(info->data_records[SERVER], 1);
	ck_assert_uint_gt(info->data_bytes[SERVER], 3);
}
END_TEST

/* The server's is missing: the client's data says nothing of the server. */
START_TEST(without_server_finished)
{
	dtls_pair_run(&pair, &runs[0].cfg);
	dtls_pair_data(&pair, CLIENT, "one");
	dtls_pair_data(&pair, SERVER, "two");
	feed_range(&pair, 0, 3);
	feed_range(&pair, 4, 5);
	ck_assert_int_eq(info->state, DTLS_IN_PROGRESS);
	feed_range(&pair, 5, 6);
	ck_assert_int_eq(info->state, DTLS_FINISHED);
	ck_assert(info->finished_inferred);
}
END_TEST

/* Any one datagram of many. */
START_TEST(one_missing)
{
	dtls_pair_run(&pair, &(struct dtls_pair_config){
				     .mtu = 300, .client_certificate = true});
	ck_assert_uint_gt(pair.count, 7);
	for (size_t missing = 0; missing < pair.count; missing++) {
		fresh();
		for (size_t n = 0; n < pair.count; n++)
			if (n != missing)
				feed_range(&pair, n, n + 1);
		ck_assert_int_eq(info->client, CLIENT);
		ck_assert_uint_eq(info->version, DTLS_1_2);
		ck_assert(!info->resumed);
		ck_assert(info->cert[SERVER].seen || info->cert[CLIENT].seen);
		ck_assert_uint_eq(info->retransmissions[CLIENT], 0);
		ck_assert_uint_eq(info->retransmissions[SERVER], 0);
	}
}
END_TEST

/* One direction: what it shows, and no more. */
START_TEST(one_way)
{
	unsigned dir = (unsigned)_i;

	dtls_pair_run(&pair, &runs[2].cfg);
	dtls_pair_data(&pair, dir, "data");
	for (size_t n = 0; n + 1 < pair.count; n++)
		if (pair.sent[n].dir == dir)
			feed_range(&pair, n, n + 1);
	ck_assert_int_eq(info->client, CLIENT);
	ck_assert_int_eq(info->state, DTLS_IN_PROGRESS);
	ck_assert_uint_eq(info->datagrams[!dir], 0);
	ck_assert(info->has_client_random == (dir == CLIENT));
	ck_assert_int_eq(info->srtp,
			 dir == CLIENT ? DTLS_SRTP_UNSEEN : DTLS_SRTP_CHOSEN);
	ck_assert_uint_eq(info->offered_count, dir == CLIENT ? 2 : 0);
	ck_assert_uint_eq(info->version, DTLS_1_2);
	same_certificate(dir);
	/* Who sends data is finished. */
	feed_range(&pair, pair.count - 1, pair.count);
	ck_assert_int_eq(info->state, DTLS_FINISHED);
	ck_assert(info->finished_inferred);
}
END_TEST

START_TEST(joined_late)
{
	size_t from;

	dtls_pair_run(&pair, &runs[0].cfg);
	from = pair.count;
	dtls_pair_data(&pair, SERVER, "data");
	dtls_pair_data(&pair, CLIENT, "data");
	dtls_pair_shutdown(&pair, CLIENT);
	feed_range(&pair, from, pair.count);
	ck_assert_int_eq(info->state, DTLS_JOINED);
	ck_assert_int_eq(info->client, -1);
	ck_assert_uint_eq(info->version, DTLS_1_2);
	ck_assert_uint_eq(info->data_records[SERVER], 1);
	ck_assert_uint_eq(info->data_records[CLIENT], 1);
	ck_assert_uint_eq(info->alerts_hidden[CLIENT], 1);
	dtls_assoc_end(assoc);
	ck_assert_int_eq(info->state, DTLS_JOINED);
}
END_TEST

/* --- how it ends ------------------------------------------------------- */

START_TEST(refused)
{
	dtls_pair_run(&pair,
		      &(struct dtls_pair_config){.client_certificate = true,
						 .server_refuses = true});
	ck_assert(!pair.done);
	feed_range(&pair, 0, pair.count);
	ck_assert_int_eq(info->state, DTLS_FAILED);
	ck_assert_uint_eq(info->alert_count, 1);
	ck_assert_uint_eq(info->alerts[0].dir, SERVER);
	ck_assert_uint_eq(info->alerts[0].level, TLS_ALERT_FATAL);
	ck_assert_uint_eq(info->alerts[0].ts_ns, time_of(pair.count - 1));
	ck_assert_uint_eq(info->finished_ns, 0);
	same_certificate(CLIENT);
	dtls_assoc_end(assoc);
	ck_assert_int_eq(info->state, DTLS_FAILED);
}
END_TEST

START_TEST(never_finished)
{
	dtls_pair_run(&pair, &runs[0].cfg);
	feed_range(&pair, 0, 3);
	ck_assert_int_eq(info->state, DTLS_IN_PROGRESS);
	dtls_assoc_end(assoc);
	ck_assert_int_eq(info->state, DTLS_UNFINISHED);
	ck_assert_uint_eq(info->finished_ns, 0);
}
END_TEST

START_TEST(closed)
{
	uint32_t before;

	dtls_pair_run(&pair, &runs[0].cfg);
	feed_range(&pair, 0, pair.count);
	before = info->revision;
	dtls_pair_shutdown(&pair, SERVER);
	feed_range(&pair, pair.count - 1, pair.count);
	ck_assert_int_eq(info->state, DTLS_FINISHED);
	ck_assert_uint_eq(info->alerts_hidden[SERVER], 1);
	ck_assert_uint_ne(info->revision, before);
}
END_TEST

/* --- sessions ---------------------------------------------------------- */

START_TEST(resumed)
{
	struct dtls_pair_config cfg = {.no_ticket = _i};
	struct dtls_pair first;
	struct slice answer;
	struct dtls_record r;

	dtls_pair_run(&first, &cfg);
	ck_assert(first.done);
	dtls_pair_run(&pair, &(struct dtls_pair_config){.resume = &first});
	ck_assert(pair.done && SSL_session_reused(pair.ssl[CLIENT]));
	feed_range(&pair, 0, pair.count);
	ck_assert(info->resumed);
	ck_assert_int_eq(info->state, DTLS_FINISHED);
	ck_assert(!info->cert[SERVER].seen);
	ck_assert_uint_eq(info->retransmissions[SERVER], 0);

	/* The ServerHello alone tells it by the session ID. */
	fresh();
	feed_range(&pair, 0, 1);
	answer = dtls_pair_sent(&pair, 1);
	ck_assert_int_eq(dtls_record_next(&answer, 0, &r), PARSE_OK);
	dtls_assoc_feed(assoc, SERVER,
			slice_head(dtls_pair_sent(&pair, 1),
				   r.header.len + r.payload.len),
			time_of(1));
	ck_assert(info->has_server_random && info->resumed);

	/* The server's side alone: no session ID to compare, but it sends
	 * ChangeCipherSpec where its certificate would be. */
	fresh();
	for (size_t n = 0; n < pair.count; n++)
		if (pair.sent[n].dir == SERVER)
			feed_range(&pair, n, n + 1);
	ck_assert(info->resumed);
	dtls_pair_free(&first);
}
END_TEST

/* --- one after the other ----------------------------------------------- */

static void go_on(void)
{
	struct dtls_assoc *next = dtls_assoc_next(assoc);

	dtls_assoc_free(assoc);
	assoc = next;
	info = dtls_assoc_info(assoc);
}

START_TEST(another_handshake)
{
	struct dtls_info before;
	struct dtls_pair first;

	dtls_pair_run(&first, &runs[0].cfg);
	dtls_pair_run(&pair, &runs[2].cfg);
	/* In any state of the first one. */
	feed_range(&first, 0, (size_t)_i);
	before = *info;
	if (_i) {
		ck_assert_int_eq(feed(&pair, 0, time_of(100)), DTLS_FED_NEW);
		ck_assert_mem_eq(&before, info, sizeof(before));
		go_on();
	}
	feed_range(&pair, 0, pair.count);
	same_as_libssl();
	finished_as_sent();
	/* The first one's hello comes late. */
	if (_i) {
		ck_assert_int_eq(feed(&first, 0, time_of(200)), DTLS_FED_TAKEN);
		ck_assert_uint_eq(counters_get(&counters, "dtls.late_hello"),
				  1);
	}
	finished_as_sent();
	dtls_pair_free(&first);
}
END_TEST

START_TEST(another_after_data)
{
	dtls_pair_run(&pair, &runs[0].cfg);
	/* Of the one before only data. */
	ck_assert_int_eq(
		dtls_assoc_feed(assoc, 1,
				SLICE("\x17\xfe\xfd\0\1\0\0\0\0\0\7\0\4abcd"),
				BEGIN_NS),
		DTLS_FED_TAKEN);
	ck_assert_int_eq(feed(&pair, 0, BEGIN_NS), DTLS_FED_NEW);
	go_on();
	feed_range(&pair, 0, pair.count);
	same_as_libssl();
}
END_TEST

/* The server's direction alone: another random of the server. */
START_TEST(another_of_the_server)
{
	struct dtls_pair first;

	dtls_pair_run(&first, &runs[0].cfg);
	dtls_pair_run(&pair, &runs[2].cfg);
	feed_range(&first, 1, 2);
	ck_assert_int_eq(feed(&first, 1, time_of(50)), DTLS_FED_TAKEN);
	ck_assert_int_eq(feed(&pair, 1, time_of(60)), DTLS_FED_NEW);
	go_on();
	feed_range(&pair, 1, 2);
	same_certificate(SERVER);
	dtls_pair_free(&first);
}
END_TEST

/* Both ends take themselves for the client, and refuse each other. */
START_TEST(both_clients)
{
	static const char alert[] = "\x15\xfe\xff\0\0\0\0\0\0\0\1\0\2\2\x0a";
	struct dtls_pair other;

	dtls_pair_run(&pair, &runs[0].cfg);
	dtls_pair_run(&other, &runs[0].cfg);
	ck_assert_int_eq(feed(&pair, 0, time_of(0)), DTLS_FED_TAKEN);
	ck_assert_int_eq(dtls_assoc_feed(assoc, SERVER,
					 dtls_pair_sent(&other, 0), time_of(1)),
			 DTLS_FED_TAKEN);
	ck_assert(info->role_conflict);
	ck_assert_int_eq(info->client, CLIENT);
	dtls_assoc_feed(assoc, CLIENT, slice_of(alert, 15), time_of(2));
	dtls_assoc_feed(assoc, SERVER, slice_of(alert, 15), time_of(3));
	ck_assert_int_eq(info->state, DTLS_FAILED);
	ck_assert_uint_eq(info->alert_count, 2);
	ck_assert_uint_eq(info->alerts[0].description, 10);
	dtls_pair_free(&other);
}
END_TEST

/* Who was the server begins as a client. */
START_TEST(roles_change)
{
	struct dtls_pair other;

	dtls_pair_run(&pair, &runs[0].cfg);
	dtls_pair_run(&other, &runs[0].cfg);
	feed_range(&pair, 0, 2);
	ck_assert_int_eq(dtls_assoc_feed(assoc, SERVER,
					 dtls_pair_sent(&other, 0), time_of(2)),
			 DTLS_FED_NEW);
	ck_assert(!info->role_conflict);
	dtls_pair_free(&other);
}
END_TEST

/* ... and one of them gives in: who is answered is the client. */
START_TEST(the_other_is_client)
{
	struct dtls_pair other;

	dtls_pair_run(&pair, &runs[2].cfg);
	dtls_pair_run(&other, &runs[0].cfg);
	dtls_assoc_feed(assoc, SERVER, dtls_pair_sent(&other, 0), time_of(0));
	ck_assert_int_eq(info->client, SERVER);
	ck_assert_uint_eq(info->offered_count, 0);
	for (size_t n = 0; n < pair.count; n++)
		ck_assert_int_eq(feed(&pair, n, time_of(n + 1)),
				 DTLS_FED_TAKEN);
	ck_assert(info->role_conflict);
	ck_assert_int_eq(info->client, CLIENT);
	ck_assert_uint_eq(info->offered_count, 2);
	same_random(info->has_client_random, info->client_random,
		    pair.ssl[CLIENT], SSL_get_client_random);
	ck_assert_int_eq(info->state, DTLS_FINISHED);
	dtls_pair_free(&other);
}
END_TEST

/* --- made by hand ------------------------------------------------------ */

static void feed_message(unsigned dir, uint8_t type, uint16_t seq,
			 struct slice body, enum dtls_fed want)
{
	struct made msg = {.len = 0}, record = {.len = 0};

	made_message(&msg, type, seq, body);
	made_record(&record, DTLS_HANDSHAKE, DTLS_1_2, 0, seq,
		    made_slice(&msg));
	ck_assert_int_eq(
		dtls_assoc_feed(assoc, dir, made_slice(&record), time_of(seq)),
		want);
}

/* Asked for a cookie a client must keep its random. One that does not goes on
 * all the same; one that begins at message_seq 0 does not. */
START_TEST(random_changes)
{
	uint8_t one[] = "\xfe\xfd"
			"one of the randoms, of 32 bytes."
			"\0\0\0\2\xc0\x2b\1\0";
	struct slice hello = slice_of(one, sizeof(one) - 1);

	feed_message(CLIENT, TLS_CLIENT_HELLO, 0, hello, DTLS_FED_TAKEN);
	feed_message(SERVER, TLS_HELLO_VERIFY_REQUEST, 0, SLICE("\xfe\xff\2ab"),
		     DTLS_FED_TAKEN);
	one[2] = 'O';
	feed_message(CLIENT, TLS_CLIENT_HELLO, 1, hello, DTLS_FED_TAKEN);
	ck_assert_uint_eq(info->client_random[0], 'O');
	one[2] = 'x';
	feed_message(CLIENT, TLS_CLIENT_HELLO, 0, hello, DTLS_FED_NEW);
	ck_assert_uint_eq(info->client_random[0], 'O');
}
END_TEST

/* So does the first answer to a client that is known. */
START_TEST(second_answer)
{
	static const char two[] = "\xfe\xfd"
				  "two of the randoms, of 32 bytes."
				  "\0\xc0\x2b\0";
	uint8_t first;

	dtls_pair_run(&pair, &runs[0].cfg);
	feed_range(&pair, 0, 2);
	first = info->server_random[0];
	feed_message(SERVER, TLS_SERVER_HELLO, 9,
		     slice_of(two, sizeof(two) - 1), DTLS_FED_TAKEN);
	ck_assert_uint_eq(info->server_random[0], first);
	ck_assert_uint_eq(counters_get(&counters, "dtls.second_answer"), 1);
}
END_TEST

/* The first certificate stays. */
START_TEST(second_certificate)
{
	feed_message(SERVER, TLS_CERTIFICATE, 2, SLICE("\0\0\6\0\0\3one"),
		     DTLS_FED_TAKEN);
	feed_message(SERVER, TLS_CERTIFICATE, 3, SLICE("\0\0\6\0\0\3two"),
		     DTLS_FED_TAKEN);
	ck_assert(slice_eq(info->cert[SERVER].der, SLICE("one")));
	ck_assert_uint_eq(info->retransmissions[SERVER], 0);
}
END_TEST

/* A certificate longer than what is kept, in fragments: digests only. */
START_TEST(long_certificate)
{
	char theirs[DTLS_DIGEST_TEXT], ours[DTLS_DIGEST_TEXT];
	size_t len = DTLS_DER_MAX + (size_t)_i;
	struct made msg = {.len = 0};
	uint8_t digest[32];

	made_num(&msg, len + 3, 3);
	made_num(&msg, len, 3);
	for (size_t i = 0; i < len; i++)
		made_num(&msg, i, 1);
	EVP_Digest(msg.b + 6, len, digest, NULL, EVP_sha256(), NULL);
	for (size_t i = 0; i < 32; i++)
		sprintf(theirs + 3 * i, "%02X%s", digest[i], i < 31 ? ":" : "");

	for (size_t at = 0; at < msg.len; at += 1000) {
		struct made out = {.len = 0}, record = {.len = 0};
		size_t part = msg.len - at < 1000 ? msg.len - at : 1000;

		made_fragment(&out, TLS_CERTIFICATE, 2, made_slice(&msg), at,
			      part);
		made_record(&record, DTLS_HANDSHAKE, DTLS_1_2, 0, at,
			    made_slice(&out));
		dtls_assoc_feed(assoc, SERVER, made_slice(&record),
				BEGIN_NS + at);
	}
	ck_assert(info->cert[SERVER].seen);
	ck_assert_uint_eq(info->cert[SERVER].len, len);
	ck_assert_uint_eq(info->cert[SERVER].der.len, _i ? 0 : len);
	ck_assert_uint_eq(counters_get(&counters, "dtls.certificate_limit"),
			  (uint64_t)_i);
	ck_assert(dtls_cert_digest(assoc, SERVER, SLICE("sha-256"), ours));
	ck_assert_str_eq(ours, theirs);
	for (char *c = theirs; *c; c++)
		if (*c >= 'A' && *c <= 'F')
			*c = (char)(*c - 'A' + 'a');
	ck_assert_int_eq(dtls_cert_matches(assoc, SERVER, SLICE("sha-256"),
					   slice_str(theirs)),
			 1);
	theirs[0] = theirs[0] == '0' ? '1' : '0';
	ck_assert_int_eq(dtls_cert_matches(assoc, SERVER, SLICE("sha-256"),
					   slice_str(theirs)),
			 0);
}
END_TEST

static const struct {
	const char *name, *hex;
	enum dtls_fed want;
	const char *counter;
} odd[] = {
	{"RTP", "80600001000000000000000000", DTLS_FED_NOT, "dtls.bad_record"},
	{"nothing", "", DTLS_FED_NOT, NULL},
	{"half a header", "16fefd0000", DTLS_FED_NOT, "dtls.record_cut"},
	{"a record, then none", "16fefd00000000000000000000 ff", DTLS_FED_TAKEN,
	 "dtls.bad_record"},
	{"a record that is cut", "15fefd0000000000000000 0002 02",
	 DTLS_FED_TAKEN, "dtls.record_cut"},
	{"an alert of three bytes", "15fefd0000000000000000 0003 022800",
	 DTLS_FED_TAKEN, "dtls.bad_alert"},
	{"a message longer than its record",
	 "16fefd0000000000000000 000c 01000001 0000 000002 000001",
	 DTLS_FED_TAKEN, "dtls.bad_message"},
	{"a ClientHello of one byte",
	 "16fefd0000000000000000 000d 01000001 0000 000000 000001 00",
	 DTLS_FED_TAKEN, "dtls.bad_message"},
	{"a ServerHello of one byte",
	 "16fefd0000000000000000 000d 02000001 0000 000000 000001 00",
	 DTLS_FED_TAKEN, "dtls.bad_message"},
	{"a Certificate of one byte",
	 "16fefd0000000000000000 000d 0b000001 0000 000000 000001 00",
	 DTLS_FED_TAKEN, "dtls.bad_message"},
	{"message_seq far away",
	 "16fefd0000000000000000 000d 01000001 ffff 000000 000001 00",
	 DTLS_FED_TAKEN, "dtls.message_seq"},
};

static void feed_odd(struct slice in, void *arg)
{
	(void)arg;
	dtls_assoc_feed(assoc, 0, in, BEGIN_NS);
}

START_TEST(odd_ones)
{
	uint8_t buf[64];
	struct slice in = hex_bytes(odd[_i].hex, buf, sizeof(buf));

	ck_assert_msg(dtls_assoc_feed(assoc, 0, in, BEGIN_NS) == odd[_i].want,
		      "%s", odd[_i].name);
	if (odd[_i].counter)
		ck_assert_uint_eq(counters_get(&counters, odd[_i].counter), 1);
	ck_assert_uint_eq(info->datagrams[0], odd[_i].want == DTLS_FED_TAKEN);
	ck_assert_int_ne(info->state, DTLS_FINISHED);
	prefix_each(in, feed_odd, NULL);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("dtls_flow");
	TCase *t = tcase_create("dtls_flow");

	tcase_set_timeout(t, 60); /* sanitizers, valgrind */
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, whole, 0, COUNT(runs));
	tcase_add_test(t, offered_profiles);
	tcase_add_loop_test(t, mirrored, 0, COUNT(runs));
	tcase_add_loop_test(t, reordered, 0, COUNT(runs));
	tcase_add_test(t, cut);
	tcase_add_loop_test(t, retransmitted, 0, COUNT(losses));
	tcase_add_test(t, copy_or_retransmission);
	tcase_add_test(t, without_client_hello);
	tcase_add_test(t, without_server_hello);
	tcase_add_test(t, without_client_finished);
	tcase_add_test(t, without_server_finished);
	tcase_add_test(t, one_missing);
	tcase_add_loop_test(t, one_way, 0, 2);
	tcase_add_test(t, joined_late);
	tcase_add_test(t, refused);
	tcase_add_test(t, never_finished);
	tcase_add_test(t, closed);
	tcase_add_loop_test(t, resumed, 0, 2);
	tcase_add_loop_test(t, another_handshake, 0, 5);
	tcase_add_test(t, another_after_data);
	tcase_add_test(t, another_of_the_server);
	tcase_add_test(t, both_clients);
	tcase_add_test(t, roles_change);
	tcase_add_test(t, the_other_is_client);
	tcase_add_test(t, random_changes);
	tcase_add_test(t, second_answer);
	tcase_add_test(t, second_certificate);
	tcase_add_loop_test(t, long_certificate, 0, 2);
	tcase_add_loop_test(t, odd_ones, 0, COUNT(odd));
	suite_add_tcase(s, t);
	return run_suite(s);
}
