/*
 * Secrets that captures bring with them (Decryption Secrets Blocks of
 * pcapng), kept until somebody asks: files are looked at before the run
 * begins. One owner; wiped when they go.
 */
#ifndef CAPTURE_SECRETS_H
#define CAPTURE_SECRETS_H

#include "sniffer/base/slice.h"

#define SECRETS_MAX (64u << 20) /* bytes that are kept */

/* All zero is empty. */
struct secrets {
	uint8_t *p;
	size_t len, size;
};

/* Adds whole lines of text. 0, -ENOSPC, -ENOMEM. */
int secrets_keep(struct secrets *k, struct slice text);
/* What was added after len had this value goes again. */
void secrets_cut(struct secrets *k, size_t len);
void secrets_close(struct secrets *k);

static inline struct slice secrets_text(const struct secrets *k)
{
	return slice_of(k->p, k->len);
}

#endif
