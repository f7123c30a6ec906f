/* RTCP compounds and every packet type in them. */
#include <assert.h>

#include "tests/rtp_inside.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	assert(rtcp_inside(slice_of(data, size)));
	return 0;
}
