/*
 * The records of a batch: which of them are to be stored. One that knows less
 * than the stored one of its uid, or than another of the batch, is dropped;
 * what it replaces is deleted. Owned by the sink.
 */
#ifndef STORAGE_MYSQL_BATCH_H
#define STORAGE_MYSQL_BATCH_H

#include "storage/mysql_db.h"
#include "storage/row.h"

struct batch_entry {
	char uid[CDR_UID];
	enum row_table_id table;
	char last[27]; /* last_packet as the server says it; "" = NULL */
	int64_t packets;
};

struct mysql_batch {
	struct batch_entry *entry;
	bool *dropped;	 /* of each entry */
	uint32_t *order; /* by table and uid, then as they came */
	size_t n, size;
	struct outbuf replaced[TABLES]; /* lists of uids: 'A','B' */
	struct outbuf held;		/* likewise: their hold must stay */
};

void mysql_batch_free(struct mysql_batch *b);
void mysql_batch_clear(struct mysql_batch *b);

/* 0 or -ENOMEM. Its number is b->n before. */
int mysql_batch_add(struct mysql_batch *b, enum row_table_id table,
		    const struct cdr *cdr);

/* The decisions: of entries with the same uid one stays ... */
void mysql_batch_twins(struct mysql_batch *b);
/* ... unless the stored one knows more; else that one is to be replaced. last
 * may be NULL. */
void mysql_batch_stored(struct mysql_batch *b, enum row_table_id table,
			const char *uid, const char *last, int64_t packets,
			bool held);

/* Inside of a transaction: asks what is stored, decides, deletes what is
 * replaced with all its rows. As mysql_db_why(), or -ENOMEM. */
int mysql_batch_replace(struct mysql_batch *b, struct mysql_db *db,
			const struct row_table t[TABLES], char why[SINK_WHY]);
/* Behind the insertions. */
int mysql_batch_hold(struct mysql_batch *b, struct mysql_db *db,
		     char why[SINK_WHY]);

#endif
