/* What may not be kept as it was. */
#include "sniffer/settings_area.h"

static const struct setting rows[] = {
	/* clang-format off */
	{ .name = "mask-numbers", .arg = "N", .type = SETTING_COUNT,
	  .group = GROUP_OUTPUT, AT(mask_numbers), .initial = "64",
	  .max = MASK_NUMBERS_OFF, .unit = "digits", .example = "6",
	  .help = "Keep so many digits of each number, in records and in the "
		  "SIP of pcaps; the others become x. 64 keeps all." },
	{ .name = "mask-dtmf", .type = SETTING_FLAG, .group = GROUP_OUTPUT,
	  AT(mask_dtmf), .initial = "no", .example = "yes",
	  .help = "Keep no pressed keys: digits become x in records and in "
		  "SIP, and RTP events are recorded without payload." },
	/* clang-format on */
};

const struct settings_area settings_privacy = SETTINGS_AREA(rows);
