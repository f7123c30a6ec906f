/*
 * One request and its answer, from the first line to the last byte. Made and
 * freed by the I/O thread; a worker has it while the connection is suspended.
 */
#ifndef WEB_EXCHANGE_H
#define WEB_EXCHANGE_H

#include "web/answer.h"
#include "web/routes.h"
#include "web/work.h"

struct MHD_Connection;

enum exchange_state {
	EXCHANGE_HEAD, /* nothing was looked at yet */
	EXCHANGE_BODY, /* its body comes in */
	EXCHANGE_WORK, /* a worker has it */
	EXCHANGE_DONE, /* the answer is ready */
};

struct exchange {
	struct work_job job; /* first: the worker gets that */
	struct web *web;
	struct MHD_Connection *con;
	enum exchange_state state;
	struct slice target; /* as it came */
	struct web_request rq;
	struct web_answer an;
	enum route_found found; /* once all is there */
	char allow[ROUTE_ALLOW];
	struct outbuf body;
	uint64_t discarded;  /* bytes of a body that is too long */
	uint64_t first, len; /* what of a file goes out */
};

/* NULL without memory. */
struct exchange *exchange_new(struct web *w, struct MHD_Connection *con,
			      const char *target);
void exchange_free(struct exchange *ex);

/* The head is there: what can be refused at once. False: the answer is. */
bool exchange_begin(struct exchange *ex, const char *method);
/* A piece of the body. False: cut the connection. */
bool exchange_body(struct exchange *ex, struct slice piece);
/* All is there: to a worker, or refused. True: suspended. */
bool exchange_submit(struct exchange *ex);

#endif
