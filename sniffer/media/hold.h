/*
 * Packets that wait for their key, copied: of one stream, or the RTCP of one
 * flow. Bounded each by its own limit and all together by the budget: where
 * that is used up, those who have waited longest go first. A holder keeps the
 * first packets; what comes when it is full is not kept.
 */
#ifndef MEDIA_HOLD_H
#define MEDIA_HOLD_H

#include <stdatomic.h>

#include "sniffer/base/counters.h"
#include "sniffer/base/list.h"
#include "sniffer/base/slice.h"

/* Of a media layer. Where several threads share it, nobody makes room for
 * another one: what comes when it is used up is not kept. */
struct hold_budget {
	struct list holders; /* in the order of their first packets */
	atomic_size_t bytes;
	size_t max;
	bool shared;
	struct counters *counters;
};

struct held {
	struct held *next;
	uint64_t ts_ns, ext;
	uint32_t len;
	uint8_t mark; /* what the holder wants to know of it */
	uint8_t data[];
};

struct hold {
	struct list in_budget;
	struct hold_budget *budget;
	const char *given_up; /* counts packets that go unread; or NULL */
	struct held *first, **end;
	uint32_t n, bytes;
	uint32_t n_max, bytes_max;
	bool over; /* a limit was hit: no more is kept */
};

void hold_budget_init(struct hold_budget *b, size_t max, struct counters *c);

/* 0 bytes: nothing is ever kept. */
void hold_init(struct hold *h, struct hold_budget *b, uint32_t bytes_max,
	       uint32_t n_max, const char *given_up);
/* Keeps a copy with the numbers of head. False: it is not kept; the first
 * time at a limit counts srtp.hold_limit. */
bool hold_put(struct hold *h, const struct held *head, struct slice data);
/* Takes the first one out: the caller frees it. NULL: none. */
struct held *hold_take(struct hold *h);
/* Puts back what was taken and could not be used yet: in the same order. */
void hold_again(struct hold *h, struct held *p);
/* All go unread. */
void hold_drop(struct hold *h);

#endif
