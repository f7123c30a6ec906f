/*
 * HEP to a collector: datagrams, streams that break, one that comes later, a
 * queue that is full, an end that does not wait. Sockets of the loopback
 * interface.
 */
#include <arpa/inet.h>
#include <check.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sniffer/collector/sender.h"
#include "tests/run_suite.h"

#define WAIT_MS 60000

static void say(void *arg, const char *line)
{
	(void)arg;
	(void)line;
}

/* A port that is bound, or was: *fd. */
static int local(int type, int *fd)
{
	struct sockaddr_in sa = {.sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(sa);

	*fd = socket(AF_INET, type, 0);
	ck_assert_int_eq(bind(*fd, (struct sockaddr *)&sa, len), 0);
	getsockname(*fd, (struct sockaddr *)&sa, &len);
	return ntohs(sa.sin_port);
}

static struct sender *open_to(const char *how, int port,
			      struct sender_config sc)
{
	static char to[64];
	char why[SENDER_WHY];
	struct sender *s;

	snprintf(to, sizeof(to), "%s:127.0.0.1:%d", how, port);
	sc.to = to;
	sc.say = say;
	if (!sc.queue_bytes)
		sc.queue_bytes = 1 << 20;
	ck_assert_int_eq(sender_open(&s, &sc, why), 0);
	ck_assert_int_eq(sender_start(s), 0);
	return s;
}

static struct sender_stats stats_of(struct sender *s)
{
	struct sender_stats st;

	sender_stats(s, &st);
	return st;
}

static bool readable(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, WAIT_MS) == 1;
}

static void expect(int fd, const char *text)
{
	size_t want = strlen(text), have = 0;
	char buf[4096];

	while (have < want && readable(fd)) {
		ssize_t n = recv(fd, buf + have, want - have, 0);

		if (n <= 0)
			break;
		have += (size_t)n;
	}
	ck_assert_uint_eq(have, want);
	ck_assert_mem_eq(buf, text, want);
}

START_TEST(datagrams)
{
	int fd, port = local(SOCK_DGRAM, &fd);
	struct sender *s = open_to("udp", port, (struct sender_config){0});
	char buf[16];

	sender_put(s, SLICE("one"));
	sender_put(s, SLICE("three"));
	ck_assert(readable(fd));
	ck_assert_int_eq(recv(fd, buf, sizeof(buf), 0), 3);
	ck_assert(readable(fd));
	ck_assert_int_eq(recv(fd, buf, sizeof(buf), 0), 5);
	sender_finish(s, WAIT_MS);
	ck_assert_uint_eq(stats_of(s).sent, 2);
	ck_assert_uint_eq(stats_of(s).bytes, 8);
	sender_free(s);
	close(fd);
}
END_TEST

/* Nothing that was put before the end is lost. */
START_TEST(stream)
{
	int fd, port = local(SOCK_STREAM, &fd), in;
	struct sender *s;

	ck_assert_int_eq(listen(fd, 4), 0);
	s = open_to("tcp", port, (struct sender_config){.wait = true});
	for (int i = 0; i < 100; i++)
		sender_put(s, SLICE("0123456789"));
	ck_assert(readable(fd));
	in = accept(fd, NULL, NULL);
	for (int i = 0; i < 100; i++)
		expect(in, "0123456789");
	sender_finish(s, WAIT_MS);
	ck_assert_uint_eq(stats_of(s).sent, 100);
	ck_assert_uint_eq(stats_of(s).dropped, 0);
	sender_free(s);
	close(in);
	close(fd);
}
END_TEST

/* It hangs up, and is there again: what comes then arrives. */
START_TEST(broken)
{
	int fd, port = local(SOCK_STREAM, &fd), in;
	struct sender *s;

	ck_assert_int_eq(listen(fd, 4), 0);
	s = open_to("tcp", port, (struct sender_config){0});
	sender_put(s, SLICE("first"));
	ck_assert(readable(fd));
	in = accept(fd, NULL, NULL);
	expect(in, "first");
	close(in);
	sender_put(s, SLICE("second"));
	ck_assert(readable(fd));
	in = accept(fd, NULL, NULL);
	expect(in, "second");
	sender_free(s);
	close(in);
	close(fd);
}
END_TEST

START_TEST(comes_later)
{
	int fd, port = local(SOCK_STREAM, &fd), in;
	struct sender *s = open_to("tcp", port, (struct sender_config){0});

	sender_put(s, SLICE("patience"));
	for (int i = 0; i < WAIT_MS / 10 && stats_of(s).waiting; i++)
		poll(NULL, 0, 10);
	ck_assert_int_eq(listen(fd, 4), 0);
	ck_assert(readable(fd));
	in = accept(fd, NULL, NULL);
	expect(in, "patience");
	sender_free(s);
	close(in);
	close(fd);
}
END_TEST

/* Nobody is there: a live run goes on, and counts. */
START_TEST(full)
{
	int fd, port = local(SOCK_STREAM, &fd);
	struct sender *s = open_to("tcp", port,
				   (struct sender_config){.queue_bytes = 1000});
	uint8_t packet[96] = {0};

	for (int i = 0; i < 100000; i++)
		sender_put(s, slice_of(packet, sizeof(packet)));
	ck_assert_uint_le(stats_of(s).waiting, 1000);
	sender_finish(s, 0);
	ck_assert_uint_eq(stats_of(s).sent, 0);
	ck_assert_uint_eq(stats_of(s).dropped, 100000);
	sender_free(s);
	close(fd);
}
END_TEST

/* Of a file it waits, until the user ends it. */
START_TEST(stopped)
{
	atomic_bool stop = true;
	int fd, port = local(SOCK_STREAM, &fd);
	struct sender *s = open_to("tcp", port,
				   (struct sender_config){.queue_bytes = 1000,
							  .wait = true,
							  .stop = &stop});
	uint8_t packet[96] = {0};

	for (int i = 0; i < 50; i++)
		sender_put(s, slice_of(packet, sizeof(packet)));
	sender_finish(s, WAIT_MS);
	ck_assert_uint_eq(stats_of(s).dropped, 50);
	sender_free(s);
	close(fd);
}
END_TEST

START_TEST(nobody_listens)
{
	int fd, port = local(SOCK_DGRAM, &fd);
	struct sender *s;

	close(fd);
	s = open_to("udp", port, (struct sender_config){0});
	for (int i = 0; i < WAIT_MS / 10 && !stats_of(s).refused; i++) {
		sender_put(s, SLICE("hello"));
		poll(NULL, 0, 10);
	}
	ck_assert_uint_gt(stats_of(s).refused, 0);
	sender_free(s);
}
END_TEST

static const struct {
	const char *to, *ca, *want;
} wrong[] = {
	{"udp:here", NULL, "give udp:, tcp: or tls:"},
	{"tls:127.0.0.1:9061", "/nonexistent", "/nonexistent"},
};

START_TEST(not_opened)
{
	struct sender_config sc = {.to = wrong[_i].to,
				   .ca = wrong[_i].ca,
				   .queue_bytes = 1000,
				   .say = say};
	char why[SENDER_WHY];
	struct sender *s;

	ck_assert_int_lt(sender_open(&s, &sc, why), 0);
	ck_assert_msg(strstr(why, wrong[_i].want), "%s", why);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sender");
	TCase *t = tcase_create("sender");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, datagrams);
	tcase_add_test(t, stream);
	tcase_add_test(t, broken);
	tcase_add_test(t, comes_later);
	tcase_add_test(t, full);
	tcase_add_test(t, stopped);
	tcase_add_test(t, nobody_listens);
	tcase_add_loop_test(t, not_opened, 0, sizeof(wrong) / sizeof(wrong[0]));
	suite_add_tcase(s, t);
	return run_suite(s);
}
