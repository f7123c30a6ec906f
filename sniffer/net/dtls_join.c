#include "sniffer/net/dtls_join.h"

#include <stdlib.h>

/* Bytes from <= i < to of a message. */
struct piece {
	uint32_t from, to;
};

/* A message of which something is missing. */
struct dtls_part {
	struct dtls_part *next;
	uint8_t type;
	uint16_t seq;
	uint32_t length;
	size_t pieces; /* in order, with gaps between them */
	struct piece piece[DTLS_JOIN_GAPS + 1];
	uint8_t data[];
};

static struct dtls_part **find(struct dtls_join *j, uint16_t seq)
{
	struct dtls_part **at = &j->parts;

	while (*at && (*at)->seq != seq)
		at = &(*at)->next;
	return at;
}

static struct dtls_part *take_out(struct dtls_join *j, struct dtls_part **at)
{
	struct dtls_part *p = *at;

	*at = p->next;
	j->held -= p->length;
	j->count--;
	return p;
}

static struct dtls_part *part_new(struct dtls_join *j,
				  const struct dtls_fragment *f,
				  struct counters *counters)
{
	struct dtls_part *p;

	if (j->count >= DTLS_JOIN_PARTS ||
	    f->length > DTLS_JOIN_BYTES - j->held) {
		counters_add(counters, "dtls.join_limit", 1);
		return NULL;
	}
	p = calloc(1, sizeof(*p) + f->length);
	if (!p) {
		counters_add(counters, "dtls.no_memory", 1);
		return NULL;
	}
	p->type = f->type;
	p->seq = f->seq;
	p->length = f->length;
	p->next = j->parts;
	j->parts = p;
	j->held += p->length;
	j->count++;
	return p;
}

/* The part that this fragment belongs to. What contradicts it comes from
 * another message: the newer one stays. */
static struct dtls_part *part_for(struct dtls_join *j,
				  const struct dtls_fragment *f,
				  struct counters *counters)
{
	struct dtls_part **at = find(j, f->seq);

	if (*at && ((*at)->type != f->type || (*at)->length != f->length)) {
		counters_add(counters, "dtls.fragment_conflict", 1);
		free(take_out(j, at));
		return part_new(j, f, counters);
	}
	return *at ? *at : part_new(j, f, counters);
}

/* Adds bytes from..to to what is there; false when they were. */
static bool cover(struct dtls_part *p, uint32_t from, uint32_t to)
{
	size_t first = 0, last;

	while (first < p->pieces && p->piece[first].to < from)
		first++;
	for (last = first; last < p->pieces && p->piece[last].from <= to;
	     last++) {
		if (p->piece[last].from <= from && p->piece[last].to >= to)
			return false;
	}
	/* first to last - 1 touch it and become one with it. */
	if (first < last) {
		if (p->piece[first].from < from)
			from = p->piece[first].from;
		if (p->piece[last - 1].to > to)
			to = p->piece[last - 1].to;
	}
	memmove(p->piece + first + 1, p->piece + last,
		(p->pieces - last) * sizeof(p->piece[0]));
	p->piece[first] = (struct piece){from, to};
	p->pieces = p->pieces - (last - first) + 1;
	return true;
}

static bool complete(const struct dtls_part *p)
{
	return p->pieces == 1 && p->piece[0].from == 0 &&
	       p->piece[0].to == p->length;
}

static enum dtls_joined add_part(struct dtls_join *j,
				 const struct dtls_fragment *f,
				 struct counters *counters, struct slice *body,
				 void **kept)
{
	struct dtls_part *p = part_for(j, f, counters);
	uint32_t to = f->offset + (uint32_t)f->data.len;

	if (!p)
		return DTLS_JOINED_NOT;
	if (!f->data.len || !cover(p, f->offset, to))
		return DTLS_JOINED_REPEAT;
	memcpy(p->data + f->offset, f->data.p, f->data.len);
	if (p->pieces > DTLS_JOIN_GAPS) {
		counters_add(counters, "dtls.join_limit", 1);
		free(take_out(j, find(j, f->seq)));
		return DTLS_JOINED_NOT;
	}
	if (!complete(p))
		return DTLS_JOINED_PART;
	take_out(j, find(j, f->seq));
	*body = slice_of(p->data, p->length);
	*kept = p;
	return DTLS_JOINED_WHOLE;
}

enum dtls_joined dtls_join_add(struct dtls_join *j,
			       const struct dtls_fragment *f,
			       struct counters *counters, struct slice *body,
			       void **kept)
{
	uint16_t mark = f->type + 1u;
	enum dtls_joined how = DTLS_JOINED_WHOLE;

	*kept = NULL;
	if (f->seq >= DTLS_JOIN_SEQ) {
		counters_add(counters, "dtls.message_seq", 1);
		return DTLS_JOINED_NOT;
	}
	if (j->done[f->seq] == mark)
		return DTLS_JOINED_REPEAT;
	if (f->data.len == f->length) {
		struct dtls_part **at = find(j, f->seq);

		if (*at)
			free(take_out(j, at));
		*body = f->data;
	} else {
		how = add_part(j, f, counters, body, kept);
	}
	if (how == DTLS_JOINED_WHOLE)
		j->done[f->seq] = mark;
	return how;
}

void dtls_join_close(struct dtls_join *j)
{
	while (j->parts)
		free(take_out(j, &j->parts));
}
