#include "sniffer/base/slice.h"

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

static bool ieq_n(const uint8_t *a, const uint8_t *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (a[i] != b[i] && lower(a[i]) != lower(b[i]))
			return false;
	return true;
}

bool slice_ieq(struct slice a, struct slice b)
{
	return a.len == b.len && ieq_n(a.p, b.p, a.len);
}

bool slice_starts(struct slice s, struct slice prefix)
{
	return slice_eq(slice_head(s, prefix.len), prefix);
}

bool slice_istarts(struct slice s, struct slice prefix)
{
	return slice_ieq(slice_head(s, prefix.len), prefix);
}

ptrdiff_t slice_find(struct slice s, uint8_t c)
{
	const uint8_t *at = s.len ? memchr(s.p, c, s.len) : NULL;

	return at ? at - s.p : -1;
}

ptrdiff_t slice_find_slice(struct slice s, struct slice needle)
{
	const uint8_t *at;

	if (needle.len == 0)
		return 0;
	if (s.len < needle.len)
		return -1;
	at = memmem(s.p, s.len, needle.p, needle.len);
	return at ? at - s.p : -1;
}

bool slice_cut(struct slice s, uint8_t c, struct slice *head,
	       struct slice *tail)
{
	ptrdiff_t at = slice_find(s, c);

	if (at < 0) {
		*head = s;
		*tail = (struct slice){s.p ? s.p + s.len : NULL, 0};
		return false;
	}
	*head = slice_head(s, (size_t)at);
	*tail = slice_from(s, (size_t)at + 1);
	return true;
}

static bool blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct slice slice_trim(struct slice s)
{
	while (s.len && blank(s.p[0]))
		s = slice_from(s, 1);
	while (s.len && blank(s.p[s.len - 1]))
		s.len--;
	return s;
}

bool slice_u64(struct slice s, uint64_t *v)
{
	uint64_t n = 0;

	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		uint8_t d = (uint8_t)(s.p[i] - '0');

		if (d > 9 || n > (UINT64_MAX - d) / 10)
			return false;
		n = n * 10 + d;
	}
	*v = n;
	return true;
}

bool slice_u32(struct slice s, uint32_t *v)
{
	uint64_t n;

	if (!slice_u64(s, &n) || n > UINT32_MAX)
		return false;
	*v = (uint32_t)n;
	return true;
}

bool slice_line(struct slice *s, struct slice *line)
{
	if (s->len == 0)
		return false;
	slice_cut(*s, '\n', line, s);
	if (line->len && line->p[line->len - 1] == '\r')
		line->len--;
	return true;
}
