#include "web/search.h"

#include <errno.h>
#include <time.h>

#include "web/masking.h"
#include "web/web_priv.h"

#define LIMIT 100

uint64_t search_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* --- parameters ----------------------------------------------------------- */

static int take_q(struct web_request *rq, struct web_answer *an,
		  struct search *s)
{
	const char *q = web_param(rq, "q");
	struct box_error e = {0};
	uint64_t keep;
	int err = box_parse(&s->box, slice_str(q ? q : ""),
			    web_masks(rq, &keep), &s->q, &e);

	if (!err)
		return 0;
	if (err == -EPERM)
		web_fail_at(an, 403, "forbidden", e.at, e.why);
	else
		web_fail_at(an, 400, "bad_query", e.at, e.why);
	return 1;
}

static int take_time(struct web_request *rq, struct web_answer *an,
		     struct search *s, const char *name, enum query_key key)
{
	const char *value = web_param(rq, name);
	char why[DB_WHY];

	if (!value || !*value || !query_add(&s->q, key, slice_str(value), why))
		return 0;
	web_fail(an, 400, "bad_request", "%s: give %s", name, query_wants(key));
	return 1;
}

/* "-mos": the highest first. */
static int take_sort(struct web_request *rq, struct web_answer *an,
		     struct search *s)
{
	const char *sort = web_param(rq, "sort");
	struct slice name;

	if (!sort || !*sort)
		sort = "-start";
	s->q.newest_first = sort[0] == '-';
	name = slice_from(slice_str(sort), s->q.newest_first);
	if (query_order_of(name, &s->ask.order))
		return 0;
	web_fail(an, 400, "bad_request",
		 "sort: give start, duration, mos, loss, jitter or pdd, with - "
		 "before it for the highest first");
	return 1;
}

static int take_limit(struct web_request *rq, struct web_answer *an,
		      uint64_t max, struct search *s)
{
	uint64_t limit;

	if (web_param_u64(rq, "limit", 1, max, max > 1000 ? max : LIMIT,
			  &limit)) {
		web_fail(an, 400, "bad_request",
			 "limit: give a number from 1 to %llu",
			 (unsigned long long)max);
		return 1;
	}
	s->ask.limit = limit;
	return 0;
}

int search_of(struct web_request *rq, struct web_answer *an, uint64_t max,
	      struct search **out)
{
	struct search *s = arena_alloc(rq->mem, sizeof(*s));
	const char *cursor = web_param(rq, "cursor");

	if (!s)
		return -ENOMEM;
	s->q.now_ns = search_now();
	s->ask.cursor = cursor ? cursor : "";
	s->ask.budget_ns = rq->web->cfg.limits.search_ns;
	if (take_q(rq, an, s) || take_time(rq, an, s, "from", QUERY_FROM) ||
	    take_time(rq, an, s, "to", QUERY_TO) || take_sort(rq, an, s) ||
	    take_limit(rq, an, max, s))
		return 1;
	*out = s;
	return 0;
}

int search_failed(struct web_request *rq, struct web_answer *an, int err,
		  const char *why)
{
	if (err == -EBADMSG)
		return web_fail(an, 400, "bad_request", "%s", why);
	if (err == -ENOSPC)
		return web_fail(an, 400, "bad_query", "%s", why);
	if (err == -ETIME)
		return web_fail(an, 503, "timeout", "%s", why);
	return web_fail_store(rq, an, why);
}

/* --- what answers end with ------------------------------------------------ */

void search_put_page(struct outbuf *b, const struct query_found *f)
{
	outbuf_str(b, ",\"next\":");
	if (f->next[0])
		outbuf_json(b, slice_str(f->next));
	else
		outbuf_str(b, "null");
	outbuf_str(b,
		   f->complete ? ",\"complete\":true" : ",\"complete\":false");
	outbuf_str(b, ",\"searched_from\":");
	outbuf_time_or_null(b,
			    f->reached[0] ? ulid_ms(f->reached) * 1000000 : 0);
}

static void put_terms(struct outbuf *b, const struct box *box)
{
	for (size_t i = 0; i < box->words; i++) {
		const struct box_word *w = &box->word[i];

		outbuf_str(b, i ? ",{\"key\":" : "{\"key\":");
		outbuf_json(b, slice_str(w->key));
		outbuf_str(b, ",\"value\":");
		outbuf_json(b, w->value);
		outbuf_str(b, ",\"text\":");
		outbuf_json(b, slice_str(w->text));
		outbuf_char(b, '}');
	}
}

void search_put_end(struct outbuf *b, const struct search *s,
		    const struct query_found *f)
{
	search_put_page(b, f);
	outbuf_str(b, ",\"terms\":[");
	put_terms(b, &s->box);
	outbuf_str(b, "],\"limit\":");
	outbuf_u64(b, s->ask.limit);
	outbuf_char(b, '}');
}
