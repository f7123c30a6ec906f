/*
 * The datagrams of both ends of an association. Each is: what to do 1 | length
 * 2 | bytes. Bit 0 says who sent it; bits 1 to 3 how many milliseconds later;
 * bit 4 that secrets come before it (those that the seeds are sealed with),
 * bit 5 others.
 */
#include <assert.h>

#include "sniffer/net/dtls_flow.h"
#include "tests/prefix.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void records(struct slice in)
{
	struct slice rest = in;
	struct dtls_fragment f;
	struct dtls_record r;

	while (dtls_record_next(&rest, 2, &r) == PARSE_OK) {
		struct slice payload = r.payload;

		assert(prefix_inside(r.header, in));
		assert(prefix_inside(r.payload, in));
		assert(prefix_inside(r.cid, r.header));
		assert(r.header.len);
		while (dtls_fragment_next(&payload, &f) == PARSE_OK)
			assert(prefix_inside(f.data, r.payload) &&
			       f.data.len <= f.len &&
			       f.offset + f.len <= f.length);
	}
	dtls_looks(in);
	dtls13_record_looks(in);
}

static void holds(const struct dtls_assoc *a)
{
	const struct dtls_info *i = dtls_assoc_info(a);
	char text[DTLS_DIGEST_TEXT];

	assert(i->client >= -1 && i->client <= 1);
	assert((i->finished_ns != 0) == (i->state == DTLS_FINISHED));
	assert(!i->finished_inferred || i->state == DTLS_FINISHED);
	assert(i->offered_count <= DTLS_PROFILES_MAX);
	assert((i->srtp == DTLS_SRTP_CHOSEN) == (i->srtp_profile != 0));
	assert(memchr(i->alpn, 0, sizeof(i->alpn)));
	assert(!i->secrets_failed || !i->opened);
	for (unsigned dir = 0; dir < 2; dir++) {
		assert(i->cert[dir].der.len <= DTLS_DER_MAX);
		assert(dtls_cert_digest(a, dir, SLICE("sha-512"), text) ==
		       i->cert[dir].seen);
		assert(strlen(text) ==
		       (i->cert[dir].seen ? DTLS_DIGEST_TEXT - 1u : 0));
	}
}

static void give(struct dtls_assoc *a, bool right)
{
	const char *c = right ? "client, handshake: of SHA-384, s"
			      : "one that does not fit any of them";
	const char *s = right ? "server, handshake: of SHA-384, s"
			      : "two that does not fit any of them";

	dtls_assoc_secrets(a, &(struct dtls_secrets){
				      .client_hs = slice_of(c, 32),
				      .server_hs = slice_of(s, 32),
				      .client_app = slice_of(c, 32),
			      });
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cursor_of(slice_of(data, size));
	struct counters counters = {0};
	struct dtls_assoc *a = dtls_assoc_new(&counters), *next;
	uint64_t ts_ns = 1000000000;

	while (a && cursor_left(&c)) {
		uint8_t how = cursor_u8(&c);
		uint16_t len = cursor_u16(&c);
		struct slice in = cursor_take(&c, len);

		if (c.bad)
			break;
		if (how & 0x30)
			give(a, how & 0x10);
		ts_ns += (how >> 1 & 7) * 1000000ull;
		records(in);
		if (dtls_assoc_feed(a, how & 1, in, ts_ns) == DTLS_FED_NEW) {
			next = dtls_assoc_next(a);
			dtls_assoc_free(a);
			a = next;
			/* It does not begin another one again. */
			if (a)
				assert(dtls_assoc_feed(a, how & 1, in, ts_ns) !=
				       DTLS_FED_NEW);
		}
		if (a)
			holds(a);
	}
	if (a) {
		dtls_assoc_end(a);
		assert(dtls_assoc_info(a)->state != DTLS_IN_PROGRESS);
	}
	dtls_assoc_free(a);
	return 0;
}
