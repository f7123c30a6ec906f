/* Sessions as they are signalled without SIP. */
#include <check.h>
#include <stdio.h>

#include "sniffer/call/signal.h"
#include "tests/made_ice.h"
#include "tests/made_sdp.h"
#include "tests/run_suite.h"

static struct signal_table table;
static struct signal *signal_, *other;

static void setup(void)
{
	ck_assert_int_eq(signal_table_init(&table, made_seed), 0);
	signal_ = signal_new("json", 10 * S);
	other = signal_new("json", 5 * S);
	ck_assert_ptr_nonnull(signal_);
	ck_assert_ptr_nonnull(other);
}

static void teardown(void)
{
	signal_free(signal_, &table);
	signal_free(other, &table);
	signal_free(NULL, &table);
	signal_table_close(&table);
}

/* Each party has an origin of its own. */
static const char *text_of(const char *user, const char *id, unsigned version)
{
	static char text[8][256];
	static unsigned next;
	char *out = text[next++ % 8];

	snprintf(out, sizeof(text[0]),
		 "v=0\no=%s %s %u IN IP4 0.0.0.0\ns=-\nt=0 0\n"
		 "m=audio 9 UDP/TLS/RTP/SAVPF 0\n",
		 user, id, version);
	return out;
}

#define A_ID "1111111111"
#define B_ID "2222222222"

static void say(struct signal *s, unsigned party, const char *text, bool offer,
		uint64_t at_s)
{
	signal_describe(s, &table, party, made_sdp(text), slice_str(text),
			offer, at_s * S);
}

static struct signal *find(const char *user, const char *id, unsigned *party)
{
	return signal_find(&table, made_sdp(text_of(user, id, 1)), party);
}

static void ck_origin(struct signal *want, const char *id, unsigned party)
{
	unsigned got = 7;

	ck_assert_ptr_eq(find("-", id, &got), want);
	if (want)
		ck_assert_uint_eq(got, party);
}

/* "a1 answered 5, b6 glare" */
static const char *list_of(const struct signal *s)
{
	static const char *const states[] = {
		[OFFER_PENDING] = "pending",
		[OFFER_ANSWERED] = "answered",
		[OFFER_REFUSED] = "refused",
		[OFFER_GLARE] = "glare",
	};
	static char out[512];
	size_t at = 0;

	out[0] = '\0';
	for (const struct offer *o = s->offers.first; o; o = o->next) {
		at += (size_t)snprintf(
			out + at, sizeof(out) - at, "%s%c%u %s", at ? ", " : "",
			"ab"[o->by], (unsigned)o -> version, states[o->state]);
		if (o->state == OFFER_ANSWERED)
			at += (size_t)snprintf(out + at, sizeof(out) - at,
					       " %u",
					       (unsigned)o->answer_version);
	}
	return out;
}

/* --- offers and answers --------------------------------------------------- */

struct step {
	unsigned party;
	bool offer;
	unsigned version; /* 0: the end */
};

#define OFFER(party, version)                                                  \
	{                                                                      \
		party, true, version                                           \
	}
#define ANSWER(party, version)                                                 \
	{                                                                      \
		party, false, version                                          \
	}

static const struct {
	const char *name, *offers;
	struct step v[8];
} rows[] = {
	{"offered", "a1 pending", {OFFER(0, 1)}},
	{"answered", "a1 answered 5", {OFFER(0, 1), ANSWER(1, 5)}},
	/* Both pass the tap twice: to the server, and on to the other side. */
	{"copies on their way",
	 "a1 answered 5",
	 {OFFER(0, 1), OFFER(0, 1), ANSWER(1, 5), ANSWER(1, 5)}},
	{"a copy of the offer behind the answer",
	 "a1 answered 5",
	 {OFFER(0, 1), ANSWER(1, 5), OFFER(0, 1)}},
	{"a provisional answer, then the final one",
	 "a1 answered 6",
	 {OFFER(0, 1), ANSWER(1, 5), ANSWER(1, 6)}},
	{"renegotiated",
	 "a1 answered 5, a2 answered 6, b7 answered 3",
	 {OFFER(0, 1), ANSWER(1, 5), OFFER(0, 2), ANSWER(1, 6), OFFER(1, 7),
	  ANSWER(0, 3)}},
	{"offered again, as nobody came",
	 "a1 pending, a2 answered 5",
	 {OFFER(0, 1), OFFER(0, 2), ANSWER(1, 5)}},
	/* RFC 9429, 4.1.10.2: who answers has rolled its own offer back. */
	{"glare: the later one gives way",
	 "a1 answered 6, b5 glare",
	 {OFFER(0, 1), OFFER(1, 5), ANSWER(1, 6)}},
	{"glare: the earlier one gives way",
	 "a1 glare, b5 answered 2",
	 {OFFER(0, 1), OFFER(1, 5), ANSWER(0, 2)}},
	{"glare, then offered again",
	 "a1 answered 6, b5 glare, b7 answered 2",
	 {OFFER(0, 1), OFFER(1, 5), ANSWER(1, 6), OFFER(1, 7), ANSWER(0, 2)}},
	{"an answer to nothing", "", {ANSWER(1, 5)}},
};

START_TEST(exchange)
{
	static const char *const ids[] = {A_ID, B_ID};

	for (const struct step *k = rows[_i].v; k->version; k++)
		say(signal_, k->party, text_of("-", ids[k->party], k->version),
		    k->offer, 11);
	ck_assert_msg(!strcmp(list_of(signal_), rows[_i].offers), "%s: %s",
		      rows[_i].name, list_of(signal_));
}
END_TEST

START_TEST(described)
{
	say(signal_, 0, text_of("-", A_ID, 1), true, 12);
	ck_assert_ptr_nonnull(signal_->desc[0]);
	ck_assert_ptr_null(signal_->desc[1]);
	say(signal_, 1, text_of("-", B_ID, 5), false, 14);
	ck_assert_uint_eq(signal_->desc[0]->version, 1);
	ck_assert_uint_eq(signal_->desc[1]->version, 5);
	say(signal_, 0, text_of("-", A_ID, 2), true, 16);
	ck_assert_uint_eq(signal_->desc[0]->version, 2);
	ck_assert_uint_eq(signal_->first_ns, 10 * S);
	ck_assert_uint_eq(signal_->last_ns, 16 * S);
}
END_TEST

/* --- origins -------------------------------------------------------------- */

START_TEST(found_by_origin)
{
	unsigned party;

	ck_origin(NULL, A_ID, 0);
	say(signal_, 0, text_of("-", A_ID, 1), true, 11);
	say(signal_, 1, text_of("-", B_ID, 1), false, 11);
	ck_origin(signal_, A_ID, 0);
	ck_origin(signal_, B_ID, 1);
	/* the username is part of it */
	ck_assert_ptr_null(find("mozilla", A_ID, &party));
	signal_free(signal_, &table);
	signal_ = NULL;
	ck_origin(NULL, A_ID, 0);
}
END_TEST

START_TEST(a_new_origin_replaces_the_old_one)
{
	unsigned party;

	say(signal_, 0, text_of("-", A_ID, 1), true, 11);
	say(signal_, 0, text_of("-", "3333333333", 1), true, 12);
	ck_origin(NULL, A_ID, 0);
	ck_origin(signal_, "3333333333", 0);
	say(signal_, 0, text_of("jdoe", "3333333333", 1), true, 13);
	ck_origin(NULL, "3333333333", 0);
	ck_assert_ptr_eq(find("jdoe", "3333333333", &party), signal_);
}
END_TEST

/* Half the world says "0" or "1". */
START_TEST(short_ids_name_nobody)
{
	say(signal_, 0, text_of("-", "0", 1), true, 11);
	ck_origin(NULL, "0", 0);
	say(signal_, 0, text_of("-", "12345", 1), true, 12);
	ck_origin(NULL, "12345", 0);
	say(signal_, 0, text_of("-", "123456", 1), true, 13);
	ck_origin(signal_, "123456", 0);
}
END_TEST

/* --- hosts ---------------------------------------------------------------- */

static struct signal *of_host(uint8_t last, uint64_t since_s)
{
	struct addr a = made_ip(last, 1);

	return signal_of_host(&table, &a, since_s * S);
}

static void host(struct signal *s, unsigned party, uint8_t last, uint64_t at_s)
{
	struct addr a = made_ip(last, 40000);

	signal_host(s, &table, party, &a, at_s * S);
}

START_TEST(found_by_host)
{
	ck_assert_ptr_null(of_host(7, 0));
	host(signal_, 0, 7, 20);
	ck_assert_ptr_eq(of_host(7, 15), signal_);
	ck_assert_ptr_null(of_host(7, 21));
	ck_assert_ptr_null(of_host(8, 15));
	host(signal_, 0, 7, 30); /* heard again */
	ck_assert_ptr_eq(of_host(7, 25), signal_);
	host(signal_, 1, 7,
	     31); /* both on one host: one session all the same */
	ck_assert_ptr_eq(of_host(7, 25), signal_);
}
END_TEST

START_TEST(two_sessions_of_one_host)
{
	host(signal_, 0, 7, 20);
	host(other, 1, 7, 30);
	ck_assert_ptr_null(of_host(7, 15));
	/* of the two only one is of late */
	ck_assert_ptr_eq(of_host(7, 25), other);
	signal_free(other, &table);
	other = NULL;
	ck_assert_ptr_eq(of_host(7, 15), signal_);
}
END_TEST

/* --- turned and merged ---------------------------------------------------- */

START_TEST(turned)
{
	say(signal_, 0, text_of("-", A_ID, 1), true, 11);
	say(signal_, 1, text_of("-", B_ID, 5), false, 11);
	host(signal_, 0, 7, 20);
	signal_turn(signal_, &table);
	ck_origin(signal_, A_ID, 1);
	ck_origin(signal_, B_ID, 0);
	ck_assert_uint_eq(signal_->desc[0]->version, 5);
	ck_assert_uint_eq(signal_->desc[1]->version, 1);
	ck_assert_str_eq(list_of(signal_), "b1 answered 5");
	/* the host goes with its party */
	ck_assert_uint_eq(signal_->origin[0].host.port, 0);
	ck_assert_uint_eq(signal_->origin[1].host.ip[15], 7);
	ck_assert_ptr_eq(of_host(7, 15), signal_);
	host(signal_, 1, 7, 40);
	ck_assert_ptr_eq(of_host(7, 35), signal_);
	say(signal_, 1, text_of("-", A_ID, 2), true, 21);
	ck_assert_str_eq(list_of(signal_), "b1 answered 5, b2 pending");
}
END_TEST

/* One side of the tap knew the offer, the other the answer. The parties of
 * what is merged may be the other way round. */
START_TEST(merged)
{
	unsigned b = _i ? 0 : 1;

	say(signal_, 0, text_of("-", A_ID, 1), true, 11);
	host(signal_, 0, 7, 20);
	say(other, b, text_of("-", B_ID, 5), true, 12);
	say(other, !b, text_of("-", A_ID, 2), false, 13);
	host(other, b, 8, 20);
	signal_merge(signal_, other, &table, _i);
	other = NULL;
	ck_origin(signal_, A_ID, 0);
	ck_origin(signal_, B_ID, 1);
	ck_assert_uint_eq(signal_->desc[0]->version, 1);
	ck_assert_uint_eq(signal_->desc[1]->version, 5);
	ck_assert_str_eq(list_of(signal_), "a1 pending, b5 answered 2");
	ck_assert_uint_eq(signal_->offers.n, 2);
	ck_assert_uint_eq(signal_->first_ns, 5 * S);
	ck_assert_uint_eq(signal_->last_ns, 13 * S);
	ck_assert_ptr_eq(of_host(7, 15), signal_);
	ck_assert_ptr_eq(of_host(8, 15), signal_);
	ck_assert_uint_eq(signal_->origin[1].host.ip[15], 8);
	signal_free(signal_, &table);
	signal_ = NULL;
	ck_origin(NULL, A_ID, 0);
	ck_origin(NULL, B_ID, 1);
	ck_assert_ptr_null(of_host(8, 15));
}
END_TEST

/* By time, whichever session they come from. */
START_TEST(offers_are_merged_by_time)
{
	say(signal_, 0, text_of("-", A_ID, 2), true, 12);
	say(signal_, 0, text_of("-", A_ID, 4), true, 14);
	say(other, 0, text_of("-", A_ID, 1), true, 11);
	say(other, 0, text_of("-", A_ID, 3), true, 13);
	say(other, 0, text_of("-", A_ID, 5), true, 15);
	signal_merge(signal_, other, &table, false);
	other = NULL;
	ck_assert_str_eq(list_of(signal_),
			 "a1 pending, a2 pending, a3 pending, a4 pending, "
			 "a5 pending");
	say(signal_, 1, text_of("-", B_ID, 9), false, 16);
	ck_assert_uint_eq(signal_->offers.last->answer_version, 9);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int main(void)
{
	Suite *s = suite_create("signal");
	TCase *t = tcase_create("signal");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, exchange, 0, COUNT(rows));
	tcase_add_test(t, described);
	tcase_add_test(t, found_by_origin);
	tcase_add_test(t, a_new_origin_replaces_the_old_one);
	tcase_add_test(t, short_ids_name_nobody);
	tcase_add_test(t, found_by_host);
	tcase_add_test(t, two_sessions_of_one_host);
	tcase_add_test(t, turned);
	tcase_add_loop_test(t, merged, 0, 2);
	tcase_add_test(t, offers_are_merged_by_time);
	suite_add_tcase(s, t);
	return run_suite(s);
}
