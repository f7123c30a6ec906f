/*
 * What a request asks of the form of its answer: a part of it (RFC 9110, 14),
 * only when it has changed (13), compressed (12.5.3). Pure.
 */
#ifndef WEB_CONDITIONS_H
#define WEB_CONDITIONS_H

#include "sniffer/base/slice.h"

enum range_kind {
	RANGE_WHOLE, /* none, or none that is understood */
	RANGE_PART,
	RANGE_NOT, /* 416 */
};

/* Of a Range header; several ranges are answered by the whole. */
enum range_kind range_parse(struct slice text, uint64_t size, uint64_t *first,
			    uint64_t *len);

/* If-None-Match: * or a list; weakly compared. */
bool etag_matches(struct slice list, const char *etag);

/* Accept-Encoding has gzip, with a weight above 0. */
bool accepts_gzip(struct slice text);

#endif
