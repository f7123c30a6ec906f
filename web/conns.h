/*
 * The connections that are open, for what libmicrohttpd's own time-out does
 * not see: it begins anew with each byte, so that a client could send a
 * request for days. Here a request must be complete within a time.
 */
#ifndef WEB_CONNS_H
#define WEB_CONNS_H

#include <stdbool.h>

struct conns;
struct conn;

/* NULL without memory. */
struct conns *conns_new(unsigned wait_s);
void conns_free(struct conns *c);

/* The I/O thread: a connection is there, and goes. NULL without memory: it is
 * served all the same. */
struct conn *conns_add(struct conns *c, int fd);
void conns_remove(struct conns *c, struct conn *conn);

/* The I/O thread: a request is complete (it works), or its answer is out
 * (it waits again). conn may be NULL. */
void conns_busy(struct conns *c, struct conn *conn, bool busy);

/* Cuts those that wait for too long. Another thread, about each second. */
void conns_check(struct conns *c);
/* Waits until no request is at work, ms at most. */
void conns_drain(struct conns *c, unsigned ms);

#endif
