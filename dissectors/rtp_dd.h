/*
 * The dependency descriptor of a video frame (AV1 RTP payload format,
 * appendix A): a header extension that any codec may use, and that tells key
 * frames, layers and resolution while the payload is encrypted. Pure.
 */
#ifndef DISSECTORS_RTP_DD_H
#define DISSECTORS_RTP_DD_H

#include "dissectors/parse.h"
#include "sniffer/base/slice.h"

struct rtp_dd {
	bool start, end;  /* first and last packet of a frame */
	uint8_t template; /* which of the structure's it follows */
	uint16_t frame;	  /* its number */
	bool structure;	  /* a new one begins: with a key frame */
	uint8_t spatial;  /* layers of that structure; 0 without */
	uint8_t temporal;
	uint16_t width;	 /* of the largest layer; 0 = not told. 65536, the */
	uint16_t height; /* most that can be said, counts as not told */
};

/* PARSE_BAD: cut, or a structure that contradicts itself; what the first
 * three bytes say is filled as far as they are there. */
enum parse rtp_dd_parse(struct slice in, struct rtp_dd *out);

#endif
