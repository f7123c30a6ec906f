/* What the system says of this process, under the names that Prometheus'
 * own clients use. */
#ifndef SNIFFER_PROCESS_H
#define SNIFFER_PROCESS_H

#include "sniffer/stats.h"

void process_stats(struct stats *out);
/* Resident, in bytes; 0 = not known. */
uint64_t process_memory(void);

#endif
