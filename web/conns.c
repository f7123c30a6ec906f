#include "web/conns.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

struct conn {
	struct conn *next, *prev;
	int fd;
	uint64_t since; /* s: waits for a request; 0 = at work */
};

struct conns {
	pthread_mutex_t lock;
	pthread_cond_t idle;
	struct conn head;
	unsigned busy, wait_s;
};

static uint64_t now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec + 1;
}

struct conns *conns_new(unsigned wait_s)
{
	struct conns *c = calloc(1, sizeof(*c));
	pthread_condattr_t attr;

	if (!c)
		return NULL;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->idle, &attr);
	pthread_condattr_destroy(&attr);
	c->head.next = c->head.prev = &c->head;
	c->wait_s = wait_s;
	return c;
}

void conns_free(struct conns *c)
{
	if (!c)
		return;
	pthread_cond_destroy(&c->idle);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

struct conn *conns_add(struct conns *c, int fd)
{
	struct conn *conn = calloc(1, sizeof(*conn));

	if (!conn)
		return NULL;
	conn->fd = fd;
	conn->since = now_s();
	pthread_mutex_lock(&c->lock);
	conn->next = &c->head;
	conn->prev = c->head.prev;
	conn->prev->next = conn->next->prev = conn;
	pthread_mutex_unlock(&c->lock);
	return conn;
}

static void set_busy(struct conns *c, struct conn *conn, bool busy)
{
	if (busy == !conn->since)
		return;
	conn->since = busy ? 0 : now_s();
	c->busy = busy ? c->busy + 1 : c->busy - 1;
	if (!c->busy)
		pthread_cond_broadcast(&c->idle);
}

void conns_remove(struct conns *c, struct conn *conn)
{
	if (!conn)
		return;
	pthread_mutex_lock(&c->lock);
	set_busy(c, conn, false);
	conn->prev->next = conn->next;
	conn->next->prev = conn->prev;
	pthread_mutex_unlock(&c->lock);
	free(conn);
}

void conns_busy(struct conns *c, struct conn *conn, bool busy)
{
	if (!conn)
		return;
	pthread_mutex_lock(&c->lock);
	set_busy(c, conn, busy);
	pthread_mutex_unlock(&c->lock);
}

void conns_check(struct conns *c)
{
	uint64_t now = now_s();

	pthread_mutex_lock(&c->lock);
	/* The I/O thread sees the end and closes it; the descriptor is ours to
	 * name until conns_remove(). */
	for (struct conn *i = c->head.next; i != &c->head; i = i->next)
		if (i->since && now - i->since > c->wait_s)
			shutdown(i->fd, SHUT_RDWR);
	pthread_mutex_unlock(&c->lock);
}

void conns_drain(struct conns *c, unsigned ms)
{
	struct timespec until;
	int err = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ms / 1000;
	pthread_mutex_lock(&c->lock);
	while (c->busy && !err)
		err = pthread_cond_timedwait(&c->idle, &c->lock, &until);
	pthread_mutex_unlock(&c->lock);
}
