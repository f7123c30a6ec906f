#include "storage/schema.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int schema_version_of(const struct sql_file *f)
{
	return atoi(f->name);
}

int schema_newest(const struct sql_file *files)
{
	int newest = 0;

	for (const struct sql_file *f = files; f->name; f++)
		newest = schema_version_of(f);
	return newest;
}

int schema_judge(const struct sql_file *files, const char *database, int have,
		 char why[SINK_WHY])
{
	int newest = schema_newest(files);

	if (have == SCHEMA_OTHER) {
		snprintf(why, SINK_WHY,
			 "%.300s is the database of another program; name "
			 "another one",
			 database);
		return -EINVAL;
	}
	if (have > newest) {
		snprintf(why, SINK_WHY,
			 "the database %.300s was made by a newer callscope: "
			 "its schema is version %d, this program knows %d",
			 database, have, newest);
		return -ESTALE;
	}
	if (have != SCHEMA_EMPTY && have < newest) {
		snprintf(why, SINK_WHY,
			 "the database %.300s has the schema of an older "
			 "callscope, version %d instead of %d: run callscope "
			 "migrate",
			 database, have, newest);
		return -ESTALE;
	}
	return 0;
}

void schema_about(const struct sql_file *f, char out[SCHEMA_ABOUT])
{
	struct slice text = slice_str(f->text), line;
	size_t n = 0;

	while (slice_line(&text, &line) && slice_starts(line, SLICE("-- "))) {
		line = slice_from(line, 2 + (n == 0));
		for (size_t i = 0; i < line.len && n + 1 < SCHEMA_ABOUT; i++) {
			bool end = line.p[i] == '.' &&
				   (i + 1 == line.len || line.p[i + 1] == ' ');

			if (end) {
				out[n] = '\0';
				return;
			}
			out[n++] = (char)line.p[i];
		}
	}
	out[n] = '\0';
}

uint64_t schema_clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}
