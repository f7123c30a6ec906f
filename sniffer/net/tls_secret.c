/* From the key log to the keys of each direction. */
#include <openssl/crypto.h>

#include "sniffer/net/tls_plain_priv.h"

static const struct keylog_entry *entry_of(const struct tls_conn *c)
{
	return keylog_find(c->cfg.keys, KEYLOG_BY_RANDOM,
			   slice_of(c->info.client_random, TLS_RANDOM));
}

static bool master_of_premaster(const struct tls_conn *c, uint8_t *out)
{
	struct slice s = keylog_secret(
		keylog_find(c->cfg.keys, KEYLOG_BY_PREMASTER,
			    slice_of(c->premaster, sizeof(c->premaster))),
		KEYLOG_PREMASTER);

	if (!c->has_premaster || !s.len)
		return false;
	if (c->extended_master_secret) {
		tls_count(c, "tls.premaster_ems");
		return false;
	}
	return !tls_master(tls_hash_of(c->suite, c->version), s,
			   slice_of(c->info.client_random, TLS_RANDOM),
			   slice_of(c->server_random, TLS_RANDOM), out);
}

/* Up to 1.2: as the log names it, by the ClientHello's random, the session's
 * id, or the premaster secret. */
static bool find_master(const struct tls_conn *c, uint8_t out[TLS_MASTER])
{
	struct slice s = keylog_secret(entry_of(c), KEYLOG_MASTER);

	if (!s.len && c->session_len)
		s = keylog_secret(
			keylog_find(c->cfg.keys, KEYLOG_BY_SESSION,
				    slice_of(c->session, c->session_len)),
			KEYLOG_MASTER);
	if (s.len != TLS_MASTER)
		return master_of_premaster(c, out);
	memcpy(out, s.p, TLS_MASTER);
	return true;
}

static bool make_opener(struct tls_conn *c, struct tls_dir *d,
			const struct tls_keys *keys)
{
	tls_opener_free(d->opener);
	d->opener =
		tls_opener_new(c->suite, c->version, c->encrypt_then_mac, keys);
	if (!d->opener)
		tls_count(c, "tls.no_memory");
	return d->opener;
}

static bool unlock_12(struct tls_conn *c)
{
	struct tls_keys keys[2];
	uint8_t master[TLS_MASTER];
	int client = c->info.client;
	bool ok;

	if (!find_master(c, master))
		return false;
	ok = !tls12_keys(c->suite, c->version, slice_of(master, TLS_MASTER),
			 slice_of(c->info.client_random, TLS_RANDOM),
			 slice_of(c->server_random, TLS_RANDOM), keys) &&
	     make_opener(c, &c->dir[client], &keys[0]) &&
	     make_opener(c, &c->dir[!client], &keys[1]);
	OPENSSL_cleanse(master, sizeof(master));
	OPENSSL_cleanse(keys, sizeof(keys));
	return ok;
}

static struct slice secret_13(const struct tls_conn *c, int dir,
			      enum tls_phase phase)
{
	static const enum keylog_label labels[2][2] = {
		[TLS_PHASE_HANDSHAKE] = {KEYLOG_CLIENT_HANDSHAKE,
					 KEYLOG_SERVER_HANDSHAKE},
		[TLS_PHASE_TRAFFIC] = {KEYLOG_CLIENT_TRAFFIC,
				       KEYLOG_SERVER_TRAFFIC},
	};
	struct slice s = keylog_secret(entry_of(c),
				       labels[phase][dir != c->info.client]);

	/* Of another hash: it cannot be this connection's. */
	return s.len == tls_hash_len(c->suite->hash) ? s : (struct slice){0};
}

bool tls_use_secret(struct tls_conn *c, struct tls_dir *d, struct slice secret)
{
	struct tls_keys keys;
	bool ok = !tls13_keys(c->suite, false, secret, &keys) &&
		  make_opener(c, d, &keys);

	if (ok && secret.p != d->secret)
		memcpy(d->secret, secret.p, secret.len);
	OPENSSL_cleanse(&keys, sizeof(keys));
	return ok;
}

void tls_begin_phase(struct tls_dir *d, enum tls_phase phase, uint64_t base)
{
	tls_opener_free(d->opener);
	d->opener = NULL;
	d->phase = phase;
	d->base = base;
	d->above = d->below = d->failures = 0;
	d->opened = d->looked = 0;
	tls_messages_reset(&d->messages, false);
}

/* Where the handshake's last message is not to be seen, the first record of
 * the phase behind it is found by trying. */
static bool unlock_13(struct tls_conn *c, int dir, bool whole)
{
	struct tls_dir *d = &c->dir[dir];
	struct slice secret = secret_13(c, dir, d->phase);

	if (d->phase == TLS_PHASE_TRAFFIC || (secret.len && whole))
		return secret.len && tls_use_secret(c, d, secret);
	secret = secret_13(c, dir, TLS_PHASE_TRAFFIC);
	if (!secret.len)
		return false;
	tls_begin_phase(d, TLS_PHASE_TRAFFIC, 0);
	d->below = TLS_MISSING_MAX;
	return tls_use_secret(c, d, secret);
}

bool tls_unlock(struct tls_conn *c, int dir, uint64_t number, bool gap)
{
	struct tls_dir *d = &c->dir[dir];
	bool whole = number == d->next && !gap;
	uint64_t generation;

	if (d->opener && (whole || d->phase == TLS_PHASE_TRAFFIC))
		return true;
	if (!c->cfg.keys || !c->suite || !c->info.has_client_random)
		return false;
	generation = keylog_generation(c->cfg.keys) + 1;
	if (d->looked == generation)
		return false;
	if (tls_is_13(c->version) ? unlock_13(c, dir, whole) : unlock_12(c))
		return true;
	d->looked = generation;
	return false;
}

void tls_update_keys(struct tls_conn *c, int dir, uint64_t base)
{
	struct tls_dir *d = &c->dir[dir];
	size_t len = tls_hash_len(c->suite->hash);

	d->base = base;
	if (tls13_update(c->suite, false, slice_of(d->secret, len),
			 d->secret) ||
	    !tls_use_secret(c, d, slice_of(d->secret, len)))
		tls_dir_die(c, dir, false);
}
