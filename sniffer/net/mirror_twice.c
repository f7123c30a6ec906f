#include "sniffer/net/mirror_twice.h"

#define K2 UINT64_C(0xc2b2ae3d27d4eb4f)

#define NEAR_NS	   20000000ull /* a copy comes within so long */
#define NO_ID_NS   5000000ull  /* without an IP ID to tell it by */
#define DIGEST_MAX 96	       /* bytes of the payload, and the last */

enum {
	TWICE_PCT = 10, /* copies among a hundred datagrams */
	ONCE_PCT = 5,	/* below that it is over */
};

static uint64_t load64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * TWICE_MIX;
	return h ^ h >> 32;
}

static uint64_t digest_of(const struct pkt *p)
{
	size_t len = p->payload.len;
	size_t end = len < DIGEST_MAX ? len : DIGEST_MAX;
	uint64_t h = (uint64_t)p->ip_id << 32 | p->tcp_seq;

	h = mix(h, load64(p->src.ip + 8) ^ (uint64_t)p->src.port << 48);
	h = mix(h, load64(p->dst.ip + 8) ^ (uint64_t)p->dst.port << 48);
	h = mix(h, load64(p->src.ip) ^ load64(p->dst.ip) * K2);
	h = mix(h, (uint64_t)p->proto << 40 | (uint64_t)p->tcp_flags << 32 |
			   p->payload_wire);
	for (size_t i = 0; i + 8 <= end; i += 8)
		h = mix(h, load64(p->payload.p + i));
	return mix(h, load64(p->payload.p + len - 8));
}

static uint16_t tap_of(const struct pkt *p)
{
	uint16_t i = p->frames[0].iface;

	return i < MIRROR_TAPS ? i : MIRROR_TAPS - 1;
}

static bool may_count(const struct pkt *p)
{
	return !p->fragmented && !p->told && !p->message && p->frame_count &&
	       !addr_is_multicast(&p->dst);
}

static bool near(const struct pkt *p, const struct twice_slot *s)
{
	uint64_t age =
		p->ts_ns > s->ts_ns ? p->ts_ns - s->ts_ns : s->ts_ns - p->ts_ns;

	return age <= (p->ip_id ? NEAR_NS : NO_ID_NS);
}

void twice_look(struct mirror_twice *t, const struct pkt *p)
{
	struct twice_tally *c;
	struct twice_slot *s;
	uint64_t digest;

	if (!may_count(p))
		return;
	digest = digest_of(p);
	if (p->payload.p[0] < 0x80 && digest % TWICE_SAMPLE)
		return;
	s = &t->slot[(digest >> 40) % TWICE_SLOTS];
	c = &t->tap[tap_of(p)];
	c->looked++;
	if (s->digest == digest && near(p, s)) {
		c->copies++;
		c->crossed += s->tap != tap_of(p);
		c->hops += s->ttl != p->ttl;
	}
	*s = (struct twice_slot){digest, p->ts_ns, tap_of(p), p->ttl};
}

static bool judge_tap(struct twice_tally *c, struct mirror_tap *out)
{
	static const struct twice_tally none;

	if (c->looked < TWICE_ENOUGH)
		return false;
	out->twice_pct = (uint8_t)(100 * c->copies / c->looked);
	out->twice = out->twice_pct >= (out->twice ? ONCE_PCT : TWICE_PCT);
	out->crossed = out->twice && c->crossed * 2 > c->copies;
	out->hops = out->twice && c->hops * 2 > c->copies;
	*c = none;
	return true;
}

bool twice_judge(struct mirror_twice *t, struct mirror *out)
{
	bool any = false;

	for (unsigned i = 0; i < MIRROR_TAPS; i++)
		any |= judge_tap(&t->tap[i], &out->tap[i]);
	return any;
}
