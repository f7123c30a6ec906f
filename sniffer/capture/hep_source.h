/*
 * HEP version 3 from capture agents, over UDP, TCP and TLS: a live source.
 * Each packet becomes a frame with what the agent saw (hep_frame.c), so that a
 * recording reads like one from a SPAN port. Its time is the agent's, where
 * that can be; the order is that of arrival.
 */
#ifndef CAPTURE_HEP_SOURCE_H
#define CAPTURE_HEP_SOURCE_H

#include "sniffer/capture/source.h"

#define HEP_LISTEN_MAX 16

struct hep_listen_options {
	const char *const *listen; /* "udp:0.0.0.0:9060" (base/peer.h) */
	size_t listen_n;
	const char *const *allow; /* addresses and subnets; none = everybody */
	size_t allow_n;
	struct slice key;	/* that packets must carry; empty = none */
	const char *cert, *pem; /* PEM files of tls: certificate, its key */
	struct slice own_node;	/* of what we send ourselves; empty = nothing */
	uint32_t own_id;
	uint64_t skew_ns;   /* an agent's clock may be off by this much */
	uint64_t idle_ns;   /* a peer that owes us bytes is cut after that */
	size_t connections; /* at a time */
};

enum hep_count {
	HEP_PACKETS, /* that were handed on */
	HEP_BYTES,   /* in them */
	HEP_BAD,     /* no HEP, or damaged */
	HEP_OLD,     /* HEP of version 1 or 2 */
	HEP_TOO_LONG,
	HEP_NOT_ALLOWED, /* packets and connections from elsewhere */
	HEP_WRONG_KEY,
	HEP_OWN,     /* what we have sent ourselves */
	HEP_CLAMPED, /* times out of reason */
	HEP_RESYNCS, /* boundaries in a stream that were lost and found */
	HEP_OPENED,  /* connections so far */
	HEP_OPEN,    /* connections now */
	HEP_FULL,    /* connections refused: there were too many */
	HEP_CUT,     /* connections cut: slow, half open, no HEP */
	HEP_COUNTS,
};

/* 0, or -errno with a sentence for the user in err. What opt points to must
 * live as long as the source. */
int hep_source_open(struct source **out, const struct hep_listen_options *opt,
		    char *err, size_t err_size);

/* Any thread. */
void hep_source_counts(const struct source *s, uint64_t out[HEP_COUNTS]);

/* "udp:127.0.0.1:9060 tcp:..." with the ports that were got, cut to size. */
void hep_source_places(const struct source *s, char *buf, size_t size);

#endif
