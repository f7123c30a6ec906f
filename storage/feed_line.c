#include "storage/feed_line.h"

static const char columns[] =
	"version,seq,replaces,uid,start,answer,end,billable_s,caller,callee,"
	"caller_e164,callee_e164,trunk,direction,status,q850,codec,mos,flags"
	"\r\n";

bool feed_is_chargeable(const struct cdr *cdr)
{
	return cdr->kind == CDR_CALL && cdr->call.answer && cdr->call.state &&
	       strcmp(cdr->call.state, "active") != 0;
}

void feed_put_header(struct outbuf *b)
{
	outbuf_str(b, columns);
}

static bool needs_quotes(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] && strchr("\",\r\n", s.p[i]))
			return true;
	return false;
}

/* A quote inside is doubled. Cut there, the pieces are UTF-8 as the whole. */
void feed_put_text(struct outbuf *b, struct slice s)
{
	struct slice piece;

	if (!needs_quotes(s)) {
		outbuf_utf8(b, s);
		return;
	}
	outbuf_char(b, '"');
	while (slice_cut(s, '"', &piece, &s)) {
		outbuf_utf8(b, piece);
		outbuf_str(b, "\"\"");
	}
	outbuf_utf8(b, piece);
	outbuf_char(b, '"');
}

static void put_time(struct outbuf *b, uint64_t ns)
{
	if (ns)
		outbuf_time(b, ns);
}

/* Seconds with six digits. */
static void put_seconds(struct outbuf *b, int64_t us)
{
	char digits[6];

	if (us < 0)
		return; /* null; less than nothing is never billed */
	outbuf_i64(b, us / 1000000);
	outbuf_char(b, '.');
	for (int i = 5; i >= 0; i--, us /= 10)
		digits[i] = (char)('0' + us % 10);
	outbuf_put(b, digits, sizeof(digits));
}

static void put_number(struct outbuf *b, uint32_t n)
{
	if (n != CDR_NO_U32)
		outbuf_u64(b, n);
}

/* The worse of the two sides. */
static void put_mos(struct outbuf *b, const struct cdr_call *call)
{
	bool a = call->a.stream_uid[0], z = call->b.stream_uid[0];
	double mos = a ? call->a.mos.adaptive : NAN;

	if (z)
		mos = fmin(mos, call->b.mos.adaptive); /* knows NAN */
	if (isfinite(mos))
		outbuf_double(b, mos);
}

static struct slice codec(const struct cdr_call *call)
{
	if (call->a.stream_uid[0] && call->a.codec.p)
		return call->a.codec;
	return call->b.stream_uid[0] ? call->b.codec : (struct slice){0};
}

void feed_put_call(struct outbuf *b, const struct cdr *cdr)
{
	const struct cdr_call *call = &cdr->call;
	const struct cdr_billing *bill = &call->billing;
	const struct slice texts[] = {
		call->caller.user,
		call->callee.user,
		bill->caller_e164,
		bill->callee_e164,
		bill->trunk_in.len ? bill->trunk_in : bill->trunk_out,
		slice_str(bill->direction),
	};

	outbuf_str(b, cdr->uid);
	outbuf_char(b, ',');
	put_time(b, call->start);
	outbuf_char(b, ',');
	put_time(b, call->answer);
	outbuf_char(b, ',');
	put_time(b, bill->end);
	outbuf_char(b, ',');
	put_seconds(b, bill->billable_us);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		outbuf_char(b, ',');
		feed_put_text(b, texts[i]);
	}
	outbuf_char(b, ',');
	put_number(b, call->status);
	outbuf_char(b, ',');
	put_number(b, call->q850);
	outbuf_char(b, ',');
	feed_put_text(b, codec(call));
	outbuf_char(b, ',');
	put_mos(b, call);
	outbuf_char(b, ',');
	feed_put_text(b, bill->flags);
}
