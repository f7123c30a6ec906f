/*
 * IP reassembly, both versions. Bounded in sets, bytes and packet time: the
 * oldest set goes first, and each reason is counted.
 *
 * Where fragments overlap, the bytes that came first win, in IPv6 too
 * (RFC 5722 has a receiver drop such datagrams, but a tap must not lose a
 * call for a stray copy). An exact copy of a fragment that is there already
 * is counted and dropped: where a mirror shows each fragment twice in a row,
 * the datagram comes once, as hosts and tshark see it.
 */
#ifndef NET_FRAG_H
#define NET_FRAG_H

#include "sniffer/base/addr.h"
#include "sniffer/base/counters.h"
#include "sniffer/base/frame.h"
#include "sniffer/base/map.h"

struct frag;

struct frag_limits {
	size_t bytes; /* of all sets, frames and payload */
	size_t sets;
	uint64_t timeout_ns;
};

struct frag_in {
	struct addr src, dst; /* port 0 */
	uint32_t id;
	uint8_t proto; /* IPv4: its protocol; IPv6: 44 */
	uint8_t next;  /* what the datagram carries; of offset 0 it counts */
	bool more;
	uint32_t offset;   /* bytes */
	struct slice data; /* captured */
	uint32_t wire;	   /* bytes on the wire, >= data.len */
	/* What carried the fragment, copied by frag_add(). */
	const struct frame *frames;
	size_t frame_count;
	uint64_t ts_ns;
};

struct frag_whole {
	struct slice data; /* up to where a frame was cut */
	uint32_t wire;
	uint8_t next;
	const struct frame *frames; /* in capture order */
	size_t frame_count;
};

enum frag_result {
	FRAG_WHOLE, /* *out is filled, good until frag_reap() */
	FRAG_HELD,
	FRAG_REFUSED, /* counted */
};

/* NULL without memory. faults must outlive it. */
struct frag *frag_new(const struct frag_limits *limits, const struct seed *seed,
		      struct counters *faults);
void frag_free(struct frag *f); /* NULL is fine */

enum frag_result frag_add(struct frag *f, const struct frag_in *in,
			  struct frag_whole *out);

/* Frees what was handed out, and what is too old at ts_ns. */
void frag_reap(struct frag *f, uint64_t ts_ns);
/* The input is over: what is unfinished counts as timed out. */
void frag_end(struct frag *f);

/* For tests: what is held now. */
size_t frag_sets(const struct frag *f);
size_t frag_bytes(const struct frag *f);

#endif
