#include "sniffer/media/codec.h"

#include <stdio.h>
#include <stdlib.h>

#include "dissectors/rtp.h"
#include "dissectors/sdp.h"

enum {
	DYNAMIC = 96, /* the first dynamic payload type */
	EVENT_BYTES = 4,
	EVENT_CLOCK = 8000,
	FIRST_DURATION = 1600, /* 200 ms: more is not a first packet */
};

_Static_assert(sizeof(((struct codec *)0)->name) ==
		       sizeof(((struct media_pt *)0)->codec),
	       "names are copied");

struct desc *desc_new(const struct media_desc *d)
{
	size_t n = d->n < MEDIA_DESC_PTS ? d->n : MEDIA_DESC_PTS;
	struct desc *out = malloc(sizeof(*out) + n * sizeof(out->pt[0]));

	if (!out)
		return NULL;
	*out = (struct desc){.media = d->media,
			     .sender = d->sender,
			     .ptime_ms = d->ptime_ms,
			     .n = (uint16_t)n};
	snprintf(out->srtp, sizeof(out->srtp), "%s", d->srtp ? d->srtp : "");
	memcpy(out->mid, d->mid, sizeof(out->mid) - 1);
	memcpy(out->pt, d->pt, n * sizeof(out->pt[0]));
	return out;
}

void descs_free(struct descs *d)
{
	free(d->dir[0]);
	free(d->dir[1]);
	*d = (struct descs){0};
}

/* The name and clock are there; the rest follows from them. */
static void classify(struct codec *c, const char *media, struct slice fmtp,
		     bool plc)
{
	struct slice name = slice_str(c->name);

	if (slice_ieq(name, SLICE("telephone-event")))
		c->kind = CODEC_EVENT;
	else if (slice_ieq(name, SLICE("CN")))
		c->kind = CODEC_NOISE;
	else if (media ? !strcmp(media, "video") : c->clock_hz == 90000)
		c->kind = CODEC_VIDEO;
	else
		c->model = emodel_codec(name, c->clock_hz, fmtp, plc);
}

static bool described(const struct desc *d, uint8_t pt, bool plc,
		      struct codec *out)
{
	for (size_t i = 0; d && i < d->n; i++) {
		const struct media_pt *m = &d->pt[i];
		struct slice fmtp = {(const uint8_t *)m->fmtp,
				     strnlen(m->fmtp, sizeof(m->fmtp))};

		if (m->pt != pt || !m->codec[0])
			continue;
		memcpy(out->name, m->codec, sizeof(out->name) - 1);
		out->clock_hz = m->clock_hz;
		classify(out, d->media, fmtp, plc);
		return true;
	}
	return false;
}

bool codec_find(const struct descs *d, unsigned dir, uint8_t pt, bool plc,
		struct codec *out)
{
	const struct sdp_static_pt *s;

	*out = (struct codec){0};
	if (described(d->dir[dir], pt, plc, out))
		return true;
	if (pt >= DYNAMIC)
		return described(d->dir[!dir], pt, plc, out);
	s = sdp_static_pt(pt);
	if (!s)
		return false;
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
			      .kind = CODEC_EVENT};
	return true;
}
