/* What an earlier run left. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "storage/journal_priv.h"

/* What is known of an item of the earlier run. */
struct past {
	struct map_node node;
	uint64_t id, over, record; /* serial numbers; 0 = none */
};

/* An entry that counts. */
struct ref {
	uint64_t serial;
	const struct journal_file *file;
	struct journal_entry e;
};

struct scan {
	struct journal *j;
	struct map pasts;
	struct ref *v;
	size_t n, size;
	int err;
};

/* --- all entries ---------------------------------------------------------- */

typedef void entry_fn(struct scan *s, const struct journal_file *f,
		      const struct journal_entry *e);

static void each_entry(struct scan *s, entry_fn *fn, uint64_t *damaged)
{
	list_each(it, &s->j->old)
	{
		const struct journal_file *f =
			container_of(it, struct journal_file, node);
		struct slice dictionary, in;
		struct journal_entry e;
		size_t used = 0;

		if (journal_get_header(f->bytes, &dictionary, &used)) {
			*damaged += f->bytes.len != 0;
			continue;
		}
		in = slice_from(f->bytes, used);
		while (!s->err && journal_next(&in, &e, damaged))
			fn(s, f, &e);
	}
}

static struct past *past_of(struct scan *s, uint64_t id, bool make)
{
	uint64_t hash = seed_hash(&s->j->seed, &id, sizeof(id));
	struct past *p;

	for (struct map_node *n = map_first(&s->pasts, hash); n;
	     n = map_next(n)) {
		p = container_of(n, struct past, node);
		if (p->id == id)
			return p;
	}
	p = make ? calloc(1, sizeof(*p)) : NULL;
	if (p) {
		p->id = id;
		map_insert(&s->pasts, &p->node, hash);
	} else if (make) {
		s->err = -ENOMEM;
	}
	return p;
}

static void note(struct scan *s, const struct journal_file *f,
		 const struct journal_entry *e)
{
	struct journal_left *l = &s->j->left;
	struct past *p = NULL;
	struct slice bytes = e->bytes;
	uint64_t ns = 0;

	(void)f;
	if (e->id > l->last_id)
		l->last_id = e->id;
	if (e->kind != JOURNAL_STOP)
		p = past_of(s, e->id, true);
	if (e->kind != JOURNAL_OVER && !journal_get_u64(&bytes, &ns))
		return;
	if (p && e->kind == JOURNAL_RECORD && e->serial > p->record)
		p->record = e->serial;
	if (p && e->kind == JOURNAL_OVER && e->serial > p->over)
		p->over = e->serial;
	if (ns > l->last_ns)
		l->last_ns = ns;
	if (e->serial > s->j->serial) {
		s->j->serial = e->serial;
		l->stopped = e->kind == JOURNAL_STOP;
	}
}

static bool counts(struct scan *s, const struct journal_entry *e)
{
	const struct past *p = past_of(s, e->id, false);
	struct journal_buried d;

	switch (e->kind) {
	case JOURNAL_MESSAGE:
		return p && e->serial > p->over;
	case JOURNAL_RECORD:
		return p && e->serial > p->over && e->serial == p->record;
	case JOURNAL_OVER:
		return journal_get_buried(e->bytes, &d) &&
		       d.until_ns > s->j->left.last_ns;
	default:
		return false;
	}
}

static void collect(struct scan *s, const struct journal_file *f,
		    const struct journal_entry *e)
{
	if (!counts(s, e))
		return;
	if (s->n == s->size) {
		size_t size = s->size ? s->size * 2 : 256;
		struct ref *v = realloc(s->v, size * sizeof(*v));

		if (!v) {
			s->err = -ENOMEM;
			return;
		}
		s->v = v;
		s->size = size;
	}
	s->v[s->n++] = (struct ref){e->serial, f, *e};
}

/* Messages, records, what is buried: each in the order of their time. */
static int by_turn(const void *a, const void *b)
{
	const struct ref *x = a, *y = b;

	if (x->e.kind != y->e.kind)
		return x->e.kind < y->e.kind ? -1 : 1;
	return x->serial < y->serial ? -1 : x->serial > y->serial;
}

static void scan_free(struct scan *s)
{
	for (size_t i = 0; s->pasts.bucket && i <= s->pasts.mask; i++)
		while (s->pasts.bucket[i]) {
			struct map_node *n = s->pasts.bucket[i];

			map_remove(&s->pasts, n);
			free(container_of(n, struct past, node));
		}
	map_close(&s->pasts);
	free(s->v);
}

int journal_look(struct journal *j)
{
	struct scan s = {.j = j};
	int err = map_init(&s.pasts, 1024);

	if (err)
		return err;
	each_entry(&s, note, &j->left.damaged);
	j->serial = 0;
	if (j->left.damaged)
		journal_tell(j,
			     "%.300s is damaged in %" PRIu64
			     " places: what can be read of the open calls is "
			     "used",
			     j->dir, j->left.damaged);
	scan_free(&s);
	return s.err;
}

/* --- handing out ---------------------------------------------------------- */

struct hand_out {
	struct journal *j;
	const struct journal_events *ev;
	void *arg;
	const struct journal_file *file; /* whose dictionary is at hand */
	struct cdr_decoder *decoder;
	size_t lost;
};

static bool dictionary_of(struct hand_out *h, const struct journal_file *f)
{
	struct slice dictionary;
	size_t used;

	if (h->file == f)
		return h->decoder;
	cdr_decoder_free(h->decoder);
	h->decoder = NULL;
	h->file = f;
	return !journal_get_header(f->bytes, &dictionary, &used) &&
	       !cdr_decoder_new(&h->decoder, h->j->code, dictionary);
}

static bool give_message(struct hand_out *h, const struct ref *r)
{
	struct journal_message m;

	if (!journal_get_message(r->e.bytes, &m))
		return false;
	journal_message(h->j, r->e.id, &m);
	h->ev->message(h->arg, r->e.id, &m);
	return true;
}

static bool give_record(struct hand_out *h, const struct ref *r)
{
	struct slice bytes = r->e.bytes;
	uint64_t as_of_ns;
	struct cdr *cdr;

	if (!dictionary_of(h, r->file) || !journal_get_u64(&bytes, &as_of_ns) ||
	    cdr_decode(h->decoder, bytes, &cdr))
		return false;
	if (cdr->kind != CDR_CALL && cdr->kind != CDR_SESSION) {
		cdr_free(cdr);
		return false;
	}
	journal_record(h->j, r->e.id, cdr, as_of_ns);
	h->ev->record(h->arg, r->e.id, cdr, as_of_ns);
	return true;
}

static bool give_buried(struct hand_out *h, const struct ref *r)
{
	struct journal_buried d;

	if (!journal_get_buried(r->e.bytes, &d))
		return false;
	journal_over(h->j, r->e.id, &d);
	h->ev->buried(h->arg, &d);
	return true;
}

static bool give(struct hand_out *h, const struct ref *r)
{
	switch (r->e.kind) {
	case JOURNAL_MESSAGE:
		return give_message(h, r);
	case JOURNAL_RECORD:
		return give_record(h, r);
	default:
		return give_buried(h, r);
	}
}

/* An entry may be there twice: it was being moved when the run was killed. */
static void give_all(struct hand_out *h, struct scan *s)
{
	uint64_t before = 0;

	for (size_t i = 0; i < s->n; i++) {
		if (s->v[i].serial != before && !give(h, &s->v[i]))
			h->lost++;
		before = s->v[i].serial;
	}
	cdr_decoder_free(h->decoder);
	if (h->lost)
		journal_tell(h->j,
			     "%.300s: %zu entries of open calls cannot be read",
			     h->j->dir, h->lost);
}

int journal_restore(struct journal *j, const struct journal_events *ev,
		    void *arg)
{
	struct hand_out h = {.j = j, .ev = ev, .arg = arg};
	struct scan s = {.j = j};
	uint64_t damaged = 0;
	int err = map_init(&s.pasts, 1024);

	if (err)
		return err;
	each_entry(&s, note, &damaged);
	if (!s.err)
		each_entry(&s, collect, &damaged);
	err = s.err;
	if (!err) {
		if (s.n)
			qsort(s.v, s.n, sizeof(*s.v), by_turn);
		j->serial = 0;
		give_all(&h, &s);
		journal_flush(j);
	}
	scan_free(&s);
	if (!err && j->cfg.at_once)
		err = journal_files_commit(j);
	if (err)
		journal_tell(j, "cannot go on with what %.300s has: %s", j->dir,
			     strerror(-err));
	return err;
}
