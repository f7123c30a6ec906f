/* callscope status: how a running capture is. */
#include <stddef.h>
#include <stdio.h>

#include "sniffer/command.h"
#include "sniffer/status_socket.h"

struct status_config {
	struct config general;
	bool json;
};

static const char *const general[] = {"output", NULL};

static const struct setting own[] = {
	/* clang-format off */
	{ .name = "json", .type = SETTING_FLAG,
	  .offset = offsetof(struct status_config, json), .initial = "no",
	  .example = "yes", .help = "One JSON object instead of a table." },
	/* clang-format on */
};

/* The exit status. */
static int run_status(const struct config *cfg, const atomic_bool *stop)
{
	const struct status_config *c = (const struct status_config *)cfg;
	char why[STATUS_WHY];
	struct outbuf out = {0};
	bool wrong;

	(void)stop;
	if (cfg->words.n) {
		fprintf(stderr,
			"callscope: status: %.200s is no option (callscope "
			"status --help)\n",
			cfg->words.v[0]);
		return 1;
	}
	if (status_socket_ask(cfg->out_dir, c->json, &out, &wrong, why)) {
		fprintf(stderr, "callscope: status: %s\n", why);
		return 1;
	}
	fwrite(out.p, 1, out.len, stdout);
	outbuf_free(&out);
	return wrong ? 2 : 0;
}

const struct command command_status = {
	.name = "status",
	.summary = "how a running capture is",
	.usage = "[-o DIR] [-c FILE] [--json]",
	.help = "Asks the live capture (-i) that writes into that data folder, "
		"as root or as its user.\nExit status: 0 all is well, 1 it "
		"does not run or does not answer, 2 there are warnings.\n",
	.settings = general,
	.own = own,
	.own_n = sizeof(own) / sizeof(own[0]),
	.config_size = sizeof(struct status_config),
	.run = run_status,
};
