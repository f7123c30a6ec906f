/*
 * Live capture on the loopback interface, where the right is given.
 */
#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "sniffer/capture/filter.h"
#include "sniffer/capture/live_source.h"
#include "sniffer/capture/pump_source.h"
#include "tests/run_suite.h"

#define DATAGRAMS 5

static const struct live_options plain = {.promiscuous = true};

/* As the kernel filters, and shared out to two threads. */
static const struct live_options ways[] = {
	{.promiscuous = true},
	{.promiscuous = true, .filter = "udp"},
	{.promiscuous = true, .threads = 2},
};

/* Another one for each process. */
static uint16_t port(void)
{
	return (uint16_t)(20000 + getpid() % 20000);
}

/* NULL, and a line that says so, where it is not allowed. */
static struct source *open_lo(const char *test, const struct live_options *opt)
{
	const struct pump_options po = {.bytes = 0};
	const char *name = "lo";
	char err[SOURCE_ERROR_MAX];
	struct source *in[LIVE_THREADS_MAX], *s;
	size_t n;
	int rc = live_taps_open(in, &n, &name, 1, opt, err, sizeof(err));

	if (!rc) {
		ck_assert_uint_eq(n, opt->threads ? opt->threads : 1);
		ck_assert_int_eq(pump_source_open(&s, in, n, &po), 0);
		return s;
	}
	ck_assert_int_eq(rc, -EPERM);
	ck_assert_ptr_nonnull(strstr(err, "CAP_NET_RAW"));
	ck_assert_ptr_nonnull(
		strstr(err, "setcap cap_net_raw,cap_net_admin+ep /"));
	printf("SKIP %s: no permission to capture\n", test);
	return NULL;
}

static void send_datagrams(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons(port()),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	for (uint8_t i = 0; i < DATAGRAMS; i++)
		ck_assert_int_eq(sendto(fd, &i, 1, 0, (struct sockaddr *)&to,
					sizeof(to)),
				 1);
	close(fd);
}

/* Reads for up to two seconds; the payload of each is its number. */
static size_t read_datagrams(struct source *s, uint64_t from_ns)
{
	size_t seen = 0;

	for (int idle = 0; idle < 20 && seen < DATAGRAMS;) {
		struct frame v[16];
		int n = source_read(s, v, 16);

		idle += n == -EAGAIN;
		ck_assert(n > 0 || n == -EAGAIN);
		for (int i = 0; i < n; i++, seen++) {
			ck_assert_uint_eq(v[i].linktype, 1);
			ck_assert_uint_ge(v[i].ts_ns, from_ns);
			ck_assert_uint_eq(v[i].data.len, 14 + 20 + 8 + 1);
			ck_assert_uint_eq(v[i].wire_len, v[i].data.len);
			ck_assert_uint_eq(v[i].data.p[42], seen);
		}
	}
	return seen;
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* Each packet once, although loopback shows it leaving and arriving. */
START_TEST(loopback)
{
	const struct live_options *opt = &ways[_i];
	char err[SOURCE_ERROR_MAX], expr[64];
	atomic_bool stop = false;
	struct source *s = open_lo("live_loopback", opt);
	struct filter *f;
	uint64_t begin = now_ns();
	struct frame v[16];
	int n;

	snprintf(expr, sizeof(expr), "udp dst port %u", port());
	f = filter_new(expr, err, sizeof(err));
	ck_assert_ptr_nonnull(f);
	if (s) {
		s->filter = f;
		s->stop = &stop;
		send_datagrams();
		ck_assert_uint_eq(read_datagrams(s, begin), DATAGRAMS);
		/* none comes twice, and time goes on without packets */
		do
			n = source_read(s, v, 16);
		while (n == -EAGAIN && source_now_ns(s) < now_ns() - 300000000);
		ck_assert_int_eq(n, -EAGAIN);
		ck_assert_uint_gt(source_now_ns(s), begin - 300000000);
		atomic_store(&stop, true);
		while ((n = source_read(s, v, 16)) == -EAGAIN)
			;
		ck_assert_int_eq(n, 0);
		ck_assert_uint_eq(s->stats.frames, DATAGRAMS);
		ck_assert_uint_eq(s->stats.dropped_kernel, 0);
		ck_assert_uint_eq(s->faults.len, 0);
	}
	source_close(s);
	filter_free(f);
}
END_TEST

START_TEST(unknown_interface)
{
	const char *name = "no-such-if";
	char err[SOURCE_ERROR_MAX];
	struct source *s;
	size_t n;

	ck_assert_int_eq(
		live_taps_open(&s, &n, &name, 1, &plain, err, sizeof(err)),
		-ENODEV);
	ck_assert_ptr_nonnull(strstr(err, "no interface no-such-if"));
	ck_assert_ptr_nonnull(strstr(err, ", lo"));
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("live_source");
	TCase *t = tcase_create("live");

	tcase_add_loop_test(t, loopback, 0, 3);
	tcase_add_test(t, unknown_interface);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
