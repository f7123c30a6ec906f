#include "sniffer/export/messages.h"

#include <errno.h>
#include <stdlib.h>

#include "sniffer/export/walk.h"

/* A message that passed. */
struct text {
	struct text *next;
	uint32_t n; /* in messages[]; of other signalling, in order */
	uint64_t ts_ns;
	struct addr src, dst;
	const char *transport;
	struct slice method; /* of SIP, as those below */
	uint16_t status;
	uint32_t cseq, copy_of;
	bool used, retransmission;
	struct slice bytes;
};

struct texts {
	struct walk walk;
	struct arena *mem;
	struct text *first, *last;
	struct text **by_n; /* of messages[] */
	size_t n, bytes;
	bool left_out; /* no room */
	bool sip;
};

/* --- out of the recording ------------------------------------------------- */

static bool same_again(const struct text *t, uint64_t ts_ns,
		       const struct addr *src, struct slice bytes)
{
	return t && t->ts_ns == ts_ns && addr_eq(&t->src, src) &&
	       slice_eq(t->bytes, bytes);
}

static struct text *take(struct texts *x, struct slice bytes)
{
	struct text *t = NULL;

	if (x->bytes + bytes.len <= MESSAGES_BYTES_MAX)
		t = arena_alloc(x->mem, sizeof(*t));
	if (t)
		*t = (struct text){.bytes = arena_keep(x->mem, bytes)};
	if (!t || (bytes.len && !t->bytes.p)) {
		x->left_out = true;
		return NULL;
	}
	x->bytes += bytes.len + sizeof(*t);
	if (x->last)
		x->last->next = t;
	else
		x->first = t;
	x->last = t;
	x->n++;
	return t;
}

static bool is_this(const struct export_call *call, const struct call *c)
{
	return call->open || !strcmp(call->uid, c->uid) ||
	       (call->call_id.p && slice_eq(call->call_id, c->call_id));
}

static void on_message(void *arg, const struct call *c, struct slice bytes)
{
	const struct call_msg *m = c->last_msg;
	struct texts *x = arg;
	struct text *t = is_this(x->walk.call, c) ? take(x, bytes) : NULL;

	if (!t)
		return;
	x->sip = true;
	t->n = m->index;
	t->ts_ns = m->time;
	t->src = m->src;
	t->dst = m->dst;
	t->transport = m->transport;
	t->method = arena_keep(x->mem, m->method);
	t->status = m->status;
	t->cseq = m->cseq;
	t->copy_of = m->copy_of;
	t->retransmission = m->retransmission;
}

static void on_signalling(void *arg, const struct engine_signalling *s)
{
	struct texts *x = arg;
	struct text *t;

	if (same_again(x->last, s->ts_ns, s->src, s->text))
		return;
	t = take(x, s->text);
	if (!t)
		return;
	t->n = (uint32_t)x->n - 1;
	t->ts_ns = s->ts_ns;
	t->src = *s->src;
	t->dst = *s->dst;
	t->transport = s->transport;
}

static int sort(struct texts *x)
{
	x->by_n = calloc(x->n + 1, sizeof(struct text *));
	if (!x->by_n)
		return -ENOMEM;
	for (struct text *t = x->first; t; t = t->next)
		if (t->n < x->n)
			x->by_n[t->n] = t;
	return 0;
}

static int read_texts(struct texts *x, struct export_job *job,
		      const struct export_call *call, char why[EXPORT_WHY])
{
	static const struct engine_watch engine = {
		.message = on_message,
		.signalling = on_signalling,
	};
	struct walk_watch watch = {.engine = &engine, .arg = x};
	int err = -ENOMEM;

	x->mem = arena_new(16384, 0);
	if (x->mem)
		err = walk_call(&x->walk, job, call, &watch, why);
	if (!err || err == -ENODATA)
		err = sort(x) ? -ENOMEM : err;
	if (err == -ENOMEM)
		snprintf(why, EXPORT_WHY, "out of memory");
	return err;
}

static void texts_free(struct texts *x)
{
	walk_close(&x->walk);
	arena_free(x->mem);
	free(x->by_n);
}

/* --- rows ----------------------------------------------------------------- */

struct writing {
	struct outbuf *b;
	const struct texts *texts;
	bool text;	   /* asked for */
	size_t rows, have; /* have: with text */
	struct outbuf room;
};

static void put_str(struct outbuf *b, const char *key, const char *v)
{
	outbuf_str(b, key);
	if (v)
		outbuf_json(b, slice_str(v));
	else
		outbuf_str(b, "null");
}

static bool has_sdp(const struct text *t)
{
	return t && slice_find_slice(t->bytes, SLICE("v=0")) >= 0;
}

static void put_text(struct writing *w, const struct text *t)
{
	outbuf_str(w->b, ",\"text\":");
	if (t && w->text)
		outbuf_json(w->b, t->bytes);
	else
		outbuf_str(w->b, "null");
	outbuf_str(w->b, ",\"sdp\":");
	outbuf_str(w->b, has_sdp(t) ? "true}" : "false}");
	w->have += t && w->text;
	w->rows++;
}

static void put_or_null(struct outbuf *b, const char *key, bool known,
			uint64_t v)
{
	outbuf_str(b, key);
	if (known)
		outbuf_u64(b, v);
	else
		outbuf_str(b, "null");
}

static void put_sip(struct outbuf *b, const struct text *t, bool sip)
{
	outbuf_str(b, ",\"method\":");
	if (sip)
		outbuf_json(b, t->method);
	else
		outbuf_str(b, "null");
	put_or_null(b, ",\"status\":", sip && t->status, t->status);
	put_or_null(b, ",\"cseq\":", sip, t->cseq);
	put_or_null(b, ",\"len\":", true, t->bytes.len);
	outbuf_str(b, ",\"retransmission\":");
	outbuf_str(b, t->retransmission ? "true" : "false");
	put_or_null(b, ",\"copy_of\":", sip && t->copy_of != CDR_NO_U32,
		    t->copy_of);
}

/* What has no rows in the store: signalling that is not SIP, and calls that
 * are still going on. */
static void put_seen(struct writing *w)
{
	struct outbuf *b = w->b;

	for (const struct text *t = w->texts->first; t; t = t->next) {
		outbuf_str(b, w->rows ? ",{\"n\":" : "{\"n\":");
		outbuf_u64(b, t->n);
		outbuf_str(b, ",\"time\":\"");
		outbuf_time(b, t->ts_ns);
		outbuf_str(b, "\",\"src\":\"");
		outbuf_addr(b, &t->src);
		outbuf_str(b, "\",\"dst\":\"");
		outbuf_addr(b, &t->dst);
		put_str(b, "\",\"transport\":", t->transport);
		put_sip(b, t, w->texts->sip);
		put_text(w, t);
	}
}

/* --- rows of the store ---------------------------------------------------- */

static const struct column {
	const char *name;
	bool truth;
} columns[] = {
	{"n", false},	      {"time", false},
	{"src", false},	      {"dst", false},
	{"transport", false}, {"method", false},
	{"status", false},    {"cseq", false},
	{"len", false},	      {"retransmission", true},
	{"copy_of", false},
};

enum {
	COLUMN_N,
	COLUMN_TIME,
	COLUMN_SRC,
	COLUMN_DST,
	COLUMN_METHOD = 5,
	COLUMN_STATUS,
	COLUMN_CSEQ,
	COLUMN_LEN,
};

static void put_cell(struct outbuf *b, const struct column *c,
		     struct db_value v)
{
	outbuf_char(b, '"');
	outbuf_str(b, c->name);
	outbuf_str(b, "\":");
	if (v.type == DB_TEXT)
		outbuf_json(b, v.s);
	else if (v.type != DB_INT)
		outbuf_str(b, "null");
	else if (c->truth)
		outbuf_str(b, v.i ? "true" : "false");
	else
		outbuf_i64(b, v.i);
}

static bool is_text(const struct outbuf *b, struct db_value v)
{
	return v.type == DB_TEXT && slice_eq(v.s, slice_of(b->p, b->len));
}

static bool is_number(uint64_t n, struct db_value v)
{
	return v.type == DB_INT && (uint64_t)v.i == n;
}

/* What a message is: its time may differ, where the recording has not all of
 * the connection that it came on. */
static bool fits(struct writing *w, const struct text *t,
		 const struct db_rows *rows)
{
	struct db_value status = db_cell(rows, COLUMN_STATUS);
	struct db_value method = db_cell(rows, COLUMN_METHOD);
	struct outbuf *b = &w->room;

	if (!is_number(t->bytes.len, db_cell(rows, COLUMN_LEN)) ||
	    !is_number(t->cseq, db_cell(rows, COLUMN_CSEQ)) ||
	    (t->status ? !is_number(t->status, status)
		       : status.type != DB_NULL) ||
	    method.type != DB_TEXT || !slice_eq(method.s, t->method))
		return false;
	outbuf_reset(b);
	outbuf_addr(b, &t->src);
	if (!is_text(b, db_cell(rows, COLUMN_SRC)))
		return false;
	outbuf_reset(b);
	outbuf_addr(b, &t->dst);
	return is_text(b, db_cell(rows, COLUMN_DST));
}

static bool same_time(struct writing *w, const struct text *t,
		      const struct db_rows *rows)
{
	outbuf_reset(&w->room);
	outbuf_time(&w->room, t->ts_ns);
	return is_text(&w->room, db_cell(rows, COLUMN_TIME));
}

/* Under its number, else, where the recording lacks some, under another. */
static struct text *text_of(struct writing *w, const struct db_rows *rows)
{
	const struct texts *x = w->texts;
	int64_t n = db_cell(rows, COLUMN_N).i;
	struct text *best = NULL;

	if (!x->sip)
		return NULL;
	if (n >= 0 && (size_t)n < x->n && x->by_n[n] &&
	    fits(w, x->by_n[n], rows))
		return x->by_n[n];
	for (struct text *t = x->first; t; t = t->next) {
		if (t->used || !fits(w, t, rows))
			continue;
		if (same_time(w, t, rows))
			return t;
		if (!best)
			best = t;
	}
	return best;
}

static void put_row(struct writing *w, const struct db_rows *rows)
{
	struct text *t;

	outbuf_str(w->b, w->rows ? ",{" : "{");
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		if (i)
			outbuf_char(w->b, ',');
		put_cell(w->b, &columns[i], db_cell(rows, i));
	}
	t = text_of(w, rows);
	if (t)
		t->used = true;
	put_text(w, t);
}

static int put_stored(struct writing *w, struct db *db, const char *uid,
		      char why[EXPORT_WHY])
{
	struct db_value v = db_text(slice_str(uid));
	struct db_rows *rows = NULL;
	int got = 0;
	int err = db_query(db,
			   "SELECT n, time, src, dst, transport, method, "
			   "status, cseq, len, retransmission, copy_of "
			   "FROM sip_message WHERE uid = ? ORDER BY n",
			   &v, 1, &rows, why);

	while (!err && (got = db_next(rows, why)) > 0)
		put_row(w, rows);
	db_rows_close(rows);
	return err ? err : got;
}

/* --- all of it ------------------------------------------------------------ */

static const char *how_much(const struct writing *w)
{
	if (!w->have)
		return "none";
	return w->have == w->rows && !w->texts->left_out ? "whole" : "partly";
}

static const char *why_not(const struct writing *w, const char *why)
{
	if (!w->text)
		return "the text of messages is for analysts";
	if (*why)
		return why;
	if (!w->rows)
		return "no signalling of this call was seen";
	if (w->texts->left_out)
		return "there is more text than is shown of one call";
	if (w->texts->walk.cut)
		return "reading the recording took too long";
	if (w->have < w->rows)
		return "the recording lacks some messages";
	return NULL;
}

int export_messages(struct export_job *job, const struct export_call *call,
		    bool text, struct outbuf *out, char why[EXPORT_WHY])
{
	struct texts x = {0};
	struct writing w = {.b = out, .texts = &x, .text = text};
	char gone[EXPORT_WHY] = "";
	int err = read_texts(&x, job, call, gone);

	if (!err) {
		*gone = '\0';
	} else if (err != -ENODATA) {
		snprintf(why, EXPORT_WHY, "%s", gone);
		goto out;
	}
	outbuf_str(out, "{\"messages\":[");
	err = put_stored(&w, job->db, call->uid, why);
	if (!w.rows)
		put_seen(&w);
	put_str(out, "],\"text\":", how_much(&w));
	put_str(out, ",\"why\":", why_not(&w, gone));
	outbuf_str(out, "}\n");
	if (!err && (out->failed || w.room.failed)) {
		snprintf(why, EXPORT_WHY, "out of memory");
		err = -ENOMEM;
	}
out:
	outbuf_free(&w.room);
	texts_free(&x);
	return err;
}
