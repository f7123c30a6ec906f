#include "sniffer/run_live.h"

#include "sniffer/capture/source.h"
#include "sniffer/run_hep.h"
#include "sniffer/run_watch.h"
#include "sniffer/setup.h"
#include "storage/queue.h"

#define MS_NS 1000000ull

static double since_s(uint64_t oldest_ms)
{
	uint64_t now_ms = queue_now_ms();

	if (!oldest_ms || now_ms < oldest_ms)
		return 0;
	return (double)(now_ms - oldest_ms) / 1000;
}

static const char *kind_of(const struct config *cfg)
{
	struct db_url url;

	setup_db(cfg, &url);
	return url.kind == DB_MYSQL ? "mysql" : "sqlite";
}

static void put_store(struct snapshot *b, const struct run *r,
		      struct store *store, const char *what, const char *kind)
{
	struct stats *s = &b->stats;
	struct store_stats st;

	if (!store)
		return;
	store_stats(store, &st);
	b->store[b->stores++] = (struct snapshot_store){
		.what = what,
		.kind = kind,
		.waiting = st.waiting,
		.oldest_ms = st.oldest_ms,
		.stored = st.stored,
		.retries = st.retries,
		.refused = st.refused,
		.lost = st.lost,
		.down = st.down,
	};
	stats_put1(s, STATS_STORE_UP, what, !st.down);
	stats_put1(s, STATS_STORE_WAITING, what, (double)st.waiting);
	stats_put1(s, STATS_STORE_BYTES, what, (double)st.bytes);
	stats_put1(s, STATS_STORE_LIMIT, what, (double)r->cfg->queue_max_bytes);
	stats_put1(s, STATS_STORE_LAG, what, since_s(st.oldest_ms));
	stats_put1(s, STATS_STORE_OLDEST, what, (double)st.oldest_ms / 1000);
	stats_put1(s, STATS_STORED, what, (double)st.stored);
	stats_put1(s, STATS_STORE_RETRIES, what, (double)st.retries);
	stats_put1(s, STATS_STORE_REFUSED, what, (double)st.refused);
	stats_put1(s, STATS_STORE_LOST, what, (double)st.lost);
}

static void put_spool(struct snapshot *b, const struct run *r)
{
	struct stats *s = &b->stats;
	struct spool_load load;

	b->records = r->spool != NULL;
	if (!r->spool)
		return;
	load = spool_load(r->spool);
	b->spool_level = load.level;
	b->spool_errors = spool_errors(r->spool);
	b->spool_skipped = spool_dropped(r->spool);
	stats_put(s, STATS_SPOOL_FILES, (double)spool_files(r->spool));
	stats_put(s, STATS_SPOOL_ERRORS, (double)b->spool_errors);
	stats_put(s, STATS_SPOOL_SKIPPED, (double)b->spool_skipped);
	stats_put(s, STATS_SPOOL_QUEUE, (double)load.queued);
	stats_put(s, STATS_SPOOL_QUEUE_LIMIT, (double)load.limit);
	stats_put(s, STATS_SPOOL_LEVEL, load.level);
}

static void put_source(struct snapshot *b, const struct run *r)
{
	const struct source *src = r->source;
	struct stats *s = &b->stats;

	b->dropped.kernel = src->stats.dropped_kernel;
	b->dropped.ring = src->stats.dropped_ring;
	b->read_bytes = src->progress.bytes_read;
	b->read_size = src->progress.bytes_total;
	stats_put(s, STATS_CUT, (double)src->stats.cut);
	stats_put(s, STATS_FILTERED, (double)src->stats.filtered);
	stats_put(s, STATS_LATE, (double)src->stats.late);
	stats_put2(s, STATS_DROPPED, SLICE("kernel"), SLICE("buffer"),
		   (double)src->stats.dropped_kernel);
	stats_put2(s, STATS_DROPPED, SLICE("ring"), SLICE("capture"),
		   (double)src->stats.dropped_ring);
	if (r->live)
		return;
	stats_put(s, STATS_READ_BYTES, (double)b->read_bytes);
	stats_put(s, STATS_READ_SIZE, (double)b->read_size);
}

static void put_journal(struct snapshot *b, const struct run *r)
{
	struct resume_figures f;

	if (!resume_figures(r->resume, &f))
		return;
	stats_put(&b->stats, STATS_JOURNAL_OPEN, (double)f.open);
	stats_put(&b->stats, STATS_JOURNAL_BYTES, (double)f.bytes);
	stats_put(&b->stats, STATS_JOURNAL_ERRORS, (double)f.errors);
}

/* Packet time goes on with the machine's when no packet comes. */
static uint64_t idle_ms(const struct run *r, const struct snapshot *b)
{
	if (!r->live)
		return 0;
	if (!b->last_ns)
		return b->made_ms - r->live_since_ms;
	return b->now_ns > b->last_ns ? (b->now_ns - b->last_ns) / MS_NS : 0;
}

static void publish(struct run *r, uint64_t now_ms, bool ended)
{
	struct snapshot *b = snapshots_begin(r->live_view, now_ms);

	if (!b)
		return;
	if (!r->live_since_ms)
		r->live_since_ms = now_ms;
	b->live = r->live;
	b->ended = ended;
	b->no_viewer = r->no_viewer;
	b->interface = r->cfg->taps.v;
	b->interfaces = r->cfg->taps.n;
	engine_snapshot(r->engine, b);
	put_source(b, r);
	put_spool(b, r);
	put_store(b, r, r->store, "database", kind_of(r->cfg));
	put_store(b, r, r->feed, "feed", "feed");
	put_journal(b, r);
	run_hep_stats(r, &b->stats);
	b->idle_ms = idle_ms(r, b);
	run_watch_fill(r, b);
	snapshots_measure(r->live_view, b);
	run_watch_look(r, b);
	snapshots_publish(r->live_view, b);
}

void run_live_poll(struct run *r)
{
	uint64_t now_ms;

	if (!r->live_view)
		return;
	now_ms = progress_clock_us() / 1000;
	if (!snapshots_due(r->live_view, now_ms) && !run_watch_due(r, now_ms))
		return;
	/* What is over can be found. (With -i that is done anyway.) */
	if (!r->live)
		writer_flush(r->writer);
	publish(r, now_ms, false);
}

void run_live_end(struct run *r)
{
	if (r->live_view)
		publish(r, progress_clock_us() / 1000, true);
}

void run_live_start(struct run *r)
{
	struct web_backend backend = {.sensor = r->cfg->sensor};

	backend.snapshots = r->live_view = snapshots_new();
	run_watch_start(r);
	run_live_poll(r);
	/* A live capture has its port since before it gave rights up. */
	if (!r->live && run_web_wanted(r->cfg))
		run_web_prepare(&r->web, r->cfg, run_complain, r);
	if (r->web && run_web_start(&r->web, &backend))
		r->no_viewer = true;
	/* A live run is asked also without a viewer. */
	if (r->web || r->live)
		return;
	run_watch_close(r);
	snapshots_free(r->live_view);
	r->live_view = NULL;
}

void run_live_close(struct run *r)
{
	run_watch_close(r);
	run_web_close(r->web);
	snapshots_free(r->live_view);
}
