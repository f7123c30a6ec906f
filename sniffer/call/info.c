/*
 * DTMF digits in SIP INFO: application/dtmf-relay ("Signal= 5", "Duration=
 * 160") and application/dtmf (the digit alone). No RFC; the form that
 * gateways of the field write.
 */
#include "sniffer/call/call.h"

/* 10 and 11 are * and # for those who count, RFC 4733 table 3. */
static struct slice digit_of(struct slice text)
{
	static const struct slice star = SLICE_INIT("*");
	static const struct slice pound = SLICE_INIT("#");

	text = slice_trim(text);
	if (slice_eq(text, SLICE("10")))
		return star;
	if (slice_eq(text, SLICE("11")))
		return pound;
	return text.len == 1 ? text : (struct slice){0};
}

static void relay(struct slice body, struct slice *digit, int64_t *us)
{
	struct slice line, name, value;
	uint32_t ms;

	while (slice_line(&body, &line)) {
		if (!slice_cut(line, '=', &name, &value))
			continue;
		name = slice_trim(name);
		if (slice_ieq(name, SLICE("signal")))
			*digit = digit_of(value);
		else if (slice_ieq(name, SLICE("duration")) &&
			 slice_u32(slice_trim(value), &ms))
			*us = (int64_t)ms * 1000;
	}
}

void call_info_dtmf(struct call *c, const struct sip_msg *m, uint64_t ts_ns)
{
	struct slice digit = {0};
	int64_t us = CDR_NO_US;
	struct call_dtmf *d;

	if (sip_content_is(m->content_type, "application/dtmf-relay"))
		relay(m->body, &digit, &us);
	else if (sip_content_is(m->content_type, "application/dtmf"))
		digit = digit_of(m->body);
	if (!digit.len || !(d = arena_alloc(c->mem, sizeof(*d))))
		return;
	d->time = ts_ns;
	d->digit = arena_keep(c->mem, digit);
	d->duration_us = us;
	*c->dtmf_end = d;
	c->dtmf_end = &d->next;
}
