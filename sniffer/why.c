#include "sniffer/why.h"

static void line(FILE *to, uint64_t n, const char *what)
{
	if (n)
		fprintf(to, "  %10llu  %s\n", (unsigned long long)n, what);
}

static void kinds(FILE *to, const struct why *w)
{
	const struct engine_stats *e = w->engine;

	fputs("packets by kind:\n", to);
	line(to, e->sip, "SIP messages");
	line(to, e->rtp, "RTP");
	line(to, e->rtcp, "RTCP");
	line(to, e->stun, "STUN, TURN among them");
	line(to, e->dtls, "DTLS");
	line(to, e->tls, "TLS");
	line(to, e->other - e->tls, "other UDP, TCP or SCTP, and no IP at all");
	for (size_t i = 0; i < w->decode->other.len; i++)
		fprintf(to, "  %10llu    of them: %s\n",
			(unsigned long long)w->decode->other.v[i].n,
			w->decode->other.v[i].name);
}

static void undecoded(FILE *to, const struct decode_stats *d)
{
	for (size_t i = 0; i < d->undecoded_len; i++)
		fprintf(to,
			"%llu packets have link type %u, which callscope "
			"cannot decode\n",
			(unsigned long long)d->undecoded[i].frames,
			d->undecoded[i].linktype);
}

static void locked(FILE *to, const struct why *w)
{
	uint64_t n = counters_get(w->counters, "tls.no_key");

	if (n)
		fprintf(to,
			"%llu TLS connections have no key: SIP or other "
			"signalling in them is read with --keys FILE, the key "
			"log of a client or server\n",
			(unsigned long long)n);
}

/* A tap that sees requests but no responses, or the other way about, still
 * makes calls; here there was not even one. */
static void signs(FILE *to, const struct why *w)
{
	const struct engine_stats *e = w->engine;
	uint64_t stray = counters_get(w->counters, "sip.stray");

	if (w->decode->cut)
		fprintf(to,
			"%llu packets were cut by the snap length of the "
			"capture: record with -s 0\n",
			(unsigned long long)w->decode->cut);
	locked(to, w);
	if (e->sip && !e->calls && !stray)
		fputs("there is SIP, but no INVITE: registrations and other "
		      "requests have their own records in the report\n",
		      to);
	if (stray)
		fprintf(to,
			"%llu messages belong to calls of which nothing else "
			"was seen: does the tap show one direction only?\n",
			(unsigned long long)stray);
	if (e->rtp && !e->sip)
		fputs("there is RTP without SIP: does the tap see the "
		      "signalling?\n",
		      to);
}

static void faults(FILE *to, const struct counters *c)
{
	if (!c->len)
		return;
	fputs("refused or damaged, by name:\n", to);
	for (size_t i = 0; i < c->len; i++)
		line(to, c->v[i].n, c->v[i].name);
}

void why_no_calls(FILE *to, const struct why *w)
{
	const struct engine_stats *e = w->engine;

	if (e->sessions)
		fprintf(to, "no calls found, but %llu session%s\n",
			(unsigned long long)e->sessions,
			e->sessions == 1 ? "" : "s");
	else
		fputs("no calls found\n", to);
	if (e->webrtc) {
		locked(to, w);
		return;
	}
	if (!w->source->frames && w->source->filtered) {
		fprintf(to,
			"the filter \"%s\" let none of %llu packets "
			"through\n",
			w->filter ? w->filter : "",
			(unsigned long long)w->source->filtered);
		return;
	}
	if (!w->source->frames && w->filter) {
		/* The kernel does not tell what it left out. */
		fprintf(to, "no packet matched the filter \"%s\"\n", w->filter);
		return;
	}
	if (!w->source->frames) {
		fputs("there were no packets at all\n", to);
		return;
	}
	kinds(to, w);
	undecoded(to, w->decode);
	signs(to, w);
	faults(to, w->counters);
	if (w->source->filtered)
		fprintf(to, "the filter refused %llu packets\n",
			(unsigned long long)w->source->filtered);
}
