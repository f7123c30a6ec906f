/* What waits on disk for the database. */
#include "sniffer/settings_area.h"

static const char *const syncs[] = {
	[CONFIG_SYNC_SECOND] = "second",
	[CONFIG_SYNC_WRITE] = "write",
	NULL,
};

static const struct setting rows[] = {
	/* clang-format off */
	{ .name = "queue-max", .arg = "BYTES", .type = SETTING_SIZE,
	  .group = GROUP_OUTPUT, .place = PLACE_FILE, AT(queue_max_bytes),
	  .initial = "1G", .min = M, .max = 1024 * G, .unit = "bytes",
	  .example = "10G",
	  .help = "Records that a database cannot take wait in DIR/queue, up "
		  "to this; later ones are lost and counted." },
	{ .name = "queue-sync", .arg = "WHEN", .type = SETTING_CHOICE,
	  .group = GROUP_OUTPUT, .place = PLACE_FILE, AT(queue_sync),
	  .choices = syncs, .initial = "second", .example = "write",
	  .help = "When the queue goes to the disk itself: second (each "
		  "second of a live capture: a power cut may take the last "
		  "one) or write (before a record is announced)." },
	/* clang-format on */
};

const struct settings_area settings_queue = SETTINGS_AREA(rows);
