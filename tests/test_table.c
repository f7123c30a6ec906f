/*
 * The table of calls: whole rows, and that no input makes it wider or says
 * anything to the terminal.
 */
#include "sniffer/table.h"

#include <check.h>
#include <stdlib.h>
#include <time.h>

#include "sniffer/base/utf8.h"
#include "sniffer/cell.h"
#include "tests/made_cdr.h"
#include "tests/run_suite.h"

static char *text;
static size_t text_len;

/* The rows of one record; the caller frees text. */
static void print(const struct cdr *cdr, bool utc, unsigned times)
{
	FILE *f = open_memstream(&text, &text_len);
	struct table *t = table_new(f, utc);

	ck_assert_ptr_nonnull(f);
	ck_assert_ptr_nonnull(t);
	while (times--)
		table_row(t, cdr);
	table_free(t);
	fclose(f);
}

START_TEST(call_has_its_row)
{
	struct cdr *cdr = made_call();

	print(cdr, true, 2);
	ck_assert_str_eq(
		text, "time UTC       caller          callee              dur "
		      "status codec   MOS a|b loss %  flags\n"
		      "11-23 01:02:03 +4930123        4420               0:12 "
		      "   200 PCMA    4.4|-   0.2|-   one-way +1\n"
		      "11-23 01:02:03 +4930123        4420               0:12 "
		      "   200 PCMA    4.4|-   0.2|-   one-way +1\n");
	free(text);
	cdr_free(cdr);
}
END_TEST

/* b was heard first, and through a relay: each column is its own side. */
START_TEST(session_shows_who_sends)
{
	struct cdr *cdr = made_session();
	struct cdr_stream *s = arena_alloc(cdr->mem, 2 * sizeof(*s));

	s[0] = s[1] = cdr->call.streams[0];
	s[0].sender = "b";
	s[0].hop = s[1].hop = 1;
	s[0].dst.port = 3478;
	s[1].sender = "a";
	s[1].src.port = 7777;
	cdr->call.streams = s;
	cdr->call.streams_n = _i ? 1 : 2;
	print(cdr, true, 1);
	ck_assert_ptr_nonnull(strstr(
		text, _i ? "\n11-23 01:02:03 2001:db8::2     192.0.2.7:7000  "
			 : "\n11-23 01:02:03 192.0.2.7:7777  192.0.2.7:7000  "));
	free(text);
	cdr_free(cdr);
}
END_TEST

START_TEST(session_shows_addresses)
{
	struct cdr *cdr = made_session();

	print(cdr, true, 1);
	ck_assert_ptr_nonnull(strstr(text,
				     "\n11-23 01:02:03 192.0.2.7:7000  "
				     "2001:db8::2        0:20    rtp PCMA\n"));
	free(text);
	cdr_free(cdr);
}
END_TEST

START_TEST(zone_is_shown)
{
	struct cdr *cdr = made_call();

	setenv("TZ", "Europe/Berlin", 1);
	tzset();
	print(cdr, false, 1);
	ck_assert_ptr_nonnull(strstr(text, "time CET "));
	ck_assert_ptr_nonnull(strstr(text, "\n11-23 02:02:03 "));
	free(text);
	cdr_free(cdr);
}
END_TEST

START_TEST(other_records_print_nothing)
{
	struct cdr *cdr = made_registration();

	print(cdr, true, 1);
	ck_assert_str_eq(text, "");
	free(text);
	cdr_free(cdr);
}
END_TEST

/* --- columns -------------------------------------------------------------- */

static const struct {
	int64_t us;
	const char *want;
} durations[] = {
	{0, "   0:00 "},
	{999999, "   0:00 "},
	{59000000, "   0:59 "},
	{3599000000, "  59:59 "},
	{3600000000, "1:00:00 "},
	{35999000000, "9:59:59 "},
	{359999000000, " 99h59m "},
	{720000000000, "200h00m "},
	{CDR_NO_US, "      - "},
	{-5000000, "      - "},
};

START_TEST(duration_fits)
{
	struct cdr *cdr = made_call();

	cdr->call.duration_us = durations[_i].us;
	print(cdr, true, 1);
	ck_assert_ptr_nonnull(strstr(strchr(text, '\n'), durations[_i].want));
	free(text);
	cdr_free(cdr);
}
END_TEST

static const struct {
	double a, b;
	const char *want;
} losses[] = {
	{0, 0, "   0|0   "},	   {0.04, 6.25, " 0.0|6.3 "},
	{9.94, 9.96, " 9.9|10  "}, {100, 12.5, " 100|13  "},
	{NAN, 1e9, "   -|999 "},   {-1, INFINITY, "   -|-   "},
};

START_TEST(loss_fits)
{
	struct cdr *cdr = made_call();

	cdr->call.b = cdr->call.a;
	cdr->call.a.loss_pct = losses[_i].a;
	cdr->call.b.loss_pct = losses[_i].b;
	print(cdr, true, 1);
	ck_assert_msg(strstr(text, losses[_i].want) != NULL, "%s", text);
	free(text);
	cdr_free(cdr);
}
END_TEST

static const struct {
	const char *state, *partial;
	const char *code[4], *severity[4];
	const char *want;
} flags[] = {
	{"completed", NULL, {NULL}, {NULL}, " 0.2|-\n"},
	{"active", "end", {NULL}, {NULL}, " active partial\n"},
	{"completed",
	 NULL,
	 {"no-bye", "one-way"},
	 {"warning", "error"},
	 " one-way no-bye\n"},
	{"unanswered",
	 "start",
	 {"nat", "late-media"},
	 {"notice", "warning"},
	 " unanswered +3\n"},
	{"completed", NULL, {"nat", "nat"}, {"notice", "notice"}, " nat\n"},
	{"completed",
	 NULL,
	 {"a-very-long-diagnosis", "nat"},
	 {"error", "notice"},
	 " a-very-long-d…\n"},
};

START_TEST(flags_are_whole_words)
{
	struct cdr *cdr = made_call();
	struct cdr_diagnosis d[4] = {0};
	size_t n = 0;

	for (; n < 4 && flags[_i].code[n]; n++) {
		d[n].code = flags[_i].code[n];
		d[n].severity = flags[_i].severity[n];
	}
	cdr->call.state = flags[_i].state;
	cdr->partial = flags[_i].partial;
	cdr->call.diagnoses = d;
	cdr->call.diagnoses_n = n;
	print(cdr, true, 1);
	ck_assert_msg(!strcmp(text + text_len - strlen(flags[_i].want),
			      flags[_i].want),
		      "%s", text);
	free(text);
	cdr_free(cdr);
}
END_TEST

/* --- cells ---------------------------------------------------------------- */

static const struct {
	struct slice in;
	const char *want;
	unsigned width;
} cells[] = {
	{SLICE_INIT("exactly10!"), "exactly10!", 10},
	{SLICE_INIT("more than ten"), "more than…", 10},
	{SLICE_INIT("\x1b[31mred"), "\\x1b[31mr…", 10},
	{SLICE_INIT("a\nb\x7f"), "a\\x0ab\\x7f", 10},
	{SLICE_INIT("M\xc3\xbcller"), "M\xc3\xbcller", 6},
	{SLICE_INIT("\xfcx"), "\\xfcx", 5},
	{SLICE_INIT("\0x"), "\\x00x", 5},
	/* C1 control, right-to-left override, zero-width space */
	{SLICE_INIT("\xc2\x9b"), "\\u009b", 6},
	{SLICE_INIT("\xe2\x80\xae"), "\\u202e", 6},
	{SLICE_INIT("\xe2\x80\x8bx"), "\\u200bx", 7},
	/* two columns each */
	{SLICE_INIT("\xe4\xba\xac\xe4\xba\xac\xe4\xba\xac\xe4\xba\xac"
		    "\xe4\xba\xac"),
	 "\xe4\xba\xac\xe4\xba\xac\xe4\xba\xac\xe4\xba\xac\xe4\xba\xac", 10},
	{SLICE_INIT("\xe4\xba\xac\xe4\xba\xac\xe4\xba\xac\xe4\xba\xac"
		    "\xe4\xba\xac\xe4\xba\xac"),
	 "\xe4\xba\xac\xe4\xba\xac\xe4\xba\xac\xe4\xba\xac…", 9},
	/* a combining mark has no width of its own */
	{SLICE_INIT("e\xcc\x81"), "e\xcc\x81", 1},
};

static struct cell cell;

START_TEST(cell_is_harmless)
{
	locale_t chars = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);

	cell_begin(&cell, 10, chars);
	cell_put(&cell, cells[_i].in);
	ck_assert_str_eq(cell.text, cells[_i].want);
	ck_assert_uint_eq(cell.width, cells[_i].width);
	freelocale(chars);
}
END_TEST

START_TEST(cell_without_utf8)
{
	cell_begin(&cell, 10, (locale_t)0);
	cell_put(&cell, SLICE("M\xc3\xbcl"));
	ck_assert_str_eq(cell.text, "M\\u00fcl");
}
END_TEST

/* Piles of combining marks must not run out of the cell. */
START_TEST(cell_is_bounded_in_bytes)
{
	char pile[4000];
	locale_t chars = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);

	for (size_t i = 0; i < sizeof(pile); i += 2)
		memcpy(pile + i, "\xcc\x81", 2);
	cell_begin(&cell, 10, chars);
	ck_assert(!cell_put(&cell, slice_of(pile, sizeof(pile))));
	ck_assert_uint_lt(cell.len, sizeof(cell.text));
	ck_assert_uint_le(cell.width, 10);
	freelocale(chars);
}
END_TEST

/* --- any input ------------------------------------------------------------ */

static uint32_t state = 1;

static uint32_t next_random(void)
{
	state = state * 1664525 + 1013904223;
	return state >> 8;
}

static struct slice noise(uint8_t *buf, size_t size)
{
	size_t len = next_random() % size;

	for (size_t i = 0; i < len; i++)
		buf[i] = (uint8_t)next_random();
	return slice_of(buf, len);
}

/* Columns of a line; each character is printable. */
static size_t columns_of(struct slice line)
{
	size_t width = 0;

	while (line.len) {
		uint32_t rune = 0;
		size_t n = utf8_char(line, &rune);

		ck_assert_uint_gt(n, 0);
		ck_assert(rune >= 0x20 && rune != 0x7f &&
			  (rune < 0x80 || rune >= 0xa0));
		width++;
		line = slice_from(line, n);
	}
	return width;
}

START_TEST(no_input_makes_it_wider)
{
	uint8_t buf[4][64];
	struct cdr *cdr = made_call();
	struct slice lines, line;

	for (int i = 0; i < 2000; i++) {
		cdr->call.caller.user = noise(buf[0], 64);
		cdr->call.callee.user = noise(buf[1], 64);
		cdr->call.a.codec = noise(buf[2], 64);
		cdr->call.b.codec = noise(buf[3], 64);
		cdr->call.status = next_random();
		cdr->call.start = (uint64_t)next_random() << 40;
		cdr->call.duration_us = (int64_t)next_random() << 30;
		print(cdr, true, 1);
		lines = slice_of(text, text_len);
		while (slice_line(&lines, &line))
			ck_assert_uint_le(columns_of(line), TABLE_WIDTH);
		free(text);
	}
	cdr_free(cdr);
}
END_TEST

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

static Suite *table_suite(void)
{
	Suite *suite = suite_create("table");
	TCase *t = tcase_create("table");

	tcase_add_test(t, call_has_its_row);
	tcase_add_test(t, session_shows_addresses);
	tcase_add_loop_test(t, session_shows_who_sends, 0, 2);
	tcase_add_test(t, zone_is_shown);
	tcase_add_test(t, other_records_print_nothing);
	tcase_add_loop_test(t, duration_fits, 0, COUNT(durations));
	tcase_add_loop_test(t, loss_fits, 0, COUNT(losses));
	tcase_add_loop_test(t, flags_are_whole_words, 0, COUNT(flags));
	tcase_add_loop_test(t, cell_is_harmless, 0, COUNT(cells));
	tcase_add_test(t, cell_without_utf8);
	tcase_add_test(t, cell_is_bounded_in_bytes);
	tcase_add_test(t, no_input_makes_it_wider);
	tcase_set_timeout(t, 30);
	suite_add_tcase(suite, t);
	return suite;
}

int main(void)
{
	return run_suite(table_suite());
}
