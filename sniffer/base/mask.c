#include "sniffer/base/mask.h"

#include <string.h>
#include <strings.h>

#include "sniffer/base/slice.h"

#define NAME_MAX 256

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool is_key(uint8_t c)
{
	return is_digit(c) || c == '*' || c == '#' || (c >= 'A' && c <= 'D') ||
	       (c >= 'a' && c <= 'd');
}

static void mask_each(uint8_t *p, size_t len, uint64_t keep,
		      bool (*is)(uint8_t c))
{
	for (size_t i = 0; i < len; i++) {
		if (!is(p[i]))
			continue;
		if (keep)
			keep--;
		else
			p[i] = 'x';
	}
}

void mask_digits(uint8_t *p, size_t len, uint64_t keep)
{
	mask_each(p, len, keep, is_digit);
}

void mask_keys(uint8_t *p, size_t len, uint64_t keep)
{
	mask_each(p, len, keep, is_key);
}

/* Bytes of the scheme with its colon; 0 when no URI of ours begins here. */
static size_t scheme_at(const uint8_t *p, size_t len)
{
	static const char *const schemes[] = {"sip:", "sips:", "tel:"};

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		size_t n = strlen(schemes[i]);

		if (len >= n && !strncasecmp((const char *)p, schemes[i], n))
			return n;
	}
	return 0;
}

static bool ends_uri(uint8_t c)
{
	return c <= ' ' || c == '<' || c == '>' || c == '"' || c == ',';
}

/* The user part, or a number without host: a host of digits stays. */
static size_t user_len(const uint8_t *p, size_t len, bool tel)
{
	size_t end = 0, at = SIZE_MAX;

	while (end < len && !ends_uri(p[end])) {
		if (p[end] == '@')
			at = end;
		end++;
	}
	if (at != SIZE_MAX)
		return at;
	if (!tel)
		return 0;
	for (at = 0; at < end && p[at] != ';' && p[at] != '?'; at++)
		;
	return at;
}

/* The display name that ends before the "<" at end; of a longer one, its
 * end. */
static void mask_name(uint8_t *p, size_t end, uint64_t keep)
{
	size_t from = end;
	bool quoted = false;

	while (from && end - from < NAME_MAX) {
		uint8_t c = p[from - 1];

		if (c == '"')
			quoted = !quoted;
		if (c == '\n' ||
		    (!quoted && (c == ',' || c == '>' || c == ':')))
			break;
		from--;
	}
	mask_digits(p + from, end - from, keep);
}

void mask_uris(uint8_t *p, size_t len, uint64_t keep)
{
	for (size_t i = 0; i < len; i++) {
		size_t scheme = scheme_at(p + i, len - i);
		size_t user;

		if (!scheme)
			continue;
		if (i && p[i - 1] == '<')
			mask_name(p, i - 1, keep);
		i += scheme;
		user = user_len(p + i, len - i,
				p[i - scheme] == 't' || p[i - scheme] == 'T');
		mask_digits(p + i, user, keep);
		i += user;
	}
}
