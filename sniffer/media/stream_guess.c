#include "sniffer/media/stream_guess.h"

#include "sniffer/media/stream_extra.h"

enum {
	PACKETS_MIN = 16,
	SPAN_MIN_NS = 200000000,
	VIDEO_CLOCK = 90000,
	OPUS_CLOCK = 48000,
	OPUS_BYTES = 400, /* mean; 160 kbit/s in packets of 20 ms */
};

#define CLOCK_TOLERANCE 1.25

/* What the packets that are kept show, of one payload type. */
struct seen {
	const struct stream_arrival *first, *last;
	uint32_t n, pairs; /* packets; neighbours without a gap */
	uint32_t same;	   /* of them with one timestamp */
	uint32_t step;	   /* the commonest other difference, by votes */
	uint32_t votes, steady;
};

static void vote(struct seen *v, uint32_t step)
{
	if (step == v->step) {
		v->votes++;
	} else if (!v->votes) {
		v->step = step;
		v->votes = 1;
	} else {
		v->votes--;
	}
}

/* Calls for each pair of neighbours. */
static void pairs(const struct stream *s, unsigned pt, struct seen *v,
		  void (*on)(struct seen *v, uint32_t step))
{
	const struct stream_arrival *before = NULL;

	for (uint32_t i = 0; i < s->history_n; i++) {
		const struct stream_arrival *a = &s->history[i];

		if (a->pt != pt || !a->in_order)
			continue;
		if (before && a->ext == before->ext + 1)
			on(v, a->ts - before->ts);
		before = a;
	}
}

static void on_pair(struct seen *v, uint32_t step)
{
	v->pairs++;
	if (step)
		vote(v, step);
	else
		v->same++;
}

static void on_steady(struct seen *v, uint32_t step)
{
	v->steady += step == v->step;
}

static struct seen look(const struct stream *s, unsigned pt)
{
	struct seen v = {0};

	for (uint32_t i = 0; i < s->history_n; i++) {
		const struct stream_arrival *a = &s->history[i];

		if (a->pt != pt || !a->in_order)
			continue;
		if (!v.first)
			v.first = a;
		v.last = a;
		v.n++;
	}
	pairs(s, pt, &v, on_pair);
	pairs(s, pt, &v, on_steady);
	return v;
}

/* The clock that is nearest to how timestamps went on against arrival; 0
 * when none is near. */
static uint32_t clock_of(const struct seen *v)
{
	static const uint32_t clocks[] = {8000, 16000, OPUS_CLOCK, VIDEO_CLOCK};
	double ns = (double)(v->last->ns - v->first->ns);
	double rate = (int32_t)(v->last->ts - v->first->ts) * 1e9 / ns;

	for (size_t i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++)
		if (rate < clocks[i] * CLOCK_TOLERANCE &&
		    rate * CLOCK_TOLERANCE > clocks[i])
			return clocks[i];
	return 0;
}

/* A frame of 10, 20, 40 or 60 ms in nearly every packet, and small ones. */
static bool is_opus(const struct stream *s, const struct seen *v)
{
	return (v->step == 480 || v->step == 960 || v->step == 1920 ||
		v->step == 2880) &&
	       v->steady * 5 >= v->pairs * 4 &&
	       s->bytes <= OPUS_BYTES * seq_packets(&s->seq);
}

static bool guess(const struct stream *s, const struct seen *v,
		  struct codec *out)
{
	uint32_t clock;

	if (v->n < PACKETS_MIN || v->last->ns - v->first->ns < SPAN_MIN_NS)
		return false;
	clock = clock_of(v);
	if (v->same * 4 >= v->pairs || (!clock && v->same * 16 >= v->pairs))
		clock = v->pairs ? VIDEO_CLOCK : clock;
	*out = (struct codec){
		.clock_hz = clock, .inner = CODEC_NO_PT, .guessed = true};
	if (clock == VIDEO_CLOCK)
		out->kind = CODEC_VIDEO;
	else if (clock == OPUS_CLOCK && is_opus(s, v))
		memcpy(out->name, "opus", sizeof("opus"));
	if (out->name[0])
		out->model = emodel_codec(SLICE("opus"), OPUS_CLOCK, SLICE(""),
					  s->env->g711_plc);
	return clock;
}

static void apply(struct stream_pt *pt, const struct codec *c)
{
	pt->codec = *c;
	pt->known = true;
	pt->tick_ns = 1e9 / c->clock_hz;
}

/* Others of the stream follow its clock, but are something else. */
void stream_guess_more(const struct stream *s, struct stream_pt *pt)
{
	struct codec c = s->extra->guessed;

	if (!c.guessed || pt->known)
		return;
	c.name[0] = '\0';
	c.model = NULL;
	apply(pt, &c);
}

bool stream_guess(struct stream *s)
{
	const struct desc *d = s->descs->dir[s->dir];
	struct stream_pt *best = NULL;
	struct seen v;

	if (!d || !d->guess)
		return false;
	for (uint8_t i = 0; i < s->pts_n; i++)
		if (!s->pts[i].known &&
		    (!best || stream_pt_packets(s, &s->pts[i]) >
				      stream_pt_packets(s, best)))
			best = &s->pts[i];
	if (!best)
		return false;
	v = look(s, (unsigned)(best - s->pts));
	if (!v.n || !guess(s, &v, &s->extra->guessed)) {
		s->extra->guessed.guessed = false;
		return false;
	}
	apply(best, &s->extra->guessed);
	for (uint8_t i = 0; i < s->pts_n; i++)
		stream_guess_more(s, &s->pts[i]);
	return true;
}
