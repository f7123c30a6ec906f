/*
 * Who is talked to, and how: "udp:192.0.2.1:9060", "tls:[2001:db8::1]:9061",
 * "tcp:homer.example.net:9060"; and addresses as the system calls have them.
 * Plain values.
 */
#ifndef BASE_PEER_H
#define BASE_PEER_H

#include <sys/socket.h>

#include "sniffer/base/addr.h"

enum peer_by {
	PEER_UDP,
	PEER_TCP,
	PEER_TLS,
};

#define PEER_HOST 256

struct peer {
	enum peer_by by;
	char host[PEER_HOST]; /* without brackets */
	uint16_t port;
};

/* NULL, or what is wrong with the text, as a sentence. */
const char *peer_parse(struct slice text, struct peer *out);
/* The same of one to listen at: an address, and port 0 is any that is free. */
const char *peer_parse_local(struct slice text, enum peer_by *by,
			     struct addr *out);
const char *peer_by_text(enum peer_by by);

/* "10.0.0.0/8, 192.0.2.7": false when a part of it is no subnet. */
bool peer_subnets_ok(struct slice list);
/* a lies in one of them. */
bool peer_in_subnets(struct slice list, const struct addr *a);

/* Its length. */
socklen_t peer_sockaddr(const struct addr *a, struct sockaddr_storage *out);
/* Port 0 and :: for another family, and for NULL. */
struct addr peer_addr_of(const struct sockaddr *sa);

#endif
