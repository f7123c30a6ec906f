#include "sniffer/capture/kernel_filter.h"

#include <stdio.h>
#include <stdlib.h>

#include "sniffer/capture/filter_words.h"
#include "sniffer/capture/peel.h"
#include "sniffer/capture/tunnelled.h"

/* What the exact filter takes off or lets through, peel.c. */
static const char beyond[] =
	/* VLAN, PPPoE, MPLS */
	" or ether proto 0x8100 or ether proto 0x88a8 or ether proto 0x9100"
	" or ether proto 0x8864 or ether proto 0x8847 or ether proto 0x8848"
	/* later fragments */
	" or ip[6:2] & 0x1fff != 0"
	/* extension headers */
	" or ip6[6] = 0 or ip6[6] = 43 or ip6[6] = 44 or ip6[6] = 60"
	" or ip6[6] = 135";

/* "HEP3", and "EEP3" of older agents. */
static const char hep[] =
	" or udp[8:4] = 0x48455033 or udp[8:4] = 0x45455033"
	" or (ip6[6] = 17 and"
	" (ip6[48:4] = 0x48455033 or ip6[48:4] = 0x45455033))";

static void put_tunnels(FILE *to, unsigned kinds)
{
	for (size_t i = 0; kinds & TUNNEL_IP && tunnel_protocols[i]; i++)
		fprintf(to, " or ip[9] = %u or ip6[6] = %u",
			tunnel_protocols[i], tunnel_protocols[i]);
	for (unsigned i = 0; tunnel_ports[i]; i++)
		if (kinds & TUNNEL_PORT << i)
			fprintf(to, " or udp port %u", tunnel_ports[i]);
	if (kinds & TUNNEL_HEP)
		fputs(hep, to);
}

char *kernel_filter_text(const char *expr)
{
	char *text = NULL;
	size_t len;
	FILE *to;

	if (!(filter_layers(expr) & PEEL_LINK))
		return NULL;
	to = open_memstream(&text, &len);
	if (!to)
		return NULL;
	fprintf(to, "(%s)%s", expr, beyond);
	put_tunnels(to, filter_tunnels(expr));
	if (!fclose(to))
		return text;
	free(text);
	return NULL;
}

/* Those of which "ether proto" and the like can be said. */
static bool is_common(int link)
{
	return link == DLT_EN10MB || link == DLT_LINUX_SLL ||
	       link == DLT_LINUX_SLL2 || link == DLT_RAW || link == DLT_IPV4 ||
	       link == DLT_IPV6;
}

bool kernel_filter_set(pcap_t *p, const char *expr)
{
	char *text =
		is_common(pcap_datalink(p)) ? kernel_filter_text(expr) : NULL;
	struct bpf_program code;
	bool ok = false;

	if (text && !pcap_compile(p, &code, text, 1, PCAP_NETMASK_UNKNOWN)) {
		ok = !pcap_setfilter(p, &code);
		pcap_freecode(&code);
	}
	free(text);
	return ok;
}
