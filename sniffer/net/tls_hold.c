#include "sniffer/net/tls_hold.h"

#include <stdlib.h>

static size_t size_of(const struct tls_held *e)
{
	return sizeof(*e) + e->len;
}

struct tls_held *tls_hold_take(struct tls_hold *h, struct tls_mem *m)
{
	struct tls_held *e = h->first;

	if (!e)
		return NULL;
	h->first = e->next;
	if (!h->first)
		h->last = NULL;
	h->bytes -= size_of(e);
	h->count--;
	m->held -= size_of(e);
	return e;
}

void tls_hold_clear(struct tls_hold *h, struct tls_mem *m)
{
	struct tls_held *e;

	while ((e = tls_hold_take(h, m)))
		free(e);
}

static bool has_room(const struct tls_hold *h, const struct tls_mem *m,
		     size_t size)
{
	return h->bytes + size <= m->hold_bytes &&
	       m->held + size <= m->total_bytes;
}

/* Makes room for one more; what was missing before those that go is missing
 * before what follows them, which may be the new one. */
static bool make_room(struct tls_hold *h, struct tls_mem *m,
		      struct tls_held *new)
{
	unsigned missing = 0;
	bool dropped = false;
	struct tls_held *e;

	while (!has_room(h, m, size_of(new)) && (e = tls_hold_take(h, m))) {
		missing += e->missing;
		dropped = true;
		free(e);
		counters_add(m->counters, "tls.hold_limit", 1);
	}
	e = h->first ? h->first : new;
	e->missing += missing;
	e->gap |= dropped;
	if (has_room(h, m, size_of(new)))
		return true;
	counters_add(m->counters, "tls.hold_limit", 1);
	return false;
}

bool tls_hold_put(struct tls_hold *h, struct tls_mem *m,
		  const struct tls_held *like, struct slice record)
{
	struct tls_held *e, new = *like;

	new.next = NULL;
	new.len = record.len;
	if (!m->hold_bytes || !make_room(h, m, &new))
		return false;
	e = malloc(size_of(&new));
	if (!e) {
		counters_add(m->counters, "tls.no_memory", 1);
		return false;
	}
	*e = new;
	memcpy(e->bytes, record.p, record.len);
	if (h->last)
		h->last->next = e;
	else
		h->first = e;
	h->last = e;
	h->bytes += size_of(e);
	h->count++;
	m->held += size_of(e);
	return true;
}
