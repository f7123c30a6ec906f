#include "web/stats_total.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define TOP 20

struct total {
	const struct stats_spans *spans;
	const char *q;
	struct stats_sums sums, *step;
	int64_t *open; /* calls at once, the most of each step */
	size_t steps;
	uint64_t mos[STATS_MOS], loss[STATS_LOSS], pdd[STATS_PDD];
	uint64_t pdd_fine[STATS_PDD_FINE];
	struct stats_keys keys;
};

/* --- adding up ------------------------------------------------------------ */

static size_t step_of(const struct total *t, uint64_t ms)
{
	const struct stats_spans *s = t->spans;
	size_t i = ms / s->step_ms - s->from_ms / s->step_ms;

	return i < t->steps ? i : t->steps - 1;
}

static int add_keys(struct total *t, const struct stats_part *p)
{
	for (size_t i = 0; i < p->keys.size; i++) {
		for (const struct stats_entry *e = p->keys.bucket[i]; e;
		     e = e->next) {
			struct stats_sums *to = stats_keys_at(
				&t->keys, e->list, slice_str(e->key));

			if (!to)
				return -ENOMEM;
			stats_sums_add(to, &e->sums);
		}
	}
	return 0;
}

static int add_part(struct total *t, const struct stats_part *p)
{
	for (unsigned i = 0; i < p->slots; i++) {
		uint64_t ms = p->begin_ms + i * p->len_ms / p->slots;

		stats_sums_add(&t->step[step_of(t, ms)], &p->slot[i]);
		stats_sums_add(&t->sums, &p->slot[i]);
	}
	for (size_t i = 0; i < STATS_MOS; i++)
		t->mos[i] += p->mos[i];
	for (size_t i = 0; i < STATS_LOSS; i++)
		t->loss[i] += p->loss[i];
	for (size_t i = 0; i < STATS_PDD; i++)
		t->pdd[i] += p->pdd[i];
	for (size_t i = 0; i < STATS_PDD_FINE; i++)
		t->pdd_fine[i] += p->pdd_fine[i];
	return add_keys(t, p);
}

/* --- calls at once -------------------------------------------------------- */

/* The span that a moment lies in, from i on; n: behind the last. */
static size_t span_at(const struct stats_spans *s, size_t i, uint64_t ms)
{
	while (i < s->n && s->v[i]->begin_ms + s->v[i]->len_ms <= ms)
		i++;
	return i;
}

/* What ends in later spans is taken off there. */
static void carry(const struct stats_spans *s, size_t i, int32_t *change)
{
	const struct stats_part *p = s->v[i];
	uint64_t res = p->len_ms / STATS_MOMENTS;

	for (size_t k = 0; k < p->late_n; k++) {
		uint64_t ms = p->begin_ms + p->late[k] * res;
		size_t to = span_at(s, i, ms);

		if (to < s->n)
			change[to * STATS_MOMENTS +
			       (ms - s->v[to]->begin_ms) /
				       (s->v[to]->len_ms / STATS_MOMENTS)]--;
	}
}

static void follow(struct total *t, const int32_t *change)
{
	const struct stats_spans *s = t->spans;
	int64_t open = 0;

	for (size_t i = 0; i < s->n * STATS_MOMENTS; i++) {
		const struct stats_part *p = s->v[i / STATS_MOMENTS];
		uint64_t ms = p->begin_ms +
			      i % STATS_MOMENTS * (p->len_ms / STATS_MOMENTS);
		size_t step;

		open += change[i];
		if (ms < s->from_ms)
			continue;
		step = step_of(t, ms);
		if (open > t->open[step])
			t->open[step] = open;
	}
}

static int count_open(struct total *t)
{
	const struct stats_spans *s = t->spans;
	int32_t *change = calloc(s->n + 1, STATS_MOMENTS * sizeof(*change));

	if (!change)
		return -ENOMEM;
	for (size_t i = 0; i < s->n; i++)
		memcpy(change + i * STATS_MOMENTS, s->v[i]->change,
		       sizeof(s->v[i]->change));
	for (size_t i = 0; i < s->n; i++)
		carry(s, i, change);
	follow(t, change);
	free(change);
	return 0;
}

static int add_up(struct total *t)
{
	const struct stats_spans *s = t->spans;
	int err = 0;

	t->steps = (s->to_ms - 1) / s->step_ms - s->from_ms / s->step_ms + 1;
	t->step = calloc(t->steps, sizeof(*t->step));
	t->open = calloc(t->steps, sizeof(*t->open));
	if (!t->step || !t->open)
		return -ENOMEM;
	for (size_t i = 0; i < s->n && !err; i++)
		if (s->v[i]->begin_ms >= s->from_ms)
			err = add_part(t, s->v[i]);
	return err ? err : count_open(t);
}

/* --- writing -------------------------------------------------------------- */

static void put_name(struct outbuf *b, const char *name)
{
	outbuf_char(b, '"');
	outbuf_str(b, name);
	outbuf_str(b, "\":");
}

static void put_ratio(struct outbuf *b, const char *name, double of, uint64_t n)
{
	put_name(b, name);
	if (n)
		outbuf_double(b, of / (double)n);
	else
		outbuf_str(b, "null");
}

static void put_count(struct outbuf *b, const char *name, uint64_t n)
{
	put_name(b, name);
	outbuf_u64(b, n);
	outbuf_char(b, ',');
}

static void put_moment(struct outbuf *b, const char *name, uint64_t ms)
{
	put_name(b, name);
	outbuf_char(b, '"');
	outbuf_time(b, ms * 1000000);
	outbuf_str(b, "\",");
}

enum series {
	CALLS,
	ANSWERED,
	FAILED,
	CONCURRENT,
	ASR,
	MOS,
	LOSS,
};

static void put_mean(struct outbuf *b, double sum, uint64_t n)
{
	if (n)
		outbuf_double(b, sum / (double)n);
	else
		outbuf_str(b, "null");
}

static void put_point(struct outbuf *b, const struct total *t, size_t i,
		      enum series which)
{
	const struct stats_sums *s = &t->step[i];

	if (which == CALLS)
		outbuf_u64(b, s->calls + s->sessions);
	else if (which == ANSWERED)
		outbuf_u64(b, s->answered);
	else if (which == FAILED)
		outbuf_u64(b, s->failed);
	else if (which == CONCURRENT)
		outbuf_i64(b, t->open[i]);
	else if (which == ASR)
		put_mean(b, 100 * (double)s->answered, s->attempts);
	else if (which == MOS)
		put_mean(b, s->mos, s->mos_n);
	else
		put_mean(b, s->loss_pct, s->loss_n);
}

static void put_series(struct outbuf *b, const struct total *t)
{
	static const char *const names[] = {
		"calls",   "answered", "failed",       "concurrent",
		"asr_pct", "mos_mean", "loss_pct_mean"};
	const struct stats_spans *s = t->spans;

	outbuf_str(b, "\"series\":{\"t\":[");
	for (size_t i = 0; i < t->steps; i++) {
		outbuf_str(b, i ? "," : "");
		outbuf_u64(b, (s->from_ms / s->step_ms + i) * s->step_ms);
	}
	for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
		outbuf_str(b, "],");
		put_name(b, names[n]);
		for (size_t i = 0; i < t->steps; i++) {
			outbuf_char(b, i ? ',' : '[');
			put_point(b, t, i, n);
		}
	}
	outbuf_str(b, "]},");
}

/* Within a tenth: the middle of its bin. */
static double percentile(const uint64_t *fine, uint64_t n, double part)
{
	double before = 0, want = part * (double)n;

	for (size_t i = 0; i < STATS_PDD_FINE; i++) {
		before += (double)fine[i];
		if (before >= want)
			return 10 * pow(1.1, (double)i + 0.5);
	}
	return NAN;
}

static uint64_t most(const struct total *t)
{
	int64_t n = 0;

	for (size_t i = 0; i < t->steps; i++)
		if (t->open[i] > n)
			n = t->open[i];
	return (uint64_t)n;
}

static void put_totals(struct outbuf *b, const struct total *t)
{
	const struct stats_sums *s = &t->sums;

	outbuf_str(b, "\"totals\":{");
	put_count(b, "calls", s->calls);
	put_count(b, "sessions", s->sessions);
	put_count(b, "answered", s->answered);
	put_count(b, "failed", s->failed);
	put_ratio(b, "asr_pct", 100 * (double)s->answered, s->attempts);
	outbuf_char(b, ',');
	put_ratio(b, "ner_pct", 100 * (double)s->effective, s->attempts);
	outbuf_char(b, ',');
	put_ratio(b, "acd_ms", s->talk_ms, s->answered);
	outbuf_char(b, ',');
	put_ratio(b, "pdd_ms_mean", s->pdd_ms, s->pdd_n);
	outbuf_char(b, ',');
	put_ratio(b, "pdd_ms_p95",
		  s->pdd_n ? percentile(t->pdd_fine, s->pdd_n, 0.95) : 0,
		  s->pdd_n ? 1 : 0);
	outbuf_char(b, ',');
	put_ratio(b, "mos_mean", s->mos, s->mos_n);
	outbuf_char(b, ',');
	put_ratio(b, "loss_pct_mean", s->loss_pct, s->loss_n);
	outbuf_char(b, ',');
	put_count(b, "bad_mos", s->bad_mos);
	put_name(b, "concurrent_max");
	outbuf_u64(b, most(t));
	outbuf_str(b, "},");
}

static void put_histogram(struct outbuf *b, const char *name,
			  const double *edges, const uint64_t *counts, size_t n)
{
	put_name(b, name);
	outbuf_str(b, "{\"edges\":[");
	for (size_t i = 0; i <= n; i++) {
		outbuf_str(b, i ? "," : "");
		outbuf_double(b, edges[i]);
	}
	outbuf_str(b, "],\"counts\":[");
	for (size_t i = 0; i < n; i++) {
		outbuf_str(b, i ? "," : "");
		outbuf_u64(b, counts[i]);
	}
	outbuf_str(b, "]},");
}

/* --- lists ---------------------------------------------------------------- */

/* The search that finds these calls: what was searched for and this. */
static void put_q(struct outbuf *b, const struct total *t, const char *key,
		  const char *value)
{
	struct outbuf q = {0};
	bool quote = strpbrk(value, " ,\t") != NULL;
	size_t len = strlen(value);

	put_name(b, "q");
	if (strpbrk(value, "\"\n\r") || !len || value[len - 1] == '*') {
		outbuf_str(b, "null");
		return;
	}
	outbuf_str(&q, t->q);
	outbuf_str(&q, t->q[0] ? " " : "");
	outbuf_str(&q, key);
	outbuf_str(&q, quote ? "\"" : "");
	outbuf_str(&q, value);
	outbuf_str(&q, quote ? "\"" : "");
	outbuf_json(b, slice_of(q.p, q.len));
	b->failed |= q.failed;
	outbuf_free(&q);
}

static void put_entry(struct outbuf *b, const struct total *t,
		      const struct stats_entry *e, const char *key)
{
	const struct stats_sums *s = &e->sums;

	outbuf_str(b, "{\"key\":");
	outbuf_json(b, slice_str(e->key));
	outbuf_char(b, ',');
	put_count(b, "calls", s->calls + s->sessions);
	put_count(b, "answered", s->answered);
	put_ratio(b, "asr_pct", 100 * (double)s->answered, s->attempts);
	outbuf_char(b, ',');
	put_ratio(b, "acd_ms", s->talk_ms, s->answered);
	outbuf_char(b, ',');
	put_ratio(b, "mos_mean", s->mos, s->mos_n);
	outbuf_char(b, ',');
	put_ratio(b, "loss_pct_mean", s->loss_pct, s->loss_n);
	outbuf_char(b, ',');
	put_q(b, t, key, e->key);
	outbuf_char(b, '}');
}

static void put_lists(struct outbuf *b, const struct total *t)
{
	static const struct {
		const char *name, *key;
	} lists[] = {
		[STATS_CALLER_IP] = {"caller_ip", "caller-ip:"},
		[STATS_CALLEE_IP] = {"callee_ip", "callee-ip:"},
		[STATS_AGENT] = {"agent", "agent:"},
		[STATS_CODEC] = {"codec", "codec:"},
		[STATS_TRUNK] = {"trunk", "trunk:"},
	};

	outbuf_str(b, "\"by\":{");
	for (enum stats_list l = 0; l < STATS_FAILURE; l++) {
		const struct stats_entry *top[TOP];
		size_t n = stats_keys_top(&t->keys, l, top, TOP);

		outbuf_str(b, l ? "," : "");
		put_name(b, lists[l].name);
		outbuf_char(b, '[');
		for (size_t i = 0; i < n; i++) {
			outbuf_str(b, i ? "," : "");
			put_entry(b, t, top[i], lists[l].key);
		}
		outbuf_char(b, ']');
	}
	outbuf_char(b, '}');
}

/* By status; the reason is the one that came most often. */
struct failure {
	char status[4];
	const char *reason;
	uint64_t n;
};

static int most_failures(const void *a, const void *b)
{
	const struct failure *x = a, *y = b;

	if (x->n != y->n)
		return x->n < y->n ? 1 : -1;
	return strcmp(x->status, y->status);
}

#define STATUSES 512

static size_t failures(const struct total *t, struct failure *v)
{
	const struct stats_entry *top[STATUSES];
	size_t n = stats_keys_top(&t->keys, STATS_FAILURE, top, STATUSES);
	size_t out = 0, k;

	for (size_t i = 0; i < n; i++) {
		for (k = 0; k < out; k++)
			if (!memcmp(v[k].status, top[i]->key, 3))
				break;
		if (k == out) {
			v[out] = (struct failure){.reason = top[i]->key + 3};
			memcpy(v[out++].status, top[i]->key, 3);
		}
		v[k].n += top[i]->sums.calls;
	}
	qsort(v, out, sizeof(*v), most_failures);
	return out < TOP ? out : TOP;
}

static int put_failures(struct outbuf *b, const struct total *t)
{
	struct failure *v = calloc(STATUSES, sizeof(*v));
	size_t n;

	if (!v)
		return -ENOMEM;
	n = failures(t, v);
	outbuf_str(b, "\"failures\":[");
	for (size_t i = 0; i < n; i++) {
		outbuf_str(b, i ? ",{\"status\":" : "{\"status\":");
		outbuf_u64(b, (uint64_t)atoi(v[i].status));
		outbuf_str(b, ",\"reason\":");
		outbuf_json(b, slice_str(v[i].reason));
		outbuf_char(b, ',');
		put_count(b, "calls", v[i].n);
		put_q(b, t, "type:call state:failed status:", v[i].status);
		outbuf_char(b, '}');
	}
	outbuf_str(b, "],");
	free(v);
	return 0;
}

int stats_total_put(struct outbuf *b, const struct stats_spans *s,
		    const char *q)
{
	struct total t = {.spans = s, .q = q};
	int err = add_up(&t);

	if (!err) {
		outbuf_char(b, '{');
		put_moment(b, "from", s->from_ms);
		put_moment(b, "to", s->to_ms);
		outbuf_str(b, s->complete ? "\"complete\":true,"
					  : "\"complete\":false,");
		put_moment(b, "covered_from", s->covered_ms);
		put_count(b, "step_ms", s->step_ms);
		put_series(b, &t);
		put_totals(b, &t);
		put_histogram(b, "mos", stats_mos_edges, t.mos, STATS_MOS);
		put_histogram(b, "loss", stats_loss_edges, t.loss, STATS_LOSS);
		put_histogram(b, "pdd", stats_pdd_edges, t.pdd, STATS_PDD);
		err = put_failures(b, &t);
		put_lists(b, &t);
		outbuf_char(b, '}');
	}
	stats_keys_free(&t.keys);
	free(t.step);
	free(t.open);
	return err || !b->failed ? err : -ENOMEM;
}
