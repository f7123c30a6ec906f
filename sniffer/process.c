#include "sniffer/process.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static double seconds(const struct timeval *t)
{
	return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

static void cpu(struct stats *out)
{
	struct rusage u;

	if (!getrusage(RUSAGE_SELF, &u))
		stats_put(out, STATS_PROCESS_CPU,
			  seconds(&u.ru_utime) + seconds(&u.ru_stime));
}

uint64_t process_memory(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	unsigned long size, resident = 0;

	if (!f)
		return 0;
	if (fscanf(f, "%lu %lu", &size, &resident) != 2)
		resident = 0;
	fclose(f);
	return (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void memory(struct stats *out)
{
	uint64_t bytes = process_memory();

	if (bytes)
		stats_put(out, STATS_PROCESS_MEMORY, (double)bytes);
}

/* Field 22 of stat, behind the name in brackets: ticks since the system
 * started (proc(5)). */
static void start(struct stats *out)
{
	FILE *f = fopen("/proc/self/stat", "re");
	char text[1024] = "", *at = text;
	struct timespec now, up;
	double ticks;

	if (f && fread(text, 1, sizeof(text) - 1, f))
		at = strrchr(text, ')');
	if (f)
		fclose(f);
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	if (!at || !*at || clock_gettime(CLOCK_REALTIME, &now) ||
	    clock_gettime(CLOCK_BOOTTIME, &up))
		return;
	ticks = strtod(at, NULL) / (double)sysconf(_SC_CLK_TCK);
	stats_put(out, STATS_PROCESS_START,
		  floor((double)(now.tv_sec - up.tv_sec) + ticks));
}

static void files(struct stats *out)
{
	DIR *d = opendir("/proc/self/fd");
	struct rlimit lim;
	int n = -3; /* . and .. and this one */

	if (!d)
		return;
	while (readdir(d))
		n++;
	closedir(d);
	stats_put(out, STATS_PROCESS_FILES, n);
	if (!getrlimit(RLIMIT_NOFILE, &lim) && lim.rlim_cur != RLIM_INFINITY)
		stats_put(out, STATS_PROCESS_FILES_MAX, (double)lim.rlim_cur);
}

void process_stats(struct stats *out)
{
	cpu(out);
	memory(out);
	start(out);
	files(out);
}
