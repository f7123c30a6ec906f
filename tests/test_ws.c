/* WebSocket frame headers and the parameters of compression. */
#include <check.h>

#include "dissectors/ws.h"
#include "tests/prefix.h"
#include "tests/run_suite.h"

static const struct {
	const char *name;
	struct slice in;
	enum parse want;
	struct ws_frame frame;
} rows[] = {
	/* RFC 6455, 5.7 */
	{"unmasked text",
	 SLICE_INIT("\x81\x05\x48\x65\x6c\x6c\x6f"),
	 PARSE_OK,
	 {.len = 5,
	  .header_len = 2,
	  .opcode = WS_TEXT,
	  .fin = true,
	  .minimal = true}},
	{"masked text",
	 SLICE_INIT("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"),
	 PARSE_OK,
	 {.len = 5,
	  .header_len = 6,
	  .opcode = WS_TEXT,
	  .fin = true,
	  .minimal = true,
	  .masked = true,
	  .mask = {0x37, 0xfa, 0x21, 0x3d}}},
	{"first fragment",
	 SLICE_INIT("\x01\x03\x48\x65\x6c"),
	 PARSE_OK,
	 {.len = 3, .header_len = 2, .opcode = WS_TEXT, .minimal = true}},
	{"last fragment",
	 SLICE_INIT("\x80\x02\x6c\x6f"),
	 PARSE_OK,
	 {.len = 2,
	  .header_len = 2,
	  .opcode = WS_CONTINUATION,
	  .fin = true,
	  .minimal = true}},
	{"ping",
	 SLICE_INIT("\x89\x05\x48\x65\x6c\x6c\x6f"),
	 PARSE_OK,
	 {.len = 5,
	  .header_len = 2,
	  .opcode = WS_PING,
	  .fin = true,
	  .minimal = true}},
	{"masked pong",
	 SLICE_INIT("\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"),
	 PARSE_OK,
	 {.len = 5,
	  .header_len = 6,
	  .opcode = WS_PONG,
	  .fin = true,
	  .minimal = true,
	  .masked = true,
	  .mask = {0x37, 0xfa, 0x21, 0x3d}}},
	{"256 bytes",
	 SLICE_INIT("\x82\x7e\x01\x00"),
	 PARSE_OK,
	 {.len = 256,
	  .header_len = 4,
	  .opcode = WS_BINARY,
	  .fin = true,
	  .minimal = true}},
	{"64 KiB",
	 SLICE_INIT("\x82\x7f\0\0\0\0\0\1\0\0"),
	 PARSE_OK,
	 {.len = 65536,
	  .header_len = 10,
	  .opcode = WS_BINARY,
	  .fin = true,
	  .minimal = true}},

	{"compressed",
	 SLICE_INIT("\xc1\x07"),
	 PARSE_OK,
	 {.len = 7,
	  .header_len = 2,
	  .opcode = WS_TEXT,
	  .fin = true,
	  .minimal = true,
	  .rsv = WS_RSV1}},
	{"64-bit length, masked, not minimal",
	 SLICE_INIT("\x81\xff\0\0\0\0\0\0\0\5\1\2\3\4"),
	 PARSE_OK,
	 {.len = 5,
	  .header_len = 14,
	  .opcode = WS_TEXT,
	  .fin = true,
	  .masked = true,
	  .mask = {1, 2, 3, 4}}},
	{"16-bit length, not minimal",
	 SLICE_INIT("\x81\x7e\0\x7d"),
	 PARSE_OK,
	 {.len = 125, .header_len = 4, .opcode = WS_TEXT, .fin = true}},
	{"16-bit length, the least",
	 SLICE_INIT("\x81\x7e\0\x7e"),
	 PARSE_OK,
	 {.len = 126,
	  .header_len = 4,
	  .opcode = WS_TEXT,
	  .fin = true,
	  .minimal = true}},
	{"close",
	 SLICE_INIT("\x88\0"),
	 PARSE_OK,
	 {.header_len = 2, .opcode = WS_CLOSE, .fin = true, .minimal = true}},
	{"other reserved bits",
	 SLICE_INIT("\xb1\0"),
	 PARSE_OK,
	 {.header_len = 2,
	  .opcode = WS_TEXT,
	  .fin = true,
	  .minimal = true,
	  .rsv = WS_RSV2 | WS_RSV3}},

	{"reserved opcode", SLICE_INIT("\x83"), PARSE_BAD, {0}},
	{"reserved control opcode", SLICE_INIT("\x8b\0"), PARSE_BAD, {0}},
	{"fragmented ping", SLICE_INIT("\x09\0"), PARSE_BAD, {0}},
	{"compressed ping", SLICE_INIT("\xc9\0"), PARSE_BAD, {0}},
	{"long ping", SLICE_INIT("\x89\x7e"), PARSE_BAD, {0}},
	{"more than 63 bits",
	 SLICE_INIT("\x81\x7f\x80\0\0\0\0\0\0\0"),
	 PARSE_BAD,
	 {0}},
	{"nothing", SLICE_INIT(""), PARSE_MORE, {0}},
	{"one byte", SLICE_INIT("\x81"), PARSE_MORE, {0}},
	{"no mask", SLICE_INIT("\x81\x85\1\2\3"), PARSE_MORE, {0}},
	{"half a length", SLICE_INIT("\x81\x7f\0\0\0\0"), PARSE_MORE, {0}},
};

START_TEST(headers)
{
	const struct ws_frame *want = &rows[_i].frame;
	struct ws_frame f;

	ck_assert_msg(ws_frame_parse(rows[_i].in, &f) == rows[_i].want, "%s",
		      rows[_i].name);
	if (rows[_i].want != PARSE_OK)
		return;
	ck_assert_uint_eq(f.len, want->len);
	ck_assert_uint_eq(f.header_len, want->header_len);
	ck_assert_uint_eq(f.opcode, want->opcode);
	ck_assert_uint_eq(f.rsv, want->rsv);
	ck_assert(f.fin == want->fin && f.masked == want->masked);
	ck_assert(f.minimal == want->minimal);
	ck_assert_mem_eq(f.mask, want->mask, 4);
}
END_TEST

/* Shorter than its header a frame is MORE, from there on OK; a bad one never
 * becomes good. */
static void parse_prefix(struct slice in, void *arg)
{
	int i = *(int *)arg;
	struct ws_frame f;
	enum parse got = ws_frame_parse(in, &f);

	if (rows[i].want == PARSE_OK)
		ck_assert_int_eq(got, in.len < rows[i].frame.header_len
					      ? PARSE_MORE
					      : PARSE_OK);
	else
		ck_assert_int_ne(got, PARSE_OK);
}

START_TEST(every_prefix)
{
	prefix_each(rows[_i].in, parse_prefix, &_i);
}
END_TEST

START_TEST(unmask)
{
	const uint8_t mask[4] = {0x37, 0xfa, 0x21, 0x3d};
	const char *want = "Hello, a longer one";
	uint8_t whole[19], p[19];

	memcpy(whole, want, sizeof(whole));
	ws_unmask(whole, sizeof(whole), mask, 0);
	ck_assert_mem_eq(whole, "\x7f\x9f\x4d\x51\x58", 5);
	for (size_t at = 0; at <= sizeof(p); at++) {
		memcpy(p, whole, sizeof(p));
		ws_unmask(p, at, mask, 0);
		ws_unmask(p + at, sizeof(p) - at, mask, at);
		ck_assert_mem_eq(p, want, sizeof(p));
	}
}
END_TEST

START_TEST(close_codes)
{
	ck_assert_uint_eq(ws_close_code(SLICE("\x03\xe8 bye")), 1000);
	ck_assert_uint_eq(ws_close_code(SLICE("\x03\xe9")), 1001);
	ck_assert_uint_eq(ws_close_code(SLICE("\x03")), 1005);
	ck_assert_uint_eq(ws_close_code(SLICE("")), 1005);
}
END_TEST

static const struct {
	struct slice in;
	struct ws_deflate want;
} offers[] = {
	{SLICE_INIT(""), {false, false, false, 15, 15}},
	{SLICE_INIT("x-webkit-deflate-frame"), {false, false, false, 15, 15}},
	/* RFC 7692, 7.1 */
	{SLICE_INIT("permessage-deflate"), {true, false, false, 15, 15}},
	{SLICE_INIT("permessage-deflate; client_max_window_bits; "
		    "server_max_window_bits=10"),
	 {true, false, false, 15, 10}},
	{SLICE_INIT("permessage-deflate; client_max_window_bits; "
		    "server_max_window_bits=10, permessage-deflate; "
		    "client_no_context_takeover"),
	 {true, false, false, 15, 10}},
	{SLICE_INIT("foo; x=1 , PERMESSAGE-DEFLATE;Server_No_Context_Takeover;"
		    "client_no_context_takeover;client_max_window_bits=\"9\""),
	 {true, true, true, 9, 15}},
	{SLICE_INIT("permessage-deflate; server_max_window_bits=16; "
		    "client_max_window_bits=7;;=; client_max_window_bits=x"),
	 {true, false, false, 15, 15}},
};

START_TEST(extensions)
{
	const struct ws_deflate *want = &offers[_i].want;
	struct ws_deflate d;

	ws_deflate_parse(offers[_i].in, &d);
	ck_assert(d.offered == want->offered);
	ck_assert(d.client_no_context_takeover ==
		  want->client_no_context_takeover);
	ck_assert(d.server_no_context_takeover ==
		  want->server_no_context_takeover);
	ck_assert_uint_eq(d.client_max_window_bits,
			  want->client_max_window_bits);
	ck_assert_uint_eq(d.server_max_window_bits,
			  want->server_max_window_bits);
}
END_TEST

static void offer_prefix(struct slice in, void *arg)
{
	struct ws_deflate d;

	(void)arg;
	ws_deflate_parse(in, &d);
	ck_assert_uint_ge(d.client_max_window_bits, 8);
	ck_assert_uint_le(d.server_max_window_bits, 15);
}

START_TEST(extensions_prefix)
{
	prefix_each(offers[_i].in, offer_prefix, NULL);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int main(void)
{
	Suite *s = suite_create("ws");
	TCase *t = tcase_create("ws");

	tcase_add_loop_test(t, headers, 0, COUNT(rows));
	tcase_add_loop_test(t, every_prefix, 0, COUNT(rows));
	tcase_add_test(t, unmask);
	tcase_add_test(t, close_codes);
	tcase_add_loop_test(t, extensions, 0, COUNT(offers));
	tcase_add_loop_test(t, extensions_prefix, 0, COUNT(offers));
	suite_add_tcase(s, t);
	return run_suite(s);
}
