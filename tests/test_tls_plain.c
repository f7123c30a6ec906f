/*
 * TLS connections as an observer opens them: versions, suites, ways of the
 * handshake, and kinds of keys.
 */
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/tls_watch.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

/* --- versions and suites ------------------------------------------------ */

/* With the keys at hand, cut in several ways; with keys that come last. */
START_TEST(suites)
{
	static const size_t parts[] = {SIZE_MAX, 1, 7, 1460};
	struct tls_talk *t = tls_row_talk(_i);

	for (int i = 0; i < COUNT(parts); i++) {
		struct tls_watch *w = tls_watch_new(1 << 18);

		tls_watch_keys(w, t);
		tls_feed(w, t, 0, t->pair.pieces, parts[i]);
		tls_same(w, t);
		tls_clean(w);
		ck_assert_str_eq(w->order, "cscscsc");
		ck_assert_uint_eq(w->holes[0] + w->holes[1], 0);
		ck_assert_uint_eq(w->last_ns, w->ts_ns);
		tls_watch_free(w);
	}
	tls_talk_free(t);
}
END_TEST

START_TEST(suites_late_keys)
{
	struct tls_talk *t = tls_row_talk(_i);
	struct tls_watch *w = tls_watch_new(1 << 18);

	tls_feed_all(w, t);
	ck_assert_int_eq(tls_watch_state(w), TLS_STATE_NO_KEY);
	ck_assert(tls_conn_waits(w->conn));
	ck_assert_uint_eq(w->len[0] + w->len[1], 0);
	tls_watch_keys(w, t);
	tls_same(w, t);
	tls_clean(w);
	ck_assert_str_eq(w->order, "cscscsc");
	ck_assert(!tls_conn_waits(w->conn));
	ck_assert_uint_eq(w->mem.held, 0);
	tls_watch_free(w);
	tls_talk_free(t);
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
	struct tls_talk *t = tls_row_talk(_i);
	struct tls_watch *w = tls_watch_new(1 << 18);
	bool late = _i % 2;

	spoil(t->pair.keylog);
	if (!late)
		tls_watch_keys(w, t);
	tls_feed_all(w, t);
	if (late)
		tls_watch_keys(w, t);
	ck_assert_int_eq(tls_watch_state(w), TLS_STATE_WRONG_KEY);
	ck_assert_uint_eq(tls_counted(w, "tls.wrong_key"), 2);
	ck_assert_uint_eq(w->len[0] + w->len[1], 0);
	tls_watch_free(w);
	tls_talk_free(t);
}
END_TEST

/* --- what can be read without keys --------------------------------------- */

START_TEST(without_keys)
{
	struct tls_pair_config cfg = tls_config(0, NULL);
	const struct tls_conn_info *i;
	struct tls_watch *w = tls_watch_new(0);
	struct tls_talk *t;

	cfg.version = _i ? TLS1_2_VERSION : TLS1_3_VERSION;
	cfg.ciphers = "ECDHE-ECDSA-AES256-GCM-SHA384";
	cfg.suites = "TLS_AES_256_GCM_SHA384";
	cfg.alpn = "sip/2";
	t = tls_talk(&cfg);
	SSL_shutdown(t->pair.ssl[0]);
	tls_pair_pump(&t->pair);
	tls_feed_all(w, t);
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
	ck_assert_uint_eq(tls_counted(w, "tls.no_key"), 1);
	ck_assert_uint_eq(w->counters.len, 1);
	w->conn = NULL;
	tls_watch_free(w);
	tls_talk_free(t);
}
END_TEST

START_TEST(with_keys)
{
	struct tls_pair_config cfg = tls_config(TLS1_3_VERSION, NULL);
	const struct tls_conn_info *i;
	struct tls_watch *w = tls_watch_new(0);
	struct tls_talk *t;

	cfg.alpn = "sip/2";
	t = tls_talk(&cfg);
	SSL_shutdown(t->pair.ssl[1]);
	tls_pair_pump(&t->pair);
	tls_watch_keys(w, t);
	tls_feed_all(w, t);
	i = tls_conn_info(w->conn);
	ck_assert_str_eq(i->alpn, "sip/2");
	ck_assert(i->closed[1]);
	ck_assert_uint_eq(i->records[0], i->opened[0]);
	ck_assert_uint_eq(i->records[1], i->opened[1]);
	tls_watch_free(w);
	tls_talk_free(t);
}
END_TEST

START_TEST(refused)
{
	struct tls_pair_config cfg = tls_config(TLS1_2_VERSION, NULL);
	const struct tls_conn_info *i;
	struct tls_watch *w = tls_watch_new(1 << 18);
	struct tls_talk *t;

	cfg.ciphers = "AES128-SHA"; /* with an EC certificate */
	t = tls_talk_new(&cfg);
	ck_assert(!tls_pair_handshake(&t->pair));
	tls_feed_all(w, t);
	i = tls_conn_info(w->conn);
	ck_assert_int_eq(i->state, TLS_STATE_HANDSHAKE);
	ck_assert_uint_eq(i->alert[1].level, TLS_ALERT_FATAL);
	ck_assert_uint_eq(i->alert[1].description, 40);
	ck_assert_uint_eq(i->alert[0].level, 0);
	tls_clean(w);
	tls_watch_free(w);
	tls_talk_free(t);
}
END_TEST

/* --- ways of the handshake ---------------------------------------------- */

START_TEST(hello_retry)
{
	struct tls_pair_config cfg = tls_config(TLS1_3_VERSION, NULL);
	struct tls_talk *t;

	cfg.groups = "P-384";
	t = tls_talk(&cfg);
	for (int late = 0; late < 2; late++) {
		struct tls_watch *w = tls_watch_new(1 << 18);

		if (!late)
			tls_watch_keys(w, t);
		tls_feed(w, t, 0, t->pair.pieces, late ? 1 : SIZE_MAX);
		if (late)
			tls_watch_keys(w, t);
		tls_same(w, t);
		tls_clean(w);
		ck_assert(tls_conn_info(w->conn)->hello_retry);
		tls_watch_free(w);
	}
	tls_talk_free(t);
}
END_TEST

START_TEST(key_updates)
{
	struct tls_pair_config cfg = tls_config(TLS1_3_VERSION, NULL);
	struct tls_talk *t = tls_talk(&cfg);
	struct tls_watch *w = tls_watch_new(1 << 18);

	for (int i = 0; i < 5; i++) {
		ck_assert(SSL_key_update(t->pair.ssl[i % 2],
					 i < 3 ? SSL_KEY_UPDATE_REQUESTED
					       : SSL_KEY_UPDATE_NOT_REQUESTED));
		tls_say(t, i % 2, 100 + (size_t)i);
		tls_say(t, !(i % 2), 200);
	}
	tls_watch_keys(w, t);
	tls_feed_all(w, t);
	tls_same(w, t);
	tls_clean(w);
	tls_watch_free(w);
	tls_talk_free(t);
}
END_TEST

/* Messages over several records, several records a segment, padding. */
START_TEST(small_records)
{
	struct tls_pair_config cfg =
		tls_config(_i ? TLS1_2_VERSION : TLS1_3_VERSION, NULL);
	struct tls_watch *w = tls_watch_new(1 << 18);
	struct tls_talk *t;

	cfg.identity = &tls_rsa;
	cfg.fragment = 512;
	cfg.padding = _i ? 0 : 256;
	t = tls_talk(&cfg);
	tls_watch_keys(w, t);
	tls_feed(w, t, 0, t->pair.pieces, 999);
	tls_same(w, t);
	tls_clean(w);
	tls_watch_free(w);
	tls_talk_free(t);
}
END_TEST

/* A second connection with the first one's session: by its id, by a ticket,
 * and as 1.3 does it. */
START_TEST(resumed)
{
	static const uint64_t options[] = {0, SSL_OP_NO_TICKET, 0};
	struct tls_talk *first, *t;
	struct tls_watch *w = tls_watch_new(1 << 18);
	struct tls_pair_config cfg =
		tls_config(_i == 2 ? TLS1_3_VERSION : TLS1_2_VERSION, NULL);

	cfg.options = options[_i];
	first = tls_talk(&cfg);
	cfg.session = SSL_get1_session(first->pair.ssl[0]);
	cfg.server = first->pair.ctx[1];
	t = tls_talk_new(&cfg);
	ck_assert(tls_pair_handshake(&t->pair));
	ck_assert(SSL_session_reused(t->pair.ssl[0]));
	tls_dialogue(t);
	tls_watch_keys(w, t);
	tls_feed_all(w, t);
	tls_same(w, t);
	tls_clean(w);
	tls_watch_free(w);
	SSL_SESSION_free(cfg.session);
	tls_talk_free(t);
	tls_talk_free(first);
}
END_TEST

static void renegotiate(struct tls_talk *t)
{
	ck_assert(SSL_renegotiate(t->pair.ssl[0]));
	for (int i = 0; i < 6; i++) {
		SSL_do_handshake(t->pair.ssl[0]);
		tls_pair_pump(&t->pair);
	}
}

START_TEST(renegotiated)
{
	struct tls_pair_config cfg = tls_config(TLS1_2_VERSION, NULL);
	struct tls_watch *w = tls_watch_new(1 << 18);
	struct tls_talk *t;
	size_t before;

	cfg.options = SSL_OP_ALLOW_CLIENT_RENEGOTIATION;
	t = tls_talk(&cfg);
	before = t->len[0];
	renegotiate(t);
	ck_assert(!SSL_renegotiate_pending(t->pair.ssl[0]));
	tls_say(t, 0, 100);
	tls_watch_keys(w, t);
	tls_feed_all(w, t);
	ck_assert_uint_eq(w->len[0], before);
	ck_assert_int_eq(tls_watch_state(w), TLS_STATE_UNSUPPORTED);
	ck_assert(tls_conn_info(w->conn)->renegotiation);
	ck_assert_uint_eq(tls_counted(w, "tls.renegotiation"), 1);
	tls_watch_free(w);
	tls_talk_free(t);
}
END_TEST

/* 0-RTT data is passed over, what follows is not. */
START_TEST(early_data)
{
	struct tls_pair_config cfg = tls_config(TLS1_3_VERSION, NULL);
	struct tls_talk *first = tls_talk(&cfg), *t;
	struct tls_watch *w = tls_watch_new(1 << 18);
	uint8_t buf[4096];
	size_t n;

	cfg.session = SSL_get1_session(first->pair.ssl[0]);
	ck_assert_uint_gt(SSL_SESSION_get_max_early_data(cfg.session), 0);
	cfg.server = first->pair.ctx[1];
	t = tls_talk_new(&cfg);
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
	tls_dialogue(t);
	tls_watch_keys(w, t);
	tls_feed_all(w, t);
	tls_same(w, t);
	ck_assert_uint_ge(tls_counted(w, "tls.early_data"), 2);
	ck_assert_uint_eq(w->counters.len, 1);
	tls_watch_free(w);
	SSL_SESSION_free(cfg.session);
	tls_talk_free(t);
	tls_talk_free(first);
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
	struct tls_pair_config cfg = tls_config(TLS1_2_VERSION, NULL);
	struct tls_watch *w = tls_watch_new(1 << 18);
	SSL_SESSION *session;
	const uint8_t *id;
	uint8_t master[48];
	char line[300];
	unsigned len;
	size_t at;
	struct tls_talk *t;

	cfg.options = SSL_OP_NO_TICKET;
	t = tls_talk(&cfg);
	session = SSL_get0_session(t->pair.ssl[0]);
	id = SSL_SESSION_get_id(session, &len);
	ck_assert_uint_eq(len, 32);
	SSL_SESSION_get_master_key(session, master, sizeof(master));
	at = (size_t)sprintf(line, "RSA Session-ID:");
	at += put_hex(line + at, id, len);
	at += (size_t)sprintf(line + at, " Master-Key:");
	at += put_hex(line + at, master, sizeof(master));
	ck_assert_uint_eq(keylog_feed(w->keys, slice_of(line, at)), 0);
	tls_feed_all(w, t);
	tls_same(w, t);
	tls_clean(w);
	tls_watch_free(w);
	tls_talk_free(t);
}
END_TEST

/* The ClientKeyExchange's body among what the client sent. */
static struct slice find_premaster(const struct tls_talk *t)
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
	struct tls_pair_config cfg =
		tls_config(TLS1_2_VERSION, "AES128-SHA256");
	struct tls_watch *w = tls_watch_new(1 << 18);
	uint8_t secret[256];
	size_t len = sizeof(secret), at;
	struct slice sent;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(tls_rsa.key, NULL);
	char line[300];
	struct tls_talk *t;

	cfg.identity = &tls_rsa;
	cfg.options = _i ? 0 : SSL_OP_NO_EXTENDED_MASTER_SECRET;
	t = tls_talk(&cfg);
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
	tls_feed_all(w, t);
	if (_i) {
		/* RFC 7627 needs the whole handshake besides. */
		ck_assert_int_eq(tls_watch_state(w), TLS_STATE_NO_KEY);
		ck_assert_uint_ge(tls_counted(w, "tls.premaster_ems"), 1);
	} else {
		tls_same(w, t);
		tls_clean(w);
	}
	EVP_PKEY_CTX_free(ctx);
	tls_watch_free(w);
	tls_talk_free(t);
}
END_TEST

/* Lines that contain one of these words. */
static void give_lines(struct tls_watch *w, const struct tls_talk *t,
		       const char *a, const char *b)
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
	struct tls_pair_config cfg = tls_config(TLS1_3_VERSION, NULL);
	struct tls_talk *t = tls_talk(&cfg);

	for (int late = 0; late < 2; late++) {
		struct tls_watch *w = tls_watch_new(1 << 18);

		if (late)
			tls_feed_all(w, t);
		give_lines(w, t, "CLIENT_TRAFFIC", "SERVER_TRAFFIC");
		if (!late)
			tls_feed_all(w, t);
		tls_same(w, t);
		tls_watch_free(w);
	}
	tls_talk_free(t);
}
END_TEST

/* Each secret comes when everything else waits for it already. */
START_TEST(secrets_one_by_one)
{
	struct tls_pair_config cfg = tls_config(TLS1_3_VERSION, NULL);
	struct tls_talk *t = tls_talk(&cfg);
	struct tls_watch *w = tls_watch_new(1 << 18);

	tls_feed_all(w, t);
	give_lines(w, t, "SERVER_HANDSHAKE", NULL);
	give_lines(w, t, "CLIENT_HANDSHAKE", NULL);
	ck_assert_uint_eq(w->len[0] + w->len[1], 0);
	ck_assert_int_eq(tls_watch_state(w), TLS_STATE_OPEN);
	give_lines(w, t, "SERVER_TRAFFIC", NULL);
	ck_assert_uint_eq(w->len[1], t->len[1]);
	ck_assert_uint_eq(w->len[0], 0);
	give_lines(w, t, "CLIENT_TRAFFIC", NULL);
	tls_same(w, t);
	tls_clean(w);
	tls_watch_free(w);
	tls_talk_free(t);
}
END_TEST

/* They come in the middle of the conversation. */
START_TEST(keys_on_the_way)
{
	struct tls_talk *t = tls_row_talk(_i);

	for (size_t at = 0; at < t->pair.pieces; at++) {
		struct tls_watch *w = tls_watch_new(1 << 18);

		tls_feed(w, t, 0, at, SIZE_MAX);
		keylog_feed(w->keys, slice_str(t->pair.keylog));
		tls_feed(w, t, at, t->pair.pieces, 1000);
		tls_conn_keys_changed(w->conn);
		tls_same(w, t);
		tls_clean(w);
		tls_watch_free(w);
	}
	tls_talk_free(t);
}
END_TEST

/* --- bounds ------------------------------------------------------------- */

/* What was dropped is missing at the beginning, and nothing else. */
static void is_tail(const struct tls_watch *w, const struct tls_talk *t,
		    int dir)
{
	ck_assert_uint_gt(w->len[dir], 0);
	ck_assert_uint_le(w->len[dir], t->len[dir]);
	ck_assert_mem_eq(w->got[dir], t->said[dir] + t->len[dir] - w->len[dir],
			 w->len[dir]);
}

START_TEST(too_much_to_hold)
{
	struct tls_talk *t = tls_row_talk(_i);
	struct tls_watch *w = tls_watch_new(40000);
	size_t at = t->pair.pieces;

	tls_feed_all(w, t);
	ck_assert_uint_le(w->mem.held, 80000);
	ck_assert_uint_gt(tls_counted(w, "tls.hold_limit"), 0);
	tls_watch_keys(w, t);
	is_tail(w, t, 0);
	is_tail(w, t, 1);
	ck_assert_uint_gt(w->len[0], 16384);
	ck_assert_uint_lt(w->len[0], t->len[0]);
	ck_assert_uint_eq(w->holes[0], 1);
	ck_assert_int_eq(tls_watch_state(w), TLS_STATE_OPEN);
	/* what comes then is opened as ever */
	w->len[0] = w->len[1] = t->len[0] = t->len[1] = 0;
	tls_say(t, 0, 100);
	tls_say(t, 1, 100);
	tls_feed(w, t, at, t->pair.pieces, SIZE_MAX);
	tls_same(w, t);
	tls_watch_free(w);
	tls_talk_free(t);
}
END_TEST

START_TEST(nothing_is_held)
{
	struct tls_talk *t = tls_row_talk(_i);
	struct tls_watch *w = tls_watch_new(0);
	size_t at = t->pair.pieces;

	tls_feed_all(w, t);
	ck_assert_int_eq(tls_watch_state(w), TLS_STATE_NO_KEY);
	tls_watch_keys(w, t);
	ck_assert_uint_eq(w->len[0] + w->len[1], 0);
	t->len[0] = t->len[1] = 0;
	tls_say(t, 0, 100);
	tls_say(t, 1, 100);
	tls_say(t, 0, 100);
	tls_feed(w, t, at, t->pair.pieces, SIZE_MAX);
	/* In TLS 1.0 the first one may need what went before. */
	if (tls_rows[_i].version == TLS1_VERSION) {
		is_tail(w, t, 0);
	} else {
		tls_same(w, t);
		ck_assert_uint_eq(w->holes[0], 1);
	}
	tls_watch_free(w);
	tls_talk_free(t);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("tls_plain");
	TCase *t = tcase_create("tls_plain");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, suites, 0, (int)tls_rows_n);
	tcase_add_loop_test(t, suites_late_keys, 0, (int)tls_rows_n);
	tcase_add_loop_test(t, suites_wrong_keys, 0, (int)tls_rows_n);
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
	tcase_add_loop_test(t, too_much_to_hold, 0, (int)tls_rows_n);
	tcase_add_loop_test(t, nothing_is_held, 0, (int)tls_rows_n);
	suite_add_tcase(s, t);
	return tls_watch_run(s);
}
