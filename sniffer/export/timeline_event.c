/* Reports, checks and handshakes, as they passed. */
#include <math.h>
#include <stdlib.h>

#include "sniffer/export/timeline_priv.h"

/* Room for one more of n; *v stays what it was without memory. */
static bool room(struct events *e, void **v, size_t n, size_t size)
{
	void *more;

	if (n == TIMELINE_EVENTS)
		goto full;
	if (n & (n - 1))
		return true;
	more = realloc(*v, (n ? n * 2 : 1) * size);
	if (!more)
		goto full;
	*v = more;
	return true;
full:
	e->truncated = true;
	return false;
}

void events_report(struct events *e, const struct media_reported *r)
{
	void *v = e->report;

	if (!room(e, &v, e->reports, sizeof(*e->report)))
		return;
	e->report = v;
	e->report[e->reports++] = (struct event_report){
		.ns = r->ts_ns,
		.from = *r->from,
		.to = *r->to,
		.type = r->type,
		.serial = r->serial,
		.ssrc = r->ssrc,
		.has_block = r->has_block,
		.fraction_lost_pct = r->fraction_lost_pct,
		.jitter_ticks = r->jitter_ticks,
		.rtt_ms = r->rtt_ms,
		.lost = r->lost,
	};
}

static void on_check(void *arg, const struct engine_check *c)
{
	struct events *e = &((struct timeline *)arg)->events;
	struct event_check *to;
	void *v = e->check;

	if (!room(e, &v, e->checks, sizeof(*e->check)))
		return;
	e->check = v;
	to = &e->check[e->checks++];
	*to = (struct event_check){
		.ns = c->ts_ns,
		.sender = (uint8_t)c->sender,
		.use_candidate = c->use_candidate,
		.code = (uint16_t)c->code,
		.kind = c->kind,
	};
	for (size_t i = 0; i < 2; i++) {
		to->ufrag[i] = arena_keep(e->mem, c->ufrag[i]);
		to->end[i] = *c->end[i];
	}
}

static void on_dtls(void *arg, const struct engine_dtls_seen *d)
{
	struct events *e = &((struct timeline *)arg)->events;
	void *v = e->dtls;

	if (!room(e, &v, e->dtls_n, sizeof(*e->dtls)))
		return;
	e->dtls = v;
	e->dtls[e->dtls_n++] = (struct event_dtls){
		d->ts_ns, {*d->end[0], *d->end[1]}, d->what};
}

const struct engine_watch timeline_engine_watch = {
	.check = on_check,
	.dtls = on_dtls,
};

void events_free(struct events *e)
{
	arena_free(e->mem);
	free(e->report);
	free(e->check);
	free(e->dtls);
}

/* --- reports -------------------------------------------------------------- */

/* What came before its stream did is found by addresses. */
static const struct cdr_stream *stream_of(const struct cdr *cdr,
					  const struct event_report *r)
{
	const struct cdr_call *call = cdr ? &cdr->call : NULL;

	for (size_t i = 0; call && r->has_block && i < call->streams_n; i++) {
		const struct cdr_stream *s = &call->streams[i];

		if (r->serial ? s->serial == r->serial
			      : s->ssrc == r->ssrc &&
					addr_ip_eq(&s->src, &r->to) &&
					addr_ip_eq(&s->dst, &r->from))
			return s;
	}
	return NULL;
}

static void put_addr(struct outbuf *b, const char *key, const struct addr *a)
{
	outbuf_str(b, key);
	outbuf_addr(b, a);
	outbuf_char(b, '"');
}

static void put_report(struct outbuf *b, const struct event_report *r,
		       const struct cdr *cdr, uint64_t origin_ns)
{
	const struct cdr_stream *s = stream_of(cdr, r);
	bool clock = s && s->clock_rate && s->clock_rate != CDR_NO_U32;

	outbuf_str(b, "{\"t\":");
	timeline_put_ms(b, origin_ns, r->ns);
	put_addr(b, ",\"src\":\"", &r->from);
	put_addr(b, ",\"dst\":\"", &r->to);
	outbuf_str(b, ",\"type\":\"");
	outbuf_str(b, r->type);
	outbuf_str(b, "\",\"stream_uid\":");
	timeline_put_uid(b, s ? s->stream_uid : NULL);
	outbuf_str(b, ",\"fraction_lost_pct\":");
	timeline_put_number(b, r->fraction_lost_pct);
	outbuf_str(b, ",\"lost\":");
	if (r->lost == CDR_NO_US)
		outbuf_str(b, "null");
	else
		outbuf_i64(b, r->lost);
	outbuf_str(b, ",\"jitter_ms\":");
	timeline_put_number(b, clock ? r->jitter_ticks * 1000 / s->clock_rate
				     : NAN);
	outbuf_str(b, ",\"rtt_ms\":");
	timeline_put_number(b, r->rtt_ms);
	outbuf_char(b, '}');
}

/* --- checks --------------------------------------------------------------- */

/* Where a check belongs in the record; turned: agent 0 is b. */
struct place {
	size_t ice, pair;
	bool found, paired, turned;
};

static bool is_exchange(const struct cdr_ice *i, const struct event_check *c,
			bool turned)
{
	return slice_eq(i->a, c->ufrag[turned]) &&
	       slice_eq(i->b, c->ufrag[!turned]);
}

static void find_pair(const struct cdr_ice *i, const struct event_check *c,
		      struct place *p)
{
	for (p->pair = 0; p->pair < i->pairs_n; p->pair++) {
		const struct cdr_ice_pair *row = &i->pairs[p->pair];

		if (addr_eq(&row->local, &c->end[p->turned]) &&
		    addr_eq(&row->remote, &c->end[!p->turned])) {
			p->paired = true;
			return;
		}
	}
}

/* Exchanges without candidates and pairs are not stored (stored.h): they do
 * not count. */
static struct place place_of(const struct cdr *cdr, const struct event_check *c)
{
	const struct cdr_call *call = cdr ? &cdr->call : NULL;
	struct place p = {0};

	for (size_t n = 0; call && n < call->ice_n; n++) {
		const struct cdr_ice *i = &call->ice[n];

		p.turned = is_exchange(i, c, true);
		p.found = p.turned || is_exchange(i, c, false);
		if (p.found) {
			find_pair(i, c, &p);
			return p;
		}
		p.ice += i->candidates_n || i->pairs_n;
	}
	return p;
}

static void put_index(struct outbuf *b, bool known, size_t n)
{
	if (known)
		outbuf_u64(b, n);
	else
		outbuf_str(b, "null");
}

static void put_check(struct outbuf *b, const struct event_check *c,
		      const struct cdr *cdr, uint64_t origin_ns)
{
	struct place p = place_of(cdr, c);

	outbuf_str(b, "{\"t\":");
	timeline_put_ms(b, origin_ns, c->ns);
	outbuf_str(b, ",\"ice\":");
	put_index(b, p.found, p.ice);
	outbuf_str(b, ",\"pair\":");
	put_index(b, p.paired, p.pair);
	outbuf_str(b, (c->sender == 0) != p.turned ? ",\"dir\":\"ab\""
						   : ",\"dir\":\"ba\"");
	outbuf_str(b, ",\"kind\":\"");
	outbuf_str(b, c->kind);
	outbuf_str(b, "\",\"code\":");
	put_index(b, c->code != 0, c->code);
	outbuf_str(b, c->use_candidate ? ",\"use_candidate\":true}"
				       : ",\"use_candidate\":false}");
}

/* --- DTLS ----------------------------------------------------------------- */

static bool between(const struct cdr_dtls *d, const struct event_dtls *x)
{
	return (addr_eq(&d->client, &x->end[0]) &&
		addr_eq(&d->server, &x->end[1])) ||
	       (addr_eq(&d->client, &x->end[1]) &&
		addr_eq(&d->server, &x->end[0]));
}

/* The latest that had begun by then between these ends. */
static bool handshake_of(const struct cdr *cdr, const struct event_dtls *x,
			 size_t *n)
{
	bool found = false;

	for (size_t i = 0; cdr && i < cdr->call.dtls_n; i++) {
		const struct cdr_dtls *d = &cdr->call.dtls[i];

		if (!between(d, x) || (found && d->started > x->ns))
			continue;
		*n = i;
		found = true;
	}
	return found;
}

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* client_hello becomes ClientHello, the names of the RFCs. */
static void put_name(struct outbuf *b, const char *what)
{
	bool begins = true;

	if (what[0] < 'a' || what[0] > 'z' || strchr(what, ' ') ||
	    !strcmp(what, "alert")) {
		outbuf_str(b, what);
		return;
	}
	for (; *what; what++) {
		if (*what != '_')
			outbuf_char(b, begins ? upper(*what) : *what);
		begins = *what == '_';
	}
}

static void put_dtls(struct outbuf *b, const struct event_dtls *x,
		     const struct cdr *cdr, uint64_t origin_ns)
{
	size_t n = 0;
	bool known = handshake_of(cdr, x, &n);

	outbuf_str(b, "{\"t\":");
	timeline_put_ms(b, origin_ns, x->ns);
	outbuf_str(b, ",\"dtls\":");
	put_index(b, known, n);
	outbuf_str(b, ",\"what\":\"");
	put_name(b, x->what);
	outbuf_str(b, "\"}");
}

/* --- all of it ------------------------------------------------------------ */

void events_put(struct outbuf *b, const struct events *e, const struct cdr *cdr,
		uint64_t origin_ns)
{
	outbuf_str(b, "\"rtcp\":[");
	for (size_t i = 0; i < e->reports; i++) {
		outbuf_str(b, i ? "," : "");
		put_report(b, &e->report[i], cdr, origin_ns);
	}
	outbuf_str(b, "],\"checks\":[");
	for (size_t i = 0; i < e->checks; i++) {
		outbuf_str(b, i ? "," : "");
		put_check(b, &e->check[i], cdr, origin_ns);
	}
	outbuf_str(b, "],\"dtls\":[");
	for (size_t i = 0; i < e->dtls_n; i++) {
		outbuf_str(b, i ? "," : "");
		put_dtls(b, &e->dtls[i], cdr, origin_ns);
	}
	outbuf_char(b, ']');
}
