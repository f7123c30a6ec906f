#include "sniffer/media/srtp_keys.h"

/* What a user reads of the faults that media_key_decode() names. */
static const struct {
	const char *fault, *why;
} reasons[] = {
	{"key.bad_base64", "the key is not base64"},
	{"key.bad_length", "the key has not the length of its suite"},
	{"key.gcm_salt", "the key has a salt of 14 bytes: with AES-GCM it has "
			 "12"},
	{"key.unsupported_suite", "nothing here can open this suite"},
};

static const char *reason(const char *fault)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (!strcmp(reasons[i].fault, fault))
			return reasons[i].why;
	return fault;
}

/* The next word between blanks; false at the end and at a comment. */
static bool word(struct slice *rest, struct slice *out)
{
	size_t n = 0;

	*rest = slice_trim(*rest);
	if (!rest->len || rest->p[0] == '#')
		return false;
	while (n < rest->len && rest->p[n] != ' ' && rest->p[n] != '\t')
		n++;
	*out = slice_head(*rest, n);
	*rest = slice_from(*rest, n);
	return true;
}

static bool read_hex(struct slice s, uint32_t *out)
{
	uint32_t v = 0;

	if (!s.len || s.len > 8)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		uint8_t c = s.p[i] | 0x20;

		if (s.p[i] >= '0' && s.p[i] <= '9')
			v = v << 4 | (uint32_t)(s.p[i] - '0');
		else if (c >= 'a' && c <= 'f')
			v = v << 4 | (uint32_t)(c - 'a' + 10);
		else
			return false;
	}
	*out = v;
	return true;
}

static bool read_ssrc(struct slice s, uint32_t *ssrc, bool *any)
{
	*any = slice_eq(s, SLICE("*"));
	if (*any) {
		*ssrc = 0;
		return true;
	}
	if (slice_istarts(s, SLICE("0x")))
		return read_hex(slice_from(s, 2), ssrc);
	return slice_u32(s, ssrc);
}

/* NULL: *out is a key, or the line holds none (*is_key false). */
static const char *read_line(struct slice line, struct media_key *out,
			     bool *is_key)
{
	struct slice ssrc, name, key, more;
	const struct srtp_suite *suite;
	const char *fault;

	*is_key = false;
	if (!word(&line, &ssrc))
		return NULL;
	if (!word(&line, &name) || !word(&line, &key) || word(&line, &more))
		return "not an SSRC, a suite and a key";
	suite = srtp_suite_find(name);
	if (!suite)
		return "no such suite";
	fault = media_key_decode(out, suite, key, MEDIA_KEY_FILE);
	if (fault)
		return reason(fault);
	if (!read_ssrc(ssrc, &out->ssrc, &out->any_ssrc))
		return "the SSRC is neither a number nor *";
	*is_key = true;
	return NULL;
}

static void end_line(struct srtp_keys *k, srtp_keys_fn *on, void *arg)
{
	struct media_key key;
	bool is_key = false;
	const char *why = k->too_long ? "the line is too long"
				      : read_line(slice_of(k->line, k->len),
						  &key, &is_key);

	k->lines++;
	if (why && !k->bad++) {
		k->bad_line = k->lines;
		k->why = why;
	}
	if (is_key)
		on(arg, &key);
	explicit_bzero(&key, sizeof(key));
	explicit_bzero(k->line, k->len);
	k->len = 0;
	k->too_long = false;
}

static void append(struct srtp_keys *k, struct slice s)
{
	size_t room = sizeof(k->line) - k->len;

	k->too_long |= s.len > room;
	s = slice_head(s, room);
	if (s.len)
		memcpy(k->line + k->len, s.p, s.len);
	k->len += s.len;
}

void srtp_keys_feed(struct srtp_keys *k, struct slice text, srtp_keys_fn *on,
		    void *arg)
{
	struct slice part;

	while (text.len) {
		bool whole = slice_cut(text, '\n', &part, &text);

		append(k, part);
		if (whole)
			end_line(k, on, arg);
	}
}

void srtp_keys_end(struct srtp_keys *k, srtp_keys_fn *on, void *arg)
{
	if (k->len || k->too_long)
		end_line(k, on, arg);
}
