#include "dissectors/sip_mask.h"

#include <string.h>

#include "sniffer/base/slice.h"

/* A body, or a part of one with its own headers in front. */
struct part {
	uint8_t *head, *body;
	size_t head_len, body_len;
};

static ptrdiff_t find(const uint8_t *p, size_t len, const char *what)
{
	const uint8_t *at = memmem(p, len, what, strlen(what));

	return at ? at - p : -1;
}

/* In any case. */
static bool mentions(const uint8_t *p, size_t len, const char *what)
{
	size_t n = strlen(what);

	for (size_t i = 0; i + n <= len; i++)
		if (slice_istarts(slice_of(p + i, n), slice_str(what)))
			return true;
	return false;
}

/* From what a text begins with up to one of these; answers where it ended. */
static size_t value_len(const uint8_t *p, size_t len, const char *ends)
{
	size_t n = 0;

	while (n < len && !(p[n] && strchr(ends, p[n])))
		n++;
	return n;
}

/* The value behind each occurrence of what. */
static void each_value(uint8_t *p, size_t len, const char *what,
		       const char *ends, mask_fn *mask, uint64_t keep)
{
	ptrdiff_t at;

	while ((at = find(p, len, what)) >= 0) {
		size_t n, skip = (size_t)at + strlen(what);

		p += skip;
		len -= skip;
		n = value_len(p, len, ends);
		mask(p, n, keep);
		p += n;
		len -= n;
	}
}

/* --- numbers -------------------------------------------------------------- */

static void numbers_of_head(uint8_t *p, size_t len, uint64_t keep)
{
	mask_uris(p, len, keep);
	each_value(p, len, "username=\"", "\"\r\n", mask_digits, keep);
}

static void numbers_of_body(const struct part *part, uint64_t keep)
{
	uint8_t *p = part->body;

	if (mentions(part->head, part->head_len, "application/isup") ||
	    mentions(part->head, part->head_len, "application/qsig")) {
		memset(p, 'x', part->body_len);
		return;
	}
	mask_uris(p, part->body_len, keep);
	if (part->body_len > 2 && p[0] == 'o' && p[1] == '=')
		mask_digits(p + 2,
			    value_len(p + 2, part->body_len - 2, " \r\n"),
			    keep);
	each_value(p, part->body_len, "\no=", " \r\n", mask_digits, keep);
}

/* --- keys ------------------------------------------------------------------
 */

static void keys_of_body(const struct part *part)
{
	uint8_t *p = part->body;
	size_t len = part->body_len;

	if (mentions(part->head, part->head_len, "dtmf-relay")) {
		each_value(p, len, "ignal=", "\r\n", mask_keys, 0);
		each_value(p, len, "ignal =", "\r\n", mask_keys, 0);
	} else if (mentions(part->head, part->head_len, "application/dtmf")) {
		mask_keys(p, len, 0);
	} else if (mentions(part->head, part->head_len, "digits")) {
		each_value(p, len, "igits=", "\r\n", mask_keys, 0);
	}
	if (mentions(part->head, part->head_len, "kpml-response")) {
		each_value(p, len, "digits=\"", "\"", mask_keys, 0);
		each_value(p, len, "digits='", "'", mask_keys, 0);
	}
}

/* --- parts ------------------------------------------------------------------
 */

static void mask_part(const struct part *part, const struct mask *m)
{
	if (m->digits != MASK_OFF)
		numbers_of_body(part, m->digits);
	if (m->dtmf)
		keys_of_body(part);
}

/* Headers that end at an empty line. */
static bool split(uint8_t *p, size_t len, struct part *out)
{
	ptrdiff_t at = find(p, len, "\r\n\r\n");
	size_t gap = 4;

	if (at < 0) {
		at = find(p, len, "\n\n");
		gap = 2;
	}
	if (at < 0)
		return false;
	*out = (struct part){p, p + at + gap, (size_t)at + gap,
			     len - (size_t)at - gap};
	return true;
}

/* A multipart body, from delimiter to delimiter: "--" at a line's start. What
 * is no part is text without headers, and masked all the same. */
static void mask_multipart(uint8_t *p, size_t len, const struct mask *m)
{
	while (len) {
		ptrdiff_t end = find(p + 1, len - 1, "\r\n--");
		size_t n = end < 0 ? len : (size_t)end + 1;
		struct part part;

		if (!split(p, n, &part))
			part = (struct part){p, p, 0, n};
		mask_part(&part, m);
		p += n;
		len -= n;
	}
}

void sip_mask(uint8_t *p, size_t len, const struct mask *m)
{
	struct part whole;

	if (!split(p, len, &whole))
		whole = (struct part){p, p + len, len, 0};
	if (mentions(whole.head, whole.head_len, "multipart/"))
		mask_multipart(whole.body, whole.body_len, m);
	else
		mask_part(&whole, m);
	if (m->digits != MASK_OFF)
		numbers_of_head(whole.head, whole.head_len, m->digits);
}
