#include "storage/query_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "storage/query_text.h"

/* --- what is a value ------------------------------------------------------ */

static bool good_uid(const struct query *q, struct slice v)
{
	(void)q;
	for (size_t i = 0; i < v.len; i++)
		if (!memchr("0123456789ABCDEFGHJKMNPQRSTVWXYZ", v.p[i], 32))
			return false;
	return v.len == ULID_SIZE - 1;
}

static bool good_text(const struct query *q, struct slice v)
{
	(void)q;
	return v.len > 0;
}

static bool good_pattern(const struct query *q, struct slice v)
{
	struct pattern p;

	(void)q;
	return query_pattern(v, &p);
}

static bool good_prefix(const struct query *q, struct slice v)
{
	struct pattern p;

	(void)q;
	return query_pattern(v, &p) && p.kind != PATTERN_SUFFIX;
}

/* IPv6 is kept as text whose zeros are left out: no prefix of it stands for
 * a subnet. */
static bool good_subnet(const struct query *q, struct slice v)
{
	struct subnet net;

	(void)q;
	return query_subnet(v, &net) &&
	       (net.bits == 128 || (addr_is_v4(&net.addr) && net.bits >= 104));
}

static bool is_one_of(struct slice v, const char *const *list)
{
	for (; *list; list++)
		if (slice_eq(v, slice_str(*list)))
			return true;
	return false;
}

static bool good_type(const struct query *q, struct slice v)
{
	static const char *const list[] = {"call", "session", NULL};

	(void)q;
	return is_one_of(v, list);
}

static bool good_state(const struct query *q, struct slice v)
{
	static const char *const list[] = {
		"completed",  "failed",	     "cancelled",
		"redirected", "unanswered",  "expired",
		"active",     "interrupted", NULL};

	(void)q;
	return is_one_of(v, list);
}

static bool good_status(const struct query *q, struct slice v)
{
	uint32_t low, high;

	(void)q;
	return query_status(v, &low, &high);
}

static bool good_decimal(const struct query *q, struct slice v)
{
	double d;

	(void)q;
	return query_decimal(v, &d);
}

static bool good_duration(const struct query *q, struct slice v)
{
	uint64_t us;

	(void)q;
	return query_duration(v, &us);
}

static bool good_time(const struct query *q, struct slice v)
{
	uint64_t ns;

	return query_time(v, q->now_ns, &ns);
}

static const char number_text[] = "a number, its beginning and a star "
				  "(49171*) or a star and its end (*1234)";
static const char ip_text[] = "an IP address, or an IPv4 subnet from /8 on "
			      "(10.1.0.0/16)";
static const char time_text[] = "UTC as 2026-11-26, 2026-11-26T14:00, "
				"2026-11-26T14:00:05.25, now, or as long ago "
				"as -2h";
static const char duration_text[] = "a duration: 90, 90s, 10m, 1h";

static const struct query_row keys[QUERY_KEYS] = {
	/* clang-format off */
	[QUERY_UID] = {"uid", "26 characters as in the report", "uid", NULL,
		       good_uid, query_put_uid},
	[QUERY_CALL_ID] = {"call-id", "a Call-ID", "call_id", NULL,
			   good_text, query_put_uid},
	[QUERY_GROUP] = {"group", "a group_id", "group_id", NULL,
			 good_text, query_put_uid},
	[QUERY_NUMBER] = {"number", number_text, "caller_user", "callee_user",
			  good_pattern, query_put_sides},
	[QUERY_CALLER] = {"caller", number_text, "caller_user", NULL,
			  good_pattern, query_put_sides},
	[QUERY_CALLEE] = {"callee", number_text, "callee_user", NULL,
			  good_pattern, query_put_sides},
	[QUERY_IP] = {"ip", ip_text, "caller_addr", "callee_addr",
		      good_subnet, query_put_subnet},
	[QUERY_CALLER_IP] = {"caller-ip", ip_text, "caller_addr", NULL,
			     good_subnet, query_put_subnet},
	[QUERY_CALLEE_IP] = {"callee-ip", ip_text, "callee_addr", NULL,
			     good_subnet, query_put_subnet},
	[QUERY_AGENT] = {"agent", "a User-Agent, or its beginning and a star",
			 "caller_agent", "callee_agent",
			 good_prefix, query_put_sides},
	[QUERY_TYPE] = {"type", "call or session", "type", NULL,
			good_type, query_put_uid},
	[QUERY_STATE] = {"state", "completed, failed, cancelled, redirected, "
			 "unanswered, expired, active or interrupted",
			 "state", NULL, good_state, query_put_uid},
	[QUERY_STATUS] = {"status", "a status as 486 or 4xx", "status", NULL,
			  good_status, query_put_status},
	[QUERY_MOS_BELOW] = {"mos-below", "a number as 3.5",
			     "a_mos_adaptive", "b_mos_adaptive",
			     good_decimal, query_put_below},
	[QUERY_LONGER] = {"longer", duration_text, "duration_ms", NULL,
			  good_duration, query_put_longer},
	[QUERY_SHORTER] = {"shorter", duration_text, "duration_ms", NULL,
			   good_duration, query_put_shorter},
	[QUERY_FROM] = {"from", time_text, "start", NULL, good_time, query_put_from},
	[QUERY_TO] = {"until", time_text, "start", NULL, good_time, query_put_to},
	/* clang-format on */
};

int query_add(struct query *q, enum query_key key, struct slice value,
	      char why[DB_WHY])
{
	const struct query_row *k = &keys[key];

	if (!k->good(q, value)) {
		snprintf(why, DB_WHY, "--%s %.*s: give %s", k->name,
			 (int)(value.len < 200 ? value.len : 200), value.p,
			 k->wants);
		return -EINVAL;
	}
	if (q->n == QUERY_TERMS) {
		snprintf(why, DB_WHY, "a search has at most %d terms",
			 QUERY_TERMS);
		return -ENOSPC;
	}
	q->term[q->n++] = (struct query_term){key, value};
	return 0;
}

/* --- the statement -------------------------------------------------------- */

static void put_key(struct query_build *b, enum query_key key,
		    const char **join)
{
	const char *before = *join;

	for (size_t i = 0; i < b->q->n; i++) {
		if (b->q->term[i].key != key)
			continue;
		outbuf_str(&b->sql, before);
		outbuf_str(&b->sql, before == *join ? "((" : "(");
		keys[key].put(b, &keys[key], b->q->term[i].value);
		outbuf_char(&b->sql, ')');
		before = " OR ";
	}
	if (before != *join) {
		outbuf_char(&b->sql, ')');
		*join = " AND ";
	}
}

static void put_statement(struct query_build *b, const char *columns)
{
	const struct query *q = b->q;
	const char *join = " WHERE ";

	outbuf_str(&b->sql, "SELECT ");
	query_put_sql(b, columns, " FROM cdr");
	for (size_t key = 0; key < QUERY_KEYS; key++)
		put_key(b, key, &join);
	if (q->after[0]) {
		query_put_sql(b, join, b->uid);
		outbuf_str(&b->sql, q->newest_first ? " < ?" : " > ?");
		query_put_value(b, db_text(slice_str(q->after)));
	}
	query_put_sql(b, " ORDER BY ", b->uid);
	if (q->newest_first)
		outbuf_str(&b->sql, " DESC");
	if (q->limit) {
		outbuf_str(&b->sql, " LIMIT ");
		outbuf_u64(&b->sql, q->limit);
	}
	outbuf_char(&b->sql, '\0');
}

/* Few calls have what these name: their index is the one to go by, not that of
 * the uid, which times and the order go by. */
static bool is_narrow(const struct query *q)
{
	for (size_t i = 0; i < q->n; i++)
		if (q->term[i].key <= QUERY_AGENT)
			return true;
	return false;
}

static void place_made(struct query_build *b)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->made[i] && b->text.p)
			b->v[i].s.p =
				(const uint8_t *)b->text.p + b->made[i] - 1;
}

int query_run(const struct query *q, const char *columns, struct db *db,
	      struct db_rows **out, char why[DB_WHY])
{
	struct query_build *b = calloc(1, sizeof(*b));
	int err = -ENOMEM;

	if (b) {
		b->q = q;
		b->uid = db->ops->guesses && is_narrow(q) ? "+uid" : "uid";
		put_statement(b, columns);
		place_made(b);
	}
	if (!b || b->sql.failed || b->text.failed) {
		snprintf(why, DB_WHY, "out of memory");
	} else if (b->full) {
		snprintf(why, DB_WHY,
			 "the search has too many subnets: give less at once");
		err = -ENOSPC;
	} else {
		err = db_query(db, b->sql.p, b->v, b->n, out, why);
	}
	if (b) {
		outbuf_free(&b->sql);
		outbuf_free(&b->text);
	}
	free(b);
	return err;
}
