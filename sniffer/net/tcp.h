/*
 * One direction of a TCP connection put in order, bounded in bytes, segments
 * and time, together with the frames that carried it. Owned by the core
 * thread.
 *
 *	if (tcp_push(t, mem, pkt))
 *		do {
 *			... parse tcp_bytes(t), tcp_consume() what is done
 *		} while (tcp_skip(t, mem));
 *	tcp_settle(t, mem);
 *
 * A segment that comes in order when nothing waits is shown where it lies in
 * the packet; only what remains unconsumed is copied by tcp_settle().
 */
#ifndef NET_TCP_H
#define NET_TCP_H

#include "sniffer/base/counters.h"
#include "sniffer/net/pkt.h"

struct tcp_config {
	size_t buffer_bytes; /* held for one direction */
	size_t total_bytes;  /* held for all together */
	size_t gap_segments; /* waiting behind a gap until it is given up */
	uint64_t gap_ns;     /* the same as time */
};

/* What all connections of one thread share. Counts "tcp.gap" and
 * "tcp.buffer_limit", "tcp.out_of_window", "tcp.cut", "tcp.no_memory". */
struct tcp_mem {
	struct tcp_config cfg;
	struct counters *counters;
	size_t held; /* bytes */
};

struct tcp_seg;

/* All zero is a new one. */
struct tcp_dir {
	uint64_t next;	     /* position behind bytes; seq in its low half */
	uint64_t fin;	     /* position of the FIN; 0 = not seen */
	uint64_t isn;	     /* position behind the SYN; 0 = not seen */
	uint64_t waiting_ns; /* since when ahead is held up by a gap */
	struct slice bytes;  /* exposed: in buf, or in the packet */
	uint8_t *buf;
	size_t buf_size;
	size_t held;	       /* bytes of buf and of the segments */
	const struct pkt *pkt; /* whose frames are still borrowed */
	uint64_t pkt_pos, pkt_end;
	struct tcp_seg *seen, **seen_tail; /* carried the exposed bytes */
	struct tcp_seg *ahead;		   /* behind a gap, by position */
	uint32_t ahead_count;
	uint8_t strays;
	bool started, resync, gap, reset, ignored;
};

/* Takes a segment in; p is borrowed until tcp_settle(). True when there is
 * something to look at: bytes, a gap given up, or the end. */
bool tcp_push(struct tcp_dir *t, struct tcp_mem *m, const struct pkt *p);

/* Gives up a gap that is older than gap_ns: to be called for packets of the
 * other direction too, or by a timer. True as tcp_push(). */
bool tcp_expire(struct tcp_dir *t, struct tcp_mem *m, uint64_t now_ns);
/* What is missing will not come any more: the connection or the input ended.
 * True as tcp_push(). */
bool tcp_finish(struct tcp_dir *t);

/* The bytes in order that were not consumed yet. */
static inline struct slice tcp_bytes(const struct tcp_dir *t)
{
	return t->bytes;
}

/* The exposed bytes do not continue what was consumed before (start of a
 * capture, a gap, a limit): find the beginning of a message first. Cleared by
 * tcp_consume(). */
static inline bool tcp_resync(const struct tcp_dir *t)
{
	return t->resync;
}

/* What follows the exposed bytes is lost: a message that they begin will not
 * be completed. tcp_skip() goes on behind it. */
static inline bool tcp_gap(const struct tcp_dir *t)
{
	return t->gap;
}

/* Everything up to the FIN was exposed, or the connection was reset. */
bool tcp_ended(const struct tcp_dir *t);

/* Stream position of the first exposed byte; its low 32 bits are the
 * sequence number. */
static inline uint64_t tcp_pos(const struct tcp_dir *t)
{
	return t->next - t->bytes.len;
}

/* The first n exposed bytes are done with; their frames are let go. */
void tcp_consume(struct tcp_dir *t, struct tcp_mem *m, size_t n);

/* The frames that carried any of the first n exposed bytes, in the order of
 * their numbers, each once. At most max are written; the answer is how many
 * there are. They are good until the next call with t. */
size_t tcp_frames(const struct tcp_dir *t, size_t n, struct frame *out,
		  size_t max);

/* At a gap: drops the exposed bytes, exposes those behind it; true. False
 * without a gap: nothing is done. */
bool tcp_skip(struct tcp_dir *t, struct tcp_mem *m);

/* Copies what remains of the packet given to tcp_push(). */
void tcp_settle(struct tcp_dir *t, struct tcp_mem *m);

/* Not ours: everything held is freed and segments are turned away at once,
 * until a SYN begins another connection. */
void tcp_ignore(struct tcp_dir *t, struct tcp_mem *m);
/* Frees everything; t is as new. */
void tcp_close(struct tcp_dir *t, struct tcp_mem *m);

#endif
