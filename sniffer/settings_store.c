/* Where records are stored, and for how long. */
#include "sniffer/settings_area.h"
#include "storage/db_url.h"

static const char *check_db(const char *value)
{
	const char *why = NULL;
	struct db_url url;

	if (db_url_parse(slice_str(value), &url, &why))
		return why;
#ifndef HAVE_MYSQL
	if (url.kind == DB_MYSQL)
		return "this program was built without MySQL and MariaDB "
		       "(configure --disable-mysql)";
#endif
	return NULL;
}

static const struct setting rows[] = {
	/* clang-format off */
	{ .name = "db", .arg = "URL", .type = SETTING_TEXT,
	  .group = GROUP_OUTPUT, AT(db), .initial = "",
	  .unset = "sqlite:DIR/callscope.db in the data folder",
	  .example = "sqlite:/srv/calls.db",
	  .check = check_db,
	  .help = "Where records are stored: sqlite:PATH, "
		  "mysql://USER@HOST[:PORT]/DATABASE (MySQL, MariaDB), or "
		  "none." },
	{ .name = "db-password-file", .arg = "FILE", .type = SETTING_TEXT,
	  .group = GROUP_OUTPUT, AT(db_password_file), .initial = "",
	  .unset = "CALLSCOPE_DB_PASSWORD of the environment",
	  .example = "/etc/callscope/db-password",
	  .help = "The password of the database's user; a newline at its end "
		  "does not count. With -i it must not be readable by "
		  "everybody." },
	{ .name = "keep-cdrs", .arg = "TIME", .type = SETTING_TIME,
	  .group = GROUP_OUTPUT, .place = PLACE_LIVE, AT(keep_cdrs_ns),
	  .initial = "30d", .max = 36500 * DAY, .example = "90d",
	  .help = "Records in the database that are older are deleted every "
		  "hour, with -i only, but for calls on hold; 0 keeps all." },
	/* clang-format on */
};

const struct settings_area settings_store = SETTINGS_AREA(rows);
