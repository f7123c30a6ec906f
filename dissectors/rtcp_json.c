#include "dissectors/rtcp_json.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "dissectors/rtcp.h"

enum {
	DEPTH_MAX = 8,
	BLOCKS_MAX = 31, /* a count has 5 bits */
};

/* --- writing ---------------------------------------------------------------
 */

struct text {
	char *p;
	size_t len;
};

static void add(struct text *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void add(struct text *t, const char *fmt, ...)
{
	size_t room = RTCP_JSON_TEXT_MAX - t->len;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->p + t->len, room, fmt, ap);
	va_end(ap);
	t->len += n > 0 && (size_t)n < room ? (size_t)n : room;
}

/* Of SRTCP only the first words can be read. */
static bool is_whole(struct slice rtcp)
{
	struct rtcp_walk w;
	struct rtcp p;
	enum parse r;

	rtcp_begin(&w, rtcp);
	while ((r = rtcp_next(&w, &p)) == PARSE_OK)
		;
	return r == PARSE_MORE;
}

static bool find_report(struct slice rtcp, struct rtcp_report *out)
{
	struct rtcp_walk w;
	struct rtcp p;

	rtcp_begin(&w, rtcp);
	while (rtcp_next(&w, &p) == PARSE_OK)
		if ((p.type == RTCP_SR || p.type == RTCP_RR) &&
		    rtcp_report_parse(&p, out) == PARSE_OK)
			return true;
	return false;
}

static void add_blocks(struct text *t, struct slice blocks)
{
	const char *between = "";
	struct rtcp_block b;

	while (rtcp_block_next(&blocks, &b)) {
		add(t,
		    "%s{\"source_ssrc\":%u,\"fraction_lost\":%u,"
		    "\"packets_lost\":%d,\"highest_seq_no\":%u,"
		    "\"ia_jitter\":%u,\"lsr\":%u,\"dlsr\":%u}",
		    between, b.ssrc, b.fraction_lost, b.lost, b.ext_seq,
		    b.jitter, b.lsr, b.dlsr);
		between = ",";
	}
}

size_t rtcp_json_write(struct slice rtcp, char out[RTCP_JSON_TEXT_MAX])
{
	struct text t = {.p = out};
	struct rtcp_report r;

	if (!is_whole(rtcp) || !find_report(rtcp, &r))
		return 0;
	add(&t, "{\"ssrc\":%u,\"type\":%u,\"report_count\":%zu,", r.ssrc,
	    r.sender ? RTCP_SR : RTCP_RR, r.blocks.len / 24);
	if (r.sender)
		add(&t,
		    "\"sender_information\":{\"ntp_timestamp_sec\":%" PRIu64
		    ",\"ntp_timestamp_usec\":%u,\"rtp_timestamp\":%u,"
		    "\"packets\":%u,\"octets\":%u},",
		    r.ntp >> 32, (uint32_t)r.ntp, r.rtp_ts, r.packets,
		    r.octets);
	add(&t, "\"report_blocks\":[");
	add_blocks(&t, r.blocks);
	add(&t, "]}");
	return t.len < RTCP_JSON_TEXT_MAX ? t.len : 0;
}

/* --- reading ---------------------------------------------------------------
 */

enum field {
	SSRC,
	TYPE,
	NTP_SEC,
	NTP_FRAC,
	RTP_TS,
	PACKETS,
	OCTETS,
	FIELDS,
};

enum block_field {
	SOURCE,
	FRACTION,
	LOST,
	SEQ,
	JITTER,
	LSR,
	DLSR,
	BLOCK_FIELDS,
};

/* Where in the text a name means something. */
enum place {
	AT_TOP,
	AT_SENDER,
	AT_BLOCK,
	ELSEWHERE,
};

static const struct {
	const char *name;
	enum place place;
	int field;
} names[] = {
	{"ssrc", AT_TOP, SSRC},
	{"type", AT_TOP, TYPE},
	{"ntp_timestamp_sec", AT_SENDER, NTP_SEC},
	{"ntp_timestamp_usec", AT_SENDER, NTP_FRAC},
	{"rtp_timestamp", AT_SENDER, RTP_TS},
	{"packets", AT_SENDER, PACKETS},
	{"octets", AT_SENDER, OCTETS},
	{"source_ssrc", AT_BLOCK, SOURCE},
	{"fraction_lost", AT_BLOCK, FRACTION},
	{"packets_lost", AT_BLOCK, LOST},
	{"highest_seq_no", AT_BLOCK, SEQ},
	{"ia_jitter", AT_BLOCK, JITTER},
	{"lsr", AT_BLOCK, LSR},
	{"dlsr", AT_BLOCK, DLSR},
};

struct reading {
	uint32_t v[FIELDS];
	bool has_ssrc, has_sender;
	uint32_t block[BLOCKS_MAX][BLOCK_FIELDS];
	size_t blocks;		      /* begun */
	struct slice name[DEPTH_MAX]; /* of the container at each depth */
	size_t depth;
};

static enum place place_of(const struct reading *r)
{
	if (r->depth == 1)
		return AT_TOP;
	if (r->depth == 2 && slice_eq(r->name[1], SLICE("sender_information")))
		return AT_SENDER;
	if (r->depth == 3 && r->blocks &&
	    slice_eq(r->name[1], SLICE("report_blocks")))
		return AT_BLOCK;
	return ELSEWHERE;
}

/* Some agents write numbers as text, losses with a sign. */
static bool read_number(struct slice text, uint32_t *out)
{
	bool minus = text.len && text.p[0] == '-';
	uint64_t v;

	if (!slice_u64(slice_from(text, minus), &v))
		return false;
	*out = minus ? (uint32_t)(0 - v) : (uint32_t)v;
	return true;
}

static void take_value(struct reading *r, struct slice name, struct slice text)
{
	enum place at = place_of(r);
	uint32_t v;

	if (at == ELSEWHERE || !read_number(text, &v))
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].place != at ||
		    !slice_eq(name, slice_str(names[i].name)))
			continue;
		if (at == AT_BLOCK)
			r->block[r->blocks - 1][names[i].field] = v;
		else
			r->v[names[i].field] = v;
		r->has_ssrc |= at == AT_TOP && names[i].field == SSRC;
		r->has_sender |= at == AT_SENDER;
	}
}

static bool enter(struct reading *r, struct slice name)
{
	if (r->depth == DEPTH_MAX)
		return false;
	r->name[r->depth++] = name;
	if (r->depth == 3 && slice_eq(r->name[1], SLICE("report_blocks"))) {
		if (r->blocks == BLOCKS_MAX)
			return false;
		r->blocks++;
	}
	return true;
}

/* A string, without its quotes; or a bare word, up to what ends it. */
static struct slice token(struct cursor *c)
{
	bool quoted = *c->p == '"';
	const uint8_t *from = c->p + quoted, *p = from;
	struct slice s;

	if (quoted)
		while (p < c->end && *p != '"')
			p += *p == '\\' && p + 1 < c->end ? 2 : 1;
	else
		while (p < c->end && !strchr(",:{}[] \t\r\n\"", *p))
			p++;
	s = slice_of(from, (size_t)(p - from));
	/* A byte that ends a word is none of one: a zero. */
	c->p = p < c->end && (quoted || p == from) ? p + 1 : p;
	return s;
}

/* The text once through: names, values, brackets. It need not be right in
 * all parts. */
static bool walk(struct reading *r, struct slice json)
{
	struct cursor c = cursor_of(json);
	struct slice name = {0}, last = {0};

	while (cursor_left(&c)) {
		switch (*c.p) {
		case '{':
		case '[':
			if (!enter(r, name))
				return false;
			name = (struct slice){0};
			c.p++;
			break;
		case '}':
		case ']':
			if (!r->depth)
				return false;
			r->depth--;
			c.p++;
			break;
		case ':':
			name = last;
			c.p++;
			break;
		case ',':
			name = (struct slice){0};
			c.p++;
			break;
		case ' ':
		case '\t':
		case '\r':
		case '\n':
			c.p++;
			break;
		default:
			last = token(&c);
			if (name.len)
				take_value(r, name, last);
		}
	}
	return !r->depth;
}

static uint8_t *put_u32(uint8_t *at, uint32_t v)
{
	at[0] = (uint8_t)(v >> 24);
	at[1] = (uint8_t)(v >> 16);
	at[2] = (uint8_t)(v >> 8);
	at[3] = (uint8_t)v;
	return at + 4;
}

static uint8_t *put_block(uint8_t *at, const uint32_t *b)
{
	at = put_u32(at, b[SOURCE]);
	at = put_u32(at, b[FRACTION] << 24 | (b[LOST] & 0xffffff));
	at = put_u32(at, b[SEQ]);
	at = put_u32(at, b[JITTER]);
	at = put_u32(at, b[LSR]);
	return put_u32(at, b[DLSR]);
}

static size_t make_packet(const struct reading *r, uint8_t *out)
{
	bool sender = r->has_sender && r->v[TYPE] != RTCP_RR;
	uint8_t *at = out + 4;
	size_t words;

	at = put_u32(at, r->v[SSRC]);
	for (int i = NTP_SEC; sender && i <= OCTETS; i++)
		at = put_u32(at, r->v[i]);
	for (size_t i = 0; i < r->blocks; i++)
		at = put_block(at, r->block[i]);
	words = (size_t)(at - out) / 4;
	put_u32(out, 0x80000000 | (uint32_t)r->blocks << 24 |
			     (uint32_t)(sender ? RTCP_SR : RTCP_RR) << 16 |
			     (uint32_t)(words - 1));
	return words * 4;
}

size_t rtcp_json_read(struct slice json, uint8_t out[RTCP_JSON_PACKET_MAX])
{
	struct reading r = {.blocks = 0};

	if (!json.len || json.p[0] != '{' || !walk(&r, json) || !r.has_ssrc ||
	    (r.v[TYPE] && r.v[TYPE] != RTCP_SR && r.v[TYPE] != RTCP_RR) ||
	    (!r.has_sender && !r.blocks))
		return 0;
	return make_packet(&r, out);
}
