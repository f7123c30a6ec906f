/*
 * BPF expressions on frames that a plain BPF program would misjudge.
 */
#include <check.h>
#include <stdlib.h>

#include "dissectors/exported.h"
#include "sniffer/capture/filter.h"
#include "tests/run_suite.h"

#define ROWS(v) (int)(sizeof(v) / sizeof(*(v)))

#define MACS "\2\0\0\0\0\1\2\0\0\0\0\2"

/* UDP 5060 to 5060 with four bytes, as each kind of packet ends. */
#define UDP "\x13\xc4\x13\xc4\0\x0c\0\0SIP!"

#define IP4_OF(frag) "\x45\0\0\x20\0\1" frag "\x40\x11\0\0\x0a\0\0\1\x0a\0\0\2"
#define IP4	     IP4_OF("\0\0") UDP
#define IP4_2	     IP4_OF("\0\xb9") "later part of it"
#define IP4_1	     IP4_OF("\x20\0") UDP
#define OTHER4	     IP4_OF("\0\0") "\0\x35\0\x35\0\x0c\0\0name"

#define IP6_OF(next)                                                           \
	"\x60\0\0\0\0\x14" next "\x40"                                         \
	"\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"                               \
	"\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\2"
#define IP6    IP6_OF("\x11") UDP
#define IP6_1  IP6_OF("\x2c") "\x11\0\0\1\0\0\0\7" UDP
#define IP6_2  IP6_OF("\x2c") "\x11\0\x05\xa8\0\0\0\7later part of it"
#define IP6_HH IP6_OF("\0") "\x3c\0\1\4\0\0\0\0\x11\0\1\4\0\0\0\0" UDP

#define T4    "\x08\0"
#define T6    "\x86\xdd"
#define V     "\x81\0\0\7"
#define QINQ  "\x88\xa8\0\x09\x81\0\0\7"
#define Q9100 "\x91\0\0\x09\x81\0\0\7"
#define PPPOE "\x88\x64\x11\0\0\1\0\x22"
#define LABEL "\x88\x47\0\x01\x01\x40"
#define TWO   "\x88\x47\0\x01\x00\x40\0\x01\x11\x40"

#define SLL	   "\0\0\0\1\0\6\2\0\0\0\0\1\0\0"
#define SLL2(type) type "\0\0\0\0\0\1\0\1\0\6\2\0\0\0\0\1\0\0"

#define ETH(...) 1, SLICE_INIT(MACS __VA_ARGS__)

static const struct {
	const char *name;
	uint16_t linktype;
	struct slice frame;
	bool sip;   /* "port 5060" */
	bool other; /* "not port 5060" */
} rows[] = {
	{"plain", ETH(T4 IP4), true, false},
	{"dns", ETH(T4 OTHER4), false, true},
	{"vlan", ETH(V T4 IP4), true, false},
	{"vlan dns", ETH(V T4 OTHER4), false, true},
	{"qinq", ETH(QINQ T4 IP4), true, false},
	{"qinq dns", ETH(QINQ T4 OTHER4), false, true},
	{"9100", ETH(Q9100 T4 IP4), true, false},
	{"pppoe", ETH(PPPOE "\0\x21" IP4), true, false},
	{"pppoe dns", ETH(PPPOE "\0\x21" OTHER4), false, true},
	{"pppoe ip6", ETH(PPPOE "\0\x57" IP6), true, false},
	{"pppoe lcp", ETH(PPPOE "\xc0\x21\1\1\0\4"), false, true},
	{"vlan pppoe", ETH(V PPPOE "\0\x21" IP4), true, false},
	{"mpls", ETH(LABEL IP4), true, false},
	{"mpls two", ETH(TWO IP4), true, false},
	{"mpls dns", ETH(TWO OTHER4), false, true},
	{"mpls ip6", ETH(LABEL IP6), true, false},
	{"pseudowire", ETH(LABEL "\0\0\0\0" MACS T4 IP4), true, false},
	{"pseudowire vlan", ETH(LABEL "\0\0\0\0" MACS V T4 IP4), true, false},
	{"later fragment", ETH(T4 IP4_2), true, true},
	{"first fragment", ETH(T4 IP4_1), true, false},
	{"vlan later fragment", ETH(V T4 IP4_2), true, true},
	{"mpls later fragment", ETH(LABEL IP4_2), true, true},
	{"ip6", ETH(T6 IP6), true, false},
	{"ip6 first fragment", ETH(T6 IP6_1), true, false},
	{"ip6 later fragment", ETH(T6 IP6_2), true, true},
	{"ip6 options", ETH(T6 IP6_HH), true, false},
	{"vlan ip6 later fragment", ETH(V T6 IP6_2), true, true},
	{"qinq ip6 options", ETH(QINQ T6 IP6_HH), true, false},
	{"arp", ETH("\x08\x06\0\1\x08\0\6\4\0\1"), false, true},
	{"cut tag", ETH("\x81\0\0"), false, true},
	{"cut labels", ETH("\x88\x47\0\0\0\x40\0\0"), false, true},
	{"cooked", 113, SLICE_INIT(SLL T4 IP4), true, false},
	{"cooked vlan", 113, SLICE_INIT(SLL V T4 IP4), true, false},
	{"cooked fragment", 113, SLICE_INIT(SLL T4 IP4_2), true, true},
	{"cooked 2", 276, SLICE_INIT(SLL2(T4) IP4), true, false},
	{"cooked 2 vlan", 276, SLICE_INIT(SLL2("\x81\0") "\0\7" T4 IP4), true,
	 false},
	{"raw", 101, SLICE_INIT(IP4), true, false},
	{"raw ip6", 101, SLICE_INIT(IP6_HH), true, false},
	{"raw fragment", 101, SLICE_INIT(IP4_2), true, true},
	{"raw dns", 101, SLICE_INIT(OTHER4), false, true},
	{"ipv4", 228, SLICE_INIT(IP4), true, false},
	{"null", 0, SLICE_INIT("\2\0\0\0" IP4), true, false},
	{"null fragment", 0, SLICE_INIT("\2\0\0\0" IP4_2), true, true},
	{"null ip6", 0, SLICE_INIT("\x1c\0\0\0" IP6_1), true, false},
	{"loop", 108, SLICE_INIT("\0\0\0\2" IP4), true, false},
	{"ppp", 9, SLICE_INIT("\xff\3\0\x21" IP4), true, false},
	{"ppp fragment", 9, SLICE_INIT("\xff\3\0\x21" IP4_2), true, true},
	{"ppp ip6", 9, SLICE_INIT("\xff\3\0\x57" IP6_HH), true, false},
	{"nothing", 1, SLICE_INIT(""), false, false},
	{"unknown link", 147, SLICE_INIT("whatever"), false, false},
};

static struct frame frame_of(uint16_t linktype, struct slice data)
{
	return (struct frame){.data = data,
			      .wire_len = (uint32_t)data.len,
			      .linktype = linktype};
}

static bool match(const char *expr, uint16_t linktype, struct slice data)
{
	struct frame fr = frame_of(linktype, data);
	char err[512];
	struct filter *f = filter_new(expr, err, sizeof(err));
	bool yes;

	ck_assert_msg(f != NULL, "%s", err);
	yes = filter_match(f, &fr);
	ck_assert(filter_match(f, &fr) == yes);
	filter_free(f);
	return yes;
}

START_TEST(port)
{
	ck_assert_msg(match("port 5060", rows[_i].linktype, rows[_i].frame) ==
			      rows[_i].sip,
		      "port 5060: %s", rows[_i].name);
	ck_assert_msg(match("not port 5060", rows[_i].linktype,
			    rows[_i].frame) == rows[_i].other,
		      "not port 5060: %s", rows[_i].name);
}
END_TEST

static const struct {
	const char *expr;
	struct slice frame; /* Ethernet */
	bool want;
} words[] = {
	/* who names a layer gets the frame as it is */
	{"vlan and port 5060", SLICE_INIT(MACS V T4 IP4), true},
	{"vlan 7 and port 5060", SLICE_INIT(MACS V T4 IP4), true},
	{"vlan 8 and port 5060", SLICE_INIT(MACS V T4 IP4), false},
	{"vlan and port 5060", SLICE_INIT(MACS T4 IP4), false},
	{"not vlan", SLICE_INIT(MACS V T4 IP4), false},
	{"not vlan", SLICE_INIT(MACS T4 IP4), true},
	{"mpls and port 5060", SLICE_INIT(MACS LABEL IP4), true},
	{"ether proto 0x8864", SLICE_INIT(MACS PPPOE "\0\x21" IP4), true},
	{"ether[12:2] = 0x8100", SLICE_INIT(MACS V T4 IP4), true},
	{"ip6[6] = 44", SLICE_INIT(MACS T6 IP6_1), true},
	{"ip6 proto 17", SLICE_INIT(MACS T6 IP6), true},
	/* the link header stays when tags go */
	{"ether host 02:00:00:00:00:01", SLICE_INIT(MACS V T4 IP4), true},
	{"ether host 02:00:00:00:00:03", SLICE_INIT(MACS V T4 IP4), false},
	{"host 10.0.0.2", SLICE_INIT(MACS QINQ T4 IP4), true},
	{"host 10.0.0.3", SLICE_INIT(MACS QINQ T4 IP4), false},
	{"host 2001:db8::2 and udp", SLICE_INIT(MACS T6 IP6_HH), true},
	{"less 50", SLICE_INIT(MACS V T4 IP4), true},
	{"", SLICE_INIT(MACS T4 IP4), true},
};

START_TEST(wording)
{
	ck_assert_msg(match(words[_i].expr, 1, words[_i].frame) ==
			      words[_i].want,
		      "%s", words[_i].expr);
}
END_TEST

/* Link types for which the expression has no meaning. */
START_TEST(no_meaning)
{
	ck_assert(!match("ether host 02:00:00:00:00:01", 101, SLICE(IP4)));
	ck_assert(!match("vlan 7", 101, SLICE(IP4)));
}
END_TEST

START_TEST(bad_expression)
{
	char err[512];

	ck_assert_ptr_null(filter_new("port sixty", err, sizeof(err)));
	ck_assert_ptr_nonnull(strstr(err, "filter \"port sixty\": "));
	ck_assert_ptr_null(filter_new("udp and (", err, sizeof(err)));
	ck_assert_ptr_nonnull(strstr(err, "syntax error"));
}
END_TEST

/* Every frame at every length: whatever comes out, nothing lies outside. */
START_TEST(every_prefix)
{
	for (size_t len = 0; len <= rows[_i].frame.len; len++) {
		uint8_t *exact = malloc(len + !len);

		ck_assert_ptr_nonnull(exact);
		memcpy(exact, rows[_i].frame.p, len);
		match("port 5060", rows[_i].linktype, slice_of(exact, len));
		free(exact);
	}
}
END_TEST

/* More link types than are remembered. */
static const struct {
	const char *expr, *src, *dst;
	uint32_t port_type;
	bool want;
} messages[] = {
	{"tcp port 5060", "10.0.0.1", "10.0.0.2", EXPORTED_TCP, true},
	{"src port 5060", "10.0.0.1", "10.0.0.2", EXPORTED_TCP, false},
	{"dst port 5060 and host 10.0.0.1", "10.0.0.1", "10.0.0.2",
	 EXPORTED_SCTP, true},
	{"udp", "10.0.0.1", "10.0.0.2", EXPORTED_UDP, true},
	{"udp", "10.0.0.1", "10.0.0.2", EXPORTED_TCP, false},
	{"net 2001:db8::/32 and port 5060", "2001:db8::1", "2001:db8::2",
	 EXPORTED_TCP, true},
	{"ip", "2001:db8::1", "2001:db8::2", EXPORTED_TCP, false},
};

/* What was taken out of its transport still knows its ends. */
START_TEST(exported)
{
	struct exported x = {.dissector = SLICE("sip"),
			     .port_type = messages[_i].port_type};
	uint8_t head[EXPORTED_HEAD_MAX];
	struct frame f = {.linktype = LINKTYPE_EXPORTED_PDU};
	struct filter *filter;
	char err[256];

	addr_parse_ip(slice_str(messages[_i].src), &x.src);
	addr_parse_ip(slice_str(messages[_i].dst), &x.dst);
	x.src.port = 40000;
	x.dst.port = 5060;
	f.data = slice_of(head, exported_put(head, &x));
	f.wire_len = (uint32_t)f.data.len;
	filter = filter_new(messages[_i].expr, err, sizeof(err));
	ck_assert_ptr_nonnull(filter);
	ck_assert_msg(filter_match(filter, &f) == messages[_i].want, "%s",
		      messages[_i].expr);
	f.data.len = 3;
	ck_assert(!filter_match(filter, &f));
	filter_free(filter);
}
END_TEST

START_TEST(many_linktypes)
{
	static const uint16_t types[] = {1,   0,   101, 113, 276, 228,
					 229, 9,   50,	51,  105, 108,
					 117, 127, 147, 148, 149, 150};
	char err[512];
	struct filter *f = filter_new("port 5060", err, sizeof(err));

	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < ROWS(types); i++) {
			struct frame fr = frame_of(types[i], SLICE(IP4));
			bool want = types[i] == 101 || types[i] == 228;

			if (want)
				ck_assert(filter_match(f, &fr));
			else
				filter_match(f, &fr);
		}
	}
	filter_free(f);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("filter");
	TCase *t = tcase_create("filter");

	tcase_add_loop_test(t, port, 0, ROWS(rows));
	tcase_add_loop_test(t, wording, 0, ROWS(words));
	tcase_add_test(t, no_meaning);
	tcase_add_test(t, bad_expression);
	tcase_add_loop_test(t, every_prefix, 0, ROWS(rows));
	tcase_add_test(t, many_linktypes);
	tcase_add_loop_test(t, exported, 0, ROWS(messages));
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
