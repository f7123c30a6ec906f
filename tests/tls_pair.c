#include "tests/tls_pair.h"

#include <openssl/rsa.h>
#include <openssl/srtp.h>
#include <openssl/x509.h>
#include <stdlib.h>

#define NEED(x)                                                                \
	do {                                                                   \
		if (!(x)) {                                                    \
			fprintf(stderr, "tls_pair: %s\n", #x);                 \
			abort();                                               \
		}                                                              \
	} while (0)

void tls_identity_make(struct tls_identity *id, bool rsa)
{
	X509_NAME *name;

	id->key = rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256");
	id->cert = X509_new();
	NEED(id->key && id->cert);
	X509_set_version(id->cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(id->cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(id->cert), -86400);
	X509_gmtime_adj(X509_getm_notAfter(id->cert), 86400);
	X509_set_pubkey(id->cert, id->key);
	name = X509_get_subject_name(id->cert);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
				   (const unsigned char *)"test", -1, -1, 0);
	X509_set_issuer_name(id->cert, name);
	NEED(X509_sign(id->cert, id->key, EVP_sha256()));
}

void tls_identity_free(struct tls_identity *id)
{
	EVP_PKEY_free(id->key);
	X509_free(id->cert);
}

static struct tls_pair *pair_of(const SSL *ssl)
{
	return SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
}

static void on_keylog(const SSL *ssl, const char *line)
{
	struct tls_pair *p = pair_of(ssl);

	NEED(strlen(p->keylog) + strlen(line) + 2 < sizeof(p->keylog));
	strcat(p->keylog, line);
	strcat(p->keylog, "\n");
}

static unsigned put_psk(const char *key, unsigned char *out, unsigned max)
{
	NEED(strlen(key) <= max);
	memcpy(out, key, strlen(key));
	return (unsigned)strlen(key);
}

static unsigned client_psk(SSL *ssl, const char *hint, char *identity,
			   unsigned identity_max, unsigned char *psk,
			   unsigned psk_max)
{
	(void)hint;
	snprintf(identity, identity_max, "somebody");
	return put_psk(pair_of(ssl)->psk, psk, psk_max);
}

static unsigned server_psk(SSL *ssl, const char *identity, unsigned char *psk,
			   unsigned psk_max)
{
	(void)identity;
	return put_psk(pair_of(ssl)->psk, psk, psk_max);
}

static int choose_alpn(SSL *ssl, const unsigned char **out,
		       unsigned char *out_len, const unsigned char *in,
		       unsigned in_len, void *arg)
{
	(void)ssl;
	(void)arg;
	NEED(in_len > 1);
	*out = in + 1;
	*out_len = in[0];
	return SSL_TLSEXT_ERR_OK;
}

static const SSL_METHOD *method(bool dtls, int side)
{
	if (dtls)
		return side ? DTLS_server_method() : DTLS_client_method();
	return side ? TLS_server_method() : TLS_client_method();
}

static void limit(SSL_CTX *ctx, const struct tls_pair_config *cfg)
{
	/* Old versions and ciphers are tested too. */
	SSL_CTX_set_security_level(ctx, 0);
	NEED(SSL_CTX_set_min_proto_version(ctx, cfg->version));
	NEED(SSL_CTX_set_max_proto_version(ctx, cfg->version));
	NEED(SSL_CTX_set_cipher_list(ctx, cfg->ciphers ? cfg->ciphers : "ALL"));
	if (cfg->suites)
		NEED(SSL_CTX_set_ciphersuites(ctx, cfg->suites));
	if (cfg->srtp)
		NEED(!SSL_CTX_set_tlsext_use_srtp(ctx, cfg->srtp));
	if (cfg->fragment)
		SSL_CTX_set_max_send_fragment(ctx, cfg->fragment);
	if (cfg->padding)
		SSL_CTX_set_block_padding(ctx, cfg->padding);
	SSL_CTX_set_options(ctx, cfg->options);
}

static void make_client(SSL_CTX *ctx, const struct tls_pair_config *cfg)
{
	uint8_t alpn[64];
	size_t len;

	SSL_CTX_set_keylog_callback(ctx, on_keylog);
	if (cfg->psk)
		SSL_CTX_set_psk_client_callback(ctx, client_psk);
	if (!cfg->alpn)
		return;
	len = strlen(cfg->alpn);
	NEED(len < sizeof(alpn));
	alpn[0] = (uint8_t)len;
	memcpy(alpn + 1, cfg->alpn, len);
	NEED(!SSL_CTX_set_alpn_protos(ctx, alpn, (unsigned)len + 1));
}

static void make_server(SSL_CTX *ctx, const struct tls_pair_config *cfg)
{
	NEED(SSL_CTX_use_PrivateKey(ctx, cfg->identity->key));
	NEED(SSL_CTX_use_certificate(ctx, cfg->identity->cert));
	SSL_CTX_set_dh_auto(ctx, 1);
	SSL_CTX_set_session_id_context(ctx, (const unsigned char *)"t", 1);
	SSL_CTX_set_max_early_data(ctx, 16384);
	if (cfg->groups)
		NEED(SSL_CTX_set1_groups_list(ctx, cfg->groups));
	if (cfg->psk)
		SSL_CTX_set_psk_server_callback(ctx, server_psk);
	if (cfg->alpn)
		SSL_CTX_set_alpn_select_cb(ctx, choose_alpn, NULL);
}

static SSL_CTX *make_side(struct tls_pair *p, const struct tls_pair_config *cfg,
			  int side)
{
	SSL_CTX *ctx;

	if (side && cfg->server) {
		SSL_CTX_up_ref(cfg->server);
		return cfg->server;
	}
	ctx = SSL_CTX_new(method(cfg->dtls, side));
	NEED(ctx);
	SSL_CTX_set_app_data(ctx, p);
	limit(ctx, cfg);
	if (side)
		make_server(ctx, cfg);
	else
		make_client(ctx, cfg);
	return ctx;
}

void tls_pair_open(struct tls_pair *p, const struct tls_pair_config *cfg)
{
	memset(p, 0, sizeof(*p));
	p->psk = cfg->psk;
	for (int side = 0; side < 2; side++) {
		p->ctx[side] = make_side(p, cfg, side);
		p->ssl[side] = SSL_new(p->ctx[side]);
		NEED(p->ssl[side]);
		SSL_set_bio(p->ssl[side], BIO_new(BIO_s_mem()),
			    BIO_new(BIO_s_mem()));
		BIO_set_mem_eof_return(SSL_get_rbio(p->ssl[side]), -1);
	}
	SSL_set_tlsext_host_name(p->ssl[0], "sip.example.net");
	if (cfg->session)
		NEED(SSL_set_session(p->ssl[0], cfg->session));
	SSL_set_connect_state(p->ssl[0]);
	SSL_set_accept_state(p->ssl[1]);
}

void tls_pair_close(struct tls_pair *p)
{
	for (size_t i = 0; i < p->pieces; i++)
		free(p->piece[i].p);
	for (int side = 0; side < 2; side++) {
		SSL_free(p->ssl[side]);
		SSL_CTX_free(p->ctx[side]);
	}
}

void tls_pair_carry(struct tls_pair *p, int from)
{
	BIO *out = SSL_get_wbio(p->ssl[from]);
	size_t len = BIO_ctrl_pending(out);
	struct tls_piece *piece = &p->piece[p->pieces];

	if (!len)
		return;
	NEED(p->pieces < TLS_PAIR_PIECES);
	*piece = (struct tls_piece){from, malloc(len), len};
	NEED(piece->p);
	NEED(BIO_read(out, piece->p, (int)len) == (int)len);
	NEED(BIO_write(SSL_get_rbio(p->ssl[!from]), piece->p, (int)len) ==
	     (int)len);
	p->pieces++;
}

void tls_pair_pump(struct tls_pair *p)
{
	uint8_t buf[32768];

	for (int side = 0; side < 2; side++) {
		tls_pair_carry(p, side);
		while (SSL_read(p->ssl[!side], buf, sizeof(buf)) > 0)
			;
		tls_pair_carry(p, !side);
	}
}

bool tls_pair_handshake(struct tls_pair *p)
{
	int rc[2] = {0, 0};

	for (int i = 0; i < 20 && !(rc[0] == 1 && rc[1] == 1); i++) {
		for (int side = 0; side < 2; side++) {
			rc[side] = SSL_do_handshake(p->ssl[side]);
			tls_pair_carry(p, side);
		}
	}
	tls_pair_pump(p);
	return rc[0] == 1 && rc[1] == 1;
}

void tls_pair_send(struct tls_pair *p, int from, const void *data, size_t len)
{
	NEED(SSL_write(p->ssl[from], data, (int)len) == (int)len);
	tls_pair_pump(p);
}
