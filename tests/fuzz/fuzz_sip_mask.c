/* The first byte: how many digits stay. */
#include <stdlib.h>
#include <string.h>

#include "dissectors/sip_mask.h"
#include "sniffer/base/slice.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mask m = {MASK_OFF, true};
	uint8_t *copy;

	if (!size)
		return 0;
	m.digits = data[0] % 16;
	copy = malloc(size);
	if (!copy)
		return 0;
	memcpy(copy, data + 1, size - 1);
	sip_mask(copy, size - 1, &m);
	free(copy);
	return 0;
}
