#include "sniffer/interfaces.h"

#include <errno.h>
#include <string.h>

static bool has(const struct config_list *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->v[i], name))
			return true;
	return false;
}

static int add(struct config *cfg, struct config_list *to, struct slice text,
	       const char **twice)
{
	const char *name = config_keep(cfg, slice_trim(text));

	if (!name)
		return -ENOMEM;
	if (!*name)
		return 0;
	if (!has(to, name))
		return config_list_add(to, name);
	*twice = name;
	return -EINVAL;
}

int interfaces_split(struct config *cfg, const char **twice)
{
	struct config_list out = {0};
	int err = 0;

	for (size_t i = 0; i < cfg->interfaces.n && !err; i++) {
		struct slice rest = slice_str(cfg->interfaces.v[i]), head;
		bool more = true;

		while (more && !err) {
			more = slice_cut(rest, ',', &head, &rest);
			err = add(cfg, &out, head, twice);
		}
	}
	if (err) {
		config_list_clear(&out);
		return err;
	}
	config_list_clear(&cfg->interfaces);
	cfg->interfaces = out;
	return 0;
}
