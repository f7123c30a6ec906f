#include "sniffer/export/timeline.h"

#include <errno.h>
#include <stdlib.h>

#include "sniffer/export/timeline_priv.h"

/* --- the object ----------------------------------------------------------- */

static void put_time(struct outbuf *b, const char *key, uint64_t ns)
{
	outbuf_str(b, key);
	outbuf_time_or_null(b, ns);
}

struct head {
	const char *source, *why;
	uint64_t start_ns, end_ns, step_ns;
};

static void put_head(struct outbuf *b, const struct head *h)
{
	outbuf_str(b, "{\"source\":\"");
	outbuf_str(b, h->source);
	outbuf_str(b, "\",\"why\":");
	if (h->why)
		outbuf_json(b, slice_str(h->why));
	else
		outbuf_str(b, "null");
	put_time(b, ",\"start\":", h->start_ns);
	put_time(b, ",\"end\":", h->end_ns);
	outbuf_str(b, ",\"step_ms\":");
	outbuf_u64(b, (h->step_ns ? h->step_ns : TIMELINE_STEP_NS) / 1000000);
	outbuf_str(b, ",\"streams\":[");
}

/* --- out of the recording ------------------------------------------------- */

static bool has_lines(const struct timeline *t)
{
	const struct cdr *cdr = t->walk.cdr;

	return cdr && cdr->call.streams_n && t->lines.origin_ns;
}

static void put_packets(struct outbuf *b, const struct timeline *t)
{
	struct head h = {
		.source = "packets",
		.why = t->walk.cut ? "reading the recording took too long: "
				     "this is its beginning"
				   : NULL,
		.start_ns = t->walk.first_ns,
		.end_ns = t->walk.last_ns,
		.step_ns = t->lines.step_ns,
	};

	put_head(b, &h);
	if (t->walk.cdr)
		timeline_put_lines(b, &t->lines, t->walk.cdr);
	outbuf_str(b, "],");
	events_put(b, &t->events, t->walk.cdr, t->walk.first_ns);
}

/* --- out of the store ----------------------------------------------------- */

/* What the recording has besides streams is there all the same, on the
 * axis of the slices. */
static int put_slices(struct outbuf *b, struct timeline *t,
		      const struct export_job *job, const char *uid,
		      const char *gone, char why[EXPORT_WHY])
{
	struct slices_found found;
	struct outbuf streams = {0};
	int err = timeline_slices(&streams, job->db, uid, &found, why);
	struct head h = {.source = "none", .why = gone};

	if (err)
		goto out;
	if (found.streams) {
		h = (struct head){"slices", gone, found.origin_ns, found.end_ns,
				  found.step_ns};
	} else if (t->walk.first_ns) {
		put_packets(b, t);
		goto out;
	}
	put_head(b, &h);
	outbuf_put(b, streams.p, streams.len);
	b->failed |= streams.failed;
	outbuf_str(b, "],");
	events_put(b, &t->events, t->walk.cdr, found.origin_ns);
out:
	outbuf_free(&streams);
	return err;
}

/* --- all of it ------------------------------------------------------------ */

static int watch_call(struct timeline *t, struct export_job *job,
		      const struct export_call *call, char why[EXPORT_WHY])
{
	struct walk_watch watch = {.media = &timeline_media_watch,
				   .engine = &timeline_engine_watch,
				   .arg = t};
	int err = -ENOMEM;

	t->events.mem = arena_new(4096, 0);
	if (t->events.mem)
		err = walk_call(&t->walk, job, call, &watch, why);
	else
		snprintf(why, EXPORT_WHY, "out of memory");
	lines_end(&t->lines);
	return err;
}

static int put(struct outbuf *out, struct timeline *t, struct export_job *job,
	       const struct export_call *call, char why[EXPORT_WHY])
{
	char gone[EXPORT_WHY] = "its media were not recorded";
	bool truncated;
	int err = watch_call(t, job, call, gone);

	if (err && err != -ENODATA) {
		snprintf(why, EXPORT_WHY, "%s", gone);
		return err;
	}
	err = 0;
	if (has_lines(t))
		put_packets(out, t);
	else
		err = put_slices(out, t, job, call->uid, gone, why);
	truncated = t->walk.cut || t->lines.truncated || t->events.truncated;
	outbuf_str(out, truncated ? ",\"truncated\":true}\n"
				  : ",\"truncated\":false}\n");
	return err;
}

int export_timeline(struct export_job *job, const struct export_call *call,
		    struct outbuf *out, char why[EXPORT_WHY])
{
	struct timeline *t = calloc(1, sizeof(*t));
	int err = -ENOMEM;

	if (t)
		err = put(out, t, job, call, why);
	if (!t || (!err && out->failed)) {
		snprintf(why, EXPORT_WHY, "out of memory");
		err = -ENOMEM;
	}
	if (t) {
		lines_free(&t->lines);
		events_free(&t->events);
		walk_close(&t->walk);
	}
	free(t);
	return err;
}
