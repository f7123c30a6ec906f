/* What a bill needs of a call, and what the site's rules make of it. */
#include <check.h>
#include <errno.h>
#include <stdio.h>

#include "sniffer/billing_number.h"
#include "sniffer/billing_rules.h"
#include "sniffer/billing_trunk.h"
#include "sniffer/call/call_cdr.h"
#include "sniffer/settings.h"
#include "tests/run_suite.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

static void ck_text(struct slice got, const char *want)
{
	if (!want) {
		ck_assert_ptr_null(got.p);
		return;
	}
	ck_assert_msg(slice_eq(got, slice_str(want)), "'%.*s' is not '%s'",
		      SLICE_ARG(got), want);
}

/* --- from when to when ------------------------------------------------------
 */

#define S 1000000000ull

/* Times in ns; a stream of each side. */
static const struct {
	const char *state, *partial;
	uint64_t answer, end, a_last, b_last;
	uint64_t want_end;
	int64_t billable_us;
	const char *flags;
} bills[] = {
	{"completed", NULL, 10 * S, 70 * S, 0, 0, 70 * S, 60000000, ""},
	/* truncated first, then subtracted */
	{"completed", NULL, 1999, 3000, 0, 0, 3000, 2, ""},
	{"completed", NULL, 1000, 2999, 0, 0, 2999, 1, ""},
	/* media goes on after the BYE */
	{"completed", NULL, 10 * S, 70 * S, 75 * S, 0, 70 * S, 60000000, ""},
	{"completed", "gap", 10 * S, 70 * S, 0, 0, 70 * S, 60000000,
	 "partial-gap"},
	{"completed", "start", 10 * S, 70 * S, 0, 0, 70 * S, 60000000,
	 "partial-start"},
	{"completed", NULL, 10 * S, 9 * S, 0, 0, 9 * S, 0, "early-bye"},
	/* no BYE: the later of both sides, never the timeout */
	{"expired", NULL, 10 * S, 310 * S, 40 * S, 50 * S, 50 * S, 40000000,
	 "no-bye"},
	{"expired", NULL, 10 * S, 310 * S, 50 * S, 0, 50 * S, 40000000,
	 "no-bye"},
	{"expired", NULL, 10 * S, 310 * S, 0, 0, 0, CDR_NO_US,
	 "no-bye no-media"},
	/* early media only */
	{"expired", NULL, 10 * S, 310 * S, 9 * S, 10 * S, 0, CDR_NO_US,
	 "no-bye no-media"},
	{"interrupted", "gap", 10 * S, 0, 40 * S, 0, 40 * S, 30000000,
	 "no-bye partial-gap interrupted"},
	{"active", "both", 10 * S, 0, 40 * S, 0, 40 * S, 30000000,
	 "no-bye partial-start partial-end"},
	{"failed", NULL, 0, 70 * S, 0, 0, 0, CDR_NO_US, ""},
	{"interrupted", "end", 0, 0, 40 * S, 0, 0, CDR_NO_US,
	 "partial-end interrupted"},
};

START_TEST(bill_of_a_call)
{
	struct cdr_stream streams[2] = {{.last = bills[_i].a_last},
					{.last = bills[_i].b_last}};
	struct cdr *cdr = cdr_new(CDR_CALL);
	struct cdr_billing *b = &cdr->call.billing;

	cdr->partial = bills[_i].partial;
	cdr->call.state = bills[_i].state;
	cdr->call.answer = bills[_i].answer;
	cdr->call.end = bills[_i].end;
	cdr->call.streams = streams;
	cdr->call.streams_n = 2;
	cdr_bill(cdr);
	cdr_bill(cdr);
	ck_assert_uint_eq(b->end, bills[_i].want_end);
	ck_assert_int_eq(b->billable_us, bills[_i].billable_us);
	ck_text(b->flags, bills[_i].flags);
	b->flags = SLICE("no-ack");
	cdr_bill(cdr);
	ck_assert_int_eq(slice_starts(b->flags, SLICE("no-ack")),
			 cdr->call.answer != 0);
	cdr_free(cdr);
}
END_TEST

START_TEST(no_bill_of_a_session)
{
	struct cdr *cdr = cdr_new(CDR_SESSION);

	cdr->call.state = "completed";
	cdr->call.answer = S;
	cdr->call.end = 2 * S;
	cdr_bill(cdr);
	ck_assert_uint_eq(cdr->call.billing.end, 0);
	ck_assert_int_eq(cdr->call.billing.billable_us, CDR_NO_US);
	ck_assert_ptr_null(cdr->call.billing.flags.p);
	cdr_free(cdr);
}
END_TEST

/* --- numbers ----------------------------------------------------------------
 */

static const struct {
	const char *uri, *want; /* NULL: no number */
} uris[] = {
	{"sip:+4930123@x", "+4930123"},
	{"sips:030-12.3(4)@x;user=phone", "0301234"},
	{"SIP:%2B49%20301@x", "+49301"},
	{"sip:+4930;ext=7@x", "+4930"},
	{"sip:4930:secret@x", "4930"},
	{"tel:+49-30-123;phone-context=x", "+4930123"},
	{"TEL:110", "110"},
	{"sip:alice@x", NULL},
	{"sip:x", NULL},
	{"sip:@x", NULL},
	{"sip:+@x", NULL},
	{"sip:1+2@x", NULL},
	{"sip:12%3@x", NULL},
	{"sip:*100#@x", NULL},
	{"sip:0049301%00@x", NULL},
	{"mailto:4930@x", NULL},
	{"4930", NULL},
	{"", NULL},
};

START_TEST(number_in_a_uri)
{
	struct number n = {.len = 0};

	ck_assert_int_eq(number_of_uri(slice_str(uris[_i].uri), &n),
			 uris[_i].want != NULL);
	if (uris[_i].want)
		ck_text(slice_of(n.text, n.len), uris[_i].want);
}
END_TEST

START_TEST(number_without_end)
{
	char user[NUMBER_MAX + 1];
	struct number n;

	memset(user, '1', sizeof(user));
	ck_assert(number_of_user(slice_of(user, NUMBER_MAX), &n));
	ck_assert(!number_of_user(slice_of(user, NUMBER_MAX + 1), &n));
	ck_assert(!number_to_e164(&n, NULL, 0, SLICE("")));
}
END_TEST

/* Rules are separated by newlines. */
#define GERMANY "00:+\n0:+49\n110/3:-"
#define NANP	"1/11:+1\n/10:+1\n011:+\n/7:+1212"

static const struct {
	const char *rules, *trunk, *number, *want;
} numbers[] = {
	{"", "", "+4930123456", "+4930123456"},
	{"", "", "030123456", NULL},
	{"", "", "+04930123456", NULL},
	{"", "", "+1234", NULL},
	{"", "", "+12345", "+12345"},
	{"", "", "+123456789012345", "+123456789012345"},
	{"", "", "+1234567890123456", NULL},
	{GERMANY, "", "004420712345", "+4420712345"},
	{GERMANY, "", "030123456", "+4930123456"},
	{GERMANY, "", "110", NULL},
	{GERMANY, "", "1101234", NULL}, /* no rule: no country */
	{GERMANY, "", "+4420712345", "+4420712345"},
	{"/3-4:-\n:+49", "", "1234", NULL},
	{"/3-4:-\n:+49", "", "12345", "+4912345"},
	{"/3-4:-\n:+49", "", "+4312345", "+4312345"},
	{"+:+49", "", "+12345", "+4912345"},
	{NANP, "", "12125550100", "+12125550100"},
	{NANP, "", "2125550100", "+12125550100"},
	{NANP, "", "01144207123456", "+44207123456"},
	{NANP, "", "5550100", "+12125550100"},
	{NANP, "", "911", NULL},
	/* a trunk's own come before, also with a shorter prefix */
	{"a 0:+43\n00:+\n0:+49", "a", "0017", "+43017"},
	{"a 0:+43\n00:+\n0:+49", "a", "01234567", "+431234567"},
	{"a 0:+43\n00:+\n0:+49", "b", "01234567", "+491234567"},
	{"a 0:+43\n00:+\n0:+49", "", "0012345678", "+12345678"},
	{"a 9901:+", "a", "99014930123", "+4930123"},
	/* the narrower range of digits */
	{"0:+49\n0/5:-", "", "01234", NULL},
	{"0/5:-\n0:+49", "", "012345", "+4912345"},
	/* a + can be corrected, too */
	{"+49(0)", "", "+49030123", "+49030123"},
	{"+490:+49", "", "+49030123", "+4930123"},
};

static size_t read_rules(const char *text, struct number_rule *out)
{
	static char copy[256];
	size_t n = 0;

	snprintf(copy, sizeof(copy), "%s", text);
	for (char *line = strtok(copy, "\n"); line; line = strtok(NULL, "\n"))
		n += !number_rule_parse(line, &out[n]);
	return n;
}

START_TEST(number_by_rules)
{
	struct number_rule rules[8];
	size_t n = read_rules(numbers[_i].rules, rules);
	struct number number;
	bool ok;

	ck_assert(number_of_user(slice_str(numbers[_i].number), &number));
	ok = number_to_e164(&number, rules, n, slice_str(numbers[_i].trunk));
	ck_assert_int_eq(ok, numbers[_i].want != NULL);
	if (ok)
		ck_text(slice_of(number.text, number.len), numbers[_i].want);
}
END_TEST

static const struct {
	const char *rule, *words; /* of what is wrong; NULL = nothing is */
} rules[] = {
	{"0:+49", NULL},
	{":+49", NULL},
	{"00:+", NULL},
	{"a.b  0/7-10:+49", NULL},
	{"11:-", NULL},
	{"0", "PREFIX:REPLACEMENT"},
	{"", "PREFIX:REPLACEMENT"},
	{"0:49", "replacement"},
	{"0:", "replacement"},
	{"0:+49x", "replacement"},
	{"0:+1234567890123456", "replacement"},
	{"x:+49", "prefix is digits"},
	{"0x:+49", "prefix is digits"},
	{"0/:+49", "how many digits"},
	{"0/x:+49", "how many digits"},
	{"0/0:+49", "how many digits"},
	{"0/9-7:+49", "how many digits"},
	{"0/7-:+49", "how many digits"},
	{"0/99:+49", "how many digits"},
};

START_TEST(rule_is_checked)
{
	const char *wrong = billing_check_number(rules[_i].rule);

	if (!rules[_i].words)
		ck_assert_msg(!wrong, "%s", wrong);
	else
		ck_assert_msg(wrong && strstr(wrong, rules[_i].words), "%s",
			      wrong ? wrong : "nothing wrong");
}
END_TEST

/* --- trunks -----------------------------------------------------------------
 */

static const struct {
	const char *value, *words;
} trunks[] = {
	{"a 192.0.2.0/24", NULL},
	{"a 192.0.2.7", NULL},
	{"a 2001:db8::/32, 192.0.2.7/32 0.0.0.0/0", NULL},
	{"a-b_c.9 ::/0 in", NULL},
	{"a 2001:db8::1 OUT", NULL},
	{"a ::1/128 both", NULL},
	{"", "begins with a name"},
	{"a", "has no address"},
	{"a in", "has no address"},
	{"a b 192.0.2.1", "not an address"},
	{"192.0.2.0/24", "begins with a name"},
	{"192.0.2.1", "has no address"},
	{"a@b 192.0.2.1", "begins with a name"},
	{"a23456789012345678901234567890123 192.0.2.1", "32 at most"},
	{"a 192.0.2.0/33", "number of bits"},
	{"a 192.0.2.0/", "number of bits"},
	{"a 192.0.2.0/-1", "number of bits"},
	{"a 2001:db8::/129", "number of bits"},
	{"a 192.0.2.1/24", "bits set behind"},
	{"a 2001:db8::1/32", "bits set behind"},
	{"a 192.0.2.1 in 192.0.2.2", "at the end"},
	{"a 192.0.2.256", "not an address"},
};

START_TEST(trunk_is_checked)
{
	const char *wrong = trunk_check(trunks[_i].value);
	struct trunk_table t = {.use = {{0}}};

	if (!trunks[_i].words)
		ck_assert_msg(!wrong, "%s", wrong);
	else
		ck_assert_msg(wrong && strstr(wrong, trunks[_i].words), "%s",
			      wrong ? wrong : "nothing wrong");
	ck_assert_int_eq(trunk_add(&t, trunks[_i].value), wrong ? -EINVAL : 0);
	trunk_close(&t);
}
END_TEST

static const struct {
	const char *ip, *in, *out;
} found[] = {
	{"192.0.2.1", "wide", "wide"},
	{"192.0.2.128", "half", "wide"},
	{"192.0.2.255", "half", "wide"},
	{"192.0.2.200", "host", "wide"},
	{"192.0.3.1", NULL, NULL},
	{"198.51.100.9", NULL, "away"},
	{"::ffff:192.0.2.200", "host", "wide"},
	{"2001:db8::1", "six", "six"},
	{"2001:db8:1::1", "net", "net"},
	{"2001:db9::1", NULL, NULL},
	{"0.0.0.0", NULL, NULL},
};

START_TEST(longest_prefix_wins)
{
	static const char *const lines[] = {
		"wide 192.0.2.0/24",   "half 192.0.2.128/25 in",
		"host 192.0.2.200 in", "away 198.51.100.0/24 out",
		"six 2001:db8::/32",   "net 2001:db8:1::/48",
	};
	struct trunk_table t = {.use = {{0}}};
	const struct trunk_net *twice;
	struct addr a;

	for (int i = 0; i < COUNT(lines); i++)
		ck_assert_int_eq(trunk_add(&t, lines[i]), 0);
	ck_assert_int_eq(trunk_seal(&t, &twice), 0);
	ck_assert(addr_parse_ip(slice_str(found[_i].ip), &a));
	ck_text(trunk_find(&t, TRUNK_IN, &a), found[_i].in);
	ck_text(trunk_find(&t, TRUNK_OUT, &a), found[_i].out);
	ck_assert(trunk_is_known(&t, SLICE("away")));
	ck_assert(!trunk_is_known(&t, SLICE("far")));
	trunk_close(&t);
}
END_TEST

/* --- all of them ------------------------------------------------------------
 */

static struct config cfg;

static void set(const char *name, const char *value)
{
	const struct setting *s = setting_find(slice_str(name));
	char why[SETTING_WHY];

	ck_assert_msg(!setting_apply(s, &cfg, slice_str(value), why), "%s",
		      why);
}

static void setup(void)
{
	ck_assert_int_eq(config_init(&cfg), 0);
	ck_assert_int_eq(settings_defaults(&cfg), 0);
}

static void teardown(void)
{
	config_close(&cfg);
}

static const struct {
	const char *name, *value, *other, *words;
} conflicts[] = {
	{"trunk", "a 192.0.2.0/24", "b 192.0.2.0/24 in", "192.0.2.0/24"},
	{"trunk", "a 2001:db8::/32", "b 2001:db8::/32", "2001:db8::/32"},
	{"trunk", "a 192.0.2.0/24 in", "b 192.0.2.0/24 out", NULL},
	{"e164", "0:+49", "0:+43", "e164 0:+43: another rule"},
	{"e164", "0:+49", "0/5:+43", NULL},
	{"e164", "0:+49", "x 0:+43", "there is no trunk x"},
};

START_TEST(rules_contradict)
{
	struct billing_rules *r = NULL;
	char why[BILLING_WHY];
	int err;

	set(conflicts[_i].name, conflicts[_i].value);
	set(conflicts[_i].name, conflicts[_i].other);
	err = billing_rules_new(&r, &cfg, why);
	ck_assert_int_eq(err, conflicts[_i].words ? -EINVAL : 0);
	if (err)
		ck_assert_msg(strstr(why, conflicts[_i].words), "%s", why);
	billing_rules_free(r);
}
END_TEST

/* caller, From, asserted, callee -> direction, trunks, numbers */
static const struct {
	const char *from_ip, *to_ip, *from, *asserted, *to;
	const char *direction, *in, *out, *caller, *callee;
} calls[] = {
	{"10.0.0.1", "10.0.0.2", "alice", NULL, "100", "internal", NULL, NULL,
	 NULL, NULL},
	{"10.0.0.1", "192.0.2.9", "030111", NULL, "004420712345", "out", NULL,
	 "carrier", "+4930111", "+4420712345"},
	{"192.0.2.9", "10.0.0.2", "004930111", "sip:+4930222@x", "030333", "in",
	 "carrier", NULL, "+4930222", "+4930333"},
	{"192.0.2.9", "10.0.0.2", "+4930111", "sip:anonymous@x", "030333", "in",
	 "carrier", NULL, "+4930111", "+4930333"},
	{"198.51.100.1", "192.0.2.9", "9430111", NULL, "030333", "transit",
	 "partner", "carrier", "+430111", NULL},
	{NULL, NULL, "+4930111", NULL, "+4930222", "internal", NULL, NULL,
	 "+4930111", "+4930222"},
};

static void put_addr(struct addr *out, const char *ip)
{
	if (ip)
		ck_assert(addr_parse_ip(slice_str(ip), out));
}

START_TEST(rules_of_a_record)
{
	struct cdr *cdr = cdr_new(CDR_CALL);
	struct cdr_call *c = &cdr->call;
	const struct cdr_billing *b = &c->billing;
	struct billing_rules *r;
	char why[BILLING_WHY];

	set("trunk", "carrier 192.0.2.0/24");
	set("trunk", "partner 198.51.100.0/24");
	set("e164", "partner 9:+");
	set("e164", "partner 0:-");
	set("e164-country", "49");
	ck_assert_msg(!billing_rules_new(&r, &cfg, why), "%s", why);
	put_addr(&c->caller.addr, calls[_i].from_ip);
	put_addr(&c->callee.addr, calls[_i].to_ip);
	c->caller.user = slice_str(calls[_i].from);
	c->caller.asserted = slice_str(calls[_i].asserted);
	c->callee.user = slice_str(calls[_i].to);
	billing_apply(r, cdr);
	ck_assert_str_eq(b->direction, calls[_i].direction);
	ck_text(b->trunk_in, calls[_i].in);
	ck_text(b->trunk_out, calls[_i].out);
	ck_text(b->caller_e164, calls[_i].caller);
	ck_text(b->callee_e164, calls[_i].callee);
	billing_rules_free(r);
	cdr_free(cdr);
}
END_TEST

START_TEST(caller_of_from)
{
	struct cdr *cdr = cdr_new(CDR_CALL);
	struct billing_rules *r;
	char why[BILLING_WHY];

	set("e164-caller", "from");
	ck_assert_int_eq(billing_rules_new(&r, &cfg, why), 0);
	cdr->call.caller.user = SLICE("+4930111");
	cdr->call.caller.asserted = SLICE("sip:+4930222@x");
	billing_apply(r, cdr);
	ck_text(cdr->call.billing.caller_e164, "+4930111");
	ck_assert_ptr_null(cdr->call.billing.direction);
	billing_rules_free(r);
	cdr_free(cdr);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("billing");
	TCase *t = tcase_create("billing");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, bill_of_a_call, 0, COUNT(bills));
	tcase_add_test(t, no_bill_of_a_session);
	tcase_add_loop_test(t, number_in_a_uri, 0, COUNT(uris));
	tcase_add_test(t, number_without_end);
	tcase_add_loop_test(t, number_by_rules, 0, COUNT(numbers));
	tcase_add_loop_test(t, rule_is_checked, 0, COUNT(rules));
	tcase_add_loop_test(t, trunk_is_checked, 0, COUNT(trunks));
	tcase_add_loop_test(t, longest_prefix_wins, 0, COUNT(found));
	tcase_add_loop_test(t, rules_contradict, 0, COUNT(conflicts));
	tcase_add_loop_test(t, rules_of_a_record, 0, COUNT(calls));
	tcase_add_test(t, caller_of_from);
	suite_add_tcase(s, t);
	return run_suite(s);
}
