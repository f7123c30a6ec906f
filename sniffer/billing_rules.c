#include "sniffer/billing_rules.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "sniffer/billing_number.h"
#include "sniffer/billing_trunk.h"

#define COUNTRY_MAX 3 /* digits, E.164, 6.2.1 */

struct billing_rules {
	struct trunk_table trunks;
	struct number_rule *numbers;
	size_t numbers_n;
	bool from_asserted;
	char national[sizeof("0:+") + COUNTRY_MAX]; /* a rule */
};

/* --- settings ---------------------------------------------------------------
 */

const char *billing_check_number(const char *value)
{
	struct number_rule r;

	return number_rule_parse(value, &r);
}

const char *billing_check_country(const char *value)
{
	size_t len = strlen(value);

	if (len <= COUNTRY_MAX && strspn(value, "0123456789") == len &&
	    value[0] != '0')
		return NULL;
	return "give a country code of 1 to 3 digits, for example 49";
}

/* --- making -----------------------------------------------------------------
 */

static int add_trunks(struct billing_rules *r, const struct config_list *l,
		      char why[BILLING_WHY])
{
	const struct trunk_net *twice;
	char text[ADDR_TEXT];
	struct addr a = {.port = 0};
	int err = 0;

	for (size_t i = 0; i < l->n && !err; i++)
		err = trunk_add(&r->trunks, l->v[i]);
	if (err || !trunk_seal(&r->trunks, &twice))
		return err;
	memcpy(a.ip, twice->ip, sizeof(a.ip));
	snprintf(why, BILLING_WHY,
		 "trunk %.*s: %s/%u is listed twice for the same direction: "
		 "keep one",
		 SLICE_ARG(twice->name), addr_ip_text(&a, text),
		 addr_is_v4(&a) && twice->bits >= 96 ? twice->bits - 96
						     : twice->bits);
	return -EINVAL;
}

static bool same_case(const struct number_rule *a, const struct number_rule *b)
{
	return slice_eq(a->trunk, b->trunk) && slice_eq(a->prefix, b->prefix) &&
	       a->min == b->min && a->max == b->max;
}

static int add_number(struct billing_rules *r, const char *value,
		      char why[BILLING_WHY])
{
	struct number_rule *n = &r->numbers[r->numbers_n];

	if (number_rule_parse(value, n))
		return -EINVAL;
	if (n->trunk.len && !trunk_is_known(&r->trunks, n->trunk)) {
		snprintf(why, BILLING_WHY,
			 "e164 %.100s: there is no trunk %.*s: add a line "
			 "trunk = %.*s ADDRESS",
			 value, SLICE_ARG(slice_head(n->trunk, TRUNK_NAME)),
			 SLICE_ARG(slice_head(n->trunk, TRUNK_NAME)));
		return -EINVAL;
	}
	for (size_t i = 0; i < r->numbers_n; i++) {
		if (!same_case(&r->numbers[i], n))
			continue;
		snprintf(why, BILLING_WHY,
			 "e164 %.100s: another rule is for the same numbers: "
			 "keep one",
			 value);
		return -EINVAL;
	}
	r->numbers_n++;
	return 0;
}

/* Unless the site has one of its own for the same numbers. */
static void add_usual(struct billing_rules *r, const char *value)
{
	struct number_rule *n = &r->numbers[r->numbers_n];

	if (number_rule_parse(value, n))
		return;
	for (size_t i = 0; i < r->numbers_n; i++)
		if (same_case(&r->numbers[i], n))
			return;
	r->numbers_n++;
}

static void add_country(struct billing_rules *r, const char *country)
{
	snprintf(r->national, sizeof(r->national), "0:+%s", country);
	add_usual(r, "00:+");
	add_usual(r, r->national);
}

int billing_rules_new(struct billing_rules **out, const struct config *cfg,
		      char why[BILLING_WHY])
{
	struct billing_rules *r = calloc(1, sizeof(*r));
	int err = -ENOMEM;

	snprintf(why, BILLING_WHY, "not enough memory for the rules of bills");
	if (!r)
		return err;
	r->from_asserted = cfg->e164_caller == CONFIG_CALLER_ASSERTED;
	r->numbers = calloc(cfg->e164.n + 2, sizeof(*r->numbers));
	if (!r->numbers)
		goto fail;
	err = add_trunks(r, &cfg->trunks, why);
	for (size_t i = 0; i < cfg->e164.n && !err; i++)
		err = add_number(r, cfg->e164.v[i], why);
	if (err)
		goto fail;
	if (cfg->e164_country)
		add_country(r, cfg->e164_country);
	*out = r;
	return 0;
fail:
	billing_rules_free(r);
	return err;
}

void billing_rules_free(struct billing_rules *r)
{
	if (!r)
		return;
	trunk_close(&r->trunks);
	free(r->numbers);
	free(r);
}

/* --- a record ---------------------------------------------------------------
 */

static struct slice keep(struct cdr *cdr, struct slice s)
{
	return s.len ? arena_keep(cdr->mem, s) : (struct slice){0};
}

/* From outside or from inside, to outside or to inside. */
static void find_trunks(const struct billing_rules *r, struct cdr *cdr)
{
	static const char *const directions[2][2] = {{"internal", "out"},
						     {"in", "transit"}};
	struct cdr_call *call = &cdr->call;
	struct cdr_billing *b = &call->billing;
	struct slice in, out;

	if (!r->trunks.use[TRUNK_IN].n && !r->trunks.use[TRUNK_OUT].n)
		return;
	in = trunk_find(&r->trunks, TRUNK_IN, &call->caller.addr);
	out = trunk_find(&r->trunks, TRUNK_OUT, &call->callee.addr);
	b->direction = directions[in.len > 0][out.len > 0];
	b->trunk_in = keep(cdr, in);
	b->trunk_out = keep(cdr, out);
}

static struct slice finish(const struct billing_rules *r, struct cdr *cdr,
			   struct number *n)
{
	const struct cdr_billing *b = &cdr->call.billing;
	struct slice trunk = b->trunk_in.len ? b->trunk_in : b->trunk_out;

	if (!number_to_e164(n, r->numbers, r->numbers_n, trunk))
		return (struct slice){0};
	return keep(cdr, slice_of(n->text, n->len));
}

static struct slice caller_e164(const struct billing_rules *r, struct cdr *cdr)
{
	const struct cdr_party *p = &cdr->call.caller;
	struct slice e164 = {0};
	struct number n;

	if (r->from_asserted && number_of_uri(p->asserted, &n))
		e164 = finish(r, cdr, &n);
	if (!e164.len && number_of_user(p->user, &n))
		e164 = finish(r, cdr, &n);
	return e164;
}

void billing_apply(const struct billing_rules *r, struct cdr *cdr)
{
	struct cdr_billing *b = &cdr->call.billing;
	struct number n;

	if (cdr->kind != CDR_CALL)
		return;
	find_trunks(r, cdr);
	b->caller_e164 = caller_e164(r, cdr);
	if (number_of_user(cdr->call.callee.user, &n))
		b->callee_e164 = finish(r, cdr, &n);
}
