/*
 * What crew*.c share.
 *
 *   crew.c         the crew, and what the core asks of a group
 *   crew_send.c    messages: made by the core
 *   crew_worker.c  messages: gone through by the worker
 */
#ifndef MEDIA_CREW_PRIV_H
#define MEDIA_CREW_PRIV_H

#include <pthread.h>
#include <stdatomic.h>

#include "sniffer/base/block.h"
#include "sniffer/base/ring.h"
#include "sniffer/media/crew.h"
#include "sniffer/media/desc.h"

enum {
	CREW_SLOTS = 4096,	  /* of one ring: files */
	CREW_SLOTS_LIVE = 16384,  /* 80 ms of 200,000 packets/s */
	CREW_BYTES = 2 << 20,	  /* copied packets of one ring */
	CREW_COPY_MAX = 64 << 10, /* larger ones get memory of their own */
	CREW_RESERVE = 8,	  /* that part is kept free for control */
	CREW_EXT_IDS = 16,
};

enum crew_op {
	CREW_RTP,
	CREW_RTCP,
	CREW_OTHER,
	CREW_FRAMES,
	CREW_KEEP,
	CREW_ENTER,
	CREW_INSIDE,
	CREW_DESCRIBE,
	CREW_KEY,
	CREW_EXT,
	CREW_DROP,
	CREW_CLOSE,
	CREW_END,
};

struct crew_msg {
	enum crew_op op;
	unsigned dir;
	struct media_group *group;
	struct media_flow *flow;
	struct block *block; /* a reference, or NULL */
	void *heap;	     /* freed when it is done, or NULL */
	uint64_t copied;     /* the ring of bytes is free up to there */
	union {
		struct {
			struct media_pkt p;
			struct frame frame; /* when there is one */
		} pkt;
		char uid[CDR_UID];
		struct addr inside[3]; /* client, relayed, peer */
		struct desc *desc;
		struct media_key *key; /* is heap, too */
		struct {
			size_t n;
			uint8_t id[CREW_EXT_IDS];
		} ext;
		struct crew_close *close;
	};
};

struct crew_worker {
	struct crew *crew;
	struct ring *ring;
	uint64_t sent; /* messages */
	/* Copies of packets: what was taken of it, and what is free again. */
	uint8_t *bytes;
	size_t bytes_size;
	uint64_t bytes_sent;
	atomic_uint_fast64_t bytes_done;
	atomic_uint_fast64_t busy_ns;
	pthread_t thread;
	bool started;
	unsigned number;
};

struct crew {
	struct media *media;
	unsigned n;
	bool wait;
	unsigned next; /* worker of the next group */
	uint64_t dropped;
	struct counters counters; /* of the workers */
	pthread_mutex_t lock;	  /* of counters */
	struct crew_worker worker[];
};

/* --- crew_send.c ---------------------------------------------------------- */

/* A message of the group to its worker, which crew_put() sends. Waits for
 * room. */
struct crew_msg *crew_msg(struct crew_group *g, enum crew_op op);
void crew_put(struct crew_group *g);
/* Until the worker has gone through its first `number` messages. */
void crew_wait(const struct crew_worker *w, uint64_t number);
bool crew_done(const struct crew_worker *w, uint64_t number);

/* --- crew_worker.c -------------------------------------------------------- */

void *crew_work(void *worker);

#endif
