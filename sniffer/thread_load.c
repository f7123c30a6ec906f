#include "sniffer/thread_load.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define OTHER	"other" /* has no name of its own */
#define IDLE_NS 10000000u

enum {
	THREADS_MAX = 128,
};

/* One thread; its name decides where it is counted. */
struct seen {
	long tid;
	uint64_t cpu_ns;
	unsigned name; /* index */
	bool alive;
};

struct named {
	char name[SNAPSHOT_THREAD_NAME];
	uint64_t cpu_ns, before_ns;
};

struct thread_load {
	struct seen thread[THREADS_MAX];
	size_t n;
	struct named name[SNAPSHOT_THREADS];
	size_t names;
	uint64_t looked_ms;
};

struct thread_load *thread_load_new(void)
{
	return calloc(1, sizeof(struct thread_load));
}

void thread_load_free(struct thread_load *t)
{
	free(t);
}

/* As pthread_getcpuclockid() makes it, of a thread of which only the number is
 * known (Linux: include/linux/posix-timers.h). */
static bool cpu_of(long tid, uint64_t *ns)
{
	clockid_t clock = (clockid_t)(~(unsigned)tid << 3 | 4 | 2);
	struct timespec ts;

	if (clock_gettime(clock, &ts))
		return false;
	*ns = (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
	return true;
}

static void name_of(long tid, char out[SNAPSHOT_THREAD_NAME])
{
	char path[64], text[32] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%ld/comm", tid);
	f = tid == (long)getpid() ? NULL : fopen(path, "re");
	if (f && !fgets(text, sizeof(text), f))
		text[0] = 0;
	if (f)
		fclose(f);
	text[strcspn(text, "\n")] = 0;
	if (tid == (long)getpid())
		snprintf(out, SNAPSHOT_THREAD_NAME, "core");
	else if (!*text || !strncmp(text, "callscope", 9))
		snprintf(out, SNAPSHOT_THREAD_NAME, OTHER);
	else
		snprintf(out, SNAPSHOT_THREAD_NAME, "%.15s",
			 strncmp(text, "cs-", 3) ? text : text + 3);
}

/* The last one takes what finds no room. */
static unsigned index_of(struct thread_load *t, const char *name)
{
	unsigned i = 0;

	while (i < t->names && strcmp(t->name[i].name, name))
		i++;
	if (i == SNAPSHOT_THREADS)
		return SNAPSHOT_THREADS - 1;
	if (i == t->names)
		memcpy(t->name[t->names++].name, name, SNAPSHOT_THREAD_NAME);
	return i;
}

/* NULL: it is not counted. One that has no name and has done nothing may be
 * about to take its name. */
static struct seen *seen_of(struct thread_load *t, long tid, uint64_t ns)
{
	char name[SNAPSHOT_THREAD_NAME];
	struct seen *s = t->thread;

	while (s < t->thread + t->n && s->tid != tid)
		s++;
	if (s < t->thread + t->n)
		return s;
	if (t->n == THREADS_MAX)
		return NULL;
	name_of(tid, name);
	if (!strcmp(name, OTHER) && ns < IDLE_NS)
		return NULL;
	t->n++;
	*s = (struct seen){.tid = tid, .name = index_of(t, name)};
	return s;
}

static void look_at(struct thread_load *t, long tid)
{
	uint64_t ns;
	struct seen *s;

	if (!cpu_of(tid, &ns) || !(s = seen_of(t, tid, ns)))
		return;
	/* A number may be used again, by another thread. */
	if (ns > s->cpu_ns)
		t->name[s->name].cpu_ns += ns - s->cpu_ns;
	s->cpu_ns = ns;
	s->alive = true;
}

static void forget_ended(struct thread_load *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++) {
		if (t->thread[i].alive)
			t->thread[n++] = t->thread[i];
	}
	t->n = n;
	for (size_t i = 0; i < n; i++)
		t->thread[i].alive = false;
}

static void look_at_all(struct thread_load *t)
{
	DIR *d = opendir("/proc/self/task");
	struct dirent *e;

	look_at(t, (long)getpid());
	while (d && (e = readdir(d))) {
		long tid = strtol(e->d_name, NULL, 10);

		if (tid > 0 && tid != (long)getpid())
			look_at(t, tid);
	}
	if (d)
		closedir(d);
	forget_ended(t);
}

size_t thread_load_look(struct thread_load *t, uint64_t now_ms,
			struct snapshot_thread *out, size_t max)
{
	uint64_t past_ns = (now_ms - t->looked_ms) * 1000000;
	bool first = !t->looked_ms;
	size_t i;

	look_at_all(t);
	for (i = 0; i < t->names && i < max; i++) {
		struct named *n = &t->name[i];

		memcpy(out[i].name, n->name, sizeof(out[i].name));
		out[i].cpu_ns = n->cpu_ns;
		out[i].busy = first || !past_ns
				      ? NAN
				      : (double)(n->cpu_ns - n->before_ns) /
						(double)past_ns;
		n->before_ns = n->cpu_ns;
	}
	t->looked_ms = now_ms;
	return i;
}
