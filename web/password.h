/*
 * Passwords, kept as scrypt (RFC 7914) of them: the text says how it was made,
 * so that a later version may take more time. One check takes about a quarter
 * of a second and 32 MB: that is what makes guessing dear. Any thread.
 */
#ifndef WEB_PASSWORD_H
#define WEB_PASSWORD_H

#include "sniffer/base/slice.h"

enum {
	PASSWORD_MIN = 10,
	PASSWORD_MAX = 1023, /* bytes */
	/* "scrypt:15:8:3:", salt and hash in hexadecimal, terminated. */
	PASSWORD_TEXT = 14 + 2 * 16 + 1 + 2 * 32 + 4,
};

/* NULL, or what is wrong with it as a password for that name. */
const char *password_refuse(struct slice password, struct slice name);

/* 0; -ENOMEM; -EIO when libcrypto cannot. */
int password_hash(struct slice password, char out[PASSWORD_TEXT]);

/* Whether the text was made of it. A text that is none: no. */
bool password_check(struct slice password, struct slice text);

/* Takes as long as a check, for names that are not there. */
void password_check_nobody(struct slice password);

/* Whether it can be the text of a password. */
bool password_is_text(struct slice text);

#endif
