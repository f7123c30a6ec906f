#include "sniffer/run_keyfiles.h"

#include <unistd.h>

#include "sniffer/capture/source.h"

static size_t take_keys(void *arg, struct slice lines, const char **why)
{
	struct run *r = arg;

	(void)why;
	return engine_keylog(r->engine, lines);
}

static size_t take_srtp_keys(void *arg, struct slice lines, const char **why)
{
	struct run *r = arg;

	return engine_srtp_keys(r->engine, lines, why);
}

/* Out of a capture. */
static void on_secrets(void *arg, struct slice keylog)
{
	struct run *r = arg;

	engine_keylog(r->engine, keylog);
}

/* A kind of them. */
struct kind {
	const char *what;
	size_t (*take)(void *arg, struct slice lines, const char **why);
	struct keyfile **list;
	int *early; /* descriptors */
};

static struct kind tls_kind(struct run *r)
{
	return (struct kind){"key log", take_keys, &r->keyfiles, r->early_keys};
}

static struct kind srtp_kind(struct run *r)
{
	return (struct kind){"SRTP key", take_srtp_keys, &r->srtp_keyfiles,
			     r->early_srtp};
}

static int open_one(struct run *r, const struct kind *k, const char *path,
		    int early)
{
	struct keyfile_config kc = {
		.path = path,
		.what = k->what,
		.follow = r->live,
		.early = early,
		.take = k->take,
		.say = run_complain,
		.arg = r,
	};
	char why[KEYFILE_WHY] = "";
	int err = keyfile_open(k->list, &kc, why);

	if (err)
		run_complain(r, why);
	return err;
}

static int open_list(struct run *r, const struct kind *k,
		     const struct config_list *l)
{
	int err = 0;

	for (size_t i = 0; i < l->n && !err; i++) {
		int early = i < RUN_EARLY ? k->early[i] : 0;

		err = open_one(r, k, l->v[i], early);
		if (early)
			k->early[i] = 0;
	}
	return err;
}

int run_keyfiles_open(struct run *r)
{
	const struct kind tls = tls_kind(r), srtp = srtp_kind(r);
	int err;

	r->source->secrets = on_secrets;
	r->source->secrets_arg = r;
	err = open_list(r, &tls, &r->cfg->keys);
	return err ? err : open_list(r, &srtp, &r->cfg->srtp_keys);
}

static void open_early(const struct config_list *l, int *fds)
{
	for (size_t i = 0; i < l->n && i < RUN_EARLY; i++)
		fds[i] = keyfile_early(l->v[i], true);
}

void run_keyfiles_early(struct run *r)
{
	open_early(&r->cfg->keys, r->early_keys);
	open_early(&r->cfg->srtp_keys, r->early_srtp);
}

static bool names(const struct config_list *l, const char *path)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->v[i], path))
			return true;
	return false;
}

static int again(struct run *r, const struct kind *k,
		 const struct config_list *now)
{
	int err = 0;

	for (struct keyfile *f = *k->list, *next; f; f = next) {
		next = keyfile_next(f);
		if (!names(now, keyfile_path(f)))
			keyfile_drop(k->list, f);
	}
	for (size_t i = 0; i < now->n; i++) {
		int one = 0;

		if (!keyfile_find(*k->list, now->v[i]))
			one = open_one(r, k, now->v[i], 0);
		err = err ? err : one;
	}
	return err;
}

int run_keyfiles_again(struct run *r, const struct config *now)
{
	const struct kind tls = tls_kind(r), srtp = srtp_kind(r);
	int a = again(r, &tls, &now->keys);
	int b = again(r, &srtp, &now->srtp_keys);

	return a ? a : b;
}

void run_keyfiles_poll(struct run *r, uint64_t now_us)
{
	keyfile_poll(r->keyfiles, now_us);
	keyfile_poll(r->srtp_keyfiles, now_us);
}

void run_keyfiles_close(struct run *r)
{
	keyfile_close(r->keyfiles);
	keyfile_close(r->srtp_keyfiles);
	r->keyfiles = r->srtp_keyfiles = NULL;
	for (size_t i = 0; i < RUN_EARLY; i++) {
		if (r->early_keys[i])
			close(r->early_keys[i]);
		if (r->early_srtp[i])
			close(r->early_srtp[i]);
		r->early_keys[i] = r->early_srtp[i] = 0;
	}
}
