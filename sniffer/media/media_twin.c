/* A relay seen from both sides: how long packets stay in it, and which do not
 * come out. */
#include <stdlib.h>

#include "sniffer/media/media_priv.h"

/* A packet stays no longer in a relay: else the numbers have come round. */
#define STAY_NS (2 * 1000000000ull)

void media_twin_free(struct media_flow *f)
{
	if (!f->twin)
		return;
	if (f->twin->flow && f->twin->flow->twin)
		f->twin->flow->twin->flow = NULL;
	free(f->twin);
	f->twin = NULL;
}

void media_flow_twins(struct media_flow *a, struct media_flow *b, bool turned)
{
	if (a == b || (a->twin && a->twin->flow) || (b->twin && b->twin->flow))
		return;
	if (!a->twin)
		a->twin = calloc(1, sizeof(*a->twin));
	if (!b->twin)
		b->twin = calloc(1, sizeof(*b->twin));
	if (!a->twin || !b->twin) {
		counters_add(a->group->media->counters, "media.no_memory", 1);
		return;
	}
	a->twin->flow = b;
	b->twin->flow = a;
	a->twin->turned = b->twin->turned = turned;
	a->twinned = b->twinned = true;
}

static const struct stream *counterpart(const struct media_flow *f,
					const struct stream *s)
{
	const struct media_twin *t = f->twin;
	const struct stream *o;

	if (!t->flow)
		return NULL;
	o = t->flow->streams[t->turned ? !s->dir : s->dir];
	while (o && o->ssrc != s->ssrc)
		o = o->next;
	return o;
}

void media_twin_put(struct media_flow *f, const struct stream *s, uint16_t seq,
		    uint64_t now_ns)
{
	const struct stream *o = counterpart(f, s);
	const struct stream_copy *c;

	if (!o)
		return;
	c = &o->copies[seq % STREAM_COPIES];
	if (c->seq != seq || !c->ns || c->ns > now_ns ||
	    now_ns - c->ns > STAY_NS)
		return;
	f->twin->delay_ns[s->dir] += now_ns - c->ns;
	f->twin->matched[s->dir]++;
}

/* What entered, less what came out here. */
static uint64_t lost_between(const struct media_flow *f, int dir)
{
	uint64_t lost = 0;

	for (const struct stream *s = f->streams[dir]; s; s = s->next) {
		const struct stream *o = counterpart(f, s);
		uint64_t in = o ? seq_packets(&o->seq) : 0;
		uint64_t out = seq_packets(&s->seq);

		lost += in > out ? in - out : 0;
	}
	return lost;
}

/* Packets of a direction come out where most of them were known already. */
bool media_flow_relay(const struct media_flow *f, struct media_relay *out)
{
	const struct media_flow *other = f->twin ? f->twin->flow : NULL;
	uint64_t n = 0, delay_ns = 0, lost = 0;

	for (int dir = 0; other && dir < 2; dir++) {
		int back = f->twin->turned ? !dir : dir;
		bool here = f->twin->matched[dir] >= other->twin->matched[back];
		const struct media_flow *exit = here ? f : other;
		int exit_dir = here ? dir : back;

		if (!exit->twin->matched[exit_dir])
			continue;
		n += exit->twin->matched[exit_dir];
		delay_ns += exit->twin->delay_ns[exit_dir];
		lost += lost_between(exit, exit_dir);
	}
	if (!n)
		return false;
	out->delay_ms = (double)delay_ns / (double)n / 1e6;
	out->lost = lost;
	return true;
}
