/*
 * Inside of the search for session descriptions: the walk (sdp_find.c), plain
 * text (sdp_find_text.c), the neighbours in JSON (sdp_find_json.c), decoding
 * (sdp_find_code.c), Jingle (sdp_find_xml.c), the first look (sdp_find_fast.c).
 */
#ifndef DISSECTORS_SDP_FIND_PRIV_H
#define DISSECTORS_SDP_FIND_PRIV_H

#include "dissectors/sdp_find.h"

/* --- the walk ------------------------------------------------------------ */

static inline struct slice sdp_find_text(const struct sdp_level *lv)
{
	return slice_of(lv->p, lv->len);
}

/* Goes into a text that was decoded to len bytes at p and takes up span of
 * the text around it. There must be room for a level. */
void sdp_find_open(struct sdp_find *f, uint8_t *p, size_t len, size_t span,
		   const struct sdp_about *about);
/* What is told about a value of this key at the place of the walk. */
struct sdp_about sdp_find_about(struct sdp_find *f, struct slice key);
/* Fills out; always true. */
bool sdp_find_found(struct sdp_find *f, struct sdp_found *out,
		    enum sdp_found_kind kind, struct slice text,
		    struct slice key);

/* --- plain text: the byte that is there; true when something was found --- */

bool sdp_find_on_v(struct sdp_find *f, struct sdp_level *lv,
		   struct sdp_found *out);
bool sdp_find_on_c(struct sdp_find *f, struct sdp_level *lv,
		   struct sdp_found *out);
bool sdp_find_on_e(struct sdp_find *f, struct sdp_level *lv,
		   struct sdp_found *out);
bool sdp_find_on_tag(struct sdp_find *f, struct sdp_level *lv,
		     struct sdp_found *out);
void sdp_find_on_line(struct sdp_level *lv);

/* sdp_find_possible() for what is base64. */
bool sdp_find_in_base64(struct slice s);

/* --- decoding, in place: the new length ---------------------------------- */

size_t sdp_code_json(uint8_t *p, size_t len);
size_t sdp_code_percent(uint8_t *p, size_t len, bool plus_is_blank);
size_t sdp_code_base64(uint8_t *p, size_t len);

/* Does the whole text look like that, and may something be in it? */
bool sdp_code_is_base64(struct slice s);
bool sdp_code_is_percent(struct slice s);
/* name=value pairs; values are encoded. */
bool sdp_code_is_form(struct slice s);

/* --- JSON ---------------------------------------------------------------- */

enum json_string {
	JSON_KEY,   /* next is behind its colon */
	JSON_VALUE, /* next is behind its quote */
	JSON_NONE,  /* the quote is none of JSON; next is behind it */
};

/* What begins with the quote at s.p[at]. Escapes stay in *inside. */
enum json_string sdp_json_string(struct slice s, size_t at,
				 struct slice *inside, size_t *next);

/* How many bytes to skip for the backslash at s.p[at], outside of strings. */
size_t sdp_json_escape(struct slice s, size_t at);

/* Like "sdpMid" when blanks, '_' and '-' and the case do not count. */
bool sdp_json_key(struct slice key, const char *name);

/* What the members of the object or array that begins at from tell, in
 * addition to what is known from around it. */
void sdp_json_about(struct slice s, size_t from, struct sdp_about *about);

/* What a name or a value tells: "offer", "sdpAnswer" ... */
enum sdp_type sdp_type_exact(struct slice s);
enum sdp_type sdp_type_within(struct slice s);
/* Kept if it is said more plainly than what is known. */
void sdp_about_type(struct sdp_about *a, enum sdp_type t, int rank);

/* A member that is told by its name: "type", "mid" ... */
void sdp_about_member(struct sdp_about *a, struct slice key,
		      struct slice value);

/* --- XML ----------------------------------------------------------------- */

/* A tag at s.p[0] == '<': fills out and returns true for <candidate/>;
 * <transport/> and <content/> go into about. *used is its length, or 1. */
bool sdp_xml_tag(struct sdp_find *f, struct slice s, struct sdp_about *about,
		 struct slice *line, size_t *used);

#endif
