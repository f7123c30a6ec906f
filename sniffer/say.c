#include "sniffer/say.h"

#include <string.h>
#include <sys/statvfs.h>

#include "sniffer/mirror_words.h"
#include "sniffer/progress.h"
#include "sniffer/why.h"
#include "storage/spool.h"

#define SEC 1000000000ull

static const char *payload_text(const struct config *cfg)
{
	switch ((enum config_record)cfg->record) {
	case CONFIG_RECORD_ALL:
		return "signalling and media, audio payload: yes";
	case CONFIG_RECORD_HEADERS:
		return "signalling and media headers, audio payload: no";
	case CONFIG_RECORD_SIGNALLING:
		return "signalling only, audio payload: no";
	case CONFIG_RECORD_NONE:
		break;
	}
	return "nothing, audio payload: no";
}

/* "30 days", "36 hours", "for ever" */
static const char *time_text(uint64_t ns, char buf[32])
{
	uint64_t hours = ns / (3600 * SEC);

	if (!ns)
		return "for ever";
	if (hours >= 48 && hours % 24 == 0)
		snprintf(buf, 32, "%llu days", (unsigned long long)hours / 24);
	else
		snprintf(buf, 32, "%.4g hour%s", (double)ns / (3600.0 * SEC),
			 ns == 3600 * SEC ? "" : "s");
	return buf;
}

static void say_disk(const struct config *c)
{
	struct statvfs v;
	double total, used;

	if (statvfs(c->out_dir, &v))
		return;
	total = (double)(v.f_blocks - v.f_bfree + v.f_bavail) *
		(double)v.f_frsize;
	used = total - (double)v.f_bavail * (double)v.f_frsize;
	fprintf(stderr,
		", at most %u %% of the disk of %s (%.1f GB, %.0f %% used)",
		(unsigned)(100 - c->disk_floor), c->out_dir, total / 1e9,
		total > 0 ? used / total * 100 : 0);
}

/* How long recordings are kept, so that nobody is surprised. */
static void say_keeps(const struct config *c)
{
	uint64_t all = c->keep_signalling_ns, media = c->keep_media_ns;
	char text[32];

	if (c->record == CONFIG_RECORD_NONE)
		return;
	fprintf(stderr, "callscope: keeps recordings %s", time_text(all, text));
	if (media && (!all || media < all))
		fprintf(stderr, ", their media %s", time_text(media, text));
	say_disk(c);
	fputc('\n', stderr);
}

void say_live(const struct say *s)
{
	const struct config *c = s->cfg;

	if (!config_is_live(c))
		return;
	fprintf(stderr, "callscope: listening on");
	for (size_t i = 0; i < c->taps.n; i++)
		fprintf(stderr, " %s", c->taps.v[i]);
	fprintf(stderr, "; recorded: %s; data: %s; Ctrl-C ends\n",
		payload_text(c), c->out_dir);
	say_keeps(c);
}

/* Files of a folder that are no captures, in one line; other notes in full. */
static void say_notes(const struct faults *notes)
{
	size_t left_out = 0;

	for (size_t i = 0; i < notes->len; i++) {
		const char *path = notes->v[i].path;
		const char *slash = strrchr(path, '/');

		if (notes->v[i].kind != FAULT_REFUSED)
			fprintf(stderr, "callscope: %s\n", notes->v[i].text);
		else
			fprintf(stderr, "%s%s",
				left_out++ ? ", "
					   : "callscope: left out, no "
					     "captures: ",
				slash ? slash + 1 : path);
	}
	if (left_out)
		fputc('\n', stderr);
}

void say_faults(const struct say *s)
{
	const struct faults *f = &s->source->faults;

	fflush(s->out);
	say_notes(&s->source->notes);
	for (size_t i = 0; i < f->len; i++) {
		fprintf(stderr, "callscope: %s", f->v[i].text);
		if (f->v[i].times > 1)
			fprintf(stderr, " (and %llu more places)",
				(unsigned long long)f->v[i].times - 1);
		fputc('\n', stderr);
	}
}

static void say_no_calls(const struct say *s)
{
	const struct counters *all = engine_counters(s->engine);
	struct counters sorted = *all;
	struct why w = {
		.source = &s->source->stats,
		.engine = engine_stats(s->engine),
		.decode = engine_decode_stats(s->engine),
		.counters = &sorted,
		.filter = s->cfg->filter,
	};

	counters_sort(&sorted);
	why_no_calls(s->out, &w);
}

/* Live it was said when it was found. */
static void say_mirror(const struct say *s)
{
	const struct mirror *m = engine_mirror(s->engine);
	char text[MIRROR_WORDS];

	for (size_t i = 0; i < MIRROR_TAPS && !s->cfg->interfaces.n; i++) {
		if (m->tap[i].one_way) {
			mirror_words_one_way(text, &m->tap[i], "");
			fprintf(s->out, "%s\n", text);
		}
		if (m->tap[i].twice) {
			mirror_words_twice(text, &m->tap[i], "");
			fprintf(s->out, "%s\n", text);
		}
	}
}

static void say_where(const struct say *s)
{
	const struct config *c = s->cfg;

	if (s->spool)
		fprintf(s->out, "pcaps: %llu below %s/spool\n",
			(unsigned long long)spool_files(s->spool), c->out_dir);
	if (c->db_path)
		fprintf(s->out, "database: %s\n", c->db_path);
	else if (strcmp(c->db, "none"))
		fprintf(s->out, "database: %s\n", c->db);
	if (c->billing_feed)
		fprintf(s->out, "billing feed: %s\n", c->billing_feed);
	if (c->json && strcmp(c->json, "-"))
		fprintf(s->out, "report: %s\n", c->json);
}

void say_end(const struct say *s)
{
	const struct engine_stats *st = engine_stats(s->engine);
	uint64_t limit = engine_turned_away(s->engine);
	double seconds = (double)(progress_clock_us() - s->begin_us) / 1e6;

	if (!st->calls)
		say_no_calls(s);
	fprintf(s->out,
		"calls %llu (answered %llu), sessions %llu, registrations "
		"%llu, other transactions %llu; %llu packets in %.2f s\n",
		(unsigned long long)st->calls, (unsigned long long)st->answered,
		(unsigned long long)st->sessions,
		(unsigned long long)st->registrations,
		(unsigned long long)st->transactions,
		(unsigned long long)st->packets, seconds);
	if (s->cfg->keys.n || engine_keys(s->engine))
		fprintf(s->out, "keys of %zu TLS and DTLS sessions\n",
			engine_keys(s->engine));
	if (limit)
		fprintf(s->out, "a limit turned %llu packets away\n",
			(unsigned long long)limit);
	if (s->source->stats.dropped_kernel)
		fprintf(s->out,
			"the kernel dropped %llu packets: give a larger "
			"--buffer\n",
			(unsigned long long)s->source->stats.dropped_kernel);
	if (s->source->stats.dropped_ring)
		fprintf(s->out,
			"%llu packets were dropped between capture and "
			"analysis: give a larger --capture-ring, or less to "
			"do\n",
			(unsigned long long)s->source->stats.dropped_ring);
	say_mirror(s);
	if (s->source->stats.late)
		fprintf(s->out,
			"%llu packets came out of order, later than "
			"merge-window waits\n",
			(unsigned long long)s->source->stats.late);
	say_where(s);
}
