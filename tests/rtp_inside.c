#include "tests/rtp_inside.h"

#include "dissectors/rtcp.h"
#include "dissectors/rtp.h"
#include "tests/prefix.h"

static bool extensions_inside(const struct rtp *r)
{
	struct rtp_ext_walk w;
	struct rtp_ext e;
	size_t left = r->ext.len + 1;

	rtp_ext_begin(&w, r);
	while (rtp_ext_next(&w, &e))
		if (!left-- || !prefix_inside(e.data, r->ext))
			return false;
	return true;
}

static bool red_inside(struct slice payload)
{
	struct rtp_red_walk w;
	struct rtp_red red;
	size_t sum = 0;

	if (rtp_red_begin(&w, payload) != PARSE_OK)
		return true;
	while (rtp_red_next(&w, &red)) {
		if (!prefix_inside(red.data, payload))
			return false;
		sum += red.data.len;
	}
	return sum <= payload.len;
}

bool rtp_inside(struct slice in)
{
	enum parse res;
	struct rtp_event e;
	struct slice plain;
	struct rtp r;

	res = rtp_parse(in, &r);
	if (res == PARSE_BAD)
		return !rtp_looks(in);
	if (!prefix_inside(r.csrc, in) || !prefix_inside(r.ext, in) ||
	    !prefix_inside(r.payload, in))
		return false;
	if (res == PARSE_MORE && r.payload.len)
		return false;
	if (rtp_unpad(&r, &plain) && !prefix_inside(plain, r.payload))
		return false;
	if (rtp_event_parse(r.payload, &e) == PARSE_OK && r.payload.len < 4)
		return false;
	return extensions_inside(&r) && red_inside(r.payload);
}

static bool sdes_inside(const struct rtcp *p)
{
	struct rtcp_sdes_walk w;
	struct rtcp_sdes s;

	rtcp_sdes_begin(&w, p);
	while (rtcp_sdes_next(&w, &s))
		if (!prefix_inside(s.text, p->body))
			return false;
	return true;
}

static bool xr_inside(const struct rtcp *p)
{
	struct rtcp_xr_stats stats;
	struct rtcp_xr_voip voip;
	struct rtcp_xr_dlrr dlrr;
	struct rtcp_xr_walk w;
	struct rtcp_xr x;
	uint32_t ssrc;
	uint64_t ntp;

	if (rtcp_xr_begin(&w, p) != PARSE_OK)
		return true;
	while (rtcp_xr_next(&w, &x)) {
		struct slice rest = x.body;

		if (!prefix_inside(x.body, p->body))
			return false;
		rtcp_xr_voip_parse(&x, &voip);
		rtcp_xr_stats_parse(&x, &stats);
		rtcp_xr_rrt_parse(&x, &ntp);
		rtcp_xr_about(&x, &ssrc);
		while (rtcp_xr_dlrr_next(&rest, &dlrr))
			;
	}
	return true;
}

static bool feedback_inside(const struct rtcp *p)
{
	struct rtcp_tmmbr tmmbr;
	struct rtcp_remb remb;
	struct rtcp_twcc twcc;
	struct rtcp_nack nack;
	struct rtcp_fir fir;
	struct slice rest;
	struct rtcp_fb fb;

	if (rtcp_fb_parse(p, &fb) != PARSE_OK)
		return true;
	for (rest = fb.fci; rtcp_nack_next(&rest, &nack);)
		;
	for (rest = fb.fci; rtcp_fir_next(&rest, &fir);)
		;
	for (rest = fb.fci; rtcp_tmmbr_next(&rest, &tmmbr);)
		;
	if (rtcp_remb_parse(&fb, &remb) == PARSE_OK &&
	    !prefix_inside(remb.ssrcs, fb.fci))
		return false;
	if (rtcp_twcc_parse(&fb, &twcc) == PARSE_OK &&
	    !prefix_inside(twcc.chunks, fb.fci))
		return false;
	return prefix_inside(fb.fci, p->body);
}

static bool reports_inside(const struct rtcp *p)
{
	struct rtcp_report r;
	struct rtcp_block b;
	struct rtcp_bye bye;
	struct rtcp_app app;
	size_t blocks = 0;

	if (rtcp_report_parse(p, &r) == PARSE_OK) {
		if (!prefix_inside(r.blocks, p->body))
			return false;
		while (rtcp_block_next(&r.blocks, &b))
			blocks++;
	}
	if (rtcp_bye_parse(p, &bye) == PARSE_OK &&
	    !(prefix_inside(bye.ssrcs, p->body) &&
	      prefix_inside(bye.reason, p->body)))
		return false;
	if (rtcp_app_parse(p, &app) == PARSE_OK &&
	    !(prefix_inside(app.name, p->body) &&
	      prefix_inside(app.data, p->body)))
		return false;
	return blocks <= p->count;
}

/* Every packet is read as each type: a parser may not trust its caller. */
bool rtcp_inside(struct slice in)
{
	struct rtcp_walk w;
	struct rtcp p;
	size_t sum = 0;

	rtcp_looks(in);
	rtcp_begin(&w, in);
	while (rtcp_next(&w, &p) == PARSE_OK) {
		sum += 4 + p.body.len;
		if (sum > in.len || !prefix_inside(p.body, in) ||
		    !reports_inside(&p) || !sdes_inside(&p) || !xr_inside(&p) ||
		    !feedback_inside(&p))
			return false;
	}
	return true;
}
