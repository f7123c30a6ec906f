#include "tests/alloc_run.h"

#include <check.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "sniffer/base/arena.h"
#include "sniffer/capture/file_source.h"
#include "tests/failing_heap.h"
#include "tests/made_engine.h"

enum {
	FILE_MAX = 1 << 20,
	KEYS_MAX = 1 << 16,
};

/* --- a spool that keeps nothing ---------------------------------------- */

struct spool_file {
	int fails;
};

static int append(void *arg, struct spool_file **file, const char *uid,
		  const struct record_chunk *chunk)
{
	(void)arg;
	(void)uid;
	(void)chunk;
	if (!*file)
		*file = calloc(1, sizeof(**file));
	return *file ? 0 : -ENOMEM;
}

static int finish(void *arg, struct spool_file *file, const char *uid,
		  uint64_t last_ns, uint64_t packets, char *path, size_t size)
{
	(void)arg;
	(void)last_ns;
	(void)packets;
	snprintf(path, size, "spool/%s", uid);
	free(file);
	return 0;
}

static int secrets(void *arg, struct spool_file *file, struct slice keylog)
{
	(void)arg;
	(void)file;
	(void)keylog;
	return 0;
}

static void discard(void *arg, struct spool_file *file)
{
	(void)arg;
	free(file);
}

static int concat(void *arg, struct spool_file *dst, struct spool_file *src)
{
	(void)arg;
	(void)dst;
	free(src);
	return 0;
}

static const struct spool_ops spool = {
	.append = append,
	.finish = finish,
	.secrets = secrets,
	.discard = discard,
	.concat = concat,
};

/* --- one run ----------------------------------------------------------- */

struct sample {
	struct slice file, keys;
};

static struct engine_config config(void)
{
	struct engine_config cfg = made_engine_config();

	cfg.calls.session_id = true;
	cfg.media.g711_plc = true;
	cfg.media.record =
		(struct record_config){RECORD_ALL, 65536, 8192, 1 << 24};
	cfg.record_secrets = true;
	return cfg;
}

struct result {
	uint64_t records, packets, streams, messages;
	bool summary;
};

static void on_record(void *arg, struct cdr *cdr)
{
	struct result *r = arg;

	r->records++;
	if (cdr->kind == CDR_CALL || cdr->kind == CDR_SESSION) {
		r->streams += cdr->call.streams_n;
		r->messages += cdr->call.messages_n;
		for (size_t i = 0; i < cdr->call.streams_n; i++)
			r->packets += cdr->call.streams[i].packets;
	}
	cdr_free(cdr);
}

/* Keys come when the capture is under way. */
static void feed(struct engine *e, struct source *src, struct slice keys)
{
	struct frame frames[64];
	int n;

	while ((n = source_read(src, frames, 64)) > 0) {
		engine_feed(e, frames, (size_t)n);
		if (keys.len)
			engine_keylog(e, keys);
		keys.len = 0;
	}
	engine_end(e);
}

/* The summary is asked for with memory at hand. */
static bool summed_up(struct engine *e, const struct source *src)
{
	struct cdr *cdr;
	bool right;

	heap.fail_in = 0;
	arena_fail_at(0);
	cdr = engine_summary(e);
	right = cdr && cdr->summary.packets == src->stats.frames;
	cdr_free(cdr);
	return right;
}

/* Where the engine cannot even be made there is no summary. */
static struct result run(const struct sample *s)
{
	struct engine_config cfg = config();
	struct result r = {.summary = true};
	struct engine_out out = {on_record, &r, &spool, NULL};
	struct source *src;
	struct engine *e;

	heap.on = true;
	e = engine_new(&cfg, &out);
	if (e && !file_source_open_memory(&src, "test", s->file)) {
		feed(e, src, s->keys);
		r.summary = summed_up(e, src);
		source_close(src);
	}
	engine_free(e);
	heap.on = false;
	heap.fail_in = 0;
	return r;
}

/* --- the cases --------------------------------------------------------- */

static uint8_t bytes[FILE_MAX], key_lines[KEYS_MAX];

/* Empty when there is none. */
static struct slice load(const char *name, uint8_t *to, size_t max)
{
	const char *src = getenv("CALLSCOPE_SRC");
	char path[PATH_MAX];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/samples/%s", src ? src : ".", name);
	f = fopen(path, "rb");
	if (!f)
		return (struct slice){0};
	n = fread(to, 1, max, f);
	fclose(f);
	return slice_of(to, n);
}

/* With the key log beside it, if there is one. */
static struct sample load_sample(const char *name)
{
	struct sample s = {load(name, bytes, sizeof(bytes)), {0}};
	char keys[256];

	ck_assert_msg(s.file.len, "%s cannot be read", name);
	snprintf(keys, sizeof(keys), "%.*s.keylog",
		 (int)(strrchr(name, '.') - name), name);
	s.keys = load(keys, key_lines, sizeof(key_lines));
	return s;
}

static void check_normal(const struct sample *s, const struct result *want)
{
	struct result r;

	heap.live = 0;
	r = run(s);
	ck_assert_int_eq(heap.live, 0);
	ck_assert(r.summary);
	ck_assert_uint_gt(r.records, 0);
	ck_assert_mem_eq(&r, want, sizeof(r));
}

/* Each of the first, then ever fewer of them; in a quick run some. */
static unsigned next(unsigned n)
{
	if (getenv("TEST_QUICK"))
		return n + 1 + n / 8;
	return n + 1 + (n > 1024 ? n / 32 : 0);
}

void alloc_run_heap(const char *name, bool all_after)
{
	struct sample s = load_sample(name);
	struct result want = run(&s), r;
	unsigned all;

	heap.asked = 0;
	check_normal(&s, &want);
	all = heap.asked;
	for (unsigned n = 1; n <= all; n = next(n)) {
		heap.fail_in = n;
		heap.all_after = all_after;
		heap.live = 0;
		r = run(&s);
		ck_assert_msg(!heap.live, "%s: allocation %u of %u%s: %d left",
			      name, n, all, all_after ? " and all after" : "",
			      heap.live);
		ck_assert(r.summary);
	}
	check_normal(&s, &want);
}

void alloc_run_arena(const char *name)
{
	struct sample s = load_sample(name);
	struct result want = run(&s);

	for (unsigned n = 1; n < 100000; n = next(n)) {
		arena_fail_at(n);
		heap.live = 0;
		ck_assert(run(&s).summary);
		arena_fail_at(0);
		ck_assert_msg(!heap.live, "%s: arena %u: %d left", name, n,
			      heap.live);
	}
	check_normal(&s, &want);
}
