/* A call as files: packets, sound. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "web/api_call.h"
#include "web/search.h"
#include "web/web_priv.h"

static const struct {
	const char *ending, *type;
} types[] = {
	{"pcap", "application/vnd.tcpdump.pcap"},
	{"pcapng", "application/x-pcapng"},
	{"wav", "audio/wav"},
};

static const char *type_of(const char *ending)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(types[i].ending, ending))
			return types[i].type;
	return "application/octet-stream";
}

static int send_file(struct web_answer *an, const struct web_packets_file *f,
		     const char *name)
{
	an->fd = f->fd;
	an->fd_len = f->len;
	an->type = type_of(f->ending);
	an->cache = WEB_CACHE_ASK;
	snprintf(an->etag, sizeof(an->etag), "%s", f->etag);
	snprintf(an->filename, sizeof(an->filename), "%s.%s", name, f->ending);
	return 0;
}

/* 0 or 1; -EINVAL when it is something else. */
static int flag(const struct web_request *rq, const char *name, bool initial,
		bool *out)
{
	uint64_t v;
	int err = web_param_u64(rq, name, 0, 1, initial, &v);

	if (!err)
		*out = v;
	return err;
}

/* What ask has stays where nothing is said. */
static int take_format(const struct web_request *rq,
		       enum web_packets_format *out)
{
	const char *name = web_param(rq, "format");

	if (!name || !*name)
		return 0;
	if (!strcmp(name, "pcap"))
		*out = WEB_PACKETS_PCAP;
	else if (!strcmp(name, "pcapng"))
		*out = WEB_PACKETS_PCAPNG;
	else
		return -EINVAL;
	return 0;
}

/* False: it has been answered. */
static bool take_ask(const struct web_request *rq, struct web_answer *an,
		     struct web_packets_ask *ask)
{
	if (!take_format(rq, &ask->format) &&
	    !flag(rq, "legs", false, &ask->legs) &&
	    !flag(rq, "keys", true, &ask->keys))
		return true;
	web_fail(an, 400, "bad_request",
		 "format is pcap or pcapng, legs and keys are 0 or 1");
	return false;
}

int api_call_pcap(struct web_request *rq, struct web_answer *an)
{
	const struct web_packets *p = api_call_packets(rq);
	char uid[API_UID], why[DB_WHY] = "";
	const char *uids[1] = {uid};
	struct web_packets_ask ask = {.uids = uids, .n = 1};
	struct web_packets_file f;
	int err;

	if (!take_ask(rq, an, &ask))
		return 0;
	if (!rq->db)
		return web_fail_store(rq, an, NULL);
	api_call_uid(rq, uid);
	err = p->pcap(p->arg, rq->db, &ask, &f, why);
	return err ? api_call_fail(rq, an, err, why) : send_file(an, &f, uid);
}

int api_call_wav(struct web_request *rq, struct web_answer *an)
{
	const struct web_packets *p = api_call_packets(rq);
	char uid[API_UID], why[DB_WHY] = "";
	struct web_packets_file f;
	int err;

	if (!rq->db)
		return web_fail_store(rq, an, NULL);
	api_call_uid(rq, uid);
	err = p->wav(p->arg, rq->db, uid, &f, why);
	return err ? api_call_fail(rq, an, err, why) : send_file(an, &f, uid);
}

/* --- of a search ---------------------------------------------------------- */

#define EXPORT_CALLS 1000

struct uids {
	struct arena *mem;
	const char *v[EXPORT_CALLS];
	size_t n;
};

static int take_uid(void *arg, struct db_rows *rows)
{
	struct db_value v = db_cell(rows, 0);
	struct uids *u = arg;

	if (v.type != DB_TEXT || u->n == EXPORT_CALLS)
		return 0;
	u->v[u->n] = arena_str(u->mem, v.s);
	return u->v[u->n] ? u->n++, 0 : -ENOMEM;
}

static int send_calls(struct web_request *rq, struct web_answer *an,
		      const struct uids *u, bool complete)
{
	const struct web_packets *p = api_call_packets(rq);
	struct web_packets_ask ask = {
		.uids = u->v,
		.n = u->n,
		.format = WEB_PACKETS_PCAP,
	};
	char why[DB_WHY] = "";
	struct web_packets_file f;
	int err;

	if (!u->n)
		return web_fail(an, 404, "not_found",
				"the search finds no call: widen it");
	if (!take_ask(rq, an, &ask))
		return 0;
	err = p->pcap(p->arg, rq->db, &ask, &f, why);
	if (err)
		return api_call_fail(rq, an, err, why);
	web_answer_header(rq, an, "X-Callscope-Complete",
			  complete ? "yes" : "no");
	return send_file(an, &f, "calls");
}

int api_export_pcap(struct web_request *rq, struct web_answer *an)
{
	struct uids *u = arena_alloc(rq->mem, sizeof(*u));
	struct query_found found;
	char why[DB_WHY] = "";
	struct search *s;
	int err;

	if (!u)
		return -ENOMEM;
	*u = (struct uids){.mem = rq->mem};
	if (!rq->db)
		return web_fail_store(rq, an, NULL);
	err = search_of(rq, an, EXPORT_CALLS, &s);
	if (err)
		return err > 0 ? 0 : err;
	s->ask.columns = "uid";
	err = query_search(&s->q, &s->ask, rq->db, take_uid, u, &found, why);
	if (err == -ENOMEM)
		return err;
	if (err)
		return search_failed(rq, an, err, why);
	return send_calls(rq, an, u, found.complete && !*found.next);
}
