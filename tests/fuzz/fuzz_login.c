/* Headers and forms of strangers that say who somebody is, and lines of the
 * audit log: the first byte tells which. */
#include <assert.h>
#include <stdlib.h>

#include "web/audit.h"
#include "web/auth.h"
#include "web/login_page.h"
#include "web/proxy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void forwarded(const char *text)
{
	struct addr a = {.port = 7}, before = a;

	if (!proxy_forwarded(slice_str(text), &a))
		assert(addr_eq(&a, &before));
}

static void next(const char *text)
{
	if (!login_is_local(text))
		return;
	assert(text[0] == '/' && text[1] != '/' && text[1] != '\\');
	assert(!strpbrk(text, "\r\n\\ \t"));
}

static void html(const char *text)
{
	struct outbuf b = {0};

	login_put_html(&b, slice_str(text));
	for (size_t i = 0; i < b.len; i++)
		assert(b.p[i] != '<' && b.p[i] != '>' && b.p[i] != '"' &&
		       b.p[i] != '\'');
	outbuf_free(&b);
}

static void line(const char *text)
{
	struct audit_entry e = {
		.user = text, .from = text, .action = "login", .what = text};
	struct outbuf b = {0};

	audit_is_line(slice_str(text));
	audit_line(&b, &e);
	assert(b.len && b.len < AUDIT_LINE && b.p[b.len - 1] == '\n');
	assert(!memchr(b.p, '\n', b.len - 1));
	assert(audit_is_line(slice_of(b.p, b.len - 1)));
	outbuf_free(&b);
}

/* A server without logins: nobody gets in, whatever they say. */
static void check(const char *name, const char *text)
{
	static const char *const from[] = {"192.0.2.0/24"};
	struct auth_config ac = {
		.dir = "/nonexistent", .proxy_from = from, .proxy_from_n = 1};
	struct web_pair header[] = {{"Host", text}, {name, text}};
	struct web_request rq = {
		.headers = {header, 2}, .path = "/", .mem = arena_new(4096, 0)};
	char why[AUTH_WHY];
	struct auth *a;

	assert(rq.mem && !auth_open(&a, &ac, why));
	assert(auth_check(a, &rq) == WEB_NOBODY && !rq.csrf && !*rq.user);
	assert(!auth_is_own(a, &rq, true));
	auth_close(a);
	arena_free(rq.mem);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (!size)
		return 0;
	text = strndup((const char *)data + 1, size - 1);
	assert(text);
	switch (data[0] % 6) {
	case 0:
		forwarded(text);
		break;
	case 1:
		next(text);
		break;
	case 2:
		html(text);
		break;
	case 3:
		line(text);
		break;
	case 4:
		check("Authorization", text);
		break;
	default:
		check("Cookie", text);
	}
	free(text);
	return 0;
}
