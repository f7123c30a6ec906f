#include "dissectors/hep_priv.h"

bool hep_probe(struct slice head)
{
	return head.len >= 4 && (head.p[0] == 'H' || head.p[0] == 'E') &&
	       !memcmp(head.p + 1, "EP3", 3);
}

/* The address keeps the port that came before it. */
static bool read_ip(struct slice body, size_t len, struct addr *out)
{
	if (body.len != len)
		return false;
	*out = len == 4 ? addr_v4(body.p, out->port)
			: addr_v6(body.p, out->port);
	return true;
}

static bool read_chunk(struct hep *h, uint16_t type, struct slice body,
		       unsigned *addrs)
{
	struct cursor c = cursor_of(body);

	switch (type) {
	case CHUNK_PROTO:
		h->proto = cursor_u8(&c);
		break;
	case CHUNK_SRC4:
	case CHUNK_SRC6:
		*addrs |= 1;
		return read_ip(body, type == CHUNK_SRC4 ? 4 : 16, &h->src);
	case CHUNK_DST4:
	case CHUNK_DST6:
		*addrs |= 2;
		return read_ip(body, type == CHUNK_DST4 ? 4 : 16, &h->dst);
	case CHUNK_SRC_PORT:
		h->src.port = cursor_u16(&c);
		break;
	case CHUNK_DST_PORT:
		h->dst.port = cursor_u16(&c);
		break;
	case CHUNK_SECONDS:
		h->seconds = cursor_u32(&c);
		break;
	case CHUNK_MICROSECONDS:
		h->microseconds = cursor_u32(&c);
		break;
	case CHUNK_TYPE:
		h->type = cursor_u8(&c);
		break;
	case CHUNK_CAPTURE_ID:
		h->capture_id = cursor_u32(&c);
		break;
	case CHUNK_AUTH:
		h->auth = body;
		break;
	case CHUNK_PAYLOAD:
	case CHUNK_COMPRESSED:
		h->payload = body;
		h->compressed = type == CHUNK_COMPRESSED;
		break;
	case CHUNK_CORRELATION:
		h->correlation_id = body;
		break;
	case CHUNK_VLAN:
		h->vlan = cursor_u16(&c) & 0x0fff;
		break;
	case CHUNK_NODE:
		h->node = body;
		break;
	case CHUNK_TOS:
		h->tos = cursor_u8(&c);
		break;
	}
	return !c.bad;
}

/*
 * "HEP3" 4 | length of all 2 | chunks: vendor 2 | type 2 | length 2 | body
 *
 * A length counts its own header.
 */
enum parse hep_parse(struct slice in, struct hep *out)
{
	struct cursor c = cursor_of(in);
	struct hep h = {0};
	unsigned addrs = 0;
	uint16_t total;

	if (in.len >= 4 && !hep_probe(in))
		return PARSE_BAD;
	cursor_u32(&c);
	total = cursor_u16(&c);
	if (c.bad || total > in.len)
		return PARSE_MORE;
	if (total < HEP_HEADER)
		return PARSE_BAD;

	c = cursor_of(slice_from(slice_head(in, total), HEP_HEADER));
	while (cursor_left(&c)) {
		uint16_t vendor = cursor_u16(&c);
		uint16_t type = cursor_u16(&c);
		uint16_t len = cursor_u16(&c);
		struct slice body = cursor_take(&c, len - (size_t)HEP_HEADER);

		if (c.bad)
			return PARSE_BAD;
		if (!vendor && !read_chunk(&h, type, body, &addrs))
			return PARSE_BAD;
	}
	if (addrs != 3 || !h.payload.len)
		return PARSE_BAD;
	*out = h;
	return PARSE_OK;
}

const char *hep_kind(uint8_t type)
{
	static const char *const names[256] = {
		[1] = "hep_sip",	[2] = "hep_xmpp",
		[3] = "hep_sdp",	[4] = "hep_rtp",
		[5] = "hep_rtcp_json",	[6] = "hep_mgcp",
		[7] = "hep_megaco",	[8] = "hep_m2ua",
		[9] = "hep_m3ua",	[10] = "hep_iax",
		[13] = "hep_m2pa",	[34] = "hep_mos_full",
		[35] = "hep_mos_short", [50] = "hep_sip_json",
		[53] = "hep_dns",	[54] = "hep_isup_json",
		[55] = "hep_rtsp",	[56] = "hep_diameter",
		[57] = "hep_gsm_map",	[58] = "hep_rtcp_pion",
		[60] = "hep_cdr",	[61] = "hep_verto",
		[100] = "hep_log",
	};

	return names[type] ? names[type] : "hep_unknown";
}
