/* ICE candidates: RFC 8839, 5.1; TCP: RFC 6544, 4.5. */
#include "dissectors/sdp_attr.h"

static const struct {
	struct slice name;
	enum sdp_candidate_type type;
} types[] = {
	{SLICE_INIT("host"), SDP_CAND_HOST},
	{SLICE_INIT("srflx"), SDP_CAND_SRFLX},
	{SLICE_INIT("prflx"), SDP_CAND_PRFLX},
	{SLICE_INIT("relay"), SDP_CAND_RELAY},
};

static enum sdp_candidate_type type_of(struct slice text)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (slice_ieq(text, types[i].name))
			return types[i].type;
	return SDP_CAND_OTHER;
}

const char *sdp_candidate_type_name(enum sdp_candidate_type t)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (types[i].type == t)
			return (const char *)types[i].name.p;
	return "other";
}

static bool word_u16(struct slice *s, uint16_t *out)
{
	struct slice w;
	uint32_t n;

	if (!sdp_word(s, &w) || !slice_u32(w, &n) || n > UINT16_MAX)
		return false;
	*out = (uint16_t)n;
	return true;
}

/* What follows the type: name and value in turn. */
static void extensions(struct slice s, struct sdp_candidate *c)
{
	struct slice raddr = {0};
	struct slice name;
	struct slice value;
	uint32_t rport = 0;

	while (sdp_word(&s, &name) && sdp_word(&s, &value)) {
		if (slice_ieq(name, SLICE("raddr")))
			raddr = value;
		else if (slice_ieq(name, SLICE("rport")))
			slice_u32(value, &rport);
		else if (slice_ieq(name, SLICE("tcptype")))
			c->tcptype = value;
		else if (slice_ieq(name, SLICE("ufrag")))
			c->ufrag = value;
	}
	if (raddr.len && rport <= UINT16_MAX)
		sdp_addr_set(&c->related, raddr, (uint16_t)rport);
}

bool sdp_candidate_parse(struct slice value, struct sdp_candidate *out)
{
	struct slice s = slice_trim(value);
	struct sdp_candidate c = {0};
	struct slice prio;
	struct slice addr;
	struct slice typ;
	uint16_t port;

	if (slice_istarts(s, SLICE("a=")))
		s = slice_from(s, 2);
	if (slice_istarts(s, SLICE("candidate:")))
		s = slice_from(s, 10);
	c.text = s;
	if (!sdp_word(&s, &c.foundation) || !word_u16(&s, &c.component) ||
	    !sdp_word(&s, &c.transport) || !sdp_word(&s, &prio) ||
	    !sdp_word(&s, &addr) || !word_u16(&s, &port) ||
	    !sdp_word(&s, &typ) || !sdp_word(&s, &c.type_text))
		return false;
	if (!slice_u32(prio, &c.priority) || !slice_ieq(typ, SLICE("typ")))
		return false;
	sdp_addr_set(&c.addr, addr, port);
	c.type = type_of(c.type_text);
	extensions(s, &c);
	*out = c;
	return true;
}
