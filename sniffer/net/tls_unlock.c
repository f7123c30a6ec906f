/* Protected records: numbered, held, opened. */
#include <openssl/crypto.h>
#include <stdlib.h>

#include "sniffer/net/tls_plain_priv.h"

enum {
	TRY_COST = 256,		  /* bytes that one costs besides its own */
	EFFORT_MAX = 32 << 20,	  /* bytes tried until a direction is lost */
	BUDGET = 4 << 20,	  /* bytes that one search may decrypt */
	EARLY_RECORDS_MAX = 1024, /* of 0-RTT data */
};

/* TLS 1.0: a record cannot be opened without the one before it. */
static bool chained(const struct tls_conn *c)
{
	return c->version == 0x0301 &&
	       tls_bulk_info(c->suite->bulk)->mode == TLS_MODE_CBC;
}

/* --- one record --------------------------------------------------------- */

struct attempt {
	struct tls_opener *opener;
	const struct tls_record *r;
	uint8_t *buf;
	struct tls_plain *out;
	size_t left; /* bytes that may still be decrypted */
};

static bool try(struct attempt *a, uint64_t seq)
{
	size_t cost = a->r->len + TRY_COST;

	if (a->left < cost)
		return false;
	a->left -= cost;
	return tls_open(a->opener, a->r, seq, a->buf, a->out);
}

/* Finds the sequence number around the one that it should be. */
static bool locate(struct attempt *a, uint64_t *seq, unsigned above,
		   unsigned below)
{
	uint64_t should = *seq;

	for (unsigned i = 0; i <= above; i++) {
		*seq = should + i;
		if (try(a, *seq))
			return true;
	}
	for (unsigned i = 1; i <= below && i <= should; i++) {
		*seq = should - i;
		if (try(a, *seq))
			return true;
	}
	return false;
}

/* 1.3: the update of the keys may have been in a gap. */
static bool locate_updated(struct tls_conn *c, struct tls_dir *d,
			   struct attempt *a, uint64_t *seq)
{
	struct tls_dir next = {0};
	size_t len = tls_hash_len(c->suite->hash);
	bool ok = !tls13_update(c->suite, false, slice_of(d->secret, len),
				next.secret) &&
		  tls_use_secret(c, &next, slice_of(next.secret, len));

	if (ok) {
		a->opener = next.opener;
		*seq = 0;
		ok = locate(a, seq, d->above, 0);
	}
	if (ok) {
		tls_opener_free(d->opener);
		d->opener = next.opener;
		memcpy(d->secret, next.secret, len);
	} else {
		tls_opener_free(next.opener);
	}
	OPENSSL_cleanse(next.secret, sizeof(next.secret));
	return ok;
}

/* Opens the record and learns its sequence number. */
static bool open_one(struct tls_conn *c, struct tls_dir *d, uint64_t number,
		     const struct tls_record *r, uint8_t *buf,
		     struct tls_plain *out)
{
	struct attempt a = {d->opener, r, buf, out, BUDGET};
	uint64_t seq = number - d->base;
	unsigned above = d->above;
	bool ok = locate(&a, &seq, above, d->below);

	if (!ok && above && tls_is_13(c->version) &&
	    d->phase == TLS_PHASE_TRAFFIC)
		ok = locate_updated(c, d, &a, &seq);
	tls_opener_pass(d->opener, r);
	if (ok)
		d->base = number - seq;
	d->effort = ok ? 0 : d->effort + BUDGET - a.left;
	return ok;
}

enum tls_fit tls_fits(struct tls_conn *c, int dir, const struct tls_record *r)
{
	struct tls_dir *d = &c->dir[dir];
	uint8_t buf[TLS_FRAGMENT_MAX];
	struct tls_plain p = {0};
	unsigned above = d->above;
	bool ok;

	if (!tls_is_protected(c, dir) || d->dead || d->hold.count ||
	    chained(c) || !tls_unlock(c, dir, d->count, d->gap))
		return TLS_FITS_UNTOLD;
	d->above += d->missing;
	ok = open_one(c, d, d->count, r, buf, &p);
	d->above = above;
	OPENSSL_cleanse(buf, sizeof(buf));
	if (d->effort > EFFORT_MAX)
		tls_dir_die(c, dir, false);
	return ok ? TLS_FITS : TLS_FITS_NOT;
}

void tls_dir_die(struct tls_conn *c, int dir, bool wrong)
{
	struct tls_dir *d = &c->dir[dir];

	tls_count(c, wrong ? "tls.wrong_key" : "tls.lost");
	d->dead = true;
	d->wrong = wrong;
	tls_hold_clear(&d->hold, c->cfg.mem);
}

/* RFC 8446, 4.2.10: 0-RTT data comes under a key of its own. */
static bool is_early_data(struct tls_conn *c, int dir, uint64_t number)
{
	struct tls_dir *d = &c->dir[dir];

	if (!c->early_data || dir != c->info.client || d->opened ||
	    d->phase != TLS_PHASE_HANDSHAKE || number >= EARLY_RECORDS_MAX)
		return false;
	tls_count(c, "tls.early_data");
	d->base = number + 1;
	return true;
}

static void failed(struct tls_conn *c, int dir, uint64_t number)
{
	struct tls_dir *d = &c->dir[dir];
	bool unsure = d->above || d->below;

	d->hole = true;
	if (is_early_data(c, dir, number))
		return;
	d->failures++;
	if (!d->opened && !unsure) {
		tls_dir_die(c, dir, true);
		return;
	}
	if (d->failures > TLS_FAILURES_MAX || d->effort > EFFORT_MAX) {
		tls_dir_die(c, dir, !c->info.opened[dir]);
		return;
	}
	if (!d->below)
		tls_count(c, "tls.bad_mac");
	if (!unsure)
		d->above = TLS_MISSING_UNSEEN;
}

static void deliver(struct tls_conn *c, int dir, const struct tls_plain *p,
		    uint64_t ts_ns)
{
	struct tls_dir *d = &c->dir[dir];

	switch (p->type) {
	case TLS_APPLICATION_DATA:
		if (!p->bytes.len)
			break;
		if (d->hole && c->cfg.hole)
			c->cfg.hole(c->cfg.arg, dir);
		d->hole = false;
		c->cfg.plain(c->cfg.arg, dir, p->bytes, ts_ns);
		break;
	case TLS_HANDSHAKE:
		tls_take_messages(c, dir, p->bytes, true);
		break;
	case TLS_ALERT:
		tls_take_alert(c, dir, p->bytes);
		break;
	}
}

/* What the record said counts from the next one on. */
static void change_keys(struct tls_conn *c, int dir, uint64_t next)
{
	struct tls_dir *d = &c->dir[dir];

	if (d->finished && d->phase == TLS_PHASE_HANDSHAKE)
		tls_begin_phase(d, TLS_PHASE_TRAFFIC, next);
	else if (d->update && d->phase == TLS_PHASE_TRAFFIC)
		tls_update_keys(c, dir, next);
	d->finished = d->update = false;
}

static void open_record(struct tls_conn *c, int dir, const struct tls_held *h,
			const struct tls_record *r)
{
	struct tls_dir *d = &c->dir[dir];
	bool skipped = h->number != d->next;
	uint8_t buf[TLS_FRAGMENT_MAX];
	struct tls_plain p = {0};

	if (d->dead)
		return;
	d->next = h->number + 1;
	d->hole |= h->gap;
	d->above += h->missing;
	if (d->above > TLS_MISSING_MAX)
		d->above = TLS_MISSING_MAX;
	if (chained(c) && (skipped || h->missing)) {
		tls_opener_pass(d->opener, r);
		d->hole = true;
		return;
	}
	if (!open_one(c, d, h->number, r, buf, &p)) {
		failed(c, dir, h->number);
		return;
	}
	d->above = d->below = d->failures = 0;
	d->messages.lost = false;
	d->opened++;
	c->info.opened[dir]++;
	deliver(c, dir, &p, h->ts_ns);
	OPENSSL_cleanse(buf, sizeof(buf));
	change_keys(c, dir, h->number + 1);
}

/* --- records as they come ----------------------------------------------- */

void tls_protected(struct tls_conn *c, int dir, const struct tls_record *r,
		   uint64_t ts_ns)
{
	struct tls_dir *d = &c->dir[dir];
	struct tls_held h = {
		.order = c->order++,
		.number = d->count++,
		.ts_ns = ts_ns,
		.missing = d->missing,
		.gap = d->gap,
	};

	c->info.records[dir]++;
	if (d->dead)
		return;
	if (d->hold.count)
		tls_drain(c);
	if (!d->hold.count && tls_unlock(c, dir, h.number, h.gap)) {
		d->missing = 0;
		d->gap = false;
		open_record(c, dir, &h, r);
		return;
	}
	if (tls_hold_put(&d->hold, c->cfg.mem, &h,
			 slice_of(r->head.p, r->len))) {
		d->missing = 0;
		d->gap = false;
	} else {
		d->gap = true;
	}
}

/* The direction whose oldest record came first, of those that can be opened;
 * -1 when there is none. */
static int next_dir(struct tls_conn *c)
{
	int found = -1;

	for (int dir = 0; dir < 2; dir++) {
		const struct tls_held *e = c->dir[dir].hold.first;

		if (!e || !tls_unlock(c, dir, e->number, e->gap))
			continue;
		if (found < 0 || e->order < c->dir[found].hold.first->order)
			found = dir;
	}
	return found;
}

void tls_drain(struct tls_conn *c)
{
	int dir;

	if (!c->suite)
		return;
	while (!tls_over(c) && (dir = next_dir(c)) >= 0) {
		struct tls_held *e =
			tls_hold_take(&c->dir[dir].hold, c->cfg.mem);
		struct tls_record r;

		if (tls_record_parse(slice_of(e->bytes, e->len), &r) ==
		    PARSE_OK)
			open_record(c, dir, e, &r);
		free(e);
	}
}
