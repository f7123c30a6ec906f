#include <check.h>

#include "sniffer/call/nat.h"
#include "tests/made_ice.h"
#include "tests/run_suite.h"

/* Remote (last byte, port) and the port it saw; 0: the client's own address. */
struct seen {
	uint8_t ip;
	uint16_t port, mapped;
	unsigned at_s;
};

static const struct {
	const char *name, *class, *confidence;
	struct seen v[5];
	unsigned remotes;
} rows[] = {
	{"no NAT", "none", "sure", {{1, 3478, 0}}, 1},
	{"one remote tells nothing", "unknown", "weak", {{1, 3478, 40}}, 1},
	{"two hosts see the same",
	 "eim",
	 "likely",
	 {{1, 3478, 40}, {2, 3478, 40}},
	 2},
	{"three hosts see the same",
	 "eim",
	 "sure",
	 {{1, 3478, 40}, {2, 3478, 40}, {3, 999, 40}},
	 3},
	{"two ports of one host see the same",
	 "eim-or-adm",
	 "likely",
	 {{1, 3478, 40}, {1, 3479, 40}},
	 1},
	{"each host another, its ports the same",
	 "adm",
	 "likely",
	 {{1, 3478, 40}, {1, 3479, 40}, {2, 3478, 41}},
	 2},
	{"each port another",
	 "apdm",
	 "likely",
	 {{1, 3478, 40}, {1, 3479, 41}},
	 1},
	{"each host another",
	 "adm-or-apdm",
	 "likely",
	 {{1, 3478, 40}, {2, 3478, 41}},
	 2},
	{"three hosts, three ports",
	 "adm-or-apdm",
	 "sure",
	 {{1, 3478, 40}, {2, 3478, 41}, {3, 3478, 42}},
	 3},
	{"contradictory",
	 "adm-or-apdm",
	 "weak",
	 {{1, 3478, 40}, {2, 3478, 40}, {3, 3478, 42}},
	 3},
	/* A neighbour sees no NAT: that says nothing of the one outside. */
	{"neighbours do not count",
	 "eim",
	 "likely",
	 {{7, 5000, 0}, {1, 3478, 40}, {2, 3478, 40}},
	 2},
	/* 30 s later it may be another binding. */
	{"too long ago",
	 "unknown",
	 "weak",
	 {{1, 3478, 40, 0}, {2, 3478, 41, 31}},
	 1},
	{"the same remote again",
	 "unknown",
	 "weak",
	 {{1, 3478, 40, 0}, {1, 3478, 40, 10}},
	 1},
};

static struct addr inner, nobody;
static struct counters counters;

static void seen(struct nat_table *t, const struct seen *s)
{
	struct addr remote = made_ip(s->ip, s->port);
	struct addr mapped = s->mapped ? made_ip(200, s->mapped) : inner;

	nat_seen(t, &inner, &remote, &mapped, (1 + s->at_s) * S);
}

START_TEST(classes)
{
	struct nat_table t;
	struct cdr_nat out;

	inner = made_ip(100, 5000);
	ck_assert_int_eq(nat_table_init(&t, made_seed, 10, &counters), 0);
	for (size_t i = 0; i < 5 && rows[_i].v[i].ip; i++)
		seen(&t, &rows[_i].v[i]);
	ck_assert(nat_result(nat_find(&t, &inner), &out));
	ck_assert_msg(!strcmp(out.class, rows[_i].class), "%s: %s",
		      rows[_i].name, out.class);
	ck_assert_msg(!strcmp(out.confidence, rows[_i].confidence), "%s: %s",
		      rows[_i].name, out.confidence);
	ck_assert_msg(out.remotes == rows[_i].remotes, "%s: %u", rows[_i].name,
		      out.remotes);
	ck_assert(addr_eq(&out.addr, &inner));
	nat_table_close(&t);
}
END_TEST

START_TEST(unknown)
{
	struct nat_table t;
	struct cdr_nat out;

	ck_assert_int_eq(nat_table_init(&t, made_seed, 10, &counters), 0);
	ck_assert(!nat_result(nat_find(&t, &nobody), &out));
	nat_table_close(&t);
}
END_TEST

/* Full: who was not heard of for longest goes. */
START_TEST(limit)
{
	struct nat_table t;
	struct addr remote = made_ip(1, 3478), a;

	ck_assert_int_eq(nat_table_init(&t, made_seed, 3, &counters), 0);
	for (uint16_t n = 1; n <= 3; n++) {
		a = made_ip(100, n);
		nat_seen(&t, &a, &remote, &a, n * S);
	}
	a = made_ip(100, 1);
	nat_seen(&t, &a, &remote, &a, 4 * S);
	a = made_ip(100, 9);
	nat_seen(&t, &a, &remote, &a, 5 * S);
	ck_assert_uint_eq(t.count, 3);
	ck_assert_uint_eq(counters_get(&counters, "nat.limit"), 1);
	a = made_ip(100, 2);
	ck_assert_ptr_null(nat_find(&t, &a));
	a = made_ip(100, 1);
	ck_assert_ptr_nonnull(nat_find(&t, &a));
	nat_table_close(&t);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int main(void)
{
	Suite *s = suite_create("nat");
	TCase *t = tcase_create("nat");

	tcase_add_loop_test(t, classes, 0, COUNT(rows));
	tcase_add_test(t, unknown);
	tcase_add_test(t, limit);
	suite_add_tcase(s, t);
	return run_suite(s);
}
