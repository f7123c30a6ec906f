/*
 * Legs: calls that a B2BUA or SBC joined share a group_id, the uid of the
 * first of them. They are joined by values both carry: the Session-ID (RFC
 * 7989) and headers that the configuration names.
 */
#ifndef CALL_LEGS_H
#define CALL_LEGS_H

#include "sniffer/call/calls.h"

struct legs *legs_new(struct calls *owner);
void legs_free(struct legs *l);

/* Takes the joining values of a message of c. */
void legs_on_sip(struct legs *l, struct call *c, const struct sip_msg *m);
/* uid of the group's first call; an empty slice when no rule named one. */
struct slice legs_group(const struct call *c);
/* c is over: the group lives on while another call holds it. */
void legs_leave(struct legs *l, struct call *c);

#endif
