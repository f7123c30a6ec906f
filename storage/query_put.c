/* What the values of a search come to in SQL. */
#include <stdio.h>

#include "storage/query_priv.h"
#include "storage/query_text.h"

/* Behind every other text with the same beginning; addresses are ASCII, and
 * their columns compare with that only. */
#define LAST_CHAR  "\xf4\x8f\xbf\xbf"
#define LAST_ASCII "\x7f"

/* The text made since off. */
static void put_made(struct query_plan *p, size_t off)
{
	if (p->n < QUERY_VALUES)
		p->made[p->n] = off + 1;
	query_put_value(p, db_text(slice_of(NULL, p->text.len - off)));
}

static void put_column(struct query_plan *p, const char *column,
		       struct db_value v)
{
	query_put_sql(p, column, " = ?");
	query_put_value(p, v);
}

/* Text that begins with what was made since off; the row itself, and all that
 * goes on. */
static void put_range(struct query_plan *p, const char *column, size_t off,
		      const char *last)
{
	size_t len = p->text.len - off;

	query_put_sql(p, column, " >= ? AND ");
	query_put_sql(p, column, " <= ?");
	put_made(p, off);
	off = p->text.len;
	if (outbuf_grow(&p->text, len))
		memcpy(p->text.p + off, p->text.p + off - len, len);
	outbuf_str(&p->text, last);
	put_made(p, off);
}

/* Its characters, last first. */
static void put_reversed(struct outbuf *b, struct slice s)
{
	while (s.len) {
		size_t n = 1;

		while (n < s.len && (s.p[s.len - n] & 0xc0) == 0x80)
			n++;
		outbuf_put(b, s.p + s.len - n, n);
		s.len -= n;
	}
}

void query_put_is(struct query_plan *p, const struct query_row *k,
		  struct slice v)
{
	query_arm(p, k->column);
	put_column(p, k->column, db_text(v));
}

/* Of one side; the other column holds it from its end. */
static void put_pattern(struct query_plan *p, const char *column,
			struct slice v)
{
	struct pattern pt = {PATTERN_WHOLE, v};
	char reversed[32];
	size_t off = p->text.len;

	query_pattern(v, &pt);
	snprintf(reversed, sizeof(reversed), "%s_rev", column);
	query_arm(p, pt.kind == PATTERN_SUFFIX	   ? reversed
		     : pt.kind == PATTERN_ANYWHERE ? NULL
						   : column);
	if (pt.kind == PATTERN_SUFFIX) {
		put_reversed(&p->text, pt.text);
		put_range(p, reversed, off, LAST_CHAR);
	} else if (pt.kind == PATTERN_PREFIX) {
		outbuf_put(&p->text, pt.text.p, pt.text.len);
		put_range(p, column, off, LAST_CHAR);
	} else if (pt.kind == PATTERN_ANYWHERE) {
		outbuf_str(&p->sql, "INSTR(");
		query_put_sql(p, column, ", ?) > 0");
		query_put_value(p, db_text(pt.text));
	} else {
		put_column(p, column, db_text(pt.text));
	}
}

void query_put_sides(struct query_plan *p, const struct query_row *k,
		     struct slice v)
{
	put_pattern(p, k->column, v);
	if (k->other)
		put_pattern(p, k->other, v);
}

void query_put_either(struct query_plan *p, const struct query_row *k,
		      struct slice v)
{
	query_arm(p, NULL);
	put_column(p, k->column, db_text(v));
	outbuf_str(&p->sql, " OR ");
	put_column(p, k->other, db_text(v));
}

void query_put_user(struct query_plan *p, const struct query_row *k,
		    struct slice v)
{
	const char *const sides[] = {k->column, k->other};
	char column[32];
	struct slice user, host;

	slice_cut(v, '@', &user, &host);
	for (size_t i = 0; i < 2; i++) {
		snprintf(column, sizeof(column), "%s_user", sides[i]);
		query_arm(p, column);
		put_column(p, column, db_text(user));
		snprintf(column, sizeof(column), "%s_host", sides[i]);
		outbuf_str(&p->sql, " AND ");
		put_column(p, column, db_text(host));
	}
}

/* The texts "10.1.2." that all addresses of a subnet begin with; a whole
 * address ends with the colon before its port. */
static void put_v4(struct query_plan *p, const char *column,
		   const struct subnet *net)
{
	unsigned bits = net->bits - 96, octets = (bits + 7) / 8;
	unsigned free = octets * 8 - bits;
	unsigned last = net->addr.ip[11 + octets] >> free << free;

	for (unsigned i = 0; i < 1u << free; i++) {
		size_t off = p->text.len;

		if (i)
			outbuf_str(&p->sql, " OR ");
		for (unsigned o = 0; o < octets; o++) {
			outbuf_u64(&p->text, o + 1 < octets
						     ? net->addr.ip[12 + o]
						     : last + i);
			outbuf_char(&p->text, o < 3 ? '.' : ':');
		}
		put_range(p, column, off, LAST_ASCII);
	}
}

static void put_ip(struct query_plan *p, const char *column,
		   const struct subnet *net)
{
	size_t off = p->text.len;
	char text[ADDR_TEXT];

	if (addr_is_v4(&net->addr)) {
		put_v4(p, column, net);
		return;
	}
	outbuf_char(&p->text, '[');
	outbuf_str(&p->text, addr_ip_text(&net->addr, text));
	outbuf_str(&p->text, "]:");
	put_range(p, column, off, LAST_ASCII);
}

void query_put_subnet(struct query_plan *p, const struct query_row *k,
		      struct slice v)
{
	struct subnet net;

	if (!query_subnet(v, &net))
		return;
	query_arm(p, k->column);
	put_ip(p, k->column, &net);
	if (k->other) {
		query_arm(p, k->other);
		put_ip(p, k->other, &net);
	}
}

void query_put_status(struct query_plan *p, const struct query_row *k,
		      struct slice v)
{
	uint32_t low, high;

	if (!query_status(v, &low, &high))
		return;
	query_arm(p, k->column);
	query_put_sql(p, k->column, " BETWEEN ? AND ?");
	query_put_value(p, db_int(low));
	query_put_value(p, db_int(high));
}

void query_put_below(struct query_plan *p, const struct query_row *k,
		     struct slice v)
{
	double mos;

	if (!query_decimal(v, &mos))
		return;
	query_arm(p, k->column);
	query_put_sql(p, k->column, " < ?");
	query_put_value(p, db_real(mos));
	query_arm(p, k->other);
	query_put_sql(p, k->other, " < ?");
	query_put_value(p, db_real(mos));
}

static void put_duration(struct query_plan *p, const char *column,
			 const char *op, struct slice v)
{
	uint64_t us;

	if (!query_duration(v, &us))
		return;
	query_arm(p, column);
	query_put_sql(p, column, op);
	query_put_value(p, db_real((double)us / 1000));
}

void query_put_longer(struct query_plan *p, const struct query_row *k,
		      struct slice v)
{
	put_duration(p, k->column, " >= ?", v);
}

void query_put_shorter(struct query_plan *p, const struct query_row *k,
		       struct slice v)
{
	put_duration(p, k->column, " <= ?", v);
}

/* --- comparing ------------------------------------------------------------ */

bool query_compare(struct slice v, const char **op, struct slice *rest)
{
	static const struct {
		struct slice text;
		const char *op;
	} ops[] = {
		{SLICE_INIT("<="), "<="},
		{SLICE_INIT(">="), ">="},
		{SLICE_INIT("<"), "<"},
		{SLICE_INIT(">"), ">"},
	};

	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		if (!slice_starts(v, ops[i].text))
			continue;
		*op = ops[i].op;
		*rest = slice_from(v, ops[i].text.len);
		return true;
	}
	return false;
}

static void put_compare(struct query_plan *p, const char *expr, const char *op,
			double v)
{
	query_put_sql(p, expr, " ");
	query_put_sql(p, op, " ?");
	query_put_value(p, db_real(v));
}

/* One side is worse already when it is beyond that; else both must be within,
 * or the only one that was measured. */
static void put_worst(struct query_plan *p, const struct query_row *k,
		      const char *op, double v, bool worse)
{
	const char *const sides[] = {k->column, k->other};
	char expr[96];

	for (size_t i = 0; i < 2; i++) {
		const char *own = sides[i], *other = sides[1 - i];

		if (worse || i == 0)
			query_arm(p, worse ? own : NULL);
		else
			outbuf_str(&p->sql, " AND ");
		snprintf(expr, sizeof(expr), "COALESCE(%s, %s)", own, other);
		put_compare(p, worse ? own : expr, op, v);
	}
}

void query_put_worst_low(struct query_plan *p, const struct query_row *k,
			 struct slice v)
{
	const char *op;
	double d;

	if (query_compare(v, &op, &v) && query_decimal(v, &d))
		put_worst(p, k, op, d, op[0] == '<');
}

void query_put_worst_high(struct query_plan *p, const struct query_row *k,
			  struct slice v)
{
	const char *op;
	double d;

	if (query_compare(v, &op, &v) && query_decimal(v, &d))
		put_worst(p, k, op, d, op[0] == '>');
}

/* Milliseconds: a bare number is that, unless it is the call's duration. */
static bool compare_ms(const struct query_row *k, struct slice v,
		       const char **op, double *ms)
{
	uint64_t us;

	if (!query_compare(v, op, &v) || !query_duration(v, &us))
		return false;
	*ms = (double)us / 1000;
	if (query_decimal(v, ms) && !strcmp(k->column, "duration_ms"))
		*ms *= 1000;
	return true;
}

void query_put_worst_time(struct query_plan *p, const struct query_row *k,
			  struct slice v)
{
	const char *op;
	double ms;

	if (compare_ms(k, v, &op, &ms))
		put_worst(p, k, op, ms, op[0] == '>');
}

void query_put_time(struct query_plan *p, const struct query_row *k,
		    struct slice v)
{
	const char *op;
	double ms;

	if (!compare_ms(k, v, &op, &ms))
		return;
	query_arm(p, k->column);
	put_compare(p, k->column, op, ms);
}

/* --- what no index answers ------------------------------------------------ */

void query_put_codec(struct query_plan *p, const struct query_row *k,
		     struct slice v)
{
	size_t off = p->text.len;
	char *upper = outbuf_grow(&p->text, v.len);

	for (size_t i = 0; upper && i < v.len; i++)
		upper[i] = (char)(v.p[i] >= 'a' && v.p[i] <= 'z'
					  ? v.p[i] - 'a' + 'A'
					  : v.p[i]);
	query_arm(p, NULL);
	outbuf_str(&p->sql, "UPPER(");
	query_put_sql(p, k->column, ") = ? OR UPPER(");
	query_put_sql(p, k->other, ") = ?");
	put_made(p, off);
	if (p->n < QUERY_VALUES)
		p->made[p->n] = off + 1;
	query_put_value(p, db_text(slice_of(NULL, v.len)));
}

void query_put_diagnosis(struct query_plan *p, const struct query_row *k,
			 struct slice v)
{
	(void)k;
	query_arm(p, NULL);
	outbuf_str(&p->sql, "EXISTS (SELECT 1 FROM diagnosis WHERE "
			    "diagnosis.uid = cdr.uid AND code = ?)");
	query_put_value(p, db_text(v));
}

/* --- times ---------------------------------------------------------------- */

/* A record without a start began when its uid says. */
void query_put_from(struct query_plan *p, const struct query_row *k,
		    struct slice v)
{
	size_t off = p->text.len;
	char uid[ULID_SIZE];
	uint64_t ns;

	(void)k;
	if (!query_time(v, p->q->now_ns, &ns))
		return;
	ulid_first(uid, ns / 1000000);
	query_arm(p, NULL);
	outbuf_str(&p->sql, "start >= ? OR (start IS NULL AND ");
	query_put_sql(p, p->ops->guesses ? "+uid" : "uid", " >= ?)");
	query_put_value(p, db_time(ns));
	outbuf_str(&p->text, uid);
	put_made(p, off);
}

void query_put_to(struct query_plan *p, const struct query_row *k,
		  struct slice v)
{
	size_t off = p->text.len;
	char uid[ULID_SIZE];
	uint64_t ns;

	(void)k;
	if (!query_time(v, p->q->now_ns, &ns))
		return;
	ulid_first(uid, (ns + 999999) / 1000000);
	query_arm(p, NULL);
	outbuf_str(&p->sql, "start < ? OR (start IS NULL AND ");
	query_put_sql(p, p->ops->guesses ? "+uid" : "uid", " < ?)");
	query_put_value(p, db_time(ns));
	outbuf_str(&p->text, uid);
	put_made(p, off);
}
