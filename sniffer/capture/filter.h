/*
 * A BPF expression, applied to frames of any link type. Owned and used by
 * one thread.
 *
 * What tcpdump would miss is let through or looked into: later IP fragments
 * (they carry no ports) always pass, and VLAN tags of any depth, PPPoE, MPLS
 * labels and IPv6 extension headers are taken off before the expression is
 * tried, so that "port 5060" and "not port 5060" mean the same with and
 * without them. An expression that names such a layer itself ("vlan 7 and
 * port 5060", "mpls", "ip6[6] = 44") is applied to the frame as it is.
 */
#ifndef CAPTURE_FILTER_H
#define CAPTURE_FILTER_H

#include "sniffer/base/frame.h"

struct filter;

/* NULL when the expression is wrong, with libpcap's words in err, or
 * without memory. */
struct filter *filter_new(const char *expr, char *err, size_t err_size);
/* The same for another thread; NULL without memory. */
struct filter *filter_copy(const struct filter *f);
void filter_free(struct filter *f); /* NULL is fine */

/* Frames of a link type that the expression cannot be said for ("ether host"
 * on raw IP) never match. */
bool filter_match(struct filter *f, const struct frame *fr);

#endif
