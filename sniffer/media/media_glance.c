/* How streams run, for who looks at calls that are not over. */
#include "sniffer/media/media_priv.h"
#include "sniffer/media/stream_extra.h"

static double jitter_ms(const struct stream *s)
{
	return s->jitter_n ? s->jitter_ns / 1e6 : NAN;
}

/* What is final, and what is not yet: all of it counts. */
static void scores(const struct stream *s, const struct emodel_codec *model,
		   struct media_side *out)
{
	const struct outcome_loss *l = &s->outcome.view[VIEW_ADAPTIVE];
	struct seq_tail t;
	double r;

	out->mos = out->mos_now = NAN;
	if (!model)
		return;
	t = seq_tail(&s->seq, SEQ_ADAPTIVE);
	out->scale = emodel_scale_name(model->scale);
	if (s->outcome.n + t.n)
		out->mos =
			stream_score(model, s->outcome.n + t.n,
				     l->lost + t.missing, l->runs + t.runs, &r);
	if (t.n)
		out->mos_now = stream_score(model, t.n, t.missing, t.runs, &r);
}

static void glance(const struct stream *s, struct media_side *out)
{
	struct codec room;
	const struct codec *c = stream_codec(s, stream_main_pt(s), &room);

	*out = (struct media_side){
		.first_ns = s->first_ns,
		.packets = seq_packets(&s->seq),
		.lost = seq_lost(&s->seq),
		.jitter_ms = jitter_ms(s),
	};
	if (c)
		memcpy(out->codec, c->name, sizeof(out->codec));
	scores(s, c ? c->model : NULL, out);
}

/* 0: caller or a; 1: callee or b; -1: nobody knows, or no audio. */
static int side_of(const struct stream *s)
{
	const struct desc *d = s->descs->dir[s->dir];
	const struct stream_pt *pt = stream_main_pt(s);

	if (!d || !d->sender || !pt || codec_repairs(&pt->codec) ||
	    stream_is_video(s, &pt->codec))
		return -1;
	return strcmp(d->sender, "callee") && strcmp(d->sender, "b") ? 0 : 1;
}

/* Behind a relay the same comes again, later and not more of it. */
static bool better(const struct stream *s, const struct stream *than)
{
	uint64_t n = seq_packets(&s->seq), m;

	if (!than)
		return true;
	m = seq_packets(&than->seq);
	if (n + n / 16 < m || m + m / 16 < n)
		return n > m;
	return s->first_ns < than->first_ns;
}

void media_group_glance(const struct media_group *g, struct media_side out[2])
{
	const struct stream *best[2] = {NULL, NULL};
	struct addr src[2];

	list_each(it, &g->flows)
	{
		const struct media_flow *f =
			container_of(it, struct media_flow, node);

		for (unsigned dir = 0; dir < 2; dir++) {
			for (const struct stream *s = f->streams[dir]; s;
			     s = s->next) {
				int side = side_of(s);

				if (side < 0 || !better(s, best[side]))
					continue;
				best[side] = s;
				src[side] = f->end[dir];
			}
		}
	}
	for (unsigned i = 0; i < 2; i++) {
		out[i] = (struct media_side){
			.jitter_ms = NAN, .mos = NAN, .mos_now = NAN};
		if (!best[i])
			continue;
		glance(best[i], &out[i]);
		out[i].src = src[i];
	}
}
