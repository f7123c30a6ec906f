/*
 * Records of calls that were given up. Of each flood the first ones are
 * written, so many a minute; the next is kept until the minute is over, and
 * says then how many more there were. Only calls are left out that nobody has
 * answered in any way (evict.h). Belongs to the core thread.
 */
#ifndef CALL_FLOOD_H
#define CALL_FLOOD_H

#include "sniffer/call/host.h"
#include "sniffer/call/calls.h"

/* Floods of one host that are told apart at a time; those of others count as
 * one, of many hosts. */
#define FLOODS_MAX 64

/* c is given up, and over on return: of a flood by s, or by many hosts when
 * that is NULL. */
void flood_give_up(struct calls *cs, struct call *c, const struct host *s,
		   uint64_t now_ns);
/* The input ended: what was kept is reported. */
void floods_end(struct calls *cs);
void floods_free(struct calls *cs);

#endif
