/* callscope serve: the viewer of what is stored, without a capture. */
#include <stdio.h>
#include <string.h>

#include "sniffer/command.h"
#include "sniffer/run_web.h"

static const char *const general[] = {"output", "db",	     "db-password-file",
				      "keys",	"srtp-keys", "http",
				      NULL};

static void say(void *arg, const char *why)
{
	(void)arg;
	fprintf(stderr, "callscope: %s\n", why);
}

static int run_serve(const struct config *cfg, const atomic_bool *stop)
{
	struct run_web *rw = NULL;

	if (cfg->words.n) {
		fprintf(stderr,
			"callscope: serve: %.200s is no option (callscope "
			"serve --help)\n",
			cfg->words.v[0]);
		return 1;
	}
	if (cfg->http && !strcmp(cfg->http, "none")) {
		fputs("callscope: serve: --http none leaves nothing to do\n",
		      stderr);
		return 1;
	}
	if (run_web_open(&rw, cfg, NULL, say, NULL))
		return 1;
	run_web_wait(rw, stop);
	run_web_close(rw);
	return 0;
}

const struct command command_serve = {
	.name = "serve",
	.summary = "the viewer of what is stored",
	.usage = "[-o DIR] [--db URL] [--http ADDR:PORT]",
	.help = "Until it is interrupted. Without --http it listens on "
		"127.0.0.1:8080. A capture (-i) has a\nviewer of its own.\n",
	.settings = general,
	.config_size = sizeof(struct config),
	.run = run_serve,
};
