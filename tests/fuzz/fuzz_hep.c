/* HEP packets. */
#include <assert.h>

#include "dissectors/hep.h"
#include "tests/prefix.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size);
	struct hep h;

	if (hep_parse(in, &h) != PARSE_OK)
		return 0;
	assert(hep_probe(in));
	assert(h.payload.len && prefix_inside(h.payload, in));
	assert(prefix_inside(h.correlation_id, in) &&
	       prefix_inside(h.node, in));
	assert(hep_kind(h.type));
	return 0;
}
