/*
 * The table of settings: one row is an option of the command line, a key of
 * the configuration file, or both; its default, unit, limits and words for
 * the user. Adding one touches its row, its field in struct config and its
 * line in the manual.
 */
#ifndef SNIFFER_SETTINGS_H
#define SNIFFER_SETTINGS_H

#include "sniffer/config.h"

enum setting_type {
	SETTING_TEXT,	/* const char *; empty = not set */
	SETTING_LIST,	/* struct config_list; may be repeated */
	SETTING_COUNT,	/* uint64_t */
	SETTING_SIZE,	/* uint64_t, bytes; k, M and G are powers of 1024 */
	SETTING_TIME,	/* uint64_t, ns; ms, s (without a unit), m, h, d */
	SETTING_FLAG,	/* bool: yes or no; an option without argument */
	SETTING_CHOICE, /* int: index into choices */
	SETTING_ACTION, /* an option that sets nothing */
};

enum setting_group {
	GROUP_INPUT,
	GROUP_OUTPUT,
	GROUP_RUN,
	GROUP_WEB,
	GROUP_CALLS,
	GROUP_BILLING,
	GROUP_MEDIA,
	GROUP_FLOWS,
	GROUP_LIMITS,
	GROUPS,
};

enum setting_place {
	PLACE_BOTH,    /* option and key */
	PLACE_LIVE,    /* the same; the option goes with -i only */
	PLACE_FILE,    /* key only */
	PLACE_COMMAND, /* option only */
};

/* Room for a sentence that says what is wrong and what to do. */
#define SETTING_WHY 256

struct setting {
	const char *name;
	const char *arg;     /* what stands for the value in the help */
	const char *initial; /* default, as the file would say it */
	const char *unset;   /* what an empty default comes to, in words */
	const char *unit;    /* in words; NULL for what has none */
	const char *help;    /* a sentence */
	const char *example; /* a value */
	const char *const *choices;		 /* NULL at the end */
	const char *(*check)(const char *value); /* what is wrong, or NULL */
	uint64_t min, max;
	size_t offset; /* in struct config */
	enum setting_type type;
	enum setting_group group;
	enum setting_place place;
	char letter; /* of the short option, or 0 */
};

/* All of them, by their place; NULL behind the last. */
const struct setting *setting_at(size_t i);
size_t settings_count(void);
/* The place of one of them. */
size_t setting_index(const struct setting *s);

/* More than there are, those of a command added. */
#define SETTINGS_MAX 192

/* Those that pick says yes to, into v; how many. */
size_t settings_select(const struct setting *v[SETTINGS_MAX],
		       bool (*pick)(const struct setting *s));

/* By its long name; NULL when there is none. */
const struct setting *setting_find(struct slice name);

static inline bool setting_is_key(const struct setting *s)
{
	return s->place != PLACE_COMMAND;
}

static inline bool setting_is_option(const struct setting *s)
{
	return s->place != PLACE_FILE;
}

/* The one of these that is meant by a mistyped name; NULL when none is
 * near. */
const struct setting *setting_nearest(const struct setting *const *rows,
				      size_t n, struct slice name);

/* Reads a value into cfg; a list gets one more, or none with an empty value.
 * 0, -EINVAL with why, -ENOMEM with why. */
int setting_apply(const struct setting *s, struct config *cfg,
		  struct slice value, char why[SETTING_WHY]);

/* Applies all defaults. 0 or -ENOMEM. */
int settings_defaults(struct config *cfg);

/* "1 to 100000", "64k to 1G", "yes or no" ...; "" when anything goes. */
void setting_range(const struct setting *s, char *buf, size_t size);

#endif
