/* The dashboard's figures: spans are read newest first until the time is
 * over, and kept for the next request, which goes on. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "storage/query_search.h"
#include "web/api_search.h"
#include "web/masking.h"
#include "web/search.h"
#include "web/stats_cache.h"
#include "web/stats_total.h"
#include "web/web_priv.h"

#define MINUTE 60000ull
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define NS     1000000ull

#define ROWS 20000 /* read at once */

/* What ranges are cut into: spans so long, points of the series so far apart,
 * and how far back calls are looked for that were up when it began. */
static const struct cut {
	uint64_t range_ms, span_ms, step_ms, before_ms;
} cuts[] = {
	{4 * HOUR, 10 * MINUTE, MINUTE, HOUR},
	{2 * DAY, 10 * MINUTE, 10 * MINUTE, HOUR},
	{41 * DAY, HOUR, HOUR, 2 * HOUR},
	{250 * DAY, 6 * HOUR, 6 * HOUR, 6 * HOUR},
	{1000 * DAY, DAY, DAY, DAY},
};

struct figures {
	struct web_request *rq;
	struct search *search;
	const struct cut *cut;
	struct stats_spans spans;
	size_t size;
	char *name; /* of the search, for the cache */
	uint64_t begin_ns, now_ms;
	bool late;
	char why[DB_WHY];
};

/* --- parameters ----------------------------------------------------------- */

static bool take_moment(struct figures *s, struct web_answer *an,
			const char *name, const char *initial, uint64_t *ms)
{
	const char *value = web_param(s->rq, name);
	uint64_t ns;

	if (!value || !*value)
		value = initial;
	if (!query_time(slice_str(value), s->search->q.now_ns, &ns)) {
		web_fail(an, 400, "bad_request", "%s: give %s", name,
			 query_wants(QUERY_FROM));
		return false;
	}
	*ms = ns / NS;
	return true;
}

static bool take_range(struct figures *s, struct web_answer *an)
{
	struct stats_spans *sp = &s->spans;
	size_t i = 0, n = sizeof(cuts) / sizeof(cuts[0]);
	uint64_t from, to;

	if (!take_moment(s, an, "from", "-1d", &from) ||
	    !take_moment(s, an, "to", "now", &to))
		return false;
	sp->from_ms = from / MINUTE * MINUTE;
	sp->to_ms = (to + MINUTE - 1) / MINUTE * MINUTE;
	while (i < n && sp->to_ms > sp->from_ms + cuts[i].range_ms)
		i++;
	if (sp->from_ms >= sp->to_ms || i == n) {
		web_fail(an, 400, "bad_request",
			 "from must be before to, and at most 1000 days");
		return false;
	}
	s->cut = &cuts[i];
	sp->step_ms = s->cut->step_ms;
	return true;
}

/* from and to are no terms of the search here: they are bounds of the uid. */
static void drop_times(struct query *q)
{
	size_t n = 0;

	for (size_t i = 0; i < q->n; i++)
		if (q->term[i].group != QUERY_FROM &&
		    q->term[i].group != QUERY_TO)
			q->term[n++] = q->term[i];
	q->n = n;
}

/* Terms that count from now (from:-2h) change with the minute. */
static bool name_search(struct figures *s)
{
	const char *q = web_param(s->rq, "q");
	uint64_t keep;

	if (asprintf(&s->name, "%d %llu %s", web_masks(s->rq, &keep),
		     q && strstr(q, ":-")
			     ? (unsigned long long)(s->now_ms / MINUTE)
			     : 0,
		     q ? q : "") < 0)
		s->name = NULL;
	return s->name;
}

/* --- reading -------------------------------------------------------------- */

static int add_row(void *arg, struct db_rows *rows)
{
	return stats_part_add(arg, rows);
}

/* Some rows of a span; at least those that are read first. */
static int read_some(struct figures *s, struct stats_part *p)
{
	uint64_t took = query_now() - s->begin_ns;
	uint64_t budget = s->rq->web->cfg.limits.search_ns;
	struct query_ask ask = {.columns = stats_columns,
				.limit = ROWS,
				.budget_ns = budget / 10,
				.cursor = p->cursor};
	struct query *q = &s->search->q;
	struct query_found found;
	int err;

	if (took < budget && budget - took > ask.budget_ns)
		ask.budget_ns = budget - took;
	q->newest_first = true;
	ulid_first(q->low, p->begin_ms);
	ulid_first(q->high, p->begin_ms + p->len_ms);
	err = query_search(q, &ask, s->rq->db, add_row, p, &found, s->why);
	if (err)
		return err;
	memcpy(p->cursor, found.next, sizeof(p->cursor));
	if (!found.next[0])
		stats_part_seal(p);
	return 0;
}

static bool is_late(const struct figures *s)
{
	return query_now() - s->begin_ns >= s->rq->web->cfg.limits.search_ns;
}

static int read_span(struct figures *s, struct stats_part *p)
{
	while (!p->done && !s->late) {
		int err = read_some(s, p);

		if (err)
			return err;
		s->late = is_late(s);
	}
	return 0;
}

/* Without reading: what is known of it, or nothing yet. */
static struct stats_part *get_span(struct figures *s, uint64_t begin,
				   uint64_t end)
{
	struct stats_part *p = stats_cache_take(s->rq->web->stats, s->name,
						begin, end - begin, s->now_ms);
	uint64_t slots = (end - begin) / s->cut->step_ms;

	if (p)
		return p;
	return stats_part_new(begin, end - begin,
			      slots > 1 ? (unsigned)slots : 1);
}

/* Which begins where the one before it ends: at a round time, or at from. */
static uint64_t begin_of(const struct figures *s, uint64_t end)
{
	uint64_t begin = (end - 1) / s->cut->span_ms * s->cut->span_ms;
	uint64_t from = s->spans.from_ms;

	return begin < from && end > from ? from : begin;
}

static void reverse(struct stats_spans *sp)
{
	for (size_t i = 0; i < sp->n / 2; i++) {
		struct stats_part *p = sp->v[i];

		sp->v[i] = sp->v[sp->n - 1 - i];
		sp->v[sp->n - 1 - i] = p;
	}
}

static void note_covered(struct stats_spans *sp, const struct stats_part *p)
{
	char uid[ULID_SIZE] = "";

	sp->covered_ms = p->begin_ms;
	if (!p->done) {
		memcpy(uid, p->cursor, ULID_SIZE - 1);
		sp->covered_ms =
			uid[0] ? ulid_ms(uid) : p->begin_ms + p->len_ms;
		sp->complete = false;
	}
	if (sp->covered_ms < sp->from_ms)
		sp->covered_ms = sp->from_ms;
}

/* Newest first; what comes when the time is over is left out, unless it was
 * read before. */
static int read_spans(struct figures *s)
{
	struct stats_spans *sp = &s->spans;
	uint64_t end = sp->to_ms, oldest = sp->from_ms - s->cut->before_ms;
	int err = 0;

	sp->complete = true;
	while (end > oldest && sp->n < s->size && !err && sp->complete) {
		uint64_t begin = begin_of(s, end);
		struct stats_part *p = get_span(s, begin, end);

		if (!p)
			return -ENOMEM;
		sp->v[sp->n++] = p;
		err = read_span(s, p);
		note_covered(sp, p);
		end = begin;
	}
	reverse(sp);
	return err;
}

static void put_back(struct figures *s, bool keep)
{
	for (size_t i = 0; s->spans.v && i < s->spans.n; i++) {
		if (keep)
			stats_cache_put(s->rq->web->stats, s->name,
					s->spans.v[i], s->now_ms);
		else
			stats_part_free(s->spans.v[i]);
	}
	free(s->spans.v);
	free(s->name);
}

/* --- the answer ----------------------------------------------------------- */

static int answer(struct figures *s, struct web_answer *an)
{
	const char *q = web_param(s->rq, "q");
	int err;

	s->size = (s->spans.to_ms - s->spans.from_ms + s->cut->before_ms) /
			  s->cut->span_ms +
		  4;
	s->spans.v = calloc(s->size, sizeof(*s->spans.v));
	if (!s->spans.v || !name_search(s))
		err = -ENOMEM;
	else
		err = read_spans(s);
	if (!err)
		err = stats_total_put(&an->body, &s->spans, q ? q : "");
	put_back(s, !err);
	if (err && err != -ENOMEM)
		return search_failed(s->rq, an, err, s->why);
	return err;
}

int api_stats(struct web_request *rq, struct web_answer *an)
{
	struct figures s = {.rq = rq, .begin_ns = query_now()};
	int err;

	if (!rq->db)
		return web_fail_store(rq, an, NULL);
	err = search_of(rq, an, 1000, &s.search);
	if (err)
		return err > 0 ? 0 : err;
	s.now_ms = s.search->q.now_ns / NS;
	drop_times(&s.search->q);
	return take_range(&s, an) ? answer(&s, an) : 0;
}
