/*
 * The progress line of a run over files, on a terminal's standard error:
 * percent, rate, calls, time left. The only user of the machine's clock
 * besides the elapsed time of the summary.
 */
#ifndef SNIFFER_PROGRESS_H
#define SNIFFER_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct progress {
	FILE *to; /* NULL: nothing is shown */
	uint64_t begin_us, shown_us;
	bool on_screen;
};

struct progress_now {
	uint64_t bytes_read, bytes_total; /* total 0 = unknown */
	uint64_t packets, calls;
};

/* Microseconds of the monotonic clock. */
uint64_t progress_clock_us(void);

/* Shows only where to is a terminal. */
void progress_begin(struct progress *p, FILE *to);
/* At most four times a second. */
void progress_show(struct progress *p, const struct progress_now *now);
/* Wipes the line, before other text and at the end. */
void progress_clear(struct progress *p);

#endif
