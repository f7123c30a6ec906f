#include "storage/sql_split.h"

/* Bytes of a comment to the end of its line; 0 when there is none. */
static size_t comment(struct slice s)
{
	ptrdiff_t end;

	if (!slice_starts(s, SLICE("--")))
		return 0;
	end = slice_find(s, '\n');
	return end < 0 ? s.len : (size_t)end + 1;
}

/* Bytes of what stands in quotes, with them; 0 when nothing does. */
static size_t quoted(struct slice s)
{
	ptrdiff_t end;

	if (!s.len || (s.p[0] != '\'' && s.p[0] != '"' && s.p[0] != '`'))
		return 0;
	end = slice_find(slice_from(s, 1), s.p[0]);
	return end < 0 ? s.len : (size_t)end + 2;
}

/* Without blanks and comments in front. */
static struct slice begin(struct slice s)
{
	for (;;) {
		struct slice t = slice_trim(s);

		t = slice_from(t, comment(t));
		if (t.len == s.len)
			return s;
		s = t;
	}
}

/* Up to the semicolon; *text moves behind it. */
static struct slice cut(struct slice *text)
{
	struct slice s = begin(*text);
	size_t n = 0;

	while (n < s.len && s.p[n] != ';') {
		struct slice rest = slice_from(s, n);
		size_t skip = quoted(rest);

		skip = skip ? skip : comment(rest);
		n += skip ? skip : 1;
	}
	*text = slice_from(s, n + 1);
	return slice_trim(slice_head(s, n));
}

bool sql_split(struct slice *text, struct slice *statement)
{
	do
		*statement = cut(text);
	while (!statement->len && text->len);
	return statement->len > 0;
}
