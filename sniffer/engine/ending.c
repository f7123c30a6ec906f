/*
 * Calls and sessions on their way out. That one is over is decided by the
 * core, and its record is numbered then; what its media came to follows from
 * a worker, some time later. Records are handed out in the order of their
 * numbers all the same: each waits for those before it.
 *
 * Without workers, and for what an earlier run began, nothing waits.
 */
#include <stdlib.h>

#include "sniffer/call/call_cdr.h"
#include "sniffer/engine/engine_priv.h"

/* So many wait at most: then the core does. */
#define ENDINGS_MAX 4096

struct ending {
	struct list node;
	struct cdr *cdr;
	bool media;   /* from a group that is being closed */
	bool stamped; /* it has its number */
	bool kept;    /* whoever asked for it hands it out, later */
	struct crew_close close;
	struct session_end session;
	uint64_t journal_id; /* 0: it was not in the journal */
	bool is_call;
	struct calls_buried buried;
};

/* --- the last part -------------------------------------------------------- */

static void tell_journal(struct engine *e, const struct ending *n)
{
	if (n->journal_id)
		e->out.journal->over(e->out.journal_arg, n->journal_id,
				     n->is_call ? &n->buried : NULL);
}

static void hand_out(struct engine *e, const struct ending *n)
{
	if (n->kept)
		return;
	if (!n->stamped)
		engine_stamp(e, n->cdr);
	engine_hand_out(e, n->cdr);
}

static void finish_call(struct engine *e, struct ending *n, struct owner *o)
{
	if (o)
		engine_restored_state(o, n->cdr);
	tell_journal(e, n);
	cdr_conclude(n->cdr);
	hand_out(e, n);
}

static void finish_session(struct engine *e, struct ending *n, struct owner *o)
{
	engine_session_times(&n->session, n->cdr);
	if (o)
		engine_restored_state(o, n->cdr);
	cdr_conclude(n->cdr);
	hand_out(e, n);
	tell_journal(e, n);
}

/* o: the owner while it is still there, else NULL. */
static void finish(struct engine *e, struct ending *n, struct owner *o)
{
	if (!n->media) {
		hand_out(e, n);
		return;
	}
	engine_media_result(n->cdr, &n->close.result);
	if (o)
		engine_restored_merge(o, n->cdr);
	if (n->is_call)
		finish_call(e, n, o);
	else
		finish_session(e, n, o);
}

/* --- what waits ----------------------------------------------------------- */

static void finish_first(struct engine *e, struct ending *n)
{
	list_remove(&n->node);
	e->endings_n--;
	finish(e, n, NULL);
	free(n);
}

void engine_endings_poll(struct engine *e)
{
	list_each_safe(it, &e->endings)
	{
		struct ending *n = container_of(it, struct ending, node);

		if (n->media && !crew_closed(&n->close))
			return;
		finish_first(e, n);
	}
}

void engine_endings_wait(struct engine *e)
{
	list_each_safe(it, &e->endings)
	{
		struct ending *n = container_of(it, struct ending, node);

		if (n->media)
			crew_wait_closed(&n->close);
		finish_first(e, n);
	}
}

static void enter(struct engine *e, struct ending *n)
{
	list_append(&e->endings, &n->node);
	if (++e->endings_n >= ENDINGS_MAX)
		engine_endings_wait(e);
}

/* --- beginning it --------------------------------------------------------- */

/* What a restart has left to add is with the owner, which will be gone. */
static bool may_wait(const struct engine *e, const struct owner *o)
{
	return crew_workers(e->crew) && !(o->log && o->log->restored);
}

/* The call is gone when the journal hears of it; the arena is ours still. */
static void keep_names(struct ending *n)
{
	struct arena *mem = n->cdr->mem;

	if (!n->journal_id)
		return;
	n->buried.call_id = arena_keep(mem, n->buried.call_id);
	n->buried.from_tag = arena_keep(mem, n->buried.from_tag);
}

static void fill(struct engine *e, struct owner *o, struct cdr *cdr,
		 const struct calls_buried *buried, struct ending *n)
{
	struct keys_text keys = {0};

	*n = (struct ending){.cdr = cdr, .media = true};
	list_init(&n->node);
	n->close.mem = cdr->mem;
	memcpy(n->close.uid, o->uid, sizeof(n->close.uid));
	if (e->cfg.record_secrets)
		keys = engine_keys_text(e, o);
	n->close.keys = keys.p;
	n->close.keys_len = keys.len;
	if (o->log && !e->ended)
		n->journal_id = o->log->id;
	n->is_call = o->call != NULL;
	if (buried)
		n->buried = *buried;
	if (!n->is_call)
		n->session = engine_session_end(e, o);
}

static void end_now(struct engine *e, struct owner *o, struct cdr *cdr,
		    const struct calls_buried *buried, bool kept)
{
	struct ending now;

	fill(e, o, cdr, buried, &now);
	now.kept = kept;
	crew_group_close(&o->group, &now.close);
	if (!kept)
		engine_endings_wait(e);
	crew_wait_closed(&now.close);
	finish(e, &now, o);
}

void engine_ending(struct engine *e, struct owner *o, struct cdr *cdr,
		   const struct calls_buried *buried)
{
	struct ending *n = may_wait(e, o) ? malloc(sizeof(*n)) : NULL;

	if (!n) {
		end_now(e, o, cdr, buried, false);
		return;
	}
	fill(e, o, cdr, buried, n);
	keep_names(n);
	engine_stamp(e, cdr);
	n->stamped = true;
	crew_group_close(&o->group, &n->close);
	enter(e, n);
}

void engine_ending_kept(struct engine *e, struct owner *o, struct cdr *cdr,
			const struct calls_buried *buried)
{
	end_now(e, o, cdr, buried, true);
}

void engine_record(struct engine *e, struct cdr *cdr)
{
	struct ending *n = e->endings_n ? malloc(sizeof(*n)) : NULL;

	engine_stamp(e, cdr);
	if (n) {
		*n = (struct ending){.cdr = cdr, .stamped = true};
		list_init(&n->node);
		enter(e, n);
		return;
	}
	engine_endings_wait(e);
	engine_hand_out(e, cdr);
}
