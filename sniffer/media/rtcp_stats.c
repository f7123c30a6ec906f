#include "sniffer/media/rtcp_stats.h"

#define HALF_MAX_MS 60000.0
#define HALF_MIN_MS (-10.0) /* rounding of DLSR and of two clocks */

void rtcp_stats_sr(struct rtcp_stats *s, uint64_t now_ns, uint64_t ntp)
{
	size_t i = s->sr++ % RTCP_STATS_SRS;

	s->sent[i].mid = rtcp_ntp_mid(ntp);
	s->sent[i].ns = now_ns;
}

static void half_add(struct rtcp_half *h, double ms)
{
	h->sum_ms += ms;
	h->last_ms = ms;
	h->n++;
}

/* Each new half is chained with the last one of the other side. */
static void chain(struct rtcp_stats *s, double ms, const struct rtcp_half *o)
{
	double rtt = ms + o->last_ms;

	if (!o->n)
		return;
	s->rtt_sum_ms += rtt;
	s->rtt_n++;
	if (rtt > s->rtt_max_ms)
		s->rtt_max_ms = rtt;
}

/* A - LSR - DLSR, with the tap's own times for A and LSR. The latest report
 * first: copies of one report have the same time. */
static bool half_of(const struct rtcp_stats *s, uint64_t now_ns,
		    const struct rtcp_block *b, double *ms)
{
	uint64_t n = s->sr < RTCP_STATS_SRS ? s->sr : RTCP_STATS_SRS;

	for (uint64_t i = 0; b->lsr && i < n; i++) {
		size_t at = (s->sr - 1 - i) % RTCP_STATS_SRS;

		if (s->sent[at].mid != b->lsr)
			continue;
		*ms = (double)(int64_t)(now_ns - s->sent[at].ns) / 1e6 -
		      b->dlsr * 1000.0 / 65536;
		if (*ms < HALF_MIN_MS || *ms > HALF_MAX_MS)
			return false;
		if (*ms < 0)
			*ms = 0;
		return true;
	}
	return false;
}

bool rtcp_stats_block(struct rtcp_stats *s, uint64_t now_ns,
		      const struct rtcp_block *b, double *half_ms)
{
	s->rr++;
	s->lost = b->lost;
	if (b->fraction_lost > s->fraction_max)
		s->fraction_max = b->fraction_lost;
	if (b->jitter > s->jitter_max)
		s->jitter_max = b->jitter;
	if (!half_of(s, now_ns, b, half_ms))
		return false;
	half_add(&s->b, *half_ms);
	chain(s, *half_ms, &s->a);
	return true;
}

void rtcp_stats_answered(struct rtcp_stats *s, double half_ms)
{
	half_add(&s->a, half_ms);
	chain(s, half_ms, &s->b);
}

static double mean(double sum, uint64_t n)
{
	return n ? sum / (double)n : NAN;
}

static void counts(const struct rtcp_stats *s, struct cdr_rtcp *out)
{
	out->sr = s->sr;
	out->rr = s->rr;
	out->xr = s->xr;
	out->nack = s->nack;
	out->nack_numbers = s->nack_numbers;
	out->pli = s->pli;
	out->fir = s->fir;
	out->remb = s->remb;
	out->twcc = s->twcc;
	out->bye = s->bye;
}

void rtcp_stats_result(const struct rtcp_stats *s, uint32_t clock_hz,
		       struct cdr_rtcp *out)
{
	*out = (struct cdr_rtcp){.fraction_lost_max = NAN,
				 .lost_reported = CDR_NO_US,
				 .jitter_ms_max = NAN,
				 .rtt_a_ms = NAN,
				 .rtt_b_ms = NAN,
				 .rtt_ms_mean = NAN,
				 .rtt_ms_max = NAN,
				 .remb_kbps = NAN};
	if (!s)
		return;
	counts(s, out);
	if (s->rr) {
		out->fraction_lost_max = s->fraction_max * 100.0 / 256;
		out->lost_reported = s->lost;
		if (clock_hz)
			out->jitter_ms_max = s->jitter_max * 1000.0 / clock_hz;
	}
	if (s->remb)
		out->remb_kbps = (double)s->remb_bps / 1000;
	out->rtt_a_ms = mean(s->a.sum_ms, s->a.n);
	out->rtt_b_ms = mean(s->b.sum_ms, s->b.n);
	out->rtt_ms_mean = mean(s->rtt_sum_ms, s->rtt_n);
	if (s->rtt_n)
		out->rtt_ms_max = s->rtt_max_ms;
}
