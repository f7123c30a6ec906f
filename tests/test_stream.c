/*
 * What a stream counts and measures: sequences whose loss, order and copies
 * are known, jitter that can be worked out, losses behind the receivers
 * against the E-model's check vectors.
 */
#include <check.h>
#include <stdlib.h>

#include "sniffer/media/seq.h"
#include "tests/media_feed.h"
#include "tests/run_suite.h"

#define ROWS(a)		((int)(sizeof(a) / sizeof((a)[0])))
#define SEQS		24
#define END		-1
#define NEAR(a, b, tol) ck_assert_double_eq_tol(a, b, tol)

static const struct {
	const char *name;
	int seq[SEQS];
	unsigned packets, lost, late, copies, runs[3];
} rows[] = {
	{"in order", {1, 2, 3, 4, END}, 4, 0, 0, 0, {0}},
	{"one packet", {9, END}, 1, 0, 0, 0, {0}},
	{"one lost", {1, 2, 4, END}, 3, 1, 0, 0, {1}},
	{"runs", {1, 3, 5, 8, 12, END}, 5, 7, 0, 0, {2, 1, 1}},
	{"overtaken", {1, 3, 2, 4, END}, 4, 0, 1, 0, {0}},
	{"the first overtaken", {3, 1, 2, 4, END}, 4, 0, 2, 0, {0}},
	{"a late one lowers the base", {10, 11, 7, END}, 3, 2, 1, 0, {0, 1}},
	{"copies", {1, 2, 2, 2, 3, 1, END}, 3, 0, 0, 3, {0}},
	{"wrap", {65534, 65535, 0, 1, END}, 4, 0, 0, 0, {0}},
	{"loss over the wrap", {65534, 1, END}, 2, 2, 0, 0, {0, 1}},
	{"overtaken over the wrap", {0, 65535, 1, END}, 3, 0, 1, 0, {0}},
	{"a large gap", {1, 2, 1002, 1003, END}, 4, 999, 0, 0, {0}},
	{"more than the window", {1, 2, 2002, 2003, END}, 4, 1999, 0, 0, {0}},
	{"restart ahead", {1, 2, 20000, 20001, 20002, END}, 5, 0, 0, 0, {0}},
	{"restart behind", {20000, 20001, 5, 6, 7, END}, 5, 0, 0, 0, {0}},
	{"restart with a loss",
	 {1, 2, 20000, 20001, 20003, END},
	 5,
	 1,
	 0,
	 0,
	 {1}},
	{"losses on both sides",
	 {1, 3, 20000, 20001, 20003, END},
	 5,
	 2,
	 0,
	 0,
	 {2}},
	{"a stray", {1, 2, 20000, 3, 4, END}, 5, 0, 0, 0, {0}},
	{"a stray and its copy", {1, 2, 20000, 20000, 3, END}, 4, 0, 0, 1, {0}},
	{"a copied restart",
	 {1, 2, 20000, 20000, 20001, 20001, END},
	 4,
	 0,
	 0,
	 2,
	 {0}},
	{"restart twice", {1, 2, 20000, 20001, 1, 2, 3, END}, 7, 0, 0, 0, {0}},
	{"the end of the window", {2000, 977, END}, 2, 1022, 1, 0, {0}},
	{"beyond the window", {2000, 976, 2001, END}, 3, 0, 0, 0, {0}},
};

START_TEST(sequences)
{
	const struct cdr_stream *s;
	struct feed f;

	feed_begin(&f, true);
	for (int i = 0; rows[_i].seq[i] != END; i++) {
		struct feed_rtp r = {.at_ns = (uint64_t)i * 20 * FEED_MS,
				     .seq = (uint16_t)rows[_i].seq[i],
				     .ts = (uint32_t)rows[_i].seq[i] * 160,
				     .pt = 8};

		feed_rtp(&f, &r);
	}
	s = feed_close(&f);
	ck_assert_uint_eq(f.result.streams_n, 1);
	ck_assert_uint_eq(s->packets, rows[_i].packets);
	ck_assert_uint_eq(s->lost, rows[_i].lost);
	ck_assert_uint_eq(s->expected, rows[_i].packets + rows[_i].lost);
	ck_assert_uint_eq(s->out_of_order, rows[_i].late);
	ck_assert_uint_eq(s->duplicates, rows[_i].copies);
	for (int i = 0; i < 3; i++)
		ck_assert_uint_eq(s->loss_runs[i], rows[_i].runs[i]);
	feed_end(&f);
}
END_TEST

/* Each number becomes final once, in order, with what is known of it. */
struct finals {
	uint64_t n, next, seen;
};

static void on_final(void *arg, uint64_t ext, uint8_t flags)
{
	struct finals *f = arg;

	ck_assert(!f->n || ext == f->next);
	f->n++;
	f->next = ext + 1;
	f->seen += flags & SEQ_SEEN;
}

START_TEST(finals_in_order)
{
	uint8_t ring[SEQ_RING] = {0};
	struct finals f = {0};
	uint32_t number = 0;
	unsigned put = 0;
	struct seq s;
	uint64_t ext;

	srandom(1);
	seq_init(&s, ring);
	for (int i = 0; i < 20000; i++) {
		uint32_t back = random() % 8 ? 0 : (uint32_t)random() % 900;
		uint32_t skip = random() % 50 ? 1 : (uint32_t)random() % 2500;

		number += skip;
		if (back < number && seq_put(&s, (uint16_t)(number - back),
					     &ext, on_final, &f) != SEQ_COPY)
			put++;
	}
	seq_end(&s, on_final, &f);
	ck_assert_uint_eq(seq_packets(&s), put);
	ck_assert_uint_eq(f.seen, put);
	ck_assert_uint_eq(f.n, put + seq_lost(&s));
}
END_TEST

/* Every second packet is 10 ms late, so |D| is 10 ms from the second packet
 * on: J(n) = 10 (1 - (15/16)^n). */
START_TEST(jitter)
{
	const struct cdr_stream *s;
	double j = 0, sum = 0;
	struct feed f;

	feed_begin(&f, true);
	for (uint32_t i = 0; i < 100; i++)
		feed_pcma(&f, i, i % 2 * 10 * FEED_MS);
	for (int i = 1; i < 100; i++) {
		j += (10 - j) / 16;
		sum += j;
	}
	s = feed_close(&f);
	NEAR(s->jitter_ms.max, j, 1e-6);
	NEAR(s->jitter_ms.mean, sum / 99, 1e-6);
	NEAR(s->delta_ms.max, 30, 1e-6);
	NEAR(s->delta_ms.mean, 1990 / 99.0, 1e-6);
	NEAR(s->ptime_ms, 20, 1e-9);
	NEAR(s->skew_ms, -10, 1e-6);
	feed_end(&f);
}
END_TEST

/* ms between packets, clock, timestamp steps: all of them steady media. */
static const struct {
	const char *codec;
	uint8_t pt;
	uint32_t clock_hz, step;
	double ptime;
} clocks[] = {
	{"PCMU", 0, 8000, 80, 10},     {"G722", 9, 8000, 160, 20},
	{"opus", 111, 48000, 960, 20}, {"opus", 96, 48000, 2880, 60},
	{"L16", 11, 44100, 882, 20},   {"AMR-WB", 104, 16000, 320, 20},
	{"G723", 4, 8000, 240, 30},
};

START_TEST(clock_rates)
{
	const struct cdr_stream *s;
	struct feed f;

	feed_begin(&f, true);
	feed_describe(&f, 0, clocks[_i].pt, clocks[_i].codec,
		      clocks[_i].clock_hz);
	for (uint32_t i = 0; i < 50; i++) {
		struct feed_rtp r = {
			.at_ns = (uint64_t)(i * clocks[_i].ptime * 1e6),
			.ts = i * clocks[_i].step,
			.seq = (uint16_t)i,
			.pt = clocks[_i].pt};

		feed_rtp(&f, &r);
	}
	s = feed_close(&f);
	NEAR(s->jitter_ms.max, 0, 1e-3);
	NEAR(s->ptime_ms, clocks[_i].ptime, 1e-9);
	ck_assert_uint_eq(s->clock_rate, clocks[_i].clock_hz);
	ck_assert(slice_eq(s->codec, slice_str(clocks[_i].codec)));
	feed_end(&f);
}
END_TEST

/* want_r: of the check vectors; the burst ratio of n lost in a row at 5 % is
 * n * 0.95. */
static const struct {
	const char *name;
	uint32_t every, run;
	double ppl, r, mos;
} losses[] = {
	{"none", 1000000, 0, 0, 93.20, 4.409},
	{"1 %", 100, 1, 1, 89.56, 4.328},
	{"2 %", 50, 1, 2, 86.19, 4.235},
	{"5 %", 20, 1, 5, 77.42, 3.923},
	{"10 %", 10, 1, 10, 66.13, 3.411},
	{"5 % in twos", 40, 2, 5, 76.07, 3.867},
	{"5 % in fours", 80, 4, 5, 75.22, 3.831},
};

START_TEST(known_loss)
{
	const struct cdr_stream *s;
	struct feed f;

	feed_begin(&f, true);
	for (uint32_t i = 0; i < 8001; i++)
		if (!losses[_i].run || i % losses[_i].every < 2 ||
		    i % losses[_i].every >= 2 + losses[_i].run)
			feed_pcma(&f, i, 0);
	s = feed_close(&f);
	NEAR(s->loss_pct, losses[_i].ppl, 0.01);
	NEAR(s->r_factor, losses[_i].r, 0.03);
	NEAR(s->mos.adaptive, losses[_i].mos, 0.002);
	NEAR(s->mos.f1, losses[_i].mos, 0.002);
	NEAR(s->mos.f2, losses[_i].mos, 0.002);
	ck_assert_str_eq(s->mos.scale, "NB");
	ck_assert_str_eq(s->mos.model, "G.107");
	ck_assert(!s->mos.assumed);
	if (losses[_i].run)
		ck_assert_uint_eq(s->loss_runs[losses[_i].run - 1],
				  8000 / losses[_i].every);
	feed_end(&f);
}
END_TEST

/* Random and bursty loss of a two-state model; the receivers see no other
 * loss. q: from lost to good. */
static const struct {
	const char *name;
	double ppl, q, r;
} markov[] = {
	{"random", 5, 0.95, 77.42},
	{"burst ratio 2", 5, 0.475, 75.99},
	{"burst ratio 4", 5, 0.2375, 75.17},
};

START_TEST(random_loss)
{
	double p = markov[_i].q * markov[_i].ppl / (100 - markov[_i].ppl);
	const struct cdr_stream *s;
	bool lost = false;
	struct feed f;

	srandom(7);
	feed_begin(&f, true);
	for (uint32_t i = 0; i < 60000; i++) {
		double dice = (double)random() / RAND_MAX;

		lost = lost ? dice >= markov[_i].q : dice < p;
		if (!lost)
			feed_pcma(&f, i, 0);
	}
	s = feed_close(&f);
	NEAR(s->loss_pct, markov[_i].ppl, 0.3);
	NEAR(s->r_factor, markov[_i].r, 1.0);
	feed_end(&f);
}
END_TEST

/* Without concealment the same loss costs far more, and the name says so. */
START_TEST(no_concealment)
{
	const struct cdr_stream *s;
	struct feed f;

	feed_begin(&f, false);
	for (uint32_t i = 0; i < 4001; i++)
		if (i % 20 != 5)
			feed_pcma(&f, i, 0);
	s = feed_close(&f);
	NEAR(s->r_factor, 42.12, 0.05);
	ck_assert_str_eq(s->mos.model, "G.107 without PLC");
	feed_end(&f);
}
END_TEST

/* 100 ms late, one in twenty: lost for the first receiver only. */
START_TEST(late_packets)
{
	const struct cdr_stream *s;
	struct feed f;

	feed_begin(&f, true);
	for (uint32_t i = 0; i < 2000; i++)
		feed_pcma(&f, i, i % 20 == 19 ? 100 * FEED_MS : 0);
	s = feed_close(&f);
	ck_assert_uint_eq(s->lost, 0);
	NEAR(s->mos.f1, 3.923, 0.003);
	NEAR(s->mos.f2, 4.409, 0.001);
	ck_assert_double_gt(s->mos.adaptive, 4.40);
	ck_assert_uint_eq(s->delay_bins[0], 1900);
	ck_assert_uint_eq(s->delay_bins[3], 100);
	ck_assert_uint_eq(s->slices[1].late_f1, 25);
	ck_assert_uint_eq(s->slices[1].late_f2, 0);
	feed_end(&f);
}
END_TEST

/* Two bursts of 5 with 3 lost, a lone loss, 1000 packets of 20 ms. */
START_TEST(bursts)
{
	const struct cdr_stream *s;
	struct feed f;

	feed_begin(&f, true);
	for (uint32_t i = 0; i < 1000; i++) {
		uint32_t at = i % 300;
		bool burst = (i < 600) && (at == 100 || at == 102 || at == 104);

		if (!burst && i != 800)
			feed_pcma(&f, i, 0);
	}
	s = feed_close(&f);
	ck_assert_uint_eq(s->lost, 7);
	NEAR(s->burst.burst_loss_pct, 60, 1e-9);
	NEAR(s->burst.gap_loss_pct, 100.0 / 990, 1e-9);
	NEAR(s->burst.burst_ms, 100, 1e-9);
	NEAR(s->burst.gap_ms, 990 / 3.0 * 20, 1e-6);
	feed_end(&f);
}
END_TEST

/* Losses lie in the slice in which they were due; the worst slice has the
 * least MOS; a last slice of less than 5 s does not count. */
START_TEST(ten_second_slices)
{
	const struct cdr_stream *s;
	struct feed f;

	feed_begin(&f, true);
	for (uint32_t i = 0; i < 1600; i++) {
		bool second = i >= 500 && i < 1000 && i % 10 == 3;
		bool last = i >= 1500 && i % 3 == 1;

		if (!second && !last)
			feed_pcma(&f, i, 0);
	}
	s = feed_close(&f);
	ck_assert_uint_eq(s->slices_n, 4);
	ck_assert_uint_eq(s->slices[0].start_s, 1700000000);
	ck_assert_uint_eq(s->slices[0].lost, 0);
	ck_assert_uint_eq(s->slices[0].packets, 500);
	ck_assert_uint_eq(s->slices[0].bytes, 500 * 160);
	ck_assert_uint_eq(s->slices[1].start_s, 1700000010);
	ck_assert_uint_eq(s->slices[1].lost, 50);
	ck_assert_uint_eq(s->slices[1].packets, 450);
	ck_assert_uint_eq(s->slices[2].lost, 0);
	ck_assert_uint_eq(s->slices[3].lost, 33);
	NEAR((double)s->slices[0].mos_adaptive, 4.409, 0.001);
	NEAR((double)s->slices[1].mos_adaptive, 3.411, 0.001);
	NEAR(s->mos.min, 3.411, 0.001);
	feed_end(&f);
}
END_TEST

static void feed_copy(struct feed *f, uint16_t id, uint64_t after_ns,
		      struct slice payload)
{
	struct feed_rtp r = {.seq = 1,
			     .pt = 8,
			     .ip_id = id,
			     .ttl = 60,
			     .at_ns = after_ns,
			     .payload = payload};

	feed_rtp(f, &r);
}

static const struct {
	const char *name;
	uint16_t id[2];
	uint64_t after_ms;
	struct slice payload[2];
	unsigned tap;
} copies[] = {
	{"the mirror's", {7, 7}, 1, {SLICE_INIT("abc"), SLICE_INIT("abc")}, 1},
	{"at another hop",
	 {7, 7},
	 40,
	 {SLICE_INIT("abc"), SLICE_INIT("abc")},
	 1},
	{"sent twice", {7, 8}, 0, {SLICE_INIT("abc"), SLICE_INIT("abc")}, 0},
	{"other bytes", {7, 7}, 0, {SLICE_INIT("abc"), SLICE_INIT("abd")}, 0},
	{"other length", {7, 7}, 0, {SLICE_INIT("abc"), SLICE_INIT("abcd")}, 0},
	{"no ID, at once",
	 {0, 0},
	 1,
	 {SLICE_INIT("abc"), SLICE_INIT("abc")},
	 1},
	{"no ID, later", {0, 0}, 20, {SLICE_INIT("abc"), SLICE_INIT("abc")}, 0},
	{"the ID came again",
	 {7, 7},
	 5000,
	 {SLICE_INIT("abc"), SLICE_INIT("abc")},
	 0},
};

START_TEST(tap_copies)
{
	const struct cdr_stream *s;
	struct feed f;

	feed_begin(&f, true);
	feed_copy(&f, copies[_i].id[0], 0, copies[_i].payload[0]);
	feed_copy(&f, copies[_i].id[1], copies[_i].after_ms * FEED_MS,
		  copies[_i].payload[1]);
	s = feed_close(&f);
	ck_assert_uint_eq(s->packets, 1);
	ck_assert_uint_eq(s->duplicates, 1);
	ck_assert_uint_eq(s->duplicates_tap, copies[_i].tap);
	ck_assert_uint_eq(s->slices[0].duplicates, 1);
	feed_end(&f);
}
END_TEST

/* A key pressed in the middle: the timestamp stands still for its packets,
 * and no jitter comes of it. */
START_TEST(events_beside)
{
	static const uint8_t key[] = {5, 0x0a, 0x03, 0x20};
	const struct cdr_stream *s;
	struct feed f;

	feed_begin(&f, true);
	feed_describe(&f, 0, 101, "telephone-event", 8000);
	for (uint32_t i = 0; i < 100; i++) {
		struct feed_rtp r = {.at_ns = i * 20 * FEED_MS,
				     .ts = 40 * 160,
				     .seq = (uint16_t)i,
				     .pt = 101,
				     .payload = {key, sizeof(key)}};

		if (i >= 40 && i < 48)
			feed_rtp(&f, &r);
		else
			feed_pcma(&f, i, 0);
	}
	s = feed_close(&f);
	NEAR(s->jitter_ms.max, 0, 1e-6);
	ck_assert_uint_eq(s->payload_type, 8);
	ck_assert_uint_eq(s->codecs_n, 2);
	ck_assert_uint_eq(s->codecs[1].payload_type, 101);
	ck_assert_uint_eq(s->codecs[1].packets, 8);
	ck_assert_uint_eq(f.result.dtmf_n, 1);
	ck_assert(slice_eq(f.result.dtmf[0].digit, SLICE("5")));
	ck_assert_int_eq(f.result.dtmf[0].duration_us, 100000);
	ck_assert_uint_eq(f.result.dtmf[0].time, FEED_START_NS + 800 * FEED_MS);
	ck_assert(slice_eq(f.result.dtmf[0].stream, slice_str(s->stream_uid)));
	feed_end(&f);
}
END_TEST

/* Silence: numbers go on, the timestamp jumps with the clock, a marker. */
START_TEST(silence)
{
	const struct cdr_stream *s;
	struct feed f;

	feed_begin(&f, true);
	for (uint32_t i = 0; i < 200; i++) {
		uint32_t at = i < 100 ? i : i + 150;
		struct feed_rtp r = {.at_ns = at * 20 * FEED_MS,
				     .ts = at * 160,
				     .seq = (uint16_t)i,
				     .pt = i % 100 == 99 ? 13 : 8,
				     .marker = i == 100};

		feed_rtp(&f, &r);
	}
	s = feed_close(&f);
	ck_assert_uint_eq(s->lost, 0);
	NEAR(s->jitter_ms.max, 0, 1e-6);
	NEAR(s->mos.f1, 4.409, 0.001);
	NEAR(s->delta_ms.max, 3020, 1e-6);
	ck_assert_uint_eq(s->payload_type, 8);
	feed_end(&f);
}
END_TEST

/* The description comes after the first packets: they are counted as if it
 * had been there. jitter as in the jitter test, over all packets. */
START_TEST(described_late)
{
	double max[2], mean[2];

	for (int late = 0; late < 2; late++) {
		const struct cdr_stream *s;
		struct feed f;

		feed_begin(&f, true);
		for (uint32_t i = 0; i < 300; i++) {
			struct feed_rtp r = {.at_ns = (i * 20 + i % 2 * 60) *
						      FEED_MS,
					     .ts = i * 960,
					     .seq = (uint16_t)i,
					     .pt = 111};

			if (i == (late ? 200 : 0))
				feed_describe(&f, 0, 111, "opus", 48000);
			feed_rtp(&f, &r);
		}
		s = feed_close(&f);
		max[late] = s->jitter_ms.max;
		mean[late] = s->jitter_ms.mean;
		ck_assert_uint_eq(s->slices[0].late_f1, 150);
		ck_assert_str_eq(s->mos.scale, "FB");
		feed_end(&f);
	}
	NEAR(max[0], 60, 0.1);
	ck_assert_double_eq(max[0], max[1]);
	ck_assert_double_eq(mean[0], mean[1]);
}
END_TEST

/* Nobody says what payload type 111 is. */
START_TEST(never_described)
{
	const struct cdr_stream *s;
	struct feed f;

	feed_begin(&f, true);
	for (uint32_t i = 0; i < 1000; i++) {
		struct feed_rtp r = {.at_ns = i * 20 * FEED_MS,
				     .ts = i * 960,
				     .seq = (uint16_t)i,
				     .pt = 111};

		if (i != 500)
			feed_rtp(&f, &r);
	}
	s = feed_close(&f);
	ck_assert_uint_eq(s->lost, 1);
	ck_assert_ptr_null(s->codec.p);
	ck_assert_uint_eq(s->clock_rate, CDR_NO_U32);
	ck_assert_str_eq(s->media, "unknown");
	ck_assert(isnan(s->jitter_ms.mean) && isnan(s->mos.f1) &&
		  isnan(s->ptime_ms) && isnan(s->r_factor));
	ck_assert_ptr_null(s->mos.scale);
	NEAR(s->delta_ms.max, 40, 1e-6);
	feed_end(&f);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("stream");
	TCase *t = tcase_create("stream");

	tcase_add_loop_test(t, sequences, 0, ROWS(rows));
	tcase_add_test(t, finals_in_order);
	tcase_add_test(t, jitter);
	tcase_add_loop_test(t, clock_rates, 0, ROWS(clocks));
	tcase_add_loop_test(t, known_loss, 0, ROWS(losses));
	tcase_add_loop_test(t, random_loss, 0, ROWS(markov));
	tcase_add_test(t, no_concealment);
	tcase_add_test(t, late_packets);
	tcase_add_test(t, bursts);
	tcase_add_test(t, ten_second_slices);
	tcase_add_loop_test(t, tap_copies, 0, ROWS(copies));
	tcase_add_test(t, events_beside);
	tcase_add_test(t, silence);
	tcase_add_test(t, described_late);
	tcase_add_test(t, never_described);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
