#include "sniffer/media/stream_video.h"

#define SECOND_NS 1000000000ull

/* Frames come in the order of their timestamps, but for packets that were
 * overtaken: those belong to a frame that is remembered, or are all that is
 * left of one. */
bool stream_video_frame(struct stream_video *v, uint64_t now_ns, uint32_t ts)
{
	uint64_t known = v->frames < STREAM_FRAMES ? v->frames : STREAM_FRAMES;
	uint32_t last = v->ts[(v->frames - 1) % STREAM_FRAMES];

	if (v->frames && ts == last)
		return false;
	for (uint64_t i = 0; i < known; i++)
		if (v->ts[i] == ts)
			return false;
	if (!v->frames)
		v->first_ns = now_ns;
	v->ts[v->frames++ % STREAM_FRAMES] = ts;
	v->last_ns = now_ns;
	return true;
}

void stream_video_bytes(struct stream_video *v, uint64_t now_ns, uint32_t bytes)
{
	if (now_ns >= v->second_end_ns) {
		if (v->second_bytes > v->second_max)
			v->second_max = v->second_bytes;
		v->second_bytes = 0;
		v->second_end_ns = now_ns + SECOND_NS;
	}
	v->second_bytes += bytes;
}

/* Several packets of a frame may say so. */
static void key_frame(struct stream_video *v, uint32_t ts)
{
	if (v->keyframes && v->key_ts == ts)
		return;
	v->keyframes++;
	v->key_ts = ts;
}

static void layers(struct stream_video *v, int spatial, int temporal)
{
	if (spatial >= v->spatial)
		v->spatial = (uint8_t)(spatial + 1);
	if (temporal >= v->temporal)
		v->temporal = (uint8_t)(temporal + 1);
}

static void size(struct stream_video *v, uint16_t width, uint16_t height)
{
	if (!width)
		return;
	v->width = width;
	v->height = height;
}

void stream_video_payload(struct stream_video *v, uint32_t ts,
			  enum rtp_video_codec codec, struct slice payload)
{
	struct rtp_video p;

	if (rtp_video_parse(codec, payload, &p) != PARSE_OK)
		return;
	v->told = true;
	if (p.key)
		key_frame(v, ts);
	size(v, p.width, p.height);
	layers(v, p.spatial, p.temporal);
}

void stream_video_exts(struct stream_video *v, uint32_t ts,
		       const struct rtp_hdrext *x)
{
	struct rtp_dd dd;

	if (rtp_hdrext_has(x, RTP_HDREXT_DEPENDENCY_DESCRIPTOR) &&
	    rtp_dd_parse(x->dd, &dd) == PARSE_OK) {
		v->told = true;
		if (dd.structure) {
			key_frame(v, ts);
			layers(v, dd.spatial - 1, dd.temporal - 1);
			size(v, dd.width, dd.height);
		}
	}
	if (rtp_hdrext_has(x, RTP_HDREXT_FRAME_MARKING)) {
		v->told = true;
		if (x->marking.independent)
			key_frame(v, ts);
		layers(v, -1, x->marking.temporal);
	}
}

static double kbps(uint64_t bytes, uint64_t ns)
{
	return ns ? (double)bytes * 8e6 / (double)ns : NAN;
}

static uint32_t or_null(uint32_t v)
{
	return v ? v : CDR_NO_U32;
}

void stream_video_result(const struct stream_video *v, uint64_t span_ns,
			 uint64_t bytes, struct cdr_video *out)
{
	uint64_t span = v->last_ns - v->first_ns;
	uint64_t most = v->second_bytes > v->second_max ? v->second_bytes
							: v->second_max;

	*out = (struct cdr_video){
		.frames = v->frames,
		.fps = span ? (double)(v->frames - 1) * 1e9 / (double)span
			    : NAN,
		.keyframes = v->told ? v->keyframes : UINT64_MAX,
		.width = or_null(v->width),
		.height = or_null(v->height),
		.spatial_layers = or_null(v->spatial),
		.temporal_layers = or_null(v->temporal),
		.bitrate_kbps = {kbps(bytes, span_ns), kbps(most, SECOND_NS)},
	};
	/* A stream of less than a second. */
	if (out->bitrate_kbps.max < out->bitrate_kbps.mean)
		out->bitrate_kbps.max = out->bitrate_kbps.mean;
}
