/*
 * The signalling of a call with its text: rows as in the record's messages[],
 * each with the bytes of the message out of the recording. Of sessions that
 * were not signalled by SIP, the messages with descriptions and candidates.
 */
#ifndef EXPORT_MESSAGES_H
#define EXPORT_MESSAGES_H

#include "sniffer/export/export.h"

#define MESSAGES_BYTES_MAX (32u << 20) /* of texts of one call */

/* Writes {"messages":[...],"text":...,"why":...} and a line's end. text: with
 * the texts. 0 or -errno with why; a recording that is not there is no
 * error. */
int export_messages(struct export_job *job, const struct export_call *call,
		    bool text, struct outbuf *out, char why[EXPORT_WHY]);

#endif
