#include <check.h>

#include "dissectors/dtls.h"
#include "tests/hex.h"
#include "tests/prefix.h"
#include "tests/run_suite.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

#define BYTES16 "000102030405060708090a0b0c0d0e0f"

/* --- records ----------------------------------------------------------- */

static const struct {
	const char *name, *hex;
	size_t cid_len;
	enum parse want;
	bool unified, cut;
	uint8_t type;
	uint16_t version, epoch;
	uint64_t seq;
	size_t cid, header, payload, rest;
} records[] = {
	{"alert of 1.2", "15 fefd 0000 000000000007 0002 0228", 0, PARSE_OK,
	 false, false, 21, 0xfefd, 0, 7, 0, 13, 2, 0},
	{"all 48 bits", "17 feff 0102 a1a2a3a4a5a6 0001 ff 16", 0, PARSE_OK,
	 false, false, 23, 0xfeff, 0x0102, 0xa1a2a3a4a5a6, 0, 13, 1, 1},
	{"AnyConnect's version", "14 0100 0000 000000000002 0001 01", 0,
	 PARSE_OK, false, false, 20, 0x0100, 0, 2, 0, 13, 1, 0},
	{"empty", "16 fefd 0000 000000000000 0000", 0, PARSE_OK, false, false,
	 22, 0xfefd, 0, 0, 0, 13, 0, 0},
	{"cut by the snap length", "16 fefd 0000 000000000001 0010 aabb", 0,
	 PARSE_OK, false, true, 22, 0xfefd, 0, 1, 0, 13, 2, 0},
	{"ACK", "1a fefd 0000 000000000003 0002 0000", 0, PARSE_OK, false,
	 false, 26, 0xfefd, 0, 3, 0, 13, 2, 0},
	{"connection ID of 1.2",
	 "19 fefd 0001 000000000004 abcdef 0002 1122 ff", 3, PARSE_OK, false,
	 false, 25, 0xfefd, 1, 4, 3, 16, 2, 1},
	{"1.3: 16 bits and a length", "2e 1234 0010" BYTES16 "ff", 0, PARSE_OK,
	 true, false, 0, 0, 2, 0x1234, 0, 5, 16, 1},
	{"1.3: 8 bits and a length", "27 77 0010" BYTES16, 0, PARSE_OK, true,
	 false, 0, 0, 3, 0x77, 0, 4, 16, 0},
	{"1.3: no length", "2b 1234" BYTES16 "ff", 0, PARSE_OK, true, false, 0,
	 0, 3, 0x1234, 0, 3, 17, 0},
	{"1.3: the least of all", "20 99" BYTES16, 0, PARSE_OK, true, false, 0,
	 0, 0, 0x99, 0, 2, 16, 0},
	{"1.3: connection ID", "3e aabb 1234 0010" BYTES16, 2, PARSE_OK, true,
	 false, 0, 0, 2, 0x1234, 2, 7, 16, 0},
	{"1.3: cut", "2e 1234 0020" BYTES16, 0, PARSE_OK, true, true, 0, 0, 2,
	 0x1234, 0, 5, 16, 0},
	{"nothing", "", 0, PARSE_MORE},
	{"half a header", "16 fefd 0000 0000", 0, PARSE_MORE},
	{"half a unified header", "2e 1234 00", 0, PARSE_MORE},
	{"half a connection ID", "3e aa", 2, PARSE_MORE},
	{"type 19", "13 fefd 0000 000000000000 0000", 0, PARSE_BAD},
	{"type 27", "1b fefd 0000 000000000000 0000", 0, PARSE_BAD},
	{"TLS over TCP", "16 0303 0002 0100 0000000000000000", 0, PARSE_BAD},
	{"RTP", "80 60 0001 00000000 00000000 00", 0, PARSE_BAD},
};

START_TEST(record)
{
	uint8_t buf[128];
	struct slice all = hex_bytes(records[_i].hex, buf, sizeof(buf));
	struct slice in = all;
	struct dtls_record r;

	ck_assert_msg(dtls_record_next(&in, records[_i].cid_len, &r) ==
			      records[_i].want,
		      "%s", records[_i].name);
	if (records[_i].want != PARSE_OK) {
		ck_assert(slice_eq(in, all));
		return;
	}
	ck_assert(r.unified == records[_i].unified);
	ck_assert(r.cut == records[_i].cut);
	ck_assert_uint_eq(r.type, records[_i].type);
	ck_assert_uint_eq(r.version, records[_i].version);
	ck_assert_uint_eq(r.epoch, records[_i].epoch);
	ck_assert_uint_eq(r.seq, records[_i].seq);
	ck_assert_uint_eq(r.cid.len, records[_i].cid);
	ck_assert_uint_eq(r.header.len, records[_i].header);
	ck_assert_uint_eq(r.payload.len, records[_i].payload);
	ck_assert_uint_eq(in.len, records[_i].rest);
}
END_TEST

static void record_inside(struct slice in, void *arg)
{
	struct slice rest = in;
	struct dtls_record r;

	while (dtls_record_next(&rest, *(const size_t *)arg, &r) == PARSE_OK) {
		ck_assert(prefix_inside(r.header, in));
		ck_assert(prefix_inside(r.payload, in));
		ck_assert(prefix_inside(r.cid, r.header));
		ck_assert(prefix_inside(rest, in));
	}
	dtls_looks(in);
	dtls13_record_looks(in);
}

START_TEST(record_prefix)
{
	uint8_t buf[128];
	size_t cid_len = records[_i].cid_len;

	prefix_each(hex_bytes(records[_i].hex, buf, sizeof(buf)), record_inside,
		    &cid_len);
}
END_TEST

START_TEST(several_records)
{
	uint8_t buf[128];
	struct slice in = hex_bytes("16 fefd 0000 000000000001 0002 aabb"
				    "2d 0000 0000" BYTES16 "14",
				    buf, sizeof(buf));
	struct dtls_record r;

	ck_assert_int_eq(dtls_record_next(&in, 0, &r), PARSE_OK);
	ck_assert(slice_eq(r.payload, SLICE("\xaa\xbb")));
	ck_assert_int_eq(dtls_record_next(&in, 0, &r), PARSE_OK);
	ck_assert(r.unified && r.epoch == 1 && r.payload.len == 0);
	/* What is left begins no record, and stays. */
	ck_assert_int_eq(dtls_record_next(&in, 0, &r), PARSE_BAD);
	ck_assert_uint_eq(in.len, 17);
}
END_TEST

/* --- what it looks like ------------------------------------------------ */

static const struct {
	const char *name, *hex;
	bool plain, unified;
} looks[] = {
	{"handshake", "16 fefd 0000 000000000001 0002 aabb", true, false},
	{"its version of 1.3", "16 fefc 0000 000000000001 0002 aabb", true,
	 false},
	{"a record behind it", "16 fefd 0000 000000000001 0002 aabb 16", true,
	 false},
	{"not whole", "16 fefd 0000 000000000001 0003 aabb", false, false},
	{"empty", "16 fefd 0000 000000000001 0000", false, false},
	{"unified", "2f 1234 0010" BYTES16, false, true},
	{"two of them", "2f 1234 0010" BYTES16 "2e 1234 0010" BYTES16, false,
	 true},
	{"something behind it", "2f 1234 0010" BYTES16 "2e", false, false},
	{"unified without a length", "2a 1234" BYTES16, false, false},
	{"unified, not whole", "2f 1234 0011" BYTES16, false, false},
	{"unified, too short to hide its number",
	 "2f 1234 000f 000102030405060708090a0b0c0d0e", false, false},
	{"unified with a connection ID", "3f 1234 0010" BYTES16, false, false},
	{"STUN", "0001 0000 2112a442 000000000000000000000000", false, false},
	{"RTP", "8060 0001 00000000 00000000" BYTES16, false, false},
	{"nothing", "", false, false},
};

START_TEST(look)
{
	uint8_t buf[128];
	struct slice in = hex_bytes(looks[_i].hex, buf, sizeof(buf));

	ck_assert_msg(dtls_looks(in) == looks[_i].plain, "%s", looks[_i].name);
	ck_assert_msg(dtls13_record_looks(in) == looks[_i].unified, "%s",
		      looks[_i].name);
}
END_TEST

/* --- messages ---------------------------------------------------------- */

static const struct {
	const char *name, *hex;
	enum parse want;
	uint8_t type;
	uint32_t length;
	uint16_t seq;
	uint32_t offset, len;
	bool cut;
	size_t data, rest;
} fragments[] = {
	{"whole", "0e 000003 0102 000000 000003 616263", PARSE_OK, 14, 3,
	 0x0102, 0, 3, false, 3, 0},
	{"empty", "0e 000000 0004 000000 000000", PARSE_OK, 14, 0, 4, 0, 0,
	 false, 0, 0},
	{"a part", "01 010203 0000 000102 000002 aabb cc", PARSE_OK, 1,
	 0x010203, 0, 0x0102, 2, false, 2, 1},
	{"the last byte", "01 000010 0000 00000f 000001 aa", PARSE_OK, 1, 16, 0,
	 15, 1, false, 1, 0},
	{"cut", "01 000010 0000 000000 000010 aabb", PARSE_OK, 1, 16, 0, 0, 16,
	 true, 2, 0},
	{"past the end", "01 000010 0000 00000f 000002 aabb", PARSE_BAD},
	{"begins past the end", "01 000010 0000 000011 000000", PARSE_BAD},
	{"nothing of something", "01 000010 0000 000000 000000", PARSE_BAD},
	{"longest", "01 ffffff 0000 000000 ffffff aa", PARSE_OK, 1, 0xffffff, 0,
	 0, 0xffffff, true, 1, 0},
	{"half a header", "01 000010 0000 0000", PARSE_MORE},
	{"none", "", PARSE_MORE},
};

START_TEST(fragment)
{
	uint8_t buf[128];
	struct slice in = hex_bytes(fragments[_i].hex, buf, sizeof(buf));
	struct dtls_fragment f;

	ck_assert_msg(dtls_fragment_next(&in, &f) == fragments[_i].want, "%s",
		      fragments[_i].name);
	if (fragments[_i].want != PARSE_OK)
		return;
	ck_assert_uint_eq(f.type, fragments[_i].type);
	ck_assert_uint_eq(f.length, fragments[_i].length);
	ck_assert_uint_eq(f.seq, fragments[_i].seq);
	ck_assert_uint_eq(f.offset, fragments[_i].offset);
	ck_assert_uint_eq(f.len, fragments[_i].len);
	ck_assert(f.cut == fragments[_i].cut);
	ck_assert_uint_eq(f.data.len, fragments[_i].data);
	ck_assert_uint_eq(in.len, fragments[_i].rest);
}
END_TEST

static void fragment_inside(struct slice in, void *arg)
{
	struct slice rest = in;
	struct dtls_fragment f;

	(void)arg;
	while (dtls_fragment_next(&rest, &f) == PARSE_OK) {
		ck_assert(prefix_inside(f.data, in));
		ck_assert(prefix_inside(rest, in));
		ck_assert_uint_le(f.data.len, f.len);
		ck_assert_uint_le(f.offset + f.len, f.length);
	}
}

START_TEST(fragment_prefix)
{
	uint8_t buf[128];

	prefix_each(hex_bytes(fragments[_i].hex, buf, sizeof(buf)),
		    fragment_inside, NULL);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("dtls");
	TCase *t = tcase_create("dtls");

	tcase_add_loop_test(t, record, 0, COUNT(records));
	tcase_add_loop_test(t, record_prefix, 0, COUNT(records));
	tcase_add_test(t, several_records);
	tcase_add_loop_test(t, look, 0, COUNT(looks));
	tcase_add_loop_test(t, fragment, 0, COUNT(fragments));
	tcase_add_loop_test(t, fragment_prefix, 0, COUNT(fragments));
	suite_add_tcase(s, t);
	return run_suite(s);
}
