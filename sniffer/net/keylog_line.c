#include "sniffer/net/keylog_line.h"

#include <openssl/crypto.h>

static const char *const names[KEYLOG_LABELS] = {
	[KEYLOG_MASTER] = "CLIENT_RANDOM",
	[KEYLOG_CLIENT_EARLY] = "CLIENT_EARLY_TRAFFIC_SECRET",
	[KEYLOG_CLIENT_HANDSHAKE] = "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
	[KEYLOG_SERVER_HANDSHAKE] = "SERVER_HANDSHAKE_TRAFFIC_SECRET",
	[KEYLOG_CLIENT_TRAFFIC] = "CLIENT_TRAFFIC_SECRET_0",
	[KEYLOG_SERVER_TRAFFIC] = "SERVER_TRAFFIC_SECRET_0",
	[KEYLOG_EARLY_EXPORTER] = "EARLY_EXPORTER_SECRET",
	[KEYLOG_EXPORTER] = "EXPORTER_SECRET",
};

const char *keylog_label_name(enum keylog_label label)
{
	return names[label];
}

static int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* All of s as bytes; false when it is none, or of more than max bytes. */
static bool read_hex(struct slice s, uint8_t *out, size_t max, size_t *len)
{
	if (!s.len || s.len % 2 || s.len / 2 > max)
		return false;
	for (size_t i = 0; i < s.len; i += 2) {
		int hi = hex_digit(s.p[i]), lo = hex_digit(s.p[i + 1]);

		if (hi < 0 || lo < 0)
			return false;
		out[i / 2] = (uint8_t)(hi << 4 | lo);
	}
	*len = s.len / 2;
	return true;
}

/* Takes a word off the front of *s. */
static struct slice next_word(struct slice *s)
{
	struct slice word;
	size_t n = 0;

	*s = slice_trim(*s);
	while (n < s->len && s->p[n] != ' ' && s->p[n] != '\t')
		n++;
	word = slice_head(*s, n);
	*s = slice_from(*s, n);
	return word;
}

static bool is_label(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!(s.p[i] >= 'A' && s.p[i] <= 'Z') &&
		    !(s.p[i] >= '0' && s.p[i] <= '9') && s.p[i] != '_')
			return false;
	return s.len > 0 && s.p[0] >= 'A' && s.p[0] <= 'Z';
}

/* Encrypted ClientHellos are not opened; what follows an update of the keys
 * is derived, though OpenSSL writes it ("CLIENT_TRAFFIC_SECRET_N"). */
static enum keylog_kind other_label(struct slice label)
{
	if (slice_starts(label, SLICE("ECH_")) ||
	    slice_starts(label, SLICE("CLIENT_TRAFFIC_SECRET_")) ||
	    slice_starts(label, SLICE("SERVER_TRAFFIC_SECRET_")))
		return KEYLOG_LINE_EMPTY;
	return is_label(label) ? KEYLOG_LINE_OTHER : KEYLOG_LINE_BAD;
}

static bool strip(struct slice *s, struct slice prefix)
{
	if (!slice_istarts(*s, prefix))
		return false;
	*s = slice_from(*s, prefix.len);
	return true;
}

/* The two deprecated forms, behind "RSA". */
static bool read_rsa(struct slice key, struct slice secret,
		     struct keylog_line *l)
{
	if (strip(&key, SLICE("Session-ID:"))) {
		l->by = KEYLOG_BY_SESSION;
		l->label = KEYLOG_MASTER;
		return strip(&secret, SLICE("Master-Key:")) &&
		       read_hex(key, l->key, sizeof(l->key), &l->key_len) &&
		       read_hex(secret, l->secret, 48, &l->secret_len) &&
		       l->secret_len == 48;
	}
	l->by = KEYLOG_BY_PREMASTER;
	l->label = KEYLOG_PREMASTER;
	return read_hex(key, l->key, 8, &l->key_len) && l->key_len == 8 &&
	       read_hex(secret, l->secret, 48, &l->secret_len) &&
	       l->secret_len == 48;
}

/* The secrets of 1.3 are as long as its two hashes, SHA-256 and SHA-384. */
static bool read_random(struct slice key, struct slice secret,
			struct keylog_line *l)
{
	l->by = KEYLOG_BY_RANDOM;
	return read_hex(key, l->key, 32, &l->key_len) && l->key_len == 32 &&
	       read_hex(secret, l->secret, 48, &l->secret_len) &&
	       (l->secret_len == 48 ||
		(l->secret_len == 32 && l->label != KEYLOG_MASTER));
}

static bool find_label(struct slice s, enum keylog_label *out)
{
	for (int i = 0; i < KEYLOG_LABELS; i++) {
		if (names[i] && slice_eq(s, slice_str(names[i]))) {
			*out = (enum keylog_label)i;
			return true;
		}
	}
	return false;
}

static bool read_line(struct slice label, struct slice key, struct slice secret,
		      struct keylog_line *l)
{
	if (slice_eq(label, SLICE("RSA")))
		return read_rsa(key, secret, l);
	return find_label(label, &l->label) && read_random(key, secret, l);
}

enum keylog_kind keylog_line_parse(struct slice line, struct keylog_line *out)
{
	struct slice label = next_word(&line);
	struct slice key = next_word(&line), secret = next_word(&line);
	struct keylog_line l = {0};
	enum keylog_kind kind;

	strip(&label, SLICE("\xef\xbb\xbf")); /* a byte order mark */
	if (!label.len || label.p[0] == '#')
		return KEYLOG_LINE_EMPTY;
	if (slice_trim(line).len)
		return KEYLOG_LINE_BAD;
	if (!slice_eq(label, SLICE("RSA")) && !find_label(label, &l.label))
		return key.len && secret.len ? other_label(label)
					     : KEYLOG_LINE_BAD;
	kind = read_line(label, key, secret, &l) ? KEYLOG_LINE_SECRET
						 : KEYLOG_LINE_BAD;
	if (kind == KEYLOG_LINE_SECRET)
		*out = l;
	OPENSSL_cleanse(&l, sizeof(l));
	return kind;
}
