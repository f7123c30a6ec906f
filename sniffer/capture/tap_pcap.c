#include "sniffer/capture/tap_pcap.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sniffer/capture/kernel_filter.h"
#include "sniffer/capture/reader.h"

static bool exists(const char *name)
{
	return !strcmp(name, "any") || if_nametoindex(name) != 0;
}

static int say_unknown(const char *name, char *err, size_t err_size)
{
	struct if_nameindex *all = if_nameindex();
	size_t at;

	snprintf(err, err_size, "no interface %s; there are: any", name);
	for (struct if_nameindex *it = all; it && it->if_name; it++) {
		at = strlen(err);
		snprintf(err + at, err_size - at, ", %s", it->if_name);
	}
	if_freenameindex(all);
	return -ENODEV;
}

static int say_denied(const char *name, char *err, size_t err_size)
{
	char path[256];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	path[n > 0 ? n : 0] = 0;
	snprintf(err, err_size,
		 "no permission to capture on %s: it takes CAP_NET_RAW. Run "
		 "as root, or once:\n"
		 "  setcap cap_net_raw,cap_net_admin+ep %s",
		 name, n > 0 ? path : "PATH");
	return -EPERM;
}

/* libpcap's answer to pcap_activate() as a sentence. */
static int say_why(pcap_t *p, int rc, const char *name, char *err,
		   size_t err_size)
{
	bool denied = rc == PCAP_ERROR_PERM_DENIED ||
		      rc == PCAP_ERROR_PROMISC_PERM_DENIED;

	if (rc == PCAP_ERROR_NO_SUCH_DEVICE || (denied && !exists(name)))
		return say_unknown(name, err, err_size);
	if (denied)
		return say_denied(name, err, err_size);
	if (rc == PCAP_ERROR_IFACE_NOT_UP) {
		snprintf(err, err_size,
			 "%s is down: ip link set %s up promisc on", name,
			 name);
		return -ENETDOWN;
	}
	snprintf(err, err_size, "cannot capture on %s: %s (%s)", name,
		 pcap_statustostr(rc), pcap_geterr(p));
	return -EIO;
}

/* --- time stamps ---------------------------------------------------------- */

static const struct {
	int type;
	const char *name; /* as in the configuration */
} stamps[] = {
	[LIVE_STAMPS_HOST] = {PCAP_TSTAMP_HOST, "host"},
	[LIVE_STAMPS_ADAPTER] = {PCAP_TSTAMP_ADAPTER, "adapter"},
	[LIVE_STAMPS_ADAPTER_UNSYNCED] = {PCAP_TSTAMP_ADAPTER_UNSYNCED,
					  "adapter-unsynced"},
};

#define STAMPS (sizeof(stamps) / sizeof(*stamps))

/* "; it has: host, adapter" */
static void add_offers(pcap_t *p, char *err, size_t err_size)
{
	const char *before = "; it has: ";
	int *types, n = pcap_list_tstamp_types(p, &types);

	for (int i = 0; i < n; i++) {
		for (size_t k = 0; k < STAMPS; k++) {
			size_t at = strlen(err);

			if (stamps[k].type != types[i])
				continue;
			snprintf(err + at, err_size - at, "%s%s", before,
				 stamps[k].name);
			before = ", ";
		}
	}
	if (n > 0)
		pcap_free_tstamp_types(types);
}

/* The host's need no asking: all devices have them. */
static int set_stamps(pcap_t *p, const char *name, enum live_stamps want,
		      char *err, size_t err_size)
{
	if (want == LIVE_STAMPS_HOST ||
	    !pcap_set_tstamp_type(p, stamps[want].type))
		return 0;
	snprintf(err, err_size,
		 "%s gives no time stamps of its own as timestamps = %s asks",
		 name, stamps[want].name);
	add_offers(p, err, err_size);
	return -EOPNOTSUPP;
}

/* --- opening -------------------------------------------------------------- */

static int set_up(pcap_t *p, const char *name, const struct live_options *opt,
		  char *err, size_t err_size)
{
	uint32_t snaplen = opt->snaplen && opt->snaplen < CAPLEN_LIMIT
				   ? opt->snaplen
				   : CAPLEN_LIMIT;

	pcap_set_snaplen(p, (int)snaplen);
	pcap_set_promisc(p, opt->promiscuous);
	pcap_set_timeout(p, TAP_KERNEL_MS);
	pcap_set_tstamp_precision(p, PCAP_TSTAMP_PRECISION_NANO);
	if (opt->buffer_bytes)
		pcap_set_buffer_size(p, (int)opt->buffer_bytes);
	return set_stamps(p, name, opt->stamps, err, err_size);
}

static int start(pcap_t *p, const char *name, const struct live_options *opt,
		 char *note, char *err, size_t err_size)
{
	char why[PCAP_ERRBUF_SIZE];
	int rc = pcap_activate(p);

	if (rc < 0)
		return say_why(p, rc, name, err, err_size);
	if (rc > 0)
		snprintf(note, SOURCE_ERROR_MAX, "%s: %s", name,
			 pcap_statustostr(rc));
	if (pcap_setnonblock(p, 1, why) < 0) {
		snprintf(err, err_size, "cannot capture on %s: %s", name, why);
		return -EIO;
	}
	if (opt->filter)
		kernel_filter_set(p, opt->filter);
	return 0;
}

int tap_pcap_open(pcap_t **out, const char *name,
		  const struct live_options *opt, char *note, char *err,
		  size_t err_size)
{
	char why[PCAP_ERRBUF_SIZE];
	pcap_t *p = pcap_create(name, why);
	int rc;

	if (!p) {
		snprintf(err, err_size, "cannot capture on %s: %s", name, why);
		return -ENOMEM;
	}
	rc = set_up(p, name, opt, err, err_size);
	if (!rc)
		rc = start(p, name, opt, note, err, err_size);
	if (rc) {
		pcap_close(p);
		return rc;
	}
	*out = p;
	return 0;
}
