/*
 * Frames and capture files for the suites of recordings and of the spool.
 */
#ifndef TESTS_MADE_FRAME_H
#define TESTS_MADE_FRAME_H

#include "sniffer/base/frame.h"

#define MADE_LEN 32 /* bytes of a made frame */

/* A frame whose bytes follow from its number; buf has MADE_LEN bytes. */
struct frame made_frame(uint8_t *buf, uint64_t number, uint64_t ts_ns,
			uint16_t linktype, uint8_t ts_digits);

struct made_packet {
	uint64_t ts_ns;
	uint32_t caplen, wire_len;
	uint16_t linktype;
	uint8_t ts_digits;
	uint8_t first; /* byte */
};

/* Reads a capture file, either format, with no code of ours: packets found,
 * -1 when it cannot be read or is not whole. *ng says which format. */
int made_read(const char *path, struct made_packet *out, size_t max, bool *ng);

#endif
