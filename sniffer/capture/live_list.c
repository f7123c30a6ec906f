/* What "callscope -D" tells. */
#include <arpa/inet.h>
#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>

#include "sniffer/capture/live_source.h"

static const char *state_of(const pcap_if_t *d)
{
	if (!strcmp(d->name, "any"))
		return "all that are up";
	if (!(d->flags & PCAP_IF_UP))
		return "down";
	return d->flags & PCAP_IF_RUNNING ? "up" : "up, no link";
}

static void print_addr(FILE *to, const struct sockaddr *a)
{
	char text[INET6_ADDRSTRLEN];
	const void *bytes;

	if (!a || (a->sa_family != AF_INET && a->sa_family != AF_INET6))
		return;
	bytes = a->sa_family == AF_INET
			? (const void *)&(
				  (const struct sockaddr_in *)(const void *)a)
				  ->sin_addr
			: (const void *)&(
				  (const struct sockaddr_in6 *)(const void *)a)
				  ->sin6_addr;
	if (inet_ntop(a->sa_family, bytes, text, sizeof(text)))
		fprintf(to, "  %s", text);
}

static void print(FILE *to, const pcap_if_t *d)
{
	fprintf(to, "%-15s  %-15s", d->name, state_of(d));
	for (const pcap_addr_t *a = d->addresses; a; a = a->next)
		print_addr(to, a->addr);
	if (d->flags & PCAP_IF_LOOPBACK)
		fputs("  loopback", to);
	else if (d->description && strcmp(d->name, "any"))
		fprintf(to, "  %s", d->description);
	fputc('\n', to);
}

/* Of the other things that libpcap can read, none carries calls. */
static bool is_interface(const pcap_if_t *d)
{
	static const char *const others[] = {"nflog",	  "nfqueue", "usbmon",
					     "bluetooth", "dbus",    "dpdk",
					     "netmap",	  "rdma"};

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (!strncmp(d->name, others[i], strlen(others[i])))
			return false;
	return true;
}

int live_list(FILE *to, char *err, size_t err_size)
{
	char why[PCAP_ERRBUF_SIZE];
	pcap_if_t *all;

	if (pcap_findalldevs(&all, why)) {
		snprintf(err, err_size, "the interfaces cannot be listed: %s",
			 why);
		return -EIO;
	}
	for (const pcap_if_t *d = all; d; d = d->next)
		if (is_interface(d))
			print(to, d);
	pcap_freealldevs(all);
	return 0;
}
