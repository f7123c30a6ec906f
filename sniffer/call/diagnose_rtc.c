/* Findings of ICE, DTLS, SRTP, TURN and NAT, from measured facts only. */
#include "sniffer/call/diagnose.h"

#define SLOW_US	     (3 * 1000000) /* until connected */
#define DTLS_SLOW_US (2 * 1000000)
#define RELAY_LOSS   1.0 /* percent */

static const char *text_of(const struct addr *a, char buf[ADDR_TEXT])
{
	return a->port ? addr_text(a, buf) : "an unknown address";
}

/* --- ICE --------------------------------------------------------------- */

struct tally {
	size_t tried, failed, unknown, conflicts;
};

static struct tally count(const struct cdr_ice *i)
{
	struct tally t = {0};

	for (size_t n = 0; n < i->pairs_n; n++) {
		const struct cdr_ice_pair *p = &i->pairs[n];

		t.tried += !cdr_is(p->state, "not-tried");
		t.failed += cdr_is(p->state, "failed");
		t.unknown += cdr_is(p->state, "unknown");
	}
	return t;
}

static void ice_result(struct cdr *cdr, const struct cdr_ice *i)
{
	struct tally t = count(i);

	if (cdr_is(i->result, "failed"))
		cdr_find(cdr, "ice-failed", "error", NULL,
			 "none of %zu candidate pairs that were tried worked; "
			 "%zu were not tried",
			 t.tried, i->pairs_n - t.tried);
	else if (cdr_is(i->result, "unknown") && t.unknown)
		cdr_find(cdr, "ice-unknown", "notice", NULL,
			 "the tap sees one direction of the checks only");
	if (i->connect_us != CDR_NO_US && i->connect_us > SLOW_US)
		cdr_find(cdr, "ice-slow", "warning", NULL,
			 "it took %.1f s from the first check to a connection",
			 (double)i->connect_us / 1e6);
	if (i->role_conflicts)
		cdr_find(cdr, "ice-role-conflict", "notice", NULL,
			 "both sides took the same role %llu times",
			 (unsigned long long)i->role_conflicts);
	if (i->generation > 1)
		cdr_find(cdr, "ice-restart", "notice", NULL,
			 "ICE was restarted: generation %u", i->generation);
}

static void ice_pairs(struct cdr *cdr, const struct cdr_ice *i)
{
	char a[ADDR_TEXT], b[ADDR_TEXT];

	for (size_t n = 0; n < i->pairs_n; n++) {
		const struct cdr_ice_pair *p = &i->pairs[n];

		if (p->selected &&
		    (p->via_relay || cdr_is(p->local_type, "relay") ||
		     cdr_is(p->remote_type, "relay")))
			cdr_find(cdr, "relay", "notice", NULL,
				 "media goes through a relay: %s - %s",
				 text_of(&p->local, a), text_of(&p->remote, b));
		if (p->consent_lost)
			cdr_find(cdr, "consent-lost", "error", NULL,
				 "checks on %s - %s, which had worked, got no "
				 "answers any more",
				 text_of(&p->local, a), text_of(&p->remote, b));
	}
}

/* --- DTLS -------------------------------------------------------------- */

static void dtls_outcome(struct cdr *cdr, const struct cdr_dtls *d)
{
	char client[ADDR_TEXT];

	text_of(&d->client, client);
	if (cdr_is(d->state, "failed"))
		cdr_find(cdr, "dtls-failed", "error", NULL,
			 "the handshake that %s began was refused: %.*s",
			 client, SLICE_ARG(d->alert));
	else if (cdr_is(d->state, "unfinished") && d->started)
		cdr_find(cdr, "dtls-unfinished", "error", NULL,
			 "the handshake that %s began was never finished",
			 client);
	if (d->handshake_us != CDR_NO_US && d->handshake_us > DTLS_SLOW_US)
		cdr_find(cdr, "dtls-slow", "warning", NULL,
			 "the handshake took %.1f s, %llu flights were sent "
			 "again",
			 (double)d->handshake_us / 1e6,
			 (unsigned long long)d->retransmissions);
}

static void dtls_identity(struct cdr *cdr, const struct cdr_dtls *d)
{
	if (cdr_is(d->fingerprint_match, "false"))
		cdr_find(cdr, "fingerprint-mismatch", "error", NULL,
			 "a certificate is not the one that a=fingerprint "
			 "promised: somebody is in between, or changed the "
			 "description");
	if (cdr_is(d->setup_match, "false"))
		cdr_find(cdr, "setup-mismatch", "warning", NULL,
			 "the DTLS client is not the side that a=setup named");
	if (cdr_is(d->key_state, "wrong"))
		cdr_find(cdr, "keys-wrong", "error", NULL,
			 "the secrets of the key log do not fit this "
			 "handshake");
}

static void dtls_hidden(struct cdr *cdr)
{
	const struct cdr_call *call = &cdr->call;

	for (size_t i = 0; i < call->dtls_n; i++) {
		const struct cdr_dtls *d = &call->dtls[i];

		if (!cdr_is(d->version, "1.3") || d->srtp_profile.p ||
		    !d->finished)
			continue;
		cdr_find(cdr, "dtls-hidden", "notice", NULL,
			 "DTLS 1.3 encrypts certificate and SRTP profile: "
			 "without keys they are not known");
		return;
	}
}

/* --- TURN -------------------------------------------------------------- */

static void turn(struct cdr *cdr, const struct cdr_turn *t)
{
	char client[ADDR_TEXT], server[ADDR_TEXT];

	text_of(&t->client, client);
	text_of(&t->server, server);
	if (!t->created && t->error != CDR_NO_U32)
		cdr_find(cdr, "turn-failed", "error", NULL,
			 "%s got no allocation from %s: error %u", client,
			 server, t->error);
	else if (t->error != CDR_NO_U32)
		cdr_find(cdr, "turn-error", "warning", NULL,
			 "%s was refused a request by %s: error %u", client,
			 server, t->error);
	if (cdr_is(t->integrity, "wrong"))
		cdr_find(cdr, "turn-password", "warning", NULL,
			 "%.*s at %s used another password than the one that "
			 "is configured here",
			 SLICE_ARG(t->username), server);
	for (size_t i = 0; i < t->permissions_n; i++)
		if (t->permissions[i].error != CDR_NO_U32)
			cdr_find(cdr, "turn-denied", "warning", NULL,
				 "%s does not relay to %.*s: error %u", server,
				 SLICE_ARG(t->permissions[i].peer),
				 t->permissions[i].error);
	for (size_t i = 0; i < t->channels_n; i++)
		if (t->channels[i].error != CDR_NO_U32)
			cdr_find(cdr, "turn-denied", "warning", NULL,
				 "%s gives no channel to %s: error %u", server,
				 text_of(&t->channels[i].peer, client),
				 t->channels[i].error);
}

/* --- NAT --------------------------------------------------------------- */

static bool is_symmetric(const struct cdr_nat *n)
{
	return cdr_is(n->class, "apdm") || cdr_is(n->class, "adm-or-apdm");
}

static bool has_relay(const struct cdr_call *call)
{
	for (size_t i = 0; i < call->ice_n; i++)
		for (size_t c = 0; c < call->ice[i].candidates_n; c++)
			if (cdr_is(call->ice[i].candidates[c].type, "relay"))
				return true;
	return false;
}

/* Each side is one client, whatever its sockets. */
static void nat(struct cdr *cdr)
{
	const struct cdr_call *call = &cdr->call;
	const struct cdr_nat *first = NULL;

	for (size_t i = 0; i < call->nat_n; i++) {
		const struct cdr_nat *n = &call->nat[i];

		if (!is_symmetric(n))
			continue;
		if (!first) {
			first = n;
		} else if (!addr_ip_eq(&first->addr, &n->addr) &&
			   !has_relay(call)) {
			cdr_find(cdr, "nat-symmetric", "warning", NULL,
				 "both sides are behind NATs that map each "
				 "destination anew, and there is no relay: "
				 "they cannot reach each other");
			return;
		}
	}
}

/* --- SRTP -------------------------------------------------------------- */

/* A payload type that no m-line of the answers has. */
static bool negotiated(const struct cdr_call *call, const struct cdr_stream *s)
{
	bool any = false;

	for (size_t i = 0; i < call->offers_n; i++) {
		const struct cdr_offer *o = &call->offers[i];

		for (size_t m = 0; o->answered && m < o->media_n; m++)
			for (size_t c = 0; c < o->media[m].negotiated.n; c++) {
				struct slice name;

				slice_cut(o->media[m].negotiated.v[c], '/',
					  &name, &(struct slice){0});
				if (slice_ieq(name, s->codec))
					return true;
				any = true;
			}
	}
	return !any;
}

/* Wrong keys must not pass for silence. */
static void keys(struct cdr *cdr, const struct cdr_stream *s)
{
	if (cdr_is(s->key_state, "wrong"))
		cdr_find(cdr, "srtp-keys-wrong", "error", s->sender,
			 "the keys that are known open no packet of 0x%08x",
			 s->ssrc);
	else if (cdr_is(s->key_state, "partly"))
		cdr_find(cdr, "srtp-keys-wrong", "warning", s->sender,
			 "the keys that are known open %llu of %llu packets of "
			 "0x%08x",
			 (unsigned long long)s->opened,
			 (unsigned long long)s->packets, s->ssrc);
	else if (cdr_is(s->key_state, "unsupported"))
		cdr_find(cdr, "srtp-unsupported", "notice", s->sender,
			 "callscope cannot open SRTP of %s",
			 s->srtp ? s->srtp : "this kind");
}

static void streams(struct cdr *cdr)
{
	const struct cdr_call *call = &cdr->call;

	for (size_t i = 0; i < call->streams_n; i++) {
		const struct cdr_stream *s = &call->streams[i];

		keys(cdr, s);
		if (s->codec.p && s->hop == 1 && !negotiated(call, s))
			cdr_find(cdr, "codec-not-negotiated", "warning",
				 s->sender,
				 "%.*s is sent, which the answer "
				 "does not have",
				 SLICE_ARG(s->codec));
	}
}

static void offers(struct cdr *cdr)
{
	const struct cdr_call *call = &cdr->call;

	for (size_t i = 0; i < call->offers_n; i++)
		if (cdr_is(call->offers[i].state, "glare"))
			cdr_find(cdr, "glare", "notice", call->offers[i].by,
				 "both sides made an offer at once");
}

void cdr_diagnose_rtc(struct cdr *cdr)
{
	const struct cdr_call *call = &cdr->call;

	for (size_t i = 0; i < call->ice_n; i++) {
		ice_result(cdr, &call->ice[i]);
		ice_pairs(cdr, &call->ice[i]);
	}
	for (size_t i = 0; i < call->dtls_n; i++) {
		dtls_outcome(cdr, &call->dtls[i]);
		dtls_identity(cdr, &call->dtls[i]);
	}
	dtls_hidden(cdr);
	for (size_t i = 0; i < call->turn_n; i++)
		turn(cdr, &call->turn[i]);
	nat(cdr);
	streams(cdr);
	offers(cdr);
}
