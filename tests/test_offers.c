/* Offers and answers of one call, m-line by m-line. */
#include <check.h>
#include <stdio.h>

#include "sniffer/call/offers.h"
#include "tests/made_sdp.h"
#include "tests/run_suite.h"

#define S 1000000000ull

static const char *const names[] = {"caller", "callee"};

static struct arena *mem;
static struct offers offers;
static struct cdr *cdr;

static void setup(void)
{
	mem = arena_new(4096, 0);
	offers = (struct offers){0};
	cdr = NULL;
}

static void teardown(void)
{
	cdr_free(cdr);
	arena_free(mem);
}

static struct offer *offer(const char *text, unsigned by, uint32_t key,
			   uint64_t at_s)
{
	return offers_add(&offers, mem, made_sdp(text), by, key, at_s * S);
}

static void answer(struct offer *o, const char *text, uint64_t at_s)
{
	offer_answered(o, mem, made_sdp(text), at_s * S);
}

static const struct cdr_offer *result(void)
{
	cdr_free(cdr);
	cdr = cdr_new(CDR_CALL);
	offers_result(&offers, names, cdr);
	ck_assert_uint_eq(cdr->call.offers_n, offers.n);
	return cdr->call.offers;
}

static const struct cdr_offer_media *first_line(void)
{
	return &result()->media[0];
}

/* "PCMA/8000 opus/48000" */
static const char *joined(const struct cdr_strings *list)
{
	static char out[512];
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < list->n; i++)
		at += (size_t)snprintf(out + at, sizeof(out) - at, "%s%.*s",
				       i ? " " : "", SLICE_ARG(list->v[i]));
	return out;
}

/* --- m-lines -------------------------------------------------------------- */

#define BUNDLE "a=group:BUNDLE 0\n"
#define WEB(port, more)                                                        \
	"m=audio " port " UDP/TLS/RTP/SAVPF 111 0\na=mid:0\n"                  \
	"a=rtpmap:111 opus/48000/2\n" more

/* An offer and its answer; NULL: none comes. */
static const struct {
	const char *name, *offer, *answer;
	const char *codecs, *negotiated;
	const char *direction, *answer_direction;
	const char *bundled, *rtcp_mux;
	uint32_t port, answer_port;
	bool bundle, rejected;
} lines[] = {
	{.name = "plain",
	 .offer = "m=audio 4000 RTP/AVP 8 0 101\n"
		  "a=rtpmap:101 telephone-event/8000\n",
	 .answer = "m=audio 5000 RTP/AVP 8 101\n"
		   "a=rtpmap:101 telephone-event/8000\n",
	 .codecs = "PCMA/8000 PCMU/8000 telephone-event/8000",
	 .negotiated = "PCMA/8000 telephone-event/8000",
	 .direction = "sendrecv",
	 .answer_direction = "sendrecv",
	 .bundled = "false",
	 .rtcp_mux = "false",
	 .port = 4000,
	 .answer_port = 5000},
	{.name = "nobody answers",
	 .offer = "m=audio 4000 RTP/AVP 8\na=rtcp-mux\n",
	 .codecs = "PCMA/8000",
	 .negotiated = "",
	 .direction = "sendrecv",
	 .port = 4000,
	 .answer_port = CDR_NO_U32},
	{.name = "on hold (RFC 3264, 8.4)",
	 .offer = "m=audio 4000 RTP/AVP 8\na=sendonly\n",
	 .answer = "m=audio 5000 RTP/AVP 8\na=recvonly\n",
	 .codecs = "PCMA/8000",
	 .negotiated = "PCMA/8000",
	 .direction = "sendonly",
	 .answer_direction = "recvonly",
	 .bundled = "false",
	 .rtcp_mux = "false",
	 .port = 4000,
	 .answer_port = 5000},
	{.name = "both want the bundle",
	 .offer = BUNDLE WEB("9", "a=rtcp-mux\n"),
	 .answer = BUNDLE WEB("9", "a=rtcp-mux\n"),
	 .codecs = "opus/48000 PCMU/8000",
	 .negotiated = "opus/48000 PCMU/8000",
	 .direction = "sendrecv",
	 .answer_direction = "sendrecv",
	 .bundled = "true",
	 .rtcp_mux = "true",
	 .port = 9,
	 .answer_port = 9,
	 .bundle = true},
	{.name = "the answer wants neither",
	 .offer = BUNDLE WEB("9", "a=rtcp-mux\n"),
	 .answer = WEB("5000", ""),
	 .codecs = "opus/48000 PCMU/8000",
	 .negotiated = "opus/48000 PCMU/8000",
	 .direction = "sendrecv",
	 .answer_direction = "sendrecv",
	 .bundled = "false",
	 .rtcp_mux = "false",
	 .port = 9,
	 .answer_port = 5000,
	 .bundle = true},
	{.name = "the answer may not begin it (RFC 9143, 7.3; RFC 5761, 5.1.1)",
	 .offer = WEB("4000", ""),
	 .answer = BUNDLE WEB("5000", "a=rtcp-mux\n"),
	 .codecs = "opus/48000 PCMU/8000",
	 .negotiated = "opus/48000 PCMU/8000",
	 .direction = "sendrecv",
	 .answer_direction = "sendrecv",
	 .bundled = "false",
	 .rtcp_mux = "false",
	 .port = 4000,
	 .answer_port = 5000},
	/* What a refused line lists says nothing (RFC 3264, 6). */
	{.name = "the answer refuses the line",
	 .offer = "m=audio 4000 RTP/AVP 8 0\n",
	 .answer = "m=audio 0 RTP/AVP 8\n",
	 .codecs = "PCMA/8000 PCMU/8000",
	 .negotiated = "",
	 .direction = "sendrecv",
	 .answer_direction = "sendrecv",
	 .bundled = "false",
	 .rtcp_mux = "false",
	 .port = 4000,
	 .answer_port = 0,
	 .rejected = true},
	{.name = "the offer has given the line up",
	 .offer = "m=audio 0 RTP/AVP 8\n",
	 .answer = "m=audio 0 RTP/AVP 8\n",
	 .codecs = "PCMA/8000",
	 .negotiated = "",
	 .direction = "sendrecv",
	 .answer_direction = "sendrecv",
	 .bundled = "false",
	 .rtcp_mux = "false",
	 .answer_port = 0,
	 .rejected = true},
	{.name = "no RTP",
	 .offer = "m=image 4000 udptl t38\n",
	 .answer = "m=image 5000 udptl t38\n",
	 .codecs = "t38",
	 .negotiated = "t38",
	 .direction = "sendrecv",
	 .answer_direction = "sendrecv",
	 .bundled = "false",
	 .rtcp_mux = "false",
	 .port = 4000,
	 .answer_port = 5000},
	{.name = "a number without a meaning",
	 .offer = "m=audio 4000 RTP/AVP 99\n",
	 .codecs = "99",
	 .negotiated = "",
	 .direction = "sendrecv",
	 .port = 4000,
	 .answer_port = CDR_NO_U32},
	{.name = "the answer has no such line",
	 .offer = "m=audio 4000 RTP/AVP 8\n",
	 .answer = "",
	 .codecs = "PCMA/8000",
	 .negotiated = "",
	 .direction = "sendrecv",
	 .bundled = "false",
	 .rtcp_mux = "false",
	 .port = 4000,
	 .answer_port = CDR_NO_U32},
};

static void ck_name(const char *row, const char *got, const char *want)
{
	ck_assert_msg(!want ? !got : got && !strcmp(got, want), "%s: %s", row,
		      got ? got : "null");
}

START_TEST(line)
{
	char text[1024];
	const struct cdr_offer_media *m;
	const char *name = lines[_i].name;
	struct offer *o;

	snprintf(text, sizeof(text), "%s%s", SDP_HEAD("1"), lines[_i].offer);
	o = offer(text, 0, 1, 1);
	if (lines[_i].answer) {
		snprintf(text, sizeof(text), "%s%s", SDP_HEAD("2"),
			 lines[_i].answer);
		answer(o, text, 2);
	}
	m = first_line();
	ck_name(name, joined(&m->codecs), lines[_i].codecs);
	ck_name(name, joined(&m->negotiated), lines[_i].negotiated);
	ck_name(name, m->direction, lines[_i].direction);
	ck_name(name, m->answer_direction, lines[_i].answer_direction);
	ck_name(name, m->bundled, lines[_i].bundled);
	ck_name(name, m->rtcp_mux, lines[_i].rtcp_mux);
	ck_assert_msg(m->port == lines[_i].port, "%s: %u", name, m->port);
	ck_assert_msg(m->answer_port == lines[_i].answer_port, "%s: %u", name,
		      m->answer_port);
	ck_assert_msg(m->bundle == lines[_i].bundle, "%s", name);
	ck_assert_msg(m->rejected == lines[_i].rejected, "%s", name);
}
END_TEST

/* --- the whole ------------------------------------------------------------ */

#define TEXT(version) SDP_HEAD(version) "m=audio 4000 RTP/AVP 8 0\n"

START_TEST(times_and_versions)
{
	const struct cdr_offer *o;

	answer(offer(TEXT("7"), 1, 1, 3), TEXT("9"), 4);
	o = result();
	ck_assert_uint_eq(o->time, 3 * S);
	ck_assert_str_eq(o->by, "callee");
	ck_assert_uint_eq(o->version, 7);
	ck_assert_str_eq(o->state, "answered");
	ck_assert(o->answered);
	ck_assert_uint_eq(o->answer_time, 4 * S);
	ck_assert_uint_eq(o->answer_version, 9);
	ck_assert_str_eq(o->ice_lite, "false");
	ck_assert_str_eq(o->answer_ice_lite, "false");
}
END_TEST

START_TEST(nothing_is_known_of_no_answer)
{
	const struct cdr_offer *o;

	offer("v=0\no=x y z IN IP4 1.2.3.4\ns=-\nt=0 0\na=ice-lite\n", 0, 1, 3);
	o = result();
	ck_assert_uint_eq(o->version, UINT64_MAX);
	ck_assert_str_eq(o->state, "pending");
	ck_assert(!o->answered);
	ck_assert_uint_eq(o->answer_time, 0);
	ck_assert_uint_eq(o->answer_version, UINT64_MAX);
	ck_assert_str_eq(o->ice_lite, "true");
	ck_assert_ptr_null(o->answer_ice_lite);
	ck_assert_uint_eq(o->media_n, 0);
}
END_TEST

/* The status of what carried it, before and after an answer. */
static const struct {
	const char *name, *state;
	unsigned status;
	bool answered;
} refusals[] = {
	{"busy", "refused", 486, false},
	{"not acceptable here", "refused", 488, false},
	{"glare (RFC 3261, 14.1)", "glare", 491, false},
	{"answered in a 183, then the call failed", "answered", 486, true},
	{"answered, then 491", "answered", 491, true},
};

START_TEST(refused)
{
	struct offer *o = offer(TEXT("1"), 0, 1, 1);

	if (refusals[_i].answered)
		answer(o, TEXT("1"), 2);
	offer_refused(o, refusals[_i].status);
	ck_name(refusals[_i].name, result()->state, refusals[_i].state);
}
END_TEST

START_TEST(the_latest_of_a_party)
{
	struct offer *a1 = offer(TEXT("1"), 0, 10, 1);
	struct offer *b1 = offer(TEXT("1"), 1, 10, 2);
	struct offer *a2 = offer(TEXT("2"), 0, 11, 3);

	ck_assert_ptr_eq(offers_of(&offers, 0, 10, false), a1);
	ck_assert_ptr_eq(offers_of(&offers, 0, 11, false), a2);
	ck_assert_ptr_eq(offers_of(&offers, 0, 12, false), NULL);
	ck_assert_ptr_eq(offers_of(&offers, 0, 0, true), a2);
	ck_assert_ptr_eq(offers_of(&offers, 1, 0, true), b1);
	ck_assert_ptr_eq(offers_of(&offers, 1, 11, false), NULL);
}
END_TEST

/* 183 of one fork, 200 of another: what the last one says holds, and the
 * time is that of the first. */
START_TEST(forks)
{
	struct offer *o = offer(SDP_HEAD("1") "m=audio 4000 RTP/AVP 8 0\n"
					      "m=video 4002 RTP/AVP 31\n",
				0, 1, 1);
	const struct cdr_offer *out;

	answer(o,
	       SDP_HEAD("5") "m=audio 5000 RTP/AVP 0\na=inactive\n"
			     "m=video 0 RTP/AVP 31\n",
	       2);
	answer(o,
	       SDP_HEAD("8") "m=audio 6000 RTP/AVP 8\n"
			     "m=video 6002 RTP/AVP 31\n",
	       4);
	out = result();
	ck_assert_uint_eq(out->answer_time, 2 * S);
	ck_assert_uint_eq(out->answer_version, 8);
	ck_assert_uint_eq(out->media[0].answer_port, 6000);
	ck_assert_str_eq(out->media[0].answer_direction, "sendrecv");
	ck_assert_str_eq(joined(&out->media[0].negotiated), "PCMA/8000");
	ck_assert_uint_eq(out->media[1].answer_port, 6002);
	ck_assert(!out->media[1].rejected);
	ck_assert_str_eq(joined(&out->media[1].negotiated), "H261/90000");
}
END_TEST

/* The same answer is sent again and again: it costs no memory. */
START_TEST(repeated_answers)
{
	struct offer *o = offer(TEXT("1"), 0, 1, 1);
	size_t size;

	answer(o, TEXT("1"), 2);
	size = arena_size(mem);
	for (unsigned i = 0; i < 1000; i++)
		answer(o, TEXT("1"), 3);
	ck_assert_uint_eq(arena_size(mem), size);
}
END_TEST

START_TEST(limit)
{
	for (unsigned i = 0; i < 250; i++)
		offer(TEXT("1"), 0, i, i);
	ck_assert_uint_eq(offers.n, 200);
	ck_assert_ptr_null(offer(TEXT("1"), 0, 1, 1));
	result();
}
END_TEST

START_TEST(memory_runs_out)
{
	for (unsigned n = 1; n < 20; n++) {
		struct offer *o;

		offers = (struct offers){0};
		arena_fail_at(n);
		o = offer(TEXT("1"), 0, 1, 1);
		if (o)
			answer(o, TEXT("2"), 2);
		arena_fail_at(0);
		ck_assert_uint_eq(offers.n, o != NULL);
		arena_fail_at(n);
		cdr_free(cdr);
		cdr = cdr_new(CDR_CALL);
		if (cdr)
			offers_result(&offers, names, cdr);
		arena_fail_at(0);
	}
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int main(void)
{
	Suite *s = suite_create("offers");
	TCase *t = tcase_create("offers");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, line, 0, COUNT(lines));
	tcase_add_test(t, times_and_versions);
	tcase_add_test(t, nothing_is_known_of_no_answer);
	tcase_add_loop_test(t, refused, 0, COUNT(refusals));
	tcase_add_test(t, the_latest_of_a_party);
	tcase_add_test(t, forks);
	tcase_add_test(t, repeated_answers);
	tcase_add_test(t, limit);
	tcase_add_test(t, memory_runs_out);
	suite_add_tcase(s, t);
	return run_suite(s);
}
