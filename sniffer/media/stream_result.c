/* The end of a stream: its record. */
#include "sniffer/media/stream_extra.h"
#include "sniffer/media/stream_secure.h"

#define SLICE_MEDIA_MS 5000.0 /* of a slice that may be the worst */

static bool filler(const struct stream_pt *pt)
{
	return pt->codec.kind == CODEC_EVENT || pt->codec.kind == CODEC_NOISE ||
	       codec_repairs(&pt->codec);
}

const struct stream_pt *stream_main_pt(const struct stream *s)
{
	const struct stream_pt *best = NULL;

	for (uint8_t i = 0; s->pts && i < s->pts_n; i++) {
		const struct stream_pt *pt = &s->pts[i];

		if (!best || filler(pt) < filler(best) ||
		    (filler(pt) == filler(best) &&
		     stream_pt_packets(s, pt) > stream_pt_packets(s, best)))
			best = pt;
	}
	return best;
}

static struct slice codec_text(struct arena *mem, const struct codec *c)
{
	return c->name[0] ? arena_keep(mem, slice_str(c->name))
			  : (struct slice){0};
}

static uint32_t clock_or_null(const struct codec *c)
{
	return c->clock_hz ? c->clock_hz : CDR_NO_U32;
}

static void result_codecs(const struct stream *s, struct arena *mem,
			  struct cdr_stream *out)
{
	struct cdr_codec *v = arena_alloc(mem, s->pts_n * sizeof(*v));

	for (uint8_t i = 0; v && s->pts && i < s->pts_n; i++) {
		const struct stream_pt *pt = &s->pts[i];

		v[i] = (struct cdr_codec){pt->pt, codec_text(mem, &pt->codec),
					  clock_or_null(&pt->codec),
					  stream_pt_packets(s, pt)};
	}
	out->codecs = v;
	out->codecs_n = v ? s->pts_n : 0;
}

static const char *media_kind(const struct stream *s, const struct codec *c)
{
	const struct media_line *line = stream_line(s);

	if (line && line->media)
		return line->media;
	if (!c || !(c->name[0] || c->guessed))
		return "unknown";
	return stream_is_video(s, c) ? "video" : "audio";
}

static void result_description(const struct stream *s,
			       const struct stream_pt *pt,
			       const struct codec *codec, struct arena *mem,
			       struct cdr_stream *out)
{
	const struct desc *d = s->descs->dir[s->dir];

	out->media = media_kind(s, codec);
	out->payload_type = out->clock_rate = CDR_NO_U32;
	if (pt && codec) {
		out->payload_type = pt->pt;
		out->codec = codec_text(mem, codec);
		out->clock_rate = clock_or_null(codec);
	}
	if (!d)
		return;
	out->sender = d->sender;
}

static void result_counts(const struct stream *s, struct cdr_stream *out)
{
	uint64_t span = s->last_ns - s->first_ns;

	out->first = s->first_ns;
	out->last = s->last_ns;
	out->packets = seq_packets(&s->seq);
	out->lost = seq_lost(&s->seq);
	out->expected = out->packets + out->lost;
	out->bytes = s->bytes;
	out->loss_pct = out->expected ? 100.0 * (double)out->lost /
						(double)out->expected
				      : NAN;
	out->out_of_order = s->out_of_order;
	out->duplicates = s->duplicates;
	out->duplicates_tap = s->duplicates_tap;
	out->dscp = s->dscp;
	out->vlan = s->vlan;
	out->delta_ms.mean = out->delta_ms.max = NAN;
	if (out->packets > 1) {
		out->delta_ms.mean =
			(double)span / 1e6 / (double)(out->packets - 1);
		out->delta_ms.max = (double)s->delta_max_ns / 1e6;
	}
}

/* Milliseconds of media in a packet; 0 when the timestamps do not tell. */
static double ptime_ms(const struct stream *s, const struct codec *c)
{
	if (!c || !c->clock_hz || !s->ptime.n || stream_is_video(s, c))
		return 0;
	return s->ptime.step * 1000.0 / c->clock_hz;
}

static void result_timing(const struct stream *s, double ptime,
			  struct cdr_stream *out)
{
	out->jitter_ms.mean = out->jitter_ms.max = out->skew_ms = NAN;
	if (s->jitter_n) {
		out->jitter_ms.mean = s->jitter_sum_ns / s->jitter_n / 1e6;
		out->jitter_ms.max = s->jitter_max_ns / 1e6;
		out->skew_ms = s->skew_max_ns / 1e6;
	}
	out->ptime_ms = ptime > 0 ? ptime : NAN;
	memcpy(out->loss_runs, s->outcome.loss_runs, sizeof(out->loss_runs));
	memcpy(out->delay_bins, s->delay_bins, sizeof(out->delay_bins));
}

/* RFC 3611, 4.7.2. Lengths in time need the length of a packet: by the
 * timestamps, else as they came. */
static void result_bursts(const struct stream *s, double ptime,
			  struct cdr_stream *out)
{
	double ms = ptime > 0 ? ptime : out->delta_ms.mean;
	struct outcome_burst b;

	outcome_bursts(&s->outcome, &b);
	out->burst = (struct cdr_burst){b.gap_loss_pct, b.burst_loss_pct,
					b.burst_len ? b.burst_len * ms : 0,
					b.gap_len ? b.gap_len * ms : 0};
}

double stream_score(const struct emodel_codec *model, uint64_t n, uint64_t lost,
		    uint64_t runs, double *r)
{
	double ppl = n ? 100.0 * (double)lost / (double)n : 0;

	*r = emodel_r(model, ppl, outcome_burst_r(n, lost, runs), 0);
	return emodel_mos(model->scale, *r);
}

static void result_mos(const struct stream *s, const struct emodel_codec *m,
		       struct cdr_stream *out)
{
	double mos[VIEWS], r = NAN;

	out->mos = (struct cdr_mos){NAN, NAN, NAN, NAN, NULL, NULL, false};
	out->r_factor = NAN;
	if (!m || !s->outcome.n)
		return;
	for (int v = VIEW_F1; v < VIEWS; v++) {
		const struct outcome_loss *l = &s->outcome.view[v];

		mos[v] = stream_score(m, s->outcome.n, l->lost, l->runs, &r);
	}
	out->r_factor = r; /* of the last: the adaptive one */
	out->mos.f1 = mos[VIEW_F1];
	out->mos.f2 = mos[VIEW_F2];
	out->mos.adaptive = mos[VIEW_ADAPTIVE];
	out->mos.scale = emodel_scale_name(m->scale);
	out->mos.model = m->model;
	out->mos.assumed = m->assumed || out->codec_guessed;
}

static double slice_score(const struct slices_row *row,
			  const struct emodel_codec *m, enum outcome_view v)
{
	uint64_t n = row->packets + row->lost[VIEW_NETWORK];
	double r;

	if (!m || !n)
		return NAN;
	return stream_score(m, n, row->lost[v] < n ? row->lost[v] : n,
			    row->runs[v], &r);
}

static void slice_out(const struct slices_row *row,
		      const struct emodel_codec *m, struct cdr_slice10 *out)
{
	uint32_t lost = row->lost[VIEW_NETWORK];

	*out = (struct cdr_slice10){
		.start_s = row->start * 10ull,
		.packets = row->packets,
		.bytes = row->bytes,
		.lost = lost,
		.duplicates = row->duplicates,
		.late_f1 = row->lost[VIEW_F1] - lost,
		.late_f2 = row->lost[VIEW_F2] - lost,
		.late_adaptive = row->lost[VIEW_ADAPTIVE] - lost,
		.jitter_ms_max = row->jitter_ms_max,
		.delta_ms_max = row->delta_ms_max,
		.mos_f1 = (float)slice_score(row, m, VIEW_F1),
		.mos_f2 = (float)slice_score(row, m, VIEW_F2),
		.mos_adaptive = (float)slice_score(row, m, VIEW_ADAPTIVE),
		.nack = row->nack,
		.nack_numbers = row->nack_numbers,
		.pli = row->pli,
		.fir = row->fir,
		.remb_kbps = row->remb_kbps,
		.frames = row->frames,
	};
}

static void result_slices(const struct stream *s, const struct emodel_codec *m,
			  double ptime, struct arena *mem,
			  struct cdr_stream *out)
{
	size_t n = s->slices.n;
	struct cdr_slice10 *v = arena_alloc(mem, n * sizeof(*v));

	for (size_t i = 0; v && i < n; i++) {
		const struct slices_row *row = &s->slices.v[i];
		double mos = slice_score(row, m, VIEW_ADAPTIVE);

		slice_out(row, m, &v[i]);
		if ((v[i].packets + v[i].lost) * ptime >= SLICE_MEDIA_MS &&
		    !isnan(mos) && !(out->mos.min <= mos))
			out->mos.min = mos;
	}
	out->slices = v;
	out->slices_n = v ? n : 0;
}

/* What comes again carries the time of its original: nothing can be said of
 * its delay. */
static void without_time(struct cdr_stream *out)
{
	out->jitter_ms.mean = out->jitter_ms.max = out->skew_ms = NAN;
	out->ptime_ms = NAN;
	memset(out->delay_bins, 0, sizeof(out->delay_bins));
	for (size_t i = 0; i < out->slices_n; i++)
		out->slices[i].jitter_ms_max = 0;
}

void stream_result(struct stream *s, struct arena *mem, struct cdr_stream *out)
{
	const struct stream_pt *pt;
	const struct emodel_codec *model;
	const struct codec *codec;
	struct codec room;
	double ptime;

	stream_end(s);
	pt = stream_main_pt(s);
	codec = stream_codec(s, pt, &room);
	model = codec ? codec->model : NULL;
	ptime = ptime_ms(s, codec);
	*out = (struct cdr_stream){.ssrc = s->ssrc, .serial = s->serial};
	result_codecs(s, mem, out);
	result_description(s, pt, codec, mem, out);
	stream_secure_result(s, mem, out);
	result_counts(s, out);
	stream_extra_result(s, pt, mem, out);
	result_timing(s, ptime, out);
	result_bursts(s, ptime, out);
	result_mos(s, model, out);
	result_slices(s, model, ptime, mem, out);
	if (out->is_repair)
		without_time(out);
	rtcp_stats_result(s->rtcp, codec ? codec->clock_hz : 0, &out->rtcp);
	if (s->env->watch)
		stream_watch_over(s, model);
}
