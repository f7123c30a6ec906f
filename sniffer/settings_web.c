/* The viewer. */
#include <string.h>

#include "sniffer/settings_area.h"
#ifdef HAVE_WEB
#include "web/listen.h"
#define HTTP_EXAMPLE "127.0.0.1:8080"
#else
#define HTTP_EXAMPLE "none"
#endif

static const char *check_http(const char *value)
{
	if (!strcmp(value, "none"))
		return NULL;
#ifdef HAVE_WEB
	if (listen_parse(slice_str(value), &(struct addr){0}))
		return NULL;
	return "not an address to listen on: give ADDR:PORT, [V6]:PORT or "
	       "none, for example 127.0.0.1:8080";
#else
	return "this program was built without the viewer (configure "
	       "--disable-web)";
#endif
}

static const struct setting rows[] = {
	/* clang-format off */
	{ .name = "http", .arg = "ADDR:PORT", .type = SETTING_TEXT,
	  .group = GROUP_WEB, AT(http), .initial = "",
	  .unset = "127.0.0.1:8080 with -i, none with -r",
	  .example = HTTP_EXAMPLE,
	  .check = check_http,
	  .help = "Where the viewer listens ([::1]:8080 with IPv6), or none. "
		  "With -r it serves on when the files are read, until it is "
		  "interrupted." },
	{ .name = "http-cert", .arg = "FILE", .type = SETTING_TEXT,
	  .group = GROUP_WEB, .place = PLACE_FILE, AT(http_cert),
	  .initial = "", .unset = "none: plain HTTP",
	  .example = "/etc/callscope/cert.pem",
	  .help = "The viewer speaks TLS with this certificate (PEM, with "
		  "those between it and the root)." },
	{ .name = "http-key", .arg = "FILE", .type = SETTING_TEXT,
	  .group = GROUP_WEB, .place = PLACE_FILE, AT(http_key),
	  .initial = "", .unset = "none",
	  .example = "/etc/callscope/key.pem",
	  .help = "Its key (PEM), which must not be readable by everybody." },
	{ .name = "http-connections", .arg = "N", .type = SETTING_COUNT,
	  .group = GROUP_WEB, .place = PLACE_FILE, AT(http_connections),
	  .initial = "1200", .min = 8, .max = 65536, .example = "4000",
	  .help = "Connections to the viewer at once; more wait." },
	{ .name = "http-per-address", .arg = "N", .type = SETTING_COUNT,
	  .group = GROUP_WEB, .place = PLACE_FILE, AT(http_per_address),
	  .initial = "1100", .min = 1, .max = 65536, .example = "50",
	  .help = "Connections from one address at once; more are closed. A "
		  "reverse proxy is one address." },
	{ .name = "http-idle", .arg = "TIME", .type = SETTING_TIME,
	  .group = GROUP_WEB, .place = PLACE_FILE, AT(http_idle_ns),
	  .initial = "30s", .min = SEC, .max = 3600 * SEC, .example = "10s",
	  .help = "A request must be complete so long after the connection "
		  "was made or the answer before was sent; then it is "
		  "closed." },
	{ .name = "http-workers", .arg = "N", .type = SETTING_COUNT,
	  .group = GROUP_WEB, .place = PLACE_FILE, AT(http_workers),
	  .initial = "4", .min = 1, .max = 64, .example = "8",
	  .help = "Requests that are worked on at once; each has a connection "
		  "to the store." },
	{ .name = "http-queue", .arg = "N", .type = SETTING_COUNT,
	  .group = GROUP_WEB, .place = PLACE_FILE, AT(http_queue),
	  .initial = "256", .min = 1, .max = 65536, .example = "1000",
	  .help = "Requests that wait for that; more are told to come again "
		  "(503)." },
	{ .name = "search-time", .arg = "TIME", .type = SETTING_TIME,
	  .group = GROUP_WEB, .place = PLACE_FILE, AT(search_time_ns),
	  .initial = "400ms", .min = SEC / 100, .max = 60 * SEC,
	  .example = "1s",
	  .help = "What a search of the viewer may take; then it answers what "
		  "it has, and how far it came." },
	{ .name = "http-events", .arg = "N", .type = SETTING_COUNT,
	  .group = GROUP_WEB, .place = PLACE_FILE, AT(http_events),
	  .initial = "64", .min = 1, .max = 4096, .example = "200",
	  .help = "Pages that follow live calls at once; more are told to "
		  "come again (503)." },
	{ .name = "viewer-read-time", .arg = "TIME", .type = SETTING_TIME,
	  .group = GROUP_WEB, .place = PLACE_FILE, AT(viewer_read_ns),
	  .initial = "30s", .min = MS, .max = 3600 * SEC, .example = "2m",
	  .help = "The viewer reads a call's recording no longer than this, "
		  "for messages, charts and sound; what is behind is left out, "
		  "and said." },
	{ .name = "viewer-file-size", .arg = "BYTES", .type = SETTING_SIZE,
	  .group = GROUP_WEB, .place = PLACE_FILE, AT(viewer_file_bytes),
	  .initial = "1G", .min = 1 << 20, .max = 1ull << 40,
	  .example = "200M",
	  .help = "Largest file that the viewer makes of calls (sound, packets "
		  "put together). One recording as it is may be larger." },
	{ .name = "viewer-files-size", .arg = "BYTES", .type = SETTING_SIZE,
	  .group = GROUP_WEB, .place = PLACE_FILE, AT(viewer_files_bytes),
	  .initial = "2G", .max = 1ull << 44, .example = "500M",
	  .help = "Such files are kept for minutes, in the data folder without "
		  "a name, up to so many bytes together." },
	/* clang-format on */
};

const struct settings_area settings_web = SETTINGS_AREA(rows);
