#include "sniffer/process.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
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

static void memory(struct stats *out)
{
	FILE *f = fopen("/proc/self/statm", "re");
	unsigned long size, resident;

	if (!f)
		return;
	if (fscanf(f, "%lu %lu", &size, &resident) == 2)
		stats_put(out, STATS_PROCESS_MEMORY,
			  (double)resident * (double)sysconf(_SC_PAGESIZE));
	fclose(f);
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
	files(out);
}
