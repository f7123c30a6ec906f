/*
 * What was wrong with an input: one sentence each, for the user. A list
 * belongs to its source and lives as long as it.
 */
#ifndef CAPTURE_FAULT_H
#define CAPTURE_FAULT_H

#include <stddef.h>
#include <stdint.h>

enum fault_kind {
	FAULT_TRUNCATED, /* the file ends inside a record              */
	FAULT_CORRUPT,	 /* a record cannot be right                   */
	FAULT_REFUSED,	 /* no capture, or one of a kind we do not read */
	FAULT_IO,	 /* the system failed to give the bytes        */
};

struct fault {
	enum fault_kind kind;
	char *path;
	uint64_t packet; /* within that file, 1 = the first; 0 = none */
	uint64_t times;	 /* damaged places in that file, >= 1 */
	char *text;	 /* the sentence, opens with the path */
};

struct faults {
	struct fault *v;
	size_t len;
	uint64_t lost; /* more that memory was too short to list */
};

/*
 * Adds "PATH: packet N: " and what fmt makes of the rest. A second fault of
 * the same path is only counted, in times of the first: one broken disk
 * block must not fill the screen.
 */
void faults_add(struct faults *f, enum fault_kind kind, const char *path,
		uint64_t packet, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
/* All of from behind those of to; from is empty then. What memory is too short
 * for is counted. */
void faults_move(struct faults *to, struct faults *from);
void faults_close(struct faults *f);

#endif
