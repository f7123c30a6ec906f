#include "dissectors/sdp.h"
#include "dissectors/sdp_attr.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

void sdp_bad(struct sdp *s, const char *fault)
{
	if (s->bad_lines < UINT16_MAX)
		s->bad_lines++;
	if (!s->fault)
		s->fault = fault;
}

bool sdp_word(struct slice *rest, struct slice *word)
{
	struct slice s = *rest;
	size_t i = 0;

	while (s.len && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = slice_from(s, 1);
	while (i < s.len && s.p[i] != ' ' && s.p[i] != '\t')
		i++;
	*word = slice_head(s, i);
	*rest = slice_from(s, i);
	return i > 0;
}

void sdp_addr_set(struct sdp_addr *out, struct slice text, uint16_t port)
{
	*out = (struct sdp_addr){.text = text};
	out->parsed = addr_parse_ip(text, &out->addr);
	out->addr.port = port;
}

bool sdp_address(struct slice text, struct sdp_addr *out)
{
	struct slice net;
	struct slice type;
	struct slice addr;
	struct slice tail;

	if (!sdp_word(&text, &net) || !sdp_word(&text, &type) ||
	    !sdp_word(&text, &addr))
		return false;
	slice_cut(addr, '/', &addr, &tail); /* TTL and count, 5.7 */
	sdp_addr_set(out, addr, out->addr.port);
	return addr.len > 0;
}

static const struct {
	struct slice name;
	enum sdp_kind kind;
} kinds[] = {
	{SLICE_INIT("audio"), SDP_AUDIO},
	{SLICE_INIT("video"), SDP_VIDEO},
	{SLICE_INIT("application"), SDP_APPLICATION},
	{SLICE_INIT("image"), SDP_IMAGE},
	{SLICE_INIT("text"), SDP_TEXT},
	{SLICE_INIT("message"), SDP_MESSAGE},
};

static enum sdp_kind kind_of(struct slice text)
{
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (slice_ieq(text, kinds[i].name))
			return kinds[i].kind;
	return SDP_OTHER;
}

const char *sdp_direction_name(enum sdp_direction d)
{
	static const char *const names[] = {
		[SDP_SENDRECV] = "sendrecv",
		[SDP_SENDONLY] = "sendonly",
		[SDP_RECVONLY] = "recvonly",
		[SDP_INACTIVE] = "inactive",
	};

	return names[d <= SDP_INACTIVE ? d : SDP_SENDRECV];
}

/* RTP/AVP, UDP/TLS/RTP/SAVPF, TCP/RTP/AVP ... */
static bool is_rtp(struct slice proto)
{
	struct slice part;

	while (proto.len) {
		slice_cut(proto, '/', &part, &proto);
		if (slice_ieq(part, SLICE("RTP")))
			return true;
	}
	return false;
}

/* o=username sess-id sess-version nettype addrtype address (5.2). Some put
 * blanks into the name: the last five words count. */
static void on_origin(struct sdp *s, struct slice v)
{
	struct slice probe = v;
	struct slice w;
	unsigned words = 0;

	while (sdp_word(&probe, &w))
		words++;
	if (words < 6) {
		sdp_bad(s, "sdp.bad_origin");
		return;
	}
	sdp_word(&v, &s->username);
	for (; words > 6; words--) {
		sdp_word(&v, &w);
		s->username.len = (size_t)(w.p + w.len - s->username.p);
	}
	sdp_word(&v, &s->sess_id);
	sdp_word(&v, &s->sess_version);
	sdp_address(v, &s->origin);
}

static void on_connection(struct sdp *s, struct sdp_media *m, struct slice v)
{
	if (!sdp_address(v, m ? &m->rtp : &s->conn))
		sdp_bad(s, "sdp.bad_connection");
}

/* b=AS:kbit/s, b=TIAS:bit/s (5.8, RFC 3890) */
static void on_bandwidth(struct sdp *s, struct sdp_media *m, struct slice v)
{
	uint32_t *kbps = m ? &m->bandwidth_kbps : &s->bandwidth_kbps;
	struct slice type;
	struct slice value;
	uint32_t n;

	slice_cut(v, ':', &type, &value);
	if (!slice_u32(slice_trim(value), &n))
		sdp_bad(s, "sdp.bad_bandwidth");
	else if (slice_ieq(type, SLICE("AS")))
		*kbps = n;
	else if (slice_ieq(type, SLICE("TIAS")) && *kbps == 0)
		*kbps = n / 1000;
}

static void add_format(struct sdp *s, struct sdp_media *m, struct slice text)
{
	const struct sdp_static_pt *known;
	struct sdp_format *f;
	uint32_t pt;

	if (s->used.formats == SDP_FORMATS_MAX) {
		s->truncated = true;
		return;
	}
	f = &s->formats[s->used.formats++];
	*f = (struct sdp_format){.text = text, .pt = 0xff, .channels = 1};
	m->format_count++;
	if (!m->rtp_profile || !slice_u32(text, &pt))
		return;
	if (pt > 127) {
		sdp_bad(s, "sdp.bad_format");
		return;
	}
	f->pt = (uint8_t)pt;
	known = sdp_static_pt(f->pt);
	if (known) {
		f->name = known->name;
		f->clock_hz = known->clock_hz;
		f->channels = known->channels;
	}
}

/* A medium begins with what the session says for all. */
static struct sdp_media *new_media(struct sdp *s)
{
	struct sdp_media *m;

	if (s->media_count == SDP_MEDIA_MAX) {
		s->truncated = true;
		return NULL;
	}
	m = &s->media[s->media_count++];
	*m = (struct sdp_media){
		.rtp = s->conn,
		.direction = s->direction,
		.setup = s->setup,
		.ice_ufrag = s->ice_ufrag,
		.ice_pwd = s->ice_pwd,
		.port_count = 1,
		.formats = s->formats + s->used.formats,
		.candidates = s->candidates + s->used.candidates,
		.ssrcs = s->ssrcs + s->used.ssrcs,
		.ssrc_groups = s->ssrc_groups + s->used.ssrc_groups,
		.cryptos = s->cryptos + s->used.cryptos,
		.fingerprints = s->fingerprints + s->used.fingerprints,
		.extmaps = s->extmaps + s->used.extmaps,
		.rids = s->rids + s->used.rids,
	};
	return m;
}

/* m=audio 49170[/2] RTP/AVP 0 8 (5.14). A broken one keeps its place: an
 * answer's media match the offer's by position. */
static struct sdp_media *on_media(struct sdp *s, struct slice v)
{
	struct sdp_media *m = new_media(s);
	struct slice port;
	struct slice count;
	struct slice w;
	uint32_t n = 0;

	if (!m)
		return NULL;
	sdp_word(&v, &m->kind_text);
	m->kind = kind_of(m->kind_text);
	sdp_word(&v, &port);
	slice_cut(port, '/', &port, &count);
	if (!sdp_word(&v, &m->proto) || !slice_u32(port, &n) || n > UINT16_MAX)
		sdp_bad(s, "sdp.bad_media");
	m->port = n > UINT16_MAX ? 0 : (uint16_t)n;
	if (count.len && slice_u32(count, &n) && n <= UINT16_MAX)
		m->port_count = (uint16_t)n;
	m->rtp_profile = is_rtp(m->proto);
	while (sdp_word(&v, &w))
		add_format(s, m, w);
	return m;
}

/* What depends on lines that may follow in any order. */
static void finish_media(struct sdp *s, struct sdp_media *m)
{
	uint16_t port = m->port;

	m->rtp.addr.port = port;
	m->rejected = port == 0 && !m->bundle_only;
	if (m->fingerprint_count == 0) {
		m->fingerprints = s->fingerprints;
		m->fingerprint_count = s->fingerprint_count;
	}
	if (m->has_rtcp && m->rtcp.text.len)
		return;
	if (m->has_rtcp)
		port = m->rtcp.addr.port;
	else if (port && port < UINT16_MAX)
		port++;
	m->rtcp = m->rtp;
	m->rtcp.addr.port = port;
}

static void on_line(struct sdp *s, struct sdp_media *m, uint8_t type,
		    struct slice v)
{
	switch (type) {
	case 'v':
		s->has_version = true;
		break;
	case 'o':
		on_origin(s, v);
		break;
	case 's':
		s->name = v;
		break;
	case 'i':
		if (m)
			m->title = v;
		break;
	case 'c':
		on_connection(s, m, v);
		break;
	case 'b':
		on_bandwidth(s, m, v);
		break;
	case 'a':
		sdp_attribute(s, m, v);
		break;
	default:
		if (!type || !strchr("uepzktr", type))
			sdp_bad(s, "sdp.bad_line");
	}
}

static void sdp_clear(struct sdp *s)
{
	memset(s, 0, offsetof(struct sdp, groups));
	s->media_count = 0;
	memset(&s->used, 0, sizeof(s->used));
}

enum parse sdp_parse(struct slice in, struct sdp *out)
{
	struct sdp_media *m = NULL;
	struct slice line;
	bool beyond = false; /* media that had no room */
	bool found = false;

	sdp_clear(out);
	while (slice_line(&in, &line)) {
		line = slice_trim(line);
		if (line.len == 0)
			continue;
		if (line.len < 2 || line.p[1] != '=') {
			sdp_bad(out, "sdp.bad_line");
			continue;
		}
		found |= line.p[0] && strchr("vocm", line.p[0]);
		if (line.p[0] == 'm') {
			m = on_media(out, slice_from(line, 2));
			beyond = !m;
		} else if (!beyond) {
			on_line(out, m, line.p[0], slice_from(line, 2));
		}
	}
	for (unsigned i = 0; i < out->media_count; i++)
		finish_media(out, &out->media[i]);
	return found ? PARSE_OK : PARSE_BAD;
}

const struct sdp_format *sdp_format_of(const struct sdp_media *m, uint8_t pt)
{
	for (unsigned i = 0; i < m->format_count; i++)
		if (m->formats[i].pt == pt)
			return &m->formats[i];
	return NULL;
}
