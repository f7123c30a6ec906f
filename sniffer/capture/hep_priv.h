/*
 * What the files of the HEP source share: hep_source.c waits and makes frames,
 * hep_open.c opens, hep_conn.c reads streams, hep_admit.c says what may pass.
 */
#ifndef CAPTURE_HEP_PRIV_H
#define CAPTURE_HEP_PRIV_H

#include <openssl/ssl.h>
#include <poll.h>

#include "dissectors/hep_plain.h"
#include "sniffer/base/peer.h"
#include "sniffer/capture/hep_source.h"

enum {
	HEP_FRAME_MAX = HEP_PLAIN_MAX + 256, /* made of a packet */
	HEP_BATCH_BYTES = 1 << 20,
	HEP_STREAM_BYTES = HEP_MAX + 8192, /* of a connection */
	HEP_JUNK_MAX = 1 << 20, /* bytes in a row that are no packet */
};

struct hep_place {
	enum peer_by by;
	struct addr at;
	int fd;		   /* -1 = not open */
	uint32_t lost;	   /* UDP: the kernel's count, as last seen */
	uint64_t pause_ms; /* not accepted from until then */
};

struct hep_conn {
	int fd; /* -1 = a free place */
	SSL *ssl;
	struct addr from, at;
	uint8_t *buf; /* HEP_STREAM_BYTES */
	size_t len;
	size_t junk;	   /* bytes since the last packet that were none */
	uint64_t since_ms; /* it owes us bytes since then */
	bool proven;	   /* it sent a packet that was let in */
	bool more;	   /* bytes may wait that poll() does not tell of */
	bool want_write;   /* TLS */
};

struct hep_source {
	struct source head;
	struct hep_listen_options opt;
	struct hep_place place[HEP_LISTEN_MAX];
	size_t places;
	struct hep_conn *conn; /* opt.connections */
	struct pollfd *fds;    /* places, then connections */
	SSL_CTX *tls;
	uint8_t *buf; /* HEP_BATCH_BYTES: the frames of a batch */
	size_t buf_used;
	uint8_t *packet; /* HEP_MAX: a datagram */
	uint8_t *plain;	 /* HEP_PLAIN_MAX: what was unpacked of one */
	size_t turn;	 /* the connection that is read first */
	uint64_t number;
	uint64_t now_ns;   /* the machine's clock at the last look */
	uint64_t mono_ms;  /* likewise */
	uint64_t stop_ms;  /* when the end was asked for; 0 = not yet */
	uint64_t swept_ms; /* slow ones were looked for */
	_Atomic uint64_t counts[HEP_COUNTS];
};

static inline void hep_count(struct hep_source *hs, enum hep_count what,
			     uint64_t n)
{
	atomic_fetch_add_explicit(&hs->counts[what], n, memory_order_relaxed);
}

extern const struct source_ops hep_source_ops;

/* Frames of the batch that is being made. */
struct hep_batch {
	struct frame *v;
	size_t n, max;
};

/* Room for one more packet of any size. */
bool hep_room(const struct hep_source *hs, const struct hep_batch *b);

/* May from send to us? */
bool hep_allowed(const struct hep_source *hs, const struct addr *from);
/* May this packet pass, and from when is it? Otherwise it is counted. What is
 * in it is made plain; the key is wiped. */
bool hep_admit(struct hep_source *hs, uint8_t *packet, size_t len,
	       struct hep *out, uint64_t *ts_ns);

/* The frame of a packet that came from there to at; its length, 0 when it does
 * not fit. to: HEP_FRAME_MAX bytes. hep_frame.c */
size_t hep_frame_put(uint8_t *to, const struct hep *h, struct slice packet,
		     const struct addr *from, const struct addr *at,
		     uint16_t *linktype);

/* A packet that has come. True when it was let in. */
bool hep_emit(struct hep_source *hs, struct hep_batch *b, uint8_t *packet,
	      size_t len, const struct addr *from, const struct addr *at);

/* A new peer of place; fd is taken over. */
void hep_conn_open(struct hep_source *hs, struct hep_place *place, int fd,
		   const struct addr *from);
/* What one connection has, as far as there is room for it. */
void hep_conn_read(struct hep_source *hs, struct hep_conn *c,
		   struct hep_batch *b);
void hep_conn_close(struct hep_source *hs, struct hep_conn *c);
/* Those that owe us bytes for too long. */
void hep_conn_sweep(struct hep_source *hs);

#endif
