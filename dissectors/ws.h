/*
 * WebSocket frames (RFC 6455) and the parameters of their compression
 * (RFC 7692). Pure; any thread may use it.
 */
#ifndef DISSECTORS_WS_H
#define DISSECTORS_WS_H

#include "dissectors/parse.h"

enum ws_opcode {
	WS_CONTINUATION = 0x0,
	WS_TEXT = 0x1,
	WS_BINARY = 0x2,
	WS_CLOSE = 0x8,
	WS_PING = 0x9,
	WS_PONG = 0xa,
};

enum {
	WS_HEADER_MAX = 14,   /* bytes of a frame header */
	WS_CONTROL_MAX = 125, /* payload of a control frame, 5.5 */
};

/* Bits of rsv: the first one marks a compressed message (RFC 7692, 6). */
enum {
	WS_RSV1 = 4,
	WS_RSV2 = 2,
	WS_RSV3 = 1,
};

struct ws_frame {
	uint64_t len; /* of the payload */
	uint8_t header_len;
	uint8_t opcode; /* enum ws_opcode */
	uint8_t rsv;
	bool fin;
	bool masked;  /* the client's are, the server's are not */
	bool minimal; /* the length is written as short as it can be */
	uint8_t mask[4];
};

/*
 * The header of a frame (5.2), whose payload need not be there. MORE when in
 * ends within the header. BAD for reserved opcodes, and for control frames
 * that are fragmented, longer than 125 bytes or compressed. A length that is
 * written longer than needed is read: some senders do that.
 */
enum parse ws_frame_parse(struct slice in, struct ws_frame *out);

static inline bool ws_is_control(uint8_t opcode)
{
	return opcode & 0x8;
}

/* Undoes the masking (5.3) of n bytes in place; at is how many bytes of the
 * payload lie before them. */
void ws_unmask(uint8_t *p, size_t n, const uint8_t mask[4], uint64_t at);

/* The status code of a close frame's payload (5.5.1), unmasked; 1005 ("no
 * status") when there is none. */
uint16_t ws_close_code(struct slice payload);

/* What a handshake says about permessage-deflate (RFC 7692, 7.1). */
struct ws_deflate {
	bool offered;
	/* Each message starts with an empty window. */
	bool client_no_context_takeover;
	bool server_no_context_takeover;
	uint8_t client_max_window_bits; /* 8..15; 15 unless said otherwise */
	uint8_t server_max_window_bits;
};

/* The value of Sec-WebSocket-Extensions. Of several offers the first counts;
 * parameters that cannot be read are passed over. */
void ws_deflate_parse(struct slice extensions, struct ws_deflate *out);

#endif
