/* callscope migrate: the schema of the database. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "sniffer/command.h"
#include "sniffer/setup.h"
#include "storage/migrate.h"

struct migrate_config {
	struct config cfg;
	bool check;
};

static const char *const general[] = {"output", "db", "db-password-file", NULL};

static const struct setting own[] = {
	/* clang-format off */
	{ .name = "check", .type = SETTING_FLAG, .group = GROUP_RUN,
	  .place = PLACE_COMMAND,
	  .offset = offsetof(struct migrate_config, check), .initial = "no",
	  .help = "Change nothing: say what is pending, and exit with 1 if "
		  "anything is." },
	/* clang-format on */
};

static void say_step(void *arg, const struct schema_step *step)
{
	char about[SCHEMA_ABOUT];

	(void)arg;
	schema_about(step->file, about);
	if (step->pending)
		printf("pending: %s: %s\n", step->file->name, about);
	else
		printf("applied: %s: %s (%" PRIu64 ".%03" PRIu64 " s)\n",
		       step->file->name, about, step->took_ms / 1000,
		       step->took_ms % 1000);
	fflush(stdout);
}

static int run_migrate(const struct config *cfg, const atomic_bool *stop)
{
	bool look = ((const struct migrate_config *)cfg)->check;
	struct migrate_result done;
	char why[SINK_WHY] = "";
	struct db_url url;

	(void)stop;
	setup_db(cfg, &url);
	if (migrate(&url, cfg->db_password_file, look, say_step, NULL, &done,
		    why)) {
		fprintf(stderr, "callscope: %s\n", why);
		return 1;
	}
	if (done.pending)
		return 1;
	printf("the database has schema version %d, this program's\n",
	       done.after);
	return 0;
}

const struct command command_migrate = {
	.name = "migrate",
	.summary = "bring the tables of a database up to date",
	.usage = "[--db URL] [--check]",
	.help = "Stop nothing: captures keep their records until it is done.\n",
	.settings = general,
	.own = own,
	.own_n = sizeof(own) / sizeof(own[0]),
	.config_size = sizeof(struct migrate_config),
	.run = run_migrate,
};
