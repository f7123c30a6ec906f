/*
 * The viewer and what it has open. Of handlers only those that share state
 * with the server look in here; what an area keeps is a pointer of its own.
 */
#ifndef WEB_WEB_PRIV_H
#define WEB_WEB_PRIV_H

#include <stdatomic.h>

#include "sniffer/base/addr.h"
#include "web/web.h"

struct MHD_Daemon;
struct auth;
struct stats_cache;
struct conns;
struct work;
struct sleepers;
struct tick;
struct store_check;

#define WEB_CLASSES 6

struct web {
	struct web_config cfg;
	struct MHD_Daemon *daemon;
	struct auth *auth;
	struct stats_cache *stats;
	struct conns *conns;
	struct work *work;
	struct sleepers *sleepers;
	struct tick *tick;
	struct store_check *store_check;
	char *cert, *key; /* PEM text; the key is wiped */
	struct addr at;
	uint64_t begun_ms; /* of a clock that does not go back */
	char url[96];
	int listen_fd; /* until the server has it; -1 */
	atomic_bool stopping;
	atomic_uint open_events; /* streams of live events */
	/* So far, by the first digit of their status. */
	atomic_uint_fast64_t answers[WEB_CLASSES];
};

static inline bool web_is_tls(const struct web *w)
{
	return w->cert;
}

#endif
