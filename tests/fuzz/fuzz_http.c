/* HTTP/1 heads, chunk lines and start lines; HTTP/2 frame headers. */
#include <assert.h>

#include "dissectors/h2.h"
#include "dissectors/http.h"
#include "tests/prefix.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_head(struct slice in)
{
	struct http_head h;

	if (http_head_parse(in, &h) != PARSE_OK)
		return;
	assert(h.len && h.len <= in.len);
	assert(h.len == http_blank_line(in, 0));
	assert(h.request == (h.status == 0));
	assert(h.request == (h.method.len > 0));
	assert(http_head_possible(in, h.request) || h.method.len > 30);
	assert(prefix_inside(h.method, in) && prefix_inside(h.target, in) &&
	       prefix_inside(h.host, in) && prefix_inside(h.location, in) &&
	       prefix_inside(h.content_type, in) &&
	       prefix_inside(h.ws_protocol, in) &&
	       prefix_inside(h.ws_extensions, in));
}

/* What resync finds can be read as the first line of a head. */
static void check_resync(struct slice in, bool request)
{
	ptrdiff_t at = http_resync(in, request);
	struct slice line;
	struct slice rest;
	struct http_head h;
	char head[4096];

	if (at < 0)
		return;
	assert((size_t)at < in.len);
	rest = slice_from(in, (size_t)at);
	assert(slice_cut(rest, '\n', &line, &rest));
	assert(http_head_possible(line, request));
	if (line.len > sizeof(head) - 3)
		return;
	memcpy(head, line.p, line.len);
	memcpy(head + line.len, "\n\n", 2);
	assert(http_head_parse(slice_of(head, line.len + 2), &h) == PARSE_OK);
	assert(h.request == request);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size);
	struct slice inside;
	struct h2_frame f;
	uint64_t chunk;
	size_t used;

	check_head(in);
	check_resync(in, true);
	check_resync(in, false);
	if (http_probe(in) != PARSE_BAD)
		assert(http_probe(slice_head(in, size / 2)) != PARSE_BAD);
	if (http_chunk_parse(in, &chunk, &used) == PARSE_OK)
		assert(used > 1 && used <= size && data[used - 1] == '\n');
	if (h2_preface(in) == PARSE_OK)
		assert(h2_probe_server(in) == PARSE_BAD);
	if (h2_frame_parse(in, &f) == PARSE_OK &&
	    h2_data(&f, slice_from(in, H2_HEADER), &inside))
		assert(prefix_inside(inside, in));
	return 0;
}
