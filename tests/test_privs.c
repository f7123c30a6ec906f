/* Users and capabilities, files that are given away, what systemd is told,
 * Landlock. What takes root is in e2e/privileges.sh. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run_suite.h"
#include "sniffer/give.h"
#include "sniffer/landlock.h"
#include "sniffer/privs.h"
#include "sniffer/sd_notify.h"

/* --- users ---------------------------------------------------------------- */

static const struct {
	const char *user, *group;
	int err;
	bool found, stay;
} users[] = {
	{"root", NULL, 0, false, true},
	{"none", NULL, 0, false, true},
	{"bin", NULL, 0, true, false},
	{"bin", "daemon", 0, true, false},
	{"bin", "no-such-group", -ENOENT, false, false},
	{"no-such-user", NULL, -ENOENT, false, false},
};

START_TEST(find)
{
	struct privs_user u = {0};
	char why[PRIVS_WHY] = "";

	ck_assert_int_eq(privs_find(&u, users[_i].user, users[_i].group, why),
			 users[_i].err);
	ck_assert_int_eq(u.found, users[_i].found);
	ck_assert_int_eq(u.stay, users[_i].stay);
	ck_assert_int_eq(*why != 0, users[_i].err != 0);
	if (u.found)
		ck_assert_uint_eq(u.gid, users[_i].group ? 1 : 2);
}
END_TEST

static const struct {
	uint64_t caps;
	const char *want;
} texts[] = {
	{0, "no capability"},
	{1ull << CAP_NET_RAW, "cap_net_raw"},
	{1ull << CAP_NET_RAW | 1ull << CAP_NET_ADMIN,
	 "cap_net_raw, cap_net_admin"},
	{1ull << CAP_DAC_OVERRIDE, "cap_dac_override"},
	{1ull << CAP_NET_RAW | 1ull << 40, "cap_net_raw, 0x10000000000"},
};

START_TEST(caps_text)
{
	char buf[128], small[4];

	ck_assert_str_eq(privs_caps_text(texts[_i].caps, buf, sizeof(buf)),
			 texts[_i].want);
	privs_caps_text(texts[_i].caps, small, sizeof(small));
	ck_assert_uint_lt(strlen(small), sizeof(small));
}
END_TEST

/* --- giving --------------------------------------------------------------- */

struct tree {
	char dir[64], path[160];
};

static const char *in(struct tree *t, const char *name)
{
	snprintf(t->path, sizeof(t->path), "%s/%s", t->dir, name);
	return t->path;
}

static void put(struct tree *t, const char *name)
{
	int fd = open(in(t, name), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	ck_assert_int_ge(fd, 0);
	close(fd);
}

static uid_t owner(struct tree *t, const char *name)
{
	struct stat st;

	ck_assert_int_eq(lstat(in(t, name), &st), 0);
	return st.st_uid;
}

static void make_tree(struct tree *t)
{
	snprintf(t->dir, sizeof(t->dir), "/tmp/test_privs-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(t->dir));
	put(t, "callscope.db");
	mkdir(in(t, "spool"), 0750);
	put(t, "spool/one");
	put(t, "users");
	ck_assert_int_eq(symlink("/etc/passwd", in(t, "spool/link")), 0);
}

static void remove_tree(struct tree *t)
{
	static const char *const names[] = {
		"spool/link", "spool/one", "spool/two", "callscope.db",
		"users",      "diary",	   "spool"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		remove(in(t, names[i]));
	rmdir(t->dir);
}

#define USER 63711

START_TEST(give)
{
	char other[200];
	struct tree t = {0};

	if (geteuid())
		return;
	make_tree(&t);
	put(&t, "spool/two");
	snprintf(other, sizeof(other), "%s.other", t.dir);
	ck_assert_int_eq(link(in(&t, "spool/two"), other), 0);
	ck_assert_int_eq(give_dir(t.dir, USER, USER), 5);
	ck_assert_uint_eq(owner(&t, "."), USER);
	ck_assert_uint_eq(owner(&t, "callscope.db"), USER);
	ck_assert_uint_eq(owner(&t, "spool"), USER);
	ck_assert_uint_eq(owner(&t, "spool/one"), USER);
	ck_assert_uint_eq(owner(&t, "spool/two"), 0); /* it has two names */
	ck_assert_uint_eq(owner(&t, "spool/link"), 0);
	ck_assert_uint_eq(owner(&t, "users"), USER);
	unlink(other);
	/* What comes later, in a folder that is given. */
	put(&t, "diary");
	ck_assert_int_eq(give_dir(t.dir, USER, USER), -EEXIST);
	ck_assert_uint_eq(owner(&t, "diary"), 0);
	ck_assert_int_eq(give_file(in(&t, "diary"), USER, USER), 1);
	ck_assert_int_eq(give_file(in(&t, "diary"), USER, USER), 0);
	ck_assert_int_eq(give_file(in(&t, "nowhere"), USER, USER), 0);
	ck_assert_int_eq(give_dir(in(&t, "nowhere"), USER, USER), -ENOENT);
	remove_tree(&t);
}
END_TEST

/* --- systemd -------------------------------------------------------------- */

/* An empty path: the abstract name, which the kernel chooses. */
static int listener(const char *path, char text[120])
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	socklen_t len = *path ? sizeof(sa) : sizeof(sa.sun_family);

	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", path);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sa, len), 0);
	len = sizeof(sa);
	getsockname(fd, (struct sockaddr *)&sa, &len);
	if (*path)
		snprintf(text, 120, "%s", path);
	else
		snprintf(
			text, 120, "@%.*s",
			(int)(len - offsetof(struct sockaddr_un, sun_path) - 1),
			sa.sun_path + 1);
	return fd;
}

static void check_told(const char *path)
{
	char name[120], text[256];
	int fd = listener(path, name);
	struct sd_notify n;
	ssize_t len;

	setenv("NOTIFY_SOCKET", name, 1);
	sd_notify_open(&n);
	sd_notify_send(&n, "READY=1\nSTATUS=%d calls", 3);
	len = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);
	ck_assert_int_gt(len, 0);
	text[len] = '\0';
	ck_assert_str_eq(text, "READY=1\nSTATUS=3 calls");
	sd_notify_reloading(&n);
	len = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);
	ck_assert_int_gt(len, 0);
	text[len] = '\0';
	ck_assert_ptr_eq(strstr(text, "RELOADING=1\nMONOTONIC_USEC="), text);
	sd_notify_close(&n);
	close(fd);
	unsetenv("NOTIFY_SOCKET");
}

START_TEST(told)
{
	char dir[] = "/tmp/test_privs-XXXXXX", path[64];

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/s", dir);
	check_told(path);
	unlink(path);
	rmdir(dir);
	check_told("");
}
END_TEST

static const struct {
	const char *socket, *usec, *pid;
	uint64_t want;
} dogs[] = {
	{"", "3000000", NULL, 3000000},
	{"", "3000000", "1", 0}, /* another process's */
	{"", NULL, NULL, 0},
	{"relative", "3000000", NULL, 0},
	{"/nonexistent/socket", "3000000", NULL, 0},
	{"@", "3000000", NULL, 0},
};

START_TEST(watchdog)
{
	char name[120];
	int fd = listener("", name);
	struct sd_notify n;

	setenv("NOTIFY_SOCKET", *dogs[_i].socket ? dogs[_i].socket : name, 1);
	if (dogs[_i].usec)
		setenv("WATCHDOG_USEC", dogs[_i].usec, 1);
	if (dogs[_i].pid)
		setenv("WATCHDOG_PID", dogs[_i].pid, 1);
	sd_notify_open(&n);
	ck_assert_uint_eq(n.watchdog_us, dogs[_i].want);
	sd_notify_send(&n, "READY=1"); /* nobody may listen */
	sd_notify_close(&n);
	close(fd);
}
END_TEST

/* --- Landlock ------------------------------------------------------------- */

/* In a process of its own. 0: as it should be; 77: this kernel has none. */
static int in_the_lock(const char *dir)
{
	const struct landlock_path paths[] = {
		{dir, LANDLOCK_WRITE},
		{"/etc/passwd", LANDLOCK_READ},
		{"/nonexistent", LANDLOCK_READ},
	};
	char why[LANDLOCK_WHY], path[128], other[128];
	int err;

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	err = landlock_enter(paths, 3, why);
	if (err == -ENOSYS)
		return landlock_version() ? 1 : 77;
	snprintf(path, sizeof(path), "%s/a", dir);
	snprintf(other, sizeof(other), "%s/d/a", dir);
	if (err || open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600) < 0 ||
	    rename(path, other) || truncate(other, 0) || unlink(other))
		return 2;
	if (open("/etc/passwd", O_RDONLY | O_CLOEXEC) < 0 ||
	    open("/etc/group", O_RDONLY | O_CLOEXEC) >= 0 || errno != EACCES)
		return 3;
	return symlink("/etc", path) ? 0 : 4;
}

START_TEST(locked)
{
	char dir[] = "/tmp/test_privs-XXXXXX", sub[64];
	int status;
	pid_t pid;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(sub, sizeof(sub), "%s/d", dir);
	mkdir(sub, 0700);
	pid = fork();
	if (!pid)
		_exit(in_the_lock(dir));
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_msg(!WEXITSTATUS(status) || WEXITSTATUS(status) == 77, "%d",
		      WEXITSTATUS(status));
	rmdir(sub);
	rmdir(dir);
}
END_TEST

#define ROWS(t) ((int)(sizeof(t) / sizeof((t)[0])))

int main(void)
{
	Suite *s = suite_create("privs");
	TCase *tc = tcase_create("privs");

	suite_add_tcase(s, tc);
	tcase_add_loop_test(tc, find, 0, ROWS(users));
	tcase_add_loop_test(tc, caps_text, 0, ROWS(texts));
	tcase_add_test(tc, give);
	tcase_add_test(tc, told);
	tcase_add_loop_test(tc, watchdog, 0, ROWS(dogs));
	tcase_add_test(tc, locked);
	return run_suite(s);
}
