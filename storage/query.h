/*
 * Searching for calls and sessions: terms that are given as text, joined to
 * statements over table cdr. Terms of one group are alternatives, different
 * groups must all hold. Each key knows whether the indexes of both stores
 * answer it. Pure, apart from query_run(). A search that must not take long
 * is query_search.h's.
 */
#ifndef STORAGE_QUERY_H
#define STORAGE_QUERY_H

#include "sniffer/base/ulid.h"
#include "storage/db.h"

#define QUERY_TERMS 128

enum query_key {
	QUERY_UID,
	QUERY_CALL_ID,
	QUERY_GROUP,
	QUERY_NUMBER, /* 49171*, *1234, *5*, or whole; of caller or callee */
	QUERY_CALLER,
	QUERY_CALLEE,
	QUERY_IP, /* 192.0.2.1, 2001:db8::1, 192.0.2.0/24; either side */
	QUERY_CALLER_IP,
	QUERY_CALLEE_IP,
	QUERY_AGENT, /* whole, Phone*, or *Phone*: anywhere */
	QUERY_USER,  /* alice@example.com, either side */
	QUERY_TYPE,  /* call | session */
	QUERY_STATE,
	QUERY_STATUS,	 /* 486, 4xx */
	QUERY_MOS_BELOW, /* of either side, adaptive receiver */
	QUERY_LONGER,	 /* duration: 90, 90s, 10m, 1h */
	QUERY_SHORTER,
	/* "<3.5", "<=3.5", ">3.5", ">=3.5": the worse side's. */
	QUERY_MOS,
	QUERY_LOSS,	/* percent */
	QUERY_JITTER,	/* ms, mean; also "2s" */
	QUERY_RTT,	/* ms, mean */
	QUERY_PDD,	/* ms */
	QUERY_DURATION, /* s; also "10m" */
	QUERY_CODEC,	/* of either side; its case does not matter */
	QUERY_TRANSPORT,
	QUERY_SENSOR,
	QUERY_KIND,
	QUERY_SIGNALLING,
	QUERY_DIAGNOSIS, /* a code */
	QUERY_ENDED_BY,
	QUERY_TRUNK, /* in or out, as billing has it */
	QUERY_FROM,  /* of the start: 2026-11-26, 2026-11-26T14:00, -2h */
	QUERY_TO,    /* that moment is no more part of it */
	QUERY_KEYS,
};

/* Groups of a search of one's own have numbers from here on. */
#define QUERY_GROUPS QUERY_KEYS

struct query_term {
	enum query_key key;
	unsigned group;
	bool negate;	    /* all terms of a group, or none */
	struct slice value; /* borrowed */
};

struct query {
	uint64_t now_ns; /* what -2h counts from */
	uint64_t limit;	 /* rows; 0 = all */
	bool newest_first;
	char after[ULID_SIZE]; /* paging: the last uid of the page before */
	char low[ULID_SIZE];   /* only uids from that on; "" = all */
	char high[ULID_SIZE];  /* only lesser uids */
	struct query_term term[QUERY_TERMS];
	size_t n;
};

/* The name of a key, and in words what its values look like. */
const char *query_key_name(enum query_key key);
const char *query_wants(enum query_key key);
bool query_is_good(const struct query *q, enum query_key key,
		   struct slice value);

/* All of one key are alternatives. 0; -EINVAL or -ENOSPC, then why says what
 * is wrong with the value. */
int query_add(struct query *q, enum query_key key, struct slice value,
	      char why[DB_WHY]);
/* The same with a group and negation of one's own. */
int query_add_term(struct query *q, const struct query_term *t,
		   char why[DB_WHY]);

/* columns: what of table cdr, as SQL. Rows come in the order of their uids:
 * of their beginning. As db_query(). */
int query_run(const struct query *q, const char *columns, struct db *db,
	      struct db_rows **out, char why[DB_WHY]);

/* A moment as QUERY_FROM has it, UTC. False when it is none. */
bool query_time(struct slice text, uint64_t now_ns, uint64_t *ns);

#endif
