#include "sniffer/settings.h"

#include <stddef.h>

#define K   1024ull
#define M   (K * K)
#define G   (K * M)
#define MS  1000000ull
#define SEC (1000 * MS)
#define DAY (86400 * SEC)

#define AT(field) .offset = offsetof(struct config, field)

static const char *const records[] = {
	[CONFIG_RECORD_ALL] = "all",
	[CONFIG_RECORD_HEADERS] = "headers",
	[CONFIG_RECORD_SIGNALLING] = "signalling",
	[CONFIG_RECORD_NONE] = "none",
	NULL,
};

static const char *const realms[] = {
	[CONFIG_REALM_NONE] = "none",
	[CONFIG_REALM_VLAN] = "vlan",
	NULL,
};

static const char *check_user(const char *value)
{
	const char *colon = strchr(value, ':');

	return colon && colon > value ? NULL : "give NAME:PASSWORD";
}

static const char *check_db(const char *value)
{
	struct slice v = slice_str(value);

	if (slice_istarts(v, SLICE("mysql:")))
		return "this version stores to SQLite only: give sqlite:PATH "
		       "or none";
	if (slice_eq(v, SLICE("none")))
		return NULL;
	if (slice_starts(v, SLICE("sqlite:")) && v.len > 7)
		return NULL;
	return "give sqlite:PATH or none";
}

const struct setting settings[] = {
	/* clang-format off */
	{ .name = "interface", .letter = 'i', .arg = "IFACE",
	  .type = SETTING_LIST, .group = GROUP_INPUT, AT(interfaces),
	  .initial = "", .unset = "none", .example = "eth1",
	  .help = "Capture live on this interface; repeat it for several." },
	{ .name = "read", .letter = 'r', .arg = "FILE", .type = SETTING_LIST,
	  .group = GROUP_INPUT, AT(inputs), .initial = "", .unset = "none",
	  .example = "trunk.pcap.gz",
	  .help = "Read a pcap or pcapng file, also gzipped, all captures of "
		  "a folder in order of time, or standard input (-); repeat "
		  "it for several." },
	{ .name = "filter", .letter = 'f', .arg = "EXPR", .type = SETTING_TEXT,
	  .group = GROUP_INPUT, AT(filter), .initial = "",
	  .unset = "all packets", .example = "'udp or port 5060'",
	  .help = "Take only packets that match this BPF expression. Later IP "
		  "fragments always pass, VLAN tags are looked through." },
	{ .name = "snaplen", .letter = 's', .arg = "BYTES",
	  .type = SETTING_SIZE, .group = GROUP_INPUT, .place = PLACE_LIVE,
	  AT(snaplen), .initial = "0", .max = 256 * K, .unit = "bytes",
	  .example = "65535",
	  .help = "Capture at most so much of each packet; 0 takes all." },
	{ .name = "buffer", .letter = 'B', .arg = "BYTES",
	  .type = SETTING_SIZE, .group = GROUP_INPUT, .place = PLACE_LIVE,
	  AT(buffer_bytes), .initial = "0", .max = 2047 * M, .unit = "bytes",
	  .example = "64M",
	  .help = "Size of the kernel's capture buffer of each interface; 0 "
		  "leaves it to the system." },
	{ .name = "no-promiscuous", .letter = 'p', .type = SETTING_FLAG,
	  .group = GROUP_INPUT, .place = PLACE_LIVE, AT(no_promiscuous),
	  .initial = "no", .example = "yes",
	  .help = "Leave the interface as it is: see only packets addressed "
		  "to this machine." },

	{ .name = "keys", .arg = "FILE", .type = SETTING_LIST,
	  .group = GROUP_INPUT, AT(keys), .initial = "", .unset = "none",
	  .example = "/run/callscope/tls.keys",
	  .help = "Open TLS and DTLS with the secrets in this key log "
		  "(SSLKEYLOGFILE); repeat it for several. With -i it is "
		  "followed while it grows, may come later and may be a "
		  "pipe, but must not be readable by everybody." },
	{ .name = "srtp-keys", .arg = "FILE", .type = SETTING_LIST,
	  .group = GROUP_INPUT, AT(srtp_keys), .initial = "", .unset = "none",
	  .example = "/run/callscope/srtp.keys",
	  .help = "The same for master keys of SRTP, a line each: SSRC or *, "
		  "suite, base64 of key and salt." },

	{ .name = "output", .letter = 'o', .arg = "DIR", .type = SETTING_TEXT,
	  .group = GROUP_OUTPUT, AT(out_dir), .initial = "",
	  .unset = "callscope-data with -r, " CALLSCOPE_STATE_DIR " with -i",
	  .example = "/srv/calls",
	  .help = "Data folder, made when missing: spool/ with a pcap of each "
		  "call, and callscope.db." },
	{ .name = "db", .arg = "URL", .type = SETTING_TEXT,
	  .group = GROUP_OUTPUT, AT(db), .initial = "",
	  .unset = "sqlite:DIR/callscope.db in the data folder",
	  .example = "sqlite:/srv/calls.db", .check = check_db,
	  .help = "Where records are stored: sqlite:PATH, or none." },
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

	{ .name = "realm", .arg = "WHAT", .type = SETTING_CHOICE,
	  .group = GROUP_CALLS, .place = PLACE_FILE, AT(realm),
	  .choices = realms, .initial = "none", .example = "vlan",
	  .help = "Whether the same addresses on different VLANs are "
		  "different hosts (vlan) or not (none)." },
	{ .name = "turn-user", .arg = "NAME:PASSWORD", .type = SETTING_LIST,
	  .group = GROUP_CALLS, .place = PLACE_FILE, AT(turn_users),
	  .initial = "", .unset = "none", .example = "lab:secret",
	  .check = check_user,
	  .help = "A user of TURN servers and its password: the integrity of "
		  "its messages is checked." },
	{ .name = "turn-secret", .arg = "SECRET", .type = SETTING_LIST,
	  .group = GROUP_CALLS, .place = PLACE_FILE, AT(turn_secrets),
	  .initial = "", .unset = "none", .example = "north",
	  .help = "The secret that TURN servers make passwords with which "
		  "end after a time (use-auth-secret): the integrity of "
		  "their users' messages is checked." },
	{ .name = "leg-header", .arg = "NAME", .type = SETTING_LIST,
	  .group = GROUP_CALLS, .place = PLACE_FILE, AT(leg_headers),
	  .initial = "", .unset = "none", .example = "X-Call-ID",
	  .help = "A SIP header whose value joins calls that a B2BUA or SBC "
		  "split into legs; repeat the line for several." },
	{ .name = "session-id", .type = SETTING_FLAG, .group = GROUP_CALLS,
	  .place = PLACE_FILE, AT(session_id), .initial = "yes",
	  .example = "no",
	  .help = "Join legs by their Session-ID (RFC 7989)." },
	{ .name = "call-linger", .arg = "TIME", .type = SETTING_TIME,
	  .group = GROUP_CALLS, .place = PLACE_FILE, AT(call_linger_ns),
	  .initial = "5s", .max = 600 * SEC, .unit = "time", .example = "10s",
	  .help = "How long an ended call waits for late packets before its "
		  "record is written." },
	{ .name = "call-retry", .arg = "TIME", .type = SETTING_TIME,
	  .group = GROUP_CALLS, .place = PLACE_FILE, AT(call_retry_ns),
	  .initial = "32s", .min = SEC, .max = 3600 * SEC, .unit = "time",
	  .example = "60s",
	  .help = "How long a call that failed, was challenged or cancelled "
		  "waits for another attempt with the same Call-ID." },
	{ .name = "unanswered-timeout", .arg = "TIME", .type = SETTING_TIME,
	  .group = GROUP_CALLS, .place = PLACE_FILE, AT(unanswered_ns),
	  .initial = "5m", .min = SEC, .max = DAY, .unit = "time",
	  .example = "10m",
	  .help = "After so long without any message a call that got no final "
		  "response is over (unanswered)." },
	{ .name = "media-timeout", .arg = "TIME", .type = SETTING_TIME,
	  .group = GROUP_CALLS, .place = PLACE_FILE, AT(media_silence_ns),
	  .initial = "5m", .min = SEC, .max = 7 * DAY, .unit = "time",
	  .example = "2m",
	  .help = "After so long without media and messages an answered call "
		  "that had media and is not on hold is over (expired)." },
	{ .name = "silence-timeout", .arg = "TIME", .type = SETTING_TIME,
	  .group = GROUP_CALLS, .place = PLACE_FILE, AT(silence_ns),
	  .initial = "4h", .min = SEC, .max = 7 * DAY, .unit = "time",
	  .example = "12h",
	  .help = "The same for an answered call whose media is not seen and "
		  "that has no session timer (RFC 4028)." },

	{ .name = "adopt-window", .arg = "TIME", .type = SETTING_TIME,
	  .group = GROUP_MEDIA, .place = PLACE_FILE, AT(adopt_ns),
	  .initial = "10s", .max = 600 * SEC, .unit = "time", .example = "30s",
	  .help = "Media that came before its signalling belongs to the call "
		  "when its last packet is not older than this." },
	{ .name = "session-packets", .arg = "N", .type = SETTING_COUNT,
	  .group = GROUP_MEDIA, .place = PLACE_FILE, AT(session_packets),
	  .initial = "5", .min = 2, .max = 1000, .unit = "packets",
	  .example = "10",
	  .help = "So many RTP packets in sequence make media that nobody "
		  "signalled a session." },
	{ .name = "g711-plc", .type = SETTING_FLAG, .group = GROUP_MEDIA,
	  .place = PLACE_FILE, AT(g711_plc), .initial = "yes", .example = "no",
	  .help = "Score G.711 as receivers that conceal losses hear it "
		  "(ITU-T G.711 Appendix I), as most do." },

	{ .name = "udp-idle", .arg = "TIME", .type = SETTING_TIME,
	  .group = GROUP_FLOWS, .place = PLACE_FILE, AT(udp_idle_ns),
	  .initial = "3m", .min = SEC, .max = DAY, .unit = "time",
	  .example = "5m",
	  .help = "A UDP or SCTP flow without packets is forgotten after "
		  "this." },
	{ .name = "tcp-idle", .arg = "TIME", .type = SETTING_TIME,
	  .group = GROUP_FLOWS, .place = PLACE_FILE, AT(tcp_idle_ns),
	  .initial = "10m", .min = SEC, .max = 7 * DAY, .unit = "time",
	  .example = "1h",
	  .help = "A TCP connection without packets is forgotten after "
		  "this." },
	{ .name = "tcp-gap-timeout", .arg = "TIME", .type = SETTING_TIME,
	  .group = GROUP_FLOWS, .place = PLACE_FILE, AT(tcp_gap_ns),
	  .initial = "2s", .min = MS, .max = 60 * SEC, .unit = "time",
	  .example = "500ms",
	  .help = "TCP bytes missing for so long are given up." },
	{ .name = "tcp-gap-segments", .arg = "N", .type = SETTING_COUNT,
	  .group = GROUP_FLOWS, .place = PLACE_FILE, AT(tcp_gap_segments),
	  .initial = "64", .min = 1, .max = 10000, .unit = "segments",
	  .example = "200",
	  .help = "TCP bytes still missing when so many later segments have "
		  "come are given up." },
	{ .name = "frag-timeout", .arg = "TIME", .type = SETTING_TIME,
	  .group = GROUP_FLOWS, .place = PLACE_FILE, AT(frag_timeout_ns),
	  .initial = "30s", .min = MS, .max = 600 * SEC, .unit = "time",
	  .example = "60s",
	  .help = "IP fragments without the rest of their datagram are "
		  "dropped after this." },
	{ .name = "max-depth", .arg = "N", .type = SETTING_COUNT,
	  .group = GROUP_FLOWS, .place = PLACE_FILE, AT(max_depth),
	  .initial = "16", .min = 1, .max = 64, .unit = "layers",
	  .example = "8", .help = "Tunnels in tunnels are followed so deep." },

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

const size_t settings_count = sizeof(settings) / sizeof(settings[0]);

const struct setting *setting_find(struct slice name)
{
	for (size_t i = 0; i < settings_count; i++)
		if (slice_eq(slice_str(settings[i].name), name))
			return &settings[i];
	return NULL;
}

const struct setting *setting_by_letter(int letter)
{
	for (size_t i = 0; i < settings_count; i++)
		if (letter && settings[i].letter == letter)
			return &settings[i];
	return NULL;
}

/* Neighbours swapped count as one slip, like a letter too many, too few or
 * wrong. */
static size_t distance(struct slice a, struct slice b)
{
	enum {
		MAX = 32
	};
	size_t d[MAX + 1][MAX + 1];

	if (a.len > MAX || b.len > MAX)
		return SIZE_MAX;
	for (size_t i = 0; i <= a.len; i++) {
		for (size_t j = 0; j <= b.len; j++) {
			size_t best = i ? j ? d[i - 1][j - 1] : i : j;

			if (!i || !j) {
				d[i][j] = best;
				continue;
			}
			best += a.p[i - 1] != b.p[j - 1];
			if (d[i - 1][j] + 1 < best)
				best = d[i - 1][j] + 1;
			if (d[i][j - 1] + 1 < best)
				best = d[i][j - 1] + 1;
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] &&
			    a.p[i - 2] == b.p[j - 1] &&
			    d[i - 2][j - 2] + 1 < best)
				best = d[i - 2][j - 2] + 1;
			d[i][j] = best;
		}
	}
	return d[a.len][b.len];
}

const struct setting *setting_nearest(struct slice name, bool key)
{
	size_t best = 1 + (name.len + 1) / 3; /* further is no slip */
	const struct setting *found = NULL;

	for (size_t i = 0; i < settings_count; i++) {
		const struct setting *s = &settings[i];
		size_t d = distance(name, slice_str(s->name));

		if (key ? !setting_is_key(s) : !setting_is_option(s))
			continue;
		if (d < best) {
			best = d;
			found = s;
		}
	}
	return found;
}
