#include <openssl/crypto.h>
#include <stdlib.h>

#include "sniffer/net/tls_plain_priv.h"

/* --- life --------------------------------------------------------------- */

struct tls_conn *tls_conn_new(const struct tls_conn_config *cfg)
{
	struct tls_conn *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->cfg = *cfg;
	c->info.client = -1;
	return c;
}

static void dir_close(struct tls_conn *c, struct tls_dir *d)
{
	tls_drop_part(d);
	tls_messages_reset(&d->messages, true);
	tls_hold_clear(&d->hold, c->cfg.mem);
	tls_opener_free(d->opener);
	d->opener = NULL;
	OPENSSL_cleanse(d->secret, sizeof(d->secret));
}

void tls_conn_free(struct tls_conn *c)
{
	if (!c)
		return;
	if (tls_conn_info(c)->state == TLS_STATE_NO_KEY)
		tls_count(c, "tls.no_key");
	dir_close(c, &c->dir[0]);
	dir_close(c, &c->dir[1]);
	free(c);
}

void tls_give_up(struct tls_conn *c, const char *counter)
{
	if (tls_over(c))
		return;
	if (counter)
		tls_count(c, counter);
	c->unsupported = true;
}

void tls_no_hello(struct tls_conn *c)
{
	if (tls_over(c))
		return;
	tls_count(c, "tls.no_hello");
	c->unknown = true;
}

void tls_settle(struct tls_conn *c)
{
	if (!tls_over(c))
		return;
	dir_close(c, &c->dir[0]);
	dir_close(c, &c->dir[1]);
}

/* --- records ------------------------------------------------------------ */

/* The first record has the hello; a server may also refuse at once. */
static bool begins_well(const struct tls_conn *c, int dir,
			const struct tls_record *r)
{
	if (r->type == TLS_ALERT)
		return c->dir[!dir].began;
	return r->type == TLS_HANDSHAKE &&
	       (r->fragment.p[0] == TLS_CLIENT_HELLO ||
		r->fragment.p[0] == TLS_SERVER_HELLO);
}

enum kind {
	KIND_PLAIN,
	KIND_PROTECTED,
	KIND_UNDECIDED, /* as long as the version is not known */
	KIND_NOTHING,
	KIND_BAD,
};

/* RFC 8446, 5: change_cipher_spec means nothing, and all that is protected
 * says application data. */
static enum kind kind_of_13(const struct tls_record *r)
{
	switch (r->type) {
	case TLS_APPLICATION_DATA:
		return KIND_PROTECTED;
	case TLS_HANDSHAKE:
	case TLS_ALERT:
		return KIND_PLAIN;
	case TLS_CHANGE_CIPHER_SPEC:
		return KIND_NOTHING;
	}
	return KIND_BAD;
}

/* Up to 1.2 all is protected after change_cipher_spec, which may be what a
 * gap has hidden. */
static enum kind kind_of_12(const struct tls_dir *d, const struct tls_record *r)
{
	if (d->ccs)
		return KIND_PROTECTED;
	switch (r->type) {
	case TLS_APPLICATION_DATA:
		return d->messages.lost ? KIND_PROTECTED : KIND_BAD;
	case TLS_CHANGE_CIPHER_SPEC:
		return KIND_NOTHING;
	}
	return KIND_PLAIN;
}

static enum kind kind_of(const struct tls_conn *c, const struct tls_dir *d,
			 const struct tls_record *r)
{
	if (tls_is_13(c->version))
		return kind_of_13(r);
	if (c->version)
		return kind_of_12(d, r);
	if (r->type == TLS_CHANGE_CIPHER_SPEC)
		return KIND_NOTHING;
	return d->ccs || r->type == TLS_APPLICATION_DATA ? KIND_UNDECIDED
							 : KIND_PLAIN;
}

static void plain_record(struct tls_conn *c, int dir,
			 const struct tls_record *r)
{
	if (r->type == TLS_HANDSHAKE)
		tls_take_messages(c, dir, r->fragment, false);
	else if (r->type == TLS_ALERT)
		tls_take_alert(c, dir, r->fragment);
}

static void undecided(struct tls_conn *c, int dir, const struct tls_record *r,
		      uint64_t ts_ns)
{
	struct tls_dir *d = &c->dir[dir];
	struct tls_held like = {
		.ts_ns = ts_ns,
		.missing = d->missing,
		.gap = d->gap,
	};

	if (tls_hold_put(&d->hold, c->cfg.mem, &like,
			 slice_of(r->head.p, r->len))) {
		d->missing = 0;
		d->gap = false;
		return;
	}
	d->missing++;
	d->gap = true;
}

/* Application data before any change_cipher_spec: a gap has hidden it. */
static void assume_protected(struct tls_dir *d)
{
	if (!d->ccs)
		d->missing += TLS_MISSING_UNSEEN;
	d->ccs = true;
}

void tls_take_record(struct tls_conn *c, int dir, const struct tls_record *r,
		     uint64_t ts_ns)
{
	struct tls_dir *d = &c->dir[dir];

	if (!d->began && !begins_well(c, dir, r))
		tls_no_hello(c);
	if (tls_over(c))
		return;
	d->began = true;
	switch (kind_of(c, d, r)) {
	case KIND_PLAIN:
		plain_record(c, dir, r);
		break;
	case KIND_PROTECTED:
		assume_protected(d);
		tls_protected(c, dir, r, ts_ns);
		break;
	case KIND_UNDECIDED:
		undecided(c, dir, r, ts_ns);
		break;
	case KIND_NOTHING:
		d->ccs = true;
		tls_messages_reset(&d->messages, false);
		break;
	case KIND_BAD:
		tls_count(c, "tls.bad_record");
		break;
	}
}

void tls_record_lost(struct tls_conn *c, int dir, uint8_t type)
{
	struct tls_dir *d = &c->dir[dir];
	struct tls_record r = {.type = type};

	switch (kind_of(c, d, &r)) {
	case KIND_PROTECTED:
		assume_protected(d);
		d->count++;
		c->info.records[dir]++;
		break;
	case KIND_UNDECIDED:
		d->missing++;
		break;
	default:
		break;
	}
}

static void redo_dir(struct tls_conn *c, int dir)
{
	struct tls_dir *d = &c->dir[dir];
	struct tls_hold old = d->hold;
	struct tls_held *e;

	d->hold = (struct tls_hold){0};
	while ((e = tls_hold_take(&old, c->cfg.mem))) {
		struct tls_record r;

		d->missing += e->missing;
		d->gap |= e->gap;
		if (!tls_over(c) && tls_record_parse(slice_of(e->bytes, e->len),
						     &r) == PARSE_OK)
			tls_take_record(c, dir, &r, e->ts_ns);
		free(e);
	}
}

void tls_redo(struct tls_conn *c)
{
	redo_dir(c, 0);
	redo_dir(c, 1);
}

void tls_conn_keys_changed(struct tls_conn *c)
{
	if (tls_conn_waits(c))
		tls_drain(c);
	tls_settle(c);
}

/* --- what is known ------------------------------------------------------ */

bool tls_conn_waits(const struct tls_conn *c)
{
	return c->dir[0].hold.count || c->dir[1].hold.count;
}

static enum tls_state state_of(const struct tls_conn *c)
{
	const struct tls_dir *a = &c->dir[0], *b = &c->dir[1];
	const struct tls_conn_info *i = &c->info;

	if (c->unsupported)
		return TLS_STATE_UNSUPPORTED;
	if (c->unknown)
		return TLS_STATE_UNKNOWN;
	if (a->wrong || b->wrong)
		return TLS_STATE_WRONG_KEY;
	if (a->dead || b->dead)
		return TLS_STATE_LOST;
	if (i->opened[0] || i->opened[1])
		return TLS_STATE_OPEN;
	if (i->records[0] || i->records[1])
		return TLS_STATE_NO_KEY;
	return i->client >= 0 ? TLS_STATE_HANDSHAKE : TLS_STATE_NEW;
}

const struct tls_conn_info *tls_conn_info(struct tls_conn *c)
{
	c->info.state = state_of(c);
	return &c->info;
}
