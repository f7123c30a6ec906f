/* Orders of a search other than by time: the newest calls that were found are
 * ordered in memory. A page names the set that it is of, by uids, and its last
 * call, by value and uid, so that calls which come later change nothing. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "storage/query_search_priv.h"

#define LOWER(x, y)                                                            \
	"CASE WHEN " y " IS NULL OR " x " < " y " THEN " x " ELSE " y " END"
#define HIGHER(x, y)                                                           \
	"CASE WHEN " y " IS NULL OR " x " > " y " THEN " x " ELSE " y " END"

static const struct {
	struct slice name;
	const char *value;
} orders[QUERY_ORDERS] = {
	[QUERY_BY_START] = {SLICE_INIT("start"), "uid"},
	[QUERY_BY_DURATION] = {SLICE_INIT("duration"), "duration_ms"},
	[QUERY_BY_MOS] = {SLICE_INIT("mos"),
			  LOWER("a_mos_adaptive", "b_mos_adaptive")},
	[QUERY_BY_LOSS] = {SLICE_INIT("loss"),
			   HIGHER("a_loss_pct", "b_loss_pct")},
	[QUERY_BY_JITTER] = {SLICE_INIT("jitter"),
			     HIGHER("a_jitter_ms_mean", "b_jitter_ms_mean")},
	[QUERY_BY_PDD] = {SLICE_INIT("pdd"), "pdd_ms"},
};

bool query_order_of(struct slice name, enum query_order *out)
{
	for (size_t i = 0; i < QUERY_ORDERS; i++) {
		if (!slice_eq(orders[i].name, name))
			continue;
		*out = i;
		return true;
	}
	return false;
}

struct item {
	char uid[ULID_SIZE];
	bool known;
	double v;
};

struct items {
	struct item *v;
	size_t n, size;
};

/* Where a page begins: behind that call, of the set between two uids, both
 * among it; low "" = all there is. */
struct place {
	struct item last;
	char low[ULID_SIZE], high[ULID_SIZE];
};

static int take(void *arg, struct db_rows *rows)
{
	struct items *l = arg;
	struct db_value uid = db_cell(rows, 0), v = db_cell(rows, 1);
	struct item *i;

	if (l->n == l->size)
		return 0;
	i = &l->v[l->n++];
	*i = (struct item){.known = v.type != DB_NULL,
			   .v = v.type == DB_INT ? (double)v.i : v.r};
	if (!i->known)
		i->v = 0;
	memcpy(i->uid, uid.s.p,
	       uid.s.len < ULID_SIZE ? uid.s.len : ULID_SIZE - 1);
	return 0;
}

/* --- cursors -------------------------------------------------------------- */

static void put_place(const struct place *p, char out[QUERY_CURSOR])
{
	char v[32] = "none";

	if (p->last.known)
		snprintf(v, sizeof(v), "%.17g", p->last.v);
	snprintf(out, QUERY_CURSOR, "%s~%s~%s~%s", p->last.uid, p->high, p->low,
		 v);
}

static bool take_uid(struct slice *s, char out[ULID_SIZE])
{
	struct slice uid;

	slice_cut(*s, '~', &uid, s);
	if (uid.len >= ULID_SIZE)
		return false;
	memset(out, 0, ULID_SIZE);
	memcpy(out, uid.p, uid.len);
	return true;
}

static int get_place(const char *cursor, struct place *p, char why[DB_WHY])
{
	struct slice s = slice_str(cursor);
	char *end = NULL;

	if (take_uid(&s, p->last.uid) && take_uid(&s, p->high) &&
	    take_uid(&s, p->low) && p->high[0] && s.len) {
		const char *text = cursor + strlen(cursor) - s.len;

		p->last.known = !slice_eq(s, SLICE("none"));
		p->last.v = p->last.known ? strtod(text, &end) : 0;
		if (!p->last.known || !*end)
			return 0;
	}
	snprintf(why, DB_WHY,
		 "the cursor is none of this search: begin again without it");
	return -EBADMSG;
}

/* --- the set -------------------------------------------------------------- */

static int order(const struct item *a, const struct item *b, bool highest)
{
	if (a->known != b->known)
		return a->known ? -1 : 1;
	if (a->v < b->v || a->v > b->v)
		return (a->v < b->v) == highest ? 1 : -1;
	return strcmp(b->uid, a->uid);
}

static int highest_first(const void *a, const void *b)
{
	return order(a, b, true);
}

static int lowest_first(const void *a, const void *b)
{
	return order(a, b, false);
}

/* The first page finds the set, others find it again. */
static int find_set(struct query_walk *w, struct place *at, bool first)
{
	struct items *l = w->arg;
	int err;

	w->newest = true;
	w->limit = l->size;
	if (!first) {
		memcpy(w->high, at->high, ULID_SIZE);
		w->high[ULID_SIZE - 2]++;
		if (at->low[0])
			memcpy(w->low, at->low, ULID_SIZE);
		w->budget_ns *= 4;
	}
	err = query_walk(w);
	if (err || !first) {
		if (!err && w->late) {
			snprintf(w->why, DB_WHY,
				 "the database is too slow to order these "
				 "calls: search for less");
			err = -ETIME;
		}
		return err;
	}
	memset(at, 0, sizeof(*at));
	if (l->n)
		memcpy(at->high, l->v[0].uid, ULID_SIZE);
	if (w->more || w->late)
		memcpy(at->low, w->high, ULID_SIZE);
	return 0;
}

/* The first behind the page before. */
static size_t find_begin(const struct items *l, const struct place *at,
			 bool highest)
{
	size_t i = 0;

	while (at->last.uid[0] && i < l->n &&
	       order(&l->v[i], &at->last, highest) <= 0)
		i++;
	return i;
}

/* --- its rows ------------------------------------------------------------- */

static void put_rows(struct query_walk *w, const struct query_ask *ask,
		     const struct item *v, size_t n, bool highest)
{
	const char *value = orders[ask->order].value;

	query_stmt_reset(w->stmt);
	query_stmt_put(w->stmt, "SELECT ");
	query_stmt_put(w->stmt, ask->columns);
	query_stmt_put(w->stmt, " FROM cdr WHERE uid IN (");
	for (size_t i = 0; i < n; i++)
		query_stmt_text(w->stmt, i ? ", ?" : "?", v[i].uid);
	query_stmt_put(w->stmt, ") ORDER BY (");
	query_stmt_put(w->stmt, value);
	query_stmt_put(w->stmt, ") IS NULL, ");
	query_stmt_put(w->stmt, value);
	query_stmt_put(w->stmt, highest ? " DESC, uid DESC" : ", uid DESC");
}

static int run_rows(struct query_walk *w, size_t *n)
{
	struct db_rows *rows = NULL;
	int err = query_stmt_run(w->stmt, w->db, &rows, w->why);
	int got = 0;

	while (!err && (got = db_next(rows, w->why)) == 1) {
		err = w->row(w->arg, rows);
		++*n;
	}
	db_rows_close(rows);
	return err ? err : got;
}

static int hand_out(struct query_walk *w, const struct query_ask *ask,
		    const struct items *l, struct place *at,
		    struct query_found *out)
{
	bool highest = w->q->newest_first;
	size_t begin = find_begin(l, at, highest), n = l->n - begin;
	int err = 0;

	if (n > ask->limit)
		n = ask->limit;
	if (n) {
		put_rows(w, ask, l->v + begin, n, highest);
		err = run_rows(w, &out->rows);
	}
	if (err)
		return err;
	out->complete = !at->low[0];
	memcpy(out->reached, at->low, ULID_SIZE);
	if (begin + n < l->n) {
		at->last = l->v[begin + n - 1];
		put_place(at, out->next);
	}
	return 0;
}

int query_sorted(struct query_walk *w, const struct query_ask *ask,
		 struct query_found *out)
{
	bool first = !ask->cursor || !ask->cursor[0];
	struct items l = {.size = first ? QUERY_SORTED : 2 * QUERY_SORTED};
	struct query_walk given = *w;
	struct place at = {0};
	char columns[256];
	int err = first ? 0 : get_place(ask->cursor, &at, w->why);

	if (err)
		return err;
	l.v = calloc(l.size, sizeof(*l.v));
	if (!l.v) {
		snprintf(w->why, DB_WHY, "out of memory");
		return -ENOMEM;
	}
	snprintf(columns, sizeof(columns), "uid, %s AS v",
		 orders[ask->order].value);
	w->columns = columns;
	w->row = take;
	w->arg = &l;
	err = find_set(w, &at, first);
	w->columns = given.columns;
	w->row = given.row;
	w->arg = given.arg;
	if (!err) {
		qsort(l.v, l.n, sizeof(*l.v),
		      w->q->newest_first ? highest_first : lowest_first);
		err = hand_out(w, ask, &l, &at, out);
	}
	free(l.v);
	return err;
}
