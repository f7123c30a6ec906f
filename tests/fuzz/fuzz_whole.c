/*
 * The engine with all that it can do: keys out of the capture, passwords of
 * TURN, masks, recordings, a journal, a restart in the middle, media workers,
 * the viewer's looks, the report's lines. The input is a capture file; its
 * length and last byte choose among settings.
 */
#include <assert.h>
#include <stdlib.h>

#include "sniffer/capture/file_source.h"
#include "sniffer/cdr_mask.h"
#include "sniffer/engine/engine.h"
#include "storage/report.h"
#include "tests/fuzz/engine_outs.h"
#include "tests/small_engine.h"

enum {
	MASKED = 1,
	HEADERS = 2,
	VLANS = 4,
	KILLED = 8,   /* after the first frames, and begun again */
	STOPPED = 16, /* the same, in order */
	SECRETS = 32,
	WATCHED = 64,
	WORKERS = 128,
	PART = 48, /* frames before the restart */
};

static const struct slice turn_users[] = {SLICE_INIT("lab:secret"),
					  SLICE_INIT("u1:p1")};
static const struct slice turn_secrets[] = {SLICE_INIT("north")};

struct whole {
	unsigned how;
	struct engine_config cfg;
	struct engine_out out;
	struct outs_journal *journal;
	struct engine *engine;
	struct outbuf line;
	uint64_t last; /* number of the last record */
	uint64_t fed, last_ns;
	bool restarted;
};

static void on_record(void *arg, struct cdr *cdr)
{
	struct whole *w = arg;

	assert(cdr->number == w->last + 1);
	w->last = cdr->number;
	if (mask_is_on(&w->cfg.mask))
		cdr_mask(cdr, &w->cfg.mask);
	outbuf_reset(&w->line);
	report_put_line(&w->line, cdr);
	assert(!w->line.failed && w->line.len > 2);
	assert(w->line.p[w->line.len - 1] == '\n');
	for (size_t i = 0; i + 1 < w->line.len; i++)
		assert((uint8_t)w->line.p[i] >= 0x20);
	cdr_free(cdr);
}

static void settings(struct whole *w)
{
	struct engine_config *c = &w->cfg;

	*c = small_engine();
	c->mask = (struct mask){MASK_OFF, false};
	if (w->how & MASKED)
		c->mask = (struct mask){3, true};
	c->media.hide_events = c->mask.dtmf;
	c->realm = w->how & VLANS ? REALM_VLAN : REALM_NONE;
	c->decode =
		(struct decode_config){16, 1 << 18, 16, 30 * SMALL_ENGINE_S};
	c->calls.session_id = true;
	c->media.g711_plc = true;
	c->media.record = (struct record_config){
		w->how & HEADERS ? RECORD_HEADERS : RECORD_ALL, 16384, 4096,
		1 << 20};
	c->keys_may_come = true;
	c->record_secrets = w->how & SECRETS;
	c->turn_users = turn_users;
	c->turn_users_n = 2;
	c->turn_secrets = turn_secrets;
	c->turn_secrets_n = 1;
	c->workers = w->how & WORKERS ? 2 : 0;
	c->wait = true;
	w->out = (struct engine_out){
		.record = on_record,
		.arg = w,
		.spool = &outs_spool,
		.watch = w->how & WATCHED ? &outs_watch : NULL,
	};
	w->journal = outs_journal_new(&c->mask);
	outs_journal_hook(w->journal, &w->out);
}

static void make_engine(struct whole *w)
{
	w->engine = engine_new(&w->cfg, &w->out);
	assert(w->engine);
	w->last = 0;
}

static void restart(struct whole *w)
{
	w->restarted = true;
	if (w->how & STOPPED)
		engine_end(w->engine);
	engine_free(w->engine);
	make_engine(w);
	outs_journal_restore(w->journal, w->engine, w->last_ns,
			     w->how & KILLED);
}

static void on_keylog(void *arg, struct slice keylog)
{
	struct whole *w = arg;
	const char *why = NULL;

	engine_keylog(w->engine, keylog);
	engine_srtp_keys(w->engine, keylog, &why);
}

static void feed(struct whole *w, const struct frame *frames, size_t n)
{
	engine_feed(w->engine, frames, n);
	w->fed += n;
	w->last_ns = frames[n - 1].ts_ns;
	engine_tick(w->engine, w->last_ns);
	if (w->how & (KILLED | STOPPED) && w->fed >= PART && !w->restarted)
		restart(w);
}

static void look(struct whole *w)
{
	struct snapshot *s = calloc(1, sizeof(*s));

	assert(s);
	engine_snapshot(w->engine, s);
	assert(s->n <= SNAPSHOT_ROWS);
	free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct whole w = {.how = (unsigned)size};
	struct frame frames[16];
	struct source *src;
	struct cdr *sum;
	int n;

	if (file_source_open_memory(&src, "fuzz", slice_of(data, size)))
		return 0;
	if (size)
		w.how ^= data[size - 1];
	settings(&w);
	make_engine(&w);
	src->secrets = on_keylog;
	src->secrets_arg = &w;
	while ((n = source_read(src, frames, 16)) > 0)
		feed(&w, frames, (size_t)n);
	if (w.how & WATCHED)
		look(&w);
	engine_end(w.engine);
	sum = engine_summary(w.engine);
	assert(sum);
	cdr_free(sum);
	engine_free(w.engine);
	outs_journal_free(w.journal);
	outbuf_free(&w.line);
	source_close(src);
	return 0;
}
