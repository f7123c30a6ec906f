/* What a run reads from and writes to, opened. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "sniffer/run_priv.h"
#include "sniffer/run_store.h"
#include "sniffer/setup.h"

static void sink_complains(void *arg, const char *sink, const char *why)
{
	(void)sink;
	run_complain(arg, why);
}

static int make_dirs(const char *path, const char *option, char why[SPOOL_WHY])
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
				 "(choose another with %s)",
				 part, strerror(errno), option);
			return -errno;
		}
	}
	return 0;
}

static bool records(const struct config *cfg)
{
	return cfg->record != CONFIG_RECORD_NONE;
}

/* Made when missing, and nobody else's. */
static int open_dir(struct run *r)
{
	char why[SPOOL_WHY] = "";
	int err;

	if (!records(r->cfg) && !run_store_wanted(r->cfg) &&
	    !r->cfg->billing_feed && !r->cfg->go_on)
		return 0;
	err = make_dirs(r->cfg->out_dir, "-o DIR", why);
	if (!err)
		err = dir_lock_take(&r->lock, r->cfg->out_dir, why);
	if (err)
		run_complain(r, why);
	return err;
}

static int open_spool(struct run *r)
{
	struct spool_config sc = setup_spool(r->cfg);
	char why[SPOOL_WHY] = "";
	int err = 0;

	sc.adopt = resume_wanted(r->cfg);
	sc.complain = run_complain;
	sc.arg = r;
	if (records(r->cfg))
		err = spool_open(&r->spool, &sc, why);
	if (err)
		run_complain(r, why);
	return err;
}

static int open_sink(struct run *r, const struct sink_ops *ops,
		     const char *path)
{
	struct sink_config sc = {
		.path = path,
		.sensor = slice_str(r->cfg->sensor),
		.live = r->live,
	};
	char why[SINK_WHY] = "";
	int err = path ? writer_open(r->writer, ops, &sc, why) : 0;

	if (err)
		run_complain(r, why);
	return err;
}

static int add_store(struct run *r, int err, struct store *store,
		     const char *why)
{
	if (err)
		run_complain(r, why);
	else if (store)
		err = writer_add_store(r->writer, store);
	return err;
}

static int open_database(struct run *r)
{
	char why[SINK_WHY] = "";
	int err = run_store_open(&r->store, r->cfg, run_complain, r, why);

	return add_store(r, err, r->store, why);
}

static int open_feed(struct run *r)
{
	char why[SINK_WHY] = "";
	int err;

	if (!r->cfg->billing_feed)
		return 0;
	err = run_feed_open(&r->feed, r->cfg, run_complain, r, why);
	return add_store(r, err, r->feed, why);
}

/* Folders are made by name, files opened; nothing runs yet. */
int run_open_outputs(struct run *r)
{
	char why[SPOOL_WHY] = "";
	int err = open_dir(r);

	if (!err && r->cfg->billing_feed)
		err = make_dirs(r->cfg->billing_feed, "--billing-feed DIR",
				why);
	if (*why)
		run_complain(r, why);
	if (err)
		return err;
	r->writer = writer_new(sink_complains, r);
	if (!r->writer)
		return -ENOMEM;
	return open_sink(r, &jsonl_sink, r->cfg->json);
}

int run_open_stores(struct run *r)
{
	int err = open_spool(r);

	if (!err)
		err = open_database(r);
	if (!err)
		err = open_feed(r);
	return err;
}

int run_open_rules(struct run *r)
{
	char why[BILLING_WHY];
	int err = billing_rules_new(&r->rules, r->cfg, why);

	if (err)
		run_complain(r, why);
	return err;
}
