#include "web/live_put.h"

#include "sniffer/base/mask.h"

static void name(struct outbuf *b, const char *prefix, const char *what)
{
	outbuf_str(b, ",\"");
	outbuf_str(b, prefix);
	outbuf_str(b, what);
	outbuf_str(b, "\":");
}

static void text(struct outbuf *b, const char *s)
{
	if (s && *s)
		outbuf_json(b, slice_str(s));
	else
		outbuf_str(b, "null");
}

static void number(struct outbuf *b, double v)
{
	if (isnan(v))
		outbuf_str(b, "null");
	else
		outbuf_double(b, v);
}

static void address(struct outbuf *b, const struct addr *a)
{
	if (!a->port) {
		outbuf_str(b, "null");
		return;
	}
	outbuf_char(b, '"');
	outbuf_addr(b, a);
	outbuf_char(b, '"');
}

static void user(struct outbuf *b, const char *s, uint64_t digits)
{
	char masked[SNAPSHOT_TEXT] = "";

	memcpy(masked, s, strnlen(s, sizeof(masked) - 1));
	if (digits != LIVE_ALL_DIGITS)
		mask_digits((uint8_t *)masked, strlen(masked), digits);
	text(b, masked);
}

static void side(struct outbuf *b, const char *prefix,
		 const struct snapshot_side *s)
{
	name(b, prefix, "codec");
	text(b, s->codec);
	name(b, prefix, "packets");
	outbuf_u64(b, s->packets);
	name(b, prefix, "loss_pct");
	number(b, s->loss_pct);
	name(b, prefix, "jitter_ms");
	number(b, s->jitter_ms);
	name(b, prefix, "mos");
	number(b, s->mos);
	name(b, prefix, "mos_now");
	number(b, s->mos_now);
	name(b, prefix, "mos_scale");
	text(b, s->scale);
}

void live_put_running(struct outbuf *b, const struct snapshot_row *row)
{
	name(b, "", "state");
	text(b, row->state);
	name(b, "", "status");
	if (row->status == CDR_NO_U32)
		outbuf_str(b, "null");
	else
		outbuf_u64(b, row->status);
	name(b, "", "answer");
	outbuf_time_or_null(b, row->answer_ns);
	side(b, "a_", &row->a);
	side(b, "b_", &row->b);
	name(b, "", "packets");
	outbuf_u64(b, row->packets);
}

void live_put_fixed(struct outbuf *b, const struct snapshot_row *row,
		    uint64_t digits)
{
	name(b, "", "type");
	text(b, row->type);
	name(b, "", "kind");
	text(b, row->kind);
	name(b, "", "caller_user");
	user(b, row->caller.user, digits);
	name(b, "", "callee_user");
	user(b, row->callee.user, digits);
	name(b, "", "caller_addr");
	address(b, &row->caller.addr);
	name(b, "", "callee_addr");
	address(b, &row->callee.addr);
	name(b, "", "start");
	outbuf_time_or_null(b, row->start_ns);
}

void live_put_row(struct outbuf *b, const struct snapshot_row *row,
		  uint64_t now_ns, uint64_t digits)
{
	uint64_t age_ns = now_ns > row->start_ns ? now_ns - row->start_ns : 0;

	outbuf_str(b, "{\"uid\":");
	text(b, row->uid);
	live_put_fixed(b, row, digits);
	name(b, "", "age_ms");
	outbuf_u64(b, age_ns / 1000000);
	live_put_running(b, row);
	outbuf_char(b, '}');
}

void live_put_head(struct outbuf *b, const struct snapshot *s, uint64_t now_ns,
		   size_t shown)
{
	outbuf_str(b, "\"now\":");
	outbuf_time_or_null(b, s ? s->now_ns : now_ns);
	outbuf_str(b, s ? ",\"capture\":true" : ",\"capture\":false");
	name(b, "", "live");
	outbuf_str(b, s && s->live ? "true" : "false");
	name(b, "", "ended");
	outbuf_str(b, s && s->ended ? "true" : "false");
	name(b, "", "total");
	outbuf_u64(b, s ? s->calls + s->sessions : 0);
	name(b, "", "shown");
	outbuf_u64(b, shown);
}

void live_put(struct outbuf *b, const struct snapshot *s, uint64_t now_ns,
	      size_t limit, uint64_t digits)
{
	size_t n = !s ? 0 : s->n < limit ? s->n : limit;

	outbuf_char(b, '{');
	live_put_head(b, s, now_ns, n);
	outbuf_str(b, ",\"calls\":[");
	for (size_t i = 0; i < n; i++) {
		if (i)
			outbuf_char(b, ',');
		live_put_row(b, &s->row[i], s->now_ns, digits);
	}
	outbuf_str(b, "]}");
}
