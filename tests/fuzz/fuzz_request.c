/* What a browser, or somebody who is none, says in the head of a request: one
 * line each for the target, a range, tags, encodings and cookies. */
#include <assert.h>
#include <string.h>

#include "web/conditions.h"
#include "web/routes.h"
#include "web/uri.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_target(struct slice line, struct arena *mem)
{
	struct web_request rq = {.method = "GET", .mem = mem};
	char allow[ROUTE_ALLOW];
	struct uri u;

	if (uri_parse(line, mem, &u))
		return;
	assert(u.path[0] == '/' && strlen(u.path) <= line.len);
	assert(u.params.n <= URI_PAIRS);
	for (size_t i = 0; i < u.params.n; i++)
		assert(u.params.v[i].name && u.params.v[i].value);
	rq.path = u.path;
	if (route_find(&rq, allow) == ROUTE_FOUND)
		assert(rq.route && (!rq.arg[0].p || rq.arg[0].len));
}

static void try_range(struct slice line)
{
	const uint64_t size = 1000;
	uint64_t first, len;

	if (range_parse(line, size, &first, &len) == RANGE_PART)
		assert(len && first < size && len <= size - first);
}

static void try_cookie(struct slice line, struct arena *mem)
{
	struct web_pair header = {"Cookie", arena_str(mem, line)};
	struct web_request rq = {.headers = {&header, 1}, .mem = mem};
	const char *found = header.value ? web_cookie(&rq, "a") : NULL;

	assert(!found || strlen(found) <= line.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size), line = {0};
	struct arena *mem = arena_new(4096, 1 << 20);

	if (!mem)
		return 0;
	if (slice_line(&in, &line))
		try_target(line, mem);
	if (slice_line(&in, &line))
		try_range(line);
	if (slice_line(&in, &line))
		etag_matches(line, "W/\"a\"");
	if (slice_line(&in, &line))
		accepts_gzip(line);
	if (slice_line(&in, &line))
		try_cookie(line, mem);
	arena_free(mem);
	return 0;
}
