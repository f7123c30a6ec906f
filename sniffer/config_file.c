#include "sniffer/config_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sniffer/settings.h"

struct reading {
	struct config *cfg;
	const char *path;
	FILE *err;
	unsigned line;
	unsigned *set_at; /* line of each setting; 0 = not yet */
	bool wrong;
};

static void complain(struct reading *r, struct slice what, const char *why)
{
	fprintf(r->err, "%s:%u: %.*s: %s\n", r->path, r->line, SLICE_ARG(what),
		why);
	r->wrong = true;
}

static void unknown_key(struct reading *r, struct slice key)
{
	const struct setting *keys[SETTINGS_MAX];
	size_t n = settings_select(keys, setting_is_key);
	const struct setting *near = setting_nearest(keys, n, key);
	const struct setting *option = setting_find(key);
	char why[SETTING_WHY];

	if (option)
		snprintf(why, sizeof(why), "belongs on the command line");
	else if (near)
		snprintf(why, sizeof(why), "unknown key: did you mean %s?",
			 near->name);
	else
		snprintf(why, sizeof(why),
			 "unknown key: callscope.conf(5) lists them all");
	complain(r, key, why);
}

/* Takes the comment off, or the quotes. */
static bool value_of(struct slice text, struct slice *out)
{
	text = slice_trim(text);
	if (text.len && text.p[0] == '"') {
		ptrdiff_t end = slice_find(slice_from(text, 1), '"');
		struct slice rest;

		if (end < 0)
			return false;
		rest = slice_trim(slice_from(text, (size_t)end + 2));
		*out = slice_head(slice_from(text, 1), (size_t)end);
		return !rest.len || rest.p[0] == '#';
	}
	slice_cut(text, '#', &text, &(struct slice){0});
	*out = slice_trim(text);
	return true;
}

static void take_line(struct reading *r, struct slice line)
{
	const struct setting *s;
	struct slice key, value;
	char why[SETTING_WHY];
	unsigned *set_at;

	line = slice_trim(line);
	if (!line.len || line.p[0] == '#')
		return;
	if (!slice_cut(line, '=', &key, &value)) {
		complain(r, line, "not a setting: write key = value");
		return;
	}
	key = slice_trim(key);
	s = setting_find(key);
	if (!s || !setting_is_key(s)) {
		unknown_key(r, key);
		return;
	}
	if (!value_of(value, &value)) {
		complain(r, key,
			 "a quotation mark is missing, or something "
			 "follows the second one");
		return;
	}
	set_at = &r->set_at[setting_index(s)];
	if (*set_at && s->type != SETTING_LIST) {
		snprintf(why, sizeof(why), "set in line %u already", *set_at);
		complain(r, key, why);
		return;
	}
	*set_at = r->line;
	if (memchr(value.p, '\0', value.len))
		complain(r, key, "a NUL byte in the value");
	else if (setting_apply(s, r->cfg, value, why))
		complain(r, key, why);
}

static void read_lines(struct reading *r, FILE *f)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len;

	while ((len = getline(&line, &size, f)) >= 0) {
		r->line++;
		take_line(r, slice_of(line, (size_t)len));
	}
	free(line);
}

int config_file_read(struct config *cfg, const char *path, FILE *err)
{
	struct reading r = {.cfg = cfg, .path = path, .err = err};
	FILE *f = fopen(path, "re");
	int e = 0;

	r.set_at = calloc(settings_count(), sizeof(*r.set_at));
	if (!f || !r.set_at) {
		e = errno ? -errno : -ENOMEM;
		goto out;
	}
	errno = 0;
	read_lines(&r, f);
	if (ferror(f))
		e = errno ? -errno : -EIO;
	else if (r.wrong)
		e = -EINVAL;
out:
	if (e && e != -EINVAL)
		fprintf(err, "%s: %s\n", path, strerror(-e));
	free(r.set_at);
	if (f)
		fclose(f);
	return e;
}
