/* Attributes of SDP: one handler each, one table. */
#include "dissectors/sdp_attr.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* Next free element of one of the shared arrays, cleared; NULL and the
 * truncated mark when it is full. */
#define TAKE(s, array)                                                         \
	((s)->used.array < COUNT((s)->array)                                   \
		 ? memset(&(s)->array[(s)->used.array++], 0,                   \
			  sizeof((s)->array[0]))                               \
		 : ((s)->truncated = true, NULL))

/* Which level an attribute may stand at; elsewhere it is skipped. */
enum level {
	SESSION = 1,
	MEDIA = 2,
	BOTH = 3,
};

struct at {
	struct sdp *s;
	struct sdp_media *m; /* NULL at session level */
	struct slice value;
	uint16_t arg; /* from the table */
};

static bool first_u32(struct slice s, uint32_t *out)
{
	struct slice w;
	struct slice fraction;

	if (!sdp_word(&s, &w))
		return false;
	slice_cut(w, '.', &w, &fraction);
	return slice_u32(w, out);
}

static void on_direction(const struct at *a)
{
	if (a->m)
		a->m->direction = (enum sdp_direction)a->arg;
	else
		a->s->direction = (enum sdp_direction)a->arg;
}

static struct sdp_format *format_named(const struct at *a, struct slice text)
{
	for (unsigned i = 0; i < a->m->format_count; i++)
		if (slice_eq(a->m->formats[i].text, text))
			return &a->m->formats[i];
	return NULL;
}

/* pt name/clock[/channels] (6.6). Those of payload types that the m= line
 * does not list mean nothing. */
static void on_rtpmap(const struct at *a)
{
	struct slice rest = a->value;
	struct slice pt;
	struct slice name;
	struct slice clock;
	struct slice channels;
	struct sdp_format *f;
	uint32_t n;

	if (!sdp_word(&rest, &pt) || !sdp_word(&rest, &name)) {
		sdp_bad(a->s, "sdp.bad_rtpmap");
		return;
	}
	f = format_named(a, pt);
	if (!f)
		return;
	slice_cut(name, '/', &f->name, &clock);
	slice_cut(clock, '/', &clock, &channels);
	f->has_rtpmap = true;
	f->channels = 1;
	/* "31 LPC" of RFC 4475: a static type keeps its clock */
	if (slice_u32(clock, &n) && n)
		f->clock_hz = n;
	else if (clock.len || !f->clock_hz)
		sdp_bad(a->s, "sdp.bad_rtpmap");
	if (slice_u32(channels, &n) && n && n < 256)
		f->channels = (uint8_t)n;
}

static void on_fmtp(const struct at *a)
{
	struct slice rest = a->value;
	struct slice pt;
	struct sdp_format *f;

	if (!sdp_word(&rest, &pt))
		return;
	f = format_named(a, pt);
	if (f)
		f->fmtp = slice_trim(rest);
}

/* port [IN IP4 address] (RFC 3605) */
static void on_rtcp(const struct at *a)
{
	struct slice rest = a->value;
	struct slice port;
	uint32_t n;

	if (!sdp_word(&rest, &port) || !slice_u32(port, &n) || n > UINT16_MAX) {
		sdp_bad(a->s, "sdp.bad_rtcp");
		return;
	}
	a->m->has_rtcp = true;
	a->m->rtcp = (struct sdp_addr){.addr.port = (uint16_t)n};
	sdp_address(rest, &a->m->rtcp);
}

/* arg: offset of a bool in struct sdp_media */
static void on_flag(const struct at *a)
{
	*(bool *)((uint8_t *)a->m + a->arg) = true;
}

/* arg: offset of a slice in struct sdp_media */
static void on_text(const struct at *a)
{
	memcpy((uint8_t *)a->m + a->arg, &a->value, sizeof(a->value));
}

/* arg: offset of a uint32_t in struct sdp_media */
static void on_number(const struct at *a)
{
	uint32_t n;

	if (first_u32(a->value, &n))
		memcpy((uint8_t *)a->m + a->arg, &n, sizeof(n));
	else
		sdp_bad(a->s, "sdp.bad_number");
}

static void on_ufrag(const struct at *a)
{
	*(a->m ? &a->m->ice_ufrag : &a->s->ice_ufrag) = a->value;
}

static void on_pwd(const struct at *a)
{
	*(a->m ? &a->m->ice_pwd : &a->s->ice_pwd) = a->value;
}

static void on_ice_lite(const struct at *a)
{
	a->s->ice_lite = true;
}

static void on_ice_options(const struct at *a)
{
	a->s->ice_options = a->value;
}

static void on_tool(const struct at *a)
{
	a->s->tool = a->value;
}

static void on_setup(const struct at *a)
{
	static const struct {
		struct slice name;
		enum sdp_setup setup;
	} setups[] = {
		{SLICE_INIT("actpass"), SDP_SETUP_ACTPASS},
		{SLICE_INIT("active"), SDP_SETUP_ACTIVE},
		{SLICE_INIT("passive"), SDP_SETUP_PASSIVE},
		{SLICE_INIT("holdconn"), SDP_SETUP_HOLDCONN},
	};

	for (size_t i = 0; i < COUNT(setups); i++)
		if (slice_ieq(a->value, setups[i].name))
			*(a->m ? &a->m->setup : &a->s->setup) = setups[i].setup;
}

/* hash-func fingerprint (RFC 8122, 5) */
static void on_fingerprint(const struct at *a)
{
	struct slice rest = a->value;
	struct slice hash;
	struct slice value;
	struct sdp_fingerprint *f;

	if (!sdp_word(&rest, &hash) || !sdp_word(&rest, &value)) {
		sdp_bad(a->s, "sdp.bad_fingerprint");
		return;
	}
	f = TAKE(a->s, fingerprints);
	if (!f)
		return;
	*f = (struct sdp_fingerprint){hash, value};
	if (a->m)
		a->m->fingerprint_count++;
	else
		a->s->fingerprint_count++;
}

/* semantics *( SP mid ) (RFC 5888) */
static void on_group(const struct at *a)
{
	struct slice rest = a->value;
	struct slice semantics;

	if (!sdp_word(&rest, &semantics))
		return;
	if (a->s->group_count == SDP_GROUPS_MAX) {
		a->s->truncated = true;
		return;
	}
	a->s->groups[a->s->group_count++] = (struct sdp_group){
		.semantics = semantics,
		.mids = slice_trim(rest),
	};
}

/* tag suite inline:key||salt[|lifetime][|MKI:len] [session-params]
 * (RFC 4568, 9.1) */
static void on_crypto(const struct at *a)
{
	struct slice rest = a->value;
	struct sdp_crypto c = {0};
	struct slice tag;
	struct slice tail;
	struct sdp_crypto *slot;

	if (!sdp_word(&rest, &tag) || !slice_u32(tag, &c.tag) ||
	    !sdp_word(&rest, &c.suite) || !sdp_word(&rest, &c.key_params) ||
	    !slice_istarts(c.key_params, SLICE("inline:"))) {
		sdp_bad(a->s, "sdp.bad_crypto");
		return;
	}
	c.session_params = slice_trim(rest);
	slice_cut(slice_from(c.key_params, 7), '|', &c.key, &tail);
	slice_cut(c.key, ';', &c.key, &tail);
	slot = TAKE(a->s, cryptos);
	if (!slot)
		return;
	*slot = c;
	a->m->crypto_count++;
}

static struct sdp_ssrc *ssrc_slot(const struct at *a, uint32_t ssrc)
{
	struct sdp_ssrc *slot;

	for (unsigned i = a->m->ssrc_count; i > 0; i--)
		if (a->m->ssrcs[i - 1].ssrc == ssrc)
			return &a->m->ssrcs[i - 1];
	slot = TAKE(a->s, ssrcs);
	if (!slot)
		return NULL;
	slot->ssrc = ssrc;
	a->m->ssrc_count++;
	return slot;
}

/* ssrc attribute[:value] (RFC 5576, 4.1) */
static void on_ssrc(const struct at *a)
{
	struct slice rest = a->value;
	struct slice id;
	struct slice name;
	struct slice value;
	struct sdp_ssrc *slot;
	uint32_t ssrc;

	if (!sdp_word(&rest, &id) || !slice_u32(id, &ssrc)) {
		sdp_bad(a->s, "sdp.bad_ssrc");
		return;
	}
	slot = ssrc_slot(a, ssrc);
	if (!slot)
		return;
	slice_cut(slice_trim(rest), ':', &name, &value);
	if (slice_ieq(name, SLICE("cname")))
		slot->cname = value;
	else if (slice_ieq(name, SLICE("msid")))
		slot->msid = value;
}

/* semantics *( SP ssrc ) (RFC 5576, 4.2) */
static void on_ssrc_group(const struct at *a)
{
	struct slice rest = a->value;
	struct slice semantics;
	struct slice w;
	struct sdp_ssrc_group *g;

	if (!sdp_word(&rest, &semantics)) {
		sdp_bad(a->s, "sdp.bad_ssrc");
		return;
	}
	g = TAKE(a->s, ssrc_groups);
	if (!g)
		return;
	a->m->ssrc_group_count++;
	g->semantics = semantics;
	while (sdp_word(&rest, &w) && g->count < SDP_GROUP_SSRCS_MAX)
		if (slice_u32(w, &g->ssrc[g->count]))
			g->count++;
}

static void on_candidate(const struct at *a)
{
	struct sdp_candidate *c;

	if (a->s->used.candidates == SDP_CANDIDATES_MAX) {
		a->s->truncated = true;
		return;
	}
	c = &a->s->candidates[a->s->used.candidates];
	if (!sdp_candidate_parse(a->value, c)) {
		sdp_bad(a->s, "sdp.bad_candidate");
		return;
	}
	a->s->used.candidates++;
	a->m->candidate_count++;
}

/* id[/direction] uri [extension attributes] (RFC 8285, 5) */
static void on_extmap(const struct at *a)
{
	struct slice rest = a->value;
	struct slice id;
	struct slice direction;
	struct sdp_extmap *e;
	uint32_t n;

	if (!sdp_word(&rest, &id) || !slice_trim(rest).len) {
		sdp_bad(a->s, "sdp.bad_extmap");
		return;
	}
	slice_cut(id, '/', &id, &direction);
	if (!slice_u32(id, &n) || n > UINT16_MAX) {
		sdp_bad(a->s, "sdp.bad_extmap");
		return;
	}
	e = TAKE(a->s, extmaps);
	if (!e)
		return;
	*e = (struct sdp_extmap){(uint16_t)n, slice_trim(rest)};
	a->m->extmap_count++;
}

/* id send|recv [params] (RFC 8851, 10) */
static void on_rid(const struct at *a)
{
	struct slice rest = a->value;
	struct slice id;
	struct slice direction;
	struct sdp_rid *r;

	if (!sdp_word(&rest, &id) || !sdp_word(&rest, &direction)) {
		sdp_bad(a->s, "sdp.bad_rid");
		return;
	}
	r = TAKE(a->s, rids);
	if (!r)
		return;
	r->id = id;
	r->send = slice_ieq(direction, SLICE("send"));
	r->params = slice_trim(rest);
	a->m->rid_count++;
}

#define FIELD(f) offsetof(struct sdp_media, f)

/* clang-format off */
static const struct {
	struct slice name;
	enum level level;
	void (*on)(const struct at *a);
	uint16_t arg;
} attributes[] = {
	{ SLICE_INIT("rtpmap"), MEDIA, on_rtpmap, 0 },
	{ SLICE_INIT("fmtp"), MEDIA, on_fmtp, 0 },
	{ SLICE_INIT("ptime"), MEDIA, on_number, FIELD(ptime_ms) },
	{ SLICE_INIT("maxptime"), MEDIA, on_number, FIELD(maxptime_ms) },
	{ SLICE_INIT("sendrecv"), BOTH, on_direction, SDP_SENDRECV },
	{ SLICE_INIT("sendonly"), BOTH, on_direction, SDP_SENDONLY },
	{ SLICE_INIT("recvonly"), BOTH, on_direction, SDP_RECVONLY },
	{ SLICE_INIT("inactive"), BOTH, on_direction, SDP_INACTIVE },
	{ SLICE_INIT("candidate"), MEDIA, on_candidate, 0 },
	{ SLICE_INIT("ssrc"), MEDIA, on_ssrc, 0 },
	{ SLICE_INIT("ssrc-group"), MEDIA, on_ssrc_group, 0 },
	{ SLICE_INIT("extmap"), MEDIA, on_extmap, 0 },
	{ SLICE_INIT("rtcp"), MEDIA, on_rtcp, 0 },
	{ SLICE_INIT("rtcp-mux"), MEDIA, on_flag, FIELD(rtcp_mux) },
	{ SLICE_INIT("rtcp-rsize"), MEDIA, on_flag, FIELD(rtcp_rsize) },
	{ SLICE_INIT("bundle-only"), MEDIA, on_flag, FIELD(bundle_only) },
	{ SLICE_INIT("end-of-candidates"), MEDIA, on_flag,
	  FIELD(end_of_candidates) },
	{ SLICE_INIT("ice-mismatch"), MEDIA, on_flag, FIELD(ice_mismatch) },
	{ SLICE_INIT("mid"), MEDIA, on_text, FIELD(mid) },
	{ SLICE_INIT("msid"), MEDIA, on_text, FIELD(msid) },
	{ SLICE_INIT("simulcast"), MEDIA, on_text, FIELD(simulcast) },
	{ SLICE_INIT("rid"), MEDIA, on_rid, 0 },
	{ SLICE_INIT("sctp-port"), MEDIA, on_number, FIELD(sctp_port) },
	{ SLICE_INIT("crypto"), MEDIA, on_crypto, 0 },
	{ SLICE_INIT("fingerprint"), BOTH, on_fingerprint, 0 },
	{ SLICE_INIT("setup"), BOTH, on_setup, 0 },
	{ SLICE_INIT("ice-ufrag"), BOTH, on_ufrag, 0 },
	{ SLICE_INIT("ice-pwd"), BOTH, on_pwd, 0 },
	{ SLICE_INIT("ice-lite"), SESSION, on_ice_lite, 0 },
	{ SLICE_INIT("ice-options"), BOTH, on_ice_options, 0 },
	{ SLICE_INIT("group"), SESSION, on_group, 0 },
	{ SLICE_INIT("tool"), SESSION, on_tool, 0 },
};
/* clang-format on */

void sdp_attribute(struct sdp *s, struct sdp_media *m, struct slice line)
{
	struct at a = {.s = s, .m = m};
	struct slice name;

	slice_cut(line, ':', &name, &a.value);
	name = slice_trim(name);
	a.value = slice_trim(a.value);
	for (size_t i = 0; i < COUNT(attributes); i++) {
		if (!slice_ieq(name, attributes[i].name))
			continue;
		a.arg = attributes[i].arg;
		if (attributes[i].level & (m ? MEDIA : SESSION))
			attributes[i].on(&a);
		return;
	}
}
