#include <errno.h>
#include <stdio.h>

#include "storage/store_priv.h"

/* So many in a row, and nothing taken in between: it is not the records. */
#define REFUSED_MAX 8
#define SEARCH_MAX  64 /* of one batch */

bool store_may_pass(int err)
{
	return err == -EAGAIN || err == -ESTALE || err == -EBUSY ||
	       err == -ENOMEM || err == -ENOSPC || err == -EROFS;
}

/* --- one record ---------------------------------------------------------- */

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

/* --- batches ------------------------------------------------------------- */

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
	if (store_may_pass(err))
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

int store_send_batch(struct store *s, char why[SINK_WHY])
{
	size_t refused = 0;
	int err = 0;

	if (!s->single) {
		err = send_range(s, 0, s->batch.n, why);
		s->single = err && !store_may_pass(err);
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
