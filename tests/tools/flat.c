/*
 * flat [FILE]: prints each value of a report (JSON lines) as one line: number
 * of the report's line, path and value, separated by tabs, for example
 * "1	streams[0].packets	551". Strings lose their quotes, not their
 * escapes; an empty array or object is printed as [] or {}. For scripts, so
 * that awk can read a report. Ends with 1 at the first thing that is no JSON.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	DEPTH_MAX = 32,
	PATH_BYTES = 1024
};

struct reader {
	const char *at;
	size_t line;
	int depth;
	char path[PATH_BYTES];
	bool wrong;
};

static void read_value(struct reader *r);

static bool take(struct reader *r, char c)
{
	r->at += strspn(r->at, " \t\r\n");
	if (*r->at != c)
		return false;
	r->at++;
	return true;
}

static void need(struct reader *r, char c)
{
	if (!take(r, c))
		r->wrong = true;
}

/* Goes from behind the opening to behind the closing quote. */
static size_t string_len(struct reader *r)
{
	const char *from = r->at;

	while (*r->at && *r->at != '"' && (unsigned char)*r->at >= ' ')
		r->at += *r->at == '\\' && r->at[1] ? 2 : 1;
	need(r, '"');
	return r->wrong ? 0 : (size_t)(r->at - from - 1);
}

static void print_value(const struct reader *r, const char *text, size_t len)
{
	if (!r->wrong)
		printf("%zu\t%s\t%.*s\n", r->line, r->path, (int)len, text);
}

static void read_member(struct reader *r, size_t end)
{
	const char *name;
	size_t len;

	need(r, '"');
	name = r->at;
	len = string_len(r);
	need(r, ':');
	if (end + len + 2 >= PATH_BYTES)
		r->wrong = true;
	if (r->wrong)
		return;
	snprintf(r->path + end, PATH_BYTES - end, "%s%.*s", end ? "." : "",
		 (int)len, name);
	read_value(r);
}

/* From behind the opening bracket. */
static void read_many(struct reader *r, char close)
{
	size_t end = strlen(r->path);

	if (take(r, close)) {
		print_value(r, close == ']' ? "[]" : "{}", 2);
		return;
	}
	if (++r->depth > DEPTH_MAX || end + 24 > PATH_BYTES)
		r->wrong = true;
	for (size_t i = 0; !r->wrong; i++) {
		if (close == '}') {
			read_member(r, end);
		} else {
			snprintf(r->path + end, PATH_BYTES - end, "[%zu]", i);
			read_value(r);
		}
		r->path[end] = '\0';
		if (!take(r, ','))
			break;
	}
	r->depth--;
	need(r, close);
}

static void read_value(struct reader *r)
{
	const char *from;

	if (take(r, '{')) {
		read_many(r, '}');
	} else if (take(r, '[')) {
		read_many(r, ']');
	} else if (take(r, '"')) {
		from = r->at;
		print_value(r, from, string_len(r));
	} else {
		from = r->at;
		r->at += strcspn(from, ",]} \t\r\n");
		if (from == r->at)
			r->wrong = true;
		print_value(r, from, (size_t)(r->at - from));
	}
}

int main(int argc, char **argv)
{
	FILE *in = argc > 1 ? fopen(argv[1], "r") : stdin;
	struct reader r = {0};
	char *text = NULL;
	size_t size = 0;

	if (!in) {
		perror(argv[1]);
		return 2;
	}
	while (!r.wrong && getline(&text, &size, in) > 0) {
		r.at = text;
		r.line++;
		read_value(&r);
		if (!r.wrong && r.at[strspn(r.at, "\r\n")])
			r.wrong = true;
	}
	if (r.wrong)
		fprintf(stderr, "line %zu is no JSON at: %.40s\n", r.line,
			r.at);
	free(text);
	fclose(in);
	return r.wrong;
}
