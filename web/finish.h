/*
 * From what a handler made to what is sent: conditions, ranges, compression.
 * Runs on the worker, for it costs time.
 */
#ifndef WEB_FINISH_H
#define WEB_FINISH_H

#include "web/answer.h"

/* Changes an->status to 304, 206 or 416 where it must, and adds the headers
 * that belong to it. first, len: what of an open file goes out. */
void finish_answer(struct web_request *rq, struct web_answer *an,
		   uint64_t *first, uint64_t *len);

#endif
