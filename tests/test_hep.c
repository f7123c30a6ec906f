#include <check.h>
#include <zlib.h>

#include "dissectors/hep_plain.h"
#include "tests/prefix.h"
#include "tests/run_suite.h"

#define HEAD6(total) "HEP3\0" total
#define FAMILY	     "\0\0\0\1\0\7\2"
#define UDP17	     "\0\0\0\2\0\7\x11"
#define SRC4	     "\0\0\0\3\0\x0a\xc0\0\2\1"
#define DST4	     "\0\0\0\4\0\x0a\xc0\0\2\2"
#define SRC6	     "\0\0\0\5\0\x16\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"
#define DST6	     "\0\0\0\6\0\x16\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\2"
#define PORTS	     "\0\0\0\7\0\x08\x13\xc4\0\0\0\x08\0\x08\x13\xc6"
#define TYPE(t)	     "\0\0\0\x0b\0\7" t
#define HELLO	     "\0\0\0\x0f\0\x0bhello"

static const struct {
	const char *name;
	struct slice in;
	enum parse want;
	const char *src, *dst;
	uint8_t proto, type;
	bool compressed;
} rows[] = {
	{"half a chunk header",
	 SLICE_INIT(HEAD6("\x4e") FAMILY UDP17 SRC4 DST4 PORTS TYPE("\1") HELLO
		    "\0\0\0\x0c"),
	 PARSE_BAD, NULL, NULL, 0, 0, false},
	{"IPv4 and more behind",
	 SLICE_INIT(HEAD6("\x4a") FAMILY UDP17 SRC4 DST4 PORTS TYPE("\1") HELLO
		    "beyond"),
	 PARSE_OK, "192.0.2.1:5060", "192.0.2.2:5062", 17, 1, false},
	{"EEP3",
	 SLICE_INIT("EEP3\0\x4a" FAMILY UDP17 SRC4 DST4 PORTS TYPE("\1") HELLO),
	 PARSE_OK, "192.0.2.1:5060", "192.0.2.2:5062", 17, 1, false},
	{"ports first",
	 SLICE_INIT(HEAD6("\x43") PORTS UDP17 SRC4 DST4 TYPE("\4") HELLO),
	 PARSE_OK, "192.0.2.1:5060", "192.0.2.2:5062", 17, 4, false},
	{"IPv6, TCP",
	 SLICE_INIT(HEAD6("\x5b") PORTS "\0\0\0\2\0\7\6" SRC6 DST6 TYPE("\1")
			    HELLO),
	 PARSE_OK, "[2001:db8::1]:5060", "[2001:db8::2]:5062", 6, 1, false},
	{"unknown chunks, other vendors",
	 SLICE_INIT(HEAD6("\x5f") "\0\0\0\x63\0\x08xx"
				  "\0\2\0\3\0\7x"
				  "\0\3\0\x0f\0\x0d"
				  "notthis" SRC4 DST4 PORTS UDP17 TYPE("\1")
					  HELLO),
	 PARSE_OK, "192.0.2.1:5060", "192.0.2.2:5062", 17, 1, false},
	{"compressed",
	 SLICE_INIT(HEAD6("\x43") PORTS UDP17 SRC4 DST4 TYPE(
		 "\1") "\0\0\0\x10\0\x0bhello"),
	 PARSE_OK, "192.0.2.1:5060", "192.0.2.2:5062", 17, 1, true},
	{"no payload",
	 SLICE_INIT(HEAD6("\x38") PORTS UDP17 SRC4 DST4 TYPE("\1")), PARSE_BAD,
	 NULL, NULL, 0, 0, false},
	{"no destination",
	 SLICE_INIT(HEAD6("\x39") PORTS UDP17 SRC4 TYPE("\1") HELLO), PARSE_BAD,
	 NULL, NULL, 0, 0, false},
	{"address of 3 bytes",
	 SLICE_INIT(HEAD6("\x1a") "\0\0\0\3\0\x09"
				  "abc" HELLO),
	 PARSE_BAD, NULL, NULL, 0, 0, false},
	{"port of 1 byte", SLICE_INIT(HEAD6("\x18") "\0\0\0\7\0\7x" HELLO),
	 PARSE_BAD, NULL, NULL, 0, 0, false},
	{"chunk shorter than its header",
	 SLICE_INIT(HEAD6("\x0c") "\0\0\0\1\0\5"), PARSE_BAD, NULL, NULL, 0, 0,
	 false},
	{"chunk past the end", SLICE_INIT(HEAD6("\x0e") "\0\0\0\x0f\0\x09xx"),
	 PARSE_BAD, NULL, NULL, 0, 0, false},
	{"total below the header", SLICE_INIT(HEAD6("\5")), PARSE_BAD, NULL,
	 NULL, 0, 0, false},
	{"version 2", SLICE_INIT("\2\x10\2\x11\x13\xc4\x13\xc4"), PARSE_BAD,
	 NULL, NULL, 0, 0, false},
	{"not all here", SLICE_INIT(HEAD6("\x20") FAMILY), PARSE_MORE, NULL,
	 NULL, 0, 0, false},
	{"begins", SLICE_INIT("HEP3"), PARSE_MORE, NULL, NULL, 0, 0, false},
};

START_TEST(vectors)
{
	char text[ADDR_TEXT];
	struct hep h;

	ck_assert_msg(hep_parse(rows[_i].in, &h) == rows[_i].want, "%s",
		      rows[_i].name);
	if (rows[_i].want != PARSE_OK)
		return;
	ck_assert_str_eq(addr_text(&h.src, text), rows[_i].src);
	ck_assert_str_eq(addr_text(&h.dst, text), rows[_i].dst);
	ck_assert_uint_eq(h.proto, rows[_i].proto);
	ck_assert_uint_eq(h.type, rows[_i].type);
	ck_assert(h.compressed == rows[_i].compressed);
	ck_assert(slice_eq(h.payload, SLICE("hello")));
}
END_TEST

static void parse_prefix(struct slice in, void *arg)
{
	enum parse got;
	struct hep h;

	(void)arg;
	got = hep_parse(in, &h);
	if (got == PARSE_OK)
		ck_assert(prefix_inside(h.payload, in));
	else if (in.len < 6 && hep_probe(in))
		ck_assert_int_eq(got, PARSE_MORE);
}

START_TEST(every_prefix)
{
	prefix_each(rows[_i].in, parse_prefix, NULL);
}
END_TEST

START_TEST(all_chunks)
{
	struct slice in = SLICE(HEAD6("\x83") SRC4 DST4 PORTS UDP17 TYPE("\4")
					HELLO "\0\0\0\x09\0\x0a\1\2\3\4"
					      "\0\0\0\x0a\0\x0a\0\0\0\5"
					      "\0\0\0\x0c\0\x0a\0\0\7\xd1"
					      "\0\0\0\x11\0\x09"
					      "cid"
					      "\0\0\0\x12\0\x08\xf0\x64"
					      "\0\0\0\x13\0\x0anode"
					      "\0\0\0\x18\0\7\xb8");
	struct hep h;

	ck_assert_int_eq(hep_parse(in, &h), PARSE_OK);
	ck_assert_uint_eq(h.seconds, 0x01020304);
	ck_assert_uint_eq(h.microseconds, 5);
	ck_assert_uint_eq(h.capture_id, 2001);
	ck_assert_uint_eq(h.vlan, 100);
	ck_assert_uint_eq(h.tos, 0xb8);
	ck_assert(slice_eq(h.correlation_id, SLICE("cid")));
	ck_assert(slice_eq(h.node, SLICE("node")));
}
END_TEST

START_TEST(kinds)
{
	ck_assert_str_eq(hep_kind(HEP_SIP), "hep_sip");
	ck_assert_str_eq(hep_kind(HEP_RTCP), "hep_rtcp_json");
	ck_assert_str_eq(hep_kind(100), "hep_log");
	ck_assert_str_eq(hep_kind(0), "hep_unknown");
	ck_assert_str_eq(hep_kind(255), "hep_unknown");
}
END_TEST

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
	prefix_each(slice_of(packet, n), parse_prefix, NULL);
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

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int main(void)
{
	Suite *s = suite_create("hep");
	TCase *t = tcase_create("hep");

	tcase_add_loop_test(t, vectors, 0, COUNT(rows));
	tcase_add_loop_test(t, every_prefix, 0, COUNT(rows));
	tcase_add_test(t, all_chunks);
	tcase_add_test(t, kinds);
	tcase_add_loop_test(t, read_again, 0, COUNT(written));
	tcase_add_test(t, longest);
	tcase_add_test(t, stream_in_two);
	tcase_add_test(t, stream_in_three);
	tcase_add_test(t, junk_is_dropped);
	tcase_add_test(t, inflated);
	tcase_add_test(t, bomb);
	suite_add_tcase(s, t);
	return run_suite(s);
}
