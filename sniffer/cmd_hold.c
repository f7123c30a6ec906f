/* callscope hold, callscope release: calls that retention leaves alone. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sniffer/command.h"
#include "sniffer/setup.h"
#include "storage/hold_db.h"
#include "storage/spool_hold.h"
#include "storage/spool_index.h"

static const char *const general[] = {"output", "db", "db-password-file", NULL};

struct hold {
	const struct config *cfg;
	const char *const *uid;
	size_t n;
	bool *stored; /* in the database */
	bool held;
};

static int complain(const char *why)
{
	fprintf(stderr, "callscope: %s\n", why);
	return 1;
}

static bool all_uids(const struct hold *h)
{
	bool good = true;

	for (size_t i = 0; i < h->n; i++) {
		if (spool_is_uid(slice_str(h->uid[i])))
			continue;
		fprintf(stderr,
			"callscope: '%s' is no uid: those of the calls are in "
			"the report and in column uid of table cdr\n",
			h->uid[i]);
		good = false;
	}
	return good;
}

/* Neither a record nor a recording: mistyped, or gone. */
static bool all_known(const struct hold *h)
{
	bool known = true;

	for (size_t i = 0; i < h->n; i++) {
		if (h->stored[i] ||
		    spool_hold_known(h->cfg->out_dir, h->uid[i]))
			continue;
		fprintf(stderr,
			"callscope: no call %s in the database or below "
			"%s/spool\n",
			h->uid[i], h->cfg->out_dir);
		known = false;
	}
	return known;
}

/* The spool's list, if there is a spool: it is what keeps pcaps. */
static int set_list(const struct hold *h, size_t *changed)
{
	char why[512];
	int err =
		spool_hold_set(h->cfg->out_dir, h->uid, h->n, h->held, changed);

	if (!err || err == -ENOENT)
		return 0;
	snprintf(why, sizeof(why),
		 "cannot write %.300s/spool/" SPOOL_HELD ": %s",
		 h->cfg->out_dir, strerror(-err));
	return complain(why);
}

static int in_database(const struct hold *h, const struct db_url *url,
		       enum hold_what what)
{
	char why[SINK_WHY] = "";
	int err = hold_db_set(url, h->cfg->db_password_file, h->uid, h->n, what,
			      h->stored, why);

	return err ? complain(why) : 0;
}

/* All or none: a mistyped one must not leave the rest half done. */
static int set_all(const struct hold *h)
{
	struct db_url url;
	size_t changed;

	setup_db(h->cfg, &url);
	if (in_database(h, &url, HOLD_LOOK) || !all_known(h) ||
	    in_database(h, &url, h->held ? HOLD_SET : HOLD_RELEASE) ||
	    set_list(h, &changed))
		return 1;
	for (size_t i = 0; i < h->n; i++)
		printf("%s: %s%s\n", h->uid[i], h->held ? "held" : "released",
		       h->stored[i] || url.kind == DB_NONE
			       ? ""
			       : " (its packets; the database has no record)");
	return 0;
}

static int hold(const struct config *cfg, bool held)
{
	struct hold h = {
		.cfg = cfg,
		.uid = cfg->words.v,
		.n = cfg->words.n,
		.held = held,
	};
	int status = 1;

	if (!h.n)
		return complain("name the calls: give their uids");
	h.stored = calloc(h.n, sizeof(*h.stored));
	if (!h.stored)
		return complain("not enough memory");
	if (all_uids(&h))
		status = set_all(&h);
	free(h.stored);
	return status;
}

static int run_hold(const struct config *cfg, const atomic_bool *stop)
{
	(void)stop;
	return hold(cfg, true);
}

static int run_release(const struct config *cfg, const atomic_bool *stop)
{
	(void)stop;
	return hold(cfg, false);
}

const struct command command_hold = {
	.name = "hold",
	.summary = "keep calls, whatever their age",
	.usage = "[-o DIR] [--db URL] UID...",
	.help = "Their records and packets are not deleted, nor their media "
		"taken out,\nuntil they are released.\n",
	.settings = general,
	.config_size = sizeof(struct config),
	.run = run_hold,
};

const struct command command_release = {
	.name = "release",
	.summary = "end what hold began",
	.usage = "[-o DIR] [--db URL] UID...",
	.help = "",
	.settings = general,
	.config_size = sizeof(struct config),
	.run = run_release,
};
