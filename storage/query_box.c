/* The grammar of the one box: words, keys, values. */
#include "storage/query_box.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "storage/query_box_priv.h"
#include "storage/query_text.h"

/* Names that people use, and what the API's list of terms calls them. */
static const struct box_key keys[] = {
	/* clang-format off */
	{"number", "caller or callee", QUERY_NUMBER, BOX_NUMBER, ""},
	{"caller", "caller", QUERY_CALLER, BOX_NUMBER, ""},
	{"callee", "callee", QUERY_CALLEE, BOX_NUMBER, ""},
	{"ip", "address of caller or callee", QUERY_IP, BOX_VALUE, ""},
	{"caller-ip", "address of the caller", QUERY_CALLER_IP, BOX_VALUE, ""},
	{"callee-ip", "address of the callee", QUERY_CALLEE_IP, BOX_VALUE, ""},
	{"call-id", "Call-ID", QUERY_CALL_ID, BOX_VALUE, ""},
	{"uid", "uid", QUERY_UID, BOX_VALUE, ""},
	{"group", "group of legs", QUERY_GROUP, BOX_VALUE, ""},
	{"agent", "User-Agent of caller or callee", QUERY_AGENT, BOX_VALUE, ""},
	{"user", "caller or callee", QUERY_USER, BOX_VALUE, ""},
	{"type", "type", QUERY_TYPE, BOX_VALUE, ""},
	{"state", "state", QUERY_STATE, BOX_VALUE, ""},
	{"status", "status", QUERY_STATUS, BOX_VALUE, ""},
	{"mos", "MOS of the worse side", QUERY_MOS, BOX_COMPARE, ""},
	{"loss", "loss of the worse side", QUERY_LOSS, BOX_COMPARE, " %"},
	{"jitter", "jitter of the worse side", QUERY_JITTER, BOX_COMPARE, " ms"},
	{"rtt", "round trip of the worse side", QUERY_RTT, BOX_COMPARE, " ms"},
	{"pdd", "post-dial delay", QUERY_PDD, BOX_COMPARE, " ms"},
	{"duration", "duration", QUERY_DURATION, BOX_COMPARE, " s"},
	{"codec", "codec of either side", QUERY_CODEC, BOX_VALUE, ""},
	{"transport", "transport", QUERY_TRANSPORT, BOX_VALUE, ""},
	{"sensor", "sensor", QUERY_SENSOR, BOX_VALUE, ""},
	{"kind", "kind of session", QUERY_KIND, BOX_VALUE, ""},
	{"signalling", "signalling", QUERY_SIGNALLING, BOX_VALUE, ""},
	{"diag", "diagnosis", QUERY_DIAGNOSIS, BOX_VALUE, ""},
	{"ended-by", "ended by", QUERY_ENDED_BY, BOX_VALUE, ""},
	{"trunk", "trunk", QUERY_TRUNK, BOX_VALUE, ""},
	{"from", "began at or after", QUERY_FROM, BOX_MOMENT, ""},
	{"to", "began before", QUERY_TO, BOX_MOMENT, ""},
	{"until", "began before", QUERY_TO, BOX_MOMENT, ""},
	/* clang-format on */
};

static const struct box_key *key_of(struct slice name)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (slice_ieq(slice_str(keys[i].name), name))
			return &keys[i];
	return NULL;
}

/* --- complaints ----------------------------------------------------------- */

/* Characters before p. */
static size_t place_of(const struct box_parser *x, const uint8_t *p)
{
	size_t n = 0;

	for (const uint8_t *c = x->text.p; c < p; c++)
		n += (*c & 0xc0) != 0x80;
	return n;
}

int box_refuse(struct box_parser *x, const uint8_t *at, int err,
	       const char *fmt, ...)
{
	va_list args;

	x->e->at = place_of(x, at);
	va_start(args, fmt);
	vsnprintf(x->e->why, sizeof(x->e->why), fmt, args);
	va_end(args);
	return err;
}

/* --- words ---------------------------------------------------------------- */

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* What follows, also when that is nothing: complaints tell where. */
static struct slice cut(struct slice s, size_t n)
{
	return slice_of(s.p + n, s.len - n);
}

/* Up to a blank, or to a comma when alternatives are wanted, outside of
 * quotes; takes it off *s. */
static int take_piece(struct box_parser *x, struct slice *s, bool comma,
		      struct slice *piece)
{
	const uint8_t *quote = NULL;
	size_t n = 0;

	for (; n < s->len; n++) {
		uint8_t c = s->p[n];

		if (c == '"')
			quote = quote ? NULL : s->p + n;
		else if (!quote && (is_blank(c) || (comma && c == ',')))
			break;
	}
	if (quote)
		return box_refuse(x, quote, -EINVAL,
				  "a quotation mark is missing: close it with "
				  "another");
	*piece = slice_head(*s, n);
	*s = cut(*s, n);
	return 0;
}

bool box_unquote(struct slice *s)
{
	if (s->len < 2 || s->p[0] != '"' || s->p[s->len - 1] != '"')
		return false;
	*s = slice_of(s->p + 1, s->len - 2);
	return true;
}

/* "status:", "mos<": how long the name is; 0 when there is none. */
static size_t name_length(struct slice word)
{
	size_t n = 0;

	while (n < word.len &&
	       ((word.p[n] >= 'a' && word.p[n] <= 'z') ||
		(word.p[n] >= 'A' && word.p[n] <= 'Z') || word.p[n] == '-'))
		n++;
	return n < word.len && strchr(":<>", word.p[n]) && word.p[n] ? n : 0;
}

/* --- values of a key ------------------------------------------------------ */

static int check_value(struct box_parser *x, const struct box_key *k,
		       struct slice v)
{
	if (v.len && query_is_good(x->q, k->key, v))
		return 0;
	v = slice_head(v, 100);
	return box_refuse(x, v.p, -EINVAL, "%s: %.*s%sgive %s", k->name,
			  SLICE_ARG(v), v.len ? " is none: " : "",
			  query_wants(k->key));
}

static int add_value(struct box_parser *x, const struct box_key *k,
		     struct slice v)
{
	int err;

	box_unquote(&v);
	err = check_value(x, k, v);
	if (err)
		return err;
	if (k->form == BOX_NUMBER)
		return box_add_number(x, k->key, v);
	return box_add(x, k->key, v);
}

static int parse_values(struct box_parser *x, const struct box_key *k,
			struct slice value)
{
	struct slice piece;
	int err;

	for (;;) {
		err = take_piece(x, &value, true, &piece);
		if (!err)
			err = add_value(x, k, piece);
		if (err)
			return err;
		box_say_value(x, piece);
		if (!value.len)
			return 0;
		value = cut(value, 1); /* the comma */
	}
}

static int parse_moment(struct box_parser *x, const struct box_key *k,
			struct slice value)
{
	int err;

	if (x->negate)
		return box_refuse(x, value.p, -EINVAL,
				  "-%s: a time cannot be negated: use the "
				  "other of from and to",
				  k->name);
	box_unquote(&value);
	err = check_value(x, k, value);
	if (!err)
		err = box_add(x, k->key, value);
	if (!err)
		box_say(x, " ", value);
	return err;
}

static int parse_compare(struct box_parser *x, const struct box_key *k,
			 struct slice value)
{
	int err;

	if (value.len && value.p[0] != '<' && value.p[0] != '>')
		return box_refuse(x, value.p, -EINVAL,
				  "%s: write %s<3 or %s>3: give %s", k->name,
				  k->name, k->name, query_wants(k->key));
	err = check_value(x, k, value);
	if (!err)
		err = box_add(x, k->key, value);
	if (!err)
		box_say_compare(x, value, k->unit);
	return err;
}

/* op: where the name ends. */
static int parse_key(struct box_parser *x, const struct box_key *k,
		     struct slice word, size_t op)
{
	struct slice value = cut(word, op + (word.p[op] == ':'));

	x->word->key = k->key == QUERY_TO ? "to" : k->name;
	x->word->value = value;
	box_say(x, x->negate ? "not: " : "", slice_str(k->subject));
	if (k->form == BOX_COMPARE)
		return parse_compare(x, k, value);
	if (word.p[op] != ':')
		return box_refuse(x, word.p + op, -EINVAL,
				  "%s: write it with a colon: give %s", k->name,
				  query_wants(k->key));
	if (k->form == BOX_MOMENT)
		return parse_moment(x, k, value);
	return parse_values(x, k, value);
}

/* --- all of it ------------------------------------------------------------ */

static int no_key(struct box_parser *x, struct slice word, size_t op)
{
	struct slice name = slice_head(word, op < 40 ? op : 40);

	return box_refuse(x, word.p, -EINVAL,
			  "there is no key %.*s: use number, ip, call-id, "
			  "agent, status, mos, loss, codec, from and others "
			  "(see the help), or put the text in quotation marks",
			  SLICE_ARG(name));
}

static int parse_word(struct box_parser *x, struct slice word)
{
	size_t op = name_length(word);
	const struct box_key *k = op ? key_of(slice_head(word, op)) : NULL;
	struct subnet net;

	if (query_subnet(word, &net))
		return box_bare(x, word);
	if (k)
		return parse_key(x, k, word, op);
	if (op && word.p[op] == ':' && box_is_uri(&word))
		return box_bare(x, word);
	if (op && slice_find(word, '@') < 0)
		return no_key(x, word, op);
	return box_bare(x, word);
}

static int next_word(struct box_parser *x, struct slice *s)
{
	struct slice word = {0};
	int err = take_piece(x, s, false, &word);

	if (err)
		return err;
	if (x->b->words == BOX_WORDS)
		return box_refuse(x, word.p, -EINVAL,
				  "a search has at most %d words", BOX_WORDS);
	x->word = &x->b->word[x->b->words++];
	*x->word = (struct box_word){0};
	x->values = 0;
	x->negate = word.len > 1 && word.p[0] == '-';
	if (x->negate)
		word = slice_from(word, 1);
	err = parse_word(x, word);
	x->group++;
	return err;
}

int box_parse(struct box *b, struct slice text, bool whole, struct query *q,
	      struct box_error *e)
{
	struct box_parser x = {.b = b,
			       .text = text,
			       .whole = whole,
			       .q = q,
			       .e = e,
			       .group = QUERY_GROUPS};
	struct slice s = text;
	int err = 0;

	b->words = b->made_n = 0;
	if (text.len > BOX_SIZE)
		return box_refuse(&x, text.p, -EINVAL,
				  "a search has at most %d bytes", BOX_SIZE);
	while (!err) {
		while (s.len && is_blank(s.p[0]))
			s = slice_from(s, 1);
		if (!s.len)
			return 0;
		err = next_word(&x, &s);
	}
	return err;
}
