#include "sniffer/capture/hep_source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "sniffer/capture/hep_priv.h"

#define IDLE_MS	       40  /* without packets, until the caller gets the time */
#define DRAIN_MS       200 /* after the end was asked for */
#define SWEEP_MS       1000
#define ACCEPTS_MAX    16  /* of a place in one round */
#define ACCEPT_REST_MS 100 /* after one that failed */

static void look_at_clocks(struct hep_source *hs)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	hs->now_ns = (uint64_t)ts.tv_sec * UINT64_C(1000000000) +
		     (uint64_t)ts.tv_nsec;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	hs->mono_ms =
		(uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* --- frames ----------------------------------------------------------------
 */

bool hep_room(const struct hep_source *hs, const struct hep_batch *b)
{
	return b->n < b->max && HEP_BATCH_BYTES - hs->buf_used >= HEP_FRAME_MAX;
}

bool hep_emit(struct hep_source *hs, struct hep_batch *b, uint8_t *packet,
	      size_t len, const struct addr *from, const struct addr *at)
{
	uint8_t *frame = hs->buf + hs->buf_used;
	uint16_t linktype;
	uint64_t ts_ns;
	struct hep h;
	size_t n;

	if (!hep_admit(hs, packet, len, &h, &ts_ns))
		return false;
	n = hep_frame_put(frame, &h, slice_of(packet, len), from, at,
			  &linktype);
	if (!n) {
		hep_count(hs, HEP_TOO_LONG, 1);
		return true;
	}
	b->v[b->n++] = (struct frame){
		.data = slice_of(frame, n),
		.ts_ns = ts_ns,
		.number = ++hs->number,
		.wire_len = (uint32_t)n,
		.linktype = linktype,
		.ts_digits = 6,
		.told = true,
	};
	hs->buf_used += n;
	hep_count(hs, HEP_PACKETS, 1);
	hep_count(hs, HEP_BYTES, len);
	return true;
}

/* --- sockets ---------------------------------------------------------------
 */

/* The kernel tells with a packet how many it has thrown away. */
static void count_lost(struct hep_source *hs, struct hep_place *p,
		       struct msghdr *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		uint32_t lost;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SO_RXQ_OVFL)
			continue;
		memcpy(&lost, CMSG_DATA(c), sizeof(lost));
		hs->head.stats.dropped_kernel += (uint32_t)(lost - p->lost);
		p->lost = lost;
	}
}

/* One datagram; false when there is none. */
static bool read_datagram(struct hep_source *hs, struct hep_place *p,
			  struct hep_batch *b)
{
	_Alignas(struct cmsghdr) char control[64];
	struct sockaddr_storage sa;
	struct iovec iov = {hs->packet, HEP_MAX};
	struct msghdr m = {
		.msg_name = &sa,
		.msg_namelen = sizeof(sa),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n = recvmsg(p->fd, &m, MSG_DONTWAIT);
	struct addr from;

	if (n < 0)
		return errno == EINTR || errno == ECONNREFUSED;
	count_lost(hs, p, &m);
	from = peer_addr_of((struct sockaddr *)&sa);
	if (!hep_allowed(hs, &from))
		hep_count(hs, HEP_NOT_ALLOWED, 1);
	else
		hep_emit(hs, b, hs->packet, (size_t)n, &from, &p->at);
	return true;
}

/* Also of what is refused a batch takes only so much. */
static void read_datagrams(struct hep_source *hs, struct hep_place *p,
			   struct hep_batch *b)
{
	for (size_t i = 0; i < b->max && hep_room(hs, b); i++)
		if (!read_datagram(hs, p, b))
			break;
}

static void accept_some(struct hep_source *hs, struct hep_place *p)
{
	for (int i = 0; i < ACCEPTS_MAX; i++) {
		struct sockaddr_storage sa;
		socklen_t len = sizeof(sa);
		int fd = accept4(p->fd, (struct sockaddr *)&sa, &len,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);
		struct addr from;

		if (fd < 0 && errno != EAGAIN && errno != ECONNABORTED)
			p->pause_ms = hs->mono_ms + ACCEPT_REST_MS;
		if (fd < 0)
			return;
		from = peer_addr_of((struct sockaddr *)&sa);
		if (hep_allowed(hs, &from)) {
			hep_conn_open(hs, p, fd, &from);
			continue;
		}
		hep_count(hs, HEP_NOT_ALLOWED, 1);
		close(fd);
	}
}

/* --- the round -------------------------------------------------------------
 */

static bool bytes_wait(const struct hep_source *hs)
{
	for (size_t i = 0; i < hs->opt.connections; i++)
		if (hs->conn[i].fd >= 0 && hs->conn[i].more)
			return true;
	return false;
}

/* True when there is something. */
static bool wait_for_bytes(struct hep_source *hs)
{
	struct pollfd *f = hs->fds;
	bool more = bytes_wait(hs);

	for (size_t i = 0; i < hs->places; i++, f++)
		*f = (struct pollfd){
			.fd = hs->place[i].pause_ms > hs->mono_ms
				      ? -1
				      : hs->place[i].fd,
			.events = POLLIN,
		};
	for (size_t i = 0; i < hs->opt.connections; i++, f++)
		*f = (struct pollfd){
			.fd = hs->conn[i].fd,
			.events = hs->conn[i].want_write ? POLLOUT : POLLIN,
		};
	return poll(hs->fds, hs->places + hs->opt.connections,
		    more ? 0 : IDLE_MS) > 0 ||
	       more;
}

static void read_places(struct hep_source *hs, struct hep_batch *b)
{
	for (size_t i = 0; i < hs->places; i++) {
		if (!hs->fds[i].revents)
			continue;
		if (hs->place[i].by == PEER_UDP)
			read_datagrams(hs, &hs->place[i], b);
		else
			accept_some(hs, &hs->place[i]);
	}
}

/* Another one first each time. */
static void read_conns(struct hep_source *hs, struct hep_batch *b)
{
	size_t n = hs->opt.connections;

	for (size_t k = 0; k < n; k++) {
		size_t i = (hs->turn + k) % n;
		struct hep_conn *c = &hs->conn[i];

		if (c->fd >= 0 && (c->more || hs->fds[hs->places + i].revents))
			hep_conn_read(hs, c, b);
	}
	hs->turn = n ? (hs->turn + 1) % n : 0;
}

/* After the end was asked for, what has arrived is read. */
static bool is_over(struct hep_source *hs, bool busy)
{
	if (!hs->head.stop || !atomic_load(hs->head.stop))
		return false;
	if (!hs->stop_ms)
		hs->stop_ms = hs->mono_ms;
	return !busy;
}

static int hep_read(struct source *s, struct frame *out, size_t max)
{
	struct hep_source *hs = (struct hep_source *)s;
	struct hep_batch b = {.v = out, .max = max};
	bool busy;

	hs->buf_used = 0;
	look_at_clocks(hs);
	if (hs->stop_ms && hs->mono_ms - hs->stop_ms > DRAIN_MS)
		return 0;
	busy = wait_for_bytes(hs);
	look_at_clocks(hs);
	read_conns(hs, &b);
	read_places(hs, &b);
	if (hs->mono_ms - hs->swept_ms > SWEEP_MS) {
		hep_conn_sweep(hs);
		hs->swept_ms = hs->mono_ms;
	}
	if (is_over(hs, busy))
		return 0;
	return b.n ? (int)b.n : -EAGAIN;
}

static uint64_t hep_now_ns(struct source *s)
{
	return ((struct hep_source *)s)->now_ns;
}

static bool hep_origin(const struct source *s, const struct frame *f,
		       struct source_origin *out)
{
	(void)s;
	*out = (struct source_origin){"HEP", f->number};
	return true;
}

static void hep_tap(const struct source *s, struct source_tap *out)
{
	(void)s;
	out->name = "HEP";
	out->up = true;
}

static void hep_close(struct source *s)
{
	struct hep_source *hs = (struct hep_source *)s;

	for (size_t i = 0; hs->conn && i < hs->opt.connections; i++)
		hep_conn_close(hs, &hs->conn[i]);
	for (size_t i = 0; i < hs->places; i++)
		if (hs->place[i].fd >= 0)
			close(hs->place[i].fd);
	SSL_CTX_free(hs->tls);
	free(hs->conn);
	free(hs->fds);
	free(hs->buf);
	free(hs->packet);
	free(hs->plain);
	free(hs);
}

const struct source_ops hep_source_ops = {
	.read = hep_read,
	.now_ns = hep_now_ns,
	.origin = hep_origin,
	.close = hep_close,
	.tap = hep_tap,
};

void hep_source_counts(const struct source *s, uint64_t out[HEP_COUNTS])
{
	const struct hep_source *hs = (const struct hep_source *)s;

	for (int i = 0; i < HEP_COUNTS; i++)
		out[i] = atomic_load_explicit(&hs->counts[i],
					      memory_order_relaxed);
}

void hep_source_places(const struct source *s, char *buf, size_t size)
{
	const struct hep_source *hs = (const struct hep_source *)s;
	char text[ADDR_TEXT];
	size_t at = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < hs->places && at < size; i++)
		at += (size_t)snprintf(buf + at, size - at, "%s%s:%s",
				       i ? " " : "",
				       peer_by_text(hs->place[i].by),
				       addr_text(&hs->place[i].at, text));
}
