/*
 * Packets for tests, put together layer by layer from the inside out: lengths
 * and "what comes next" fields follow from the layers.
 */
#ifndef TESTS_COMPOSE_H
#define TESTS_COMPOSE_H

#include "sniffer/base/addr.h"

enum layer {
	END, /* of a list of layers */
	/* links */
	ETHER,
	VLAN, /* 0x8100, ID 100 + position */
	QINQ, /* 0x88a8, likewise */
	VLAN_9100,
	VLAN_9200,
	VLAN_ZERO, /* a priority tag: ID 0 */
	VNTAG,
	MACSEC,
	LLC,
	SLL,
	SLL2,
	NULL_LE,
	LOOP,
	PPP,
	PPP_FRAMED, /* FF 03 */
	PPP_SHORT,  /* protocol of one byte */
	CISCO_HDLC,
	PPPOE,
	MPLS,
	MPLS3,	      /* three labels */
	CONTROL_WORD, /* of a pseudowire */
	/* network */
	IP4, /* 10.position.0.1 to .2, TTL 60, DSCP 46 */
	IP4_OPTIONS,
	IP6, /* 2001:db8:position::1 to ::2 */
	HOP_BY_HOP,
	ROUTING,
	DEST_OPTIONS,
	MOBILITY,
	ATOMIC_FRAGMENT,
	AH,
	/* transport: ports 5060 to 5062 */
	UDP,
	TCP, /* sequence number 0x01020304, FIN, 12 bytes of options */
	SCTP,
	/* tunnels */
	GRE,
	GRE_CHECKSUM,
	GRE_KEY,
	GRE_SEQUENCE,
	GRE_ALL,
	GRE_ROUTING,
	GRE_PPTP,
	ERSPAN1,
	ERSPAN2,
	ERSPAN3,
	ERSPAN3_PLATFORM,
	NSH,
	NSH_METADATA,
	ETHERIP,
	VXLAN, /* VNI 4096 + position */
	VXLAN_LINUX,
	VXLAN_GPE,
	GENEVE,
	GENEVE_OPTIONS,
	GTP,
	GTP_SEQUENCE,
	GTP_EXTENSION,
	TZSP,
	L2TP2,
	L2TP2_ALL, /* length, sequence, offset */
	L2TP3,
	L2TP3_COOKIE4,
	L2TP3_COOKIE8_SUBLAYER,
	L2TP3_UDP,
	ESP0, /* NULL encryption, ICV of 0 bytes */
	ESP12,
	ESP16,
	ESP_RANDOM, /* encrypted */
	ESP_UDP,
	ESP_UDP_MARKER,
	HEP_RTP_V4, /* UDP; takes the place of IP and UDP inside */
	LAYER_COUNT
};

#define COMPOSED_MAX 8192

struct composed {
	uint8_t buf[COMPOSED_MAX];
	size_t begin, end;
};

/* layers ends with END. The payload follows the last layer. */
void compose(struct composed *c, const enum layer *layers,
	     struct slice payload);
struct slice composed_bytes(const struct composed *c);
/* Appends n bytes of v: padding, trailers. */
void compose_pad(struct composed *c, uint8_t v, size_t n);

/* Of the last IP layer and what is behind it. */
struct addr compose_src(const enum layer *layers);
struct addr compose_dst(const enum layer *layers);

#endif
