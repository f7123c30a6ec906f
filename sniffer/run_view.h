/*
 * The viewer's look at packets (web/packets.h): from what it asks for to the
 * pieces of export/. One for all workers; what the settings say is not
 * changed.
 */
#ifndef SNIFFER_RUN_VIEW_H
#define SNIFFER_RUN_VIEW_H

#include "sniffer/config.h"
#include "web/packets.h"

struct run_view;

/* cfg outlives it; say: what is wrong with key files, any thread. NULL
 * without memory. */
struct run_view *run_view_new(const struct config *cfg,
			      void (*say)(void *arg, const char *why),
			      void *arg);
/* What is under way ends soon; before the workers are waited for. */
void run_view_stop(struct run_view *v);
void run_view_free(struct run_view *v); /* NULL is fine */

struct web_packets run_view_packets(struct run_view *v);

#endif
