#include "sniffer/media/hold.h"

#include <stdlib.h>

void hold_budget_init(struct hold_budget *b, size_t max, struct counters *c)
{
	*b = (struct hold_budget){.max = max, .counters = c};
	atomic_init(&b->bytes, 0);
	list_init(&b->holders);
}

void hold_init(struct hold *h, struct hold_budget *b, uint32_t bytes_max,
	       uint32_t n_max, const char *given_up)
{
	*h = (struct hold){.budget = b,
			   .given_up = given_up,
			   .n_max = n_max,
			   .bytes_max = bytes_max,
			   .over = !bytes_max};
	h->end = &h->first;
	list_init(&h->in_budget);
}

static uint32_t cost(uint32_t len)
{
	return (uint32_t)sizeof(struct held) + len;
}

static void append(struct hold *h, struct held *p)
{
	if (!h->n && !h->budget->shared)
		list_append(&h->budget->holders, &h->in_budget);
	p->next = NULL;
	*h->end = p;
	h->end = &p->next;
	h->n++;
	h->bytes += cost(p->len);
	h->budget->bytes += cost(p->len);
}

static void limit_hit(struct hold *h)
{
	if (!h->over)
		counters_add(h->budget->counters, "srtp.hold_limit", 1);
	h->over = true;
}

/* Those who wait longest are the least likely to get a key. */
static bool make_room(struct hold *h, uint32_t bytes)
{
	struct hold_budget *b = h->budget;

	while (b->bytes + bytes > b->max) {
		struct list *oldest =
			b->shared ? NULL : list_first(&b->holders);
		struct hold *o;

		if (!oldest)
			return false;
		o = container_of(oldest, struct hold, in_budget);
		if (o == h)
			return false;
		limit_hit(o);
		hold_drop(o);
	}
	return true;
}

bool hold_put(struct hold *h, const struct held *head, struct slice data)
{
	uint32_t len = (uint32_t)data.len;
	struct held *p;

	if (h->over)
		return false;
	if (h->n >= h->n_max || data.len > h->bytes_max ||
	    h->bytes + cost(len) > h->bytes_max || !make_room(h, cost(len))) {
		limit_hit(h);
		return false;
	}
	p = malloc(sizeof(*p) + data.len);
	if (!p) {
		counters_add(h->budget->counters, "media.no_memory", 1);
		return false;
	}
	*p = *head;
	p->len = len;
	if (len)
		memcpy(p->data, data.p, len);
	append(h, p);
	return true;
}

struct held *hold_take(struct hold *h)
{
	struct held *p = h->first;

	if (!p)
		return NULL;
	h->first = p->next;
	if (!h->first)
		h->end = &h->first;
	h->n--;
	h->bytes -= cost(p->len);
	h->budget->bytes -= cost(p->len);
	if (!h->n)
		list_remove(&h->in_budget);
	return p;
}

void hold_again(struct hold *h, struct held *p)
{
	append(h, p);
}

void hold_drop(struct hold *h)
{
	struct held *p;

	if (h->given_up && h->n)
		counters_add(h->budget->counters, h->given_up, h->n);
	while ((p = hold_take(h)))
		free(p);
}
