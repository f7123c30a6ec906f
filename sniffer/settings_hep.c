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

static const char *check_send(const char *value)
{
	struct peer to;

	return peer_parse(slice_str(value), &to);
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
	  .help = "This file holds the key that each HEP packet must carry; "
		  "others are refused." },
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
	{ .name = "hep-send", .arg = "HOW:HOST:PORT", .type = SETTING_LIST,
	  .group = GROUP_OUTPUT, AT(hep_send), .initial = "",
	  .unset = "nothing is sent", .example = "tcp:homer.example.net:9060",
	  .check = check_send,
	  .help = "Send SIP and the RTCP of calls as HEP version 3 to this "
		  "collector, by udp, tcp or tls; repeat it for up to 4." },
	{ .name = "hep-id", .arg = "N", .type = SETTING_COUNT,
	  .group = GROUP_OUTPUT, .place = PLACE_FILE, AT(hep_id),
	  .initial = "2001", .max = 0xffffffff, .example = "2107",
	  .help = "The capture agent's number in HEP that is sent; its name is "
		  "that of the sensor." },
	{ .name = "hep-send-auth-file", .arg = "FILE", .type = SETTING_TEXT,
	  .group = GROUP_OUTPUT, .place = PLACE_FILE, AT(hep_send_auth_file),
	  .initial = "", .unset = "no key is sent",
	  .example = "/etc/callscope/hep.key",
	  .help = "This file holds the key that collectors ask for." },
	{ .name = "hep-send-ca", .arg = "FILE", .type = SETTING_TEXT,
	  .group = GROUP_OUTPUT, .place = PLACE_FILE, AT(hep_send_ca),
	  .initial = "", .unset = "those that the system trusts",
	  .example = "/etc/callscope/homer-ca.pem",
	  .help = "Certificates (PEM) that that of a collector by tls must "
		  "follow from." },
	{ .name = "hep-send-queue", .arg = "BYTES", .type = SETTING_SIZE,
	  .group = GROUP_OUTPUT, .place = PLACE_FILE, AT(hep_send_bytes),
	  .initial = "16M", .min = 256 * K, .max = 4 * G, .unit = "bytes",
	  .example = "64M",
	  .help = "So much waits for a collector that is away or slow; what "
		  "finds no room is dropped. A run over files waits." },
	/* clang-format on */
};

const struct settings_area settings_hep = SETTINGS_AREA(rows);
