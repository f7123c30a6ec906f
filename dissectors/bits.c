#include "dissectors/bits.h"

/* The third byte of 00 00 03 is not there for the reader. */
static bool is_prevention(const struct bits *b)
{
	const uint8_t *p = b->in.p + b->byte;

	return b->nal && b->byte >= 2 && p[0] == 3 && !p[-1] && !p[-2];
}

static unsigned next(struct bits *b)
{
	unsigned v;

	if (!b->bit && b->byte < b->in.len && is_prevention(b))
		b->byte++;
	if (b->bad || b->byte >= b->in.len) {
		b->bad = true;
		return 0;
	}
	v = b->in.p[b->byte] >> (7 - b->bit) & 1u;
	b->bit = (b->bit + 1) & 7;
	b->byte += !b->bit;
	return v;
}

uint32_t bits_u(struct bits *b, unsigned n)
{
	uint32_t v = 0;

	while (n--)
		v = v << 1 | next(b);
	return v;
}

void bits_skip(struct bits *b, unsigned n)
{
	while (n-- && !b->bad)
		next(b);
}

uint32_t bits_ue(struct bits *b)
{
	unsigned zeros = 0;

	while (!b->bad && !next(b))
		zeros++;
	if (zeros > 31)
		b->bad = true;
	return b->bad ? 0 : (uint32_t)((1ull << zeros) - 1 + bits_u(b, zeros));
}

int32_t bits_se(struct bits *b)
{
	uint32_t v = bits_ue(b);

	return v & 1 ? (int32_t)(v / 2 + 1) : -(int32_t)(v / 2);
}

uint32_t bits_ns(struct bits *b, uint32_t n)
{
	unsigned width = 0;
	uint32_t few, v;

	for (uint32_t x = n; x; x >>= 1)
		width++;
	if (width < 2)
		return 0;
	few = (uint32_t)((1ull << width) - n);
	v = bits_u(b, width - 1);
	return v < few ? v : (v << 1) - few + next(b);
}
