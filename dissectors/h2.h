/*
 * HTTP/2 frames (RFC 9113). Only what is needed to get at the bodies: header
 * blocks (HPACK) are not read. Pure; any thread may use it.
 */
#ifndef DISSECTORS_H2_H
#define DISSECTORS_H2_H

#include "dissectors/parse.h"

enum h2_type {
	H2_DATA = 0,
	H2_HEADERS = 1,
	H2_RST_STREAM = 3,
	H2_SETTINGS = 4,
	H2_GOAWAY = 7,
};

enum {
	H2_END_STREAM = 0x01, /* of DATA and HEADERS */
	H2_ACK = 0x01,	      /* of SETTINGS */
	H2_PADDED = 0x08,
};

enum {
	H2_HEADER = 9,	 /* bytes of a frame header */
	H2_PREFACE = 24, /* bytes that the client sends first */
};

struct h2_frame {
	uint32_t len; /* of the payload */
	uint32_t stream;
	uint8_t type;
	uint8_t flags;
};

/* The client's first bytes (3.4): OK with all of them there. */
enum parse h2_preface(struct slice head);

/* The server's first bytes: a SETTINGS frame that is no acknowledgement. OK
 * with its header there. */
enum parse h2_probe_server(struct slice head);

/* A frame header (4.1). BAD for DATA and HEADERS of stream 0 and frames of
 * the connection on another one: the place in the stream is lost. */
enum parse h2_frame_parse(struct slice in, struct h2_frame *out);

/* The payload of a whole DATA frame without its padding (6.1); false when
 * the padding is longer than the frame. */
bool h2_data(const struct h2_frame *f, struct slice payload,
	     struct slice *data);

#endif
