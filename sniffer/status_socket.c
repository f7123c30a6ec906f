#include "sniffer/status_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "sniffer/base/thread.h"

#define NAME "status.sock"

enum {
	CLIENT_SECONDS = 5, /* that either side waits for the other */
	ANSWER_MAX = 4 << 20,
};

struct status_socket {
	int dir, fd, stop;
	bool bound, running;
	pthread_t thread;
	status_answer_fn *answer;
	void *arg;
};

/* A folder's name may be longer than an address takes: by way of its
 * descriptor. */
static struct sockaddr_un address(int dir)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};

	snprintf(sa.sun_path, sizeof(sa.sun_path), "/proc/self/fd/%d/%s", dir,
		 NAME);
	return sa;
}

static void limit_waiting(int fd)
{
	const struct timeval tv = {.tv_sec = CLIENT_SECONDS};

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
}

static bool send_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);

		if (sent <= 0)
			return false;
		p += sent;
		n -= (size_t)sent;
	}
	return true;
}

/* --- the one that listens ------------------------------------------------- */

static void serve_one(struct status_socket *s, int fd)
{
	struct outbuf out = {0};
	char line[16];
	ssize_t n;
	bool wrong;

	limit_waiting(fd);
	n = recv(fd, line, sizeof(line), 0);
	if (n < 4)
		return;
	wrong = s->answer(s->arg, !memcmp(line, "json", 4), &out);
	if (!out.failed && send_all(fd, wrong ? "2\n" : "0\n", 2))
		send_all(fd, out.p, out.len);
	outbuf_free(&out);
}

static void *serve(void *arg)
{
	struct status_socket *s = arg;
	struct pollfd p[] = {{.fd = s->fd, .events = POLLIN},
			     {.fd = s->stop, .events = POLLIN}};

	thread_begin("status", THREAD_WEB);
	for (;;) {
		int fd;

		if (poll(p, 2, -1) < 0 && errno != EINTR)
			break;
		if (p[1].revents)
			break;
		fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			continue;
		serve_one(s, fd);
		close(fd);
	}
	return NULL;
}

static int bind_here(struct status_socket *s)
{
	struct sockaddr_un sa = address(s->dir);
	mode_t old;
	int err;

	/* The folder is locked: one that lies there is of a run that died. */
	if (unlinkat(s->dir, NAME, 0) && errno != ENOENT)
		return -errno;
	old = umask(0177);
	err = bind(s->fd, (struct sockaddr *)&sa, sizeof(sa)) ? -errno : 0;
	umask(old);
	s->bound = !err;
	return err;
}

static int begin(struct status_socket *s, const char *dir)
{
	int err;

	s->dir = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	s->stop = eventfd(0, EFD_CLOEXEC);
	if (s->dir < 0 || s->fd < 0 || s->stop < 0)
		return -errno;
	err = bind_here(s);
	if (err)
		return err;
	if (listen(s->fd, 8))
		return -errno;
	err = thread_start(&s->thread, serve, s);
	s->running = !err;
	return err;
}

int status_socket_open(struct status_socket **out, const char *dir,
		       status_answer_fn *answer, void *arg,
		       char why[STATUS_WHY])
{
	struct status_socket *s = calloc(1, sizeof(*s));
	int err = -ENOMEM;

	if (s) {
		*s = (struct status_socket){-1, -1, -1, .answer = answer,
					    .arg = arg};
		err = begin(s, dir);
	}
	if (err) {
		snprintf(why, STATUS_WHY,
			 "callscope status will not work: cannot listen on "
			 "%.300s/%s: %s",
			 dir, NAME, strerror(-err));
		status_socket_close(s);
		return err;
	}
	*out = s;
	return 0;
}

void status_socket_close(struct status_socket *s)
{
	const uint64_t one = 1;

	if (!s)
		return;
	if (s->running && write(s->stop, &one, sizeof(one)) > 0)
		pthread_join(s->thread, NULL);
	if (s->bound)
		unlinkat(s->dir, NAME, 0);
	for (int i = 0; i < 3; i++) {
		int fd = (int[]){s->dir, s->fd, s->stop}[i];

		if (fd >= 0)
			close(fd);
	}
	free(s);
}

/* --- the one that asks ---------------------------------------------------- */

static int no_answer(const char *dir, int err, char why[STATUS_WHY])
{
	if (err == -EACCES || err == -EPERM)
		snprintf(why, STATUS_WHY,
			 "%.300s may only be asked by its owner: run it as "
			 "root or as the user of the daemon (sudo callscope "
			 "status)",
			 dir);
	else if (err == -ENOENT || err == -ECONNREFUSED || err == -ENOTDIR)
		snprintf(why, STATUS_WHY,
			 "no live capture runs on the data folder %.300s: "
			 "start it, or name the folder of the one that runs "
			 "(-o DIR, or -c FILE with its configuration)",
			 dir);
	else
		snprintf(why, STATUS_WHY,
			 "no answer from the capture on %.300s: %s%s", dir,
			 strerror(-err),
			 err == -EAGAIN ? " (it hangs, or the machine is "
					  "overloaded)"
					: "");
	return err;
}

static int connect_to(const char *dir)
{
	int at = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd = at < 0 ? -1 : socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un sa = address(at);
	int err = at < 0 || fd < 0 ? -errno : 0;

	if (!err)
		limit_waiting(fd);
	if (!err && connect(fd, (struct sockaddr *)&sa, sizeof(sa)))
		err = -errno;
	if (at >= 0)
		close(at);
	if (err && fd >= 0)
		close(fd);
	return err ? err : fd;
}

static int receive(int fd, struct outbuf *out)
{
	while (!out->failed && out->len < ANSWER_MAX) {
		char piece[4096];
		ssize_t n = recv(fd, piece, sizeof(piece), 0);

		if (n == 0)
			return out->len < 2 ? -EPIPE : 0;
		if (n < 0)
			return -errno;
		outbuf_put(out, piece, (size_t)n);
	}
	return out->failed ? -ENOMEM : -EFBIG;
}

int status_socket_ask(const char *dir, bool json, struct outbuf *out,
		      bool *wrong, char why[STATUS_WHY])
{
	const char *what = json ? "json\n" : "text\n";
	struct outbuf got = {0};
	int fd = connect_to(dir), err;

	if (fd < 0)
		return no_answer(dir, fd, why);
	err = send_all(fd, what, strlen(what)) ? receive(fd, &got) : -EPIPE;
	close(fd);
	if (err || !got.p) {
		outbuf_free(&got);
		return no_answer(dir, err, why);
	}
	*wrong = got.p[0] != '0';
	outbuf_put(out, got.p + 2, got.len - 2);
	outbuf_free(&got);
	return 0;
}
