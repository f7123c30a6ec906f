/*
 * One TCP connection and the layers on it: TLS that keys open, HTTP and
 * WebSocket, TURN, packets in frames. Internal to stream.c, plain.c, sip.c,
 * signal.c and exported.c.
 */
#ifndef SNIFFER_ENGINE_CONN_H
#define SNIFFER_ENGINE_CONN_H

#include "sniffer/engine/engine_priv.h"
#include "dissectors/exported.h"
#include "sniffer/net/tls_plain.h"
#include "sniffer/net/web_flow.h"

/* Frames of one message that are recorded; longer ones lose their middle. */
#define MESSAGE_FRAMES (STREAM_FRAMES - 1)

enum stream_kind {
	STREAM_UNKNOWN,
	STREAM_SIP,
	STREAM_TLS,
	STREAM_TURN,   /* STUN and channel data as they are */
	STREAM_FRAMED, /* each packet behind its length: RFC 4571 */
	STREAM_BOUND,  /* a client's to a peer, by TURN: RFC 6062 */
	STREAM_RAW,    /* the same, where it is nothing we know */
	STREAM_WEB,
	STREAM_OTHER,
};

/* Bytes of one direction that TLS carried and nobody has taken yet. */
struct plain {
	uint8_t *p;
	size_t len, size;
	bool sip; /* a message was found */
};

/* The descriptions that passed last, by direction: an answer finds its
 * offer, a candidate its agent. */
struct signal_conn {
	char ufrag[2][64];
	unsigned exchange[2];
};

struct conn {
	struct engine *engine;
	struct flow *flow;
	struct list age; /* in engine.conns: those that had another turn last */
	struct tcp_dir dir[2];
	bool sip[2];	   /* a message was found in this direction */
	size_t strange[2]; /* bytes passed over while the kind is unknown */
	bool given_up;	   /* a hole, before the message at hand */
	enum stream_kind kind, above; /* above: what TLS carries */
	struct tls_conn *secure;      /* of STREAM_TLS */
	struct list waiting;	      /* for keys: in engine.tls_waiting */
	struct plain plain[2];
	struct web_flow *web; /* of STREAM_WEB, here or above */
	struct signal_conn *signal;
	enum exported_by by; /* of a message that came exported: by whom */
	struct addr peer;    /* that a client asked TURN to bind it to */
	bool binds, bound;
	const struct pkt *now; /* what is being looked at */
	struct frame *frames;  /* that carry it; the engine's */
	size_t frames_n;
};

/* --- sip.c -------------------------------------------------------------- */

/* Takes SIP messages off the front of what TCP has in order. The connection
 * may turn out to be of another kind: then nothing more is taken. */
void sip_stream_take(struct conn *c, int dir);
/* The head of a message whose rest is lost. */
void sip_stream_salvage(struct conn *c, int dir);
/* One whole message that something else delimited, a WebSocket, say. */
bool sip_message_take(struct conn *c, int dir, struct slice bytes,
		      const char *transport, enum exported_by by);
/* The same out of TLS: the bytes used. */
size_t sip_plain_take(struct conn *c, int dir, struct slice bytes);

/* --- stream.c ----------------------------------------------------------- */

/* What the beginning of a byte stream is; UNKNOWN when it takes more bytes to
 * tell. mid: its beginning was not seen. */
enum stream_kind stream_kind_of(struct engine *e, struct slice bytes, bool mid);

/* What it carries, TLS apart. */
static inline enum stream_kind *stream_carries(struct conn *c)
{
	return c->kind == STREAM_TLS ? &c->above : &c->kind;
}

/* It carries packets: stream_next() finds them. */
static inline bool stream_has_packets(enum stream_kind k)
{
	return k >= STREAM_TURN && k <= STREAM_RAW;
}

/* The next packet on a stream of TURN, or of frames: the bytes it takes, 0
 * when it is not whole, SIZE_MAX for what cannot be one. The kind may become
 * another one: after what was taken before. */
size_t stream_next(struct conn *c, struct slice bytes, struct slice *packet);
/* Such a packet, with the frames of the connection. */
void stream_packet(struct conn *c, int dir, struct slice packet);

/* Bytes of HTTP or WebSocket. */
void stream_web(struct conn *c, int dir, struct slice bytes);

/* The connection of a flow, made when there is none; NULL without memory. */
struct conn *stream_conn(struct engine *e, struct flow *f);

/* The packet that is being looked at, as one of this direction at that
 * time. */
struct pkt conn_packet(const struct conn *c, int dir, uint64_t ts_ns);

/* --- plain.c ------------------------------------------------------------ */

/* False without memory. */
bool plain_begin(struct conn *c);
void plain_feed(struct conn *c, int dir, struct slice bytes);
void plain_gap(struct conn *c, int dir, uint64_t lost);
void plain_close(struct conn *c);

/* What is recorded of a message that TLS, a WebSocket or HTTP carried: an
 * exported PDU of it (exported.h), in clear and whole, instead of segments
 * that nobody can read without those before. The connection's frames are that
 * one then; as they were when the message is too long for it. */
void plain_frame(struct conn *c, int dir, struct slice message,
		 const char *dissector, enum exported_by by, uint64_t ts_ns);

/* --- exported.c --------------------------------------------------------- */

/* A frame that holds the message, without its time; it lies in the engine
 * until the next one. Where in it the message is; p == NULL when that is too
 * long for one. */
struct slice engine_export(struct engine *e, const struct exported *x,
			   struct slice message, struct frame *out);

/* --- mask.c ------------------------------------------------------------- */

/* What is recorded of a SIP message in place of the frames that carried it
 * when numbers or digits are masked. 1, or 0 when it is too long: then it is
 * not recorded, counted. *out lies in the engine until the next call. */
size_t engine_mask(struct engine *e, const struct pkt *p, struct slice message,
		   enum exported_by by, struct frame *out);

/* --- signal.c ----------------------------------------------------------- */

/* Who carried a message of the web. */
enum exported_by web_carrier(const struct conn *c, const struct web_msg *m);
/* A body or message of the web that is no SIP: descriptions and candidates
 * in it. */
void engine_signal(struct conn *c, const struct web_msg *m);

/* watch.c. A description or candidate of that owner was in the message. */
void engine_watch_signalling(const struct conn *c, const struct owner *o,
			     const struct web_msg *m);

#endif
