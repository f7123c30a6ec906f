/*
 * Inside the spool. All of it belongs to the writer's thread, but for what
 * says otherwise.
 *
 *  spool_ops.c     what the core calls: makes messages of it
 *  spool_queue.c   these messages, and the thread that handles them
 *  spool_record.c  what a message does to a recording: append ... complete
 *  spool_file.c    the bytes of a recording, in one of two formats
 *  spool_gzip.c    compresses a complete one
 *  spool_minute.c  or puts it into the file of its minute
 *  spool_left.c    what a killed run left behind
 *  spool_index.c   one line for each complete file of an hour
 *  spool_hours.c   the hours of the spool and what they hold
 *  spool_pick.c    retention: which hour has to give what
 *  spool_clean.c   and takes it, a file at a time
 *  spool_clean_minute.c  or a minute at a time
 *  spool_strip.c   takes the media out of a complete file
 *  spool_hold.c    calls that stay
 *  spool_disk.c    free space and what may still be written
 */
#ifndef STORAGE_SPOOL_PRIV_H
#define STORAGE_SPOOL_PRIV_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

#include "sniffer/base/list.h"
#include "sniffer/base/map.h"
#include "sniffer/base/ulid.h"
#include "storage/pcapfile.h"
#include "storage/spool.h"
#include "storage/spool_hold.h"
#include "storage/spool_index.h"

#define SPOOL_PATH	4096
#define SPOOL_OPEN	".open" /* below spool/: recordings on their way */
#define SPOOL_NAME	(SPOOL_FOLDER + ULID_SIZE + 32)
#define SPOOL_TOLD	64 /* sentences that wait for the core */
#define SPOOL_FRAGMENTS 64 /* of a datagram */

enum spool_op {
	SPOOL_APPEND,
	SPOOL_FINISH,
	SPOOL_SECRETS,
	SPOOL_DISCARD,
	SPOOL_CONCAT,
	SPOOL_ADOPT,
	SPOOL_LEFT,
};

/* What the core waits for; on its stack. */
struct spool_reply {
	bool done;
	int err;
	char path[64];
	struct spool_file *file;
	uint64_t packets, last_ns;
};

struct spool_msg {
	struct list node;
	enum spool_op op;
	struct spool_file *file;
	struct spool_file *other;  /* concat: what is appended */
	struct record_chunk chunk; /* append; secrets: its bytes */
	uint64_t last_ns, packets;
	char uid[ULID_SIZE];
	struct spool_reply *reply; /* or NULL */
	size_t room;		   /* of data */
	uint8_t data[];		   /* a copy of the chunk's bytes */
};

/* A recording on its way. Made by the core, which then keeps away from all
 * but the first group. Its descriptor stays open while there are few: the
 * files beyond s->fds_max are opened for each write. */
struct spool_file {
	bool taken; /* something was handed over */
	/* Its end always has a message: no memory is needed to finish. */
	struct spool_msg *end;

	struct list node;
	struct map_node by_uid;
	char uid[ULID_SIZE];
	char name[SPOOL_NAME]; /* below spool/; "" before the first write */
	int fd;		       /* or -1 */
	off_t size;	       /* of what is whole */
	uint64_t media;	       /* bytes of it that are media */
	bool ng;
	bool section; /* its section has the uid as its comment */
	bool damaged; /* something could not be written */
	bool left;    /* by a killed run, and not adopted */
	struct pcapfile_kind kind[PCAPFILE_IFACES];
	size_t kinds;
	/* what it held when it was adopted */
	uint64_t packets, last_ns;
};

/* Shared, under its lock but for what is atomic. */
struct spool_queue {
	pthread_mutex_t lock;
	pthread_cond_t work, done;
	struct list todo, spare, told;
	size_t told_n;
	unsigned quiet; /* messages since the writer was woken */
	bool busy;	/* with a batch */
	bool ending;	/* when todo is empty */
	pthread_t thread;
	bool made, started;
	atomic_size_t bytes; /* of chunks that wait */
	atomic_bool news;    /* told is not empty */
	atomic_uint waits;   /* threads, for room */
	atomic_uint_fast64_t dropped;
	atomic_bool dropping;
	pthread_t core; /* which is told */
	/* the writer's */
	struct list batch, used;
	unsigned used_n;
};

/* An hour of the spool: uids of that time. */
struct spool_hour {
	uint32_t hour; /* since 1970 */
	bool loaded;   /* the numbers are good */
	uint64_t files, bytes, media;
	uint64_t changes; /* calls that came */
	/* The state of the hold list when all but held calls were done. */
	uint64_t stripped, deleted;
};

enum spool_why {
	SPOOL_NO_JOB,
	SPOOL_OLD_SIGNALLING,
	SPOOL_OLD_MEDIA,
	SPOOL_MUCH_MEDIA,
	SPOOL_MUCH_SIGNALLING,
	SPOOL_DISK_MEDIA, /* the disk is full: media first */
	SPOOL_DISK_ALL,
};

/* The cleaning of one hour. */
struct spool_job {
	enum spool_why why; /* SPOOL_NO_JOB: none */
	uint32_t hour;
	struct spool_entry *entry; /* of its index */
	size_t n, at;
	uint64_t changes;	     /* of the hour, when it was read */
	struct spool_minute *minute; /* that is being written anew, or NULL */
	uint64_t files, bytes;	     /* gone so far */
	uint64_t failed;
	int err; /* the first */
};

/* What an hour's index says, by uid. */
struct spool_known {
	char folder[SPOOL_FOLDER]; /* "" = unused */
	struct map by_uid;
	struct list all;
};
#define SPOOL_KNOWN 2

struct spool {
	struct spool_config cfg;     /* const after the start, but for keep */
	struct spool_keep keep_next; /* under the queue's lock */
	atomic_bool keep_new;
	struct spool_system system;
	char dir[SPOOL_PATH]; /* DIR/spool */
	int dir_fd;
	struct spool_queue q;
	atomic_int level; /* enum record_level: what the disk allows */
	atomic_uint_fast64_t finished, errors;

	struct list files;
	struct map uids;
	struct seed seed;
	unsigned serial; /* of parts whose name was taken */
	size_t fds, fds_max;
	struct outbuf buf; /* for headers and pcapng */

	struct list left; /* of a killed run */
	int lock_fd;	  /* of SPOOL_OPEN: others are not left behind */
	bool alone;	  /* it is ours */
	atomic_bool adopting;
	uint64_t completed;

	struct spool_index_cache index;
	struct spool_known known[SPOOL_KNOWN];
	unsigned known_next;
	struct spool_hour *hour; /* the oldest first */
	size_t hours, hours_size;
	bool hours_listed;
	struct spool_hold hold;
	struct spool_job job;
	uint64_t looked_ms; /* at the disk */
	uint64_t forgiven;  /* the hour in which all was tried again */
	bool cleaning;	    /* the disk asks for it */
	uint64_t disk_total, disk_avail;
};

/* --- spool.c -------------------------------------------------------------- */

/* Has the core told, in time. Any thread. */
void spool_tell(struct spool *s, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Counts an error, tells the first one, and hands err back. */
int spool_fail(struct spool *s, const char *doing, const char *name, int err);
/* "4.5 GB" */
const char *spool_size_text(uint64_t bytes, char buf[24]);

/* --- spool_queue.c -------------------------------------------------------- */

int spool_queue_open(struct spool *s);
/* Writes all that waits, then ends the thread. */
void spool_queue_close(struct spool *s);
/* For the core. NULL without memory; room for so much data. */
struct spool_msg *spool_msg_new(struct spool *s, size_t room);
/* Has it handled, here or by the thread; m is given away. The answer's err,
 * or 0 when the core is not to wait for it. */
int spool_send(struct spool *s, struct spool_msg *m, struct spool_reply *r,
	       bool wait);
/* Until no more than `most` bytes wait. */
void spool_queue_wait(struct spool_queue *q, size_t most);
#define SPOOL_ROOM 8192 /* of a message that is used again */

/* --- spool_record.c ------------------------------------------------------- */

int spool_append(struct spool *s, struct spool_file *f,
		 const struct record_chunk *chunk);
int spool_finish(struct spool *s, struct spool_file *f, const char *uid,
		 uint64_t last_ns, uint64_t packets, char *path, size_t size);
int spool_secrets(struct spool *s, struct spool_file *f, struct slice keylog);
void spool_discard(struct spool *s, struct spool_file *f);
int spool_concat(struct spool *s, struct spool_file *dst,
		 struct spool_file *src);
/* Renames f, which is whole, to the complete file of uid, and notes it. */
int spool_complete(struct spool *s, struct spool_file *f, const char *uid,
		   enum spool_kind kind);
/* The complete file of uid, name below spool/; false when there is none. */
bool spool_stored(struct spool *s, const char *uid, enum spool_kind *kind,
		  char name[SPOOL_NAME]);
/* "spool/FOLDER/UID.pcap": where the complete file of uid lies. */
void spool_path(const char *uid, enum spool_kind kind, char *path, size_t size);

/* The line of e in the index. */
void spool_note(struct spool *s, const struct spool_entry *e, bool replaced);

/* --- spool_minute.c ------------------------------------------------------- */

/* Below spool/: "YYYY-MM-DD/HH/MM.pcapng", of another part "MM-1.pcapng". */
void spool_minute_name(const char *uid, uint32_t part, char name[SPOOL_NAME]);
/* f to the end of the file of its minute, unless that knows more of uid. 0 or
 * -errno. */
int spool_minute_put(struct spool *s, struct spool_file *f, const char *uid,
		     uint64_t last_us, uint64_t packets);
/* What a call has in the file of its minute, to the end of fd: a pcapng. Any
 * process. */
int spool_minute_copy(int dir_fd, const struct spool_entry *e, int fd);
void spool_minute_close(struct spool *s);

enum spool_fate {
	SPOOL_KEEP,
	SPOOL_STRIP,
	SPOOL_DELETE,
	SPOOL_FORGET, /* a later one of the same uid took its place */
};
/* What a file of a minute has of a call to the end of `to`, which is that
 * part; *e becomes what it is then. 0 or -errno: e stays what it was. */
int spool_minute_move(struct spool *s, struct spool_entry *e,
		      enum spool_fate fate, uint32_t part, int to);
/* A new part, empty. A descriptor or -errno. */
int spool_minute_part(struct spool *s, const char *uid, uint32_t part);
/* The calls of a file of a minute that lost its index. */
int spool_minute_scan(int fd, uint32_t part, struct outbuf *lines);

/* --- spool_file.c --------------------------------------------------------- */

/* The two folders above name, below spool/: made, or taken away when empty. */
int spool_make_folders(struct spool *s, const char *name);
void spool_drop_folders(struct spool *s, const char *name);

/* Any thread. NULL without memory. Nothing is on the disk before the first
 * append. */
struct spool_file *spool_file_new(const char *uid);
/* Enters it among the files of the spool, under a name of its own. */
void spool_file_enter(struct spool *s, struct spool_file *f);
/* The next one of that uid after `after` (NULL: the first), or NULL. */
struct spool_file *spool_file_find(struct spool *s, const char *uid,
				   struct spool_file *after);
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
/* Makes it a pcapng whose section has the uid as its comment, unless it is
 * one. 0 or -errno: it stays what it was. */
int spool_file_section(struct spool *s, struct spool_file *f, const char *uid);
/* Cuts off what is behind the last whole packet. */
void spool_file_cut(struct spool *s, struct spool_file *f);
/* Gzips it: the name gets .gz. 0 or -errno: it stays what it was. */
int spool_file_gzip(struct spool *s, struct spool_file *f);
/* What is in one file, gzipped or not, to the end of another. 0 or -errno. */
int spool_unzip(int from, int to);
/* A reader on what lies under name; *fd is closed by the caller. */
int spool_reader(struct spool *s, const char *name,
		 struct pcapfile_reader **out, int *fd);

/* --- spool_left.c --------------------------------------------------------- */

/* Makes SPOOL_OPEN and lists what lies there. 0 or -errno. */
int spool_left_open(struct spool *s);
/* Below spool/. 0 or -ENOENT. */
int spool_left_name(struct spool *s, const char *uid, char *name, size_t size);
int spool_adopt(struct spool *s, const char *uid, struct spool_reply *out);
/* Completes one of them; false when there is none (any more). */
bool spool_left_step(struct spool *s);
void spool_left_close(struct spool *s);

/* --- spool_hours.c -------------------------------------------------------- */

/* "YYYY-MM-DD/HH", UTC. */
void spool_hour_folder(uint32_t hour, char out[SPOOL_FOLDER]);
/* A complete file came, or another in the place of one. */
void spool_hours_put(struct spool *s, const struct spool_entry *e,
		     bool replaced);
/* One was taken away again. */
void spool_hours_changed(struct spool *s, const char *uid);
/* NULL when it has no files. */
struct spool_hour *spool_hours_find(struct spool *s, uint32_t hour);
/* Lists the hours, then reads the index of one of them; false when all is
 * known. */
bool spool_hours_step(struct spool *s);
/* What lies in a folder, from its index, or when that is missing from the
 * folder, whose index is written then. *out is freed by the caller. */
int spool_hours_read(struct spool *s, uint32_t hour, struct spool_entry **out,
		     size_t *n);
/* The hour has no files any more. */
void spool_hours_drop(struct spool *s, struct spool_hour *h);
/* Its folder is still there: files without a line in the index, which a crash
 * may leave. It is looked through. */
void spool_hours_again(struct spool *s, uint32_t hour);
void spool_hours_close(struct spool *s);

/* --- spool_pick.c --------------------------------------------------------- */

/* What is to be done next; NULL when nothing is. */
void spool_keep_take(struct spool *s);
const struct spool_hour *spool_pick(const struct spool *s, uint64_t now_ms,
				    enum spool_why *why);
/* Is media taken out, or do calls go whole? */
bool spool_strips(enum spool_why why);
/* Is there still a reason? */
bool spool_too_much(const struct spool *s, enum spool_why why);
/* What the job of an hour came to. */
void spool_say_job(struct spool *s);

/* --- spool_clean.c, spool_strip.c, spool_disk.c --------------------------- */

/* A bounded piece of work; false when there is nothing to do. */
bool spool_clean_step(struct spool *s);
void spool_clean_close(struct spool *s);
/* What is below spool/ under name, without its media, into f. */
int spool_strip_copy(struct spool *s, const char *name, struct spool_file *f);
/* The rest is for spool_clean_minute.c. What becomes of an entry by this job,
 * its figures and its line, lines to the index, what could not be done. */
enum spool_fate spool_clean_fate(const struct spool *s,
				 const struct spool_entry *e);
void spool_clean_account(struct spool *s, struct spool_hour *h,
			 const struct spool_entry *was,
			 const struct spool_entry *e, struct outbuf *lines);
int spool_clean_lines(struct spool *s, const char *folder,
		      struct outbuf *lines);
void spool_clean_failed(struct spool *s, size_t n, int err);
/* The calls of one minute, those that share its files: s->job.minute, unless
 * none of them has to give anything. */
void spool_minute_begin(struct spool *s, struct spool_hour *h,
			const struct spool_entry *e, size_t n);
/* Goes on with it; the bytes that were looked at. */
uint64_t spool_minute_go(struct spool *s, struct spool_hour *h);
/* Gives it up: all stays what it was. */
void spool_minute_stop(struct spool *s);
/* The complete file of e without its media; *e becomes what it is then,
 * SPOOL_GONE when nothing was left. 0 or -errno: it stays what it was. */
int spool_strip(struct spool *s, const char *folder, struct spool_entry *e);
/* Looks at the disk, at most once a second, and says what may be written. */
void spool_disk_look(struct spool *s);
/* A write said that it is full. */
void spool_disk_full(struct spool *s);

#endif
