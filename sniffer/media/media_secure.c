/* SRTP of a flow: its keys, which of its streams may be protected, SRTCP. */
#include <errno.h>
#include <stdlib.h>

#include "sniffer/media/media_priv.h"

enum {
	SRTCP_BYTES = 32 * 1024, /* of one flow that wait for a key */
	LAST_TRIES = 4,		 /* packets, when no more come */
};

struct media_secure {
	struct keyring *ring[2]; /* by direction; NULL: no keys */
	struct opener rtcp[2];
	struct hold srtcp; /* of both directions, in order of arrival */
	bool looking;	   /* keys may be there for what is held */
};

static struct media_secure *secure_of(struct media_flow *f)
{
	struct media *m = f->group->media;
	struct media_secure *c = f->secure;

	if (c)
		return c;
	c = calloc(1, sizeof(*c));
	if (!c) {
		counters_add(m->counters, "media.no_memory", 1);
		return NULL;
	}
	hold_init(&c->srtcp, &m->env.hold, m->env.hold_bytes ? SRTCP_BYTES : 0,
		  MEDIA_SRTCP, "rtcp.unreadable");
	m->bytes += sizeof(*c);
	return f->secure = c;
}

void media_secure_free(struct media_flow *f)
{
	struct media *m = f->group->media;
	struct media_secure *c = f->secure;

	if (!c)
		return;
	hold_drop(&c->srtcp);
	for (int dir = 0; dir < 2; dir++) {
		if (c->ring[dir])
			m->bytes -= sizeof(*c->ring[dir]);
		keyring_free(c->ring[dir]);
	}
	m->bytes -= sizeof(*c);
	free(c);
	f->secure = NULL;
}

/* --- keys -------------------------------------------------------------- */

/* A key for any stream is tried where nobody said that it is plain RTP. */
static bool may_be_any(const struct desc *d)
{
	return !d || d->srtp[0] || !(d->lines_n || d->n);
}

static struct keyring *ring_of(struct media_flow *f, unsigned dir)
{
	struct media *m = f->group->media;
	struct media_secure *c = secure_of(f);

	if (!c)
		return NULL;
	if (!c->ring[dir]) {
		c->ring[dir] = keyring_new(&m->keys);
		if (!c->ring[dir]) {
			counters_add(m->counters, "media.no_memory", 1);
			return NULL;
		}
		m->bytes += sizeof(*c->ring[dir]);
	}
	c->ring[dir]->any = may_be_any(f->descs.dir[dir]);
	return c->ring[dir];
}

/* The ring of a direction when it has a key for this SSRC, or a reason to be
 * there; NULL else. */
static struct keyring *ring_for(struct media_flow *f, unsigned dir,
				uint32_t ssrc)
{
	const struct media *m = f->group->media;

	if ((f->secure && f->secure->ring[dir]) ||
	    key_store_count(&m->keys, ssrc) ||
	    (m->keys.any_n && may_be_any(f->descs.dir[dir])))
		return ring_of(f, dir);
	return NULL;
}

void media_secure_stream(struct media_flow *f, struct stream *s)
{
	struct media *m = f->group->media;
	struct keyring *r;

	if (!f->secure && !m->keys.n && !m->keys.any_n)
		return;
	r = ring_for(f, s->dir, s->ssrc);
	if (!(r && keyring_candidates(r, s->ssrc)) &&
	    !desc_secure(f->descs.dir[s->dir]))
		return;
	if (!stream_secure(s, r))
		counters_add(m->counters, "media.no_memory", 1);
}

int media_flow_key(struct media_flow *f, unsigned dir,
		   const struct media_key *k)
{
	struct keyring *r = ring_of(f, dir);
	int err;

	if (!r)
		return -ENOMEM;
	err = keyring_add(r, k);
	if (err == -ENOSPC)
		counters_add(f->group->media->counters, "media.key_limit", 1);
	if (err == -ENOTSUP)
		return err;
	f->keys_generation = 0; /* the next packet looks at it */
	return 0;
}

int media_key_add(struct media *m, const struct media_key *k)
{
	int err = key_store_add(&m->keys, k);

	if (err == -EEXIST)
		return 0;
	if (err == -ENOSPC)
		counters_add(m->counters, "media.key_limit", 1);
	if (!err && !++m->keys_generation)
		m->keys_generation = 1;
	return err;
}

static void key_line(void *arg, const struct media_key *k)
{
	media_key_add(arg, k);
}

size_t media_keys_text(struct media *m, struct slice lines, const char **why)
{
	struct srtp_keys text = {0};

	srtp_keys_feed(&text, lines, key_line, m);
	srtp_keys_end(&text, key_line, m);
	if (text.bad)
		counters_add(m->counters, "keys.bad_srtp_line", text.bad);
	*why = text.why;
	return (size_t)text.bad_line;
}

void media_flow_encrypted_ext(struct media_flow *f, unsigned dir,
			      const uint8_t *ids, size_t n)
{
	struct keyring *r = ring_of(f, dir);

	if (r)
		keyring_ext_ids(r, ids, n);
}

/* --- SRTCP ------------------------------------------------------------- */

/* RFC 3711, 3.4: the sender's SSRC is clear. */
static uint32_t sender(struct slice packet)
{
	struct cursor c = cursor_of(slice_from(packet, 4));

	return cursor_u32(&c);
}

static enum opener_result open_rtcp(struct media_flow *f, unsigned dir,
				    struct slice in, bool last,
				    struct slice *plain)
{
	struct opener_job j = {
		.in = in, .ssrc = sender(in), .rtcp = true, .last = last};
	enum opener_result res;

	j.ring = ring_for(f, dir, j.ssrc);
	j.room = stream_room(&f->group->media->env);
	if (!j.ring || !j.room)
		return OPENER_CLOSED;
	res = opener_open(&f->secure->rtcp[dir], &j);
	*plain = j.plain;
	return res;
}

/* What waits is read as far as there are keys, in order of arrival. */
static void release(struct media_flow *f, bool last)
{
	struct hold *waiting = &f->secure->srtcp;
	struct slice plain;
	struct held *h;

	for (uint32_t n = waiting->n, i = 0; n; n--) {
		h = hold_take(waiting);
		if (last && i++ < LAST_TRIES)
			opener_look_again(&f->secure->rtcp[h->mark]);
		switch (open_rtcp(f, h->mark, slice_of(h->data, h->len), last,
				  &plain)) {
		case OPENER_OPENED:
		case OPENER_FOUND:
			media_rtcp_read(f, h->mark, h->ts_ns, plain);
			free(h);
			break;
		case OPENER_SEEN:
			free(h);
			break;
		case OPENER_CLOSED:
			hold_again(waiting, h);
		}
	}
}

static bool hold_back(struct media_flow *f, unsigned dir,
		      const struct media_pkt *p)
{
	struct media_secure *c = f->secure;
	struct held head = {.ts_ns = p->ts_ns, .mark = (uint8_t)dir};

	if (c->rtcp[dir].begun)
		counters_add(f->group->media->counters, "srtp.rtcp_auth_failed",
			     1);
	return desc_holds(f->descs.dir[dir]) &&
	       hold_put(&c->srtcp, &head, p->payload);
}

static unsigned mki_len(const struct media_flow *f, unsigned dir)
{
	const struct keyring *r = f->secure->ring[dir];

	return r && r->n ? r->key[r->n - 1].mki_len : 0;
}

bool media_secure_rtcp(struct media_flow *f, unsigned dir,
		       const struct media_pkt *p)
{
	const struct media *m = f->group->media;
	struct slice plain;

	if ((!f->secure && !m->keys.n && !m->keys.any_n) || !secure_of(f) ||
	    p->payload.len < p->payload_wire)
		return false;
	if (srtcp_clear(p->payload, mki_len(f, dir), &plain)) {
		media_rtcp_read(f, dir, p->ts_ns, plain);
		return true;
	}
	switch (open_rtcp(f, dir, p->payload, false, &plain)) {
	case OPENER_OPENED:
	case OPENER_FOUND:
		media_rtcp_read(f, dir, p->ts_ns, plain);
		return true;
	case OPENER_SEEN:
		return true;
	case OPENER_CLOSED:
		break;
	}
	return hold_back(f, dir, p);
}

/* --- changes and the end ----------------------------------------------- */

void media_secure_look(struct media_flow *f)
{
	f->keys_generation = f->group->media->keys_generation;
	for (unsigned dir = 0; dir < 2; dir++) {
		if (desc_secure(f->descs.dir[dir]))
			secure_of(f);
		if (f->secure && f->secure->ring[dir])
			ring_of(f, dir);
		for (struct stream *s = f->streams[dir]; s; s = s->next)
			media_secure_stream(f, s);
	}
	if (f->secure)
		release(f, false);
}

void media_secure_end(struct media_flow *f)
{
	media_secure_new_keys(f);
	for (unsigned dir = 0; dir < 2; dir++)
		for (struct stream *s = f->streams[dir]; s; s = s->next)
			stream_secure_end(s);
	if (!f->secure)
		return;
	release(f, true);
	hold_drop(&f->secure->srtcp);
}
