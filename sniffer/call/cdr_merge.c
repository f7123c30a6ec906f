/* The record as a whole: rows of both parts, none twice. */
#include "sniffer/call/cdr_merge.h"

#include <stdlib.h>

/* A key whose repeats were cut in two goes on within this. */
#define KEY_SLACK_US 100000

static bool same_name(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* --- messages ------------------------------------------------------------ */

static bool same_message(const struct cdr_message *a,
			 const struct cdr_message *b)
{
	return a->time == b->time && a->cseq == b->cseq &&
	       a->status == b->status && a->len == b->len &&
	       addr_eq(&a->src, &b->src) && addr_eq(&a->dst, &b->dst) &&
	       slice_eq(a->method, b->method);
}

/* The usual case: all that was there before is there again. */
static bool begins_with(const struct cdr_call *c, const struct cdr_call *b)
{
	if (c->messages_n < b->messages_n)
		return false;
	for (size_t i = 0; i < b->messages_n; i++)
		if (!same_message(&c->messages[i], &b->messages[i]))
			return false;
	return true;
}

static uint32_t place_of(const struct cdr_message *v, size_t n,
			 const struct cdr_message *m)
{
	for (size_t i = 0; i < n; i++)
		if (same_message(&v[i], m))
			return (uint32_t)i;
	return CDR_NO_U32;
}

/* Where the limits of what is gone through again left some out: the earlier
 * ones, then what they lack. */
static void messages(struct cdr *cdr, const struct cdr_call *b)
{
	struct cdr_call *c = &cdr->call;
	size_t n = b->messages_n, had = c->messages_n;
	struct cdr_message *v;

	if (begins_with(c, b))
		return;
	v = arena_alloc(cdr->mem, (n + c->messages_n) * sizeof(*v));
	if (!v)
		return;
	memcpy(v, b->messages, n * sizeof(*v));
	for (size_t i = 0; i < c->messages_n; i++) {
		const struct cdr_message *m = &c->messages[i];

		if (place_of(v, b->messages_n, m) != CDR_NO_U32)
			continue;
		v[n] = *m;
		if (m->copy_of < c->messages_n)
			v[n].copy_of = place_of(v, n, &c->messages[m->copy_of]);
		n++;
	}
	c->messages = v;
	c->messages_n = n;
	cdr->packets += n - had;
}

/* --- streams ------------------------------------------------------------- */

static bool same_stream(const struct cdr_stream *a, const struct cdr_stream *b)
{
	return a->ssrc == b->ssrc && addr_eq(&a->src, &b->src) &&
	       addr_eq(&a->dst, &b->dst) && a->has_turn == b->has_turn &&
	       (!a->has_turn || addr_eq(&a->turn.peer, &b->turn.peer));
}

/* Several may share all that: the latest goes on. */
static const struct cdr_stream *earlier(const struct cdr_call *b,
					const struct cdr_stream *s)
{
	for (size_t i = b->streams_n; i-- > 0;)
		if (same_stream(&b->streams[i], s))
			return &b->streams[i];
	return NULL;
}

/* The keys pressed on a stream name it. */
static void rename_keys(struct cdr_call *c, const char *from,
			const struct cdr_stream *to)
{
	for (size_t i = 0; i < c->dtmf_n; i++)
		if (slice_eq(c->dtmf[i].stream, slice_str(from)))
			c->dtmf[i].stream = slice_str(to->stream_uid);
}

static void streams(struct cdr *cdr, const struct cdr_call *b)
{
	struct cdr_call *c = &cdr->call;
	size_t n = c->streams_n;
	struct cdr_stream *v;
	bool *used;

	if (!b->streams_n)
		return;
	v = arena_alloc(cdr->mem, (n + b->streams_n) * sizeof(*v));
	used = arena_alloc(cdr->mem, b->streams_n * sizeof(*used));
	if (!v || !used)
		return;
	if (n)
		memcpy(v, c->streams, n * sizeof(*v));
	for (size_t i = 0; i < c->streams_n; i++) {
		const struct cdr_stream *was = earlier(b, &v[i]);

		if (!was || used[was - b->streams])
			continue;
		used[was - b->streams] = true;
		rename_keys(c, v[i].stream_uid, was);
		cdr_merge_stream(&v[i], was, cdr->mem);
	}
	for (size_t i = 0; i < b->streams_n; i++)
		if (!used[i])
			v[n++] = b->streams[i];
	qsort(v, n, sizeof(*v), cdr_stream_order);
	c->streams = v;
	c->streams_n = n;
}

/* --- keys pressed -------------------------------------------------------- */

static uint32_t ssrc_of(const struct cdr_call *c, struct slice uid)
{
	for (size_t i = 0; i < c->streams_n; i++)
		if (slice_eq(slice_str(c->streams[i].stream_uid), uid))
			return c->streams[i].ssrc;
	return 0;
}

/* x began before the cut, and y is what came of it behind, or at a later hop:
 * the length that RFC 4733 tells counts from the beginning. */
static bool goes_on(const struct cdr_call *c, const struct cdr_dtmf *x,
		    const struct cdr_dtmf *y)
{
	return x->stream.p && slice_eq(x->digit, y->digit) &&
	       ssrc_of(c, x->stream) == ssrc_of(c, y->stream) &&
	       y->time > x->time && y->duration_us != CDR_NO_US &&
	       (y->time - x->time) / 1000 <=
		       (uint64_t)y->duration_us + KEY_SLACK_US;
}

/* The first key of its stream in this part. */
static bool leads(const struct cdr_call *c, size_t at)
{
	for (size_t i = 0; i < c->dtmf_n; i++)
		if (i != at &&
		    slice_eq(c->dtmf[i].stream, c->dtmf[at].stream) &&
		    c->dtmf[i].time < c->dtmf[at].time)
			return false;
	return true;
}

/* The key of the part before that y is more of; NULL. */
static struct cdr_dtmf *begun(const struct cdr_call *c, struct cdr_dtmf *v,
			      size_t n, size_t at)
{
	if (!c->dtmf[at].stream.p || !leads(c, at))
		return NULL;
	while (n-- > 0)
		if (goes_on(c, &v[n], &c->dtmf[at]))
			return &v[n];
	return NULL;
}

/* Digits of INFO come with the messages. */
static void keys(struct cdr *cdr, const struct cdr_call *b)
{
	struct cdr_call *c = &cdr->call;
	size_t n = 0, before;
	struct cdr_dtmf *v, *x;

	v = arena_alloc(cdr->mem, (c->dtmf_n + b->dtmf_n + 1) * sizeof(*v));
	if (!v || !b->dtmf_n)
		return;
	for (size_t i = 0; i < b->dtmf_n; i++)
		if (!same_name(b->dtmf[i].via, "info"))
			v[n++] = b->dtmf[i];
	before = n;
	for (size_t i = 0; i < c->dtmf_n; i++) {
		x = begun(c, v, before, i);
		if (!x)
			v[n++] = c->dtmf[i];
		else if (c->dtmf[i].duration_us > x->duration_us)
			x->duration_us = c->dtmf[i].duration_us;
	}
	c->dtmf = v;
	c->dtmf_n = n;
}

/* --- the whole ----------------------------------------------------------- */

/* What only the first part can know of a session, or of a call that had
 * joined others before. */
static void names(struct cdr_call *c, const struct cdr_call *b)
{
	if (b->group_id.p)
		c->group_id = b->group_id;
	if (!c->kind || same_name(b->kind, "webrtc"))
		c->kind = b->kind;
	if (!c->signalling)
		c->signalling = b->signalling;
	if (c->offers_n < b->offers_n) {
		c->offers = b->offers;
		c->offers_n = b->offers_n;
	}
	if (c->dialogs_n < b->dialogs_n) {
		c->dialogs = b->dialogs;
		c->dialogs_n = b->dialogs_n;
	}
	c->shared_media |= b->shared_media;
	c->told |= b->told;
}

void cdr_merge(struct cdr *cdr, const struct cdr *before)
{
	const struct cdr_call *b = &before->call;

	memcpy(cdr->uid, before->uid, sizeof(cdr->uid));
	messages(cdr, b);
	streams(cdr, b);
	keys(cdr, b);
	cdr_merge_rtc(cdr, b);
	names(&cdr->call, b);
	/* What is no message of it: media, and frames that were recorded. */
	if (before->packets > b->messages_n)
		cdr->packets += before->packets - b->messages_n;
	if (before->last_packet > cdr->last_packet)
		cdr->last_packet = before->last_packet;
}

void cdr_merge_take(struct cdr *cdr, struct cdr *before)
{
	cdr_merge(cdr, before);
	arena_adopt(cdr->mem, before->mem);
	before->mem = NULL;
	cdr_free(before);
}
