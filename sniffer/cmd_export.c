#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "sniffer/command.h"
#include "sniffer/export/export.h"
#include "sniffer/run_keys.h"
#include "sniffer/setup.h"

enum {
	EXPORTED = 0,
	NOT_EXPORTED = 1, /* nothing was found, or could not start */
	PARTLY = 3,	  /* some of it could not be had */
};

struct export_options {
	struct config cfg;
	struct config_list term[QUERY_KEYS];
	uint64_t limit;
	bool newest, json, csv, pcap, pcapng, wav;
	bool legs, merge, force;
	const char *to;
};

#define TERM(option, key, what, text, sample)                                  \
	{                                                                      \
		.name = (option), .arg = (what), .type = SETTING_LIST,         \
		.place = PLACE_COMMAND, .initial = "", .example = (sample),    \
		.offset = offsetof(struct export_options, term) +              \
			  (key) * sizeof(struct config_list),                  \
		.help = (text),                                                \
	}

#define FLAG(option, field, text)                                              \
	{                                                                      \
		.name = (option), .type = SETTING_FLAG,                        \
		.place = PLACE_COMMAND, .initial = "no",                       \
		.offset = offsetof(struct export_options, field),              \
		.help = (text),                                                \
	}

static const struct setting own[] = {
	/* clang-format off */
	TERM("uid", QUERY_UID, "UID", "The call or session of this uid.",
	     "01KB7Q5GW0EXAMPLE000000000"),
	TERM("call-id", QUERY_CALL_ID, "ID", "Calls with this Call-ID.",
	     "a84b4c76e66710@192.0.2.1"),
	TERM("group", QUERY_GROUP, "ID", "Legs with this group_id.",
	     "01KB7Q5GW0EXAMPLE000000000"),
	TERM("number", QUERY_NUMBER, "NUMBER",
	     "Calls from or to a number: whole, its beginning and *, * and its "
	     "end, or *5* anywhere.", "'49171*'"),
	TERM("caller", QUERY_CALLER, "NUMBER", "The same for the caller only.",
	     "'*1234'"),
	TERM("callee", QUERY_CALLEE, "NUMBER", "The same for the callee only.",
	     "112"),
	TERM("ip", QUERY_IP, "ADDRESS",
	     "Signalling from or to an address, or an IPv4 subnet.",
	     "10.1.0.0/16"),
	TERM("caller-ip", QUERY_CALLER_IP, "ADDRESS",
	     "The same for the caller only.", "192.0.2.1"),
	TERM("callee-ip", QUERY_CALLEE_IP, "ADDRESS",
	     "The same for the callee only.", "2001:db8::1"),
	TERM("agent", QUERY_AGENT, "NAME",
	     "User-Agent of either side: whole, its beginning and *, or "
	     "anywhere.",
	     "'Phone 1*'"),
	TERM("type", QUERY_TYPE, "TYPE", "call or session.", "call"),
	TERM("state", QUERY_STATE, "STATE",
	     "completed, failed, cancelled, redirected, unanswered, expired, "
	     "active or interrupted.", "failed"),
	TERM("status", QUERY_STATUS, "CODE", "Status, or its class.", "4xx"),
	TERM("mos-below", QUERY_MOS_BELOW, "MOS",
	     "One side's MOS (adaptive receiver) is less.", "3.5"),
	TERM("longer", QUERY_LONGER, "TIME", "Lasted so long or longer.",
	     "10m"),
	TERM("shorter", QUERY_SHORTER, "TIME", "Lasted so long or less.",
	     "5s"),
	TERM("mos", QUERY_MOS, "COMPARISON",
	     "The worse side's MOS (adaptive receiver): <, <=, > or >= and a "
	     "number.", "'<3.5'"),
	TERM("loss", QUERY_LOSS, "COMPARISON",
	     "The worse side's loss, percent.", "'>2'"),
	TERM("jitter", QUERY_JITTER, "COMPARISON",
	     "The worse side's mean jitter: milliseconds, or a duration.",
	     "'>30'"),
	TERM("rtt", QUERY_RTT, "COMPARISON",
	     "The worse side's mean round trip: milliseconds, or a duration.",
	     "'>=200ms'"),
	TERM("pdd", QUERY_PDD, "COMPARISON",
	     "Post-dial delay: milliseconds, or a duration.", "'>3s'"),
	TERM("duration", QUERY_DURATION, "COMPARISON",
	     "The duration: seconds, or with a unit.", "'<=10m'"),
	TERM("codec", QUERY_CODEC, "NAME",
	     "Codec of either side; its case does not matter.", "opus"),
	TERM("transport", QUERY_TRANSPORT, "NAME",
	     "Transport of the signalling: udp, tcp, tls, ws or wss.", "tls"),
	TERM("sensor", QUERY_SENSOR, "NAME", "Seen by this sensor.", "berlin"),
	TERM("kind", QUERY_KIND, "KIND", "Kind of a session: webrtc or rtp.",
	     "webrtc"),
	TERM("signalling", QUERY_SIGNALLING, "NAME",
	     "Signalling of a session, as the report has it.", "json"),
	TERM("diag", QUERY_DIAGNOSIS, "CODE",
	     "Has a diagnosis with this code.", "one-way"),
	TERM("ended-by", QUERY_ENDED_BY, "SIDE", "caller or callee.",
	     "callee"),
	TERM("trunk", QUERY_TRUNK, "NAME", "Came or went by this trunk.",
	     "carrier"),
	TERM("user", QUERY_USER, "USER@HOST", "Caller or callee.",
	     "alice@example.com"),
	TERM("from", QUERY_FROM, "TIME",
	     "Began then or later: UTC, or as long ago as -2h.",
	     "2026-11-26T14:00"),
	TERM("until", QUERY_TO, "TIME", "Began before.", "2026-11-27"),
	{ .name = "limit", .arg = "N", .type = SETTING_COUNT, .max = UINT32_MAX,
	  .place = PLACE_COMMAND, .initial = "0", .unset = "all",
	  .example = "100", .help = "At most so many calls; 0 is all.",
	  .offset = offsetof(struct export_options, limit) },
	FLAG("newest", newest, "Newest first; otherwise oldest first."),
	FLAG("json", json, "Lines of JSON, with the report's names."),
	FLAG("csv", csv, "CSV, a line a call, named as the columns of cdr."),
	FLAG("pcap", pcap, "Packets as a classic pcap, where that can hold "
	     "them, else a pcapng."),
	FLAG("pcapng", pcapng, "Packets as a pcapng."),
	FLAG("wav", wav, "Sound: the caller left, the callee right."),
	{ .name = "to", .arg = "PATH", .type = SETTING_TEXT,
	  .place = PLACE_COMMAND, .initial = "",
	  .unset = "- for json and csv, the current folder for a file a call",
	  .example = "calls/",
	  .help = "File, - for standard output, or a folder for a file a call "
		  "(it is there, or ends with / and is made).",
	  .offset = offsetof(struct export_options, to) },
	FLAG("merge", merge, "All packets into one file, in order of time."),
	FLAG("legs", legs, "With all legs of the groups of what was found; "
	     "packets: one file a group."),
	FLAG("force", force, "Overwrite files."),
	/* clang-format on */
};

static const char *const general[] = {"output", "db",	     "db-password-file",
				      "keys",	"srtp-keys", NULL};

static int complain(const char *why)
{
	fprintf(stderr, "callscope: %s\n", why);
	return NOT_EXPORTED;
}

/* --- from options to a job ------------------------------------------------ */

static int one_format(const struct export_options *o, enum export_format *out,
		      char why[EXPORT_WHY])
{
	const bool asked[] = {
		[EXPORT_JSON] = o->json, [EXPORT_CSV] = o->csv,
		[EXPORT_PCAP] = o->pcap, [EXPORT_PCAPNG] = o->pcapng,
		[EXPORT_WAV] = o->wav,
	};
	size_t n = 0;

	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		if (!asked[i])
			continue;
		*out = (enum export_format)i;
		n++;
	}
	if (n == 1)
		return 0;
	snprintf(why, EXPORT_WHY,
		 "export: choose one of --json, --csv, --pcap, --pcapng and "
		 "--wav");
	return -EINVAL;
}

static bool is_rows(const struct export_job *job)
{
	return job->format == EXPORT_JSON || job->format == EXPORT_CSV;
}

static int refuse(char why[EXPORT_WHY], const char *text)
{
	snprintf(why, EXPORT_WHY, "export: %s", text);
	return -EINVAL;
}

static int check(const struct export_job *job, char why[EXPORT_WHY])
{
	if (job->merge && (is_rows(job) || job->format == EXPORT_WAV))
		return refuse(why, "--merge is for --pcap and --pcapng");
	if (is_rows(job) && job->to_folder)
		return refuse(why, "--json and --csv write one file: name it "
				   "with --to, or - for standard output");
	if (is_rows(job) && job->legs)
		return refuse(why, "--legs is for packets and sound: rows of a "
				   "group are found with --group");
	if (job->merge && job->to_folder)
		return refuse(why, "--merge writes one file: name it with "
				   "--to");
	if (job->format == EXPORT_WAV && job->legs && !job->to_folder)
		return refuse(why, "--wav --legs writes a file a leg: name a "
				   "folder with --to (it ends with /)");
	return 0;
}

/* What is there, or is made. */
static int find_folder(struct export_job *job, char why[EXPORT_WHY])
{
	size_t len = strlen(job->to);
	struct stat st;

	if (!strcmp(job->to, "-"))
		return 0;
	job->to_folder = !stat(job->to, &st) && S_ISDIR(st.st_mode);
	if (job->to_folder || job->to[len - 1] != '/')
		return 0;
	if (mkdir(job->to, 0750)) {
		snprintf(why, EXPORT_WHY, "cannot make the folder %.300s: %s",
			 job->to, strerror(errno));
		return -errno;
	}
	job->to_folder = true;
	return 0;
}

static int add_terms(const struct export_options *o, struct query *q,
		     char why[EXPORT_WHY])
{
	int err = 0;

	for (size_t key = 0; key < QUERY_KEYS; key++)
		for (size_t i = 0; i < o->term[key].n && !err; i++)
			err = query_add(q, key, slice_str(o->term[key].v[i]),
					why);
	return err;
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static int make_job(const struct export_options *o, struct export_job *job,
		    char why[EXPORT_WHY])
{
	int err;

	job->query.now_ns = now_ns();
	job->query.limit = o->limit;
	job->query.newest_first = o->newest;
	job->dir = o->cfg.out_dir;
	job->legs = o->legs;
	job->merge = o->merge;
	job->force = o->force;
	err = one_format(o, &job->format, why);
	if (err)
		return err;
	job->to = o->to ? o->to : is_rows(job) ? "-" : ".";
	job->say = strcmp(job->to, "-") ? stdout : stderr;
	err = add_terms(o, &job->query, why);
	if (!err)
		err = find_folder(job, why);
	return err ? err : check(job, why);
}

static void say(void *arg, const char *why)
{
	(void)arg;
	complain(why);
}

/* --- all of it ------------------------------------------------------------ */

static int status_of(int err, const char *why)
{
	if (err == 0)
		return EXPORTED;
	if (err == -ENODATA)
		return PARTLY;
	return complain(why);
}

static int open_db(const struct config *cfg, struct db **out, char why[DB_WHY])
{
	char url[4200];
	struct db_config dc = {.url = cfg->db,
			       .password_file = cfg->db_password_file};

	if (!cfg->db) {
		snprintf(url, sizeof(url), "sqlite:%s", cfg->db_path);
		dc.url = url;
	}
	if (!strcmp(dc.url, "none")) {
		snprintf(why, DB_WHY,
			 "export: there is no database with --db "
			 "none: name one");
		return -EINVAL;
	}
	return db_open(out, &dc, why);
}

static int run_export(const struct config *cfg, const atomic_bool *stop)
{
	const struct export_options *o = (const struct export_options *)cfg;
	struct run_keys keys = {.cfg = cfg, .say = say};
	struct export_job job = {
		.keys = run_keys, .keys_arg = &keys, .stop = stop};

	struct engine_config ec;
	char why[EXPORT_WHY] = "";
	int err;

	if (cfg->words.n) {
		snprintf(why, sizeof(why),
			 "export: %.200s is no option: what to look for is "
			 "said with options (callscope export --help)",
			 cfg->words.v[0]);
		return complain(why);
	}
	if (setup_engine(cfg, &ec))
		return complain("out of memory");
	job.engine = &ec;
	err = make_job(o, &job, why);
	if (!err)
		err = open_db(cfg, &job.db, why);
	if (!err)
		err = export_run(&job, why);
	db_close(job.db);
	return status_of(err, why);
}

const struct command command_export = {
	.name = "export",
	.summary = "calls out of the store: rows, packets, sound",
	.usage = "[-o DIR] [--db URL] SEARCH... FORMAT [--to PATH]",
	.help = "Options of the same name are alternatives, different ones "
		"must all hold; without any, all calls\nare meant. Times are "
		"UTC. Exit status: 0 written; 1 nothing was found, or an "
		"error; 3 some calls\ncould not be had (said).\n",
	.settings = general,
	.own = own,
	.own_n = sizeof(own) / sizeof(own[0]),
	.config_size = sizeof(struct export_options),
	.run = run_export,
};
