#include "web/answer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

void web_answer_init(struct web_answer *an)
{
	*an = (struct web_answer){
		.status = 200, .type = "application/json", .fd = -1};
}

void web_answer_drop_body(struct web_answer *an)
{
	if (an->fd >= 0)
		close(an->fd);
	an->fd = -1;
	if (an->stream.close)
		an->stream.close(an->stream.arg);
	an->stream = (struct web_stream){0};
	outbuf_reset(&an->body);
	an->fixed = (struct slice){0};
}

void web_answer_close(struct web_answer *an)
{
	web_answer_drop_body(an);
	outbuf_free(&an->body);
}

void web_answer_header(struct web_request *rq, struct web_answer *an,
		       const char *name, const char *value)
{
	const char *kept = arena_str(rq->mem, slice_str(value));

	if (kept && an->headers < WEB_HEADERS)
		an->header[an->headers++] = (struct web_pair){name, kept};
}

static int fail(struct web_answer *an, unsigned status, const char *code,
		const char *why, const size_t *at)
{
	struct outbuf *b = &an->body;

	web_answer_drop_body(an);
	an->gzipped = false;
	an->status = status;
	an->type = "application/json";
	an->filename[0] = an->etag[0] = '\0';
	an->cache = WEB_CACHE_NOT;
	outbuf_str(b, "{\"error\":{\"code\":");
	outbuf_json(b, slice_str(code));
	outbuf_str(b, ",\"message\":");
	outbuf_json(b, slice_str(why));
	outbuf_str(b, ",\"at\":");
	if (at)
		outbuf_u64(b, *at);
	else
		outbuf_str(b, "null");
	outbuf_str(b, "}}\n");
	return 0;
}

int web_fail(struct web_answer *an, unsigned status, const char *code,
	     const char *fmt, ...)
{
	char why[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	return fail(an, status, code, why, NULL);
}

int web_fail_at(struct web_answer *an, unsigned status, const char *code,
		size_t at, const char *why)
{
	return fail(an, status, code, why, &at);
}

int web_fail_store(struct web_request *rq, struct web_answer *an,
		   const char *why)
{
	if (why) {
		rq->db_failed = true;
		return web_fail(an, 503, "unavailable", "%s", why);
	}
	return web_fail(an, 503, "no_store", "%s",
			rq->db_why ? rq->db_why : "there is no store");
}

int web_redirect(struct web_request *rq, struct web_answer *an,
		 const char *path)
{
	web_answer_drop_body(an);
	an->gzipped = false;
	an->status = 303;
	an->type = "text/plain; charset=utf-8";
	web_answer_header(rq, an, "Location", path);
	return 0;
}
