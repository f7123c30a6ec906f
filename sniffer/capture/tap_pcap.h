/*
 * A handle of libpcap for one interface, with everything set, and what went
 * wrong as a sentence for the user.
 */
#ifndef CAPTURE_TAP_PCAP_H
#define CAPTURE_TAP_PCAP_H

#include <pcap/pcap.h>

#include "sniffer/capture/live_source.h"

#define TAP_KERNEL_MS 20 /* a packet waits so long in the kernel at most */

/* It never blocks. note, of SOURCE_ERROR_MAX bytes, is filled when something is
 * worth a line. 0, or -errno with a sentence in err; -EPERM: a right is
 * missing. */
int tap_pcap_open(pcap_t **out, const char *name,
		  const struct live_options *opt, char *note, char *err,
		  size_t err_size);

#endif
