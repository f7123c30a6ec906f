/*
 * The spool keeps itself: retention, legal hold, a disk that runs full, its
 * index, and what a killed run left. The clock and the size of the disk are
 * the test's; there is no thread.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sniffer/base/ulid.h"
#include "sniffer/engine/sorter.h"
#include "storage/pcapfile.h"
#include "storage/spool_hold.h"
#include "storage/spool_index.h"
#include "storage/spool_read.h"
#include "tests/run_suite.h"

#define SEC	  1000000000ull
#define HOUR_MS	  3600000ull
#define DAY_MS	  (24 * HOUR_MS)
#define START_NS  1795392000000000000ull /* 2026-11-23T00:00:00Z */
#define START_MS  (START_NS / 1000000)
#define SIP_FRAME (14 + 20 + 8 + 40)
#define RTP_FRAME (14 + 20 + 8 + 172)
#define HEAD	  16

static char dir[] = "/tmp/callscope-clean-XXXXXX";
static char why[SPOOL_WHY], told[8192];
static struct spool *spool;
static struct spool_config cfg;
static uint64_t now_ms, disk_total, disk_avail;

static uint64_t the_time(void *arg)
{
	(void)arg;
	return now_ms;
}

static int the_disk(void *arg, uint64_t *total, uint64_t *avail)
{
	(void)arg;
	*total = disk_total;
	*avail = disk_avail;
	return 0;
}

static const struct spool_system made = {the_time, the_disk, NULL};

static void complain(void *arg, const char *text)
{
	size_t len = strlen(told);

	(void)arg;
	snprintf(told + len, sizeof(told) - len, "%s\n", text);
}

static void open_spool(void)
{
	told[0] = '\0';
	ck_assert_msg(!spool_open(&spool, &cfg, why), "%s", why);
}

static void begin(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
	now_ms = START_MS;
	disk_total = disk_avail = 1000000;
	cfg = (struct spool_config){
		.dir = dir,
		.live = true,
		.sorter = &media_sorter,
		.system = &made,
		.complain = complain,
	};
	open_spool();
}

static int remove_one(const char *name, const struct stat *st, int flag,
		      struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(name);
}

static void end(void)
{
	spool_close(spool);
	ck_assert_int_eq(nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

/* All that there is to do now. */
static void clean(void)
{
	for (int i = 0; i < 1000 && spool_step(spool); i++)
		;
	ck_assert(!spool_step(spool));
}

/* --- calls ---------------------------------------------------------------- */

/* A UDP datagram in Ethernet and IPv4, with its record's head. */
static void put_packet(uint8_t *at, uint64_t ts_ns, const char *payload,
		       size_t len)
{
	uint32_t head[4] = {(uint32_t)(ts_ns / SEC), (uint32_t)(ts_ns % SEC),
			    (uint32_t)(42 + len), (uint32_t)(42 + len)};
	uint8_t *ip = at + HEAD + 14, *udp = ip + 20;

	memcpy(at, head, HEAD);
	memset(at + HEAD, 0, 42);
	at[HEAD + 12] = 8;
	ip[0] = 0x45;
	ip[3] = (uint8_t)(28 + len);
	ip[8] = 64;
	ip[9] = 17;
	ip[12] = ip[16] = 10;
	ip[19] = 1;
	udp[0] = 0x10;
	udp[2] = 0x20;
	udp[5] = (uint8_t)(8 + len);
	memcpy(udp + 8, payload, len);
}

static void put(struct spool_file **f, const char *uid, uint64_t ts_ns,
		bool media)
{
	char payload[172] = "OPTIONS sip:a@b SIP/2.0\r\n\r\n";
	size_t len = media ? 172 : 40;
	uint8_t bytes[HEAD + 42 + 172];
	struct record_chunk chunk = {
		.bytes = slice_of(bytes, HEAD + 42 + len),
		.linktype = 1,
		.ts_digits = 9,
		.media_bytes = media ? HEAD + 42 + len : 0,
	};

	if (media) {
		memset(payload, 0, sizeof(payload));
		payload[0] = (char)0x80;
		payload[1] = 8;
	}
	put_packet(bytes, ts_ns, payload, len);
	ck_assert_int_eq(spool_ops.append(spool, f, uid, &chunk), 0);
}

/* Call n, that hour after the start: signalling, so many RTP packets, and
 * signalling again. */
static const char *call(unsigned hour, unsigned n, unsigned media)
{
	static char uids[16][ULID_SIZE];
	static unsigned used;
	char *uid = uids[used++ % 16];
	uint64_t at = START_NS + hour * 3600 * SEC;
	struct slice id = slice_of(&n, sizeof(n));
	struct spool_file *f = NULL;
	char path[64];

	ulid_make(uid, at, &id, 1);
	put(&f, uid, at, false);
	for (unsigned i = 0; i < media; i++)
		put(&f, uid, at + (i + 1) * SEC / 50, true);
	put(&f, uid, at + 60 * SEC, false);
	ck_assert_int_eq(spool_ops.finish(spool, f, uid, at + 60 * SEC,
					  media + 2, path, sizeof(path)),
			 0);
	ck_assert_int_eq(!path[0], cfg.minute);
	return uid;
}

/* Where a call lies: gzipped or not; NULL when it is gone. */
static const char *file_of(const char *uid)
{
	static char name[256];
	char folder[SPOOL_FOLDER];

	spool_folder(uid, folder);
	snprintf(name, sizeof(name), "%s/spool/%s/%s.pcap", dir, folder, uid);
	if (access(name, F_OK) == 0)
		return name;
	strcat(name, ".gz");
	return access(name, F_OK) == 0 ? name : NULL;
}

static off_t size_of(const char *uid)
{
	struct stat st;

	return file_of(uid) && stat(file_of(uid), &st) == 0 ? st.st_size : -1;
}

#define PLAIN	 (24 + 2 * (HEAD + SIP_FRAME))
#define MEDIA(n) ((n) * (HEAD + RTP_FRAME))

static int count(int fd)
{
	struct pcapfile_reader *r;
	struct pcapfile_packet p;
	int n = 0, got;

	if (pcapfile_reader_open(&r, fd))
		return -1;
	while ((got = pcapfile_reader_next(r, &p)) > 0)
		n++;
	pcapfile_reader_close(r);
	return got ? -1 : n;
}

/* Packets of a call as spool_read_call() gives them; -1 when it gives none. */
static int packets_of(const char *uid)
{
	char name[300];
	int fd, n = -1;

	snprintf(name, sizeof(name), "%s/read", dir);
	fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
	ck_assert_int_ge(fd, 0);
	if (!spool_read_call(dir, uid, fd, why))
		n = count(fd);
	close(fd);
	unlink(name);
	return n;
}

static bool there(const char *below)
{
	char name[300];

	snprintf(name, sizeof(name), "%s/%s", dir, below);
	return access(name, F_OK) == 0;
}

/* --- age ------------------------------------------------------------------ */

START_TEST(old_media_is_stripped_then_all_goes)
{
	const char *uid;

	spool_close(spool);
	cfg.gzip = _i;
	cfg.keep = (struct spool_keep){.media_ms = DAY_MS,
				       .signalling_ms = 3 * DAY_MS};
	open_spool();
	uid = call(0, 1, 20);
	now_ms = START_MS + HOUR_MS + DAY_MS - 1;
	clean();
	ck_assert_int_eq(packets_of(uid), 22);
	now_ms++;
	clean();
	ck_assert_int_eq(packets_of(uid), 2);
	if (!_i)
		ck_assert_int_eq(size_of(uid), PLAIN);
	ck_assert_ptr_nonnull(strstr(told, "spool: deleted the media of 1 "
					   "calls of 2026-11-23/00h ("));
	ck_assert_ptr_nonnull(strstr(told, "older than 1 day"));
	told[0] = '\0';
	clean();
	ck_assert_str_eq(told, "");
	now_ms = START_MS + HOUR_MS + 3 * DAY_MS;
	clean();
	ck_assert_ptr_null(file_of(uid));
	ck_assert_ptr_nonnull(strstr(told, "deleted the recordings of 1 calls "
					   "of 2026-11-23/00h"));
	ck_assert(!there("spool/2026-11-23"));
	ck_assert_int_eq(packets_of(uid), -1);
}
END_TEST

/* The index is read again by the next run; without it the folder is. */
START_TEST(another_run_knows_what_is_there)
{
	const char *a, *b;
	char index[300];

	cfg.keep.signalling_ms = 2 * DAY_MS;
	a = call(0, 1, 3);
	b = call(5, 2, 3);
	spool_close(spool);
	snprintf(index, sizeof(index), "%s/spool/2026-11-23/00/index", dir);
	if (_i)
		ck_assert_int_eq(unlink(index), 0);
	open_spool();
	now_ms = START_MS + 2 * DAY_MS + HOUR_MS;
	clean();
	ck_assert_ptr_null(file_of(a));
	ck_assert_ptr_nonnull(file_of(b));
	ck_assert(!there("spool/2026-11-23/00"));
	ck_assert(there("spool/2026-11-23/05"));
}
END_TEST

/* Only live captures delete. */
START_TEST(files_are_read_without_deleting)
{
	const char *uid;

	spool_close(spool);
	cfg.live = false;
	cfg.keep = (struct spool_keep){1, 1, 1, 1, 90};
	open_spool();
	uid = call(0, 1, 3);
	now_ms = START_MS + 1000 * DAY_MS;
	disk_avail = 0;
	clean();
	ck_assert_ptr_nonnull(file_of(uid));
	ck_assert_int_eq(spool_ops.level(spool), RECORD_LEVEL_ALL);
}
END_TEST

/* --- bytes ---------------------------------------------------------------- */

START_TEST(the_oldest_media_makes_room)
{
	const char *uid[4];

	spool_close(spool);
	cfg.keep.media_bytes = MEDIA(20);
	open_spool();
	for (unsigned i = 0; i < 4; i++)
		uid[i] = call(i, i, 10);
	clean();
	for (unsigned i = 0; i < 4; i++)
		ck_assert_int_eq(size_of(uid[i]),
				 PLAIN + (i < 2 ? 0 : MEDIA(10)));
	ck_assert_ptr_nonnull(strstr(told, "media is more than"));
}
END_TEST

START_TEST(the_oldest_signalling_makes_room)
{
	const char *uid[4];

	spool_close(spool);
	cfg.keep.signalling_bytes = 3 * PLAIN;
	open_spool();
	for (unsigned i = 0; i < 4; i++)
		uid[i] = call(i, i, 10);
	clean();
	ck_assert_ptr_null(file_of(uid[0]));
	for (unsigned i = 1; i < 4; i++)
		ck_assert_int_eq(size_of(uid[i]), PLAIN + MEDIA(10));
}
END_TEST

/* --- the disk ------------------------------------------------------------- */

static const struct {
	unsigned free_pct; /* in thousandths of the disk */
	enum record_level level;
} disks[] = {
	{500, RECORD_LEVEL_ALL},      {205, RECORD_LEVEL_ALL},
	{199, RECORD_LEVEL_NO_MEDIA}, {203, RECORD_LEVEL_NO_MEDIA},
	{205, RECORD_LEVEL_ALL},      {150, RECORD_LEVEL_NO_MEDIA},
	{99, RECORD_LEVEL_NOTHING},   {103, RECORD_LEVEL_NOTHING},
	{106, RECORD_LEVEL_NO_MEDIA}, {50, RECORD_LEVEL_NOTHING},
	{300, RECORD_LEVEL_ALL},
};

START_TEST(low_disk_stops_media_then_all)
{
	cfg.keep.free_pct = 20;
	spool_close(spool);
	open_spool();
	for (size_t i = 0; i < sizeof(disks) / sizeof(disks[0]); i++) {
		disk_avail = disks[i].free_pct * 1000;
		now_ms += 1000;
		clean();
		ck_assert_msg(spool_ops.level(spool) == disks[i].level,
			      "step %zu", i);
	}
	ck_assert_ptr_nonnull(strstr(told, "has 19 % left: media is not "
					   "recorded now"));
	ck_assert_ptr_nonnull(strstr(told, "has 9 % left: nothing"));
	ck_assert_ptr_nonnull(strstr(told, "has 30 % left: everything"));
}
END_TEST

START_TEST(low_disk_takes_media_first)
{
	const char *a, *b, *now;

	cfg.keep.free_pct = 20;
	spool_close(spool);
	open_spool();
	a = call(0, 1, 10);
	b = call(1, 2, 10);
	now = call(30, 3, 10);
	now_ms = START_MS + 30 * HOUR_MS + 1;
	disk_avail = 205000; /* 1 % above: cleaning begins */
	clean();
	/* Nothing helps here: but the present hour's signalling stays. */
	ck_assert_ptr_null(file_of(a));
	ck_assert_ptr_null(file_of(b));
	ck_assert_int_eq(size_of(now), PLAIN);
	ck_assert_ptr_nonnull(strstr(told, "less than 21 % of the disk"));
	ck_assert(strstr(told, "the media of 1 calls of 2026-11-23/00h") <
		  strstr(told, "the recordings of 1 calls of 2026-11-23/00h"));
}
END_TEST

/* --- legal hold ----------------------------------------------------------- */

static size_t hold(const char *uid, bool held)
{
	size_t changed = 99;

	ck_assert_int_eq(spool_hold_set(dir, &uid, 1, held, &changed), 0);
	return changed;
}

START_TEST(held_calls_stay_whole)
{
	const char *a, *b;

	cfg.keep = (struct spool_keep){.media_ms = DAY_MS,
				       .signalling_ms = 3 * DAY_MS};
	spool_close(spool);
	open_spool();
	a = call(0, 1, 10);
	b = call(0, 2, 10);
	ck_assert_uint_eq(hold(a, true), 1);
	ck_assert_uint_eq(hold(a, true), 0);
	now_ms = START_MS + 2 * DAY_MS;
	clean();
	ck_assert_int_eq(size_of(a), PLAIN + MEDIA(10));
	ck_assert_int_eq(size_of(b), PLAIN);
	now_ms = START_MS + 100 * DAY_MS;
	clean();
	ck_assert_int_eq(size_of(a), PLAIN + MEDIA(10));
	ck_assert_ptr_null(file_of(b));
	/* It survives a restart, and ends with the release. */
	spool_close(spool);
	open_spool();
	clean();
	ck_assert_int_eq(size_of(a), PLAIN + MEDIA(10));
	ck_assert_uint_eq(hold(a, false), 1);
	ck_assert_uint_eq(hold(a, false), 0);
	clean();
	ck_assert_ptr_null(file_of(a));
}
END_TEST

/* --- what a killed run left ----------------------------------------------- */

/* A run that ends without a word: its process is gone, its file is not. */
static const char *killed_run(unsigned media)
{
	static char uid[ULID_SIZE];
	unsigned id = 77;
	struct slice part = slice_of(&id, sizeof(id));
	pid_t pid;

	ulid_make(uid, START_NS, &part, 1);
	spool_close(spool);
	pid = fork();
	if (pid == 0) {
		struct spool_file *f = NULL;

		if (spool_open(&spool, &cfg, why))
			_exit(1);
		put(&f, uid, START_NS, false);
		for (unsigned i = 0; i < media; i++)
			put(&f, uid, START_NS + SEC + i, true);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	return uid;
}

START_TEST(leftover_is_completed)
{
	const char *uid = killed_run(5);

	open_spool();
	clean();
	ck_assert_int_eq(packets_of(uid), 6);
	ck_assert_ptr_nonnull(strstr(told, "completed 1 recordings"));
	ck_assert_uint_eq(spool_files(spool), 0);
}
END_TEST

/* Cut at each byte: what is whole is kept. */
START_TEST(leftover_that_is_cut)
{
	const char *uid = killed_run(2);
	char part[300], copy[300];
	off_t whole = 24 + (HEAD + SIP_FRAME) + MEDIA(2);
	struct stat st;

	snprintf(part, sizeof(part), "%s/spool/.open/%s.pcap.part", dir, uid);
	snprintf(copy, sizeof(copy), "%s/copy", dir);
	ck_assert_int_eq(stat(part, &st), 0);
	ck_assert_int_eq(st.st_size, whole);
	ck_assert_int_eq(rename(part, copy), 0);
	for (off_t cut = 0; cut <= whole; cut += 7) {
		char cmd[1024];
		int want = 0;

		if (cut >= 24 + HEAD + SIP_FRAME)
			want = 1 + (int)((cut - 24 - HEAD - SIP_FRAME) /
					 (HEAD + RTP_FRAME));
		snprintf(cmd, sizeof(cmd),
			 "mkdir -p %s/spool/.open && head -c %d %s >%s && "
			 "rm -rf %s/spool/2026*",
			 dir, (int)cut, copy, part, dir);
		ck_assert_int_eq(system(cmd), 0);
		open_spool();
		clean();
		ck_assert_int_eq(packets_of(uid), want ? want : -1);
		if (cut + 7 <= whole)
			spool_close(spool);
	}
}
END_TEST

START_TEST(leftover_is_adopted)
{
	const char *uid = killed_run(5);
	uint64_t packets = 0, last_ns = 0;
	struct spool_file *f = NULL;
	char path[300];

	cfg.adopt = true;
	cfg.gzip = _i;
	open_spool();
	clean();
	ck_assert_int_eq(packets_of(uid), 6); /* of an unfinished file */
	ck_assert_int_eq(spool_left(spool, uid, path, sizeof(path)), 0);
	ck_assert_int_eq(access(path, R_OK), 0);
	ck_assert_int_eq(spool_ops.adopt(spool, uid, &f, &packets, &last_ns),
			 0);
	ck_assert_uint_eq(packets, 6);
	ck_assert_uint_eq(last_ns, START_NS + SEC + 4);
	ck_assert_int_eq(spool_left(spool, uid, path, sizeof(path)), -ENOENT);
	put(&f, uid, START_NS + 2 * SEC, false);
	ck_assert_int_eq(spool_ops.finish(spool, f, uid, START_NS + 2 * SEC, 7,
					  path, 64),
			 0);
	ck_assert_int_eq(packets_of(uid), 7);
	/* The same again: what was completed is taken back. */
	f = NULL;
	ck_assert_int_eq(spool_ops.adopt(spool, uid, &f, &packets, &last_ns),
			 0);
	ck_assert_uint_eq(packets, 7);
	put(&f, uid, START_NS + 3 * SEC, false);
	ck_assert_int_eq(spool_ops.finish(spool, f, uid, START_NS + 3 * SEC, 8,
					  path, 64),
			 0);
	ck_assert_int_eq(packets_of(uid), 8);
	ck_assert_int_eq(spool_ops.adopt(spool, "01KZZZZZZZZZZZZZZZZZZZZZZZ",
					 &f, &packets, &last_ns),
			 -ENOENT);
}
END_TEST

/* What is taken back changes its hour each time: the hours are looked at once
 * it is over, whatever there was to delete. */
START_TEST(hours_wait_for_what_is_adopted)
{
	const char *uid = call(0, 1, 3);

	spool_close(spool);
	cfg.adopt = true;
	cfg.keep.signalling_ms = DAY_MS;
	open_spool();
	now_ms = START_MS + 9 * DAY_MS;
	ck_assert(!spool_step(spool));
	ck_assert_ptr_nonnull(file_of(uid));
	spool_adopted(spool);
	clean();
	ck_assert_ptr_null(file_of(uid));
}
END_TEST

/* --- a disk that is too slow -----------------------------------------------
 */

/* The writer waits where it asks for the disk. */
static pthread_mutex_t stall = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turn = PTHREAD_COND_INITIALIZER;
static bool stalled, go_on;

static int slow_disk(void *arg, uint64_t *total, uint64_t *avail)
{
	pthread_mutex_lock(&stall);
	stalled = true;
	pthread_cond_broadcast(&turn);
	while (!go_on)
		pthread_cond_wait(&turn, &stall);
	pthread_mutex_unlock(&stall);
	return the_disk(arg, total, avail);
}

static const struct spool_system slow = {the_time, slow_disk, NULL};

START_TEST(nobody_waits_for_a_slow_disk)
{
	struct spool_file *f = NULL;
	unsigned n = 0;
	char uid[ULID_SIZE], path[64];
	struct slice id = slice_of(&n, sizeof(n));
	uint8_t bytes[HEAD + 42 + 40];
	struct record_chunk chunk = {slice_of(bytes, sizeof(bytes)), 1, 9, 0};

	spool_close(spool);
	cfg.system = &slow;
	cfg.queue_bytes = 65536;
	open_spool();
	pthread_mutex_lock(&stall);
	while (!stalled)
		pthread_cond_wait(&turn, &stall);
	pthread_mutex_unlock(&stall);
	ulid_make(uid, START_NS, &id, 1);
	put_packet(bytes, START_NS,
		   "OPTIONS sip:a@b SIP/2.0\r\n\r\n.............", 40);
	ck_assert_int_eq(spool_ops.level(spool), RECORD_LEVEL_ALL);
	/* A message has room for 8 KB. */
	while (!spool_ops.append(spool, &f, uid, &chunk))
		if (++n == 7)
			ck_assert_int_eq(spool_ops.level(spool),
					 RECORD_LEVEL_NO_MEDIA);
	ck_assert_uint_eq(n, 8);
	ck_assert_int_eq(spool_ops.append(spool, &f, uid, &chunk), -ENOBUFS);
	ck_assert_uint_eq(spool_dropped(spool), 2);
	/* The end is always taken. */
	ck_assert_int_eq(spool_ops.finish(spool, f, uid, START_NS, 8, path,
					  sizeof(path)),
			 0);
	pthread_mutex_lock(&stall);
	go_on = true;
	pthread_cond_broadcast(&turn);
	pthread_mutex_unlock(&stall);
	spool_drain(spool);
	ck_assert_int_eq(packets_of(uid), 8);
	ck_assert_int_eq(spool_ops.level(spool), RECORD_LEVEL_ALL);
	ck_assert_ptr_nonnull(strstr(told, "is too slow: recordings are "
					   "incomplete from now on"));
}
END_TEST

/* --- gzip ----------------------------------------------------------------- */

START_TEST(gzipped_files_are_compared_too)
{
	const char *uid;

	spool_close(spool);
	cfg.gzip = true;
	open_spool();
	uid = call(0, 1, 9);
	ck_assert_ptr_nonnull(strstr(file_of(uid), ".pcap.gz"));
	call(0, 1, 3); /* knows less */
	ck_assert_int_eq(packets_of(uid), 11);
	spool_close(spool);
	cfg.gzip = false;
	open_spool();
	call(0, 1, 3);
	ck_assert_ptr_nonnull(strstr(file_of(uid), ".pcap.gz"));
	call(0, 1, 12);
	ck_assert_ptr_null(strstr(file_of(uid), ".gz"));
	ck_assert_int_eq(packets_of(uid), 14);
}
END_TEST

/* --- a file for each minute ------------------------------------------------
 */

static void by_minute(bool live)
{
	spool_close(spool);
	cfg.minute = true;
	cfg.live = live;
	open_spool();
}

/* Files of minutes, and all besides, in the folder of the first hour. */
static int files(bool minutes)
{
	char cmd[400], line[16] = "";
	FILE *p;

	snprintf(cmd, sizeof(cmd),
		 "find %s/spool/2026-11-23/00 -type f ! -name index %s -name "
		 "'*.pcapng' 2>/dev/null | wc -l",
		 dir, minutes ? "" : "!");
	p = popen(cmd, "r");
	ck_assert_ptr_nonnull(p);
	ck_assert_ptr_nonnull(fgets(line, sizeof(line), p));
	pclose(p);
	return atoi(line);
}

START_TEST(minute_has_all_its_calls)
{
	const char *uid[8];

	by_minute(true);
	for (unsigned i = 0; i < 8; i++)
		uid[i] = call(0, i, i);
	for (unsigned i = 0; i < 8; i++)
		ck_assert_int_eq(packets_of(uid[i]), (int)i + 2);
	ck_assert_int_eq(files(true), 1);
	ck_assert_int_eq(files(false), 0);
	ck_assert_uint_eq(spool_files(spool), 8);
}
END_TEST

START_TEST(minute_keeps_what_knows_more)
{
	const char *a;

	by_minute(false);
	a = call(0, 1, 9);
	call(0, 1, 4);
	ck_assert_int_eq(packets_of(a), 11);
	by_minute(false);
	call(0, 1, 5);
	ck_assert_int_eq(packets_of(a), 11);
	call(0, 1, 12);
	ck_assert_int_eq(packets_of(a), 14);
}
END_TEST

START_TEST(minute_is_cleaned_call_by_call)
{
	const char *a, *b, *c, *late;

	cfg.keep = (struct spool_keep){.media_ms = DAY_MS,
				       .signalling_ms = 3 * DAY_MS};
	by_minute(true);
	a = call(0, 1, 10);
	b = call(0, 2, 10);
	c = call(0, 3, 0);
	hold(a, true);
	now_ms = START_MS + 2 * DAY_MS;
	clean();
	ck_assert_int_eq(packets_of(a), 12);
	ck_assert_int_eq(packets_of(b), 2);
	ck_assert_int_eq(packets_of(c), 2);
	ck_assert_int_eq(files(true), 1);
	ck_assert_ptr_nonnull(strstr(told, "the media of 1 calls"));
	/* A long call that ends now goes to another part of the minute. */
	late = call(0, 4, 10);
	ck_assert_int_eq(files(true), 2);
	ck_assert_int_eq(packets_of(late), 12);
	clean();
	ck_assert_int_eq(packets_of(late), 2);
	ck_assert_int_eq(packets_of(a), 12);
	ck_assert_int_eq(files(true), 1);
	spool_close(spool);
	open_spool();
	now_ms = START_MS + 4 * DAY_MS;
	clean();
	ck_assert_int_eq(packets_of(a), 12);
	ck_assert_int_eq(packets_of(b), -1);
	ck_assert_int_eq(packets_of(late), -1);
	hold(a, false);
	clean();
	ck_assert_int_eq(packets_of(a), -1);
	ck_assert(!there("spool/2026-11-23"));
}
END_TEST

/* A minute that is large is written anew piece by piece, and calls come. */
START_TEST(minute_gets_calls_while_it_is_cleaned)
{
	const char *a, *b, *c, *late;
	unsigned steps = 0;

	cfg.keep.media_ms = DAY_MS;
	by_minute(true);
	a = call(0, 1, 5000);
	b = call(0, 2, 5000);
	c = call(0, 3, 5000);
	hold(a, true);
	now_ms = START_MS + 2 * DAY_MS;
	while (files(true) == 1 && ++steps < 1000)
		ck_assert(spool_step(spool));
	ck_assert(spool_step(spool));
	late = call(0, 4, 10);
	call(0, 2, 5001); /* the same call, and more of it */
	clean();
	ck_assert_int_eq(packets_of(a), 5002);
	ck_assert_int_eq(packets_of(b), 2);
	ck_assert_int_eq(packets_of(c), 2);
	ck_assert_int_eq(packets_of(late), 2);
	ck_assert_int_eq(files(true), 1);
}
END_TEST

/* Ended in the middle: all is as it was. */
START_TEST(minute_that_is_not_cleaned_to_the_end)
{
	const char *a, *b;

	cfg.keep.media_ms = DAY_MS;
	by_minute(true);
	a = call(0, 1, 5000);
	b = call(0, 2, 5000);
	hold(a, true);
	now_ms = START_MS + 2 * DAY_MS;
	while (files(true) == 1)
		ck_assert(spool_step(spool));
	spool_close(spool);
	ck_assert_int_eq(files(true), 1);
	ck_assert_int_eq(packets_of(a), 5002);
	ck_assert_int_eq(packets_of(b), 5002);
	open_spool();
}
END_TEST

/* Cut at many places, too: calls that are whole are found. */
START_TEST(minute_without_its_index)
{
	const char *a, *b;
	char name[300];
	struct stat st;

	by_minute(true);
	a = call(0, 1, 3);
	b = call(0, 2, 4);
	spool_close(spool);
	snprintf(name, sizeof(name), "%s/spool/2026-11-23/00/00.pcapng", dir);
	ck_assert_int_eq(stat(name, &st), 0);
	ck_assert_int_eq(truncate(name, st.st_size - 100 * _i), 0);
	snprintf(name, sizeof(name), "%s/spool/2026-11-23/00/index", dir);
	ck_assert_int_eq(unlink(name), 0);
	open_spool();
	clean();
	ck_assert_int_eq(packets_of(a), 5);
	if (!_i)
		ck_assert_int_eq(packets_of(b), 6);
}
END_TEST

START_TEST(minute_gives_a_call_back)
{
	uint64_t packets, last_ns;
	struct spool_file *f = NULL;
	const char *a, *b;
	char path[64];

	cfg.adopt = true;
	by_minute(true);
	a = call(0, 1, 3);
	b = call(0, 2, 4);
	ck_assert_int_eq(spool_ops.adopt(spool, a, &f, &packets, &last_ns), 0);
	ck_assert_uint_eq(packets, 5);
	put(&f, a, START_NS + 99 * SEC, false);
	ck_assert_int_eq(spool_ops.finish(spool, f, a, START_NS + 99 * SEC, 6,
					  path, sizeof(path)),
			 0);
	ck_assert_str_eq(path, "");
	ck_assert_int_eq(packets_of(a), 6);
	ck_assert_int_eq(packets_of(b), 6);
}
END_TEST

/* --- the index ------------------------------------------------------------ */

#define UID "01KAQ3RC00ABCDEFGHJKMNPQRS"

static const struct {
	const char *line;
	bool good;
	enum spool_kind kind;
	uint64_t bytes, media;
} lines[] = {
	{UID " pcap 123 45 .", true, SPOOL_PCAP, 123, 45},
	{UID " pcap.gz 123 0 .", true, SPOOL_PCAP_GZ, 123, 0},
	{UID " gone 0 0 .", true, SPOOL_GONE, 0, 0},
	{UID " minute 12 3 4 0 5 6 .", true, SPOOL_MINUTE, 12, 3},
	{UID " minute 12 3 4 0 5 .", false, 0, 0, 0},
	{UID " minute 12 3 .", false, 0, 0, 0},
	{UID " pcap 12 3 4 0 5 6 .", false, 0, 0, 0},
	{UID " pcap 12 45 .", false, 0, 0, 0},
	{UID " pcap 123 45", false, 0, 0, 0},
	{UID " pcap 123 45 ", false, 0, 0, 0},
	{UID " pcap 123", false, 0, 0, 0},
	{UID " zip 123 45 .", false, 0, 0, 0},
	{UID " pcap -1 45 .", false, 0, 0, 0},
	{"01kaq3rc00abcdefghjkmnpqrs pcap 1 1 .", false, 0, 0, 0},
	{"", false, 0, 0, 0},
};

START_TEST(lines_of_the_index)
{
	struct spool_entry e = {0};
	bool good = spool_index_parse(slice_str(lines[_i].line), &e);

	ck_assert_int_eq(good, lines[_i].good);
	if (!good)
		return;
	ck_assert_str_eq(e.uid, UID);
	ck_assert_int_eq(e.kind, lines[_i].kind);
	ck_assert_uint_eq(e.bytes, lines[_i].bytes);
	ck_assert_uint_eq(e.media, lines[_i].media);
	/* No beginning of it is another line. */
	for (size_t n = 0; n < strlen(lines[_i].line); n++)
		ck_assert(!spool_index_parse(slice_of(lines[_i].line, n), &e));
}
END_TEST

/* Torn by a crash, then written on: the torn line is skipped, and its file is
 * found when the hour goes. */
START_TEST(torn_index_is_gone_on_with)
{
	const char *a, *b;
	char index[300];
	struct stat st;

	cfg.keep.signalling_ms = DAY_MS;
	a = call(0, 1, 3);
	spool_close(spool);
	snprintf(index, sizeof(index), "%s/spool/2026-11-23/00/index", dir);
	ck_assert_int_eq(stat(index, &st), 0);
	ck_assert_int_eq(truncate(index, st.st_size - _i), 0);
	open_spool();
	b = call(0, 2, 3);
	spool_close(spool);
	open_spool();
	now_ms = START_MS + 2 * DAY_MS;
	clean();
	ck_assert_ptr_null(file_of(b));
	ck_assert_ptr_null(file_of(a));
	ck_assert(!there("spool/2026-11-23"));
}
END_TEST

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

static Suite *clean_suite(void)
{
	Suite *suite = suite_create("spool_clean");
	TCase *t = tcase_create("clean");

	tcase_add_checked_fixture(t, begin, end);
	tcase_add_loop_test(t, old_media_is_stripped_then_all_goes, 0, 2);
	tcase_add_loop_test(t, another_run_knows_what_is_there, 0, 2);
	tcase_add_test(t, files_are_read_without_deleting);
	tcase_add_test(t, the_oldest_media_makes_room);
	tcase_add_test(t, the_oldest_signalling_makes_room);
	tcase_add_test(t, low_disk_stops_media_then_all);
	tcase_add_test(t, low_disk_takes_media_first);
	tcase_add_test(t, held_calls_stay_whole);
	tcase_add_test(t, leftover_is_completed);
	tcase_add_test(t, leftover_that_is_cut);
	tcase_add_loop_test(t, leftover_is_adopted, 0, 2);
	tcase_add_test(t, hours_wait_for_what_is_adopted);
	tcase_add_test(t, nobody_waits_for_a_slow_disk);
	tcase_add_test(t, gzipped_files_are_compared_too);
	tcase_add_test(t, minute_has_all_its_calls);
	tcase_add_test(t, minute_keeps_what_knows_more);
	tcase_add_test(t, minute_is_cleaned_call_by_call);
	tcase_add_test(t, minute_gets_calls_while_it_is_cleaned);
	tcase_add_test(t, minute_that_is_not_cleaned_to_the_end);
	tcase_add_loop_test(t, minute_without_its_index, 0, 4);
	tcase_add_test(t, minute_gives_a_call_back);
	tcase_add_loop_test(t, torn_index_is_gone_on_with, 0, 43);
	tcase_set_timeout(t, 60);
	suite_add_tcase(suite, t);
	t = tcase_create("index");
	tcase_add_loop_test(t, lines_of_the_index, 0, COUNT(lines));
	suite_add_tcase(suite, t);
	return suite;
}

int main(void)
{
	umask(022);
	return run_suite(clean_suite());
}
