/*
 * The one box: what is typed, and the terms, sentences and complaints that it
 * comes to.
 */
#include <check.h>
#include <errno.h>
#include <stdio.h>

#include "storage/query_box.h"
#include "tests/run_suite.h"

#define NOON (1795953600ull * 1000000000) /* 2026-11-29T12:00:00Z */

static struct box box;
static struct box_error error;

/* "number=49*|number=*49 & !status=486": groups, and their alternatives. */
static void write_terms(const struct query *q, char *out, size_t size)
{
	size_t n = 0;

	out[0] = '\0';
	for (size_t i = 0; i < q->n && n < size; i++) {
		const struct query_term *t = &q->term[i];
		bool first = !i || t[-1].group != t->group;

		n += (size_t)snprintf(out + n, size - n, "%s%s%s=%.*s",
				      !i      ? ""
				      : first ? " & "
					      : "|",
				      first && t->negate ? "!" : "",
				      query_key_name(t->key),
				      SLICE_ARG(t->value));
	}
}

static const struct {
	const char *typed, *terms, *says; /* of the first word */
} good[] = {
	{"", "", NULL},
	{" \t ", "", NULL},
	{"491234", "number=491234*|number=+491234*|number=*491234",
	 "caller or callee begins or ends with 491234"},
	{"+49(0)30/12-34",
	 "number=490301234*|number=+490301234*|number=*490301234",
	 "caller or callee begins or ends with 490301234"},
	{"49171*", "number=+49171*|number=49171*",
	 "caller or callee begins with 49171"},
	{"+49171*", "number=49171*|number=+49171*", NULL},
	{"*1234", "number=*1234", "caller or callee ends with 1234"},
	{"*555*", "number=*555*", "caller or callee contains 555"},
	{"*bob*", "number=*bob*|agent=*bob*",
	 "caller or callee contains bob, or a User-Agent"},
	{"alice", "number=alice*|agent=alice*|call-id=alice",
	 "caller or callee begins with alice, or a User-Agent begins with it, "
	 "or it is the Call-ID"},
	{"\"Phone 1\"", "number=Phone 1*|agent=Phone 1*|call-id=Phone 1", NULL},
	{"\"status:486\"",
	 "number=status:486*|agent=status:486*|call-id=status:486", NULL},
	{"10.1.0.9", "ip=10.1.0.9", "address of caller or callee is 10.1.0.9"},
	{"10.1.0.0/16", "ip=10.1.0.0/16", NULL},
	{"2001:db8::1", "ip=2001:db8::1", NULL},
	{"::1", "ip=::1", NULL},
	{"a84b4c76e66710@192.0.2.1",
	 "call-id=a84b4c76e66710@192.0.2.1|user=a84b4c76e66710@192.0.2.1",
	 "Call-ID is a84b4c76e66710@192.0.2.1, or it is the caller or callee"},
	{"sip:alice@example.com",
	 "call-id=alice@example.com|user=alice@example.com", NULL},
	{"tel:+4930", "number=4930*|number=+4930*|number=*4930", NULL},
	{"x:y@z", "call-id=x:y@z|user=x:y@z", NULL},
	{"01KB7Q5GW0EXAMPE0000000000",
	 "uid=01KB7Q5GW0EXAMPE0000000000|call-id=01KB7Q5GW0EXAMPE0000000000",
	 NULL},
	{"status:486", "status=486", "status is 486"},
	{"STATUS:4xx", "status=4xx", NULL},
	{"status:486,487", "status=486|status=487", "status is 486 or 487"},
	{"-status:200", "!status=200", "not: status is 200"},
	{"-alice", "!number=alice*|agent=alice*|call-id=alice", NULL},
	{"mos<3.5", "mos=<3.5", "MOS of the worse side is below 3.5"},
	{"mos>=4", "mos=>=4", "MOS of the worse side is at least 4"},
	{"mos:<3.5", "mos=<3.5", NULL},
	{"loss>2", "loss=>2", "loss of the worse side is above 2 %"},
	{"jitter>30", "jitter=>30", "jitter of the worse side is above 30 ms"},
	{"pdd>3s", "pdd=>3s", "post-dial delay is above 3s"},
	{"duration<=90", "duration=<=90", "duration is at most 90 s"},
	{"codec:opus", "codec=opus", "codec of either side is opus"},
	{"agent:\"Phone 1, 2\",Gate*", "agent=Phone 1, 2|agent=Gate*",
	 "User-Agent of caller or callee is Phone 1, 2 or begins with Gate"},
	{"caller:4917", "caller=+4917|caller=4917", "caller is 4917"},
	{"callee:*17", "callee=*17", "callee ends with 17"},
	{"from:-2h", "from=-2h", "began at or after -2h"},
	{"to:2026-11-26T14:00", "until=2026-11-26T14:00", NULL},
	{"until:now", "until=now", "began before now"},
	{"diag:one-way ended-by:callee", "diag=one-way & ended-by=callee",
	 "diagnosis is one-way"},
	{"486 status:4xx mos<3.6 from:-2h",
	 "number=486*|number=+486*|number=*486 & status=4xx & mos=<3.6 & "
	 "from=-2h",
	 NULL},
	{"-", "number=-*|agent=-*|call-id=-", NULL},
};

START_TEST(understands)
{
	struct query q = {.now_ns = NOON};
	char terms[1024];
	int err = box_parse(&box, slice_str(good[_i].typed), false, &q, &error);

	ck_assert_msg(!err, "%s", error.why);
	write_terms(&q, terms, sizeof(terms));
	ck_assert_str_eq(terms, good[_i].terms);
	if (good[_i].says)
		ck_assert_str_eq(box.word[0].text, good[_i].says);
}
END_TEST

static const struct {
	const char *typed;
	size_t at;
	const char *says;
} bad[] = {
	{"status:", 7, "status: give a status as 486"},
	{"4912 status:9xx", 12, "status: 9xx is none: give a status"},
	{"status:486,9xx", 11, "9xx is none"},
	{"status:486,", 11, "give a status"},
	{"\xc3\xb6l status:x", 10, "x is none"},
	{"status>400", 6, "with a colon"},
	{"mos:3.5", 4, "write mos<3 or mos>3"},
	{"mos<", 3, "as <3.5"},
	{"mos<3,5", 3, "as <3.5"},
	{"jitter>x", 6, "milliseconds"},
	{"colour:red", 0, "there is no key colour"},
	{"a b:c", 2, "there is no key b"},
	{"agent:\"x", 6, "a quotation mark is missing"},
	{"\"x", 0, "a quotation mark is missing"},
	{"\"\"", 1, "nothing between"},
	{"4*1", 0, "a star can stand"},
	{"*", 0, "a star can stand"},
	{"number:4*1", 7, "a star"},
	{"10.0.0.0/4", 0, "/8"},
	{"ip:10.1", 3, "an IP address"},
	{"from:yesterday", 5, "2026-11-26"},
	{"-from:-2h", 6, "cannot be negated"},
	{"uid:x", 4, "26 characters"},
	{"a a a a a a a a a a a a a a a a a a a a a a a a a", 48, "24 words"},
};

START_TEST(complains)
{
	struct query q = {.now_ns = NOON};
	int err = box_parse(&box, slice_str(bad[_i].typed), false, &q, &error);

	ck_assert_int_eq(err, -EINVAL);
	ck_assert_msg(strstr(error.why, bad[_i].says) != NULL, "%s", error.why);
	ck_assert_uint_eq(error.at, bad[_i].at);
}
END_TEST

static const struct {
	const char *typed, *terms; /* NULL: refused */
} masked[] = {
	{"491234", "number=+491234|number=491234"},
	{"alice", "number=alice|agent=alice*|call-id=alice"},
	{"agent:Phone*", "agent=Phone*"},
	{"number:4917", "number=+4917|number=4917"},
	{"4917*", NULL},
	{"*17", NULL},
	{"*ali*", NULL},
	{"caller:4917*", NULL},
	{"-callee:*5*", NULL},
	{"\"x*\"", NULL},
};

START_TEST(hides_numbers)
{
	struct query q = {.now_ns = NOON};
	char terms[1024];
	int err =
		box_parse(&box, slice_str(masked[_i].typed), true, &q, &error);

	ck_assert_int_eq(err, masked[_i].terms ? 0 : -EPERM);
	if (!masked[_i].terms) {
		ck_assert_ptr_nonnull(strstr(error.why, "whole number"));
		return;
	}
	write_terms(&q, terms, sizeof(terms));
	ck_assert_str_eq(terms, masked[_i].terms);
}
END_TEST

START_TEST(is_bounded)
{
	static char typed[BOX_SIZE + 1];
	struct query q = {.now_ns = NOON};

	memset(typed, '4', sizeof(typed));
	ck_assert_int_eq(box_parse(&box, slice_of(typed, sizeof(typed)), false,
				   &q, &error),
			 -EINVAL);
	ck_assert_ptr_nonnull(strstr(error.why, "2048 bytes"));
	ck_assert_int_eq(
		box_parse(&box, slice_of(typed, BOX_SIZE), false, &q, &error),
		0);
	for (size_t i = 7; i < BOX_SIZE; i += 2)
		typed[i] = ',';
	memcpy(typed, "trunk:", 6);
	q.n = 0;
	ck_assert_int_eq(
		box_parse(&box, slice_of(typed, 400), false, &q, &error),
		-EINVAL);
	ck_assert_ptr_nonnull(strstr(error.why, "too long"));
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("box");
	TCase *t = tcase_create("box");

	tcase_add_loop_test(t, understands, 0, sizeof(good) / sizeof(good[0]));
	tcase_add_loop_test(t, complains, 0, sizeof(bad) / sizeof(bad[0]));
	tcase_add_loop_test(t, hides_numbers, 0,
			    sizeof(masked) / sizeof(masked[0]));
	tcase_add_test(t, is_bounded);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
