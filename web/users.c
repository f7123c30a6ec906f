#include "web/users.h"

#include <ctype.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const char head[] = "# Logins of callscope's viewer. \"callscope user\" "
			   "writes this file.\n";

bool user_is_name(struct slice name)
{
	static const char more[] = "._@+-";

	if (!name.len || name.len >= USER_NAME)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		uint8_t c = name.p[i];
		bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
			     (c >= 'A' && c <= 'Z');

		if (!plain && (!i || !c || !strchr(more, c)))
			return false;
	}
	return true;
}

static bool same_name(const char *name, struct slice other)
{
	return slice_eq(slice_str(name), other);
}

static void keep_name(char out[USER_NAME], struct slice name)
{
	memcpy(out, name.p, name.len);
	out[name.len] = '\0';
}

/* --- lines ---------------------------------------------------------------- */

/* The next word; empty when there is none. */
static struct slice take_word(struct slice *line)
{
	struct slice word;

	*line = slice_trim(*line);
	slice_cut(*line, ' ', &word, line);
	return word;
}

static bool parse_time(struct slice text, uint64_t *s)
{
	char buf[21] = "";
	struct tm tm = {0};
	const char *end;

	if (text.len != sizeof(buf) - 1)
		return false;
	memcpy(buf, text.p, text.len);
	end = strptime(buf, "%Y-%m-%dT%H:%M:%SZ", &tm);
	if (!end || *end || tm.tm_year < 70)
		return false;
	*s = (uint64_t)timegm(&tm);
	return true;
}

static int take_login(struct users *u, struct slice line)
{
	struct slice name = take_word(&line), role = take_word(&line);
	struct slice hash = take_word(&line);
	struct user one = {0};

	if (!user_is_name(name) || !role_parse(role, &one.role) ||
	    hash.len >= sizeof(one.hash) || !password_is_text(hash) || line.len)
		return -EINVAL;
	keep_name(one.name, name);
	memcpy(one.hash, hash.p, hash.len);
	return users_add(u, &one);
}

static int take_token(struct users *u, struct slice line)
{
	struct slice name = take_word(&line), when = take_word(&line);
	struct slice hash = take_word(&line);
	struct user_token one = {0};

	if (!user_is_name(name) || !parse_time(when, &one.made_s) ||
	    !secret_take_hex(hash, one.hash, SECRET_HASH) || line.len)
		return -EINVAL;
	keep_name(one.name, name);
	return users_add_token(u, &one);
}

static int take_line(struct users *u, struct slice line)
{
	struct slice word = take_word(&line);

	if (!word.len || word.p[0] == '#')
		return 0;
	if (slice_eq(word, SLICE("login")))
		return take_login(u, line);
	if (slice_eq(word, SLICE("token")))
		return take_token(u, line);
	return -EINVAL;
}

int users_parse(struct users **out, struct slice text)
{
	struct users *u = calloc(1, sizeof(*u));
	struct slice line;
	int err = u ? 0 : -ENOMEM;

	for (size_t n = 1; err != -ENOMEM && slice_line(&text, &line); n++) {
		err = take_line(u, line);
		if (!err || err == -ENOMEM)
			continue;
		if (!u->bad_lines++)
			u->first_bad = n;
	}
	if (err == -ENOMEM) {
		users_free(u);
		return err;
	}
	*out = u;
	return 0;
}

void users_free(struct users *u)
{
	if (!u)
		return;
	free(u->user);
	free(u->token);
	free(u);
}

/* --- finding -------------------------------------------------------------- */

static struct user *find(const struct users *u, struct slice name)
{
	for (size_t i = 0; i < u->users; i++)
		if (same_name(u->user[i].name, name))
			return &u->user[i];
	return NULL;
}

const struct user *users_find(const struct users *u, struct slice name)
{
	return find(u, name);
}

const struct user *users_find_token(const struct users *u,
				    const uint8_t hash[SECRET_HASH])
{
	const char *name = NULL;

	for (size_t i = 0; i < u->tokens; i++)
		if (secret_same(u->token[i].hash, hash))
			name = u->token[i].name;
	return name ? find(u, slice_str(name)) : NULL;
}

size_t users_tokens_of(const struct users *u, struct slice name)
{
	size_t n = 0;

	for (size_t i = 0; i < u->tokens; i++)
		n += same_name(u->token[i].name, name);
	return n;
}

/* --- changing ------------------------------------------------------------- */

/* Room for one more of n items: at powers of two. */
static int grow(void **v, size_t n, size_t size)
{
	void *more;

	if (n & (n - 1))
		return 0;
	more = reallocarray(*v, n ? 2 * n : 1, size);
	if (!more)
		return -ENOMEM;
	*v = more;
	return 0;
}

int users_add(struct users *u, const struct user *one)
{
	int err;

	if (find(u, slice_str(one->name)))
		return -EEXIST;
	if (u->users == USERS_MAX)
		return -ENOSPC;
	err = grow((void **)&u->user, u->users, sizeof(*u->user));
	if (!err)
		u->user[u->users++] = *one;
	return err;
}

int users_add_token(struct users *u, const struct user_token *one)
{
	int err;

	if (u->tokens == TOKENS_MAX ||
	    users_tokens_of(u, slice_str(one->name)) == TOKENS_USER_MAX)
		return -ENOSPC;
	err = grow((void **)&u->token, u->tokens, sizeof(*u->token));
	if (!err)
		u->token[u->tokens++] = *one;
	return err;
}

int users_set_hash(struct users *u, struct slice name, const char *hash)
{
	struct user *one = find(u, name);

	if (!one)
		return -ENOENT;
	snprintf(one->hash, sizeof(one->hash), "%s", hash);
	return 0;
}

size_t users_revoke(struct users *u, struct slice name)
{
	size_t kept = 0, n = u->tokens;

	for (size_t i = 0; i < n; i++)
		if (!same_name(u->token[i].name, name))
			u->token[kept++] = u->token[i];
	u->tokens = kept;
	return n - kept;
}

int users_remove(struct users *u, struct slice name)
{
	struct user *one = find(u, name);
	size_t after;

	if (!one)
		return -ENOENT;
	after = u->users - (size_t)(one - u->user) - 1;
	memmove(one, one + 1, after * sizeof(*one));
	u->users--;
	users_revoke(u, name);
	return 0;
}

/* --- writing -------------------------------------------------------------- */

static void put_token(FILE *f, const struct user_token *t)
{
	time_t when = (time_t)t->made_s;
	char hex[SECRET_TEXT], text[32] = "";
	struct tm tm;

	secret_put_hex(t->hash, SECRET_HASH, hex);
	if (gmtime_r(&when, &tm))
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	fprintf(f, "token %s %s %s\n", t->name, text, hex);
}

char *users_text(const struct users *u, size_t *len)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, len);
	int bad;

	if (!f)
		return NULL;
	fputs(head, f);
	for (size_t i = 0; i < u->users; i++)
		fprintf(f, "login %s %s %s\n", u->user[i].name,
			role_name(u->user[i].role), u->user[i].hash);
	for (size_t i = 0; i < u->tokens; i++)
		put_token(f, &u->token[i]);
	bad = ferror(f);
	if (fclose(f) || bad) {
		free(text);
		return NULL;
	}
	return text;
}
