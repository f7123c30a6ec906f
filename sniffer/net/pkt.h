/*
 * A decoded packet: the innermost IP addresses and what UDP, TCP or SCTP
 * carried. Borrowed from the frame or from the decoder's reassembly buffer:
 * good until the decoder is called again.
 */
#ifndef NET_PKT_H
#define NET_PKT_H

#include "sniffer/base/addr.h"
#include "sniffer/base/frame.h"

#define PKT_NO_VLAN 0xffffu

enum {
	PKT_TCP = 6,
	PKT_UDP = 17,
	PKT_SCTP = 132,
};

enum {
	PKT_TCP_FIN = 0x01,
	PKT_TCP_SYN = 0x02,
	PKT_TCP_RST = 0x04,
	PKT_TCP_ACK = 0x10,
};

/* What came out of its transport before it was captured (exported.h). */
enum pkt_message {
	PKT_NO_MESSAGE,
	PKT_SIP,
	PKT_SDP,
	PKT_TEXT, /* JSON or another that may have descriptions in it */
};

struct pkt {
	const struct frame *frames; /* all that carried it, as captured: one,
				       or every fragment */
	size_t frame_count;
	uint64_t ts_ns; /* capture time of the frame that completed it */
	struct addr src, dst;
	struct slice payload;  /* captured bytes of UDP, TCP or SCTP */
	uint32_t payload_wire; /* their length on the wire, >= payload.len */
	/* From here on 0 unless there is something (decode_fast.c). */
	uint32_t tcp_seq;
	uint32_t vni;	/* VXLAN, GENEVE; 0 = none */
	uint16_t vlan;	/* innermost VLAN ID, PKT_NO_VLAN without */
	uint16_t ip_id; /* IPv4; 0 for IPv6 */
	uint8_t proto;	/* PKT_TCP, PKT_UDP, PKT_SCTP */
	uint8_t dscp, ttl;
	uint8_t tcp_flags;
	uint8_t message; /* enum pkt_message: the payload is one, whole */
	uint8_t by;	 /* enum exported_by, of a message */
	bool fragmented; /* put together from IP fragments */
	bool unpacked;	 /* the payload lies in the decoder's memory, not in
			    the frame: it was compressed, or JSON */
	bool hep;	 /* addresses, protocol and payload came from HEP */
	bool told;	 /* that, or of an agent's that was taken from it */
};

#endif
