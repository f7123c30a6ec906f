/*
 * What of the capture, the store and the recordings is worth a warning: a
 * code, what it is about, and a sentence that says what to do.
 */
#ifndef SNIFFER_HEALTH_WARN_H
#define SNIFFER_HEALTH_WARN_H

#include "sniffer/health.h"

enum {
	WARNINGS_MAX = 64,
	WARNING_TEXT = 512,
};

struct warning {
	const char *code;
	char about[SNAPSHOT_TAP_NAME]; /* an interface, a store; "" */
	char text[WARNING_TEXT];
};

/* Those of h; answers how many. */
size_t health_warnings(const struct health *h,
		       struct warning out[WARNINGS_MAX]);

/* Milliseconds since the oldest record that waits; 0 = none does. */
uint64_t health_lag_ms(const struct snapshot_store *s, uint64_t now_ms);

#endif
