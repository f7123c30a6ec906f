/*
 * Capture files written into memory, in either byte order, right or wrong as
 * a test wants them.
 */
#ifndef TESTS_CAPTURE_IMAGE_H
#define TESTS_CAPTURE_IMAGE_H

#include "sniffer/base/slice.h"

struct image {
	uint8_t p[1 << 16];
	size_t len;
	bool big; /* byte order of what is written */
};

void image_u8(struct image *im, uint8_t v);
void image_u16(struct image *im, uint16_t v);
void image_u32(struct image *im, uint32_t v);
void image_u64(struct image *im, uint64_t v);
void image_bytes(struct image *im, struct slice s);
struct slice image_slice(const struct image *im);

void image_pcap(struct image *im, uint32_t magic, uint32_t linktype);
void image_record(struct image *im, uint32_t sec, uint32_t fraction,
		  struct slice data, uint32_t wire_len);

/* A block of pcapng, padded; the specific ones follow. */
void image_block(struct image *im, uint32_t type, struct slice body);
void image_section(struct image *im);
/* resolution is if_tsresol; offset_s is left out when 0 */
void image_interface(struct image *im, uint16_t linktype, uint32_t snaplen,
		     uint8_t resolution, int64_t offset_s);
void image_packet(struct image *im, uint32_t iface, uint64_t units,
		  struct slice data, uint32_t wire_len);
void image_old_packet(struct image *im, uint16_t iface, uint64_t units,
		      struct slice data, uint32_t wire_len);
void image_simple_packet(struct image *im, struct slice data,
			 uint32_t wire_len);

/* Decryption secrets; len is what the block says of their length. */
void image_secrets(struct image *im, uint32_t type, struct slice text,
		   uint32_t len);

/* Appends in as one gzip member. */
void image_gzip(struct image *im, struct slice in);

/* Writes it all to a file. */
void image_save(const struct image *im, const char *path);

#endif
