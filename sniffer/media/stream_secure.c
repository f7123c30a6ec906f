#include "sniffer/media/stream_secure.h"

#include <stdlib.h>

#include "sniffer/media/stream_extra.h"

enum {
	/* RFC 9335, 5: profiles of encrypted header extensions. */
	CRYPTEX_ONE = 0xc0de,
	CRYPTEX_TWO = 0xc2de,
	PARTLY = 10,	/* one in so many that fails makes it "partly" */
	LAST_TRIES = 4, /* packets, when no more come */
	STRAY = 0,	/* no extended number yet: near the one that follows */
};

bool stream_secure(struct stream *s, struct keyring *ring)
{
	struct stream_secure *c = s->secure;

	if (!c) {
		c = calloc(1, sizeof(*c));
		if (!c)
			return false;
		hold_init(&c->hold, &s->env->hold, s->env->hold_bytes,
			  UINT32_MAX, NULL);
		s->secure = c;
		s->secured = true;
		stream_account(s);
	}
	if (ring)
		c->ring = ring;
	return true;
}

void stream_secure_free(struct stream_secure *c)
{
	if (!c)
		return;
	hold_drop(&c->hold);
	free(c);
}

static bool described(const struct stream *s)
{
	return desc_secure(s->descs->dir[s->dir]);
}

/* --- what is counted --------------------------------------------------- */

static void take_bytes(struct stream *s, struct slices_row *row, uint64_t n)
{
	if (n > s->bytes)
		n = s->bytes;
	s->bytes -= n;
	if (row)
		row->bytes -= n < row->bytes ? (uint32_t)n : row->bytes;
}

/* The first packet that was opened tells how long the tags are: the closed
 * ones before it, the latest so far, were counted with theirs. */
static void know_tag(struct stream *s, uint32_t tag)
{
	struct stream_secure *c = s->secure;
	uint64_t left = c->closed;

	if (c->known)
		return;
	c->known = true;
	c->tag = tag;
	for (uint32_t i = s->slices.n; i-- > 0 && left;) {
		struct slices_row *row = &s->slices.v[i];
		uint64_t n = left < row->packets ? left : row->packets;

		take_bytes(s, row, n * tag);
		left -= n;
	}
	take_bytes(s, NULL, left * tag);
}

/* A packet that was counted when it came is read now. */
static void read_late(struct stream *s, const struct held *h, uint64_t ext,
		      struct slice plain)
{
	struct stream_secure *c = s->secure;
	struct stream_arrival a;
	struct rtp sealed, open;
	size_t was, is;
	int pt;

	if (rtp_parse(slice_of(h->data, h->len), &sealed) != PARSE_OK ||
	    rtp_parse(plain, &open) != PARSE_OK)
		return;
	c->opened++;
	c->failed -= h->mark;
	was = sealed.payload.len - c->tag;
	is = stream_unpad(s, &open).len;
	if (was > is && sealed.payload.len > c->tag)
		take_bytes(s, slices_find(&s->slices, h->ts_ns), was - is);
	pt = stream_pt_index(s, open.pt, open.payload);
	if (pt < 0)
		return;
	a = (struct stream_arrival){.ns = h->ts_ns,
				    .ext = ext,
				    .ts = open.ts,
				    .pt = (uint8_t)pt,
				    .marker = open.marker};
	if (codec_tells(&s->pts[pt].codec))
		stream_read(s, h->ts_ns, &open, a.pt);
	if (!rtp_unpad(&open, &open.payload))
		return;
	if (s->env->heard)
		stream_tell(s, &a, &open, open.payload, true);
	if (s->rich)
		stream_extra_payload(s, &a, &open, open.payload);
}

/* --- opening ----------------------------------------------------------- */

static struct opener_job job_of(const struct stream *s, struct slice in,
				uint64_t ext)
{
	return (struct opener_job){.ring = s->secure->ring,
				   .in = in,
				   .room = s->secure->ring ? stream_room(s->env)
							   : NULL,
				   .ssrc = s->ssrc,
				   .ext = ext};
}

static uint64_t number_of(const struct held *h, uint64_t near)
{
	uint16_t number = (uint16_t)(h->data[2] << 8 | h->data[3]);

	if (h->ext != STRAY)
		return h->ext;
	return near + (uint64_t)(int16_t)(uint16_t)(number - (uint16_t)near);
}

/* In order, with the key just found. A gap among them, or a packet that is
 * not genuine, makes the counter be set anew. */
static void release(struct stream *s)
{
	struct stream_secure *c = s->secure;
	bool going = false;
	struct held *h;

	while ((h = hold_take(&c->hold))) {
		struct opener o = c->opener;
		uint64_t ext = number_of(h, o.ext);
		struct opener_job j = job_of(s, slice_of(h->data, h->len), ext);

		if (going)
			going = opener_again(&o, &j);
		if (!going && opener_seek(&c->opener, c->ring, s->ssrc, ext))
			going = opener_again(&o, &j);
		if (going)
			read_late(s, h, ext, j.plain);
		free(h);
	}
}

/* What is held comes before this packet, whose turn is then once more: the
 * room is one. */
static bool key_found(struct stream *s, struct opener_job *j)
{
	struct stream_secure *c = s->secure;

	know_tag(s, (uint32_t)(j->in.len - j->plain.len));
	if (!c->hold.n)
		return true;
	release(s);
	return opener_seek(&c->opener, c->ring, s->ssrc, j->ext) &&
	       opener_again(&c->opener, j);
}

uint8_t *stream_room(struct stream_env *env)
{
	uint8_t *room = pthread_getspecific(env->room);

	if (room)
		return room;
	room = aligned_alloc(64, (SRTP_ROOM + 63) / 64 * 64);
	if (!room || pthread_setspecific(env->room, room)) {
		counters_add(env->counters, "media.no_memory", 1);
		free(room);
		return NULL;
	}
	return room;
}

static bool opened(struct stream *s, struct opener_job *j)
{
	if (!j->room)
		return false;
	if (j->ext == STRAY) /* the next one tells what it is */
		return opener_again(&s->secure->opener, j);
	switch (opener_open(&s->secure->opener, j)) {
	case OPENER_OPENED:
		return true;
	case OPENER_FOUND:
		return key_found(s, j);
	default:
		return false;
	}
}

/* Encrypted together with its header extension (RFC 9335), which libsrtp
 * takes for one in clear: the payload would come out wrong. */
static bool cryptex(struct stream *s, const struct rtp *rtp)
{
	if (rtp->ext_profile != CRYPTEX_ONE && rtp->ext_profile != CRYPTEX_TWO)
		return false;
	counters_add(s->env->counters, "srtp.cryptex", 1);
	s->secure->cryptex = true;
	return true;
}

/* Nothing opened it, so far. */
static void hold_back(struct stream *s, const struct media_pkt *p, uint64_t ext)
{
	struct stream_secure *c = s->secure;
	struct held head = {.ts_ns = p->ts_ns, .ext = ext, .mark = c->known};

	if (c->known) {
		c->failed++;
		counters_add(s->env->counters, "srtp.auth_failed", 1);
	}
	if (desc_holds(s->descs->dir[s->dir]) || c->known ||
	    (c->ring && opener_searching(&c->opener, c->ring, s->ssrc)))
		hold_put(&c->hold, &head, p->payload);
}

static enum payload_state closed(struct stream *s, const struct media_pkt *p,
				 const struct rtp *rtp, uint32_t *bytes)
{
	struct stream_secure *c = s->secure;
	size_t head = p->payload.len - rtp->payload.len + c->tag;

	c->closed += !c->known;
	*bytes = p->payload_wire > head ? p->payload_wire - (uint32_t)head : 0;
	return c->known || described(s) ? PAYLOAD_CLOSED : PAYLOAD_AS_IS;
}

enum payload_state stream_open(struct stream *s, const struct media_pkt *p,
			       struct rtp *rtp, uint64_t ext,
			       enum seq_what what, uint32_t *bytes)
{
	struct opener_job j =
		job_of(s, p->payload, what == SEQ_STRAY ? STRAY : ext);

	j.restart = what == SEQ_RESTART;
	if (p->payload.len < p->payload_wire || cryptex(s, rtp))
		return closed(s, p, rtp, bytes);
	if (!opened(s, &j) || rtp_parse(j.plain, rtp) != PARSE_OK) {
		hold_back(s, p, j.ext);
		return closed(s, p, rtp, bytes);
	}
	s->secure->opened++;
	*bytes = (uint32_t)stream_unpad(s, rtp).len;
	return PAYLOAD_OPENED;
}

static bool find_with(struct stream *s, const struct held *h)
{
	struct stream_secure *c = s->secure;
	struct opener_job j = job_of(s, slice_of(h->data, h->len), h->ext);

	j.last = true;
	opener_look_again(&c->opener);
	switch (opener_open(&c->opener, &j)) {
	case OPENER_OPENED:
		return true;
	case OPENER_FOUND:
		know_tag(s, (uint32_t)(j.in.len - j.plain.len));
		return true;
	default:
		return false;
	}
}

/* Looks for the key with some of what is held: no later packet will do, and
 * not each of them need be genuine. */
static bool find_at_last(struct stream *s)
{
	const struct hold *w = &s->secure->hold;
	uint32_t step = w->n / LAST_TRIES + 1, i = 0;

	for (const struct held *h = w->first; h; h = h->next)
		if (i++ % step == 0 && h->ext != STRAY && find_with(s, h))
			return true;
	return false;
}

void stream_secure_end(struct stream *s)
{
	struct stream_secure *c = s->secure;

	if (!c)
		return;
	if (c->hold.n && c->ring && stream_room(s->env) && find_at_last(s))
		release(s);
	hold_drop(&c->hold);
}

/* --- the report -------------------------------------------------------- */

/* A key named this stream: not just one that may be for anything. */
static bool meant(const struct stream *s)
{
	const struct keyring *r = s->secure->ring;

	return r->n || key_store_count(r->store, s->ssrc);
}

static const char *key_of_opened(const struct stream_secure *c)
{
	if (c->opener.unverified)
		return "unverified";
	return c->failed * PARTLY > c->opened ? "partly" : "ok";
}

/* Of a suite that nothing here opens; AES-192 is opened as libsrtp makes it,
 * which is not how RFC 6188 has it. */
static bool unsupported(const struct stream *s)
{
	const struct desc *d = s->descs->dir[s->dir];
	const struct srtp_suite *suite =
		described(s) ? srtp_suite_find(slice_str(d->srtp)) : NULL;

	if (s->secure->opener.tried)
		return suite && suite->key_len == 24;
	return s->secure->cryptex ||
	       (s->secure->ring && s->secure->ring->unsupported) ||
	       (suite && suite->cipher == SUITE_UNSUPPORTED);
}

static const char *key_state(const struct stream *s)
{
	const struct stream_secure *c = s->secure;

	if (!c)
		return described(s) ? "missing" : NULL;
	if (c->opened)
		return key_of_opened(c);
	if (unsupported(s))
		return "unsupported";
	if (c->opener.tried)
		return described(s) || meant(s) ? "wrong" : NULL;
	return described(s) ? "missing" : NULL;
}

/* As described, unless a key of another suite opened it. */
static const char *suite_name(const struct stream *s, struct arena *mem)
{
	const struct stream_secure *c = s->secure;
	const struct desc *d = s->descs->dir[s->dir];
	const struct srtp_suite *suite =
		c && c->opened ? c->opener.suite : NULL;

	if (suite &&
	    !(described(s) && srtp_suite_find(slice_str(d->srtp)) == suite))
		return suite->name;
	return described(s) ? arena_str(mem, slice_str(d->srtp)) : NULL;
}

void stream_secure_result(const struct stream *s, struct arena *mem,
			  struct cdr_stream *out)
{
	const struct stream_secure *c = s->secure;

	out->srtp = suite_name(s, mem);
	out->key_state = key_state(s);
	out->decrypted = c && c->opened;
	out->opened = c ? c->opened : 0;
	if (out->key_state && !strcmp(out->key_state, "wrong"))
		counters_add(s->env->counters, "srtp.wrong_key", 1);
}
