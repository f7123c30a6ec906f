/*
 * Lines for the one who runs the program, on standard error: "callscope: " and
 * a sentence, or, where that is systemd's journal, a level ("<6>",
 * sd-daemon(3)) and the sentence, since the journal knows the name.
 */
#ifndef SNIFFER_LOG_H
#define SNIFFER_LOG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

struct progress;

/* Those of syslog. */
enum log_level {
	LEVEL_ERROR = 3,
	LEVEL_WARNING = 4,
	LEVEL_NOTICE = 5,
	LEVEL_INFO = 6,
	LEVEL_DEBUG = 7,
};

struct log {
	FILE *to;
	struct progress *progress; /* is wiped before a line; or NULL */
	bool journal;
};

/* to: kept open by the caller. */
void log_open(struct log *l, FILE *to, struct progress *progress);
/* Whether the file is the one that systemd reads (JOURNAL_STREAM). */
bool log_is_journal(int fd);

/* One line, without its end; those of LEVEL_DEBUG for the journal only. Any
 * thread. */
void log_line(struct log *l, enum log_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void log_vline(struct log *l, enum log_level level, const char *format,
	       va_list args) __attribute__((format(printf, 3, 0)));

#endif
