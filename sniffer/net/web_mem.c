#include "sniffer/net/web_mem.h"

#include <stdlib.h>

enum {
	FIRST = 512, /* bytes */
	KEPT = 4096, /* a cleared buffer may stay so large */
};

/* Room for so many bytes more? */
static bool within(struct web_mem *m, size_t size)
{
	if (m->held <= m->cfg.total_bytes &&
	    size <= m->cfg.total_bytes - m->held)
		return true;
	counters_add(m->counters, "web.memory_limit", 1);
	return false;
}

void *web_alloc(struct web_mem *m, size_t size)
{
	void *p;

	if (!within(m, size))
		return NULL;
	p = calloc(1, size);
	if (p)
		m->held += size;
	else
		counters_add(m->counters, "web.no_memory", 1);
	return p;
}

void web_free(struct web_mem *m, void *p, size_t size)
{
	if (p)
		m->held -= size;
	free(p);
}

static bool grow(struct web_buf *b, struct web_mem *m, size_t need)
{
	size_t size = b->size ? b->size : FIRST;
	uint8_t *p;

	while (size < need)
		size *= 2;
	if (size == b->size)
		return true;
	if (!within(m, size - b->size))
		return false;
	p = realloc(b->p, size);
	if (!p) {
		counters_add(m->counters, "web.no_memory", 1);
		return false;
	}
	m->held += size - b->size;
	b->p = p;
	b->size = size;
	return true;
}

bool web_buf_add(struct web_buf *b, struct web_mem *m, struct slice s,
		 size_t max)
{
	struct slice part = slice_head(s, max > b->len ? max - b->len : 0);

	if (!part.len)
		return s.len == 0;
	if (!grow(b, m, b->len + part.len))
		return false;
	memcpy(b->p + b->len, part.p, part.len);
	b->len += part.len;
	return part.len == s.len;
}

void web_buf_drop(struct web_buf *b, size_t n)
{
	if (n < b->len)
		memmove(b->p, b->p + n, b->len - n);
	b->len = n < b->len ? b->len - n : 0;
}

void web_buf_clear(struct web_buf *b, struct web_mem *m)
{
	b->len = 0;
	if (b->size > KEPT)
		web_buf_free(b, m);
}

void web_buf_free(struct web_buf *b, struct web_mem *m)
{
	web_free(m, b->p, b->size);
	*b = (struct web_buf){0};
}
