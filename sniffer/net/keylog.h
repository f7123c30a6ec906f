/*
 * The secrets of TLS and DTLS sessions, from key logs (keylog_line.h), found
 * by the ClientHello's random. One owner, the core thread. They are wiped
 * when they go, and never shown; keylog_write() alone hands them out as text.
 */
#ifndef NET_KEYLOG_H
#define NET_KEYLOG_H

#include "sniffer/base/counters.h"
#include "sniffer/base/map.h"
#include "sniffer/net/keylog_line.h"

struct keylog;

/* What is known of one session. Good until keylog_feed() or keylog_free(). */
struct keylog_entry;

/* Holds max sessions, the oldest goes first. counters must outlive it and
 * gets "keys.limit", "keys.bad_line", "keys.other_label", "keys.no_memory".
 * NULL without memory. */
struct keylog *keylog_new(size_t max, struct seed seed,
			  struct counters *counters);
void keylog_free(struct keylog *k); /* NULL is fine */

/* Takes whole lines, with LF or CRLF; the last one may lack its end. Lines
 * that were cut in two are put together by the caller (lines.h). Answers the
 * number of the first bad line, counted from 1, or 0. */
size_t keylog_feed(struct keylog *k, struct slice text);

/* Grows with each secret that was not known. */
uint64_t keylog_generation(const struct keylog *k);
size_t keylog_count(const struct keylog *k); /* of sessions */

/* NULL when nothing is known. Any length of key will do. */
const struct keylog_entry *keylog_find(const struct keylog *k,
				       enum keylog_key by, struct slice key);
/* Empty when it is not known; e may be NULL. Borrowed from e. */
struct slice keylog_secret(const struct keylog_entry *e,
			   enum keylog_label label);

/* The lines of these sessions as a key log, for a capture file that carries
 * no others: one call of put a line, with its LF; the text is wiped when put
 * returns. Answers how many lines. */
size_t keylog_write(const struct keylog *k, const struct slice *randoms,
		    size_t n, void (*put)(void *arg, struct slice line),
		    void *arg);

#endif
