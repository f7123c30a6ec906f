/*
 * TLS connections of which an observer misses something: in the middle, or the
 * beginning.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/tls_watch.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

/* --- gaps --------------------------------------------------------------- */

/* Bytes from .. to of one direction, counted from its beginning, are lost. */
static void feed_with_gap(struct tls_watch *w, const struct tls_talk *t,
			  int dir, size_t from, size_t to, bool told)
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

static size_t bytes_of(const struct tls_talk *t, int dir, size_t pieces)
{
	size_t n = 0;

	for (size_t i = 0; i < pieces; i++)
		if (t->pair.piece[i].from == dir)
			n += t->pair.piece[i].len;
	return n;
}

/* A talk of many short messages, each a record, behind the handshake. */
static struct tls_talk *chat(int i, size_t *handshake)
{
	struct tls_pair_config cfg =
		tls_config(tls_rows[i].version, tls_rows[i].suite);
	struct tls_talk *t;

	cfg.options = tls_rows[i].options;
	if (!strcmp(tls_rows[i].kind, "rsa"))
		cfg.identity = &tls_rsa;
	if (!strcmp(tls_rows[i].kind, "psk"))
		cfg.psk = "0123456789abcdef";
	t = tls_talk_new(&cfg);
	ck_assert(tls_pair_handshake(&t->pair));
	*handshake = t->pair.pieces;
	for (size_t n = 0; n < 40; n++) {
		tls_say(t, 0, 200 + n);
		tls_say(t, 1, 300 + n);
	}
	return t;
}

/* All that came after the gap, in order. */
static void is_rest(const struct tls_watch *w, const struct tls_talk *t,
		    int dir, size_t least)
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
	struct tls_talk *t = chat(of[row], &handshake);

	for (int dir = 0; dir < 2; dir++) {
		for (int late = 0; late < 2; late++) {
			struct tls_watch *w = tls_watch_new(1 << 18);
			int g = _i % COUNT(gaps);

			from = bytes_of(t, dir, handshake) + gaps[g].from;
			if (!late)
				tls_watch_keys(w, t);
			feed_with_gap(w, t, dir, from, from + gaps[g].len,
				      gaps[g].told);
			if (late)
				tls_watch_keys(w, t);
			is_rest(w, t, dir, gaps[g].least);
			ck_assert_uint_eq(tls_counted(w, "tls.gap"), 1);
			ck_assert_int_eq(tls_watch_state(w), TLS_STATE_OPEN);
			tls_watch_free(w);
		}
	}
	tls_talk_free(t);
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
	struct tls_talk *t = chat(of[_i], &handshake);
	size_t end = bytes_of(t, 0, handshake) + 700;

	for (int dir = 0; dir < 2; dir++) {
		for (size_t from = 0; from < end; from += 13) {
			struct tls_watch *w = tls_watch_new(1 << 18);
			size_t tail = 100;

			tls_watch_keys(w, t);
			feed_with_gap(w, t, dir, from, from + 150, true);
			ck_assert_uint_eq(w->len[!dir] == t->len[!dir] ||
						  tls_watch_state(w) ==
							  TLS_STATE_UNKNOWN,
					  1);
			if (tls_watch_state(w) != TLS_STATE_UNKNOWN) {
				ck_assert_uint_gt(w->len[dir], tail);
				ck_assert(is_part(
					slice_of(w->got[dir] + w->len[dir] -
							 tail,
						 tail),
					slice_of(t->said[dir], t->len[dir])));
				ck_assert_int_eq(tls_watch_state(w),
						 TLS_STATE_OPEN);
			}
			tls_watch_free(w);
		}
	}
	tls_talk_free(t);
}
END_TEST

/* The update of the keys itself is lost. */
START_TEST(key_update_in_gap)
{
	struct tls_pair_config cfg = tls_config(TLS1_3_VERSION, NULL);
	struct tls_talk *t = tls_talk(&cfg);
	struct tls_watch *w = tls_watch_new(1 << 18);
	size_t before, after;

	before = bytes_of(t, 0, t->pair.pieces);
	SSL_key_update(t->pair.ssl[0], SSL_KEY_UPDATE_NOT_REQUESTED);
	tls_say(t, 0, 100);
	after = bytes_of(t, 0, t->pair.pieces);
	tls_say(t, 0, 1000);
	tls_say(t, 0, 2000);
	tls_watch_keys(w, t);
	feed_with_gap(w, t, 0, before, after, true);
	is_rest(w, t, 0, 3000);
	tls_watch_free(w);
	tls_talk_free(t);
}
END_TEST

/* --- beginnings --------------------------------------------------------- */

START_TEST(joined_in_the_middle)
{
	struct tls_pair_config cfg =
		tls_config(_i ? TLS1_2_VERSION : TLS1_3_VERSION, NULL);
	struct tls_talk *t = tls_talk(&cfg);

	for (size_t first = 1; first < t->pair.pieces; first++) {
		struct tls_watch *w = tls_watch_new(1 << 18);

		tls_watch_keys(w, t);
		tls_feed(w, t, first, t->pair.pieces, SIZE_MAX);
		ck_assert_int_eq(tls_watch_state(w), TLS_STATE_UNKNOWN);
		ck_assert_uint_eq(tls_counted(w, "tls.no_hello"), 1);
		ck_assert_uint_eq(w->len[0] + w->len[1], 0);
		ck_assert_uint_eq(w->mem.held, 0);
		tls_watch_free(w);
	}
	tls_talk_free(t);
}
END_TEST

/* One direction, then the other one: as reassembly may bring them. */
START_TEST(one_after_the_other)
{
	struct tls_talk *t = tls_row_talk(_i / 2);
	int first = _i % 2;

	for (int late = 0; late < 2; late++) {
		struct tls_watch *w = tls_watch_new(1 << 18);

		if (!late)
			tls_watch_keys(w, t);
		for (int i = 0; i < 2; i++)
			for (size_t n = 0; n < t->pair.pieces; n++)
				if (t->pair.piece[n].from ==
				    (i ? !first : first))
					tls_feed(w, t, n, n + 1, SIZE_MAX);
		if (late)
			tls_watch_keys(w, t);
		tls_same(w, t);
		tls_clean(w);
		tls_watch_free(w);
	}
	tls_talk_free(t);
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
	struct tls_watch *w = tls_watch_new(1 << 18);

	tls_conn_feed(w->conn, 0, strange[_i].bytes, 1);
	ck_assert_msg(tls_watch_state(w) == strange[_i].want, "%s",
		      strange[_i].name);
	tls_conn_feed(w->conn, 1, strange[_i].bytes, 2);
	tls_conn_keys_changed(w->conn);
	ck_assert_uint_eq(w->len[0] + w->len[1], 0);
	tls_watch_free(w);
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
	struct tls_watch *w = tls_watch_new(1 << 18);

	tls_conn_feed(w->conn, 1, hellos[_i], 1);
	ck_assert_int_eq(tls_watch_state(w), TLS_STATE_UNSUPPORTED);
	ck_assert_uint_eq(tls_counted(w, "tls.unsupported"), 1);
	ck_assert_int_eq(tls_conn_info(w->conn)->client, 0);
	tls_watch_free(w);
}
END_TEST

/* A record that was changed is passed over, and counted. */
START_TEST(changed_record)
{
	struct tls_pair_config cfg =
		tls_config(_i ? TLS1_2_VERSION : TLS1_3_VERSION, NULL);
	struct tls_talk *t = tls_talk_new(&cfg);
	struct tls_watch *w = tls_watch_new(1 << 18);
	size_t at;

	ck_assert(tls_pair_handshake(&t->pair));
	tls_say(t, 0, 100);
	at = t->pair.pieces;
	tls_say(t, 0, 100);
	t->pair.piece[at].p[40] ^= 1;
	t->len[0] -= 100;
	tls_say(t, 0, 100);
	tls_say(t, 1, 100);
	tls_watch_keys(w, t);
	tls_feed_all(w, t);
	tls_same(w, t);
	ck_assert_uint_eq(tls_counted(w, "tls.bad_mac"), 1);
	ck_assert_uint_eq(w->holes[0], 1);
	tls_watch_free(w);
	tls_talk_free(t);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("tls_gaps");
	TCase *t = tcase_create("tls_gaps");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, gap, 0, 14 * COUNT(gaps));
	tcase_add_loop_test(t, gap_anywhere, 0, 4);
	tcase_add_test(t, key_update_in_gap);
	tcase_add_loop_test(t, joined_in_the_middle, 0, 2);
	tcase_add_loop_test(t, one_after_the_other, 0, 2 * (int)tls_rows_n);
	tcase_add_loop_test(t, strange_beginnings, 0, COUNT(strange));
	tcase_add_loop_test(t, unsupported, 0, 3);
	tcase_add_loop_test(t, changed_record, 0, 2);
	suite_add_tcase(s, t);
	return tls_watch_run(s);
}
