/*
 * What a bill needs of a call that is over: how long it was up, and what
 * makes that doubtful. A timeout is never billed: without a BYE the end is
 * the last media packet.
 */
#include "sniffer/call/call_cdr.h"

#define FLAGS_SIZE 128

/* In the order in which they are told. */
static const char *const flag_names[] = {
	"no-ack",	 "no-bye",	"no-media",    "early-bye",
	"partial-start", "partial-end", "partial-gap", "interrupted",
};

enum flag {
	NO_ACK,
	NO_BYE,
	NO_MEDIA,
	EARLY_BYE,
	PARTIAL_START,
	PARTIAL_END,
	PARTIAL_GAP,
	INTERRUPTED,
	FLAGS,
};

static bool is(const char *name, const char *wanted)
{
	return name && !strcmp(name, wanted);
}

/* Media before the answer is no conversation: 0 without any after it. */
static uint64_t last_media(const struct cdr_call *call)
{
	uint64_t last = 0;

	for (size_t i = 0; i < call->streams_n; i++)
		if (call->streams[i].last > last)
			last = call->streams[i].last;
	return last > call->answer ? last : 0;
}

static unsigned partial_flags(const char *partial)
{
	unsigned flags = 0;

	if (is(partial, "start") || is(partial, "both"))
		flags |= 1u << PARTIAL_START;
	if (is(partial, "end") || is(partial, "both"))
		flags |= 1u << PARTIAL_END;
	if (is(partial, "gap"))
		flags |= 1u << PARTIAL_GAP;
	return flags;
}

static struct slice flags_text(struct cdr *cdr, unsigned flags)
{
	char text[FLAGS_SIZE] = "";
	size_t len = 0;

	for (unsigned i = 0; i < FLAGS; i++) {
		size_t n = strlen(flag_names[i]);

		if (!(flags & 1u << i) || len + 1 + n >= sizeof(text))
			continue;
		if (len)
			text[len++] = ' ';
		memcpy(text + len, flag_names[i], n);
		len += n;
	}
	return len ? arena_keep(cdr->mem, slice_of(text, len)) : SLICE("");
}

/* Both ends are truncated to microseconds before they are subtracted. A BYE
 * that came before the answer (they crossed) ends a call of no length. */
static unsigned bill_answered(struct cdr_call *call)
{
	struct cdr_billing *b = &call->billing;
	bool acked = !slice_starts(b->flags, SLICE("no-ack"));
	unsigned flags = acked ? 0 : 1u << NO_ACK;
	bool bye = is(call->state, "completed") && call->end;

	b->end = bye ? call->end : last_media(call);
	b->billable_us = cdr_between(call->answer, b->end);
	if (!bye)
		flags |= 1u << NO_BYE;
	if (!b->end)
		flags |= 1u << NO_MEDIA;
	if (bye && b->billable_us < 0) {
		b->billable_us = 0;
		flags |= 1u << EARLY_BYE;
	}
	return flags;
}

void cdr_bill(struct cdr *cdr)
{
	struct cdr_call *call = &cdr->call;
	struct cdr_billing *b = &call->billing;
	unsigned flags = partial_flags(cdr->partial);

	b->end = 0;
	b->billable_us = CDR_NO_US;
	if (cdr->kind != CDR_CALL)
		return;
	if (call->answer)
		flags |= bill_answered(call);
	if (is(call->state, "interrupted"))
		flags |= 1u << INTERRUPTED;
	b->flags = flags_text(cdr, flags);
}
