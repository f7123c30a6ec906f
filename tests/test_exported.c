/*
 * Exported PDUs: tags, as Wireshark writes them (epan/exported_pdu.h).
 */
#include <check.h>

#include "dissectors/exported.h"
#include "tests/hex.h"
#include "tests/run_suite.h"

static const uint8_t v4[2][4] = {{192, 0, 2, 1}, {192, 0, 2, 2}};
static const uint8_t v6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 2};

START_TEST(read_as_written)
{
	for (int by = 0; by < EXPORTED_BY_COUNT; by++) {
		struct exported x = {
			.dissector = SLICE("data-text-lines"),
			.src = addr_v4(v4[0], 5061),
			.dst = by % 2 ? addr_v6(v6, 40000)
				      : addr_v4(v4[1], 40000),
			.port_type = EXPORTED_TCP,
			.by = (enum exported_by)by,
		};
		uint8_t bytes[EXPORTED_HEAD_MAX + 3];
		size_t n = exported_put(bytes, &x);
		struct exported out;
		struct slice message;

		ck_assert_uint_le(n, EXPORTED_HEAD_MAX);
		memcpy(bytes + n, "abc", 3);
		ck_assert(
			exported_read(slice_of(bytes, n + 3), &out, &message));
		ck_assert(slice_eq(message, SLICE("abc")));
		ck_assert(slice_eq(out.dissector, x.dissector));
		ck_assert(addr_eq(&out.src, &x.src));
		ck_assert(addr_eq(&out.dst, &x.dst));
		ck_assert_uint_eq(out.port_type, EXPORTED_TCP);
		ck_assert_int_eq(out.by, by);
		for (size_t cut = 0; cut < n; cut++)
			ck_assert(!exported_read(slice_of(bytes, cut), &out,
						 &message));
	}
}
END_TEST

/* "sip" 192.0.2.1:5060 -> 192.0.2.2:5060, UDP, an original frame number, an
 * unknown tag of no bytes. */
#define SIP_TAGS                                                               \
	"000c 0004 73697000 0014 0004 c0000201 0015 0004 c0000202"             \
	"0018 0004 00000003 0019 0004 000013c4 001a 0004 000013c4"             \
	"001e 0004 0000002a 7777 0000 0000 0000"

START_TEST(of_wireshark)
{
	struct hex buf;
	struct exported x;
	struct slice message;

	ck_assert(exported_read(hex(&buf, SIP_TAGS "41"), &x, &message));
	ck_assert(slice_eq(x.dissector, SLICE("sip")));
	ck_assert_uint_eq(x.port_type, EXPORTED_UDP);
	ck_assert_uint_eq(x.src.port, 5060);
	ck_assert_uint_eq(x.dst.port, 5060);
	ck_assert_int_eq(x.by, EXPORTED_BY_UNKNOWN);
	ck_assert_uint_eq(message.len, 1);
}
END_TEST

static const char *const bad[] = {
	/* nobody sends it */
	"000c 0004 73697000 0015 0004 c0000202 0000 0000 41",
	/* to nobody */
	"000c 0004 73697000 0014 0004 c0000201 0000 0000 41",
	/* an address of five bytes */
	"000c 0004 73697000 0014 0005 c000020101 0015 0004 c0000202 0000 0000",
	/* no protocol */
	"0014 0004 c0000201 0015 0004 c0000202 0000 0000 41",
	/* a tag that is longer than the packet */
	"000c 4000 73697000",
	/* no end */
	"000c 0004 73697000 0014 0004 c0000201 0015 0004 c0000202",
	"",
};

START_TEST(refused)
{
	struct hex buf;
	struct exported x;
	struct slice message;

	ck_assert(!exported_read(hex(&buf, bad[_i]), &x, &message));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("exported");
	TCase *t = tcase_create("exported");

	tcase_add_test(t, read_as_written);
	tcase_add_test(t, of_wireshark);
	tcase_add_loop_test(t, refused, 0, sizeof(bad) / sizeof(bad[0]));
	suite_add_tcase(s, t);
	return run_suite(s);
}
