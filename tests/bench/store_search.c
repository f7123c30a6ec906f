/*
 * store_search DB PAGES QUERY...: what the viewer's searches take. Each QUERY
 * (the one box; "sort:-mos QUERY" orders) is run once to warm up, then PAGES
 * pages of 100 calls one behind the other. Prints a line each: rows of the
 * last page, ms of the first and of the last page, ms of processor time of a
 * page (with that of the server whose process is $STORE_PID), "all" or
 * "partly", QUERY.
 * DB is as after --db (the password from $CALLSCOPE_DB_PASSWORD).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "storage/query_box.h"
#include "storage/query_search.h"

#define COLUMNS                                                                \
	"cdr.uid AS uid, type, start, answer, end_time, state, status, "       \
	"caller_user, callee_user, caller_addr, callee_addr, caller_agent, "   \
	"duration_ms, a_codec, b_codec, a_mos_adaptive, b_mos_adaptive, "      \
	"(SELECT GROUP_CONCAT(code) FROM diagnosis WHERE diagnosis.uid = "     \
	"cdr.uid) AS diagnoses"
#define BUDGET_NS 400000000ull

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* Processor time of this process and of the server, ms. */
static double cpu_ms(void)
{
	const char *pid = getenv("STORE_PID");
	unsigned long user = 0, system = 0;
	char path[64], line[1024] = "";
	FILE *f = NULL;

	snprintf(path, sizeof(path), "/proc/%.20s/stat", pid ? pid : "none");
	f = fopen(path, "r");
	if (f && fgets(line, sizeof(line), f) && strrchr(line, ')'))
		sscanf(strrchr(line, ')'),
		       ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
		       &user, &system);
	if (f)
		fclose(f);
	return (double)clock_ns(CLOCK_PROCESS_CPUTIME_ID) / 1e6 +
	       (double)(user + system) * 1000 / (double)sysconf(_SC_CLK_TCK);
}

static int take(void *arg, struct db_rows *rows)
{
	size_t *bytes = arg;

	for (size_t i = 0; i < db_columns(rows); i++)
		*bytes += db_cell(rows, i).s.len;
	return 0;
}

static void check(int err, const char *why)
{
	if (!err)
		return;
	fprintf(stderr, "store_search: %s\n", why);
	exit(1);
}

/* ms of a page; next is that of the page behind it. */
static double page(struct db *db, struct query *q, struct query_ask *ask,
		   struct query_found *found, char cursor[QUERY_CURSOR])
{
	uint64_t begin = clock_ns(CLOCK_MONOTONIC);
	char why[DB_WHY] = "";
	size_t bytes = 0;

	ask->cursor = cursor;
	check(query_search(q, ask, db, take, &bytes, found, why), why);
	memcpy(cursor, found->next, QUERY_CURSOR);
	return (double)(clock_ns(CLOCK_MONOTONIC) - begin) / 1e6;
}

static void search(struct db *db, const char *text, unsigned pages)
{
	static struct box box;
	struct query q = {.newest_first = true,
			  .now_ns = clock_ns(CLOCK_REALTIME)};
	struct query_ask ask = {
		.columns = COLUMNS, .limit = 100, .budget_ns = BUDGET_NS};
	struct query_found found;
	struct box_error e;
	char cursor[QUERY_CURSOR] = "";
	double first, last, cpu;
	unsigned n = 1;
	struct slice box_text = slice_str(text), sort;
	bool all;

	if (slice_starts(box_text, SLICE("sort:"))) {
		slice_cut(slice_from(box_text, 5), ' ', &sort, &box_text);
		q.newest_first = sort.len && sort.p[0] == '-';
		if (!query_order_of(slice_from(sort, q.newest_first),
				    &ask.order))
			check(-1, "no such order");
	}
	check(box_parse(&box, box_text, false, &q, &e), e.why);
	page(db, &q, &ask, &found, cursor);
	cursor[0] = '\0';
	cpu = cpu_ms();
	first = last = page(db, &q, &ask, &found, cursor);
	all = found.complete;
	for (; n < pages && cursor[0]; n++) {
		last = page(db, &q, &ask, &found, cursor);
		all &= found.complete;
	}
	cpu = (cpu_ms() - cpu) / n;
	printf("%zu %.1f %.1f %.1f %s %s\n", found.rows, first, last, cpu,
	       all ? "all" : "partly", text);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct db_config cfg = {0};
	char why[DB_WHY] = "";
	struct db *db;

	if (argc < 4) {
		fputs("usage: store_search DB PAGES QUERY...\n", stderr);
		return 2;
	}
	cfg.url = argv[1];
	check(db_open(&db, &cfg, why), why);
	for (int i = 3; i < argc; i++)
		search(db, argv[i], (unsigned)atoi(argv[2]));
	db_close(db);
	return 0;
}
