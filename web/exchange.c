#include "web/exchange.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

#include "sniffer/base/peer.h"
#include "web/finish.h"
#include "web/gate.h"
#include "web/uri.h"

#define HEAD_MAX    (16 * 1024)
#define TARGET_MAX  4096
#define BODY_MAX    (64 * 1024)
#define DISCARD_MAX (1024 * 1024)
#define HEADERS_MAX 100

/* --- its life ----------------------------------------------------------- */

struct exchange *exchange_new(struct web *w, struct MHD_Connection *con,
			      const char *target)
{
	struct exchange *ex = calloc(1, sizeof(*ex));

	if (!ex)
		return NULL;
	web_answer_init(&ex->an);
	ex->web = w;
	ex->con = con;
	ex->rq.web = w;
	ex->rq.user = "";
	ex->rq.path = ex->rq.query = ex->rq.method = "";
	ex->rq.mem = arena_new(8192, 0);
	if (ex->rq.mem)
		ex->target = arena_keep(ex->rq.mem, slice_str(target));
	if (ex->rq.mem && ex->target.p)
		return ex;
	exchange_free(ex);
	return NULL;
}

void exchange_free(struct exchange *ex)
{
	if (!ex)
		return;
	web_answer_close(&ex->an);
	outbuf_free(&ex->body);
	arena_free(ex->rq.mem);
	free(ex);
}

/* --- the head ----------------------------------------------------------- */

static enum MHD_Result keep_header(void *cls, enum MHD_ValueKind kind,
				   const char *name, const char *value)
{
	struct web_request *rq = cls;
	struct web_pair *p = &rq->headers.v[rq->headers.n];

	(void)kind;
	if (rq->headers.n == HEADERS_MAX)
		return MHD_NO;
	p->name = arena_str(rq->mem, slice_str(name));
	p->value = arena_str(rq->mem, slice_str(value));
	if (p->name && p->value)
		rq->headers.n++;
	return MHD_YES;
}

static bool keep_headers(struct exchange *ex)
{
	struct web_request *rq = &ex->rq;
	int n = MHD_get_connection_values(ex->con, MHD_HEADER_KIND, NULL, NULL);

	rq->headers.v =
		arena_alloc(rq->mem, HEADERS_MAX * sizeof(*rq->headers.v));
	if (!rq->headers.v)
		return false;
	MHD_get_connection_values(ex->con, MHD_HEADER_KIND, keep_header, rq);
	return n <= HEADERS_MAX;
}

static size_t head_size(struct exchange *ex)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		ex->con, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);

	return info ? info->header_size : 0;
}

static void keep_peer(struct exchange *ex)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		ex->con, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

	if (info)
		ex->rq.peer = peer_addr_of(info->client_addr);
	ex->rq.tls = web_is_tls(ex->web);
}

static bool body_is_long(const struct web_request *rq)
{
	const char *text = web_header(rq, "Content-Length");
	uint64_t n = 0;

	return text && (!slice_u64(slice_str(text), &n) || n > BODY_MAX);
}

static int long_body(struct web_answer *an)
{
	return web_fail(an, 413, "bad_request",
			"the body is longer than 64 KB: send less");
}

static bool parse_target(struct exchange *ex)
{
	struct uri uri;
	int err = uri_parse(ex->target, ex->rq.mem, &uri);

	if (err == -ENOMEM)
		web_fail(&ex->an, 503, "unavailable", "not enough memory");
	else if (err == -E2BIG)
		web_fail(&ex->an, 400, "bad_request",
			 "more than 64 parameters: send fewer");
	else if (err)
		web_fail(&ex->an, 400, "bad_request",
			 "the address has an escape that is none: write %% as "
			 "%%25");
	if (err)
		return false;
	ex->rq.path = uri.path;
	ex->rq.query = uri.query;
	ex->rq.params = uri.params;
	return true;
}

bool exchange_begin(struct exchange *ex, const char *method)
{
	const char *kept = arena_str(ex->rq.mem, slice_str(method));

	if (kept)
		ex->rq.method = kept;
	keep_peer(ex);
	if (!keep_headers(ex) || head_size(ex) > HEAD_MAX) {
		web_fail(&ex->an, 431, "bad_request",
			 "the headers are longer than 16 KB or more than 100: "
			 "send less (cookies?)");
		return false;
	}
	if (ex->target.len > TARGET_MAX) {
		web_fail(&ex->an, 414, "bad_request",
			 "the address is longer than 4 KB: search for less at "
			 "once");
		return false;
	}
	if (body_is_long(&ex->rq)) {
		long_body(&ex->an);
		return false;
	}
	return parse_target(ex);
}

/* --- the body ----------------------------------------------------------- */

bool exchange_body(struct exchange *ex, struct slice piece)
{
	if (ex->body.len + piece.len > BODY_MAX || ex->body.failed) {
		ex->discarded += piece.len;
		return ex->discarded <= DISCARD_MAX;
	}
	outbuf_put(&ex->body, piece.p, piece.len);
	return true;
}

static bool is_form(const struct web_request *rq)
{
	const char *type = web_header(rq, "Content-Type");

	return type &&
	       slice_istarts(slice_str(type),
			     SLICE("application/x-www-form-urlencoded"));
}

static bool take_body(struct exchange *ex)
{
	struct web_request *rq = &ex->rq;

	if (ex->discarded) {
		long_body(&ex->an);
		return false;
	}
	rq->body = slice_of(ex->body.p, ex->body.len);
	if (is_form(rq) && uri_pairs(rq->body, rq->mem, &rq->form)) {
		web_fail(&ex->an, 400, "bad_request",
			 "the form cannot be read: send a=b&c=d with %%XX");
		return false;
	}
	return true;
}

/* --- the worker --------------------------------------------------------- */

static void not_found(struct exchange *ex)
{
	if (ex->found == ROUTE_NONE) {
		web_fail(&ex->an, 404, "not_found",
			 "there is nothing at %.200s: docs/API.md lists what "
			 "there is",
			 ex->rq.path);
		return;
	}
	web_fail(&ex->an, 405, "bad_request", "%.16s is not for %.200s: use %s",
		 ex->rq.method, ex->rq.path, ex->allow);
	web_answer_header(&ex->rq, &ex->an, "Allow", ex->allow);
}

static void handle(struct exchange *ex, struct worker *wk)
{
	int err = 0;

	if (!gate_pass(&ex->rq, &ex->an))
		return;
	if (ex->found != ROUTE_FOUND) {
		not_found(ex);
		return;
	}
	ex->rq.db = ex->rq.route->no_store ? NULL : worker_db(wk);
	ex->rq.db_why = wk->db_why;
	err = ex->rq.route->run(&ex->rq, &ex->an);
	if (err)
		web_fail(&ex->an, 500, "internal", "%s",
			 err == -ENOMEM ? "not enough memory" : strerror(-err));
	if (ex->rq.db_failed)
		worker_db_drop(wk);
}

static void run(struct work_job *job, struct worker *wk)
{
	struct exchange *ex = (struct exchange *)job;
	struct MHD_Connection *con = ex->con;

	if (atomic_load(&ex->web->stopping))
		web_fail(&ex->an, 503, "unavailable", "the server ends");
	else
		handle(ex, wk);
	gate_done(&ex->rq, &ex->an);
	finish_answer(&ex->rq, &ex->an, &ex->first, &ex->len);
	ex->state = EXCHANGE_DONE;
	MHD_resume_connection(con);
}

bool exchange_submit(struct exchange *ex)
{
	int err;

	if (!take_body(ex)) {
		ex->state = EXCHANGE_DONE;
		return false;
	}
	ex->job.run = run;
	ex->found = route_find(&ex->rq, ex->allow);
	ex->job.slow = ex->found == ROUTE_FOUND && ex->rq.route->slow;
	ex->state = EXCHANGE_WORK;
	MHD_suspend_connection(ex->con);
	err = work_add(ex->web->work, &ex->job, false);
	if (!err)
		return true;
	web_fail(&ex->an, 503, "unavailable", "%s",
		 err == -EAGAIN ? "too many requests wait: try again in a "
				  "moment"
				: "the server ends");
	ex->state = EXCHANGE_DONE;
	MHD_resume_connection(ex->con);
	return true;
}
