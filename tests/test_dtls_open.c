#include <check.h>
#include <stdlib.h>

#include "sniffer/net/dtls_open.h"
#include "tests/dtls_made.h"
#include "tests/hex.h"
#include "tests/run_suite.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static const uint8_t secret_bytes[DTLS_SECRET_MAX] =
	"forty-eight bytes that nobody can guess, or can";

static struct slice secret_for(uint16_t cipher)
{
	return slice_of(secret_bytes, cipher == 0x1302 ? 48 : 32);
}

/* --- records of a browser ---------------------------------------------- */

/* What Firefox sent when a page was closed, with CLIENT_ and
 * SERVER_TRAFFIC_SECRET_0 of its key log: TLS_AES_128_GCM_SHA256. */
static const struct {
	const char *name, *secret, *record;
} browser[] = {
	{"client",
	 "649e624cdd2fbbef5400a778b8cf2828222be079ca0b6193c3483e8c20ca1b29",
	 "2f8a9b0013fd15725922a968cf702aa0618d47c239cd51dc"},
	{"server",
	 "d20b60193d0191c722d6f36683fcc330b9d42a01b2acdf79d45b1ddc6966fd44",
	 "2f8cf80013c841985996552371feec39dac227114840ac95"},
};

START_TEST(close_notify_of_a_browser)
{
	uint8_t secret[32], bytes[64], buf[64];
	struct slice in = hex_bytes(browser[_i].record, bytes, sizeof(bytes));
	struct dtls_plain plain;
	struct dtls_record r;
	struct dtls_key key;

	ck_assert(dtls_key_set(
		&key, 0x1301,
		hex_bytes(browser[_i].secret, secret, sizeof(secret))));
	ck_assert_int_eq(dtls_record_next(&in, 0, &r), PARSE_OK);
	ck_assert_msg(dtls_open(&key, &r, 0, buf, &plain), "%s",
		      browser[_i].name);
	ck_assert_uint_eq(plain.type, DTLS_ALERT);
	ck_assert(slice_eq(plain.content, SLICE("\1\0")));
	ck_assert_uint_lt(plain.seq, 64);
}
END_TEST

/* --- sealed and opened ------------------------------------------------- */

static const struct {
	const char *name;
	uint16_t cipher;
	uint64_t seq, expected;
	bool short_seq, no_length, cid;
	size_t padding, len;
} sealed[] = {
	{"AES-128-GCM", 0x1301, 0, 0, .len = 30},
	{"AES-256-GCM", 0x1302, 1, 1, .len = 30},
	{"ChaCha20-Poly1305", 0x1303, 2, 2, .len = 30},
	{"AES-128-CCM", 0x1304, 3, 3, .len = 30},
	{"AES-128-CCM-8", 0x1305, 4, 4, .len = 30},
	{"number of 8 bits", 0x1301, 200, 201, .short_seq = true, .len = 5},
	{"8 bits, past a turn", 0x1301, 258, 254, .short_seq = true, .len = 5},
	{"8 bits, from before a turn", 0x1301, 254, 258, .short_seq = true,
	 .len = 5},
	{"16 bits, past a turn", 0x1301, 65540, 65530, .len = 5},
	{"16 bits, long after", 0x1301, 1000000, 1000100, .len = 5},
	{"to the end of the datagram", 0x1303, 7, 7, .no_length = true,
	 .len = 5},
	{"connection ID", 0x1301, 7, 7, .cid = true, .len = 5},
	{"padding", 0x1301, 7, 7, .padding = 9, .len = 5},
	{"an empty content", 0x1301, 7, 7, .len = 0},
	{"8 bytes of tag and content enough", 0x1305, 7, 7, .len = 7},
};

/* The record of a row in *m, parsed into *r; its content is 'x', len times. */
static void seal_row(int i, struct made *m, struct dtls_record *r)
{
	struct made_seal seal = {
		.cipher = sealed[i].cipher,
		.epoch = 2,
		.secret = secret_for(sealed[i].cipher),
		.seq = sealed[i].seq,
		.short_seq = sealed[i].short_seq,
		.no_length = sealed[i].no_length,
		.cid = sealed[i].cid ? SLICE("CID") : (struct slice){0},
		.padding = sealed[i].padding,
	};
	uint8_t content[64];
	struct slice in;

	memset(content, 'x', sizeof(content));
	m->len = 0;
	made_sealed(m, &seal, DTLS_HANDSHAKE, slice_of(content, sealed[i].len));
	in = made_slice(m);
	ck_assert_int_eq(dtls_record_next(&in, 3, r), PARSE_OK);
	ck_assert_uint_eq(in.len, 0);
}

START_TEST(seal_and_open)
{
	struct dtls_plain plain;
	struct dtls_record r;
	struct dtls_key key;
	struct made m;
	uint8_t *buf;

	seal_row(_i, &m, &r);
	buf = malloc(r.payload.len); /* exactly, for the sanitizer */
	ck_assert(dtls_key_set(&key, sealed[_i].cipher,
			       secret_for(sealed[_i].cipher)));
	ck_assert_msg(dtls_open(&key, &r, sealed[_i].expected, buf, &plain),
		      "%s", sealed[_i].name);
	ck_assert_uint_eq(plain.type, DTLS_HANDSHAKE);
	ck_assert_uint_eq(plain.seq, sealed[_i].seq);
	ck_assert_uint_eq(plain.content.len, sealed[_i].len);
	for (size_t i = 0; i < plain.content.len; i++)
		ck_assert_uint_eq(plain.content.p[i], 'x');
	free(buf);
}
END_TEST

/* Whatever bit is changed on the way, it does not open. */
START_TEST(altered)
{
	struct dtls_plain plain;
	struct dtls_record r;
	struct dtls_key key;
	uint8_t buf[256];
	struct made m;

	ck_assert(dtls_key_set(&key, sealed[_i].cipher,
			       secret_for(sealed[_i].cipher)));
	seal_row(_i, &m, &r);
	for (size_t bit = 0; bit < m.len * 8; bit++) {
		struct slice in;

		seal_row(_i, &m, &r);
		m.b[bit / 8] ^= (uint8_t)(1 << bit % 8);
		in = made_slice(&m);
		if (dtls_record_next(&in, 3, &r) == PARSE_OK)
			ck_assert(!dtls_open(&key, &r, sealed[_i].expected, buf,
					     &plain));
	}
}
END_TEST

START_TEST(not_the_key)
{
	uint8_t other[32] = "thirty-two other bytes, as many";
	struct dtls_plain plain;
	struct dtls_record r;
	struct dtls_key key;
	uint8_t buf[256];
	struct made m;

	seal_row(0, &m, &r);
	ck_assert(dtls_key_set(&key, 0x1301, slice_of(other, 32)));
	ck_assert(!dtls_open(&key, &r, 0, buf, &plain));
	ck_assert(dtls_key_set(&key, 0x1304, secret_for(0x1304)));
	ck_assert(!dtls_open(&key, &r, 0, buf, &plain));
	/* Nor a record that is not all there, nor no key at all. */
	ck_assert(dtls_key_set(&key, 0x1301, secret_for(0x1301)));
	r.cut = true;
	ck_assert(!dtls_open(&key, &r, 0, buf, &plain));
	r.cut = false;
	ck_assert(dtls_open(&key, &r, 0, buf, &plain));
	ck_assert(!dtls_open(&(struct dtls_key){0}, &r, 0, buf, &plain));
}
END_TEST

START_TEST(keys)
{
	struct dtls_key key = {.cipher = 7};

	ck_assert(!dtls_key_set(&key, 0xc02b, secret_for(0x1301)));
	ck_assert(!dtls_key_set(&key, 0x1302, secret_for(0x1301)));
	ck_assert(!dtls_key_set(&key, 0x1301, secret_for(0x1302)));
	ck_assert(!dtls_key_set(&key, 0x1301, (struct slice){0}));
	ck_assert_uint_eq(key.cipher, 7); /* only on success */
}
END_TEST

int main(void)
{
	Suite *s = suite_create("dtls_open");
	TCase *t = tcase_create("dtls_open");

	tcase_add_loop_test(t, close_notify_of_a_browser, 0, COUNT(browser));
	tcase_add_loop_test(t, seal_and_open, 0, COUNT(sealed));
	tcase_add_loop_test(t, altered, 0, COUNT(sealed));
	tcase_add_test(t, not_the_key);
	tcase_add_test(t, keys);
	suite_add_tcase(s, t);
	return run_suite(s);
}
