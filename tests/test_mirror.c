/*
 * What packets tell of the mirror port: one direction only, packets twice; and
 * what looks like that and is none.
 */
#include <stdio.h>
#include <stdlib.h>

#include "sniffer/mirror_words.h"
#include "tests/made_signal.h"
#include "tests/run_suite.h"

enum {
	RAW_IP = 101,
	A = 1, /* bits: what is seen of the caller, of the callee */
	B = 2,
	BOTH = 3,
	SERVER = 200,
};

/* How the mirror shows a packet. */
struct shown {
	unsigned sides;	   /* A, B */
	bool split;	   /* the callee's come by another interface */
	unsigned times;	   /* 0 = once */
	unsigned apart_us; /* the copy, after the first */
	bool hop, crossed; /* a copy has another TTL; another interface */
	bool new_id;	   /* the host itself sent it again */
	bool no_id;	   /* IP IDs are all 0 */
};

struct traffic {
	unsigned calls, rtp; /* of each call and side */
	unsigned rtp_sides;
	bool through; /* an SBC passes the media on, to another host */
	bool hairpin; /* both phones have one address */
	bool multicast, answered, ping;
	bool rtcp, tcp; /* alone, in place of calls */
	unsigned iface;
};

static struct engine *e;
static struct shown how;
static uint64_t now_us;
static unsigned ids, base_iface;

static void forget(void *arg, struct cdr *cdr)
{
	(void)arg;
	cdr_free(cdr);
}

static void setup(void)
{
	const struct engine_config cfg = made_engine_config();
	const struct engine_out out = {.record = forget};

	e = engine_new(&cfg, &out);
	ck_assert_ptr_nonnull(e);
	now_us = 0;
	ids = 1;
	base_iface = 0;
}

static void teardown(void)
{
	engine_free(e);
}

static void feed(uint8_t *p, size_t len, uint64_t at_us, unsigned iface)
{
	const struct frame f = {
		.data = slice_of(p, len),
		.ts_ns = MADE_T0 + at_us * 1000,
		.wire_len = (uint32_t)len,
		.linktype = RAW_IP,
		.ts_digits = 6,
		.iface = (uint16_t)iface,
	};

	engine_feed(e, &f, 1);
}

static void put_id(uint8_t *p)
{
	unsigned id = how.no_id ? 0 : ids++ & 0xffff;

	p[4] = (uint8_t)(id >> 8);
	p[5] = (uint8_t)id;
}

/* An IP packet of the caller's side or the callee's, as the mirror has it. */
static void show(uint8_t *p, size_t len, bool of_b)
{
	unsigned iface = base_iface + (how.split && of_b);

	now_us += 200;
	put_id(p);
	if (!(how.sides & (of_b ? B : A)))
		return;
	feed(p, len, now_us, iface);
	for (unsigned i = 1; i < how.times; i++) {
		if (how.hop)
			p[8]--;
		if (how.new_id)
			put_id(p);
		feed(p, len, now_us + i * how.apart_us,
		     iface + (how.crossed ? 1 : 0));
	}
}

static void send_udp(struct addr from, struct addr to, struct slice data,
		     bool of_b)
{
	static uint8_t p[MADE_UDP_HEAD + MADE_BYTES];

	show(p, made_udp_bytes(p, from, to, data), of_b);
}

/* --- traffic -------------------------------------------------------------- */

static void sip(unsigned n, struct addr phone, bool of_b, const char *start,
		const char *cseq)
{
	const struct addr server = made_at(SERVER, 5060);
	char text[MADE_TEXT], id[32];
	const struct made_sip s = {
		.from = of_b ? server : phone,
		.to = of_b ? phone : server,
		.start = start,
		.id = id,
		.cseq = cseq,
		.to_tag = strncmp(start, "INVITE", 6) ? ";tag=b" : "",
	};
	size_t len;

	snprintf(id, sizeof(id), "call-%u-%u", base_iface, n);
	len = made_sip_text(text, &s);
	send_udp(s.from, s.to, slice_of(text, len), of_b);
}

static void rtp(struct addr from, struct addr to, unsigned ssrc, unsigned i,
		bool of_b)
{
	const struct made_rtp r = {
		.from = from, .to = to, .ssrc = ssrc, .n = 1, .pt = 8};
	uint8_t buf[172];
	size_t len = made_rtp_packet(&r, i, buf);

	send_udp(from, to, slice_of(buf, len), of_b);
}

static void media(const struct traffic *t, unsigned n, struct addr phone)
{
	struct addr server = made_at(SERVER, (uint16_t)(20000 + 2 * n));
	const uint8_t group[4] = {239, 1, 1, 1};
	struct addr to = t->multicast ? addr_v4(group, 5004) : server;

	for (unsigned i = 0; i < t->rtp; i++) {
		if (t->rtp_sides & A)
			rtp(phone, to, 2 * n, i, false);
		if (t->rtp_sides & B)
			rtp(server, phone, 2 * n + 1, i, true);
		if (t->through)
			rtp(server, made_at(201, 4000), 2 * n, i, false);
		if (t->hairpin)
			rtp(server, (struct addr){.port = 4444}, 2 * n, i,
			    true);
		now_us += 20000;
	}
}

/* A receiver report with one block. */
static void report(struct addr phone, unsigned n, bool of_b)
{
	uint8_t rr[32] = {0x81, 201, 0, 7, 0, 0, 0, (uint8_t)n};
	struct addr server = made_at(SERVER, 20001);

	send_udp(of_b ? server : phone, of_b ? phone : server,
		 slice_of(rr, sizeof(rr)), of_b);
}

/* Twenty segments with payload each way. */
static void connection(struct addr phone, unsigned n)
{
	for (unsigned i = 0; i < 40; i++) {
		uint8_t p[20 + 20 + 40] = {0}, *tcp = p + 20;
		bool of_b = i & 1;
		uint8_t data[52] = {0};
		struct addr server = made_at(SERVER, 443);
		size_t len;

		memset(data + 12, (int)(n + i), 40);
		len = made_udp_bytes(p, of_b ? server : phone,
				     of_b ? phone : server,
				     slice_of(data, sizeof(data)));
		p[9] = 6;
		memset(tcp + 4, 0, 16);
		tcp[6] = (uint8_t)i;
		tcp[12] = 5 << 4;
		tcp[13] = 0x18;
		show(p, len, of_b);
	}
}

static void one_call(const struct traffic *t, unsigned n)
{
	struct addr phone =
		made_at((uint8_t)(1 + n % 50), (uint16_t)(4000 + 2 * n));
	struct addr sip_at = made_at((uint8_t)(1 + n % 50), 5060);

	if (t->ping)
		sip(n, sip_at, false, "OPTIONS sip:b@x SIP/2.0", "1 OPTIONS");
	if (t->answered) {
		sip(n, sip_at, false, "INVITE sip:b@x SIP/2.0", "1 INVITE");
		sip(n, sip_at, true, "SIP/2.0 200 OK", "1 INVITE");
		sip(n, sip_at, false, "ACK sip:b@x SIP/2.0", "1 ACK");
	}
	media(t, n, phone);
	if (t->answered) {
		sip(n, sip_at, false, "BYE sip:b@x SIP/2.0", "2 BYE");
		sip(n, sip_at, true, "SIP/2.0 200 OK", "2 BYE");
	}
	if (t->rtcp) {
		report(phone, n, false);
		report(phone, n, true);
	}
	if (t->tcp)
		connection(phone, n);
	now_us += 100000;
}

static void run(const struct traffic *t)
{
	base_iface = t->iface;
	for (unsigned n = 0; n < t->calls; n++)
		one_call(t, n);
}

/* --- verdicts ------------------------------------------------------------- */

#define CALLS .calls = 40, .rtp = 30, .rtp_sides = BOTH, .answered = true

static const struct {
	const char *name;
	struct shown how;
	struct traffic t;
	bool one_way, twice, crossed, hops;
} rows[] = {
	/* clang-format off */
	{"all is well", {BOTH}, {CALLS}, false, false, false, false},
	{"a direction on each interface", {BOTH, .split = true}, {CALLS},
	 false, false, false, false},
	{"an SBC passes media on", {BOTH}, {CALLS, .through = true},
	 false, false, false, false},
	{"hairpin", {BOTH}, {CALLS, .hairpin = true},
	 false, false, false, false},
	{"announcements", {BOTH},
	 {.calls = 40, .rtp = 30, .rtp_sides = B, .answered = true},
	 false, false, false, false},
	{"media one way and nothing else", {BOTH},
	 {.calls = 60, .rtp = 30, .rtp_sides = A}, false, false, false, false},
	{"multicast", {BOTH, .times = 2, .apart_us = 50},
	 {.calls = 40, .rtp = 30, .rtp_sides = A, .multicast = true},
	 false, false, false, false},
	{"nobody answers", {A}, {.calls = 500, .ping = true},
	 false, false, false, false},
	{"little traffic, one way", {A}, {.calls = 5, .answered = true},
	 false, false, false, false},
	{"little traffic, twice", {BOTH, .times = 2, .apart_us = 50},
	 {.calls = 3, .answered = true}, false, false, false, false},
	{"hosts send twice", {BOTH, .times = 2, .apart_us = 50, .new_id = true},
	 {CALLS}, false, false, false, false},
	{"sent again later", {BOTH, .times = 2, .apart_us = 30000,
	 .no_id = true}, {CALLS}, false, false, false, false},
	{"TCP both ways", {BOTH}, {.calls = 40, .tcp = true},
	 false, false, false, false},

	{"callers only", {A}, {CALLS}, true, false, false, false},
	{"callees only", {B}, {CALLS}, true, false, false, false},
	{"RTCP of one side", {A},
	 {.calls = 40, .rtp = 10, .rtp_sides = BOTH, .rtcp = true},
	 true, false, false, false},
	{"TCP of one side", {A}, {.calls = 40, .tcp = true},
	 true, false, false, false},
	{"twice", {BOTH, .times = 2, .apart_us = 20}, {CALLS},
	 false, true, false, false},
	{"twice, IDs are 0", {BOTH, .times = 2, .apart_us = 20,
	 .no_id = true}, {CALLS}, false, true, false, false},
	{"before and after a router", {BOTH, .times = 2, .apart_us = 900,
	 .hop = true}, {CALLS}, false, true, false, true},
	{"two interfaces, the same packets", {BOTH, .times = 2,
	 .apart_us = 20, .crossed = true}, {CALLS}, false, true, true, false},
	/* clang-format on */
};

START_TEST(verdict)
{
	const struct mirror *m = engine_mirror(e);
	bool crossed = false, hops = false;

	how = rows[_i].how;
	run(&rows[_i].t);
	engine_end(e);
	for (unsigned i = 0; i < MIRROR_TAPS; i++) {
		crossed |= m->tap[i].crossed;
		hops |= m->tap[i].hops;
	}
	ck_assert_msg(mirror_one_way(m) == rows[_i].one_way, "%s: %u %%",
		      rows[_i].name, m->tap[0].one_pct);
	ck_assert_msg(mirror_twice(m) == rows[_i].twice, "%s: %u %%",
		      rows[_i].name, m->tap[0].twice_pct);
	ck_assert_msg(crossed == rows[_i].crossed, "%s: crossed",
		      rows[_i].name);
	ck_assert_msg(hops == rows[_i].hops, "%s: hops", rows[_i].name);
}
END_TEST

/* One of two interfaces shows a direction only. */
START_TEST(of_one_interface)
{
	const struct traffic good = {CALLS};
	const struct traffic bad = {CALLS, .iface = 1};
	const struct mirror *m = engine_mirror(e);

	how = (struct shown){BOTH};
	run(&good);
	now_us = 0;
	how = (struct shown){A};
	/* Other hosts. */
	for (unsigned n = 50; n < 90; n++) {
		base_iface = bad.iface;
		sip(n, made_at((uint8_t)(n + 10), 5060), false,
		    "INVITE sip:b@x SIP/2.0", "1 INVITE");
		sip(n, made_at((uint8_t)(n + 10), 5060), false,
		    "ACK sip:b@x SIP/2.0", "1 ACK");
	}
	engine_end(e);
	ck_assert(!m->tap[0].one_way);
	ck_assert(m->tap[1].one_way);
	ck_assert_uint_eq(m->tap[1].one_pct, 100);
}
END_TEST

/* Said after a minute of packet time, not before; and taken back. */
START_TEST(each_minute)
{
	const struct traffic half = {
		.calls = 20, .rtp = 30, .rtp_sides = BOTH, .answered = true};
	const struct mirror *m = engine_mirror(e);

	how = (struct shown){A, .times = 2, .apart_us = 20};
	run(&half);
	ck_assert_uint_lt(now_us, 60000000);
	ck_assert_uint_eq(m->judged, 0);
	now_us = 61000000;
	run(&half);
	ck_assert_uint_eq(m->judged, 1);
	ck_assert(mirror_one_way(m) && mirror_twice(m));
	how = (struct shown){BOTH};
	run(&half);
	run(&half);
	now_us += 60000000;
	run(&half);
	now_us += 60000000;
	run(&half);
	ck_assert(!mirror_one_way(m));
	ck_assert(!mirror_twice(m));
}
END_TEST

/* Whoever sends to everybody finds no room, and nothing else happens. */
START_TEST(many_hosts)
{
	how = (struct shown){A};
	for (unsigned i = 0; i < 5000; i++) {
		const uint8_t ip[4] = {11, 1, (uint8_t)(i >> 8), (uint8_t)i};

		sip(i, addr_v4(ip, 5060), false, "INVITE sip:b@x SIP/2.0",
		    "1 INVITE");
	}
	engine_end(e);
	ck_assert(!mirror_one_way(engine_mirror(e)));
}
END_TEST

/* --- words ---------------------------------------------------------------- */

START_TEST(words)
{
	const struct mirror_tap t = {
		.one_pct = 97, .twice_pct = 50, .hops = true};
	char text[MIRROR_WORDS];

	mirror_words_one_way(text, &t, " on eth0");
	ck_assert_ptr_nonnull(strstr(text, "seen on eth0: 97 %"));
	mirror_words_twice(text, &t, "");
	ck_assert_ptr_nonnull(strstr(text, "twice: 50 %"));
	ck_assert_ptr_nonnull(strstr(text, "router"));
	mirror_words_offload(text, LINK_GRO | LINK_LRO, "eth0");
	ck_assert_ptr_nonnull(strstr(text, "(GRO, LRO)"));
	ck_assert_ptr_nonnull(strstr(text, "ethtool -K eth0 gro off lro off"));
	mirror_words_offload(text, LINK_GRO_HW, "eth0");
	ck_assert_ptr_nonnull(strstr(text, "ethtool -K eth0 rx-gro-hw off"));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("mirror");
	TCase *tc = tcase_create("verdicts");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, verdict, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(tc, of_one_interface);
	tcase_add_test(tc, each_minute);
	tcase_add_test(tc, many_hosts);
	suite_add_tcase(s, tc);
	tc = tcase_create("words");
	tcase_add_test(tc, words);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
