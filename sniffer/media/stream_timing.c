/* Timing: jitter, the receivers, the steps of the timestamp. */
#include <math.h>
#include <stdlib.h>

#include "sniffer/media/stream_extra.h"
#include "sniffer/media/stream_guess.h"

#define SPURT_GAP_NS 60000000ull /* silence before a marked talk spurt */
#define REBASE_NS    1e12	 /* 1000 s: the timestamps went elsewhere */

enum {
	FIRST_PTS = 2,
	MAX_PTS = 128,
	FIRST_HISTORY = 16
};

/* Events stand still, what comes again carries the time of its original. */
static bool has_time(const struct codec *c)
{
	return c->kind != CODEC_EVENT && !codec_repairs(c);
}

static void know(struct stream *s, struct stream_pt *pt)
{
	struct codec found;

	if (!codec_find(s->descs, s->dir, stream_line_number(s), pt->pt,
			s->env->g711_plc, &found))
		return;
	pt->codec = found;
	pt->known = true;
	pt->tick_ns =
		found.clock_hz && has_time(&found) ? 1e9 / found.clock_hz : 0;
	if (found.kind == CODEC_VIDEO || found.kind >= CODEC_RED)
		stream_extra_make(s, true);
}

/* A session has descriptions without payload types: they name its sides. */
static bool announced(const struct desc *d)
{
	return d && d->n;
}

/* What was counted beside the rows goes into the one it belongs to. Another
 * type, or another clock, may follow. */
static void stream_settle(struct stream *s)
{
	if (s->pt_packets)
		s->pts[s->pt_now].packets += s->pt_packets;
	s->pt_packets = 0;
	s->steady = false;
}

static int pt_new(struct stream *s, uint8_t type, struct slice payload)
{
	struct stream_pt *pt;

	/* Room is made in powers of two. */
	if (!(s->pts_n & (s->pts_n - 1)) && s->pts_n != 1) {
		size_t size = s->pts_n ? s->pts_n * 2 : FIRST_PTS;
		struct stream_pt *v = realloc(s->pts, size * sizeof(*v));

		if (!v)
			return -1;
		s->pts = v;
	}
	stream_settle(s);
	pt = &s->pts[s->pts_n];
	*pt = (struct stream_pt){.pt = type};
	know(s, pt);
	if (!pt->known && !announced(s->descs->dir[0]) &&
	    !announced(s->descs->dir[1]))
		pt->known = codec_guess_event(type, payload, &pt->codec);
	if (s->rich)
		stream_guess_more(s, pt);
	s->pt_now = s->pts_n++;
	s->pt_type = type;
	stream_account(s);
	return s->pt_now;
}

int stream_pt_index(struct stream *s, uint8_t type, struct slice payload)
{
	if (s->pts_n && s->pt_type == type)
		return s->pt_now;
	for (uint8_t i = 0; i < s->pts_n; i++) {
		if (s->pts[i].pt == type) {
			stream_settle(s);
			s->pt_now = i;
			s->pt_type = type;
			return i;
		}
	}
	return pt_new(s, type, payload);
}

/* The commonest step between neighbours, by votes (two candidates). */
static void vote_ptime(struct stream *s, uint32_t step)
{
	if (step == s->ptime.step) {
		s->ptime.n++;
	} else if (step == s->ptime_next.step) {
		if (++s->ptime_next.n > s->ptime.n) {
			uint32_t n = s->ptime.n;

			s->ptime_next.step = s->ptime.step;
			s->ptime.step = step;
			s->ptime.n = s->ptime_next.n;
			s->ptime_next.n = n;
		}
	} else if (s->ptime_next.n) {
		s->ptime_next.n--;
	} else {
		s->ptime_next.step = step;
		s->ptime_next.n = 1;
	}
}

static void receive(struct stream *s, const struct stream_arrival *a,
		    bool fresh)
{
	int32_t delay_us;
	unsigned late = jitterbuf_put(&s->jitterbuf, a->ns,
				      (int32_t)(s->transit_ns / 1000), fresh,
				      &delay_us);

	s->delay_bins[jitterbuf_bin(delay_us)]++;
	if (late)
		seq_late(&s->seq, a->ext, (uint8_t)(late * SEQ_F1));
}

/* The first packet of a segment, or of a new clock: nothing to compare. */
static void begin_timing(struct stream *s, const struct stream_arrival *a)
{
	if (!s->timed) {
		s->transit_ns = 0;
		jitterbuf_init(&s->jitterbuf, a->ns, 0);
	}
	s->timed = true;
	receive(s, a, true);
}

static void jitter(struct stream *s, const struct stream_arrival *a, double d)
{
	struct slices_row *row = slices_find(&s->slices, a->ns);
	float ms;

	/* RFC 3550, 6.4.1: J += (|D| - J) / 16 */
	s->jitter_ns += (fabs(d) - s->jitter_ns) / 16;
	s->jitter_sum_ns += s->jitter_ns;
	s->jitter_n++;
	if (s->jitter_ns > s->jitter_max_ns)
		s->jitter_max_ns = s->jitter_ns;
	ms = (float)(s->jitter_ns / 1e6);
	if (row && ms > row->jitter_ms_max)
		row->jitter_ms_max = ms;
}

/* How much later than its timestamp says it came, against the one before. */
static void compare(struct stream *s, const struct stream_arrival *a)
{
	double gap = (double)(int64_t)(a->ns - s->timed_ns);
	int32_t step = (int32_t)(a->ts - s->timed_ts);
	double d = gap - step * s->timed_tick_ns;
	/* No network delays a packet by more than the gap before it: then it
	 * was the sender's clock that jumped. */
	bool jumped = a->in_order && step < 0;
	bool spurt = a->in_order && a->marker && gap > SPURT_GAP_NS;

	jitter(s, a, d);
	s->transit_ns += d;
	if (fabs(s->transit_ns) > REBASE_NS) {
		s->transit_ns = 0;
		jitterbuf_init(&s->jitterbuf, a->ns, 0);
	} else if (!jumped) {
		s->skew_ns -= d;
		if (fabs(s->skew_ns) > fabs(s->skew_max_ns))
			s->skew_max_ns = s->skew_ns;
	}
	if (step > 0 && (uint32_t)a->ext == s->timed_ext + 1)
		vote_ptime(s, (uint32_t)step);
	receive(s, a, jumped || spurt);
}

static inline void timed(struct stream *s, const struct stream_arrival *a)
{
	s->timed_ns = a->ns;
	s->timed_ts = a->ts;
	s->timed_ext = (uint32_t)a->ext;
}

static void time_now(struct stream *s, const struct stream_arrival *a)
{
	double tick_ns = s->pts[a->pt].tick_ns;

	if (s->rich)
		stream_extra_timed(s, a);
	if (a->restart)
		s->timed = false;
	if (!(tick_ns > 0))
		return;
	if (s->timed && tick_ns == s->timed_tick_ns)
		compare(s, a);
	else
		begin_timing(s, a);
	s->timed_tick_ns = tick_ns;
	timed(s, a);
}

/* Goes through what was kept, in its order. */
static void replay(struct stream *s)
{
	struct stream_arrival *a = s->history;
	uint32_t n = s->history_n;

	stream_settle(s);
	s->history = NULL;
	s->history_n = 0;
	s->history_size = 0;
	for (uint32_t i = 0; i < n; i++) {
		if (s->pts[a[i].pt].codec.kind == CODEC_EVENT)
			continue;
		time_now(s, &a[i]);
		if (s->env->watch)
			stream_watch_timed(s, a[i].ns);
	}
	free(a);
	stream_account(s);
}

void stream_flush(struct stream *s)
{
	if (s->rich && s->history_n)
		stream_guess(s);
	if (s->history_n)
		replay(s);
}

/* False when no more is kept: nobody will describe this stream any more. */
static bool keep(struct stream *s, const struct stream_arrival *a)
{
	if (s->history_over)
		return false;
	if (s->history_n == s->history_size) {
		uint32_t size =
			s->history_size ? s->history_size * 4 : FIRST_HISTORY;
		struct stream_arrival *v =
			size > STREAM_HISTORY
				? NULL
				: realloc(s->history, size * sizeof(*v));

		if (!v) {
			s->history_over = true;
			replay(s);
			return false;
		}
		s->history = v;
		s->history_size = size;
		stream_account(s);
	}
	s->history[s->history_n++] = *a;
	if (s->rich && s->history_n % STREAM_GUESS == 0 && stream_guess(s))
		replay(s);
	return true;
}

/* The next packet of the same type needs none of this. */
static bool is_steady(const struct stream *s, const struct stream_arrival *a)
{
	const struct stream_pt *pt = &s->pts[a->pt];

	return s->timed && pt->known && pt->tick_ns > 0 &&
	       pt->tick_ns == s->timed_tick_ns && a->pt == s->pt_now &&
	       !codec_tells(&pt->codec) && !s->rich;
}

void stream_time(struct stream *s, const struct stream_arrival *a)
{
	if ((s->history_n || !s->pts[a->pt].known) && keep(s, a))
		return;
	time_now(s, a);
	s->steady = is_steady(s, a);
}

void stream_time_next(struct stream *s, const struct stream_arrival *a)
{
	compare(s, a);
	timed(s, a);
}

void stream_described(struct stream *s)
{
	bool all = true;

	stream_settle(s);
	stream_extra_make(s, false);
	for (uint8_t i = 0; i < s->pts_n; i++) {
		if (!s->pts[i].known || s->pts[i].codec.guessed)
			know(s, &s->pts[i]);
		all &= s->pts[i].known;
	}
	if (all && s->history_n)
		replay(s);
}
