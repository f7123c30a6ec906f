/*
 * An exchange on its way into the report. Internal to ice_result.c and
 * ice_pair.c.
 */
#ifndef CALL_ICE_EYES_H
#define CALL_ICE_EYES_H

#include "sniffer/call/ice.h"

/* The exchange the right way round: a made the offer. */
struct ice_eyes {
	const struct ice *ice;
	const struct ice_view *v;
	struct arena *mem;
	int a, b; /* enum ice_end of each */
};

bool ice_pair_succeeded(const struct ice_pair *p);
bool ice_pair_nominated(const struct ice_pair *p);
/* Times of the first and the last check. */
uint64_t ice_pair_first(const struct ice_pair *p);
uint64_t ice_pair_last(const struct ice_pair *p);

/* Its name in the report. *reason of a failure: no-answer, the error of a
 * check, turn- and that of a relay; it stays as it was without one. */
const char *ice_pair_state(const struct ice_eyes *w, const struct ice_pair *p,
			   struct slice *reason);
/* That end's checks have no answer, though the tap would see one. */
bool ice_pair_one_sided(const struct ice_eyes *w, const struct ice_pair *p,
			int end);
/* RFC 7675: it ran out, or they stopped asking. */
bool ice_pair_consent_lost(const struct ice_pair *p);

#endif
