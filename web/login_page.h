/*
 * The page to log in with: HTML without any script, one style that the
 * Content-Security-Policy names by its hash.
 */
#ifndef WEB_LOGIN_PAGE_H
#define WEB_LOGIN_PAGE_H

#include "web/answer.h"

struct login_page {
	const char *name;  /* as it was typed; "" */
	const char *next;  /* a path of ours to go on to; "" */
	const char *error; /* a sentence; NULL */
	bool nobody;	   /* there is no login yet: say how to make one */
	const char *dir;   /* the data folder, for those who may know; NULL */
};

/* Fills an: type, policy, body. The status is the caller's. */
int login_page(struct web_request *rq, struct web_answer *an,
	       const struct login_page *page);

/* Whether next is a path of this server to go on to after a login. */
bool login_is_local(const char *next);

/* Text inside of HTML, or of an attribute in quotes. */
void login_put_html(struct outbuf *b, struct slice text);

#endif
