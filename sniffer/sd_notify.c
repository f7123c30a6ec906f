#include "sniffer/sd_notify.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* "/run/systemd/notify", or "@name" of the abstract namespace. */
static socklen_t address_of(const char *path, struct sockaddr_un *out)
{
	size_t len = strlen(path);

	*out = (struct sockaddr_un){.sun_family = AF_UNIX};
	if ((*path != '/' && *path != '@') || len < 2 ||
	    len >= sizeof(out->sun_path))
		return 0;
	memcpy(out->sun_path, path, len);
	if (*path == '@')
		out->sun_path[0] = '\0'; /* counted by length: no NUL behind */
	else
		len++;
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
}

static int connect_to(const char *path)
{
	struct sockaddr_un sa;
	socklen_t len = address_of(path, &sa);
	int fd = len ? socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1;

	if (fd >= 0 && connect(fd, (struct sockaddr *)&sa, len)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* Set for one process; a child has it in its environment, too. */
static uint64_t watchdog_us(void)
{
	const char *usec = getenv("WATCHDOG_USEC");
	const char *pid = getenv("WATCHDOG_PID");

	if (!usec || (pid && strtoll(pid, NULL, 10) != getpid()))
		return 0;
	return strtoull(usec, NULL, 10);
}

void sd_notify_open(struct sd_notify *n)
{
	const char *path = getenv("NOTIFY_SOCKET");

	*n = (struct sd_notify){.fd = path ? connect_to(path) : -1};
	if (n->fd >= 0)
		n->watchdog_us = watchdog_us();
}

void sd_notify_close(struct sd_notify *n)
{
	if (n->fd >= 0)
		close(n->fd);
	n->fd = -1;
}

void sd_notify_send(const struct sd_notify *n, const char *format, ...)
{
	char text[512];
	va_list args;

	if (n->fd < 0)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	send(n->fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT);
}

void sd_notify_reloading(const struct sd_notify *n)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	sd_notify_send(n, "RELOADING=1\nMONOTONIC_USEC=%llu",
		       (unsigned long long)t.tv_sec * 1000000 +
			       (unsigned long long)t.tv_nsec / 1000);
}
