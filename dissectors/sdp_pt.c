/* Static payload types: RFC 3551, tables 4 and 5. */
#include "dissectors/sdp.h"

/* clang-format off */
static const struct sdp_static_pt types[] = {
	{ 0, 1, false, 8000, SLICE_INIT("PCMU") },
	/* reserved today, in RFC 1890 it was this */
	{ 2, 1, false, 8000, SLICE_INIT("G721") },
	{ 3, 1, false, 8000, SLICE_INIT("GSM") },
	{ 4, 1, false, 8000, SLICE_INIT("G723") },
	{ 5, 1, false, 8000, SLICE_INIT("DVI4") },
	{ 6, 1, false, 16000, SLICE_INIT("DVI4") },
	{ 7, 1, false, 8000, SLICE_INIT("LPC") },
	{ 8, 1, false, 8000, SLICE_INIT("PCMA") },
	/* 4.5.2: samples at 16000, its RTP clock is 8000 by mistake */
	{ 9, 1, false, 8000, SLICE_INIT("G722") },
	{ 10, 2, false, 44100, SLICE_INIT("L16") },
	{ 11, 1, false, 44100, SLICE_INIT("L16") },
	{ 12, 1, false, 8000, SLICE_INIT("QCELP") },
	{ 13, 1, false, 8000, SLICE_INIT("CN") },
	{ 14, 1, false, 90000, SLICE_INIT("MPA") },
	{ 15, 1, false, 8000, SLICE_INIT("G728") },
	{ 16, 1, false, 11025, SLICE_INIT("DVI4") },
	{ 17, 1, false, 22050, SLICE_INIT("DVI4") },
	{ 18, 1, false, 8000, SLICE_INIT("G729") },
	/* reserved, but old phones send comfort noise as 19 */
	{ 19, 1, false, 8000, SLICE_INIT("CN") },
	{ 25, 1, true, 90000, SLICE_INIT("CelB") },
	{ 26, 1, true, 90000, SLICE_INIT("JPEG") },
	{ 28, 1, true, 90000, SLICE_INIT("nv") },
	{ 31, 1, true, 90000, SLICE_INIT("H261") },
	{ 32, 1, true, 90000, SLICE_INIT("MPV") },
	{ 33, 1, true, 90000, SLICE_INIT("MP2T") },
	{ 34, 1, true, 90000, SLICE_INIT("H263") },
};
/* clang-format on */

const struct sdp_static_pt *sdp_static_pt(uint8_t pt)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (types[i].pt == pt)
			return &types[i];
	return NULL;
}
