/*
 * An answer as libmicrohttpd sends it, with the headers that all have.
 */
#ifndef WEB_SEND_H
#define WEB_SEND_H

#include "web/exchange.h"

/* The I/O thread. False: cut the connection. */
bool send_answer(struct exchange *ex);

#endif
