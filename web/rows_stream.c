#include "web/rows_stream.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "web/rows.h"
#include "web/web_priv.h"

#define PAGE 500

/* Pages without a row before the stream lets others have the worker; and
 * those in all, so that no search goes on for ever. */
#define EMPTY_MAX 4
#define LATE_MAX  1000

struct rows_stream {
	struct web *web;
	struct db *db;
	struct search s;
	struct arena *mem; /* texts of the search */
	struct rows_mask mask;
	struct query_found found;
	char cursor[QUERY_CURSOR];
	struct outbuf out;
	size_t sent; /* of out */
	uint64_t left;
	unsigned late;
	bool csv, ended, complete;
};

static int put_row(void *arg, struct db_rows *rows)
{
	struct rows_stream *rs = arg;

	if (rs->csv) {
		rows_put_csv(&rs->out, rows, &rs->mask);
	} else {
		rows_put_json(&rs->out, rows, &rs->mask);
		outbuf_char(&rs->out, '\n');
	}
	return rs->out.failed ? -ENOMEM : 0;
}

/* A page more; sets ended behind the last. */
static int next_page(struct rows_stream *rs)
{
	char why[DB_WHY] = "";
	int err;

	rs->s.ask.limit = rs->left < PAGE ? rs->left : PAGE;
	rs->s.ask.cursor = rs->cursor;
	err = query_search(&rs->s.q, &rs->s.ask, rs->db, put_row, rs,
			   &rs->found, why);
	if (err)
		return err;
	rs->left -= rs->found.rows;
	rs->late += rs->found.rows == 0;
	memcpy(rs->cursor, rs->found.next, sizeof(rs->cursor));
	/* In order of time the next page goes on where the time was over. */
	rs->ended = !rs->cursor[0] || !rs->left || rs->late > LATE_MAX;
	rs->complete = !rs->cursor[0] && rs->found.complete;
	return 0;
}

static ssize_t read_rows(void *arg, char *buf, size_t max)
{
	struct rows_stream *rs = arg;
	size_t n;

	if (rs->sent == rs->out.len) {
		outbuf_reset(&rs->out);
		rs->sent = 0;
	}
	for (unsigned i = 0; !rs->out.len && !rs->ended; i++) {
		if (i == EMPTY_MAX)
			return WEB_STREAM_NOTHING;
		if (atomic_load(&rs->web->stopping) || next_page(rs))
			return WEB_STREAM_BROKEN;
	}
	n = rs->out.len - rs->sent;
	if (!n)
		return WEB_STREAM_END;
	if (n > max)
		n = max;
	memcpy(buf, rs->out.p + rs->sent, n);
	rs->sent += n;
	return (ssize_t)n;
}

static const char *is_complete(void *arg)
{
	const struct rows_stream *rs = arg;

	return rs->complete ? "yes" : "no";
}

static void close_rows(void *arg)
{
	struct rows_stream *rs = arg;

	db_close(rs->db);
	arena_free(rs->mem);
	outbuf_free(&rs->out);
	free(rs);
}

/* Its texts are the request's: they are copied. */
static bool keep_search(struct rows_stream *rs, const struct search *s)
{
	rs->s = *s;
	snprintf(rs->cursor, sizeof(rs->cursor), "%s", s->ask.cursor);
	for (size_t i = 0; i < s->q.n; i++) {
		struct slice v = s->q.term[i].value;

		rs->s.q.term[i].value = arena_keep(rs->mem, v);
		if (v.len && !rs->s.q.term[i].value.len)
			return false;
	}
	return true;
}

/* The names come first, also when there is no row. */
static int put_names(struct rows_stream *rs, char why[DB_WHY])
{
	struct db_rows *rows = NULL;
	struct outbuf sql = {0};
	int err = -ENOMEM;

	outbuf_str(&sql, "SELECT ");
	outbuf_str(&sql, rs->s.ask.columns);
	outbuf_str(&sql, " FROM cdr WHERE 1 = 0");
	outbuf_char(&sql, '\0');
	if (!sql.failed)
		err = db_query(rs->db, sql.p, NULL, 0, &rows, why);
	if (!err)
		rows_put_csv_header(&rs->out, rows);
	db_rows_close(rows);
	outbuf_free(&sql);
	return err;
}

int rows_stream(struct web_request *rq, struct web_answer *an,
		const struct search *s, bool csv)
{
	struct rows_stream *rs = calloc(1, sizeof(*rs));
	char why[DB_WHY] = "";
	int err = -ENOMEM;

	if (!rs)
		return -ENOMEM;
	rs->web = rq->web;
	rs->csv = csv;
	rs->mask = rows_mask_of(rq);
	rs->left = s->ask.limit;
	rs->mem = arena_new(4096, 0);
	if (rs->mem && keep_search(rs, s))
		err = web_db_open(rq->web, &rs->db, why);
	if (!err && csv)
		err = put_names(rs, why);
	if (err) {
		close_rows(rs);
		return err == -ENOMEM ? err : web_fail_store(rq, an, why);
	}
	an->type = csv ? "text/csv; charset=utf-8" : "application/x-ndjson";
	snprintf(an->filename, sizeof(an->filename), "calls.%s",
		 csv ? "csv" : "jsonl");
	an->stream = (struct web_stream){.read = read_rows,
					 .close = close_rows,
					 .complete = is_complete,
					 .arg = rs};
	return 0;
}
