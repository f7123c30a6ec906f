#include "dissectors/hep_plain.h"

#include <zlib.h>

#include "dissectors/rtcp_json.h"

bool hep_has_rtcp(const struct hep *h)
{
	struct slice s = h->payload;

	return h->type == HEP_RTCP && s.len >= 8 && s.p[0] >> 6 == 2 &&
	       s.p[1] >= 192 && s.p[1] <= 223;
}

bool hep_is_known(const struct hep *h)
{
	return h->type == HEP_SIP || h->type == HEP_SDP || h->type == HEP_RTP ||
	       hep_has_rtcp(h);
}

static bool inflate_all(struct hep *h, uint8_t *room)
{
	z_stream z = {.next_in = (uint8_t *)h->payload.p,
		      .avail_in = (unsigned)h->payload.len,
		      .next_out = room,
		      .avail_out = HEP_PLAIN_MAX};
	int rc;

	if (inflateInit2(&z, 15 + 32) != Z_OK) /* zlib or gzip */
		return false;
	rc = inflate(&z, Z_FINISH);
	inflateEnd(&z);
	h->payload = slice_of(room, HEP_PLAIN_MAX - z.avail_out);
	h->compressed = false;
	return rc == Z_STREAM_END && h->payload.len;
}

bool hep_plain(struct hep *h, uint8_t *room)
{
	uint8_t packet[RTCP_JSON_PACKET_MAX];
	size_t n;

	if (h->compressed && !inflate_all(h, room))
		return false;
	if (h->type != HEP_RTCP || hep_has_rtcp(h))
		return true;
	n = rtcp_json_read(h->payload, packet);
	if (n) {
		memcpy(room, packet, n);
		h->payload = slice_of(room, n);
	}
	return true;
}
