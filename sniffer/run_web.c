#include "sniffer/run_web.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "sniffer/run_view.h"
#include "sniffer/setup.h"
#include "storage/queue.h"
#include "web/web.h"

#define HTTP_LOCAL "127.0.0.1:8080"
/* Descriptors that a run has open besides connections of the viewer. */
#define OTHER_FILES 256

struct run_web {
	struct web *web;
	struct run_view *view;
	const struct config *cfg;
	run_web_say_fn *say;
	void *arg;
	char db_url[4200];
};

static void say(struct run_web *rw, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void say(struct run_web *rw, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	rw->say(rw->arg, text);
}

static void on_say(void *arg, const char *why)
{
	struct run_web *rw = arg;

	rw->say(rw->arg, why);
}

/* --- from the settings ---------------------------------------------------- */

/* NULL: nowhere. */
static const char *listen_of(const struct config *cfg)
{
	if (cfg->http)
		return strcmp(cfg->http, "none") ? cfg->http : NULL;
	return cfg->inputs.n ? NULL : HTTP_LOCAL;
}

static struct auth_config auth_of(const struct config *c)
{
	return (struct auth_config){
		.session_idle_ns = c->http_session_idle_ns,
		.session_age_ns = c->http_session_max_ns,
		.login_tries = c->http_login_tries,
		.login_wait_ns = c->http_login_wait_ns,
		.proxy_header = c->http_proxy_user,
		.proxy_from = c->http_proxy_from.v,
		.proxy_from_n = c->http_proxy_from.n,
		.proxy_role = (enum web_role)c->http_proxy_role,
		.public_ = c->http_public.v,
		.public_n = c->http_public.n,
		.viewer_digits = c->viewer_mask_numbers,
	};
}

/* A capture of another process may fill the same store. */
static bool look_at_queue(void *arg, struct snapshot_store *out)
{
	const struct run_web *rw = arg;
	struct queue_stats q;
	struct db_url url;
	char dir[4096];

	setup_db(rw->cfg, &url);
	*out = (struct snapshot_store){
		.what = "database",
		.kind = url.kind == DB_MYSQL ? "mysql" : "sqlite",
	};
	if (url.kind == DB_NONE ||
	    (size_t)snprintf(dir, sizeof(dir), "%s/queue/%s", rw->cfg->out_dir,
			     out->kind) >= sizeof(dir) ||
	    queue_look(dir, &q))
		return false;
	out->waiting = q.pieces;
	out->oldest_ms = q.oldest_ms;
	return true;
}

static struct web_backend backend_of(struct run_web *rw,
				     const struct web_backend *backend)
{
	if (backend)
		return *backend;
	return (struct web_backend){
		.arg = rw, .queue = look_at_queue, .sensor = rw->cfg->sensor};
}

static struct web_config config_of(struct run_web *rw)
{
	const struct config *c = rw->cfg;
	const char *listen = listen_of(c);

	if (c->db)
		snprintf(rw->db_url, sizeof(rw->db_url), "%s", c->db);
	else
		snprintf(rw->db_url, sizeof(rw->db_url), "sqlite:%s",
			 c->db_path);
	return (struct web_config){
		.listen = listen ? listen : HTTP_LOCAL,
		.cert = c->http_cert,
		.key = c->http_key,
		.db_url = rw->db_url,
		.db_password_file = c->db_password_file,
		.dir = c->out_dir,
		.auth = auth_of(c),
		.limits =
			{
				.connections = (unsigned)c->http_connections,
				.per_address = (unsigned)c->http_per_address,
				.workers = (unsigned)c->http_workers,
				.queue = (unsigned)c->http_queue,
				.events = (unsigned)c->http_events,
				.search_ns = c->search_time_ns,
				.idle_s = (unsigned)(c->http_idle_ns /
						     1000000000),
			},
		.say = on_say,
		.arg = rw,
	};
}

/* Each connection is a descriptor, and Debian gives 1024 without being
 * asked. */
static void raise_files(struct run_web *rw)
{
	rlim_t want = rw->cfg->http_connections + OTHER_FILES;
	struct rlimit rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) || rl.rlim_cur >= want)
		return;
	rl.rlim_cur = rl.rlim_max < want ? rl.rlim_max : want;
	if (setrlimit(RLIMIT_NOFILE, &rl) || rl.rlim_cur < want)
		say(rw,
		    "this system allows %llu open files, fewer than "
		    "http-connections needs: raise ulimit -n, or lower it",
		    (unsigned long long)rl.rlim_cur);
}

/* --- what it says --------------------------------------------------------- */

static void greet(struct run_web *rw)
{
	struct web *w = rw->web;
	const char *at = strstr(web_url(w), "//") + 2;

	say(rw, "the viewer is at %s", web_url(w));
	if (!web_logins(w))
		say(rw,
		    "nobody can log in yet: callscope user add NAME --role "
		    "analyst -o %s",
		    rw->cfg->out_dir);
	if (web_is_local(w))
		say(rw,
		    "from another machine: ssh -L %u:%.*s THIS-MACHINE, and "
		    "open the same address there",
		    web_port(w), (int)strcspn(at, "/"), at);
	else if (!rw->cfg->http_cert)
		say(rw, "the viewer can be reached from outside without TLS: "
			"passwords and calls go over the wire in clear "
			"(http-cert, http-key, or a reverse proxy)");
	if (!strcmp(rw->db_url, "none"))
		say(rw, "the viewer cannot search: there is no store "
			"(--db none)");
}

/* --- start and end -------------------------------------------------------- */

int run_web_prepare(struct run_web **out, const struct config *cfg,
		    run_web_say_fn *fn, void *arg)
{
	struct run_web *rw = calloc(1, sizeof(*rw));
	char why[WEB_WHY] = "";
	struct web_config wc;
	int err;

	if (!rw) {
		fn(arg, "the viewer: not enough memory");
		return -ENOMEM;
	}
	rw->cfg = cfg;
	rw->say = fn;
	rw->arg = arg;
	raise_files(rw);
	wc = config_of(rw);
	err = web_prepare(&rw->web, &wc, why);
	if (err) {
		say(rw, "the viewer: %s", why);
		run_web_close(rw);
		return err;
	}
	*out = rw;
	return 0;
}

int run_web_start(struct run_web **rwp, const struct web_backend *backend)
{
	struct run_web *rw = *rwp;
	struct web_backend b = backend_of(rw, backend);
	char why[WEB_WHY] = "not enough memory";
	int err = -ENOMEM;

	rw->view = run_view_new(rw->cfg, on_say, rw);
	if (rw->view) {
		b.packets = run_view_packets(rw->view);
		err = web_start(rw->web, &b, why);
	}
	if (!err) {
		greet(rw);
		return 0;
	}
	say(rw, "the viewer: %s", why);
	run_web_close(rw);
	*rwp = NULL;
	return err;
}

bool run_web_wanted(const struct config *cfg)
{
	return listen_of(cfg) != NULL;
}

void run_web_wait(struct run_web *rw, const atomic_bool *stop)
{
	const struct timespec moment = {.tv_nsec = 100000000};

	while (rw && !*stop)
		nanosleep(&moment, NULL); /* a signal ends it early */
}

void run_web_close(struct run_web *rw)
{
	if (!rw)
		return;
	if (rw->view)
		run_view_stop(rw->view);
	web_close(rw->web);
	run_view_free(rw->view);
	free(rw);
}
