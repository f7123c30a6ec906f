/*
 * What the payload of video tells without decoding it: where frames begin,
 * which are key frames, resolution, layers. VP8 (RFC 7741), VP9 (RFC 9628),
 * H.264 (RFC 6184), H.265 (RFC 7798), AV1 (AOM's RTP payload format 1.0).
 * Pure. Cut payloads are read as far as they go.
 */
#ifndef DISSECTORS_RTP_VIDEO_H
#define DISSECTORS_RTP_VIDEO_H

#include "dissectors/parse.h"
#include "sniffer/base/slice.h"

enum rtp_video_codec {
	RTP_VIDEO_OTHER, /* nothing can be read */
	RTP_VIDEO_VP8,
	RTP_VIDEO_VP9,
	RTP_VIDEO_H264,
	RTP_VIDEO_H265,
	RTP_VIDEO_AV1,
};

/* By the encoding name of rtpmap; case does not count. */
enum rtp_video_codec rtp_video_codec(struct slice name);

/* One packet. */
struct rtp_video {
	bool start;		  /* of a frame, or of a layer of one */
	bool key;		  /* of a key frame; not on all its packets */
	uint16_t width, height;	  /* 0 = not told here */
	int8_t spatial, temporal; /* layer; -1 = not told */
};

/* PARSE_BAD: no payload of that codec, or empty. */
enum parse rtp_video_parse(enum rtp_video_codec codec, struct slice payload,
			   struct rtp_video *out);

/* The parts of it. */
enum parse rtp_vp8_parse(struct slice payload, struct rtp_video *out);
enum parse rtp_vp9_parse(struct slice payload, struct rtp_video *out);
enum parse rtp_h264_parse(struct slice payload, struct rtp_video *out);
enum parse rtp_h265_parse(struct slice payload, struct rtp_video *out);
enum parse rtp_av1_parse(struct slice payload, struct rtp_video *out);

/* Parameter sets: a NAL unit with its header, an OBU without. The resolution
 * is written when it was read. */
void rtp_h264_sps(struct slice nal, struct rtp_video *out);
void rtp_h265_sps(struct slice nal, struct rtp_video *out);
void rtp_av1_sequence(struct slice obu, struct rtp_video *out);

#endif
