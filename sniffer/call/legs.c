#include "sniffer/call/legs.h"

#include <stdlib.h>

#define NAME_MAX_LEN 128
#define CALL_NAMES   8 /* joining values of one call */

/* A set of calls; merged ones point to the one that stays. */
struct group {
	struct group *into;
	char uid[ULID_SIZE];
	size_t refs; /* names and merged groups that point here */
};

/* One joining value. */
struct name {
	struct map_node node;
	struct group *group;
	size_t calls; /* that carry it */
	size_t len;
	uint8_t text[];
};

/* What one call holds: names of one group, which they keep alive. */
struct legs_key {
	struct name *name[CALL_NAMES];
	size_t n;
};

struct legs {
	struct calls *owner;
	struct map names;
};

struct legs *legs_new(struct calls *owner)
{
	struct legs *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->owner = owner;
	if (map_init(&l->names, 256)) {
		free(l);
		return NULL;
	}
	return l;
}

static void unref(struct group *g)
{
	while (g && --g->refs == 0) {
		struct group *into = g->into;

		free(g);
		g = into;
	}
}

/* Shortens the way up as it goes, so that chains of merges stay short. */
static struct group *root(struct group *g)
{
	while (g->into && g->into->into) {
		struct group *up = g->into;

		g->into = up->into;
		g->into->refs++;
		unref(up);
		g = g->into;
	}
	return g->into ? g->into : g;
}

static void drop_name(struct legs *l, struct name *n)
{
	map_remove(&l->names, &n->node);
	unref(n->group);
	free(n);
}

void legs_free(struct legs *l)
{
	if (!l)
		return;
	for (size_t i = 0; i <= l->names.mask; i++)
		while (l->names.bucket[i])
			drop_name(l, container_of(l->names.bucket[i],
						  struct name, node));
	map_close(&l->names);
	free(l);
}

static struct name *find(struct legs *l, struct slice text, uint64_t hash)
{
	for (struct map_node *n = map_first(&l->names, hash); n;
	     n = map_next(n)) {
		struct name *name = container_of(n, struct name, node);

		if (slice_eq(slice_of(name->text, name->len), text))
			return name;
	}
	return NULL;
}

static struct name *name_new(struct legs *l, struct slice text, uint64_t hash,
			     const struct call *c)
{
	struct name *n = calloc(1, sizeof(*n) + text.len);
	struct group *g = n ? calloc(1, sizeof(*g)) : NULL;

	if (!g) {
		free(n);
		return NULL;
	}
	memcpy(g->uid, c->uid, sizeof(g->uid));
	g->refs = 1;
	n->group = g;
	n->len = text.len;
	memcpy(n->text, text.p, text.len);
	map_insert(&l->names, &n->node, hash);
	return n;
}

/* The older uid stays: ULIDs sort by time. */
static void merge(struct group *a, struct group *b)
{
	a = root(a);
	b = root(b);
	if (a == b)
		return;
	if (strcmp(b->uid, a->uid) < 0) {
		struct group *swap = a;

		a = b;
		b = swap;
	}
	b->into = a;
	a->refs++;
}

static bool holds(const struct legs_key *k, const struct name *n)
{
	for (size_t i = 0; i < k->n; i++)
		if (k->name[i] == n)
			return true;
	return false;
}

static void join(struct legs *l, struct call *c, struct slice text)
{
	uint64_t hash = seed_hash(&l->owner->seed, text.p, text.len);
	struct name *n = find(l, text, hash);

	if (!c->leg)
		c->leg = arena_alloc(c->mem, sizeof(*c->leg));
	if (!c->leg || c->leg->n == CALL_NAMES || (n && holds(c->leg, n)))
		return;
	if (!n && !(n = name_new(l, text, hash, c)))
		return;
	n->calls++;
	c->leg->name[c->leg->n++] = n;
	merge(c->leg->name[0]->group, n->group);
}

static bool nil_uuid(struct slice uuid)
{
	for (size_t i = 0; i < uuid.len; i++)
		if (uuid.p[i] != '0')
			return false;
	return true;
}

static void join_tagged(struct legs *l, struct call *c, const char *kind,
			struct slice value)
{
	uint8_t text[NAME_MAX_LEN];
	size_t head = strlen(kind);

	value = slice_trim(value);
	if (!value.len || head + 1 + value.len > sizeof(text))
		return;
	memcpy(text, kind, head);
	text[head] = ' ';
	memcpy(text + head + 1, value.p, value.len);
	join(l, c, slice_of(text, head + 1 + value.len));
}

void legs_on_sip(struct legs *l, struct call *c, const struct sip_msg *m)
{
	const struct calls_config *cfg = &l->owner->cfg;
	struct slice local, remote;

	if (cfg->session_id && m->session_id.len &&
	    sip_session_id(m->session_id, &local, &remote)) {
		if (!nil_uuid(local))
			join_tagged(l, c, "session-id", local);
		if (!nil_uuid(remote))
			join_tagged(l, c, "session-id", remote);
	}
	for (size_t i = 0; i < cfg->leg_headers_n; i++) {
		char name[64];
		const struct sip_hdr *h;

		if (cfg->leg_headers[i].len >= sizeof(name))
			continue;
		memcpy(name, cfg->leg_headers[i].p, cfg->leg_headers[i].len);
		name[cfg->leg_headers[i].len] = '\0';
		h = sip_header(m, name, 0);
		if (h)
			join_tagged(l, c, "header", h->value);
	}
}

struct slice legs_group(const struct call *c)
{
	if (!c->leg || !c->leg->n)
		return (struct slice){0};
	return slice_str(root(c->leg->name[0]->group)->uid);
}

void legs_leave(struct legs *l, struct call *c)
{
	for (size_t i = 0; c->leg && i < c->leg->n; i++)
		if (--c->leg->name[i]->calls == 0)
			drop_name(l, c->leg->name[i]);
	c->leg = NULL;
}
