/*
 * Legal holds in the database: column held of table cdr, which retention
 * heeds. For "callscope hold" and "release"; the capture goes on meanwhile.
 */
#ifndef STORAGE_HOLD_DB_H
#define STORAGE_HOLD_DB_H

#include "storage/db_url.h"
#include "storage/sink.h"

enum hold_what {
	HOLD_RELEASE,
	HOLD_SET,
	HOLD_LOOK, /* changes nothing */
};

/* Sets it for n uids, which must be such (spool_is_uid). found[i] tells
 * whether there is a record of that uid. 0 or -errno, then why is written and
 * none was changed. */
int hold_db_set(const struct db_url *url, const char *password_file,
		const char *const *uid, size_t n, enum hold_what what,
		bool *found, char why[SINK_WHY]);

#endif
