/*
 * One DTLS association as an outsider sees it: what two ends said to each
 * other in their handshake, and what became of it (RFC 6347, 5764, 9147).
 *
 * Made by whoever owns the flow, fed with its DTLS datagrams in the order of
 * the capture, read through dtls_assoc_info(). One thread at a time. Time is
 * that of the packets. The datagrams are borrowed for the call; what lives on
 * is copied, within limits:
 *
 *   64 KB a side of handshake messages of which a part is missing
 *   16 KB a side of encrypted handshake records that wait for secrets (1.3)
 *    8 KB a side of its certificate; of a longer one the digests only
 *
 * Without memory a message or record is lost and counted, no more.
 *
 * The ends are 0 and 1 by the caller's choice ("dir" is who sent it). They are
 * ends, not addresses: with ICE an association may move to another 5-tuple.
 * The capture may begin in the middle or show one direction only: what was not
 * seen is unknown in the result, never assumed.
 */
#ifndef NET_DTLS_FLOW_H
#define NET_DTLS_FLOW_H

#include "dissectors/dtls.h"
#include "dissectors/tls_hello.h"
#include "sniffer/base/counters.h"

enum {
	DTLS_PROFILES_MAX = 16, /* offered SRTP profiles kept */
	DTLS_ALERTS_MAX = 4,	/* alerts kept, more are counted */
	DTLS_DER_MAX = 8192,	/* bytes of a certificate kept */
	DTLS_HELD_MAX = 16384,	/* bytes held for secrets, a side */
	DTLS_DIGEST_TEXT = 192, /* "AA:BB:..." of SHA-512 with its NUL */
	DTLS_ALPN_TEXT = 32,	/* chosen protocol with its NUL */
};

enum dtls_state {
	DTLS_IN_PROGRESS, /* a handshake was begun */
	DTLS_FINISHED,	  /* see finished_ns */
	DTLS_FAILED,	  /* a fatal alert before it was finished */
	DTLS_UNFINISHED,  /* in progress when it was over (dtls_assoc_end) */
	DTLS_JOINED,	  /* no handshake seen: it was before the capture */
};

/* What is known of the SRTP profile that the server chose. */
enum dtls_srtp {
	DTLS_SRTP_UNSEEN, /* its answer was not seen, not whole */
	DTLS_SRTP_HIDDEN, /* 1.3: encrypted, and no secrets fit so far */
	DTLS_SRTP_NONE,	  /* no SRTP */
	DTLS_SRTP_CHOSEN, /* srtp_profile */
};

struct dtls_alert_seen {
	uint64_t ts_ns;
	uint8_t dir;
	uint8_t level, description; /* tls_alert_name() */
};

/* What one end showed of its certificate. */
struct dtls_cert {
	bool seen;
	bool none;	  /* asked for one, it sent an empty list */
	size_t len;	  /* of the end entity's DER */
	struct slice der; /* empty when longer than DTLS_DER_MAX */
	unsigned chain;	  /* certificates in the message */
};

struct dtls_info {
	enum dtls_state state;
	/* Counts up with everything learnt here, so that a caller can ask "is
	 * there news?" (application data and times of last packets apart). */
	uint32_t revision;
	int client; /* dir; -1 unknown */
	/* Of this dir the first packet / the last; 0 = none. */
	uint64_t first_ns[2], last_ns[2];
	uint64_t datagrams[2], copies[2]; /* copies: the mirror's, not counted
					     as datagrams */

	uint16_t version_offered; /* the client's best; 0 unknown */
	/* The server's choice; where its hello was not seen what the records
	 * say; 0 unknown. */
	uint16_t version;
	uint16_t cipher;		     /* tls_cipher_name(); 0 unknown */
	uint16_t offered[DTLS_PROFILES_MAX]; /* the client's SRTP profiles */
	size_t offered_count;
	enum dtls_srtp srtp;
	uint16_t srtp_profile;
	char alpn[DTLS_ALPN_TEXT];
	bool has_client_random, has_server_random;
	uint8_t client_random[TLS_RANDOM], server_random[TLS_RANDOM];
	bool extended_master_secret;
	bool connection_ids;		/* negotiated */
	bool role_conflict;		/* both ends began, each as a client */
	bool hello_verify, hello_retry; /* the server asked to begin again */
	bool certificate_requested;	/* of the client */
	bool resumed; /* no certificates: from a session, or 1.3
			 from a key known before */
	struct dtls_cert cert[2];

	uint64_t started_ns;  /* first ClientHello, its fragment; 0 unseen */
	uint64_t finished_ns; /* 0 = not (known to be) finished */
	bool finished_inferred;

	unsigned retransmissions[2]; /* flights sent again */
	size_t alert_count;	     /* plaintext or decrypted ones */
	struct dtls_alert_seen alerts[DTLS_ALERTS_MAX]; /* the first ones */
	/* Encrypted ones. In 1.3 their type is hidden too: records that are as
	 * long as an alert, which an empty ACK may be as well. */
	unsigned alerts_hidden[2];
	/* Application data (data channels) and its bytes as encrypted; in 1.3
	 * everything behind the handshake: ACKs and tickets are among them. */
	uint64_t data_records[2], data_bytes[2];

	/* Encrypted records of 1.3 that are looked into: the handshake's and
	 * what may be an alert. */
	unsigned opened;     /* with the secrets */
	unsigned held;	     /* wait for secrets that fit */
	bool secrets_failed; /* there were secrets, and none opened any */
};

/*
 * When is a handshake finished?
 *
 * Up to 1.2: when both ends have sent ChangeCipherSpec and an encrypted
 * handshake record (Finished); finished_ns is the time of the last of them.
 *
 * 1.3 with secrets: when both Finished were seen; finished_ns is the time of
 * the client's. Without: at a record of epoch 3 from the server when the
 * client has sent some of epoch 2: its ACK, a ticket or data, half a round
 * trip later than the truth (finished_inferred). Not at a record that is
 * exactly as long as an alert: a server that refuses the client's certificate
 * says so in epoch 3, when both Finished are there. With secrets such an
 * alert makes the association failed.
 *
 * Inferred too: application data from the server where a Finished was not
 * seen. What the client sends counts only where nothing of the server is seen:
 * it does not know yet whether it will be refused.
 */

enum dtls_fed {
	DTLS_FED_TAKEN,
	DTLS_FED_NOT, /* no DTLS in it, or broken: counted */
	/* It begins another handshake (another ClientHello random), nothing of
	 * it was taken: end this association, make another with
	 * dtls_assoc_next() and feed it there. */
	DTLS_FED_NEW,
};

/* Secrets of a key log for this client random, of 1.3 alone: up to 1.2 the
 * handshake needs none. Each may be empty. */
struct dtls_secrets {
	struct slice client_hs, server_hs; /* *_HANDSHAKE_TRAFFIC_SECRET */
	/* *_TRAFFIC_SECRET_0: to read alerts, application data is let be. */
	struct slice client_app, server_app;
};

struct dtls_assoc;

/* NULL without memory (counted). counters must outlive it. */
struct dtls_assoc *dtls_assoc_new(struct counters *counters);
/* The one that follows old on the same 5-tuple. It takes a late copy of the
 * hello that began old for what it is. */
struct dtls_assoc *dtls_assoc_next(const struct dtls_assoc *old);
void dtls_assoc_free(struct dtls_assoc *a);

enum dtls_fed dtls_assoc_feed(struct dtls_assoc *a, unsigned dir,
			      struct slice datagram, uint64_t ts_ns);

/* No more packets will come: in progress becomes unfinished. */
void dtls_assoc_end(struct dtls_assoc *a);

/* Copied. Before or after the packets; calling it again, when others were
 * found, is fine. Only 1.3 needs them here. */
void dtls_assoc_secrets(struct dtls_assoc *a, const struct dtls_secrets *s);

/* Good as long as a. */
const struct dtls_info *dtls_assoc_info(const struct dtls_assoc *a);

/* The certificate's digest as RFC 8122 writes it, "AA:BB:..."; hash is
 * "sha-1", "sha-224", "sha-256", "sha-384" or "sha-512", its case is ignored.
 * False (and out is "") for another hash and where no certificate was seen. */
bool dtls_cert_digest(const struct dtls_assoc *a, unsigned dir,
		      struct slice hash, char out[DTLS_DIGEST_TEXT]);

/* Is this the certificate of a line a=fingerprint:HASH VALUE? 1 yes, 0 no, -1
 * cannot be told: no certificate seen, or another hash. */
int dtls_cert_matches(const struct dtls_assoc *a, unsigned dir,
		      struct slice hash, struct slice value);

#endif
