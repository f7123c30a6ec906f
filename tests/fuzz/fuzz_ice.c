/*
 * Two sessions and what is told about them: descriptions, candidates, checks,
 * TURN messages, NATs, and that both are one. Each step is: what 1 | who 1 |
 * length 1 | bytes. Who: bit 0 the session, bit 1 the party or the direction,
 * bits 2 to 7 the time since the step before, in tenths of seconds; it was
 * before that one where bit 7 of what is set.
 */
#include <assert.h>
#include <math.h>

#include "sniffer/call/nat.h"
#include "sniffer/call/rtc.h"
#include "sniffer/call/signal.h"
#include "sniffer/call/turn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TENTH 100000000ull

enum what {
	DESCRIBE, /* an SDP */
	TRICKLE,  /* a candidate line */
	CHECK,	  /* made of few bytes */
	STUN,	  /* a message as it is: to a pair, and to TURN */
	TURN,	  /* made of few bytes */
	CHANNEL,
	NAT,
	MERGE,
	WHATS,
};

static struct world {
	struct counters counters;
	struct ice_table ice;
	struct turn_table turn;
	struct nat_table nat;
	struct signal_table signals;
	struct rtc *rtc[2];
	struct signal *signal[2];
	struct turn_alloc *alloc[2];
	uint64_t now_ns;
	struct sdp sdp;
} w;

static struct addr at(uint8_t b)
{
	const uint8_t ip[4] = {10, 0, 0, b & 7};

	return addr_v4(ip, (uint16_t)(5000 + (b >> 3)));
}

static void begin(int r)
{
	struct addr client = at((uint8_t)r), server = at(7);

	w.rtc[r] = rtc_new(1 << 16);
	w.signal[r] = signal_new("json", w.now_ns);
	assert(w.rtc[r] && w.signal[r]);
	w.alloc[r] = turn_alloc_new(&w.turn, w.rtc[r], &client, &server, "udp");
}

/* --- steps ---------------------------------------------------------------- */

static void describe(int r, unsigned party, struct slice in)
{
	bool offer = in.len % 2;

	if (sdp_parse(in, &w.sdp) != PARSE_OK)
		return;
	signal_describe(w.signal[r], &w.signals, party, &w.sdp, in, offer,
			w.now_ns);
	rtc_describe(w.rtc[r], &w.ice, party, &w.sdp, offer);
}

static void trickle(int r, unsigned party, struct slice in)
{
	struct sdp_candidate c;

	if (sdp_candidate_parse(in, &c))
		rtc_trickle(w.rtc[r], &w.ice, party, (struct slice){0}, &c);
}

/* Ufrags are "a0" ... "a3" and "b0" ... "b3". */
static struct ice *exchange_of(int r, uint8_t b)
{
	const uint8_t x[2] = {'a', '0' + (b & 3)};
	const uint8_t y[2] = {'b', '0' + (b >> 2 & 3)};
	struct slice ufrag[2] = {slice_of(x, 2), slice_of(y, 2)};
	struct ice *i = ice_find(&w.ice, ufrag[0], ufrag[1]);
	struct ice_agent *a, *o;

	if (i)
		return i;
	a = ice_agent_get(&w.ice, w.rtc[r], ufrag[0], b >> 4 & 1);
	o = ice_agent_get(&w.ice, w.rtc[r], ufrag[1], !(b >> 4 & 1));
	return a && o ? ice_new(&w.ice, a, o) : NULL;
}

static void put(int r, enum ice_end sender, uint8_t which, uint8_t ends,
		const struct stun_msg *m)
{
	static const int hops[2];
	struct ice *i = exchange_of(r, which);
	struct addr a = at(ends & 31), b = at(32 | ends >> 3);
	struct ice_pair *p;

	if (!i)
		return;
	p = ice_pair_get(&w.ice, i, &a, &b, which & 32, which & 64);
	if (!p)
		return;
	ice_pair_waits(p, sender, m);
	ice_pair_stun(&w.ice, p, sender, m, &hops[which >> 7], w.now_ns);
	if (ends == 0x55)
		p->media_ns = w.now_ns;
}

static void check(int r, enum ice_end sender, struct slice in)
{
	struct cursor c = cursor_of(in);
	uint8_t which = cursor_u8(&c), ends = cursor_u8(&c);
	uint8_t how = cursor_u8(&c), tid = cursor_u8(&c);
	struct stun_msg m = {.class = how & 3,
			     .method = STUN_BINDING,
			     .role = (how >> 2 & 3) % 3,
			     .use_candidate = how & 16,
			     .has_mapped = how & 32,
			     .priority = how,
			     .error_code = how & 64 ? 487 : 401};

	if (c.bad)
		return;
	m.tid[0] = tid;
	m.mapped = at(cursor_u8(&c));
	put(r, sender, which, ends, &m);
}

static void turn(int r, bool up, const struct stun_msg *m)
{
	struct turn_data d = {.data = {0}};

	if (!w.alloc[r])
		return;
	if (turn_begins_anew(w.alloc[r], m, w.now_ns))
		w.alloc[r] =
			turn_alloc_new(&w.turn, w.rtc[r], &w.alloc[r]->client,
				       &w.alloc[r]->server, "udp");
	if (w.alloc[r] &&
	    turn_on_stun(&w.turn, w.alloc[r], up, m, w.now_ns, &d))
		assert(d.data.p);
}

static void whole(int r, unsigned party, struct slice in)
{
	struct stun_msg m;

	if (stun_parse(in, &m) != PARSE_OK)
		return;
	put(r, party, 0, 0, &m);
	turn(r, party, &m);
}

static void made_turn(int r, bool up, struct slice in)
{
	struct cursor c = cursor_of(in);
	uint8_t how = cursor_u8(&c), method = cursor_u8(&c);
	uint8_t tid = cursor_u8(&c), peer = cursor_u8(&c);
	struct stun_msg m = {.class = how & 3,
			     .method = TURN_ALLOCATE + method % 10,
			     .has_lifetime = how & 4,
			     .lifetime_s = how & 8 ? 600 : 0,
			     .has_channel = how & 16,
			     .channel = 0x4000 + (method >> 4),
			     .has_connection_id = how & 32,
			     .connection_id = tid,
			     .error_code = 400 + tid,
			     .peer_count = 1 + (how >> 6),
			     .relayed_count = how >> 6 & 1};

	if (c.bad)
		return;
	m.tid[0] = tid;
	if (how & 64)
		m.username = SLICE("u");
	for (unsigned i = 0; i < m.peer_count; i++)
		m.peers[i] = at((uint8_t)(peer + i));
	m.relayed[0] = at(peer);
	m.data = in;
	turn(r, up, &m);
}

static void channel(int r, bool up, struct slice in)
{
	struct turn_channel c;
	struct turn_data d;

	if (w.alloc[r] && turn_channel_parse(in, false, &c) == PARSE_OK)
		turn_on_channel(w.alloc[r], up, &c, &d);
}

static void nat(struct slice in)
{
	struct cursor c = cursor_of(in);

	while (cursor_left(&c) >= 3) {
		struct addr inner = at(cursor_u8(&c));
		struct addr remote = at(cursor_u8(&c));
		struct addr mapped = at(cursor_u8(&c));
		struct cdr_nat row;

		nat_seen(&w.nat, &inner, &remote, &mapped, w.now_ns);
		assert(nat_result(nat_find(&w.nat, &inner), &row));
		assert(row.class && row.confidence && row.remotes);
	}
	assert(w.nat.count <= 4);
}

static void merge(int to)
{
	bool swap = rtc_turned(w.rtc[to], w.rtc[!to]);

	signal_merge(w.signal[to], w.signal[!to], &w.signals, swap);
	rtc_merge(w.rtc[to], w.rtc[!to], &w.ice);
	if (swap) {
		signal_turn(w.signal[to], &w.signals);
		rtc_turn(w.rtc[to]);
	}
	begin(!to);
}

static void step(enum what what, uint8_t who, struct slice in)
{
	int r = who & 1;
	unsigned party = who >> 1 & 1;

	switch (what) {
	case DESCRIBE:
		describe(r, party, in);
		break;
	case TRICKLE:
		trickle(r, party, in);
		break;
	case CHECK:
		check(r, party, in);
		break;
	case STUN:
		whole(r, party, in);
		break;
	case TURN:
		made_turn(r, party, in);
		break;
	case CHANNEL:
		channel(r, party, in);
		break;
	case NAT:
		nat(in);
		break;
	case MERGE:
	case WHATS:
		merge(r);
		break;
	}
}

/* --- what must hold ------------------------------------------------------- */

static void check_pair(const struct cdr_ice_pair *p)
{
	assert(p->state && p->transport);
	assert(p->ab.responses <= p->ab.requests);
	assert(p->ba.responses <= p->ba.requests);
	assert(isnan(p->ab.rtt_ms_mean) || p->ab.rtt_ms_mean >= 0);
	assert(p->first <= p->last);
	assert(strcmp(p->state, "succeeded") != 0 || p->ab.responses ||
	       p->ba.responses);
}

static void check_ice(const struct cdr_call *c)
{
	for (size_t i = 0; i < c->ice_n; i++) {
		const struct cdr_ice *x = &c->ice[i];

		assert(x->generation >= 1 && x->generation <= c->ice_n);
		assert(x->result);
		for (size_t n = 0; n < x->candidates_n; n++)
			assert(x->candidates[n].side);
		for (size_t n = 0; n < x->pairs_n; n++)
			check_pair(&x->pairs[n]);
	}
}

static void check_offers(const struct cdr_call *c)
{
	for (size_t i = 0; i < c->offers_n; i++) {
		assert(c->offers[i].state && c->offers[i].by);
		assert(c->offers[i].answered ==
		       !strcmp(c->offers[i].state, "answered"));
	}
}

static void finish(int r)
{
	static const char *const names[] = {"a", "b"};
	struct ice_view v = {.now_ns = w.now_ns, .input_ended = r};
	struct cdr *cdr = cdr_new(CDR_SESSION);
	struct cdr_turn row;

	assert(cdr);
	rtc_result(w.rtc[r], &v, cdr);
	check_ice(&cdr->call);
	offers_result(&w.signal[r]->offers, names, cdr);
	check_offers(&cdr->call);
	for (const struct turn_alloc *t = w.rtc[r]->turns; t; t = t->next) {
		assert(t->rtc == w.rtc[r]);
		turn_result(t, cdr->mem, &row);
		assert(row.permissions_n <= 128 && row.channels_n <= 128);
	}
	cdr_free(cdr);
	turn_forget(&w.turn, w.rtc[r]);
	rtc_free(w.rtc[r], &w.ice);
	signal_free(w.signal[r], &w.signals);
}

static void check_empty(void)
{
	assert(!w.ice.agents.count && !w.ice.exchanges.count &&
	       !w.ice.addresses.count);
	assert(!w.turn.relayed.count && !w.turn.clients.count);
	assert(!w.signals.origins.count && !w.signals.hosts.count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct seed seed = {1, 2};
	struct cursor c = cursor_of(slice_of(data, size));

	w = (struct world){.now_ns = 1700000000000000000u};
	if (ice_table_init(&w.ice, seed, &w.counters) ||
	    turn_table_init(&w.turn, seed, &w.counters) ||
	    nat_table_init(&w.nat, seed, 4, &w.counters) ||
	    signal_table_init(&w.signals, seed))
		return 0;
	begin(0);
	begin(1);
	while (cursor_left(&c) >= 3) {
		uint8_t what = cursor_u8(&c), who = cursor_u8(&c);
		size_t len = cursor_u8(&c) * (what == DESCRIBE ? 8u : 1u);

		if (len > cursor_left(&c))
			len = cursor_left(&c);
		if (what & 0x80)
			w.now_ns -= (who >> 2) * TENTH;
		else
			w.now_ns += (who >> 2) * TENTH;
		step(what % WHATS, who, cursor_take(&c, len));
	}
	finish(0);
	finish(1);
	check_empty();
	signal_table_close(&w.signals);
	nat_table_close(&w.nat);
	turn_table_close(&w.turn);
	ice_table_close(&w.ice);
	return 0;
}
