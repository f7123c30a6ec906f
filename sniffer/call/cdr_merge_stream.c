/* One stream out of two parts of it. */
#include "sniffer/call/cdr_merge.h"

/* --- numbers that may be null -------------------------------------------- */

static double mean(double a, uint64_t a_n, double b, uint64_t b_n)
{
	if (!isfinite(a) || !a_n)
		return isfinite(b) ? b : a;
	if (!isfinite(b) || !b_n)
		return a;
	return (a * (double)a_n + b * (double)b_n) / (double)(a_n + b_n);
}

static double most(double a, double b)
{
	if (!isfinite(a))
		return b;
	return isfinite(b) && b > a ? b : a;
}

static double least(double a, double b)
{
	if (!isfinite(a))
		return b;
	return isfinite(b) && b < a ? b : a;
}

/* Skew has a sign. */
static double farthest(double a, double b)
{
	if (!isfinite(a))
		return b;
	return isfinite(b) && fabs(b) > fabs(a) ? b : a;
}

static uint64_t sum_known(uint64_t a, uint64_t b)
{
	if (a == UINT64_MAX)
		return b;
	return b == UINT64_MAX ? a : a + b;
}

static uint32_t larger_known(uint32_t a, uint32_t b)
{
	if (a == CDR_NO_U32)
		return b;
	return b != CDR_NO_U32 && b > a ? b : a;
}

/* --- what it is ---------------------------------------------------------- */

static bool unknown(const char *media)
{
	return !media || !strcmp(media, "unknown");
}

/* Of most packets. */
static void main_codec(struct cdr_stream *s, const struct cdr_stream *b)
{
	if (!b->codec.p || (s->codec.p && s->packets >= b->packets))
		return;
	s->codec = b->codec;
	s->payload_type = b->payload_type;
	s->clock_rate = b->clock_rate;
	s->codec_guessed = b->codec_guessed;
	s->mos.scale = b->mos.scale;
	s->mos.model = b->mos.model;
	s->mos.assumed = b->mos.assumed;
}

static struct cdr_codec *codec_in(const struct cdr_stream *s,
				  const struct cdr_codec *c)
{
	for (size_t i = 0; i < s->codecs_n; i++)
		if (s->codecs[i].payload_type == c->payload_type)
			return &s->codecs[i];
	return NULL;
}

/* Those that were there first come first. */
static void codecs(struct cdr_stream *s, const struct cdr_stream *b,
		   struct arena *mem)
{
	size_t n = s->codecs_n + b->codecs_n, out = 0;
	struct cdr_codec *v = arena_alloc(mem, n * sizeof(*v));

	if (!n || !v)
		return;
	for (size_t i = 0; i < b->codecs_n; i++) {
		const struct cdr_codec *c = codec_in(s, &b->codecs[i]);

		v[out] = b->codecs[i];
		if (c && c->codec.p)
			v[out] = *c;
		v[out++].packets = b->codecs[i].packets + (c ? c->packets : 0);
	}
	for (size_t i = 0; i < s->codecs_n; i++)
		if (!codec_in(b, &s->codecs[i]))
			v[out++] = s->codecs[i];
	s->codecs = v;
	s->codecs_n = out;
}

static void identity(struct cdr_stream *s, const struct cdr_stream *b)
{
	memcpy(s->stream_uid, b->stream_uid, sizeof(s->stream_uid));
	if (!s->mid.p)
		s->mid = b->mid;
	if (!s->rid.p)
		s->rid = b->rid;
	if (!s->has_repairs) {
		s->has_repairs = b->has_repairs;
		s->repairs = b->repairs;
	}
	if (!s->sender)
		s->sender = b->sender;
	if (unknown(s->media))
		s->media = b->media;
	if (!s->packets)
		s->is_repair = b->is_repair;
}

/* A part whose key was not at hand makes the whole partly readable. */
static void secrecy(struct cdr_stream *s, const struct cdr_stream *b)
{
	bool ok = (s->key_state && !strcmp(s->key_state, "ok")) ||
		  (b->key_state && !strcmp(b->key_state, "ok"));

	if (!s->srtp)
		s->srtp = b->srtp;
	s->decrypted |= b->decrypted;
	s->opened += b->opened;
	if (!s->key_state || !b->key_state)
		s->key_state = s->key_state ? s->key_state : b->key_state;
	else if (ok && strcmp(s->key_state, b->key_state))
		s->key_state = "partly";
}

/* --- how it went --------------------------------------------------------- */

static void quality(struct cdr_stream *s, const struct cdr_stream *b)
{
	uint64_t n = s->expected, m = b->expected;

	s->mos.f1 = mean(s->mos.f1, n, b->mos.f1, m);
	s->mos.f2 = mean(s->mos.f2, n, b->mos.f2, m);
	s->mos.adaptive = mean(s->mos.adaptive, n, b->mos.adaptive, m);
	s->mos.min = least(s->mos.min, b->mos.min);
	if (!s->mos.model) {
		s->mos.scale = b->mos.scale;
		s->mos.model = b->mos.model;
		s->mos.assumed = b->mos.assumed;
	}
	s->r_factor = mean(s->r_factor, n, b->r_factor, m);
	s->burst.gap_loss_pct =
		mean(s->burst.gap_loss_pct, n, b->burst.gap_loss_pct, m);
	s->burst.burst_loss_pct =
		mean(s->burst.burst_loss_pct, n, b->burst.burst_loss_pct, m);
	s->burst.burst_ms = mean(s->burst.burst_ms, n, b->burst.burst_ms, m);
	s->burst.gap_ms = mean(s->burst.gap_ms, n, b->burst.gap_ms, m);
}

static void timing(struct cdr_stream *s, const struct cdr_stream *b)
{
	uint64_t n = s->packets, m = b->packets;

	s->jitter_ms.mean = mean(s->jitter_ms.mean, n, b->jitter_ms.mean, m);
	s->jitter_ms.max = most(s->jitter_ms.max, b->jitter_ms.max);
	s->delta_ms.max = most(s->delta_ms.max, b->delta_ms.max);
	s->skew_ms = farthest(s->skew_ms, b->skew_ms);
	if (!isfinite(s->ptime_ms))
		s->ptime_ms = b->ptime_ms;
	for (size_t i = 0; i < 8; i++)
		s->delay_bins[i] += b->delay_bins[i];
	for (size_t i = 0; i < 10; i++)
		s->loss_runs[i] += b->loss_runs[i];
}

/* After all that is weighted by them. */
static void counts(struct cdr_stream *s, const struct cdr_stream *b)
{
	if (!s->first || b->first < s->first)
		s->first = b->first;
	if (b->last > s->last)
		s->last = b->last;
	s->packets += b->packets;
	s->bytes += b->bytes;
	s->lost += b->lost;
	s->expected = s->packets + s->lost;
	s->loss_pct = s->expected
			      ? 100.0 * (double)s->lost / (double)s->expected
			      : NAN;
	s->out_of_order += b->out_of_order;
	s->duplicates += b->duplicates;
	s->duplicates_tap += b->duplicates_tap;
	if (s->packets > 1)
		s->delta_ms.mean = (double)(s->last - s->first) / 1e6 /
				   (double)(s->packets - 1);
	s->transport_expected =
		sum_known(s->transport_expected, b->transport_expected);
	s->transport_lost = sum_known(s->transport_lost, b->transport_lost);
}

static void rtcp(struct cdr_rtcp *s, const struct cdr_rtcp *b)
{
	s->rtt_a_ms = mean(s->rtt_a_ms, s->rr, b->rtt_a_ms, b->rr);
	s->rtt_b_ms = mean(s->rtt_b_ms, s->rr, b->rtt_b_ms, b->rr);
	s->rtt_ms_mean = mean(s->rtt_ms_mean, s->rr, b->rtt_ms_mean, b->rr);
	s->rtt_ms_max = most(s->rtt_ms_max, b->rtt_ms_max);
	s->sr += b->sr;
	s->rr += b->rr;
	s->xr += b->xr;
	s->nack += b->nack;
	s->pli += b->pli;
	s->fir += b->fir;
	s->remb += b->remb;
	s->twcc += b->twcc;
	s->bye += b->bye;
	s->nack_numbers += b->nack_numbers;
	s->fraction_lost_max = most(s->fraction_lost_max, b->fraction_lost_max);
	s->jitter_ms_max = most(s->jitter_ms_max, b->jitter_ms_max);
	if (s->lost_reported == CDR_NO_US)
		s->lost_reported = b->lost_reported;
	if (!isfinite(s->remb_kbps))
		s->remb_kbps = b->remb_kbps;
}

static void level(struct cdr_stream *s, const struct cdr_stream *b)
{
	struct cdr_audio_level *to = &s->audio_level;
	const struct cdr_audio_level *from = &b->audio_level;

	if (!b->has_audio_level)
		return;
	if (!s->has_audio_level) {
		*to = *from;
		s->has_audio_level = true;
		return;
	}
	to->mean = mean(to->mean, s->packets, from->mean, b->packets);
	to->max = most(to->max, from->max);
	to->voice_pct =
		mean(to->voice_pct, s->packets, from->voice_pct, b->packets);
}

/* What was lost on the network counts where nobody knows what came back. */
static void repair(struct cdr_stream *s, const struct cdr_stream *b)
{
	struct cdr_repair *to = &s->repair;
	const struct cdr_repair *from = &b->repair;

	to->rtx += from->rtx;
	to->red += from->red;
	to->fec += from->fec;
	if (to->lost_after == UINT64_MAX || from->lost_after == UINT64_MAX)
		to->lost_after = UINT64_MAX;
	else
		to->lost_after += from->lost_after;
}

static void video(struct cdr_stream *s, const struct cdr_stream *b)
{
	struct cdr_video *to = &s->video;
	const struct cdr_video *from = &b->video;
	uint64_t n = s->last - s->first, m = b->last - b->first;

	if (!b->has_video)
		return;
	if (!s->has_video) {
		*to = *from;
		s->has_video = true;
		return;
	}
	to->frames += from->frames;
	to->fps = mean(to->fps, n, from->fps, m);
	to->keyframes = sum_known(to->keyframes, from->keyframes);
	to->bitrate_kbps.mean =
		mean(to->bitrate_kbps.mean, n, from->bitrate_kbps.mean, m);
	to->bitrate_kbps.max =
		most(to->bitrate_kbps.max, from->bitrate_kbps.max);
	if (to->width == CDR_NO_U32) {
		to->width = from->width;
		to->height = from->height;
	}
	to->spatial_layers =
		larger_known(to->spatial_layers, from->spatial_layers);
	to->temporal_layers =
		larger_known(to->temporal_layers, from->temporal_layers);
}

/* --- slices -------------------------------------------------------------- */

static void add_slice(struct cdr_slice10 *s, const struct cdr_slice10 *b)
{
	uint64_t n = s->packets + s->lost, m = b->packets + b->lost;

	s->mos_f1 = (float)mean(s->mos_f1, n, b->mos_f1, m);
	s->mos_f2 = (float)mean(s->mos_f2, n, b->mos_f2, m);
	s->mos_adaptive = (float)mean(s->mos_adaptive, n, b->mos_adaptive, m);
	s->packets += b->packets;
	s->lost += b->lost;
	s->duplicates += b->duplicates;
	s->late_f1 += b->late_f1;
	s->late_f2 += b->late_f2;
	s->late_adaptive += b->late_adaptive;
	s->jitter_ms_max = fmaxf(s->jitter_ms_max, b->jitter_ms_max);
	s->delta_ms_max = fmaxf(s->delta_ms_max, b->delta_ms_max);
	s->bytes += b->bytes;
	s->nack += b->nack;
	s->nack_numbers += b->nack_numbers;
	s->pli += b->pli;
	s->fir += b->fir;
	if (!s->remb_kbps)
		s->remb_kbps = b->remb_kbps;
	s->frames += b->frames;
}

/* Both are by time; a slice that lies in both is one. */
static void slices(struct cdr_stream *s, const struct cdr_stream *b,
		   struct arena *mem)
{
	size_t i = 0, j = 0, n = 0;
	struct cdr_slice10 *v;

	if (!b->slices_n)
		return;
	v = arena_alloc(mem, (s->slices_n + b->slices_n) * sizeof(*v));
	if (!v)
		return;
	while (i < s->slices_n && j < b->slices_n) {
		uint64_t x = s->slices[i].start_s, y = b->slices[j].start_s;

		v[n] = x <= y ? s->slices[i] : b->slices[j];
		if (x == y)
			add_slice(&v[n], &b->slices[j]);
		i += x <= y;
		j += y <= x;
		n++;
	}
	while (i < s->slices_n)
		v[n++] = s->slices[i++];
	while (j < b->slices_n)
		v[n++] = b->slices[j++];
	s->slices = v;
	s->slices_n = n;
}

void cdr_merge_stream(struct cdr_stream *s, const struct cdr_stream *before,
		      struct arena *mem)
{
	identity(s, before);
	main_codec(s, before);
	codecs(s, before, mem);
	secrecy(s, before);
	quality(s, before);
	timing(s, before);
	level(s, before);
	repair(s, before);
	video(s, before);
	rtcp(&s->rtcp, &before->rtcp);
	slices(s, before, mem);
	counts(s, before);
}
