/*
 * A file of the journal: the head, entries with what is in them. What was read
 * can be written, and read again.
 */
#include <assert.h>
#include <stdlib.h>

#include "storage/journal_entry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(struct slice all, struct slice part)
{
	assert(!part.len ||
	       (part.p >= all.p && part.p + part.len <= all.p + all.len));
}

static void check_message(struct slice all, struct slice bytes)
{
	struct journal_message m, again;
	struct outbuf b = {0};

	if (!journal_get_message(bytes, &m))
		return;
	inside(all, m.text);
	inside(all, m.transport);
	journal_put_message(&b, &m);
	assert(journal_get_message(slice_of(b.p, b.len), &again));
	assert(slice_eq(m.text, again.text) && m.ts_ns == again.ts_ns &&
	       addr_eq(&m.src, &again.src));
	outbuf_free(&b);
}

static void check_buried(struct slice all, struct slice bytes)
{
	struct journal_buried d, again;
	struct outbuf b = {0};

	if (!journal_get_buried(bytes, &d))
		return;
	inside(all, d.call_id);
	inside(all, d.from_tag);
	journal_put_buried(&b, &d);
	assert(journal_get_buried(slice_of(b.p, b.len), &again));
	assert(slice_eq(d.call_id, again.call_id) && d.cseq == again.cseq);
	outbuf_free(&b);
}

static void check_again(const struct journal_entry *e)
{
	struct outbuf b = {0};
	struct journal_entry again;
	uint64_t damaged = 0;
	struct slice in;
	size_t at = journal_begin_entry(&b, e->kind, e->id, e->serial);

	outbuf_put(&b, e->bytes.p, e->bytes.len);
	journal_end_entry(&b, at);
	in = slice_of(b.p, b.len);
	assert(journal_next(&in, &again, &damaged) && !damaged);
	assert(again.id == e->id && again.serial == e->serial &&
	       slice_eq(again.bytes, e->bytes));
	outbuf_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice all = slice_of(data, size), in = all, dictionary;
	struct journal_entry e;
	uint64_t damaged = 0;
	size_t used;

	check_message(all, all);
	check_buried(all, all);
	if (!journal_get_header(all, &dictionary, &used)) {
		inside(all, dictionary);
		in = slice_from(all, used);
	}
	while (journal_next(&in, &e, &damaged)) {
		inside(all, e.bytes);
		check_message(all, e.bytes);
		check_buried(all, e.bytes);
		check_again(&e);
	}
	return 0;
}
