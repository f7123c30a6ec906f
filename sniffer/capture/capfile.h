/*
 * One capture file being read: bytes, format, packets, damage.
 */
#ifndef CAPTURE_CAPFILE_H
#define CAPTURE_CAPFILE_H

#include "sniffer/capture/fault.h"
#include "sniffer/capture/input.h"
#include "sniffer/capture/reader.h"

struct capfile {
	const char *path; /* for messages, borrowed */
	struct window w;
	struct reader *reader;
	struct faults *faults; /* borrowed */
	/* Gets the text of key logs as they are met; NULL after opening: set
	 * it then. */
	void (*secrets)(void *arg, struct slice keylog);
	void *secrets_arg;
	uint64_t packets; /* handed out */
	size_t need;	  /* bytes that the next record needs */
	bool lost;	  /* after damage: looking for a record */
	bool ended;
};

/*
 * Starts reading in, which belongs to the capfile from then on (also on
 * failure). iface as in reader_new().
 * 0; -EPROTONOSUPPORT with *why = what it is instead of a capture; -EBADMSG
 * with *why = what is wrong with its compression; other -errno.
 */
int capfile_open(struct capfile *cf, const char *path, struct input *in,
		 struct faults *faults, uint16_t *iface, const char **why);

/* Accepts one that was not opened, or zeroed. */
void capfile_close(struct capfile *cf);

/*
 * 1: a frame (number is not set), cf->packets is its number in the file;
 * 0: the end, or damage that nothing follows; -EAGAIN: capfile_fill() must
 * be called first.
 */
int capfile_next(struct capfile *cf, struct frame *out);

/* Reads on; frames handed out lose their bytes. 0 or -EINTR after a signal;
 * what fails otherwise ends the file with a fault. */
int capfile_fill(struct capfile *cf);

#endif
