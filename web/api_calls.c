/* The list of calls: a page as JSON, or the whole result as a stream. */
#include <errno.h>

#include "web/api_search.h"
#include "web/rows.h"
#include "web/rows_stream.h"
#include "web/search.h"

#define PAGE_MAX   1000
#define STREAM_MAX 1000000

static int answer_page(struct web_request *rq, struct web_answer *an)
{
	struct rows_list page = {.b = &an->body, .mask = rows_mask_of(rq)};
	struct query_found found;
	char why[DB_WHY] = "";
	struct search *s;
	int err = search_of(rq, an, PAGE_MAX, &s);

	if (err)
		return err > 0 ? 0 : err;
	s->ask.columns = rows_of_calls;
	outbuf_str(&an->body, "{\"calls\":[");
	err = query_search(&s->q, &s->ask, rq->db, rows_list_put, &page, &found,
			   why);
	if (err == -ENOMEM)
		return err;
	if (err)
		return search_failed(rq, an, err, why);
	outbuf_char(&an->body, ']');
	search_put_end(&an->body, s, &found);
	return 0;
}

static int answer_stream(struct web_request *rq, struct web_answer *an,
			 bool csv)
{
	struct search *s;
	int err = search_of(rq, an, STREAM_MAX, &s);

	if (err)
		return err > 0 ? 0 : err;
	s->ask.columns = rows_of_calls;
	return rows_stream(rq, an, s, csv);
}

int api_calls(struct web_request *rq, struct web_answer *an)
{
	const char *format = web_param(rq, "format");

	if (!rq->db)
		return web_fail_store(rq, an, NULL);
	if (!format || !*format || !strcmp(format, "json"))
		return answer_page(rq, an);
	if (!strcmp(format, "csv") || !strcmp(format, "jsonl"))
		return answer_stream(rq, an, !strcmp(format, "csv"));
	return web_fail(an, 400, "bad_request",
			"format: give json, csv or jsonl");
}
