#include "storage/feed_manifest.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "storage/feed_line.h"

#define HOUR_S 3600

/* calls-20261126T14-00000012: the hour of its first line, in UTC. */
static void name_file(const struct feed_numbers *n, char name[FEED_NAME])
{
	time_t t = (time_t)(n->hour * HOUR_S);
	struct tm tm;

	gmtime_r(&t, &tm);
	snprintf(name, FEED_NAME, "calls-%04d%02d%02dT%02d-%08" PRIu64,
		 (tm.tm_year + 1900) % 10000, tm.tm_mon + 1, tm.tm_mday,
		 tm.tm_hour, n->file);
}

static void quoted(char *out, size_t size, const char *text)
{
	snprintf(out, size, *text ? "\"%s\"" : "null", text);
}

void feed_manifest(const struct feed_numbers *n, const char sha[FEED_SHA],
		   struct feed_closing *c)
{
	char previous[FEED_NAME + 2], previous_sha[FEED_SHA + 2];

	name_file(n, c->name);
	quoted(previous, sizeof(previous), n->previous);
	quoted(previous_sha, sizeof(previous_sha), n->previous_sha);
	snprintf(c->manifest, sizeof(c->manifest),
		 "{\"version\":%d,\"file\":\"%s.csv\",\"number\":%" PRIu64
		 ",\"first_seq\":%" PRIu64 ",\"last_seq\":%" PRIu64
		 ",\"lines\":%" PRIu64 ",\"corrections\":%" PRIu64
		 ",\"billable_us\":%" PRId64 ",\"bytes\":%" PRIu64
		 ",\"sha256\":\"%s\",\"previous\":%s,"
		 "\"previous_sha256\":%s}\n",
		 FEED_VERSION, c->name, n->file, n->next_seq - n->lines,
		 n->next_seq - 1, n->lines, n->corrections, n->billable_us,
		 n->bytes, sha, previous, previous_sha);
}
