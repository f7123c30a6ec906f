/* What a run reads: files, or live interfaces through threads. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "sniffer/capture/file_source.h"
#include "sniffer/capture/live_source.h"
#include "sniffer/capture/pump_source.h"
#include "sniffer/run_hep.h"
#include "sniffer/run_priv.h"
#include "sniffer/setup.h"

#define TAPS_MAX (LIVE_INTERFACES_MAX * LIVE_THREADS_MAX + 1) /* and HEP */

/* All sources of a live run: adds the interfaces' to in[*n]. */
static int add_interfaces(const struct config *c, struct source **in, size_t *n,
			  char *err, size_t size)
{
	struct live_options lo = {
		.snaplen = (uint32_t)c->snaplen,
		.buffer_bytes = (uint32_t)c->buffer_bytes,
		.promiscuous = !c->no_promiscuous,
		.stamps = (enum live_stamps)c->timestamps,
		.threads = (unsigned)c->capture_threads,
		.filter = c->filter,
	};
	size_t taps = 0;
	int rc;

	if (!c->interfaces.n)
		return 0;
	rc = live_taps_open(in + *n, &taps, c->interfaces.v, c->interfaces.n,
			    &lo, err, size);
	*n += taps;
	return rc;
}

static int open_live(struct run *r, char *err, size_t size)
{
	struct source **in = calloc(TAPS_MAX, sizeof(struct source *));
	struct pump_options po = {
		.bytes = r->cfg->capture_ring,
		.window_ns = r->cfg->merge_window_ns,
	};
	size_t n = 0;
	int rc = in ? 0 : -ENOMEM;

	r->live = true;
	snprintf(err, size, "not enough memory to start");
	if (!rc)
		rc = add_interfaces(r->cfg, in, &n, err, size);
	if (!rc)
		rc = run_hep_listen(r, in, &n, err, size);
	if (!rc)
		rc = pump_source_open(&r->source, in, n, &po);
	else
		while (n)
			source_close(in[--n]);
	free(in);
	return rc;
}

/* With workers a thread reads ahead. Not of a pipe: nothing could end its wait
 * for more. */
static int open_files(struct run *r, char *err, size_t size)
{
	const struct pump_options po = {.wait = true};
	struct source *files;
	int rc = file_source_open(&files, r->cfg->inputs.v, r->cfg->inputs.n,
				  err, size);

	if (rc)
		return rc;
	r->source = files;
	if (!setup_workers(r->cfg) || !files->progress.bytes_total)
		return 0;
	r->source = NULL;
	snprintf(err, size, "not enough memory to start");
	return pump_source_open(&r->source, &files, 1, &po);
}

static int open_filter(struct run *r, char *err, size_t size)
{
	if (!r->cfg->filter)
		return 0;
	r->filter = filter_new(r->cfg->filter, err, size);
	return r->filter ? 0 : -EINVAL;
}

/* What became of an interface. */
static void log_notice(void *arg, const char *line)
{
	say_log(arg, LEVEL_NOTICE, "%s", line);
}

int run_open_source(struct run *r)
{
	char err[SOURCE_ERROR_MAX] = "";
	int rc = open_filter(r, err, sizeof(err));

	if (!rc && config_is_live(r->cfg))
		rc = open_live(r, err, sizeof(err));
	else if (!rc)
		rc = open_files(r, err, sizeof(err));
	if (rc) {
		run_complain(r, err);
		return rc;
	}
	r->source->filter = r->filter;
	r->source->stop = r->stop;
	r->source->notice = log_notice;
	r->source->notice_arg = r;
	return 0;
}

enum run_status run_list_interfaces(struct run *r)
{
	char err[SOURCE_ERROR_MAX] = "";

	if (!live_list(r->out, err, sizeof(err)))
		return RUN_OK;
	run_complain(r, err);
	return RUN_NOT_STARTED;
}
