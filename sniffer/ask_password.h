/*
 * Asks for a new password on the terminal, twice and without showing it.
 */
#ifndef SNIFFER_ASK_PASSWORD_H
#define SNIFFER_ASK_PASSWORD_H

#include <stdatomic.h>
#include <stddef.h>

/* 0, or 1 when it was said why there is none: no terminal, two different
 * ones, too long, stopped. The caller wipes out. */
int ask_password(const char *name, const atomic_bool *stop, char *out,
		 size_t size);

#endif
