#include "sniffer/capture/tunnelled.h"

#include "dissectors/hep.h"

const uint8_t tunnel_protocols[] = {
	4,   /* IPv4 */
	41,  /* IPv6 */
	47,  /* GRE, ERSPAN in it */
	50,  /* ESP: may be without encryption */
	51,  /* AH */
	97,  /* EtherIP */
	115, /* L2TPv3 */
	137, /* MPLS */
	139, /* HIP */
	140, /* Shim6 */
	143, /* Ethernet */
	0,
};

const uint16_t tunnel_ports[] = {
	4789,  /* VXLAN */
	4790,  /* VXLAN-GPE */
	8472,  /* VXLAN, as Linux had it */
	6081,  /* GENEVE */
	2152,  /* GTP */
	37008, /* TZSP */
	1701,  /* L2TP */
	4500,  /* ESP */
	0,
};

static bool in_udp(struct slice udp, unsigned kinds)
{
	struct cursor c = cursor_of(udp);
	uint16_t src = cursor_u16(&c), dst = cursor_u16(&c);

	cursor_u32(&c);
	if (c.bad)
		return false;
	if (kinds & TUNNEL_HEP && hep_probe(cursor_rest(&c)))
		return true;
	for (unsigned i = 0; tunnel_ports[i]; i++)
		if (kinds & TUNNEL_PORT << i &&
		    (tunnel_ports[i] == src || tunnel_ports[i] == dst))
			return true;
	return false;
}

bool tunnelled(uint8_t proto, struct slice transport, unsigned kinds)
{
	if (proto == 17)
		return in_udp(transport, kinds);
	if (!(kinds & TUNNEL_IP))
		return false;
	for (size_t i = 0; tunnel_protocols[i]; i++)
		if (tunnel_protocols[i] == proto)
			return true;
	return false;
}
