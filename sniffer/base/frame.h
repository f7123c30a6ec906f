/*
 * One captured frame, as a source hands it out. The bytes are borrowed: they
 * are good until the source is read again, unless they lie in a block; then
 * nobody changes them, and they live as long as somebody holds that block.
 */
#ifndef BASE_FRAME_H
#define BASE_FRAME_H

#include "sniffer/base/slice.h"

struct block;

struct frame {
	struct slice data; /* captured bytes */
	uint64_t ts_ns;	   /* capture time since 1970, UTC */
	uint64_t number;   /* 1 = the first of the run, over all inputs */
	uint32_t wire_len; /* length on the wire; > data.len when cut */
	uint16_t linktype; /* LINKTYPE_ value of the capture file formats */
	uint16_t iface;	   /* of the source */
	uint8_t ts_digits; /* 6 or 9: the resolution of the source */
	bool told;	   /* an agent saw it, elsewhere: not our tap */
	/* Where the bytes lie; the source holds it until it is read again.
	 * NULL: in memory that is then used for others. */
	struct block *block;
};

#endif
