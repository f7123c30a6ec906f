/* Keys pressed: repeats, lost ends, long events, reordering. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "sniffer/media/dtmf.h"
#include "tests/run_suite.h"

#define ROWS(a) ((int)(sizeof(a) / sizeof((a)[0])))

struct step {
	uint32_t ts;
	uint8_t event;
	uint16_t duration;
	bool end;
};

#define STEPS 8

/* want: "digit:duration@ts " for each key. */
static const struct {
	const char *name;
	struct step step[STEPS]; /* ends with a duration of 0 */
	const char *want;
} rows[] = {
	{"one key",
	 {{800, 5, 160, false},
	  {800, 5, 320, false},
	  {800, 5, 480, true},
	  {800, 5, 480, true},
	  {800, 5, 480, true}},
	 "5:480@800 "},
	{"end lost",
	 {{800, 1, 160, false}, {800, 1, 320, false}},
	 "1:320@800 "},
	{"only an end", {{800, 11, 640, true}}, "#:640@800 "},
	{"the same key twice",
	 {{800, 5, 160, false}, {800, 5, 320, true}, {2400, 5, 160, true}},
	 "5:320@800 5:160@2400 "},
	{"twice, the first end lost",
	 {{800, 5, 160, false}, {2400, 5, 160, false}, {2400, 5, 320, true}},
	 "5:160@800 5:320@2400 "},
	{"two keys",
	 {{800, 1, 160, true}, {1600, 2, 160, false}, {1600, 2, 320, true}},
	 "1:160@800 2:320@1600 "},
	{"an end overtaken",
	 {{800, 1, 160, false},
	  {1600, 2, 160, false},
	  {800, 1, 480, true},
	  {1600, 2, 320, true}},
	 "1:480@800 2:320@1600 "},
	{"out of order",
	 {{800, 7, 320, false}, {800, 7, 160, false}},
	 "7:320@800 "},
	{"longer than the field",
	 {{0, 3, 60000, false},
	  {0, 3, 65535, false},
	  {65535, 3, 160, false},
	  {65535, 3, 465, true}},
	 "3:66000@0 "},
	{"flash", {{0, 16, 800, true}}, "F:800@0 "},
	{"no key", {{0, 36, 800, true}, {0, 66, 800, true}}, ""},
};

START_TEST(keys)
{
	struct dtmf d = {0};
	char got[128] = "";

	for (int i = 0; i < STEPS && rows[_i].step[i].duration; i++) {
		const struct step *s = &rows[_i].step[i];
		struct rtp_event e = {s->duration, s->event, 10, s->end};

		ck_assert_int_eq(dtmf_put(&d, (uint64_t)i + 1, s->ts, 8000, &e),
				 0);
	}
	for (uint32_t i = 0; i < d.n; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got),
			 "%c:%u@%u ", d.v[i].digit, d.v[i].duration, d.v[i].ts);
	ck_assert_str_eq(got, rows[_i].want);
	dtmf_free(&d);
}
END_TEST

START_TEST(limit)
{
	struct rtp_event e = {160, 1, 10, true};
	struct dtmf d = {0};
	uint32_t n = 0;

	while (dtmf_put(&d, n, n * 1000, 8000, &e) == 0)
		n++;
	ck_assert_uint_eq(n, DTMF_MAX);
	ck_assert_uint_eq(d.n, DTMF_MAX);
	dtmf_free(&d);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("dtmf");
	TCase *t = tcase_create("dtmf");

	tcase_add_loop_test(t, keys, 0, ROWS(rows));
	tcase_add_test(t, limit);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
