/*
 * HEP version 3, the encapsulation of SIP proxies and capture agents
 * (HEP/EEP protocol specification, revision 37).
 */
#ifndef DISSECTORS_HEP_H
#define DISSECTORS_HEP_H

#include "dissectors/parse.h"
#include "sniffer/base/addr.h"

#define HEP_MAX 65535 /* bytes of a packet */

enum {
	HEP_SIP = 1,
	HEP_SDP = 3,
	HEP_RTP = 4,
	HEP_RTCP = 5, /* usually as JSON */
};

struct hep {
	struct addr src, dst;
	uint8_t proto; /* of IP: 6, 17, 132 */
	uint8_t type;  /* of the payload */
	uint8_t tos;
	uint16_t vlan; /* 0 = none */
	uint32_t seconds, microseconds;
	uint32_t capture_id;
	struct slice payload;
	struct slice correlation_id, node;
	struct slice auth; /* the key that the sender shares with us */
	bool compressed;   /* payload is the compressed chunk */
};

bool hep_probe(struct slice head);

/*
 * Where the next packet of a byte stream lies: a beginning whose chunks end
 * where it says that it ends. OK: *len bytes behind *skip that belong to none.
 * MORE: *skip bytes can be dropped, what follows may become one. Never BAD.
 */
enum parse hep_frame(struct slice in, size_t *skip, size_t *len);

/* The packet into to, HEP_MAX bytes; chunks without a value are left out.
 * Its length, or 0 when it does not fit. */
size_t hep_write(uint8_t *to, const struct hep *h);

/* MORE when in ends before the packet does; BAD without payload and both
 * addresses. Bytes behind the packet's own length are ignored. */
enum parse hep_parse(struct slice in, struct hep *out);

/* "hep_sip", "hep_rtcp_json" ... "hep_unknown". */
const char *hep_kind(uint8_t type);

#endif
