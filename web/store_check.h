/*
 * Whether the store can be opened, for /health and /readyz where no capture
 * tells it: asked anew each 5 s at most, by one thread at a time, so that a
 * server that does not answer holds up one worker and not all.
 */
#ifndef WEB_STORE_CHECK_H
#define WEB_STORE_CHECK_H

#include "web/answer.h"

struct store_check;

struct store_check *store_check_new(void); /* NULL without memory */
void store_check_free(struct store_check *c);

/* True: it can be opened, or could be lately. Else why says what is wrong. */
bool store_check(struct store_check *c, struct web *w, uint64_t clock_ms,
		 char why[DB_WHY]);

#endif
