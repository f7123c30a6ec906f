/*
 * Reading capture files: every format, byte order and resolution, cut at
 * every byte, damaged, gzipped, and what is no capture at all.
 */
#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "sniffer/capture/file_source.h"
#include "sniffer/capture/reader.h"
#include "tests/capture_image.h"
#include "tests/run_suite.h"

#define NS	UINT64_C(1000000000)
#define SEC	1700000000u
#define ROWS(v) (int)(sizeof(v) / sizeof(*(v)))

#define PCAP_US	       0xa1b2c3d4u
#define PCAP_NS	       0xa1b23c4du
#define PCAP_KUZNETZOV 0xa1b2cd34u

/* What a source gave, bytes apart. */
struct seen {
	struct frame f[128];
	uint64_t byte_sum[128]; /* a check that data pointed somewhere right */
	size_t len;
	size_t faults, notes;
	char fault[256];
	enum fault_kind kind;
};

static uint64_t sum(struct slice s)
{
	uint64_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += s.p[i] * (i + 1);
	return n;
}

static void drain(struct source *s, struct seen *out)
{
	struct frame v[7];
	int n;

	while ((n = source_read(s, v, 7)) > 0) {
		for (int i = 0; i < n && out->len < 128; i++) {
			out->f[out->len] = v[i];
			out->byte_sum[out->len++] = sum(v[i].data);
		}
	}
	ck_assert_int_eq(n, 0);
	out->faults = s->faults.len;
	out->notes = s->notes.len;
	if (s->faults.len) {
		snprintf(out->fault, sizeof(out->fault), "%s",
			 s->faults.v[0].text);
		out->kind = s->faults.v[0].kind;
	}
}

/* Reads from a heap block of exactly that size, for the sanitizer. */
static struct seen read_bytes(struct slice bytes)
{
	uint8_t *exact = malloc(bytes.len + !bytes.len);
	struct seen out = {.len = 0};
	struct source *s;

	ck_assert_ptr_nonnull(exact);
	if (bytes.len)
		memcpy(exact, bytes.p, bytes.len);
	ck_assert_int_eq(
		file_source_open_memory(&s, "mem", slice_of(exact, bytes.len)),
		0);
	drain(s, &out);
	source_close(s);
	free(exact);
	return out;
}

static struct seen read_image(const struct image *im)
{
	return read_bytes(image_slice(im));
}

static const struct {
	const char *name;
	uint32_t magic;
	bool big;
	uint32_t fraction;
	uint32_t ns;
	uint8_t digits;
} pcap_rows[] = {
	{"us little", PCAP_US, false, 123456, 123456000, 6},
	{"us big", PCAP_US, true, 123456, 123456000, 6},
	{"ns little", PCAP_NS, false, 123456789, 123456789, 9},
	{"ns big", PCAP_NS, true, 123456789, 123456789, 9},
};

START_TEST(pcap_kinds)
{
	struct image im = {.big = pcap_rows[_i].big};
	struct seen out;

	image_pcap(&im, pcap_rows[_i].magic, 1);
	image_record(&im, SEC, pcap_rows[_i].fraction, SLICE("hello"), 5);
	image_record(&im, SEC + 1, 0, SLICE("cut"), 1500);
	image_record(&im, 0xffffffff, 0, SLICE(""), 0);
	out = read_image(&im);

	ck_assert_uint_eq(out.faults, 0);
	ck_assert_uint_eq(out.len, 3);
	ck_assert_uint_eq(out.f[0].ts_ns, SEC * NS + pcap_rows[_i].ns);
	ck_assert_uint_eq(out.f[0].data.len, 5);
	ck_assert_uint_eq(out.byte_sum[0], sum(SLICE("hello")));
	ck_assert_uint_eq(out.f[0].wire_len, 5);
	ck_assert_uint_eq(out.f[0].linktype, 1);
	ck_assert_uint_eq(out.f[0].iface, 0);
	ck_assert_uint_eq(out.f[0].number, 1);
	ck_assert_uint_eq(out.f[0].ts_digits, pcap_rows[_i].digits);
	ck_assert_uint_eq(out.f[1].data.len, 3);
	ck_assert_uint_eq(out.f[1].wire_len, 1500);
	ck_assert_uint_eq(out.f[1].number, 2);
	ck_assert_uint_eq(out.f[2].ts_ns, 0xffffffff * NS);
	ck_assert_uint_eq(out.f[2].data.len, 0);
}
END_TEST

START_TEST(kuznetzov)
{
	struct image im = {.len = 0};
	struct seen out;

	image_pcap(&im, PCAP_KUZNETZOV, 1);
	for (uint32_t i = 0; i < 2; i++) {
		image_u32(&im, SEC + i);
		image_u32(&im, 7);
		image_u32(&im, 4);
		image_u32(&im, 60);
		image_u64(&im, 0x1122334455667788);
		image_bytes(&im, SLICE("data"));
	}
	out = read_image(&im);
	ck_assert_uint_eq(out.faults, 0);
	ck_assert_uint_eq(out.len, 2);
	ck_assert_uint_eq(out.f[1].ts_ns, (SEC + 1) * NS + 7000);
	ck_assert_uint_eq(out.f[1].data.len, 4);
	ck_assert_uint_eq(out.byte_sum[1], sum(SLICE("data")));
	ck_assert_uint_eq(out.f[1].wire_len, 60);
}
END_TEST

/* More captured than there was: the length on the wire is repaired. */
START_TEST(wire_len_repaired)
{
	struct image im = {.len = 0};
	struct seen out;

	image_pcap(&im, PCAP_US, 1);
	image_record(&im, SEC, 0, SLICE("hello"), 2);
	image_record(&im, SEC, 0, SLICE("x"), 1);
	out = read_image(&im);
	ck_assert_uint_eq(out.len, 2);
	ck_assert_uint_eq(out.f[0].wire_len, 5);
	ck_assert_uint_eq(out.f[1].wire_len, 1);
}
END_TEST

/* Before version 2.4 the two lengths may be exchanged. */
START_TEST(old_version)
{
	struct image im = {.len = 0};
	struct seen out;

	image_pcap(&im, PCAP_US, 1);
	im.p[6] = 2; /* 2.2 */
	image_u32(&im, SEC);
	image_u32(&im, 0);
	image_u32(&im, 90);
	image_u32(&im, 5);
	image_bytes(&im, SLICE("hello"));
	out = read_image(&im);
	ck_assert_uint_eq(out.faults, 0);
	ck_assert_uint_eq(out.len, 1);
	ck_assert_uint_eq(out.f[0].data.len, 5);
	ck_assert_uint_eq(out.f[0].wire_len, 90);
}
END_TEST

static const struct {
	uint32_t field;
	uint16_t want;
} linktype_rows[] = {
	{0, 0},
	{1, 1},
	{12, 101},
	{14, 101},
	{101, 101},
	{113, 113},
	{276, 276},
	{0x24000001, 1},      /* FCS of 4 bytes */
	{0x02240002, 0xffff}, /* a class of NetBSD */
};

START_TEST(linktypes)
{
	struct image im = {.len = 0};
	struct seen out;

	ck_assert_uint_eq(linktype_of(linktype_rows[_i].field),
			  linktype_rows[_i].want);
	image_pcap(&im, PCAP_US, linktype_rows[_i].field);
	image_record(&im, SEC, 0, SLICE("x"), 1);
	out = read_image(&im);
	ck_assert_uint_eq(out.len, 1);
	ck_assert_uint_eq(out.f[0].linktype, linktype_rows[_i].want);
}
END_TEST

static const struct {
	const char *name;
	uint8_t resolution;
	int64_t offset_s;
	uint64_t units;
	uint64_t ns;
	uint8_t digits;
} ng_time_rows[] = {
	{"us", 6, 0, SEC *UINT64_C(1000000) + 5, SEC *NS + 5000, 6},
	{"ns", 9, 0, SEC *NS + 7, SEC *NS + 7, 9},
	{"ms", 3, 0, SEC *UINT64_C(1000) + 5, SEC *NS + 5000000, 6},
	{"s", 0, 0, SEC, SEC *NS, 6},
	{"100 ns", 7, 0, SEC *UINT64_C(10000000) + 3, SEC *NS + 300, 9},
	{"10 ps", 11, 0, NS * 100 + 1234, NS + 12, 9},
	{"2^-10 s", 0x8a, 0, SEC *UINT64_C(1024) + 512, SEC *NS + NS / 2, 6},
	{"2^-30 s", 0x9e, 0, (UINT64_C(3) << 30) + 1, 3 * NS, 9},
	{"2^-32 s", 0xa0, 0, (UINT64_C(5) << 32) + (UINT64_C(1) << 31),
	 5 * NS + NS / 2, 9},
	{"2^0 s", 0x80, 0, SEC, SEC *NS, 6},
	{"2^-127 s", 0xff, 0, UINT64_MAX, 0, 9},
	{"offset", 6, SEC, 5000000, (SEC + 5) * NS, 6},
	{"offset back", 6, -100, 200000000, 100 * NS, 6},
	{"10^-127", 127, 0, UINT64_MAX, 1, 9},
};

START_TEST(ng_times)
{
	for (int big = 0; big < 2; big++) {
		struct image im = {.big = big};
		struct seen out;

		image_section(&im);
		image_interface(&im, 1, 0, ng_time_rows[_i].resolution,
				ng_time_rows[_i].offset_s);
		image_packet(&im, 0, ng_time_rows[_i].units, SLICE("abc"), 3);
		out = read_image(&im);
		ck_assert_uint_eq(out.faults, 0);
		ck_assert_uint_eq(out.len, 1);
		ck_assert_uint_eq(out.f[0].ts_ns, ng_time_rows[_i].ns);
		ck_assert_uint_eq(out.f[0].ts_digits, ng_time_rows[_i].digits);
		ck_assert_uint_eq(out.byte_sum[0], sum(SLICE("abc")));
	}
}
END_TEST

/* Two interfaces, then a section in the other byte order, and every kind of
 * block between. */
static void make_ng(struct image *im)
{
	image_section(im);
	image_interface(im, 1, 65535, 6, 0);
	image_interface(im, 113, 0, 9, 0);
	image_packet(im, 0, SEC * UINT64_C(1000000), SLICE("first"), 5);
	image_block(im, 5, SLICE("statistics, passed over"));
	image_packet(im, 1, SEC * NS + 1, SLICE("second"), 60);
	image_block(im, 0x80000bad, SLICE("somebody's own"));
	image_old_packet(im, 0, SEC * UINT64_C(1000000) + 2, SLICE("old"), 3);
	image_simple_packet(im, SLICE("simple"), 100);
	im->big = !im->big;
	image_section(im);
	image_secrets(im, 0x544c534b, SLICE("keys"), 4);
	image_interface(im, 101, 0, 9, 0);
	image_packet(im, 0, SEC * NS + 9, SLICE("other"), 5);
}

START_TEST(ng_blocks)
{
	struct image im = {.big = _i};
	struct seen out;

	make_ng(&im);
	out = read_image(&im);
	ck_assert_uint_eq(out.faults, 0);
	ck_assert_uint_eq(out.len, 5);
	ck_assert_uint_eq(out.f[0].linktype, 1);
	ck_assert_uint_eq(out.f[0].iface, 0);
	ck_assert_uint_eq(out.f[1].linktype, 113);
	ck_assert_uint_eq(out.f[1].iface, 1);
	ck_assert_uint_eq(out.f[1].wire_len, 60);
	ck_assert_uint_eq(out.f[1].ts_ns, SEC * NS + 1);
	ck_assert_uint_eq(out.f[2].ts_ns, SEC * NS + 2000);
	ck_assert_uint_eq(out.byte_sum[2], sum(SLICE("old")));
	/* it has no time of its own */
	ck_assert_uint_eq(out.f[3].ts_ns, SEC * NS + 2000);
	ck_assert_uint_eq(out.f[3].wire_len, 100);
	ck_assert_uint_eq(out.f[3].data.len, 8); /* with the padding */
	ck_assert_uint_eq(out.f[4].linktype, 101);
	ck_assert_uint_eq(out.f[4].iface, 2);
	ck_assert_uint_eq(out.byte_sum[4], sum(SLICE("other")));
}
END_TEST

/* A block larger than any buffer is passed over, not kept. */
START_TEST(ng_large_block)
{
	struct image im = {.len = 0};
	uint8_t *file = calloc(1, 600 << 10);
	uint32_t total = 500 << 10;
	struct seen out;
	size_t at;

	ck_assert_ptr_nonnull(file);
	image_section(&im);
	image_interface(&im, 1, 0, 6, 0);
	memcpy(file, im.p, im.len);
	at = im.len;
	memcpy(file + at, "\x0b\0\0\0", 4); /* a type that is not known */
	memcpy(file + at + 4, &total, 4);
	memcpy(file + at + total - 4, &total, 4);
	at += total;
	im.len = 0;
	image_packet(&im, 0, 1000000, SLICE("after"), 5);
	memcpy(file + at, im.p, im.len);

	out = read_bytes(slice_of(file, at + im.len));
	ck_assert_uint_eq(out.faults, 0);
	ck_assert_uint_eq(out.len, 1);
	ck_assert_uint_eq(out.byte_sum[0], sum(SLICE("after")));

	out = read_bytes(slice_of(file, at - 1000));
	ck_assert_uint_eq(out.len, 0);
	ck_assert_uint_eq(out.faults, 1);
	ck_assert_int_eq(out.kind, FAULT_TRUNCATED);
	free(file);
}
END_TEST

/* Where each packet of an image is complete. */
struct edges {
	size_t header; /* below, it is no capture file yet */
	size_t packet[8];
	size_t count;
	size_t clean[32]; /* lengths at which a file may end */
	size_t clean_count;
};

static void mark(struct edges *e, const struct image *im, bool packet)
{
	if (packet)
		e->packet[e->count++] = im->len;
	e->clean[e->clean_count++] = im->len;
}

static void pcap_with_edges(struct image *im, struct edges *e)
{
	image_pcap(im, PCAP_US, 1);
	e->header = im->len;
	mark(e, im, false);
	for (uint32_t i = 0; i < 5; i++) {
		image_record(im, SEC + i, i,
			     slice_head(SLICE("0123456789"), i * 2), 60);
		mark(e, im, true);
	}
}

static void ng_with_edges(struct image *im, struct edges *e)
{
	e->header = 12; /* up to the byte-order magic */
	image_section(im);
	mark(e, im, false);
	image_interface(im, 1, 0, 6, 0);
	mark(e, im, false);
	image_packet(im, 0, 1, SLICE("first"), 5);
	mark(e, im, true);
	image_block(im, 5, SLICE("statistics"));
	mark(e, im, false);
	image_old_packet(im, 0, 2, SLICE("second"), 6);
	mark(e, im, true);
	image_simple_packet(im, SLICE("third"), 5);
	mark(e, im, true);
	im->big = !im->big;
	image_section(im);
	mark(e, im, false);
	image_interface(im, 1, 0, 9, 5);
	mark(e, im, false);
	image_packet(im, 0, 4, SLICE(""), 0);
	mark(e, im, true);
}

static bool clean_end(const struct edges *e, size_t len)
{
	for (size_t i = 0; i < e->clean_count; i++)
		if (e->clean[i] == len)
			return true;
	return false;
}

static size_t complete(const struct edges *e, size_t len)
{
	size_t n = 0;

	while (n < e->count && e->packet[n] <= len)
		n++;
	return n;
}

/* Exactly the complete packets, and a fault wherever something is cut. */
static void check_prefixes(const struct image *im, const struct edges *e)
{
	for (size_t len = 0; len <= im->len; len++) {
		struct seen out = read_bytes(slice_of(im->p, len));

		ck_assert_uint_eq(out.len, complete(e, len));
		ck_assert_uint_eq(out.faults, !clean_end(e, len));
		if (out.faults)
			ck_assert_int_eq(out.kind, len < e->header
							   ? FAULT_REFUSED
							   : FAULT_TRUNCATED);
	}
}

START_TEST(every_prefix)
{
	struct image im = {.big = _i & 1};
	struct edges e = {.count = 0};

	if (_i & 2)
		ng_with_edges(&im, &e);
	else
		pcap_with_edges(&im, &e);
	check_prefixes(&im, &e);
}
END_TEST

START_TEST(fault_text)
{
	struct image im = {.len = 0};
	struct seen out;

	image_pcap(&im, PCAP_US, 1);
	image_record(&im, SEC, 0, SLICE("whole"), 5);
	image_record(&im, SEC, 0, SLICE("01234567890123456789"), 20);
	out = read_bytes(slice_of(im.p, im.len - 4));
	ck_assert_str_eq(out.fault,
			 "mem: packet 2: record takes 36 bytes but the file "
			 "ends after 32; everything before it was read");
}
END_TEST

static void pack(const struct image *plain, struct image *packed)
{
	struct slice in = image_slice(plain);

	/* two members, cut in the middle of whatever lies there */
	image_gzip(packed, slice_head(in, in.len / 2));
	image_gzip(packed, slice_from(in, in.len / 2));
}

START_TEST(gzipped)
{
	struct image plain = {.big = _i & 1}, packed = {.len = 0};
	struct edges e = {.count = 0};
	struct seen out;

	if (_i & 2)
		ng_with_edges(&plain, &e);
	else
		pcap_with_edges(&plain, &e);
	pack(&plain, &packed);
	out = read_image(&packed);
	ck_assert_uint_eq(out.faults, 0);
	ck_assert_uint_eq(out.len, e.count);

	/* a tape's padding is no fault, other bytes behind are one */
	image_bytes(&packed, SLICE("\0\0\0\0\0\0\0"));
	out = read_image(&packed);
	ck_assert_uint_eq(out.faults, 0);
	image_bytes(&packed, SLICE("garbage"));
	out = read_image(&packed);
	ck_assert_uint_eq(out.len, e.count);
	ck_assert_uint_eq(out.faults, 1);
}
END_TEST

/* Cut at every byte: never more than there is, and always a fault, but
 * between the members, where the pcap inside may end by chance too. */
START_TEST(gzip_prefixes)
{
	struct image plain = {.len = 0}, packed = {.len = 0};
	struct edges e = {.count = 0};

	pcap_with_edges(&plain, &e);
	image_gzip(&packed, image_slice(&plain));
	for (size_t len = 1; len < packed.len; len++) {
		struct seen out = read_bytes(slice_of(packed.p, len));

		ck_assert_uint_le(out.len, e.count);
		ck_assert_uint_eq(out.faults, 1);
	}
}
END_TEST

START_TEST(gzip_damaged)
{
	struct image plain = {.len = 0}, packed = {.len = 0};
	struct edges e = {.count = 0};
	struct seen out;

	pcap_with_edges(&plain, &e);
	image_gzip(&packed, image_slice(&plain));
	packed.p[packed.len - 6] ^= 0x55; /* the checksum */
	out = read_image(&packed);
	ck_assert_uint_eq(out.len, e.count);
	ck_assert_uint_eq(out.faults, 1);
	ck_assert_int_eq(out.kind, FAULT_CORRUPT);
	ck_assert_ptr_nonnull(strstr(out.fault, "gzip data is damaged"));
}
END_TEST

static const struct {
	struct slice in;
	const char *name;
} refusals[] = {
	{SLICE_INIT(""), "an empty file"},
	{SLICE_INIT("INVITE sip:bob@example.org SIP/2.0\r\n"), "text"},
	{SLICE_INIT("GMBU\0\2\1\0"), "Network Monitor"},
	{SLICE_INIT("snoop\0\0\0\0\0\0\2"), "snoop"},
	{SLICE_INIT("\xfd"
		    "7zXZ\0\0\4"),
	 "xz data"},
	{SLICE_INIT("\x28\xb5\x2f\xfd\4\0"), "zstd data"},
	{SLICE_INIT("PK\3\4\24\0"), "zip archive"},
	{SLICE_INIT("SQLite format 3\0"), "SQLite database"},
	{SLICE_INIT("\1\2\3\4\5\6\7"), "unknown kind"},
	{SLICE_INIT("\xd4\xc3\xb2\xa1\2\0\4\0"), "inside its file header"},
	{SLICE_INIT("\xd4\xc3\xb2\xa1\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
		    "\0"),
	 "another version"},
	{SLICE_INIT("\x0a\x0d\x0d\x0a\x1c\0\0\0xxxx"), "pcapng header"},
};

START_TEST(refused)
{
	struct image packed = {.len = 0};
	struct seen out = read_bytes(refusals[_i].in);

	ck_assert_uint_eq(out.len, 0);
	ck_assert_uint_eq(out.faults, 1);
	ck_assert_int_eq(out.kind, FAULT_REFUSED);
	ck_assert_ptr_nonnull(strstr(out.fault, refusals[_i].name));
	ck_assert_ptr_nonnull(strstr(out.fault, "mem: not read"));

	image_gzip(&packed, refusals[_i].in);
	out = read_image(&packed);
	ck_assert_uint_eq(out.len, 0);
	ck_assert_ptr_nonnull(strstr(out.fault, refusals[_i].name));
}
END_TEST

/* A record header turned to nonsense: what lies behind it is found again. */
START_TEST(pcap_damage)
{
	struct image im = {.big = _i};
	struct seen out;
	size_t at = 0;

	image_pcap(&im, PCAP_US, 1);
	for (uint32_t i = 0; i < 10; i++) {
		if (i == 3)
			at = im.len;
		image_record(&im, SEC + i, i, SLICE("some packet"), 60);
	}
	memset(im.p + at, 0xff, 16);
	out = read_image(&im);
	ck_assert_uint_eq(out.len, 9);
	ck_assert_uint_eq(out.f[2].ts_ns, (SEC + 2) * NS + 2000);
	ck_assert_uint_eq(out.f[3].ts_ns, (SEC + 4) * NS + 4000);
	ck_assert_uint_eq(out.byte_sum[8], sum(SLICE("some packet")));
	ck_assert_uint_eq(out.faults, 1);
	ck_assert_int_eq(out.kind, FAULT_CORRUPT);
	ck_assert_str_eq(out.fault,
			 "mem: packet 4: record says 4294967295 bytes, more "
			 "than the 262144 that a packet may have");
}
END_TEST

/* A run of zeros in the middle, as a crash leaves it. */
START_TEST(pcap_zeros)
{
	struct image im = {.len = 0};
	struct seen out;

	image_pcap(&im, PCAP_US, 1);
	image_record(&im, SEC, 1, SLICE("some packet"), 60);
	for (int i = 0; i < 4096; i++)
		image_u8(&im, 0);
	for (uint32_t i = 0; i < 4; i++)
		image_record(&im, SEC + i, 2, SLICE("some packet"), 60);
	out = read_image(&im);
	ck_assert_uint_eq(out.len, 5);
	ck_assert_uint_eq(out.f[1].ts_ns, SEC * NS + 2000);
	ck_assert_uint_eq(out.faults, 1);
	ck_assert_str_eq(out.fault, "mem: packet 2: zeros instead of a record");
}
END_TEST

/* Nothing to find behind the damage: the end, with one fault. */
START_TEST(pcap_damage_at_end)
{
	struct image im = {.len = 0};
	struct seen out;

	image_pcap(&im, PCAP_US, 1);
	image_record(&im, SEC, 0, SLICE("some packet"), 60);
	for (int i = 0; i < 5000; i++)
		image_u8(&im, (uint8_t)(0x80 + i % 100));
	out = read_image(&im);
	ck_assert_uint_eq(out.len, 1);
	ck_assert_uint_eq(out.faults, 1);
}
END_TEST

static const struct {
	const char *name;
	size_t at; /* in the third packet's block */
	uint8_t byte;
	size_t want; /* packets left of 6 */
} ng_damages[] = {
	{"type", 0, 0x55, 5},
	{"length", 5, 0x7f, 5},
	{"odd length", 4, 0x33, 5},
	{"interface", 8, 0x09, 5},
	{"captured length", 21, 0x40, 5},
	{"second length", 41, 0x01, 5},
	{"data", 30, 0x66, 6},
};

START_TEST(ng_damage)
{
	struct image im = {.len = 0};
	struct seen out;
	size_t at = 0;

	image_section(&im);
	image_interface(&im, 1, 0, 6, 0);
	for (uint32_t i = 0; i < 6; i++) {
		if (i == 2)
			at = im.len;
		image_packet(&im, 0, i, SLICE("0123456789"), 10);
	}
	im.p[at + ng_damages[_i].at] = ng_damages[_i].byte;
	out = read_image(&im);
	ck_assert_uint_eq(out.len, ng_damages[_i].want);
	ck_assert_uint_eq(out.f[out.len - 1].ts_ns, 5000);
	/* a block of another type is none of our business, so no fault */
	ck_assert_uint_eq(out.faults, ng_damages[_i].want == 5 && _i != 0);
}
END_TEST

/* --- the captures of ../shared, when they are there --- */

static const char *shared_dir(void)
{
	const char *dir = getenv("CALLSCOPE_SHARED");

	return dir ? dir : "../shared";
}

static char *load_text(const char *path)
{
	FILE *f = fopen(path, "rb");
	char *text = NULL;
	size_t room = 0;

	if (!f)
		return NULL;
	if (getdelim(&text, &room, '\0', f) < 0) {
		free(text);
		text = NULL;
	}
	fclose(f);
	return text;
}

/* The number behind "key": at or after from. */
static bool number_after(const char *from, const char *key, uint64_t *v)
{
	const char *at = from ? strstr(from, key) : NULL;

	if (!at || sscanf(at + strlen(key), " %" SCNu64, v) != 1)
		return false;
	return true;
}

static void compare(const char *capture, const char *container)
{
	struct frame v[SOURCE_BATCH_MAX];
	uint64_t packets, bytes, cut;
	char err[SOURCE_ERROR_MAX];
	struct source *s;

	ck_assert(number_after(container, "\"packets\":", &packets));
	ck_assert(number_after(container, "\"bytes_captured\":", &bytes));
	ck_assert(number_after(container, "\"cut_packets\":", &cut));
	ck_assert_msg(!file_source_open(&s, &capture, 1, err, sizeof(err)),
		      "%s", err);
	while (source_read(s, v, SOURCE_BATCH_MAX) > 0)
		;
	ck_assert_msg(s->stats.frames == packets && s->stats.bytes == bytes &&
			      s->stats.cut == cut && s->faults.len == 0,
		      "%s: %" PRIu64 " packets for %" PRIu64 ", %s", capture,
		      s->stats.frames, packets,
		      s->faults.len ? s->faults.v[0].text : "no fault");
	source_close(s);
}

/* One expected/NAME.json: the capture that it tells of. */
static bool check_expected(const char *json)
{
	const char *file = strstr(json, "\"file\":");
	const char *container = strstr(json, "\"container\":");
	char path[1024], name[256];

	if (!file || !container || strstr(container, "\"netmon2\""))
		return false;
	if (sscanf(file, "\"file\": \"%255[^\"]\"", name) != 1)
		return false;
	snprintf(path, sizeof(path), "%s/captures/%s", shared_dir(), name);
	compare(path, container);
	return true;
}

START_TEST(shared_captures)
{
	char path[1024];
	struct dirent *de;
	int checked = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/captures/expected", shared_dir());
	dir = opendir(path);
	if (!dir) {
		printf("SKIP pcap_file_shared: no %s\n", path);
		return;
	}
	while ((de = readdir(dir))) {
		char *json;

		snprintf(path, sizeof(path), "%s/captures/expected/%s",
			 shared_dir(), de->d_name);
		json = strstr(de->d_name, ".json") ? load_text(path) : NULL;
		checked += json && check_expected(json);
		free(json);
	}
	closedir(dir);
	ck_assert_int_gt(checked, 0);
	printf("%d shared captures read\n", checked);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("pcap_file");
	TCase *t = tcase_create("formats");

	tcase_add_loop_test(t, pcap_kinds, 0, ROWS(pcap_rows));
	tcase_add_test(t, kuznetzov);
	tcase_add_test(t, wire_len_repaired);
	tcase_add_test(t, old_version);
	tcase_add_loop_test(t, linktypes, 0, ROWS(linktype_rows));
	tcase_add_loop_test(t, ng_times, 0, ROWS(ng_time_rows));
	tcase_add_loop_test(t, ng_blocks, 0, 2);
	tcase_add_test(t, ng_large_block);
	tcase_add_loop_test(t, gzipped, 0, 4);
	tcase_add_loop_test(t, refused, 0, ROWS(refusals));
	suite_add_tcase(s, t);

	t = tcase_create("damage");
	tcase_add_loop_test(t, every_prefix, 0, 4);
	tcase_add_test(t, fault_text);
	tcase_add_test(t, gzip_prefixes);
	tcase_add_test(t, gzip_damaged);
	tcase_add_loop_test(t, pcap_damage, 0, 2);
	tcase_add_test(t, pcap_zeros);
	tcase_add_test(t, pcap_damage_at_end);
	tcase_add_loop_test(t, ng_damage, 0, ROWS(ng_damages));
	suite_add_tcase(s, t);

	t = tcase_create("shared");
	tcase_set_timeout(t, 120);
	tcase_add_test(t, shared_captures);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
