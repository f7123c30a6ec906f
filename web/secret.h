/*
 * Secrets that are made here: ids of sessions, tokens. 256 random bits as
 * text; what is kept of them is their SHA-256, so that whoever reads that
 * cannot use it. Any thread.
 */
#ifndef WEB_SECRET_H
#define WEB_SECRET_H

#include "sniffer/base/slice.h"

enum {
	SECRET_HASH = 32,
	SECRET_TEXT = 2 * SECRET_HASH + 1, /* hexadecimal, terminated */
};

/* 0; -EIO when there is no randomness to be had. The caller wipes out. */
int secret_new(char out[SECRET_TEXT]);

/* SHA-256. 0; -EIO when libcrypto cannot. */
int secret_hash(struct slice text, uint8_t out[SECRET_HASH]);

/* Takes the same time wherever they differ. */
bool secret_same(const uint8_t a[SECRET_HASH], const uint8_t b[SECRET_HASH]);

void secret_put_hex(const uint8_t *p, size_t n, char *out); /* 2 n + 1 bytes */
/* Exactly n bytes of hexadecimal digits in text. */
bool secret_take_hex(struct slice text, uint8_t *p, size_t n);

#endif
