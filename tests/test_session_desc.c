/* What is kept of a description when its message is gone. */
#include <check.h>
#include <stdio.h>

#include "sniffer/call/session_desc.h"
#include "tests/made_sdp.h"
#include "tests/run_suite.h"

static struct arena *mem;

static void setup(void)
{
	mem = arena_new(4096, 0);
}

static void teardown(void)
{
	arena_free(mem);
}

static const struct session_desc *keep(const char *text,
				       const struct session_desc *last)
{
	return desc_keep(mem, made_sdp(text), slice_str(text), last);
}

#define ck_slice(s, text) ck_assert(slice_eq(s, slice_str(text)))

/* --- the whole ------------------------------------------------------------ */

#define AUDIO SDP_HEAD("2") "m=audio 4000 RTP/AVP 8\n"

START_TEST(same_text_once)
{
	const struct session_desc *first = keep(AUDIO, NULL);
	size_t size;

	ck_assert_ptr_nonnull(first);
	size = arena_size(mem);
	for (int i = 0; i < 1000; i++)
		ck_assert_ptr_eq(keep(AUDIO, first), first);
	ck_assert_uint_eq(arena_size(mem), size);
	ck_assert_ptr_ne(keep(SDP_HEAD("3") "m=audio 4000 RTP/AVP 8\n", first),
			 first);
}
END_TEST

START_TEST(session_level)
{
	const struct session_desc *d = keep(AUDIO, NULL);

	ck_slice(d->sess_id, "7001234567");
	ck_slice(d->username, "-");
	ck_assert_uint_eq(d->version, 2);
	ck_assert(!d->lite);
	ck_assert_uint_eq(d->lines_n, 1);
	d = keep("v=0\no=x y z IN IP4 1.2.3.4\ns=-\nt=0 0\na=ice-lite\n", d);
	ck_assert_uint_eq(d->version, UINT64_MAX);
	ck_slice(d->sess_id, "y");
	ck_assert(d->lite);
	ck_assert_uint_eq(d->lines_n, 0);
}
END_TEST

/* Nothing may point into the message. */
START_TEST(texts_are_copies)
{
	char text[] = SDP_HEAD("2") "m=audio 4000 RTP/SAVP 96\n"
				    "a=mid:left\na=rtpmap:96 opus/48000/2\n"
				    "a=fmtp:96 useinbandfec=1\n";
	const struct session_desc *d = keep(text, NULL);

	memset(text, 'x', sizeof(text));
	ck_slice(d->sess_id, "7001234567");
	ck_slice(d->lines[0].mid, "left");
	ck_slice(d->lines[0].formats[0].name, "opus");
	ck_slice(d->lines[0].formats[0].fmtp, "useinbandfec=1");
}
END_TEST

/* --- m-lines -------------------------------------------------------------- */

static const struct {
	const char *name, *text, *kind;
	enum sdp_direction direction;
	uint16_t port, ptime_ms;
	bool rejected, rtcp_mux, srtp, rtp_profile;
} lines[] = {
	{.name = "audio",
	 .text = "m=audio 4000 RTP/AVP 0\na=ptime:30\n",
	 .kind = "audio",
	 .port = 4000,
	 .ptime_ms = 30,
	 .rtp_profile = true},
	{.name = "video",
	 .text = "m=video 9 UDP/TLS/RTP/SAVPF 96\na=rtcp-mux\na=recvonly\n",
	 .kind = "video",
	 .direction = SDP_RECVONLY,
	 .port = 9,
	 .rtcp_mux = true,
	 .srtp = true,
	 .rtp_profile = true},
	{.name = "data",
	 .text = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\n",
	 .kind = "application",
	 .port = 9},
	{.name = "fax",
	 .text = "m=image 4002 udptl t38\n",
	 .kind = "image",
	 .port = 4002},
	{.name = "real-time text",
	 .text = "m=text 4004 RTP/AVP 98\n",
	 .kind = "text",
	 .port = 4004,
	 .rtp_profile = true},
	{.name = "MSRP",
	 .text = "m=message 2855 TCP/MSRP *\n",
	 .kind = "message",
	 .port = 2855},
	{.name = "what nobody knows",
	 .text = "m=smell 4006 RTP/SAVPF 99\na=inactive\n",
	 .direction = SDP_INACTIVE,
	 .port = 4006,
	 .srtp = true,
	 .rtp_profile = true},
	{.name = "rejected",
	 .text = "m=audio 0 RTP/AVP 0\na=sendonly\n",
	 .kind = "audio",
	 .direction = SDP_SENDONLY,
	 .rejected = true,
	 .rtp_profile = true},
	{.name = "bundle-only is no refusal (RFC 9143, 6)",
	 .text = "m=audio 0 RTP/AVP 0\na=bundle-only\n",
	 .kind = "audio",
	 .rtp_profile = true},
	{.name = "a packet of a second is none",
	 .text = "m=audio 4000 RTP/AVP 0\na=ptime:1000\n",
	 .kind = "audio",
	 .port = 4000,
	 .rtp_profile = true},
};

START_TEST(line)
{
	char text[512];
	const struct desc_line *l;

	snprintf(text, sizeof(text), "%s%s", SDP_HEAD("1"), lines[_i].text);
	l = keep(text, NULL)->lines;
	ck_assert_msg(!lines[_i].kind
			      ? !l->kind
			      : l->kind && !strcmp(l->kind, lines[_i].kind),
		      "%s: %s", lines[_i].name, l->kind);
	ck_assert_uint_eq(l->index, 0);
	ck_assert_int_eq(l->direction, lines[_i].direction);
	ck_assert_uint_eq(l->port, lines[_i].port);
	ck_assert_uint_eq(l->ptime_ms, lines[_i].ptime_ms);
	ck_assert_msg(l->rejected == lines[_i].rejected, "%s", lines[_i].name);
	ck_assert_msg(l->rtcp_mux == lines[_i].rtcp_mux, "%s", lines[_i].name);
	ck_assert_msg(l->srtp == lines[_i].srtp, "%s", lines[_i].name);
	ck_assert_msg(l->rtp_profile == lines[_i].rtp_profile, "%s",
		      lines[_i].name);
	ck_assert(!l->bundle);
}
END_TEST

START_TEST(formats)
{
	const struct desc_line *l =
		keep(SDP_HEAD("1") "m=audio 4000 RTP/AVP 0 9 111 101 77\n"
				   "a=rtpmap:111 opus/48000/2\n"
				   "a=fmtp:111 minptime=10;useinbandfec=1\n"
				   "a=rtpmap:101 telephone-event/8000\n",
		     NULL)
			->lines;
	static const struct {
		uint8_t pt, channels;
		const char *name, *fmtp;
		uint32_t clock_hz;
	} want[] = {
		{0, 1, "PCMU", "", 8000},
		{9, 1, "G722", "", 8000}, /* RFC 3551, 4.5.2 */
		{111, 2, "opus", "minptime=10;useinbandfec=1", 48000},
		{101, 1, "telephone-event", "", 8000},
		{77, 1, "", "", 0},
	};

	ck_assert_uint_eq(l->formats_n, 5);
	for (size_t i = 0; i < 5; i++) {
		ck_assert_uint_eq(l->formats[i].pt, want[i].pt);
		ck_assert_uint_eq(l->formats[i].channels, want[i].channels);
		ck_slice(l->formats[i].name, want[i].name);
		ck_slice(l->formats[i].fmtp, want[i].fmtp);
		ck_assert_uint_eq(l->formats[i].clock_hz, want[i].clock_hz);
	}
}
END_TEST

/* --- SSRCs ---------------------------------------------------------------- */

static const struct {
	const char *name, *groups;
	uint32_t repairs[4]; /* of SSRC 1, 2, 3, 4 */
} groups[] = {
	{"none", "", {0}},
	{"RTX (RFC 5576)", "a=ssrc-group:FID 1 2\n", {0, 1, 0, 0}},
	{"parity (RFC 5956)", "a=ssrc-group:FEC-FR 1 3\n", {0, 0, 1, 0}},
	{"both",
	 "a=ssrc-group:FID 1 2\na=ssrc-group:FEC-FR 1 3\n",
	 {0, 1, 1, 0}},
	{"two pairs",
	 "a=ssrc-group:FID 1 2\na=ssrc-group:FID 3 4\n",
	 {0, 1, 0, 3}},
	{"simulcast repairs nothing", "a=ssrc-group:SIM 1 2 3\n", {0}},
	{"one group of many", "a=ssrc-group:FID 1 2 3 4\n", {0, 1, 1, 1}},
};

START_TEST(ssrc_groups)
{
	char text[512];
	const struct desc_line *l;

	snprintf(text, sizeof(text),
		 "%sm=video 9 RTP/SAVPF 96\n%sa=ssrc:1 cname:c\n"
		 "a=ssrc:2 cname:c\na=ssrc:3 cname:c\na=ssrc:4 cname:c\n",
		 SDP_HEAD("1"), groups[_i].groups);
	l = keep(text, NULL)->lines;
	ck_assert_uint_eq(l->ssrcs_n, 4);
	for (uint32_t i = 0; i < 4; i++) {
		ck_assert_uint_eq(l->ssrcs[i].ssrc, i + 1);
		ck_assert_msg(l->ssrcs[i].repairs == groups[_i].repairs[i],
			      "%s: %u repairs %u", groups[_i].name, i + 1,
			      l->ssrcs[i].repairs);
	}
}
END_TEST

/* --- what else a line says ------------------------------------------------ */

START_TEST(extensions)
{
	const struct desc_line *l =
		keep(SDP_HEAD("1") "m=audio 9 RTP/SAVPF 111\n"
				   "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-"
				   "audio-level\n"
				   "a=extmap:4/sendonly "
				   "urn:ietf:params:rtp-hdrext:"
				   "sdes:mid\n",
		     NULL)
			->lines;

	ck_assert_uint_eq(l->exts_n, 2);
	ck_assert_uint_eq(l->exts[0].id, 1);
	ck_slice(l->exts[0].uri, "urn:ietf:params:rtp-hdrext:ssrc-audio-level");
	ck_assert_uint_eq(l->exts[1].id, 4);
	ck_slice(l->exts[1].uri, "urn:ietf:params:rtp-hdrext:sdes:mid");
}
END_TEST

START_TEST(keys)
{
	const struct desc_line *l =
		keep(SDP_HEAD("1") "m=audio 9 RTP/SAVP 0\n"
				   "a=crypto:1 AES_CM_128_HMAC_SHA1_80 "
				   "inline:AAAA|2^20|1:4 KDR=1\n"
				   "a=crypto:2 AEAD_AES_256_GCM inline:BBBB\n",
		     NULL)
			->lines;

	ck_assert_uint_eq(l->cryptos_n, 2);
	ck_assert_uint_eq(l->cryptos[0].tag, 1);
	ck_slice(l->cryptos[0].suite, "AES_CM_128_HMAC_SHA1_80");
	ck_slice(l->cryptos[0].key_params, "inline:AAAA|2^20|1:4");
	ck_slice(l->cryptos[0].session_params, "KDR=1");
	ck_assert_uint_eq(l->cryptos[1].tag, 2);
	ck_slice(l->cryptos[1].suite, "AEAD_AES_256_GCM");
	ck_slice(l->cryptos[1].session_params, "");
}
END_TEST

/* Those that it sends: what it can receive is the other side's to say. */
START_TEST(rids)
{
	const struct desc_line *l =
		keep(SDP_HEAD("1") "m=video 9 RTP/SAVPF 96\n"
				   "a=rid:h send\na=rid:x recv\n"
				   "a=rid:l send pt=96;max-width=320\n",
		     NULL)
			->lines;

	ck_assert_uint_eq(l->rids_n, 2);
	ck_slice(l->rids[0], "h");
	ck_slice(l->rids[1], "l");
}
END_TEST

START_TEST(ufrags)
{
	const struct session_desc *d =
		keep(SDP_HEAD("1") "a=ice-ufrag:ses1\na=ice-pwd:p\n"
				   "m=audio 9 RTP/SAVPF 0\n"
				   "m=video 9 RTP/SAVPF 96\n"
				   "a=ice-ufrag:vid1\na=ice-pwd:q\n",
		     NULL);

	ck_slice(d->lines[0].ufrag, "ses1");
	ck_slice(d->lines[1].ufrag, "vid1");
	ck_assert_uint_eq(d->lines[1].index, 1);
}
END_TEST

/* --- BUNDLE --------------------------------------------------------------- */

static const struct {
	const char *name, *session;
	uint8_t bundle[3]; /* group of the lines with the MIDs 0, 1 and a1 */
} bundles[] = {
	{"none", "", {0}},
	{"all", "a=group:BUNDLE 0 1 a1\n", {1, 1, 1}},
	{"some", "a=group:BUNDLE 0 a1\n", {1, 0, 1}},
	{"two groups", "a=group:BUNDLE 0\na=group:BUNDLE 1 a1\n", {1, 2, 2}},
	{"lip synchronisation is none", "a=group:LS 0 1\n", {0}},
	{"an empty one", "a=group:BUNDLE\n", {0}},
	{"a MID is a word", "a=group:BUNDLE a 10\n", {0}},
};

START_TEST(bundle)
{
	char text[512];
	const struct session_desc *d;

	snprintf(text, sizeof(text),
		 "%s%sm=audio 9 RTP/SAVPF 0\na=mid:0\n"
		 "m=video 9 RTP/SAVPF 96\na=mid:1\n"
		 "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\na=mid:a1\n",
		 SDP_HEAD("1"), bundles[_i].session);
	d = keep(text, NULL);
	for (size_t i = 0; i < 3; i++)
		ck_assert_msg(d->lines[i].bundle == bundles[_i].bundle[i],
			      "%s: line %zu", bundles[_i].name, i);
}
END_TEST

/* A line without a MID is in no group, not even in one that names nothing. */
START_TEST(no_mid_no_bundle)
{
	const struct session_desc *d =
		keep(SDP_HEAD("1") "a=group:BUNDLE 0 1\n"
				   "m=audio 9 RTP/SAVPF 0\n",
		     NULL);

	ck_assert(!d->lines[0].bundle);
}
END_TEST

/* --- memory --------------------------------------------------------------- */

#define RICH                                                                   \
	SDP_HEAD("1")                                                          \
	"a=group:BUNDLE 0\nm=video 9 RTP/SAVPF 96 97\na=mid:0\n"               \
	"a=rtpmap:96 VP8/90000\na=rtpmap:97 rtx/90000\na=fmtp:97 apt=96\n"     \
	"a=ssrc:1 cname:c\na=ssrc:2 cname:c\na=ssrc-group:FID 1 2\n"           \
	"a=extmap:1 urn:x\na=rid:h send\n"                                     \
	"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAAA\n"

/* Whatever is missing: counts never promise more than there is. */
START_TEST(memory_runs_out)
{
	for (unsigned n = 1; n < 40; n++) {
		const struct session_desc *d;

		arena_fail_at(n);
		d = keep(RICH, NULL);
		arena_fail_at(0);
		if (!d)
			continue;
		for (size_t i = 0; i < d->lines_n; i++) {
			const struct desc_line *l = &d->lines[i];

			ck_assert(l->formats || !l->formats_n);
			ck_assert(l->ssrcs || !l->ssrcs_n);
			ck_assert(l->exts || !l->exts_n);
			ck_assert(l->cryptos || !l->cryptos_n);
			ck_assert(l->rids || !l->rids_n);
		}
	}
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int main(void)
{
	Suite *s = suite_create("desc");
	TCase *t = tcase_create("desc");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, same_text_once);
	tcase_add_test(t, session_level);
	tcase_add_test(t, texts_are_copies);
	tcase_add_loop_test(t, line, 0, COUNT(lines));
	tcase_add_test(t, formats);
	tcase_add_loop_test(t, ssrc_groups, 0, COUNT(groups));
	tcase_add_test(t, extensions);
	tcase_add_test(t, keys);
	tcase_add_test(t, rids);
	tcase_add_test(t, ufrags);
	tcase_add_loop_test(t, bundle, 0, COUNT(bundles));
	tcase_add_test(t, no_mid_no_bundle);
	tcase_add_test(t, memory_runs_out);
	suite_add_tcase(s, t);
	return run_suite(s);
}
