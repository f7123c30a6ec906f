/* Who may look at what in the viewer. */
#include <string.h>

#include "sniffer/base/addr.h"
#include "sniffer/settings_area.h"

/* In the order of enum config_proxy_role. */
static const char *const proxy_roles[] = {"none", "viewer", "analyst", "admin",
					  NULL};

/* Each of the words between commas. */
static bool all_words(const char *list, bool (*good)(struct slice word))
{
	struct slice rest = slice_str(list), word;

	do {
		slice_cut(rest, ',', &word, &rest);
		if (!good(slice_trim(word)))
			return false;
	} while (rest.len);
	return true;
}

static bool is_public_page(struct slice word)
{
	return slice_eq(word, SLICE("metrics")) ||
	       slice_eq(word, SLICE("healthz")) ||
	       slice_eq(word, SLICE("readyz"));
}

static const char *check_public(const char *value)
{
	return all_words(value, is_public_page)
		       ? NULL
		       : "not one of metrics, healthz and readyz (several with "
			 "commas between them)";
}

static bool is_subnet(struct slice word)
{
	struct slice ip, digits;
	uint32_t bits = 0;
	struct addr a;

	if (slice_cut(word, '/', &ip, &digits) && !slice_u32(digits, &bits))
		return false;
	return addr_parse_ip(ip, &a) && bits <= (addr_is_v4(&a) ? 32 : 128);
}

static const char *check_from(const char *value)
{
	return all_words(value, is_subnet)
		       ? NULL
		       : "not addresses or subnets: give for example "
			 "127.0.0.1, 10.0.0.0/8";
}

static const char *check_header(const char *value)
{
	static const char token[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

	return strspn(value, token) == strlen(value)
		       ? NULL
		       : "not the name of a header: give for example "
			 "X-Remote-User";
}

static const struct setting rows[] = {
	/* clang-format off */
	{ .name = "http-session-idle", .arg = "TIME", .type = SETTING_TIME,
	  .group = GROUP_WEB, .place = PLACE_FILE, AT(http_session_idle_ns),
	  .initial = "4h", .min = SEC, .max = 30 * DAY, .example = "30m",
	  .help = "A login that was not used for so long is over." },
	{ .name = "http-session-max", .arg = "TIME", .type = SETTING_TIME,
	  .group = GROUP_WEB, .place = PLACE_FILE, AT(http_session_max_ns),
	  .initial = "1d", .min = SEC, .max = 365 * DAY, .example = "12h",
	  .help = "A login is over after so long, used or not." },
	{ .name = "http-login-tries", .arg = "N", .type = SETTING_COUNT,
	  .group = GROUP_WEB, .place = PLACE_FILE, AT(http_login_tries),
	  .initial = "5", .min = 1, .max = 1000, .example = "3",
	  .help = "Wrong passwords from an address (of a name: four times as "
		  "many) before the next try has to wait." },
	{ .name = "http-login-wait", .arg = "TIME", .type = SETTING_TIME,
	  .group = GROUP_WEB, .place = PLACE_FILE, AT(http_login_wait_ns),
	  .initial = "10s", .min = SEC, .max = 3600 * SEC, .example = "1m",
	  .help = "So long; twice as long after each further one, up to 15 "
		  "minutes." },
	{ .name = "http-proxy-user", .arg = "HEADER", .type = SETTING_TEXT,
	  .group = GROUP_WEB, .place = PLACE_FILE, AT(http_proxy_user),
	  .initial = "", .unset = "none: no proxy logs anybody in",
	  .example = "X-Remote-User", .check = check_header,
	  .help = "A reverse proxy names who is logged in in this header, "
		  "which it must set or take out of each request." },
	{ .name = "http-proxy-from", .arg = "ADDRESS...", .type = SETTING_LIST,
	  .group = GROUP_WEB, .place = PLACE_FILE, AT(http_proxy_from),
	  .initial = "", .unset = "none", .example = "127.0.0.1, ::1",
	  .check = check_from,
	  .help = "Addresses and subnets of proxies. From elsewhere "
		  "http-proxy-user and X-Forwarded-For say nothing." },
	{ .name = "http-proxy-role", .arg = "ROLE", .type = SETTING_CHOICE,
	  .group = GROUP_WEB, .place = PLACE_FILE, AT(http_proxy_role),
	  .initial = "viewer", .choices = proxy_roles, .example = "analyst",
	  .help = "The role of names from a proxy that are no logins of their "
		  "own; none lets only those in that are." },
	{ .name = "http-public", .arg = "PAGE...", .type = SETTING_LIST,
	  .group = GROUP_WEB, .place = PLACE_FILE, AT(http_public),
	  .initial = "", .unset = "none", .example = "healthz, readyz",
	  .check = check_public,
	  .help = "Which of metrics, healthz and readyz need no login." },
	{ .name = "viewer-mask-numbers", .arg = "N", .type = SETTING_COUNT,
	  .group = GROUP_WEB, .place = PLACE_FILE, AT(viewer_mask_numbers),
	  .initial = "64", .max = MASK_NUMBERS_OFF, .unit = "digits",
	  .example = "6",
	  .help = "Those with the role viewer see so many digits of each "
		  "number, the others as x. 64 shows all." },
	/* clang-format on */
};

const struct settings_area settings_login = SETTINGS_AREA(rows);
