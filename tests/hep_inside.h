/*
 * What must hold of any HEP, or of its beginning. For the suites' prefix tests.
 */
#ifndef TESTS_HEP_INSIDE_H
#define TESTS_HEP_INSIDE_H

#include <check.h>

#include "dissectors/hep.h"
#include "tests/prefix.h"

static inline void hep_inside(struct slice in, void *arg)
{
	enum parse got;
	struct hep h;

	(void)arg;
	got = hep_parse(in, &h);
	if (got == PARSE_OK)
		ck_assert(prefix_inside(h.payload, in));
	else if (in.len < 6 && hep_probe(in))
		ck_assert_int_eq(got, PARSE_MORE);
}

#endif
