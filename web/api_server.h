/* What the server answers about itself. */
#ifndef WEB_API_SERVER_H
#define WEB_API_SERVER_H

#include "web/answer.h"

/* It runs. */
web_handler api_healthz;
/* What there is to ask. */
web_handler api_openapi;

#endif
