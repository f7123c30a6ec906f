/*
 * The URL of a database as --db has it. Pure; the result holds copies and is
 * copied as a value.
 *
 *   none
 *   sqlite:PATH
 *   mysql://USER@HOST[:PORT]/DATABASE[?SETTING=VALUE&...]
 *
 * HOST may be an IPv6 address in brackets; %HH stands for any byte. Settings:
 *
 *   tls      preferred (default): where the server offers it; required:
 *            nothing without it; verify: nothing unless the server's
 *            certificate is right, too; off
 *   ca       a file with the certificates that may have signed the server's:
 *            it is verified by these
 *   socket   a path, in place of HOST and PORT
 *   timeout  seconds that the server may keep silent, 1 to 3600; 30
 */
#ifndef STORAGE_DB_URL_H
#define STORAGE_DB_URL_H

#include "sniffer/base/slice.h"

enum db_kind {
	DB_NONE,
	DB_SQLITE,
	DB_MYSQL,
};

enum db_tls {
	DB_TLS_PREFERRED,
	DB_TLS_REQUIRED,
	DB_TLS_VERIFY,
	DB_TLS_OFF,
};

struct db_url {
	enum db_kind kind;
	char path[4096]; /* of the SQLite file */

	char user[129], host[256], database[65];
	unsigned port;
	enum db_tls tls;
	char ca[1024], socket[108]; /* "" = none */
	unsigned timeout_s;
};

/* 0, or -EINVAL and *why: a constant text that says what to write. */
int db_url_parse(struct slice text, struct db_url *out, const char **why);

#endif
