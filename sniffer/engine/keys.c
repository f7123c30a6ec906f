/*
 * From the secrets of a handshake to the keys of SRTP (RFC 5764, 4.2): they
 * are made when both are there, in either order, and given to all flows of
 * the session that the association may protect.
 */
#include <stdlib.h>
#include <string.h>

#include "sniffer/engine/engine_priv.h"
#include "sniffer/net/tls_keys.h"

/* Of each profile that may be the one. Wiped before its arena goes. */
struct srtp_secret {
	size_t n;
	struct {
		uint16_t profile;
		struct media_key client, server;
	} of[DTLS_PROFILES_MAX];
};

/* --- making --------------------------------------------------------------- */

static int export(const struct dtls_info *i, const struct keylog_entry *log,
		  size_t n, uint8_t *out)
{
	const struct tls_suite *s = tls_suite_find(i->cipher);
	struct slice secret = keylog_secret(
		log, tls_is_13(i->version) ? KEYLOG_EXPORTER : KEYLOG_MASTER);
	enum tls_hash hash;

	if (!secret.len || (!s && !tls_is_old(i->version)))
		return -1;
	hash = s ? tls_hash_of(s, i->version) : TLS_HASH_MD5_SHA1;
	if (tls_is_13(i->version))
		return tls_export_dtls_srtp13(hash, secret, true, n, out);
	return tls_export_dtls_srtp12(
		hash, secret, slice_of(i->client_random, TLS_RANDOM),
		slice_of(i->server_random, TLS_RANDOM), n, out);
}

static void add_profile(struct srtp_secret *to, const struct dtls_info *i,
			const struct keylog_entry *log, uint16_t profile)
{
	const struct srtp_suite *suite = srtp_suite_of_profile(profile);
	struct media_key *client = &to->of[to->n].client;
	struct media_key *server = &to->of[to->n].server;
	uint8_t block[TLS_SRTP_BLOCK_MAX];
	struct srtp_export x;
	size_t key, salt;

	if (suite && tls_srtp_sizes(profile, &key, &salt) &&
	    !export(i, log, 2 * (key + salt), block) &&
	    !tls_srtp_split(slice_of(block, 2 * (key + salt)), key, salt, &x) &&
	    media_key_set(client, suite, slice_of(x.client_key, key),
			  slice_of(x.client_salt, salt), MEDIA_KEY_DTLS) &&
	    media_key_set(server, suite, slice_of(x.server_key, key),
			  slice_of(x.server_salt, salt), MEDIA_KEY_DTLS))
		to->of[to->n++].profile = profile;
	explicit_bzero(&x, sizeof(x));
	explicit_bzero(block, sizeof(block));
}

/* Where 1.3 hides the choice each that was offered may be it. */
static bool make(struct rtc_dtls *d, const struct dtls_info *i,
		 const struct keylog_entry *log)
{
	struct srtp_secret made = {0};

	if (i->srtp == DTLS_SRTP_CHOSEN)
		add_profile(&made, i, log, i->srtp_profile);
	else if (i->srtp != DTLS_SRTP_NONE)
		for (size_t n = 0; n < i->offered_count; n++)
			add_profile(&made, i, log, i->offered[n]);
	d->srtp = made.n ? arena_alloc(d->rtc->mem, sizeof(made)) : NULL;
	if (d->srtp)
		*d->srtp = made;
	explicit_bzero(&made, sizeof(made));
	return d->srtp != NULL;
}

/* --- finding -------------------------------------------------------------- */

/* Of 1.3: the rest of the handshake can be read. */
static void open_handshake(struct rtc_dtls *d, const struct keylog_entry *log)
{
	const struct dtls_secrets s = {
		.client_hs = keylog_secret(log, KEYLOG_CLIENT_HANDSHAKE),
		.server_hs = keylog_secret(log, KEYLOG_SERVER_HANDSHAKE),
		.client_app = keylog_secret(log, KEYLOG_CLIENT_TRAFFIC),
		.server_app = keylog_secret(log, KEYLOG_SERVER_TRAFFIC),
	};

	dtls_assoc_secrets(d->assoc, &s);
}

bool engine_keys_find(struct engine *e, struct rtc_dtls *d)
{
	const struct dtls_info *i = dtls_assoc_info(d->assoc);
	const struct keylog_entry *log;

	if (d->srtp || !i->has_client_random)
		return false;
	if (list_empty(&d->waiting))
		list_append(&e->dtls_waiting, &d->waiting);
	log = keylog_find(e->keylog, KEYLOG_BY_RANDOM,
			  slice_of(i->client_random, TLS_RANDOM));
	if (!log)
		return false;
	d->keys_known = true;
	if (i->version && tls_is_13(i->version))
		open_handshake(d, log);
	if (!i->has_server_random || !i->version || !make(d, i, log))
		return false;
	list_remove(&d->waiting);
	return true;
}

void engine_keys_look_again(struct engine *e)
{
	list_each_safe(it, &e->dtls_waiting)
	{
		struct rtc_dtls *d = container_of(it, struct rtc_dtls, waiting);

		if (engine_keys_find(e, d))
			engine_describe_owner(e, d->rtc->owner);
	}
}

static void add_line(void *arg, struct slice line)
{
	struct keys_text *t = arg;

	if (line.len > t->size - t->len)
		return;
	memcpy(t->p + t->len, line.p, line.len);
	t->len += line.len;
}

struct keys_text engine_keys_text(const struct engine *e, const struct owner *o)
{
	struct keys_text t = {0};
	const struct rtc *r = o->rtc;

	if (!r || !r->dtls_n)
		return t;
	t.size = r->dtls_n * KEYLOG_LABELS * KEYLOG_LINE_MAX;
	t.p = malloc(t.size);
	for (const struct rtc_dtls *d = t.p ? r->dtls : NULL; d; d = d->next) {
		const struct dtls_info *i = dtls_assoc_info(d->assoc);
		struct slice random = slice_of(i->client_random, TLS_RANDOM);

		if (d->keys_known)
			keylog_write(e->keylog, &random, 1, add_line, &t);
	}
	return t;
}

void engine_keys_forget(struct rtc *r)
{
	for (struct rtc_dtls *d = r ? r->dtls : NULL; d; d = d->next) {
		list_remove(&d->waiting);
		if (d->srtp)
			explicit_bzero(d->srtp, sizeof(*d->srtp));
		d->srtp = NULL;
	}
}

/* --- giving --------------------------------------------------------------- */

/* Which end of the association sends in this direction; -1: either may. */
static int end_of(const struct rtc_dtls *d, const struct link *l, int dir)
{
	int party = engine_party_known(l, dir);

	if (d->party[0] >= 0 && party >= 0)
		return d->party[0] == party ? 0 : 1;
	for (int end = 0; end < 2; end++)
		if (addr_eq(&d->end[end], flow_src(l->flow, dir)) ||
		    addr_eq(&d->end[!end], flow_dst(l->flow, dir)))
			return end;
	return -1;
}

static void give(struct link *l, int dir, const struct rtc_dtls *d)
{
	int client = dtls_assoc_info(d->assoc)->client;
	int end = end_of(d, l, dir);

	for (size_t n = 0; d->srtp && n < d->srtp->n; n++) {
		if (end < 0 || client < 0 || end == client)
			crew_flow_key(&l->owner->group, &l->mf, (unsigned)dir,
				      &d->srtp->of[n].client);
		if (end < 0 || client < 0 || end != client)
			crew_flow_key(&l->owner->group, &l->mf, (unsigned)dir,
				      &d->srtp->of[n].server);
	}
}

/* What a flow without a handshake of its own carries may be protected by any
 * of the session's: after an ICE restart, say. */
void engine_keys_give(struct link *l, int dir)
{
	const struct rtc *r = l->owner->rtc;

	for (const struct rtc_dtls *d = r ? r->dtls : NULL; d; d = d->next)
		if (!l->rtc || !l->rtc->dtls || l->rtc->dtls == d)
			give(l, dir, d);
}

/* --- what they proved ----------------------------------------------------- */

static bool between(const struct cdr_stream *s, const struct cdr_dtls *d)
{
	return (addr_eq(&s->src, &d->client) && addr_eq(&s->dst, &d->server)) ||
	       (addr_eq(&s->src, &d->server) && addr_eq(&s->dst, &d->client));
}

static const struct srtp_suite *proved(const struct cdr_call *c,
				       const struct cdr_dtls *d)
{
	const struct srtp_suite *any = NULL, *s;

	for (size_t i = 0; i < c->streams_n; i++) {
		if (!c->streams[i].decrypted)
			continue;
		s = srtp_suite_find(slice_str(c->streams[i].srtp));
		if (!s || !s->dtls)
			continue;
		if (between(&c->streams[i], d))
			return s;
		any = s;
	}
	return any;
}

/* Up to 1.2 only the streams tell that secrets are wrong. */
static bool opened_none(const struct cdr_call *c, const struct cdr_dtls *d)
{
	bool wrong = false;

	for (size_t i = 0; i < c->streams_n; i++) {
		if (!between(&c->streams[i], d))
			continue;
		if (c->streams[i].decrypted)
			return false;
		wrong |= c->streams[i].key_state &&
			 !strcmp(c->streams[i].key_state, "wrong");
	}
	return wrong;
}

void engine_keys_proved(struct cdr_call *c)
{
	for (size_t i = 0; i < c->dtls_n; i++) {
		struct cdr_dtls *d = &c->dtls[i];

		if (d->key_state && opened_none(c, d))
			d->key_state = "wrong";
	}
	for (size_t i = 0; i < c->dtls_n; i++) {
		struct cdr_dtls *d = &c->dtls[i];
		const struct srtp_suite *s = d->key_state && !d->srtp_profile.p
						     ? proved(c, d)
						     : NULL;

		if (s)
			d->srtp_profile = slice_str(s->dtls);
	}
}
