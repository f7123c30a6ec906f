/*
 * HEP written and read again, cut anywhere in a stream, made plain, and our
 * own on a wire.
 */
#include <check.h>
#include <zlib.h>

#include "dissectors/hep_plain.h"
#include "sniffer/net/decode.h"
#include "tests/hep_inside.h"
#include "tests/prefix.h"
#include "tests/run_suite.h"

/* --- written ---------------------------------------------------------------
 */

static struct addr ip(const char *text, uint16_t port)
{
	struct addr a;

	ck_assert(addr_parse_ip(slice_str(text), &a));
	a.port = port;
	return a;
}

static const struct {
	const char *name, *src, *dst;
	uint8_t proto, type, tos;
	uint16_t vlan;
	bool compressed;
	struct slice cid, node, auth;
} written[] = {
	{"least", "192.0.2.1", "192.0.2.2", 17, 1, 0, 0, false, {0}, {0}, {0}},
	{"IPv6",
	 "2001:db8::1",
	 "2001:db8::2",
	 6,
	 1,
	 0xb8,
	 0,
	 false,
	 SLICE_INIT("c@x"),
	 SLICE_INIT("probe"),
	 {0}},
	{"one is IPv6",
	 "192.0.2.1",
	 "2001:db8::2",
	 132,
	 5,
	 0,
	 7,
	 false,
	 SLICE_INIT("c"),
	 {0},
	 SLICE_INIT("secret")},
	{"all", "192.0.2.1", "192.0.2.2", 17, 100, 0x20, 4094, true,
	 SLICE_INIT("c"), SLICE_INIT("n"), SLICE_INIT("k")},
};

static struct hep to_write(int i)
{
	return (struct hep){
		.src = ip(written[i].src, 5060),
		.dst = ip(written[i].dst, 65535),
		.proto = written[i].proto,
		.type = written[i].type,
		.tos = written[i].tos,
		.vlan = written[i].vlan,
		.seconds = 0x65432100,
		.microseconds = 999999,
		.capture_id = 0xfffffffe,
		.payload = SLICE("INVITE sip:b@x SIP/2.0"),
		.correlation_id = written[i].cid,
		.node = written[i].node,
		.auth = written[i].auth,
		.compressed = written[i].compressed,
	};
}

START_TEST(read_again)
{
	struct hep w = to_write(_i), r;
	uint8_t *packet = malloc(HEP_MAX);
	size_t n = hep_write(packet, &w);

	ck_assert_uint_gt(n, 0);
	ck_assert_int_eq(hep_parse(slice_of(packet, n), &r), PARSE_OK);
	ck_assert(addr_eq(&r.src, &w.src) && addr_eq(&r.dst, &w.dst));
	ck_assert_uint_eq(r.proto, w.proto);
	ck_assert_uint_eq(r.type, w.type);
	ck_assert_uint_eq(r.tos, w.tos);
	ck_assert_uint_eq(r.vlan, w.vlan);
	ck_assert_uint_eq(r.seconds, w.seconds);
	ck_assert_uint_eq(r.microseconds, w.microseconds);
	ck_assert_uint_eq(r.capture_id, w.capture_id);
	ck_assert(r.compressed == w.compressed);
	ck_assert(slice_eq(r.payload, w.payload));
	ck_assert(slice_eq(r.correlation_id, w.correlation_id));
	ck_assert(slice_eq(r.node, w.node));
	ck_assert(slice_eq(r.auth, w.auth));
	prefix_each(slice_of(packet, n), hep_inside, NULL);
	free(packet);
}
END_TEST

START_TEST(longest)
{
	struct hep w = to_write(0), r;
	uint8_t *packet = malloc(HEP_MAX), *payload = calloc(1, HEP_MAX);
	size_t head = hep_write(packet, &w) - w.payload.len;

	w.payload = slice_of(payload, HEP_MAX - head);
	ck_assert_uint_eq(hep_write(packet, &w), HEP_MAX);
	ck_assert_int_eq(hep_parse(slice_of(packet, HEP_MAX), &r), PARSE_OK);
	ck_assert_uint_eq(r.payload.len, w.payload.len);
	w.payload.len++;
	ck_assert_uint_eq(hep_write(packet, &w), 0);
	w.payload.len = HEP_MAX;
	ck_assert_uint_eq(hep_write(packet, &w), 0);
	free(payload);
	free(packet);
}
END_TEST

/* --- in a stream -----------------------------------------------------------
 */

#define STREAM_MAX 4096

/* Packets between bytes that are none; where each lies. */
struct stream {
	uint8_t p[STREAM_MAX];
	size_t len, n;
	size_t at[16], size[16];
};

static void add_bytes(struct stream *s, struct slice bytes)
{
	memcpy(s->p + s->len, bytes.p, bytes.len);
	s->len += bytes.len;
}

static void add_packet(struct stream *s, int i)
{
	uint8_t packet[HEP_MAX];
	struct hep w = to_write(i);

	s->at[s->n] = s->len;
	s->size[s->n] = hep_write(packet, &w);
	add_bytes(s, slice_of(packet, s->size[s->n]));
	s->n++;
}

/* What was lost of a packet: its beginning, its middle, its length. */
static struct stream hard_stream(void)
{
	static const struct slice between[] = {
		SLICE_INIT(""),
		SLICE_INIT("\r\n\r\n"),
		SLICE_INIT("HEP3\0\x40half a packet that was"),
		SLICE_INIT("HEP3\0\2HEP3HEP3\0\7"),
		SLICE_INIT("EP3EEPHE"),
		SLICE_INIT("HEP3\1\0\0\0\0\1\0\7\2\0\0\0\2\0\3"),
	};
	struct stream s = {.len = 0};

	for (size_t i = 0; i < sizeof(between) / sizeof(between[0]); i++) {
		add_bytes(&s, between[i]);
		add_packet(&s, (int)(i % 4));
	}
	return s;
}

/* Fed with cuts at these places; what is found must be what is there. */
static void feed(const struct stream *s, size_t cut1, size_t cut2)
{
	const size_t cuts[] = {cut1, cut2, s->len};
	size_t used = 0, found = 0;

	for (size_t i = 0; i < 3; i++) {
		size_t skip, len, left;
		uint8_t *copy;

		for (;;) {
			left = cuts[i] - used;
			copy = malloc(left ? left : 1);
			memcpy(copy, s->p + used, left);
			if (hep_frame(slice_of(copy, left), &skip, &len) !=
			    PARSE_OK)
				break;
			free(copy);
			ck_assert_uint_lt(found, s->n);
			ck_assert_uint_eq(used + skip, s->at[found]);
			ck_assert_uint_eq(len, s->size[found]);
			found++;
			used += skip + len;
		}
		free(copy);
		ck_assert_uint_le(skip, left);
		used += skip;
	}
	ck_assert_uint_eq(found, s->n);
}

START_TEST(stream_in_two)
{
	struct stream s = hard_stream();

	for (size_t cut = 0; cut <= s.len; cut++)
		feed(&s, cut, cut);
}
END_TEST

START_TEST(stream_in_three)
{
	struct stream s = hard_stream();

	for (size_t cut = 0; cut + 7 <= s.len; cut += 5)
		feed(&s, cut, cut + 7);
}
END_TEST

/* Nothing that is kept can grow: bytes that begin no packet are given up. */
START_TEST(junk_is_dropped)
{
	static uint8_t junk[70000];
	size_t skip, len;

	memset(junk, 'H', sizeof(junk));
	ck_assert_int_eq(hep_frame(slice_of(junk, sizeof(junk)), &skip, &len),
			 PARSE_MORE);
	ck_assert_uint_eq(skip, sizeof(junk) - 1);
	ck_assert_int_eq(hep_frame((struct slice){0}, &skip, &len), PARSE_MORE);
	ck_assert_uint_eq(skip, 0);
}
END_TEST

/* --- made plain ------------------------------------------------------------
 */

static size_t deflated(struct slice in, uint8_t *to, size_t size)
{
	uLongf n = size;

	ck_assert_int_eq(compress(to, &n, in.p, in.len), Z_OK);
	return n;
}

START_TEST(inflated)
{
	uint8_t *room = malloc(HEP_PLAIN_MAX), packed[256];
	struct slice text = SLICE("OPTIONS sip:x SIP/2.0\r\n\r\n");
	struct hep h = {.type = HEP_SIP, .compressed = true};
	size_t n = deflated(text, packed, sizeof(packed));

	h.payload = slice_of(packed, n);
	ck_assert(hep_plain(&h, room));
	ck_assert(slice_eq(h.payload, text) && !h.compressed);
	for (size_t cut = 0; cut < n; cut++) {
		h = (struct hep){.type = HEP_SIP, .compressed = true};
		h.payload = slice_of(packed, cut);
		ck_assert(!hep_plain(&h, room));
	}
	free(room);
}
END_TEST

START_TEST(bomb)
{
	uint8_t *room = malloc(HEP_PLAIN_MAX), packed[4096];
	uint8_t *zeros = calloc(1, HEP_PLAIN_MAX + 1);
	struct hep h = {.type = HEP_SIP, .compressed = true};

	h.payload = slice_of(packed, deflated(slice_of(zeros, HEP_PLAIN_MAX),
					      packed, sizeof(packed)));
	ck_assert(hep_plain(&h, room));
	ck_assert_uint_eq(h.payload.len, HEP_PLAIN_MAX);
	h.compressed = true;
	h.payload =
		slice_of(packed, deflated(slice_of(zeros, HEP_PLAIN_MAX + 1),
					  packed, sizeof(packed)));
	ck_assert(!hep_plain(&h, room));
	free(zeros);
	free(room);
}
END_TEST

/* --- on a wire -------------------------------------------------------------
 */

static enum decode_result decoded(const struct hep *h, struct decode_own own,
				  struct pkt *out)
{
	static uint8_t bytes[28 + HEP_MAX] = {
		0x45, [8] = 64, [9] = 17, [20] = 0x23, 0x64, 0x23, 0x64};
	static struct frame f = {.linktype = 101};
	struct counters faults = {0};
	struct decode_config cfg = {.own = own};
	const struct seed seed = {0};
	struct decoder *d = decode_new(&cfg, &seed, &faults);
	size_t n = hep_write(bytes + 28, h);
	enum decode_result r;

	bytes[2] = (uint8_t)((n + 28) >> 8);
	bytes[3] = (uint8_t)(n + 28);
	bytes[24] = (uint8_t)((n + 8) >> 8);
	bytes[25] = (uint8_t)(n + 8);
	f.data = slice_of(bytes, n + 28);
	f.wire_len = (uint32_t)f.data.len;
	r = decode_frame(d, &f, out);
	decode_free(d);
	return r;
}

START_TEST(our_own)
{
	struct decode_own own = {SLICE("probe"), 0xfffffffe};
	struct hep h = to_write(1);
	struct pkt p;

	ck_assert_int_eq(decoded(&h, own, &p), DECODE_OTHER);
	own.capture_id--;
	ck_assert_int_eq(decoded(&h, own, &p), DECODE_PACKET);
	ck_assert(p.hep && p.told);
	ck_assert_uint_eq(p.message, PKT_SIP);
	ck_assert_uint_eq(p.proto, PKT_TCP);
	own.capture_id++;
	own.node = SLICE("prob");
	ck_assert_int_eq(decoded(&h, own, &p), DECODE_PACKET);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int main(void)
{
	Suite *s = suite_create("hep_write");
	TCase *t = tcase_create("hep_write");

	tcase_add_loop_test(t, read_again, 0, COUNT(written));
	tcase_add_test(t, longest);
	tcase_add_test(t, stream_in_two);
	tcase_add_test(t, stream_in_three);
	tcase_add_test(t, junk_is_dropped);
	tcase_add_test(t, inflated);
	tcase_add_test(t, bomb);
	tcase_add_test(t, our_own);
	suite_add_tcase(s, t);
	return run_suite(s);
}
