/*
 * gen_calls CALLS SECONDS FILE [WAVES [LOSE [PT]]]: a capture of that many
 * concurrent G.711 calls with RTP and RTCP both ways, made packet by packet,
 * the same for the same arguments. A wave of calls begins when the one before
 * has ended. Every LOSE-th RTP packet is left out (0: none); PT is another
 * static payload type than 8.
 *
 * Everything on Ethernet and IPv4: INVITE, 180, 200, ACK in the first
 * second, 50 packets a second and direction of 160 bytes, an RTCP sender
 * report every 5 s, BYE and 200 at the end.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define START_S	   1700000000u
#define TICK_US	   20000u
#define RTCP_TICKS 250u
#define PAYLOAD	   160

struct out {
	FILE *f;
	uint64_t us, wave_us;
	unsigned lose, pt;
};

static void put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v & 0xffff);
}

struct end {
	uint32_t ip;
	uint16_t port;
};

static void datagram(struct out *o, struct end from, struct end to,
		     const void *payload, size_t len)
{
	uint8_t head[42] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0, 0x45};
	uint32_t rec[4] = {START_S + (uint32_t)(o->us / 1000000),
			   (uint32_t)(o->us % 1000000),
			   (uint32_t)(sizeof(head) + len),
			   (uint32_t)(sizeof(head) + len)};

	put16(head + 16, (unsigned)(28 + len));
	put16(head + 18, (unsigned)(o->us / 7) & 0xffff);
	head[22] = 64;
	head[23] = 17;
	put32(head + 26, from.ip);
	put32(head + 30, to.ip);
	put16(head + 34, from.port);
	put16(head + 36, to.port);
	put16(head + 38, (unsigned)(8 + len));
	fwrite(rec, sizeof(rec), 1, o->f);
	fwrite(head, sizeof(head), 1, o->f);
	fwrite(payload, len, 1, o->f);
	o->us++;
}

/* --- one call ---------------------------------------------------------- */

static struct end sip_end(int callee)
{
	return (struct end){0x0a000001u + (uint32_t)callee, 5060};
}

static struct end rtp_end(unsigned call, int callee)
{
	return (struct end){0x0a010000u + (callee ? 0x10000u : 0) +
				    call / 20000,
			    (uint16_t)(10000 + call % 20000 * 2)};
}

static int sdp(char *to, size_t size, unsigned call, int callee, unsigned pt)
{
	struct end e = rtp_end(call, callee);

	return snprintf(to, size,
			"v=0\r\no=- %u 1 IN IP4 10.%u.%u.%u\r\ns=-\r\n"
			"c=IN IP4 10.%u.%u.%u\r\nt=0 0\r\n"
			"m=audio %u RTP/AVP %u\r\n",
			call, e.ip >> 16 & 255, e.ip >> 8 & 255, e.ip & 255,
			e.ip >> 16 & 255, e.ip >> 8 & 255, e.ip & 255, e.port,
			pt);
}

static void sip(struct out *o, unsigned call, int callee, const char *start,
		const char *cseq, int with_sdp)
{
	char body[512], text[1500];
	int body_len =
		with_sdp ? sdp(body, sizeof(body), call, callee, o->pt) : 0;
	int n = snprintf(text, sizeof(text),
			 "%s\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK%u%c"
			 "\r\nFrom: <sip:%u@bench>;tag=a%u\r\n"
			 "To: <sip:9%u@bench>%s%u\r\n"
			 "Call-ID: bench-%u\r\nCSeq: %s\r\n"
			 "Content-Type: application/sdp\r\n"
			 "Content-Length: %d\r\n\r\n%.*s",
			 start, call, cseq[0], 100000 + call, call, call,
			 strstr(start, "INVITE ") ? ";x=" : ";tag=b", call,
			 call, cseq, body_len, body_len, body);

	datagram(o, sip_end(callee), sip_end(!callee), text, (size_t)n);
}

static void rtp(struct out *o, unsigned call, int callee, unsigned tick)
{
	uint8_t p[12 + PAYLOAD] = {0x80, (uint8_t)o->pt};

	if (o->lose && tick % o->lose == o->lose / 2)
		return;

	put16(p + 2, tick & 0xffff);
	put32(p + 4, tick * PAYLOAD);
	put32(p + 8, call * 2 + (unsigned)callee + 1);
	memset(p + 12, (int)(tick & 0xff), PAYLOAD);
	datagram(o, rtp_end(call, callee), rtp_end(call, !callee), p,
		 sizeof(p));
}

static void rtcp(struct out *o, unsigned call, int callee, unsigned tick)
{
	uint8_t p[52] = {0x81, 200, 0, 12};
	struct end from = rtp_end(call, callee), to = rtp_end(call, !callee);

	put32(p + 4, call * 2 + (unsigned)callee + 1);
	put32(p + 8, 0x83aa7e80u + START_S + tick / 50);
	put32(p + 16, tick * PAYLOAD);
	put32(p + 20, tick);
	put32(p + 24, tick * PAYLOAD);
	put32(p + 28, call * 2 + (unsigned)!callee + 1);
	put32(p + 36, tick);
	from.port++;
	to.port++;
	datagram(o, from, to, p, sizeof(p));
}

static void setup(struct out *o, unsigned call)
{
	sip(o, call, 0, "INVITE sip:bench SIP/2.0", "1 INVITE", 1);
	sip(o, call, 1, "SIP/2.0 180 Ringing", "1 INVITE", 0);
	sip(o, call, 1, "SIP/2.0 200 OK", "1 INVITE", 1);
	sip(o, call, 0, "ACK sip:bench SIP/2.0", "1 ACK", 0);
}

static void hang_up(struct out *o, unsigned call)
{
	sip(o, call, 0, "BYE sip:bench SIP/2.0", "2 BYE", 0);
	sip(o, call, 1, "SIP/2.0 200 OK", "2 BYE", 0);
}

/* Packets of a tick follow each other by a microsecond at least; a tick that
 * is fuller than that runs late, as a busy host would. */
static void tick(struct out *o, unsigned first, unsigned calls, unsigned t)
{
	uint64_t at = o->wave_us + 1000000 + (uint64_t)t * TICK_US;

	if (o->us < at)
		o->us = at;
	for (unsigned c = first; c < first + calls; c++) {
		rtp(o, c, 0, t);
		rtp(o, c, 1, t);
		if (t % RTCP_TICKS == c % RTCP_TICKS) {
			rtcp(o, c, 0, t);
			rtcp(o, c, 1, t);
		}
	}
}

static void wave(struct out *o, unsigned first, unsigned calls, unsigned ticks)
{
	o->wave_us = o->us;
	for (unsigned c = first; c < first + calls; c++)
		setup(o, c);
	for (unsigned t = 0; t < ticks; t++)
		tick(o, first, calls, t);
	for (unsigned c = first; c < first + calls; c++)
		hang_up(o, c);
}

static unsigned number(const char *text)
{
	return (unsigned)strtoul(text, NULL, 10);
}

int main(int argc, char **argv)
{
	static const uint32_t head[6] = {0xa1b2c3d4u, 0x00040002u, 0,
					 0,	      262144,	   1};
	struct out o = {0};
	unsigned waves = argc > 4 ? number(argv[4]) : 1;

	o.lose = argc > 5 ? number(argv[5]) : 0;
	o.pt = argc > 6 ? number(argv[6]) : 8;
	if (argc < 4 || argc > 7 || !(o.f = fopen(argv[3], "wb"))) {
		fputs("usage: gen_calls CALLS SECONDS FILE [WAVES [LOSE "
		      "[PT]]]\n",
		      stderr);
		return 1;
	}
	fwrite(head, sizeof(head), 1, o.f);
	for (unsigned w = 0; w < waves; w++)
		wave(&o, w * number(argv[1]), number(argv[1]),
		     number(argv[2]) * 50);
	return fclose(o.f) ? 1 : 0;
}
