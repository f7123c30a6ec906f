/*
 * A flow's copies of what was signalled for each direction, and what follows
 * from them for a stream: its m-line, what its SSRC repairs.
 */
#ifndef MEDIA_DESC_H
#define MEDIA_DESC_H

#include "sniffer/media/media.h"
#include "sniffer/media/wide.h"

struct desc {
	const char *sender; /* static text */
	char srtp[40];	    /* "" = plain */
	bool keyless, guess;
	bool rich; /* streams need more than plain audio does */
	bool exts; /* there is one in ext */
	uint16_t lines_n, n, ssrcs_n, rids_n;
	struct rtp_hdrext_ids ext;
	const struct media_line *line; /* these four lie behind it */
	const struct media_pt *pt;
	const struct media_ssrc *ssrc;
	const struct media_rid *rid;
};

/* What the streams of a flow share. */
struct descs {
	struct desc *dir[2];  /* NULL = nothing */
	struct wide *wide[2]; /* NULL = no such numbers */
};

/* Whether it says that packets are encrypted; d may be NULL. */
static inline bool desc_secure(const struct desc *d)
{
	return d && d->srtp[0];
}

/* Whether packets that no key opens are worth holding. */
static inline bool desc_holds(const struct desc *d)
{
	return desc_secure(d) && !d->keyless;
}

/* NULL without memory. Texts of media and sender are kept by pointer. */
struct desc *desc_new(const struct media_desc *d);
void descs_free(struct descs *d);

/* Lines by number, -1 for none. That of a payload type: only when no other
 * line has it. */
int desc_line_of_mid(const struct desc *d, struct slice mid);
int desc_line_of_rid(const struct desc *d, struct slice rid);
int desc_line_of_pt(const struct desc *d, uint8_t pt);

/* NULL when it was not announced. */
const struct media_ssrc *desc_ssrc(const struct desc *d, uint32_t ssrc);

static inline bool desc_pt_in(const struct media_pt *m, int line)
{
	return !m->lines || (line >= 0 && m->lines >> line & 1);
}

#endif
