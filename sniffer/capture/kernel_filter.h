/*
 * A user's BPF expression for the kernel, so that packets that nobody wants
 * are not copied. It lets through everything that filter_match() may want:
 * besides the expression itself also later fragments, IPv6 with extension
 * headers, tags, labels and tunnels. The exact filter follows (filter.h).
 */
#ifndef CAPTURE_KERNEL_FILTER_H
#define CAPTURE_KERNEL_FILTER_H

#include <pcap/pcap.h>
#include <stdbool.h>

/* As text, allocated. NULL without memory, and when the expression speaks of
 * link layers itself: the kernel takes VLAN tags off before it looks. */
char *kernel_filter_text(const char *expr);

/* Sets it; false when the kernel is to let everything through. */
bool kernel_filter_set(pcap_t *p, const char *expr);

#endif
