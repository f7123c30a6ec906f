#include "sniffer/settings.h"

#include "sniffer/settings_area.h"

/* In the order of the help and of the sample file. */
static const struct settings_area *const areas[] = {
	&settings_input,
	&settings_capture,
	&settings_hep,
	&settings_output,
	&settings_spool,
	&settings_store,
	&settings_queue,
	&settings_threads,
	&settings_resume,
	&settings_privs,
	&settings_log,
	&settings_web,
	&settings_login,
	&settings_privacy,
	&settings_calls,
	&settings_billing,
	&settings_limits,
};

enum {
	AREAS = sizeof(areas) / sizeof(areas[0])
};

const struct setting *setting_at(size_t i)
{
	for (size_t a = 0; a < AREAS; a++) {
		if (i < areas[a]->n)
			return &areas[a]->v[i];
		i -= areas[a]->n;
	}
	return NULL;
}

size_t settings_count(void)
{
	size_t n = 0;

	for (size_t a = 0; a < AREAS; a++)
		n += areas[a]->n;
	return n;
}

size_t setting_index(const struct setting *s)
{
	size_t i = 0;

	while (setting_at(i) != s)
		i++;
	return i;
}

const struct setting *setting_find(struct slice name)
{
	const struct setting *s;

	for (size_t i = 0; (s = setting_at(i)); i++)
		if (slice_eq(slice_str(s->name), name))
			return s;
	return NULL;
}

size_t settings_select(const struct setting *v[SETTINGS_MAX],
		       bool (*pick)(const struct setting *s))
{
	const struct setting *s;
	size_t n = 0;

	for (size_t i = 0; (s = setting_at(i)) && n < SETTINGS_MAX; i++)
		if (pick(s))
			v[n++] = s;
	return n;
}
