/*
 * The parameters that searches of the API share: q (the one box), from, to,
 * sort, limit, cursor.
 */
#ifndef WEB_SEARCH_H
#define WEB_SEARCH_H

#include "storage/query_box.h"
#include "storage/query_search.h"
#include "web/answer.h"

struct search {
	struct box box;
	struct query q;
	struct query_ask ask;
};

/* Reads them; it lies in the request's arena, and what it points to. 0; 1: the
 * answer says what is wrong; -ENOMEM. */
int search_of(struct web_request *rq, struct web_answer *an, uint64_t max,
	      struct search **out);

/* A search that failed: always 0, as handlers answer. */
int search_failed(struct web_request *rq, struct web_answer *an, int err,
		  const char *why);

/* The same, the list of terms and the limit. */
void search_put_end(struct outbuf *b, const struct search *s,
		    const struct query_found *f);

/* ,"next":...,"complete":...,"searched_from":... of any list. */
void search_put_page(struct outbuf *b, const struct query_found *f);

/* Of CLOCK_REALTIME. */
uint64_t search_now(void);

#endif
