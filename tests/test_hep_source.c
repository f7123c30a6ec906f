/*
 * HEP from agents: what is let in, from when it is, what frame it becomes;
 * streams cut anywhere, peers that are slow or too many. Sockets of the
 * loopback interface, ports that are free.
 */
#include <arpa/inet.h>
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "dissectors/hep.h"
#include "sniffer/base/peer.h"
#include "sniffer/capture/hep_source.h"
#include "tests/run_suite.h"

#define SEC	   UINT64_C(1000000000)
#define FRAMES_MAX 64
#define ROUNDS	   2000 /* until something must have happened: a minute */

static const char sip[] = "OPTIONS sip:b@x SIP/2.0\r\n\r\n";

struct agent {
	struct source *s;
	int fd;
	struct frame v[FRAMES_MAX]; /* of the last read */
	size_t n;
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * SEC + (uint64_t)ts.tv_nsec;
}

static int port_of(const struct source *s)
{
	char places[128];
	const char *colon;

	hep_source_places(s, places, sizeof(places));
	colon = strrchr(places, ':');
	ck_assert_ptr_nonnull(colon);
	return atoi(colon + 1);
}

static int connect_to(int port, int type)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, type, 0);

	ck_assert_int_eq(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

/* Also a connection, of tcp. */
static struct agent agent_new(const char *at, struct hep_listen_options lo)
{
	struct agent a = {.n = 0};
	char why[SOURCE_ERROR_MAX];
	int rc;

	lo.listen = &at;
	lo.listen_n = 1;
	if (!lo.skew_ns)
		lo.skew_ns = 600 * SEC;
	if (!lo.idle_ns)
		lo.idle_ns = 60 * SEC;
	if (!lo.connections)
		lo.connections = 4;
	rc = hep_source_open(&a.s, &lo, why, sizeof(why));
	ck_assert_msg(!rc, "%s", why);
	a.fd = connect_to(port_of(a.s), *at == 'u' ? SOCK_DGRAM : SOCK_STREAM);
	return a;
}

static void agent_close(struct agent *a)
{
	close(a->fd);
	source_close(a->s);
}

static uint64_t count(const struct agent *a, enum hep_count what)
{
	uint64_t v[HEP_COUNTS];

	hep_source_counts(a->s, v);
	return v[what];
}

/* Reads until there are frames, or that was counted so often. */
static void read_until(struct agent *a, enum hep_count what, uint64_t n)
{
	for (int i = 0; i < ROUNDS && count(a, what) < n; i++) {
		int got = source_read(a->s, a->v, FRAMES_MAX);

		a->n = got > 0 ? (size_t)got : 0;
	}
	ck_assert_uint_eq(count(a, what), n);
}

static struct hep hep_at(uint64_t ts_ns)
{
	static const uint8_t src[4] = {192, 0, 2, 1}, dst[4] = {192, 0, 2, 2};

	return (struct hep){
		.src = addr_v4(src, 5060),
		.dst = addr_v4(dst, 5062),
		.proto = 17,
		.type = HEP_SIP,
		.seconds = (uint32_t)(ts_ns / SEC),
		.microseconds = (uint32_t)(ts_ns % SEC / 1000),
		.payload = SLICE(sip),
	};
}

static void send_hep(struct agent *a, const struct hep *h)
{
	uint8_t packet[HEP_MAX];
	size_t n = hep_write(packet, h);

	ck_assert_int_eq(send(a->fd, packet, n, MSG_NOSIGNAL), (ssize_t)n);
}

static struct slice tail(const struct frame *f, size_t n)
{
	ck_assert_uint_ge(f->data.len, n);
	return slice_from(f->data, f->data.len - n);
}

/* --- what becomes of it ----------------------------------------------------
 */

START_TEST(datagram)
{
	struct agent a =
		agent_new("udp:127.0.0.1:0", (struct hep_listen_options){0});
	uint64_t then = now_ns() - SEC;
	struct hep h = hep_at(then);
	static const uint8_t head[] = {/* Ethernet, VLAN 7, IPv4 */
				       0, 0, 0,	   0, 0, 0, 0, 0, 0,	0,
				       0, 0, 0x81, 0, 0, 7, 8, 0, 0x45, 0xb8};

	h.vlan = 7;
	h.tos = 0xb8;
	send_hep(&a, &h);
	read_until(&a, HEP_PACKETS, 1);
	ck_assert_uint_eq(a.n, 1);
	ck_assert_uint_eq(a.v[0].linktype, 1);
	ck_assert_uint_eq(a.v[0].ts_ns, then / 1000 * 1000);
	ck_assert_mem_eq(a.v[0].data.p, head, sizeof(head));
	ck_assert_uint_eq(a.v[0].data.len, 14 + 4 + 28 + h.payload.len);
	ck_assert(slice_eq(tail(&a.v[0], h.payload.len), h.payload));
	ck_assert_uint_eq(count(&a, HEP_CLAMPED), 0);
	agent_close(&a);
}
END_TEST

START_TEST(message_of_a_stream)
{
	struct agent a =
		agent_new("udp:127.0.0.1:0", (struct hep_listen_options){0});
	struct hep h = hep_at(now_ns());

	h.proto = 6;
	send_hep(&a, &h);
	read_until(&a, HEP_PACKETS, 1);
	ck_assert_uint_eq(a.v[0].linktype, 252);
	ck_assert(slice_eq(tail(&a.v[0], h.payload.len), h.payload));
	agent_close(&a);
}
END_TEST

/* In the order of arrival, whatever their times. */
START_TEST(order)
{
	struct agent a =
		agent_new("udp:127.0.0.1:0", (struct hep_listen_options){0});
	static const int back[] = {0, 0, 2, 1, 0};
	uint64_t now = now_ns();
	size_t seen = 0;

	for (size_t i = 0; i < 5; i++) {
		struct hep h = hep_at(now - (uint64_t)back[i] * SEC);

		h.payload = slice_of(&"01234"[i], 1);
		send_hep(&a, &h);
	}
	for (int i = 0; i < ROUNDS && seen < 5; i++) {
		int n = source_read(a.s, a.v, FRAMES_MAX);

		for (int k = 0; k < n; k++, seen++)
			ck_assert_uint_eq(*tail(&a.v[k], 1).p, '0' + seen);
	}
	ck_assert_uint_eq(seen, 5);
	agent_close(&a);
}
END_TEST

static const struct {
	const char *name;
	int64_t off_ns;
	bool clamped, kept;
} times[] = {
	{"on time", 0, false, true},
	{"behind", -300 * (int64_t)SEC, false, true},
	{"too far behind", -1200 * (int64_t)SEC, true, false},
	{"ahead", 300 * (int64_t)SEC, false, false},
	{"too far ahead", 3600 * (int64_t)SEC, true, false},
	{"1970", -1, true, false},
	{"2106", 1, true, false},
};

START_TEST(time_of_arrival)
{
	struct agent a =
		agent_new("udp:127.0.0.1:0", (struct hep_listen_options){0});
	uint64_t before = now_ns(), after;
	struct hep h = hep_at(before + (uint64_t)times[_i].off_ns);

	if (times[_i].off_ns == -1)
		h.seconds = 0;
	else if (times[_i].off_ns == 1)
		h.seconds = UINT32_MAX;
	send_hep(&a, &h);
	read_until(&a, HEP_PACKETS, 1);
	after = now_ns();
	ck_assert_uint_eq(count(&a, HEP_CLAMPED), times[_i].clamped);
	if (times[_i].kept)
		ck_assert_uint_eq(a.v[0].ts_ns,
				  h.seconds * SEC + h.microseconds * 1000);
	else
		ck_assert(a.v[0].ts_ns >= before && a.v[0].ts_ns <= after);
	agent_close(&a);
}
END_TEST

/* --- who is let in ---------------------------------------------------------
 */

START_TEST(from_elsewhere)
{
	const char *near[] = {"192.0.2.0/24, ::1", "127.0.0.0/8"};
	struct hep_listen_options lo = {.allow = near, .allow_n = 1};
	struct hep h = hep_at(now_ns());
	struct agent a = agent_new("udp:127.0.0.1:0", lo), b, c;

	send_hep(&a, &h);
	read_until(&a, HEP_NOT_ALLOWED, 1);
	ck_assert_uint_eq(count(&a, HEP_PACKETS), 0);
	agent_close(&a);

	b = agent_new("tcp:127.0.0.1:0", lo);
	read_until(&b, HEP_NOT_ALLOWED, 1);
	ck_assert_uint_eq(count(&b, HEP_OPENED), 0);
	agent_close(&b);

	lo.allow_n = 2;
	c = agent_new("udp:127.0.0.1:0", lo);
	send_hep(&c, &h);
	read_until(&c, HEP_PACKETS, 1);
	agent_close(&c);
}
END_TEST

/* The key is in no frame, also where a packet stays HEP. */
START_TEST(key)
{
	struct hep_listen_options lo = {.key = SLICE("open sesame")};
	struct agent a = agent_new("udp:127.0.0.1:0", lo);
	struct hep h = hep_at(now_ns());

	send_hep(&a, &h);
	h.auth = SLICE("open sesamf");
	send_hep(&a, &h);
	h.auth = SLICE("open sesame!");
	send_hep(&a, &h);
	read_until(&a, HEP_WRONG_KEY, 3);
	h.auth = lo.key;
	h.type = 100;
	send_hep(&a, &h);
	read_until(&a, HEP_PACKETS, 1);
	ck_assert_int_eq(slice_find_slice(a.v[0].data, SLICE("sesame")), -1);
	ck_assert_int_ge(slice_find_slice(a.v[0].data, SLICE("HEP3")), 0);
	agent_close(&a);
}
END_TEST

START_TEST(our_own)
{
	struct hep_listen_options lo = {.own_node = SLICE("probe"),
					.own_id = 9};
	struct agent a = agent_new("udp:127.0.0.1:0", lo);
	struct hep h = hep_at(now_ns());

	h.capture_id = 9;
	h.node = SLICE("probe");
	send_hep(&a, &h);
	read_until(&a, HEP_OWN, 1);
	h.node = SLICE("another");
	send_hep(&a, &h);
	read_until(&a, HEP_PACKETS, 1);
	agent_close(&a);
}
END_TEST

START_TEST(no_hep)
{
	static const struct slice bad[] = {
		SLICE_INIT(""),
		SLICE_INIT("GET / HTTP/1.1\r\n\r\n"),
		SLICE_INIT("HEP3\0\x20"),
		SLICE_INIT("\2\x10\2\x11\x13\xc4\x13\xc4\x0a\0\0\1\x0a\0\0\2"),
	};
	struct agent a =
		agent_new("udp:127.0.0.1:0", (struct hep_listen_options){0});

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		send(a.fd, bad[i].p, bad[i].len, 0);
	read_until(&a, HEP_BAD, 3);
	read_until(&a, HEP_OLD, 1);
	agent_close(&a);
}
END_TEST

/* --- streams ---------------------------------------------------------------
 */

START_TEST(stream)
{
	struct agent a =
		agent_new("tcp:127.0.0.1:0", (struct hep_listen_options){0});
	struct hep h = hep_at(now_ns());
	uint8_t packet[HEP_MAX];
	size_t n = hep_write(packet, &h);

	send(a.fd, packet, n / 2, 0);
	read_until(&a, HEP_OPENED, 1);
	send(a.fd, packet + n / 2, n - n / 2, 0);
	read_until(&a, HEP_PACKETS, 1);
	/* Two at once, a boundary that is lost, and one more. */
	send(a.fd, packet, n, 0);
	send(a.fd, packet, n, 0);
	send(a.fd, packet + 9, n - 9, 0);
	send(a.fd, packet, n, 0);
	read_until(&a, HEP_PACKETS, 4);
	ck_assert_uint_eq(count(&a, HEP_RESYNCS), 1);
	ck_assert_uint_eq(count(&a, HEP_OPEN), 1);
	shutdown(a.fd, SHUT_WR);
	for (int i = 0; i < ROUNDS && count(&a, HEP_OPEN); i++)
		source_read(a.s, a.v, FRAMES_MAX);
	ck_assert_uint_eq(count(&a, HEP_OPEN), 0);
	ck_assert_uint_eq(count(&a, HEP_CUT), 0);
	agent_close(&a);
}
END_TEST

/* More than a batch holds; what comes behind the last is still there. */
START_TEST(many_at_once)
{
	enum {
		MANY = 500
	};
	struct agent a =
		agent_new("tcp:127.0.0.1:0", (struct hep_listen_options){0});
	struct hep h = hep_at(now_ns());

	for (int i = 0; i < MANY; i++)
		send_hep(&a, &h);
	close(a.fd);
	a.fd = -1;
	read_until(&a, HEP_PACKETS, MANY);
	agent_close(&a);
}
END_TEST

START_TEST(too_many)
{
	struct hep_listen_options lo = {.connections = 1};
	struct agent a = agent_new("tcp:127.0.0.1:0", lo);
	int second;

	read_until(&a, HEP_OPENED, 1);
	second = connect_to(port_of(a.s), SOCK_STREAM);
	read_until(&a, HEP_FULL, 1);
	ck_assert_uint_eq(count(&a, HEP_OPEN), 1);
	close(second);
	agent_close(&a);
}
END_TEST

static const struct slice slow[] = {
	SLICE_INIT(""),		/* says nothing */
	SLICE_INIT("HEP3\1\0"), /* goes no further */
	SLICE_INIT("GET / HTTP/1.1\r\n\r\n"),
};

START_TEST(slow_is_cut)
{
	struct hep_listen_options lo = {.idle_ns = SEC / 20};
	struct agent a = agent_new("tcp:127.0.0.1:0", lo);

	if (slow[_i].len)
		send(a.fd, slow[_i].p, slow[_i].len, 0);
	read_until(&a, HEP_CUT, 1);
	ck_assert_uint_eq(count(&a, HEP_OPEN), 0);
	agent_close(&a);
}
END_TEST

/* Who has sent a packet may be silent. */
START_TEST(quiet_is_not)
{
	struct hep_listen_options lo = {.idle_ns = SEC / 20};
	struct agent a = agent_new("tcp:127.0.0.1:0", lo);
	struct hep h = hep_at(now_ns());
	uint64_t until;
	int second;

	send_hep(&a, &h);
	read_until(&a, HEP_PACKETS, 1);
	/* Another one, that is cut, says that the time was over. */
	second = connect_to(port_of(a.s), SOCK_STREAM);
	until = count(&a, HEP_CUT) + 1;
	read_until(&a, HEP_CUT, until);
	ck_assert_uint_eq(count(&a, HEP_OPEN), 1);
	close(second);
	agent_close(&a);
}
END_TEST

START_TEST(stop)
{
	struct agent a =
		agent_new("udp:127.0.0.1:0", (struct hep_listen_options){0});
	struct hep h = hep_at(now_ns());
	atomic_bool over = true;

	a.s->stop = &over;
	send_hep(&a, &h);
	ck_assert_int_eq(source_read(a.s, a.v, FRAMES_MAX), 1);
	ck_assert_int_eq(source_read(a.s, a.v, FRAMES_MAX), 0);
	agent_close(&a);
}
END_TEST

/* --- what does not open ----------------------------------------------------
 */

START_TEST(not_opened)
{
	struct agent a =
		agent_new("tcp:127.0.0.1:0", (struct hep_listen_options){0});
	char at[64], why[SOURCE_ERROR_MAX];
	const char *listen = at;
	struct hep_listen_options lo = {.listen = &listen, .listen_n = 1};
	struct source *s;

	snprintf(at, sizeof(at), "tcp:127.0.0.1:%d", port_of(a.s));
	ck_assert_int_lt(hep_source_open(&s, &lo, why, sizeof(why)), 0);
	ck_assert_ptr_nonnull(strstr(why, at));
	ck_assert_ptr_nonnull(strstr(why, "Address already in use"));
	snprintf(at, sizeof(at), "tls:127.0.0.1:0");
	ck_assert_int_lt(hep_source_open(&s, &lo, why, sizeof(why)), 0);
	ck_assert_ptr_nonnull(strstr(why, "hep-tls-cert"));
	lo.cert = lo.pem = "/nonexistent";
	ck_assert_int_lt(hep_source_open(&s, &lo, why, sizeof(why)), 0);
	ck_assert_ptr_nonnull(strstr(why, "/nonexistent"));
	agent_close(&a);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int main(void)
{
	Suite *s = suite_create("hep_source");
	TCase *t = tcase_create("hep_source");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, datagram);
	tcase_add_test(t, message_of_a_stream);
	tcase_add_test(t, order);
	tcase_add_loop_test(t, time_of_arrival, 0, COUNT(times));
	tcase_add_test(t, from_elsewhere);
	tcase_add_test(t, key);
	tcase_add_test(t, our_own);
	tcase_add_test(t, no_hep);
	tcase_add_test(t, stream);
	tcase_add_test(t, many_at_once);
	tcase_add_test(t, too_many);
	tcase_add_loop_test(t, slow_is_cut, 0, COUNT(slow));
	tcase_add_test(t, quiet_is_not);
	tcase_add_test(t, stop);
	tcase_add_test(t, not_opened);
	suite_add_tcase(s, t);
	return run_suite(s);
}
