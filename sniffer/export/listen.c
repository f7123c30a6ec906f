#include "sniffer/export/listen.h"

#include <errno.h>
#include <stdlib.h>

#define STREAMS_MAX 65536

static struct heard *heard_of(struct listen *l, uint32_t serial)
{
	size_t size = l->n ? l->n : 16;
	struct heard *v;

	if (serial == 0 || serial > STREAMS_MAX)
		return NULL;
	while (size < serial)
		size *= 2;
	if (size > l->n) {
		v = realloc(l->v, size * sizeof(*v));
		if (!v)
			return NULL;
		memset(v + l->n, 0, (size - l->n) * sizeof(*v));
		l->v = v;
		l->n = size;
	}
	return &l->v[serial - 1];
}

static void on_payload(void *arg, const struct media_payload *p)
{
	struct listen *l = arg;
	struct heard *h = heard_of(l, p->serial);
	size_t size = sizeof(struct heard_payload) + p->data.len;
	struct heard_payload *kept = NULL;

	if (!p->data.len) /* cut when it was recorded */
		return;
	if (h && p->data.len <= UINT16_MAX && l->bytes + size <= l->bytes_max)
		kept = arena_alloc(l->mem, size);
	if (!kept) {
		l->left_out++;
		return;
	}
	kept->ts_ns = p->ts_ns;
	kept->ext = p->ext;
	kept->ts = p->ts;
	kept->pt = p->pt;
	kept->opened = p->opened;
	kept->len = (uint16_t)p->data.len;
	memcpy(kept->data, p->data.p, p->data.len);
	l->bytes += size;
	if (h->n++)
		h->last->next = kept;
	else
		h->first = kept;
	h->last = kept;
}

int listen_to(struct listen *l, struct export_job *job,
	      const struct export_call *call, char why[EXPORT_WHY])
{
	struct walk_watch watch = {.heard = on_payload, .arg = l};

	*l = (struct listen){.mem = arena_new(65536, 0),
			     .bytes_max = job->memory_max ? job->memory_max
							  : LISTEN_BYTES_MAX};
	if (!l->mem) {
		snprintf(why, EXPORT_WHY, "out of memory");
		return -ENOMEM;
	}
	return walk_call(&l->walk, job, call, &watch, why);
}

void listen_close(struct listen *l)
{
	walk_close(&l->walk);
	arena_free(l->mem);
	free(l->v);
	*l = (struct listen){0};
}

const struct heard *listen_stream(const struct listen *l,
				  const struct cdr_stream *s)
{
	if (!s->serial || s->serial > l->n || !l->v[s->serial - 1].n)
		return NULL;
	return &l->v[s->serial - 1];
}
