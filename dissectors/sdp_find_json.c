/*
 * JSON, read as loosely as can be: only its brackets, strings and commas
 * count, so that what stands around or between values does no harm.
 */
#include "dissectors/sdp_find_priv.h"

const char *sdp_type_name(enum sdp_type t)
{
	static const char *const names[] = {
		[SDP_TYPE_UNKNOWN] = "unknown",
		[SDP_TYPE_OFFER] = "offer",
		[SDP_TYPE_ANSWER] = "answer",
		[SDP_TYPE_PRANSWER] = "pranswer",
		[SDP_TYPE_ROLLBACK] = "rollback",
	};

	return names[t];
}

/* --- strings ------------------------------------------------------------- */

static bool blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Outside of strings a backslash escapes a quote, too: so each quote ends one
 * string at most, however they are nested. */
size_t sdp_json_escape(struct slice s, size_t at)
{
	uint8_t next = at + 1 < s.len ? s.p[at + 1] : 0;

	return next == '"' || next == '\\' ? 2 : 1;
}

/* Control characters are in no string of JSON. */
static size_t string_end(struct slice s, size_t at, bool *closed)
{
	*closed = false;
	for (; at < s.len; at++) {
		uint8_t c = s.p[at];

		if (c == '\\') {
			at++;
		} else if (c == '"') {
			*closed = true;
			return at;
		} else if (c < ' ' && c != '\t') {
			return at;
		}
	}
	return s.len;
}

/* What may follow a value. */
static bool value_ends(struct slice s, size_t at, bool new_line)
{
	return at >= s.len || new_line || strchr(",]});", s.p[at]);
}

enum json_string sdp_json_string(struct slice s, size_t at,
				 struct slice *inside, size_t *next)
{
	bool closed, new_line = false;
	size_t end = string_end(s, at + 1, &closed);
	size_t i = end + 1;

	*next = at + 1;
	*inside = slice_from(slice_head(s, end), at + 1);
	if (!closed && end < s.len)
		return JSON_NONE;
	/* Cut off at its end, it may still hold something. */
	while (i < s.len && blank(s.p[i]))
		new_line |= s.p[i++] == '\n';
	if (closed && i < s.len && s.p[i] == ':') {
		*next = i + 1;
		return JSON_KEY;
	}
	if (closed && !value_ends(s, i, new_line))
		return JSON_NONE;
	*next = closed ? end + 1 : s.len;
	return JSON_VALUE;
}

bool sdp_json_key(struct slice key, const char *name)
{
	for (size_t i = 0; i < key.len; i++) {
		uint8_t c = key.p[i];

		if (c == '_' || c == '-' || c == ' ')
			continue;
		if ((uint8_t)(c - 'A') < 26)
			c |= 0x20;
		if (!*name || c != (uint8_t)*name)
			return false;
		name++;
	}
	return !*name;
}

/* --- what neighbours tell ------------------------------------------------ */

static const struct {
	struct slice name;
	enum sdp_type type;
} types[] = {
	/* "pranswer" first: it has "answer" in it */
	{SLICE_INIT("pranswer"), SDP_TYPE_PRANSWER},
	{SLICE_INIT("answer"), SDP_TYPE_ANSWER},
	{SLICE_INIT("offer"), SDP_TYPE_OFFER},
	{SLICE_INIT("rollback"), SDP_TYPE_ROLLBACK},
};
#define TYPES (sizeof(types) / sizeof(*types))

enum sdp_type sdp_type_exact(struct slice s)
{
	for (size_t i = 0; i < TYPES; i++)
		if (slice_ieq(s, types[i].name))
			return types[i].type;
	return SDP_TYPE_UNKNOWN;
}

/* Only short words: "webrtc-offer", "sdpAnswer". */
enum sdp_type sdp_type_within(struct slice s)
{
	if (s.len > 32)
		return SDP_TYPE_UNKNOWN;
	for (size_t i = 0; i < TYPES; i++)
		for (size_t at = 0; at + types[i].name.len <= s.len; at++)
			if (slice_istarts(slice_from(s, at), types[i].name))
				return types[i].type;
	return SDP_TYPE_UNKNOWN;
}

void sdp_about_type(struct sdp_about *a, enum sdp_type t, int rank)
{
	if (t == SDP_TYPE_UNKNOWN || rank <= a->type_rank)
		return;
	a->type = t;
	a->type_rank = rank;
}

static void about_mline(struct sdp_about *a, struct slice value)
{
	uint32_t n;

	if (slice_u32(value, &n) && n < 1024)
		a->mline = (int)n;
}

/* How plainly a type is said, within one object. */
enum {
	RANK_WITHIN = 1,
	RANK_EXACT,
	RANK_TYPE, /* "type": "offer" */
};

void sdp_about_member(struct sdp_about *a, struct slice key, struct slice value)
{
	bool type = sdp_json_key(key, "type") || sdp_json_key(key, "sdptype");

	sdp_about_type(a, sdp_type_exact(value), type ? RANK_TYPE : RANK_EXACT);
	sdp_about_type(a, sdp_type_within(value), RANK_WITHIN);
	if (sdp_json_key(key, "sdpmid") || sdp_json_key(key, "mid"))
		a->mid = value;
	else if (sdp_json_key(key, "usernamefragment") ||
		 sdp_json_key(key, "ufrag") || sdp_json_key(key, "iceufrag"))
		a->ufrag = value;
	else if (sdp_json_key(key, "sdpmlineindex") ||
		 sdp_json_key(key, "mlineindex"))
		about_mline(a, value);
}

/* "label": 0, "id": "audio": the names of AppRTC, whose client was copied
 * often. Alone each of them means anything. */
struct apprtc {
	struct slice label, id;
};

static void member(struct sdp_about *a, struct apprtc *app, struct slice key,
		   struct slice value, bool string)
{
	sdp_about_member(a, key, value);
	if (!string && sdp_json_key(key, "label"))
		app->label = value;
	else if (string && sdp_json_key(key, "id"))
		app->id = value;
}

/* Digits without a sign. */
static struct slice number_at(struct slice s, size_t at)
{
	size_t end = at;

	if (at && (s.p[at - 1] == '-' || s.p[at - 1] == '.'))
		return (struct slice){0};

	while (end < s.len && (uint8_t)(s.p[end] - '0') < 10)
		end++;
	return slice_from(slice_head(s, end), at);
}

void sdp_json_about(struct slice s, size_t from, struct sdp_about *about)
{
	struct apprtc app = {0};
	struct slice key = {0};
	struct slice value;
	unsigned depth = 0;
	size_t next;

	about->type_rank = 0;
	for (size_t at = from; at < s.len; at = next) {
		next = at + 1;
		switch (s.p[at]) {
		case '\\':
			next = at + sdp_json_escape(s, at);
			break;
		case '{':
		case '[':
			depth++;
			break;
		case '}':
		case ']':
			if (!depth--)
				next = s.len;
			break;
		case ',':
			key.len = 0;
			break;
		case '"':
			switch (sdp_json_string(s, at, &value, &next)) {
			case JSON_KEY:
				key = value;
				break;
			case JSON_VALUE:
				if (!depth)
					member(about, &app, key, value, true);
				break;
			case JSON_NONE:
				break;
			}
			break;
		default:
			value = number_at(s, at);
			if (!value.len)
				break;
			next = at + value.len;
			if (!depth && key.len)
				member(about, &app, key, value, false);
		}
	}
	if (app.label.len && app.id.len && about->mline < 0 &&
	    !about->mid.len) {
		about->mid = app.id;
		about_mline(about, app.label);
	}
}
