/* Going on after a restart. */
#include "sniffer/settings_area.h"

static const struct setting rows[] = {
	/* clang-format off */
	{ .name = "continue", .type = SETTING_FLAG, .group = GROUP_OUTPUT,
	  AT(go_on), .initial = "no", .example = "yes",
	  .help = "Go on with the calls that the run before into the same "
		  "folder left open, and leave open for the next what is open "
		  "at the end: for capture files that are read one after the "
		  "other. With -i this is always so." },
	/* clang-format on */
};

const struct settings_area settings_resume = SETTINGS_AREA(rows);
