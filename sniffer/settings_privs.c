/* What a capture and the viewer may do once they have begun. */
#include "sniffer/privs.h"
#include "sniffer/settings_area.h"

static const struct setting rows[] = {
	/* clang-format off */
	{ .name = "user", .arg = "NAME", .type = SETTING_TEXT,
	  .group = GROUP_RUN, .place = PLACE_LIVE, AT(user), .initial = "",
	  .unset = PRIVS_USER ", where there is one", .example = "callscope",
	  .help = "When started as root: the user that a live capture and the "
		  "viewer become once what only root can open is open. root "
		  "or none: they stay root, with the capabilities that they "
		  "need." },
	{ .name = "group", .arg = "NAME", .type = SETTING_TEXT,
	  .group = GROUP_RUN, .place = PLACE_FILE, AT(user_group),
	  .initial = "", .unset = "that of the user", .example = "callscope",
	  .help = "Its group." },
	{ .name = "keep-net-raw", .type = SETTING_FLAG, .group = GROUP_RUN,
	  .place = PLACE_FILE, AT(keep_net_raw), .initial = "yes",
	  .example = "no",
	  .help = "Keep the right to open devices (CAP_NET_RAW), so that an "
		  "interface that went away is captured on again when it is "
		  "back." },
	{ .name = "seccomp", .type = SETTING_FLAG, .group = GROUP_RUN,
	  .place = PLACE_FILE, AT(seccomp), .initial = "yes", .example = "no",
	  .help = "Live capture and viewer: each thread may ask the kernel "
		  "only for what its work needs (docs/SECURITY.md)." },
	{ .name = "landlock", .type = SETTING_FLAG, .group = GROUP_RUN,
	  .place = PLACE_FILE, AT(landlock), .initial = "yes",
	  .example = "no",
	  .help = "Live capture and viewer: files outside of the data folder "
		  "cannot be written, and only those of the system and of the "
		  "settings be read, where the kernel has Landlock." },
	{ .name = "core-dumps", .type = SETTING_FLAG, .group = GROUP_RUN,
	  .place = PLACE_FILE, AT(core_dumps), .initial = "no",
	  .example = "yes",
	  .help = "Live capture and viewer: let the system keep the memory of "
		  "a crash, in which there are keys and calls." },
	/* clang-format on */
};

const struct settings_area settings_privs = SETTINGS_AREA(rows);
