/*
 * One direction of a WebSocket connection (RFC 6455): bytes in order go in,
 * whole messages come out, unmasked, put together and inflated (RFC 7692).
 * Owned by the core thread.
 *
 * Counted are "ws.bad_frame" (not a frame, or not here), "ws.resync" (found
 * the next frame again), "ws.lost" (did not), "ws.message_limit" (cut),
 * "ws.bad_deflate" (damaged, or refers to what was not captured).
 */
#ifndef NET_WS_PLAIN_H
#define NET_WS_PLAIN_H

#include "dissectors/ws.h"
#include "sniffer/net/unzip.h"

struct ws_message {
	struct slice body; /* good until the function returns */
	bool text;
	bool cut; /* the end is missing, or something within */
};

typedef void ws_fn(void *arg, const struct ws_message *m);

enum ws_state {
	WS_HEADER,  /* of a frame */
	WS_PAYLOAD, /* of a frame */
	WS_SEARCH,  /* for the next frame that is one for sure */
	WS_OVER,    /* closed, or given up */
};

struct ws_plain {
	struct web_mem *mem;
	ws_fn *emit;
	void *arg;

	enum ws_state state;
	bool client;	  /* sends masked frames */
	bool no_takeover; /* each message is compressed by itself */

	struct ws_frame frame;
	uint64_t left; /* of its payload */
	uint8_t header[WS_HEADER_MAX];
	uint8_t header_len;

	/* The message at hand. */
	bool open;
	bool text, zipped;
	bool cut;    /* what follows of it is left out */
	bool broken; /* cannot be inflated further */
	bool stray;  /* its beginning was not seen */
	struct web_buf message;
	struct unzip *unzip; /* keeps the window between messages */

	struct web_buf queue; /* bytes that were searched, from at on */
	size_t at;
	size_t want;   /* so many of them are needed to tell more */
	uint64_t work; /* bytes looked at since the search began */

	uint8_t close[2];
	uint16_t close_code; /* of a close frame; 0 = none seen */
};

/* synced: the first byte begins a frame; else that has to be found. */
void ws_plain_init(struct ws_plain *w, struct web_mem *m, bool client,
		   bool synced, ws_fn *emit, void *arg);
void ws_plain_feed(struct ws_plain *w, struct slice in);
/* Bytes are missing here. What there is of a message is emitted as cut; the
 * window of the compression is lost. */
void ws_plain_gap(struct ws_plain *w);
/* Emits what there is of a message, frees what is held. */
void ws_plain_close(struct ws_plain *w);

/*
 * Is there a frame at the front for sure? Strict, as it is asked about
 * arbitrary bytes: a whole message in one frame of at least 8 bytes of text,
 * compressed or not, masked as the side does it, and what follows is a frame
 * too. *n is how many bytes may tell more (MORE), else how many were looked at.
 */
enum parse ws_sure(struct slice in, bool client, struct web_mem *m, size_t *n);

#endif
