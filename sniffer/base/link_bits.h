/*
 * What of an interface spoils a capture: bits (docs/SPAN.md).
 */
#ifndef BASE_LINK_BITS_H
#define BASE_LINK_BITS_H

enum link_bits {
	LINK_DOWN = 1,
	LINK_NO_CARRIER = 2,
	LINK_GRO = 4,	 /* packets are joined: by the kernel */
	LINK_GRO_HW = 8, /* by the adapter */
	LINK_LRO = 16,	 /* likewise, and they cannot be told apart any more */
	LINK_OFFLOAD = LINK_GRO | LINK_GRO_HW | LINK_LRO,
};

#endif
