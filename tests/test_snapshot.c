/* What is open, as it runs: rows out of the engine, and the handing over. */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "sniffer/snapshot.h"
#include "tests/made_signal.h"
#include "tests/run_suite.h"

static struct made_engine m;
static struct snapshots *all;
static uint64_t clock_ms;

static void begin(struct engine_config cfg)
{
	made_engine_begin(&m, &cfg);
	all = snapshots_new();
	ck_assert_ptr_nonnull(all);
	clock_ms = 1000;
}

static void setup(void)
{
	begin(made_engine_config());
}

static void forget(void *arg, struct cdr *cdr)
{
	(void)arg;
	cdr_free(cdr);
}

/* Another engine in its place; its records are thrown away. */
static void other_engine(const struct engine_config *cfg)
{
	const struct engine_out out = {.record = forget};

	engine_free(m.engine);
	m.engine = engine_new(cfg, &out);
	ck_assert_ptr_nonnull(m.engine);
}

static void teardown(void)
{
	made_engine_free(&m);
	snapshots_free(all);
}

/* The engine's state now; given back by the next call. */
static const struct snapshot *look(void)
{
	struct snapshot *b = snapshots_begin(all, clock_ms += 1000);
	const struct snapshot *got;

	ck_assert_ptr_nonnull(b);
	engine_snapshot(m.engine, b);
	snapshots_publish(all, b);
	got = snapshots_get(all);
	snapshots_put(all, got); /* it stays the last one */
	return got;
}

static const struct snapshot_row *only(void)
{
	const struct snapshot *b = look();

	ck_assert_uint_eq(b->n, 1);
	return &b->row[0];
}

/* --- a call --------------------------------------------------------------- */

static const char *id = "one";

static void say(uint64_t ms, bool by_callee, const char *start,
		const char *cseq, const struct made_party *media)
{
	struct made_sip s = {
		.from = made_at(by_callee ? 2 : 1, 5060),
		.to = made_at(by_callee ? 1 : 2, 5060),
		.start = start,
		.id = id,
		.cseq = cseq,
		.to_tag = strncmp(start, "INVITE", 6) ? ";tag=b" : "",
		.media = media,
	};

	made_sip(&m, ms, &s);
}

static const struct made_party a_media = {
	.id = "a", .version = 1, .ip = "10.0.0.1", .port = 4000, .plain = true};
static const struct made_party b_media = {
	.id = "b", .version = 1, .ip = "10.0.0.2", .port = 4002, .plain = true};

static void invite(uint64_t ms)
{
	say(ms, false, "INVITE sip:b@x SIP/2.0", "1 INVITE", &a_media);
}

static void answer(uint64_t ms)
{
	say(ms, true, "SIP/2.0 200 OK", "1 INVITE", &b_media);
	say(ms + 1, false, "ACK sip:b@x SIP/2.0", "1 ACK", NULL);
}

/* Of a to b; every lose-th packet is left out. */
static void audio(uint64_t ms, bool of_b, unsigned n, unsigned lose)
{
	struct made_rtp r = {
		.from = of_b ? made_at(2, 4002) : made_at(1, 4000),
		.to = of_b ? made_at(1, 4000) : made_at(2, 4002),
		.ssrc = of_b ? 0xb : 0xa,
		.n = n,
		.pt = 8,
	};
	uint8_t buf[172];

	for (unsigned i = 0; i < n; i++)
		if (!lose || i % lose != lose - 1)
			made_udp(&m, ms + 20ull * i, r.from, r.to,
				 slice_of(buf, made_rtp_packet(&r, i, buf)));
}

START_TEST(states)
{
	const struct snapshot_row *row;

	ck_assert_uint_eq(look()->n, 0);
	invite(0);
	row = only();
	ck_assert_str_eq(row->type, "call");
	ck_assert_str_eq(row->state, "trying");
	ck_assert_uint_eq(row->status, CDR_NO_U32);
	ck_assert_uint_eq(row->start_ns, MADE_T0);
	ck_assert_str_eq(row->caller.user, "a");
	ck_assert_str_eq(row->callee.user, "b");
	ck_assert_uint_eq(row->caller.addr.port, 5060);
	say(100, true, "SIP/2.0 180 Ringing", "1 INVITE", NULL);
	ck_assert_str_eq(only()->state, "ringing");
	answer(200);
	row = only();
	ck_assert_str_eq(row->state, "up");
	ck_assert_uint_eq(row->status, 200);
	ck_assert_uint_eq(row->answer_ns, MADE_T0 + 200 * MADE_MS);
	say(3000, false, "BYE sip:b@x SIP/2.0", "2 BYE", NULL);
	ck_assert_str_eq(only()->state, "ending");
	made_engine_end(&m);
	ck_assert_uint_eq(look()->n, 0);
}
END_TEST

START_TEST(refused)
{
	invite(0);
	say(50, true, "SIP/2.0 486 Busy Here", "1 INVITE", NULL);
	ck_assert_str_eq(only()->state, "ending");
	ck_assert_uint_eq(only()->status, 486);
}
END_TEST

START_TEST(quality)
{
	const struct snapshot_row *row;

	invite(0);
	answer(100);
	row = only();
	ck_assert(isnan(row->a.mos) && isnan(row->a.loss_pct));
	ck_assert_uint_eq(row->a.media.port, 0);
	audio(200, false, 100, 0);
	audio(210, true, 100, 10);
	row = only();
	ck_assert_str_eq(row->a.codec, "PCMA");
	ck_assert_str_eq(row->b.codec, "PCMA");
	ck_assert_str_eq(row->a.scale, "NB");
	ck_assert_uint_eq(row->a.packets, 100);
	ck_assert_uint_eq(row->a.lost, 0);
	ck_assert_double_eq_tol(row->a.loss_pct, 0, 1e-9);
	ck_assert_double_gt(row->a.mos, 4.3);
	ck_assert_double_eq_tol(row->a.mos, row->a.mos_now, 1e-9);
	ck_assert_uint_eq(row->b.packets, 90);
	/* The last one that is missing may still come. */
	ck_assert_uint_eq(row->b.lost, 9);
	ck_assert_double_eq_tol(row->b.loss_pct, 900.0 / 99, 1e-9);
	ck_assert_double_lt(row->b.mos, 3.6);
	ck_assert_uint_eq(row->b.media.port, 4002);
	ck_assert_uint_eq(row->packets, 190 + 3);
}
END_TEST

/* What is long past still counts in the whole, not in what is now. */
START_TEST(bad_before)
{
	const struct snapshot_row *row;

	invite(0);
	answer(100);
	audio(200, true, 400, 5);
	for (unsigned i = 0; i < 1500; i++) {
		struct made_rtp r = {
			made_at(2, 4002), made_at(1, 4000), 0xb, 0, 0, 8};
		uint8_t buf[172];
		size_t len = made_rtp_packet(&r, 400 + i, buf);

		made_udp(&m, 200 + 20ull * (400 + i), r.from, r.to,
			 slice_of(buf, len));
	}
	row = only();
	ck_assert_double_gt(row->b.mos_now, 4.3);
	ck_assert_double_lt(row->b.mos, 4.2);
	ck_assert_uint_eq(row->b.lost, 80);
}
END_TEST

/* The glance changes nothing: the record is that of a run without it. */
START_TEST(changes_nothing)
{
	const struct cdr_call *c;

	invite(0);
	answer(100);
	audio(200, true, 50, 7);
	for (int i = 0; i < 5; i++)
		look();
	say(3000, false, "BYE sip:b@x SIP/2.0", "2 BYE", NULL);
	made_engine_end(&m);
	c = &made_only(&m)->call;
	ck_assert_uint_eq(c->streams_n, 1);
	ck_assert_uint_eq(c->streams[0].packets, 43);
	ck_assert_uint_eq(c->streams[0].lost, 7);
}
END_TEST

START_TEST(session)
{
	const struct snapshot_row *row;

	audio(0, false, 20, 0);
	row = only();
	ck_assert_str_eq(row->type, "session");
	ck_assert_str_eq(row->kind, "rtp");
	ck_assert_str_eq(row->state, "up");
	ck_assert_uint_eq(row->start_ns, MADE_T0);
	ck_assert_uint_eq(row->caller.addr.port, 4000);
	ck_assert_uint_eq(look()->sessions, 1);
	ck_assert_double_eq(stats_get(&look()->stats, STATS_ACTIVE, "session"),
			    1);
	made_engine_end(&m);
	ck_assert_uint_eq(look()->sessions, 0);
}
END_TEST

START_TEST(masked)
{
	static const char text[] = "INVITE sip:004930@x SIP/2.0\r\n"
				   "Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\n"
				   "From: <sip:+4912345@x>;tag=a\r\n"
				   "To: <sip:004930@x>\r\n"
				   "Call-ID: m\r\nCSeq: 1 INVITE\r\n\r\n";
	struct engine_config cfg = made_engine_config();

	cfg.mask = (struct mask){.digits = 2};
	other_engine(&cfg);
	made_udp(&m, 0, made_at(1, 5060), made_at(2, 5060), slice_str(text));
	ck_assert_str_eq(only()->caller.user, "+49xxxxx");
	ck_assert_str_eq(only()->callee.user, "00xxxx");
}
END_TEST

/* The newest are listed, in that order, and how many there are is said. */
START_TEST(bounded)
{
	struct engine_config cfg = made_engine_config();
	const struct snapshot *b;
	char name[16];

	cfg.calls.max_calls = 2 * SNAPSHOT_ROWS;
	cfg.max_flows = 4 * SNAPSHOT_ROWS;
	other_engine(&cfg);
	id = name;
	for (unsigned i = 0; i < SNAPSHOT_ROWS + 50; i++) {
		snprintf(name, sizeof(name), "c%u", i);
		invite(i);
	}
	id = "one";
	b = look();
	ck_assert_uint_eq(b->calls, SNAPSHOT_ROWS + 50);
	ck_assert_uint_eq(b->n, SNAPSHOT_ROWS);
	ck_assert_uint_eq(b->row[0].start_ns,
			  MADE_T0 + (SNAPSHOT_ROWS + 49) * MADE_MS);
	for (size_t i = 1; i < b->n; i++)
		ck_assert_uint_lt(b->row[i].start_ns, b->row[i - 1].start_ns);
}
END_TEST

START_TEST(figures)
{
	const struct stats *s;

	invite(0);
	say(50, true, "SIP/2.0 486 Busy Here", "1 INVITE", NULL);
	s = &look()->stats;
	ck_assert_double_eq(stats_get(s, STATS_SIP_REQUESTS, "INVITE"), 1);
	ck_assert_double_eq(stats_get(s, STATS_SIP_REQUESTS, "BYE"), 0);
	ck_assert_double_eq(stats_get(s, STATS_SIP_RESPONSES, "4xx"), 1);
	ck_assert_double_eq(stats_get(s, STATS_PACKETS, ""), 2);
	ck_assert_double_eq(stats_get(s, STATS_BY_KIND, "sip"), 2);
	ck_assert_double_eq(stats_get(s, STATS_ACTIVE, "call"), 1);
	ck_assert_double_eq(stats_get(s, STATS_ENTRIES, "calls"), 1);
	ck_assert_double_eq(stats_get(s, STATS_LIMIT, "calls"), 100);
	ck_assert(!mirror_one_way(&look()->mirror));
}
END_TEST

START_TEST(one_direction)
{
	struct engine_config cfg = made_engine_config();
	char name[16];

	other_engine(&cfg);
	id = name;
	for (unsigned i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "c%u", i);
		invite(i);
		say(i, false, "ACK sip:b@x SIP/2.0", "1 ACK", NULL);
	}
	id = "one";
	ck_assert(!mirror_one_way(&look()->mirror));
	invite(50000);
	invite(61000); /* a minute is over */
	ck_assert(mirror_one_way(&look()->mirror));
}
END_TEST

/* --- handing over --------------------------------------------------------- */

static void publish(uint64_t ms, uint64_t packets, uint64_t dropped)
{
	struct snapshot *b = snapshots_begin(all, ms);

	ck_assert_ptr_nonnull(b);
	b->packets = packets;
	b->dropped.kernel = dropped;
	snapshots_publish(all, b);
}

START_TEST(due)
{
	ck_assert(snapshots_due(all, 5));
	publish(5, 0, 0);
	ck_assert(!snapshots_due(all, 1004));
	ck_assert(!snapshots_due(all, 1005)); /* nobody looks */
	ck_assert(snapshots_due(all, 5 + SNAPSHOT_EVERY_MS));
	snapshots_put(all, snapshots_get(all));
	ck_assert(!snapshots_due(all, 1004));
	ck_assert(snapshots_due(all, 1005));
	publish(1005, 0, 0);
	ck_assert(snapshots_due(all, 2005));
	publish(12000, 0, 0);
	ck_assert(!snapshots_due(all, 13000)); /* they went away */
}
END_TEST

START_TEST(minute)
{
	const struct snapshot *b;

	publish(1000, 10, 3);
	publish(30000, 100, 5);
	b = snapshots_get(all);
	ck_assert_uint_eq(b->packets_minute, 90);
	ck_assert_uint_eq(b->dropped.kernel_minute, 2);
	snapshots_put(all, b);
	publish(80000, 150, 5);
	b = snapshots_get(all);
	ck_assert_uint_eq(b->packets_minute, 50);
	ck_assert_uint_eq(b->dropped.kernel_minute, 0);
	ck_assert_uint_eq(b->dropped.kernel, 5);
	snapshots_put(all, b);
	/* Many of them: the oldest within a minute counts. */
	for (unsigned i = 0; i < 200; i++)
		publish(100000 + i * 1000, 1000 + i, 5);
	b = snapshots_get(all);
	ck_assert_uint_eq(b->packets_minute, 60);
	snapshots_put(all, b);
}
END_TEST

/* The first of a run: all of it is of the last minute. */
START_TEST(first_minute)
{
	const struct snapshot *b;

	publish(1000, 10, 3);
	b = snapshots_get(all);
	ck_assert_uint_eq(b->dropped.kernel_minute, 3);
	snapshots_put(all, b);
}
END_TEST

START_TEST(what_ended)
{
	const struct snapshot *b;

	for (unsigned i = 0; i < SNAPSHOT_ENDED + 10; i++) {
		struct cdr cdr = {.kind = CDR_CALL};

		snprintf(cdr.uid, sizeof(cdr.uid), "uid-%u", i);
		cdr.call.state = "completed";
		cdr.call.status = 200;
		snapshots_ended(all, &cdr);
	}
	publish(1000, 0, 0);
	b = snapshots_get(all);
	ck_assert_uint_eq(b->ended_n, SNAPSHOT_ENDED);
	ck_assert_str_eq(b->gone[0].uid, "uid-521");
	ck_assert_str_eq(b->gone[0].state, "completed");
	ck_assert_str_eq(b->gone[SNAPSHOT_ENDED - 1].uid, "uid-10");
	snapshots_put(all, b);
}
END_TEST

START_TEST(held_by_readers)
{
	const struct snapshot *old, *same, *now;

	ck_assert_ptr_null(snapshots_get(all));
	publish(1000, 1, 0);
	old = snapshots_get(all);
	same = snapshots_get(all);
	ck_assert_ptr_eq(old, same);
	publish(2000, 2, 0);
	publish(3000, 3, 0);
	now = snapshots_get(all);
	ck_assert_uint_eq(now->packets, 3);
	ck_assert_uint_eq(old->packets, 1);
	snapshots_put(all, same);
	snapshots_put(all, old);
	snapshots_put(all, now);
	publish(4000, 4, 0);
	now = snapshots_get(all);
	ck_assert_uint_eq(now->packets, 4);
	snapshots_put(all, now);
}
END_TEST

/* For the thread sanitizer: one hands over, others look. */
enum {
	ROUNDS = 2000,
	READERS = 3,
};

static void *reader(void *arg)
{
	uint64_t *last = arg;

	while (*last < ROUNDS) {
		const struct snapshot *b = snapshots_get(all);

		if (!b)
			continue;
		if (b->number < *last || b->packets != b->number)
			abort();
		*last = b->number;
		snapshots_put(all, b);
	}
	return NULL;
}

START_TEST(threads)
{
	pthread_t thread[READERS];
	uint64_t last[READERS] = {0};

	for (int i = 0; i < READERS; i++)
		ck_assert(!pthread_create(&thread[i], NULL, reader, &last[i]));
	for (unsigned i = 1; i <= ROUNDS; i++)
		publish(i, i, 0);
	for (int i = 0; i < READERS; i++)
		pthread_join(thread[i], NULL);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("snapshot");
	TCase *tc = tcase_create("engine");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, states);
	tcase_add_test(tc, refused);
	tcase_add_test(tc, quality);
	tcase_add_test(tc, bad_before);
	tcase_add_test(tc, changes_nothing);
	tcase_add_test(tc, session);
	tcase_add_test(tc, masked);
	tcase_add_test(tc, bounded);
	tcase_add_test(tc, figures);
	tcase_add_test(tc, one_direction);
	suite_add_tcase(s, tc);
	tc = tcase_create("handing over");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, due);
	tcase_add_test(tc, minute);
	tcase_add_test(tc, first_minute);
	tcase_add_test(tc, what_ended);
	tcase_add_test(tc, held_by_readers);
	tcase_add_test(tc, threads);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
