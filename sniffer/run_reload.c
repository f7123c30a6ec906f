#include "sniffer/run_reload.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sniffer/options.h"
#include "sniffer/run_keyfiles.h"
#include "sniffer/run_watch.h"
#include "sniffer/settings.h"
#include "sniffer/setup.h"

struct old_rules {
	struct old_rules *next;
	struct billing_rules *rules;
};

/* --- what changed --------------------------------------------------------- */

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool same_list(const struct config_list *a, const struct config_list *b)
{
	bool same = a->n == b->n;

	for (size_t i = 0; i < a->n && same; i++)
		same = same_text(a->v[i], b->v[i]);
	return same;
}

static bool same(const struct setting *s, const struct config *a,
		 const struct config *b)
{
	const void *x = (const char *)a + s->offset;
	const void *y = (const char *)b + s->offset;

	switch (s->type) {
	case SETTING_TEXT:
		return same_text(*(const char *const *)x,
				 *(const char *const *)y);
	case SETTING_LIST:
		return same_list(x, y);
	case SETTING_COUNT:
	case SETTING_SIZE:
	case SETTING_TIME:
		return *(const uint64_t *)x == *(const uint64_t *)y;
	case SETTING_FLAG:
		return *(const bool *)x == *(const bool *)y;
	case SETTING_CHOICE:
		return *(const int *)x == *(const int *)y;
	case SETTING_ACTION:
		break;
	}
	return true;
}

/* --- what can change while packets come ----------------------------------- */

/* 0, or -errno: it has been said, and nothing has changed. */
typedef int apply_fn(struct reload *l, struct run *r, const struct config *now);

static int apply_keys(struct reload *l, struct run *r, const struct config *now)
{
	(void)l;
	return run_keyfiles_again(r, now);
}

/* Records that wait may point into the rules that they were made by. */
static int apply_rules(struct reload *l, struct run *r,
		       const struct config *now)
{
	struct old_rules *old = malloc(sizeof(*old));
	char why[BILLING_WHY] = "not enough memory for the rules of bills";
	struct billing_rules *rules;

	if (!old || billing_rules_new(&rules, now, why)) {
		say_log(r, LEVEL_ERROR, "%s", why);
		free(old);
		return -EINVAL;
	}
	*old = (struct old_rules){l->rules, r->rules};
	l->rules = old;
	r->rules = rules;
	return 0;
}

static int apply_spool(struct reload *l, struct run *r,
		       const struct config *now)
{
	struct spool_config sc = setup_spool(now);

	(void)l;
	if (r->spool)
		spool_keep(r->spool, &sc.keep);
	return 0;
}

static int apply_store(struct reload *l, struct run *r,
		       const struct config *now)
{
	(void)l;
	if (r->store)
		store_keep(r->store, now->keep_cdrs_ns / 1000000);
	return 0;
}

static int apply_log(struct reload *l, struct run *r, const struct config *now)
{
	(void)l;
	run_watch_every(r, now->log_interval_ns);
	return 0;
}

/* Rows of one function stand together: it is called once. */
static const struct {
	const char *name;
	apply_fn *apply;
} live[] = {
	{"keys", apply_keys},
	{"srtp-keys", apply_keys},
	{"trunk", apply_rules},
	{"e164", apply_rules},
	{"e164-country", apply_rules},
	{"e164-caller", apply_rules},
	{"keep-media", apply_spool},
	{"keep-signalling", apply_spool},
	{"spool-max-media", apply_spool},
	{"spool-max-signalling", apply_spool},
	{"disk-floor", apply_spool},
	{"keep-cdrs", apply_store},
	{"log-interval", apply_log},
};

#define LIVE (sizeof(live) / sizeof(live[0]))

static bool is_live(const struct setting *s)
{
	for (size_t i = 0; i < LIVE; i++)
		if (!strcmp(live[i].name, s->name))
			return true;
	return false;
}

/* --- applying ------------------------------------------------------------- */

struct names {
	char text[512];
	size_t len;
	bool tried; /* some may be in use even where that failed */
};

static void put_name(struct names *n, const char *name)
{
	int put = snprintf(n->text + n->len, sizeof(n->text) - n->len, "%s%s",
			   n->len ? ", " : "", name);

	n->len += put > 0 ? (size_t)put : 0;
	if (n->len >= sizeof(n->text))
		n->len = sizeof(n->text) - 1;
}

static const struct config *latest(const struct reload *l, const struct run *r)
{
	return l->n ? l->read[l->n - 1] : r->cfg;
}

/* Names of what took effect. */
static void apply_all(struct reload *l, struct run *r, const struct config *now,
		      struct names *done)
{
	const struct config *before = latest(l, r);
	apply_fn *last = NULL;
	int err = 0;

	for (size_t i = 0; i < LIVE; i++) {
		const struct setting *s = setting_find(slice_str(live[i].name));

		if (!s || same(s, before, now))
			continue;
		if (live[i].apply != last)
			err = live[i].apply(l, r, now);
		done->tried = true;
		last = live[i].apply;
		if (!err)
			put_name(done, live[i].name);
	}
}

static void say_restart(struct run *r, const struct config *now)
{
	const struct setting *s;
	struct names n = {0};

	for (size_t i = 0; (s = setting_at(i)); i++)
		if (setting_is_key(s) && !is_live(s) && !same(s, r->cfg, now))
			put_name(&n, s->name);
	if (n.len)
		say_log(r, LEVEL_WARNING,
			"read again: for what else has changed it takes a "
			"restart: %s",
			n.text);
}

/* --- reading -------------------------------------------------------------- */

/* Each line by itself, without whose it is. */
static void say_lines(struct run *r, char *text)
{
	char *save = NULL;

	for (char *line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		if (!strncmp(line, "callscope: ", strlen("callscope: ")))
			line += strlen("callscope: ");
		say_log(r, LEVEL_ERROR, "%s", line);
	}
}

static void config_free(struct config *c)
{
	if (c)
		config_close(c);
	free(c);
}

/* NULL when something is wrong, which has been said. */
static struct config *read_again(struct run *r, const struct run_env *env)
{
	struct config *c = calloc(1, sizeof(*c));
	char *text = NULL;
	size_t len = 0;
	FILE *err = open_memstream(&text, &len);
	bool ok = false;

	if (c && err && !config_init(c))
		ok = !options_parse(env->argc, env->argv, c, err, err);
	if (err)
		fclose(err);
	if (!ok && text && *text)
		say_lines(r, text);
	if (!ok)
		say_log(r, LEVEL_ERROR,
			"the settings were not read again: those that it has "
			"stay in force");
	free(text);
	if (ok)
		return c;
	config_free(c);
	return NULL;
}

static bool keep(struct reload *l, struct config *c)
{
	void *v = realloc(l->read, (l->n + 1) * sizeof(struct config *));

	if (!v)
		return false;
	l->read = v;
	l->read[l->n++] = c;
	return true;
}

static void change(struct reload *l, struct run *r, struct config *now)
{
	struct names done = {0};

	apply_all(l, r, now, &done);
	say_restart(r, now);
	if (done.len)
		say_log(r, LEVEL_NOTICE, "read again, in force from now on: %s",
			done.text);
	else if (!done.tried)
		say_log(r, LEVEL_NOTICE, "read again: nothing to change");
	if (!done.tried)
		config_free(now);
	else if (!keep(l, now)) /* in use: it stays, if without an owner */
		say_log(r, LEVEL_WARNING, "not enough memory");
}

void reload_run(struct reload *l, struct run *r, const struct run_env *env)
{
	struct config *now;

	writer_reopen(r->writer);
	if (!r->cfg->file) {
		say_log(r, LEVEL_NOTICE,
			"there is no configuration file to read again (-c)");
		return;
	}
	now = read_again(r, env);
	r->reloads.failed = !now;
	r->reloads.good += now != NULL;
	r->reloads.bad += !now;
	if (now)
		change(l, r, now);
}

void reload_free(struct reload *l)
{
	while (l->rules) {
		struct old_rules *old = l->rules;

		l->rules = old->next;
		billing_rules_free(old->rules);
		free(old);
	}
	for (size_t i = 0; i < l->n; i++)
		config_free(l->read[i]);
	free(l->read);
	*l = (struct reload){0};
}
