#include "sniffer/engine/engine_priv.h"

#include <stdio.h>
#include <stdlib.h>

#include "sniffer/net/sctp.h"

/* A packet this far ahead must be confirmed by the next one. */
#define JUMP_NS (60 * 1000000000ull)

static void flow_closed(struct flow *f, void *arg)
{
	struct engine *e = arg;

	engine_stream_closed(e, f);
	engine_media_flow_closed(e, f);
}

/* What it would lose with the flow: media, a connection, an allocation. */
static bool is_spare(const struct flow *f, void *arg)
{
	const struct eflow *ef = eflow_of((struct flow *)f);

	(void)arg;
	return !ef->link && !ef->inside && engine_stream_is_spare(f);
}

static struct flow_table *make_flows(struct engine *e)
{
	struct flow_config cfg = {
		.max_flows = e->cfg.max_flows,
		.tcp_idle_ns = e->cfg.tcp_idle_ns,
		.udp_idle_ns = e->cfg.udp_idle_ns,
		.user_size = sizeof(struct eflow),
		.on_close = flow_closed,
		.is_spare = is_spare,
		.arg = e,
		.seed = e->cfg.seed,
	};

	return flow_table_new(&cfg, &e->counters);
}

static bool make_parts(struct engine *e)
{
	const struct engine_config *cfg = &e->cfg;
	struct crew_config crew = {cfg->workers, cfg->wait};

	e->decoder = decode_new(&cfg->decode, &cfg->seed, &e->counters);
	e->flows = make_flows(e);
	e->keylog = keylog_new(cfg->max_keys, cfg->seed, &e->counters);
	e->calls = calls_new(&cfg->calls, cfg->seed, &engine_calls_ops, e,
			     &e->timers, &e->counters);
	e->crew = crew_new(&crew, &cfg->media, e->out.spool, e->out.spool_arg,
			   &e->counters);
	e->sdp = malloc(sizeof(*e->sdp));
	e->scratch = malloc(SCRATCH_BYTES);
	e->plain = malloc(PLAIN_FRAME_MAX);
	engine_mirror_begin(e);
	e->stream_frames = calloc(STREAM_FRAMES, sizeof(*e->stream_frames));
	return e->decoder && e->flows && e->keylog && e->calls && e->crew &&
	       e->sdp && e->scratch && e->plain && e->stream_frames &&
	       !addr_index_init(&e->links_at, cfg->seed) &&
	       !map_init(&e->ssrcs, 64) &&
	       !signal_table_init(&e->signals, cfg->seed) &&
	       !ice_table_init(&e->ice, cfg->seed, &e->counters) &&
	       !turn_table_init(&e->turn, cfg->seed, &e->counters) &&
	       !nat_table_init(&e->nat, cfg->seed, cfg->max_nat, &e->counters);
}

struct engine *engine_new(const struct engine_config *cfg,
			  const struct engine_out *out)
{
	struct engine *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	e->cfg = *cfg;
	e->cfg.calls.sensor = e->cfg.media.sensor = cfg->sensor;
	e->out = *out;
	e->tcp = (struct tcp_mem){cfg->tcp, &e->counters, 0};
	e->tls = (struct tls_mem){cfg->tls_hold_bytes, cfg->tls_total_bytes,
				  &e->counters, 0};
	list_init(&e->owners);
	pool_init(&e->owner_pool, sizeof(struct owner));
	pool_init(&e->link_pool, sizeof(struct link));
	list_init(&e->waiting);
	list_init(&e->silent);
	list_init(&e->conns);
	list_init(&e->endings);
	timers_init(&e->timers, e);
	list_init(&e->nat.all);
	list_init(&e->tls_waiting);
	list_init(&e->dtls_waiting);
	e->web = (struct web_mem){
		.cfg = {cfg->web_message_bytes, cfg->web_total_bytes},
		.counters = &e->counters};
	if (!make_parts(e)) {
		engine_free(e);
		return NULL;
	}
	return e;
}

/* Nothing captured is lost: what is still open is reported first. */
void engine_free(struct engine *e)
{
	if (!e)
		return;
	if (e->decoder && e->calls && e->crew && e->flows)
		engine_end(e);
	calls_free(e->calls);
	flow_table_free(e->flows);
	addr_index_close(&e->links_at);
	free(e->sdp);
	free(e->scratch);
	free(e->plain);
	free(e->stream_frames);
	map_close(&e->ssrcs);
	signal_table_close(&e->signals);
	ice_table_close(&e->ice);
	turn_table_close(&e->turn);
	nat_table_close(&e->nat);
	crew_free(e->crew);
	keylog_free(e->keylog);
	decode_free(e->decoder);
	decode_free(e->replaying ? e->replay.decoder : NULL);
	engine_mirror_end(e);
	timers_close(&e->timers);
	pool_close(&e->owner_pool);
	pool_close(&e->link_pool);
	if (e->holding)
		free((void *)e->held.data.p);
	free(e);
}

/* --- from packet to flow ----------------------------------------------- */

uint16_t engine_realm(const struct engine *e, const struct pkt *p)
{
	if (e->cfg.realm == REALM_VLAN && p->vlan != PKT_NO_VLAN)
		return p->vlan;
	return 0;
}

static struct flow *flow_of(struct engine *e, const struct ahead *a)
{
	struct flow *f = flow_get_hashed(e->flows, &a->key, a->hash, e->now_ns);

	if (f)
		flow_touch(f, a->dir, e->now_ns);
	return f;
}

static void on_sctp(struct engine *e, const struct pkt *p)
{
	struct sctp_iter it = sctp_begin(p->payload);
	struct sctp_data data;
	bool sip = false;

	while (sctp_next(&it, &data))
		if (sip_probe(data.payload) &&
		    engine_sip_datagram(e, p, data.payload, "sctp"))
			sip = true;
	if (!sip)
		e->stats.other++;
}

static void on_packet(struct engine *e, const struct ahead *a)
{
	const struct pkt *p = &a->pkt;
	struct flow *f;

	/* It may close another one. */
	f = p->proto == PKT_SCTP ? NULL : flow_of(e, a);
	e->frames = p->frames;
	e->frame_count = p->frame_count;
	if (p->proto == PKT_SCTP && p->message) /* out of HEP */
		engine_exported(e, NULL, 0, p);
	else if (p->proto == PKT_SCTP)
		on_sctp(e, p);
	if (!f)
		return;
	engine_mirror_packet(e, f, a->dir, p);
	if (p->message)
		engine_exported(e, f, a->dir, p);
	else if (p->proto == PKT_UDP)
		engine_media_udp(e, f, a->dir, p);
	else
		engine_stream_tcp(e, f, a->dir, p);
}

/* --- time -------------------------------------------------------------- */

/* Engine time never goes back. */
static void advance(struct engine *e, uint64_t ts_ns)
{
	if (ts_ns <= e->now_ns)
		return;
	e->coming_ns = ts_ns;
	timers_run(&e->timers, ts_ns);
	e->now_ns = ts_ns;
	flow_table_expire(e->flows, ts_ns);
}

void engine_take(struct engine *e, const struct ahead *a)
{
	const struct frame *f = a->frame;

	if (e->replaying) {
		engine_restore_take(e, a);
		return;
	}
	e->stats.packets++;
	e->stats.bytes += f->wire_len;
	if (!e->stats.first_ns || f->ts_ns < e->stats.first_ns)
		e->stats.first_ns = f->ts_ns;
	if (f->ts_ns > e->stats.last_ns)
		e->stats.last_ns = f->ts_ns;
	advance(e, f->ts_ns);
	switch (a->result) {
	case DECODE_PACKET:
		on_packet(e, a);
		break;
	case DECODE_OTHER:
		e->stats.other++;
		break;
	case DECODE_HELD:
	case DECODE_BAD:
		break;
	}
}

/* Engine time as it will be when f's turn comes. */
static uint64_t time_before(const struct engine *e)
{
	const struct engine_batch *b = &e->batch;

	return b->n && b->last_ns > e->now_ns ? b->last_ns : e->now_ns;
}

static bool jumps(const struct engine *e, const struct frame *f)
{
	uint64_t before_ns = time_before(e);

	return before_ns && f->ts_ns > before_ns + JUMP_NS;
}

/* One alone, in its turn. */
static void take(struct engine *e, const struct frame *f)
{
	engine_batch_run(e);
	engine_batch_add(e, f);
	engine_batch_run(e);
}

/* The next packet tells whether a jump was real: one clock that went wrong
 * must not end every open call. */
static void take_jump(struct engine *e, struct frame f,
		      const struct frame *next)
{
	engine_batch_run(e);
	if (next && next->ts_ns + JUMP_NS < f.ts_ns) {
		counters_add(&e->counters, "time.jump_clamped", 1);
		f.ts_ns = e->now_ns;
	}
	take(e, &f);
}

static bool hold(struct engine *e, const struct frame *f)
{
	uint8_t *copy = malloc(f->data.len ? f->data.len : 1);

	if (!copy)
		return false;
	if (f->data.len)
		memcpy(copy, f->data.p, f->data.len);
	e->held = *f;
	e->held.data.p = copy;
	e->held.block = NULL;
	e->holding = true;
	return true;
}

static void release(struct engine *e, const struct frame *next)
{
	struct frame f = e->held;

	e->holding = false;
	take_jump(e, f, next);
	free((void *)f.data.p);
}

/* What was sent to the workers is gone through, what they made is taken. */
static void settle(struct engine *e)
{
	crew_wake(e->crew);
	engine_endings_poll(e);
}

void engine_feed(struct engine *e, const struct frame *frames, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct frame *f = &frames[i];

		if (e->holding)
			release(e, f);
		if (!jumps(e, f))
			engine_batch_add(e, f);
		else if (i + 1 < n)
			take_jump(e, *f, f + 1);
		else if (!hold(e, f))
			take(e, f);
	}
	engine_batch_run(e);
	settle(e);
}

void engine_tick(struct engine *e, uint64_t now_ns)
{
	if (e->holding)
		release(e, NULL);
	advance(e, now_ns);
	settle(e);
}

void engine_end(struct engine *e)
{
	if (e->ended)
		return;
	if (e->holding)
		release(e, NULL);
	e->ended = true;
	engine_stream_finish(e);
	decode_end(e->decoder);
	engine_mirror_judge(e);
	engine_journal_all(e);
	calls_end(e->calls, e->now_ns);
	engine_media_end(e);
	engine_endings_wait(e);
	crew_quiet(e->crew);
}

/* --- keys -------------------------------------------------------------- */

size_t engine_keylog(struct engine *e, struct slice lines)
{
	uint64_t before = keylog_generation(e->keylog);
	size_t bad = keylog_feed(e->keylog, lines);

	if (keylog_generation(e->keylog) != before) {
		engine_plain_keys(e);
		engine_keys_look_again(e);
	}
	return bad;
}

size_t engine_srtp_keys(struct engine *e, struct slice lines, const char **why)
{
	return crew_keys_text(e->crew, lines, why);
}

size_t engine_keys(const struct engine *e)
{
	return keylog_count(e->keylog);
}

/* --- figures ----------------------------------------------------------- */

const struct engine_stats *engine_stats(struct engine *e)
{
	e->stats.open_calls = calls_open(e->calls);
	e->stats.open_sessions = e->sessions;
	e->stats.dropped_ring = crew_dropped(e->crew);
	return &e->stats;
}

const struct decode_stats *engine_decode_stats(const struct engine *e)
{
	return decode_stats(e->decoder);
}

const struct counters *engine_counters(struct engine *e)
{
	if (!crew_workers(e->crew))
		return &e->counters;
	e->all = e->counters;
	crew_counters(e->crew, &e->all);
	counters_sort(&e->all);
	return &e->all;
}

size_t engine_threads(const struct engine *e, struct engine_thread *out,
		      size_t max)
{
	struct crew_load l;
	unsigned n = 0;

	for (; n < max && crew_load(e->crew, n, &l); n++) {
		out[n] = (struct engine_thread){
			.busy_ns = l.busy_ns, .used = l.used, .size = l.size};
		snprintf(out[n].name, sizeof(out[n].name), "media %u", n);
	}
	return n;
}
