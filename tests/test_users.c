/*
 * Logins: names, passwords, the text of the file, the file itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/run_suite.h"
#include "web/users_file.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

/* Looks like one; of which password, nobody knows. */
#define SALT  "00112233445566778899aabbccddeeff"
#define HASH  "00000000000000000000000000000000000000000000000000000000000000ff"
#define TEXT  "scrypt:15:8:3:" SALT ":" HASH
#define TOKEN HASH

/* --- names ---------------------------------------------------------------- */

static const struct {
	struct slice name;
	bool good;
} names[] = {
	{SLICE_INIT("a"), true},
	{SLICE_INIT("alice.b+c@example.com"), true},
	{SLICE_INIT("7_x-y"), true},
	{SLICE_INIT(""), false},
	{SLICE_INIT("-a"), false},
	{SLICE_INIT(".a"), false},
	{SLICE_INIT("a b"), false},
	{SLICE_INIT("a\n"), false},
	{SLICE_INIT("a\0b"), false},
	{SLICE_INIT("a/b"), false},
	{SLICE_INIT("\xc3\xa4"), false},
	{SLICE_INIT("1234567890123456789012345678901234567890"
		    "123456789012345678901234"),
	 true},
	{SLICE_INIT("1234567890123456789012345678901234567890"
		    "1234567890123456789012345"),
	 false},
};

START_TEST(name_is_checked)
{
	ck_assert_int_eq(user_is_name(names[_i].name), names[_i].good);
}
END_TEST

START_TEST(roles)
{
	enum web_role r = WEB_NOBODY;

	for (int i = WEB_VIEWER; i <= WEB_ADMIN; i++) {
		ck_assert(role_parse(slice_str(role_name(i)), &r));
		ck_assert_int_eq((int)r, i);
	}
	ck_assert(!role_parse(SLICE("nobody"), &r));
	ck_assert(!role_parse(SLICE("Admin"), &r));
	ck_assert(!role_parse(SLICE(""), &r));
	ck_assert_int_eq(r, WEB_ADMIN);
}
END_TEST

/* --- passwords ------------------------------------------------------------ */

static const struct {
	const char *password, *why; /* NULL: taken */
} choices[] = {
	{"", "empty"},		 {"short", "too short"},
	{"123456789", "short"},	 {"aaaaaaaaaaaa", "one character"},
	{"Alice.Smith", "name"}, {"correct horse", NULL},
	{"1234567890", NULL},	 {"\xc3\xa4\xc3\xb6\xc3\xbc 4567", NULL},
};

START_TEST(weak_password_is_refused)
{
	const char *why = password_refuse(slice_str(choices[_i].password),
					  SLICE("alice.smith"));

	if (!choices[_i].why)
		ck_assert_msg(!why, "%s", why);
	else
		ck_assert_ptr_nonnull(strstr(why, choices[_i].why));
}
END_TEST

START_TEST(long_password_is_refused)
{
	char much[PASSWORD_MAX + 1];

	memset(much, 'a', sizeof(much));
	much[0] = 'b';
	ck_assert(password_refuse(slice_of(much, sizeof(much)), SLICE("x")));
	ck_assert(!password_refuse(slice_of(much, PASSWORD_MAX), SLICE("x")));
}
END_TEST

START_TEST(password_and_its_text)
{
	char one[PASSWORD_TEXT], two[PASSWORD_TEXT];
	struct slice right = SLICE("correct horse");

	ck_assert_int_eq(password_hash(right, one), 0);
	ck_assert_int_eq(password_hash(right, two), 0);
	ck_assert_str_ne(one, two); /* a salt of its own */
	ck_assert(password_is_text(slice_str(one)));
	ck_assert(!strstr(one, "horse"));
	ck_assert(password_check(right, slice_str(one)));
	ck_assert(!password_check(SLICE("correct horsf"), slice_str(one)));
	ck_assert(!password_check(SLICE("correct hors"), slice_str(one)));
	ck_assert(!password_check(SLICE(""), slice_str(one)));
	one[strlen(one) - 1] ^= 1;
	ck_assert(!password_check(right, slice_str(one)));
	password_check_nobody(right);
}
END_TEST

/* Made by another program: Python's hashlib.scrypt(b"pleaseletmein",
 * salt=bytes(range(16)), n=1024, r=8, p=1, dklen=32). */
START_TEST(known_text)
{
	static const char text[] =
		"scrypt:10:8:1:000102030405060708090a0b0c0d0e0f:"
		"c748c7505929341889570635021b87ecdbb2c559646ab1675e344d869d41fd"
		"e5";

	ck_assert(password_check(SLICE("pleaseletmein"), slice_str(text)));
	ck_assert(!password_check(SLICE("pleaseletmeim"), slice_str(text)));
}
END_TEST

static const struct {
	const char *text;
} no_texts[] = {
	{""},
	{"scrypt"},
	{"scrypt:15:8:3"},
	{"bcrypt:15:8:3:" SALT ":" HASH},
	{"scrypt:0:8:3:" SALT ":" HASH},
	{"scrypt:21:1:1:" SALT ":" HASH},
	{"scrypt:20:32:1:" SALT ":" HASH}, /* 4 GB */
	{"scrypt:15:8:17:" SALT ":" HASH},
	{"scrypt:15:8:x:" SALT ":" HASH},
	{"scrypt:15:8:3:" SALT "0:" HASH},
	{"scrypt:15:8:3:" SALT ":" HASH "0"},
	{"scrypt:15:8:3:" SALT ":" HASH ":"},
	{"scrypt:15:8:3:0g112233445566778899aabbccddeeff:" HASH},
};

START_TEST(no_text_of_a_password)
{
	ck_assert(!password_is_text(slice_str(no_texts[_i].text)));
	ck_assert(!password_check(SLICE(""), slice_str(no_texts[_i].text)));
}
END_TEST

/* --- the text of the file ------------------------------------------------- */

static const struct {
	const char *name, *text;
	size_t users, tokens, bad, first;
} texts[] = {
	{"empty", "", 0, 0, 0, 0},
	{"comment", "# x\n\n  \n", 0, 0, 0, 0},
	{"login", "login a viewer " TEXT "\n", 1, 0, 0, 0},
	{"no end of line", "login a admin " TEXT, 1, 0, 0, 0},
	{"CRLF, blanks", "  login  a   admin  " TEXT "  \r\n", 1, 0, 0, 0},
	{"token",
	 "login a admin " TEXT "\ntoken a 2026-11-26T18:00:00Z " TOKEN "\n", 1,
	 1, 0, 0},
	{"twice", "login a admin " TEXT "\nlogin a viewer " TEXT "\n", 1, 0, 1,
	 2},
	{"role", "login a root " TEXT "\n", 0, 0, 1, 1},
	{"hash", "login a admin x\n", 0, 0, 1, 1},
	{"no hash", "login a admin\n", 0, 0, 1, 1},
	{"one word more", "login a admin " TEXT " x\n", 0, 0, 1, 1},
	{"name", "login -a admin " TEXT "\n", 0, 0, 1, 1},
	{"time", "token a 2026-11-26 " TOKEN "\n", 0, 0, 1, 1},
	{"month", "token a 2026-13-26T18:00:00Z " TOKEN "\n", 0, 0, 1, 1},
	{"short token", "token a 2026-11-26T18:00:00Z 00\n", 0, 0, 1, 1},
	{"word", "#\nuser a\nx\n", 0, 0, 2, 2},
};

START_TEST(text_is_read)
{
	struct users *u = NULL;

	ck_assert_int_eq(users_parse(&u, slice_str(texts[_i].text)), 0);
	ck_assert_uint_eq(u->users, texts[_i].users);
	ck_assert_uint_eq(u->tokens, texts[_i].tokens);
	ck_assert_uint_eq(u->bad_lines, texts[_i].bad);
	ck_assert_uint_eq(u->first_bad, texts[_i].first);
	users_free(u);
}
END_TEST

START_TEST(first_of_a_name_counts)
{
	struct users *u = NULL;

	ck_assert_int_eq(users_parse(&u, slice_str(texts[6].text)), 0);
	ck_assert_int_eq((int)users_find(u, SLICE("a"))->role, WEB_ADMIN);
	ck_assert(!users_find(u, SLICE("b")));
	ck_assert(!users_find(u, SLICE("A")));
	users_free(u);
}
END_TEST

static struct user made(const char *name, enum web_role role)
{
	struct user one = {.role = role, .hash = TEXT};

	snprintf(one.name, sizeof(one.name), "%s", name);
	return one;
}

static struct user_token made_token(const char *name, uint8_t last)
{
	struct user_token t = {.made_s = 1795716000};

	snprintf(t.name, sizeof(t.name), "%s", name);
	t.hash[SECRET_HASH - 1] = last;
	return t;
}

static struct users *some_users(void)
{
	static const char *const name[] = {"ann", "bob", "cy"};
	struct users *u = NULL;

	ck_assert_int_eq(users_parse(&u, SLICE("")), 0);
	for (int i = 0; i < 3; i++) {
		struct user one = made(name[i], WEB_VIEWER + i);

		ck_assert_int_eq(users_add(u, &one), 0);
	}
	for (uint8_t i = 0; i < 5; i++) {
		struct user_token t = made_token(name[i % 2], i);

		ck_assert_int_eq(users_add_token(u, &t), 0);
	}
	return u;
}

START_TEST(text_is_written)
{
	struct users *u = some_users(), *again = NULL;
	size_t len, len2;
	char *text = users_text(u, &len), *text2;

	ck_assert_ptr_nonnull(strstr(text, "login bob analyst " TEXT "\n"));
	ck_assert_ptr_nonnull(strstr(text, "token ann 2026-11-26T"));
	ck_assert_int_eq(users_parse(&again, slice_of(text, len)), 0);
	ck_assert_uint_eq(again->users, 3);
	ck_assert_uint_eq(again->tokens, 5);
	ck_assert_uint_eq(again->bad_lines, 0);
	ck_assert_uint_eq(again->token[0].made_s, 1795716000);
	text2 = users_text(again, &len2);
	ck_assert_str_eq(text, text2);
	free(text);
	free(text2);
	users_free(u);
	users_free(again);
}
END_TEST

START_TEST(users_are_changed)
{
	uint8_t hash[SECRET_HASH] = {[SECRET_HASH - 1] = 1};
	struct users *u = some_users();
	struct user more = made("bob", WEB_ADMIN);

	ck_assert_int_eq(users_add(u, &more), -EEXIST);
	ck_assert_str_eq(users_find_token(u, hash)->name, "bob");
	ck_assert_int_eq(users_set_hash(u, SLICE("bob"), "other"), 0);
	ck_assert_str_eq(users_find(u, SLICE("bob"))->hash, "other");
	ck_assert_int_eq(users_set_hash(u, SLICE("zed"), "x"), -ENOENT);
	ck_assert_uint_eq(users_tokens_of(u, SLICE("ann")), 3);
	ck_assert_uint_eq(users_revoke(u, SLICE("ann")), 3);
	ck_assert_uint_eq(users_revoke(u, SLICE("ann")), 0);
	ck_assert_uint_eq(u->tokens, 2);
	ck_assert_int_eq(users_remove(u, SLICE("bob")), 0);
	ck_assert_int_eq(users_remove(u, SLICE("bob")), -ENOENT);
	ck_assert_uint_eq(u->users, 2);
	ck_assert_uint_eq(u->tokens, 0);
	ck_assert(!users_find_token(u, hash));
	ck_assert_str_eq(u->user[1].name, "cy");
	ck_assert_int_eq(users_add(u, &more), 0);
	users_free(u);
}
END_TEST

/* Somebody's token who is no login lets nobody in. */
START_TEST(token_of_nobody)
{
	uint8_t hash[SECRET_HASH] = {[SECRET_HASH - 1] = 0xff};
	struct users *u = NULL;

	ck_assert_int_eq(
		users_parse(&u,
			    SLICE("token a 2026-11-26T18:00:00Z " TOKEN "\n")),
		0);
	ck_assert_uint_eq(u->tokens, 1);
	ck_assert(!users_find_token(u, hash));
	users_free(u);
}
END_TEST

START_TEST(there_is_an_end)
{
	struct users *u = NULL;
	struct user one = made("x", WEB_VIEWER);
	struct user_token t = made_token("x0", 0);

	ck_assert_int_eq(users_parse(&u, SLICE("")), 0);
	for (int i = 0; i < USERS_MAX; i++) {
		snprintf(one.name, sizeof(one.name), "x%d", i);
		ck_assert_int_eq(users_add(u, &one), 0);
	}
	strcpy(one.name, "more");
	ck_assert_int_eq(users_add(u, &one), -ENOSPC);
	for (int i = 0; i < TOKENS_USER_MAX; i++)
		ck_assert_int_eq(users_add_token(u, &t), 0);
	ck_assert_int_eq(users_add_token(u, &t), -ENOSPC);
	users_free(u);
}
END_TEST

/* A text of each length, in a block of its own. */
START_TEST(every_prefix)
{
	static const char whole[] = "# x\nlogin a admin " TEXT
				    "\r\ntoken a 2026-11-26T18:00:00Z " TOKEN;

	for (size_t len = 0; len < sizeof(whole); len++) {
		char *p = malloc(len ? len : 1);
		struct users *u = NULL;

		memcpy(p, whole, len);
		ck_assert_int_eq(users_parse(&u, slice_of(p, len)), 0);
		users_free(u);
		free(p);
	}
}
END_TEST

/* --- the file ------------------------------------------------------------- */

struct folder {
	char path[64], file[128];
	int said;
};

static void folder_make(struct folder *f)
{
	*f = (struct folder){.path = "/tmp/callscope-users-XXXXXX"};
	ck_assert_ptr_nonnull(mkdtemp(f->path));
	snprintf(f->file, sizeof(f->file), "%s/users", f->path);
}

static void folder_remove(struct folder *f)
{
	char part[160];

	snprintf(part, sizeof(part), "%s.part", f->file);
	ck_assert_int_ne(access(part, F_OK), 0);
	unlink(f->file);
	ck_assert_int_eq(rmdir(f->path), 0);
}

static int add_one(void *arg, struct users *u, char why[USERS_WHY])
{
	struct user one = made(arg, WEB_ANALYST);

	snprintf(why, USERS_WHY, "not added");
	return users_add(u, &one);
}

static int add_login(const char *dir, const char *name, char why[USERS_WHY])
{
	char copy[USER_NAME];

	snprintf(copy, sizeof(copy), "%s", name);
	return users_file_change(dir, add_one, copy, why);
}

static void count_said(void *arg, const char *sentence)
{
	struct folder *f = arg;

	ck_assert_ptr_nonnull(strstr(sentence, f->path));
	f->said++;
}

static void write_text(const struct folder *f, const char *text)
{
	FILE *out = fopen(f->file, "w");

	fputs(text, out);
	fclose(out);
	chmod(f->file, 0600);
}

START_TEST(file_is_followed)
{
	char why[USERS_WHY] = "";
	struct users_file *uf;
	struct user got;
	struct folder f;
	struct stat st;

	folder_make(&f);
	ck_assert_int_eq(users_file_open(&uf, f.path, count_said, &f), 0);
	ck_assert_uint_eq(users_file_count(uf), 0);
	ck_assert_int_eq(add_login(f.path, "ann", why), 0);
	ck_assert(users_file_find(uf, SLICE("ann"), &got));
	ck_assert_int_eq((int)got.role, WEB_ANALYST);
	ck_assert(!stat(f.file, &st) && (st.st_mode & 0777) == 0600);
	ck_assert_int_eq(add_login(f.path, "ann", why), -EEXIST);
	ck_assert_str_eq(why, "not added");
	ck_assert_int_eq(add_login(f.path, "bob", why), 0);
	ck_assert_uint_eq(users_file_count(uf), 2);
	unlink(f.file);
	ck_assert_uint_eq(users_file_count(uf), 0);
	ck_assert_int_eq(f.said, 0);
	users_file_close(uf);
	folder_remove(&f);
}
END_TEST

START_TEST(wrong_file_lets_nobody_in)
{
	char why[USERS_WHY] = "";
	struct users_file *uf;
	struct user got;
	struct folder f;

	folder_make(&f);
	ck_assert_int_eq(users_file_open(&uf, f.path, count_said, &f), 0);
	write_text(&f, "login ann admin " TEXT "\nwrong\n");
	ck_assert(users_file_find(uf, SLICE("ann"), &got));
	ck_assert_int_eq(f.said, 1);
	ck_assert(users_file_find(uf, SLICE("ann"), &got));
	ck_assert_int_eq(f.said, 1); /* once */
	ck_assert_int_eq(add_login(f.path, "bob", why), -EINVAL);
	ck_assert_ptr_nonnull(strstr(why, "line 2 is no login"));
	ck_assert_int_eq(chmod(f.file, 0644), 0);
	ck_assert(!users_file_find(uf, SLICE("ann"), &got));
	ck_assert_int_eq(f.said, 2);
	ck_assert_int_eq(add_login(f.path, "bob", why), -EPERM);
	ck_assert_ptr_nonnull(strstr(why, "chmod 600"));
	users_file_close(uf);
	folder_remove(&f);
}
END_TEST

START_TEST(folder_is_made_or_said)
{
	char why[USERS_WHY] = "", below[96], deep[120];
	struct folder f;

	folder_make(&f);
	snprintf(below, sizeof(below), "%s/new", f.path);
	snprintf(deep, sizeof(deep), "%s/not/there", f.path);
	ck_assert_int_eq(add_login(deep, "ann", why), -ENOENT);
	ck_assert_ptr_nonnull(strstr(why, "/not/there/users: No such file"));
	ck_assert_int_eq(add_login(below, "ann", why), 0);
	snprintf(f.file, sizeof(f.file), "%s/users", below);
	unlink(f.file);
	rmdir(below);
	folder_remove(&f);
}
END_TEST

/* Many who change it at once: nobody's change is lost. */
START_TEST(changed_at_once)
{
	enum {
		WRITERS = 8,
		EACH = 10
	};
	char why[USERS_WHY] = "";
	struct users *u = NULL;
	struct folder f;

	folder_make(&f);
	for (int w = 0; w < WRITERS; w++) {
		if (fork())
			continue;
		for (int i = 0; i < EACH; i++) {
			char name[16];

			snprintf(name, sizeof(name), "u%d-%d", w, i);
			if (add_login(f.path, name, why))
				_exit(1);
		}
		_exit(0);
	}
	for (int w = 0, status; w < WRITERS; w++) {
		wait(&status);
		ck_assert_int_eq(status, 0);
	}
	ck_assert_int_eq(users_file_read(f.path, &u, why), 0);
	ck_assert_uint_eq(u->users, WRITERS * EACH);
	users_free(u);
	folder_remove(&f);
}
END_TEST

static void add_texts(Suite *s)
{
	TCase *t = tcase_create("text");

	tcase_add_loop_test(t, name_is_checked, 0, COUNT(names));
	tcase_add_test(t, roles);
	tcase_add_loop_test(t, text_is_read, 0, COUNT(texts));
	tcase_add_test(t, first_of_a_name_counts);
	tcase_add_test(t, text_is_written);
	tcase_add_test(t, users_are_changed);
	tcase_add_test(t, token_of_nobody);
	tcase_add_test(t, there_is_an_end);
	tcase_add_test(t, every_prefix);
	suite_add_tcase(s, t);
}

int main(void)
{
	Suite *s = suite_create("users");
	TCase *t = tcase_create("passwords");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, weak_password_is_refused, 0, COUNT(choices));
	tcase_add_test(t, long_password_is_refused);
	tcase_add_test(t, password_and_its_text);
	tcase_add_test(t, known_text);
	tcase_add_loop_test(t, no_text_of_a_password, 0, COUNT(no_texts));
	suite_add_tcase(s, t);
	add_texts(s);
	t = tcase_create("file");
	tcase_set_timeout(t, 60);
	tcase_add_test(t, file_is_followed);
	tcase_add_test(t, wrong_file_lets_nobody_in);
	tcase_add_test(t, folder_is_made_or_said);
	tcase_add_test(t, changed_at_once);
	suite_add_tcase(s, t);
	return run_suite(s);
}
