/* SIP messages: fields, faults, framing, probing, resynchronisation. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "dissectors/sip.h"
#include "tests/run_suite.h"
#include "tests/sip_inside.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define S(lit)	 SLICE_INIT(lit)

#define VIA	"Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport\r\n"
#define FROM	"From: \"Al\" <sip:alice@example.com>;tag=a1\r\n"
#define TO	"To: <sip:bob@example.com>\r\n"
#define ID	"Call-ID: c1@h\r\n"
#define BASE	VIA FROM TO ID
#define INVITE	"INVITE sip:bob@example.com SIP/2.0\r\n" BASE
#define OPTIONS "OPTIONS sip:bob@example.com SIP/2.0\r\n" BASE

static void eq(struct slice got, const char *want)
{
	ck_assert_msg(slice_eq(got, slice_str(want)), "\"%.*s\", not \"%s\"",
		      SLICE_ARG(got), want);
}

static const struct row {
	const char *name;
	struct slice in;
	enum parse want;
	const char *fault; /* NULL: none */
	enum sip_method method;
	uint16_t status;
	uint32_t cseq;
	size_t body;
	uint16_t hdrs;
} rows[] = {
	{"invite", S(INVITE "CSeq: 7 INVITE\r\nContent-Length: 2\r\n\r\nhi"),
	 PARSE_OK, NULL, SIP_INVITE, 0, 7, 2, 6},
	{"no length: body is the rest", S(INVITE "CSeq: 7 INVITE\r\n\r\nhello"),
	 PARSE_OK, NULL, SIP_INVITE, 0, 7, 5, 5},
	{"octets past the length",
	 S(INVITE "CSeq: 7 INVITE\r\nl: 2\r\n\r\nhiINVITE"), PARSE_OK, NULL,
	 SIP_INVITE, 0, 7, 2, 6},
	{"body cut", S(INVITE "CSeq: 7 INVITE\r\nl: 20\r\n\r\nhi"), PARSE_OK,
	 "sip.body_cut", SIP_INVITE, 0, 7, 2, 6},
	{"head cut", S(INVITE "CSeq: 7 INVITE\r\nContent-Le"), PARSE_OK,
	 "sip.head_cut", SIP_INVITE, 0, 7, 0, 5},
	{"status", S("SIP/2.0 486 Busy Here\r\n" BASE "CSeq: 7 INVITE\r\n\r\n"),
	 PARSE_OK, NULL, SIP_INVITE, 486, 7, 0, 5},
	{"status without phrase and blank",
	 S("SIP/2.0 200\r\n" BASE "CSeq: 7 BYE\r\n\r\n"), PARSE_OK, NULL,
	 SIP_BYE, 200, 7, 0, 5},
	{"status 99", S("SIP/2.0 099 No\r\n" BASE "CSeq: 7 BYE\r\n\r\n"),
	 PARSE_BAD, "sip.bad_status", 0, 0, 0, 0, 0},
	{"status 700", S("SIP/2.0 700 No\r\n" BASE "CSeq: 7 BYE\r\n\r\n"),
	 PARSE_BAD, "sip.bad_status", 0, 0, 0, 0, 0},
	{"LF only",
	 S("BYE sip:b SIP/2.0\nv:SIP/2.0/TCP h\nf:<sip:a>\nt:<sip:b>\n"
	   "i:1\nCSeq:3 BYE\n\n"),
	 PARSE_OK, NULL, SIP_BYE, 0, 3, 0, 5},
	{"compact",
	 S("MESSAGE sip:b SIP/2.0\r\nv: SIP/2.0/UDP h\r\n"
	   "f: <sip:a>\r\nt: <sip:b>\r\ni: 1\r\nCSeq: 3 MESSAGE\r\n"
	   "c: text/plain\r\nl: 1\r\nm: <sip:a>\r\n\r\nx"),
	 PARSE_OK, NULL, SIP_MESSAGE, 0, 3, 1, 8},
	{"folded",
	 S("REFER sip:b SIP/2.0\r\nVia: SIP / 2.0\r\n / UDP\r\n\th\r\n"
	   "From\t:\r\n <sip:a>\r\n ;tag=1\r\nTo: <sip:b>\r\n"
	   "Call-ID:\r\n 1\r\nCSeq: 3\r\n  REFER\r\n\r\n"),
	 PARSE_OK, NULL, SIP_REFER, 0, 3, 0, 5},
	{"leading CRLFs", S("\r\n\r\n" OPTIONS "CSeq: 7 OPTIONS\r\n\r\n"),
	 PARSE_OK, NULL, SIP_OPTIONS, 0, 7, 0, 5},
	{"unknown method",
	 S("FLY sip:b SIP/2.0\r\n" BASE "CSeq: 1 FLY\r\n\r\n"), PARSE_OK, NULL,
	 SIP_METHOD_OTHER, 0, 1, 0, 5},
	{"methods are case-sensitive",
	 S("invite sip:b SIP/2.0\r\n" BASE "CSeq: 1 invite\r\n\r\n"), PARSE_OK,
	 NULL, SIP_METHOD_OTHER, 0, 1, 0, 5},
	{"NUL and 8 bit",
	 S("INFO sip:b SIP/2.0\r\n" BASE
	   "CSeq: 1 INFO\r\nY: a\0b\xff\r\n\r\n\0\1"),
	 PARSE_OK, NULL, SIP_INFO, 0, 1, 2, 6},
	{"sips and lower-case version",
	 S("PRACK sips:b sip/2.0\r\n" BASE "CSeq: 1 PRACK\r\n\r\n"), PARSE_OK,
	 NULL, SIP_PRACK, 0, 1, 0, 5},
	{"keep-alive", S("\r\n\r\n"), PARSE_MORE, NULL, 0, 0, 0, 0, 0},
	{"two blanks",
	 S("INVITE  sip:b SIP/2.0\r\n" BASE "CSeq: 1 INVITE\r\n\r\n"),
	 PARSE_BAD, "sip.bad_start_line", 0, 0, 0, 0, 0},
	{"trailing blank",
	 S("INVITE sip:b SIP/2.0 \r\n" BASE "CSeq: 1 INVITE\r\n\r\n"),
	 PARSE_BAD, "sip.bad_start_line", 0, 0, 0, 0, 0},
	{"version", S("INVITE sip:b SIP/7.0\r\n" BASE "CSeq: 1 INVITE\r\n\r\n"),
	 PARSE_BAD, "sip.bad_version", 0, 0, 0, 0, 0},
	{"answer's version", S("SIP/3.0 200 OK\r\n" BASE "CSeq: 1 BYE\r\n\r\n"),
	 PARSE_BAD, "sip.bad_version", 0, 0, 0, 0, 0},
	{"HTTP", S("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), PARSE_BAD,
	 "sip.bad_start_line", 0, 0, 0, 0, 0},
	{"no Call-ID",
	 S("BYE sip:b SIP/2.0\r\n" VIA FROM TO "CSeq: 1 BYE\r\n\r\n"),
	 PARSE_BAD, "sip.no_call_id", 0, 0, 0, 0, 0},
	{"no CSeq", S("BYE sip:b SIP/2.0\r\n" BASE "\r\n"), PARSE_BAD,
	 "sip.no_cseq", 0, 0, 0, 0, 0},
	{"CSeq without method",
	 S("BYE sip:b SIP/2.0\r\n" BASE "CSeq: 1\r\n\r\n"), PARSE_BAD,
	 "sip.bad_cseq", 0, 0, 0, 0, 0},
	{"CSeq too large", S(INVITE "CSeq: 4294967296 INVITE\r\n\r\n"),
	 PARSE_BAD, "sip.bad_cseq", 0, 0, 0, 0, 0},
	{"CSeq differs", S(INVITE "CSeq: 1 BYE\r\n\r\n"), PARSE_OK,
	 "sip.cseq_mismatch", SIP_INVITE, 0, 1, 0, 5},
	{"no From", S("BYE sip:b SIP/2.0\r\n" VIA TO ID "CSeq: 1 BYE\r\n\r\n"),
	 PARSE_OK, "sip.no_from", SIP_BYE, 0, 1, 0, 4},
	{"no To", S("BYE sip:b SIP/2.0\r\n" VIA FROM ID "CSeq: 1 BYE\r\n\r\n"),
	 PARSE_OK, "sip.no_to", SIP_BYE, 0, 1, 0, 4},
	{"no Via", S("BYE sip:b SIP/2.0\r\n" FROM TO ID "CSeq: 1 BYE\r\n\r\n"),
	 PARSE_OK, "sip.no_via", SIP_BYE, 0, 1, 0, 4},
	{"duplicate", S(INVITE "CSeq: 1 INVITE\r\nCSeq: 2 INVITE\r\n\r\n"),
	 PARSE_OK, "sip.duplicate_header", SIP_INVITE, 0, 1, 0, 6},
	{"no colon", S(INVITE "CSeq: 1 INVITE\r\nwhat is this\r\n\r\n"),
	 PARSE_OK, "sip.bad_header", SIP_INVITE, 0, 1, 0, 5},
	{"Max-Forwards",
	 S(INVITE "CSeq: 1 INVITE\r\nMax-Forwards: 256\r\n\r\n"), PARSE_OK,
	 "sip.bad_max_forwards", SIP_INVITE, 0, 1, 0, 6},
	{"Session-Expires",
	 S(INVITE "CSeq: 1 INVITE\r\nx: soon;refresher=uac\r\n\r\n"), PARSE_OK,
	 "sip.bad_session_expires", SIP_INVITE, 0, 1, 0, 6},
	{"RSeq", S(INVITE "CSeq: 1 INVITE\r\nRSeq: x\r\n\r\n"), PARSE_OK,
	 "sip.bad_rseq", SIP_INVITE, 0, 1, 0, 6},
	{"RAck", S(INVITE "CSeq: 1 INVITE\r\nRAck: 1 INVITE\r\n\r\n"), PARSE_OK,
	 "sip.bad_rack", SIP_INVITE, 0, 1, 0, 6},
};

/* The fields' values; whether they are wanted is told by the row. */
START_TEST(row)
{
	const struct row *r = &rows[_i];
	struct sip_msg m;
	enum parse got = sip_parse(r->in, SIP_DATAGRAM, &m);

	ck_assert_msg(got == r->want, "%s: %d", r->name, got);
	if (r->fault)
		ck_assert_msg(m.fault && !strcmp(m.fault, r->fault), "%s: %s",
			      r->name, m.fault ? m.fault : "no fault");
	else
		ck_assert_msg(!m.fault, "%s: %s", r->name, m.fault);
	if (got != PARSE_OK)
		return;
	ck_assert_msg(m.method == r->method && m.status == r->status &&
			      m.cseq == r->cseq && m.body.len == r->body &&
			      m.hdr_count == r->hdrs,
		      "%s: %s %u %u %zu %u", r->name, sip_method_name(m.method),
		      m.status, m.cseq, m.body.len, m.hdr_count);
	ck_assert(m.request == !m.status);
	ck_assert(sip_probe(r->in));
	ck_assert(sip_msg_inside(&m, r->in));
}
END_TEST

static void parse_both(struct slice in, void *arg)
{
	struct sip_msg m;

	(void)arg;
	if (sip_parse(in, SIP_DATAGRAM, &m) == PARSE_OK)
		ck_assert(sip_msg_inside(&m, in));
	if (sip_parse(in, SIP_STREAM, &m) == PARSE_OK)
		ck_assert(sip_msg_inside(&m, in));
	sip_probe(in);
	sip_resync(in);
}

START_TEST(every_prefix)
{
	prefix_each(rows[_i].in, parse_both, NULL);
}
END_TEST

START_TEST(fields)
{
	static const struct slice in =
		S("SIP/2.0 183 Session Progress\r\n"
		  "Via: SIP/2.0/WSS x.invalid:8443;branch=z9hG4bKa;"
		  "received=[2001:db8::7];rport=1234, SIP/2.0/TCP b\r\n"
		  "Via: SIP/2.0/UDP c\r\n" FROM
		  "To: Bob B <tel:+1-555;phone-context=x>;tag=b2\r\n" ID
		  "CSeq: 5 INVITE\r\n"
		  "Contact: \"C, D\" <sip:c@d;transport=ws>;+sip.x, <sip:e>\r\n"
		  "Server: srv/1\r\nUser-Agent: ua/2\r\n"
		  "Content-Type: application/sdp;charset=utf-8\r\n"
		  "Reason: Q.850;cause=16\r\n"
		  "Session-ID: ab30317f1a784dc48ff824d0d3715d86;remote="
		  "00000000000000000000000000000000\r\n"
		  "P-Asserted-Identity: <sip:p@q>\r\nExpires: 3600\r\n"
		  "Max-Forwards: 0068\r\nRSeq: 99\r\nRAck: 99 5 INVITE\r\n"
		  "Session-Expires: 1800;refresher=uas\r\nEvent: dialog\r\n"
		  "Refer-To: <sip:r@s>\r\nReferred-By: <sip:t@u>\r\n"
		  "Replaces: a;to-tag=1;from-tag=2\r\n"
		  "Proxy-Authorization: Digest secret\r\nX-Own: one\r\n"
		  "x-own: two\r\n\r\nv=0\r\n");
	struct sip_msg m;
	struct slice sdp;

	ck_assert_int_eq(sip_parse(in, SIP_DATAGRAM, &m), PARSE_OK);
	ck_assert_ptr_null(m.fault);
	eq(m.reason, "Session Progress");
	eq(m.via.transport, "WSS");
	eq(m.via.host, "x.invalid");
	eq(m.via.branch, "z9hG4bKa");
	eq(m.via.received, "2001:db8::7");
	ck_assert_uint_eq(m.via.port, 8443);
	ck_assert_uint_eq(m.via.rport, 1234);
	ck_assert_uint_eq(m.via_count, 3);
	eq(m.from.display, "Al");
	eq(m.from.tag, "a1");
	eq(m.from.uri.user, "alice");
	eq(m.from.uri.host, "example.com");
	eq(m.to.display, "Bob B");
	eq(m.to.uri.scheme, "tel");
	eq(m.to.uri.user, "+1-555");
	eq(m.to.tag, "b2");
	eq(m.call_id, "c1@h");
	eq(m.contact, "\"C, D\" <sip:c@d;transport=ws>;+sip.x, <sip:e>");
	eq(m.server, "srv/1");
	eq(m.user_agent, "ua/2");
	eq(m.reason_header, "Q.850;cause=16");
	eq(m.p_asserted_identity, "<sip:p@q>");
	eq(m.event, "dialog");
	eq(m.refer_to, "<sip:r@s>");
	eq(m.referred_by, "<sip:t@u>");
	eq(m.replaces, "a;to-tag=1;from-tag=2");
	eq(m.refresher, "uas");
	ck_assert_uint_eq(m.session_expires, 1800);
	ck_assert_uint_eq(m.expires, 3600);
	ck_assert_uint_eq(m.max_forwards, 68);
	ck_assert_uint_eq(m.rseq, 99);
	ck_assert_uint_eq(m.rack_rseq, 99);
	ck_assert_uint_eq(m.rack_cseq, 5);
	ck_assert_int_eq(m.rack_method, SIP_INVITE);
	ck_assert(m.authorization && m.has_rseq && m.has_rack);
	eq(sip_header(&m, "X-OWN", 1)->value, "two");
	eq(sip_header(&m, "v", 1)->value, "SIP/2.0/UDP c");
	ck_assert_ptr_null(sip_header(&m, "x-own", 2));
	ck_assert(sip_find_sdp(&m, &sdp));
	eq(sdp, "v=0\r\n");
}
END_TEST

START_TEST(many_headers)
{
	static char buf[16384];
	struct sip_msg m;
	int n = snprintf(buf, sizeof(buf), "BYE sip:b SIP/2.0\r\n");

	for (int i = 0; i < SIP_HDRS_MAX; i++)
		n += snprintf(buf + n, sizeof(buf) - (size_t)n, "Y: %d\r\n", i);
	n += snprintf(buf + n, sizeof(buf) - (size_t)n, "%s",
		      BASE "CSeq: 1 BYE\r\n\r\n");
	ck_assert_int_eq(sip_parse(slice_of(buf, (size_t)n), SIP_DATAGRAM, &m),
			 PARSE_OK);
	ck_assert(m.truncated);
	ck_assert_uint_eq(m.hdr_count, SIP_HDRS_MAX);
	eq(m.call_id, "c1@h");
	eq(m.from.tag, "a1");
}
END_TEST

/* ---- streams ---- */

#define FIRST OPTIONS "CSeq: 1 OPTIONS\r\nContent-Length: 6\r\n\r\nab\r\ncd"
#define SECOND                                                                 \
	"\r\n\r\nSIP/2.0 200 OK\r\n" BASE "CSeq: 1 OPTIONS\r\n"                \
	"Content-Length: 0\r\n\r\n"

/* What a stream gave: the messages so far, as text. */
struct fed {
	uint8_t buf[2048];
	size_t len;
	char got[256];
};

/* Like the engine: adds bytes, takes what is complete, keeps the rest. */
static void feed(struct fed *f, struct slice in)
{
	struct sip_msg m;
	enum parse p;

	ck_assert(f->len + in.len <= sizeof(f->buf));
	memcpy(f->buf + f->len, in.p, in.len);
	f->len += in.len;
	for (;;) {
		struct slice s = slice_of(f->buf, f->len);
		size_t at = strlen(f->got);

		p = sip_parse(s, SIP_STREAM, &m);
		if (p != PARSE_OK)
			break;
		ck_assert_ptr_null(m.fault);
		snprintf(f->got + at, sizeof(f->got) - at, "%s %u %.*s;",
			 sip_method_name(m.method), m.status,
			 SLICE_ARG(m.body));
		f->len -= m.total_len;
		memmove(f->buf, f->buf + m.total_len, f->len);
	}
	ck_assert_int_eq(p, PARSE_MORE);
}

#define WANT "OPTIONS 0 ab\r\ncd;OPTIONS 200 ;"

START_TEST(split_in_two)
{
	static const struct slice in = S(FIRST SECOND);

	for (size_t n = 0; n <= in.len; n++) {
		struct fed f = {0};

		feed(&f, slice_head(in, n));
		feed(&f, slice_from(in, n));
		ck_assert_str_eq(f.got, WANT);
		ck_assert_uint_eq(f.len, 0);
	}
}
END_TEST

START_TEST(split_in_bytes)
{
	static const struct slice in = S(FIRST SECOND);
	struct fed f = {0};

	for (size_t n = 0; n < in.len; n++)
		feed(&f, slice_of(in.p + n, 1));
	ck_assert_str_eq(f.got, WANT);
	ck_assert_uint_eq(f.len, 0);
}
END_TEST

START_TEST(stream_ends)
{
	static const struct {
		struct slice in;
		enum parse want;
		const char *fault;
		size_t total;
	} r[] = {
		{S("\r\n\r\n"), PARSE_MORE, NULL, 4},
		{S("OPTI"), PARSE_MORE, NULL, 0},
		{S("OPTIONS sip:b SI"), PARSE_MORE, NULL, 0},
		{S("SIP/2"), PARSE_MORE, NULL, 0},
		{S("\x16\x03\x01\x02"), PARSE_BAD, "sip.bad_start_line", 0},
		{S("GET / HTTP/1.1\r\n"), PARSE_BAD, "sip.bad_start_line", 0},
		{S(OPTIONS "CSeq: 1 OPTIONS\r\n\r\nrest"), PARSE_OK,
		 "sip.no_content_length",
		 sizeof(OPTIONS "CSeq: 1 OPTIONS\r\n\r\n") - 1},
		{S(OPTIONS "CSeq: 1 OPTIONS\r\nl: -1\r\n\r\n"), PARSE_BAD,
		 "sip.bad_content_length", 0},
		{S(OPTIONS "CSeq: 1 OPTIONS\r\nl: 99999999\r\n\r\n"), PARSE_BAD,
		 "sip.bad_content_length", 0},
		{S(OPTIONS "l: 2\r\n\r\nhi"), PARSE_BAD, "sip.no_cseq",
		 sizeof(OPTIONS "l: 2\r\n\r\nhi") - 1},
		{S(OPTIONS "l: 2\r\n\r\nh"), PARSE_MORE, NULL, 0},
	};

	for (size_t i = 0; i < COUNT(r); i++) {
		struct sip_msg m;
		enum parse got = sip_parse(r[i].in, SIP_STREAM, &m);

		ck_assert_msg(got == r[i].want, "%zu: %d", i, got);
		if (r[i].fault)
			ck_assert_str_eq(m.fault, r[i].fault);
		if (got != PARSE_MORE || r[i].total)
			ck_assert_uint_eq(m.total_len, r[i].total);
	}
}
END_TEST

START_TEST(endless_head)
{
	static uint8_t buf[SIP_HEAD_MAX + 64];
	struct sip_msg m;

	memset(buf, 'a', sizeof(buf));
	memcpy(buf, "BYE sip:b SIP/2.0\r\nX: ", 22);
	ck_assert_int_eq(sip_parse(slice_of(buf, SIP_HEAD_MAX), SIP_STREAM, &m),
			 PARSE_MORE);
	ck_assert_int_eq(sip_parse(slice_of(buf, sizeof(buf)), SIP_STREAM, &m),
			 PARSE_BAD);
	ck_assert_str_eq(m.fault, "sip.head_too_long");
	ck_assert_uint_eq(m.total_len, SIP_HEAD_MAX);
}
END_TEST

START_TEST(resync)
{
	static const struct {
		struct slice in;
		ptrdiff_t want;
	} r[] = {
		{S(""), -1},
		{S("garbage\r\nand more"), -1},
		{S("ntact: <sip:a>\r\n\r\nBYE sip:b SIP/2.0\r\n"), 18},
		{S("SIP/2.0 200 OK\r\n"), 0},
		{S("BYE sip:b SIP/2.0\r\n"), 0},
		{S("BYE sip:b SIP/2.0"), -1},
		{S("NVITE sip:b SIP/2.0\r\nVia: SIP/2.0/TCP x\r\n"), -1},
		{S("Via: SIP/2.0/TCP x\r\nSIP/2.0 99\r\nFLY sip:b SIP/2.0\n"),
		 32},
	};

	for (size_t i = 0; i < COUNT(r); i++)
		ck_assert_msg(sip_resync(r[i].in) == r[i].want, "%zu: %td", i,
			      sip_resync(r[i].in));
}
END_TEST

START_TEST(probe)
{
	static const struct {
		struct slice in;
		bool want;
	} r[] = {
		{S("INVITE sip:b SIP/2.0\r\n"), true},
		{S("\r\n\r\nINVITE sip:b SIP/2.0\r\n"), true},
		{S("SIP/2.0 200 OK\n"), true},
		{S("FLY tel:+1 SIP/2.0\r\n"), true},
		{S("INVITE sip:b; lr SIP/7.0 \r\n"), true}, /* a bad one */
		{S("INVITE sip:very-long"), true}, /* the line goes on */
		{S("SIP/2.0 1"), true},
		{S("INVITE sip"), false},
		{S("SIP/2.0"), false},
		{S("M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250\r\n"), false},
		{S("NOTIFY * HTTP/1.1\r\n"), false},
		{S("OPTIONS rtsp://a RTSP/1.0\r\n"), false},
		{S("OPTIONS rtsp://a"), false},
		{S("MSRP a786hjs2 SEND\r\n"), false},
		{S("Via: SIP/2.0/UDP x\r\n"), false},
		{S("\x80\x00SIP/2.0\r\n"), false},
		{S("\r\n\r\n"), false},
		{S(""), false},
	};

	for (size_t i = 0; i < COUNT(r); i++)
		ck_assert_msg(sip_probe(r[i].in) == r[i].want, "%zu", i);
}
END_TEST

START_TEST(names)
{
	/* IANA's compact forms, each in front of its name */
	static const struct slice forms[] = {
		S("aAccept-Contact"),
		S("bReferred-By"),
		S("cContent-Type"),
		S("dRequest-Disposition"),
		S("eContent-Encoding"),
		S("fFrom"),
		S("iCall-ID"),
		S("jReject-Contact"),
		S("kSupported"),
		S("lContent-Length"),
		S("mContact"),
		S("nIdentity-Info"),
		S("oEvent"),
		S("rRefer-To"),
		S("tTo"),
		S("uAllow-Events"),
		S("vVia"),
		S("xSession-Expires"),
		S("yIdentity"),
	};

	for (int i = SIP_INVITE; i < SIP_METHODS; i++) {
		const char *name = sip_method_name((enum sip_method)i);

		ck_assert_int_eq(sip_method_of(slice_str(name)), i);
	}
	ck_assert_int_eq(sip_method_of(SLICE("invite")), SIP_METHOD_OTHER);
	ck_assert_int_eq(sip_hdr_id_of(SLICE("rEfErReD-bY")),
			 SIP_HDR_REFERRED_BY);
	ck_assert_int_eq(sip_hdr_id_of(SLICE("X")), SIP_HDR_SESSION_EXPIRES);
	for (size_t i = 0; i < COUNT(forms); i++) {
		enum sip_hdr_id id = sip_hdr_id_of(slice_from(forms[i], 1));

		ck_assert_int_ne(id, SIP_HDR_OTHER);
		ck_assert_int_eq(sip_hdr_id_of(slice_head(forms[i], 1)), id);
	}
	ck_assert_int_eq(sip_hdr_id_of(SLICE("Vi")), SIP_HDR_OTHER);
	ck_assert_int_eq(sip_hdr_id_of(SLICE("")), SIP_HDR_OTHER);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sip");
	TCase *tc = tcase_create("sip");

	tcase_add_loop_test(tc, row, 0, (int)COUNT(rows));
	tcase_add_loop_test(tc, every_prefix, 0, (int)COUNT(rows));
	tcase_add_test(tc, fields);
	tcase_add_test(tc, many_headers);
	tcase_add_test(tc, split_in_two);
	tcase_add_test(tc, split_in_bytes);
	tcase_add_test(tc, stream_ends);
	tcase_add_test(tc, endless_head);
	tcase_add_test(tc, resync);
	tcase_add_test(tc, probe);
	tcase_add_test(tc, names);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
