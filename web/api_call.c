#include "web/api_call.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "storage/query.h"
#include "storage/stored.h"
#include "web/masking.h"
#include "web/web_priv.h"

#define POINTS	   1000 /* of a waveform, unless more are asked for */
#define POINTS_MAX 8000

void api_call_uid(const struct web_request *rq, char uid[API_UID])
{
	struct slice s = rq->arg[0];

	if (s.len >= API_UID)
		s.len = 0;
	memcpy(uid, s.p, s.len);
	uid[s.len] = '\0';
}

const struct web_packets *api_call_packets(const struct web_request *rq)
{
	return &rq->web->cfg.backend.packets;
}

int api_call_fail(struct web_request *rq, struct web_answer *an, int err,
		  const char *why)
{
	switch (err) {
	case -ENOENT:
		return web_fail(an, 404, "not_found", "%s", why);
	case -ENODATA:
	case -EFBIG:
		return web_fail(an, 409, "unavailable", "%s", why);
	case -EBUSY:
	case -EINTR:
		return web_fail(an, 503, "timeout", "%s", why);
	case -ENOMEM:
		return err;
	default:
		return web_fail_store(rq, an, why);
	}
}

int api_call_unknown(struct web_answer *an, const char *uid)
{
	return web_fail(an, 404, "not_found",
			"there is no call %s: it was deleted by age, or its "
			"record is not written yet",
			uid);
}

/* --- the record ----------------------------------------------------------- */

/* One that has no record yet. */
static int put_open(struct web_request *rq, struct web_answer *an,
		    const char *uid)
{
	const struct web_packets *p = api_call_packets(rq);
	char why[DB_WHY] = "";
	int err = p->open_call ? p->open_call(p->arg, uid, &an->body, why)
			       : -ENOENT;

	if (err == -ENOENT)
		return api_call_unknown(an, uid);
	if (err)
		return api_call_fail(rq, an, err, why);
	web_mask_json(rq, &an->body, 0);
	return 0;
}

static int put_record(struct web_request *rq, struct web_answer *an,
		      const struct query *q, const char *columns,
		      const char *uid)
{
	struct db_rows *rows = NULL;
	char why[DB_WHY] = "";
	int got = 0;
	int err = query_run(q, columns, rq->db, &rows, why);

	if (!err)
		got = db_next(rows, why);
	if (got > 0)
		err = stored_put_json(&an->body, rq->db, rows, why);
	db_rows_close(rows);
	if (err == -ENOMEM)
		return err;
	if (err || got < 0)
		return web_fail_store(rq, an, why);
	if (!got)
		return put_open(rq, an, uid);
	web_mask_json(rq, &an->body, 0);
	an->cache = WEB_CACHE_ASK;
	return 0;
}

int api_call(struct web_request *rq, struct web_answer *an)
{
	struct outbuf columns = {0};
	struct query q = {.limit = 1};
	char uid[API_UID], why[DB_WHY];
	int err = -ENOMEM;

	api_call_uid(rq, uid);
	if (!rq->db)
		return web_fail_store(rq, an, NULL);
	if (!*uid || query_add(&q, QUERY_UID, slice_str(uid), why))
		return api_call_unknown(an, uid);
	stored_columns(&columns);
	outbuf_char(&columns, '\0');
	if (!columns.failed)
		err = put_record(rq, an, &q, columns.p, uid);
	outbuf_free(&columns);
	return err;
}

int api_call_json(struct web_request *rq, struct web_answer *an)
{
	char uid[API_UID];
	int err = api_call(rq, an);

	api_call_uid(rq, uid);
	if (!err && an->status < 400)
		snprintf(an->filename, sizeof(an->filename), "%s.json", uid);
	return err;
}

/* --- what its packets tell ------------------------------------------------ */

static int done(struct web_request *rq, struct web_answer *an, int err,
		const char *why)
{
	if (err)
		return api_call_fail(rq, an, err, why);
	if (an->body.failed)
		return -ENOMEM;
	an->cache = WEB_CACHE_ASK;
	return 0;
}

int api_call_messages(struct web_request *rq, struct web_answer *an)
{
	const struct web_packets *p = api_call_packets(rq);
	char uid[API_UID], why[DB_WHY] = "";
	int err;

	api_call_uid(rq, uid);
	if (!rq->db)
		return web_fail_store(rq, an, NULL);
	err = p->messages(p->arg, rq->db, uid, rq->role >= WEB_ANALYST,
			  &an->body, why);
	return done(rq, an, err, why);
}

int api_call_timeline(struct web_request *rq, struct web_answer *an)
{
	const struct web_packets *p = api_call_packets(rq);
	char uid[API_UID], why[DB_WHY] = "";
	int err;

	api_call_uid(rq, uid);
	if (!rq->db)
		return web_fail_store(rq, an, NULL);
	err = p->timeline(p->arg, rq->db, uid, &an->body, why);
	return done(rq, an, err, why);
}

int api_call_peaks(struct web_request *rq, struct web_answer *an)
{
	const struct web_packets *p = api_call_packets(rq);
	char uid[API_UID], why[DB_WHY] = "";
	uint64_t points;
	int err;

	if (web_param_u64(rq, "points", 1, POINTS_MAX, POINTS, &points))
		return web_fail(an, 400, "bad_request",
				"points is a number from 1 to %d", POINTS_MAX);
	api_call_uid(rq, uid);
	if (!rq->db)
		return web_fail_store(rq, an, NULL);
	err = p->peaks(p->arg, rq->db, uid, points, &an->body, why);
	return done(rq, an, err, why);
}
