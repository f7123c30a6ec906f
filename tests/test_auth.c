/*
 * Who asks, and whether they may: cookies, tokens, proxies, forged requests,
 * the gate, the login page. Requests are made by hand, the clock too.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/run_suite.h"
#include "web/api_auth.h"
#include "web/audit.h"
#include "web/auth.h"
#include "web/gate.h"
#include "web/login_page.h"
#include "web/proxy.h"
#include "web/users_file.h"
#include "web/web_priv.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))
#define S	     UINT64_C(1000000000)
#define PASSWORD     "nine amber kettles"

/* --- a server without a network ------------------------------------------- */

static uint64_t clock_ns;
static struct web web;
static char dir[64], token[128];
static struct web_pair headers[16], form[4];
static struct web_request rq;
static struct web_answer an;

static uint64_t test_clock(void)
{
	return clock_ns;
}

static int add_users(void *arg, struct users *u, char why[USERS_WHY])
{
	struct user one = {.name = "anna", .role = WEB_ANALYST};
	struct user_token t = {.name = "anna", .made_s = 1};

	(void)arg;
	(void)why;
	strcpy(token, TOKEN_PREFIX "of this test");
	ck_assert_int_eq(secret_hash(slice_str(token), t.hash), 0);
	/* Of PASSWORD with salt 0, n 2, r 1, p 1: quick to check. */
	strcpy(one.hash, "scrypt:1:1:1:00000000000000000000000000000000:"
			 "f627411bb17e2de88a3f5ab1381422c426377d55a5a02966f3914"
			 "567cf0102c7");
	return users_add(u, &one) || users_add_token(u, &t);
}

static void open_with(struct auth_config ac)
{
	char why[AUTH_WHY] = "";

	strcpy(dir, "/tmp/callscope-auth-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(users_file_change(dir, add_users, NULL, why), 0);
	clock_ns = 1000 * S;
	ac.dir = dir;
	ac.clock_ns = test_clock;
	ac.session_idle_ns = 60 * S;
	ac.session_age_ns = 100 * S;
	ac.login_tries = 2;
	ac.login_wait_ns = 10 * S;
	ck_assert_msg(!auth_open(&web.auth, &ac, why), "%s", why);
}

static void end(void)
{
	static const char *const files[] = {"users", "audit.log"};
	char path[128];

	web_answer_close(&an);
	arena_free(rq.mem);
	rq.mem = NULL;
	auth_close(web.auth);
	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
		unlink(path);
	}
	ck_assert_int_eq(rmdir(dir), 0);
}

static struct addr ip(const char *text)
{
	struct addr a = {0};

	ck_assert(addr_parse_ip(slice_str(text), &a));
	return a;
}

/* The next request: only a Host as yet. */
static void ask(const char *method, const char *path)
{
	arena_free(rq.mem);
	web_answer_close(&an);
	web_answer_init(&an);
	rq = (struct web_request){
		.web = &web,
		.method = method,
		.path = path,
		.query = "",
		.peer = ip("192.0.2.7"),
		.mem = arena_new(4096, 0),
		.headers.v = headers,
		.form.v = form,
	};
	rq.headers.v[rq.headers.n++] =
		(struct web_pair){"Host", "scope.example:8080"};
}

static void with(const char *name, const char *value)
{
	rq.headers.v[rq.headers.n++] = (struct web_pair){name, value};
}

static void field(const char *name, const char *value)
{
	/* The password is wiped. */
	rq.form.v[rq.form.n++] =
		(struct web_pair){name, arena_str(rq.mem, slice_str(value))};
}

static const char *answer_header(const char *name)
{
	for (size_t i = 0; i < an.headers; i++)
		if (!strcmp(an.header[i].name, name))
			return an.header[i].value;
	return NULL;
}

static const char *body(void)
{
	outbuf_char(&an.body, '\0');
	return an.body.p;
}

static bool let_in(void)
{
	char allow[ROUTE_ALLOW];

	route_find(&rq, allow);
	return gate_pass(&rq, &an);
}

static void log_in(char cookie[256])
{
	ask("POST", "/login");
	field("user", "anna");
	field("password", PASSWORD);
	ck_assert(let_in());
	ck_assert_int_eq(post_login(&rq, &an), 0);
	ck_assert_uint_eq(an.status, 303);
	snprintf(cookie, 256, "%s", answer_header("Set-Cookie"));
	*strchr(cookie, ';') = '\0';
}

/* --- cookies -------------------------------------------------------------- */

START_TEST(cookie_is_a_login)
{
	char cookie[256];

	open_with((struct auth_config){.viewer_digits = 64});
	log_in(cookie);
	ck_assert_ptr_nonnull(strstr(answer_header("Set-Cookie"),
				     "; Path=/; HttpOnly; SameSite=Strict"));
	ck_assert(!strstr(answer_header("Set-Cookie"), "Secure"));
	ck_assert(!strncmp(cookie, "callscope-8080=", 15));
	ask("GET", "/api/v1/session");
	with("Cookie", cookie);
	ck_assert(let_in());
	ck_assert_str_eq(rq.user, "anna");
	ck_assert_int_eq((int)rq.role, WEB_ANALYST);
	ck_assert_int_eq(api_session(&rq, &an), 0);
	ck_assert_ptr_nonnull(
		strstr(body(), "\"role\":\"analyst\",\"csrf\":\""));
	ck_assert_ptr_nonnull(strstr(an.body.p, "\"audio\":true"));
	ask("GET", "/api/v1/session");
	with("Cookie", "callscope-8080=0000");
	ck_assert(!let_in());
	ck_assert_uint_eq(an.status, 401);
	end();
}
END_TEST

START_TEST(cookie_under_tls_is_secure)
{
	open_with((struct auth_config){.viewer_digits = 64});
	ask("POST", "/login");
	rq.tls = true;
	field("user", "anna");
	field("password", PASSWORD);
	ck_assert_int_eq(post_login(&rq, &an), 0);
	ck_assert_ptr_nonnull(strstr(answer_header("Set-Cookie"), "; Secure"));
	end();
}
END_TEST

START_TEST(session_is_over)
{
	char cookie[256], second[256];

	open_with((struct auth_config){.viewer_digits = 64});
	log_in(cookie);
	clock_ns += 60 * S;
	ask("GET", "/api/v1/session");
	with("Cookie", cookie);
	ck_assert(!let_in());
	log_in(cookie);
	ask("POST", "/login"); /* a new login ends the old session */
	with("Cookie", cookie);
	field("user", "anna");
	field("password", PASSWORD);
	ck_assert(let_in());
	post_login(&rq, &an);
	snprintf(second, sizeof(second), "%s", answer_header("Set-Cookie"));
	*strchr(second, ';') = '\0';
	ask("GET", "/api/v1/session");
	with("Cookie", cookie);
	ck_assert(!let_in());
	ask("GET", "/api/v1/session");
	with("Cookie", second);
	ck_assert(let_in());
	end();
}
END_TEST

static int drop_anna(void *arg, struct users *u, char why[USERS_WHY])
{
	(void)arg;
	(void)why;
	return users_remove(u, SLICE("anna"));
}

START_TEST(removed_user_is_out)
{
	char cookie[256], why[USERS_WHY];

	open_with((struct auth_config){.viewer_digits = 64});
	log_in(cookie);
	ck_assert_int_eq(users_file_change(dir, drop_anna, NULL, why), 0);
	ask("GET", "/api/v1/session");
	with("Cookie", cookie);
	ck_assert(!let_in());
	ask("GET", "/api/v1/session");
	with("Authorization", "Bearer " TOKEN_PREFIX "of this test");
	ck_assert(!let_in());
	end();
}
END_TEST

/* --- forged requests ------------------------------------------------------ */

static const struct {
	const char *name, *header[4]; /* names and values; "@" the token */
	bool good;
} posts[] = {
	{"all of it",
	 {"X-CSRF-Token", "@", "Origin", "http://scope.example:8080"},
	 true},
	{"no browser", {"X-CSRF-Token", "@"}, true},
	{"no token", {"Origin", "http://scope.example:8080"}, false},
	{"other token", {"X-CSRF-Token", "0123"}, false},
	{"empty token", {"X-CSRF-Token", ""}, false},
	{"other origin",
	 {"X-CSRF-Token", "@", "Origin", "http://evil.example"},
	 false},
	{"other port",
	 {"X-CSRF-Token", "@", "Origin", "http://scope.example"},
	 false},
	{"null origin", {"X-CSRF-Token", "@", "Origin", "null"}, false},
	{"same site",
	 {"X-CSRF-Token", "@", "Sec-Fetch-Site", "same-site"},
	 false},
	{"cross site",
	 {"X-CSRF-Token", "@", "Sec-Fetch-Site", "cross-site"},
	 false},
	{"same origin",
	 {"X-CSRF-Token", "@", "Sec-Fetch-Site", "same-origin"},
	 true},
};

static void csrf_of(const char *cookie, char out[SECRET_TEXT])
{
	ask("GET", "/api/v1/session");
	with("Cookie", cookie);
	ck_assert(let_in());
	snprintf(out, SECRET_TEXT, "%s", rq.csrf);
}

START_TEST(forged_post)
{
	char cookie[256], csrf[SECRET_TEXT];

	open_with((struct auth_config){.viewer_digits = 64});
	log_in(cookie);
	csrf_of(cookie, csrf);
	ask("POST", "/api/v1/logout");
	with("Cookie", cookie);
	for (int i = 0; i < 4 && posts[_i].header[i]; i += 2)
		with(posts[_i].header[i], strcmp(posts[_i].header[i + 1], "@")
						  ? posts[_i].header[i + 1]
						  : csrf);
	ck_assert_int_eq(let_in(), posts[_i].good);
	if (!posts[_i].good) {
		ck_assert_uint_eq(an.status, 403);
		ck_assert_ptr_nonnull(strstr(body(), "\"code\":\"csrf\""));
	} else {
		ck_assert_int_eq(api_logout(&rq, &an), 0);
		ask("GET", "/api/v1/session");
		with("Cookie", cookie);
		ck_assert(!let_in());
	}
	end();
}
END_TEST

START_TEST(forged_login)
{
	open_with((struct auth_config){.viewer_digits = 64});
	ask("POST", "/login");
	with("Sec-Fetch-Site", "cross-site");
	ck_assert(!let_in());
	ask("POST", "/login");
	with("Origin", "https://evil.example");
	ck_assert(!let_in());
	ask("POST", "/login");
	with("Origin", "http://scope.example:8080");
	ck_assert(let_in());
	end();
}
END_TEST

/* --- tokens --------------------------------------------------------------- */

static const struct {
	const char *value;
	bool good;
} bearers[] = {
	{"Bearer callscope_of this test", true},
	{"bearer   callscope_of this test ", true},
	{"Bearer callscope_of this tes", false},
	{"Bearer callscope_of this testt", false},
	{"Bearer ", false},
	{"Bearer", false},
	{"Basic callscope_of this test", false},
	{"", false},
};

START_TEST(token_is_a_login)
{
	open_with((struct auth_config){.viewer_digits = 64});
	ask("POST", "/api/v1/logout"); /* no browser: no CSRF token */
	with("Authorization", bearers[_i].value);
	ck_assert_int_eq(let_in(), bearers[_i].good);
	ck_assert_str_eq(rq.user, bearers[_i].good ? "anna" : "");
	end();
}
END_TEST

/* Whoever gives a wrong token does not get in by a good cookie. */
START_TEST(token_goes_first)
{
	char cookie[256];

	open_with((struct auth_config){.viewer_digits = 64});
	log_in(cookie);
	ask("GET", "/api/v1/session");
	with("Cookie", cookie);
	with("Authorization", "Bearer wrong");
	ck_assert(!let_in());
	end();
}
END_TEST

/* --- passwords ------------------------------------------------------------ */

static unsigned try_login(const char *name, const char *password)
{
	ask("POST", "/login");
	field("user", name);
	if (password)
		field("password", password);
	field("next", "/call/X");
	ck_assert_int_eq(post_login(&rq, &an), 0);
	return an.status;
}

START_TEST(wrong_ones_wait)
{
	open_with((struct auth_config){.viewer_digits = 64});
	ck_assert_uint_eq(try_login("anna", "wrong"), 401);
	ck_assert_ptr_nonnull(strstr(body(), "Wrong name or password."));
	ck_assert_ptr_nonnull(strstr(an.body.p, "value=\"anna\""));
	ck_assert_ptr_nonnull(strstr(an.body.p, "value=\"/call/X\""));
	ck_assert_ptr_null(answer_header("Set-Cookie"));
	ck_assert_uint_eq(try_login("zed", "wrong"), 401);
	ck_assert_uint_eq(try_login("anna", PASSWORD), 429);
	ck_assert_str_eq(answer_header("Retry-After"), "10");
	ck_assert_ptr_nonnull(strstr(body(), "wait 10 seconds"));
	clock_ns += 9 * S + 1;
	ck_assert_uint_eq(try_login("anna", PASSWORD), 429);
	ck_assert_str_eq(answer_header("Retry-After"), "1");
	clock_ns += 1 * S;
	ck_assert_uint_eq(try_login("anna", PASSWORD), 303);
	ck_assert_str_eq(answer_header("Location"), "/call/X");
	ck_assert_uint_eq(try_login("anna", NULL), 401);
	end();
}
END_TEST

START_TEST(password_is_wiped)
{
	const char *kept;
	char text[] = "user=anna&password=secret";

	open_with((struct auth_config){.viewer_digits = 64});
	ask("POST", "/login");
	field("user", "anna");
	field("password", "secret words");
	kept = web_form(&rq, "password");
	rq.body = slice_of(text, sizeof(text) - 1);
	post_login(&rq, &an);
	ck_assert_str_eq(kept, "");
	ck_assert_str_eq(text, "");
	ck_assert(!strstr(body(), "secret words"));
	end();
}
END_TEST

/* --- proxies -------------------------------------------------------------- */

static const char *const proxies[] = {"127.0.0.1, 10.1.0.0/16",
				      "2001:db8::/32"};

static const struct {
	const char *peer, *user, *second;
	enum web_role role;
} asked[] = {
	{"127.0.0.1", "anna", NULL, WEB_ANALYST},
	{"10.1.255.1", "zed", NULL, WEB_VIEWER},
	{"2001:db8:1::1", "zed@example.com", NULL, WEB_VIEWER},
	{"127.0.0.2", "anna", NULL, WEB_NOBODY},
	{"10.2.0.1", "anna", NULL, WEB_NOBODY},
	{"2001:db9::1", "anna", NULL, WEB_NOBODY},
	{"127.0.0.1", "", NULL, WEB_NOBODY},
	{"127.0.0.1", "no name", NULL, WEB_NOBODY},
	{"127.0.0.1", NULL, NULL, WEB_NOBODY},
	{"127.0.0.1", "anna", "zed", WEB_NOBODY}, /* who wrote which? */
};

static void open_proxied(enum web_role role)
{
	open_with((struct auth_config){
		.viewer_digits = 6,
		.proxy_header = "X-Remote-User",
		.proxy_from = proxies,
		.proxy_from_n = COUNT(proxies),
		.proxy_role = role,
	});
}

START_TEST(proxy_is_believed)
{
	open_proxied(WEB_VIEWER);
	ask("GET", "/api/v1/session");
	rq.peer = ip(asked[_i].peer);
	if (asked[_i].user)
		with("x-remote-user", asked[_i].user);
	if (asked[_i].second)
		with("X-Remote-User", asked[_i].second);
	ck_assert_int_eq(let_in(), asked[_i].role != WEB_NOBODY);
	ck_assert_int_eq((int)rq.role, (int)asked[_i].role);
	ck_assert_str_eq(rq.user, asked[_i].role ? asked[_i].user : "");
	end();
}
END_TEST

/* The proxy's cookie is sent by forged requests, too. */
START_TEST(proxy_wants_csrf)
{
	char csrf[SECRET_TEXT];

	open_proxied(WEB_NOBODY);
	ask("GET", "/api/v1/session");
	rq.peer = ip("127.0.0.1");
	with("X-Remote-User", "anna");
	ck_assert(let_in());
	snprintf(csrf, sizeof(csrf), "%s", rq.csrf);
	ask("POST", "/api/v1/logout");
	rq.peer = ip("127.0.0.1");
	with("X-Remote-User", "anna");
	ck_assert(!let_in());
	ask("POST", "/api/v1/logout");
	rq.peer = ip("127.0.0.1");
	with("X-Remote-User", "anna");
	with("X-CSRF-Token", csrf);
	with("Origin", "https://outside.example");
	with("X-Forwarded-Host", "outside.example");
	ck_assert(let_in());
	ask("GET", "/api/v1/session"); /* no login, and no role for such */
	rq.peer = ip("127.0.0.1");
	with("X-Remote-User", "zed");
	ck_assert(!let_in());
	end();
}
END_TEST

static const struct {
	const char *text, *ip; /* NULL: none */
} forwarded[] = {
	{"198.51.100.1", "198.51.100.1"},
	{"1.2.3.4, 198.51.100.1", "198.51.100.1"},
	{"unknown,198.51.100.1:4711", "198.51.100.1"},
	{"2001:db8::1", "2001:db8::1"},
	{"[2001:db8::1]:80", "2001:db8::1"},
	{"[2001:db8::1]", "2001:db8::1"},
	{"1.2.3.4,", NULL},
	{"", NULL},
	{"[", NULL},
	{"unknown", NULL},
	{"1.2.3.4 5.6.7.8", NULL},
};

START_TEST(forwarded_for)
{
	struct addr want = ip("192.0.2.7"), got;

	got = want;
	if (forwarded[_i].ip)
		want = ip(forwarded[_i].ip);
	ck_assert_int_eq(proxy_forwarded(slice_str(forwarded[_i].text), &got),
			 forwarded[_i].ip != NULL);
	ck_assert(addr_ip_eq(&got, &want));
}
END_TEST

START_TEST(forwarded_by_whom)
{
	struct addr want = ip("198.51.100.1"), got;

	open_proxied(WEB_VIEWER);
	ask("GET", "/");
	with("X-Forwarded-For", "198.51.100.1");
	got = auth_from(web.auth, &rq);
	ck_assert(addr_ip_eq(&got, &rq.peer));
	rq.peer = ip("10.1.2.3");
	got = auth_from(web.auth, &rq);
	ck_assert(addr_ip_eq(&got, &want));
	end();
}
END_TEST

static const struct {
	const char *header, *from, *why;
} refused[] = {
	{"X-User", NULL, "needs http-proxy-from"},
	{"X User", "127.0.0.1", "the name of a header"},
	{"X-User", "127.0.0.1, host", "http-proxy-from: 127.0.0.1, host"},
	{"X-User", "127.0.0.1/33", "give addresses or subnets"},
};

START_TEST(proxy_is_checked)
{
	const char *from[] = {refused[_i].from};
	struct proxy_config pc = {
		.header = refused[_i].header,
		.from = from,
		.from_n = refused[_i].from ? 1 : 0,
	};
	char why[PROXY_WHY] = "";
	struct proxy *p;

	ck_assert_int_lt(proxy_open(&p, &pc, why), 0);
	ck_assert_msg(strstr(why, refused[_i].why), "%s", why);
}
END_TEST

/* --- the gate ------------------------------------------------------------- */

static const struct {
	const char *path;
	unsigned status;
	const char *location;
} strangers[] = {
	{"/", 200, NULL},
	{"/search", 303, "/?next=/search%3Fq%3D1%2526a"},
	{"/api/v1/session", 401, NULL},
	{"/assets/x.js", 401, NULL},
	{"/readyz", 401, NULL},
	{"/nothing", 401, NULL},
};

START_TEST(strangers_are_asked)
{
	ask("GET", strangers[_i].path);
	open_with((struct auth_config){.viewer_digits = 64});
	rq.query = "q=1%26a";
	ck_assert(!let_in());
	ck_assert_uint_eq(an.status, strangers[_i].status);
	if (strangers[_i].location)
		ck_assert_str_eq(answer_header("Location"),
				 strangers[_i].location);
	end();
}
END_TEST

START_TEST(public_pages)
{
	static const char *const pages[] = {"readyz", "metrics, healthz"};

	open_with((struct auth_config){
		.viewer_digits = 64, .public_ = pages, .public_n = 2});
	ask("GET", "/healthz");
	ck_assert(let_in());
	ck_assert(auth_is_public(web.auth, "/readyz"));
	ck_assert(auth_is_public(web.auth, "/metrics"));
	ck_assert(!auth_is_public(web.auth, "/metric"));
	ck_assert(!auth_is_public(web.auth, "/"));
	ck_assert(!auth_is_public(web.auth, "/api/v1/session"));
	end();
}
END_TEST

START_TEST(analyst_is_no_admin)
{
	open_with((struct auth_config){.viewer_digits = 64});
	ask("GET", "/api/v1/audit");
	with("Authorization", "Bearer callscope_of this test");
	ck_assert(!let_in());
	ck_assert_uint_eq(an.status, 403);
	ck_assert_ptr_nonnull(strstr(body(), "\"code\":\"forbidden\""));
	ck_assert_ptr_nonnull(strstr(an.body.p, "role admin; anna is analyst"));
	end();
}
END_TEST

static const struct {
	const char *method, *action, *format, *want;
	const char *more; /* the name of another parameter */
} taken[] = {
	{"GET", "pcap", NULL, "\"action\":\"pcap\",\"what\":\"q of it\""},
	{"HEAD", "pcap", NULL, NULL},
	{"GET", NULL, NULL, NULL},
	{"GET", "rows", NULL, NULL},
	{"GET", "rows", "json", NULL},
	{"GET", "rows", "", NULL},
	{"GET", "wav", "", "\"action\":\"wav\""},
	{"GET", "wav", "", "\"action\":\"listen\"", "listen"},
	{"GET", "rows", "csv", "\"action\":\"csv\""},
	{"GET", "rows", "jsonl", "\"action\":\"json\""},
};

START_TEST(taken_away)
{
	const struct web_route route = {.audit = taken[_i].action};
	struct web_pair params[] = {{"q", "q of it"},
				    {"format", taken[_i].format},
				    {taken[_i].more, "1"}};
	struct outbuf log = {0};
	char why[AUTH_WHY];
	uint64_t next;

	open_with((struct auth_config){.viewer_digits = 64});
	ask(taken[_i].method, "/x");
	rq.route = &route;
	rq.user = "anna";
	rq.role = WEB_ANALYST;
	rq.params = (struct web_pairs){params, taken[_i].more	  ? 3
					       : taken[_i].format ? 2
								  : 1};
	gate_done(&rq, &an);
	ck_assert_uint_eq(an.status, 200);
	ck_assert_int_eq(audit_read(dir, 0, 9, &log, &next, why), 0);
	outbuf_char(&log, '\0');
	if (taken[_i].want)
		ck_assert_ptr_nonnull(strstr(log.p, taken[_i].want));
	else
		ck_assert_str_eq(log.p, "");
	outbuf_free(&log);
	end();
}
END_TEST

/* What cannot be written down is not handed out. */
START_TEST(no_log_no_export)
{
	const struct web_route route = {.audit = "pcap"};
	char path[128];

	open_with((struct auth_config){.viewer_digits = 64});
	ask("GET", "/x");
	rq.route = &route;
	rq.user = "anna";
	rq.role = WEB_ANALYST;
	outbuf_str(&an.body, "packets");
	snprintf(path, sizeof(path), "%s/audit.log", dir);
	ck_assert_int_eq(symlink("/nonexistent/log", path), 0);
	gate_done(&rq, &an);
	ck_assert_uint_eq(an.status, 503);
	ck_assert(!strstr(body(), "packets"));
	end();
}
END_TEST

/* --- the page ------------------------------------------------------------- */

static const struct {
	const char *next;
	bool local;
} nexts[] = {
	{"/", true},
	{"/search?q=a%20b&x=1", true},
	{"/call/01KB?tab=x#y", true},
	{"", false},
	{"search", false},
	{"//evil.example/", false},
	{"/\\evil.example", false},
	{"/a\\b", false},
	{"https://evil.example", false},
	{"/a b", false},
	{"/a\nSet-Cookie: x", false},
	{"/api/v1/calls", false},
	{"/login", false},
};

START_TEST(where_to_go_on)
{
	ck_assert_int_eq(login_is_local(nexts[_i].next), nexts[_i].local);
}
END_TEST

START_TEST(page_has_no_markup_of_others)
{
	static const struct login_page p = {
		.name = "\"><script>alert(1)</script>&'\xc3\xa4",
		.next = "/x\"y",
		.error = "a < b",
	};

	ask("GET", "/");
	ck_assert_int_eq(login_page(&rq, &an, &p), 0);
	ck_assert(!strstr(body(), "<script"));
	ck_assert_ptr_nonnull(strstr(an.body.p,
				     "value=\"&quot;&gt;&lt;script&gt;alert(1)"
				     "&lt;/script&gt;&amp;&#39;\xc3\xa4\""));
	ck_assert_ptr_nonnull(strstr(an.body.p, "value=\"/x&quot;y\""));
	ck_assert_ptr_nonnull(strstr(an.body.p, "a &lt; b"));
	ck_assert_ptr_nonnull(strstr(an.csp, "default-src 'none'"));
	web_answer_close(&an);
	arena_free(rq.mem);
	rq.mem = NULL;
}
END_TEST

static int drop_all(void *arg, struct users *u, char why[USERS_WHY])
{
	return drop_anna(arg, u, why);
}

START_TEST(page_says_how_to_begin)
{
	char why[USERS_WHY];

	open_with((struct auth_config){.viewer_digits = 64});
	ask("GET", "/");
	ck_assert_int_eq(page_login(&rq, &an), 0);
	ck_assert(!strstr(body(), "callscope user add"));
	ck_assert_int_eq(users_file_change(dir, drop_all, NULL, why), 0);
	ask("GET", "/");
	ck_assert_int_eq(page_login(&rq, &an), 0);
	ck_assert_ptr_nonnull(strstr(body(), "callscope user add"));
	ck_assert(!strstr(an.body.p, dir)); /* not for those outside */
	ask("GET", "/");
	rq.peer = ip("127.0.0.1");
	ck_assert_int_eq(page_login(&rq, &an), 0);
	ck_assert_ptr_nonnull(strstr(body(), dir));
	end();
}
END_TEST

/* --- all of it ------------------------------------------------------------ */

static void add_logins(Suite *s)
{
	TCase *t = tcase_create("logins");

	tcase_add_test(t, cookie_is_a_login);
	tcase_add_test(t, cookie_under_tls_is_secure);
	tcase_add_test(t, session_is_over);
	tcase_add_test(t, removed_user_is_out);
	tcase_add_loop_test(t, forged_post, 0, COUNT(posts));
	tcase_add_test(t, forged_login);
	tcase_add_loop_test(t, token_is_a_login, 0, COUNT(bearers));
	tcase_add_test(t, token_goes_first);
	tcase_add_test(t, wrong_ones_wait);
	tcase_add_test(t, password_is_wiped);
	suite_add_tcase(s, t);
}

static void add_proxies(Suite *s)
{
	TCase *t = tcase_create("proxies");

	tcase_add_loop_test(t, proxy_is_believed, 0, COUNT(asked));
	tcase_add_test(t, proxy_wants_csrf);
	tcase_add_loop_test(t, forwarded_for, 0, COUNT(forwarded));
	tcase_add_test(t, forwarded_by_whom);
	tcase_add_loop_test(t, proxy_is_checked, 0, COUNT(refused));
	suite_add_tcase(s, t);
}

int main(void)
{
	Suite *s = suite_create("auth");
	TCase *t = tcase_create("gate");

	add_logins(s);
	add_proxies(s);
	tcase_add_loop_test(t, strangers_are_asked, 0, COUNT(strangers));
	tcase_add_test(t, public_pages);
	tcase_add_test(t, analyst_is_no_admin);
	tcase_add_loop_test(t, taken_away, 0, COUNT(taken));
	tcase_add_test(t, no_log_no_export);
	tcase_add_loop_test(t, where_to_go_on, 0, COUNT(nexts));
	tcase_add_test(t, page_has_no_markup_of_others);
	tcase_add_test(t, page_says_how_to_begin);
	suite_add_tcase(s, t);
	return run_suite(s);
}
