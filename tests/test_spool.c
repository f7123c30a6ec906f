/*
 * The spool on a real folder: names, formats, what replaces what. Files are
 * read back by tests/made_frame.c, and by tshark where there is one.
 */
#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sniffer/base/ulid.h"
#include "storage/spool.h"
#include "tests/made_frame.h"
#include "tests/run_suite.h"

#define SEC 1000000000ull
/* 2026-11-23T01:02:03.456Z */
#define START_NS 1795395723456000000ull
#define FOLDER	 "spool/2026-11-23/01"
#define OPEN	 "spool/.open"
#define MAX	 64

static char dir[] = "/tmp/callscope-spool-XXXXXX";
static char uid[ULID_SIZE], path[64], why[SPOOL_WHY];
static struct spool *spool;
static unsigned complaints;
static struct made_packet packet[MAX];

static void complain(void *arg, const char *text)
{
	(void)arg;
	complaints++;
	snprintf(why, sizeof(why), "%s", text);
}

/* All tests are done twice: with a writer thread and without. */
static bool threaded;

static void open_spool(void)
{
	struct spool_config cfg = {
		.dir = dir,
		.complain = complain,
		.queue_bytes = threaded ? 65536 : 0,
	};

	ck_assert_msg(!spool_open(&spool, &cfg, why), "%s", why);
}

/* Until the disk is as it should be. */
static void settle(void)
{
	spool_drain(spool);
}

static void make_dir(void)
{
	struct slice id = SLICE("id");

	ck_assert_ptr_nonnull(mkdtemp(dir));
	ulid_make(uid, START_NS, &id, 1);
	open_spool();
}

static void make_dir_and_thread(void)
{
	threaded = true;
	make_dir();
}

static int remove_one(const char *name, const struct stat *st, int flag,
		      struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(name);
}

static void drop_dir(void)
{
	spool_close(spool);
	ck_assert_int_eq(nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static const char *full(const char *below)
{
	static char name[256];

	snprintf(name, sizeof(name), "%s/%s", dir, below);
	return name;
}

/* Entries of a folder, hidden ones too, but for the index and the folder of
 * what is on its way. */
static size_t entries(const char *below)
{
	DIR *d = opendir(full(below));
	struct dirent *e;
	size_t n = 0;

	if (!d)
		return 0;
	while ((e = readdir(d)))
		n += strcmp(e->d_name, "index") && strcmp(e->d_name, ".open");
	closedir(d);
	return n - 2;
}

/* One chunk with one frame of number n, n seconds after the start. */
static int append(struct spool_file **f, uint8_t n, uint16_t linktype,
		  uint8_t digits)
{
	uint8_t bytes[16 + MADE_LEN];
	struct record_chunk chunk = {
		.bytes = slice_of(bytes, sizeof(bytes)),
		.linktype = linktype,
		.ts_digits = digits,
	};
	uint64_t ts = START_NS + n * SEC + n;
	uint32_t head[4] = {(uint32_t)(ts / SEC), (uint32_t)(ts % SEC),
			    MADE_LEN, 1000};

	if (digits == 6)
		head[1] /= 1000;
	memcpy(bytes, head, sizeof(head));
	memset(bytes + 16, n, MADE_LEN);
	return spool_ops.append(spool, f, uid, &chunk);
}

static void finish(struct spool_file *f, uint64_t last_s, uint64_t packets)
{
	ck_assert_int_eq(spool_ops.finish(spool, f, uid,
					  START_NS + last_s * SEC + last_s,
					  packets, path, sizeof(path)),
			 0);
}

/* Frames 1 to n in one file of one kind. */
static void record(uint8_t n)
{
	struct spool_file *f = NULL;

	for (uint8_t i = 1; i <= n; i++)
		ck_assert_int_eq(append(&f, i, 1, 9), 0);
	finish(f, n, n);
}

static void assert_packets(int want, bool want_ng)
{
	bool ng;

	ck_assert_int_eq(made_read(full(path), packet, MAX, &ng), want);
	ck_assert_int_eq(ng, want_ng);
}

START_TEST(classic_file_has_its_name_and_modes)
{
	struct spool_file *f = NULL;
	char want[64];
	struct stat st;

	ck_assert_int_eq(append(&f, 1, 113, _i), 0);
	settle();
	ck_assert_uint_eq(entries(OPEN), 1);
	finish(f, 1, 1);
	snprintf(want, sizeof(want), FOLDER "/%s.pcap", uid);
	ck_assert_str_eq(path, want);
	ck_assert_uint_eq(entries(FOLDER), 1);
	assert_packets(1, false);
	ck_assert_uint_eq(packet[0].ts_ns, START_NS + SEC + (_i == 9 ? 1 : 0));
	ck_assert_uint_eq(packet[0].linktype, 113);
	ck_assert_uint_eq(packet[0].ts_digits, _i);
	ck_assert_uint_eq(packet[0].caplen, MADE_LEN);
	ck_assert_uint_eq(packet[0].wire_len, 1000);
	ck_assert_int_eq(stat(full(path), &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0640);
	ck_assert_int_eq(stat(full(FOLDER), &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0750);
	ck_assert_uint_eq(spool_files(spool), 1);
}
END_TEST

/* The kinds of chunks in turn, and how many interfaces that makes. */
static const struct {
	uint16_t linktype[6];
	uint8_t digits[6];
	int n;
} mixes[] = {
	{{1, 113}, {9, 9}, 2},
	{{1, 1}, {6, 9}, 2},
	{{1, 1, 113, 1, 276, 113}, {9, 9, 9, 6, 9, 9}, 6},
};

START_TEST(second_link_type_makes_a_pcapng)
{
	struct spool_file *f = NULL;

	for (int i = 0; i < mixes[_i].n; i++)
		ck_assert_int_eq(append(&f, (uint8_t)(i + 1),
					mixes[_i].linktype[i],
					mixes[_i].digits[i]),
				 0);
	settle();
	ck_assert_uint_eq(entries(OPEN), 1);
	finish(f, (uint64_t)mixes[_i].n, (uint64_t)mixes[_i].n);
	assert_packets(mixes[_i].n, true);
	for (int i = 0; i < mixes[_i].n; i++) {
		uint64_t ns = (uint64_t)i + 1;

		ck_assert_uint_eq(packet[i].first, i + 1);
		ck_assert_uint_eq(packet[i].linktype, mixes[_i].linktype[i]);
		ck_assert_uint_eq(packet[i].ts_digits, mixes[_i].digits[i]);
		ck_assert_uint_eq(packet[i].ts_ns,
				  START_NS + ns * SEC +
					  (mixes[_i].digits[i] == 9 ? ns : 0));
	}
	ck_assert_uint_eq(entries(FOLDER), 1);
}
END_TEST

/* In front of the packets, whatever the file was; our own reader passes over
 * them. */
START_TEST(secrets_come_first)
{
	static const char want[] = {10,	  0,   0, 0, 28, 0, 0,	 0,   'K', 'S',
				    'L',  'T', 5, 0, 0,	 0, 'l', 'i', 'n', 'e',
				    '\n', 0,   0, 0, 28, 0, 0,	 0};
	struct spool_file *f = NULL;
	char bytes[28 + sizeof(want)];
	FILE *file;

	append(&f, 1, 1, 9);
	append(&f, 2, _i ? 101 : 1, 9);
	ck_assert_int_eq(spool_ops.secrets(spool, f, SLICE("line\n")), 0);
	append(&f, 3, 1, 9);
	finish(f, 3, 3);
	assert_packets(3, true);
	for (int i = 0; i < 3; i++)
		ck_assert_uint_eq(packet[i].first, i + 1);
	ck_assert_uint_eq(packet[1].linktype, _i ? 101 : 1);
	file = fopen(full(path), "rb");
	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fread(bytes, 1, sizeof(bytes), file), sizeof(bytes));
	fclose(file);
	ck_assert_mem_eq(bytes + 28, want, sizeof(want));
	ck_assert_uint_eq(entries(FOLDER), 1);
}
END_TEST

START_TEST(pcapng_is_what_tshark_reads)
{
	struct spool_file *f = NULL;
	char cmd[512], line[128] = "";
	FILE *p;

	if (system("command -v tshark >/dev/null 2>&1")) {
		printf("SKIP pcapng_is_what_tshark_reads: no tshark\n");
		return;
	}
	append(&f, 1, 1, 9);
	append(&f, 2, 101, 9);
	finish(f, 2, 2);
	snprintf(cmd, sizeof(cmd),
		 "tshark -r %s -T fields -e frame.time_epoch -e "
		 "frame.interface_id -e frame.len 2>/dev/null | tail -1",
		 full(path));
	p = popen(cmd, "r");
	ck_assert_ptr_nonnull(p);
	ck_assert_ptr_nonnull(fgets(line, sizeof(line), p));
	pclose(p);
	ck_assert_str_eq(line, "1795395725.456000002\t1\t1000\n");
}
END_TEST

/* --- what replaces what --------------------------------------------------- */

static const struct {
	uint8_t before, after, want;
} runs[] = {{3, 5, 5}, {5, 3, 5}, {4, 4, 4}};

START_TEST(stored_file_is_replaced_by_what_knows_more)
{
	record(runs[_i].before);
	record(runs[_i].after);
	assert_packets(runs[_i].want, false);
	ck_assert_uint_eq(entries(FOLDER), 1);
	ck_assert_uint_eq(spool_files(spool), 2);
}
END_TEST

START_TEST(more_packets_decide_when_the_last_is_the_same)
{
	struct spool_file *f = NULL;

	record(3);
	append(&f, 3, 1, 9);
	finish(f, 3, 1);
	assert_packets(3, false);
}
END_TEST

START_TEST(second_run_leaves_the_same_bytes)
{
	uint8_t a[512], b[512];
	size_t len[2];
	FILE *file;

	for (int run = 0; run < 2; run++) {
		record(5);
		file = fopen(full(path), "rb");
		ck_assert_ptr_nonnull(file);
		len[run] = fread(run ? b : a, 1, sizeof(a), file);
		fclose(file);
		spool_close(spool);
		open_spool();
	}
	ck_assert_uint_eq(len[0], 24 + 5 * (16 + MADE_LEN));
	ck_assert_mem_eq(a, b, len[0]);
	ck_assert_uint_eq(len[0], len[1]);
}
END_TEST

START_TEST(stored_rubbish_is_replaced)
{
	FILE *file;

	record(2);
	file = fopen(full(path), "wb");
	ck_assert_ptr_nonnull(file);
	fputs("this is no capture file at all, but it is long enough", file);
	fclose(file);
	record(1);
	assert_packets(1, false);
}
END_TEST

START_TEST(leftover_of_a_killed_run_goes)
{
	struct spool_file *f = NULL;
	char name[160];
	FILE *file;

	append(&f, 1, 1, 9);
	spool_ops.discard(spool, f);
	settle();
	ck_assert_uint_eq(entries("spool"), 0);
	ck_assert_uint_eq(entries(OPEN), 0);
	record(1);
	spool_close(spool);
	ck_assert_int_eq(mkdir(full(OPEN), 0750), 0);
	snprintf(name, sizeof(name), "%s/" OPEN "/%s.pcap.part", dir, uid);
	file = fopen(name, "wb");
	ck_assert_ptr_nonnull(file);
	fputs("half a packet", file);
	fclose(file);
	open_spool();
	record(2);
	assert_packets(2, false);
	ck_assert_uint_eq(entries(FOLDER), 1);
	spool_close(spool);
	ck_assert_uint_eq(entries(OPEN), 0);
	assert_packets(2, false);
	open_spool();
}
END_TEST

START_TEST(two_recordings_of_one_uid)
{
	struct spool_file *f = NULL, *g = NULL, *h = NULL;

	append(&f, 1, 1, 9);
	append(&g, 2, 1, 9);
	finish(f, 1, 1);
	append(&h, 1, 1, 9);
	append(&g, 3, 1, 9);
	finish(g, 3, 2);
	assert_packets(2, false);
	finish(h, 1, 1);
	assert_packets(2, false);
	ck_assert_uint_eq(entries(FOLDER), 1);
}
END_TEST

START_TEST(finished_under_another_uid)
{
	struct spool_file *f = NULL;
	char other[ULID_SIZE];
	struct slice id = SLICE("id");

	append(&f, 1, 1, 9);
	ulid_make(other, START_NS + 3600 * SEC, &id, 1);
	ck_assert_int_eq(spool_ops.finish(spool, f, other, START_NS + SEC + 1,
					  1, path, sizeof(path)),
			 0);
	assert_packets(1, false);
	ck_assert_uint_eq(entries("spool/2026-11-23/02"), 1);
	ck_assert_uint_eq(entries("spool/2026-11-23"), 1);
}
END_TEST

START_TEST(close_removes_what_nobody_finished)
{
	struct spool_file *f = NULL;

	append(&f, 1, 1, 9);
	append(&f, 2, 113, 9);
	spool_close(spool);
	ck_assert_uint_eq(entries("spool"), 0);
	open_spool();
}
END_TEST

/* --- concat --------------------------------------------------------------- */

static const struct {
	uint16_t dst[3], src[3];
	bool ng;
} concats[] = {
	{{1, 1}, {1, 1}, false},    {{1}, {113}, true},
	{{1, 113}, {113, 1}, true}, {{1}, {1, 113}, true},
	{{1, 113}, {1}, true},
};

START_TEST(concat_keeps_all_packets)
{
	struct spool_file *dst = NULL, *src = NULL;
	uint8_t n = 0;

	for (size_t i = 0; concats[_i].dst[i]; i++)
		append(&dst, ++n, concats[_i].dst[i], 9);
	for (size_t i = 0; concats[_i].src[i]; i++)
		append(&src, ++n, concats[_i].src[i], 9);
	ck_assert_int_eq(spool_ops.concat(spool, dst, src), 0);
	append(&dst, ++n, 1, 9);
	finish(dst, n, n);
	assert_packets(n, concats[_i].ng);
	for (uint8_t i = 0; i < n; i++)
		ck_assert_uint_eq(packet[i].first, i + 1);
	ck_assert_uint_eq(entries(FOLDER), 1);
}
END_TEST

/* --- limits and errors ---------------------------------------------------- */

#define CALLS 300

START_TEST(more_files_than_descriptors)
{
	static struct spool_file *f[CALLS];
	struct rlimit lim;
	char id[CALLS][ULID_SIZE];

	spool_close(spool);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &lim), 0);
	lim.rlim_cur = 64;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &lim), 0);
	open_spool();
	for (int i = 0; i < CALLS; i++) {
		struct slice part = slice_of(&i, sizeof(i));

		ulid_make(id[i], START_NS, &part, 1);
	}
	for (uint8_t round = 1; round <= 3; round++)
		for (int i = 0; i < CALLS; i++) {
			memcpy(uid, id[i], ULID_SIZE);
			ck_assert_int_eq(append(&f[i], round, 1, 9), 0);
		}
	settle();
	ck_assert_uint_eq(entries(OPEN), CALLS);
	for (int i = 0; i < CALLS; i++) {
		memcpy(uid, id[i], ULID_SIZE);
		finish(f[i], 3, 3);
		assert_packets(3, false);
	}
	ck_assert_uint_eq(entries(FOLDER), CALLS);
	ck_assert_uint_eq(complaints, 0);
}
END_TEST

/* A full disk: the file system's limit for a file stands for it. */
START_TEST(what_fails_is_told_once_and_leaves_whole_packets)
{
	struct rlimit lim = {24 + 2 * (16 + MADE_LEN) + 10, RLIM_INFINITY};
	struct spool_file *f = NULL;

	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(append(&f, 1, 1, 9), 0);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &lim), 0);
	ck_assert_int_eq(append(&f, 2, 1, 9), 0);
	for (uint8_t n = 3; n <= 5; n++)
		ck_assert_int_eq(append(&f, n, n < 5 ? 1 : 113, 9),
				 threaded ? 0 : -EFBIG);
	finish(f, 5, 5);
	assert_packets(2, false);
	ck_assert_uint_eq(complaints, 1);
	ck_assert_uint_eq(spool_errors(spool), 3);
	ck_assert_ptr_nonnull(strstr(why, ".pcap.part: File too large"));
	ck_assert_uint_eq(entries(FOLDER), 1);
}
END_TEST

START_TEST(damaged_file_replaces_no_whole_one)
{
	struct rlimit lim = {24 + 2 * (16 + MADE_LEN), RLIM_INFINITY};
	struct spool_file *f = NULL;

	record(4);
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &lim), 0);
	for (uint8_t i = 1; i <= 4; i++)
		append(&f, i, 1, 9);
	finish(f, 4, 4);
	assert_packets(4, false);
}
END_TEST

START_TEST(folder_that_cannot_be)
{
	struct spool_config cfg = {.dir = "/dev/null/x"};
	struct spool *s = NULL;

	ck_assert_int_eq(spool_open(&s, &cfg, why), -ENOTDIR);
	ck_assert_str_eq(why, "cannot record below /dev/null/x/spool: "
			      "Not a directory");
}
END_TEST

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

static TCase *all(const char *name, void (*fixture)(void))
{
	TCase *t = tcase_create(name);

	tcase_add_checked_fixture(t, fixture, drop_dir);
	tcase_add_loop_test(t, classic_file_has_its_name_and_modes, 6, 7);
	tcase_add_loop_test(t, classic_file_has_its_name_and_modes, 9, 10);
	tcase_add_loop_test(t, second_link_type_makes_a_pcapng, 0,
			    COUNT(mixes));
	tcase_add_loop_test(t, secrets_come_first, 0, 2);
	tcase_add_test(t, pcapng_is_what_tshark_reads);
	tcase_add_loop_test(t, stored_file_is_replaced_by_what_knows_more, 0,
			    COUNT(runs));
	tcase_add_test(t, more_packets_decide_when_the_last_is_the_same);
	tcase_add_test(t, second_run_leaves_the_same_bytes);
	tcase_add_test(t, stored_rubbish_is_replaced);
	tcase_add_test(t, leftover_of_a_killed_run_goes);
	tcase_add_test(t, two_recordings_of_one_uid);
	tcase_add_test(t, finished_under_another_uid);
	tcase_add_test(t, close_removes_what_nobody_finished);
	tcase_add_loop_test(t, concat_keeps_all_packets, 0, COUNT(concats));
	tcase_add_test(t, more_files_than_descriptors);
	tcase_add_test(t, what_fails_is_told_once_and_leaves_whole_packets);
	tcase_add_test(t, damaged_file_replaces_no_whole_one);
	tcase_add_test(t, folder_that_cannot_be);
	tcase_set_timeout(t, 30);
	return t;
}

static Suite *spool_suite(void)
{
	Suite *suite = suite_create("spool");

	suite_add_tcase(suite, all("spool", make_dir));
	suite_add_tcase(suite, all("thread", make_dir_and_thread));
	return suite;
}

int main(void)
{
	umask(022);
	return run_suite(spool_suite());
}
