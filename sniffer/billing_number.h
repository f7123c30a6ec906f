/*
 * Numbers as E.164: what a user part or URI says, made international by the
 * site's rules. Pure; a rule borrows the text that it was read from.
 *
 * A rule is "[TRUNK] PREFIX[/DIGITS[-DIGITS]]:REPLACEMENT". A number of so
 * many digits that begins with PREFIX gets REPLACEMENT in its place; "-"
 * stands for numbers that are none of E.164.
 */
#ifndef SNIFFER_BILLING_NUMBER_H
#define SNIFFER_BILLING_NUMBER_H

#include "sniffer/base/slice.h"

/* "+", 15 digits (E.164, 6), and room for what rules shorten. */
#define NUMBER_MAX 64

struct number {
	char text[NUMBER_MAX]; /* an optional +, then digits */
	size_t len;
};

struct number_rule {
	struct slice trunk;  /* empty: any call */
	struct slice prefix; /* may be empty */
	struct slice to;     /* empty: none */
	uint32_t min, max;   /* digits of the number */
};

/* What is wrong with a rule, or NULL and then *out is filled. */
const char *number_rule_parse(const char *value, struct number_rule *out);

/* The number in the user part of a URI, without its separators
 * (RFC 3966, 5.1.1) and parameters. False when it is no number. */
bool number_of_user(struct slice user, struct number *out);
/* The same of a sip:, sips: or tel: URI. */
bool number_of_uri(struct slice uri, struct number *out);

/* Rewrites n by the rule that fits best: those of the trunk come before those
 * of any call, then the longest prefix, then the narrowest range of digits,
 * then the first. A number with + needs none. True when the result is E.164:
 * + and 5 to 15 digits. */
bool number_to_e164(struct number *n, const struct number_rule *rules,
		    size_t rules_n, struct slice trunk);

#endif
