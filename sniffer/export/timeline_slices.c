/*
 * Streams out of the store: the 10-second slices that are kept of each, also
 * when its packets are not.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "sniffer/base/ulid.h"
#include "sniffer/export/timeline_priv.h"
#include "storage/quality.h"

#define SLICE_S	   10
#define HOUR_MAX   (QUALITY_HOUR / SLICE_S)
#define SLICES_MAX 100000 /* of a call */

/* One slice, or several that follow each other. */
struct point {
	uint64_t start_s;
	uint64_t packets, lost, bytes;
	double jitter_ms_max, delta_ms_max, mos;
};

struct slice_line {
	char uid[ULID_SIZE];
	const char *sender;
	struct point *v;
	size_t n;
};

struct loading {
	struct db *db;
	const char *uid;
	struct slice_line v[TIMELINE_STREAMS];
	size_t n, slices;
	struct cdr_slice10 hour[HOUR_MAX];
};

/* --- reading -------------------------------------------------------------- */

static double worse(double a, double b, bool most)
{
	if (isnan(a))
		return b;
	if (isnan(b))
		return a;
	return (a > b) == most ? a : b;
}

static struct point point_of(const struct cdr_slice10 *s)
{
	return (struct point){
		.start_s = s->start_s,
		.packets = s->packets,
		.lost = s->lost,
		.bytes = s->bytes,
		.jitter_ms_max = s->packets ? (double)s->jitter_ms_max : NAN,
		.delta_ms_max = s->packets ? (double)s->delta_ms_max : NAN,
		.mos = (double)s->mos_adaptive,
	};
}

static void merge(struct point *to, const struct point *p)
{
	to->packets += p->packets;
	to->lost += p->lost;
	to->bytes += p->bytes;
	to->jitter_ms_max = worse(to->jitter_ms_max, p->jitter_ms_max, true);
	to->delta_ms_max = worse(to->delta_ms_max, p->delta_ms_max, true);
	to->mos = worse(to->mos, p->mos, false);
}

static struct slice_line *line_of(struct loading *l, struct slice uid)
{
	struct slice_line *x;

	for (size_t i = 0; i < l->n; i++)
		if (slice_eq(slice_str(l->v[i].uid), uid))
			return &l->v[i];
	if (l->n == TIMELINE_STREAMS || uid.len != ULID_SIZE - 1)
		return NULL;
	x = &l->v[l->n++];
	memcpy(x->uid, uid.p, ULID_SIZE - 1);
	return x;
}

static int take_hour(struct loading *l, const struct db_rows *rows)
{
	struct db_value uid = db_cell(rows, 0), at = db_cell(rows, 1);
	struct db_value blob = db_cell(rows, 2);
	struct slice_line *x;
	struct point *v;
	uint64_t ns;
	size_t n;

	if (uid.type != DB_TEXT || at.type != DB_TEXT ||
	    (blob.type != DB_BLOB && blob.type != DB_TEXT) ||
	    !query_time(at.s, 0, &ns) ||
	    !quality_unpack(blob.s, ns / 1000000000, l->hour, HOUR_MAX, &n))
		return 0;
	x = line_of(l, uid.s);
	if (!x || l->slices + n > SLICES_MAX)
		return 0;
	v = realloc(x->v, (x->n + n + 1) * sizeof(*v));
	if (!v)
		return -ENOMEM;
	x->v = v;
	for (size_t i = 0; i < n; i++)
		x->v[x->n++] = point_of(&l->hour[i]);
	l->slices += n;
	return 0;
}

static const char *side_of(struct slice sender)
{
	if (slice_eq(sender, SLICE("caller")) || slice_eq(sender, SLICE("a")))
		return "a";
	if (slice_eq(sender, SLICE("callee")) || slice_eq(sender, SLICE("b")))
		return "b";
	return NULL;
}

static void take_stream(struct loading *l, const struct db_rows *rows)
{
	struct db_value uid = db_cell(rows, 0), sender = db_cell(rows, 1);

	for (size_t i = 0; i < l->n && uid.type == DB_TEXT; i++)
		if (slice_eq(slice_str(l->v[i].uid), uid.s) &&
		    sender.type == DB_TEXT)
			l->v[i].sender = side_of(sender.s);
}

static int each_row(struct loading *l, const char *sql,
		    int (*take)(struct loading *l, const struct db_rows *rows),
		    char why[EXPORT_WHY])
{
	struct db_value v = db_text(slice_str(l->uid));
	struct db_rows *rows = NULL;
	int got = 0, err = db_query(l->db, sql, &v, 1, &rows, why);

	while (!err && (got = db_next(rows, why)) > 0)
		err = take(l, rows);
	if (err == -ENOMEM)
		snprintf(why, EXPORT_WHY, "out of memory");
	db_rows_close(rows);
	return err ? err : got;
}

static int on_stream(struct loading *l, const struct db_rows *rows)
{
	take_stream(l, rows);
	return 0;
}

static int load(struct loading *l, char why[EXPORT_WHY])
{
	int err = each_row(l,
			   "SELECT stream_uid, start, slices FROM quality "
			   "WHERE uid = ? ORDER BY n, start",
			   take_hour, why);

	return err ? err
		   : each_row(l,
			      "SELECT stream_uid, sender FROM stream WHERE "
			      "uid = ? ORDER BY n",
			      on_stream, why);
}

/* --- writing -------------------------------------------------------------- */

static void range(const struct loading *l, uint64_t *from_s, uint64_t *to_s)
{
	*from_s = UINT64_MAX;
	*to_s = 0;
	for (size_t i = 0; i < l->n; i++)
		for (size_t j = 0; j < l->v[i].n; j++) {
			uint64_t s = l->v[i].v[j].start_s;

			if (s < *from_s)
				*from_s = s;
			if (s + SLICE_S > *to_s)
				*to_s = s + SLICE_S;
		}
}

/* Slices of one step become one: in place, they are in order. */
static void join(struct slice_line *x, uint64_t from_s, uint64_t step_s)
{
	size_t n = 0;

	for (size_t i = 0; i < x->n; i++) {
		struct point p = x->v[i];

		p.start_s = from_s + (p.start_s - from_s) / step_s * step_s;
		if (n && x->v[n - 1].start_s == p.start_s)
			merge(&x->v[n - 1], &p);
		else
			x->v[n++] = p;
	}
	x->n = n;
}

typedef void point_fn(struct outbuf *b, const struct point *p, uint64_t step_s);

static void put_packets(struct outbuf *b, const struct point *p,
			uint64_t step_s)
{
	(void)step_s;
	outbuf_u64(b, p ? p->packets : 0);
}

static void put_lost(struct outbuf *b, const struct point *p, uint64_t step_s)
{
	(void)step_s;
	outbuf_u64(b, p ? p->lost : 0);
}

static void put_loss_pct(struct outbuf *b, const struct point *p,
			 uint64_t step_s)
{
	uint64_t n = p ? p->packets + p->lost : 0;

	(void)step_s;
	timeline_put_number(b, n ? 100.0 * (double)p->lost / (double)n : NAN);
}

static void put_nothing(struct outbuf *b, const struct point *p,
			uint64_t step_s)
{
	(void)p;
	(void)step_s;
	outbuf_str(b, "null");
}

static void put_jitter(struct outbuf *b, const struct point *p, uint64_t step_s)
{
	(void)step_s;
	timeline_put_number(b, p ? p->jitter_ms_max : NAN);
}

static void put_delta(struct outbuf *b, const struct point *p, uint64_t step_s)
{
	(void)step_s;
	timeline_put_number(b, p ? p->delta_ms_max : NAN);
}

static void put_bitrate(struct outbuf *b, const struct point *p,
			uint64_t step_s)
{
	timeline_put_number(b, p && p->packets ? (double)p->bytes * 8 / 1000 /
							 (double)step_s
					       : NAN);
}

static void put_mos(struct outbuf *b, const struct point *p, uint64_t step_s)
{
	(void)step_s;
	timeline_put_number(b, p ? p->mos : NAN);
}

static const struct {
	const char *name;
	point_fn *put;
} arrays[] = {
	{"packets", put_packets},      {"lost", put_lost},
	{"loss_pct", put_loss_pct},    {"jitter_ms", put_nothing},
	{"jitter_ms_max", put_jitter}, {"delta_ms_max", put_delta},
	{"bitrate_kbps", put_bitrate}, {"mos", put_mos},
};

/* Each step from its first to its last; those without a slice are gaps. */
static void put_array(struct outbuf *b, const struct slice_line *x,
		      uint64_t step_s, point_fn *put)
{
	uint64_t at = x->v[0].start_s;

	for (size_t i = 0; i < x->n; at += step_s) {
		bool here = x->v[i].start_s == at;

		if (at > x->v[0].start_s)
			outbuf_char(b, ',');
		put(b, here ? &x->v[i] : NULL, step_s);
		i += here;
	}
}

static void put_times(struct outbuf *b, const struct slice_line *x,
		      uint64_t from_s, uint64_t step_s)
{
	outbuf_str(b, ",\"t\":[");
	for (uint64_t at = x->v[0].start_s; at <= x->v[x->n - 1].start_s;
	     at += step_s) {
		if (at > x->v[0].start_s)
			outbuf_char(b, ',');
		outbuf_u64(b, (at - from_s) * 1000);
	}
	outbuf_char(b, ']');
}

static void put_line(struct outbuf *b, const struct slice_line *x,
		     uint64_t from_s, uint64_t step_s)
{
	outbuf_str(b, "{\"stream_uid\":");
	timeline_put_uid(b, x->uid);
	outbuf_str(b, ",\"sender\":");
	timeline_put_uid(b, x->sender);
	put_times(b, x, from_s, step_s);
	for (size_t i = 0; i < sizeof(arrays) / sizeof(arrays[0]); i++) {
		outbuf_str(b, ",\"");
		outbuf_str(b, arrays[i].name);
		outbuf_str(b, "\":[");
		put_array(b, x, step_s, arrays[i].put);
		outbuf_char(b, ']');
	}
	outbuf_str(b, ",\"losses\":[],\"codecs\":[],\"dscp\":[]}");
}

static void put_all(struct outbuf *b, struct loading *l,
		    struct slices_found *found)
{
	uint64_t from_s, to_s, step_s = SLICE_S;
	const char *before = "";

	range(l, &from_s, &to_s);
	while ((to_s - from_s) / step_s > TIMELINE_STEPS)
		step_s += SLICE_S;
	for (size_t i = 0; i < l->n; i++) {
		if (!l->v[i].n)
			continue;
		join(&l->v[i], from_s, step_s);
		outbuf_str(b, before);
		put_line(b, &l->v[i], from_s, step_s);
		before = ",";
		found->streams++;
	}
	found->origin_ns = from_s * 1000000000;
	found->end_ns = to_s * 1000000000;
	found->step_ns = step_s * 1000000000;
}

int timeline_slices(struct outbuf *b, struct db *db, const char *uid,
		    struct slices_found *found, char why[EXPORT_WHY])
{
	struct loading *l = calloc(1, sizeof(*l));
	int err = -ENOMEM;

	*found = (struct slices_found){0};
	if (!l) {
		snprintf(why, EXPORT_WHY, "out of memory");
		return err;
	}
	l->db = db;
	l->uid = uid;
	err = load(l, why);
	if (!err && l->slices)
		put_all(b, l, found);
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i].v);
	free(l);
	return err;
}
