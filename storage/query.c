#include "storage/query.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "storage/outbuf.h"
#include "storage/query_text.h"

#define VALUES	   2048 /* parameters of a statement */
#define EARLIER_NS (3600 * 1000000000ull)

/* Behind every other text with the same beginning. */
#define LAST_CHAR "\xf4\x8f\xbf\xbf"

/* A statement on its way. Texts that are made for it lie in text, their
 * parameters hold offsets until it is complete. */
struct build {
	const struct query *q;
	struct outbuf sql, text;
	const char *uid; /* that column, with or without its index */
	struct db_value v[VALUES];
	size_t made[VALUES]; /* where s begins in text, from 1; 0 = no */
	size_t n;
	bool full;
};

struct key {
	const char *name;   /* of the option, for complaints */
	const char *wants;  /* what a value looks like */
	const char *column; /* or two, for either side */
	const char *other;
	bool (*good)(const struct query *q, struct slice value);
	void (*put)(struct build *b, const struct key *k, struct slice value);
};

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

/* --- conditions ----------------------------------------------------------- */

static void put_value(struct build *b, struct db_value v)
{
	if (b->n == VALUES) {
		b->full = true;
		return;
	}
	b->v[b->n++] = v;
}

/* The text made since off. */
static void put_made(struct build *b, size_t off)
{
	if (b->n < VALUES)
		b->made[b->n] = off + 1;
	put_value(b, db_text(slice_of(NULL, b->text.len - off)));
}

static void put_sql(struct build *b, const char *column, const char *rest)
{
	outbuf_str(&b->sql, column);
	outbuf_str(&b->sql, rest);
}

static void put_column(struct build *b, const char *column, struct db_value v)
{
	put_sql(b, column, " = ?");
	put_value(b, v);
}

/* Text that begins with what was made since off; the row itself, and all that
 * goes on. */
static void put_range(struct build *b, const char *column, size_t off)
{
	size_t len = b->text.len - off;

	put_sql(b, column, " >= ? AND ");
	put_sql(b, column, " <= ?");
	put_made(b, off);
	off = b->text.len;
	if (outbuf_grow(&b->text, len))
		memcpy(b->text.p + off, b->text.p + off - len, len);
	outbuf_str(&b->text, LAST_CHAR);
	put_made(b, off);
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

static void put_uid(struct build *b, const struct key *k, struct slice v)
{
	put_column(b, k->column, db_text(v));
}

/* Of one side; the other column holds it from its end. */
static void put_pattern(struct build *b, const char *column, struct slice v)
{
	struct pattern p = {PATTERN_WHOLE, v};
	char reversed[32];
	size_t off = b->text.len;

	query_pattern(v, &p);
	snprintf(reversed, sizeof(reversed), "%s_rev", column);
	if (p.kind == PATTERN_SUFFIX) {
		put_reversed(&b->text, p.text);
		put_range(b, reversed, off);
	} else if (p.kind == PATTERN_PREFIX) {
		outbuf_put(&b->text, p.text.p, p.text.len);
		put_range(b, column, off);
	} else {
		put_column(b, column, db_text(p.text));
	}
}

static void put_sides(struct build *b, const struct key *k, struct slice v)
{
	put_pattern(b, k->column, v);
	if (k->other) {
		outbuf_str(&b->sql, " OR ");
		put_pattern(b, k->other, v);
	}
}

/* The texts "10.1.2." that all addresses of a subnet begin with; a whole
 * address ends with the colon before its port. */
static void put_v4(struct build *b, const char *column,
		   const struct subnet *net)
{
	unsigned bits = net->bits - 96, octets = (bits + 7) / 8;
	unsigned free = octets * 8 - bits;
	unsigned last = net->addr.ip[11 + octets] >> free << free;

	for (unsigned i = 0; i < 1u << free; i++) {
		size_t off = b->text.len;

		if (i)
			outbuf_str(&b->sql, " OR ");
		for (unsigned o = 0; o < octets; o++) {
			outbuf_u64(&b->text, o + 1 < octets
						     ? net->addr.ip[12 + o]
						     : last + i);
			outbuf_char(&b->text, o < 3 ? '.' : ':');
		}
		put_range(b, column, off);
	}
}

static void put_ip(struct build *b, const char *column,
		   const struct subnet *net)
{
	size_t off = b->text.len;
	char text[ADDR_TEXT];

	if (addr_is_v4(&net->addr)) {
		put_v4(b, column, net);
		return;
	}
	outbuf_char(&b->text, '[');
	outbuf_str(&b->text, addr_ip_text(&net->addr, text));
	outbuf_str(&b->text, "]:");
	put_range(b, column, off);
}

static void put_subnet(struct build *b, const struct key *k, struct slice v)
{
	struct subnet net;

	if (!query_subnet(v, &net))
		return;
	put_ip(b, k->column, &net);
	if (k->other) {
		outbuf_str(&b->sql, " OR ");
		put_ip(b, k->other, &net);
	}
}

static void put_status(struct build *b, const struct key *k, struct slice v)
{
	uint32_t low, high;

	if (!query_status(v, &low, &high))
		return;
	put_sql(b, k->column, " BETWEEN ? AND ?");
	put_value(b, db_int(low));
	put_value(b, db_int(high));
}

static void put_below(struct build *b, const struct key *k, struct slice v)
{
	double mos;

	if (!query_decimal(v, &mos))
		return;
	put_sql(b, k->column, " < ? OR ");
	put_sql(b, k->other, " < ?");
	put_value(b, db_real(mos));
	put_value(b, db_real(mos));
}

static void put_duration(struct build *b, const char *column, const char *op,
			 struct slice v)
{
	uint64_t us;

	if (!query_duration(v, &us))
		return;
	put_sql(b, column, op);
	put_value(b, db_real((double)us / 1000));
}

static void put_longer(struct build *b, const struct key *k, struct slice v)
{
	put_duration(b, k->column, " >= ?", v);
}

static void put_shorter(struct build *b, const struct key *k, struct slice v)
{
	put_duration(b, k->column, " <= ?", v);
}

/* The least uid of a millisecond. */
static void put_moment(struct build *b, uint64_t ns)
{
	static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	uint64_t ms = ns / 1000000;
	size_t off = b->text.len;
	char *p = outbuf_grow(&b->text, ULID_SIZE - 1);

	if (!p)
		return;
	memset(p, '0', ULID_SIZE - 1);
	for (int i = 9; i >= 0; i--, ms >>= 5)
		p[i] = digits[ms & 31];
	put_made(b, off);
}

/* The uid bounds what is looked at, the start decides; a record without one
 * began when its uid says. A call may be older than its INVITE: its media may
 * have been there before. */
static void put_from(struct build *b, const struct key *k, struct slice v)
{
	uint64_t ns;

	(void)k;
	if (!query_time(v, b->q->now_ns, &ns))
		return;
	put_sql(b, b->uid, " >= ? AND (start >= ? OR (start IS NULL AND ");
	put_sql(b, b->uid, " >= ?))");
	put_moment(b, ns > EARLIER_NS ? ns - EARLIER_NS : 0);
	put_value(b, db_time(ns));
	put_moment(b, ns);
}

static void put_to(struct build *b, const struct key *k, struct slice v)
{
	uint64_t ns;

	(void)k;
	if (!query_time(v, b->q->now_ns, &ns))
		return;
	put_sql(b, b->uid, " < ? AND (start < ? OR start IS NULL)");
	put_moment(b, ns + 999999);
	put_value(b, db_time(ns));
}

static const char number_text[] = "a number, its beginning and a star "
				  "(49171*) or a star and its end (*1234)";
static const char ip_text[] = "an IP address, or an IPv4 subnet from /8 on "
			      "(10.1.0.0/16)";
static const char time_text[] = "UTC as 2026-11-26, 2026-11-26T14:00, "
				"2026-11-26T14:00:05.25, now, or as long ago "
				"as -2h";
static const char duration_text[] = "a duration: 90, 90s, 10m, 1h";

static const struct key keys[QUERY_KEYS] = {
	/* clang-format off */
	[QUERY_UID] = {"uid", "26 characters as in the report", "uid", NULL,
		       good_uid, put_uid},
	[QUERY_CALL_ID] = {"call-id", "a Call-ID", "call_id", NULL,
			   good_text, put_uid},
	[QUERY_GROUP] = {"group", "a group_id", "group_id", NULL,
			 good_text, put_uid},
	[QUERY_NUMBER] = {"number", number_text, "caller_user", "callee_user",
			  good_pattern, put_sides},
	[QUERY_CALLER] = {"caller", number_text, "caller_user", NULL,
			  good_pattern, put_sides},
	[QUERY_CALLEE] = {"callee", number_text, "callee_user", NULL,
			  good_pattern, put_sides},
	[QUERY_IP] = {"ip", ip_text, "caller_addr", "callee_addr",
		      good_subnet, put_subnet},
	[QUERY_CALLER_IP] = {"caller-ip", ip_text, "caller_addr", NULL,
			     good_subnet, put_subnet},
	[QUERY_CALLEE_IP] = {"callee-ip", ip_text, "callee_addr", NULL,
			     good_subnet, put_subnet},
	[QUERY_AGENT] = {"agent", "a User-Agent, or its beginning and a star",
			 "caller_agent", "callee_agent",
			 good_prefix, put_sides},
	[QUERY_TYPE] = {"type", "call or session", "type", NULL,
			good_type, put_uid},
	[QUERY_STATE] = {"state", "completed, failed, cancelled, redirected, "
			 "unanswered, expired, active or interrupted",
			 "state", NULL, good_state, put_uid},
	[QUERY_STATUS] = {"status", "a status as 486 or 4xx", "status", NULL,
			  good_status, put_status},
	[QUERY_MOS_BELOW] = {"mos-below", "a number as 3.5",
			     "a_mos_adaptive", "b_mos_adaptive",
			     good_decimal, put_below},
	[QUERY_LONGER] = {"longer", duration_text, "duration_ms", NULL,
			  good_duration, put_longer},
	[QUERY_SHORTER] = {"shorter", duration_text, "duration_ms", NULL,
			   good_duration, put_shorter},
	[QUERY_FROM] = {"from", time_text, "start", NULL, good_time, put_from},
	[QUERY_TO] = {"until", time_text, "start", NULL, good_time, put_to},
	/* clang-format on */
};

int query_add(struct query *q, enum query_key key, struct slice value,
	      char why[DB_WHY])
{
	const struct key *k = &keys[key];

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

static void put_key(struct build *b, enum query_key key, const char **join)
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

static void put_statement(struct build *b, const char *columns)
{
	const struct query *q = b->q;
	const char *join = " WHERE ";

	outbuf_str(&b->sql, "SELECT ");
	put_sql(b, columns, " FROM cdr");
	for (size_t key = 0; key < QUERY_KEYS; key++)
		put_key(b, key, &join);
	if (q->after[0]) {
		put_sql(b, join, b->uid);
		outbuf_str(&b->sql, q->newest_first ? " < ?" : " > ?");
		put_value(b, db_text(slice_str(q->after)));
	}
	put_sql(b, " ORDER BY ", b->uid);
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

static void place_made(struct build *b)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->made[i] && b->text.p)
			b->v[i].s.p =
				(const uint8_t *)b->text.p + b->made[i] - 1;
}

int query_run(const struct query *q, const char *columns, struct db *db,
	      struct db_rows **out, char why[DB_WHY])
{
	struct build *b = calloc(1, sizeof(*b));
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
