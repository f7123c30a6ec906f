/* The legs of a call: all calls of its group, itself among them. */
#include <errno.h>
#include <string.h>

#include "storage/query.h"
#include "web/api_call.h"
#include "web/rows.h"

#define LEGS_MAX 100

/* Its group, kept in mem; p NULL: it has none. 0; -ENOENT; -errno. */
static int group_of(struct web_request *rq, const char *uid, struct slice *out,
		    char why[DB_WHY])
{
	struct query q = {.limit = 1};
	struct db_rows *rows = NULL;
	int got = 0;
	int err = query_add(&q, QUERY_UID, slice_str(uid), why);

	if (err)
		return -ENOENT;
	err = query_run(&q, "uid, group_id", rq->db, &rows, why);
	if (!err)
		got = db_next(rows, why);
	if (got > 0) {
		struct db_value v = db_cell(rows, 1);

		*out = v.type == DB_TEXT && v.s.len ? arena_keep(rq->mem, v.s)
						    : (struct slice){0};
	}
	db_rows_close(rows);
	if (!err && got == 0)
		return -ENOENT;
	return err ? err : got < 0 ? got : 0;
}

static int put_legs(struct web_request *rq, struct outbuf *b,
		    const struct query *q, char why[DB_WHY])
{
	struct rows_list list = {.b = b, .mask = rows_mask_of(rq)};
	struct db_rows *rows = NULL;
	int got = 0, err = query_run(q, rows_of_calls, rq->db, &rows, why);

	outbuf_str(b, "{\"calls\":[");
	while (!err && (got = db_next(rows, why)) > 0)
		err = rows_list_put(&list, rows);
	outbuf_str(b, "]}\n");
	db_rows_close(rows);
	if (!err && b->failed)
		return -ENOMEM;
	return err ? err : got;
}

int api_call_legs(struct web_request *rq, struct web_answer *an)
{
	struct query q = {.limit = LEGS_MAX};
	char uid[API_UID], why[DB_WHY] = "";
	struct slice group;
	int err;

	if (!rq->db)
		return web_fail_store(rq, an, NULL);
	api_call_uid(rq, uid);
	err = *uid ? group_of(rq, uid, &group, why) : -ENOENT;
	if (err == -ENOENT)
		return api_call_unknown(an, uid);
	if (!err)
		err = group.p ? query_add(&q, QUERY_GROUP, group, why)
			      : query_add(&q, QUERY_UID, slice_str(uid), why);
	if (!err)
		err = put_legs(rq, &an->body, &q, why);
	if (err)
		return api_call_fail(rq, an, err, why);
	an->cache = WEB_CACHE_ASK;
	return 0;
}
