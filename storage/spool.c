#include "storage/spool_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "storage/io.h"

#define FDS_FALLBACK 64

/* --- telling -------------------------------------------------------------- */

struct told {
	struct list node;
	char text[SPOOL_WHY];
};

/* More than the core has time for, or without memory: not told. */
static void tell_later(struct spool_queue *q, const char *text)
{
	struct told *t = malloc(sizeof(*t));

	pthread_mutex_lock(&q->lock);
	if (t && q->told_n < SPOOL_TOLD) {
		snprintf(t->text, sizeof(t->text), "%s", text);
		list_append(&q->told, &t->node);
		q->told_n++;
		atomic_store(&q->news, true);
		t = NULL;
	}
	pthread_mutex_unlock(&q->lock);
	free(t);
}

void spool_tell(struct spool *s, const char *format, ...)
{
	char text[SPOOL_WHY];
	va_list args;

	if (!s->cfg.complain)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (s->q.started)
		tell_later(&s->q, text);
	else
		s->cfg.complain(s->cfg.arg, text);
}

void spool_poll(struct spool *s)
{
	struct list told, *it;

	if (!s || !atomic_load_explicit(&s->q.news, memory_order_relaxed) ||
	    !pthread_equal(pthread_self(), s->q.core))
		return;
	list_init(&told);
	pthread_mutex_lock(&s->q.lock);
	while ((it = list_first(&s->q.told))) {
		list_remove(it);
		list_append(&told, it);
	}
	s->q.told_n = 0;
	atomic_store(&s->q.news, false);
	pthread_mutex_unlock(&s->q.lock);
	while ((it = list_first(&told))) {
		struct told *t = container_of(it, struct told, node);

		list_remove(it);
		s->cfg.complain(s->cfg.arg, t->text);
		free(t);
	}
}

int spool_fail(struct spool *s, const char *doing, const char *name, int err)
{
	if (atomic_fetch_add(&s->errors, 1) == 0)
		spool_tell(s, "cannot %s %.300s/%s: %s", doing, s->dir, name,
			   strerror(-err));
	return err;
}

const char *spool_size_text(uint64_t bytes, char buf[24])
{
	static const char *const unit[] = {"kB", "MB", "GB", "TB", "PB"};
	double v = (double)bytes / 1000;
	size_t i = 0;

	if (bytes < 1000) {
		snprintf(buf, 24, "%u bytes", (unsigned)bytes);
		return buf;
	}
	while (v >= 999.95 && i + 1 < sizeof(unit) / sizeof(unit[0])) {
		v /= 1000;
		i++;
	}
	snprintf(buf, 24, "%.1f %s", v, unit[i]);
	return buf;
}

/* --- the machine ---------------------------------------------------------- */

static uint64_t real_now_ms(void *arg)
{
	struct timespec t;

	(void)arg;
	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static int real_disk(void *arg, uint64_t *total, uint64_t *avail)
{
	const struct spool *s = arg;
	struct statvfs v;

	if (fstatvfs(s->dir_fd, &v))
		return -errno;
	/* What root may use beyond others is no part of it. */
	*avail = (uint64_t)v.f_bavail * v.f_frsize;
	*total = (uint64_t)(v.f_blocks - v.f_bfree + v.f_bavail) * v.f_frsize;
	return 0;
}

/* Half of what the process may have open. */
static size_t fd_budget(void)
{
	struct rlimit lim;

	if (getrlimit(RLIMIT_NOFILE, &lim) || lim.rlim_cur == RLIM_INFINITY)
		return FDS_FALLBACK;
	return lim.rlim_cur / 2;
}

/* --- opening and closing -------------------------------------------------- */

static int open_dir(struct spool *s, const char *dir)
{
	int err = make_dir(dir);

	if (err)
		return err;
	err = make_dir(s->dir);
	if (err)
		return err;
	s->dir_fd = open(s->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir_fd < 0)
		return -errno;
	return faccessat(s->dir_fd, ".", W_OK, AT_EACCESS) ? -errno : 0;
}

static struct spool *spool_new(const struct spool_config *cfg)
{
	struct spool *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->cfg = *cfg;
	s->dir_fd = s->lock_fd = -1;
	list_init(&s->files);
	list_init(&s->left);
	list_init(&s->q.todo);
	list_init(&s->q.spare);
	list_init(&s->q.batch);
	list_init(&s->q.used);
	s->q.core = pthread_self();
	list_init(&s->q.told);
	s->seed = seed_random();
	s->fds_max = fd_budget();
	s->adopting = cfg->adopt;
	if (cfg->system)
		s->system = *cfg->system;
	else
		s->system = (struct spool_system){real_now_ms, real_disk, s};
	return s;
}

int spool_open(struct spool **out, const struct spool_config *cfg,
	       char why[SPOOL_WHY])
{
	struct spool *s = spool_new(cfg);
	int err = -ENOMEM;

	if (!s)
		goto fail;
	err = -ENAMETOOLONG;
	if ((size_t)snprintf(s->dir, sizeof(s->dir), "%s/spool", cfg->dir) >=
	    sizeof(s->dir))
		goto fail;
	err = map_init(&s->uids, 64);
	if (!err)
		err = open_dir(s, cfg->dir);
	if (!err)
		err = spool_left_open(s);
	if (!err)
		err = spool_queue_open(s);
	if (err)
		goto fail;
	*out = s;
	return 0;
fail:
	snprintf(why, SPOOL_WHY, "cannot record below %s/spool: %s", cfg->dir,
		 strerror(-err));
	spool_close(s);
	return err;
}

void spool_close(struct spool *s)
{
	if (!s)
		return;
	spool_queue_close(s);
	list_each_safe(it, &s->files)
		spool_discard(s, container_of(it, struct spool_file, node));
	spool_left_close(s);
	spool_clean_close(s);
	spool_hours_close(s);
	spool_hold_close(&s->hold);
	spool_minute_close(s);
	spool_index_forget(&s->index, NULL);
	map_close(&s->uids);
	if (s->dir_fd >= 0)
		close(s->dir_fd);
	outbuf_free(&s->buf);
	free(s);
}

uint64_t spool_files(const struct spool *s)
{
	return atomic_load(&s->finished);
}

uint64_t spool_errors(const struct spool *s)
{
	return atomic_load(&s->errors);
}

uint64_t spool_dropped(const struct spool *s)
{
	return s->q.dropped;
}
