#include "storage/retention.h"

#include <stdio.h>
#include <time.h>

#define MINUTE_MS 60000ull
#define HOUR_MS	  (60 * MINUTE_MS)

static void say_gone(const struct sink_config *cfg, const char *store,
		     uint64_t before_ms, const struct sink_expired *gone)
{
	time_t s = (time_t)(before_ms / 1000);
	char date[32], held[64] = "", line[256];
	struct tm tm;

	if (!gone->records || !cfg->say)
		return;
	gmtime_r(&s, &tm);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", &tm);
	if (gone->held)
		snprintf(held, sizeof(held), "; %llu older calls are on hold",
			 (unsigned long long)gone->held);
	snprintf(line, sizeof(line),
		 "retention: %llu records from before %s deleted from the "
		 "%s database%s",
		 (unsigned long long)gone->records, date, store, held);
	cfg->say(cfg->say_arg, line);
}

int retention_run(struct retention *r, const struct sink_ops *ops,
		  struct sink *sink, const struct sink_config *cfg,
		  uint64_t now_ms, char why[SINK_WHY])
{
	struct sink_age age = {.now_ms = now_ms};
	struct sink_expired gone = {0};
	int err;

	if (!ops->expire || now_ms < r->next_ms)
		return 0;
	if (r->keep_ms && r->keep_ms < now_ms)
		age.before_ms = now_ms - r->keep_ms;
	err = ops->expire(sink, &age, &gone, why);
	r->next_ms = now_ms + (err ? MINUTE_MS : HOUR_MS);
	if (!err)
		say_gone(cfg, ops->name, age.before_ms, &gone);
	return err;
}
