/* The flow table and the index of addresses. */
#include "sniffer/net/flow.h"
#include "tests/run_suite.h"

#include <check.h>
#include <stdlib.h>

#define SEC 1000000000ull

/* What on_close() saw: the realms of the flows, in order. */
struct closed {
	unsigned realm[64];
	size_t n;
};

struct mine {
	unsigned value;
};

static void on_close(struct flow *f, void *arg)
{
	struct closed *c = arg;

	ck_assert_uint_lt(c->n, 64);
	c->realm[c->n++] = f->key.realm;
}

static struct flow_table *table(struct closed *c, size_t max,
				struct counters *counters)
{
	struct flow_config cfg = {
		.max_flows = max,
		.tcp_idle_ns = 600 * SEC,
		.udp_idle_ns = 180 * SEC,
		.user_size = sizeof(struct mine),
		.on_close = c ? on_close : NULL,
		.arg = c,
		.seed = {1, 2},
	};

	*counters = (struct counters){.len = 0};
	return flow_table_new(&cfg, counters);
}

static struct addr addr(uint8_t last, uint16_t port)
{
	return addr_v4((const uint8_t[]){192, 0, 2, last}, port);
}

static struct pkt packet(struct addr src, struct addr dst, uint8_t proto)
{
	return (struct pkt){.src = src, .dst = dst, .proto = proto};
}

static struct flow_key key(uint16_t realm, uint8_t proto)
{
	struct pkt p = packet(addr(1, 5060), addr(2, 5060), proto);
	int dir;

	return flow_key_of(&p, realm, &dir);
}

START_TEST(both_directions)
{
	struct pkt ab = packet(addr(1, 5060), addr(2, 5062), PKT_UDP);
	struct pkt ba = packet(addr(2, 5062), addr(1, 5060), PKT_UDP);
	struct pkt self = packet(addr(1, 9), addr(1, 9), PKT_UDP);
	int dir[3];
	struct flow_key k[3] = {flow_key_of(&ab, 7, &dir[0]),
				flow_key_of(&ba, 7, &dir[1]),
				flow_key_of(&self, 7, &dir[2])};

	ck_assert_mem_eq(&k[0], &k[1], sizeof(k[0]));
	ck_assert_int_eq(dir[0], 0);
	ck_assert_int_eq(dir[1], 1);
	ck_assert_int_eq(dir[2], 0);
	ck_assert_uint_eq(k[0].realm, 7);
	ck_assert_uint_eq(k[0].proto, PKT_UDP);
	ck_assert_uint_eq(k[0].zero, 0);
	ck_assert_uint_eq(k[0].lo.port, 5060);
	ck_assert_uint_eq(k[0].hi.port, 5062);
}
END_TEST

START_TEST(found_again)
{
	struct counters counters;
	struct flow_table *ft = table(NULL, 0, &counters);
	struct flow_key k = key(0, PKT_UDP),
			other[] = {key(1, PKT_UDP), key(0, PKT_TCP)};
	struct flow *f;

	ck_assert_ptr_null(flow_find(ft, &k));
	f = flow_get(ft, &k, 5 * SEC);
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(((struct mine *)f->user)->value, 0);
	ck_assert_uint_eq((uintptr_t)f->user % 8, 0);
	flow_touch(f, 0, 5 * SEC);
	flow_touch(f, 1, 6 * SEC);
	flow_touch(f, 1, 7 * SEC);
	ck_assert_ptr_eq(flow_get(ft, &k, 8 * SEC), f);
	ck_assert_ptr_eq(flow_find(ft, &k), f);
	ck_assert_uint_eq(f->first_ns, 5 * SEC);
	ck_assert_uint_eq(f->last_ns, 7 * SEC);
	ck_assert_uint_eq(f->packets[0], 1);
	ck_assert_uint_eq(f->packets[1], 2);
	for (unsigned n = 0; n < UINT16_MAX; n++)
		flow_touch(f, 0, 7 * SEC);
	ck_assert_uint_eq(f->packets[0], FLOW_PACKETS_MANY);
	ck_assert_ptr_eq(flow_src(f, 0), &f->key.lo);
	ck_assert_ptr_eq(flow_src(f, 1), flow_dst(f, 0));
	for (int i = 0; i < 2; i++)
		ck_assert_ptr_ne(flow_get(ft, &other[i], 8 * SEC), f);
	ck_assert_uint_eq(flow_table_count(ft), 3);
	flow_table_free(ft);
}
END_TEST

/* A flow is used anew: nothing of the old one is left in it. */
START_TEST(reused)
{
	struct counters counters;
	struct flow_table *ft = table(NULL, 0, &counters);
	struct flow_key k = key(0, PKT_UDP);
	size_t memory;

	for (int i = 0; i < 1000; i++) {
		struct flow *f = flow_get(ft, &k, SEC);

		ck_assert_uint_eq(((struct mine *)f->user)->value, 0);
		((struct mine *)f->user)->value = 9;
		ck_assert_uint_eq(f->packets[0], 0);
		flow_touch(f, 0, SEC);
		flow_close(f);
		if (!i)
			memory = flow_table_memory(ft);
	}
	ck_assert_uint_eq(flow_table_memory(ft), memory);
	ck_assert_uint_eq(flow_table_count(ft), 0);
	flow_table_free(ft);
}
END_TEST

START_TEST(limit)
{
	struct counters counters;
	struct closed c = {.n = 0};
	struct flow_table *ft = table(&c, 2, &counters);
	struct flow_key k[3] = {key(0, PKT_UDP), key(1, PKT_UDP),
				key(2, PKT_UDP)};
	struct flow *f = flow_get(ft, &k[0], SEC);

	ck_assert_ptr_nonnull(flow_get(ft, &k[1], SEC));
	ck_assert_ptr_null(flow_get(ft, &k[2], SEC));
	ck_assert_uint_eq(counters_get(&counters, "flow.limit"), 1);
	ck_assert_ptr_eq(flow_get(ft, &k[0], SEC), f);
	flow_close(f);
	ck_assert_ptr_nonnull(flow_get(ft, &k[2], SEC));
	ck_assert_uint_eq(counters_get(&counters, "flow.limit"), 1);
	flow_table_free(ft);
	ck_assert_uint_eq(c.n, 3);
}
END_TEST

/* Realm = number of the flow: 1 is UDP and silent, 2 is UDP and used, 3 is
 * TCP, 4 is UDP and pinned. */
START_TEST(idle)
{
	struct counters counters;
	struct closed c = {.n = 0};
	struct flow_table *ft = table(&c, 0, &counters);
	struct flow_key k[] = {key(1, PKT_UDP), key(2, PKT_UDP),
			       key(3, PKT_TCP), key(4, PKT_UDP)};
	struct flow *f[4];

	for (int i = 0; i < 4; i++)
		f[i] = flow_get(ft, &k[i], 1000 * SEC);
	f[3]->pinned = true;
	flow_table_expire(ft, 1179 * SEC);
	ck_assert_uint_eq(c.n, 0);
	flow_touch(f[1], 0, 1100 * SEC);
	flow_table_expire(ft, 1180 * SEC);
	ck_assert_uint_eq(c.n, 1);
	ck_assert_uint_eq(c.realm[0], 1);
	flow_table_expire(ft, 1279 * SEC);
	ck_assert_uint_eq(c.n, 1);
	flow_table_expire(ft, 1280 * SEC);
	ck_assert_uint_eq(c.n, 2);
	ck_assert_uint_eq(c.realm[1], 2);
	f[3]->pinned = false;
	flow_table_expire(ft, 1359 * SEC);
	ck_assert_uint_eq(c.n, 2);
	flow_table_expire(ft, 1360 * SEC);
	ck_assert_uint_eq(c.n, 3);
	ck_assert_uint_eq(c.realm[2], 4);
	flow_table_expire(ft, 1600 * SEC);
	ck_assert_uint_eq(c.n, 4);
	ck_assert_uint_eq(c.realm[3], 3);
	ck_assert_uint_eq(flow_table_count(ft), 0);
	flow_table_free(ft);
}
END_TEST

/* One jump of the clock closes in order of silence, not of making. */
START_TEST(idle_order)
{
	struct counters counters;
	struct closed c = {.n = 0};
	struct flow_table *ft = table(&c, 0, &counters);
	struct flow_key k[] = {key(1, PKT_UDP), key(2, PKT_UDP),
			       key(3, PKT_UDP)};

	for (int i = 0; i < 3; i++)
		flow_touch(flow_get(ft, &k[i], 1000 * SEC), 0,
			   (1100 - 10 * (uint64_t)i) * SEC);
	flow_table_expire(ft, 9000 * SEC);
	ck_assert_uint_eq(c.n, 3);
	for (int i = 0; i < 3; i++)
		ck_assert_uint_eq(c.realm[i], 3 - i);
	flow_table_free(ft);
}
END_TEST

START_TEST(freed_in_order)
{
	struct counters counters;
	struct closed c = {.n = 0};
	struct flow_table *ft = table(&c, 0, &counters);
	unsigned n = 0;

	for (unsigned i = 1; i <= 50; i++) {
		struct flow_key k = key((uint16_t)i, PKT_UDP);

		flow_get(ft, &k, i);
	}
	for (struct flow *f = flow_table_first(ft); f;
	     f = flow_table_next(ft, f))
		ck_assert_uint_eq(f->key.realm, ++n);
	ck_assert_uint_eq(n, 50);
	flow_table_free(ft);
	ck_assert_uint_eq(c.n, 50);
	for (unsigned i = 0; i < 50; i++)
		ck_assert_uint_eq(c.realm[i], i + 1);
}
END_TEST

START_TEST(many)
{
	struct counters counters;
	struct flow_table *ft = table(NULL, 0, &counters);
	size_t n = 100000;

	for (size_t i = 0; i < n; i++) {
		struct pkt p =
			packet(addr(1, (uint16_t)i),
			       addr((uint8_t)(2 + (i >> 16)), 80), PKT_UDP);
		int dir;
		struct flow_key k = flow_key_of(&p, 0, &dir);
		struct flow *f = flow_get(ft, &k, SEC);

		ck_assert_ptr_nonnull(f);
		((struct mine *)f->user)->value = (unsigned)i;
	}
	ck_assert_uint_eq(flow_table_count(ft), n);
	ck_assert_uint_lt(flow_table_memory(ft) / n, 300);
	for (size_t i = 0; i < n; i += 97) {
		struct pkt p = packet(addr((uint8_t)(2 + (i >> 16)), 80),
				      addr(1, (uint16_t)i), PKT_UDP);
		int dir;
		struct flow_key k = flow_key_of(&p, 0, &dir);
		struct flow *f = flow_find(ft, &k);

		ck_assert_ptr_nonnull(f);
		ck_assert_uint_eq(((struct mine *)f->user)->value, i);
	}
	flow_table_expire(ft, 1000 * SEC);
	ck_assert_uint_eq(flow_table_count(ft), 0);
	flow_table_free(ft);
}
END_TEST

START_TEST(index_finds_all)
{
	struct addr_index ai;
	struct addr_node n[4] = {{.in = false}};
	struct addr a = addr(1, 4000), b = addr(1, 4002);

	ck_assert_int_eq(addr_index_init(&ai, (struct seed){3, 4}), 0);
	ck_assert_ptr_null(addr_index_first(&ai, &a));
	for (int i = 0; i < 4; i++)
		addr_index_insert(&ai, &n[i], i == 2 ? &b : &a);
	ck_assert_ptr_eq(addr_index_first(&ai, &a), &n[3]);
	ck_assert_ptr_eq(addr_index_next(&n[3]), &n[1]);
	ck_assert_ptr_eq(addr_index_next(&n[1]), &n[0]);
	ck_assert_ptr_null(addr_index_next(&n[0]));
	ck_assert_ptr_eq(addr_index_first(&ai, &b), &n[2]);

	addr_index_remove(&ai, &n[1]);
	addr_index_remove(&ai, &n[1]);
	ck_assert_ptr_eq(addr_index_next(&n[3]), &n[0]);
	addr_index_insert(&ai, &n[3], &b); /* moved */
	ck_assert_ptr_eq(addr_index_first(&ai, &a), &n[0]);
	ck_assert_ptr_eq(addr_index_first(&ai, &b), &n[3]);
	ck_assert_ptr_eq(addr_index_next(&n[3]), &n[2]);
	addr_index_close(&ai);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("flow");
	TCase *tc = tcase_create("table");

	suite_add_tcase(s, tc);
	tcase_add_test(tc, both_directions);
	tcase_add_test(tc, found_again);
	tcase_add_test(tc, reused);
	tcase_add_test(tc, limit);
	tcase_add_test(tc, idle);
	tcase_add_test(tc, idle_order);
	tcase_add_test(tc, freed_in_order);
	tcase_add_test(tc, many);
	tc = tcase_create("index");
	suite_add_tcase(s, tc);
	tcase_add_test(tc, index_finds_all);
	return run_suite(s);
}
