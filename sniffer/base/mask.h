/*
 * Numbers made unreadable in place, for those who may not keep them whole:
 * each digit behind the first few becomes 'x', so that lengths stay. Pure.
 */
#ifndef BASE_MASK_H
#define BASE_MASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MASK_OFF UINT64_MAX

struct mask {
	uint64_t digits; /* of a number that stay; MASK_OFF = all */
	bool dtmf;	 /* digits that were pressed */
};

static inline bool mask_is_on(const struct mask *m)
{
	return m->digits != MASK_OFF || m->dtmf;
}

/* What masks a text, as the three below do. */
typedef void mask_fn(uint8_t *p, size_t len, uint64_t keep);

/* All digits of the text behind the first keep ones. */
void mask_digits(uint8_t *p, size_t len, uint64_t keep);

/* The user part of each sip:, sips: and tel: URI in the text, and the display
 * name before "<". */
void mask_uris(uint8_t *p, size_t len, uint64_t keep);

/* What a key of a telephone can be (0-9 * # A-D), behind the first keep. */
void mask_keys(uint8_t *p, size_t len, uint64_t keep);

#endif
