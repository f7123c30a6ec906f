/*
 * One SSRC in one direction of a flow: counts, jitter, the three receivers,
 * keys pressed. Belongs to its flow; the hot numbers lie together, what is
 * rarely touched is allocated when it is first needed.
 */
#ifndef MEDIA_STREAM_H
#define MEDIA_STREAM_H

#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>

#include "dissectors/rtp.h"
#include "sniffer/base/pool.h"
#include "sniffer/media/codec.h"
#include "sniffer/media/dtmf.h"
#include "sniffer/media/hold.h"
#include "sniffer/media/jitterbuf.h"
#include "sniffer/media/outcome.h"
#include "sniffer/media/rtcp_stats.h"
#include "sniffer/media/seq.h"
#include "sniffer/media/slices.h"

enum {
	STREAM_COPIES = 16,	  /* packets whose copies can be told apart */
	STREAM_HISTORY = 256,	  /* packets kept until the clock is known */
	STREAM_SLICES = 24 * 360, /* 24 h */
};

/* What all streams of a media layer share, also where several threads have
 * them (crew.h). */
struct stream_env {
	struct counters *counters;
	atomic_uint_fast64_t bytes; /* memory held for streams */
	struct pool streams;	    /* of struct stream */
	uint32_t slices_max;
	bool g711_plc;
	struct hold_budget hold; /* SRTP packets that wait for a key */
	uint32_t hold_bytes;	 /* of them, of one stream */
	pthread_key_t room;	 /* SRTP_ROOM bytes where packets are opened, of
				    each thread; stream_room() */
	media_heard_fn *heard;	 /* NULL: payloads go nowhere */
	void *heard_arg;
	const struct media_watch *watch; /* NULL: nobody does */
	void *watch_arg;
	bool told;	     /* one of the two is there */
	atomic_uint serials; /* the last stream's */
};

struct stream_pt {
	struct codec codec;
	double tick_ns; /* 0 = unknown clock, or none of its own (events) */
	uint64_t packets;
	uint8_t pt;
	bool known;
};

struct stream_extra;

/* A packet whose clock was not known when it came. */
struct stream_arrival {
	uint64_t ns, ext;
	uint32_t ts;
	uint8_t pt; /* index into stream.pts */
	bool marker, in_order, restart;
};

/* What each packet touches lies together: STREAM_LINES cache lines from the
 * last word of outcome to the first words of seq, in the middle of the rest;
 * besides them one line each of copies, ring and the slice. */
struct stream {
	alignas(64) struct stream *next; /* of the same flow and direction */
	const struct descs *descs;
	struct stream_env *env;
	struct stream_extra *extra;	/* stream_extra.h; NULL = none */
	struct stream *const *siblings; /* all of its flow and direction */
	struct stream_arrival *history; /* NULL: none is kept (any more) */
	struct rtcp_stats *rtcp;
	struct stream_secure *secure; /* NULL: plain RTP */
	struct outcome outcome;	      /* a good packet touches its end */

	/* From here on: each packet. */
	uint32_t ssrc;
	uint8_t dir;
	uint8_t pt_now, pts_n; /* index and count in pts */
	bool timed;	       /* timing below has a packet to compare with */
	uint64_t last_ns;
	uint64_t bytes;
	/* RFC 3550, 6.4.1; transit against the first packet timed. */
	uint64_t timed_ns;
	double timed_tick_ns;
	uint32_t timed_ts;
	uint32_t timed_ext; /* its lower half */
	uint32_t jitter_n;
	uint32_t pt_packets; /* of pt_now, not in its row yet */
	double jitter_ns, jitter_sum_ns, jitter_max_ns;
	double transit_ns, skew_ns, skew_max_ns;
	uint64_t delta_max_ns;
	uint32_t vlan;
	uint32_t dscp_n; /* votes for dscp; 0 = the next one sets it */
	struct stream_step {
		uint32_t step, n;
	} ptime; /* the commonest step of the timestamp */
	uint16_t history_n;
	uint8_t dscp;
	uint8_t pt_type; /* the payload type of pt_now */
	bool steady;	 /* the next packet of pt_type may be timed at once */
	bool secured;	 /* secure is there */
	bool rich;	 /* there is more, in extra */
	bool told;	 /* somebody listens or watches: env->told */
	struct slices slices;
	struct jitterbuf jitterbuf;
	uint32_t delay_bins[JITTERBUF_BINS];
	struct seq seq;
	/* To here. */

	struct stream_pt *pts;
	struct stream_step ptime_next; /* the next commonest */
	uint32_t history_size;
	bool history_over;
	uint32_t serial;
	uint64_t first_ns;
	uint64_t out_of_order, duplicates, duplicates_tap;
	uint32_t accounted; /* of env->bytes */
	struct dtmf dtmf;
	struct stream_copy {
		uint64_t ns;
		uint32_t hash;
		uint16_t seq, ip_id;
	} copies[STREAM_COPIES];
	uint8_t ring[SEQ_RING];
};

#define STREAM_HOT (offsetof(struct stream, ssrc) - sizeof(uint64_t))
#define STREAM_LINES                                                           \
	((offsetof(struct stream, seq) + offsetof(struct seq, base) -          \
	  STREAM_HOT + 63) /                                                   \
	 64)

_Static_assert(STREAM_HOT % 64 == 0 && STREAM_LINES == 5 &&
		       offsetof(struct outcome, n) + sizeof(uint64_t) ==
			       sizeof(struct outcome),
	       "struct stream keeps to its lines");

/* Packets of a payload type so far; pt lies in s->pts. */
static inline uint64_t stream_pt_packets(const struct stream *s,
					 const struct stream_pt *pt)
{
	return pt->packets + (pt == s->pts + s->pt_now ? s->pt_packets : 0);
}

/* NULL without memory. descs and env must outlive the stream; the caller
 * sets next and siblings. */
struct stream *stream_new(struct stream_env *env, const struct descs *descs,
			  unsigned dir, uint32_t ssrc, uint64_t now_ns);
void stream_free(struct stream *s); /* NULL is fine */

/* The memory of its next packet, in two steps (0, 1): media.h. */
void stream_prefetch(const struct stream *s, unsigned step);

/* One packet of it. rtp may come from a cut header (PARSE_MORE). */
void stream_put(struct stream *s, const struct media_pkt *p,
		const struct rtp *rtp);

/* What a payload tells when it can be read: at once, or later when its key
 * came late (stream_secure.h); each packet once, in order of arrival. rtp is
 * open, pt an index in pts. */
void stream_read(struct stream *s, uint64_t ts_ns, const struct rtp *rtp,
		 unsigned pt);
/* It goes to whoever wants payloads; rtp is open, plain what it holds. */
void stream_tell(const struct stream *s, const struct stream_arrival *a,
		 const struct rtp *rtp, struct slice plain, bool opened);
/* Whoever watches hears of it (stream_watch.c): each packet that counts, as
 * the last thing of it; jitter that is known late; what is missing; the
 * result. The last three only where env->watch is there. */
void stream_watch_packet(struct stream *s, const struct media_pkt *p,
			 const struct stream_arrival *a, enum seq_what what,
			 uint32_t bytes);
void stream_watch_timed(struct stream *s, uint64_t ts_ns);
void stream_watch_missed(struct stream *s, uint64_t ext, unsigned lost,
			 unsigned runs);
void stream_watch_over(struct stream *s, const struct emodel_codec *model);
/* Its payload without padding; bad padding is counted and left there. */
struct slice stream_unpad(struct stream *s, const struct rtp *rtp);

/* Compares it with the one before in time; deferred while its clock is not
 * known. Internal to stream*.c. */
void stream_time(struct stream *s, const struct stream_arrival *a);
/* The same of a stream that is steady, for a packet of pt_type. */
void stream_time_next(struct stream *s, const struct stream_arrival *a);
void stream_flush(struct stream *s); /* what was deferred, now */
/* The index in pts, made when it is new; negative without memory. */
int stream_pt_index(struct stream *s, uint8_t pt, struct slice payload);
/* Nothing more comes: what was kept is gone through, all is final. */
void stream_end(struct stream *s);
/* Memory was taken or given back. */
void stream_account(struct stream *s);

/* The descriptions have changed: payload types that were unknown get their
 * codec, and the packets kept for that are gone through. */
void stream_described(struct stream *s);

/* MOS of n numbers of which so many were lost in so many runs; *r is its R
 * factor. */
double stream_score(const struct emodel_codec *model, uint64_t n, uint64_t lost,
		    uint64_t runs, double *r);

/* Ends it and copies the result out. Texts and rows go into mem; what does
 * not fit there is left out. src, dst, stream_uid are given by the caller. */
void stream_result(struct stream *s, struct arena *mem, struct cdr_stream *out);
/* The E-model's score of so many numbers, some of them lost in runs; *r is the
 * R factor. */
double stream_score(const struct emodel_codec *model, uint64_t n, uint64_t lost,
		    uint64_t runs, double *r);
/* The same of a stream that goes on as if nothing had been asked
 * (stream_peek.c). 0 or -ENOMEM. */
int stream_peek(struct stream *s, struct arena *mem, struct cdr_stream *out);
/* The payload type of most packets; events and comfort noise only when there
 * is nothing else. */
const struct stream_pt *stream_main_pt(const struct stream *s);

#endif
