/*
 * Answers that are made while they are sent. The I/O thread takes what a
 * worker has put into a buffer; when it is empty the connection is suspended
 * until a worker has filled it again. A stream that has nothing now sleeps
 * until web_wake(), a second at most.
 */
#ifndef WEB_STREAM_H
#define WEB_STREAM_H

#include "web/answer.h"

struct MHD_Connection;
struct MHD_Response;

struct sleepers;
struct sleepers *sleepers_new(void);
void sleepers_free(struct sleepers *s);
/* All go to the workers. */
void sleepers_wake(struct web *w);

/* Takes the stream over from the answer; NULL without memory, then not. */
struct MHD_Response *stream_response(struct web *w, struct MHD_Connection *con,
				     struct web_answer *an);

#endif
