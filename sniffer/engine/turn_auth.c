/*
 * Did the client of a TURN server know its password, where we know it too
 * (RFC 8489, 9.2)? The server's answers have the same key.
 */
#include <openssl/crypto.h>

#include "sniffer/engine/engine_priv.h"
#include "sniffer/net/stun_auth.h"

struct asked {
	struct slice in, user, realm;
	const struct stun_msg *m;
	bool sha256;
};

static enum stun_auth check(const struct asked *a, struct slice password)
{
	uint8_t key[STUN_KEY_MAX];
	enum stun_auth got = STUN_AUTH_NONE;
	size_t len;

	if (!stun_long_term_key(a->user, a->realm, password, a->sha256, key,
				&len))
		got = stun_auth_check(a->in, a->m, slice_of(key, len));
	OPENSSL_cleanse(key, sizeof(key));
	return got;
}

/* The best of what each answers. */
static enum stun_auth better(enum stun_auth a, enum stun_auth b)
{
	if (a == STUN_AUTH_OK || b == STUN_AUTH_OK)
		return STUN_AUTH_OK;
	return a == STUN_AUTH_NONE ? b : a;
}

static enum stun_auth by_users(const struct engine_config *cfg,
			       const struct asked *a)
{
	enum stun_auth got = STUN_AUTH_NONE;

	for (size_t i = 0; i < cfg->turn_users_n; i++) {
		struct slice name, password;

		if (slice_cut(cfg->turn_users[i], ':', &name, &password) &&
		    slice_eq(name, a->user))
			got = better(got, check(a, password));
	}
	return got;
}

static enum stun_auth by_secrets(const struct engine_config *cfg,
				 const struct asked *a)
{
	enum stun_auth got = STUN_AUTH_NONE;

	for (size_t i = 0; i < cfg->turn_secrets_n; i++) {
		uint8_t password[STUN_REST_PASSWORD];

		if (stun_rest_password(cfg->turn_secrets[i], a->user, password))
			continue;
		got = better(got,
			     check(a, slice_of(password, sizeof(password))));
		OPENSSL_cleanse(password, sizeof(password));
	}
	return got;
}

void engine_turn_authenticate(struct engine *e, struct turn_alloc *t,
			      struct slice in, const struct stun_msg *m)
{
	const struct engine_config *cfg = &e->cfg;
	struct asked a = {
		.in = in,
		.user = m->username.len ? m->username : t->username,
		.realm = m->realm.len ? m->realm : t->realm,
		.m = m,
		.sha256 = m->has_password_algorithm ? m->password_algorithm == 2
						    : t->sha256,
	};
	enum stun_auth got;

	if (!(cfg->turn_users_n || cfg->turn_secrets_n) || !a.user.len ||
	    !a.realm.len)
		return;
	got = better(by_users(cfg, &a), by_secrets(cfg, &a));
	if (got == STUN_AUTH_BAD)
		counters_add(&e->counters, "stun.bad_integrity", 1);
	t->auth_ok += got == STUN_AUTH_OK;
	t->auth_bad += got == STUN_AUTH_BAD;
}
