/*
 * http_load PORT TOKEN RATE SECONDS [CONNECTIONS]: asks a server on loopback
 * for the paths on standard input, one a line, again and again, RATE in a
 * second, over that many connections (default 16). A request is due at its
 * time whether the ones before are answered or not; its time counts from
 * then. Prints "REQUESTS ERRORS RATE P50 P95 P99 MAX", times in ms; anything
 * but a whole answer with status 200 is an error, and the first is told.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PATHS 4096
#define HEAD  16384

struct load {
	uint16_t port;
	const char *token;
	double rate;
	unsigned long count;
	char *path[PATHS];
	size_t paths;
	uint64_t begin_us;
	atomic_ulong next, errors;
	double *ms; /* of each */
};

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void sleep_until(uint64_t us)
{
	struct timespec t = {(time_t)(us / 1000000),
			     (long)(us % 1000000) * 1000};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL))
		;
}

/* --- one request ---------------------------------------------------------- */

static int open_connection(const struct load *l)
{
	struct sockaddr_in sa = {
		.sin_family = AF_INET,
		.sin_port = htons(l->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && !connect(fd, (struct sockaddr *)&sa, sizeof(sa)))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool send_request(const struct load *l, int fd, const char *path)
{
	char text[8192];
	int n = snprintf(text, sizeof(text),
			 "GET %s HTTP/1.1\r\nHost: localhost\r\n"
			 "Accept-Encoding: gzip\r\n"
			 "Authorization: Bearer %s\r\n\r\n",
			 path, l->token);

	return n > 0 && (size_t)n < sizeof(text) &&
	       send(fd, text, (size_t)n, MSG_NOSIGNAL) == n;
}

/* The value of Content-Length; -1 = none. */
static long length_of(const char *head)
{
	const char *at = strcasestr(head, "\r\nContent-Length:");

	return at ? strtol(at + 17, NULL, 10) : -1;
}

static bool read_answer(int fd, char head[HEAD + 1])
{
	char rest[65536];
	size_t n = 0;
	char *end = NULL;
	long left;
	ssize_t got;

	while (!end && n < HEAD) {
		got = recv(fd, head + n, HEAD - n, 0);
		if (got <= 0)
			return false;
		n += (size_t)got;
		head[n] = '\0';
		end = strstr(head, "\r\n\r\n");
	}
	left = end ? length_of(head) : -1;
	if (left < 0)
		return false;
	left -= (long)(head + n - (end + 4));
	while (left > 0) {
		got = recv(fd, rest,
			   left < (long)sizeof(rest) ? (size_t)left
						     : sizeof(rest),
			   0);
		if (got <= 0)
			return false;
		left -= got;
	}
	return !strncmp(head, "HTTP/1.1 200 ", 13);
}

static void failed(struct load *l, const char *path, char *head)
{
	if (atomic_fetch_add(&l->errors, 1))
		return;
	head[strcspn(head, "\r\n")] = '\0';
	fprintf(stderr, "http_load: %s: %s\n", path,
		*head ? head : "no answer");
}

static void *ask(void *arg)
{
	struct load *l = arg;
	int fd = open_connection(l);
	char head[HEAD + 1];
	unsigned long i;

	while ((i = atomic_fetch_add(&l->next, 1)) < l->count) {
		uint64_t due =
			l->begin_us + (uint64_t)((double)i * 1e6 / l->rate);
		const char *path = l->path[i % l->paths];

		sleep_until(due);
		head[0] = '\0';
		if (!send_request(l, fd, path) || !read_answer(fd, head)) {
			failed(l, path, head);
			close(fd);
			fd = open_connection(l);
		}
		l->ms[i] = (double)(now_us() - due) / 1e3;
	}
	if (fd >= 0)
		close(fd);
	return NULL;
}

/* --- all of them ---------------------------------------------------------- */

static void read_paths(struct load *l)
{
	char line[4096];

	while (l->paths < PATHS && fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		if (*line)
			l->path[l->paths++] = strdup(line);
	}
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void report(struct load *l)
{
	double took = (double)(now_us() - l->begin_us) / 1e6;

	qsort(l->ms, l->count, sizeof(*l->ms), by_size);
	printf("%lu %lu %.1f %.1f %.1f %.1f %.1f\n", l->count,
	       atomic_load(&l->errors), (double)l->count / took,
	       l->ms[l->count / 2], l->ms[l->count * 95 / 100],
	       l->ms[l->count * 99 / 100], l->ms[l->count - 1]);
}

int main(int argc, char **argv)
{
	unsigned n = argc > 5 ? (unsigned)atoi(argv[5]) : 16;
	struct load l = {0};
	pthread_t thread[256];

	if (argc < 5 || !n || n > 256) {
		fprintf(stderr,
			"usage: %s PORT TOKEN RATE SECONDS "
			"[CONNECTIONS]\n",
			argv[0]);
		return 2;
	}
	l.port = (uint16_t)atoi(argv[1]);
	l.token = argv[2];
	l.rate = atof(argv[3]);
	l.count = (unsigned long)(l.rate * atof(argv[4]));
	read_paths(&l);
	l.ms = calloc(l.count + 1, sizeof(*l.ms));
	if (!l.ms || !l.paths || !l.count)
		return 2;
	l.begin_us = now_us();
	for (unsigned i = 0; i < n; i++)
		if (pthread_create(&thread[i], NULL, ask, &l))
			return 2;
	for (unsigned i = 0; i < n; i++)
		pthread_join(thread[i], NULL);
	report(&l);
	for (size_t i = 0; i < l.paths; i++)
		free(l.path[i]);
	free(l.ms);
	return l.errors ? 1 : 0;
}
