/*
 * The journal: entries as bytes, what is handed out after a stop and after a
 * kill, what leaves the disk, damage at every byte.
 */
#include "storage/journal.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/made_cdr.h"
#include "tests/run_suite.h"

#define T0 1700000000000000000ull
#define S  1000000000ull

static char dir[64];
static char said[1024];

/* What was handed out, a line each. */
static char got[65536];
static size_t got_n;

static void say(void *arg, const char *why)
{
	(void)arg;
	snprintf(said, sizeof(said), "%s", why);
}

static void note(const char *line)
{
	got_n += (size_t)snprintf(got + got_n, sizeof(got) - got_n, "%s\n",
				  line);
}

static void on_message(void *arg, uint64_t id, const struct journal_message *m)
{
	char line[128];

	(void)arg;
	snprintf(line, sizeof(line), "m%u %.*s %.*s", (unsigned)id,
		 SLICE_ARG(m->transport), SLICE_ARG(m->text));
	note(line);
}

static void on_record(void *arg, uint64_t id, struct cdr *cdr, uint64_t as_of)
{
	char line[128];

	(void)arg;
	snprintf(line, sizeof(line), "r%u %s %u", (unsigned)id, cdr->uid,
		 (unsigned)((as_of - T0) / S));
	note(line);
	cdr_free(cdr);
}

static void on_buried(void *arg, const struct journal_buried *d)
{
	char line[128];

	(void)arg;
	snprintf(line, sizeof(line), "b %.*s %.*s %u", SLICE_ARG(d->call_id),
		 SLICE_ARG(d->from_tag), d->cseq);
	note(line);
}

static struct journal *open_it(bool at_once, size_t file_bytes)
{
	const struct journal_config cfg = {.dir = dir,
					   .at_once = at_once,
					   .file_bytes = file_bytes,
					   .complain = say};
	char why[JOURNAL_WHY] = "";
	struct journal *j;

	said[0] = '\0';
	ck_assert_msg(!journal_open(&j, &cfg, why), "%s", why);
	return j;
}

/* What it hands out is left in got. */
static struct journal *reopen(bool at_once, size_t file_bytes)
{
	static const struct journal_events ev = {on_message, on_record,
						 on_buried};
	struct journal *j = open_it(at_once, file_bytes);

	got[0] = '\0';
	got_n = 0;
	ck_assert_int_eq(journal_restore(j, &ev, NULL), 0);
	return j;
}

static void message(struct journal *j, uint64_t id, unsigned at,
		    const char *text)
{
	const uint8_t ip[4] = {192, 0, 2, 1};
	const struct journal_message m = {.ts_ns = T0 + at * S,
					  .src = addr_v4(ip, 5060),
					  .dst = addr_v4(ip, 5062),
					  .realm = 7,
					  .transport = SLICE("tcp"),
					  .text = slice_str(text)};

	journal_message(j, id, &m);
}

static void record(struct journal *j, uint64_t id, unsigned at)
{
	struct cdr *cdr = made_call();

	snprintf(cdr->uid, sizeof(cdr->uid), "U%u", (unsigned)id);
	journal_record(j, id, cdr, T0 + at * S);
	cdr_free(cdr);
}

static void over(struct journal *j, uint64_t id, unsigned until)
{
	const struct journal_buried d = {.until_ns = T0 + until * S,
					 .cseq = 3,
					 .call_id = SLICE("c"),
					 .from_tag = SLICE("f")};

	journal_over(j, id, &d);
}

static void begin(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(dir, sizeof(dir), "%.40s/jrnXXXXXX", tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void end(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	ck_assert_int_eq(system(command), 0);
}

/* --- the run after -------------------------------------------------------- */

/* Two calls, of which the first is over. */
static void two_calls(struct journal *j)
{
	message(j, 1, 0, "INVITE a");
	message(j, 2, 1, "INVITE b");
	record(j, 2, 1);
	message(j, 1, 2, "BYE a");
	message(j, 2, 3, "200 b");
	record(j, 2, 30);
	over(j, 1, 60);
}

#define OPEN "m2 tcp INVITE b\nm2 tcp 200 b\nr2 U2 30\nb c f 3\n"

START_TEST(stopped)
{
	struct journal *j = open_it(true, 0);
	struct journal_left left;

	ck_assert_uint_eq(journal_left(j).last_ns, 0);
	two_calls(j);
	ck_assert_uint_eq(journal_open_items(j), 1);
	journal_close(j, true, T0 + 40 * S);
	for (int again = 0; again < 2; again++) {
		j = reopen(true, 0);
		left = journal_left(j);
		ck_assert_str_eq(got, OPEN);
		ck_assert_uint_eq(left.last_ns, T0 + 40 * S);
		ck_assert_uint_eq(left.last_id, again ? 2 : 2);
		ck_assert(left.stopped);
		ck_assert_uint_eq(journal_open_items(j), 1);
		journal_close(j, true, T0 + 40 * S);
	}
	ck_assert_str_eq(said, "");
}
END_TEST

/* What was buried is forgotten in time. */
START_TEST(buried)
{
	struct journal *j = open_it(true, 0);

	two_calls(j);
	journal_close(j, true, T0 + 61 * S);
	j = reopen(true, 0);
	ck_assert_str_eq(got, "m2 tcp INVITE b\nm2 tcp 200 b\nr2 U2 30\n");
	journal_close(j, true, T0 + 61 * S);
}
END_TEST

/* What counts at once is there after a kill, the rest is as if it had not
 * been. */
START_TEST(killed)
{
	bool at_once = _i;
	struct journal *j = open_it(at_once, 0);

	two_calls(j);
	journal_close(j, true, T0 + 40 * S);
	j = reopen(at_once, 0);
	message(j, 3, 41, "INVITE c");
	over(j, 2, 42);
	journal_flush(j);
	journal_close(j, false, 0);
	j = reopen(at_once, 0);
	ck_assert(journal_left(j).stopped == !at_once);
	if (at_once)
		ck_assert_str_eq(got, "m3 tcp INVITE c\nb c f 3\nb c f 3\n");
	else
		ck_assert_str_eq(got, OPEN);
	journal_close(j, true, T0 + 40 * S);
}
END_TEST

/* --- the disk ------------------------------------------------------------- */

/* One call stays open for ever, others come and go. */
START_TEST(cleaned)
{
	struct journal *j = reopen(true, 16384);
	uint64_t most = 0;

	message(j, 1, 0, "INVITE long");
	for (unsigned n = 2; n < 3000; n++) {
		message(j, n, n, "INVITE short");
		record(j, n, n);
		over(j, n, n + 60);
		if (n % 30 == 0)
			record(j, 1, n);
		if (n % 10 == 0)
			journal_flush(j);
		if (journal_bytes(j) > most)
			most = journal_bytes(j);
	}
	ck_assert_uint_eq(journal_open_items(j), 1);
	ck_assert_uint_lt(most, 16384 * 12);
	journal_close(j, false, 0);
	j = reopen(true, 16384);
	ck_assert_int_eq(strncmp(got, "m1 tcp INVITE long\nr1 U1 2970\nb ", 32),
			 0);
	journal_close(j, true, T0);
}
END_TEST

static void newest_file(char out[128])
{
	char command[192];
	FILE *p;

	snprintf(command, sizeof(command), "ls -t %s/journal/*-*", dir);
	p = popen(command, "r");
	ck_assert_ptr_nonnull(p);
	ck_assert_ptr_nonnull(fgets(out, 128, p));
	pclose(p);
	out[strcspn(out, "\n")] = '\0';
}

/* Where it cannot be written it says so once, and goes on. */
START_TEST(unwritable)
{
	struct journal *j = open_it(true, 1024);
	char command[128];

	message(j, 1, 0, "INVITE a");
	journal_flush(j);
	snprintf(command, sizeof(command), "rm -r %s/journal", dir);
	ck_assert_int_eq(system(command), 0);
	for (unsigned n = 2; n < 20; n++) {
		record(j, n, n);
		journal_flush(j);
	}
	ck_assert_uint_gt(journal_errors(j), 1);
	ck_assert_ptr_nonnull(strstr(said, "cannot write to"));
	journal_close(j, true, T0);
}
END_TEST

/* --- damage --------------------------------------------------------------- */

static struct outbuf file;

static void make_file(void)
{
	char path[128];
	struct journal *j = open_it(true, 0);
	FILE *f;
	int c;

	two_calls(j);
	journal_close(j, true, T0 + 40 * S);
	newest_file(path);
	f = fopen(path, "rb");
	ck_assert_ptr_nonnull(f);
	while ((c = fgetc(f)) != EOF)
		outbuf_char(&file, (char)c);
	fclose(f);
}

static size_t count_entries(struct slice bytes, uint64_t *damaged)
{
	struct slice dictionary, in;
	struct journal_entry e;
	size_t used, n = 0;

	if (journal_get_header(bytes, &dictionary, &used))
		return 0;
	in = slice_from(bytes, used);
	while (journal_next(&in, &e, damaged))
		n++;
	return n;
}

/* Cut at every byte: whole entries are there, and nothing else. */
START_TEST(cut)
{
	uint64_t damaged = 0;
	size_t all, before = 0;

	make_file();
	all = count_entries(slice_of(file.p, file.len), &damaged);
	ck_assert_uint_eq(all, 8);
	ck_assert_uint_eq(damaged, 0);
	for (size_t len = 0; len < file.len; len++) {
		char *copy = malloc(len ? len : 1);
		size_t n;

		memcpy(copy, file.p, len);
		n = count_entries(slice_of(copy, len), &damaged);
		ck_assert_uint_ge(n, before);
		ck_assert_uint_le(n, all - 1);
		before = n;
		free(copy);
	}
	outbuf_free(&file);
}
END_TEST

/* One byte wrong behind the head: one entry less, none wrong. */
START_TEST(flipped)
{
	struct slice dictionary;
	size_t used;

	make_file();
	ck_assert_int_eq(journal_get_header(slice_of(file.p, file.len),
					    &dictionary, &used),
			 0);
	for (size_t at = used; at < file.len; at++) {
		uint64_t damaged = 0;

		file.p[at] = (char)(file.p[at] ^ 0x41);
		ck_assert_uint_eq(
			count_entries(slice_of(file.p, file.len), &damaged), 7);
		ck_assert_uint_eq(damaged, 1);
		file.p[at] = (char)(file.p[at] ^ 0x41);
	}
	outbuf_free(&file);
}
END_TEST

START_TEST(damaged_is_told)
{
	char path[128];
	struct journal *j;
	FILE *f;

	make_file();
	newest_file(path);
	f = fopen(path, "r+b");
	ck_assert_ptr_nonnull(f);
	fseek(f, (long)file.len - 40, SEEK_SET);
	fputs("damaged", f);
	fclose(f);
	j = reopen(true, 0);
	ck_assert_uint_eq(journal_left(j).damaged, 1);
	ck_assert_ptr_nonnull(strstr(said, "is damaged in 1 places"));
	ck_assert(!journal_left(j).stopped || got_n);
	journal_close(j, true, T0);
	outbuf_free(&file);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("journal");
	TCase *t = tcase_create("journal");

	tcase_add_checked_fixture(t, begin, end);
	tcase_add_test(t, stopped);
	tcase_add_test(t, buried);
	tcase_add_loop_test(t, killed, 0, 2);
	tcase_add_test(t, cleaned);
	tcase_add_test(t, unwritable);
	tcase_add_test(t, cut);
	tcase_add_test(t, flipped);
	tcase_add_test(t, damaged_is_told);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	return run_suite(s);
}
