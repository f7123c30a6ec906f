/* What a run tells of itself. */
#include "sniffer/settings_area.h"

static const struct setting rows[] = {
	/* clang-format off */
	{ .name = "log-interval", .arg = "TIME", .type = SETTING_TIME,
	  .group = GROUP_RUN, .place = PLACE_FILE, AT(log_interval_ns),
	  .initial = "1m", .max = DAY, .unit = "time", .example = "10m",
	  .help = "A line of figures on standard error so often, with -i; 0 "
		  "writes none." },
	/* clang-format on */
};

const struct settings_area settings_log = SETTINGS_AREA(rows);
