#include "web/login_page.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>

#include "web/secret.h"

enum {
	NEXT_MAX = 4096,
};

static const char style[] =
	":root{color-scheme:light dark;--bg:#f5f6f8;--box:#fff;--fg:#1a1f27;"
	"--dim:#566171;--line:#8a94a3;--accent:#0a6868;--on:#fff;--bad:#b8211a}"
	"@media (prefers-color-scheme:dark){:root{--bg:#14171b;--box:#1a1e23;"
	"--fg:#e4e8ed;--dim:#9da8b5;--line:#76818f;--accent:#55c7bd;"
	"--on:#0c1a19;--bad:#ff857b}}"
	"*{box-sizing:border-box}"
	"body{margin:0;min-height:100vh;display:flex;align-items:center;"
	"justify-content:center;padding:16px;background:var(--bg);"
	"color:var(--fg);font:14px/1.5 system-ui,sans-serif}"
	"main{width:100%;max-width:360px;padding:24px;background:var(--box);"
	"border:1px solid var(--line);border-radius:6px}"
	"h1{margin:0;font-size:20px}p{margin:4px 0 16px;color:var(--dim)}"
	"label{display:block;margin:12px 0 4px}"
	"input{width:100%;padding:8px;font:inherit;color:inherit;"
	"background:var(--bg);border:1px solid var(--line);border-radius:4px}"
	"button{width:100%;margin-top:20px;padding:9px;font:inherit;"
	"font-weight:600;color:var(--on);background:var(--accent);border:0;"
	"border-radius:4px;cursor:pointer}"
	":focus-visible{outline:2px solid var(--accent);outline-offset:2px}"
	".bad{margin:0 0 8px;padding:8px 12px;color:var(--bad);"
	"border:1px solid;border-radius:4px}"
	"code{display:block;margin-top:8px;padding:8px;overflow-wrap:anywhere;"
	"color:var(--fg);background:var(--bg);border:1px solid var(--line);"
	"border-radius:4px;font:13px/1.5 ui-monospace,monospace}";

/* --- text ----------------------------------------------------------------- */

static const char *escape_of(uint8_t c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void login_put_html(struct outbuf *b, struct slice text)
{
	while (text.len) {
		size_t n = 0;

		while (n < text.len && !escape_of(text.p[n]))
			n++;
		outbuf_utf8(b, slice_head(text, n));
		if (n < text.len)
			outbuf_str(b, escape_of(text.p[n]));
		text = slice_from(text, n + 1);
	}
}

/* A path of ours: "//host" and "/\host" are others' for a browser. */
bool login_is_local(const char *next)
{
	size_t len = strlen(next);

	if (next[0] != '/' || next[1] == '/' || len > NEXT_MAX)
		return false;
	for (size_t i = 0; i < len; i++)
		if (next[i] <= ' ' || next[i] == '\\' || next[i] == 0x7f)
			return false;
	return strncmp(next, "/api/", 5) && strncmp(next, "/login", 6);
}

/* --- the page ------------------------------------------------------------- */

static void put_command(struct outbuf *b, const struct login_page *p)
{
	outbuf_str(b, "<p>There is no login yet. Make one on the machine that "
		      "runs callscope; it asks for a password:"
		      "<code>callscope user add NAME --role analyst");
	if (p->dir) {
		outbuf_str(b, " -o ");
		login_put_html(b, slice_str(p->dir));
	}
	outbuf_str(b, "</code></p>");
}

static void put_error(struct outbuf *b, const char *error)
{
	outbuf_str(b, "<p class=\"bad\" role=\"alert\" id=\"why\">");
	login_put_html(b, slice_str(error));
	outbuf_str(b, "</p>");
}

static void put_value(struct outbuf *b, const char *value)
{
	outbuf_str(b, " value=\"");
	login_put_html(b, slice_str(value));
	outbuf_str(b, "\">");
}

static void put_form(struct outbuf *b, const struct login_page *p)
{
	bool named = *p->name;

	outbuf_str(b, "<form method=\"post\" action=\"/login\">"
		      "<input type=\"hidden\" name=\"next\"");
	put_value(b, p->next);
	outbuf_str(b, "<label for=\"user\">Name</label>"
		      "<input id=\"user\" name=\"user\" required "
		      "autocomplete=\"username\" autocapitalize=\"none\" "
		      "spellcheck=\"false\" maxlength=\"64\"");
	outbuf_str(b, named ? "" : " autofocus");
	put_value(b, p->name);
	outbuf_str(b, "<label for=\"password\">Password</label>"
		      "<input id=\"password\" name=\"password\" "
		      "type=\"password\" required "
		      "autocomplete=\"current-password\"");
	outbuf_str(b, named ? " autofocus" : "");
	outbuf_str(b, p->error ? " aria-describedby=\"why\">" : ">");
	outbuf_str(b, "<button type=\"submit\">Log in</button></form>");
}

static void put_page(struct outbuf *b, const struct login_page *p)
{
	outbuf_str(b, "<!DOCTYPE html>\n<html lang=\"en\"><head>"
		      "<meta charset=\"utf-8\"><title>callscope: log in"
		      "</title><meta name=\"viewport\" "
		      "content=\"width=device-width,initial-scale=1\">"
		      "<link rel=\"icon\" href=\"data:,\"><style>");
	outbuf_str(b, style);
	outbuf_str(b, "</style></head>\n<body><main><h1>callscope</h1>"
		      "<p>Calls, as they were on the wire.</p>\n");
	if (p->error)
		put_error(b, p->error);
	if (p->nobody)
		put_command(b, p);
	put_form(b, p);
	outbuf_str(b, "</main></body></html>\n");
}

/* CSP level 2: the hash of what stands between <style> and </style>. */
static char *policy(struct arena *mem)
{
	enum {
		BASE64 = 4 * ((SECRET_HASH + 2) / 3) + 1,
		SIZE = 256 + BASE64,
	};
	uint8_t hash[SECRET_HASH];
	unsigned char base64[BASE64];
	char *text = arena_alloc(mem, SIZE);

	if (!text || secret_hash(slice_str(style), hash))
		return NULL;
	EVP_EncodeBlock(base64, hash, sizeof(hash));
	snprintf(text, SIZE,
		 "default-src 'none'; style-src 'sha256-%s'; img-src data:; "
		 "form-action 'self'; frame-ancestors 'none'; "
		 "base-uri 'none'",
		 base64);
	return text;
}

int login_page(struct web_request *rq, struct web_answer *an,
	       const struct login_page *page)
{
	an->csp = policy(rq->mem);
	if (!an->csp)
		return -ENOMEM;
	an->type = "text/html; charset=utf-8";
	an->cache = WEB_CACHE_NOT;
	put_page(&an->body, page);
	return 0;
}
