/*
 * What all stores say of their retention.
 */
#ifndef STORAGE_RETENTION_H
#define STORAGE_RETENTION_H

#include "storage/sink.h"

/* A line to cfg->say of what went, if anything did. store: "sqlite" ... */
void retention_say(const struct sink_config *cfg, const char *store,
		   const struct sink_age *age, const struct sink_expired *gone);

#endif
