#include "sniffer/minute.h"

#include <inttypes.h>
#include <stdio.h>

static double per_second(uint64_t n, uint64_t ms)
{
	return ms ? (double)n * 1000 / (double)ms : 0;
}

/* The thread that worked most since the last line, and how much: its share of
 * one CPU. */
static const char *busiest(const struct minute *since, const struct snapshot *s,
			   uint64_t ms, double *share)
{
	const char *name = "none";
	uint64_t most = 0;

	for (size_t i = 0; i < s->threads; i++) {
		uint64_t ns = s->thread[i].cpu_ns - since->cpu_ns[i];

		if (ns <= most)
			continue;
		most = ns;
		name = s->thread[i].name;
	}
	*share = ms ? (double)most / ((double)ms * 1e6) : 0;
	return name;
}

static struct minute here(const struct snapshot *s)
{
	struct minute m = {
		.ms = s->made_ms,
		.packets = s->packets,
		.bytes = s->bytes,
		.ended = (uint64_t)stats_get(&s->stats, STATS_RECORDS, "call"),
		.kernel = s->dropped.kernel,
		.ring = s->dropped.ring,
		.workers = s->dropped.workers,
		.limit = s->dropped.limit,
		.skipped = s->spool_skipped,
	};

	for (size_t i = 0; i < s->threads; i++)
		m.cpu_ns[i] = s->thread[i].cpu_ns;
	return m;
}

void minute_line(struct minute *since, const struct snapshot *s,
		 uint64_t memory, char out[MINUTE_LINE])
{
	const struct minute now = here(s);
	uint64_t ms = now.ms - since->ms, waiting = 0;
	double share;
	const char *name = busiest(since, s, ms, &share);

	for (size_t i = 0; i < s->stores; i++)
		waiting += s->store[i].waiting;
	snprintf(out, MINUTE_LINE,
		 "stats seconds=%.0f pps=%.0f mbps=%.1f calls=%" PRIu64
		 " sessions=%" PRIu64 " ended=%" PRIu64 " drop_kernel=%" PRIu64
		 " drop_ring=%" PRIu64 " drop_workers=%" PRIu64
		 " drop_limit=%" PRIu64 " spool_skipped=%" PRIu64
		 " store_waiting=%" PRIu64 " spool_bytes=%.0f rss_mb=%" PRIu64
		 " busiest=%s busy=%.2f",
		 (double)ms / 1000,
		 per_second(now.packets - since->packets, ms),
		 per_second(now.bytes - since->bytes, ms) * 8 / 1e6, s->calls,
		 s->sessions, now.ended - since->ended,
		 now.kernel - since->kernel, now.ring - since->ring,
		 now.workers - since->workers, now.limit - since->limit,
		 now.skipped - since->skipped, waiting,
		 stats_get(&s->stats, STATS_SPOOL_QUEUE, ""), memory >> 20,
		 name, share);
	*since = now;
}
