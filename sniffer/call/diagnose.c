/*
 * Findings: what an engineer would say about the record, from measured
 * facts only. A code is a stable name; the detail is a sentence.
 */
#include <stdarg.h>
#include <stdio.h>

#include "sniffer/call/call_cdr.h"
#include "sniffer/call/diagnose.h"

#define FINDINGS_MAX 48

#define LOSS_WARN_PCT  1.0
#define LOSS_ERROR_PCT 5.0
#define JITTER_WARN_MS 30.0
#define MEDIA_LATE_US  (2 * 1000000)
#define SHORT_CALL_US  (2 * 1000000)

void cdr_find(struct cdr *cdr, const char *code, const char *severity,
	      const char *side, const char *format, ...)
{
	struct cdr_call *call = &cdr->call;
	struct cdr_diagnosis *d;
	char text[256];
	va_list args;
	int n;

	if (call->diagnoses_n == FINDINGS_MAX)
		return;
	va_start(args, format);
	n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (n >= (int)sizeof(text))
		n = sizeof(text) - 1;
	d = &call->diagnoses[call->diagnoses_n++];
	d->code = code;
	d->severity = severity;
	d->side = side;
	d->detail = arena_keep(cdr->mem, slice_of(text, (size_t)n));
}

/* --- signalling -------------------------------------------------------- */

static void signalling(struct cdr *cdr)
{
	const struct cdr_call *call = &cdr->call;
	size_t again = 0;

	for (size_t i = 0; i < call->messages_n; i++)
		again += call->messages[i].retransmission;
	if (again)
		cdr_find(cdr, "retransmits", "notice", NULL,
			 "%zu of %zu messages were sent or seen again", again,
			 call->messages_n);
	if (cdr->kind == CDR_CALL && cdr_is(call->state, "expired"))
		cdr_find(cdr, "no-bye", "warning", NULL,
			 "answered, then silence: nobody sent a BYE");
	if (cdr_is(call->state, "unanswered"))
		cdr_find(cdr, "no-final-response", "warning", NULL,
			 "the INVITE got no final response");
	if (call->answer && call->messages_n && call->start) {
		size_t acks = 0;

		for (size_t i = 0; i < call->messages_n; i++)
			acks += slice_eq(call->messages[i].method,
					 SLICE("ACK"));
		if (!acks)
			cdr_find(cdr, "no-ack", "warning", "caller",
				 "the 200 was never acknowledged");
	}
}

/* --- streams ----------------------------------------------------------- */

/* A hold or a transfer sent the same SSRC to another place meanwhile: what
 * is missing here went there. */
static bool was_elsewhere(const struct cdr_call *call,
			  const struct cdr_stream *s)
{
	for (size_t i = 0; i < call->streams_n; i++) {
		const struct cdr_stream *o = &call->streams[i];

		if (o != s && o->ssrc == s->ssrc && addr_eq(&o->src, &s->src) &&
		    o->first > s->first && o->first < s->last &&
		    o->packets >= s->lost)
			return true;
	}
	return false;
}

static void quality(struct cdr *cdr, const struct cdr_stream *s)
{
	char from[ADDR_TEXT];

	addr_text(&s->src, from);
	if (s->lost && was_elsewhere(&cdr->call, s))
		cdr_find(cdr, "sent-elsewhere", "notice", s->sender,
			 "%llu packets missing from %s went to another address "
			 "meanwhile",
			 (unsigned long long)s->lost, from);
	else if (s->loss_pct >= LOSS_WARN_PCT)
		cdr_find(cdr, "loss",
			 s->loss_pct >= LOSS_ERROR_PCT ? "error" : "warning",
			 s->sender, "%.2f %% of the packets from %s were lost",
			 s->loss_pct, from);
	if (s->jitter_ms.max >= JITTER_WARN_MS)
		cdr_find(cdr, "jitter", "warning", s->sender,
			 "jitter from %s up to %.1f ms", from,
			 s->jitter_ms.max);
	if (s->duplicates > s->duplicates_tap)
		cdr_find(
			cdr, "duplicates", "notice", s->sender,
			"%llu packets from %s came more than once",
			(unsigned long long)(s->duplicates - s->duplicates_tap),
			from);
	if (s->duplicates_tap)
		cdr_find(cdr, "tap-duplicates", "notice", s->sender,
			 "the tap shows %llu packets from %s twice",
			 (unsigned long long)s->duplicates_tap, from);
}

/* Events, silence, redundancy: none of them another codec. */
static bool beside(struct slice codec)
{
	static const struct slice names[] = {
		SLICE_INIT("telephone-event"),
		SLICE_INIT("CN"),
		SLICE_INIT("red"),
		SLICE_INIT("rtx"),
		SLICE_INIT("ulpfec"),
		SLICE_INIT("flexfec"),
		SLICE_INIT("flexfec-03"),
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (slice_ieq(codec, names[i]))
			return true;
	return false;
}

static void codecs(struct cdr *cdr, const struct cdr_stream *s)
{
	size_t real = 0;

	for (size_t i = 0; i < s->codecs_n; i++)
		real += s->codecs[i].codec.p && !beside(s->codecs[i].codec);
	if (real > 1)
		cdr_find(cdr, "codec-change", "notice", s->sender,
			 "%zu codecs in one stream", real);
}

static bool heard(const struct cdr_call *call, const char *one,
		  const char *other)
{
	for (size_t i = 0; i < call->streams_n; i++)
		if (cdr_is(call->streams[i].sender, one) ||
		    cdr_is(call->streams[i].sender, other))
			return true;
	return false;
}

/* Both sides agreed that the m-line carries media both ways. */
static bool two_way_agreed(const struct cdr_call *call)
{
	for (size_t i = 0; i < call->offers_n; i++)
		for (size_t m = 0; m < call->offers[i].media_n; m++)
			if (call->offers[i].answered &&
			    !call->offers[i].media[m].rejected &&
			    cdr_is(call->offers[i].media[m].direction,
				   "sendrecv"))
				return true;
	return false;
}

static void ways(struct cdr *cdr)
{
	const struct cdr_call *call = &cdr->call;
	bool caller = heard(call, "caller", "a");
	bool callee = heard(call, "callee", "b");

	if (cdr->kind != CDR_CALL || !call->answer || !two_way_agreed(call) ||
	    (call->connect_us != CDR_NO_US && call->connect_us < SHORT_CALL_US))
		return;
	if (call->told && !caller && !callee)
		return;
	if (call->shared_media && !(caller && callee))
		cdr_find(cdr, "shared-media", "notice", NULL,
			 "another call announced the same addresses and has "
			 "their streams");
	else if (!caller && !callee)
		cdr_find(cdr, "no-media", "warning", NULL,
			 "answered, but the tap saw no media");
	else if (!caller || !callee)
		cdr_find(cdr, "one-way", "error", caller ? "callee" : "caller",
			 "the tap saw media from the %s only",
			 caller ? "caller" : "callee");
}

static void lateness(struct cdr *cdr)
{
	const struct cdr_call *call = &cdr->call;
	uint64_t first = 0;

	for (size_t i = 0; i < call->streams_n; i++)
		if (!first || call->streams[i].first < first)
			first = call->streams[i].first;
	if (call->answer && !call->shared_media &&
	    first > call->answer + MEDIA_LATE_US * 1000ull)
		cdr_find(cdr, "late-media", "warning", NULL,
			 "the first media packet came %.1f s after the answer",
			 (double)(first - call->answer) / 1e9);
}

void cdr_diagnose(struct cdr *cdr)
{
	struct cdr_call *call = &cdr->call;

	call->diagnoses =
		arena_alloc(cdr->mem, FINDINGS_MAX * sizeof(*call->diagnoses));
	if (!call->diagnoses)
		return;
	signalling(cdr);
	for (size_t i = 0; i < call->streams_n; i++) {
		if (call->streams[i].is_repair)
			continue;
		quality(cdr, &call->streams[i]);
		codecs(cdr, &call->streams[i]);
	}
	ways(cdr);
	lateness(cdr);
	cdr_diagnose_rtc(cdr);
}
