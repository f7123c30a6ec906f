#include "web/stats_part.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define BAD_MOS 3.5
#define KEEP	120 /* keys of a list and span */
#define KEY_MAX 120

const double stats_mos_edges[STATS_MOS + 1] = {1,   1.5, 2,   2.5, 3,
					       3.5, 4,	 4.5, 5};
const double stats_loss_edges[STATS_LOSS + 1] = {0, 0.1, 0.5, 1, 2, 5, 10, 100};
const double stats_pdd_edges[STATS_PDD + 1] = {
	0, 100, 200, 500, 1000, 2000, 3000, 5000, 10000, 20000, 60000};

const char stats_columns[] =
	"cdr.uid AS uid, type, state, status, reason, start, answer, end_time, "
	"last_packet, connect_ms, pdd_ms, caller_addr, callee_addr, "
	"caller_agent, callee_agent, a_codec, b_codec, a_mos_adaptive, "
	"b_mos_adaptive, a_loss_pct, b_loss_pct, billing_trunk_in, "
	"billing_trunk_out";

enum {
	AT_UID,
	AT_TYPE,
	AT_STATE,
	AT_STATUS,
	AT_REASON,
	AT_START,
	AT_ANSWER,
	AT_END,
	AT_LAST,
	AT_TALK,
	AT_PDD,
	AT_CALLER,
	AT_CALLEE,
	AT_CALLER_AGENT,
	AT_CALLEE_AGENT,
	AT_A_CODEC,
	AT_B_CODEC,
	AT_A_MOS,
	AT_B_MOS,
	AT_A_LOSS,
	AT_B_LOSS,
	AT_TRUNK_IN,
	AT_TRUNK_OUT,
};

struct stats_part *stats_part_new(uint64_t begin_ms, uint64_t len_ms,
				  unsigned slots)
{
	struct stats_part *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->begin_ms = begin_ms;
	p->len_ms = len_ms;
	p->slots = slots;
	return p;
}

void stats_part_free(struct stats_part *p)
{
	if (!p)
		return;
	stats_keys_free(&p->keys);
	free(p->late);
	free(p);
}

size_t stats_part_size(const struct stats_part *p)
{
	return sizeof(*p) + p->late_size * sizeof(*p->late) +
	       p->keys.n * (sizeof(struct stats_entry) + 32);
}

/* --- a record ------------------------------------------------------------- */

static double number(const struct db_rows *rows, size_t at)
{
	struct db_value v = db_cell(rows, at);

	return v.type == DB_REAL ? v.r : v.type == DB_INT ? (double)v.i : NAN;
}

static struct slice text(const struct db_rows *rows, size_t at)
{
	struct db_value v = db_cell(rows, at);

	return v.type == DB_TEXT ? v.s : slice_of(NULL, 0);
}

static bool is(const struct db_rows *rows, size_t at, const char *word)
{
	return slice_eq(text(rows, at), slice_str(word));
}

/* RFC 6076, 4.6 (SEER): the network did its part when somebody was reached,
 * was busy, or refused; and when it rang and nobody answered. */
static bool is_effective(const struct db_rows *rows, double pdd)
{
	struct db_value status = db_cell(rows, AT_STATUS);
	int64_t code = status.type == DB_INT ? status.i : 0;

	if (code == 480 || code == 486 || code == 600 || code == 603)
		return true;
	return !isnan(pdd) && (is(rows, AT_STATE, "cancelled") || code == 408 ||
			       is(rows, AT_STATE, "unanswered"));
}

static void sum_call(struct stats_sums *s, const struct db_rows *rows)
{
	bool answered = text(rows, AT_ANSWER).len;
	bool open = is(rows, AT_STATE, "active") && !answered;
	double talk = number(rows, AT_TALK), pdd = number(rows, AT_PDD);

	s->calls = 1;
	s->failed = is(rows, AT_STATE, "failed");
	s->attempts = !open && !is(rows, AT_STATE, "redirected");
	s->answered = s->attempts && answered;
	s->effective = s->answered || (s->attempts && is_effective(rows, pdd));
	if (s->answered && !isnan(talk))
		s->talk_ms = talk;
	if (isnan(pdd))
		return;
	s->pdd_ms = pdd;
	s->pdd_n = 1;
}

/* fmin() and fmax() leave out what is NAN. */
static void sum_record(struct stats_sums *s, const struct db_rows *rows)
{
	double mos = fmin(number(rows, AT_A_MOS), number(rows, AT_B_MOS));
	double loss = fmax(number(rows, AT_A_LOSS), number(rows, AT_B_LOSS));

	*s = (struct stats_sums){0};
	if (is(rows, AT_TYPE, "call"))
		sum_call(s, rows);
	else
		s->sessions = 1;
	if (!isnan(mos)) {
		s->mos = mos;
		s->mos_n = 1;
		s->bad_mos = mos < BAD_MOS;
	}
	if (!isnan(loss)) {
		s->loss_pct = loss;
		s->loss_n = 1;
	}
}

/* --- histograms ----------------------------------------------------------- */

static void count_in(uint64_t *counts, const double *edges, size_t n, double v)
{
	size_t i = 0;

	while (i + 1 < n && v >= edges[i + 1])
		i++;
	counts[i]++;
}

static void count_pdd(struct stats_part *p, double ms)
{
	double bin = ms > 10 ? log(ms / 10) / log(1.1) : 0;

	count_in(p->pdd, stats_pdd_edges, STATS_PDD, ms);
	p->pdd_fine[bin < STATS_PDD_FINE - 1 ? (size_t)bin
					     : STATS_PDD_FINE - 1]++;
}

/* --- calls at once -------------------------------------------------------- */

static bool note_late(struct stats_part *p, uint64_t moment)
{
	if (p->late_n == p->late_size) {
		size_t size = p->late_size ? p->late_size * 2 : 16;
		uint32_t *late = realloc(p->late, size * sizeof(*late));

		if (!late)
			return false;
		p->late = late;
		p->late_size = size;
	}
	p->late[p->late_n++] =
		(uint32_t)(moment < UINT32_MAX ? moment : UINT32_MAX);
	return true;
}

/* From the first packet to the end, the last packet where it has none. */
static bool count_open(struct stats_part *p, const struct db_rows *rows,
		       uint64_t begin_ms)
{
	struct slice end = text(rows, AT_END);
	uint64_t res = p->len_ms / STATS_MOMENTS, first, last, ns = 0;

	if (!end.len)
		end = text(rows, AT_LAST);
	first = (begin_ms - p->begin_ms) / res;
	if (!query_time(end, 0, &ns) || ns / 1000000 < begin_ms)
		ns = begin_ms * 1000000;
	last = (ns / 1000000 - p->begin_ms) / res;
	p->change[first]++;
	if (last + 1 >= STATS_MOMENTS)
		return note_late(p, last + 1);
	p->change[last + 1]--;
	return true;
}

/* --- keys ----------------------------------------------------------------- */

static bool add_key(struct stats_part *p, enum stats_list list,
		    struct slice key, const struct stats_sums *s)
{
	struct stats_sums *to;

	if (!key.len)
		return true;
	to = stats_keys_at(&p->keys, list, slice_head(key, KEY_MAX));
	if (to)
		stats_sums_add(to, s);
	return to;
}

/* Without the port, and without the brackets of IPv6. */
static struct slice ip_of(struct slice addr)
{
	size_t n = addr.len;

	while (n && addr.p[n - 1] != ':')
		n--;
	addr.len = n ? n - 1 : 0;
	if (addr.len > 1 && addr.p[0] == '[')
		addr = slice_of(addr.p + 1, addr.len - 2);
	return addr;
}

/* Of both sides, once when they are the same. */
static bool add_sides(struct stats_part *p, enum stats_list list,
		      const struct db_rows *rows, size_t at,
		      const struct stats_sums *s)
{
	struct slice a = text(rows, at), b = text(rows, at + 1);

	return add_key(p, list, a, s) &&
	       (slice_eq(a, b) || add_key(p, list, b, s));
}

static bool add_failure(struct stats_part *p, const struct db_rows *rows,
			const struct stats_sums *s)
{
	struct db_value status = db_cell(rows, AT_STATUS);
	struct slice reason = slice_head(text(rows, AT_REASON), 60);
	char key[80];

	if (!s->failed || status.type != DB_INT || status.i < 300)
		return true;
	snprintf(key, sizeof(key), "%03d%.*s", (int)(status.i % 1000),
		 SLICE_ARG(reason));
	return add_key(p, STATS_FAILURE, slice_str(key), s);
}

static bool add_keys(struct stats_part *p, const struct db_rows *rows,
		     const struct stats_sums *s)
{
	return add_key(p, STATS_CALLER_IP, ip_of(text(rows, AT_CALLER)), s) &&
	       add_key(p, STATS_CALLEE_IP, ip_of(text(rows, AT_CALLEE)), s) &&
	       add_sides(p, STATS_AGENT, rows, AT_CALLER_AGENT, s) &&
	       add_sides(p, STATS_CODEC, rows, AT_A_CODEC, s) &&
	       add_sides(p, STATS_TRUNK, rows, AT_TRUNK_IN, s) &&
	       add_failure(p, rows, s);
}

int stats_part_add(struct stats_part *p, const struct db_rows *rows)
{
	struct slice uid = text(rows, AT_UID);
	char id[ULID_SIZE] = "";
	struct stats_sums s;
	uint64_t ms, slot;

	if (!uid.len)
		return 0;
	memcpy(id, uid.p, uid.len < ULID_SIZE ? uid.len : ULID_SIZE - 1);
	ms = ulid_ms(id);
	if (ms < p->begin_ms || ms - p->begin_ms >= p->len_ms)
		return 0;
	sum_record(&s, rows);
	slot = (ms - p->begin_ms) * p->slots / p->len_ms;
	stats_sums_add(&p->slot[slot], &s);
	if (s.mos_n)
		count_in(p->mos, stats_mos_edges, STATS_MOS, s.mos);
	if (s.loss_n)
		count_in(p->loss, stats_loss_edges, STATS_LOSS, s.loss_pct);
	if (s.pdd_n)
		count_pdd(p, s.pdd_ms);
	return count_open(p, rows, ms) && add_keys(p, rows, &s) ? 0 : -ENOMEM;
}

/* --- the end -------------------------------------------------------------- */

void stats_part_seal(struct stats_part *p)
{
	struct stats_keys kept = {0};

	p->done = true;
	if (p->keys.n <= KEEP)
		return;
	for (enum stats_list l = 0; l < STATS_LISTS; l++) {
		const struct stats_entry *top[KEEP];
		size_t n = stats_keys_top(&p->keys, l, top, KEEP);

		for (size_t i = 0; i < n; i++) {
			struct stats_sums *to =
				stats_keys_at(&kept, l, slice_str(top[i]->key));

			if (to)
				*to = top[i]->sums;
		}
	}
	stats_keys_free(&p->keys);
	p->keys = kept;
}
