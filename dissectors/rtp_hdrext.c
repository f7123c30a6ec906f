#include "dissectors/rtp_hdrext.h"

#define URN    "urn:ietf:params:rtp-hdrext:"
#define WEBRTC "http://www.webrtc.org/experiments/rtp-hdrext/"
#define HOLMER "http://www.ietf.org/id/draft-holmer-rmcat-"
#define AV1    "https://aomediacodec.github.io/av1-rtp-spec/"

static const struct {
	struct slice uri;
	enum rtp_hdrext_kind kind;
} uris[] = {
	{SLICE_INIT(URN "sdes:mid"), RTP_HDREXT_MID},
	{SLICE_INIT(URN "sdes:rtp-stream-id"), RTP_HDREXT_RID},
	{SLICE_INIT(URN "sdes:repaired-rtp-stream-id"),
	 RTP_HDREXT_REPAIRED_RID},
	{SLICE_INIT(URN "ssrc-audio-level"), RTP_HDREXT_AUDIO_LEVEL},
	{SLICE_INIT(HOLMER "transport-wide-cc-extensions-01"), RTP_HDREXT_TWCC},
	{SLICE_INIT(WEBRTC "transport-wide-cc-02"), RTP_HDREXT_TWCC},
	{SLICE_INIT(WEBRTC "abs-send-time"), RTP_HDREXT_ABS_SEND_TIME},
	{SLICE_INIT(URN "toffset"), RTP_HDREXT_TOFFSET},
	{SLICE_INIT("urn:3gpp:video-orientation"),
	 RTP_HDREXT_VIDEO_ORIENTATION},
	{SLICE_INIT(AV1 "#dependency-descriptor-rtp-header-extension"),
	 RTP_HDREXT_DEPENDENCY_DESCRIPTOR},
	{SLICE_INIT(URN "framemarking"), RTP_HDREXT_FRAME_MARKING},
};

static struct slice word(struct slice *rest)
{
	struct slice s = slice_trim(*rest), w;

	slice_cut(s, ' ', &w, rest);
	return w;
}

enum rtp_hdrext_kind rtp_hdrext_kind(struct slice uri, bool *encrypted)
{
	struct slice name = word(&uri);

	*encrypted = slice_ieq(name, SLICE(URN "encrypt"));
	if (*encrypted)
		name = word(&uri);
	for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++)
		if (slice_ieq(name, uris[i].uri))
			return uris[i].kind;
	return RTP_HDREXT_NONE;
}

/* RFC 7941, 4.1: an SDES item's text. Some pad it with zeros. */
static bool text(struct slice in, struct slice *out)
{
	while (in.len && !in.p[in.len - 1])
		in.len--;
	*out = in;
	return in.len;
}

/* RFC 6464, 3:  |V|   level (7)   | */
static void audio_level(struct cursor *c, struct rtp_hdrext *out)
{
	uint8_t b = cursor_u8(c);

	out->voice = b >> 7;
	out->level = b & 0x7f;
}

/* RFC 5450, 2: signed 24 bit */
static int32_t signed24(struct cursor *c)
{
	uint32_t v = cursor_u24(c);

	return (int32_t)(v << 8) >> 8;
}

/* 3GPP TS 26.114, 7.4.5:  |0 0 0 0|C|F|R1 R0| */
static void orientation(struct cursor *c, struct rtp_hdrext *out)
{
	uint8_t b = cursor_u8(c);

	out->back_camera = b & 8;
	out->flip = b & 4;
	out->rotation = b & 3;
}

/* RFC 9626, 3.1 and 3.2:  |S|E|I|D|B| TID |, short form |S|E|I|D|0 0 0 0| */
static void frame_marking(struct cursor *c, struct rtp_frame_marking *m)
{
	uint8_t b = cursor_u8(c);

	*m = (struct rtp_frame_marking){
		.start = b & 0x80,
		.end = b & 0x40,
		.independent = b & 0x20,
		.discardable = b & 0x10,
		.base_sync = b & 0x08,
		.temporal = b & 0x07,
	};
}

/* False when it is too short for its kind. */
static bool element(enum rtp_hdrext_kind kind, struct slice data,
		    struct rtp_hdrext *out)
{
	struct cursor c = cursor_of(data);

	switch (kind) {
	case RTP_HDREXT_MID:
		return text(data, &out->mid);
	case RTP_HDREXT_RID:
		return text(data, &out->rid);
	case RTP_HDREXT_REPAIRED_RID:
		return text(data, &out->repaired_rid);
	case RTP_HDREXT_AUDIO_LEVEL:
		audio_level(&c, out);
		break;
	case RTP_HDREXT_TWCC: /* 02 may have two bytes more */
		out->twcc = cursor_u16(&c);
		break;
	case RTP_HDREXT_ABS_SEND_TIME:
		out->abs_send_time = cursor_u24(&c);
		break;
	case RTP_HDREXT_TOFFSET:
		out->toffset = signed24(&c);
		break;
	case RTP_HDREXT_VIDEO_ORIENTATION:
		orientation(&c, out);
		break;
	case RTP_HDREXT_DEPENDENCY_DESCRIPTOR:
		out->dd = data;
		break;
	case RTP_HDREXT_FRAME_MARKING:
		frame_marking(&c, &out->marking);
		break;
	default:
		return false;
	}
	return !c.bad && data.len;
}

void rtp_hdrext_read(const struct rtp *r, const struct rtp_hdrext_ids *ids,
		     bool open, struct rtp_hdrext *out)
{
	uint32_t closed = open ? 0 : ids->encrypted;
	struct rtp_ext_walk w;
	struct rtp_ext e;

	*out = (struct rtp_hdrext){0};
	rtp_ext_begin(&w, r);
	while (rtp_ext_next(&w, &e)) {
		int k = RTP_HDREXT_NONE + 1;

		while (k < RTP_HDREXT_KINDS && ids->id[k] != e.id)
			k++;
		if (k < RTP_HDREXT_KINDS && !(closed >> k & 1) &&
		    element((enum rtp_hdrext_kind)k, e.data, out))
			out->has |= 1u << k;
	}
}
