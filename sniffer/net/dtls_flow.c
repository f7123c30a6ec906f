#include "sniffer/net/dtls_flow.h"

#include <stdlib.h>

#include "sniffer/net/dtls_priv.h"

#define MS 1000000ull

/* The shortest timer in use that sends a flight again is 50 ms. Before that
 * the same bytes are a copy of the mirror, */
#define COPY_NS (40 * MS)
/* and datagrams that lie closer together are of one flight. */
#define FLIGHT_NS (20 * MS)

struct dtls_assoc *dtls_assoc_new(struct counters *counters)
{
	struct dtls_assoc *a = calloc(1, sizeof(*a));

	if (!a) {
		counters_add(counters, "dtls.no_memory", 1);
		return NULL;
	}
	a->counters = counters;
	a->info.client = -1;
	a->info.state = DTLS_JOINED;
	a->last = &a->first;
	return a;
}

struct dtls_assoc *dtls_assoc_next(const struct dtls_assoc *old)
{
	struct dtls_assoc *a = dtls_assoc_new(old->counters);

	if (a && old->info.has_client_random) {
		a->has_before = true;
		memcpy(a->before, old->info.client_random, TLS_RANDOM);
	}
	return a;
}

void dtls_assoc_free(struct dtls_assoc *a)
{
	if (!a)
		return;
	dtls_held_free(a);
	for (unsigned dir = 0; dir < 2; dir++) {
		dtls_join_close(&a->side[dir].join);
		free(a->side[dir].der);
	}
	free(a);
}

const struct dtls_info *dtls_assoc_info(const struct dtls_assoc *a)
{
	return &a->info;
}

void dtls_assoc_end(struct dtls_assoc *a)
{
	if (a->info.state != DTLS_IN_PROGRESS)
		return;
	a->info.state = DTLS_UNFINISHED;
	a->info.revision++;
}

/* --- what became of it ------------------------------------------------- */

static void set_finished(struct dtls_assoc *a, uint64_t ts_ns, bool inferred)
{
	struct dtls_info *i = &a->info;

	/* The first that was inferred, unless it is known. */
	if (i->state == DTLS_FINISHED && (inferred || !i->finished_inferred))
		return;
	i->state = DTLS_FINISHED;
	i->finished_ns = ts_ns;
	i->finished_inferred = inferred;
	i->revision++;
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

void dtls_judge(struct dtls_assoc *a)
{
	const struct dtls_side *s = a->side;
	int client = a->info.client;

	if (!s[0].fin || !s[1].fin)
		return;
	if (a->info.version == DTLS_1_3)
		set_finished(a, s[client].fin_ns, false);
	else
		set_finished(a, later(s[0].fin_ns, s[1].fin_ns), false);
}

/* This end sent what it can send only when it is finished, of which that of
 * the server counts: it has then seen the client's. See the header. */
static void infer(struct dtls_assoc *a, unsigned dir, uint64_t ts_ns)
{
	if (a->info.state == DTLS_IN_PROGRESS && a->info.client >= 0 &&
	    (a->info.client == !dir || !a->info.datagrams[!dir]))
		set_finished(a, ts_ns, true);
}

static void begun(struct dtls_assoc *a)
{
	if (a->info.state == DTLS_JOINED)
		a->info.state = DTLS_IN_PROGRESS;
}

/* The length of connection IDs in what this end sends: the other asked. */
size_t dtls_cid_len(const struct dtls_assoc *a, unsigned dir)
{
	return a->info.connection_ids ? a->side[!dir].cid_len : 0;
}

void dtls_on_data(struct dtls_assoc *a, unsigned dir, size_t len)
{
	a->info.data_records[dir]++;
	a->info.data_bytes[dir] += len;
}

/* In 1.3 the level says nothing: all but two end the association (RFC 8446,
 * 6). */
static bool is_fatal(const struct dtls_assoc *a, const struct tls_alert *alert)
{
	return alert->level == TLS_ALERT_FATAL ||
	       (a->info.version == DTLS_1_3 && alert->description != 0 &&
		alert->description != 90);
}

void dtls_on_alert(struct dtls_assoc *a, unsigned dir, struct slice payload,
		   uint64_t ts_ns)
{
	struct dtls_info *i = &a->info;
	struct tls_alert alert;

	if (tls_alert_parse(payload, &alert) != PARSE_OK) {
		counters_add(a->counters, "dtls.bad_alert", 1);
		return;
	}
	if (i->alert_count < DTLS_ALERTS_MAX)
		i->alerts[i->alert_count] = (struct dtls_alert_seen){
			ts_ns, (uint8_t)dir, alert.level, alert.description};
	i->alert_count++;
	i->revision++;
	if (!is_fatal(a, &alert))
		return;
	/* In 1.3 a server refuses a client when both have sent Finished. */
	if (i->state == DTLS_FINISHED &&
	    (i->version != DTLS_1_3 || i->client == (int)dir ||
	     a->side[dir].confirmed))
		return;
	i->state = DTLS_FAILED;
	i->finished_ns = 0;
	i->finished_inferred = false;
}

/* --- retransmissions --------------------------------------------------- */

/* Something that was there before was sent again: is it a flight of its own or
 * more of one that is counted? What is decrypted late comes out of order. */
static void sent_again(struct dtls_assoc *a, unsigned dir, uint64_t ts_ns)
{
	unsigned *count = &a->info.retransmissions[dir];
	uint64_t *at = a->side[dir].again_ns;
	unsigned n = *count < DTLS_FLIGHTS ? *count : DTLS_FLIGHTS;

	for (unsigned i = 0; i < n; i++) {
		uint64_t apart = ts_ns > at[i] ? ts_ns - at[i] : at[i] - ts_ns;

		if (apart <= FLIGHT_NS) {
			at[i] = later(at[i], ts_ns);
			return;
		}
	}
	at[*count % DTLS_FLIGHTS] = ts_ns;
	++*count;
	a->info.revision++;
}

static uint64_t hash_of(struct slice s)
{
	uint64_t h = s.len * 0x9e3779b97f4a7c15ull, word;

	for (; s.len >= 8; s = slice_from(s, 8)) {
		memcpy(&word, s.p, 8);
		h = (h ^ word) * 0x9e3779b97f4a7c15ull;
		h ^= h >> 29;
	}
	for (size_t i = 0; i < s.len; i++)
		h = (h ^ s.p[i]) * 0x100000001b3ull;
	return h;
}

static bool is_copy(struct dtls_side *s, struct slice datagram, uint64_t ts_ns)
{
	uint64_t hash = hash_of(datagram);

	for (unsigned i = 0; i < DTLS_RECENT; i++)
		if (s->recent[i].hash == hash &&
		    ts_ns - s->recent[i].ts_ns <= COPY_NS)
			return true;
	s->recent[s->recent_at].hash = hash;
	s->recent[s->recent_at].ts_ns = ts_ns;
	s->recent_at = (s->recent_at + 1) % DTLS_RECENT;
	return false;
}

/* --- records ----------------------------------------------------------- */

static void on_fragment(struct dtls_assoc *a, unsigned dir,
			const struct dtls_fragment *f, uint64_t ts_ns,
			bool encrypted)
{
	struct slice body;
	void *kept;

	switch (dtls_join_add(&a->side[dir].join, f, a->counters, &body,
			      &kept)) {
	case DTLS_JOINED_WHOLE:
		if (!encrypted)
			dtls_on_first_fragment(a, dir, f, ts_ns);
		dtls_on_message(a, dir, f->type, body, ts_ns, encrypted);
		free(kept);
		break;
	case DTLS_JOINED_PART:
		if (!encrypted)
			dtls_on_first_fragment(a, dir, f, ts_ns);
		break;
	case DTLS_JOINED_REPEAT:
		sent_again(a, dir, ts_ns);
		break;
	case DTLS_JOINED_NOT:
		break;
	}
}

void dtls_fragments(struct dtls_assoc *a, unsigned dir, struct slice payload,
		    uint64_t ts_ns, bool encrypted)
{
	struct dtls_fragment f;

	begun(a);
	while (payload.len) {
		if (dtls_fragment_next(&payload, &f) != PARSE_OK) {
			counters_add(a->counters, "dtls.bad_message", 1);
			return;
		}
		if (f.data.len || !f.length)
			on_fragment(a, dir, &f, ts_ns, encrypted);
	}
}

/* The server's without ServerHelloDone before it, and without the client's
 * key exchange: an abbreviated handshake (RFC 5246, 7.3), also where the
 * session was kept in a ticket. */
static void on_change_cipher_spec(struct dtls_assoc *a, unsigned dir,
				  const struct dtls_record *r, uint64_t ts_ns)
{
	struct dtls_side *s = &a->side[dir];

	if (s->ccs) {
		sent_again(a, dir, ts_ns);
		return;
	}
	begun(a);
	s->ccs = true;
	dtls_set_version(a, r->version);
	if (a->answered && a->info.client == !dir && !a->side[0].done &&
	    !a->side[1].done)
		a->info.resumed = true;
	a->info.revision++;
}

/* Of epoch 0. */
static void on_plain_record(struct dtls_assoc *a, unsigned dir,
			    const struct dtls_record *r, uint64_t ts_ns)
{
	switch (r->type) {
	case DTLS_HANDSHAKE:
		dtls_fragments(a, dir, r->payload, ts_ns, false);
		break;
	case DTLS_CHANGE_CIPHER_SPEC:
		on_change_cipher_spec(a, dir, r, ts_ns);
		break;
	case DTLS_ALERT:
		dtls_on_alert(a, dir, r->payload, ts_ns);
		break;
	}
}

/* Up to 1.2 the first one of the handshake is Finished; its type is hidden
 * where connection IDs are used. */
static void on_encrypted_record(struct dtls_assoc *a, unsigned dir,
				const struct dtls_record *r, uint64_t ts_ns)
{
	struct dtls_side *s = &a->side[dir];

	dtls_set_version(a, r->version);
	if (!s->fin && a->info.state == DTLS_IN_PROGRESS &&
	    (r->type == DTLS_HANDSHAKE || r->type == DTLS_TLS12_CID)) {
		s->fin = true;
		s->fin_ns = ts_ns;
		a->info.revision++;
		dtls_judge(a);
	} else if (r->type == DTLS_ALERT) {
		a->info.alerts_hidden[dir]++;
		a->info.revision++;
	} else if (r->type == DTLS_APPLICATION_DATA ||
		   r->type == DTLS_TLS12_CID) {
		dtls_on_data(a, dir, r->payload.len);
		infer(a, dir, ts_ns);
	}
}

/* Of 1.3: the handshake's, and what may be an alert. Nothing where the
 * hellos were not seen, as it will never be opened. */
static bool looked_into(const struct dtls_assoc *a, const struct dtls_side *s,
			const struct dtls_record *r)
{
	return !s->updated && a->info.state != DTLS_JOINED &&
	       (r->epoch == DTLS_EPOCH_HANDSHAKE ||
		(r->epoch == DTLS_EPOCH_DATA && dtls_alert_long(a, r)));
}

/* Of 1.3. Only the low bits of the epoch are there. */
static void on_unified_record(struct dtls_assoc *a, unsigned dir,
			      const struct dtls_record *r, uint64_t ts_ns)
{
	struct dtls_side *s = &a->side[dir];

	dtls_set_version(a, DTLS_1_3);
	if (a->info.state == DTLS_FINISHED && r->epoch < DTLS_EPOCH_HANDSHAKE)
		s->updated = true;
	if (looked_into(a, s, r)) {
		s->epoch2 |= r->epoch == DTLS_EPOCH_HANDSHAKE;
		dtls_encrypted(a, dir, r, ts_ns);
		return;
	}
	dtls_on_data(a, dir, r->payload.len);
	if (r->epoch != DTLS_EPOCH_DATA)
		return;
	s->confirmed = true;
	if (a->info.client == (int)dir || a->side[!dir].epoch2 ||
	    !a->info.datagrams[!dir])
		infer(a, dir, ts_ns);
}

static void on_record(struct dtls_assoc *a, unsigned dir,
		      const struct dtls_record *r, uint64_t ts_ns)
{
	if (r->cut)
		counters_add(a->counters, "dtls.record_cut", 1);
	if (r->unified)
		on_unified_record(a, dir, r, ts_ns);
	else if (r->epoch)
		on_encrypted_record(a, dir, r, ts_ns);
	else
		on_plain_record(a, dir, r, ts_ns);
}

/* --- datagrams --------------------------------------------------------- */

static enum dtls_fed take_records(struct dtls_assoc *a, unsigned dir,
				  struct slice in, uint64_t ts_ns)
{
	enum dtls_fed fed = DTLS_FED_NOT;
	struct dtls_record r;

	while (in.len) {
		enum parse got =
			dtls_record_next(&in, dtls_cid_len(a, dir), &r);

		if (got != PARSE_OK) {
			counters_add(a->counters,
				     got == PARSE_MORE ? "dtls.record_cut"
						       : "dtls.bad_record",
				     1);
			break;
		}
		on_record(a, dir, &r, ts_ns);
		fed = DTLS_FED_TAKEN;
	}
	return fed;
}

enum dtls_fed dtls_assoc_feed(struct dtls_assoc *a, unsigned dir,
			      struct slice datagram, uint64_t ts_ns)
{
	struct dtls_info *i = &a->info;

	switch (dtls_begins(a, dir, datagram)) {
	case DTLS_BEGINS_ANOTHER:
		return DTLS_FED_NEW;
	case DTLS_BEGINS_BEFORE:
		counters_add(a->counters, "dtls.late_hello", 1);
		return DTLS_FED_TAKEN;
	case DTLS_BEGINS_NOTHING:
		break;
	}
	if (is_copy(&a->side[dir], datagram, ts_ns)) {
		i->copies[dir]++;
		return DTLS_FED_TAKEN;
	}
	if (take_records(a, dir, datagram, ts_ns) == DTLS_FED_NOT)
		return DTLS_FED_NOT;
	if (!i->datagrams[dir]++)
		i->first_ns[dir] = ts_ns;
	i->last_ns[dir] = later(i->last_ns[dir], ts_ns);
	return DTLS_FED_TAKEN;
}
