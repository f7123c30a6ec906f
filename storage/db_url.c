#include "storage/db_url.h"

#include <errno.h>

#define MYSQL_PORT 3306
#define TIMEOUT_S  30

static int refuse(const char **why, const char *what)
{
	*why = what;
	return -EINVAL;
}

static int hex(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* %HH is a byte, but no NUL. */
static int decode(struct slice in, char *to, size_t size, const char **why)
{
	size_t n = 0;

	for (size_t i = 0; i < in.len; i++) {
		uint8_t c = in.p[i];

		if (n + 1 == size)
			return refuse(why, "a part of the URL is too long");
		if (c == '%') {
			int a = i + 2 < in.len ? hex(in.p[i + 1]) : -1;
			int b = i + 2 < in.len ? hex(in.p[i + 2]) : -1;

			if (a < 0 || b < 0 || a + b == 0)
				return refuse(why, "a % begins a byte in hex: "
						   "write %25 for a %");
			c = (uint8_t)(a << 4 | b);
			i += 2;
		}
		to[n++] = (char)c;
	}
	to[n] = '\0';
	return 0;
}

/* --- mysql ---------------------------------------------------------------- */

static int take_user(struct slice text, struct db_url *u, const char **why)
{
	if (slice_find(text, ':') >= 0)
		return refuse(why, "no password belongs here: give it with "
				   "--db-password-file FILE, or in "
				   "CALLSCOPE_DB_PASSWORD");
	if (!text.len)
		return refuse(why, "the user is missing: "
				   "mysql://USER@HOST/DATABASE");
	return decode(text, u->user, sizeof(u->user), why);
}

static int take_port(struct slice text, struct db_url *u, const char **why)
{
	uint32_t port;

	if (!slice_u32(text, &port) || port == 0 || port > 65535)
		return refuse(why, "the port is a number from 1 to 65535");
	u->port = port;
	return 0;
}

/* HOST, HOST:PORT, [V6], [V6]:PORT */
static int take_host(struct slice text, struct db_url *u, const char **why)
{
	struct slice host, port = {0};

	if (slice_starts(text, SLICE("["))) {
		if (!slice_cut(slice_from(text, 1), ']', &host, &port))
			return refuse(why, "the ] of the host is missing");
		if (port.len && port.p[0] != ':')
			return refuse(why, "only :PORT may follow the ]");
		if (port.len && take_port(slice_from(port, 1), u, why))
			return -EINVAL;
	} else if (slice_cut(text, ':', &host, &port)) {
		if (slice_find(port, ':') >= 0)
			return refuse(why, "an IPv6 address stands in "
					   "brackets: [2001:db8::1]");
		if (take_port(port, u, why))
			return -EINVAL;
	} else {
		host = text;
	}
	if (!host.len)
		return refuse(why, "the host is missing: "
				   "mysql://USER@HOST/DATABASE");
	return decode(host, u->host, sizeof(u->host), why);
}

static int take_tls(struct slice value, struct db_url *u, const char **why)
{
	static const char *const names[] = {
		[DB_TLS_PREFERRED] = "preferred",
		[DB_TLS_REQUIRED] = "required",
		[DB_TLS_VERIFY] = "verify",
		[DB_TLS_OFF] = "off",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!slice_eq(value, slice_str(names[i])))
			continue;
		u->tls = (enum db_tls)i;
		return 0;
	}
	return refuse(why, "tls is preferred, required, verify or off");
}

static int take_timeout(struct slice value, struct db_url *u, const char **why)
{
	uint32_t s;

	if (!slice_u32(value, &s) || s == 0 || s > 3600)
		return refuse(why, "timeout is seconds, 1 to 3600");
	u->timeout_s = s;
	return 0;
}

static int take_path(struct slice value, char *to, size_t size,
		     const char **why)
{
	int err = decode(value, to, size, why);

	if (!err && to[0] != '/')
		err = refuse(why, "ca and socket are paths from / on");
	return err;
}

static int take_setting(struct slice text, struct db_url *u, const char **why)
{
	struct slice name, value;

	if (!slice_cut(text, '=', &name, &value))
		return refuse(why, "after the ? stand settings like "
				   "tls=required");
	if (slice_eq(name, SLICE("tls")))
		return take_tls(value, u, why);
	if (slice_eq(name, SLICE("timeout")))
		return take_timeout(value, u, why);
	if (slice_eq(name, SLICE("ca")))
		return take_path(value, u->ca, sizeof(u->ca), why);
	if (slice_eq(name, SLICE("socket")))
		return take_path(value, u->socket, sizeof(u->socket), why);
	return refuse(why, "the settings behind the ? are tls, ca, socket "
			   "and timeout");
}

static int take_settings(struct slice text, struct db_url *u, const char **why)
{
	int err = 0;

	while (text.len && !err) {
		struct slice one = text, rest = {0};

		slice_cut(text, '&', &one, &rest);
		err = take_setting(one, u, why);
		text = rest;
	}
	if (!err && u->tls == DB_TLS_OFF && u->ca[0])
		err = refuse(why, "ca needs TLS: leave tls=off out");
	return err;
}

static int take_database(struct slice text, struct db_url *u, const char **why)
{
	if (!text.len)
		return refuse(why, "the database is missing: "
				   "mysql://USER@HOST/DATABASE");
	if (slice_find(text, '/') >= 0)
		return refuse(why, "a / in the name of the database is "
				   "written %2F");
	return decode(text, u->database, sizeof(u->database), why);
}

static int parse_mysql(struct slice text, struct db_url *u, const char **why)
{
	struct slice place = text, settings = {0}, where, database = {0};
	struct slice user, host;

	slice_cut(text, '?', &place, &settings);
	if (!slice_cut(place, '/', &where, &database))
		where = place;
	if (!slice_cut(where, '@', &user, &host))
		return refuse(why, "the user is missing: "
				   "mysql://USER@HOST/DATABASE");
	u->port = MYSQL_PORT;
	u->timeout_s = TIMEOUT_S;
	if (take_user(user, u, why) || take_host(host, u, why) ||
	    take_database(database, u, why))
		return -EINVAL;
	return take_settings(settings, u, why);
}

/* --- all of them ---------------------------------------------------------- */

static int parse_sqlite(struct slice path, struct db_url *u, const char **why)
{
	if (!path.len)
		return refuse(why, "the path is missing: sqlite:PATH");
	if (path.len >= sizeof(u->path))
		return refuse(why, "the path is too long");
	memcpy(u->path, path.p, path.len);
	u->path[path.len] = '\0';
	return 0;
}

int db_url_parse(struct slice text, struct db_url *out, const char **why)
{
	static const struct slice mysql = SLICE_INIT("mysql://");
	static const struct slice sqlite = SLICE_INIT("sqlite:");
	struct db_url u = {0};
	int err = 0;

	if (slice_eq(text, SLICE("none"))) {
		u.kind = DB_NONE;
	} else if (slice_starts(text, sqlite)) {
		u.kind = DB_SQLITE;
		err = parse_sqlite(slice_from(text, sqlite.len), &u, why);
	} else if (slice_starts(text, mysql)) {
		u.kind = DB_MYSQL;
		err = parse_mysql(slice_from(text, mysql.len), &u, why);
	} else {
		err = refuse(why, "give sqlite:PATH, "
				  "mysql://USER@HOST[:PORT]/DATABASE or none");
	}
	if (!err)
		*out = u;
	return err;
}
