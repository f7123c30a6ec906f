/*
 * Inside the journal: journal.c writes, journal_files.c knows the folder,
 * journal_restore.c reads what an earlier run left.
 */
#ifndef STORAGE_JOURNAL_PRIV_H
#define STORAGE_JOURNAL_PRIV_H

#include "sniffer/base/list.h"
#include "sniffer/base/map.h"
#include "storage/cdr_code.h"
#include "storage/journal.h"

#define JOURNAL_PATH 4096
#define JOURNAL_NAME 48 /* GENERATION-NUMBER */

/* A file of this generation, or of the one before, which is mapped. */
struct journal_file {
	struct list node;
	uint64_t number;
	uint64_t size;
	struct slice bytes; /* mapped, or empty */
};

/* An item that is open. */
struct journal_item {
	struct map_node node;
	uint64_t id, serial;	   /* of its record; 0 = none yet */
	uint64_t messages, record; /* bytes of its entries */
};

struct journal {
	struct journal_config cfg;
	char dir[JOURNAL_PATH]; /* DIR/journal */
	int dir_fd;
	uint64_t generation;	/* of this run; the one before is one less */
	struct list files, old; /* by number */
	size_t files_n;
	uint64_t number;      /* of the last file */
	int fd;		      /* it, or -1 */
	uint64_t bytes, live; /* of all files; of what is needed of them */
	struct map items;
	struct seed seed;
	size_t items_n;
	struct outbuf buf; /* not written yet */
	struct cdr_code *code;
	uint64_t serial, newest_ns, errors;
	bool cleaning, told;
	struct journal_left left;
};

/* journal.c */
struct journal_item *journal_item(struct journal *j, uint64_t id, bool make);
void journal_tell(struct journal *j, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* journal_files.c. What can fail answers 0 or -errno. */
int journal_files_open(struct journal *j);
void journal_files_close(struct journal *j);
/* From now on this run's generation counts; the older one goes. */
int journal_files_commit(struct journal *j);
/* Appends whole entries. */
int journal_files_write(struct journal *j, struct slice entries);
/* The bytes of a file of this generation, to be freed. */
int journal_files_read(struct journal *j, const struct journal_file *f,
		       char **out, size_t *len);
void journal_files_drop(struct journal *j, struct journal_file *f);

/* journal_restore.c. Looks what the older generation has; j->left. */
int journal_look(struct journal *j);

#endif
