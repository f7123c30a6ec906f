#include "sniffer/run_keys.h"

#include "sniffer/keyfile.h"

static size_t take_keys(void *arg, struct slice lines, const char **why)
{
	(void)why;
	return engine_keylog(arg, lines);
}

static size_t take_srtp_keys(void *arg, struct slice lines, const char **why)
{
	return engine_srtp_keys(arg, lines, why);
}

/* What keyfile.c says goes on; what it takes is the engine's. */
struct reading {
	const struct run_keys *keys;
	struct engine *engine;
	size_t (*take)(void *arg, struct slice lines, const char **why);
};

static size_t take(void *arg, struct slice lines, const char **why)
{
	struct reading *r = arg;

	return r->take(r->engine, lines, why);
}

static void say(void *arg, const char *why)
{
	const struct reading *r = arg;

	r->keys->say(r->keys->arg, why);
}

static int read_files(struct reading *r, const struct config_list *l,
		      const char *what)
{
	char why[KEYFILE_WHY] = "";
	struct keyfile *files = NULL;
	int err = 0;

	for (size_t i = 0; i < l->n && !err; i++) {
		struct keyfile_config kc = {
			.path = l->v[i],
			.what = what,
			.take = take,
			.say = say,
			.arg = r,
		};

		err = keyfile_open(&files, &kc, why);
	}
	keyfile_close(files);
	if (err)
		say(r, why);
	return err;
}

int run_keys(void *arg, struct engine *e)
{
	const struct run_keys *k = arg;
	struct reading r = {k, e, take_keys};
	int err = read_files(&r, &k->cfg->keys, "key log");

	r.take = take_srtp_keys;
	return err ? err : read_files(&r, &k->cfg->srtp_keys, "SRTP key");
}
