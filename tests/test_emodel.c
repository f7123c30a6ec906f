/* The check vectors of the E-model, computed independently of this code. */
#include <check.h>
#include <stdlib.h>

#include "sniffer/media/emodel.h"
#include "tests/run_suite.h"

#define ROWS(a) ((int)(sizeof(a) / sizeof((a)[0])))

static const struct emodel_codec *codec(const char *name, uint32_t clock,
					const char *fmtp, bool plc)
{
	return emodel_codec(slice_str(name), clock, slice_str(fmtp), plc);
}

static const struct {
	const char *name;
	uint32_t clock;
	bool plc;
	double ppl, burst_r, r, mos;
} rows[] = {
	{"PCMA", 8000, true, 0, 1, 93.20, 4.409},
	{"PCMA", 8000, true, 1, 1, 89.56, 4.328},
	{"PCMU", 8000, true, 2, 1, 86.19, 4.235},
	{"PCMA", 8000, true, 5, 1, 77.42, 3.923},
	{"PCMA", 8000, true, 10, 1, 66.13, 3.411},
	{"PCMA", 8000, true, 5, 2, 75.99, 3.864},
	{"PCMA", 8000, true, 5, 4, 75.17, 3.829},
	{"PCMA", 8000, false, 0, 1, 93.20, 4.409},
	{"PCMA", 8000, false, 1, 1, 75.28, 3.834},
	{"pcmu", 8000, false, 2, 1, 63.04, 3.256},
	{"PCMA", 8000, false, 5, 1, 42.12, 2.169},
	{"PCMA", 8000, false, 10, 1, 26.77, 1.481},
	{"G729", 8000, true, 0, 1, 82.20, 4.104},
	{"G729", 8000, true, 1, 1, 78.00, 3.946},
	{"G729", 8000, true, 2, 1, 74.20, 3.787},
	{"G729", 8000, true, 5, 1, 64.70, 3.340},
	{"G729", 8000, true, 10, 1, 53.23, 2.745},
	{"G723", 8000, true, 0, 1, 78.20, 3.954},
	{"G723", 8000, true, 1, 1, 73.52, 3.758},
	{"G723", 8000, true, 2, 1, 69.36, 3.567},
	{"G723", 8000, true, 5, 1, 59.24, 3.061},
	{"G723", 8000, true, 10, 1, 47.55, 2.447},
	{"GSM-EFR", 8000, true, 0, 1, 88.20, 4.292},
	{"GSM-EFR", 8000, true, 1, 1, 80.02, 4.025},
	{"GSM-EFR", 8000, true, 2, 1, 73.20, 3.743},
	{"GSM-EFR", 8000, true, 5, 1, 58.20, 3.006},
	{"GSM-EFR", 8000, true, 10, 1, 43.20, 2.223},
	{"opus", 48000, true, 0, 1, 137.80, 4.408},
	{"opus", 48000, true, 1, 1, 114.82, 3.929},
	{"opus", 48000, true, 2, 1, 99.13, 3.452},
	{"opus", 48000, true, 5, 1, 72.32, 2.515},
	/* 129 - 13 = 116; MOS of 116 / 1.29 = 89.92 */
	{"G722", 8000, true, 0, 1, 116.00, 4.337},
};

START_TEST(vectors)
{
	const struct emodel_codec *c =
		codec(rows[_i].name, rows[_i].clock, "", rows[_i].plc);
	double r;

	ck_assert_ptr_nonnull(c);
	r = emodel_r(c, rows[_i].ppl, rows[_i].burst_r, 0);
	ck_assert_double_eq_tol(r, rows[_i].r, 0.006);
	ck_assert_double_eq_tol(emodel_mos(c->scale, r), rows[_i].mos, 0.0006);
}
END_TEST

static const struct {
	double r, mos;
} mos_rows[] = {
	{-5, 1},       {0, 1},	    {3.2, 1},	 {50, 2.575},
	{60, 3.100},   {70, 3.597}, {80, 4.024}, {90, 4.339},
	{93.2, 4.409}, {100, 4.5},  {120, 4.5},
};

START_TEST(mos)
{
	ck_assert_double_eq_tol(emodel_mos(EMODEL_NB, mos_rows[_i].r),
				mos_rows[_i].mos, 0.0006);
}
END_TEST

static const struct {
	double ms, id;
} delay_rows[] = {
	{0, 0},	     {100, 0},	   {150, 0.16},	 {200, 3.04},
	{250, 8.92}, {300, 14.76}, {400, 24.07}, {500, 30.64},
};

START_TEST(delay)
{
	ck_assert_double_eq_tol(emodel_idd(delay_rows[_i].ms),
				delay_rows[_i].id, 0.006);
}
END_TEST

/* A burst ratio below 1 counts as random; R does not fall below 0. */
START_TEST(limits)
{
	const struct emodel_codec *c = codec("PCMU", 8000, "", true);

	ck_assert_double_eq_tol(emodel_r(c, 5, 0.5, 0), 77.42, 0.006);
	ck_assert_double_eq(emodel_r(c, 100, 50, 800), 0);
}
END_TEST

static const struct {
	const char *name;
	uint32_t clock;
	const char *fmtp, *scale, *model;
	double ie, bpl;
	bool assumed;
} codec_rows[] = {
	{"PCMU", 8000, "", "NB", "G.107", 0, 25.1, false},
	{"G723", 8000, "annexa=no;bitrate=5.3", "NB", "G.107", 19, 16.1, false},
	{"GSM", 8000, "", "NB", "G.107", 20, 10, true},
	{"iLBC", 8000, "mode=20", "NB", "G.107", 11, 30, true},
	{"AMR", 8000, "octet-align=1", "NB", "G.107", 5, 10, true},
	{"AMR-WB", 16000, "", "WB", "G.107.1", 13, 10, true},
	{"G7221", 16000, "bitrate=24000", "WB", "G.107.1", 19, 10, true},
	{"OPUS", 48000, "minptime=10;useinbandfec=1", "FB", "G.107.2", 10.2, 10,
	 true},
	{"opus", 48000, "minptime=10", "FB", "G.107.2", 10.2, 4.3, true},
	{"opus", 8000, "", NULL, NULL, 0, 0, false},
	{"G7221", 32000, "bitrate=24000", NULL, NULL, 0, 0, false},
	{"VP8", 90000, "", NULL, NULL, 0, 0, false},
	{"telephone-event", 8000, "", NULL, NULL, 0, 0, false},
	{"", 0, "", NULL, NULL, 0, 0, false},
};

START_TEST(codecs)
{
	const struct emodel_codec *c =
		codec(codec_rows[_i].name, codec_rows[_i].clock,
		      codec_rows[_i].fmtp, true);

	if (!codec_rows[_i].scale) {
		ck_assert_ptr_null(c);
		return;
	}
	ck_assert_ptr_nonnull(c);
	ck_assert_str_eq(emodel_scale_name(c->scale), codec_rows[_i].scale);
	ck_assert_str_eq(c->model, codec_rows[_i].model);
	ck_assert_double_eq(c->ie, codec_rows[_i].ie);
	ck_assert_double_eq(c->bpl, codec_rows[_i].bpl);
	ck_assert_int_eq(c->assumed, codec_rows[_i].assumed);
	ck_assert_ptr_nonnull(c->source);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("emodel");
	TCase *t = tcase_create("emodel");

	tcase_add_loop_test(t, vectors, 0, ROWS(rows));
	tcase_add_loop_test(t, mos, 0, ROWS(mos_rows));
	tcase_add_loop_test(t, delay, 0, ROWS(delay_rows));
	tcase_add_test(t, limits);
	tcase_add_loop_test(t, codecs, 0, ROWS(codec_rows));
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
