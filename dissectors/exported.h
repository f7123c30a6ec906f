/*
 * Messages out of their transport, as Wireshark exports them (link type 252,
 * "Export PDUs to File"): tags that say which protocol the bytes are and
 * between whom, then the bytes. It is how a recording keeps in clear what TLS
 * carried. Pure.
 */
#ifndef DISSECTORS_EXPORTED_H
#define DISSECTORS_EXPORTED_H

#include "sniffer/base/addr.h"
#include "sniffer/base/slice.h"

#define LINKTYPE_EXPORTED_PDU 252

enum {
	EXPORTED_HEAD_MAX = 160, /* bytes that exported_put() writes */
};

/* What carried it, as far as it is said: the text of the protocol column. */
enum exported_by {
	EXPORTED_BY_UNKNOWN,
	EXPORTED_BY_TLS,
	EXPORTED_BY_WS_CLIENT, /* WebSocket, sent by its client */
	EXPORTED_BY_WS_SERVER,
	EXPORTED_BY_WSS_CLIENT,
	EXPORTED_BY_WSS_SERVER,
	EXPORTED_BY_HTTP_REQUEST,
	EXPORTED_BY_HTTP_RESPONSE,
	EXPORTED_BY_COUNT,
};

enum exported_port {
	EXPORTED_SCTP = 1,
	EXPORTED_TCP = 2,
	EXPORTED_UDP = 3,
};

struct exported {
	struct slice dissector; /* Wireshark's name: sip, sdp, json ... */
	struct addr src, dst;
	uint32_t port_type; /* enum exported_port; 0 = not said */
	enum exported_by by;
};

/* The head; the message follows it. to has EXPORTED_HEAD_MAX bytes, the name
 * at most 32. Answers how many were written. */
size_t exported_put(uint8_t *to, const struct exported *x);

/* False when it is damaged or does not say who sends to whom. *message: what
 * follows the tags. */
bool exported_read(struct slice in, struct exported *out,
		   struct slice *message);

#endif
