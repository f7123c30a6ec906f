#include "sniffer/media/codec.h"

#include <stdio.h>

#include "dissectors/rtp.h"
#include "dissectors/sdp.h"

enum {
	DYNAMIC = 96, /* the first dynamic payload type */
	EVENT_BYTES = 4,
	EVENT_CLOCK = 8000,
	VIDEO_CLOCK = 90000,
	FIRST_DURATION = 1600, /* 200 ms: more is not a first packet */
};

_Static_assert(sizeof(((struct codec *)0)->name) ==
		       sizeof(((struct media_pt *)0)->codec),
	       "names are copied");

/* Names that are no codec of media. */
static const struct {
	struct slice name;
	enum codec_kind kind;
} kinds[] = {
	{SLICE_INIT("telephone-event"), CODEC_EVENT},
	{SLICE_INIT("CN"), CODEC_NOISE},
	{SLICE_INIT("red"), CODEC_RED},
	{SLICE_INIT("rtx"), CODEC_RTX},
	{SLICE_INIT("ulpfec"), CODEC_ULPFEC},
	{SLICE_INIT("flexfec"), CODEC_FLEXFEC},
	{SLICE_INIT("flexfec-03"), CODEC_FLEXFEC03},
};

static enum codec_kind kind_of(struct slice name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (slice_ieq(name, kinds[i].name))
			return kinds[i].kind;
	return CODEC_AUDIO;
}

bool codec_is_rich(struct slice name, uint32_t clock_hz)
{
	return kind_of(name) >= CODEC_RED || clock_hz == VIDEO_CLOCK;
}

/* The number at the front; CODEC_NO_PT when there is none. */
static uint8_t number_at(struct slice s)
{
	uint32_t v = 0;
	size_t n = 0;

	while (n < s.len && s.p[n] >= '0' && s.p[n] <= '9' && v < CODEC_NO_PT)
		v = v * 10 + s.p[n++] - '0';
	return n && v < 128 ? (uint8_t)v : CODEC_NO_PT;
}

/* RTX: "apt=96"; RED: "111/111". */
static uint8_t inner_of(enum codec_kind kind, struct slice fmtp)
{
	ptrdiff_t at = slice_find_slice(fmtp, SLICE("apt="));

	if (kind == CODEC_RED)
		return number_at(fmtp);
	if (kind != CODEC_RTX || at < 0)
		return CODEC_NO_PT;
	return number_at(slice_from(fmtp, (size_t)at + 4));
}

/* The name and clock are there; the rest follows from them. */
static void classify(struct codec *c, const char *media, struct slice fmtp,
		     bool plc)
{
	struct slice name = slice_str(c->name);

	c->kind = kind_of(name);
	c->inner = inner_of(c->kind, fmtp);
	if (c->kind != CODEC_AUDIO)
		return;
	if (media ? !strcmp(media, "video") : c->clock_hz == VIDEO_CLOCK) {
		c->kind = CODEC_VIDEO;
		c->video = rtp_video_codec(name);
	} else {
		c->model = emodel_codec(name, c->clock_hz, fmtp, plc);
	}
}

static const char *media_of(const struct desc *d, int line)
{
	if (line < 0 && d->lines_n == 1)
		line = 0;
	return line >= 0 && line < d->lines_n ? d->line[line].media : NULL;
}

/* The row of a payload type, of its own line where there are several. */
static const struct media_pt *row_of(const struct desc *d, int line, uint8_t pt)
{
	const struct media_pt *best = NULL;

	for (size_t i = 0; i < d->n; i++) {
		if (d->pt[i].pt != pt || !d->pt[i].codec[0])
			continue;
		if (line < 0 || desc_pt_in(&d->pt[i], line))
			return &d->pt[i];
		if (!best)
			best = &d->pt[i];
	}
	return best;
}

static bool described(const struct desc *d, int line, uint8_t pt, bool plc,
		      struct codec *out)
{
	const struct media_pt *m = d ? row_of(d, line, pt) : NULL;
	struct slice fmtp;

	if (!m)
		return false;
	fmtp = slice_of(m->fmtp, strnlen(m->fmtp, sizeof(m->fmtp)));
	memcpy(out->name, m->codec, sizeof(out->name) - 1);
	out->clock_hz = m->clock_hz;
	classify(out, media_of(d, line), fmtp, plc);
	return true;
}

bool codec_find(const struct descs *d, unsigned dir, int line, uint8_t pt,
		bool plc, struct codec *out)
{
	const struct sdp_static_pt *s = sdp_static_pt(pt);

	*out = (struct codec){.inner = CODEC_NO_PT};
	if (described(d->dir[dir], line, pt, plc, out))
		return true;
	if (!s)
		return described(d->dir[!dir], line, pt, plc, out);
	snprintf(out->name, sizeof(out->name), "%.*s", SLICE_ARG(s->name));
	out->clock_hz = s->clock_hz;
	classify(out, s->video ? "video" : "audio", SLICE(""), plc);
	return true;
}

bool codec_guess_event(uint8_t pt, struct slice payload, struct codec *out)
{
	struct rtp_event e;

	if (pt < DYNAMIC || payload.len != EVENT_BYTES ||
	    rtp_event_parse(payload, &e) != PARSE_OK ||
	    !rtp_event_digit(e.event) || payload.p[1] & 0x40 ||
	    e.duration > FIRST_DURATION)
		return false;
	*out = (struct codec){.name = "telephone-event",
			      .clock_hz = EVENT_CLOCK,
			      .kind = CODEC_EVENT,
			      .inner = CODEC_NO_PT};
	return true;
}
