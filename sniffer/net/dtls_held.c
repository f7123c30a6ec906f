/* Encrypted records of 1.3: opened when there are secrets, held until then. */
#include <stdlib.h>

#include "sniffer/net/dtls_priv.h"

struct dtls_held {
	struct dtls_held *next;
	uint64_t ts_ns;
	unsigned dir;
	size_t size; /* of data */
	struct dtls_record record;
	uint8_t data[]; /* header and payload */
};

enum {
	MESSAGE_MAX = 65536, /* payload of a record */
	ALERT = 2 + 1 + 16,  /* with its hidden type and the tag */
	ALERT_CCM_8 = 16,    /* padded: no record is shorter (4.2.3) */
	CCM_8 = 0x1305,
};

bool dtls_alert_long(const struct dtls_assoc *a, const struct dtls_record *r)
{
	size_t len = a->info.cipher == CCM_8 ? ALERT_CCM_8 : ALERT;

	return !r->cut && r->payload.len == len;
}

static unsigned slot_of(const struct dtls_record *r)
{
	return r->epoch == DTLS_EPOCH_DATA;
}

/* What an opened record holds. */
static void on_plain(struct dtls_assoc *a, unsigned dir,
		     const struct dtls_plain *p, uint64_t ts_ns)
{
	switch (p->type) {
	case DTLS_HANDSHAKE:
		dtls_fragments(a, dir, p->content, ts_ns, true);
		break;
	case DTLS_ALERT:
		dtls_on_alert(a, dir, p->content, ts_ns);
		break;
	case DTLS_APPLICATION_DATA:
		dtls_on_data(a, dir, p->content.len);
		break;
	}
}

/* False when there is no key that opens it. */
static bool try_open(struct dtls_assoc *a, unsigned dir,
		     const struct dtls_record *r, uint64_t ts_ns)
{
	struct dtls_side *s = &a->side[dir];
	unsigned n = slot_of(r);
	struct dtls_plain plain;
	uint8_t *buf;
	bool ok;

	if (!s->epoch[n].key.cipher || r->cut || r->payload.len > MESSAGE_MAX)
		return false;
	buf = malloc(r->payload.len);
	if (!buf) {
		counters_add(a->counters, "dtls.no_memory", 1);
		return false;
	}
	ok = dtls_open(&s->epoch[n].key, r, s->epoch[n].expected, buf, &plain);
	if (ok) {
		if (plain.seq >= s->epoch[n].expected)
			s->epoch[n].expected = plain.seq + 1;
		a->info.opened++;
		a->info.secrets_failed = false;
		on_plain(a, dir, &plain, ts_ns);
	} else if (!a->info.opened) {
		a->info.secrets_failed = true;
	}
	free(buf);
	return ok;
}

static void hold(struct dtls_assoc *a, unsigned dir,
		 const struct dtls_record *r, uint64_t ts_ns)
{
	size_t size = r->header.len + r->payload.len;
	struct dtls_held *h;

	if (r->cut || a->side[dir].held + size > DTLS_HELD_MAX) {
		counters_add(a->counters, "dtls.held_limit", 1);
		return;
	}
	h = calloc(1, sizeof(*h) + size);
	if (!h) {
		counters_add(a->counters, "dtls.no_memory", 1);
		return;
	}
	h->ts_ns = ts_ns;
	h->dir = dir;
	h->size = size;
	h->record = *r;
	/* Flags, connection ID ...: both lie in a row on the wire. */
	memcpy(h->data, r->header.p, r->header.len);
	memcpy(h->data + r->header.len, r->payload.p, r->payload.len);
	h->record.header = slice_of(h->data, r->header.len);
	h->record.payload = slice_of(h->data + r->header.len, r->payload.len);
	h->record.cid = slice_of(h->data + 1, r->cid.len);
	*a->last = h;
	a->last = &h->next;
	a->side[dir].held += size;
	a->info.held++;
}

void dtls_encrypted(struct dtls_assoc *a, unsigned dir,
		    const struct dtls_record *r, uint64_t ts_ns)
{
	if (try_open(a, dir, r, ts_ns))
		return;
	/* Secrets that opened others will not open this one later. */
	if (a->side[dir].epoch[slot_of(r)].expected)
		counters_add(a->counters, "dtls.unopened", 1);
	else
		hold(a, dir, r, ts_ns);
	if (dtls_alert_long(a, r))
		a->info.alerts_hidden[dir]++;
}

static void make_keys(struct dtls_assoc *a)
{
	for (unsigned role = 0; role < 2; role++) {
		struct dtls_side *s = &a->side[(unsigned)a->info.client ^ role];

		for (unsigned n = 0; n < DTLS_EPOCHS; n++) {
			const struct dtls_secret *k = &a->secret[role][n];

			if (k->len &&
			    !dtls_key_set(&s->epoch[n].key, a->info.cipher,
					  slice_of(k->bytes, k->len)))
				a->info.secrets_failed = true;
		}
	}
}

static void let_go(struct dtls_assoc *a, struct dtls_held **at)
{
	struct dtls_held *h = *at;

	*at = h->next;
	if (a->last == &h->next)
		a->last = at;
	a->side[h->dir].held -= h->size;
	a->info.held--;
	free(h);
}

/* Forged or broken ones are left among those that were opened. */
static void drop_unopened(struct dtls_assoc *a)
{
	struct dtls_held **at = &a->first;

	while (*at) {
		unsigned n = slot_of(&(*at)->record);

		if (!a->side[(*at)->dir].epoch[n].expected) {
			at = &(*at)->next;
			continue;
		}
		counters_add(a->counters, "dtls.unopened", 1);
		let_go(a, at);
	}
}

void dtls_keys_ready(struct dtls_assoc *a)
{
	struct dtls_held **at = &a->first;

	if (!a->answered || a->info.version != DTLS_1_3)
		return;
	make_keys(a);
	while (*at) {
		struct dtls_held *h = *at;

		if (!try_open(a, h->dir, &h->record, h->ts_ns)) {
			at = &h->next;
			continue;
		}
		if (dtls_alert_long(a, &h->record))
			a->info.alerts_hidden[h->dir]--;
		let_go(a, at);
	}
	drop_unopened(a);
	a->info.revision++;
}

void dtls_held_free(struct dtls_assoc *a)
{
	while (a->first)
		let_go(a, &a->first);
}

static void keep_secret(struct dtls_assoc *a, enum dtls_role role, unsigned n,
			struct slice secret)
{
	struct dtls_secret *k = &a->secret[role][n];

	if (!secret.len || secret.len > DTLS_SECRET_MAX)
		return;
	memcpy(k->bytes, secret.p, secret.len);
	k->len = secret.len;
}

void dtls_assoc_secrets(struct dtls_assoc *a, const struct dtls_secrets *s)
{
	keep_secret(a, DTLS_CLIENT, 0, s->client_hs);
	keep_secret(a, DTLS_SERVER, 0, s->server_hs);
	keep_secret(a, DTLS_CLIENT, 1, s->client_app);
	keep_secret(a, DTLS_SERVER, 1, s->server_app);
	dtls_keys_ready(a);
}
