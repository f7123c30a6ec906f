/*
 * What a login may do: each role may do what the one before it may.
 */
#ifndef WEB_ROLE_H
#define WEB_ROLE_H

#include "sniffer/base/slice.h"

enum web_role {
	WEB_NOBODY,
	WEB_VIEWER,  /* lists and records; no sound, no payload */
	WEB_ANALYST, /* these too */
	WEB_ADMIN,   /* the audit log */
};

/* "viewer"; "nobody" for WEB_NOBODY. */
const char *role_name(enum web_role role);
/* viewer, analyst or admin; false on anything else. */
bool role_parse(struct slice text, enum web_role *out);

#endif
