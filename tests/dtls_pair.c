#include "tests/dtls_pair.h"

#include <stdio.h>
#include <stdlib.h>

#include <sys/time.h>

#include <openssl/x509.h>

/* The clock that libssl's timers ask: it stands in for the C library's, and
 * goes on only when both ends wait for something that was lost. */
static time_t now = 1000000000;

int gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
	(void)zone;
	*tv = (struct timeval){.tv_sec = now};
	return 0;
}

static void *sure(void *p)
{
	if (!p)
		abort();
	return p;
}

static void must(int ok)
{
	if (ok <= 0)
		abort();
}

/* --- a BIO that keeps datagrams apart ---------------------------------- */

struct end {
	struct dtls_pair *pair;
	unsigned dir;
};

static int bio_write(BIO *b, const char *bytes, int len)
{
	struct end *e = BIO_get_data(b);
	struct dtls_pair *p = e->pair;
	struct dtls_sent *s;

	if (p->count == DTLS_PAIR_MAX)
		abort();
	s = &p->sent[p->count++];
	s->dir = e->dir;
	s->len = (size_t)len;
	s->bytes = sure(malloc(s->len));
	memcpy(s->bytes, bytes, s->len);
	return len;
}

static bool dropped(const struct dtls_pair *p, size_t n)
{
	return n < 32 && p->cfg.drop >> n & 1;
}

static int bio_read(BIO *b, char *out, int max)
{
	struct end *e = BIO_get_data(b);
	struct dtls_pair *p = e->pair;

	BIO_clear_retry_flags(b);
	while (p->arrived[e->dir] < p->count) {
		size_t n = p->arrived[e->dir]++;
		const struct dtls_sent *s = &p->sent[n];

		if (s->dir == e->dir || dropped(p, n))
			continue;
		if (s->len > (size_t)max)
			abort();
		memcpy(out, s->bytes, s->len);
		return (int)s->len;
	}
	BIO_set_retry_read(b);
	return -1;
}

static long bio_ctrl(BIO *b, int cmd, long num, void *ptr)
{
	struct end *e = BIO_get_data(b);

	(void)num;
	(void)ptr;
	switch (cmd) {
	case BIO_CTRL_FLUSH:
		return 1;
	case BIO_CTRL_DGRAM_QUERY_MTU:
		return e->pair->cfg.mtu ? e->pair->cfg.mtu : 1400;
	case BIO_CTRL_DGRAM_GET_MTU_OVERHEAD:
		return 28;
	}
	return 0;
}

static int bio_free(BIO *b)
{
	free(BIO_get_data(b));
	return 1;
}

static BIO *bio_new(struct dtls_pair *p, unsigned dir)
{
	static BIO_METHOD *method;
	struct end *e = sure(malloc(sizeof(*e)));
	BIO *b;

	if (!method) {
		method = sure(BIO_meth_new(BIO_TYPE_SOURCE_SINK, "datagrams"));
		BIO_meth_set_write(method, bio_write);
		BIO_meth_set_read(method, bio_read);
		BIO_meth_set_ctrl(method, bio_ctrl);
		BIO_meth_set_destroy(method, bio_free);
	}
	b = sure(BIO_new(method));
	*e = (struct end){p, dir};
	BIO_set_data(b, e);
	BIO_set_init(b, 1);
	return b;
}

/* --- certificates ------------------------------------------------------ */

static X509 *self_signed(EVP_PKEY *key, const char *name)
{
	X509 *x = sure(X509_new());
	X509_NAME *subject;

	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), 0);
	X509_gmtime_adj(X509_getm_notAfter(x), 86400);
	must(X509_set_pubkey(x, key));
	subject = X509_get_subject_name(x);
	must(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
					(const uint8_t *)name, -1, -1, 0));
	must(X509_set_issuer_name(x, subject));
	must(X509_sign(x, key, EVP_sha256()));
	return x;
}

static void give_certificate(struct dtls_pair *p, unsigned dir)
{
	EVP_PKEY *key = sure(EVP_EC_gen("P-256"));

	p->cert[dir] =
		self_signed(key, dir == DTLS_PAIR_CLIENT ? "client" : "server");
	must(SSL_CTX_use_certificate(p->ctx[dir], p->cert[dir]));
	must(SSL_CTX_use_PrivateKey(p->ctx[dir], key));
	EVP_PKEY_free(key);
}

static int accept_all(int ok, X509_STORE_CTX *ctx)
{
	(void)ok;
	(void)ctx;
	return 1;
}

static int refuse(int ok, X509_STORE_CTX *ctx)
{
	(void)ok;
	X509_STORE_CTX_set_error(ctx, X509_V_ERR_CERT_REJECTED);
	return 0;
}

/* --- the two ends ------------------------------------------------------ */

static int make_cookie(SSL *ssl, uint8_t *cookie, unsigned *len)
{
	(void)ssl;
	memcpy(cookie, "cookie", 6);
	*len = 6;
	return 1;
}

static int check_cookie(SSL *ssl, const uint8_t *cookie, unsigned len)
{
	(void)ssl;
	return len == 6 && !memcmp(cookie, "cookie", 6);
}

static void set_context(struct dtls_pair *p, unsigned dir)
{
	const struct dtls_pair_config *cfg = &p->cfg;
	SSL_CTX *ctx = sure(SSL_CTX_new(DTLS_method()));
	int version = cfg->version ? cfg->version : DTLS1_2_VERSION;
	const char *profiles = cfg->profiles;

	p->ctx[dir] = ctx;
	if (cfg->no_ticket)
		SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
	SSL_CTX_set_security_level(ctx, 0); /* 1.0 has no more */
	must(SSL_CTX_set_min_proto_version(ctx, version));
	must(SSL_CTX_set_max_proto_version(ctx, version));
	if (cfg->ciphers)
		must(SSL_CTX_set_cipher_list(ctx, cfg->ciphers));
	if (dir == DTLS_PAIR_SERVER && cfg->server_profiles)
		profiles = cfg->server_profiles;
	/* Here 0 is good. */
	if (profiles && SSL_CTX_set_tlsext_use_srtp(ctx, profiles))
		abort();
	if (dir == DTLS_PAIR_SERVER || cfg->client_certificate)
		give_certificate(p, dir);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, accept_all);
	if (dir == DTLS_PAIR_SERVER &&
	    (cfg->client_certificate || cfg->no_client_certificate))
		SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER,
				   cfg->server_refuses ? refuse : accept_all);
	must(SSL_CTX_set_session_id_context(ctx, (const uint8_t *)"t", 1));
	SSL_CTX_set_cookie_generate_cb(ctx, make_cookie);
	SSL_CTX_set_cookie_verify_cb(ctx, check_cookie);
	if (cfg->cookie)
		SSL_CTX_set_options(ctx, SSL_OP_COOKIE_EXCHANGE);
}

/* What sessions are kept in, or what their tickets are sealed with. */
static void share_context(struct dtls_pair *p, struct dtls_pair *old,
			  unsigned dir)
{
	p->ctx[dir] = old->ctx[dir];
	must(SSL_CTX_up_ref(p->ctx[dir]));
	p->cert[dir] = old->cert[dir];
	if (p->cert[dir])
		must(X509_up_ref(p->cert[dir]));
}

static void set_end(struct dtls_pair *p, unsigned dir)
{
	SSL *ssl = sure(SSL_new(p->ctx[dir]));
	BIO *bio = bio_new(p, dir);

	p->ssl[dir] = ssl;
	SSL_set_bio(ssl, bio, bio);
	SSL_set_options(ssl, SSL_OP_NO_QUERY_MTU);
	SSL_set_mtu(ssl, p->cfg.mtu ? p->cfg.mtu : 1400);
	if (dir == DTLS_PAIR_CLIENT) {
		SSL_set_connect_state(ssl);
		if (p->cfg.resume)
			must(SSL_set_session(ssl, p->session));
	} else {
		SSL_set_accept_state(ssl);
	}
}

/* True when this end waits for the other. Who is done must read on, or it
 * would not send its last flight again. */
static bool step(struct dtls_pair *p, unsigned dir)
{
	bool done = SSL_is_init_finished(p->ssl[dir]);
	uint8_t byte;
	int got = done ? SSL_peek(p->ssl[dir], &byte, 1)
		       : SSL_do_handshake(p->ssl[dir]);
	int why = SSL_get_error(p->ssl[dir], got);

	return got == 1 || why == SSL_ERROR_WANT_READ;
}

static bool both_done(const struct dtls_pair *p)
{
	return SSL_is_init_finished(p->ssl[0]) &&
	       SSL_is_init_finished(p->ssl[1]);
}

void dtls_pair_run(struct dtls_pair *p, const struct dtls_pair_config *cfg)
{
	memset(p, 0, sizeof(*p));
	p->cfg = *cfg;
	if (cfg->resume)
		p->session = sure(
			SSL_get1_session(cfg->resume->ssl[DTLS_PAIR_CLIENT]));
	for (unsigned dir = 0; dir < 2; dir++) {
		if (cfg->resume)
			share_context(p, cfg->resume, dir);
		else
			set_context(p, dir);
	}
	for (unsigned dir = 0; dir < 2; dir++)
		set_end(p, dir);
	for (int round = 0; round < 40 && !both_done(p); round++) {
		size_t before = p->count;

		if (!step(p, DTLS_PAIR_CLIENT) || !step(p, DTLS_PAIR_SERVER))
			break;
		/* Nothing under way: what was lost is sent again. */
		if (p->count == before) {
			now += 60; /* the longest that a timer gets */
			DTLSv1_handle_timeout(p->ssl[DTLS_PAIR_CLIENT]);
			DTLSv1_handle_timeout(p->ssl[DTLS_PAIR_SERVER]);
		}
	}
	p->done = both_done(p);
}

void dtls_pair_data(struct dtls_pair *p, unsigned dir, const char *text)
{
	must(SSL_write(p->ssl[dir], text, (int)strlen(text)));
}

void dtls_pair_shutdown(struct dtls_pair *p, unsigned dir)
{
	if (SSL_shutdown(p->ssl[dir]) < 0)
		abort();
}

void dtls_pair_free(struct dtls_pair *p)
{
	for (unsigned dir = 0; dir < 2; dir++) {
		SSL_free(p->ssl[dir]);
		SSL_CTX_free(p->ctx[dir]);
		X509_free(p->cert[dir]);
	}
	SSL_SESSION_free(p->session);
	for (size_t i = 0; i < p->count; i++)
		free(p->sent[i].bytes);
}

struct slice dtls_pair_sent(const struct dtls_pair *p, size_t n)
{
	return slice_of(p->sent[n].bytes, p->sent[n].len);
}

void dtls_pair_digest(const struct dtls_pair *p, unsigned dir, const EVP_MD *md,
		      char *out)
{
	uint8_t bytes[EVP_MAX_MD_SIZE];
	unsigned len;

	must(X509_digest(p->cert[dir], md, bytes, &len));
	for (unsigned i = 0; i < len; i++)
		sprintf(out + 3 * i, "%02X%s", bytes[i],
			i + 1 < len ? ":" : "");
}
