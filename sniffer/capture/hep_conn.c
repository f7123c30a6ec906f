/* Connections of agents: HEP in a byte stream, in clear or in TLS. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <unistd.h>

#include "sniffer/capture/hep_priv.h"

/* --- life ------------------------------------------------------------------
 */

void hep_conn_close(struct hep_source *hs, struct hep_conn *c)
{
	if (c->fd < 0)
		return;
	SSL_free(c->ssl);
	close(c->fd);
	free(c->buf);
	*c = (struct hep_conn){.fd = -1};
	atomic_fetch_sub_explicit(&hs->counts[HEP_OPEN], 1,
				  memory_order_relaxed);
}

static void cut(struct hep_source *hs, struct hep_conn *c)
{
	hep_count(hs, HEP_CUT, 1);
	hep_conn_close(hs, c);
}

static struct hep_conn *free_place(struct hep_source *hs)
{
	for (size_t i = 0; i < hs->opt.connections; i++)
		if (hs->conn[i].fd < 0)
			return &hs->conn[i];
	return NULL;
}

/* A peer that went away without a word is noticed after two minutes. */
static void watch_peer(int fd)
{
	static const struct {
		int level, name, value;
	} set[] = {
		{SOL_SOCKET, SO_KEEPALIVE, 1},
		{IPPROTO_TCP, TCP_KEEPIDLE, 60},
		{IPPROTO_TCP, TCP_KEEPINTVL, 20},
		{IPPROTO_TCP, TCP_KEEPCNT, 3},
	};

	for (size_t i = 0; i < sizeof(set) / sizeof(set[0]); i++)
		setsockopt(fd, set[i].level, set[i].name, &set[i].value,
			   sizeof(set[i].value));
}

void hep_conn_open(struct hep_source *hs, struct hep_place *place, int fd,
		   const struct addr *from)
{
	struct hep_conn *c = free_place(hs);
	struct hep_conn made = {.fd = fd,
				.from = *from,
				.at = place->at,
				.since_ms = hs->mono_ms};

	if (!c) {
		hep_count(hs, HEP_FULL, 1);
		close(fd);
		return;
	}
	watch_peer(fd);
	made.buf = malloc(HEP_STREAM_BYTES);
	if (place->by == PEER_TLS)
		made.ssl = SSL_new(hs->tls);
	hep_count(hs, HEP_OPENED, 1);
	hep_count(hs, HEP_OPEN, 1);
	*c = made;
	if (!c->buf || (place->by == PEER_TLS &&
			(!c->ssl || SSL_set_fd(c->ssl, fd) != 1))) {
		cut(hs, c);
		return;
	}
	if (c->ssl)
		SSL_set_accept_state(c->ssl);
}

/* --- bytes -----------------------------------------------------------------
 */

/* > 0: so many; 0: it ended; -EAGAIN; else it failed. */
static ssize_t read_tls(struct hep_conn *c)
{
	int n, why;

	ERR_clear_error();
	n = SSL_read(c->ssl, c->buf + c->len, (int)(HEP_STREAM_BYTES - c->len));
	if (n > 0)
		return n;
	why = SSL_get_error(c->ssl, n);
	c->want_write = why == SSL_ERROR_WANT_WRITE;
	if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE)
		return -EAGAIN;
	return why == SSL_ERROR_ZERO_RETURN ? 0 : -EPROTO;
}

static ssize_t read_some(struct hep_conn *c)
{
	ssize_t n;

	if (c->ssl)
		return read_tls(c);
	n = recv(c->fd, c->buf + c->len, HEP_STREAM_BYTES - c->len,
		 MSG_DONTWAIT);
	if (n < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	return n;
}

static void drop(struct hep_conn *c, size_t n)
{
	c->len -= n;
	memmove(c->buf, c->buf + n, c->len);
}

/* The packets in the buffer, as far as there is room for them; *used: bytes
 * that are done with. False: room ran out first. */
static bool take(struct hep_source *hs, struct hep_conn *c, struct hep_batch *b,
		 size_t *used)
{
	size_t skip, len;
	enum parse r;

	for (*used = 0;; *used += skip + len) {
		struct slice in = slice_of(c->buf + *used, c->len - *used);

		if (!hep_room(hs, b))
			return false;
		r = hep_frame(in, &skip, &len);
		if (skip && !c->junk)
			hep_count(hs, HEP_RESYNCS, 1);
		c->junk += skip;
		if (r != PARSE_OK) {
			*used += skip;
			return true;
		}
		c->junk = 0;
		c->since_ms = hs->mono_ms;
		if (hep_emit(hs, b, c->buf + *used + skip, len, &c->from,
			     &c->at))
			c->proven = true;
	}
}

void hep_conn_read(struct hep_source *hs, struct hep_conn *c,
		   struct hep_batch *b)
{
	bool was_empty = !c->len;
	ssize_t n = c->len < HEP_STREAM_BYTES ? read_some(c) : -EAGAIN;
	bool all;
	size_t used;

	if (n > 0)
		c->len += (size_t)n;
	if (n > 0 && was_empty && c->proven)
		c->since_ms = hs->mono_ms;
	all = take(hs, c, b, &used);
	drop(c, used);
	c->more = !all || (n > 0 && c->ssl && SSL_has_pending(c->ssl));
	if (c->junk > HEP_JUNK_MAX)
		cut(hs, c);
	else if (all && n <= 0 && n != -EAGAIN)
		hep_conn_close(hs, c);
}

void hep_conn_sweep(struct hep_source *hs)
{
	uint64_t idle_ms = hs->opt.idle_ns / 1000000;

	for (size_t i = 0; i < hs->opt.connections; i++) {
		struct hep_conn *c = &hs->conn[i];

		if (c->fd >= 0 && (c->len || !c->proven) &&
		    hs->mono_ms - c->since_ms > idle_ms)
			cut(hs, c);
	}
}
