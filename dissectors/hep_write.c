/* HEP written. */
#include "dissectors/hep_priv.h"

enum {
	FAMILY_IPV4 = 2,
	FAMILY_IPV6 = 10,
};

struct out {
	uint8_t *p;
	size_t len;
	bool full;
};

static void put(struct out *o, const void *bytes, size_t n)
{
	if (o->full || n > HEP_MAX - o->len) {
		o->full = true;
		return;
	}
	if (n)
		memcpy(o->p + o->len, bytes, n);
	o->len += n;
}

static void put_number(struct out *o, uint32_t v, size_t bytes)
{
	uint8_t be[4] = {(uint8_t)(v >> 24), (uint8_t)(v >> 16),
			 (uint8_t)(v >> 8), (uint8_t)v};

	put(o, be + sizeof(be) - bytes, bytes);
}

static void put_head(struct out *o, uint16_t type, size_t body)
{
	if (body > HEP_MAX - HEP_HEADER) {
		o->full = true;
		return;
	}
	put_number(o, 0, 2);
	put_number(o, type, 2);
	put_number(o, (uint32_t)(body + HEP_HEADER), 2);
}

static void chunk_bytes(struct out *o, uint16_t type, const void *bytes,
			size_t n)
{
	put_head(o, type, n);
	put(o, bytes, n);
}

static void chunk_number(struct out *o, uint16_t type, uint32_t v, size_t bytes)
{
	put_head(o, type, bytes);
	put_number(o, v, bytes);
}

static void chunk_text(struct out *o, uint16_t type, struct slice text)
{
	if (text.len)
		chunk_bytes(o, type, text.p, text.len);
}

static void put_addresses(struct out *o, const struct hep *h)
{
	bool v4 = addr_is_v4(&h->src) && addr_is_v4(&h->dst);

	chunk_number(o, CHUNK_FAMILY, v4 ? FAMILY_IPV4 : FAMILY_IPV6, 1);
	chunk_number(o, CHUNK_PROTO, h->proto, 1);
	if (v4) {
		chunk_bytes(o, CHUNK_SRC4, h->src.ip + 12, 4);
		chunk_bytes(o, CHUNK_DST4, h->dst.ip + 12, 4);
	} else {
		chunk_bytes(o, CHUNK_SRC6, h->src.ip, 16);
		chunk_bytes(o, CHUNK_DST6, h->dst.ip, 16);
	}
	chunk_number(o, CHUNK_SRC_PORT, h->src.port, 2);
	chunk_number(o, CHUNK_DST_PORT, h->dst.port, 2);
}

size_t hep_write(uint8_t *to, const struct hep *h)
{
	struct out o = {.p = to};

	put(&o, "HEP3\0", HEP_HEADER); /* the length follows at the end */
	put_addresses(&o, h);
	chunk_number(&o, CHUNK_SECONDS, h->seconds, 4);
	chunk_number(&o, CHUNK_MICROSECONDS, h->microseconds, 4);
	chunk_number(&o, CHUNK_TYPE, h->type, 1);
	chunk_number(&o, CHUNK_CAPTURE_ID, h->capture_id, 4);
	chunk_text(&o, CHUNK_AUTH, h->auth);
	chunk_text(&o, CHUNK_CORRELATION, h->correlation_id);
	if (h->vlan)
		chunk_number(&o, CHUNK_VLAN, h->vlan, 2);
	chunk_text(&o, CHUNK_NODE, h->node);
	if (h->tos)
		chunk_number(&o, CHUNK_TOS, h->tos, 1);
	chunk_text(&o, h->compressed ? CHUNK_COMPRESSED : CHUNK_PAYLOAD,
		   h->payload);
	if (o.full)
		return 0;
	to[4] = (uint8_t)(o.len >> 8);
	to[5] = (uint8_t)o.len;
	return o.len;
}
