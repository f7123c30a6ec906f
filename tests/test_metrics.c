/* /metrics: the text as Prometheus' parser reads it, and no line of it wrong;
 * /health and /readyz; open calls as JSON. */
#include <check.h>
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "sniffer/health_warn.h"
#include "tests/run_suite.h"
#include "sniffer/base/link_bits.h"
#include "sniffer/health.h"
#include "web/live_diff.h"
#include "web/live_put.h"
#include "web/metrics.h"
#include "sniffer/process.h"

static struct snapshot s;
static struct outbuf out;

static void setup(void)
{
	memset(&s, 0, sizeof(s));
	out = (struct outbuf){0};
}

static void teardown(void)
{
	outbuf_free(&out);
}

static const char *text(void)
{
	outbuf_char(&out, '\0');
	ck_assert(!out.failed);
	return out.p;
}

static bool has(const char *part)
{
	return strstr(text(), part) != NULL;
}

/* --- metrics -------------------------------------------------------------- */

/* Names of metrics and of labels. */
static size_t name_length(const char *p, bool colon)
{
	size_t n = 0;

	if (isdigit((unsigned char)*p))
		return 0;
	while (isalnum((unsigned char)p[n]) || p[n] == '_' ||
	       (colon && p[n] == ':'))
		n++;
	return n;
}

/* {a="...",b="..."}; the place behind. */
static const char *read_labels(const char *p)
{
	ck_assert_int_eq(*p, '{');
	do {
		size_t n = name_length(++p, false);

		ck_assert_uint_gt(n, 0);
		p += n;
		ck_assert_int_eq(p[0], '=');
		ck_assert_int_eq(p[1], '"');
		for (p += 2; *p != '"'; p++) {
			ck_assert_int_ge((unsigned char)*p, ' ');
			if (*p == '\\')
				ck_assert(strchr("\\\"n", *++p));
		}
		p++;
	} while (*p == ',');
	ck_assert_int_eq(*p, '}');
	return p + 1;
}

static void read_sample(const char *line, const char *name)
{
	size_t n = name_length(line, true);
	const char *p = line + n;
	char *end;

	ck_assert_uint_eq(n, strlen(name));
	ck_assert_int_eq(strncmp(line, name, n), 0);
	if (*p == '{')
		p = read_labels(p);
	ck_assert_int_eq(*p, ' ');
	strtod(p + 1, &end);
	ck_assert(end > p + 1 && !*end);
}

static bool ends_with(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n >= m && !strcmp(name + n - m, end);
}

/* What promtool check metrics asks for: help, type, samples, each name once,
 * counters end in _total. */
static unsigned read_metrics(char *body)
{
	char name[128] = "", seen[STATS_IDS][128] = {{0}};
	unsigned names = 0;

	for (char *line = strtok(body, "\n"); line; line = strtok(NULL, "\n")) {
		char type[16];

		if (!strncmp(line, "# HELP ", 7)) {
			ck_assert_int_eq(sscanf(line, "# HELP %127s", name), 1);
			ck_assert_uint_eq(name_length(name, true),
					  strlen(name));
			for (unsigned i = 0; i < names; i++)
				ck_assert_str_ne(seen[i], name);
			ck_assert_uint_lt(names, STATS_IDS);
			memcpy(seen[names++], name, sizeof(name));
			line = strtok(NULL, "\n");
			ck_assert_ptr_nonnull(line);
			ck_assert_int_eq(sscanf(line, "# TYPE %*s %15s", type),
					 1);
			ck_assert_int_eq(ends_with(name, "_total"),
					 !strcmp(type, "counter"));
			ck_assert(!strcmp(type, "counter") ||
				  !strcmp(type, "gauge"));
			continue;
		}
		ck_assert_int_ne(*line, '#');
		read_sample(line, name);
	}
	return names;
}

/* Every row, with odd values and labels. */
START_TEST(metrics_are_read)
{
	static struct stats all, more;
	const struct stats *lists[] = {&all, &more};

	all.n = more.n = 0;
	for (int id = 0; id < STATS_IDS; id++) {
		const struct stats_row *row = stats_row((enum stats_id)id);

		ck_assert_ptr_nonnull(row->name);
		ck_assert_ptr_nonnull(row->help);
		ck_assert_ptr_null(strchr(row->help, '\n'));
		ck_assert_ptr_null(strchr(row->help, '\\'));
		stats_put2(&all, (enum stats_id)id, SLICE("a\"b\\c\nd\x01"),
			   SLICE("x"), 1.5);
		stats_put2(&more, (enum stats_id)id, SLICE("b"), SLICE("y"),
			   123456789012.0);
	}
	metrics_put(&out, lists, 2);
	ck_assert(has("callscope_sip_requests_total{method=\"a\\\"b\\\\c\\nd?\""
		      "} 1.5\n"));
	ck_assert(has("callscope_packets_total 123456789012\n"));
	out.len--;
	ck_assert_uint_eq(read_metrics((char *)text()), STATS_IDS);
}
END_TEST

START_TEST(named_counters)
{
	static struct stats one;
	const struct stats *list = &one;

	one.n = 0;
	stats_put_named(&one, STATS_FAULTS, "rtp.bad_padding", 3);
	stats_put_named(&one, STATS_FAULTS, "other", 1);
	metrics_put(&out, &list, 1);
	ck_assert(has("callscope_faults_total{stage=\"rtp\",reason=\""
		      "bad_padding\"} 3\n"));
	ck_assert(has("callscope_faults_total{stage=\"other\",reason=\"\"} "
		      "1\n"));
	ck_assert_double_eq(stats_sum(&one, STATS_FAULTS), 4);
	ck_assert_double_eq(stats_get(&one, STATS_FAULTS, "rtp"), 3);
}
END_TEST

START_TEST(stats_are_bounded)
{
	static struct stats full;

	full.n = 0;
	full.left_out = 0;
	for (unsigned i = 0; i < STATS_MAX + 7; i++)
		stats_put(&full, STATS_PACKETS, i);
	ck_assert_uint_eq(full.n, STATS_MAX);
	ck_assert_uint_eq(full.left_out, 7);
}
END_TEST

START_TEST(process_is_told)
{
	static struct stats p;

	p.n = 0;
	process_stats(&p);
	ck_assert_double_gt(stats_get(&p, STATS_PROCESS_MEMORY, ""), 100000);
	ck_assert_double_ge(stats_get(&p, STATS_PROCESS_FILES, ""), 3);
}
END_TEST

/* --- health --------------------------------------------------------------- */

/* What of a snapshot health looks at. */
struct looked {
	bool live, ended, records;
	struct mirror_tap mirror;
	unsigned bits; /* of an interface eth0, if there are any */
	uint64_t idle_ms;
	struct snapshot_dropped dropped;
	unsigned spool_level;
	uint64_t spool_errors, spool_skipped_minute;
	struct snapshot_store store; /* what NULL: there is none */
};

static void take(const struct looked *l)
{
	s.live = l->live;
	s.ended = l->ended;
	s.records = l->records;
	s.mirror.tap[0] = l->mirror;
	s.tap[0].bits = l->bits;
	snprintf(s.tap[0].name, sizeof(s.tap[0].name), "eth0");
	s.taps = l->bits != 0;
	s.idle_ms = l->idle_ms;
	s.dropped = l->dropped;
	s.spool_level = l->spool_level;
	s.spool_errors = l->spool_errors;
	s.spool_skipped_minute = l->spool_skipped_minute;
	s.store[0] = l->store;
	s.stores = l->store.what != NULL;
}

static const struct {
	const char *name;
	struct looked s;
	uint64_t age_ms;
	const char *code;  /* of the only warning; NULL = none */
	const char *ready; /* a line of /readyz */
	bool is_ready;
} states[] = {
	{"well", {.live = true}, 0, NULL, "capture: ok", true},
	{"kernel drops",
	 {.live = true, .dropped = {.kernel_minute = 7}},
	 0,
	 "kernel_drops",
	 "capture: ok",
	 true},
	{"old drops",
	 {.live = true, .dropped = {.kernel = 7}},
	 0,
	 NULL,
	 "capture: ok",
	 true},
	{"a table is full",
	 {.live = true, .dropped = {.limit_minute = 7}},
	 0,
	 "limit_drops",
	 "capture: ok",
	 true},
	{"hangs",
	 {.live = true},
	 16000,
	 "capture_stalled",
	 "capture: not ready",
	 false},
	{"silent",
	 {.live = true, .idle_ms = 61000},
	 0,
	 "no_packets",
	 "capture: ok",
	 true},
	{"one way",
	 {.live = true, .mirror = {.one_way = true}},
	 0,
	 "one_direction",
	 "capture: ok",
	 true},
	{"twice",
	 {.live = true, .mirror = {.twice = true}},
	 0,
	 "doubled_mirror",
	 "capture: ok",
	 true},
	{"GRO", {.live = true, .bits = LINK_GRO}, 0, "offload_on", "capture: ok",
	 true},
	{"down", {.live = true, .bits = LINK_DOWN}, 0, "interface_down",
	 "capture: ok", true},
	{"no carrier", {.live = true, .bits = LINK_NO_CARRIER}, 0, "no_carrier",
	 "capture: ok", true},
	{"a ring was full", {.live = true, .dropped = {.ring_minute = 7}}, 0,
	 "ring_drops", "capture: ok", true},
	{"workers were full", {.live = true, .dropped = {.workers_minute = 7}},
	 0, "worker_drops", "capture: ok", true},
	{"over",
	 {.live = true, .ended = true},
	 0,
	 NULL,
	 "capture: not ready",
	 false},
	{"a file", {.idle_ms = 99000}, 99000, NULL, "capture: ok", true},
	{"no media",
	 {.records = true, .spool_level = 1},
	 0,
	 "disk_floor",
	 "capture: ok",
	 true},
	{"disk full",
	 {.records = true, .spool_level = 2},
	 0,
	 "disk_floor",
	 "capture: ok",
	 true},
	{"spool fails",
	 {.records = true, .spool_errors = 1},
	 0,
	 "spool_errors",
	 "capture: ok",
	 true},
	{"slow disk",
	 {.records = true, .spool_skipped_minute = 1},
	 0,
	 "spool_skipped",
	 "capture: ok",
	 true},
	{"store down",
	 {.store = {.what = "database",
		    .kind = "mysql",
		    .down = true,
		    .waiting = 3}},
	 0,
	 "store_down",
	 "database: ok, it is down",
	 true},
	{"store down and full",
	 {.store = {.what = "database",
		    .kind = "mysql",
		    .down = true,
		    .lost = 1}},
	 0,
	 "store_down",
	 "database: not ready",
	 false},
	{"store behind",
	 {.store = {.what = "database",
		    .kind = "mysql",
		    .waiting = 3,
		    .oldest_ms = 100000}},
	 0,
	 "store_behind",
	 "database: ok",
	 true},
	{"store a little behind",
	 {.store = {.what = "database",
		    .kind = "mysql",
		    .waiting = 3,
		    .oldest_ms = 199000}},
	 0,
	 NULL,
	 "database: ok",
	 true},
	{"refused",
	 {.store = {.what = "database", .kind = "mysql", .refused = 3}},
	 0,
	 "store_refused",
	 "database: ok",
	 true},
};

START_TEST(health_of)
{
	struct health h = {
		.version = "1",
		.capture = &s,
		.age_ms = states[_i].age_ms,
		.now_ms = 200000,
		.store_wanted = true,
	};
	char want[64];

	take(&states[_i].s);
	health_put(&out, &h);
	if (states[_i].code) {
		snprintf(want, sizeof(want), "\"warnings\":[{\"code\":\"%s\"",
			 states[_i].code);
		ck_assert_msg(has(want), "%s: %s", states[_i].name, text());
	} else {
		ck_assert_msg(has("\"warnings\":[]}"), "%s: %s",
			      states[_i].name, text());
	}
	outbuf_reset(&out);
	ck_assert_int_eq(health_ready(&out, &h), states[_i].is_ready);
	ck_assert_msg(has(states[_i].ready), "%s: %s", states[_i].name, text());
}
END_TEST

START_TEST(health_without_capture)
{
	struct snapshot_store queue = {.what = "database",
				       .kind = "mysql",
				       .waiting = 5,
				       .oldest_ms = 1000};
	struct health h = {
		.version = "1", .now_ms = 90000, .store_wanted = true};

	health_put(&out, &h);
	ck_assert(has("\"capture\":null,\"store\":null"));
	ck_assert(has("\"readable\":true"));
	outbuf_reset(&out);
	ck_assert(health_ready(&out, &h));
	ck_assert(has("capture: ok, none is wanted\nstore: ok"));
	h.store_why = "it is gone";
	outbuf_reset(&out);
	ck_assert(!health_ready(&out, &h));
	ck_assert(has("store: not ready, it is gone"));
	h.queue = &queue;
	outbuf_reset(&out);
	health_put(&out, &h);
	ck_assert(has("\"waiting\":5,\"oldest_ms\":89000"));
	ck_assert(has("\"code\":\"store_behind\""));
	ck_assert(has("\"code\":\"store_unreadable\""));
	ck_assert(has("\"readable\":false"));
}
END_TEST

/* --- open calls ----------------------------------------------------------- */

static void add(const char *uid, const char *user)
{
	struct snapshot_row *row = &s.row[s.n++];
	const struct snapshot_side none = {
		.loss_pct = NAN, .jitter_ms = NAN, .mos = NAN, .mos_now = NAN};

	*row = (struct snapshot_row){.type = "call",
				     .state = "up",
				     .status = 200,
				     .start_ns = 1000000000,
				     .a = none,
				     .b = none};
	snprintf(row->uid, sizeof(row->uid), "%s", uid);
	snprintf(row->caller.user, sizeof(row->caller.user), "%s", user);
	s.calls = s.n;
}

START_TEST(row_as_json)
{
	add("U1", "+49301234");
	s.now_ns = 3500000000;
	s.row[0].a = (struct snapshot_side){.codec = "PCMA",
					    .packets = 9,
					    .loss_pct = 1.5,
					    .jitter_ms = NAN,
					    .mos = 4.1,
					    .mos_now = 4.25,
					    .scale = "NB"};
	live_put(&out, &s, 0, 10, 2);
	ck_assert_str_eq(
		text(),
		"{\"now\":\"1970-01-01T00:00:03.500000Z\",\"capture\":true,"
		"\"live\":false,\"ended\":false,\"total\":1,\"shown\":1,"
		"\"calls\":[{\"uid\":\"U1\",\"type\":\"call\",\"kind\":null,"
		"\"caller_user\":\"+49xxxxxx\",\"callee_user\":null,"
		"\"caller_addr\":null,\"callee_addr\":null,"
		"\"start\":\"1970-01-01T00:00:01.000000Z\",\"age_ms\":2500,"
		"\"state\":\"up\",\"status\":200,\"answer\":null,"
		"\"a_codec\":\"PCMA\",\"a_packets\":9,\"a_loss_pct\":1.500,"
		"\"a_jitter_ms\":null,\"a_mos\":4.100,\"a_mos_now\":4.250,"
		"\"a_mos_scale\":\"NB\",\"b_codec\":null,\"b_packets\":0,"
		"\"b_loss_pct\":null,\"b_jitter_ms\":null,\"b_mos\":null,"
		"\"b_mos_now\":null,\"b_mos_scale\":null,\"packets\":0}]}");
}
END_TEST

START_TEST(no_capture)
{
	live_put(&out, NULL, 1000000000, 10, LIVE_ALL_DIGITS);
	ck_assert(has("\"capture\":false") && has("\"calls\":[]"));
}
END_TEST

static bool diff(struct live_diff *d, size_t limit)
{
	s.number++;
	outbuf_reset(&out);
	return live_diff_put(d, &out, &s, 0, limit, LIVE_ALL_DIGITS);
}

START_TEST(only_what_changed)
{
	struct live_diff *d = calloc(1, sizeof(*d));

	ck_assert_ptr_nonnull(d);
	ck_assert(diff(d, 10)); /* the first is told in any case */
	ck_assert(has("\"upsert\":[],\"gone\":[],\"hidden\":[]"));
	ck_assert(!diff(d, 10));
	add("U1", "1");
	add("U2", "2");
	ck_assert(diff(d, 10));
	ck_assert(has("\"uid\":\"U1\",\"type\"") && has("\"uid\":\"U2\""));
	ck_assert(!diff(d, 10));
	s.row[1].packets = 5;
	ck_assert(diff(d, 10));
	ck_assert(has("\"upsert\":[{\"uid\":\"U2\",\"state\":\"up\""));
	ck_assert(!has("U1") && !has("\"caller_user\""));
	/* the same snapshot again */
	s.row[1].packets = 6;
	ck_assert(!live_diff_put(d, &out, &s, 0, 10, LIVE_ALL_DIGITS));
	free(d);
}
END_TEST

START_TEST(what_left)
{
	struct live_diff *d = calloc(1, sizeof(*d));

	ck_assert_ptr_nonnull(d);
	add("U1", "1");
	add("U2", "2");
	ck_assert(diff(d, 2));
	/* U2 is over; U3 and U4 push U1 out of a list of two. */
	s.n = 0;
	add("U4", "4");
	add("U3", "3");
	add("U1", "1");
	s.ended_n = 1;
	s.gone[0] = (struct snapshot_ended){"U2", "completed", 200, true};
	ck_assert(diff(d, 2));
	ck_assert(has("\"gone\":[\"U2\"],\"hidden\":[\"U1\"],\"records\":[{"
		      "\"uid\":\"U2\",\"state\":\"completed\",\"status\":"
		      "200}]"));
	s.n = 0;
	s.calls = 0;
	ck_assert(diff(d, 2));
	ck_assert(has("\"gone\":[\"U3\",\"U4\"],\"hidden\":[]"));
	s.ended = true;
	ck_assert(diff(d, 2)); /* the input is over: that is news */
	ck_assert(!diff(d, 2));
	free(d);
}
END_TEST

/* Only while something waits for it. */
START_TEST(collector_away)
{
	struct snapshot *b = calloc(1, sizeof(*b));
	struct health h = {.capture = b};
	struct warning w[WARNINGS_MAX];

	stats_put1(&b->stats, STATS_HEP_WAITING, "1", 0);
	stats_put1(&b->stats, STATS_HEP_UP, "1", 0);
	stats_put1(&b->stats, STATS_HEP_WAITING, "2", 9);
	stats_put1(&b->stats, STATS_HEP_UP, "2", 1);
	ck_assert_uint_eq(health_warnings(&h, w), 0);
	stats_put1(&b->stats, STATS_HEP_WAITING, "3", 9);
	stats_put1(&b->stats, STATS_HEP_UP, "3", 0);
	ck_assert_uint_eq(health_warnings(&h, w), 1);
	ck_assert_str_eq(w[0].code, "hep_collector_down");
	ck_assert_str_eq(w[0].about, "3");
	free(b);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("metrics");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, metrics_are_read);
	tcase_add_test(tc, named_counters);
	tcase_add_test(tc, stats_are_bounded);
	tcase_add_test(tc, process_is_told);
	tcase_add_loop_test(tc, health_of, 0,
			    sizeof(states) / sizeof(states[0]));
	tcase_add_test(tc, health_without_capture);
	tcase_add_test(tc, row_as_json);
	tcase_add_test(tc, no_capture);
	tcase_add_test(tc, only_what_changed);
	tcase_add_test(tc, what_left);
	tcase_add_test(tc, collector_away);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
