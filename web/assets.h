/*
 * The files of the pages, as the build made them from web/ui: in the program,
 * compressed.
 */
#ifndef WEB_ASSETS_H
#define WEB_ASSETS_H

#include "web/answer.h"

struct asset {
	const char *name; /* index.html, assets/main-HASH.js; NULL at the end */
	const char *type;
	const char *etag;
	struct slice gzip;
};

/* Written by web/embed.sh. */
extern const struct asset assets[];

/* Answers with that file; 404 when there is none. Always returns 0. */
int asset_answer(struct web_answer *an, const char *name);

/* /assets/NAME */
web_handler api_asset;
/* The paths of the pages: index.html, which finds its way itself. */
web_handler api_page;

#endif
