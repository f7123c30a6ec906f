#include "tests/capture_image.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

void image_u8(struct image *im, uint8_t v)
{
	assert(im->len < sizeof(im->p));
	im->p[im->len++] = v;
}

void image_u16(struct image *im, uint16_t v)
{
	uint8_t hi = (uint8_t)(v >> 8), lo = (uint8_t)v;

	image_u8(im, im->big ? hi : lo);
	image_u8(im, im->big ? lo : hi);
}

void image_u32(struct image *im, uint32_t v)
{
	uint16_t hi = (uint16_t)(v >> 16), lo = (uint16_t)v;

	image_u16(im, im->big ? hi : lo);
	image_u16(im, im->big ? lo : hi);
}

void image_u64(struct image *im, uint64_t v)
{
	uint32_t hi = (uint32_t)(v >> 32), lo = (uint32_t)v;

	image_u32(im, im->big ? hi : lo);
	image_u32(im, im->big ? lo : hi);
}

void image_bytes(struct image *im, struct slice s)
{
	assert(s.len <= sizeof(im->p) - im->len);
	if (s.len)
		memcpy(im->p + im->len, s.p, s.len);
	im->len += s.len;
}

struct slice image_slice(const struct image *im)
{
	return slice_of(im->p, im->len);
}

void image_pcap(struct image *im, uint32_t magic, uint32_t linktype)
{
	image_u32(im, magic);
	image_u16(im, 2);
	image_u16(im, 4);
	image_u32(im, 0);
	image_u32(im, 0);
	image_u32(im, 65535);
	image_u32(im, linktype);
}

void image_record(struct image *im, uint32_t sec, uint32_t fraction,
		  struct slice data, uint32_t wire_len)
{
	image_u32(im, sec);
	image_u32(im, fraction);
	image_u32(im, (uint32_t)data.len);
	image_u32(im, wire_len);
	image_bytes(im, data);
}

static void pad(struct image *im, size_t len)
{
	for (; len % 4; len++)
		image_u8(im, 0);
}

void image_block(struct image *im, uint32_t type, struct slice body)
{
	uint32_t total = ((uint32_t)body.len + 3) / 4 * 4 + 12;

	image_u32(im, type);
	image_u32(im, total);
	image_bytes(im, body);
	pad(im, body.len);
	image_u32(im, total);
}

/* Blocks are put together in an image of their own, in the same order. */
static struct image *body_for(const struct image *im)
{
	struct image *body = calloc(1, sizeof(*body));

	assert(body);
	body->big = im->big;
	return body;
}

static void finish(struct image *im, uint32_t type, struct image *body)
{
	image_block(im, type, image_slice(body));
	free(body);
}

void image_section(struct image *im)
{
	struct image *body = body_for(im);

	image_u32(body, 0x1a2b3c4d);
	image_u16(body, 1);
	image_u16(body, 0);
	image_u64(body, UINT64_MAX);
	finish(im, 0x0a0d0d0a, body);
}

void image_interface(struct image *im, uint16_t linktype, uint32_t snaplen,
		     uint8_t resolution, int64_t offset_s)
{
	struct image *body = body_for(im);

	image_u16(body, linktype);
	image_u16(body, 0);
	image_u32(body, snaplen);
	image_u16(body, 2); /* if_name, to be passed over */
	image_u16(body, 5);
	image_bytes(body, SLICE("eth0\0\0\0\0"));
	image_u16(body, 9);
	image_u16(body, 1);
	image_u8(body, resolution);
	pad(body, 1);
	if (offset_s) {
		image_u16(body, 14);
		image_u16(body, 8);
		image_u64(body, (uint64_t)offset_s);
	}
	image_u32(body, 0);
	finish(im, 1, body);
}

static void packet_fields(struct image *body, uint64_t units, struct slice data,
			  uint32_t wire_len)
{
	image_u32(body, (uint32_t)(units >> 32));
	image_u32(body, (uint32_t)units);
	image_u32(body, (uint32_t)data.len);
	image_u32(body, wire_len);
	image_bytes(body, data);
}

void image_packet(struct image *im, uint32_t iface, uint64_t units,
		  struct slice data, uint32_t wire_len)
{
	struct image *body = body_for(im);

	image_u32(body, iface);
	packet_fields(body, units, data, wire_len);
	finish(im, 6, body);
}

void image_old_packet(struct image *im, uint16_t iface, uint64_t units,
		      struct slice data, uint32_t wire_len)
{
	struct image *body = body_for(im);

	image_u16(body, iface);
	image_u16(body, 0); /* drops */
	packet_fields(body, units, data, wire_len);
	finish(im, 2, body);
}

void image_simple_packet(struct image *im, struct slice data, uint32_t wire_len)
{
	struct image *body = body_for(im);

	image_u32(body, wire_len);
	image_bytes(body, data);
	finish(im, 3, body);
}

void image_secrets(struct image *im, uint32_t type, struct slice text,
		   uint32_t len)
{
	struct image *body = body_for(im);

	image_u32(body, type);
	image_u32(body, len);
	image_bytes(body, text);
	finish(im, 10, body);
}

void image_gzip(struct image *im, struct slice in)
{
	z_stream z = {0};
	int rc;

	rc = deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
	assert(rc == Z_OK);
	z.next_in = (Bytef *)(uintptr_t)in.p;
	z.avail_in = (uInt)in.len;
	z.next_out = im->p + im->len;
	z.avail_out = (uInt)(sizeof(im->p) - im->len);
	rc = deflate(&z, Z_FINISH);
	assert(rc == Z_STREAM_END);
	im->len = sizeof(im->p) - z.avail_out;
	deflateEnd(&z);
}

void image_save(const struct image *im, const char *path)
{
	FILE *f = fopen(path, "wb");

	assert(f);
	assert(fwrite(im->p, 1, im->len, f) == im->len);
	fclose(f);
}
