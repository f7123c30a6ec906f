/*
 * Who is logged in by a cookie: in memory, bounded, gone with the process.
 * An id is a secret of which the hash is kept. A session ends when it was
 * idle for too long, when it is too old, or when its login's password is
 * another than it was. Any thread. Times are of one clock that does not go
 * back, in nanoseconds.
 */
#ifndef WEB_SESSIONS_H
#define WEB_SESSIONS_H

#include "web/secret.h"
#include "web/users.h"

struct sessions;

struct sessions_config {
	size_t max;	 /* a new one takes the place of the longest unused */
	size_t max_user; /* likewise, of one login */
	uint64_t idle_ns, age_ns;
};

/* What is known of one: a copy. */
struct session {
	char name[USER_NAME];
	char csrf[SECRET_TEXT];
	uint8_t proof[SECRET_HASH]; /* of the login's password hash */
	uint64_t ends_ns;	    /* at the latest */
};

/* NULL without memory. */
struct sessions *sessions_new(const struct sessions_config *cfg);
void sessions_free(struct sessions *s); /* NULL is fine */

/* The id is for the cookie. 0, -EIO. */
int sessions_begin(struct sessions *s, const struct user *who, uint64_t now_ns,
		   char id[SECRET_TEXT]);
/* False: there is none, or it is over. use: it counts as being used now. */
bool sessions_find(struct sessions *s, struct slice id, uint64_t now_ns,
		   bool use, struct session *out);
void sessions_end(struct sessions *s, struct slice id);
/* How many there are, ended ones among them until their place is needed. */
size_t sessions_count(struct sessions *s);

/* Whether it was begun with the password that this login has now. */
bool session_fits(const struct session *one, const struct user *who);

#endif
