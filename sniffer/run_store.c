#include "sniffer/run_store.h"

#include <errno.h>
#include <stdio.h>

#include "sniffer/setup.h"
#include "storage/db_password.h"
#include "storage/db_sink.h"

bool run_store_wanted(const struct config *cfg)
{
	return cfg->db_path || strcmp(cfg->db, "none");
}

static struct store_config config_of(const struct config *cfg,
				     const struct sink_config *sink,
				     store_say_fn *say, void *arg)
{
	return (struct store_config){
		.sink = sink,
		.what = "database",
		.dir = cfg->out_dir,
		.queue_max = cfg->queue_max_bytes,
		.sync_writes = cfg->queue_sync == CONFIG_SYNC_WRITE,
		.keep_ms = cfg->keep_cdrs_ns / 1000000,
		.live = sink->live,
		.say = say,
		.arg = arg,
	};
}

int run_store_open(struct store **out, const struct config *cfg,
		   store_say_fn *say, void *arg, char why[SINK_WHY])
{
	struct db_url *url = arena_alloc(cfg->mem, sizeof(*url));
	struct sink_config sink = {
		.path = cfg->db_path,
		.sensor = slice_str(cfg->sensor),
		.db = url,
		.password_file = cfg->db_password_file,
		.live = config_is_live(cfg),
	};
	struct store_config sc = config_of(cfg, &sink, say, arg);
	int err = 0;

	*out = NULL;
	if (!url) {
		snprintf(why, SINK_WHY, "no memory for the database");
		return -ENOMEM;
	}
	setup_db(cfg, url);
	sc.ops = db_sink(url->kind);
	if (url->kind == DB_MYSQL && sink.live && sink.password_file)
		err = db_password_check(sink.password_file, why);
	return err || !sc.ops ? err : store_open(out, &sc, why);
}

int run_feed_open(struct store **out, const struct config *cfg,
		  store_say_fn *say, void *arg, char why[SINK_WHY])
{
	const struct sink_config sink = {
		.path = cfg->billing_feed,
		.sensor = slice_str(cfg->sensor),
		.live = config_is_live(cfg),
		.feed_memory_ns = cfg->feed_memory_ns,
	};
	struct store_config sc = config_of(cfg, &sink, say, arg);

	sc.ops = &feed_sink;
	sc.what = "feed";
	return store_open(out, &sc, why);
}
