/* The socket of "callscope status": who asks gets what was answered; hostile
 * and slow clients, a socket that was left over. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "sniffer/status_socket.h"
#include "tests/run_suite.h"

enum {
	LARGE = 1 << 20
};

static char dir[4096];
static char why[STATUS_WHY];
static struct status_socket *sock;
static struct outbuf got;

static void setup(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(dir, sizeof(dir), "%s/callscope-XXXXXX", tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void teardown(void)
{
	status_socket_close(sock);
	sock = NULL;
	outbuf_free(&got);
	rmdir(dir);
}

/* arg: whether it warns. */
static bool answer(void *arg, bool json, struct outbuf *out)
{
	const bool *wrong = arg;

	if (json)
		for (unsigned i = 0; i < LARGE; i++)
			outbuf_char(out, 'j');
	else
		outbuf_str(out, "well\n");
	return *wrong;
}

static void begin(bool *wrong)
{
	ck_assert_msg(!status_socket_open(&sock, dir, answer, wrong, why), "%s",
		      why);
}

START_TEST(asked)
{
	bool wrong = _i, told = !wrong;

	begin(&wrong);
	ck_assert(!status_socket_ask(dir, false, &got, &told, why));
	ck_assert(told == wrong);
	ck_assert(got.len == 5 && !memcmp(got.p, "well\n", 5));
	outbuf_reset(&got);
	ck_assert(!status_socket_ask(dir, true, &got, &told, why));
	ck_assert_uint_eq(got.len, LARGE);
}
END_TEST

START_TEST(mode)
{
	char path[sizeof(dir) + 32];
	bool wrong = false;
	struct stat st;

	begin(&wrong);
	snprintf(path, sizeof(path), "%s/status.sock", dir);
	ck_assert(!stat(path, &st));
	ck_assert_uint_eq(st.st_mode, S_IFSOCK | 0600);
	status_socket_close(sock);
	sock = NULL;
	ck_assert(stat(path, &st) && errno == ENOENT);
}
END_TEST

START_TEST(nobody)
{
	bool wrong = false;

	ck_assert_int_eq(status_socket_ask(dir, false, &got, &wrong, why),
			 -ENOENT);
	ck_assert_ptr_nonnull(strstr(why, "no live capture runs"));
	ck_assert_int_eq(
		status_socket_ask("/nowhere/at/all", false, &got, &wrong, why),
		-ENOENT);
}
END_TEST

/* A file that lies there is of a run that died. */
START_TEST(left_over)
{
	char path[sizeof(dir) + 32];
	bool wrong = false;
	int fd;

	snprintf(path, sizeof(path), "%s/status.sock", dir);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	ck_assert_int_ge(fd, 0);
	close(fd);
	begin(&wrong);
	ck_assert(!status_socket_ask(dir, false, &got, &wrong, why));
}
END_TEST

/* Clients that say nothing of use, or go at once, do not stop it. */
START_TEST(bad_clients)
{
	static const char *const said[] = {"", "x", "quit\n",
					   "jsonjsonjsonjsonjsonjson"};
	bool wrong = false;

	begin(&wrong);
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		struct sockaddr_un sa = {.sun_family = AF_UNIX};
		int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

		ck_assert_int_ge(fd, 0);
		ck_assert_uint_lt((size_t)snprintf(sa.sun_path,
						   sizeof(sa.sun_path),
						   "%.80s/status.sock", dir),
				  sizeof(sa.sun_path));
		ck_assert(!connect(fd, (struct sockaddr *)&sa, sizeof(sa)));
		if (*said[i])
			ck_assert(write(fd, said[i], strlen(said[i])) > 0);
		close(fd);
	}
	ck_assert(!status_socket_ask(dir, false, &got, &wrong, why));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("status_socket");
	TCase *tc = tcase_create("socket");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, asked, 0, 2);
	tcase_add_test(tc, mode);
	tcase_add_test(tc, nobody);
	tcase_add_test(tc, left_over);
	tcase_add_test(tc, bad_clients);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
