/*
 * Two parts of one record: what is added, what is averaged, what is there
 * once.
 */
#include "sniffer/call/cdr_merge.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/made_cdr.h"
#include "tests/run_suite.h"

#define S 1000000000ull

static struct cdr *now, *before;

static void begin(void)
{
	now = made_call();
	before = made_call();
}

static void end(void)
{
	cdr_free(now);
	cdr_free(before);
}

static bool text_is(struct slice s, const char *text)
{
	return slice_eq(s, slice_str(text));
}

/* Gone through again: nothing of the signalling is doubled. */
START_TEST(signalling_once)
{
	size_t messages = now->call.messages_n, dialogs = now->call.dialogs_n;
	size_t offers = now->call.offers_n;

	cdr_merge(now, before);
	ck_assert_uint_eq(now->call.messages_n, messages);
	ck_assert_uint_eq(now->call.dialogs_n, dialogs);
	ck_assert_uint_eq(now->call.offers_n, offers);
	ck_assert_uint_eq(now->packets, 200 - messages);
}
END_TEST

/* The later part lacks the first message, and has one that is new. */
START_TEST(messages_missing)
{
	struct cdr_call *c = &now->call;
	size_t n = c->messages_n;
	struct cdr_message *v =
		arena_alloc(now->mem, (n + 1) * sizeof(*c->messages));

	ck_assert_uint_ge(n, 2);
	for (size_t i = 1; i < n; i++)
		v[i - 1] = c->messages[i];
	v[n - 1] = c->messages[n - 1];
	v[n - 1].time += S;
	v[n - 1].copy_of = 0;
	c->messages = v;
	cdr_merge(now, before);
	ck_assert_uint_eq(c->messages_n, n + 1);
	for (size_t i = 0; i < n; i++)
		ck_assert_uint_eq(c->messages[i].time,
				  before->call.messages[i].time);
	ck_assert_uint_eq(c->messages[n].copy_of, 1);
	ck_assert_uint_eq(now->packets, 100 + 1 + 100 - n);
}
END_TEST

static struct cdr_stream *first(struct cdr *cdr)
{
	ck_assert_uint_ge(cdr->call.streams_n, 1);
	return &cdr->call.streams[0];
}

START_TEST(stream_added)
{
	struct cdr_stream *s = first(now), *b = first(before);
	size_t streams = now->call.streams_n, slices = b->slices_n;
	uint64_t first_ns = b->first;

	snprintf(s->stream_uid, sizeof(s->stream_uid), "LATER");
	s->first += 100 * S;
	s->last += 200 * S;
	s->packets = 300;
	s->lost = 100;
	s->expected = 400;
	b->packets = 100;
	b->lost = 0;
	b->expected = 100;
	s->jitter_ms = (struct cdr_pair){4, 8};
	b->jitter_ms = (struct cdr_pair){8, 9};
	s->mos.adaptive = 4;
	b->mos.adaptive = 3;
	s->mos.min = 2;
	b->mos.min = 3;
	for (size_t i = 0; i < s->slices_n; i++)
		s->slices[i].start_s += 100;
	cdr_merge(now, before);
	s = first(now);
	ck_assert_uint_eq(now->call.streams_n, streams);
	ck_assert_str_eq(s->stream_uid, b->stream_uid);
	ck_assert_uint_eq(s->first, first_ns);
	ck_assert_uint_eq(s->packets, 400);
	ck_assert_uint_eq(s->lost, 100);
	ck_assert_uint_eq(s->expected, 500);
	ck_assert_double_eq_tol(s->loss_pct, 20, 1e-9);
	ck_assert_double_eq_tol(s->jitter_ms.mean, 5, 1e-9);
	ck_assert_double_eq_tol(s->jitter_ms.max, 9, 1e-9);
	ck_assert_double_eq_tol(s->mos.adaptive, 3.8, 1e-9);
	ck_assert_double_eq_tol(s->mos.min, 2, 1e-9);
	ck_assert_uint_eq(s->slices_n, 2 * slices);
	for (size_t i = 1; i < s->slices_n; i++)
		ck_assert_uint_lt(s->slices[i - 1].start_s,
				  s->slices[i].start_s);
}
END_TEST

/* One slice lies in both. */
START_TEST(slice_shared)
{
	struct cdr_stream *s = first(now), *b = first(before);
	uint32_t packets;

	ck_assert_uint_ge(s->slices_n, 1);
	packets = s->slices[0].packets + b->slices[0].packets;
	cdr_merge(now, before);
	s = first(now);
	ck_assert_uint_eq(s->slices_n, b->slices_n);
	ck_assert_uint_eq(s->slices[0].packets, packets);
}
END_TEST

/* Another SSRC is another stream; null stays null where the other is too. */
START_TEST(stream_apart)
{
	struct cdr_stream *s = first(now);
	size_t n = now->call.streams_n;

	s->ssrc ^= 1;
	cdr_merge(now, before);
	ck_assert_uint_eq(now->call.streams_n, n + 1);
}
END_TEST

START_TEST(nulls)
{
	struct cdr_stream *s = first(now), *b = first(before);

	s->mos.f1 = b->mos.f1 = NAN;
	s->skew_ms = NAN;
	b->skew_ms = -3;
	s->transport_expected = UINT64_MAX;
	b->transport_expected = 7;
	s->repair.lost_after = UINT64_MAX;
	cdr_merge(now, before);
	s = first(now);
	ck_assert(isnan(s->mos.f1));
	ck_assert_double_eq_tol(s->skew_ms, -3, 1e-9);
	ck_assert_uint_eq(s->transport_expected, 7);
	ck_assert(s->repair.lost_after == UINT64_MAX);
}
END_TEST

/* --- keys that were cut in two -------------------------------------------- */

static void one_key(struct cdr *cdr, uint64_t ms, int64_t duration_ms,
		    const char *digit)
{
	struct cdr_call *c = &cdr->call;

	c->dtmf = arena_alloc(cdr->mem, sizeof(*c->dtmf));
	c->dtmf_n = 1;
	c->dtmf[0] = (struct cdr_dtmf){
		.time = MADE_NS + ms * 1000000,
		.digit = slice_str(digit),
		.duration_us = duration_ms * 1000,
		.via = "rfc4733",
		.stream = slice_str(first(cdr)->stream_uid),
	};
}

static const struct {
	const char *name, *digit;
	uint64_t ms; /* after the one before */
	int64_t duration_ms;
	size_t want;
} key_rows[] = {
	{"goes on", "5", 60, 160, 1},
	{"another digit", "6", 60, 160, 2},
	{"another time", "5", 400, 160, 2},
};

START_TEST(keys)
{
	one_key(before, 1000, 80, "5");
	one_key(now, 1000 + key_rows[_i].ms, key_rows[_i].duration_ms,
		key_rows[_i].digit);
	cdr_merge(now, before);
	ck_assert_msg(now->call.dtmf_n == key_rows[_i].want, "%s: %zu",
		      key_rows[_i].name, now->call.dtmf_n);
	ck_assert_uint_eq(now->call.dtmf[0].time, MADE_NS + 1000000000);
	if (key_rows[_i].want == 1)
		ck_assert_int_eq(now->call.dtmf[0].duration_us, 160000);
}
END_TEST

/* Digits of INFO are among the messages. */
START_TEST(info_once)
{
	one_key(before, 1000, 80, "5");
	one_key(now, 1000, 80, "5");
	before->call.dtmf[0].via = now->call.dtmf[0].via = "info";
	before->call.dtmf[0].stream = now->call.dtmf[0].stream =
		(struct slice){0};
	cdr_merge(now, before);
	ck_assert_uint_eq(now->call.dtmf_n, 1);
}
END_TEST

/* --- sessions ------------------------------------------------------------- */

START_TEST(webrtc)
{
	struct cdr *a = made_webrtc(), *b = made_webrtc();
	struct cdr_call *c = &a->call;
	size_t ice = c->ice_n, dtls = c->dtls_n, turn = c->turn_n;
	size_t nat = c->nat_n, pairs;
	uint64_t requests;

	ck_assert_uint_ge(ice, 1);
	pairs = c->ice[0].pairs_n;
	ck_assert_uint_ge(pairs, 1);
	requests = 2 * c->ice[0].pairs[0].ab.requests;
	c->ice[0].result = "unknown";
	c->ice[0].pairs[0].state = "in-progress";
	b->call.ice[0].result = "connected";
	b->call.ice[0].pairs[0].state = "succeeded";
	cdr_merge_take(a, b);
	ck_assert_uint_eq(c->ice_n, ice);
	ck_assert_uint_eq(c->dtls_n, dtls);
	ck_assert_uint_eq(c->turn_n, turn);
	ck_assert_uint_eq(c->nat_n, nat);
	ck_assert_uint_eq(c->ice[0].pairs_n, pairs);
	ck_assert_str_eq(c->ice[0].result, "connected");
	ck_assert_str_eq(c->ice[0].pairs[0].state, "succeeded");
	ck_assert_uint_eq(c->ice[0].pairs[0].ab.requests, requests);
	cdr_free(a);
}
END_TEST

/* Without memory rows are missing, and nothing else happens. */
START_TEST(no_memory)
{
	for (unsigned n = 1; n < 20; n++) {
		struct cdr *a = made_webrtc(), *b = made_webrtc();

		arena_fail_at(n);
		cdr_merge(a, b);
		arena_fail_at(0);
		ck_assert_str_eq(a->uid, b->uid);
		cdr_free(a);
		cdr_free(b);
	}
}
END_TEST

/* The name that the first part had stays. */
START_TEST(names)
{
	snprintf(before->uid, sizeof(before->uid), "FIRST");
	before->call.group_id = SLICE("G");
	now->call.group_id = SLICE("H");
	before->last_packet = now->last_packet + 5;
	cdr_merge(now, before);
	ck_assert_str_eq(now->uid, "FIRST");
	ck_assert(text_is(now->call.group_id, "G"));
	ck_assert_uint_eq(now->last_packet, before->last_packet);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cdr_merge");
	TCase *t = tcase_create("cdr_merge");

	tcase_add_checked_fixture(t, begin, end);
	tcase_add_test(t, signalling_once);
	tcase_add_test(t, messages_missing);
	tcase_add_test(t, stream_added);
	tcase_add_test(t, slice_shared);
	tcase_add_test(t, stream_apart);
	tcase_add_test(t, nulls);
	tcase_add_loop_test(t, keys, 0, sizeof(key_rows) / sizeof(key_rows[0]));
	tcase_add_test(t, info_once);
	tcase_add_test(t, webrtc);
	tcase_add_test(t, no_memory);
	tcase_add_test(t, names);
	suite_add_tcase(s, t);
	return run_suite(s);
}
