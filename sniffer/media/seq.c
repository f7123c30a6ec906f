#include "sniffer/media/seq.h"

#include <string.h>

#define CYCLE 0x10000u

void seq_init(struct seq *s, uint8_t *ring)
{
	*s = (struct seq){.ring = ring};
}

static void finish_until(struct seq *s, uint64_t end, seq_final_fn *final,
			 void *arg)
{
	for (; s->done < end; s->done++)
		final(arg, s->done, seq_flags(s, s->done));
}

void seq_late(struct seq *s, uint64_t ext, uint8_t flags)
{
	if (ext >= s->done && ext <= s->high)
		seq_set_flags(s, ext, seq_flags(s, ext) & ~(unsigned)flags);
}

uint64_t seq_extend(const struct seq *s, uint16_t number)
{
	int16_t step = (int16_t)(uint16_t)(number - (uint16_t)s->high);

	return s->high + (uint64_t)(int64_t)step;
}

bool seq_open(const struct seq *s, uint64_t ext)
{
	return s->begun && ext >= s->done && ext < s->high + SEQ_AHEAD;
}

bool seq_seen(const struct seq *s, uint64_t ext)
{
	return seq_open(s, ext) && ext <= s->high &&
	       seq_flags(s, ext) & SEQ_SEEN;
}

void seq_end(struct seq *s, seq_final_fn *final, void *arg)
{
	if (s->begun)
		finish_until(s, s->high + 1, final, arg);
}

/* All that the ring has of a flag: outside of the open numbers it is empty. */
static uint32_t ring_count(const struct seq *s, uint8_t flag)
{
	uint64_t mask = 0x1111111111111111ull * flag, word;
	uint32_t n = 0;

	for (size_t i = 0; i < SEQ_RING; i += sizeof(word)) {
		memcpy(&word, s->ring + i, sizeof(word));
		n += (uint32_t)__builtin_popcountll(word & mask);
	}
	return n;
}

/* Most often nothing is missing: that is seen without looking at each. */
struct seq_tail seq_tail(const struct seq *s, uint8_t flag)
{
	struct seq_tail t = {0};
	bool before = true;

	if (!s->begun)
		return t;
	t.n = (uint32_t)(s->high + 1 - s->done);
	if (t.n <= SEQ_WINDOW && ring_count(s, flag) == t.n)
		return t;
	for (uint64_t n = s->done; n <= s->high; n++) {
		bool had = seq_flags(s, n) & flag;

		t.missing += !had;
		t.runs += before && !had;
		before = had;
	}
	return t;
}

static uint64_t segment_lost(const struct seq *s)
{
	return s->begun ? s->high - s->base + 1 - s->unique : 0;
}

uint64_t seq_packets(const struct seq *s)
{
	return s->past_packets + s->unique + s->strays;
}

uint64_t seq_lost(const struct seq *s)
{
	return s->past_lost + segment_lost(s);
}

/* A new segment that begins with this number, two cycles above the last. */
static uint64_t begin(struct seq *s, uint16_t number)
{
	uint64_t cycle = s->begun ? s->high / CYCLE + 2 : 1;

	s->past_lost += segment_lost(s);
	s->past_packets += s->unique;
	memset(s->ring, 0, SEQ_RING);
	s->high = s->base = s->done = cycle * CYCLE + number;
	seq_set_flags(s, s->high, SEQ_ALL);
	s->unique = 1;
	s->jumped = false;
	s->begun = true;
	return s->high;
}

static enum seq_what advance(struct seq *s, uint32_t by, uint64_t *ext,
			     seq_final_fn *final, void *arg)
{
	uint64_t to = s->high + by;

	if (to - s->done >= SEQ_WINDOW) {
		uint64_t end = to - SEQ_WINDOW + 1;

		finish_until(s, end <= s->high ? end : s->high + 1, final, arg);
	}
	/* Numbers skipped by more than a window are final at once. */
	for (uint64_t n = s->high + 1; n < to; n++) {
		seq_set_flags(s, n, 0);
		if (to - n >= SEQ_WINDOW)
			finish_until(s, n + 1, final, arg);
	}
	seq_set_flags(s, to, SEQ_ALL);
	s->high = *ext = to;
	s->unique++;
	return SEQ_NEW;
}

/* Within the window behind the highest. A late one may lower the base: then
 * nothing is final yet. */
static enum seq_what look_back(struct seq *s, uint32_t by, uint64_t *ext)
{
	*ext = s->high - by;
	if (seq_flags(s, *ext) & SEQ_SEEN)
		return SEQ_COPY;
	seq_set_flags(s, *ext, SEQ_ALL);
	s->unique++;
	if (*ext < s->base)
		s->base = s->done = *ext;
	return SEQ_LATE;
}

/* RFC 3550, A.1: two in a row confirm a restart; until then the packet is
 * counted, but tells nothing of others. */
static enum seq_what jump(struct seq *s, uint16_t number, uint64_t *ext,
			  seq_final_fn *final, void *arg)
{
	if (s->jumped && number == s->jump)
		return SEQ_COPY;
	if (s->jumped && number == (uint16_t)(s->jump + 1)) {
		seq_end(s, final, arg);
		s->strays--;
		begin(s, s->jump);
		advance(s, 1, ext, final, arg);
		return SEQ_RESTART;
	}
	s->jumped = true;
	s->jump = number;
	s->strays++;
	return SEQ_STRAY;
}

enum seq_what seq_put_any(struct seq *s, uint16_t number, uint64_t *ext,
			  seq_final_fn *final, void *arg)
{
	uint16_t ahead = (uint16_t)(number - s->high);
	uint16_t behind = (uint16_t)(s->high - number);

	if (!s->begun) {
		*ext = begin(s, number);
		return SEQ_NEW;
	}
	*ext = s->high;
	if (behind < SEQ_WINDOW)
		return look_back(s, behind, ext);
	if (ahead < SEQ_DROPOUT)
		return advance(s, ahead, ext, final, arg);
	return jump(s, number, ext, final, arg);
}
