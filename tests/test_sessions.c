/*
 * Sessions, and the throttle of logins: with a clock of the test's own.
 */
#include <stdio.h>

#include "tests/run_suite.h"
#include "web/sessions.h"
#include "web/throttle.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))
#define S	     UINT64_C(1000000000)

/* --- sessions ------------------------------------------------------------- */

static const struct sessions_config small = {
	.max = 4,
	.max_user = 2,
	.idle_ns = 10 * S,
	.age_ns = 25 * S,
};

static struct user who(const char *name)
{
	struct user u = {.role = WEB_ANALYST, .hash = "the text of a hash"};

	snprintf(u.name, sizeof(u.name), "%s", name);
	return u;
}

static void begin(struct sessions *s, const char *name, uint64_t at,
		  char id[SECRET_TEXT])
{
	struct user u = who(name);

	ck_assert_int_eq(sessions_begin(s, &u, at, id), 0);
	ck_assert_uint_eq(strlen(id), SECRET_TEXT - 1);
}

static bool there(struct sessions *s, const char *id, uint64_t at)
{
	struct session got;

	return sessions_find(s, slice_str(id), at, true, &got);
}

START_TEST(session_is_found)
{
	struct sessions *s = sessions_new(&small);
	char a[SECRET_TEXT], b[SECRET_TEXT];
	struct session one, two;

	begin(s, "ann", 1 * S, a);
	begin(s, "ann", 1 * S, b);
	ck_assert_str_ne(a, b);
	ck_assert(sessions_find(s, slice_str(a), 2 * S, true, &one));
	ck_assert(sessions_find(s, slice_str(b), 2 * S, true, &two));
	ck_assert_str_eq(one.name, "ann");
	ck_assert_str_ne(one.csrf, two.csrf);
	ck_assert_str_ne(one.csrf, a);
	ck_assert_uint_eq(one.ends_ns, 26 * S);
	a[5] ^= 1;
	ck_assert(!there(s, a, 2 * S));
	ck_assert(!there(s, "", 2 * S));
	ck_assert(!sessions_find(s, slice_of(b, SECRET_TEXT - 2), 2 * S, true,
				 &one));
	sessions_end(s, slice_str(b));
	sessions_end(s, slice_str(b));
	ck_assert(!there(s, b, 2 * S));
	sessions_free(s);
}
END_TEST

/* Each use puts idle off, nothing puts age off. */
static const struct {
	uint64_t at[6]; /* 0 = the end; all but the last find it */
	bool last;
} uses[] = {
	{{10 * S, 0}, true},
	{{11 * S, 0}, false},
	{{10 * S, 19 * S, 0}, true},
	{{10 * S, 20 * S, 0}, false},
	/* a request that asked the clock earlier comes later */
	{{10 * S, 9 * S, 19 * S, 0}, true},
	{{10 * S, 9 * S, 20 * S, 0}, false},
	{{5 * S, 14 * S, 23 * S, 25 * S, 0}, true},
	{{5 * S, 14 * S, 23 * S, 26 * S, 0}, false},
	/* Two workers, of which one looked at the clock before the other. */
	{{10 * S, 9 * S, 0}, true},
	{{10 * S, 9 * S, 19 * S, 0}, true},
};

START_TEST(session_ends)
{
	struct sessions *s = sessions_new(&small);
	char id[SECRET_TEXT];
	int i = 0;

	begin(s, "ann", 1 * S, id);
	for (; uses[_i].at[i + 1]; i++)
		ck_assert(there(s, id, uses[_i].at[i]));
	ck_assert_int_eq(there(s, id, uses[_i].at[i]), uses[_i].last);
	if (!uses[_i].last) /* for good */
		ck_assert(!there(s, id, uses[_i].at[0]));
	sessions_free(s);
}
END_TEST

/* What is not use does not put the end off. */
START_TEST(looked_at_without_use)
{
	struct sessions *s = sessions_new(&small);
	char id[SECRET_TEXT];
	struct session one;

	begin(s, "ann", 1 * S, id);
	ck_assert(sessions_find(s, slice_str(id), 9 * S, false, &one));
	ck_assert(!sessions_find(s, slice_str(id), 11 * S, true, &one));
	sessions_free(s);
}
END_TEST

START_TEST(password_ends_session)
{
	struct sessions *s = sessions_new(&small);
	struct user now = who("ann"), other = who("bob");
	char id[SECRET_TEXT];
	struct session one;

	begin(s, "ann", 1 * S, id);
	ck_assert(sessions_find(s, slice_str(id), 1 * S, true, &one));
	ck_assert(session_fits(&one, &now));
	ck_assert(!session_fits(&one, &other));
	strcpy(now.hash, "another hash");
	ck_assert(!session_fits(&one, &now));
	sessions_free(s);
}
END_TEST

/* Of one login the longest unused goes, then that of all. */
START_TEST(sessions_are_bounded)
{
	struct sessions *s = sessions_new(&small);
	char a[3][SECRET_TEXT], b[2][SECRET_TEXT], c[SECRET_TEXT];

	begin(s, "ann", 1 * S, a[0]);
	begin(s, "ann", 2 * S, a[1]);
	ck_assert(there(s, a[0], 3 * S));
	begin(s, "ann", 4 * S, a[2]);
	ck_assert(there(s, a[0], 5 * S));
	ck_assert(!there(s, a[1], 5 * S));
	begin(s, "bob", 5 * S, b[0]);
	begin(s, "bob", 6 * S, b[1]);
	ck_assert_uint_eq(sessions_count(s), 4);
	begin(s, "cy", 7 * S, c);
	ck_assert_uint_eq(sessions_count(s), 4);
	ck_assert(!there(s, a[2], 7 * S));
	ck_assert(there(s, a[0], 7 * S) && there(s, b[0], 7 * S) &&
		  there(s, b[1], 7 * S) && there(s, c, 7 * S));
	sessions_free(s);
}
END_TEST

START_TEST(ended_ones_give_way)
{
	struct sessions *s = sessions_new(&small);
	char id[SECRET_TEXT];

	begin(s, "ann", 1 * S, id);
	begin(s, "bob", 1 * S, id);
	begin(s, "cy", 20 * S, id);
	ck_assert_uint_eq(sessions_count(s), 1);
	sessions_free(s);
}
END_TEST

/* --- the throttle --------------------------------------------------------- */

static const struct throttle_config strict = {
	.max = 8,
	.tries = 2,
	.first_ns = 10 * S,
	.longest_ns = 60 * S,
};

static struct addr from(const char *ip)
{
	struct addr a = {0};

	ck_assert(addr_parse_ip(slice_str(ip), &a));
	return a;
}

static uint64_t wait_of(struct throttle *t, const char *ip, const char *name,
			uint64_t at)
{
	struct addr a = from(ip);

	return throttle_wait(t, &a, slice_str(name), at) / S;
}

static void wrong(struct throttle *t, const char *ip, const char *name,
		  uint64_t at)
{
	struct addr a = from(ip);

	throttle_fail(t, &a, slice_str(name), at);
}

static void right(struct throttle *t, const char *ip, const char *name)
{
	struct addr a = from(ip);

	throttle_pass(t, &a, slice_str(name));
}

START_TEST(waits_grow)
{
	static const uint64_t want[] = {0, 10, 20, 40, 60, 60, 60};
	struct throttle *t = throttle_new(&strict);

	for (int i = 0; i < COUNT(want); i++) {
		char name[16];

		snprintf(name, sizeof(name), "n%d", i);
		ck_assert_uint_eq(wait_of(t, "192.0.2.1", "x", 100 * S),
				  i ? want[i - 1] : 0);
		wrong(t, "192.0.2.1", name, 100 * S);
	}
	ck_assert_uint_eq(wait_of(t, "192.0.2.1", "x", 159 * S), 1);
	ck_assert_uint_eq(wait_of(t, "192.0.2.1", "x", 160 * S), 0);
	ck_assert_uint_eq(wait_of(t, "192.0.2.2", "x", 100 * S), 0);
	throttle_free(t);
}
END_TEST

/* From many addresses: a name may fail four times as often. */
START_TEST(name_waits_later)
{
	struct throttle *t = throttle_new(&strict);

	for (int i = 0; i < 2 * THROTTLE_NAME_TRIES; i++) {
		char ip[16];

		ck_assert_uint_eq(wait_of(t, "192.0.2.99", "ann", 1 * S), 0);
		snprintf(ip, sizeof(ip), "192.0.2.%d", i % 6);
		wrong(t, ip, "ann", 1 * S);
	}
	ck_assert_uint_eq(wait_of(t, "192.0.2.99", "ann", 1 * S), 10);
	ck_assert_uint_eq(wait_of(t, "192.0.2.99", "bob", 1 * S), 0);
	throttle_free(t);
}
END_TEST

START_TEST(right_password_forgives)
{
	struct throttle *t = throttle_new(&strict);

	wrong(t, "192.0.2.1", "ann", 1 * S);
	right(t, "192.0.2.1", "ann");
	wrong(t, "192.0.2.1", "ann", 1 * S);
	ck_assert_uint_eq(wait_of(t, "192.0.2.1", "ann", 1 * S), 0);
	wrong(t, "192.0.2.1", "ann", 1 * S);
	ck_assert_uint_eq(wait_of(t, "192.0.2.1", "ann", 1 * S), 10);
	throttle_free(t);
}
END_TEST

/* A minute without a wrong one: as if there had been none. */
START_TEST(failures_are_forgotten)
{
	struct throttle *t = throttle_new(&strict);

	wrong(t, "192.0.2.1", "ann", 1 * S);
	wrong(t, "192.0.2.1", "ann", 61 * S);
	ck_assert_uint_eq(wait_of(t, "192.0.2.1", "ann", 61 * S), 0);
	wrong(t, "192.0.2.1", "ann", 100 * S);
	ck_assert_uint_eq(wait_of(t, "192.0.2.1", "ann", 100 * S), 10);
	throttle_free(t);
}
END_TEST

START_TEST(ipv6_counts_by_64)
{
	struct throttle *t = throttle_new(&strict);

	wrong(t, "2001:db8:0:1::1", "a", 1 * S);
	wrong(t, "2001:db8:0:1::2", "b", 1 * S);
	ck_assert_uint_eq(wait_of(t, "2001:db8:0:1:ffff::", "c", 1 * S), 10);
	ck_assert_uint_eq(wait_of(t, "2001:db8:0:2::1", "c", 1 * S), 0);
	throttle_free(t);
}
END_TEST

/* Strangers push the oldest out, not the one that waits now. */
START_TEST(throttle_is_bounded)
{
	struct throttle *t = throttle_new(&strict);

	wrong(t, "192.0.2.1", "ann", 1 * S);
	for (int i = 0; i < 100; i++) {
		char ip[32];

		snprintf(ip, sizeof(ip), "198.51.100.%d", i);
		wrong(t, ip, "bob", 2 * S);
	}
	wrong(t, "192.0.2.1", "ann", 3 * S);
	ck_assert_uint_eq(wait_of(t, "192.0.2.1", "ann", 3 * S), 0);
	wrong(t, "192.0.2.1", "ann", 4 * S);
	ck_assert_uint_eq(wait_of(t, "192.0.2.1", "ann", 4 * S), 10);
	throttle_free(t);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sessions");
	TCase *t = tcase_create("sessions");

	tcase_add_test(t, session_is_found);
	tcase_add_loop_test(t, session_ends, 0, COUNT(uses));
	tcase_add_test(t, looked_at_without_use);
	tcase_add_test(t, password_ends_session);
	tcase_add_test(t, sessions_are_bounded);
	tcase_add_test(t, ended_ones_give_way);
	suite_add_tcase(s, t);
	t = tcase_create("throttle");
	tcase_add_test(t, waits_grow);
	tcase_add_test(t, name_waits_later);
	tcase_add_test(t, right_password_forgives);
	tcase_add_test(t, failures_are_forgotten);
	tcase_add_test(t, ipv6_counts_by_64);
	tcase_add_test(t, throttle_is_bounded);
	suite_add_tcase(s, t);
	return run_suite(s);
}
