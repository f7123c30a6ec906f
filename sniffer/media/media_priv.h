/*
 * What media*.c share: the layer, its groups and their flows.
 */
#ifndef MEDIA_MEDIA_PRIV_H
#define MEDIA_MEDIA_PRIV_H

#include <stdalign.h>

#include "sniffer/base/list.h"
#include "sniffer/media/media.h"
#include "sniffer/media/recording.h"
#include "sniffer/media/srtp_keys.h"
#include "sniffer/media/stream_secure.h"

enum {
	MEDIA_ORPHANS = 16, /* of one group */
	MEDIA_SRTCP = 64,   /* packets of one flow that wait for a key */
};

struct media {
	struct media_config cfg;
	char sensor[64];
	struct recorder *recorder;
	struct counters *counters;
	struct stream_env env;
	struct pool flows;
	bool records; /* groups have a recording */
	atomic_size_t streams;
	atomic_uint_fast64_t bytes; /* of groups and flows */
	pthread_mutex_t lock;	    /* of pools, where several threads use it */
	struct key_store keys;	    /* of key files */
	uint32_t keys_generation;   /* changes when there are new ones */
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
	struct media *media;
	struct stream *streams[2]; /* by direction; the last used is first */
	uint64_t packets;	   /* all datagrams */
	uint64_t rtp_last_ns, last_ns;
	uint32_t keys_generation; /* of the media, when it was looked at */
	uint16_t streams_n;
	bool twinned;	  /* twin is there */
	struct list node; /* of the group */
	uint64_t rtp_first_ns;
	struct addr end[2];
	struct descs descs;
	struct media_twin *twin;      /* NULL: nothing is seen twice */
	struct cdr_stream_turn *turn; /* NULL: not inside of TURN */
	struct media_secure *secure;  /* NULL: nothing about SRTP */
};

_Static_assert(offsetof(struct media_flow, node) <= 64, "the first line");

/* What a flow knows of the other side of a relay. */
struct media_twin {
	struct media_flow *flow;
	bool turned;
	uint64_t delay_ns[2], matched[2]; /* by direction: of packets that were
					     seen there before */
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
/* Clear RTCP, whole or as far as it goes. */
void media_rtcp_read(struct media_flow *f, unsigned dir, uint64_t ts_ns,
		     struct slice packet);

/* --- media_secure.c ---------------------------------------------------- */

/* Descriptions, keys or streams have changed: what this means for them. */
void media_secure_look(struct media_flow *f);
/* New keys of files: one look at each flow, when it is touched. */
static inline void media_secure_new_keys(struct media_flow *f)
{
	if (__builtin_expect(f->keys_generation != f->media->keys_generation,
			     0))
		media_secure_look(f);
}
/* A new stream. */
void media_secure_stream(struct media_flow *f, struct stream *s);
/* RTCP that cannot be read as it is. False: nor can it be opened. */
bool media_secure_rtcp(struct media_flow *f, unsigned dir,
		       const struct media_pkt *p);
/* The end: what waited for keys is read, or given up. */
void media_secure_end(struct media_flow *f);
void media_secure_free(struct media_flow *f);

/* Fills the result of a group and sorts it; the streams end. */
void media_results(struct media_group *g, struct arena *mem,
		   struct media_result *out);

#endif
