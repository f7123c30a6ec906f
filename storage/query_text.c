#include "storage/query_text.h"

#include "storage/query.h"

#define US 1000000ull

bool query_pattern(struct slice text, struct pattern *out)
{
	bool after = text.len && text.p[text.len - 1] == '*';
	bool before = text.len > 1 && text.p[0] == '*';
	struct pattern p = {PATTERN_WHOLE, text};

	if (after && before)
		p.kind = PATTERN_ANYWHERE;
	else if (after)
		p.kind = PATTERN_PREFIX;
	else if (before)
		p.kind = PATTERN_SUFFIX;
	p.text = slice_from(p.text, before);
	p.text.len -= after;
	if (!p.text.len || slice_find(p.text, '*') >= 0)
		return false;
	*out = p;
	return true;
}

/* Digits at the front of *s, at least one, at most max; how many, or 0. */
static size_t take_digits(struct slice *s, size_t max, uint64_t *v)
{
	size_t n = 0;

	*v = 0;
	while (n < s->len && n < max && s->p[n] >= '0' && s->p[n] <= '9')
		*v = *v * 10 + s->p[n++] - '0';
	*s = slice_from(*s, n);
	return n;
}

static bool take_char(struct slice *s, char c)
{
	if (!s->len || s->p[0] != (uint8_t)c)
		return false;
	*s = slice_from(*s, 1);
	return true;
}

/* ".25" as 250000; nothing is 0. */
static bool take_fraction(struct slice *s, uint64_t *us)
{
	uint64_t v;
	size_t n;

	*us = 0;
	if (!take_char(s, '.'))
		return true;
	n = take_digits(s, 6, &v);
	for (size_t i = n; i < 6; i++)
		v *= 10;
	*us = v;
	return n > 0;
}

bool query_decimal(struct slice text, double *v)
{
	uint64_t whole, part;

	if (!take_digits(&text, 9, &whole) || !take_fraction(&text, &part) ||
	    text.len)
		return false;
	*v = (double)whole + (double)part / US;
	return true;
}

bool query_duration(struct slice text, uint64_t *us)
{
	static const struct {
		struct slice name;
		uint64_t us;
	} units[] = {
		{SLICE_INIT(""), US},	      {SLICE_INIT("s"), US},
		{SLICE_INIT("ms"), 1000},     {SLICE_INIT("m"), 60 * US},
		{SLICE_INIT("h"), 3600 * US}, {SLICE_INIT("d"), 86400 * US},
	};
	uint64_t whole, part;

	if (!take_digits(&text, 9, &whole) || !take_fraction(&text, &part))
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (!slice_eq(text, units[i].name))
			continue;
		*us = whole * units[i].us + part * units[i].us / US;
		return true;
	}
	return false;
}

bool query_status(struct slice text, uint32_t *low, uint32_t *high)
{
	uint32_t v;

	if (text.len != 3)
		return false;
	if (slice_ieq(slice_from(text, 1), SLICE("xx"))) {
		if (text.p[0] < '1' || text.p[0] > '6')
			return false;
		*low = (text.p[0] - (uint32_t)'0') * 100;
		*high = *low + 99;
		return true;
	}
	if (!slice_u32(text, &v) || v < 100 || v > 699)
		return false;
	*low = *high = v;
	return true;
}

bool query_subnet(struct slice text, struct subnet *out)
{
	struct slice bits;
	struct subnet net;
	bool part = slice_cut(text, '/', &text, &bits);
	uint32_t n = 0;

	if (!addr_parse_ip(text, &net.addr))
		return false;
	net.bits = 128;
	if (part) {
		uint32_t max = addr_is_v4(&net.addr) ? 32 : 128;

		if (!slice_u32(bits, &n) || n > max)
			return false;
		net.bits = 128 - max + n;
	}
	*out = net;
	return true;
}

/* --- moments -------------------------------------------------------------- */

/* Days since 1970 of a date of the Gregorian calendar; years begin in
 * March. */
static uint64_t days_of(uint64_t y, uint64_t m, uint64_t d)
{
	uint64_t year = m > 2 ? y : y - 1;
	uint64_t month = m > 2 ? m - 3 : m + 9;

	return year * 365 + year / 4 - year / 100 + year / 400 +
	       (153 * month + 2) / 5 + d - 1 - 719468;
}

static uint64_t days_in(uint64_t y, uint64_t m)
{
	static const uint8_t days[] = {31, 28, 31, 30, 31, 30,
				       31, 31, 30, 31, 30, 31};
	bool leap = (y % 4 == 0 && y % 100) || y % 400 == 0;

	return days[m - 1] + (m == 2 && leap);
}

/* YYYY-MM-DD */
static bool take_date(struct slice *s, uint64_t *days)
{
	uint64_t y, m, d;

	if (take_digits(s, 4, &y) != 4 || !take_char(s, '-') ||
	    take_digits(s, 2, &m) != 2 || !take_char(s, '-') ||
	    take_digits(s, 2, &d) != 2)
		return false;
	if (y < 1970 || m < 1 || m > 12 || d < 1 || d > days_in(y, m))
		return false;
	*days = days_of(y, m, d);
	return true;
}

/* HH:MM, HH:MM:SS or HH:MM:SS.ffffff */
static bool take_clock(struct slice *s, uint64_t *us)
{
	uint64_t h, m, sec = 0, part = 0;

	if (take_digits(s, 2, &h) != 2 || !take_char(s, ':') ||
	    take_digits(s, 2, &m) != 2)
		return false;
	if (take_char(s, ':') &&
	    (take_digits(s, 2, &sec) != 2 || !take_fraction(s, &part)))
		return false;
	if (h > 23 || m > 59 || sec > 60)
		return false;
	*us = (h * 3600 + m * 60 + sec) * US + part;
	return true;
}

bool query_time(struct slice text, uint64_t now_ns, uint64_t *ns)
{
	uint64_t days, us = 0;

	if (slice_eq(text, SLICE("now"))) {
		*ns = now_ns;
		return true;
	}
	if (take_char(&text, '-')) {
		if (!query_duration(text, &us) || us > now_ns / 1000)
			return false;
		*ns = now_ns - us * 1000;
		return true;
	}
	if (!take_date(&text, &days))
		return false;
	if (text.len && ((!take_char(&text, 'T') && !take_char(&text, ' ')) ||
			 !take_clock(&text, &us)))
		return false;
	take_char(&text, 'Z');
	if (text.len)
		return false;
	*ns = (days * 86400 * US + us) * 1000;
	return true;
}
