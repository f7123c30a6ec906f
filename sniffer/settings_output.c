/* Where results go, and what only the command line says. */
#include "sniffer/settings_area.h"

static const char *const records[] = {
	[CONFIG_RECORD_ALL] = "all",
	[CONFIG_RECORD_HEADERS] = "headers",
	[CONFIG_RECORD_SIGNALLING] = "signalling",
	[CONFIG_RECORD_NONE] = "none",
	NULL,
};

static const struct setting rows[] = {
	/* clang-format off */
	{ .name = "output", .letter = 'o', .arg = "DIR", .type = SETTING_TEXT,
	  .group = GROUP_OUTPUT, AT(out_dir), .initial = "",
	  .unset = "callscope-data with -r, " CALLSCOPE_STATE_DIR " with -i",
	  .example = "/srv/calls",
	  .help = "Data folder, made when missing: spool/ with a pcap of each "
		  "call, and callscope.db." },
	{ .name = "json", .arg = "FILE", .type = SETTING_TEXT,
	  .group = GROUP_OUTPUT, AT(json), .initial = "", .unset = "none",
	  .example = "report.jsonl",
	  .help = "Write the report, one JSON object a line; - is standard "
		  "output (the table then goes to standard error). A file is "
		  "replaced." },
	{ .name = "record", .arg = "WHAT", .type = SETTING_CHOICE,
	  .group = GROUP_OUTPUT, AT(record), .choices = records,
	  .initial = "all", .example = "headers",
	  .help = "What the pcap of a call holds: all, headers (RTP without "
		  "its payload), signalling (no media), or none." },
	{ .name = "record-secrets", .type = SETTING_FLAG,
	  .group = GROUP_OUTPUT, AT(record_secrets), .initial = "no",
	  .example = "yes",
	  .help = "The pcap of a call carries the secrets of its own DTLS "
		  "(and is a pcapng): whoever has it can play the call." },
	{ .name = "sensor", .arg = "NAME", .type = SETTING_TEXT,
	  .group = GROUP_OUTPUT, AT(sensor), .initial = "",
	  .unset = "file with -r, the host's name with -i",
	  .example = "berlin-1",
	  .help = "Name of this capture point, in every record and part of "
		  "every uid." },
	{ .name = "quiet", .letter = 'q', .type = SETTING_FLAG,
	  .group = GROUP_OUTPUT, AT(quiet), .initial = "no", .example = "yes",
	  .help = "No table of calls." },
	{ .name = "utc", .type = SETTING_FLAG, .group = GROUP_OUTPUT, AT(utc),
	  .initial = "no", .example = "yes",
	  .help = "Times in the table in UTC instead of local time." },
	{ .name = "config", .letter = 'c', .arg = "FILE", .type = SETTING_TEXT,
	  .group = GROUP_RUN, .place = PLACE_COMMAND, AT(file), .initial = "",
	  .unset = "none", .example = CALLSCOPE_CONF,
	  .help = "Read settings from this file (key = value); options given "
		  "here override it." },
	{ .name = "check-config", .type = SETTING_FLAG, .group = GROUP_RUN,
	  .place = PLACE_COMMAND, AT(check_config), .initial = "no",
	  .help = "Check the options and the file, say what is wrong, exit "
		  "with 0 or 1." },
	{ .name = "help", .letter = 'h', .type = SETTING_ACTION,
	  .group = GROUP_RUN, .place = PLACE_COMMAND,
	  .help = "Print this text." },
	{ .name = "version", .letter = 'V', .type = SETTING_ACTION,
	  .group = GROUP_RUN, .place = PLACE_COMMAND,
	  .help = "Print the version." },
	/* clang-format on */
};

const struct settings_area settings_output = SETTINGS_AREA(rows);
