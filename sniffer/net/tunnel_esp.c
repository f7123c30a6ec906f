/*
 * ESP that only authenticates (RFC 2410). Nothing on the wire tells it from
 * encrypted ESP, so everything that can be tested is (RFC 5879 does alike):
 * the trailer's padding, the next header, and the header that it names.
 */
#include "sniffer/net/decode_priv.h"

/* Ones' complement sum of RFC 1071; an odd end is padded. */
static uint32_t sum16(uint32_t sum, struct slice s)
{
	struct cursor c = cursor_of(s);

	while (cursor_left(&c) > 1)
		sum += cursor_u16(&c);
	if (cursor_left(&c))
		sum += (uint32_t)cursor_u8(&c) << 8;
	return sum;
}

/* Over the addresses too (RFC 9293, 3.1). The v4-mapped prefix of both
 * addresses sums to 0, so one way fits both versions. */
static bool tcp_sum_ok(const struct walk *w, struct slice tcp)
{
	uint32_t sum = PKT_TCP + (uint32_t)tcp.len;

	sum = sum16(sum, slice_of(w->out->src.ip, 16));
	sum = sum16(sum, slice_of(w->out->dst.ip, 16));
	sum = sum16(sum, tcp);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff;
}

static bool tcp_ok(const struct walk *w, struct slice s)
{
	size_t header = s.len < 20 ? 0 : (s.p[12] >> 4) * 4u;

	return header >= 20 && header <= s.len && tcp_sum_ok(w, s);
}

static bool udp_ok(struct slice s)
{
	return s.len >= 8 && (size_t)(s.p[4] << 8 | s.p[5]) == s.len;
}

/* Its length must be all that is there. */
static bool ip_ok(struct slice s, uint8_t version)
{
	if (!looks_ip(s, (uint32_t)s.len) || s.p[0] >> 4 != version)
		return false;
	if (version == 4)
		return (size_t)(s.p[2] << 8 | s.p[3]) == s.len;
	return (size_t)(s.p[4] << 8 | s.p[5]) + 40 == s.len;
}

static bool content_ok(const struct walk *w, struct slice s, uint8_t next)
{
	switch (next) {
	case 4:
		return ip_ok(s, 4);
	case 41:
		return ip_ok(s, 6);
	case PKT_TCP:
		return tcp_ok(w, s);
	case PKT_UDP:
		return udp_ok(s);
	default:
		return false;
	}
}

/* RFC 4303, 2: payload | padding 1 2 3 ... | its length 1 | next header 1;
 * the last byte lies on a 4-byte boundary. s is without SPI and ICV. */
static bool read_trailer(struct slice s, struct slice *payload, uint8_t *next)
{
	size_t pad;

	if (s.len < 2 || s.len % 4)
		return false;
	*next = s.p[s.len - 1];
	pad = s.p[s.len - 2];
	if (pad + 2 > s.len)
		return false;
	*payload = slice_head(s, s.len - 2 - pad);
	for (size_t i = 0; i < pad; i++)
		if (s.p[payload->len + i] != i + 1)
			return false;
	return true;
}

/* True with the payload in w, when s (behind SPI and sequence number) is
 * clear under an ICV of that length. */
static bool try_icv(struct walk *w, struct slice s, size_t icv)
{
	struct slice payload;
	uint8_t next;

	if (s.len < icv ||
	    !read_trailer(slice_head(s, s.len - icv), &payload, &next))
		return false;
	if (!content_ok(w, payload, next))
		return false;
	w->in = payload;
	w->wire = (uint32_t)payload.len;
	w->type = next;
	return true;
}

/* SPI 4, never 0 | sequence 4 | payload ... False leaves the walk as it
 * was. Phones do use the reserved SPIs 1 to 255. */
bool esp_is_null(struct walk *w, enum next *next)
{
	static const uint8_t icvs[] = {12, 16, 0, 24, 32, 8};
	struct cursor c = cursor_of(w->in);
	uint32_t spi = cursor_u32(&c);
	struct slice body;

	cursor_u32(&c);
	body = cursor_rest(&c);
	if (c.bad || !spi || w->in.len < w->wire)
		return false;
	for (size_t i = 0; i < sizeof(icvs); i++) {
		if (try_icv(w, body, icvs[i])) {
			*next = NEXT_IPPROTO;
			return true;
		}
	}
	return false;
}

enum next decode_esp(struct walk *w)
{
	enum next next;

	if (esp_is_null(w, &next))
		return next;
	if (w->in.len < w->wire) /* the trailer is not there to be tested */
		return walk_bad(w, "esp.cut");
	return walk_bad(w, "esp.encrypted");
}
