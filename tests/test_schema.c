/*
 * Files of sql/: their statements, what they say of themselves, and what a
 * version means.
 */
#include <check.h>
#include <errno.h>
#include <stdlib.h>

#include "storage/row.h"
#include "storage/schema.h"
#include "storage/sql_split.h"
#include "tests/run_suite.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

static const struct {
	const char *text;
	const char *want[3];
} splits[] = {
	{"", {NULL}},
	{" \n-- nothing; at all\n", {NULL}},
	{"a", {"a"}},
	{"a;", {"a"}},
	{"a;b", {"a", "b"}},
	{"\n-- c;\n a b\n;\n\n;; c;", {"a b", "c"}},
	{"a ';' b; \"c;\" `d;`;", {"a ';' b", "\"c;\" `d;`"}},
	{"a '''; ' ;b", {"a '''; '", "b"}},
	{"a -- x; y\n b;c", {"a -- x; y\n b", "c"}},
	{"a - b;", {"a - b"}},
	{"a 'open", {"a 'open"}},
};

START_TEST(statements)
{
	struct slice text = slice_str(splits[_i].text), one;
	size_t n = 0;

	while (sql_split(&text, &one)) {
		const char *want = splits[_i].want[n++];

		ck_assert_ptr_nonnull(want);
		ck_assert_msg(slice_eq(one, slice_str(want)), "got: %.*s",
			      SLICE_ARG(one));
	}
	ck_assert_ptr_null(splits[_i].want[n]);
}
END_TEST

START_TEST(every_prefix)
{
	const char *whole = sql_mysql_files[0].text;
	size_t most = strlen(whole) < 3000 ? strlen(whole) : 3000;

	for (size_t len = 1; len < most; len += 7) {
		char *p = malloc(len);
		struct slice text = slice_of(memcpy(p, whole, len), len), one;

		while (sql_split(&text, &one))
			ck_assert(one.p >= (uint8_t *)p &&
				  one.p + one.len <= (uint8_t *)p + len);
		free(p);
	}
}
END_TEST

static const struct {
	const char *text, *want;
} abouts[] = {
	{"-- One thing. Another.\nCREATE", "One thing"},
	{"-- One thing,\n-- and v1.2 more.\n", "One thing, and v1.2 more"},
	{"-- No end\nCREATE", "No end"},
	{"CREATE", ""},
	{"", ""},
};

START_TEST(about)
{
	struct sql_file f = {"0001_x.sql", abouts[_i].text};
	char got[SCHEMA_ABOUT];

	schema_about(&f, got);
	ck_assert_str_eq(got, abouts[_i].want);
}
END_TEST

static const struct sql_file files[] = {
	{"0001_a.sql", ""}, {"0002_b.sql", ""}, {NULL, NULL}};

static const struct {
	int have, err;
	const char *why;
} versions[] = {
	{SCHEMA_OTHER, -EINVAL, "another program"},
	{SCHEMA_EMPTY, 0, NULL},
	{1, -ESTALE, "version 1 instead of 2: run callscope migrate"},
	{2, 0, NULL},
	{3, -ESTALE, "its schema is version 3, this program knows 2"},
};

START_TEST(judged)
{
	char why[SINK_WHY] = "";

	ck_assert_int_eq(schema_judge(files, "D", versions[_i].have, why),
			 versions[_i].err);
	if (versions[_i].why)
		ck_assert_msg(strstr(why, versions[_i].why), "%s", why);
}
END_TEST

static const struct sql_file *const stores[] = {sql_sqlite_files,
						sql_mysql_files};

/* Numbers count up, and each file says what it does. */
START_TEST(files_are_in_order)
{
	int last = 0;

	for (const struct sql_file *f = stores[_i]; f->name; f++) {
		char said[SCHEMA_ABOUT];

		ck_assert_int_eq(schema_version_of(f), ++last);
		schema_about(f, said);
		ck_assert_msg(strlen(said) > 10, "%s", f->name);
	}
	ck_assert_int_ge(last, 1);
	ck_assert_int_eq(schema_newest(stores[_i]), last);
}
END_TEST

/* What a column of the record is in MySQL. */
static const char *mysql_type(const struct column *c)
{
	switch (c->field->type) {
	case CDR_T_US:
	case CDR_T_DOUBLE:
		return "DOUBLE";
	case CDR_T_U32:
		return "INT UNSIGNED";
	case CDR_T_U64:
	case CDR_T_I64:
		return "BIGINT";
	case CDR_T_BOOL:
	case CDR_T_TRUTH:
		return "TINYINT";
	case CDR_T_TIME:
		return "DATETIME(6)";
	case CDR_T_UID:
		return "CHAR(26) CHARACTER SET ascii COLLATE ascii_bin";
	case CDR_T_ADDR:
	case CDR_T_NAME:
		return "VARCHAR("; /* ascii */
	case CDR_T_TEXT:
		return "VARCHAR(";
	default:
		return "";
	}
}

static struct slice without(struct slice s, struct slice prefix)
{
	return slice_starts(s, prefix) ? slice_from(s, prefix.len) : s;
}

/* The definition of a column, behind its name; empty when it is missing. In
 * any of the files, the last one counts. */
static struct slice definition(const char *table, const char *column)
{
	struct slice found = {0}, of = {0};

	for (const struct sql_file *f = sql_mysql_files; f->name; f++) {
		struct slice text = slice_str(f->text), line, word, rest;

		while (slice_line(&text, &line)) {
			line = slice_trim(line);
			if (slice_starts(line, SLICE("CREATE ")))
				of = (struct slice){0}; /* a view */
			if (slice_starts(line, SLICE("CREATE TABLE "))) {
				of = slice_from(line,
						sizeof("CREATE TABLE IF NOT "
						       "EXISTS ") -
							1);
				slice_cut(of, ' ', &of, &rest);
			}
			if (slice_starts(line, SLICE("ALTER TABLE "))) {
				of = slice_from(line, 12);
				slice_cut(of, ' ', &of, &rest);
			}
			slice_cut(line, ' ', &word, &rest);
			if (slice_starts(line, SLICE("ADD COLUMN "))) {
				line = without(slice_from(line, 11),
					       SLICE("/*M! IF NOT EXISTS */ "));
				if (!slice_cut(line, ' ', &word, &rest) &&
				    slice_line(&text, &rest))
					rest = slice_trim(rest);
			}
			if (slice_eq(of, slice_str(table)) &&
			    slice_eq(word, slice_str(column)))
				found = rest;
		}
	}
	return found;
}

static struct row_table tables[TABLES];

/* Each column of a record is there, with a type that takes it. */
START_TEST(mysql_has_the_columns)
{
	const struct row_table *t = &tables[_i];

	row_tables(tables);
	for (size_t i = 0; i < t->n; i++) {
		struct slice d = definition(t->name, t->v[i].name);
		enum cdr_type type = t->v[i].field->type;
		bool ascii = slice_find_slice(d, SLICE("ascii")) >= 0;

		ck_assert_msg(slice_starts(d, slice_str(mysql_type(&t->v[i]))),
			      "%s.%s: %.*s", t->name, t->v[i].name,
			      SLICE_ARG(d));
		ck_assert_msg(d.len > 0, "%s.%s is missing", t->name,
			      t->v[i].name);
		if (type == CDR_T_TEXT && strcmp(t->v[i].name, "stream") &&
		    strncmp(t->v[i].name, "billing_", 8))
			ck_assert_msg(!ascii, "%s.%s", t->name, t->v[i].name);
	}
	for (const char *const *key = t->keys; *key; key++)
		ck_assert_msg(definition(t->name, *key).len > 0, "%s.%s",
			      t->name, *key);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("schema");
	TCase *t = tcase_create("schema");

	tcase_add_loop_test(t, statements, 0, COUNT(splits));
	tcase_add_test(t, every_prefix);
	tcase_add_loop_test(t, about, 0, COUNT(abouts));
	tcase_add_loop_test(t, judged, 0, COUNT(versions));
	tcase_add_loop_test(t, files_are_in_order, 0, COUNT(stores));
	tcase_add_loop_test(t, mysql_has_the_columns, 0, TABLES);
	suite_add_tcase(s, t);
	return run_suite(s);
}
