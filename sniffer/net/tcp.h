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
 * the packet; only what remains unconsumed is copied, by tcp_settle().
 */
#ifndef NET_TCP_H
#define NET_TCP_H

#include "sniffer/base/counters.h"
#include "sniffer/net/pkt.h"

struct tcp_config {
	size_t buffer_bytes; /* held for one direction */
	size_t total_bytes;  /* held for all together */
	size_t gap_segments; /* waiting behind a gap until it is given up */
	uint64_t gap_ns;     /* the same as time without progress */
};

/* What all connections of one thread share. It counts "tcp.gap", "tcp.cut"
 * (by the snap length), "tcp.buffer_limit", "tcp.out_of_window" and
 * "tcp.no_memory". */
struct tcp_mem {
	struct tcp_config cfg;
	struct counters *counters;
	size_t held; /* bytes */
};

struct tcp_seg;

/* All zero is a new one. Positions are 64 bits wide; their low half is the
 * sequence number. */
struct tcp_dir {
	uint64_t next;	       /* behind the exposed bytes */
	struct slice bytes;    /* exposed: in buf, else in the packet */
	struct tcp_seg *ahead; /* behind a gap, by position */
	const struct pkt *pkt; /* whose frames are borrowed until settled */
	uint64_t pkt_pos, pkt_end;
	struct tcp_seg *seen; /* carried the exposed bytes */
	uint8_t *buf;
	size_t buf_size;
	size_t held; /* bytes of buf and of the segments */
	uint64_t last_ns;
	uint64_t waiting_ns; /* since when ahead is held up */
	uint64_t gap_end;    /* of bytes cut by the snap length; or 0 */
	uint64_t isn, fin;   /* behind the SYN, before the FIN; 0 = unseen */
	uint32_t ahead_count;
	uint8_t strays;
	bool started, resync, gap, over, ignored;
};

/* Takes a segment in; p is borrowed until tcp_settle(). True when there is
 * something to look at: bytes, a gap given up, or the end. */
bool tcp_push(struct tcp_dir *t, struct tcp_mem *m, const struct pkt *p);

/* Gives a gap up that is due: to be called for packets of the other
 * direction too, or by a timer. True as tcp_push(). */
bool tcp_expire(struct tcp_dir *t, struct tcp_mem *m, uint64_t now_ns);
/* What is missing will not come any more: the connection or the input ended.
 * True as tcp_push(). */
bool tcp_finish(struct tcp_dir *t, struct tcp_mem *m);

/* When tcp_expire() will have something to do; 0 = nothing waits. */
static inline uint64_t tcp_due_ns(const struct tcp_dir *t,
				  const struct tcp_mem *m)
{
	return t->ahead ? t->waiting_ns + m->cfg.gap_ns : 0;
}

/* The bytes in order that were not consumed yet. They stay where they are,
 * also when consumed, until tcp_skip() or tcp_settle(). */
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
static inline bool tcp_ended(const struct tcp_dir *t)
{
	return t->over || (t->fin && t->next >= t->fin);
}

/* Position of the first exposed byte. */
static inline uint64_t tcp_pos(const struct tcp_dir *t)
{
	return t->next - t->bytes.len;
}

/* The first n exposed bytes are done with; they were a message. */
void tcp_consume(struct tcp_dir *t, size_t n);
/* The same for bytes before the beginning of a message, or all of them when
 * it is not in sight: tcp_resync() stays. */
void tcp_garbage(struct tcp_dir *t, size_t n);

/* The frames that carried any of the first n exposed bytes, in the order of
 * their numbers, each once. At most max are written; the answer is how many
 * there are. To be asked before tcp_consume(); good as long as the bytes. */
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
