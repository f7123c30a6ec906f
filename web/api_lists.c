/* Registrations and transactions. */
#include <errno.h>

#include "storage/query_list.h"
#include "web/api_search.h"
#include "web/rows.h"
#include "web/search.h"
#include "web/web_priv.h"

#define LIMIT 100

/* --- parameters ----------------------------------------------------------- */

static struct slice text_of(const struct web_request *rq, const char *name)
{
	const char *value = web_param(rq, name);

	return slice_str(value ? value : "");
}

static bool take_time(const struct web_request *rq, struct web_answer *an,
		      const char *name, uint64_t *ns)
{
	struct slice value = text_of(rq, name);

	if (!value.len || query_time(value, search_now(), ns))
		return true;
	web_fail(an, 400, "bad_request", "%s: give %s", name,
		 query_wants(QUERY_FROM));
	return false;
}

/* A part of a number would tell what is hidden. */
static bool may_look_for(struct web_answer *an, const struct rows_list *out,
			 struct slice text)
{
	if (!out->mask.on || !text.len)
		return true;
	web_fail(an, 403, "forbidden",
		 "numbers are hidden from you, so registrations and "
		 "transactions cannot be searched by text: use the other "
		 "filters, or aor with the whole address");
	return false;
}

static bool take_params(struct web_request *rq, struct web_answer *an,
			const struct rows_list *out, struct query_list *l)
{
	const char *cursor = web_param(rq, "cursor");
	uint64_t limit;

	l->text = text_of(rq, "q");
	l->status = text_of(rq, "status");
	l->cursor = cursor ? cursor : "";
	l->budget_ns = rq->web->cfg.limits.search_ns;
	if (l->what == QUERY_REGISTRATIONS) {
		l->aor = text_of(rq, "aor");
		l->state = text_of(rq, "state");
	} else {
		l->method = text_of(rq, "method");
	}
	if (web_param_u64(rq, "limit", 1, 1000, LIMIT, &limit)) {
		web_fail(an, 400, "bad_request",
			 "limit: give a number from 1 to 1000");
		return false;
	}
	l->limit = limit;
	return take_time(rq, an, "from", &l->from_ns) &&
	       take_time(rq, an, "to", &l->to_ns) &&
	       may_look_for(an, out, l->text);
}

/* --- answers -------------------------------------------------------------- */

static void put_end(struct outbuf *b, const struct query_found *f)
{
	outbuf_char(b, ']');
	search_put_page(b, f);
	outbuf_char(b, '}');
}

static int answer_list(struct web_request *rq, struct web_answer *an,
		       enum query_list_of what, const char *name)
{
	struct rows_list out = {.b = &an->body, .mask = rows_mask_of(rq)};
	struct query_list l = {.what = what};
	struct query_found found;
	char why[DB_WHY] = "";
	int err;

	if (!rq->db)
		return web_fail_store(rq, an, NULL);
	if (!take_params(rq, an, &out, &l))
		return 0;
	outbuf_str(&an->body, "{\"");
	outbuf_str(&an->body, name);
	outbuf_str(&an->body, "\":[");
	err = query_list(&l, rq->db, rows_list_put, &out, &found, why);
	if (err == -ENOMEM)
		return err;
	if (err == -EINVAL)
		return web_fail(an, 400, "bad_request", "%s", why);
	if (err)
		return search_failed(rq, an, err, why);
	put_end(&an->body, &found);
	return 0;
}

int api_registrations(struct web_request *rq, struct web_answer *an)
{
	return answer_list(rq, an, QUERY_REGISTRATIONS, "registrations");
}

int api_transactions(struct web_request *rq, struct web_answer *an)
{
	return answer_list(rq, an, QUERY_TRANSACTIONS, "transactions");
}

int api_registration(struct web_request *rq, struct web_answer *an)
{
	struct rows_list out = {.b = &an->body, .mask = rows_mask_of(rq)};
	struct query_list l = {.what = QUERY_REGISTRATIONS,
			       .uid = rq->arg[0],
			       .limit = 1,
			       .budget_ns = rq->web->cfg.limits.search_ns};
	struct query_found found;
	char why[DB_WHY] = "";
	int err;

	if (!rq->db)
		return web_fail_store(rq, an, NULL);
	err = query_list(&l, rq->db, rows_list_put, &out, &found, why);
	if (err == -ENOMEM)
		return err;
	if (err)
		return search_failed(rq, an, err, why);
	if (!out.n)
		return web_fail(an, 404, "not_found",
				"there is no registration of this uid: it may "
				"be older than keep-cdrs");
	return 0;
}
