/*
 * pcapng, draft-ietf-opsawg-pcapng.
 *
 *  type | total length | body, padded to 4 bytes | total length again
 *
 * The section header tells the byte order of all that follows up to the next
 * one, interface descriptions give each link type and resolution.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "sniffer/capture/reader.h"

#define BLOCK_SHB 0x0a0d0d0au
#define BLOCK_IDB 1u
#define BLOCK_PB  2u /* obsolete packet block */
#define BLOCK_SPB 3u
#define BLOCK_EPB 6u
#define BLOCK_NRB 4u
#define BLOCK_ISB 5u
#define BLOCK_DSB 10u

#define ORDER_MAGIC	  0x1a2b3c4du
#define BLOCK_OVERHEAD	  12u
#define BLOCK_MAX	  (64u << 20) /* anything larger is damage */
#define PACKET_BLOCK_MAX  (CAPLEN_LIMIT_MAX + (128u << 10))
#define SECRETS_BLOCK_MAX (16u << 20)
#define SKIP_WHOLE_MAX	  (64u << 10) /* larger ones are not checked */

#define SECRETS_TLS_KEYLOG 0x544c534bu

#define OPT_END	     0
#define OPT_TSRESOL  9
#define OPT_TSOFFSET 14

#define NS UINT64_C(1000000000)

struct interface {
	int64_t offset_s;
	uint64_t mul, div; /* from units to ns, when shift is 0 */
	uint32_t snaplen;  /* 0 = unlimited */
	uint16_t linktype;
	uint16_t number; /* over all inputs */
	uint8_t shift;	 /* not 0: units are 2^-shift s */
	uint8_t ts_digits;
};

struct pcapng_reader {
	struct reader head;
	struct interface *ifs; /* of this section */
	size_t if_count, if_room;
	uint16_t *iface;
	uint64_t last_ns; /* of the latest packet that had a time */
	bool swap;
};

struct block {
	uint32_t type;
	uint32_t total;
	struct slice body;
	bool swap;
};

static uint32_t load32(const uint8_t *p, bool swap)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return swap ? __builtin_bswap32(v) : v;
}

static uint16_t load16(const uint8_t *p, bool swap)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return swap ? __builtin_bswap16(v) : v;
}

/* False when it is no byte-order magic at all. */
static bool order_of(const uint8_t *magic, bool *swap)
{
	*swap = load32(magic, false) != ORDER_MAGIC;
	return !*swap || load32(magic, true) == ORDER_MAGIC;
}

bool pcapng_reader_knows(struct slice head)
{
	bool swap;

	return head.len >= 12 && load32(head.p, false) == BLOCK_SHB &&
	       order_of(head.p + 8, &swap);
}

/* What this reader looks into; of other blocks the length is enough. */
static bool known(uint32_t type)
{
	return type == BLOCK_SHB || type == BLOCK_IDB || type == BLOCK_EPB ||
	       type == BLOCK_SPB || type == BLOCK_PB || type == BLOCK_DSB;
}

static uint32_t longest(uint32_t type)
{
	if (type == BLOCK_DSB)
		return SECRETS_BLOCK_MAX;
	return known(type) ? PACKET_BLOCK_MAX : BLOCK_MAX;
}

/*
 * One block off the front of in: RECORD_FRAME when all of it is there and
 * fits together, RECORD_SKIP when it is a large one of no interest.
 */
static enum record block_of(struct slice in, bool swap, struct block *b,
			    size_t *used)
{
	*used = BLOCK_OVERHEAD;
	if (in.len < *used)
		return RECORD_MORE;
	b->type = load32(in.p, swap);
	/* A section header brings its own byte order. */
	if (b->type == BLOCK_SHB && !order_of(in.p + 8, &swap))
		return RECORD_BAD;
	b->swap = swap;
	b->total = load32(in.p + 4, swap);
	if (b->total < BLOCK_OVERHEAD || b->total % 4 ||
	    b->total > longest(b->type))
		return RECORD_BAD;
	*used = b->total;
	if (!known(b->type) && b->total > SKIP_WHOLE_MAX)
		return RECORD_SKIP;
	if (in.len < b->total)
		return RECORD_MORE;
	b->body = slice_of(in.p + 8, b->total - BLOCK_OVERHEAD);
	if (load32(in.p + b->total - 4, swap) != b->total)
		return RECORD_BAD;
	return RECORD_FRAME;
}

/* Damage inside a block whose length is right: the next one is known. */
static enum record bad(struct pcapng_reader *pr, const char *what)
{
	snprintf(pr->head.why, sizeof(pr->head.why), "%s", what);
	return RECORD_BAD;
}

static enum record on_section(struct pcapng_reader *pr, const struct block *b)
{
	if (b->body.len < 16)
		return bad(pr, "section header too short");
	if (load16(b->body.p + 4, b->swap) != 1)
		return bad(pr, "section of an unknown pcapng version");
	pr->swap = b->swap;
	pr->if_count = 0;
	return RECORD_SKIP;
}

static uint64_t power(uint64_t base, unsigned n)
{
	uint64_t v = 1;

	while (n--)
		v *= base;
	return v;
}

/* if_tsresol: the exponent of 10, or of 2 when the high bit is set. */
static void set_resolution(struct interface *it, uint8_t v)
{
	unsigned n = v & 0x7f;

	if (v & 0x80 && n > 0) {
		it->shift = (uint8_t)n;
		it->ts_digits = n > 20 ? 9 : 6;
		return;
	}
	if (v & 0x80)
		n = 0;
	it->mul = n < 9 ? power(10, 9 - n) : 1;
	it->div = n > 9 ? power(10, n - 9 < 19 ? n - 9 : 19) : 1;
	it->ts_digits = n > 6 ? 9 : 6;
}

static void on_if_option(struct interface *it, uint16_t code, struct slice v,
			 bool swap)
{
	if (code == OPT_TSRESOL && v.len >= 1)
		set_resolution(it, v.p[0]);
	if (code == OPT_TSOFFSET && v.len >= 8) {
		uint64_t off;

		memcpy(&off, v.p, sizeof(off));
		it->offset_s = (int64_t)(swap ? __builtin_bswap64(off) : off);
	}
}

static void read_if_options(struct interface *it, struct slice s, bool swap)
{
	while (s.len >= 4) {
		uint16_t code = load16(s.p, swap);
		uint16_t len = load16(s.p + 2, swap);

		s = slice_from(s, 4);
		if (code == OPT_END || len > s.len)
			return;
		on_if_option(it, code, slice_head(s, len), swap);
		s = slice_from(s, (len + 3u) & ~3u);
	}
}

static struct interface *new_interface(struct pcapng_reader *pr)
{
	size_t room = pr->if_room ? pr->if_room * 2 : 4;
	struct interface *v;

	if (pr->if_count < pr->if_room)
		return &pr->ifs[pr->if_count++];
	v = realloc(pr->ifs, room * sizeof(*v));
	if (!v)
		return NULL;
	pr->ifs = v;
	pr->if_room = room;
	return &v[pr->if_count++];
}

static enum record on_interface(struct pcapng_reader *pr, const struct block *b)
{
	struct interface *it;

	if (b->body.len < 8)
		return bad(pr, "interface description too short");
	it = new_interface(pr);
	if (!it)
		return bad(pr, "out of memory for an interface");
	*it = (struct interface){
		.snaplen = load32(b->body.p + 4, b->swap),
		.linktype = linktype_of(load16(b->body.p, b->swap)),
		.number = (*pr->iface)++,
	};
	set_resolution(it, 6);
	read_if_options(it, slice_from(b->body, 8), b->swap);
	return RECORD_SKIP;
}

/* Wraps around on absurd values, which are handed on as they are. */
static uint64_t time_of(const struct interface *it, uint64_t units)
{
	uint64_t ns;

	if (!it->shift)
		ns = units * it->mul / it->div;
	else
		ns = (uint64_t)((unsigned __int128)units * NS >> it->shift);
	return ns + (uint64_t)it->offset_s * NS;
}

/* The fields that enhanced and obsolete packet blocks share, from the
 * timestamp on. */
static enum record on_packet(struct pcapng_reader *pr, const struct block *b,
			     uint32_t id, struct frame *out)
{
	const uint8_t *p = b->body.p + 4;
	const struct interface *it;
	uint32_t caplen, wire_len;

	if (id >= pr->if_count)
		return bad(pr, "packet of an interface that the file does not "
			       "describe");
	caplen = load32(p + 8, b->swap);
	wire_len = load32(p + 12, b->swap);
	if (caplen > b->body.len - 20 || caplen > CAPLEN_LIMIT_MAX) {
		snprintf(pr->head.why, sizeof(pr->head.why),
			 "record says %" PRIu32 " bytes in a block of %" PRIu32,
			 caplen, b->total);
		return RECORD_BAD;
	}
	it = &pr->ifs[id];
	pr->last_ns = time_of(it, (uint64_t)load32(p, b->swap) << 32 |
					  load32(p + 4, b->swap));
	*out = (struct frame){
		.data = {p + 16, caplen},
		.ts_ns = pr->last_ns,
		.wire_len = wire_len > caplen ? wire_len : caplen,
		.linktype = it->linktype,
		.iface = it->number,
		.ts_digits = it->ts_digits,
	};
	return RECORD_FRAME;
}

/* It carries no time: that of the packet before it is the best guess. */
static enum record on_simple_packet(struct pcapng_reader *pr,
				    const struct block *b, struct frame *out)
{
	const struct interface *it = pr->ifs;
	uint32_t wire_len, caplen;

	if (pr->if_count == 0)
		return bad(pr, "packet before any interface description");
	wire_len = load32(b->body.p, b->swap);
	caplen = (uint32_t)b->body.len - 4;
	if (caplen > wire_len)
		caplen = wire_len;
	if (it->snaplen && caplen > it->snaplen)
		caplen = it->snaplen;
	if (caplen > CAPLEN_LIMIT_MAX)
		return bad(pr, "record too long");
	*out = (struct frame){
		.data = {b->body.p + 4, caplen},
		.ts_ns = pr->last_ns,
		.wire_len = wire_len,
		.linktype = it->linktype,
		.iface = it->number,
		.ts_digits = it->ts_digits,
	};
	return RECORD_FRAME;
}

/* Secrets type 4 | length 4 | secrets; those of other protocols are not for
 * us. */
static enum record on_secrets(struct pcapng_reader *pr, const struct block *b)
{
	uint32_t len;

	if (b->body.len < 8)
		return bad(pr, "secrets block too short");
	len = load32(b->body.p + 4, b->swap);
	if (len > b->body.len - 8) {
		snprintf(pr->head.why, sizeof(pr->head.why),
			 "secrets of %" PRIu32 " bytes in a block of %" PRIu32,
			 len, b->total);
		return RECORD_BAD;
	}
	if (load32(b->body.p, b->swap) != SECRETS_TLS_KEYLOG)
		return RECORD_SKIP;
	pr->head.secrets = slice_of(b->body.p + 8, len);
	return RECORD_SECRETS;
}

static enum record on_block(struct pcapng_reader *pr, const struct block *b,
			    struct frame *out)
{
	switch (b->type) {
	case BLOCK_SHB:
		return on_section(pr, b);
	case BLOCK_IDB:
		return on_interface(pr, b);
	case BLOCK_EPB:
		if (b->body.len < 20)
			return bad(pr, "packet block too short");
		return on_packet(pr, b, load32(b->body.p, b->swap), out);
	case BLOCK_PB:
		if (b->body.len < 20)
			return bad(pr, "packet block too short");
		return on_packet(pr, b, load16(b->body.p, b->swap), out);
	case BLOCK_SPB:
		if (b->body.len < 4)
			return bad(pr, "packet block too short");
		return on_simple_packet(pr, b, out);
	case BLOCK_DSB:
		return on_secrets(pr, b);
	default:
		return RECORD_SKIP;
	}
}

static enum record pcapng_next(struct reader *r, struct slice in,
			       struct frame *out, size_t *used)
{
	struct pcapng_reader *pr = (struct pcapng_reader *)r;
	struct block b;
	enum record rc = block_of(in, pr->swap, &b, used);

	if (rc == RECORD_FRAME)
		return on_block(pr, &b, out);
	if (rc == RECORD_BAD) {
		snprintf(r->why, sizeof(r->why), "damaged block");
		*used = 0;
	}
	return rc;
}

static bool listed(uint32_t type)
{
	return known(type) || type == BLOCK_NRB || type == BLOCK_ISB;
}

/* A known type and both lengths equal. */
static enum record pcapng_probe(const struct reader *r, struct slice in,
				bool eof, size_t *used)
{
	const struct pcapng_reader *pr = (const struct pcapng_reader *)r;
	struct block b;
	enum record rc = block_of(in, pr->swap, &b, used);

	(void)eof;
	if (rc == RECORD_SKIP || (in.len >= BLOCK_OVERHEAD && !listed(b.type)))
		return RECORD_BAD;
	return rc;
}

static void pcapng_close(struct reader *r)
{
	free(((struct pcapng_reader *)r)->ifs);
	free(r);
}

static const struct reader_ops pcapng_ops = {
	"pcapng",
	pcapng_next,
	pcapng_probe,
	pcapng_close,
};

int pcapng_reader_new(struct reader **out, struct slice head, uint16_t *iface,
		      size_t *used, const char **why)
{
	struct pcapng_reader *pr = calloc(1, sizeof(*pr));

	(void)head;
	(void)why;
	if (!pr)
		return -ENOMEM;
	pr->head.ops = &pcapng_ops;
	pr->iface = iface;
	*used = 0; /* the section header is a block like others */
	*out = &pr->head;
	return 0;
}
