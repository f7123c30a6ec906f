#include <check.h>

#include "tests/compose.h"
#include "tests/decoding.h"
#include "tests/prefix.h"
#include "tests/run_suite.h"

/* RTP, so that guesses about tunnels meet what they must not take. */
static const struct slice payload = SLICE_INIT(
	"\x80\x00\x12\x34\x00\x00\x01\x40\x12\x34\x56\x78 media media media");

/* clang-format off */
static const struct {
	const char *name;
	uint16_t linktype, vlan; /* vlan and vni: 0 = none */
	uint32_t vni;
	enum layer layers[14];
} rows[] = {
	/* links */
	{ "ethernet", 1, 0, 0, { ETHER, IP4, UDP } },
	{ "ethernet, IPv6", 1, 0, 0, { ETHER, IP6, UDP } },
	{ "tcp", 1, 0, 0, { ETHER, IP4, TCP } },
	{ "sctp", 1, 0, 0, { ETHER, IP4, SCTP } },
	{ "802.3 and SNAP", 1, 0, 0, { ETHER, LLC, IP4, UDP } },
	{ "vlan", 1, 101, 0, { ETHER, VLAN, IP4, UDP } },
	{ "vlan, 802.3", 1, 101, 0, { ETHER, VLAN, LLC, IP4, UDP } },
	{ "priority tag", 1, 0, 0, { ETHER, VLAN_ZERO, IP4, UDP } },
	{ "vlan, priority tag", 1, 101, 0,
	  { ETHER, VLAN, VLAN_ZERO, IP4, UDP } },
	{ "qinq", 1, 102, 0, { ETHER, QINQ, VLAN, IP4, UDP } },
	{ "qinq 9100", 1, 102, 0, { ETHER, VLAN_9100, VLAN, IP6, UDP } },
	{ "qinq 9200", 1, 102, 0, { ETHER, VLAN_9200, VLAN, IP4, TCP } },
	{ "vn-tag", 1, 102, 0, { ETHER, VNTAG, VLAN, IP4, UDP } },
	{ "cooked", 113, 0, 0, { SLL, IP4, UDP } },
	{ "cooked, vlan", 113, 101, 0, { SLL, VLAN, IP6, UDP } },
	{ "cooked 2", 276, 0, 0, { SLL2, IP4, UDP } },
	{ "cooked 2, IPv6", 276, 0, 0, { SLL2, IP6, TCP } },
	{ "raw", 101, 0, 0, { IP4, UDP } },
	{ "raw, IPv6", 101, 0, 0, { IP6, UDP } },
	{ "raw of OpenBSD", 14, 0, 0, { IP4, UDP } },
	{ "raw of others", 12, 0, 0, { IP6, UDP } },
	{ "linktype IPV4", 228, 0, 0, { IP4, UDP } },
	{ "linktype IPV6", 229, 0, 0, { IP6, UDP } },
	{ "null", 0, 0, 0, { NULL_LE, IP4, UDP } },
	{ "null, IPv6", 0, 0, 0, { NULL_LE, IP6, UDP } },
	{ "null, other order", 0, 0, 0, { LOOP, IP4, UDP } },
	{ "loop", 108, 0, 0, { LOOP, IP6, UDP } },
	{ "ppp", 9, 0, 0, { PPP_FRAMED, IP4, UDP } },
	{ "ppp, bare", 9, 0, 0, { PPP, IP6, UDP } },
	{ "ppp, short protocol", 9, 0, 0, { PPP_SHORT, IP4, UDP } },
	{ "ppp in hdlc", 50, 0, 0, { PPP_FRAMED, IP4, UDP } },
	{ "cisco hdlc", 104, 0, 0, { CISCO_HDLC, IP4, UDP } },
	{ "pppoe", 1, 0, 0, { ETHER, PPPOE, PPP, IP4, UDP } },
	{ "pppoe, vlan", 1, 101, 0, { ETHER, VLAN, PPPOE, PPP, IP6, UDP } },
	{ "linktype PPP_ETHER", 51, 0, 0, { PPPOE, PPP, IP4, UDP } },
	{ "mpls", 1, 0, 0, { ETHER, MPLS, IP4, UDP } },
	{ "mpls, IPv6", 1, 0, 0, { ETHER, MPLS3, IP6, UDP } },
	{ "linktype MPLS", 219, 0, 0, { MPLS3, IP4, UDP } },
	{ "mpls in ppp", 9, 0, 0, { PPP_FRAMED, MPLS, IP4, UDP } },
	{ "pseudowire", 1, 103, 0, { ETHER, MPLS3, ETHER, VLAN, IP4, UDP } },
	{ "pseudowire, control word", 1, 0, 0,
	  { ETHER, MPLS, CONTROL_WORD, ETHER, IP4, UDP } },
	{ "pseudowire, control word, 802.3", 1, 0, 0,
	  { ETHER, MPLS, CONTROL_WORD, ETHER, LLC, IP4, UDP } },
	/* IP */
	{ "IPv4 options", 1, 0, 0, { ETHER, IP4_OPTIONS, UDP } },
	{ "IPv6 extensions", 1, 0, 0,
	  { ETHER, IP6, HOP_BY_HOP, DEST_OPTIONS, ROUTING, DEST_OPTIONS, UDP } },
	{ "mobility", 1, 0, 0, { ETHER, IP6, MOBILITY, UDP } },
	{ "atomic fragment", 1, 0, 0,
	  { ETHER, IP6, HOP_BY_HOP, ATOMIC_FRAGMENT, DEST_OPTIONS, UDP } },
	{ "ah", 1, 0, 0, { ETHER, IP4, AH, UDP } },
	{ "ah, IPv6", 1, 0, 0, { ETHER, IP6, HOP_BY_HOP, AH, TCP } },
	{ "ah, tunnel", 1, 0, 0, { ETHER, IP4, AH, IP4, UDP } },
	{ "ipip", 1, 0, 0, { ETHER, IP4, IP4, UDP } },
	{ "6in4", 1, 0, 0, { ETHER, IP4, IP6, UDP } },
	{ "4in6", 1, 0, 0, { ETHER, IP6, IP4, TCP } },
	{ "6in6", 1, 0, 0, { ETHER, IP6, DEST_OPTIONS, IP6, UDP } },
	{ "ethernet in IPv6", 1, 0, 0, { ETHER, IP6, ETHER, IP4, UDP } },
	{ "etherip", 1, 0, 0, { ETHER, IP4, ETHERIP, ETHER, IP4, UDP } },
	{ "mpls in IP", 1, 0, 0, { ETHER, IP4, MPLS, IP4, UDP } },
	/* GRE */
	{ "gre", 1, 0, 0, { ETHER, IP4, GRE, IP4, UDP } },
	{ "gre, checksum", 1, 0, 0, { ETHER, IP4, GRE_CHECKSUM, IP6, UDP } },
	{ "gre, key", 1, 0, 0, { ETHER, IP6, GRE_KEY, IP4, UDP } },
	{ "gre, sequence", 1, 0, 0, { ETHER, IP4, GRE_SEQUENCE, IP4, UDP } },
	{ "gre, all", 1, 0, 0, { ETHER, IP4, GRE_ALL, IP4, TCP } },
	{ "gre, ethernet", 1, 104, 0,
	  { ETHER, IP4, GRE_KEY, ETHER, VLAN, IP4, UDP } },
	{ "gre, mpls", 1, 0, 0, { ETHER, IP4, GRE, MPLS, IP4, UDP } },
	{ "gre, ppp", 1, 101, 0,
	  { ETHER, VLAN, IP4, GRE_KEY, PPP_FRAMED, IP4, UDP } },
	{ "pptp", 1, 0, 0, { ETHER, IP4, GRE_PPTP, PPP_FRAMED, IP4, UDP } },
	{ "erspan 1", 1, 0, 0, { ETHER, IP4, GRE, ERSPAN1, ETHER, IP4, UDP } },
	{ "erspan 2", 1, 105, 0,
	  { ETHER, IP4, GRE_SEQUENCE, ERSPAN2, ETHER, VLAN, IP4, UDP } },
	{ "erspan 3", 1, 0, 0,
	  { ETHER, IP4, GRE_SEQUENCE, ERSPAN3, ETHER, IP6, UDP } },
	{ "erspan 3, platform", 1, 0, 0,
	  { ETHER, IP6, GRE_SEQUENCE, ERSPAN3_PLATFORM, ETHER, IP4, UDP } },
	{ "nsh in gre", 1, 0, 0, { ETHER, IP4, GRE, NSH, IP4, UDP } },
	/* overlays */
	{ "nsh", 1, 0, 0, { ETHER, NSH, IP4, UDP } },
	{ "nsh, metadata", 1, 0, 0, { ETHER, NSH_METADATA, ETHER, IP6, UDP } },
	{ "nsh in nsh", 1, 0, 0, { ETHER, NSH, NSH, MPLS, IP4, UDP } },
	{ "vxlan", 1, 0, 4098, { ETHER, IP4, VXLAN, ETHER, IP4, UDP } },
	{ "vxlan, inner vlan", 1, 105, 4099,
	  { ETHER, VLAN, IP4, VXLAN, ETHER, VLAN, IP4, UDP } },
	{ "vxlan over IPv6", 1, 0, 4098,
	  { ETHER, IP6, VXLAN, ETHER, IP6, TCP } },
	{ "vxlan, Linux port", 1, 0, 4098,
	  { ETHER, IP4, VXLAN_LINUX, ETHER, IP4, UDP } },
	{ "vxlan-gpe, IP", 1, 0, 4098, { ETHER, IP4, VXLAN_GPE, IP4, UDP } },
	{ "vxlan-gpe, nsh", 1, 0, 4098,
	  { ETHER, IP4, VXLAN_GPE, NSH, ETHER, IP4, UDP } },
	{ "geneve", 1, 0, 4098, { ETHER, IP4, GENEVE, ETHER, IP4, UDP } },
	{ "geneve, options, IP", 1, 0, 4098,
	  { ETHER, IP6, GENEVE_OPTIONS, IP6, UDP } },
	{ "gtp", 1, 0, 0, { ETHER, IP4, GTP, IP4, UDP } },
	{ "gtp, sequence", 113, 0, 0, { SLL, IP4, GTP_SEQUENCE, IP6, TCP } },
	{ "gtp, extensions", 1, 0, 0, { ETHER, IP6, GTP_EXTENSION, IP4, UDP } },
	{ "gtp, ethernet", 1, 0, 0, { ETHER, IP4, GTP, ETHER, IP4, UDP } },
	{ "tzsp", 1, 104, 0, { ETHER, IP4, TZSP, ETHER, VLAN, IP4, UDP } },
	{ "l2tp 2", 1, 0, 0, { ETHER, IP4, L2TP2, PPP_FRAMED, IP4, UDP } },
	{ "l2tp 2, short protocol", 1, 0, 0,
	  { ETHER, IP4, L2TP2, PPP_SHORT, IP6, UDP } },
	{ "l2tp 2, L S O", 1, 0, 0, { ETHER, IP4, L2TP2_ALL, PPP, IP6, UDP } },
	{ "l2tp 3, ethernet", 1, 0, 0, { ETHER, IP4, L2TP3, ETHER, IP4, UDP } },
	{ "l2tp 3, cookie 4, IP", 1, 0, 0,
	  { ETHER, IP6, L2TP3_COOKIE4, IP4, UDP } },
	{ "l2tp 3, cookie 8, sublayer", 1, 104, 0,
	  { ETHER, IP4, L2TP3_COOKIE8_SUBLAYER, ETHER, VLAN, IP4, UDP } },
	{ "l2tp 3 in udp", 1, 0, 0,
	  { ETHER, IP4, L2TP3_UDP, ETHER, IP4, UDP } },
	{ "esp null, ICV 12", 1, 0, 0, { ETHER, IP4, ESP12, UDP } },
	{ "esp null, ICV 16, tcp", 1, 0, 0, { ETHER, IP6, ESP16, TCP } },
	{ "esp null, no ICV", 1, 0, 0, { ETHER, IP4, ESP0, TCP } },
	{ "esp null, tunnel", 1, 0, 0, { ETHER, IP4, ESP12, IP4, UDP } },
	{ "esp null, 6 in 4", 1, 0, 0, { ETHER, IP4, ESP16, IP6, UDP } },
	{ "esp in udp", 1, 0, 0, { ETHER, IP4, ESP_UDP, IP4, UDP } },
	{ "esp in udp, marker", 1, 0, 0, { ETHER, IP4, ESP_UDP_MARKER, UDP } },
	{ "hep", 1, 0, 0, { ETHER, IP4, HEP_RTP_V4 } },
	{ "hep in gre", 1, 0, 0, { ETHER, IP4, GRE, IP6, HEP_RTP_V4 } },
	/* nests */
	{ "vlan, mpls, pseudowire, vxlan, gtp", 1, 101, 4102,
	  { ETHER, VLAN, MPLS, CONTROL_WORD, ETHER, IP4, VXLAN, ETHER, IP6, GTP,
	    IP4, UDP } },
	{ "gtp, esp", 113, 0, 0, { SLL, IP4, GTP_EXTENSION, IP4, ESP12, TCP } },
};
/* clang-format on */

/* What the last layer is. */
static uint8_t proto_of(const enum layer *layers)
{
	while (layers[1] != END)
		layers++;
	return *layers == TCP ? PKT_TCP : *layers == SCTP ? PKT_SCTP : PKT_UDP;
}

START_TEST(encapsulation)
{
	struct composed c;
	struct addr src = compose_src(rows[_i].layers);
	struct addr dst = compose_dst(rows[_i].layers);
	struct slice in;
	struct pkt p;

	compose(&c, rows[_i].layers, payload);
	in = composed_bytes(&c);
	ck_assert_msg(decoding(in, rows[_i].linktype, &p) == DECODE_PACKET,
		      "%s: %s", rows[_i].name,
		      faults->len ? faults->v[0].name : "other");
	ck_assert_msg(addr_eq(&p.src, &src) && addr_eq(&p.dst, &dst), "%s",
		      rows[_i].name);
	ck_assert_msg(slice_eq(p.payload, payload), "%s", rows[_i].name);
	ck_assert(prefix_inside(p.payload, in));
	ck_assert_uint_eq(p.payload_wire, payload.len);
	ck_assert_uint_eq(p.proto, proto_of(rows[_i].layers));
	ck_assert_uint_eq(p.vlan, rows[_i].vlan ? rows[_i].vlan : PKT_NO_VLAN);
	ck_assert_uint_eq(p.vni, rows[_i].vni);
	ck_assert_uint_eq(p.frame_count, 1);
	ck_assert_uint_eq(p.ts_ns, 1000);
	ck_assert_uint_eq(faults->len, 0);
	ck_assert_uint_eq(p.tcp_seq, p.proto == PKT_TCP ? 0x01020304 : 0);
	ck_assert_uint_eq(p.tcp_flags,
			  p.proto == PKT_TCP ? PKT_TCP_FIN | PKT_TCP_ACK : 0);
	ck_assert(p.hep == !strncmp(rows[_i].name, "hep", 3));
	ck_assert(!p.fragmented);
	if (!p.hep) {
		ck_assert_uint_eq(p.dscp, 46);
		ck_assert_uint_eq(p.ttl, 60);
		ck_assert_uint_eq(p.ip_id, addr_is_v4(&src) ? 0x1234 : 0);
	}
}
END_TEST

/* Cut on the wire, or by the snap length when arg says how long the frame
 * was there. */
static void decode_prefix(struct slice in, void *arg)
{
	const size_t *wire = arg;
	struct frame f = {.data = in,
			  .linktype = rows[wire[1]].linktype,
			  .wire_len = (uint32_t)wire[0]};
	struct pkt p;

	if (decode_frame(decoder, &f, &p) != DECODE_PACKET)
		return;
	ck_assert(prefix_inside(p.payload, in));
	ck_assert(p.payload_wire >= p.payload.len);
	if (wire[0] && p.proto == PKT_UDP && p.src.port == 5060)
		ck_assert_msg(p.payload_wire == payload.len, "%s at %zu",
			      rows[wire[1]].name, in.len);
}

START_TEST(every_prefix)
{
	struct composed c;
	struct slice in;

	compose(&c, rows[_i].layers, payload);
	in = composed_bytes(&c);
	prefix_each(in, decode_prefix, (size_t[]){0, (size_t)_i});
	prefix_each(in, decode_prefix, (size_t[]){in.len, (size_t)_i});
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int main(void)
{
	Suite *s = suite_create("decode");
	TCase *t = tcase_create("decode");

	tcase_add_checked_fixture(t, decoding_setup, decoding_teardown);
	tcase_add_loop_test(t, encapsulation, 0, COUNT(rows));
	tcase_add_loop_test(t, every_prefix, 0, COUNT(rows));
	suite_add_tcase(s, t);
	return run_suite(s);
}
