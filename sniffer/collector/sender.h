/*
 * HEP to a collector: a bounded queue and a thread that empties it, over UDP,
 * TCP or TLS. One that is away is tried again after 1 s, 2 s ... 30 s. What was
 * being written when a connection broke is written again on the next.
 *
 * A live run never waits: what finds the queue full is dropped and counted. A
 * run over files waits, until the collector has been away for GIVE_UP_MS.
 */
#ifndef COLLECTOR_SENDER_H
#define COLLECTOR_SENDER_H

#include <stdatomic.h>

#include "sniffer/base/peer.h"

#define SENDER_WHY 512

struct sender;

/* A sentence; any thread. */
typedef void sender_say_fn(void *arg, const char *line);

struct sender_config {
	const char *to; /* as base/peer.h has it; borrowed */
	const char *ca; /* PEM file; NULL = those of the system */
	size_t queue_bytes;
	bool wait;		 /* the input is a file */
	const atomic_bool *stop; /* borrowed: true ends all waiting */
	sender_say_fn *say;
	void *arg;
};

struct sender_stats {
	uint64_t sent, bytes;
	uint64_t dropped; /* the queue was full, or it was given up */
	uint64_t refused; /* UDP: nobody listens there */
	size_t waiting;	  /* bytes in the queue */
	bool up;	  /* connected; UDP: the name was resolved */
};

/* 0, or -errno with why. */
int sender_open(struct sender **out, const struct sender_config *cfg,
		char why[SENDER_WHY]);
/* Its thread begins. 0, or -errno: all is dropped then. */
int sender_start(struct sender *s);

/* Takes a copy. One thread. */
void sender_put(struct sender *s, struct slice packet);

/* Nothing more comes: what waits is sent, of a live run for as long as
 * drain_ms, then the thread is over. */
void sender_finish(struct sender *s, unsigned drain_ms);
void sender_free(struct sender *s); /* NULL is fine; finishes at once */

/* Any thread. */
void sender_stats(struct sender *s, struct sender_stats *out);

#endif
