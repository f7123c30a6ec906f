#include "sniffer/log.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sniffer/progress.h"

#define LINE_MAX_BYTES 2048

bool log_is_journal(int fd)
{
	const char *text = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	return text && sscanf(text, "%llu:%llu", &dev, &ino) == 2 &&
	       !fstat(fd, &st) && (unsigned long long)st.st_dev == dev &&
	       (unsigned long long)st.st_ino == ino;
}

void log_open(struct log *l, FILE *to, struct progress *progress)
{
	*l = (struct log){
		.to = to,
		.progress = progress,
		.journal = log_is_journal(fileno(to)),
	};
}

/* One line stays one line. */
static void flatten(char *line)
{
	for (; *line; line++)
		if (*line == '\n' || *line == '\r')
			*line = ' ';
}

void log_vline(struct log *l, enum log_level level, const char *format,
	       va_list args)
{
	char line[LINE_MAX_BYTES];

	if (level == LEVEL_DEBUG && !l->journal)
		return;
	vsnprintf(line, sizeof(line), format, args);
	flatten(line);
	if (l->progress)
		progress_clear(l->progress);
	if (l->journal)
		fprintf(l->to, "<%d>%s\n", (int)level, line);
	else
		fprintf(l->to, "callscope: %s\n", line);
	fflush(l->to);
}

void log_line(struct log *l, enum log_level level, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_vline(l, level, format, args);
	va_end(args);
}
