/*
 * The media layer on several threads: between the core, which knows whose a
 * packet is, and the groups that count and record it. Each group belongs to
 * one of 0 .. n workers, threads of the crew; what the core has for it goes
 * there as messages in a ring, in order. Without workers every call goes
 * straight through, and all below belongs to the caller's thread.
 *
 * Who touches what: a worker touches a group and its flows while a message
 * for it waits in the worker's ring; at all other times they are the core's.
 * So the core counts what it sends, and what it rarely asks it does itself as
 * soon as the worker has gone through the last message of that group
 * (crew_own()). Nothing depends on when that was: with any number of workers
 * the results are the same.
 *
 * All calls are the core's.
 */
#ifndef MEDIA_CREW_H
#define MEDIA_CREW_H

#include "sniffer/media/media.h"

enum {
	CREW_MAX = 64,
	CREW_WORKER_BYTES = 6 << 20, /* a worker's rings, live */
};

struct crew;
struct crew_worker;

struct crew_config {
	unsigned workers;
	bool wait; /* for room in a full ring: else media is dropped there */
};

/* Of an owner of media. */
struct crew_group {
	struct media_group *g;
	struct crew_worker *worker; /* NULL: the core itself */
	uint64_t sent; /* the worker's number of its last message */
	/* As the group will have it when all is done. */
	uint64_t first_ns, last_ns, packets;
};

/* Of a link; the flow stays in its group when this goes. */
struct crew_flow {
	struct media_flow *mf;
	uint64_t last_ns;
};

/* What is reported of a group that ends. */
struct crew_close {
	char uid[CDR_UID];
	struct arena *mem; /* the worker's until it is done */
	char *keys;	   /* lines of a key log, on the heap; NULL */
	size_t keys_len;
	struct media_result result;
	struct crew_worker *worker;
	uint64_t sent;
};

/* cfg's heard and watch want no workers: then there are none. counters are
 * those of the core; media faults are counted there without workers. NULL
 * without memory, or when a thread cannot be made. */
struct crew *crew_new(const struct crew_config *cc,
		      const struct media_config *cfg,
		      const struct spool_ops *spool, void *spool_arg,
		      struct counters *counters);
void crew_free(struct crew *c); /* after all groups; NULL is fine */
unsigned crew_workers(const struct crew *c);

/* --- groups and flows: as in media.h ------------------------------------- */

bool crew_group_new(struct crew *c, struct crew_group *out);
void crew_group_frames(struct crew_group *g, const struct frame *frames,
		       size_t n);
void crew_group_keep(struct crew_group *g, const char uid[CDR_UID]);
void crew_group_adopt(struct crew_group *g, const char uid[CDR_UID]);
void crew_group_drop(struct crew_group *g);
/* What is in `to` is filled but for the result, which is there when
 * crew_closed(); `to` and its arena stay until then. keys are freed. */
void crew_group_close(struct crew_group *g, struct crew_close *to);
bool crew_closed(const struct crew_close *c);
void crew_wait_closed(const struct crew_close *c);
int crew_group_peek(const struct crew_group *g, struct arena *mem,
		    struct media_result *out);
void crew_group_glance(const struct crew_group *g, struct media_side out[2]);
/* from is gone. */
void crew_group_take(struct crew_group *to, struct crew_group *from);

bool crew_flow_open(struct crew_group *g, struct crew_flow *out,
		    const struct addr *a, const struct addr *b);
void crew_flow_inside(struct crew_group *g, struct crew_flow *f,
		      const struct addr *client, const struct addr *relayed,
		      const struct addr *peer);
void crew_flow_describe(struct crew_group *g, struct crew_flow *f, unsigned dir,
			const struct media_desc *desc);
void crew_flow_key(struct crew_group *g, struct crew_flow *f, unsigned dir,
		   const struct media_key *k);
void crew_flow_encrypted_ext(struct crew_group *g, struct crew_flow *f,
			     unsigned dir, const uint8_t *ids, size_t n);
/* Both flows are of the group. */
void crew_flow_twins(struct crew_group *g, struct crew_flow *a,
		     struct crew_flow *b, bool turned);
bool crew_flow_relay(const struct crew_group *g, const struct crew_flow *f,
		     struct media_relay *out);
/* Of from, which keeps other flows or is gone: then drop nothing. */
void crew_flow_move(struct crew_group *from, struct crew_flow *f,
		    struct crew_group *to, bool *old_gone);
bool crew_flow_heard(const struct crew_group *g, const struct crew_flow *f,
		     unsigned dir);
bool crew_flow_has(const struct crew_group *g, const struct crew_flow *f,
		   unsigned dir, uint32_t ssrc);
bool crew_flow_goes_on(const struct crew_group *g, const struct crew_flow *f,
		       unsigned dir, uint32_t ssrc, uint16_t number,
		       uint64_t now_ns);

/* --- packets -------------------------------------------------------------- */

void crew_send_rtp(struct crew_group *g, struct crew_flow *f, unsigned dir,
		   const struct media_pkt *p);
void crew_send_rtcp(struct crew_group *g, struct crew_flow *f, unsigned dir,
		    const struct media_pkt *p);
void crew_send_other(struct crew_group *g, struct crew_flow *f, unsigned dir,
		     const struct media_pkt *p);

static inline void crew_flow_rtp(struct crew_group *g, struct crew_flow *f,
				 unsigned dir, const struct media_pkt *p)
{
	if (!g->worker)
		media_flow_rtp(f->mf, dir, p);
	else
		crew_send_rtp(g, f, dir, p);
}

static inline void crew_flow_rtcp(struct crew_group *g, struct crew_flow *f,
				  unsigned dir, const struct media_pkt *p)
{
	if (!g->worker)
		media_flow_rtcp(f->mf, dir, p);
	else
		crew_send_rtcp(g, f, dir, p);
}

static inline void crew_flow_other(struct crew_group *g, struct crew_flow *f,
				   unsigned dir, const struct media_pkt *p)
{
	if (!g->worker)
		media_flow_other(f->mf, dir, p);
	else
		crew_send_other(g, f, dir, p);
}

/* --- what the core knows by itself -----------------------------------------
 */

static inline uint64_t crew_flow_last_ns(const struct crew_group *g,
					 const struct crew_flow *f)
{
	return g->worker ? f->last_ns : media_flow_last_ns(f->mf);
}

static inline uint64_t crew_group_first_ns(const struct crew_group *g)
{
	return g->worker ? g->first_ns : media_group_first_ns(g->g);
}

static inline uint64_t crew_group_last_ns(const struct crew_group *g)
{
	return g->worker ? g->last_ns : media_group_last_ns(g->g);
}

static inline uint64_t crew_group_packets(const struct crew_group *g)
{
	return g->worker ? g->packets : media_group_packets(g->g);
}

/* --- all of them -----------------------------------------------------------
 */

/* The workers go through all that was sent: they are woken; and waited for. */
void crew_wake(struct crew *c);
void crew_quiet(struct crew *c);

void crew_replay(struct crew *c, bool on);
size_t crew_keys_text(struct crew *c, struct slice lines, const char **why);
struct media_memory crew_memory(const struct crew *c);
/* Media packets that a full ring had no room for. */
uint64_t crew_dropped(const struct crew *c);
/* What the workers have counted is added; nothing without them. */
void crew_counters(const struct crew *c, struct counters *to);
/* They count on from there. After crew_quiet(). */
void crew_counters_set(struct crew *c, const struct counters *from);

/* How busy a worker is: nanoseconds since its start, and its ring. */
struct crew_load {
	uint64_t busy_ns;
	size_t used, size;
};
bool crew_load(const struct crew *c, unsigned worker, struct crew_load *out);

#endif
