#include <check.h>

#include "sniffer/call/turn.h"
#include "tests/made_ice.h"
#include "tests/run_suite.h"

static struct counters counters;
static struct ice_table ices;
static struct turn_table table;
static struct rtc *rtc;
static struct turn_alloc *turn;
static struct arena *mem;

static void setup(void)
{
	struct addr client = made_ip(1, 5000), server = made_ip(9, 3478);

	counters = (struct counters){0};
	ck_assert_int_eq(ice_table_init(&ices, made_seed, &counters), 0);
	ck_assert_int_eq(turn_table_init(&table, made_seed, &counters), 0);
	rtc = rtc_new(1 << 20);
	turn = turn_alloc_new(&table, rtc, &client, &server, "udp");
	mem = arena_new(1024, 0);
}

static void teardown(void)
{
	arena_free(mem);
	turn_forget(&table, rtc);
	rtc_free(rtc, &ices);
	turn_table_close(&table);
	ice_table_close(&ices);
}

static struct stun_msg message(enum stun_class class, uint16_t method,
			       uint8_t tid)
{
	struct stun_msg m = made_stun(class, tid);

	m.method = method;
	if (class == STUN_REQUEST)
		m.username = SLICE("lab");
	return m;
}

static void put(const struct stun_msg *m, uint64_t at_s)
{
	struct turn_data data;

	ck_assert(!turn_on_stun(&table, turn, m->class == STUN_REQUEST, m,
				at_s * S, &data));
}

static void allocate(uint32_t lifetime_s)
{
	struct stun_msg m = message(STUN_REQUEST, TURN_ALLOCATE, 1);

	put(&m, 1);
	m = message(STUN_SUCCESS, TURN_ALLOCATE, 1);
	m.relayed[0] = made_ip(9, 40000);
	m.relayed_count = 1;
	m.has_mapped = true;
	m.mapped = made_ip(77, 1111);
	m.has_lifetime = true;
	m.lifetime_s = lifetime_s;
	m.software = SLICE("relay/1");
	put(&m, 2);
}

static struct cdr_turn result(void)
{
	struct cdr_turn out;

	turn_result(turn, mem, &out);
	return out;
}

START_TEST(allocated)
{
	struct addr relayed = made_ip(9, 40000), ip = made_ip(1, 1);
	struct cdr_turn out;

	allocate(600);
	out = result();
	ck_assert(addr_eq(&out.relayed, &relayed));
	ck_assert_uint_eq(out.mapped.port, 1111);
	ck_assert_uint_eq(out.lifetime_s, 600);
	ck_assert_uint_eq(out.created, 2 * S);
	ck_assert_uint_eq(out.closed, 0);
	ck_assert_uint_eq(out.error, CDR_NO_U32);
	ck_assert(slice_eq(out.username, SLICE("lab")));
	ck_assert(slice_eq(out.software, SLICE("relay/1")));
	ck_assert_ptr_eq(turn_by_relayed(&table, &relayed), turn);
	ck_assert_ptr_null(turn_by_relayed(&table, &ip));
	ck_assert_ptr_eq(turn_first_of(&table, &ip), turn);
	ck_assert_ptr_null(turn_next_of(turn));
	ck_assert(turn_alive(turn, 601 * S));
	ck_assert(!turn_alive(turn, 602 * S));
}
END_TEST

/* The error of each request, whether it had credentials; what is left. */
static const struct {
	const char *name;
	struct {
		uint16_t method, error; /* 0: success */
		bool authenticated;
	} v[4];
	uint32_t want;
} errors[] = {
	{"a challenge is no error", {{TURN_ALLOCATE, 401, false}}, CDR_NO_U32},
	{"challenged, then granted",
	 {{TURN_ALLOCATE, 401, false}, {TURN_ALLOCATE, 0, true}},
	 CDR_NO_U32},
	{"a wrong password",
	 {{TURN_ALLOCATE, 401, false}, {TURN_ALLOCATE, 401, true}},
	 401},
	{"quota",
	 {{TURN_ALLOCATE, 401, false}, {TURN_ALLOCATE, 486, true}},
	 486},
	{"no capacity", {{TURN_ALLOCATE, 508, true}}, 508},
	{"a stale nonce, then well",
	 {{TURN_ALLOCATE, 0, true},
	  {TURN_REFRESH, 438, true},
	  {TURN_REFRESH, 0, true}},
	 CDR_NO_U32},
	{"a stale nonce for good",
	 {{TURN_ALLOCATE, 0, true}, {TURN_REFRESH, 438, true}},
	 438},
	{"mismatch",
	 {{TURN_ALLOCATE, 0, true}, {TURN_REFRESH, 437, true}},
	 437},
};

START_TEST(error_codes)
{
	uint8_t tid = 1;

	for (size_t i = 0; i < 4 && errors[_i].v[i].method; i++, tid++) {
		struct stun_msg m =
			message(STUN_REQUEST, errors[_i].v[i].method, tid);

		if (!errors[_i].v[i].authenticated)
			m.username = (struct slice){0};
		put(&m, tid);
		m = message(errors[_i].v[i].error ? STUN_ERROR : STUN_SUCCESS,
			    errors[_i].v[i].method, tid);
		m.error_code = errors[_i].v[i].error;
		put(&m, tid);
	}
	ck_assert_msg(result().error == errors[_i].want, "%s: %u",
		      errors[_i].name, result().error);
}
END_TEST

START_TEST(given_back)
{
	struct stun_msg m = message(STUN_REQUEST, TURN_REFRESH, 2);

	allocate(600);
	m.has_lifetime = true;
	put(&m, 10);
	m = message(STUN_SUCCESS, TURN_REFRESH, 2);
	m.has_lifetime = true;
	put(&m, 11);
	ck_assert_uint_eq(result().closed, 11 * S);
	ck_assert_uint_eq(result().lifetime_s, 600);
	ck_assert(!turn_alive(turn, 12 * S));
	m = message(STUN_REQUEST, TURN_ALLOCATE, 3);
	ck_assert(turn_begins_anew(turn, &m, 12 * S));
}
END_TEST

START_TEST(refreshed)
{
	struct stun_msg m = message(STUN_REQUEST, TURN_REFRESH, 2);

	allocate(600);
	put(&m, 500);
	m = message(STUN_SUCCESS, TURN_REFRESH, 2);
	m.has_lifetime = true;
	m.lifetime_s = 300;
	put(&m, 501);
	ck_assert(turn_alive(turn, 800 * S));
	ck_assert(!turn_alive(turn, 801 * S));
	m = message(STUN_REQUEST, TURN_ALLOCATE, 3);
	ck_assert(!turn_begins_anew(turn, &m, 800 * S));
	ck_assert(turn_begins_anew(turn, &m, 801 * S));
}
END_TEST

START_TEST(permissions)
{
	struct stun_msg m = message(STUN_REQUEST, TURN_CREATE_PERMISSION, 2);
	struct cdr_turn out;

	allocate(600);
	m.peers[0] = made_ip(2, 1);
	m.peers[1] = made_ip(3, 1);
	m.peer_count = 2;
	put(&m, 3);
	m = message(STUN_SUCCESS, TURN_CREATE_PERMISSION, 2);
	put(&m, 4);
	m = message(STUN_REQUEST, TURN_CREATE_PERMISSION, 3);
	m.peers[0] = made_ip(4, 1);
	m.peer_count = 1;
	put(&m, 5);
	m = message(STUN_ERROR, TURN_CREATE_PERMISSION, 3);
	m.error_code = 403;
	put(&m, 6);
	out = result();
	ck_assert_uint_eq(out.permissions_n, 3);
	ck_assert(slice_eq(out.permissions[1].peer, SLICE("192.0.2.3")));
	ck_assert_uint_eq(out.permissions[1].created, 4 * S);
	ck_assert_uint_eq(out.permissions[1].expires, 304 * S);
	ck_assert_uint_eq(out.permissions[1].error, CDR_NO_U32);
	ck_assert_uint_eq(out.permissions[2].created, 0);
	ck_assert_uint_eq(out.permissions[2].error, 403);
	ck_assert_uint_eq(out.error, CDR_NO_U32);
}
END_TEST

static void bind_channel(uint8_t tid, uint16_t channel, uint8_t peer,
			 bool answered)
{
	struct stun_msg m = message(STUN_REQUEST, TURN_CHANNEL_BIND, tid);

	m.has_channel = true;
	m.channel = channel;
	m.peers[0] = made_ip(peer, 6000);
	m.peer_count = 1;
	put(&m, tid);
	if (!answered)
		return;
	m = message(STUN_SUCCESS, TURN_CHANNEL_BIND, tid);
	put(&m, tid);
}

START_TEST(channels)
{
	struct turn_channel c = {.channel = 0x4000, .data = SLICE("data")};
	struct turn_data d;
	struct cdr_turn out;

	allocate(600);
	bind_channel(3, 0x4000, 2, true);
	bind_channel(4, 0x4001, 3, false);
	turn_on_channel(turn, true, &c, &d);
	ck_assert_uint_eq(d.peer.port, 6000);
	ck_assert_uint_eq(d.peer.ip[15], 2);
	ck_assert(slice_eq(d.data, SLICE("data")));
	c.channel = 0x4001; /* the answer was not seen */
	turn_on_channel(turn, false, &c, &d);
	ck_assert_uint_eq(d.peer.ip[15], 3);
	c.channel = 0x4002; /* nobody bound it */
	turn_on_channel(turn, false, &c, &d);
	ck_assert(addr_is_any(&d.peer));
	ck_assert_uint_eq(d.peer.port, 0x4002);
	out = result();
	ck_assert_uint_eq(out.channels_n, 2);
	ck_assert(slice_eq(out.channels[0].channel, SLICE("0x4000")));
	ck_assert_uint_eq(out.channels[0].expires, 603 * S);
	ck_assert_uint_eq(out.channels[1].created, 0);
	ck_assert_uint_eq(out.bytes_up, 4);
	ck_assert_uint_eq(out.bytes_down, 8);
	ck_assert_uint_eq(out.packets_down, 2);
	/* a bound channel is a permission too */
	ck_assert_uint_eq(out.permissions_n, 1);
}
END_TEST

START_TEST(indications)
{
	struct stun_msg m = message(STUN_INDICATION, TURN_SEND, 5);
	struct turn_data d;

	allocate(600);
	m.peers[0] = made_ip(2, 6000);
	m.peer_count = 1;
	m.data = SLICE("inside");
	ck_assert(turn_on_stun(&table, turn, true, &m, 9 * S, &d));
	ck_assert(slice_eq(d.data, SLICE("inside")));
	ck_assert_uint_eq(d.peer.port, 6000);
	m.method = TURN_DATA;
	m.peer_count = 0;
	ck_assert(!turn_on_stun(&table, turn, false, &m, 9 * S, &d));
	ck_assert_uint_eq(result().bytes_up, 6);
}
END_TEST

/* A tap that sees answers only. */
START_TEST(the_request_was_not_seen)
{
	struct stun_msg m = message(STUN_SUCCESS, TURN_ALLOCATE, 1);

	m.relayed[0] = made_ip(9, 40000);
	m.relayed_count = 1;
	put(&m, 2);
	ck_assert_uint_eq(result().relayed.port, 40000);
	ck_assert_uint_eq(result().lifetime_s, 600);
}
END_TEST

START_TEST(both_families)
{
	const uint8_t six[16] = {0x20, 1, 0xd, 0xb8, [15] = 9};
	struct stun_msg m = message(STUN_SUCCESS, TURN_ALLOCATE, 1);
	struct addr v6 = addr_v6(six, 1), got;

	m.relayed[0] = made_ip(9, 40000);
	m.relayed[1] = addr_v6(six, 40001);
	m.relayed_count = 2;
	put(&m, 2);
	got = turn_relayed_for(turn, &v6);
	ck_assert_uint_eq(got.port, 40001);
	v6 = made_ip(2, 2);
	got = turn_relayed_for(turn, &v6);
	ck_assert_uint_eq(got.port, 40000);
}
END_TEST

START_TEST(limits)
{
	struct addr client = made_ip(1, 5000), server = made_ip(9, 3478);
	unsigned made = 1;

	allocate(600);
	for (unsigned n = 0; n < 200; n++)
		bind_channel((uint8_t)(10 + n), (uint16_t)(0x4000 + n), 2,
			     true);
	ck_assert_uint_eq(result().channels_n, 128);
	while (turn_alloc_new(&table, rtc, &client, &server, "udp"))
		made++;
	ck_assert_uint_eq(made, 32);
	ck_assert_uint_eq(counters_get(&counters, "turn.limit"), 72 + 1);
}
END_TEST

/* RFC 6062: asked for, and told of. */
START_TEST(connections)
{
	struct addr client = made_ip(1, 6000), server = made_ip(9, 3478);
	struct addr peer = {{0}, 0}, want[2] = {made_ip(2, 80), made_ip(3, 81)};
	struct stun_msg m = message(STUN_REQUEST, TURN_CONNECT, 1);

	m.peers[0] = want[0];
	m.peer_count = 1;
	put(&m, 1);
	m = message(STUN_SUCCESS, TURN_CONNECT, 1);
	m.has_connection_id = true;
	m.connection_id = 7;
	put(&m, 2);
	m = message(STUN_INDICATION, TURN_CONNECTION_ATTEMPT, 2);
	m.has_connection_id = true;
	m.connection_id = 8;
	m.peers[0] = want[1];
	m.peer_count = 1;
	put(&m, 3);
	for (uint32_t i = 0; i < 2; i++) {
		ck_assert_ptr_eq(turn_of_connection(&table, &client, &server,
						    7 + i, &peer),
				 turn);
		ck_assert(addr_eq(&peer, &want[i]));
	}
	ck_assert_ptr_null(
		turn_of_connection(&table, &client, &server, 9, &peer));
	ck_assert_ptr_null(
		turn_of_connection(&table, &client, &client, 7, &peer));
	turn_on_bound(turn, true, 100);
	turn_on_bound(turn, false, 30);
	ck_assert_uint_eq(result().bytes_up, 100);
	ck_assert_uint_eq(result().bytes_down, 30);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int main(void)
{
	Suite *s = suite_create("turn");
	TCase *t = tcase_create("turn");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, allocated);
	tcase_add_loop_test(t, error_codes, 0, COUNT(errors));
	tcase_add_test(t, given_back);
	tcase_add_test(t, refreshed);
	tcase_add_test(t, permissions);
	tcase_add_test(t, channels);
	tcase_add_test(t, indications);
	tcase_add_test(t, the_request_was_not_seen);
	tcase_add_test(t, both_families);
	tcase_add_test(t, connections);
	tcase_add_test(t, limits);
	suite_add_tcase(s, t);
	return run_suite(s);
}
