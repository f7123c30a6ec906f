/* RTCP reports as JSON, in both directions. */
#include <check.h>
#include <stdio.h>

#include "dissectors/rtcp.h"
#include "dissectors/rtcp_json.h"
#include "tests/prefix.h"
#include "tests/run_suite.h"

/* As rtpengine writes it, and as heplify does. */
static const char sender[] =
	"{ \"ssrc\":1234567890,\"type\":200,\"report_count\":1,"
	"\"report_blocks\":[{\"source_ssrc\":42,\"highest_seq_no\":70001,"
	"\"fraction_lost\":13,\"ia_jitter\":77,\"packets_lost\":5,"
	"\"lsr\":305419896,\"dlsr\":65536}],"
	"\"sender_information\":{\"ntp_timestamp_sec\":3900000000,"
	"\"ntp_timestamp_usec\":2147483648,\"octets\":160000,"
	"\"rtp_timestamp\":4294967295,\"packets\":1000},"
	"\"sdes_ssrc\":1234567890,\"sdes_report_count\":1,"
	"\"sdes_information\":[{\"type\":1,\"text\":\"a\\\"}b\"}]}";

static struct rtcp_report report_of(struct slice packet)
{
	struct rtcp_report r;
	struct rtcp_walk w;
	struct rtcp p;

	rtcp_begin(&w, packet);
	ck_assert_int_eq(rtcp_next(&w, &p), PARSE_OK);
	ck_assert_int_eq(rtcp_report_parse(&p, &r), PARSE_OK);
	ck_assert_int_eq(rtcp_next(&w, &p), PARSE_MORE);
	return r;
}

START_TEST(sender_report)
{
	uint8_t out[RTCP_JSON_PACKET_MAX];
	size_t n = rtcp_json_read(slice_str(sender), out);
	struct rtcp_report r = report_of(slice_of(out, n));
	struct rtcp_block b;

	ck_assert(r.sender);
	ck_assert_uint_eq(r.ssrc, 1234567890);
	ck_assert_uint_eq(r.ntp, 3900000000u * (1ull << 32) + (1u << 31));
	ck_assert_uint_eq(r.rtp_ts, 4294967295);
	ck_assert_uint_eq(r.packets, 1000);
	ck_assert_uint_eq(r.octets, 160000);
	ck_assert(rtcp_block_next(&r.blocks, &b));
	ck_assert_uint_eq(b.ssrc, 42);
	ck_assert_uint_eq(b.fraction_lost, 13);
	ck_assert_int_eq(b.lost, 5);
	ck_assert_uint_eq(b.ext_seq, 70001);
	ck_assert_uint_eq(b.jitter, 77);
	ck_assert_uint_eq(b.lsr, 305419896);
	ck_assert_uint_eq(b.dlsr, 65536);
	ck_assert(!rtcp_block_next(&r.blocks, &b));
}
END_TEST

START_TEST(receiver_report)
{
	static const char text[] =
		"{\"type\":201,\"ssrc\":\"9\",\"report_blocks\":[\n"
		" {\"source_ssrc\":\"7\",\"packets_lost\":-3},\n"
		" {\"source_ssrc\": 8 , \"ia_jitter\" : 1}]}";
	uint8_t out[RTCP_JSON_PACKET_MAX];
	size_t n = rtcp_json_read(slice_str(text), out);
	struct rtcp_report r = report_of(slice_of(out, n));
	struct rtcp_block b;

	ck_assert(!r.sender);
	ck_assert_uint_eq(r.ssrc, 9);
	ck_assert(rtcp_block_next(&r.blocks, &b));
	ck_assert_uint_eq(b.ssrc, 7);
	ck_assert_int_eq(b.lost, -3);
	ck_assert(rtcp_block_next(&r.blocks, &b));
	ck_assert_uint_eq(b.ssrc, 8);
	ck_assert_uint_eq(b.jitter, 1);
}
END_TEST

static const char *const none[] = {
	"",
	"{}",
	"[]",
	"hello",
	"{\"ssrc\":1}",
	"{\"ssrc\":1,\"type\":207,\"report_blocks\":[{\"source_ssrc\":2}]}",
	"{\"type\":201,\"report_blocks\":[{\"source_ssrc\":2}]}",
	"{\"ssrc\":1,\"report_blocks\":[{\"source_ssrc\":2}]",
	"{\"ssrc\":1,\"a\":[[[[[[[[[[[[1]]]]]]]]]]]],\"report_blocks\":[{}]}",
	"{\"ssrc\":\"one\",\"report_blocks\":[{\"source_ssrc\":2}]}",
	"{\"ssrc\":99999999999999999999,\"report_blocks\":[{}]}",
	"}{\"ssrc\":1,\"report_blocks\":[{\"source_ssrc\":2}]}",
};

START_TEST(no_report)
{
	uint8_t out[RTCP_JSON_PACKET_MAX];

	ck_assert_msg(!rtcp_json_read(slice_str(none[_i]), out), "%s",
		      none[_i]);
}
END_TEST

START_TEST(a_zero_byte)
{
	uint8_t out[RTCP_JSON_PACKET_MAX];

	rtcp_json_read(SLICE("{\0\0\"ssrc\":\0}"), out);
}
END_TEST

/* 31 blocks fit, more do not. */
START_TEST(many_blocks)
{
	uint8_t out[RTCP_JSON_PACKET_MAX];
	char text[4096] = "{\"ssrc\":1,\"report_blocks\":[{\"lsr\":1}";
	size_t n;

	for (int i = 1; i < 31; i++)
		strcat(text, ",{\"lsr\":2}");
	n = strlen(text);
	strcpy(text + n, "]}");
	ck_assert_uint_eq(rtcp_json_read(slice_str(text), out), 8 + 31 * 24);
	strcpy(text + n, ",{}]}");
	ck_assert_uint_eq(rtcp_json_read(slice_str(text), out), 0);
}
END_TEST

static void read_prefix(struct slice in, void *arg)
{
	uint8_t out[RTCP_JSON_PACKET_MAX];
	size_t n = rtcp_json_read(in, out);

	ck_assert_uint_le(n, sizeof(out));
	ck_assert(!n || in.len == *(size_t *)arg);
}

START_TEST(every_prefix)
{
	size_t len = sizeof(sender) - 1;

	prefix_each(slice_str(sender), read_prefix, &len);
}
END_TEST

/* What we write we read again, to the byte. */
START_TEST(there_and_back)
{
	uint8_t first[RTCP_JSON_PACKET_MAX], again[RTCP_JSON_PACKET_MAX];
	char text[RTCP_JSON_TEXT_MAX];
	size_t n = rtcp_json_read(slice_str(sender), first), len;

	len = rtcp_json_write(slice_of(first, n), text);
	ck_assert_uint_gt(len, 0);
	ck_assert_uint_eq(rtcp_json_read(slice_of(text, len), again), n);
	ck_assert_mem_eq(first, again, n);
}
END_TEST

static void write_prefix(struct slice in, void *arg)
{
	char text[RTCP_JSON_TEXT_MAX];
	size_t n = rtcp_json_write(in, text);

	ck_assert(!n || in.len == *(size_t *)arg);
}

/* Of SRTCP only the beginning is clear: what follows is no packet. */
START_TEST(encrypted)
{
	uint8_t packet[RTCP_JSON_PACKET_MAX + 14] = {0};
	char text[RTCP_JSON_TEXT_MAX];
	size_t n = rtcp_json_read(slice_str(sender), packet);

	prefix_each(slice_of(packet, n), write_prefix, &n);
	packet[n] = 0x80; /* E and an index */
	packet[n + 3] = 1;
	ck_assert_uint_eq(rtcp_json_write(slice_of(packet, n + 14), text), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("rtcp_json");
	TCase *t = tcase_create("rtcp_json");

	tcase_add_test(t, sender_report);
	tcase_add_test(t, receiver_report);
	tcase_add_loop_test(t, no_report, 0, sizeof(none) / sizeof(none[0]));
	tcase_add_test(t, a_zero_byte);
	tcase_add_test(t, many_blocks);
	tcase_add_test(t, every_prefix);
	tcase_add_test(t, there_and_back);
	tcase_add_test(t, encrypted);
	suite_add_tcase(s, t);
	return run_suite(s);
}
