/*
 * Calls out of a store and its spool: as rows (JSON lines, CSV), as packets
 * (pcap, pcapng) or as sound (WAV). One thread.
 */
#ifndef EXPORT_EXPORT_H
#define EXPORT_EXPORT_H

#include <stdatomic.h>
#include <stdio.h>

#include "sniffer/base/ulid.h"
#include "sniffer/engine/engine.h"
#include "sniffer/export/out.h"
#include "storage/query.h"

#define EXPORT_SILENT 128

enum export_format {
	EXPORT_JSON,
	EXPORT_CSV,
	EXPORT_PCAP, /* classic, where one can hold it */
	EXPORT_PCAPNG,
	EXPORT_WAV,
};

struct export_job {
	struct query query;
	struct db *db;
	const char *dir; /* the data folder: pcaps lie below */
	const char *to;	 /* a file, "-", or a folder for a file each */
	bool to_folder;
	enum export_format format;
	bool legs;	 /* with all calls of the groups of those found */
	bool merge;	 /* all packets into one file */
	bool force;	 /* may overwrite */
	bool no_secrets; /* packets: without the keys that they carry */
	FILE *say;	 /* what was written, and where; NULL = nobody */
	/* Bounds of one call, 0 = the usual: going over a recording stops at
	 * this time (CLOCK_MONOTONIC), files and payloads in memory have at
	 * most so many bytes. */
	uint64_t deadline_ns, file_max, memory_max;
	const struct engine_config *engine; /* how sound is found */
	/* Keys of files go to an engine before it is fed: 0 or -errno, said.
	 * May be NULL. */
	int (*keys)(void *arg, struct engine *e);
	void *keys_arg;
	const atomic_bool *stop;

	/* Packets and sound: into this open file instead of one that is named
	 * by to; the caller closes it. */
	bool to_fd;
	int fd;

	/* results */
	uint64_t found, files, left_out;
	bool ng;	   /* the packets became a pcapng */
	uint64_t sound_ns; /* when sound began */
	/* Why a side is silent; "" where it is not. Left, right. */
	char silent[2][EXPORT_SILENT];
};

/* 0: all that was found was written, and there was something. -ENOENT:
 * nothing was found; -ENODATA: some of it could not be had, and was said.
 * Other -errno with why. */
int export_run(struct export_job *job, char why[EXPORT_WHY]);
/* These calls, and with job->legs all of their groups, in one file of packets.
 * As export_run(). */
struct export_calls;
int export_merged(struct export_job *job, struct export_calls *all,
		  char why[EXPORT_WHY]);

/* One call of a page of what was found. */
struct export_call {
	char uid[ULID_SIZE];
	struct slice sensor, call_id, group_id, pcap; /* p NULL: none */
	bool open; /* it has no record yet: whatever its recording holds */
};

struct export_calls {
	struct arena *mem;
	struct export_call *v;
	size_t n;
};

/* The calls that a query finds, at most limit of it. 0 or -errno with why. */
int export_calls_find(struct export_calls *out, struct db *db,
		      const struct query *q, char why[EXPORT_WHY]);
/* All of from, which is empty afterwards. 0 or -ENOMEM with why. */
int export_calls_add(struct export_calls *to, struct export_calls *from,
		     char why[EXPORT_WHY]);
void export_calls_free(struct export_calls *c);

/* --- the kinds -------------------------------------------------------- */

int export_rows(struct export_job *job, char why[EXPORT_WHY]);
/* The packets of these calls, in order of time, into one file: name is what
 * it is called without its ending, NULL = job->to itself. */
int export_packets(struct export_job *job, const struct export_calls *calls,
		   const char *name, char why[EXPORT_WHY]);
int export_sound(struct export_job *job, const struct export_call *call,
		 const char *name, char why[EXPORT_WHY]);

/* The path of a file named so in the job's folder; freed by the caller, NULL
 * without memory. */
char *export_path(const struct export_job *job, const char *name,
		  const char *ending);
/* Tells on job->say. */
void export_say(const struct export_job *job, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static inline bool export_stopped(const struct export_job *job)
{
	return job->stop && *job->stop;
}
/* The user ended it: -EINTR with why, so that nothing half is kept; else 0. */
int export_check_stop(const struct export_job *job, char why[EXPORT_WHY]);

#endif
