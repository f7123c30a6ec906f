/*
 * Command line and configuration file: every option and every key shows in
 * struct config, what is wrong is told, the shipped file and the manuals
 * have all settings.
 */
#include "sniffer/command.h"
#include "sniffer/config_file.h"
#include "sniffer/options.h"
#include "sniffer/settings.h"
#include "tests/run_suite.h"

#include <check.h>
#include <stdlib.h>
#include <unistd.h>

#define ARGS 16

/* One reading of a command line. */
struct run {
	struct config cfg;
	int result;
	char *out, *err;
	size_t out_len, err_len;
};

static void run_line(struct run *r, const char *const *args)
{
	char *argv[ARGS + 1] = {(char *)"callscope"};
	int argc = 1;
	FILE *out = open_memstream(&r->out, &r->out_len);
	FILE *err = open_memstream(&r->err, &r->err_len);

	for (; args[argc - 1]; argc++)
		argv[argc] = (char *)args[argc - 1];
	ck_assert_int_eq(config_init(&r->cfg), 0);
	r->result = options_parse(argc, argv, &r->cfg, out, err);
	fclose(out);
	fclose(err);
}

#define RUN(r, ...) run_line(r, (const char *const[]){__VA_ARGS__, NULL})

static void run_close(struct run *r)
{
	config_close(&r->cfg);
	free(r->out);
	free(r->err);
}

static const char *write_file(const char *text)
{
	static char path[] = "/tmp/test_config.XXXXXX";
	FILE *f;
	int fd;

	strcpy(path + sizeof(path) - 7, "XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	f = fdopen(fd, "w");
	fputs(text, f);
	fclose(f);
	return path;
}

static void run_file(struct run *r, const char *text)
{
	const char *path = write_file(text);

	RUN(r, "-c", path, "--check-config");
	unlink(path);
}

/* What a value comes to, as text: numbers in bytes, ns or items. */
static const char *shown(const struct setting *s, const struct config *cfg,
			 char buf[256])
{
	const void *at = (const char *)cfg + s->offset;
	const struct config_list *l = at;

	switch (s->type) {
	case SETTING_TEXT:
		return *(const char *const *)at ? *(const char *const *)at
						: "(null)";
	case SETTING_LIST:
		snprintf(buf, 256, "%zu: %s, %s", l->n, l->n ? l->v[0] : "",
			 l->n > 1 ? l->v[1] : "");
		return buf;
	case SETTING_FLAG:
		return *(const bool *)at ? "yes" : "no";
	case SETTING_CHOICE:
		return s->choices[*(const int *)at];
	default:
		snprintf(buf, 256, "%llu",
			 (unsigned long long)*(const uint64_t *)at);
		return buf;
	}
}

/* Every setting: a value, and what it comes to. Options are tried on the
 * command line, keys in a file. */
static const struct {
	const char *name, *value, *want;
} rows[] = {
	{"interface", "eth7", "1: eth7, "},
	{"read", "/tmp/x.pcap", "1: /tmp/x.pcap, "},
	{"filter", "udp port 5060", "udp port 5060"},
	{"snaplen", "2k", "2048"},
	{"buffer", "64M", "67108864"},
	{"no-promiscuous", "yes", "yes"},
	{"timestamps", "adapter", "adapter"},
	{"capture-threads", "2", "2"},
	{"capture-ring", "256M", "268435456"},
	{"merge-window", "250ms", "250000000"},
	{"keys", "/run/tls", "1: /run/tls, "},
	{"srtp-keys", "/run/srtp", "1: /run/srtp, "},
	{"workers", "4", "4"},
	{"hep-listen", "udp:[::]:9060", "1: udp:[::]:9060, "},
	{"hep-allow", "10.0.0.0/8, ::1", "1: 10.0.0.0/8, ::1, "},
	{"hep-auth-file", "/h", "/h"},
	{"hep-tls-cert", "/hc", "/hc"},
	{"hep-tls-key", "/hk", "/hk"},
	{"hep-connections", "7", "7"},
	{"hep-idle", "9s", "9000000000"},
	{"hep-skew", "2s", "2000000000"},
	{"hep-send", "tcp:homer:9060", "1: tcp:homer:9060, "},
	{"hep-id", "77", "77"},
	{"hep-send-auth-file", "/s", "/s"},
	{"hep-send-ca", "/ca", "/ca"},
	{"hep-send-queue", "1M", "1048576"},
	{"output", "/srv/x", "/srv/x"},
	{"db", "none", "none"},
	{"json", "-", "-"},
	{"record", "signalling", "signalling"},
	{"sensor", "berlin", "berlin"},
	{"quiet", "yes", "yes"},
	{"utc", "yes", "yes"},
	{"spool-files", "minute", "minute"},
	{"spool-gzip", "yes", "yes"},
	{"spool-queue", "1M", "1048576"},
	{"keep-media", "7d", "604800000000000"},
	{"keep-signalling", "0", "0"},
	{"spool-max-media", "4G", "4294967296"},
	{"spool-max-signalling", "5G", "5368709120"},
	{"disk-floor", "11", "11"},
	{"realm", "vlan", "vlan"},
	{"leg-header", "X-CID", "1: X-CID, "},
	{"session-id", "no", "no"},
	{"call-linger", "7s", "7000000000"},
	{"call-retry", "1m", "60000000000"},
	{"unanswered-timeout", "90", "90000000000"},
	{"media-timeout", "2h", "7200000000000"},
	{"silence-timeout", "1d", "86400000000000"},
	{"adopt-window", "1500ms", "1500000000"},
	{"session-packets", "12", "12"},
	{"g711-plc", "no", "no"},
	{"udp-idle", "4m", "240000000000"},
	{"tcp-idle", "1h", "3600000000000"},
	{"tcp-gap-timeout", "500ms", "500000000"},
	{"tcp-gap-segments", "9", "9"},
	{"frag-timeout", "5 s", "5000000000"},
	{"max-depth", "3", "3"},
	{"max-calls", "17", "17"},
	{"max-registrations", "18", "18"},
	{"max-transactions", "19", "19"},
	{"max-flows", "20", "20"},
	{"memory-limit", "2G", "2147483648"},
	{"max-pending", "21", "21"},
	{"max-sessions", "22", "22"},
	{"max-connections", "23", "23"},
	{"source-waiting", "24", "24"},
	{"flood-records", "25", "25"},
	{"max-streams", "22", "22"},
	{"flow-streams", "23", "23"},
	{"max-keys", "25", "25"},
	{"tls-hold", "0", "0"},
	{"tls-memory", "1G", "1073741824"},
	{"call-memory", "100k", "102400"},
	{"max-fragments", "24", "24"},
	{"frag-memory", "1M", "1048576"},
	{"tcp-buffer", "65536", "65536"},
	{"tcp-memory", "2G", "2147483648"},
	{"web-message-max", "9k", "9216"},
	{"web-memory", "8M", "8388608"},
	{"max-nat", "77", "77"},
	{"srtp-hold", "6k", "6144"},
	{"turn-user", "lab:x", "1: lab:x, "},
	{"turn-secret", "north", "1: north, "},
	{"trunk", "north 192.0.2.0/24", "1: north 192.0.2.0/24, "},
	{"e164", "0:+49", "1: 0:+49, "},
	{"e164-country", "49", "49"},
	{"e164-caller", "from", "from"},
	{"billing-feed", "/x", "/x"},
	{"billing-feed-memory", "8d", "691200000000000"},
	{"record-secrets", "yes", "yes"},
	{"db-password-file", "/p", "/p"},
	{"keep-cdrs", "90d", "7776000000000000"},
	{"queue-max", "10G", "10737418240"},
	{"queue-sync", "write", "write"},
	{"continue", "yes", "yes"},
	{"user", "probe", "probe"},
	{"group", "probes", "probes"},
	{"keep-net-raw", "no", "no"},
	{"seccomp", "no", "no"},
	{"landlock", "no", "no"},
	{"core-dumps", "yes", "yes"},
	{"log-interval", "10m", "600000000000"},
	{"mask-numbers", "6", "6"},
	{"mask-dtmf", "yes", "yes"},
	{"http-session-idle", "30m", "1800000000000"},
	{"http-session-max", "12h", "43200000000000"},
	{"http-login-tries", "3", "3"},
	{"http-login-wait", "1m", "60000000000"},
	{"http-proxy-user", "X-Remote-User", "X-Remote-User"},
	{"http-proxy-from", "127.0.0.1, ::1", "1: 127.0.0.1, ::1, "},
	{"http-proxy-role", "none", "none"},
	{"http-public", "healthz, readyz", "1: healthz, readyz, "},
	{"viewer-mask-numbers", "6", "6"},
	{"srtp-memory", "7M", "7340032"},
	{"record-held", "5k", "5120"},
	{"record-chunk", "16k", "16384"},
	{"record-memory", "3M", "3145728"},
#ifdef HAVE_WEB
	{"http", "[::1]:80", "[::1]:80"},
#else
	{"http", "none", "none"},
#endif
	{"http-cert", "/c", "/c"},
	{"http-key", "/k", "/k"},
	{"http-connections", "9", "9"},
	{"http-per-address", "10", "10"},
	{"http-idle", "2m", "120000000000"},
	{"http-workers", "5", "5"},
	{"http-queue", "6", "6"},
	{"search-time", "2s", "2000000000"},
	{"http-events", "7", "7"},
	{"viewer-read-time", "2m", "120000000000"},
	{"viewer-file-size", "200M", "209715200"},
	{"viewer-files-size", "3G", "3221225472"},
};

enum {
	ROWS = sizeof(rows) / sizeof(rows[0])
};

START_TEST(key_has_effect)
{
	const struct setting *s = setting_find(slice_str(rows[_i].name));
	struct run r, without;
	char text[256], buf[256];

	ck_assert_msg(s && setting_is_key(s), "%s", rows[_i].name);
	snprintf(text, sizeof(text), "%s = %s\n", rows[_i].name,
		 rows[_i].value);
	run_file(&r, text);
	ck_assert_msg(r.result == 1, "%s: %s", rows[_i].name, r.err);
	ck_assert_str_eq(shown(s, &r.cfg, buf), rows[_i].want);
	run_file(&without, "");
	ck_assert_str_ne(shown(s, &without.cfg, buf), rows[_i].want);
	run_close(&r);
	run_close(&without);
}
END_TEST

static void option_row(const struct setting *s, const char *option,
		       const char *value, const char *want)
{
	bool input = !strcmp(s->name, "interface") || !strcmp(s->name, "read");
	const char *args[5] = {option};
	struct run r;
	char buf[256];
	int n = 1;

	if (s->arg)
		args[n++] = value;
	if (!input) {
		args[n++] = "-i";
		args[n++] = "eth0";
	}
	run_line(&r, args);
	ck_assert_msg(r.result == 0, "%s: %s", option, r.err);
	ck_assert_str_eq(shown(s, &r.cfg, buf), want);
	run_close(&r);
}

START_TEST(option_has_effect)
{
	const struct setting *s = setting_find(slice_str(rows[_i].name));
	char option[64];
	struct run r;

	snprintf(option, sizeof(option), "--%s", s->name);
	if (!setting_is_option(s)) {
		RUN(&r, "-r", "x", option, rows[_i].value);
		ck_assert_int_eq(r.result, -1);
		ck_assert_ptr_nonnull(strstr(r.err, "configuration file only"));
		run_close(&r);
		return;
	}
	option_row(s, option, rows[_i].value, rows[_i].want);
	snprintf(option, sizeof(option), "-%c", s->letter);
	if (s->letter)
		option_row(s, option, rows[_i].value, rows[_i].want);
}
END_TEST

/* No setting is missing above. */
START_TEST(all_are_tried)
{
	size_t keys = 0;

	for (size_t i = 0; i < settings_count(); i++)
		keys += setting_is_key(setting_at(i));
	ck_assert_uint_eq(keys, ROWS);
}
END_TEST

/* Repeated, or with commas between them. */
START_TEST(interfaces)
{
	struct run r;

	RUN(&r, "-i", "eth0,eth1.7", "-i", "any, ,br0,");
	ck_assert_int_eq(r.result, 0);
	ck_assert_uint_eq(r.cfg.interfaces.n, 4);
	ck_assert_str_eq(r.cfg.interfaces.v[0], "eth0");
	ck_assert_str_eq(r.cfg.interfaces.v[1], "eth1.7");
	ck_assert_str_eq(r.cfg.interfaces.v[2], "any");
	ck_assert_str_eq(r.cfg.interfaces.v[3], "br0");
	run_close(&r);
}
END_TEST

/* Nothing else is needed, or looked at. */
START_TEST(list_interfaces)
{
	struct run r;

	RUN(&r, "-D", "-c", "/nonexistent");
	ck_assert_int_eq(r.result, 0);
	ck_assert(r.cfg.list_interfaces);
	run_close(&r);
}
END_TEST

START_TEST(defaults)
{
	struct run r;

	RUN(&r, "-r", "a.pcap");
	ck_assert_int_eq(r.result, 0);
	ck_assert_str_eq(r.cfg.out_dir, "callscope-data");
	ck_assert_str_eq(r.cfg.db_path, "callscope-data/callscope.db");
	ck_assert_str_eq(r.cfg.sensor, "file");
	ck_assert_ptr_null(r.cfg.json);
	ck_assert_ptr_null(r.cfg.filter);
	ck_assert_int_eq(r.cfg.record, CONFIG_RECORD_ALL);
	ck_assert_int_eq(r.cfg.realm, CONFIG_REALM_NONE);
	ck_assert(r.cfg.g711_plc && r.cfg.session_id);
	ck_assert_uint_eq(r.cfg.call_retry_ns, 32000000000);
	ck_assert_uint_eq(r.cfg.tcp_buffer_bytes, 256 << 10);
	run_close(&r);

	RUN(&r, "-i", "eth0");
	ck_assert_str_eq(r.cfg.out_dir, CALLSCOPE_STATE_DIR);
	ck_assert_str_eq(r.cfg.db_path, CALLSCOPE_STATE_DIR "/callscope.db");
	run_close(&r);
}
END_TEST

START_TEST(host_is_sensor)
{
	char host[256] = "";
	struct run r;

	gethostname(host, sizeof(host) - 1);
	RUN(&r, "-i", "eth0");
	ck_assert_str_eq(r.cfg.sensor, host);
	run_close(&r);
}
END_TEST

START_TEST(database)
{
	struct run r;

	RUN(&r, "-r", "a", "-o", "D");
	ck_assert_str_eq(r.cfg.db_path, "D/callscope.db");
	run_close(&r);
	RUN(&r, "-r", "a", "--db", "sqlite:/x/y.db");
	ck_assert_str_eq(r.cfg.db_path, "/x/y.db");
	run_close(&r);
	RUN(&r, "-r", "a", "--db", "none");
	ck_assert_ptr_null(r.cfg.db_path);
	run_close(&r);
}
END_TEST

START_TEST(several_inputs)
{
	struct run r;
	char buf[256];

	RUN(&r, "-r", "a", "--read=b");
	ck_assert_str_eq(shown(setting_find(SLICE("read")), &r.cfg, buf),
			 "2: a, b");
	run_close(&r);
	RUN(&r, "-q", "-r", "a", "b", "c"); /* -r *.pcap */
	ck_assert_int_eq(r.result, 0);
	ck_assert_uint_eq(r.cfg.inputs.n, 3);
	ck_assert_str_eq(r.cfg.inputs.v[2], "c");
	run_close(&r);
	run_file(&r, "leg-header = A\nleg-header = B\n");
	ck_assert_uint_eq(r.cfg.leg_headers.n, 2);
	ck_assert_str_eq(r.cfg.leg_headers.v[1], "B");
	run_close(&r);
}
END_TEST

START_TEST(line_over_file)
{
	const char *path = write_file("interface = eth0\nsensor = f\n"
				      "quiet = yes\nsnaplen = 100\n");
	struct run r;

	RUN(&r, "-r", "a", "--sensor", "l", "-c", path);
	unlink(path);
	ck_assert_int_eq(r.result, 0);
	ck_assert_uint_eq(r.cfg.interfaces.n, 0);
	ck_assert_uint_eq(r.cfg.inputs.n, 1);
	ck_assert_str_eq(r.cfg.sensor, "l");
	ck_assert(r.cfg.quiet);
	run_close(&r);
}
END_TEST

START_TEST(file_syntax)
{
	struct run r;

	run_file(&r, "\n# comment\n  sensor=a b  # comment\r\n"
		     "filter = \"udp # no comment \" # comment\n\tutc\t=\tyes");
	ck_assert_msg(r.result == 1, "%s", r.err);
	ck_assert_str_eq(r.cfg.sensor, "a b");
	ck_assert_str_eq(r.cfg.filter, "udp # no comment ");
	ck_assert(r.cfg.utc);
	run_close(&r);
}
END_TEST

/* Each is an error that is told with these words. */
static const struct {
	const char *file; /* NULL: args */
	const char *args[6];
	const char *want;
} wrong[] = {
	{"max-cals = 1\n", .want = ":1: max-cals: unknown key: did you mean "
				   "max-calls?\n"},
	{"\nzzzz = 1\n", .want = ":2: zzzz: unknown key: callscope.conf(5)"},
	{"config = x\n", .want = ":1: config: belongs on the command line"},
	{"max-calls = abc\n", .want = ":1: max-calls: not a number: give 1 to "
				      "10000000, for example 20000\n"},
	{"max-calls = 0\n", .want = "out of range: give 1 to 10000000"},
	{"max-calls = -1\n", .want = "not a number"},
	{"max-calls =\n", .want = "not a number"},
	{"max-calls = 99999999999999999999\n", .want = "not a number"},
	{"call-linger = 5x\n", .want = "not a time (ms, s, m, h, d): give 0 "
				       "to 10m, for example 10s"},
	{"call-linger = 99999999999d\n", .want = "not a time"},
	{"tcp-buffer = 1k\n", .want = "out of range: give 16k to 1G"},
	{"tcp-buffer = x\n", .want = "not a size (bytes, k, M, G)"},
	{"quiet = maybe\n", .want = "give yes or no"},
	{"record = some\n", .want = "give all, headers, signalling or none"},
	{"quiet\n", .want = ":1: quiet: not a setting: write key = value"},
	{"sensor = \"a\n", .want = "a quotation mark is missing"},
	{"sensor = \"a\" b\n", .want = "something follows"},
	{"utc = no\n\nutc = yes\n", .want = ":3: utc: set in line 1"},
	{"turn-user = lab\n", .want = "give NAME:PASSWORD"},
	{"turn-user = :x\n", .want = "give NAME:PASSWORD"},
#ifdef HAVE_MYSQL
	{"db = mysql://u:p@h/d\n", .want = "no password belongs here"},
#else
	{"db = mysql://u@h/d\n", .want = "built without MySQL"},
#endif
	{"db = /x\n", .want = "give sqlite:PATH, mysql://"},
	{"db = sqlite:\n", .want = "the path is missing: sqlite:PATH"},
	{"keep-cdrs = 10\n\nkeep-cdrs = 1h\n", .want = "set in line 1"},
	{"read = a\ninterface = b\n", .want = "both interface and read"},
	{NULL,
	 {"--jsno", "x"},
	 "unknown option --jsno: did you mean "
	 "--json?\n"},
	{NULL, {"--recrod=all", "-r", "x"}, "did you mean --record?"},
	{NULL, {"--keys", "", "-r", "x"}, "--keys: empty"},
	{NULL, {"--srtpkeys", "x", "-r", "x"}, "did you mean --srtp-keys?"},
	{NULL, {"--httq9", "x", "-r", "x"}, "unknown option --httq9: "},
	{NULL, {"--threads", "4", "-r", "x"}, "unknown option"},
	{NULL, {"--workers", "65", "-r", "x"}, "give auto, or a number"},
	{"workers = some\n", .want = "give auto, or a number"},
	{NULL, {"-x"}, "unknown option -x"},
	{NULL, {"-r"}, "--read needs a value, for example --read "},
	{NULL, {"--utc=yes", "-r", "x"}, "--utc takes no value"},
	{NULL, {"-r", ""}, "--read: empty"},
	{NULL, {"-r", "x", "-i", "y"}, "do not go together"},
	{NULL,
	 {"-r", "x", "--hep-listen", "udp:127.0.0.1:9060"},
	 "-r and --hep-listen do not go together"},
	{NULL, {"--hep-listen", "udp:9060"}, "give udp:, tcp: or tls: and an"},
	{NULL,
	 {"--hep-listen", "sctp:127.0.0.1:9060"},
	 "give udp:, tcp: or tls: and an"},
	{NULL,
	 {"-r", "x", "--hep-send", "udp:[::1]"},
	 "give udp:, tcp: or tls: and a host"},
	{NULL,
	 {"-r", "x", "--hep-send", "tcp:h:0"},
	 "give udp:, tcp: or tls: and a host"},
	{NULL,
	 {"--hep-listen", "udp:0.0.0.0:9060", "--hep-allow", "ten"},
	 "--hep-allow ten: not addresses or subnets"},
	{NULL, {"-r", "x", "-s", "9"}, "--snaplen is for live"},
	{NULL, {"-r", "x", "--capture-ring", "2M"}, "--capture-ring is for live"},
	{NULL, {"-i", "a,b", "-i", "c, a"}, "interface a is named twice"},
	{NULL,
	 {"-i", "x", "port", "5060"},
	 "port: no option: a file is "
	 "read with -r, a filter"},
	{NULL, {"serve"}, "serve: no option"},
	{NULL, {"-q"}, "nothing to read: name files with -r"},
	{NULL,
	 {"-r", "x", "--db", "mysql://h/d"},
	 "--db mysql://h/d: the user is missing: mysql://USER@HOST/DATABASE"},
	{NULL, {"-r", "x", "--keep-cdrs", "1d"}, "--keep-cdrs is for live"},
	{NULL, {"-r", "x", "-c", "/nonexistent"}, "/nonexistent: No such file"},
};

START_TEST(wrong_is_told)
{
	struct run r;

	if (wrong[_i].file)
		run_file(&r, wrong[_i].file);
	else
		run_line(&r, wrong[_i].args);
	ck_assert_int_eq(r.result, -1);
	ck_assert_msg(strstr(r.err, wrong[_i].want), "got: %s", r.err);
	ck_assert_uint_eq(r.out_len, 0);
	run_close(&r);
}
END_TEST

START_TEST(all_errors_at_once)
{
	struct run r;

	run_file(&r, "a = 1\nquiet = x\nsensor = s\nmax-calls = y\n");
	ck_assert_int_eq(r.result, -1);
	ck_assert_ptr_nonnull(strstr(r.err, ":1: a:"));
	ck_assert_ptr_nonnull(strstr(r.err, ":2: quiet:"));
	ck_assert_ptr_null(strstr(r.err, ":3:"));
	ck_assert_ptr_nonnull(strstr(r.err, ":4: max-calls:"));
	run_close(&r);
}
END_TEST

START_TEST(check_config)
{
	const char *path = write_file("quiet = yes\n");
	struct run r;

	RUN(&r, "--check-config", "--config", path);
	unlink(path);
	ck_assert_int_eq(r.result, 1);
	ck_assert_ptr_nonnull(strstr(r.out, ": OK\n"));
	ck_assert_uint_eq(r.err_len, 0);
	run_close(&r);
}
END_TEST

START_TEST(alone)
{
	struct run r;
	unsigned lines = 0;

	run_line(&r, (const char *const[]){NULL});
	ck_assert_int_eq(r.result, -1);
	for (size_t i = 0; i < r.err_len; i++)
		lines += r.err[i] == '\n';
	ck_assert_uint_eq(lines, 3);
	run_close(&r);
}
END_TEST

START_TEST(version)
{
	struct run r;

	RUN(&r, "--version");
	ck_assert_int_eq(r.result, 1);
	ck_assert_str_eq(r.out, "callscope " CALLSCOPE_VERSION "\n");
	run_close(&r);
}
END_TEST

/* Each option with its default and an example, no line over 100 columns. */
START_TEST(help)
{
	struct run r;
	struct slice text, line;

	RUN(&r, "--help");
	ck_assert_int_eq(r.result, 1);
	for (size_t i = 0; i < settings_count(); i++) {
		const struct setting *s = setting_at(i);
		char want[64];

		snprintf(want, sizeof(want), "--%s%s%s", s->name,
			 s->arg ? " " : "", s->arg ? s->arg : "");
		if (!setting_is_option(s)) {
			ck_assert_ptr_null(strstr(r.out, want));
			continue;
		}
		ck_assert_msg(strstr(r.out, want), "%s", want);
		ck_assert_msg(s->type == SETTING_ACTION || s->initial, "%s",
			      s->name);
		ck_assert_msg(!s->arg || s->example, "%s", s->name);
	}
	text = slice_of(r.out, r.out_len);
	while (slice_line(&text, &line))
		ck_assert_uint_le(line.len, 100);
	ck_assert_ptr_nonnull(strstr(r.out, "Default: all. Example: --record "
					    "headers"));
	run_close(&r);
}
END_TEST

/* The same of each command. */
START_TEST(help_of_commands)
{
	const struct command *c;

	for (size_t i = 0; (c = command_at(i)); i++) {
		char *argv[] = {(char *)c->name, (char *)"--help", NULL};
		struct config *cfg = calloc(1, c->config_size);
		struct slice text, line;
		size_t len = 0;
		char *out = NULL;
		FILE *to = open_memstream(&out, &len);

		ck_assert(cfg && to);
		ck_assert_int_eq(config_init(cfg), 0);
		ck_assert_int_eq(options_parse_command(c, 2, argv, cfg, to, to),
				 1);
		fclose(to);
		ck_assert_ptr_nonnull(strstr(out, c->usage));
		ck_assert_ptr_null(strstr(out, "(null)"));
		text = slice_of(out, len);
		while (slice_line(&text, &line))
			ck_assert_uint_le(line.len, 100);
		config_close(cfg);
		free(cfg);
		free(out);
	}
}
END_TEST

/* The examples that the user is shown are right. */
START_TEST(examples_apply)
{
	const struct setting *s = setting_at((size_t)_i);
	struct config cfg;
	char why[SETTING_WHY], text[64];
	struct slice v = slice_str(s->example);

	if (!s->example)
		return;
	if (v.p[0] == '\'') /* for the shell */
		v = slice_of(v.p + 1, v.len - 2);
	snprintf(text, sizeof(text), "%.*s", SLICE_ARG(v));
	ck_assert_int_eq(config_init(&cfg), 0);
	ck_assert_msg(!setting_apply(s, &cfg, slice_str(text), why), "%s: %s",
		      s->name, why);
	config_close(&cfg);
}
END_TEST

static char *slurp(const char *name)
{
	const char *src = getenv("CALLSCOPE_SRC");
	char path[4096];
	char *text = NULL;
	size_t size = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", src ? src : ".", name);
	f = fopen(path, "r");
	ck_assert_msg(f, "%s", path);
	ck_assert_int_gt(getdelim(&text, &size, '\0', f), 0);
	fclose(f);
	return text;
}

/* The shipped file with each "#key" uncommented is the defaults; all keys
 * are in it, each once. */
START_TEST(sample_file)
{
	char *text = slurp("samples/callscope.conf");
	struct run with, without;
	char a[256], b[256];
	size_t keys = 0;

	for (char *p = text; p; p = strchr(p, '\n')) {
		p += *p == '\n';
		if (p[0] == '#' && p[1] >= 'a' && p[1] <= 'z') {
			*p = ' ';
			keys++;
		}
	}
	ck_assert_uint_eq(keys, ROWS);
	run_file(&with, text);
	ck_assert_msg(with.result == 1, "%s", with.err);
	run_file(&without, "");
	for (size_t i = 0; i < settings_count(); i++) {
		const struct setting *s = setting_at(i);

		if (!setting_is_key(s))
			continue;
		snprintf(a, sizeof(a), "\n %s =", s->name);
		ck_assert_msg(strstr(text, a), "%s", s->name);
		ck_assert_str_eq(shown(s, &with.cfg, a),
				 shown(s, &without.cfg, b));
	}
	run_close(&with);
	run_close(&without);
	free(text);
}
END_TEST

/* In mdoc: ".It Fl Fl name" and ".It Ic key". */
static void manual_has(const char *text, const char *macro, const char *name)
{
	char want[96];
	const char *at;

	snprintf(want, sizeof(want), "%s %s", macro, name);
	at = strstr(text, want);
	while (at && at[strlen(want)] != ' ' && at[strlen(want)] != '\n')
		at = strstr(at + 1, want);
	ck_assert_msg(at, "%s is not in the manual", want);
}

START_TEST(manuals)
{
	char *page8 = slurp("sniffer/callscope.8");
	char *page5 = slurp("sniffer/callscope.conf.5");

	for (size_t i = 0; i < settings_count(); i++) {
		const struct setting *s = setting_at(i);
		char want[128];

		if (setting_is_option(s))
			manual_has(page8, "Fl Fl", s->name);
		if (!setting_is_key(s))
			continue;
		manual_has(page5, ".It Ic", s->name);
		if (!*s->initial)
			continue;
		snprintf(want, sizeof(want), ".It Ic %s = %s\n", s->name,
			 s->initial);
		ck_assert_msg(strstr(page5, want), "%s", want);
	}
	free(page8);
	free(page5);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("config");
	TCase *tc = tcase_create("settings");

	suite_add_tcase(s, tc);
	tcase_add_loop_test(tc, key_has_effect, 0, ROWS);
	tcase_add_loop_test(tc, option_has_effect, 0, ROWS);
	tcase_add_loop_test(tc, examples_apply, 0, (int)settings_count());
	tcase_add_test(tc, all_are_tried);
	tcase_add_test(tc, interfaces);
	tcase_add_test(tc, list_interfaces);
	tcase_add_test(tc, defaults);
	tcase_add_test(tc, host_is_sensor);
	tcase_add_test(tc, database);
	tcase_add_test(tc, several_inputs);
	tcase_add_test(tc, line_over_file);
	tcase_add_test(tc, file_syntax);
	tc = tcase_create("words");
	suite_add_tcase(s, tc);
	tcase_add_loop_test(tc, wrong_is_told, 0,
			    sizeof(wrong) / sizeof(wrong[0]));
	tcase_add_test(tc, all_errors_at_once);
	tcase_add_test(tc, check_config);
	tcase_add_test(tc, alone);
	tcase_add_test(tc, version);
	tcase_add_test(tc, help);
	tcase_add_test(tc, help_of_commands);
	tc = tcase_create("papers");
	suite_add_tcase(s, tc);
	tcase_add_test(tc, sample_file);
	tcase_add_test(tc, manuals);
	return run_suite(s);
}
