/* What descriptions on the web are: their kind, whose they are, which is the
 * offer; and two halves of one session that are seen apart. */
#include <check.h>
#include <stdio.h>

#include "tests/made_signal.h"
#include "tests/run_suite.h"

static struct made_engine m;
static struct made_tcp tcp;
static uint64_t ms; /* now */

static void begin(const struct engine_config *cfg)
{
	made_engine_begin(&m, cfg);
	ms = 0;
}

static void setup(void)
{
	struct engine_config cfg = made_engine_config();

	begin(&cfg);
}

static void teardown(void)
{
	made_engine_free(&m);
}

#define PWD "0123456789abcdefghijkl"
#define A   made_at(1, 5000)
#define B   made_at(2, 6000)

static struct made_party party(const char *id, const char *ufrag)
{
	return (struct made_party){
		.id = id, .version = 1, .ufrag = ufrag, .pwd = PWD};
}

static void check(struct addr from, struct addr to, const char *sender,
		  const char *receiver)
{
	static uint32_t tid;
	struct made_check c = {from, to,    sender, receiver,
			       PWD,  false, true,   ++tid};

	made_check(&m, ms, &c);
	ms += 20;
}

static const struct cdr_call *only(void)
{
	made_engine_end(&m);
	return &made_only(&m)->call;
}

/* --- kinds ---------------------------------------------------------------- */

static void http(unsigned from, const char *start, const char *type,
		 const char *body)
{
	char text[2 * MADE_TEXT];
	int n = snprintf(text, sizeof(text),
			 "%s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n"
			 "%s",
			 start, type, strlen(body), body);

	made_tcp_send(&m, ms, &tcp, from, slice_of(text, (size_t)n));
	ms += 10;
}

static void open_tcp(uint16_t port)
{
	made_tcp_open(&m, ms, &tcp, made_at(1, port), made_at(9, 80));
}

#define POST "POST /x HTTP/1.1\r\nHost: h"
#define SDP  "application/sdp"

/* %s stands for the description. */
static const struct {
	const char *name;
	bool ws;
	const char *type, *around; /* NULL: as it is, in JSON */
	const char *more;
	const char *kind;
} kinds[] = {
	{"WHIP", false, SDP, "%s", "a=sendonly\r\n", "whip"},
	{"WHIP, both ways", false, SDP, "%s", "", "whip"},
	{"WHEP", false, SDP, "%s", "a=recvonly\r\n", "whep"},
	{"fetch() of JSON", false, "application/json", NULL, "", "json"},
	{"fetch() of something", false, "text/plain", "sdp=%s", "", "http"},
	{"a WebSocket of JSON", true, NULL, NULL, "", "json"},
	{"a WebSocket of text", true, NULL, "OFFER\r\n%s", "", "websocket"},
};

START_TEST(kind)
{
	struct made_party p = party("1111111111", "aaaa");
	char sdp[MADE_TEXT], text[2 * MADE_TEXT];

	p.more = kinds[_i].more;
	p.setup = "actpass";
	made_description(sdp, &p);
	if (!kinds[_i].around)
		made_json(text, "offer", &p);
	else if (strchr(kinds[_i].around, '\r'))
		snprintf(text, sizeof(text), "OFFER\r\n%s", sdp);
	else
		snprintf(text, sizeof(text), "%s%s",
			 kinds[_i].around[0] == 's' ? "sdp=" : "", sdp);
	open_tcp(40000);
	if (kinds[_i].ws) {
		made_ws_open(&m, ms, &tcp);
		made_ws_text(&m, ms, &tcp, 0, text);
	} else {
		http(0, POST, kinds[_i].type, text);
	}
	made_engine_end(&m);
	ck_assert_msg(m.got_n == 1, "%s: %zu records", kinds[_i].name, m.got_n);
	ck_assert_msg(!strcmp(m.got[0]->call.signalling, kinds[_i].kind),
		      "%s: %s", kinds[_i].name, m.got[0]->call.signalling);
	ck_assert_uint_eq(m.got[0]->call.offers_n, 1);
}
END_TEST

/* --- offer or answer ------------------------------------------------------ */

/* Nothing beside it says what it is: its role, else its place. */
static const struct {
	const char *name, *setup;
	bool response, offer;
} untold[] = {
	{"actpass", "actpass", false, true},
	{"actpass, in a response", "actpass", true, true},
	{"active", "active", false, false},
	{"passive", "passive", false, false},
	{"in a request", NULL, false, true},
	{"in a response", NULL, true, false},
};

START_TEST(offer_or_answer)
{
	struct made_party p = party("1111111111", "aaaa");
	char sdp[MADE_TEXT];
	const struct cdr_call *s;

	p.setup = untold[_i].setup;
	made_description(sdp, &p);
	open_tcp(40000);
	if (untold[_i].response) {
		http(0, POST, "text/plain", "hello");
		http(1, "HTTP/1.1 200 OK", SDP, sdp);
	} else {
		http(0, POST, SDP, sdp);
	}
	s = only();
	ck_assert_msg((s->offers_n == 1) == untold[_i].offer, "%s: %zu offers",
		      untold[_i].name, s->offers_n);
}
END_TEST

/* --- whose it is ---------------------------------------------------------- */

/* Four letters may be another's: the password tells. */
START_TEST(same_ufrag_other_password)
{
	struct made_party p = party("1111111111", "aaaa");
	char text[MADE_TEXT];

	open_tcp(40000);
	made_ws_open(&m, ms, &tcp);
	made_json(text, "offer", &p);
	made_ws_text(&m, ms, &tcp, 0, text);
	p.id = "2222222222";
	if (_i)
		p.pwd = "another-password-altogether";
	made_json(text, "offer", &p);
	made_ws_text(&m, ms, &tcp, 0, text);
	made_engine_end(&m);
	ck_assert_uint_eq(m.got_n, _i ? 2 : 1);
}
END_TEST

/* Each party posts to the server, which tells the other one in a way that
 * cannot be read: two sessions, until a check names both ufrags. */
START_TEST(halves)
{
	struct made_party a = party("1111111111", "aaaa");
	struct made_party b = party("2222222222", "bbbb");
	char text[MADE_TEXT];
	const struct cdr_call *s;

	open_tcp(40000);
	made_json(text, "offer", &a);
	http(0, POST, "application/json", text);
	open_tcp(40001);
	made_json(text, "answer", &b);
	http(0, POST, "application/json", text);
	check(_i ? B : A, _i ? A : B, _i ? "bbbb" : "aaaa",
	      _i ? "aaaa" : "bbbb");
	s = only();
	ck_assert_uint_eq(s->ice_n, 1);
	ck_assert(slice_eq(s->ice[0].a, SLICE("aaaa")));
	ck_assert_uint_eq(s->offers_n, 1);
	ck_assert_str_eq(s->offers[0].by, "a");
	ck_assert_str_eq(s->offers[0].state, "answered");
	ck_assert_uint_eq(s->start, MADE_T0);
}
END_TEST

/* Both are in the middle of their own offers: perfect negotiation. */
START_TEST(glare)
{
	struct made_party a = party("1111111111", "aaaa");
	struct made_party b = party("2222222222", "bbbb");
	char text[MADE_TEXT];
	const struct cdr_call *s;

	open_tcp(40000);
	made_ws_open(&m, ms, &tcp);
	made_json(text, "offer", &a);
	made_ws_text(&m, ms, &tcp, 0, text);
	made_json(text, "answer", &b);
	made_ws_text(&m, ms + 10, &tcp, 1, text);
	a.version = 2;
	b.version = 2;
	made_json(text, "offer", &a);
	made_ws_text(&m, ms + 20, &tcp, 0, text);
	made_json(text, "offer", &b);
	made_ws_text(&m, ms + 21, &tcp, 1, text);
	b.version = 3;
	made_json(text, "answer", &b);
	made_ws_text(&m, ms + 30, &tcp, 1, text);
	s = only();
	ck_assert_uint_eq(s->offers_n, 3);
	ck_assert_str_eq(s->offers[1].state, "answered");
	ck_assert_str_eq(s->offers[1].by, "a");
	ck_assert_uint_eq(s->offers[1].answer_version, 3);
	ck_assert_str_eq(s->offers[2].state, "glare");
	ck_assert_str_eq(s->offers[2].by, "b");
}
END_TEST

/* --- candidates ----------------------------------------------------------- */

#define RELAY                                                                  \
	"candidate:1 1 udp 41885439 10.0.0.9 50000 typ relay raddr 10.0.0.1 "  \
	"rport 5000"

/* The allocation is known; its relayed address is trickled. */
START_TEST(relayed_candidate_is_trickled)
{
	struct made_party a = party("1111111111", "aaaa");
	struct addr client = made_at(3, 5000), server = made_at(9, 3478);
	struct addr relayed = made_at(9, 50000);
	char text[MADE_TEXT];
	struct stun_bytes s;
	const struct cdr_call *c;

	stun_bytes_begin(&s, STUN_REQUEST, TURN_ALLOCATE, 1);
	made_udp(&m, ms, client, server, stun_bytes_slice(&s));
	stun_bytes_begin(&s, STUN_SUCCESS, TURN_ALLOCATE, 1);
	stun_bytes_addr(&s, STUN_ATTR_XOR_RELAYED_ADDRESS, &relayed);
	made_udp(&m, ms + 5, server, client, stun_bytes_slice(&s));
	ms = 20000; /* long after: the host is not why */
	open_tcp(40000);
	made_ws_open(&m, ms, &tcp);
	made_json(text, "offer", &a);
	made_ws_text(&m, ms, &tcp, 0, text);
	made_json_candidate(text, RELAY, "aaaa");
	made_ws_text(&m, ms + 10, &tcp, 0, text);
	c = only();
	ck_assert_uint_eq(c->turn_n, 1);
	ck_assert_uint_eq(c->turn[0].relayed.port, 50000);
	ck_assert_str_eq(c->signalling, "json");
}
END_TEST

/* --- what is none --------------------------------------------------------- */

static const struct {
	const char *name, *body;
} nothing[] = {
	{"no description", "{\"type\":\"offer\",\"sdp\":\"hello\"}"},
	{"no m-line",
	 "{\"type\":\"offer\",\"sdp\":\"v=0\\r\\no=- 1 1 IN IP4 0\\r\\n\"}"},
	{"a rollback", "{\"type\":\"rollback\",\"sdp\":\"\"}"},
	{"end of candidates", "{\"candidate\":\"\",\"sdpMid\":\"0\"}"},
	{"another protocol", "{\"jsonrpc\":\"2.0\",\"method\":\"ping\"}"},
};

START_TEST(no_description)
{
	open_tcp(40000);
	made_ws_open(&m, ms, &tcp);
	made_ws_text(&m, ms, &tcp, 0, nothing[_i].body);
	made_engine_end(&m);
	ck_assert_msg(!m.got_n, "%s", nothing[_i].name);
}
END_TEST

START_TEST(pending_limit)
{
	struct engine_config cfg = made_engine_config();
	struct made_party a = party("1111111111", "aaaa");
	char text[MADE_TEXT];

	teardown();
	cfg.max_pending = 0;
	begin(&cfg);
	open_tcp(40000);
	made_ws_open(&m, ms, &tcp);
	made_json(text, "offer", &a);
	made_ws_text(&m, ms, &tcp, 0, text);
	made_engine_end(&m);
	ck_assert_uint_eq(m.got_n, 0);
	ck_assert_uint_eq(made_counted(&m, "media.pending_limit"), 1);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int main(void)
{
	Suite *s = suite_create("engine_web");
	TCase *t = tcase_create("engine_web");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, kind, 0, COUNT(kinds));
	tcase_add_loop_test(t, offer_or_answer, 0, COUNT(untold));
	tcase_add_loop_test(t, same_ufrag_other_password, 0, 2);
	tcase_add_loop_test(t, halves, 0, 2);
	tcase_add_test(t, glare);
	tcase_add_test(t, relayed_candidate_is_trickled);
	tcase_add_loop_test(t, no_description, 0, COUNT(nothing));
	tcase_add_test(t, pending_limit);
	suite_add_tcase(s, t);
	return run_suite(s);
}
