/*
 * What TCP reassembly keeps in memory, within its limits: the buffer of
 * exposed bytes, copied segments and their frames. For tcp.c alone.
 */
#ifndef NET_TCP_HOLD_H
#define NET_TCP_HOLD_H

#include "sniffer/net/tcp.h"

/* A copied segment: its frames and, as long as it waits behind a gap, its
 * payload. */
struct tcp_seg {
	struct tcp_seg *next;
	uint64_t pos, end;
	struct slice payload;
	uint32_t cut; /* bytes that the snap length took off its end */
	size_t size;
	size_t frame_count;
	struct frame frames[];
};

/* NULL at a limit or without memory (counted). The positions are left to the
 * caller. */
struct tcp_seg *tcp_seg_new(struct tcp_dir *t, struct tcp_mem *m,
			    const struct pkt *p, struct slice payload);
void tcp_segs_free(struct tcp_dir *t, struct tcp_mem *m, struct tcp_seg **list);

/* Copies bytes behind the exposed ones; false at a limit (counted). */
bool tcp_hold_append(struct tcp_dir *t, struct tcp_mem *m, struct slice in);

/* Lets the exposed bytes and their frames go. */
void tcp_hold_drop(struct tcp_dir *t, struct tcp_mem *m);
/* The same because a limit was hit: the stream goes on behind them. */
void tcp_hold_overflow(struct tcp_dir *t, struct tcp_mem *m);

#endif
