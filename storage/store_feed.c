#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "storage/store_priv.h"

#define BATCH_RECORDS 512
#define BATCH_MS      1000
#define FIRST_MS      20    /* a conflict is often over by then */
#define RETRY_MS      1000  /* doubled each time */
#define RETRY_MAX_MS  60000 /* also for a schema that does not fit */
#define LAST_TRIES    3	    /* of a file's end */
#define EXPIRE_MS     3600000
/* So many in a row, and nothing taken in between: it is not the records. */
#define REFUSED_MAX 8
#define SEARCH_MAX  64 /* of one batch */

/* --- states -----------------------------------------------------------------
 */

static bool is_closing(struct store *s)
{
	bool closing;

	pthread_mutex_lock(&s->lock);
	closing = s->closing;
	pthread_mutex_unlock(&s->lock);
	return closing;
}

static bool is_late(struct store *s)
{
	bool late;

	pthread_mutex_lock(&s->lock);
	late = s->closing && store_clock_ms() >= s->stop_ms;
	pthread_mutex_unlock(&s->lock);
	return late;
}

static void set_down(struct store *s, bool down)
{
	pthread_mutex_lock(&s->lock);
	s->down = down;
	s->retries += down;
	pthread_mutex_unlock(&s->lock);
}

/* The store takes nothing now; the records are not to blame. */
static bool may_pass(int err)
{
	return err == -EAGAIN || err == -ESTALE || err == -EBUSY ||
	       err == -ENOMEM || err == -ENOSPC || err == -EROFS;
}

/* --- the sink ---------------------------------------------------------------
 */

static void answer_first(struct store *s, int err, const char *why)
{
	pthread_mutex_lock(&s->lock);
	if (!s->opened) {
		s->opened = true;
		s->open_err = may_pass(err) && err != -EROFS ? 0 : err;
		snprintf(s->open_why, sizeof(s->open_why), "%s", why);
	}
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

static int open_sink(struct store *s, char why[SINK_WHY])
{
	int err = 0;

	if (s->sink)
		return 0;
	why[0] = '\0';
	err = s->cfg.ops->open(&s->sink, &s->sink_cfg, why);
	if (err)
		s->sink = NULL;
	answer_first(s, err, why);
	return err && err != -ESTALE ? -EAGAIN : err;
}

static void close_sink(struct store *s)
{
	char why[SINK_WHY] = "";

	if (s->sink && s->cfg.ops->close(s->sink, why))
		store_say(s, "%s", why);
	s->sink = NULL;
}

/* --- one record -------------------------------------------------------------
 */

static int use_decoder(struct store *s, char why[SINK_WHY])
{
	int err;

	if (s->decoder && s->decoder_of == s->batch.head_id)
		return 0;
	cdr_decoder_free(s->decoder);
	s->decoder = NULL;
	err = cdr_decoder_new(&s->decoder, s->code, s->batch.head);
	s->decoder_of = s->batch.head_id;
	if (err)
		snprintf(why, SINK_WHY,
			 "the queue %.300s has a file whose head is damaged",
			 s->dir);
	return err;
}

static int read_record(struct store *s, size_t i, struct cdr **out,
		       char why[SINK_WHY])
{
	int err = use_decoder(s, why);

	*out = NULL;
	if (err)
		return err;
	err = cdr_decode(s->decoder, s->batch.v[i].bytes, out);
	if (err)
		snprintf(why, SINK_WHY, "a record in the queue %.300s: %s",
			 s->dir,
			 err == -ENOTSUP ? "of a newer callscope"
					 : strerror(-err));
	return err;
}

static int put_record(struct store *s, size_t i, char why[SINK_WHY])
{
	struct cdr *cdr;
	int err = read_record(s, i, &cdr, why);

	if (!err)
		err = s->cfg.ops->put(s->sink, cdr, why);
	cdr_free(cdr);
	return err;
}

/* --- batches ----------------------------------------------------------------
 */

/* So many of the batch in one transaction. */
static int send_range(struct store *s, size_t from, size_t n,
		      char why[SINK_WHY])
{
	int err = 0;

	for (size_t i = from; i < from + n && !err; i++)
		err = put_record(s, i, why);
	if (!err)
		return s->cfg.ops->flush(s->sink, why);
	/* forgets what was put */
	s->cfg.ops->flush(s->sink, (char[SINK_WHY]){0});
	return err;
}

/* Of a batch that was refused. */
struct search {
	struct outbuf lines; /* of those that are refused alone */
	size_t refused, taken;
	size_t sure; /* whose own fault it is in any case */
	char why[SINK_WHY];
};

static void note_refused(struct store *s, size_t i, const char *why,
			 struct outbuf *b)
{
	char unread[SINK_WHY];
	struct cdr *cdr;

	read_record(s, i, &cdr, unread);
	store_put_refused(b, cdr, s->batch.v[i].bytes, why);
	cdr_free(cdr);
}

/* Nothing was taken, again and again: it is not the records. */
static bool is_all(const struct store *s, const struct search *found)
{
	return found->refused == s->batch.n && !found->sure;
}

/* Those that were refused are set aside, unless everything is. */
static int set_aside(struct store *s, const struct search *found,
		     char why[SINK_WHY])
{
	size_t refused = found->refused;
	int err;

	if (!refused)
		return 0;
	if (is_all(s, found) && s->refused_in_row + refused >= REFUSED_MAX)
		return -EAGAIN;
	err = store_write_refused(s, &found->lines);
	if (err) {
		snprintf(why, SINK_WHY, "cannot write %.300s/refused: %s",
			 s->dir, strerror(-err));
		return -EAGAIN;
	}
	if (!s->told_refused)
		store_say(s,
			  "a record is refused and set aside in %s/refused: %s",
			  s->dir, why);
	s->told_refused = true;
	s->refused_in_row =
		is_all(s, found) ? s->refused_in_row + (unsigned)refused : 0;
	pthread_mutex_lock(&s->lock);
	s->refused += refused;
	pthread_mutex_unlock(&s->lock);
	return 0;
}

/* Who was it? Halves, until one is alone. What is sent again by this is
 * stored once all the same. -EAGAIN also when so many are refused that it is
 * the database. */
static int search(struct store *s, size_t from, size_t n, struct search *found)
{
	char why[SINK_WHY] = "";
	int err = send_range(s, from, n, why);

	if (!err) {
		found->taken += n;
		return 0;
	}
	memcpy(found->why, why, SINK_WHY);
	if (may_pass(err))
		return err;
	if (n == 1) {
		note_refused(s, from, why, &found->lines);
		found->sure += err == -ERANGE;
		return ++found->refused == SEARCH_MAX && !found->taken &&
				       !found->sure
			       ? -EAGAIN
			       : 0;
	}
	err = search(s, from, n / 2, found);
	return err ? err : search(s, from + n / 2, n - n / 2, found);
}

static int send_singly(struct store *s, size_t *refused, char why[SINK_WHY])
{
	struct search found = {.why = ""};
	int err = search(s, 0, s->batch.n, &found);

	memcpy(why, found.why, SINK_WHY);
	if (!err)
		err = set_aside(s, &found, why);
	*refused = found.refused;
	outbuf_free(&found.lines);
	return err;
}

static int send_batch(struct store *s, char why[SINK_WHY])
{
	size_t refused = 0;
	int err = open_sink(s, why);

	if (err)
		return err;
	if (!s->single) {
		err = send_range(s, 0, s->batch.n, why);
		s->single = err && !may_pass(err);
	}
	if (s->single)
		err = send_singly(s, &refused, why);
	if (err)
		return err;
	if (refused < s->batch.n)
		s->refused_in_row = 0;
	pthread_mutex_lock(&s->lock);
	s->stored += s->batch.n - refused;
	pthread_mutex_unlock(&s->lock);
	return 0;
}

/* --- failures ---------------------------------------------------------------
 */

static unsigned delay_ms(const struct store *s, int err)
{
	unsigned ms = RETRY_MS;

	if (err == -ESTALE)
		return RETRY_MAX_MS;
	for (unsigned i = 2; i < s->failures && ms < RETRY_MAX_MS; i++)
		ms *= 2;
	return ms < RETRY_MAX_MS ? ms : RETRY_MAX_MS;
}

static void tell_down(struct store *s, const char *why)
{
	if (!s->told_down)
		store_say(s, "%s; records wait in %s", why, s->dir);
	s->told_down = true;
}

/* False when it is time to end: a live capture does not wait, the end of a
 * file some seconds. */
static bool wait_again(struct store *s, int err, const char *why)
{
	bool closing = is_closing(s);

	if (s->failures++ == 0 && s->sink && err != -ESTALE) {
		queue_wait(s->queue, SIZE_MAX, FIRST_MS);
		return true;
	}
	set_down(s, true);
	tell_down(s, why);
	if (closing &&
	    (s->cfg.live || err == -ESTALE || ++s->last_tries == LAST_TRIES))
		return false;
	queue_wait(s->queue, SIZE_MAX,
		   closing ? RETRY_MS * s->last_tries : delay_ms(s, err));
	return true;
}

static void note_success(struct store *s)
{
	struct queue_stats q;

	set_down(s, false);
	s->failures = 0;
	s->single = false;
	if (!s->told_down)
		return;
	queue_stats(s->queue, &q);
	store_say(s, "the %s takes records again; %llu wait", s->cfg.what,
		  (unsigned long long)q.pieces);
	s->told_down = false;
}

/* --- retention --------------------------------------------------------------
 */

/* Between batches. */
static void expire(struct store *s)
{
	struct sink_expired gone = {0};
	struct sink_age age = {.now_ms = queue_now_ms()};
	char why[SINK_WHY] = "";
	int err;

	if (!s->cfg.live || !s->cfg.ops->expire || !s->sink ||
	    store_clock_ms() < s->expire_ms)
		return;
	s->expire_ms = store_clock_ms() + EXPIRE_MS;
	if (s->cfg.keep_ms && s->cfg.keep_ms < age.now_ms)
		age.before_ms = age.now_ms - s->cfg.keep_ms;
	err = s->cfg.ops->expire(s->sink, &age, &gone, why);
	if (err)
		store_say(s, "%s", why);
}

/* A live sink may have something to do by its clock. */
static void idle(struct store *s)
{
	char why[SINK_WHY] = "";

	if (s->cfg.live && s->sink && s->cfg.ops->flush(s->sink, why))
		tell_down(s, why);
}

/* --- the thread -------------------------------------------------------------
 */

/* 0; -EAGAIN: another time. */
static int next_batch(struct store *s, char why[SINK_WHY])
{
	int err = queue_take(s->queue, BATCH_RECORDS, &s->batch, why);

	if (err != -EBADMSG)
		return err;
	queue_done(s->queue);
	store_say(s, "%s", why);
	return 0;
}

/* False at the end. */
static bool feed(struct store *s)
{
	char why[SINK_WHY] = "";
	bool closing = is_closing(s);
	int err = 0;

	if (!s->batch.n) {
		if (!closing)
			queue_wait(s->queue, BATCH_RECORDS, BATCH_MS);
		expire(s);
		err = next_batch(s, why);
	}
	if (!err && !s->batch.n) {
		idle(s);
		return !closing;
	}
	if (!err)
		err = send_batch(s, why);
	if (err)
		return wait_again(s, err, why);
	queue_done(s->queue);
	s->batch.n = 0;
	note_success(s);
	return !is_late(s);
}

/* Opens at once: a database that will never be one is told at the start. */
static bool begin(struct store *s)
{
	char why[SINK_WHY] = "";
	int err = open_sink(s, why);
	bool never;

	pthread_mutex_lock(&s->lock);
	never = s->open_err;
	pthread_mutex_unlock(&s->lock);
	if (!never && err) {
		s->failures = 1;
		set_down(s, true);
		tell_down(s, why);
		queue_wait(s->queue, SIZE_MAX, RETRY_MS);
	}
	return !never;
}

void *store_feed(void *arg)
{
	struct store *s = arg;

	if (begin(s))
		while (feed(s))
			;
	close_sink(s);
	pthread_mutex_lock(&s->lock);
	s->finished = true;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
	return NULL;
}
