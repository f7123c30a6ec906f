#include "storage/mysql_db.h"

#include <errmsg.h>
#include <errno.h>
#include <mysqld_error.h>
#include <stdio.h>
#include <stdlib.h>

#include "storage/db_password.h"

/* UTC whatever the server has; what does not fit is an error, not cut in
 * silence; a record needs no more isolation than that of its own batch. */
static const char session[] =
	"SET time_zone = '+00:00', "
	"sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', "
	"innodb_lock_wait_timeout = 10, lock_wait_timeout = 20, "
	"autocommit = 1";
static const char isolation[] =
	"SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";

static const struct {
	unsigned error;
	enum mysql_class class;
} classes[] = {
	{CR_CONNECTION_ERROR, MYSQL_LOST},
	{CR_CONN_HOST_ERROR, MYSQL_LOST},
	{CR_UNKNOWN_HOST, MYSQL_LOST},
	{CR_SERVER_GONE_ERROR, MYSQL_LOST},
	{CR_SERVER_LOST, MYSQL_LOST},
	{CR_SERVER_HANDSHAKE_ERR, MYSQL_LOST},
	{CR_SERVER_LOST_EXTENDED, MYSQL_LOST},
	{CR_MALFORMED_PACKET, MYSQL_LOST},
	{CR_COMMANDS_OUT_OF_SYNC, MYSQL_LOST},
	{CR_SSL_CONNECTION_ERROR, MYSQL_LOST},
	{CR_STMT_CLOSED, MYSQL_LOST},
	{ER_CON_COUNT_ERROR, MYSQL_LOST},
	{ER_TOO_MANY_USER_CONNECTIONS, MYSQL_LOST},
	{ER_SERVER_SHUTDOWN, MYSQL_LOST},
	{ER_NET_READ_ERROR, MYSQL_LOST},
	{ER_NET_READ_INTERRUPTED, MYSQL_LOST},
	{ER_NET_ERROR_ON_WRITE, MYSQL_LOST},
	{ER_NET_WRITE_INTERRUPTED, MYSQL_LOST},
	{ER_NEW_ABORTING_CONNECTION, MYSQL_LOST},
	{ER_CONNECTION_KILLED, MYSQL_LOST},

	{ER_LOCK_DEADLOCK, MYSQL_RETRY},
	{ER_DUP_ENTRY, MYSQL_RETRY}, /* looked for and not found before */
	{ER_CHECKREAD, MYSQL_RETRY},
	{ER_NEED_REPREPARE, MYSQL_RETRY},

	{ER_UNKNOWN_COM_ERROR, MYSQL_LATER}, /* WSREP is not ready */
	{ER_LOCK_WAIT_TIMEOUT, MYSQL_LATER},
	{ER_LOCK_TABLE_FULL, MYSQL_LATER},
	{ER_OPTION_PREVENTS_STATEMENT, MYSQL_LATER}, /* --read-only */
	{ER_READ_ONLY_MODE, MYSQL_LATER},
	{ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION, MYSQL_LATER},
	{ER_DISK_FULL, MYSQL_LATER},
	{ER_RECORD_FILE_FULL, MYSQL_LATER},
	{ER_ERROR_ON_WRITE, MYSQL_LATER},
	{ER_ERROR_ON_READ, MYSQL_LATER},
	{ER_ERROR_DURING_COMMIT, MYSQL_LATER},
	{ER_GET_ERRNO, MYSQL_LATER},
	{ER_OUTOFMEMORY, MYSQL_LATER},
	{ER_OUT_OF_SORTMEMORY, MYSQL_LATER},
	{ER_OUT_OF_RESOURCES, MYSQL_LATER},
	{CR_OUT_OF_MEMORY, MYSQL_LATER},
	{ER_USER_LIMIT_REACHED, MYSQL_LATER},
	{ER_QUERY_INTERRUPTED, MYSQL_LATER},
	{ER_STATEMENT_TIMEOUT, MYSQL_LATER},
	{ER_CRASHED_ON_USAGE, MYSQL_LATER},
	{ER_BINLOG_STMT_MODE_AND_ROW_ENGINE, MYSQL_LATER},
	/* Not the record's fault either: somebody must grant it. */
	{ER_DBACCESS_DENIED_ERROR, MYSQL_LATER},
	{ER_ACCESS_DENIED_ERROR, MYSQL_LATER},
	{ER_TABLEACCESS_DENIED_ERROR, MYSQL_LATER},
	{ER_COLUMNACCESS_DENIED_ERROR, MYSQL_LATER},
	{ER_SPECIFIC_ACCESS_DENIED_ERROR, MYSQL_LATER},
	{ER_BAD_DB_ERROR, MYSQL_LATER},

	{ER_NO_SUCH_TABLE, MYSQL_SCHEMA},
	{ER_BAD_FIELD_ERROR, MYSQL_SCHEMA},
};

enum mysql_class mysql_class_of(unsigned error)
{
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (classes[i].error == error)
			return classes[i].class;
	return MYSQL_REFUSED;
}

/* --- errors --------------------------------------------------------------- */

static const char *host_of(const struct db_url *u)
{
	return u->socket[0] ? u->socket : u->host;
}

int mysql_db_why(struct mysql_db *db, MYSQL_STMT *stmt, const char *doing,
		 char why[SINK_WHY])
{
	const char *text = stmt ? mysql_stmt_error(stmt) : mysql_error(db->c);
	enum mysql_class class;

	db->error = stmt ? mysql_stmt_errno(stmt) : mysql_errno(db->c);
	class = mysql_class_of(db->error);
	if (!db->error)
		text = "no memory";
	snprintf(why, SINK_WHY,
		 "the database %.64s on %.108s cannot %s: %.220s (%u)",
		 db->url->database, host_of(db->url), doing, text, db->error);
	if (class == MYSQL_LOST)
		mysql_db_close(db);
	if (class == MYSQL_SCHEMA)
		return -ESTALE;
	return class == MYSQL_REFUSED && db->error ? -EIO : -EAGAIN;
}

/* --- connecting ----------------------------------------------------------- */

/* As the word is understood of MySQL's own programs: required is encrypted. */
static bool verifies(const struct db_url *u)
{
	return u->ca[0] || u->tls == DB_TLS_VERIFY;
}

static void set_tls(MYSQL *c, const struct db_url *u)
{
	my_bool yes = 1;

	if (u->tls == DB_TLS_OFF || u->socket[0])
		return;
	if (u->ca[0])
		mysql_optionsv(c, MYSQL_OPT_SSL_CA, u->ca);
	mysql_optionsv(c, MYSQL_OPT_SSL_ENFORCE, &yes);
	if (verifies(u))
		mysql_optionsv(c, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &yes);
}

static void set_options(MYSQL *c, const struct db_url *u)
{
	unsigned protocol =
		u->socket[0] ? MYSQL_PROTOCOL_SOCKET : MYSQL_PROTOCOL_TCP;
	unsigned connect_s = u->timeout_s < 10 ? u->timeout_s : 10;
	unsigned off = 0;

	mysql_optionsv(c, MYSQL_OPT_CONNECT_TIMEOUT, &connect_s);
	mysql_optionsv(c, MYSQL_OPT_READ_TIMEOUT, &u->timeout_s);
	mysql_optionsv(c, MYSQL_OPT_WRITE_TIMEOUT, &u->timeout_s);
	mysql_optionsv(c, MYSQL_OPT_PROTOCOL, &protocol);
	mysql_optionsv(c, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	/* The server must not ask for our files. */
	mysql_optionsv(c, MYSQL_OPT_LOCAL_INFILE, &off);
	set_tls(c, u);
}

/* -EAGAIN, or what somebody must put right. */
static int connect_error(const struct mysql_db *db, char why[SINK_WHY])
{
	const struct db_url *u = db->url;

	snprintf(why, SINK_WHY,
		 "cannot reach the database %.64s on %.108s: "
		 "%.220s (%u)",
		 u->database, host_of(u), mysql_error(db->c), db->error);
	switch (db->error) {
	case ER_ACCESS_DENIED_ERROR:
	case ER_DBACCESS_DENIED_ERROR:
	case ER_BAD_DB_ERROR:
	case ER_NOT_SUPPORTED_AUTH_MODE:
	case CR_AUTH_PLUGIN_CANNOT_LOAD:
		return -EACCES;
	case CR_SSL_CONNECTION_ERROR:
		return -EPROTO;
	default:
		return -EAGAIN;
	}
}

static int no_tls(const struct mysql_db *db, char why[SINK_WHY])
{
	snprintf(why, SINK_WHY,
		 "the database server %.108s speaks no TLS, which the URL "
		 "asks for (tls, ca)",
		 db->url->host);
	return -EPROTO;
}

static bool has_bulk(MYSQL *c)
{
	unsigned long caps = 0;

	return !mariadb_get_infov(
		       c, MARIADB_CONNECTION_EXTENDED_SERVER_CAPABILITIES,
		       &caps) &&
	       caps & (MARIADB_CLIENT_STMT_BULK_OPERATIONS >> 32);
}

static int begin_session(struct mysql_db *db, char why[SINK_WHY])
{
	int64_t max = 0;
	int err = mysql_db_run(db, session, "begin a session", why);

	if (!err)
		err = mysql_db_run(db, isolation, "begin a session", why);
	if (err)
		return err;
	err = mysql_db_number(db, "SELECT @@max_allowed_packet", &max, why);
	if (err)
		return err;
	db->max_packet = max > 65536 ? (unsigned long)max : 65536;
	db->bulk = has_bulk(db->c);
	return 0;
}

static int log_in(struct mysql_db *db, const char *password, char why[SINK_WHY])
{
	const struct db_url *u = db->url;
	const char *socket = u->socket[0] ? u->socket : NULL;

	if (!mysql_real_connect(db->c, socket ? "localhost" : u->host, u->user,
				password, u->database, u->port, socket, 0)) {
		db->error = mysql_errno(db->c);
		return connect_error(db, why);
	}
	if ((u->tls == DB_TLS_REQUIRED || verifies(u)) && !socket &&
	    !mysql_get_ssl_cipher(db->c))
		return no_tls(db, why);
	return begin_session(db, why);
}

int mysql_db_connect(struct mysql_db *db, char why[SINK_WHY])
{
	char password[DB_PASSWORD];
	int err;

	if (db->c)
		return 0;
	err = db_password_read(db->password_file, password, why);
	if (err)
		return err;
	db->c = mysql_init(NULL);
	if (!db->c) {
		snprintf(why, SINK_WHY,
			 "no memory for a connection to the "
			 "database");
		err = -EAGAIN;
	} else {
		set_options(db->c, db->url);
		err = log_in(db, password, why);
	}
	explicit_bzero(password, sizeof(password));
	if (err)
		mysql_db_close(db);
	return err;
}

void mysql_db_close(struct mysql_db *db)
{
	if (db->c)
		mysql_close(db->c);
	db->c = NULL;
}

/* --- statements ----------------------------------------------------------- */

static int run_text(struct mysql_db *db, const char *sql, size_t len,
		    const char *doing, char why[SINK_WHY])
{
	MYSQL_RES *res;

	if (mysql_real_query(db->c, sql, len))
		return mysql_db_why(db, NULL, doing, why);
	res = mysql_store_result(db->c);
	mysql_free_result(res);
	return 0;
}

int mysql_db_run(struct mysql_db *db, const char *sql, const char *doing,
		 char why[SINK_WHY])
{
	return run_text(db, sql, strlen(sql), doing, why);
}

int mysql_db_run_buf(struct mysql_db *db, struct outbuf *sql, const char *doing,
		     char why[SINK_WHY])
{
	int err = -ENOMEM;

	if (!sql->failed)
		err = run_text(db, sql->p, sql->len, doing, why);
	else
		snprintf(why, SINK_WHY, "no memory to %s", doing);
	outbuf_reset(sql);
	return err;
}

int mysql_db_query(struct mysql_db *db, const char *sql, size_t len,
		   mysql_row_fn *fn, void *arg, char why[SINK_WHY])
{
	MYSQL_RES *res;
	MYSQL_ROW v;
	int err = 0;

	if (mysql_real_query(db->c, sql, len) ||
	    !(res = mysql_store_result(db->c)))
		return mysql_db_why(db, NULL, "answer", why);
	while (!err && (v = mysql_fetch_row(res)))
		err = fn(arg, v, mysql_fetch_lengths(res));
	mysql_free_result(res);
	return err;
}

static int take_number(void *arg, char **v, const unsigned long *len)
{
	int64_t *out = arg;

	(void)len;
	if (*out == -1 && v[0])
		*out = strtoll(v[0], NULL, 10);
	return 0;
}

int mysql_db_number(struct mysql_db *db, const char *sql, int64_t *out,
		    char why[SINK_WHY])
{
	int64_t n = -1;
	int err = mysql_db_query(db, sql, strlen(sql), take_number, &n, why);

	if (!err)
		*out = n;
	return err;
}

void mysql_db_quote(struct mysql_db *db, struct outbuf *sql, struct slice text)
{
	char *to;

	outbuf_char(sql, '\'');
	to = outbuf_grow(sql, 2 * text.len + 1);
	if (to)
		sql->len -= 2 * text.len + 1 -
			    mysql_real_escape_string(
				    db->c, to, (const char *)text.p, text.len);
	outbuf_char(sql, '\'');
}
