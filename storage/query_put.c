/* What the values of a search come to in SQL. */
#include <stdio.h>

#include "storage/query_priv.h"
#include "storage/query_text.h"

#define EARLIER_NS (3600 * 1000000000ull)

/* Behind every other text with the same beginning. */
#define LAST_CHAR "\xf4\x8f\xbf\xbf"

void query_put_value(struct query_build *b, struct db_value v)
{
	if (b->n == QUERY_VALUES) {
		b->full = true;
		return;
	}
	b->v[b->n++] = v;
}

/* The text made since off. */
static void put_made(struct query_build *b, size_t off)
{
	if (b->n < QUERY_VALUES)
		b->made[b->n] = off + 1;
	query_put_value(b, db_text(slice_of(NULL, b->text.len - off)));
}

void query_put_sql(struct query_build *b, const char *column, const char *rest)
{
	outbuf_str(&b->sql, column);
	outbuf_str(&b->sql, rest);
}

static void put_column(struct query_build *b, const char *column,
		       struct db_value v)
{
	query_put_sql(b, column, " = ?");
	query_put_value(b, v);
}

/* Text that begins with what was made since off; the row itself, and all that
 * goes on. */
static void put_range(struct query_build *b, const char *column, size_t off)
{
	size_t len = b->text.len - off;

	query_put_sql(b, column, " >= ? AND ");
	query_put_sql(b, column, " <= ?");
	put_made(b, off);
	off = b->text.len;
	if (outbuf_grow(&b->text, len))
		memcpy(b->text.p + off, b->text.p + off - len, len);
	outbuf_str(&b->text, LAST_CHAR);
	put_made(b, off);
}

/* Its characters, last first. */
static void put_reversed(struct outbuf *b, struct slice s)
{
	while (s.len) {
		size_t n = 1;

		while (n < s.len && (s.p[s.len - n] & 0xc0) == 0x80)
			n++;
		outbuf_put(b, s.p + s.len - n, n);
		s.len -= n;
	}
}

void query_put_uid(struct query_build *b, const struct query_row *k,
		   struct slice v)
{
	put_column(b, k->column, db_text(v));
}

/* Of one side; the other column holds it from its end. */
static void put_pattern(struct query_build *b, const char *column,
			struct slice v)
{
	struct pattern p = {PATTERN_WHOLE, v};
	char reversed[32];
	size_t off = b->text.len;

	query_pattern(v, &p);
	snprintf(reversed, sizeof(reversed), "%s_rev", column);
	if (p.kind == PATTERN_SUFFIX) {
		put_reversed(&b->text, p.text);
		put_range(b, reversed, off);
	} else if (p.kind == PATTERN_PREFIX) {
		outbuf_put(&b->text, p.text.p, p.text.len);
		put_range(b, column, off);
	} else {
		put_column(b, column, db_text(p.text));
	}
}

void query_put_sides(struct query_build *b, const struct query_row *k,
		     struct slice v)
{
	put_pattern(b, k->column, v);
	if (k->other) {
		outbuf_str(&b->sql, " OR ");
		put_pattern(b, k->other, v);
	}
}

/* The texts "10.1.2." that all addresses of a subnet begin with; a whole
 * address ends with the colon before its port. */
static void put_v4(struct query_build *b, const char *column,
		   const struct subnet *net)
{
	unsigned bits = net->bits - 96, octets = (bits + 7) / 8;
	unsigned free = octets * 8 - bits;
	unsigned last = net->addr.ip[11 + octets] >> free << free;

	for (unsigned i = 0; i < 1u << free; i++) {
		size_t off = b->text.len;

		if (i)
			outbuf_str(&b->sql, " OR ");
		for (unsigned o = 0; o < octets; o++) {
			outbuf_u64(&b->text, o + 1 < octets
						     ? net->addr.ip[12 + o]
						     : last + i);
			outbuf_char(&b->text, o < 3 ? '.' : ':');
		}
		put_range(b, column, off);
	}
}

static void put_ip(struct query_build *b, const char *column,
		   const struct subnet *net)
{
	size_t off = b->text.len;
	char text[ADDR_TEXT];

	if (addr_is_v4(&net->addr)) {
		put_v4(b, column, net);
		return;
	}
	outbuf_char(&b->text, '[');
	outbuf_str(&b->text, addr_ip_text(&net->addr, text));
	outbuf_str(&b->text, "]:");
	put_range(b, column, off);
}

void query_put_subnet(struct query_build *b, const struct query_row *k,
		      struct slice v)
{
	struct subnet net;

	if (!query_subnet(v, &net))
		return;
	put_ip(b, k->column, &net);
	if (k->other) {
		outbuf_str(&b->sql, " OR ");
		put_ip(b, k->other, &net);
	}
}

void query_put_status(struct query_build *b, const struct query_row *k,
		      struct slice v)
{
	uint32_t low, high;

	if (!query_status(v, &low, &high))
		return;
	query_put_sql(b, k->column, " BETWEEN ? AND ?");
	query_put_value(b, db_int(low));
	query_put_value(b, db_int(high));
}

void query_put_below(struct query_build *b, const struct query_row *k,
		     struct slice v)
{
	double mos;

	if (!query_decimal(v, &mos))
		return;
	query_put_sql(b, k->column, " < ? OR ");
	query_put_sql(b, k->other, " < ?");
	query_put_value(b, db_real(mos));
	query_put_value(b, db_real(mos));
}

static void put_duration(struct query_build *b, const char *column,
			 const char *op, struct slice v)
{
	uint64_t us;

	if (!query_duration(v, &us))
		return;
	query_put_sql(b, column, op);
	query_put_value(b, db_real((double)us / 1000));
}

void query_put_longer(struct query_build *b, const struct query_row *k,
		      struct slice v)
{
	put_duration(b, k->column, " >= ?", v);
}

void query_put_shorter(struct query_build *b, const struct query_row *k,
		       struct slice v)
{
	put_duration(b, k->column, " <= ?", v);
}

/* The least uid of a millisecond. */
static void put_moment(struct query_build *b, uint64_t ns)
{
	static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	uint64_t ms = ns / 1000000;
	size_t off = b->text.len;
	char *p = outbuf_grow(&b->text, ULID_SIZE - 1);

	if (!p)
		return;
	memset(p, '0', ULID_SIZE - 1);
	for (int i = 9; i >= 0; i--, ms >>= 5)
		p[i] = digits[ms & 31];
	put_made(b, off);
}

/* The uid bounds what is looked at, the start decides; a record without one
 * began when its uid says. A call may be older than its INVITE: its media may
 * have been there before. */
void query_put_from(struct query_build *b, const struct query_row *k,
		    struct slice v)
{
	uint64_t ns;

	(void)k;
	if (!query_time(v, b->q->now_ns, &ns))
		return;
	query_put_sql(b, b->uid,
		      " >= ? AND (start >= ? OR (start IS NULL AND ");
	query_put_sql(b, b->uid, " >= ?))");
	put_moment(b, ns > EARLIER_NS ? ns - EARLIER_NS : 0);
	query_put_value(b, db_time(ns));
	put_moment(b, ns);
}

void query_put_to(struct query_build *b, const struct query_row *k,
		  struct slice v)
{
	uint64_t ns;

	(void)k;
	if (!query_time(v, b->q->now_ns, &ns))
		return;
	query_put_sql(b, b->uid, " < ? AND (start < ? OR start IS NULL)");
	put_moment(b, ns + 999999);
	query_put_value(b, db_time(ns));
}
