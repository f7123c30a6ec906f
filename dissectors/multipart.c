#include "dissectors/multipart.h"
#include "dissectors/sip_uri.h"

/* RFC 2046, 5.1.1 */
#define BOUNDARY_MAX 70

bool multipart_open(struct multipart *mp, struct slice content_type,
		    struct slice body)
{
	struct slice type;
	struct slice params;

	slice_cut(content_type, ';', &type, &params);
	if (!slice_istarts(slice_trim(type), SLICE("multipart/")))
		return false;
	if (!sip_param(params, "boundary", &mp->boundary))
		return false;
	mp->boundary = sip_unquote(mp->boundary);
	mp->rest = body;
	return mp->boundary.len > 0 && mp->boundary.len <= BOUNDARY_MAX;
}

/* Offset of the next "--boundary" that begins a line, from at on; s.len when
 * there is none. */
static size_t find_delimiter(struct slice s, struct slice boundary, size_t at)
{
	while (at < s.len) {
		ptrdiff_t hit = slice_find_slice(slice_from(s, at), boundary);
		size_t pos;

		if (hit < 0)
			return s.len;
		pos = at + (size_t)hit;
		if (pos >= 2 && s.p[pos - 1] == '-' && s.p[pos - 2] == '-' &&
		    (pos == 2 || s.p[pos - 3] == '\n'))
			return pos - 2;
		at = pos + 1;
	}
	return s.len;
}

static void part_headers(struct sip_body_part *part, struct slice *s)
{
	struct slice whole = *s;
	struct slice line;
	struct slice name;
	struct slice value;

	while (slice_line(s, &line) && line.len) {
		if (!slice_cut(line, ':', &name, &value))
			continue;
		name = slice_trim(name);
		if (slice_ieq(name, SLICE("Content-Type")) ||
		    slice_ieq(name, SLICE("c")))
			part->content_type = slice_trim(value);
		else if (slice_ieq(name, SLICE("Content-Disposition")))
			part->content_disposition = slice_trim(value);
	}
	part->head = slice_head(whole, whole.len - s->len);
}

bool multipart_next(struct multipart *mp, struct sip_body_part *part)
{
	struct slice s = mp->rest;
	struct slice line;
	size_t at = find_delimiter(s, mp->boundary, 0);

	s = slice_from(s, at);
	if (!slice_line(&s, &line))
		return false;
	/* "--boundary--" ends it all */
	if (slice_starts(slice_from(line, 2 + mp->boundary.len), SLICE("--")))
		return false;
	*part = (struct sip_body_part){0};
	at = find_delimiter(s, mp->boundary, 0);
	mp->rest = slice_from(s, at);
	s = slice_head(s, at);
	/* the line end in front of a delimiter belongs to the delimiter */
	if (mp->rest.len && s.len && s.p[s.len - 1] == '\n')
		s.len--;
	if (mp->rest.len && s.len && s.p[s.len - 1] == '\r')
		s.len--;
	part_headers(part, &s);
	part->body = s;
	return true;
}
