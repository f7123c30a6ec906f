/* The one box: any text, as it is and for those who must not see numbers. */
#include <assert.h>

#include "storage/query_box.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct box *b, const struct query *q)
{
	assert(b->words <= BOX_WORDS && q->n <= QUERY_TERMS);
	for (size_t i = 0; i < b->words; i++)
		assert(memchr(b->word[i].text, '\0', BOX_TEXT) &&
		       b->word[i].key);
	for (size_t i = 0; i < q->n; i++)
		assert(query_is_good(q, q->term[i].key, q->term[i].value));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (int whole = 0; whole < 2; whole++) {
		struct query q = {.now_ns = 1795953600ull * 1000000000};
		struct box_error e = {0};
		struct box b;

		if (!box_parse(&b, slice_of(data, size), whole, &q, &e)) {
			check(&b, &q);
			continue;
		}
		assert(e.why[0] && e.at <= size);
	}
	return 0;
}
