#include "web/masking.h"

#include <string.h>

#include "sniffer/base/mask.h"
#include "web/auth.h"
#include "web/web_priv.h"

#define STRING_MAX 1024
#define NUMBER_MIN 5 /* digits: shorter ones are in everything */

/* --- which fields --------------------------------------------------------- */

static bool has_scheme(struct slice s)
{
	for (; s.len > 4; s = slice_from(s, 1))
		if (slice_ieq(slice_head(s, 4), SLICE("sip:")) ||
		    slice_ieq(slice_head(s, 4), SLICE("tel:")) ||
		    slice_ieq(slice_head(s, 5), SLICE("sips:")))
			return true;
	return false;
}

/* Without a scheme it is a user, perhaps with a host. */
static void mask_any_uri(uint8_t *p, size_t len, uint64_t keep)
{
	ptrdiff_t at = slice_find(slice_of(p, len), '@');

	if (has_scheme(slice_of(p, len)))
		mask_uris(p, len, keep);
	else
		mask_digits(p, at < 0 ? len : (size_t)at, keep);
}

static const struct {
	const char *name;
	mask_fn *mask;
} fields[] = {
	{"user", mask_digits},
	{"name", mask_digits},
	{"uri", mask_any_uri},
	{"asserted", mask_any_uri},
	{"caller_e164", mask_digits},
	{"callee_e164", mask_digits},
	{"aor", mask_any_uri},
	{"contact", mask_any_uri},
	{"from_uri", mask_any_uri},
	{"to_uri", mask_any_uri},
	{"username", mask_digits},
	{"caller_user", mask_digits},
	{"callee_user", mask_digits},
	{"caller_name", mask_digits},
	{"callee_name", mask_digits},
	{"caller_uri", mask_any_uri},
	{"callee_uri", mask_any_uri},
	{"caller_asserted", mask_any_uri},
	{"callee_asserted", mask_any_uri},
	{"billing_caller_e164", mask_digits},
	{"billing_callee_e164", mask_digits},
	{"digit", mask_keys},
};

static mask_fn *mask_of(struct slice name)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (slice_eq(name, slice_str(fields[i].name)))
			return fields[i].mask;
	return NULL;
}

/* Keys are no numbers: none of them stays. */
static uint64_t keep_of(mask_fn *mask, uint64_t keep)
{
	return mask == mask_keys ? 0 : keep;
}

void masking_value(struct slice name, char *p, size_t len, uint64_t keep)
{
	mask_fn *mask = mask_of(name);

	if (mask)
		mask((uint8_t *)p, len, keep_of(mask, keep));
}

/* --- strings of JSON ------------------------------------------------------ */

/* What is walked through: a string at a time. */
struct walk {
	char *p, *end;
};

/* The next string, without its quotes; false at the end. */
static bool next_string(struct walk *w, char **s, size_t *len)
{
	char *p = memchr(w->p, '"', (size_t)(w->end - w->p));

	if (!p)
		return false;
	*s = ++p;
	while (p < w->end && *p != '"')
		p += *p == '\\' ? 2 : 1;
	if (p >= w->end)
		return false;
	*len = (size_t)(p - *s);
	w->p = p + 1;
	return true;
}

/* It is a name: its value follows. */
static bool is_name(const struct walk *w)
{
	return w->p < w->end && *w->p == ':';
}

/* Its value is a string, which begins right behind. */
static bool has_string(const struct walk *w)
{
	return w->end - w->p > 1 && w->p[1] == '"';
}

/* Longer than anything that is a number: none of its digits stays. */
static void mask_rest(char *s, size_t from, size_t len)
{
	for (size_t i = from; i < len; i++)
		if (s[i] == '\\' && i + 1 < len)
			i += s[i + 1] == 'u' ? 5 : 1;
		else if (s[i] >= '0' && s[i] <= '9')
			s[i] = 'x';
}

/* Digits of an escaped character (\u0007) are no digits: it is masked as if
 * it were a blank. */
static void mask_string(char *s, size_t len, mask_fn *mask, uint64_t keep)
{
	char plain[STRING_MAX];
	uint16_t at[STRING_MAX];
	size_t n = 0, i;

	for (i = 0; i < len && i < UINT16_MAX && n < STRING_MAX; i++) {
		at[n] = (uint16_t)i;
		plain[n++] = s[i];
		if (s[i] != '\\' || i + 1 == len)
			continue;
		plain[n - 1] = s[i + 1] == '"' ? '"' : ' ';
		i += s[i + 1] == 'u' ? 5 : 1;
	}
	mask((uint8_t *)plain, n, keep);
	for (size_t j = 0; j < n; j++)
		if (plain[j] == 'x')
			s[at[j]] = 'x';
	mask_rest(s, i, len);
}

/* --- numbers, wherever they are ------------------------------------------- */

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* Of a longer one the beginning is looked for. */
static void note(struct masking_numbers *all, struct slice number)
{
	struct slice s = slice_head(number, sizeof(all->v[0]) - 1);

	for (size_t i = 0; i < all->n; i++)
		if (slice_eq(slice_str(all->v[i]), s))
			return;
	if (s.len < NUMBER_MIN || all->n == MASKING_NUMBERS)
		return;
	memcpy(all->v[all->n], s.p, s.len);
	all->v[all->n++][s.len] = '\0';
}

/* Runs of digits in a string that is masked. */
static void note_numbers(struct masking_numbers *all, struct slice s)
{
	size_t from = 0;

	for (size_t i = 0; i <= s.len; i++) {
		if (i < s.len && is_digit(s.p[i]))
			continue;
		note(all, slice_of(s.p + from, i - from));
		from = i + 1;
	}
}

void masking_note(struct masking_numbers *all, struct slice name,
		  struct slice value)
{
	mask_fn *mask = mask_of(name);

	if (mask && mask != mask_keys)
		note_numbers(all, value);
}

void masking_repeats(const struct masking_numbers *all, char *p, size_t len,
		     uint64_t keep)
{
	for (size_t i = 0; i < all->n; i++) {
		size_t n = strlen(all->v[i]);
		char *at = p, *end = p + len;

		while ((at = memmem(at, (size_t)(end - at), all->v[i], n))) {
			mask_digits((uint8_t *)at, n, keep);
			at += n;
		}
	}
}

/* --- an object ------------------------------------------------------------ */

static void each_field(char *p, size_t len, struct masking_numbers *found,
		       uint64_t keep)
{
	struct walk w = {p, p + len};
	struct slice name;
	mask_fn *mask;
	size_t n;
	char *s;

	while (next_string(&w, &s, &n)) {
		if (!is_name(&w) || !has_string(&w))
			continue;
		name = slice_of(s, n);
		mask = mask_of(name);
		if (!mask || !next_string(&w, &s, &n))
			continue;
		masking_note(found, name, slice_of(s, n));
		mask_string(s, n, mask, keep_of(mask, keep));
	}
}

/* Numbers of JSON, which have no quotes, stay. */
static void each_string(char *p, size_t len,
			const struct masking_numbers *found, uint64_t keep)
{
	struct walk w = {p, p + len};
	size_t n;
	char *s;

	while (found->n && next_string(&w, &s, &n))
		masking_repeats(found, s, n, keep);
}

void masking_json(char *p, size_t len, uint64_t keep)
{
	struct masking_numbers found = {.n = 0};

	each_field(p, len, &found, keep);
	each_string(p, len, &found, keep);
}

bool web_masks(const struct web_request *rq, uint64_t *keep)
{
	return auth_masks(rq->web->auth, rq->role, keep);
}

void web_mask_json(const struct web_request *rq, struct outbuf *b, size_t from)
{
	uint64_t keep;

	if (b->len > from && web_masks(rq, &keep))
		masking_json(b->p + from, b->len - from, keep);
}
