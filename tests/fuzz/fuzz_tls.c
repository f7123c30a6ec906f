/*
 * A TLS connection and its records. The input is a list of steps, each
 *
 *	what 1 | length 2 | bytes
 *
 * what, modulo 6: 0 and 1 bytes of that direction, 2 and 3 a gap in it of as
 * many bytes as length says (without bytes), 4 text of a key log, 5 nothing:
 * the keys are looked at again.
 */
#include <assert.h>
#include <stdlib.h>

#include "dissectors/tls.h"
#include "sniffer/net/tls_plain.h"
#include "tests/prefix.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	HOLD = 20000,
	TOTAL = 30000,
};

struct seen {
	uint64_t bytes[2];
};

static void on_plain(void *arg, int dir, struct slice data, uint64_t ts_ns)
{
	struct seen *s = arg;

	assert(data.len && data.len <= TLS_FRAGMENT_MAX);
	assert(ts_ns);
	s->bytes[dir] += data.len;
}

static void on_hole(void *arg, int dir)
{
	struct seen *s = arg;

	assert(s && (dir == 0 || dir == 1));
}

static void walk_records(struct slice in)
{
	struct slice left = in;
	struct tls_record r;

	while (tls_record_parse(left, &r) == PARSE_OK) {
		assert(prefix_inside(r.head, left));
		assert(prefix_inside(r.fragment, left));
		assert(r.len >= TLS_RECORD_HEAD && r.len <= left.len);
		left = slice_from(left, r.len);
		if (!left.len)
			break;
	}
}

static void check_info(struct tls_conn *c, const struct tls_mem *m)
{
	const struct tls_conn_info *i = tls_conn_info(c);

	assert(m->held <= TOTAL);
	assert(i->client >= -1 && i->client <= 1);
	assert(i->opened[0] <= i->records[0]);
	assert(i->opened[1] <= i->records[1]);
	assert(strlen(i->server_name) < TLS_NAME_MAX);
	assert(strlen(i->alpn) < TLS_ALPN_MAX);
	assert(strlen(i->alpn_offered) < TLS_ALPN_MAX);
	if (i->state == TLS_STATE_UNKNOWN || i->state == TLS_STATE_UNSUPPORTED)
		assert(!tls_conn_waits(c));
}

static void feed(struct tls_conn *c, int dir, struct slice s, uint64_t now)
{
	uint8_t *copy = malloc(s.len ? s.len : 1);

	if (!copy)
		abort();
	if (s.len)
		memcpy(copy, s.p, s.len);
	walk_records(slice_of(copy, s.len));
	tls_conn_feed(c, dir, slice_of(copy, s.len), now);
	free(copy);
}

static void step(struct tls_conn *c, struct keylog *k, struct cursor *in,
		 uint64_t now)
{
	uint8_t what = cursor_u8(in) % 6;
	uint16_t len = cursor_u16(in);
	struct slice s = {0};

	if (in->bad)
		return;
	if (what < 2 || what == 4)
		s = slice_head(slice_of(in->p, cursor_left(in)), len);
	cursor_take(in, s.len);
	if (what < 2)
		feed(c, what, s, now);
	else if (what < 4)
		tls_conn_gap(c, what - 2, len);
	else if (what == 4)
		keylog_feed(k, s);
	else
		tls_conn_keys_changed(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor in = cursor_of(slice_of(data, size));
	struct counters counters = {0};
	struct tls_mem mem = {HOLD, TOTAL, &counters, 0};
	struct keylog *k = keylog_new(10, (struct seed){1, 2}, &counters);
	struct seen seen = {0};
	struct tls_conn_config cfg = {k, &mem, on_plain, on_hole, &seen};
	struct tls_conn *c = tls_conn_new(&cfg);
	uint64_t now = 0;

	assert(k && c);
	while (cursor_left(&in) && !in.bad) {
		step(c, k, &in, ++now);
		check_info(c, &mem);
	}
	tls_conn_free(c);
	assert(!mem.held);
	keylog_free(k);
	return 0;
}
