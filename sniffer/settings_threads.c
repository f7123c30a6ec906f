/* Threads. */
#include "sniffer/settings_area.h"

static const char *workers(const char *value)
{
	unsigned n;

	if (config_workers(value, &n))
		return NULL;
	return "give auto, or a number of threads from 0 to 64";
}

static const struct setting rows[] = {
	/* clang-format off */
	{ .name = "workers", .arg = "N", .type = SETTING_TEXT,
	  .group = GROUP_RUN, AT(workers), .initial = "auto",
	  .example = "4", .check = workers,
	  .help = "Threads that count and record media, 0 to 64; with 0 the "
		  "thread that takes the packets does it. auto is 0 for files; "
		  "with -i the number of cores less two, 8 at most. The "
		  "records are the same with any number." },
	/* clang-format on */
};

const struct settings_area settings_threads = SETTINGS_AREA(rows);
