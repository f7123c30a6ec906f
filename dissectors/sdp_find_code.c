/* Encodings that signalling is wrapped in; all of them only ever shrink. */
#include "dissectors/sdp_find_priv.h"

static int hex(uint8_t c)
{
	if ((uint8_t)(c - '0') < 10)
		return c - '0';
	c |= 0x20;
	return (uint8_t)(c - 'a') < 6 ? c - 'a' + 10 : -1;
}

/* Four digits at p; -1 when they are none. */
static int32_t hex4(const uint8_t *p, size_t left)
{
	int32_t v = 0;

	if (left < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int d = hex(p[i]);

		if (d < 0)
			return -1;
		v = v << 4 | d;
	}
	return v;
}

static size_t put_utf8(uint8_t *to, uint32_t c)
{
	if (c < 0x80) {
		to[0] = (uint8_t)c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = (uint8_t)(0xc0 | c >> 6);
		to[1] = (uint8_t)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		to[0] = (uint8_t)(0xe0 | c >> 12);
		to[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		to[2] = (uint8_t)(0x80 | (c & 0x3f));
		return 3;
	}
	to[0] = (uint8_t)(0xf0 | c >> 18);
	to[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
	to[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
	to[3] = (uint8_t)(0x80 | (c & 0x3f));
	return 4;
}

/* \uXXXX, or two of them for a character beyond 16 bits. Half of such a pair
 * becomes U+FFFD. How many bytes behind the 'u' were used; 0 = no digits. */
static size_t json_unicode(const uint8_t *p, size_t left, uint8_t *to,
			   size_t *put)
{
	int32_t v = hex4(p, left);
	int32_t low = -1;
	uint32_t c = (uint32_t)v;

	if (v < 0)
		return 0;
	if ((v & 0xfc00) == 0xd800 && left >= 6 && p[4] == '\\' &&
	    (p[5] == 'u' || p[5] == 'U'))
		low = hex4(p + 6, left - 6);
	if (low >= 0 && (low & 0xfc00) == 0xdc00) {
		c = 0x10000 +
		    ((uint32_t)(v & 0x3ff) << 10 | (uint32_t)(low & 0x3ff));
		*put = put_utf8(to, c);
		return 10;
	}
	if ((v & 0xf800) == 0xd800)
		c = 0xfffd;
	*put = put_utf8(to, c);
	return 4;
}

static uint8_t json_letter(uint8_t c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	}
	return c;
}

/* RFC 8259, 7 */
size_t sdp_code_json(uint8_t *p, size_t len)
{
	size_t to = 0, used = 0, put = 0;

	for (size_t i = 0; i < len; i++) {
		if (p[i] != '\\' || i + 1 == len) {
			p[to++] = p[i];
			continue;
		}
		i++;
		if (p[i] == 'u')
			used = json_unicode(p + i + 1, len - i - 1, p + to,
					    &put);
		if (p[i] == 'u' && used) {
			i += used;
			to += put;
		} else {
			p[to++] = json_letter(p[i]);
		}
	}
	return to;
}

/* RFC 3986, 2.1; the blank is that of forms. */
size_t sdp_code_percent(uint8_t *p, size_t len, bool plus_is_blank)
{
	size_t to = 0;

	for (size_t i = 0; i < len; i++) {
		int hi = p[i] == '%' && i + 2 < len ? hex(p[i + 1]) : -1;
		int lo = hi >= 0 ? hex(p[i + 2]) : -1;

		if (lo >= 0) {
			p[to++] = (uint8_t)(hi << 4 | lo);
			i += 2;
		} else {
			p[to++] = p[i] == '+' && plus_is_blank ? ' ' : p[i];
		}
	}
	return to;
}

/* RFC 4648, 4 and 5; -1: not of the alphabet. */
static int base64_digit(uint8_t c)
{
	if ((uint8_t)(c - 'A') < 26)
		return c - 'A';
	if ((uint8_t)(c - 'a') < 26)
		return c - 'a' + 26;
	if ((uint8_t)(c - '0') < 10)
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	return c == '/' || c == '_' ? 63 : -1;
}

size_t sdp_code_base64(uint8_t *p, size_t len)
{
	uint32_t bits = 0;
	unsigned have = 0;
	size_t to = 0;

	for (size_t i = 0; i < len; i++) {
		int d = base64_digit(p[i]);

		if (d < 0)
			continue;
		bits = bits << 6 | (uint32_t)d;
		have += 6;
		if (have >= 8) {
			have -= 8;
			p[to++] = (uint8_t)(bits >> have);
		}
	}
	return to;
}

static bool line_end(uint8_t c)
{
	return c == '\r' || c == '\n';
}

bool sdp_code_is_base64(struct slice s)
{
	size_t i = 0;

	while (i < s.len && (base64_digit(s.p[i]) >= 0 || line_end(s.p[i])))
		i++;
	while (i < s.len && (s.p[i] == '=' || line_end(s.p[i])))
		i++;
	return i == s.len && s.len >= 16 && sdp_find_in_base64(s);
}

/* What encodeURIComponent() and forms leave as it is. */
static bool unreserved(uint8_t c)
{
	return (uint8_t)((c | 0x20) - 'a') < 26 || (uint8_t)(c - '0') < 10 ||
	       (c && strchr("-_.!~*'()+%", c));
}

bool sdp_code_is_percent(struct slice s)
{
	size_t i = 0;
	bool any = false;

	for (; i < s.len && unreserved(s.p[i]); i++)
		any |= s.p[i] == '%';
	return any && i == s.len;
}

bool sdp_code_is_form(struct slice s)
{
	ptrdiff_t first = slice_find(s, '=');

	if (first <= 0 || first > 64)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		uint8_t c = s.p[i];

		/* Some do not encode what would do no harm. */
		if (!unreserved(c) && !(c && strchr("&=[]:;,/?@$", c)))
			return false;
	}
	return slice_find(s, '%') >= 0 || slice_find(s, '&') >= 0;
}
