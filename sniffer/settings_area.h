/*
 * The rows of the settings, a file for each area. A new area needs a line here
 * and one in settings.c.
 */
#ifndef SNIFFER_SETTINGS_AREA_H
#define SNIFFER_SETTINGS_AREA_H

#include <stddef.h>

#include "sniffer/settings.h"

#define K   1024ull
#define M   (K * K)
#define G   (K * M)
#define MS  1000000ull
#define SEC (1000 * MS)
#define DAY (86400 * SEC)

#define AT(field) .offset = offsetof(struct config, field)

struct settings_area {
	const struct setting *v;
	size_t n;
};

#define SETTINGS_AREA(rows) {(rows), sizeof(rows) / sizeof((rows)[0])}

extern const struct settings_area settings_input;
extern const struct settings_area settings_capture;
extern const struct settings_area settings_hep;
extern const struct settings_area settings_output;
extern const struct settings_area settings_spool;
extern const struct settings_area settings_store;
extern const struct settings_area settings_queue;
extern const struct settings_area settings_threads;
extern const struct settings_area settings_privacy;
extern const struct settings_area settings_calls;
extern const struct settings_area settings_billing;
extern const struct settings_area settings_limits;
extern const struct settings_area settings_resume;
extern const struct settings_area settings_privs;
extern const struct settings_area settings_web;
extern const struct settings_area settings_login;
extern const struct settings_area settings_log;

#endif
