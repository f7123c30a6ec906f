/* Which packets may pass, and from when they are. */
#include <openssl/crypto.h>

#include "sniffer/capture/hep_priv.h"

#define NS_PER_S UINT64_C(1000000000)

bool hep_allowed(const struct hep_source *hs, const struct addr *from)
{
	for (size_t i = 0; i < hs->opt.allow_n; i++)
		if (peer_in_subnets(slice_str(hs->opt.allow[i]), from))
			return true;
	return !hs->opt.allow_n;
}

static bool has_key(const struct hep_source *hs, const struct hep *h)
{
	struct slice key = hs->opt.key;

	return !key.len || (h->auth.len == key.len &&
			    !CRYPTO_memcmp(h->auth.p, key.p, key.len));
}

/*
 * Nothing is later than its arrival: the engine's time follows the machine's
 * clock and never goes back. What is off by more than an agent's clock may be
 * gets the time of its arrival.
 */
static uint64_t time_of(struct hep_source *hs, const struct hep *h)
{
	uint64_t now = hs->now_ns, skew = hs->opt.skew_ns;
	uint64_t ts = h->seconds * NS_PER_S + h->microseconds * UINT64_C(1000);
	uint64_t off = ts > now ? ts - now : now - ts;

	if (off > skew || h->microseconds >= 1000000) {
		hep_count(hs, HEP_CLAMPED, 1);
		return now;
	}
	return ts < now ? ts : now;
}

/* Version 2 begins with its number and the length of its head. */
static bool is_old(const uint8_t *packet, size_t len)
{
	return len > 2 && (packet[0] == 1 || packet[0] == 2) &&
	       (packet[1] == 16 || packet[1] == 20 || packet[1] == 40 ||
		packet[1] == 44 || packet[1] == 28 || packet[1] == 52);
}

static bool is_ours(const struct hep_source *hs, const struct hep *h)
{
	return hs->opt.own_node.len && h->capture_id == hs->opt.own_id &&
	       slice_eq(h->node, hs->opt.own_node);
}

/* Why it is refused; HEP_COUNTS when it is not. */
static enum hep_count judge(struct hep_source *hs, uint8_t *packet, size_t len,
			    struct hep *h)
{
	if (hep_parse(slice_of(packet, len), h) != PARSE_OK)
		return is_old(packet, len) ? HEP_OLD : HEP_BAD;
	if (!has_key(hs, h))
		return HEP_WRONG_KEY;
	if (is_ours(hs, h))
		return HEP_OWN;
	if (h->auth.len) /* it shall be in no recording */
		memset(packet + (h->auth.p - packet), 0, h->auth.len);
	return hep_plain(h, hs->plain) ? HEP_COUNTS : HEP_BAD;
}

bool hep_admit(struct hep_source *hs, uint8_t *packet, size_t len,
	       struct hep *out, uint64_t *ts_ns)
{
	enum hep_count why = judge(hs, packet, len, out);

	if (why != HEP_COUNTS) {
		hep_count(hs, why, 1);
		return false;
	}
	*ts_ns = time_of(hs, out);
	return true;
}
