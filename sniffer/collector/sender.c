#include "sniffer/collector/sender.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sniffer/base/thread.h"
#include "sniffer/collector/line.h"

enum {
	PACKET_MAX = 65535,
	BATCH_BYTES = PACKET_MAX + 1, /* written at once to a stream */
	BACKOFF_MS = 1000,
	BACKOFF_MAX_MS = 30000,
	GIVE_UP_MS = 60000, /* of a run over files */
	LOOK_MS = 100,	    /* at *stop, by who waits */
	PACE = 16,	    /* datagrams of a file that go without a rest */
};

struct sender {
	struct sender_config cfg;
	struct peer to;
	SSL_CTX *tls;
	pthread_t thread;
	bool running;

	pthread_mutex_t lock;
	pthread_cond_t filled, room; /* told to the thread; to who puts */
	/* Packets, each behind its length, in a ring of bytes. */
	uint8_t *ring;
	size_t head, used;
	bool finishing, given_up;
	uint64_t deadline_ms; /* while finishing; 0 = none */
	struct sender_stats stats;

	/* The thread's own. */
	struct line line;
	uint8_t *batch;
	size_t batch_len, batch_n;
	uint64_t down_ms; /* since when; 0 = it is not */
	unsigned backoff_ms, paced;
};

static uint64_t clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* With the lock held. */
static void wait_ms(struct sender *s, pthread_cond_t *on, unsigned ms)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	ts.tv_sec += ms / 1000;
	ts.tv_nsec += (long)(ms % 1000) * 1000000;
	if (ts.tv_nsec >= 1000000000) {
		ts.tv_nsec -= 1000000000;
		ts.tv_sec++;
	}
	pthread_cond_timedwait(on, &s->lock, &ts);
}

static bool is_stopped(const struct sender *s)
{
	return s->cfg.stop && atomic_load(s->cfg.stop);
}

/* --- the queue, with the lock held -----------------------------------------
 */

static void ring_copy_in(struct sender *s, const void *bytes, size_t n)
{
	size_t cap = s->cfg.queue_bytes, at = (s->head + s->used) % cap;
	size_t first = n < cap - at ? n : cap - at;

	memcpy(s->ring + at, bytes, first);
	memcpy(s->ring, (const uint8_t *)bytes + first, n - first);
	s->used += n;
}

static void ring_peek(const struct sender *s, size_t off, void *to, size_t n)
{
	size_t cap = s->cfg.queue_bytes, at = (s->head + off) % cap;
	size_t first = n < cap - at ? n : cap - at;

	memcpy(to, s->ring + at, first);
	memcpy((uint8_t *)to + first, s->ring, n - first);
}

static void ring_drop(struct sender *s, size_t n)
{
	s->head = (s->head + n) % s->cfg.queue_bytes;
	s->used -= n;
}

static uint32_t first_len(const struct sender *s)
{
	uint32_t len;

	ring_peek(s, 0, &len, sizeof(len));
	return len;
}

static size_t ring_empty(struct sender *s)
{
	size_t n = 0;

	for (; s->used; n++)
		ring_drop(s, sizeof(uint32_t) + first_len(s));
	return n;
}

void sender_put(struct sender *s, struct slice packet)
{
	uint32_t len = (uint32_t)packet.len;
	size_t need = sizeof(len) + packet.len;

	pthread_mutex_lock(&s->lock);
	while (s->cfg.wait && !s->given_up && !is_stopped(s) &&
	       s->cfg.queue_bytes - s->used < need)
		wait_ms(s, &s->room, LOOK_MS);
	if (s->given_up || s->cfg.queue_bytes - s->used < need) {
		s->stats.dropped++;
	} else {
		ring_copy_in(s, &len, sizeof(len));
		ring_copy_in(s, packet.p, packet.len);
		pthread_cond_signal(&s->filled);
	}
	pthread_mutex_unlock(&s->lock);
}

/* --- the thread ------------------------------------------------------------
 */

/* Nobody waits for what is left. */
static bool is_late(const struct sender *s)
{
	if (s->given_up || (s->cfg.wait && is_stopped(s)))
		return true;
	return s->finishing && s->deadline_ms && clock_ms() > s->deadline_ms;
}

/* The next packets: of a stream as many as fit, else one. False at the end. */
static bool fetch(struct sender *s)
{
	size_t max = s->to.by == PEER_UDP ? 1 : BATCH_BYTES;

	pthread_mutex_lock(&s->lock);
	while (!s->used && !s->finishing)
		pthread_cond_wait(&s->filled, &s->lock);
	s->batch_len = s->batch_n = 0;
	while (s->used && s->batch_n < max && !is_late(s)) {
		uint32_t len = first_len(s);

		if (len > BATCH_BYTES - s->batch_len)
			break;
		ring_peek(s, sizeof(len), s->batch + s->batch_len, len);
		ring_drop(s, sizeof(len) + len);
		s->batch_len += len;
		s->batch_n++;
	}
	pthread_cond_signal(&s->room);
	pthread_mutex_unlock(&s->lock);
	return s->batch_n;
}

static void say(struct sender *s, const char *what, const char *why)
{
	char line[SENDER_WHY];

	snprintf(line, sizeof(line), "HEP collector %.100s: %s%s", s->cfg.to,
		 why, what);
	s->cfg.say(s->cfg.arg, line);
}

static void went_down(struct sender *s, const char *why)
{
	bool before = s->down_ms;

	line_close(&s->line);
	pthread_mutex_lock(&s->lock);
	s->stats.up = false;
	pthread_mutex_unlock(&s->lock);
	if (before)
		return;
	s->down_ms = clock_ms();
	s->backoff_ms = BACKOFF_MS;
	say(s, "; trying again", why);
}

static bool is_up(struct sender *s)
{
	char why[LINE_WHY];

	if (s->line.fd >= 0)
		return true;
	if (line_open(&s->line, &s->to, s->tls, why)) {
		went_down(s, why);
		return false;
	}
	if (s->down_ms)
		say(s, "", "connected again");
	s->down_ms = 0;
	pthread_mutex_lock(&s->lock);
	s->stats.up = true;
	pthread_mutex_unlock(&s->lock);
	return true;
}

static void count(struct sender *s, size_t sent, size_t dropped, size_t refused)
{
	pthread_mutex_lock(&s->lock);
	s->stats.sent += sent;
	s->stats.bytes += sent ? s->batch_len : 0;
	s->stats.dropped += dropped;
	s->stats.refused += refused;
	pthread_mutex_unlock(&s->lock);
}

/* What a file has to say comes faster than sockets take it. */
static void rest(struct sender *s)
{
	struct timespec ms = {.tv_nsec = 1000000};

	if (s->cfg.wait && ++s->paced % PACE == 0)
		nanosleep(&ms, NULL);
}

/* The error is about an earlier datagram. */
static bool send_datagram(struct sender *s)
{
	struct slice bytes = slice_of(s->batch, s->batch_len);
	char why[LINE_WHY];
	int err = line_write(&s->line, bytes, why);

	if (err == -ECONNREFUSED) {
		count(s, 0, 0, 1);
		err = line_write(&s->line, bytes, why);
	}
	count(s, !err, err != 0, 0);
	rest(s);
	return true;
}

static bool deliver(struct sender *s)
{
	char why[LINE_WHY];

	if (!is_up(s))
		return false;
	if (s->to.by == PEER_UDP)
		return send_datagram(s);
	if (line_write(&s->line, slice_of(s->batch, s->batch_len), why)) {
		went_down(s, why);
		return false;
	}
	count(s, s->batch_n, 0, 0);
	return true;
}

/* Until the next try; false when there is to be none. */
static bool hold_on(struct sender *s)
{
	uint64_t until_ms = clock_ms() + s->backoff_ms, now_ms;
	bool late;

	pthread_mutex_lock(&s->lock);
	if (s->cfg.wait && clock_ms() - s->down_ms > GIVE_UP_MS)
		s->given_up = true;
	while (!(late = is_late(s)) && (now_ms = clock_ms()) < until_ms)
		wait_ms(s, &s->filled,
			until_ms - now_ms < LOOK_MS
				? (unsigned)(until_ms - now_ms)
				: LOOK_MS);
	pthread_mutex_unlock(&s->lock);
	s->backoff_ms *= 2;
	if (s->backoff_ms > BACKOFF_MAX_MS)
		s->backoff_ms = BACKOFF_MAX_MS;
	return !late;
}

static void *work(void *arg)
{
	struct sender *s = arg;

	thread_begin("hep-send", THREAD_STORE);
	while (fetch(s)) {
		bool done;

		while (!(done = deliver(s)) && hold_on(s))
			;
		if (!done)
			count(s, 0, s->batch_n, 0);
	}
	pthread_mutex_lock(&s->lock);
	s->stats.dropped += ring_empty(s);
	s->stats.up = false;
	s->given_up = true;
	pthread_cond_broadcast(&s->room);
	pthread_mutex_unlock(&s->lock);
	line_close(&s->line);
	return NULL;
}

/* --- life ------------------------------------------------------------------
 */

int sender_start(struct sender *s)
{
	int err = thread_start(&s->thread, work, s);

	s->running = !err;
	s->given_up = err != 0;
	return err;
}

static int fill(struct sender *s, char why[SENDER_WHY])
{
	const char *wrong = peer_parse(slice_str(s->cfg.to), &s->to);
	char text[LINE_WHY];

	if (wrong) {
		snprintf(why, SENDER_WHY, "hep-send %.100s: %s", s->cfg.to,
			 wrong);
		return -EINVAL;
	}
	s->ring = malloc(s->cfg.queue_bytes);
	s->batch = malloc(BATCH_BYTES);
	if (!s->ring || !s->batch) {
		snprintf(why, SENDER_WHY, "out of memory");
		return -ENOMEM;
	}
	if (s->to.by == PEER_TLS && line_tls(&s->tls, s->cfg.ca, text)) {
		snprintf(why, SENDER_WHY, "%s", text);
		return -EINVAL;
	}
	return 0;
}

int sender_open(struct sender **out, const struct sender_config *cfg,
		char why[SENDER_WHY])
{
	struct sender *s = calloc(1, sizeof(*s));
	pthread_condattr_t attr;
	int err;

	snprintf(why, SENDER_WHY, "out of memory");
	if (!s)
		return -ENOMEM;
	s->cfg = *cfg;
	s->line.fd = -1;
	pthread_mutex_init(&s->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&s->filled, &attr);
	pthread_cond_init(&s->room, &attr);
	pthread_condattr_destroy(&attr);
	err = fill(s, why);
	if (err) {
		sender_free(s);
		return err;
	}
	*out = s;
	return 0;
}

void sender_finish(struct sender *s, unsigned drain_ms)
{
	if (!s->running)
		return;
	pthread_mutex_lock(&s->lock);
	s->finishing = true;
	s->deadline_ms = s->cfg.wait && drain_ms ? 0 : clock_ms() + drain_ms;
	pthread_cond_signal(&s->filled);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->thread, NULL);
	s->running = false;
}

void sender_free(struct sender *s)
{
	if (!s)
		return;
	sender_finish(s, 0);
	SSL_CTX_free(s->tls);
	free(s->ring);
	free(s->batch);
	pthread_cond_destroy(&s->filled);
	pthread_cond_destroy(&s->room);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

void sender_stats(struct sender *s, struct sender_stats *out)
{
	pthread_mutex_lock(&s->lock);
	*out = s->stats;
	out->waiting = s->used;
	pthread_mutex_unlock(&s->lock);
}
