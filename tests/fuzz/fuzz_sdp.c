/* Session descriptions and single ICE candidates. */
#include <assert.h>

#include "tests/sdp_inside.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size);
	struct sdp_candidate c;
	struct sdp sdp;

	if (sdp_parse(in, &sdp) == PARSE_OK)
		assert(sdp_inside(&sdp, in));
	if (sdp_candidate_parse(in, &c))
		assert(prefix_inside(c.text, in) &&
		       prefix_inside(c.addr.text, in) &&
		       prefix_inside(c.tcptype, in));
	return 0;
}
