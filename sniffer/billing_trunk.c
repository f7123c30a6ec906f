#include "sniffer/billing_trunk.h"

#include <errno.h>
#include <stdlib.h>

#define V4_BITS 96 /* before the address, in the v4-mapped form */

/* Words have blanks or commas between. */
static bool next_word(struct slice *rest, struct slice *word)
{
	size_t n = 0;

	while (rest->len && strchr(" \t,", rest->p[0]))
		*rest = slice_from(*rest, 1);
	while (n < rest->len && !strchr(" \t,", rest->p[n]))
		n++;
	*word = slice_head(*rest, n);
	*rest = slice_from(*rest, n);
	return n > 0;
}

static void mask(uint8_t ip[16], unsigned bits)
{
	for (unsigned i = 0; i<16; i++, bits = bits> 8 ? bits - 8 : 0)
		if (bits < 8)
			ip[i] &= (uint8_t)(0xff00u >> bits);
}

static const char *parse_net(struct slice word, struct trunk_net *out)
{
	struct slice ip, digits;
	bool has_bits = slice_cut(word, '/', &ip, &digits);
	uint8_t masked[16];
	uint32_t bits = 0;
	struct addr a;
	unsigned most;

	if (!addr_parse_ip(ip, &a))
		return "not an address: give NAME and then addresses or "
		       "prefixes like 192.0.2.0/24, and in, out or both last";
	most = addr_is_v4(&a) ? 32 : 128;
	if (has_bits && (!slice_u32(digits, &bits) || bits > most))
		return "behind the / stands a number of bits: 0 to 32, of "
		       "IPv6 0 to 128";
	memcpy(out->ip, a.ip, 16);
	out->bits = (has_bits ? bits : most) + (most == 32 ? V4_BITS : 0);
	memcpy(masked, a.ip, 16);
	mask(masked, out->bits);
	if (memcmp(masked, a.ip, 16))
		return "an address has bits set behind its prefix: "
		       "192.0.2.1/24 is 192.0.2.0/24 or 192.0.2.1";
	return NULL;
}

static bool name_fits(struct slice name)
{
	for (size_t i = 0; i < name.len; i++) {
		uint8_t c = name.p[i];

		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') &&
		    !(c >= 'A' && c <= 'Z') && !strchr("._-", c))
			return false;
	}
	return name.len && name.len <= TRUNK_NAME;
}

static bool parse_use(struct slice word, unsigned *uses)
{
	if (slice_ieq(word, SLICE("in")))
		*uses = 1u << TRUNK_IN;
	else if (slice_ieq(word, SLICE("out")))
		*uses = 1u << TRUNK_OUT;
	else if (slice_ieq(word, SLICE("both")))
		*uses = 1u << TRUNK_IN | 1u << TRUNK_OUT;
	else
		return false;
	return true;
}

/* Name and uses; *nets is what stands between them. */
static const char *parse(struct slice value, struct slice *name,
			 struct slice *nets, unsigned *uses)
{
	struct slice rest = value, word;
	struct trunk_net net;
	const char *wrong;
	size_t n = 0;

	*uses = 1u << TRUNK_IN | 1u << TRUNK_OUT;
	if (!next_word(&rest, name) || !name_fits(*name))
		return "begins with a name of letters, digits, dot, dash and "
		       "underscore, 32 at most";
	*nets = rest;
	while (next_word(&rest, &word)) {
		if (parse_use(word, uses)) {
			nets->len = (size_t)(word.p - nets->p);
			if (next_word(&rest, &word))
				return "in, out or both stands at the end";
			break;
		}
		wrong = parse_net(word, &net);
		if (wrong)
			return wrong;
		n++;
	}
	return n ? NULL : "has no address: give NAME 192.0.2.0/24";
}

const char *trunk_check(const char *value)
{
	struct slice name, nets;
	unsigned uses;

	return parse(slice_str(value), &name, &nets, &uses);
}

static int add(struct trunk_list *l, const struct trunk_net *net)
{
	if (l->n == l->size) {
		size_t size = l->size ? l->size * 2 : 16;
		struct trunk_net *v = realloc(l->v, size * sizeof(*v));

		if (!v)
			return -ENOMEM;
		l->v = v;
		l->size = size;
	}
	l->v[l->n++] = *net;
	return 0;
}

int trunk_add(struct trunk_table *t, const char *value)
{
	struct slice nets, word;
	struct trunk_net net;
	unsigned uses;
	int err = 0;

	if (parse(slice_str(value), &net.name, &nets, &uses))
		return -EINVAL;
	while (!err && next_word(&nets, &word)) {
		parse_net(word, &net);
		for (unsigned u = 0; u < TRUNK_USES && !err; u++)
			if (uses & 1u << u)
				err = add(&t->use[u], &net);
	}
	return err;
}

static int compare(const void *a, const void *b)
{
	const struct trunk_net *x = a, *y = b;

	if (x->bits != y->bits)
		return x->bits > y->bits ? -1 : 1;
	return memcmp(x->ip, y->ip, sizeof(x->ip));
}

int trunk_seal(struct trunk_table *t, const struct trunk_net **twice)
{
	for (unsigned u = 0; u < TRUNK_USES; u++) {
		struct trunk_list *l = &t->use[u];

		if (l->n)
			qsort(l->v, l->n, sizeof(*l->v), compare);
		for (size_t i = 1; i < l->n; i++) {
			if (!compare(&l->v[i - 1], &l->v[i])) {
				*twice = &l->v[i];
				return -EINVAL;
			}
		}
	}
	return 0;
}

void trunk_close(struct trunk_table *t)
{
	for (unsigned u = 0; u < TRUNK_USES; u++)
		free(t->use[u].v);
	*t = (struct trunk_table){0};
}

/* One search for each length that there is. */
struct slice trunk_find(const struct trunk_table *t, enum trunk_use use,
			const struct addr *a)
{
	const struct trunk_list *l = &t->use[use];
	const struct trunk_net *found;
	struct trunk_net key = {.bits = 0};

	for (size_t i = 0, n; i < l->n; i += n) {
		n = 1;
		while (i + n < l->n && l->v[i + n].bits == l->v[i].bits)
			n++;
		memcpy(key.ip, a->ip, sizeof(key.ip));
		key.bits = l->v[i].bits;
		mask(key.ip, key.bits);
		found = bsearch(&key, &l->v[i], n, sizeof(key), compare);
		if (found)
			return found->name;
	}
	return (struct slice){0};
}

bool trunk_is_known(const struct trunk_table *t, struct slice name)
{
	for (unsigned u = 0; u < TRUNK_USES; u++)
		for (size_t i = 0; i < t->use[u].n; i++)
			if (slice_eq(t->use[u].v[i].name, name))
				return true;
	return false;
}
