#include "sniffer/cell.h"

#include <stdio.h>
#include <wchar.h>

#include "sniffer/base/utf8.h"

#define ELLIPSIS "\xe2\x80\xa6"

void cell_begin(struct cell *c, unsigned max, locale_t chars)
{
	c->text[0] = '\0';
	c->len = 0;
	c->width = 0;
	c->max = max;
	c->chars = chars;
}

/* Unicode's marks for direction, joining and invisible operators, line
 * separators and the byte order mark. */
static bool is_hidden(uint32_t rune)
{
	return rune == 0xad || rune == 0x61c || rune == 0x180e ||
	       (rune >= 0x200b && rune <= 0x200f) ||
	       (rune >= 0x2028 && rune <= 0x202e) ||
	       (rune >= 0x2060 && rune <= 0x206f) || rune == 0xfeff ||
	       (rune >= 0xfff0 && rune <= 0xfffb) || rune >= 0xe0000;
}

/* Columns of a character, -1 when it must not be printed as it is. */
static int width_of(const struct cell *c, uint32_t rune)
{
	locale_t before;
	int width;

	if (rune < 0x80)
		return rune >= 0x20 && rune < 0x7f ? 1 : -1;
	if (!c->chars || is_hidden(rune))
		return -1;
	before = uselocale(c->chars);
	width = wcwidth((wchar_t)rune);
	uselocale(before);
	return width;
}

/* One character or its escape: its bytes and columns. */
struct piece {
	char text[16];
	size_t len;
	unsigned width;
};

static size_t take(const struct cell *c, struct slice s, struct piece *p)
{
	uint32_t rune = 0;
	size_t n = utf8_char(s, &rune);
	int width = n ? width_of(c, rune) : -1;

	if (width >= 0) {
		memcpy(p->text, s.p, n);
		p->len = n;
		p->width = (unsigned)width;
		return n;
	}
	if (n > 1)
		snprintf(p->text, sizeof(p->text), "\\u%04x", rune);
	else
		snprintf(p->text, sizeof(p->text), "\\x%02x", s.p[0]);
	p->len = strlen(p->text);
	p->width = (unsigned)p->len;
	return n ? n : 1;
}

/* Room for an ellipsis is kept in bytes; in columns it is made. */
static bool fits(const struct cell *c, const struct piece *p, unsigned max)
{
	return c->width + p->width <= max &&
	       c->len + p->len + sizeof(ELLIPSIS) <= sizeof(c->text);
}

static void add(struct cell *c, const struct piece *p)
{
	memcpy(c->text + c->len, p->text, p->len);
	c->len += p->len;
	c->text[c->len] = '\0';
	c->width += p->width;
}

static const struct piece ellipsis = {ELLIPSIS, sizeof(ELLIPSIS) - 1, 1};

bool cell_put(struct cell *c, struct slice s)
{
	struct cell cut = *c; /* where an ellipsis still fits */
	struct piece p;

	while (s.len) {
		s = slice_from(s, take(c, s, &p));
		if (!fits(c, &p, c->max)) {
			*c = cut;
			if (c->width < c->max)
				add(c, &ellipsis);
			return false;
		}
		add(c, &p);
		if (c->width < c->max)
			cut = *c;
	}
	return true;
}

bool cell_str(struct cell *c, const char *s)
{
	return cell_put(c, slice_str(s));
}
