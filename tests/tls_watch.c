#include "tests/tls_watch.h"

#include <stdlib.h>
#include <string.h>

#include "tests/run_suite.h"

struct tls_identity tls_ec, tls_rsa;

static void on_plain(void *arg, int dir, struct slice data, uint64_t ts_ns)
{
	struct tls_watch *w = arg;
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
	struct tls_watch *w = arg;

	w->holes[dir]++;
}

struct tls_watch *tls_watch_new(size_t hold)
{
	struct tls_watch *w = calloc(1, sizeof(*w));
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

void tls_watch_free(struct tls_watch *w)
{
	tls_conn_free(w->conn);
	ck_assert_uint_eq(w->mem.held, 0);
	keylog_free(w->keys);
	free(w->got[0]);
	free(w->got[1]);
	free(w);
}

void tls_watch_keys(struct tls_watch *w, const struct tls_talk *t)
{
	ck_assert_uint_eq(keylog_feed(w->keys, slice_str(t->pair.keylog)), 0);
	tls_conn_keys_changed(w->conn);
}

struct tls_talk *tls_talk_new(const struct tls_pair_config *cfg)
{
	struct tls_talk *t = calloc(1, sizeof(*t));

	t->said[0] = malloc(ROOM);
	t->said[1] = malloc(ROOM);
	ck_assert(t->said[0] && t->said[1]);
	tls_pair_open(&t->pair, cfg);
	return t;
}

void tls_talk_free(struct tls_talk *t)
{
	tls_pair_close(&t->pair);
	free(t->said[0]);
	free(t->said[1]);
	free(t);
}

void tls_note(struct tls_talk *t, int from, size_t len)
{
	uint8_t *p = t->said[from] + t->len[from];

	ck_assert_uint_le(t->len[from] + len, ROOM);
	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)("SIP/2.0 "[i % 8] + (i >> 3) + len);
	t->len[from] += len;
}

void tls_say(struct tls_talk *t, int from, size_t len)
{
	uint8_t *p = t->said[from] + t->len[from];

	tls_note(t, from, len);
	tls_pair_send(&t->pair, from, p, len);
}

void tls_dialogue(struct tls_talk *t)
{
	tls_say(t, 0, 300);
	tls_say(t, 1, 500);
	tls_say(t, 0, 40000);
	tls_say(t, 1, 20000);
	tls_say(t, 0, 1);
	tls_say(t, 1, 1);
	tls_say(t, 0, 16384);
}

struct tls_talk *tls_talk(const struct tls_pair_config *cfg)
{
	struct tls_talk *t = tls_talk_new(cfg);

	ck_assert(tls_pair_handshake(&t->pair));
	tls_dialogue(t);
	return t;
}

void tls_feed(struct tls_watch *w, const struct tls_talk *t, size_t first,
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

void tls_feed_all(struct tls_watch *w, const struct tls_talk *t)
{
	tls_feed(w, t, 0, t->pair.pieces, SIZE_MAX);
}

enum tls_state tls_watch_state(const struct tls_watch *w)
{
	return tls_conn_info(w->conn)->state;
}

void tls_same(const struct tls_watch *w, const struct tls_talk *t)
{
	for (int dir = 0; dir < 2; dir++) {
		ck_assert_uint_eq(w->len[dir], t->len[dir]);
		ck_assert_mem_eq(w->got[dir], t->said[dir], t->len[dir]);
	}
	ck_assert_int_eq(tls_watch_state(w), TLS_STATE_OPEN);
}

uint64_t tls_counted(const struct tls_watch *w, const char *name)
{
	return counters_get(&w->counters, name);
}

void tls_clean(const struct tls_watch *w)
{
	for (size_t i = 0; i < w->counters.len; i++)
		ck_assert_msg(!w->counters.v[i].n, "%s", w->counters.v[i].name);
}

/* --- versions and suites ------------------------------------------------ */

const struct tls_row tls_rows[] = {
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

const size_t tls_rows_n = sizeof(tls_rows) / sizeof(tls_rows[0]);

struct tls_pair_config tls_config(int version, const char *suite)
{
	bool v13 = version == TLS1_3_VERSION;

	return (struct tls_pair_config){
		.identity = &tls_ec,
		.version = version,
		.ciphers = v13 ? NULL : suite,
		.suites = v13 ? suite : NULL,
	};
}

struct tls_talk *tls_row_talk(int i)
{
	struct tls_pair_config cfg =
		tls_config(tls_rows[i].version, tls_rows[i].suite);

	cfg.options = tls_rows[i].options;
	if (!strcmp(tls_rows[i].kind, "rsa"))
		cfg.identity = &tls_rsa;
	if (!strcmp(tls_rows[i].kind, "psk"))
		cfg.psk = "0123456789abcdef";
	return tls_talk(&cfg);
}

/* --- all of it ---------------------------------------------------------- */

int tls_watch_run(Suite *s)
{
	int failed;

	tls_identity_make(&tls_ec, false);
	tls_identity_make(&tls_rsa, true);
	failed = run_suite(s);
	tls_identity_free(&tls_ec);
	tls_identity_free(&tls_rsa);
	return failed;
}
