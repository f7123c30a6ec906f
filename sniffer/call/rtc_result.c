/* The entries ice[] and dtls[] of a record. */
#include <stdio.h>

#include "dissectors/tls_names.h"
#include "sniffer/call/rtc.h"

/* --- DTLS -------------------------------------------------------------- */

static const char *truth(int v)
{
	return v < 0 ? NULL : v ? "true" : "false";
}

/* The certificate against every fingerprint of that party: one that fits is
 * enough (RFC 8122, 5). party -1: against those of both. */
static int matches(const struct rtc *r, const struct rtc_dtls *d, unsigned dir)
{
	int result = -1;

	for (const struct rtc_fingerprint *f = r->fingerprints; f;
	     f = f->next) {
		int m;

		if (d->party[dir] >= 0 && f->party != d->party[dir])
			continue;
		m = dtls_cert_matches(d->assoc, dir, f->hash, f->value);
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

static void offered(const struct dtls_info *i, struct arena *mem,
		    struct cdr_strings *out)
{
	out->v = arena_alloc(mem, (i->offered_count + 1) * sizeof(*out->v));
	for (size_t n = 0; out->v && n < i->offered_count; n++)
		out->v[out->n++] = profile_name(mem, i->offered[n]);
}

static void dtls_row(const struct rtc *r, const struct rtc_dtls *d,
		     bool input_ended, struct arena *mem, struct cdr_dtls *out)
{
	const struct dtls_info *i = dtls_assoc_info(d->assoc);
	int client = i->client >= 0 ? i->client : 0;
	uint16_t profile =
		i->srtp == DTLS_SRTP_CHOSEN ? i->srtp_profile : d->profile;

	*out = (struct cdr_dtls){
		.client = d->end[client],
		.server = d->end[!client],
		.version = i->version ? tls_version_name(i->version) : NULL,
		.cipher =
			known_name(mem, tls_cipher_name(i->cipher), i->cipher),
		.srtp_profile = profile_name(mem, profile),
		.started = i->started_ns,
		.finished = i->finished_ns,
		.handshake_us = cdr_between(i->started_ns, i->finished_ns),
		.retransmissions =
			i->retransmissions[0] + i->retransmissions[1],
		.fingerprint_client = fingerprint(r, d, (unsigned)client, mem),
		.fingerprint_server = fingerprint(r, d, (unsigned)!client, mem),
		.fingerprint_match = truth(both_match(r, d)),
		.setup_match = truth(setup_match(r, d, i->client)),
		.alert = alert_text(i, mem),
		.key_state = d->keys_wrong || i->secrets_failed ? "wrong"
			     : d->keys_known			? "ok"
								: NULL,
	};
	offered(i, mem, &out->offered_profiles);
	out->state = i->state == DTLS_IN_PROGRESS && !input_ended
			     ? "unfinished"
			     : state_name(i->state);
}

static void dtls_rows(const struct rtc *r, bool input_ended, struct cdr *cdr)
{
	struct cdr_call *call = &cdr->call;

	call->dtls = arena_alloc(cdr->mem, r->dtls_n * sizeof(*call->dtls));
	for (const struct rtc_dtls *d = r->dtls; d && call->dtls; d = d->next)
		dtls_row(r, d, input_ended, cdr->mem,
			 &call->dtls[call->dtls_n++]);
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
	dtls_rows(r, v->input_ended, cdr);
}
