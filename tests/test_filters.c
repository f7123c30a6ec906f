/* The filters of system calls: what each kind of thread may do and what it may
 * not, tried in a process of its own for each row. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "run_suite.h"
#include "sniffer/filters.h"

/* --- what is tried: 0 or errno -------------------------------------------- */

static int outcome(long result)
{
	return result < 0 ? errno : 0;
}

static int try_exec(void)
{
	char name[] = "true";
	char *const argv[] = {name, NULL};

	return outcome(execve("/bin/true", argv, argv + 1));
}

static int try_fork(void)
{
	pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

	if (!pid)
		_exit(0);
	return outcome(pid);
}

static int try_ptrace(void)
{
	return outcome(ptrace(PTRACE_TRACEME, 0, 0, 0));
}

static int try_inet(void)
{
	return outcome(socket(AF_INET, SOCK_STREAM, 0));
}

static int try_packet(void)
{
	int err = outcome(socket(AF_PACKET, SOCK_RAW, 0));

	return err == EPERM && geteuid() ? 0 : err; /* of its rights, then */
}

static int try_connect(void)
{
	const struct sockaddr_in to = {.sin_family = AF_INET};

	/* -1: what the kernel says of it is EBADF */
	return outcome(connect(-1, (const void *)&to, sizeof(to)));
}

static int try_read_file(void)
{
	return outcome(open("/dev/null", O_RDONLY | O_CLOEXEC));
}

static int try_write_file(void)
{
	return outcome(open("/dev/null", O_WRONLY | O_CLOEXEC));
}

static int try_unlink(void)
{
	return outcome(unlink("/nonexistent/file")); /* ENOENT */
}

static int try_executable(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? errno : 0;
}

static int try_make_executable(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return errno;
	return outcome(mprotect(p, 4096, PROT_READ | PROT_WRITE | PROT_EXEC));
}

static int try_memory(void)
{
	char *p = malloc(50 << 20), *q;
	int err = p ? 0 : ENOMEM;

	if (p)
		p[1 << 20] = 1;
	q = realloc(p, 60 << 20);
	free(q ? q : p);
	return q ? err : ENOMEM;
}

static int try_kill(void)
{
	return outcome(kill(getppid(), 0));
}

static int try_setuid(void)
{
	return outcome(syscall(SYS_setuid, getuid()));
}

static int try_newest(void)
{
	return outcome(syscall(9999)); /* of a kernel to come */
}

static void *nothing(void *arg)
{
	return arg;
}

static int try_thread(void)
{
	pthread_t t;
	int err = pthread_create(&t, NULL, nothing, NULL);

	return err ? err : pthread_join(t, NULL);
}

/* --- rows ----------------------------------------------------------------- */

#define OF(kind) (1u << (kind))
#define ALL_KINDS                                                              \
	(OF(THREAD_CORE) | OF(THREAD_CAPTURE) | OF(THREAD_MEDIA) |             \
	 OF(THREAD_STORE) | OF(THREAD_SPOOL) | OF(THREAD_WEB))
#define FILES                                                                  \
	(OF(THREAD_CORE) | OF(THREAD_STORE) | OF(THREAD_SPOOL) | OF(THREAD_WEB))
#define CONNECTS (OF(THREAD_STORE) | OF(THREAD_WEB))

static const struct {
	const char *name;
	int (*try)(void);
	unsigned kinds; /* that may */
	int may;    /* errno of those that may: 0, or what the kernel says */
	int others; /* errno of the others; EAGAIN: of pthread_create() */
} rows[] = {
	{"execve", try_exec, 0, 0, EPERM},
	{"fork", try_fork, 0, 0, ENOSYS},
	{"ptrace", try_ptrace, 0, 0, EPERM},
	{"kill", try_kill, 0, 0, EPERM},
	{"setuid", try_setuid, 0, 0, EPERM},
	{"executable memory", try_executable, 0, 0, ENOSYS},
	{"memory made executable", try_make_executable, 0, 0, ENOSYS},
	{"a call of a later kernel", try_newest, 0, 0, ENOSYS},
	{"memory", try_memory, ALL_KINDS, 0, 0},
	{"socket of the internet", try_inet, CONNECTS | OF(THREAD_CAPTURE), 0,
	 EPERM},
	{"socket of devices", try_packet, OF(THREAD_CAPTURE), 0, -1},
	{"connect", try_connect, CONNECTS, EBADF, EPERM},
	{"file read", try_read_file, FILES | OF(THREAD_CAPTURE), 0, EPERM},
	{"file written", try_write_file, FILES, 0, -1},
	{"file removed", try_unlink, FILES, ENOENT, EPERM},
	{"thread", try_thread,
	 OF(THREAD_CORE) | OF(THREAD_STORE) | OF(THREAD_WEB), 0, -1},
};

#define ROWS ((int)(sizeof(rows) / sizeof(rows[0])))

/* In a process of its own: 0 to 254, the outcome; 255: no filter here. */
static int run_row(int row, enum thread_kind kind)
{
	struct filters *f;
	char why[FILTERS_WHY];
	int status;
	pid_t pid = fork();

	if (!pid) {
		if (filters_new(&f, why) ||
		    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
		    filters_enter(f, kind))
			_exit(255);
		filters_free(f);
		_exit(rows[row].try());
	}
	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status), "%s, kind %d: killed by %d",
		      rows[row].name, kind, WTERMSIG(status));
	return WEXITSTATUS(status);
}

static bool sanitized(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	return true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
	return true;
#endif
#endif
	return false;
}

/* A leak checker may do more (filter_calls.c). */
START_TEST(kinds)
{
	for (int k = THREAD_CORE; k <= THREAD_WEB && !sanitized(); k++) {
		bool may = rows[_i].kinds & OF(k);
		int got = run_row(_i, (enum thread_kind)k);

		if (got == 255)
			return; /* a kernel without filters */
		if (may)
			ck_assert_msg(got == rows[_i].may, "%s, kind %d: %s",
				      rows[_i].name, k, strerror(got));
		else if (rows[_i].others < 0)
			ck_assert_msg(got, "%s, kind %d", rows[_i].name, k);
		else
			ck_assert_msg(got == rows[_i].others, "%s, kind %d: %s",
				      rows[_i].name, k, strerror(got));
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("filters");
	TCase *tc = tcase_create("kinds");

	suite_add_tcase(s, tc);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, kinds, 0, ROWS);
	return run_suite(s);
}
