/*
 * expire URL NOW BEFORE: what a store's thread does each hour of a live
 * capture, at the UNIX seconds NOW: makes the next days, and deletes what
 * began before BEFORE (0: nothing). Prints what it says, then "RECORDS HELD".
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "storage/db_sink.h"

static void say(void *arg, const char *line)
{
	(void)arg;
	puts(line);
}

static int run(const struct sink_ops *ops, const struct sink_config *cfg,
	       const struct sink_age *age, char why[SINK_WHY])
{
	struct sink_expired gone = {0};
	struct sink *sink = NULL;
	int err = ops->open(&sink, cfg, why);

	if (err)
		return err;
	err = ops->expire(sink, age, &gone, why);
	if (!err)
		printf("%" PRIu64 " %" PRIu64 "\n", gone.records, gone.held);
	ops->close(sink, why);
	return err;
}

int main(int argc, char **argv)
{
	char why[SINK_WHY] = "";
	const char *wrong = "usage: expire URL NOW BEFORE";
	const struct sink_ops *ops = NULL;
	struct db_url url;
	struct sink_config cfg = {
		.path = url.path, .db = &url, .live = true, .say = say};
	struct sink_age age;

	if (argc == 4 && !db_url_parse(slice_str(argv[1]), &url, &wrong))
		ops = db_sink(url.kind);
	if (!ops) {
		fprintf(stderr, "expire: %s\n", wrong);
		return 2;
	}
	age.now_ms = strtoull(argv[2], NULL, 10) * 1000;
	age.before_ms = strtoull(argv[3], NULL, 10) * 1000;
	if (!run(ops, &cfg, &age, why))
		return 0;
	fprintf(stderr, "expire: %s\n", why);
	return 1;
}
