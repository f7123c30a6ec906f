/* RTCP of a group: each report finds its streams by SSRC. */
#include <stdlib.h>

#include "sniffer/media/media_priv.h"

/* One datagram of it: from is where its reporter sends. */
struct ctx {
	struct media_group *group;
	const struct addr *from, *to;
	uint64_t now_ns;
};

void media_orphans_free(struct media_group *g)
{
	while (g->orphans) {
		struct media_orphan *o = g->orphans;

		g->orphans = o->next;
		free(o->stats);
		free(o);
	}
}

void media_adopt_rtcp(struct media_flow *f, struct stream *s)
{
	struct media_orphan **at = &f->group->orphans;

	for (; *at; at = &(*at)->next) {
		struct media_orphan *o = *at;

		if (o->ssrc != s->ssrc ||
		    !addr_ip_eq(&o->from, &f->end[s->dir]) ||
		    !addr_ip_eq(&o->to, &f->end[!s->dir]))
			continue;
		s->rtcp = o->stats;
		*at = o->next;
		free(o);
		stream_account(s);
		return;
	}
}

static struct rtcp_stats *orphan(const struct ctx *c, uint32_t ssrc,
				 const struct addr *from, const struct addr *to)
{
	struct media_orphan **at = &c->group->orphans, *o;
	unsigned n = 0;

	for (; *at; at = &(*at)->next, n++)
		if ((*at)->ssrc == ssrc && addr_ip_eq(&(*at)->from, from) &&
		    addr_ip_eq(&(*at)->to, to))
			return (*at)->stats;
	if (n >= MEDIA_ORPHANS)
		return NULL;
	o = calloc(1, sizeof(*o));
	if (!o)
		return NULL;
	*o = (struct media_orphan){NULL, ssrc, *from, *to,
				   calloc(1, sizeof(*o->stats))};
	if (!o->stats) {
		free(o);
		return NULL;
	}
	*at = o;
	return o->stats;
}

/* How well a stream fits: a relay's hops share the SSRC, so addresses count
 * too; RTCP may have ports of its own. */
static int fit(const struct media_flow *f, const struct stream *s,
	       const struct addr *from, const struct addr *to)
{
	const struct addr *src = &f->end[s->dir], *dst = &f->end[!s->dir];

	return 1 + 2 * addr_ip_eq(src, from) + 2 * addr_ip_eq(dst, to) +
	       (addr_eq(src, from) && addr_eq(dst, to));
}

static bool older(const struct stream *a, const struct stream *b)
{
	return a->first_ns < b->first_ns;
}

static struct stream *find(const struct ctx *c, uint32_t ssrc,
			   const struct addr *from, const struct addr *to)
{
	struct stream *best = NULL;
	int most = 0;

	list_each(it, &c->group->flows)
	{
		struct media_flow *f =
			container_of(it, struct media_flow, node);

		for (unsigned i = 0; i < 2; i++) {
			for (struct stream *s = f->streams[i]; s; s = s->next) {
				int n = s->ssrc == ssrc ? fit(f, s, from, to)
							: 0;

				if (n > most ||
				    (n && n == most && older(s, best))) {
					best = s;
					most = n;
				}
			}
		}
	}
	return best;
}

/* NULL without memory, or when there are too many nobody knows. */
static struct rtcp_stats *stats_of(const struct ctx *c, uint32_t ssrc,
				   const struct addr *from,
				   const struct addr *to)
{
	struct stream *s = find(c, ssrc, from, to);

	if (!s)
		return orphan(c, ssrc, from, to);
	if (!s->rtcp) {
		s->rtcp = calloc(1, sizeof(*s->rtcp));
		stream_account(s);
	}
	return s->rtcp;
}

/* Of the stream that the datagram's sender sends, or receives. */
static struct rtcp_stats *sent(const struct ctx *c, uint32_t ssrc)
{
	return stats_of(c, ssrc, c->from, c->to);
}

static struct rtcp_stats *received(const struct ctx *c, uint32_t ssrc)
{
	return stats_of(c, ssrc, c->to, c->from);
}

/* --- who watches ---------------------------------------------------------- */

static bool watched(const struct ctx *c)
{
	const struct media_watch *w = c->group->media->cfg.watch;

	return w && w->reported;
}

static struct media_reported report_of(const struct ctx *c, const char *type)
{
	return (struct media_reported){.ts_ns = c->now_ns,
				       .from = c->from,
				       .to = c->to,
				       .type = type,
				       .fraction_lost_pct = NAN,
				       .lost = CDR_NO_US,
				       .jitter_ticks = NAN,
				       .rtt_ms = NAN};
}

static void tell(const struct ctx *c, const struct media_reported *r)
{
	const struct media *m = c->group->media;

	m->cfg.watch->reported(m->cfg.watch_arg, r);
}

static uint32_t serial_of(const struct ctx *c, uint32_t ssrc)
{
	const struct stream *s = find(c, ssrc, c->to, c->from);

	return s ? s->serial : 0;
}

static void tell_block(const struct ctx *c, const struct rtcp_report *r,
		       const struct rtcp_block *b, double rtt_ms)
{
	struct media_reported told = report_of(c, r->sender ? "SR" : "RR");

	if (!watched(c))
		return;
	told.has_block = true;
	told.ssrc = b->ssrc;
	told.serial = serial_of(c, b->ssrc);
	told.fraction_lost_pct = b->fraction_lost * 100.0 / 256;
	told.lost = b->lost;
	told.jitter_ticks = b->jitter;
	told.rtt_ms = rtt_ms;
	tell(c, &told);
}

/* RFC 3611, 4.7: rates are of 256. */
static void tell_xr(const struct ctx *c, const struct rtcp_xr *x, uint32_t ssrc)
{
	struct media_reported told = report_of(c, "XR");
	struct rtcp_xr_voip v;

	if (!watched(c))
		return;
	told.has_block = true;
	told.ssrc = ssrc;
	told.serial = serial_of(c, ssrc);
	if (rtcp_xr_voip_parse(x, &v) == PARSE_OK) {
		told.fraction_lost_pct = v.loss_rate * 100.0 / 256;
		if (v.round_trip_ms)
			told.rtt_ms = v.round_trip_ms;
	}
	tell(c, &told);
}

/* A report without blocks tells only that it came. */
static void tell_bare(const struct ctx *c, const struct rtcp_report *r)
{
	struct media_reported told = report_of(c, r->sender ? "SR" : "RR");

	if (watched(c))
		tell(c, &told);
}

/* --- what each packet tells ----------------------------------------------- */

/* The round trip that a block ends: its half, and the last one of the other
 * side, which reports about either direction told. */
static double round_trip(const struct rtcp_stats *about,
			 const struct rtcp_stats *sent, double half_ms)
{
	if (about->a.n)
		return half_ms + about->a.last_ms;
	return sent && sent->b.n ? half_ms + sent->b.last_ms : NAN;
}

static void on_report(const struct ctx *c, const struct rtcp *p)
{
	struct rtcp_stats *s, *about;
	struct rtcp_report r;
	struct rtcp_block b;
	double half_ms;

	if (rtcp_report_parse(p, &r) != PARSE_OK)
		return;
	s = r.sender || find(c, r.ssrc, c->from, c->to) ? sent(c, r.ssrc)
							: NULL;
	if (s && r.sender)
		rtcp_stats_sr(s, c->now_ns, r.ntp);
	if (!r.blocks.len)
		tell_bare(c, &r);
	while (rtcp_block_next(&r.blocks, &b)) {
		double rtt_ms = NAN;

		if (b.ssrc == r.ssrc)
			b.lsr = 0; /* nobody is his own far end */
		about = received(c, b.ssrc);
		if (about && rtcp_stats_block(about, c->now_ns, &b, &half_ms)) {
			rtt_ms = round_trip(about, s, half_ms);
			if (s)
				rtcp_stats_answered(s, half_ms);
		}
		tell_block(c, &r, &b, rtt_ms);
	}
}

static void on_bye(const struct ctx *c, const struct rtcp *p)
{
	struct rtcp_stats *s;
	struct rtcp_bye bye;
	uint32_t ssrc;

	if (rtcp_bye_parse(p, &bye) != PARSE_OK)
		return;
	while (rtcp_ssrc_next(&bye.ssrcs, &ssrc)) {
		s = sent(c, ssrc);
		if (s)
			s->bye++;
	}
}

/* A packet with several blocks about one stream counts once. */
static void on_xr(const struct ctx *c, const struct rtcp *p)
{
	struct rtcp_stats *s, *last = NULL;
	struct rtcp_xr_walk w;
	struct rtcp_xr x;
	uint32_t ssrc;

	if (rtcp_xr_begin(&w, p) != PARSE_OK)
		return;
	while (rtcp_xr_next(&w, &x)) {
		if (!rtcp_xr_about(&x, &ssrc))
			continue;
		tell_xr(c, &x, ssrc);
		s = received(c, ssrc);
		if (s && s != last)
			s->xr++;
		last = s;
	}
}

/* The slice of now of a stream that feedback is about; NULL without the
 * stream, or at a limit. */
static struct slices_row *slice_of_now(const struct ctx *c, uint32_t ssrc)
{
	struct stream *s = find(c, ssrc, c->to, c->from);
	struct slices_row *row;

	if (!s)
		return NULL;
	row = slices_at(&s->slices, c->now_ns, s->seq.high + 1,
			s->env->slices_max);
	stream_account(s);
	return row;
}

static void bump(uint16_t *v)
{
	if (*v < UINT16_MAX)
		++*v;
}

/* PID and the bits of BLP: each number that is asked for again. */
static unsigned nack_numbers(struct slice fci)
{
	struct rtcp_nack nack;
	unsigned n = 0;

	while (rtcp_nack_next(&fci, &nack))
		n += 1u + (unsigned)__builtin_popcount(nack.blp);
	return n;
}

static void on_nack(const struct ctx *c, const struct rtcp_fb *fb)
{
	struct rtcp_stats *s = received(c, fb->media);
	struct slices_row *row = slice_of_now(c, fb->media);
	unsigned n = nack_numbers(fb->fci);

	if (s) {
		s->nack++;
		s->nack_numbers += n;
	}
	if (row) {
		bump(&row->nack);
		row->nack_numbers += n;
	}
}

static void on_rtpfb(const struct ctx *c, const struct rtcp *p)
{
	struct rtcp_stats *s;
	struct rtcp_fb fb;

	if (rtcp_fb_parse(p, &fb) != PARSE_OK)
		return;
	if (fb.fmt == RTCP_NACK)
		on_nack(c, &fb);
	else if (fb.fmt == RTCP_TWCC && (s = received(c, fb.media)))
		s->twcc++;
}

static void on_pli(const struct ctx *c, uint32_t ssrc)
{
	struct rtcp_stats *s = received(c, ssrc);
	struct slices_row *row = slice_of_now(c, ssrc);

	if (s)
		s->pli++;
	if (row)
		bump(&row->pli);
}

static void on_fir(const struct ctx *c, uint32_t ssrc)
{
	struct rtcp_stats *s = received(c, ssrc);
	struct slices_row *row = slice_of_now(c, ssrc);

	if (s)
		s->fir++;
	if (row)
		bump(&row->fir);
}

static void on_remb(const struct ctx *c, uint32_t ssrc, uint64_t bitrate)
{
	struct rtcp_stats *s = received(c, ssrc);
	struct slices_row *row = slice_of_now(c, ssrc);
	uint64_t kbps = bitrate / 1000;

	if (s) {
		s->remb++;
		s->remb_bps = bitrate;
	}
	if (row)
		row->remb_kbps =
			kbps < UINT32_MAX ? (uint32_t)kbps : UINT32_MAX;
}

static void on_psfb(const struct ctx *c, const struct rtcp *p)
{
	struct rtcp_remb remb;
	struct rtcp_fir fir;
	struct rtcp_fb fb;
	uint32_t ssrc;

	if (rtcp_fb_parse(p, &fb) != PARSE_OK)
		return;
	if (fb.fmt == RTCP_PLI)
		on_pli(c, fb.media);
	while (fb.fmt == RTCP_FIR && rtcp_fir_next(&fb.fci, &fir))
		on_fir(c, fir.ssrc);
	if (rtcp_remb_parse(&fb, &remb) != PARSE_OK)
		return;
	while (rtcp_ssrc_next(&remb.ssrcs, &ssrc))
		on_remb(c, ssrc, remb.bitrate);
}

/* What each packet type does; SDES and APP say nothing of quality. */
static const struct {
	uint8_t type;
	void (*on)(const struct ctx *c, const struct rtcp *p);
} handlers[] = {
	{RTCP_SR, on_report}, {RTCP_RR, on_report},   {RTCP_BYE, on_bye},
	{RTCP_XR, on_xr},     {RTCP_RTPFB, on_rtpfb}, {RTCP_PSFB, on_psfb},
};

static void dispatch(const struct ctx *c, const struct rtcp *p)
{
	for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++)
		if (handlers[i].type == p->type)
			handlers[i].on(c, p);
}

/* Does it go on like RTCP, though it cannot be read to its end? */
static bool begins(struct cursor c)
{
	uint8_t b0 = cursor_u8(&c), type = cursor_u8(&c);

	return !c.bad && b0 >> 6 == 2 && type >= RTCP_SR && type <= RTCP_XR;
}

/* SRTCP leaves only the first head clear: noise follows what that says is
 * the first packet. A compound that is only damaged further on is read as
 * far as it goes. */
static bool readable(const struct media_flow *f, unsigned dir,
		     const struct media_pkt *p)
{
	struct rtcp_walk w;
	struct cursor last;
	struct rtcp one;
	unsigned n = 0;

	if (desc_secure(f->descs.dir[dir]))
		return false;
	rtcp_begin(&w, p->payload);
	for (last = w.c; rtcp_next(&w, &one) == PARSE_OK; last = w.c)
		n++;
	return n > 1 || !cursor_left(&last) || begins(last) ||
	       p->payload.len < p->payload_wire;
}

void media_rtcp_read(struct media_flow *f, unsigned dir, uint64_t ts_ns,
		     struct slice packet)
{
	struct ctx c = {f->group, &f->end[dir], &f->end[!dir], ts_ns};
	struct rtcp_walk w;
	struct rtcp one;

	rtcp_begin(&w, packet);
	while (rtcp_next(&w, &one) == PARSE_OK)
		dispatch(&c, &one);
}

bool media_flow_rtcp(struct media_flow *f, unsigned dir,
		     const struct media_pkt *p)
{
	struct media *m = f->group->media;

	if (!media_rtcp_looks(p)) {
		counters_add(m->counters, "rtcp.bad_header", 1);
		return false;
	}
	media_flow_other(f, dir, p);
	media_secure_new_keys(f);
	if (readable(f, dir, p))
		media_rtcp_read(f, dir, p->ts_ns, p->payload);
	else if (!media_secure_rtcp(f, dir, p))
		counters_add(m->counters, "rtcp.unreadable", 1);
	return true;
}
