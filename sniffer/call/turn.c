#include "sniffer/call/turn.h"

#include "sniffer/base/list.h"
#include "sniffer/call/rtc.h"

#define ALLOCATIONS_MAX 32  /* of one session */
#define GRANTS_MAX	128 /* permissions, and channels, of one */
#define PERMISSION_NS	(300 * 1000000000ull) /* RFC 8656, 9 */
#define CHANNEL_NS	(600 * 1000000000ull) /* RFC 8656, 12 */
#define LIFETIME_S	600		      /* RFC 8656, 3.2 */
#define SECOND		1000000000ull

int turn_table_init(struct turn_table *t, struct seed seed,
		    struct counters *counters)
{
	*t = (struct turn_table){.seed = seed, .counters = counters};
	if (map_init(&t->clients, 64))
		return -1;
	return map_init(&t->relayed, 64);
}

void turn_table_close(struct turn_table *t)
{
	map_close(&t->relayed);
	map_close(&t->clients);
}

static uint64_t hash_of(const struct turn_table *t, const struct addr *a)
{
	return seed_hash(&t->seed, a, sizeof(*a));
}

struct turn_alloc *turn_alloc_new(struct turn_table *t, struct rtc *r,
				  const struct addr *client,
				  const struct addr *server,
				  const char *transport)
{
	struct turn_alloc **end = &r->turns, *a;
	unsigned n = 0;

	for (; *end; end = &(*end)->next)
		n++;
	a = n < ALLOCATIONS_MAX ? arena_alloc(r->mem, sizeof(*a)) : NULL;
	if (!a) {
		counters_add(t->counters, "turn.limit", 1);
		return NULL;
	}
	a->rtc = r;
	a->client = *client;
	a->server = *server;
	a->transport = transport;
	*end = a;
	map_insert(&t->clients, &a->by_client,
		   seed_hash(&t->seed, client->ip, sizeof(client->ip)));
	return a;
}

static struct turn_alloc *same_host(struct map_node *n, const struct addr *ip)
{
	for (; n; n = map_next(n)) {
		struct turn_alloc *a =
			container_of(n, struct turn_alloc, by_client);

		if (addr_ip_eq(&a->client, ip))
			return a;
	}
	return NULL;
}

struct turn_alloc *turn_first_of(const struct turn_table *t,
				 const struct addr *ip)
{
	return same_host(map_first(&t->clients, seed_hash(&t->seed, ip->ip,
							  sizeof(ip->ip))),
			 ip);
}

struct turn_alloc *turn_next_of(const struct turn_alloc *a)
{
	return same_host(map_next(&a->by_client), &a->client);
}

void turn_forget(struct turn_table *t, struct rtc *r)
{
	for (struct turn_alloc *a = r->turns; a; a = a->next) {
		map_remove(&t->clients, &a->by_client);
		for (unsigned i = 0; i < a->relayed_n; i++)
			map_remove(&t->relayed, &a->at[i].node);
	}
}

struct turn_alloc *turn_by_relayed(const struct turn_table *t,
				   const struct addr *addr)
{
	struct map_node *n = map_first(&t->relayed, hash_of(t, addr));

	for (; n; n = map_next(n)) {
		struct turn_relayed *at =
			container_of(n, struct turn_relayed, node);

		if (addr_eq(&at->alloc->relayed[at - at->alloc->at], addr))
			return at->alloc;
	}
	return NULL;
}

bool turn_alive(const struct turn_alloc *a, uint64_t now_ns)
{
	return a->created_ns && !a->closed_ns && now_ns < a->expires_ns;
}

bool turn_begins_anew(const struct turn_alloc *a, const struct stun_msg *m,
		      uint64_t ts_ns)
{
	return m->method == TURN_ALLOCATE && m->class == STUN_REQUEST &&
	       a->created_ns && !turn_alive(a, ts_ns);
}

struct addr turn_relayed_for(const struct turn_alloc *a,
			     const struct addr *peer)
{
	for (unsigned i = 0; i < a->relayed_n; i++)
		if (addr_is_v4(&a->relayed[i]) == addr_is_v4(peer))
			return a->relayed[i];
	return a->relayed_n ? a->relayed[0] : (struct addr){{0}, 0};
}

/* --- grants ------------------------------------------------------------ */

static struct turn_grant *permission_of(const struct turn_alloc *a,
					const struct addr *peer)
{
	struct turn_grant *g = a->permissions;

	while (g && !addr_ip_eq(&g->peer, peer))
		g = g->next;
	return g;
}

static struct turn_grant *channel_of(const struct turn_alloc *a,
				     uint16_t channel)
{
	struct turn_grant *g = a->channels;

	while (g && g->channel != channel)
		g = g->next;
	return g;
}

bool turn_channel_has(const struct turn_alloc *a, struct slice data)
{
	struct cursor c = cursor_of(data);
	uint16_t channel = cursor_u16(&c);

	return !c.bad && channel_of(a, channel);
}

static struct turn_grant *grant_new(struct turn_table *t, struct turn_alloc *a,
				    struct turn_grant **list, unsigned *n)
{
	struct turn_grant *g =
		*n < GRANTS_MAX ? arena_alloc(a->rtc->mem, sizeof(*g)) : NULL;

	if (!g) {
		counters_add(t->counters, "turn.limit", 1);
		return NULL;
	}
	while (*list)
		list = &(*list)->next;
	*list = g;
	++*n;
	return g;
}

static struct turn_grant *permission_get(struct turn_table *t,
					 struct turn_alloc *a,
					 const struct addr *peer)
{
	struct turn_grant *g = permission_of(a, peer);

	if (g)
		return g;
	g = grant_new(t, a, &a->permissions, &a->permissions_n);
	if (g)
		g->peer = *peer;
	return g;
}

/* A channel may go to another peer once it has expired: the latest counts. */
static struct turn_grant *channel_get(struct turn_table *t,
				      struct turn_alloc *a, uint16_t channel,
				      const struct addr *peer)
{
	struct turn_grant *g = channel_of(a, channel);

	if (!g)
		g = grant_new(t, a, &a->channels, &a->channels_n);
	if (g) {
		g->channel = channel;
		g->peer = *peer;
	}
	return g;
}

static void granted(struct turn_grant *g, uint64_t ts_ns, uint64_t lasts_ns)
{
	if (!g)
		return;
	if (!g->created_ns)
		g->created_ns = ts_ns;
	g->expires_ns = ts_ns + lasts_ns;
	g->error = 0;
}

uint16_t turn_refused(const struct turn_alloc *a, const struct addr *peer)
{
	const struct turn_grant *g = permission_of(a, peer);

	return g && !g->created_ns ? g->error : 0;
}

/* --- connections (RFC 6062) ---------------------------------------------- */

static void connected(struct turn_table *t, struct turn_alloc *a,
		      const struct stun_msg *m, const struct addr *peer)
{
	struct turn_connection *c =
		m->has_connection_id && a->connections_n < GRANTS_MAX
			? arena_alloc(a->rtc->mem, sizeof(*c))
			: NULL;

	if (!c) {
		counters_add(t->counters, "turn.limit", 1);
		return;
	}
	c->id = m->connection_id;
	c->peer = *peer;
	c->next = a->connections;
	a->connections = c;
	a->connections_n++;
}

struct turn_alloc *turn_of_connection(const struct turn_table *t,
				      const struct addr *client,
				      const struct addr *server, uint32_t id,
				      struct addr *peer)
{
	struct turn_alloc *a = turn_first_of(t, client);

	for (; a; a = turn_next_of(a)) {
		if (!addr_eq(&a->server, server))
			continue;
		for (struct turn_connection *c = a->connections; c; c = c->next)
			if (c->id == id) {
				*peer = c->peer;
				return a;
			}
	}
	return NULL;
}

/* --- transactions ------------------------------------------------------ */

static struct turn_tx *find(struct turn_alloc *a, const struct stun_msg *m)
{
	for (size_t i = 0; i < TURN_TRANSACTIONS; i++)
		if (a->tx[i].open && !memcmp(a->tx[i].tid, m->tid, STUN_TID))
			return &a->tx[i];
	return NULL;
}

static void keep_once(struct turn_alloc *a, struct slice *to, struct slice s)
{
	if (s.p && s.len && !slice_eq(*to, s))
		*to = arena_keep(a->rtc->mem, s);
}

static void on_request(struct turn_table *t, struct turn_alloc *a,
		       const struct stun_msg *m, uint64_t ts_ns)
{
	struct turn_tx *tx = find(a, m);

	if (tx)
		return; /* again */
	tx = &a->tx[a->tx_next++ % TURN_TRANSACTIONS];
	*tx = (struct turn_tx){
		.ns = ts_ns,
		.method = m->method,
		.channel = m->channel,
		.open = true,
		.closing = m->has_lifetime && !m->lifetime_s,
		.authenticated = m->username.p || m->userhash.p,
		.peers_n = m->peer_count,
	};
	memcpy(tx->tid, m->tid, STUN_TID);
	memcpy(tx->peers, m->peers, m->peer_count * sizeof(tx->peers[0]));
	if (!a->first_ns)
		a->first_ns = ts_ns;
	if (m->method == TURN_ALLOCATE)
		a->asked = true;
	keep_once(a, &a->username, m->username);
	keep_once(a, &a->realm, m->realm);
	if (m->has_password_algorithm)
		a->sha256 = m->password_algorithm == 2;
	/* Data may come in it before, or without, an answer that we see. */
	if (m->method == TURN_CHANNEL_BIND && m->has_channel && m->peer_count)
		channel_get(t, a, m->channel, &m->peers[0]);
	if (m->method == TURN_CREATE_PERMISSION)
		for (unsigned i = 0; i < m->peer_count; i++)
			permission_get(t, a, &m->peers[i]);
}

static void allocated(struct turn_table *t, struct turn_alloc *a,
		      const struct stun_msg *m, uint64_t ts_ns)
{
	if (!a->created_ns)
		a->created_ns = ts_ns;
	if (m->has_mapped)
		a->mapped = m->mapped;
	for (unsigned i = 0; i < m->relayed_count; i++) {
		if (a->relayed_n == STUN_RELAYED_MAX ||
		    (a->relayed_n && addr_eq(&a->relayed[0], &m->relayed[i])))
			continue;
		a->relayed[a->relayed_n] = m->relayed[i];
		a->at[a->relayed_n].alloc = a;
		map_insert(&t->relayed, &a->at[a->relayed_n].node,
			   hash_of(t, &m->relayed[i]));
		a->relayed_n++;
	}
}

static void lasts(struct turn_alloc *a, const struct stun_msg *m,
		  uint64_t ts_ns)
{
	a->lifetime_s = m->has_lifetime ? m->lifetime_s : LIFETIME_S;
	a->expires_ns = ts_ns + a->lifetime_s * SECOND;
}

static void refreshed(struct turn_alloc *a, const struct turn_tx *tx,
		      const struct stun_msg *m, uint64_t ts_ns)
{
	/* A lifetime of 0 gives it back; its own stays worth knowing. */
	if (tx->closing || (m->has_lifetime && !m->lifetime_s))
		a->closed_ns = ts_ns;
	else
		lasts(a, m, ts_ns);
}

static void on_success(struct turn_table *t, struct turn_alloc *a,
		       struct turn_tx *tx, const struct stun_msg *m,
		       uint64_t ts_ns)
{
	a->error = 0;
	switch (tx->method) {
	case TURN_ALLOCATE:
		allocated(t, a, m, ts_ns);
		lasts(a, m, ts_ns);
		break;
	case TURN_REFRESH:
		refreshed(a, tx, m, ts_ns);
		break;
	case TURN_CREATE_PERMISSION:
		for (unsigned i = 0; i < tx->peers_n; i++)
			granted(permission_of(a, &tx->peers[i]), ts_ns,
				PERMISSION_NS);
		break;
	case TURN_CHANNEL_BIND:
		granted(channel_of(a, tx->channel), ts_ns, CHANNEL_NS);
		if (tx->peers_n)
			granted(permission_get(t, a, &tx->peers[0]), ts_ns,
				PERMISSION_NS);
		break;
	case TURN_CONNECT:
		if (tx->peers_n)
			connected(t, a, m, &tx->peers[0]);
		break;
	default:
		break;
	}
}

/* 401 and 438 ask for another try (RFC 8489, 9.2.4): failures only when
 * none succeeds, which clears them. */
static void on_error(struct turn_alloc *a, const struct turn_tx *tx,
		     const struct stun_msg *m)
{
	bool retry = m->error_code == 401 || m->error_code == 438;
	struct turn_grant *g;

	switch (tx->method) {
	case TURN_CREATE_PERMISSION:
		for (unsigned i = 0; !retry && i < tx->peers_n; i++) {
			g = permission_of(a, &tx->peers[i]);
			if (g && !g->created_ns)
				g->error = m->error_code;
		}
		break;
	case TURN_CHANNEL_BIND:
		g = channel_of(a, tx->channel);
		if (!retry && g && !g->created_ns)
			g->error = m->error_code;
		break;
	case TURN_REFRESH:
		/* Closing what is gone already is no failure. */
		if (tx->closing && m->error_code == 437)
			return;
		a->error = m->error_code;
		break;
	default:
		/* The first answer is a challenge (RFC 8489, 9.2.3). */
		if (m->error_code != 401 || tx->authenticated)
			a->error = m->error_code;
	}
	keep_once(a, &a->realm, m->realm);
}

static void on_answer(struct turn_table *t, struct turn_alloc *a,
		      const struct stun_msg *m, uint64_t ts_ns)
{
	struct turn_tx unseen = {.method = m->method};
	struct turn_tx *tx = find(a, m);

	/* A tap that sees this direction only: an allocation is worth knowing
	 * all the same. */
	if (!tx && m->method == TURN_ALLOCATE && !a->created_ns)
		tx = &unseen;
	if (!tx)
		return;
	tx->open = false;
	keep_once(a, &a->software, m->software);
	if (m->class == STUN_SUCCESS)
		on_success(t, a, tx, m, ts_ns);
	else
		on_error(a, tx, m);
}

static void count(struct turn_alloc *a, bool up, size_t bytes)
{
	if (up) {
		a->packets_up++;
		a->bytes_up += bytes;
	} else {
		a->packets_down++;
		a->bytes_down += bytes;
	}
}

bool turn_on_stun(struct turn_table *t, struct turn_alloc *a, bool up,
		  const struct stun_msg *m, uint64_t ts_ns,
		  struct turn_data *out)
{
	if (!a->first_ns)
		a->first_ns = ts_ns;
	if (m->class == STUN_REQUEST)
		on_request(t, a, m, ts_ns);
	else if (m->class != STUN_INDICATION)
		on_answer(t, a, m, ts_ns);
	if (m->class == STUN_INDICATION &&
	    m->method == TURN_CONNECTION_ATTEMPT && m->peer_count)
		connected(t, a, m, &m->peers[0]);
	if (m->class != STUN_INDICATION || !m->data.p || !m->peer_count ||
	    (m->method != TURN_SEND && m->method != TURN_DATA))
		return false;
	count(a, up, m->data.len);
	*out = (struct turn_data){m->peers[0], m->data};
	return true;
}

void turn_on_bound(struct turn_alloc *a, bool up, size_t bytes)
{
	count(a, up, bytes);
}

void turn_on_channel(struct turn_alloc *a, bool up,
		     const struct turn_channel *c, struct turn_data *out)
{
	const struct turn_grant *g = channel_of(a, c->channel);

	count(a, up, c->data.len);
	*out = (struct turn_data){.data = c->data};
	if (g)
		out->peer = g->peer;
	else
		out->peer.port = c->channel; /* one flow for each */
}
