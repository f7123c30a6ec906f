/*
 * What was said in a call: an engine goes over its recording once more, and
 * the payloads of its streams are kept, bounded. Owns the record it found.
 */
#ifndef EXPORT_LISTEN_H
#define EXPORT_LISTEN_H

#include "sniffer/export/walk.h"

#define LISTEN_BYTES_MAX (1ull << 30) /* of payloads, unless the job says */

struct heard_payload {
	struct heard_payload *next;
	uint64_t ts_ns, ext;
	uint32_t ts;
	uint16_t len;
	uint8_t pt;
	bool opened;
	uint8_t data[];
};

/* Payloads of one stream, as they came. */
struct heard {
	struct heard_payload *first, *last;
	size_t n;
};

struct listen {
	struct arena *mem; /* of payloads */
	struct heard *v;   /* by serial - 1 */
	size_t n;	   /* streams */
	uint64_t bytes, bytes_max;
	uint64_t left_out; /* payloads: no room */
	struct walk walk;
};

/* 0 or -errno with why. */
int listen_to(struct listen *l, struct export_job *job,
	      const struct export_call *call, char why[EXPORT_WHY]);
void listen_close(struct listen *l);

/* Of a stream of l->walk.cdr; NULL when nothing of it could be read. */
const struct heard *listen_stream(const struct listen *l,
				  const struct cdr_stream *s);

#endif
