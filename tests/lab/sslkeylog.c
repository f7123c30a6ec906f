/*
 * To be preloaded: a program that uses OpenSSL appends the secrets of its
 * TLS and DTLS connections to the file that SSLKEYLOGFILE names, as NSS key
 * log lines. For the lab only.
 *
 *	cc -shared -fPIC -o sslkeylog.so sslkeylog.c
 *	LD_PRELOAD=./sslkeylog.so SSLKEYLOGFILE=keys PROGRAM
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>

static void append(const SSL *ssl, const char *line)
{
	const char *path = getenv("SSLKEYLOGFILE");
	FILE *f = path ? fopen(path, "a") : NULL;

	(void)ssl;
	if (!f)
		return;
	fprintf(f, "%s\n", line);
	fclose(f);
}

SSL *SSL_new(SSL_CTX *ctx)
{
	SSL *(*real)(SSL_CTX *);

	*(void **)&real = dlsym(RTLD_NEXT, "SSL_new");
	SSL_CTX_set_keylog_callback(ctx, append);
	return real(ctx);
}
