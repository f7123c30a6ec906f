#include "sniffer/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sniffer/config_file.h"
#include "sniffer/settings.h"

/* One option as it was given. */
struct given {
	const struct setting *s;
	const char *value;
};

/* A reading of the command line. The options are applied after the file that
 * one of them names. */
struct line {
	struct given *given;
	size_t n;
	struct option *longs;
	char shorts[256];
	FILE *err;
	bool wrong;
};

static void complain(struct line *l, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void complain(struct line *l, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("callscope: ", l->err);
	vfprintf(l->err, fmt, ap);
	fputc('\n', l->err);
	va_end(ap);
	l->wrong = true;
}

/* getopt's two tables, made from ours. A long option is known by its place
 * in settings, out of the way of letters. */
enum {
	LONG_BASE = 1000
};

static int make_tables(struct line *l, int argc)
{
	size_t n = 0, at = 0;

	l->longs = calloc(settings_count + 1, sizeof(*l->longs));
	l->given = calloc((size_t)argc + 1, sizeof(*l->given));
	if (!l->longs || !l->given)
		return -ENOMEM;
	l->shorts[at++] = ':'; /* tell a missing value from an unknown one */
	for (size_t i = 0; i < settings_count; i++) {
		const struct setting *s = &settings[i];

		if (!setting_is_option(s))
			continue;
		l->longs[n++] = (struct option){
			s->name,
			s->arg ? required_argument : no_argument,
			NULL,
			LONG_BASE + (int)i,
		};
		if (s->letter)
			l->shorts[at++] = s->letter;
		if (s->letter && s->arg)
			l->shorts[at++] = ':';
	}
	return 0;
}

static const struct setting *setting_of(int got)
{
	return got >= LONG_BASE ? &settings[got - LONG_BASE]
				: setting_by_letter(got);
}

static void unknown_option(struct line *l, const char *word)
{
	const struct setting *s = setting_of(optopt), *near;
	struct slice name = slice_str(word);

	if (optopt && s) {
		complain(l, "--%s takes no value", s->name);
		return;
	}
	if (optopt) {
		complain(l, "unknown option -%c: callscope --help lists them",
			 optopt);
		return;
	}
	slice_cut(slice_from(name, 2), '=', &name, &(struct slice){0});
	near = setting_nearest(name, false);
	s = setting_find(name);
	if (s)
		complain(l,
			 "--%s is a key of the configuration file only: "
			 "put it there and name the file with -c",
			 s->name);
	else if (near)
		complain(l, "unknown option --%.*s: did you mean --%s?",
			 SLICE_ARG(name), near->name);
	else
		complain(l,
			 "unknown option --%.*s: callscope --help lists them",
			 SLICE_ARG(name));
}

static const struct given *given_last(const struct line *l, const char *name)
{
	const struct given *found = NULL;

	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->given[i].s->name, name))
			found = &l->given[i];
	return found;
}

/* A shell turns -r *.pcap into one -r and many words. */
static void take_words(struct line *l, int argc, char **argv)
{
	const struct setting *read = setting_find(SLICE("read"));
	bool files = given_last(l, "read");

	for (int i = optind; i < argc; i++) {
		if (files)
			l->given[l->n++] = (struct given){read, argv[i]};
		else if (!l->wrong) /* or it belongs to that */
			complain(l,
				 "%s: no option: a file is read with -r, a "
				 "filter given with -f in quotes",
				 argv[i]);
	}
}

static void scan(struct line *l, int argc, char **argv)
{
	int got;

	opterr = 0;
	optind = 0; /* glibc: begin anew */
	while ((got = getopt_long(argc, argv, l->shorts, l->longs, NULL)) !=
	       -1) {
		const struct setting *s = setting_of(got);

		if (got == '?')
			unknown_option(l, argv[optind - 1]);
		else if (got == ':')
			complain(l, "--%s needs a value, for example --%s %s",
				 setting_of(optopt)->name,
				 setting_of(optopt)->name,
				 setting_of(optopt)->example);
		else
			l->given[l->n++] = (struct given){s, optarg};
	}
	take_words(l, argc, argv);
}

static void apply(struct line *l, struct config *cfg, const struct given *g)
{
	const char *value = g->s->arg ? g->value : "yes";
	char why[SETTING_WHY];

	if (g->s->type == SETTING_LIST && !*value)
		complain(l, "--%s: empty", g->s->name);
	else if (setting_apply(g->s, cfg, slice_str(value), why))
		complain(l, "--%s %s: %s", g->s->name, value, why);
}

/* Input named here takes the place of what the file names. */
static void apply_all(struct line *l, struct config *cfg)
{
	bool files = given_last(l, "read"), live = given_last(l, "interface");

	if (files && live)
		complain(l, "-r and -i do not go together: files, or live");
	if (files || live) {
		config_list_clear(&cfg->inputs);
		config_list_clear(&cfg->interfaces);
	}
	for (size_t i = 0; i < l->n; i++)
		apply(l, cfg, &l->given[i]);
	for (size_t i = 0; i < l->n; i++)
		if (l->given[i].s->place == PLACE_LIVE && cfg->inputs.n)
			complain(l, "--%s is for live capture (-i) only",
				 l->given[i].s->name);
}

/* What follows from other settings. */
static int complete(struct line *l, struct config *cfg)
{
	bool live = cfg->interfaces.n;
	char host[256] = "";
	char path[4096];

	if (live && cfg->inputs.n)
		complain(l, "%s: has both interface and read: files, or live",
			 cfg->file);
	if (!live && !cfg->inputs.n && !cfg->check_config)
		complain(l, "nothing to read: name files with -r or an "
			    "interface with -i");
	if (!cfg->out_dir)
		cfg->out_dir = live ? CALLSCOPE_STATE_DIR : "callscope-data";
	gethostname(host, sizeof(host) - 1);
	if (!cfg->sensor)
		cfg->sensor = live && *host ? config_keep(cfg, slice_str(host))
					    : "file";
	snprintf(path, sizeof(path), "%s/callscope.db", cfg->out_dir);
	if (!cfg->db)
		cfg->db_path = config_keep(cfg, slice_str(path));
	else if (strcmp(cfg->db, "none"))
		cfg->db_path = cfg->db + strlen("sqlite:");
	return cfg->sensor && (cfg->db || cfg->db_path) ? 0 : -ENOMEM;
}

static void load(struct line *l, struct config *cfg)
{
	const struct given *file = given_last(l, "config");

	if (settings_defaults(cfg))
		complain(l, "out of memory");
	if (file && config_file_read(cfg, file->value, l->err))
		l->wrong = true;
	apply_all(l, cfg);
	if (!l->wrong && complete(l, cfg))
		complain(l, "out of memory");
}

/* --help and --version need nothing else to be right. */
static bool talk(const struct line *l, FILE *out)
{
	if (given_last(l, "help"))
		options_help(out);
	else if (given_last(l, "version"))
		fprintf(out, "callscope %s\n", CALLSCOPE_VERSION);
	else
		return false;
	return true;
}

int options_parse(int argc, char **argv, struct config *cfg, FILE *out,
		  FILE *err)
{
	struct line l = {.err = err};
	int result = -1;

	if (make_tables(&l, argc)) {
		complain(&l, "out of memory");
		goto out;
	}
	if (argc < 2) {
		options_examples(err);
		goto out;
	}
	scan(&l, argc, argv);
	if (talk(&l, out)) {
		result = 1;
		goto out;
	}
	load(&l, cfg);
	result = l.wrong ? -1 : 0;
	if (!result && cfg->check_config) {
		fprintf(out, "%s: OK\n", cfg->file ? cfg->file : "options");
		result = 1;
	}
out:
	free(l.longs);
	free(l.given);
	return result;
}
