/* What a group found out, copied out and in order. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "sniffer/base/ulid.h"
#include "sniffer/media/media_priv.h"

_Static_assert(ULID_SIZE == CDR_UID, "a stream_uid is a ULID");

static int by_time(const void *a, const void *b)
{
	const struct cdr_dtmf *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return memcmp(x->stream.p, y->stream.p, x->stream.len);
}

static void name_stream(const struct media *m, struct cdr_stream *s)
{
	char src[ADDR_TEXT], dst[ADDR_TEXT], ssrc[9];
	struct slice part[4] = {m->cfg.sensor};

	snprintf(ssrc, sizeof(ssrc), "%08x", s->ssrc);
	part[1] = slice_str(addr_text(&s->src, src));
	part[2] = slice_str(addr_text(&s->dst, dst));
	part[3] = slice_str(ssrc);
	ulid_make(s->stream_uid, s->first, part, 4);
}

static bool heard_before(const struct dtmf *d, const struct dtmf_key *k)
{
	for (uint32_t i = 0; i < d->n; i++)
		if (d->v[i].ts == k->ts && d->v[i].digit == k->digit)
			return d->v[i].start_ns < k->start_ns;
	return false;
}

/* A relay passes keys on: the same one was seen on an earlier hop when SSRC
 * and timestamp are the same. */
static bool passed_on(const struct media_group *g, const struct stream *s,
		      const struct dtmf_key *k)
{
	list_each(it, &g->flows)
	{
		const struct media_flow *f =
			container_of(it, struct media_flow, node);

		for (unsigned i = 0; i < 2; i++)
			for (const struct stream *o = f->streams[i]; o;
			     o = o->next)
				if (o != s && o->ssrc == s->ssrc &&
				    heard_before(&o->dtmf, k))
					return true;
	}
	return false;
}

/* The uid is kept once more: rows are sorted and copied by the caller. */
static void keys_out(const struct media_group *g, const struct stream *s,
		     const char *uid, struct arena *mem,
		     struct media_result *out)
{
	struct slice name = {0};

	if (s->dtmf.n)
		name = arena_keep(mem, slice_str(uid));
	for (uint32_t i = 0; name.p && i < s->dtmf.n; i++) {
		const struct dtmf_key *k = &s->dtmf.v[i];

		if (passed_on(g, s, k))
			continue;
		out->dtmf[out->dtmf_n++] = (struct cdr_dtmf){
			.time = k->start_ns,
			.digit = arena_keep(mem, slice_of(&k->digit, 1)),
			.duration_us = k->clock_hz
					       ? (int64_t)k->duration *
							 1000000 / k->clock_hz
					       : CDR_NO_US,
			.via = "rfc4733",
			.stream = name,
		};
	}
}

static void turn_out(const struct media_flow *f, struct cdr_stream *row)
{
	row->has_turn = f->turn != NULL;
	if (f->turn)
		row->turn = *f->turn;
}

/* Losses of all streams of the flow's direction together. */
static void transport(const struct wide *w, struct cdr_stream *out)
{
	if (!w || !w->seq.begun)
		return;
	out->transport_lost = seq_lost(&w->seq);
	out->transport_expected = seq_packets(&w->seq) + out->transport_lost;
}

/* How a stream's row is made: of one that ends, or goes on. */
typedef int row_fn(struct stream *s, struct arena *mem, struct cdr_stream *out);

static int last_row(struct stream *s, struct arena *mem, struct cdr_stream *out)
{
	stream_result(s, mem, out);
	return 0;
}

/* 0 or -ENOMEM: a row is missing. */
static int flow_out(struct media_flow *f, row_fn *make, struct arena *mem,
		    struct media_result *out)
{
	int err = 0;

	for (unsigned dir = 0; dir < 2; dir++) {
		for (struct stream *s = f->streams[dir]; s && out->streams;
		     s = s->next) {
			struct cdr_stream *row = &out->streams[out->streams_n];

			if (make(s, mem, row)) {
				err = -ENOMEM;
				continue;
			}
			row->src = f->end[dir];
			row->dst = f->end[!dir];
			turn_out(f, row);
			transport(f->descs.wide[dir], row);
			name_stream(f->group->media, row);
			if (out->dtmf)
				keys_out(f->group, s, row->stream_uid, mem,
					 out);
			out->streams_n++;
		}
	}
	out->packets += f->packets;
	if (f->last_ns > out->last_packet)
		out->last_packet = f->last_ns;
	return err;
}

static void sizes(const struct media_group *g, size_t *streams, size_t *keys)
{
	*streams = *keys = 0;
	list_each(it, &g->flows)
	{
		struct media_flow *f =
			container_of(it, struct media_flow, node);

		for (unsigned dir = 0; dir < 2; dir++) {
			for (struct stream *s = f->streams[dir]; s;
			     s = s->next) {
				++*streams;
				*keys += s->dtmf.n;
			}
		}
	}
}

static int results(struct media_group *g, row_fn *make, struct arena *mem,
		   struct media_result *out)
{
	size_t streams, keys;
	int err = 0;

	*out = (struct media_result){.packets = g->frames,
				     .last_packet = g->frames_last_ns};
	sizes(g, &streams, &keys);
	out->streams = arena_alloc(mem, streams * sizeof(*out->streams));
	out->dtmf = keys ? arena_alloc(mem, keys * sizeof(*out->dtmf)) : NULL;
	if (streams && !out->streams)
		counters_add(g->media->counters, "media.no_memory", 1);
	list_each(it,
		  &g->flows) if (flow_out(container_of(it, struct media_flow,
						       node),
					  make, mem, out)) err = -ENOMEM;
	if (out->streams && out->streams_n)
		qsort(out->streams, out->streams_n, sizeof(*out->streams),
		      cdr_stream_order);
	if (out->dtmf && out->dtmf_n)
		qsort(out->dtmf, out->dtmf_n, sizeof(*out->dtmf), by_time);
	return err || (streams && !out->streams) ? -ENOMEM : 0;
}

void media_results(struct media_group *g, struct arena *mem,
		   struct media_result *out)
{
	list_each(it, &g->flows)
		media_secure_end(container_of(it, struct media_flow, node));
	results(g, last_row, mem, out);
}

int media_group_peek(struct media_group *g, struct arena *mem,
		     struct media_result *out)
{
	return results(g, stream_peek, mem, out);
}
