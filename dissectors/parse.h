/*
 * What every dissector answers. Dissectors are pure: bytes in, struct out;
 * no allocation, clock, I/O or written global. Slices in the output point
 * into the input.
 */
#ifndef DISSECTORS_PARSE_H
#define DISSECTORS_PARSE_H

#include "sniffer/base/slice.h"

enum parse {
	PARSE_OK,   /* out is filled, its slices point into the input */
	PARSE_MORE, /* a valid beginning; come back with more bytes   */
	PARSE_BAD,  /* these bytes will not become a message          */
};

#endif
