/* The HEP source opened: sockets, certificate. */
#include <errno.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sniffer/capture/hep_priv.h"

#define BACKLOG	  64
#define UDP_BYTES (8 << 20) /* of the kernel, for bursts */

struct why {
	char *text;
	size_t size;
};

/* --- sockets ---------------------------------------------------------------
 */

static int say_cannot(const struct hep_place *p, int err, struct why *why)
{
	char text[ADDR_TEXT];

	snprintf(why->text, why->size, "cannot listen for HEP at %s:%s: %s%s",
		 peer_by_text(p->by), addr_text(&p->at, text), strerror(err),
		 err == EADDRINUSE ? " (choose another port with --hep-listen)"
				   : "");
	return -err;
}

static void set_options(const struct hep_place *p)
{
	int one = 1, none = 0, bytes = UDP_BYTES;

	if (!addr_is_v4(&p->at))
		setsockopt(p->fd, IPPROTO_IPV6, IPV6_V6ONLY, &none,
			   sizeof(none));
	if (p->by != PEER_UDP) {
		setsockopt(p->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
		return;
	}
	setsockopt(p->fd, SOL_SOCKET, SO_RXQ_OVFL, &one, sizeof(one));
	/* Beyond the system's limit it takes a privilege. */
	if (setsockopt(p->fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes,
		       sizeof(bytes)))
		setsockopt(p->fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
}

static int open_place(struct hep_place *p, struct why *why)
{
	int type = p->by == PEER_UDP ? SOCK_DGRAM : SOCK_STREAM;
	struct sockaddr_storage sa;
	socklen_t len = peer_sockaddr(&p->at, &sa);

	p->fd = socket(sa.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (p->fd < 0)
		return say_cannot(p, errno, why);
	set_options(p);
	if (bind(p->fd, (struct sockaddr *)&sa, len) ||
	    (p->by != PEER_UDP && listen(p->fd, BACKLOG)))
		return say_cannot(p, errno, why);
	len = sizeof(sa);
	if (!getsockname(p->fd, (struct sockaddr *)&sa, &len))
		p->at.port = peer_addr_of((struct sockaddr *)&sa).port;
	return 0;
}

static int open_places(struct hep_source *hs, struct why *why)
{
	const struct hep_listen_options *o = &hs->opt;
	int err = 0;

	if (o->listen_n > HEP_LISTEN_MAX) {
		snprintf(why->text, why->size,
			 "more than %d places to listen for HEP",
			 HEP_LISTEN_MAX);
		return -E2BIG;
	}
	for (size_t i = 0; !err && i < o->listen_n; i++) {
		struct hep_place *p = &hs->place[hs->places++];
		const char *wrong;

		p->fd = -1;
		wrong = peer_parse_local(slice_str(o->listen[i]), &p->by,
					 &p->at);
		if (wrong)
			snprintf(why->text, why->size, "hep-listen %s: %s",
				 o->listen[i], wrong);
		err = wrong ? -EINVAL : open_place(p, why);
	}
	return err;
}

/* --- TLS -------------------------------------------------------------------
 */

static bool wants_tls(const struct hep_source *hs)
{
	for (size_t i = 0; i < hs->places; i++)
		if (hs->place[i].by == PEER_TLS)
			return true;
	return false;
}

static int say_pem(const char *path, const char *what, struct why *why)
{
	unsigned long code = ERR_get_error();
	const char *reason = ERR_reason_error_string(code);

	snprintf(why->text, why->size, "%s: %s: %s", path, what,
		 reason ? reason : "not readable");
	ERR_clear_error();
	return -EINVAL;
}

static int check_secret(const char *path, struct why *why)
{
	struct stat st;

	if (stat(path, &st)) {
		snprintf(why->text, why->size, "%s: %s (hep-tls-key)", path,
			 strerror(errno));
		return -errno;
	}
	if (!(st.st_mode & 07))
		return 0;
	snprintf(why->text, why->size,
		 "%s: everybody may read this key: take that away with chmod "
		 "o= and start again",
		 path);
	return -EPERM;
}

static int load_pems(struct hep_source *hs, struct why *why)
{
	const struct hep_listen_options *o = &hs->opt;
	int err = check_secret(o->pem, why);

	if (err)
		return err;
	if (SSL_CTX_use_certificate_chain_file(hs->tls, o->cert) != 1)
		return say_pem(o->cert, "no certificate (hep-tls-cert)", why);
	if (SSL_CTX_use_PrivateKey_file(hs->tls, o->pem, SSL_FILETYPE_PEM) !=
		    1 ||
	    SSL_CTX_check_private_key(hs->tls) != 1)
		return say_pem(o->pem, "no key of that certificate", why);
	return 0;
}

static int open_tls(struct hep_source *hs, struct why *why)
{
	if (!wants_tls(hs))
		return 0;
	if (!hs->opt.cert || !hs->opt.pem) {
		snprintf(why->text, why->size,
			 "hep-listen tls: needs a certificate and its key: "
			 "set hep-tls-cert and hep-tls-key");
		return -EINVAL;
	}
	hs->tls = SSL_CTX_new(TLS_server_method());
	if (!hs->tls)
		return -ENOMEM;
	SSL_CTX_set_min_proto_version(hs->tls, TLS1_2_VERSION);
	SSL_CTX_set_options(hs->tls, SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_session_cache_mode(hs->tls, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(hs->tls, 0);
	return load_pems(hs, why);
}

/* --- all of it -------------------------------------------------------------
 */

static int make(struct hep_source *hs)
{
	size_t n = hs->opt.connections;

	hs->buf = malloc(HEP_BATCH_BYTES);
	hs->packet = malloc(HEP_MAX);
	hs->plain = malloc(HEP_PLAIN_MAX);
	hs->conn = calloc(n + 1, sizeof(*hs->conn));
	hs->fds = calloc(n + HEP_LISTEN_MAX, sizeof(*hs->fds));
	for (size_t i = 0; hs->conn && i < n; i++)
		hs->conn[i].fd = -1;
	return hs->buf && hs->packet && hs->plain && hs->conn && hs->fds
		       ? 0
		       : -ENOMEM;
}

int hep_source_open(struct source **out, const struct hep_listen_options *opt,
		    char *err, size_t err_size)
{
	struct hep_source *hs = calloc(1, sizeof(*hs));
	struct why why = {err, err_size};
	int rc;

	snprintf(err, err_size, "out of memory");
	if (!hs)
		return -ENOMEM;
	hs->head.ops = &hep_source_ops;
	hs->opt = *opt;
	rc = make(hs);
	if (!rc)
		rc = open_places(hs, &why);
	if (!rc)
		rc = open_tls(hs, &why);
	if (rc) {
		source_close(&hs->head);
		return rc;
	}
	*out = &hs->head;
	return 0;
}
