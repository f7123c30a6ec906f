#include "web/send.h"

#include <microhttpd.h>
#include <stdio.h>
#include <unistd.h>

#include "web/stream.h"

#define CSP                                                                    \
	"default-src 'none'; script-src 'self'; style-src 'self'; "            \
	"img-src 'self' data: blob:; connect-src 'self'; "                     \
	"media-src 'self' blob:; font-src 'self'; form-action 'self'; "        \
	"frame-ancestors 'none'; base-uri 'none'"

static const struct web_pair always[] = {
	{"X-Content-Type-Options", "nosniff"},
	{"X-Frame-Options", "DENY"},
	{"Referrer-Policy", "same-origin"},
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
};

static const char *const caching[] = {
	[WEB_CACHE_NOT] = "no-store",
	[WEB_CACHE_EVER] = "private, max-age=31536000, immutable",
	[WEB_CACHE_ASK] = "private, no-cache",
};

/* --- bodies ------------------------------------------------------------- */

static struct MHD_Response *from_memory(struct web_answer *an)
{
	struct MHD_Response *r;

	if (an->fixed.p)
		return MHD_create_response_from_buffer(an->fixed.len,
						       (void *)an->fixed.p,
						       MHD_RESPMEM_PERSISTENT);
	r = MHD_create_response_from_buffer(
		an->body.len, an->body.p,
		an->body.p ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);
	if (r)
		an->body = (struct outbuf){0};
	return r;
}

static struct MHD_Response *from_file(struct exchange *ex)
{
	struct MHD_Response *r = MHD_create_response_from_fd_at_offset64(
		ex->len, ex->an.fd, ex->first);

	if (r)
		ex->an.fd = -1; /* closed with the response */
	return r;
}

static struct MHD_Response *response_of(struct exchange *ex)
{
	if (ex->an.stream.read)
		return stream_response(ex->web, ex->con, &ex->an);
	if (ex->an.fd >= 0)
		return from_file(ex);
	return from_memory(&ex->an);
}

/* --- headers ------------------------------------------------------------ */

static void add(struct MHD_Response *r, const char *name, const char *value)
{
	MHD_add_response_header(r, name, value);
}

/* Letters and digits are all that our own names have. */
static void add_filename(struct MHD_Response *r, const char *name)
{
	char text[192];

	snprintf(text, sizeof(text), "attachment; filename=\"%s\"", name);
	add(r, "Content-Disposition", text);
}

static void add_headers(struct exchange *ex, struct MHD_Response *r)
{
	const struct web_answer *an = &ex->an;

	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		add(r, always[i].name, always[i].value);
	add(r, "Content-Security-Policy", an->csp ? an->csp : CSP);
	add(r, "Cache-Control", caching[an->cache]);
	if (ex->rq.tls)
		add(r, "Strict-Transport-Security", "max-age=31536000");
	if (an->status != 304)
		add(r, "Content-Type", an->type);
	if (an->etag[0])
		add(r, "ETag", an->etag);
	if (an->gzipped)
		add(r, "Content-Encoding", "gzip");
	if (an->filename[0])
		add_filename(r, an->filename);
	if (an->status == 503)
		add(r, "Retry-After", "2");
	for (size_t i = 0; i < an->headers; i++)
		add(r, an->header[i].name, an->header[i].value);
}

static void limit_events(struct exchange *ex)
{
	struct web *w = ex->web;

	if (!ex->an.stream.read || strcmp(ex->an.type, "text/event-stream") ||
	    atomic_load(&w->open_events) < w->cfg.limits.events)
		return;
	web_fail(&ex->an, 503, "too_many",
		 "%u pages follow live calls already (http-events): close one",
		 w->cfg.limits.events);
}

static void count(const struct exchange *ex)
{
	unsigned class = ex->an.status / 100;

	if (class < WEB_CLASSES)
		atomic_fetch_add_explicit(&ex->web->answers[class], 1,
					  memory_order_relaxed);
}

bool send_answer(struct exchange *ex)
{
	struct MHD_Response *r;
	enum MHD_Result sent;

	limit_events(ex);
	r = response_of(ex);
	if (!r)
		return false;
	add_headers(ex, r);
	count(ex);
	sent = MHD_queue_response(ex->con, ex->an.status, r);
	MHD_destroy_response(r);
	return sent == MHD_YES;
}
