/* How calls, media and flows are followed. */
#include "sniffer/settings_area.h"

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

static const struct setting rows[] = {
	/* clang-format off */
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
	/* clang-format on */
};

const struct settings_area settings_calls = SETTINGS_AREA(rows);
