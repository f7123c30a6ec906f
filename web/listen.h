/*
 * Where a server listens: 127.0.0.1:8080, [::1]:8080. Pure.
 */
#ifndef WEB_LISTEN_H
#define WEB_LISTEN_H

#include "sniffer/base/addr.h"

/* False: it is none. Port 0 is any that is free. */
bool listen_parse(struct slice text, struct addr *out);
/* 127.0.0.0/8 or ::1. */
bool listen_is_local(const struct addr *a);

#endif
