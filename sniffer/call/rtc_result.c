/* The entries ice[] and dtls[] of a record. */
#include <stdio.h>

#include "dissectors/tls_names.h"
#include "sniffer/call/rtc.h"

#define PENDING_NS (2 * 1000000000ull) /* a handshake that is still going */
#define GOING_NS   (5 * 1000000000ull) /* since it began */

/* --- DTLS -------------------------------------------------------------- */

static const char *truth(int v)
{
	return v < 0 ? NULL : v ? "true" : "false";
}

/* How closely a promise is about that end: by its agent, its address, its
 * party. A relay with a certificate of its own describes itself at each
 * hop. */
static int about(const struct rtc_dtls *d, unsigned dir,
		 const struct rtc_fingerprint *f)
{
	if (d->party[dir] >= 0 && f->party != d->party[dir])
		return 0;
	if (f->ufrag.len && slice_eq(f->ufrag, d->ufrag[dir]))
		return 3;
	return addr_eq(&f->addr, &d->end[dir]) ? 2 : 1;
}

/* One promise: of several fingerprints one that fits is enough (RFC 8122,
 * 5). */
static int kept(const struct rtc *r, const struct rtc_dtls *d, unsigned dir,
		unsigned promise)
{
	int result = -1;

	for (const struct rtc_fingerprint *f = r->fingerprints; f;
	     f = f->next) {
		int m = f->promise == promise
				? dtls_cert_matches(d->assoc, dir, f->hash,
						    f->value)
				: -1;

		if (m > result)
			result = m;
	}
	return result;
}

/* All promises that are most closely about this end must be kept. */
static int matches(const struct rtc *r, const struct rtc_dtls *d, unsigned dir)
{
	const struct rtc_fingerprint *f;
	int closest = 1, result = -1;

	for (f = r->fingerprints; f; f = f->next)
		if (about(d, dir, f) > closest)
			closest = about(d, dir, f);
	for (f = r->fingerprints; f; f = f->next) {
		int m = about(d, dir, f) == closest
				? kept(r, d, dir, f->promise)
				: -1;

		if (m == 0)
			return 0;
		if (m > result)
			result = m;
	}
	return result;
}

static int both_match(const struct rtc *r, const struct rtc_dtls *d)
{
	int a = matches(r, d, 0), b = matches(r, d, 1);

	if (a == 0 || b == 0)
		return 0;
	return a > 0 || b > 0 ? 1 : -1;
}

/* Where nobody knows who the ends are, one of the two ways must fit. */
static int fingerprint_match(const struct rtc *r, const struct rtc_dtls *d)
{
	struct rtc_dtls way = *d;
	int result = -1;

	if (d->party[0] >= 0)
		return both_match(r, d);
	for (int p = 0; p < 2 && result < 1; p++) {
		way.party[0] = p;
		way.party[1] = !p;
		result = both_match(r, &way);
	}
	return result;
}

/* RFC 5763, 5: active is the client. */
static int setup_match(const struct rtc *r, const struct rtc_dtls *d,
		       int client)
{
	int party = client >= 0 ? d->party[client] : -1;
	enum sdp_setup mine, other;

	if (party < 0)
		return -1;
	mine = r->setup[party];
	other = r->setup[!party];
	if (mine == SDP_SETUP_PASSIVE || other == SDP_SETUP_ACTIVE)
		return 0;
	return mine == SDP_SETUP_ACTIVE || other == SDP_SETUP_PASSIVE ? 1 : -1;
}

static struct slice fingerprint(const struct rtc *r, const struct rtc_dtls *d,
				unsigned dir, struct arena *mem)
{
	struct slice hash = SLICE("sha-256");
	char digest[DTLS_DIGEST_TEXT], text[DTLS_DIGEST_TEXT + 16];
	int n;

	/* In the hash that the description uses, to be held beside it. */
	for (const struct rtc_fingerprint *f = r->fingerprints; f; f = f->next)
		if (d->party[dir] == f->party &&
		    dtls_cert_matches(d->assoc, dir, f->hash, f->value) > 0)
			hash = f->hash;
	if (!dtls_cert_digest(d->assoc, dir, hash, digest))
		return (struct slice){0};
	n = snprintf(text, sizeof(text), "%.*s %s",
		     (int)(hash.len < 12 ? hash.len : 12), (const char *)hash.p,
		     digest);
	for (int i = 0; i < n && text[i] != ' '; i++)
		if (text[i] >= 'A' && text[i] <= 'Z')
			text[i] = (char)(text[i] - 'A' + 'a');
	return arena_keep(mem, slice_of(text, (size_t)n));
}

static struct slice alert_text(const struct dtls_info *i, struct arena *mem)
{
	const struct dtls_alert_seen *a = NULL;
	const char *name;

	for (size_t n = 0; n < i->alert_count && n < DTLS_ALERTS_MAX; n++)
		if (!a || i->alerts[n].level > a->level)
			a = &i->alerts[n];
	if (!a)
		return (struct slice){0};
	name = tls_alert_name(a->description);
	return arena_keep(mem, slice_str(name ? name : "unknown"));
}

static const char *state_name(enum dtls_state s)
{
	static const char *const names[] = {
		[DTLS_IN_PROGRESS] = "in-progress",
		[DTLS_FINISHED] = "finished",
		[DTLS_FAILED] = "failed",
		[DTLS_UNFINISHED] = "unfinished",
		[DTLS_JOINED] = "joined",
	};

	return names[s];
}

static struct slice known_name(struct arena *mem, const char *name,
			       uint16_t number)
{
	char text[8];

	if (name)
		return slice_str(name);
	if (!number)
		return (struct slice){0};
	snprintf(text, sizeof(text), "0x%04x", number);
	return arena_keep(mem, slice_str(text));
}

static struct slice profile_name(struct arena *mem, uint16_t profile)
{
	return known_name(mem, tls_srtp_profile_name(profile), profile);
}

/* The input ended so soon after its last packet that it may go on. */
static bool pending(const struct dtls_info *i, const struct ice_view *v)
{
	uint64_t last =
		i->last_ns[0] > i->last_ns[1] ? i->last_ns[0] : i->last_ns[1];

	return v->input_ended && last + PENDING_NS > v->now_ns &&
	       v->now_ns - (i->started_ns ? i->started_ns : last) < GOING_NS;
}

static void offered(const struct dtls_info *i, struct arena *mem,
		    struct cdr_strings *out)
{
	out->v = arena_alloc(mem, (i->offered_count + 1) * sizeof(*out->v));
	for (size_t n = 0; out->v && n < i->offered_count; n++)
		out->v[out->n++] = profile_name(mem, i->offered[n]);
}

static void dtls_row(const struct rtc *r, const struct rtc_dtls *d,
		     const struct ice_view *v, struct arena *mem,
		     struct cdr_dtls *out)
{
	const struct dtls_info *i = dtls_assoc_info(d->assoc);
	int client = i->client >= 0 ? i->client : 0;

	*out = (struct cdr_dtls){
		.client = d->end[client],
		.server = d->end[!client],
		.version = i->version ? tls_version_name(i->version) : NULL,
		.cipher =
			known_name(mem, tls_cipher_name(i->cipher), i->cipher),
		.started = i->started_ns,
		.finished = i->finished_ns,
		.handshake_us = cdr_between(i->started_ns, i->finished_ns),
		.retransmissions =
			i->retransmissions[0] + i->retransmissions[1],
		.fingerprint_client = fingerprint(r, d, (unsigned)client, mem),
		.fingerprint_server = fingerprint(r, d, (unsigned)!client, mem),
		.fingerprint_match = truth(fingerprint_match(r, d)),
		.setup_match = truth(setup_match(r, d, i->client)),
		.alert = alert_text(i, mem),
		.key_state = i->secrets_failed ? "wrong"
			     : d->keys_known			? "ok"
								: NULL,
	};
	if (i->srtp == DTLS_SRTP_CHOSEN)
		out->srtp_profile = profile_name(mem, i->srtp_profile);
	offered(i, mem, &out->offered_profiles);
	out->state = i->state == DTLS_IN_PROGRESS && !pending(i, v)
			     ? "unfinished"
			     : state_name(i->state);
}

static void dtls_rows(const struct rtc *r, const struct ice_view *v,
		      struct cdr *cdr)
{
	struct cdr_call *call = &cdr->call;

	call->dtls = arena_alloc(cdr->mem, r->dtls_n * sizeof(*call->dtls));
	for (const struct rtc_dtls *d = r->dtls; d && call->dtls; d = d->next)
		dtls_row(r, d, v, cdr->mem, &call->dtls[call->dtls_n++]);
}

/* --- ICE --------------------------------------------------------------- */

void rtc_result(struct rtc *r, const struct ice_view *v, struct cdr *cdr)
{
	struct cdr_call *call = &cdr->call;
	size_t n = 0;

	for (const struct ice *i = r->exchanges; i; i = i->next)
		n++;
	call->ice = arena_alloc(cdr->mem, n * sizeof(*call->ice));
	for (const struct ice *i = r->exchanges; i && call->ice; i = i->next)
		ice_result(i, v, cdr->mem, &call->ice[call->ice_n++]);
	dtls_rows(r, v, cdr);
}
