#include "storage/spool_priv.h"

#include <stdio.h>

#define HOUR_MS 3600000ull

/* --- the limits ----------------------------------------------------------- */

/* The core's thread. */
void spool_keep(struct spool *s, const struct spool_keep *keep)
{
	pthread_mutex_lock(&s->q.lock);
	s->keep_next = *keep;
	atomic_store(&s->keep_new, true);
	pthread_mutex_unlock(&s->q.lock);
}

/* The writer's. */
void spool_keep_take(struct spool *s)
{
	if (!atomic_load(&s->keep_new))
		return;
	pthread_mutex_lock(&s->q.lock);
	s->cfg.keep = s->keep_next;
	atomic_store(&s->keep_new, false);
	pthread_mutex_unlock(&s->q.lock);
}

/* --- what has to go ------------------------------------------------------- */

bool spool_strips(enum spool_why why)
{
	return why == SPOOL_OLD_MEDIA || why == SPOOL_MUCH_MEDIA ||
	       why == SPOOL_DISK_MEDIA;
}

/* Is there something that this hour could give? What is held, and what could
 * not be deleted, is not looked at again before the list changes or more
 * comes. */
static bool can_give(const struct spool *s, const struct spool_hour *h,
		     enum spool_why why)
{
	if (spool_strips(why))
		return s->cfg.sorter && h->media &&
		       h->stripped != s->hold.version;
	return h->files && h->deleted != s->hold.version;
}

static bool is_old(uint32_t hour, uint64_t keep_ms, uint64_t now_ms)
{
	return keep_ms && (hour + 1) * HOUR_MS + keep_ms <= now_ms;
}

/* The oldest that can; NULL when none can. */
static const struct spool_hour *oldest(const struct spool *s,
				       enum spool_why why, uint32_t before)
{
	for (size_t i = 0; i < s->hours && s->hour[i].hour < before; i++)
		if (can_give(s, &s->hour[i], why))
			return &s->hour[i];
	return NULL;
}

static uint64_t total(const struct spool *s, bool media)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < s->hours; i++)
		sum += media ? s->hour[i].media
			     : s->hour[i].bytes - s->hour[i].media;
	return sum;
}

bool spool_too_much(const struct spool *s, enum spool_why why)
{
	const struct spool_keep *k = &s->cfg.keep;

	switch (why) {
	case SPOOL_MUCH_MEDIA:
		return k->media_bytes && total(s, true) > k->media_bytes;
	case SPOOL_MUCH_SIGNALLING:
		return k->signalling_bytes &&
		       total(s, false) > k->signalling_bytes;
	case SPOOL_DISK_MEDIA:
	case SPOOL_DISK_ALL:
		return s->cleaning;
	case SPOOL_NO_JOB:
	case SPOOL_OLD_MEDIA:
	case SPOOL_OLD_SIGNALLING:
		break;
	}
	return true;
}

/* What is to be done next; NULL when nothing is. */
const struct spool_hour *spool_pick(const struct spool *s, uint64_t now_ms,
				    enum spool_why *why)
{
	const struct spool_keep *k = &s->cfg.keep;
	uint32_t this_hour = (uint32_t)(now_ms / HOUR_MS);
	const struct spool_hour *h;

	*why = SPOOL_OLD_SIGNALLING;
	h = oldest(s, *why, UINT32_MAX);
	if (h && is_old(h->hour, k->signalling_ms, now_ms))
		return h;
	*why = SPOOL_OLD_MEDIA;
	h = oldest(s, *why, UINT32_MAX);
	if (h && is_old(h->hour, k->media_ms, now_ms))
		return h;
	for (*why = SPOOL_MUCH_MEDIA; *why <= SPOOL_DISK_ALL; ++*why) {
		if (!spool_too_much(s, *why))
			continue;
		/* Of the present hour only media goes for the disk's sake. */
		h = oldest(s, *why,
			   *why == SPOOL_DISK_ALL ? this_hour : UINT32_MAX);
		if (h)
			return h;
	}
	return NULL;
}

/* --- saying it ------------------------------------------------------------ */

static void say_age(char *buf, size_t size, uint64_t ms)
{
	uint64_t days = ms / (24 * HOUR_MS);
	double hours = (double)ms / (double)HOUR_MS;

	if (ms % (24 * HOUR_MS) == 0)
		snprintf(buf, size, "older than %llu day%s",
			 (unsigned long long)days, days == 1 ? "" : "s");
	else
		snprintf(buf, size, "older than %.4g hour%s", hours,
			 ms == HOUR_MS ? "" : "s");
}

static void say_why(const struct spool *s, enum spool_why why, char *buf,
		    size_t size)
{
	const struct spool_keep *k = &s->cfg.keep;
	char text[24];

	switch (why) {
	case SPOOL_OLD_SIGNALLING:
		say_age(buf, size, k->signalling_ms);
		break;
	case SPOOL_OLD_MEDIA:
		say_age(buf, size, k->media_ms);
		break;
	case SPOOL_MUCH_MEDIA:
		snprintf(buf, size, "media is more than %s",
			 spool_size_text(k->media_bytes, text));
		break;
	case SPOOL_MUCH_SIGNALLING:
		snprintf(buf, size, "signalling is more than %s",
			 spool_size_text(k->signalling_bytes, text));
		break;
	case SPOOL_DISK_MEDIA:
	case SPOOL_DISK_ALL:
	case SPOOL_NO_JOB:
		snprintf(buf, size, "less than %u %% of the disk was free",
			 k->free_pct + 1);
		break;
	}
}

void spool_say_job(struct spool *s)
{
	const struct spool_job *j = &s->job;
	char why[128], size[24], folder[SPOOL_FOLDER];

	spool_hour_folder(j->hour, folder);
	if (j->failed)
		spool_tell(s, "spool: cannot clean %llu recordings of %sh: %s",
			   (unsigned long long)j->failed, folder,
			   strerror(-j->err));
	if (!j->files)
		return;
	say_why(s, j->why, why, sizeof(why));
	spool_tell(s, "spool: deleted %s %llu calls of %sh (%s): %s",
		   spool_strips(j->why) ? "the media of" : "the recordings of",
		   (unsigned long long)j->files, folder,
		   spool_size_text(j->bytes, size), why);
}
