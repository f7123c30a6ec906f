/*
 * URLs of databases, and the file of the password.
 */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/db_password.h"
#include "storage/db_url.h"
#include "tests/run_suite.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

static const struct {
	const char *url, *user, *host, *database;
	unsigned port, timeout_s;
	enum db_tls tls;
	const char *ca, *socket;
} good[] = {
	{"mysql://u@h/d", "u", "h", "d", 3306, 30, DB_TLS_PREFERRED, "", ""},
	{"mysql://u@h:3307/d?", "u", "h", "d", 3307, 30, DB_TLS_PREFERRED, "",
	 ""},
	{"mysql://u@[2001:db8::1]/d", "u", "2001:db8::1", "d", 3306, 30,
	 DB_TLS_PREFERRED, "", ""},
	{"mysql://u@[::1]:65535/d", "u", "::1", "d", 65535, 30,
	 DB_TLS_PREFERRED, "", ""},
	{"mysql://a%40b%3ac@h/d%2Fe%25", "a@b:c", "h", "d/e%", 3306, 30,
	 DB_TLS_PREFERRED, "", ""},
	{"mysql://u@h/d?tls=verify", "u", "h", "d", 3306, 30, DB_TLS_VERIFY, "",
	 ""},
	{"mysql://u@h/d?tls=required&ca=/etc/ca.pem", "u", "h", "d", 3306, 30,
	 DB_TLS_REQUIRED, "/etc/ca.pem", ""},
	{"mysql://u@h/d?socket=/run/my%20sql.sock&tls=off&timeout=5", "u", "h",
	 "d", 3306, 5, DB_TLS_OFF, "", "/run/my sql.sock"},
	{"mysql://u@h/d?tls=preferred", "u", "h", "d", 3306, 30,
	 DB_TLS_PREFERRED, "", ""},
};

START_TEST(url_is_read)
{
	const char *why = NULL;
	struct db_url u;

	ck_assert_msg(!db_url_parse(slice_str(good[_i].url), &u, &why), "%s",
		      why);
	ck_assert_int_eq(u.kind, DB_MYSQL);
	ck_assert_str_eq(u.user, good[_i].user);
	ck_assert_str_eq(u.host, good[_i].host);
	ck_assert_str_eq(u.database, good[_i].database);
	ck_assert_uint_eq(u.port, good[_i].port);
	ck_assert_uint_eq(u.timeout_s, good[_i].timeout_s);
	ck_assert_int_eq(u.tls, good[_i].tls);
	ck_assert_str_eq(u.ca, good[_i].ca);
	ck_assert_str_eq(u.socket, good[_i].socket);
}
END_TEST

START_TEST(others_are_read)
{
	const char *why = NULL;
	struct db_url u;

	ck_assert_int_eq(db_url_parse(SLICE("none"), &u, &why), 0);
	ck_assert_int_eq(u.kind, DB_NONE);
	ck_assert_int_eq(db_url_parse(SLICE("sqlite:/x/%41 b.db"), &u, &why),
			 0);
	ck_assert_int_eq(u.kind, DB_SQLITE);
	ck_assert_str_eq(u.path, "/x/%41 b.db");
}
END_TEST

static const struct {
	const char *url, *why;
} bad[] = {
	{"", "give sqlite:PATH, mysql://"},
	{"/x", "give sqlite:PATH, mysql://"},
	{"sqlite:", "the path is missing"},
	{"mysql:", "give sqlite:PATH, mysql://"},
	{"mysql://", "the user is missing"},
	{"mysql://h/d", "the user is missing"},
	{"mysql://@h/d", "the user is missing"},
	{"mysql://u:p@h/d", "no password belongs here"},
	{"mysql://u:@h/d", "no password belongs here"},
	{"mysql://u@/d", "the host is missing"},
	{"mysql://u@:3306/d", "the host is missing"},
	{"mysql://u@h", "the database is missing"},
	{"mysql://u@h/", "the database is missing"},
	{"mysql://u@h/?tls=off", "the database is missing"},
	{"mysql://u@h/d/e", "written %2F"},
	{"mysql://u@h:0/d", "the port is"},
	{"mysql://u@h:/d", "the port is"},
	{"mysql://u@h:65536/d", "the port is"},
	{"mysql://u@h:x/d", "the port is"},
	{"mysql://u@::1/d", "in brackets"},
	{"mysql://u@[::1/d", "the ] of the host is missing"},
	{"mysql://u@[::1]x/d", "only :PORT"},
	{"mysql://u%@h/d", "write %25"},
	{"mysql://u%4@h/d", "write %25"},
	{"mysql://u%4g@h/d", "write %25"},
	{"mysql://u%00@h/d", "write %25"},
	{"mysql://u@h/d?tls", "settings like tls=required"},
	{"mysql://u@h/d?tls=yes", "tls is preferred, required, verify or off"},
	{"mysql://u@h/d?ssl=1", "the settings behind the ? are"},
	{"mysql://u@h/d?ca=x", "paths from /"},
	{"mysql://u@h/d?socket=", "paths from /"},
	{"mysql://u@h/d?tls=off&ca=/x", "ca needs TLS"},
	{"mysql://u@h/d?timeout=0", "timeout is seconds"},
	{"mysql://u@h/d?timeout=3601", "timeout is seconds"},
};

START_TEST(wrong_url_is_told)
{
	struct db_url u = {.port = 7};
	const char *why = NULL;

	ck_assert_int_eq(db_url_parse(slice_str(bad[_i].url), &u, &why),
			 -EINVAL);
	ck_assert_msg(strstr(why, bad[_i].why), "%s: %s", bad[_i].url, why);
	ck_assert_uint_eq(u.port, 7);
}
END_TEST

/* A text of each length, in a block of its own. */
START_TEST(every_prefix)
{
	static const char whole[] = "mysql://a%40b@[::1]:33/d%2Fe?tls=required&"
				    "ca=/x%20y&socket=/s&timeout=9";

	for (size_t len = 0; len < sizeof(whole); len++) {
		char *p = malloc(len + 1);
		const char *why = NULL;
		struct db_url u;

		memcpy(p, whole, len);
		p = realloc(p, len ? len : 1);
		db_url_parse(slice_of(p, len), &u, &why);
		free(p);
	}
}
END_TEST

START_TEST(long_parts_are_refused)
{
	char text[600] = "mysql://";
	const char *why = NULL;
	struct db_url u;

	memset(text + 8, 'u', 200);
	strcpy(text + 208, "@h/d");
	ck_assert_int_eq(db_url_parse(slice_str(text), &u, &why), -EINVAL);
	ck_assert_str_eq(why, "a part of the URL is too long");
}
END_TEST

/* --- the password --------------------------------------------------------- */

static const struct {
	const char *text;
	size_t len;
	const char *want; /* NULL: refused */
} passwords[] = {
	{"secret\n", 7, "secret"},
	{"secret", 6, "secret"},
	{"two\n\n", 5, "two\n"},
	{"", 0, ""},
	{"\n", 1, ""},
	{" a b ", 5, " a b "},
	{"a\0b", 3, NULL},
};

START_TEST(password_file)
{
	char path[] = "/tmp/callscope-password-XXXXXX";
	int fd = mkstemp(path);
	char got[DB_PASSWORD], why[SINK_WHY] = "";
	int err;

	ck_assert_int_eq(write(fd, passwords[_i].text, passwords[_i].len),
			 passwords[_i].len);
	close(fd);
	err = db_password_read(path, got, why);
	if (passwords[_i].want) {
		ck_assert_msg(!err, "%s", why);
		ck_assert_str_eq(got, passwords[_i].want);
	} else {
		ck_assert_int_eq(err, -EINVAL);
	}
	ck_assert_int_eq(db_password_check(path, why), 0);
	ck_assert_int_eq(chmod(path, 0644), 0);
	ck_assert_int_eq(db_password_check(path, why), -EINVAL);
	ck_assert_ptr_nonnull(strstr(why, "everybody may read it"));
	unlink(path);
	ck_assert_int_eq(db_password_read(path, got, why), -EINVAL);
	ck_assert_ptr_nonnull(strstr(why, path));
	ck_assert_int_eq(db_password_check(path, why), -EINVAL);
}
END_TEST

START_TEST(password_of_the_environment)
{
	char got[DB_PASSWORD], why[SINK_WHY] = "", *much = malloc(2000);

	unsetenv("CALLSCOPE_DB_PASSWORD");
	ck_assert_int_eq(db_password_read(NULL, got, why), 0);
	ck_assert_str_eq(got, "");
	setenv("CALLSCOPE_DB_PASSWORD", "x y", 1);
	ck_assert_int_eq(db_password_read(NULL, got, why), 0);
	ck_assert_str_eq(got, "x y");
	memset(much, 'a', 1999);
	much[1999] = '\0';
	setenv("CALLSCOPE_DB_PASSWORD", much, 1);
	ck_assert_int_eq(db_password_read(NULL, got, why), -EINVAL);
	free(much);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("db_url");
	TCase *t = tcase_create("db_url");

	tcase_add_loop_test(t, url_is_read, 0, COUNT(good));
	tcase_add_test(t, others_are_read);
	tcase_add_loop_test(t, wrong_url_is_told, 0, COUNT(bad));
	tcase_add_test(t, every_prefix);
	tcase_add_test(t, long_parts_are_refused);
	tcase_add_loop_test(t, password_file, 0, COUNT(passwords));
	tcase_add_test(t, password_of_the_environment);
	suite_add_tcase(s, t);
	return run_suite(s);
}
