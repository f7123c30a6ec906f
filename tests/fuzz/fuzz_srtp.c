/*
 * SRTP: up to a zero byte the text of a key file and of a=crypto; then come
 * datagrams, each with a byte for its direction, kind and what else happens,
 * one for its length. Some are protected here by a fixed key, whole or
 * damaged, so that what lies behind a good tag is reached. Whatever comes,
 * the counts agree, and nothing stays behind.
 */
#include <assert.h>
#include <stdlib.h>

#include "sniffer/media/media.h"
#include "sniffer/media/sdes.h"
#include "sniffer/media/srtp_keys.h"
#include "tests/made_srtp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char uid[CDR_UID] = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

enum {
	DIR = 1,
	RTCP = 2,
	PROTECT = 4,
	DAMAGE = 8,
	KEY = 16,
	DESCRIBE = 32,
	CUT = 64,
	OTHER_KEY = 128,
};

static const char *const suites[] = {"AES_CM_128_HMAC_SHA1_80",
				     "AEAD_AES_128_GCM"};

static void key_seen(void *arg, const struct media_key *k)
{
	(void)arg;
	assert(k->suite && k->suite->cipher != SUITE_UNSUPPORTED);
}

static void texts(struct media *m, struct slice text)
{
	struct media_key k[SDES_KEYS];
	struct slice suite, key, session;
	struct srtp_keys whole = {0};
	size_t line;
	const char *why;
	size_t n;

	srtp_keys_feed(&whole, text, key_seen, NULL);
	srtp_keys_end(&whole, key_seen, NULL);
	assert(!whole.bad == !whole.why && whole.bad_line <= whole.lines);
	line = media_keys_text(m, text, &why);
	assert(line == whole.bad_line && why == whole.why);
	slice_cut(text, ' ', &suite, &key);
	slice_cut(key, ' ', &key, &session);
	n = sdes_keys(suite, key, session, k, SDES_KEYS, &why);
	assert(n <= SDES_KEYS && (n || why));
}

static void check(const struct media_result *r)
{
	for (size_t i = 0; i < r->streams_n; i++) {
		const struct cdr_stream *s = &r->streams[i];
		uint64_t codecs = 0, bytes = 0;

		for (size_t k = 0; k < s->codecs_n; k++)
			codecs += s->codecs[k].packets;
		for (size_t k = 0; k < s->slices_n; k++)
			bytes += s->slices[k].bytes;
		assert(s->packets && codecs == s->packets);
		assert(s->opened <= s->packets && s->bytes == bytes);
		assert(s->decrypted == (s->opened > 0));
		assert(!s->decrypted || (s->srtp && s->key_state));
	}
}

/* As its sender would have sent it. */
static struct slice protect(struct slice in, const struct made_srtp *m,
			    uint8_t kind, uint8_t *out)
{
	struct slice packet = in;

	if (kind & RTCP && in.len >= 8)
		packet = slice_of(out,
				  made_srtp_rtcp(m, in, in.p[in.len - 1], out));
	else if (!(kind & RTCP) && in.len >= 12 && in.p[0] == 0x80)
		packet = slice_of(out, made_srtp_rtp(m, in, in.p[4] % 3, out));
	if (kind & DAMAGE && packet.p == out)
		out[packet.len - 1] ^= 1;
	return packet;
}

static void feed(struct media_flow *f, struct slice in)
{
	static const uint8_t ext[] = {1, 2};
	struct cursor c = cursor_of(in);
	uint64_t now_ns = 1700000000000000000u;
	struct made_srtp made[2];
	uint8_t out[256 + MADE_SRTP_MORE];
	struct media_key key[2];

	for (uint8_t i = 0; i < 2; i++) {
		key[i] = made_key(suites[i], i);
		made_srtp_init(&made[i], &key[i]);
	}
	while (cursor_left(&c) >= 2) {
		uint8_t kind = cursor_u8(&c);
		size_t len = cursor_u8(&c);
		struct media_pkt p = {.vlan = CDR_NO_U32};
		struct media_desc d = {
			.srtp = "unknown",
			.lines_n = 1,
			.line = {{.media = "audio"}},
			.n = 1,
			.pt = {{"telephone-event", "", 8000, 101, 0}}};

		if (len > cursor_left(&c))
			len = cursor_left(&c);
		p.payload = cursor_take(&c, len);
		if (kind & PROTECT)
			p.payload =
				protect(p.payload, &made[!!(kind & OTHER_KEY)],
					kind, out);
		p.payload_wire = (uint32_t)p.payload.len + (kind & CUT ? 7 : 0);
		p.ts_ns = now_ns += 20000000;
		if (kind & KEY)
			media_flow_key(f, kind & DIR,
				       &key[!!(kind & OTHER_KEY)]);
		if (kind & DESCRIBE)
			media_flow_describe(f, kind & DIR, &d);
		if (kind & CUT && kind & KEY)
			media_flow_encrypted_ext(f, kind & DIR, ext, len % 3);
		if (kind & RTCP)
			media_flow_rtcp(f, kind & DIR, &p);
		else
			media_flow_rtp(f, kind & DIR, &p);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct counters counters;
	const struct media_config cfg = {.max_streams = 40,
					 .flow_streams = 30,
					 .srtp_hold = 2000,
					 .srtp_hold_max = 5000,
					 .sensor = SLICE_INIT("fuzz"),
					 .record = {.what = RECORD_NONE}};
	const uint8_t ip[2][4] = {{192, 0, 2, 1}, {192, 0, 2, 2}};
	struct addr a = addr_v4(ip[0], 4000), b = addr_v4(ip[1], 5000);
	struct media *m = media_new(&cfg, NULL, NULL, &counters);
	struct arena *mem = arena_new(4096, 0);
	struct media_group *g = media_group_new(m);
	struct media_result r;
	struct slice text, packets;

	slice_cut(slice_of(data, size), '\0', &text, &packets);
	texts(m, text);
	feed(media_flow_open(g, &a, &b), packets);
	media_group_close(g, uid, mem, &r);
	check(&r);
	arena_free(mem);
	assert(!media_memory(m).streams);
	media_free(m);
	return 0;
}
