/* Which SIP message offers, which answers, and what became of each offer
 * (RFC 3261, 13 and 14; RFC 3262, 5; RFC 3311; RFC 3264). */
#include <check.h>
#include <stdio.h>

#include "sniffer/call/call_cdr.h"
#include "sniffer/call/calls.h"
#include "tests/run_suite.h"

#define MS 1000000ull
#define S  1000000000ull
#define T0 (1700000000ull * S)

static struct calls *calls;
static struct timers timers;
static struct counters counters;
static struct cdr *got;
static uint64_t now;
static char described[256]; /* what the engine was told */

/* --- the world around ----------------------------------------------------- */

static void on_message(void *arg, struct call *c)
{
	(void)arg;
	(void)c;
}

static uint64_t last_media(void *arg, struct call *c)
{
	(void)arg;
	(void)c;
	return 0;
}

static void on_record(void *arg, struct cdr *cdr)
{
	(void)arg;
	ck_assert_ptr_null(got);
	got = cdr;
}

static void on_over(void *arg, struct call *c)
{
	struct cdr *cdr = cdr_new(CDR_CALL);

	call_cdr(c, now, cdr);
	on_record(arg, cdr);
}

/* "a+" caller's offer, "b-" callee's answer, "a~" fragment. */
static void on_described(void *arg, struct call *c, enum call_side by,
			 const struct sdp *sdp, bool offer, bool fragment)
{
	size_t n = strlen(described);

	(void)arg;
	(void)c;
	(void)sdp;
	snprintf(described + n, sizeof(described) - n, "%c%c",
		 by == CALL_CALLER ? 'a' : 'b',
		 fragment ? '~'
		 : offer  ? '+'
			  : '-');
}

static const struct calls_ops ops = {on_message, on_described, on_message,
				     last_media, on_over,      on_record};

static void setup(void)
{
	static const struct calls_config cfg = {
		.max_calls = 10,
		.max_registrations = 10,
		.max_transactions = 10,
		.call_bytes = 1 << 18,
		.linger_ns = 5 * S,
		.retry_ns = 32 * S,
		.unanswered_ns = 200 * S,
		.media_silence_ns = 300 * S,
		.silence_ns = 14400 * S,
	};

	got = NULL;
	now = T0;
	described[0] = '\0';
	counters = (struct counters){0};
	timers_init(&timers, NULL);
	calls = calls_new(&cfg, (struct seed){1, 2}, &ops, NULL, &timers,
			  &counters);
	ck_assert_ptr_nonnull(calls);
}

static void teardown(void)
{
	calls_free(calls);
	timers_close(&timers);
	cdr_free(got);
}

/* --- messages ------------------------------------------------------------- */

/* What is said: "INVITE", "200", ... */
struct step {
	char by; /* 'a' the caller, 'b' the callee, 'c' another fork */
	const char *what;
	unsigned cseq;
	const char *method; /* of the transaction; NULL: what */
	unsigned version;   /* of the SDP in it; 0: none */
	bool again;	    /* seen at the next hop */
};

static struct addr host(uint8_t last)
{
	const uint8_t ip[4] = {10, 0, 0, last};

	return addr_v4(ip, 5060);
}

static bool is_status(const char *what)
{
	return what[0] >= '0' && what[0] <= '9';
}

static size_t body(char *out, size_t size, const struct step *s)
{
	if (!s->version)
		return 0;
	return (size_t)snprintf(out, size,
				"v=0\r\no=- 1 %u IN IP4 10.0.0.1\r\ns=-\r\n"
				"c=IN IP4 10.0.0.1\r\nt=0 0\r\n"
				"m=audio 4000 RTP/AVP 8\r\n",
				s->version);
}

static void say(const struct step *s)
{
	/* A response names the tags as its request does. */
	bool request = !is_status(s->what);
	bool from_a = request == (s->by == 'a');
	bool tagged = s->by == 'a' ? s->cseq > 1 : true;
	const char *method = s->method ? s->method : s->what;
	char to[16] = "", sdp[256] = "", text[1024];
	size_t n = body(sdp, sizeof(sdp), s);
	struct sip_seen seen = {.src = host(s->again ? 100 : (uint8_t)s->by),
				.dst = host(s->again ? 7 : 100),
				.transport = "udp"};
	struct sip_msg m;

	now += 100 * MS;
	seen.ts_ns = now;
	if (from_a && (tagged || !request))
		snprintf(to, sizeof(to), ";tag=%c", s->by == 'a' ? 'b' : s->by);
	if (!from_a)
		snprintf(to, sizeof(to), ";tag=a");
	n = (size_t)snprintf(
		text, sizeof(text),
		"%s%s%s\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK%u%c%s\r\n"
		"From: <sip:x@x>;tag=%c\r\nTo: <sip:y@y>%s\r\nCall-ID: c1\r\n"
		"CSeq: %u %s\r\n%sContent-Length: %zu\r\n\r\n%s",
		request ? s->what : "SIP/2.0 ", request ? " sip:x@x" : s->what,
		request ? " SIP/2.0" : " Reason", s->cseq, from_a ? 'a' : 'b',
		method, from_a ? 'a' : 'b', to, s->cseq, method,
		n ? "Content-Type: application/sdp\r\n" : "", n, sdp);
	ck_assert_int_eq(sip_parse(slice_of(text, n), SIP_DATAGRAM, &m),
			 PARSE_OK);
	calls_on_sip(calls, &m, &seen);
}

/* --- results -------------------------------------------------------------- */

/* "caller 1 answered 5, callee 6 glare" */
static const char *offers(void)
{
	static char out[512];
	size_t at = 0;

	calls_end(calls, now);
	ck_assert_ptr_nonnull(got);
	out[0] = '\0';
	for (size_t i = 0; i < got->call.offers_n; i++) {
		const struct cdr_offer *o = &got->call.offers[i];

		at += (size_t)snprintf(out + at, sizeof(out) - at, "%s%s %u %s",
				       i ? ", " : "", o->by,
				       (unsigned)o->version, o->state);
		if (o->answered)
			at += (size_t)snprintf(out + at, sizeof(out) - at,
					       " %u",
					       (unsigned)o->answer_version);
	}
	return out;
}

/* --- cases ---------------------------------------------------------------- */

#define INVITE(by, cseq, version)                                              \
	{                                                                      \
		by, "INVITE", cseq, NULL, version, false                       \
	}
#define OK(by, cseq, version)                                                  \
	{                                                                      \
		by, "200", cseq, "INVITE", version, false                      \
	}
#define ACK(by, cseq, version)                                                 \
	{                                                                      \
		by, "ACK", cseq, NULL, version, false                          \
	}

static const struct {
	const char *name, *offers, *described;
	struct step v[12];
} rows[] = {
	{"the usual",
	 "caller 1 answered 5",
	 "a+b-",
	 {INVITE('a', 1, 1), OK('b', 1, 5), ACK('a', 1, 0)}},
	{"the INVITE came empty",
	 "callee 5 answered 1",
	 "b+a-",
	 {INVITE('a', 1, 0), OK('b', 1, 5), ACK('a', 1, 1)}},
	{"empty, and the ACK brings nothing",
	 "callee 5 pending",
	 "b+",
	 {INVITE('a', 1, 0), OK('b', 1, 5), ACK('a', 1, 0)}},
	{"early media, then the same",
	 "caller 1 answered 5",
	 "a+b-b-",
	 {INVITE('a', 1, 1),
	  {'b', "183", 1, "INVITE", 5, false},
	  OK('b', 1, 5),
	  ACK('a', 1, 0)}},
	{"a fork rings, another one answers",
	 "caller 1 answered 8",
	 "a+b-b-",
	 {INVITE('a', 1, 1),
	  {'c', "183", 1, "INVITE", 5, false},
	  OK('b', 1, 8),
	  ACK('a', 1, 0)}},
	{"busy",
	 "caller 1 refused",
	 "a+",
	 {INVITE('a', 1, 1), {'b', "486", 1, "INVITE", 0, false}}},
	{"a 183 answered, then it failed",
	 "caller 1 answered 5",
	 "a+b-",
	 {INVITE('a', 1, 1),
	  {'b', "183", 1, "INVITE", 5, false},
	  {'b', "480", 1, "INVITE", 0, false}}},
	{"challenged, then well",
	 "caller 1 refused, caller 1 answered 5",
	 "a+a+b-",
	 {INVITE('a', 1, 1),
	  {'b', "407", 1, "INVITE", 0, false},
	  INVITE('a', 2, 1),
	  OK('b', 2, 5),
	  ACK('a', 2, 0)}},
	{"on hold and back",
	 "caller 1 answered 5, callee 6 answered 2, callee 7 answered 3",
	 "a+b-b+a-b+a-",
	 {INVITE('a', 1, 1), OK('b', 1, 5), ACK('a', 1, 0), INVITE('b', 1, 6),
	  OK('a', 1, 2), ACK('b', 1, 0), INVITE('b', 2, 7), OK('a', 2, 3),
	  ACK('b', 2, 0)}},
	{"glare: both at once, both are told",
	 "caller 1 answered 5, caller 2 glare, callee 6 glare",
	 "a+b-a+b+",
	 {INVITE('a', 1, 1),
	  OK('b', 1, 5),
	  ACK('a', 1, 0),
	  INVITE('a', 2, 2),
	  INVITE('b', 1, 6),
	  {'b', "491", 2, "INVITE", 0, false},
	  {'a', "491", 1, "INVITE", 0, false}}},
	{"glare, and one tries again",
	 "caller 1 answered 5, caller 2 glare, callee 6 answered 3",
	 "a+b-a+b+a-",
	 {INVITE('a', 1, 1),
	  OK('b', 1, 5),
	  ACK('a', 1, 0),
	  INVITE('a', 2, 2),
	  INVITE('b', 1, 6),
	  {'b', "491", 2, "INVITE", 0, false},
	  ACK('a', 2, 0),
	  OK('a', 1, 3),
	  ACK('b', 1, 0)}},
	{"not acceptable: the session stays as it was",
	 "caller 1 answered 5, caller 2 refused",
	 "a+b-a+",
	 {INVITE('a', 1, 1),
	  OK('b', 1, 5),
	  ACK('a', 1, 0),
	  INVITE('a', 2, 2),
	  {'b', "488", 2, "INVITE", 0, false}}},
	{"UPDATE while ringing",
	 "caller 1 answered 5, caller 2 answered 6",
	 "a+b-a+b-",
	 {INVITE('a', 1, 1),
	  {'b', "183", 1, "INVITE", 5, false},
	  {'a', "UPDATE", 2, NULL, 2, false},
	  {'b', "200", 2, "UPDATE", 6, false},
	  OK('b', 1, 0)}},
	{"UPDATE is refused",
	 "caller 1 answered 5, caller 2 glare",
	 "a+b-a+",
	 {INVITE('a', 1, 1),
	  {'b', "183", 1, "INVITE", 5, false},
	  {'a', "UPDATE", 2, NULL, 2, false},
	  {'b', "491", 2, "UPDATE", 0, false},
	  OK('b', 1, 0)}},
	{"offer in a reliable 183, answer in PRACK (RFC 3262, 5)",
	 "callee 5 answered 1",
	 "b+a-",
	 {INVITE('a', 1, 0),
	  {'b', "183", 1, "INVITE", 5, false},
	  {'a', "PRACK", 2, NULL, 1, false},
	  {'b', "200", 2, "PRACK", 0, false},
	  OK('b', 1, 0),
	  ACK('a', 1, 0)}},
	{"PRACK offers anew",
	 "caller 1 answered 5, caller 2 answered 6",
	 "a+b-a+b-",
	 {INVITE('a', 1, 1),
	  {'b', "183", 1, "INVITE", 5, false},
	  {'a', "PRACK", 2, NULL, 2, false},
	  {'b', "200", 2, "PRACK", 6, false},
	  OK('b', 1, 0),
	  ACK('a', 1, 0)}},
	{"retransmissions and another hop are no offers",
	 "caller 1 answered 5",
	 "a+a+a+b-b-",
	 {INVITE('a', 1, 1),
	  INVITE('a', 1, 1),
	  {'a', "INVITE", 1, NULL, 1, true},
	  OK('b', 1, 5),
	  {'b', "200", 1, "INVITE", 5, true}}},
};

START_TEST(exchange)
{
	const char *list;

	for (const struct step *s = rows[_i].v; s->what; s++)
		say(s);
	list = offers();
	ck_assert_msg(!strcmp(list, rows[_i].offers), "%s: %s", rows[_i].name,
		      list);
	ck_assert_msg(!strcmp(described, rows[_i].described), "%s: %s",
		      rows[_i].name, described);
}
END_TEST

/* Nothing of it is seen but the answer. */
START_TEST(answer_without_its_offer)
{
	static const struct step ok = OK('b', 1, 5);

	say(&ok);
	ck_assert_str_eq(offers(), "callee 5 pending");
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int main(void)
{
	Suite *s = suite_create("offer_answer");
	TCase *t = tcase_create("offer_answer");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, exchange, 0, COUNT(rows));
	tcase_add_test(t, answer_without_its_offer);
	suite_add_tcase(s, t);
	return run_suite(s);
}
