#include "storage/retention.h"

#include <stdio.h>
#include <time.h>

void retention_say(const struct sink_config *cfg, const char *store,
		   const struct sink_age *age, const struct sink_expired *gone)
{
	time_t s = (time_t)(age->before_ms / 1000);
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
