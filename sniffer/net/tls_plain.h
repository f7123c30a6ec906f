/*
 * One TLS connection as an observer sees it: the bytes of both directions in
 * order go in, application data comes out as soon as a key log (keylog.h)
 * has the keys; what everybody can read is kept also without. Owned by the
 * core thread.
 *
 * Records that came before their keys are held, bounded, and opened in order
 * when the keys come. What is beyond the bound is lost, but not what follows
 * it: records are numbered as they pass.
 */
#ifndef NET_TLS_PLAIN_H
#define NET_TLS_PLAIN_H

#include "dissectors/tls_hello.h"
#include "sniffer/net/keylog.h"

/*
 * What all connections of one thread share. It counts
 *
 *	tls.no_hello	connections whose beginning was not seen
 *	tls.no_key	connections that ended with records nobody opened
 *	tls.wrong_key	directions whose first record did not authenticate
 *	tls.lost	directions that could not be followed after a gap
 *	tls.unsupported	connections of a suite, version or kind that is not
 *			opened; tls.renegotiation of them: for that
 *	tls.bad_record	bytes that are no record, or one that cannot be there
 *	tls.bad_mac	records that did not authenticate after others had
 *	tls.early_data	records of 0-RTT data, which are passed over
 *	tls.gap		gaps, as tls_conn_gap() told
 *	tls.hold_limit	records dropped while they waited for keys
 *	tls.message_limit  handshake messages that were too long
 *	tls.premaster_ems  connections whose premaster secret alone is known,
 *			   which is not enough with RFC 7627
 *	tls.no_memory
 */
struct tls_mem {
	size_t hold_bytes;  /* of one direction; 0 = nothing is held */
	size_t total_bytes; /* of all together */
	struct counters *counters;
	size_t held; /* bytes */
};

enum tls_state {
	TLS_STATE_NEW,	       /* no hello so far */
	TLS_STATE_UNKNOWN,     /* a hello was not seen: nothing is opened */
	TLS_STATE_HANDSHAKE,   /* nothing is protected so far */
	TLS_STATE_NO_KEY,      /* protected, and the key is not known */
	TLS_STATE_OPEN,	       /* the keys are known, and right */
	TLS_STATE_WRONG_KEY,   /* they are not right */
	TLS_STATE_LOST,	       /* opened, but not to be followed any more */
	TLS_STATE_UNSUPPORTED, /* of a kind that cannot be opened */
};

enum {
	TLS_NAME_MAX = 256,
	TLS_ALPN_MAX = 64,
};

/* Texts are terminated, cut to their room, and bytes of the wire. */
struct tls_conn_info {
	enum tls_state state;
	int client;		/* direction of the client; -1 = not known */
	uint16_t offered;	/* best version of the ClientHello, or 0 */
	uint16_t version;	/* of the ServerHello, or 0 */
	uint16_t cipher;	/* the same */
	bool has_client_random; /* the ClientHello was seen */
	bool hello_retry;	/* RFC 8446, 4.1.4 */
	bool renegotiation;	/* began: what follows is not opened */
	bool encrypted_hello;	/* ECH: server_name is that of the outer */
	uint8_t client_random[TLS_RANDOM];
	char server_name[TLS_NAME_MAX];
	char alpn_offered[TLS_ALPN_MAX]; /* "h2,http/1.1" */
	char alpn[TLS_ALPN_MAX];	 /* the chosen one, where readable */
	struct tls_alert alert[2];	 /* the latest; level 0 = none */
	bool closed[2];			 /* close_notify */
	uint64_t records[2];		 /* protected ones that passed */
	uint64_t opened[2];		 /* of them */
};

struct tls_conn_config {
	const struct keylog *keys; /* NULL: none will ever come */
	struct tls_mem *mem;
	/* Application data, in order; borrowed until it returns. ts_ns is
	 * that of the bytes that completed the record. */
	void (*plain)(void *arg, int dir, struct slice data, uint64_t ts_ns);
	/* Data was lost before what comes next. May be NULL. */
	void (*hole)(void *arg, int dir);
	void *arg;
};

struct tls_conn;

/* cfg is copied; what it points to must outlive the connection. NULL without
 * memory. */
struct tls_conn *tls_conn_new(const struct tls_conn_config *cfg);
void tls_conn_free(struct tls_conn *c); /* NULL is fine */

/* The next bytes of a direction (0 or 1, whoever the client is); all of them
 * are taken. */
void tls_conn_feed(struct tls_conn *c, int dir, struct slice bytes,
		   uint64_t ts_ns);
/* So many bytes of that direction will never come; 0 = nobody knows how
 * many. */
void tls_conn_gap(struct tls_conn *c, int dir, uint64_t lost);
/* The key log may have grown: what is held is opened if it can be. Cheap when
 * nothing is new. */
void tls_conn_keys_changed(struct tls_conn *c);

/* True while keys would open something that is held. */
bool tls_conn_waits(const struct tls_conn *c);
/* Good until the connection is freed; up to date at each call. */
const struct tls_conn_info *tls_conn_info(struct tls_conn *c);

#endif
