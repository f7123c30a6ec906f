/* HEP: from capture agents, and to a collector. */
#include "sniffer/base/peer.h"
#include "sniffer/settings_area.h"

static const char *check_listen(const char *value)
{
	enum peer_by by;
	struct addr at;

	return peer_parse_local(slice_str(value), &by, &at);
}

static const char *check_allow(const char *value)
{
	return peer_subnets_ok(slice_str(value))
		       ? NULL
		       : "not addresses or subnets: give for example "
			 "10.0.0.5 or 10.0.0.0/8";
}

static const struct setting rows[] = {
	/* clang-format off */
	{ .name = "hep-listen", .arg = "HOW:ADDR:PORT", .type = SETTING_LIST,
	  .group = GROUP_INPUT, AT(hep_listen), .initial = "",
	  .unset = "none", .example = "udp:0.0.0.0:9060",
	  .check = check_listen,
	  .help = "Take HEP version 3 from capture agents there, by udp, tcp "
		  "or tls; repeat it for several. Alone or with -i." },
	{ .name = "hep-allow", .arg = "ADDRESS...", .type = SETTING_LIST,
	  .group = GROUP_INPUT, AT(hep_allow), .initial = "",
	  .unset = "everybody may send", .example = "10.0.0.0/8",
	  .check = check_allow,
	  .help = "Addresses and subnets of agents; HEP from elsewhere is "
		  "refused." },
	{ .name = "hep-auth-file", .arg = "FILE", .type = SETTING_TEXT,
	  .group = GROUP_INPUT, .place = PLACE_FILE, AT(hep_auth_file),
	  .initial = "", .unset = "no key is asked for",
	  .example = "/etc/callscope/hep.key",
	  .help = "The first line of this file is the key that each HEP "
		  "packet must carry; others are refused." },
	{ .name = "hep-tls-cert", .arg = "FILE", .type = SETTING_TEXT,
	  .group = GROUP_INPUT, .place = PLACE_FILE, AT(hep_tls_cert),
	  .initial = "", .unset = "none: hep-listen tls: needs one",
	  .example = "/etc/callscope/hep.crt",
	  .help = "Certificate of hep-listen tls: (PEM), with what leads to "
		  "its issuer." },
	{ .name = "hep-tls-key", .arg = "FILE", .type = SETTING_TEXT,
	  .group = GROUP_INPUT, .place = PLACE_FILE, AT(hep_tls_key),
	  .initial = "", .unset = "none", .example = "/etc/callscope/hep.pem",
	  .help = "Its key (PEM), which not everybody may read." },
	{ .name = "hep-connections", .arg = "N", .type = SETTING_COUNT,
	  .group = GROUP_INPUT, .place = PLACE_FILE, AT(hep_connections),
	  .initial = "64", .min = 1, .max = 4096, .unit = "connections",
	  .example = "256",
	  .help = "Agents that may be connected by tcp or tls at a time; each "
		  "takes 72 KB." },
	{ .name = "hep-idle", .arg = "TIME", .type = SETTING_TIME,
	  .group = GROUP_INPUT, .place = PLACE_FILE, AT(hep_idle_ns),
	  .initial = "30s", .min = SEC, .max = 3600 * SEC, .example = "10s",
	  .help = "A connection is cut when its first packet, or the rest of "
		  "one that was begun, does not come within this time." },
	{ .name = "hep-skew", .arg = "TIME", .type = SETTING_TIME,
	  .group = GROUP_INPUT, .place = PLACE_FILE, AT(hep_skew_ns),
	  .initial = "10s", .max = 3600 * SEC, .example = "2s",
	  .help = "The clock of an agent may be off by this much; packets "
		  "further off get the time of their arrival." },
	/* clang-format on */
};

const struct settings_area settings_hep = SETTINGS_AREA(rows);
