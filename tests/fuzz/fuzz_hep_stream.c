/*
 * HEP in a byte stream, cut anywhere: what is found does not depend on the
 * cuts. The first byte says where they are.
 */
#include <assert.h>

#include "dissectors/hep_plain.h"
#include "dissectors/rtcp_json.h"
#include "tests/prefix.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct found {
	size_t at[64], len[64], n;
};

/* Bytes come step by step, as from a socket. */
static void feed(struct slice in, size_t step, struct found *out)
{
	size_t used = 0, have = 0;

	while (have < in.len) {
		size_t skip, len;

		have += step < in.len - have ? step : in.len - have;
		while (hep_frame(slice_of(in.p + used, have - used), &skip,
				 &len) == PARSE_OK) {
			assert(len >= 6 && skip + len <= have - used);
			if (out->n < 64) {
				out->at[out->n] = used + skip;
				out->len[out->n] = len;
			}
			out->n++;
			used += skip + len;
		}
		assert(skip <= have - used);
		used += skip;
	}
}

static void look(struct slice packet)
{
	static uint8_t room[HEP_PLAIN_MAX];
	char text[RTCP_JSON_TEXT_MAX];
	struct hep h;

	if (hep_parse(packet, &h) != PARSE_OK || !hep_plain(&h, room))
		return;
	assert(prefix_inside(h.payload, packet) ||
	       prefix_inside(h.payload, slice_of(room, sizeof(room))));
	if (hep_has_rtcp(&h))
		assert(rtcp_json_write(h.payload, text) < sizeof(text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct found whole = {.n = 0}, cut = {.n = 0};
	struct slice in = slice_from(slice_of(data, size), 1);

	if (!size || size > 2048)
		return 0;
	feed(in, in.len, &whole);
	feed(in, 1 + data[0] % 64, &cut);
	assert(whole.n == cut.n);
	for (size_t i = 0; i < whole.n && i < 64; i++) {
		assert(whole.at[i] == cut.at[i] && whole.len[i] == cut.len[i]);
		look(slice_of(in.p + whole.at[i], whole.len[i]));
	}
	return 0;
}
