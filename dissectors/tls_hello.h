/*
 * The messages of a TLS and DTLS handshake that anyone can read, and the few
 * that can be read with handshake keys (RFC 5246, 6347, 8446, 9147). Each
 * function takes the whole body of one message, without its header: TLS
 * records and DTLS fragments are put together by the caller. Pure.
 *
 * An extension that is no extension (cut short, of the wrong size) leaves its
 * fields empty; only a body that cannot be walked is BAD. None answers MORE.
 */
#ifndef DISSECTORS_TLS_HELLO_H
#define DISSECTORS_TLS_HELLO_H

#include "dissectors/parse.h"

enum tls_handshake_type {
	TLS_HELLO_REQUEST = 0,
	TLS_CLIENT_HELLO = 1,
	TLS_SERVER_HELLO = 2,
	TLS_HELLO_VERIFY_REQUEST = 3, /* of DTLS */
	TLS_NEW_SESSION_TICKET = 4,
	TLS_END_OF_EARLY_DATA = 5,
	TLS_ENCRYPTED_EXTENSIONS = 8,
	TLS_REQUEST_CONNECTION_ID = 9, /* of DTLS 1.3 */
	TLS_NEW_CONNECTION_ID = 10,    /* of DTLS 1.3 */
	TLS_CERTIFICATE = 11,
	TLS_SERVER_KEY_EXCHANGE = 12,
	TLS_CERTIFICATE_REQUEST = 13,
	TLS_SERVER_HELLO_DONE = 14,
	TLS_CERTIFICATE_VERIFY = 15,
	TLS_CLIENT_KEY_EXCHANGE = 16,
	TLS_FINISHED = 20,
	TLS_CERTIFICATE_STATUS = 22,
	TLS_KEY_UPDATE = 24,
	TLS_COMPRESSED_CERTIFICATE = 25,
	TLS_MESSAGE_HASH = 254,
};

enum {
	TLS_RANDOM = 32, /* bytes of a hello's random */
};

/* Slices are empty when the message has no such part. Lists keep the sender's
 * order and may hold GREASE (tls_is_grease). */
struct tls_client_hello {
	uint16_t legacy_version;
	uint16_t max_version; /* the best offered, GREASE apart */
	struct slice random;  /* TLS_RANDOM bytes */
	struct slice session_id;
	struct slice cookie;	     /* HelloVerifyRequest's, DTLS only */
	struct slice retry_cookie;   /* HelloRetryRequest's, extension 44 */
	struct slice ciphers;	     /* 2 bytes each */
	struct slice compressions;   /* 1 byte each */
	struct slice server_name;    /* the first host name */
	struct slice alpn;	     /* length 1, name; ... (tls_alpn_next) */
	struct slice srtp_profiles;  /* 2 bytes each */
	struct slice versions;	     /* supported_versions, 2 bytes each */
	struct slice groups;	     /* 2 bytes each */
	struct slice signatures;     /* signature_algorithms, 2 bytes each */
	struct slice connection_id;  /* may be empty: has_connection_id */
	struct slice session_ticket; /* RFC 5077; empty: wants one */
	bool has_connection_id;	     /* RFC 9146 */
	bool extended_master_secret;
	bool encrypt_then_mac;
	bool pre_shared_key; /* offers to resume, 1.3 */
	bool early_data;
	bool encrypted_hello; /* ECH: this one is the outer ClientHello */
};

struct tls_server_hello {
	uint16_t legacy_version;
	uint16_t version;    /* supported_versions', else legacy_version */
	struct slice random; /* TLS_RANDOM bytes */
	struct slice session_id;
	uint16_t cipher;
	uint8_t compression;
	uint16_t srtp_profile;	    /* 0 = none; in 1.3 it is never here */
	struct slice alpn;	    /* the chosen name alone */
	struct slice retry_cookie;  /* of a HelloRetryRequest */
	struct slice connection_id; /* may be empty: has_connection_id */
	uint16_t group;		    /* key_share's, 0 = none; only 1.3 */
	uint8_t max_fragment;	    /* code of RFC 6066, 4; 0 = none */
	bool has_connection_id;
	bool hello_retry; /* a HelloRetryRequest in this form (1.3) */
	bool extended_master_secret;
	bool encrypt_then_mac;
	bool session_ticket; /* a NewSessionTicket will follow, 1.2 */
	bool pre_shared_key; /* resumed or external key, 1.3 */
};

/* EncryptedExtensions of 1.3. */
struct tls_encrypted_extensions {
	uint16_t srtp_profile; /* 0 = none */
	struct slice alpn;     /* the chosen name alone */
	uint8_t max_fragment;
	bool early_data;
};

/* Alert levels. */
enum {
	TLS_ALERT_WARNING = 1,
	TLS_ALERT_FATAL = 2,
};

struct tls_alert {
	uint8_t level, description;
};

/* The message ClientHello of TLS or, with a cookie field, of DTLS. */
enum parse tls_client_hello_parse(struct slice body, bool dtls,
				  struct tls_client_hello *out);
enum parse tls_server_hello_parse(struct slice body,
				  struct tls_server_hello *out);
enum parse tls_encrypted_extensions_parse(struct slice body,
					  struct tls_encrypted_extensions *out);

/* HelloVerifyRequest of DTLS up to 1.2 (RFC 6347, 4.2.1). */
enum parse tls_hello_verify_parse(struct slice body, struct slice *cookie);

/* The list of a Certificate message: take the DER of each off its front with
 * tls_certificate_next; the first is the end entity's. An empty list is OK. */
enum parse tls_certificate_parse(struct slice body, bool v13,
				 struct slice *list);
/* False at the end, and where the list is broken. */
bool tls_certificate_next(struct slice *list, bool v13, struct slice *der);

/* A plaintext alert: of exactly two bytes and with a known level. An
 * encrypted one is longer. */
enum parse tls_alert_parse(struct slice body, struct tls_alert *out);

/* Takes the next number off the front of a list of 16-bit numbers. */
bool tls_u16_next(struct slice *list, uint16_t *v);
bool tls_u16_has(struct slice list, uint16_t v);
/* Takes the next protocol name off the front of a ClientHello's alpn. */
bool tls_alpn_next(struct slice *list, struct slice *name);

/* Values that are sent to be ignored (RFC 8701): 0x0a0a, 0x1a1a ... */
bool tls_is_grease(uint16_t v);

#endif
