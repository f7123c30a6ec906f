#include "storage/journal_entry.h"

#include <errno.h>
#include <zlib.h>

#define MAGIC "CSJRNL01"
#define MARK  0x456a5343u /* "CSjE" */

/* --- numbers -------------------------------------------------------------- */

static void put_le(struct outbuf *b, uint64_t v, size_t n)
{
	uint8_t bytes[8];

	for (size_t i = 0; i < n; i++, v >>= 8)
		bytes[i] = (uint8_t)v;
	outbuf_put(b, bytes, n);
}

static uint64_t le_at(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	while (n--)
		v = v << 8 | p[n];
	return v;
}

static uint32_t crc_of(const void *p, size_t n)
{
	return (uint32_t)crc32(0, p, (uInt)n);
}

static void set_le(char *at, uint64_t v, size_t n)
{
	for (size_t i = 0; i < n; i++, v >>= 8)
		at[i] = (char)(uint8_t)v;
}

void journal_put_u64(struct outbuf *b, uint64_t v)
{
	put_le(b, v, 8);
}

static bool take(struct slice *in, size_t n, const uint8_t **p)
{
	if (in->len < n)
		return false;
	*p = in->p;
	*in = slice_from(*in, n);
	return true;
}

static bool take_number(struct slice *in, size_t n, uint64_t *out)
{
	const uint8_t *p;

	if (!take(in, n, &p))
		return false;
	*out = le_at(p, n);
	return true;
}

bool journal_get_u64(struct slice *bytes, uint64_t *out)
{
	return take_number(bytes, 8, out);
}

static void put_text(struct outbuf *b, struct slice s)
{
	put_le(b, s.len, 4);
	outbuf_put(b, s.p, s.len);
}

static bool take_text(struct slice *in, struct slice *out)
{
	const uint8_t *p;
	uint64_t len;

	if (!take_number(in, 4, &len) || !take(in, len, &p))
		return false;
	*out = slice_of(p, len);
	return true;
}

static void put_addr(struct outbuf *b, const struct addr *a)
{
	outbuf_put(b, a->ip, sizeof(a->ip));
	put_le(b, a->port, 2);
}

static bool take_addr(struct slice *in, struct addr *out)
{
	const uint8_t *p;
	struct addr a;

	if (!take(in, sizeof(a.ip) + 2, &p))
		return false;
	memcpy(a.ip, p, sizeof(a.ip));
	a.port = (uint16_t)le_at(p + sizeof(a.ip), 2);
	*out = a;
	return true;
}

/* --- a file --------------------------------------------------------------- */

void journal_put_header(struct outbuf *b, struct slice dictionary)
{
	outbuf_str(b, MAGIC);
	put_le(b, dictionary.len, 4);
	put_le(b, crc_of(dictionary.p, dictionary.len), 4);
	outbuf_put(b, dictionary.p, dictionary.len);
}

int journal_get_header(struct slice file, struct slice *dictionary,
		       size_t *used)
{
	size_t len;

	if (file.len < JOURNAL_HEADER ||
	    !slice_eq(slice_head(file, 8), SLICE(MAGIC)))
		return -EBADMSG;
	len = le_at(file.p + 8, 4);
	if (len > file.len - JOURNAL_HEADER ||
	    crc_of(file.p + JOURNAL_HEADER, len) != le_at(file.p + 12, 4))
		return -EBADMSG;
	*dictionary = slice_of(file.p + JOURNAL_HEADER, len);
	*used = JOURNAL_HEADER + len;
	return 0;
}

size_t journal_begin_entry(struct outbuf *b, enum journal_kind kind,
			   uint64_t id, uint64_t serial)
{
	size_t at = b->len;

	put_le(b, MARK, 4);
	put_le(b, 0, 8);
	put_le(b, kind, 1);
	put_le(b, id, 8);
	put_le(b, serial, 8);
	return at;
}

void journal_end_entry(struct outbuf *b, size_t begin)
{
	char *head = b->p + begin;

	if (b->failed)
		return;
	set_le(head + 4, b->len - begin - JOURNAL_HEAD, 4);
	set_le(head + 8, crc_of(head + 12, b->len - begin - 12), 4);
}

/* The bytes of the whole entry at p; 0 when there is none. */
static size_t entry_at(const uint8_t *p, size_t left)
{
	size_t len;

	if (left < JOURNAL_HEAD || le_at(p, 4) != MARK)
		return 0;
	len = le_at(p + 4, 4);
	if (len > JOURNAL_ENTRY_MAX || len > left - JOURNAL_HEAD ||
	    crc_of(p + 12, len + JOURNAL_HEAD - 12) != le_at(p + 8, 4))
		return 0;
	return len + JOURNAL_HEAD;
}

bool journal_next(struct slice *in, struct journal_entry *out,
		  uint64_t *damaged)
{
	size_t at = 0, len = 0;

	while (at < in->len && !(len = entry_at(in->p + at, in->len - at)))
		at++;
	*damaged += at != 0;
	if (!len) {
		*in = (struct slice){0};
		return false;
	}
	*out = (struct journal_entry){
		.kind = (enum journal_kind)in->p[at + 12],
		.id = le_at(in->p + at + 13, 8),
		.serial = le_at(in->p + at + 21, 8),
		.bytes =
			slice_of(in->p + at + JOURNAL_HEAD, len - JOURNAL_HEAD),
	};
	*in = slice_from(*in, at + len);
	return true;
}

/* --- what is in it -------------------------------------------------------- */

void journal_put_message(struct outbuf *b, const struct journal_message *m)
{
	put_le(b, m->ts_ns, 8);
	put_addr(b, &m->src);
	put_addr(b, &m->dst);
	put_le(b, m->realm, 2);
	put_text(b, m->transport);
	outbuf_put(b, m->text.p, m->text.len);
}

bool journal_get_message(struct slice bytes, struct journal_message *out)
{
	struct journal_message m;
	uint64_t realm;

	if (!take_number(&bytes, 8, &m.ts_ns) || !take_addr(&bytes, &m.src) ||
	    !take_addr(&bytes, &m.dst) || !take_number(&bytes, 2, &realm) ||
	    !take_text(&bytes, &m.transport))
		return false;
	m.realm = (uint16_t)realm;
	m.text = bytes;
	*out = m;
	return true;
}

void journal_put_buried(struct outbuf *b, const struct journal_buried *d)
{
	put_le(b, d->until_ns, 8);
	put_le(b, d->cseq, 4);
	put_text(b, d->call_id);
	put_text(b, d->from_tag);
}

bool journal_get_buried(struct slice bytes, struct journal_buried *out)
{
	struct journal_buried d;
	uint64_t cseq;

	if (!take_number(&bytes, 8, &d.until_ns) ||
	    !take_number(&bytes, 4, &cseq) || !take_text(&bytes, &d.call_id) ||
	    !take_text(&bytes, &d.from_tag))
		return false;
	d.cseq = (uint32_t)cseq;
	*out = d;
	return true;
}
