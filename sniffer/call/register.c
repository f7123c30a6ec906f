#include "sniffer/call/register.h"

#include <stdlib.h>

#include "sniffer/call/evict.h"

#define ANSWER_NS	(32 * 1000000000ull) /* 64 x T1, RFC 3261 17.1.2.2 */
#define DEFAULT_EXPIRES 3600		     /* RFC 3261, 10.2.1.1 */
#define SAME_ID_MAX	256		     /* of a Call-ID are looked at */
#define COPY_NS		(5 * 1000000000ull)  /* a second tap is behind */

enum reg_state {
	REG_TRYING,
	REG_REGISTERED,
	REG_FAILED,
	REG_UNREGISTERED,
	REG_EXPIRED,
};

static const char *const state_name[] = {
	[REG_TRYING] = "failed", /* nobody answered */
	[REG_REGISTERED] = "registered",
	[REG_FAILED] = "failed",
	[REG_UNREGISTERED] = "unregistered",
	[REG_EXPIRED] = "expired",
};

struct reg {
	struct map_node node;  /* by aor, contact, source */
	struct map_node by_id; /* by Call-ID of the last REGISTER */
	struct list all;
	struct list age; /* in registrations.trying, or in none */
	struct timer timer;
	struct arena *mem;
	struct registrations *owner;
	char uid[ULID_SIZE];
	struct slice aor, contact, agent;
	struct slice call_id; /* malloc'd: it changes */
	struct addr src, dst;
	uint32_t cseq, expires, asked;
	uint16_t status;
	enum reg_state state;
	bool dirty, removes, nat;
	uint64_t start_ns, sent_ns, end_ns, refreshes;
	int64_t rtt_us;
	uint64_t last_ns, messages;
};

struct registrations {
	struct calls *owner;
	struct map by_key, by_id;
	struct list all;
	struct list trying; /* that no answer has settled, oldest first */
	size_t n, bytes;
};

struct registrations *registrations_new(struct calls *owner)
{
	struct registrations *rs = calloc(1, sizeof(*rs));

	if (!rs)
		return NULL;
	rs->owner = owner;
	list_init(&rs->all);
	list_init(&rs->trying);
	if (map_init(&rs->by_key, 64) || map_init(&rs->by_id, 64)) {
		registrations_free(rs);
		return NULL;
	}
	return rs;
}

static void reg_free(struct reg *r)
{
	struct registrations *rs = r->owner;

	timer_stop(rs->owner->timers, &r->timer);
	map_remove(&rs->by_key, &r->node);
	map_remove(&rs->by_id, &r->by_id);
	list_remove(&r->all);
	list_remove(&r->age);
	rs->n--;
	free((void *)r->call_id.p);
	rs->bytes -= r->call_id.len;
	arena_free(r->mem);
}

void registrations_free(struct registrations *rs)
{
	if (!rs)
		return;
	list_each_safe(it, &rs->all)
		reg_free(container_of(it, struct reg, all));
	map_close(&rs->by_key);
	map_close(&rs->by_id);
	free(rs);
}

/* --- the record -------------------------------------------------------- */

static void report(struct reg *r)
{
	struct calls *cs = r->owner->owner;
	struct cdr *cdr = cdr_new(CDR_REGISTRATION);
	struct cdr_registration *out;

	if (!cdr)
		return;
	memcpy(cdr->uid, r->uid, sizeof(cdr->uid));
	cdr->last_packet = r->last_ns;
	cdr->packets = r->messages;
	if (r->state == REG_TRYING)
		cdr->partial = "end"; /* the answer may still come */
	out = &cdr->registration;
	out->aor = arena_keep(cdr->mem, r->aor);
	out->contact = arena_keep(cdr->mem, r->contact);
	out->call_id = arena_keep(cdr->mem, r->call_id);
	out->src = r->src;
	out->dst = r->dst;
	out->agent = arena_keep(cdr->mem, r->agent);
	out->expires = r->expires;
	out->state = state_name[r->state];
	out->status = r->status ? r->status : CDR_NO_U32;
	out->rtt_us = r->rtt_us;
	out->refreshes = r->refreshes;
	out->nat = r->nat ? "yes" : NULL;
	out->start = r->start_ns;
	out->end = r->end_ns;
	r->dirty = false;
	cs->ops->record(cs->arg, cdr);
}

static void enter(struct reg *r, enum reg_state state, uint64_t ts_ns)
{
	bool changed = r->state != state;

	r->state = state;
	list_remove(&r->age);
	if (state != REG_REGISTERED)
		list_append(&r->owner->trying, &r->age);
	r->end_ns = state == REG_REGISTERED ? 0 : ts_ns;
	r->dirty = true;
	if (changed)
		report(r);
}

static void on_timer(struct timer *t, uint64_t now_ns, void *arg)
{
	struct reg *r = container_of(t, struct reg, timer);

	(void)arg;
	if (r->state == REG_REGISTERED)
		enter(r, REG_EXPIRED, now_ns);
	else if (r->state == REG_TRYING)
		enter(r, REG_FAILED, now_ns);
	else if (r->dirty)
		report(r);
	reg_free(r);
}

/* --- requests ---------------------------------------------------------- */

static struct slice first_contact(const struct sip_msg *m, uint32_t *expires)
{
	struct slice list = m->contact, item, value;
	struct sip_addr a;

	*expires = m->has_expires ? m->expires : DEFAULT_EXPIRES;
	if (!sip_list_next(&list, &item))
		return (struct slice){0};
	sip_addr_parse(item, &a);
	if (sip_param(a.params, "expires", &value))
		slice_u32(sip_unquote(value), expires);
	return a.star ? SLICE("*") : a.uri_text;
}

static uint64_t key_hash(const struct registrations *rs, struct slice aor,
			 struct slice contact, const struct addr *src)
{
	const struct seed *seed = &rs->owner->seed;

	return seed_hash(seed, aor.p, aor.len) ^
	       3 * seed_hash(seed, contact.p, contact.len) ^
	       5 * seed_hash(seed, src, sizeof(*src));
}

/* An attempt that waits for its answer is another one than that of another
 * Call-ID: guessers of passwords run many at a time. */
static bool is_elsewhere(const struct reg *r, struct slice call_id)
{
	return r->state == REG_TRYING && r->sent_ns &&
	       !slice_eq(r->call_id, call_id);
}

static struct reg *find(struct registrations *rs, const struct sip_msg *m,
			struct slice contact, const struct addr *src,
			uint64_t hash)
{
	struct reg *found = NULL;

	for (struct map_node *n = map_first(&rs->by_key, hash); n;
	     n = map_next(n)) {
		struct reg *r = container_of(n, struct reg, node);

		if (!slice_eq(r->aor, m->to.uri_text) ||
		    !slice_eq(r->contact, contact) || !addr_eq(&r->src, src))
			continue;
		if (slice_eq(r->call_id, m->call_id))
			return r;
		if (!is_elsewhere(r, m->call_id))
			found = r;
	}
	return found;
}

static uint64_t id_hash(const struct registrations *rs, struct slice call_id)
{
	return seed_hash(&rs->owner->seed, call_id.p, call_id.len);
}

/* A device may keep one Call-ID for all the addresses that it registers (RFC
 * 3261, 10.2): the one last asked for comes first. */
static struct reg *find_id(struct registrations *rs, struct slice call_id,
			   uint32_t cseq, bool any_cseq)
{
	struct map_node *n = map_first(&rs->by_id, id_hash(rs, call_id));
	unsigned left = SAME_ID_MAX;

	for (; n && left; n = map_next(n), left--) {
		struct reg *r = container_of(n, struct reg, by_id);

		if ((any_cseq || r->cseq == cseq) &&
		    slice_eq(r->call_id, call_id))
			return r;
	}
	return NULL;
}

/* After its challenge an IMS phone goes on from a protected port, with a
 * contact to match (3GPP TS 33.203, 7): the same attempt, found under its new
 * key from now on. */
static struct reg *moved(struct registrations *rs, const struct sip_msg *m,
			 struct slice contact, const struct addr *src,
			 uint64_t hash)
{
	struct reg *r = find_id(rs, m->call_id, 0, true);

	if (!r || r->state != REG_TRYING || m->cseq <= r->cseq ||
	    (r->status != 401 && r->status != 407) ||
	    !slice_eq(r->aor, m->to.uri_text) || !addr_ip_eq(&r->src, src))
		return NULL;
	map_remove(&rs->by_key, &r->node);
	map_insert(&rs->by_key, &r->node, hash);
	r->contact = arena_keep(r->mem, contact);
	r->src = *src;
	return r;
}

/* A contact behind NAT names an address that its packets do not come from. */
static bool behind_nat(const struct sip_msg *m, const struct sip_seen *seen)
{
	struct addr via;

	return m->via_count == 1 && addr_parse_ip(m->via.host, &via) &&
	       !addr_ip_eq(&via, &seen->src);
}

static struct reg *reg_new(struct registrations *rs, const struct sip_msg *m,
			   const struct sip_seen *seen, struct slice contact,
			   uint64_t hash)
{
	struct arena *mem = arena_new(1024, 16384);
	struct reg *r = mem ? arena_alloc(mem, sizeof(*r)) : NULL;
	struct slice part[5];

	if (!r) {
		arena_free(mem);
		return NULL;
	}
	r->mem = mem;
	r->owner = rs;
	r->timer.fire = on_timer;
	r->aor = arena_keep(mem, m->to.uri_text);
	r->contact = arena_keep(mem, contact);
	r->agent = arena_keep(mem, m->user_agent);
	r->src = seen->src;
	r->dst = seen->dst;
	r->start_ns = r->sent_ns = seen->ts_ns;
	r->rtt_us = CDR_NO_US;
	r->expires = CDR_NO_U32;
	r->nat = behind_nat(m, seen);
	part[0] = SLICE("registration");
	part[1] = r->aor;
	part[2] = r->contact;
	part[3] = slice_of(&r->src, sizeof(r->src));
	part[4] = m->call_id;
	ulid_make(r->uid, r->start_ns, part, 5);
	map_insert(&rs->by_key, &r->node, hash);
	list_append(&rs->all, &r->all);
	list_append(&rs->trying, &r->age);
	arena_count(mem, &rs->bytes);
	rs->n++;
	return r;
}

static void set_id(struct reg *r, struct slice call_id)
{
	struct registrations *rs = r->owner;
	uint8_t *copy;

	if (!slice_eq(r->call_id, call_id)) {
		copy = malloc(call_id.len);
		if (!copy)
			return;
		memcpy(copy, call_id.p, call_id.len);
		free((void *)r->call_id.p);
		rs->bytes += call_id.len - r->call_id.len;
		r->call_id = slice_of(copy, call_id.len);
	}
	map_remove(&rs->by_id, &r->by_id);
	map_insert(&rs->by_id, &r->by_id, id_hash(rs, r->call_id));
}

/* "Contact: *" takes back what the same dialog registered. */
static struct reg *star_target(struct registrations *rs,
			       const struct sip_msg *m)
{
	return find_id(rs, m->call_id, 0, true);
}

/* A retransmission, or an earlier REGISTER seen again by a second tap. */
static bool is_copy(const struct reg *r, const struct sip_msg *m,
		    uint64_t now_ns)
{
	return slice_eq(r->call_id, m->call_id) &&
	       (m->cseq == r->cseq ||
		(m->cseq < r->cseq && now_ns < r->last_ns + COPY_NS));
}

/* --- when there is no room ---------------------------------------------- */

static bool full(const struct registrations *rs)
{
	const struct calls_config *cfg = &rs->owner->cfg;

	return rs->n >= cfg->max_registrations ||
	       (cfg->other_bytes && rs->bytes >= cfg->other_bytes);
}

/* The oldest that is not registered: one that was answered has its record, an
 * attempt that nobody answers goes without, counted. */
static bool one_goes(struct registrations *rs)
{
	struct list *at = list_first(&rs->trying);
	struct reg *r;

	if (!at)
		return false;
	r = container_of(at, struct reg, age);
	counters_add(rs->owner->counters,
		     r->state == REG_TRYING ? "registration.evicted"
					    : "registration.closed_early",
		     1);
	if (r->state != REG_TRYING && r->dirty)
		report(r);
	reg_free(r);
	return true;
}

static bool room(struct registrations *rs)
{
	for (unsigned n = 0; n < EVICT_AT_ONCE && full(rs); n++)
		if (!one_goes(rs))
			break;
	if (!full(rs))
		return true;
	counters_add(rs->owner->counters, "registration.limit", 1);
	return false;
}

static void on_request(struct registrations *rs, const struct sip_msg *m,
		       const struct sip_seen *seen)
{
	uint32_t expires;
	struct slice contact = first_contact(m, &expires);
	uint64_t hash = key_hash(rs, m->to.uri_text, contact, &seen->src);
	struct reg *r = NULL;
	bool copy;

	/* The copy that a proxy sends on is no registration of its own. */
	if (m->via_count > 1 && find_id(rs, m->call_id, m->cseq, false))
		return;
	if (slice_eq(contact, SLICE("*")))
		r = star_target(rs, m);
	if (!r)
		r = find(rs, m, contact, &seen->src, hash);
	if (!r)
		r = moved(rs, m, contact, &seen->src, hash);
	if (!r && !room(rs))
		return;
	if (!r && !(r = reg_new(rs, m, seen, contact, hash)))
		return;
	copy = is_copy(r, m, seen->ts_ns);
	r->last_ns = seen->ts_ns;
	r->messages++;
	if (copy)
		return;
	set_id(r, m->call_id);
	r->cseq = m->cseq;
	r->asked = expires;
	r->removes = contact.len && expires == 0;
	r->sent_ns = seen->ts_ns;
	if (!timer_set(rs->owner->timers, &r->timer, seen->ts_ns + ANSWER_NS))
		reg_free(r);
}

/* --- responses --------------------------------------------------------- */

/* The lifetime the registrar granted for our contact: its parameter in the
 * list of bindings, else Expires, else what was asked for. */
static uint32_t granted(const struct reg *r, const struct sip_msg *m)
{
	const struct sip_hdr *h;

	for (unsigned i = 0; (h = sip_header_id(m, SIP_HDR_CONTACT, i)); i++) {
		struct slice list = h->value, item, value;
		struct sip_addr a;
		uint32_t s;

		while (sip_list_next(&list, &item)) {
			sip_addr_parse(item, &a);
			if (slice_eq(a.uri_text, r->contact) &&
			    sip_param(a.params, "expires", &value) &&
			    slice_u32(sip_unquote(value), &s))
				return s;
		}
	}
	return m->has_expires ? m->expires : r->asked;
}

static void on_success(struct reg *r, const struct sip_msg *m, uint64_t ts_ns)
{
	uint64_t wait_ns = ANSWER_NS;

	if (r->removes) {
		enter(r, REG_UNREGISTERED, ts_ns);
	} else {
		r->expires = granted(r, m);
		wait_ns = r->expires * 1000000000ull + ANSWER_NS;
		if (r->state == REG_REGISTERED)
			r->refreshes++;
		enter(r, REG_REGISTERED, ts_ns);
	}
	timer_set(r->owner->owner->timers, &r->timer, ts_ns + wait_ns);
}

/* An SBC may keep the Call-ID: of several the one whose way back it is. */
static struct reg *asked_by(struct registrations *rs, const struct sip_msg *m,
			    const struct sip_seen *seen)
{
	struct map_node *n = map_first(&rs->by_id, id_hash(rs, m->call_id));
	struct reg *found = NULL;

	for (unsigned left = SAME_ID_MAX; n && left; n = map_next(n), left--) {
		struct reg *r = container_of(n, struct reg, by_id);

		if (r->cseq != m->cseq || !slice_eq(r->call_id, m->call_id))
			continue;
		if (addr_eq(&r->src, &seen->dst))
			return r;
		if (!found)
			found = r;
	}
	return found;
}

static void on_response(struct registrations *rs, const struct sip_msg *m,
			const struct sip_seen *seen)
{
	struct reg *r = asked_by(rs, m, seen);

	if (!r || m->status < 200)
		return;
	r->last_ns = seen->ts_ns;
	r->messages++;
	if (r->status == m->status && r->sent_ns == 0)
		return; /* a copy or a retransmission */
	r->status = m->status;
	if (r->sent_ns)
		r->rtt_us = cdr_between(r->sent_ns, seen->ts_ns);
	r->sent_ns = 0;
	r->dirty = true;
	if (m->status < 300)
		on_success(r, m, seen->ts_ns);
	else if (m->status != 401 && m->status != 407 && m->status != 423 &&
		 r->state != REG_REGISTERED)
		enter(r, REG_FAILED, seen->ts_ns);
}

void registrations_on_sip(struct registrations *rs, const struct sip_msg *m,
			  const struct sip_seen *seen)
{
	if (m->request)
		on_request(rs, m, seen);
	else
		on_response(rs, m, seen);
}

void registrations_end(struct registrations *rs)
{
	list_each_safe(it, &rs->all)
	{
		struct reg *r = container_of(it, struct reg, all);

		if (r->dirty || r->state == REG_TRYING)
			report(r);
	}
}

size_t registrations_count(const struct registrations *rs)
{
	return rs->n;
}

size_t registrations_bytes(const struct registrations *rs)
{
	return rs->bytes;
}
