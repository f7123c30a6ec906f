/* Records fit for billing: numbers, trunks, the feed. */
#include "sniffer/billing_rules.h"
#include "sniffer/billing_trunk.h"
#include "sniffer/settings_area.h"

static const char *const callers[] = {
	[CONFIG_CALLER_ASSERTED] = "asserted",
	[CONFIG_CALLER_FROM] = "from",
	NULL,
};

static const struct setting rows[] = {
	/* clang-format off */
	{ .name = "trunk", .arg = "NAME NET...", .type = SETTING_LIST,
	  .group = GROUP_BILLING, .place = PLACE_FILE, AT(trunks),
	  .initial = "", .unset = "none", .check = trunk_check,
	  .example = "carrier-a 192.0.2.0/24 2001:db8::/32",
	  .help = "The addresses of a trunk: a call from one is in, to one "
		  "out, both transit, neither internal. With in or out at the "
		  "end the line is for one of the two. Repeat it for several; "
		  "the longest prefix wins." },
	{ .name = "e164", .arg = "RULE", .type = SETTING_LIST,
	  .group = GROUP_BILLING, .place = PLACE_FILE, AT(e164),
	  .initial = "", .unset = "none", .check = billing_check_number,
	  .example = "0:+49",
	  .help = "Makes numbers international: [TRUNK] PREFIX:REPLACEMENT, "
		  "PREFIX/DIGITS for numbers of so many digits, - in place of "
		  "what is no number of E.164. Repeat the line for several; "
		  "rules of the call's trunk come first, then the longest "
		  "prefix." },
	{ .name = "e164-country", .arg = "CODE", .type = SETTING_TEXT,
	  .group = GROUP_BILLING, .place = PLACE_FILE, AT(e164_country),
	  .initial = "", .unset = "none", .example = "49",
	  .check = billing_check_country,
	  .help = "The country's code, where 0 leads out of the town and 00 "
		  "out of the country: the rules 0:+CODE and 00:+, unless "
		  "e164 says otherwise." },
	{ .name = "e164-caller", .arg = "WHAT", .type = SETTING_CHOICE,
	  .group = GROUP_BILLING, .place = PLACE_FILE, AT(e164_caller),
	  .choices = callers, .initial = "asserted", .example = "from",
	  .help = "The caller's number is that of P-Asserted-Identity where "
		  "it is one, else that of From; or always that of From." },
	{ .name = "billing-feed", .arg = "DIR", .type = SETTING_TEXT,
	  .group = GROUP_OUTPUT, AT(billing_feed), .initial = "",
	  .unset = "none", .example = "/srv/feed",
	  .help = "Write a line for each chargeable call into CSV files of "
		  "this folder, with a manifest each (BILLING.md); a file is "
		  "complete when it is there. Another run goes on with it." },
	{ .name = "billing-feed-memory", .arg = "TIME", .type = SETTING_TIME,
	  .group = GROUP_BILLING, .place = PLACE_FILE, AT(feed_memory_ns),
	  .initial = "90d", .min = 7 * DAY, .max = 3650 * DAY, .unit = "time",
	  .example = "400d",
	  .help = "So long the feed of a live capture knows a call, by its "
		  "beginning: it can be corrected, and is not written twice." },
	/* clang-format on */
};

const struct settings_area settings_billing = SETTINGS_AREA(rows);
