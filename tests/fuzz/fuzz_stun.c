/* STUN, its integrity, and channel data: as a datagram, a stream and frames of
 * RFC 4571. */
#include <assert.h>

#include "dissectors/rfc4571.h"
#include "sniffer/net/stun_auth.h"
#include "tests/stun_inside.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	DEPTH = 4, /* messages in the data of messages */
};

static void one(struct slice in, int depth)
{
	enum parse got;
	struct stun_msg m = {0};

	got = stun_parse(in, &m);
	if (stun_looks(in))
		assert(got == PARSE_OK);
	if (got == PARSE_BAD)
		return;
	assert(m.total_len <= STUN_HEAD + 0xffff);
	if (got == PARSE_MORE) {
		assert(!m.total_len || m.total_len > in.len);
		return;
	}
	assert(stun_inside(&m, in));
	assert(stun_method_name(m.method) && stun_class_name(m.class));
	if (stun_fingerprint_ok(in, &m))
		assert(m.has_fingerprint);
	for (uint16_t type; stun_unknown_next(&m.unknown, &type);)
		;
	stun_auth_check(in, &m, SLICE("key"));
	if (depth)
		one(m.data, depth - 1);
	/* What was parsed of a stream must not depend on what follows. */
	if (!m.classic)
		assert(stun_parse(slice_head(in, m.total_len), &m) == PARSE_OK);
}

/* As many bytes as the first message takes; 0 when there is none. */
static size_t take(struct slice in)
{
	struct turn_channel t;
	struct stun_msg m;

	if (turn_channel_parse(in, true, &t) == PARSE_OK) {
		assert(t.total_len % 4 == 0 && t.total_len <= in.len);
		assert(prefix_inside(t.data, slice_head(in, t.total_len)));
		return t.total_len;
	}
	return stun_parse(in, &m) == PARSE_OK ? m.total_len : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size);
	enum stun_stream kind = stun_stream_probe(in);
	struct slice left, packet;
	struct turn_channel t;
	size_t used;

	one(in, DEPTH);
	if (kind == STUN_STREAM_MORE)
		assert(size < 10);
	if (stun_channel_looks(in))
		assert(turn_channel_parse(in, false, &t) == PARSE_OK &&
		       prefix_inside(t.data, in));
	for (left = in; (used = take(left)); left = slice_from(left, used))
		one(left, DEPTH);
	for (left = in; rfc4571_parse(left, &packet, &used) == PARSE_OK;
	     left = slice_from(left, used)) {
		assert(used == packet.len + RFC4571_HEAD);
		assert(prefix_inside(packet, left));
		one(packet, DEPTH);
	}
	return 0;
}
