#include "sniffer/media/recording.h"

#include <errno.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "sniffer/base/pool.h"

#define CHUNK_BYTES 8192
#define HELD_BYTES  65536
#define FRAME_MAX   262144 /* captured bytes of one frame */
#define HEAD	    16	   /* of a packet record */
#define SEEN	    32	   /* a power of two */
#define PREFETCH    320	   /* bytes: a frame of G.711 */
#define LINK_HEADER 14
#define MIXED_BYTES 2048 /* a held chunk beside one of another link type */
#define FIRST_BYTES 1536 /* the first chunk, until it is full */

struct chunk {
	struct chunk *next;
	size_t used, size, media;
	uint16_t linktype;
	uint8_t ts_digits;
	uint8_t data[];
};

struct recorder {
	struct record_config cfg;
	const struct spool_ops *spool;
	void *spool_arg;
	struct counters *counters;
	atomic_int level;   /* enum record_level, as last asked for */
	struct pool chunks; /* those of chunk_bytes */
	atomic_uint_fast64_t bytes, bytes_max; /* of chunks in use */
	enum record_what wanted;	       /* what it was before a pause */
};

struct recording {
	alignas(64) struct recorder *r;
	struct chunk *first, *last; /* last is the one being filled */
	size_t held;		    /* bytes of these chunks */
	uint64_t packets, last_ns;
	uint64_t adopted_ns; /* what is older is in the file already */
	uint64_t seen_max;
	unsigned seen_at;
	int err; /* the first */
	uint64_t seen[SEEN];
	struct spool_file *file;
	bool kept;
	char uid[27];
	struct slice secrets;
};

/* The fixed part of a packet record, as in memory. */
struct head {
	uint32_t sec, frac, caplen, wire;
};
_Static_assert(sizeof(struct head) == HEAD, "struct head has padding");

struct recorder *recorder_new(const struct record_config *cfg,
			      const struct spool_ops *spool, void *spool_arg,
			      struct counters *counters)
{
	struct recorder *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->cfg = *cfg;
	if (!r->cfg.chunk_bytes)
		r->cfg.chunk_bytes = CHUNK_BYTES;
	if (!r->cfg.held_bytes)
		r->cfg.held_bytes = HELD_BYTES;
	if (!spool)
		r->cfg.what = RECORD_NONE;
	r->wanted = r->cfg.what;
	pool_init(&r->chunks, sizeof(struct chunk) + r->cfg.chunk_bytes);
	r->spool = spool;
	r->spool_arg = spool_arg;
	r->counters = counters;
	return r;
}

void recorder_share(struct recorder *r, pthread_mutex_t *lock)
{
	r->chunks.lock = lock;
}

void recorder_free(struct recorder *r)
{
	if (!r)
		return;
	pool_close(&r->chunks);
	free(r);
}

uint64_t recorder_bytes(const struct recorder *r)
{
	return r->bytes;
}

uint64_t recorder_bytes_max(const struct recorder *r)
{
	return r->bytes_max;
}

/* --- chunks --------------------------------------------------------------- */

static struct chunk *chunk_alloc(struct recorder *r, size_t size)
{
	if (size == r->cfg.chunk_bytes)
		return pool_take(&r->chunks);
	return malloc(sizeof(struct chunk) + size);
}

/* What nobody has claimed yet gets no more than half: made-up media must not
 * take the room of calls. */
static bool has_room(const struct recorder *r, size_t size, bool kept)
{
	uint64_t max = r->cfg.max_bytes;

	return !max || r->bytes + size <= (kept ? max : max / 2);
}

/* NULL at the limit or without memory. */
static struct chunk *chunk_new(struct recorder *r, size_t size, bool kept)
{
	struct chunk *c = NULL;
	uint64_t now;

	if (has_room(r, size, kept))
		c = chunk_alloc(r, size);
	if (!c)
		return NULL;
	c->next = NULL;
	c->used = 0;
	c->media = 0;
	c->size = size;
	now = atomic_fetch_add(&r->bytes, size) + size;
	if (now > r->bytes_max)
		r->bytes_max = now;
	return c;
}

static void chunk_free(struct recorder *r, struct chunk *c)
{
	r->bytes -= c->size;
	if (c->size == r->cfg.chunk_bytes)
		pool_give(&r->chunks, c);
	else
		free(c);
}

static void push(struct recording *rec, struct chunk *c)
{
	if (rec->last)
		rec->last->next = c;
	else
		rec->first = c;
	rec->last = c;
	rec->held += c->size;
}

static struct chunk *shift(struct recording *rec)
{
	struct chunk *c = rec->first;

	if (!c)
		return NULL;
	rec->first = c->next;
	if (!rec->first)
		rec->last = NULL;
	c->next = NULL;
	rec->held -= c->size;
	return c;
}

static void drop_chunks(struct recording *rec)
{
	struct chunk *c;

	while ((c = shift(rec)))
		chunk_free(rec->r, c);
}

static void to_spool(struct recording *rec, const struct chunk *c)
{
	struct recorder *r = rec->r;
	struct record_chunk out = {
		.bytes = slice_of(c->data, c->used),
		.linktype = c->linktype,
		.ts_digits = c->ts_digits,
		.media_bytes = c->media,
	};
	int err;

	if (!c->used)
		return;
	err = r->spool->append(r->spool_arg, &rec->file, rec->uid, &out);
	if (!err)
		return;
	counters_add(r->counters, "record.write_failed", 1);
	if (!rec->err)
		rec->err = err;
}

static void flush(struct recording *rec)
{
	struct chunk *c;

	while ((c = shift(rec))) {
		to_spool(rec, c);
		chunk_free(rec->r, c);
	}
}

static enum record_level level_of(const struct recorder *r)
{
	return (enum record_level)atomic_load_explicit(&r->level,
						       memory_order_relaxed);
}

static void ask_level(struct recorder *r)
{
	if (r->spool && r->spool->level)
		atomic_store_explicit(&r->level,
				      (int)r->spool->level(r->spool_arg),
				      memory_order_relaxed);
}

/* Asked with each chunk, and with each packet while it is not all. */
static bool level_allows(const struct recording *rec, enum record_level most)
{
	struct recorder *r = rec->r;

	if (level_of(r) == RECORD_LEVEL_ALL && rec->last)
		return true;
	ask_level(r);
	if (level_of(r) <= most)
		return true;
	counters_add(r->counters,
		     most == RECORD_LEVEL_ALL ? "record.media_left_out"
					      : "record.signalling_left_out",
		     1);
	return false;
}

/* Most of what is made up ends after a packet or two: a recording begins with
 * a small chunk, which moves into one of the usual size when it is full. */
static bool is_first(const struct recording *rec)
{
	return rec->last && rec->first == rec->last &&
	       rec->last->size == FIRST_BYTES && !rec->file;
}

static struct chunk *outgrow(struct recording *rec, size_t need)
{
	struct chunk *old = rec->last;
	struct chunk *c;

	if (old->used + need > rec->r->cfg.chunk_bytes)
		return NULL;
	c = chunk_new(rec->r, rec->r->cfg.chunk_bytes, rec->kept);
	if (!c)
		return NULL;
	memcpy(c->data, old->data, old->used);
	c->used = old->used;
	c->media = old->media;
	c->linktype = old->linktype;
	c->ts_digits = old->ts_digits;
	drop_chunks(rec);
	push(rec, c);
	return c;
}

/* A chunk that takes need bytes of f's kind; NULL at a limit, counted. */
static struct chunk *room(struct recording *rec, uint16_t linktype,
			  uint8_t ts_digits, size_t need)
{
	struct recorder *r = rec->r;
	size_t size = r->cfg.chunk_bytes;
	struct chunk *c;

	ask_level(r);
	if (is_first(rec) && rec->last && rec->last->linktype == linktype &&
	    rec->last->ts_digits == ts_digits && (c = outgrow(rec, need)))
		return c;
	/* Small chunks of several link types wait for each other. */
	if (rec->kept && rec->held >= size)
		flush(rec);
	if (rec->last && rec->last->size - rec->last->used >= need &&
	    size > MIXED_BYTES)
		size = MIXED_BYTES;
	if (rec->last && rec->held + need > r->cfg.held_bytes) {
		counters_add(r->counters, "record.held_limit", 1);
		return NULL;
	}
	if (!rec->packets && size > FIRST_BYTES)
		size = FIRST_BYTES;
	if (size < need)
		size = need;
	c = chunk_new(r, size, rec->kept);
	if (!c && rec->kept && rec->last) {
		flush(rec);
		c = chunk_new(r, size, rec->kept);
	}
	if (!c) {
		counters_add(r->counters, "record.memory_limit", 1);
		return NULL;
	}
	c->linktype = linktype;
	c->ts_digits = ts_digits;
	push(rec, c);
	return c;
}

static inline uint8_t *reserve(struct recording *rec, uint16_t linktype,
			       uint8_t ts_digits, size_t need)
{
	struct chunk *c = rec->last;
	uint8_t *at;

	if (!c || c->size - c->used < need || c->linktype != linktype ||
	    c->ts_digits != ts_digits) {
		c = room(rec, linktype, ts_digits, need);
		if (!c)
			return NULL;
	}
	at = c->data + c->used;
	c->used += need;
	return at;
}

/* --- frames --------------------------------------------------------------- */

struct recording *recording_new(struct recorder *r)
{
	struct recording *rec =
		aligned_alloc(alignof(struct recording), sizeof(*rec));

	if (rec)
		*rec = (struct recording){.r = r};
	return rec;
}

void recording_prefetch(const struct recording *rec, unsigned step)
{
	const struct chunk *c = rec->last;

	if (step == 0) {
		__builtin_prefetch(rec, 1);
		return;
	}
	if (!c)
		return;
	if (step == 1) {
		__builtin_prefetch(c, 1);
		__builtin_prefetch(&rec->seen[rec->seen_at % SEEN], 1);
		return;
	}
	for (size_t i = 0; i < PREFETCH; i += 64)
		if (c->used + i < c->size)
			__builtin_prefetch(c->data + c->used + i, 1);
}

/* Numbers mostly rise: only one that does not can have been here before. */
static bool is_repeat(struct recording *rec, uint64_t number)
{
	if (!number)
		return false;
	if (number > rec->seen_max)
		rec->seen_max = number;
	else
		for (size_t i = 0; i < SEEN; i++)
			if (rec->seen[i] == number)
				return true;
	rec->seen[rec->seen_at++ % SEEN] = number;
	return false;
}

static void add(struct recording *rec, const struct frame *f, size_t caplen,
		bool media)
{
	uint8_t digits = f->ts_digits == 9 ? 9 : 6;
	struct head head;
	uint8_t *at;

	if (f->ts_ns < rec->adopted_ns || is_repeat(rec, f->number))
		return;
	if (caplen > FRAME_MAX)
		caplen = FRAME_MAX;
	at = reserve(rec, f->linktype, digits, HEAD + caplen);
	if (!at)
		return;
	head.sec = (uint32_t)(f->ts_ns / 1000000000);
	head.frac = (uint32_t)(f->ts_ns % 1000000000);
	if (digits == 6)
		head.frac /= 1000;
	head.caplen = (uint32_t)caplen;
	head.wire =
		f->wire_len > f->data.len ? f->wire_len : (uint32_t)f->data.len;
	memcpy(at, &head, HEAD);
	if (caplen)
		memcpy(at + HEAD, f->data.p, caplen);
	rec->packets++;
	if (f->ts_ns > rec->last_ns)
		rec->last_ns = f->ts_ns;
	if (media)
		rec->last->media += HEAD + caplen;
}

void recording_frames(struct recording *rec, const struct frame *frames,
		      size_t n)
{
	if (rec->r->cfg.what == RECORD_NONE ||
	    !level_allows(rec, RECORD_LEVEL_NO_MEDIA))
		return;
	for (size_t i = 0; i < n; i++)
		add(rec, &frames[i], frames[i].data.len, false);
}

/* Captured bytes of f up to the end of head, the beginning of a UDP payload
 * that lies in f or is a copy of what does. */
static size_t cut_at(const struct frame *f, struct slice head)
{
	uintptr_t at = (uintptr_t)head.p, base = (uintptr_t)f->data.p;
	const uint8_t *found = NULL;

	if (at >= base && at + head.len <= base + f->data.len)
		return at - base + head.len;
	if (head.len && f->data.len)
		found = memmem(f->data.p, f->data.len, head.p, head.len);
	if (found)
		return (size_t)(found - f->data.p) + head.len;
	return f->data.len < LINK_HEADER ? f->data.len : LINK_HEADER;
}

void recording_frames_cut(struct recording *rec, const struct frame *frames,
			  size_t n, struct slice payload, size_t header)
{
	enum record_what what = rec->r->cfg.what;

	if (what == RECORD_HEADERS)
		recording_frames_bare(rec, frames, n, payload, header);
	if (what != RECORD_ALL || !level_allows(rec, RECORD_LEVEL_ALL))
		return;
	for (size_t i = 0; i < n; i++)
		add(rec, &frames[i], frames[i].data.len, true);
}

void recording_frames_bare(struct recording *rec, const struct frame *frames,
			   size_t n, struct slice payload, size_t header)
{
	enum record_what what = rec->r->cfg.what;
	struct slice head = slice_head(payload, header);

	if ((what != RECORD_ALL && what != RECORD_HEADERS) ||
	    !level_allows(rec, RECORD_LEVEL_ALL))
		return;
	for (size_t i = 0; i < n; i++)
		add(rec, &frames[i], cut_at(&frames[i], head), true);
}

void recording_keep(struct recording *rec, const char *uid)
{
	if (rec->kept)
		return;
	rec->kept = true;
	memcpy(rec->uid, uid, strnlen(uid, sizeof(rec->uid) - 1));
}

void recording_adopt(struct recording *rec, const char *uid)
{
	struct recorder *r = rec->r;
	int err;

	recording_keep(rec, uid);
	if (!r->spool || !r->spool->adopt || rec->file)
		return;
	err = r->spool->adopt(r->spool_arg, rec->uid, &rec->file, &rec->packets,
			      &rec->adopted_ns);
	if (err)
		rec->file = NULL;
	if (err && err != -ENOENT)
		counters_add(r->counters, "record.adopt_failed", 1);
	rec->last_ns = rec->adopted_ns;
}

void recorder_pause(struct recorder *r, bool paused)
{
	r->cfg.what = paused ? RECORD_NONE : r->wanted;
}

/* --- merging -------------------------------------------------------------- */

/* Walks the records of a list of chunks, freeing what it has passed. */
struct walk {
	struct recording *rec;
	size_t off;
	struct head head; /* of the record at off */
	uint64_t ts_ns;
	bool done;
};

static void walk_load(struct walk *w)
{
	struct chunk *c = w->rec->first;

	while (c && w->off == c->used) {
		chunk_free(w->rec->r, shift(w->rec));
		c = w->rec->first;
		w->off = 0;
	}
	w->done = !c;
	if (!c)
		return;
	memcpy(&w->head, c->data + w->off, HEAD);
	w->ts_ns = (uint64_t)w->head.sec * 1000000000 +
		   (uint64_t)w->head.frac * (c->ts_digits == 9 ? 1 : 1000);
}

static void walk_take(struct walk *w, struct recording *to)
{
	const struct chunk *c = w->rec->first;
	size_t len = HEAD + w->head.caplen;
	uint8_t *at = reserve(to, c->linktype, c->ts_digits, len);

	if (at) {
		memcpy(at, c->data + w->off, len);
		/* Which of the chunk's packets are media is not known. */
		to->last->media += c->media * len / c->used;
		to->packets++;
		if (w->ts_ns > to->last_ns)
			to->last_ns = w->ts_ns;
	}
	w->off += len;
	walk_load(w);
}

/* Both in memory: one list, by time; equal times keep dst first. */
static void merge_held(struct recording *dst, struct recording *src)
{
	struct recording old = *dst;
	struct walk a = {.rec = &old}, b = {.rec = src};

	dst->first = dst->last = NULL;
	dst->held = 0;
	dst->packets = 0;
	walk_load(&a);
	walk_load(&b);
	while (!a.done || !b.done)
		walk_take(b.done || (!a.done && a.ts_ns <= b.ts_ns) ? &a : &b,
			  dst);
}

/* At least one of them has begun its file: what is in memory goes behind it,
 * by time. */
static void merge_files(struct recording *dst, struct recording *src)
{
	uint64_t packets = dst->packets + src->packets;
	struct recorder *r = dst->r;
	int err;

	if (!dst->file) {
		recording_keep(dst, src->uid);
		dst->file = src->file;
	} else if (src->file) {
		flush(src);
		flush(dst);
		err = r->spool->concat(r->spool_arg, dst->file, src->file);
		if (err && !dst->err)
			dst->err = err;
	}
	src->file = NULL;
	merge_held(dst, src);
	dst->packets = packets;
	if (src->last_ns > dst->last_ns)
		dst->last_ns = src->last_ns;
}

void recording_merge(struct recording *dst, struct recording *src)
{
	if (dst->file || src->file)
		merge_files(dst, src);
	else
		merge_held(dst, src);
	if (src->seen_max > dst->seen_max) {
		memcpy(dst->seen, src->seen, sizeof(dst->seen));
		dst->seen_at = src->seen_at;
		dst->seen_max = src->seen_max;
	}
	if (src->kept)
		recording_keep(dst, src->uid);
	if (!dst->err)
		dst->err = src->err;
	recording_drop(src);
}

/* --- the end -------------------------------------------------------------- */

uint64_t recording_packets(const struct recording *rec)
{
	return rec->packets;
}

uint64_t recording_last_ns(const struct recording *rec)
{
	return rec->last_ns;
}

void recording_secrets(struct recording *rec, struct slice keylog)
{
	rec->secrets = keylog;
}

static void put_secrets(struct recording *rec)
{
	struct recorder *r = rec->r;
	int err = r->spool->secrets(r->spool_arg, rec->file, rec->secrets);

	if (!err)
		return;
	counters_add(r->counters, "record.secrets_failed", 1);
	if (!rec->err)
		rec->err = err;
}

int recording_finish(struct recording *rec, const char *uid,
		     char path[RECORDING_PATH])
{
	struct recorder *r = rec->r;
	int err;

	path[0] = '\0';
	recording_keep(rec, uid);
	flush(rec);
	if (rec->file && rec->secrets.len)
		put_secrets(rec);
	err = rec->err;
	if (rec->file) {
		int end = r->spool->finish(r->spool_arg, rec->file, uid,
					   rec->last_ns, rec->packets, path,
					   RECORDING_PATH);

		rec->file = NULL;
		err = err ? err : end;
	}
	recording_drop(rec);
	return err;
}

void recording_drop(struct recording *rec)
{
	if (!rec)
		return;
	drop_chunks(rec);
	if (rec->file)
		rec->r->spool->discard(rec->r->spool_arg, rec->file);
	free(rec);
}
