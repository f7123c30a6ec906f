#include "sniffer/media/srtp.h"

#include <dlfcn.h>
#include <pthread.h>
#include <srtp2/srtp.h>
#include <stdlib.h>

#include "dissectors/rtcp.h"
#include "dissectors/rtp.h"
#include "sniffer/media/srtp_suite.h"

enum {
	WINDOW = 2048, /* numbers; seq.h forgets them earlier */
	EXT_IDS_MAX = 32,
	RTCP_HEAD = 8,
	RTCP_INDEX = 4,
	GCM_TAG = 16,
	CM_TAG = 10,
};

struct srtp_box {
	srtp_t session;
	struct media_key key;
	uint32_t fresh; /* an SSRC with a counter set, nothing opened yet */
	bool has_fresh;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool works;

/*
 * Debian builds libsrtp on NSS, and libsrtp has NSS save memory: all keys then
 * share 32 hash chains, and with 6000 of them a packet takes 300 us. The first
 * one to start NSS decides, so it is started here, where it is there at all.
 */
static void start_nss(void)
{
	enum {
		READONLY = 1,
		NO_CERT_DB = 2,
		NO_MODULE_DB = 4,
		FORCE_OPEN = 8,
		NO_ROOT_INIT = 16,
	};
	void *(*start)(const char *dir, const char *cert, const char *key,
		       const char *module, void *more, uint32_t flags);

	*(void **)&start = dlsym(RTLD_DEFAULT, "NSS_InitContext");
	if (start)
		start("", "", "", "", NULL,
		      READONLY | NO_CERT_DB | NO_MODULE_DB | FORCE_OPEN |
			      NO_ROOT_INIT);
}

static void init(void)
{
	start_nss();
	works = srtp_init() == srtp_err_status_ok;
	/* Else it writes to standard output. */
	srtp_install_event_handler(NULL);
}

/* --- a box ------------------------------------------------------------- */

/* The library's own policies, by cipher and master key; the tags are set
 * by the suite's. */
static const struct {
	uint8_t cipher, key_len; /* of struct srtp_suite */
	void (*set)(srtp_crypto_policy_t *p);
} policies[] = {
	{SUITE_NULL, 16, srtp_crypto_policy_set_null_cipher_hmac_sha1_80},
	{SUITE_AES_CM, 16, srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32},
	{SUITE_AES_CM, 24, srtp_crypto_policy_set_aes_cm_192_hmac_sha1_80},
	{SUITE_AES_CM, 32, srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80},
	{SUITE_AES_GCM, 16, srtp_crypto_policy_set_aes_gcm_128_16_auth},
	{SUITE_AES_GCM, 32, srtp_crypto_policy_set_aes_gcm_256_16_auth},
};

static bool set_policy(const struct media_key *k, srtp_policy_t *p)
{
	const struct srtp_suite *s = k->suite;
	size_t i = 0, n = sizeof(policies) / sizeof(policies[0]);

	while (i < n && (policies[i].cipher != s->cipher ||
			 policies[i].key_len != s->key_len))
		i++;
	if (i == n)
		return false;
	policies[i].set(&p->rtp);
	policies[i].set(&p->rtcp);
	p->rtp.auth_tag_len = s->rtp_tag;
	p->rtcp.auth_tag_len = s->rtcp_tag;
	if (k->unauthenticated) {
		srtp_crypto_policy_t none;

		srtp_crypto_policy_set_aes_cm_128_null_auth(&none);
		p->rtp.auth_type = none.auth_type;
		p->rtp.auth_key_len = p->rtp.auth_tag_len = 0;
		p->rtp.sec_serv &= ~(unsigned)sec_serv_auth;
	}
	if (k->unencrypted)
		p->rtp.sec_serv &= ~(unsigned)sec_serv_conf;
	return true;
}

static bool create(struct srtp_box *b, const uint8_t *ext_ids, size_t n)
{
	const struct srtp_suite *s = b->key.suite;
	uint8_t raw[sizeof(b->key.key) + sizeof(b->key.salt)];
	srtp_policy_t p = {.ssrc.type = ssrc_any_inbound,
			   .key = raw,
			   .window_size = WINDOW};
	int ids[EXT_IDS_MAX];
	bool ok;

	if (!set_policy(&b->key, &p))
		return false;
	memcpy(raw, b->key.key, s->key_len);
	memcpy(raw + s->key_len, b->key.salt, s->salt_len);
	for (size_t i = 0; i < n && i < EXT_IDS_MAX; i++)
		ids[p.enc_xtn_hdr_count++] = ext_ids[i];
	p.enc_xtn_hdr = n ? ids : NULL;
	ok = srtp_create(&b->session, &p) == srtp_err_status_ok;
	explicit_bzero(raw, sizeof(raw));
	return ok;
}

struct srtp_box *srtp_box_new(const struct media_key *key,
			      const uint8_t *ext_ids, size_t ext_ids_n)
{
	struct srtp_box *b;

	pthread_once(&once, init);
	b = works ? calloc(1, sizeof(*b)) : NULL;
	if (!b)
		return NULL;
	b->key = *key;
	if (!create(b, ext_ids, ext_ids_n)) {
		b->session = NULL;
		srtp_box_free(b);
		return NULL;
	}
	return b;
}

void srtp_box_free(struct srtp_box *b)
{
	if (!b)
		return;
	if (b->session)
		srtp_dealloc(b->session);
	explicit_bzero(b, sizeof(*b));
	free(b);
}

/* --- the rollover counter ---------------------------------------------- */

/*
 * An SSRC that the session does not know begins at counter 0, and a counter
 * can only be set for one that it knows. It gets to know one also when it
 * protects a packet of it: the packet is thrown away.
 */
static bool introduce(struct srtp_box *b, uint32_t ssrc)
{
	_Alignas(8) uint8_t packet[16 + SRTP_MAX_TRAILER_LEN] = {
		0x80,
		[8] = (uint8_t)(ssrc >> 24),
		[9] = (uint8_t)(ssrc >> 16),
		[10] = (uint8_t)(ssrc >> 8),
		[11] = (uint8_t)ssrc,
	};
	int len = 16;

	return srtp_protect(b->session, packet, &len) == srtp_err_status_ok;
}

bool srtp_box_expect(struct srtp_box *b, uint32_t ssrc, uint32_t roc)
{
	bool fresh = b->has_fresh && b->fresh == ssrc;

	if (!fresh || !roc)
		srtp_remove_stream(b->session, __builtin_bswap32(ssrc));
	b->has_fresh = false;
	if (!roc)
		return true;
	if (!fresh && !introduce(b, ssrc))
		return false;
	b->fresh = ssrc;
	b->has_fresh = true;
	return srtp_set_stream_roc(b->session, ssrc, roc) == srtp_err_status_ok;
}

bool srtp_box_knows(const struct srtp_box *b, uint32_t ssrc, uint32_t *roc)
{
	return !(b->has_fresh && b->fresh == ssrc) &&
	       srtp_get_stream_roc(b->session, ssrc, roc) == srtp_err_status_ok;
}

void srtp_begin(void)
{
	static const char *const suites[] = {"AES_CM_128_HMAC_SHA1_80",
					     "AEAD_AES_128_GCM"};
	static const uint8_t zero[64];

	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++) {
		const struct srtp_suite *s =
			srtp_suite_find(slice_str(suites[i]));
		struct media_key k;
		struct srtp_box *b = NULL;

		if (s &&
		    media_key_set(&k, s, slice_of(zero, s->key_len),
				  slice_of(zero, s->salt_len), MEDIA_KEY_FILE))
			b = srtp_box_new(&k, NULL, 0);
		if (b)
			introduce(b, 1);
		srtp_box_free(b);
	}
}

/* --- packets ----------------------------------------------------------- */

static enum srtp_result result(srtp_err_status_t e)
{
	switch (e) {
	case srtp_err_status_ok:
		return SRTP_OPENED;
	case srtp_err_status_auth_fail:
	case srtp_err_status_cipher_fail:
		return SRTP_WRONG;
	case srtp_err_status_replay_fail:
	case srtp_err_status_replay_old:
	case srtp_err_status_pkt_idx_old:
		return SRTP_SEEN;
	default:
		return SRTP_BAD;
	}
}

/*
 * Copies a packet without its MKI, which is neither encrypted nor
 * authenticated (RFC 3711, 3.1); behind it are tail bytes. Some announce an
 * MKI and send none: what is not there stays.
 */
static int copy_in(const struct media_key *k, struct slice in, size_t tail,
		   uint8_t *room)
{
	size_t mki = k->mki_len, at = in.len - tail - mki;

	if (!mki || in.len < tail + mki || memcmp(in.p + at, k->mki, mki)) {
		memcpy(room, in.p, in.len);
		return (int)in.len;
	}
	memcpy(room, in.p, at);
	memcpy(room + at, in.p + at + mki, tail);
	return (int)(in.len - mki);
}

enum srtp_result srtp_box_rtp(struct srtp_box *b, struct slice in,
			      uint8_t *room, struct slice *plain)
{
	const struct media_key *k = &b->key;
	bool gcm = k->suite->cipher == SUITE_AES_GCM;
	size_t tag = k->unauthenticated ? 0 : k->suite->rtp_tag;
	enum srtp_result res;
	struct rtp rtp;
	int len;

	if (in.len > SRTP_ROOM || rtp_parse(in, &rtp) != PARSE_OK ||
	    rtp.payload.len < tag)
		return SRTP_BAD;
	/* With AEAD the tag is part of the ciphertext (RFC 7714, 8.2). */
	len = copy_in(k, in, gcm ? 0 : tag, room);
	if ((size_t)len < in.len - rtp.payload.len + tag)
		return SRTP_BAD;
	res = result(srtp_unprotect(b->session, room, &len));
	if (res != SRTP_OPENED)
		return res;
	if (b->has_fresh && b->fresh == rtp.ssrc)
		b->has_fresh = false;
	*plain = slice_of(room, (size_t)len);
	return res;
}

enum srtp_result srtp_box_rtcp(struct srtp_box *b, struct slice in,
			       uint8_t *room, struct slice *plain)
{
	const struct media_key *k = &b->key;
	bool gcm = k->suite->cipher == SUITE_AES_GCM;
	size_t tag = k->suite->rtcp_tag;
	enum srtp_result res;
	int len;

	if (in.len > SRTP_ROOM)
		return SRTP_BAD;
	len = copy_in(k, in, gcm ? 0 : tag, room);
	if ((size_t)len < RTCP_HEAD + tag + RTCP_INDEX)
		return SRTP_BAD;
	res = result(srtp_unprotect_rtcp(b->session, room, &len));
	if (res == SRTP_OPENED)
		*plain = slice_of(room, (size_t)len);
	return res;
}

/* --- SRTCP in clear ---------------------------------------------------- */

/* All of it is RTCP, to the last byte. */
static bool exact(struct slice in)
{
	struct rtcp_walk w;
	struct rtcp one;

	rtcp_begin(&w, in);
	while (rtcp_next(&w, &one) == PARSE_OK)
		;
	return in.len >= RTCP_HEAD && !w.c.bad && !cursor_left(&w.c);
}

static bool clear_before(struct slice in, size_t index_at, size_t end,
			 struct slice *plain)
{
	if (in.p[index_at] & 0x80 || !exact(slice_head(in, end)))
		return false;
	*plain = slice_head(in, end);
	return true;
}

bool srtcp_clear(struct slice in, unsigned mki_len, struct slice *plain)
{
	size_t cm = CM_TAG + mki_len + RTCP_INDEX;
	size_t gcm = GCM_TAG + mki_len + RTCP_INDEX;

	if (exact(in)) {
		*plain = in;
		return true;
	}
	/* RTCP index MKI tag (RFC 3711, 3.4). */
	if (in.len > cm && clear_before(in, in.len - cm, in.len - cm, plain))
		return true;
	/* RTCP tag index MKI (RFC 7714, 9.2). */
	return in.len > gcm && clear_before(in, in.len - mki_len - RTCP_INDEX,
					    in.len - gcm, plain);
}
