#include "web/metrics.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

/* Whole numbers as such; a double holds them up to 2^53. */
static void number(struct outbuf *b, double v)
{
	char text[40];

	if (v == floor(v) && fabs(v) < 9e15)
		snprintf(text, sizeof(text), "%" PRId64, (int64_t)v);
	else
		snprintf(text, sizeof(text), "%.15g", v);
	outbuf_str(b, text);
}

/* \, " and the line's end are escaped; what is no text goes as '?'. */
static void label_value(struct outbuf *b, struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = (char)s.p[i];

		if (c == '\\' || c == '"') {
			outbuf_char(b, '\\');
			outbuf_char(b, c);
		} else if (c == '\n') {
			outbuf_str(b, "\\n");
		} else {
			outbuf_char(b, (uint8_t)c < ' ' ? '?' : c);
		}
	}
}

static void labels(struct outbuf *b, const struct stats_row *row,
		   const struct stats_sample *s)
{
	if (!row->label[0])
		return;
	for (size_t i = 0; i < STATS_LABELS && row->label[i]; i++) {
		outbuf_char(b, i ? ',' : '{');
		outbuf_str(b, row->label[i]);
		outbuf_str(b, "=\"");
		label_value(b, s->label[i]);
		outbuf_char(b, '"');
	}
	outbuf_char(b, '}');
}

static void head(struct outbuf *b, const struct stats_row *row)
{
	outbuf_str(b, "# HELP ");
	outbuf_str(b, row->name);
	outbuf_char(b, ' ');
	outbuf_str(b, row->help);
	outbuf_str(b, "\n# TYPE ");
	outbuf_str(b, row->name);
	outbuf_str(b, row->type == STATS_COUNTER ? " counter\n" : " gauge\n");
}

static void sample(struct outbuf *b, const struct stats_row *row,
		   const struct stats_sample *s)
{
	outbuf_str(b, row->name);
	labels(b, row, s);
	outbuf_char(b, ' ');
	number(b, s->value);
	outbuf_char(b, '\n');
}

static void put_id(struct outbuf *b, const struct stats *s, enum stats_id id,
		   bool *begun)
{
	const struct stats_row *row = stats_row(id);

	for (size_t i = 0; i < s->n; i++) {
		if (s->v[i].id != id)
			continue;
		if (!*begun)
			head(b, row);
		*begun = true;
		sample(b, row, &s->v[i]);
	}
}

void metrics_put(struct outbuf *b, const struct stats *const *lists, size_t n)
{
	for (int id = 0; id < STATS_IDS; id++) {
		bool begun = false;

		for (size_t i = 0; i < n; i++)
			put_id(b, lists[i], (enum stats_id)id, &begun);
	}
}
