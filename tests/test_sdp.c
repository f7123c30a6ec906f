/* Session descriptions and ICE candidates. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/run_suite.h"
#include "tests/sdp_inside.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define S(lit)	 SLICE_INIT(lit)

static struct sdp sdp;

static void eq(struct slice got, const char *want)
{
	ck_assert_msg(slice_eq(got, slice_str(want)), "\"%.*s\", not \"%s\"",
		      SLICE_ARG(got), want);
}

static void addr_is(const struct sdp_addr *a, const char *want)
{
	char buf[ADDR_TEXT];

	ck_assert(a->parsed);
	ck_assert_str_eq(addr_text(&a->addr, buf), want);
}

static void parse(const char *text)
{
	ck_assert_int_eq(sdp_parse(slice_str(text), &sdp), PARSE_OK);
}

#define SESSION                                                                \
	"v=0\r\no=alice 2890844526 7 IN IP4 host.example.com\r\ns=call\r\n"    \
	"c=IN IP4 192.0.2.1\r\nt=0 0\r\n"

START_TEST(audio)
{
	const struct sdp_media *m = sdp.media;

	parse(SESSION
	      "b=AS:128\r\na=tool:x/1\r\n"
	      "m=audio 49170/2 RTP/AVP 0 9 111 101 13 77\r\n"
	      "i=talk\r\nb=TIAS:64500\r\n"
	      "a=rtpmap:111 opus/48000/2\r\na=rtpmap:101 "
	      "telephone-event/8000\r\na=fmtp:101 0-16\r\n"
	      "a=rtpmap:99 nobody/1\r\na=ptime:20\r\na=maxptime:40.5\r\n"
	      "a=sendonly\r\na=rtcp:53020\r\n");
	ck_assert_ptr_null(sdp.fault);
	eq(sdp.username, "alice");
	eq(sdp.sess_id, "2890844526");
	eq(sdp.sess_version, "7");
	eq(sdp.origin.text, "host.example.com");
	ck_assert(!sdp.origin.parsed);
	eq(sdp.name, "call");
	eq(sdp.tool, "x/1");
	ck_assert_uint_eq(sdp.bandwidth_kbps, 128);
	ck_assert_uint_eq(sdp.media_count, 1);
	ck_assert_int_eq(m->kind, SDP_AUDIO);
	eq(m->proto, "RTP/AVP");
	eq(m->title, "talk");
	ck_assert(m->rtp_profile && !m->rejected && m->has_rtcp);
	ck_assert_uint_eq(m->port_count, 2);
	ck_assert_uint_eq(m->ptime_ms, 20);
	ck_assert_uint_eq(m->maxptime_ms, 40);
	ck_assert_uint_eq(m->bandwidth_kbps, 64);
	ck_assert_int_eq(m->direction, SDP_SENDONLY);
	addr_is(&m->rtp, "192.0.2.1:49170");
	addr_is(&m->rtcp, "192.0.2.1:53020");
	ck_assert_uint_eq(m->format_count, 6);
	eq(m->formats[0].name, "PCMU");
	eq(m->formats[1].name, "G722");
	ck_assert_uint_eq(m->formats[1].clock_hz, 8000);
	eq(m->formats[2].name, "opus");
	ck_assert_uint_eq(m->formats[2].clock_hz, 48000);
	ck_assert_uint_eq(m->formats[2].channels, 2);
	ck_assert(m->formats[2].has_rtpmap && !m->formats[0].has_rtpmap);
	eq(sdp_format_of(m, 101)->fmtp, "0-16");
	eq(sdp_format_of(m, 13)->name, "CN");
	eq(sdp_format_of(m, 77)->name, "");
	ck_assert_uint_eq(sdp_format_of(m, 77)->clock_hz, 0);
	ck_assert_ptr_null(sdp_format_of(m, 99));
}
END_TEST

START_TEST(levels)
{
	const struct sdp_media *m = sdp.media;

	parse("v=0\no=- 1 1 IN IP6 2001:db8::1\nc=IN IP6 2001:db8::2\n"
	      "a=inactive\na=setup:active\na=ice-ufrag:SU\na=ice-pwd:SP\n"
	      "a=fingerprint:sha-256 AA:BB\na=ice-lite\n"
	      "a=ice-options:trickle\n"
	      "m=audio 5000 RTP/AVP 8\nm=video 6000 RTP/SAVP 96\n"
	      "c=IN IP4 224.2.1.1/127/3\na=recvonly\na=setup:passive\n"
	      "a=ice-ufrag:MU\na=fingerprint:sha-1 01\na=fingerprint:sha-256 "
	      "02\n"
	      "a=rtcp:7001 IN IP4 192.0.2.9\n"
	      "m=audio 0 RTP/AVP 0\nm=audio 8000 RTP/AVP 0\n"
	      "c=IN IP4 rtp.example.com\n");
	ck_assert_ptr_null(sdp.fault);
	addr_is(&sdp.origin, "[2001:db8::1]:0");
	ck_assert(sdp.ice_lite);
	eq(sdp.ice_options, "trickle");
	ck_assert_uint_eq(sdp.media_count, 4);
	addr_is(&m[0].rtp, "[2001:db8::2]:5000");
	addr_is(&m[0].rtcp, "[2001:db8::2]:5001");
	ck_assert_int_eq(m[0].direction, SDP_INACTIVE);
	ck_assert_int_eq(m[0].setup, SDP_SETUP_ACTIVE);
	eq(m[0].ice_ufrag, "SU");
	ck_assert_uint_eq(m[0].fingerprint_count, 1);
	eq(m[0].fingerprints[0].value, "AA:BB");
	addr_is(&m[1].rtp, "224.2.1.1:6000");
	addr_is(&m[1].rtcp, "192.0.2.9:7001");
	ck_assert_int_eq(m[1].direction, SDP_RECVONLY);
	ck_assert_int_eq(m[1].setup, SDP_SETUP_PASSIVE);
	eq(m[1].ice_ufrag, "MU");
	eq(m[1].ice_pwd, "SP");
	ck_assert_uint_eq(m[1].fingerprint_count, 2);
	eq(m[1].fingerprints[1].hash, "sha-256");
	ck_assert(m[2].rejected);
	ck_assert_uint_eq(m[2].rtcp.addr.port, 0);
	ck_assert(!m[3].rtp.parsed);
	eq(m[3].rtp.text, "rtp.example.com");
	ck_assert_uint_eq(m[3].rtp.addr.port, 8000);
}
END_TEST

START_TEST(webrtc)
{
	const struct sdp_media *m = sdp.media;
	const struct sdp_candidate *c;

	parse("v=0\r\no=- 46 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
	      "a=group:BUNDLE 0 1\r\na=msid-semantic: WMS *\r\n"
	      "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\nc=IN IP4 0.0.0.0\r\n"
	      "a=rtcp:9 IN IP4 0.0.0.0\r\n"
	      "a=candidate:842163049 1 udp 1677729535 203.0.113.5 46154 typ "
	      "srflx raddr 10.0.0.5 rport 46155 generation 0 ufrag Kx1\r\n"
	      "a=candidate:1 2 TCP 1518280447 a1b2.local 9 typ host tcptype "
	      "active\r\na=candidate:bad\r\n"
	      "a=ice-ufrag:Kx1\r\na=ice-pwd:secretsecretsecretsecret\r\n"
	      "a=setup:actpass\r\na=mid:0\r\n"
	      "a=extmap:3/recvonly http://example.com/ext a b\r\n"
	      "a=rtcp-mux\r\na=rtcp-rsize\r\na=rtpmap:96 VP8/90000\r\n"
	      "a=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n"
	      "a=rid:hi send max-width=1280\r\na=rid:x recv\r\n"
	      "a=simulcast:send hi;lo\r\na=ssrc-group:FID 11 12\r\n"
	      "a=ssrc:11 cname:abc\r\na=ssrc:11 msid:s t\r\n"
	      "a=ssrc:12 cname:abc\r\na=msid:s t\r\na=end-of-candidates\r\n"
	      "m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n"
	      "a=bundle-only\r\na=mid:1\r\na=sctp-port:5000\r\n");
	ck_assert_str_eq(sdp.fault, "sdp.bad_candidate");
	ck_assert_uint_eq(sdp.bad_lines, 1);
	ck_assert_uint_eq(sdp.group_count, 1);
	eq(sdp.groups[0].semantics, "BUNDLE");
	eq(sdp.groups[0].mids, "0 1");
	ck_assert(addr_is_any(&m->rtp.addr) && m->rtp.parsed);
	ck_assert(m->rtcp_mux && m->rtcp_rsize && m->end_of_candidates);
	ck_assert_int_eq(m->setup, SDP_SETUP_ACTPASS);
	eq(m->mid, "0");
	eq(m->msid, "s t");
	eq(m->simulcast, "send hi;lo");
	ck_assert_uint_eq(m->candidate_count, 2);
	c = m->candidates;
	eq(c[0].foundation, "842163049");
	ck_assert_uint_eq(c[0].component, 1);
	ck_assert_uint_eq(c[0].priority, 1677729535);
	addr_is(&c[0].addr, "203.0.113.5:46154");
	addr_is(&c[0].related, "10.0.0.5:46155");
	ck_assert_int_eq(c[0].type, SDP_CAND_SRFLX);
	eq(c[0].ufrag, "Kx1");
	ck_assert(!c[1].addr.parsed);
	eq(c[1].addr.text, "a1b2.local");
	eq(c[1].tcptype, "active");
	ck_assert_uint_eq(m->extmap_count, 1);
	ck_assert_uint_eq(m->extmaps[0].id, 3);
	eq(m->extmaps[0].uri, "http://example.com/ext a b");
	ck_assert_uint_eq(m->rid_count, 2);
	eq(m->rids[0].params, "max-width=1280");
	ck_assert(m->rids[0].send && !m->rids[1].send);
	ck_assert_uint_eq(m->ssrc_count, 2);
	ck_assert_uint_eq(m->ssrcs[0].ssrc, 11);
	eq(m->ssrcs[0].cname, "abc");
	eq(m->ssrcs[0].msid, "s t");
	ck_assert_uint_eq(m->ssrc_group_count, 1);
	eq(m->ssrc_groups[0].semantics, "FID");
	ck_assert_uint_eq(m->ssrc_groups[0].count, 2);
	ck_assert_uint_eq(m->ssrc_groups[0].ssrc[1], 12);
	eq(sdp_format_of(m, 97)->fmtp, "apt=96");
	ck_assert(m[1].bundle_only && !m[1].rejected && !m[1].rtp_profile);
	ck_assert_int_eq(m[1].kind, SDP_APPLICATION);
	eq(m[1].formats[0].text, "webrtc-datachannel");
	ck_assert_uint_eq(m[1].formats[0].pt, 0xff);
	ck_assert_uint_eq(m[1].sctp_port, 5000);
}
END_TEST

START_TEST(crypto)
{
	const struct sdp_crypto *c = sdp.cryptos;

	parse(SESSION "m=audio 5000 RTP/SAVP 0\r\n"
		      "a=crypto:1 AES_CM_128_HMAC_SHA1_80 "
		      "inline:QUJD|2^20|1:4 KDR=1 UNENCRYPTED_SRTCP\r\n"
		      "a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:REVG\r\n"
		      "a=crypto:3 X uri:nothing\r\n");
	ck_assert_uint_eq(sdp.media[0].crypto_count, 2);
	ck_assert_ptr_eq(sdp.media[0].cryptos, c);
	ck_assert_uint_eq(c[0].tag, 1);
	eq(c[0].suite, "AES_CM_128_HMAC_SHA1_80");
	eq(c[0].key, "QUJD");
	eq(c[0].key_params, "inline:QUJD|2^20|1:4");
	eq(c[0].session_params, "KDR=1 UNENCRYPTED_SRTCP");
	eq(c[1].key, "REVG");
	ck_assert_str_eq(sdp.fault, "sdp.bad_crypto");
}
END_TEST

START_TEST(t38)
{
	parse(SESSION "m=image 6000 udptl t38\r\na=T38FaxVersion:0\r\n"
		      "m=message 7000 TCP/MSRP *\r\na=path:msrp://x\r\n");
	ck_assert_ptr_null(sdp.fault);
	ck_assert_int_eq(sdp.media[0].kind, SDP_IMAGE);
	eq(sdp.media[0].proto, "udptl");
	eq(sdp.media[0].formats[0].text, "t38");
	ck_assert(!sdp.media[0].rtp_profile);
	ck_assert_int_eq(sdp.media[1].kind, SDP_MESSAGE);
}
END_TEST

/* What is wrong, and that the rest is read all the same. */
static const struct {
	const char *name;
	struct slice in;
	enum parse want;
	const char *fault;
	unsigned bad_lines;
	unsigned media;
} rows[] = {
	{"empty", S(""), PARSE_BAD, NULL, 0, 0},
	{"no SDP", S("hello\r\nworld"), PARSE_BAD, "sdp.bad_line", 2, 0},
	{"LF, no v=, no end", S("o=- 1 1 IN IP4 1.2.3.4\nm=audio 1 RTP/AVP 0"),
	 PARSE_OK, NULL, 0, 1},
	{"garbage between", S("v=0\n\x01\x02\n\n ?\nm=audio 1 RTP/AVP 0\n"),
	 PARSE_OK, "sdp.bad_line", 2, 1},
	{"blanks and NUL behind", S("v=0 \r\nm=audio 1 RTP/AVP 0 \r\n\0"),
	 PARSE_OK, "sdp.bad_line", 1, 1},
	{"a NUL for a type", S("\0=1\n"), PARSE_BAD, "sdp.bad_line", 1, 0},
	{"unknown type", S("v=0\nx=1\n"), PARSE_OK, "sdp.bad_line", 1, 0},
	{"short origin", S("v=0\no=- 1 IN IP4 1.2.3.4\n"), PARSE_OK,
	 "sdp.bad_origin", 1, 0},
	{"blanks in the name", S("v=0\no=A B 1 2 IN IP4 1.2.3.4\n"), PARSE_OK,
	 NULL, 0, 0},
	{"no address", S("v=0\nc=IN IP4\n"), PARSE_OK, "sdp.bad_connection", 1,
	 0},
	{"port too large", S("m=audio 65536 RTP/AVP 0\n"), PARSE_OK,
	 "sdp.bad_media", 1, 1},
	{"no port", S("m=audio\nm=video 5 RTP/AVP 31\n"), PARSE_OK,
	 "sdp.bad_media", 1, 2},
	{"payload type too large", S("m=audio 1 RTP/AVP 128\n"), PARSE_OK,
	 "sdp.bad_format", 1, 1},
	{"rtpmap without clock", S("m=audio 1 RTP/AVP 96\na=rtpmap:96 x\n"),
	 PARSE_OK, "sdp.bad_rtpmap", 1, 1},
	{"static type without clock",
	 S("m=video 1 RTP/AVP 31\na=rtpmap:31 H261\n"), PARSE_OK, NULL, 0, 1},
	{"rtcp", S("m=audio 1 RTP/AVP 0\na=rtcp:x\n"), PARSE_OK, "sdp.bad_rtcp",
	 1, 1},
	{"media attributes in the session",
	 S("v=0\na=rtpmap:1\na=candidate:\na=ssrc:\na=rtcp:\na=mid:1\n"),
	 PARSE_OK, NULL, 0, 0},
	{"numbers",
	 S("m=audio 1 RTP/AVP 0\na=ptime:x\nb=AS:x\na=ssrc:x\na=extmap:x y\n"
	   "a=rid:1\na=fingerprint:1\na=ssrc-group:\n"),
	 PARSE_OK, "sdp.bad_number", 7, 1},
};

START_TEST(row)
{
	enum parse got = sdp_parse(rows[_i].in, &sdp);

	ck_assert_msg(got == rows[_i].want, "%s: %d", rows[_i].name, got);
	eq(slice_str(sdp.fault), rows[_i].fault ? rows[_i].fault : "");
	ck_assert_msg(sdp.bad_lines == rows[_i].bad_lines, "%s: %u bad lines",
		      rows[_i].name, sdp.bad_lines);
	ck_assert_msg(sdp.media_count == rows[_i].media, "%s: %u media",
		      rows[_i].name, sdp.media_count);
}
END_TEST

static void check_inside(struct slice in, void *arg)
{
	(void)arg;
	if (sdp_parse(in, &sdp) == PARSE_OK)
		ck_assert(sdp_inside(&sdp, in));
}

START_TEST(row_prefixes)
{
	prefix_each(rows[_i].in, check_inside, NULL);
}
END_TEST

START_TEST(long_prefixes)
{
	prefix_each(
		SLICE(SESSION
		      "a=group:BUNDLE 0\r\na=fingerprint:sha-256 AA:BB\r\n"
		      "m=audio 9/2 UDP/TLS/RTP/SAVPF 111 0 101\r\n"
		      "c=IN IP6 2001:db8::1\r\na=rtcp:9 IN IP4 0.0.0.0\r\n"
		      "a=candidate:1 1 udp 2 192.0.2.4 5 typ relay raddr "
		      "10.0.0.1 rport 6 tcptype so\r\na=mid:0\r\n"
		      "a=extmap:1 urn:x\r\na=rtpmap:111 opus/48000/2\r\n"
		      "a=fmtp:111 a=b\r\na=ssrc:1 cname:x\r\n"
		      "a=ssrc-group:FID 1 2\r\na=crypto:1 A inline:QQ|1 x\r\n"
		      "a=rid:1 send x\r\n"),
		check_inside, NULL);
}
END_TEST

/* Every array at its limit and beyond. */
START_TEST(limits)
{
	static char buf[1 << 16];
	size_t n = 0;

#define ADD(...) n += (size_t)snprintf(buf + n, sizeof(buf) - n, __VA_ARGS__)
	for (int i = 0; i < SDP_GROUPS_MAX + 2; i++)
		ADD("a=group:LS %d\n", i);
	for (int i = 0; i < SDP_MEDIA_MAX + 2; i++) {
		ADD("m=audio %d RTP/AVP", i + 1);
		for (int k = 0; k < 10; k++)
			ADD(" %d", k);
		for (int k = 0; k < 5; k++)
			ADD("\na=candidate:1 1 udp 1 192.0.2.1 1 typ host"
			    "\na=ssrc:%d cname:x\na=ssrc-group:FID 1 2 3 4 5 "
			    "6 7 8\na=crypto:1 A inline:QQ\na=fingerprint:s 1"
			    "\na=extmap:1 x\na=rid:1 send",
			    k);
		ADD("\n");
	}
#undef ADD
	parse(buf);
	ck_assert(sdp.truncated);
	ck_assert(sdp_inside(&sdp, slice_of(buf, n)));
	ck_assert_uint_eq(sdp.media_count, SDP_MEDIA_MAX);
	ck_assert_uint_eq(sdp.group_count, SDP_GROUPS_MAX);
	ck_assert_uint_eq(sdp.used.formats, SDP_FORMATS_MAX);
	ck_assert_uint_eq(sdp.used.candidates, SDP_CANDIDATES_MAX);
	ck_assert_uint_eq(sdp.used.ssrcs, SDP_SSRCS_MAX);
	ck_assert_uint_eq(sdp.used.extmaps, SDP_EXTMAPS_MAX);
	ck_assert_uint_eq(sdp.media[0].ssrc_count, 5);
	ck_assert_uint_eq(sdp.media[0].ssrc_groups[0].count,
			  SDP_GROUP_SSRCS_MAX);
	ck_assert_uint_eq(sdp.media[SDP_MEDIA_MAX - 1].port, SDP_MEDIA_MAX);
}
END_TEST

static const struct {
	struct slice in;
	bool ok;
	enum sdp_candidate_type type;
	unsigned port;
} candidates[] = {
	{S("candidate:1 1 UDP 2130706431 192.0.2.1 5000 typ host"), true,
	 SDP_CAND_HOST, 5000},
	{S("a=candidate:1 1 udp 1 2001:db8::1 1 typ relay raddr :: rport 0"),
	 true, SDP_CAND_RELAY, 1},
	{S("1 1 udp 1 192.0.2.1 1 typ prflx"), true, SDP_CAND_PRFLX, 1},
	{S("1 1 udp 1 192.0.2.1 1 typ new"), true, SDP_CAND_OTHER, 1},
	{S("candidate:1 1 udp 1 192.0.2.1 1 host"), false, 0, 0},
	{S("candidate:1 1 udp 1 192.0.2.1 65536 typ host"), false, 0, 0},
	{S("candidate:1 x udp 1 192.0.2.1 1 typ host"), false, 0, 0},
	{S("candidate:1 1 udp 99999999999 192.0.2.1 1 typ host"), false, 0, 0},
	{S("candidate:"), false, 0, 0},
	{S(""), false, 0, 0},
};

START_TEST(candidate)
{
	struct sdp_candidate c = {.text = S("unset")};

	ck_assert(sdp_candidate_parse(candidates[_i].in, &c) ==
		  candidates[_i].ok);
	if (!candidates[_i].ok) {
		eq(c.text, "unset");
		return;
	}
	ck_assert_int_eq(c.type, candidates[_i].type);
	ck_assert_uint_eq(c.addr.addr.port, candidates[_i].port);
	ck_assert(c.addr.parsed);
	eq(c.foundation, "1");
}
END_TEST

static void candidate_of(struct slice in, void *arg)
{
	struct sdp_candidate c;

	(void)arg;
	if (sdp_candidate_parse(in, &c))
		ck_assert(prefix_inside(c.text, in));
}

START_TEST(candidate_prefixes)
{
	prefix_each(candidates[_i].in, candidate_of, NULL);
}
END_TEST

START_TEST(names)
{
	ck_assert_str_eq(sdp_direction_name(SDP_SENDRECV), "sendrecv");
	ck_assert_str_eq(sdp_direction_name(SDP_INACTIVE), "inactive");
	ck_assert_str_eq(sdp_candidate_type_name(SDP_CAND_SRFLX), "srflx");
	ck_assert_str_eq(sdp_candidate_type_name(SDP_CAND_OTHER), "other");
}
END_TEST

/* RFC 3551, tables 4 and 5 */
START_TEST(static_types)
{
	static const struct {
		uint8_t pt;
		const char *name;
		uint32_t clock_hz;
		uint8_t channels;
	} want[] = {
		{0, "PCMU", 8000, 1},	{2, "G721", 8000, 1},
		{3, "GSM", 8000, 1},	{4, "G723", 8000, 1},
		{6, "DVI4", 16000, 1},	{8, "PCMA", 8000, 1},
		{9, "G722", 8000, 1},	{10, "L16", 44100, 2},
		{13, "CN", 8000, 1},	{15, "G728", 8000, 1},
		{18, "G729", 8000, 1},	{26, "JPEG", 90000, 1},
		{31, "H261", 90000, 1}, {33, "MP2T", 90000, 1},
		{34, "H263", 90000, 1},
	};

	for (size_t i = 0; i < COUNT(want); i++) {
		const struct sdp_static_pt *t = sdp_static_pt(want[i].pt);

		ck_assert_ptr_nonnull(t);
		eq(t->name, want[i].name);
		ck_assert_uint_eq(t->clock_hz, want[i].clock_hz);
		ck_assert_uint_eq(t->channels, want[i].channels);
		ck_assert(t->video == (want[i].pt > 24));
	}
	for (int pt = 35; pt < 256; pt++)
		ck_assert_ptr_null(sdp_static_pt((uint8_t)pt));
	ck_assert_ptr_null(sdp_static_pt(1));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sdp");
	TCase *tc = tcase_create("sdp");

	tcase_add_test(tc, audio);
	tcase_add_test(tc, levels);
	tcase_add_test(tc, webrtc);
	tcase_add_test(tc, crypto);
	tcase_add_test(tc, t38);
	tcase_add_loop_test(tc, row, 0, (int)COUNT(rows));
	tcase_add_loop_test(tc, row_prefixes, 0, (int)COUNT(rows));
	tcase_add_test(tc, long_prefixes);
	tcase_add_test(tc, limits);
	tcase_add_loop_test(tc, candidate, 0, (int)COUNT(candidates));
	tcase_add_loop_test(tc, candidate_prefixes, 0, (int)COUNT(candidates));
	tcase_add_test(tc, names);
	tcase_add_test(tc, static_types);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
