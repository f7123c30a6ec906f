/*
 * From a captured frame to what UDP, TCP or SCTP carried: link layers,
 * tunnels, IP, fragments. One decoder belongs to one thread. Every walk ends:
 * each header consumes bytes, stacks have limits, and addressing layers
 * (Ethernet, IPv4, IPv6) nest max_depth deep at most.
 */
#ifndef NET_DECODE_H
#define NET_DECODE_H

#include "sniffer/base/counters.h"
#include "sniffer/base/map.h"
#include "sniffer/net/pkt.h"

/* HEP that we send ourselves says so, and is passed over. */
struct decode_own {
	struct slice node; /* borrowed; empty = we send none */
	uint32_t capture_id;
};

/* 0 in any field means its default. */
struct decode_config {
	unsigned max_depth;	  /* 16 addressing layers */
	size_t frag_bytes;	  /* 16 MB held by unfinished datagrams */
	size_t frag_max;	  /* 4096 unfinished datagrams */
	uint64_t frag_timeout_ns; /* 30 s of packet time */
	struct decode_own own;
};

enum decode_result {
	DECODE_PACKET, /* *out is filled */
	DECODE_HELD,   /* a fragment that waits for the others */
	DECODE_OTHER,  /* no UDP, TCP or SCTP inside: ARP, ICMP ... */
	DECODE_BAD,    /* damaged or refused: counted by name */
};

#define DECODE_LINKS_MAX 16

/* Why a run saw no calls: for the summary. */
struct decode_stats {
	uint64_t frames;
	uint64_t decoded;      /* frames that became packets: all fragments of
				  a whole datagram, not those of a half one */
	uint64_t ip_fragments; /* on any layer */
	uint64_t cut;	       /* captured shorter than on the wire */
	struct {
		uint16_t linktype;
		uint64_t frames;
	} undecoded[DECODE_LINKS_MAX]; /* the last counts what is beyond */
	size_t undecoded_len;
	struct counters other; /* DECODE_OTHER by kind: "arp", "icmp" ... */
};

struct decoder;

/* NULL without memory. seed is copied; faults goes to the caller, who frees
 * it after the decoder; it takes the names of what was refused. */
struct decoder *decode_new(const struct decode_config *cfg,
			   const struct seed *seed, struct counters *faults);
void decode_free(struct decoder *d); /* NULL is fine */

/* *out and all it points to are good until the next call or until f's bytes
 * go, whichever comes first. */
enum decode_result decode_frame(struct decoder *d, const struct frame *f,
				struct pkt *out);

/* Half-received datagrams that are still held count as timed out. Call it
 * once when the input has ended. */
void decode_end(struct decoder *d);

const struct decode_stats *decode_stats(const struct decoder *d);
/* Fragments that wait: datagrams, and bytes of memory. */
struct decode_held {
	size_t datagrams, bytes;
};
struct decode_held decode_held(const struct decoder *d);

#endif
