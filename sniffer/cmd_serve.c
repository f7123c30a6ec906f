/* callscope serve: the viewer of what is stored, without a capture. */
#include <stdio.h>
#include <string.h>

#include "sniffer/command.h"
#include "sniffer/log.h"
#include "sniffer/run_privs.h"
#include "sniffer/run_web.h"
#include "sniffer/sd_notify.h"

static const char *const general[] = {"output", "db",	     "db-password-file",
				      "keys",	"srtp-keys", "http",
				      "user",	NULL};

static void say(void *arg, const char *why)
{
	log_line(arg, LEVEL_WARNING, "%s", why);
}

/* The port and the key are root's to open; all else belongs to the user. */
static int serve(const struct config *cfg, const atomic_bool *stop)
{
	struct run_privs *privs = NULL;
	struct run_web *rw = NULL;
	struct sd_notify sd;
	struct log log;
	int status = 1;

	log_open(&log, stderr, NULL);
	sd_notify_open(&sd);
	if (run_web_prepare(&rw, cfg, say, &log) ||
	    run_privs_drop(&privs, cfg, false, &log) ||
	    run_web_start(&rw, NULL))
		goto out;
	run_privs_core(privs);
	sd_notify_send(&sd, "READY=1");
	run_web_wait(rw, stop);
	sd_notify_send(&sd, "STOPPING=1");
	status = 0;
out:
	run_web_close(rw);
	run_privs_close(privs);
	sd_notify_close(&sd);
	return status;
}

static int run_serve(const struct config *cfg, const atomic_bool *stop)
{
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
	return serve(cfg, stop);
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
