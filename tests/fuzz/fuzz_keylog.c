/* Key logs: fed whole, then line by line into another store: the same. */
#include <assert.h>

#include "sniffer/net/keylog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_line(void *arg, struct slice line)
{
	struct keylog_line l;

	(void)arg;
	assert(line.len && line.p[line.len - 1] == '\n');
	line.len--;
	assert(keylog_line_parse(line, &l) == KEYLOG_LINE_SECRET);
	assert(l.by == KEYLOG_BY_RANDOM && l.key_len == 32);
}

/* What was parsed last can be found and written. */
static void look_up(const struct keylog *k, const struct keylog_line *l)
{
	struct slice key = slice_of(l->key, l->key_len);
	const struct keylog_entry *e = keylog_find(k, l->by, key);

	assert(e);
	assert(slice_eq(keylog_secret(e, l->label),
			slice_of(l->secret, l->secret_len)));
	if (l->by == KEYLOG_BY_RANDOM)
		assert(keylog_write(k, &key, 1, check_line, NULL) >= 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_of(data, size), line;
	struct counters c = {0}, d = {0};
	struct keylog *whole = keylog_new(4, (struct seed){1, 2}, &c);
	struct keylog *lines = keylog_new(4, (struct seed){3, 4}, &d);

	keylog_feed(whole, text);
	while (slice_line(&text, &line)) {
		struct keylog_line l;

		keylog_feed(lines, line);
		if (keylog_line_parse(line, &l) == KEYLOG_LINE_SECRET)
			look_up(lines, &l);
	}
	assert(keylog_count(whole) == keylog_count(lines));
	assert(keylog_generation(whole) == keylog_generation(lines));
	assert(counters_get(&c, "keys.bad_line") ==
	       counters_get(&d, "keys.bad_line"));
	keylog_free(whole);
	keylog_free(lines);
	return 0;
}
