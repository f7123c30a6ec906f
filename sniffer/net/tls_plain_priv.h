/*
 * What the parts of a TLS connection share. Not for others.
 *
 *   tls_plain.c      life, and what becomes of each record
 *   tls_stream.c     records out of bytes, gaps
 *   tls_handshake.c  messages out of records, and what they say
 *   tls_secret.c     keys out of the key log
 *   tls_unlock.c     protected records: numbered, held, opened
 *   tls_hold.c       those that wait
 */
#ifndef NET_TLS_PLAIN_PRIV_H
#define NET_TLS_PLAIN_PRIV_H

#include "sniffer/net/tls_hold.h"
#include "sniffer/net/tls_open.h"

enum {
	TLS_MISSING_MAX = 256,	 /* records that a gap is believed to hide */
	TLS_MISSING_UNSEEN = 64, /* the same where nobody knows */
	TLS_FAILURES_MAX = 64,	 /* in a row, until a direction is given up */
};

/* Of the handshake messages in one direction. */
struct tls_messages {
	uint8_t head[TLS_HANDSHAKE_HEAD];
	uint8_t head_len;
	bool in_body, wanted;
	bool lost;	    /* where a message begins is not known */
	uint32_t len, have; /* of the body */
	uint8_t *body;
};

enum tls_phase {
	TLS_PHASE_HANDSHAKE, /* of 1.3 */
	TLS_PHASE_TRAFFIC,
};

struct tls_dir {
	/* records out of bytes */
	uint8_t *part;
	size_t part_len, part_size;
	uint64_t skip; /* bytes of a broken record that are still to come */
	bool began;
	bool search; /* after a gap: for the next record */

	struct tls_messages messages;

	/* protected records, numbered from 0 */
	bool ccs;	  /* up to 1.2: what follows is protected */
	bool dead;	  /* given up */
	bool wrong;	  /* that is why */
	bool gap;	  /* something is lost before the next one */
	unsigned missing; /* records that may be, at most */
	uint64_t count;	  /* that passed, also those that were lost */
	struct tls_hold hold;

	/* the keys in use */
	enum tls_phase phase;
	struct tls_opener *opener;
	uint8_t secret[TLS_HASH_MAX]; /* of 1.3 */
	uint64_t looked;       /* generation of the key log + 1, for a key */
	uint64_t next;	       /* number of the record to be opened next */
	uint64_t base;	       /* number of the record with sequence number 0 */
	unsigned above, below; /* it may be so many less, or more */
	uint64_t opened;       /* in this phase */
	unsigned failures;     /* in a row */
	uint64_t effort;       /* bytes tried in vain since the last success */
	bool hole;	       /* in the plaintext, before what comes next */
	bool finished, update; /* said by the record at hand */
};

struct tls_conn {
	struct tls_conn_config cfg;
	struct tls_conn_info info;
	struct tls_dir dir[2];
	const struct tls_suite *suite; /* NULL: no ServerHello so far */
	uint64_t order;
	uint16_t version; /* also of a HelloRetryRequest; 0 = not known */
	bool encrypt_then_mac, extended_master_secret;
	bool early_data; /* offered: records under another key may come */
	bool unknown, unsupported;
	bool has_premaster;
	uint8_t server_random[TLS_RANDOM];
	uint8_t session_len;
	uint8_t session[32];
	uint8_t premaster[8]; /* the beginning of it, encrypted */
};

static inline void tls_count(const struct tls_conn *c, const char *name)
{
	counters_add(c->cfg.mem->counters, name, 1);
}

static inline bool tls_over(const struct tls_conn *c)
{
	return c->unknown || c->unsupported;
}

enum tls_fit {
	TLS_FITS,
	TLS_FITS_NOT,
	TLS_FITS_UNTOLD, /* it is not protected, or there is no key */
};

/* What this direction sends now is protected. */
static inline bool tls_is_protected(const struct tls_conn *c, int dir)
{
	return c->suite && (tls_is_13(c->version) || c->dir[dir].ccs);
}

/* tls_plain.c */
void tls_take_record(struct tls_conn *c, int dir, const struct tls_record *r,
		     uint64_t ts_ns);
/* A record of that type is not there. */
void tls_record_lost(struct tls_conn *c, int dir, uint8_t type);
/* The version is known now: what waited for that is looked at again. */
void tls_redo(struct tls_conn *c);
/* Nothing can be opened any more. */
void tls_give_up(struct tls_conn *c, const char *counter);
void tls_no_hello(struct tls_conn *c);
/* What a connection that is over still holds goes. */
void tls_settle(struct tls_conn *c);

/* tls_stream.c */
void tls_drop_part(struct tls_dir *d);

/* tls_handshake.c */
void tls_take_messages(struct tls_conn *c, int dir, struct slice s,
		       bool opened);
void tls_take_alert(struct tls_conn *c, int dir, struct slice s);
void tls_messages_reset(struct tls_messages *m, bool lost);

/* tls_secret.c */
/* True when the record of that number can be tried. gap: something is lost
 * before it. */
bool tls_unlock(struct tls_conn *c, int dir, uint64_t number, bool gap);
/* The keys of a traffic secret; false without memory. */
bool tls_use_secret(struct tls_conn *c, struct tls_dir *d, struct slice secret);
/* Numbers count from base. */
void tls_begin_phase(struct tls_dir *d, enum tls_phase phase, uint64_t base);
void tls_update_keys(struct tls_conn *c, int dir, uint64_t base);

/* tls_unlock.c */
void tls_protected(struct tls_conn *c, int dir, const struct tls_record *r,
		   uint64_t ts_ns);
/* Opens what is held and can be. */
void tls_drain(struct tls_conn *c);
/* Whether the record opens, as the next one or as one behind it. */
enum tls_fit tls_fits(struct tls_conn *c, int dir, const struct tls_record *r);
void tls_dir_die(struct tls_conn *c, int dir, bool wrong);

#endif
