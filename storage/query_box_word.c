/* Words of the one box without a key, and what was understood as sentences. */
#include <errno.h>
#include <stdio.h>

#include "storage/query_box_priv.h"
#include "storage/query_text.h"

/* --- sentences ------------------------------------------------------------ */

/* What does not fit is left out, by whole characters. */
static void append(struct box_word *w, struct slice s)
{
	size_t n = strlen(w->text), room = BOX_TEXT - 1 - n;

	if (s.len > room) {
		s.len = room;
		while (s.len && (s.p[s.len] & 0xc0) == 0x80)
			s.len--;
	}
	if (s.len)
		memcpy(w->text + n, s.p, s.len);
	w->text[n + s.len] = '\0';
}

void box_say(struct box_parser *x, const char *before, struct slice text)
{
	append(x->word, slice_str(before));
	append(x->word, text);
}

void box_say_value(struct box_parser *x, struct slice v)
{
	static const char *const first[] = {
		[PATTERN_WHOLE] = " is ",
		[PATTERN_PREFIX] = " begins with ",
		[PATTERN_SUFFIX] = " ends with ",
		[PATTERN_ANYWHERE] = " contains ",
	};
	static const char *const next[] = {
		[PATTERN_WHOLE] = " or ",
		[PATTERN_PREFIX] = " or begins with ",
		[PATTERN_SUFFIX] = " or ends with ",
		[PATTERN_ANYWHERE] = " or contains ",
	};
	struct pattern p = {PATTERN_WHOLE, v};

	box_unquote(&v);
	query_pattern(v, &p);
	if (p.kind == PATTERN_WHOLE)
		p.text = v;
	box_say(x, x->values++ ? next[p.kind] : first[p.kind], p.text);
}

void box_say_compare(struct box_parser *x, struct slice v, const char *unit)
{
	bool equal = v.len > 1 && v.p[1] == '=';
	bool below = v.len && v.p[0] == '<';
	double bare;

	v = slice_from(v, equal ? 2 : 1);
	if (below)
		box_say(x, equal ? " is at most " : " is below ", v);
	else
		box_say(x, equal ? " is at least " : " is above ", v);
	if (query_decimal(v, &bare))
		box_say(x, unit, SLICE(""));
}

/* --- terms ---------------------------------------------------------------- */

static int too_much(struct box_parser *x)
{
	return box_refuse(x, x->text.p, -EINVAL,
			  "the search is too long: leave some of it out");
}

/* before, text and after, one behind the other. */
static bool make(struct box_parser *x, const char *before, struct slice text,
		 const char *after, struct slice *out)
{
	size_t a = strlen(before), b = strlen(after);
	char *p = x->b->made + x->b->made_n;

	if (a + text.len + b > BOX_MADE - x->b->made_n)
		return false;
	memcpy(p, before, a);
	memcpy(p + a, text.p, text.len);
	memcpy(p + a + text.len, after, b);
	x->b->made_n += a + text.len + b;
	*out = slice_of(p, a + text.len + b);
	return true;
}

int box_add(struct box_parser *x, enum query_key key, struct slice value)
{
	struct query_term t = {.key = key,
			       .group = x->group,
			       .negate = x->negate,
			       .value = value};
	char why[DB_WHY];
	int err = query_add_term(x->q, &t, why);

	return err == -EINVAL ? box_refuse(x, x->text.p, err, "%s", why + 2)
	       : err	      ? too_much(x)
			      : 0;
}

static int add_made(struct box_parser *x, enum query_key key,
		    const char *before, struct slice text, const char *after)
{
	struct slice v;

	return make(x, before, text, after, &v) ? box_add(x, key, v)
						: too_much(x);
}

static bool is_digits(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.len > 0;
}

static int only_whole(struct box_parser *x, struct slice v)
{
	return box_refuse(x, v.p, -EPERM,
			  "numbers are hidden from you, so they are found by "
			  "all of their digits only: give the whole number, "
			  "without a star");
}

int box_add_number(struct box_parser *x, enum query_key key, struct slice v)
{
	struct pattern p = {PATTERN_WHOLE, v};
	const char *after;
	int err;

	query_pattern(v, &p);
	if (x->whole && p.kind != PATTERN_WHOLE)
		return only_whole(x, v);
	after = p.kind == PATTERN_PREFIX ? "*" : "";
	if (p.kind == PATTERN_SUFFIX || p.kind == PATTERN_ANYWHERE)
		return box_add(x, key, v);
	if (is_digits(p.text)) {
		err = add_made(x, key, "+", p.text, after);
		return err ? err : box_add(x, key, v);
	}
	if (p.text.p[0] == '+' && is_digits(slice_from(p.text, 1))) {
		err = add_made(x, key, "", slice_from(p.text, 1), after);
		return err ? err : box_add(x, key, v);
	}
	return box_add(x, key, v);
}

/* --- words without a key -------------------------------------------------- */

bool box_is_uri(struct slice *s)
{
	static const struct slice schemes[] = {
		SLICE_INIT("sip:"), SLICE_INIT("sips:"), SLICE_INIT("tel:")};

	for (size_t i = 0; i < 3; i++) {
		if (!slice_istarts(*s, schemes[i]) || s->len == schemes[i].len)
			continue;
		*s = slice_from(*s, schemes[i].len);
		return true;
	}
	return false;
}

static void name_word(struct box_parser *x, const char *key, struct slice value)
{
	x->word->key = key;
	x->word->value = value;
	box_say(x, x->negate ? "not: " : "", SLICE(""));
}

/* "(030) 12-34": the digits of a number as people write it, and one + before
 * them. False when it is no number. */
static bool take_number(struct box_parser *x, struct slice word,
			struct slice *out)
{
	size_t before = x->b->made_n, n = 0, plus = 0;
	struct slice all;

	if (!make(x, "", word, "", &all))
		return false;
	for (size_t i = 0; i < word.len; i++) {
		uint8_t c = word.p[i];

		if (c == '+' && !n && !plus)
			plus = 1;
		else if (c >= '0' && c <= '9')
			x->b->made[before + n++] = (char)c;
		else if (!strchr("-./()", c) || !c)
			break;
		if (i + 1 == word.len && n) {
			*out = slice_of(x->b->made + before, n);
			return true;
		}
	}
	x->b->made_n = before;
	return false;
}

static int bare_number(struct box_parser *x, struct slice word,
		       struct slice digits)
{
	int err;

	name_word(x, "number", word);
	if (x->whole) {
		box_say(x, "caller or callee is ", digits);
		return box_add_number(x, QUERY_NUMBER, digits);
	}
	box_say(x, "caller or callee begins or ends with ", digits);
	err = add_made(x, QUERY_NUMBER, "", digits, "*");
	if (!err)
		err = add_made(x, QUERY_NUMBER, "+", digits, "*");
	return err ? err : add_made(x, QUERY_NUMBER, "*", digits, "");
}

/* 4917*, *Phone*: users, and User-Agents where these may be asked so. */
static int bare_pattern(struct box_parser *x, struct slice word)
{
	struct pattern p;
	int err;

	if (!query_pattern(word, &p))
		return box_refuse(x, word.p, -EINVAL,
				  "a star can stand at the beginning and at "
				  "the end, with something beside it: 49171*, "
				  "*1234 or *555*");
	name_word(x, "number", word);
	box_say(x, "caller or callee", SLICE(""));
	box_say_value(x, word);
	err = box_add_number(x, QUERY_NUMBER, word);
	if (err || p.kind == PATTERN_SUFFIX ||
	    is_digits(slice_from(p.text, p.text.p[0] == '+')))
		return err;
	box_say(x, ", or a User-Agent", SLICE(""));
	return box_add(x, QUERY_AGENT, word);
}

static int bare_text(struct box_parser *x, struct slice word)
{
	int err;

	name_word(x, "text", word);
	box_say(x, x->whole ? "caller or callee is " : "caller or callee ",
		SLICE(""));
	box_say(x, x->whole ? "" : "begins with ", word);
	box_say(x, ", or a User-Agent begins with it, or it is the Call-ID",
		SLICE(""));
	err = x->whole ? box_add(x, QUERY_NUMBER, word)
		       : add_made(x, QUERY_NUMBER, "", word, "*");
	if (!err)
		err = add_made(x, QUERY_AGENT, "", word, "*");
	return err ? err : box_add(x, QUERY_CALL_ID, word);
}

static int bare_at(struct box_parser *x, struct slice word)
{
	int err;

	name_word(x, "call-id", word);
	box_say(x, "Call-ID is ", word);
	err = box_add(x, QUERY_CALL_ID, word);
	if (err || !query_is_good(x->q, QUERY_USER, word))
		return err;
	box_say(x, ", or it is the caller or callee", SLICE(""));
	return box_add(x, QUERY_USER, word);
}

static int bare_ip(struct box_parser *x, struct slice word)
{
	name_word(x, "ip", word);
	if (!query_is_good(x->q, QUERY_IP, word))
		return box_refuse(x, word.p, -EINVAL, "%.*s: give %s",
				  SLICE_ARG(word), query_wants(QUERY_IP));
	box_say(x, "address of caller or callee is ", word);
	return box_add(x, QUERY_IP, word);
}

static int bare_uid(struct box_parser *x, struct slice word)
{
	int err;

	name_word(x, "uid", word);
	box_say(x, "uid or Call-ID is ", word);
	err = box_add(x, QUERY_UID, word);
	return err ? err : box_add(x, QUERY_CALL_ID, word);
}

int box_bare(struct box_parser *x, struct slice word)
{
	struct slice digits;
	struct subnet net;

	if (box_unquote(&word)) {
		if (!word.len)
			return box_refuse(x, word.p, -EINVAL,
					  "there is nothing between the "
					  "quotation marks");
		return slice_find(word, '*') >= 0 ? bare_pattern(x, word)
						  : bare_text(x, word);
	}
	if (query_subnet(word, &net))
		return bare_ip(x, word);
	if (query_is_good(x->q, QUERY_UID, word))
		return bare_uid(x, word);
	if (take_number(x, word, &digits))
		return bare_number(x, word, digits);
	if (slice_find(word, '@') >= 0)
		return bare_at(x, word);
	if (slice_find(word, '*') >= 0)
		return bare_pattern(x, word);
	return bare_text(x, word);
}
