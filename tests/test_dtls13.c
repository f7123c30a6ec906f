/*
 * Associations of DTLS 1.3, which libssl does not speak yet: handshakes made by
 * hand, sealed as RFC 9147 has it.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include <openssl/evp.h>

#include "sniffer/net/dtls_flow.h"
#include "tests/dtls_made.h"
#include "tests/hex.h"
#include "tests/run_suite.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

#define MS	 1000000ull
#define BEGIN_NS (1000 * MS)

enum {
	CLIENT = 0,
	SERVER = 1,
	DATAGRAMS_MAX = 24,
};

#define CLIENT_RANDOM                                                          \
	"c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf"
#define SERVER_RANDOM                                                          \
	"505152535455565758595a5b5c5d5e5f606162636465666768696a6b6c6d6e6f"
#define RETRY_RANDOM                                                           \
	"cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"
#define VERSION_13   "002b 0003 02 fefc"
#define TWO_PROFILES "000e 0007 0004 0001 0007 00"

/* Secrets, by end: handshake, then application data. */
static const uint8_t secrets[4][48] = {
	"client, handshake: of SHA-384, so 48 bytes long",
	"server, handshake: of SHA-384, so 48 bytes long",
	"client, data: what is said in the end, 48 bytes",
	"server, data: what is said in the end, 48 bytes",
};

static struct counters counters;
static struct dtls_assoc *assoc;
static const struct dtls_info *info;

static struct {
	struct {
		unsigned dir;
		struct made bytes;
	} sent[DATAGRAMS_MAX];
	size_t count;
	uint16_t cipher;
	uint64_t plain_seq[2];
	uint16_t message_seq[2];
	struct made_seal seal[2][2]; /* by end; epoch 2, 3 */
} made;

/* Certificates need not be any here. */
#define CLIENT_DER "a certificate of the client"
#define SERVER_DER "a certificate of the server"

/* --- making ------------------------------------------------------------ */

static struct made *datagram(unsigned dir)
{
	if (made.count == DATAGRAMS_MAX)
		abort();
	made.sent[made.count].dir = dir;
	made.sent[made.count].bytes.len = 0;
	return &made.sent[made.count++].bytes;
}

static struct slice secret_of(unsigned end, unsigned n)
{
	return slice_of(secrets[2 * n + end], made.cipher == 0x1302 ? 48 : 32);
}

static void begin(uint16_t cipher)
{
	made.count = 0;
	made.cipher = cipher;
	for (unsigned end = 0; end < 2; end++) {
		made.plain_seq[end] = 0;
		made.message_seq[end] = 0;
		for (unsigned n = 0; n < 2; n++)
			made.seal[end][n] = (struct made_seal){
				.cipher = cipher,
				.epoch = (uint8_t)(2 + n),
				.secret = secret_of(end, n),
			};
	}
}

static void put_plain(struct made *d, unsigned dir, uint8_t type,
		      const struct made *payload)
{
	made_record(d, type, DTLS_1_2, 0, made.plain_seq[dir]++,
		    made_slice(payload));
}

static void put_sealed(struct made *d, unsigned dir, unsigned epoch,
		       uint8_t type, struct slice content)
{
	made_sealed(d, &made.seal[dir][epoch - 2], type, content);
}

/* A message with hexadecimal text as its body, in a record of its own. */
static void plain_message(struct made *d, unsigned dir, uint8_t type,
			  const char *body)
{
	struct made msg = {.len = 0};
	uint8_t buf[2048];

	made_message(&msg, type, made.message_seq[dir]++,
		     hex_bytes(body, buf, sizeof(buf)));
	put_plain(d, dir, DTLS_HANDSHAKE, &msg);
}

static void sealed_message(struct made *d, unsigned dir, uint8_t type,
			   struct slice body)
{
	struct made msg = {.len = 0};

	made_message(&msg, type, made.message_seq[dir]++, body);
	put_sealed(d, dir, 2, DTLS_HANDSHAKE, made_slice(&msg));
}

static void hello_body(struct made *m, const char *extensions, size_t padding)
{
	uint8_t buf[256];
	struct slice ext = hex_bytes(extensions, buf, sizeof(buf));

	made_num(m, 0xfefd, 2);
	made_put(m, hex_bytes(CLIENT_RANDOM, (uint8_t[32]){0}, 32));
	made_num(m, 0, 2); /* session, cookie */
	made_num(m, 2, 2);
	made_num(m, made.cipher, 2);
	made_num(m, 0x0100, 2);
	made_num(m, ext.len + padding + 4, 2);
	made_put(m, ext);
	made_num(m, 21, 2); /* padding */
	made_num(m, padding, 2);
	for (size_t i = 0; i < padding; i++)
		made_num(m, 0, 1);
}

/* In two datagrams, as browsers have it since their key shares are large. */
static void client_hello(const char *extensions)
{
	struct made body = {.len = 0}, part;
	uint16_t seq = made.message_seq[CLIENT]++;

	hello_body(&body, extensions, 1200);
	part.len = 0;
	made_fragment(&part, TLS_CLIENT_HELLO, seq, made_slice(&body), 0, 1100);
	put_plain(datagram(CLIENT), CLIENT, DTLS_HANDSHAKE, &part);
	part.len = 0;
	made_fragment(&part, TLS_CLIENT_HELLO, seq, made_slice(&body), 1100,
		      body.len - 1100);
	put_plain(datagram(CLIENT), CLIENT, DTLS_HANDSHAKE, &part);
}

static void server_hello(struct made *d, const char *extensions)
{
	char body[512], len[32];
	uint8_t buf[256];

	snprintf(len, sizeof(len), "%04zx",
		 hex_bytes(extensions, buf, sizeof(buf)).len);
	snprintf(body, sizeof(body), "fefd" SERVER_RANDOM "00 %04x 00 %s %s",
		 made.cipher, len, extensions);
	plain_message(d, SERVER, TLS_SERVER_HELLO, body);
}

static void certificate_body(struct made *m, struct slice der)
{
	made_num(m, 0, 1); /* context */
	made_num(m, der.len + 5, 3);
	made_num(m, der.len, 3);
	made_put(m, der);
	made_num(m, 0, 2); /* extensions */
}

/* Its Certificate in two fragments, each in a record of its own. */
static void sealed_certificate(struct made *d, unsigned dir, struct slice der)
{
	struct made body = {.len = 0}, part;
	uint16_t seq = made.message_seq[dir]++;

	certificate_body(&body, der);
	for (size_t at = 0; at < body.len; at += 20) {
		part.len = 0;
		made_fragment(&part, TLS_CERTIFICATE, seq, made_slice(&body),
			      at, body.len - at < 20 ? body.len - at : 20);
		put_sealed(d, dir, 2, DTLS_HANDSHAKE, made_slice(&part));
	}
}

static void server_flight(void)
{
	struct made *d = datagram(SERVER);
	uint8_t buf[64];

	server_hello(d, "002b 0002 fefc");
	sealed_message(d, SERVER, TLS_ENCRYPTED_EXTENSIONS,
		       hex_bytes("0016 000e 0005 0002 0007 00"
				 "0010 0009 0007 06 776562727463",
				 buf, sizeof(buf)));
	sealed_message(d, SERVER, TLS_CERTIFICATE_REQUEST, SLICE("\0\0\0"));
	d = datagram(SERVER);
	sealed_certificate(d, SERVER, SLICE(SERVER_DER));
	sealed_message(d, SERVER, TLS_CERTIFICATE_VERIFY, SLICE("signature"));
	sealed_message(d, SERVER, TLS_FINISHED, SLICE("verified"));
}

static void client_flight(void)
{
	struct made *d = datagram(CLIENT);

	sealed_certificate(d, CLIENT, SLICE(CLIENT_DER));
	sealed_message(d, CLIENT, TLS_CERTIFICATE_VERIFY, SLICE("signature"));
	sealed_message(d, CLIENT, TLS_FINISHED, SLICE("verified"));
}

static void acknowledge(void)
{
	uint8_t zeros[2 + 16] = {0, 16};

	put_sealed(datagram(SERVER), SERVER, 3, DTLS_ACK,
		   slice_of(zeros, sizeof(zeros)));
}

static void data(unsigned dir)
{
	put_sealed(datagram(dir), dir, 3, DTLS_APPLICATION_DATA,
		   SLICE("data channel"));
}

static void alert(unsigned dir, unsigned epoch, uint8_t level, uint8_t what)
{
	put_sealed(datagram(dir), dir, epoch, DTLS_ALERT,
		   slice_of((uint8_t[]){level, what}, 2));
}

/* Datagram 5 finishes it for who has no keys, 4 in truth. */
enum {
	CLIENT_FINISHED = 4,
	SERVER_ACK = 5,
};

static void handshake(uint16_t cipher)
{
	begin(cipher);
	client_hello(VERSION_13 TWO_PROFILES);
	server_flight();
	client_flight();
	acknowledge();
	data(CLIENT);
	data(SERVER);
	alert(CLIENT, 3, 1, 0);
}

/* --- feeding ----------------------------------------------------------- */

static void fresh(void)
{
	dtls_assoc_free(assoc);
	counters = (struct counters){0};
	assoc = dtls_assoc_new(&counters);
	info = dtls_assoc_info(assoc);
}

static void setup(void)
{
	assoc = NULL;
	fresh();
}

static void teardown(void)
{
	dtls_assoc_free(assoc);
}

static uint64_t time_of(size_t n)
{
	return BEGIN_NS + n * MS;
}

static void feed(size_t n, uint64_t ts_ns)
{
	ck_assert_int_eq(dtls_assoc_feed(assoc, made.sent[n].dir,
					 made_slice(&made.sent[n].bytes),
					 ts_ns),
			 DTLS_FED_TAKEN);
}

static void feed_all(void)
{
	for (size_t n = 0; n < made.count; n++)
		feed(n, time_of(n));
}

static void give_secrets(bool handshake, bool app)
{
	struct dtls_secrets s = {0};

	if (handshake) {
		s.client_hs = secret_of(CLIENT, 0);
		s.server_hs = secret_of(SERVER, 0);
	}
	if (app) {
		s.client_app = secret_of(CLIENT, 1);
		s.server_app = secret_of(SERVER, 1);
	}
	dtls_assoc_secrets(assoc, &s);
}

static void same_certificate(unsigned dir, struct slice der)
{
	char text[DTLS_DIGEST_TEXT], want[DTLS_DIGEST_TEXT];
	uint8_t digest[32];

	EVP_Digest(der.p, der.len, digest, NULL, EVP_sha256(), NULL);
	for (int i = 0; i < 32; i++)
		sprintf(want + 3 * i, "%02X%s", digest[i], i < 31 ? ":" : "");
	ck_assert(info->cert[dir].seen);
	ck_assert(slice_eq(info->cert[dir].der, der));
	ck_assert(dtls_cert_digest(assoc, dir, SLICE("sha-256"), text));
	ck_assert_str_eq(text, want);
}

/* --- without secrets --------------------------------------------------- */

START_TEST(hidden)
{
	handshake(0x1301);
	for (size_t n = 0; n < made.count; n++) {
		feed(n, time_of(n));
		ck_assert_int_eq(info->state, n < SERVER_ACK ? DTLS_IN_PROGRESS
							     : DTLS_FINISHED);
	}
	ck_assert_int_eq(info->client, CLIENT);
	ck_assert_uint_eq(info->version_offered, DTLS_1_3);
	ck_assert_uint_eq(info->version, DTLS_1_3);
	ck_assert_uint_eq(info->cipher, 0x1301);
	ck_assert_uint_eq(info->offered_count, 2);
	ck_assert_int_eq(info->srtp, DTLS_SRTP_HIDDEN);
	ck_assert_uint_eq(info->srtp_profile, 0);
	ck_assert(!info->cert[CLIENT].seen && !info->cert[SERVER].seen);
	ck_assert(info->finished_inferred);
	ck_assert_uint_eq(info->started_ns, time_of(0));
	ck_assert_uint_eq(info->finished_ns, time_of(SERVER_ACK));
	ck_assert_uint_eq(info->client_random[0], 0xc0);
	ck_assert_uint_eq(info->server_random[0], 0x50);
	ck_assert_uint_eq(info->opened, 0);
	ck_assert(!info->secrets_failed);
	ck_assert_uint_eq(info->alerts_hidden[CLIENT], 1);
	ck_assert_uint_eq(info->alert_count, 0);
	ck_assert_uint_eq(info->data_records[CLIENT], 1);
	ck_assert_uint_eq(info->data_records[SERVER], 2);
	ck_assert_uint_eq(counters.len, 0);
}
END_TEST

/* What was not asked for is not hidden either. */
START_TEST(no_srtp_asked)
{
	begin(0x1301);
	client_hello(VERSION_13);
	server_flight();
	feed_all();
	ck_assert_int_eq(info->srtp, DTLS_SRTP_NONE);
	/* Also where the hello is whole only after the answer. */
	fresh();
	feed(0, time_of(0));
	feed(2, time_of(1));
	ck_assert_int_eq(info->srtp, DTLS_SRTP_HIDDEN);
	feed(1, time_of(2));
	ck_assert_int_eq(info->srtp, DTLS_SRTP_NONE);
}
END_TEST

/* The first of two datagrams is enough to look for secrets. */
START_TEST(half_a_hello)
{
	handshake(0x1301);
	feed(0, time_of(0));
	ck_assert(info->has_client_random);
	ck_assert_uint_eq(info->client_random[31], 0xdf);
	ck_assert_uint_eq(info->started_ns, time_of(0));
	ck_assert_uint_eq(info->version_offered, 0);
	feed(1, time_of(1));
	ck_assert_uint_eq(info->version_offered, DTLS_1_3);
}
END_TEST

START_TEST(one_way)
{
	unsigned dir = (unsigned)_i;
	size_t first_data = dir == CLIENT ? SERVER_ACK + 1 : SERVER_ACK;

	handshake(0x1301);
	for (size_t n = 0; n < made.count; n++)
		if (made.sent[n].dir == dir)
			feed(n, time_of(n));
	ck_assert_int_eq(info->client, CLIENT);
	ck_assert_uint_eq(info->version, DTLS_1_3);
	ck_assert_int_eq(info->state, DTLS_FINISHED);
	ck_assert(info->finished_inferred);
	ck_assert_uint_eq(info->finished_ns, time_of(first_data));
}
END_TEST

/* What the server sends before the client's flight says nothing of it. */
START_TEST(early_data_of_server)
{
	begin(0x1301);
	client_hello(VERSION_13 TWO_PROFILES);
	server_flight();
	data(SERVER);
	client_flight();
	data(CLIENT);
	feed_all();
	ck_assert_int_eq(info->state, DTLS_IN_PROGRESS);
	acknowledge();
	feed(made.count - 1, time_of(made.count - 1));
	ck_assert_int_eq(info->state, DTLS_FINISHED);
}
END_TEST

START_TEST(joined_late)
{
	handshake(0x1301);
	for (size_t n = CLIENT_FINISHED; n < made.count; n++)
		feed(n, time_of(n));
	ck_assert_int_eq(info->state, DTLS_JOINED);
	ck_assert_uint_eq(info->version, DTLS_1_3);
	ck_assert_int_eq(info->client, -1);
	ck_assert_uint_eq(info->held, 0); /* it can never be opened */
}
END_TEST

/* --- with secrets ------------------------------------------------------ */

static void all_known(void)
{
	ck_assert_int_eq(info->srtp, DTLS_SRTP_CHOSEN);
	ck_assert_uint_eq(info->srtp_profile, 0x0007);
	ck_assert_str_eq(info->alpn, "webrtc");
	ck_assert(info->certificate_requested);
	same_certificate(CLIENT, SLICE(CLIENT_DER));
	same_certificate(SERVER, SLICE(SERVER_DER));
	ck_assert_int_eq(info->state, DTLS_FINISHED);
	ck_assert(!info->finished_inferred);
	ck_assert_uint_eq(info->finished_ns, time_of(CLIENT_FINISHED));
	ck_assert_uint_eq(info->held, 0);
	ck_assert_uint_eq(info->opened, 11);
	ck_assert(!info->secrets_failed);
	ck_assert_uint_eq(info->alert_count, 1);
	ck_assert_uint_eq(info->alerts[0].dir, CLIENT);
	ck_assert_uint_eq(info->alerts[0].description, 0);
	ck_assert_uint_eq(info->alerts[0].ts_ns, time_of(made.count - 1));
	ck_assert_uint_eq(info->alerts_hidden[CLIENT], 0);
	ck_assert_uint_eq(info->retransmissions[CLIENT], 0);
	ck_assert_uint_eq(info->retransmissions[SERVER], 0);
	ck_assert_uint_eq(counters.len, 0);
}

static const uint16_t ciphers[] = {0x1301, 0x1302, 0x1303, 0x1304, 0x1305};

/* The secrets come before any packet, or after any of them. */
START_TEST(any_time)
{
	handshake(ciphers[_i]);
	for (size_t when = 0; when <= made.count; when++) {
		fresh();
		for (size_t n = 0; n <= made.count; n++) {
			if (n == when)
				give_secrets(true, true);
			if (n < made.count)
				feed(n, time_of(n));
		}
		all_known();
	}
}
END_TEST

/* One end's first, then the other's; each twice. */
START_TEST(piecemeal)
{
	struct dtls_secrets s = {0};

	handshake(0x1301);
	feed_all();
	s.server_hs = secret_of(SERVER, 0);
	dtls_assoc_secrets(assoc, &s);
	ck_assert_int_eq(info->srtp, DTLS_SRTP_CHOSEN);
	same_certificate(SERVER, SLICE(SERVER_DER));
	ck_assert(!info->cert[CLIENT].seen);
	ck_assert(info->finished_inferred);
	dtls_assoc_secrets(assoc, &s);
	give_secrets(true, false);
	ck_assert_uint_eq(info->alerts_hidden[CLIENT], 1);
	give_secrets(true, true);
	all_known();
}
END_TEST

/* Those of the handshake at once, those of the data at the end. */
START_TEST(held_again)
{
	handshake(0x1301);
	for (size_t n = 0; n + 1 < made.count; n++)
		feed(n, time_of(n));
	give_secrets(true, false);
	ck_assert_uint_eq(info->held, 0);
	feed(made.count - 1, time_of(made.count - 1));
	ck_assert_uint_eq(info->held, 1);
	give_secrets(true, true);
	all_known();
}
END_TEST

START_TEST(wrong_first)
{
	struct dtls_secrets wrong = {
		.client_hs = SLICE("thirty-two bytes, but others"
				   "...."),
		.server_hs = SLICE("thirty-two bytes, but others"
				   "!!!!"),
	};

	handshake(0x1301);
	dtls_assoc_secrets(assoc, &wrong);
	feed_all();
	ck_assert(info->secrets_failed);
	ck_assert_uint_eq(info->opened, 0);
	ck_assert_int_eq(info->srtp, DTLS_SRTP_HIDDEN);
	ck_assert_uint_eq(counters.len, 0);
	give_secrets(true, true);
	all_known();
}
END_TEST

/* Of the wrong length for the cipher, too. */
START_TEST(wrong_length)
{
	struct dtls_secrets wrong = {.client_hs = SLICE("short"),
				     .server_hs = SLICE("short")};

	handshake(0x1301);
	feed_all();
	dtls_assoc_secrets(assoc, &wrong);
	ck_assert(info->secrets_failed);
	give_secrets(true, true);
	all_known();
}
END_TEST

START_TEST(reordered)
{
	handshake(0x1301);
	/* What comes before the ServerHello waits for it. */
	for (size_t n = 1; n <= CLIENT_FINISHED; n++) {
		fresh();
		give_secrets(true, true);
		for (size_t i = 0; i < made.count; i++)
			feed(i == n ? n - 1 : i == n - 1 ? n : i, time_of(i));
		ck_assert_int_eq(info->srtp, DTLS_SRTP_CHOSEN);
		same_certificate(CLIENT, SLICE(CLIENT_DER));
		same_certificate(SERVER, SLICE(SERVER_DER));
		ck_assert_int_eq(info->state, DTLS_FINISHED);
		ck_assert_uint_eq(info->opened, 11);
		ck_assert_uint_eq(info->held, 0);
	}
}
END_TEST

/* Encrypted flights sent again have other numbers, and the messages the same:
 * seen with secrets, whenever they come. */
START_TEST(retransmitted)
{
	bool late = _i;

	begin(0x1301);
	client_hello(VERSION_13 TWO_PROFILES);
	server_flight();
	for (int again = 0; again < 2; again++) {
		made.message_seq[SERVER] = 0;
		server_flight();
	}
	client_flight();
	if (!late)
		give_secrets(true, true);
	for (size_t n = 0; n < made.count; n++)
		feed(n, time_of(n) + n / 2 * 1000 * MS);
	ck_assert_uint_eq(info->retransmissions[SERVER], 2);
	give_secrets(true, true);
	ck_assert_uint_eq(info->retransmissions[SERVER], 2);
	ck_assert_uint_eq(info->retransmissions[CLIENT], 0);
	same_certificate(SERVER, SLICE(SERVER_DER));
	ck_assert_int_eq(info->state, DTLS_FINISHED);
	ck_assert(!info->finished_inferred);
}
END_TEST

/* --- refusals ---------------------------------------------------------- */

/* The server says so in epoch 3, when both have sent Finished. */
START_TEST(server_refuses)
{
	bool late = _i;

	begin(0x1301);
	client_hello(VERSION_13 TWO_PROFILES);
	server_flight();
	client_flight();
	alert(SERVER, 3, 2, 42);
	if (!late)
		give_secrets(true, true);
	feed_all();
	if (late) {
		ck_assert_int_eq(info->state, DTLS_IN_PROGRESS);
		ck_assert_uint_eq(info->alerts_hidden[SERVER], 1);
		give_secrets(true, true);
	}
	ck_assert_int_eq(info->state, DTLS_FAILED);
	ck_assert_uint_eq(info->finished_ns, 0);
	ck_assert_uint_eq(info->alert_count, 1);
	ck_assert_uint_eq(info->alerts[0].description, 42);
	ck_assert_uint_eq(info->alerts_hidden[SERVER], 0);
}
END_TEST

/* Once it has confirmed the client an alert is only the end. */
START_TEST(alert_after_all)
{
	bool late = _i;

	handshake(0x1301);
	alert(SERVER, 3, 2, 80);
	if (!late)
		give_secrets(true, true);
	feed_all();
	if (late)
		give_secrets(true, true);
	ck_assert_int_eq(info->state, DTLS_FINISHED);
	ck_assert_uint_eq(info->finished_ns, time_of(CLIENT_FINISHED));
	ck_assert_uint_eq(info->alert_count, 2);
	ck_assert_uint_eq(info->alerts[1].description, 80);
}
END_TEST

START_TEST(client_refuses)
{
	bool late = _i;

	begin(0x1301);
	client_hello(VERSION_13 TWO_PROFILES);
	server_flight();
	alert(CLIENT, 2, 1, 48); /* the level says nothing in 1.3 */
	if (!late)
		give_secrets(true, false);
	feed_all();
	if (late) {
		ck_assert_int_eq(info->state, DTLS_IN_PROGRESS);
		give_secrets(true, false);
	}
	ck_assert_int_eq(info->state, DTLS_FAILED);
	ck_assert_uint_eq(info->alerts[0].dir, CLIENT);
	ck_assert_uint_eq(info->alerts[0].description, 48);
}
END_TEST

/* An empty ACK is as long as an alert; with secrets it is none. */
START_TEST(empty_ack)
{
	begin(0x1301);
	client_hello(VERSION_13 TWO_PROFILES);
	server_flight();
	put_sealed(datagram(CLIENT), CLIENT, 2, DTLS_ACK, SLICE("\0\0"));
	feed_all();
	ck_assert_uint_eq(info->alerts_hidden[CLIENT], 1);
	give_secrets(true, false);
	ck_assert_uint_eq(info->alerts_hidden[CLIENT], 0);
	ck_assert_uint_eq(info->alert_count, 0);
	ck_assert_int_eq(info->state, DTLS_IN_PROGRESS);
}
END_TEST

/* --- other ways -------------------------------------------------------- */

START_TEST(hello_retry)
{
	begin(0x1301);
	client_hello(VERSION_13 TWO_PROFILES);
	plain_message(datagram(SERVER), SERVER, TLS_SERVER_HELLO,
		      "fefd" RETRY_RANDOM "00 1301 00 000e"
		      "002b 0002 fefc 002c 0004 0002 aabb");
	client_hello(VERSION_13 TWO_PROFILES "002c 0004 0002 aabb");
	server_flight();
	client_flight();
	give_secrets(true, false);
	for (size_t n = 0; n < 3; n++)
		feed(n, time_of(n));
	ck_assert(info->hello_retry && !info->has_server_random);
	ck_assert_uint_eq(info->version, DTLS_1_3);
	ck_assert_uint_eq(info->cipher, 0x1301);
	for (size_t n = 3; n < made.count; n++)
		feed(n, time_of(n));
	ck_assert(info->has_server_random && !info->hello_verify);
	ck_assert_uint_eq(info->retransmissions[CLIENT], 0);
	same_certificate(CLIENT, SLICE(CLIENT_DER));
	ck_assert_int_eq(info->state, DTLS_FINISHED);
}
END_TEST

/* RFC 9146: each end says what it wants to see in what it gets. */
START_TEST(connection_ids)
{
	struct made *d;

	begin(0x1301);
	client_hello(VERSION_13 TWO_PROFILES "0036 0003 02 c1c2");
	d = datagram(SERVER);
	server_hello(d, "002b 0002 fefc 0036 0004 03 515253");
	made.seal[SERVER][0].cid = SLICE("\xc1\xc2");
	made.seal[CLIENT][0].cid = SLICE("QRS");
	made.seal[CLIENT][1].cid = SLICE("QRS");
	sealed_message(d, SERVER, TLS_ENCRYPTED_EXTENSIONS,
		       SLICE("\0\x09\0\x0e\0\5\0\2\0\1\0"));
	sealed_certificate(d, SERVER, SLICE(SERVER_DER));
	sealed_message(d, SERVER, TLS_FINISHED, SLICE("verified"));
	client_flight();
	data(CLIENT);
	feed_all();
	ck_assert(info->connection_ids);
	ck_assert_uint_eq(info->data_bytes[CLIENT], 12 + 1 + 16);
	give_secrets(true, false);
	ck_assert_uint_eq(info->srtp_profile, 1);
	same_certificate(CLIENT, SLICE(CLIENT_DER));
	same_certificate(SERVER, SLICE(SERVER_DER));
	ck_assert_int_eq(info->state, DTLS_FINISHED);
	ck_assert_uint_eq(counters.len, 0);
}
END_TEST

START_TEST(from_a_key)
{
	begin(0x1301);
	client_hello(VERSION_13 TWO_PROFILES "0029 0000");
	server_hello(datagram(SERVER), "002b 0002 fefc 0029 0002 0000");
	feed_all();
	ck_assert(info->resumed);
}
END_TEST

/* Behind a KeyUpdate the low bits of the epoch begin anew: 6 is not 2. */
START_TEST(key_update)
{
	uint64_t before;
	size_t count;

	handshake(0x1301);
	feed_all();
	count = made.count;
	before = info->data_records[SERVER];
	for (uint8_t epoch = 4; epoch <= 7; epoch++) {
		made.seal[SERVER][1].epoch = epoch;
		data(SERVER);
		feed(made.count - 1, time_of(made.count));
	}
	ck_assert_uint_eq(info->data_records[SERVER], before + 4);
	made.count = count;
	give_secrets(true, true);
	all_known();
}
END_TEST

/* Room for so many bytes, then the handshake is on its own. */
START_TEST(held_limit)
{
	struct made big = {.len = 0};

	for (int i = 0; i < 3900; i++)
		made_num(&big, 0xff, 1);
	begin(0x1301);
	client_hello(VERSION_13 TWO_PROFILES);
	server_flight();
	for (int i = 0; i < 6; i++)
		put_sealed(datagram(CLIENT), CLIENT, 2, DTLS_ACK,
			   made_slice(&big));
	client_flight();
	feed_all();
	ck_assert_uint_eq(counters_get(&counters, "dtls.held_limit"), 2);
	ck_assert_uint_gt(info->held, 4);
	give_secrets(true, false);
	ck_assert_uint_eq(info->held, 0);
	same_certificate(SERVER, SLICE(SERVER_DER));
}
END_TEST

/* Forged among the true ones. */
START_TEST(forged)
{
	bool late = _i;

	handshake(0x1301);
	made.seal[CLIENT][0].secret = SLICE("thirty-two bytes of a third one");
	made.seal[CLIENT][0].secret.len = 32;
	sealed_message(&made.sent[CLIENT_FINISHED].bytes, CLIENT, TLS_FINISHED,
		       SLICE("forged"));
	if (!late)
		give_secrets(true, true);
	feed_all();
	if (late)
		give_secrets(true, true);
	ck_assert_uint_eq(counters_get(&counters, "dtls.unopened"), 1);
	counters = (struct counters){0};
	all_known();
}
END_TEST

/* --- a cut record ------------------------------------------------------ */

START_TEST(cut)
{
	struct slice whole;

	handshake(0x1301);
	give_secrets(true, true);
	for (size_t n = 0; n < 3; n++)
		feed(n, time_of(n));
	whole = made_slice(&made.sent[3].bytes);
	for (size_t len = 1; len < whole.len; len++)
		ck_assert_int_eq(dtls_assoc_feed(assoc, SERVER,
						 slice_head(whole, len),
						 time_of(3) + len * 100 * MS) ==
					 DTLS_FED_TAKEN,
				 len >= 5);
	same_certificate(SERVER, SLICE(SERVER_DER));
	ck_assert(!info->finished_ns);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("dtls13");
	TCase *t = tcase_create("dtls13");

	tcase_set_timeout(t, 60); /* sanitizers, valgrind */
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, hidden);
	tcase_add_test(t, no_srtp_asked);
	tcase_add_test(t, half_a_hello);
	tcase_add_loop_test(t, one_way, 0, 2);
	tcase_add_test(t, early_data_of_server);
	tcase_add_test(t, joined_late);
	tcase_add_loop_test(t, any_time, 0, COUNT(ciphers));
	tcase_add_test(t, piecemeal);
	tcase_add_test(t, held_again);
	tcase_add_test(t, wrong_first);
	tcase_add_test(t, wrong_length);
	tcase_add_test(t, reordered);
	tcase_add_loop_test(t, retransmitted, 0, 2);
	tcase_add_loop_test(t, server_refuses, 0, 2);
	tcase_add_loop_test(t, alert_after_all, 0, 2);
	tcase_add_loop_test(t, client_refuses, 0, 2);
	tcase_add_test(t, empty_ack);
	tcase_add_test(t, hello_retry);
	tcase_add_test(t, connection_ids);
	tcase_add_test(t, from_a_key);
	tcase_add_test(t, key_update);
	tcase_add_test(t, held_limit);
	tcase_add_loop_test(t, forged, 0, 2);
	tcase_add_test(t, cut);
	suite_add_tcase(s, t);
	return run_suite(s);
}
