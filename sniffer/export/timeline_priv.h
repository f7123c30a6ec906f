/*
 * What timeline*.c share.
 *
 *   timeline.c         where it comes from
 *   timeline_stream.c  packets of streams, step by step
 *   timeline_event.c   reports, checks and handshakes
 *   timeline_put.c     streams as JSON
 *   timeline_slices.c  streams out of the store
 */
#ifndef EXPORT_TIMELINE_PRIV_H
#define EXPORT_TIMELINE_PRIV_H

#include "sniffer/export/timeline.h"
#include "sniffer/export/walk.h"

#define TIMELINE_STEP_NS 1000000000ull

/* What one step of a stream had. */
struct line_step {
	uint32_t packets, lost;
	uint32_t missed, runs; /* of the adaptive receiver */
	uint32_t jitter_n;
	uint64_t bytes;
	double jitter_sum_ms;
	float jitter_ms_max, delta_ms_max;
};

struct line_loss {
	uint64_t ns, gap_ns; /* from the packet before to that behind */
	uint64_t lost;
};

struct line_change {
	uint64_t ns;
	uint8_t value;
};

struct line_changes {
	struct line_change *v;
	size_t n;
};

/* When numbers arrived, to tell when those between were due. */
#define LINE_RING 4096
struct line_arrival {
	uint64_t ext, ns;
};

struct line {
	struct line_step *v;
	size_t n, size; /* n: the last step and 1 */
	uint64_t first_ns, last_ns, stray_ns;
	uint64_t packets;
	uint32_t jitter_n;
	struct line_arrival *ring;
	struct {
		uint64_t first, n;
		uint32_t begins;
	} run; /* of lost numbers, not yet over */
	struct line_loss *loss;
	size_t losses;
	struct line_changes codec, dscp;
	const struct emodel_codec *model;
};

struct timeline;

/* All streams of a run over a recording, by serial - 1. */
struct lines {
	struct line *v[TIMELINE_STREAMS];
	uint64_t origin_ns, step_ns;
	bool truncated;
};

extern const struct media_watch timeline_media_watch; /* arg: timeline */
/* What is still open is counted; no more packets come. */
void lines_end(struct lines *l);
void lines_free(struct lines *l);

/* --- events --------------------------------------------------------------- */

struct event_report {
	uint64_t ns;
	struct addr from, to;
	const char *type;
	uint32_t serial, ssrc;
	bool has_block;
	double fraction_lost_pct, jitter_ticks, rtt_ms;
	int64_t lost;
};

struct event_check {
	uint64_t ns;
	struct slice ufrag[2];
	struct addr end[2];
	uint8_t sender;
	bool use_candidate;
	uint16_t code;
	const char *kind;
};

struct event_dtls {
	uint64_t ns;
	struct addr end[2];
	const char *what;
};

struct events {
	struct arena *mem; /* of texts */
	struct event_report *report;
	struct event_check *check;
	struct event_dtls *dtls;
	size_t reports, checks, dtls_n;
	bool truncated;
};

extern const struct engine_watch timeline_engine_watch; /* arg: timeline */
void events_report(struct events *e, const struct media_reported *r);
void events_free(struct events *e);
/* "rtcp":[...],"checks":[...],"dtls":[...]; cdr may be NULL. */
void events_put(struct outbuf *b, const struct events *e, const struct cdr *cdr,
		uint64_t origin_ns);

/* --- all of it ------------------------------------------------------------ */

struct timeline {
	struct walk walk;
	struct lines lines;
	struct events events;
};

/* Milliseconds from the origin; before it 0. */
void timeline_put_ms(struct outbuf *b, uint64_t origin_ns, uint64_t ns);
void timeline_put_number(struct outbuf *b, double v); /* NAN: null */
void timeline_put_uid(struct outbuf *b, const char *uid);
const char *timeline_side(const char *sender); /* a | b | NULL */

/* The elements of "streams": those of the record. */
void timeline_put_lines(struct outbuf *b, const struct lines *l,
			const struct cdr *cdr);

/* The same out of the store. *n: how many; 0 or -errno with why. */
struct slices_found {
	size_t streams;
	uint64_t origin_ns, end_ns, step_ns;
};
int timeline_slices(struct outbuf *b, struct db *db, const char *uid,
		    struct slices_found *found, char why[EXPORT_WHY]);

#endif
