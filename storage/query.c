#include "storage/query_priv.h"

#include <errno.h>
#include <stdio.h>

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

static bool good_agent(const struct query *q, struct slice v)
{
	struct pattern p;

	(void)q;
	return query_pattern(v, &p) && p.kind != PATTERN_SUFFIX;
}

static bool good_user(const struct query *q, struct slice v)
{
	struct slice user, host;

	(void)q;
	return slice_cut(v, '@', &user, &host) && user.len && host.len;
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

static bool good_compare(const struct query *q, struct slice v)
{
	const char *op;
	double d;

	(void)q;
	return query_compare(v, &op, &v) && query_decimal(v, &d);
}

static bool good_compare_time(const struct query *q, struct slice v)
{
	const char *op;
	uint64_t us;

	(void)q;
	return query_compare(v, &op, &v) && query_duration(v, &us);
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
				  "(49171*), a star and its end (*1234), or "
				  "what it has anywhere (*5*)";
static const char ip_text[] = "an IP address, or an IPv4 subnet from /8 on "
			      "(10.1.0.0/16)";
static const char time_text[] = "UTC as 2026-11-26, 2026-11-26T14:00, "
				"2026-11-26T14:00:05.25, now, or as long ago "
				"as -2h";
static const char duration_text[] = "a duration: 90, 90s, 10m, 1h";
static const char compare_text[] = "<, <=, > or >= and a number, as <3.5";
static const char ms_text[] = "<, <=, > or >= and milliseconds or a duration, "
			      "as >30 or >2s";
static const char text_text[] = "a word as the report has it";

/* clang-format off */
const struct query_row query_keys[QUERY_KEYS] = {
	[QUERY_UID] = {"uid", "26 characters as in the report", "uid", NULL,
		       good_uid, query_put_is},
	[QUERY_CALL_ID] = {"call-id", "a Call-ID", "call_id", NULL,
			   good_text, query_put_is},
	[QUERY_GROUP] = {"group", "a group_id", "group_id", NULL,
			 good_text, query_put_is},
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
	[QUERY_AGENT] = {"agent", "a User-Agent, its beginning and a star "
			 "(Phone*), or what it has anywhere (*one*)",
			 "caller_agent", "callee_agent",
			 good_agent, query_put_sides},
	[QUERY_USER] = {"user", "a user and host as alice@example.com",
			"caller", "callee", good_user, query_put_user},
	[QUERY_TYPE] = {"type", "call or session", "type", NULL,
			good_type, query_put_is},
	[QUERY_STATE] = {"state", "completed, failed, cancelled, redirected, "
			 "unanswered, expired, active or interrupted",
			 "state", NULL, good_state, query_put_is},
	[QUERY_STATUS] = {"status", "a status as 486 or 4xx", "status", NULL,
			  good_status, query_put_status},
	[QUERY_MOS_BELOW] = {"mos-below", "a number as 3.5",
			     "a_mos_adaptive", "b_mos_adaptive",
			     good_decimal, query_put_below},
	[QUERY_LONGER] = {"longer", duration_text, "duration_ms", NULL,
			  good_duration, query_put_longer},
	[QUERY_SHORTER] = {"shorter", duration_text, "duration_ms", NULL,
			   good_duration, query_put_shorter},
	[QUERY_MOS] = {"mos", compare_text, "a_mos_adaptive", "b_mos_adaptive",
		       good_compare, query_put_worst_low},
	[QUERY_LOSS] = {"loss", compare_text, "a_loss_pct", "b_loss_pct",
			good_compare, query_put_worst_high},
	[QUERY_JITTER] = {"jitter", ms_text, "a_jitter_ms_mean",
			  "b_jitter_ms_mean", good_compare_time,
			  query_put_worst_time},
	[QUERY_RTT] = {"rtt", ms_text, "a_rtt_ms_mean", "b_rtt_ms_mean",
		       good_compare_time, query_put_worst_time},
	[QUERY_PDD] = {"pdd", ms_text, "pdd_ms", NULL,
		       good_compare_time, query_put_time},
	[QUERY_DURATION] = {"duration", "<, <=, > or >= and a duration, as >90 "
			    "or <=10m", "duration_ms", NULL,
			    good_compare_time, query_put_time},
	[QUERY_CODEC] = {"codec", "a codec as PCMA or opus", "a_codec",
			 "b_codec", good_text, query_put_codec},
	[QUERY_TRANSPORT] = {"transport", "udp, tcp, tls, ws or wss",
			     "transport", NULL, good_text, query_put_is},
	[QUERY_SENSOR] = {"sensor", "the name of a sensor", "sensor", NULL,
			  good_text, query_put_is},
	[QUERY_KIND] = {"kind", "a kind of session: webrtc or rtp", "kind",
			NULL, good_text, query_put_is},
	[QUERY_SIGNALLING] = {"signalling", text_text, "signalling", NULL,
			      good_text, query_put_is},
	[QUERY_DIAGNOSIS] = {"diag", "the code of a diagnosis", NULL, NULL,
			     good_text, query_put_diagnosis},
	[QUERY_ENDED_BY] = {"ended-by", "caller or callee", "ended_by", NULL,
			    good_text, query_put_is},
	[QUERY_TRUNK] = {"trunk", "the name of a trunk", "billing_trunk_in",
			 "billing_trunk_out", good_text, query_put_either},
	[QUERY_FROM] = {"from", time_text, "start", NULL, good_time,
			query_put_from},
	[QUERY_TO] = {"until", time_text, "start", NULL, good_time,
		      query_put_to},
};
/* clang-format on */

const char *query_key_name(enum query_key key)
{
	return query_keys[key].name;
}

const char *query_wants(enum query_key key)
{
	return query_keys[key].wants;
}

bool query_is_good(const struct query *q, enum query_key key, struct slice v)
{
	return query_keys[key].good(q, v);
}

int query_add_term(struct query *q, const struct query_term *t,
		   char why[DB_WHY])
{
	const struct query_row *k = &query_keys[t->key];
	struct slice v = slice_head(t->value, 200);

	if (!k->good(q, t->value)) {
		snprintf(why, DB_WHY, "--%s %.*s: give %s", k->name,
			 SLICE_ARG(v), k->wants);
		return -EINVAL;
	}
	if (q->n == QUERY_TERMS) {
		snprintf(why, DB_WHY, "a search has at most %d terms",
			 QUERY_TERMS);
		return -ENOSPC;
	}
	q->term[q->n++] = *t;
	return 0;
}

int query_add(struct query *q, enum query_key key, struct slice value,
	      char why[DB_WHY])
{
	struct query_term t = {.key = key, .group = key, .value = value};

	return query_add_term(q, &t, why);
}

/* --- all rows at once ----------------------------------------------------- */

/* Few calls have what an index is for: that is the one to go by, not that of
 * the uid, which times and the order go by. */
static const char *uid_column(const struct query_plan *p)
{
	for (size_t i = 0; p->ops->guesses && i < p->groups; i++)
		if (p->group[i].indexed && !p->group[i].negate)
			return "+uid";
	return "uid";
}

static void put_bounds(struct query_stmt *s, const struct query_plan *p,
		       const char *uid)
{
	const struct query *q = p->q;
	const char *const bound[] = {p->low, p->high, q->after};
	const char *const op[] = {" >= ?", " < ?",
				  q->newest_first ? " < ?" : " > ?"};

	for (size_t i = 0; i < 3; i++) {
		if (!bound[i][0])
			continue;
		query_stmt_put(s, " AND ");
		query_stmt_put(s, uid);
		query_stmt_text(s, op[i], bound[i]);
	}
}

static void put_all(struct query_stmt *s, const struct query_plan *p,
		    const char *columns)
{
	const char *uid = uid_column(p);

	query_stmt_put(s, "SELECT ");
	query_stmt_put(s, columns);
	query_stmt_put(s, " FROM cdr WHERE 1 = 1");
	query_stmt_groups(s, p, " AND ", SIZE_MAX, false);
	put_bounds(s, p, uid);
	query_stmt_put(s, " ORDER BY ");
	query_stmt_put(s, uid);
	if (p->q->newest_first)
		query_stmt_put(s, " DESC");
	if (p->q->limit) {
		query_stmt_put(s, " LIMIT ");
		query_stmt_u64(s, p->q->limit);
	}
}

int query_run(const struct query *q, const char *columns, struct db *db,
	      struct db_rows **out, char why[DB_WHY])
{
	struct query_plan *p = NULL;
	struct query_stmt *s = query_stmt_new();
	int err = query_plan_new(&p, q, db, why);

	if (!err && !s) {
		snprintf(why, DB_WHY, "out of memory");
		err = -ENOMEM;
	}
	if (!err) {
		put_all(s, p, columns);
		err = query_stmt_run(s, db, out, why);
	}
	query_stmt_free(s);
	query_plan_free(p);
	return err;
}
