/* How live interfaces are read. */
#include "sniffer/settings_area.h"

static const char *const stamps[] = {
	[CONFIG_STAMPS_HOST] = "host",
	[CONFIG_STAMPS_ADAPTER] = "adapter",
	[CONFIG_STAMPS_ADAPTER_UNSYNCED] = "adapter-unsynced",
	NULL,
};

static const struct setting rows[] = {
	/* clang-format off */
	{ .name = "list-interfaces", .letter = 'D', .type = SETTING_FLAG,
	  .group = GROUP_INPUT, .place = PLACE_COMMAND, AT(list_interfaces),
	  .initial = "no",
	  .help = "List the interfaces that -i can name, and end." },
	{ .name = "timestamps", .arg = "WHOSE", .type = SETTING_CHOICE,
	  .group = GROUP_INPUT, .place = PLACE_LIVE, AT(timestamps),
	  .choices = stamps, .initial = "host", .example = "adapter",
	  .help = "Whose clock stamps live packets: host (the kernel, when it "
		  "gets them), adapter (the network card, its clock set by "
		  "the host's) or adapter-unsynced (the card's own clock)." },
	{ .name = "capture-threads", .arg = "N", .type = SETTING_COUNT,
	  .group = GROUP_INPUT, .place = PLACE_LIVE, AT(capture_threads),
	  .initial = "1", .min = 1, .max = 16, .example = "2",
	  .help = "So many threads read each interface; the kernel shares the "
		  "packets out by flow." },
	{ .name = "capture-ring", .arg = "BYTES", .type = SETTING_SIZE,
	  .group = GROUP_INPUT, .place = PLACE_LIVE, AT(capture_ring),
	  .initial = "32M", .min = M, .max = 4 * G, .unit = "bytes",
	  .example = "256M",
	  .help = "Up to so much waits between each capture thread and the "
		  "analysis; more is dropped and counted." },
	{ .name = "merge-window", .arg = "TIME", .type = SETTING_TIME,
	  .group = GROUP_INPUT, .place = PLACE_FILE, AT(merge_window_ns),
	  .initial = "100ms", .min = MS, .max = 10 * SEC, .unit = "seconds",
	  .example = "250ms",
	  .help = "To keep the order of time, packets wait at most so long "
		  "for those of other interfaces and threads." },
	/* clang-format on */
};

const struct settings_area settings_capture = SETTINGS_AREA(rows);
