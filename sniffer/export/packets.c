#include "sniffer/export/packets.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sniffer/capture/file_source.h"

static int absent(const struct export_call *c, const char *what,
		  char why[EXPORT_WHY])
{
	snprintf(why, EXPORT_WHY, "%s: %.400s", c->uid, what);
	return -ENODATA;
}

/* The file of a call; freed by the caller. */
static int path_of(char **out, const char *dir, const struct export_call *c,
		   char why[EXPORT_WHY])
{
	if (!c->pcap.p)
		return absent(c, "its packets were not recorded", why);
	if (asprintf(out, "%s/%.*s", dir, SLICE_ARG(c->pcap)) < 0) {
		*out = NULL;
		return absent(c, "out of memory", why);
	}
	if (!access(*out, F_OK))
		return 0;
	snprintf(why, EXPORT_WHY,
		 "%s: its recording %.300s is gone (deleted by age or for "
		 "room, or the data folder is another: -o DIR)",
		 c->uid, *out);
	return -ENODATA;
}

int packets_open(struct source **out, const char *dir,
		 const struct export_calls *calls, char why[EXPORT_WHY])
{
	char **path = calloc(calls->n + 1, sizeof(*path));
	int err = path ? 0 : -ENOMEM;

	for (size_t i = 0; i < calls->n && !err; i++)
		err = path_of(&path[i], dir, &calls->v[i], why);
	if (!err)
		err = file_source_open(out, (const char *const *)path, calls->n,
				       why, EXPORT_WHY);
	else if (err == -ENOMEM)
		snprintf(why, EXPORT_WHY, "out of memory");
	for (size_t i = 0; path && i < calls->n; i++)
		free(path[i]);
	free(path);
	return err;
}

bool packets_damage(const struct source *s, char why[EXPORT_WHY])
{
	if (!s->faults.len)
		return false;
	snprintf(why, EXPORT_WHY, "%.500s", s->faults.v[0].text);
	return true;
}
