#include "sniffer/media/opener.h"

#include <limits.h>

enum {
	TRIES = 8,	    /* of one packet, while it looks for a key */
	MAKING = TRIES - 1, /* what a new box costs of them */
	LOST = 8,	    /* fails in a row: all counters are possible */
	PAUSE_RTP = 4,	    /* packets, the first time */
	PAUSE_RTP_MAX = 8192,
	PAUSE_RTCP = 1, /* rare, and soon tried */
	PAUSE_RTCP_MAX = 64,
};

/* The counter that belongs to a number, going by the last one opened. */
static bool roc_of(const struct opener *o, uint64_t ext, uint32_t *roc)
{
	int64_t v = (int64_t)o->roc + (int64_t)(ext >> 16) -
		    (int64_t)(o->ext >> 16);

	*roc = 0;
	if (!o->begun)
		return true;
	if (v < 0 || v > UINT32_MAX)
		return false;
	*roc = (uint32_t)v;
	return true;
}

static enum srtp_result open_with(struct keyring_box *b, struct opener_job *j)
{
	if (j->rtcp)
		return srtp_box_rtcp(b->box, j->in, j->room, &j->plain);
	return srtp_box_rtp(b->box, j->in, j->room, &j->plain);
}

static void begin(struct opener *o)
{
	o->at = o->guess = 0;
	o->deep = o->over = false;
}

static void found(struct opener *o, struct keyring_box *b,
		  const struct opener_job *j)
{
	if (!b->opened) {
		b->opened = true;
		keyring_trim(j->ring);
	}
	o->box = b->id;
	o->begun = true;
	o->suite = b->key.suite;
	o->unverified = b->key.unauthenticated;
	o->ext = j->ext;
	o->fails = 0;
	o->roc = 0;
	if (!j->rtcp)
		srtp_box_knows(b->box, j->ssrc, &o->roc);
}

/* With a counter that is set, whatever the box knew of the SSRC. */
static bool try_roc(struct opener *o, struct keyring_box *b,
		    struct opener_job *j, uint32_t roc)
{
	o->tried = true;
	if ((!j->rtcp && !srtp_box_expect(b->box, j->ssrc, roc)) ||
	    open_with(b, j) != SRTP_OPENED)
		return false;
	found(o, b, j);
	return true;
}

static enum srtp_result try_last(struct opener *o, struct opener_job *j)
{
	struct keyring_box *b = keyring_box_by(j->ring, o->box);
	enum srtp_result res;
	uint32_t roc;

	if (!b && o->box) { /* its place was taken: look again */
		o->box = 0;
		begin(o);
	}
	if (!b)
		return SRTP_BAD;
	res = open_with(b, j);
	/* Numbers went elsewhere, the counter need not have gone with them. */
	if (j->restart)
		o->ext = j->ext;
	if (res != SRTP_OPENED)
		return res;
	o->fails = 0;
	if (j->restart) {
		found(o, b, j);
	} else if (roc_of(o, j->ext, &roc)) {
		o->roc = roc;
		o->ext = j->ext;
	}
	return res;
}

/* Keys that are known to be right: of other streams, or of before. */
static bool try_known(struct opener *o, struct opener_job *j)
{
	uint32_t roc, have;

	roc_of(o, j->ext, &roc);
	for (size_t i = 0; i < KEYRING_BOXES; i++) {
		struct keyring_box *b = &j->ring->box[i];

		if (!b->opened || b->id == o->box ||
		    !(b->key.any_ssrc || b->key.ssrc == j->ssrc))
			continue;
		if (!j->rtcp && !srtp_box_knows(b->box, j->ssrc, &have)) {
			if (try_roc(o, b, j, roc))
				return true;
		} else if (open_with(b, j) == SRTP_OPENED) {
			found(o, b, j);
			return true;
		}
	}
	return false;
}

/* The key is right, but the sender counts from elsewhere: after a restart,
 * or a silence longer than half a cycle. Where this fails the counter stays
 * as it was. */
static bool resync(struct opener *o, struct opener_job *j)
{
	struct keyring_box *b = keyring_box_by(j->ring, o->box);
	uint32_t roc;
	bool ok;

	if (!b || j->rtcp || !roc_of(o, j->ext, &roc) ||
	    (!j->restart && (o->fails < 2 || o->fails & (o->fails - 1))))
		return false;
	ok = try_roc(o, b, j, roc) || try_roc(o, b, j, roc + 1) ||
	     (roc && try_roc(o, b, j, roc - 1)) ||
	     (roc > 1 && try_roc(o, b, j, 0));
	if (!ok)
		srtp_box_expect(b->box, j->ssrc, roc);
	return ok;
}

/* --- looking for a key ------------------------------------------------- */

/* False: nothing is to be done at this packet. */
static bool go_on(struct opener *o, const struct opener_job *j)
{
	uint32_t n = keyring_candidates(j->ring, j->ssrc);

	if (n != o->candidates) {
		o->candidates = n;
		o->skip = o->pause = 0;
		begin(o);
	}
	if (!o->over)
		return true;
	if (j->last || --o->skip)
		return false;
	begin(o);
	return true;
}

/* For now: the packets so far may have been no SRTP at all. */
static void give_up(struct opener *o, const struct opener_job *j)
{
	uint32_t first = j->rtcp ? PAUSE_RTCP : PAUSE_RTP;
	uint32_t most = j->rtcp ? PAUSE_RTCP_MAX : PAUSE_RTP_MAX;

	o->over = true;
	o->pause = !o->pause ? first : o->pause < most ? o->pause * 2 : most;
	o->skip = o->pause;
	keyring_trim(j->ring);
}

static void next_key(struct opener *o)
{
	o->at++;
	o->guess = 0;
}

/* First each key with the likeliest counters: the one it should be, and 0. */
static bool try_likely(struct opener *o, struct keyring_box *b,
		       struct opener_job *j, int *tries)
{
	uint32_t roc;

	roc_of(o, j->ext, &roc);
	next_key(o);
	*tries -= 1 + (roc > 0);
	return try_roc(o, b, j, roc) || (roc && try_roc(o, b, j, 0));
}

/* Then each with all of them. */
static bool try_deep(struct opener *o, struct keyring_box *b,
		     struct opener_job *j, int *tries)
{
	for (; *tries > 0 && o->guess < OPENER_ROCS; --*tries)
		if (try_roc(o, b, j, ++o->guess))
			return true;
	if (o->guess == OPENER_ROCS)
		next_key(o);
	return false;
}

static bool search(struct opener *o, struct opener_job *j)
{
	int tries = j->last ? INT_MAX : TRIES;

	while (tries > 0 && !o->over) {
		const struct media_key *k =
			keyring_candidate(j->ring, j->ssrc, o->at);
		struct keyring_box *b;
		bool made;

		if (!k && (o->deep || j->rtcp)) {
			give_up(o, j);
		} else if (!k) {
			o->deep = true;
			o->at = o->guess = 0;
		} else if (!(b = keyring_box_of(j->ring, k, &made))) {
			next_key(o);
		} else if (b->id == o->box && (!o->deep || o->fails < LOST)) {
			next_key(o); /* tried, and found wanting */
		} else {
			tries -= made ? MAKING : 0;
			if (o->deep ? try_deep(o, b, j, &tries)
				    : try_likely(o, b, j, &tries))
				return true;
		}
	}
	return false;
}

/* The counter of the last key may have been played with. */
static void restore(const struct opener *o, struct opener_job *j)
{
	struct keyring_box *b = keyring_box_by(j->ring, o->box);
	uint32_t roc;

	if (b && !j->rtcp && o->deep && o->fails >= LOST &&
	    roc_of(o, j->ext, &roc))
		srtp_box_expect(b->box, j->ssrc, roc);
}

enum opener_result opener_open(struct opener *o, struct opener_job *j)
{
	enum srtp_result res = try_last(o, j);
	/* That index was there: a copy, or another key whose sender counts
	 * from the beginning. */
	bool seen = j->rtcp && res == SRTP_SEEN;

	if (res == SRTP_OPENED)
		return OPENER_OPENED;
	o->fails += !seen;
	if (try_known(o, j) || resync(o, j))
		return OPENER_FOUND;
	if (go_on(o, j)) {
		if (search(o, j))
			return OPENER_FOUND;
		restore(o, j);
	}
	return seen ? OPENER_SEEN : OPENER_CLOSED;
}

bool opener_again(struct opener *o, struct opener_job *j)
{
	return try_last(o, j) == SRTP_OPENED;
}

void opener_look_again(struct opener *o)
{
	begin(o);
}

bool opener_searching(const struct opener *o, const struct keyring *r,
		      uint32_t ssrc)
{
	uint32_t n = keyring_candidates(r, ssrc);

	return n && (n != o->candidates || !o->over);
}

bool opener_seek(const struct opener *o, struct keyring *r, uint32_t ssrc,
		 uint64_t ext)
{
	struct keyring_box *b = keyring_box_by(r, o->box);
	uint32_t roc;

	return b && roc_of(o, ext, &roc) && srtp_box_expect(b->box, ssrc, roc);
}
