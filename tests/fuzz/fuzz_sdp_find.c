/* Descriptions and candidates in any text. */
#include <assert.h>
#include <stdlib.h>

#include "dissectors/sdp_find.h"
#include "tests/prefix.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct sdp_find *f, const struct sdp_found *it,
		  struct slice scratch)
{
	struct slice line = slice_of(f->line, sizeof(f->line));

	assert(prefix_inside(it->text, scratch) ||
	       prefix_inside(it->text, line));
	assert(it->mid.len <= sizeof(f->mid));
	assert(it->ufrag.len <= sizeof(f->ufrag));
	assert(it->mline >= -1 && it->mline < 1024);
	assert(sdp_type_name(it->type));
	switch (it->kind) {
	case FOUND_SDP:
		assert(slice_starts(it->text, SLICE("v=0")));
		break;
	case FOUND_CANDIDATE:
		assert(slice_starts(it->text, SLICE("candidate:")));
		assert(slice_find(it->text, '\n') < 0);
		break;
	case FOUND_END_OF_CANDIDATES:
		assert(!it->text.len);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size);
	uint8_t *scratch = malloc(size + 1);
	struct sdp_found it;
	struct sdp_find f;
	size_t n = 0;

	if (scratch && sdp_find_begin(&f, in, scratch, size)) {
		while (sdp_find_next(&f, &it)) {
			check(&f, &it, slice_of(scratch, size));
			assert(++n <= size);
		}
	}
	free(scratch);
	return 0;
}
