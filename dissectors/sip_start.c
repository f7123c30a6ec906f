#include "dissectors/sip_start.h"

#define VERSION SLICE("SIP/2.0")

/* token of 25.1 */
static bool token(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		uint8_t c = s.p[i];

		if ((uint8_t)((c | 0x20) - 'a') < 26 || (uint8_t)(c - '0') < 10)
			continue;
		if (!c || !strchr("-.!%*_+`'~", c))
			return false;
	}
	return s.len > 0;
}

/* "SIP/" DIGIT "." DIGIT */
static bool any_version(struct slice s)
{
	return s.len == 7 && slice_istarts(s, SLICE("SIP/")) &&
	       (uint8_t)(s.p[4] - '0') < 10 && s.p[5] == '.' &&
	       (uint8_t)(s.p[6] - '0') < 10;
}

size_t sip_skip_crlf(struct slice in)
{
	size_t n = 0;

	while (n < in.len && (in.p[n] == '\r' || in.p[n] == '\n'))
		n++;
	return n;
}

/* SIP-Version SP Status-Code SP Reason-Phrase; the second SP is often
 * forgotten when there is no phrase. */
static const char *status_line(struct slice rest, struct sip_msg *out)
{
	struct slice code;
	uint32_t n;

	slice_cut(rest, ' ', &code, &out->reason);
	if (code.len != 3 || !slice_u32(code, &n) || n < 100 || n > 699)
		return "sip.bad_status";
	out->status = (uint16_t)n;
	return NULL;
}

/* Method SP Request-URI SP SIP-Version, single spaces (7.1) */
static const char *request_line(struct slice line, struct sip_msg *out)
{
	struct slice rest;
	struct slice version;

	if (!slice_cut(line, ' ', &out->method_text, &rest) ||
	    !slice_cut(rest, ' ', &out->request_uri, &version) ||
	    !token(out->method_text))
		return "sip.bad_start_line";
	if (!slice_ieq(version, VERSION))
		return any_version(version) ? "sip.bad_version"
					    : "sip.bad_start_line";
	if (slice_find(out->request_uri, ':') <= 0)
		return "sip.bad_start_line";
	out->request = true;
	out->method = sip_method_of(out->method_text);
	return NULL;
}

const char *sip_start_parse(struct slice line, struct sip_msg *out)
{
	struct slice head = slice_head(line, VERSION.len);

	if (!any_version(head) || line.len <= VERSION.len ||
	    line.p[VERSION.len] != ' ')
		return request_line(line, out);
	if (!slice_ieq(head, VERSION))
		return "sip.bad_version";
	return status_line(slice_from(line, VERSION.len + 1), out);
}

bool sip_start_possible(struct slice line)
{
	struct slice word;
	struct slice rest;
	bool whole = slice_cut(line, ' ', &word, &rest);

	if (slice_istarts(line, slice_head(SLICE("SIP/2.0 "), line.len)))
		return true;
	/* a method, then a URI that has at least begun */
	return line.len == 0 ||
	       (token(word) && (!whole || !rest.len || rest.p[0] != ' '));
}

/* A first line without its end: what is there must be telling. */
static bool probe_cut(struct slice line)
{
	static const struct slice schemes[] = {
		SLICE_INIT("sip:"),
		SLICE_INIT("sips:"),
		SLICE_INIT("tel:"),
		SLICE_INIT("urn:"),
	};
	struct slice word;
	struct slice rest;

	if (slice_starts(line, SLICE("SIP/2.0 ")))
		return line.len > 8 && line.p[8] >= '1' && line.p[8] <= '6';
	if (!slice_cut(line, ' ', &word, &rest) || !sip_method_of(word))
		return false;
	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++)
		if (slice_istarts(rest, schemes[i]))
			return true;
	return false;
}

bool sip_probe(struct slice head)
{
	struct slice s = slice_from(head, sip_skip_crlf(head));
	struct slice line;

	if (s.len < 8 || s.p[0] < '!' || s.p[0] > '~')
		return false;
	if (!slice_cut(s, '\n', &line, &s))
		return probe_cut(line);
	/* Faulty start lines are taken too, so that sip_parse() names what
	 * is wrong with them. */
	line = slice_trim(line);
	if (line.len < 10)
		return false;
	if (any_version(slice_head(line, 7)))
		return line.p[7] == ' ';
	return line.p[line.len - 8] == ' ' &&
	       any_version(slice_from(line, line.len - 7));
}

/* Start of the line that holds in.p[at]. */
static size_t line_start(struct slice in, size_t at)
{
	while (at && in.p[at - 1] != '\n')
		at--;
	return at;
}

ptrdiff_t sip_resync(struct slice in)
{
	size_t at = 0;

	while (at < in.len) {
		ptrdiff_t hit = slice_find_slice(slice_from(in, at), VERSION);
		struct sip_msg m;
		struct slice line;
		struct slice rest;
		size_t start;

		if (hit < 0)
			return -1;
		start = line_start(in, at + (size_t)hit);
		rest = slice_from(in, start);
		if (!slice_cut(rest, '\n', &line, &rest))
			return -1;
		if (line.len && line.p[line.len - 1] == '\r')
			line.len--;
		m.method = SIP_METHOD_OTHER;
		m.request = false;
		/* In the middle of a line only known methods count: the rest
		 * of "INVITE" is a token, too. */
		if (!sip_start_parse(line, &m) &&
		    (start || !m.request || m.method))
			return (ptrdiff_t)start;
		at = in.len - rest.len;
	}
	return -1;
}
