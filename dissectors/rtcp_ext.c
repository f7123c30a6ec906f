/* RTCP beyond RFC 3550: extended reports and feedback. */
#include "dissectors/rtcp.h"

static bool take(struct slice *s, size_t n, struct cursor *c)
{
	if (s->len < n)
		return false;
	*c = cursor_of(slice_head(*s, n));
	*s = slice_from(*s, n);
	return true;
}

/* RFC 3611, 2: the reporter's SSRC, then blocks. */
enum parse rtcp_xr_begin(struct rtcp_xr_walk *w, const struct rtcp *p)
{
	w->c = cursor_of(p->body);
	w->ssrc = cursor_u32(&w->c);
	return w->c.bad ? PARSE_BAD : PARSE_OK;
}

/*
 * RFC 3611, 3
 *
 *       BT       | type-specific |     length in words           |
 */
bool rtcp_xr_next(struct rtcp_xr_walk *w, struct rtcp_xr *out)
{
	if (w->c.bad || !cursor_left(&w->c))
		return false;
	out->type = cursor_u8(&w->c);
	out->specific = cursor_u8(&w->c);
	out->body = cursor_take(&w->c, cursor_u16(&w->c) * 4u);
	return !w->c.bad;
}

enum parse rtcp_xr_voip_parse(const struct rtcp_xr *x, struct rtcp_xr_voip *out)
{
	struct cursor c = cursor_of(x->body);

	if (x->type != RTCP_XR_VOIP)
		return PARSE_BAD;
	out->ssrc = cursor_u32(&c);
	out->loss_rate = cursor_u8(&c);
	out->discard_rate = cursor_u8(&c);
	out->burst_density = cursor_u8(&c);
	out->gap_density = cursor_u8(&c);
	out->burst_ms = cursor_u16(&c);
	out->gap_ms = cursor_u16(&c);
	out->round_trip_ms = cursor_u16(&c);
	out->end_system_ms = cursor_u16(&c);
	out->signal_dbm0 = (int8_t)cursor_u8(&c);
	out->noise_dbm0 = (int8_t)cursor_u8(&c);
	out->rerl = cursor_u8(&c);
	out->gmin = cursor_u8(&c);
	out->r = cursor_u8(&c);
	out->ext_r = cursor_u8(&c);
	out->mos_lq_10 = cursor_u8(&c);
	out->mos_cq_10 = cursor_u8(&c);
	out->rx_config = cursor_u8(&c);
	cursor_u8(&c); /* reserved */
	out->jb_nominal_ms = cursor_u16(&c);
	out->jb_max_ms = cursor_u16(&c);
	out->jb_abs_max_ms = cursor_u16(&c);
	return c.bad ? PARSE_BAD : PARSE_OK;
}

enum parse rtcp_xr_stats_parse(const struct rtcp_xr *x,
			       struct rtcp_xr_stats *out)
{
	struct cursor c = cursor_of(x->body);

	if (x->type != RTCP_XR_STATS)
		return PARSE_BAD;
	out->flags = x->specific;
	out->ssrc = cursor_u32(&c);
	out->begin_seq = cursor_u16(&c);
	out->end_seq = cursor_u16(&c);
	out->lost = cursor_u32(&c);
	out->dup = cursor_u32(&c);
	out->jitter_min = cursor_u32(&c);
	out->jitter_max = cursor_u32(&c);
	out->jitter_mean = cursor_u32(&c);
	out->jitter_dev = cursor_u32(&c);
	return c.bad ? PARSE_BAD : PARSE_OK;
}

enum parse rtcp_xr_rrt_parse(const struct rtcp_xr *x, uint64_t *ntp)
{
	struct cursor c = cursor_of(x->body);
	uint64_t v = cursor_u64(&c);

	if (c.bad || x->type != RTCP_XR_RRT)
		return PARSE_BAD;
	*ntp = v;
	return PARSE_OK;
}

bool rtcp_xr_dlrr_next(struct slice *body, struct rtcp_xr_dlrr *out)
{
	struct cursor c;

	if (!take(body, 12, &c))
		return false;
	out->ssrc = cursor_u32(&c);
	out->lrr = cursor_u32(&c);
	out->dlrr = cursor_u32(&c);
	return true;
}

bool rtcp_xr_about(const struct rtcp_xr *x, uint32_t *ssrc)
{
	struct cursor c = cursor_of(x->body);
	uint32_t v = cursor_u32(&c);

	if (c.bad || x->type == RTCP_XR_RRT || x->type == RTCP_XR_DLRR)
		return false;
	*ssrc = v;
	return true;
}

enum parse rtcp_fb_parse(const struct rtcp *p, struct rtcp_fb *out)
{
	struct cursor c = cursor_of(p->body);

	out->fmt = p->count;
	out->sender = cursor_u32(&c);
	out->media = cursor_u32(&c);
	out->fci = cursor_rest(&c);
	return c.bad ? PARSE_BAD : PARSE_OK;
}

bool rtcp_nack_next(struct slice *fci, struct rtcp_nack *out)
{
	struct cursor c;

	if (!take(fci, 4, &c))
		return false;
	out->pid = cursor_u16(&c);
	out->blp = cursor_u16(&c);
	return true;
}

bool rtcp_fir_next(struct slice *fci, struct rtcp_fir *out)
{
	struct cursor c;

	if (!take(fci, 8, &c))
		return false;
	out->ssrc = cursor_u32(&c);
	out->number = cursor_u8(&c);
	return true;
}

/* MxTBR Exp (6) | MxTBR Mantissa (17) | Measured Overhead (9) */
bool rtcp_tmmbr_next(struct slice *fci, struct rtcp_tmmbr *out)
{
	struct cursor c;
	uint32_t v;

	if (!take(fci, 8, &c))
		return false;
	out->ssrc = cursor_u32(&c);
	v = cursor_u32(&c);
	out->overhead = v & 0x1ff;
	out->bitrate = (uint64_t)(v >> 9 & 0x1ffff) << (v >> 26);
	return true;
}

/* "REMB" | Num SSRC (8) | BR Exp (6) | BR Mantissa (18) | SSRCs */
enum parse rtcp_remb_parse(const struct rtcp_fb *fb, struct rtcp_remb *out)
{
	struct cursor c = cursor_of(fb->fci);
	struct slice name = cursor_take(&c, 4);
	size_t n = cursor_u8(&c);
	uint32_t v = cursor_u24(&c);
	struct slice ssrcs = cursor_take(&c, n * 4);

	if (c.bad || fb->fmt != RTCP_AFB || !slice_eq(name, SLICE("REMB")))
		return PARSE_BAD;
	out->bitrate = (uint64_t)(v & 0x3ffff) << (v >> 18);
	out->ssrcs = ssrcs;
	return PARSE_OK;
}

enum parse rtcp_twcc_parse(const struct rtcp_fb *fb, struct rtcp_twcc *out)
{
	struct cursor c = cursor_of(fb->fci);

	if (fb->fmt != RTCP_TWCC)
		return PARSE_BAD;
	out->base_seq = cursor_u16(&c);
	out->count = cursor_u16(&c);
	out->reference = cursor_u24(&c);
	out->number = cursor_u8(&c);
	out->chunks = cursor_rest(&c);
	return c.bad ? PARSE_BAD : PARSE_OK;
}
