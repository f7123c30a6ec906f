#include "sniffer/media/wide.h"

#include <stdlib.h>

struct wide *wide_new(void)
{
	struct wide *w = calloc(1, sizeof(*w));

	if (w)
		seq_init(&w->seq, w->ring);
	return w;
}

static void nothing(void *arg, uint64_t ext, uint8_t flags)
{
	(void)arg;
	(void)ext;
	(void)flags;
}

void wide_put(struct wide *w, uint16_t number)
{
	uint64_t ext;

	seq_put(&w->seq, number, &ext, nothing, NULL);
}
