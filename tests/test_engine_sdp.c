/* What the descriptions of both sides mean for the packets in between. */
#include <check.h>
#include <openssl/evp.h>
#include <stdio.h>

#include "sniffer/engine/sdp.h"
#include "tests/made_sdp.h"
#include "tests/made_srtp.h"
#include "tests/media_feed.h"
#include "tests/run_suite.h"

static struct arena *mem;
static struct sdp_sides sides;
static struct sdp_meaning meaning;

static void setup(void)
{
	mem = arena_new(4096, 0);
	sides = (struct sdp_sides){0};
}

static void teardown(void)
{
	arena_free(mem);
}

/* NULL: there is none. */
static const struct session_desc *keep(const char *lines)
{
	char text[4096];

	if (!lines)
		return NULL;
	snprintf(text, sizeof(text), "%s%s", SDP_HEAD("1"), lines);
	return desc_keep(mem, made_sdp(text), slice_str(text), NULL);
}

/* Of the m-line with that index and what is bundled with it. */
static void mean(const char *to, const char *from, unsigned index)
{
	sides.to = keep(to);
	sides.from = keep(from);
	engine_sdp_line(&sides, index);
	engine_sdp_meaning(&sides, &meaning);
}

/* "audio:0 video:1", by kind and MID */
static const char *lines_text(void)
{
	static char out[512];
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < meaning.d.lines_n; i++)
		at += (size_t)snprintf(
			out + at, sizeof(out) - at, "%s%s:%s", i ? " " : "",
			meaning.d.line[i].media ? meaning.d.line[i].media : "-",
			meaning.d.line[i].mid);
	return out;
}

/* "111=opus/48000@1 ..."; behind the @ the lines as bits */
static const char *formats_text(void)
{
	static char out[1024];
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < meaning.d.n; i++) {
		const struct media_pt *p = &meaning.d.pt[i];

		at += (size_t)snprintf(out + at, sizeof(out) - at,
				       "%s%u=%s/%u@%u", i ? " " : "", p->pt,
				       p->codec, p->clock_hz, p->lines);
	}
	return out;
}

/* --- which m-lines -------------------------------------------------------- */

#define AUDIO	   "m=audio 9 RTP/SAVPF 111\na=rtpmap:111 opus/48000/2\na=mid:0\n"
#define VIDEO	   "m=video 9 RTP/SAVPF 96\na=rtpmap:96 VP8/90000\na=mid:1\n"
#define NO_VIDEO   "m=video 0 RTP/SAVPF 96\na=mid:1\n"
#define DATA	   "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\na=mid:2\n"
#define BUNDLE_012 "a=group:BUNDLE 0 1 2\n"

static const struct {
	const char *name, *to, *from;
	unsigned index;
	const char *lines;
} lines[] = {
	{"one", AUDIO, AUDIO, 0, "audio:0"},
	{"no bundle: each for itself", AUDIO VIDEO, AUDIO VIDEO, 1, "video:1"},
	{"bundle", BUNDLE_012 AUDIO VIDEO DATA, BUNDLE_012 AUDIO VIDEO DATA, 0,
	 "audio:0 video:1 application:2"},
	{"by any of its lines", BUNDLE_012 AUDIO VIDEO, BUNDLE_012 AUDIO VIDEO,
	 1, "audio:0 video:1"},
	{"offered, and not taken", BUNDLE_012 AUDIO VIDEO, AUDIO VIDEO, 1,
	 "video:1"},
	{"one line is refused", BUNDLE_012 AUDIO VIDEO DATA,
	 "a=group:BUNDLE 0 2\n" AUDIO NO_VIDEO DATA, 0,
	 "audio:0 application:2"},
	{"the answer is not there yet", BUNDLE_012 AUDIO VIDEO, NULL, 0,
	 "audio:0 video:1"},
	{"only the sender's is there", NULL, BUNDLE_012 AUDIO VIDEO, 0,
	 "audio:0 video:1"},
	/* RFC 9143, 7.1: each has a transport of its own */
	{"two groups",
	 "a=group:BUNDLE 0 2\na=group:BUNDLE 1 3\n" AUDIO VIDEO DATA
	 "m=audio 9 RTP/SAVPF 0\na=mid:3\n",
	 NULL, 1, "video:1 audio:3"},
	{"no such line", AUDIO, AUDIO, 7, ""},
	{"no description", NULL, NULL, 0, ""},
};

START_TEST(which_lines)
{
	mean(lines[_i].to, lines[_i].from, lines[_i].index);
	ck_assert_msg(!strcmp(lines_text(), lines[_i].lines), "%s: %s",
		      lines[_i].name, lines_text());
}
END_TEST

#define UFRAG(u) "a=ice-ufrag:" u "\na=ice-pwd:0123456789abcdefghijkl\n"

static const struct {
	const char *name, *to, *from, *ufrag;
	bool known;
	const char *lines;
} ufrags[] = {
	{"of one line", AUDIO VIDEO, AUDIO UFRAG("aaaa") VIDEO UFRAG("bbbb"),
	 "bbbb", true, "video:1"},
	{"of a bundle", BUNDLE_012 AUDIO VIDEO,
	 BUNDLE_012 AUDIO UFRAG("aaaa") VIDEO UFRAG("aaaa"), "aaaa", true,
	 "audio:0 video:1"},
	{"of two lines without a bundle", NULL,
	 AUDIO UFRAG("aaaa") VIDEO UFRAG("aaaa"), "aaaa", true,
	 "audio:0 video:1"},
	{"of a line that was refused", NULL,
	 "m=audio 0 RTP/SAVPF 0\na=mid:0\n" UFRAG("aaaa"), "aaaa", false, ""},
	{"of nobody", AUDIO, AUDIO UFRAG("aaaa"), "cccc", false, ""},
	{"the sender is not described", AUDIO UFRAG("aaaa"), NULL, "aaaa",
	 false, ""},
};

START_TEST(which_lines_by_ufrag)
{
	sides.to = keep(ufrags[_i].to);
	sides.from = keep(ufrags[_i].from);
	ck_assert_msg(engine_sdp_ufrag(&sides, slice_str(ufrags[_i].ufrag)) ==
			      ufrags[_i].known,
		      "%s", ufrags[_i].name);
	engine_sdp_meaning(&sides, &meaning);
	ck_assert_msg(!strcmp(lines_text(), ufrags[_i].lines), "%s: %s",
		      ufrags[_i].name, lines_text());
}
END_TEST

/* --- formats -------------------------------------------------------------- */

static const struct {
	const char *name, *to, *from, *formats;
} formats[] = {
	{"the receiver says what a number means",
	 "m=audio 9 RTP/AVP 96 0\na=rtpmap:96 opus/48000/2\n",
	 "m=audio 9 RTP/AVP 96 8\na=rtpmap:96 AMR/8000\n",
	 "96=opus/48000@1 0=PCMU/8000@1 8=PCMA/8000@1"},
	{"the sender, where there is no receiver", NULL,
	 "m=audio 9 RTP/AVP 0\n", "0=PCMU/8000@1"},
	{"a number that means nothing", "m=audio 9 RTP/AVP 99 0\n", NULL,
	 "0=PCMU/8000@1"},
	{"no payload types", "m=image 9 udptl t38\n", NULL, ""},
	{"the same in two lines of a bundle",
	 "a=group:BUNDLE 0 1\nm=video 9 RTP/AVP 96\na=mid:0\n"
	 "a=rtpmap:96 VP8/90000\nm=video 9 RTP/AVP 96\na=mid:1\n"
	 "a=rtpmap:96 VP8/90000\n",
	 NULL, "96=VP8/90000@3"},
	{"another meaning in another line",
	 "a=group:BUNDLE 0 1\nm=audio 9 RTP/AVP 96\na=mid:0\n"
	 "a=rtpmap:96 opus/48000/2\nm=video 9 RTP/AVP 96\na=mid:1\n"
	 "a=rtpmap:96 VP8/90000\n",
	 NULL, "96=opus/48000@1 96=VP8/90000@2"},
	{"of a line that has no part in it",
	 "m=audio 9 RTP/AVP 0\na=mid:0\nm=video 9 RTP/AVP 31\na=mid:1\n", NULL,
	 "0=PCMU/8000@1"},
};

START_TEST(payload_types)
{
	mean(formats[_i].to, formats[_i].from, 0);
	ck_assert_msg(!strcmp(formats_text(), formats[_i].formats), "%s: %s",
		      formats[_i].name, formats_text());
}
END_TEST

START_TEST(more_than_there_is_room_for)
{
	char text[4096], *at = text;

	at += sprintf(at, "a=group:BUNDLE a b\n");
	for (int l = 0; l < 2; l++) {
		at += sprintf(at, "m=audio 9 RTP/AVP");
		for (int n = 0; n < 60; n++)
			at += sprintf(at, " %d", 60 + n);
		at += sprintf(at, "\na=mid:%c\n", "ab"[l]);
		for (int n = 0; n < 60; n++)
			at += sprintf(at, "a=rtpmap:%d x%d/8000\n", 60 + n, l);
	}
	mean(text, NULL, 0);
	ck_assert_uint_eq(meaning.d.n, MEDIA_DESC_PTS);
}
END_TEST

/* --- what the sender says of its own -------------------------------------- */

START_TEST(ssrcs_and_rids)
{
	mean(BUNDLE_012 AUDIO "a=ssrc:9 cname:x\n" VIDEO,
	     BUNDLE_012 AUDIO "a=ssrc:1 cname:x\n" VIDEO
			      "a=ssrc:2 cname:x\na=ssrc:3 cname:x\n"
			      "a=ssrc-group:FID 2 3\na=rid:h send\n"
			      "a=rid:l send\n",
	     0);
	ck_assert_uint_eq(meaning.d.ssrcs_n, 3);
	ck_assert_uint_eq(meaning.d.ssrc[0].ssrc, 1);
	ck_assert_uint_eq(meaning.d.ssrc[0].line, 0);
	ck_assert_uint_eq(meaning.d.ssrc[2].ssrc, 3);
	ck_assert_uint_eq(meaning.d.ssrc[2].line, 1);
	ck_assert_uint_eq(meaning.d.ssrc[2].repairs, 2);
	ck_assert_uint_eq(meaning.d.rids_n, 2);
	ck_assert_str_eq(meaning.d.rid[1].rid, "l");
	ck_assert_uint_eq(meaning.d.rid[1].line, 1);
}
END_TEST

START_TEST(packet_time_is_the_receivers)
{
	mean(AUDIO "a=ptime:40\n", AUDIO "a=ptime:20\n", 0);
	ck_assert_uint_eq(meaning.d.line[0].ptime_ms, 40);
	mean(NULL, AUDIO "a=ptime:20\n", 0);
	ck_assert_uint_eq(meaning.d.line[0].ptime_ms, 20);
}
END_TEST

/* --- header extensions ---------------------------------------------------- */

#define URN   "urn:ietf:params:rtp-hdrext:"
#define LEVEL URN "ssrc-audio-level"
#define MID   URN "sdes:mid"
#define ENC   URN "encrypt "

static const struct {
	const char *name, *to, *from;
	unsigned level, mid; /* IDs; 0: none */
	bool level_encrypted;
} exts[] = {
	{"the same on both sides", "a=extmap:1 " LEVEL "\na=extmap:4 " MID "\n",
	 "a=extmap:1 " LEVEL "\na=extmap:4 " MID "\n", 1, 4, false},
	{"one is not answered yet", "a=extmap:1 " LEVEL "\n", NULL, 1, 0,
	 false},
	{"what the other side lacks is read all the same",
	 "a=extmap:1 " LEVEL "\n", "a=extmap:4 " MID "\n", 1, 4, false},
	{"nobody knows it", "a=extmap:7 urn:x\n", "a=extmap:7 urn:x\n", 0, 0,
	 false},
	{"an ID of two bytes (RFC 8285)", "a=extmap:200 " LEVEL "\n",
	 "a=extmap:200 " LEVEL "\n", 200, 0, false},
	{"more than a byte can say", "a=extmap:4096 " LEVEL "\n", NULL, 0, 0,
	 false},
	/* RFC 6904, 4: both forms are offered, one is taken. */
	{"encrypted", "a=extmap:2 " ENC LEVEL "\n",
	 "a=extmap:2 " ENC LEVEL "\n", 2, 0, true},
	{"both offered, the answer encrypts",
	 "a=extmap:1 " LEVEL "\na=extmap:2 " ENC LEVEL "\n",
	 "a=extmap:2 " ENC LEVEL "\n", 2, 0, true},
	{"both offered, the answer does not",
	 "a=extmap:1 " ENC LEVEL "\na=extmap:2 " LEVEL "\n",
	 "a=extmap:2 " LEVEL "\n", 2, 0, false},
	{"both offered by the sender", "a=extmap:2 " ENC LEVEL "\n",
	 "a=extmap:1 " LEVEL "\na=extmap:2 " ENC LEVEL "\n", 2, 0, true},
};

static const char *with_audio(const char *more)
{
	static char text[2][512];
	static int n;

	if (!more)
		return NULL;
	n = !n;
	snprintf(text[n], sizeof(text[n]), "%s%s", AUDIO, more);
	return text[n];
}

START_TEST(extensions)
{
	const struct rtp_hdrext_ids *ids = &meaning.d.ext;
	const char *to = with_audio(exts[_i].to);

	mean(to, with_audio(exts[_i].from), 0);
	ck_assert_msg(ids->id[RTP_HDREXT_AUDIO_LEVEL] == exts[_i].level,
		      "%s: %u", exts[_i].name, ids->id[RTP_HDREXT_AUDIO_LEVEL]);
	ck_assert_msg(ids->id[RTP_HDREXT_MID] == exts[_i].mid, "%s: %u",
		      exts[_i].name, ids->id[RTP_HDREXT_MID]);
	ck_assert_msg((ids->encrypted >> RTP_HDREXT_AUDIO_LEVEL & 1) ==
			      exts[_i].level_encrypted,
		      "%s", exts[_i].name);
}
END_TEST

/* --- SDES ----------------------------------------------------------------- */

#define CM80 "AES_CM_128_HMAC_SHA1_80"
#define CM32 "AES_CM_128_HMAC_SHA1_32"

/* "a=crypto" lines of a side: "1:A 2:B" are tag and suite (A CM80, B CM32);
 * the key of a line follows from side and tag. */
static const char *cryptos(int side, const char *list)
{
	static char text[2][1024];
	char *at = text[side];

	if (!list)
		return NULL;
	at += sprintf(at, "m=audio 9 RTP/SAVP 8\n");
	for (; *list; list += list[3] ? 4 : 3) {
		const char *suite = list[2] == 'A' ? CM80 : CM32;
		struct media_key k =
			made_key(suite, (uint8_t)(side * 10 + list[0] - '0'));
		uint8_t bytes[30];
		char base64[48];

		memcpy(bytes, k.key, 16);
		memcpy(bytes + 16, k.salt, 14);
		EVP_EncodeBlock((uint8_t *)base64, bytes, 30);
		at += sprintf(at, "a=crypto:%c %s inline:%s\n", list[0], suite,
			      base64);
	}
	return text[side];
}

static const struct {
	const char *name, *to, *from;
	const char *suite; /* that the report names */
	char used;	   /* the tag of the sender's line that it uses */
	const char *state; /* of the keys */
} keys[] = {
	{"one line each", "1:A", "1:A", CM80, '1', "ok"},
	{"offered several, the sender", "2:B", "1:A 2:B", CM32, '2', "ok"},
	{"and uses another than was taken", "2:B", "1:A 2:B", CM32, '1',
	 "wrong"},
	{"offered several, the receiver", "1:A 2:B", "2:B", CM32, '2', "ok"},
	{"nobody has answered: the first", NULL, "1:A 2:B", CM80, '1', "ok"},
	{"nobody has answered: the second", NULL, "1:A 2:B", CM80, '2', "ok"},
	{"the answer's tag is of another suite", "2:A", "1:A 2:B", CM80, '2',
	 "ok"},
	{"only the receiver is known", "1:A", NULL, CM80, '1', "missing"},
};

static void give_keys(struct feed *f)
{
	struct crew_group g = {.g = f->group};
	struct crew_flow flow = {.mf = f->flow};

	engine_sdp_keys(&sides, &f->counters, &g, &flow, 0);
}

START_TEST(sdes)
{
	const char *suite = keys[_i].used == '1' ? CM80 : CM32;
	struct media_key k =
		made_key(suite, (uint8_t)(10 + keys[_i].used - '0'));
	const char *to = cryptos(0, keys[_i].to);
	const struct cdr_stream *s;
	struct made_srtp srtp;
	struct feed f;

	feed_begin_held(&f, 4096, 65536);
	mean(to, cryptos(1, keys[_i].from), 0);
	ck_assert_msg(!strcmp(meaning.d.srtp, keys[_i].suite), "%s: %s",
		      keys[_i].name, meaning.d.srtp);
	media_flow_describe(f.flow, 0, &meaning.d);
	give_keys(&f);
	made_srtp_init(&srtp, &k);
	for (uint8_t n = 0; n < 20; n++) {
		uint8_t rtp[172] = {0x80, 8, 0, n, [11] = 5}, out[256];
		size_t len = made_srtp_rtp(&srtp, slice_of(rtp, sizeof(rtp)), 0,
					   out);

		feed_datagram(&f, 0, n * 20 * FEED_MS, slice_of(out, len));
	}
	s = feed_close(&f);
	ck_assert_msg(!strcmp(s->key_state, keys[_i].state), "%s: %s",
		      keys[_i].name, s->key_state);
	feed_end(&f);
}
END_TEST

START_TEST(srtp_without_sdes)
{
	mean("m=audio 9 UDP/TLS/RTP/SAVPF 0\n",
	     "m=audio 9 UDP/TLS/RTP/SAVPF "
	     "0\n",
	     0);
	ck_assert_str_eq(meaning.d.srtp, "unknown");
	mean("m=audio 9 RTP/AVP 0\n", NULL, 0);
	ck_assert_ptr_null(meaning.d.srtp);
}
END_TEST

START_TEST(keys_that_cannot_be_used)
{
	struct feed f;

	feed_begin(&f, false);
	mean(NULL,
	     "m=audio 9 RTP/SAVP 0\na=crypto:1 F8_128_HMAC_SHA1_80 "
	     "inline:AAAA\n",
	     0);
	give_keys(&f);
	mean(NULL, "m=audio 9 RTP/SAVP 0\na=crypto:1 " CM80 " inline:AAAA\n",
	     0);
	give_keys(&f);
	ck_assert_uint_eq(f.counters.len, 2);
	feed_end(&f);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int main(void)
{
	Suite *s = suite_create("engine_sdp");
	TCase *t = tcase_create("engine_sdp");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, which_lines, 0, COUNT(lines));
	tcase_add_loop_test(t, which_lines_by_ufrag, 0, COUNT(ufrags));
	tcase_add_loop_test(t, payload_types, 0, COUNT(formats));
	tcase_add_test(t, more_than_there_is_room_for);
	tcase_add_test(t, ssrcs_and_rids);
	tcase_add_test(t, packet_time_is_the_receivers);
	tcase_add_loop_test(t, extensions, 0, COUNT(exts));
	tcase_add_loop_test(t, sdes, 0, COUNT(keys));
	tcase_add_test(t, srtp_without_sdes);
	tcase_add_test(t, keys_that_cannot_be_used);
	suite_add_tcase(s, t);
	return run_suite(s);
}
