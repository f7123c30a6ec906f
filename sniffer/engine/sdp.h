/*
 * From session descriptions (call/session_desc.h) to what the media layer wants
 * to know of one direction of a flow. Not for others than the engine.
 */
#ifndef SNIFFER_ENGINE_SDP_H
#define SNIFFER_ENGINE_SDP_H

#include "sniffer/call/session_desc.h"
#include "sniffer/media/crew.h"

/* The descriptions of who receives and of who sends, NULL where there is
 * none, and the m-lines that the flow is for. */
struct sdp_sides {
	const struct session_desc *to, *from;
	uint16_t line[MEDIA_DESC_LINES];
	size_t lines_n;
};

struct sdp_meaning {
	struct media_desc d;
	char suite[40]; /* d.srtp may point here */
};

/* The flow is for that m-line, and for all in its BUNDLE. */
void engine_sdp_line(struct sdp_sides *s, unsigned index);
/* For the m-lines under the sender's ufrag; false: there is none. */
bool engine_sdp_ufrag(struct sdp_sides *s, struct slice ufrag);

/* All but sender and guess. */
void engine_sdp_meaning(const struct sdp_sides *s, struct sdp_meaning *out);

/* The sender's keys (RFC 4568), and which of its header extensions are
 * encrypted (RFC 6904). What could not be used is counted. */
void engine_sdp_keys(const struct sdp_sides *s, struct counters *counters,
		     struct crew_group *g, struct crew_flow *f, unsigned dir);

#endif
