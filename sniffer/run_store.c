#include "sniffer/run_store.h"

int run_store_open(struct store **out, const struct config *cfg,
		   store_say_fn *say, void *arg, char why[SINK_WHY])
{
	struct sink_config sink = {
		.path = cfg->db_path,
		.sensor = slice_str(cfg->sensor),
	};
	struct store_config sc = {
		.ops = &sqlite_sink,
		.sink = &sink,
		.dir = cfg->out_dir,
		.queue_max = cfg->queue_max_bytes,
		.sync_writes = cfg->queue_sync == CONFIG_SYNC_WRITE,
		.live = cfg->interfaces.n > 0,
		.say = say,
		.arg = arg,
	};

	*out = NULL;
	return cfg->db_path ? store_open(out, &sc, why) : 0;
}
