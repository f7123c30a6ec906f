/*
 * Figures of all layers by name, for /metrics and /health: what each means is
 * one row of a table (stats.c), a sample is a row's number, its labels and a
 * value. Plain values: whoever owns what is counted writes them, a copy is
 * read elsewhere. No label is a Call-ID, a telephone number or an address.
 */
#ifndef SNIFFER_STATS_H
#define SNIFFER_STATS_H

#include "sniffer/base/counters.h"
#include "sniffer/base/slice.h"

enum stats_type {
	STATS_COUNTER, /* only grows in this process */
	STATS_GAUGE,
};

/* In the order of the table, which is that of the output. */
enum stats_id {
	STATS_BUILD_INFO,
	STATS_UPTIME,
	STATS_CAPTURE_UP,
	STATS_CAPTURE_LIVE,
	STATS_SNAPSHOT_AGE,
	/* source */
	STATS_PACKETS,
	STATS_BYTES,
	STATS_LAST_PACKET,
	STATS_CUT,
	STATS_FILTERED,
	STATS_LATE,
	STATS_DROPPED,
	STATS_TAP_PACKETS,
	STATS_TAP_BYTES,
	STATS_TAP_DROPPED,
	STATS_TAP_UP,
	STATS_TAP_OFFLOAD,
	STATS_MIRROR_ONE_WAY,
	STATS_MIRROR_COPIES,
	STATS_READ_BYTES,
	STATS_READ_SIZE,
	/* HEP */
	STATS_HEP_PACKETS,
	STATS_HEP_BYTES,
	STATS_HEP_REFUSED,
	STATS_HEP_CLAMPED,
	STATS_HEP_CONNECTIONS,
	STATS_HEP_CONNECTION_EVENTS,
	STATS_HEP_SENT_PACKETS,
	STATS_HEP_SENT_BYTES,
	STATS_HEP_UNSENT,
	STATS_HEP_WAITING,
	STATS_HEP_UP,
	/* decode */
	STATS_DECODED,
	STATS_FRAGMENTS,
	STATS_FAULTS,
	/* engine */
	STATS_BY_KIND,
	STATS_SIP_REQUESTS,
	STATS_SIP_RESPONSES,
	STATS_RECORDS,
	STATS_ANSWERED,
	STATS_WEBRTC,
	STATS_ACTIVE,
	STATS_ACTIVE_MAX,
	STATS_ENTRIES,
	STATS_LIMIT,
	STATS_MEMORY,
	/* spool */
	STATS_SPOOL_FILES,
	STATS_SPOOL_ERRORS,
	STATS_SPOOL_SKIPPED,
	STATS_SPOOL_QUEUE,
	STATS_SPOOL_QUEUE_LIMIT,
	STATS_SPOOL_LEVEL,
	/* store and feed */
	STATS_STORE_UP,
	STATS_STORE_WAITING,
	STATS_STORE_BYTES,
	STATS_STORE_LIMIT,
	STATS_STORE_LAG,
	STATS_STORE_OLDEST,
	STATS_STORED,
	STATS_STORE_RETRIES,
	STATS_STORE_REFUSED,
	STATS_STORE_LOST,
	/* journal */
	STATS_JOURNAL_OPEN,
	STATS_JOURNAL_BYTES,
	STATS_JOURNAL_ERRORS,
	/* threads */
	STATS_THREAD_CPU,
	STATS_THREAD_BUSY,
	STATS_QUEUE_USED,
	STATS_QUEUE_ROOM,
	/* settings that were read again */
	STATS_RELOADS,
	STATS_RELOAD_OK,
	/* the server, and what looks at it */
	STATS_HTTP_REQUESTS,
	STATS_HTTP_BUSY,
	STATS_HTTP_WATCHERS,
	STATS_PROCESS_CPU,
	STATS_PROCESS_MEMORY,
	STATS_PROCESS_START,
	STATS_PROCESS_FILES,
	STATS_PROCESS_FILES_MAX,
	STATS_IDS,
};

#define STATS_LABELS 2

struct stats_row {
	const char *name; /* whole, as Prometheus has it */
	const char *help;
	enum stats_type type;
	const char *label[STATS_LABELS]; /* their names; NULL = none */
};

const struct stats_row *stats_row(enum stats_id id);

struct stats_sample {
	enum stats_id id;
	struct slice label[STATS_LABELS]; /* texts that stay */
	double value;
};

/* Counters by name take most of them. */
#define STATS_MAX (2 * COUNTERS_MAX)

struct stats {
	size_t n;
	uint64_t left_out; /* samples that found no room */
	struct stats_sample v[STATS_MAX];
};

void stats_put(struct stats *s, enum stats_id id, double value);
/* With the values of its labels; the second may be NULL. They must outlive
 * the sample. */
void stats_put1(struct stats *s, enum stats_id id, const char *label,
		double value);
void stats_put2(struct stats *s, enum stats_id id, struct slice a,
		struct slice b, double value);
/* "MODULE.NAME" becomes the labels MODULE and NAME. */
void stats_put_named(struct stats *s, enum stats_id id, const char *name,
		     double value);

/* Of the first sample with that label ("" = any), 0 when there is none; and the
 * sum of all samples of a row. */
double stats_get(const struct stats *s, enum stats_id id, const char *label);
double stats_sum(const struct stats *s, enum stats_id id);

#endif
