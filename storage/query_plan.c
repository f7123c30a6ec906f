/* A search as conditions with their indexes, and statements made of them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "storage/query_priv.h"

#define EARLIER_MS (3600 * 1000ull)

/* Of both stores; sql/sqlite, sql/mysql. */
static const struct {
	const char *column, *index;
} indexes[] = {
	{"uid", "PRIMARY"},
	{"call_id", "cdr_call_id"},
	{"group_id", "cdr_group_id"},
	{"status", "cdr_status"},
	{"caller_user", "cdr_caller_user"},
	{"callee_user", "cdr_callee_user"},
	{"caller_user_rev", "cdr_caller_user_rev"},
	{"callee_user_rev", "cdr_callee_user_rev"},
	{"caller_addr", "cdr_caller_addr"},
	{"callee_addr", "cdr_callee_addr"},
	{"caller_agent", "cdr_caller_agent"},
	{"callee_agent", "cdr_callee_agent"},
	{"duration_ms", "cdr_duration"},
	{"a_mos_adaptive", "cdr_a_mos"},
	{"b_mos_adaptive", "cdr_b_mos"},
};

static const char *index_of(const char *column)
{
	size_t n = column ? sizeof(indexes) / sizeof(indexes[0]) : 0;

	for (size_t i = 0; i < n; i++)
		if (!strcmp(indexes[i].column, column))
			return indexes[i].index;
	return NULL;
}

/* --- arms and groups ------------------------------------------------------ */

static void end_arm(struct query_plan *p)
{
	struct query_arm *a;

	if (!p->arms)
		return;
	a = &p->arm[p->arms - 1];
	a->sql_len = p->sql.len - a->sql;
	a->v_n = p->n - a->v;
}

void query_arm(struct query_plan *p, const char *column)
{
	end_arm(p);
	if (p->arms == QUERY_ARMS) {
		p->full = true;
		return;
	}
	p->arm[p->arms++] = (struct query_arm){
		.index = index_of(column), .sql = p->sql.len, .v = p->n};
}

void query_put_value(struct query_plan *p, struct db_value v)
{
	if (p->n == QUERY_VALUES) {
		p->full = true;
		return;
	}
	p->v[p->n++] = v;
}

void query_put_sql(struct query_plan *p, const char *column, const char *rest)
{
	outbuf_str(&p->sql, column);
	outbuf_str(&p->sql, rest);
}

static bool is_first(const struct query *q, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (q->term[i].group == q->term[at].group)
			return false;
	return true;
}

static void add_group(struct query_plan *p, const struct query_term *first)
{
	const struct query *q = p->q;
	struct query_group *g = &p->group[p->groups++];

	*g = (struct query_group){
		.arm = p->arms, .negate = first->negate, .indexed = true};
	for (size_t i = (size_t)(first - q->term); i < q->n; i++)
		if (q->term[i].group == first->group)
			query_keys[q->term[i].key].put(
				p, &query_keys[q->term[i].key],
				q->term[i].value);
	end_arm(p);
	g->arms = p->arms - g->arm;
	for (size_t i = 0; i < g->arms; i++)
		g->indexed &= p->arm[g->arm + i].index != NULL;
}

/* --- bounds by time ------------------------------------------------------- */

/* The moment of a group of times, the earliest from or the latest to; false
 * when anything else is among them. */
static bool moment_of(const struct query *q, const struct query_term *first,
		      uint64_t *ns)
{
	bool found = false;
	uint64_t t;

	for (size_t i = 0; i < q->n; i++) {
		const struct query_term *other = &q->term[i];

		if (other->group != first->group)
			continue;
		if (other->key != first->key || other->negate ||
		    !query_time(other->value, q->now_ns, &t))
			return false;
		if (!found || (first->key == QUERY_FROM) == (t < *ns))
			*ns = t;
		found = true;
	}
	return found;
}

/* The uid bounds what is looked at, the start decides. A call may be older
 * than its INVITE: its media may have been there before. */
static void add_bound(struct query_plan *p, const struct query_term *first)
{
	char uid[ULID_SIZE];
	uint64_t ns = 0;

	if ((first->key != QUERY_FROM && first->key != QUERY_TO) ||
	    !moment_of(p->q, first, &ns))
		return;
	if (first->key == QUERY_FROM) {
		uint64_t ms = ns / 1000000;

		ulid_first(uid, ms > EARLIER_MS ? ms - EARLIER_MS : 0);
		if (strcmp(uid, p->low) > 0)
			memcpy(p->low, uid, ULID_SIZE);
	} else {
		ulid_first(uid, (ns + 999999) / 1000000);
		if (!p->high[0] || strcmp(uid, p->high) < 0)
			memcpy(p->high, uid, ULID_SIZE);
	}
}

/* --- the plan ------------------------------------------------------------- */

static void place_made(struct query_plan *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->made[i] && p->text.p)
			p->v[i].s.p =
				(const uint8_t *)p->text.p + p->made[i] - 1;
}

static int no_memory(char why[DB_WHY])
{
	snprintf(why, DB_WHY, "out of memory");
	return -ENOMEM;
}

int query_plan_new(struct query_plan **out, const struct query *q,
		   const struct db *db, char why[DB_WHY])
{
	struct query_plan *p = calloc(1, sizeof(*p));
	int err = 0;

	if (!p)
		return no_memory(why);
	p->q = q;
	p->ops = db->ops;
	memcpy(p->low, q->low, ULID_SIZE);
	memcpy(p->high, q->high, ULID_SIZE);
	for (size_t i = 0; i < q->n; i++) {
		if (!is_first(q, i))
			continue;
		add_bound(p, &q->term[i]);
		add_group(p, &q->term[i]);
	}
	place_made(p);
	if (p->sql.failed || p->text.failed) {
		err = no_memory(why);
	} else if (p->full) {
		snprintf(why, DB_WHY,
			 "the search has too many subnets or values: give "
			 "less at once");
		err = -ENOSPC;
	}
	if (err)
		query_plan_free(p);
	else
		*out = p;
	return err;
}

void query_plan_free(struct query_plan *p)
{
	if (!p)
		return;
	outbuf_free(&p->sql);
	outbuf_free(&p->text);
	free(p);
}

/* --- statements ----------------------------------------------------------- */

struct query_stmt *query_stmt_new(void)
{
	return calloc(1, sizeof(struct query_stmt));
}

void query_stmt_free(struct query_stmt *s)
{
	if (s)
		outbuf_free(&s->sql);
	free(s);
}

void query_stmt_reset(struct query_stmt *s)
{
	outbuf_reset(&s->sql);
	s->sql.failed = s->full = false;
	s->n = 0;
}

void query_stmt_put(struct query_stmt *s, const char *sql)
{
	outbuf_str(&s->sql, sql);
}

void query_stmt_u64(struct query_stmt *s, uint64_t n)
{
	outbuf_u64(&s->sql, n);
}

static void put_value(struct query_stmt *s, struct db_value v)
{
	if (s->n == QUERY_VALUES)
		s->full = true;
	else
		s->v[s->n++] = v;
}

void query_stmt_text(struct query_stmt *s, const char *sql, const char *text)
{
	outbuf_str(&s->sql, sql);
	put_value(s, db_text(slice_str(text)));
}

void query_stmt_arm(struct query_stmt *s, const struct query_plan *p,
		    const struct query_arm *a)
{
	outbuf_char(&s->sql, '(');
	outbuf_put(&s->sql, p->sql.p + a->sql, a->sql_len);
	outbuf_char(&s->sql, ')');
	for (size_t i = 0; i < a->v_n; i++)
		put_value(s, p->v[a->v + i]);
}

static void put_group(struct query_stmt *s, const struct query_plan *p,
		      const struct query_group *g)
{
	/* What is not known does not hold. */
	outbuf_str(&s->sql, g->negate ? "NOT COALESCE((" : "(");
	for (size_t i = 0; i < g->arms; i++) {
		if (i)
			outbuf_str(&s->sql, " OR ");
		query_stmt_arm(s, p, &p->arm[g->arm + i]);
	}
	outbuf_str(&s->sql, g->negate ? "), 0)" : ")");
}

void query_stmt_groups(struct query_stmt *s, const struct query_plan *p,
		       const char *join, size_t but, bool hidden)
{
	for (size_t i = 0; i < p->groups; i++) {
		if (i == but)
			continue;
		query_stmt_put(s, join);
		join = " AND ";
		query_stmt_put(s, hidden ? "+(" : "");
		put_group(s, p, &p->group[i]);
		query_stmt_put(s, hidden ? ")" : "");
	}
}

int query_stmt_run(struct query_stmt *s, struct db *db, struct db_rows **out,
		   char why[DB_WHY])
{
	outbuf_char(&s->sql, '\0');
	if (s->sql.failed)
		return no_memory(why);
	if (s->full) {
		snprintf(why, DB_WHY,
			 "the search has too many values: give less at once");
		return -ENOSPC;
	}
	return db_query(db, s->sql.p, s->v, s->n, out, why);
}
