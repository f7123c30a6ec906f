/* Which packets may pass, and from when they are. */
#include <openssl/crypto.h>

#include "sniffer/capture/hep_priv.h"

#define NS_PER_S UINT64_C(1000000000)

/* What fits behind the heads of IPv4 and UDP. */
#define PACKET_MAX (65535 - 28)

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

bool hep_admit(struct hep_source *hs, uint8_t *packet, size_t len,
	       uint64_t *ts_ns)
{
	struct hep h;

	if (hep_parse(slice_of(packet, len), &h) != PARSE_OK) {
		hep_count(hs, is_old(packet, len) ? HEP_OLD : HEP_BAD, 1);
		return false;
	}
	if (!has_key(hs, &h)) {
		hep_count(hs, HEP_WRONG_KEY, 1);
		return false;
	}
	if (len > PACKET_MAX) {
		hep_count(hs, HEP_TOO_LONG, 1);
		return false;
	}
	if (h.auth.len) /* it shall be in no recording */
		memset(packet + (h.auth.p - packet), 0, h.auth.len);
	*ts_ns = time_of(hs, &h);
	return true;
}
