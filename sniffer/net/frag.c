#include "sniffer/net/frag.h"

#include <stdlib.h>

#include "sniffer/base/arena.h"
#include "sniffer/base/list.h"

#define DATAGRAM_MAX 65535u
#define PARTS_MAX    256

/* Hashed as bytes: no padding. */
struct key {
	struct addr src, dst;
	uint8_t id[4];
	uint8_t proto, zero;
};
_Static_assert(sizeof(struct key) == 42, "struct key has padding");

/* Bytes [begin, end) of the datagram. Parts of a set never overlap; bytes is
 * shorter than the part where its frame was cut. */
struct part {
	struct part *next;
	uint32_t begin, end;
	struct slice bytes;
};

struct held {
	struct held *next;
	struct frame frame;
};

/* One datagram on its way, all of it in its own arena. */
struct set {
	struct map_node node;
	struct list age; /* in frag.sets, oldest first, or in frag.done */
	struct arena *mem;
	struct key key;
	uint64_t first_ns;
	struct part *parts; /* by begin */
	struct held *frames, **frames_end;
	size_t part_count, frame_count, bytes;
	uint32_t covered, total; /* total 0: the last is not here */
	uint8_t next;
};

struct frag {
	struct frag_limits limits;
	struct seed seed;
	struct counters *faults;
	struct map map;
	struct list sets, done;
	size_t bytes;
};

static struct set *set_of(struct list *age)
{
	return container_of(age, struct set, age);
}

static void set_free(struct frag *f, struct set *s)
{
	list_remove(&s->age);
	f->bytes -= s->bytes;
	arena_free(s->mem);
}

static void set_drop(struct frag *f, struct set *s, const char *why)
{
	counters_add(f->faults, why, 1);
	map_remove(&f->map, &s->node);
	set_free(f, s);
}

static void drop_oldest(struct frag *f, const char *why)
{
	set_drop(f, set_of(list_first(&f->sets)), why);
}

static struct set *set_new(struct frag *f, const struct key *key, uint64_t hash,
			   const struct frag_in *in)
{
	struct arena *mem = arena_new(4096, 0);
	struct set *s = mem ? arena_alloc(mem, sizeof(*s)) : NULL;

	if (!s) {
		arena_free(mem);
		return NULL;
	}
	s->mem = mem;
	s->key = *key;
	s->first_ns = in->ts_ns;
	s->next = in->next;
	s->frames_end = &s->frames;
	map_insert(&f->map, &s->node, hash);
	list_append(&f->sets, &s->age);
	return s;
}

static const struct part *same_part(const struct set *s,
				    const struct frag_in *in)
{
	const struct part *p = s->parts;

	while (p && (p->begin != in->offset || p->end - p->begin != in->wire))
		p = p->next;
	return p;
}

static struct set *newest(const struct frag *f, const struct key *key,
			  uint64_t hash)
{
	for (struct map_node *n = map_first(&f->map, hash); n;
	     n = map_next(n)) {
		struct set *s = container_of(n, struct set, node);

		if (!memcmp(&s->key, key, sizeof(*key)))
			return s;
	}
	return NULL;
}

/*
 * The set that this fragment belongs to, or a new one; *known when it is
 * there already, as from a mirror that shows each packet twice. Other bytes
 * in the same place mean that the sender uses the identifier again: what an
 * earlier datagram left behind is passed over from then on.
 */
static struct set *set_for(struct frag *f, const struct frag_in *in,
			   bool *known)
{
	struct key key = {.src = in->src, .dst = in->dst, .proto = in->proto};
	const struct part *p;
	struct set *s;
	uint64_t hash;

	memcpy(key.id, &in->id, sizeof(key.id));
	hash = seed_hash(&f->seed, &key, sizeof(key));
	s = newest(f, &key, hash);
	p = s ? same_part(s, in) : NULL;
	*known = p && slice_eq(p->bytes, in->data);
	if (s && (!p || *known))
		return s;
	if (f->map.count >= f->limits.sets)
		drop_oldest(f, "ip.fragment_sets_limit");
	return set_new(f, &key, hash, in);
}

static const char *refuse(const struct frag_in *in)
{
	if (!in->wire)
		return "ip.fragment_empty";
	if (in->more && in->wire % 8)
		return "ip.fragment_bad_length";
	if (in->offset + (uint64_t)in->wire > DATAGRAM_MAX)
		return "ip.fragment_too_long";
	return NULL;
}

/* Does it disagree with the others about where the datagram ends? */
static bool conflicts(const struct set *s, const struct frag_in *in)
{
	uint32_t end = in->offset + in->wire;

	if (s->total)
		return end > s->total || (!in->more && end != s->total);
	if (in->more)
		return false;
	for (const struct part *p = s->parts; p; p = p->next)
		if (p->end > end)
			return true;
	return false;
}

static bool lies_in(struct slice s, struct slice whole)
{
	uintptr_t at = (uintptr_t)s.p;
	uintptr_t from = (uintptr_t)whole.p;

	return at >= from && at + s.len <= from + whole.len;
}

/* Copies the frames, and tells where in->data lies in the copy. */
static bool keep_frames(struct set *s, const struct frag_in *in,
			struct slice *data)
{
	bool inside = false;

	for (size_t i = 0; i < in->frame_count; i++) {
		struct held *h = arena_alloc(s->mem, sizeof(*h));
		struct slice raw = in->frames[i].data;

		if (!h)
			return false;
		h->frame = in->frames[i];
		h->frame.data = arena_keep(s->mem, raw);
		h->frame.block = NULL;
		if (raw.len && !h->frame.data.p)
			return false;
		if (lies_in(in->data, raw)) {
			inside = true;
			*data = slice_of(h->frame.data.p + (in->data.p - raw.p),
					 in->data.len);
		}
		*s->frames_end = h;
		s->frames_end = &h->next;
		s->frame_count++;
	}
	if (!inside)
		*data = arena_keep(s->mem, in->data);
	return !in->data.len || data->p;
}

/* Fills what is still missing of [offset, offset + wire). */
static bool keep_parts(struct set *s, const struct frag_in *in,
		       struct slice data)
{
	uint32_t end = in->offset + in->wire;
	uint32_t at = in->offset;
	struct part **link = &s->parts;

	while (at < end) {
		uint32_t stop =
			*link && (*link)->begin < end ? (*link)->begin : end;

		if (at < stop) {
			struct part *p = arena_alloc(s->mem, sizeof(*p));

			if (!p)
				return false;
			p->next = *link;
			p->begin = at;
			p->end = stop;
			p->bytes = slice_head(slice_from(data, at - in->offset),
					      stop - at);
			*link = p;
			s->covered += stop - at;
			s->part_count++;
			at = stop;
		}
		if (*link && (*link)->end > at && (*link)->begin <= at)
			at = (*link)->end;
		if (*link)
			link = &(*link)->next;
	}
	return true;
}

static int by_number(const void *a, const void *b)
{
	const struct frame *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

/* In capture order, each once: with fragments inside fragments one frame can
 * have come twice. */
static size_t list_frames(const struct set *s, struct frame *out)
{
	size_t n = 0, kept = 0;

	for (const struct held *h = s->frames; h; h = h->next)
		out[n++] = h->frame;
	qsort(out, n, sizeof(*out), by_number);
	for (size_t i = 0; i < n; i++)
		if (!i || !out[i].number || out[i].number != out[i - 1].number)
			out[kept++] = out[i];
	return kept;
}

/* Copies the parts up to the first that was cut. */
static size_t join(const struct set *s, uint8_t *out)
{
	size_t len = 0;

	for (const struct part *p = s->parts; p; p = p->next) {
		if (p->bytes.len)
			memcpy(out + len, p->bytes.p, p->bytes.len);
		len += p->bytes.len;
		if (p->bytes.len < p->end - p->begin)
			break;
	}
	return len;
}

static enum frag_result finish(struct frag *f, struct set *s,
			       struct frag_whole *out)
{
	uint8_t *data = arena_alloc(s->mem, s->total);
	struct frame *frames =
		arena_alloc(s->mem, s->frame_count * sizeof(*frames));

	if (!data || !frames) {
		set_drop(f, s, "ip.fragment_no_memory");
		return FRAG_REFUSED;
	}
	out->data = slice_of(data, join(s, data));
	out->wire = s->total;
	out->next = s->next;
	out->frames = frames;
	out->frame_count = list_frames(s, frames);
	map_remove(&f->map, &s->node);
	list_remove(&s->age);
	list_append(&f->done, &s->age);
	return FRAG_WHOLE;
}

/* Memory the set took since it was last counted. */
static void account(struct frag *f, struct set *s)
{
	size_t now = arena_size(s->mem);

	f->bytes += now - s->bytes;
	s->bytes = now;
}

/* False when the set itself had to go. */
static bool make_room(struct frag *f, const struct set *s)
{
	while (f->bytes > f->limits.bytes && !list_empty(&f->sets)) {
		bool self = set_of(list_first(&f->sets)) == s;

		drop_oldest(f, "ip.fragment_bytes_limit");
		if (self)
			return false;
	}
	return true;
}

enum frag_result frag_add(struct frag *f, const struct frag_in *in,
			  struct frag_whole *out)
{
	const char *why = refuse(in);
	struct slice data;
	struct set *s;
	uint32_t before;
	bool known;

	if (why) {
		counters_add(f->faults, why, 1);
		return FRAG_REFUSED;
	}
	s = set_for(f, in, &known);
	if (!s)
		return FRAG_REFUSED;
	if (known) {
		counters_add(f->faults, "ip.fragment_copy", 1);
		return FRAG_HELD;
	}
	if (conflicts(s, in)) {
		counters_add(f->faults, "ip.fragment_conflict", 1);
		return FRAG_REFUSED;
	}
	if (s->part_count >= PARTS_MAX) {
		set_drop(f, s, "ip.fragment_too_many");
		return FRAG_REFUSED;
	}
	before = s->covered;
	if (!keep_frames(s, in, &data) || !keep_parts(s, in, data)) {
		account(f, s);
		set_drop(f, s, "ip.fragment_no_memory");
		return FRAG_REFUSED;
	}
	if (s->covered - before < in->wire)
		counters_add(f->faults, "ip.fragment_overlap", 1);
	if (!in->offset)
		s->next = in->next;
	if (!in->more)
		s->total = in->offset + in->wire;
	account(f, s);
	if (s->total && s->covered == s->total)
		return finish(f, s, out);
	return make_room(f, s) ? FRAG_HELD : FRAG_REFUSED;
}

void frag_reap(struct frag *f, uint64_t ts_ns)
{
	while (!list_empty(&f->done))
		set_free(f, set_of(list_first(&f->done)));
	while (!list_empty(&f->sets)) {
		const struct set *s = set_of(list_first(&f->sets));

		if (ts_ns <= s->first_ns ||
		    ts_ns - s->first_ns <= f->limits.timeout_ns)
			return;
		drop_oldest(f, "ip.fragment_timeout");
	}
}

void frag_end(struct frag *f)
{
	while (!list_empty(&f->done))
		set_free(f, set_of(list_first(&f->done)));
	while (!list_empty(&f->sets))
		drop_oldest(f, "ip.fragment_timeout");
}

struct frag *frag_new(const struct frag_limits *limits, const struct seed *seed,
		      struct counters *faults)
{
	struct frag *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->limits = *limits;
	f->seed = *seed;
	f->faults = faults;
	list_init(&f->sets);
	list_init(&f->done);
	if (map_init(&f->map, 256)) {
		free(f);
		return NULL;
	}
	return f;
}

void frag_free(struct frag *f)
{
	if (!f)
		return;
	while (!list_empty(&f->done))
		set_free(f, set_of(list_first(&f->done)));
	while (!list_empty(&f->sets)) {
		map_remove(&f->map, &set_of(list_first(&f->sets))->node);
		set_free(f, set_of(list_first(&f->sets)));
	}
	map_close(&f->map);
	free(f);
}

size_t frag_sets(const struct frag *f)
{
	return f->map.count;
}

size_t frag_bytes(const struct frag *f)
{
	return f->bytes;
}
