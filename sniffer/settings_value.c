/* Values of settings: from text into struct config. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "sniffer/settings.h"

struct unit {
	const char *name;
	uint64_t factor;
};

/* The largest that divides a number is the one that tells it. */
static const struct unit sizes[] = {
	{"G", 1ull << 30}, {"M", 1 << 20}, {"k", 1 << 10}, {"", 1}, {NULL, 0},
};

static const struct unit times[] = {
	{"d", 86400 * 1000000000ull},
	{"h", 3600 * 1000000000ull},
	{"m", 60 * 1000000000ull},
	{"s", 1000000000},
	{"ms", 1000000},
	{"", 1000000000},
	{NULL, 0},
};

static const struct unit counts[] = {{"", 1}, {NULL, 0}};

static const struct unit *units_of(const struct setting *s)
{
	switch (s->type) {
	case SETTING_SIZE:
		return sizes;
	case SETTING_TIME:
		return times;
	default:
		return counts;
	}
}

static bool parse_number(const struct unit *u, struct slice text, uint64_t *out)
{
	size_t digits = 0;
	struct slice suffix;
	uint64_t v;

	while (digits < text.len && text.p[digits] >= '0' &&
	       text.p[digits] <= '9')
		digits++;
	suffix = slice_trim(slice_from(text, digits));
	if (!slice_u64(slice_head(text, digits), &v))
		return false;
	while (u->name && !slice_ieq(suffix, slice_str(u->name)))
		u++;
	return u->name && !__builtin_mul_overflow(v, u->factor, out);
}

static void put_number(const struct unit *u, uint64_t v, char *buf, size_t size)
{
	while (u[1].name && (!v || v % u->factor))
		u++;
	snprintf(buf, size, "%" PRIu64 "%s", v / u->factor, u->name);
}

static void put_choices(const struct setting *s, char *buf, size_t size)
{
	size_t at = 0;

	for (size_t i = 0; s->choices[i] && at < size; i++)
		at += (size_t)snprintf(buf + at, size - at, "%s%s",
				       !i		   ? ""
				       : s->choices[i + 1] ? ", "
							   : " or ",
				       s->choices[i]);
}

void setting_range(const struct setting *s, char *buf, size_t size)
{
	char min[32], max[32];

	buf[0] = '\0';
	switch (s->type) {
	case SETTING_FLAG:
		snprintf(buf, size, "yes or no");
		break;
	case SETTING_CHOICE:
		put_choices(s, buf, size);
		break;
	case SETTING_COUNT:
	case SETTING_SIZE:
	case SETTING_TIME:
		put_number(units_of(s), s->min, min, sizeof(min));
		put_number(units_of(s), s->max, max, sizeof(max));
		snprintf(buf, size, "%s to %s", min, max);
		break;
	default:
		break;
	}
}

static int refuse(const struct setting *s, const char *what, char *why)
{
	char range[96];

	setting_range(s, range, sizeof(range));
	snprintf(why, SETTING_WHY, "%s: give %s, for example %s", what, range,
		 s->example ? s->example : s->initial);
	return -EINVAL;
}

static int apply_number(const struct setting *s, uint64_t *out, struct slice v,
			char *why)
{
	uint64_t n;

	if (!parse_number(units_of(s), v, &n)) {
		if (s->type == SETTING_TIME)
			return refuse(s, "not a time (ms, s, m, h, d)", why);
		if (s->type == SETTING_SIZE)
			return refuse(s, "not a size (bytes, k, M, G)", why);
		return refuse(s, "not a number", why);
	}
	if (n < s->min || n > s->max)
		return refuse(s, "out of range", why);
	*out = n;
	return 0;
}

static int apply_flag(const struct setting *s, bool *out, struct slice v,
		      char *why)
{
	bool yes = slice_ieq(v, SLICE("yes"));

	if (!yes && !slice_ieq(v, SLICE("no")))
		return refuse(s, "neither", why);
	*out = yes;
	return 0;
}

static int apply_choice(const struct setting *s, int *out, struct slice v,
			char *why)
{
	for (int i = 0; s->choices[i]; i++) {
		if (slice_ieq(v, slice_str(s->choices[i]))) {
			*out = i;
			return 0;
		}
	}
	return refuse(s, "unknown", why);
}

static int apply_text(const struct setting *s, struct config *cfg, void *out,
		      struct slice v, char *why)
{
	const char *text = v.len ? config_keep(cfg, v) : NULL;
	const char *wrong = text && s->check ? s->check(text) : NULL;

	if (wrong) {
		snprintf(why, SETTING_WHY, "%s", wrong);
		return -EINVAL;
	}
	if (v.len && !text)
		goto no_memory;
	if (s->type == SETTING_TEXT)
		*(const char **)out = text;
	else if (!text)
		config_list_clear(out);
	else if (config_list_add(out, text))
		goto no_memory;
	return 0;
no_memory:
	snprintf(why, SETTING_WHY, "out of memory");
	return -ENOMEM;
}

int setting_apply(const struct setting *s, struct config *cfg,
		  struct slice value, char why[SETTING_WHY])
{
	void *out = (char *)cfg + s->offset;

	switch (s->type) {
	case SETTING_TEXT:
	case SETTING_LIST:
		return apply_text(s, cfg, out, value, why);
	case SETTING_COUNT:
	case SETTING_SIZE:
	case SETTING_TIME:
		return apply_number(s, out, value, why);
	case SETTING_FLAG:
		return apply_flag(s, out, value, why);
	case SETTING_CHOICE:
		return apply_choice(s, out, value, why);
	case SETTING_ACTION:
		break;
	}
	return 0;
}

int settings_defaults(struct config *cfg)
{
	const struct setting *s;
	char why[SETTING_WHY];
	int err = 0;

	for (size_t i = 0; (s = setting_at(i)) && !err; i++)
		err = setting_apply(s, cfg, slice_str(s->initial), why);
	return err;
}
