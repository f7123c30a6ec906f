#include "sniffer/media/dtmf.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

enum {
	FIRST_SIZE = 4
};

static int append(struct dtmf *d, const struct dtmf_key *key)
{
	if (d->n == DTMF_MAX)
		return -ENOSPC;
	if (d->n == d->size) {
		uint32_t size = d->size ? d->size * 2 : FIRST_SIZE;
		struct dtmf_key *v = realloc(d->v, size * sizeof(*v));

		if (!v)
			return -ENOMEM;
		d->v = v;
		d->size = size;
	}
	assert(d->v);
	d->v[d->n++] = *key;
	return 0;
}

static void extend(struct dtmf *d, struct dtmf_key *key,
		   const struct rtp_event *event)
{
	if (event->duration > d->segment) {
		key->duration += event->duration - d->segment;
		d->segment = event->duration;
	}
	d->ended |= event->end;
}

/* RFC 4733, 2.5.1.3: an event longer than the duration field goes on in a
 * segment whose timestamp is where the last one ended. */
static bool goes_on(const struct dtmf *d, uint32_t ts)
{
	return !d->ended && d->segment >= 0xf000 &&
	       ts - d->segment_ts - d->segment < 0x1000;
}

int dtmf_put(struct dtmf *d, uint64_t now_ns, uint32_t ts, uint32_t clock_hz,
	     const struct rtp_event *event)
{
	struct dtmf_key key = {now_ns, ts, event->duration, clock_hz,
			       rtp_event_digit(event->event)};
	struct dtmf_key *last = d->n ? &d->v[d->n - 1] : NULL;
	int err;

	if (!key.digit)
		return 0;
	if (last && last->digit == key.digit && ts == d->segment_ts) {
		extend(d, last, event);
		return 0;
	}
	if (last && last->digit == key.digit && goes_on(d, ts)) {
		d->segment_ts = ts;
		d->segment = 0;
		extend(d, last, event);
		return 0;
	}
	/* The end of the one before, overtaken by the beginning of this. */
	if (d->n > 1 && last[-1].ts == ts && last[-1].digit == key.digit) {
		if (event->duration > last[-1].duration)
			last[-1].duration = event->duration;
		return 0;
	}
	err = append(d, &key);
	if (err)
		return err;
	d->segment_ts = ts;
	d->segment = event->duration;
	d->ended = event->end;
	return 0;
}

void dtmf_free(struct dtmf *d)
{
	free(d->v);
	*d = (struct dtmf){0};
}
