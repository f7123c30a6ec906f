/*
 * The index of an hour of the spool, of any content: what is read from it is
 * ordered, each uid once, none gone, and reads back from what is written. A
 * file cut anywhere gives no number that the whole file did not have.
 */
#include <assert.h>
#include <stdlib.h>

#include "storage/spool_index.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_entries(const struct spool_entry *e, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		assert(spool_is_uid(slice_str(e[i].uid)));
		assert(e[i].kind != SPOOL_GONE);
		assert(e[i].media <= e[i].bytes);
		assert(!i || strcmp(e[i - 1].uid, e[i].uid) < 0);
	}
}

static void read_back(const struct spool_entry *e, size_t n)
{
	struct spool_entry *again;
	struct outbuf b = {0};
	size_t m;

	for (size_t i = 0; i < n; i++)
		spool_index_put(&b, &e[i]);
	if (b.failed || spool_index_read(slice_of(b.p, b.len), &again, &m))
		abort();
	assert(m == n);
	for (size_t i = 0; i < n; i++) {
		assert(!strcmp(e[i].uid, again[i].uid));
		assert(e[i].kind == again[i].kind);
		assert(e[i].bytes == again[i].bytes);
		assert(e[i].media == again[i].media);
	}
	free(again);
	outbuf_free(&b);
}

/* The last line, cut anywhere, is no line. */
static void cut(struct slice line)
{
	struct spool_entry e;

	if (!spool_index_parse(line, &e))
		return;
	for (size_t n = 0; n < line.len; n++)
		assert(!spool_index_parse(slice_head(line, n), &e));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_of(data, size), line;
	struct spool_entry *e;
	size_t n;

	if (spool_index_read(text, &e, &n))
		abort();
	check_entries(e, n);
	read_back(e, n);
	free(e);
	while (slice_line(&text, &line))
		cut(line);
	return 0;
}
