/* Routes, and what the server makes of an answer: 304, 206, 416, gzip. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include <zlib.h>

#include "tests/run_suite.h"
#include "web/assets.h"
#include "web/finish.h"
#include "web/routes.h"

/* --- routes -------------------------------------------------------------- */

static const struct {
	const char *method, *path;
	enum route_found want;
	const char *arg; /* or what is allowed */
} paths[] = {
	{"GET", "/healthz", ROUTE_FOUND, ""},
	{"HEAD", "/healthz", ROUTE_FOUND, ""},
	{"GET", "/assets/main-1.js", ROUTE_FOUND, "main-1.js"},
	{"GET", "/call/01KB7Q5GW0", ROUTE_FOUND, "01KB7Q5GW0"},
	{"DELETE", "/healthz", ROUTE_OTHER_METHOD, "GET, HEAD"},
	{"get", "/healthz", ROUTE_OTHER_METHOD, "GET, HEAD"},
	{"GET", "/healthz/", ROUTE_NONE, ""},
	{"GET", "//healthz", ROUTE_NONE, ""},
	{"GET", "/assets/", ROUTE_NONE, ""},
	{"GET", "/assets/a/b", ROUTE_NONE, ""},
	{"GET", "/assets", ROUTE_NONE, ""},
	{"GET", "/Healthz", ROUTE_NONE, ""},
	{"GET", "/api/v1/nothing", ROUTE_NONE, ""},
};

START_TEST(path)
{
	struct web_request rq = {.method = paths[_i].method,
				 .path = paths[_i].path};
	char allow[ROUTE_ALLOW];

	ck_assert_int_eq(route_find(&rq, allow), paths[_i].want);
	if (paths[_i].want == ROUTE_FOUND)
		ck_assert(slice_eq(rq.arg[0], slice_str(paths[_i].arg)));
	else if (paths[_i].want == ROUTE_OTHER_METHOD)
		ck_assert_str_eq(allow, paths[_i].arg);
	else
		ck_assert_ptr_null(rq.route);
}
END_TEST

/* No route hides another, and each says who may. */
START_TEST(table)
{
	const struct web_route *r;
	char allow[ROUTE_ALLOW];

	for (size_t i = 0; (r = route_at(i)); i++) {
		struct web_request rq = {.method = r->method, .path = r->path};

		ck_assert_msg(route_find(&rq, allow) == ROUTE_FOUND, "%s",
			      r->path);
		ck_assert_msg(rq.route == r, "%s", r->path);
		ck_assert_ptr_nonnull(r->run);
		ck_assert_int_eq(r->path[0], '/');
	}
}
END_TEST

/* {uid} of the description as {} of the routes. */
static void without_names(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		*to++ = *from;
		if (*from != '{' || (from[1] < 'a' || from[1] > 'z'))
			continue;
		while (from[1] && from[1] != '}')
			from++;
	}
	*to = '\0';
}

/* What the API's description leaves out nobody finds. */
START_TEST(documented)
{
	struct web_request rq = {.mem = arena_new(256, 0)};
	const struct web_route *r;
	struct web_answer an;
	uint64_t first, len;
	char quoted[256];

	web_answer_init(&an);
	ck_assert_int_eq(asset_answer(&an, "openapi.json"), 0);
	finish_answer(&rq, &an, &first, &len);
	outbuf_char(&an.body, '\0');
	ck_assert(!an.body.failed);
	without_names(an.body.p);
	for (size_t i = 0; (r = route_at(i)); i++) {
		snprintf(quoted, sizeof(quoted), "\"%s\":{", r->path);
		ck_assert_msg(r->page || !strncmp(r->path, "/assets/", 8) ||
				      strstr(an.body.p, quoted),
			      "%s is not in web/openapi", r->path);
	}
	web_answer_close(&an);
	arena_free(rq.mem);
}
END_TEST

/* --- conditions ---------------------------------------------------------- */

struct asked {
	struct web_request rq;
	struct web_answer an;
	struct web_pair header[4];
	uint64_t first, len;
};

static void ask(struct asked *a, const char *name, const char *value)
{
	a->header[a->rq.headers.n++] = (struct web_pair){name, value};
}

static void begin(struct asked *a)
{
	*a = (struct asked){0};
	a->rq.mem = arena_new(1024, 0);
	a->rq.headers.v = a->header;
	web_answer_init(&a->an);
}

static const char *told(const struct asked *a, const char *name)
{
	for (size_t i = 0; i < a->an.headers; i++)
		if (!strcmp(a->an.header[i].name, name))
			return a->an.header[i].value;
	return "";
}

static void finish(struct asked *a)
{
	finish_answer(&a->rq, &a->an, &a->first, &a->len);
}

static void end(struct asked *a)
{
	web_answer_close(&a->an);
	arena_free(a->rq.mem);
}

START_TEST(etag)
{
	struct asked a;
	char tag[64];

	begin(&a);
	outbuf_str(&a.an.body, "{}");
	finish(&a);
	ck_assert_int_eq(a.an.status, 200);
	ck_assert_uint_eq(strlen(a.an.etag), 36);
	memcpy(tag, a.an.etag, sizeof(tag));
	end(&a);

	begin(&a);
	ask(&a, "If-None-Match", tag);
	outbuf_str(&a.an.body, "{}");
	finish(&a);
	ck_assert_int_eq(a.an.status, 304);
	ck_assert_uint_eq(a.an.body.len, 0);
	ck_assert_str_eq(a.an.etag, tag);
	end(&a);

	begin(&a);
	ask(&a, "If-None-Match", tag);
	outbuf_str(&a.an.body, "[]");
	finish(&a);
	ck_assert_int_eq(a.an.status, 200);
	ck_assert_str_ne(a.an.etag, tag);
	end(&a);
}
END_TEST

/* Errors have none. */
START_TEST(no_etag)
{
	struct asked a;

	begin(&a);
	ask(&a, "If-None-Match", "*");
	web_fail(&a.an, 404, "not_found", "no call %s", "\"x\"");
	finish(&a);
	ck_assert_int_eq(a.an.status, 404);
	ck_assert_str_eq(a.an.etag, "");
	outbuf_char(&a.an.body, '\0');
	ck_assert_str_eq(a.an.body.p,
			 "{\"error\":{\"code\":\"not_found\",\"message\":"
			 "\"no call \\\"x\\\"\",\"at\":null}}\n");
	end(&a);
}
END_TEST

static void put_digits(struct outbuf *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		outbuf_char(b, (char)('0' + i % 10));
}

static struct slice unzip(const struct web_answer *an, uint8_t *to, size_t size)
{
	z_stream z = {.next_in = (Bytef *)an->body.p,
		      .avail_in = (uInt)an->body.len,
		      .next_out = to,
		      .avail_out = (uInt)size};

	ck_assert_int_eq(inflateInit2(&z, 15 + 16), Z_OK);
	ck_assert_int_eq(inflate(&z, Z_FINISH), Z_STREAM_END);
	inflateEnd(&z);
	return slice_of(to, size - z.avail_out);
}

START_TEST(gzip)
{
	static uint8_t text[8192];
	struct slice back;
	struct asked a;

	begin(&a);
	ask(&a, "Accept-Encoding", "gzip");
	put_digits(&a.an.body, 5000);
	finish(&a);
	ck_assert(a.an.gzipped);
	ck_assert_str_eq(told(&a, "Vary"), "Accept-Encoding");
	ck_assert_uint_eq(a.len, a.an.body.len);
	ck_assert_uint_lt(a.len, 500);
	back = unzip(&a.an, text, sizeof(text));
	ck_assert_uint_eq(back.len, 5000);
	ck_assert_int_eq(back.p[4999], '9');
	end(&a);
}
END_TEST

static const struct {
	const char *type, *asked;
	size_t n;
} plain[] = {
	{"application/json", NULL, 5000},
	{"application/json", "br", 5000},
	{"application/json", "gzip", 500},
	{"audio/wav", "gzip", 5000},
};

START_TEST(not_gzip)
{
	struct asked a;

	begin(&a);
	if (plain[_i].asked)
		ask(&a, "Accept-Encoding", plain[_i].asked);
	a.an.type = plain[_i].type;
	put_digits(&a.an.body, plain[_i].n);
	finish(&a);
	ck_assert(!a.an.gzipped);
	ck_assert_uint_eq(a.an.body.len, plain[_i].n);
	end(&a);
}
END_TEST

/* A file of the program, for somebody who cannot unpack it. */
START_TEST(unpacked)
{
	struct web_answer packed;
	struct asked a;

	begin(&a);
	ask(&a, "Accept-Encoding", "gzip");
	put_digits(&a.an.body, 200000);
	finish(&a);
	packed = a.an;
	a.an.body = (struct outbuf){0};
	end(&a);

	begin(&a);
	a.an.fixed = slice_of(packed.body.p, packed.body.len);
	a.an.gzipped = true;
	finish(&a);
	ck_assert_int_eq(a.an.status, 200);
	ck_assert(!a.an.gzipped);
	ck_assert_uint_eq(a.an.body.len, 200000);
	ck_assert_int_eq(a.an.body.p[199999], '9');
	end(&a);
	outbuf_free(&packed.body);
}
END_TEST

/* --- ranges of downloads -------------------------------------------------- */

static const struct {
	const char *range, *if_range;
	unsigned status;
	uint64_t first, len;
	const char *told;
} parts[] = {
	{NULL, NULL, 200, 0, 100, ""},
	{"bytes=10-19", NULL, 206, 10, 10, "bytes 10-19/100"},
	{"bytes=-5", NULL, 206, 95, 5, "bytes 95-99/100"},
	{"bytes=100-", NULL, 416, 0, 0, "bytes */100"},
	{"bytes=10-19", "\"tag\"", 206, 10, 10, "bytes 10-19/100"},
	{"bytes=10-19", "\"old\"", 200, 0, 100, ""},
	{"bytes=1-2,5-6", NULL, 200, 0, 100, ""},
};

static void ask_part(struct asked *a, int i)
{
	begin(a);
	if (parts[i].range)
		ask(a, "Range", parts[i].range);
	if (parts[i].if_range)
		ask(a, "If-Range", parts[i].if_range);
	strcpy(a->an.etag, "\"tag\"");
	a->an.type = "audio/wav";
}

static void check_part(const struct asked *a, int i)
{
	ck_assert_uint_eq(a->an.status, parts[i].status);
	ck_assert_str_eq(told(a, "Content-Range"), parts[i].told);
	ck_assert_str_eq(told(a, "Accept-Ranges"), "bytes");
	if (parts[i].status != 416)
		ck_assert_uint_eq(a->len, parts[i].len);
}

START_TEST(part_of_memory)
{
	struct asked a;

	ask_part(&a, _i);
	strcpy(a.an.filename, "a.wav");
	put_digits(&a.an.body, 100);
	finish(&a);
	check_part(&a, _i);
	if (parts[_i].status != 416) {
		ck_assert_uint_eq(a.an.body.len, parts[_i].len);
		ck_assert_int_eq(a.an.body.p[0],
				 (int)('0' + parts[_i].first % 10));
	}
	end(&a);
}
END_TEST

START_TEST(part_of_file)
{
	struct asked a;

	ask_part(&a, _i);
	a.an.fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	a.an.fd_len = 100;
	finish(&a);
	check_part(&a, _i);
	if (parts[_i].status != 416)
		ck_assert_uint_eq(a.first, parts[_i].first);
	else
		ck_assert_int_eq(a.an.fd, -1);
	end(&a);
}
END_TEST

#define COUNT(rows) (int)(sizeof(rows) / sizeof((rows)[0]))

int main(void)
{
	Suite *s = suite_create("answers");
	TCase *t = tcase_create("answers");

	tcase_add_loop_test(t, path, 0, COUNT(paths));
	tcase_add_test(t, table);
	tcase_add_test(t, documented);
	tcase_add_test(t, etag);
	tcase_add_test(t, no_etag);
	tcase_add_test(t, gzip);
	tcase_add_loop_test(t, not_gzip, 0, COUNT(plain));
	tcase_add_test(t, unpacked);
	tcase_add_loop_test(t, part_of_memory, 0, COUNT(parts));
	tcase_add_loop_test(t, part_of_file, 0, COUNT(parts));
	suite_add_tcase(s, t);
	return run_suite(s);
}
