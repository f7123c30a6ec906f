/* The NATs of a session's clients, from a tap inside and from one outside. */
#include <check.h>
#include <stdio.h>

#include "tests/made_signal.h"
#include "tests/run_suite.h"

static struct made_engine m;
static uint64_t ms; /* now */
static uint32_t tid;

static void setup(void)
{
	struct engine_config cfg = made_engine_config();

	made_engine_begin(&m, &cfg);
	ms = 0;
	tid = 0;
}

static void teardown(void)
{
	made_engine_free(&m);
}

#define PWD "0123456789abcdefghijkl"

/* A STUN server tells a client what it looks like. */
static void ask(struct addr client, struct addr server, struct addr mapped)
{
	struct stun_bytes s;

	stun_bytes_begin(&s, STUN_REQUEST, STUN_BINDING, ++tid);
	made_udp(&m, ms, client, server, stun_bytes_slice(&s));
	stun_bytes_begin(&s, STUN_SUCCESS, STUN_BINDING, tid);
	stun_bytes_addr(&s, STUN_ATTR_XOR_MAPPED_ADDRESS, &mapped);
	made_udp(&m, ms + 5, server, client, stun_bytes_slice(&s));
	ms += 10;
}

/* The answer tells what the peer saw. */
static void check(struct addr from, struct addr to, struct addr seen_as,
		  const char *sender, const char *receiver)
{
	struct made_check c = {from, to,    sender, receiver,
			       NULL, false, true,   ++tid};
	struct stun_bytes s;

	made_check_request(&s, &c);
	made_udp(&m, ms, from, to, stun_bytes_slice(&s));
	c.from = seen_as;
	made_check_answer(&s, &c);
	made_udp(&m, ms + 5, to, from, stun_bytes_slice(&s));
	ms += 10;
}

static const struct cdr_call *only(void)
{
	made_engine_end(&m);
	return &made_only(&m)->call;
}

static const struct cdr_nat *row_of(const struct cdr_call *c, struct addr a)
{
	for (size_t i = 0; i < c->nat_n; i++)
		if (addr_eq(&c->nat[i].addr, &a))
			return &c->nat[i];
	return NULL;
}

/* --- inside --------------------------------------------------------------- */

#define CLIENT made_at(1, 5000)
#define PEER   made_at(2, 6000)

/* What two servers and the peer saw, as ports; 5000 with the client's own IP:
 * no NAT. */
static const struct {
	const char *name;
	uint16_t server[2], peer;
	const char *class, *confidence;
	uint32_t remotes;
} inside[] = {
	{"none", {0, 0}, 0, "none", "sure", 3},
	{"the same for all", {7000, 7000}, 7000, "eim", "sure", 3},
	{"another for each", {7000, 7001}, 7002, "adm-or-apdm", "sure", 3},
	/* the peer is a neighbour: nothing lies in between */
	{"not on the way to the peer", {7000, 7000}, 0, "eim", "likely", 2},
};

static struct addr mapped(uint16_t port)
{
	return port ? made_at(50, port) : CLIENT;
}

START_TEST(from_inside)
{
	const struct cdr_nat *n;

	for (uint8_t i = 0; i < 2; i++)
		ask(CLIENT, made_at((uint8_t)(20 + i), 3478),
		    mapped(inside[_i].server[i]));
	check(CLIENT, PEER, mapped(inside[_i].peer), "aaaa", "bbbb");
	n = row_of(only(), CLIENT);
	ck_assert_msg(n != NULL, "%s: no row", inside[_i].name);
	ck_assert_msg(!strcmp(n->class, inside[_i].class), "%s: %s",
		      inside[_i].name, n->class);
	ck_assert_msg(!strcmp(n->confidence, inside[_i].confidence), "%s: %s",
		      inside[_i].name, n->confidence);
	ck_assert_msg(n->remotes == inside[_i].remotes, "%s: %u",
		      inside[_i].name, n->remotes);
}
END_TEST

/* An Allocate is answered likewise (RFC 8656, 7.2). */
START_TEST(turn_server_tells)
{
	struct addr server = made_at(20, 3478), seen = made_at(50, 7000);
	struct stun_bytes s;

	stun_bytes_begin(&s, STUN_REQUEST, TURN_ALLOCATE, ++tid);
	made_udp(&m, 0, CLIENT, server, stun_bytes_slice(&s));
	stun_bytes_begin(&s, STUN_SUCCESS, TURN_ALLOCATE, tid);
	stun_bytes_addr(&s, STUN_ATTR_XOR_MAPPED_ADDRESS, &seen);
	made_udp(&m, 5, server, CLIENT, stun_bytes_slice(&s));
	ck_assert_str_eq(row_of(only(), CLIENT)->class, "unknown");
	ck_assert_uint_eq(m.got[0]->call.nat[0].mapped.port, 7000);
}
END_TEST

/* --- outside -------------------------------------------------------------- */

/* Each party names the base behind its mapped address 10.0.0.50, 10.0.0.60. */
static void signal_both(void)
{
	struct made_party a = {.id = "1111111111",
			       .version = 1,
			       .ufrag = "aaaa",
			       .pwd = PWD,
			       .more = "a=candidate:1 1 udp 9 10.0.0.50 7000 "
				       "typ srflx raddr 192.168.0.1 rport "
				       "5000\r\n"};
	struct made_party b = {.id = "2222222222",
			       .version = 1,
			       .ufrag = "bbbb",
			       .pwd = PWD,
			       .more = "a=candidate:1 1 udp 9 10.0.0.60 8000 "
				       "typ srflx raddr 192.168.9.1 rport "
				       "6000\r\n"};
	struct made_tcp t;
	char text[MADE_TEXT];

	made_tcp_open(&m, ms, &t, made_at(50, 40000), made_at(9, 80));
	made_ws_open(&m, ms, &t);
	made_json(text, "offer", &a);
	made_ws_text(&m, ms, &t, 0, text);
	made_json(text, "answer", &b);
	made_ws_text(&m, ms + 5, &t, 1, text);
	ms += 20;
}

static struct addr base(uint8_t net, uint16_t port)
{
	const uint8_t ip[4] = {192, 168, net, 1};

	return addr_v4(ip, port);
}

/* The port that each NAT gives towards the other side. */
static const struct {
	const char *name;
	uint16_t a, b;
	const char *class_a, *class_b;
	bool predicted; /* that it cannot work */
} outside[] = {
	{"the same as for the server", 7000, 8000, "eim", "eim", false},
	{"one gives another", 7001, 8000, "adm-or-apdm", "eim", false},
	{"both give another", 7001, 8001, "adm-or-apdm", "adm-or-apdm", true},
};

static void try(struct addr from, struct addr to, const char *sender,
		const char *receiver)
{
	struct made_check c = {from, to,    sender, receiver,
			       NULL, false, true,   ++tid};
	struct stun_bytes s;

	made_check_request(&s, &c);
	made_udp(&m, ms, from, to, stun_bytes_slice(&s));
	ms += 10;
}

START_TEST(from_outside)
{
	const struct cdr_call *c;
	const struct cdr_nat *a, *b;
	bool predicted = false;

	signal_both();
	try(made_at(50, outside[_i].a), made_at(60, 8000), "aaaa", "bbbb");
	try(made_at(60, outside[_i].b), made_at(50, 7000), "bbbb", "aaaa");
	c = only();
	a = row_of(c, base(0, 5000));
	b = row_of(c, base(9, 6000));
	ck_assert_msg(a && b, "%s: %zu rows", outside[_i].name, c->nat_n);
	ck_assert_msg(!strcmp(a->class, outside[_i].class_a), "%s: %s",
		      outside[_i].name, a->class);
	ck_assert_msg(!strcmp(b->class, outside[_i].class_b), "%s: %s",
		      outside[_i].name, b->class);
	for (size_t i = 0; i < c->diagnoses_n; i++)
		if (!strcmp(c->diagnoses[i].code, "nat-symmetric"))
			predicted = true;
	ck_assert_msg(predicted == outside[_i].predicted, "%s",
		      outside[_i].name);
}
END_TEST

/* --- limits --------------------------------------------------------------- */

START_TEST(limit)
{
	struct engine_config cfg = made_engine_config();

	teardown();
	cfg.max_nat = 3;
	made_engine_begin(&m, &cfg);
	for (uint16_t n = 0; n < 10; n++)
		ask(made_at(1, (uint16_t)(5000 + n)), made_at(20, 3478),
		    made_at(50, 7000));
	ck_assert_uint_eq(made_counted(&m, "nat.limit"), 7);
	made_engine_end(&m);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int main(void)
{
	Suite *s = suite_create("engine_nat");
	TCase *t = tcase_create("engine_nat");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, from_inside, 0, COUNT(inside));
	tcase_add_test(t, turn_server_tells);
	tcase_add_loop_test(t, from_outside, 0, COUNT(outside));
	tcase_add_test(t, limit);
	suite_add_tcase(s, t);
	return run_suite(s);
}
