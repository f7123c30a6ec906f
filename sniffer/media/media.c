/* Groups and flows; RTP into streams. RTCP is in media_rtcp.c. */
#include "dissectors/rtcp.h"
#include "sniffer/media/media_priv.h"

#include <stdio.h>
#include <stdlib.h>

/* A packet goes on with a stream that was silent no longer than this and
 * misses no more numbers. */
#define GOES_ON_NS   (1000 * 1000000ull)
#define GOES_ON_STEP 100
#define FAIR_STREAMS 128
#define PT_DYNAMIC   96 /* and above (RFC 3551, 6) */
/* Of what may be an event: its four bytes, redundancy, a tag of SRTP. */
#define EVENT_MAX 48

struct media *media_new(const struct media_config *cfg,
			const struct spool_ops *spool, void *spool_arg,
			struct counters *counters)
{
	struct media *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->recorder = recorder_new(&cfg->record, spool, spool_arg, counters);
	if (!m->recorder || pthread_key_create(&m->env.room, free)) {
		recorder_free(m->recorder);
		free(m);
		return NULL;
	}
	m->cfg = *cfg;
	snprintf(m->sensor, sizeof(m->sensor), "%.*s", SLICE_ARG(cfg->sensor));
	m->cfg.sensor = slice_str(m->sensor);
	m->counters = counters;
	m->keys_generation = 1;
	m->env = (struct stream_env){
		.room = m->env.room,
		.counters = counters,
		.slices_max = STREAM_SLICES,
		.g711_plc = cfg->g711_plc,
		.hold_bytes = cfg->srtp_hold,
		.heard = cfg->heard,
		.heard_arg = cfg->heard_arg,
		.watch = cfg->watch,
		.watch_arg = cfg->watch_arg,
		.told = cfg->heard || cfg->watch,
	};
	m->records = cfg->record.what != RECORD_NONE;
	pool_init(&m->env.streams, sizeof(struct stream));
	pool_init(&m->flows, sizeof(struct media_flow));
	hold_budget_init(&m->env.hold, cfg->srtp_hold_max, counters);
	pthread_mutex_init(&m->lock, NULL);
	if (cfg->shared) {
		m->env.hold.shared = true;
		m->env.streams.lock = m->flows.lock = &m->lock;
		recorder_share(m->recorder, &m->lock);
	}
	key_store_init(&m->keys, seed_random());
	return m;
}

void media_free(struct media *m)
{
	if (!m)
		return;
	recorder_free(m->recorder);
	pool_close(&m->env.streams);
	pool_close(&m->flows);
	key_store_close(&m->keys);
	free(pthread_getspecific(m->env.room)); /* those of others are gone */
	pthread_key_delete(m->env.room);
	pthread_mutex_destroy(&m->lock);
	free(m);
}

struct media_memory media_memory(const struct media *m)
{
	return (struct media_memory){m->bytes + m->env.bytes +
					     m->env.hold.bytes,
				     recorder_bytes(m->recorder), m->streams};
}

static void no_memory(struct media *m)
{
	counters_add(m->counters, "media.no_memory", 1);
}

struct media_group *media_group_new(struct media *m)
{
	struct media_group *g = calloc(1, sizeof(*g));

	if (!g)
		goto fail;
	g->media = m;
	list_init(&g->flows);
	if (m->records) {
		g->recording = recording_new(m->recorder);
		if (!g->recording)
			goto fail;
	}
	m->bytes += sizeof(*g);
	return g;
fail:
	free(g);
	no_memory(m);
	return NULL;
}

static void flow_free(struct media_flow *f)
{
	struct media *m = f->group->media;

	for (int dir = 0; dir < 2; dir++) {
		while (f->streams[dir]) {
			struct stream *s = f->streams[dir];

			f->streams[dir] = s->next;
			stream_free(s);
			m->streams--;
		}
	}
	list_remove(&f->node);
	media_secure_free(f);
	descs_free(&f->descs);
	free(f->turn);
	media_twin_free(f);
	m->bytes -= sizeof(*f);
	pool_give(&m->flows, f);
}

/* The recording has ended or moved. */
static void group_free(struct media_group *g)
{
	list_each_safe(it, &g->flows)
		flow_free(container_of(it, struct media_flow, node));
	media_orphans_free(g);
	g->media->bytes -= sizeof(*g);
	free(g);
}

void media_group_drop(struct media_group *g)
{
	recording_drop(g->recording);
	group_free(g);
}

void media_group_secrets(struct media_group *g, struct slice keylog)
{
	if (g->recording)
		recording_secrets(g->recording, keylog);
}

int media_group_close(struct media_group *g, const char uid[CDR_UID],
		      struct arena *mem, struct media_result *out)
{
	char path[RECORDING_PATH] = "";
	int err = 0;

	media_results(g, mem, out);
	if (g->recording)
		err = recording_finish(g->recording, uid, path);
	if (path[0])
		out->pcap = arena_keep(mem, slice_str(path));
	group_free(g);
	return err;
}

void media_group_frames(struct media_group *g, const struct frame *frames,
			size_t n)
{
	if (g->recording)
		recording_frames(g->recording, frames, n);
	g->frames += n;
	for (size_t i = 0; i < n; i++)
		if (frames[i].ts_ns > g->frames_last_ns)
			g->frames_last_ns = frames[i].ts_ns;
}

void media_group_adopt(struct media_group *g, const char uid[CDR_UID])
{
	if (g->recording)
		recording_adopt(g->recording, uid);
}

void media_replay(struct media *m, bool on)
{
	recorder_pause(m->recorder, on);
}

void media_group_keep(struct media_group *g, const char uid[CDR_UID])
{
	if (g->recording)
		recording_keep(g->recording, uid);
}

struct media_flow *media_flow_make(struct media_group *g, const struct addr *a,
				   const struct addr *b)
{
	struct media_flow *f = pool_take(&g->media->flows);

	if (!f) {
		no_memory(g->media);
		return NULL;
	}
	*f = (struct media_flow){
		.group = g, .media = g->media, .keys_generation = 1};
	f->end[0] = *a;
	f->end[1] = *b;
	g->media->bytes += sizeof(*f);
	return f;
}

void media_flow_enter(struct media_flow *f)
{
	list_append(&f->group->flows, &f->node);
}

struct media_flow *media_flow_open(struct media_group *g, const struct addr *a,
				   const struct addr *b)
{
	struct media_flow *f = media_flow_make(g, a, b);

	if (f)
		media_flow_enter(f);
	return f;
}

void media_flow_inside(struct media_flow *f, const struct addr *client,
		       const struct addr *relayed, const struct addr *peer)
{
	if (!f->turn)
		f->turn = malloc(sizeof(*f->turn));
	if (f->turn)
		*f->turn = (struct cdr_stream_turn){*client, *relayed, *peer};
	else
		no_memory(f->group->media);
}

void media_flow_describe(struct media_flow *f, unsigned dir,
			 const struct media_desc *desc)
{
	if (desc)
		media_flow_described(f, dir, desc_new(desc));
}

void media_flow_described(struct media_flow *f, unsigned dir, struct desc *d)
{
	struct media *m = f->group->media;

	if (!d) {
		no_memory(m);
		return;
	}
	free(f->descs.dir[dir]);
	f->descs.dir[dir] = d;
	if (d->ext.id[RTP_HDREXT_TWCC] && !f->descs.wide[dir]) {
		f->descs.wide[dir] = wide_new();
		if (!f->descs.wide[dir])
			no_memory(m);
	}
	/* The other direction may lean on it (codec.h). */
	for (int i = 0; i < 2; i++)
		for (struct stream *s = f->streams[i]; s; s = s->next)
			stream_described(s);
	media_secure_look(f);
}

/* A group without flows is gone: all else it has moves too. */
static void group_merge(struct media_group *to, struct media_group *from)
{
	struct media_orphan **end = &to->orphans;

	if (to->recording && from->recording)
		recording_merge(to->recording, from->recording);
	while (*end)
		end = &(*end)->next;
	*end = from->orphans;
	from->orphans = NULL;
	to->frames += from->frames;
	if (from->frames_last_ns > to->frames_last_ns)
		to->frames_last_ns = from->frames_last_ns;
	group_free(from);
}

void media_group_take(struct media_group *to, struct media_group *from)
{
	list_each_safe(it, &from->flows)
	{
		struct media_flow *f =
			container_of(it, struct media_flow, node);

		list_remove(&f->node);
		list_append(&to->flows, &f->node);
		f->group = to;
	}
	group_merge(to, from);
}

void media_flow_move(struct media_flow *f, struct media_group *to,
		     bool *old_gone)
{
	struct media_group *from = f->group;

	*old_gone = false;
	if (from == to)
		return;
	list_remove(&f->node);
	list_append(&to->flows, &f->node);
	f->group = to;
	if (list_empty(&from->flows)) {
		group_merge(to, from);
		*old_gone = true;
	}
}

bool media_flow_heard(const struct media_flow *f, unsigned dir)
{
	return f->streams[dir] != NULL;
}

static const struct stream *stream_at(const struct media_flow *f, unsigned dir,
				      uint32_t ssrc)
{
	const struct stream *s = f->streams[dir];

	while (s && s->ssrc != ssrc)
		s = s->next;
	return s;
}

bool media_flow_has(const struct media_flow *f, unsigned dir, uint32_t ssrc)
{
	return stream_at(f, dir, ssrc) != NULL;
}

bool media_flow_goes_on(const struct media_flow *f, unsigned dir, uint32_t ssrc,
			uint16_t number, uint64_t now_ns)
{
	const struct stream *s = stream_at(f, dir, ssrc);
	int16_t step;

	if (!s)
		return false;
	step = (int16_t)(uint16_t)(number - (uint16_t)s->seq.high);
	return step > -GOES_ON_STEP && step < GOES_ON_STEP &&
	       now_ns < s->last_ns + GOES_ON_NS;
}

uint64_t media_flow_last_ns(const struct media_flow *f)
{
	return f->rtp_last_ns;
}

uint64_t media_group_packets(const struct media_group *g)
{
	uint64_t n = g->frames;

	list_each(it, &g->flows) n +=
		container_of(it, struct media_flow, node)->packets;
	return n;
}

uint64_t media_group_last_ns(const struct media_group *g)
{
	uint64_t last = 0;

	list_each(it, &g->flows)
	{
		const struct media_flow *f =
			container_of(it, struct media_flow, node);

		if (f->rtp_last_ns > last)
			last = f->rtp_last_ns;
	}
	return last;
}

uint64_t media_group_first_ns(const struct media_group *g)
{
	uint64_t first = 0;

	list_each(it, &g->flows)
	{
		const struct media_flow *f =
			container_of(it, struct media_flow, node);

		if (f->rtp_first_ns && (!first || f->rtp_first_ns < first))
			first = f->rtp_first_ns;
	}
	return first;
}

static void seen(struct media_flow *f, const struct media_pkt *p)
{
	f->packets++;
	if (p->ts_ns > f->last_ns)
		f->last_ns = p->ts_ns;
}

/* The first one is looked at only when time does not go on. */
static void rtp_seen(struct media_flow *f, uint64_t ts_ns)
{
	bool on = ts_ns > f->rtp_last_ns;

	if (on && f->rtp_last_ns) {
		f->rtp_last_ns = ts_ns;
		return;
	}
	if (!f->rtp_first_ns || ts_ns < f->rtp_first_ns)
		f->rtp_first_ns = ts_ns;
	if (on)
		f->rtp_last_ns = ts_ns;
}

void media_flow_other(struct media_flow *f, unsigned dir,
		      const struct media_pkt *p)
{
	struct media_group *g = f->group;

	(void)dir;
	seen(f, p);
	if (g->recording && g->media->cfg.record.what != RECORD_SIGNALLING)
		recording_frames(g->recording, p->frames, p->frame_count);
}

/* The last quarter is for groups with few: what is aimed at one call must not
 * take the streams of others. */
static bool is_greedy(const struct media_flow *f, size_t n)
{
	size_t max = f->group->media->cfg.max_streams, has = 0;

	if (n < max - max / 4)
		return false;
	list_each(it, &f->group->flows)
	{
		has += container_of(it, struct media_flow, node)->streams_n;
		if (has >= FAIR_STREAMS)
			return true;
	}
	return false;
}

static bool one_more_stream(const struct media_flow *f)
{
	struct media *m = f->group->media;
	size_t n = atomic_fetch_add(&m->streams, 1);

	if ((!m->cfg.max_streams ||
	     (n < m->cfg.max_streams && !is_greedy(f, n))) &&
	    (!m->cfg.flow_streams || f->streams_n < m->cfg.flow_streams))
		return true;
	m->streams--;
	counters_add(m->counters, "media.stream_limit", 1);
	return false;
}

static struct stream *stream_add(struct media_flow *f, unsigned dir,
				 uint32_t ssrc, uint64_t now_ns)
{
	struct media *m = f->group->media;
	struct stream *s;

	if (!one_more_stream(f))
		return NULL;
	s = stream_new(&m->env, &f->descs, dir, ssrc, now_ns);
	if (!s) {
		m->streams--;
		no_memory(m);
		return NULL;
	}
	f->streams_n++;
	s->next = f->streams[dir];
	f->streams[dir] = s;
	s->siblings = &f->streams[dir];
	media_adopt_rtcp(f, s);
	media_secure_stream(f, s);
	return s;
}

/* The last one used is first: nearly always the one. */
static struct stream *stream_of(struct media_flow *f, unsigned dir,
				uint32_t ssrc, uint64_t now_ns)
{
	struct stream **at = &f->streams[dir], *s = *at;

	if (s && s->ssrc == ssrc)
		return s;
	while (s && s->ssrc != ssrc) {
		at = &s->next;
		s = *at;
	}
	if (!s)
		return stream_add(f, dir, ssrc, now_ns);
	*at = s->next;
	s->next = f->streams[dir];
	f->streams[dir] = s;
	return s;
}

void media_flow_prefetch(const struct media_flow *f, unsigned dir,
			 unsigned step)
{
	if (step == 0) {
		__builtin_prefetch(f, 1);
		return;
	}
	if (!f->media->records) {
		/* its group stays where it is */
	} else if (step == 1) {
		__builtin_prefetch(f->group);
	} else {
		recording_prefetch(f->group->recording, step - 2);
	}
	if (f->streams[dir])
		stream_prefetch(f->streams[dir], step - 1);
}

/* Also of a header that the snap length cut: what is clear of it is enough. */
bool media_rtp_parse(const struct media_pkt *p, struct rtp *out)
{
	enum parse res = rtp_parse(p->payload, out);

	return res == PARSE_OK ||
	       (res == PARSE_MORE && p->payload.len < p->payload_wire);
}

bool media_rtcp_looks(const struct media_pkt *p)
{
	return rtcp_looks(p->payload) || p->payload.len < p->payload_wire;
}

/* Does it hold a pressed key, or may it: of what is not known, what is as
 * short as one, also encrypted; of redundancy likewise. */
static bool is_event(const struct media_flow *f, unsigned dir,
		     const struct rtp *rtp)
{
	struct codec c;

	if (codec_find(&f->descs, dir, -1, rtp->pt, true, &c) &&
	    c.kind != CODEC_RED)
		return c.kind == CODEC_EVENT;
	return rtp->pt >= PT_DYNAMIC && rtp->payload.len <= EVENT_MAX;
}

static void record(const struct media_flow *f, unsigned dir,
		   const struct media_pkt *p, const struct rtp *rtp)
{
	size_t header = p->payload.len - rtp->payload.len;

	if (__builtin_expect(f->group->media->cfg.hide_events, 0) &&
	    is_event(f, dir, rtp))
		recording_frames_bare(f->group->recording, p->frames,
				      p->frame_count, p->payload, header);
	else
		recording_frames_cut(f->group->recording, p->frames,
				     p->frame_count, p->payload, header);
}

bool media_flow_rtp(struct media_flow *f, unsigned dir,
		    const struct media_pkt *p)
{
	struct rtp rtp;
	struct stream *s;

	if (!media_rtp_parse(p, &rtp)) {
		counters_add(f->media->counters, "rtp.bad_header", 1);
		return false;
	}
	seen(f, p);
	if (f->media->records)
		record(f, dir, p, &rtp);
	rtp_seen(f, p->ts_ns);
	s = stream_of(f, dir, rtp.ssrc, p->ts_ns);
	if (!s)
		return false;
	media_secure_new_keys(f);
	if (f->twinned)
		media_twin_put(f, s, rtp.seq, p->ts_ns);
	stream_put(s, p, &rtp);
	return true;
}
