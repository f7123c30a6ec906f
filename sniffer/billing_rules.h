/*
 * The site's rules for bills, and what they make of a record: E.164 numbers,
 * trunks, direction. Made at the start from the settings, then only read, by
 * any thread.
 */
#ifndef SNIFFER_BILLING_RULES_H
#define SNIFFER_BILLING_RULES_H

#include "sniffer/cdr.h"
#include "sniffer/config.h"

#define BILLING_WHY 256

struct billing_rules;

/* 0; -ENOMEM; -EINVAL: two rules contradict each other. why then says it in
 * one sentence. Texts of cfg are borrowed: it must outlive the rules. */
int billing_rules_new(struct billing_rules **out, const struct config *cfg,
		      char why[BILLING_WHY]);
void billing_rules_free(struct billing_rules *r); /* NULL is fine */

/* Fills what rules decide in billing, of calls only; to be called once, before
 * any store sees the record. Without memory a field stays null. */
void billing_apply(const struct billing_rules *r, struct cdr *cdr);

/* For the table of settings: what is wrong with one value, or NULL. */
const char *billing_check_number(const char *value);
const char *billing_check_country(const char *value);

#endif
