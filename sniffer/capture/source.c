#include "sniffer/capture/source.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "sniffer/capture/filter.h"

/* Moves the frames that the filter wants to the front. */
static size_t keep_wanted(struct source *s, struct frame *v, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (filter_match(s->filter, &v[i]))
			v[kept++] = v[i];
	s->stats.filtered += n - kept;
	return kept;
}

static void count(struct source_stats *st, const struct frame *v, size_t n)
{
	st->frames += n;
	for (size_t i = 0; i < n; i++) {
		st->bytes += v[i].data.len;
		st->cut += v[i].wire_len > v[i].data.len;
	}
}

int source_read(struct source *s, struct frame *out, size_t max)
{
	if (max > SOURCE_BATCH_MAX)
		max = SOURCE_BATCH_MAX;
	for (;;) {
		int n = s->ops->read(s, out, max);

		if (n <= 0)
			return n;
		if (s->filter)
			n = (int)keep_wanted(s, out, (size_t)n);
		count(&s->stats, out, (size_t)n);
		if (n > 0)
			return n;
		if (s->ops->now_ns) /* live: time goes on without packets */
			return -EAGAIN;
	}
}

uint64_t source_now_ns(struct source *s)
{
	return s->ops->now_ns ? s->ops->now_ns(s) : 0;
}

void source_where(const struct source *s, const struct frame *f, char *buf,
		  size_t size)
{
	struct source_origin o;

	if (s->ops->origin(s, f, &o))
		snprintf(buf, size, "%s: packet %" PRIu64, o.path, o.packet);
	else
		snprintf(buf, size, "packet %" PRIu64, f->number);
}

size_t source_taps(struct source *s, struct source_tap *out, size_t max)
{
	return s->ops->taps ? s->ops->taps(s, out, max) : 0;
}

void source_close(struct source *s)
{
	if (!s)
		return;
	faults_close(&s->faults);
	faults_close(&s->notes);
	s->ops->close(s);
}
