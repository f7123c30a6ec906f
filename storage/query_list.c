#include "storage/query_list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "storage/query_search_priv.h"
#include "storage/query_text.h"

#define TEXTS 5

static const struct {
	const char *table, *columns;
	const char *texts[TEXTS]; /* that a text is looked for in */
} lists[] = {
	[QUERY_REGISTRATIONS] =
		{"registration",
		 "uid, sensor, partial, last_packet, packets, aor, contact, "
		 "call_id, src, dst, agent, expires, state, status, rtt_ms, "
		 "refreshes, nat, start, end_time AS ended",
		 {"aor", "contact", "agent", "src", "dst"}},
	[QUERY_TRANSACTIONS] =
		{"sip_transaction",
		 "uid, sensor, partial, last_packet, packets, method, "
		 "from_uri, to_uri, call_id, src, dst, status, rtt_ms, start",
		 {"from_uri", "to_uri", "call_id", "src", "dst"}},
};

/* --- conditions ----------------------------------------------------------- */

/* Begins a group of one arm; index: NULL = none answers it. */
static void begin(struct query_plan *p, const char *index)
{
	struct query_group *g = &p->group[p->groups++];

	query_arm(p, NULL);
	p->arm[p->arms - 1].index = index;
	*g = (struct query_group){
		.arm = p->arms - 1, .arms = 1, .indexed = index != NULL};
}

static void put_equal(struct query_plan *p, const char *column,
		      const char *index, struct slice v)
{
	if (!v.len)
		return;
	begin(p, index);
	query_put_sql(p, column, " = ?");
	query_put_value(p, db_text(v));
}

static int64_t characters(struct slice s)
{
	int64_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += (s.p[i] & 0xc0) != 0x80;
	return n;
}

static void put_text(struct query_plan *p, const char *column,
		     const struct pattern *text)
{
	if (text->kind == PATTERN_PREFIX || text->kind == PATTERN_SUFFIX) {
		int64_t n = characters(text->text);

		outbuf_str(&p->sql, "SUBSTR(");
		query_put_sql(p, column,
			      text->kind == PATTERN_PREFIX ? ", 1, ?) = ?"
							   : ", ?) = ?");
		query_put_value(p,
				db_int(text->kind == PATTERN_PREFIX ? n : -n));
		query_put_value(p, db_text(text->text));
		return;
	}
	outbuf_str(&p->sql, "INSTR(");
	query_put_sql(p, column, ", ?) > 0");
	query_put_value(p, db_text(text->text));
}

static int put_texts(struct query_plan *p, const struct query_list *l,
		     char why[DB_WHY])
{
	struct pattern text;

	if (!l->text.len)
		return 0;
	if (!query_pattern(l->text, &text)) {
		snprintf(why, DB_WHY,
			 "a star can stand at the beginning and at the end of "
			 "what is looked for, with something beside it");
		return -EINVAL;
	}
	begin(p, NULL);
	for (size_t i = 0; i < TEXTS; i++) {
		outbuf_str(&p->sql, i ? " OR " : "");
		put_text(p, lists[l->what].texts[i], &text);
	}
	return 0;
}

static int put_status(struct query_plan *p, const struct query_list *l,
		      char why[DB_WHY])
{
	uint32_t low, high;

	if (!l->status.len)
		return 0;
	if (!query_status(l->status, &low, &high)) {
		snprintf(why, DB_WHY, "status: give %s",
			 query_wants(QUERY_STATUS));
		return -EINVAL;
	}
	begin(p, NULL);
	outbuf_str(&p->sql, "status BETWEEN ? AND ?");
	query_put_value(p, db_int(low));
	query_put_value(p, db_int(high));
	return 0;
}

static int put_all(struct query_plan *p, const struct query_list *l,
		   char why[DB_WHY])
{
	int err;

	put_equal(p, "uid", "PRIMARY", l->uid);
	put_equal(p, "aor", "registration_aor", l->aor);
	put_equal(p, "state", NULL, l->state);
	put_equal(p, "method", NULL, l->method);
	err = put_status(p, l, why);
	if (!err)
		err = put_texts(p, l, why);
	query_arm(p, NULL); /* ends the last */
	p->arms--;
	if (err || (!p->sql.failed && !p->text.failed))
		return err;
	snprintf(why, DB_WHY, "out of memory");
	return -ENOMEM;
}

/* --- a page --------------------------------------------------------------- */

static void put_bounds(struct query_walk *w, const struct query_list *l)
{
	if (l->from_ns)
		ulid_first(w->low, l->from_ns / 1000000);
	if (l->to_ns)
		ulid_first(w->high, (l->to_ns + 999999) / 1000000);
}

int query_list(const struct query_list *l, struct db *db, query_row_fn *row,
	       void *arg, struct query_found *out, char why[DB_WHY])
{
	static const struct query none = {.newest_first = true};
	struct query_walk w = {
		.q = &none,
		.db = db,
		.table = lists[l->what].table,
		.columns = lists[l->what].columns,
		.limit = l->limit,
		.newest = true,
		.budget_ns = l->budget_ns,
		.row = row,
		.arg = arg,
		.why = why,
	};
	int err = query_plan_new(&w.plan, &none, db, why);

	memset(out, 0, sizeof(*out));
	w.stmt = err ? NULL : query_stmt_new();
	if (!err && !w.stmt) {
		snprintf(why, DB_WHY, "out of memory");
		err = -ENOMEM;
	}
	if (!err)
		err = put_all(w.plan, l, why);
	put_bounds(&w, l);
	if (!err)
		err = query_by_start(&w, l->cursor ? l->cursor : "", out);
	query_stmt_free(w.stmt);
	query_plan_free(w.plan);
	return err;
}
