#include "sniffer/export/voice.h"

#include <errno.h>
#include <stdlib.h>

#include "dissectors/sdp.h"

enum {
	DECODERS = 4,	 /* of one stream: codecs that it changed between */
	EARLY_S = 2,	 /* timestamps further ahead of arrival, or behind, */
	LATE_S = 1,	 /* begin anew */
	JOIN_PARTS = 20, /* 1/20 s: an overlap that is none */
};

struct track {
	struct voice *v;
	struct audio_decoder decoder[DECODERS];
	bool anchored;
	uint32_t clock_hz, last_ts;
	int64_t ticks;	   /* since the anchor */
	int64_t base, end; /* in the file; end: behind the last sample */
	int16_t last;	   /* sample */
	int16_t in[AUDIO_SAMPLES];
	int16_t out[AUDIO_SAMPLES * 6];
};

static const struct cdr_codec *row_of(const struct cdr_stream *s, uint8_t pt)
{
	for (size_t i = 0; i < s->codecs_n; i++)
		if (s->codecs[i].payload_type == pt)
			return &s->codecs[i];
	return NULL;
}

const struct audio_codec *voice_codec(const struct cdr_stream *s, uint8_t pt)
{
	const struct sdp_static_pt *fixed = sdp_static_pt(pt);
	const struct cdr_codec *row = row_of(s, pt);

	if (row && row->codec.p)
		return audio_codec_find(row->codec);
	return fixed ? audio_codec_find(fixed->name) : NULL;
}

static bool is_red(const struct cdr_stream *s, uint8_t pt)
{
	const struct cdr_codec *row = row_of(s, pt);

	return row && slice_ieq(row->codec, SLICE("red"));
}

/*
 * RFC 2198, 3: headers of what was sent before,
 *
 *  |1| type 7 | timestamp offset 14 | length 10 |
 *
 * then that of what is new, |0| type 7 |; and the data in the same order.
 */
static bool red_primary(struct slice in, uint8_t *pt, struct slice *out)
{
	struct cursor c = cursor_of(in);
	size_t before = 0;
	uint8_t first;

	while ((first = cursor_u8(&c)) & 0x80) {
		before += cursor_u24(&c) & 0x3ff;
		if (c.bad)
			return false;
	}
	*pt = first;
	cursor_take(&c, before);
	*out = cursor_rest(&c);
	return !c.bad;
}

/* A type that only RED holds has no row: Opus is what has that clock. */
static const struct audio_codec *red_codec(const struct cdr_stream *s,
					   uint8_t red, uint8_t pt)
{
	const struct audio_codec *c = voice_codec(s, pt);
	const struct cdr_codec *row = row_of(s, red);

	if (!c && row && row->clock_rate == 48000)
		c = audio_codec_find(SLICE("opus"));
	return c;
}

/* What is to be decoded of a payload, and by what; NULL: nothing. */
static const struct audio_codec *open_payload(const struct cdr_stream *s,
					      const struct heard_payload *p,
					      struct slice *data)
{
	uint8_t pt;

	if (s->srtp && !p->opened)
		return NULL;
	*data = slice_of(p->data, p->len);
	if (!is_red(s, p->pt))
		return voice_codec(s, p->pt);
	return red_primary(*data, &pt, data) ? red_codec(s, p->pt, pt) : NULL;
}

uint32_t voice_rate(const struct cdr_stream *s, const struct heard *h)
{
	const struct audio_codec *c;
	uint32_t rate = 0;
	struct slice data;
	int last = -1;

	for (const struct heard_payload *p = h->first; p; p = p->next) {
		if (p->pt == last)
			continue;
		c = open_payload(s, p, &data);
		if (c)
			last = p->pt;
		if (c && c->rate > rate)
			rate = c->rate;
	}
	return rate;
}

/* --- where it belongs ----------------------------------------------------- */

static int64_t moment_of(const struct track *t, uint64_t ts_ns)
{
	uint64_t us =
		ts_ns > t->v->start_ns ? (ts_ns - t->v->start_ns) / 1000 : 0;

	return (int64_t)(us * t->v->rate / 1000000);
}

/* Timestamps count, unless they have nothing to do with arrival (any more). */
static int64_t place(struct track *t, const struct heard_payload *p,
		     uint32_t clock_hz)
{
	int64_t rate = t->v->rate, arrived = moment_of(t, p->ts_ns), at = 0;

	if (t->anchored && t->clock_hz == clock_hz) {
		t->ticks += (int32_t)(p->ts - t->last_ts);
		at = t->base + t->ticks * rate / clock_hz;
	}
	if (!t->anchored || t->clock_hz != clock_hz || at < 0 ||
	    at > arrived + EARLY_S * rate || at + LATE_S * rate < arrived) {
		t->anchored = true;
		t->clock_hz = clock_hz;
		t->ticks = 0;
		t->base = at = arrived;
	}
	t->last_ts = p->ts;
	if (at < t->end && at + rate / JOIN_PARTS >= t->end)
		at = t->end;
	return at;
}

/* --- samples -------------------------------------------------------------- */

static struct audio_decoder *decoder_of(struct track *t,
					const struct audio_codec *c)
{
	for (size_t i = 0; i < DECODERS; i++) {
		if (t->decoder[i].codec == c)
			return &t->decoder[i];
		if (!t->decoder[i].codec)
			return audio_open(&t->decoder[i], c) ? NULL
							     : &t->decoder[i];
	}
	return NULL;
}

/* To the file's rate, a straight line from sample to sample. */
static size_t stretch(struct track *t, size_t n, unsigned times)
{
	size_t to = 0;

	for (size_t i = 0; i < n; i++) {
		int from = t->last, step = t->in[i] - from;

		for (unsigned j = 1; j <= times; j++)
			t->out[to++] =
				(int16_t)(from + step * (int)j / (int)times);
		t->last = t->in[i];
	}
	return to;
}

static int put_payload(struct track *t, const struct cdr_stream *s,
		       const struct heard_payload *p)
{
	struct slice data;
	const struct audio_codec *c = open_payload(s, p, &data);
	struct audio_decoder *d = c ? decoder_of(t, c) : NULL;
	int64_t at;
	size_t n;

	if (!d)
		return 0; /* comfort noise, keys, what nobody knows */
	at = place(t, p, c->clock_hz);
	n = audio_decode(d, data, t->in);
	if (!n) {
		t->v->refused++;
		return 0;
	}
	t->v->decoded++;
	if (at != t->end)
		t->last = t->in[0];
	n = stretch(t, n, t->v->rate / c->rate);
	t->end = at + (int64_t)n;
	return wav_add(t->v->wav, (uint64_t)at, t->v->channel, t->out, n);
}

static int by_number(const void *a, const void *b)
{
	const struct heard_payload *x = *(const struct heard_payload *const *)a;
	const struct heard_payload *y = *(const struct heard_payload *const *)b;

	if (x->ext != y->ext)
		return x->ext < y->ext ? -1 : 1;
	return x->ts_ns < y->ts_ns ? -1 : x->ts_ns > y->ts_ns;
}

static const struct heard_payload **sorted(const struct heard *h)
{
	const struct heard_payload **v = calloc(h->n + 1, sizeof(*v));
	size_t n = 0;

	if (!v)
		return NULL;
	for (const struct heard_payload *p = h->first; p; p = p->next)
		v[n++] = p;
	qsort(v, n, sizeof(*v), by_number);
	return v;
}

int voice_put(struct voice *v, const struct cdr_stream *s,
	      const struct heard *h)
{
	const struct heard_payload **p = sorted(h);
	struct track *t = calloc(1, sizeof(*t));
	int err = p && t ? 0 : -ENOMEM;

	if (t) {
		t->v = v;
		t->end = -1; /* nowhere */
	}
	for (size_t i = 0; i < h->n && !err; i++)
		err = put_payload(t, s, p[i]);
	for (size_t i = 0; t && i < DECODERS; i++)
		audio_close(&t->decoder[i]);
	free(t);
	free(p);
	return err;
}
