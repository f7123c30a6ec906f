/*
 * The thread that looks each second what has waited for too long: clients for
 * their request, streams for news.
 */
#ifndef WEB_CLOCK_H
#define WEB_CLOCK_H

#include "web/web_priv.h"

struct clock;

/* 0 or -errno. */
int clock_start(struct clock **out, struct web *w);
void clock_stop(struct clock *c); /* NULL is fine */

#endif
