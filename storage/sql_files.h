#ifndef STORAGE_SQL_FILES_H
#define STORAGE_SQL_FILES_H

/*
 * The files of sql/, built into the program by sql/embed.sh. Constant for
 * the life of the process; any thread may read them.
 */

struct sql_file {
	const char *name; /* "0001_init.sql": without its folder */
	const char *text;
};

/* In the order of the names; the last one has a NULL name. */
extern const struct sql_file sql_sqlite_files[];
extern const struct sql_file sql_mysql_files[];

#endif
