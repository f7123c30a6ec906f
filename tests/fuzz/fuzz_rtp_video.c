/* Payloads of every video codec; the first byte says of which. */
#include <assert.h>

#include "dissectors/rtp_video.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void sizes(const struct rtp_video *v)
{
	assert((v->width == 0) == (v->height == 0));
	assert(v->spatial >= -1 && v->temporal >= -1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size);
	struct rtp_video v;

	if (!size)
		return 0;
	rtp_video_parse((enum rtp_video_codec)(data[0] % (RTP_VIDEO_AV1 + 1)),
			slice_from(in, 1), &v);
	sizes(&v);
	v.width = v.height = 0;
	rtp_h264_sps(in, &v);
	sizes(&v);
	rtp_h265_sps(in, &v);
	sizes(&v);
	rtp_av1_sequence(in, &v);
	sizes(&v);
	return 0;
}
