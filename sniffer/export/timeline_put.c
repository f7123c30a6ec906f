/* Streams as JSON. */
#include <math.h>

#include "sniffer/export/timeline_priv.h"
#include "sniffer/media/emodel.h"
#include "sniffer/media/stream.h"

void timeline_put_ms(struct outbuf *b, uint64_t origin_ns, uint64_t ns)
{
	outbuf_milli(b,
		     ns > origin_ns ? (int64_t)((ns - origin_ns) / 1000) : 0);
}

void timeline_put_number(struct outbuf *b, double v)
{
	if (isfinite(v))
		outbuf_double(b, v);
	else
		outbuf_str(b, "null");
}

void timeline_put_uid(struct outbuf *b, const char *uid)
{
	if (uid && *uid)
		outbuf_json(b, slice_str(uid));
	else
		outbuf_str(b, "null");
}

const char *timeline_side(const char *sender)
{
	if (!sender)
		return NULL;
	if (!strcmp(sender, "caller") || !strcmp(sender, "a"))
		return "a";
	return !strcmp(sender, "callee") || !strcmp(sender, "b") ? "b" : NULL;
}

/* --- one stream ----------------------------------------------------------- */

struct putting {
	struct outbuf *b;
	const struct lines *l;
	const struct line *x;
	const struct cdr_stream *row;
	size_t first; /* step */
};

typedef void value_fn(const struct putting *p, size_t step);

static void put_t(const struct putting *p, size_t step)
{
	outbuf_u64(p->b, step * p->l->step_ns / 1000000);
}

static void put_packets(const struct putting *p, size_t step)
{
	outbuf_u64(p->b, p->x->v[step].packets);
}

static void put_lost(const struct putting *p, size_t step)
{
	outbuf_u64(p->b, p->x->v[step].lost);
}

static void put_loss_pct(const struct putting *p, size_t step)
{
	const struct line_step *s = &p->x->v[step];
	double n = (double)s->packets + s->lost;

	timeline_put_number(p->b, n > 0 ? 100.0 * s->lost / n : NAN);
}

/* What comes again (RTX) has the time of its original: no jitter. */
static bool has_jitter(const struct putting *p, size_t step)
{
	return p->x->v[step].jitter_n && !p->row->is_repair;
}

static void put_jitter(const struct putting *p, size_t step)
{
	const struct line_step *s = &p->x->v[step];

	timeline_put_number(p->b, has_jitter(p, step)
					  ? s->jitter_sum_ms / s->jitter_n
					  : NAN);
}

static void put_jitter_max(const struct putting *p, size_t step)
{
	timeline_put_number(p->b, has_jitter(p, step)
					  ? (double)p->x->v[step].jitter_ms_max
					  : NAN);
}

static void put_delta(const struct putting *p, size_t step)
{
	const struct line_step *s = &p->x->v[step];

	timeline_put_number(p->b, s->packets ? (double)s->delta_ms_max : NAN);
}

/* How much of the step the stream was there: its first and last one are cut. */
static double covered_ms(const struct putting *p, size_t step)
{
	uint64_t from = p->l->origin_ns + step * p->l->step_ns;
	uint64_t to = from + p->l->step_ns;
	const struct line *x = p->x;
	uint64_t each = x->packets > 1
				? (x->last_ns - x->first_ns) / (x->packets - 1)
				: p->l->step_ns;

	if (from < x->first_ns)
		from = x->first_ns;
	if (to > x->last_ns + each)
		to = x->last_ns + each;
	return to > from ? (double)(to - from) / 1e6 : NAN;
}

static void put_bitrate(const struct putting *p, size_t step)
{
	const struct line_step *s = &p->x->v[step];

	timeline_put_number(p->b, s->packets ? (double)s->bytes * 8 /
						       covered_ms(p, step)
					     : NAN);
}

static void put_mos(const struct putting *p, size_t step)
{
	const struct line_step *s = &p->x->v[step];
	uint64_t n = (uint64_t)s->packets + s->lost;
	double r, mos = NAN;

	if (p->x->model && n)
		mos = stream_score(p->x->model, n,
				   s->missed < n ? s->missed : n, s->runs, &r);
	timeline_put_number(p->b, mos);
}

static const struct {
	const char *name;
	value_fn *put;
} arrays[] = {
	{"t", put_t},
	{"packets", put_packets},
	{"lost", put_lost},
	{"loss_pct", put_loss_pct},
	{"jitter_ms", put_jitter},
	{"jitter_ms_max", put_jitter_max},
	{"delta_ms_max", put_delta},
	{"bitrate_kbps", put_bitrate},
	{"mos", put_mos},
};

static void put_losses(const struct putting *p)
{
	outbuf_str(p->b, ",\"losses\":[");
	for (size_t i = 0; i < p->x->losses; i++) {
		const struct line_loss *x = &p->x->loss[i];

		outbuf_str(p->b, i ? ",{\"t\":" : "{\"t\":");
		timeline_put_ms(p->b, p->l->origin_ns, x->ns);
		outbuf_str(p->b, ",\"lost\":");
		outbuf_u64(p->b, x->lost);
		outbuf_str(p->b, ",\"ms\":");
		outbuf_milli(p->b, (int64_t)(x->gap_ns / 1000));
		outbuf_char(p->b, '}');
	}
	outbuf_char(p->b, ']');
}

static struct slice codec_of(const struct cdr_stream *s, uint8_t pt)
{
	for (size_t i = 0; i < s->codecs_n; i++)
		if (s->codecs[i].payload_type == pt)
			return s->codecs[i].codec;
	return (struct slice){0};
}

/* A pressed key, or comfort noise between the words, is no other codec. */
static bool is_codec(struct slice name)
{
	return !slice_ieq(name, SLICE("telephone-event")) &&
	       !slice_ieq(name, SLICE("CN"));
}

static void put_codecs(const struct putting *p)
{
	const struct line_changes *c = &p->x->codec;
	const char *before = "";
	int last = -1;

	outbuf_str(p->b, ",\"codecs\":[");
	for (size_t i = 0; i < c->n; i++) {
		struct slice name = codec_of(p->row, c->v[i].value);

		if (c->v[i].value == last || !is_codec(name))
			continue;
		last = c->v[i].value;
		outbuf_str(p->b, before);
		outbuf_str(p->b, "{\"t\":");
		timeline_put_ms(p->b, p->l->origin_ns, c->v[i].ns);
		outbuf_str(p->b, ",\"codec\":");
		if (name.p)
			outbuf_json(p->b, name);
		else
			outbuf_str(p->b, "null");
		outbuf_str(p->b, ",\"payload_type\":");
		outbuf_u64(p->b, c->v[i].value);
		outbuf_char(p->b, '}');
		before = ",";
	}
	outbuf_char(p->b, ']');
}

static void put_dscps(const struct putting *p)
{
	const struct line_changes *c = &p->x->dscp;

	outbuf_str(p->b, ",\"dscp\":[");
	for (size_t i = 0; i < c->n; i++) {
		outbuf_str(p->b, i ? ",{\"t\":" : "{\"t\":");
		timeline_put_ms(p->b, p->l->origin_ns, c->v[i].ns);
		outbuf_str(p->b, ",\"dscp\":");
		outbuf_u64(p->b, c->v[i].value);
		outbuf_char(p->b, '}');
	}
	outbuf_char(p->b, ']');
}

static size_t first_step(const struct line *x)
{
	size_t i = 0;

	while (i < x->n && !x->v[i].packets && !x->v[i].lost)
		i++;
	return i;
}

static void put_stream(const struct putting *p)
{
	struct outbuf *b = p->b;

	outbuf_str(b, "{\"stream_uid\":");
	timeline_put_uid(b, p->row->stream_uid);
	outbuf_str(b, ",\"sender\":");
	timeline_put_uid(b, timeline_side(p->row->sender));
	for (size_t i = 0; i < sizeof(arrays) / sizeof(arrays[0]); i++) {
		outbuf_str(b, ",\"");
		outbuf_str(b, arrays[i].name);
		outbuf_str(b, "\":[");
		for (size_t at = p->first; at < p->x->n; at++) {
			if (at > p->first)
				outbuf_char(b, ',');
			arrays[i].put(p, at);
		}
		outbuf_char(b, ']');
	}
	put_losses(p);
	put_codecs(p);
	put_dscps(p);
	outbuf_char(b, '}');
}

void timeline_put_lines(struct outbuf *b, const struct lines *l,
			const struct cdr *cdr)
{
	const char *before = "";

	for (size_t i = 0; i < cdr->call.streams_n; i++) {
		struct putting p = {
			.b = b, .l = l, .row = &cdr->call.streams[i]};
		uint32_t serial = p.row->serial;

		if (!serial || serial > TIMELINE_STREAMS || !l->v[serial - 1])
			continue;
		p.x = l->v[serial - 1];
		p.first = first_step(p.x);
		outbuf_str(b, before);
		put_stream(&p);
		before = ",";
	}
}
