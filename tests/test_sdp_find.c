/*
 * What is found in bodies of many makes. An item is shown as a line:
 * "offer v=0/o=-/m=a/" for a description ('/' is a line end), "cand 0 -1 uf
 * candidate:..." with mid, index and ufrag, "end 0 -1 uf".
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "dissectors/sdp.h"
#include "dissectors/sdp_find.h"
#include "tests/prefix.h"
#include "tests/run_suite.h"

/* A description, its line ends and how it is shown. */
#define SDP(nl)	 "v=0" nl "o=-" nl "m=a" nl
#define SDP_TEXT "v=0/o=-/m=a/"
#define CAND	 "candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host"
#define ESC	 "\\r\\n"
#define ESC2	 "\\\\r\\\\n"
#define ESC3	 "\\\\\\\\r\\\\\\\\n"

/* base64 of SDP("\r\n"), of {"type":"offer","sdp":SDP("\r\n")}, of
 * {"candidate":"CAND"} */
#define B64_SDP "dj0wDQpvPS0NCm09YQ0K"
#define B64_JSON                                                               \
	"eyJ0eXBlIjoib2ZmZXIiLCJzZHAiOiJ2PTBcclxubz0tXHJcbm09YVxyXG4ifQ=="
#define B64_CAND                                                               \
	"eyJjYW5kaWRhdGUiOiJjYW5kaWRhdGU6MSAxIHVkcCAyMTMwNzA2NDMxIDE5Mi4wLjIu" \
	"MSA1MDAwIHR5cCBob3N0In0="

static const struct {
	const char *name;
	struct slice in;
	const char *want;
} rows[] = {
	/* plain */
	{"SDP", SLICE_INIT(SDP("\r\n")), "unknown " SDP_TEXT "\n"},
	{"SDP with LF", SLICE_INIT(SDP("\n")), "unknown " SDP_TEXT "\n"},
	{"behind other lines", SLICE_INIT("OFFER\n\n" SDP("\n")),
	 "offer " SDP_TEXT "\n"},
	{"behind a word", SLICE_INIT("answer|" SDP("\n")),
	 "answer " SDP_TEXT "\n"},
	{"two", SLICE_INIT(SDP("\n") SDP("\r\n")),
	 "unknown " SDP_TEXT "\nunknown " SDP_TEXT "\n"},
	{"with other text behind", SLICE_INIT(SDP("\r\n") "\r\n--x--\r\n"),
	 "unknown " SDP_TEXT "\n"},
	{"empty lines within", SLICE_INIT("v=0\n\no=-\n\nm=a\n\n\n"),
	 "unknown v=0//o=-//m=a/\n"},
	{"no end of line", SLICE_INIT("v=0\r\no=-\r\nm=a"),
	 "unknown v=0/o=-/m=a\n"},
	{"neither o= nor m=", SLICE_INIT("v=0\r\ns=-\r\na=x\r\n"), ""},
	{"in the middle of a word", SLICE_INIT("conv=0;o=1;m=2"), ""},
	{"in a tag", SLICE_INIT("<sdp type='answer'>v=0\no=-\nm=a</sdp>"),
	 "answer v=0/o=-/m=a\n"},
	{"in protobuf",
	 SLICE_INIT("\x0a\x15\x0a\x05offer\x12\x0c" SDP("\n") "\x1a\x01x"),
	 "offer " SDP_TEXT "\n"},
	{"protobuf with a length that is a letter",
	 SLICE_INIT("\x0a\x06"
		    "answer\x12\xc1"
		    "A" SDP("\r\n")),
	 "answer " SDP_TEXT "\n"},

	/* JSON */
	{"type before",
	 SLICE_INIT("{\"type\":\"offer\",\"sdp\":\"" SDP(ESC) "\"}"),
	 "offer " SDP_TEXT "\n"},
	{"type behind",
	 SLICE_INIT("{ \"sdp\" : \"" SDP("\\n") "\" , \"type\" : \"answer\" }"),
	 "answer " SDP_TEXT "\n"},
	{"case and white space",
	 SLICE_INIT("{\n\t\"Type\":\n\"PRANSWER\",\n\"SDP\":\n\"" SDP(
		 ESC) "\"\n}"),
	 "pranswer " SDP_TEXT "\n"},
	{"other names",
	 SLICE_INIT(
		 "{\"jsep\":{\"kind\":\"offer\",\"body\":\"" SDP(ESC) "\"}}"),
	 "offer " SDP_TEXT "\n"},
	{"type in the name",
	 SLICE_INIT("{\"id\":\"1\",\"sdpOffer\":\"" SDP(
		 ESC) "\",\"sdp_answer\":\"" SDP(ESC) "\"}"),
	 "offer " SDP_TEXT "\nanswer " SDP_TEXT "\n"},
	{"type in the name of the object",
	 SLICE_INIT("{\"answer\":{\"sdp\":\"" SDP(ESC) "\"}}"),
	 "answer " SDP_TEXT "\n"},
	{"type outside",
	 SLICE_INIT("{\"type\":\"offer\",\"payload\":{\"x\":1,\"data\":[{"
		    "\"sdp\":\"" SDP(ESC) "\"}]}}"),
	 "offer " SDP_TEXT "\n"},
	{"the nearest type counts",
	 SLICE_INIT("{\"type\":\"offer\",\"payload\":{\"type\":\"answer\","
		    "\"sdp\":\"" SDP(ESC) "\"}}"),
	 "answer " SDP_TEXT "\n"},
	{"a plain word beats a part of one",
	 SLICE_INIT("{\"event\":\"call-answer\",\"type\":\"offer\","
		    "\"sdp\":\"" SDP(ESC) "\"}"),
	 "offer " SDP_TEXT "\n"},
	{"a part of a word",
	 SLICE_INIT("{\"method\":\"x.answer\",\"params\":{"
		    "\"sdp\":\"" SDP(ESC) "\"}}"),
	 "answer " SDP_TEXT "\n"},
	{"socket.io",
	 SLICE_INIT("42[\"offer\",\"" SDP(ESC) "\",{\"to\":\"x\"}]"),
	 "offer " SDP_TEXT "\n"},
	{"SockJS",
	 SLICE_INIT("a[\"{\\\"type\\\":\\\"offer\\\",\\\"sdp\\\":\\\"" SDP(
		 ESC2) "\\\"}\"]"),
	 "offer " SDP_TEXT "\n"},
	{"JSON in JSON in JSON",
	 SLICE_INIT("{\"a\":\"{\\\"type\\\":\\\"answer\\\",\\\"b\\\":"
		    "\\\"{\\\\\\\"sdp\\\\\\\":\\\\\\\"" SDP(
			    ESC3) "\\\\\\\"}\\\"}\"}"),
	 "answer " SDP_TEXT "\n"},
	{"a string made JSON twice", SLICE_INIT("\"\\\"" SDP(ESC2) "\\\"\""),
	 "unknown " SDP_TEXT "\n"},
	{"escaped twice, quotes lost",
	 SLICE_INIT("{\"sdp\":\"" SDP(ESC2) "\",\"type\":\"offer\"}"),
	 "offer " SDP_TEXT "\n"},
	{"Gson",
	 SLICE_INIT("{\"sdp\":\"v\\u003d0\\r\\no\\u003d-\\r\\n"
		    "m\\u003da\\r\\n\",\"type\":\"offer\"}"),
	 "offer " SDP_TEXT "\n"},
	{"all kinds of escapes",
	 SLICE_INIT("{\"sdp\":\"v=0\\r\\no=\\\"\\\\\\/\\t\\u00e9\\u20AC"
		    "\\ud83d\\ude00\\ud83d\\r\\nm=a\"}"),
	 "unknown v=0/o=\"\\/\t\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"
	 "\xef\xbf\xbd/m=a\n"},
	{"line ends not escaped",
	 SLICE_INIT("{\"type\":\"offer\",\"sdp\":\""
		    "v=0\no=-\nm=a"
		    "\"}"),
	 "offer v=0/o=-/m=a\n"},
	{"cut off", SLICE_INIT("{\"type\":\"offer\",\"sdp\":\"" SDP(ESC) "a=x"),
	 "offer " SDP_TEXT "a=x\n"},
	{"JSONP",
	 SLICE_INIT("cb({\"type\":\"offer\",\"sdp\":\"" SDP(ESC) "\"});"),
	 "offer " SDP_TEXT "\n"},
	{"a stray quote before",
	 SLICE_INIT("\"{\"type\":\"offer\",\"sdp\":\"" SDP(ESC) "\"}"),
	 "offer " SDP_TEXT "\n"},
	{"in one object two",
	 SLICE_INIT("{\"offer\":{\"sdp\":\"" SDP(
		 ESC) "\"},\"x\":\"v=0\","
		      "\"answer\":{\"sdp\":\"" SDP(ESC) "\"}}"),
	 "offer " SDP_TEXT "\nanswer " SDP_TEXT "\n"},
	{"what is decoded does not hide what stands behind it",
	 SLICE_INIT("{\"a\":{\"sdp\":\"" SDP(ESC "\\\"}") ESC SDP(
		 ESC) "\"},"
		      "\"b\":\"" SDP(ESC) "\",\"type\":\"offer\"}"),
	 "offer " SDP_TEXT "\noffer " SDP_TEXT "\n"},
	{"lines of JSON",
	 SLICE_INIT("{\"type\":\"offer\",\"sdp\":\"" SDP(
		 ESC) "\"}\n{\"type\":\"answer\",\"sdp\":\"" SDP(ESC) "\"}\n"),
	 "offer " SDP_TEXT "\nanswer " SDP_TEXT "\n"},
	{"no SDP", SLICE_INIT("{\"v=0\":\"v=0 and v=0\",\"n\":null}"), ""},

	/* other wrappings */
	{"base64", SLICE_INIT(B64_SDP), "unknown " SDP_TEXT "\n"},
	{"base64 in JSON",
	 SLICE_INIT("{\"type\":\"answer\",\"data\":\"" B64_SDP "\"}"),
	 "answer " SDP_TEXT "\n"},
	{"base64 of JSON", SLICE_INIT(B64_JSON "\n"), "offer " SDP_TEXT "\n"},
	{"base64 of JSON in JSON", SLICE_INIT("[1,{\"m\":\"" B64_JSON "\"}]"),
	 "offer " SDP_TEXT "\n"},
	{"base64 of a candidate", SLICE_INIT("{\"c\":\"" B64_CAND "\"}"),
	 "cand  -1  " CAND "\n"},
	{"data URL",
	 SLICE_INIT("{\"u\":\"data:application/sdp;base64," B64_SDP "\"}"),
	 "unknown " SDP_TEXT "\n"},
	{"a form",
	 SLICE_INIT("room=1&type=offer&sdp=v%3D0%0D%0Ao%3D-%0D%0Am%3Da%0d%0a"),
	 "offer " SDP_TEXT "\n"},
	{"a form with JSON",
	 SLICE_INIT("msg=%7B%22sdp%22%3A%22v%3D0%5Cr%5Cno%3D-%5Cr%5Cnm%3Da%5Cr"
		    "%5Cn%22%7D&type=answer"),
	 "answer " SDP_TEXT "\n"},
	{"a form with base64", SLICE_INIT("type=offer&sdp=" B64_SDP),
	 "offer " SDP_TEXT "\n"},
	{"a form with a candidate",
	 SLICE_INIT("candidate=candidate%3A1+1+udp+2130706431+192.0.2.1+5000+"
		    "typ+host&sdpMid=0&sdpMLineIndex=2&ufrag=a%2Bb"),
	 "cand 0 2 a+b " CAND "\n"},
	{"percent all over",
	 SLICE_INIT("%7B%22type%22%3A%22offer%22%2C%22sdp%22%3A%22v%3D0%5Cr"
		    "%5Cno%3D-%5Cr%5Cnm%3Da%5Cr%5Cn%22%7D"),
	 "offer " SDP_TEXT "\n"},

	/* candidates */
	{"RTCIceCandidate",
	 SLICE_INIT("{\"candidate\":\"" CAND "\",\"sdpMid\":\"0\","
		    "\"sdpMLineIndex\":1,\"usernameFragment\":\"uf\\/+\"}"),
	 "cand 0 1 uf/+ " CAND "\n"},
	{"one in another object",
	 SLICE_INIT("{\"type\":\"candidate\",\"candidate\":{\"sdp_mid\":"
		    "\"audio\",\"sdp_mline_index\":\"3\",\"candidate\":"
		    "\"a=" CAND "\"}}"),
	 "cand audio 3  " CAND "\n"},
	{"short names",
	 SLICE_INIT("{\"c\":\"" CAND "\",\"mid\":\"v\",\"mLineIndex\":0,"
		    "\"ice-ufrag\":\"u\"}"),
	 "cand v 0 u " CAND "\n"},
	{"AppRTC",
	 SLICE_INIT("{\"type\":\"candidate\",\"label\":1,\"id\":"
		    "\"video\",\"candidate\":\"" CAND "\"}"),
	 "cand video 1  " CAND "\n"},
	{"numbers that are no index",
	 SLICE_INIT("{\"sdpMLineIndex\":-1,\"mid\":7,\"candidate\":\"" CAND
		    "\"}"),
	 "cand 7 -1  " CAND "\n"},
	{"an id is no mid",
	 SLICE_INIT("{\"id\":\"peer\",\"candidate\":\"" CAND "\"}"),
	 "cand  -1  " CAND "\n"},
	{"an array",
	 SLICE_INIT("{\"mid\":\"0\",\"candidates\":[\"" CAND "\",\"" CAND
		    "\"]}"),
	 "cand 0 -1  " CAND "\ncand 0 -1  " CAND "\n"},
	{"Janus, an array",
	 SLICE_INIT("{\"janus\":\"trickle\",\"candidates\":[{\"candidate\":"
		    "\"" CAND "\",\"sdpMid\":\"a\"},{\"completed\":true}]}"),
	 "cand a -1  " CAND "\nend  -1 \n"},
	{"several lines in one value",
	 SLICE_INIT("{\"c\":\"a=" CAND ESC "a=" CAND ESC
		    "a=end-of-candidates" ESC "\"}"),
	 "cand  -1  " CAND "\ncand  -1  " CAND "\nend  -1 \n"},
	{"plain", SLICE_INIT(CAND "\r\n"), "cand  -1  " CAND "\n"},
	{"in protobuf",
	 SLICE_INIT("\x1a\x60\x0a\x5c{\"candidate\":\"" CAND
		    "\",\"sdpMLineIndex\":0}\x10\x01"),
	 "cand  0  " CAND "\n"},
	{"a stray quote before, a line within",
	 SLICE_INIT("\x01\"\x02{\"candidate\":\"" CAND "\",\"sdpMid\":\"1\"}"),
	 "cand 1 -1  " CAND "\n"},
	{"in the middle of a text", SLICE_INIT("add " CAND " now"),
	 "cand  -1  " CAND " now\n"},
	{"talk about candidates", SLICE_INIT("the candidate: none, {}"), ""},
	{"an SDP has its own",
	 SLICE_INIT("{\"sdp\":\"" SDP(ESC) "a=" CAND ESC "\"}"),
	 "unknown " SDP_TEXT "a=" CAND "/\n"},
	{"fragment of RFC 8840",
	 SLICE_INIT("a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n"
		    "m=audio 9 RTP/AVP 0\r\na=mid:0\r\na=" CAND "\r\n"
		    "m=video 9 RTP/AVP 96\r\na=" CAND "\r\na=mid:1\r\na=" CAND
		    "\r\na=end-of-candidates\r\n"),
	 "cand 0 -1 EsAw " CAND "\ncand  -1 EsAw " CAND "\ncand 1 -1 EsAw " CAND
	 "\nend 1 -1 EsAw\n"},
	{"empty", SLICE_INIT("{\"candidate\":\"\",\"sdpMid\":\"0\"}"),
	 "end 0 -1 \n"},
	{"empty in an object",
	 SLICE_INIT("{\"candidate\":{\"candidate\":\"\",\"sdpMid\":\"0\","
		    "\"sdpMLineIndex\":0,\"usernameFragment\":\"x\"}}"),
	 "end 0 0 x\n"},
	{"null", SLICE_INIT("{\"type\":\"ice\",\"candidate\": null}"),
	 "end  -1 \n"},
	{"null of another name", SLICE_INIT("{\"myCandidates\":null}"), ""},
	{"completed",
	 SLICE_INIT("{\"janus\":\"trickle\",\"candidate\":{"
		    "\"completed\":true}}"),
	 "end  -1 \n"},
	{"said in a word", SLICE_INIT("{\"type\":\"end-of-candidates\"}"),
	 "end  -1 \n"},
	{"said by a name", SLICE_INIT("{\"endOfCandidates\":true}"),
	 "end  -1 \n"},
	{"Jingle",
	 SLICE_INIT("<iq><content name='audio'><transport xmlns='x' pwd='p' "
		    "ufrag='8hhy'><candidate component='1' foundation='1' "
		    "generation='0' id='e' ip='10.0.1.1' network='1' "
		    "port='8998' priority='2130706431' protocol='udp' "
		    "type='host'/><candidate component=\"2\" "
		    "foundation=\"2\" ip=\"192.0.2.3\" port=\"45664\" "
		    "priority=\"1694498815\" protocol=\"udp\" "
		    "rel-addr=\"10.0.1.1\" rel-port=\"8998\" "
		    "type=\"srflx\"></candidate></transport></content></iq>"),
	 "cand audio -1 8hhy candidate:1 1 udp 2130706431 10.0.1.1 8998 typ "
	 "host\ncand audio -1 8hhy candidate:2 2 udp 1694498815 192.0.2.3 "
	 "45664 typ srflx raddr 10.0.1.1 rport 8998\n"},
	{"Jingle without an address",
	 SLICE_INIT("<candidate foundation='1'/><candidate"), ""},
};

struct shown {
	char text[8192];
	size_t len;
	struct slice scratch;
};

static void add(struct shown *s, const char *text, size_t len)
{
	for (size_t i = 0; i < len && s->len + 1 < sizeof(s->text); i++)
		if (text[i] != '\r')
			s->text[s->len++] = text[i];
	s->text[s->len] = '\0';
}

static void show(struct shown *s, const struct sdp_found *it)
{
	char head[512];
	int n;

	n = snprintf(head, sizeof(head), "%s %.*s %d %.*s",
		     it->kind == FOUND_CANDIDATE ? "cand" : "end",
		     SLICE_ARG(it->mid), it->mline, SLICE_ARG(it->ufrag));
	if (it->kind == FOUND_SDP)
		n = snprintf(head, sizeof(head), "%s ",
			     sdp_type_name(it->type));
	else if (it->kind == FOUND_CANDIDATE)
		head[n++] = ' ';
	add(s, head, (size_t)n);
	for (size_t i = 0; i < it->text.len; i++)
		add(s,
		    it->text.p[i] == '\n' ? "/" : (const char *)&it->text.p[i],
		    1);
	add(s, "\n", 1);
}

/* Finds all in a scratch of exactly the size needed. */
static void find_all(struct slice in, void *arg)
{
	struct shown *s = arg;
	uint8_t *scratch = malloc(in.len + 1);
	struct sdp_find f;
	struct sdp_found it;

	ck_assert_ptr_nonnull(scratch);
	s->len = 0;
	s->text[0] = '\0';
	if (sdp_find_begin(&f, in, scratch, in.len)) {
		ck_assert(sdp_find_possible(in));
		while (sdp_find_next(&f, &it)) {
			ck_assert(prefix_inside(it.text,
						slice_of(scratch, in.len)) ||
				  prefix_inside(
					  it.text,
					  slice_of(f.line, sizeof(f.line))));
			show(s, &it);
		}
	}
	free(scratch);
}

START_TEST(bodies)
{
	struct shown s;

	find_all(rows[_i].in, &s);
	ck_assert_msg(!strcmp(s.text, rows[_i].want),
		      "%s:\n--- wanted\n%s--- found\n%s", rows[_i].name,
		      rows[_i].want, s.text);
}
END_TEST

START_TEST(every_prefix)
{
	struct shown s;

	prefix_each(rows[_i].in, find_all, &s);
}
END_TEST

/* What does not fit in the scratch is not searched. */
START_TEST(small_scratch)
{
	struct slice in = SLICE(SDP("\n") "a=x\n\n.\n" SDP("\n"));
	uint8_t scratch[32];
	struct sdp_find f;
	struct sdp_found it;

	ck_assert(sdp_find_begin(&f, in, scratch, 20));
	ck_assert(sdp_find_next(&f, &it));
	ck_assert(slice_eq(it.text, SLICE(SDP("\n") "a=x\n")));
	ck_assert(!sdp_find_next(&f, &it));
	ck_assert(!sdp_find_next(&f, &it));
	ck_assert(!sdp_find_begin(&f, in, scratch, 2));
}
END_TEST

START_TEST(ordinary_traffic)
{
	static const struct slice none[] = {
		SLICE_INIT("{\"type\":\"ping\",\"seq\":12}"),
		SLICE_INIT("<html><body>nothing</body></html>"),
		SLICE_INIT("{\"token\":\"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
			   "\"}"),
		SLICE_INIT(""),
	};
	struct sdp_find f;
	char scratch[128];

	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
		ck_assert(!sdp_find_possible(none[i]));
		ck_assert(
			!sdp_find_begin(&f, none[i], scratch, sizeof(scratch)));
	}
}
END_TEST

/* Deeper than what is followed: still found, with what the last frame that
 * was followed tells. */
START_TEST(deep)
{
	char text[1024] = "{\"mid\":\"7\",\"x\":";
	struct shown s;

	for (int i = 0; i < 100; i++)
		strcat(text, "[");
	strcat(text, "\"" CAND "\"");
	for (int i = 0; i < 100; i++)
		strcat(text, "]");
	strcat(text, ",\"c\":\"" CAND "\"}");
	find_all(slice_str(text), &s);
	ck_assert_str_eq(s.text, "cand 7 -1  " CAND "\ncand 7 -1  " CAND "\n");
}
END_TEST

/* A string in a string in a string ...: given up at the eighth. */
static size_t wrap(const char *in, char *out)
{
	size_t n = 0;

	out[n++] = '"';
	for (; *in; in++) {
		if (*in == '"' || *in == '\\')
			out[n++] = '\\';
		out[n++] = *in;
	}
	out[n++] = '"';
	out[n] = '\0';
	return n;
}

START_TEST(wrapped)
{
	static char text[2][1 << 17];
	const char *want = "cand  -1  " CAND "\n";
	struct shown s;
	int at = 0;

	strcpy(text[0], CAND);
	for (int i = 1; i <= 12; i++, at = !at) {
		size_t n = wrap(text[at], text[!at]);

		find_all(slice_of(text[!at], n), &s);
		ck_assert_msg(!strcmp(s.text, i < SDP_FIND_LEVELS ? want : ""),
			      "%d levels: %s", i, s.text);
	}
}
END_TEST

/* Hostile bodies of a megabyte: each must be walked in linear time; a
 * quadratic one would not come to an end here. */
START_TEST(hostile)
{
	static const char *const parts[] = {
		"\"",
		"\\\"",
		"{\"v=0",
		"v=0\n",
		">v=0\n",
		"a=v=0\n",
		"[",
		"{\"candidate\":",
		"candidate:",
		"<",
		"<candidate ",
		"\"v=0\\n",
		"v=0\\n",
		"{\"a\":\"candidate",
		"\"candidate\" ",
		"a=mid:",
		"v%3D0&a=",
		"\"dj0w\",",
		"dj0w",
		"v=0\n\n",
		"\" ",
	};
	static uint8_t body[1 << 20], scratch[1 << 20];
	struct slice part = slice_str(parts[_i]);
	struct sdp_find f;
	struct sdp_found it;
	size_t n = 0;

	for (size_t i = 0; i < sizeof(body); i++)
		body[i] = part.p[i % part.len];
	memcpy(body, "v=0 ", 4);
	if (sdp_find_begin(&f, slice_of(body, sizeof(body)), scratch,
			   sizeof(scratch)))
		while (sdp_find_next(&f, &it))
			n++;
	ck_assert_uint_le(n, sizeof(body));
}
END_TEST

/* What is found can be read by the parsers that it is for. */
START_TEST(parsers_agree)
{
	static struct sdp sdp;
	struct slice in =
		SLICE("{\"sdp\":\"" SDP(ESC) "\",\"c\":\"" CAND "\"}");
	struct sdp_candidate cand;
	struct sdp_find f;
	struct sdp_found it;
	char scratch[256];

	ck_assert(sdp_find_begin(&f, in, scratch, sizeof(scratch)));
	ck_assert(sdp_find_next(&f, &it));
	ck_assert_int_eq(it.kind, FOUND_SDP);
	ck_assert_int_eq(sdp_parse(it.text, &sdp), PARSE_OK);
	ck_assert(sdp_find_next(&f, &it));
	ck_assert_int_eq(it.kind, FOUND_CANDIDATE);
	ck_assert(sdp_candidate_parse(it.text, &cand));
	ck_assert_int_eq(cand.type, SDP_CAND_HOST);
	ck_assert(!sdp_find_next(&f, &it));
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int main(void)
{
	Suite *s = suite_create("sdp_find");
	TCase *t = tcase_create("sdp_find");

	tcase_add_loop_test(t, bodies, 0, COUNT(rows));
	tcase_add_loop_test(t, every_prefix, 0, COUNT(rows));
	tcase_add_test(t, small_scratch);
	tcase_add_test(t, ordinary_traffic);
	tcase_add_test(t, deep);
	tcase_add_test(t, wrapped);
	tcase_add_loop_test(t, hostile, 0, 21);
	tcase_add_test(t, parsers_agree);
	suite_add_tcase(s, t);
	return run_suite(s);
}
