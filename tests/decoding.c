#include "tests/decoding.h"

#include <stdlib.h>

struct decoder *decoder;
struct counters *faults;

void decoding_setup(void)
{
	static const struct decode_config cfg;
	static const struct seed seed = {1, 2};

	faults = calloc(1, sizeof(*faults));
	decoder = faults ? decode_new(&cfg, &seed, faults) : NULL;
	if (!decoder)
		abort();
}

void decoding_teardown(void)
{
	decode_free(decoder);
	free(faults);
}

enum decode_result decoding(struct slice bytes, uint16_t linktype,
			    struct pkt *out)
{
	static struct frame f; /* the packet points to it */

	f = (struct frame){.data = bytes,
			   .wire_len = (uint32_t)bytes.len,
			   .ts_ns = 1000,
			   .number = f.number + 1,
			   .linktype = linktype};
	return decode_frame(decoder, &f, out);
}
