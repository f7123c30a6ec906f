/*
 * For the lab only: makes any program that uses the shared OpenSSL write
 * its TLS and DTLS secrets to the file $SSLKEYLOGFILE (NSS key log format).
 *
 *	cc -shared -fPIC -o sslkeylog.so sslkeylog.c -ldl
 *	LD_PRELOAD=./sslkeylog.so SSLKEYLOGFILE=keys PROGRAM
 *
 * The callback is set where a connection is made, so that it holds for
 * contexts of every kind and age.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <openssl/ssl.h>

static void keep(const SSL *ssl, const char *line)
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
	SSL *(*real)(SSL_CTX *) =
		(SSL * (*)(SSL_CTX *)) dlsym(RTLD_NEXT, "SSL_new");

	SSL_CTX_set_keylog_callback(ctx, keep);
	return real(ctx);
}
