#include "sniffer/run_privs.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sniffer/base/thread.h"
#include "sniffer/capture/live_source.h"
#include "sniffer/filters.h"
#include "sniffer/give.h"
#include "sniffer/privs.h"
#include "sniffer/run_reach.h"

struct run_privs {
	const struct config *cfg;
	struct log *log;
	struct privs_user user;
	struct privs_done done;
	struct filters *filters; /* NULL: none */
	bool core;
};

/* --- threads -------------------------------------------------------------- */

static void on_thread(enum thread_kind kind, void *arg)
{
	const struct run_privs *p = arg;
	bool captures = kind == THREAD_CAPTURE;

	privs_thread_keep(captures ? p->done.caps
				   : p->done.caps & PRIVS_FILE_CAPS);
	if (p->filters)
		filters_enter(p->filters, kind);
}

void run_privs_core(struct run_privs *p)
{
	if (!p || p->core)
		return;
	p->core = true;
	thread_begin("core", THREAD_CORE);
}

/* Whether the kernel takes a filter, tried where nothing is lost by it. */
static void *try_filter(void *arg)
{
	struct run_privs *p = arg;
	int err = filters_enter(p->filters, THREAD_WEB);

	return err ? p : NULL;
}

static void open_filters(struct run_privs *p)
{
	char why[FILTERS_WHY];
	void *failed = p;
	pthread_t t;

	if (!p->cfg->seccomp)
		return;
	/* It reads its settings, and loads what they name, when first used. */
	OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, NULL);
	if (filters_new(&p->filters, why)) {
		log_line(p->log, LEVEL_WARNING, "%s", why);
		return;
	}
	if (!thread_start(&t, try_filter, p))
		pthread_join(t, &failed);
	if (!failed)
		return;
	log_line(p->log, LEVEL_WARNING,
		 "this kernel has no seccomp filters: system calls stay as "
		 "they are");
	filters_free(p->filters);
	p->filters = NULL;
}

/* --- files ---------------------------------------------------------------- */

/* What root left in our folders is the user's from now on. */
static void give(struct run_privs *p)
{
	const struct config *c = p->cfg;
	uid_t uid = p->user.uid;
	gid_t gid = p->user.gid;
	static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
	char path[4200];

	give_dir(c->out_dir, uid, gid);
	if (c->billing_feed)
		give_dir(c->billing_feed, uid, gid);
	for (size_t i = 0; c->db_path && i < 4; i++) {
		snprintf(path, sizeof(path), "%s%s", c->db_path, ends[i]);
		give_file(path, uid, gid);
	}
	if (c->json && strcmp(c->json, "-"))
		give_file(c->json, uid, gid);
}

/* --- limits of the process ------------------------------------------------ */

static void set_limits(const struct config *c)
{
	struct rlimit rl;

	if (!getrlimit(RLIMIT_NOFILE, &rl) && rl.rlim_cur < rl.rlim_max) {
		rl.rlim_cur = rl.rlim_max;
		setrlimit(RLIMIT_NOFILE, &rl);
	}
	if (getrlimit(RLIMIT_CORE, &rl))
		return;
	rl.rlim_cur = c->core_dumps ? rl.rlim_max : 0;
	setrlimit(RLIMIT_CORE, &rl);
}

/* --- what is said --------------------------------------------------------- */

static void say_user(const struct run_privs *p)
{
	const struct privs_done *d = &p->done;
	const struct privs_user *u = &p->user;
	char caps[128];

	privs_caps_text(d->caps, caps, sizeof(caps));
	if (d->dropped)
		log_line(p->log, LEVEL_INFO, "runs as the user %s, with %s",
			 u->name, caps);
	else if (d->uid)
		log_line(p->log, LEVEL_DEBUG, "runs as user %u, with %s",
			 (unsigned)d->uid, caps);
	else if (d->closed)
		log_line(p->log, LEVEL_WARNING,
			 "stays root, with %s: the user %s may not write to %s "
			 "(another folder with -o DIR, or chown it)",
			 caps, u->name, d->closed);
	else if (d->unable)
		log_line(p->log, LEVEL_WARNING,
			 "stays root, with %s: it may not change to another "
			 "user here (CAP_SETUID, CAP_SETGID)",
			 caps);
	else if (u->stay)
		log_line(p->log, LEVEL_NOTICE,
			 "stays root, as user = %s says, with %s", u->name,
			 caps);
	else
		log_line(p->log, LEVEL_WARNING,
			 "there is no user %s on this machine: stays root, "
			 "with %s (adduser --system --group %s makes one)",
			 u->name, caps, u->name);
}

/* --- all of it ------------------------------------------------------------ */

static int find_user(struct run_privs *p, char why[PRIVS_WHY])
{
	if (!geteuid())
		return privs_find(&p->user, p->cfg->user, p->cfg->user_group,
				  why);
	if (p->cfg->user)
		log_line(p->log, LEVEL_NOTICE,
			 "only root can become the user %s: stays what it is",
			 p->cfg->user);
	return 0;
}

static int drop(struct run_privs *p, const struct run_reach *reach,
		bool devices, char why[PRIVS_WHY])
{
	struct privs_keep keep = {
		.net_raw = devices && p->cfg->keep_net_raw,
		.net_admin = devices && p->cfg->keep_net_raw &&
			     p->cfg->timestamps != LIVE_STAMPS_HOST,
		.dirs = reach->dirs,
		.core_dumps = p->cfg->core_dumps,
	};
	int err;

	if (p->user.found)
		give(p);
	err = privs_drop(&p->user, &keep, &p->done, why);
	if (!err && p->user.asked && (p->done.closed || p->done.unable)) {
		snprintf(why, PRIVS_WHY,
			 "the user %s %s%.200s: choose another folder with -o "
			 "DIR, chown it, or stay root with --user none",
			 p->user.name,
			 p->done.closed ? "may not write to "
					: "cannot be changed to",
			 p->done.closed ? p->done.closed : "");
		err = -EACCES;
	}
	return err;
}

int run_privs_drop(struct run_privs **out, const struct config *cfg,
		   bool devices, struct log *log)
{
	struct run_privs *p = calloc(1, sizeof(*p));
	char why[PRIVS_WHY] = "not enough memory to start";
	struct run_reach reach = {0};
	int err = -ENOMEM;

	if (!p || run_reach_fill(&reach, cfg))
		goto fail;
	p->cfg = cfg;
	p->log = log;
	set_limits(cfg);
	err = find_user(p, why);
	if (!err)
		err = drop(p, &reach, devices, why);
	if (err)
		goto fail;
	say_user(p);
	run_reach_enter(&reach, log);
	run_reach_free(&reach);
	open_filters(p);
	thread_hook(on_thread, p);
	*out = p;
	return 0;
fail:
	log_line(log, LEVEL_ERROR, "%s", why);
	run_reach_free(&reach);
	free(p);
	return err;
}

void run_privs_close(struct run_privs *p)
{
	if (!p)
		return;
	thread_hook(NULL, NULL);
	filters_free(p->filters);
	free(p);
}
