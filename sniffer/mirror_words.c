#include "sniffer/mirror_words.h"

#include <stdio.h>

void mirror_words_one_way(char out[MIRROR_WORDS], const struct mirror_tap *t,
			  const char *of)
{
	snprintf(out, MIRROR_WORDS,
		 "Only one direction of the traffic is seen%s: %u %% of what "
		 "must have an answer shows none. The mirror must copy both "
		 "directions, and a filter let both through (docs/SPAN.md).",
		 of, t->one_pct);
}

static const char *why_twice(const struct mirror_tap *t)
{
	if (t->crossed)
		return "two interfaces show the same packets: capture on one "
		       "of them";
	if (t->hops)
		return "they are mirrored before and after a router: mirror "
		       "one side of it";
	return "a packet is mirrored where it comes in and where it goes out: "
	       "mirror one direction of the ports, or the uplink alone";
}

void mirror_words_twice(char out[MIRROR_WORDS], const struct mirror_tap *t,
			const char *of)
{
	snprintf(out, MIRROR_WORDS,
		 "The mirror shows packets twice%s: %u %% of the datagrams are "
		 "copies of another. Calls are counted once, but half of the "
		 "work and of the mirror's room goes into copies; %s "
		 "(docs/SPAN.md).",
		 of, t->twice_pct, why_twice(t));
}

void mirror_words_offload(char out[MIRROR_WORDS], unsigned bits,
			  const char *name)
{
	snprintf(out, MIRROR_WORDS,
		 "%s joins packets before they can be captured (%s%s%s), so "
		 "that their sizes, times and numbers are not those of the "
		 "wire. Turn it off: ethtool -K %s%s%s%s",
		 name, bits & LINK_GRO ? "GRO" : "",
		 bits & LINK_GRO_HW ? (bits & LINK_GRO ? ", GRO in hardware"
						       : "GRO in hardware")
				    : "",
		 bits & LINK_LRO
			 ? (bits & (LINK_GRO | LINK_GRO_HW) ? ", LRO" : "LRO")
			 : "",
		 name, bits & LINK_GRO ? " gro off" : "",
		 bits & LINK_GRO_HW ? " rx-gro-hw off" : "",
		 bits & LINK_LRO ? " lro off" : "");
}
