#include <check.h>
#include <stdlib.h>

#include "tests/compose.h"
#include "tests/decoding.h"
#include "tests/run_suite.h"

static const struct slice payload = SLICE_INIT(
	"\x80\x00\x12\x34\x00\x00\x01\x40\x12\x34\x56\x78 media media media");

static const struct {
	const char *name;
	const char *counter;
	enum layer layers[14];
	enum decode_result want;
} refusals[] = {
	{"gre routing",
	 "gre.routing",
	 {ETHER, IP4, GRE_ROUTING, IP4, UDP},
	 DECODE_BAD},
	{"macsec", "ether.macsec", {ETHER, MACSEC, IP4, UDP}, DECODE_BAD},
	{"encrypted",
	 "esp.encrypted",
	 {ETHER, IP4, ESP_RANDOM, IP4, UDP},
	 DECODE_BAD},
	{"tags",
	 "vlan.too_deep",
	 {ETHER, VLAN, VLAN, VLAN, VLAN, VLAN, VLAN, VLAN, VLAN, VLAN, IP4,
	  UDP},
	 DECODE_BAD},
	{"pseudowire of nothing known",
	 "mpls.unknown_payload",
	 {ETHER, MPLS, SLL},
	 DECODE_BAD},
	{"l2tp 3 of nothing known",
	 "l2tp.unknown_payload",
	 {ETHER, IP4, L2TP3, UDP},
	 DECODE_BAD},
};

START_TEST(refused)
{
	struct composed c;
	struct pkt p;

	compose(&c, refusals[_i].layers, payload);
	ck_assert_msg(decoding(composed_bytes(&c), 1, &p) == refusals[_i].want,
		      "%s", refusals[_i].name);
	ck_assert_msg(counters_get(faults, refusals[_i].counter) == 1, "%s",
		      refusals[_i].name);
}
END_TEST

static const struct {
	const char *counter;
	uint16_t linktype;
	struct slice in;
} damaged[] = {
	{"ether.short", 1, SLICE_INIT("\1\2\3")},
	{"vlan.short", 1, SLICE_INIT("\2\0\0\0\0\2\2\0\0\0\0\1\x81\0\0")},
	{"ip.bad_version", 101, SLICE_INIT("\x10")},
	{"ip.short", 101, SLICE_INIT("\x45\0\0\x14")},
	{"ip.bad_header", 101,
	 SLICE_INIT("\x44\0\0\x14\0\0\0\0\1\x11\0\0\1\2\3\4\5\6\7\x08")},
	{"ip.bad_length", 101,
	 SLICE_INIT("\x45\0\0\x13\0\0\0\0\1\x11\0\0\1\2\3\4\5\6\7\x08")},
	{"ip.short", 101,
	 SLICE_INIT("\x4f\0\0\x3c\0\0\0\0\1\x11\0\0\1\2\3\4\5\6\7\x08")},
	{"udp.short", 101,
	 SLICE_INIT("\x45\0\0\x18\0\0\0\0\1\x11\0\0\1\2\3\4\5\6\7\x08"
		    "\1\2\3\4")},
	{"udp.bad_length", 101,
	 SLICE_INIT("\x45\0\0\x1c\0\0\0\0\1\x11\0\0\1\2\3\4\5\6\7\x08"
		    "\1\2\3\4\0\7\0\0")},
	{"tcp.bad_header", 101,
	 SLICE_INIT("\x45\0\0\x28\0\0\0\0\1\6\0\0\1\2\3\4\5\6\7\x08"
		    "\1\2\3\4\0\0\0\1\0\0\0\1\x40\x10\0\0\0\0\0\0")},
	{"tcp.bad_header", 101,
	 SLICE_INIT("\x45\0\0\x28\0\0\0\0\1\6\0\0\1\2\3\4\5\6\7\x08"
		    "\1\2\3\4\0\0\0\1\0\0\0\1\xf0\x10\0\0\0\0\0\0")},
	{"sctp.short", 101,
	 SLICE_INIT("\x45\0\0\x16\0\0\0\0\1\x84\0\0\1\2\3\4\5\6\7\x08\1\2")},
	{"ah.short", 101,
	 SLICE_INIT("\x45\0\0\x1c\0\0\0\0\1\x33\0\0\1\2\3\4\5\6\7\x08"
		    "\x11\xff\0\0\0\0\0\1")},
	{"gre.bad_version", 101,
	 SLICE_INIT("\x45\0\0\x18\0\0\0\0\1\x2f\0\0\1\2\3\4\5\6\7\x08"
		    "\0\2\x08\0")},
	{"gre.short", 101,
	 SLICE_INIT("\x45\0\0\x18\0\0\0\0\1\x2f\0\0\1\2\3\4\5\6\7\x08"
		    "\x20\0\x08\0")},
	{"mpls.short", 219, SLICE_INIT("\0\1\2\x40\0\1\2\x40\0")},
	{"nsh.bad_header", 1,
	 SLICE_INIT("\2\0\0\0\0\2\2\0\0\0\0\1\x89\x4f\x0f\xc1\2\1"
		    "\0\0\0\1")},
	{"nsh.unknown_protocol", 1,
	 SLICE_INIT("\2\0\0\0\0\2\2\0\0\0\0\1\x89\x4f\x0f\xc2\2\x7f"
		    "\0\0\0\1")},
	{"pppoe.bad_version", 51, SLICE_INIT("\x21\0\0\1\0\2\0\x21")},
	{"ppp.multilink", 9, SLICE_INIT("\xff\3\0\x3d\xc0\0\0\0")},
	{"ppp.compressed", 9, SLICE_INIT("\xff\3\0\xfd\xc0\0\0\0")},
	{"hep.malformed", 101,
	 SLICE_INIT("\x45\0\0\x22\0\0\0\0\1\x11\0\0\1\2\3\4\5\6\7\x08"
		    "\1\2\3\4\0\x0e\0\0HEP3\0\6")},
};

START_TEST(damage)
{
	struct pkt p;

	ck_assert_int_eq(decoding(damaged[_i].in, damaged[_i].linktype, &p),
			 DECODE_BAD);
	ck_assert_msg(counters_get(faults, damaged[_i].counter) == 1, "%s: %s",
		      damaged[_i].counter, faults->v[0].name);
}
END_TEST

static const struct {
	const char *kind;
	uint16_t linktype;
	struct slice in;
} others[] = {
	{"arp", 1, SLICE_INIT("\2\0\0\0\0\2\2\0\0\0\0\1\x08\6\0\1")},
	{"lldp", 1, SLICE_INIT("\2\0\0\0\0\2\2\0\0\0\0\1\x88\xcc\0\1")},
	{"stp", 1, SLICE_INIT("\2\0\0\0\0\2\2\0\0\0\0\1\0\3\x42\x42\3")},
	{"icmp", 101,
	 SLICE_INIT("\x45\0\0\x14\0\0\0\0\1\1\0\0\1\2\3\4\5\6\7\x08")},
	{"ip_protocol", 101,
	 SLICE_INIT("\x45\0\0\x14\0\0\0\0\1\xfd\0\0\1\2\3\4\5\6\7\x08")},
	{"pppoe_discovery", 51, SLICE_INIT("\x11\x09\0\0\0\0")},
	{"ppp_control", 9, SLICE_INIT("\xff\3\xc0\x21\1\1\0\4")},
	{"null_family", 0, SLICE_INIT("\7\0\0\0")},
	{"gre_keepalive", 101,
	 SLICE_INIT("\x45\0\0\x18\0\0\0\0\1\x2f\0\0\1\2\3\4\5\6\7\x08"
		    "\0\0\0\0")},
	{"l2tp_control", 101,
	 SLICE_INIT("\x45\0\0\x18\0\0\0\0\1\x73\0\0\1\2\3\4\5\6\7\x08"
		    "\0\0\0\0")},
	{"mpls_oam", 219,
	 SLICE_INIT("\0\1\1\x40\x10\0\0\x21"
		    "BFD BFD BFD")},
};

START_TEST(other)
{
	const struct decode_stats *st = decode_stats(decoder);
	struct pkt p;

	ck_assert_int_eq(decoding(others[_i].in, others[_i].linktype, &p),
			 DECODE_OTHER);
	ck_assert_uint_eq(st->other.len, 1);
	ck_assert_str_eq(st->other.v[0].name, others[_i].kind);
	ck_assert_uint_eq(faults->len, 0);
}
END_TEST

/* Media and SIP on a tunnel's port are media and SIP. */
START_TEST(port_proves_nothing)
{
	static const uint16_t ports[] = {4789, 4790, 8472,  6081,
					 2152, 1701, 37008, 4500};
	static const struct slice contents[] = {
		SLICE_INIT("\x80\0\x12\x34\0\0\1\x40\x12\x34\x56\x78media"),
		SLICE_INIT("\x88\x0e\0\0\x08\0\x45\0\0\0\0\0\0\0\0\0\0\0\0\0"),
		SLICE_INIT("OPTIONS sip:a@example.com SIP/2.0\r\n\r\n"),
		SLICE_INIT("\0\1\0\0\x21\x12\xa4\x42"
			   "0123456789ab"),
		SLICE_INIT("\x30\xff\0\x0e\0\0\0\1\x80\0\0\0\0\0\0\0\0\0\0\0"
			   "\0\0"),
		SLICE_INIT("\xff"),
		SLICE_INIT(""),
	};
	static const enum layer layers[] = {ETHER, IP4, UDP, END};

	for (size_t i = 0; i < sizeof(contents) / sizeof(*contents); i++) {
		for (size_t j = 0; j < sizeof(ports) / sizeof(*ports); j++) {
			struct composed c;
			struct pkt p;
			uint8_t *udp;

			compose(&c, layers, contents[i]);
			udp = c.buf + c.begin + 34 + (i + j) % 2 * 2;
			udp[0] = (uint8_t)(ports[j] >> 8);
			udp[1] = (uint8_t)ports[j];
			ck_assert_int_eq(decoding(composed_bytes(&c), 1, &p),
					 DECODE_PACKET);
			ck_assert(slice_eq(p.payload, contents[i]));
			ck_assert(p.src.port == ports[j] ||
				  p.dst.port == ports[j]);
		}
	}
}
END_TEST

static void put16(uint8_t *p, size_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

START_TEST(padding_is_no_payload)
{
	static const enum layer layers[] = {ETHER, IP4, UDP, END};
	struct composed c;
	struct pkt p;

	compose(&c, layers, SLICE("12345"));
	compose_pad(&c, 0, 13);
	ck_assert_int_eq(decoding(composed_bytes(&c), 1, &p), DECODE_PACKET);
	ck_assert(slice_eq(p.payload, SLICE("12345")));
	ck_assert_uint_eq(p.payload_wire, 5);
}
END_TEST

/* Lengths of IP and UDP that are 0 (offload), too short or too long. */
static const struct {
	uint16_t ip, udp;
	size_t want;
	const char *counter;
} lengths[] = {
	{0, 18, 10, NULL},
	{0, 0, 14, NULL}, /* 4 bytes of padding cannot be told apart */
	{38, 0, 10, NULL},
	{38, 15, 7, NULL},
	{38, 30, 10, "udp.bad_length"},
	{60, 18, 10, "ip.bad_length"},
	{34, 18, 6, "udp.bad_length"},
};

START_TEST(lengths_lie)
{
	static const enum layer layers[] = {ETHER, IP4, UDP, END};
	struct composed c;
	struct pkt p;

	compose(&c, layers, SLICE("0123456789"));
	compose_pad(&c, 'x', 4);
	put16(c.buf + c.begin + 16, lengths[_i].ip);
	put16(c.buf + c.begin + 38, lengths[_i].udp);
	ck_assert_int_eq(decoding(composed_bytes(&c), 1, &p), DECODE_PACKET);
	ck_assert_uint_eq(p.payload.len, lengths[_i].want);
	ck_assert_uint_eq(p.payload_wire, lengths[_i].want);
	ck_assert_uint_eq(faults->len, lengths[_i].counter ? 1 : 0);
	if (lengths[_i].counter)
		ck_assert_str_eq(faults->v[0].name, lengths[_i].counter);
}
END_TEST

START_TEST(cut_by_snap_length)
{
	static const enum layer layers[] = {ETHER, IP4, UDP, END};
	struct composed c;
	struct frame f = {.linktype = 1};
	struct pkt p;

	compose(&c, layers, SLICE("0123456789"));
	f.data = slice_head(composed_bytes(&c), 46);
	f.wire_len = 52;
	ck_assert_int_eq(decode_frame(decoder, &f, &p), DECODE_PACKET);
	ck_assert(slice_eq(p.payload, SLICE("0123")));
	ck_assert_uint_eq(p.payload_wire, 10);
	ck_assert_uint_eq(decode_stats(decoder)->cut, 1);
	ck_assert_uint_eq(faults->len, 0);
}
END_TEST

START_TEST(cut_inside_tcp_options)
{
	static const enum layer layers[] = {ETHER, IP4, TCP, END};
	struct composed c;
	struct frame f = {.linktype = 1};
	struct pkt p;

	compose(&c, layers, SLICE("0123456789"));
	f.data = slice_head(composed_bytes(&c), 14 + 20 + 24);
	f.wire_len = 14 + 20 + 32 + 10;
	ck_assert_int_eq(decode_frame(decoder, &f, &p), DECODE_PACKET);
	ck_assert_uint_eq(p.payload.len, 0);
	ck_assert_uint_eq(p.payload_wire, 10);
}
END_TEST

/* A stack whose end never comes. */
START_TEST(endless_labels)
{
	uint8_t stack[4096];
	struct pkt p;

	for (size_t i = 0; i < sizeof(stack); i++)
		stack[i] = i % 4 == 2 ? 0xfe : 0xff;
	ck_assert_int_eq(decoding(slice_of(stack, sizeof(stack)), 219, &p),
			 DECODE_BAD);
	ck_assert_uint_eq(counters_get(faults, "mpls.too_deep"), 1);
}
END_TEST

/* IP in IP a thousand times, and GRE with Ethernet likewise. */
START_TEST(endless_nesting)
{
	static const uint8_t ip[] = {0x45, 0, 0, 0, 0, 0, 0, 0, 1, 4,
				     0,	   0, 1, 2, 3, 4, 5, 6, 7, 8};
	static const uint8_t nsh[] = {0x0f, 0xc2, 2, 4, 0, 0, 0, 1};
	size_t len = 1000 * sizeof(ip);
	uint8_t *all = malloc(len);
	struct pkt p;

	for (size_t i = 0; i < 1000; i++)
		memcpy(all + i * sizeof(ip), ip, sizeof(ip));
	ck_assert_int_eq(decoding(slice_of(all, len), 101, &p), DECODE_BAD);
	ck_assert_uint_eq(counters_get(faults, "decode.too_deep"), 1);

	/* Headers that are no addressing layer end with the bytes. */
	memcpy(all, "\2\0\0\0\0\2\2\0\0\0\0\1\x89\x4f", 14);
	for (size_t i = 14; i + sizeof(nsh) <= len; i += sizeof(nsh))
		memcpy(all + i, nsh, sizeof(nsh));
	ck_assert_int_eq(decoding(slice_of(all, len), 1, &p), DECODE_BAD);
	ck_assert_uint_eq(counters_get(faults, "nsh.short"), 1);
	free(all);
}
END_TEST

START_TEST(endless_extensions)
{
	uint8_t in[40 + 8 * 100] = {0x60, 0, 0, 0, 800 >> 8, 800 & 0xff, 60};
	struct pkt p;

	for (size_t i = 40; i < sizeof(in); i += 8)
		in[i] = 60;
	ck_assert_int_eq(decoding(slice_of(in, sizeof(in)), 101, &p),
			 DECODE_BAD);
	ck_assert_uint_eq(counters_get(faults, "ip.too_many_extensions"), 1);
}
END_TEST

START_TEST(links_are_counted)
{
	const struct decode_stats *st = decode_stats(decoder);
	struct pkt p;

	for (uint16_t i = 0; i < 20; i++) {
		ck_assert_int_eq(decoding(SLICE("x"), 300 + i, &p),
				 DECODE_OTHER);
		ck_assert_int_eq(decoding(SLICE("x"), 300, &p), DECODE_OTHER);
	}
	ck_assert_uint_eq(st->frames, 40);
	ck_assert_uint_eq(st->decoded, 0);
	ck_assert_uint_eq(st->undecoded_len, DECODE_LINKS_MAX);
	ck_assert_uint_eq(st->undecoded[0].linktype, 300);
	ck_assert_uint_eq(st->undecoded[0].frames, 21);
	ck_assert_uint_eq(st->undecoded[1].frames, 1);
	ck_assert_uint_eq(st->undecoded[DECODE_LINKS_MAX - 1].frames, 5);
}
END_TEST

/* A fragment's frame: the bytes [from, to) of what follows the last IP
 * header, which lies at byte ip and is IPv4. */
static void fragment(struct composed *c, size_t ip, size_t from, size_t to,
		     bool more)
{
	uint8_t *header = c->buf + c->begin + ip;
	size_t len = to - from;

	memmove(header + 20, header + 20 + from, len);
	c->end = c->begin + ip + 20 + len;
	put16(header + 2, 20 + len);
	put16(header + 6, from / 8 | (more ? 0x2000u : 0));
}

/* A datagram inside VXLAN is cut in two; the first of these is cut in two
 * again outside. */
START_TEST(fragments_in_fragments)
{
	static const enum layer inner[] = {IP4, UDP, END};
	static const enum layer outer[] = {ETHER, IP4, VXLAN, ETHER, END};
	struct composed part[2], frames[3], c;
	struct frame f[3] = {0};
	char text[400];
	struct pkt p;

	memset(text, 'x', sizeof(text));
	for (int i = 0; i < 2; i++) {
		struct slice bytes;

		compose(&c, inner, slice_of(text, sizeof(text)));
		fragment(&c, 0, i ? 200 : 0, i ? 408 : 200, !i);
		bytes = composed_bytes(&c);
		compose(&part[i], outer, bytes);
		/* the Ethernet in front does not know what follows */
		put16(part[i].buf + part[i].end - bytes.len - 2, 0x0800);
	}
	frames[0] = frames[1] = part[0];
	frames[2] = part[1];
	fragment(&frames[0], 14, 0, 80, true);
	fragment(&frames[1], 14, 80, 8 + 8 + 14 + 220, false);
	for (int i = 0; i < 3; i++)
		f[i] = (struct frame){.data = composed_bytes(&frames[i]),
				      .number = (uint64_t)i + 1,
				      .linktype = 1};
	for (int i = 0; i < 3; i++)
		f[i].wire_len = (uint32_t)f[i].data.len;

	ck_assert_int_eq(decode_frame(decoder, &f[0], &p), DECODE_HELD);
	ck_assert_int_eq(decode_frame(decoder, &f[2], &p), DECODE_HELD);
	ck_assert_int_eq(decode_frame(decoder, &f[1], &p), DECODE_PACKET);
	ck_assert(slice_eq(p.payload, slice_of(text, sizeof(text))));
	ck_assert(p.fragmented);
	ck_assert_uint_eq(p.vni, 4098);
	ck_assert_uint_eq(p.src.port, 5060);
	ck_assert_uint_eq(p.frame_count, 3);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_uint_eq(p.frames[i].number, i + 1);
		ck_assert(slice_eq(p.frames[i].data, f[i].data));
	}
	ck_assert_uint_eq(decode_stats(decoder)->ip_fragments, 4);
	ck_assert_uint_eq(decode_stats(decoder)->decoded, 3);
	decode_end(decoder);
	ck_assert_uint_eq(faults->len, 0);
}
END_TEST

/* A fragment whose datagram never becomes whole. */
START_TEST(half_a_datagram)
{
	static const enum layer layers[] = {ETHER, VLAN, IP4, UDP, END};
	char text[400] = "half";
	struct composed c;
	struct pkt p;

	compose(&c, layers, slice_of(text, sizeof(text)));
	fragment(&c, 18, 0, 160, true);
	ck_assert_int_eq(decoding(composed_bytes(&c), 1, &p), DECODE_HELD);
	ck_assert_uint_eq(faults->len, 0);
	decode_end(decoder);
	ck_assert_uint_eq(counters_get(faults, "ip.fragment_timeout"), 1);
	ck_assert_uint_eq(decode_stats(decoder)->decoded, 0);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int main(void)
{
	Suite *s = suite_create("decode_odd");
	TCase *t = tcase_create("decode_odd");

	tcase_add_checked_fixture(t, decoding_setup, decoding_teardown);
	tcase_add_loop_test(t, refused, 0, COUNT(refusals));
	tcase_add_loop_test(t, damage, 0, COUNT(damaged));
	tcase_add_loop_test(t, other, 0, COUNT(others));
	tcase_add_test(t, port_proves_nothing);
	tcase_add_test(t, padding_is_no_payload);
	tcase_add_loop_test(t, lengths_lie, 0, COUNT(lengths));
	tcase_add_test(t, cut_by_snap_length);
	tcase_add_test(t, cut_inside_tcp_options);
	tcase_add_test(t, endless_labels);
	tcase_add_test(t, endless_nesting);
	tcase_add_test(t, endless_extensions);
	tcase_add_test(t, links_are_counted);
	tcase_add_test(t, fragments_in_fragments);
	tcase_add_test(t, half_a_datagram);
	suite_add_tcase(s, t);
	return run_suite(s);
}
