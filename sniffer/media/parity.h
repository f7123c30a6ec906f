/*
 * Parity packets that wait: each protects some numbers of a stream, and
 * brings back one of them once all the others are there. Looked at when it
 * comes, and once more when those that were late have had their time.
 */
#ifndef MEDIA_PARITY_H
#define MEDIA_PARITY_H

#include "dissectors/rtp_fec.h"
#include "sniffer/media/seq.h"

enum {
	PARITY_MAX = 16, /* waiting; the oldest makes room */
};

struct parity {
	unsigned n;
	struct parity_set {
		uint64_t base; /* extended */
		struct rtp_fec_set set;
	} v[PARITY_MAX];
};

/* Numbers that something else has brought back: bits by number modulo
 * SEQ_WINDOW. */
struct marks {
	uint64_t bit[SEQ_WINDOW / 64];
};

static inline bool marks_has(const struct marks *m, uint64_t ext)
{
	return m->bit[ext % SEQ_WINDOW / 64] >> ext % 64 & 1;
}
static inline void marks_add(struct marks *m, uint64_t ext)
{
	m->bit[ext % SEQ_WINDOW / 64] |= 1ull << ext % 64;
}
static inline void marks_remove(struct marks *m, uint64_t ext)
{
	m->bit[ext % SEQ_WINDOW / 64] &= ~(1ull << ext % 64);
}

/* One that came. What it brings back is marked. False when an older one was
 * looked at early, to make room. */
bool parity_put(struct parity *p, const struct seq *s, struct marks *marks,
		const struct rtp_fec_set *set);
/* Those that have waited long enough; all of them at the end. */
void parity_due(struct parity *p, const struct seq *s, struct marks *marks,
		bool all);

#endif
