/*
 * A line of the feed for billers: the columns of view billing_cdr of one call
 * as CSV (RFC 4180), in UTF-8. Pure. docs/BILLING.md describes it.
 */
#ifndef STORAGE_FEED_LINE_H
#define STORAGE_FEED_LINE_H

#include "sniffer/cdr.h"
#include "storage/outbuf.h"

/* Of the columns; changes when they do. */
#define FEED_VERSION 1

/* SIP, answered, and over. */
bool feed_is_chargeable(const struct cdr *cdr);

/* The names of the columns, with the line's end. */
void feed_put_header(struct outbuf *b);
/* uid to flags: what the call says, without the line's end. */
void feed_put_call(struct outbuf *b, const struct cdr *cdr);
/* One value, in quotes where it needs them; p == NULL: empty. */
void feed_put_text(struct outbuf *b, struct slice s);

#endif
