/* Calls as lines of text: JSON as in the report, or CSV. */
#include <errno.h>

#include "sniffer/export/export.h"
#include "storage/stored.h"

#define PAGE 10000 /* rows that are asked for at a time */

static int put_row(struct export_job *job, struct out *o, struct db_rows *rows,
		   char why[EXPORT_WHY])
{
	int err = 0;

	if (job->format == EXPORT_JSON)
		err = stored_put_json(&o->buf, job->db, rows, why);
	else
		stored_put_csv(&o->buf, rows);
	job->found++;
	return err ? err : out_put(o, why);
}

/* The uid is the first column. *n: how many there were. */
static int put_page(struct export_job *job, struct out *o, struct query *q,
		    const char *columns, size_t *n, char why[EXPORT_WHY])
{
	struct db_rows *rows;
	int got = 0, err = query_run(q, columns, job->db, &rows, why);

	*n = 0;
	if (err)
		return err;
	while (!err && (got = db_next(rows, why)) > 0) {
		struct db_value uid = db_cell(rows, 0);

		if (uid.type == DB_TEXT && uid.s.len == ULID_SIZE - 1)
			memcpy(q->after, uid.s.p, ULID_SIZE - 1);
		err = put_row(job, o, rows, why);
		++*n;
	}
	db_rows_close(rows);
	return err ? err : got;
}

static int put_pages(struct export_job *job, struct out *o, const char *columns,
		     char why[EXPORT_WHY])
{
	struct query q = job->query;
	size_t n;
	int err;

	if (job->format == EXPORT_CSV)
		stored_put_csv_header(&o->buf);
	do {
		q.limit = PAGE;
		if (job->query.limit && job->query.limit - job->found < PAGE)
			q.limit = job->query.limit - job->found;
		err = put_page(job, o, &q, columns, &n, why);
	} while (!err && n == PAGE && job->found != job->query.limit &&
		 !export_stopped(job));
	return err;
}

int export_rows(struct export_job *job, char why[EXPORT_WHY])
{
	struct outbuf columns = {0};
	struct out o;
	int err;

	stored_columns(&columns);
	outbuf_char(&columns, '\0');
	if (columns.failed) {
		outbuf_free(&columns);
		snprintf(why, EXPORT_WHY, "out of memory");
		return -ENOMEM;
	}
	err = out_open(&o, job->to, job->force, false, why);
	if (!err) {
		err = put_pages(job, &o, columns.p, why);
		if (!err)
			err = export_check_stop(job, why);
		if (!err && job->found)
			err = out_close(&o, why);
		out_drop(&o);
	}
	outbuf_free(&columns);
	if (!err && job->found && strcmp(job->to, "-")) {
		job->files++;
		export_say(job, "%s: %llu calls", job->to,
			   (unsigned long long)job->found);
	}
	return err;
}
