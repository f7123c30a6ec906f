/* The short way through the decoder against the long one: where it answers at
 * all, it answers the same and nothing is counted as wrong. */
#include <check.h>
#include <stdlib.h>

#include "sniffer/net/decode_priv.h"
#include "tests/compose.h"
#include "tests/decoding.h"
#include "tests/run_suite.h"

static const struct slice media = SLICE_INIT(
	"\x80\x00\x12\x34\x00\x00\x01\x40\x12\x34\x56\x78 media media media");
static const struct slice hep = SLICE_INIT("HEP3 looks like it at first");

#define HEADERS 64 /* bytes that are changed one by one */

/* clang-format off */
static const struct {
	const char *name;
	bool taken; /* as it stands */
	const struct slice *payload;
	size_t pad;
	enum layer layers[8];
} rows[] = {
	{ "plain", true, &media, 0, { ETHER, IP4, UDP } },
	{ "vlan", true, &media, 0, { ETHER, VLAN, IP4, UDP } },
	{ "priority tag", true, &media, 0, { ETHER, VLAN_ZERO, IP4, UDP } },
	{ "padding", true, &media, 9, { ETHER, IP4, UDP } },
	{ "two tags", false, &media, 0, { ETHER, QINQ, VLAN, IP4, UDP } },
	{ "options", false, &media, 0, { ETHER, IP4_OPTIONS, UDP } },
	{ "IPv6", false, &media, 0, { ETHER, IP6, UDP } },
	{ "TCP", false, &media, 0, { ETHER, IP4, TCP } },
	{ "tunnel", false, &media, 0, { ETHER, IP4, VXLAN, ETHER, IP4, UDP } },
	{ "like HEP", false, &hep, 0, { ETHER, IP4, UDP } },
};
/* clang-format on */

static uint64_t count(void)
{
	uint64_t n = 0;

	for (size_t i = 0; i < faults->len; i++)
		n += faults->v[i].n;
	return n;
}

static void same(const struct pkt *a, const struct pkt *b, const char *name)
{
	ck_assert_msg(a->frames == b->frames &&
			      a->frame_count == b->frame_count &&
			      a->ts_ns == b->ts_ns,
		      "%s: frames", name);
	ck_assert_msg(addr_eq(&a->src, &b->src) && addr_eq(&a->dst, &b->dst),
		      "%s: addresses", name);
	ck_assert_msg(a->payload.p == b->payload.p &&
			      a->payload.len == b->payload.len &&
			      a->payload_wire == b->payload_wire,
		      "%s: payload", name);
	ck_assert_msg(a->tcp_seq == b->tcp_seq && a->vni == b->vni &&
			      a->vlan == b->vlan && a->ip_id == b->ip_id &&
			      a->proto == b->proto && a->dscp == b->dscp &&
			      a->ttl == b->ttl && a->tcp_flags == b->tcp_flags,
		      "%s: header fields", name);
	ck_assert_msg(a->message == b->message && a->by == b->by &&
			      a->fragmented == b->fragmented &&
			      a->unpacked == b->unpacked &&
			      a->told == b->told && a->hep == b->hep,
		      "%s: what it came out of", name);
}

/* True when the short way took it. */
static bool both(struct slice bytes, uint32_t wire, const char *name)
{
	struct frame f = {.data = bytes,
			  .ts_ns = 1000,
			  .number = 1,
			  .wire_len = wire,
			  .linktype = 1};
	uint64_t before = count();
	struct pkt fast, slow;

	memset(&fast, 0xa5, sizeof(fast));
	if (!decode_fast(&f, &fast))
		return false;
	ck_assert_msg(decode_walk(decoder, &f, &slow) == DECODE_PACKET,
		      "%s: the walk refuses it", name);
	ck_assert_msg(count() == before, "%s: the walk counts it", name);
	same(&fast, &slow, name);
	return true;
}

/* In memory of just that size, so that a sanitizer sees what is beyond. */
static bool both_copied(struct slice bytes, uint32_t wire, const char *name)
{
	uint8_t *copy = malloc(bytes.len ? bytes.len : 1);
	bool taken;

	ck_assert_ptr_nonnull(copy);
	if (bytes.len)
		memcpy(copy, bytes.p, bytes.len);
	taken = both(slice_of(copy, bytes.len), wire, name);
	free(copy);
	return taken;
}

static struct slice composed(struct composed *c, int row)
{
	compose(c, rows[row].layers, *rows[row].payload);
	compose_pad(c, 0, rows[row].pad);
	return composed_bytes(c);
}

START_TEST(as_it_stands)
{
	struct composed c;
	struct slice in = composed(&c, _i);

	ck_assert_msg(both(in, (uint32_t)in.len, rows[_i].name) ==
			      rows[_i].taken,
		      "%s", rows[_i].name);
}
END_TEST

START_TEST(cut_anywhere)
{
	struct composed c;
	struct slice in = composed(&c, _i);

	for (size_t n = 0; n <= in.len; n++) {
		struct slice head = slice_head(in, n);

		both_copied(head, (uint32_t)in.len, rows[_i].name);
		both_copied(head, (uint32_t)n, rows[_i].name);
		both_copied(head, 0, rows[_i].name); /* some writers */
	}
}
END_TEST

START_TEST(changed_anywhere)
{
	struct composed c;
	struct slice in = composed(&c, _i);
	size_t n = in.len < HEADERS ? in.len : HEADERS;

	for (size_t at = 0; at < n; at++) {
		uint8_t *p = &c.buf[c.begin + at], was = *p;

		for (unsigned v = 0; v < 256; v++) {
			*p = (uint8_t)v;
			both(in, (uint32_t)in.len, rows[_i].name);
		}
		*p = was;
	}
}
END_TEST

/* Inner headers need the second level that the short way goes. */
START_TEST(depth_of_one)
{
	static const struct decode_config cfg = {.max_depth = 1};
	static const struct seed seed = {1, 2};
	struct decoder *d = decode_new(&cfg, &seed, faults);
	struct composed c;
	struct slice in = composed(&c, 0);
	struct frame f = {
		.data = in, .wire_len = (uint32_t)in.len, .linktype = 1};
	struct pkt p;

	ck_assert_ptr_nonnull(d);
	ck_assert_int_eq(decode_frame(d, &f, &p), DECODE_BAD);
	ck_assert_uint_eq(counters_get(faults, "decode.too_deep"), 1);
	decode_free(d);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int main(void)
{
	Suite *s = suite_create("decode_fast");
	TCase *t = tcase_create("decode_fast");

	tcase_add_checked_fixture(t, decoding_setup, decoding_teardown);
	tcase_add_loop_test(t, as_it_stands, 0, COUNT(rows));
	tcase_add_loop_test(t, cut_anywhere, 0, COUNT(rows));
	tcase_add_loop_test(t, changed_anywhere, 0, COUNT(rows));
	tcase_add_test(t, depth_of_one);
	suite_add_tcase(s, t);
	return run_suite(s);
}
