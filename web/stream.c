#include "web/stream.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "web/work.h"

#define BUFFER	    (32 * 1024)
#define HEARTBEAT_S 15 /* less than proxies wait */

struct stream {
	struct work_job job; /* first: the worker gets that */
	struct web *web;
	struct MHD_Connection *con;
	struct MHD_Response *response;
	struct web_stream from;
	struct stream *next; /* that sleeps */
	time_t sent;
	size_t at, len;
	bool events, ended, broken;
	char buf[BUFFER];
};

struct sleepers {
	pthread_mutex_t lock;
	struct stream *first;
};

struct sleepers *sleepers_new(void)
{
	struct sleepers *s = calloc(1, sizeof(*s));

	if (s)
		pthread_mutex_init(&s->lock, NULL);
	return s;
}

void sleepers_free(struct sleepers *s)
{
	if (s)
		pthread_mutex_destroy(&s->lock);
	free(s);
}

/* --- workers ------------------------------------------------------------ */

static time_t now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

static void end(struct stream *st, bool broken)
{
	st->ended = true;
	st->broken = broken;
}

/* Until there is news; not when all are to end. */
static bool sleep_now(struct stream *st)
{
	struct sleepers *s = st->web->sleepers;
	bool asleep;

	pthread_mutex_lock(&s->lock);
	asleep = !atomic_load(&st->web->stopping);
	if (asleep) {
		st->next = s->first;
		s->first = st;
	}
	pthread_mutex_unlock(&s->lock);
	return asleep;
}

static void put_heartbeat(struct stream *st)
{
	memcpy(st->buf, ":\n\n", 3);
	st->len = 3;
}

/* A worker: fills the empty buffer. */
static void fill(struct work_job *job, struct worker *wk)
{
	struct stream *st = (struct stream *)job;
	struct MHD_Connection *con = st->con;
	ssize_t n = WEB_STREAM_BROKEN;

	(void)wk;
	if (!atomic_load(&st->web->stopping))
		n = st->from.read(st->from.arg, st->buf, sizeof(st->buf));
	st->at = st->len = 0;
	if (n > 0)
		st->len = (size_t)n;
	else if (n < 0)
		end(st, n != WEB_STREAM_END);
	else if (st->events && now_s() - st->sent >= HEARTBEAT_S)
		put_heartbeat(st);
	else if (sleep_now(st))
		return;
	else
		end(st, true);
	if (st->len)
		st->sent = now_s();
	MHD_resume_connection(con);
}

void sleepers_wake(struct web *w)
{
	struct stream *st, *next;

	pthread_mutex_lock(&w->sleepers->lock);
	st = w->sleepers->first;
	w->sleepers->first = NULL;
	pthread_mutex_unlock(&w->sleepers->lock);
	for (; st; st = next) {
		next = st->next;
		if (!work_add(w->work, &st->job, true))
			continue;
		end(st, true);
		MHD_resume_connection(st->con);
	}
}

/* --- the I/O thread ----------------------------------------------------- */

static ssize_t finish(struct stream *st)
{
	if (st->broken)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (st->from.complete)
		MHD_add_response_footer(st->response, "X-Callscope-Complete",
					st->from.complete(st->from.arg));
	return MHD_CONTENT_READER_END_OF_STREAM;
}

static ssize_t give(void *cls, uint64_t pos, char *buf, size_t max)
{
	struct stream *st = cls;
	size_t n = st->len - st->at;

	(void)pos;
	if (n) {
		n = n < max ? n : max;
		memcpy(buf, st->buf + st->at, n);
		st->at += n;
		return (ssize_t)n;
	}
	if (st->ended)
		return finish(st);
	MHD_suspend_connection(st->con);
	if (work_add(st->web->work, &st->job, true)) {
		end(st, true);
		MHD_resume_connection(st->con);
	}
	return 0;
}

static void done(void *cls)
{
	struct stream *st = cls;

	if (st->from.close)
		st->from.close(st->from.arg);
	if (st->events)
		atomic_fetch_sub(&st->web->open_events, 1);
	free(st);
}

struct MHD_Response *stream_response(struct web *w, struct MHD_Connection *con,
				     struct web_answer *an)
{
	struct stream *st = calloc(1, sizeof(*st));

	if (!st)
		return NULL; /* the answer still has it */
	st->web = w;
	st->con = con;
	st->job.run = fill;
	st->from = an->stream;
	st->sent = now_s();
	st->response = MHD_create_response_from_callback(
		MHD_SIZE_UNKNOWN, BUFFER, give, st, done);
	if (!st->response) {
		free(st);
		return NULL;
	}
	an->stream = (struct web_stream){0};
	if (!strcmp(an->type, "text/event-stream")) {
		st->events = true;
		atomic_fetch_add(&w->open_events, 1);
	}
	return st->response;
}
