/*
 * From the settings to what the engine wants to know.
 */
#ifndef SNIFFER_SETUP_H
#define SNIFFER_SETUP_H

#include "sniffer/config.h"
#include "sniffer/engine/engine.h"

/* What out points to lives as long as cfg. 0 or -ENOMEM. */
int setup_engine(const struct config *cfg, struct engine_config *out);

/* What records and recordings must not tell. */
struct mask setup_mask(const struct config *cfg);

#endif
