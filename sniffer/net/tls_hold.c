#include "sniffer/net/tls_hold.h"

#include <stdlib.h>

void tls_hold_init(struct tls_hold *h)
{
	*h = (struct tls_hold){0};
	list_init(&h->list);
}

static size_t size_of(const struct tls_held *e)
{
	return sizeof(*e) + e->len;
}

struct tls_held *tls_hold_first(const struct tls_hold *h)
{
	struct list *it = list_first(&h->list);

	return it ? container_of(it, struct tls_held, list) : NULL;
}

void tls_hold_drop(struct tls_hold *h, struct tls_mem *m, struct tls_held *e)
{
	list_remove(&e->list);
	h->bytes -= size_of(e);
	h->count--;
	m->held -= size_of(e);
	free(e);
}

void tls_hold_move(struct tls_hold *from, struct tls_hold *to,
		   struct tls_held *e)
{
	list_remove(&e->list);
	list_append(&to->list, &e->list);
	from->bytes -= size_of(e);
	from->count--;
	to->bytes += size_of(e);
	to->count++;
}

void tls_hold_clear(struct tls_hold *h, struct tls_mem *m)
{
	struct tls_held *e;

	while ((e = tls_hold_first(h)))
		tls_hold_drop(h, m, e);
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

	while (!has_room(h, m, size_of(new)) && (e = tls_hold_first(h))) {
		missing += e->missing;
		dropped = true;
		tls_hold_drop(h, m, e);
		counters_add(m->counters, "tls.hold_limit", 1);
	}
	e = tls_hold_first(h) ? tls_hold_first(h) : new;
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
	list_append(&h->list, &e->list);
	h->bytes += size_of(e);
	h->count++;
	m->held += size_of(e);
	return true;
}
