#include "sniffer/billing_number.h"

#define E164_MIN 5
#define E164_MAX 15 /* E.164, 6 */

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static size_t count_digits(struct slice s)
{
	size_t n = 0;

	while (n < s.len && is_digit(s.p[n]))
		n++;
	return n;
}

static bool has_plus(struct slice n)
{
	return n.len && n.p[0] == '+';
}

/* --- rules -----------------------------------------------------------------
 */

/* An optional +, then digits only. */
static bool is_number(struct slice s)
{
	size_t plus = has_plus(s);

	return count_digits(slice_from(s, plus)) == s.len - plus;
}

static const char *parse_digits(struct slice text, struct number_rule *out)
{
	struct slice min, max;
	bool range = slice_cut(text, '-', &min, &max);

	if (!slice_u32(min, &out->min) ||
	    !slice_u32(range ? max : min, &out->max) || out->min > out->max ||
	    !out->max || out->max >= NUMBER_MAX)
		return "behind the / stands how many digits the number has: "
		       "10, or 7-10";
	return NULL;
}

const char *number_rule_parse(const char *value, struct number_rule *out)
{
	struct number_rule r = {.max = NUMBER_MAX};
	struct slice rest = slice_trim(slice_str(value)), from, digits, to;
	const char *wrong = NULL;
	ptrdiff_t blank = slice_find(rest, ' ');

	if (blank > 0) {
		r.trunk = slice_head(rest, (size_t)blank);
		rest = slice_trim(slice_from(rest, (size_t)blank));
	}
	if (!slice_cut(rest, ':', &from, &to))
		return "give PREFIX:REPLACEMENT, for example 00:+ or 0:+49";
	if (slice_cut(from, '/', &r.prefix, &digits))
		wrong = parse_digits(digits, &r);
	if (wrong)
		return wrong;
	if (!is_number(r.prefix) || r.prefix.len >= NUMBER_MAX)
		return "a prefix is digits, with or without + in front";
	if (!slice_eq(to, SLICE("-")))
		r.to = to;
	if (r.to.p &&
	    (to.len > E164_MAX || !is_number(to) || !to.len || to.p[0] != '+'))
		return "the replacement is + and digits, or - for numbers "
		       "that are none of E.164";
	*out = r;
	return NULL;
}

/* --- numbers ---------------------------------------------------------------
 */

static int hex(uint8_t c)
{
	if (is_digit(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One character of a URI, escaped or not (RFC 3261, 19.1.2). */
static uint8_t take_char(struct slice *s)
{
	uint8_t c = s->p[0];
	size_t n = 1;

	if (c == '%' && s->len > 2 && hex(s->p[1]) >= 0 && hex(s->p[2]) >= 0) {
		c = (uint8_t)(hex(s->p[1]) << 4 | hex(s->p[2]));
		n = 3;
	}
	*s = slice_from(*s, n);
	return c;
}

bool number_of_user(struct slice user, struct number *out)
{
	struct number n = {.len = 0};
	struct slice rest = user;

	while (rest.len && rest.p[0] != ';') {
		uint8_t c = take_char(&rest);

		if (c && strchr("-.() ", c))
			continue;
		if ((!is_digit(c) && (c != '+' || n.len)) ||
		    n.len == sizeof(n.text))
			return false;
		n.text[n.len++] = (char)c;
	}
	if (!n.len || (n.len == 1 && n.text[0] == '+'))
		return false;
	*out = n;
	return true;
}

bool number_of_uri(struct slice uri, struct number *out)
{
	struct slice scheme, rest, user;

	if (!slice_cut(uri, ':', &scheme, &rest))
		return false;
	if (slice_ieq(scheme, SLICE("tel")))
		return number_of_user(rest, out);
	if (!slice_ieq(scheme, SLICE("sip")) &&
	    !slice_ieq(scheme, SLICE("sips")))
		return false;
	if (!slice_cut(rest, '@', &user, &rest))
		return false;
	slice_cut(user, ':', &user, &rest); /* a password */
	return number_of_user(user, out);
}

/* A number with + is international: only a prefix with + is for it. */
static bool fits(const struct number_rule *r, struct slice n,
		 struct slice trunk)
{
	size_t digits = n.len - has_plus(n);

	return has_plus(r->prefix) == has_plus(n) &&
	       (!r->trunk.len || slice_eq(r->trunk, trunk)) &&
	       slice_starts(n, r->prefix) && digits >= r->min &&
	       digits <= r->max;
}

static bool better(const struct number_rule *r, const struct number_rule *best)
{
	if (!best)
		return true;
	if (!r->trunk.len != !best->trunk.len)
		return r->trunk.len;
	if (r->prefix.len != best->prefix.len)
		return r->prefix.len > best->prefix.len;
	return r->max - r->min < best->max - best->min;
}

static bool replace(struct number *n, const struct number_rule *r)
{
	struct slice tail =
		slice_from(slice_of(n->text, n->len), r->prefix.len);
	char text[NUMBER_MAX];

	if (!r->to.len || r->to.len + tail.len > sizeof(text))
		return false;
	memcpy(text, r->to.p, r->to.len);
	memcpy(text + r->to.len, tail.p, tail.len);
	n->len = r->to.len + tail.len;
	memcpy(n->text, text, n->len);
	return true;
}

/* No country code begins with 0. */
static bool is_e164(const struct number *n)
{
	return n->len > E164_MIN && n->len <= 1 + E164_MAX &&
	       n->text[0] == '+' && n->text[1] != '0';
}

bool number_to_e164(struct number *n, const struct number_rule *rules,
		    size_t rules_n, struct slice trunk)
{
	struct slice now = slice_of(n->text, n->len);
	const struct number_rule *best = NULL;

	for (size_t i = 0; i < rules_n; i++)
		if (fits(&rules[i], now, trunk) && better(&rules[i], best))
			best = &rules[i];
	if (best && !replace(n, best))
		return false;
	return is_e164(n);
}
