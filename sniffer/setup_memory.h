/*
 * The ceiling of memory: shares of it for the tables, so that each keeps to
 * its own whatever is done to another (docs/LIMITS.md). Pure functions of the
 * settings.
 */
#ifndef SNIFFER_SETUP_MEMORY_H
#define SNIFFER_SETUP_MEMORY_H

#include "sniffer/config.h"
#include "sniffer/engine/engine.h"

/* What the program itself takes: code, SQLite's cache, the viewer. */
#define SETUP_MEMORY_BASE (64ull << 20)

/* In bytes: what was set, else by the machine; 0 = none. */
uint64_t setup_memory_limit(const struct config *cfg);

/* Lowers the limits of out to their shares. */
void setup_memory(const struct config *cfg, struct engine_config *out);
/* What may wait for the disk. */
size_t setup_memory_queue(const struct config *cfg);

#endif
