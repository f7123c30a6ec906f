#include "sniffer/media/sdes.h"

struct params {
	bool unencrypted, unauthenticated;
};

/* The next of several, with a separator between them. */
static bool next(struct slice *rest, uint8_t separator, struct slice *one)
{
	if (!rest->len)
		return false;
	slice_cut(*rest, separator, one, rest);
	return true;
}

/* RFC 4568, 6.3. A "-" before a parameter makes it mandatory. */
static const char *read_params(struct slice text, struct params *out)
{
	struct slice p;

	while (next(&text, ' ', &p)) {
		p = slice_trim(p);
		if (slice_starts(p, SLICE("-")))
			p = slice_from(p, 1);
		if (slice_istarts(p, SLICE("KDR=")) &&
		    !slice_eq(p, SLICE("KDR=0")))
			return "sdes.kdr";
		out->unencrypted |= slice_ieq(p, SLICE("UNENCRYPTED_SRTP"));
		out->unauthenticated |=
			slice_ieq(p, SLICE("UNAUTHENTICATED_SRTP"));
	}
	return NULL;
}

/* VALUE:LEN, the value in decimal and sent in LEN bytes (6.1). */
static const char *read_mki(struct slice value, struct slice length,
			    struct media_key *k)
{
	uint32_t len;
	uint64_t v;

	if (!slice_u32(length, &len) || !len || len > 128)
		return "sdes.bad_key_params";
	if (len > MEDIA_MKI)
		return "sdes.long_mki";
	if (!slice_u64(value, &v))
		return "sdes.bad_key_params";
	for (uint32_t i = len; i-- > 0; v >>= 8)
		k->mki[i] = (uint8_t)v;
	k->mki_len = (uint8_t)len;
	return v ? "sdes.bad_key_params" : NULL;
}

/* inline:KEY[|LIFETIME][|MKI:LEN]; only the MKI has a colon. */
static const char *read_key(const struct srtp_suite *suite, struct slice text,
			    struct media_key *out)
{
	struct slice base64 = {0}, part, value, length;
	struct media_key k;
	const char *fault;

	text = slice_trim(text);
	if (!slice_istarts(text, SLICE("inline:")))
		return "sdes.bad_key_params";
	text = slice_from(text, 7);
	next(&text, '|', &base64);
	fault = media_key_decode(&k, suite, base64, MEDIA_KEY_SDES);
	while (!fault && next(&text, '|', &part))
		if (slice_cut(part, ':', &value, &length))
			fault = read_mki(value, length, &k);
	if (!fault)
		*out = k;
	explicit_bzero(&k, sizeof(k));
	return fault;
}

static const char *refuse(const struct srtp_suite *suite,
			  struct slice session_params, struct params *p)
{
	const char *fault;

	if (!suite)
		return "sdes.unknown_suite";
	fault = read_params(session_params, p);
	if (!fault && suite->cipher == SUITE_AES_GCM &&
	    (p->unencrypted || p->unauthenticated))
		fault = "sdes.gcm_params";
	return fault;
}

size_t sdes_keys(struct slice suite, struct slice key_params,
		 struct slice session_params, struct media_key *out, size_t max,
		 const char **fault)
{
	const struct srtp_suite *found = srtp_suite_find(suite);
	struct params p = {false, false};
	struct slice one;
	size_t n = 0;

	*fault = refuse(found, session_params, &p);
	if (*fault)
		return 0;
	*fault = "sdes.bad_key_params";
	while (n < max && next(&key_params, ';', &one)) {
		*fault = read_key(found, one, &out[n]);
		if (*fault)
			continue;
		out[n].unencrypted = p.unencrypted;
		out[n].unauthenticated |= p.unauthenticated;
		n++;
	}
	return n;
}
