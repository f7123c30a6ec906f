/*
 * Whole runs in which memory runs out: the n-th allocation fails once, fails
 * with all that follow, or is one from an arena. A run must end, with its
 * summary and without a leak; a call or a stream may be missing from it.
 *
 * The Makefile links this program with --wrap for the functions below, so
 * that what our code asks for comes by here; what shared libraries ask for
 * does not.
 */
#include <check.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "sniffer/base/arena.h"
#include "sniffer/capture/file_source.h"
#include "sniffer/engine.h"
#include "tests/run_suite.h"

#define S	 1000000000ull
#define FILE_MAX (1 << 20)

/* --- memory ------------------------------------------------------------ */

static struct {
	bool on;	  /* our code runs, not the check library */
	unsigned fail_in; /* allocations until one fails; 0 = none will */
	bool all_after;
	unsigned asked;
	int live; /* blocks not freed */
} heap;

static bool fails(void)
{
	if (!heap.on)
		return false;
	heap.asked++;
	if (heap.fail_in && --heap.fail_in == 0) {
		heap.fail_in = heap.all_after;
		return true;
	}
	return false;
}

static void *counted(void *p)
{
	heap.live += heap.on && p;
	return p;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
char *__real_strdup(const char *s);
void __real_free(void *p);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
char *__wrap_strdup(const char *s);
int __wrap_asprintf(char **out, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int __wrap___asprintf_chk(char **out, int flag, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void __wrap_free(void *p);

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : counted(__real_malloc(size));
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : counted(__real_calloc(n, size));
}

void *__wrap_realloc(void *p, size_t size)
{
	void *q = fails() ? NULL : __real_realloc(p, size);

	return p ? q : counted(q);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
	return fails() ? NULL : counted(__real_aligned_alloc(alignment, size));
}

char *__wrap_strdup(const char *s)
{
	return fails() ? NULL : counted(__real_strdup(s));
}

static int print(char **out, const char *format, va_list args)
{
	int n = fails() ? -1 : vasprintf(out, format, args);

	heap.live += heap.on && n >= 0;
	return n;
}

int __wrap_asprintf(char **out, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = print(out, format, args);
	va_end(args);
	return n;
}

/* What asprintf() becomes with _FORTIFY_SOURCE. */
int __wrap___asprintf_chk(char **out, int flag, const char *format, ...)
{
	va_list args;
	int n;

	(void)flag;
	va_start(args, format);
	n = print(out, format, args);
	va_end(args);
	return n;
}

void __wrap_free(void *p)
{
	heap.live -= heap.on && p;
	__real_free(p);
}

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

static struct engine_config config(void)
{
	return (struct engine_config){
		.sensor = SLICE("test"),
		.decode = {.max_depth = 16},
		.tcp = {262144, 1 << 24, 64, 2 * S},
		.calls =
			{
				.max_calls = 1000,
				.max_registrations = 1000,
				.max_transactions = 1000,
				.call_bytes = 1 << 20,
				.linger_ns = 5 * S,
				.retry_ns = 32 * S,
				.unanswered_ns = 300 * S,
				.media_silence_ns = 300 * S,
				.silence_ns = 3600 * S,
				.session_id = true,
			},
		.media =
			{
				.max_streams = 1000,
				.flow_streams = 64,
				.g711_plc = true,
				.record = {RECORD_ALL, 65536, 8192, 1 << 24},
			},
		.max_flows = 1000,
		.udp_idle_ns = 180 * S,
		.tcp_idle_ns = 600 * S,
		.max_pending = 100,
		.adopt_ns = 30 * S,
		.session_packets = 5,
		.seed = {1, 2},
	};
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

static void feed(struct engine *e, struct source *src)
{
	struct frame frames[64];
	int n;

	while ((n = source_read(src, frames, 64)) > 0)
		engine_feed(e, frames, (size_t)n);
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
static struct result run(struct slice file)
{
	struct engine_config cfg = config();
	struct result r = {.summary = true};
	struct engine_out out = {on_record, &r, &spool, NULL};
	struct source *src;
	struct engine *e;

	heap.on = true;
	e = engine_new(&cfg, &out);
	if (e && !file_source_open_memory(&src, "test", file)) {
		feed(e, src);
		r.summary = summed_up(e, src);
		source_close(src);
	}
	engine_free(e);
	heap.on = false;
	heap.fail_in = 0;
	return r;
}

/* --- the cases --------------------------------------------------------- */

static const char *const samples[] = {
	"auth-407.pcap",      "cancel.pcap",	     "dtmf-info.pcap",
	"fork.pcap",	      "ipv4-fragments.pcap", "nano.pcap.gz",
	"registrations.pcap", "rtp-only.pcap",	     "sip-tcp-burst.pcap",
	"still-up.pcap",      "transactions.pcap",   "two-legs.pcap",
	"two-links.pcapng",
};

static uint8_t bytes[FILE_MAX];

static struct slice load(const char *name)
{
	const char *src = getenv("CALLSCOPE_SRC");
	char path[PATH_MAX];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/samples/%s", src ? src : ".", name);
	f = fopen(path, "rb");
	ck_assert_msg(f != NULL, "%s cannot be opened", path);
	n = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	ck_assert_uint_gt(n, 0);
	return slice_of(bytes, n);
}

static void check_normal(struct slice file, const struct result *want)
{
	struct result r;

	heap.live = 0;
	r = run(file);
	ck_assert_int_eq(heap.live, 0);
	ck_assert(r.summary);
	ck_assert_uint_gt(r.records, 0);
	ck_assert_mem_eq(&r, want, sizeof(r));
}

/* Each of the first, then ever fewer of them. */
static unsigned next(unsigned n)
{
	return n + 1 + (n > 1024 ? n / 32 : 0);
}

START_TEST(heap_fails)
{
	const char *name = samples[_i / 2];
	struct slice file = load(name);
	struct result want = run(file), r;
	unsigned all;

	heap.asked = 0;
	check_normal(file, &want);
	all = heap.asked;
	for (unsigned n = 1; n <= all; n = next(n)) {
		heap.fail_in = n;
		heap.all_after = _i % 2;
		heap.live = 0;
		r = run(file);
		ck_assert_msg(!heap.live, "%s: allocation %u of %u%s: %d left",
			      name, n, all, _i % 2 ? " and all after" : "",
			      heap.live);
		ck_assert(r.summary);
	}
	check_normal(file, &want);
}
END_TEST

START_TEST(arena_fails)
{
	const char *name = samples[_i];
	struct slice file = load(name);
	struct result want = run(file);

	for (unsigned n = 1; n < 100000; n = next(n)) {
		arena_fail_at(n);
		heap.live = 0;
		ck_assert(run(file).summary);
		arena_fail_at(0);
		ck_assert_msg(!heap.live, "%s: arena %u: %d left", name, n,
			      heap.live);
	}
	check_normal(file, &want);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("alloc");
	TCase *tc = tcase_create("runs");
	int n = sizeof(samples) / sizeof(samples[0]);

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, heap_fails, 0, 2 * n);
	tcase_add_loop_test(tc, arena_fails, 0, n);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
