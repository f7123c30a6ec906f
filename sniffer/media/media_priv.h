/*
 * What media*.c share: the layer, its groups and their flows.
 */
#ifndef MEDIA_MEDIA_PRIV_H
#define MEDIA_MEDIA_PRIV_H

#include <stdalign.h>

#include "sniffer/base/list.h"
#include "sniffer/media/media.h"
#include "sniffer/media/recording.h"
#include "sniffer/media/stream.h"

enum {
	MEDIA_ORPHANS = 16
}; /* of one group */

struct media {
	struct media_config cfg;
	char sensor[64];
	struct recorder *recorder;
	struct counters *counters;
	struct stream_env env;
	size_t streams;
	uint64_t bytes; /* of groups and flows */
};

struct media_group {
	struct media *media;
	struct recording *recording; /* NULL: nothing is recorded */
	struct list flows;
	struct media_orphan *orphans;
	uint64_t frames, frames_last_ns; /* handed in as signalling */
};

/* What each packet needs comes first: one cache line. */
struct media_flow {
	alignas(64) struct media_group *group;
	struct stream *streams[2]; /* by direction; the last used is first */
	uint64_t packets;	   /* all datagrams */
	uint64_t rtp_first_ns, rtp_last_ns, last_ns;
	struct media_twin *twin; /* NULL: nothing is seen twice */
	struct list node; /* of the group */
	struct addr end[2];
	struct descs descs;
	struct cdr_stream_turn *turn; /* NULL: not inside of TURN */
	unsigned streams_n;
};

/* What a flow knows of the other side of a relay. */
struct media_twin {
	struct media_flow *flow;
	bool turned;
	uint64_t delay_ns, matched; /* packets seen there before */
};

/* One packet of s has passed: was it there before? */
void media_twin_put(struct media_flow *f, const struct stream *s, uint16_t seq,
		    uint64_t now_ns);
void media_twin_free(struct media_flow *f);

/* RTCP that came before the first packet of its stream. */
struct media_orphan {
	struct media_orphan *next;
	uint32_t ssrc;
	struct addr from, to;
	struct rtcp_stats *stats;
};

/* A stream has begun: it takes what RTCP said of it before. */
void media_adopt_rtcp(struct media_flow *f, struct stream *s);
void media_orphans_free(struct media_group *g);

/* Fills the result of a group and sorts it; the streams end. */
void media_results(struct media_group *g, struct arena *mem,
		   struct media_result *out);

#endif
