/*
 * Figures of a span of time: what the dashboard adds up. A record counts at
 * the moment that its uid names, when its first packet was seen. Owned by one
 * thread at a time.
 */
#ifndef WEB_STATS_PART_H
#define WEB_STATS_PART_H

#include "storage/db.h"
#include "storage/query_search.h"

#define STATS_SLOTS   10  /* of a span, for the series */
#define STATS_MOMENTS 600 /* of a span, for calls at once */

/* Histograms: STATS_MOS counts lie between as many edges and one. */
#define STATS_MOS      8
#define STATS_LOSS     7
#define STATS_PDD      10
#define STATS_PDD_FINE 100 /* 10 ms, each a tenth longer: for percentiles */

extern const double stats_mos_edges[STATS_MOS + 1];
extern const double stats_loss_edges[STATS_LOSS + 1];
extern const double stats_pdd_edges[STATS_PDD + 1];

/* The lists of the dashboard. */
enum stats_list {
	STATS_CALLER_IP,
	STATS_CALLEE_IP,
	STATS_AGENT, /* either side's, like the two below */
	STATS_CODEC,
	STATS_TRUNK,
	STATS_FAILURE, /* the status, then the reason */
	STATS_LISTS,
};

/* docs/VIEWER.md, "Dashboard figures", says what counts as what. */
struct stats_sums {
	uint64_t calls, sessions, attempts, answered, failed, effective;
	double talk_ms, pdd_ms, mos, loss_pct;
	uint64_t pdd_n, mos_n, loss_n, bad_mos;
};

struct stats_entry {
	struct stats_entry *next; /* of its bucket */
	enum stats_list list;
	struct stats_sums sums;
	char key[];
};

struct stats_keys {
	struct stats_entry **bucket; /* size of them, a power of two */
	size_t n, size;
};

struct stats_part {
	uint64_t begin_ms, len_ms;
	unsigned slots;
	struct stats_sums slot[STATS_SLOTS];
	uint64_t mos[STATS_MOS], loss[STATS_LOSS], pdd[STATS_PDD];
	uint32_t pdd_fine[STATS_PDD_FINE];
	/* Calls that begin in a moment, less those that ended in the one
	 * before; and the moments, counted from begin, of ends behind the
	 * span. */
	int32_t change[STATS_MOMENTS];
	uint32_t *late;
	size_t late_n, late_size;
	struct stats_keys keys;
	/* Reading: since when (ms since 1970), where to go on; done when
	 * nothing is left. */
	uint64_t read_ms;
	char cursor[QUERY_CURSOR];
	bool done;
};

/* What SELECT has to name. */
extern const char stats_columns[];

struct stats_part *stats_part_new(uint64_t begin_ms, uint64_t len_ms,
				  unsigned slots);
void stats_part_free(struct stats_part *p); /* NULL is fine */
/* One record. -ENOMEM, or 0. */
int stats_part_add(struct stats_part *p, const struct db_rows *rows);
/* No record is missing: of each list those with the most calls stay. */
void stats_part_seal(struct stats_part *p);
/* Bytes. */
size_t stats_part_size(const struct stats_part *p);

/* The sums of a key, made when it is new; NULL without memory. */
struct stats_sums *stats_keys_at(struct stats_keys *k, enum stats_list list,
				 struct slice key);
void stats_keys_free(struct stats_keys *k);
/* Those of a list, most calls first: how many were written, at most max. */
size_t stats_keys_top(const struct stats_keys *k, enum stats_list list,
		      const struct stats_entry **out, size_t max);

void stats_sums_add(struct stats_sums *to, const struct stats_sums *from);

#endif
