/*
 * Threads that read sources, and their frames in one order: sources that are
 * made of steps, so that each moment is chosen by the test.
 */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "sniffer/base/block.h"
#include "sniffer/capture/filter.h"
#include "sniffer/capture/pump_source.h"
#include "tests/run_suite.h"

#define MS 1000000ull

enum step_kind {
	FRAMES, /* n frames, from ns on, one a nanosecond */
	CLOCK,	/* all before ns was handed out */
	KEYLOG,
	NOTICE,
	GATE, /* nothing until the test opens gate n */
	FAIL, /* -n */
	END,
};

struct step {
	enum step_kind kind;
	uint64_t ns;
	int n;
	const char *text;
};

enum {
	GATES = 4
};

struct fake {
	struct source head;
	const struct step *step;
	const char *name;
	uint64_t now_ns, number;
	int given; /* of the step */
	uint8_t bytes[256][1500];
	atomic_bool gate[GATES];
	atomic_bool waits;	   /* at a gate */
	atomic_bool closed, *told; /* where it tells that */
};

static struct fake *self(const struct source *s)
{
	return (struct fake *)s;
}

/* The payload tells which frame it is. */
static struct frame make(struct fake *f, size_t i)
{
	uint8_t *p = f->bytes[i];
	struct frame out = {
		.data = {p, 1000},
		.wire_len = 1400,
		.ts_ns = f->step->ns + (uint64_t)f->given++,
		.number = ++f->number,
		.linktype = 1,
		.ts_digits = 9,
	};

	memset(p, 0, 1000);
	memcpy(p, &out.number, sizeof(out.number));
	memcpy(p + 992, &out.ts_ns, sizeof(out.ts_ns));
	return out;
}

static int give_frames(struct fake *f, struct frame *out, size_t max)
{
	size_t n = 0;

	while (n < max && f->given < f->step->n) {
		out[n] = make(f, n);
		n++;
	}
	if (f->given == f->step->n) {
		f->given = 0;
		f->step++;
	}
	if (n && out[n - 1].ts_ns > f->now_ns)
		f->now_ns = out[n - 1].ts_ns;
	return (int)n;
}

static void sleep_ms(unsigned ms)
{
	nanosleep(&(struct timespec){.tv_nsec = (long)(ms * MS)}, NULL);
}

static int fake_read(struct source *s, struct frame *out, size_t max)
{
	struct fake *f = self(s);
	const struct step *step = f->step;

	if (s->stop && atomic_load(s->stop))
		return 0;
	switch (step->kind) {
	case FRAMES:
		return give_frames(f, out, max);
	case CLOCK:
		f->now_ns = step->ns;
		break;
	case KEYLOG:
		s->secrets(s->secrets_arg, slice_str(step->text));
		break;
	case NOTICE:
		s->notice(s->notice_arg, step->text);
		break;
	case GATE:
		atomic_store(&f->waits, true);
		if (!atomic_load(&f->gate[step->n])) {
			sleep_ms(1);
			return -EAGAIN;
		}
		atomic_store(&f->waits, false);
		break;
	case FAIL:
		faults_add(&s->faults, FAULT_IO, "fake", 0, "it fails");
		return -step->n;
	case END:
		return 0;
	}
	f->step++;
	return s->ops->now_ns ? -EAGAIN : fake_read(s, out, max);
}

static uint64_t fake_now_ns(struct source *s)
{
	return self(s)->now_ns;
}

static bool fake_origin(const struct source *s, const struct frame *f,
			struct source_origin *out)
{
	*out = (struct source_origin){self(s)->name, f->number * 2};
	return true;
}

static void fake_tap(const struct source *s, struct source_tap *out)
{
	out->name = self(s)->name;
	out->up = strcmp(out->name, "b");
}

static void fake_close(struct source *s)
{
	if (self(s)->told)
		atomic_store(self(s)->told, true);
	free(s);
}

static const struct source_ops fake_live = {
	.read = fake_read,
	.now_ns = fake_now_ns,
	.origin = fake_origin,
	.close = fake_close,
	.tap = fake_tap,
};

static const struct source_ops fake_file = {
	.read = fake_read,
	.origin = fake_origin,
	.close = fake_close,
};

static struct fake *fake_new(const struct source_ops *ops, const char *name,
			     const struct step *steps)
{
	struct fake *f = calloc(1, sizeof(*f));

	ck_assert_ptr_nonnull(f);
	f->head.ops = ops;
	f->name = name;
	f->step = steps;
	return f;
}

static struct source *pump_one(struct fake *f, const struct pump_options *opt)
{
	struct source *in = &f->head, *out;

	ck_assert_int_eq(pump_source_open(&out, &in, 1, opt), 0);
	return out;
}

static struct source *pump_two(struct fake *a, struct fake *b,
			       uint64_t window_ns)
{
	const struct pump_options opt = {.window_ns = window_ns};
	struct source *in[] = {&a->head, &b->head}, *out;

	ck_assert_int_eq(pump_source_open(&out, in, 2, &opt), 0);
	return out;
}

/* What a source gave, as a text: f or the frames' count in a row, K and N with
 * the texts, . where time went on; then the result. */
struct heard {
	char text[1000];
	struct frame last;
	uint64_t frames;
};

static void add_text(struct heard *h, const char *kind, const char *text)
{
	size_t at = strlen(h->text);

	snprintf(h->text + at, sizeof(h->text) - at, "%s%s ", kind, text);
}

static void on_keylog(void *arg, struct slice text)
{
	char copy[64] = "";

	ck_assert_uint_lt(text.len, sizeof(copy));
	memcpy(copy, text.p, text.len);
	add_text(arg, "K", copy);
}

static void on_notice(void *arg, const char *line)
{
	add_text(arg, "N", line);
}

static void hear(struct source *s, struct heard *h)
{
	s->secrets = on_keylog;
	s->notice = on_notice;
	s->secrets_arg = s->notice_arg = h;
}

static void check_frame(const struct frame *f)
{
	uint64_t ts;

	ck_assert_uint_eq(f->data.len, 1000);
	ck_assert_uint_eq(f->wire_len, 1400);
	ck_assert_ptr_nonnull(f->block);
	memcpy(&ts, f->data.p + 992, sizeof(ts));
	ck_assert_uint_eq(f->ts_ns, ts);
}

/* --- one source ----------------------------------------------------------- */

static const struct step file_steps[] = {
	{KEYLOG, .text = "first"},
	{FRAMES, 100, 64},
	{FRAMES, 50, 64}, /* a file's own disorder is kept */
	{KEYLOG, .text = "second"},
	{FRAMES, 200, 3000},
	{END},
};

/* All of it, in order, with little room; texts between the packets that they
 * were between. */
START_TEST(file_order)
{
	const struct pump_options opt = {.bytes = 1 << 20, .wait = true};
	struct source *s =
		pump_one(fake_new(&fake_file, "f", file_steps), &opt);
	struct heard h = {.text = ""};
	struct frame v[64];
	uint64_t seen = 0, number;
	int n;

	hear(s, &h);
	while ((n = source_read(s, v, 64)) > 0) {
		ck_assert_str_eq(h.text,
				 seen < 128 ? "Kfirst " : "Kfirst Ksecond ");
		for (int i = 0; i < n; i++) {
			check_frame(&v[i]);
			memcpy(&number, v[i].data.p, sizeof(number));
			ck_assert_uint_eq(number, ++seen);
			ck_assert_uint_eq(v[i].number, seen);
		}
	}
	ck_assert_int_eq(n, 0);
	ck_assert_uint_eq(seen, 3128);
	ck_assert_uint_eq(source_now_ns(s), 0);
	ck_assert_uint_eq(s->stats.frames, 3128);
	ck_assert_uint_eq(s->stats.dropped_ring, 0);
	ck_assert_uint_eq(s->stats.late, 0);
	source_close(s);
}
END_TEST

START_TEST(file_where)
{
	const struct pump_options opt = {.wait = true};
	struct source *s =
		pump_one(fake_new(&fake_file, "f", file_steps), &opt);
	struct frame v[10];
	char where[64];

	ck_assert_int_eq(source_read(s, v, 10), 10);
	source_where(s, &v[3], where, sizeof(where));
	ck_assert_str_eq(where, "f: packet 8");
	/* closed in the middle, while the thread waits for room */
	source_close(s);
}
END_TEST

/* Held by somebody, the bytes outlive the source. */
START_TEST(held)
{
	const struct pump_options opt = {.wait = true};
	struct source *s =
		pump_one(fake_new(&fake_file, "f", file_steps), &opt);
	struct frame v[10];

	ck_assert_int_eq(source_read(s, v, 10), 10);
	block_hold(v[9].block, 1);
	while (source_read(s, v, 1) > 0 && v[0].number < 10)
		;
	while (source_read(s, v + 1, 1) > 0)
		;
	check_frame(&v[9]);
	source_close(s);
	check_frame(&v[9]);
	block_drop(v[9].block, 1);
}
END_TEST

static const struct step burst_steps[] = {
	{GATE, .n = 0}, {FRAMES, 1000, 5000},
	{GATE, .n = 1}, {FRAMES, 10000, 10},
	{END},
};

static void until_it_waits(struct fake *f)
{
	while (!atomic_load(&f->waits))
		sleep_ms(1);
}

static void open_gate(struct fake *f, int n)
{
	atomic_store(&f->waits, false);
	atomic_store(&f->gate[n], true);
}

/* Nobody reads: what finds no room is dropped and counted, the rest comes in
 * order, and so does what follows. */
START_TEST(live_drops)
{
	const struct pump_options opt = {.bytes = 1 << 20};
	struct fake *f = fake_new(&fake_live, "a", burst_steps);
	struct source *s = pump_one(f, &opt);
	uint64_t last = 0, seen = 0;
	struct source_tap tap;
	struct frame v[64];
	int n;

	ck_assert_int_eq(source_read(s, v, 64), -EAGAIN);
	open_gate(f, 0);
	until_it_waits(f);
	open_gate(f, 1);
	while ((n = source_read(s, v, 64)) != 0) {
		for (int i = 0; i < n; i++, seen++) {
			check_frame(&v[i]);
			ck_assert_uint_gt(v[i].ts_ns, last);
			ck_assert_uint_eq(v[i].number, seen + 1);
			last = v[i].ts_ns;
		}
	}
	ck_assert_uint_gt(s->stats.dropped_ring, 3000);
	ck_assert_uint_eq(seen + s->stats.dropped_ring, 5010);
	ck_assert_uint_eq(source_taps(s, &tap, 1), 1);
	ck_assert_uint_eq(tap.dropped_ring, s->stats.dropped_ring);
	ck_assert_uint_eq(tap.frames, seen);
	ck_assert_str_eq(tap.name, "a");
	source_close(s);
}
END_TEST

START_TEST(filtered)
{
	static const struct step steps[] = {{FRAMES, 1, 10}, {END}};
	const struct pump_options opt = {.bytes = 0};
	char err[300];
	struct filter *all = filter_new("greater 1400", err, sizeof(err));
	struct filter *none = filter_new("less 100", err, sizeof(err));
	struct frame v[64];

	for (int i = 0; i < 2; i++) {
		struct source *s =
			pump_one(fake_new(&fake_live, "a", steps), &opt);
		int n, got = 0;

		s->filter = i ? none : all;
		while ((n = source_read(s, v, 64)) != 0)
			got += n > 0 ? n : 0;
		ck_assert_int_eq(got, i ? 0 : 10);
		ck_assert_uint_eq(s->stats.filtered, i ? 10 : 0);
		source_close(s);
	}
	filter_free(all);
	filter_free(none);
}
END_TEST

START_TEST(fails)
{
	static const struct step steps[] = {{FRAMES, 1, 3}, {FAIL, .n = EIO}};
	const struct pump_options opt = {.wait = true};
	struct source *s = pump_one(fake_new(&fake_file, "f", steps), &opt);
	struct frame v[64];

	ck_assert_int_eq(source_read(s, v, 64), 3);
	ck_assert_int_eq(source_read(s, v, 64), -EIO);
	ck_assert_uint_eq(s->faults.len, 1);
	ck_assert_str_eq(s->faults.v[0].text, "fake: it fails");
	source_close(s);
}
END_TEST

/* The end is asked for; and what is never read is closed. */
START_TEST(stops)
{
	static const struct step steps[] = {{CLOCK, 5, 0}, {GATE, .n = 0}};
	const struct pump_options opt = {.bytes = 0};
	struct fake *f = fake_new(&fake_live, "a", steps);
	struct source *s = pump_one(f, &opt);
	atomic_bool stop = false, closed = false;
	struct frame v[4];

	f->told = &closed;
	s->stop = &stop;
	while (source_read(s, v, 4) != -EAGAIN || source_now_ns(s) < 5)
		;
	atomic_store(&stop, true);
	while (source_read(s, v, 4))
		;
	source_close(s);
	ck_assert(atomic_load(&closed));

	s = pump_one(fake_new(&fake_live, "a", steps), &opt);
	source_close(s);
}
END_TEST

/* --- several -------------------------------------------------------------- */

/* Frames until the end, one a letter: the interface. */
static void read_all(struct source *s, char *order, size_t size)
{
	struct frame v[3];
	size_t at = 0;
	int n;

	while ((n = source_read(s, v, 3)) != 0) {
		ck_assert(n > 0 || n == -EAGAIN);
		for (int i = 0; i < n; i++) {
			ck_assert_uint_lt(at + 1, size);
			ck_assert_uint_eq(v[i].number, at + 1);
			order[at++] = (char)('a' + v[i].iface);
		}
	}
	order[at] = '\0';
}

START_TEST(merged)
{
	static const struct step a[] = {
		{FRAMES, 10, 3}, {FRAMES, 20, 2}, {FRAMES, 40, 1}, {END}};
	static const struct step b[] = {{FRAMES, 11, 1},
					{CLOCK, 15, 0},
					{FRAMES, 21, 1},
					{FRAMES, 41, 2},
					{END}};
	struct source *s = pump_two(fake_new(&fake_live, "a", a),
				    fake_new(&fake_live, "b", b), 60000 * MS);
	char order[32];

	read_all(s, order, sizeof(order));
	/* 10 11 11 12, 20 21 21, 40 41 42: the first source first */
	ck_assert_str_eq(order, "aabaaabab"
				"b");
	ck_assert_uint_eq(s->stats.late, 0);
	source_close(s);
}
END_TEST

/* One that is idle tells its time: nothing after that is given out. */
START_TEST(idle_tap)
{
	static const struct step a[] = {{FRAMES, 10, 5}, {END}};
	static const struct step b[] = {
		{CLOCK, 12, 0}, {GATE, .n = 0}, {FRAMES, 13, 1}, {END}};
	struct fake *idle = fake_new(&fake_live, "b", b);
	struct source *s =
		pump_two(fake_new(&fake_live, "a", a), idle, 60000 * MS);
	struct frame v[8];
	int n, got = 0;

	while (got < 3)
		if ((n = source_read(s, v, 8)) > 0)
			got += n;
	ck_assert_int_eq(got, 3); /* 10, 11, 12 */
	ck_assert_int_eq(source_read(s, v, 8), -EAGAIN);
	ck_assert_uint_eq(source_now_ns(s), 12);
	open_gate(idle, 0);
	while ((n = source_read(s, v, 8)) != 0)
		got += n > 0 ? n : 0;
	ck_assert_int_eq(got, 6);
	ck_assert_uint_eq(s->stats.late, 0);
	source_close(s);
}
END_TEST

/* One that does not even do that is waited for no longer than the window;
 * what it brings then is late. */
START_TEST(late)
{
	static const struct step a[] = {{FRAMES, 10, 5}, {GATE, .n = 0}, {END}};
	static const struct step b[] = {{GATE, .n = 0}, {FRAMES, 2, 3}, {END}};
	struct fake *first = fake_new(&fake_live, "a", a);
	struct fake *silent = fake_new(&fake_live, "b", b);
	struct source *s = pump_two(first, silent, 2 * MS);
	struct frame v[8];
	int n, got = 0;

	while (got < 5)
		if ((n = source_read(s, v, 8)) > 0)
			got += n;
	ck_assert_int_eq(got, 5);
	ck_assert_uint_eq(s->stats.late, 0);
	open_gate(silent, 0);
	while (got < 8)
		if ((n = source_read(s, v, 8)) > 0)
			got += n;
	ck_assert_uint_eq(s->stats.late, 3);
	open_gate(first, 0);
	while (source_read(s, v, 8))
		;
	ck_assert_uint_ge(source_now_ns(s), 14);
	source_close(s);
}
END_TEST

START_TEST(rows)
{
	static const struct step none[] = {{END}};
	const struct pump_options opt = {.bytes = 0};
	struct source *in[] = {&fake_new(&fake_live, "a", none)->head,
			       &fake_new(&fake_live, "a", none)->head,
			       &fake_new(&fake_live, "b", none)->head};
	struct source_tap tap[4];
	struct source *s;

	ck_assert_int_eq(pump_source_open(&s, in, 3, &opt), 0);
	ck_assert_uint_eq(source_taps(s, tap, 1), 1);
	ck_assert_uint_eq(source_taps(s, tap, 4), 2);
	ck_assert_str_eq(tap[0].name, "a");
	ck_assert_str_eq(tap[1].name, "b");
	ck_assert(tap[0].up && !tap[1].up);
	source_close(s);
}
END_TEST

START_TEST(notices)
{
	static const struct step a[] = {
		{FRAMES, 10, 1}, {NOTICE, .text = "x"}, {FRAMES, 11, 1}, {END}};
	const struct pump_options opt = {.bytes = 0};
	struct source *s = pump_one(fake_new(&fake_live, "a", a), &opt);
	struct heard h = {.text = ""};
	struct frame v[1];

	hear(s, &h);
	while (source_read(s, v, 1) != 1)
		;
	ck_assert_str_eq(h.text, "");
	while (source_read(s, v, 1) != 1)
		;
	ck_assert_str_eq(h.text, "Nx ");
	while (source_read(s, v, 1))
		;
	source_close(s);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("pump");
	TCase *t = tcase_create("pump");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, file_order);
	tcase_add_test(t, file_where);
	tcase_add_test(t, held);
	tcase_add_test(t, live_drops);
	tcase_add_test(t, filtered);
	tcase_add_test(t, fails);
	tcase_add_test(t, stops);
	tcase_add_test(t, merged);
	tcase_add_test(t, idle_tap);
	tcase_add_test(t, late);
	tcase_add_test(t, rows);
	tcase_add_test(t, notices);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
