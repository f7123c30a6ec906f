#include "web/live_diff.h"

#include <stdlib.h>

#include "web/live_put.h"

/* FNV-1a: only tells whether a row has changed. */
static uint64_t hash_of(const char *p, size_t len)
{
	uint64_t h = 0xcbf29ce484222325ull;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (uint8_t)p[i]) * 0x100000001b3ull;
	return h;
}

static int by_uid(const void *a, const void *b)
{
	const struct live_known *x = a, *y = b;

	return strcmp(x->uid, y->uid);
}

static size_t rows(const struct snapshot *s, size_t limit)
{
	return !s ? 0 : s->n < limit ? s->n : limit;
}

/* What is listed now; false without memory. */
static bool list(struct live_diff *d, const struct snapshot *s, size_t n)
{
	struct outbuf text = {0};

	for (size_t i = 0; i < n; i++) {
		struct live_known *k = &d->next[i];

		outbuf_reset(&text);
		live_put_running(&text, &s->row[i]);
		memcpy(k->uid, s->row[i].uid, sizeof(k->uid));
		k->hash = hash_of(text.p, text.len);
		k->row = (uint32_t)i;
		if (text.failed)
			break;
	}
	if (!text.failed)
		qsort(d->next, n, sizeof(d->next[0]), by_uid);
	outbuf_free(&text);
	return !text.failed;
}

static const struct live_known *find(const struct live_known *v, size_t n,
				     const struct live_known *k)
{
	return n ? bsearch(k, v, n, sizeof(*v), by_uid) : NULL;
}

/* --- the parts of the event ------------------------------------------------
 */

static size_t put_upsert(const struct live_diff *d, struct outbuf *b,
			 const struct snapshot *s, size_t n, uint64_t digits)
{
	size_t told = 0;

	for (size_t i = 0; i < n; i++) {
		const struct live_known *k = &d->next[i];
		const struct live_known *was = find(d->known, d->n, k);

		if (was && was->hash == k->hash)
			continue;
		outbuf_str(b, told++ ? ",{\"uid\":" : "{\"uid\":");
		outbuf_json(b, slice_str(k->uid));
		if (!was)
			live_put_fixed(b, &s->row[k->row], digits);
		live_put_running(b, &s->row[k->row]);
		outbuf_char(b, '}');
	}
	return told;
}

static const struct snapshot_ended *end_of(const struct snapshot *s,
					   const char *uid)
{
	for (size_t i = 0; s && i < s->ended_n; i++)
		if (!strcmp(s->gone[i].uid, uid))
			return &s->gone[i];
	return NULL;
}

/* Not listed any more; over: those whose end is known, or nothing would have
 * pushed them out. */
static size_t put_left(const struct live_diff *d, struct outbuf *b,
		       const struct snapshot *s, size_t n, bool over)
{
	bool all = !s || s->calls + s->sessions <= n;
	size_t told = 0;

	for (size_t i = 0; i < d->n; i++) {
		const struct live_known *k = &d->known[i];

		if (find(d->next, n, k) ||
		    (all || end_of(s, k->uid) != NULL) != over)
			continue;
		if (told++)
			outbuf_char(b, ',');
		outbuf_json(b, slice_str(k->uid));
	}
	return told;
}

static void put_ended(const struct live_diff *d, struct outbuf *b,
		      const struct snapshot *s, size_t n)
{
	size_t told = 0;

	for (size_t i = 0; i < d->n; i++) {
		const struct live_known *k = &d->known[i];
		const struct snapshot_ended *e;

		if (find(d->next, n, k) || !(e = end_of(s, k->uid)))
			continue;
		outbuf_str(b, told++ ? ",{\"uid\":" : "{\"uid\":");
		outbuf_json(b, slice_str(e->uid));
		outbuf_str(b, ",\"state\":");
		outbuf_json(b, slice_str(e->state));
		outbuf_str(b, ",\"status\":");
		if (e->status == CDR_NO_U32)
			outbuf_str(b, "null");
		else
			outbuf_u64(b, e->status);
		outbuf_char(b, '}');
	}
}

bool live_diff_put(struct live_diff *d, struct outbuf *b,
		   const struct snapshot *s, uint64_t now_ns, size_t limit,
		   uint64_t digits)
{
	size_t n = rows(s, limit), told, at = b->len;

	if (d->begun && (!s || s->number == d->number))
		return false;
	if (!list(d, s, n))
		return false;
	outbuf_char(b, '{');
	live_put_head(b, s, now_ns, n);
	outbuf_str(b, ",\"upsert\":[");
	told = put_upsert(d, b, s, n, digits);
	outbuf_str(b, "],\"gone\":[");
	told += put_left(d, b, s, n, true);
	outbuf_str(b, "],\"hidden\":[");
	told += put_left(d, b, s, n, false);
	outbuf_str(b, "],\"records\":[");
	put_ended(d, b, s, n);
	outbuf_str(b, "]}");
	if (d->begun && !told && (!s || s->ended == d->ended)) {
		b->len = at;
		return false;
	}
	memcpy(d->known, d->next, n * sizeof(d->known[0]));
	d->n = n;
	d->number = s ? s->number : 0;
	d->ended = s && s->ended;
	d->begun = true;
	return true;
}
