#include "web/rows.h"

#include <errno.h>

#include "storage/stored.h"
#include "web/masking.h"

#define SIDE(s)                                                                \
	", " s "_codec, " s "_packets, " s "_lost, " s "_loss_pct, " s         \
	"_jitter_ms_mean, " s "_jitter_ms_max, " s "_mos_adaptive, " s         \
	"_mos_min, " s "_mos_scale, " s "_rtt_ms_mean"

#define PARTY(p) ", " p "_user, " p "_name, " p "_host, " p "_addr, " p "_agent"

/* Where each side was: of a session where it sends from, or is sent to, or what
 * was tried (as table.c has it). */
#define FIRST(column, table)                                                   \
	"(SELECT " column " FROM " table " WHERE " table                       \
	".uid = cdr.uid ORDER BY n LIMIT 1)"
#define SENT(column, which)                                                    \
	"(SELECT " column " FROM stream WHERE stream.uid = cdr.uid AND "       \
	"hop = 1 AND " which " ORDER BY n LIMIT 1)"
#define FROM_A "COALESCE(sender, 'a') NOT IN ('b', 'callee')"
#define FROM_B "sender IN ('b', 'callee')"

/* clang-format off */
const char rows_of_calls[] =
	"cdr.uid AS uid, type, start, answer, end_time, state, status, reason, "
	"ended_by, q850"
	PARTY("caller")
	PARTY("callee")
	", transport, duration_ms, connect_ms, pdd_ms, setup_ms"
	SIDE("a")
	SIDE("b")
	", COALESCE(caller_addr, " SENT("src", FROM_A) ", " SENT("dst", FROM_B) ", "
	FIRST("client", "dtls_session") ", " FIRST("local", "ice_pair") ", "
	FIRST("client", "turn_allocation") ") AS a_addr"
	", COALESCE(callee_addr, " SENT("src", FROM_B) ", " SENT("dst", FROM_A) ", "
	FIRST("server", "dtls_session") ", " FIRST("remote", "ice_pair") ", "
	FIRST("server", "turn_allocation") ") AS b_addr"
	", kind, signalling, group_id, call_id, pcap, partial, sensor, "
	"(SELECT GROUP_CONCAT(DISTINCT code) FROM diagnosis "
	"WHERE diagnosis.uid = cdr.uid) AS diagnoses";
/* clang-format on */

struct rows_mask rows_mask_of(const struct web_request *rq)
{
	struct rows_mask m = {0};

	m.on = web_masks(rq, &m.keep);
	return m;
}

/* --- JSON ----------------------------------------------------------------- */

/* "end" is a keyword of SQL. */
static const char *name_of(const char *column)
{
	return strcmp(column, "ended") ? column : "end";
}

static void put_list(struct outbuf *b, const struct db_value *v)
{
	struct slice rest = v->type == DB_TEXT ? v->s : slice_of(NULL, 0);
	char before = '[';
	struct slice word;

	while (rest.len) {
		slice_cut(rest, ',', &word, &rest);
		outbuf_char(b, before);
		outbuf_json(b, word);
		before = ',';
	}
	outbuf_str(b, before == '[' ? "[]" : "]");
}

static void put_value(struct outbuf *b, const struct db_value *v)
{
	if (v->type == DB_INT)
		outbuf_i64(b, v->i);
	else if (v->type == DB_REAL)
		outbuf_double(b, v->r);
	else if (v->type == DB_TEXT)
		outbuf_json(b, v->s);
	else
		outbuf_str(b, "null");
}

void rows_put_json(struct outbuf *b, const struct db_rows *rows,
		   const struct rows_mask *m)
{
	size_t from = b->len;

	for (size_t i = 0; i < db_columns(rows); i++) {
		const char *name = db_column_name(rows, i);
		struct db_value v = db_cell(rows, i);

		outbuf_str(b, i ? ",\"" : "{\"");
		outbuf_str(b, name_of(name));
		outbuf_put(b, "\":", 2);
		if (!strcmp(name, "diagnoses"))
			put_list(b, &v);
		else
			put_value(b, &v);
	}
	outbuf_char(b, '}');
	if (m->on && !b->failed)
		masking_json(b->p + from, b->len - from, m->keep);
}

int rows_list_put(void *arg, struct db_rows *rows)
{
	struct rows_list *l = arg;

	if (l->n++)
		outbuf_char(l->b, ',');
	rows_put_json(l->b, rows, &l->mask);
	return l->b->failed ? -ENOMEM : 0;
}

/* --- CSV ------------------------------------------------------------------ */

void rows_put_csv_header(struct outbuf *b, const struct db_rows *rows)
{
	for (size_t i = 0; i < db_columns(rows); i++) {
		outbuf_str(b, i ? "," : "");
		outbuf_str(b, db_column_name(rows, i));
	}
	outbuf_str(b, "\r\n");
}

static void put_text(struct outbuf *b, const char *name, struct slice s,
		     const struct rows_mask *m)
{
	size_t from = b->len;

	stored_put_csv_text(b, s);
	if (m->on && !b->failed)
		masking_value(slice_str(name), b->p + from, b->len - from,
			      m->keep);
}

void rows_put_csv(struct outbuf *b, const struct db_rows *rows,
		  const struct rows_mask *m)
{
	struct masking_numbers found = {.n = 0};
	size_t from = b->len;

	for (size_t i = 0; i < db_columns(rows); i++) {
		const char *name = db_column_name(rows, i);
		struct db_value v = db_cell(rows, i);

		outbuf_str(b, i ? "," : "");
		if (v.type == DB_TEXT) {
			masking_note(&found, slice_str(name), v.s);
			put_text(b, name, v.s, m);
		} else if (v.type != DB_NULL) {
			put_value(b, &v);
		}
	}
	if (m->on && !b->failed)
		masking_repeats(&found, b->p + from, b->len - from, m->keep);
	outbuf_str(b, "\r\n");
}
