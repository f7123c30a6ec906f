#include "sniffer/net/mirror_sides.h"

#include "dissectors/rtcp.h"

enum {
	PROBES = 16, /* slots that are tried for a pair */
	/* Of a hundred proofs so many must lack their other direction. */
	ONE_WAY_PCT = 80,
};

/* Nobody gains by collisions: pairs that find no slot count for nothing. */
static uint32_t slot_of(const uint8_t lo[16], const uint8_t hi[16])
{
	uint64_t h = 0, v[4];

	memcpy(v, lo, 16);
	memcpy(v + 2, hi, 16);
	for (unsigned i = 0; i < 4; i++) {
		h = (h ^ v[i]) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 29;
	}
	return (uint32_t)(h >> 32);
}

static uint16_t tap_of(const struct pkt *p)
{
	uint16_t i = p->frame_count ? p->frames[0].iface : 0;

	return i < MIRROR_TAPS ? i : MIRROR_TAPS - 1;
}

/* The pair of p's hosts, *bit: its direction there. NULL: no room. */
static struct sides_pair *pair_of(struct mirror_sides *s, const struct pkt *p,
				  uint8_t *bit)
{
	bool up = memcmp(p->src.ip, p->dst.ip, 16) < 0;
	const uint8_t *lo = up ? p->src.ip : p->dst.ip;
	const uint8_t *hi = up ? p->dst.ip : p->src.ip;
	uint32_t at = slot_of(lo, hi);

	if (addr_is_multicast(&p->dst))
		return NULL;
	*bit = up ? 1 : 2;
	for (unsigned i = 0; i < PROBES; i++) {
		struct sides_pair *r = &s->pair[(at + i) % SIDES_PAIRS];

		if (!r->used) {
			*r = (struct sides_pair){.used = true};
			memcpy(r->lo, lo, 16);
			memcpy(r->hi, hi, 16);
			return r;
		}
		if (!memcmp(r->lo, lo, 16) && !memcmp(r->hi, hi, 16))
			return r;
	}
	return NULL;
}

static void mark(struct mirror_sides *s, const struct pkt *p, bool proof)
{
	uint8_t bit;
	struct sides_pair *r = pair_of(s, p, &bit);

	if (!r)
		return;
	r->seen |= bit;
	r->proofs += proof;
	r->tap = tap_of(p);
}

/* A host talks to itself: both directions are one. */
static bool alone(const struct pkt *p)
{
	return addr_ip_eq(&p->src, &p->dst);
}

void sides_sip(struct mirror_sides *s, const struct pkt *p,
	       const struct sip_msg *m)
{
	bool proof = !m->request;
	struct sides_pair *r;
	uint8_t bit;

	if (alone(p) || !(r = pair_of(s, p, &bit)))
		return;
	r->seen |= bit;
	r->tap = tap_of(p);
	/* Of a 2xx it may go another way than its INVITE. */
	if (m->request && m->method == SIP_ACK)
		proof = r->invited & bit;
	else if (m->request && m->authorization)
		proof = true;
	if (m->request && m->method == SIP_INVITE)
		r->invited |= bit;
	r->proofs += proof;
}

void sides_media(struct mirror_sides *s, const struct pkt *p)
{
	if (!alone(p))
		mark(s, p, false);
}

/* The count of blocks is in clear also in SRTCP. */
void sides_rtcp(struct mirror_sides *s, const struct pkt *p)
{
	const uint8_t *b = p->payload.p;
	bool report = p->payload.len >= 8 &&
		      (b[1] == RTCP_SR || b[1] == RTCP_RR) && (b[0] & 0x1f);

	if (!alone(p))
		mark(s, p, report);
}

/* Without the acknowledgement it is a try, or a flood of them. */
void sides_tcp(struct mirror_sides *s, const struct pkt *p, uint64_t other)
{
	uint16_t i = tap_of(p);

	if (other)
		s->both[i]++;
	else if ((p->tcp_flags & PKT_TCP_ACK) &&
		 !(p->tcp_flags & (PKT_TCP_SYN | PKT_TCP_RST)))
		s->one[i]++;
}

/* --- the verdict ---------------------------------------------------------- */

struct tally {
	uint64_t one[MIRROR_TAPS], both[MIRROR_TAPS];
};

static void count_pairs(const struct mirror_sides *s, struct tally *t)
{
	for (unsigned i = 0; i < SIDES_PAIRS; i++) {
		const struct sides_pair *r = &s->pair[i];

		if (!r->used || !r->proofs)
			continue;
		if ((r->seen | r->before) == 3)
			t->both[r->tap] += r->proofs;
		else
			t->one[r->tap] += r->proofs;
	}
}

static bool judge_tap(const struct tally *t, unsigned i, struct mirror_tap *out)
{
	uint64_t all = t->one[i] + t->both[i];

	if (all < SIDES_ENOUGH)
		return false;
	out->one_pct = (uint8_t)(100 * t->one[i] / all);
	out->one_way = t->one[i] >= SIDES_ENOUGH && out->one_pct >= ONE_WAY_PCT;
	return true;
}

/* Pairs of an interface that was judged begin anew; what was silent leaves. */
static void next_window(struct mirror_sides *s, const bool judged[MIRROR_TAPS])
{
	static const struct sides_pair none;

	for (unsigned i = 0; i < SIDES_PAIRS; i++) {
		struct sides_pair *r = &s->pair[i];

		if (!r->used || (!judged[r->tap] && r->proofs))
			continue;
		if (!r->seen) {
			*r = none;
			continue;
		}
		r->before = r->seen;
		r->seen = 0;
		r->proofs = 0;
	}
}

bool sides_judge(struct mirror_sides *s, struct mirror *out)
{
	bool judged[MIRROR_TAPS], any = false;
	struct tally t;

	memcpy(t.one, s->one, sizeof(t.one));
	memcpy(t.both, s->both, sizeof(t.both));
	count_pairs(s, &t);
	for (unsigned i = 0; i < MIRROR_TAPS; i++) {
		judged[i] = judge_tap(&t, i, &out->tap[i]);
		any |= judged[i];
		if (judged[i])
			s->one[i] = s->both[i] = 0;
	}
	next_window(s, judged);
	return any;
}
