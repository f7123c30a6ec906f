/*
 * The sequence numbers of one stream: which were seen, which never came,
 * copies, reordering, restarts (RFC 3550, A.1). Pure state, one owner.
 *
 * Numbers are extended to 64 bits and only grow: a restart of the sender
 * (same SSRC, numbers elsewhere) begins a new segment far above the old one.
 * What happened to a number is final when it is SEQ_WINDOW behind the
 * highest; seq_put() hands out what became final, in order, once each.
 */
#ifndef MEDIA_SEQ_H
#define MEDIA_SEQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SEQ_WINDOW = 1024, /* also MAX_MISORDER */
	SEQ_RING = SEQ_WINDOW / 2,
	SEQ_DROPOUT = 3000, /* MAX_DROPOUT: a jump from here on */
	SEQ_AHEAD = 64,	    /* repairs may come before a higher number does */
};

/* What is remembered of a number; 0 = not seen. The three receivers had it
 * in time or not. */
enum {
	SEQ_SEEN = 1,
	SEQ_F1 = 2,
	SEQ_F2 = 4,
	SEQ_ADAPTIVE = 8,
	SEQ_ALL = SEQ_SEEN | SEQ_F1 | SEQ_F2 | SEQ_ADAPTIVE,
};

enum seq_what {
	SEQ_NEW,     /* the highest so far */
	SEQ_LATE,    /* below the highest, not seen before */
	SEQ_COPY,    /* seen before */
	SEQ_STRAY,   /* far away: a restart when the next one follows it */
	SEQ_RESTART, /* it followed: a new segment, with the stray */
};

/* Takes the fate of one number. */
typedef void seq_final_fn(void *arg, uint64_t ext, uint8_t flags);

struct seq {
	uint8_t *ring;	     /* SEQ_WINDOW flags */
	uint64_t high, done; /* done: the first that is not final */
	uint32_t unique;     /* of this segment */
	uint16_t jump;	     /* the stray */
	bool begun, jumped;
	/* Up to here what each packet touches. */
	uint64_t base;
	uint64_t strays;		  /* received, in no segment */
	uint64_t past_packets, past_lost; /* of earlier segments */
};

/* ring: SEQ_RING bytes, all zero, of the caller. */
void seq_init(struct seq *s, uint8_t *ring);

/* Two numbers share a byte. */
static inline unsigned seq_shift(uint64_t ext)
{
	return ext % 2 * 4;
}

static inline uint8_t *seq_byte(const struct seq *s, uint64_t ext)
{
	return &s->ring[ext % SEQ_WINDOW / 2];
}

static inline uint8_t seq_flags(const struct seq *s, uint64_t ext)
{
	return *seq_byte(s, ext) >> seq_shift(ext) & SEQ_ALL;
}

static inline void seq_set_flags(struct seq *s, uint64_t ext, unsigned flags)
{
	uint8_t *b = seq_byte(s, ext);
	unsigned others = *b & (SEQ_ALL << (4 - seq_shift(ext)));

	*b = (uint8_t)(others | flags << seq_shift(ext));
}

enum seq_what seq_put_any(struct seq *s, uint16_t number, uint64_t *ext,
			  seq_final_fn *final, void *arg);

/* One packet; *ext is its extended number (of a stray: not to be used).
 * All flags of new numbers are set; seq_late() takes them back. Here stands
 * what nearly all packets are: the number after the highest. */
static inline enum seq_what seq_put(struct seq *s, uint16_t number,
				    uint64_t *ext, seq_final_fn *final,
				    void *arg)
{
	uint64_t next = s->high + 1;

	if (!s->begun || number != (uint16_t)next)
		return seq_put_any(s, number, ext, final, arg);
	for (; next - s->done >= SEQ_WINDOW; s->done++)
		final(arg, s->done, seq_flags(s, s->done));
	seq_set_flags(s, next, SEQ_ALL);
	s->high = *ext = next;
	s->unique++;
	return SEQ_NEW;
}

/* These receivers did not have the number in time. Too late to say so once
 * it is final. */
void seq_late(struct seq *s, uint64_t ext, uint8_t flags);

/* The extended number that is nearest to the highest. */
uint64_t seq_extend(const struct seq *s, uint16_t number);
/* Its fate is not final yet; numbers still to come count, some. */
bool seq_open(const struct seq *s, uint64_t ext);
/* Whether an open number was seen. */
bool seq_seen(const struct seq *s, uint64_t ext);

/* The end: what is left becomes final. */
void seq_end(struct seq *s, seq_final_fn *final, void *arg);

/* Of the numbers whose fate is not final: those that were not had with this
 * flag, and in how many runs. */
struct seq_tail {
	uint32_t n, missing, runs;
};
struct seq_tail seq_tail(const struct seq *s, uint8_t flag);

/* Numbers received once or more, and those never seen between lowest and
 * highest, over all segments. */
uint64_t seq_packets(const struct seq *s);
uint64_t seq_lost(const struct seq *s);

#endif
