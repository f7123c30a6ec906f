/* Numbers out of what SIP says, and by rules: lines of rules first, then an
 * empty line and a URI. Trunks are read from the same lines. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sniffer/billing_number.h"
#include "sniffer/billing_trunk.h"

#define RULES 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_number(const struct number *n)
{
	assert(n->len > 0 && n->len <= sizeof(n->text));
	for (size_t i = 0; i < n->len; i++)
		assert((n->text[i] >= '0' && n->text[i] <= '9') ||
		       (n->text[i] == '+' && i == 0));
}

static void check_trunk(const char *line)
{
	struct trunk_table t = {.use = {{0}}};
	const struct trunk_net *twice;
	bool wrong = trunk_check(line);

	assert((trunk_add(&t, line) == 0) == !wrong);
	if (!trunk_seal(&t, &twice)) {
		for (size_t i = 0; i < t.use[TRUNK_IN].n; i++) {
			struct addr a = {.port = 0};

			memcpy(a.ip, t.use[TRUNK_IN].v[i].ip, sizeof(a.ip));
			assert(trunk_find(&t, TRUNK_IN, &a).len);
		}
	}
	trunk_close(&t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct number_rule rules[RULES];
	char *copy = malloc(size + 1), *line, *rest = copy;
	struct number n, e164;
	size_t used = 0;

	if (!copy)
		return 0;
	memcpy(copy, data, size);
	copy[size] = '\0';
	while ((line = strsep(&rest, "\n")) && *line) {
		check_trunk(line);
		if (used < RULES && !number_rule_parse(line, &rules[used]))
			used++;
	}
	if (rest && number_of_uri(slice_str(rest), &n)) {
		check_number(&n);
		e164 = n;
		if (number_to_e164(&e164, rules, used, SLICE("a"))) {
			check_number(&e164);
			assert(e164.text[0] == '+' && e164.len <= 16);
		}
	}
	free(copy);
	return 0;
}
