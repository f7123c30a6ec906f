#include "sniffer/run_resume.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sniffer/capture/file_source.h"
#include "sniffer/cdr_mask.h"
#include "sniffer/run_store.h"
#include "sniffer/setup.h"
#include "storage/journal.h"
#include "storage/spool.h"

/* Input that begins so long before the end of what was read has been read. */
#define AGAIN_NS (1000000000ull)

/* A call or session whose record has been handed out. */
struct over {
	uint64_t number, id;
	bool buried;
	struct journal_buried d;
	char *text; /* what d points to */
};

/* A recording may have packets that no checkpoint knows. */
struct left_file {
	uint64_t as_of_ns; /* what the journal knows */
	char path[512];
};

struct resume {
	struct journal *journal;
	struct engine *engine;
	bool live;
	struct mask mask;
	uint64_t last_number, safe; /* of the records */
	struct over *over;	    /* by number: not safe yet */
	size_t over_n, over_size;
	struct spool *spool;
	struct left_file *files; /* recordings of a run that was killed */
	size_t files_n, files_size;
	bool begun, again; /* the input; it has been read before */
	uint64_t skipped;
	resume_say_fn *say;
	void *arg;
};

bool resume_wanted(const struct config *cfg)
{
	if (cfg->go_on)
		return true;
	return config_is_live(cfg) &&
	       (run_store_wanted(cfg) || cfg->record != CONFIG_RECORD_NONE);
}

static void tell(struct resume *r, const char *why)
{
	r->say(r->arg, why);
}

int resume_open(struct resume **out, const struct config *cfg,
		resume_say_fn *say, void *arg)
{
	bool live = config_is_live(cfg);
	struct journal_config jc = {
		.dir = cfg->out_dir,
		.at_once = live,
		.complain = say,
		.arg = arg,
	};
	char why[JOURNAL_WHY] = "not enough memory to start";
	struct resume *r;
	int err = -ENOMEM;

	if (!resume_wanted(cfg))
		return 0;
	r = calloc(1, sizeof(*r));
	if (!r)
		goto fail;
	r->live = live;
	r->mask = setup_mask(cfg);
	r->say = say;
	r->arg = arg;
	err = journal_open(&r->journal, &jc, why);
	if (err)
		goto fail;
	*out = r;
	return 0;
fail:
	say(arg, why);
	free(r);
	return err;
}

/* --- from the engine to the journal --------------------------------------- */

static void on_message(void *arg, uint64_t id, const struct sip_seen *seen,
		       struct slice text, bool urgent)
{
	struct resume *r = arg;
	struct journal_message m = {
		.ts_ns = seen->ts_ns,
		.src = seen->src,
		.dst = seen->dst,
		.realm = seen->realm,
		.transport = slice_str(seen->transport),
		.text = text,
	};

	journal_message(r->journal, id, &m);
	if (urgent && r->live)
		journal_flush(r->journal);
}

static void on_told(void *arg, uint64_t id, struct cdr *cdr, uint64_t now_ns)
{
	struct resume *r = arg;

	if (mask_is_on(&r->mask))
		cdr_mask(cdr, &r->mask);
	journal_record(r->journal, id, cdr, now_ns);
}

/* The texts of d are copied. */
static void bury(struct over *o, const struct calls_buried *b)
{
	size_t a = b->call_id.len, n = a + b->from_tag.len;

	o->text = malloc(n ? n : 1);
	if (!o->text)
		return;
	if (a)
		memcpy(o->text, b->call_id.p, a);
	if (b->from_tag.len)
		memcpy(o->text + a, b->from_tag.p, b->from_tag.len);
	o->d = (struct journal_buried){
		.until_ns = b->until_ns,
		.cseq = b->cseq,
		.call_id = slice_of(o->text, a),
		.from_tag = slice_of(o->text + a, n - a),
	};
	o->buried = true;
}

static struct over *over_new(struct resume *r)
{
	if (r->over_n == r->over_size) {
		size_t size = r->over_size ? r->over_size * 2 : 64;
		struct over *v = realloc(r->over, size * sizeof(*v));

		if (!v)
			return NULL;
		r->over = v;
		r->over_size = size;
	}
	r->over[r->over_n] = (struct over){.number = r->last_number};
	return &r->over[r->over_n++];
}

/* Without memory it stays open: the next run reports it once more, under the
 * same uid. */
static void on_over(void *arg, uint64_t id, const struct calls_buried *buried)
{
	struct resume *r = arg;
	struct over *o = over_new(r);

	if (!o)
		return;
	o->id = id;
	if (buried)
		bury(o, buried);
	resume_safe(r, r->safe);
}

static const struct journal_ops journal_hooks = {
	.message = on_message,
	.record = on_told,
	.over = on_over,
};

void resume_hooks(struct resume *r, struct engine_out *out)
{
	if (!r)
		return;
	out->journal = &journal_hooks;
	out->journal_arg = r;
}

void resume_recorded(struct resume *r, const struct cdr *cdr)
{
	if (!r)
		return;
	r->last_number = cdr->number;
}

void resume_safe(struct resume *r, uint64_t number)
{
	size_t n = 0;

	if (!r)
		return;
	if (number > r->safe)
		r->safe = number;
	for (; n < r->over_n && r->over[n].number <= number; n++) {
		struct over *o = &r->over[n];

		journal_over(r->journal, o->id, o->buried ? &o->d : NULL);
		free(o->text);
	}
	r->over_n -= n;
	if (n && r->over_n)
		memmove(r->over, r->over + n, r->over_n * sizeof(*r->over));
}

/* --- from the journal to the engine --------------------------------------- */

static void give_message(void *arg, uint64_t id,
			 const struct journal_message *m)
{
	struct resume *r = arg;
	char transport[8];
	struct sip_seen seen = {
		.ts_ns = m->ts_ns,
		.src = m->src,
		.dst = m->dst,
		.realm = m->realm,
		.transport = transport,
	};

	snprintf(transport, sizeof(transport), "%.*s",
		 SLICE_ARG(slice_head(m->transport, sizeof(transport))));
	engine_restore_message(r->engine, id, &seen, m->text);
}

static void note_file(struct resume *r, const char *uid, uint64_t as_of_ns)
{
	struct left_file *f;

	if (!r->spool || journal_left(r->journal).stopped)
		return;
	if (r->files_n == r->files_size) {
		size_t size = r->files_size ? r->files_size * 2 : 64;

		f = realloc(r->files, size * sizeof(*f));
		if (!f)
			return;
		r->files = f;
		r->files_size = size;
	}
	f = &r->files[r->files_n];
	f->as_of_ns = as_of_ns;
	if (!spool_left(r->spool, uid, f->path, sizeof(f->path)))
		r->files_n++;
}

static void unrecorded(void *arg, const char *uid)
{
	note_file(arg, uid, 0);
}

/* Packets that came after the last checkpoint, before the run was killed. */
static void read_file(struct resume *r, const struct left_file *f)
{
	const char *path = f->path;
	struct frame frames[64];
	char err[SOURCE_ERROR_MAX];
	struct source *s;
	int n;

	if (file_source_open(&s, &path, 1, err, sizeof(err)))
		return;
	while ((n = source_read(s, frames, 64)) > 0)
		for (int i = 0; i < n; i++)
			if (frames[i].ts_ns > f->as_of_ns)
				engine_restore_frames(r->engine, &frames[i], 1);
	source_close(s);
}

static void read_files(struct resume *r)
{
	for (size_t i = 0; i < r->files_n; i++)
		read_file(r, &r->files[i]);
	free(r->files);
	r->files = NULL;
	r->files_n = r->files_size = 0;
}

static void give_record(void *arg, uint64_t id, struct cdr *cdr,
			uint64_t as_of_ns)
{
	struct resume *r = arg;

	note_file(r, cdr->uid, as_of_ns);
	engine_restore_record(r->engine, id, cdr);
}

static void give_buried(void *arg, const struct journal_buried *d)
{
	struct resume *r = arg;
	struct calls_buried b = {
		.until_ns = d->until_ns,
		.cseq = d->cseq,
		.call_id = d->call_id,
		.from_tag = d->from_tag,
	};

	engine_restore_buried(r->engine, &b);
}

static void say_restored(struct resume *r, const struct journal_left *left)
{
	size_t n = journal_open_items(r->journal);
	char text[128];

	if (!n)
		return;
	snprintf(text, sizeof(text),
		 "goes on with %zu open calls and sessions of the run before, "
		 "which %s",
		 n, left->stopped ? "was stopped" : "did not end in order");
	tell(r, text);
}

bool resume_restore(struct resume *r, struct engine *e, struct spool *spool)
{
	static const struct journal_events events = {
		.message = give_message,
		.record = give_record,
		.buried = give_buried,
	};
	struct journal_left left;
	int err;

	if (!r)
		return true;
	r->engine = e;
	r->spool = spool;
	left = journal_left(r->journal);
	engine_restore_begin(e, left.last_id);
	err = journal_restore(r->journal, &events, r);
	engine_restore_unrecorded(e, unrecorded, r);
	read_files(r);
	engine_restore_end(e, left.last_ns, r->live || !left.stopped);
	if (spool)
		spool_adopted(spool);
	if (!err)
		say_restored(r, &left);
	return !err;
}

/* A file that is read once more, or a folder with those that were. */
size_t resume_skip(struct resume *r, struct frame *frames, size_t n)
{
	uint64_t last_ns;
	size_t kept = 0;

	if (!r || r->live || !n)
		return n;
	last_ns = journal_left(r->journal).last_ns;
	if (!r->begun)
		r->again = frames[0].ts_ns + AGAIN_NS < last_ns;
	r->begun = true;
	if (!r->again)
		return n;
	for (size_t i = 0; i < n; i++) {
		if (r->again && frames[i].ts_ns <= last_ns) {
			r->skipped++;
			continue;
		}
		r->again = false;
		frames[kept++] = frames[i];
	}
	return kept;
}

/* --- the end -------------------------------------------------------------- */

void resume_tick(struct resume *r)
{
	if (r && r->live)
		journal_flush(r->journal);
}

bool resume_figures(const struct resume *r, struct resume_figures *out)
{
	if (!r || !r->journal)
		return false;
	*out = (struct resume_figures){journal_open_items(r->journal),
				       journal_bytes(r->journal),
				       journal_errors(r->journal)};
	return true;
}

size_t resume_open_items(const struct resume *r)
{
	return r ? journal_open_items(r->journal) : 0;
}

static void say_skipped(struct resume *r)
{
	char text[128];

	if (!r->skipped)
		return;
	snprintf(text, sizeof(text),
		 "%" PRIu64 " packets were read by a run before and left out",
		 r->skipped);
	tell(r, text);
}

void resume_close(struct resume *r, bool ended, uint64_t last_ns)
{
	uint64_t before_ns;

	if (!r)
		return;
	before_ns = journal_left(r->journal).last_ns;
	if (ended)
		resume_safe(r, UINT64_MAX);
	say_skipped(r);
	journal_close(r->journal, ended,
		      last_ns > before_ns ? last_ns : before_ns);
	for (size_t i = 0; i < r->over_n; i++)
		free(r->over[i].text);
	free(r->over);
	free(r);
}
