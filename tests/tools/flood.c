/*
 * flood KIND N FILE: a capture that is hard on one container each, N times the
 * thing that the kind names; the same for the same arguments. Run callscope
 * over it with N and with 4 N: the cost a packet must not follow N.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/tools/wire.h"

#define START_S	   1700000000u
#define TEXT_MAX   60000
#define STEP_US	   100u
#define CALLER	   0x0a000001u
#define CALLEE	   0x0a000002u
#define TCP_DATA   0x18 /* PSH, ACK */
#define SIP_CALLS  "INVITE sip:b@x SIP/2.0"
#define SIP_ANSWER "SIP/2.0 200 OK"

struct out {
	FILE *f;
	uint64_t us;
	uint64_t random;
	char text[TEXT_MAX]; /* the SIP message being made */
	size_t len;
};

static const struct end caller = {CALLER, 5060}, callee = {CALLEE, 5060};

/* --- packets ----------------------------------------------------------- */

/* fragment: offset field with its flags. Raw IPv4. */
static void ip(struct out *o, uint8_t proto, unsigned id, unsigned fragment,
	       struct end from, struct end to, const void *data, size_t len)
{
	uint8_t head[20] = {0x45, 0, 0, 0, 0, 0, 0, 0, 64, proto};
	uint32_t rec[4] = {START_S + (uint32_t)(o->us / 1000000),
			   (uint32_t)(o->us % 1000000),
			   (uint32_t)(sizeof(head) + len),
			   (uint32_t)(sizeof(head) + len)};

	put16(head + 2, (unsigned)(sizeof(head) + len));
	put16(head + 4, id & 0xffff);
	put16(head + 6, fragment);
	put32(head + 12, from.ip);
	put32(head + 16, to.ip);
	fwrite(rec, sizeof(rec), 1, o->f);
	fwrite(head, sizeof(head), 1, o->f);
	fwrite(data, len, 1, o->f);
	o->us += STEP_US;
}

static void udp(struct out *o, struct end from, struct end to, const void *data,
		size_t len)
{
	static uint8_t p[8 + TEXT_MAX];

	put16(p, from.port);
	put16(p + 2, to.port);
	put16(p + 4, (unsigned)(8 + len));
	memcpy(p + 8, data, len);
	ip(o, 17, (unsigned)o->us, 0, from, to, p, 8 + len);
}

static void tcp(struct out *o, uint32_t seq, const void *data, size_t len)
{
	uint8_t p[20 + 1460] = {0};

	put16(p, caller.port);
	put16(p + 2, callee.port);
	put32(p + 4, seq);
	p[12] = 0x50;
	p[13] = TCP_DATA;
	put16(p + 14, 65535);
	memcpy(p + 20, data, len);
	ip(o, 6, (unsigned)o->us, 0, caller, callee, p, 20 + len);
}

static void rtp(struct out *o, struct end from, struct end to, uint32_t ssrc,
		unsigned seq)
{
	uint8_t p[12 + 20] = {0};

	put_rtp(p, seq, ssrc);
	udp(o, from, to, p, sizeof(p));
}

/* --- messages ---------------------------------------------------------- */

#define ADD(o, ...)                                                            \
	((o)->len += (size_t)snprintf((o)->text + (o)->len,                    \
				      TEXT_MAX - (o)->len, __VA_ARGS__))

/* A message but for its body: to_tag 0 is none. */
static void head(struct out *o, const char *start, unsigned call,
		 unsigned to_tag, unsigned cseq, const char *method)
{
	o->len = 0;
	ADD(o,
	    "%s\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK%u-%u\r\n"
	    "From: <sip:a@x>;tag=a%u\r\nTo: <sip:b@x>",
	    start, call, cseq, call);
	if (to_tag)
		ADD(o, ";tag=b%u", to_tag);
	ADD(o, "\r\nCall-ID: flood-%u\r\nCSeq: %u %s\r\n", call, cseq, method);
}

static void send(struct out *o, struct end from, struct end to)
{
	udp(o, from, to, o->text, o->len);
}

static void bare(struct out *o, struct end from, struct end to)
{
	ADD(o, "Content-Length: 0\r\n\r\n");
	send(o, from, to);
}

static void with_sdp(struct out *o, struct end from, struct end to,
		     struct end media)
{
	ADD(o,
	    "Content-Type: application/sdp\r\n\r\n"
	    "v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\n"
	    "c=IN IP4 %u.%u.%u.%u\r\nt=0 0\r\nm=audio %u RTP/AVP 8\r\n",
	    media.ip >> 24, media.ip >> 16 & 255, media.ip >> 8 & 255,
	    media.ip & 255, media.port);
	send(o, from, to);
}

static void set_up(struct out *o, unsigned call, struct end a, struct end b)
{
	head(o, SIP_CALLS, call, 0, 1, "INVITE");
	with_sdp(o, caller, callee, a);
	head(o, SIP_ANSWER, call, 1, 1, "INVITE");
	with_sdp(o, callee, caller, b);
	head(o, "ACK sip:b@x SIP/2.0", call, 1, 1, "ACK");
	bare(o, caller, callee);
}

/* --- the kinds --------------------------------------------------------- */

static const struct end media_a = {CALLER, 10000};
static const struct end media_b = {CALLEE, 20000};

/* Requests in one call. */
static void messages(struct out *o, unsigned n)
{
	set_up(o, 0, media_a, media_b);
	for (unsigned i = 0; i < n; i++) {
		head(o, "INFO sip:b@x SIP/2.0", 0, 1, i + 2, "INFO");
		bare(o, caller, callee);
	}
}

/* Branches of one forked call. */
static void dialogs(struct out *o, unsigned n)
{
	head(o, SIP_CALLS, 0, 0, 1, "INVITE");
	with_sdp(o, caller, callee, media_a);
	for (unsigned i = 0; i < n; i++) {
		head(o, "SIP/2.0 180 Ringing", 0, i + 1, 1, "INVITE");
		bare(o, callee, caller);
	}
}

/* Changes of address in one call, with packets from each. */
static void claims(struct out *o, unsigned n)
{
	set_up(o, 0, media_a, media_b);
	for (unsigned i = 0; i < n; i++) {
		struct end e = {CALLER + (i >> 14),
				(uint16_t)(1024 + i % 16384 * 2)};

		head(o, SIP_CALLS, 0, 1, i + 2, "INVITE");
		with_sdp(o, caller, callee, e);
		rtp(o, e, media_b, i, i);
	}
}

/* Calls that all announce one pair of addresses. */
static void shared(struct out *o, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		set_up(o, i, media_a, media_b);
		rtp(o, media_a, media_b, 1, i);
		rtp(o, media_b, media_a, 2, i);
	}
}

/* Calls whose media is a relay's one port, from a source each. */
static void relay(struct out *o, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct end e = {0x0b000000u + i, 10000};

		set_up(o, i, e, media_b);
		rtp(o, e, media_b, i, i);
		rtp(o, media_b, e, i, i);
	}
}

/* Media lines of one description, as many as a datagram takes, N times. */
static void lines(struct out *o, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		head(o, SIP_CALLS, 0, 0, i + 1, "INVITE");
		ADD(o, "Content-Type: application/sdp\r\n\r\n"
		       "v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\n"
		       "c=IN IP4 10.0.0.1\r\nt=0 0\r\n");
		for (unsigned line = 0; o->len < TEXT_MAX - 100; line++)
			ADD(o, "m=audio %u RTP/AVP 0 8 9 101\r\n",
			    (1024 + i * 7 + line * 2) & 0xffff);
		send(o, caller, callee);
	}
}

/* Sources to one announced address. */
static void sources(struct out *o, unsigned n)
{
	set_up(o, 0, media_a, media_b);
	for (unsigned i = 0; i < n; i++) {
		struct end e = {0x0b000000u + i, 4000};

		rtp(o, e, media_b, i, i);
		if (i % 16)
			continue;
		head(o, "INFO sip:b@x SIP/2.0", 0, 1, i + 2, "INFO");
		with_sdp(o, caller, callee, media_a);
	}
}

static void ssrcs(struct out *o, unsigned n)
{
	set_up(o, 0, media_a, media_b);
	for (unsigned i = 0; i < n; i++)
		rtp(o, media_a, media_b, any(&o->random), i);
}

/* Pieces of 8 bytes, of datagrams that never become whole. */
static void fragments(struct out *o, unsigned n)
{
	uint8_t data[8] = {0};

	for (unsigned i = 0; i < n; i++)
		ip(o, 17, i / 300, 0x2000 | (1 + i % 300 * 2), caller, callee,
		   data, sizeof(data));
}

/* TCP segments from the last to the first. */
static void segments(struct out *o, unsigned n)
{
	uint8_t data[100];

	memset(data, 'x', sizeof(data));
	tcp(o, 0, "OPTIONS sip:b@x SIP/2.0\r\n", 25);
	for (unsigned i = n; i; i--)
		tcp(o, 25 + i * 100, data, sizeof(data));
}

/* One message of as many bytes, a byte at a time. */
static void bytes(struct out *o, unsigned n)
{
	static const char start[] = "OPTIONS sip:b@x SIP/2.0\r\nSubject: ";

	tcp(o, 0, start, sizeof(start) - 1);
	for (unsigned i = 0; i < n; i++)
		tcp(o, (uint32_t)(sizeof(start) - 1 + i), i % 61 ? "x" : "\n",
		    1);
}

/* Start lines of messages whose heads never end. */
static void starts(struct out *o, unsigned n)
{
	char data[1400];
	size_t len = 0;

	while (len + 30 < sizeof(data))
		len += (size_t)snprintf(data + len, 30, "%s\r\n", SIP_CALLS);
	for (unsigned i = 0; i < n; i++)
		tcp(o, (uint32_t)(i * len), data, len);
}

/* Registrations of one device, which keeps its Call-ID (RFC 3261, 10.2). */
static void registers(struct out *o, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		o->len = 0;
		ADD(o,
		    "REGISTER sip:x SIP/2.0\r\n"
		    "Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK%u\r\n"
		    "From: <sip:%u@x>;tag=a\r\nTo: <sip:%u@x>\r\n"
		    "Call-ID: flood\r\nCSeq: %u REGISTER\r\n"
		    "Contact: <sip:%u@10.0.0.1>\r\n",
		    i, i, i, i + 1, i);
		bare(o, caller, callee);
		o->len = 0;
		ADD(o,
		    "SIP/2.0 200 OK\r\n"
		    "Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK%u\r\n"
		    "From: <sip:%u@x>;tag=a\r\nTo: <sip:%u@x>;tag=b\r\n"
		    "Call-ID: flood\r\nCSeq: %u REGISTER\r\n"
		    "Contact: <sip:%u@10.0.0.1>;expires=60\r\n",
		    i, i, i, i + 1, i);
		bare(o, callee, caller);
	}
}

/* A registrar that lists as many bindings as a datagram takes, N times. */
static void contacts(struct out *o, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		head(o, "REGISTER sip:x SIP/2.0", 0, 0, i + 1, "REGISTER");
		ADD(o, "Contact: <sip:a@10.0.0.1>\r\n");
		bare(o, caller, callee);
		head(o, SIP_ANSWER, 0, 1, i + 1, "REGISTER");
		ADD(o, "Contact: <sip:0@10.0.0.1>;expires=60");
		for (unsigned c = 1; o->len < TEXT_MAX - 200; c++)
			ADD(o, ",\r\n <sip:%u@10.0.0.1>;expires=60", c);
		ADD(o, "\r\n");
		bare(o, callee, caller);
	}
}

/* Transactions of one Call-ID, as pings have it. */
static void options(struct out *o, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		head(o, "OPTIONS sip:b@x SIP/2.0", 0, 0, i + 1, "OPTIONS");
		bare(o, caller, callee);
	}
}

/* Calls that nobody answers. */
static void invites(struct out *o, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct end e = {0x0b000000u + i, 10000};

		head(o, SIP_CALLS, i, 0, 1, "INVITE");
		with_sdp(o, caller, callee, e);
	}
}

/* Calls that promise to be refreshed in 136 years; then 50 years pass. */
static void sleepers(struct out *o, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		head(o, SIP_CALLS, i, 0, 1, "INVITE");
		bare(o, caller, callee);
		head(o, SIP_ANSWER, i, 1, 1, "INVITE");
		ADD(o, "Session-Expires: 4294967295\r\n");
		bare(o, callee, caller);
	}
	o->us += 50ull * 365 * 86400 * 1000000;
	for (unsigned i = 0; i < 2; i++)
		rtp(o, media_a, media_b, 1, i);
}

/* What looks like RTP, between other addresses each time. */
static void noise(struct out *o, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct end a = {any(&o->random), (uint16_t)any(&o->random)};
		struct end b = {any(&o->random), (uint16_t)any(&o->random)};

		rtp(o, a, b, any(&o->random), any(&o->random));
	}
}

/* The same towards one address. */
static void target(struct out *o, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct end a = {any(&o->random), (uint16_t)any(&o->random)};

		rtp(o, a, media_b, any(&o->random), any(&o->random));
	}
}

/* RTCP of one flow that tells of other sources each time. */
static void reports(struct out *o, unsigned n)
{
	struct end a = {CALLER, 10001}, b = {CALLEE, 20001};

	set_up(o, 0, media_a, media_b);
	for (unsigned i = 0; i < n; i++) {
		uint8_t p[8 + 31 * 24] = {0x80 | 31, 201, 0, 187};

		for (unsigned k = 0; k < 31; k++)
			put32(p + 8 + k * 24, any(&o->random));
		udp(o, a, b, p, sizeof(p));
		rtp(o, media_a, media_b, i % 60, i);
	}
}

static const struct {
	const char *name;
	void (*make)(struct out *o, unsigned n);
} kinds[] = {
	{"messages", messages}, {"dialogs", dialogs}, {"claims", claims},
	{"shared", shared},	{"relay", relay},     {"lines", lines},
	{"sources", sources},	{"ssrcs", ssrcs},     {"fragments", fragments},
	{"segments", segments}, {"bytes", bytes},     {"registers", registers},
	{"contacts", contacts}, {"options", options}, {"invites", invites},
	{"noise", noise},	{"target", target},   {"reports", reports},
	{"sleepers", sleepers}, {"starts", starts},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static int usage(void)
{
	fputs("usage: flood KIND N FILE; kinds:", stderr);
	for (size_t i = 0; i < KINDS; i++)
		fprintf(stderr, " %s", kinds[i].name);
	fputs("\n", stderr);
	return 1;
}

int main(int argc, char **argv)
{
	static const uint32_t head_of_file[6] = {0xa1b2c3d4u, 0x00040002u, 0,
						 0,	      262144,	   101};
	static struct out o = {.random = 88172645463325252ull};
	size_t k = 0;

	while (argc == 4 && k < KINDS && strcmp(kinds[k].name, argv[1]))
		k++;
	if (argc != 4 || k == KINDS || !(o.f = fopen(argv[3], "wb")))
		return usage();
	fwrite(head_of_file, sizeof(head_of_file), 1, o.f);
	kinds[k].make(&o, (unsigned)strtoul(argv[2], NULL, 10));
	return fclose(o.f) ? 1 : 0;
}
