/*
 * The audit log: its lines, the file, and what is read back.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/run_suite.h"
#include "web/audit.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

static char dir[64], file[80];

static void folder_make(void)
{
	strcpy(dir, "/tmp/callscope-audit-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(file, sizeof(file), "%s/audit.log", dir);
}

static void folder_remove(void)
{
	unlink(file);
	rmdir(dir);
}

static const struct {
	struct audit_entry e;
	const char *want;
} lines[] = {
	{{1795716000123456789, "ann", WEB_ANALYST, "192.0.2.1", "pcap",
	  "01KB7Q5GW0EXAMPLE000000000", 200},
	 "{\"time\":\"2026-11-26T18:00:00.123456Z\",\"user\":\"ann\","
	 "\"role\":\"analyst\",\"from\":\"192.0.2.1\",\"action\":\"pcap\","
	 "\"what\":\"01KB7Q5GW0EXAMPLE000000000\",\"status\":200}\n"},
	{{1795716000000000000, "a\"b\n\xff", WEB_NOBODY, "", "login_failed",
	  NULL, 0},
	 "{\"time\":\"2026-11-26T18:00:00.000000Z\","
	 "\"user\":\"a\\\"b\\n\\\\xff\",\"role\":null,\"from\":\"\","
	 "\"action\":\"login_failed\",\"what\":null,\"status\":null}\n"},
};

START_TEST(line_is_written)
{
	struct outbuf b = {0};

	audit_line(&b, &lines[_i].e);
	outbuf_char(&b, '\0');
	ck_assert_str_eq(b.p, lines[_i].want);
	ck_assert(audit_is_line(slice_of(b.p, b.len - 2)));
	for (size_t n = 0; n < b.len - 2; n++)
		ck_assert(!audit_is_line(slice_of(b.p, n)));
	outbuf_free(&b);
}
END_TEST

static const char *const no_lines[] = {
	"",
	"{}",
	"x",
	"{\"a\":1",
	"{\"a\":1}x",
	"{\"a\":01}",
	"{\"a\":-1}",
	"{\"a\":{}}",
	"{\"a\":[1]}",
	"{\"a\":nul}",
	"{\"a\":\"b}",
	"{\"a\":\"b\\",
	"{\"a\":\"b\\\"}",
	"{\"a\":\"\t\"}",
	"{\"a\":1,}",
	"{a:1}",
};

START_TEST(no_line_of_ours)
{
	ck_assert(!audit_is_line(slice_str(no_lines[_i])));
}
END_TEST

/* Whatever was typed, a line fits into what is read at once. */
START_TEST(line_is_bounded)
{
	struct audit_entry e = {.time_ns = 1, .action = "login_failed"};
	char much[20000];
	struct outbuf b = {0};

	memset(much, 1, sizeof(much));
	much[sizeof(much) - 1] = '\0';
	e.user = e.from = e.what = much;
	audit_line(&b, &e);
	ck_assert_uint_lt(b.len, AUDIT_LINE);
	ck_assert(audit_is_line(slice_of(b.p, b.len - 1)));
	outbuf_free(&b);
}
END_TEST

static void put(unsigned n)
{
	char user[16], why[AUDIT_WHY];
	struct audit_entry e = {
		.time_ns = 1795716000000000000 + n,
		.user = user,
		.role = WEB_VIEWER,
		.from = "192.0.2.1",
		.action = "login",
		.status = 303,
	};

	snprintf(user, sizeof(user), "u%u", n);
	ck_assert_int_eq(audit_put(dir, &e, why), 0);
}

/* The numbers of the users of a page, from its text. */
static uint64_t read_page(uint64_t before, size_t limit, char users[256])
{
	char why[AUDIT_WHY] = "";
	struct outbuf b = {0};
	uint64_t next = 99;
	const char *at;

	ck_assert_int_eq(audit_read(dir, before, limit, &b, &next, why), 0);
	outbuf_char(&b, '\0');
	users[0] = '\0';
	for (at = b.p; (at = strstr(at, "\"u")); at += 2)
		if (at[2] >= '0' && at[2] <= '9')
			strncat(users, at + 1, strcspn(at + 1, "\""));
	outbuf_free(&b);
	return next;
}

START_TEST(newest_first)
{
	char users[256];
	uint64_t next;
	struct stat st;

	folder_make();
	ck_assert_uint_eq(read_page(0, 10, users), 0);
	ck_assert_str_eq(users, "");
	for (unsigned i = 1; i <= 7; i++)
		put(i);
	ck_assert(!stat(file, &st) && (st.st_mode & 0777) == 0600);
	next = read_page(0, 3, users);
	ck_assert_str_eq(users, "u7u6u5");
	put(8); /* what comes later does not move the pages */
	next = read_page(next, 3, users);
	ck_assert_str_eq(users, "u4u3u2");
	next = read_page(next, 3, users);
	ck_assert_str_eq(users, "u1");
	ck_assert_uint_eq(next, 0);
	read_page(0, 1000, users);
	ck_assert_str_eq(users, "u8u7u6u5u4u3u2u1");
	read_page(UINT64_MAX, 2, users); /* the log was cut meanwhile */
	ck_assert_str_eq(users, "u8u7");
	folder_remove();
}
END_TEST

static void append(const char *p, size_t n)
{
	int fd = open(file, O_WRONLY | O_APPEND | O_CREAT, 0600);

	ck_assert_int_eq(write(fd, p, n), n);
	close(fd);
}

/* A line that was cut by a crash, bytes of nowhere, a line without an end. */
START_TEST(damage_is_left_out)
{
	char users[256], *much = calloc(1, 200000);

	folder_make();
	put(1);
	append("{\"time\":\"2026", 13);
	append("\n\n", 2);
	put(2);
	append(much, 200000);
	append("\n", 1);
	put(3);
	append("{\"user\":\"u9\"", 12);
	ck_assert_uint_eq(read_page(0, 10, users), 0);
	ck_assert_str_eq(users, "u3u2u1");
	folder_remove();
	free(much);
}
END_TEST

START_TEST(errors_are_told)
{
	struct audit_entry e = {.user = "a", .from = "", .action = "login"};
	char why[AUDIT_WHY] = "";

	strcpy(dir, "/nonexistent");
	ck_assert_int_eq(audit_put(dir, &e, why), -ENOENT);
	ck_assert_str_eq(why, "cannot write the audit log "
			      "/nonexistent/audit.log: No such file or "
			      "directory");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("web_audit");
	TCase *t = tcase_create("audit");

	tcase_add_loop_test(t, line_is_written, 0, COUNT(lines));
	tcase_add_loop_test(t, no_line_of_ours, 0, COUNT(no_lines));
	tcase_add_test(t, line_is_bounded);
	tcase_add_test(t, newest_first);
	tcase_add_test(t, damage_is_left_out);
	tcase_add_test(t, errors_are_told);
	suite_add_tcase(s, t);
	return run_suite(s);
}
