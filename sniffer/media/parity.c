#include "sniffer/media/parity.h"

enum {
	PATIENCE = 200, /* numbers behind: no protected packet comes now */
};

/* How many of its numbers are missing, as far as two, and one of them. -1
 * when some are too old for that to be known. */
static int missing(const struct parity_set *p, const struct seq *s,
		   const struct marks *marks, uint64_t *which)
{
	int n = 0;

	for (unsigned i = 0; i < RTP_FEC_BITS && n < 2; i++) {
		uint64_t ext = p->base + (uint64_t)i * p->set.step;

		if (!rtp_fec_has(&p->set, i))
			continue;
		if (!seq_open(s, ext))
			return -1;
		if (seq_seen(s, ext) || marks_has(marks, ext))
			continue;
		*which = ext;
		n++;
	}
	return n;
}

/* True when it has no more to say. */
static bool try_one(const struct parity_set *p, const struct seq *s,
		    struct marks *marks)
{
	uint64_t which = 0;
	int n = missing(p, s, marks, &which);

	if (n == 1)
		marks_add(marks, which);
	return n < 2;
}

static void drop_first(struct parity *p)
{
	p->n--;
	memmove(&p->v[0], &p->v[1], p->n * sizeof(p->v[0]));
}

bool parity_put(struct parity *p, const struct seq *s, struct marks *marks,
		const struct rtp_fec_set *set)
{
	struct parity_set one = {seq_extend(s, set->base), *set};
	bool full = p->n == PARITY_MAX;

	if (try_one(&one, s, marks))
		return true;
	if (full) {
		try_one(&p->v[0], s, marks);
		drop_first(p);
	}
	p->v[p->n++] = one;
	return !full;
}

void parity_due(struct parity *p, const struct seq *s, struct marks *marks,
		bool all)
{
	while (p->n && (all || s->high > p->v[0].base + PATIENCE)) {
		try_one(&p->v[0], s, marks);
		drop_first(p);
	}
}
