/* Limits of tables and memory. */
#include <stdlib.h>
#include <string.h>

#include "sniffer/settings_area.h"

/* Less than that is no room for the program and a call. */
static const char *check_memory(const char *value)
{
	static const char units[] = "kKmMgG";
	char *end;
	double v = strtod(value, &end);
	const char *unit = strchr(units, *end);

	if (*end && unit)
		v *= (double)(1ull << 10 * ((unit - units) / 2 + 1));
	return v == 0 || v >= 128.0 * (double)M ? NULL
						: "give 128M or more, or 0";
}

static const struct setting rows[] = {
	/* clang-format off */
	{ .name = "memory-limit", .arg = "BYTES", .type = SETTING_SIZE,
	  .group = GROUP_LIMITS, .place = PLACE_FILE, AT(memory_limit),
	  .initial = "0", .max = 1024 * G, .unit = "bytes",
	  .check = check_memory, .example = "2G",
	  .help = "Memory of the whole program: shares of it are limits of the "
		  "tables below. 0 = with -i half of what the machine has, with "
		  "-r none." },
	{ .name = "max-calls", .arg = "N", .type = SETTING_COUNT,
	  .group = GROUP_LIMITS, .place = PLACE_FILE, AT(max_calls),
	  .initial = "100000", .min = 1, .max = 10000000, .unit = "calls",
	  .example = "20000", .help = "Calls that are open at a time." },
	{ .name = "max-registrations", .arg = "N", .type = SETTING_COUNT,
	  .group = GROUP_LIMITS, .place = PLACE_FILE, AT(max_registrations),
	  .initial = "100000", .min = 1, .max = 10000000,
	  .unit = "registrations", .example = "500000",
	  .help = "Registrations that are followed at a time." },
	{ .name = "max-transactions", .arg = "N", .type = SETTING_COUNT,
	  .group = GROUP_LIMITS, .place = PLACE_FILE, AT(max_transactions),
	  .initial = "100000", .min = 1, .max = 10000000,
	  .unit = "transactions", .example = "20000",
	  .help = "Other SIP transactions that are open at a time." },
	{ .name = "max-flows", .arg = "N", .type = SETTING_COUNT,
	  .group = GROUP_LIMITS, .place = PLACE_FILE, AT(max_flows),
	  .initial = "1000000", .min = 1, .max = 100000000, .unit = "flows",
	  .example = "200000",
	  .help = "Pairs of endpoints that are followed at a time." },
	{ .name = "max-pending", .arg = "N", .type = SETTING_COUNT,
	  .group = GROUP_LIMITS, .place = PLACE_FILE, AT(max_pending),
	  .initial = "20000", .min = 1, .max = 10000000, .unit = "flows",
	  .example = "50000",
	  .help = "Media flows at a time that may wait for their "
		  "signalling." },
	{ .name = "max-sessions", .arg = "N", .type = SETTING_COUNT,
	  .group = GROUP_LIMITS, .place = PLACE_FILE, AT(max_sessions),
	  .initial = "100000", .min = 1, .max = 10000000,
	  .unit = "sessions", .example = "20000",
	  .help = "Sessions (media without SIP) that are open at a time." },
	{ .name = "max-connections", .arg = "N", .type = SETTING_COUNT,
	  .group = GROUP_LIMITS, .place = PLACE_FILE, AT(max_conns),
	  .initial = "200000", .min = 1, .max = 10000000,
	  .unit = "connections", .example = "50000",
	  .help = "TCP connections with data that are followed at a time; "
		  "half-open ones count as flows." },
	{ .name = "source-waiting", .arg = "N", .type = SETTING_COUNT,
	  .group = GROUP_LIMITS, .place = PLACE_FILE, AT(source_waiting),
	  .initial = "10000", .min = 1, .max = 10000000, .unit = "calls",
	  .example = "1000",
	  .help = "Calls of one address (in IPv6 one /64) at a time of which "
		  "an INVITE was seen and nothing since; the oldest makes "
		  "room for the next." },
	{ .name = "flood-records", .arg = "N", .type = SETTING_COUNT,
	  .group = GROUP_LIMITS, .place = PLACE_FILE, AT(flood_records),
	  .initial = "100", .max = 1000000, .unit = "records",
	  .example = "1000",
	  .help = "Records a minute of such calls of one address that had to "
		  "make room (ten times that of many addresses together); one "
		  "more says how many there were." },
	{ .name = "web-message-max", .arg = "BYTES", .type = SETTING_SIZE,
	  .group = GROUP_LIMITS, .place = PLACE_FILE, AT(web_message_bytes),
	  .initial = "1M", .min = K, .max = 64 * M, .unit = "bytes",
	  .example = "256k",
	  .help = "The longest WebSocket message or HTTP body that is looked "
		  "into." },
	{ .name = "web-memory", .arg = "BYTES", .type = SETTING_SIZE,
	  .group = GROUP_LIMITS, .place = PLACE_FILE, AT(web_total_bytes),
	  .initial = "64M", .min = 16 * K, .max = 64 * G, .unit = "bytes",
	  .example = "256M",
	  .help = "Memory of all web connections together." },
	{ .name = "max-nat", .arg = "N", .type = SETTING_COUNT,
	  .group = GROUP_LIMITS, .place = PLACE_FILE, AT(max_nat),
	  .initial = "100000", .min = 1, .max = 10000000, .unit = "clients",
	  .example = "20000",
	  .help = "Clients at a time whose answers from STUN servers and ICE "
		  "peers tell what NAT they are behind." },
	{ .name = "max-streams", .arg = "N", .type = SETTING_COUNT,
	  .group = GROUP_LIMITS, .place = PLACE_FILE, AT(max_streams),
	  .initial = "400000", .min = 1, .max = 100000000, .unit = "streams",
	  .example = "50000",
	  .help = "RTP streams at a time, of all calls together." },
	{ .name = "flow-streams", .arg = "N", .type = SETTING_COUNT,
	  .group = GROUP_LIMITS, .place = PLACE_FILE, AT(flow_streams),
	  .initial = "64", .min = 1, .max = 65535, .unit = "streams",
	  .example = "200", .help = "RTP streams (SSRCs) of one flow." },
	{ .name = "max-keys", .arg = "N", .type = SETTING_COUNT,
	  .group = GROUP_LIMITS, .place = PLACE_FILE, AT(max_keys),
	  .initial = "100000", .min = 1, .max = 10000000, .unit = "sessions",
	  .example = "5000",
	  .help = "TLS sessions whose secrets are kept; the oldest go "
		  "first." },
	{ .name = "tls-hold", .arg = "BYTES", .type = SETTING_SIZE,
	  .group = GROUP_LIMITS, .place = PLACE_FILE, AT(tls_hold_bytes),
	  .initial = "256k", .max = G, .unit = "bytes", .example = "1M",
	  .help = "What one direction of a TLS connection may hold until its "
		  "keys come." },
	{ .name = "tls-memory", .arg = "BYTES", .type = SETTING_SIZE,
	  .group = GROUP_LIMITS, .place = PLACE_FILE, AT(tls_total_bytes),
	  .initial = "64M", .max = 64 * G, .unit = "bytes",
	  .example = "256M",
	  .help = "What all TLS connections together may hold so." },
	{ .name = "call-memory", .arg = "BYTES", .type = SETTING_SIZE,
	  .group = GROUP_LIMITS, .place = PLACE_FILE, AT(call_bytes),
	  .initial = "1M", .min = 16 * K, .max = G, .unit = "bytes",
	  .example = "256k",
	  .help = "What the signalling of one call may hold." },
	{ .name = "max-fragments", .arg = "N", .type = SETTING_COUNT,
	  .group = GROUP_LIMITS, .place = PLACE_FILE, AT(frag_max),
	  .initial = "4096", .min = 1, .max = 1000000, .unit = "datagrams",
	  .example = "10000",
	  .help = "IP datagrams that are being reassembled at a time." },
	{ .name = "frag-memory", .arg = "BYTES", .type = SETTING_SIZE,
	  .group = GROUP_LIMITS, .place = PLACE_FILE, AT(frag_bytes),
	  .initial = "16M", .min = 128 * K, .max = 16 * G, .unit = "bytes",
	  .example = "64M", .help = "What all of them together may hold." },
	{ .name = "tcp-buffer", .arg = "BYTES", .type = SETTING_SIZE,
	  .group = GROUP_LIMITS, .place = PLACE_FILE, AT(tcp_buffer_bytes),
	  .initial = "256k", .min = 16 * K, .max = G, .unit = "bytes",
	  .example = "1M",
	  .help = "What one direction of a TCP connection may hold: the "
		  "longest message." },
	{ .name = "tcp-memory", .arg = "BYTES", .type = SETTING_SIZE,
	  .group = GROUP_LIMITS, .place = PLACE_FILE, AT(tcp_total_bytes),
	  .initial = "128M", .min = M, .max = 64 * G, .unit = "bytes",
	  .example = "512M",
	  .help = "What all TCP connections together may hold." },
	{ .name = "srtp-hold", .arg = "BYTES", .type = SETTING_SIZE,
	  .group = GROUP_LIMITS, .place = PLACE_FILE, AT(srtp_hold),
	  .initial = "32k", .max = 16 * M, .unit = "bytes", .example = "256k",
	  .help = "Packets of one SRTP stream kept in memory until its key "
		  "comes; 0 keeps none, not even RTCP." },
	{ .name = "srtp-memory", .arg = "BYTES", .type = SETTING_SIZE,
	  .group = GROUP_LIMITS, .place = PLACE_FILE, AT(srtp_hold_max),
	  .initial = "64M", .max = 64 * G, .unit = "bytes", .example = "16M",
	  .help = "What all SRTP streams together may hold of them; then "
		  "those go first that have waited longest." },
	{ .name = "record-held", .arg = "BYTES", .type = SETTING_SIZE,
	  .group = GROUP_LIMITS, .place = PLACE_FILE, AT(record_held_bytes),
	  .initial = "64k", .min = 4 * K, .max = G, .unit = "bytes",
	  .example = "256k",
	  .help = "Packets of one media flow kept in memory until it is clear "
		  "whose they are." },
	{ .name = "record-chunk", .arg = "BYTES", .type = SETTING_SIZE,
	  .group = GROUP_LIMITS, .place = PLACE_FILE, AT(record_chunk_bytes),
	  .initial = "8k", .min = 4 * K, .max = M, .unit = "bytes",
	  .example = "32k",
	  .help = "The pcap of a call is written in pieces of this size." },
	{ .name = "record-memory", .arg = "BYTES", .type = SETTING_SIZE,
	  .group = GROUP_LIMITS, .place = PLACE_FILE, AT(record_max_bytes),
	  .initial = "1G", .min = M, .max = 256 * G, .unit = "bytes",
	  .example = "256M",
	  .help = "What all recordings together may hold in memory." },
	/* clang-format on */
};

const struct settings_area settings_limits = SETTINGS_AREA(rows);
