#include "dissectors/sdp_find_priv.h"

enum {
	WORTH_MIN = 8, /* shorter values hold nothing */
	RECODED = 4,   /* base64 in base64 and the like */
};

/* --- levels -------------------------------------------------------------- */

/* Of a URL "data:application/sdp;base64,..." what lies behind the comma. */
static size_t data_url(struct slice s)
{
	struct slice mark = SLICE("base64,");
	ptrdiff_t at = slice_find_slice(slice_head(s, 80), mark);

	if (at < 0 || !slice_istarts(s, SLICE("data:")))
		return 0;
	return (size_t)at + mark.len;
}

/* Undoes what the whole text is wrapped in. */
static size_t unwrap(uint8_t *p, size_t len)
{
	for (int i = 0; i < RECODED; i++) {
		size_t off = data_url(slice_of(p, len));
		struct slice s = slice_from(slice_of(p, len), off);

		if (sdp_code_is_base64(s)) {
			memmove(p, s.p, s.len);
			len = sdp_code_base64(p, s.len);
		} else if (sdp_code_is_percent(s)) {
			len = sdp_code_percent(p, len, false);
		} else {
			break;
		}
	}
	return len;
}

/* One pair of a form; false at its end. */
static bool form_pair(struct slice s, size_t *at, struct slice *name,
		      struct slice *value)
{
	struct slice pair;
	struct slice rest = slice_from(s, *at);

	if (!rest.len)
		return false;
	slice_cut(rest, '&', &pair, &rest);
	*at += pair.len + 1;
	slice_cut(pair, '=', name, value);
	return true;
}

static void form_about(struct slice s, struct sdp_about *about)
{
	struct slice name;
	struct slice value;
	size_t at = 0;

	about->type_rank = 0;
	while (form_pair(s, &at, &name, &value))
		sdp_about_member(about, name, value);
}

/* The text was decoded to len bytes at p; around it, it takes up span. */
void sdp_find_open(struct sdp_find *f, uint8_t *p, size_t len, size_t span,
		   const struct sdp_about *about)
{
	struct sdp_level *lv = &f->level[f->levels++];

	*lv = (struct sdp_level){
		.p = p,
		.len = unwrap(p, len),
		.span = span,
		.frames = f->frames,
		.about = *about,
	};
	lv->form = sdp_code_is_form(sdp_find_text(lv));
	if (lv->form)
		form_about(sdp_find_text(lv), &lv->about);
}

/* The value in the text around it becomes blanks: nothing that would mislead
 * who looks for its neighbours. */
static void level_close(struct sdp_find *f)
{
	struct sdp_level *lv = &f->level[--f->levels];

	f->frames = lv->frames;
	if (f->levels)
		memset(lv->p, ' ', lv->span);
}

/* --- what is known here -------------------------------------------------- */

struct sdp_about sdp_find_about(struct sdp_find *f, struct slice key)
{
	struct sdp_level *lv = &f->level[f->levels - 1];
	struct sdp_about about = lv->about;
	enum sdp_type t;

	for (unsigned i = lv->frames; i < f->frames; i++) {
		struct sdp_frame *fr = &f->frame[i];

		if (!fr->known) {
			fr->about = about;
			t = sdp_type_within(fr->key);
			if (t)
				fr->about.type = t;
			sdp_json_about(sdp_find_text(lv), fr->from, &fr->about);
			fr->known = true;
		}
		about = fr->about;
	}
	t = sdp_type_within(key);
	if (t)
		about.type = t;
	return about;
}

/* A mid or a ufrag has no characters that would need to be written so. */
static struct slice decoded(struct slice s, char *to, size_t size)
{
	size_t len = s.len < size ? s.len : size;

	if (len)
		memcpy(to, s.p, len);
	len = sdp_code_json((uint8_t *)to, len);
	return slice_of(to, sdp_code_percent((uint8_t *)to, len, false));
}

bool sdp_find_found(struct sdp_find *f, struct sdp_found *out,
		    enum sdp_found_kind kind, struct slice text,
		    struct slice key)
{
	struct sdp_about about = sdp_find_about(f, key);

	*out = (struct sdp_found){
		.kind = kind,
		.type = kind == FOUND_SDP ? about.type : SDP_TYPE_UNKNOWN,
		.text = text,
		.mid = decoded(about.mid, f->mid, sizeof(f->mid)),
		.ufrag = decoded(about.ufrag, f->ufrag, sizeof(f->ufrag)),
		.mline = about.mline,
	};
	return true;
}

/* --- JSON ---------------------------------------------------------------- */

static bool candidate_key(struct slice key)
{
	return sdp_json_key(key, "candidate") ||
	       sdp_json_key(key, "icecandidate");
}

static bool on_string(struct sdp_find *f, struct sdp_level *lv,
		      struct sdp_found *out)
{
	struct slice key = lv->key;
	struct slice inside;
	struct sdp_about about;
	uint8_t *p;

	switch (sdp_json_string(sdp_find_text(lv), lv->at, &inside, &lv->at)) {
	case JSON_KEY:
		lv->key = inside;
		return false;
	case JSON_NONE:
		return false;
	case JSON_VALUE:
		break;
	}
	lv->key.len = 0;
	if (!inside.len && candidate_key(key))
		return sdp_find_found(f, out, FOUND_END_OF_CANDIDATES, inside,
				      key);
	if (inside.len < WORTH_MIN || f->levels == SDP_FIND_LEVELS ||
	    !sdp_find_possible(inside))
		return false;
	about = sdp_find_about(f, key);
	p = lv->p + (inside.p - lv->p);
	sdp_find_open(f, p, sdp_code_json(p, inside.len), inside.len, &about);
	return false;
}

static bool at_text(struct slice s, size_t at, struct slice want)
{
	return slice_starts(slice_from(s, at), want);
}

/* null and true; "completed" is Janus. */
static bool on_literal(struct sdp_find *f, struct sdp_level *lv,
		       struct sdp_found *out)
{
	struct slice key = lv->key;
	struct slice s = sdp_find_text(lv);
	struct slice around = {0};
	bool is = false;

	if (f->frames > lv->frames)
		around = f->frame[f->frames - 1].key;
	if (at_text(s, lv->at, SLICE("null")))
		is = candidate_key(key);
	else if (at_text(s, lv->at, SLICE("true")))
		is = sdp_json_key(key, "endofcandidates") ||
		     (sdp_json_key(key, "completed") &&
		      (candidate_key(around) ||
		       sdp_json_key(around, "candidates")));
	lv->at++;
	if (!is)
		return false;
	lv->key.len = 0;
	return sdp_find_found(f, out, FOUND_END_OF_CANDIDATES,
			      (struct slice){0}, key);
}

static void frame_open(struct sdp_find *f, struct sdp_level *lv)
{
	lv->at++;
	if (f->frames == SDP_FIND_FRAMES) {
		lv->too_deep++;
	} else {
		struct slice key = lv->key;

		/* The objects of an array are what the array is. */
		if (!key.len && f->frames > lv->frames)
			key = f->frame[f->frames - 1].key;
		f->frame[f->frames++] =
			(struct sdp_frame){.from = lv->at, .key = key};
	}
	lv->key.len = 0;
}

static void frame_close(struct sdp_find *f, struct sdp_level *lv)
{
	lv->at++;
	lv->key.len = 0;
	if (lv->too_deep)
		lv->too_deep--;
	else if (f->frames > lv->frames)
		f->frames--;
}

/* --- the walk ------------------------------------------------------------ */

static bool step_form(struct sdp_find *f, struct sdp_level *lv)
{
	struct sdp_about about;
	struct slice name;
	struct slice value;
	uint8_t *p;

	if (!form_pair(sdp_find_text(lv), &lv->at, &name, &value))
		lv->at = lv->len;
	else if (value.len >= WORTH_MIN && f->levels < SDP_FIND_LEVELS &&
		 sdp_find_possible(value)) {
		about = sdp_find_about(f, name);
		p = lv->p + (value.p - lv->p);
		sdp_find_open(f, p, sdp_code_percent(p, value.len, true),
			      value.len, &about);
	}
	return false;
}

/* True when something was found. */
static bool step(struct sdp_find *f, struct sdp_level *lv,
		 struct sdp_found *out)
{
	switch (lv->p[lv->at]) {
	case 'v':
		return sdp_find_on_v(f, lv, out);
	case 'c':
		return sdp_find_on_c(f, lv, out);
	case 'e':
		return sdp_find_on_e(f, lv, out);
	case 'a':
	case 'm':
		sdp_find_on_line(lv);
		return false;
	case '<':
		return sdp_find_on_tag(f, lv, out);
	case '"':
		return on_string(f, lv, out);
	case 'n':
	case 't':
		return on_literal(f, lv, out);
	case '{':
	case '[':
		frame_open(f, lv);
		return false;
	case '}':
	case ']':
		frame_close(f, lv);
		return false;
	case ',':
		lv->key.len = 0;
		break;
	case '\\':
		lv->at += sdp_json_escape(sdp_find_text(lv), lv->at);
		return false;
	}
	lv->at++;
	return false;
}

bool sdp_find_begin(struct sdp_find *f, struct slice body, void *scratch,
		    size_t size)
{
	struct sdp_about nothing = {.mline = -1};

	f->levels = f->frames = 0;
	body = slice_head(body, size);
	if (body.len < WORTH_MIN || !sdp_find_possible(body))
		return false;
	memcpy(scratch, body.p, body.len);
	sdp_find_open(f, scratch, body.len, body.len, &nothing);
	return true;
}

bool sdp_find_next(struct sdp_find *f, struct sdp_found *out)
{
	while (f->levels) {
		struct sdp_level *lv = &f->level[f->levels - 1];

		if (lv->at >= lv->len)
			level_close(f);
		else if (lv->form ? step_form(f, lv) : step(f, lv, out))
			return true;
	}
	return false;
}
