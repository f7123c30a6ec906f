/* Retransmissions and parity packets: which numbers they are about. */
#include <check.h>
#include <stdio.h>

#include "dissectors/rtp_fec.h"
#include "tests/hex.h"
#include "tests/prefix.h"
#include "tests/run_suite.h"

#define ROWS(a) ((int)(sizeof(a) / sizeof((a)[0])))

enum form {
	ULPFEC,
	FLEXFEC,
	FLEXFEC03,
};

static enum parse parse(enum form form, struct slice in, struct slice csrc,
			struct rtp_fec *out)
{
	if (form == ULPFEC)
		return rtp_ulpfec_parse(in, out);
	if (form == FLEXFEC)
		return rtp_flexfec_parse(in, csrc, out);
	return rtp_flexfec03_parse(in, out);
}

/* want: "ssrc: number number ..." for each set, NULL = refused. The header
 * before the numbers is that of RFC 5109's and RFC 8627's own figures. */
static const struct {
	const char *name;
	enum form form;
	const char *csrc, *in, *want;
} rows[] = {
	{"ulpfec, 16 bit", ULPFEC, "",
	 "00 60 03e8 00000bb8 0064  0190 c001 aabb", "0: 1000 1001 1015 "},
	{"ulpfec, 48 bit", ULPFEC, "",
	 "40 60 fffe 00000bb8 0064  0190 8000 80000001 aabb",
	 "0: 65534 14 45 "},
	/* RFC 5109, 10.1: four packets from 8 on are protected. */
	{"RFC 5109, 10.1", ULPFEC, "", "00 80 0008 00000001 0174  0154 f000",
	 "0: 8 9 10 11 "},
	{"ulpfec, extended", ULPFEC, "", "80 60 03e8 00000bb8 0064  0190 c001",
	 NULL},
	{"ulpfec, empty mask", ULPFEC, "",
	 "00 60 03e8 00000bb8 0064  0190 0000", NULL},
	{"ulpfec, cut", ULPFEC, "", "00 60 03e8 00000bb8 0064  0190", NULL},

	{"flexfec, 15 bit", FLEXFEC, "11223344",
	 "00 60 0064 00000bb8  03e8 6001", "11223344: 1000 1001 1014 "},
	{"flexfec, 46 bit", FLEXFEC, "11223344",
	 "00 60 0064 00000bb8  03e8 c000 40000001",
	 "11223344: 1000 1015 1045 "},
	{"flexfec, 110 bit", FLEXFEC, "11223344",
	 "00 60 0064 00000bb8  03e8 c000 80000000 8000000000000001",
	 "11223344: 1000 1046 1109 "},
	{"flexfec, two streams", FLEXFEC, "1122334455667788",
	 "00 60 0064 00000bb8  0001 4000 0002 2000",
	 "11223344: 1 55667788: 3 "},
	{"flexfec, a row", FLEXFEC, "11223344",
	 "40 60 0064 00000bb8  03e8 0400", "11223344: 1000 1001 1002 1003 "},
	{"flexfec, a row of a matrix", FLEXFEC, "11223344",
	 "40 60 0064 00000bb8  03e8 0301", "11223344: 1000 1001 1002 "},
	{"flexfec, a column", FLEXFEC, "11223344",
	 "40 60 0064 00000bb8  03e8 0503", "11223344: 1000 1005 1010 "},
	{"flexfec, no columns", FLEXFEC, "11223344",
	 "40 60 0064 00000bb8  03e8 0003", NULL},
	{"flexfec, too long a row", FLEXFEC, "11223344",
	 "40 60 0064 00000bb8  03e8 ff00", NULL},
	{"flexfec, retransmission", FLEXFEC, "",
	 "80 60 03e8 00000bb8 11223344 aabb", "11223344: 1000 "},
	{"flexfec, both bits", FLEXFEC, "", "c0 60 03e8 00000bb8 11223344 aabb",
	 NULL},
	{"flexfec, no stream", FLEXFEC, "", "00 60 0064 00000bb8  03e8 6001",
	 NULL},
	{"flexfec, second cut", FLEXFEC, "1122334455667788",
	 "00 60 0064 00000bb8  0001 4000 0002", NULL},

	{"draft, 15 bit", FLEXFEC03, "",
	 "00 60 0064 00000bb8 01000000 11223344 03e8 e001",
	 "11223344: 1000 1001 1014 "},
	{"draft, 46 bit", FLEXFEC03, "",
	 "00 60 0064 00000bb8 01000000 11223344 03e8 4000 c0000001",
	 "11223344: 1000 1015 1045 "},
	{"draft, 109 bit", FLEXFEC03, "",
	 "00 60 0064 00000bb8 01000000 11223344 03e8 4000 00000001"
	 "c000000000000001",
	 "11223344: 1000 1045 1046 1108 "},
	{"draft, no end of the mask", FLEXFEC03, "",
	 "00 60 0064 00000bb8 01000000 11223344 03e8 4000 00000001"
	 "4000000000000001",
	 NULL},
	{"draft, nobody", FLEXFEC03, "",
	 "00 60 0064 00000bb8 00000000 11223344 03e8 e001", NULL},
	{"draft, matrix", FLEXFEC03, "",
	 "40 60 0064 00000bb8 01000000 11223344 03e8 e001", NULL},
};

static const char *sets(const struct rtp_fec *f, char *to, size_t size)
{
	*to = '\0';
	for (unsigned n = 0; n < f->n; n++) {
		const struct rtp_fec_set *s = &f->set[n];

		snprintf(to + strlen(to), size - strlen(to), "%x: ", s->ssrc);
		for (unsigned i = 0; i < RTP_FEC_BITS; i++)
			if (rtp_fec_has(s, i))
				snprintf(to + strlen(to), size - strlen(to),
					 "%u ",
					 (uint16_t)(s->base + i * s->step));
	}
	return to;
}

START_TEST(protected_numbers)
{
	struct hex in, csrc;
	struct rtp_fec f;
	char got[256];

	ck_assert_int_eq(parse(rows[_i].form, hex(&in, rows[_i].in),
			       hex(&csrc, rows[_i].csrc), &f),
			 rows[_i].want ? PARSE_OK : PARSE_BAD);
	if (rows[_i].want)
		ck_assert_str_eq(sets(&f, got, sizeof(got)), rows[_i].want);
}
END_TEST

static void any(struct slice in, void *arg)
{
	const int *row = arg;
	struct rtp_fec f;
	struct hex csrc;

	if (parse(rows[*row].form, in, hex(&csrc, rows[*row].csrc), &f) ==
	    PARSE_OK)
		ck_assert(f.n && f.n <= RTP_FEC_SETS);
}

START_TEST(every_prefix)
{
	struct hex in;
	int row = _i;

	prefix_each(hex(&in, rows[_i].in), any, &row);
}
END_TEST

START_TEST(original_number)
{
	struct slice rest;
	uint16_t number;

	ck_assert_int_eq(rtp_rtx_parse(SLICE("\x12\x34xy"), &number, &rest),
			 PARSE_OK);
	ck_assert_uint_eq(number, 0x1234);
	ck_assert(slice_eq(rest, SLICE("xy")));
	ck_assert_int_eq(rtp_rtx_parse(SLICE("\x12\x35"), &number, &rest),
			 PARSE_OK);
	ck_assert_uint_eq(rest.len, 0);
	ck_assert_int_eq(rtp_rtx_parse(SLICE("\x12"), &number, &rest),
			 PARSE_BAD);
	ck_assert_int_eq(rtp_rtx_parse(SLICE(""), &number, &rest), PARSE_BAD);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("rtp_fec");
	TCase *t = tcase_create("rtp_fec");

	tcase_add_loop_test(t, protected_numbers, 0, ROWS(rows));
	tcase_add_loop_test(t, every_prefix, 0, ROWS(rows));
	tcase_add_test(t, original_number);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
