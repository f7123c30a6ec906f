/* Parity packets in all forms, and retransmissions. */
#include <assert.h>

#include "dissectors/rtp_fec.h"
#include "tests/prefix.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void sets(enum parse res, const struct rtp_fec *f)
{
	assert(f->n <= RTP_FEC_SETS);
	for (unsigned i = 0; res == PARSE_OK && i < f->n; i++)
		assert(f->set[i].step &&
		       (f->set[i].mask[0] || f->set[i].mask[1]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t csrcs = size ? data[0] % 16 * 4u : 0;
	struct slice in = slice_from(slice_of(data, size), 1);
	struct slice rest;
	struct rtp_fec f;
	uint16_t number;

	sets(rtp_ulpfec_parse(in, &f), &f);
	sets(rtp_flexfec03_parse(in, &f), &f);
	sets(rtp_flexfec_parse(slice_from(in, csrcs), slice_head(in, csrcs),
			       &f),
	     &f);
	if (rtp_rtx_parse(in, &number, &rest) == PARSE_OK)
		assert(prefix_inside(rest, in) && rest.len + 2 == in.len);
	return 0;
}
