#include "tests/made_calls.h"

#include <stdlib.h>

struct made_calls made;

static void on_message(void *arg, struct call *c)
{
	(void)arg;
	(void)c;
}

static uint64_t last_media(void *arg, struct call *c)
{
	(void)arg;
	(void)c;
	return made.media_ns;
}

static void on_record(void *arg, struct cdr *cdr)
{
	(void)arg;
	ck_assert_uint_lt(made.got_n, 16);
	made.got[made.got_n++] = cdr;
}

static void on_over(void *arg, struct call *c)
{
	struct cdr *cdr = cdr_new(CDR_CALL);

	call_cdr(c, made.now, cdr);
	cdr_conclude(cdr);
	on_record(arg, cdr);
}

static void on_described(void *arg, struct call *c, enum call_side by,
			 const struct sdp *sdp, bool offer, bool fragment)
{
	(void)arg;
	(void)c;
	(void)by;
	(void)sdp;
	(void)offer;
	(void)fragment;
}

static struct cdr *given_up(void *arg, struct call *c, bool wanted)
{
	struct cdr *cdr = wanted ? cdr_new(CDR_CALL) : NULL;

	(void)arg;
	if (cdr) {
		call_cdr(c, made.now, cdr);
		cdr_conclude(cdr);
	}
	return cdr;
}

static const struct calls_ops ops = {on_message, on_described, on_message,
				     last_media, on_over,      on_record,
				     given_up};

void made_calls_setup(void)
{
	static const struct slice headers[] = {SLICE_INIT("X-CID")};
	struct calls_config cfg = {
		.sensor = SLICE("test"),
		.max_calls = 100,
		.max_registrations = 100,
		.max_transactions = 100,
		.call_bytes = 1 << 18,
		.linger_ns = 5 * S,
		.retry_ns = 32 * S,
		.unanswered_ns = 200 * S,
		.media_silence_ns = 300 * S,
		.silence_ns = 14400 * S,
		.leg_headers = headers,
		.leg_headers_n = 1,
		.session_id = true,
	};

	made = (struct made_calls){.now = T0};
	timers_init(&made.timers, NULL);
	made.calls = calls_new(&cfg, (struct seed){1, 2}, &ops, NULL,
			       &made.timers, &made.counters);
	ck_assert_ptr_nonnull(made.calls);
}

void made_calls_teardown(void)
{
	calls_free(made.calls);
	timers_close(&made.timers);
	for (size_t i = 0; i < made.got_n; i++)
		cdr_free(made.got[i]);
}

static struct addr at(const char *ip, uint16_t port)
{
	struct addr a;

	ck_assert(addr_parse_ip(slice_str(ip), &a));
	a.port = port;
	return a;
}

void made_say(unsigned ms, const char *src, const char *dst, struct slice text)
{
	struct sip_msg m;
	struct sip_seen seen = {.ts_ns = T0 + ms * MS,
				.src = at(src, 5060),
				.dst = at(dst, 5060),
				.transport = "udp"};

	made.now = seen.ts_ns;
	timers_run(&made.timers, made.now);
	ck_assert_int_eq(sip_parse(text, SIP_DATAGRAM, &m), PARSE_OK);
	calls_on_sip(made.calls, &m, &seen);
}

void made_calls_end(void)
{
	calls_end(made.calls, made.now);
}
