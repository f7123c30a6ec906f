/*
 * Where "callscope status" asks: a unix socket status.sock in the data folder,
 * for its owner and root only. One line goes there ("text" or "json"), an
 * answer comes back: "0" or "2" on a line of its own, the exit status, then
 * what is to be shown.
 */
#ifndef SNIFFER_STATUS_SOCKET_H
#define SNIFFER_STATUS_SOCKET_H

#include "storage/outbuf.h"

enum {
	STATUS_WHY = 512
};

struct status_socket;

/* One request: json or not. The answer goes into *out. True: something is to
 * be warned of. On the socket's thread. */
typedef bool status_answer_fn(void *arg, bool json, struct outbuf *out);

/* Listens in that folder, which is locked by this process (dir_lock.h), with
 * a thread of its own. 0, or -errno and why. */
int status_socket_open(struct status_socket **out, const char *dir,
		       status_answer_fn *answer, void *arg,
		       char why[STATUS_WHY]);
void status_socket_close(struct status_socket *s); /* NULL is fine */

/* Asks the one that listens there. *wrong: as it answered. 0, or -errno and
 * why, which says what to do. */
int status_socket_ask(const char *dir, bool json, struct outbuf *out,
		      bool *wrong, char why[STATUS_WHY]);

#endif
