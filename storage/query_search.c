/* Searching by time: by an index, or in windows. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "storage/query_search_priv.h"

#define MS 1000000ull

/* A window: calls that are looked at with one statement. The first is small,
 * to be sure of an answer. */
#define WINDOW_FIRST 1000
/* What an index names many of may be frequent now: then a window is faster. */
#define WINDOW_PROBE 2000
#define PROBE_FROM   1000
#define WINDOW_MAX   200000
#define WINDOW_NS    (40 * MS) /* what one should take */
#define AT_LEAST     5	       /* times the budget, for the first window */

#define DIRECT_ARMS 24 /* of a group that is answered by indexes */

uint64_t query_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* --- statements ----------------------------------------------------------- */

static void put_index(struct query_walk *w, const char *index)
{
	if (!w->db->ops->index_before)
		return;
	query_stmt_put(w->stmt, w->db->ops->index_before);
	query_stmt_put(w->stmt, index);
	query_stmt_put(w->stmt, w->db->ops->index_after);
}

static void put_bounds(struct query_walk *w, const char *join, const char *uid,
		       const char *low, const char *high)
{
	if (low[0]) {
		query_stmt_put(w->stmt, join);
		query_stmt_put(w->stmt, uid);
		query_stmt_text(w->stmt, " >= ?", low);
		join = " AND ";
	}
	if (high[0]) {
		query_stmt_put(w->stmt, join);
		query_stmt_put(w->stmt, uid);
		query_stmt_text(w->stmt, " < ?", high);
	}
}

static void put_order(struct query_walk *w, const char *column, size_t limit)
{
	query_stmt_put(w->stmt, " ORDER BY ");
	query_stmt_put(w->stmt, column);
	query_stmt_put(w->stmt, w->newest ? " DESC" : "");
	if (!limit)
		return;
	query_stmt_put(w->stmt, " LIMIT ");
	query_stmt_u64(w->stmt, limit);
}

static void take_uid(struct query_walk *w, const struct db_rows *rows)
{
	struct db_value v = db_cell(rows, 0);

	if (v.type == DB_TEXT && v.s.len == ULID_SIZE - 1)
		memcpy(w->last, v.s.p, v.s.len);
}

/* Runs the statement and hands its rows on. */
static int run(struct query_walk *w)
{
	struct db_rows *rows = NULL;
	int err = query_stmt_run(w->stmt, w->db, &rows, w->why);
	int got = 0;

	while (!err && (got = db_next(rows, w->why)) == 1) {
		take_uid(w, rows);
		err = w->row(w->arg, rows);
		w->rows++;
	}
	db_rows_close(rows);
	return err ? err : got;
}

/* Beside what was searched: from the last row, or from the bound of a window,
 * on. */
static void go_on_from(struct query_walk *w, const char *uid)
{
	if (w->newest) {
		memcpy(w->high, uid, ULID_SIZE);
		return;
	}
	memcpy(w->low, uid, ULID_SIZE);
	/* The next text of that length; it need not be a uid. */
	w->low[ULID_SIZE - 2]++;
}

/* --- by an index ---------------------------------------------------------- */

static bool can_index(const struct query_group *g)
{
	return g->indexed && !g->negate && g->arms && g->arms <= DIRECT_ARMS;
}

/* An index that holds the uids as well tells those of far more rows. */
static size_t lookups(const struct query_walk *w)
{
	size_t n = w->db->ops->lookups;

	return w->db->ops->covers && w->plan->groups == 1 ? n * 3 : n;
}

static void put_count(struct query_walk *w, const struct query_arm *a, size_t n)
{
	query_stmt_put(w->stmt, "(SELECT COUNT(*) FROM (SELECT 1 AS x FROM ");
	query_stmt_put(w->stmt, w->table);
	put_index(w, a->index);
	query_stmt_put(w->stmt, " WHERE ");
	query_stmt_arm(w->stmt, w->plan, a);
	if (w->db->ops->covers)
		put_bounds(w, " AND ", "uid", w->low, w->high);
	query_stmt_put(w->stmt, " LIMIT ");
	query_stmt_u64(w->stmt, n + 1);
	query_stmt_put(w->stmt, ") AS c)");
}

/* The group that names the fewest calls, when they are at most that many: its
 * number, or SIZE_MAX. Each column of the answer is an arm. */
static size_t fewest(struct query_walk *w, const struct db_rows *rows,
		     size_t most)
{
	const struct query_plan *p = w->plan;
	size_t column = 0, found = SIZE_MAX;
	int64_t least = (int64_t)most + 1;

	for (size_t g = 0; g < p->groups; g++) {
		int64_t n = 0;

		if (!can_index(&p->group[g]))
			continue;
		for (size_t a = 0; a < p->group[g].arms; a++)
			n += db_cell(rows, column++).i;
		if (n < least) {
			least = n;
			found = g;
		}
	}
	return found;
}

static size_t count_arms(struct query_walk *w, size_t most)
{
	const struct query_plan *p = w->plan;
	size_t n = 0;

	query_stmt_reset(w->stmt);
	for (size_t g = 0; g < p->groups; g++) {
		if (!can_index(&p->group[g]))
			continue;
		for (size_t a = 0; a < p->group[g].arms; a++) {
			query_stmt_put(w->stmt, n++ ? ", " : "SELECT ");
			put_count(w, &p->arm[p->group[g].arm + a], most);
		}
	}
	return n;
}

static int choose(struct query_walk *w, size_t most, size_t *group)
{
	struct db_rows *rows = NULL;
	int err;

	*group = SIZE_MAX;
	if (!count_arms(w, most))
		return 0;
	err = query_stmt_run(w->stmt, w->db, &rows, w->why);
	if (!err && (err = db_next(rows, w->why)) == 1) {
		*group = fewest(w, rows, most);
		err = 0;
	}
	db_rows_close(rows);
	return err == -ETIME ? 0 : err;
}

static void put_arm(struct query_walk *w, size_t group,
		    const struct query_arm *a)
{
	const char *uid = w->db->ops->guesses && strcmp(a->index, "PRIMARY")
				  ? "+uid"
				  : "uid";

	query_stmt_put(w->stmt, "SELECT found FROM (SELECT uid AS found FROM ");
	query_stmt_put(w->stmt, w->table);
	put_index(w, a->index);
	query_stmt_put(w->stmt, " WHERE ");
	query_stmt_arm(w->stmt, w->plan, a);
	query_stmt_groups(w->stmt, w->plan, " AND ", group, true);
	put_bounds(w, " AND ", uid, w->low, w->high);
	put_order(w, uid, w->limit - w->rows);
	query_stmt_put(w->stmt, ") AS a");
}

static int run_indexed(struct query_walk *w, size_t group)
{
	const struct query_group *g = &w->plan->group[group];

	query_stmt_reset(w->stmt);
	query_stmt_put(w->stmt, "SELECT ");
	query_stmt_put(w->stmt, w->columns);
	query_stmt_put(w->stmt, " FROM (");
	for (size_t a = 0; a < g->arms; a++) {
		query_stmt_put(w->stmt, a ? " UNION " : "");
		put_arm(w, group, &w->plan->arm[g->arm + a]);
	}
	put_order(w, "found", w->limit - w->rows);
	query_stmt_put(w->stmt, ") AS f CROSS JOIN ");
	query_stmt_put(w->stmt, w->table);
	query_stmt_put(w->stmt, " ON uid = f.found");
	put_order(w, "f.found", 0);
	return run(w);
}

/* --- in windows ----------------------------------------------------------- */

/* The uid of the last call of a window of n from here on; "" = there are less.
 */
static int find_window(struct query_walk *w, size_t n, char uid[ULID_SIZE])
{
	struct db_rows *rows = NULL;
	int err, got = 0;

	query_stmt_reset(w->stmt);
	query_stmt_put(w->stmt, "SELECT uid FROM ");
	query_stmt_put(w->stmt, w->table);
	put_index(w, "PRIMARY");
	put_bounds(w, " WHERE ", "uid", w->low, w->high);
	put_order(w, "uid", 1);
	query_stmt_put(w->stmt, " OFFSET ");
	query_stmt_u64(w->stmt, n - 1);
	err = query_stmt_run(w->stmt, w->db, &rows, w->why);
	memset(uid, 0, ULID_SIZE);
	if (!err && (got = db_next(rows, w->why)) == 1) {
		struct slice s = db_cell(rows, 0).s;

		memcpy(uid, s.p, s.len < ULID_SIZE ? s.len : ULID_SIZE - 1);
	}
	db_rows_close(rows);
	return err ? err : got < 0 ? got : 0;
}

/* Up to and with the call to, or to the end. */
static int run_window(struct query_walk *w, const char *to)
{
	char low[ULID_SIZE], high[ULID_SIZE];

	memcpy(low, w->low, ULID_SIZE);
	memcpy(high, w->high, ULID_SIZE);
	if (to[0] && w->newest)
		memcpy(low, to, ULID_SIZE);
	if (to[0] && !w->newest) {
		memcpy(high, to, ULID_SIZE);
		high[ULID_SIZE - 2]++;
	}
	query_stmt_reset(w->stmt);
	query_stmt_put(w->stmt, "SELECT ");
	query_stmt_put(w->stmt, w->columns);
	query_stmt_put(w->stmt, " FROM ");
	query_stmt_put(w->stmt, w->table);
	put_index(w, "PRIMARY");
	query_stmt_put(w->stmt, " WHERE 1 = 1");
	put_bounds(w, " AND ", "uid", low, high);
	query_stmt_groups(w->stmt, w->plan, " AND ", SIZE_MAX, true);
	put_order(w, "uid", w->limit - w->rows);
	return run(w);
}

static size_t next_size(size_t size, uint64_t took)
{
	if (took < WINDOW_NS / 2)
		size *= took < WINDOW_NS / 8 ? 4 : 2;
	else if (took > 2 * WINDOW_NS)
		size /= 2;
	if (size > WINDOW_MAX)
		return WINDOW_MAX;
	return size < WINDOW_FIRST ? WINDOW_FIRST : size;
}

/* One window; *end: there is nothing behind it. */
static int step(struct query_walk *w, size_t *size, bool *end)
{
	uint64_t begin = query_now();
	char to[ULID_SIZE];
	int err = find_window(w, *size, to);

	if (!err)
		err = run_window(w, to);
	if (err)
		return err;
	w->more = w->rows == w->limit;
	*end = !to[0];
	if (w->more)
		go_on_from(w, w->last);
	else if (to[0])
		go_on_from(w, to);
	*size = next_size(*size, query_now() - begin);
	return 0;
}

/* Stopped by the time: that is fine when it found some. */
static int stop(struct query_walk *w, size_t before, int err)
{
	if (err != -ETIME || w->rows == before)
		return err;
	go_on_from(w, w->last);
	w->late = true;
	return 0;
}

static int run_windows(struct query_walk *w)
{
	size_t size = w->plan->groups ? WINDOW_FIRST : WINDOW_MAX;
	size_t before = w->rows;
	bool end = false;
	int err;

	db_until(w->db, query_now() + AT_LEAST * w->budget_ns);
	err = stop(w, before, step(w, &size, &end));
	db_until(w->db, w->begin_ns + w->budget_ns);
	while (!err && !end && !w->more && !w->late) {
		before = w->rows;
		err = stop(w, before, step(w, &size, &end));
		if (err == -ETIME) {
			w->late = true;
			err = 0;
		}
	}
	return err;
}

static bool has_index(const struct query_walk *w)
{
	for (size_t i = 0; i < w->plan->groups; i++)
		if (can_index(&w->plan->group[i]))
			return true;
	return false;
}

static int run_direct(struct query_walk *w, size_t group)
{
	size_t before = w->rows;
	int err = stop(w, before, run_indexed(w, group));

	w->more = !err && w->rows == w->limit;
	if (w->more)
		go_on_from(w, w->last);
	return err;
}

/* Few by an index; else some of the newest; else what an index can do in
 * time. *group: SIZE_MAX = it did not come to the end. */
static int run_by_index(struct query_walk *w, size_t *group)
{
	size_t size = WINDOW_PROBE;
	bool end = false;
	int err = choose(w, PROBE_FROM, group);

	if (!err && *group == SIZE_MAX) {
		err = stop(w, 0, step(w, &size, &end));
		if (err || end || w->more || w->late) {
			*group = 0;
			return err;
		}
		err = choose(w, lookups(w), group);
	}
	if (err || *group == SIZE_MAX)
		return err;
	return run_direct(w, *group);
}

/* Part of what was to be searched is done. */
static bool came_further(const struct query_walk *w, const char *low,
			 const char *high)
{
	return w->rows || strcmp(w->low, low) || strcmp(w->high, high);
}

int query_walk(struct query_walk *w)
{
	char low[ULID_SIZE], high[ULID_SIZE];
	size_t group = SIZE_MAX;
	int err = 0;

	memcpy(low, w->low, ULID_SIZE);
	memcpy(high, w->high, ULID_SIZE);
	w->begin_ns = query_now();
	db_until(w->db, w->begin_ns + w->budget_ns);
	if (has_index(w))
		err = run_by_index(w, &group);
	if ((!err && group == SIZE_MAX) ||
	    (err == -ETIME && !came_further(w, low, high)))
		err = run_windows(w);
	if (err == -ETIME && came_further(w, low, high)) {
		w->late = true;
		err = 0;
	}
	db_until(w->db, 0);
	return err;
}

/* --- a page --------------------------------------------------------------- */

static bool is_uid(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] < '0' || s.p[i] > 'Z' + 1)
			return false;
	return s.len == ULID_SIZE - 1;
}

static int no_cursor(char why[DB_WHY])
{
	snprintf(why, DB_WHY,
		 "the cursor is none of this search: begin again without it");
	return -EBADMSG;
}

int query_by_start(struct query_walk *w, const char *at,
		   struct query_found *out)
{
	const char *next = w->newest ? w->high : w->low;
	int err;

	if (at[0] && !is_uid(slice_str(at)))
		return no_cursor(w->why);
	if (at[0])
		memcpy(w->newest ? w->high : w->low, at, ULID_SIZE);
	err = query_walk(w);
	if (err)
		return err;
	out->rows = w->rows;
	out->complete = !w->late;
	if (w->more || w->late)
		memcpy(out->next, next, ULID_SIZE);
	if (w->late)
		memcpy(out->reached, next, ULID_SIZE);
	return 0;
}

int query_search(const struct query *q, const struct query_ask *ask,
		 struct db *db, query_row_fn *row, void *arg,
		 struct query_found *out, char why[DB_WHY])
{
	struct query_walk w = {
		.q = q,
		.db = db,
		.table = "cdr",
		.columns = ask->columns,
		.limit = ask->limit,
		.newest = q->newest_first,
		.budget_ns = ask->budget_ns,
		.row = row,
		.arg = arg,
		.why = why,
	};
	int err = query_plan_new(&w.plan, q, db, why);

	memset(out, 0, sizeof(*out));
	w.stmt = err ? NULL : query_stmt_new();
	if (!err && !w.stmt) {
		snprintf(why, DB_WHY, "out of memory");
		err = -ENOMEM;
	}
	if (!err) {
		memcpy(w.low, w.plan->low, ULID_SIZE);
		memcpy(w.high, w.plan->high, ULID_SIZE);
		err = ask->order == QUERY_BY_START
			      ? query_by_start(
					&w, ask->cursor ? ask->cursor : "", out)
			      : query_sorted(&w, ask, out);
	}
	query_stmt_free(w.stmt);
	query_plan_free(w.plan);
	return err;
}
