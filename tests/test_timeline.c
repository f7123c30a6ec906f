/*
 * A call over time: what the steps of a stream add up to is what its record
 * says, on every sample; where losses and changes lie; the store's slices.
 */
#include <check.h>
#include <dirent.h>
#include <math.h>
#include <stdlib.h>

#include "sniffer/capture/file_source.h"
#include "sniffer/export/timeline_priv.h"
#include "tests/made_engine.h"
#include "tests/run_suite.h"

#define SAMPLES_MAX 256

static struct timeline *t;
static size_t streams, lossy, jittery, reports, checks, handshakes;

/* --- all samples ---------------------------------------------------------- */

static char *paths[SAMPLES_MAX];
static size_t paths_n;

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void find_samples(void)
{
	const char *src = getenv("CALLSCOPE_SRC");
	char dir[512];
	struct dirent *e;
	DIR *d;

	snprintf(dir, sizeof(dir), "%s/samples", src ? src : ".");
	d = opendir(dir);
	while (d && (e = readdir(d)) && paths_n < SAMPLES_MAX)
		if (strstr(e->d_name, ".pcap") &&
		    asprintf(&paths[paths_n], "%s/%s", dir, e->d_name) > 0)
			paths_n++;
	if (d)
		closedir(d);
	qsort(paths, paths_n, sizeof(*paths), by_name);
}

static struct line_step total(const struct line *x)
{
	struct line_step sum = {0};

	for (size_t i = 0; i < x->n; i++) {
		const struct line_step *s = &x->v[i];

		sum.packets += s->packets;
		sum.lost += s->lost;
		sum.bytes += s->bytes;
		sum.jitter_n += s->jitter_n;
		sum.jitter_sum_ms += s->jitter_sum_ms;
		if (s->jitter_ms_max > sum.jitter_ms_max)
			sum.jitter_ms_max = s->jitter_ms_max;
		if (s->delta_ms_max > sum.delta_ms_max)
			sum.delta_ms_max = s->delta_ms_max;
	}
	return sum;
}

static void check_stream(const struct cdr_stream *s)
{
	struct line *x = s->serial <= TIMELINE_STREAMS
				 ? t->lines.v[s->serial - 1]
				 : NULL;
	struct line_step sum;
	uint64_t lost = 0;

	if (!x)
		return;
	sum = total(x);
	ck_assert_uint_eq(sum.packets, s->packets);
	ck_assert_uint_eq(sum.lost, s->lost);
	for (size_t i = 0; i < x->losses; i++)
		lost += x->loss[i].lost;
	ck_assert_uint_eq(lost, s->lost);
	if (!s->srtp) /* tags are told apart later */
		ck_assert_uint_eq(sum.bytes, s->bytes);
	if (s->packets > 1)
		ck_assert_double_eq_tol((double)sum.delta_ms_max,
					s->delta_ms.max,
					1e-5 * s->delta_ms.max + 1e-6);
	if (!s->is_repair && !isnan(s->jitter_ms.mean)) {
		ck_assert_double_eq_tol(sum.jitter_sum_ms / sum.jitter_n,
					s->jitter_ms.mean, 1e-6);
		ck_assert_double_eq_tol((double)sum.jitter_ms_max,
					s->jitter_ms.max,
					1e-5 * s->jitter_ms.max + 1e-6);
		jittery++;
	}
	streams++;
	lossy += s->lost != 0;
}

/* Reports of the timeline that are about that stream. */
static void check_reports(const struct cdr_stream *s)
{
	double rtt_max = NAN;
	uint64_t n = 0;

	for (size_t i = 0; i < t->events.reports; i++) {
		const struct event_report *r = &t->events.report[i];

		if (r->serial != s->serial || !strcmp(r->type, "XR"))
			continue;
		n++;
		if (!isnan(r->rtt_ms) && !(r->rtt_ms <= rtt_max))
			rtt_max = r->rtt_ms;
	}
	ck_assert_uint_le(n, s->rtcp.rr);
	if (!isnan(rtt_max))
		ck_assert_double_le(rtt_max, s->rtcp.rtt_ms_max + 1e-6);
}

static void on_record(void *arg, struct cdr *cdr)
{
	(void)arg;
	lines_end(&t->lines);
	if (cdr->kind == CDR_CALL || cdr->kind == CDR_SESSION)
		for (size_t i = 0; i < cdr->call.streams_n; i++) {
			check_stream(&cdr->call.streams[i]);
			check_reports(&cdr->call.streams[i]);
		}
	cdr_free(cdr);
}

static void begin(void)
{
	t = calloc(1, sizeof(*t));
	t->events.mem = arena_new(4096, 0);
	ck_assert_ptr_nonnull(t->events.mem);
}

static void finish(void)
{
	lines_free(&t->lines);
	events_free(&t->events);
	free(t);
}

static void run_sample(const char *path)
{
	struct engine_config ec = made_engine_config();
	struct engine_out out = {.record = on_record,
				 .watch = &timeline_engine_watch,
				 .watch_arg = t};
	char why[EXPORT_WHY];
	struct frame frames[64];
	struct source *s;
	struct engine *e;
	int n;

	ec.media.watch = &timeline_media_watch;
	ec.media.watch_arg = t;
	e = engine_new(&ec, &out);
	ck_assert_ptr_nonnull(e);
	ck_assert_msg(!file_source_open(&s, (const char *const[]){path}, 1, why,
					sizeof(why)),
		      "%s: %s", path, why);
	while ((n = source_read(s, frames, 64)) > 0) {
		if (!t->walk.first_ns)
			t->walk.first_ns = frames[0].ts_ns;
		engine_feed(e, frames, (size_t)n);
	}
	engine_end(e);
	engine_free(e);
	source_close(s);
}

START_TEST(sums_are_the_records)
{
	begin();
	run_sample(paths[_i]);
	finish();
}
END_TEST

/* The samples have all that there is to show. */
START_TEST(there_is_something_to_show)
{
	for (size_t i = 0; i < paths_n; i++) {
		begin();
		run_sample(paths[i]);
		reports += t->events.reports;
		checks += t->events.checks;
		handshakes += t->events.dtls_n;
		finish();
	}
	ck_assert_uint_gt(streams, 50);
	ck_assert_uint_gt(lossy, 5);
	ck_assert_uint_gt(jittery, 20);
	ck_assert_uint_gt(reports, 20);
	ck_assert_uint_gt(checks, 50);
	ck_assert_uint_gt(handshakes, 20);
}
END_TEST

/* --- a made stream -------------------------------------------------------- */

#define MS 1000000ull

static void pass(uint64_t ms, uint64_t ext, uint8_t pt, uint8_t dscp)
{
	struct media_passed p = {.serial = 1,
				 .pt = pt,
				 .dscp = dscp,
				 .ts_ns = MADE_T0 + ms * MS,
				 .ext = ext,
				 .bytes = 160};

	if (!t->walk.first_ns)
		t->walk.first_ns = MADE_T0;
	timeline_media_watch.passed(t, &p);
}

static void miss(uint64_t ext, bool lost, bool begins)
{
	struct media_missed m = {
		.serial = 1, .ext = ext, .lost = lost, .begins = begins};

	timeline_media_watch.missed(t, &m);
}

/* 100 to 102 are missing between 2.0 and 2.08 s. */
START_TEST(a_run_lies_between_its_neighbours)
{
	struct line *x;

	begin();
	pass(1980, 98, 0, 46);
	pass(2000, 99, 0, 46);
	pass(2080, 103, 0, 46);
	pass(2100, 104, 0, 46);
	miss(100, true, true);
	miss(101, true, false);
	miss(102, true, false);
	pass(2120, 105, 0, 46);
	lines_end(&t->lines);
	x = t->lines.v[0];
	ck_assert_uint_eq(x->losses, 1);
	ck_assert_uint_eq(x->loss[0].lost, 3);
	ck_assert_uint_eq(x->loss[0].ns, MADE_T0 + 2000 * MS);
	ck_assert_uint_eq(x->loss[0].gap_ns, 80 * MS);
	ck_assert_uint_eq(x->v[2].lost, 3);
	ck_assert_uint_eq(x->v[2].missed, 3);
	ck_assert_uint_eq(x->v[2].runs, 1);
	ck_assert_uint_eq(x->v[1].lost, 0);
	finish();
}
END_TEST

/* What was late for the receiver is no loss, where it arrived. */
START_TEST(late_is_not_lost)
{
	struct line *x;

	begin();
	pass(500, 10, 0, 0);
	pass(1500, 11, 0, 0);
	miss(11, false, true);
	lines_end(&t->lines);
	x = t->lines.v[0];
	ck_assert_uint_eq(x->losses, 0);
	ck_assert_uint_eq(x->v[1].lost, 0);
	ck_assert_uint_eq(x->v[1].missed, 1);
	ck_assert_uint_eq(x->v[1].runs, 1);
	finish();
}
END_TEST

START_TEST(changes_are_kept_once)
{
	struct line *x;

	begin();
	pass(0, 10, 0, 46);
	pass(20, 11, 0, 46);
	pass(40, 12, 8, 46);
	pass(60, 13, 8, 0);
	pass(80, 14, 0, 0);
	x = t->lines.v[0];
	ck_assert_uint_eq(x->codec.n, 3);
	ck_assert_uint_eq(x->codec.v[1].value, 8);
	ck_assert_uint_eq(x->codec.v[1].ns, MADE_T0 + 40 * MS);
	ck_assert_uint_eq(x->dscp.n, 2);
	ck_assert_uint_eq(x->dscp.v[1].ns, MADE_T0 + 60 * MS);
	finish();
}
END_TEST

/* Three hours: steps of 4 s, and nothing is lost on the way. */
START_TEST(long_calls_have_long_steps)
{
	const uint64_t n = 3 * 3600 + 7;
	struct line *x;
	uint64_t packets = 0;

	begin();
	for (uint64_t i = 0; i < n; i++)
		pass(i * 1000, i + 1, 0, 0);
	x = t->lines.v[0];
	ck_assert_uint_eq(t->lines.step_ns, 4000 * MS);
	ck_assert_uint_le(x->n, TIMELINE_STEPS);
	for (size_t i = 0; i < x->n; i++) {
		ck_assert_uint_le(x->v[i].packets, 4);
		packets += x->v[i].packets;
	}
	ck_assert_uint_eq(packets, n);
	finish();
}
END_TEST

/* The longest runs stay, in their order. */
START_TEST(too_many_runs)
{
	struct line *x;

	begin();
	for (uint64_t i = 0; i < 5000; i++) {
		uint64_t ext = 10 + i * 10;

		pass(i * 100, ext, 0, 0);
		miss(ext + 1, true, true);
		if (i % 3 == 0)
			miss(ext + 2, true, false);
		pass(i * 100 + 50, ext + (i % 3 == 0 ? 3 : 2), 0, 0);
	}
	lines_end(&t->lines);
	x = t->lines.v[0];
	ck_assert(t->lines.truncated);
	ck_assert_uint_eq(x->losses, TIMELINE_LOSSES);
	for (size_t i = 1; i < x->losses; i++)
		ck_assert_uint_lt(x->loss[i - 1].ns, x->loss[i].ns);
	for (size_t i = 0, two = 0; i < x->losses; i++) {
		two += x->loss[i].lost == 2;
		if (i + 1 == x->losses)
			ck_assert_uint_eq(two, 1667);
	}
	finish();
}
END_TEST

START_TEST(too_many_streams)
{
	struct media_passed p = {.serial = TIMELINE_STREAMS + 1,
				 .ts_ns = MADE_T0};

	begin();
	t->walk.first_ns = MADE_T0;
	timeline_media_watch.passed(t, &p);
	ck_assert(t->lines.truncated);
	finish();
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("timeline");
	TCase *all = tcase_create("all samples"), *made = tcase_create("made");

	find_samples();
	tcase_set_timeout(all, 600);
	tcase_add_loop_test(all, sums_are_the_records, 0, (int)paths_n);
	tcase_add_test(all, there_is_something_to_show);
	tcase_add_test(made, a_run_lies_between_its_neighbours);
	tcase_add_test(made, late_is_not_lost);
	tcase_add_test(made, changes_are_kept_once);
	tcase_add_test(made, long_calls_have_long_steps);
	tcase_add_test(made, too_many_runs);
	tcase_add_test(made, too_many_streams);
	suite_add_tcase(s, all);
	suite_add_tcase(s, made);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
