/*
 * Recordings against a spool that only remembers what it was given.
 */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "sniffer/media/recording.h"
#include "tests/made_frame.h"
#include "tests/run_suite.h"

#define SEC 1000000000ull
#define MAX 4096

/* One file of the remembering spool: the numbers of its frames in order, by
 * their first byte, and their captured lengths. */
struct spool_file {
	uint8_t first[MAX];
	uint32_t caplen[MAX], wire[MAX], sec[MAX], frac[MAX];
	uint16_t linktype[MAX];
	size_t n, chunks;
};

struct memory {
	struct spool_file last; /* as it was when finished */
	size_t open, finished, discarded, concats;
	size_t secrets; /* bytes */
	bool fail_secrets;
	int fail; /* answer of append */
	char uid[32];
	uint64_t last_ns, packets;
};

static int mem_append(void *arg, struct spool_file **file, const char *uid,
		      const struct record_chunk *chunk)
{
	struct memory *m = arg;
	struct spool_file *f = *file;
	struct slice s = chunk->bytes;

	snprintf(m->uid, sizeof(m->uid), "%s", uid);
	if (m->fail)
		return m->fail;
	if (!f) {
		f = *file = calloc(1, sizeof(*f));
		ck_assert_ptr_nonnull(f);
		m->open++;
	}
	f->chunks++;
	while (s.len) {
		uint32_t head[4];

		memcpy(head, s.p, sizeof(head));
		f->sec[f->n] = head[0];
		f->frac[f->n] = head[1];
		f->caplen[f->n] = head[2];
		f->wire[f->n] = head[3];
		f->linktype[f->n] = chunk->linktype;
		f->first[f->n++] = head[2] ? s.p[16] : 0;
		ck_assert_uint_le(16 + head[2], s.len);
		s = slice_from(s, 16 + head[2]);
	}
	return 0;
}

static int mem_finish(void *arg, struct spool_file *f, const char *uid,
		      uint64_t last_ns, uint64_t packets, char *path,
		      size_t path_size)
{
	struct memory *m = arg;

	m->last = *f;
	m->last_ns = last_ns;
	m->packets = packets;
	m->finished++;
	m->open--;
	snprintf(path, path_size, "spool/%s", uid);
	free(f);
	return 0;
}

static void mem_discard(void *arg, struct spool_file *f)
{
	struct memory *m = arg;

	m->discarded++;
	m->open--;
	free(f);
}

static int mem_concat(void *arg, struct spool_file *dst, struct spool_file *src)
{
	struct memory *m = arg;

	for (size_t i = 0; i < src->n; i++)
		dst->first[dst->n++] = src->first[i];
	m->concats++;
	m->open--;
	free(src);
	return 0;
}

static int mem_secrets(void *arg, struct spool_file *f, struct slice keylog)
{
	struct memory *m = arg;

	(void)f;
	m->secrets = keylog.len;
	return m->fail_secrets ? -ENOSPC : 0;
}

static const struct spool_ops mem_ops = {
	.append = mem_append,
	.finish = mem_finish,
	.secrets = mem_secrets,
	.discard = mem_discard,
	.concat = mem_concat,
};

/* --- the bench ------------------------------------------------------------ */

static struct memory mem;
static struct counters counters;
static struct recorder *r;
static char path[RECORDING_PATH];

static void begin(enum record_what what, size_t held, size_t max)
{
	struct record_config cfg = {
		.what = what,
		.held_bytes = held,
		.chunk_bytes = 480, /* ten made frames */
		.max_bytes = max,
	};

	r = recorder_new(&cfg, &mem_ops, &mem, &counters);
	ck_assert_ptr_nonnull(r);
}

static void end(void)
{
	ck_assert_uint_eq(recorder_bytes(r), 0);
	ck_assert_uint_eq(mem.open, 0);
	recorder_free(r);
}

static struct recording *new_recording(void)
{
	struct recording *rec = recording_new(r);

	ck_assert_ptr_nonnull(rec);
	return rec;
}

static void add_at(struct recording *rec, uint64_t number, uint64_t ts_ns,
		   uint16_t linktype)
{
	uint8_t buf[MADE_LEN];
	struct frame f = made_frame(buf, number, ts_ns, linktype, 9);

	recording_frames(rec, &f, 1);
}

static void add(struct recording *rec, uint64_t number)
{
	add_at(rec, number, number * SEC, 1);
}

static void finish(struct recording *rec)
{
	recording_keep(rec, "UID");
	ck_assert_int_eq(recording_finish(rec, "UID", path), 0);
}

/* The frames of the finished file are these numbers, 0 at the end. */
static void assert_frames(const uint8_t *want)
{
	for (size_t i = 0; i < mem.last.n; i++)
		ck_assert_msg(mem.last.first[i] == want[i],
			      "frame %zu is %d, not %d", i, mem.last.first[i],
			      want[i]);
	ck_assert_uint_eq(want[mem.last.n], 0);
}

/* --- cases ---------------------------------------------------------------- */

START_TEST(record_layout_and_cut_frames)
{
	uint8_t buf[MADE_LEN];
	struct frame f = made_frame(buf, 7, 5 * SEC + 123456789, 113, 9);
	struct recording *rec;

	begin(RECORD_ALL, 0, 0);
	rec = new_recording();
	f.wire_len = 1500;
	recording_frames(rec, &f, 1);
	f.number = 8;
	f.ts_digits = 6;
	f.data.len = 5;
	f.wire_len = 0; /* a source that does not know */
	recording_frames(rec, &f, 1);
	ck_assert_uint_eq(recording_packets(rec), 2);
	ck_assert_uint_eq(recording_last_ns(rec), 5 * SEC + 123456789);
	finish(rec);
	ck_assert_str_eq(path, "spool/UID");
	ck_assert_uint_eq(mem.packets, 2);
	ck_assert_uint_eq(mem.last_ns, 5 * SEC + 123456789);
	ck_assert_uint_eq(mem.last.chunks, 2);
	ck_assert_uint_eq(mem.last.sec[0], 5);
	ck_assert_uint_eq(mem.last.frac[0], 123456789);
	ck_assert_uint_eq(mem.last.caplen[0], MADE_LEN);
	ck_assert_uint_eq(mem.last.wire[0], 1500);
	ck_assert_uint_eq(mem.last.linktype[0], 113);
	ck_assert_uint_eq(mem.last.frac[1], 123456);
	ck_assert_uint_eq(mem.last.caplen[1], 5);
	ck_assert_uint_eq(mem.last.wire[1], 5);
	end();
}
END_TEST

START_TEST(nothing_recorded_has_no_path)
{
	struct recording *rec;

	begin(RECORD_NONE, 0, 0);
	rec = new_recording();
	add(rec, 1);
	ck_assert_uint_eq(recording_packets(rec), 0);
	finish(rec);
	ck_assert_str_eq(path, "");
	ck_assert_uint_eq(mem.finished, 0);
	end();
}
END_TEST

START_TEST(held_keeps_the_oldest)
{
	struct recording *rec;

	begin(RECORD_ALL, 960, 0);
	rec = new_recording();
	for (uint64_t i = 1; i <= 50; i++)
		add(rec, i);
	ck_assert_uint_eq(recording_packets(rec), 20);
	ck_assert_uint_eq(recorder_bytes(r), 960);
	ck_assert_uint_eq(counters_get(&counters, "record.held_limit"), 30);
	ck_assert_uint_eq(mem.open, 0);
	recording_keep(rec, "UID");
	for (uint64_t i = 51; i <= 100; i++)
		add(rec, i);
	ck_assert_uint_eq(recorder_bytes(r), 480);
	finish(rec);
	ck_assert_uint_eq(mem.last.n, 70);
	ck_assert_uint_eq(mem.last.first[19], 20);
	ck_assert_uint_eq(mem.last.first[20], 51);
	ck_assert_uint_eq(recorder_bytes_max(r), 960);
	end();
}
END_TEST

START_TEST(all_chunks_have_a_limit)
{
	struct recording *a, *b;

	begin(RECORD_ALL, 0, 960); /* half of it: they are nobody's */
	a = new_recording();
	b = new_recording();
	add(a, 1);
	add(b, 2);
	ck_assert_uint_eq(counters_get(&counters, "record.memory_limit"), 1);
	recording_drop(a);
	add(b, 3);
	ck_assert_uint_eq(recording_packets(b), 1);
	recording_drop(b);
	ck_assert_uint_eq(mem.open + mem.finished + mem.discarded, 0);
	end();
}
END_TEST

START_TEST(large_frame_has_its_own_chunk)
{
	uint8_t *buf = calloc(1, 300000);
	struct frame f = {
		.data = slice_of(buf, 300000),
		.ts_ns = SEC,
		.number = 2,
		.wire_len = 300000,
		.linktype = 1,
		.ts_digits = 9,
	};
	struct recording *rec;

	begin(RECORD_ALL, 0, 0);
	rec = new_recording();
	recording_keep(rec, "UID");
	add(rec, 1);
	recording_frames(rec, &f, 1);
	add(rec, 3);
	finish(rec);
	ck_assert_uint_eq(mem.last.n, 3);
	ck_assert_uint_eq(mem.last.caplen[1], 262144);
	ck_assert_uint_eq(mem.last.wire[1], 300000);
	ck_assert_uint_eq(mem.last.first[2], 3);
	free(buf);
	end();
}
END_TEST

static const struct {
	const char *name;
	uint64_t in[16];
	uint8_t want[16];
} repeats[] = {
	{"in a row", {1, 1, 2, 2, 3}, {1, 2, 3}},
	{"a list twice", {1, 2, 3, 1, 2, 3}, {1, 2, 3}},
	{"out of order twice", {9, 4, 6, 9, 4, 6, 10}, {9, 4, 6, 10}},
	{"older ones are new", {9, 4, 10, 5}, {9, 4, 10, 5}},
	{"overlapping lists", {1, 2, 2, 3, 3, 4}, {1, 2, 3, 4}},
};

START_TEST(frame_is_written_once)
{
	struct recording *rec;

	begin(RECORD_ALL, 0, 0);
	rec = new_recording();
	for (size_t i = 0; repeats[_i].in[i]; i++)
		add(rec, repeats[_i].in[i]);
	finish(rec);
	assert_frames(repeats[_i].want);
	end();
}
END_TEST

START_TEST(frames_without_number_are_all_written)
{
	struct recording *rec;

	begin(RECORD_ALL, 0, 0);
	rec = new_recording();
	add_at(rec, 0, SEC, 1);
	add_at(rec, 0, SEC, 1);
	ck_assert_uint_eq(recording_packets(rec), 2);
	recording_drop(rec);
	end();
}
END_TEST

/* --- without payload ------------------------------------------------------ */

static const struct {
	enum record_what what;
	size_t at; /* of the payload in the frame; SIZE_MAX = a copy of it */
	uint32_t caplen;
} cuts[] = {
	{RECORD_ALL, 10, MADE_LEN},	{RECORD_HEADERS, 10, 22},
	{RECORD_HEADERS, 25, MADE_LEN}, {RECORD_HEADERS, SIZE_MAX, 22},
	{RECORD_SIGNALLING, 10, 0},	{RECORD_NONE, 10, 0},
};

START_TEST(media_is_cut)
{
	uint8_t buf[MADE_LEN], copy[MADE_LEN];
	struct frame f = made_frame(buf, 1, SEC, 1, 9);
	struct slice payload = slice_from(f.data, cuts[_i].at);
	struct recording *rec;

	memcpy(copy, buf, sizeof(copy));
	if (cuts[_i].at == SIZE_MAX)
		payload = slice_of(copy + 10, MADE_LEN - 10);
	begin(cuts[_i].what, 0, 0);
	rec = new_recording();
	recording_frames_cut(rec, &f, 1, payload, 12);
	ck_assert_uint_eq(recording_packets(rec), cuts[_i].caplen > 0);
	finish(rec);
	if (cuts[_i].caplen) {
		ck_assert_uint_eq(mem.last.caplen[0], cuts[_i].caplen);
		ck_assert_uint_eq(mem.last.wire[0], MADE_LEN);
	}
	end();
}
END_TEST

START_TEST(later_fragment_has_no_payload)
{
	static const uint8_t payload[40] = {0x80, 1, 2, 3, 4, 5, 6, 7};
	uint8_t buf[MADE_LEN];
	struct frame f = made_frame(buf, 100, SEC, 1, 9);
	struct recording *rec;

	begin(RECORD_HEADERS, 0, 0);
	rec = new_recording();
	recording_frames_cut(rec, &f, 1, slice_of(payload, 40), 12);
	finish(rec);
	ck_assert_uint_eq(mem.last.caplen[0], 14);
	end();
}
END_TEST

/* --- merging -------------------------------------------------------------- */

static const struct {
	const char *name;
	uint8_t dst[8], src[8]; /* seconds and numbers */
	bool dst_kept, src_kept;
	uint8_t want[16];
} merges[] = {
	{"between", {1, 5, 9}, {2, 6, 7}, false, false, {1, 2, 5, 6, 7, 9}},
	{"kept, in memory", {3, 4}, {1, 2}, true, false, {1, 2, 3, 4}},
	{"empty dst", {0}, {1, 2}, true, false, {1, 2}},
	{"empty src", {1, 2}, {0}, false, true, {1, 2}},
	{"src kept", {2}, {1, 3}, false, true, {1, 2, 3}},
};

START_TEST(merge_in_memory_is_by_time)
{
	struct recording *dst, *src;

	begin(RECORD_ALL, 0, 0);
	dst = new_recording();
	src = new_recording();
	if (merges[_i].dst_kept)
		recording_keep(dst, "DST");
	if (merges[_i].src_kept)
		recording_keep(src, "SRC");
	for (size_t i = 0; merges[_i].dst[i]; i++)
		add(dst, merges[_i].dst[i]);
	for (size_t i = 0; merges[_i].src[i]; i++)
		add(src, merges[_i].src[i]);
	recording_merge(dst, src);
	finish(dst);
	assert_frames(merges[_i].want);
	ck_assert_uint_eq(mem.concats, 0);
	end();
}
END_TEST

/* Twelve frames fill a chunk and begin a file, when it is kept. */
static const struct {
	bool dst_file, src_file;
	size_t concats;
} files[] = {{true, false, 0}, {false, true, 0}, {true, true, 1}};

START_TEST(merge_with_a_file_loses_nothing)
{
	struct recording *dst, *src;
	bool seen[64] = {false};

	begin(RECORD_ALL, 0, 0);
	dst = new_recording();
	src = new_recording();
	if (files[_i].dst_file)
		recording_keep(dst, "DST");
	if (files[_i].src_file)
		recording_keep(src, "SRC");
	for (uint64_t i = 1; i <= 12; i++) {
		add(dst, 2 * i);
		add(src, 2 * i + 1);
	}
	recording_merge(dst, src);
	add(dst, 40);
	ck_assert_uint_eq(recording_packets(dst), 25);
	finish(dst);
	ck_assert_uint_eq(mem.concats, files[_i].concats);
	ck_assert_uint_eq(mem.last.n, 25);
	for (size_t i = 0; i < mem.last.n; i++)
		seen[mem.last.first[i]] = true;
	for (size_t i = 2; i <= 25; i++)
		ck_assert(seen[i]);
	ck_assert_uint_eq(mem.last.first[24], 40);
	end();
}
END_TEST

START_TEST(merge_of_two_link_types)
{
	struct recording *dst, *src;

	begin(RECORD_ALL, 0, 0);
	dst = new_recording();
	src = new_recording();
	add_at(dst, 1, 1 * SEC, 1);
	add_at(dst, 3, 3 * SEC, 1);
	add_at(src, 2, 2 * SEC, 113);
	recording_merge(dst, src);
	finish(dst);
	assert_frames((const uint8_t[]){1, 2, 3, 0});
	ck_assert_uint_eq(mem.last.linktype[1], 113);
	ck_assert_uint_eq(mem.last.chunks, 3);
	end();
}
END_TEST

START_TEST(merged_frames_are_not_written_again)
{
	struct recording *dst, *src;

	begin(RECORD_ALL, 0, 0);
	dst = new_recording();
	src = new_recording();
	add(dst, 1);
	add(src, 2);
	recording_merge(dst, src);
	add(dst, 2);
	finish(dst);
	assert_frames((const uint8_t[]){1, 2, 0});
	end();
}
END_TEST

/* --- errors --------------------------------------------------------------- */

START_TEST(recording_goes_on_after_an_error)
{
	struct recording *rec;

	begin(RECORD_ALL, 0, 0);
	rec = new_recording();
	recording_keep(rec, "UID");
	mem.fail = -ENOSPC;
	for (uint64_t i = 1; i <= 11; i++)
		add(rec, i);
	mem.fail = 0;
	for (uint64_t i = 12; i <= 31; i++)
		add(rec, i);
	ck_assert_uint_eq(counters_get(&counters, "record.write_failed"), 1);
	ck_assert_int_eq(recording_finish(rec, "UID", path), -ENOSPC);
	ck_assert_str_eq(path, "spool/UID");
	ck_assert_uint_eq(mem.last.n, 21);
	ck_assert_uint_eq(mem.last.first[0], 11);
	end();
}
END_TEST

/* Where that fails the recording is as good without. */
START_TEST(secrets_go_to_the_file)
{
	struct recording *rec;

	mem.fail_secrets = _i == 1;
	begin(RECORD_ALL, 0, 0);
	rec = new_recording();
	add(rec, 1);
	recording_secrets(rec, SLICE("secret"));
	ck_assert_int_eq(recording_finish(rec, "UID", path),
			 _i == 1 ? -ENOSPC : 0);
	ck_assert_uint_eq(mem.secrets, 6);
	ck_assert_str_eq(path, "spool/UID");
	assert_frames((const uint8_t[]){1, 0});
	ck_assert_uint_eq(counters_get(&counters, "record.secrets_failed"),
			  _i == 1);
	end();
}
END_TEST

/* No file, no secrets. */
START_TEST(secrets_without_frames)
{
	struct recording *rec;

	begin(RECORD_ALL, 0, 0);
	rec = new_recording();
	recording_secrets(rec, SLICE("secret"));
	finish(rec);
	ck_assert_uint_eq(mem.secrets, 0);
	ck_assert_str_eq(path, "");
	end();
}
END_TEST

START_TEST(dropped_recording_leaves_nothing)
{
	struct recording *rec;

	begin(RECORD_ALL, 0, 0);
	rec = new_recording();
	recording_keep(rec, "UID");
	for (uint64_t i = 1; i <= 11; i++)
		add(rec, i);
	ck_assert_uint_eq(mem.open, 1);
	recording_drop(rec);
	ck_assert_uint_eq(mem.discarded, 1);
	recording_drop(NULL);
	end();
}
END_TEST

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

static Suite *record_suite(void)
{
	Suite *suite = suite_create("record");
	TCase *t = tcase_create("record");

	tcase_add_test(t, record_layout_and_cut_frames);
	tcase_add_test(t, nothing_recorded_has_no_path);
	tcase_add_test(t, held_keeps_the_oldest);
	tcase_add_test(t, all_chunks_have_a_limit);
	tcase_add_test(t, large_frame_has_its_own_chunk);
	tcase_add_loop_test(t, frame_is_written_once, 0, COUNT(repeats));
	tcase_add_test(t, frames_without_number_are_all_written);
	tcase_add_loop_test(t, media_is_cut, 0, COUNT(cuts));
	tcase_add_test(t, later_fragment_has_no_payload);
	tcase_add_loop_test(t, merge_in_memory_is_by_time, 0, COUNT(merges));
	tcase_add_loop_test(t, merge_with_a_file_loses_nothing, 0,
			    COUNT(files));
	tcase_add_test(t, merge_of_two_link_types);
	tcase_add_test(t, merged_frames_are_not_written_again);
	tcase_add_test(t, recording_goes_on_after_an_error);
	tcase_add_loop_test(t, secrets_go_to_the_file, 0, 2);
	tcase_add_test(t, secrets_without_frames);
	tcase_add_test(t, dropped_recording_leaves_nothing);
	suite_add_tcase(suite, t);
	return suite;
}

int main(void)
{
	return run_suite(record_suite());
}
