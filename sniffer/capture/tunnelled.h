/*
 * Whether a packet carries another one, as far as a glance tells: what the
 * decoder will look into (net/tunnel.c, net/tunnel_udp.c), and by chance a few
 * more. A filter must let them through, for what it asks for may be inside.
 */
#ifndef CAPTURE_TUNNELLED_H
#define CAPTURE_TUNNELLED_H

#include "sniffer/base/slice.h"

/* Kinds of tunnels, bits. */
enum {
	TUNNEL_IP = 1,	/* protocols of IP: IP in IP, GRE, ESP, AH ... */
	TUNNEL_HEP = 2, /* Homer's, on any UDP port */
	/* one for each of tunnel_ports, from here on */
	TUNNEL_PORT = 4,
	TUNNEL_ALL = 0xffff,
};

/* IP's protocol numbers and UDP's ports; both end with 0. */
extern const uint8_t tunnel_protocols[];
extern const uint16_t tunnel_ports[];

/* proto is what IP carries, behind extension headers of IPv6. */
bool tunnelled(uint8_t proto, struct slice transport, unsigned kinds);

#endif
