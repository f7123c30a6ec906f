/* Who watches a stream is told what passes. */
#include "sniffer/media/stream.h"

void stream_watch_packet(struct stream *s, const struct media_pkt *p,
			 const struct stream_arrival *a, enum seq_what what,
			 uint32_t bytes)
{
	const struct media_watch *w = s->env->watch;
	struct media_passed passed = {
		.serial = s->serial,
		.pt = s->pts[a->pt].pt,
		.dscp = p->dscp,
		.stray = what == SEQ_STRAY,
		.restart = a->restart,
		.ts_ns = a->ns,
		.ext = a->ext,
		.bytes = bytes,
		.jitter_n = s->jitter_n,
		.jitter_ns = s->jitter_ns,
	};

	if (w->passed)
		w->passed(s->env->watch_arg, &passed);
}

void stream_watch_timed(struct stream *s, uint64_t ts_ns)
{
	const struct media_watch *w = s->env->watch;

	if (w->timed)
		w->timed(s->env->watch_arg, s->serial, ts_ns, s->jitter_n,
			 s->jitter_ns);
}

void stream_watch_missed(struct stream *s, uint64_t ext, unsigned lost,
			 unsigned runs)
{
	const struct media_watch *w = s->env->watch;
	struct media_missed m = {
		.serial = s->serial,
		.ext = ext,
		.lost = lost >> VIEW_NETWORK & 1,
		.begins = runs >> VIEW_ADAPTIVE & 1,
	};

	if (w->missed && (m.lost || lost >> VIEW_ADAPTIVE & 1))
		w->missed(s->env->watch_arg, &m);
}

void stream_watch_over(struct stream *s, const struct emodel_codec *model)
{
	const struct media_watch *w = s->env->watch;

	if (w->over)
		w->over(s->env->watch_arg, s->serial, model);
}
