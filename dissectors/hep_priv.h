/* Numbers of HEP that reading, framing and writing share. */
#ifndef DISSECTORS_HEP_PRIV_H
#define DISSECTORS_HEP_PRIV_H

#include "dissectors/hep.h"

enum {
	HEP_HEADER = 6, /* of the packet and of each chunk */
};

/* Chunks of vendor 0. */
enum {
	CHUNK_FAMILY = 0x01,
	CHUNK_PROTO = 0x02,
	CHUNK_SRC4 = 0x03,
	CHUNK_DST4 = 0x04,
	CHUNK_SRC6 = 0x05,
	CHUNK_DST6 = 0x06,
	CHUNK_SRC_PORT = 0x07,
	CHUNK_DST_PORT = 0x08,
	CHUNK_SECONDS = 0x09,
	CHUNK_MICROSECONDS = 0x0a,
	CHUNK_TYPE = 0x0b,
	CHUNK_CAPTURE_ID = 0x0c,
	CHUNK_AUTH = 0x0e,
	CHUNK_PAYLOAD = 0x0f,
	CHUNK_COMPRESSED = 0x10,
	CHUNK_CORRELATION = 0x11,
	CHUNK_VLAN = 0x12,
	CHUNK_NODE = 0x13,
	CHUNK_TOS = 0x18,
};

#endif
