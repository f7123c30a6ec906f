#include "sniffer/config.h"

#include <errno.h>
#include <stdlib.h>

int config_init(struct config *cfg)
{
	*cfg = (struct config){.mem = arena_new(4096, 0)};
	return cfg->mem ? 0 : -ENOMEM;
}

void config_close(struct config *cfg)
{
	config_list_clear(&cfg->interfaces);
	config_list_clear(&cfg->inputs);
	config_list_clear(&cfg->taps);
	config_list_clear(&cfg->hep_listen);
	config_list_clear(&cfg->hep_allow);
	config_list_clear(&cfg->hep_send);
	config_list_clear(&cfg->keys);
	config_list_clear(&cfg->srtp_keys);
	config_list_clear(&cfg->http_public);
	config_list_clear(&cfg->http_proxy_from);
	config_list_clear(&cfg->turn_users);
	config_list_clear(&cfg->turn_secrets);
	config_list_clear(&cfg->leg_headers);
	config_list_clear(&cfg->trunks);
	config_list_clear(&cfg->e164);
	config_list_clear(&cfg->words);
	arena_free(cfg->mem);
	*cfg = (struct config){0};
}

const char *config_keep(struct config *cfg, struct slice text)
{
	return arena_str(cfg->mem, text);
}

int config_list_add(struct config_list *l, const char *text)
{
	const char **v = realloc(l->v, (l->n + 1) * sizeof(*v));

	if (!v)
		return -ENOMEM;
	l->v = v;
	l->v[l->n++] = text;
	return 0;
}

void config_list_clear(struct config_list *l)
{
	free(l->v);
	*l = (struct config_list){0};
}

bool config_workers(const char *text, unsigned *out)
{
	struct slice s = slice_str(text);
	uint64_t n = CONFIG_WORKERS_AUTO;

	if (!slice_ieq(s, SLICE("auto")) &&
	    (!slice_u64(s, &n) || n > CONFIG_WORKERS_MAX))
		return false;
	*out = (unsigned)n;
	return true;
}
