#include "sniffer/run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sniffer/capture/file_source.h"
#include "sniffer/capture/filter.h"
#include "sniffer/capture/live_source.h"
#include "sniffer/engine.h"
#include "sniffer/progress.h"
#include "sniffer/table.h"
#include "sniffer/why.h"
#include "storage/spool.h"
#include "storage/writer.h"

#define BATCH 64

struct run {
	const struct config *cfg;
	const atomic_bool *stop;
	FILE *out; /* the table and the closing lines */
	struct filter *filter;
	struct source *source;
	struct spool *spool;
	struct writer *writer;
	struct engine *engine;
	struct table *table; /* NULL: quiet */
	struct progress progress;
	struct slice *leg_headers;
	bool live, fatal;
};

static void complain(void *arg, const char *why)
{
	struct run *r = arg;

	progress_clear(&r->progress);
	fprintf(stderr, "callscope: %s\n", why);
}

static void sink_complains(void *arg, const char *sink, const char *why)
{
	(void)sink;
	complain(arg, why);
}

/* --- opening ----------------------------------------------------------- */

static int make_dirs(const char *path, char why[SPOOL_WHY])
{
	char part[4096];
	size_t len = strlen(path);

	if (len >= sizeof(part)) {
		snprintf(why, SPOOL_WHY,
			 "the data directory's name is too "
			 "long");
		return -ENAMETOOLONG;
	}
	for (size_t i = 1; i <= len; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdir(part, 0750) && errno != EEXIST) {
			snprintf(why, SPOOL_WHY,
				 "cannot make the directory %.300s: %s "
				 "(choose another with -o DIR)",
				 part, strerror(errno));
			return -errno;
		}
	}
	return 0;
}

static bool records(const struct config *cfg)
{
	return cfg->record != CONFIG_RECORD_NONE;
}

static int open_spool(struct run *r)
{
	struct spool_config sc = {r->cfg->out_dir, complain, r};
	char why[SPOOL_WHY] = "";
	int err = 0;

	if (records(r->cfg) || r->cfg->db_path)
		err = make_dirs(r->cfg->out_dir, why);
	if (!err && records(r->cfg))
		err = spool_open(&r->spool, &sc, why);
	if (err)
		complain(r, why);
	return err;
}

static int open_sink(struct run *r, const struct sink_ops *ops,
		     const char *path)
{
	struct sink_config sc = {path, slice_str(r->cfg->sensor)};
	char why[SINK_WHY] = "";
	int err = path ? writer_open(r->writer, ops, &sc, why) : 0;

	if (err)
		complain(r, why);
	return err;
}

static int open_stores(struct run *r)
{
	int err = open_spool(r);

	if (err)
		return err;
	r->writer = writer_new(sink_complains, r);
	if (!r->writer)
		return -ENOMEM;
	err = open_sink(r, &jsonl_sink, r->cfg->json);
	return err ? err : open_sink(r, &sqlite_sink, r->cfg->db_path);
}

static int open_live(struct run *r, char *err, size_t size)
{
	struct live_options lo = {
		.snaplen = (uint32_t)r->cfg->snaplen,
		.buffer_bytes = (uint32_t)r->cfg->buffer_bytes,
		.promiscuous = !r->cfg->no_promiscuous,
	};

	r->live = true;
	return live_source_open(&r->source, r->cfg->interfaces.v,
				r->cfg->interfaces.n, &lo, err, size);
}

static int open_source(struct run *r)
{
	char err[SOURCE_ERROR_MAX] = "";
	int n;

	if (r->cfg->filter) {
		r->filter = filter_new(r->cfg->filter, err, sizeof(err));
		if (!r->filter) {
			complain(r, err);
			return -EINVAL;
		}
	}
	if (r->cfg->interfaces.n)
		n = open_live(r, err, sizeof(err));
	else
		n = file_source_open(&r->source, r->cfg->inputs.v,
				     r->cfg->inputs.n, err, sizeof(err));
	if (n) {
		complain(r, err);
		return n;
	}
	r->source->filter = r->filter;
	r->source->stop = r->stop;
	return 0;
}

/* --- the engine -------------------------------------------------------- */

static void on_record(void *arg, struct cdr *cdr)
{
	struct run *r = arg;

	if (r->table && (cdr->kind == CDR_CALL || cdr->kind == CDR_SESSION)) {
		progress_clear(&r->progress);
		table_row(r->table, cdr);
	}
	writer_put(r->writer, cdr);
}

static enum record_what record_what(const struct config *cfg)
{
	switch ((enum config_record)cfg->record) {
	case CONFIG_RECORD_ALL:
		return RECORD_ALL;
	case CONFIG_RECORD_HEADERS:
		return RECORD_HEADERS;
	case CONFIG_RECORD_SIGNALLING:
		return RECORD_SIGNALLING;
	case CONFIG_RECORD_NONE:
		break;
	}
	return RECORD_NONE;
}

static int leg_headers(struct run *r, struct calls_config *out)
{
	const struct config_list *l = &r->cfg->leg_headers;

	r->leg_headers = calloc(l->n + 1, sizeof(*r->leg_headers));
	if (!r->leg_headers)
		return -ENOMEM;
	for (size_t i = 0; i < l->n; i++)
		r->leg_headers[i] = slice_str(l->v[i]);
	out->leg_headers = r->leg_headers;
	out->leg_headers_n = l->n;
	return 0;
}

static struct calls_config calls_config(const struct config *c)
{
	return (struct calls_config){
		.max_calls = c->max_calls,
		.max_registrations = c->max_registrations,
		.max_transactions = c->max_transactions,
		.call_bytes = c->call_bytes,
		.linger_ns = c->call_linger_ns,
		.retry_ns = c->call_retry_ns,
		.unanswered_ns = c->unanswered_ns,
		.media_silence_ns = c->media_silence_ns,
		.silence_ns = c->silence_ns,
		.session_id = c->session_id,
	};
}

static struct media_config media_config(const struct config *c)
{
	return (struct media_config){
		.max_streams = c->max_streams,
		.flow_streams = (unsigned)c->flow_streams,
		.g711_plc = c->g711_plc,
		.record =
			{
				.what = record_what(c),
				.held_bytes = c->record_held_bytes,
				.chunk_bytes = c->record_chunk_bytes,
				.max_bytes = c->record_max_bytes,
			},
	};
}

static struct engine_config engine_config(const struct config *c)
{
	return (struct engine_config){
		.sensor = slice_str(c->sensor),
		.realm =
			c->realm == CONFIG_REALM_VLAN ? REALM_VLAN : REALM_NONE,
		.decode =
			{
				.max_depth = (unsigned)c->max_depth,
				.frag_bytes = c->frag_bytes,
				.frag_max = c->frag_max,
				.frag_timeout_ns = c->frag_timeout_ns,
			},
		.tcp =
			{
				.buffer_bytes = c->tcp_buffer_bytes,
				.total_bytes = c->tcp_total_bytes,
				.gap_segments = c->tcp_gap_segments,
				.gap_ns = c->tcp_gap_ns,
			},
		.calls = calls_config(c),
		.media = media_config(c),
		.max_flows = c->max_flows,
		.udp_idle_ns = c->udp_idle_ns,
		.tcp_idle_ns = c->tcp_idle_ns,
		.max_pending = c->max_pending,
		.adopt_ns = c->adopt_ns,
		.session_packets = (unsigned)c->session_packets,
		.seed = seed_random(),
	};
}

static int open_engine(struct run *r)
{
	struct engine_config ec = engine_config(r->cfg);
	struct engine_out out = {
		.record = on_record,
		.arg = r,
		.spool = r->spool ? &spool_ops : NULL,
		.spool_arg = r->spool,
	};
	int err = leg_headers(r, &ec.calls);

	if (err)
		return err;
	r->engine = engine_new(&ec, &out);
	return r->engine ? 0 : -ENOMEM;
}

/* --- the loop ---------------------------------------------------------- */

static void show_progress(struct run *r)
{
	const struct engine_stats *st;
	struct progress_now now;

	if (!r->progress.to || r->live)
		return;
	st = engine_stats(r->engine);
	now = (struct progress_now){
		.bytes_read = r->source->progress.bytes_read,
		.bytes_total = r->source->progress.bytes_total,
		.packets = st->packets,
		.calls = st->calls + st->open_calls,
	};
	progress_show(&r->progress, &now);
}

static void loop(struct run *r)
{
	struct frame frames[BATCH];
	int n;

	while ((n = source_read(r->source, frames, BATCH)) != 0) {
		if (n > 0)
			engine_feed(r->engine, frames, (size_t)n);
		else if (n == -EAGAIN)
			engine_tick(r->engine, source_now_ns(r->source));
		else
			break;
		if (r->live && n == -EAGAIN)
			writer_flush(r->writer);
		show_progress(r);
	}
	r->fatal = n < 0;
	engine_end(r->engine);
}

static void summary(struct run *r, uint64_t begin_us)
{
	struct cdr *cdr = engine_summary(r->engine);

	if (!cdr)
		return;
	cdr->summary.dropped.kernel = r->source->stats.dropped_kernel;
	cdr->summary.elapsed_us = (int64_t)(progress_clock_us() - begin_us);
	writer_put(r->writer, cdr);
}

/* --- what is said ------------------------------------------------------ */

static const char *payload_text(const struct config *cfg)
{
	switch ((enum config_record)cfg->record) {
	case CONFIG_RECORD_ALL:
		return "signalling and media, audio payload: yes";
	case CONFIG_RECORD_HEADERS:
		return "signalling and media headers, audio payload: no";
	case CONFIG_RECORD_SIGNALLING:
		return "signalling only, audio payload: no";
	case CONFIG_RECORD_NONE:
		break;
	}
	return "nothing, audio payload: no";
}

static void say_live(const struct run *r)
{
	const struct config *c = r->cfg;

	if (!r->live)
		return;
	fprintf(stderr, "callscope: listening on");
	for (size_t i = 0; i < c->interfaces.n; i++)
		fprintf(stderr, " %s", c->interfaces.v[i]);
	fprintf(stderr, "; recorded: %s; data: %s; Ctrl-C ends\n",
		payload_text(c), c->out_dir);
}

/* Files of a folder that are no captures, in one line; other notes in full. */
static void say_notes(const struct faults *notes)
{
	size_t left_out = 0;

	for (size_t i = 0; i < notes->len; i++) {
		const char *path = notes->v[i].path;
		const char *slash = strrchr(path, '/');

		if (notes->v[i].kind != FAULT_REFUSED)
			fprintf(stderr, "callscope: %s\n", notes->v[i].text);
		else
			fprintf(stderr, "%s%s",
				left_out++ ? ", "
					   : "callscope: left out, no "
					     "captures: ",
				slash ? slash + 1 : path);
	}
	if (left_out)
		fputc('\n', stderr);
}

static void say_faults(const struct run *r)
{
	const struct faults *f = &r->source->faults;

	fflush(r->out);
	say_notes(&r->source->notes);
	for (size_t i = 0; i < f->len; i++) {
		fprintf(stderr, "callscope: %s", f->v[i].text);
		if (f->v[i].times > 1)
			fprintf(stderr, " (and %llu more places)",
				(unsigned long long)f->v[i].times - 1);
		fputc('\n', stderr);
	}
}

static void say_no_calls(const struct run *r)
{
	const struct counters *all = engine_counters(r->engine);
	struct counters sorted = *all;
	struct why w = {
		.source = &r->source->stats,
		.engine = engine_stats(r->engine),
		.decode = engine_decode_stats(r->engine),
		.counters = &sorted,
		.filter = r->cfg->filter,
	};

	counters_sort(&sorted);
	why_no_calls(r->out, &w);
}

static void say_where(const struct run *r)
{
	const struct config *c = r->cfg;

	if (r->spool)
		fprintf(r->out, "pcaps: %llu below %s/spool\n",
			(unsigned long long)spool_files(r->spool), c->out_dir);
	if (c->db_path)
		fprintf(r->out, "database: %s\n", c->db_path);
	if (c->json && strcmp(c->json, "-"))
		fprintf(r->out, "report: %s\n", c->json);
}

static void say_end(const struct run *r, uint64_t begin_us)
{
	const struct engine_stats *st = engine_stats(r->engine);
	double s = (double)(progress_clock_us() - begin_us) / 1e6;

	if (!st->calls && !st->sessions)
		say_no_calls(r);
	fprintf(r->out,
		"calls %llu (answered %llu), sessions %llu, registrations "
		"%llu, other transactions %llu; %llu packets in %.2f s\n",
		(unsigned long long)st->calls, (unsigned long long)st->answered,
		(unsigned long long)st->sessions,
		(unsigned long long)st->registrations,
		(unsigned long long)st->transactions,
		(unsigned long long)st->packets, s);
	if (st->limit)
		fprintf(r->out, "a limit turned %llu packets away\n",
			(unsigned long long)st->limit);
	if (r->source->stats.dropped_kernel)
		fprintf(r->out, "the kernel dropped %llu packets\n",
			(unsigned long long)r->source->stats.dropped_kernel);
	say_where(r);
}

/* --- all of it --------------------------------------------------------- */

static bool start(struct run *r)
{
	if (open_source(r) || open_stores(r))
		return false;
	if (open_engine(r)) {
		complain(r, "not enough memory to start");
		return false;
	}
	if (!r->cfg->quiet) {
		r->table = table_new(r->out, r->cfg->utc);
		if (!r->table)
			return false;
	}
	return true;
}

static void close_all(struct run *r)
{
	table_free(r->table);
	engine_free(r->engine);
	writer_free(r->writer);
	spool_close(r->spool);
	source_close(r->source);
	filter_free(r->filter);
	free(r->leg_headers);
}

static enum run_status status_of(const struct run *r)
{
	if (r->fatal || r->source->faults.len || r->source->faults.lost)
		return RUN_INPUT_DAMAGED;
	if (writer_failed(r->writer) || (r->spool && spool_errors(r->spool)))
		return RUN_STORE_BEHIND;
	return RUN_OK;
}

enum run_status run(const struct config *cfg, const atomic_bool *stop)
{
	struct run r = {.cfg = cfg, .stop = stop, .out = stdout};
	enum run_status status = RUN_NOT_STARTED;
	uint64_t begin_us = progress_clock_us();

	if (cfg->json && !strcmp(cfg->json, "-"))
		r.out = stderr;
	progress_begin(&r.progress, stderr);
	if (start(&r)) {
		say_live(&r);
		loop(&r);
		progress_clear(&r.progress);
		summary(&r, begin_us);
		writer_close(r.writer);
		say_end(&r, begin_us);
		say_faults(&r);
		status = status_of(&r);
	}
	close_all(&r);
	return status;
}
