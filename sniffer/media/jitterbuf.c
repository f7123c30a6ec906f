#include "sniffer/media/jitterbuf.h"

#include <stdlib.h>

#define MS 1000 /* us */

enum {
	FIXED_1 = 50 * MS,
	FIXED_2 = 200 * MS,
	ADAPTIVE_MIN = 40 * MS,
	ADAPTIVE_FIRST = 60 * MS,
	ADAPTIVE_MAX = 500 * MS,
	ADAPTIVE_MARGIN = 20 * MS,
	ADAPTIVE_SHRINK = 4,   /* by a quarter of the surplus each window */
	STEP_PACKETS = 8,      /* as late as that in a row: a step */
	STEP_SPREAD = 40 * MS, /* which may differ by this much */
};

#define WINDOW_NS 5000000000ull

enum {
	ADAPTIVE = JITTERBUF_RECEIVERS - 1
};

static void start(struct jitterbuf_receiver *r, int32_t transit_us)
{
	r->low_us = r->low_before_us = transit_us;
	r->late = 0;
}

void jitterbuf_init(struct jitterbuf *j, uint64_t now_ns, int32_t transit_us)
{
	static const int32_t delay[] = {FIXED_1, FIXED_2, ADAPTIVE_FIRST};

	j->window_end_ns = now_ns + WINDOW_NS;
	j->peak_us = j->peak_before_us = 0;
	for (int i = 0; i < JITTERBUF_RECEIVERS; i++) {
		start(&j->r[i], transit_us);
		j->r[i].delay_us = delay[i];
	}
}

/* What the adaptive receiver wants for packets that far behind. */
static int32_t wanted(int32_t behind_us)
{
	int32_t want = behind_us + ADAPTIVE_MARGIN;

	if (want > ADAPTIVE_MAX)
		return ADAPTIVE_MAX;
	return want > ADAPTIVE_MIN ? want : ADAPTIVE_MIN;
}

/* It shrinks slowly, to what the last two windows needed. */
static void shrink(struct jitterbuf *j)
{
	int32_t peak =
		j->peak_us > j->peak_before_us ? j->peak_us : j->peak_before_us;
	int32_t surplus = j->r[ADAPTIVE].delay_us - wanted(peak);

	if (surplus > 0)
		j->r[ADAPTIVE].delay_us -= surplus / ADAPTIVE_SHRINK;
	j->peak_before_us = j->peak_us;
	j->peak_us = 0;
}

/* The older half of the minimum is let go every 5 s. */
static void next_window(struct jitterbuf *j, uint64_t now_ns,
			int32_t transit_us)
{
	bool stale = now_ns >= j->window_end_ns + WINDOW_NS;

	for (int i = 0; i < JITTERBUF_RECEIVERS; i++) {
		struct jitterbuf_receiver *r = &j->r[i];

		r->low_before_us = stale ? transit_us : r->low_us;
		r->low_us = transit_us;
	}
	shrink(j);
	j->window_end_ns = now_ns + WINDOW_NS;
}

/* Late packets that are all as late are a step: the receiver ran dry and
 * starts anew. After a stall the delay falls from packet to packet, and
 * those are late for good. */
static bool stepped(struct jitterbuf_receiver *r, int32_t transit_us)
{
	if (!r->late || abs(transit_us - r->late_us) > STEP_SPREAD) {
		r->late = 0;
		r->late_us = transit_us;
	}
	return ++r->late >= STEP_PACKETS;
}

/* Grows at once. */
static void adapt(struct jitterbuf *j, int32_t behind_us)
{
	struct jitterbuf_receiver *r = &j->r[ADAPTIVE];

	if (behind_us > j->peak_us)
		j->peak_us = behind_us;
	if (behind_us > r->delay_us)
		r->delay_us = wanted(behind_us);
}

static int32_t behind(struct jitterbuf_receiver *r, int32_t transit_us)
{
	if (transit_us < r->low_us)
		r->low_us = transit_us;
	return transit_us -
	       (r->low_us < r->low_before_us ? r->low_us : r->low_before_us);
}

unsigned jitterbuf_put(struct jitterbuf *j, uint64_t now_ns, int32_t transit_us,
		       bool fresh, int32_t *delay_us)
{
	unsigned late = 0;

	if (now_ns >= j->window_end_ns)
		next_window(j, now_ns, transit_us);
	for (unsigned i = 0; i < JITTERBUF_RECEIVERS; i++) {
		struct jitterbuf_receiver *r = &j->r[i];
		int32_t d = behind(r, transit_us);

		if (d > r->delay_us && fresh) {
			start(r, transit_us);
			d = 0;
		} else if (d > r->delay_us) {
			late |= 1u << i;
			if (stepped(r, transit_us))
				start(r, transit_us);
		} else {
			r->late = 0;
		}
		if (i == ADAPTIVE) {
			adapt(j, d);
			*delay_us = d;
		}
	}
	return late;
}

unsigned jitterbuf_bin(int32_t delay_us)
{
	static const int32_t below[JITTERBUF_BINS - 1] = {
		50 * MS,  70 * MS,  90 * MS, 120 * MS,
		150 * MS, 200 * MS, 300 * MS};
	unsigned bin = 0;

	while (bin < JITTERBUF_BINS - 1 && delay_us >= below[bin])
		bin++;
	return bin;
}
