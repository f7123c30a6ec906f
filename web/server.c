#include "web/server.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sniffer/base/peer.h"
#include "sniffer/base/thread.h"
#include "web/conns.h"
#include "web/exchange.h"
#include "web/listen.h"
#include "web/send.h"
#include "web/tls.h"

#define CONNECTION_MEMORY (32 * 1024)
#define BACKLOG		  256

/* --- what libmicrohttpd calls, on its thread ------------------------------ */

static struct conn *conn_of(struct MHD_Connection *con)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		con, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info ? info->socket_context : NULL;
}

static void on_connection(void *cls, struct MHD_Connection *con, void **ctx,
			  enum MHD_ConnectionNotificationCode code)
{
	struct web *w = cls;
	const union MHD_ConnectionInfo *info;

	if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
		conns_remove(w->conns, *ctx);
		*ctx = NULL;
		return;
	}
	info = MHD_get_connection_info(con, MHD_CONNECTION_INFO_CONNECTION_FD);
	*ctx = info ? conns_add(w->conns, info->connect_fd) : NULL;
}

/* The first that is known of a request. */
static void *on_target(void *cls, const char *target,
		       struct MHD_Connection *con)
{
	return exchange_new(cls, con, target);
}

static void on_completed(void *cls, struct MHD_Connection *con, void **ctx,
			 enum MHD_RequestTerminationCode code)
{
	struct web *w = cls;

	(void)code;
	conns_busy(w->conns, conn_of(con), false);
	exchange_free(*ctx);
	*ctx = NULL;
}

static bool answer_now(struct exchange *ex)
{
	ex->state = EXCHANGE_DONE;
	ex->len = ex->an.body.len;
	return send_answer(ex);
}

/* The head, then pieces of the body, then its end, then the answer. */
static bool step(struct exchange *ex, const char *method, struct slice piece)
{
	switch (ex->state) {
	case EXCHANGE_HEAD:
		ex->state = EXCHANGE_BODY;
		return exchange_begin(ex, method) || answer_now(ex);
	case EXCHANGE_BODY:
		if (piece.len)
			return exchange_body(ex, piece);
		conns_busy(ex->web->conns, conn_of(ex->con), true);
		return exchange_submit(ex) || answer_now(ex);
	case EXCHANGE_DONE:
		return send_answer(ex);
	case EXCHANGE_WORK:
		break;
	}
	return true;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *con,
				  const char *url, const char *method,
				  const char *version, const char *data,
				  size_t *len, void **ctx)
{
	struct exchange *ex = *ctx;
	struct slice piece = slice_of(data, *len);

	(void)cls;
	(void)con;
	(void)url;
	(void)version;
	*len = 0;
	return ex && step(ex, method, piece) ? MHD_YES : MHD_NO;
}

/* What it says is of single connections: strangers' mistakes. */
static void on_log(void *cls, const char *fmt, va_list ap)
{
	(void)cls;
	(void)fmt;
	(void)ap;
}

/* --- the socket ----------------------------------------------------------- */

static int socket_failed(struct web *w, int fd, const char *what,
			 char why[WEB_WHY])
{
	int err = errno;
	char text[ADDR_TEXT];

	snprintf(why, WEB_WHY, "cannot %s %s: %s%s", what,
		 addr_text(&w->at, text), strerror(err),
		 err == EADDRINUSE ? " (choose another with --http ADDR:PORT)"
				   : "");
	if (fd >= 0)
		close(fd);
	return -err;
}

static int learn_port(struct web *w, int fd)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);

	if (getsockname(fd, (struct sockaddr *)&sa, &len))
		return -1;
	w->at.port = peer_addr_of((struct sockaddr *)&sa).port;
	return 0;
}

int server_listen(struct web *w, char why[WEB_WHY])
{
	struct sockaddr_storage sa;
	socklen_t len = peer_sockaddr(&w->at, &sa);
	const int on = 1;
	int fd = socket(sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return socket_failed(w, fd, "open a socket for", why);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&sa, len) || listen(fd, BACKLOG) ||
	    learn_port(w, fd))
		return socket_failed(w, fd, "listen on", why);
	w->listen_fd = fd;
	return 0;
}

/* --- start and stop ------------------------------------------------------- */

static unsigned flags_of(const struct web *w)
{
	return MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME |
	       MHD_USE_ERROR_LOG | (web_is_tls(w) ? MHD_USE_TLS : 0);
}

static struct MHD_Daemon *start(struct web *w, int fd)
{
	const struct web_limits *l = &w->cfg.limits;
	struct MHD_OptionItem tls[] = {
		{MHD_OPTION_HTTPS_MEM_KEY, 0, w->key},
		{MHD_OPTION_HTTPS_MEM_CERT, 0, w->cert},
		{MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)TLS_PRIORITIES},
		{MHD_OPTION_END, 0, NULL},
	};

	return MHD_start_daemon(
		flags_of(w), 0, NULL, NULL, on_request, w,
		MHD_OPTION_EXTERNAL_LOGGER, on_log, w, /* first */
		MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_LISTEN_SOCKET, fd,
		MHD_OPTION_CONNECTION_LIMIT, l->connections,
		MHD_OPTION_PER_IP_CONNECTION_LIMIT, l->per_address,
		MHD_OPTION_CONNECTION_TIMEOUT, l->idle_s,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
		MHD_OPTION_NOTIFY_CONNECTION, on_connection, w,
		MHD_OPTION_URI_LOG_CALLBACK, on_target, w,
		MHD_OPTION_NOTIFY_COMPLETED, on_completed, w, MHD_OPTION_ARRAY,
		web_is_tls(w) ? tls : tls + 3, MHD_OPTION_END);
}

static int begin(struct web *w, char why[WEB_WHY])
{
	int err;

	errno = 0;
	w->daemon = start(w, w->listen_fd);
	if (w->daemon) {
		w->listen_fd = -1;
		return 0;
	}
	err = errno ? -errno : -EINVAL;
	snprintf(why, WEB_WHY, "cannot start the server: %s",
		 web_is_tls(w) ? "certificate and key do not go together, or "
				 "are damaged"
			       : strerror(-err));
	return err;
}

struct beginning {
	struct web *web;
	char *why;
	int err;
};

static void *begin_apart(void *arg)
{
	struct beginning *b = arg;

	thread_begin("http", THREAD_WEB);
	b->err = begin(b->web, b->why);
	return NULL;
}

/* libmicrohttpd makes its thread itself: it has the rights of the one that
 * asks for it, which therefore is one of ours. */
int server_start(struct web *w, char why[WEB_WHY])
{
	struct beginning b = {w, why, 0};
	pthread_t t;
	int err = thread_start(&t, begin_apart, &b);

	if (!err)
		err = -pthread_join(t, NULL);
	if (err)
		snprintf(why, WEB_WHY, "cannot start the server: %s",
			 strerror(-err));
	return err ? err : b.err;
}

void server_quiesce(struct web *w)
{
	int fd = w->daemon ? MHD_quiesce_daemon(w->daemon) : -1;

	if (fd >= 0)
		close(fd);
}

void server_stop(struct web *w)
{
	if (w->listen_fd >= 0)
		close(w->listen_fd);
	w->listen_fd = -1;
	if (w->daemon)
		MHD_stop_daemon(w->daemon);
	w->daemon = NULL;
}
