/*
 * A frame out of HEP, such as any tool reads: what an agent saw in a datagram
 * is one again, in Ethernet; a message of a stream is an exported PDU; what is
 * not analysed stays HEP, in a datagram from the agent to us.
 */
#include "dissectors/exported.h"
#include "dissectors/hep_plain.h"
#include "sniffer/capture/hep_priv.h"

#define LINKTYPE_ETHERNET 1

enum {
	PROTO_TCP = 6,
	PROTO_UDP = 17,
	PROTO_SCTP = 132,
	UDP_MAX = 65535 - 28, /* behind the heads of IPv4 and UDP */
};

/* A datagram to be made. */
struct datagram {
	const struct addr *src, *dst;
	struct slice payload;
	uint16_t vlan; /* 0 = none */
	uint8_t tos;
};

static uint8_t *put16(uint8_t *to, size_t v)
{
	to[0] = (uint8_t)(v >> 8);
	to[1] = (uint8_t)v;
	return to + 2;
}

static uint32_t sum16(uint32_t sum, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i + 1 < n; i += 2)
		sum += (uint32_t)(p[i] << 8 | p[i + 1]);
	return n % 2 ? sum + ((uint32_t)p[n - 1] << 8) : sum;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static uint8_t *put_ether(uint8_t *at, const struct datagram *d, bool v4)
{
	memset(at, 0, 12);
	at += 12;
	if (d->vlan)
		at = put16(put16(at, 0x8100), d->vlan);
	return put16(at, v4 ? 0x0800 : 0x86dd);
}

static uint8_t *put_ipv4(uint8_t *at, const struct datagram *d)
{
	memset(at, 0, 20);
	at[0] = 0x45;
	at[1] = d->tos;
	put16(at + 2, d->payload.len + 28);
	at[8] = 64;
	at[9] = PROTO_UDP;
	memcpy(at + 12, d->src->ip + 12, 4);
	memcpy(at + 16, d->dst->ip + 12, 4);
	put16(at + 10, fold(sum16(0, at, 20)));
	return at + 20;
}

static uint8_t *put_ipv6(uint8_t *at, const struct datagram *d)
{
	memset(at, 0, 40);
	at[0] = (uint8_t)(0x60 | d->tos >> 4);
	at[1] = (uint8_t)(d->tos << 4);
	put16(at + 4, d->payload.len + 8);
	at[6] = PROTO_UDP;
	at[7] = 64;
	memcpy(at + 8, d->src->ip, 16);
	memcpy(at + 24, d->dst->ip, 16);
	return at + 40;
}

/* The pseudo header's addresses lie before it: ip_len bytes of them. */
static uint8_t *put_udp(uint8_t *at, const struct datagram *d, size_t ips)
{
	size_t len = d->payload.len + 8;
	uint32_t sum = sum16(PROTO_UDP + (uint32_t)len, at - ips, ips);
	uint16_t check;

	put16(at, d->src->port);
	put16(at + 2, d->dst->port);
	put16(at + 4, len);
	put16(at + 6, 0);
	memcpy(at + 8, d->payload.p, d->payload.len);
	check = fold(sum16(sum, at, len));
	put16(at + 6, check ? check : 0xffff);
	return at + len;
}

static size_t put_datagram(uint8_t *to, const struct datagram *d)
{
	bool v4 = addr_is_v4(d->src) && addr_is_v4(d->dst);
	uint8_t *at;

	if (d->payload.len > UDP_MAX)
		return 0;
	at = put_ether(to, d, v4);
	at = v4 ? put_ipv4(at, d) : put_ipv6(at, d);
	at = put_udp(at, d, v4 ? 8 : 32);
	return (size_t)(at - to);
}

static size_t put_message(uint8_t *to, const struct hep *h)
{
	struct exported x = {
		.dissector = h->type == HEP_SDP ? SLICE("sdp") : SLICE("sip"),
		.src = h->src,
		.dst = h->dst,
		.port_type =
			h->proto == PROTO_SCTP ? EXPORTED_SCTP : EXPORTED_TCP,
	};
	size_t head = exported_put(to, &x);

	memcpy(to + head, h->payload.p, h->payload.len);
	return head + h->payload.len;
}

static bool is_message(const struct hep *h)
{
	return h->type == HEP_SDP ||
	       (h->type == HEP_SIP &&
		(h->proto == PROTO_TCP || h->proto == PROTO_SCTP));
}

size_t hep_frame_put(uint8_t *to, const struct hep *h, struct slice packet,
		     const struct addr *from, const struct addr *at,
		     uint16_t *linktype)
{
	struct datagram d = {
		.src = from,
		.dst = at,
		.payload = packet,
	};

	*linktype = LINKTYPE_ETHERNET;
	if (!hep_is_known(h))
		return put_datagram(to, &d);
	if (is_message(h)) {
		*linktype = LINKTYPE_EXPORTED_PDU;
		return put_message(to, h);
	}
	d = (struct datagram){
		.src = &h->src,
		.dst = &h->dst,
		.payload = h->payload,
		.vlan = h->vlan,
		.tos = h->tos,
	};
	return put_datagram(to, &d);
}
