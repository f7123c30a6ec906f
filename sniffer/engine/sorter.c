#include "sniffer/engine/sorter.h"

#include <stdlib.h>

#include "dissectors/rtcp.h"
#include "dissectors/rtp.h"
#include "dissectors/stun.h"
#include "sniffer/net/decode.h"

#define DEPTH 4 /* TURN in TURN */

struct sorter {
	struct decoder *decoder;
	struct counters faults;
};

static void end(void *state)
{
	struct sorter *s = state;

	decode_free(s->decoder);
	free(s);
}

static void *begin(void)
{
	struct decode_config cfg = {.frag_bytes = 1 << 20, .frag_max = 64};
	struct sorter *s = calloc(1, sizeof(*s));
	struct seed seed = seed_random();

	if (!s)
		return NULL;
	s->decoder = decode_new(&cfg, &seed, &s->faults);
	if (!s->decoder) {
		free(s);
		return NULL;
	}
	return s;
}

/* What TURN carries in s; false when it is no TURN, or carries nothing. */
static bool turn_data(struct slice s, struct slice *out)
{
	struct turn_channel channel;
	struct stun_msg msg;

	if (!s.len)
		return false;
	if (s.p[0] >= 64 && s.p[0] < 80 && stun_channel_looks(s) &&
	    turn_channel_parse(s, false, &channel) == PARSE_OK) {
		*out = channel.data;
		return true;
	}
	if (s.p[0] < 4 && stun_looks(s) && stun_parse(s, &msg) == PARSE_OK) {
		*out = msg.data;
		return msg.data.len;
	}
	return false;
}

static bool is_media(struct slice s)
{
	for (unsigned i = 0; i < DEPTH; i++) {
		if (s.len && s.p[0] >= 128 && s.p[0] <= 191)
			return !rtcp_looks(s) && rtp_looks(s);
		if (!turn_data(s, &s))
			return false;
	}
	return false;
}

static size_t frame(void *state, const struct frame *f, uint64_t *media,
		    size_t max)
{
	struct sorter *s = state;
	struct pkt p;
	size_t n = 0;

	if (decode_frame(s->decoder, f, &p) != DECODE_PACKET ||
	    p.proto != PKT_UDP || p.message != PKT_NO_MESSAGE ||
	    !is_media(p.payload))
		return 0;
	for (; n < p.frame_count && n < max; n++)
		media[n] = p.frames[n].number;
	return n;
}

const struct record_sorter media_sorter = {
	.begin = begin,
	.frame = frame,
	.end = end,
};
