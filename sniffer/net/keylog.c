#include "sniffer/net/keylog.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>

#include "sniffer/base/list.h"

struct keylog_entry {
	struct map_node node;
	struct list order; /* of coming */
	enum keylog_key by;
	uint8_t key_len;
	uint8_t len[KEYLOG_LABELS]; /* 0 = not known */
	uint8_t key[KEYLOG_KEY_MAX];
	uint8_t secret[KEYLOG_LABELS][KEYLOG_SECRET_MAX];
};

struct keylog {
	struct map map;
	struct list order;
	struct seed seed;
	struct counters *counters;
	size_t max, count;
	uint64_t generation;
};

struct keylog *keylog_new(size_t max, struct seed seed,
			  struct counters *counters)
{
	struct keylog *k = calloc(1, sizeof(*k));

	if (!k)
		return NULL;
	list_init(&k->order);
	k->max = max ? max : 1;
	k->seed = seed;
	k->counters = counters;
	if (map_init(&k->map, 16)) {
		free(k);
		return NULL;
	}
	return k;
}

static void forget(struct keylog *k, struct keylog_entry *e)
{
	map_remove(&k->map, &e->node);
	list_remove(&e->order);
	k->count--;
	OPENSSL_cleanse(e, sizeof(*e));
	free(e);
}

static struct keylog_entry *entry_at(struct list *it)
{
	return container_of(it, struct keylog_entry, order);
}

void keylog_free(struct keylog *k)
{
	if (!k)
		return;
	list_each_safe(it, &k->order) forget(k, entry_at(it));
	map_close(&k->map);
	free(k);
}

static uint64_t hash_of(const struct keylog *k, enum keylog_key by,
			struct slice key)
{
	uint8_t buf[1 + KEYLOG_KEY_MAX] = {(uint8_t)by};

	if (key.len)
		memcpy(buf + 1, key.p, key.len);
	return seed_hash(&k->seed, buf, 1 + key.len);
}

static struct keylog_entry *find(const struct keylog *k, enum keylog_key by,
				 struct slice key)
{
	uint64_t hash;

	if (key.len > KEYLOG_KEY_MAX)
		return NULL;
	hash = hash_of(k, by, key);
	for (struct map_node *n = map_first(&k->map, hash); n;
	     n = map_next(n)) {
		struct keylog_entry *e =
			container_of(n, struct keylog_entry, node);

		if (e->by == by && slice_eq(slice_of(e->key, e->key_len), key))
			return e;
	}
	return NULL;
}

const struct keylog_entry *keylog_find(const struct keylog *k,
				       enum keylog_key by, struct slice key)
{
	return find(k, by, key);
}

struct slice keylog_secret(const struct keylog_entry *e,
			   enum keylog_label label)
{
	if (!e)
		return (struct slice){0};
	return slice_of(e->secret[label], e->len[label]);
}

static struct keylog_entry *make(struct keylog *k, const struct keylog_line *l)
{
	struct slice key = slice_of(l->key, l->key_len);
	struct keylog_entry *e = calloc(1, sizeof(*e));

	if (!e) {
		counters_add(k->counters, "keys.no_memory", 1);
		return NULL;
	}
	if (k->count >= k->max) {
		counters_add(k->counters, "keys.limit", 1);
		forget(k, entry_at(list_first(&k->order)));
	}
	e->by = l->by;
	e->key_len = (uint8_t)l->key_len;
	memcpy(e->key, l->key, l->key_len);
	map_insert(&k->map, &e->node, hash_of(k, l->by, key));
	list_append(&k->order, &e->order);
	k->count++;
	return e;
}

static void keep(struct keylog *k, const struct keylog_line *l)
{
	struct slice secret = slice_of(l->secret, l->secret_len);
	struct keylog_entry *e = find(k, l->by, slice_of(l->key, l->key_len));

	if (!e)
		e = make(k, l);
	if (!e || slice_eq(keylog_secret(e, l->label), secret))
		return;
	memcpy(e->secret[l->label], l->secret, l->secret_len);
	e->len[l->label] = (uint8_t)l->secret_len;
	k->generation++;
}

/* False when the line is bad. */
static bool take_line(struct keylog *k, struct slice line)
{
	struct keylog_line l;

	switch (keylog_line_parse(line, &l)) {
	case KEYLOG_LINE_SECRET:
		keep(k, &l);
		OPENSSL_cleanse(&l, sizeof(l));
		break;
	case KEYLOG_LINE_EMPTY:
		break;
	case KEYLOG_LINE_OTHER:
		counters_add(k->counters, "keys.other_label", 1);
		break;
	case KEYLOG_LINE_BAD:
		counters_add(k->counters, "keys.bad_line", 1);
		return false;
	}
	return true;
}

size_t keylog_feed(struct keylog *k, struct slice text)
{
	size_t number = 0, first_bad = 0;
	struct slice line;

	while (slice_line(&text, &line)) {
		number++;
		if (!take_line(k, line) && !first_bad)
			first_bad = number;
	}
	return first_bad;
}

uint64_t keylog_generation(const struct keylog *k)
{
	return k->generation;
}

size_t keylog_count(const struct keylog *k)
{
	return k->count;
}

/* --- out again ---------------------------------------------------------- */

static size_t put_hex(char *to, struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		snprintf(to + 2 * i, 3, "%02x", s.p[i]);
	return 2 * s.len;
}

static size_t line_of(const struct keylog_entry *e, enum keylog_label label,
		      char line[KEYLOG_LINE_MAX])
{
	size_t n = (size_t)snprintf(line, KEYLOG_LINE_MAX, "%s ",
				    keylog_label_name(label));

	n += put_hex(line + n, slice_of(e->key, e->key_len));
	line[n++] = ' ';
	n += put_hex(line + n, keylog_secret(e, label));
	line[n++] = '\n';
	return n;
}

size_t keylog_write(const struct keylog *k, const struct slice *randoms,
		    size_t n, void (*put)(void *arg, struct slice line),
		    void *arg)
{
	char line[KEYLOG_LINE_MAX];
	size_t lines = 0;

	for (size_t i = 0; i < n; i++) {
		const struct keylog_entry *e =
			find(k, KEYLOG_BY_RANDOM, randoms[i]);

		for (int at = 0; e && at < KEYLOG_LABELS; at++) {
			enum keylog_label label = (enum keylog_label)at;

			if (!keylog_secret(e, label).len)
				continue;
			put(arg, slice_of(line, line_of(e, label, line)));
			lines++;
		}
	}
	OPENSSL_cleanse(line, sizeof(line));
	return lines;
}
