#include "dissectors/rtp_dd.h"

#include "dissectors/bits.h"

enum {
	TEMPLATES_MAX = 64,
	LAYERS_MAX = 8, /* temporal; spatial: 4 */
	MANDATORY = 3,	/* bytes */
};

enum next_layer { /* A.8.2, next_layer_idc */
	SAME_LAYER,
	NEXT_TEMPORAL,
	NEXT_SPATIAL,
	NO_MORE,
};

/* A.8.2, template_layers(): how many templates, 0 when that is wrong. */
static unsigned layers(struct bits *b, struct rtp_dd *out)
{
	unsigned n = 0, temporal = 1, next;

	out->spatial = out->temporal = 1;
	do {
		if (++n > TEMPLATES_MAX)
			return 0;
		next = bits_u(b, 2);
		if (next == NEXT_TEMPORAL) {
			temporal++;
		} else if (next == NEXT_SPATIAL) {
			temporal = 1;
			out->spatial++;
		}
		if (temporal > LAYERS_MAX || out->spatial > LAYERS_MAX / 2)
			return 0;
		if (temporal > out->temporal)
			out->temporal = (uint8_t)temporal;
	} while (next != NO_MORE && !b->bad);
	return n;
}

/* template_chains() */
static void chains(struct bits *b, unsigned templates, unsigned targets)
{
	uint32_t n = bits_ns(b, targets + 1);

	for (unsigned i = 0; n && i < targets; i++)
		bits_ns(b, n);
	bits_skip(b, templates * n * 4);
}

/* render_resolutions(): ordered by layer, the last is the largest. */
static void resolutions(struct bits *b, struct rtp_dd *out)
{
	uint32_t w = 0, h = 0;

	for (unsigned i = 0; i < out->spatial; i++) {
		w = bits_u(b, 16) + 1;
		h = bits_u(b, 16) + 1;
	}
	if (!b->bad && w <= UINT16_MAX && h <= UINT16_MAX) {
		out->width = (uint16_t)w;
		out->height = (uint16_t)h;
	}
}

/* A.8.2, template_dependency_structure() */
static bool structure(struct bits *b, struct rtp_dd *out)
{
	unsigned targets, templates;

	bits_skip(b, 6); /* template_id_offset */
	targets = bits_u(b, 5) + 1;
	templates = layers(b, out);
	bits_skip(b, templates * targets * 2);	 /* template_dtis() */
	for (unsigned i = 0; i < templates; i++) /* template_fdiffs() */
		while (bits_flag(b))
			bits_skip(b, 4);
	chains(b, templates, targets);
	if (bits_flag(b))
		resolutions(b, out);
	return templates && !b->bad;
}

enum parse rtp_dd_parse(struct slice in, struct rtp_dd *out)
{
	struct bits b = bits_of(in);

	*out = (struct rtp_dd){.start = bits_flag(&b)};
	out->end = bits_flag(&b);
	out->template = (uint8_t)bits_u(&b, 6);
	out->frame = (uint16_t)bits_u(&b, 16);
	if (b.bad)
		return PARSE_BAD;
	if (in.len == MANDATORY)
		return PARSE_OK;
	out->structure = bits_flag(&b);
	bits_skip(&b, 4); /* active targets, custom dtis, fdiffs, chains */
	if (!out->structure || structure(&b, out))
		return PARSE_OK;
	out->structure = false;
	out->spatial = out->temporal = 0;
	out->width = out->height = 0;
	return PARSE_BAD;
}
