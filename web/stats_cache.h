/*
 * Figures of spans that were read already, for dashboards that ask again:
 * bounded in memory, and good for a while only, the shorter the younger they
 * are, since records come when calls end. Any thread; who takes a span owns it
 * until it is put back.
 */
#ifndef WEB_STATS_CACHE_H
#define WEB_STATS_CACHE_H

#include "web/stats_part.h"

struct stats_cache;

struct stats_cache *stats_cache_new(void);    /* NULL without memory */
void stats_cache_free(struct stats_cache *c); /* NULL is fine */

/* The span of a search (any text that names it); NULL: read it anew. now_ms:
 * since 1970. */
struct stats_part *stats_cache_take(struct stats_cache *c, const char *search,
				    uint64_t begin_ms, uint64_t len_ms,
				    uint64_t now_ms);
/* Takes it over. */
void stats_cache_put(struct stats_cache *c, const char *search,
		     struct stats_part *p, uint64_t now_ms);

#endif
