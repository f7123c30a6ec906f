#include "web/work.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "sniffer/base/thread.h"
#include "web/answer.h"

struct work {
	pthread_mutex_t lock;
	pthread_cond_t news;
	struct work_job *first, **last;
	unsigned waiting, max;
	unsigned slow; /* that run */
	unsigned n;
	bool stop;
	struct worker worker[];
};

/* --- the store ---------------------------------------------------------- */

int web_db_open(struct web *w, struct db **out, char why[DB_WHY])
{
	struct db_config dc = {.url = w->cfg.db_url,
			       .password_file = w->cfg.db_password_file};

	if (!dc.url || !strcmp(dc.url, "none")) {
		snprintf(why, DB_WHY,
			 "there is no store to search in (--db none)");
		return -ENOENT;
	}
	return db_open(out, &dc, why);
}

struct db *worker_db(struct worker *wk)
{
	if (!wk->db && web_db_open(wk->web, &wk->db, wk->db_why))
		wk->db = NULL;
	return wk->db;
}

void worker_db_drop(struct worker *wk)
{
	db_close(wk->db);
	wk->db = NULL;
}

/* --- the threads -------------------------------------------------------- */

static bool may_run(const struct work *wk, const struct work_job *job)
{
	return !job->slow || wk->n == 1 || wk->slow + 1 < wk->n;
}

/* The oldest that may; NULL when there is none. Under the lock. */
static struct work_job *take(struct work *wk)
{
	struct work_job **at = &wk->first, *job;

	while (*at && !may_run(wk, *at))
		at = &(*at)->next;
	job = *at;
	if (!job)
		return NULL;
	*at = job->next;
	if (!*at)
		wk->last = at;
	wk->waiting--;
	wk->slow += job->slow;
	return job;
}

static void *work(void *arg)
{
	struct worker *me = arg;
	struct work *wk = me->web->work;
	struct work_job *job;
	bool slow;

	thread_begin("web", THREAD_WEB);
	pthread_mutex_lock(&wk->lock);
	for (;;) {
		while (!(job = take(wk)) && !(wk->stop && !wk->first))
			pthread_cond_wait(&wk->news, &wk->lock);
		if (!job)
			break;
		slow = job->slow;
		pthread_mutex_unlock(&wk->lock);
		job->run(job, me); /* it may be gone afterwards */
		pthread_mutex_lock(&wk->lock);
		wk->slow -= slow;
		if (slow || wk->stop)
			pthread_cond_broadcast(&wk->news);
	}
	pthread_mutex_unlock(&wk->lock);
	worker_db_drop(me);
	return NULL;
}

int work_add(struct work *wk, struct work_job *job, bool must)
{
	int err = 0;

	pthread_mutex_lock(&wk->lock);
	if (wk->stop) {
		err = -ESHUTDOWN;
	} else if (!must && wk->waiting >= wk->max) {
		err = -EAGAIN;
	} else {
		job->next = NULL;
		*wk->last = job;
		wk->last = &job->next;
		wk->waiting++;
		/* to all: the one that is woken may not be allowed to take a
		 * slow one */
		pthread_cond_broadcast(&wk->news);
	}
	pthread_mutex_unlock(&wk->lock);
	return err;
}

int work_open(struct work **out, struct web *w, unsigned threads, unsigned max)
{
	struct work *wk =
		calloc(1, sizeof(*wk) + threads * sizeof(wk->worker[0]));
	int err = 0;

	if (!wk)
		return -ENOMEM;
	pthread_mutex_init(&wk->lock, NULL);
	pthread_cond_init(&wk->news, NULL);
	wk->last = &wk->first;
	wk->max = max;
	wk->n = threads;
	*out = wk; /* the threads look there */
	for (unsigned i = 0; i < threads && !err; i++) {
		wk->worker[i].web = w;
		err = thread_start(&wk->worker[i].thread, work, &wk->worker[i]);
		wk->worker[i].begun = !err;
	}
	if (!err)
		return 0;
	work_stop(wk);
	work_free(wk);
	*out = NULL;
	return err;
}

void work_stop(struct work *wk)
{
	if (!wk)
		return;
	pthread_mutex_lock(&wk->lock);
	wk->stop = true;
	pthread_cond_broadcast(&wk->news);
	pthread_mutex_unlock(&wk->lock);
	for (unsigned i = 0; i < wk->n; i++) {
		if (wk->worker[i].begun)
			pthread_join(wk->worker[i].thread, NULL);
		wk->worker[i].begun = false;
	}
}

void work_free(struct work *wk)
{
	if (!wk)
		return;
	pthread_cond_destroy(&wk->news);
	pthread_mutex_destroy(&wk->lock);
	free(wk);
}

unsigned work_waiting(struct work *wk)
{
	unsigned n;

	pthread_mutex_lock(&wk->lock);
	n = wk->waiting;
	pthread_mutex_unlock(&wk->lock);
	return n;
}
