#include "storage/writer.h"

#include <errno.h>
#include <stdlib.h>

#define SINKS_MAX     4
#define BATCH_RECORDS 512
#define BATCH_NS      1000000000 /* of packet time */
#define GROUP_RECORDS 64
#define GROUP_NS      100000000

struct output {
	const struct sink_ops *ops;
	struct sink *sink;
	bool told;
};

/* Those that came early, the least number first: a binary heap. A skipped
 * number waits as an entry without a record. */
struct early {
	uint64_t number;
	struct cdr *cdr;
};

struct writer {
	struct output out[SINKS_MAX];
	size_t outs;
	struct store *store[SINKS_MAX];
	size_t stores;
	writer_announce_fn *announce;
	void *announce_arg;
	/* Those that were put into the queues and are not written yet. */
	struct cdr *group[GROUP_RECORDS];
	size_t grouped;
	struct early *heap;
	size_t waiting, heap_size;
	uint64_t next;	   /* number */
	uint64_t batch_ns; /* packet time of the batch's first record */
	size_t in_batch;
	uint64_t count[CDR_SUMMARY + 1];
	bool failed;
	writer_complain_fn *complain;
	void *arg;
};

struct writer *writer_new(writer_complain_fn *complain, void *arg)
{
	struct writer *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->next = 1;
	w->complain = complain;
	w->arg = arg;
	return w;
}

int writer_open(struct writer *w, const struct sink_ops *ops,
		const struct sink_config *cfg, char why[SINK_WHY])
{
	struct output *o = &w->out[w->outs];
	int err;

	if (w->outs == SINKS_MAX)
		return -E2BIG;
	err = ops->open(&o->sink, cfg, why);
	if (err)
		return err;
	o->ops = ops;
	o->told = false;
	w->outs++;
	return 0;
}

static void note_failure(struct writer *w, struct output *o, const char *why)
{
	w->failed = true;
	if (o->told)
		return;
	o->told = true;
	if (w->complain)
		w->complain(w->arg, o->ops->name, why);
}

int writer_add_store(struct writer *w, struct store *store)
{
	if (w->stores == SINKS_MAX)
		return -E2BIG;
	w->store[w->stores++] = store;
	return 0;
}

void writer_announce(struct writer *w, writer_announce_fn *fn, void *arg)
{
	w->announce = fn;
	w->announce_arg = arg;
}

/* --- batches -------------------------------------------------------------- */

static void flush_sinks(struct writer *w)
{
	char why[SINK_WHY];

	for (size_t i = 0; i < w->outs; i++)
		if (w->out[i].ops->flush(w->out[i].sink, why))
			note_failure(w, &w->out[i], why);
	w->in_batch = 0;
}

/* To those who wait for nothing. */
static void give(struct writer *w, struct cdr *cdr)
{
	char why[SINK_WHY];

	if (w->in_batch && cdr->last_packet > w->batch_ns + BATCH_NS)
		flush_sinks(w);
	if (w->in_batch++ == 0)
		w->batch_ns = cdr->last_packet;
	for (size_t i = 0; i < w->outs; i++)
		if (w->out[i].ops->put(w->out[i].sink, cdr, why))
			note_failure(w, &w->out[i], why);
	if (w->announce)
		w->announce(w->announce_arg, cdr);
	cdr_free(cdr);
	if (w->in_batch >= BATCH_RECORDS)
		flush_sinks(w);
}

void writer_write(struct writer *w)
{
	size_t n = w->grouped;

	for (size_t i = 0; i < w->stores; i++)
		store_write(w->store[i]);
	w->grouped = 0;
	for (size_t i = 0; i < n; i++)
		give(w, w->group[i]);
}

void writer_flush(struct writer *w)
{
	writer_write(w);
	flush_sinks(w);
}

static void hand_out(struct writer *w, struct cdr *cdr)
{
	w->count[cdr->kind]++;
	if (!w->stores) {
		give(w, cdr);
		return;
	}
	if (w->grouped &&
	    cdr->last_packet > w->group[0]->last_packet + GROUP_NS)
		writer_write(w);
	/* the summary is for readers */
	for (size_t i = 0; i < w->stores && cdr->kind != CDR_SUMMARY; i++)
		store_put(w->store[i], cdr);
	w->group[w->grouped++] = cdr;
	if (w->grouped == GROUP_RECORDS)
		writer_write(w);
}

/* --- order ---------------------------------------------------------------- */

static void swap(struct early *a, struct early *b)
{
	struct early t = *a;

	*a = *b;
	*b = t;
}

static bool heap_push(struct writer *w, struct early e)
{
	size_t i = w->waiting;

	if (w->waiting == w->heap_size) {
		size_t size = w->heap_size ? w->heap_size * 2 : 64;
		struct early *heap = realloc(w->heap, size * sizeof(*heap));

		if (!heap)
			return false;
		w->heap = heap;
		w->heap_size = size;
	}
	w->heap[w->waiting++] = e;
	for (; i && w->heap[(i - 1) / 2].number > e.number; i = (i - 1) / 2)
		swap(&w->heap[i], &w->heap[(i - 1) / 2]);
	return true;
}

static struct early heap_pop(struct writer *w)
{
	struct early top = w->heap[0];
	size_t i = 0, child;

	w->heap[0] = w->heap[--w->waiting];
	while ((child = 2 * i + 1) < w->waiting) {
		if (child + 1 < w->waiting &&
		    w->heap[child + 1].number < w->heap[child].number)
			child++;
		if (w->heap[i].number <= w->heap[child].number)
			break;
		swap(&w->heap[i], &w->heap[child]);
		i = child;
	}
	return top;
}

static void release(struct writer *w, struct early e)
{
	if (e.number >= w->next)
		w->next = e.number + 1;
	if (e.cdr)
		hand_out(w, e.cdr);
}

static void take(struct writer *w, struct early e)
{
	if (e.number > w->next && heap_push(w, e))
		return;
	/* without memory to wait in, the order suffers, not the record */
	release(w, e);
	while (w->waiting && w->heap[0].number <= w->next)
		release(w, heap_pop(w));
}

void writer_put(struct writer *w, struct cdr *cdr)
{
	take(w, (struct early){cdr->number, cdr});
}

void writer_skip(struct writer *w, uint64_t number)
{
	take(w, (struct early){number, NULL});
}

/* --- the end -------------------------------------------------------------- */

bool writer_failed(const struct writer *w)
{
	return w->failed;
}

uint64_t writer_count(const struct writer *w, enum cdr_kind kind)
{
	return w->count[kind];
}

void writer_reopen(struct writer *w)
{
	char why[SINK_WHY];

	for (size_t i = 0; i < w->outs; i++) {
		struct output *o = &w->out[i];

		if (o->ops->reopen && o->ops->reopen(o->sink, why))
			w->complain(w->arg, o->ops->name, why);
	}
}

void writer_close(struct writer *w)
{
	char why[SINK_WHY];

	while (w->waiting)
		release(w, heap_pop(w));
	writer_flush(w);
	for (size_t i = 0; i < w->outs; i++)
		if (w->out[i].ops->close(w->out[i].sink, why))
			note_failure(w, &w->out[i], why);
	w->outs = w->stores = 0;
}

void writer_free(struct writer *w)
{
	if (!w)
		return;
	writer_close(w);
	free(w->heap);
	free(w);
}
