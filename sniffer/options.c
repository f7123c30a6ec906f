#include "sniffer/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sniffer/command.h"
#include "sniffer/billing_rules.h"
#include "sniffer/config_file.h"
#include "sniffer/interfaces.h"
#include "sniffer/settings.h"

/* One option as it was given. */
struct given {
	const struct setting *s;
	const char *value;
};

/* A reading of the command line. The options are applied after the file that
 * one of them names. */
struct line {
	const struct command *command; /* NULL: a capture */
	const struct setting *row[SETTINGS_MAX];
	size_t rows;
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
 * in the rows, out of the way of letters. */
enum {
	LONG_BASE = 1000
};

static int make_tables(struct line *l, int argc)
{
	size_t n = 0, at = 0;

	l->longs = calloc(l->rows + 1, sizeof(*l->longs));
	l->given = calloc((size_t)argc + 1, sizeof(*l->given));
	if (!l->longs || !l->given)
		return -ENOMEM;
	l->shorts[at++] = ':'; /* tell a missing value from an unknown one */
	for (size_t i = 0; i < l->rows; i++) {
		const struct setting *s = l->row[i];

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

static const struct setting *setting_of(const struct line *l, int got)
{
	if (got >= LONG_BASE)
		return l->row[got - LONG_BASE];
	for (size_t i = 0; i < l->rows; i++)
		if (got && l->row[i]->letter == got)
			return l->row[i];
	return NULL;
}

/* "callscope --help" or "callscope export --help". */
static const char *help_of(const struct line *l, char buf[64])
{
	snprintf(buf, 64, "callscope%s%s --help", l->command ? " " : "",
		 l->command ? l->command->name : "");
	return buf;
}

static void unknown_option(struct line *l, const char *word)
{
	const struct setting *s = setting_of(l, optopt), *near;
	struct slice name = slice_str(word);
	char help[64];

	if (optopt && s) {
		complain(l, "--%s takes no value", s->name);
		return;
	}
	if (optopt) {
		complain(l, "unknown option -%c: %s lists them", optopt,
			 help_of(l, help));
		return;
	}
	slice_cut(slice_from(name, 2), '=', &name, &(struct slice){0});
	near = setting_nearest(l->row, l->rows, name);
	s = setting_find(name);
	if (s && !l->command)
		complain(l,
			 "--%s is a key of the configuration file only: "
			 "put it there and name the file with -c",
			 s->name);
	else if (near)
		complain(l, "unknown option --%.*s: did you mean --%s?",
			 SLICE_ARG(name), near->name);
	else
		complain(l, "unknown option --%.*s: %s lists them",
			 SLICE_ARG(name), help_of(l, help));
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

	for (int i = optind; i < argc && !l->command; i++) {
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
		const struct setting *s = setting_of(l, got);

		if (got == '?')
			unknown_option(l, argv[optind - 1]);
		else if (got == ':')
			complain(l, "--%s needs a value, for example --%s %s",
				 setting_of(l, optopt)->name,
				 setting_of(l, optopt)->name,
				 setting_of(l, optopt)->example);
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
	bool files = given_last(l, "read"), taps = given_last(l, "interface");
	bool live = taps || given_last(l, "hep-listen");

	if (files && live)
		complain(l, "-r and %s do not go together: files, or live",
			 taps ? "-i" : "--hep-listen");
	if (files || live) {
		config_list_clear(&cfg->inputs);
		config_list_clear(&cfg->interfaces);
		config_list_clear(&cfg->hep_listen);
	}
	for (size_t i = 0; i < l->n; i++)
		apply(l, cfg, &l->given[i]);
	for (size_t i = 0; i < l->n; i++)
		if (l->given[i].s->place == PLACE_LIVE && cfg->inputs.n)
			complain(l, "--%s is for live capture (-i) only",
				 l->given[i].s->name);
}

/* --- what follows from other settings ------------------------------------- */

static int complete_db(struct config *cfg)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/callscope.db", cfg->out_dir);
	if (!cfg->db)
		cfg->db_path = config_keep(cfg, slice_str(path));
	else if (!strncmp(cfg->db, "sqlite:", strlen("sqlite:")))
		cfg->db_path = cfg->db + strlen("sqlite:");
	return cfg->db || cfg->db_path ? 0 : -ENOMEM;
}

/* Rules that are right one by one may contradict each other. */
static void check_rules(struct line *l, const struct config *cfg)
{
	struct billing_rules *rules;
	char why[BILLING_WHY];

	if (billing_rules_new(&rules, cfg, why))
		complain(l, "%s", why);
	else
		billing_rules_free(rules);
}

static int name_taps(struct config *cfg)
{
	const struct config_list *from[] = {&cfg->interfaces, &cfg->hep_listen};
	int err = 0;

	for (size_t i = 0; i < 2; i++)
		for (size_t k = 0; !err && k < from[i]->n; k++)
			err = config_list_add(&cfg->taps, from[i]->v[k]);
	return err;
}

static int complete(struct line *l, struct config *cfg)
{
	const char *twice = NULL;
	int err = interfaces_split(cfg, &twice);
	bool live = config_is_live(cfg);
	char host[256] = "";

	if (err == -EINVAL)
		complain(l, "the interface %s is named twice", twice);
	else if (err)
		return err;

	if (cfg->spool_gzip && cfg->spool_files == CONFIG_FILES_MINUTE)
		complain(l, "spool-gzip is for spool-files = call: the files "
			    "of minutes are not compressed");
	if (live && cfg->inputs.n)
		complain(l, "%s: has both %s and read: files, or live",
			 cfg->file,
			 cfg->interfaces.n ? "interface" : "hep-listen");
	if (!live && !cfg->inputs.n && !cfg->check_config)
		complain(l, "nothing to read: name files with -r or an "
			    "interface with -i");
	if (name_taps(cfg))
		return -ENOMEM;
	check_rules(l, cfg);
	if (!cfg->out_dir)
		cfg->out_dir = live ? CALLSCOPE_STATE_DIR : "callscope-data";
	gethostname(host, sizeof(host) - 1);
	if (!cfg->sensor)
		cfg->sensor = live && *host ? config_keep(cfg, slice_str(host))
					    : "file";
	return cfg->sensor ? complete_db(cfg) : -ENOMEM;
}

/* A command works on what is there. */
static int complete_command(struct config *cfg)
{
	if (!cfg->out_dir)
		cfg->out_dir = access("callscope-data", F_OK) == 0
				       ? "callscope-data"
				       : CALLSCOPE_STATE_DIR;
	return complete_db(cfg);
}

static void load(struct line *l, struct config *cfg)
{
	const struct given *file = given_last(l, "config");
	int err;

	if (settings_defaults(cfg))
		complain(l, "out of memory");
	if (file && config_file_read(cfg, file->value, l->err))
		l->wrong = true;
	apply_all(l, cfg);
	if (l->wrong)
		return;
	err = l->command ? complete_command(cfg) : complete(l, cfg);
	if (err)
		complain(l, "out of memory");
}

/* --help and --version need nothing else to be right. */
static bool talk(const struct line *l, FILE *out)
{
	if (given_last(l, "help") && l->command)
		options_command_help(l->command, l->row, l->rows, out);
	else if (given_last(l, "help"))
		options_help(out);
	else if (given_last(l, "version"))
		fprintf(out, "callscope %s\n", CALLSCOPE_VERSION);
	else
		return false;
	return true;
}

static int parse(struct line *l, int argc, char **argv, struct config *cfg,
		 FILE *out)
{
	if (make_tables(l, argc)) {
		complain(l, "out of memory");
		return -1;
	}
	scan(l, argc, argv);
	if (talk(l, out))
		return 1;
	cfg->list_interfaces = !l->wrong && given_last(l, "list-interfaces");
	if (cfg->list_interfaces)
		return 0;
	load(l, cfg);
	return l->wrong ? -1 : 0;
}

static void line_close(struct line *l)
{
	free(l->longs);
	free(l->given);
}

/* --- the two ways in ------------------------------------------------------ */

int options_parse(int argc, char **argv, struct config *cfg, FILE *out,
		  FILE *err)
{
	struct line l = {.err = err};
	int result;

	if (argc < 2) {
		options_examples(err);
		return -1;
	}
	l.rows = settings_select(l.row, setting_is_option);
	result = parse(&l, argc, argv, cfg, out);
	if (!result && cfg->check_config) {
		fprintf(out, "%s: OK\n", cfg->file ? cfg->file : "options");
		result = 1;
	}
	line_close(&l);
	return result;
}

/* What all commands know, then what this one takes of the settings, then its
 * own. */
static void command_rows(struct line *l)
{
	static const char *const all[] = {"config", "help", NULL};
	const struct command *c = l->command;

	for (size_t i = 0; i < c->own_n; i++)
		l->row[l->rows++] = &c->own[i];
	for (const char *const *n = c->settings; *n; n++)
		l->row[l->rows++] = setting_find(slice_str(*n));
	for (const char *const *n = all; *n; n++)
		l->row[l->rows++] = setting_find(slice_str(*n));
}

int options_parse_command(const struct command *command, int argc, char **argv,
			  struct config *cfg, FILE *out, FILE *err)
{
	struct line l = {.command = command, .err = err};
	char why[SETTING_WHY];
	int result = 0;

	command_rows(&l);
	for (size_t i = 0; i < command->own_n && !result; i++)
		result = setting_apply(&command->own[i], cfg,
				       slice_str(command->own[i].initial), why);
	if (result)
		complain(&l, "out of memory");
	else
		result = parse(&l, argc, argv, cfg, out);
	for (int i = optind; i < argc && !result; i++)
		if (config_list_add(&cfg->words, argv[i]))
			result = -1;
	line_close(&l);
	return result;
}
