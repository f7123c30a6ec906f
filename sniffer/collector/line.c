#include "sniffer/collector/line.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <stdio.h>
#include <sys/time.h>
#include <unistd.h>

#define CONNECT_MS 3000
#define WRITE_S	   5

static int say(char why[LINE_WHY], int err, const char *what)
{
	snprintf(why, LINE_WHY, "%s", what);
	return err;
}

/* --- TLS -------------------------------------------------------------------
 */

int line_tls(SSL_CTX **out, const char *ca, char why[LINE_WHY])
{
	SSL_CTX *tls = SSL_CTX_new(TLS_client_method());
	int ok;

	if (!tls)
		return say(why, -ENOMEM, "out of memory");
	SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION);
	SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, NULL);
	SSL_CTX_clear_mode(tls, SSL_MODE_AUTO_RETRY); /* see is_gone() */
	ok = ca ? SSL_CTX_load_verify_locations(tls, ca, NULL)
		: SSL_CTX_set_default_verify_paths(tls);
	ERR_clear_error();
	if (ok != 1) {
		SSL_CTX_free(tls);
		snprintf(why, LINE_WHY,
			 "%.200s: no certificates to trust (hep-send-ca)",
			 ca ? ca : "the system");
		return -EINVAL;
	}
	*out = tls;
	return 0;
}

static int say_tls(const SSL *ssl, char why[LINE_WHY])
{
	long verified = SSL_get_verify_result(ssl);
	const char *reason = ERR_reason_error_string(ERR_peek_error());

	if (verified != X509_V_OK)
		snprintf(why, LINE_WHY, "its certificate is not accepted: %s",
			 X509_verify_cert_error_string(verified));
	else
		snprintf(why, LINE_WHY, "TLS failed: %s",
			 reason ? reason : "the connection ended");
	ERR_clear_error();
	return -EPROTO;
}

/* The certificate is to be that of an address or of a name. */
static bool expect(SSL *ssl, const char *host)
{
	struct addr a;

	if (addr_parse_ip(slice_str(host), &a))
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl),
						     host) == 1;
	return SSL_set1_host(ssl, host) == 1 &&
	       SSL_set_tlsext_host_name(ssl, host) == 1;
}

static int shake_hands(struct line *l, const struct peer *to, SSL_CTX *tls,
		       char why[LINE_WHY])
{
	ERR_clear_error();
	l->ssl = SSL_new(tls);
	if (!l->ssl || SSL_set_fd(l->ssl, l->fd) != 1 ||
	    !expect(l->ssl, to->host))
		return say(why, -ENOMEM, "out of memory");
	return SSL_connect(l->ssl) == 1 ? 0 : say_tls(l->ssl, why);
}

/* --- sockets ---------------------------------------------------------------
 */

static int resolve(const struct peer *to, struct addrinfo **out,
		   char why[LINE_WHY])
{
	struct addrinfo want = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = to->by == PEER_UDP ? SOCK_DGRAM : SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV,
	};
	char port[8];
	int rc;

	snprintf(port, sizeof(port), "%u", to->port);
	rc = getaddrinfo(to->host, port, &want, out);
	return rc ? say(why, -EHOSTUNREACH, gai_strerror(rc)) : 0;
}

/* Waits for a connection that is being made. 0 or -errno. */
static int wait_for(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	socklen_t len = sizeof(int);
	int err = 0;

	if (poll(&p, 1, CONNECT_MS) <= 0)
		return -ETIMEDOUT;
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len);
	return -err;
}

static void set_limits(int fd)
{
	struct timeval tv = {.tv_sec = WRITE_S};
	int one = 1;

	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

static int connect_one(const struct addrinfo *a, int *out)
{
	int fd = socket(a->ai_family,
			a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (connect(fd, a->ai_addr, a->ai_addrlen))
		err = errno == EINPROGRESS ? wait_for(fd) : -errno;
	if (err) {
		close(fd);
		return err;
	}
	set_limits(fd);
	*out = fd;
	return 0;
}

int line_open(struct line *l, const struct peer *to, SSL_CTX *tls,
	      char why[LINE_WHY])
{
	struct addrinfo *all = NULL;
	int err = resolve(to, &all, why);

	*l = (struct line){.fd = -1, .datagrams = to->by == PEER_UDP};
	if (err)
		return err;
	for (struct addrinfo *a = all; a && l->fd < 0; a = a->ai_next)
		err = connect_one(a, &l->fd);
	freeaddrinfo(all);
	if (l->fd < 0)
		return say(why, err, strerror(-err));
	if (to->by == PEER_TLS)
		err = shake_hands(l, to, tls, why);
	if (err)
		line_close(l);
	return err;
}

void line_close(struct line *l)
{
	if (l->fd < 0)
		return;
	if (l->ssl) {
		SSL_shutdown(l->ssl);
		SSL_free(l->ssl);
		ERR_clear_error();
	}
	close(l->fd);
	*l = (struct line){.fd = -1};
}

/* The other end has hung up: what is written would be lost without a word.
 * What it says is not of interest: alerts, tickets, text. */
static bool is_gone(struct line *l)
{
	struct pollfd p = {.fd = l->fd, .events = POLLIN};
	char said[512];
	int n, why;

	if (poll(&p, 1, 0) <= 0)
		return false;
	if (!l->ssl) {
		n = (int)recv(l->fd, said, sizeof(said), MSG_DONTWAIT);
		return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
	}
	n = SSL_read(l->ssl, said, sizeof(said));
	why = SSL_get_error(l->ssl, n);
	return n <= 0 && why != SSL_ERROR_WANT_READ;
}

static int write_stream(struct line *l, struct slice bytes, char why[LINE_WHY])
{
	ERR_clear_error();
	if (is_gone(l))
		return say(why, -EPIPE, "the connection ended");
	if (l->ssl &&
	    SSL_write(l->ssl, bytes.p, (int)bytes.len) != (int)bytes.len)
		return say_tls(l->ssl, why);
	while (!l->ssl && bytes.len) {
		ssize_t n = send(l->fd, bytes.p, bytes.len, MSG_NOSIGNAL);
		int err = errno;

		if (n < 0 && err != EINTR)
			return say(why, -err, strerror(err));
		if (n > 0)
			bytes = slice_from(bytes, (size_t)n);
	}
	return 0;
}

int line_write(struct line *l, struct slice bytes, char why[LINE_WHY])
{
	int err;

	if (!l->datagrams)
		return write_stream(l, bytes, why);
	if (send(l->fd, bytes.p, bytes.len, 0) >= 0)
		return 0;
	err = errno;
	return say(why, -err, strerror(err));
}
