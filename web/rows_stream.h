/*
 * The whole result of a search as CSV or JSON lines, a page of the search at a
 * time, with a connection to the store of its own.
 */
#ifndef WEB_ROWS_STREAM_H
#define WEB_ROWS_STREAM_H

#include "web/search.h"

/* The answer becomes that stream. 0 or -errno, as handlers. */
int rows_stream(struct web_request *rq, struct web_answer *an,
		const struct search *s, bool csv);

#endif
