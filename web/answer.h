/*
 * An answer: the handler fills one kind of body (text in memory, an open file,
 * or a stream), the server adds what all answers have: gzip, ETag, ranges,
 * security headers.
 */
#ifndef WEB_ANSWER_H
#define WEB_ANSWER_H

#include <sys/types.h>

#include "storage/outbuf.h"
#include "web/request.h"

/* What read() of a stream answers besides a number of bytes. */
enum {
	WEB_STREAM_NOTHING = 0, /* nothing now; asked again later */
	WEB_STREAM_END = -1,
	WEB_STREAM_BROKEN = -2, /* the connection is cut: not a whole answer */
};

/* Bytes that are made while they are sent. Callbacks run on a worker, one at
 * a time, not always the same one: what needs the store opens a connection
 * of its own with web_db_open(). */
struct web_stream {
	/* read == NULL: no stream */
	ssize_t (*read)(void *arg, char *buf, size_t max);
	/* Always called in the end, also when nothing was read. */
	void (*close)(void *arg);
	/* After the end: how it went, for the trailer X-Callscope-Complete;
	 * "yes" or "no". NULL callback: no trailer. */
	const char *(*complete)(void *arg);
	void *arg;
};

enum web_cache {
	WEB_CACHE_NOT,	/* no-store */
	WEB_CACHE_EVER, /* its name changes with its content */
	WEB_CACHE_ASK,	/* kept, but asked for each time */
};

#define WEB_HEADERS 8

struct web_answer {
	unsigned status;  /* 200 when the handler leaves it */
	const char *type; /* application/json when left */
	struct outbuf body;
	bool gzipped; /* the body is already */
	/* A body that lives longer than the answer, instead of the above. */
	struct slice fixed;
	int fd; /* -1 = none; the server closes it */
	uint64_t fd_len;
	struct web_stream stream;

	char etag[64]; /* with its quotes; "" = made from the body */
	enum web_cache cache;
	char filename[128]; /* a download of that name; "" */
	const char *csp;    /* another one for this page; NULL */
	struct web_pair header[WEB_HEADERS]; /* values in the request's arena
					      * or constant */
	size_t headers;
};

void web_answer_init(struct web_answer *an);
/* Closes and frees what it holds, the stream too. */
void web_answer_close(struct web_answer *an);
/* Whatever body there is; the headers stay. */
void web_answer_drop_body(struct web_answer *an);

/* One more header; the value is copied to mem. Left out without memory. */
void web_answer_header(struct web_request *rq, struct web_answer *an,
		       const char *name, const char *value);

/* The error object of the API takes the place of whatever body there was;
 * returns 0. fmt is a sentence that says what to do. */
int web_fail(struct web_answer *an, unsigned status, const char *code,
	     const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* The same with a place in q. */
int web_fail_at(struct web_answer *an, unsigned status, const char *code,
		size_t at, const char *why);
/* 503 no_store or unavailable: the store is not there, or failed with why
 * (NULL: rq->db is NULL); it is opened again with the next request. */
int web_fail_store(struct web_request *rq, struct web_answer *an,
		   const char *why);
/* 303 to a path of this server. */
int web_redirect(struct web_request *rq, struct web_answer *an,
		 const char *path);

/* A connection to the store for a stream; closed by the caller. */
int web_db_open(struct web *w, struct db **out, char why[DB_WHY]);

/* 0; -errno is answered as 500 (internal), -ENOMEM too. */
typedef int web_handler(struct web_request *rq, struct web_answer *an);

#endif
