/*
 * made OUT <SCRIPT: makes a capture (Ethernet, nanoseconds) of what the lines
 * of the script say: SECONDS KIND SOURCE DESTINATION PAYLOAD
 *
 *   KIND  udp                a datagram
 *         rtp=SSRC,PT,SEQ,TS the same with a header of RTP before PAYLOAD
 *         tcp=SEQ            a segment
 *         frag=ID,OFFSET,MORE a fragment of a datagram: PAYLOAD is what
 *                            follows the IP header; OFFSET in bytes, MORE 0|1
 *         and behind it @VLAN for a tag, +N for N IP headers around it
 *   SOURCE, DESTINATION      1.2.3.4:5060
 *   PAYLOAD                  text with \r \n \\ \xHH, or *N for N bytes
 *
 * Empty lines and those that begin with # are left out.
 */
#include <arpa/inet.h>
#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	FRAME_MAX = 65535
};

/* Grows from its end towards its begin, layer around layer. */
struct made {
	unsigned char buf[FRAME_MAX];
	size_t begin;
};

struct end {
	struct in_addr ip;
	unsigned port;
};

struct line {
	double seconds;
	char kind[64];
	struct end src, dst;
	const char *payload;
};

static unsigned char *room(struct made *m, size_t n)
{
	if (n > m->begin) {
		fputs("made: a frame grows too long\n", stderr);
		exit(1);
	}
	m->begin -= n;
	return memset(m->buf + m->begin, 0, n);
}

static size_t len(const struct made *m)
{
	return FRAME_MAX - m->begin;
}

static void u16(unsigned char *p, unsigned long v)
{
	p[0] = (unsigned char)(v >> 8);
	p[1] = (unsigned char)v;
}

static void u32(unsigned char *p, unsigned long v)
{
	u16(p, v >> 16);
	u16(p + 2, v);
}

static bool end_of(const char *text, struct end *e)
{
	char ip[32];

	return sscanf(text, "%31[0-9.]:%u", ip, &e->port) == 2 &&
	       inet_aton(ip, &e->ip);
}

static void put_payload(struct made *m, const char *text)
{
	static unsigned char bytes[FRAME_MAX];
	size_t n = 0;
	unsigned v;

	if (text[0] == '*') {
		room(m, strtoul(text + 1, NULL, 10));
		return;
	}
	for (; *text && *text != '\n' && n < FRAME_MAX; text++) {
		v = (unsigned char)*text;
		if (*text == '\\') {
			text++;
			v = *text == 'r' ? '\r' : *text == 'n' ? '\n' : '\\';
			if (*text == 'x' && sscanf(text + 1, "%2x", &v) == 1)
				text += 2;
		}
		bytes[n++] = (unsigned char)v;
	}
	if (n)
		memcpy(room(m, n), bytes, n);
}

static void put_rtp(struct made *m, const char *kind)
{
	unsigned long ssrc, ts;
	unsigned pt, seq;
	unsigned char *p = room(m, 12);

	if (sscanf(kind, "rtp=%li,%u,%u,%lu", (long *)&ssrc, &pt, &seq, &ts) !=
	    4)
		exit(1);
	p[0] = 0x80;
	p[1] = (unsigned char)pt;
	u16(p + 2, seq);
	u32(p + 4, ts);
	u32(p + 8, ssrc);
}

static void put_udp(struct made *m, const struct line *l)
{
	unsigned char *p = room(m, 8);

	u16(p, l->src.port);
	u16(p + 2, l->dst.port);
	u16(p + 4, len(m));
}

static void put_tcp(struct made *m, const struct line *l)
{
	unsigned char *p = room(m, 20);

	u16(p, l->src.port);
	u16(p + 2, l->dst.port);
	u32(p + 4, strtoul(l->kind + 4, NULL, 10));
	p[12] = 5 << 4;
	p[13] = 0x18; /* PSH, ACK */
}

static void put_ip(struct made *m, const struct line *l, unsigned protocol)
{
	unsigned char *p = room(m, 20);
	unsigned id = 0, offset = 0, more = 0;
	unsigned long sum = 0;

	if (protocol != 4)
		sscanf(l->kind, "frag=%u,%u,%u", &id, &offset, &more);
	p[0] = 0x45;
	u16(p + 2, len(m));
	u16(p + 4, id);
	u16(p + 6, (more ? 0x2000 : 0) | offset / 8);
	p[8] = 64;
	p[9] = (unsigned char)protocol;
	memcpy(p + 12, &l->src.ip, 4);
	memcpy(p + 16, &l->dst.ip, 4);
	for (size_t i = 0; i < 20; i += 2)
		sum += (unsigned long)p[i] << 8 | p[i + 1];
	u16(p + 10, ~(sum + (sum >> 16)) & 0xffff);
}

static void put_ether(struct made *m, const char *vlan)
{
	unsigned char *p;

	u16(room(m, 2), 0x0800);
	if (vlan) {
		p = room(m, 4);
		u16(p, 0x8100);
		u16(p + 2, strtoul(vlan + 1, NULL, 10));
	}
	p = room(m, 12);
	p[5] = 2; /* two hosts */
	p[11] = 1;
}

static void build(struct made *m, const struct line *l)
{
	bool tcp = !strncmp(l->kind, "tcp=", 4);
	const char *around = strchr(l->kind, '+');

	m->begin = FRAME_MAX;
	put_payload(m, l->payload);
	if (!strncmp(l->kind, "rtp=", 4))
		put_rtp(m, l->kind);
	if (tcp)
		put_tcp(m, l);
	else if (strncmp(l->kind, "frag=", 5) != 0)
		put_udp(m, l);
	put_ip(m, l, tcp ? 6 : 17);
	for (long n = around ? strtol(around + 1, NULL, 10) : 0; n > 0; n--)
		put_ip(m, l, 4);
	put_ether(m, strchr(l->kind, '@'));
}

static bool parse(const char *text, struct line *l)
{
	char src[64], dst[64];
	int at = 0;

	if (sscanf(text, "%lf %63s %63s %63s %n", &l->seconds, l->kind, src,
		   dst, &at) < 4)
		return false;
	l->payload = text + at;
	return end_of(src, &l->src) && end_of(dst, &l->dst);
}

int main(int argc, char **argv)
{
	static struct made m;
	pcap_t *kind = pcap_open_dead_with_tstamp_precision(
		DLT_EN10MB, FRAME_MAX, PCAP_TSTAMP_PRECISION_NANO);
	pcap_dumper_t *out = argc == 2 ? pcap_dump_open(kind, argv[1]) : NULL;
	char *text = NULL;
	size_t size = 0, number = 0;

	if (!out) {
		fprintf(stderr, "usage: %s OUT <SCRIPT\n", argv[0]);
		return 2;
	}
	while (getline(&text, &size, stdin) > 0) {
		struct pcap_pkthdr h = {.ts = {0}};
		struct line l;

		number++;
		if (text[0] == '\n' || text[0] == '#')
			continue;
		if (!parse(text, &l)) {
			fprintf(stderr, "line %zu: %s", number, text);
			return 1;
		}
		build(&m, &l);
		h.ts.tv_sec = 1700000000 + (time_t)l.seconds;
		h.ts.tv_usec =
			(long)((l.seconds - (double)(long)l.seconds) * 1e9);
		h.caplen = h.len = (bpf_u_int32)len(&m);
		pcap_dump((u_char *)out, &h, m.buf + m.begin);
	}
	free(text);
	pcap_dump_close(out);
	pcap_close(kind);
	return 0;
}
