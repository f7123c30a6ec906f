/* What is found in plain text, and in values once they are decoded. */
#include "dissectors/sdp_find_priv.h"

enum {
	LOOK_BACK = 24, /* bytes before an SDP that may say "offer" */
};

static bool alnum(uint8_t c)
{
	return (uint8_t)((c | 0x20) - 'a') < 26 || (uint8_t)(c - '0') < 10;
}

static bool word_begins(struct slice s, size_t at)
{
	return !at || !alnum(s.p[at - 1]);
}

static bool line_begins(struct slice s, size_t at)
{
	return !at || s.p[at - 1] == '\n';
}

static bool at_text(struct slice s, size_t at, struct slice want)
{
	return slice_starts(slice_from(s, at), want);
}

static bool sdp_line(struct slice s)
{
	return s.len >= 2 && s.p[1] == '=' &&
	       (uint8_t)((s.p[0] | 0x20) - 'a') < 26;
}

/* Lines of an SDP, up to one that is none or begins another one. Empty lines
 * count when it goes on behind them. */
static size_t sdp_extent(struct slice s)
{
	struct slice rest = s;
	struct slice line;
	size_t end = 0;

	while (slice_line(&rest, &line)) {
		if (!line.len)
			continue;
		if (!sdp_line(line) || (end && line.p[0] == 'v'))
			break;
		end = s.len - rest.len;
	}
	return end;
}

/* Where text in quotes or between tags ends. */
static struct slice unquote(struct slice s, uint8_t before)
{
	static const char pairs[] = "\"\"''``><";
	struct slice head = s;

	for (const char *p = pairs; *p; p += 2)
		if (before == (uint8_t)p[0])
			slice_cut(s, (uint8_t)p[1], &head, &s);
	return head;
}

static bool is_sdp(struct slice s)
{
	return slice_find_slice(s, SLICE("\no=")) >= 0 ||
	       slice_find_slice(s, SLICE("\nm=")) >= 0;
}

/* "v=0" and a line end. */
static bool on_sdp(struct sdp_find *f, struct sdp_level *lv,
		   struct sdp_found *out)
{
	struct slice s = sdp_find_text(lv);
	size_t at = lv->at;
	struct slice sdp = slice_from(s, at);

	sdp = slice_head(sdp, sdp_extent(sdp));
	lv->at += sdp.len;
	if (at)
		sdp = unquote(sdp, s.p[at - 1]);
	if (!is_sdp(sdp))
		return false;
	sdp_find_found(f, out, FOUND_SDP, sdp, lv->key);
	if (!out->type && at) {
		size_t from = at > LOOK_BACK ? at - LOOK_BACK : 0;

		out->type =
			sdp_type_within(slice_from(slice_head(s, at), from));
	}
	return true;
}

/* Its line ends are written as in a string: what was one lost its quotes. */
static void on_escaped_sdp(struct sdp_find *f, struct sdp_level *lv)
{
	uint8_t *p = lv->p + lv->at;
	size_t len = lv->len - lv->at;
	struct sdp_about about = sdp_find_about(f, lv->key);

	lv->at = lv->len;
	if (f->levels < SDP_FIND_LEVELS)
		sdp_find_open(f, p, sdp_code_json(p, len), len, &about);
}

bool sdp_find_on_v(struct sdp_find *f, struct sdp_level *lv,
		   struct sdp_found *out)
{
	struct slice s = sdp_find_text(lv);
	uint8_t next = lv->at + 3 < s.len ? s.p[lv->at + 3] : 0;

	if (at_text(s, lv->at, SLICE("v=0"))) {
		if (next == '\r' || next == '\n')
			return on_sdp(f, lv, out);
		if (next == '\\' && word_begins(s, lv->at)) {
			on_escaped_sdp(f, lv);
			return false;
		}
	}
	lv->at++;
	return false;
}

/* A candidate at the beginning of a line or a value is taken as it is; in
 * the middle of a text it must look like one. */
static bool on_candidate(struct sdp_find *f, struct sdp_level *lv,
			 struct sdp_found *out)
{
	struct slice s = sdp_find_text(lv);
	struct slice line = slice_from(s, lv->at);
	size_t at = lv->at, n = 0;
	bool first = line_begins(s, at) ||
		     (at >= 2 && at_text(s, at - 2, SLICE("a=")) &&
		      line_begins(s, at - 2));

	while (n < line.len && line.p[n] >= ' ' &&
	       !strchr("\"'<>{}\\", line.p[n]))
		n++;
	line = slice_trim(slice_head(line, n));
	lv->at += n;
	if (!first && slice_find_slice(line, SLICE(" typ ")) < 0)
		return false;
	return line.len > 10 &&
	       sdp_find_found(f, out, FOUND_CANDIDATE, line, lv->key);
}

bool sdp_find_on_c(struct sdp_find *f, struct sdp_level *lv,
		   struct sdp_found *out)
{
	struct slice s = sdp_find_text(lv);

	if (at_text(s, lv->at, SLICE("candidate:")) && word_begins(s, lv->at))
		return on_candidate(f, lv, out);
	lv->at++;
	return false;
}

bool sdp_find_on_e(struct sdp_find *f, struct sdp_level *lv,
		   struct sdp_found *out)
{
	struct slice s = sdp_find_text(lv);
	struct slice rest = slice_from(s, lv->at);
	struct slice word = SLICE("end-of-candidates");

	if (slice_starts(rest, SLICE("endOfCandidates")))
		word = SLICE("endOfCandidates");
	lv->at++;
	if (!slice_starts(rest, word) || !word_begins(s, lv->at - 1))
		return false;
	rest = slice_from(rest, word.len);
	if (rest.len && rest.p[0] != '\r' && rest.p[0] != '\n')
		return false;
	lv->at += word.len - 1;
	return sdp_find_found(f, out, FOUND_END_OF_CANDIDATES,
			      (struct slice){0}, lv->key);
}

/* Lines of a fragment (RFC 8840, 9): they hold until the next m= line. */
void sdp_find_on_line(struct sdp_level *lv)
{
	struct slice rest = slice_from(sdp_find_text(lv), lv->at++);
	struct slice line;
	struct slice name;
	struct slice value;

	if (!line_begins(sdp_find_text(lv), lv->at - 1) || !sdp_line(rest))
		return;
	slice_line(&rest, &line);
	if (line.p[0] == 'm')
		lv->about.mid.len = 0;
	if (line.p[0] != 'a' || !slice_cut(line, ':', &name, &value))
		return;
	if (slice_eq(name, SLICE("a=mid")))
		lv->about.mid = slice_trim(value);
	else if (slice_eq(name, SLICE("a=ice-ufrag")))
		lv->about.ufrag = slice_trim(value);
}

bool sdp_find_on_tag(struct sdp_find *f, struct sdp_level *lv,
		     struct sdp_found *out)
{
	struct slice line;
	size_t used;
	bool is = sdp_xml_tag(f, slice_from(sdp_find_text(lv), lv->at),
			      &lv->about, &line, &used);

	lv->at += used;
	return is && sdp_find_found(f, out, FOUND_CANDIDATE, line, lv->key);
}
