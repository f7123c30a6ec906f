/*
 * ITU-T G.722 at 64 kbit/s: two sub-bands of 4 kHz, each ADPCM with a
 * predictor of two poles and six zeros, joined by a quadrature mirror filter.
 * An octet is two samples of 16 kHz: two bits of the higher band, six of the
 * lower (RFC 3551, 4.5.2: its RTP clock is 8000 all the same).
 */
#include <stdlib.h>

#include "sniffer/media/audio.h"

enum {
	ZEROS = 6,
	TAPS = 12, /* of each phase of the filter */
};

/* One sub-band. Index 1 is the latest of what is kept. */
struct band {
	int estimate;  /* of the next sample */
	int zeros;     /* the part of it that the zeros make */
	int log_scale; /* of the quantizer */
	int scale;
	int a[3];	  /* poles */
	int b[ZEROS + 1]; /* zeros */
	int d[ZEROS + 1]; /* differences, as quantized */
	int p[3];	  /* those with the part of the zeros */
	int r[3];	  /* samples */
};

struct g722 {
	struct band low, high;
	int sum[TAPS], difference[TAPS]; /* of the bands; the latest last */
};

/* Outputs of the inverse quantizers, in units of the scale / 2^15: six bits
 * of the lower band, their first four, two bits of the higher. */
static const int16_t low6[64] = {
	-136,	-136,	-136,	-136,	-24808, -21904, -19008, -16704,
	-14984, -13512, -12280, -11192, -10232, -9360,	-8576,	-7856,
	-7192,	-6576,	-6000,	-5456,	-4944,	-4464,	-4008,	-3576,
	-3168,	-2776,	-2400,	-2032,	-1688,	-1360,	-1040,	-728,
	24808,	21904,	19008,	16704,	14984,	13512,	12280,	11192,
	10232,	9360,	8576,	7856,	7192,	6576,	6000,	5456,
	4944,	4464,	4008,	3576,	3168,	2776,	2400,	2032,
	1688,	1360,	1040,	728,	432,	136,	-432,	-136,
};
static const int16_t low4[16] = {
	0,     -20456, -12896, -8968, -6288, -4240, -2584, -1200,
	20456, 12896,  8968,   6288,  4240,  2584,  1200,  0,
};
static const int16_t high2[4] = {-7408, -1616, 7408, 1616};

/* How the scale goes on after each of them. */
static const int16_t low_step[16] = {
	-60,  3042, 1198, 538, 334, 172, 58,  -30,
	3042, 1198, 538,  334, 172, 58,	 -30, -60,
};
static const int16_t high_step[4] = {798, -214, 798, -214};

/* 2048 * 2^(i/32) */
static const int16_t powers[32] = {
	2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543,
	2599, 2656, 2714, 2774, 2834, 2896, 2960, 3025, 3091, 3158, 3228,
	3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008,
};

/* Every other coefficient of the mirror filter; the others are these from the
 * end. */
static const int16_t filter[TAPS] = {
	3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11,
};

static int clamp(int v, int low, int high)
{
	return v < low ? low : v > high ? high : v;
}

static int to16(int v)
{
	return clamp(v, INT16_MIN, INT16_MAX);
}

static bool same_sign(int a, int b)
{
	return (a < 0) == (b < 0);
}

static int times(int a, int b)
{
	return a * b >> 15;
}

/* --- one band ------------------------------------------------------------- */

/* shift: the lower band's scale is finer by two. */
static void adapt_scale(struct band *b, int step, int max, int shift)
{
	int v;

	b->log_scale = clamp((b->log_scale * 127 >> 7) + step, 0, max);
	v = powers[b->log_scale >> 6 & 31];
	shift -= b->log_scale >> 11;
	b->scale = (shift < 0 ? v << -shift : v >> shift) << 2;
}

/* Both follow the signs of what the last samples were off by. */
static void adapt_poles(struct band *b)
{
	int first = to16(b->a[1] * 4);
	int a2, a1, bound;

	first = same_sign(b->p[0], b->p[1]) ? to16(-first) : first;
	a2 = same_sign(b->p[0], b->p[2]) ? 128 : -128;
	a2 = clamp(a2 + (first >> 7) + times(b->a[2], 32512), -12288, 12288);
	a1 = same_sign(b->p[0], b->p[1]) ? 192 : -192;
	a1 = to16(a1 + times(b->a[1], 32640));
	bound = to16(15360 - a2);
	b->a[1] = clamp(a1, -bound, bound);
	b->a[2] = a2;
}

static void adapt_zeros(struct band *b)
{
	int step = b->d[0] ? 128 : 0;

	for (int i = 1; i <= ZEROS; i++)
		b->b[i] = to16(times(b->b[i], 32640) +
			       (same_sign(b->d[i], b->d[0]) ? step : -step));
}

static void shift_in(struct band *b)
{
	for (int i = ZEROS; i > 0; i--)
		b->d[i] = b->d[i - 1];
	for (int i = 2; i > 0; i--) {
		b->p[i] = b->p[i - 1];
		b->r[i] = b->r[i - 1];
	}
}

static void predict(struct band *b)
{
	int poles = to16(times(b->a[1], to16(2 * b->r[1])) +
			 times(b->a[2], to16(2 * b->r[2])));
	int zeros = 0;

	for (int i = 1; i <= ZEROS; i++)
		zeros += times(b->b[i], to16(2 * b->d[i]));
	b->zeros = to16(zeros);
	b->estimate = to16(poles + b->zeros);
}

/* A difference is known: what follows from it for the next sample. */
static void band_take(struct band *b, int difference)
{
	b->d[0] = difference;
	b->r[0] = to16(b->estimate + difference);
	b->p[0] = to16(b->zeros + difference);
	adapt_poles(b);
	adapt_zeros(b);
	shift_in(b);
	predict(b);
}

/* --- both ----------------------------------------------------------------- */

static int low_band(struct band *b, unsigned code)
{
	int sample =
		clamp(b->estimate + times(b->scale, low6[code]), -16384, 16383);
	int difference = times(b->scale, low4[code >> 2]);

	adapt_scale(b, low_step[code >> 2], 18432, 8);
	band_take(b, difference);
	return sample;
}

static int high_band(struct band *b, unsigned code)
{
	int difference = times(b->scale, high2[code]);
	int sample = clamp(b->estimate + difference, -16384, 16383);

	adapt_scale(b, high_step[code], 22528, 10);
	band_take(b, difference);
	return sample;
}

static void join(struct g722 *g, int low, int high, int16_t out[2])
{
	int first = 0, second = 0;

	for (int i = 0; i < TAPS - 1; i++) {
		g->sum[i] = g->sum[i + 1];
		g->difference[i] = g->difference[i + 1];
	}
	g->sum[TAPS - 1] = low + high;
	g->difference[TAPS - 1] = low - high;
	for (int i = 0; i < TAPS; i++) {
		first += g->difference[i] * filter[TAPS - 1 - i];
		second += g->sum[i] * filter[i];
	}
	out[0] = (int16_t)to16(first >> 11);
	out[1] = (int16_t)to16(second >> 11);
}

static void *open(void)
{
	struct g722 *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	g->low.scale = 32;
	g->high.scale = 8;
	return g;
}

static size_t decode(void *state, struct slice in, int16_t *out, size_t max)
{
	struct g722 *g = state;
	size_t n = in.len < max / 2 ? in.len : max / 2;

	for (size_t i = 0; i < n; i++) {
		int low = low_band(&g->low, in.p[i] & 63u);
		int high = high_band(&g->high, in.p[i] >> 6);

		join(g, low, high, out + 2 * i);
	}
	return 2 * n;
}

const struct audio_codec audio_g722 = {
	.name = "G722",
	.clock_hz = 8000,
	.rate = 16000,
	.open = open,
	.decode = decode,
	.close = free,
};
