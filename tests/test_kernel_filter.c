/*
 * What the kernel leaves out must be nothing that the exact filter wants: made
 * frames of every tunnel, and all packets of the samples.
 */
#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "sniffer/capture/file_source.h"
#include "sniffer/capture/filter.h"
#include "sniffer/capture/kernel_filter.h"
#include "tests/run_suite.h"

#define ROWS(v) (int)(sizeof(v) / sizeof(*(v)))

#define MACS "\2\0\0\0\0\1\2\0\0\0\0\2"
#define T4   "\x08\0"
#define T6   "\x86\xdd"

/* proto is one byte of text. */
#define IP4(proto, rest)                                                       \
	"\x45\0\0\x40\0\1\0\0\x40" proto "\0\0\x0a\0\0\1\x0a\0\0\2" rest
#define IP6(proto, rest)                                                       \
	"\x60\0\0\0\0\x20" proto "\x40"                                        \
	"\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"                               \
	"\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\2" rest
#define UDP(port, rest) "\xc0\0" port "\0\x20\0\0" rest
#define IN(port)	MACS T4 IP4("\x11", UDP(port, "something in it"))
#define IN6(port)	MACS T6 IP6("\x11", UDP(port, "something in it"))
#define CARRIED		"something that is carried"

static const struct {
	const char *name;
	struct slice frame; /* Ethernet */
	bool port;	    /* passes "port 5060" in the kernel */
	bool named; /* and is refused by an expression that excludes it */
	const char *excludes;
} rows[] = {
	{"sip", SLICE_INIT(IN("\x13\xc4")), true, false, "not port 5060"},
	{"other", SLICE_INIT(IN("\0\x35")), false, false, "not port 53"},
	{"other ip6", SLICE_INIT(IN6("\0\x35")), false, false, "not port 53"},
	{"tcp", SLICE_INIT(MACS T4 IP4("\6", UDP("\0\x50", CARRIED))), false,
	 false, "not port 80"},
	{"arp", SLICE_INIT(MACS "\x08\6\0\1\x08\0\6\4\0\1"), false, false,
	 "not arp"},
	{"vxlan", SLICE_INIT(IN("\x12\xb5")), true, true, "not port 4789"},
	{"vxlan-gpe", SLICE_INIT(IN("\x12\xb6")), true, true, "not port 4790"},
	{"vxlan linux", SLICE_INIT(IN("\x21\x18")), true, true,
	 "not port 8472"},
	{"geneve", SLICE_INIT(IN("\x17\xc1")), true, true, "not port 6081"},
	{"gtp", SLICE_INIT(IN("\x08\x68")), true, true, "not port 2152"},
	{"tzsp", SLICE_INIT(IN("\x90\x90")), true, true, "not port 37008"},
	{"l2tp", SLICE_INIT(IN("\6\xa5")), true, true, "not port 1701"},
	{"esp in udp", SLICE_INIT(IN("\x11\x94")), true, true, "not port 4500"},
	{"vxlan ip6", SLICE_INIT(IN6("\x12\xb5")), true, true, "not port 4789"},
	{"hep", SLICE_INIT(MACS T4 IP4("\x11", UDP("\x24\x66", "HEP3\0\x40"))),
	 true, true, "udp[8:4] = 0"},
	{"hep ip6",
	 SLICE_INIT(MACS T6 IP6("\x11", UDP("\x24\x66", "HEP3\0\x40"))), true,
	 true, "udp[8:4] = 0"},
	{"ip in ip", SLICE_INIT(MACS T4 IP4("\4", CARRIED)), true, true,
	 "not ip proto 4"},
	{"ip6 in ip", SLICE_INIT(MACS T4 IP4("\x29", CARRIED)), true, true,
	 "not ip proto 41"},
	{"ip in ip6", SLICE_INIT(MACS T6 IP6("\4", CARRIED)), true, true,
	 "not ip6 proto 4"},
	{"gre", SLICE_INIT(MACS T4 IP4("\x2f", CARRIED)), true, true,
	 "not proto 47"},
	{"gre ip6", SLICE_INIT(MACS T6 IP6("\x2f", CARRIED)), true, true,
	 "not proto 47"},
	{"esp", SLICE_INIT(MACS T4 IP4("\x32", CARRIED)), true, true,
	 "not ip proto 50"},
	{"ah", SLICE_INIT(MACS T4 IP4("\x33", CARRIED)), true, true,
	 "not ip proto 51"},
	{"etherip", SLICE_INIT(MACS T4 IP4("\x61", CARRIED)), true, true,
	 "not ip proto 97"},
	{"l2tpv3", SLICE_INIT(MACS T4 IP4("\x73", CARRIED)), true, true,
	 "not ip proto 115"},
	{"mpls in ip", SLICE_INIT(MACS T4 IP4("\x89", CARRIED)), true, true,
	 "not ip proto 137"},
	{"ether in ip", SLICE_INIT(MACS T4 IP4("\x8f", CARRIED)), true, true,
	 "not ip proto 143"},
	{"tunnel behind ip6 options",
	 SLICE_INIT(MACS T6 IP6("\0", "\x2f\0\1\4\0\0\0\0" CARRIED)), true,
	 true, "not proto 47 and not ip6"},
	{"gre in vlan", SLICE_INIT(MACS "\x81\0\0\7" T4 IP4("\x2f", CARRIED)),
	 true, false, "not proto 47"},
	{"mpls", SLICE_INIT(MACS "\x88\x47\0\x01\x01\x40" IP4("\x11", CARRIED)),
	 true, false, "port 9"},
};

/* An expression as both apply it. */
struct both {
	struct filter *exact;
	struct bpf_program kernel;
	uint16_t linktype;
};

static void both_open(struct both *b, const char *expr, uint16_t linktype)
{
	int dlt = linktype == 101 ? DLT_RAW : linktype;
	pcap_t *p = pcap_open_dead(dlt, 262144);
	char *text = kernel_filter_text(expr);
	char err[512];

	b->linktype = linktype;
	b->exact = filter_new(expr, err, sizeof(err));
	ck_assert_msg(b->exact != NULL, "%s", err);
	ck_assert_ptr_nonnull(text);
	ck_assert_msg(
		!pcap_compile(p, &b->kernel, text, 1, PCAP_NETMASK_UNKNOWN),
		"%s: %s", text, pcap_geterr(p));
	free(text);
	pcap_close(p);
}

static void both_close(struct both *b)
{
	filter_free(b->exact);
	pcap_freecode(&b->kernel);
}

static bool in_kernel(const struct both *b, const struct frame *f)
{
	return bpf_filter(b->kernel.bf_insns, f->data.p, f->wire_len,
			  (u_int)f->data.len);
}

static struct frame ethernet(struct slice data)
{
	return (struct frame){
		.data = data, .wire_len = (uint32_t)data.len, .linktype = 1};
}

START_TEST(made)
{
	struct frame f = ethernet(rows[_i].frame);
	struct both b;

	both_open(&b, "port 5060", 1);
	ck_assert_msg(in_kernel(&b, &f) == rows[_i].port, "%s: kernel",
		      rows[_i].name);
	ck_assert_msg(filter_match(b.exact, &f) ==
			      (rows[_i].port && strcmp(rows[_i].name, "mpls")),
		      "%s: exact", rows[_i].name);
	both_close(&b);
	/* who names it decides about it */
	both_open(&b, rows[_i].excludes, 1);
	ck_assert_msg(!filter_match(b.exact, &f), "%s: %s", rows[_i].name,
		      rows[_i].excludes);
	ck_assert_msg(!rows[_i].named || !in_kernel(&b, &f) ||
			      strstr(rows[_i].name, "behind"),
		      "%s: %s in the kernel", rows[_i].name, rows[_i].excludes);
	both_close(&b);
}
END_TEST

/* The kernel takes VLAN tags off: what speaks of them is not for it. */
START_TEST(link_words)
{
	ck_assert_ptr_null(kernel_filter_text("vlan 7 and port 5060"));
	ck_assert_ptr_null(kernel_filter_text("mpls"));
	ck_assert_ptr_null(kernel_filter_text("ether proto 0x8100"));
}
END_TEST

static const char *const exprs[] = {
	"port 5060",
	"not port 5060",
	"udp",
	"host 10.0.0.1",
	"tcp port 443 or portrange 10000-20000",
	"ip6",
	"greater 400",
	"src net 10.0.0.0/8 and not udp port 4789",
};

/* A frame of a link type that both can judge. */
static uint64_t compare(struct both *b, const struct frame *f)
{
	if (f->linktype != b->linktype)
		return 0;
	ck_assert_msg(!filter_match(b->exact, f) || in_kernel(b, f),
		      "frame %llu", (unsigned long long)f->number);
	return 1;
}

static uint64_t compare_file(const char *path, struct both *b, size_t n)
{
	char err[SOURCE_ERROR_MAX];
	struct frame v[64];
	struct source *s;
	uint64_t done = 0;
	int k;

	ck_assert_msg(!file_source_open(&s, &path, 1, err, sizeof(err)), "%s",
		      err);
	while ((k = source_read(s, v, 64)) > 0)
		for (int i = 0; i < k; i++)
			for (size_t e = 0; e < n; e++)
				done += compare(&b[e], &v[i]);
	source_close(s);
	return done;
}

START_TEST(samples)
{
	static const uint16_t links[] = {1, 113, 276, 101};
	const char *src = getenv("CALLSCOPE_SRC");
	char dir[4096], path[8192];
	struct both b[ROWS(exprs) * ROWS(links)];
	struct dirent *e;
	uint64_t done = 0;
	size_t n = 0;
	DIR *d;

	for (int i = 0; i < ROWS(exprs); i++)
		for (int k = 0; k < ROWS(links); k++)
			both_open(&b[n++], exprs[i], links[k]);
	snprintf(dir, sizeof(dir), "%s/samples", src ? src : ".");
	d = opendir(dir);
	ck_assert_ptr_nonnull(d);
	while ((e = readdir(d))) {
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		if (strstr(e->d_name, ".pcap"))
			done += compare_file(path, b, n);
	}
	closedir(d);
	ck_assert_uint_gt(done, 10000);
	while (n)
		both_close(&b[--n]);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("kernel_filter");
	TCase *t = tcase_create("kernel_filter");

	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, made, 0, ROWS(rows));
	tcase_add_test(t, link_words);
	tcase_add_test(t, samples);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
