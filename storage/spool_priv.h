/*
 * Inside the spool: the files that are being written. spool_file.c writes
 * them, spool.c decides when and under which name.
 */
#ifndef STORAGE_SPOOL_PRIV_H
#define STORAGE_SPOOL_PRIV_H

#include <sys/types.h>

#include "sniffer/base/list.h"
#include "sniffer/base/map.h"
#include "sniffer/base/ulid.h"
#include "storage/pcapfile.h"
#include "storage/spool.h"

#define SPOOL_PATH   4096
#define SPOOL_FOLDER 20 /* "YYYY-MM-DD/HH" and room for strange years */
#define SPOOL_NAME   (SPOOL_FOLDER + ULID_SIZE + 32)

/* A recording on its way. Its descriptor stays open while there are few: the
 * files beyond s->fds_max are opened for each write. */
struct spool_file {
	struct list node;
	struct map_node by_uid;
	char uid[ULID_SIZE];
	char name[SPOOL_NAME]; /* below spool/ */
	int fd;		       /* or -1 */
	off_t size;	       /* of what is whole */
	bool ng;
	bool damaged; /* something could not be written */
	struct pcapfile_kind kind[PCAPFILE_IFACES];
	size_t kinds;
};

struct spool {
	char dir[SPOOL_PATH]; /* DIR/spool */
	int dir_fd;
	spool_complain_fn *complain;
	void *arg;
	struct list files;
	struct map uids;
	struct seed seed;
	unsigned serial; /* of parts whose name was taken */
	size_t fds, fds_max;
	uint64_t finished, errors;
	struct outbuf buf; /* for headers and pcapng */
};

/* "YYYY-MM-DD/HH" of a uid, UTC. */
void spool_folder(const char *uid, char out[SPOOL_FOLDER]);
/* The two folders above name, below spool/: made, or taken away when empty. */
int spool_make_folders(struct spool *s, const char *name);
void spool_drop_folders(struct spool *s, const char *name);

/* NULL without memory. Nothing is on the disk before the first append. */
struct spool_file *spool_file_new(struct spool *s, const char *uid);
/* Closes and forgets it; the file stays. */
void spool_file_free(struct spool *s, struct spool_file *f);
void spool_file_close(struct spool *s, struct spool_file *f);

/* Packet records of one kind, all or none of them; becomes a pcapng when
 * that needs it. 0 or -errno. */
int spool_file_append(struct spool *s, struct spool_file *f,
		      struct slice records, struct pcapfile_kind kind);
/* Writes it again as a pcapng that begins with these lines of a key log. 0 or
 * -errno: it stays what it was. */
int spool_file_secrets(struct spool *s, struct spool_file *f,
		       struct slice keylog);
/* A reader on what lies under name; *fd is closed by the caller. */
int spool_reader(struct spool *s, const char *name,
		 struct pcapfile_reader **out, int *fd);

#endif
