/*
 * Who may log in: names, roles, hashes of passwords and of tokens, as a file
 * of text. Parsing and writing are pure; users_file.h keeps the file. A table
 * belongs to whoever made it and is not changed while others read it.
 *
 *	login alice analyst scrypt:15:8:3:SALT:HASH
 *	token alice 2026-11-26T18:00:00Z SHA256
 */
#ifndef WEB_USERS_H
#define WEB_USERS_H

#include "web/password.h"
#include "web/role.h"
#include "web/secret.h"

enum {
	USER_NAME = 64 + 1, /* terminated */
	USERS_MAX = 1000,
	TOKENS_MAX = 4000,
	TOKENS_USER_MAX = 100, /* of one login */
	USERS_WHY = 512,
};

/* What tokens begin with, so that a leaked one is found. */
#define TOKEN_PREFIX "callscope_"

struct user {
	char name[USER_NAME];
	enum web_role role;
	char hash[PASSWORD_TEXT];
};

struct user_token {
	char name[USER_NAME]; /* whose */
	uint64_t made_s;      /* since 1970 */
	uint8_t hash[SECRET_HASH];
};

struct users {
	struct user *user;
	struct user_token *token;
	size_t users, tokens;
	size_t bad_lines; /* that say nothing to us, or came twice */
	size_t first_bad; /* from 1 */
};

/* 1 to 64 of A-Z a-z 0-9 . _ @ + -, beginning with a letter or digit. */
bool user_is_name(struct slice name);

/* 0 or -ENOMEM. Bad lines are counted and left out. */
int users_parse(struct users **out, struct slice text);
void users_free(struct users *u); /* NULL is fine */

/* NULL when there is none. */
const struct user *users_find(const struct users *u, struct slice name);
/* Whose token it is, that is still a login. */
const struct user *users_find_token(const struct users *u,
				    const uint8_t hash[SECRET_HASH]);

/* Each 0; -EEXIST, -ENOENT, -ENOSPC (too many), -ENOMEM. */
int users_add(struct users *u, const struct user *one);
int users_add_token(struct users *u, const struct user_token *one);
int users_set_hash(struct users *u, struct slice name, const char *hash);
int users_remove(struct users *u, struct slice name); /* and its tokens */
/* How many tokens went. */
size_t users_revoke(struct users *u, struct slice name);
size_t users_tokens_of(const struct users *u, struct slice name);

/* The whole file, to be freed; NULL without memory. */
char *users_text(const struct users *u, size_t *len);

#endif
