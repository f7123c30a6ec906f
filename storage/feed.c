#include "storage/feed.h"

#include <errno.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sniffer/base/ulid.h"
#include "storage/feed_file.h"
#include "storage/feed_line.h"
#include "storage/feed_manifest.h"
#include "storage/feed_state.h"

#define SPILL	(1u << 20) /* bytes of lines that wait for the file */
#define HOUR_NS (3600 * 1000000000ull)

struct sink {
	struct feed_config cfg;
	char *dir;
	struct feed_state *state;
	struct feed_file *file;
	struct feed_numbers kept, now; /* committed; with the batch */
	struct outbuf lines;	       /* of the batch, not yet in the file */
	struct outbuf call;
	bool open_batch;
};

static uint64_t machine_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static int no_memory(char why[SINK_WHY])
{
	snprintf(why, SINK_WHY, "no memory for the feed");
	return -EAGAIN;
}

/* --- batches ----------------------------------------------------------------
 */

/* The whole batch is forgotten. Nothing that can fail here is a record's
 * fault. */
static int give_up(struct sink *s)
{
	feed_state_rollback(s->state);
	feed_file_drop(s->file);
	outbuf_reset(&s->lines);
	s->now = s->kept;
	s->open_batch = false;
	return -EAGAIN;
}

static int begin(struct sink *s, char why[SINK_WHY])
{
	if (s->open_batch)
		return 0;
	if (feed_state_begin(s->state, why))
		return give_up(s);
	s->open_batch = true;
	return 0;
}

static int spill(struct sink *s, char why[SINK_WHY])
{
	struct slice lines = slice_of(s->lines.p, s->lines.len);
	int err;

	if (s->lines.failed)
		return no_memory(why);
	err = lines.len ? feed_file_write(s->file, lines, why) : 0;
	outbuf_reset(&s->lines);
	return err;
}

static int commit(struct sink *s, char why[SINK_WHY])
{
	if (!s->open_batch)
		return 0;
	if (spill(s, why) || feed_file_sync(s->file, why))
		return give_up(s);
	s->now.bytes = feed_file_size(s->file);
	if (feed_state_commit(s->state, &s->now, why))
		return give_up(s);
	feed_file_keep(s->file);
	s->kept = s->now;
	s->open_batch = false;
	return 0;
}

/* --- the end of a file ------------------------------------------------------
 */

static int publish(struct sink *s, char why[SINK_WHY])
{
	struct feed_closing c;

	for (;;) {
		if (feed_state_waiting(s->state, &c, why))
			return -EAGAIN;
		if (!c.file)
			return 0;
		if (feed_file_publish(s->file, &c, why) ||
		    feed_state_closed(s->state, c.file, why))
			return -EAGAIN;
	}
}

/* Both clocks must have gone on before a call is forgotten: one that is wrong
 * for a while does no harm. */
static uint64_t horizon_ms(const struct sink *s)
{
	uint64_t now_us = s->cfg.now_ns() / 1000;
	uint64_t us = now_us < s->kept.last_us ? now_us : s->kept.last_us;
	uint64_t memory_us = s->cfg.memory_ns / 1000;

	return s->cfg.live && us > memory_us ? (us - memory_us) / 1000 : 0;
}

static int forget(struct sink *s, struct feed_numbers *next, char why[SINK_WHY])
{
	uint64_t before = horizon_ms(s);

	if (before <= next->forgot_ms)
		return 0;
	next->forgot_ms = before;
	return feed_state_forget(s->state, before, why);
}

/* That the file is closed is decided here; its names may come later. */
static int decide(struct sink *s, const struct feed_closing *c,
		  struct feed_numbers *next, char why[SINK_WHY])
{
	if (feed_state_begin(s->state, why) ||
	    feed_state_closing(s->state, c, why) || forget(s, next, why) ||
	    feed_state_commit(s->state, next, why)) {
		feed_state_rollback(s->state);
		return -EAGAIN;
	}
	return 0;
}

/* Between batches. A file without lines is none. */
static int rotate(struct sink *s, char why[SINK_WHY])
{
	struct feed_closing c = {.file = s->kept.file};
	struct feed_numbers next = s->kept;
	char sha[FEED_SHA];

	if (!s->kept.lines)
		return publish(s, why);
	if (feed_file_finish(s->file, sha, why))
		return -EAGAIN;
	feed_manifest(&s->kept, sha, &c);
	snprintf(next.previous, FEED_NAME, "%.50s.json", c.name);
	if (!feed_sha(slice_str(c.manifest), next.previous_sha))
		return no_memory(why);
	next.file++;
	next.lines = next.bytes = next.corrections = 0;
	next.billable_us = 0;
	if (decide(s, &c, &next, why))
		return -EAGAIN;
	s->kept = s->now = next;
	if (feed_file_resume(s->file, next.file, 0, why))
		return -EAGAIN;
	return publish(s, why);
}

/* A file begins with its first line, and ends when a later hour has begun. */
static int turn_hour(struct sink *s, uint64_t hour, char why[SINK_WHY])
{
	int err;

	if (!s->now.lines || hour <= s->now.hour)
		return 0;
	err = commit(s, why);
	return err ? err : rotate(s, why);
}

/* --- lines ------------------------------------------------------------------
 */

static bool make_call(struct sink *s, const struct cdr *cdr,
		      struct feed_known *k)
{
	uint8_t sum[EVP_MAX_MD_SIZE];

	outbuf_reset(&s->call);
	feed_put_call(&s->call, cdr);
	if (s->call.failed ||
	    !EVP_Digest(s->call.p, s->call.len, sum, NULL, EVP_sha256(), NULL))
		return false;
	memcpy(k->digest, sum, FEED_DIGEST);
	k->last_us = cdr->last_packet / 1000;
	k->packets = cdr->packets;
	return true;
}

static bool knows_more(const struct feed_known *old,
		       const struct feed_known *new)
{
	return old->last_us > new->last_us ||
	       (old->last_us == new->last_us && old->packets > new->packets);
}

static void put_line(struct sink *s, const struct cdr *cdr, uint64_t replaces)
{
	struct feed_numbers *n = &s->now;

	if (!n->lines)
		feed_put_header(&s->lines);
	outbuf_u64(&s->lines, FEED_VERSION);
	outbuf_char(&s->lines, ',');
	outbuf_u64(&s->lines, n->next_seq);
	outbuf_char(&s->lines, ',');
	if (replaces)
		outbuf_u64(&s->lines, replaces);
	outbuf_char(&s->lines, ',');
	outbuf_put(&s->lines, s->call.p, s->call.len);
	outbuf_str(&s->lines, "\r\n");
	n->next_seq++;
	n->lines++;
	n->corrections += replaces != 0;
	if (cdr->call.billing.billable_us > 0)
		n->billable_us += cdr->call.billing.billable_us;
}

/* The batch goes on without it. */
static int forgotten(const struct sink *s, const struct cdr *cdr,
		     char why[SINK_WHY])
{
	snprintf(why, SINK_WHY,
		 "the feed %.200s does not remember calls from the time of "
		 "%s (billing-feed-memory): it cannot tell whether it has a "
		 "line; add it by hand",
		 s->dir, cdr->uid);
	return -ERANGE;
}

/* A record that says what its line says makes none; one that knows less
 * neither. */
static int put_call(struct sink *s, const struct cdr *cdr, uint64_t hour,
		    char why[SINK_WHY])
{
	struct feed_known old, new;
	bool same;

	if (feed_state_find(s->state, cdr->uid, &old, why))
		return give_up(s);
	if (!old.seq && ulid_ms(cdr->uid) < s->now.forgot_ms)
		return forgotten(s, cdr, why);
	if (!make_call(s, cdr, &new)) {
		no_memory(why);
		return give_up(s);
	}
	if (old.seq && knows_more(&old, &new))
		return 0;
	same = old.seq && !memcmp(old.digest, new.digest, FEED_DIGEST);
	new.seq = same ? old.seq : s->now.next_seq;
	if (!same) {
		if (!s->now.lines)
			s->now.hour = hour;
		put_line(s, cdr, old.seq);
	}
	if (new.last_us > s->now.last_us)
		s->now.last_us = new.last_us;
	if (feed_state_put(s->state, cdr->uid, &new, why) ||
	    (s->lines.len >= SPILL && spill(s, why)))
		return give_up(s);
	return 0;
}

/* --- the sink ---------------------------------------------------------------
 */

static int feed_put(struct sink *s, const struct cdr *cdr, char why[SINK_WHY])
{
	uint64_t hour;
	int err;

	if (!feed_is_chargeable(cdr))
		return 0;
	hour = (s->cfg.live ? s->cfg.now_ns() : cdr->last_packet) / HOUR_NS;
	err = turn_hour(s, hour, why);
	if (!err)
		err = begin(s, why);
	return err ? err : put_call(s, cdr, hour, why);
}

static int feed_flush(struct sink *s, char why[SINK_WHY])
{
	int err = commit(s, why);

	if (!err && s->cfg.live)
		err = turn_hour(s, s->cfg.now_ns() / HOUR_NS, why);
	return err ? err : publish(s, why);
}

static void sink_free(struct sink *s)
{
	if (s->state)
		feed_state_rollback(s->state);
	feed_state_close(s->state);
	feed_file_close(s->file);
	outbuf_free(&s->lines);
	outbuf_free(&s->call);
	free(s->dir);
	free(s);
}

/* Numbers would begin anew beside files that have them. */
static int check_new(struct sink *s, char why[SINK_WHY])
{
	if (s->kept.next_seq > 1 || !feed_file_finished_before(s->file))
		return 0;
	snprintf(why, SINK_WHY,
		 "%.300s has files of a feed but not its feed.db: restore it, "
		 "or name another folder",
		 s->dir);
	return -EINVAL;
}

int feed_open(struct sink **out, const struct feed_config *cfg,
	      char why[SINK_WHY])
{
	struct sink *s = calloc(1, sizeof(*s));
	int err = -ENOMEM;

	no_memory(why);
	if (!s)
		return err;
	s->cfg = *cfg;
	if (!s->cfg.now_ns)
		s->cfg.now_ns = machine_clock;
	s->dir = strdup(cfg->dir);
	if (!s->dir)
		goto fail;
	err = feed_file_open(&s->file, s->dir, why);
	if (!err)
		err = feed_state_open(&s->state, s->dir, &s->kept, why);
	if (!err)
		err = check_new(s, why);
	if (!err)
		err = publish(s, why);
	if (!err)
		err = feed_file_resume(s->file, s->kept.file, s->kept.bytes,
				       why);
	if (err)
		goto fail;
	s->now = s->kept;
	*out = s;
	return 0;
fail:
	sink_free(s);
	return err;
}

static int open_sink(struct sink **out, const struct sink_config *cfg,
		     char why[SINK_WHY])
{
	const struct feed_config fc = {
		.dir = cfg->path,
		.live = cfg->live,
		.memory_ns = cfg->feed_memory_ns,
	};

	return feed_open(out, &fc, why);
}

/* What is there is for the biller: nothing waits for the next start. */
static int feed_close(struct sink *s, char why[SINK_WHY])
{
	int err;

	if (!s)
		return 0;
	err = commit(s, why);
	if (!err)
		err = rotate(s, why);
	sink_free(s);
	return err;
}

const struct sink_ops feed_sink = {
	.name = "feed",
	.open = open_sink,
	.put = feed_put,
	.flush = feed_flush,
	.close = feed_close,
};
