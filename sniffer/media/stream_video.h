/*
 * Video of one stream. Frames are timestamps, so they are known without
 * keys, as is the bitrate; key frames, resolution and layers need a payload
 * that can be read, or a header extension that tells (dependency descriptor,
 * frame marking).
 */
#ifndef MEDIA_STREAM_VIDEO_H
#define MEDIA_STREAM_VIDEO_H

#include "dissectors/rtp_dd.h"
#include "dissectors/rtp_hdrext.h"
#include "dissectors/rtp_video.h"
#include "sniffer/cdr.h"

enum {
	STREAM_FRAMES = 32, /* remembered: packets of them may come late */
};

struct stream_video {
	uint64_t frames, keyframes;
	uint64_t first_ns, last_ns; /* first packets of frames */
	uint32_t ts[STREAM_FRAMES];
	uint32_t key_ts; /* of the last key frame */
	bool told;	 /* something says which frames are key frames */
	uint8_t spatial, temporal; /* layers seen; 0 = nothing told */
	uint16_t width, height;	   /* 0 = not told */
	uint64_t second_end_ns, second_bytes, second_max; /* bitrate */
};

/* A packet of the frame with this timestamp; true when it is the first. */
bool stream_video_frame(struct stream_video *v, uint64_t now_ns, uint32_t ts);
/* Payload bytes of a packet. */
void stream_video_bytes(struct stream_video *v, uint64_t now_ns,
			uint32_t bytes);

/* What a packet of the frame with this timestamp says of it. */
void stream_video_payload(struct stream_video *v, uint32_t ts,
			  enum rtp_video_codec codec, struct slice payload);
void stream_video_exts(struct stream_video *v, uint32_t ts,
		       const struct rtp_hdrext *x);

/* span_ns, bytes: of the whole stream. */
void stream_video_result(const struct stream_video *v, uint64_t span_ns,
			 uint64_t bytes, struct cdr_video *out);

#endif
