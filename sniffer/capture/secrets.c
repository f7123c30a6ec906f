#include "sniffer/capture/secrets.h"

#include <errno.h>
#include <openssl/crypto.h>

static int grow(struct secrets *k, size_t need)
{
	size_t size = k->size ? k->size : 4096;
	uint8_t *p;

	while (size < need)
		size *= 2;
	if (size == k->size)
		return 0;
	p = OPENSSL_clear_realloc(k->p, k->size, size);
	if (!p)
		return -ENOMEM;
	k->p = p;
	k->size = size;
	return 0;
}

int secrets_keep(struct secrets *k, struct slice text)
{
	size_t need = k->len + text.len + 1;
	int err;

	if (!text.len)
		return 0;
	if (need > SECRETS_MAX)
		return -ENOSPC;
	err = grow(k, need);
	if (err)
		return err;
	memcpy(k->p + k->len, text.p, text.len);
	k->len += text.len;
	/* The last line of a block may lack its end. */
	if (k->p[k->len - 1] != '\n')
		k->p[k->len++] = '\n';
	return 0;
}

void secrets_cut(struct secrets *k, size_t len)
{
	if (len < k->len)
		OPENSSL_cleanse(k->p + len, k->len - len);
	k->len = len;
}

void secrets_close(struct secrets *k)
{
	OPENSSL_clear_free(k->p, k->size);
	*k = (struct secrets){0};
}
