/*
 * The HTTP side: libmicrohttpd and its one thread.
 */
#ifndef WEB_SERVER_H
#define WEB_SERVER_H

#include "web/web_priv.h"

/* Listens at w->at, whose port becomes the real one. 0 or -errno with why. */
int server_listen(struct web *w, char why[WEB_WHY]);
/* Answers who comes there. 0 or -errno with why. */
int server_start(struct web *w, char why[WEB_WHY]);
/* Takes no more connections. */
void server_quiesce(struct web *w);
/* No connection may be suspended any more. */
void server_stop(struct web *w);

#endif
