/* callscope user: who may log in to the viewer (web/users_file.h). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sniffer/ask_password.h"
#include "sniffer/command.h"
#include "storage/db_password.h"
#include "web/audit.h"
#include "web/users_file.h"

struct user_options {
	struct config cfg;
	int role; /* of roles */
	const char *password_file;
};

/* In the order of enum web_role, from WEB_VIEWER on. */
static const char *const roles[] = {"viewer", "analyst", "admin", NULL};

static const struct setting own[] = {
	/* clang-format off */
	{ .name = "role", .arg = "ROLE", .type = SETTING_CHOICE,
	  .place = PLACE_COMMAND, .initial = "viewer", .choices = roles,
	  .example = "analyst",
	  .help = "What a new login may do: viewer (no sound, no packets), "
		  "analyst, or admin (the audit log, too).",
	  .offset = offsetof(struct user_options, role) },
	{ .name = "password-file", .arg = "FILE", .type = SETTING_TEXT,
	  .place = PLACE_COMMAND, .initial = "", .unset = "it is asked for",
	  .example = "/run/secrets/alice",
	  .help = "Holds the password; a newline at its end does not count.",
	  .offset = offsetof(struct user_options, password_file) },
	/* clang-format on */
};

static const char *const general[] = {"output", NULL};

struct job {
	const struct user_options *o;
	const char *dir;
	struct slice name;
	const atomic_bool *stop;
	struct user user;	 /* to be added, or with the new hash */
	struct user_token token; /* to be added */
	size_t gone;		 /* tokens */
};

static int complain(const char *why)
{
	fprintf(stderr, "callscope: %s\n", why);
	return 1;
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* What was done is done: a log that cannot be written is said. */
static void write_down(const struct job *j, const char *action)
{
	struct audit_entry e = {
		.time_ns = now_ns(),
		.user = j->name.len ? (const char *)j->name.p : "",
		.role = j->user.role,
		.from = "",
		.action = action,
	};
	char why[AUDIT_WHY];

	if (audit_put(j->dir, &e, why))
		complain(why);
}

static int no_such(const struct job *j, char why[USERS_WHY])
{
	snprintf(why, USERS_WHY,
		 "no login %.64s in %.300s/users: callscope user list shows "
		 "them",
		 j->name.p, j->dir);
	return -ENOENT;
}

static int change(struct job *j, users_change_fn *fn)
{
	char why[USERS_WHY] = "";

	return users_file_change(j->dir, fn, j, why) ? complain(why) : 0;
}

/* --- passwords ------------------------------------------------------------ */

static int read_password(const struct job *j, char out[DB_PASSWORD])
{
	const char *file = j->o->password_file;
	char why[SINK_WHY] = "";
	int err;

	if (!file)
		return ask_password((const char *)j->name.p, j->stop, out,
				    DB_PASSWORD);
	err = db_password_check(file, why);
	if (!err)
		err = db_password_read(file, out, why);
	return err ? complain(why) : 0;
}

/* Reads it, or asks; j->user.hash is of it then. */
static int take_password(struct job *j)
{
	char password[DB_PASSWORD], why[USERS_WHY];
	const char *wrong;
	int status = read_password(j, password);

	if (status)
		return status;
	wrong = password_refuse(slice_str(password), j->name);
	if (wrong) {
		snprintf(why, sizeof(why), "the password is not taken: %s",
			 wrong);
		status = complain(why);
	} else if (password_hash(slice_str(password), j->user.hash)) {
		status = complain("cannot hash the password: no memory for "
				  "scrypt (it takes 32 MB)");
	}
	explicit_bzero(password, sizeof(password));
	return status;
}

/* --- add, password -------------------------------------------------------- */

static int add_one(void *arg, struct users *u, char why[USERS_WHY])
{
	struct job *j = arg;
	int err = users_add(u, &j->user);

	if (err == -EEXIST)
		snprintf(why, USERS_WHY,
			 "there is a login %s: callscope user password %s "
			 "gives it a new password",
			 j->user.name, j->user.name);
	else if (err)
		snprintf(why, USERS_WHY, "no more logins fit: %d are the most",
			 USERS_MAX);
	return err;
}

static int look(void *arg, struct users *u, char why[USERS_WHY])
{
	struct job *j = arg;
	const struct user *one = users_find(u, j->name);

	if (!one)
		return no_such(j, why);
	j->user = *one;
	return 0;
}

/* Before a password is asked for. */
static int is_free(const struct job *j)
{
	char why[USERS_WHY] = "";
	struct users *u = NULL;
	int err = users_file_read(j->dir, &u, why);

	if (!err && users_find(u, j->name)) {
		struct job known = *j;

		memcpy(known.user.name, j->name.p, j->name.len + 1);
		err = add_one(&known, u, why);
	}
	users_free(u);
	return err ? complain(why) : 0;
}

static int add(struct job *j)
{
	memcpy(j->user.name, j->name.p, j->name.len + 1);
	j->user.role = (enum web_role)(WEB_VIEWER + j->o->role);
	if (is_free(j) || take_password(j) || change(j, add_one))
		return 1;
	write_down(j, "user_add");
	printf("%s may log in as %s\n", j->user.name, role_name(j->user.role));
	return 0;
}

static int set_password(void *arg, struct users *u, char why[USERS_WHY])
{
	struct job *j = arg;

	return users_set_hash(u, j->name, j->user.hash) ? no_such(j, why) : 0;
}

static int find(struct job *j)
{
	char why[USERS_WHY] = "";
	struct users *u = NULL;
	int err = users_file_read(j->dir, &u, why);

	if (!err)
		err = look(j, u, why);
	users_free(u);
	return err ? complain(why) : 0;
}

static int password(struct job *j)
{
	if (find(j) || take_password(j) || change(j, set_password))
		return 1;
	write_down(j, "user_password");
	printf("%s has a new password; sessions begun with the old one are "
	       "over\n",
	       j->user.name);
	return 0;
}

/* --- tokens --------------------------------------------------------------- */

static int add_token(void *arg, struct users *u, char why[USERS_WHY])
{
	struct job *j = arg;
	int err = look(j, u, why);

	if (err)
		return err;
	memcpy(j->token.name, j->user.name, sizeof(j->token.name));
	err = users_add_token(u, &j->token);
	if (err)
		snprintf(why, USERS_WHY,
			 "%s has too many tokens: callscope user revoke %s "
			 "ends them all",
			 j->user.name, j->user.name);
	return err;
}

static int token(struct job *j)
{
	char secret[SECRET_TEXT], text[sizeof(TOKEN_PREFIX) + SECRET_TEXT];
	int status = 1;

	if (secret_new(secret))
		return complain("no random bytes to be had for a token");
	snprintf(text, sizeof(text), TOKEN_PREFIX "%s", secret);
	j->token.made_s = now_ns() / 1000000000;
	if (secret_hash(slice_str(text), j->token.hash))
		complain("cannot hash the token");
	else
		status = change(j, add_token);
	if (!status) {
		write_down(j, "token");
		printf("%s\n", text);
	}
	explicit_bzero(secret, sizeof(secret));
	explicit_bzero(text, sizeof(text));
	return status;
}

static int revoke_all(void *arg, struct users *u, char why[USERS_WHY])
{
	struct job *j = arg;
	int err = look(j, u, why);

	if (!err)
		j->gone = users_revoke(u, j->name);
	return err;
}

static int revoke(struct job *j)
{
	if (change(j, revoke_all))
		return 1;
	write_down(j, "token_revoke");
	printf("%s: %zu token%s revoked\n", j->user.name, j->gone,
	       j->gone == 1 ? "" : "s");
	return 0;
}

/* --- remove, list --------------------------------------------------------- */

static int remove_one(void *arg, struct users *u, char why[USERS_WHY])
{
	struct job *j = arg;
	int err = look(j, u, why);

	return err ? err : users_remove(u, j->name);
}

static int remove_user(struct job *j)
{
	if (change(j, remove_one))
		return 1;
	write_down(j, "user_remove");
	printf("%s is removed; its sessions and tokens are over\n",
	       j->user.name);
	return 0;
}

static void print_users(const struct users *u)
{
	int width = 4;

	for (size_t i = 0; i < u->users; i++)
		if ((int)strlen(u->user[i].name) > width)
			width = (int)strlen(u->user[i].name);
	printf("%-*s  %-7s  tokens\n", width, "name", "role");
	for (size_t i = 0; i < u->users; i++)
		printf("%-*s  %-7s  %6zu\n", width, u->user[i].name,
		       role_name(u->user[i].role),
		       users_tokens_of(u, slice_str(u->user[i].name)));
}

static int list(struct job *j)
{
	char why[USERS_WHY] = "";
	struct users *u = NULL;

	if (users_file_read(j->dir, &u, why))
		return complain(why);
	if (u->bad_lines)
		fprintf(stderr,
			"callscope: %s/users: line %zu is no login and no "
			"token; such lines (%zu) are passed over\n",
			j->dir, u->first_bad, u->bad_lines);
	if (u->users)
		print_users(u);
	else
		fprintf(stderr,
			"callscope: no logins yet in %s: callscope user add "
			"NAME --role analyst -o %s\n",
			j->dir, j->dir);
	users_free(u);
	return 0;
}

/* --- what to do ----------------------------------------------------------- */

static const struct verb {
	const char *name;
	int (*run)(struct job *j);
	bool named; /* followed by a NAME */
} verbs[] = {
	{"add", add, true},
	{"password", password, true},
	{"token", token, true},
	{"revoke", revoke, true},
	{"remove", remove_user, true},
	{"list", list, false},
};

static const struct verb *find_verb(const char *word)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!strcmp(verbs[i].name, word))
			return &verbs[i];
	return NULL;
}

static int check_words(const struct config_list *w, const struct verb *v)
{
	size_t want = v->named ? 2 : 1;

	if (w->n < want) {
		fprintf(stderr,
			"callscope: user %s: name the login: callscope user "
			"%s NAME\n",
			v->name, v->name);
		return 1;
	}
	if (w->n > want) {
		fprintf(stderr, "callscope: user %s: %s is one word too many\n",
			v->name, w->v[want]);
		return 1;
	}
	if (!v->named || user_is_name(slice_str(w->v[1])))
		return 0;
	fprintf(stderr,
		"callscope: '%s' is no name for a login: 1 to 64 letters, "
		"digits and . _ @ + - are, beginning with a letter or digit\n",
		w->v[1]);
	return 1;
}

static int run_user(const struct config *cfg, const atomic_bool *stop)
{
	const struct config_list *w = &cfg->words;
	const struct verb *v = w->n ? find_verb(w->v[0]) : NULL;
	struct job j = {
		.o = (const struct user_options *)cfg,
		.dir = cfg->out_dir,
		.stop = stop,
	};
	int status;

	if (!v)
		return complain("user: say what to do: add, list, password, "
				"remove, token or revoke (callscope user "
				"--help)");
	if (check_words(w, v))
		return 1;
	if (v->named)
		j.name = slice_str(w->v[1]);
	status = v->run(&j);
	explicit_bzero(&j.user, sizeof(j.user));
	return status;
}

const struct command command_user = {
	.name = "user",
	.summary = "who may log in to the viewer",
	.usage = "[-o DIR] VERB [NAME] [--role ROLE] [--password-file FILE]",
	.help = "add NAME, password NAME, remove NAME: logins and their "
		"passwords, from a file or asked for on\nthe terminal; "
		"without a terminal nothing is asked. list shows them. token "
		"NAME prints a token\nfor scripts, once, alone on standard "
		"output (Authorization: Bearer); revoke NAME ends all tokens\n"
		"of a login. A server that runs knows of each change at "
		"once.\n",
	.settings = general,
	.own = own,
	.own_n = sizeof(own) / sizeof(own[0]),
	.config_size = sizeof(struct user_options),
	.run = run_user,
};
