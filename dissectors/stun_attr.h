/*
 * The attributes of STUN: what stun.c calls for each that it finds.
 */
#ifndef DISSECTORS_STUN_ATTR_H
#define DISSECTORS_STUN_ATTR_H

#include "dissectors/stun.h"

struct stun_attr {
	uint16_t type;
	bool cut;	    /* the message ended before the value did */
	size_t offset;	    /* of the attribute in the message */
	struct slice value; /* without padding */
	const uint8_t *key; /* 16 bytes, for the XOR forms of addresses */
};

/* False when the value cannot be what the type asks for. Types that nobody
 * asked about are fine. */
bool stun_attr_read(const struct stun_attr *a, struct stun_msg *m);

#endif
