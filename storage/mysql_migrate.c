#include "storage/migrate.h"
#include "storage/mysql_schema.h"

/* An index may take hours on old data: the server is not given up meanwhile. */
#define PATIENCE_S 86400

static int mysql_all(struct mysql_db *db, bool look, schema_step_fn *step,
		     void *arg, struct migrate_result *out, char why[SINK_WHY])
{
	int have, err = mysql_schema_version(db, &have, why);

	if (!err)
		err = migrate_look(sql_mysql_files, db->url->database, have,
				   look ? step : NULL, arg, out, why);
	if (err || look || !out->pending)
		return err;
	err = mysql_schema_apply(db, step, arg, why);
	if (!err)
		err = mysql_schema_version(db, &out->after, why);
	out->pending = 0;
	return err;
}

int migrate_mysql(const struct db_url *url, const char *password_file,
		  bool look, schema_step_fn *step, void *arg,
		  struct migrate_result *out, char why[SINK_WHY])
{
	struct db_url patient = *url;
	struct mysql_db db = {.url = &patient, .password_file = password_file};
	int err;

	patient.timeout_s = PATIENCE_S;
	err = mysql_db_connect(&db, why);
	if (!err)
		err = mysql_all(&db, look, step, arg, out, why);
	mysql_db_close(&db);
	return err;
}
