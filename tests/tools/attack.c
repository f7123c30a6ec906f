/*
 * attack KIND N FILE: a capture of 20 calls with media, which last 2 s, and of
 * an attack of N packets, 200 000 a second, from 0.5 s on. The calls are the
 * same, byte for byte and microsecond for microsecond, whatever the kind and N
 * are: what is reported of them must be, too. FILE may be "-".
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/tools/wire.h"

#define START_S	    1700000000u
#define ATTACK_US   500000u
#define STEP_US	    5u
#define CALLS	    20u
#define CALL_STEP   37003u /* us between the beginnings of two calls */
#define TICK_US	    20000u
#define MEDIA_US    300000u /* after the INVITE */
#define MEDIA_TICKS 75u
#define TEXT_MAX    4000

/* The second half of a message of a call. */
struct rest {
	uint64_t at; /* 0: there is none */
	struct end from, to;
	unsigned id;
	uint32_t at_byte;
	size_t len;
	uint8_t data[TEXT_MAX];
};

struct out {
	FILE *f;
	struct rest rest[CALLS];
	uint32_t seq[CALLS][2]; /* of TCP */
	uint64_t us;
	uint64_t random;
	char text[TEXT_MAX];
	size_t len;
};

/* An address that none of the calls has. */
static struct end stranger(struct out *o)
{
	return (struct end){0x20000000u | any(&o->random) >> 4,
			    (uint16_t)(1024 + any(&o->random) % 60000)};
}

/* --- packets ----------------------------------------------------------- */

static void mac(uint8_t *head)
{
	static const uint8_t eth[14] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8};

	memcpy(head, eth, sizeof(eth));
}

static unsigned sum_of(const uint8_t *p, size_t n)
{
	unsigned sum = 0;

	for (size_t i = 0; i < n; i += 2)
		sum += (unsigned)p[i] << 8 | p[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

/* fragment: offset field with its flags. */
static void ip(struct out *o, uint8_t proto, unsigned id, unsigned fragment,
	       struct end from, struct end to, const void *data, size_t len)
{
	uint8_t head[34] = {0};
	uint32_t rec[4] = {START_S + (uint32_t)(o->us / 1000000),
			   (uint32_t)(o->us % 1000000),
			   (uint32_t)(sizeof(head) + len),
			   (uint32_t)(sizeof(head) + len)};

	mac(head);
	head[14] = 0x45;
	put16(head + 16, (unsigned)(20 + len));
	put16(head + 18, id & 0xffff);
	put16(head + 20, fragment);
	head[22] = 64;
	head[23] = proto;
	put32(head + 26, from.ip);
	put32(head + 30, to.ip);
	put16(head + 24, sum_of(head + 14, 20));
	fwrite(rec, sizeof(rec), 1, o->f);
	fwrite(head, sizeof(head), 1, o->f);
	fwrite(data, len, 1, o->f);
}

static void udp(struct out *o, struct end from, struct end to, const void *data,
		size_t len)
{
	static uint8_t p[8 + TEXT_MAX];

	put16(p, from.port);
	put16(p + 2, to.port);
	put16(p + 4, (unsigned)(8 + len));
	memcpy(p + 8, data, len);
	ip(o, 17, (unsigned)(o->us / 7), 0, from, to, p, 8 + len);
}

static void tcp(struct out *o, struct end from, struct end to, unsigned flags,
		uint32_t seq, const void *data, size_t len)
{
	static uint8_t p[20 + TEXT_MAX];

	put16(p, from.port);
	put16(p + 2, to.port);
	put32(p + 4, seq);
	p[12] = 0x50;
	p[13] = (uint8_t)flags;
	put16(p + 14, 65535);
	memcpy(p + 20, data, len);
	ip(o, 6, (unsigned)o->us, 0, from, to, p, 20 + len);
}

#define SYN  0x02
#define DATA 0x18 /* PSH, ACK */

static void rtp(struct out *o, struct end from, struct end to, uint32_t ssrc,
		unsigned seq)
{
	uint8_t p[12 + 160] = {0};

	put_rtp(p, seq, ssrc);
	memset(p + 12, 0xd5, 160);
	udp(o, from, to, p, sizeof(p));
}

/* --- SIP --------------------------------------------------------------- */

#define ADD(o, ...)                                                            \
	((o)->len += (size_t)snprintf((o)->text + (o)->len,                    \
				      TEXT_MAX - (o)->len, __VA_ARGS__))

/* A message but for what follows the CSeq; to_tag 0 is none. */
static void head(struct out *o, const char *start, const char *id, unsigned n,
		 unsigned to_tag, const char *cseq)
{
	o->len = 0;
	ADD(o,
	    "%s\r\nVia: SIP/2.0/UDP a.example;branch=z9hG4bK%s%u%c\r\n"
	    "From: <sip:%u@a.example>;tag=a%u\r\nTo: <sip:b@b.example>",
	    start, id, n, cseq[0], 1000 + n, n);
	if (to_tag)
		ADD(o, ";tag=b%u", to_tag);
	ADD(o, "\r\nCall-ID: %s-%u\r\nCSeq: %s\r\n", id, n, cseq);
}

static void bare(struct out *o)
{
	ADD(o, "Content-Length: 0\r\n\r\n");
}

static void with_sdp(struct out *o, struct end e)
{
	char body[256];
	int n = snprintf(body, sizeof(body),
			 "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n"
			 "c=IN IP4 %u.%u.%u.%u\r\nt=0 0\r\n"
			 "m=audio %u RTP/AVP 8\r\n",
			 e.ip >> 24, e.ip >> 16 & 255, e.ip >> 8 & 255,
			 e.ip & 255, e.port);

	ADD(o, "Content-Type: application/sdp\r\nContent-Length: %d\r\n\r\n%s",
	    n, body);
}

static void send(struct out *o, struct end from, struct end to)
{
	udp(o, from, to, o->text, o->len);
}

/* --- the calls --------------------------------------------------------- */

static const struct end phone = {0x0a000001u, 5060},
			proxy = {0x0a000002u, 5060};

static struct end media(unsigned call, int callee)
{
	return (struct end){0x0a010000u + (callee ? 0x10000u : 0) + call,
			    (uint16_t)(10000 + call * 2)};
}

/* Every fourth call goes over TCP, each message in two segments; every fourth
 * over UDP in two fragments: what waits for its rest must not be lost. */
enum way {
	WAY_UDP,
	WAY_FRAGMENTS = 2,
	WAY_TCP,
};

#define REST_US 1000

static struct end phone_of(unsigned c)
{
	return c % 4 == WAY_TCP ? (struct end){phone.ip, (uint16_t)(20000 + c)}
				: phone;
}

static void open_tcp(struct out *o, unsigned c)
{
	tcp(o, phone_of(c), proxy, SYN, 999, "", 0);
	tcp(o, proxy, phone_of(c), SYN, 999, "", 0);
	o->seq[c][0] = o->seq[c][1] = 1000;
}

/* The first half of a message, and where the second is kept. */
static void say(struct out *o, unsigned c, int callee)
{
	struct end from = callee ? proxy : phone_of(c);
	struct end to = callee ? phone_of(c) : proxy;
	struct rest *r = &o->rest[c];
	size_t half = (o->len / 2 + 8) / 8 * 8;

	if (c % 4 != WAY_TCP && c % 4 != WAY_FRAGMENTS) {
		send(o, from, to);
		return;
	}
	*r = (struct rest){.at = o->us + REST_US, .from = from, .to = to};
	if (c % 4 == WAY_TCP) {
		tcp(o, from, to, DATA, o->seq[c][callee], o->text, half);
		r->len = o->len - half;
		memcpy(r->data, o->text + half, r->len);
		r->at_byte = o->seq[c][callee] + (uint32_t)half;
		o->seq[c][callee] += (uint32_t)o->len;
		return;
	}
	put16(r->data, from.port);
	put16(r->data + 2, to.port);
	put16(r->data + 4, (unsigned)(8 + o->len));
	put16(r->data + 6, 0);
	memcpy(r->data + 8, o->text, o->len);
	r->id = (unsigned)(o->us / 7);
	ip(o, 17, r->id, 0x2000, from, to, r->data, half);
	r->len = 8 + o->len - half;
	memmove(r->data, r->data + half, r->len);
	r->at_byte = (uint32_t)half;
}

static void say_rest(struct out *o, unsigned c)
{
	struct rest *r = &o->rest[c];

	if (c % 4 == WAY_TCP)
		tcp(o, r->from, r->to, DATA, r->at_byte, r->data, r->len);
	else
		ip(o, 17, r->id, r->at_byte / 8, r->from, r->to, r->data,
		   r->len);
	r->at = 0;
}

static void invite(struct out *o, unsigned c)
{
	head(o, "INVITE sip:b@b.example SIP/2.0", "legit", c, 0, "1 INVITE");
	with_sdp(o, media(c, 0));
	say(o, c, 0);
}

static void trying(struct out *o, unsigned c)
{
	head(o, "SIP/2.0 100 Trying", "legit", c, 0, "1 INVITE");
	bare(o);
	say(o, c, 1);
}

static void ringing(struct out *o, unsigned c)
{
	head(o, "SIP/2.0 180 Ringing", "legit", c, c + 1, "1 INVITE");
	bare(o);
	say(o, c, 1);
}

static void answer(struct out *o, unsigned c)
{
	head(o, "SIP/2.0 200 OK", "legit", c, c + 1, "1 INVITE");
	with_sdp(o, media(c, 1));
	say(o, c, 1);
}

static void ack(struct out *o, unsigned c)
{
	head(o, "ACK sip:b@b.example SIP/2.0", "legit", c, c + 1, "1 ACK");
	bare(o);
	say(o, c, 0);
}

static void bye(struct out *o, unsigned c)
{
	head(o, "BYE sip:b@b.example SIP/2.0", "legit", c, c + 1, "2 BYE");
	bare(o);
	say(o, c, 0);
}

static void bye_ok(struct out *o, unsigned c)
{
	head(o, "SIP/2.0 200 OK", "legit", c, c + 1, "2 BYE");
	bare(o);
	say(o, c, 1);
}

static const struct {
	uint32_t us; /* after the INVITE */
	void (*make)(struct out *o, unsigned c);
} steps[] = {
	{0, invite},   {8000, trying}, {60000, ringing},  {200000, answer},
	{220000, ack}, {1850000, bye}, {1861000, bye_ok},
};

#define STEPS (sizeof(steps) / sizeof(steps[0]))

/* What each call does next: a message, or the next packet of a direction. */
struct call {
	size_t step;
	unsigned ticks[2];
};

static uint64_t begin_of(unsigned c)
{
	return 100000 + (uint64_t)c * CALL_STEP;
}

static uint64_t media_at(const struct call *k, unsigned c, int dir)
{
	if (k->ticks[dir] == MEDIA_TICKS)
		return UINT64_MAX;
	return begin_of(c) + MEDIA_US + (uint64_t)k->ticks[dir] * TICK_US +
	       (dir ? 7003 : 0);
}

static uint64_t step_at(const struct call *k, unsigned c)
{
	return k->step == STEPS ? UINT64_MAX : begin_of(c) + steps[k->step].us;
}

static uint64_t next_of(const struct out *o, const struct call *k, unsigned c)
{
	uint64_t at = step_at(k, c);

	if (o->rest[c].at && o->rest[c].at < at)
		at = o->rest[c].at;
	for (int dir = 0; dir < 2; dir++)
		if (media_at(k, c, dir) < at)
			at = media_at(k, c, dir);
	return at;
}

static void act(struct out *o, struct call *k, unsigned c)
{
	uint64_t at = next_of(o, k, c);

	o->us = at;
	if (o->rest[c].at == at) {
		say_rest(o, c);
		return;
	}
	if (step_at(k, c) == at) {
		if (!k->step && c % 4 == WAY_TCP)
			open_tcp(o, c);
		steps[k->step++].make(o, c);
		return;
	}
	for (int dir = 0; dir < 2; dir++)
		if (media_at(k, c, dir) == at) {
			rtp(o, media(c, dir), media(c, !dir),
			    c * 2 + 1 + (unsigned)dir, k->ticks[dir]++);
			return;
		}
}

/* --- the attacks ------------------------------------------------------- */

static void flood_invite(struct out *o, const char *id, unsigned i,
			 struct end from)
{
	head(o, "INVITE sip:b@b.example SIP/2.0", id, i, 0, "1 INVITE");
	with_sdp(o, from);
	send(o, from, proxy);
}

/* From another address each time. */
static void invites(struct out *o, unsigned i)
{
	flood_invite(o, "flood", i, stranger(o));
}

static void one_host(struct out *o, unsigned i)
{
	struct end from = {0x20000001u, (uint16_t)(1024 + i % 60000)};

	flood_invite(o, "flood", i, from);
}

/* Call-IDs that are one and the same to hashes which multiply by 33 or 31. */
static void call_ids(struct out *o, unsigned i)
{
	char id[64] = "";

	for (unsigned bit = 0; bit < 20; bit++)
		memcpy(id + bit * 2, i >> bit & 1 ? "Ez" : "FY", 3);
	head(o, "INVITE sip:b@b.example SIP/2.0", id, 0, 0, "1 INVITE");
	bare(o);
	send(o, stranger(o), proxy);
}

static void request(struct out *o, const char *method, unsigned i,
		    const char *more)
{
	char start[64], cseq[32];

	snprintf(start, sizeof(start), "%s sip:b.example SIP/2.0", method);
	snprintf(cseq, sizeof(cseq), "1 %s", method);
	head(o, start, "flood", i, 0, cseq);
	ADD(o, "%s", more);
	bare(o);
	send(o, stranger(o), proxy);
}

static void options(struct out *o, unsigned i)
{
	request(o, "OPTIONS", i, "");
}

static void registers(struct out *o, unsigned i)
{
	char contact[64];

	snprintf(contact, sizeof(contact), "Contact: <sip:%u@198.51.100.1>\r\n",
		 i);
	request(o, "REGISTER", i, contact);
}

/* Responses to what nobody asked. */
static void responses(struct out *o, unsigned i)
{
	head(o, "SIP/2.0 503 Service Unavailable", "flood", i, 1, "1 INVITE");
	bare(o);
	send(o, proxy, stranger(o));
}

static void syns(struct out *o, unsigned i)
{
	tcp(o, stranger(o), proxy, SYN, i, "", 0);
}

/* The beginning of a message, and what follows a hole. */
static void gaps(struct out *o, unsigned i)
{
	static const char begin[] = "INVITE sip:b@b.example SIP/2.0\r\nVia: ";
	struct end from = {0x20000000u + (i >> 2 & 0xffffff),
			   (uint16_t)(1024 + (i >> 2) % 60000)};
	char data[1000];

	memset(data, 'x', sizeof(data));
	if (i % 4 == 0)
		tcp(o, from, proxy, DATA, 1, begin, sizeof(begin) - 1);
	else
		tcp(o, from, proxy, DATA, 2000 * (i % 4), data, sizeof(data));
}

/* ClientHello records that go no further than their head. */
static void hellos(struct out *o, unsigned i)
{
	static const uint8_t hello[] = {22, 3, 1, 2, 0, 1, 0, 1, 252, 3,  3,
					1,  2, 3, 4, 5, 6, 7, 8, 9,   10, 11};
	struct end to = {0x0a000003u, 443};

	tcp(o, stranger(o), to, DATA, i, hello, sizeof(hello));
}

/* First fragments without the rest. */
static void fragments(struct out *o, unsigned i)
{
	uint8_t data[1000] = {0};

	ip(o, 17, i, 0x2000, stranger(o), proxy, data, sizeof(data));
}

/* Of one host, one over the other, never whole. */
static void overlaps(struct out *o, unsigned i)
{
	struct end from = {0x20000001u, 0};
	uint8_t data[256];

	memset(data, (int)(i & 255), sizeof(data));
	ip(o, 17, i / 64, 0x2000 | (1 + i % 64 * 5), from, proxy, data,
	   sizeof(data));
}

static void noise(struct out *o, unsigned i)
{
	uint8_t data[200];

	(void)i;
	for (size_t n = 0; n < sizeof(data); n++)
		data[n] = (uint8_t)any(&o->random);
	udp(o, stranger(o), stranger(o), data, sizeof(data));
}

/* One packet each of what looks like a stream. */
static void streams(struct out *o, unsigned i)
{
	rtp(o, stranger(o), stranger(o), any(&o->random), i);
}

/* The same to where the calls have their media. */
static void aimed(struct out *o, unsigned i)
{
	rtp(o, stranger(o), media(i % CALLS, 1), any(&o->random), i);
}

/* Checks of ICE with other names each time (RFC 8445, 7.2.2). */
static void checks(struct out *o, unsigned i)
{
	uint8_t m[20 + 16 + 8] = {0, 1, 0, 24, 0x21, 0x12, 0xa4, 0x42};
	char name[13];

	put32(m + 8, i);
	put32(m + 12, any(&o->random));
	put16(m + 20, 6);
	put16(m + 22, 11);
	snprintf(name, sizeof(name), "%05x:%05x", any(&o->random) & 0xfffff,
		 any(&o->random) & 0xfffff);
	memcpy(m + 24, name, 11);
	put16(m + 36, 0x24); /* PRIORITY */
	put16(m + 38, 4);
	put32(m + 40, 1);
	udp(o, stranger(o), stranger(o), m, sizeof(m));
}

/* Allocations of TURN (RFC 8656, 7.1). */
static void allocations(struct out *o, unsigned i)
{
	uint8_t m[20 + 8] = {0, 3, 0, 8, 0x21, 0x12, 0xa4, 0x42};
	struct end to = {0x0a000004u, 3478};

	put32(m + 8, i);
	put32(m + 12, any(&o->random));
	put16(m + 20, 0x19);
	put16(m + 22, 4);
	m[24] = 17;
	udp(o, stranger(o), to, m, sizeof(m));
}

/* Ends whose addresses and ports add up, and are combined bit by bit, to the
 * same each time. */
static void sums(struct out *o, unsigned i)
{
	struct end a = {0x20000000u + i, (uint16_t)(1024 + i % 50000)};
	struct end b = {0x2f000000u - i, (uint16_t)(60000 - i % 50000)};

	if (i & 1)
		b = (struct end){a.ip ^ 0x01234567u,
				 (uint16_t)(a.port ^ 0x5a5au)};
	udp(o, a, b, "xxxxxxxx", 8);
}

static const struct {
	const char *name;
	void (*make)(struct out *o, unsigned i);
} kinds[] = {
	{"invites", invites},	  {"one-host", one_host},
	{"call-ids", call_ids},	  {"options", options},
	{"registers", registers}, {"responses", responses},
	{"syns", syns},		  {"gaps", gaps},
	{"hellos", hellos},	  {"fragments", fragments},
	{"overlaps", overlaps},	  {"noise", noise},
	{"streams", streams},	  {"aimed", aimed},
	{"checks", checks},	  {"allocations", allocations},
	{"sums", sums},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* The call whose turn it is, and when. */
static unsigned next_call(const struct out *o, const struct call k[CALLS],
			  uint64_t *at)
{
	unsigned c = 0;

	*at = UINT64_MAX;
	for (unsigned i = 0; i < CALLS; i++)
		if (next_of(o, &k[i], i) < *at) {
			*at = next_of(o, &k[i], i);
			c = i;
		}
	return c;
}

static void both(struct out *o, size_t kind, unsigned n)
{
	struct call k[CALLS] = {0};
	uint64_t at, next = ATTACK_US;
	unsigned c = next_call(o, k, &at), i = 0;

	while (i < n || at != UINT64_MAX) {
		if (i < n && next < at) {
			o->us = next;
			kinds[kind].make(o, i++);
			next += STEP_US;
			continue;
		}
		act(o, &k[c], c);
		c = next_call(o, k, &at);
	}
}

static int usage(void)
{
	fputs("usage: attack KIND N FILE; kinds:", stderr);
	for (size_t i = 0; i < KINDS; i++)
		fprintf(stderr, " %s", kinds[i].name);
	fputs("\n", stderr);
	return 1;
}

int main(int argc, char **argv)
{
	static const uint32_t head_of_file[6] = {0xa1b2c3d4u, 0x00040002u, 0,
						 0,	      262144,	   1};
	static struct out o = {.random = 88172645463325252ull};
	size_t k = 0;

	while (argc == 4 && k < KINDS && strcmp(kinds[k].name, argv[1]))
		k++;
	if (argc != 4 || k == KINDS)
		return usage();
	o.f = strcmp(argv[3], "-") ? fopen(argv[3], "wb") : stdout;
	if (!o.f)
		return usage();
	fwrite(head_of_file, sizeof(head_of_file), 1, o.f);
	both(&o, k, (unsigned)strtoul(argv[2], NULL, 10));
	return fclose(o.f) ? 1 : 0;
}
