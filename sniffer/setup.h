/*
 * From the settings to what the engine and the spool want to know.

 * From the settings to what the engine and the stores want to know.
 */
#ifndef SNIFFER_SETUP_H
#define SNIFFER_SETUP_H

#include "sniffer/config.h"
#include "sniffer/engine/engine.h"
#include "storage/spool.h"

#include "storage/db_url.h"

/* Threads for media: as set, or by the machine's cores. */
unsigned setup_workers(const struct config *cfg);
/* Without threads for media. What out points to lives as long as cfg. 0 or
 * -ENOMEM. */
int setup_engine(const struct config *cfg, struct engine_config *out);

/* All but whom it complains to. */
struct spool_config setup_spool(const struct config *cfg);

/* What records and recordings must not tell. */
struct mask setup_mask(const struct config *cfg);

/* The database that was named, or that of the data folder. */
void setup_db(const struct config *cfg, struct db_url *out);

#endif
