/*
 * The SQLite sink, its rows read back, and the packed quality slices.
 */
#include <check.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sniffer/base/ulid.h"
#include "storage/quality.h"
#include "storage/row.h"
#include "storage/sink.h"
#include "storage/sqlite_db.h"
#include "tests/made_cdr.h"
#include "tests/run_suite.h"

static char dir[] = "/tmp/callscope-sqlite-XXXXXX";
static char path[64], why[SINK_WHY];
static struct sink *sink;

static int open_path(const char *name)
{
	struct sink_config cfg = {.path = name};

	return sqlite_sink.open(&sink, &cfg, why);
}

static void open_sink(void)
{
	ck_assert_msg(!open_path(path), "%s", why);
}

static void close_sink(void)
{
	int err = sqlite_sink.close(sink, why);

	ck_assert_msg(!err, "%s", why);
	sink = NULL;
}

static void make_dir(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/callscope.db", dir);
}

static void drop_dir(void)
{
	char other[80];

	sqlite_sink.close(sink, why);
	snprintf(other, sizeof(other), "%s-wal", path);
	ck_assert_int_ne(access(other, F_OK), 0);
	unlink(path);
	ck_assert_int_eq(rmdir(dir), 0);
}

static void put(struct cdr *cdr)
{
	int err = sqlite_sink.put(sink, cdr, why);

	ck_assert_msg(!err, "%s", why);
	cdr_free(cdr);
}

/* One run of the program with one record. */
static void store(struct cdr *cdr)
{
	open_sink();
	put(cdr);
	close_sink();
}

/* What sql answers: rows by newline, columns by |, NULL as such. */
static const char *query(const char *sql)
{
	static char text[4096];
	size_t len = 0;
	sqlite3_stmt *stmt;
	sqlite3 *db;

	text[0] = '\0';
	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_msg(!sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), "%s",
		      sqlite3_errmsg(db));
	while (sqlite3_step(stmt) == SQLITE_ROW)
		for (int i = 0; i < sqlite3_column_count(stmt); i++) {
			const char *v =
				(const char *)sqlite3_column_text(stmt, i);
			bool last = i + 1 == sqlite3_column_count(stmt);

			len += (size_t)snprintf(text + len, sizeof(text) - len,
						"%s%c", v ? v : "NULL",
						last ? '\n' : '|');
			ck_assert_uint_lt(len, sizeof(text));
		}
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	if (len)
		text[len - 1] = '\0';
	return text;
}

/* --- the schema ----------------------------------------------------------- */

static struct row_table tables[TABLES];

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The columns of a table as the record's tables want them, by name: what a
 * later file adds stands behind the others. */
static const char *wanted(const struct row_table *t)
{
	static char text[4096];
	const char *name[ROW_COLUMNS + 8];
	size_t len = 0, n = 0;

	/* not the record's: whoever puts a call on hold writes it */
	if (!strcmp(t->name, "cdr"))
		name[n++] = "held";

	for (const char *const *key = t->keys; *key; key++)
		name[n++] = *key;
	for (size_t i = 0; i < t->n; i++)
		name[n++] = t->v[i].name;
	qsort(name, n, sizeof(name[0]), by_name);
	for (size_t i = 0; i < n; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s\n",
					name[i]);
	text[len - 1] = '\0';
	return text;
}

START_TEST(schema_has_the_columns_of_the_records)
{
	char sql[128];

	row_tables(tables);
	open_sink();
	close_sink();
	snprintf(sql, sizeof(sql),
		 "SELECT name FROM pragma_table_info('%s') ORDER BY name",
		 tables[_i].name);
	ck_assert_str_eq(query(sql), wanted(&tables[_i]));
}
END_TEST

START_TEST(no_other_tables)
{
	open_sink();
	close_sink();
	ck_assert_str_eq(
		query("SELECT name FROM sqlite_master WHERE type = 'table'"
		      " ORDER BY name"),
		"cdr\ndiagnosis\ndialog\ndtls_session\ndtmf\nice_candidate\n"
		"ice_pair\nquality\nregistration\nschema_version\nsensor\n"
		"sip_message\nsip_transaction\nstream\nturn_allocation");
	ck_assert_str_eq(query("SELECT version, name FROM schema_version"),
			 "1|0001_initial.sql\n2|0002_webrtc.sql\n"
			 "3|0003_search.sql\n"
			 "4|0004_billing.sql");
}
END_TEST

/* Numbers in columns that search as numbers, the rest text. */
START_TEST(columns_have_the_types_of_the_fields)
{
	char sql[160];

	row_tables(tables);
	open_sink();
	close_sink();
	for (size_t i = 0; i < tables[_i].n; i++) {
		const struct column *c = &tables[_i].v[i];
		const char *want = "TEXT";

		if (c->field->type == CDR_T_US ||
		    c->field->type == CDR_T_DOUBLE)
			want = "REAL";
		else if (c->field->type == CDR_T_U32 ||
			 c->field->type == CDR_T_U64 ||
			 c->field->type == CDR_T_I64 ||
			 c->field->type == CDR_T_BOOL ||
			 c->field->type == CDR_T_TRUTH)
			want = "INTEGER";
		snprintf(sql, sizeof(sql),
			 "SELECT type FROM pragma_table_info('%s')"
			 " WHERE name = '%s'",
			 tables[_i].name, c->name);
		ck_assert_msg(!strcmp(query(sql), want), "%s", sql);
	}
}
END_TEST

/* --- values --------------------------------------------------------------- */

static const struct {
	const char *sql, *want;
} values[] = {
	{"SELECT uid, type, sensor, partial, last_packet, packets, kind"
	 " FROM cdr WHERE type = 'call'",
	 "01KAQ00000000000000000CA11|call|lab|end|"
	 "2026-11-23T01:03:03.456789Z|100|NULL"},
	{"SELECT uid, kind, signalling, call_id, status, caller_addr FROM cdr"
	 " WHERE type = 'session' ORDER BY uid",
	 "01KAQ000000000000000000RTC|webrtc|json|NULL|NULL|NULL\n"
	 "01KAQ000000000000000000SES|rtp|NULL|NULL|NULL|NULL"},
	{"SELECT call_id, state, status, reason, q850, transport FROM cdr"
	 " WHERE type = 'call'",
	 "id@example.org|completed|200|OK|NULL|udp"},
	{"SELECT caller_user, caller_user_rev, caller_name, callee_user_rev,"
	 " callee_addr, callee_asserted FROM cdr WHERE type = 'call'",
	 "+4930123|3210394+|A\"\\\n\\xe9\\x00\xc3\xa9|0244|"
	 "[2001:db8::2]:5062|sip:44@example.net"},
	{"SELECT start, ring, answer, end_time, duration_ms, pdd_ms, setup_ms"
	 " FROM cdr WHERE type = 'call'",
	 "2026-11-23T01:02:03.456789Z|NULL|2026-11-23T01:02:05.456789Z|"
	 "2026-11-23T01:02:15.456789Z|12000.0|NULL|2000.001"},
	{"SELECT billing_end, billing_billable_us, billing_flags,"
	 " billing_caller_e164, billing_callee_e164, billing_trunk_in,"
	 " billing_trunk_out, billing_direction FROM cdr WHERE type = 'call'",
	 "2026-11-23T01:02:15.456790Z|10000001|no-ack partial-end|+4930123|"
	 "NULL|NULL|carrier|out"},
	{"SELECT DISTINCT billing_end, billing_billable_us, billing_flags,"
	 " billing_direction FROM cdr WHERE type = 'session'",
	 "NULL|NULL|NULL|NULL"},
	{"SELECT * FROM billing_cdr",
	 "01KAQ00000000000000000CA11|2026-11-23T01:02:03.456789Z|"
	 "2026-11-23T01:02:05.456789Z|2026-11-23T01:02:15.456790Z|10.000001|"
	 "+4930123|4420|+4930123|NULL|carrier|out|200|NULL|PCMA|4.39|"
	 "no-ack partial-end"},
	{"SELECT group_concat(name, ' ') FROM pragma_table_info('billing_cdr')",
	 "uid start answer end billable_s caller callee caller_e164"
	 " callee_e164 trunk direction status q850 codec mos flags"},
	{"SELECT a_stream_uid, a_packets, a_loss_pct, a_jitter_ms_mean,"
	 " a_mos_f1, a_mos_assumed, a_rtt_ms_mean FROM cdr"
	 " WHERE type = 'call'",
	 "01KAQ0000000000000000STRM0|499|0.2|0.123|4.4|0|NULL"},
	{"SELECT b_stream_uid, b_codec, b_packets, b_lost, b_mos_f1,"
	 " b_mos_assumed FROM cdr",
	 "NULL|NULL|NULL|NULL|NULL|NULL\nNULL|NULL|NULL|NULL|NULL|NULL\n"
	 "NULL|NULL|NULL|NULL|NULL|NULL"},
	{"SELECT json_extract(offers, '$[0].media[0].codecs[1]'),"
	 " json_array_length(offers), pcap FROM cdr WHERE type = 'call'",
	 "\\xff|1|spool/2026-11-23/01/X.pcap"},
	{"SELECT n, caller_tag, callee_addr, status, ring, end_time, ended_by"
	 " FROM dialog",
	 "0|ft|[2001:db8::2]:5062|200|NULL|2026-11-23T01:02:15.456789Z|"
	 "callee"},
	{"SELECT n, time, src, method, status, retransmission, copy_of"
	 " FROM sip_message ORDER BY n",
	 "0|2026-11-23T01:02:03.456789Z|192.0.2.1:5060|INVITE|NULL|0|NULL\n"
	 "1|2026-11-23T01:02:03.456789Z|192.0.2.1:5060|INVITE|200|1|0"},
	{"SELECT n, stream_uid, ssrc, repairs, vlan, dscp, skew_ms, codecs,"
	 " loss_runs FROM stream WHERE uid LIKE '%CA11'",
	 "0|01KAQ0000000000000000STRM0|0x1234abcd|NULL|NULL|46|0.0|"
	 "[{\"payload_type\":8,\"codec\":\"PCMA\",\"clock_rate\":8000,"
	 "\"packets\":499}]|[1,0,0,0,0,0,0,0,0,0]"},
	{"SELECT burst_gap_ms, burst_burst_ms, rtcp_sr, rtcp_lost_reported,"
	 " rtcp_rtt_b_ms, rtcp_jitter_ms_max, mos_scale FROM stream"
	 " WHERE uid LIKE '%CA11'",
	 "10000.0|NULL|2|-1|12.346|NULL|NB"},
	{"SELECT audio_level_mean, repair_red, repair_lost_after,"
	 " video_frames, video_bitrate_kbps_max, transport_expected FROM stream"
	 " WHERE uid LIKE '%CA11'",
	 "-40.5|10|NULL|NULL|NULL|1000"},
	{"SELECT audio_level_mean, video_frames, video_fps, video_keyframes,"
	 " video_width, video_bitrate_kbps_max, video_temporal_layers"
	 " FROM stream WHERE uid LIKE '%SES'",
	 "NULL|300|29.97|NULL|1280|1200.5|3"},
	{"SELECT kind, signalling, nat FROM cdr WHERE uid LIKE '%RTC'",
	 "webrtc|json|[{\"addr\":\"192.0.2.1:4000\","
	 "\"class\":\"port-dependent\",\"remotes\":2,"
	 "\"confidence\":\"sure\",\"mapped\":\"192.0.2.8:1024\"}]"},
	{"SELECT turn_client, turn_relayed, turn_peer, srtp, key_state"
	 " FROM stream WHERE uid LIKE '%RTC'",
	 "192.0.2.1:4000|192.0.2.9:49152|192.0.2.2:5000|AEAD_AES_128_GCM|"
	 "missing"},
	{"SELECT turn_client, key_state FROM stream WHERE uid LIKE '%SES'",
	 "NULL|NULL"},
	{"SELECT n, a, b, generation, controlling, result, connect_ms, side,"
	 " foundation, component, priority, addr, type, resolved"
	 " FROM ice_candidate ORDER BY n",
	 "0|uA|uB|1|a|connected|80.5|a|f1|1|2130706431|x.local:4000|host|"
	 "192.0.2.1:4000\n"
	 "1|uA|uB|1|a|connected|80.5|b|NULL|NULL|NULL|192.0.2.2:5000|NULL|"
	 "NULL"},
	{"SELECT n, a, local, remote, local_type, remote_type, state,"
	 " nominated, selected, ab_requests, ab_rtt_ms_mean, ba_rtt_ms_mean,"
	 " last, via_relay FROM ice_pair",
	 "0|uA|192.0.2.1:4000|192.0.2.2:5000|host|NULL|succeeded|1|1|3|12.346|"
	 "NULL|2026-11-23T01:02:08.456789Z|0"},
	{"SELECT n, client, version, srtp_profile, offered_profiles,"
	 " handshake_ms, fingerprint_match, setup_match, key_state"
	 " FROM dtls_session",
	 "0|192.0.2.2:5000|1.2|SRTP_AEAD_AES_128_GCM|"
	 "[\"SRTP_AEAD_AES_128_GCM\",\"SRTP_AES128_CM_HMAC_SHA1_80\"]|100.0|"
	 "1|NULL|ok"},
	{"SELECT n, transport, username, relayed, lifetime_s, bytes_down,"
	 " error, delay_ms, lost, json_extract(permissions, '$[0].peer'),"
	 " json_extract(channels, '$[0].error'), integrity"
	 " FROM turn_allocation",
	 "0|tls|joe|192.0.2.9:49152|600|2000|NULL|1.25|3|192.0.2.2|403|ok"},
	{"SELECT digit, duration_ms, via, stream FROM dtmf",
	 "#|80.125|rfc4733|NULL"},
	{"SELECT code, severity, side, detail FROM diagnosis",
	 "one-way|error|b|no media from callee"},
	{"SELECT aor, src, expires, rtt_ms, refreshes, nat, end_time"
	 " FROM registration",
	 "sip:u@example.org|192.0.2.1:5060|3600|12.345|3|NULL|NULL"},
	{"SELECT method, from_uri, status, rtt_ms, start"
	 " FROM sip_transaction",
	 "OPTIONS|sip:a|NULL|NULL|2026-11-23T01:02:03.456789Z"},
	{"SELECT n, stream_uid, start, length(slices) FROM quality"
	 " WHERE uid LIKE '%CA11' ORDER BY start",
	 "0|01KAQ0000000000000000STRM0|2026-11-23T01:00:00.000000Z|68\n"
	 "0|01KAQ0000000000000000STRM0|2026-11-23T02:00:00.000000Z|134"},
	{"SELECT count(*), min(first_seen) <= min(last_seen), max(last_seen)"
	 " FROM sensor WHERE name = 'lab'",
	 "1|1|2026-11-23T01:03:03.456789Z"},
};

START_TEST(rows_hold_the_record)
{
	struct cdr *summary = made_summary();

	open_sink();
	put(made_call());
	put(made_session());
	put(made_webrtc());
	put(made_registration());
	put(made_transaction());
	put(summary);
	close_sink();
	ck_assert_str_eq(query(values[_i].sql), values[_i].want);
}
END_TEST

static const struct {
	const char *where, *index;
} searches[] = {
	{"start > '2026'", "cdr_start"},
	{"caller_user GLOB '49*'", "cdr_caller_user"},
	{"callee_user_rev GLOB '32*'", "cdr_callee_user_rev"},
	{"call_id = 'x'", "cdr_call_id"},
	{"status = 486", "cdr_status"},
	{"caller_addr GLOB '192.0.2.1:*'", "cdr_caller_addr"},
	{"group_id = 'x'", "cdr_group_id"},
	{"caller_user_rev GLOB '32*'", "cdr_caller_user_rev"},
	{"callee_addr = '192.0.2.1:5060'", "cdr_callee_addr"},
	{"caller_agent = 'x'", "cdr_caller_agent"},
	{"callee_agent GLOB 'x*'", "cdr_callee_agent"},
	{"duration_ms < 1000", "cdr_duration"},
	{"a_mos_adaptive < 3.6", "cdr_a_mos"},
	{"b_mos_adaptive < 3.6", "cdr_b_mos"},
	{"held = 1", "cdr_held"},
};

START_TEST(search_uses_an_index)
{
	char sql[160];

	open_sink();
	close_sink();
	snprintf(sql, sizeof(sql),
		 "EXPLAIN QUERY PLAN SELECT * FROM cdr WHERE %s",
		 searches[_i].where);
	ck_assert_msg(strstr(query(sql), searches[_i].index) != NULL, "%s",
		      query(sql));
}
END_TEST

/* --- bills of rows from before the columns ------------------------------- */

#define OLD                                                                    \
	"UPDATE cdr SET billing_end = NULL, billing_billable_us = NULL,"       \
	" billing_flags = NULL"

static const struct {
	const char *sql, *want; /* end, billable_s, flags */
} old_rows[] = {
	{OLD, "2026-11-23T01:02:15.456789Z|10.0|old"},
	{OLD ", end_time = '2026-11-23T01:02:05.456790Z'",
	 "2026-11-23T01:02:05.456790Z|1.0e-06|old"},
	{OLD ", end_time = '2026-11-23T01:02:06.000001Z'",
	 "2026-11-23T01:02:06.000001Z|0.543212|old"},
	{OLD ", end_time = '2026-11-23T01:02:01.000001Z'",
	 "2026-11-23T01:02:01.000001Z|0.0|old"},
	{OLD ", state = 'expired', end_time = '2026-11-23T02:02:15.000000Z'",
	 "2026-11-23T01:02:15.456789Z|10.0|no-bye old"},
	{OLD ", state = 'expired', answer = '2026-11-23T01:04:00.000000Z'",
	 "NULL|NULL|no-bye no-media old"},
	{"UPDATE cdr SET billing_end = NULL, billing_billable_us = NULL",
	 "NULL|NULL|no-ack partial-end"},
	{"UPDATE cdr SET state = 'active'", ""},
	{"UPDATE cdr SET answer = NULL, state = 'failed'", ""},
};

static void run_sql(const char *sql)
{
	sqlite3 *db;
	char *err = NULL;

	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_msg(!sqlite3_exec(db, sql, NULL, NULL, &err), "%s", err);
	sqlite3_close(db);
}

START_TEST(view_of_old_rows)
{
	store(made_call());
	store(made_session());
	run_sql(old_rows[_i].sql);
	ck_assert_str_eq(
		query("SELECT \"end\", billable_s, flags FROM billing_cdr"),
		old_rows[_i].want);
}
END_TEST

/* --- upserts -------------------------------------------------------------- */

/* The stored record, then the new one, both relative to the made call. */
static const struct {
	int64_t last_s;
	uint64_t packets;
	const char *want; /* state, dialogs, messages, streams, quality */
} upserts[] = {
	{1, 100, "active|0|1|0|0"},   {0, 101, "active|0|1|0|0"},
	{0, 100, "active|0|1|0|0"},   {-1, 900, "completed|1|2|1|2"},
	{0, 99, "completed|1|2|1|2"},
};

START_TEST(upsert_keeps_what_knows_more)
{
	struct cdr *cdr = made_call();

	store(made_call());
	cdr->last_packet += (uint64_t)(upserts[_i].last_s * 1000000000);
	cdr->packets = upserts[_i].packets;
	cdr->call.state = "active";
	cdr->call.dialogs_n = 0;
	cdr->call.messages_n = 1;
	cdr->call.streams_n = 0;
	store(cdr);
	ck_assert_str_eq(query("SELECT state,"
			       " (SELECT count(*) FROM dialog),"
			       " (SELECT count(*) FROM sip_message),"
			       " (SELECT count(*) FROM stream),"
			       " (SELECT count(*) FROM quality) FROM cdr"),
			 upserts[_i].want);
}
END_TEST

START_TEST(second_run_doubles_nothing)
{
	static const char counts[] = "SELECT (SELECT count(*) FROM cdr),"
				     " (SELECT count(*) FROM stream),"
				     " (SELECT count(*) FROM quality),"
				     " (SELECT count(*) FROM dialog),"
				     " (SELECT count(*) FROM sip_message),"
				     " (SELECT count(*) FROM dtmf),"
				     " (SELECT count(*) FROM diagnosis),"
				     " (SELECT count(*) FROM registration),"
				     " (SELECT count(*) FROM sip_transaction),"
				     " (SELECT count(*) FROM sensor)";

	for (int run = 0; run < 2; run++) {
		open_sink();
		put(made_call());
		put(made_session());
		put(made_registration());
		put(made_transaction());
		close_sink();
		ck_assert_str_eq(query(counts), "2|2|4|1|2|1|1|1|1|1");
	}
}
END_TEST

START_TEST(session_may_become_a_call)
{
	struct cdr *cdr = made_session();

	store(made_session());
	cdr->kind = CDR_CALL;
	cdr->call.kind = NULL;
	cdr->call.call_id = SLICE("late");
	store(cdr);
	ck_assert_str_eq(query("SELECT type, kind, call_id FROM cdr"),
			 "call|NULL|late");
}
END_TEST

START_TEST(flush_is_a_commit)
{
	open_sink();
	put(made_call());
	ck_assert_str_eq(query("SELECT count(*) FROM cdr"), "0");
	ck_assert_int_eq(sqlite_sink.flush(sink, why), 0);
	ck_assert_str_eq(query("SELECT count(*) FROM cdr"), "1");
	put(made_session());
	close_sink();
	ck_assert_str_eq(query("SELECT count(*) FROM cdr"), "2");
}
END_TEST

/* --- errors --------------------------------------------------------------- */

static void assert_refused(int err, const char *words)
{
	ck_assert_int_eq(open_path(path), err);
	ck_assert_msg(strstr(why, words) && strstr(why, path), "%s", why);
	ck_assert_ptr_null(sink);
}

START_TEST(newer_schema_is_refused)
{
	open_sink();
	close_sink();
	run_sql("INSERT INTO schema_version VALUES (77, 'later')");
	assert_refused(-ESTALE, "its schema is version 77, this program "
				"knows 4");
}
END_TEST

static struct migrated {
	int steps;
	char about[SCHEMA_ABOUT];
} migrated;

static void note_step(void *arg, const struct schema_step *step)
{
	(void)arg;
	migrated.steps++;
	schema_about(step->file, migrated.about);
}

/* A database of before, as the files before the last one made it. */
static void make_old(const char *upto)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	fclose(f);
	for (const struct sql_file *s = sql_sqlite_files;
	     strcmp(s->name, upto) < 0; s++) {
		char row[160];

		run_sql(s->text);
		snprintf(row, sizeof(row),
			 "INSERT INTO schema_version VALUES (%d, '%s')",
			 schema_version_of(s), s->name);
		run_sql(row);
	}
}

/* Opening never migrates: that may take long. */
START_TEST(older_schema_waits_for_migrate)
{
	sqlite3 *db;
	int have;

	make_old("0002");
	assert_refused(-ESTALE, "run callscope migrate");
	ck_assert_str_eq(query("SELECT max(version) FROM schema_version"), "1");
	migrated = (struct migrated){0};
	ck_assert_int_eq(sqlite_db_connect(&db, path, false, why), 0);
	ck_assert_int_eq(sqlite_db_migrate(db, path, note_step, NULL, why), 0);
	ck_assert_int_eq(sqlite_db_version(db, path, &have, why), 0);
	sqlite3_close(db);
	ck_assert_int_eq(have, schema_newest(sql_sqlite_files));
	ck_assert_int_eq(migrated.steps, have - 1);
	ck_assert_str_eq(migrated.about, "What a bill needs: columns that are "
					 "NULL in old rows, and the view "
					 "billing_cdr (docs/BILLING.md)");
	store(made_call());
}
END_TEST

/* --- holds and retention -------------------------------------------------- */

START_TEST(hold_outlives_an_upsert)
{
	struct cdr *cdr = made_call();

	store(made_call());
	run_sql("UPDATE cdr SET held = 1");
	cdr->packets++;
	cdr->call.state = "active";
	store(cdr);
	ck_assert_str_eq(query("SELECT state, held FROM cdr"), "active|1");
}
END_TEST

#define DAY_MS 86400000ull

/* Days from the made records' to the limit; what is left of cdr, stream,
 * sip_message, registration, sip_transaction, what went, what is held. */
static const struct {
	int64_t days;
	bool hold;
	const char *left;
	uint64_t records, held;
} ages[] = {
	{-1, false, "2|2|2|1|1", 0, 0},
	{1, false, "0|0|0|0|0", 4, 0},
	{1, true, "1|1|2|0|0", 3, 1},
	{-20000, false, "2|2|2|1|1", 0, 0},
};

START_TEST(retention_deletes_what_is_old)
{
	uint64_t made_ms = ulid_ms("01KAQ000000000000000000000");
	struct sink_age age = {
		.before_ms =
			made_ms + (uint64_t)(ages[_i].days * (int64_t)DAY_MS),
	};
	struct sink_expired gone;

	open_sink();
	put(made_call());
	put(made_session());
	put(made_registration());
	put(made_transaction());
	close_sink();
	if (ages[_i].hold)
		run_sql("UPDATE cdr SET held = 1 WHERE type = 'call'");
	open_sink();
	ck_assert_msg(!sqlite_sink.expire(sink, &age, &gone, why), "%s", why);
	close_sink();
	ck_assert_uint_eq(gone.records, ages[_i].records);
	ck_assert_uint_eq(gone.held, ages[_i].held);
	ck_assert_str_eq(query("SELECT (SELECT count(*) FROM cdr),"
			       " (SELECT count(*) FROM stream),"
			       " (SELECT count(*) FROM sip_message),"
			       " (SELECT count(*) FROM registration),"
			       " (SELECT count(*) FROM sip_transaction)"),
			 ages[_i].left);
}
END_TEST

/* More than one slice, and what has a wrong clock. */
START_TEST(retention_takes_many_and_leaves_1999)
{
	struct sink_age age = {.before_ms = 1000000000000};
	struct sink_expired gone;

	open_sink();
	close_sink();
	run_sql("WITH RECURSIVE c(n) AS (SELECT 0 UNION ALL SELECT n + 1"
		" FROM c WHERE n < 4999) INSERT INTO cdr (uid, type)"
		" SELECT printf('00W%023d', n), 'call' FROM c");
	run_sql("INSERT INTO cdr (uid, type)"
		" VALUES ('00000000000000000000000000', 'call')");
	open_sink();
	ck_assert_int_eq(sqlite_sink.expire(sink, &age, &gone, why), 0);
	close_sink();
	ck_assert_uint_eq(gone.records, 5000);
	ck_assert_str_eq(query("SELECT count(*), max(uid) FROM cdr"),
			 "1|00000000000000000000000000");
}
END_TEST

START_TEST(other_database_is_refused_and_left_alone)
{
	run_sql("CREATE TABLE theirs (x)");
	assert_refused(-EINVAL, "is the database of another program");
	ck_assert_str_eq(query("PRAGMA journal_mode"), "delete");
}
END_TEST

START_TEST(no_database_is_refused)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	for (int i = 0; i < 100; i++)
		fputs("this is a letter, no database\n", f);
	fclose(f);
	assert_refused(-EINVAL, "is no SQLite database");
}
END_TEST

START_TEST(missing_folder_is_named)
{
	ck_assert_int_eq(open_path("/nonexistent/x.db"), -EACCES);
	ck_assert_str_eq(why, "the database /nonexistent/x.db cannot be "
			      "opened: its folder must exist and be "
			      "writable");
}
END_TEST

/* A batch that fails is not there; the next one is taken again. */
START_TEST(locked_database_loses_a_batch_only)
{
	struct cdr *cdr = made_call();
	sqlite3 *db;

	open_sink();
	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL),
			 0);
	ck_assert_int_eq(sqlite_sink.put(sink, cdr, why), -EAGAIN);
	ck_assert_ptr_nonnull(strstr(why, "is locked by another process"));
	sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	sqlite3_close(db);
	ck_assert_int_eq(sqlite_sink.put(sink, cdr, why), 0);
	cdr_free(cdr);
	close_sink();
	ck_assert_str_eq(query("SELECT count(*) FROM cdr"), "1");
}
END_TEST

/* A table that is gone stands for a disk that fails in mid-record. */
START_TEST(failed_record_leaves_no_half)
{
	struct cdr *cdr = made_call();

	open_sink();
	run_sql("DROP TABLE dtmf");
	ck_assert_int_ne(sqlite_sink.put(sink, cdr, why), 0);
	ck_assert_ptr_nonnull(strstr(why, "no such table: dtmf"));
	ck_assert_int_eq(sqlite_sink.flush(sink, why), 0);
	cdr_free(cdr);
	close_sink();
	ck_assert_str_eq(query("SELECT (SELECT count(*) FROM cdr) +"
			       " (SELECT count(*) FROM stream)"),
			 "0");
}
END_TEST

/* --- quality -------------------------------------------------------------- */

START_TEST(quality_is_unpacked_as_packed)
{
	struct cdr *cdr = made_call();
	const struct cdr_stream *s = &cdr->call.streams[0];
	struct cdr_slice10 v[4];
	struct outbuf b = {0};
	uint64_t hour;
	size_t n;

	ck_assert_uint_eq(quality_hour(s->slices, 3, &hour), 1);
	ck_assert_uint_eq(hour, 1795395600);
	ck_assert_uint_eq(quality_hour(s->slices + 1, 2, &hour), 2);
	ck_assert_uint_eq(hour, 1795399200);
	quality_pack(&b, hour, s->slices + 1, 2);
	ck_assert_uint_eq(b.len, 2 + 2 * 66);
	ck_assert_uint_eq((uint8_t)b.p[0], 2);
	ck_assert_uint_eq((uint8_t)b.p[4], 499 & 0xff);
	ck_assert(quality_unpack(slice_of(b.p, b.len), hour, v, 4, &n));
	ck_assert_uint_eq(n, 2);
	for (size_t i = 0; i < n; i++) {
		ck_assert_uint_eq(v[i].start_s, 1795399200 + 10 * i);
		ck_assert_uint_eq(v[i].packets, 499 - i);
		ck_assert_uint_eq(v[i].lost, 1 + i);
		ck_assert_uint_eq(v[i].duplicates, 2 + 2 * i);
		ck_assert_uint_eq(v[i].late_f1, 4 + i);
		ck_assert_uint_eq(v[i].late_f2, 70000);
		ck_assert_uint_eq(v[i].late_adaptive, 1);
		ck_assert_uint_eq(v[i].bytes, 80000);
		ck_assert_float_eq(v[i].jitter_ms_max, 1.5f);
		ck_assert_float_eq(v[i].delta_ms_max, 40.25f);
		ck_assert_float_eq(v[i].mos_f1, 4.25f);
		ck_assert_float_nan(v[i].mos_f2);
		ck_assert_float_eq(v[i].mos_adaptive, 4.5f);
		ck_assert_uint_eq(v[i].nack, 2 + i);
		ck_assert_uint_eq(v[i].nack_numbers, 70001 + i);
		ck_assert_uint_eq(v[i].pli, 3);
		ck_assert_uint_eq(v[i].fir, i ? 65535 : 65534);
		ck_assert_uint_eq(v[i].remb_kbps, 300000);
		ck_assert_uint_eq(v[i].frames, 301 + i);
	}
	ck_assert(quality_unpack(slice_of(b.p, b.len), hour, v, 1, &n));
	ck_assert_uint_eq(n, 1);
	for (size_t len = 0; len < b.len; len++)
		ck_assert_int_eq(
			quality_unpack(slice_of(b.p, len), hour, v, 4, &n),
			len == 2 || len == 68);
	b.p[0] = 3;
	ck_assert(!quality_unpack(slice_of(b.p, b.len), hour, v, 4, &n));
	outbuf_free(&b);
	cdr_free(cdr);
}
END_TEST

/* What an older program wrote. */
START_TEST(quality_of_version_1)
{
	struct cdr_slice10 v[2];
	uint8_t blob[2 + 50] = {1, 50, 3, 0, 9, 0, 0, 0, 4};
	size_t n;

	ck_assert(quality_unpack(slice_of(blob, sizeof(blob)), 3600, v, 2, &n));
	ck_assert_uint_eq(n, 1);
	ck_assert_uint_eq(v[0].start_s, 3630);
	ck_assert_uint_eq(v[0].packets, 9);
	ck_assert_uint_eq(v[0].lost, 4);
	ck_assert_uint_eq(v[0].nack + v[0].pli + v[0].fir + v[0].frames, 0);
	blob[1] = 66;
	ck_assert(
		!quality_unpack(slice_of(blob, sizeof(blob)), 3600, v, 2, &n));
}
END_TEST

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

static Suite *sqlite_suite(void)
{
	Suite *suite = suite_create("sqlite");
	TCase *t = tcase_create("sqlite");

	tcase_add_checked_fixture(t, make_dir, drop_dir);
	tcase_add_loop_test(t, schema_has_the_columns_of_the_records, 0,
			    TABLES);
	tcase_add_loop_test(t, columns_have_the_types_of_the_fields, 0, TABLES);
	tcase_add_test(t, no_other_tables);
	tcase_add_loop_test(t, rows_hold_the_record, 0, COUNT(values));
	tcase_add_loop_test(t, view_of_old_rows, 0, COUNT(old_rows));
	tcase_add_loop_test(t, search_uses_an_index, 0, COUNT(searches));
	tcase_add_loop_test(t, upsert_keeps_what_knows_more, 0, COUNT(upserts));
	tcase_add_test(t, second_run_doubles_nothing);
	tcase_add_test(t, session_may_become_a_call);
	tcase_add_test(t, flush_is_a_commit);
	tcase_add_test(t, newer_schema_is_refused);
	tcase_add_test(t, older_schema_waits_for_migrate);
	tcase_add_test(t, hold_outlives_an_upsert);
	tcase_add_loop_test(t, retention_deletes_what_is_old, 0, COUNT(ages));
	tcase_add_test(t, retention_takes_many_and_leaves_1999);
	tcase_add_test(t, other_database_is_refused_and_left_alone);
	tcase_add_test(t, no_database_is_refused);
	tcase_add_test(t, missing_folder_is_named);
	tcase_add_test(t, locked_database_loses_a_batch_only);
	tcase_add_test(t, failed_record_leaves_no_half);
	tcase_add_test(t, quality_is_unpacked_as_packed);
	tcase_add_test(t, quality_of_version_1);
	tcase_set_timeout(t, 30);
	suite_add_tcase(suite, t);
	return suite;
}

int main(void)
{
	return run_suite(sqlite_suite());
}
