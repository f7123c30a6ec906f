/*
 * What the version of a database's schema means for this program: the same
 * for all stores. The schema is the files of sql/, in order; schema_version
 * holds which were applied.
 */
#ifndef STORAGE_SCHEMA_H
#define STORAGE_SCHEMA_H

#include "storage/sink.h"
#include "storage/sql_files.h"

#define SCHEMA_OTHER (-1) /* the database of another program */
#define SCHEMA_EMPTY 0

int schema_version_of(const struct sql_file *f);
int schema_newest(const struct sql_file *files);

/*
 * May a sink write into a database that has this version? 0 when it may, or
 * when it is empty; else -errno and why:
 *   -ESTALE  it is older (callscope migrate helps) or newer
 *   -EINVAL  it is somebody else's
 */
int schema_judge(const struct sql_file *files, const char *database, int have,
		 char why[SINK_WHY]);

/* What a file does: the first sentence of its comment, on one line. */
#define SCHEMA_ABOUT 256
void schema_about(const struct sql_file *f, char out[SCHEMA_ABOUT]);

/* Told of each file that is applied, or pending when it is only looked. */
struct schema_step {
	const struct sql_file *file;
	bool pending;
	uint64_t took_ms;
};
typedef void schema_step_fn(void *arg, const struct schema_step *step);

/* Milliseconds of a clock that does not jump. */
uint64_t schema_clock_ms(void);

#endif
