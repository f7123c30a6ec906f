/*
 * Who logged in, listened and took calls away: DIR/audit.log, one JSON object
 * a line, never a secret. Each line is one write() at the end of the file,
 * which may be renamed away at any time. Any thread and process.
 */
#ifndef WEB_AUDIT_H
#define WEB_AUDIT_H

#include "storage/outbuf.h"
#include "web/role.h"

struct audit_entry {
	uint64_t time_ns; /* since 1970 */
	const char *user; /* as given: of a failed login, what was typed */
	enum web_role role;
	const char *from;   /* address; "" = this machine's command line */
	const char *action; /* login, login_failed, logout, listen, pcap ... */
	const char *what;   /* uid or query; NULL */
	unsigned status;    /* of the answer; 0 = none */
};

enum {
	AUDIT_WHAT = 1024, /* bytes that are kept of what, and of the others */
	AUDIT_TEXT = 128,
	AUDIT_LINE = 16384,
	AUDIT_WHY = 512,
};

/* The line, with its end. Pure. */
void audit_line(struct outbuf *b, const struct audit_entry *e);
/* One whole line of ours: an object of strings, numbers and null. Pure. */
bool audit_is_line(struct slice line);

/* 0, or -errno and why. */
int audit_put(const char *dir, const struct audit_entry *e,
	      char why[AUDIT_WHY]);

/*
 * Reads back, the newest first. before: bytes of the log that count, 0 for
 * all; *next: the same for what follows, 0 at the beginning of the log. Lines
 * are put with commas between them; what is no line of ours is left out. 0,
 * or -errno and why; a log that is not there is empty.
 */
int audit_read(const char *dir, uint64_t before, size_t limit,
	       struct outbuf *out, uint64_t *next, char why[AUDIT_WHY]);

#endif
