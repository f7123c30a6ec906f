/*
 * Numbers of callers and callees made unreadable on their way out, for those
 * who may not see them whole (setting viewer-mask-numbers): users, names and
 * URIs of both parties, numbers for bills, addresses-of-record, contacts, and
 * keys that were pressed. Digits become x, so lengths stay. Text that repeats
 * such a number anywhere else in the same object is masked there, too.
 */
#ifndef WEB_MASKING_H
#define WEB_MASKING_H

#include "storage/outbuf.h"
#include "web/request.h"

/* Whether who asks sees masked numbers; *keep: digits of each that stay. */
bool web_masks(const struct web_request *rq, uint64_t *keep);

/* The JSON of one record or row that was put behind from, where who asks sees
 * masked numbers; nothing else. */
void web_mask_json(const struct web_request *rq, struct outbuf *b, size_t from);

/* Pure: JSON in place. Names are the report's or columns of the store, with or
 * without what they are in (uri, caller_uri). */
void masking_json(char *p, size_t len, uint64_t keep);

/* The same for one value, of CSV say, by its column; its numbers are noted
 * before, and then looked for in the whole line. */
#define MASKING_NUMBERS 32
struct masking_numbers {
	char v[MASKING_NUMBERS][24];
	size_t n;
};
void masking_note(struct masking_numbers *all, struct slice name,
		  struct slice value);
void masking_repeats(const struct masking_numbers *all, char *p, size_t len,
		     uint64_t keep);
void masking_value(struct slice name, char *p, size_t len, uint64_t keep);

#endif
