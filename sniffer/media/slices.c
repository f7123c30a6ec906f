#include "sniffer/media/slices.h"

#include <stdlib.h>

enum {
	FIRST_SIZE = 4
};

static bool grow(struct slices *s)
{
	uint32_t size = s->size ? s->size + s->size / 2 : FIRST_SIZE;
	struct slices_row *v = realloc(s->v, size * sizeof(*v));

	if (!v)
		return false;
	s->v = v;
	s->size = size;
	return true;
}

struct slices_row *slices_at(struct slices *s, uint64_t now_ns, uint64_t ext,
			     uint32_t max)
{
	uint32_t start = (uint32_t)(now_ns / SLICE_NS);

	if (s->n && start <= s->v[s->n - 1].start)
		return &s->v[s->n - 1];
	if (s->n >= max || (s->n == s->size && !grow(s)))
		return NULL;
	s->v[s->n] =
		(struct slices_row){.start = start, .first = (uint32_t)ext};
	s->end_ns = (start + 1ull) * SLICE_NS;
	return &s->v[s->n++];
}

struct slices_row *slices_search(const struct slices *s, uint64_t ts_ns)
{
	uint32_t start = (uint32_t)(ts_ns / SLICE_NS);

	for (uint32_t i = s->n; i-- > 0;)
		if (s->v[i].start <= start)
			return &s->v[i];
	return NULL;
}

static void bump(uint16_t *v)
{
	if (*v < UINT16_MAX)
		++*v;
}

/* Numbers become final in order, so the row only moves ahead. */
void slices_lost(struct slices *s, uint64_t ext, unsigned lost, unsigned runs)
{
	struct slices_row *row;

	if (!s->n)
		return;
	while (s->due + 1 < s->n &&
	       (int32_t)((uint32_t)ext - s->v[s->due + 1].first) >= 0)
		s->due++;
	row = &s->v[s->due];
	for (unsigned v = 0; v < VIEWS; v++) {
		if (lost >> v & 1)
			bump(&row->lost[v]);
		if (runs >> v & 1)
			bump(&row->runs[v]);
	}
}

void slices_free(struct slices *s)
{
	free(s->v);
	*s = (struct slices){0};
}
