/* Header extensions under every number: the first byte says which is whose,
 * the second whether the form of two bytes is used. */
#include <assert.h>

#include "dissectors/rtp_dd.h"
#include "dissectors/rtp_hdrext.h"
#include "tests/prefix.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size);
	struct rtp_hdrext_ids ids = {.encrypted = size ? data[0] : 0};
	struct rtp r = {.ext_profile = 0xbede, .ext = slice_from(in, 2)};
	struct rtp_hdrext x;
	struct rtp_dd dd;

	if (size > 1 && data[1] & 1)
		r.ext_profile = 0x1000;
	for (int k = 1; k < RTP_HDREXT_KINDS; k++)
		ids.id[k] = (uint8_t)((k + (size ? data[0] : 0)) % 16);
	rtp_hdrext_read(&r, &ids, size & 1, &x);
	assert(prefix_inside(x.mid, in) && prefix_inside(x.rid, in));
	assert(prefix_inside(x.repaired_rid, in) && prefix_inside(x.dd, in));
	assert(x.level < 128 && x.rotation < 4);
	rtp_dd_parse(in, &dd);
	assert(dd.structure == (dd.spatial && dd.temporal));
	assert((dd.width == 0) == (dd.height == 0));
	return 0;
}
