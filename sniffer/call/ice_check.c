/* What each check and its answer say of a candidate pair (RFC 8445, 7). */
#include "sniffer/call/ice.h"
#include "sniffer/call/rtc.h"

/* The same transaction again after less than this is a mirror's copy. */
#define COPY_NS (20 * 1000000ull)
/* RFC 7675, 5.1: so long without an answer, and consent is gone. */
#define CONSENT_NS     (30 * 1000000000ull)
#define CONSENT_CHECKS 4

static struct ice_transaction *find(struct ice_checks *c,
				    const struct stun_msg *m)
{
	for (size_t n = 0; n < ICE_TRANSACTIONS; n++)
		if (c->tx[n].ns && !memcmp(c->tx[n].tid, m->tid, STUN_TID))
			return &c->tx[n];
	return NULL;
}

bool ice_pair_waits(const struct ice_pair *p, enum ice_end sender,
		    const struct stun_msg *m)
{
	struct ice_pair *pair = (struct ice_pair *)p;
	const struct ice_transaction *tx = find(&pair->sent[!sender], m);

	return tx && tx->open;
}

static void begin(struct ice_checks *c, const struct stun_msg *m,
		  const void *via, uint64_t ts_ns)
{
	struct ice_transaction *tx = &c->tx[c->tx_next++ % ICE_TRANSACTIONS];

	memcpy(tx->tid, m->tid, STUN_TID);
	tx->ns = ts_ns;
	tx->via = via;
	tx->open = true;
	tx->answered = false;
	tx->use_candidate = m->use_candidate;
	if (!c->unanswered)
		c->unanswered_ns = ts_ns;
	c->unanswered++;
	c->requests++;
	if (!c->first_ns)
		c->first_ns = ts_ns;
}

/* False for a copy. */
static bool again(struct ice_checks *c, struct ice_transaction *tx,
		  const void *via, uint64_t ts_ns)
{
	if (tx->via != via || ts_ns < tx->ns + COPY_NS)
		return false;
	c->retransmissions++;
	return true;
}

/* Its answer may have been lost behind the tap; Skype nominates so. */
static void reopen(struct ice_transaction *tx, const struct stun_msg *m)
{
	tx->open = true;
	if (m->use_candidate)
		tx->use_candidate = true;
}

static void role(struct ice *i, enum ice_end sender, const struct stun_msg *m)
{
	if (m->role == STUN_NO_ROLE)
		return;
	i->controlling =
		m->role == STUN_CONTROLLING ? (int)sender : (int)!sender;
}

static void consent(struct ice_pair *p, const struct ice_checks *c,
		    uint64_t ts_ns)
{
	if (c->answered_ns && c->unanswered >= CONSENT_CHECKS &&
	    ts_ns >= c->unanswered_ns + CONSENT_NS)
		p->consent_lost = true;
}

/* Nominating before the pair was proved is the old, aggressive way. */
static void nomination(struct ice *i, const struct ice_checks *c,
		       const struct stun_msg *m)
{
	if (!m->use_candidate)
		return;
	if (!i->nominating)
		i->aggressive = !c->answered_ns;
	i->nominating = true;
}

static bool on_request(struct ice_table *t, struct ice_pair *p,
		       enum ice_end sender, const struct stun_msg *m,
		       const void *via, uint64_t ts_ns)
{
	struct ice_checks *c = &p->sent[sender];
	struct ice_transaction *tx = find(c, m);
	struct ice *i = p->ice;

	if (tx && !again(c, tx, via, ts_ns))
		return false;
	if (!tx)
		begin(c, m, via, ts_ns);
	else
		reopen(tx, m);
	c->last_ns = ts_ns;
	if (!i->first_ns)
		i->first_ns = ts_ns;
	role(i, sender, m);
	nomination(i, c, m);
	consent(p, c, ts_ns);
	ice_learn(t, i->agent[sender], &p->end[sender], NULL, m->priority,
		  p->tcp);
	return true;
}

/* A pair is connected when a nominating check was answered; a lite agent or
 * a tap that joined late may show none. */
static void connected(struct ice_pair *p, const struct ice_transaction *tx,
		      uint64_t ts_ns)
{
	if (!tx->use_candidate)
		return;
	if (!p->connected_ns)
		p->connected_ns = ts_ns;
	if (!p->ice->connected_ns)
		p->ice->connected_ns = ts_ns;
}

static bool on_success(struct ice_table *t, struct ice_pair *p,
		       enum ice_end sender, const struct stun_msg *m,
		       const void *via, uint64_t ts_ns)
{
	struct ice_checks *c = &p->sent[!sender];
	struct ice_transaction *tx = find(c, m);

	if (!tx || !tx->open || tx->via != via)
		return false;
	tx->open = false;
	if (!tx->answered) {
		c->responses++;
		c->rtt_ns += ts_ns - tx->ns;
		c->rtt_n++;
	}
	tx->answered = true;
	c->answered_ns = ts_ns;
	c->unanswered = 0;
	if (!p->ice->answered_ns)
		p->ice->answered_ns = ts_ns;
	if (tx->use_candidate)
		c->use_candidate = true;
	connected(p, tx, ts_ns);
	if (m->has_mapped)
		ice_learn(t, p->ice->agent[!sender], &m->mapped,
			  &p->end[!sender], 0, p->tcp);
	return true;
}

static bool on_error(struct ice_pair *p, enum ice_end sender,
		     const struct stun_msg *m, const void *via)
{
	struct ice_checks *c = &p->sent[!sender];
	struct ice_transaction *tx = find(c, m);

	if (!tx || !tx->open || tx->via != via)
		return false;
	tx->open = false;
	c->errors++;
	c->error = m->error_code;
	if (m->error_code == 487)
		p->ice->role_conflicts++;
	return true;
}

bool ice_pair_stun(struct ice_table *t, struct ice_pair *p, enum ice_end sender,
		   const struct stun_msg *m, const void *via, uint64_t ts_ns)
{
	/* Frames of several queues are a little out of order: an answer that
	 * seems to be before its request took no time. */
	if (ts_ns < p->ice->last_ns)
		ts_ns = p->ice->last_ns;
	p->towards[!sender]++;
	p->ice->last_ns = ts_ns;
	switch (m->class) {
	case STUN_REQUEST:
		return on_request(t, p, sender, m, via, ts_ns);
	case STUN_SUCCESS:
		return on_success(t, p, sender, m, via, ts_ns);
	case STUN_ERROR:
		return on_error(p, sender, m, via);
	case STUN_INDICATION:
		break;
	}
	return false;
}
