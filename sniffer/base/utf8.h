/*
 * UTF-8 (RFC 3629) without any locale. Pure.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "sniffer/base/slice.h"

/* Bytes of the character that s begins with (1 to 4) and, unless rune is
 * NULL, its code point. 0 when s is empty or begins with a byte that is part
 * of no character: overlong forms, surrogates and what lies above U+10FFFF
 * are none. */
size_t utf8_char(struct slice s, uint32_t *rune);

#endif
