/*
 * The partitions of the tables of records: one a UTC day, found through the
 * uid, which begins with the time. p_old holds what is from before 2000 and
 * p_future what lies ahead of the days that exist: times that must be wrong.
 */
#ifndef STORAGE_MYSQL_DAYS_H
#define STORAGE_MYSQL_DAYS_H

#include "storage/mysql_db.h"

/* Days that exist ahead of now. */
#define MYSQL_DAYS_AHEAD 2

/* Makes the days from yesterday to MYSQL_DAYS_AHEAD ahead in all tables,
 * those that are missing. As mysql_db_why(). */
int mysql_days_ahead(struct mysql_db *db, uint64_t now_ms, char why[SINK_WHY]);

/* Drops the days that were over before before_ms; calls that are held stay,
 * and what is from before 2000. As mysql_db_why(). */
int mysql_days_expire(struct mysql_db *db, uint64_t before_ms,
		      struct sink_expired *out, char why[SINK_WHY]);

#endif
