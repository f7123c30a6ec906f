/*
 * SIP torture messages: the 49 of RFC 4475 from ../shared, and messages of our
 * own of the same classes and of RFC 5118 (IPv6), which need nothing.
 * What RFC 4475 calls invalid is refused where the message is of no use (a
 * start line or CSeq that means nothing), else read and its fault named: a
 * monitor shows what was sent.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "dissectors/sdp.h"
#include "tests/run_suite.h"
#include "tests/sip_inside.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define S(lit)	 SLICE_INIT(lit)

struct want {
	const char *name; /* file in rfc4475/, or what it is about */
	enum parse parse;
	const char *fault;
	enum sip_method method;
	uint16_t status;
	uint32_t cseq;
	unsigned vias;
	const char *call_id; /* these three: NULL not looked at */
	const char *from;    /* user@host */
	const char *to;
	unsigned media; /* in its SDP */
};

/* clang-format off */
/* Call-ID, CSeq and media are those of expected/rfc4475.json (tshark), but
 * ncl: its body is there, although the length is not. */
static const struct want files[] = {
	{ "wsinv", PARSE_OK, NULL, SIP_INVITE, 0, 9, 3,
	  "wsinv.ndaksdj@192.0.2.1",
	  "jdrosen@example.com", "vivekg@chair-dnrc.example.com", 2 },
	{ "intmeth", PARSE_OK, NULL, SIP_METHOD_OTHER, 0, 139122385, 1,
	  "intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{",
	  "mundane@example.com",
	  "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com", 0 },
	{ "esc01", PARSE_OK, NULL, SIP_INVITE, 0, 234234, 1,
	  "esc01.239409asdfakjkn23onasd0-3234",
	  "I%20have%20spaces@example.net", "%75se%72@example.com", 2 },
	{ "escnull", PARSE_OK, NULL, SIP_REGISTER, 0, 14398234, 1,
	  "escnull.39203ndfvkjdasfkq3w4otrq0adsfdfnavd",
	  "null-%00-null@example.com", "null-%00-null@example.com", 0 },
	{ "esc02", PARSE_OK, NULL, SIP_METHOD_OTHER, 0, 29344, 1,
	  "esc02.asdfnqwo34rq23i34jrjasdcnl23nrlknsdf",
	  "resource@example.com", "resource@example.com", 0 },
	{ "lwsdisp", PARSE_OK, NULL, SIP_OPTIONS, 0, 60, 1,
	  "lwsdisp.1234abcd@funky.example.com",
	  "caller@example.com", "user@example.com", 0 },
	{ "longreq", PARSE_OK, NULL, SIP_INVITE, 0, 3882340, 34, NULL, NULL,
	  "user@example.com", 2 },
	{ "dblreq", PARSE_OK, NULL, SIP_REGISTER, 0, 8, 1,
	  "dblreq.0ha0isndaksdj99sdfafnl3lk233412",
	  "j.user@example.com", "j.user@example.com", 0 },
	{ "semiuri", PARSE_OK, NULL, SIP_OPTIONS, 0, 8, 1,
	  "semiuri.0ha0isndaksdj",
	  "caller@example.org", "j_user@example.com", 0 },
	{ "transports", PARSE_OK, NULL, SIP_OPTIONS, 0, 60, 5,
	  "transports.kijh4akdnaqjkwendsasfdj",
	  "caller@example.com", "user@example.com", 0 },
	{ "mpart01", PARSE_OK, NULL, SIP_MESSAGE, 0, 1, 1,
	  "3d9485ad0c49859b@Zmx1ZmZ5LW1hYy0xNi5sb2NhbA..",
	  "fluffy@example.com", "kumiko@example.org", 0 },
	{ "unreason", PARSE_OK, NULL, SIP_INVITE, 200, 35, 1,
	  "unreason.1234ksdfak3j2erwedfsASdf",
	  "user@example.com", "user@example.edu", 2 },
	{ "noreason", PARSE_OK, NULL, SIP_INVITE, 100, 35, 1,
	  "noreason.asndj203insdf99223ndf",
	  "user@example.com", "user@example.edu", 0 },
	{ "badinv01", PARSE_OK, "sip.bad_via", SIP_INVITE, 0, 8, 2,
	  "badinv01.0ha0isndaksdjasdf3234nas",
	  "caller@example.net", "j.user@example.com", 2 },
	{ "clerr", PARSE_OK, "sip.body_cut", SIP_INVITE, 0, 8, 1,
	  "clerr.0ha0isndaksdjweiafasdk3",
	  "caller@example.net", "j.user@example.com", 2 },
	{ "ncl", PARSE_OK, "sip.bad_content_length", SIP_INVITE, 0, 0, 1,
	  "ncl.0ha0isndaksdj2193423r542w35",
	  "caller@example.net", "j.user@example.com", 2 },
	{ "scalar02", PARSE_BAD, "sip.bad_cseq", 0, 0, 0, 0, NULL, NULL, NULL, 0 },
	{ "scalarlg", PARSE_BAD, "sip.bad_cseq", 0, 0, 0, 0, NULL, NULL, NULL, 0 },
	{ "quotbal", PARSE_OK, "sip.bad_to", SIP_INVITE, 0, 8, 1,
	  "quotbal.aksdj",
	  "caller@example.net", "j.user@example.com", 2 },
	{ "ltgtruri", PARSE_OK, "sip.bad_request_uri", SIP_INVITE, 0, 1, 1,
	  "ltgtruri.1@192.0.2.5",
	  "caller@example.net", "user@example.com", 2 },
	{ "lwsruri", PARSE_BAD, "sip.bad_start_line", 0, 0, 0, 0, NULL, NULL, NULL, 0 },
	{ "lwsstart", PARSE_BAD, "sip.bad_start_line", 0, 0, 0, 0, NULL, NULL, NULL, 0 },
	{ "trws", PARSE_BAD, "sip.bad_start_line", 0, 0, 0, 0, NULL, NULL, NULL, 0 },
	{ "escruri", PARSE_OK, "sip.bad_request_uri", SIP_INVITE, 0, 149209342, 1,
	  "escruri.23940-asdfhj-aje3br-234q098w-fawerh2q-h4n5",
	  "caller@example.net", "user@example.com", 2 },
	{ "baddate", PARSE_OK, "sip.bad_date", SIP_INVITE, 0, 1392934, 1,
	  "baddate.239423mnsadf3j23lj42--sedfnm234",
	  "caller@example.net", "user@example.com", 2 },
	{ "regbadct", PARSE_OK, "sip.bad_contact", SIP_REGISTER, 0, 1, 1,
	  "regbadct.k345asrl3fdbv@10.0.0.1",
	  "user@example.com", "user@example.com", 0 },
	{ "badaspec", PARSE_OK, "sip.bad_to", SIP_OPTIONS, 0, 3923239, 1,
	  "badaspec.sdf0234n2nds0a099u23h3hnnw009cdkne3",
	  "a.g.bell@example.com", "t.watson@example.org", 0 },
	{ "baddn", PARSE_OK, "sip.bad_from", SIP_OPTIONS, 0, 3923239, 1,
	  "baddn.31415@c.example.com",
	  "a.g.bell@example.com", "t.watson@example.org", 0 },
	{ "badvers", PARSE_BAD, "sip.bad_version", 0, 0, 0, 0, NULL, NULL, NULL, 0 },
	{ "mismatch01", PARSE_OK, "sip.cseq_mismatch", SIP_OPTIONS, 0, 8, 1,
	  "mismatch01.dj0234sxdfl3",
	  "caller@example.net", "j.user@example.com", 0 },
	{ "mismatch02", PARSE_OK, "sip.cseq_mismatch", SIP_METHOD_OTHER, 0, 8, 1,
	  "mismatch02.dj0234sxdfl3",
	  "caller@example.net", "j.user@example.com", 2 },
	{ "bigcode", PARSE_BAD, "sip.bad_status", 0, 0, 0, 0, NULL, NULL, NULL, 0 },
	{ "badbranch", PARSE_OK, NULL, SIP_OPTIONS, 0, 8, 1,
	  "badbranch.sadonfo23i420jv0as0derf3j3n",
	  "caller@example.org", "user@example.com", 0 },
	{ "insuf", PARSE_BAD, "sip.no_call_id", 0, 0, 0, 0, NULL, NULL, NULL, 0 },
	{ "unkscm", PARSE_OK, NULL, SIP_OPTIONS, 0, 3923423, 1,
	  "unkscm.nasdfasser0q239nwsdfasdkl34",
	  "caller@example.net", "user@example.com", 0 },
	{ "novelsc", PARSE_OK, NULL, SIP_OPTIONS, 0, 3923423, 1,
	  "novelsc.asdfasser0q239nwsdfasdkl34",
	  "caller@example.net", "user@example.com", 0 },
	{ "unksm2", PARSE_OK, NULL, SIP_REGISTER, 0, 234902, 1,
	  "unksm2.daksdj@hyphenated-host.example.com",
	  "", "", 0 },
	{ "bext01", PARSE_OK, NULL, SIP_OPTIONS, 0, 8, 1,
	  "bext01.0ha0isndaksdj",
	  "caller@example.net", "j_user@example.com", 0 },
	{ "invut", PARSE_OK, NULL, SIP_INVITE, 0, 235448, 1,
	  "invut.0ha0isndaksdjadsfij34n23d",
	  "caller@example.net", "j.user@example.com", 0 },
	{ "regaut01", PARSE_OK, NULL, SIP_REGISTER, 0, 9338, 1,
	  "regaut01.0ha0isndaksdj",
	  "j.user@example.com", "j.user@example.com", 0 },
	{ "multi01", PARSE_OK, "sip.duplicate_header", SIP_INVITE, 0, 5, 1,
	  "multi01.98asdh@192.0.2.1",
	  "caller@example.com", "user@example.com", 2 },
	{ "mcl01", PARSE_OK, "sip.duplicate_header", SIP_OPTIONS, 0, 15932, 1,
	  "mcl01.fhn2323orihawfdoa3o4r52o3irsdf",
	  "other@example.net", "user@example.com", 0 },
	{ "bcast", PARSE_OK, NULL, SIP_INVITE, 200, 35, 2,
	  "bcast.0384840201234ksdfak3j2erwedfsASdf",
	  "user@example.com", "user@example.edu", 2 },
	{ "zeromf", PARSE_OK, NULL, SIP_OPTIONS, 0, 39234321, 1,
	  "zeromf.jfasdlfnm2o2l43r5u0asdfas",
	  "caller@example.net", "user@example.com", 0 },
	{ "cparam01", PARSE_OK, NULL, SIP_REGISTER, 0, 2, 1,
	  "cparam01.70710@saturn.example.com",
	  "watson@example.com", "watson@example.com", 0 },
	{ "cparam02", PARSE_OK, NULL, SIP_REGISTER, 0, 3, 1,
	  "cparam02.70710@saturn.example.com",
	  "watson@example.com", "watson@example.com", 0 },
	{ "regescrt", PARSE_OK, NULL, SIP_REGISTER, 0, 14398234, 1,
	  "regescrt.k345asrl3fdbv@192.0.2.1",
	  "user@example.com", "user@example.com", 0 },
	{ "sdp01", PARSE_OK, NULL, SIP_INVITE, 0, 8, 1,
	  "sdp01.ndaksdj9342dasdd",
	  "caller@example.net", "j_user@example.com", 2 },
	{ "inv2543", PARSE_OK, NULL, SIP_INVITE, 0, 56, 1,
	  "inv2543.1717@ift.client.example.com",
	  "+13035551111@ift.client.example.net",
	  "+16505552222@ss1.example.net", 1 },
};

#define HEAD "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nCall-ID: i@h\r\n"
#define PEERS "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\n"
#define AUDIO "v=0\r\nm=audio 49217 RTP/AVP 0\r\n"

static const struct {
	struct slice in;
	struct want want;
} own[] = {
	{ S("INVITE sip:c@d;unknown SIP/2.0\r\nTO :\r\n sip:c@d ;  tag  = 1n\r\n"
	    "from   : \"J \\\\\\\"\"    <sip:a@b>\r\n  ;\r\n  tag = 98\r\n"
	    "MaX-fOrWaRdS: 0068\r\ni: i@h\r\ncseq: 0009\r\n  INVITE\r\n"
	    "Via  : SIP  /   2.0\r\n /UDP\r\n    192.0.2.2;branch=390\r\n"
	    "s :\r\nNew: ;;,,;;,;\r\nv:  SIP  / 2.0  / TCP  x ; branch = z ,\r\n"
	    " SIP/2.0/UDP 192.0.2.3\r\nc: application/sdp\r\n"
	    "Content-Length   : 30\r\n\r\n" AUDIO),
	  { "short tortuous INVITE", PARSE_OK, NULL, SIP_INVITE, 0, 9, 3,
	    "i@h", "a@b", "c@d", 1 } },
	{ S("!odd-Method09_*+`.%'~ sip:1_u~(x)&i't+i$/c?,/;;*:&p=1@d SIP/2.0\r\n"
	    HEAD "From: t1~` t2'+_ <sip:a@b>;x''~=\"\xd1\x80\";tag=_\r\n"
	    "To: \"BEL:\\\7 NUL:\\\0\" <sip:c@d>\r\n"
	    "CSeq: 1 !odd-Method09_*+`.%'~\r\n\r\n"),
	  { "wide range of characters", PARSE_OK, NULL, SIP_METHOD_OTHER, 0, 1,
	    1, "i@h", "a@b", "c@d", 0 } },
	{ S("RE%47ISTER sip:d SIP/2.0\r\n" HEAD PEERS
	    "CSeq: 1 RE%47ISTER\r\n\r\n"),
	  { "% is no escape in a method", PARSE_OK, NULL, SIP_METHOD_OTHER, 0, 1,
	    1, "i@h", "a@b", "c@d", 0 } },
	{ S("REGISTER sip:d SIP/2.0\r\n" HEAD PEERS "CSeq: 1 REGISTER\r\nl: 0\r\n"
	    "\r\nINVITE sip:c@d SIP/2.0\r\n" HEAD PEERS "CSeq: 2 INVITE\r\n\r\n"),
	  { "a second request behind the first", PARSE_OK, NULL, SIP_REGISTER,
	    0, 1, 1, "i@h", "a@b", "c@d", 0 } },
	{ S("SIP/2.0 200 = 2**3 * 5**2 \xd0\xbd\r\n" HEAD PEERS
	    "CSeq: 1 INVITE\r\n\r\n"),
	  { "unusual phrase", PARSE_OK, NULL, SIP_INVITE, 200, 1, 1, "i@h",
	    "a@b", "c@d", 0 } },
	{ S("SIP/2.0 100 \r\n" HEAD PEERS "CSeq: 1 INVITE\r\n\r\n"),
	  { "empty phrase", PARSE_OK, NULL, SIP_INVITE, 100, 1, 1, "i@h", "a@b",
	    "c@d", 0 } },
	{ S("INVITE sip:c@d SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.15;;,;,,\r\n"
	    "Call-ID: i@h\r\n" PEERS "CSeq: 8 INVITE\r\n\r\n"),
	  { "extra separators", PARSE_OK, "sip.bad_via", SIP_INVITE, 0, 8, 2,
	    "i@h", "a@b", "c@d", 0 } },
	{ S("INVITE sip:c@d SIP/2.0\r\n" HEAD PEERS "CSeq: 8 INVITE\r\n"
	    "Content-Type: application/sdp\r\nContent-Length: 9999\r\n\r\n" AUDIO),
	  { "length past the end", PARSE_OK, "sip.body_cut", SIP_INVITE, 0, 8,
	    1, "i@h", "a@b", "c@d", 1 } },
	{ S("INVITE sip:c@d SIP/2.0\r\n" HEAD PEERS "CSeq: 8 INVITE\r\n"
	    "Content-Type: application/sdp\r\nContent-Length: -999\r\n\r\n" AUDIO),
	  { "negative length", PARSE_OK, "sip.bad_content_length", SIP_INVITE,
	    0, 8, 1, "i@h", "a@b", "c@d", 1 } },
	{ S("REGISTER sip:d SIP/2.0\r\n" HEAD PEERS
	    "CSeq: 36893488147419103232 REGISTER\r\n\r\n"),
	  { "overlarge CSeq", PARSE_BAD, "sip.bad_cseq", 0, 0, 0, 0, NULL, NULL,
	    NULL, 0 } },
	{ S("REGISTER sip:d SIP/2.0\r\n" HEAD PEERS "CSeq: 1 REGISTER\r\n"
	    "Expires: 100000000000000000000\r\n\r\n"),
	  { "overlarge Expires", PARSE_OK, "sip.bad_expires", SIP_REGISTER, 0,
	    1, 1, "i@h", "a@b", "c@d", 0 } },
	{ S("INVITE sip:c@d SIP/2.0\r\n" HEAD "From: <sip:a@b>;tag=1\r\n"
	    "To: \"Mr. J. User <sip:c@d>\r\nCSeq: 8 INVITE\r\n\r\n"),
	  { "open quote", PARSE_OK, "sip.bad_to", SIP_INVITE, 0, 8, 1, "i@h",
	    "a@b", "c@d", 0 } },
	{ S("INVITE <sip:c@d> SIP/2.0\r\n" HEAD PEERS "CSeq: 8 INVITE\r\n\r\n"),
	  { "<> around the Request-URI", PARSE_OK, "sip.bad_request_uri",
	    SIP_INVITE, 0, 8, 1, "i@h", "a@b", "c@d", 0 } },
	{ S("INVITE sip:c@d?Route=%3Csip:x%3E SIP/2.0\r\n" HEAD PEERS
	    "CSeq: 8 INVITE\r\n\r\n"),
	  { "headers in the Request-URI", PARSE_OK, "sip.bad_request_uri",
	    SIP_INVITE, 0, 8, 1, "i@h", "a@b", "c@d", 0 } },
	{ S("INVITE sip:c@d; lr SIP/2.0\r\n" HEAD PEERS "CSeq: 8 INVITE\r\n\r\n"),
	  { "blank in the Request-URI", PARSE_BAD, "sip.bad_start_line", 0, 0,
	    0, 0, NULL, NULL, NULL, 0 } },
	{ S("OPTIONS sip:d SIP/2.0\r\n" HEAD PEERS "CSeq: 8 OPTIONS\r\n"
	    "Date: Fri, 01 Jan 2010 16:00:00 EST\r\n\r\n"),
	  { "time zone", PARSE_OK, "sip.bad_date", SIP_OPTIONS, 0, 8, 1, "i@h",
	    "a@b", "c@d", 0 } },
	{ S("REGISTER sip:d SIP/2.0\r\n" HEAD PEERS "CSeq: 1 REGISTER\r\n"
	    "Contact: sip:a@b?Route=%3Csip:x%3E\r\n\r\n"),
	  { "headers in a bare Contact", PARSE_OK, "sip.bad_contact",
	    SIP_REGISTER, 0, 1, 1, "i@h", "a@b", "c@d", 0 } },
	{ S("OPTIONS sip:d SIP/2.0\r\n" HEAD "From: Bell, A <sip:a@b>;tag=1\r\n"
	    "To: < sip:c@d >\r\nCSeq: 1 OPTIONS\r\n\r\n"),
	  { "comma in a display name, blanks inside <>", PARSE_OK,
	    "sip.bad_from", SIP_OPTIONS, 0, 1, 1, "i@h", "a@b", "c@d", 0 } },
	{ S("OPTIONS sip:d SIP/7.0\r\n" HEAD PEERS "CSeq: 1 OPTIONS\r\n\r\n"),
	  { "version", PARSE_BAD, "sip.bad_version", 0, 0, 0, 0, NULL, NULL,
	    NULL, 0 } },
	{ S("SIP/2.0 4294967301 x\r\n" HEAD PEERS "CSeq: 1 INVITE\r\n\r\n"),
	  { "overlarge status", PARSE_BAD, "sip.bad_status", 0, 0, 0, 0, NULL,
	    NULL, NULL, 0 } },
	{ S("INVITE sip:c@d SIP/2.0\r\nCSeq: 1 INVITE\r\n\r\n"),
	  { "headers missing", PARSE_BAD, "sip.no_call_id", 0, 0, 0, 0, NULL,
	    NULL, NULL, 0 } },
	{ S("OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0\r\n" HEAD
	    "From: <http://www.example.com>;tag=1\r\nTo: isbn:2983792873\r\n"
	    "CSeq: 1 OPTIONS\r\n\r\n"),
	  { "unknown schemes", PARSE_OK, NULL, SIP_OPTIONS, 0, 1, 1, "i@h", "",
	    "", 0 } },
	{ S("INVITE sip:c@d SIP/2.0\r\n" HEAD PEERS "CSeq: 1 INVITE\r\n"
	    "Call-ID: other\r\nCSeq: 2 INVITE\r\nTo: <sip:x@y>\r\n\r\n"),
	  { "single values twice", PARSE_OK, "sip.duplicate_header",
	    SIP_INVITE, 0, 1, 1, "i@h", "a@b", "c@d", 0 } },
	{ S("INVITE sip:c@d SIP/2.0\r\nVia: SIP/2.0/UDP iftgw\r\n"
	    "From: <sip:a@b;user=phone>\r\nTo: sip:c@d;user=phone\r\n"
	    "Call-ID: i@h\r\nCSeq: 56 INVITE\r\nContent-Type: application/sdp\r\n"
	    "\r\n" AUDIO),
	  { "RFC 2543", PARSE_OK, NULL, SIP_INVITE, 0, 56, 1, "i@h", "a@b",
	    "c@d", 1 } },
	/* RFC 5118 */
	{ S("REGISTER sip:[2001:db8::10] SIP/2.0\r\n"
	    "Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bK1\r\n"
	    "Call-ID: i@[2001:db8::9:1]\r\nFrom: <sip:a@[2001:db8::10]>;tag=1\r\n"
	    "To: <sip:a@[2001:db8::10]:5060>\r\nCSeq: 1 REGISTER\r\n"
	    "Contact: \"x\" <sip:a@[2001:db8::1]>\r\n\r\n"),
	  { "IPv6 references (5118, 4.1)", PARSE_OK, NULL, SIP_REGISTER, 0, 1,
	    1, "i@[2001:db8::9:1]", "a@2001:db8::10", "a@2001:db8::10", 0 } },
	{ S("REGISTER sip:2001:db8::10 SIP/2.0\r\n" HEAD PEERS
	    "CSeq: 1 REGISTER\r\n\r\n"),
	  { "IPv6 without [] (5118, 4.2)", PARSE_OK, "sip.bad_request_uri",
	    SIP_REGISTER, 0, 1, 1, "i@h", "a@b", "c@d", 0 } },
	{ S("REGISTER sip:[2001:db8::10:5070] SIP/2.0\r\n" HEAD PEERS
	    "CSeq: 1 REGISTER\r\n\r\n"),
	  { "port inside [] (5118, 4.3)", PARSE_OK, NULL, SIP_REGISTER, 0, 1, 1,
	    "i@h", "a@b", "c@d", 0 } },
	{ S("BYE sip:[2001:db8::10] SIP/2.0\r\n"
	    "Via: SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255];"
	    "branch=z9hG4bK1, SIP/2.0/UDP 192.0.2.1;received=2001:db8::9\r\n"
	    "Call-ID: i@h\r\n" PEERS "CSeq: 1 BYE\r\n\r\n"),
	  { "received with and without [] (5118, 4.5)", PARSE_OK, NULL,
	    SIP_BYE, 0, 1, 2, "i@h", "a@b", "c@d", 0 } },
	{ S("INVITE sip:c@[2001:db8::20] SIP/2.0\r\n" HEAD PEERS
	    "CSeq: 1 INVITE\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n"
	    "o=a 1 1 IN IP6 2001:db8::20\r\nc=IN IP6 2001:db8::20\r\n"
	    "m=audio 1 RTP/AVP 0\r\nm=video 3 RTP/AVP 31\r\n"
	    "c=IN IP4 192.0.2.20\r\n"),
	  { "both families in SDP (5118, 4.6)", PARSE_OK, NULL, SIP_INVITE, 0,
	    1, 1, "i@h", "a@b", "c@d", 2 } },
	{ S("INVITE sip:c@[::ffff:192.0.2.1]:5060 SIP/2.0\r\n" HEAD
	    "From: <sip:a@[::ffff:192.0.2.2]>;tag=1\r\nTo: <sip:c@d>\r\n"
	    "CSeq: 1 INVITE\r\n\r\n"),
	  { "mapped IPv4 (5118, 4.9)", PARSE_OK, NULL, SIP_INVITE, 0, 1, 1,
	    "i@h", "a@::ffff:192.0.2.2", "c@d", 0 } },
};
/* clang-format on */

static void text_is(const struct want *w, const char *field, struct slice got,
		    const char *want)
{
	if (want)
		ck_assert_msg(slice_eq(got, slice_str(want)), "%s: %s \"%.*s\"",
			      w->name, field, SLICE_ARG(got));
}

static void user_host_is(const struct want *w, const char *field,
			 const struct sip_uri *u, const char *want)
{
	char buf[256] = "";

	if (u->host.len)
		snprintf(buf, sizeof(buf), "%.*s@%.*s", SLICE_ARG(u->user),
			 SLICE_ARG(u->host));
	text_is(w, field, slice_str(buf), want);
}

static unsigned media_of(const struct sip_msg *m)
{
	static struct sdp sdp;
	struct slice body;

	if (!sip_find_sdp(m, &body) || sdp_parse(body, &sdp) != PARSE_OK)
		return 0;
	return sdp.media_count;
}

static void judge(struct slice in, const struct want *w)
{
	struct sip_msg m;
	enum parse got = sip_parse(in, SIP_DATAGRAM, &m);

	ck_assert_msg(sip_probe(in), "%s: not taken for SIP", w->name);
	ck_assert_msg(got == w->parse, "%s: parse %d", w->name, got);
	text_is(w, "fault", slice_str(m.fault), w->fault ? w->fault : "");
	if (got != PARSE_OK)
		return;
	ck_assert_msg(m.method == w->method && m.status == w->status &&
			      m.cseq == w->cseq && m.via_count == w->vias,
		      "%s: %s %u %u, %u Via", w->name,
		      sip_method_name(m.method), m.status, m.cseq, m.via_count);
	text_is(w, "Call-ID", m.call_id, w->call_id);
	user_host_is(w, "From", &m.from.uri, w->from);
	user_host_is(w, "To", &m.to.uri, w->to);
	ck_assert_msg(media_of(&m) == w->media, "%s: %u media", w->name,
		      media_of(&m));
}

static FILE *shared_open(const char *name)
{
	const char *src = getenv("CALLSCOPE_SRC");
	const char *shared = getenv("CALLSCOPE_SHARED");
	char path[4096];

	if (shared)
		snprintf(path, sizeof(path),
			 "%s/captures/malformed/rfc4475/%s.dat", shared, name);
	else
		snprintf(path, sizeof(path),
			 "%s/../shared/captures/malformed/rfc4475/%s.dat",
			 src ? src : ".", name);
	return fopen(path, "rb");
}

static void parse_both(struct slice in, void *arg)
{
	struct sip_msg m;

	(void)arg;
	if (sip_parse(in, SIP_DATAGRAM, &m) == PARSE_OK)
		ck_assert(sip_msg_inside(&m, in));
	if (sip_parse(in, SIP_STREAM, &m) == PARSE_OK)
		ck_assert(sip_msg_inside(&m, in));
}

START_TEST(rfc4475)
{
	static uint8_t buf[8192];
	FILE *f = shared_open(files[_i].name);
	size_t n;

	if (!f) {
		printf("SKIP torture %s: ../shared/captures is not there\n",
		       files[_i].name);
		return;
	}
	n = fread(buf, 1, sizeof(buf), f);
	fclose(f);
	judge(slice_of(buf, n), &files[_i]);
	prefix_each(slice_of(buf, n), parse_both, NULL);
}
END_TEST

START_TEST(inline_one)
{
	judge(own[_i].in, &own[_i].want);
	prefix_each(own[_i].in, parse_both, NULL);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("torture");
	TCase *tc = tcase_create("torture");

	tcase_add_loop_test(tc, rfc4475, 0, (int)COUNT(files));
	tcase_add_loop_test(tc, inline_one, 0, (int)COUNT(own));
	suite_add_tcase(s, tc);
	return run_suite(s);
}
