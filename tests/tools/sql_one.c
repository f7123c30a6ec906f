/*
 * sql_one DATABASE QUERY: prints the columns of the rows that a query on an
 * SQLite file gives, separated by tabs. For scripts, so that they do not
 * depend on a command line client. May change rows, too, where a test spoils
 * a database.
 */
#include <sqlite3.h>
#include <stdio.h>

static void print_row(sqlite3_stmt *st)
{
	for (int i = 0; i < sqlite3_column_count(st); i++) {
		const unsigned char *text = sqlite3_column_text(st, i);

		printf("%s%s", i ? "\t" : "", text ? (const char *)text : "");
	}
	putchar('\n');
}

int main(int argc, char **argv)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *st = NULL;
	int rc;

	if (argc != 3) {
		fprintf(stderr, "usage: %s DATABASE QUERY\n", argv[0]);
		return 2;
	}
	rc = sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READWRITE, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v2(db, argv[2], -1, &st, NULL);
	if (rc == SQLITE_OK)
		while ((rc = sqlite3_step(st)) == SQLITE_ROW)
			print_row(st);
	if (rc != SQLITE_DONE)
		fprintf(stderr, "%s: %s\n", argv[1], sqlite3_errmsg(db));
	sqlite3_finalize(st);
	sqlite3_close(db);
	return rc != SQLITE_DONE;
}
