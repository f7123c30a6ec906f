/*
 * What an engine tells of what is open, and another one that goes on with it:
 * looking changes nothing, cuts anywhere give the whole, gaps and calls that
 * are never seen again.
 */
#include <stdio.h>
#include <stdlib.h>

#include <check.h>

#include "sniffer/capture/file_source.h"
#include "sniffer/engine/engine_priv.h"
#include "storage/cdr_code.h"
#include "storage/report.h"
#include "tests/made_engine.h"
#include "tests/run_suite.h"

enum {
	TOLD = 4096
};

/* A journal in memory. */
static struct told {
	uint64_t id;
	struct sip_seen seen;
	char *text;
	size_t len;
	bool over;
} told[TOLD];
static size_t told_n;

static struct kept {
	uint64_t id;
	char *bytes;
	size_t len;
} kept[TOLD];
static size_t kept_n;

static struct cdr_code *code;
static struct outbuf lines; /* of the report */
static size_t lines_n;
static unsigned active;

static char *copy(const void *p, size_t n)
{
	char *to = malloc(n + 1);

	memcpy(to, p, n);
	to[n] = '\0';
	return to;
}

static void on_message(void *arg, uint64_t id, const struct sip_seen *seen,
		       struct slice text, bool urgent)
{
	(void)arg;
	(void)urgent;
	ck_assert_uint_lt(told_n, TOLD);
	told[told_n++] = (struct told){id, *seen, copy(text.p, text.len),
				       text.len, false};
}

static struct kept *kept_of(uint64_t id)
{
	for (size_t i = 0; i < kept_n; i++)
		if (kept[i].id == id)
			return &kept[i];
	ck_assert_uint_lt(kept_n, TOLD);
	kept[kept_n] = (struct kept){.id = id};
	return &kept[kept_n++];
}

static void on_told(void *arg, uint64_t id, struct cdr *cdr, uint64_t now_ns)
{
	struct outbuf b = {0};
	struct kept *k = kept_of(id);

	(void)arg;
	(void)now_ns;
	cdr_code_put(code, &b, cdr);
	ck_assert(!b.failed);
	free(k->bytes);
	k->bytes = copy(b.p, b.len);
	k->len = b.len;
	outbuf_free(&b);
}

static void on_over(void *arg, uint64_t id, const struct calls_buried *buried)
{
	struct kept *k = kept_of(id);

	(void)arg;
	(void)buried;
	for (size_t i = 0; i < told_n; i++)
		told[i].over |= told[i].id == id;
	free(k->bytes);
	k->bytes = NULL;
}

static const struct journal_ops journal = {on_message, on_told, on_over};

static void on_record(void *arg, struct cdr *cdr)
{
	(void)arg;
	cdr->number = 0;
	cdr->call.pcap = (struct slice){0};
	active += cdr->kind == CDR_CALL && !strcmp(cdr->call.state, "active");
	report_put_line(&lines, cdr);
	lines_n++;
	cdr_free(cdr);
}

static struct engine *make(const struct journal_ops *ops)
{
	struct engine_config cfg = made_engine_config();
	struct engine_out out = {.record = on_record, .journal = ops};

	outbuf_reset(&lines);
	lines_n = active = 0;
	return engine_new(&cfg, &out);
}

static void forget(void)
{
	for (size_t i = 0; i < told_n; i++)
		free(told[i].text);
	for (size_t i = 0; i < kept_n; i++)
		free(kept[i].bytes);
	told_n = kept_n = 0;
}

static void begin(void)
{
	code = cdr_code_new();
	ck_assert_ptr_nonnull(code);
}

static void end(void)
{
	forget();
	cdr_code_free(code);
	outbuf_free(&lines);
}

/* Goes on with what was told. */
static struct engine *go_on(uint64_t last_ns, bool gap)
{
	struct engine *e = make(&journal);
	struct outbuf dictionary = {0};
	struct cdr_decoder *d;

	cdr_code_dictionary(code, &dictionary);
	ck_assert(!cdr_decoder_new(&d, code,
				   slice_of(dictionary.p, dictionary.len)));
	engine_restore_begin(e, 1000);
	for (size_t i = 0; i < told_n; i++)
		if (!told[i].over)
			engine_restore_message(
				e, told[i].id, &told[i].seen,
				slice_of(told[i].text, told[i].len));
	for (size_t i = 0; i < kept_n; i++) {
		struct cdr *cdr;

		if (!kept[i].bytes)
			continue;
		ck_assert(!cdr_decode(d, slice_of(kept[i].bytes, kept[i].len),
				      &cdr));
		engine_restore_record(e, kept[i].id, cdr);
	}
	engine_restore_end(e, last_ns, gap);
	cdr_decoder_free(d);
	outbuf_free(&dictionary);
	return e;
}

/* --- samples -------------------------------------------------------------- */

static struct source *source;

/* NULL where there are no samples: run by hand elsewhere. */
static bool open_sample(const char *name)
{
	const char *src = getenv("CALLSCOPE_SRC");
	char path[512], why[SOURCE_ERROR_MAX];
	const char *paths[] = {path};

	snprintf(path, sizeof(path), "%s/samples/%s", src ? src : ".", name);
	if (!file_source_open(&source, paths, 1, why, sizeof(why)))
		return true;
	ck_assert_msg(!src, "%s", why);
	return false;
}

static const char *const samples[] = {
	"basic-call.pcap", "transfer.pcap",    "loss-rtcp.pcap",
	"dtmf.pcap",	   "media-relay.pcap", "sdes-call.pcap",
	"sdes-late.pcap",  "cc-direct.pcap",   "cc-simulcast.pcap",
	"cc-loss.pcap",	   "ff-loss.pcap",     "jitter.pcap",
	"reorder.pcap",	   "rtp-only.pcap",
};
#define SAMPLES (int)(sizeof(samples) / sizeof(samples[0]))

/* Looking at what media have come to, all the time, changes nothing. */
START_TEST(looking_changes_nothing)
{
	struct outbuf wanted = {0};
	struct frame frames[16];

	for (int look = 0; look < 2; look++) {
		struct engine *e = make(look ? &journal : NULL);
		int n;

		if (!open_sample(samples[_i])) {
			engine_free(e);
			return;
		}
		while ((n = source_read(source, frames, 16)) > 0) {
			engine_feed(e, frames, (size_t)n);
			if (look)
				engine_journal_all(e);
			/* each message once, however many checkpoints */
			ck_assert_uint_lt(told_n, 200);
		}
		engine_end(e);
		source_close(source);
		engine_free(e);
		if (!look)
			outbuf_put(&wanted, lines.p, lines.len);
	}
	ck_assert_uint_gt(kept_n, 0);
	ck_assert_msg(slice_eq(slice_of(lines.p, lines.len),
			       slice_of(wanted.p, wanted.len)),
		      "%s: %.*s\nwanted %.*s", samples[_i], (int)lines.len,
		      lines.p, (int)wanted.len, wanted.p);
	outbuf_free(&wanted);
}
END_TEST

/* --- one call ------------------------------------------------------------- */

static struct frame frame_at(struct slice bytes, uint64_t ms)
{
	return (struct frame){.data = bytes,
			      .wire_len = (uint32_t)bytes.len,
			      .ts_ns = MADE_T0 + ms * MADE_MS,
			      .linktype = 228,
			      .ts_digits = 9};
}

static void put(struct engine *e, uint64_t ms, struct addr from, struct addr to,
		struct slice data)
{
	static uint8_t bytes[MADE_BYTES + MADE_UDP_HEAD];
	size_t n = made_udp_bytes(bytes, from, to, data);
	struct frame f = frame_at(slice_of(bytes, n), ms);

	engine_feed(e, &f, 1);
}

static void sip(struct engine *e, uint64_t ms, bool by_caller, const char *line,
		const char *cseq, const char *more)
{
	char text[2048];
	int n = snprintf(text, sizeof(text),
			 "%s\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK%s%llu\r\n"
			 "From: <sip:a@x>;tag=1\r\nTo: <sip:b@x>%s\r\n"
			 "Call-ID: one@x\r\nCSeq: %s\r\n%s\r\n",
			 line, cseq, (unsigned long long)ms,
			 strstr(line, "INVITE") ? "" : ";tag=2", cseq, more);

	put(e, ms, made_at(by_caller ? 1 : 2, 5060),
	    made_at(by_caller ? 2 : 1, 5060), slice_of(text, (size_t)n));
}

#define AUTH                                                                   \
	"Authorization: Digest username=\"a\",\r\n response=\"d41d8c\"\r\n"    \
	"proxy-authorization : Digest response=\"ffff\"\r\n"

static void set_up(struct engine *e)
{
	sip(e, 0, true, "INVITE sip:b@x SIP/2.0", "1 INVITE", AUTH);
	sip(e, 100, false, "SIP/2.0 200 OK", "1 INVITE", "");
	sip(e, 200, true, "ACK sip:b@x SIP/2.0", "1 ACK", "");
}

static bool line_has(const char *what)
{
	outbuf_char(&lines, '\0');
	lines.len--;
	return strstr(lines.p, what);
}

/* Told with their messages, but not their secrets; the same length. */
START_TEST(credentials)
{
	struct engine *e = make(&journal);
	char text[2049];

	set_up(e);
	ck_assert_uint_eq(told_n, 3);
	snprintf(text, sizeof(text), "%.*s", (int)told[0].len, told[0].text);
	ck_assert_ptr_nonnull(strstr(text, "Authorization: xxxxxx "));
	ck_assert_ptr_null(strstr(text, "d41d8c"));
	ck_assert_ptr_null(strstr(text, "ffff"));
	ck_assert_ptr_nonnull(strstr(text, "Call-ID: one@x"));
	engine_free(e);
}
END_TEST

/* The rest of a call for another engine. */
static const struct {
	const char *name;
	bool gap;
	uint64_t bye_ms; /* 0 = it is never seen again */
	uint64_t tick_ms;
	const char *has[3];
} rows[] = {
	{"the next file",
	 false,
	 5000,
	 0,
	 {"\"state\":\"completed\"", "\"partial\":null",
	  "\"connect_ms\":4900.000"}},
	{"a file that comes late",
	 false,
	 60000,
	 0,
	 {"\"state\":\"completed\"", "\"partial\":\"gap\"",
	  "\"connect_ms\":59900.000"}},
	{"a restart",
	 true,
	 5000,
	 0,
	 {"\"state\":\"completed\"", "\"partial\":\"gap\"",
	  "\"ended_by\":\"caller\""}},
	{"never seen again",
	 true,
	 0,
	 100000000,
	 {"\"state\":\"interrupted\"", "\"partial\":\"end\"",
	  "\"ended_by\":null"}},
};

START_TEST(the_rest)
{
	struct engine *e = make(&journal);

	set_up(e);
	engine_end(e);
	ck_assert_uint_eq(active, 1);
	engine_free(e);
	e = go_on(MADE_T0 + 200 * MADE_MS, rows[_i].gap);
	ck_assert_uint_eq(engine_stats(e)->open_calls, 1);
	ck_assert_uint_eq(engine_stats(e)->sip, 0);
	if (rows[_i].bye_ms) {
		sip(e, rows[_i].bye_ms, true, "BYE sip:b@x SIP/2.0", "2 BYE",
		    "");
		sip(e, rows[_i].bye_ms + 10, false, "SIP/2.0 200 OK", "2 BYE",
		    "");
	} else {
		engine_tick(e, MADE_T0 + rows[_i].tick_ms * MADE_MS);
	}
	engine_end(e);
	ck_assert_uint_eq(lines_n, 1);
	for (size_t i = 0; i < 3; i++)
		ck_assert_msg(line_has(rows[_i].has[i]), "%s: %s: %s",
			      rows[_i].name, rows[_i].has[i], lines.p);
	engine_free(e);
}
END_TEST

/* Its end was seen before: there is nothing to miss. */
START_TEST(ended_before)
{
	struct engine *e = make(&journal);

	set_up(e);
	sip(e, 5000, true, "BYE sip:b@x SIP/2.0", "2 BYE", "");
	engine_end(e);
	engine_free(e);
	e = go_on(MADE_T0 + 5000 * MADE_MS, true);
	sip(e, 5010, false, "SIP/2.0 200 OK", "2 BYE", "");
	engine_end(e);
	ck_assert_uint_eq(lines_n, 1);
	ck_assert(line_has("\"state\":\"completed\""));
	ck_assert(line_has("\"partial\":null"));
	engine_free(e);
}
END_TEST

/* Its messages are gone: it is reported as it was known. */
START_TEST(messages_gone)
{
	struct engine *e = make(&journal);

	set_up(e);
	engine_end(e);
	engine_free(e);
	for (size_t i = 0; i < told_n; i++)
		told[i].over = true;
	e = go_on(MADE_T0 + 200 * MADE_MS, true);
	ck_assert_uint_eq(lines_n, 1);
	ck_assert(line_has("\"state\":\"interrupted\""));
	ck_assert(line_has("\"call_id\":\"one@x\""));
	engine_end(e);
	engine_free(e);
}
END_TEST

/* A journal whose clock ran far ahead costs no time. */
START_TEST(years_later)
{
	struct engine *e = make(&journal);

	set_up(e);
	engine_end(e);
	engine_free(e);
	e = go_on(MADE_T0 + 200 * MADE_MS, true);
	engine_tick(e, MADE_T0 + 400000000000 * MADE_MS);
	ck_assert_uint_eq(lines_n, 1);
	engine_end(e);
	engine_free(e);
}
END_TEST

/* Nor does a capture that jumps, with what never ends. */
START_TEST(years_ahead)
{
	struct engine *e = make(&journal);
	uint64_t timers;

	for (unsigned i = 0; i < 8; i++) {
		struct made_rtp r = {
			made_at(1, 4000), made_at(2, 4000), 7, i, 1, 0};
		uint8_t bytes[172];
		size_t n = made_rtp_packet(&r, 0, bytes);

		put(e, i * 20, r.from, r.to, slice_of(bytes, n));
	}
	timers = e->timers.orders;
	engine_tick(e, MADE_T0 + 1600000000000 * MADE_MS);
	ck_assert_uint_le(e->timers.orders, timers + 8);
	ck_assert_uint_eq(kept_n, 1);
	engine_end(e);
	ck_assert_uint_eq(lines_n, 1);
	engine_free(e);
}
END_TEST

/* Messages beyond the limit are counted, the essential ones last longer. */
START_TEST(limit)
{
	struct engine_config cfg = made_engine_config();
	struct engine_out out = {.record = on_record, .journal = &journal};
	struct engine *e;
	char cseq[32];

	cfg.calls.call_bytes = 32768;
	e = engine_new(&cfg, &out);
	set_up(e);
	for (unsigned n = 0; n < 400; n++) {
		snprintf(cseq, sizeof(cseq), "%u INFO", n + 2);
		sip(e, 300 + n, true, "INFO sip:b@x SIP/2.0", cseq, "");
	}
	ck_assert_uint_gt(
		counters_get(engine_counters(e), "journal.message_limit"), 100);
	told_n -= told_n > 0;
	free(told[told_n].text);
	sip(e, 5000, true, "BYE sip:b@x SIP/2.0", "900 BYE", "");
	ck_assert_ptr_nonnull(strstr(told[told_n - 1].text, "BYE sip:"));
	engine_free(e);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("engine_journal");
	TCase *t = tcase_create("engine_journal");

	tcase_add_checked_fixture(t, begin, end);
	tcase_add_loop_test(t, looking_changes_nothing, 0, SAMPLES);
	tcase_add_test(t, credentials);
	tcase_add_loop_test(t, the_rest, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(t, ended_before);
	tcase_add_test(t, messages_gone);
	tcase_add_test(t, years_later);
	tcase_add_test(t, years_ahead);
	tcase_add_test(t, limit);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	return run_suite(s);
}
