/* What is read: captures and keys. */
#include "sniffer/settings_area.h"

static const struct setting rows[] = {
	/* clang-format off */
	{ .name = "interface", .letter = 'i', .arg = "IFACE",
	  .type = SETTING_LIST, .group = GROUP_INPUT, AT(interfaces),
	  .initial = "", .unset = "none", .example = "eth1",
	  .help = "Capture live on this interface; repeat it for several, or "
		  "put commas between them. any is all that are up." },
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
		  "fragments and tunnelled packets always pass, VLAN tags "
		  "are looked through." },
	{ .name = "snaplen", .letter = 's', .arg = "BYTES",
	  .type = SETTING_SIZE, .group = GROUP_INPUT, .place = PLACE_LIVE,
	  AT(snaplen), .initial = "0", .max = 256 * K, .unit = "bytes",
	  .example = "65535",
	  .help = "Capture at most so much of each packet; 0 takes all." },
	{ .name = "buffer", .letter = 'B', .arg = "BYTES",
	  .type = SETTING_SIZE, .group = GROUP_INPUT, .place = PLACE_LIVE,
	  AT(buffer_bytes), .initial = "0", .max = 2047 * M, .unit = "bytes",
	  .example = "64M",
	  .help = "Size of the kernel's capture buffer of each interface and "
		  "capture thread; 0 leaves it to the system." },
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
	/* clang-format on */
};

const struct settings_area settings_input = SETTINGS_AREA(rows);
