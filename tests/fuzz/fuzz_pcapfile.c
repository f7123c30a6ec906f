/*
 * A capture file of any content: frames lie in readable memory, their
 * numbers go up, reading comes to an end, and a filter judges each.
 */
#include <assert.h>
#include <stdlib.h>

#include "sniffer/capture/file_source.h"
#include "sniffer/capture/filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Touches each byte, so that the sanitizer sees it. */
static uint64_t touch(struct slice s)
{
	uint64_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += s.p[i];
	return n;
}

static void check(const struct source *s, const struct frame *f)
{
	char where[64];

	assert(f->wire_len >= f->data.len);
	assert(f->ts_digits == 6 || f->ts_digits == 9);
	assert(touch(f->data) <= f->data.len * UINT64_C(255));
	source_where(s, f, where, sizeof(where));
	assert(strlen(where) < sizeof(where));
}

static void on_secrets(void *arg, struct slice keylog)
{
	uint64_t *sum = arg;

	*sum += touch(keylog);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct frame v[16];
	char err[SOURCE_ERROR_MAX];
	struct filter *f = filter_new("port 5060", err, sizeof(err));
	struct source *s;
	uint64_t last = 0, sum = 0;
	int n;

	if (!f || file_source_open_memory(&s, "fuzz", slice_of(data, size)))
		abort();
	s->filter = f;
	s->secrets = on_secrets;
	s->secrets_arg = &sum;
	while ((n = source_read(s, v, 16)) > 0) {
		for (int i = 0; i < n; i++) {
			assert(v[i].number > last);
			last = v[i].number;
			check(s, &v[i]);
		}
	}
	assert(n == 0);
	source_close(s);
	filter_free(f);
	return 0;
}
