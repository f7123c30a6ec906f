/* The result of a stream that goes on: it is ended, and put back as it was. */
#include <errno.h>
#include <stdlib.h>

#include "sniffer/media/stream_extra.h"

/* What ending a stream changes or frees, apart from its struct. */
struct parts {
	struct stream_pt *pts;
	struct slices_row *rows;
	struct stream_arrival *history;
	struct stream_extra *extra;
	struct parity *parity;
};

/* A copy of n bytes, NULL when there is nothing; *ok goes without memory. */
static void *copy(const void *p, size_t n, bool *ok)
{
	void *to = NULL;

	if (p && n && !(to = malloc(n)))
		*ok = false;
	if (to)
		memcpy(to, p, n);
	return to;
}

static void parts_free(struct parts *p)
{
	free(p->pts);
	free(p->rows);
	free(p->history);
	free(p->parity);
	free(p->extra);
}

static bool parts_copy(const struct stream *s, struct parts *p)
{
	bool ok = true;

	*p = (struct parts){
		.pts = copy(s->pts, s->pts_n * sizeof(*s->pts), &ok),
		.rows = copy(s->slices.v, s->slices.n * sizeof(*s->slices.v),
			     &ok),
		.history = copy(s->history, s->history_n * sizeof(*s->history),
				&ok),
		.extra = copy(s->extra, sizeof(*s->extra), &ok),
	};
	if (p->extra)
		p->parity =
			copy(p->extra->repair.parity, sizeof(*p->parity), &ok);
	if (p->extra && ok)
		p->extra->repair.parity = p->parity;
	if (!ok)
		parts_free(p);
	return ok;
}

/* Of an environment that other threads go on using: what is fixed. */
static struct stream_env env_aside(const struct stream_env *e)
{
	return (struct stream_env){
		.room = e->room,
		.slices_max = e->slices_max,
		.g711_plc = e->g711_plc,
		.hold_bytes = e->hold_bytes,
		.heard = e->heard,
		.heard_arg = e->heard_arg,
		.told = e->told,
	};
}

/* Others find the stream by its address: so it stays where it is, and works
 * with copies meanwhile. What it counts by name is not counted twice. */
int stream_peek(struct stream *s, struct arena *mem, struct cdr_stream *out)
{
	struct stream_env env = env_aside(s->env);
	struct counters aside;
	struct stream was;
	struct parts p;

	if (!parts_copy(s, &p))
		return -ENOMEM;
	was = *s;
	aside.len = 0; /* its rows are many, and written first */
	aside.lock = NULL;
	env.counters = &aside;
	/* cppcheck-suppress autoVariables ; *s is put back below */
	s->env = &env;
	s->pts = p.pts;
	s->slices.v = p.rows;
	s->slices.size = s->slices.n;
	s->history = p.history;
	s->extra = p.extra;
	stream_result(s, mem, out);
	/* They may have moved, the history may have been gone through. */
	p.pts = s->pts;
	p.rows = s->slices.v;
	p.history = s->history;
	*s = was;
	parts_free(&p);
	return 0;
}
