/*
 * The codec of records: what comes back gives the same report and the same
 * rows; other versions' dictionaries; damage at every byte.
 */
#include "storage/cdr_code.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "sniffer/capture/file_source.h"
#include "storage/quality.h"
#include "storage/report.h"
#include "storage/row.h"
#include "tests/made_cdr.h"
#include "tests/made_engine.h"
#include "tests/run_suite.h"

static struct cdr_code *code;
static struct cdr_decoder *decoder;
static struct outbuf dictionary, bytes;
static struct row_table tables[TABLES];
static struct row_array arrays[ROW_ARRAYS];

static struct slice all_of(const struct outbuf *b)
{
	ck_assert(!b->failed);
	return slice_of(b->p, b->len);
}

static void begin(void)
{
	code = cdr_code_new();
	ck_assert_ptr_nonnull(code);
	cdr_code_dictionary(code, &dictionary);
	ck_assert_int_eq(cdr_decoder_new(&decoder, code, all_of(&dictionary)),
			 0);
	row_tables(tables);
	row_arrays(arrays);
}

static void end(void)
{
	cdr_decoder_free(decoder);
	cdr_code_free(code);
	outbuf_free(&dictionary);
	outbuf_free(&bytes);
}

/* --- everything that stores make of a record, as text ----------------------
 */

static void put_cells(struct outbuf *b, const struct row *r)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct row_cell *c = &r->cell[i];
		struct slice s = {0};

		outbuf_u64(b, c->type);
		if (c->type == CELL_INT)
			outbuf_i64(b, c->i);
		else if (c->type == CELL_REAL)
			outbuf_put(b, &c->r, sizeof(c->r));
		else if (c->type != CELL_NULL)
			s = row_bytes(r, c);
		outbuf_put(b, s.p, s.len);
		outbuf_char(b, '|');
	}
	outbuf_char(b, '\n');
}

static void put_array(struct outbuf *b, struct row *r, const struct cdr *cdr,
		      const struct row_array *a)
{
	size_t n, inner_n;
	const char *row = report_rows(a->field, cdr_body(cdr), &n);

	for (; n; n--, row += a->field->size) {
		const char *inner = row;

		inner_n = 1;
		if (a->inner)
			inner = report_rows(a->inner, row, &inner_n);
		for (; inner_n; inner_n--) {
			row_begin(r);
			row_nested(r, &tables[a->table], row, inner);
			put_cells(b, r);
			if (a->inner)
				inner += a->inner->size;
		}
	}
}

static void put_slices(struct outbuf *b, const struct cdr_stream *s)
{
	outbuf_u64(b, s->is_repair);
	outbuf_u64(b, s->opened);
	for (size_t i = 0; i < s->slices_n; i++)
		quality_pack(b, 0, &s->slices[i], 1);
}

static void put_rows(struct outbuf *b, const struct cdr *cdr)
{
	enum row_table_id id = row_table_of(cdr->kind);
	static struct row r;

	if (id == TABLES)
		return;
	row_begin(&r);
	row_record_keys(&r, cdr);
	row_fields(&r, &tables[id], cdr_body(cdr));
	put_cells(b, &r);
	if (id != TABLE_CDR)
		return;
	for (size_t i = 0; i < ROW_ARRAYS; i++)
		put_array(b, &r, cdr, &arrays[i]);
	for (size_t i = 0; i < cdr->call.streams_n; i++)
		put_slices(b, &cdr->call.streams[i]);
	outbuf_u64(b, cdr->call.shared_media);
	outbuf_u64(b, cdr->call.told);
}

static void put_all(struct outbuf *b, const struct cdr *cdr)
{
	outbuf_u64(b, cdr->number);
	outbuf_u64(b, cdr->last_packet);
	outbuf_u64(b, cdr->packets);
	report_put_line(b, cdr);
	put_rows(b, cdr);
}

/* --- there and back --------------------------------------------------------
 */

static struct cdr *there_and_back(const struct cdr *cdr)
{
	struct cdr *back;

	outbuf_reset(&bytes);
	cdr_code_put(code, &bytes, cdr);
	ck_assert_int_eq(cdr_decode(decoder, all_of(&bytes), &back), 0);
	return back;
}

static void check_same(const struct cdr *cdr)
{
	struct outbuf want = {0}, got = {0};
	struct cdr *back = there_and_back(cdr);

	put_all(&want, cdr);
	put_all(&got, back);
	ck_assert_int_eq(back->kind, cdr->kind);
	ck_assert_str_eq(back->uid, cdr->uid);
	ck_assert_msg(slice_eq(all_of(&got), all_of(&want)),
		      "%.*s\nbecame\n%.*s", (int)want.len, want.p, (int)got.len,
		      got.p);
	outbuf_free(&want);
	outbuf_free(&got);
	cdr_free(back);
}

static struct cdr *(*const made[])(void) = {
	made_call,	   made_session,     made_webrtc,
	made_registration, made_transaction, made_summary,
};
#define MADE (int)(sizeof(made) / sizeof(made[0]))

START_TEST(made_records_come_back)
{
	struct cdr *cdr = made[_i]();

	check_same(cdr);
	cdr_free(cdr);
}
END_TEST

static struct cdr *odd_call(void)
{
	struct cdr *cdr = made_call();
	struct cdr_stream *s = cdr->call.streams;

	cdr->call.reason = SLICE("");
	cdr->call.shared_media = true;
	cdr->call.told = true;
	cdr->call.duration_us = -1;
	cdr->packets = UINT64_MAX;
	s->repairs = 0;
	s->has_repairs = true;
	s->is_repair = true;
	s->opened = 12345678901;
	s->packets = UINT64_MAX - 1;
	s->ssrc = UINT32_MAX;
	s->skew_ms = -INFINITY;
	return cdr;
}

START_TEST(odd_values_come_back)
{
	struct cdr *cdr = odd_call(), *back;

	check_same(cdr);
	back = there_and_back(cdr);
	ck_assert_ptr_nonnull(back->call.reason.p);
	ck_assert_ptr_null(back->call.group_id.p);
	ck_assert(back->call.streams[0].has_repairs);
	ck_assert_uint_eq(back->call.streams[0].opened, 12345678901);
	ck_assert_int_eq(back->call.duration_us, -1);
	cdr_free(back);
	cdr_free(cdr);
}
END_TEST

/* --- the samples ------------------------------------------------------------
 */

static unsigned records;

static void on_record(void *arg, struct cdr *cdr)
{
	(void)arg;
	check_same(cdr);
	records++;
	cdr_free(cdr);
}

static const char *const samples[] = {
	"basic-call.pcap",   "cc-turn-tcp.pcap",   "transfer.pcap",
	"dtls-call.pcap",    "registrations.pcap", "loss-rtcp.pcap",
	"cc-simulcast.pcap",
};
#define SAMPLES (int)(sizeof(samples) / sizeof(samples[0]))

START_TEST(records_of_samples_come_back)
{
	struct engine_config cfg = made_engine_config();
	struct engine_out out = {.record = on_record};
	struct engine *e = engine_new(&cfg, &out);
	const char *src = getenv("CALLSCOPE_SRC");
	char path[512], why[SOURCE_ERROR_MAX];
	const char *paths[] = {path};
	struct frame frames[64];
	struct source *source;
	int n;

	snprintf(path, sizeof(path), "%s/samples/%s", src ? src : ".",
		 samples[_i]);
	if (file_source_open(&source, paths, 1, why, sizeof(why))) {
		ck_assert_msg(!src, "%s", why);
		engine_free(e);
		return; /* run by hand elsewhere */
	}
	while ((n = source_read(source, frames, 64)) > 0)
		engine_feed(e, frames, (size_t)n);
	engine_end(e);
	source_close(source);
	engine_free(e);
	ck_assert_uint_gt(records, 0);
}
END_TEST

/* --- other versions ---------------------------------------------------------
 */

/* A dictionary of two tables made by hand: names of one letter, each field
 * with type and name. */
static const uint8_t foreign[] = {
	2,				   /* tables */
	2,   13,  1,   'x', 4,	 1,   'y', /* 0: a bool and an address */
	5,				   /* 1: */
	2,   3,	  'u', 'i', 'd',	   /*   text of uid */
	18,  3,	  'n', 'e', 'w', 0,	   /*   rows nobody knows */
	9,   7,	  'p', 'a', 'c', 'k', 'e', 't', 's', /* another type */
	1,   5,	  's', 't', 'a', 't', 'e', 8,	6,   's', 't',
	'a', 't', 'u', 's', 1, /* the head */
	2,		       /* kinds */
	4,   'c', 'a', 'l', 'l', 1,   3,   'f', 'a', 'x', 1,
};

static int decode_foreign(const uint8_t *v, size_t n, struct cdr **out)
{
	struct cdr_decoder *d;
	int err = cdr_decoder_new(&d, code, slice_of(foreign, sizeof(foreign)));

	ck_assert_int_eq(err, 0);
	err = cdr_decode(d, slice_of(v, n), out);
	cdr_decoder_free(d);
	return err;
}

/* Of fields that are missing or of another type there is nothing. */
START_TEST(another_version_is_read_by_name)
{
	static const uint8_t record[] = {
		0x0f, 2,   '0', '1',		       /* head: uid */
		2,    1,   2,	4,   1, 2, 3, 4, 5, 0, /* rows: bool; addr */
		77,				       /* packets */
		2,    'o', 'k',			       /* state */
		0,				       /* call */
		0x18, 1,   'x', 200, 1,		       /* state, status */
	};
	struct cdr *cdr;

	ck_assert_int_eq(decode_foreign(record, sizeof(record), &cdr), 0);
	ck_assert_str_eq(cdr->uid, "01");
	ck_assert_uint_eq(cdr->packets, 0);
	ck_assert_int_eq(cdr->kind, CDR_CALL);
	ck_assert_ptr_null(cdr->call.state);
	ck_assert_uint_eq(cdr->call.status, 200);
	ck_assert_uint_eq(cdr->call.q850, CDR_NO_U32);
	ck_assert_int_eq(cdr->call.setup_us, CDR_NO_US);
	ck_assert(isnan(cdr->call.a.loss_pct));
	ck_assert_uint_eq(cdr->call.a.packets, UINT64_MAX);
	cdr_free(cdr);
}
END_TEST

START_TEST(unknown_kind_is_told)
{
	static const uint8_t record[] = {0, 1, 0};
	struct cdr *cdr;

	ck_assert_int_eq(decode_foreign(record, sizeof(record), &cdr),
			 -ENOTSUP);
}
END_TEST

/* --- damage -----------------------------------------------------------------
 */

static void try_bytes(const uint8_t *p, size_t n, int want)
{
	uint8_t *copy = malloc(n ? n : 1);
	struct cdr *cdr;
	int err;

	memcpy(copy, p, n);
	err = cdr_decode(decoder, slice_of(copy, n), &cdr);
	free(copy);
	if (!err)
		cdr_free(cdr);
	if (want)
		ck_assert_int_eq(err, want);
}

START_TEST(every_prefix_is_refused)
{
	struct cdr *cdr = made[_i]();

	cdr_code_put(code, &bytes, cdr);
	for (size_t n = 0; n < bytes.len; n++)
		try_bytes((const uint8_t *)bytes.p, n, -EBADMSG);
	cdr_free(cdr);
}
END_TEST

START_TEST(every_flipped_byte_is_survived)
{
	struct cdr *cdr = made[_i]();

	cdr_code_put(code, &bytes, cdr);
	for (size_t i = 0; i < bytes.len; i++)
		for (unsigned v = 1; v < 256; v += 36) {
			bytes.p[i] ^= (char)v;
			try_bytes((const uint8_t *)bytes.p, bytes.len, 0);
			bytes.p[i] ^= (char)v;
		}
	cdr_free(cdr);
}
END_TEST

START_TEST(every_prefix_of_the_dictionary_is_refused)
{
	struct cdr_decoder *d;

	for (size_t n = 0; n < dictionary.len; n++) {
		char *copy = malloc(n ? n : 1);

		memcpy(copy, dictionary.p, n);
		ck_assert_int_eq(cdr_decoder_new(&d, code, slice_of(copy, n)),
				 -EBADMSG);
		free(copy);
	}
}
END_TEST

START_TEST(a_struct_cannot_hold_itself)
{
	static const uint8_t circle[] = {1, 1, 16, 1, 'x', 0, 0, 0};
	struct cdr_decoder *d;

	ck_assert_int_eq(
		cdr_decoder_new(&d, code, slice_of(circle, sizeof(circle))),
		-EBADMSG);
}
END_TEST

static Suite *code_suite(void)
{
	Suite *suite = suite_create("cdr_code");
	TCase *t = tcase_create("cdr_code");

	tcase_add_checked_fixture(t, begin, end);
	tcase_add_loop_test(t, made_records_come_back, 0, MADE);
	tcase_add_test(t, odd_values_come_back);
	tcase_add_loop_test(t, records_of_samples_come_back, 0, SAMPLES);
	tcase_add_test(t, another_version_is_read_by_name);
	tcase_add_test(t, unknown_kind_is_told);
	tcase_add_loop_test(t, every_prefix_is_refused, 0, MADE);
	tcase_add_loop_test(t, every_flipped_byte_is_survived, 0, MADE);
	tcase_add_test(t, every_prefix_of_the_dictionary_is_refused);
	tcase_add_test(t, a_struct_cannot_hold_itself);
	suite_add_tcase(suite, t);
	return suite;
}

int main(void)
{
	return run_suite(code_suite());
}
