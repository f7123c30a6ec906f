#include "sniffer/setup_memory.h"

#include <unistd.h>

#include "sniffer/media/crew.h"
#include "sniffer/setup.h"

/* The program, and what waits between interfaces, core and workers. With files
 * that is little, and a report must not depend on the number of workers. */
static uint64_t base(const struct config *cfg)
{
	uint64_t threads = cfg->interfaces.n * cfg->capture_threads;
	uint64_t workers = cfg->inputs.n ? 0 : setup_workers(cfg);

	return SETUP_MEMORY_BASE +
	       threads * (cfg->capture_ring + cfg->buffer_bytes) +
	       workers * CREW_WORKER_BYTES;
}

/* What malloc, fragments and peaks take besides: an eighth. A quarter is left
 * for tables in any case. 0: there is no ceiling. */
static uint64_t shared(const struct config *cfg)
{
	uint64_t limit = setup_memory_limit(cfg), most = base(cfg);
	uint64_t rest = limit > most ? limit - most : 0;

	return (rest > limit / 4 ? rest : limit / 4) / 8 * 7;
}

/* Of a thousand parts; each: bytes of one, where a number is limited. */
struct share {
	size_t at; /* in struct engine_config: a size_t */
	uint16_t parts;
	uint16_t each;
};

#define AT(field) offsetof(struct engine_config, field)

static const struct share shares[] = {
	{AT(media.record.max_bytes), 170, 1},
	{AT(calls.max_bytes), 130, 1},
	{AT(media.max_streams), 120, 2600},
	{AT(max_flows), 80, 300},
	{AT(rtc_bytes), 60, 1},
	{AT(max_pending), 40, 2800},
	{AT(max_sessions), 40, 1400},
	{AT(max_conns), 30, 800},
	{AT(tcp.total_bytes), 60, 1},
	{AT(tls_total_bytes), 20, 1},
	{AT(web_total_bytes), 20, 1},
	{AT(calls.other_bytes), 30, 2}, /* twice */
	{AT(calls.buried_bytes), 15, 1},
	{AT(decode.frag_bytes), 40, 1},
	{AT(media.srtp_hold_max), 15, 1},
	{AT(max_nat), 10, 400},
	{AT(max_keys), 10, 500},
};

enum {
	QUEUE_PARTS = 90,
	ALL_PARTS = 1000,
};

uint64_t setup_memory_limit(const struct config *cfg)
{
	long pages = sysconf(_SC_PHYS_PAGES);
	long size = sysconf(_SC_PAGESIZE);

	if (cfg->memory_limit || !cfg->interfaces.n)
		return cfg->memory_limit;
	if (pages <= 0 || size <= 0)
		return 0;
	return (uint64_t)pages * (uint64_t)size / 2;
}

void setup_memory(const struct config *cfg, struct engine_config *out)
{
	uint64_t all = shared(cfg);

	for (size_t i = 0; all && i < sizeof(shares) / sizeof(shares[0]); i++) {
		const struct share *s = &shares[i];
		size_t *limit = (size_t *)(void *)((char *)out + s->at);
		size_t most = all / ALL_PARTS * s->parts / s->each;

		if (!*limit || *limit > most)
			*limit = most;
	}
}

size_t setup_memory_queue(const struct config *cfg)
{
	uint64_t most = shared(cfg) / ALL_PARTS * QUEUE_PARTS;

	return most && most < cfg->spool_queue_bytes ? most
						     : cfg->spool_queue_bytes;
}
