/*
 * "callscope status": how a running daemon is, for people and as JSON. Pure,
 * but for the process' memory, which is asked of the system.
 */
#ifndef SNIFFER_STATUS_TEXT_H
#define SNIFFER_STATUS_TEXT_H

#include "sniffer/health.h"

/* Whether there is something to warn of: the command's exit status. */
bool status_wrong(const struct health *h);
void status_text(struct outbuf *b, const struct health *h);
/* The object of GET /health, with status, pid and memory_bytes in front. */
void status_json(struct outbuf *b, const struct health *h);

#endif
