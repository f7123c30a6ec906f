/* The whole engine, from the bytes of a capture file to its records. With
 * FUZZ_WORKERS=N in the environment with so many media workers. */
#include <assert.h>
#include <stdlib.h>

#include "sniffer/capture/file_source.h"
#include "sniffer/engine/engine.h"
#include "tests/small_engine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_stream(const struct cdr_stream *s)
{
	assert(s->expected == s->packets + s->lost);
	assert(s->duplicates_tap <= s->duplicates);
	assert(s->first <= s->last || !s->packets);
	assert(s->hop >= 1);
	assert(!(s->loss_pct < 0) && !(s->loss_pct > 100));
	assert(!(s->mos.adaptive < 1) && !(s->mos.adaptive > 4.51));
}

static void check_ice(const struct cdr_call *c)
{
	for (size_t i = 0; i < c->ice_n; i++) {
		const struct cdr_ice *x = &c->ice[i];

		assert(x->result && x->generation >= 1);
		for (size_t n = 0; n < x->pairs_n; n++) {
			const struct cdr_ice_pair *p = &x->pairs[n];

			assert(p->state && p->transport);
			assert(p->ab.responses <= p->ab.requests);
			assert(p->ba.responses <= p->ba.requests);
			assert(p->first <= p->last);
		}
	}
}

static void check_rtc(const struct cdr_call *c)
{
	check_ice(c);
	for (size_t i = 0; i < c->dtls_n; i++)
		assert(c->dtls[i].state);
	for (size_t i = 0; i < c->turn_n; i++)
		assert(c->turn[i].transport);
	for (size_t i = 0; i < c->nat_n; i++)
		assert(c->nat[i].class && c->nat[i].confidence);
	for (size_t i = 0; i < c->offers_n; i++)
		assert(c->offers[i].state && c->offers[i].by);
	for (size_t i = 0; i < c->diagnoses_n; i++)
		assert(c->diagnoses[i].code && c->diagnoses[i].severity);
}

static void on_record(void *arg, struct cdr *cdr)
{
	uint64_t *last = arg;

	assert(cdr->number == *last + 1);
	assert(strlen(cdr->uid) == CDR_UID - 1);
	*last = cdr->number;
	if (cdr->kind == CDR_CALL || cdr->kind == CDR_SESSION) {
		assert(cdr->call.state);
		for (size_t i = 0; i < cdr->call.streams_n; i++)
			check_stream(&cdr->call.streams[i]);
		check_rtc(&cdr->call);
		for (size_t i = 0; i < cdr->call.messages_n; i++)
			assert(cdr->call.messages[i].copy_of == CDR_NO_U32 ||
			       cdr->call.messages[i].copy_of < i);
	}
	cdr_free(cdr);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct engine_config cfg = small_engine();
	uint64_t last = 0;
	struct engine_out out = {.record = on_record, .arg = &last};
	struct frame frames[64];
	struct source *src;
	const char *workers = getenv("FUZZ_WORKERS");
	struct engine *e;
	struct cdr *sum;
	int n;

	cfg.workers = workers ? (unsigned)atoi(workers) : 0;
	cfg.wait = true;
	cfg.calls.session_id = true;
	cfg.media.g711_plc = true;
	cfg.media.record =
		(struct record_config){RECORD_ALL, 16384, 8192, 1 << 20};
	if (file_source_open_memory(&src, "fuzz", slice_of(data, size)))
		return 0;
	e = engine_new(&cfg, &out);
	assert(e);
	while ((n = source_read(src, frames, 64)) > 0)
		engine_feed(e, frames, (size_t)n);
	engine_end(e);
	sum = engine_summary(e);
	assert(sum && sum->summary.packets == src->stats.frames);
	cdr_free(sum);
	engine_free(e);
	source_close(src);
	return 0;
}
