#include "storage/spool_priv.h"

#define LOOK_MS 1000

/* Percent of the disk that is free, in hundredths. */
static unsigned free_bp(const struct spool *s)
{
	if (!s->disk_total)
		return 10000;
	return (unsigned)((double)s->disk_avail / (double)s->disk_total * 1e4);
}

/* Recording of media stops at the floor, all recording at half of it. What
 * was stopped goes on with half a percent more, so that it does not flutter. */
static enum record_level allowed(const struct spool *s, enum record_level now)
{
	unsigned floor = s->cfg.keep.free_pct * 100, free = free_bp(s);
	unsigned more = now == RECORD_LEVEL_ALL ? 0 : 50;

	if (!floor || free >= floor + more)
		return RECORD_LEVEL_ALL;
	more = now == RECORD_LEVEL_NOTHING ? 50 : 0;
	return free >= floor / 2 + more ? RECORD_LEVEL_NO_MEDIA
					: RECORD_LEVEL_NOTHING;
}

static void set_level(struct spool *s, enum record_level to)
{
	enum record_level from = (enum record_level)atomic_load(&s->level);
	static const char *const texts[] = {
		[RECORD_LEVEL_ALL] = "everything is recorded again",
		[RECORD_LEVEL_NO_MEDIA] =
			"media is not recorded now, signalling is",
		[RECORD_LEVEL_NOTHING] = "nothing is recorded now",
	};

	if (from == to)
		return;
	atomic_store(&s->level, (int)to);
	spool_tell(s, "spool: the disk of %.300s has %u %% left: %s", s->dir,
		   free_bp(s) / 100, texts[to]);
}

/* What cleaning takes away should be enough for a while. */
static void set_cleaning(struct spool *s)
{
	unsigned floor = s->cfg.keep.free_pct * 100, free = free_bp(s);

	if (!floor)
		return;
	if (free < floor + 100)
		s->cleaning = true;
	else if (free >= floor + 200)
		s->cleaning = false;
}

static void look(struct spool *s)
{
	uint64_t total, avail;

	if (s->system.disk(s->system.arg, &total, &avail))
		return;
	s->disk_total = total;
	s->disk_avail = avail;
	set_level(s, allowed(s, (enum record_level)atomic_load(&s->level)));
	set_cleaning(s);
}

void spool_disk_look(struct spool *s)
{
	uint64_t now = s->system.now_ms(s->system.arg);

	/* Also when the clock was set back. */
	if (s->looked_ms && now >= s->looked_ms &&
	    now - s->looked_ms < LOOK_MS && !s->cleaning)
		return;
	s->looked_ms = now;
	look(s);
}

void spool_disk_full(struct spool *s)
{
	uint64_t total, avail;

	/* Without live captures nobody may leave out what others would have. */
	if (!s->cfg.live)
		return;
	if (!s->system.disk(s->system.arg, &total, &avail)) {
		s->disk_total = total;
		s->disk_avail = avail;
	}
	s->looked_ms = s->system.now_ms(s->system.arg);
	set_level(s, RECORD_LEVEL_NOTHING);
}
