/* The pcaps of calls: how they are kept, and how long. */
#include "sniffer/settings_area.h"

static const char *const files[] = {
	[CONFIG_FILES_CALL] = "call",
	[CONFIG_FILES_MINUTE] = "minute",
	NULL,
};

static const struct setting rows[] = {
	/* clang-format off */
	{ .name = "spool-files", .arg = "WHAT", .type = SETTING_CHOICE,
	  .group = GROUP_OUTPUT, .place = PLACE_FILE, AT(spool_files),
	  .choices = files, .initial = "call", .example = "minute",
	  .help = "One pcap for each call, or one pcapng for all calls that "
		  "began in the same minute: far fewer files." },
	{ .name = "spool-gzip", .type = SETTING_FLAG, .group = GROUP_OUTPUT,
	  .place = PLACE_FILE, AT(spool_gzip), .initial = "no",
	  .example = "yes",
	  .help = "Compress the pcap of a call when it is complete." },
	{ .name = "spool-queue", .arg = "BYTES", .type = SETTING_SIZE,
	  .group = GROUP_OUTPUT, .place = PLACE_FILE, AT(spool_queue_bytes),
	  .initial = "64M", .min = 64 * K, .max = 64 * G, .unit = "bytes",
	  .example = "256M",
	  .help = "Recorded packets that may wait for the disk. Live, media is "
		  "left out when three quarters are used." },
	{ .name = "keep-media", .arg = "TIME", .type = SETTING_TIME,
	  .group = GROUP_OUTPUT, .place = PLACE_FILE, AT(keep_media_ns),
	  .initial = "30d", .max = 36500 * DAY, .unit = "time",
	  .example = "7d",
	  .help = "Live: how long the media stays in the pcaps; then only "
		  "their signalling is left. 0 = as long as that." },
	{ .name = "keep-signalling", .arg = "TIME", .type = SETTING_TIME,
	  .group = GROUP_OUTPUT, .place = PLACE_FILE, AT(keep_signalling_ns),
	  .initial = "30d", .max = 36500 * DAY, .unit = "time",
	  .example = "90d",
	  .help = "Live: how long pcaps are kept; 0 = for ever." },
	{ .name = "spool-max-media", .arg = "BYTES", .type = SETTING_SIZE,
	  .group = GROUP_OUTPUT, .place = PLACE_FILE, AT(max_media_bytes),
	  .initial = "0", .max = 1024 * 1024 * G, .unit = "bytes",
	  .example = "500G",
	  .help = "Live: so much media is kept in all pcaps together, the "
		  "oldest goes first; 0 = no limit." },
	{ .name = "spool-max-signalling", .arg = "BYTES",
	  .type = SETTING_SIZE, .group = GROUP_OUTPUT, .place = PLACE_FILE,
	  AT(max_signalling_bytes), .initial = "0", .max = 1024 * 1024 * G,
	  .unit = "bytes", .example = "50G",
	  .help = "Live: the same for the signalling; the pcaps go whole." },
	{ .name = "disk-floor", .arg = "PERCENT", .type = SETTING_COUNT,
	  .group = GROUP_OUTPUT, .place = PLACE_FILE, AT(disk_floor),
	  .initial = "20", .max = 90, .unit = "percent", .example = "10",
	  .help = "Live: so much of the file system stays free. Below it the "
		  "oldest media goes and no media is recorded, then the "
		  "oldest pcaps; below half of it nothing is. 0 = all may be "
		  "used." },
	/* clang-format on */
};

const struct settings_area settings_spool = SETTINGS_AREA(rows);
