/* What is open, as it runs: rows of a snapshot, and the engine's figures. */
#include "sniffer/engine/engine_priv.h"

#include <stdio.h>

enum {
	OWNERS_MAX = 4 * SNAPSHOT_ROWS, /* that are looked at for sessions */
};

/* --- a row ------------------------------------------------------------- */

static void side(const struct media_side *m, struct snapshot_side *out)
{
	uint64_t expected = m->packets + m->lost;

	*out = (struct snapshot_side){
		.media = m->src,
		.packets = m->packets,
		.lost = m->lost,
		.loss_pct = expected
				    ? 100.0 * (double)m->lost / (double)expected
				    : NAN,
		.jitter_ms = m->jitter_ms,
		.mos = m->mos,
		.mos_now = m->mos_now,
		.scale = m->scale,
	};
	memcpy(out->codec, m->codec, sizeof(out->codec));
}

/* The media of an owner; NULL: none so far. */
static void sides(const struct owner *o, struct snapshot_row *row)
{
	struct media_side m[2] = {
		{.jitter_ms = NAN, .mos = NAN, .mos_now = NAN},
		{.jitter_ms = NAN, .mos = NAN, .mos_now = NAN},
	};

	if (o)
		crew_group_glance(&o->group, m);
	side(&m[0], &row->a);
	side(&m[1], &row->b);
	row->packets = o ? crew_group_packets(&o->group) : 0;
}

static void user(const struct engine *e, struct slice text,
		 char out[SNAPSHOT_TEXT])
{
	struct slice cut = slice_head(text, SNAPSHOT_TEXT - 1);

	memset(out, 0, SNAPSHOT_TEXT);
	if (cut.len)
		memcpy(out, cut.p, cut.len);
	if (e->cfg.mask.digits != MASK_OFF)
		mask_digits((uint8_t *)out, cut.len, e->cfg.mask.digits);
}

static const char *state_of(const struct call *c)
{
	bool failed = c->last_final >= 300 && !c->retried;

	if (c->bye_ns)
		return "ending";
	if (call_was_up(c))
		return c->on_hold ? "hold" : "up";
	if (failed || c->cancelled)
		return "ending";
	return c->ring_ns ? "ringing" : "trying";
}

static uint32_t status_of(const struct call *c)
{
	uint16_t status = c->final	  ? c->final
			  : c->last_final ? c->last_final
					  : c->challenge;

	return status ? status : CDR_NO_U32;
}

static void call_row(const struct engine *e, const struct call *c,
		     struct snapshot_row *row)
{
	memcpy(row->uid, c->uid, sizeof(row->uid));
	row->type = "call";
	row->kind = NULL;
	row->state = state_of(c);
	row->status = status_of(c);
	row->start_ns = c->start_ns ? c->start_ns : c->first_ns;
	row->answer_ns = c->answer_ns;
	user(e, c->caller.user, row->caller.user);
	user(e, c->callee.user, row->callee.user);
	row->caller.addr = c->caller.addr;
	row->callee.addr = c->callee.addr;
	sides(c->media, row);
}

static uint64_t session_start(const struct owner *o)
{
	uint64_t rtp_ns = crew_group_first_ns(&o->group);

	return rtp_ns && (!o->first_ns || rtp_ns < o->first_ns) ? rtp_ns
								: o->first_ns;
}

static void session_row(const struct owner *o, struct snapshot_row *row)
{
	memcpy(row->uid, o->uid, sizeof(row->uid));
	row->type = "session";
	row->kind = engine_session_is_webrtc(o) ? "webrtc" : "rtp";
	row->state = "up";
	row->status = CDR_NO_U32;
	row->start_ns = session_start(o);
	row->answer_ns = 0;
	sides(o, row);
	memset(&row->caller, 0, sizeof(row->caller));
	memset(&row->callee, 0, sizeof(row->callee));
	row->caller.addr = row->a.media;
	row->callee.addr = row->b.media;
}

/* --- the newest of both ------------------------------------------------ */

struct newest {
	const struct engine *e;
	const struct call *call;     /* the next one */
	const struct owner *session; /* likewise */
	unsigned looked;
};

static const struct owner *session_before(struct newest *n,
					  const struct owner *o)
{
	const struct list *head = &n->e->owners;
	const struct list *at = o ? o->all.prev : head->prev;

	for (; at != head && n->looked < OWNERS_MAX; at = at->prev) {
		n->looked++;
		o = container_of(at, struct owner, all);
		if (o->session)
			return o;
	}
	return NULL;
}

static bool newest_row(struct newest *n, struct snapshot_row *row)
{
	const struct call *c = n->call;
	const struct owner *o = n->session;

	if (c && (!o || c->first_ns >= session_start(o))) {
		call_row(n->e, c, row);
		n->call = calls_before(n->e->calls, c);
		return true;
	}
	if (!o)
		return false;
	session_row(o, row);
	n->session = session_before(n, o);
	return true;
}

static void rows(const struct engine *e, struct snapshot *out)
{
	struct newest n = {.e = e, .call = calls_before(e->calls, NULL)};

	n.session = session_before(&n, NULL);
	while (out->n < SNAPSHOT_ROWS && newest_row(&n, &out->row[out->n]))
		out->n++;
}

/* --- figures ----------------------------------------------------------- */

static void packets(const struct engine *e, const struct counters *c,
		    struct stats *s)
{
	const struct engine_stats *st = &e->stats;
	const struct decode_stats *d = decode_stats(e->decoder);

	stats_put(s, STATS_PACKETS, (double)st->packets);
	stats_put(s, STATS_BYTES, (double)st->bytes);
	stats_put(s, STATS_LAST_PACKET, (double)st->last_ns / 1e9);
	for (const char *const *name = engine_limits; *name; name++)
		stats_put_named(s, STATS_DROPPED, *name,
				(double)counters_get(c, *name));
	if (crew_workers(e->crew))
		stats_put2(s, STATS_DROPPED, SLICE("workers"), SLICE("full"),
			   (double)st->dropped_ring);
	stats_put(s, STATS_DECODED, (double)d->decoded);
	stats_put(s, STATS_FRAGMENTS, (double)d->ip_fragments);
}

static void kinds(const struct engine_stats *st, struct stats *s)
{
	stats_put1(s, STATS_BY_KIND, "sip", (double)st->sip);
	stats_put1(s, STATS_BY_KIND, "rtp", (double)st->rtp);
	stats_put1(s, STATS_BY_KIND, "rtcp", (double)st->rtcp);
	stats_put1(s, STATS_BY_KIND, "stun", (double)st->stun);
	stats_put1(s, STATS_BY_KIND, "turn", (double)st->turn);
	stats_put1(s, STATS_BY_KIND, "dtls", (double)st->dtls);
	stats_put1(s, STATS_BY_KIND, "tls", (double)st->tls);
	stats_put1(s, STATS_BY_KIND, "other", (double)st->other);
}

static void sip(const struct engine_stats *st, struct stats *s)
{
	static const char *const class[] = {NULL,  "1xx", "2xx", "3xx",
					    "4xx", "5xx", "6xx"};

	for (int m = 0; m < SIP_METHODS; m++)
		stats_put1(s, STATS_SIP_REQUESTS,
			   sip_method_name((enum sip_method)m),
			   (double)st->requests[m]);
	for (size_t i = 1; i < sizeof(class) / sizeof(class[0]); i++)
		stats_put1(s, STATS_SIP_RESPONSES, class[i],
			   (double)st -> responses[i]);
}

static void records(const struct engine_stats *st, struct stats *s)
{
	stats_put1(s, STATS_RECORDS, "call", (double)st->calls);
	stats_put1(s, STATS_RECORDS, "session", (double)st->sessions);
	stats_put1(s, STATS_RECORDS, "registration", (double)st->registrations);
	stats_put1(s, STATS_RECORDS, "transaction", (double)st->transactions);
	stats_put(s, STATS_ANSWERED, (double)st->answered);
	stats_put(s, STATS_WEBRTC, (double)st->webrtc);
	stats_put1(s, STATS_ACTIVE, "call", (double)st->open_calls);
	stats_put1(s, STATS_ACTIVE, "session", (double)st->open_sessions);
	stats_put(s, STATS_ACTIVE_MAX, (double)st->open_calls_max);
}

/* A limit of 0 is none. */
static void table(struct stats *s, const char *name, size_t entries,
		  size_t limit)
{
	stats_put1(s, STATS_ENTRIES, name, (double)entries);
	if (limit)
		stats_put1(s, STATS_LIMIT, name, (double)limit);
}

static void tables(const struct engine *e, struct stats *s)
{
	const struct engine_config *c = &e->cfg;
	struct calls_others others = calls_others(e->calls);
	struct media_memory m = crew_memory(e->crew);
	const struct decode_config *d = &c->decode;

	table(s, "calls", calls_open(e->calls), c->calls.max_calls);
	table(s, "registrations", others.registrations,
	      c->calls.max_registrations);
	table(s, "transactions", others.transactions,
	      c->calls.max_transactions);
	table(s, "flows", flow_table_count(e->flows), c->max_flows);
	table(s, "streams", m.open, c->media.max_streams);
	table(s, "pending", e->pending, c->max_pending);
	table(s, "nat", e->nat.count, c->max_nat);
	table(s, "keys", keylog_count(e->keylog), c->max_keys);
	table(s, "sessions", e->sessions, c->max_sessions);
	table(s, "connections", e->conns_n, c->max_conns);
	table(s, "fragments", decode_held(e->decoder).datagrams, d->frag_max);
	table(s, "buried", others.buried, 0);
	table(s, "sources", others.hosts, 0);
}

static void memory(const struct engine *e, struct stats *s)
{
	struct engine_memory m = engine_memory(e);
	const struct {
		const char *use;
		uint64_t bytes;
	} rows[] = {
		{"calls", m.calls},
		{"others", m.others},
		{"owners", m.owners},
		{"rtc", m.rtc},
		{"streams", m.streams},
		{"recordings", m.recordings},
		{"flows", m.flows},
		{"fragments", m.fragments},
		{"connections", m.connections},
		{"tcp", m.tcp},
		{"tls", m.tls},
		{"web", m.web},
		{"keys", m.keys},
		{"nat", m.nat},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		stats_put1(s, STATS_MEMORY, rows[i].use, (double)rows[i].bytes);
}

void engine_snapshot(struct engine *e, struct snapshot *out)
{
	const struct engine_stats *st = engine_stats(e);
	const struct counters *c;

	crew_quiet(e->crew);
	engine_endings_poll(e);
	out->dropped.limit = engine_turned_away(e);
	c = engine_counters(e);
	out->now_ns = e->now_ns;
	out->packets = st->packets;
	out->bytes = st->bytes;
	out->first_ns = st->first_ns;
	out->last_ns = st->last_ns;
	out->dropped.workers = st->dropped_ring;
	out->mirror = *engine_mirror(e);
	out->calls = st->open_calls;
	out->sessions = st->open_sessions;
	packets(e, c, &out->stats);
	kinds(st, &out->stats);
	sip(st, &out->stats);
	records(st, &out->stats);
	tables(e, &out->stats);
	memory(e, &out->stats);
	for (size_t i = 0; i < c->len; i++)
		stats_put_named(&out->stats, STATS_FAULTS, c->v[i].name,
				(double)c->v[i].n);
	rows(e, out);
}
