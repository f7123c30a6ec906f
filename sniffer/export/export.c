#include "sniffer/export/export.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#include "sniffer/export/packets.h"

#define PAGE 256  /* calls that are looked up at a time */
#define LEGS 1000 /* of one group */

void export_say(const struct export_job *job, const char *fmt, ...)
{
	va_list ap;

	if (!job->say)
		return;
	va_start(ap, fmt);
	vfprintf(job->say, fmt, ap);
	va_end(ap);
	fputc('\n', job->say);
}

int export_check_stop(const struct export_job *job, char why[EXPORT_WHY])
{
	if (!export_stopped(job))
		return 0;
	snprintf(why, EXPORT_WHY, "stopped before all was written");
	return -EINTR;
}

static int no_memory(char why[EXPORT_WHY])
{
	snprintf(why, EXPORT_WHY, "out of memory");
	return -ENOMEM;
}

/* --- what was found ------------------------------------------------------- */

static const char columns[] = "uid, sensor, call_id, group_id, pcap";

static struct slice keep(struct arena *mem, struct db_value v)
{
	return v.type == DB_TEXT ? arena_keep(mem, v.s) : (struct slice){0};
}

static int take_call(struct export_calls *c, const struct db_rows *rows)
{
	struct db_value uid = db_cell(rows, 0);
	struct export_call *v;

	if (uid.type != DB_TEXT || uid.s.len != ULID_SIZE - 1)
		return 0; /* none of ours */
	if (c->n % PAGE == 0) {
		v = realloc(c->v, (c->n + PAGE) * sizeof(*v));
		if (!v)
			return -ENOMEM;
		c->v = v;
	}
	v = &c->v[c->n++];
	memcpy(v->uid, uid.s.p, ULID_SIZE - 1);
	v->uid[ULID_SIZE - 1] = '\0';
	v->open = false;
	v->sensor = keep(c->mem, db_cell(rows, 1));
	v->call_id = keep(c->mem, db_cell(rows, 2));
	v->group_id = keep(c->mem, db_cell(rows, 3));
	v->pcap = keep(c->mem, db_cell(rows, 4));
	return 0;
}

int export_calls_find(struct export_calls *out, struct db *db,
		      const struct query *q, char why[EXPORT_WHY])
{
	struct export_calls c = {.mem = arena_new(4096, 0)};
	struct db_rows *rows = NULL;
	int err =
		c.mem ? query_run(q, columns, db, &rows, why) : no_memory(why);
	int got = 1;

	while (!err && (got = db_next(rows, why)) > 0)
		if (take_call(&c, rows))
			err = no_memory(why);
	db_rows_close(rows);
	if (!err && got < 0)
		err = got;
	if (err)
		export_calls_free(&c);
	else
		*out = c;
	return err;
}

void export_calls_free(struct export_calls *c)
{
	arena_free(c->mem);
	free(c->v);
	*c = (struct export_calls){0};
}

int export_calls_add(struct export_calls *to, struct export_calls *from,
		     char why[EXPORT_WHY])
{
	size_t n = to->n + from->n;
	struct export_call *v;

	if (!to->mem) {
		*to = *from;
		*from = (struct export_calls){0};
		return 0;
	}
	v = realloc(to->v, (n + PAGE - n % PAGE) * sizeof(*v));
	if (!v) {
		export_calls_free(from);
		return no_memory(why);
	}
	to->v = v;
	for (size_t i = 0; i < from->n; i++)
		v[to->n++] = from->v[i];
	arena_adopt(to->mem, from->mem);
	from->mem = NULL;
	export_calls_free(from);
	return 0;
}

/* --- names ---------------------------------------------------------------- */

char *export_path(const struct export_job *job, const char *name,
		  const char *ending)
{
	size_t len = strlen(job->to);
	const char *between = len && job->to[len - 1] == '/' ? "" : "/";
	char *path;

	if (!name)
		return strdup(job->to);
	if (asprintf(&path, "%s%s%s.%s", job->to, between, name, ending) < 0)
		return NULL;
	return path;
}

/* --- one after the other -------------------------------------------------- */

/* What could not be had is told, and the rest goes on. */
static int pass(struct export_job *job, int err, const char *why)
{
	if (err != -ENODATA)
		return err;
	job->left_out++;
	export_say(job, "%s", why);
	return 0;
}

/* All calls of a group, or the one that has none. */
static int find_legs(struct export_calls *out, struct export_job *job,
		     const struct export_call *c, char why[EXPORT_WHY])
{
	struct query q = {.now_ns = job->query.now_ns, .limit = LEGS};
	bool group = job->legs && c->group_id.p;

	if (group)
		q.term[q.n++] = (struct query_term){.key = QUERY_GROUP,
						    .value = c->group_id};
	else
		q.term[q.n++] = (struct query_term){.key = QUERY_UID,
						    .value = slice_str(c->uid)};
	return export_calls_find(out, job->db, &q, why);
}

/* Of several those stay that were recorded: the others are told. */
static void drop_unrecorded(struct export_job *job, struct export_calls *all)
{
	char why[EXPORT_WHY];
	size_t kept = 0;

	for (size_t i = 0; i < all->n && !export_stopped(job); i++) {
		struct export_calls one = {.v = &all->v[i], .n = 1};
		struct packets p;

		if (!packets_open(&p, job->dir, &one, why)) {
			packets_close(&p);
			all->v[kept++] = all->v[i];
		} else {
			job->left_out++;
			export_say(job, "%s", why);
		}
	}
	all->n = kept;
}

/* One file of a call, or of its group: under the name of its first leg. */
static int one_file(struct export_job *job, const struct export_call *c,
		    char why[EXPORT_WHY])
{
	struct export_calls legs;
	const char *name;
	int err = find_legs(&legs, job, c, why);

	if (err)
		return err;
	name = job->to_folder ? legs.n ? legs.v[0].uid : c->uid : NULL;
	if (job->format != EXPORT_WAV && legs.n > 1)
		drop_unrecorded(job, &legs);
	if (job->format != EXPORT_WAV && legs.n)
		err = export_packets(job, &legs, name, why);
	for (size_t i = 0; i < legs.n && job->format == EXPORT_WAV && !err; i++)
		err = pass(job,
			   export_sound(job, &legs.v[i],
					job->to_folder ? legs.v[i].uid : NULL,
					why),
			   why);
	export_calls_free(&legs);
	return err;
}

/* With legs a group is written when its first call comes by. */
static bool seen_group(const struct export_calls *all, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (all->v[i].group_id.p &&
		    slice_eq(all->v[j].group_id, all->v[i].group_id))
			return true;
	return false;
}

/* How many files a page makes. */
static size_t files_of(const struct export_job *job,
		       const struct export_calls *page)
{
	size_t n = 0;

	for (size_t i = 0; i < page->n; i++)
		n += !job->legs || !seen_group(page, i);
	return n;
}

static int each_file(struct export_job *job, const struct export_calls *page,
		     char why[EXPORT_WHY])
{
	int err = 0;

	for (size_t i = 0; i < page->n && !err && !export_stopped(job); i++)
		if (!job->legs || !seen_group(page, i))
			err = pass(job, one_file(job, &page->v[i], why), why);
	return err;
}

static int several(char why[EXPORT_WHY])
{
	snprintf(why, EXPORT_WHY,
		 "more than one call was found: name a folder with --to (it "
		 "ends with /), narrow the search, or put the packets "
		 "together with --merge");
	return -EINVAL;
}

/* Calls that the next page may have. With legs there is one page, since
 * groups go across them. */
static uint64_t page_limit(const struct export_job *job)
{
	uint64_t left = job->query.limit - job->found;

	if (job->legs)
		return job->query.limit;
	return job->query.limit && left < PAGE ? left : PAGE;
}

/* A page after the other: what was found may be more than memory. */
static int all_files(struct export_job *job, char why[EXPORT_WHY])
{
	struct query q = job->query;
	struct export_calls page;
	bool more;
	int err;

	do {
		q.limit = page_limit(job);
		err = export_calls_find(&page, job->db, &q, why);
		if (err)
			return err;
		job->found += page.n;
		more = page.n == PAGE && !job->legs &&
		       job->found != job->query.limit;
		if (page.n)
			memcpy(q.after, page.v[page.n - 1].uid, ULID_SIZE);
		if (!job->to_folder && files_of(job, &page) > 1)
			err = several(why);
		else
			err = each_file(job, &page, why);
		export_calls_free(&page);
	} while (!err && more && !export_stopped(job));
	return err;
}

static int by_uid(const void *a, const void *b)
{
	return strcmp(((const struct export_call *)a)->uid,
		      ((const struct export_call *)b)->uid);
}

/* Each once, in order of time. */
static void sort(struct export_calls *all)
{
	size_t kept = 0;

	qsort(all->v, all->n, sizeof(*all->v), by_uid);
	for (size_t i = 0; i < all->n; i++)
		if (!kept || strcmp(all->v[kept - 1].uid, all->v[i].uid))
			all->v[kept++] = all->v[i];
	all->n = kept;
}

/* The other legs of what was found. */
static int add_legs(struct export_job *job, struct export_calls *all,
		    char why[EXPORT_WHY])
{
	size_t found = all->n;
	int err = 0;

	for (size_t i = 0; i < found && !err; i++) {
		struct export_calls legs;

		if (!all->v[i].group_id.p || seen_group(all, i))
			continue;
		err = find_legs(&legs, job, &all->v[i], why);
		if (err)
			break;
		err = export_calls_add(all, &legs, why);
	}
	if (!err && all->n)
		sort(all);
	return err;
}

int export_merged(struct export_job *job, struct export_calls *all,
		  char why[EXPORT_WHY])
{
	int err = 0;

	job->found = all->n;
	if (job->legs)
		err = add_legs(job, all, why);
	if (!err && all->n > 1)
		drop_unrecorded(job, all);
	if (!err && all->n)
		err = export_packets(job, all, NULL, why);
	return err;
}

static int merged(struct export_job *job, char why[EXPORT_WHY])
{
	struct export_calls all;
	int err = export_calls_find(&all, job->db, &job->query, why);

	if (err)
		return err;
	err = pass(job, export_merged(job, &all, why), why);
	export_calls_free(&all);
	return err;
}

int export_run(struct export_job *job, char why[EXPORT_WHY])
{
	int err;

	if (job->format == EXPORT_JSON || job->format == EXPORT_CSV)
		err = export_rows(job, why);
	else if (job->merge)
		err = merged(job, why);
	else
		err = all_files(job, why);
	if (!err)
		err = export_check_stop(job, why);
	if (!err && !job->found) {
		snprintf(why, EXPORT_WHY, "no call was found");
		return -ENOENT;
	}
	return !err && job->left_out ? -ENODATA : err;
}
