/*
 * TLS connections as an observer opens them: OpenSSL talks with itself, what
 * went over the wire is fed in many ways, and the plaintext must come out.
 */
#include <check.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>

#include "sniffer/net/tls_plain.h"
#include "tests/run_suite.h"
#include "tests/tls_pair.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static struct tls_identity ec, rsa;

/* --- two sides and somebody who watches ---------------------------------- */

enum {
	ROOM = 1 << 20,
};

struct watch {
	struct counters counters;
	struct keylog *keys;
	struct tls_mem mem;
	struct tls_conn *conn;
	uint8_t *got[2];
	size_t len[2];
	char order[256]; /* who spoke, in turns: "cscs" */
	unsigned holes[2];
	uint64_t ts_ns, last_ns;
};

struct talk {
	struct tls_pair pair;
	uint8_t *said[2];
	size_t len[2];
};

static void on_plain(void *arg, int dir, struct slice data, uint64_t ts_ns)
{
	struct watch *w = arg;
	size_t n = strlen(w->order);
	char who = dir ? 's' : 'c';

	ck_assert_uint_le(w->len[dir] + data.len, ROOM);
	memcpy(w->got[dir] + w->len[dir], data.p, data.len);
	w->len[dir] += data.len;
	if ((!n || w->order[n - 1] != who) && n + 1 < sizeof(w->order))
		w->order[n] = who;
	w->last_ns = ts_ns;
}

static void on_hole(void *arg, int dir)
{
	struct watch *w = arg;

	w->holes[dir]++;
}

static struct watch *watch_new(size_t hold)
{
	struct watch *w = calloc(1, sizeof(*w));
	struct tls_conn_config cfg = {
		.mem = &w->mem,
		.plain = on_plain,
		.hole = on_hole,
		.arg = w,
	};

	w->mem = (struct tls_mem){hold, 4 * hold, &w->counters, 0};
	w->keys = keylog_new(100, (struct seed){1, 2}, &w->counters);
	cfg.keys = w->keys;
	w->conn = tls_conn_new(&cfg);
	w->got[0] = malloc(ROOM);
	w->got[1] = malloc(ROOM);
	ck_assert(w->conn && w->got[0] && w->got[1]);
	return w;
}

static void watch_free(struct watch *w)
{
	tls_conn_free(w->conn);
	ck_assert_uint_eq(w->mem.held, 0);
	keylog_free(w->keys);
	free(w->got[0]);
	free(w->got[1]);
	free(w);
}

static void give_keys(struct watch *w, const struct talk *t)
{
	ck_assert_uint_eq(keylog_feed(w->keys, slice_str(t->pair.keylog)), 0);
	tls_conn_keys_changed(w->conn);
}

static struct talk *talk_new(const struct tls_pair_config *cfg)
{
	struct talk *t = calloc(1, sizeof(*t));

	t->said[0] = malloc(ROOM);
	t->said[1] = malloc(ROOM);
	ck_assert(t->said[0] && t->said[1]);
	tls_pair_open(&t->pair, cfg);
	return t;
}

static void talk_free(struct talk *t)
{
	tls_pair_close(&t->pair);
	free(t->said[0]);
	free(t->said[1]);
	free(t);
}

static void note(struct talk *t, int from, size_t len)
{
	uint8_t *p = t->said[from] + t->len[from];

	ck_assert_uint_le(t->len[from] + len, ROOM);
	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)("SIP/2.0 "[i % 8] + (i >> 3) + len);
	t->len[from] += len;
}

static void say(struct talk *t, int from, size_t len)
{
	uint8_t *p = t->said[from] + t->len[from];

	note(t, from, len);
	tls_pair_send(&t->pair, from, p, len);
}

/* Small, long, and of one byte. */
static void dialogue(struct talk *t)
{
	say(t, 0, 300);
	say(t, 1, 500);
	say(t, 0, 40000);
	say(t, 1, 20000);
	say(t, 0, 1);
	say(t, 1, 1);
	say(t, 0, 16384);
}

static struct talk *talk(const struct tls_pair_config *cfg)
{
	struct talk *t = talk_new(cfg);

	ck_assert(tls_pair_handshake(&t->pair));
	dialogue(t);
	return t;
}

/* Pieces first to last, each cut into parts of so many bytes. */
static void feed(struct watch *w, const struct talk *t, size_t first,
		 size_t last, size_t part)
{
	for (size_t i = first; i < last; i++) {
		struct slice s =
			slice_of(t->pair.piece[i].p, t->pair.piece[i].len);

		for (; s.len; s = slice_from(s, part)) {
			struct slice some = slice_head(s, part);
			uint8_t *copy = malloc(some.len);

			memcpy(copy, some.p, some.len);
			tls_conn_feed(w->conn, t->pair.piece[i].from,
				      slice_of(copy, some.len), ++w->ts_ns);
			free(copy);
		}
	}
}

static void feed_all(struct watch *w, const struct talk *t)
{
	feed(w, t, 0, t->pair.pieces, SIZE_MAX);
}

static enum tls_state state(const struct watch *w)
{
	return tls_conn_info(w->conn)->state;
}

static void same(const struct watch *w, const struct talk *t)
{
	for (int dir = 0; dir < 2; dir++) {
		ck_assert_uint_eq(w->len[dir], t->len[dir]);
		ck_assert_mem_eq(w->got[dir], t->said[dir], t->len[dir]);
	}
	ck_assert_int_eq(state(w), TLS_STATE_OPEN);
}

static uint64_t counted(const struct watch *w, const char *name)
{
	return counters_get(&w->counters, name);
}

/* Nothing is counted but what must be. */
static void clean(const struct watch *w)
{
	for (size_t i = 0; i < w->counters.len; i++)
		ck_assert_msg(!w->counters.v[i].n, "%s", w->counters.v[i].name);
}

/* --- versions and suites ------------------------------------------------ */

static const struct {
	int version;
	const char *suite; /* OpenSSL's name */
	const char *kind;  /* rsa: with that certificate, psk: without */
	uint64_t options;
} rows[] = {
	{TLS1_3_VERSION, "TLS_AES_128_GCM_SHA256", "", 0},
	{TLS1_3_VERSION, "TLS_AES_256_GCM_SHA384", "", 0},
	{TLS1_3_VERSION, "TLS_CHACHA20_POLY1305_SHA256", "", 0},
	{TLS1_3_VERSION, "TLS_AES_128_CCM_SHA256", "", 0},
	{TLS1_3_VERSION, "TLS_AES_128_CCM_8_SHA256", "", 0},
	{TLS1_3_VERSION, "TLS_AES_128_GCM_SHA256", "",
	 SSL_OP_NO_ANTI_REPLAY | SSL_OP_ENABLE_MIDDLEBOX_COMPAT},
	{TLS1_2_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256", "", 0},
	{TLS1_2_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256", "",
	 SSL_OP_NO_EXTENDED_MASTER_SECRET},
	{TLS1_2_VERSION, "ECDHE-ECDSA-AES256-GCM-SHA384", "", 0},
	{TLS1_2_VERSION, "ECDHE-ECDSA-CHACHA20-POLY1305", "", 0},
	{TLS1_2_VERSION, "ECDHE-ECDSA-AES128-CCM", "", 0},
	{TLS1_2_VERSION, "ECDHE-ECDSA-AES256-CCM", "", 0},
	{TLS1_2_VERSION, "ECDHE-ECDSA-AES128-CCM8", "", 0},
	{TLS1_2_VERSION, "ECDHE-ECDSA-AES256-CCM8", "", 0},
	{TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA", "", 0},
	{TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA", "",
	 SSL_OP_NO_ENCRYPT_THEN_MAC},
	{TLS1_2_VERSION, "ECDHE-ECDSA-AES256-SHA", "", 0},
	{TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA256", "", 0},
	{TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA256", "",
	 SSL_OP_NO_ENCRYPT_THEN_MAC},
	{TLS1_2_VERSION, "ECDHE-ECDSA-AES256-SHA384", "", 0},
	{TLS1_2_VERSION, "ECDHE-ECDSA-AES256-SHA384", "",
	 SSL_OP_NO_ENCRYPT_THEN_MAC},
	{TLS1_2_VERSION, "ECDHE-ECDSA-NULL-SHA", "", 0},
	{TLS1_2_VERSION, "NULL-SHA256", "rsa", 0},
	{TLS1_2_VERSION, "NULL-MD5", "rsa", 0},
	{TLS1_2_VERSION, "NULL-SHA", "rsa", 0},
	{TLS1_2_VERSION, "AES128-GCM-SHA256", "rsa", 0},
	{TLS1_2_VERSION, "AES256-GCM-SHA384", "rsa", 0},
	{TLS1_2_VERSION, "AES128-CCM", "rsa", 0},
	{TLS1_2_VERSION, "AES256-CCM8", "rsa", 0},
	{TLS1_2_VERSION, "AES128-SHA", "rsa", 0},
	{TLS1_2_VERSION, "AES256-SHA", "rsa", 0},
	{TLS1_2_VERSION, "AES128-SHA256", "rsa", 0},
	{TLS1_2_VERSION, "AES256-SHA256", "rsa", 0},
	{TLS1_2_VERSION, "ECDHE-RSA-AES128-GCM-SHA256", "rsa", 0},
	{TLS1_2_VERSION, "ECDHE-RSA-AES256-GCM-SHA384", "rsa", 0},
	{TLS1_2_VERSION, "ECDHE-RSA-CHACHA20-POLY1305", "rsa", 0},
	{TLS1_2_VERSION, "ECDHE-RSA-AES128-SHA", "rsa", 0},
	{TLS1_2_VERSION, "ECDHE-RSA-AES256-SHA384", "rsa", 0},
	{TLS1_2_VERSION, "ECDHE-RSA-NULL-SHA", "rsa", 0},
	{TLS1_2_VERSION, "DHE-RSA-AES128-GCM-SHA256", "rsa", 0},
	{TLS1_2_VERSION, "DHE-RSA-AES256-GCM-SHA384", "rsa", 0},
	{TLS1_2_VERSION, "DHE-RSA-CHACHA20-POLY1305", "rsa", 0},
	{TLS1_2_VERSION, "DHE-RSA-AES256-CCM", "rsa", 0},
	{TLS1_2_VERSION, "DHE-RSA-AES128-CCM8", "rsa", 0},
	{TLS1_2_VERSION, "DHE-RSA-AES128-SHA", "rsa", 0},
	{TLS1_2_VERSION, "DHE-RSA-AES256-SHA256", "rsa", 0},
	{TLS1_2_VERSION, "ADH-AES128-GCM-SHA256", "", 0},
	{TLS1_2_VERSION, "ADH-AES256-SHA256", "", 0},
	{TLS1_2_VERSION, "PSK-AES128-GCM-SHA256", "psk", 0},
	{TLS1_2_VERSION, "PSK-AES256-GCM-SHA384", "psk", 0},
	{TLS1_2_VERSION, "PSK-CHACHA20-POLY1305", "psk", 0},
	{TLS1_2_VERSION, "PSK-AES128-CCM8", "psk", 0},
	{TLS1_2_VERSION, "PSK-AES256-CCM", "psk", 0},
	{TLS1_2_VERSION, "PSK-AES128-CBC-SHA256", "psk", 0},
	{TLS1_2_VERSION, "PSK-AES256-CBC-SHA384", "psk", 0},
	{TLS1_2_VERSION, "DHE-PSK-AES128-CCM", "psk", 0},
	{TLS1_2_VERSION, "ECDHE-PSK-CHACHA20-POLY1305", "psk", 0},
	{TLS1_2_VERSION, "ECDHE-PSK-AES128-CBC-SHA256", "psk", 0},
	{TLS1_1_VERSION, "ECDHE-ECDSA-AES128-SHA", "", 0},
	{TLS1_1_VERSION, "ECDHE-ECDSA-AES256-SHA", "",
	 SSL_OP_NO_ENCRYPT_THEN_MAC},
	{TLS1_VERSION, "ECDHE-ECDSA-AES128-SHA", "", 0},
	{TLS1_VERSION, "ECDHE-ECDSA-AES128-SHA", "",
	 SSL_OP_NO_ENCRYPT_THEN_MAC},
	{TLS1_VERSION, "AES256-SHA", "rsa", 0},
	{TLS1_VERSION, "AES256-SHA", "rsa",
	 SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS | SSL_OP_NO_ENCRYPT_THEN_MAC},
};

static struct tls_pair_config config(int version, const char *suite)
{
	bool v13 = version == TLS1_3_VERSION;

	return (struct tls_pair_config){
		.identity = &ec,
		.version = version,
		.ciphers = v13 ? NULL : suite,
		.suites = v13 ? suite : NULL,
	};
}

static struct talk *row_talk(int i)
{
	struct tls_pair_config cfg = config(rows[i].version, rows[i].suite);

	cfg.options = rows[i].options;
	if (!strcmp(rows[i].kind, "rsa"))
		cfg.identity = &rsa;
	if (!strcmp(rows[i].kind, "psk"))
		cfg.psk = "0123456789abcdef";
	return talk(&cfg);
}

/* With the keys at hand, cut in several ways; with keys that come last. */
START_TEST(suites)
{
	static const size_t parts[] = {SIZE_MAX, 1, 7, 1460};
	struct talk *t = row_talk(_i);

	for (int i = 0; i < COUNT(parts); i++) {
		struct watch *w = watch_new(1 << 18);

		give_keys(w, t);
		feed(w, t, 0, t->pair.pieces, parts[i]);
		same(w, t);
		clean(w);
		ck_assert_str_eq(w->order, "cscscsc");
		ck_assert_uint_eq(w->holes[0] + w->holes[1], 0);
		ck_assert_uint_eq(w->last_ns, w->ts_ns);
		watch_free(w);
	}
	talk_free(t);
}
END_TEST

START_TEST(suites_late_keys)
{
	struct talk *t = row_talk(_i);
	struct watch *w = watch_new(1 << 18);

	feed_all(w, t);
	ck_assert_int_eq(state(w), TLS_STATE_NO_KEY);
	ck_assert(tls_conn_waits(w->conn));
	ck_assert_uint_eq(w->len[0] + w->len[1], 0);
	give_keys(w, t);
	same(w, t);
	clean(w);
	ck_assert_str_eq(w->order, "cscscsc");
	ck_assert(!tls_conn_waits(w->conn));
	ck_assert_uint_eq(w->mem.held, 0);
	watch_free(w);
	talk_free(t);
}
END_TEST

/* One byte of each secret is another one: it is said, and nothing comes. */
static void spoil(char *keylog)
{
	for (char *p = keylog; *p; p++)
		if (p[1] == '\n')
			*p = *p == '0' ? '1' : '0';
}

START_TEST(suites_wrong_keys)
{
	struct talk *t = row_talk(_i);
	struct watch *w = watch_new(1 << 18);
	bool late = _i % 2;

	spoil(t->pair.keylog);
	if (!late)
		give_keys(w, t);
	feed_all(w, t);
	if (late)
		give_keys(w, t);
	ck_assert_int_eq(state(w), TLS_STATE_WRONG_KEY);
	ck_assert_uint_eq(counted(w, "tls.wrong_key"), 2);
	ck_assert_uint_eq(w->len[0] + w->len[1], 0);
	watch_free(w);
	talk_free(t);
}
END_TEST

/* --- what can be read without keys --------------------------------------- */

START_TEST(without_keys)
{
	struct tls_pair_config cfg = config(0, NULL);
	const struct tls_conn_info *i;
	struct watch *w = watch_new(0);
	struct talk *t;

	cfg.version = _i ? TLS1_2_VERSION : TLS1_3_VERSION;
	cfg.ciphers = "ECDHE-ECDSA-AES256-GCM-SHA384";
	cfg.suites = "TLS_AES_256_GCM_SHA384";
	cfg.alpn = "sip/2";
	t = talk(&cfg);
	SSL_shutdown(t->pair.ssl[0]);
	tls_pair_pump(&t->pair);
	feed_all(w, t);
	i = tls_conn_info(w->conn);
	ck_assert_int_eq(i->state, TLS_STATE_NO_KEY);
	ck_assert_int_eq(i->client, 0);
	ck_assert_uint_eq(i->offered, _i ? 0x0303 : 0x0304);
	ck_assert_uint_eq(i->version, _i ? 0x0303 : 0x0304);
	ck_assert_uint_eq(i->cipher, _i ? 0xc02c : 0x1302);
	ck_assert_str_eq(i->server_name, "sip.example.net");
	ck_assert_str_eq(i->alpn_offered, "sip/2");
	ck_assert_str_eq(i->alpn, _i ? "sip/2" : "");
	ck_assert_uint_gt(i->records[0], 3);
	ck_assert_uint_eq(i->opened[0], 0);
	ck_assert(i->has_client_random && !i->closed[0]);
	ck_assert_uint_eq(w->mem.held, 0);
	tls_conn_free(w->conn);
	ck_assert_uint_eq(counted(w, "tls.no_key"), 1);
	ck_assert_uint_eq(w->counters.len, 1);
	w->conn = NULL;
	watch_free(w);
	talk_free(t);
}
END_TEST

START_TEST(with_keys)
{
	struct tls_pair_config cfg = config(TLS1_3_VERSION, NULL);
	const struct tls_conn_info *i;
	struct watch *w = watch_new(0);
	struct talk *t;

	cfg.alpn = "sip/2";
	t = talk(&cfg);
	SSL_shutdown(t->pair.ssl[1]);
	tls_pair_pump(&t->pair);
	give_keys(w, t);
	feed_all(w, t);
	i = tls_conn_info(w->conn);
	ck_assert_str_eq(i->alpn, "sip/2");
	ck_assert(i->closed[1]);
	ck_assert_uint_eq(i->records[0], i->opened[0]);
	ck_assert_uint_eq(i->records[1], i->opened[1]);
	watch_free(w);
	talk_free(t);
}
END_TEST

START_TEST(refused)
{
	struct tls_pair_config cfg = config(TLS1_2_VERSION, NULL);
	const struct tls_conn_info *i;
	struct watch *w = watch_new(1 << 18);
	struct talk *t;

	cfg.ciphers = "AES128-SHA"; /* with an EC certificate */
	t = talk_new(&cfg);
	ck_assert(!tls_pair_handshake(&t->pair));
	feed_all(w, t);
	i = tls_conn_info(w->conn);
	ck_assert_int_eq(i->state, TLS_STATE_HANDSHAKE);
	ck_assert_uint_eq(i->alert[1].level, TLS_ALERT_FATAL);
	ck_assert_uint_eq(i->alert[1].description, 40);
	ck_assert_uint_eq(i->alert[0].level, 0);
	clean(w);
	watch_free(w);
	talk_free(t);
}
END_TEST

/* --- ways of the handshake ---------------------------------------------- */

START_TEST(hello_retry)
{
	struct tls_pair_config cfg = config(TLS1_3_VERSION, NULL);
	struct talk *t;

	cfg.groups = "P-384";
	t = talk(&cfg);
	for (int late = 0; late < 2; late++) {
		struct watch *w = watch_new(1 << 18);

		if (!late)
			give_keys(w, t);
		feed(w, t, 0, t->pair.pieces, late ? 1 : SIZE_MAX);
		if (late)
			give_keys(w, t);
		same(w, t);
		clean(w);
		ck_assert(tls_conn_info(w->conn)->hello_retry);
		watch_free(w);
	}
	talk_free(t);
}
END_TEST

START_TEST(key_updates)
{
	struct tls_pair_config cfg = config(TLS1_3_VERSION, NULL);
	struct talk *t = talk(&cfg);
	struct watch *w = watch_new(1 << 18);

	for (int i = 0; i < 5; i++) {
		ck_assert(SSL_key_update(t->pair.ssl[i % 2],
					 i < 3 ? SSL_KEY_UPDATE_REQUESTED
					       : SSL_KEY_UPDATE_NOT_REQUESTED));
		say(t, i % 2, 100 + (size_t)i);
		say(t, !(i % 2), 200);
	}
	give_keys(w, t);
	feed_all(w, t);
	same(w, t);
	clean(w);
	watch_free(w);
	talk_free(t);
}
END_TEST

/* Messages over several records, several records a segment, padding. */
START_TEST(small_records)
{
	struct tls_pair_config cfg =
		config(_i ? TLS1_2_VERSION : TLS1_3_VERSION, NULL);
	struct watch *w = watch_new(1 << 18);
	struct talk *t;

	cfg.identity = &rsa;
	cfg.fragment = 512;
	cfg.padding = _i ? 0 : 256;
	t = talk(&cfg);
	give_keys(w, t);
	feed(w, t, 0, t->pair.pieces, 999);
	same(w, t);
	clean(w);
	watch_free(w);
	talk_free(t);
}
END_TEST

/* A second connection with the first one's session: by its id, by a ticket,
 * and as 1.3 does it. */
START_TEST(resumed)
{
	static const uint64_t options[] = {0, SSL_OP_NO_TICKET, 0};
	struct talk *first, *t;
	struct watch *w = watch_new(1 << 18);
	struct tls_pair_config cfg =
		config(_i == 2 ? TLS1_3_VERSION : TLS1_2_VERSION, NULL);

	cfg.options = options[_i];
	first = talk(&cfg);
	cfg.session = SSL_get1_session(first->pair.ssl[0]);
	cfg.server = first->pair.ctx[1];
	t = talk_new(&cfg);
	ck_assert(tls_pair_handshake(&t->pair));
	ck_assert(SSL_session_reused(t->pair.ssl[0]));
	dialogue(t);
	give_keys(w, t);
	feed_all(w, t);
	same(w, t);
	clean(w);
	watch_free(w);
	SSL_SESSION_free(cfg.session);
	talk_free(t);
	talk_free(first);
}
END_TEST

static void renegotiate(struct talk *t)
{
	ck_assert(SSL_renegotiate(t->pair.ssl[0]));
	for (int i = 0; i < 6; i++) {
		SSL_do_handshake(t->pair.ssl[0]);
		tls_pair_pump(&t->pair);
	}
}

START_TEST(renegotiated)
{
	struct tls_pair_config cfg = config(TLS1_2_VERSION, NULL);
	struct watch *w = watch_new(1 << 18);
	struct talk *t;
	size_t before;

	cfg.options = SSL_OP_ALLOW_CLIENT_RENEGOTIATION;
	t = talk(&cfg);
	before = t->len[0];
	renegotiate(t);
	ck_assert(!SSL_renegotiate_pending(t->pair.ssl[0]));
	say(t, 0, 100);
	give_keys(w, t);
	feed_all(w, t);
	ck_assert_uint_eq(w->len[0], before);
	ck_assert_int_eq(state(w), TLS_STATE_UNSUPPORTED);
	ck_assert(tls_conn_info(w->conn)->renegotiation);
	ck_assert_uint_eq(counted(w, "tls.renegotiation"), 1);
	watch_free(w);
	talk_free(t);
}
END_TEST

/* 0-RTT data is passed over, what follows is not. */
START_TEST(early_data)
{
	struct tls_pair_config cfg = config(TLS1_3_VERSION, NULL);
	struct talk *first = talk(&cfg), *t;
	struct watch *w = watch_new(1 << 18);
	uint8_t buf[4096];
	size_t n;

	cfg.session = SSL_get1_session(first->pair.ssl[0]);
	ck_assert_uint_gt(SSL_SESSION_get_max_early_data(cfg.session), 0);
	cfg.server = first->pair.ctx[1];
	t = talk_new(&cfg);
	ck_assert_int_eq(SSL_write_early_data(t->pair.ssl[0], "early", 5, &n),
			 1);
	ck_assert_int_eq(SSL_write_early_data(t->pair.ssl[0], "again", 5, &n),
			 1);
	tls_pair_carry(&t->pair, 0);
	while (SSL_read_early_data(t->pair.ssl[1], buf, sizeof(buf), &n) ==
	       SSL_READ_EARLY_DATA_SUCCESS)
		;
	ck_assert(tls_pair_handshake(&t->pair));
	ck_assert_int_eq(SSL_get_early_data_status(t->pair.ssl[0]),
			 SSL_EARLY_DATA_ACCEPTED);
	dialogue(t);
	give_keys(w, t);
	feed_all(w, t);
	same(w, t);
	ck_assert_uint_ge(counted(w, "tls.early_data"), 2);
	ck_assert_uint_eq(w->counters.len, 1);
	watch_free(w);
	SSL_SESSION_free(cfg.session);
	talk_free(t);
	talk_free(first);
}
END_TEST

/* --- keys of other kinds ------------------------------------------------ */

static size_t put_hex(char *out, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		snprintf(out + 2 * i, 3, "%02x", p[i]);
	return 2 * n;
}

START_TEST(by_session_id)
{
	struct tls_pair_config cfg = config(TLS1_2_VERSION, NULL);
	struct watch *w = watch_new(1 << 18);
	SSL_SESSION *session;
	const uint8_t *id;
	uint8_t master[48];
	char line[300];
	unsigned len;
	size_t at;
	struct talk *t;

	cfg.options = SSL_OP_NO_TICKET;
	t = talk(&cfg);
	session = SSL_get0_session(t->pair.ssl[0]);
	id = SSL_SESSION_get_id(session, &len);
	ck_assert_uint_eq(len, 32);
	SSL_SESSION_get_master_key(session, master, sizeof(master));
	at = (size_t)sprintf(line, "RSA Session-ID:");
	at += put_hex(line + at, id, len);
	at += (size_t)sprintf(line + at, " Master-Key:");
	at += put_hex(line + at, master, sizeof(master));
	ck_assert_uint_eq(keylog_feed(w->keys, slice_of(line, at)), 0);
	feed_all(w, t);
	same(w, t);
	clean(w);
	watch_free(w);
	talk_free(t);
}
END_TEST

/* The ClientKeyExchange's body among what the client sent. */
static struct slice find_premaster(const struct talk *t)
{
	for (size_t i = 0; i < t->pair.pieces; i++) {
		struct slice s =
			slice_of(t->pair.piece[i].p, t->pair.piece[i].len);

		if (!t->pair.piece[i].from && s.len > 11 + 256 &&
		    s.p[0] == 22 && s.p[5] == 16)
			return slice_of(s.p + 11, 256);
	}
	ck_abort_msg("no ClientKeyExchange");
	return (struct slice){0};
}

START_TEST(by_premaster)
{
	struct tls_pair_config cfg = config(TLS1_2_VERSION, "AES128-SHA256");
	struct watch *w = watch_new(1 << 18);
	uint8_t secret[256];
	size_t len = sizeof(secret), at;
	struct slice sent;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(rsa.key, NULL);
	char line[300];
	struct talk *t;

	cfg.identity = &rsa;
	cfg.options = _i ? 0 : SSL_OP_NO_EXTENDED_MASTER_SECRET;
	t = talk(&cfg);
	sent = find_premaster(t);
	ck_assert_int_eq(EVP_PKEY_decrypt_init(ctx), 1);
	EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING);
	ck_assert_int_eq(EVP_PKEY_decrypt(ctx, secret, &len, sent.p, sent.len),
			 1);
	ck_assert_uint_eq(len, 48);
	at = (size_t)sprintf(line, "RSA ");
	at += put_hex(line + at, sent.p, 8);
	line[at++] = ' ';
	at += put_hex(line + at, secret, len);
	ck_assert_uint_eq(keylog_feed(w->keys, slice_of(line, at)), 0);
	feed_all(w, t);
	if (_i) {
		/* RFC 7627 needs the whole handshake besides. */
		ck_assert_int_eq(state(w), TLS_STATE_NO_KEY);
		ck_assert_uint_ge(counted(w, "tls.premaster_ems"), 1);
	} else {
		same(w, t);
		clean(w);
	}
	EVP_PKEY_CTX_free(ctx);
	watch_free(w);
	talk_free(t);
}
END_TEST

/* Lines that contain one of these words. */
static void give_lines(struct watch *w, const struct talk *t, const char *a,
		       const char *b)
{
	struct slice text = slice_str(t->pair.keylog), line;

	while (slice_line(&text, &line))
		if (slice_find_slice(line, slice_str(a)) == 0 ||
		    (b && slice_find_slice(line, slice_str(b)) == 0))
			keylog_feed(w->keys, line);
	tls_conn_keys_changed(w->conn);
}

/* A log without the secrets of the handshake is enough. */
START_TEST(traffic_secrets_only)
{
	struct tls_pair_config cfg = config(TLS1_3_VERSION, NULL);
	struct talk *t = talk(&cfg);

	for (int late = 0; late < 2; late++) {
		struct watch *w = watch_new(1 << 18);

		if (late)
			feed_all(w, t);
		give_lines(w, t, "CLIENT_TRAFFIC", "SERVER_TRAFFIC");
		if (!late)
			feed_all(w, t);
		same(w, t);
		watch_free(w);
	}
	talk_free(t);
}
END_TEST

/* Each secret comes when everything else waits for it already. */
START_TEST(secrets_one_by_one)
{
	struct tls_pair_config cfg = config(TLS1_3_VERSION, NULL);
	struct talk *t = talk(&cfg);
	struct watch *w = watch_new(1 << 18);

	feed_all(w, t);
	give_lines(w, t, "SERVER_HANDSHAKE", NULL);
	give_lines(w, t, "CLIENT_HANDSHAKE", NULL);
	ck_assert_uint_eq(w->len[0] + w->len[1], 0);
	ck_assert_int_eq(state(w), TLS_STATE_OPEN);
	give_lines(w, t, "SERVER_TRAFFIC", NULL);
	ck_assert_uint_eq(w->len[1], t->len[1]);
	ck_assert_uint_eq(w->len[0], 0);
	give_lines(w, t, "CLIENT_TRAFFIC", NULL);
	same(w, t);
	clean(w);
	watch_free(w);
	talk_free(t);
}
END_TEST

/* They come in the middle of the conversation. */
START_TEST(keys_on_the_way)
{
	struct talk *t = row_talk(_i);

	for (size_t at = 0; at < t->pair.pieces; at++) {
		struct watch *w = watch_new(1 << 18);

		feed(w, t, 0, at, SIZE_MAX);
		keylog_feed(w->keys, slice_str(t->pair.keylog));
		feed(w, t, at, t->pair.pieces, 1000);
		tls_conn_keys_changed(w->conn);
		same(w, t);
		clean(w);
		watch_free(w);
	}
	talk_free(t);
}
END_TEST

/* --- bounds ------------------------------------------------------------- */

/* What was dropped is missing at the beginning, and nothing else. */
static void is_tail(const struct watch *w, const struct talk *t, int dir)
{
	ck_assert_uint_gt(w->len[dir], 0);
	ck_assert_uint_le(w->len[dir], t->len[dir]);
	ck_assert_mem_eq(w->got[dir], t->said[dir] + t->len[dir] - w->len[dir],
			 w->len[dir]);
}

START_TEST(too_much_to_hold)
{
	struct talk *t = row_talk(_i);
	struct watch *w = watch_new(40000);
	size_t at = t->pair.pieces;

	feed_all(w, t);
	ck_assert_uint_le(w->mem.held, 80000);
	ck_assert_uint_gt(counted(w, "tls.hold_limit"), 0);
	give_keys(w, t);
	is_tail(w, t, 0);
	is_tail(w, t, 1);
	ck_assert_uint_gt(w->len[0], 16384);
	ck_assert_uint_lt(w->len[0], t->len[0]);
	ck_assert_uint_eq(w->holes[0], 1);
	ck_assert_int_eq(state(w), TLS_STATE_OPEN);
	/* what comes then is opened as ever */
	w->len[0] = w->len[1] = t->len[0] = t->len[1] = 0;
	say(t, 0, 100);
	say(t, 1, 100);
	feed(w, t, at, t->pair.pieces, SIZE_MAX);
	same(w, t);
	watch_free(w);
	talk_free(t);
}
END_TEST

START_TEST(nothing_is_held)
{
	struct talk *t = row_talk(_i);
	struct watch *w = watch_new(0);
	size_t at = t->pair.pieces;

	feed_all(w, t);
	ck_assert_int_eq(state(w), TLS_STATE_NO_KEY);
	give_keys(w, t);
	ck_assert_uint_eq(w->len[0] + w->len[1], 0);
	t->len[0] = t->len[1] = 0;
	say(t, 0, 100);
	say(t, 1, 100);
	say(t, 0, 100);
	feed(w, t, at, t->pair.pieces, SIZE_MAX);
	/* In TLS 1.0 the first one may need what went before. */
	if (rows[_i].version == TLS1_VERSION) {
		is_tail(w, t, 0);
	} else {
		same(w, t);
		ck_assert_uint_eq(w->holes[0], 1);
	}
	watch_free(w);
	talk_free(t);
}
END_TEST

/* --- gaps --------------------------------------------------------------- */

/* Bytes from .. to of one direction, counted from its beginning, are lost. */
static void feed_with_gap(struct watch *w, const struct talk *t, int dir,
			  size_t from, size_t to, bool told)
{
	size_t at = 0;

	for (size_t i = 0; i < t->pair.pieces; i++) {
		const struct tls_piece *p = &t->pair.piece[i];
		struct slice s = slice_of(p->p, p->len), head, tail;
		size_t begin = at;

		if (p->from != dir) {
			tls_conn_feed(w->conn, p->from, s, ++w->ts_ns);
			continue;
		}
		at += p->len;
		head = slice_head(s, begin < from ? from - begin : 0);
		tail = slice_from(s, begin < to ? to - begin : 0);
		if (head.len)
			tls_conn_feed(w->conn, dir, head, ++w->ts_ns);
		if (begin < to && at >= to)
			tls_conn_gap(w->conn, dir, told ? to - from : 0);
		if (tail.len && to < at)
			tls_conn_feed(w->conn, dir, tail, ++w->ts_ns);
	}
}

static size_t bytes_of(const struct talk *t, int dir, size_t pieces)
{
	size_t n = 0;

	for (size_t i = 0; i < pieces; i++)
		if (t->pair.piece[i].from == dir)
			n += t->pair.piece[i].len;
	return n;
}

/* A talk of many short messages, each a record, behind the handshake. */
static struct talk *chat(int i, size_t *handshake)
{
	struct tls_pair_config cfg = config(rows[i].version, rows[i].suite);
	struct talk *t;

	cfg.options = rows[i].options;
	if (!strcmp(rows[i].kind, "rsa"))
		cfg.identity = &rsa;
	if (!strcmp(rows[i].kind, "psk"))
		cfg.psk = "0123456789abcdef";
	t = talk_new(&cfg);
	ck_assert(tls_pair_handshake(&t->pair));
	*handshake = t->pair.pieces;
	for (size_t n = 0; n < 40; n++) {
		say(t, 0, 200 + n);
		say(t, 1, 300 + n);
	}
	return t;
}

/* All that came after the gap, in order. */
static void is_rest(const struct watch *w, const struct talk *t, int dir,
		    size_t least)
{
	size_t end = t->len[dir], tail = least;

	ck_assert_uint_ge(w->len[dir], tail);
	ck_assert_mem_eq(w->got[dir] + w->len[dir] - tail,
			 t->said[dir] + end - tail, tail);
	ck_assert_uint_eq(w->holes[dir], 1);
	ck_assert_uint_eq(w->holes[!dir], 0);
	ck_assert_uint_eq(w->len[!dir], t->len[!dir]);
}

static const struct {
	const char *name;
	size_t from, len; /* bytes behind the handshake */
	bool told;
	size_t least; /* bytes of plaintext after it */
} gaps[] = {
	{"inside a record", 20, 50, true, 8000},
	{"a piece of two records", 200, 200, true, 7900},
	{"a head", 2, 4, true, 8000},
	{"many records", 1000, 4000, true, 3000},
	{"nobody knows how many", 1000, 4000, false, 3000},
	{"inside a record, not told", 20, 50, false, 8000},
};

START_TEST(gap)
{
	int row = _i / COUNT(gaps);
	static const int of[] = {0,  1,	 2,  3,	 6,  9,	 10,
				 14, 15, 21, 58, 59, 60, 61};
	size_t handshake, from;
	struct talk *t = chat(of[row], &handshake);

	for (int dir = 0; dir < 2; dir++) {
		for (int late = 0; late < 2; late++) {
			struct watch *w = watch_new(1 << 18);
			int g = _i % COUNT(gaps);

			from = bytes_of(t, dir, handshake) + gaps[g].from;
			if (!late)
				give_keys(w, t);
			feed_with_gap(w, t, dir, from, from + gaps[g].len,
				      gaps[g].told);
			if (late)
				give_keys(w, t);
			is_rest(w, t, dir, gaps[g].least);
			ck_assert_uint_eq(counted(w, "tls.gap"), 1);
			ck_assert_int_eq(state(w), TLS_STATE_OPEN);
			watch_free(w);
		}
	}
	talk_free(t);
}
END_TEST

/* A gap at each place of a whole connection: never more than what is lost
 * goes wrong, and never a wrong byte comes out. */
static bool is_part(struct slice part, struct slice whole)
{
	return !part.len || slice_find_slice(whole, part) >= 0;
}

START_TEST(gap_anywhere)
{
	static const int of[] = {0, 6, 14, 61};
	size_t handshake;
	struct talk *t = chat(of[_i], &handshake);
	size_t end = bytes_of(t, 0, handshake) + 700;

	for (int dir = 0; dir < 2; dir++) {
		for (size_t from = 0; from < end; from += 13) {
			struct watch *w = watch_new(1 << 18);
			size_t tail = 100;

			give_keys(w, t);
			feed_with_gap(w, t, dir, from, from + 150, true);
			ck_assert_uint_eq(w->len[!dir] == t->len[!dir] ||
						  state(w) == TLS_STATE_UNKNOWN,
					  1);
			if (state(w) != TLS_STATE_UNKNOWN) {
				ck_assert_uint_gt(w->len[dir], tail);
				ck_assert(is_part(
					slice_of(w->got[dir] + w->len[dir] -
							 tail,
						 tail),
					slice_of(t->said[dir], t->len[dir])));
				ck_assert_int_eq(state(w), TLS_STATE_OPEN);
			}
			watch_free(w);
		}
	}
	talk_free(t);
}
END_TEST

/* The update of the keys itself is lost. */
START_TEST(key_update_in_gap)
{
	struct tls_pair_config cfg = config(TLS1_3_VERSION, NULL);
	struct talk *t = talk(&cfg);
	struct watch *w = watch_new(1 << 18);
	size_t before, after;

	before = bytes_of(t, 0, t->pair.pieces);
	SSL_key_update(t->pair.ssl[0], SSL_KEY_UPDATE_NOT_REQUESTED);
	say(t, 0, 100);
	after = bytes_of(t, 0, t->pair.pieces);
	say(t, 0, 1000);
	say(t, 0, 2000);
	give_keys(w, t);
	feed_with_gap(w, t, 0, before, after, true);
	is_rest(w, t, 0, 3000);
	watch_free(w);
	talk_free(t);
}
END_TEST

/* --- beginnings --------------------------------------------------------- */

START_TEST(joined_in_the_middle)
{
	struct tls_pair_config cfg =
		config(_i ? TLS1_2_VERSION : TLS1_3_VERSION, NULL);
	struct talk *t = talk(&cfg);

	for (size_t first = 1; first < t->pair.pieces; first++) {
		struct watch *w = watch_new(1 << 18);

		give_keys(w, t);
		feed(w, t, first, t->pair.pieces, SIZE_MAX);
		ck_assert_int_eq(state(w), TLS_STATE_UNKNOWN);
		ck_assert_uint_eq(counted(w, "tls.no_hello"), 1);
		ck_assert_uint_eq(w->len[0] + w->len[1], 0);
		ck_assert_uint_eq(w->mem.held, 0);
		watch_free(w);
	}
	talk_free(t);
}
END_TEST

/* One direction, then the other one: as reassembly may bring them. */
START_TEST(one_after_the_other)
{
	struct talk *t = row_talk(_i / 2);
	int first = _i % 2;

	for (int late = 0; late < 2; late++) {
		struct watch *w = watch_new(1 << 18);

		if (!late)
			give_keys(w, t);
		for (int i = 0; i < 2; i++)
			for (size_t n = 0; n < t->pair.pieces; n++)
				if (t->pair.piece[n].from ==
				    (i ? !first : first))
					feed(w, t, n, n + 1, SIZE_MAX);
		if (late)
			give_keys(w, t);
		same(w, t);
		clean(w);
		watch_free(w);
	}
	talk_free(t);
}
END_TEST

static const struct {
	const char *name;
	struct slice bytes;
	enum tls_state want;
} strange[] = {
	{"text", SLICE_INIT("OPTIONS sip:x SIP/2.0\r\n\r\n"),
	 TLS_STATE_UNKNOWN},
	{"application data", SLICE_INIT("\x17\3\3\0\4abcd"), TLS_STATE_UNKNOWN},
	{"a certificate", SLICE_INIT("\x16\3\3\0\4\x0b\0\0\0"),
	 TLS_STATE_UNKNOWN},
	{"an alert", SLICE_INIT("\x15\3\3\0\2\2\x28"), TLS_STATE_UNKNOWN},
	{"an empty ClientHello", SLICE_INIT("\x16\3\3\0\4\1\0\0\0"),
	 TLS_STATE_NEW},
	{"part of a head", SLICE_INIT("\x16\3"), TLS_STATE_NEW},
	{"nothing", SLICE_INIT(""), TLS_STATE_NEW},
};

START_TEST(strange_beginnings)
{
	struct watch *w = watch_new(1 << 18);

	tls_conn_feed(w->conn, 0, strange[_i].bytes, 1);
	ck_assert_msg(state(w) == strange[_i].want, "%s", strange[_i].name);
	tls_conn_feed(w->conn, 1, strange[_i].bytes, 2);
	tls_conn_keys_changed(w->conn);
	ck_assert_uint_eq(w->len[0] + w->len[1], 0);
	watch_free(w);
}
END_TEST

/* SSL 3.0, compression, a suite that nobody opens. */
START_TEST(unsupported)
{
	static const struct slice hellos[] = {
		SLICE_INIT("\x16\3\0\0\x2a\2\0\0\x26\3\0"
			   "0123456789abcdef0123456789abcdef\0\0\x2f\0"),
		SLICE_INIT("\x16\3\3\0\x2a\2\0\0\x26\3\3"
			   "0123456789abcdef0123456789abcdef\0\0\x2f\1"),
		SLICE_INIT("\x16\3\3\0\x2a\2\0\0\x26\3\3"
			   "0123456789abcdef0123456789abcdef\0\0\5\0"),
	};
	struct watch *w = watch_new(1 << 18);

	tls_conn_feed(w->conn, 1, hellos[_i], 1);
	ck_assert_int_eq(state(w), TLS_STATE_UNSUPPORTED);
	ck_assert_uint_eq(counted(w, "tls.unsupported"), 1);
	ck_assert_int_eq(tls_conn_info(w->conn)->client, 0);
	watch_free(w);
}
END_TEST

/* A record that was changed is passed over, and counted. */
START_TEST(changed_record)
{
	struct tls_pair_config cfg =
		config(_i ? TLS1_2_VERSION : TLS1_3_VERSION, NULL);
	struct talk *t = talk_new(&cfg);
	struct watch *w = watch_new(1 << 18);
	size_t at;

	ck_assert(tls_pair_handshake(&t->pair));
	say(t, 0, 100);
	at = t->pair.pieces;
	say(t, 0, 100);
	t->pair.piece[at].p[40] ^= 1;
	t->len[0] -= 100;
	say(t, 0, 100);
	say(t, 1, 100);
	give_keys(w, t);
	feed_all(w, t);
	same(w, t);
	ck_assert_uint_eq(counted(w, "tls.bad_mac"), 1);
	ck_assert_uint_eq(w->holes[0], 1);
	watch_free(w);
	talk_free(t);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("tls_plain");
	TCase *t = tcase_create("tls_plain");
	int failed;

	tls_identity_make(&ec, false);
	tls_identity_make(&rsa, true);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, suites, 0, COUNT(rows));
	tcase_add_loop_test(t, suites_late_keys, 0, COUNT(rows));
	tcase_add_loop_test(t, suites_wrong_keys, 0, COUNT(rows));
	tcase_add_loop_test(t, without_keys, 0, 2);
	tcase_add_test(t, with_keys);
	tcase_add_test(t, refused);
	tcase_add_test(t, hello_retry);
	tcase_add_test(t, key_updates);
	tcase_add_loop_test(t, small_records, 0, 2);
	tcase_add_loop_test(t, resumed, 0, 3);
	tcase_add_test(t, renegotiated);
	tcase_add_test(t, early_data);
	tcase_add_test(t, by_session_id);
	tcase_add_loop_test(t, by_premaster, 0, 2);
	tcase_add_test(t, traffic_secrets_only);
	tcase_add_test(t, secrets_one_by_one);
	tcase_add_loop_test(t, keys_on_the_way, 0, 16);
	tcase_add_loop_test(t, too_much_to_hold, 0, COUNT(rows));
	tcase_add_loop_test(t, nothing_is_held, 0, COUNT(rows));
	tcase_add_loop_test(t, gap, 0, 14 * COUNT(gaps));
	tcase_add_loop_test(t, gap_anywhere, 0, 4);
	tcase_add_test(t, key_update_in_gap);
	tcase_add_loop_test(t, joined_in_the_middle, 0, 2);
	tcase_add_loop_test(t, one_after_the_other, 0, 2 * COUNT(rows));
	tcase_add_loop_test(t, strange_beginnings, 0, COUNT(strange));
	tcase_add_loop_test(t, unsupported, 0, 3);
	tcase_add_loop_test(t, changed_record, 0, 2);
	suite_add_tcase(s, t);
	failed = run_suite(s);
	tls_identity_free(&ec);
	tls_identity_free(&rsa);
	return failed;
}
