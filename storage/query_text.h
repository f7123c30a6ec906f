/*
 * Values of a search, read from text. Pure; each answers false when the text
 * is none, and writes only on success.
 */
#ifndef STORAGE_QUERY_TEXT_H
#define STORAGE_QUERY_TEXT_H

#include "sniffer/base/addr.h"

/* Text that is it, begins or ends with it, or has it anywhere. */
enum pattern_kind {
	PATTERN_WHOLE,
	PATTERN_PREFIX,
	PATTERN_SUFFIX,
	PATTERN_ANYWHERE,
};

struct pattern {
	enum pattern_kind kind;
	struct slice text;
};

/* "49171*", "*1234", "*555*", "alice": no star but at the ends, and something
 * beside. */
bool query_pattern(struct slice text, struct pattern *out);

/* "90", "1.5s", "500ms", "10m", "2h", "7d" in microseconds. */
bool query_duration(struct slice text, uint64_t *us);

/* "486" is 486 to 486, "4xx" 400 to 499. */
bool query_status(struct slice text, uint32_t *low, uint32_t *high);

/* "3.5"; not negative. */
bool query_decimal(struct slice text, double *v);

/* An IP and how many of its bits count, 128 for one address (v4 is mapped:
 * a /24 has 120). */
struct subnet {
	struct addr addr;
	unsigned bits;
};
bool query_subnet(struct slice text, struct subnet *out);

#endif
