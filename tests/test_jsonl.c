/*
 * The JSON lines: values written one by one, whole lines, and the sink's
 * files and errors.
 */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/report.h"
#include "storage/sink.h"
#include "tests/made_cdr.h"
#include "tests/run_suite.h"

static char *text_of(struct outbuf *b)
{
	outbuf_char(b, '\0');
	ck_assert(!b->failed);
	return b->p;
}

/* --- text ----------------------------------------------------------------- */

static const struct {
	struct slice in;
	const char *utf8, *json;
} texts[] = {
	{SLICE_INIT(""), "", "\"\""},
	{SLICE_INIT("plain"), "plain", "\"plain\""},
	{SLICE_INIT("a\"b\\c"), "a\"b\\c", "\"a\\\"b\\\\c\""},
	{SLICE_INIT("\x01\n\t\x7f"), "\x01\n\t\x7f", "\"\\u0001\\n\\t\x7f\""},
	{SLICE_INIT("a\0b"), "a\\x00b", "\"a\\\\x00b\""},
	{SLICE_INIT("gr\xfc\xdf"), "gr\\xfc\\xdf", "\"gr\\\\xfc\\\\xdf\""},
	{SLICE_INIT("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"),
	 "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
	 "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""},
	/* overlong, surrogate, above U+10FFFF, cut */
	{SLICE_INIT("\xc0\xaf"), "\\xc0\\xaf", "\"\\\\xc0\\\\xaf\""},
	{SLICE_INIT("\xe0\x80\xaf"), "\\xe0\\x80\\xaf",
	 "\"\\\\xe0\\\\x80\\\\xaf\""},
	{SLICE_INIT("\xed\xa0\x80"), "\\xed\\xa0\\x80",
	 "\"\\\\xed\\\\xa0\\\\x80\""},
	{SLICE_INIT("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80",
	 "\"\\\\xf4\\\\x90\\\\x80\\\\x80\""},
	{SLICE_INIT("x\xe2\x82"), "x\\xe2\\x82", "\"x\\\\xe2\\\\x82\""},
};

START_TEST(text_is_utf8)
{
	struct outbuf b = {0};

	outbuf_utf8(&b, texts[_i].in);
	ck_assert_str_eq(text_of(&b), texts[_i].utf8);
	outbuf_reset(&b);
	outbuf_json(&b, texts[_i].in);
	ck_assert_str_eq(text_of(&b), texts[_i].json);
	outbuf_free(&b);
}
END_TEST

/* Whatever the bytes, what comes out can be read back as UTF-8. */
START_TEST(text_every_two_bytes)
{
	struct outbuf b = {0}, again = {0};

	for (unsigned v = 0; v < 0x10000; v++) {
		uint8_t in[2] = {(uint8_t)(v >> 8), (uint8_t)v};

		outbuf_reset(&b);
		outbuf_reset(&again);
		outbuf_utf8(&b, slice_of(in, 2));
		outbuf_utf8(&again, slice_of(b.p, b.len));
		ck_assert_uint_eq(b.len, again.len);
		ck_assert_int_eq(memcmp(b.p, again.p, b.len), 0);
	}
	outbuf_free(&b);
	outbuf_free(&again);
}
END_TEST

/* --- numbers and times ---------------------------------------------------- */

static const struct {
	double v;
	const char *want;
} doubles[] = {
	{0, "0.000"},
	{-0.0, "0.000"},
	{-0.0004, "0.000"},
	{-0.0006, "-0.001"},
	{0.12345, "0.123"},
	{1.9999, "2.000"},
	{-12.5, "-12.500"},
	{4e9, "4000000000.000"},
	{1e18, "1000000000000000000.000"},
};

START_TEST(double_has_three_digits)
{
	struct outbuf b = {0};

	outbuf_double(&b, doubles[_i].v);
	ck_assert_str_eq(text_of(&b), doubles[_i].want);
	outbuf_free(&b);
}
END_TEST

static const struct {
	uint64_t ns;
	const char *want;
} times[] = {
	{1, "1970-01-01T00:00:00.000000Z"},
	{MADE_NS, "2026-11-23T01:02:03.456789Z"},
	{951782399999999999ull, "2000-02-28T23:59:59.999999Z"},
	{951782400000000000ull, "2000-02-29T00:00:00.000000Z"},
	{1709164800000001000ull, "2024-02-29T00:00:00.000001Z"},
	{4107542400000000000ull, "2100-03-01T00:00:00.000000Z"},
	{UINT64_MAX, "2554-07-21T23:34:33.709551Z"},
};

START_TEST(time_is_rfc3339)
{
	struct outbuf b = {0};

	outbuf_time(&b, times[_i].ns);
	ck_assert_str_eq(text_of(&b), times[_i].want);
	outbuf_free(&b);
}
END_TEST

START_TEST(integers_at_their_ends)
{
	struct outbuf b = {0};

	outbuf_u64(&b, 0);
	outbuf_char(&b, ' ');
	outbuf_u64(&b, UINT64_MAX);
	outbuf_char(&b, ' ');
	outbuf_i64(&b, INT64_MIN);
	outbuf_char(&b, ' ');
	outbuf_milli(&b, -1500);
	outbuf_char(&b, ' ');
	outbuf_ssrc(&b, 0xabcd);
	ck_assert_str_eq(text_of(&b), "0 18446744073709551615 "
				      "-9223372036854775808 -1.500 0x0000abcd");
	outbuf_free(&b);
}
END_TEST

/* --- lines ---------------------------------------------------------------- */

static const char call_line[] =
	"{\"type\":\"call\",\"uid\":\"01KAQ00000000000000000CA11\","
	"\"sensor\":\"lab\",\"partial\":\"end\","
	"\"call_id\":\"id@example.org\",\"group_id\":null,"
	"\"state\":\"completed\",\"status\":200,\"reason\":\"OK\","
	"\"ended_by\":\"callee\",\"q850\":null,"
	"\"caller\":{\"user\":\"+4930123\",\"host\":\"example.org\","
	"\"name\":\"A\\\"\\\\\\n\\\\xe9\\\\x00\xc3\xa9\","
	"\"uri\":\"sip:+4930123@example.org\",\"tag\":\"ft\","
	"\"addr\":\"192.0.2.1:5060\",\"agent\":\"phone/1\","
	"\"asserted\":null},"
	"\"callee\":{\"user\":\"4420\",\"host\":\"example.net\","
	"\"name\":null,\"uri\":\"sip:4420@example.net\",\"tag\":\"tt\","
	"\"addr\":\"[2001:db8::2]:5062\",\"agent\":null,"
	"\"asserted\":\"sip:44@example.net\"},"
	"\"transport\":\"udp\",\"start\":\"2026-11-23T01:02:03.456789Z\","
	"\"ring\":null,\"answer\":\"2026-11-23T01:02:05.456789Z\","
	"\"end\":\"2026-11-23T01:02:15.456789Z\",\"duration_ms\":12000.000,"
	"\"connect_ms\":10000.000,\"pdd_ms\":null,\"setup_ms\":2000.001,"
	"\"billing\":{\"end\":\"2026-11-23T01:02:15.456790Z\","
	"\"billable_us\":10000001,\"flags\":\"no-ack partial-end\","
	"\"caller_e164\":\"+4930123\",\"callee_e164\":null,"
	"\"trunk_in\":null,\"trunk_out\":\"carrier\","
	"\"direction\":\"out\"},"
	"\"a\":{\"stream_uid\":\"01KAQ0000000000000000STRM0\","
	"\"codec\":\"PCMA\",\"packets\":499,\"lost\":1,\"loss_pct\":0.200,"
	"\"jitter_ms\":{\"mean\":0.123,\"max\":1.001},"
	"\"mos\":{\"f1\":4.400,\"f2\":4.410,\"adaptive\":4.390,"
	"\"min\":4.000,\"scale\":\"NB\",\"model\":\"G.107\","
	"\"assumed\":false},\"rtt_ms_mean\":null},"
	"\"b\":{\"stream_uid\":null,\"codec\":null,\"packets\":null,"
	"\"lost\":null,\"loss_pct\":null,"
	"\"jitter_ms\":{\"mean\":null,\"max\":null},"
	"\"mos\":{\"f1\":null,\"f2\":null,\"adaptive\":null,\"min\":null,"
	"\"scale\":null,\"model\":null,\"assumed\":null},"
	"\"rtt_ms_mean\":null},"
	"\"dialogs\":[{\"caller_tag\":\"ft\",\"callee_tag\":\"tt\","
	"\"callee_addr\":\"[2001:db8::2]:5062\",\"status\":200,"
	"\"ring\":null,\"answer\":\"2026-11-23T01:02:05.456789Z\","
	"\"end\":\"2026-11-23T01:02:15.456789Z\",\"ended_by\":\"callee\"}],"
	"\"messages\":[{\"time\":\"2026-11-23T01:02:03.456789Z\","
	"\"src\":\"192.0.2.1:5060\",\"dst\":\"[2001:db8::2]:5062\","
	"\"transport\":\"udp\",\"method\":\"INVITE\",\"status\":null,"
	"\"cseq\":1,\"len\":700,\"retransmission\":false,"
	"\"copy_of\":null},{\"time\":\"2026-11-23T01:02:03.456789Z\","
	"\"src\":\"192.0.2.1:5060\",\"dst\":\"[2001:db8::2]:5062\","
	"\"transport\":\"udp\",\"method\":\"INVITE\",\"status\":200,"
	"\"cseq\":1,\"len\":700,\"retransmission\":true,\"copy_of\":0}],"
	"\"offers\":[{\"time\":\"2026-11-23T01:02:03.456789Z\","
	"\"by\":\"caller\",\"version\":null,\"answered\":true,"
	"\"state\":\"answered\","
	"\"answer_time\":\"2026-11-23T01:02:04.456789Z\","
	"\"answer_version\":7,\"ice_lite\":false,"
	"\"answer_ice_lite\":null,\"media\":[{\"mid\":null,\"kind\":\"audio\","
	"\"port\":4000,"
	"\"direction\":\"sendrecv\",\"codecs\":[\"PCMA/8000\",\"\\\\xff\"],"
	"\"bundle\":false,\"rejected\":true,\"answer_port\":0,"
	"\"answer_direction\":null,\"negotiated\":[\"PCMA/8000\"],"
	"\"bundled\":null,\"rtcp_mux\":true}]}],"
	"\"streams\":[{\"stream_uid\":\"01KAQ0000000000000000STRM0\","
	"\"src\":\"192.0.2.1:4000\",\"dst\":\"[2001:db8::2]:4002\","
	"\"ssrc\":\"0x1234abcd\",\"hop\":1,\"mid\":null,\"rid\":null,"
	"\"repairs\":null,\"turn\":null,\"sender\":\"caller\","
	"\"media\":\"audio\",\"codec\":\"PCMA\",\"payload_type\":8,"
	"\"clock_rate\":8000,\"codecs\":[{\"payload_type\":8,"
	"\"codec\":\"PCMA\",\"clock_rate\":8000,\"packets\":499}],"
	"\"codec_guessed\":false,\"srtp\":null,\"decrypted\":false,"
	"\"key_state\":null,"
	"\"first\":\"2026-11-23T01:02:05.456789Z\","
	"\"last\":\"2026-11-23T01:02:15.456789Z\",\"packets\":499,"
	"\"bytes\":79840,\"expected\":500,\"lost\":1,\"loss_pct\":0.200,"
	"\"out_of_order\":0,\"duplicates\":0,\"duplicates_tap\":0,"
	"\"jitter_ms\":{\"mean\":0.123,\"max\":1.001},"
	"\"delta_ms\":{\"mean\":20.000,\"max\":40.500},\"skew_ms\":0.000,"
	"\"dscp\":46,\"vlan\":null,\"ptime_ms\":20.000,"
	"\"mos\":{\"f1\":4.400,\"f2\":4.410,\"adaptive\":4.390,"
	"\"min\":4.000,\"scale\":\"NB\",\"model\":\"G.107\","
	"\"assumed\":false},\"r_factor\":93.200,"
	"\"burst\":{\"gap_loss_pct\":0.100,\"burst_loss_pct\":null,"
	"\"burst_ms\":null,\"gap_ms\":10000.000},"
	"\"loss_runs\":[1,0,0,0,0,0,0,0,0,0],"
	"\"delay_bins\":[0,0,0,0,0,0,0,2],"
	"\"rtcp\":{\"sr\":2,\"rr\":0,\"xr\":0,\"nack\":0,\"pli\":0,"
	"\"fir\":0,\"remb\":0,\"twcc\":0,\"bye\":0,"
	"\"fraction_lost_max\":null,\"lost_reported\":-1,"
	"\"jitter_ms_max\":null,\"rtt_a_ms\":null,\"rtt_b_ms\":12.346,"
	"\"rtt_ms_mean\":null,\"rtt_ms_max\":null,"
	"\"nack_numbers\":7,\"remb_kbps\":300.000},"
	"\"transport_expected\":1000,\"transport_lost\":null,"
	"\"audio_level\":{\"mean\":-40.500,\"max\":-12.000,"
	"\"voice_pct\":33.300},"
	"\"repair\":{\"rtx\":0,\"red\":10,\"fec\":0,\"lost_after\":null},"
	"\"video\":null}],"
	"\"ice\":[],\"dtls\":[],\"turn\":[],\"nat\":[],"
	"\"dtmf\":[{\"time\":\"2026-11-23T01:02:03.456789Z\","
	"\"digit\":\"#\",\"duration_ms\":80.125,\"via\":\"rfc4733\","
	"\"stream\":null}],"
	"\"diagnoses\":[{\"code\":\"one-way\",\"severity\":\"error\","
	"\"side\":\"b\",\"detail\":\"no media from callee\"}],"
	"\"pcap\":\"spool/2026-11-23/01/X.pcap\"}\n";

static const char transaction_line[] =
	"{\"type\":\"sip_transaction\","
	"\"uid\":\"01KAQ000000000000000000TRN\",\"sensor\":\"lab\","
	"\"partial\":null,\"method\":\"OPTIONS\",\"from_uri\":\"sip:a\","
	"\"to_uri\":\"sip:b\",\"call_id\":\"o1\","
	"\"src\":\"192.0.2.1:5060\",\"dst\":\"192.0.2.2:5060\","
	"\"status\":null,\"rtt_ms\":null,"
	"\"start\":\"2026-11-23T01:02:03.456789Z\"}\n";

static const char registration_line[] =
	"{\"type\":\"registration\","
	"\"uid\":\"01KAQ000000000000000000REG\",\"sensor\":\"lab\","
	"\"partial\":null,\"aor\":\"sip:u@example.org\","
	"\"contact\":\"sip:u@192.0.2.1\",\"call_id\":\"r1\","
	"\"src\":\"192.0.2.1:5060\",\"dst\":\"192.0.2.2:5060\","
	"\"agent\":null,\"expires\":3600,\"state\":\"registered\","
	"\"status\":200,\"rtt_ms\":12.345,\"refreshes\":3,\"nat\":null,"
	"\"start\":\"2026-11-23T01:02:03.456789Z\",\"end\":null}\n";

static const char summary_line[] =
	"{\"type\":\"summary\",\"uid\":null,\"sensor\":\"lab\","
	"\"partial\":null,\"packets\":12,\"bytes\":3456,"
	"\"first\":\"2026-11-23T01:02:03.456789Z\","
	"\"last\":\"2026-11-23T01:02:04.456789Z\",\"decoded\":0,"
	"\"ip_fragments\":0,\"sip\":0,\"rtp\":0,\"rtcp\":0,\"stun\":0,"
	"\"turn\":null,\"dtls\":null,\"turn_packets\":0,\"dtls_packets\":0,"
	"\"other\":0,\"calls\":0,\"sessions\":0,"
	"\"registrations\":0,\"sip_transactions\":0,"
	"\"dropped\":{\"kernel\":0,\"ring\":0,\"limit\":0},"
	"\"malformed\":{\"ip.bad_length\":1,\"sip.no_call_id\":2},"
	"\"elapsed_ms\":1.500}\n";

/* From signalling on, and what ICE, DTLS, TURN and NAT add. */
static const char *const webrtc_parts[] = {
	"\"kind\":\"webrtc\",\"signalling\":\"json\",",
	"\"turn\":{\"client\":\"192.0.2.1:4000\","
	"\"relayed\":\"192.0.2.9:49152\",\"peer\":\"192.0.2.2:5000\"},",
	"\"srtp\":\"AEAD_AES_128_GCM\",\"decrypted\":false,"
	"\"key_state\":\"missing\",",
	"\"ice\":[{\"a\":\"uA\",\"b\":\"uB\",\"generation\":1,"
	"\"controlling\":\"a\",\"lite\":null,\"nomination\":\"regular\","
	"\"role_conflicts\":0,\"candidates\":[{\"side\":\"a\","
	"\"foundation\":\"f1\",\"component\":1,\"transport\":\"udp\","
	"\"priority\":2130706431,\"addr\":\"x.local:4000\","
	"\"type\":\"host\",\"related\":null,"
	"\"resolved\":\"192.0.2.1:4000\"},{\"side\":\"b\","
	"\"foundation\":null,\"component\":null,\"transport\":\"udp\","
	"\"priority\":null,\"addr\":\"192.0.2.2:5000\",\"type\":null,"
	"\"related\":null,\"resolved\":null}],",
	"\"pairs\":[{\"local\":\"192.0.2.1:4000\","
	"\"remote\":\"192.0.2.2:5000\",\"component\":1,"
	"\"transport\":\"udp\",\"local_type\":\"host\","
	"\"remote_type\":null,\"state\":\"succeeded\",\"reason\":null,"
	"\"nominated\":true,\"selected\":true,\"ab\":{\"requests\":3,"
	"\"responses\":2,\"errors\":0,\"retransmissions\":1,"
	"\"rtt_ms_mean\":12.346},\"ba\":{\"requests\":0,"
	"\"responses\":0,\"errors\":0,\"retransmissions\":0,"
	"\"rtt_ms_mean\":null},\"first\":\"2026-11-23T01:02:03.456789Z\","
	"\"last\":\"2026-11-23T01:02:08.456789Z\",\"via_relay\":false,"
	"\"consent_lost\":false}],\"result\":\"connected\","
	"\"connect_ms\":80.500,"
	"\"started\":\"2026-11-23T01:02:03.456789Z\"}],",
	"\"dtls\":[{\"client\":\"192.0.2.2:5000\","
	"\"server\":\"192.0.2.1:4000\",\"version\":\"1.2\","
	"\"cipher\":\"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256\","
	"\"srtp_profile\":\"SRTP_AEAD_AES_128_GCM\","
	"\"offered_profiles\":[\"SRTP_AEAD_AES_128_GCM\","
	"\"SRTP_AES128_CM_HMAC_SHA1_80\"],"
	"\"started\":\"2026-11-23T01:02:03.456789Z\","
	"\"finished\":\"2026-11-23T01:02:03.556789Z\","
	"\"handshake_ms\":100.000,\"retransmissions\":0,"
	"\"fingerprint_client\":\"sha-256 AA:BB\","
	"\"fingerprint_server\":null,\"fingerprint_match\":true,"
	"\"setup_match\":null,\"alert\":null,\"state\":\"finished\","
	"\"key_state\":\"ok\"}],",
	"\"turn\":[{\"client\":\"192.0.2.1:4000\","
	"\"server\":\"192.0.2.9:3478\",\"transport\":\"tls\","
	"\"realm\":\"example.org\",\"username\":\"joe\","
	"\"relayed\":\"192.0.2.9:49152\",\"mapped\":\"192.0.2.8:1024\","
	"\"lifetime_s\":600,\"created\":\"2026-11-23T01:02:03.456789Z\","
	"\"closed\":null,\"permissions\":[{\"peer\":\"192.0.2.2\","
	"\"created\":\"2026-11-23T01:02:03.456789Z\","
	"\"expires\":\"2026-11-23T01:07:03.456789Z\",\"error\":null}],"
	"\"channels\":[{\"channel\":\"0x4000\","
	"\"peer\":\"192.0.2.2:5000\","
	"\"created\":\"2026-11-23T01:02:03.456789Z\",\"expires\":null,"
	"\"error\":403}],\"bytes_up\":1000,\"bytes_down\":2000,"
	"\"packets_up\":10,\"packets_down\":20,\"error\":null,"
	"\"delay_ms\":1.250,\"lost\":3,\"software\":null,"
	"\"integrity\":\"ok\"}],",
	"\"nat\":[{\"addr\":\"192.0.2.1:4000\","
	"\"class\":\"port-dependent\",\"remotes\":2,"
	"\"confidence\":\"sure\",\"mapped\":\"192.0.2.8:1024\"}],",
};

static const struct {
	struct cdr *(*make)(void);
	const char *want;
} lines[] = {
	{made_call, call_line},
	{made_transaction, transaction_line},
	{made_registration, registration_line},
	{made_summary, summary_line},
};

/* Where they part: check cannot show texts as long as a record. */
static void assert_text(const char *is, const char *want)
{
	size_t at = 0;

	while (is[at] && is[at] == want[at])
		at++;
	ck_assert_msg(is[at] == want[at], "at %zu: %.80s, not %.80s", at,
		      is + at, want + at);
}

START_TEST(line_of_each_kind)
{
	struct cdr *cdr = lines[_i].make();
	struct outbuf b = {0};

	report_put_line(&b, cdr);
	assert_text(text_of(&b), lines[_i].want);
	outbuf_free(&b);
	cdr_free(cdr);
}
END_TEST

START_TEST(webrtc_has_its_arrays)
{
	struct cdr *cdr = made_webrtc();
	struct outbuf b = {0};

	report_put_line(&b, cdr);
	text_of(&b);
	ck_assert_msg(strstr(b.p, webrtc_parts[_i]) != NULL, "%s",
		      webrtc_parts[_i]);
	outbuf_free(&b);
	cdr_free(cdr);
}
END_TEST

START_TEST(session_has_its_kind_and_nulls)
{
	struct cdr *cdr = made_session();
	struct outbuf b = {0};

	report_put_line(&b, cdr);
	text_of(&b);
	ck_assert_ptr_nonnull(strstr(
		b.p, "\"partial\":null,\"kind\":\"rtp\",\"signalling\":null,"
		     "\"call_id\":null,\"group_id\":null,"
		     "\"state\":\"expired\",\"status\":null,"));
	ck_assert_ptr_nonnull(strstr(b.p, "\"caller\":null,\"callee\":null,"));
	ck_assert_ptr_nonnull(strstr(b.p, "\"dialogs\":[],\"messages\":[],"
					  "\"offers\":[],\"streams\":[{"));
	ck_assert_ptr_nonnull(strstr(b.p, "\"audio_level\":null,\"repair\":{"));
	ck_assert_ptr_nonnull(strstr(
		b.p, "\"video\":{\"frames\":300,\"fps\":29.970,"
		     "\"keyframes\":null,\"width\":1280,\"height\":720,"
		     "\"bitrate_kbps\":{\"mean\":800.000,\"max\":1200.500},"
		     "\"spatial_layers\":null,\"temporal_layers\":3}}]"));
	outbuf_free(&b);
	cdr_free(cdr);
}
END_TEST

/* --- the sink ------------------------------------------------------------- */

static char dir[] = "/tmp/callscope-jsonl-XXXXXX";
static char path[64], part[80];

static void make_dir(void)
{
	memcpy(dir + sizeof(dir) - 7, "XXXXXX", 6);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/report", dir);
	snprintf(part, sizeof(part), "%s.part", path);
}

static void drop_dir(void)
{
	unlink(path);
	unlink(part);
	ck_assert_int_eq(rmdir(dir), 0);
}

static struct sink *open_sink(const char *name)
{
	struct sink_config cfg = {.path = name};
	struct sink *s = NULL;
	char why[SINK_WHY] = "";

	ck_assert_msg(!jsonl_sink.open(&s, &cfg, why), "%s", why);
	return s;
}

static void put_transaction(struct sink *s, int want)
{
	struct cdr *cdr = made_transaction();
	char why[SINK_WHY];

	ck_assert_int_eq(jsonl_sink.put(s, cdr, why), want);
	cdr_free(cdr);
}

static size_t size_of(const char *name)
{
	struct stat st;

	return stat(name, &st) ? 0 : (size_t)st.st_size;
}

START_TEST(file_is_replaced_at_the_end)
{
	char why[SINK_WHY];
	struct sink *s;

	for (int run = 0; run < 2; run++) {
		s = open_sink(path);
		put_transaction(s, 0);
		ck_assert_int_eq(jsonl_sink.flush(s, why), 0);
		ck_assert_uint_eq(size_of(part), strlen(transaction_line));
		put_transaction(s, 0);
		ck_assert_int_eq(jsonl_sink.close(s, why), 0);
		ck_assert_uint_eq(size_of(path), 2 * strlen(transaction_line));
		ck_assert_int_ne(access(part, F_OK), 0);
	}
}
END_TEST

START_TEST(folder_that_is_not_there)
{
	struct sink_config cfg = {.path = "/nonexistent/report"};
	struct sink *s = NULL;
	char why[SINK_WHY];

	ck_assert_int_eq(jsonl_sink.open(&s, &cfg, why), -ENOENT);
	ck_assert_str_eq(why, "cannot write the report /nonexistent/report: "
			      "No such file or directory");
	ck_assert_ptr_null(s);
}
END_TEST

START_TEST(full_disk_is_told_and_stays)
{
	struct sink *s = open_sink("/dev/full");
	char why[SINK_WHY] = "";

	put_transaction(s, 0);
	ck_assert_int_eq(jsonl_sink.flush(s, why), -ENOSPC);
	ck_assert_str_eq(why, "cannot write the report /dev/full: "
			      "No space left on device");
	put_transaction(s, -ENOSPC);
	ck_assert_int_eq(jsonl_sink.close(s, why), -ENOSPC);
}
END_TEST

static Suite *jsonl_suite(void)
{
	Suite *suite = suite_create("jsonl");
	TCase *values = tcase_create("values");
	TCase *sink = tcase_create("sink");

	tcase_add_loop_test(values, text_is_utf8, 0,
			    sizeof(texts) / sizeof(texts[0]));
	tcase_add_test(values, text_every_two_bytes);
	tcase_add_loop_test(values, double_has_three_digits, 0,
			    sizeof(doubles) / sizeof(doubles[0]));
	tcase_add_loop_test(values, time_is_rfc3339, 0,
			    sizeof(times) / sizeof(times[0]));
	tcase_add_test(values, integers_at_their_ends);
	tcase_add_loop_test(values, line_of_each_kind, 0,
			    sizeof(lines) / sizeof(lines[0]));
	tcase_add_loop_test(values, webrtc_has_its_arrays, 0,
			    sizeof(webrtc_parts) / sizeof(webrtc_parts[0]));
	tcase_add_test(values, session_has_its_kind_and_nulls);
	tcase_add_checked_fixture(sink, make_dir, drop_dir);
	tcase_add_test(sink, file_is_replaced_at_the_end);
	tcase_add_test(sink, folder_that_is_not_there);
	tcase_add_test(sink, full_disk_is_told_and_stays);
	suite_add_tcase(suite, values);
	suite_add_tcase(suite, sink);
	return suite;
}

int main(void)
{
	return run_suite(jsonl_suite());
}
