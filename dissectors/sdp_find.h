/*
 * Session descriptions and ICE candidates inside any text: plain, as values
 * of JSON at any depth (also JSON inside a JSON string), base64,
 * URL-encoded forms, fragments of RFC 8840, Jingle. The application's own
 * words around them do not matter; what stands beside them in the same object
 * tells what they are.
 *
 *	struct sdp_find f;
 *	struct sdp_found it;
 *
 *	if (sdp_find_begin(&f, body, scratch, sizeof(scratch)))
 *		while (sdp_find_next(&f, &it))
 *			...
 *
 * Pure; nothing is allocated, time is linear in the body, depth is bounded.
 * Bodies in binary are read too: text is found in them where it is plain.
 */
#ifndef DISSECTORS_SDP_FIND_H
#define DISSECTORS_SDP_FIND_H

#include "dissectors/parse.h"

enum {
	SDP_FIND_LEVELS = 8,  /* encodings inside one another */
	SDP_FIND_FRAMES = 32, /* objects and arrays inside one another */
};

enum sdp_found_kind {
	FOUND_SDP,
	FOUND_CANDIDATE,
	FOUND_END_OF_CANDIDATES,
};

enum sdp_type {
	SDP_TYPE_UNKNOWN,
	SDP_TYPE_OFFER,
	SDP_TYPE_ANSWER,
	SDP_TYPE_PRANSWER,
	SDP_TYPE_ROLLBACK,
};
const char *sdp_type_name(enum sdp_type t);

/* Slices are good until the next sdp_find_next(). */
struct sdp_found {
	enum sdp_found_kind kind;
	enum sdp_type type; /* of an SDP */
	struct slice text;  /* from "v=0", or from "candidate:" on */
	/* Of candidates and their end, where it is told: */
	struct slice mid;
	struct slice ufrag;
	int mline; /* index of the m= line; -1 = not told */
};

/* What the neighbours of a value tell; slices as they are in the text. */
struct sdp_about {
	enum sdp_type type;
	int type_rank; /* how plainly that is said */
	int mline;
	struct slice mid, ufrag;
};

/* An object or an array that is open. */
struct sdp_frame {
	size_t from;	  /* behind its bracket */
	struct slice key; /* whose value it is */
	bool known;	  /* about was filled */
	struct sdp_about about;
};

/* A text: the body, or a decoded value. */
struct sdp_level {
	uint8_t *p;
	size_t len, at;
	size_t span;	   /* of the value in the text around it */
	bool form;	   /* name=value&name=value */
	unsigned frames;   /* that lie around it */
	unsigned too_deep; /* brackets open beyond the last frame */
	struct slice key;  /* of the value that comes next */
	struct sdp_about about;
};

struct sdp_find {
	struct sdp_level level[SDP_FIND_LEVELS];
	struct sdp_frame frame[SDP_FIND_FRAMES];
	unsigned levels, frames;
	char mid[64], ufrag[260];
	char line[600]; /* a candidate put together */
};

/* Can there be anything in it? Cheap: to be asked about ordinary traffic. */
bool sdp_find_possible(struct slice body);

/* False when nothing can be in the body. Otherwise it is copied to scratch
 * and decoded there; what does not fit is not searched. */
bool sdp_find_begin(struct sdp_find *f, struct slice body, void *scratch,
		    size_t size);
bool sdp_find_next(struct sdp_find *f, struct sdp_found *out);

#endif
