#include "dissectors/sip.h"
#include "dissectors/sip_start.h"

#define SEEN(id) (UINT64_C(1) << (id))
_Static_assert(SIP_HDR_IDS <= 64, "header ids outgrew the bit set");

static void fault(struct sip_msg *m, const char *name)
{
	if (!m->fault)
		m->fault = name;
}

/* Headers kept as they are: the first value goes into this field. */
#define RAW(id, field) [id] = offsetof(struct sip_msg, field)
static const uint16_t raw_fields[SIP_HDR_IDS] = {
	RAW(SIP_HDR_CONTENT_ENCODING, content_encoding),
	RAW(SIP_HDR_CONTENT_TYPE, content_type),
	RAW(SIP_HDR_EVENT, event),
	RAW(SIP_HDR_P_ASSERTED_IDENTITY, p_asserted_identity),
	RAW(SIP_HDR_REASON, reason_header),
	RAW(SIP_HDR_REFER_TO, refer_to),
	RAW(SIP_HDR_REFERRED_BY, referred_by),
	RAW(SIP_HDR_REPLACES, replaces),
	RAW(SIP_HDR_SERVER, server),
	RAW(SIP_HDR_SESSION_ID, session_id),
	RAW(SIP_HDR_SUBSCRIPTION_STATE, subscription_state),
	RAW(SIP_HDR_USER_AGENT, user_agent),
	RAW(SIP_HDR_WARNING, warning),
};

/* What may stand only once (7.3.1, 20). */
static const uint64_t singletons =
	SEEN(SIP_HDR_CALL_ID) | SEEN(SIP_HDR_CSEQ) | SEEN(SIP_HDR_FROM) |
	SEEN(SIP_HDR_TO) | SEEN(SIP_HDR_CONTENT_LENGTH) |
	SEEN(SIP_HDR_CONTENT_TYPE) | SEEN(SIP_HDR_MAX_FORWARDS) |
	SEEN(SIP_HDR_EXPIRES) | SEEN(SIP_HDR_RSEQ) | SEEN(SIP_HDR_RACK) |
	SEEN(SIP_HDR_DATE) | SEEN(SIP_HDR_SESSION_ID);

/* Number, blanks (perhaps a fold), the rest: CSeq and RAck. */
static bool number_word(struct slice s, uint32_t *n, struct slice *rest)
{
	size_t i = 0;

	while (i < s.len && s.p[i] > ' ')
		i++;
	*rest = slice_trim(slice_from(s, i));
	return slice_u32(slice_head(s, i), n);
}

static void on_cseq(struct sip_msg *m, struct slice v)
{
	if (!number_word(v, &m->cseq, &m->cseq_method_text))
		m->cseq_method_text.len = 0;
	m->cseq_method = sip_method_of(m->cseq_method_text);
}

static void on_rack(struct sip_msg *m, struct slice v)
{
	struct slice rest;

	if (number_word(v, &m->rack_rseq, &rest) &&
	    number_word(rest, &m->rack_cseq, &rest)) {
		m->rack_method = sip_method_of(rest);
		m->has_rack = true;
		return;
	}
	fault(m, "sip.bad_rack");
}

static void on_via(struct sip_msg *m, struct slice v, bool first)
{
	struct slice item = v;
	unsigned n = 0;

	if (slice_find(v, ',') < 0) {
		n = 1;
	} else {
		struct slice list = v;
		struct slice next;

		for (; sip_list_next(&list, &next); n++)
			if (n == 0)
				item = next;
	}
	m->via_count =
		(uint8_t)(m->via_count + n > 255 ? 255 : m->via_count + n);
	if (first && !sip_via_parse(item, &m->via))
		fault(m, "sip.bad_via");
}

static void on_contact(struct sip_msg *m, struct slice v)
{
	struct slice list = v;
	struct slice item;
	struct sip_addr a;

	m->contact = v;
	if (!sip_list_next(&list, &item) || !sip_addr_parse(item, &a))
		fault(m, "sip.bad_contact");
}

static void on_session_expires(struct sip_msg *m, struct slice v)
{
	struct slice seconds;
	struct slice params;

	slice_cut(v, ';', &seconds, &params);
	if (!slice_u32(slice_trim(seconds), &m->session_expires))
		fault(m, "sip.bad_session_expires");
	sip_param(params, "refresher", &m->refresher);
}

static void on_content_length(struct sip_msg *m, struct slice v)
{
	m->has_content_length = slice_u32(v, &m->content_length);
	if (!m->has_content_length)
		fault(m, "sip.bad_content_length");
}

static void on_max_forwards(struct sip_msg *m, struct slice v)
{
	m->has_max_forwards = slice_u32(v, &m->max_forwards);
	if (!m->has_max_forwards || m->max_forwards > 255)
		fault(m, "sip.bad_max_forwards");
}

/* The first value of a header that has meaning here. */
static void on_first(struct sip_msg *m, enum sip_hdr_id id, struct slice v)
{
	switch (id) {
	case SIP_HDR_CALL_ID:
		m->call_id = v;
		break;
	case SIP_HDR_CSEQ:
		on_cseq(m, v);
		break;
	case SIP_HDR_FROM:
		if (!sip_addr_parse(v, &m->from))
			fault(m, "sip.bad_from");
		break;
	case SIP_HDR_TO:
		if (!sip_addr_parse(v, &m->to))
			fault(m, "sip.bad_to");
		break;
	case SIP_HDR_CONTACT:
		on_contact(m, v);
		break;
	case SIP_HDR_CONTENT_LENGTH:
		on_content_length(m, v);
		break;
	case SIP_HDR_MAX_FORWARDS:
		on_max_forwards(m, v);
		break;
	case SIP_HDR_EXPIRES:
		m->has_expires = slice_u32(v, &m->expires);
		if (!m->has_expires)
			fault(m, "sip.bad_expires");
		break;
	case SIP_HDR_SESSION_EXPIRES:
		on_session_expires(m, v);
		break;
	case SIP_HDR_RSEQ:
		m->has_rseq = slice_u32(v, &m->rseq);
		if (!m->has_rseq)
			fault(m, "sip.bad_rseq");
		break;
	case SIP_HDR_RACK:
		on_rack(m, v);
		break;
	case SIP_HDR_AUTHORIZATION:
	case SIP_HDR_PROXY_AUTHORIZATION:
		m->authorization = true;
		break;
	case SIP_HDR_DATE:
		/* 20.17: only GMT */
		if (!slice_ieq(slice_from(v, v.len < 3 ? 0 : v.len - 3),
			       SLICE("GMT")))
			fault(m, "sip.bad_date");
		break;
	default:
		if (raw_fields[id])
			memcpy((uint8_t *)m + raw_fields[id], &v, sizeof(v));
	}
}

static void on_header(struct sip_msg *m, struct slice line, uint64_t *seen)
{
	struct sip_hdr h;
	bool first;

	if (!slice_cut(line, ':', &h.name, &h.value)) {
		fault(m, "sip.bad_header");
		return;
	}
	h.name = slice_trim(h.name);
	h.value = slice_trim(h.value);
	h.id = sip_hdr_id_of(h.name);
	if (m->hdr_count < SIP_HDRS_MAX)
		m->hdr[m->hdr_count++] = h;
	else
		m->truncated = true;
	if (h.id == SIP_HDR_OTHER)
		return;
	first = !(*seen & SEEN(h.id));
	*seen |= SEEN(h.id);
	if (h.id == SIP_HDR_VIA)
		on_via(m, h.value, first);
	else if (first)
		on_first(m, h.id, h.value);
	else if (singletons & SEEN(h.id))
		fault(m, "sip.duplicate_header");
}

/* Takes one header with its folds (7.3.1) off *s, CRLF or LF; false when
 * its end has not come. An empty line gives an empty one. */
static bool take_header(struct slice *s, struct slice *line)
{
	size_t end = 0;

	for (;;) {
		ptrdiff_t lf = slice_find(slice_from(*s, end), '\n');

		if (lf < 0)
			return false;
		*line = slice_head(*s, end + (size_t)lf);
		end += (size_t)lf + 1;
		if (line->len == 0 || (line->len == 1 && line->p[0] == '\r'))
			break;
		if (end == s->len || (s->p[end] != ' ' && s->p[end] != '\t'))
			break;
	}
	*s = slice_from(*s, end);
	if (line->len && line->p[line->len - 1] == '\r')
		line->len--;
	return true;
}

/* All headers; true when the empty line was reached. */
static bool take_headers(struct slice *s, struct sip_msg *m, uint64_t *seen)
{
	struct slice line;

	*seen = 0;
	while (take_header(s, &line)) {
		if (line.len == 0)
			return true;
		on_header(m, line, seen);
	}
	return false;
}

/* NULL, or what makes the message of no use: nothing to tie it to. */
static const char *verdict(const struct sip_msg *m, uint64_t seen)
{
	if (m->call_id.len == 0)
		return "sip.no_call_id";
	if (!(seen & SEEN(SIP_HDR_CSEQ)))
		return "sip.no_cseq";
	if (m->cseq_method_text.len == 0)
		return "sip.bad_cseq";
	return NULL;
}

static void check_request(struct sip_msg *m)
{
	struct sip_uri uri;

	/* 8.1.1.5; RFC 4475, 3.1.2.17 */
	if (!slice_eq(m->method_text, m->cseq_method_text))
		fault(m, "sip.cseq_mismatch");
	/* 19.1.1: no headers in a Request-URI */
	if (!sip_uri_parse(m->request_uri, &uri) || uri.headers.len)
		fault(m, "sip.bad_request_uri");
}

static void check(struct sip_msg *m)
{
	if (m->from.text.len == 0)
		fault(m, "sip.no_from");
	if (m->to.text.len == 0)
		fault(m, "sip.no_to");
	if (m->via_count == 0)
		fault(m, "sip.no_via");
	if (m->request)
		check_request(m);
	else
		m->method = m->cseq_method;
}

static enum parse bad(struct sip_msg *m, const char *name, size_t skip)
{
	m->fault = name;
	m->total_len = skip;
	return PARSE_BAD;
}

/* Datagram: as much as is there. */
static void take_datagram_body(struct sip_msg *m, struct slice rest)
{
	m->body = rest;
	if (!m->has_content_length)
		return;
	if (m->content_length > rest.len)
		fault(m, "sip.body_cut");
	m->body = slice_head(rest, m->content_length);
}

/* Stream: the length decides (18.3); NULL, or why it cannot. */
static const char *take_stream_body(struct sip_msg *m, struct slice rest,
				    uint64_t seen)
{
	if (seen & SEEN(SIP_HDR_CONTENT_LENGTH)) {
		if (!m->has_content_length || m->content_length > SIP_BODY_MAX)
			return "sip.bad_content_length";
	} else {
		fault(m, "sip.no_content_length");
	}
	m->body = slice_head(rest, m->content_length);
	return NULL;
}

/* A head whose empty line is not there (yet). */
static enum parse head_open(struct slice s, enum sip_framing framing,
			    struct sip_msg *m)
{
	if (framing == SIP_DATAGRAM) {
		fault(m, "sip.head_cut");
		return PARSE_OK;
	}
	/* No head ends in there: to look for one at each of its lines would
	 * read it thousands of times. */
	if (s.len > SIP_HEAD_MAX)
		return bad(m, "sip.head_too_long", SIP_HEAD_MAX);
	return PARSE_MORE;
}

static void sip_msg_clear(struct sip_msg *m)
{
	memset(m, 0, offsetof(struct sip_msg, hdr));
}

enum parse sip_parse(struct slice in, enum sip_framing framing,
		     struct sip_msg *out)
{
	size_t skip = sip_skip_crlf(in);
	struct slice s = slice_from(in, skip);
	struct slice whole = s;
	struct slice line;
	const char *why;
	uint64_t seen;

	sip_msg_clear(out);
	if (s.len == 0) {
		out->total_len = skip;
		return PARSE_MORE;
	}
	if (!slice_cut(s, '\n', &line, &s)) {
		if (framing == SIP_DATAGRAM || !sip_start_possible(line))
			return bad(out, "sip.bad_start_line", 0);
		return head_open(whole, framing, out);
	}
	if (line.len && line.p[line.len - 1] == '\r')
		line.len--;
	why = sip_start_parse(line, out);
	if (why)
		return bad(out, why, 0);
	if (!take_headers(&s, out, &seen)) {
		enum parse p = head_open(whole, framing, out);

		if (p != PARSE_OK)
			return p;
		s = slice_from(whole, whole.len);
	}
	out->head_len = whole.len - s.len;
	if (framing == SIP_DATAGRAM)
		take_datagram_body(out, s);
	else if ((why = take_stream_body(out, s, seen)))
		return bad(out, why, 0);
	else if (out->body.len < out->content_length)
		return PARSE_MORE;
	out->total_len = skip + out->head_len + out->body.len;
	why = verdict(out, seen);
	if (why)
		return bad(out, why, out->total_len);
	check(out);
	return PARSE_OK;
}

const struct sip_hdr *sip_header_id(const struct sip_msg *m, enum sip_hdr_id id,
				    unsigned n)
{
	for (unsigned i = 0; i < m->hdr_count; i++)
		if (m->hdr[i].id == id && n-- == 0)
			return &m->hdr[i];
	return NULL;
}

const struct sip_hdr *sip_header(const struct sip_msg *m, const char *name,
				 unsigned n)
{
	struct slice want = slice_str(name);
	enum sip_hdr_id id = sip_hdr_id_of(want);

	if (id != SIP_HDR_OTHER)
		return sip_header_id(m, id, n);
	for (unsigned i = 0; i < m->hdr_count; i++)
		if (slice_ieq(m->hdr[i].name, want) && n-- == 0)
			return &m->hdr[i];
	return NULL;
}
