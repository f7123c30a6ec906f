/*
 * What is inside a DTLS association. For dtls_flow.c (records, state),
 * dtls_begin.c (restarts), dtls_message.c (what messages say), dtls_held.c
 * (encrypted records of 1.3) and dtls_cert.c (certificates) alone.
 */
#ifndef NET_DTLS_PRIV_H
#define NET_DTLS_PRIV_H

#include "sniffer/net/dtls_flow.h"
#include "sniffer/net/dtls_join.h"
#include "sniffer/net/dtls_open.h"

enum {
	DTLS_RECENT = 8,   /* datagrams in which copies are looked for */
	DTLS_FLIGHTS = 16, /* flights sent again that are told apart */
	DTLS_DIGESTS = 5,
	DTLS_DIGEST_BYTES = 64,
};

/* Epochs whose records are looked into, in 1.3. */
enum {
	DTLS_EPOCH_HANDSHAKE = 2,
	DTLS_EPOCH_DATA = 3,
	DTLS_EPOCHS = 2, /* those two */
};

/* What a hello says that is needed until the other one is there. */
struct dtls_hello {
	bool random_seen; /* its first fragment */
	bool whole;
	uint16_t seq;
	uint16_t version;
	uint8_t random[TLS_RANDOM];
	uint8_t session_id[32];
	size_t session_id_len;
	uint16_t offered[DTLS_PROFILES_MAX];
	size_t offered_count;
};

struct dtls_side {
	struct dtls_join join;
	struct dtls_hello hello; /* of a client */
	bool has_cid;
	size_t cid_len; /* that it wants to see in what it gets */
	bool done;	/* ServerHelloDone or ClientKeyExchange seen */
	bool ccs;	/* ChangeCipherSpec, up to 1.2 */
	bool epoch2;	/* encrypted handshake records, 1.3 */
	bool fin;	/* Finished, encrypted or opened */
	uint64_t fin_ns;

	bool confirmed; /* sent in epoch 3 what is no alert, 1.3 */
	bool updated;	/* its keys, 1.3: epoch bits begin anew */

	struct {
		struct dtls_key
			key; /* none until secret and cipher are known */
		uint64_t expected;
	} epoch[DTLS_EPOCHS];
	size_t held; /* bytes */

	struct {
		uint64_t hash, ts_ns;
	} recent[DTLS_RECENT];
	unsigned recent_at;
	uint64_t again_ns[DTLS_FLIGHTS];

	uint8_t *der;
	uint8_t digest[DTLS_DIGESTS][DTLS_DIGEST_BYTES];
};

struct dtls_held;

enum dtls_role {
	DTLS_CLIENT,
	DTLS_SERVER,
};

struct dtls_secret {
	uint8_t bytes[DTLS_SECRET_MAX];
	size_t len;
};

struct dtls_assoc {
	struct counters *counters;
	struct dtls_info info;
	struct dtls_side side[2];
	bool answered; /* a ServerHello was seen: roles and version are sure */
	/* Of the association before this one. */
	bool has_before;
	uint8_t before[TLS_RANDOM];
	struct dtls_secret secret[2][DTLS_EPOCHS]; /* by enum dtls_role */
	struct dtls_held *first, **last;	   /* in order of coming */
};

/* dtls_flow.c */
void dtls_fragments(struct dtls_assoc *a, unsigned dir, struct slice payload,
		    uint64_t ts_ns, bool encrypted);
void dtls_on_alert(struct dtls_assoc *a, unsigned dir, struct slice payload,
		   uint64_t ts_ns);
void dtls_on_data(struct dtls_assoc *a, unsigned dir, size_t len);
/* The length of connection IDs in what this end sends. */
size_t dtls_cid_len(const struct dtls_assoc *a, unsigned dir);
/* Something came that may have finished the handshake. */
void dtls_judge(struct dtls_assoc *a);

/* dtls_begin.c: before anything of a datagram is taken. */
enum dtls_begins {
	DTLS_BEGINS_NOTHING,
	DTLS_BEGINS_ANOTHER,
	DTLS_BEGINS_BEFORE, /* a late hello of the association before */
};
enum dtls_begins dtls_begins(const struct dtls_assoc *a, unsigned dir,
			     struct slice datagram);

/* dtls_message.c */
void dtls_set_client(struct dtls_assoc *a, unsigned dir);
void dtls_set_version(struct dtls_assoc *a, uint16_t version);
/* The random of a ClientHello's first fragment; empty for anything else. */
struct slice dtls_hello_random(const struct dtls_fragment *f, uint8_t type);
void dtls_on_first_fragment(struct dtls_assoc *a, unsigned dir,
			    const struct dtls_fragment *f, uint64_t ts_ns);
void dtls_on_message(struct dtls_assoc *a, unsigned dir, uint8_t type,
		     struct slice body, uint64_t ts_ns, bool encrypted);

/* dtls_held.c */
/* A record of epoch 2, or of epoch 3 and as long as an alert. */
void dtls_encrypted(struct dtls_assoc *a, unsigned dir,
		    const struct dtls_record *r, uint64_t ts_ns);
/* Roles and cipher are known, or new secrets: makes keys, opens what was
 * held. */
void dtls_keys_ready(struct dtls_assoc *a);
void dtls_held_free(struct dtls_assoc *a);
/* Is it as long as an encrypted alert? */
bool dtls_alert_long(const struct dtls_assoc *a, const struct dtls_record *r);

/* dtls_cert.c */
void dtls_on_certificate(struct dtls_assoc *a, unsigned dir, struct slice body,
			 bool v13);

#endif
