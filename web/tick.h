/*
 * What the server does each second, in a thread of its own: connections that
 * wait for too long are cut, streams that sleep are asked again.
 */
#ifndef WEB_TICK_H
#define WEB_TICK_H

#include "web/web_priv.h"

struct tick;

/* 0 or -errno. */
int tick_start(struct tick **out, struct web *w);
void tick_stop(struct tick *t); /* NULL is fine */

#endif
