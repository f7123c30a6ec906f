/* Logging in and out, and the audit log. */
#ifndef WEB_API_AUTH_H
#define WEB_API_AUTH_H

#include "web/answer.h"

/* The login page: at / for who is not logged in. */
int page_login(struct web_request *rq, struct web_answer *an);
web_handler post_login; /* user, password, next */
web_handler api_session, api_logout, api_audit;

#endif
