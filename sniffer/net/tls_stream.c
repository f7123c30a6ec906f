/* Bytes into records, also after a gap. */
#include <stdlib.h>

#include "sniffer/net/tls_plain_priv.h"

enum {
	/* Two of the longest records: enough to see that one follows the
	 * other. */
	SEARCH_MAX = 2 * (TLS_RECORD_HEAD + TLS_FRAGMENT_MAX),
	RECORD_MIN = 22, /* bytes of a protected record with data */
};

void tls_drop_part(struct tls_dir *d)
{
	free(d->part);
	d->part = NULL;
	d->part_len = d->part_size = 0;
}

/* --- bytes -------------------------------------------------------------- */

static bool append(struct tls_conn *c, struct tls_dir *d, struct slice s)
{
	size_t need = d->part_len + s.len;

	if (need > d->part_size) {
		uint8_t *p = realloc(d->part, need);

		if (!p) {
			tls_count(c, "tls.no_memory");
			return false;
		}
		d->part = p;
		d->part_size = need;
	}
	memcpy(d->part + d->part_len, s.p, s.len);
	d->part_len += s.len;
	return true;
}

/* These bytes are no record, or cannot be kept. */
static void lose_way(struct tls_conn *c, struct tls_dir *d)
{
	if (!d->began) {
		tls_no_hello(c);
		return;
	}
	d->search = true;
	d->gap = true;
	d->missing += TLS_MISSING_UNSEEN;
	tls_messages_reset(&d->messages, true);
}

static void bad_bytes(struct tls_conn *c, struct tls_dir *d)
{
	if (d->began)
		tls_count(c, "tls.bad_record");
	lose_way(c, d);
}

/* Records that lie in the bytes as a whole; what is left of them is kept. */
static struct slice take_whole(struct tls_conn *c, int dir, struct slice s,
			       uint64_t ts_ns)
{
	struct tls_dir *d = &c->dir[dir];
	struct tls_record r;

	while (s.len && !tls_over(c)) {
		switch (tls_record_parse(s, &r)) {
		case PARSE_OK:
			tls_take_record(c, dir, &r, ts_ns);
			s = slice_from(s, r.len);
			break;
		case PARSE_MORE:
			if (!append(c, d, s))
				lose_way(c, d);
			return slice_from(s, s.len);
		case PARSE_BAD:
			bad_bytes(c, d);
			return s;
		}
	}
	return s;
}

/* After a gap: a record begins here when it opens, or, as long as it cannot
 * be opened, when another one follows it. MORE: too few bytes to tell. */
static enum parse begins_here(struct tls_conn *c, int dir, struct slice in)
{
	struct tls_record r, behind;
	enum tls_fit fit;
	enum parse rc = tls_record_parse(in, &r);

	if (rc != PARSE_OK)
		return rc;
	if (r.type == TLS_HEARTBEAT || !r.fragment.len)
		return PARSE_BAD;
	fit = tls_fits(c, dir, &r);
	if (fit != TLS_FITS_UNTOLD)
		return fit == TLS_FITS ? PARSE_OK : PARSE_BAD;
	rc = tls_record_parse(slice_from(in, r.len), &behind);
	return rc == PARSE_MORE && behind.len ? PARSE_OK : rc;
}

/* How many bytes to pass over until a record begins, or may begin. */
static size_t search(struct tls_conn *c, int dir, struct slice in)
{
	struct tls_dir *d = &c->dir[dir];
	size_t at = 0;

	for (; at < in.len; at++) {
		enum parse rc = begins_here(c, dir, slice_from(in, at));

		if (rc == PARSE_OK)
			d->search = false;
		if (rc == PARSE_OK || rc == PARSE_MORE)
			break;
	}
	return at;
}

static void take_kept(struct tls_conn *c, int dir, uint64_t ts_ns)
{
	struct tls_dir *d = &c->dir[dir];
	size_t at = 0;

	while (!tls_over(c)) {
		struct slice in =
			slice_from(slice_of(d->part, d->part_len), at);
		struct tls_record r;
		enum parse rc;

		if (d->search)
			at += search(c, dir, in);
		if (d->search)
			break;
		in = slice_from(slice_of(d->part, d->part_len), at);
		rc = tls_record_parse(in, &r);
		if (rc == PARSE_MORE)
			break;
		if (rc == PARSE_BAD) {
			bad_bytes(c, d);
			continue;
		}
		tls_take_record(c, dir, &r, ts_ns);
		at += r.len;
	}
	d->part_len -= at;
	if (!d->part_len)
		tls_drop_part(d);
	else if (at)
		memmove(d->part, d->part + at, d->part_len);
}

/* So many bytes more than are kept make the next step. */
static size_t wanted(const struct tls_dir *d)
{
	struct tls_record r = {0};

	if (d->search)
		return SEARCH_MAX - d->part_len;
	tls_record_parse(slice_of(d->part, d->part_len), &r);
	return (r.len ? r.len : TLS_RECORD_HEAD) - d->part_len;
}

static struct slice take_kept_and(struct tls_conn *c, int dir, struct slice s,
				  uint64_t ts_ns)
{
	struct tls_dir *d = &c->dir[dir];
	struct slice some = slice_head(s, wanted(d));

	if (append(c, d, some)) {
		take_kept(c, dir, ts_ns);
	} else {
		tls_drop_part(d);
		lose_way(c, d);
	}
	return slice_from(s, some.len);
}

void tls_conn_feed(struct tls_conn *c, int dir, struct slice s, uint64_t ts_ns)
{
	struct tls_dir *d = &c->dir[dir];

	while (s.len && !tls_over(c)) {
		if (d->skip) {
			struct slice some = slice_head(s, d->skip);

			d->skip -= some.len;
			s = slice_from(s, some.len);
		} else if (!d->part_len && !d->search) {
			s = take_whole(c, dir, s, ts_ns);
		} else {
			s = take_kept_and(c, dir, s, ts_ns);
		}
	}
	tls_settle(c);
}

/* --- gaps --------------------------------------------------------------- */

/* The gap ends inside the record that was begun: the next one is known. */
static bool only_one_broken(struct tls_conn *c, int dir, uint64_t lost)
{
	struct tls_dir *d = &c->dir[dir];
	struct tls_record r = {0};

	tls_record_parse(slice_of(d->part, d->part_len), &r);
	if (!lost || d->search || r.len < d->part_len ||
	    lost > r.len - d->part_len)
		return false;
	d->skip = r.len - d->part_len - lost;
	tls_record_lost(c, dir, d->part[0]);
	return true;
}

static unsigned records_in(uint64_t lost)
{
	if (!lost)
		return TLS_MISSING_UNSEEN;
	lost = lost / RECORD_MIN + 1;
	return lost < TLS_MISSING_MAX ? (unsigned)lost : TLS_MISSING_MAX;
}

/* The hello of this direction was not read before. */
static bool hello_lost(const struct tls_conn *c, int dir)
{
	if (c->info.client == dir)
		return !c->info.has_client_random;
	return c->info.client < 0 || !c->suite;
}

void tls_conn_gap(struct tls_conn *c, int dir, uint64_t lost)
{
	struct tls_dir *d = &c->dir[dir];

	if (tls_over(c))
		return;
	tls_count(c, "tls.gap");
	if (d->skip && lost && lost <= d->skip) {
		d->skip -= lost;
		return;
	}
	if (hello_lost(c, dir))
		tls_no_hello(c);
	if (!only_one_broken(c, dir, lost)) {
		d->skip = 0;
		d->search = true;
		d->missing += records_in(lost);
	}
	d->gap = true;
	tls_messages_reset(&d->messages, true);
	tls_drop_part(d);
	tls_settle(c);
}
