#include "web/store_check.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define AGAIN_MS 5000

struct store_check {
	pthread_mutex_t lock;
	bool checked, busy, ok;
	uint64_t at_ms;
	char why[DB_WHY];
};

struct store_check *store_check_new(void)
{
	struct store_check *c = calloc(1, sizeof(*c));

	if (c)
		pthread_mutex_init(&c->lock, NULL);
	return c;
}

void store_check_free(struct store_check *c)
{
	if (c)
		pthread_mutex_destroy(&c->lock);
	free(c);
}

/* Outside of the lock. */
static void ask(struct store_check *c, struct web *w, uint64_t clock_ms)
{
	struct db *db = NULL;
	char why[DB_WHY] = "";
	bool ok = !web_db_open(w, &db, why);

	if (ok)
		db_close(db);
	pthread_mutex_lock(&c->lock);
	c->ok = ok;
	memcpy(c->why, why, sizeof(c->why));
	c->checked = true;
	c->busy = false;
	c->at_ms = clock_ms;
	pthread_mutex_unlock(&c->lock);
}

bool store_check(struct store_check *c, struct web *w, uint64_t clock_ms,
		 char why[DB_WHY])
{
	bool mine, ok;

	pthread_mutex_lock(&c->lock);
	mine = !c->busy && (!c->checked || clock_ms - c->at_ms >= AGAIN_MS);
	c->busy |= mine;
	pthread_mutex_unlock(&c->lock);
	if (mine)
		ask(c, w, clock_ms);
	pthread_mutex_lock(&c->lock);
	ok = c->ok || !c->checked;
	memcpy(why, c->why, DB_WHY);
	pthread_mutex_unlock(&c->lock);
	return ok;
}
